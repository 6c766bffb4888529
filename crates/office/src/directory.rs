//! Officials and bodies, read from their streams and kept for a moment.

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock},
    time::{Duration, Instant},
};

use casework::{
    person::{Body, Person, read_body, read_person, register_body, register_person},
    record::{Draft, StreamKind, Via},
    rows::StreamRows,
};
use store::{Scope, Store};

use crate::{error::OfficeError, write::Place};

/// How long a roster may be old: a card revoked this instant passes that long (DECISIONS 10).
const FRESH: Duration = Duration::from_secs(5);

/// Every official and body of the installation.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// Officials by id.
    pub people: BTreeMap<String, Person>,
    /// Bodies by id.
    pub bodies: BTreeMap<String, Body>,
}

/// A roster that refreshes itself.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    kept: RwLock<Option<(Instant, Arc<Roster>)>>,
}

impl Directory {
    pub async fn roster(&self, store: &Store) -> Result<Arc<Roster>, OfficeError> {
        if let Some(roster) = self.fresh() {
            return Ok(roster);
        }
        let mut roster = Roster::default();
        let scope = Scope::system();
        for listed in store.persons(&scope).await? {
            let events = store.load(&scope, &listed.stream, 0).await?;
            let bodies = bodies_of(&events);
            if let Some(person) = read_person(&bodies)? {
                roster.people.insert(person.id.clone(), person);
            }
        }
        for listed in store.bodies(&scope).await? {
            let events = store.load(&scope, &listed.stream, 0).await?;
            if let Some(body) = read_body(&bodies_of(&events))? {
                roster.bodies.insert(body.id.clone(), body);
            }
        }
        let roster = Arc::new(roster);
        if let Ok(mut kept) = self.kept.write() {
            *kept = Some((Instant::now(), Arc::clone(&roster)));
        }
        Ok(roster)
    }

    fn fresh(&self) -> Option<Arc<Roster>> {
        let kept = self.kept.read().ok()?;
        kept.as_ref()
            .filter(|(at, _)| at.elapsed() < FRESH)
            .map(|(_, roster)| Arc::clone(roster))
    }

    pub fn forget(&self) {
        if let Ok(mut kept) = self.kept.write() {
            *kept = None;
        }
    }
}

fn bodies_of(events: &[store::Stored]) -> Vec<(u64, &[u8])> {
    events
        .iter()
        .filter_map(|e| Some((e.header.version, e.body.as_deref()?)))
        .collect()
}

/// Registers or amends a person or a body: the whole new state is the event.
pub(crate) async fn register(
    store: &Store,
    stream: &str,
    kind: StreamKind,
    body_id: &str,
    draft: Draft,
    rows: StreamRows,
    now_us: i64,
) -> Result<(), OfficeError> {
    let head = store.head(&Scope::system(), stream).await?;
    let version = head.as_ref().map_or(0, |h| h.version);
    let place = Place {
        stream,
        kind,
        body_id,
        version,
        entry: head.map(|h| h.entry),
    };
    let id = format!("register-{stream}-{version}");
    let append = place.append_to(store, now_us, id, draft, rows);
    store.commit(append).await?;
    Ok(())
}

impl crate::Office {
    /// Registers or amends an official.
    pub async fn register_person(
        &self,
        person: &Person,
        actor: Option<&Person>,
        via: Via,
    ) -> Result<(), OfficeError> {
        let draft = register_person(person, actor.map(|a| a.id.clone()), via)?;
        let rows = person.rows();
        let now = self.now().0;
        register(
            self.store(),
            &person.id,
            StreamKind::Person,
            &person.body_id,
            draft,
            rows,
            now,
        )
        .await?;
        self.directory().forget();
        Ok(())
    }

    /// Registers or amends a body.
    pub async fn register_body(
        &self,
        body: &Body,
        actor: Option<&Person>,
        via: Via,
    ) -> Result<(), OfficeError> {
        let draft = register_body(body, actor.map(|a| a.id.clone()), via)?;
        let now = self.now().0;
        register(
            self.store(),
            &body.id,
            StreamKind::Body,
            &body.id,
            draft,
            body.rows(),
            now,
        )
        .await?;
        self.directory().forget();
        Ok(())
    }

    /// Everyone and every body.
    pub async fn roster(&self) -> Result<Arc<Roster>, OfficeError> {
        self.directory().roster(self.store()).await
    }

    /// The official who signs in with that name.
    pub async fn person_by_login(&self, login: &str) -> Result<Option<Person>, OfficeError> {
        let roster = self.roster().await?;
        Ok(roster
            .people
            .values()
            .find(|p| p.login == login && p.active)
            .cloned())
    }
}
