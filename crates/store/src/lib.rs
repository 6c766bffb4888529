//! The store of a bureau: events of every stream, the log over them, the views that pages read, and the files.
//!
//! It writes one stream in one transaction and nothing else: events, that stream's view rows, the command's
//! record and a queue row for the log go together or not at all; one task per process commits what waits, many
//! appends at a time. A job moves the queue into the log's one order, writes tiles and signs checkpoints.
//! The same code runs on SQLite and on PostgreSQL.
//!
//! It knows no law and no step of a case: what is written was decided by `casework`, and what is hashed is
//! defined by `ledger`. It refuses a schema that is not its own, a database that may forget what it
//! acknowledged, U+0000, a write on a version that is not the stream's last, and a command id used twice for
//! different commands. It never changes or deletes an event; it logs no statement and no personal data.

mod access;
mod append;
mod backup;
mod committer;
mod config;
mod conn;
mod delta;
mod error;
mod gate;
mod keys;
mod lease;
mod lists;
mod log;
mod moving;
mod objects;
mod operations;
mod origin;
mod read;
mod rebuild;
mod saved_views;
mod schema;
mod sequencer;
mod sql;
mod store;
mod trial;
mod trouble;
mod verify;
mod views;
mod write_views;

pub use ledger::{Hash, SignedCheckpoint, Suite};

pub use access::AccessToken;
pub use append::{Append, CommandKey, Committed};
pub use backup::{BackupFile, Manifest, RestoreOptions, Restored};
pub use config::{KeySource, StoreConfig};
pub use error::{CommitError, StoreError};
pub use gate::{FileGate, FileStep, Gate, Verdict, WritePoint};
pub use lists::{
    CaseFilter, CaseKey, CaseReach, LateCount, Listed, StageCount, TodoFilter, TodoItem,
};
pub use log::Logged;
pub use moving::Moved;
pub use objects::{Incoming, ObjectKey, Objects};
pub use operations::{SavedDraft, SessionRow, Swept, Throttle};
pub use origin::OriginRecord;
pub use read::{CommandRecord, Head, Purpose, Scope, Stored};
pub use rebuild::Rebuilt;
pub use saved_views::SavedView;
pub use schema::SCHEMA_VERSION;
pub use sequencer::{Sequenced, Sequencer, SequencerHandle, spawn_sequencer};
pub use sql::Dialect;
pub use store::{CLOCK_STREAM, Migrated, Origin, Store, Tuning};
pub use verify::{Fault, FaultKind, VerifyReport, ViewsReport};
