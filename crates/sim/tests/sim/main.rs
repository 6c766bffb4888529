//! Short runs, and that the checkers find what does not hold.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod blind;
mod disk;
mod judged;
mod runs;

use sim::Lab;

/// A lab with so many ways; nothing where the fonts are not installed.
async fn lab(ways: usize) -> Option<Lab> {
    let fonts = testkit::fonts()?;
    Some(
        Lab::new(&fonts)
            .await
            .unwrap()
            .with_ways(ways)
            .await
            .unwrap(),
    )
}
