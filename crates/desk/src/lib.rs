//! The desk: the pages and the JSON API on which officials work.
//!
//! Every page is made from the case's own pack: which steps there are, their forms, articles, papers and limits.
//! Whatever is sent goes to [`office::Office`], the one way in which a case changes; a refusal comes back to the
//! field that it speaks of, with its article and what would help, and nothing typed is lost: it stays in the form
//! and in a draft. Reading goes through the office as well, which knows what a person may see.
//!
//! Sign-in is by password (Argon2id, throttled), sessions are random tokens of which only digests are kept, every
//! form carries the proof of its session, and pages run no script and load nothing from elsewhere.
//!
//! The crate decides no law, reads no database but for sessions, drafts and the throttle, and does not start the
//! server: it gives a [`router`]. It refuses demo passwords from other machines, bodies over their limits, and
//! forms that another site sent.

mod access;
mod api;
mod app;
mod assets;
mod cited;
mod client;
mod error;
mod form;
mod pages;
pub mod password;
mod places;
mod posted;
mod problem;
mod routes;
mod session;
mod show;
mod token;
mod told;
mod typed;

pub use app::DeskConfig;
pub use places::{Place, Places};
pub use posted::{FILE_BYTES_MAX, FILES_MAX, FORM_BYTES_MAX, read_body_with_files};
pub use routes::router;
