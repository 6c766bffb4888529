//! A disk whose power can go: what was not synced by then is there in part, or not at all.
//!
//! SQLite reads and writes the files themselves, through a layer that notes what is written and what is synced
//! ([`vfs`]). Nothing is synced in truth, so that a run is quick; what the files hold after the power has gone is
//! made from the notes alone. A write is cut at sectors of 512 bytes and harms nothing beside itself, which SQLite
//! takes for granted as well (`SQLITE_IOCAP_POWERSAFE_OVERWRITE`).

mod vfs;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::chance::Chance;

/// Bytes that reach a disk together or not at all.
const SECTOR_BYTES: usize = 512;

/// Something written that no sync has followed.
#[derive(Debug, Clone)]
enum Op {
    Write(usize, Vec<u8>),
    Truncate(usize),
    Delete,
}

/// One file.
#[derive(Debug, Clone, Default)]
struct Held {
    /// What it held at its last sync; nothing where it was never synced.
    durable: Option<Vec<u8>>,
    pending: Vec<Op>,
}

impl Held {
    fn sync(&mut self) {
        for op in std::mem::take(&mut self.pending) {
            apply(&mut self.durable, &op);
        }
    }

    /// Its folder is synced: what was deleted by then stays so.
    fn sync_name(&mut self) {
        let deleted = |op: &Op| matches!(op, Op::Delete);
        if let Some(last) = self.pending.iter().rposition(deleted) {
            self.durable = None;
            self.pending.drain(..=last);
        }
    }

    /// What it holds when the power comes back.
    fn after(&self, keep: Keep, chance: &mut Chance) -> Option<Vec<u8>> {
        let mut content = self.durable.clone();
        let prefix = chance.below(self.pending.len() + 1);
        for (n, op) in self.pending.iter().enumerate() {
            let kept = match keep {
                Keep::Nothing => None,
                Keep::All => Some(op.clone()),
                Keep::Earlier => (n < prefix).then(|| op.clone()),
                Keep::Some => torn(op, chance),
            };
            if let Some(op) = kept {
                apply(&mut content, &op);
            }
        }
        content
    }
}

/// What is left of writes that were not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    Nothing,
    /// All of it, as when the process alone is killed.
    All,
    /// What came before some point.
    Earlier,
    /// Any sectors of any writes.
    Some,
}

impl Keep {
    /// All ways.
    pub const ALL: [Self; 4] = [Self::Nothing, Self::All, Self::Earlier, Self::Some];
}

/// The sectors of a write that came through; of anything else all or nothing.
fn torn(op: &Op, chance: &mut Chance) -> Option<Op> {
    let Op::Write(at, bytes) = op else {
        return chance.percent(50).then(|| op.clone());
    };
    if chance.percent(50) {
        return chance.percent(50).then(|| op.clone());
    }
    let sectors = bytes.len().div_ceil(SECTOR_BYTES);
    let first = chance.below(sectors);
    let last = first + 1 + chance.below(sectors - first);
    let end = (last * SECTOR_BYTES).min(bytes.len());
    let first = first * SECTOR_BYTES;
    Some(Op::Write(at + first, bytes[first..end].to_vec()))
}

fn apply(content: &mut Option<Vec<u8>>, op: &Op) {
    match op {
        Op::Delete => *content = None,
        Op::Truncate(size) => content.get_or_insert_default().truncate(*size),
        Op::Write(at, bytes) => {
            let content = content.get_or_insert_default();
            if content.len() < at + bytes.len() {
                content.resize(at + bytes.len(), 0);
            }
            content[*at..at + bytes.len()].copy_from_slice(bytes);
        }
    }
}

/// What goes wrong at a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The power goes before anything of it is on the disk; what is written from then on is refused.
    PowerBefore,
    /// The power goes right after it.
    PowerAfter,
    /// It fails, and nothing of it is known to be on the disk.
    Fails,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<PathBuf, Held>,
    /// How many more syncs there are until something goes wrong.
    trouble: Option<(usize, Trouble)>,
    /// The files as they were when the power went.
    lost: Option<BTreeMap<PathBuf, Held>>,
}

/// A disk that holds the databases below a folder.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    honest: bool,
    state: Mutex<State>,
}

impl Disk {
    /// The disk below a folder; what lies there already counts as synced. One that is not `honest` says that it has
    /// synced and has not: a control, which must lose what others keep.
    ///
    /// # Errors
    /// That the layer below SQLite cannot be put in place.
    pub fn below(root: &Path, honest: bool) -> io::Result<Arc<Self>> {
        let disk = Arc::new(Self {
            root: root.to_owned(),
            honest,
            state: Mutex::default(),
        });
        vfs::serve(&disk)?;
        Ok(disk)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets something go wrong at a sync from now on, after so many that go well.
    pub fn trouble(&self, after: usize, trouble: Trouble) {
        self.state().trouble = Some((after, trouble));
    }

    /// Nothing goes wrong any more that has not yet; tells whether all of it had.
    pub fn calm(&self) -> bool {
        self.state().trouble.take().is_none()
    }

    /// Whether the power has gone.
    pub fn is_out(&self) -> bool {
        self.state().lost.is_some()
    }

    /// Puts into a folder what the disk holds after the power has gone, now or when it went.
    ///
    /// # Errors
    /// The folder.
    pub fn leave(&self, folder: &Path, keep: Keep, chance: &mut Chance) -> io::Result<()> {
        let mut state = self.state();
        let lost = state.lost.take().unwrap_or_else(|| state.files.clone());
        // Whatever the dead process still does reaches no disk.
        state.lost = Some(BTreeMap::new());
        for (path, held) in lost {
            let Some(content) = held.after(keep, chance) else {
                continue;
            };
            if let Some(name) = path.file_name() {
                fs::write(folder.join(name), content)?;
            }
        }
        Ok(())
    }

    fn opened(&self, path: &Path) {
        let mut state = self.state();
        if !state.files.contains_key(path) {
            let durable = fs::read(path).ok();
            let pending = Vec::new();
            state
                .files
                .insert(path.to_owned(), Held { durable, pending });
        }
    }

    /// Notes something; an error where there is no power.
    fn note(&self, path: &Path, op: Op) -> Result<(), Refused> {
        let mut state = self.state();
        if state.lost.is_some() {
            return Err(Refused);
        }
        let held = state.files.entry(path.to_owned()).or_default();
        held.pending.push(op);
        Ok(())
    }

    fn sync(&self, path: &Path) -> Result<(), Refused> {
        let mut state = self.state();
        if state.lost.is_some() {
            return Err(Refused);
        }
        let due = match state.trouble.take() {
            Some((0, trouble)) => Some(trouble),
            Some((more, trouble)) => {
                state.trouble = Some((more - 1, trouble));
                None
            }
            None => None,
        };
        if due == Some(Trouble::PowerBefore) {
            state.lost = Some(state.files.clone());
        }
        if matches!(due, Some(Trouble::PowerBefore | Trouble::Fails)) {
            return Err(Refused);
        }
        if self.honest {
            let held = state.files.entry(path.to_owned()).or_default();
            let made = held.durable.is_none();
            held.sync();
            // With the first sync of a new file SQLite syncs the folder (`unixSync` of its own file system).
            if made {
                state.files.values_mut().for_each(Held::sync_name);
            }
        }
        if due == Some(Trouble::PowerAfter) {
            state.lost = Some(state.files.clone());
            return Err(Refused);
        }
        Ok(())
    }
}

/// The disk has not done what it was asked for.
#[derive(Debug)]
struct Refused;
