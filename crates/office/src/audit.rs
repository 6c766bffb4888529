//! What an auditor compares: the views as the events make them, and the public items as the log gives them.
//!
//! It reads the log alone and writes nothing, so that it can be done without the signing key.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use casework::{record::StreamKind, rows::StreamRows};
use jiff::civil::Date;
use law::{calendar::Calendar, pack::Pack};
use store::{Scope, Store, StoreError, Stored};

use crate::{
    CALENDAR_FOLLOWER, PublicCopy, calendars,
    error::OfficeError,
    packs::{readable_packs, rebuild_rows},
    publish::{Told, id_of, told},
};

/// Streams that are read at a time.
const STREAMS: u32 = 200;

/// Makes the rows of any stream as the program would have written them.
#[derive(Debug)]
pub struct Projector {
    packs: HashMap<String, Arc<Pack>>,
    calendar: Calendar,
    /// Whether due dates were counted anew after the last import of holidays; until then they may be of the earlier one.
    pub is_settled: bool,
}

impl Projector {
    /// Reads packs and calendar from the log; `base` is the calendar that the program was built with.
    ///
    /// # Errors
    /// A pack or a notice that cannot be read, or the store.
    pub async fn read(store: &Store, body_id: &str, base: Calendar) -> Result<Self, OfficeError> {
        let (calendar, version) = calendars::imported(store, body_id, base).await?;
        let taken_up = store.cursor(CALENDAR_FOLLOWER).await?;
        Ok(Self {
            packs: readable_packs(store).await?,
            calendar,
            is_settled: version == 0 || taken_up == version,
        })
    }

    /// The rows of one stream from all its events.
    ///
    /// # Errors
    /// An event that this program cannot read, or a case whose pack is not in the log; as told to a person.
    pub fn rows(&self, kind: StreamKind, events: &[Stored]) -> Result<StreamRows, String> {
        rebuild_rows(kind, events, &self.packs, &self.calendar).map_err(|fault| fault.to_string())
    }
}

/// One state that a public item has had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicState {
    /// Index in the log of the event that made it so; none while it waits for one.
    pub idx: Option<u64>,
    /// What is shown; none for what was withdrawn before it was shown.
    pub copy: Option<PublicCopy>,
    /// Day and reason of the withdrawal.
    pub withdrawn: Option<(Date, String)>,
}

/// Every public item of the log by its identifier, each with the states that it has had, the present one last.
///
/// # Errors
/// An event that cannot be read, or the store.
pub async fn public_items(
    store: &Store,
) -> Result<BTreeMap<String, Vec<PublicState>>, OfficeError> {
    let (scope, mut after) = (Scope::system(), String::new());
    let mut items = BTreeMap::new();
    loop {
        let heads = store
            .heads(&scope, Some(StreamKind::Publication), &after, STREAMS)
            .await?;
        let Some(last) = heads.last() else {
            return Ok(items);
        };
        after.clone_from(&last.stream);
        for head in &heads {
            let states = states_of(store, &head.stream).await?;
            items.insert(id_of(&head.stream).to_owned(), states);
        }
    }
}

async fn states_of(store: &Store, stream: &str) -> Result<Vec<PublicState>, OfficeError> {
    let mut states: Vec<PublicState> = Vec::new();
    for event in store.load(&Scope::system(), stream, 0).await? {
        let idx = match store.leaf(stream, event.header.version).await {
            Ok((idx, _)) => Some(idx),
            Err(StoreError::NotLogged { .. }) => None,
            Err(other) => return Err(other.into()),
        };
        let before = states.last();
        let (copy, withdrawn) = match told(&event)? {
            None => continue,
            // The portal keeps the first copy, and what was withdrawn stays so.
            Some(Told::Published(copy)) => match before {
                None => (Some(*copy), None),
                Some(state) => (state.copy.clone(), state.withdrawn.clone()),
            },
            Some(Told::Withdrawn { on, reason }) => {
                let first = before.and_then(|state| state.withdrawn.clone());
                let copy = before.and_then(|state| state.copy.clone());
                (copy, first.or(Some((on, reason))))
            }
        };
        states.push(PublicState {
            idx,
            copy,
            withdrawn,
        });
    }
    Ok(states)
}
