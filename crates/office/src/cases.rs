//! Cases: loaded, folded and kept by version; what may be done in one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use casework::{
    command::Context,
    decide::{basis_text, eligible, obstacles, open_to},
    event::CaseActed,
    person::Person,
    record::{Header, Via},
    refusal::Reason,
    state::{Request, State},
    todo::open_steps,
};
use law::pack::{Crew, Pack, Step};
use ledger::Hash;
use store::Scope;

use crate::{Office, Roster, access, error::OfficeError};

/// Cases kept in memory; beyond that the cache starts anew.
const CASES_MAX: usize = 4_000;

/// One stored event of a case.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Header.
    pub header: Header,
    /// Entry in the log.
    pub entry: Hash,
    /// Body.
    pub acted: CaseActed,
}

/// A case as it stands.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// The stream.
    pub id: String,
    /// The body that it belongs to.
    pub body_id: String,
    /// State.
    pub state: State,
    /// All events.
    pub events: Vec<Recorded>,
    /// The pack that it follows now.
    pub pack: Arc<Pack>,
}

impl CaseFile {
    /// Entry of the last event.
    pub fn entry(&self) -> Option<Hash> {
        self.events.last().map(|e| e.entry)
    }
}

#[derive(Debug, Default)]
pub(crate) struct CaseCache {
    kept: Mutex<HashMap<String, Arc<CaseFile>>>,
}

impl CaseCache {
    fn get(&self, id: &str) -> Option<Arc<CaseFile>> {
        self.kept.lock().ok()?.get(id).cloned()
    }

    pub fn put(&self, file: Arc<CaseFile>) {
        if let Ok(mut kept) = self.kept.lock() {
            if kept.len() >= CASES_MAX {
                kept.clear();
            }
            let newer = kept
                .get(&file.id)
                .is_none_or(|old| old.state.version <= file.state.version);
            if newer {
                kept.insert(file.id.clone(), file);
            }
        }
    }

    pub fn forget(&self, id: &str) {
        if let Ok(mut kept) = self.kept.lock() {
            kept.remove(id);
        }
    }
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
    /// Who takes it, in Chinese.
    pub role_title: String,
    /// Names of those who could.
    pub who: Vec<String>,
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
    /// Whether this person may.
    pub mine: bool,
    /// Whether this person asked for it.
    pub asked_by_me: bool,
    /// Articles.
    pub basis: String,
}

fn role_title(pack: &Pack, crew: &Crew) -> String {
    pack.roles
        .iter()
        .find(|r| r.id == crew.role)
        .map_or_else(|| crew.role.clone(), |r| r.title.clone())
}

impl Office {
    /// Loads a case whatever the reader; for the office's own use.
    pub(crate) async fn load_case(&self, id: &str) -> Result<Arc<CaseFile>, OfficeError> {
        let kept = self.cache().get(id);
        let scope = Scope::system();
        let after = kept.as_ref().map_or(0, |file| file.state.version);
        let stored = self.store().load(&scope, id, after).await?;
        if let Some(file) = kept.as_ref().filter(|_| stored.is_empty()) {
            return Ok(Arc::clone(file));
        }
        // The last event names the version that the case follows now.
        let last = &stored.last().ok_or(OfficeError::NotFound)?.header;
        let (name, digest) = last
            .procedure
            .as_deref()
            .zip(last.pack.as_deref())
            .ok_or(OfficeError::NotFound)?;
        let pack = self.pack_of(name, digest).await?;
        let mut file = match kept {
            Some(file) => CaseFile {
                pack,
                ..CaseFile::clone(&file)
            },
            None => CaseFile {
                id: id.to_owned(),
                body_id: last.body_id.clone(),
                state: State::default(),
                events: Vec::new(),
                pack,
            },
        };
        for event in stored {
            let body = event.body.as_deref().ok_or(OfficeError::NotFound)?;
            let acted = CaseActed::decode(&event.header.event_type, body)?;
            file.state.apply_event(&acted);
            file.events.push(Recorded {
                header: event.header,
                entry: event.entry,
                acted,
            });
        }
        let file = Arc::new(file);
        self.cache().put(Arc::clone(&file));
        Ok(file)
    }

    /// A case that the person may read.
    ///
    /// # Errors
    /// [`OfficeError::NotFound`] both where it is not there and where it may not be seen.
    pub async fn case(&self, actor: &Person, id: &str) -> Result<Arc<CaseFile>, OfficeError> {
        let file = self.load_case(id).await?;
        let here = file.body_id == actor.body_id
            || self
                .store()
                .head(&access::scope(actor), id)
                .await?
                .is_some();
        if here && access::may_read(actor, &file.state) {
            Ok(file)
        } else {
            Err(OfficeError::NotFound)
        }
    }

    pub(crate) fn context<'a>(
        &'a self,
        pack: &'a Pack,
        calendar: &'a law::calendar::Calendar,
        actor: &'a Person,
        roster: &'a Roster,
        via: Via,
    ) -> Context<'a> {
        let (now_us, today) = self.now();
        Context {
            pack,
            calendar,
            config: self.config(),
            now_us,
            today,
            actor,
            roster: &roster.people,
            via: self.door(via),
        }
    }

    /// What can be done in a case now: the person's own steps first, those that the case waits for before others.
    pub async fn options(
        &self,
        actor: &Person,
        file: &CaseFile,
    ) -> Result<Vec<StepOption>, OfficeError> {
        let (roster, calendar) = (self.roster().await?, self.calendar());
        let ctx = self.context(&file.pack, &calendar, actor, &roster, Via::Desk);
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
                    role_title: crew.map(|c| role_title(&file.pack, c)).unwrap_or_default(),
                    who: crew
                        .map(|c| names(&eligible(&state, c, &ctx, ctx.today)))
                        .unwrap_or_default(),
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
        let ctx = self.context(&file.pack, &calendar, actor, &roster, Via::Desk);
        Ok(file
            .state
            .requests
            .iter()
            .filter_map(|request| {
                let step = find(&file.pack, &request.step)?;
                let crew = step.chain.get(request.approvals.len())?;
                Some(WaitingRequest {
                    request: request.clone(),
                    title: step.title.clone(),
                    role_title: role_title(&file.pack, crew),
                    mine: !request.bars(&actor.id)
                        && eligible(&file.state, crew, &ctx, ctx.today)
                            .iter()
                            .any(|p| p.id == actor.id),
                    asked_by_me: request.is_asked_by(&actor.id),
                    basis: basis_text(step),
                })
            })
            .collect())
    }

    /// Why a step cannot be taken now; empty if it can be, by somebody.
    pub fn blocked(&self, file: &CaseFile, step: &str, party: Option<&str>) -> Vec<Reason> {
        find(&file.pack, step)
            .map(|step| obstacles(&file.state, step, party, &file.pack))
            .unwrap_or_default()
    }

    /// Officials who could fill a place of a step, by name and id.
    pub async fn candidates(
        &self,
        actor: &Person,
        file: &CaseFile,
        crew: &Crew,
    ) -> Result<Vec<Person>, OfficeError> {
        let (roster, calendar) = (self.roster().await?, self.calendar());
        let ctx = self.context(&file.pack, &calendar, actor, &roster, Via::Desk);
        Ok(eligible(&file.state, crew, &ctx, ctx.today)
            .into_iter()
            .cloned()
            .collect())
    }
}

fn find<'a>(pack: &'a Pack, step: &str) -> Option<&'a Step> {
    pack.steps.iter().find(|s| s.id == step)
}

fn names(people: &[&Person]) -> Vec<String> {
    people.iter().map(|p| p.name.clone()).collect()
}
