//! Cases: loaded, folded and kept by version; what may be done in one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use casework::{
    command::Context,
    decide::{eligible, obstacles},
    event::CaseActed,
    person::Person,
    record::{Header, Via},
    refusal::Reason,
    state::State,
};
use law::pack::{Crew, Pack, Step};
use ledger::Hash;
use store::Scope;

use crate::{Office, Roster, access, error::OfficeError, write::stored_id};

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

    /// What a command did here, by the id under which it was sent.
    pub fn done_by(&self, sent: &str) -> Option<&Recorded> {
        let id = stored_id(sent);
        self.events.iter().find(|e| e.header.command == id)
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
        if here && access::may_read(actor, &file.body_id, &file.state) {
            Ok(file)
        } else {
            Err(OfficeError::NotFound)
        }
    }

    pub(crate) fn context<'a>(
        &'a self,
        file: &'a CaseFile,
        calendar: &'a law::calendar::Calendar,
        actor: &'a Person,
        roster: &'a Roster,
        via: Via,
    ) -> Context<'a> {
        let (now_us, today) = self.now();
        Context {
            pack: &file.pack,
            calendar,
            config: self.config(),
            now_us,
            today,
            body_id: &file.body_id,
            actor,
            roster: &roster.people,
            via: self.door(via),
        }
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
        let ctx = self.context(file, &calendar, actor, &roster, Via::Desk);
        Ok(eligible(&file.state, crew, &ctx, ctx.today)
            .into_iter()
            .cloned()
            .collect())
    }
}

pub(crate) fn find<'a>(pack: &'a Pack, step: &str) -> Option<&'a Step> {
    pack.steps.iter().find(|s| s.id == step)
}
