//! The office: the one write path from a person's command to what is durable (DESIGN idea 2).
//!
//! It loads a case, has `casework` judge the command, claims numbers, renders and stores the papers, and
//! commits events and views in one transaction of one stream. Whatever a person does to a case,
//! at the desk, by the API, in demo or replay, goes through [`Office::open_case`] and [`Office::act`]. What happens to it by
//! itself is recorded here too: limits that expire, a newer procedure ([`Office::expire_due`], and before any act),
//! and what became public ([`Office::follow_publications`]). It also answers what a person may see ([`access`]), so
//! that no page asks the store without a scope.
//!
//! It knows no HTTP and keeps no session. Its clock is given to it: the system's, or a simulated one that is
//! named in the log.

pub mod access;
mod act;
mod audit;
mod calendars;
mod cases;
mod clock;
mod directory;
mod error;
mod expire;
mod finding;
mod follow;
mod issue;
mod laws;
mod lists;
mod numbers;
mod office;
mod packs;
mod paper_data;
mod paper_fields;
mod preview;
mod publish;
mod standing;
mod waiting;
mod write;

pub use act::Done;
pub use audit::{Projector, PublicState, public_items};
pub use calendars::CALENDAR_FOLLOWER;
pub use cases::{CaseFile, Recorded};
pub use clock::{Clock, ClockAccepted, beijing_date, clocks_accepted};
pub use directory::Roster;
pub use error::OfficeError;
pub use finding::{CaseIndex, Effort, Finding};
pub use laws::{LawFile, LawImport};
pub use lists::{
    Agenda, Awaited, AwaitedItem, CasePage, CaseQuery, DISCUSSION_DUE, TODO_MAX, TodoItem,
    is_discussion,
};
pub use numbers::Claim;
pub use office::{Office, OfficeConfig};
pub use packs::{PackFiles, builtin_pack_files, rebuild_rows};
pub use paper_data::evidence_kind;
pub use preview::{NUMBER_TO_COME, PaperPreview};
pub use publish::{
    PUBLICATION_FOLLOWER, PUBLICATION_STREAM, PublicChange, PublicCopy, public_path,
};
pub use standing::Overview;
pub use waiting::{Pressing, StepOption, WaitingRequest};
