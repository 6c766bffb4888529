//! The writing connection to SQLite.
//!
//! It is called directly, not through a driver that hands each statement to a thread of its own: that way and back
//! cost more than most statements. Whoever uses it therefore holds their thread, for as long as the disk takes.

use std::sync::Arc;

use rusqlite::{CachedStatement, Connection, OpenFlags, types::Value};
use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::{DbErr, RuntimeErr};

use super::{Cell, Row};
use crate::config::StoreConfig;
use crate::sql::SqlError;
use crate::store::{BUSY_WAIT, Role, STATEMENTS_CACHED_MAX, pragmas};

pub(super) struct Lite {
    conn: Connection,
}

impl Lite {
    /// Opens the file; only a maker makes it.
    pub(super) fn open(
        config: &StoreConfig,
        role: Role,
        pages_max: Option<u32>,
    ) -> Result<Self, SqlError> {
        // The readers' driver says what file the address names, so that both mean the same one.
        let options: SqliteConnectOptions = config
            .url
            .parse()
            .map_err(|e| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(e))))?;
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if role == Role::Maker {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let conn = Connection::open_with_flags(options.get_filename(), flags)?;
        conn.busy_timeout(BUSY_WAIT)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS_CACHED_MAX);
        for (name, value) in pragmas(role, pages_max) {
            conn.pragma_update(None, name, value)?;
        }
        Ok(Self { conn })
    }

    /// Runs one statement; tells how many rows it touched.
    pub(super) fn run<'c>(
        &self,
        sql: &str,
        cells: impl Iterator<Item = &'c Cell<'c>>,
    ) -> Result<u64, SqlError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        step(&mut statement, cells)
    }

    /// Runs one statement for each `width` cells.
    pub(super) fn run_each(
        &self,
        sql: &str,
        width: usize,
        cells: &[Cell<'_>],
    ) -> Result<(), SqlError> {
        if cells.is_empty() {
            return Ok(());
        }
        let mut statement = self.conn.prepare_cached(sql)?;
        for row in cells.chunks(width) {
            step(&mut statement, row.iter())?;
        }
        Ok(())
    }

    /// Reads the rows of one statement.
    pub(super) fn all(&self, sql: &str, cells: &[Cell<'_>]) -> Result<Vec<Row>, SqlError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = Vec::new();
        read(&mut statement, cells, &mut rows)?;
        Ok(rows)
    }

    /// Reads the rows of one statement for each cell.
    pub(super) fn all_of_each(&self, sql: &str, cells: &[Cell<'_>]) -> Result<Vec<Row>, SqlError> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = Vec::with_capacity(cells.len());
        for cell in cells {
            read(&mut statement, std::slice::from_ref(cell), &mut rows)?;
        }
        Ok(rows)
    }

    /// Runs a word of transaction control.
    pub(super) fn control(&self, word: &str) -> Result<(), SqlError> {
        self.conn.prepare_cached(word)?.raw_execute()?;
        Ok(())
    }

    /// Runs text without values, several statements if need be.
    pub(super) fn raw(&self, sql: &str) -> Result<(), SqlError> {
        Ok(self.conn.execute_batch(sql)?)
    }
}

fn read(
    statement: &mut CachedStatement<'_>,
    cells: &[Cell<'_>],
    out: &mut Vec<Row>,
) -> Result<(), SqlError> {
    let width = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(cells))?;
    while let Some(row) = rows.next()? {
        let values: Result<Vec<Value>, _> = (0..width).map(|at| row.get(at)).collect();
        out.push(Row::Sqlite(values?));
    }
    Ok(())
}

fn step<'c>(
    statement: &mut CachedStatement<'_>,
    cells: impl Iterator<Item = &'c Cell<'c>>,
) -> Result<u64, SqlError> {
    for (at, cell) in (1..).zip(cells) {
        statement.raw_bind_parameter(at, cell)?;
    }
    // Number of rows touched; of what returns rows, those are left unread.
    Ok(statement.raw_execute()? as u64)
}
