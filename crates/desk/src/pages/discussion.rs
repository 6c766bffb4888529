//! `/discussions`: the agenda of collective discussions; `/cases/{case}/discussion`: one case before its members, and
//! what was said and concluded.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use casework::{
    field::{FieldValue, Vote},
    person::Person,
};
use law::pack::{Crew, FieldType, Pack, Step};
use office::{CaseFile, DISCUSSION_DUE, Recorded, Roster, is_discussion};

use super::{
    case::Story,
    case_parts::{self, PaperLine},
};
use crate::{
    app::{App, Frame, page},
    error::PageError,
    session::SignedIn,
    show::{self, Names, Shown},
    told::act_path,
};

#[derive(Template)]
#[template(path = "discussions.html")]
struct AgendaPage {
    frame: Frame,
    topics: Vec<Topic>,
    /// Cases that a leader may decide alone, and may have discussed.
    others: usize,
    /// How many were looked at, where there are more.
    looked: Option<usize>,
}

/// A case on the agenda.
struct Topic {
    href: String,
    case_href: String,
    name: String,
    number: String,
    unit: String,
    handlers: String,
    proposal: Vec<String>,
    review: String,
    left: String,
    due_on: String,
    state: &'static str,
}

/// The agenda.
pub async fn agenda(State(app): State<App>, signed: SignedIn) -> Result<Response, PageError> {
    let (agenda, roster) = (
        app.office.agenda(&signed.person).await?,
        app.office.roster().await?,
    );
    let topics = agenda.due.iter().map(|(item, file)| {
        let left = item
            .workdays_left
            .map(|days| show::left(days, item.overdue, item.provisional));
        Topic {
            left: left.unwrap_or_default(),
            due_on: item.row.due_on.map(|on| on.to_string()).unwrap_or_default(),
            state: show::urgency(item.workdays_left, item.overdue),
            ..topic(file, &roster)
        }
    });
    let agenda = AgendaPage {
        frame: app.frame(&signed, "discussions").await?,
        topics: topics.collect(),
        others: agenda.others,
        looked: agenda.more.then_some(agenda.due.len() + agenda.others),
    };
    page(StatusCode::OK, &agenda)
}

fn topic(file: &CaseFile, roster: &Roster) -> Topic {
    let names = Names {
        people: &roster.people,
        state: &file.state,
        pack: &file.pack,
    };
    let body = roster.bodies.get(&file.body_id);
    let handlers = file.state.roles.get("handler").into_iter().flatten();
    let handlers: Vec<String> = handlers.map(|id| names.person(id)).collect();
    Topic {
        href: format!("/cases/{}/discussion", file.id),
        case_href: format!("/cases/{}", file.id),
        name: file.state.name.clone(),
        number: file.state.number.clone().unwrap_or_default(),
        unit: body
            .map(|b| b.unit_name(&file.state.unit).to_owned())
            .unwrap_or_default(),
        handlers: handlers.join("、"),
        proposal: proposal(file, &names),
        review: fact(file, "review"),
        left: String::new(),
        due_on: String::new(),
        state: "",
    }
}

/// What is proposed, a line a party.
fn proposal(file: &CaseFile, names: &Names<'_>) -> Vec<String> {
    let outcome = |d: &casework::proposal::Disposition| {
        let parts = names.parts(d);
        let outcome = parts.first().map(|(_, text)| text.as_str());
        format!("{}：{}", names.party(&d.party), outcome.unwrap_or_default())
    };
    file.state.proposal.iter().map(outcome).collect()
}

/// The present value of a fact of the case in words.
fn fact(file: &CaseFile, id: &str) -> String {
    show::fact_of(&file.pack, id, file.state.facts.get(id))
}

#[derive(Template)]
#[template(path = "discussion.html")]
struct DiscussionPage {
    frame: Frame,
    topic: Topic,
    stage: String,
    due: String,
    standing: String,
    disputed: bool,
    /// The proposal in full, party by party.
    parties: Vec<(String, Vec<(&'static str, String)>)>,
    /// Views of the parties, each with the points that they made.
    defence: Vec<(String, Vec<String>)>,
    members: Vec<Member>,
    papers: Vec<(String, Vec<PaperLine>)>,
    /// Steps of the discussion that the person may take now.
    mine: Vec<(String, String)>,
    held: Vec<Held>,
    signed: Vec<Signed>,
}

/// A record that was signed and put into the dossier.
struct Signed {
    on: String,
    fields: Vec<Shown>,
    files: String,
}

/// Somebody who may sit in the discussion, or may not.
struct Member {
    name: String,
    unit: String,
    may: bool,
}

/// A discussion that was held.
struct Held {
    href: String,
    title: String,
    on: String,
    fields: Vec<Shown>,
    files: String,
    votes: Vec<(String, bool, String)>,
    agreed: usize,
    papers: Vec<(String, String)>,
}

/// One case.
pub async fn show(
    State(app): State<App>,
    signed: SignedIn,
    Path(case): Path<String>,
) -> Result<Response, PageError> {
    let file = app.office.case(&signed.person, &case).await?;
    let roster = app.office.roster().await?;
    let names = Names {
        people: &roster.people,
        state: &file.state,
        pack: &file.pack,
    };
    let options = app.office.options(&signed.person, &file).await?;
    let mine = options.iter().filter(|o| o.mine).filter_map(|o| {
        let step = file.pack.step(&o.step_id);
        let step = step.filter(|s| is_part(&file.pack, s))?;
        let href = act_path(&file.id, &step.id, o.party.as_deref());
        Some((href, step.title.clone()))
    });
    let tracks = file.state.parties.iter();
    let held = file.events.iter().rev();
    let discussion = DiscussionPage {
        frame: app.frame(&signed, "discussions").await?,
        topic: topic(&file, &roster),
        stage: names.stage(&file.state.stage),
        due: fact(&file, DISCUSSION_DUE),
        standing: match file.state.facts.get("deliberation").map(String::as_str) {
            None | Some("none") => "还没有讨论".to_owned(),
            Some(_) => fact(&file, "deliberation"),
        },
        disputed: file.state.facts.get("disputed").is_some_and(|v| v == "yes"),
        parties: file
            .state
            .proposal
            .iter()
            .map(|d| (names.party(&d.party), names.parts(d)))
            .collect(),
        defence: tracks
            .filter(|t| !t.defence.is_empty())
            .map(|t| (t.party.name.clone(), t.defence.clone()))
            .collect(),
        members: members(&app, &signed.person, &file, &roster).await?,
        papers: case_parts::papers(&file, &Story::of(&file, &names), &names),
        mine: mine.collect(),
        signed: held
            .clone()
            .filter_map(|e| signed_of(&file, e, &names))
            .collect(),
        held: held
            .filter_map(|e| discussion_of(&file, e, &names))
            .collect(),
    };
    page(StatusCode::OK, &discussion)
}

/// Who serves in the role that discusses, those who may take part in this case first.
async fn members(
    app: &App,
    actor: &Person,
    file: &CaseFile,
    roster: &Roster,
) -> Result<Vec<Member>, PageError> {
    let mut steps = file
        .pack
        .todo
        .iter()
        .filter_map(|at| file.pack.steps.get(*at));
    let crew = steps.find(|step| is_discussion(step));
    let Some(crew) = crew.and_then(|step| step.by.first()) else {
        return Ok(Vec::new());
    };
    let own = Crew {
        or: None,
        ..crew.clone()
    };
    let able = app.office.candidates(actor, file, &own).await?;
    let body = roster.bodies.get(&file.body_id);
    let serves = |person: &&Person| {
        let mut held = person.roles.iter();
        let holds = held.any(|role| file.pack.includes(role, &crew.role));
        person.active && person.body_id == file.body_id && holds
    };
    let serving = roster.people.values().filter(serves);
    let mut members: Vec<Member> = serving
        .map(|person| Member {
            name: person.name.clone(),
            unit: body
                .map(|b| b.unit_name(&person.unit).to_owned())
                .unwrap_or_default(),
            may: able.iter().any(|p| p.id == person.id),
        })
        .collect();
    members.sort_by_key(|member| !member.may);
    Ok(members)
}

/// Whether a step belongs to the discussion for which cases wait: it concludes one, returns the case, or files its
/// signed record.
fn is_part(pack: &Pack, step: &Step) -> bool {
    let mut waits = pack.todo.iter().filter_map(|at| pack.steps.get(*at));
    waits.any(|waited| is_discussion(waited) && waited.action == step.action)
}

/// Whether a step puts the signed record of a discussion into the dossier.
fn is_signed(pack: &Pack, step: &Step) -> bool {
    let takes_file = step.form.iter().any(|f| f.kind == FieldType::Upload);
    takes_file && !is_discussion(step) && is_part(pack, step)
}

/// A signed record, where the event put one into the dossier.
fn signed_of(file: &CaseFile, event: &Recorded, names: &Names<'_>) -> Option<Signed> {
    let step = file.pack.step(&event.acted.step);
    let step = step.filter(|step| is_signed(&file.pack, step))?;
    Some(Signed {
        on: event.acted.occurred_on.to_string(),
        fields: names.fields(Some(step), &event.acted.fields),
        files: format!("/cases/{}/files", file.id),
    })
}

/// A discussion, where the event is one.
fn discussion_of(file: &CaseFile, event: &Recorded, names: &Names<'_>) -> Option<Held> {
    let votes = event.acted.fields.values().find_map(|value| match value {
        FieldValue::Votes(votes) => Some(votes),
        _ => None,
    })?;
    let view = |vote: &Vote| (names.person(&vote.person), vote.agrees, vote.view.clone());
    let step = file.pack.step(&event.acted.step);
    let mut fields = event.acted.fields.clone();
    fields.retain(|id, _| {
        let field = step.and_then(|s| s.form.iter().find(|f| f.id == *id));
        field.is_none_or(|f| f.kind != FieldType::Votes)
    });
    let papers = event.acted.papers.iter().map(|paper| {
        let href = format!("/cases/{}/papers/{}", file.id, paper.paper_id);
        (href, paper.title.clone())
    });
    Some(Held {
        href: format!("/cases/{}#event-{}", file.id, event.header.version),
        title: event.acted.title.clone(),
        on: event.acted.occurred_on.to_string(),
        fields: names.fields(step, &fields),
        files: format!("/cases/{}/files", file.id),
        agreed: votes.iter().filter(|vote| vote.agrees).count(),
        votes: votes.iter().map(view).collect(),
        papers: papers.collect(),
    })
}
