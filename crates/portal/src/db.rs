//! The portal's database: connections, tables, and rows as they come.

use jiff::civil::Date;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, QueryResult, Statement, TransactionTrait, TryGetable, Value,
};

use crate::error::PortalError;

/// Version of the tables.
pub const SCHEMA_VERSION: i64 = 2;
/// Connections by which pages are read.
const READERS: u32 = 4;

/// Connections to one database; cheap to clone.
#[derive(Debug, Clone)]
pub struct Db {
    /// Whoever writes, writes in line.
    writer: DatabaseConnection,
    /// Readers see whole publications and hold up no writer.
    reader: DatabaseConnection,
    backend: DbBackend,
}

impl Db {
    /// Connects to `sqlite:PATH` or `postgres://…`, and makes the tables where there are none.
    pub async fn open(url: &str) -> Result<Self, PortalError> {
        let backend = match url.split_once(':') {
            Some(("sqlite", _)) => DbBackend::Sqlite,
            Some(("postgres" | "postgresql", _)) => DbBackend::Postgres,
            _ => return Err(PortalError::Url),
        };
        let writer = connect(url, 1).await?;
        let db = Self {
            reader: connect(url, READERS).await?,
            writer,
            backend,
        };
        db.make_tables().await?;
        Ok(db)
    }

    async fn make_tables(&self) -> Result<(), PortalError> {
        let bytes = match self.backend {
            DbBackend::Sqlite => "BLOB",
            _ => "BYTEA",
        };
        let tables = include_str!("schema.sql").replace("{bytes}", bytes);
        self.writer.execute_unprepared(&tables).await?;
        // PostgreSQL takes no texts of any length into an index, and reads such a table through as quickly without.
        if self.backend == DbBackend::Sqlite {
            self.writer.execute_unprepared(SEARCH_INDEX).await?;
        }
        let sql = "INSERT INTO portal_meta (key, value) VALUES ('schema', ?) ON CONFLICT (key) DO NOTHING";
        self.run(sql, vec![SCHEMA_VERSION.to_string().into()])
            .await?;
        Ok(())
    }

    /// Version of the tables; refuses those of a newer program.
    pub async fn schema(&self) -> Result<i64, PortalError> {
        let found = self.meta("schema").await?.unwrap_or_default();
        match found.parse::<i64>() {
            Ok(known @ 1..=SCHEMA_VERSION) => Ok(known),
            Ok(found) => Err(PortalError::NewerSchema {
                found,
                wanted: SCHEMA_VERSION,
            }),
            Err(_) => Err(PortalError::Damaged(format!("schema = {found}"))),
        }
    }

    /// Keeps a word under a key.
    pub async fn set_meta(&self, key: &str, value: &str) -> Result<(), PortalError> {
        self.run(SET_META, vec![key.into(), value.into()]).await?;
        Ok(())
    }

    /// The word under a key.
    pub async fn meta(&self, key: &str) -> Result<Option<String>, PortalError> {
        let sql = "SELECT value FROM portal_meta WHERE key = ?";
        let rows = self.rows(sql, vec![key.into()]).await?;
        rows.first().map(|row| get(row, 0)).transpose()
    }

    /// Carries out one statement; gives the number of rows that it touched.
    pub async fn run(&self, sql: &str, values: Vec<Value>) -> Result<u64, PortalError> {
        let done = self.writer.execute_raw(self.statement(sql, values)).await?;
        Ok(done.rows_affected())
    }

    /// Begins to write what is seen as a whole or not at all.
    pub async fn begin(&self) -> Result<Writing<'_>, PortalError> {
        Ok(Writing {
            db: self,
            transaction: self.writer.begin().await?,
        })
    }

    /// Reads rows.
    pub async fn rows(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Vec<QueryResult>, PortalError> {
        Ok(self
            .reader
            .query_all_raw(self.statement(sql, values))
            .await?)
    }

    /// Closes the connections.
    pub async fn close(&self) {
        // A pool that cannot be closed in good order is dropped all the same.
        let _ = self.reader.clone().close().await;
        let _ = self.writer.clone().close().await;
    }

    fn statement(&self, sql: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.backend, numbered(self.backend, sql), values)
    }
}

/// What searching looks through: the words and all that narrows a search, in the order of the list.
const SEARCH_INDEX: &str = "CREATE INDEX IF NOT EXISTS published_line_search ON published_line \
    (published_on, id, until_on, decided_year, body_name, party_kind, kinds, haystack)";
const SET_META: &str = "INSERT INTO portal_meta (key, value) VALUES (?, ?) \
                        ON CONFLICT (key) DO UPDATE SET value = excluded.value";

/// Statements that count together.
pub struct Writing<'a> {
    db: &'a Db,
    transaction: DatabaseTransaction,
}

impl Writing<'_> {
    /// Carries out one statement; gives the number of rows that it touched.
    pub async fn run(&self, sql: &str, values: Vec<Value>) -> Result<u64, PortalError> {
        let statement = self.db.statement(sql, values);
        Ok(self
            .transaction
            .execute_raw(statement)
            .await?
            .rows_affected())
    }

    /// Keeps a word under a key.
    pub async fn set_meta(&self, key: &str, value: &str) -> Result<(), PortalError> {
        self.run(SET_META, vec![key.into(), value.into()]).await?;
        Ok(())
    }

    /// Makes it count.
    pub async fn commit(self) -> Result<(), PortalError> {
        Ok(self.transaction.commit().await?)
    }
}

async fn connect(url: &str, connections: u32) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            // What is withdrawn is gone from the file as well.
            .pragma("secure_delete", "ON")
    });
    Database::connect(options).await
}

/// `?` as PostgreSQL numbers them; no literal here holds one.
fn numbered(backend: DbBackend, sql: &str) -> String {
    if backend != DbBackend::Postgres {
        return sql.to_owned();
    }
    let mut parts = sql.split('?');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        out.push_str(&format!("${}{part}", at + 1));
    }
    out
}

/// A pattern that finds the word anywhere, with the pattern's own signs taken literally.
pub fn like(word: &str) -> String {
    let mut out = String::from("%");
    for c in word.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('%');
    out
}

/// A column of a row.
pub fn get<T: TryGetable>(row: &QueryResult, at: usize) -> Result<T, PortalError> {
    Ok(row.try_get_by_index(at)?)
}

/// A day in a column.
pub fn day(row: &QueryResult, at: usize) -> Result<Date, PortalError> {
    optional_day(row, at)?.ok_or_else(|| PortalError::Damaged(format!("第{at}列没有日期")))
}

/// A day in a column, where there is one.
pub fn optional_day(row: &QueryResult, at: usize) -> Result<Option<Date>, PortalError> {
    get::<Option<String>>(row, at)?
        .map(|text| {
            text.parse()
                .map_err(|_| PortalError::Damaged(format!("日期“{text}”")))
        })
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searched_words_are_taken_literally() {
        fn check(word: &str, expect: &str) {
            assert_eq!(like(word), expect);
        }
        check("某厂", "%某厂%");
        check("50%_A", "%50\\%\\_a%");
    }

    #[test]
    fn question_marks_become_numbers_on_postgres_only() {
        let sql = "SELECT a FROM t WHERE b = ? AND c = ?";
        assert_eq!(numbered(DbBackend::Sqlite, sql), sql);
        assert_eq!(
            numbered(DbBackend::Postgres, sql),
            "SELECT a FROM t WHERE b = $1 AND c = $2"
        );
    }
}
