//! Stored files: papers and evidence, by stream and digest, put once and never changed.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::error::StoreError;
use ledger::Suite;

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
}

impl Objects {
    /// Objects under a folder, which is made where there is none.
    pub fn local(root: impl Into<PathBuf>, suite: Suite) -> Result<Self, StoreError> {
        let root = root.into();
        fs::create_dir_all(&root).map_err(|e| StoreError::file(&root, e))?;
        Ok(Self { root, suite })
    }

    /// Stores bytes, if they are not there yet, and returns their digest once file and folder are on the disk.
    pub fn put(&self, stream: &str, bytes: &[u8]) -> Result<String, StoreError> {
        let digest = self.suite.hash(&[bytes]).to_string();
        let path = self.path(stream, &digest)?;
        if path.exists() {
            return Ok(digest);
        }
        let folder = self.root.join(stream);
        self.write(&folder, &path, bytes)
            .map_err(|e| StoreError::file(&path, e))?;
        Ok(digest)
    }

    fn write(&self, folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if !folder.exists() {
            fs::create_dir_all(folder)?;
            File::open(&self.root)?.sync_all()?;
        }
        // The name is this process's and this call's own, so that two that put the same bytes do not meet.
        let temporary = folder.join(format!(".{:016x}.part", rand::random::<u64>()));
        let written = (|| {
            let mut file = File::create_new(&temporary)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&temporary, path)?;
            File::open(folder)?.sync_all()
        })();
        if written.is_err() {
            // What is left over is no object and is swept later, should this fail too.
            let _ = fs::remove_file(&temporary);
        }
        written
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
            if !folder.is_dir() {
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

    /// Removes uploads that no event names and that are older than `age`; returns what went.
    ///
    /// `named` must hold every digest that any event names; the age leaves uploads alone whose event is on its way.
    pub fn sweep(
        &self,
        named: &HashSet<ObjectKey>,
        age: Duration,
        now: SystemTime,
    ) -> Result<Vec<PathBuf>, StoreError> {
        let mut gone = Vec::new();
        for folder in entries(&self.root)?.into_iter().filter(|f| f.is_dir()) {
            let Some(stream) = name(&folder) else {
                continue;
            };
            for file in entries(&folder)? {
                let Some(digest) = name(&file) else { continue };
                let modified = fs::metadata(&file)
                    .and_then(|m| m.modified())
                    .map_err(|e| StoreError::file(&file, e))?;
                let old = now.duration_since(modified).is_ok_and(|since| since >= age);
                let unnamed = !named.contains(&ObjectKey {
                    stream: stream.clone(),
                    digest,
                });
                if old && unnamed {
                    fs::remove_file(&file).map_err(|e| StoreError::file(&file, e))?;
                    gone.push(file);
                }
            }
        }
        Ok(gone)
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

fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let listed = fs::read_dir(folder).and_then(|dir| dir.map(|entry| Ok(entry?.path())).collect());
    listed.map_err(|e| StoreError::file(folder, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects() -> (tempfile::TempDir, Objects) {
        let dir = tempfile::tempdir().unwrap();
        let objects = Objects::local(dir.path().join("o"), Suite::Gm).unwrap();
        (dir, objects)
    }

    #[test]
    fn bytes_put_twice_are_stored_once_and_read_back() {
        let (_dir, objects) = objects();
        let digest = objects.put("case-1", b"paper").unwrap();
        assert_eq!(objects.put("case-1", b"paper").unwrap(), digest);
        assert_eq!(objects.get("case-1", &digest).unwrap(), b"paper");
        assert_eq!(
            objects.list().unwrap(),
            [ObjectKey {
                stream: "case-1".into(),
                digest
            }]
        );
    }

    #[test]
    fn a_changed_file_is_refused() {
        let (dir, objects) = objects();
        let digest = objects.put("case-1", b"paper").unwrap();
        fs::write(dir.path().join("o/case-1").join(&digest), b"other").unwrap();
        assert!(matches!(
            objects.get("case-1", &digest),
            Err(StoreError::Damaged(_))
        ));
    }

    #[test]
    fn names_cannot_lead_out_of_the_folder() {
        let (_dir, objects) = objects();
        let digest = "a".repeat(64);
        for stream in ["..", ".", "", "a/b", "../x", "a\0", "/etc"] {
            assert!(
                matches!(
                    objects.get(stream, &digest),
                    Err(StoreError::NotFound { .. })
                ),
                "{stream:?}"
            );
            assert!(objects.put(stream, b"x").is_err(), "{stream:?}");
        }
        assert!(objects.get("case-1", "../../etc/passwd").is_err());
    }

    #[test]
    fn only_old_unnamed_uploads_are_swept() {
        let (_dir, objects) = objects();
        let kept = objects.put("case-1", b"named").unwrap();
        let loose = objects.put("case-1", b"unnamed").unwrap();
        let named = HashSet::from([ObjectKey {
            stream: "case-1".into(),
            digest: kept.clone(),
        }]);
        let (day, now) = (Duration::from_secs(86_400), SystemTime::now());
        assert!(
            objects.sweep(&named, day, now).unwrap().is_empty(),
            "young uploads stay"
        );
        assert_eq!(objects.sweep(&named, day, now + 2 * day).unwrap().len(), 1);
        assert!(objects.get("case-1", &kept).is_ok());
        assert!(objects.get("case-1", &loose).is_err());
    }
}
