//! Real components for tests: a throw-away PostgreSQL cluster, a headless browser and a small disk; and [`words`], what
//! a page says.
//!
//! Nothing here is a double. [`Postgres`] starts the machine's own PostgreSQL in a temporary folder, as an
//! unprivileged user where the tests run as root; [`Browser`] drives the machine's own Chromium through its driver; [`Disk`] mounts a small one.
//! All are stopped and their folders removed when the handle goes, and also when the test process is killed: a small
//! shell waits at the other end of a pipe and cleans up as soon as that pipe closes.
//!
//! Where a component is not installed, `start` prints `skipped: …` and gives `None`; where it is installed and does not
//! start, it panics, because a test that silently did nothing proves nothing. `cargo xtask test` names in
//! `ZHIHENG_REQUIRE` what it has made sure of (`postgres,browser,fonts`); what is named there is never skipped.
//!
//! The crate knows nothing of the product, touches no network but loopback, and is a dependency of tests and of the
//! benchmarks only.

mod browser;
mod disk;
mod guard;
mod need;
mod postgres;
mod words;

pub use browser::Browser;
pub use disk::Disk;
pub use fantoccini;
pub use need::{fonts, skipped};
pub use postgres::{Cluster, Durability, Postgres};
pub use words::words;
