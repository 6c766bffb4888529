//! Where a test keeps its store.

use std::path::PathBuf;
use std::sync::OnceLock;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use store::{Store, StoreConfig, Tuning};
use tempfile::TempDir;
use testkit::{Cluster, Durability};

use crate::support::{BUREAU, body, config, made};

/// An empty database, and a folder beside it.
pub struct Place {
    url: String,
    dir: TempDir,
}

impl Place {
    /// A SQLite database in a folder of its own.
    pub fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            url: format!("sqlite:{}/zhiheng.db", dir.path().display()),
            dir,
        }
    }

    /// A database in the one cluster that the tests share; it flushes, or the store would refuse it.
    pub fn postgres() -> Option<Self> {
        static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
        let cluster = CLUSTER
            .get_or_init(|| Cluster::start(Durability::Full))
            .as_ref()?;
        Some(Self {
            url: cluster.create_database(),
            dir: tempfile::tempdir().unwrap(),
        })
    }

    /// Another empty one of the same kind.
    pub fn another(&self) -> Self {
        if self.is_sqlite() {
            Self::sqlite()
        } else {
            Self::postgres().unwrap()
        }
    }

    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn config(&self) -> StoreConfig {
        config(&self.url, self.dir.path())
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A store with the bureau in it.
    pub async fn store(&self) -> Store {
        let store = made(&self.url, self.dir.path(), &Tuning::default())
            .await
            .unwrap();
        store.commit(body(BUREAU, None)).await.unwrap();
        store
    }

    /// A connection past the store, as somebody with the database's password has it.
    pub async fn raw(&self) -> DatabaseConnection {
        Database::connect(self.url.as_str()).await.unwrap()
    }

    /// Changes the database past the store.
    pub async fn by_hand(&self, sql: &str) {
        let raw = self.raw().await;
        raw.execute_unprepared(sql).await.unwrap();
        raw.close().await.unwrap();
    }
}
