//! The write itself: an event with its rows, committed, and the case kept as it is then.

use std::sync::Arc;

use casework::{
    Command, Decided,
    event::{CASE_ACTED, CaseActed},
    person::Person,
    record::{Draft, StreamKind, Via},
    state::State,
    views,
};
use law::pack::Pack;
use store::{Append, CommandKey, CommitError, Committed};

use crate::{
    Office,
    act::Done,
    cases::{CaseFile, Recorded},
    error::OfficeError,
};

/// A command as it was given: on which case, by whom, through which door, with which content.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub file: &'a CaseFile,
    pub actor: &'a Person,
    pub command: &'a Command,
    pub digest: ledger::Hash,
    pub via: Via,
}

impl Office {
    pub(crate) async fn commit(
        &self,
        given: &Given<'_>,
        event: &CaseActed,
        decided: &Decided,
    ) -> Result<Done, OfficeError> {
        let Given {
            file,
            actor,
            command,
            digest,
            via,
        } = *given;
        let (now_us, _) = self.now();
        let mut after = file.state.clone();
        after.apply_event(event);
        let card = actor
            .card_on(command.occurred_on)
            .map(|card| (card.number.clone(), actor.version));
        let draft = Draft {
            event_type: CASE_ACTED,
            body: event.encode()?,
            actor: Some(actor.id.clone()),
            card,
            on_behalf_of: decided.on_behalf_of.map(str::to_owned),
            via: self.door(via),
            pack: Some(pack_key(&file.pack)),
            action: Some(event.step.clone()),
            cause: None,
        };
        let append = Append {
            stream: file.id.clone(),
            kind: StreamKind::Case,
            body_id: file.body_id.clone(),
            expected_version: file.state.version,
            prev_entry: file.entry(),
            now_us,
            events: vec![draft],
            rows: views::rows(&after, &file.pack, &self.calendar(), now_us),
            command: CommandKey {
                id: command.id.clone(),
                actor: actor.id.clone(),
                digest,
            },
        };
        let committed = match self.store().commit(append).await {
            Err(CommitError::Conflict { current_version }) => {
                return Err(OfficeError::Conflict {
                    current_version,
                    changed: Vec::new(),
                });
            }
            other => other?,
        };
        if committed.last_version == after.version {
            self.remember(file, event, after, &committed).await?;
        }
        Ok(Done {
            version: committed.last_version,
            papers: event.papers.clone(),
            replayed: committed.replayed,
        })
    }

    /// Keeps the new state, so that the next command need not read it again.
    async fn remember(
        &self,
        file: &CaseFile,
        event: &CaseActed,
        after: State,
        committed: &Committed,
    ) -> Result<(), OfficeError> {
        // The header holds digests that only the store made, so the event is read back once.
        let stored = self
            .store()
            .load(
                &store::Scope::system(),
                &file.id,
                committed.first_version - 1,
            )
            .await?;
        let Some(last) = stored
            .into_iter()
            .find(|e| e.header.version == committed.last_version)
        else {
            return Ok(());
        };
        let mut kept = CaseFile::clone(file);
        kept.state = after;
        kept.events.push(Recorded {
            header: last.header,
            entry: last.entry,
            acted: event.clone(),
        });
        self.cache().put(Arc::new(kept));
        Ok(())
    }

    /// Writes an event that nobody's command made; false if somebody was quicker.
    pub(crate) async fn record(
        &self,
        file: &CaseFile,
        event: &CaseActed,
        pack: &Pack,
        now_us: i64,
        id: String,
    ) -> Result<bool, OfficeError> {
        let mut after = file.state.clone();
        after.apply_event(event);
        let draft = Draft {
            event_type: CASE_ACTED,
            body: event.encode()?,
            actor: None,
            card: None,
            on_behalf_of: None,
            via: self.door(Via::Job),
            pack: Some(pack_key(pack)),
            action: None,
            cause: None,
        };
        let digest = self.store().suite().hash(&[&draft.body]);
        let append = Append {
            stream: file.id.clone(),
            kind: StreamKind::Case,
            body_id: file.body_id.clone(),
            expected_version: file.state.version,
            prev_entry: file.entry(),
            now_us,
            events: vec![draft],
            rows: views::rows(&after, pack, &self.calendar(), now_us),
            command: CommandKey {
                id,
                actor: String::new(),
                digest,
            },
        };
        match self.store().commit(append).await {
            Ok(_) => Ok(true),
            // Somebody acted meanwhile; their event recorded what was due.
            Err(CommitError::Conflict { .. }) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }
}

fn pack_key(pack: &Pack) -> (String, String) {
    (pack.name.clone(), pack.digest.clone())
}

pub(crate) fn encode(command: &Command) -> Result<Vec<u8>, OfficeError> {
    Ok(casework::record::encode(command)?)
}
