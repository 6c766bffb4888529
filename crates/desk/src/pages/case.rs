//! `/cases/{case}`: where it stands, what is to be done and by whom, and everything that happened.

mod bar;
mod course;
mod history;
pub(super) mod limits;
pub(super) mod rounds;

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use casework::{event::Phase, person::Person};
use office::{CaseFile, Recorded, StepOption};
use serde::Deserialize;

use super::{
    case_parts::{self, Event, EvidenceLine, PaperLine, PartyLine, PressingLine, RequestLine, Who},
    todo::{self, Draft},
};
use crate::{
    app::{App, Frame, page},
    cited::Laws,
    error::PageError,
    session::SignedIn,
    show::{self, Names},
    told::act_path,
};
use course::Course;
use limits::LimitLine;
use rounds::Round;

pub use course::Story;
pub use history::{Change, History};

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    frame: Frame,
    /// Texts of laws as of today.
    laws: Laws,
    /// Who prints it and when, where it is to be printed.
    print: Option<String>,
    href: String,
    /// Whether a proposal was made, so that there is something to review.
    reviewed: bool,
    banner: Option<Banner>,
    head: Head,
    course: Course,
    due: Vec<Todo>,
    may: Vec<Todo>,
    others: Vec<Todo>,
    of_party: Vec<Todo>,
    requests: Vec<RequestLine>,
    drafts: Vec<Draft>,
    limits: Vec<LimitLine>,
    past_limits: Vec<LimitLine>,
    /// Requests that were returned, with why.
    returned: Vec<Event>,
    parties: Vec<PartyLine>,
    papers: Vec<(String, Vec<PaperLine>)>,
    paper_count: usize,
    evidence: Vec<(String, Vec<EvidenceLine>)>,
    evidence_count: usize,
    rounds: Vec<Round>,
    changes: Vec<Change>,
    team: Vec<(String, String)>,
    events: Vec<Event>,
}

/// What was just done.
struct Banner {
    text: String,
    papers: Vec<(String, String)>,
}

struct Head {
    name: String,
    number: String,
    cause: String,
    unit: String,
    opened_on: String,
    filed_on: String,
    closed_on: String,
}

/// A step that can be taken.
struct Todo {
    href: String,
    title: String,
    party: String,
    basis: String,
    who: Who,
    limit: Option<PressingLine>,
}

impl Todo {
    fn of(case: &str, option: &StepOption) -> Self {
        Self {
            href: act_path(case, &option.step_id, option.party.as_deref()),
            title: option.title.clone(),
            party: option.party_name.clone().unwrap_or_default(),
            basis: option.basis.clone(),
            who: Who::of(&option.role_title, option.at_least, &option.who),
            limit: option.pressing.as_ref().map(PressingLine::of),
        }
    }
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub struct Came {
    #[serde(default)]
    done: String,
    /// `1` for the page as it is printed: all of it open, without navigation.
    #[serde(default)]
    print: String,
}

/// The page.
pub async fn show(
    State(app): State<App>,
    signed: SignedIn,
    Path(case): Path<String>,
    Query(came): Query<Came>,
) -> Result<Response, PageError> {
    let file = app.office.case(&signed.person, &case).await?;
    let (roster, calendar, (_, today)) = (
        app.office.roster().await?,
        app.office.calendar(),
        app.office.now(),
    );
    let names = Names {
        people: &roster.people,
        state: &file.state,
        pack: &file.pack,
    };
    let options = app.office.options(&signed.person, &file).await?;
    let todo = |wanted: &dyn Fn(&StepOption) -> bool| -> Vec<Todo> {
        options
            .iter()
            .filter(|o| wanted(o))
            .map(|o| Todo::of(&file.id, o))
            .collect()
    };
    let (limits, past_limits) = limits::limits(&file, &names, &calendar, today);
    let body = roster.bodies.get(&file.body_id);
    let unit = body
        .map(|b| b.unit_name(&file.state.unit).to_owned())
        .unwrap_or_default();
    let requests = app.office.requests(&signed.person, &file).await?;
    let frame = app.frame(&signed, "cases").await?;
    let print = (came.print == "1").then(|| {
        let at = show::moment(app.office.now().0);
        format!("{at} 由{}打印", signed.person.name)
    });
    let story = Story::of(&file, &names);
    let mut history = History::of(&file, &names);
    let case_page = CasePage {
        laws: app.laws(),
        frame: if print.is_some() {
            frame.printed()
        } else {
            frame
        },
        print,
        href: format!("/cases/{}", file.id),
        reviewed: !file.state.proposal.is_empty(),
        banner: banner(&file, &signed.person, &came.done),
        head: head(&file, unit),
        papers: case_parts::papers(&file, &story, &names),
        course: story.course(&file, &options),
        due: todo(&|o| o.mine && o.due),
        may: todo(&|o| o.mine && !o.due),
        others: todo(&|o| !o.mine && o.due),
        of_party: todo(&|o| !o.mine && o.of_party),
        requests: requests
            .iter()
            .map(|r| RequestLine::of(&file, r, &names))
            .collect(),
        returned: returned(&file)
            .filter(|e| options.iter().any(|o| is_of(o, e)))
            .map(|e| Event::of(&file, e, &names))
            .collect(),
        drafts: todo::drafts(&app, &signed, Some(&file.id)).await?,
        limits,
        past_limits,
        parties: case_parts::parties(&file, &mut history),
        rounds: rounds::rounds(&file, &names),
        changes: history.of_case,
        paper_count: file.state.papers.len(),
        evidence: case_parts::evidence(&file),
        evidence_count: file.state.evidence.len(),
        team: team(&file, &names),
        events: file
            .events
            .iter()
            .rev()
            .map(|e| Event::of(&file, e, &names))
            .collect(),
    };
    page(StatusCode::OK, &case_page)
}

/// What an approver has returned and nobody has asked for again, the newest first.
fn returned(file: &CaseFile) -> impl Iterator<Item = &Recorded> {
    let key = |e: &Recorded| (e.acted.step.clone(), e.acted.party.clone());
    let mut later = BTreeSet::new();
    let newest = file.events.iter().rev();
    newest.filter(move |e| later.insert(key(e)) && e.acted.phase == Phase::Returned)
}

/// Whether a step that can be taken is the one of an event.
fn is_of(option: &StepOption, event: &Recorded) -> bool {
    option.step_id == event.acted.step && option.party == event.acted.party
}

fn head(file: &CaseFile, unit: String) -> Head {
    let state = &file.state;
    let day = |on: Option<jiff::civil::Date>| on.map(|on| on.to_string()).unwrap_or_default();
    Head {
        name: state.name.clone(),
        number: state.number.clone().unwrap_or_else(|| "未立案".to_owned()),
        cause: state.cause.clone(),
        unit,
        opened_on: day(state.opened_on),
        filed_on: day(state.filed_on),
        closed_on: day(state.closed_on),
    }
}

/// What was just done, where the address names one of the person's own events or a draft.
fn banner(file: &CaseFile, person: &Person, done: &str) -> Option<Banner> {
    if done == "draft" {
        return Some(Banner {
            text: "草稿已保存".to_owned(),
            papers: Vec::new(),
        });
    }
    let version: u64 = done.parse().ok()?;
    let event = file.events.iter().find(|e| e.header.version == version)?;
    if event.header.actor.as_deref() != Some(&person.id) {
        return None;
    }
    let what = show::phase(event.acted.phase);
    let paper = |p: &casework::event::Issued| {
        (
            format!("/cases/{}/papers/{}", file.id, p.paper_id),
            p.title.clone(),
        )
    };
    let papers = event.acted.papers.iter().map(paper).collect();
    Some(Banner {
        text: format!("已记录：{}（{what}）", event.acted.title),
        papers,
    })
}

/// Who has an assigned role in the case.
fn team(file: &CaseFile, names: &Names<'_>) -> Vec<(String, String)> {
    let held = file
        .state
        .roles
        .iter()
        .filter(|(_, people)| !people.is_empty());
    held.map(|(role, people)| {
        let people: Vec<String> = people.iter().map(|id| names.person(id)).collect();
        (names.role(role), people.join("、"))
    })
    .collect()
}
