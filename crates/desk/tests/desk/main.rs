//! The desk over a real office on SQLite: what a browser or a program would send, and what comes back.

#![cfg(test)]

mod api;
mod browser;
mod bureau;
mod case_page;
mod discussion;
mod document;
mod export;
mod filling;
mod forms;
mod journey;
mod laws;
mod oversight;
mod pasted;
mod previews;
#[path = "../../../casework/tests/support/reading.rs"]
mod reading;
mod refusals;
mod review_desk;
mod rights;
mod sign_in;
mod snapshots;
mod throttle;
mod todo_page;
mod tokens;
