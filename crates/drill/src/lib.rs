//! The built program under fire: started as an administrator would, loaded by clients, and killed.
//!
//! It knows the program by its command line and its JSON API alone, and keeps outside what was acknowledged, so that
//! what it finds missing is missing. The same rounds run in the tests, where they are few, and in the benchmarks.
//! Chance comes from a seed, which stands in every message: the same seed kills at the same moments, though what
//! the clients have sent by then is never twice the same.

mod client;
mod crash;
mod load;
mod program;

pub use client::{Answer, request, token};
pub use crash::{Base, Plan, Tally, rounds};
pub use load::{Clerk, Desk, Numbers, together};
pub use program::{Place, Program, Server};
