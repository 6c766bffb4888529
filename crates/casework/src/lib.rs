//! Casework: commands become events, events become state, and nothing else changes a case.
//!
//! [`decide`](decide::decide) reads the procedure pack, the state and the context (who, when, with which
//! card, under which calendar and configuration) and either refuses, saying why, under which article and what
//! comes next, or writes the effects of the step into an event. [`State::apply`](state::State::apply) folds
//! effects and needs no pack, so a mended interpreter never changes history (`DECISIONS.md` 7).
//!
//! This crate does no I/O and reads no clock and no chance. It does not number, render or store papers: it
//! says which papers a step issues, and takes their numbers and digests back into the event.

pub mod command;
pub mod config;
pub mod decide;
pub mod effect;
pub mod event;
pub mod field;
pub mod masking;
pub mod party;
pub mod person;
pub mod proposal;
pub mod record;
pub mod refusal;
pub mod roster;
pub mod rows;
pub mod series;
pub mod state;
pub mod switch;
pub mod todo;
pub mod views;

pub use command::{Act, Command, Context};
pub use config::{Config, Setting};
pub use decide::{Decided, decide};
pub use event::CaseActed;
pub use refusal::{Reason, Refusal};
pub use state::State;
