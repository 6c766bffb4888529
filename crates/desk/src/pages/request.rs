//! `/cases/{case}/requests/{request}`: what was asked for, and its approval, return or withdrawal.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use casework::{
    command::{Act, Command},
    decide::decide,
    record::Via,
    refusal::Reason,
};
use office::{CaseFile, WaitingRequest};

use super::{
    case_parts::RequestLine,
    previews::{PaperView, draft_copy, previews},
};
use crate::{
    app::{App, Frame, page},
    cited::Cited,
    error::PageError,
    form::read::{date, not_a_date},
    posted::Posted,
    session::SignedIn,
    show::{Names, Shown},
    token::command_id,
    told::{Here, Told},
    typed::Typed,
};

#[derive(Template)]
#[template(path = "request.html")]
struct RequestPage {
    frame: Frame,
    case_href: String,
    case_name: String,
    line: RequestLine,
    basis: Cited,
    fields: Vec<Shown>,
    files: String,
    effects: Vec<String>,
    papers: Vec<String>,
    previews: Vec<PaperView>,
    preview_note: Option<&'static str>,
    told: Vec<Told>,
    changed: Option<Vec<String>>,
    hidden: Vec<(&'static str, String)>,
    opinion: String,
    occurred_on: String,
    late_reason: String,
}

/// A request with the case that it belongs to.
struct Desk {
    app: App,
    signed: SignedIn,
    file: Arc<CaseFile>,
    waiting: WaitingRequest,
}

async fn desk(app: App, signed: SignedIn, case: &str, request: &str) -> Result<Desk, PageError> {
    let file = app.office.case(&signed.person, case).await?;
    let waiting = app.office.requests(&signed.person, &file).await?;
    let waiting = waiting
        .into_iter()
        .find(|w| w.request.id == request)
        .ok_or(PageError::NotFound)?;
    Ok(Desk {
        app,
        signed,
        file,
        waiting,
    })
}

impl Desk {
    fn command(&self, act: Act, typed: &Typed) -> Command {
        let today = self.app.office.now().1;
        let id = Some(typed.text("_id").to_owned())
            .filter(|id| !id.is_empty())
            .unwrap_or_else(command_id);
        Command {
            id,
            step: self.waiting.request.step.clone(),
            party: self.waiting.request.party.clone(),
            act,
            occurred_on: date(typed.text("_on")).unwrap_or(today),
            late_reason: Some(typed.text("_late").to_owned()).filter(|reason| !reason.is_empty()),
            with: Vec::new(),
            card_shown: false,
            fields: Default::default(),
            seen_version: typed.text("_seen").parse().unwrap_or_default(),
        }
    }

    async fn page(
        &self,
        typed: &Typed,
        reasons: &[Reason],
        changed: Option<Vec<String>>,
        status: StatusCode,
    ) -> Result<Response, PageError> {
        let roster = self.app.office.roster().await?;
        let names = Names {
            people: &roster.people,
            state: &self.file.state,
            pack: &self.file.pack,
        };
        let request = &self.waiting.request;
        let laws = self.app.laws();
        let here = Here {
            pack: &self.file.pack,
            laws: &laws,
            case: Some(&self.file.id),
            party: request.party.as_deref(),
        };
        let (effects, papers) = if self.waiting.mine {
            self.outcome(&roster, &names)
        } else {
            Default::default()
        };
        let (previews, preview_note) = self.previews(typed).await;
        let version = self.file.state.version.to_string();
        let today = self.app.office.now().1.to_string();
        let or = |name: &str, new: String| {
            Some(typed.text(name).to_owned())
                .filter(|t| !t.is_empty())
                .unwrap_or(new)
        };
        let shown = RequestPage {
            frame: self.app.frame(&self.signed, "cases").await?,
            case_href: format!("/cases/{}", self.file.id),
            case_name: self.file.state.name.clone(),
            line: RequestLine::of(&self.file, &self.waiting, &names),
            basis: laws.cite(&self.waiting.basis),
            fields: names.fields(self.file.pack.step(&request.step), &request.fields),
            files: format!("/cases/{}/files", self.file.id),
            effects,
            papers,
            previews,
            preview_note,
            told: reasons.iter().map(|reason| here.tell(reason)).collect(),
            changed,
            hidden: vec![
                ("_csrf", self.signed.token.form_token()),
                ("_id", or("_id", command_id())),
                // Whoever reads this page sees the case as it stands.
                ("_seen", version),
            ],
            opinion: typed.text("opinion").to_owned(),
            occurred_on: or("_on", today),
            late_reason: typed.text("_late").to_owned(),
        };
        page(status, &shown)
    }

    /// The page with the papers in it.
    async fn look(&self, typed: &Typed) -> Result<Response, PageError> {
        match wrong_date(typed) {
            Some(reason) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                self.page(typed, &[reason], None, status).await
            }
            None => self.page(typed, &[], None, StatusCode::OK).await,
        }
    }

    /// The papers as they would be issued with the opinion that was typed, where they were asked for.
    async fn previews(&self, typed: &Typed) -> (Vec<PaperView>, Option<&'static str>) {
        if !self.waiting.mine || typed.text("_do") != "preview" {
            return (Vec::new(), None);
        }
        let command = self.approval(typed);
        previews(&self.app, &self.signed, &self.file.id, &command).await
    }

    /// A copy for editing of one of these papers, or the form with what was typed and why there is none.
    async fn copy(&self, typed: &Typed, button: &str) -> Result<Response, PageError> {
        let which = button.trim_start_matches("docx:").parse().ok();
        let which = which.filter(|_| self.waiting.mine);
        let which = which.ok_or(PageError::NotFound)?;
        if let Some(reason) = wrong_date(typed) {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return self.page(typed, &[reason], None, status).await;
        }
        let command = self.approval(typed);
        match draft_copy(&self.app, &self.signed, &self.file.id, &command, which).await {
            Err(fault) => self.again(typed, fault).await,
            copy => copy,
        }
    }

    /// The form with what was typed and what is wrong, where it can be put right there.
    async fn again(&self, typed: &Typed, fault: PageError) -> Result<Response, PageError> {
        let reasons = match &fault {
            PageError::Refused(refusal) => refusal.reasons.clone(),
            PageError::BadBody(_) | PageError::Reused(_) | PageError::Unavailable(_) => {
                vec![Reason::new(fault.to_string())]
            }
            _ => return Err(fault),
        };
        let mut page = self.page(typed, &reasons, None, fault.status()).await?;
        fault.mark(&mut page);
        Ok(page)
    }

    /// The approval with the opinion that was typed, of the case as it stands.
    fn approval(&self, typed: &Typed) -> Command {
        let act = Act::Approve {
            request: self.waiting.request.id.clone(),
            opinion: typed.text("opinion").to_owned(),
        };
        Command {
            seen_version: self.file.state.version,
            ..self.command(act, typed)
        }
    }

    /// What would be so, and which papers would be issued, if it were approved now.
    fn outcome(&self, roster: &office::Roster, names: &Names<'_>) -> (Vec<String>, Vec<String>) {
        let request = self.waiting.request.id.clone();
        let mut command = self.command(
            Act::Approve {
                request,
                opinion: String::new(),
            },
            &Typed::default(),
        );
        command.seen_version = self.file.state.version;
        let (calendar, (now_us, today)) = (self.app.office.calendar(), self.app.office.now());
        let ctx = casework::Context {
            pack: &self.file.pack,
            calendar: &calendar,
            config: self.app.office.config(),
            now_us,
            today,
            body_id: &self.file.body_id,
            actor: &self.signed.person,
            roster: &roster.people,
            via: Via::Desk,
        };
        match decide(&self.file.state, &command, &ctx) {
            Ok(decided) => (
                decided
                    .event
                    .effects
                    .iter()
                    .filter_map(|e| names.effect(e))
                    .collect(),
                decided
                    .papers
                    .iter()
                    .map(|paper| paper.title.clone())
                    .collect(),
            ),
            Err(refusal) => {
                let why = refusal
                    .reasons
                    .into_iter()
                    .map(|reason| format!("现在还不能批准：{}", reason.why));
                (why.collect(), Vec::new())
            }
        }
    }
}

/// The page.
pub async fn show(
    State(app): State<App>,
    signed: SignedIn,
    Path((case, request)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let desk = desk(app, signed, &case, &request).await?;
    desk.page(&Typed::default(), &[], None, StatusCode::OK)
        .await
}

/// Why the date cannot be read, where it cannot.
fn wrong_date(typed: &Typed) -> Option<Reason> {
    let on = typed.text("_on");
    let wrong = !on.is_empty() && date(on).is_none();
    wrong.then(|| Reason::new(not_a_date("日期", on)))
}

/// Approves, returns or withdraws; or shows the papers first.
pub async fn send(
    State(app): State<App>,
    Path((case, request)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, PageError> {
    let typed = posted.typed;
    let desk = desk(app, posted.signed, &case, &request).await?;
    let opinion = typed.text("opinion").to_owned();
    let act = match typed.text("_do") {
        "approve" => Act::Approve { request, opinion },
        "return" => Act::Return { request, opinion },
        "withdraw" => Act::Withdraw { request },
        "preview" => return desk.look(&typed).await,
        button if button.starts_with("docx:") => return desk.copy(&typed, button).await,
        _ => {
            return Err(PageError::BadBody(
                "没有选择同意、退回或者撤回，没有保存；请返回上一页选择".to_owned(),
            ));
        }
    };
    if let Some(reason) = wrong_date(&typed) {
        return desk
            .page(&typed, &[reason], None, StatusCode::UNPROCESSABLE_ENTITY)
            .await;
    }
    let command = desk.command(act, &typed);
    match desk
        .app
        .office
        .act(&desk.signed.person, Via::Desk, &case, command)
        .await
        .map_err(PageError::from)
    {
        Ok(done) => {
            Ok(Redirect::to(&format!("/cases/{case}?done={}", done.version)).into_response())
        }
        Err(PageError::Stale { changed, .. }) => {
            // The page is made anew from the case as it is now; the request may be gone by then.
            let (app, signed, id) = (desk.app, desk.signed, desk.waiting.request.id);
            let fresh = self::desk(app, signed, &case, &id).await?;
            fresh
                .page(&typed, &[], Some(changed), StatusCode::CONFLICT)
                .await
        }
        // What was written stays in the form, and the same command may be sent again: if it was kept after all, it is
        // not carried out twice.
        Err(fault) => desk.again(&typed, fault).await,
    }
}
