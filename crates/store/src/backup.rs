//! Backup and restore: rows as text that either database takes, files as they are, digests over all of it.
//!
//! A backup is a folder: `manifest.json`, the caller's own files, `checkpoint.txt`, `db/TABLE.N.jsonl` (a row a line, a JSON array in
//! column order) and `objects/`. The same folder restores to SQLite and to PostgreSQL, and so moves a store
//! from one to the other. It holds no session and no access token, and not the key that signs: that is kept elsewhere, or a thief
//! of a backup could sign a log of his own.

mod restore;
pub(crate) mod rows;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use ledger::Hash;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::read::{Moment, Rows};
use crate::schema::SCHEMA_VERSION;
use crate::store::Store;

pub use restore::{RestoreOptions, Restored};

/// Value of the manifest's member `format`.
const FORMAT: &str = "zhiheng.backup.v1";
const MANIFEST: &str = "manifest.json";
const CHECKPOINT: &str = "checkpoint.txt";
/// Bytes of one file of rows, about.
const FILE_BYTES: usize = 16 << 20;
/// Rows that are read at a time.
const PAGE_ROWS: u32 = 1_000;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    /// Version of the schema that the rows are of.
    pub schema: i64,
    /// Suite of the log, and of the digests here.
    pub suite: String,
    /// Present name of the log.
    pub origin: String,
    /// Size of the newest checkpoint; 0 if there was none.
    pub checkpoint_size: u64,
    /// When it was made, microseconds since 1970 UTC.
    pub made_at: i64,
    /// Files beside this one, in the order in which they were written.
    pub files: Vec<BackupFile>,
}

impl Manifest {
    /// Whether it names a file, and so holds its digest.
    pub fn names(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path)
    }
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupFile {
    /// Path below the backup's folder.
    pub path: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Digest by the log's suite.
    pub digest: Hash,
}

/// Files are written one by one, each on the disk before the manifest names it.
struct Folder<'a> {
    root: &'a Path,
    store: &'a Store,
    files: Vec<BackupFile>,
}

impl Folder<'_> {
    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        write_synced(&self.root.join(path), bytes)?;
        let digest = self.store.suite().hash(&[bytes]);
        self.files.push(BackupFile {
            path: path.to_owned(),
            size_bytes: bytes.len() as u64,
            digest,
        });
        Ok(())
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let write = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|e| StoreError::file(path, e))
}

impl Store {
    /// Writes a backup into a folder that does not exist or is empty: checkpoint, database, files, in this order.
    ///
    /// The rows are all of one moment; what is written later is in the next backup.
    pub async fn backup(&self, folder: &Path, now_us: i64) -> Result<Manifest, StoreError> {
        self.backup_with(folder, &[], now_us).await
    }

    /// As [`Store::backup`], with files of the caller's own at the top of the folder, by name; the manifest names them too.
    pub async fn backup_with(
        &self,
        folder: &Path,
        beside: &[(&str, &[u8])],
        now_us: i64,
    ) -> Result<Manifest, StoreError> {
        require_empty(folder)?;
        let mut out = Folder {
            root: folder,
            store: self,
            files: Vec::new(),
        };
        for (name, bytes) in beside {
            out.write(name, bytes)?;
        }
        let checkpoint = self.latest_checkpoint().await?;
        if let Some(checkpoint) = &checkpoint {
            out.write(CHECKPOINT, checkpoint.encode().as_bytes())?;
        }
        let now = self.moment().await?;
        for table in &rows::TABLES {
            dump(&mut out, &now, table).await?;
        }
        drop(now);
        // Files last: an event names its file after the file is there, so every file of these rows is found.
        for key in self.objects().list()? {
            let bytes = match self.objects().get(&key.stream, &key.digest) {
                // An upload that nothing names may be swept meanwhile.
                Err(StoreError::NotFound { .. }) => continue,
                got => got?,
            };
            out.write(&format!("objects/{}/{}", key.stream, key.digest), &bytes)?;
        }
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            schema: SCHEMA_VERSION,
            suite: self.suite().name().to_owned(),
            origin: self.origin().name.clone(),
            checkpoint_size: checkpoint.map_or(0, |checkpoint| checkpoint.unverified().size()),
            made_at: now_us,
            files: out.files,
        };
        let json =
            serde_json::to_vec_pretty(&manifest).map_err(|e| StoreError::Backup(e.to_string()))?;
        write_synced(&folder.join(MANIFEST), &json)?;
        File::open(folder)
            .and_then(|dir| dir.sync_all())
            .map_err(|e| StoreError::file(folder, e))?;
        Ok(manifest)
    }
}

async fn dump(out: &mut Folder<'_>, now: &Moment, table: &rows::Table) -> Result<(), StoreError> {
    let (mut text, mut number) = (Vec::new(), 0);
    let mut after = None;
    loop {
        let (sql, values) = table.page(after.as_ref(), PAGE_ROWS);
        let page = now.rows(&sql, values).await?;
        let Some(last) = page.last() else { break };
        after = Some(table.key(last)?);
        for row in &page {
            table.write_line(row, &mut text)?;
        }
        if text.len() >= FILE_BYTES {
            out.write(&format!("db/{}.{number}.jsonl", table.name), &text)?;
            (text, number) = (Vec::new(), number + 1);
        }
    }
    if !text.is_empty() {
        out.write(&format!("db/{}.{number}.jsonl", table.name), &text)?;
    }
    Ok(())
}

fn require_empty(folder: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(folder).map_err(|e| StoreError::file(folder, e))?;
    let mut listed = fs::read_dir(folder).map_err(|e| StoreError::file(folder, e))?;
    match listed.next() {
        None => Ok(()),
        Some(_) => Err(StoreError::Backup(format!(
            "目标文件夹 {} 不是空的；请换一个新文件夹",
            folder.display()
        ))),
    }
}

/// Reads a manifest and checks every file that it names, before anything is made of them.
pub(crate) fn read_checked(folder: &Path) -> Result<Manifest, StoreError> {
    let path = folder.join(MANIFEST);
    let json = fs::read(&path).map_err(|e| StoreError::file(&path, e))?;
    let manifest: Manifest = serde_json::from_slice(&json)
        .map_err(|e| StoreError::Backup(format!("清单不符合格式（{e}）")))?;
    if manifest.format != FORMAT {
        return Err(StoreError::Backup(format!(
            "格式“{}”不是本程序认识的格式；请换用新版程序",
            manifest.format
        )));
    }
    let suite: ledger::Suite = manifest
        .suite
        .parse()
        .map_err(|e| StoreError::Backup(format!("{e}")))?;
    for file in &manifest.files {
        let bytes = read_file(folder, &file.path)?;
        if suite.hash(&[&bytes]) != file.digest {
            return Err(StoreError::Backup(format!(
                "文件 {} 与清单所载摘要不符；请改用另一份备份",
                file.path
            )));
        }
    }
    Ok(manifest)
}

/// Reads a file that a manifest names; a path that leads out of the folder is refused.
fn read_file(folder: &Path, path: &str) -> Result<Vec<u8>, StoreError> {
    let relative = PathBuf::from(path);
    if !relative
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_)))
    {
        return Err(StoreError::Backup(format!(
            "清单中的路径“{path}”指向备份以外"
        )));
    }
    let full = folder.join(relative);
    fs::read(&full).map_err(|e| StoreError::file(&full, e))
}
