//! Opening, making and closing a store.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ledger::Suite;
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use tokio::sync::{mpsc, oneshot};

use crate::append::{Append, Committed, Prepared};
use crate::committer::{Committer, Job};
use crate::config::StoreConfig;
use crate::conn::Writer;
use crate::delta::RowCache;
use crate::error::{CommitError, StoreError};
use crate::gate::{FileGate, Gate, Verdict, WritePoint};
use crate::keys::{self, LogKey};
use crate::objects::Objects;
use crate::read::Rows;
use crate::schema;
use crate::sql::{Dialect, get};
use crate::trial;

/// Appends that may wait for the committer; the next writer waits for room.
const QUEUE_MAX: usize = 1_024;
/// How long a lost database is waited for before an append is refused.
const AWAY_WAIT: Duration = Duration::from_secs(5);
/// Prepared statements kept a connection: every shape of every table, with room.
pub(crate) const STATEMENTS_CACHED_MAX: usize = 512;
/// How long a connection waits for its turn, or for another process's lock.
pub(crate) const BUSY_WAIT: Duration = Duration::from_secs(10);

/// Stream of what the machine's keeper said of its clock: what was signed before its last event holds no act up.
pub const CLOCK_STREAM: &str = "clock";

/// A bureau's store: events, their log, the views, and the objects. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("dialect", &self.inner.dialect)
            .finish_non_exhaustive()
    }
}

pub(crate) struct Inner {
    pub dialect: Dialect,
    pub writer: Arc<Writer>,
    pub readers: DatabaseConnection,
    pub readers_max: u32,
    pub suite: Suite,
    pub key: LogKey,
    pub origin: Origin,
    pub objects: Objects,
    pub cache: Arc<RowCache>,
    /// When the newest checkpoint known here was signed, microseconds.
    pub signed_at: AtomicI64,
    queue: mpsc::Sender<Job>,
    gate: Option<Arc<dyn Gate>>,
}

/// The present name of the log, and the how-manieth it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// 1 for a log that was never restored behind a published checkpoint.
    pub number: i64,
    /// The origin line of its checkpoints.
    pub name: String,
    /// The record that is its first leaf, where it continues another; see [`crate::OriginRecord`].
    pub record: Option<Vec<u8>>,
}

/// What `migrate` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Schema version before; 0 for an empty database.
    pub from: i64,
    /// Schema version now.
    pub to: i64,
}

impl Store {
    /// Makes the schema or brings it up to date, forward only; a new log gets its suite, origin and key here.
    pub async fn migrate(config: &StoreConfig, now_us: i64) -> Result<Migrated, StoreError> {
        fs::create_dir_all(&config.data_dir).map_err(|e| StoreError::file(&config.data_dir, e))?;
        let writer = Writer::open(config, Role::Maker, None).await?;
        let made = async {
            let (from, to) = schema::migrate(&writer, now_us).await?;
            make_log(&writer, config).await?;
            Ok(Migrated { from, to })
        };
        let made = made.await;
        writer.close().await;
        made
    }

    /// Brings the schema of a log that is there up to date, forward only; makes none where there is none.
    ///
    /// A SQLite database is copied first, the copy brought up to date and verified; on either database the real one
    /// follows in one transaction, in which what no schema may change is compared before it commits.
    ///
    /// # Errors
    /// [`StoreError::NoSchema`] for an empty database: under the key of a log that is elsewhere, a second one would
    /// sign the same name again. [`StoreError::NotMigrated`] where it did not go well; the database is as it was.
    pub async fn upgrade(config: &StoreConfig, now_us: i64) -> Result<Migrated, StoreError> {
        let writer = Writer::open(config, Role::Writer, None).await?;
        let upgraded = upgrade(&writer, config, now_us).await;
        writer.close().await;
        upgraded
    }

    /// Opens a store of exactly this program's schema, on a database that keeps what it acknowledged.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        Self::open_tuned(config, &Tuning::default()).await
    }

    /// Opens a store with other limits than the usual, for measurements and failure tests.
    pub async fn open_tuned(config: &StoreConfig, tuning: &Tuning) -> Result<Self, StoreError> {
        let dialect = config.dialect()?;
        let writer = Writer::open(config, Role::Writer, tuning.sqlite_pages_max).await?;
        let writer = Arc::new(writer);
        let checked = check(&writer, config).await;
        if checked.is_err() {
            writer.close().await;
        }
        let origin = checked?;
        let readers = connect(config, Role::Reader).await?;
        let key = keys::load(&config.key, config.suite, &origin.name)?;
        let objects =
            Objects::local(&config.objects_dir, config.suite)?.behind(tuning.files.clone());
        let cache = Arc::new(RowCache::default());
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let committer = Committer {
            dialect,
            writer: Arc::clone(&writer),
            suite: config.suite,
            cache: Arc::clone(&cache),
            away_wait: tuning.away_wait,
            batch_max: tuning.batch_max,
        };
        committer.start(waiting)?;
        let suite = config.suite;
        let inner = Inner {
            dialect,
            writer,
            readers,
            readers_max: config.readers.max(1),
            suite,
            key,
            origin,
            objects,
            cache,
            signed_at: AtomicI64::new(0),
            queue,
            gate: tuning.gate.clone(),
        };
        let store = Self {
            inner: Arc::new(inner),
        };
        store.refresh_signed_at().await?;
        Ok(store)
    }

    /// The latest time at which a checkpoint was signed, by the wall clock of then, microseconds since 1970 UTC; 0 if
    /// none was. Those that do not cover the last event of [`CLOCK_STREAM`] do not count.
    ///
    /// Of checkpoints that another process signs this one learns within a second.
    pub fn signed_at(&self) -> i64 {
        self.inner.signed_at.load(Ordering::Relaxed)
    }

    pub(crate) async fn refresh_signed_at(&self) -> Result<(), StoreError> {
        let sql = "SELECT MAX(idx) FROM leaf WHERE stream_id = ?";
        let rows = self.rows(sql, vec![CLOCK_STREAM.into()]).await?;
        let accepted: Option<i64> = rows.first().map(|row| get(row, 0)).transpose()?.flatten();
        let rows = match accepted {
            None => {
                self.rows("SELECT MAX(created_at) FROM checkpoint", vec![])
                    .await?
            }
            Some(idx) => {
                let sql = "SELECT MAX(created_at) FROM checkpoint WHERE origin_no = ? AND size > ?";
                let origin = self.inner.origin.number;
                self.rows(sql, vec![origin.into(), idx.into()]).await?
            }
        };
        let found: Option<i64> = rows.first().map(|row| get(row, 0)).transpose()?.flatten();
        let found = found.unwrap_or(0);
        self.inner.signed_at.store(found, Ordering::Relaxed);
        Ok(())
    }

    /// Commits one append, together with what others have waiting; returns when it is durable.
    pub async fn commit(&self, append: Append) -> Result<Committed, CommitError> {
        let id = self.inner.gate.as_ref().map(|_| append.command.id.clone());
        let append = Prepared::new(append, self.inner.suite, &self.inner.cache)?;
        if self.fails(id.as_deref(), WritePoint::Before).await {
            return Err(CommitError::Unavailable { unsure: false });
        }
        let (answer, awaited) = oneshot::channel();
        self.inner
            .queue
            .send(Job { append, answer })
            .await
            .map_err(|_| CommitError::Closed)?;
        let (answer, append) = awaited.await.map_err(|_| CommitError::Closed)?;
        drop(append);
        let committed = answer.inspect_err(|error| self.trouble_slot().of_commit(error))?;
        if self.fails(id.as_deref(), WritePoint::After).await {
            return Err(CommitError::Unavailable { unsure: true });
        }
        Ok(committed)
    }

    /// Waits at the gate, where there is one; tells whether the write fails there.
    pub(crate) async fn fails(&self, write: Option<&str>, at: WritePoint) -> bool {
        match (&self.inner.gate, write) {
            (Some(gate), Some(write)) => gate.pass(write, at).await == Verdict::Fail,
            _ => false,
        }
    }

    /// The hash and signature suite of the log.
    pub fn suite(&self) -> Suite {
        self.inner.suite
    }

    /// The present name of the log.
    pub fn origin(&self) -> &Origin {
        &self.inner.origin
    }

    /// The stored files.
    pub fn objects(&self) -> &Objects {
        &self.inner.objects
    }

    /// Whether the database answers; for health checks.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.rows("SELECT 1", vec![]).await?;
        Ok(())
    }

    /// Closes the connections once running transactions are done; later calls are refused.
    pub async fn close(&self) {
        self.inner.writer.close().await;
        close(&self.inner.readers).await;
    }
}

/// Limits of a store that tests and measurements set otherwise.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// Appends that one transaction takes; 1 shows what group commit is worth.
    pub batch_max: usize,
    /// How long a lost database is waited for before an append is refused.
    pub away_wait: Duration,
    /// Pages that a SQLite database may have, as if its disk were of that size.
    pub sqlite_pages_max: Option<u32>,
    /// What writes wait at, where a simulation says which goes on.
    pub gate: Option<Arc<dyn Gate>>,
    /// What stands between the object store and the disk, where a simulation says what that keeps.
    pub files: Option<Arc<dyn FileGate>>,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            batch_max: 256,
            away_wait: AWAY_WAIT,
            sqlite_pages_max: None,
            gate: None,
            files: None,
        }
    }
}

async fn upgrade(
    writer: &Writer,
    config: &StoreConfig,
    now_us: i64,
) -> Result<Migrated, StoreError> {
    let mut txn = writer.begin().await?;
    let found = schema::version(&mut txn).await?;
    txn.rollback().await?;
    let found = found.ok_or(StoreError::NoSchema)?;
    if found < schema::SCHEMA_VERSION && config.dialect()? == Dialect::Sqlite {
        trial::on_copy(writer, config, now_us).await?;
    }
    let (from, to) = schema::migrate(writer, now_us).await.map_err(|e| match e {
        newer @ StoreError::NewerSchema { .. } => newer,
        other => StoreError::NotMigrated(other.to_string()),
    })?;
    Ok(Migrated { from, to })
}

async fn close(conn: &DatabaseConnection) {
    // A pool that cannot be closed in good order is dropped all the same.
    let _ = conn.clone().close().await;
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Maker,
    Writer,
    Reader,
}

/// What a SQLite connection of a role is set to.
pub(crate) fn pragmas(role: Role, pages_max: Option<u32>) -> Vec<(&'static str, String)> {
    let mut pragmas = vec![
        ("synchronous", "FULL".to_owned()),
        // In KiB. SQLite goes through its whole cache at the end of a transaction in which pages of a tree were put in
        // order, as most do; what it has not, the system's cache has.
        ("cache_size", "-8192".to_owned()),
        // A statement over many rows keeps what it would undo in a temporary file, unless told otherwise.
        ("temp_store", "MEMORY".to_owned()),
        // 64 MiB: a page that changes often is then copied back once for many times that it was written.
        ("wal_autocheckpoint", "16384".to_owned()),
    ];
    if role == Role::Maker {
        pragmas.insert(0, ("page_size", "4096".to_owned()));
        pragmas.push(("journal_mode", "WAL".to_owned()));
    }
    if let Some(pages) = pages_max {
        pragmas.push(("max_page_count", pages.to_string()));
    }
    pragmas
}

/// A pool of connections: those that read, or, on PostgreSQL, the one that writes.
pub(crate) async fn connect(
    config: &StoreConfig,
    role: Role,
) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(config.driver_url());
    let connections = if role == Role::Reader {
        config.readers.max(1)
    } else {
        1
    };
    options
        .max_connections(connections)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false)
        .acquire_timeout(BUSY_WAIT)
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        let sqlite = sqlite
            .create_if_missing(false)
            .busy_timeout(BUSY_WAIT)
            .statement_cache_capacity(STATEMENTS_CACHED_MAX)
            // Rows come over from the connection's thread; each time it waits for room costs two switches.
            .row_buffer_size(1_024);
        pragmas(role, None)
            .into_iter()
            .fold(sqlite, |sqlite, (name, value)| sqlite.pragma(name, value))
    });
    options.map_sqlx_postgres_opts(|postgres| {
        postgres.statement_cache_capacity(STATEMENTS_CACHED_MAX)
    });
    let opened = Database::connect(options).await;
    opened.map_err(|e| match (config.dialect(), StoreError::from(e)) {
        // A missing SQLite file is a store that was never made.
        (Ok(Dialect::Sqlite), StoreError::Away) => StoreError::NoSchema,
        (_, e) => e,
    })
}

/// Writes suite and origin of a new log, and makes its key; of an existing one it changes nothing.
async fn make_log(writer: &Writer, config: &StoreConfig) -> Result<(), StoreError> {
    let mut txn = writer.begin().await?;
    if txn
        .one("SELECT value FROM meta WHERE key = 'suite'", &[])
        .await?
        .is_some()
    {
        txn.rollback().await?;
        return Ok(());
    }
    // The key comes first: a log without a key could never be signed, a key without a log does no harm.
    keys::make(&config.key, config.suite, &config.origin)?;
    txn.run(
        "INSERT INTO meta (key, value) VALUES ('suite', ?)",
        &[config.suite.name().into()],
    )
    .await?;
    let first = "INSERT INTO origin (origin_no, name, record) VALUES (1, ?, NULL)";
    txn.run(first, &[config.origin.as_str().into()]).await?;
    Ok(txn.commit().await?)
}

/// Refuses a database that is not this program's, not durable, or of another log.
async fn check(writer: &Writer, config: &StoreConfig) -> Result<Origin, StoreError> {
    let mut txn = writer.begin().await?;
    schema::require_current(&mut txn).await?;
    if !config.allow_volatile {
        schema::require_durable(&mut txn).await?;
    }
    let row = txn
        .one("SELECT value FROM meta WHERE key = 'suite'", &[])
        .await?;
    let found: String = row
        .map(|row| get(&row, 0))
        .transpose()?
        .ok_or(StoreError::NoSchema)?;
    if found != config.suite.name() {
        return Err(StoreError::OtherLog {
            what: "算法",
            found,
            wanted: config.suite.name().to_owned(),
        });
    }
    let row = txn
        .one(
            "SELECT origin_no, name, record FROM origin ORDER BY origin_no DESC LIMIT 1",
            &[],
        )
        .await?;
    let row = row.ok_or(StoreError::NoSchema)?;
    let origin = Origin {
        number: get(&row, 0)?,
        name: get(&row, 1)?,
        record: get(&row, 2)?,
    };
    txn.rollback().await?;
    Ok(origin)
}
