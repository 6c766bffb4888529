//! Places at which a simulation holds writes up: it decides which of several goes first, which fails, and which is cut off.

use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;

/// How far a write has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WritePoint {
    /// Nothing of it is in the database.
    Before,
    /// It is durable, and whoever asked for it does not know yet.
    After,
}

/// What becomes of a write that waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Go,
    /// Whoever asked for it is told that it failed: before it, so that nothing is saved; after it, though it is.
    Fail,
}

/// What writes wait at; in production there is none.
pub trait Gate: Debug + Send + Sync {
    /// Waits until the write of that command, or of the job `sequencer`, may go on.
    fn pass<'a>(
        &'a self,
        write: &'a str,
        at: WritePoint,
    ) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;
}

/// One step by which a file comes into the object store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileStep<'a> {
    /// A stream's folder is made.
    Folder(&'a Path),
    /// A file is made, and what it holds is written.
    Write(&'a Path),
    /// The content of a file is brought to the disk.
    Sync(&'a Path),
    /// A file gets its name.
    Rename(&'a Path, &'a Path),
    /// The names in a folder are brought to the disk.
    SyncFolder(&'a Path),
    /// All is done, and whoever asked for it does not know yet.
    Done(&'a Path),
}

/// What stands between the object store and the disk in a simulation; in production there is none.
pub trait FileGate: Debug + Send + Sync {
    /// Hears of a step before it is taken; an error stands for the disk's own.
    fn step(&self, step: FileStep<'_>) -> io::Result<()>;
}
