//! A simulation: the real office, casework, store and log under a clock and a chance of their own.
//!
//! One seed decides everything: who does what, likely or not, in which order the writes of commands at once go
//! through, when the clock moves, when jobs run, and at which write the process is gone and another opens what the disk held.
//! [`run`] does that and then judges what is stored by checkers that know nothing of how it came about ([`check`]).
//!
//! Everything of a run stands on disks of its own: the database's, below SQLite itself, and the files' ([`disk`],
//! [`files`]), which keep what was synced and any part of what was not.
//!
//! Some runs keep their cases in PostgreSQL, whose disk is its own; there the process alone crashes.
//!
//! The same seed replays exactly, up to what the store draws itself: salts and the lease's holder. The digest of a run
//! is over what was answered and over the events without their salts, so it is the same every time; entries and roots
//! are not, since they rest on salts.

mod bureau;
mod chance;
pub mod check;
mod deeds;
pub mod disk;
pub mod files;
mod fill;
mod jobs;
mod lab;
mod run;
mod turnstile;
mod ways;
mod world;

pub use bureau::people;
pub use chance::Chance;
pub use lab::Lab;
pub use run::{Course, Failure, Figures, Plan, run, run_keeping};
pub use world::World;
