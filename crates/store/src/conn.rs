//! The one connection that writes, shared in turn by the committer, the jobs and the small writes of the desk.
//!
//! It goes below sea-orm: to `rusqlite` on SQLite, to sqlx on PostgreSQL, where values are bound without the two
//! copies that sea-orm makes of each. It keeps its connection between transactions, where a pool would ping it each
//! time. Reads go through sea-orm's pool.

mod cell;
mod lite;

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, AssertSqlSafe, Postgres};
use sea_orm::{DatabaseConnection, DbErr, QueryResult, RuntimeErr};
use tokio::sync::{Mutex, MutexGuard};

pub(crate) use cell::{Cell, Column, Columns, Row};
use lite::Lite;

use crate::config::StoreConfig;
use crate::error::StoreError;
use crate::sql::{Dialect, SqlError, chunk_rows, marks, padded_len, tuples};
use crate::store::{Role, connect};

enum Conn {
    Sqlite(Lite),
    Postgres(PoolConnection<Postgres>),
}

impl Conn {
    async fn run(&mut self, sql: Arc<str>, cells: &[Cell<'_>]) -> Result<u64, SqlError> {
        match self {
            Self::Sqlite(lite) => lite.run(&sql, cells),
            Self::Postgres(conn) => {
                let arguments = cell::arguments(cells).map_err(exec_error)?;
                let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
                let done = query.execute(&mut **conn).await.map_err(exec_error)?;
                Ok(done.rows_affected())
            }
        }
    }

    async fn all(&mut self, sql: Arc<str>, cells: &[Cell<'_>]) -> Result<Vec<Row>, SqlError> {
        match self {
            Self::Sqlite(lite) => lite.all(&sql, cells),
            Self::Postgres(conn) => {
                let arguments = cell::arguments(cells).map_err(exec_error)?;
                let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
                let rows = query.fetch_all(&mut **conn).await.map_err(exec_error)?;
                let rows = rows.into_iter().map(QueryResult::from);
                Ok(rows.map(Row::Postgres).collect())
            }
        }
    }

    /// Runs text without values, several statements if need be.
    async fn raw(&mut self, sql: &str) -> Result<(), SqlError> {
        match self {
            Self::Sqlite(lite) => lite.raw(sql),
            Self::Postgres(conn) => {
                let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
                sql.execute(&mut **conn).await.map_err(exec_error)?;
                Ok(())
            }
        }
    }

    /// Takes the connection out of use; whatever it had open is undone by the database.
    async fn discard(self) {
        if let Self::Postgres(conn) = self {
            // It is given up because it failed, so how it closes does not matter.
            let _ = conn.close().await;
        }
    }
}

struct Held {
    conn: Option<Conn>,
    /// Whether a transaction was begun and not seen to end.
    open: bool,
    /// Statement texts by name and number of rows, or whatever else tells those of one name apart.
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
                Ok(Conn::Postgres(conn))
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
        let Err(error) = conn.raw(how).await else {
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

    /// Runs a statement over many rows of `width` cells each; `name` names its texts uniquely, and `sql` gives the
    /// statement's text from that of its row tuples.
    ///
    /// PostgreSQL takes many rows a statement, since each travels; SQLite takes one, since its statements do not, and
    /// so needs one shape of it.
    pub(crate) async fn run_rows(
        &mut self,
        name: &'static str,
        width: usize,
        cells: Vec<Cell<'_>>,
        sql: impl Fn(&str) -> String,
    ) -> Result<(), SqlError> {
        if self.dialect == Dialect::Sqlite {
            let one = self.text((name, 1), || sql(&tuples(1, width)));
            return self.run_each(&one, width, &cells);
        }
        let (mut done, count) = (0, cells.len() / width);
        while done < count {
            let rows = chunk_rows(count - done, self.dialect.params_max() / width);
            let text = self.text((name, rows as u64), || sql(&tuples(rows, width)));
            let part = &cells[done * width..(done + rows) * width];
            self.conn()?.run(text, part).await?;
            done += rows;
        }
        Ok(())
    }

    /// Runs statements over the rows of several tables; `name` names their common text uniquely.
    ///
    /// On PostgreSQL a few rows of each go as one statement, since each statement is a journey.
    pub(crate) async fn run_tables(
        &mut self,
        name: &'static str,
        tables: Vec<TableRows<'_>>,
    ) -> Result<(), SqlError> {
        let count = tables.first().map_or(0, TableRows::count);
        let alike = (1..=JOINED_ROWS_MAX).contains(&count)
            && tables.iter().all(|table| table.count() == count);
        if self.dialect == Dialect::Sqlite || !alike {
            for table in tables {
                self.run_rows(table.name, table.width, table.cells, table.sql)
                    .await?;
            }
            return Ok(());
        }
        let text = self.text((name, count as u64), || joined(&tables, count));
        let cells: Vec<Cell<'_>> = tables.into_iter().flat_map(|table| table.cells).collect();
        self.conn()?.run(text, &cells).await?;
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
            let one = self.text((name, 1), || {
                format!("DELETE FROM {table} WHERE {}=?", key.join("=? AND "))
            });
            return self.run_each(&one, key.len(), &cells);
        }
        let columns = key.join(",");
        self.run_rows(name, key.len(), cells, |t| {
            format!("DELETE FROM {table} WHERE ({columns}) IN (VALUES {t})")
        })
        .await
    }

    /// Runs a statement of SQLite over one row and tells how many it touched; `name` and `form` name its text uniquely.
    pub(crate) fn run_one(
        &mut self,
        name: &'static str,
        form: u64,
        cells: &[Cell<'_>],
        sql: impl FnOnce(&str) -> String,
    ) -> Result<u64, SqlError> {
        let text = self.text((name, form), || sql(&tuples(1, cells.len())));
        match self.conn()? {
            Conn::Sqlite(lite) => lite.run(&text, cells),
            Conn::Postgres(_) => Err(lost()),
        }
    }

    fn run_each(&mut self, sql: &str, width: usize, cells: &[Cell<'_>]) -> Result<(), SqlError> {
        match self.conn()? {
            Conn::Sqlite(lite) => lite.run_each(sql, width, cells),
            Conn::Postgres(_) => Err(lost()),
        }
    }

    /// Reads the row of each key, those that there are, locked until the end; `columns` begin with the key's.
    pub(crate) async fn lock_keys(
        &mut self,
        table: &str,
        columns: &str,
        key: &str,
        cells: &[Cell<'_>],
    ) -> Result<Vec<Row>, SqlError> {
        if let Conn::Sqlite(lite) = self.conn()? {
            // The transaction has the whole file to itself.
            let one = format!("SELECT {columns} FROM {table} WHERE {key} = ?");
            let mut rows = Vec::with_capacity(cells.len());
            for cell in cells {
                rows.extend(lite.all(&one, std::slice::from_ref(cell))?);
            }
            return Ok(rows);
        }
        let Some(last) = cells.last() else {
            return Ok(Vec::new());
        };
        let mut padded = cells.to_vec();
        padded.resize(padded_len(cells.len()), last.clone());
        let sql = format!(
            "SELECT {columns} FROM {table} WHERE {key} IN ({}) ORDER BY {key} FOR UPDATE",
            marks(padded.len())
        );
        self.all(&sql, &padded).await
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

/// Rows of each table up to which [`Txn::run_tables`] sends one statement for all.
const JOINED_ROWS_MAX: usize = 32;

/// Rows to be written to one table.
pub(crate) struct TableRows<'a> {
    /// Names the statement's texts uniquely.
    pub name: &'static str,
    pub width: usize,
    pub cells: Vec<Cell<'a>>,
    /// The statement's text, given that of its row tuples.
    pub sql: fn(&str) -> String,
}

impl TableRows<'_> {
    fn count(&self) -> usize {
        self.cells.len() / self.width
    }
}

/// One statement that does what those of the tables do.
fn joined(tables: &[TableRows<'_>], count: usize) -> String {
    let sql = |table: &TableRows<'_>| (table.sql)(&tuples(count, table.width));
    let Some((last, others)) = tables.split_last() else {
        return String::new();
    };
    let others: Vec<String> = others
        .iter()
        .map(|table| format!("{} AS ({})", table.name, sql(table)))
        .collect();
    if others.is_empty() {
        return sql(last);
    }
    format!("WITH {} {}", others.join(","), sql(last))
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
