//! The rows of a case: what the next click needs, as a function of its state alone.

use law::{
    calendar::Calendar,
    pack::{Crew, LimitStatus, Pack, Step},
};

use crate::{
    rows::{CaseRow, LimitRow, PaperRow, StreamRows, TodoRow},
    state::{LimitRun, Request, State},
    todo::open_steps,
};

/// Rows of a case stream; `since_at` is when its last event was recorded, microseconds UTC.
pub fn rows(state: &State, pack: &Pack, calendar: &Calendar, since_at: i64) -> StreamRows {
    StreamRows {
        case: case_row(state, pack),
        todo: todo_rows(state, pack, calendar, since_at),
        limits: limit_rows(state, pack, calendar),
        papers: paper_rows(state),
        ..StreamRows::default()
    }
}

fn case_row(state: &State, pack: &Pack) -> Option<CaseRow> {
    let stage = pack.stages.iter().find(|s| s.id == state.stage)?;
    let mut people: Vec<String> = state.duties.values().chain(state.roles.values()).flatten().cloned().collect();
    people.sort();
    people.dedup();
    Some(CaseRow {
        unit: state.unit.clone(),
        number: state.number.clone(),
        name: state.name.clone(),
        cause: state.cause.clone(),
        stage: stage.id.clone(),
        stage_title: stage.title.clone(),
        parties: state.parties.iter().map(|p| p.party.name.as_str()).collect::<Vec<_>>().join("、"),
        opened_on: state.opened_on?,
        filed_on: state.filed_on,
        decided_on: state.parties.iter().filter_map(|p| p.decided_on).min(),
        closed_on: state.closed_on,
        ended: stage.end,
        people,
    })
}

/// The running limit that presses most, for the case or that party.
fn pressing<'a>(state: &'a State, party: Option<&str>, calendar: &Calendar) -> Option<&'a LimitRun> {
    state
        .limits
        .iter()
        .filter(|run| run.status == LimitStatus::Running && (run.party.is_none() || run.party.as_deref() == party))
        .filter_map(|run| Some((run.due(calendar).ok()?.on, run)))
        .min_by_key(|(on, _)| *on)
        .map(|(_, run)| run)
}

fn todo_rows(state: &State, pack: &Pack, calendar: &Calendar, since_at: i64) -> Vec<TodoRow> {
    let mut rows: Vec<TodoRow> = state
        .requests
        .iter()
        .filter_map(|request| {
            let step = pack.steps.iter().find(|s| s.id == request.step)?;
            let crew = step.chain.get(request.approvals.len())?;
            Some(todo_row(state, pack, calendar, step, crew, request.party.as_deref(), Some(request), since_at))
        })
        .collect();
    for open in open_steps(state, pack).into_iter().filter(|open| open.due) {
        let step = &pack.steps[open.step];
        if let Some(crew) = step.by.first() {
            rows.push(todo_row(state, pack, calendar, step, crew, open.party.as_deref(), None, since_at));
        }
    }
    rows
}

#[expect(clippy::too_many_arguments, reason = "one row is made in two places, from the same eight things")]
fn todo_row(
    state: &State,
    pack: &Pack,
    calendar: &Calendar,
    step: &Step,
    crew: &Crew,
    party: Option<&str>,
    request: Option<&Request>,
    since_at: i64,
) -> TodoRow {
    let role = pack.roles.iter().find(|r| r.id == crew.role);
    let unit = role.is_some_and(|r| r.unit).then(|| state.unit.clone());
    let suffix = request.map_or_else(String::new, |r| format!("#{}", r.id));
    let person = role
        .filter(|r| r.assigned)
        .and_then(|r| state.assigned(&r.id).find(|p| request.is_none_or(|q| q.people.iter().all(|x| x.person != **p))))
        .cloned();
    TodoRow {
        key: format!("{}#{}{suffix}", step.id, party.unwrap_or_default()),
        step: step.id.clone(),
        title: if request.is_some() { format!("审批：{}", step.title) } else { step.title.clone() },
        party: party.map(str::to_owned),
        party_name: party.and_then(|id| state.party(id)).map(|p| p.party.name.clone()),
        role: crew.role.clone(),
        unit,
        person,
        since_at,
        limit: pressing(state, party, calendar).map(|run| run.code.clone()),
        basis: step.basis.first().map(|b| b.text.clone()).unwrap_or_default(),
        pending: request.is_some(),
    }
}

fn limit_rows(state: &State, pack: &Pack, calendar: &Calendar) -> Vec<LimitRow> {
    state
        .limits
        .iter()
        .enumerate()
        .filter_map(|(i, run)| {
            let declared = pack.limits.iter().find(|l| l.code == run.code)?;
            let due = run.due(calendar).ok();
            let status = LimitStatus::ALL.iter().find(|(s, _)| *s == run.status).map_or("", |(_, name)| *name);
            Some(LimitRow {
                key: format!("{}#{}#{i}", run.code, run.party.as_deref().unwrap_or_default()),
                code: run.code.clone(),
                title: declared.title.clone(),
                party: run.party.clone(),
                started_on: run.on,
                status: status.to_owned(),
                due_on: due.map(|d| d.on),
                provisional: due.is_some_and(|d| d.provisional),
                ended_on: run.ended_on,
                basis: declared.basis.text.clone(),
            })
        })
        .collect()
}

fn paper_rows(state: &State) -> Vec<PaperRow> {
    state
        .papers
        .iter()
        .map(|(version, paper)| PaperRow {
            paper_id: paper.paper_id.clone(),
            template: paper.template.clone(),
            title: paper.title.clone(),
            number: paper.number.clone(),
            party: paper.party.clone(),
            issued_on: paper.on,
            digest: paper.digest.clone(),
            size_bytes: paper.size_bytes,
            event_version: *version,
            media_type: paper.media_type.clone(),
        })
        .collect()
}
