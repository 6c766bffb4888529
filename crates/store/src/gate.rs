//! Places at which a simulation holds writes up: it decides which of several goes first, and which is cut off.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

/// How far a write has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WritePoint {
    /// Nothing of it is in the database.
    Before,
    /// It is durable, and whoever asked for it does not know yet.
    After,
}

/// What writes wait at; in production there is none.
pub trait Gate: Debug + Send + Sync {
    /// Waits until the write of that command, or of the job `sequencer`, may go on.
    fn pass<'a>(
        &'a self,
        write: &'a str,
        at: WritePoint,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}
