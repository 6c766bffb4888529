//! The rows of a case: what the next click needs, as a function of its state alone.

use jiff::civil::Date;
use law::{
    calendar::Calendar,
    pack::{Crew, LimitStatus, Mover, OnExpiry, Pack, Step},
};

use crate::{
    effect::Span,
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
    let mut people: Vec<String> = state
        .duties
        .values()
        .chain(state.roles.values())
        .flatten()
        .cloned()
        .collect();
    people.sort();
    people.dedup();
    Some(CaseRow {
        unit: state.unit.clone(),
        number: state.number.clone(),
        name: state.name.clone(),
        cause: state.cause.clone(),
        stage: stage.id.clone(),
        stage_title: stage.title.clone(),
        parties: state
            .parties
            .iter()
            .map(|p| p.party.name.as_str())
            .collect::<Vec<_>>()
            .join("、"),
        opened_on: state.opened_on?,
        filed_on: state.filed_on,
        decided_on: state.parties.iter().filter_map(|p| p.decided_on).min(),
        closed_on: state.closed_on,
        ended: stage.end,
        people,
    })
}

/// The bureau's own limit that presses most, for the case or that party: running, or run out with nothing but lateness.
/// What others may do in their time, or must, makes the bureau neither late nor pressed.
pub fn pressing<'a>(
    state: &'a State,
    pack: &Pack,
    party: Option<&str>,
    calendar: &Calendar,
) -> Option<(Date, &'a LimitRun)> {
    let presses = |run: &LimitRun| {
        let limit = pack.limits.iter().find(|l| l.code == run.code);
        let limit = limit.filter(|limit| limit.mover == Mover::Bureau);
        limit.is_some_and(|limit| match run.status {
            LimitStatus::Running => true,
            LimitStatus::Expired => limit.on_expiry == OnExpiry::Record,
            _ => false,
        })
    };
    state
        .limits
        .iter()
        .filter(|run| run.party.is_none() || run.party.as_deref() == party)
        .filter(|run| presses(run))
        .filter_map(|run| Some((run.due(calendar).ok()?.on, run)))
        .min_by_key(|(on, _)| *on)
}

fn todo_rows(state: &State, pack: &Pack, calendar: &Calendar, since_at: i64) -> Vec<TodoRow> {
    let mut rows: Vec<TodoRow> = state
        .requests
        .iter()
        .filter_map(|request| {
            let step = pack.steps.iter().find(|s| s.id == request.step)?;
            let crew = step.chain.get(request.approvals.len())?;
            Some(Waiting {
                step,
                crew,
                party: request.party.as_deref(),
                request: Some(request),
            })
        })
        .flat_map(|waiting| todo_for(state, pack, calendar, &waiting, since_at))
        .collect();
    for open in open_steps(state, pack).into_iter().filter(|open| open.due) {
        let step = &pack.steps[open.step];
        if let Some(crew) = step.by.first() {
            let waiting = Waiting {
                step,
                crew,
                party: open.party.as_deref(),
                request: None,
            };
            rows.extend(todo_for(state, pack, calendar, &waiting, since_at));
        }
    }
    rows
}

/// A step or a request that waits for somebody.
struct Waiting<'a> {
    step: &'a Step,
    crew: &'a Crew,
    party: Option<&'a str>,
    request: Option<&'a Request>,
}

/// One row where a role has to act; one for each person where the role is assigned in the case.
fn todo_for(
    state: &State,
    pack: &Pack,
    calendar: &Calendar,
    waiting: &Waiting<'_>,
    since_at: i64,
) -> Vec<TodoRow> {
    let Waiting {
        step,
        crew,
        party,
        request,
    } = *waiting;
    let role = pack.roles.iter().find(|r| r.id == crew.role);
    let barred = |person: &str| request.is_some_and(|r| r.bars(person));
    let mut people: Vec<Option<String>> = role
        .filter(|r| r.assigned)
        .map(|r| {
            state
                .assigned(&r.id)
                .filter(|p| !barred(p))
                .map(|p| Some(p.clone()))
                .collect()
        })
        .unwrap_or_default();
    if people.is_empty() {
        people.push(None);
    }
    let pressing = pressing(state, pack, party, calendar);
    let base = TodoRow {
        key: String::new(),
        step: step.id.clone(),
        title: if request.is_some() {
            format!("审批：{}", step.title)
        } else {
            step.title.clone()
        },
        party: party.map(str::to_owned),
        party_name: party
            .and_then(|id| state.party(id))
            .map(|p| p.party.name.clone()),
        role: crew.role.clone(),
        unit: role.is_some_and(|r| r.unit).then(|| state.unit.clone()),
        person: None,
        since_at,
        limit: pressing.map(|(_, run)| run.code.clone()),
        due_on: pressing.map(|(on, _)| on),
        basis: step
            .basis
            .first()
            .map(|b| b.text.clone())
            .unwrap_or_default(),
        pending: request.is_some(),
        request: request.map(|r| r.id.clone()),
    };
    let request = request.map_or("", |r| r.id.as_str());
    people
        .into_iter()
        .map(|person| {
            let (of, who) = (
                party.unwrap_or_default(),
                person.as_deref().unwrap_or_default(),
            );
            TodoRow {
                key: format!("{}#{of}#{request}#{who}", step.id),
                person,
                ..base.clone()
            }
        })
        .collect()
}

fn limit_rows(state: &State, pack: &Pack, calendar: &Calendar) -> Vec<LimitRow> {
    state
        .limits
        .iter()
        .enumerate()
        .filter_map(|(i, run)| {
            let declared = pack.limits.iter().find(|l| l.code == run.code)?;
            let due = run.due(calendar).ok();
            let status = LimitStatus::ALL
                .iter()
                .find(|(s, _)| *s == run.status)
                .map_or("", |(_, name)| *name);
            Some(LimitRow {
                key: format!(
                    "{}#{}#{i}",
                    run.code,
                    run.party.as_deref().unwrap_or_default()
                ),
                code: run.code.clone(),
                title: limit_title(&declared.title, run),
                party: run.party.clone(),
                started_on: run.on,
                status: status.to_owned(),
                due_on: due.map(|d| d.on),
                provisional: due.is_some_and(|d| d.provisional),
                ended_on: run.ended_on,
                basis: std::iter::once(&declared.basis.text)
                    .chain(run.extensions.iter().map(|e| &e.basis))
                    .cloned()
                    .collect::<Vec<_>>()
                    .join("；延长依据："),
            })
        })
        .collect()
}

/// Title of a limit, with what was added to it.
pub fn limit_title(title: &str, run: &LimitRun) -> String {
    let added = run.extensions.iter().map(|e| e.count);
    match (added.fold(0, u32::saturating_add), &run.span) {
        (0, _) | (_, Span::Until(_)) => title.to_owned(),
        (added, Span::Term(_, unit, _)) => format!("{title}（延长{added}{}）", unit.label()),
    }
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
