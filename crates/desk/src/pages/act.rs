//! `/cases/{case}/act/{step}`: the form of a step, from the pack; its confirmation; its sending.
//!
//! Opening a case is the same page over a case that does not exist yet.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use casework::{
    command::{Act, Command, Context},
    decide::{decide, due_effects, obstacles, open_to},
    person::Person,
    record::Via,
    refusal::{Reason, Refusal, RefusalKind},
    state::State as CaseState,
};
use law::{
    calendar::Calendar,
    pack::{Effect, FieldType, Scope, Step},
};
use office::{CaseFile, Roster};
use serde::Deserialize;
use store::SavedDraft;

use super::{
    act_page::{self, Screen},
    files,
};
use crate::{
    app::App,
    error::PageError,
    form::{
        carry::{Known, carry},
        controls::rows_name,
        input,
        read::{date, not_a_date, read},
    },
    posted::{Posted, Sent},
    session::{SignedIn, now_us},
    token::command_id,
    told::act_path,
    typed::Typed,
};

/// Where drafts of a case that does not exist yet are kept.
pub const NEW: &str = "new";
/// Step that opens a case.
const OPENING: &str = "A01";
/// Fields that every step has besides its own: who with, whether cards were shown, when, why late.
pub const COMMON: [&str; 4] = ["with", "card_shown", "occurred_on", "late_reason"];

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    party: String,
    #[serde(default)]
    draft: String,
}

/// All that a step is judged and shown by.
pub struct Desk {
    pub app: App,
    pub signed: SignedIn,
    pub file: Arc<CaseFile>,
    pub step: Step,
    pub party: Option<String>,
    pub roster: Arc<Roster>,
    pub calendar: Arc<Calendar>,
}

impl Desk {
    /// Whether the case does not exist yet.
    pub fn is_new(&self) -> bool {
        self.file.id == NEW
    }

    /// The case, where it exists.
    pub fn case(&self) -> Option<&str> {
        (!self.is_new()).then_some(self.file.id.as_str())
    }

    pub fn context(&self) -> Context<'_> {
        let (now_us, today) = self.app.office.now();
        Context {
            pack: &self.file.pack,
            calendar: &self.calendar,
            config: self.app.office.config(),
            now_us,
            today,
            actor: &self.signed.person,
            roster: &self.roster.people,
            via: Via::Desk,
        }
    }

    /// The address of this form.
    pub fn path(&self) -> String {
        match self.case() {
            Some(case) => act_path(case, &self.step.id, self.party.as_deref()),
            None => "/cases/new".to_owned(),
        }
    }

    /// The case as it stands today, limits that ran out overnight included.
    pub fn state_today(&self) -> CaseState {
        let ctx = self.context();
        let mut state = self.file.state.clone();
        for effect in due_effects(&self.file.state, ctx.today, &ctx) {
            state.apply(&effect, ctx.today);
        }
        state
    }

    /// Why the step cannot be taken now by this person, before anything is filled in; none if it can be.
    pub fn blocked(&self) -> Option<Refusal> {
        let (state, ctx) = (self.state_today(), self.context());
        let party = self.party.as_deref();
        let refusal = |kind, reasons| {
            Some(Refusal {
                kind,
                step: self.step.id.clone(),
                reasons,
            })
        };
        let reasons = obstacles(&state, &self.step, party, &self.file.pack);
        if !reasons.is_empty() {
            return refusal(RefusalKind::NotNow, reasons);
        }
        if open_to(&state, &self.step, party, &ctx) {
            return None;
        }
        // The judge says why: the same words as after sending.
        let probe = self.command(&Typed::default(), command_id());
        match decide(&self.file.state, &probe, &ctx) {
            Err(found) if found.kind == RefusalKind::NotYou => Some(found),
            _ => refusal(
                RefusalKind::NotYou,
                vec![Reason::new("您不能办理这一步骤").next("请由有权人员登录办理")],
            ),
        }
    }

    /// Whether the step is confirmed on a page of its own: it decides, notifies or publishes.
    pub fn weighty(&self) -> bool {
        self.step.effects.iter().any(|effect| {
            matches!(
                effect,
                Effect::Notify
                    | Effect::Decide
                    | Effect::Conclude
                    | Effect::Publish
                    | Effect::Withdraw
                    | Effect::ReviewPassed
                    | Effect::NewRound
            )
        })
    }

    /// The command that was typed; dates that cannot be read are told apart by [`typed_faults`].
    fn command(&self, typed: &Typed, id: String) -> Command {
        let reading = read(&self.step, &self.file.state, typed);
        let with = match votes_field(&self.step) {
            // Who votes takes part: nobody is asked the same twice.
            Some(field) => crate::form::parts::read_votes(&input(field), typed)
                .into_iter()
                .map(|vote| vote.person)
                .filter(|id| *id != self.signed.person.id)
                .collect(),
            None => typed.all("_with").map(str::to_owned).collect(),
        };
        Command {
            id,
            step: self.step.id.clone(),
            party: self.party.clone(),
            act: Act::Take,
            occurred_on: occurred_on(typed).unwrap_or_else(|| self.context().today),
            late_reason: Some(typed.text("_late").to_owned()).filter(|reason| !reason.is_empty()),
            with,
            card_shown: typed.ticked("_card", "yes"),
            fields: reading.fields,
            seen_version: typed.text("_seen").parse().unwrap_or_default(),
        }
    }

    /// What was typed that cannot be read at all.
    fn typed_faults(&self, typed: &Typed) -> Vec<Reason> {
        let mut faults = read(&self.step, &self.file.state, typed).faults;
        let on = typed.text("_on");
        if !on.is_empty() && occurred_on(typed).is_none() {
            faults.push(Reason::new(not_a_date("发生日期", on)).field("occurred_on"));
        }
        faults
    }

    fn draft_key(&self) -> (&str, &str, Option<&str>) {
        (&self.file.id, &self.step.id, self.party.as_deref())
    }

    async fn save_draft(&self, typed: &Typed) -> Result<(), PageError> {
        let (stream, step, party) = self.draft_key();
        let mut kept = typed.only("f.");
        for name in ["_on", "_late"] {
            kept.fill_from(&typed.only(name));
        }
        for name in ["_with", "_card", "_rows."] {
            kept.fill_from(&typed.only(name));
        }
        let draft = SavedDraft {
            person_id: self.signed.person.id.clone(),
            stream: stream.to_owned(),
            step: step.to_owned(),
            party: party.map(str::to_owned),
            json: serde_json::to_string(&kept)
                .map_err(|fault| PageError::Internal(fault.to_string()))?,
            updated_at: now_us(),
        };
        Ok(self.app.office.store().save_draft(&draft).await?)
    }

    /// The draft of this form, with when it was saved.
    pub async fn draft(&self) -> Result<Option<(Typed, i64)>, PageError> {
        let (stream, step, party) = self.draft_key();
        let draft = self
            .app
            .office
            .store()
            .draft(&self.signed.person.id, stream, step, party)
            .await?;
        Ok(draft.and_then(|d| Some((serde_json::from_str(&d.json).ok()?, d.updated_at))))
    }

    async fn drop_draft(&self) -> Result<(), PageError> {
        let (stream, step, party) = self.draft_key();
        Ok(self
            .app
            .office
            .store()
            .drop_draft(&self.signed.person.id, stream, step, party)
            .await?)
    }

    /// What a new form holds.
    pub fn fresh(&self) -> Typed {
        let known = Known {
            state: &self.file.state,
            party: self.party.as_deref(),
            events: &self.file.events,
        };
        carry(&self.step, &known)
    }

    /// Officials who could take part besides the actor.
    pub async fn companions(&self) -> Result<Vec<Person>, PageError> {
        let mut found: Vec<Person> = Vec::new();
        for crew in &self.step.by {
            for person in self
                .app
                .office
                .candidates(&self.signed.person, &self.file, crew)
                .await?
            {
                if person.id != self.signed.person.id && found.iter().all(|p| p.id != person.id) {
                    found.push(person);
                }
            }
        }
        Ok(found)
    }
}

/// The field of votes, where the step has one.
pub fn votes_field(step: &Step) -> Option<&str> {
    step.form
        .iter()
        .find(|f| f.kind == FieldType::Votes)
        .map(|f| f.id.as_str())
}

fn occurred_on(typed: &Typed) -> Option<jiff::civil::Date> {
    date(typed.text("_on"))
}

/// A case that does not exist yet, under the pack for new ones.
async fn new_desk(app: App, signed: SignedIn) -> Result<Desk, PageError> {
    let file = CaseFile {
        id: NEW.to_owned(),
        body_id: signed.person.body_id.clone(),
        state: CaseState::default(),
        events: Vec::new(),
        pack: app.office.pack()?,
    };
    desk(app, signed, Arc::new(file), OPENING, None).await
}

async fn desk(
    app: App,
    signed: SignedIn,
    file: Arc<CaseFile>,
    step: &str,
    party: Option<String>,
) -> Result<Desk, PageError> {
    let step = file.pack.step(step).ok_or(PageError::NotFound)?.clone();
    let only = || match file.state.parties.as_slice() {
        [party] => Some(party.party.id.clone()),
        _ => None,
    };
    let party = if step.scope == Scope::Party {
        party.or_else(only)
    } else {
        None
    };
    if party
        .as_ref()
        .is_some_and(|id| file.state.party(id).is_none())
    {
        return Err(PageError::NotFound);
    }
    let roster = app.office.roster().await?;
    let calendar = app.office.calendar();
    Ok(Desk {
        app,
        signed,
        file,
        step,
        party,
        roster,
        calendar,
    })
}

async fn case_desk(
    app: App,
    signed: SignedIn,
    case: &str,
    step: &str,
    asked: &Asked,
) -> Result<Desk, PageError> {
    let file = app.office.case(&signed.person, case).await?;
    let party = Some(asked.party.clone()).filter(|party| !party.is_empty());
    desk(app, signed, file, step, party).await
}

/// The form of a step.
pub async fn show(
    State(app): State<App>,
    signed: SignedIn,
    Path((case, step)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let desk = case_desk(app, signed, &case, &step, &asked).await?;
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
        Some((kept, _)) if asked.draft == "1" => typed = kept,
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
    let desk = case_desk(app, posted.signed, &case, &step, &asked).await?;
    send_desk(desk, posted.typed, posted.files).await
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
            desk.save_draft(&typed).await?;
            let back = desk
                .case()
                .map_or("/".to_owned(), |case| format!("/cases/{case}"));
            Ok(Redirect::to(&format!("{back}?done=draft")).into_response())
        }
        "discard" => {
            desk.drop_draft().await?;
            Ok(Redirect::to(&desk.path()).into_response())
        }
        "edit" => act_page::form(&desk, typed, Screen::new(&desk), StatusCode::OK).await,
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
    if typed.text("_id").is_empty() {
        typed.set("_id", command_id());
    }
    let faults = desk.typed_faults(&typed);
    if !faults.is_empty() {
        return send_back(&desk, typed, &faults).await;
    }
    let command = desk.command(&typed, typed.text("_id").to_owned());
    if desk.weighty() && !confirmed && !desk.is_new() {
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
            desk.drop_draft().await?;
            Ok(Redirect::to(&format!("/cases/{case}?done={}", done.version)).into_response())
        }
        Err(PageError::Refused(refusal)) => send_back(&desk, typed, &refusal.reasons).await,
        Err(PageError::Stale { changed, .. }) => stale(&desk, typed, changed).await,
        Err(PageError::BadBody(why)) => send_back(&desk, typed, &[Reason::new(why)]).await,
        Err(fault @ PageError::Unavailable(_)) => {
            // The same command may be sent again: if it was kept after all, it is not carried out twice.
            let mut screen = Screen::new(&desk);
            screen.refused(&[Reason::new(fault.to_string())]);
            act_page::form(&desk, typed, screen, StatusCode::SERVICE_UNAVAILABLE).await
        }
        Err(fault) => Err(fault),
    }
}

/// Shows the form again with what was wrong; what was typed is kept as a draft as well.
async fn send_back(desk: &Desk, typed: Typed, reasons: &[Reason]) -> Result<Response, PageError> {
    desk.save_draft(&typed).await?;
    let mut screen = Screen::new(desk);
    screen.refused(reasons);
    act_page::form(desk, typed, screen, StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Shows the form again with what happened meanwhile; sent once more, it counts as seen.
async fn stale(desk: &Desk, mut typed: Typed, changed: Vec<String>) -> Result<Response, PageError> {
    desk.save_draft(&typed).await?;
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
        if !good || typed.ticked(&format!("f.{}.drop", field.id), "yes") {
            typed.remove(&kept);
        }
        typed.remove(&seal);
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
