//! `/cases/{case}/act/{step}`: the form of a step, from the pack; its confirmation; its sending.
//!
//! Opening a case is the same page over a case that does not exist yet.

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use casework::{
    decide::decide,
    record::Via,
    refusal::{Reason, RefusalKind},
};
use law::pack::{FieldType, Scope};
use serde::Deserialize;

use super::{
    act_desk::{BASE, Desk, case_desk, new_desk},
    act_known, act_notes,
    act_page::{self, Screen},
    act_review, files, previews,
};
use crate::{
    app::App,
    error::PageError,
    form::{controls::rows_name, input},
    posted::{Posted, Sent},
    session::SignedIn,
    token::command_id,
    typed::Typed,
};

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    party: String,
    #[serde(default)]
    draft: String,
    /// The step from which what was filled in comes.
    #[serde(default)]
    from: String,
}

impl Asked {
    fn party(&self) -> Option<String> {
        Some(self.party.clone()).filter(|party| !party.is_empty())
    }
}

/// The form of a step.
pub async fn show(
    State(app): State<App>,
    signed: SignedIn,
    Path((case, step)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let desk = case_desk(app, signed, &case, &step, asked.party()).await?;
    show_desk(desk, &asked).await
}

/// The form that opens a case.
pub async fn show_new(
    State(app): State<App>,
    signed: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let desk = new_desk(app, signed).await?;
    show_desk(desk, &asked).await
}

async fn show_desk(desk: Desk, asked: &Asked) -> Result<Response, PageError> {
    if desk.step.scope == Scope::Party && desk.party.is_none() {
        return act_page::choose_party(&desk).await;
    }
    let draft = desk.draft().await?;
    let mut typed = desk.fresh();
    let mut screen = Screen::new(&desk);
    match draft {
        Some((kept, saved_at)) if asked.draft == "1" => {
            typed = kept;
            typed.set(BASE, saved_at.to_string());
        }
        Some((_, saved_at)) => screen.draft_saved_at = Some(saved_at),
        None => {}
    }
    if let Some(refusal) = desk.blocked() {
        screen.refused(&refusal.reasons);
        screen.closed = true;
    }
    act_page::form(&desk, typed, screen, StatusCode::OK).await
}

/// Takes a form of a step.
pub async fn send(
    State(app): State<App>,
    Path((case, step)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    posted: Posted,
) -> Result<Response, PageError> {
    let desk = case_desk(app, posted.signed, &case, &step, asked.party()).await?;
    let mut typed = posted.typed;
    if typed.text("_do") == "carry" {
        drop_unsealed(&desk, &mut typed);
        keep_files(&desk, &mut typed, posted.files).await?;
        return act_review::carry_over(&desk, typed, &asked.from).await;
    }
    send_desk(desk, typed, posted.files).await
}

/// Takes the form that opens a case.
pub async fn send_new(State(app): State<App>, posted: Posted) -> Result<Response, PageError> {
    let desk = new_desk(app, posted.signed).await?;
    send_desk(desk, posted.typed, posted.files).await
}

async fn send_desk(desk: Desk, mut typed: Typed, files: Vec<Sent>) -> Result<Response, PageError> {
    if desk.step.scope == Scope::Party && desk.party.is_none() {
        return act_page::choose_party(&desk).await;
    }
    drop_unsealed(&desk, &mut typed);
    keep_files(&desk, &mut typed, files).await?;
    match typed.text("_do") {
        "draft" => {
            desk.save_draft(&mut typed).await?;
            let back = desk
                .case()
                .map_or("/".to_owned(), |case| format!("/cases/{case}"));
            Ok(Redirect::to(&format!("{back}?done=draft")).into_response())
        }
        "autosave" => {
            // A script sends no file, but the name of its input comes along.
            let uploads = desk.step.form.iter();
            for field in uploads.filter(|f| f.kind == FieldType::Upload) {
                typed.remove(&input(&field.id));
            }
            act_notes::keep(&desk, &mut typed).await
        }
        "discard" => {
            desk.drop_draft().await?;
            Ok(Redirect::to(&desk.path()).into_response())
        }
        "edit" => act_page::form(&desk, typed, Screen::new(&desk), StatusCode::OK).await,
        "opinion" => act_review::draft_opinion(&desk, typed).await,
        button if button.starts_with("known:") => act_known::fill_in(&desk, typed).await,
        button if button.starts_with("docx:") => {
            let which = button.trim_start_matches("docx:").parse().ok();
            draft_copy(&desk, typed, which).await
        }
        button => match button.strip_prefix("more:").map(rows_name) {
            Some(name) => {
                let shown: usize = typed.text(&name).parse().unwrap_or(0);
                typed.set(&name, (shown + 1).to_string());
                act_page::form(&desk, typed, Screen::new(&desk), StatusCode::OK).await
            }
            None => submit(desk, typed).await,
        },
    }
}

async fn submit(desk: Desk, mut typed: Typed) -> Result<Response, PageError> {
    let confirmed = typed.text("_do") == "confirm";
    let asked = typed.text("_do") == "preview";
    if typed.text("_id").is_empty() {
        typed.set("_id", command_id());
    }
    let faults = desk.typed_faults(&typed);
    if !faults.is_empty() {
        return send_back(&desk, typed, &faults).await;
    }
    let command = desk.command(&typed, typed.text("_id").to_owned());
    if (asked || desk.weighty()) && !confirmed && !desk.is_new() {
        let judged = decide(&desk.file.state, &command, &desk.context());
        return match judged {
            Ok(decided) => act_page::confirm(&desk, &typed, &command, &decided).await,
            Err(refusal) if refusal.kind == RefusalKind::Stale => {
                let changed = act_page::changed_since(&desk, command.seen_version);
                stale(&desk, typed, changed).await
            }
            Err(refusal) => send_back(&desk, typed, &refusal.reasons).await,
        };
    }
    let (office, person) = (&desk.app.office, &desk.signed.person);
    let done = match desk.case() {
        Some(case) => office
            .act(person, Via::Desk, case, command)
            .await
            .map(|done| (case.to_owned(), done)),
        None => office.open_case(person, Via::Desk, command).await,
    };
    match done.map_err(PageError::from) {
        Ok((case, done)) => {
            // The step is taken, whatever becomes of the draft, which then waits on the list until it is discarded.
            if let Err(fault) = desk.drop_draft().await {
                tracing::warn!(%fault, "a draft whose step was taken could not be removed");
            }
            Ok(Redirect::to(&format!("/cases/{case}?done={}", done.version)).into_response())
        }
        Err(PageError::Refused(refusal)) => send_back(&desk, typed, &refusal.reasons).await,
        Err(PageError::Stale { changed, .. }) => stale(&desk, typed, changed).await,
        Err(PageError::BadBody(why) | PageError::Reused(why)) => {
            send_back(&desk, typed, &[Reason::new(why)]).await
        }
        Err(fault @ PageError::Unavailable(_)) => {
            // The same command may be sent again: if it was kept after all, it is not carried out twice.
            let mut screen = Screen::new(&desk);
            screen.refused(&[Reason::new(fault.to_string())]);
            act_page::form(&desk, typed, screen, StatusCode::SERVICE_UNAVAILABLE).await
        }
        Err(fault) => Err(fault),
    }
}

/// A copy for editing of a paper that the step would issue with what was typed.
async fn draft_copy(
    desk: &Desk,
    typed: Typed,
    which: Option<usize>,
) -> Result<Response, PageError> {
    let faults = desk.typed_faults(&typed);
    if !faults.is_empty() {
        return send_back(desk, typed, &faults).await;
    }
    let (Some(case), Some(which)) = (desk.case(), which) else {
        return Err(PageError::NotFound);
    };
    let command = desk.command(&typed, command_id());
    match previews::draft_copy(&desk.app, &desk.signed, case, &command, which).await {
        Err(PageError::Refused(refusal)) => send_back(desk, typed, &refusal.reasons).await,
        Err(PageError::BadBody(why) | PageError::Unavailable(why)) => {
            send_back(desk, typed, &[Reason::new(why)]).await
        }
        other => other,
    }
}

/// Keeps what was typed as a draft. Where that fails, the form that is shown again still holds it.
async fn keep_draft(desk: &Desk, typed: &mut Typed) {
    if let Err(fault) = desk.save_draft(typed).await {
        tracing::warn!(%fault, "what was typed could not be kept as a draft");
    }
}

/// Shows the form again with what was wrong; what was typed is kept as a draft as well.
async fn send_back(
    desk: &Desk,
    mut typed: Typed,
    reasons: &[Reason],
) -> Result<Response, PageError> {
    keep_draft(desk, &mut typed).await;
    let mut screen = Screen::new(desk);
    let mut reasons = reasons.to_vec();
    if let Some(done) = desk.file.done_by(typed.text("_id")) {
        // Somebody went back to a form that was sent, and sent it again.
        let (title, on) = (&done.acted.title, done.acted.occurred_on);
        let why = format!("这份表单此前已经提交，“{title}”已于 {on} 记入案件，没有重复办理");
        reasons.insert(0, Reason::new(why).next("到案件页查看已办理的结果"));
    }
    screen.refused(&reasons);
    act_page::form(desk, typed, screen, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Shows the form again with what happened meanwhile; sent once more, it counts as seen.
async fn stale(desk: &Desk, mut typed: Typed, changed: Vec<String>) -> Result<Response, PageError> {
    keep_draft(desk, &mut typed).await;
    let fresh = match desk.case() {
        Some(case) => {
            desk.app
                .office
                .case(&desk.signed.person, case)
                .await?
                .state
                .version
        }
        None => 0,
    };
    typed.set("_seen", fresh.to_string());
    let mut screen = Screen::new(desk);
    screen.changed = Some(changed);
    act_page::form(desk, typed, screen, StatusCode::CONFLICT).await
}

/// Takes away references to files that the desk did not write into a form of this session.
fn drop_unsealed(desk: &Desk, typed: &mut Typed) {
    for field in desk
        .step
        .form
        .iter()
        .filter(|f| f.kind == FieldType::Upload)
    {
        let (kept, seal) = (
            format!("f.{}.kept", field.id),
            format!("f.{}.seal", field.id),
        );
        let good = typed
            .get(&kept)
            .is_some_and(|json| desk.signed.token.sealed(json, typed.text(&seal)));
        let drop = format!("f.{}.drop", field.id);
        if !good || typed.ticked(&drop, "yes") {
            typed.remove(&kept);
        }
        typed.remove(&seal);
        // What was asked is done: on a later page it would take away the file that came in its place.
        typed.remove(&drop);
    }
}

/// Stores the files of a form; each takes the place of the one kept before.
async fn keep_files(desk: &Desk, typed: &mut Typed, sent: Vec<Sent>) -> Result<(), PageError> {
    for sent in sent {
        let asked = desk
            .step
            .form
            .iter()
            .any(|f| f.kind == FieldType::Upload && input(&f.id) == sent.input);
        let Some(case) = desk.case().filter(|_| asked) else {
            continue;
        };
        let name = format!("{}.kept", sent.input);
        let file = files::keep(&desk.app, &desk.signed, case, sent).await?;
        let json =
            serde_json::to_string(&file).map_err(|fault| PageError::Internal(fault.to_string()))?;
        typed.set(&name, json);
    }
    Ok(())
}
