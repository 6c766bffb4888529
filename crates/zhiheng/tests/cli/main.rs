//! The commands of the built program, as an administrator or a script calls them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod backup;
mod calendar;
mod clock;
mod crash;
mod disk;
mod flood;
mod keeping;
mod kept;
mod laws;
mod matrix;
mod own_templates;
mod postgres;
mod publication;
mod resources;
mod servers;
mod setup;
#[path = "../support/mod.rs"]
mod support;
mod watching;
