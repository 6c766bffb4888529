//! Stored files: papers and evidence, by stream and digest, put once and never changed.

#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::error::StoreError;
use crate::gate::{FileGate, FileStep};
use crate::trouble::Trouble;
use ledger::{Hasher, Suite};

/// Folder of what is being received.
const INCOMING: &str = ".incoming";
/// Size of the file that is written to try whether there is room again: that of a small paper.
const PROBE_BYTES: usize = 65_536;
/// Folder of notes on uploads that no sweep has seen in an event yet; a note's time is when the upload came.
const PENDING: &str = ".pending";

/// An upload on its way in; dropped without being stored, it is gone.
#[derive(Debug)]
pub struct Incoming {
    path: PathBuf,
    file: File,
    hasher: Hasher,
    size_bytes: u64,
    trouble: Trouble,
}

impl Incoming {
    /// Takes the next bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.file
            .write_all(bytes)
            .map_err(|e| self.trouble.of(StoreError::file(&self.path, e)))?;
        self.hasher.update(bytes);
        self.size_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Bytes so far.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // Once stored, it lies elsewhere. What cannot be removed now goes with the next sweep.
        let _ = fs::remove_file(&self.path);
    }
}

/// One stored file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    /// The stream that it belongs to; none is shared by two.
    pub stream: String,
    /// Hex digest of its bytes, by the log's suite.
    pub digest: String,
}

/// A folder of objects: `stream/digest`.
///
/// Calls block on the disk; an async caller runs them with `spawn_blocking` where the files are large.
#[derive(Debug, Clone)]
pub struct Objects {
    root: PathBuf,
    suite: Suite,
    gate: Option<Arc<dyn FileGate>>,
    trouble: Trouble,
}

impl Objects {
    /// Objects under a folder, which is made where there is none.
    pub fn local(root: impl Into<PathBuf>, suite: Suite) -> Result<Self, StoreError> {
        let root = root.into();
        fs::create_dir_all(&root).map_err(|e| StoreError::file(&root, e))?;
        Ok(Self {
            root,
            suite,
            gate: None,
            trouble: Trouble::default(),
        })
    }

    /// What keeps this folder, or the database beside it, from being written.
    pub(crate) fn trouble(&self) -> &Trouble {
        &self.trouble
    }

    /// What a failed write means; kept until something can be written again.
    fn unwritten(&self, path: &Path, error: io::Error) -> StoreError {
        self.trouble.of(StoreError::file(path, error))
    }

    /// Writes and removes a file as large as a small paper.
    pub(crate) fn probe(&self) -> io::Result<()> {
        let folder = self.root.join(INCOMING);
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{:016x}", rand::random::<u64>()));
        let written = File::create_new(&path).and_then(|mut file| {
            file.write_all(&[0; PROBE_BYTES])?;
            file.sync_all()
        });
        gone_is_well(fs::remove_file(&path)).and(written)
    }

    /// The same with something between them and the disk.
    pub(crate) fn behind(mut self, gate: Option<Arc<dyn FileGate>>) -> Self {
        self.gate = gate;
        self
    }

    /// Tells the gate of a step, where there is one.
    fn step(&self, step: FileStep<'_>) -> io::Result<()> {
        self.gate.as_ref().map_or(Ok(()), |gate| gate.step(step))
    }

    /// Stores bytes, if they are not there yet, and returns their digest once file and folder are on the disk.
    pub fn put(&self, stream: &str, bytes: &[u8]) -> Result<String, StoreError> {
        let digest = self.suite.hash(&[bytes]).to_string();
        let path = self.path(stream, &digest)?;
        let kept = if path.exists() {
            self.sync_name(&path)
        } else {
            self.write(stream, &path, bytes)
        };
        kept.map_err(|e| self.unwritten(&path, e))?;
        Ok(digest)
    }

    fn write(&self, stream: &str, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = self.folder(stream)?;
        // The name is this process's and this call's own, so that two that put the same bytes do not meet.
        let temporary = folder.join(format!(".{:016x}.part", rand::random::<u64>()));
        let written = (|| {
            self.step(FileStep::Write(&temporary))?;
            let mut file = File::create_new(&temporary)?;
            file.write_all(bytes)?;
            self.name(&file, &temporary, path)
        })();
        if written.is_err() {
            // What is left over is no object, should this fail too.
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// Brings a file to the disk and gives it its name, which is on the disk as well when this returns.
    fn name(&self, file: &File, temporary: &Path, path: &Path) -> io::Result<()> {
        self.step(FileStep::Sync(temporary))?;
        file.sync_all()?;
        self.step(FileStep::Rename(temporary, path))?;
        fs::rename(temporary, path)?;
        self.sync_name(path)?;
        self.step(FileStep::Done(path))
    }

    /// Brings a name that is there to the disk: whoever gave it may have been cut off before that.
    fn sync_name(&self, path: &Path) -> io::Result<()> {
        self.sync_folder(path.parent().unwrap_or(&self.root))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.step(FileStep::SyncFolder(folder))?;
        File::open(folder)?.sync_all()
    }

    /// The bytes of an object, checked against its digest.
    pub fn get(&self, stream: &str, digest: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.path(stream, digest)?;
        let bytes = fs::read(&path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => StoreError::NotFound {
                what: "文件",
                id: digest.to_owned(),
            },
            _ => StoreError::file(&path, e),
        })?;
        if self.suite.hash(&[&bytes]).to_string() != digest {
            return Err(StoreError::damaged(format!(
                "文件 {} 的内容与摘要不符",
                path.display()
            )));
        }
        Ok(bytes)
    }

    /// Size of an object in bytes; none if it is not there, or no object can have that name.
    pub fn size(&self, stream: &str, digest: &str) -> Result<Option<u64>, StoreError> {
        let Ok(path) = self.path(stream, digest) else {
            return Ok(None);
        };
        match fs::metadata(&path) {
            Ok(known) => Ok(Some(known.len())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(StoreError::file(&path, e)),
        }
    }

    /// Every object, sorted.
    pub fn list(&self) -> Result<Vec<ObjectKey>, StoreError> {
        let mut found = Vec::new();
        for folder in entries(&self.root)? {
            let Some(stream) = name(&folder) else {
                continue;
            };
            if !folder.is_dir() || stream.starts_with('.') {
                continue;
            }
            for file in entries(&folder)? {
                if let Some(digest) = name(&file).filter(|n| is_digest(n)) {
                    found.push(ObjectKey {
                        stream: stream.clone(),
                        digest,
                    });
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// Begins an upload, which goes to the disk as it comes and so may be larger than the memory to spare.
    pub fn receive(&self) -> Result<Incoming, StoreError> {
        let folder = self.root.join(INCOMING);
        let path = folder.join(format!("{:016x}", rand::random::<u64>()));
        let made = fs::create_dir_all(&folder)
            .and_then(|()| self.step(FileStep::Write(&path)))
            .and_then(|()| File::create_new(&path));
        Ok(Incoming {
            file: made.map_err(|e| self.unwritten(&path, e))?,
            hasher: self.suite.hasher(),
            size_bytes: 0,
            trouble: self.trouble.clone(),
            path,
        })
    }

    /// Stores an upload under its digest, if it is not there yet, and returns that; it is pending until it is settled.
    pub fn put_upload(&self, stream: &str, upload: Incoming) -> Result<String, StoreError> {
        let digest = upload.hasher.clone().finish().to_string();
        let path = self.path(stream, &digest)?;
        let key = ObjectKey {
            stream: stream.to_owned(),
            digest: digest.clone(),
        };
        // Noted first: who sweeps meanwhile sees it, also where the same bytes lie there from before.
        self.renew(&key)?;
        let kept = if path.exists() {
            self.sync_name(&path)
        } else {
            self.folder(stream)
                .and_then(|_| self.name(&upload.file, &upload.path, &path))
        };
        kept.map_err(|e| self.unwritten(&path, e))?;
        Ok(digest)
    }

    /// The uploads that were received at least `age` ago and are not settled.
    ///
    /// What was never received whole is thrown away here, when it is as old.
    pub fn pending(&self, age: Duration, now: SystemTime) -> Result<Vec<ObjectKey>, StoreError> {
        for part in entries_or_none(&self.root.join(INCOMING))? {
            if is_old(&part, age, now)? {
                gone_is_well(fs::remove_file(&part)).map_err(|e| StoreError::file(&part, e))?;
            }
        }
        let mut found = Vec::new();
        for note in entries_or_none(&self.root.join(PENDING))? {
            let Some(name) = name(&note) else { continue };
            let Some((stream, digest)) = name.rsplit_once('.').filter(|(_, d)| is_digest(d)) else {
                continue;
            };
            if is_old(&note, age, now)? {
                let upload = ObjectKey {
                    stream: stream.to_owned(),
                    digest: digest.to_owned(),
                };
                self.put_back(&upload)?;
                found.push(upload);
            }
        }
        Ok(found)
    }

    /// Notes that an upload is received, now.
    pub fn renew(&self, upload: &ObjectKey) -> Result<(), StoreError> {
        let note = self.note(upload)?;
        let made = fs::create_dir_all(self.root.join(PENDING)).and_then(|()| fs::write(&note, []));
        made.map_err(|e| self.unwritten(&note, e))
    }

    /// Size in bytes of an object that is about to be named in an event, as [`Objects::size`].
    ///
    /// One that is still pending counts as received now: no sweep takes it before the event is there.
    pub fn size_to_name(&self, stream: &str, digest: &str) -> Result<Option<u64>, StoreError> {
        let upload = ObjectKey {
            stream: stream.to_owned(),
            digest: digest.to_owned(),
        };
        let Ok(note) = self.note(&upload) else {
            return Ok(None);
        };
        let opened = File::options().write(true).open(&note);
        let renewed = opened.and_then(|note| note.set_modified(SystemTime::now()));
        gone_is_well(renewed).map_err(|e| StoreError::file(&note, e))?;
        self.size(stream, digest)
    }

    /// Notes that an upload is part of the record: it is looked at no more.
    pub fn settle(&self, upload: &ObjectKey) -> Result<(), StoreError> {
        let note = self.note(upload)?;
        gone_is_well(fs::remove_file(&note)).map_err(|e| StoreError::file(&note, e))
    }

    /// Removes an upload that nothing names, unless it was received anew meanwhile; tells whether it went.
    pub fn discard(
        &self,
        upload: &ObjectKey,
        age: Duration,
        now: SystemTime,
    ) -> Result<bool, StoreError> {
        let path = self.path(&upload.stream, &upload.digest)?;
        let (note, aside) = (self.note(upload)?, self.aside(upload)?);
        let remove = || {
            if !aside.exists() && path.exists() {
                fs::rename(&path, &aside)?;
            }
            // Who received it anew, or is about to name it, noted that before looking for the file: a young note means
            // that it may be missed. Without a note it is settled, or another sweep's.
            if !is_old_file(&note, age, now)? {
                if !path.exists() && aside.exists() {
                    fs::rename(&aside, &path)?;
                }
                return Ok(false);
            }
            gone_is_well(fs::remove_file(&aside))?;
            gone_is_well(fs::remove_file(&note))?;
            Ok(true)
        };
        remove().map_err(|e| StoreError::file(&path, e))
    }

    /// Puts back what a sweep that was cut off had put aside.
    fn put_back(&self, upload: &ObjectKey) -> Result<(), StoreError> {
        let path = self.path(&upload.stream, &upload.digest)?;
        let aside = self.aside(upload)?;
        if aside.exists() && !path.exists() {
            gone_is_well(fs::rename(&aside, &path)).map_err(|e| StoreError::file(&path, e))?;
        }
        Ok(())
    }

    /// Where it is noted that an upload is pending.
    fn note(&self, upload: &ObjectKey) -> Result<PathBuf, StoreError> {
        self.path(&upload.stream, &upload.digest)?;
        let name = format!("{}.{}", upload.stream, upload.digest);
        Ok(self.root.join(PENDING).join(name))
    }

    /// Where an upload lies while it is decided whether it goes.
    fn aside(&self, upload: &ObjectKey) -> Result<PathBuf, StoreError> {
        self.path(&upload.stream, &upload.digest)?;
        let folder = self.root.join(&upload.stream);
        Ok(folder.join(format!(".{}.aside", upload.digest)))
    }

    /// The folder of a stream, made where there is none.
    fn folder(&self, stream: &str) -> io::Result<PathBuf> {
        let folder = self.root.join(stream);
        if !folder.exists() {
            self.step(FileStep::Folder(&folder))?;
            fs::create_dir_all(&folder)?;
        }
        // Whoever made it may have been cut off before its name was on the disk; whoever put something in was not.
        if fs::read_dir(&folder)?.next().is_none() {
            self.sync_folder(&self.root)?;
        }
        Ok(folder)
    }

    /// Where an object lies; refuses names that could lead out of the folder.
    fn path(&self, stream: &str, digest: &str) -> Result<PathBuf, StoreError> {
        let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if stream.is_empty()
            || stream.starts_with('.')
            || !stream.chars().all(safe)
            || !is_digest(digest)
        {
            return Err(StoreError::NotFound {
                what: "文件",
                id: format!("{stream}/{digest}"),
            });
        }
        Ok(self.root.join(stream).join(digest))
    }
}

fn is_digest(name: &str) -> bool {
    name.len() == 64
        && name
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}

fn is_old(file: &Path, age: Duration, now: SystemTime) -> Result<bool, StoreError> {
    is_old_file(file, age, now).map_err(|e| StoreError::file(file, e))
}

/// Whether a file is there and that old.
fn is_old_file(file: &Path, age: Duration, now: SystemTime) -> io::Result<bool> {
    let modified = match fs::metadata(file) {
        Ok(known) => known.modified()?,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(e),
    };
    Ok(now.duration_since(modified).is_ok_and(|since| since >= age))
}

/// What another hand has taken away meanwhile needs nothing more.
fn gone_is_well(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn entries_or_none(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    if folder.exists() {
        entries(folder)
    } else {
        Ok(Vec::new())
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let listed = fs::read_dir(folder).and_then(|dir| dir.map(|entry| Ok(entry?.path())).collect());
    listed.map_err(|e| StoreError::file(folder, e))
}
