//! The write itself: an event with its rows, committed, and the case kept as it is then.

use std::sync::Arc;

use casework::{
    Command, Decided,
    event::{CASE_ACTED, CaseActed},
    person::Person,
    record::{Draft, StreamKind, Via},
    rows::StreamRows,
    state::State,
    views,
};
use law::pack::Pack;
use serde::Serialize;
use store::{Append, CommandKey, CommitError, Committed, Scope, Store};

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
        let mut after = file.state.clone();
        after.apply_event(event);
        let card = actor
            .card_on(command.occurred_on)
            .map(|card| (card.number.clone(), actor.version));
        let draft = Draft {
            card,
            on_behalf_of: decided.on_behalf_of.map(str::to_owned),
            pack: Some(pack_key(&file.pack)),
            action: Some(event.step.clone()),
            ..Draft::plain(
                CASE_ACTED,
                event.encode()?,
                Some(actor.id.clone()),
                self.door(via),
            )
        };
        let place = Place::of_case(file);
        let mut append = place.append(self, stored_id(&command.id), draft, StreamRows::default());
        append.rows = self.rows_at(file, &after, &file.pack, append.now_us);
        append.command.actor = actor.id.clone();
        append.command.digest = digest;
        let committed = self.store().commit(append).await?;
        if committed.replayed {
            // Another attempt at this command was first: what it wrote counts, not what was made here.
            self.cache().forget(&file.id);
            return self
                .answer_of(&file.id, committed.first_version, committed.last_version)
                .await;
        }
        if self.remember(file, event, after, &committed).await.is_err() {
            // It is saved all the same; whoever is next reads it.
            self.cache().forget(&file.id);
        }
        Ok(Done {
            version: committed.last_version,
            papers: event.papers.clone(),
            replayed: false,
        })
    }

    /// The rows of a case after an event that is recorded now, or when its last one was should the clock be behind.
    fn rows_at(&self, file: &CaseFile, after: &State, pack: &Pack, now_us: i64) -> StreamRows {
        let last = file.events.last().map_or(0, |e| e.header.recorded_at);
        views::rows(after, pack, &self.calendar(), now_us.max(last))
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
        id: String,
    ) -> Result<bool, OfficeError> {
        let mut after = file.state.clone();
        after.apply_event(event);
        let draft = Draft {
            pack: Some(pack_key(pack)),
            ..Draft::plain(CASE_ACTED, event.encode()?, None, self.door(Via::Job))
        };
        let mut append = Place::of_case(file).append(self, id, draft, StreamRows::default());
        append.rows = self.rows_at(file, &after, pack, append.now_us);
        match self.store().commit(append).await {
            Ok(_) => Ok(true),
            // Somebody acted meanwhile; their event recorded what was due.
            Err(CommitError::Conflict { .. }) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }
}

/// A stream as it was read, for the program to write the next event of.
pub(crate) struct Place<'a> {
    pub stream: &'a str,
    pub kind: StreamKind,
    pub body_id: &'a str,
    /// Version of its last event; 0 for a new stream.
    pub version: u64,
    /// Entry of that event.
    pub entry: Option<ledger::Hash>,
}

impl Office {
    /// Writes one event of what was imported to the stream of it that the body has; its place there names the command, so
    /// that of two imports at once one comes through.
    pub(crate) async fn append_imported(
        &self,
        (stream, kind): (&str, StreamKind),
        event_type: &'static str,
        body: &impl Serialize,
    ) -> Result<(), OfficeError> {
        let body = serde_json::to_vec(body).map_err(|e| OfficeError::Internal(e.to_string()))?;
        let head = self.store().head(&Scope::system(), stream).await?;
        let version = head.as_ref().map_or(0, |h| h.version);
        let place = Place {
            stream,
            kind,
            body_id: self.body_id(),
            version,
            entry: head.map(|h| h.entry),
        };
        let draft = Draft::plain(event_type, body, None, self.door(Via::Import));
        let append = place.append(
            self,
            format!("{stream}-{version}"),
            draft,
            StreamRows::default(),
        );
        self.store().commit(append).await?;
        Ok(())
    }
}

impl<'a> Place<'a> {
    fn of_case(file: &'a CaseFile) -> Self {
        Self {
            stream: &file.id,
            kind: StreamKind::Case,
            body_id: &file.body_id,
            version: file.state.version,
            entry: file.entry(),
        }
    }

    /// One event of the program's own, under an id that follows from what it is about.
    pub fn append(self, office: &Office, id: String, draft: Draft, rows: StreamRows) -> Append {
        self.append_to(office.store(), office.now().0, id, draft, rows)
    }

    /// The same for an office that is still being opened.
    pub fn append_to(
        self,
        store: &Store,
        now_us: i64,
        id: String,
        draft: Draft,
        rows: StreamRows,
    ) -> Append {
        let digest = store.suite().hash(&[&draft.body]);
        Append {
            stream: self.stream.to_owned(),
            kind: self.kind,
            body_id: self.body_id.to_owned(),
            expected_version: self.version,
            prev_entry: self.entry,
            now_us,
            events: vec![draft],
            rows,
            command: CommandKey {
                id,
                actor: String::new(),
                digest,
            },
        }
    }
}

/// The id under which a sender's command is kept: none that a sender can choose is one of the program's own.
pub(crate) fn stored_id(sent: &str) -> String {
    format!("u/{sent}")
}

fn pack_key(pack: &Pack) -> (String, String) {
    (pack.name.clone(), pack.digest.clone())
}

pub(crate) fn encode(command: &Command) -> Result<Vec<u8>, OfficeError> {
    Ok(casework::record::encode(command)?)
}
