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
use tokio::sync::Mutex;

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
    kept: RwLock<Kept>,
    /// Held while the store is asked: who waited for it finds the answer there.
    asking: Mutex<()>,
}

/// The roster as it was last read.
#[derive(Debug, Default)]
struct Kept {
    roster: Arc<Roster>,
    /// Version of each stream that was read.
    versions: BTreeMap<String, u64>,
    /// When the store was last asked; none if it has to be asked again.
    asked: Option<Instant>,
    /// How often it was forgotten.
    forgotten: u64,
}

impl Directory {
    pub async fn roster(&self, store: &Store) -> Result<Arc<Roster>, OfficeError> {
        if let Some(roster) = self.fresh() {
            return Ok(roster);
        }
        let _asking = self.asking.lock().await;
        if let Some(roster) = self.fresh() {
            return Ok(roster);
        }
        let asked = Instant::now();
        let (mut roster, mut versions, forgotten) = self.known();
        let scope = Scope::system();
        for head in store.roster(&scope).await? {
            if versions.get(&head.stream) == Some(&head.version) {
                continue;
            }
            // Each event of such a stream is the whole state.
            let before = head.version.saturating_sub(1);
            let events = store.load(&scope, &head.stream, before).await?;
            let bodies = bodies_of(&events);
            let new = Arc::make_mut(&mut roster);
            if head.kind == StreamKind::Body {
                if let Some(body) = read_body(&bodies)? {
                    new.bodies.insert(body.id.clone(), body);
                }
            } else if let Some(person) = read_person(&bodies)? {
                new.people.insert(person.id.clone(), person);
            }
            versions.insert(head.stream, head.version);
        }
        if let Ok(mut kept) = self.kept.write() {
            // What was registered meanwhile may not have been read.
            let asked = (kept.forgotten == forgotten).then_some(asked);
            *kept = Kept {
                roster: Arc::clone(&roster),
                versions,
                asked,
                forgotten: kept.forgotten,
            };
        }
        Ok(roster)
    }

    fn fresh(&self) -> Option<Arc<Roster>> {
        let kept = self.kept.read().ok()?;
        kept.asked
            .filter(|asked| asked.elapsed() < FRESH)
            .map(|_| Arc::clone(&kept.roster))
    }

    fn known(&self) -> (Arc<Roster>, BTreeMap<String, u64>, u64) {
        let kept = self.kept.read();
        kept.map_or_else(
            |_| <(Arc<Roster>, BTreeMap<String, u64>, u64)>::default(),
            |kept| {
                (
                    Arc::clone(&kept.roster),
                    kept.versions.clone(),
                    kept.forgotten,
                )
            },
        )
    }

    pub fn forget(&self) {
        if let Ok(mut kept) = self.kept.write() {
            kept.asked = None;
            kept.forgotten += 1;
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

#[cfg(test)]
mod tests {
    use store::StoreConfig;

    use super::*;

    async fn register_named(store: &Store, id: &str, name: &str) {
        let person = Person {
            id: id.to_owned(),
            version: 0,
            login: id.to_owned(),
            name: name.to_owned(),
            body_id: "body-a".to_owned(),
            unit: "gm".to_owned(),
            roles: Vec::new(),
            cards: Vec::new(),
            qualified: false,
            active: true,
        };
        let draft = register_person(&person, None, Via::Import).unwrap();
        let (kind, rows) = (StreamKind::Person, person.rows());
        register(store, id, kind, "body-a", draft, rows, 0)
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn only_what_was_registered_since_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("a.sqlite").display());
        let config = StoreConfig::new(url, folder.path(), "test.example/log");
        Store::migrate(&config, 0).await.unwrap();
        let store = Store::open(&config).await.unwrap();
        register_named(&store, "a", "张某").await;
        register_named(&store, "b", "李某").await;
        let directory = Directory::default();
        let first = directory.roster(&store).await.unwrap();
        assert_eq!(first.people.len(), 2);
        directory.forget();
        let same = directory.roster(&store).await.unwrap();
        assert!(Arc::ptr_eq(&first, &same), "nothing has moved");
        register_named(&store, "a", "张某某").await;
        let kept = directory.roster(&store).await.unwrap();
        assert_eq!(kept.people["a"].name, "张某", "fresh enough");
        directory.forget();
        let now = directory.roster(&store).await.unwrap();
        let names = now.people.values().map(|p| (p.name.as_str(), p.version));
        assert_eq!(names.collect::<Vec<_>>(), [("张某某", 2), ("李某", 1)]);
    }
}
