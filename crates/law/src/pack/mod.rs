//! Procedure packs: the language in which a procedure is written, and what a pack says once read.
//!
//! A pack is one or more KDL files that a legal officer can read. Reading resolves every name, demands an
//! article and its level for every step, a privacy class for every field and an expiry for every limit, and
//! names file, line and what was expected when something is wrong. It does not judge the procedure: that is
//! what [`crate::check`] does.

mod aids;
mod compute;
mod cond;
pub(crate) mod effects;
mod error;
mod form;
mod head;
mod limits;
mod model;
mod names;
pub(crate) mod node;
mod parse;
mod scan;
mod steps;
mod switch;
mod validate;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use tests::toy;

pub use compute::Compute;
pub use effects::EXTENSION_REASON;
pub use error::PackError;
pub use model::*;
pub use parse::{Overlap, overlaps, pack_on, read_pack};
pub use switch::{Switch, SwitchPlan, switch_plan};
