//! The one place where the two databases' dialects differ: placeholders, multi-row statements, error kinds.

use sea_orm::sqlx;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult,
    RuntimeErr, Statement, TransactionOptions, TransactionTrait, Value,
};

use crate::conn::{Column, Columns};

/// Which of the two databases a statement is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, one machine.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    fn backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
        }
    }

    /// A statement whose `?` are written as this database wants them; no literal may hold a `?`.
    pub(crate) fn statement(self, sql: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.backend(), self.placeholders(sql), values)
    }

    /// The text with `?` written as this database wants them; no literal may hold a `?`.
    pub(crate) fn placeholders(self, sql: &str) -> String {
        if self == Self::Sqlite {
            return sql.to_owned();
        }
        let mut out = String::with_capacity(sql.len() + sql.len() / 4);
        for (count, part) in sql.split('?').enumerate() {
            if count > 0 {
                out.push('$');
                out.push_str(&count.to_string());
            }
            out.push_str(part);
        }
        out
    }

    /// Reads the rows of `sql`.
    pub(crate) async fn all(
        self,
        conn: &impl ConnectionTrait,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Vec<QueryResult>, DbErr> {
        conn.query_all_raw(self.statement(sql, values)).await
    }

    /// Begins a transaction whose reads all see one moment.
    pub(crate) async fn begin_snapshot(
        self,
        conn: &DatabaseConnection,
    ) -> Result<DatabaseTransaction, DbErr> {
        let isolation_level =
            (self == Self::Postgres).then_some(sea_orm::IsolationLevel::RepeatableRead);
        conn.begin_with_options(TransactionOptions {
            isolation_level,
            ..Default::default()
        })
        .await
    }
}

/// `?,?,?` for a list of `count` values.
pub(crate) fn marks(count: usize) -> String {
    vec!["?"; count].join(",")
}

/// One column of a row; the position is that in the select list.
pub(crate) fn get<T: Column>(row: &impl Columns, index: usize) -> Result<T, DbErr> {
    row.column(index)
}

/// What the database said, by the way that it was asked.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// PostgreSQL, or a read of either.
    #[error(transparent)]
    Pooled(#[from] DbErr),
    /// A write to SQLite.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

/// What a database error means to the one who waits for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A key exists already.
    Duplicate,
    /// No room left on the disk.
    DiskFull,
    /// The disk takes nothing, though there may be room.
    Unwritable,
    /// The database cannot be reached, or the connection was lost.
    Away,
    /// Locked by another process for longer than we wait, or a deadlock: worth another try.
    Busy,
    /// Anything else.
    Other,
}

/// Sorts a database error into the kinds that the store acts on.
pub(crate) fn fault(error: &SqlError) -> Fault {
    match error {
        SqlError::Pooled(error) => pooled_fault(error),
        SqlError::Sqlite(rusqlite::Error::SqliteFailure(error, _)) => {
            lite_fault(error.extended_code)
        }
        SqlError::Sqlite(_) => Fault::Other,
    }
}

/// SQLite's extended result codes; the lower byte is the plain one.
fn lite_fault(code: i32) -> Fault {
    use rusqlite::ffi;
    match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_ROWID => Fault::Duplicate,
        ffi::SQLITE_IOERR_WRITE
        | ffi::SQLITE_IOERR_FSYNC
        | ffi::SQLITE_IOERR_DIR_FSYNC
        | ffi::SQLITE_IOERR_TRUNCATE
        | ffi::SQLITE_IOERR_SHMOPEN
        | ffi::SQLITE_IOERR_SHMSIZE => Fault::Unwritable,
        _ => code_fault(&code.to_string()),
    }
}

fn pooled_fault(error: &DbErr) -> Fault {
    let source = match error {
        DbErr::ConnectionAcquire(_) => return Fault::Away,
        DbErr::Conn(RuntimeErr::SqlxError(e))
        | DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e)) => e,
        DbErr::Conn(_) => return Fault::Away,
        _ => return Fault::Other,
    };
    match &**source {
        sqlx::Error::Database(e) if e.is_unique_violation() => Fault::Duplicate,
        sqlx::Error::Database(e) => code_fault(e.code().as_deref().unwrap_or_default()),
        sqlx::Error::Io(e) if e.kind() == std::io::ErrorKind::StorageFull => Fault::DiskFull,
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Fault::Away,
        _ => Fault::Other,
    }
}

/// Whether a connection was lost, rather than none to be had.
pub(crate) fn lost_connection(error: &DbErr) -> bool {
    pooled_fault(error) == Fault::Away
        && !matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_))
}

/// SQLite's (extended) result codes are numbers, PostgreSQL's have five characters.
fn code_fault(code: &str) -> Fault {
    if code.len() == 5 {
        return match code {
            "53100" => Fault::DiskFull,
            "40001" | "40P01" | "55P03" => Fault::Busy,
            // Shut down, crashed, starting up, too many connections, lost connection.
            _ if code.starts_with("57P") || code.starts_with("08") || code == "53300" => {
                Fault::Away
            }
            _ => Fault::Other,
        };
    }
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(5 | 6) => Fault::Busy,
        Ok(8) => Fault::Unwritable,
        Ok(13) => Fault::DiskFull,
        Ok(10 | 14) => Fault::Away,
        _ => Fault::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_marks_become_numbers_on_postgres_only() {
        let sql = "SELECT a FROM t WHERE b = ? AND c IN (?,?)";
        assert_eq!(Dialect::Sqlite.placeholders(sql), sql);
        assert_eq!(
            Dialect::Postgres.placeholders(sql),
            "SELECT a FROM t WHERE b = $1 AND c IN ($2,$3)"
        );
    }

    #[test]
    fn error_codes_of_both_databases_are_sorted() {
        fn check(code: &str, expect: Fault) {
            assert_eq!(code_fault(code), expect, "{code}");
        }
        check("13", Fault::DiskFull);
        check("53100", Fault::DiskFull);
        check("8", Fault::Unwritable);
        check("5", Fault::Busy);
        check("517", Fault::Busy);
        check("40P01", Fault::Busy);
        check("57P01", Fault::Away);
        check("08006", Fault::Away);
        check("42P01", Fault::Other);
        check("1", Fault::Other);
        assert_eq!(lite_fault(2067), Fault::Duplicate);
        assert_eq!(lite_fault(13), Fault::DiskFull);
        assert_eq!(lite_fault(778), Fault::Unwritable, "IOERR_WRITE");
        assert_eq!(lite_fault(266), Fault::Away, "IOERR_READ");
        assert_eq!(
            lite_fault(275),
            Fault::Other,
            "a failed CHECK is no duplicate"
        );
    }
}
