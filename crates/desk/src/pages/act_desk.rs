//! What a step is judged and shown by: the case, the person, the pack; and what was typed as a command.

use std::sync::Arc;

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
use store::SavedDraft;

use crate::{
    app::App,
    error::PageError,
    form::{
        carry::{Known, carry},
        input, parts,
        read::{date, not_a_date, read},
    },
    session::{SignedIn, now_us},
    token::command_id,
    told::act_path,
    typed::Typed,
};

/// Hidden input: when the draft was saved on which a page builds; `0` where there was none.
pub const BASE: &str = "_draft";
/// Hidden input: the opinion as the desk drafted it last, by which an opinion that was edited is known.
pub const DRAFTED: &str = "_drafted";
/// Where drafts of a case that does not exist yet are kept.
pub const NEW: &str = "new";
/// Step that opens a case.
pub const OPENING: &str = "A01";
/// Fields that every step has besides its own: who with, whether cards were shown, when, why late.
pub const COMMON: [&str; 4] = ["with", "card_shown", "occurred_on", "late_reason"];

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
            body_id: &self.file.body_id,
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

    /// The command that was typed; dates that cannot be read are told apart by [`Desk::typed_faults`].
    pub fn command(&self, typed: &Typed, id: String) -> Command {
        let reading = read(&self.step, &self.file.state, typed);
        let with = match votes_field(&self.step) {
            // Who votes takes part: nobody is asked the same twice.
            Some(field) => parts::read_votes(&input(field), typed)
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
    pub fn typed_faults(&self, typed: &Typed) -> Vec<Reason> {
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

    /// Keeps what was typed, and notes in it when, so that the page that shows it builds on this draft.
    pub async fn save_draft(&self, typed: &mut Typed) -> Result<i64, PageError> {
        self.save_draft_of(&self.step.id, typed).await
    }

    /// Keeps what was typed as the draft of another step of the case.
    pub async fn save_draft_of(&self, step: &str, typed: &mut Typed) -> Result<i64, PageError> {
        let (stream, _, party) = self.draft_key();
        let mut kept = typed.only("f.");
        for name in ["_on", "_late", "_with", "_card", "_rows.", DRAFTED] {
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
        self.app.office.store().save_draft(&draft).await?;
        typed.set(BASE, draft.updated_at.to_string());
        Ok(draft.updated_at)
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

    pub async fn drop_draft(&self) -> Result<(), PageError> {
        let (stream, step, party) = self.draft_key();
        Ok(self
            .app
            .office
            .store()
            .drop_draft(&self.signed.person.id, stream, step, party)
            .await?)
    }

    /// Removes the draft of another step of the case, if it is the one that was saved at `base`, as pages have it in
    /// [`BASE`]: what was saved elsewhere meanwhile stays.
    pub async fn drop_draft_of(&self, step: &str, base: &str) -> Result<(), PageError> {
        let (store, person) = (self.app.office.store(), &self.signed.person.id);
        let (stream, _, party) = self.draft_key();
        let draft = store.draft(person, stream, step, party).await?;
        if draft.is_some_and(|draft| draft.updated_at.to_string() == base) {
            store.drop_draft(person, stream, step, party).await?;
        }
        Ok(())
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
pub async fn new_desk(app: App, signed: SignedIn) -> Result<Desk, PageError> {
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

/// A step of a case that the person may read.
pub async fn case_desk(
    app: App,
    signed: SignedIn,
    case: &str,
    step: &str,
    party: Option<String>,
) -> Result<Desk, PageError> {
    let file = app.office.case(&signed.person, case).await?;
    desk(app, signed, file, step, party).await
}
