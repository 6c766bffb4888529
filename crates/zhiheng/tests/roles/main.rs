//! What each role mainly does, by the demo people on the demo's cases, in a real browser on the real program.
//!
//! With `ZHIHENG_SHOTS=folder` the pages met on the way are kept there as pictures, wide and narrow.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod archivist;
mod cashier;
mod hearing;
mod leader;
mod officer;
mod overseer;
mod public;
mod publisher;
mod reviewer;
mod section_head;

use support::{Place, Server};
use testkit::Browser;

/// A served demo bureau and a browser; nothing where fonts or browser are not installed.
async fn scene() -> Option<(Place, Server, Browser)> {
    let place = Place::demo()?;
    let browser = Browser::start().await?;
    let server = place.serve();
    Some((place, server, browser))
}
