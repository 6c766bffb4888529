//! How a store is found and made.

use std::path::PathBuf;

use ledger::Suite;

use crate::error::StoreError;
use crate::sql::Dialect;

/// Where the key that signs checkpoints comes from.
#[derive(Clone)]
pub enum KeySource {
    /// A file with the key's text form; `migrate` makes it, readable by its owner only, where there is none.
    File(PathBuf),
    /// The key's text form itself, for tests and for bureaus that keep it elsewhere.
    Text(String),
    /// The public key's text form, for who only checks: nothing can be signed.
    Public(String),
}

impl std::fmt::Debug for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Text(_) => f.write_str("Text(..)"),
            Self::Public(key) => f.debug_tuple("Public").field(key).finish(),
        }
    }
}

/// How to open or make a store.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// Folder of the installation.
    pub data_dir: PathBuf,
    /// Folder for objects; servers that share a database share it too.
    pub objects_dir: PathBuf,
    /// Hash and signature suite; fixed when the log is made.
    pub suite: Suite,
    /// Name of the log when it is made, such as `zhiheng.example.gov.cn/log`; later names follow from it.
    pub origin: String,
    /// The checkpoint key.
    pub key: KeySource,
    /// Connections that read.
    pub readers: u32,
    /// Accept a database that may lose acknowledged writes in a power cut; for tests alone.
    pub allow_volatile: bool,
}

impl StoreConfig {
    /// A store under `data_dir` with that database address, suite `gm`, its key in `data_dir/log.key`, its objects in `data_dir/objects`.
    pub fn new(
        url: impl Into<String>,
        data_dir: impl Into<PathBuf>,
        origin: impl Into<String>,
    ) -> Self {
        let data_dir = data_dir.into();
        Self {
            url: url.into(),
            key: KeySource::File(data_dir.join("log.key")),
            objects_dir: data_dir.join("objects"),
            data_dir,
            suite: Suite::Gm,
            origin: origin.into(),
            readers: 4,
            allow_volatile: false,
        }
    }

    pub(crate) fn dialect(&self) -> Result<Dialect, StoreError> {
        if self.url.starts_with("sqlite:") {
            Ok(Dialect::Sqlite)
        } else if self.url.starts_with("postgres://") || self.url.starts_with("postgresql://") {
            Ok(Dialect::Postgres)
        } else {
            Err(StoreError::Url)
        }
    }

    /// The address as the driver wants it.
    pub(crate) fn driver_url(&self) -> String {
        // sea-orm knows PostgreSQL by one of its two names only.
        match self.url.strip_prefix("postgresql://") {
            Some(rest) => format!("postgres://{rest}"),
            None => self.url.clone(),
        }
    }
}
