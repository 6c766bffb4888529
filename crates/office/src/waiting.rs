//! What can be done in a case and what waits in it: for whom, by which limit, and until when.

use casework::{
    command::Context,
    decide::{basis_text, eligible, open_to},
    person::Person,
    record::Via,
    state::{Request, State},
    todo::open_steps,
    views::{limit_title, pressing},
};
use jiff::civil::Date;
use law::{
    pack::{Crew, Mover, Pack},
    term::days_left,
};

use crate::{CaseFile, Office, cases::find, error::OfficeError};

/// The limit that presses most on something that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressing {
    /// Title of the limit.
    pub title: String,
    /// Its last day.
    pub due_on: Date,
    /// Working days left; negative when it has passed.
    pub workdays_left: i64,
    /// Whether the last day has passed.
    pub overdue: bool,
    /// Whether that rests on a year whose holidays are not announced.
    pub provisional: bool,
    /// Article of the limit.
    pub basis: String,
}

/// A step of a case as a person sees it.
#[derive(Debug, Clone)]
pub struct StepOption {
    /// Step id.
    pub step_id: String,
    /// Title.
    pub title: String,
    /// Action it belongs to.
    pub action: String,
    /// Party id, for a step of one party.
    pub party: Option<String>,
    /// That party's name.
    pub party_name: Option<String>,
    /// Whether this person may take it now.
    pub mine: bool,
    /// Whether the case waits for it.
    pub due: bool,
    /// Whether what it puts on record is the party's own doing.
    pub of_party: bool,
    /// Who takes it, in Chinese.
    pub role_title: String,
    /// How many of them it takes at least.
    pub at_least: u32,
    /// Names of those who could, where the case waits for it: who is assigned, else who holds the role there.
    pub who: Vec<String>,
    /// The limit that presses most on it, where the case waits for it.
    pub pressing: Option<Pressing>,
    /// Articles.
    pub basis: String,
}

/// A request that waits for an approval.
#[derive(Debug, Clone)]
pub struct WaitingRequest {
    /// The request.
    pub request: Request,
    /// Title of the step.
    pub title: String,
    /// Who has to approve, in Chinese.
    pub role_title: String,
    /// Names of those who could.
    pub who: Vec<String>,
    /// Whether this person may.
    pub mine: bool,
    /// Whether this person asked for it.
    pub asked_by_me: bool,
    /// The limit that presses most on it.
    pub pressing: Option<Pressing>,
    /// Articles.
    pub basis: String,
}

fn role_title(pack: &Pack, crew: &Crew) -> String {
    pack.roles
        .iter()
        .find(|r| r.id == crew.role)
        .map_or_else(|| crew.role.clone(), |r| r.title.clone())
}

/// Who can take a place now: those of its role, and only where nobody of these can, those who stand in.
fn who<'a>(state: &State, crew: &Crew, ctx: &Context<'a>) -> Vec<&'a Person> {
    let own = Crew {
        or: None,
        ..crew.clone()
    };
    let first = eligible(state, &own, ctx, ctx.today);
    if first.is_empty() {
        eligible(state, crew, ctx, ctx.today)
    } else {
        first
    }
}

fn names<'a>(people: impl IntoIterator<Item = &'a Person>) -> Vec<String> {
    people.into_iter().map(|p| p.name.clone()).collect()
}

fn presses(state: &State, party: Option<&str>, ctx: &Context<'_>) -> Option<Pressing> {
    let (due_on, run) = pressing(state, ctx.pack, party, ctx.calendar)?;
    let declared = ctx.pack.limits.iter().find(|l| l.code == run.code)?;
    let left = days_left(ctx.today, due_on, ctx.calendar);
    Some(Pressing {
        title: limit_title(&declared.title, run),
        due_on,
        workdays_left: left.workdays,
        overdue: due_on < ctx.today,
        provisional: left.provisional || run.due(ctx.calendar).is_ok_and(|due| due.provisional),
        basis: declared.basis.text.clone(),
    })
}

impl Office {
    /// What can be done in a case now: the person's own steps first, those that the case waits for before others.
    pub async fn options(
        &self,
        actor: &Person,
        file: &CaseFile,
    ) -> Result<Vec<StepOption>, OfficeError> {
        let (roster, calendar) = (self.roster().await?, self.calendar());
        let ctx = self.context(file, &calendar, actor, &roster, Via::Desk);
        // Limits that ran out overnight count at once, before anybody acts.
        let mut state = file.state.clone();
        for effect in casework::decide::due_effects(&file.state, ctx.today, &ctx) {
            state.apply(&effect, ctx.today);
        }
        let mut options: Vec<StepOption> = open_steps(&state, &file.pack)
            .into_iter()
            .map(|open| {
                let step = &file.pack.steps[open.step];
                let party = open.party.as_deref();
                let crew = step.by.first();
                StepOption {
                    step_id: step.id.clone(),
                    title: step.title.clone(),
                    action: step.action.clone(),
                    party_name: party
                        .and_then(|id| state.party(id))
                        .map(|p| p.party.name.clone()),
                    mine: open_to(&state, step, party, &ctx),
                    due: open.due,
                    of_party: step.mover == Mover::Party,
                    role_title: crew.map(|c| role_title(&file.pack, c)).unwrap_or_default(),
                    at_least: crew.map_or(1, |c| c.min.max(1)),
                    // For what nobody waits for nobody asks who could, and the roster is long.
                    who: crew
                        .filter(|_| open.due)
                        .map(|c| names(who(&state, c, &ctx)))
                        .unwrap_or_default(),
                    pressing: presses(&state, party, &ctx).filter(|_| open.due),
                    basis: basis_text(step),
                    party: open.party,
                }
            })
            .collect();
        options.sort_by_key(|o| (!o.mine, !o.due));
        Ok(options)
    }

    /// Requests of a case that wait for approval.
    pub async fn requests(
        &self,
        actor: &Person,
        file: &CaseFile,
    ) -> Result<Vec<WaitingRequest>, OfficeError> {
        let (roster, calendar) = (self.roster().await?, self.calendar());
        let ctx = self.context(file, &calendar, actor, &roster, Via::Desk);
        let waiting = file.state.requests.iter().filter_map(|request| {
            let step = find(&file.pack, &request.step)?;
            let crew = step.chain.get(request.approvals.len())?;
            let may = |person: &&Person| !request.bars(&person.id);
            let able = eligible(&file.state, crew, &ctx, ctx.today);
            // Whoever asked is no one to wait for, so that those who stand in may be.
            let first = who(&file.state, crew, &ctx);
            let mut named: Vec<&Person> = first.into_iter().filter(may).collect();
            if named.is_empty() {
                named = able.iter().copied().filter(may).collect();
            }
            Some(WaitingRequest {
                request: request.clone(),
                title: step.title.clone(),
                role_title: role_title(&file.pack, crew),
                who: names(named),
                mine: able.iter().filter(|p| may(p)).any(|p| p.id == actor.id),
                asked_by_me: request.is_asked_by(&actor.id),
                pressing: presses(&file.state, request.party.as_deref(), &ctx),
                basis: basis_text(step),
            })
        });
        Ok(waiting.collect())
    }
}
