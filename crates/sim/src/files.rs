//! The object store's files when the power goes, and when the disk refuses: told of every step, step by step.
//!
//! A file lies on the disk when it was synced, and its name when the folder was; a power cut takes any part of what
//! was not. A control, which hears of no sync, must lose what others keep.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use store::{FileGate, FileStep};

use crate::chance::Chance;

/// Where the disk refuses a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Its content cannot be written.
    Content,
    /// It has its name, which cannot be brought to the disk.
    Name,
    /// It is there, and is said not to be.
    Answer,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Content, Self::Name, Self::Answer];

    fn meets(self, step: FileStep<'_>) -> bool {
        matches!(
            (self, step),
            (Self::Content, FileStep::Sync(_))
                | (Self::Name, FileStep::SyncFolder(_))
                | (Self::Answer, FileStep::Done(_))
        )
    }
}

#[derive(Debug, Default)]
struct State {
    /// Files whose content is not on the disk.
    unsynced: BTreeSet<PathBuf>,
    /// Files and folders whose name is not on the disk.
    unnamed: BTreeSet<PathBuf>,
    refusal: Option<Refusal>,
    gone: bool,
}

/// What stands between an object store and its disk.
#[derive(Debug)]
pub struct Files {
    honest: bool,
    state: Mutex<State>,
}

impl Files {
    /// Nothing written yet.
    pub fn new(honest: bool) -> Self {
        Self {
            honest,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the disk refuse the next file there.
    pub fn refuse(&self, refusal: Refusal) {
        self.state().refusal = Some(refusal);
    }

    /// The disk refuses nothing any more; tells whether it had.
    pub fn calm(&self) -> bool {
        self.state().refusal.take().is_none()
    }

    /// The process is gone, and with the power what had not reached the disk by then.
    ///
    /// # Errors
    /// The files.
    pub fn gone(&self, power: bool, chance: &mut Chance) -> io::Result<()> {
        let mut state = self.state();
        // What the dead process still does reaches no disk.
        state.gone = true;
        if !power {
            return Ok(());
        }
        for path in std::mem::take(&mut state.unnamed) {
            if chance.percent(50) {
                let gone = match path.is_dir() {
                    true => fs::remove_dir_all(&path),
                    false => fs::remove_file(&path),
                };
                gone.or_else(missing)?;
            }
        }
        for path in std::mem::take(&mut state.unsynced) {
            if chance.percent(50) && path.is_file() {
                let file = fs::File::options().write(true).open(&path)?;
                let size = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
                file.set_len(chance.below(size) as u64)?;
            }
        }
        Ok(())
    }
}

impl FileGate for Files {
    fn step(&self, step: FileStep<'_>) -> io::Result<()> {
        let mut state = self.state();
        if state.gone {
            return Err(io::Error::other("the power has gone"));
        }
        if state.refusal.is_some_and(|refusal| refusal.meets(step)) {
            state.refusal = None;
            return Err(io::Error::other("refused by the simulated disk"));
        }
        match step {
            FileStep::Folder(path) => {
                state.unnamed.insert(path.to_owned());
            }
            FileStep::Write(path) => {
                state.unsynced.insert(path.to_owned());
                state.unnamed.insert(path.to_owned());
            }
            FileStep::Rename(from, to) => {
                state.unnamed.remove(from);
                state.unnamed.insert(to.to_owned());
                if state.unsynced.remove(from) {
                    state.unsynced.insert(to.to_owned());
                }
            }
            FileStep::Sync(path) if self.honest => {
                state.unsynced.remove(path);
            }
            FileStep::SyncFolder(folder) if self.honest => {
                state.unnamed.retain(|path| path.parent() != Some(folder));
            }
            FileStep::Sync(_) | FileStep::SyncFolder(_) | FileStep::Done(_) => {}
        }
        Ok(())
    }
}

fn missing(fault: io::Error) -> io::Result<()> {
    match fault.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(fault),
    }
}

/// Copies a folder with all that is below it.
///
/// # Errors
/// The folders.
pub fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
