//! The one connection that writes, shared in turn by the committer, the jobs and the small writes of the desk.
//!
//! It goes below sea-orm to sqlx, where values are bound without the two copies that sea-orm makes of each, and
//! keeps its connection between transactions, where a pool would ping it each time: together half the cost of a
//! transition. Reads go through sea-orm's pool.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, Arguments, AssertSqlSafe, Database, Encode, Postgres, Sqlite, Type};
use sea_orm::{DatabaseConnection, DbErr, QueryResult, RuntimeErr};
use tokio::sync::{Mutex, MutexGuard};

use crate::sql::{Dialect, chunk_rows, tuples};

/// A value to be bound, borrowed where it can be.
#[derive(Debug, Clone)]
pub(crate) enum Cell<'a> {
    /// No text; PostgreSQL wants to know of what type nothing is.
    Null,
    /// No bytes.
    NoBytes,
    Text(Cow<'a, str>),
    Int(i64),
    Bool(bool),
    Bytes(&'a [u8]),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a Option<String>> for Cell<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().map_or(Self::Null, Self::from)
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// Versions and sizes are kept below 2^53 by those who make them; a larger one saturates rather than wraps.
impl From<u64> for Cell<'_> {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Cell<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<'a> From<&'a [u8]> for Cell<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

fn bound<DB: Database>(cells: &[Cell<'_>]) -> Result<DB::Arguments, sqlx::Error>
where
    for<'q> Option<&'q str>: Encode<'q, DB> + Type<DB>,
    for<'q> &'q str: Encode<'q, DB> + Type<DB>,
    for<'q> &'q [u8]: Encode<'q, DB> + Type<DB>,
    for<'q> Option<&'q [u8]>: Encode<'q, DB> + Type<DB>,
    i64: for<'q> Encode<'q, DB> + Type<DB>,
    bool: for<'q> Encode<'q, DB> + Type<DB>,
{
    let mut arguments = DB::Arguments::default();
    arguments.reserve(cells.len(), 0);
    for cell in cells {
        match cell {
            Cell::Null => arguments.add(None::<&str>),
            Cell::NoBytes => arguments.add(None::<&[u8]>),
            Cell::Text(text) => arguments.add(&**text),
            Cell::Int(number) => arguments.add(*number),
            Cell::Bool(value) => arguments.add(*value),
            Cell::Bytes(bytes) => arguments.add(*bytes),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

enum Conn {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Conn {
    async fn run(&mut self, sql: Arc<str>, cells: &[Cell<'_>]) -> Result<u64, sqlx::Error> {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Sqlite(conn) => {
                let query = sqlx::query_with(sql, bound::<Sqlite>(cells)?);
                Ok(query.execute(&mut **conn).await?.rows_affected())
            }
            Self::Postgres(conn) => {
                let query = sqlx::query_with(sql, bound::<Postgres>(cells)?);
                Ok(query.execute(&mut **conn).await?.rows_affected())
            }
        }
    }

    async fn all(
        &mut self,
        sql: Arc<str>,
        cells: &[Cell<'_>],
    ) -> Result<Vec<QueryResult>, sqlx::Error> {
        let sql = AssertSqlSafe(sql);
        match self {
            Self::Sqlite(conn) => {
                let rows = sqlx::query_with(sql, bound::<Sqlite>(cells)?)
                    .fetch_all(&mut **conn)
                    .await?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }
            Self::Postgres(conn) => {
                let rows = sqlx::query_with(sql, bound::<Postgres>(cells)?)
                    .fetch_all(&mut **conn)
                    .await?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }
        }
    }

    /// Runs text without values, several statements if need be.
    async fn raw(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::Sqlite(conn) => sql.execute(&mut **conn).await.map(|_| ()),
            Self::Postgres(conn) => sql.execute(&mut **conn).await.map(|_| ()),
        }
    }

    /// Takes the connection out of use; whatever it had open is undone by the database.
    async fn discard(self) {
        // It is given up because it failed, so how it closes does not matter.
        let _ = match self {
            Self::Sqlite(conn) => conn.close().await,
            Self::Postgres(conn) => conn.close().await,
        };
    }
}

struct Held {
    conn: Option<Conn>,
    /// Whether a transaction was begun and not seen to end.
    open: bool,
    /// Statement texts by name, part and number of rows.
    texts: HashMap<(&'static str, usize, usize), Arc<str>>,
}

/// The writing connection; who wants to write waits in line.
pub(crate) struct Writer {
    dialect: Dialect,
    pool: DatabaseConnection,
    held: Mutex<Held>,
}

impl Writer {
    /// A writer over a pool of one connection.
    pub(crate) fn new(dialect: Dialect, pool: DatabaseConnection) -> Self {
        Self {
            dialect,
            pool,
            held: Mutex::new(Held {
                conn: None,
                open: false,
                texts: HashMap::new(),
            }),
        }
    }

    /// Begins a transaction; on SQLite it takes the write lock at once, since a deferred one that reads first
    /// fails under contention.
    pub(crate) async fn begin(&self) -> Result<Txn<'_>, DbErr> {
        let mut held = self.ready().await?;
        match held.control(self.begin_word()).await {
            Ok(()) => Ok(Txn {
                dialect: self.dialect,
                held,
            }),
            Err(error) => {
                held.open = false;
                Err(error)
            }
        }
    }

    /// Begins a transaction with a reading statement; on SQLite the two travel together.
    pub(crate) async fn begin_reading(
        &self,
        sql: &str,
        cells: &[Cell<'_>],
    ) -> Result<(Txn<'_>, Vec<QueryResult>), DbErr> {
        if self.dialect == Dialect::Postgres {
            let mut txn = self.begin().await?;
            let rows = txn.all(sql, cells).await?;
            return Ok((txn, rows));
        }
        let mut txn = Txn {
            dialect: self.dialect,
            held: self.ready().await?,
        };
        // Failed, it may have begun: the next one that begins undoes that.
        let rows = txn
            .all(&format!("{};{sql}", self.begin_word()), cells)
            .await?;
        Ok((txn, rows))
    }

    fn begin_word(&self) -> &'static str {
        match self.dialect {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        }
    }

    /// Waits for the turn, and sees to a connection without an open transaction.
    async fn ready(&self) -> Result<MutexGuard<'_, Held>, DbErr> {
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
    pub(crate) async fn run(&self, sql: &str, cells: &[Cell<'_>]) -> Result<u64, DbErr> {
        let mut txn = self.begin().await?;
        let touched = txn.run(sql, cells).await?;
        txn.commit().await?;
        Ok(touched)
    }

    async fn connect(&self) -> Result<Conn, DbErr> {
        let acquired = match self.dialect {
            Dialect::Sqlite => self
                .pool
                .get_sqlite_connection_pool()
                .acquire()
                .await
                .map(Conn::Sqlite),
            Dialect::Postgres => self
                .pool
                .get_postgres_connection_pool()
                .acquire()
                .await
                .map(Conn::Postgres),
        };
        acquired.map_err(|e| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(e))))
    }

    /// Gives the connection back and closes the pool.
    pub(crate) async fn close(&self) {
        let conn = self.held.lock().await.conn.take();
        drop(conn);
        // A pool that cannot be closed in good order is dropped all the same.
        let _ = self.pool.clone().close().await;
    }
}

impl Held {
    /// Ends the transaction.
    async fn end(&mut self, how: &str) -> Result<(), DbErr> {
        let ended = self.control(how).await;
        self.open = false;
        ended
    }

    /// Runs a word of transaction control; a connection that fails in this is not used again.
    async fn control(&mut self, how: &str) -> Result<(), DbErr> {
        let Some(conn) = self.conn.as_mut() else {
            return Err(lost());
        };
        let Err(error) = conn.raw(how).await else {
            return Ok(());
        };
        if let Some(conn) = self.conn.take() {
            conn.discard().await;
        }
        Err(exec_error(error))
    }
}

/// Rows for one statement: flat cells, and the statement's text given that of the row tuples.
pub(crate) struct Rows<'a> {
    pub width: usize,
    pub cells: Vec<Cell<'a>>,
    pub sql: &'a (dyn Fn(&str) -> String + Sync),
    /// Where it is given, the statement for one row, which SQLite runs so many times.
    pub each: Option<&'a str>,
}

impl Rows<'_> {
    fn text(&self, rows: usize) -> String {
        match self.each {
            Some(one) => vec![one; rows].join(";"),
            None => (self.sql)(&tuples(rows, self.width)),
        }
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

    fn conn(&mut self) -> Result<&mut Conn, DbErr> {
        self.held.conn.as_mut().ok_or_else(lost)
    }

    /// Runs a statement and tells how many rows it touched.
    pub(crate) async fn run(&mut self, sql: &str, cells: &[Cell<'_>]) -> Result<u64, DbErr> {
        let text = self.dialect.placeholders(sql).into();
        self.conn()?.run(text, cells).await.map_err(exec_error)
    }

    /// Reads the rows of a statement.
    pub(crate) async fn all(
        &mut self,
        sql: &str,
        cells: &[Cell<'_>],
    ) -> Result<Vec<QueryResult>, DbErr> {
        let text = self.dialect.placeholders(sql).into();
        self.conn()?.all(text, cells).await.map_err(exec_error)
    }

    /// Reads the first row of a statement.
    pub(crate) async fn one(
        &mut self,
        sql: &str,
        cells: &[Cell<'_>],
    ) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.all(sql, cells).await?.into_iter().next())
    }

    /// Runs text without values, several statements if need be.
    pub(crate) async fn raw(&mut self, sql: &str) -> Result<(), DbErr> {
        self.conn()?.raw(sql).await.map_err(exec_error)
    }

    /// Runs a statement over many rows of `width` cells each.
    pub(crate) async fn run_rows(
        &mut self,
        name: &'static str,
        width: usize,
        cells: Vec<Cell<'_>>,
        sql: impl Fn(&str) -> String + Sync,
    ) -> Result<(), DbErr> {
        self.run_tables(
            name,
            &[Rows {
                width,
                cells,
                sql: &sql,
                each: None,
            }],
        )
        .await
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
    ) -> Result<(), DbErr> {
        let columns = key.join(",");
        let one = format!("DELETE FROM {table} WHERE {}=?", key.join("=? AND "));
        let sql = |t: &str| format!("DELETE FROM {table} WHERE ({columns}) IN (VALUES {t})");
        let each = (self.dialect == Dialect::Sqlite).then_some(one.as_str());
        self.run_tables(
            name,
            &[Rows {
                width: key.len(),
                cells,
                sql: &sql,
                each,
            }],
        )
        .await
    }

    /// Runs statements over equally many rows each, in as few as limits and the cache of prepared statements
    /// allow; `name` names their texts uniquely.
    ///
    /// On SQLite they travel together: the way to its thread and back costs more than most statements.
    pub(crate) async fn run_tables(
        &mut self,
        name: &'static str,
        tables: &[Rows<'_>],
    ) -> Result<(), DbErr> {
        let Some(first) = tables.first() else {
            return Ok(());
        };
        let together = if self.dialect == Dialect::Sqlite {
            tables.len()
        } else {
            1
        };
        let width: usize = tables.iter().map(|table| table.width).sum();
        let (mut done, count) = (0, first.cells.len() / first.width);
        while done < count {
            let rows = chunk_rows(count - done, self.dialect.params_max() / width);
            for (group, tables) in tables.chunks(together).enumerate() {
                let text = self.text((name, group, rows), || {
                    let texts: Vec<String> = tables.iter().map(|table| table.text(rows)).collect();
                    texts.join(";")
                });
                let part = |table: &Rows<'_>| done * table.width..(done + rows) * table.width;
                match tables {
                    [one] => self.conn()?.run(text, &one.cells[part(one)]).await,
                    many => {
                        let cells: Vec<Cell<'_>> = many
                            .iter()
                            .flat_map(|table| table.cells[part(table)].iter().cloned())
                            .collect();
                        self.conn()?.run(text, &cells).await
                    }
                }
                .map_err(exec_error)?;
            }
            done += rows;
        }
        Ok(())
    }

    fn text(
        &mut self,
        key: (&'static str, usize, usize),
        make: impl FnOnce() -> String,
    ) -> Arc<str> {
        let dialect = self.dialect;
        Arc::clone(
            self.held
                .texts
                .entry(key)
                .or_insert_with(|| dialect.placeholders(&make()).into()),
        )
    }

    /// Commits; after an error of a lost connection it is not known whether it took place.
    pub(crate) async fn commit(mut self) -> Result<(), DbErr> {
        self.held.end("COMMIT").await
    }

    /// Rolls back.
    pub(crate) async fn rollback(mut self) -> Result<(), DbErr> {
        self.held.end("ROLLBACK").await
    }
}

fn lost() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("数据库连接已失去".into()))
}

fn exec_error(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error)))
}
