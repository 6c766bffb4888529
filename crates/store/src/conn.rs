//! The one connection that writes, shared in turn by the committer, the jobs and the small writes of the desk.
//!
//! It goes below sea-orm: to `rusqlite` on SQLite, to sqlx on PostgreSQL, where values are bound without the two
//! copies that sea-orm makes of each. It keeps its connection between transactions, where a pool would ping it each
//! time. Reads go through sea-orm's pool.

mod cell;
mod lite;
mod tables;

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::PgArguments;
use sea_orm::sqlx::{self, AssertSqlSafe, Postgres};
use sea_orm::{DatabaseConnection, DbErr, QueryResult, RuntimeErr};
use tokio::sync::{Mutex, MutexGuard};

pub(crate) use cell::{Cell, Column, Columns, Row};
use lite::Lite;
pub(crate) use tables::{TableRows, delete};

use crate::config::StoreConfig;
use crate::error::StoreError;
use crate::sql::{Dialect, SqlError};
use crate::store::{Role, connect};

/// Rows that one statement takes to PostgreSQL.
const ROWS_MAX: usize = 1_000;

enum Conn {
    Sqlite(Lite),
    Postgres(Remote),
}

/// A connection to PostgreSQL.
struct Remote(PoolConnection<Postgres>);

impl Remote {
    async fn run(&mut self, sql: Arc<str>, arguments: PgArguments) -> Result<u64, SqlError> {
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        let done = query.execute(&mut *self.0).await.map_err(exec_error)?;
        Ok(done.rows_affected())
    }

    async fn all(&mut self, sql: Arc<str>, arguments: PgArguments) -> Result<Vec<Row>, SqlError> {
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        let rows = query.fetch_all(&mut *self.0).await.map_err(exec_error)?;
        let rows = rows.into_iter().map(QueryResult::from);
        Ok(rows.map(Row::Postgres).collect())
    }
}

impl Conn {
    async fn run(&mut self, sql: Arc<str>, cells: &[Cell<'_>]) -> Result<u64, SqlError> {
        match self {
            Self::Sqlite(lite) => lite.run(&sql, cells.iter()),
            Self::Postgres(remote) => {
                let arguments = cell::arguments(cells).map_err(exec_error)?;
                remote.run(sql, arguments).await
            }
        }
    }

    async fn all(&mut self, sql: Arc<str>, cells: &[Cell<'_>]) -> Result<Vec<Row>, SqlError> {
        match self {
            Self::Sqlite(lite) => lite.all(&sql, cells),
            Self::Postgres(remote) => {
                let arguments = cell::arguments(cells).map_err(exec_error)?;
                remote.all(sql, arguments).await
            }
        }
    }

    /// Runs a word of transaction control.
    async fn control(&mut self, word: &str) -> Result<(), SqlError> {
        match self {
            Self::Sqlite(lite) => lite.control(word),
            Self::Postgres(_) => self.raw(word).await,
        }
    }

    /// Runs text without values, several statements if need be.
    async fn raw(&mut self, sql: &str) -> Result<(), SqlError> {
        match self {
            Self::Sqlite(lite) => lite.raw(sql),
            Self::Postgres(remote) => {
                let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
                sql.execute(&mut *remote.0).await.map_err(exec_error)?;
                Ok(())
            }
        }
    }

    /// Takes the connection out of use; whatever it had open is undone by the database.
    async fn discard(self) {
        if let Self::Postgres(remote) = self {
            // It is given up because it failed, so how it closes does not matter.
            let _ = remote.0.close().await;
        }
    }
}

struct Held {
    conn: Option<Conn>,
    /// Whether a transaction was begun and not seen to end.
    open: bool,
    /// Statement texts by name, and by whatever else tells those of one name apart.
    texts: HashMap<(&'static str, u64), Arc<str>>,
}

/// Where the writing connection comes from.
enum Source {
    Sqlite {
        config: Box<StoreConfig>,
        role: Role,
        pages_max: Option<u32>,
    },
    /// A pool of one connection.
    Postgres(DatabaseConnection),
}

/// The writing connection; who wants to write waits in line.
pub(crate) struct Writer {
    source: Source,
    held: Mutex<Held>,
}

impl Writer {
    /// A writer to the configured database; `pages_max` limits a SQLite file as if its disk were of that size.
    pub(crate) async fn open(
        config: &StoreConfig,
        role: Role,
        pages_max: Option<u32>,
    ) -> Result<Self, StoreError> {
        let (source, conn) = match config.dialect()? {
            Dialect::Sqlite => {
                let config = Box::new(config.clone());
                let lite = Lite::open(&config, role, pages_max).map_err(missing_is_not_made)?;
                let source = Source::Sqlite {
                    config,
                    role,
                    pages_max,
                };
                (source, Some(Conn::Sqlite(lite)))
            }
            Dialect::Postgres => (Source::Postgres(connect(config, role).await?), None),
        };
        let held = Held {
            conn,
            open: false,
            texts: HashMap::new(),
        };
        Ok(Self {
            source,
            held: Mutex::new(held),
        })
    }

    fn dialect(&self) -> Dialect {
        match self.source {
            Source::Sqlite { .. } => Dialect::Sqlite,
            Source::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Begins a transaction; on SQLite it takes the write lock at once, since a deferred one that reads first
    /// fails under contention.
    pub(crate) async fn begin(&self) -> Result<Txn<'_>, SqlError> {
        let mut held = self.ready().await?;
        let word = match self.dialect() {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        };
        match held.control(word).await {
            Ok(()) => Ok(Txn {
                dialect: self.dialect(),
                held,
            }),
            Err(error) => {
                held.open = false;
                Err(error)
            }
        }
    }

    /// Waits for the turn, and sees to a connection without an open transaction.
    async fn ready(&self) -> Result<MutexGuard<'_, Held>, SqlError> {
        let mut held = self.held.lock().await;
        if held.open {
            // Whoever had it went away in the middle; where nothing was begun after all, this fails and the
            // connection is replaced.
            held.end("ROLLBACK").await.ok();
        }
        if held.conn.is_none() {
            held.conn = Some(self.connect().await?);
        }
        // Said before it is so: who goes away while waiting for the answer leaves a rollback to do.
        held.open = true;
        Ok(held)
    }

    /// Runs one statement in a transaction of its own.
    ///
    /// On SQLite it does so on a thread for work that waits for the disk, so that the caller's goes on.
    pub(crate) async fn run(
        self: &Arc<Self>,
        sql: &str,
        cells: &[Cell<'_>],
    ) -> Result<u64, SqlError> {
        if self.dialect() == Dialect::Postgres {
            return self.run_here(sql, cells).await;
        }
        let (writer, sql) = (Arc::clone(self), sql.to_owned());
        let cells: Vec<Cell<'static>> = cells.iter().cloned().map(Cell::into_owned).collect();
        apart(async move { writer.run_here(&sql, &cells).await }).await?
    }

    /// Runs text outside any transaction, for what no transaction may hold.
    pub(crate) async fn outside(&self, sql: &str) -> Result<(), SqlError> {
        let mut held = self.ready().await?;
        let ran = held.control(sql).await;
        held.open = false;
        ran
    }

    async fn run_here(&self, sql: &str, cells: &[Cell<'_>]) -> Result<u64, SqlError> {
        let mut txn = self.begin().await?;
        let touched = txn.run(sql, cells).await?;
        txn.commit().await?;
        Ok(touched)
    }

    async fn connect(&self) -> Result<Conn, SqlError> {
        match &self.source {
            Source::Sqlite {
                config,
                role,
                pages_max,
            } => Lite::open(config, *role, *pages_max).map(Conn::Sqlite),
            Source::Postgres(pool) => {
                let acquired = pool.get_postgres_connection_pool().acquire().await;
                let conn = acquired.map_err(|e| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(e))))?;
                Ok(Conn::Postgres(Remote(conn)))
            }
        }
    }

    /// Gives the connection back and closes the pool.
    pub(crate) async fn close(&self) {
        let conn = self.held.lock().await.conn.take();
        drop(conn);
        if let Source::Postgres(pool) = &self.source {
            // A pool that cannot be closed in good order is dropped all the same.
            let _ = pool.clone().close().await;
        }
    }
}

/// Runs a future that may hold its thread while the disk works, on a thread for such work.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, SqlError> {
    let runtime = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work)).await;
    done.map_err(|_| lost())
}

impl Held {
    /// Ends the transaction.
    async fn end(&mut self, how: &str) -> Result<(), SqlError> {
        let ended = self.control(how).await;
        self.open = false;
        ended
    }

    /// Runs a word of transaction control; a connection that fails in this is not used again.
    async fn control(&mut self, how: &str) -> Result<(), SqlError> {
        let Some(conn) = self.conn.as_mut() else {
            return Err(lost());
        };
        let Err(error) = conn.control(how).await else {
            return Ok(());
        };
        if let Some(conn) = self.conn.take() {
            conn.discard().await;
        }
        Err(error)
    }
}

/// A transaction on the writing connection; dropped without commit, it is rolled back before the next begins.
pub(crate) struct Txn<'w> {
    dialect: Dialect,
    held: MutexGuard<'w, Held>,
}

impl Txn<'_> {
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn conn(&mut self) -> Result<&mut Conn, SqlError> {
        self.held.conn.as_mut().ok_or_else(lost)
    }

    /// Runs a statement and tells how many rows it touched.
    pub(crate) async fn run(&mut self, sql: &str, cells: &[Cell<'_>]) -> Result<u64, SqlError> {
        let text = self.dialect.placeholders(sql).into();
        self.conn()?.run(text, cells).await
    }

    /// Reads the rows of a statement.
    pub(crate) async fn all(
        &mut self,
        sql: &str,
        cells: &[Cell<'_>],
    ) -> Result<Vec<Row>, SqlError> {
        let text = self.dialect.placeholders(sql).into();
        self.conn()?.all(text, cells).await
    }

    /// Reads the first row of a statement.
    pub(crate) async fn one(
        &mut self,
        sql: &str,
        cells: &[Cell<'_>],
    ) -> Result<Option<Row>, SqlError> {
        Ok(self.all(sql, cells).await?.into_iter().next())
    }

    /// Runs text without values, several statements if need be.
    pub(crate) async fn raw(&mut self, sql: &str) -> Result<(), SqlError> {
        self.conn()?.raw(sql).await
    }

    /// Runs a statement over many rows of `width` cells each; `name` names its text uniquely, and `sql` gives it from
    /// that of where its rows come from.
    ///
    /// PostgreSQL takes many rows a statement, since each travels; SQLite takes one, since its statements do not. So
    /// either needs one shape of it.
    pub(crate) async fn run_rows(
        &mut self,
        name: &'static str,
        width: usize,
        cells: Vec<Cell<'_>>,
        sql: impl Fn(&str) -> String,
    ) -> Result<(), SqlError> {
        if self.dialect == Dialect::Sqlite {
            let one = self.text((name, 0), || sql(&tables::one_row(width)));
            return self.run_each(&one, width, &cells);
        }
        for part in cells.chunks(ROWS_MAX * width) {
            let text = self.text((name, 0), || sql(&tables::rows(part, width)));
            let arguments = tables::arguments(&[(part, width)]).map_err(exec_error)?;
            self.postgres()?.run(text, arguments).await?;
        }
        Ok(())
    }

    /// Runs statements over the rows of several tables, given in the same order each time.
    ///
    /// On PostgreSQL they go as one, since each statement is a journey; no two may then touch the same row.
    pub(crate) async fn run_tables(
        &mut self,
        mut tables: Vec<TableRows<'_>>,
    ) -> Result<(), SqlError> {
        if self.dialect == Dialect::Sqlite {
            for table in tables {
                let sql = |rows: &str| (table.sql)(rows);
                self.run_rows(table.name, table.width, table.cells, sql)
                    .await?;
            }
            return Ok(());
        }
        let present = |bits: u64, (at, table): (usize, &TableRows<'_>)| match table.cells.is_empty()
        {
            true => bits,
            false => bits | 1 << at,
        };
        let which = tables.iter().enumerate().fold(0, present);
        tables.retain(|table| !table.cells.is_empty());
        if tables.is_empty() {
            return Ok(());
        }
        let text = self.text(("tables", which), || tables::joined(&tables));
        let parts: Vec<(&[Cell<'_>], usize)> = tables
            .iter()
            .map(|table| (table.cells.as_slice(), table.width))
            .collect();
        let arguments = tables::arguments(&parts).map_err(exec_error)?;
        self.postgres()?.run(text, arguments).await?;
        Ok(())
    }

    /// Deletes the rows of a table with these keys.
    ///
    /// SQLite looks for each key by itself: for a list of keys it would build a temporary index, at ten times
    /// the cost of finding some.
    pub(crate) async fn delete_rows(
        &mut self,
        name: &'static str,
        table: &str,
        key: &[&str],
        cells: Vec<Cell<'_>>,
    ) -> Result<(), SqlError> {
        if self.dialect == Dialect::Sqlite {
            let one = self.text((name, 0), || {
                format!("DELETE FROM {table} WHERE {}=?", key.join("=? AND "))
            });
            return self.run_each(&one, key.len(), &cells);
        }
        let sql = |rows: &str| delete(table, key, rows);
        self.run_rows(name, key.len(), cells, sql).await
    }

    /// Runs a statement of SQLite once and tells how many rows it touched; `name` and `form` name its text uniquely.
    pub(crate) fn run_one<'c>(
        &mut self,
        name: &'static str,
        form: u64,
        cells: impl Iterator<Item = &'c Cell<'c>>,
        sql: impl FnOnce() -> String,
    ) -> Result<u64, SqlError> {
        let text = self.text((name, form), sql);
        match self.conn()? {
            Conn::Sqlite(lite) => lite.run(&text, cells),
            Conn::Postgres(_) => Err(lost()),
        }
    }

    fn postgres(&mut self) -> Result<&mut Remote, SqlError> {
        match self.conn()? {
            Conn::Postgres(remote) => Ok(remote),
            Conn::Sqlite(_) => Err(lost()),
        }
    }

    fn run_each(&mut self, sql: &str, width: usize, cells: &[Cell<'_>]) -> Result<(), SqlError> {
        match self.conn()? {
            Conn::Sqlite(lite) => lite.run_each(sql, width, cells),
            Conn::Postgres(_) => Err(lost()),
        }
    }

    /// Reads the row of each key, those that there are, locked until the end; `name` names the text uniquely.
    pub(crate) async fn lock_keys(
        &mut self,
        name: &'static str,
        table: &str,
        columns: &str,
        key: &str,
        cells: &[Cell<'_>],
    ) -> Result<Vec<Row>, SqlError> {
        let dialect = self.dialect;
        let text = self.text((name, 0), || match dialect {
            // The transaction has the whole file to itself.
            Dialect::Sqlite => format!("SELECT {columns} FROM {table} WHERE {key} = ?"),
            Dialect::Postgres => format!(
                "SELECT {columns} FROM {table} WHERE {key} = ANY(?) ORDER BY {key} FOR UPDATE"
            ),
        });
        match self.conn()? {
            Conn::Sqlite(lite) => lite.all_of_each(&text, cells),
            Conn::Postgres(remote) => {
                let arguments = tables::arguments(&[(cells, 1)]).map_err(exec_error)?;
                remote.all(text, arguments).await
            }
        }
    }

    fn text(&mut self, key: (&'static str, u64), make: impl FnOnce() -> String) -> Arc<str> {
        let dialect = self.dialect;
        Arc::clone(
            self.held
                .texts
                .entry(key)
                .or_insert_with(|| dialect.placeholders(&make()).into()),
        )
    }

    /// Commits; after an error of a lost connection it is not known whether it took place.
    pub(crate) async fn commit(mut self) -> Result<(), SqlError> {
        self.held.end("COMMIT").await
    }

    /// Rolls back.
    pub(crate) async fn rollback(mut self) -> Result<(), SqlError> {
        self.held.end("ROLLBACK").await
    }
}

/// A missing SQLite file is a store that was never made.
fn missing_is_not_made(error: SqlError) -> StoreError {
    match StoreError::from(error) {
        StoreError::Away => StoreError::NoSchema,
        other => other,
    }
}

fn lost() -> SqlError {
    DbErr::Conn(RuntimeErr::Internal("数据库连接已失去".into())).into()
}

fn exec_error(error: sqlx::Error) -> SqlError {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error))).into()
}
