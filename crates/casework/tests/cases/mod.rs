//! Cases told in code, where dates and refusals matter more than the story.

mod approvals;
mod config;
mod evidence;
mod expiry;
mod extensions;
mod limits;
mod masking;
mod matrix;
mod pack_fault;
mod proposals;
mod remade;
mod switch;

use crate::support::Bureau;

/// A case of one unit that has gone the straight line up to that step.
fn gone(mut bureau: Bureau, until: &str) -> Bureau {
    bureau.lead(&["甲机械有限公司".to_owned()]);
    crate::straight(&mut bureau, until, &mut 0);
    bureau
}
