//! `/`: what waits for the person and what the person waits for, overdue first, and the drafts begun.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use office::{AwaitedItem, TodoItem};

use super::case_parts::Who;
use crate::{
    app::{App, Frame, page},
    error::PageError,
    session::SignedIn,
    show,
    told::act_path,
    typed::Typed,
};

#[derive(Template)]
#[template(path = "todo.html")]
struct TodoPage {
    frame: Frame,
    rows: Vec<Row>,
    overdue: usize,
    /// What waits for others; none where the person's cases are too many to look through.
    awaited: Option<Vec<Awaited>>,
    awaited_overdue: usize,
    /// Whether only the most pressing of them were looked at.
    awaited_cut: bool,
    drafts: Vec<Draft>,
}

/// A step of the person's own cases that waits for somebody else.
struct Awaited {
    row: Row,
    who: Who,
    since: String,
}

impl Awaited {
    fn of(awaited: AwaitedItem) -> Self {
        Self {
            who: Who::of(&awaited.role_title, 1, &awaited.who),
            since: show::moment(awaited.item.row.since_at),
            row: row(awaited.item),
        }
    }
}

/// A step that waits.
pub struct Row {
    pub href: String,
    pub case_href: String,
    pub title: String,
    pub party: String,
    pub case_name: String,
    pub case_number: String,
    pub stage: String,
    pub basis: String,
    pub due_on: String,
    pub left: String,
    pub limit: String,
    pub state: &'static str,
    pub pending: bool,
}

/// A form that was begun.
pub struct Draft {
    /// Where it goes on.
    pub href: String,
    /// What it is.
    pub title: String,
    /// Of which case and party; of a case that does not exist yet, the name that was typed.
    pub of: String,
    /// When it was saved.
    pub saved_at: String,
}

/// A step that waits, as lists show it.
pub fn row(item: TodoItem) -> Row {
    let left = item
        .workdays_left
        .map(|days| show::left(days, item.overdue, item.provisional))
        .unwrap_or_default();
    let state = show::urgency(item.workdays_left, item.overdue);
    // A request is answered on its own page.
    let href = match &item.row.request {
        Some(request) => format!("/cases/{}/requests/{}", item.case_id, show::encode(request)),
        None => act_path(&item.case_id, &item.row.step, item.row.party.as_deref()),
    };
    Row {
        href,
        case_href: format!("/cases/{}", item.case_id),
        title: item.row.title,
        party: item.row.party_name.unwrap_or_default(),
        case_name: item.case_name,
        case_number: item.case_number.unwrap_or_else(|| "未立案".to_owned()),
        stage: item.stage_title,
        basis: item.row.basis,
        due_on: item.row.due_on.map(|on| on.to_string()).unwrap_or_default(),
        left,
        limit: match item.limit_title.as_str() {
            "" => String::new(),
            title => format!("{title}（{}）", item.limit_basis),
        },
        state,
        pending: item.row.pending,
    }
}

/// The drafts of a person, of one case or of all.
pub async fn drafts(
    app: &App,
    signed: &SignedIn,
    case: Option<&str>,
) -> Result<Vec<Draft>, PageError> {
    let pack = app.office.pack()?;
    let saved = app.office.store().drafts_of(&signed.person.id).await?;
    let of_case = saved
        .into_iter()
        .filter(|d| case.is_none_or(|case| d.stream == case));
    let mut drafts = Vec::new();
    for draft in of_case {
        let file = match draft.stream.as_str() {
            super::act_desk::NEW => None,
            // A draft stays with whoever may not read its case any more, without the case's name.
            case => app.office.case(&signed.person, case).await.ok(),
        };
        let typed: Typed = serde_json::from_str(&draft.json).unwrap_or_default();
        let of = file.map_or(typed.text("f.case_name").to_owned(), |file| {
            let track = draft.party.as_deref().and_then(|id| file.state.party(id));
            let party = track.map(|track| format!("，{}", track.party.name));
            format!("{}{}", file.state.name, party.unwrap_or_default())
        });
        let title = pack
            .step(&draft.step)
            .map_or(draft.step.clone(), |step| step.title.clone());
        let path = match draft.stream.as_str() {
            super::act_desk::NEW => "/cases/new".to_owned(),
            case => act_path(case, &draft.step, draft.party.as_deref()),
        };
        let mark = if path.contains('?') { '&' } else { '?' };
        drafts.push(Draft {
            href: format!("{path}{mark}draft=1"),
            title,
            of,
            saved_at: show::moment(draft.updated_at),
        });
    }
    Ok(drafts)
}

/// The page.
pub async fn show(State(app): State<App>, signed: SignedIn) -> Result<Response, PageError> {
    let frame = app.frame(&signed, "todo").await?;
    let items = app.office.todo(&signed.person).await?;
    let overdue = items.iter().filter(|item| item.overdue).count();
    let rows = items.into_iter().map(row).collect();
    let drafts = drafts(&app, &signed, None).await?;
    let awaited = app.office.awaited(&signed.person).await?;
    let late = |a: &office::Awaited| a.items.iter().filter(|a| a.item.overdue).count();
    let awaited_overdue = awaited.as_ref().map_or(0, late);
    let awaited_cut = awaited.as_ref().is_some_and(|a| a.cut);
    let awaited = awaited.map(|a| a.items.into_iter().map(Awaited::of).collect());
    page(
        StatusCode::OK,
        &TodoPage {
            frame,
            rows,
            overdue,
            awaited,
            awaited_overdue,
            awaited_cut,
            drafts,
        },
    )
}
