//! What the database itself says of its file.

use super::{Fault, FaultKind, words};
use crate::error::StoreError;
use crate::read::Rows;
use crate::sql::Dialect;
use crate::store::Store;

/// Rows that are named a column.
const ROWS_NAMED_MAX: u32 = 20;

/// Columns of bytes that the record is read from: what a row is named by, and the columns.
///
/// A row says of each value which type it is. Of bytes that it calls text no reading of bytes shows that it was changed,
/// though whoever compares them, or reads them as they were written, is refused.
const BYTES: [(&str, &str, &[&str]); 7] = [
    (
        "event",
        "'记录流“' || stream_id || '”第 ' || version || ' 号记录'",
        &["header"],
    ),
    (
        "event_body",
        "'记录流“' || stream_id || '”第 ' || version || ' 号记录'",
        &["salt", "body"],
    ),
    ("leaf", "'日志第 ' || idx || ' 条'", &["entry"]),
    ("stream", "'记录流“' || stream_id || '”'", &["entry"]),
    ("tile", "'日志分块 ' || level || '/' || idx", &["data"]),
    ("checkpoint", "'检查点 ' || size", &["root"]),
    (
        "origin",
        "'日志的第 ' || origin_no || ' 个名称“' || name || '”'",
        &["record"],
    ),
];

impl Store {
    /// Asks SQLite whether its file is whole: pages, rows, indexes against their tables, and that bytes are bytes.
    ///
    /// PostgreSQL has no such question; its pages have checksums of their own, where they were switched on.
    pub async fn verify_file(&self) -> Result<Vec<Fault>, StoreError> {
        if self.inner.dialect == Dialect::Postgres {
            return Ok(Vec::new());
        }
        let found = self.rows("PRAGMA integrity_check", vec![]).await;
        let told = match found.map_err(StoreError::from) {
            Ok(rows) => rows.iter().map(|row| words(row, 0)).collect(),
            Err(fault @ (StoreError::Damaged(_) | StoreError::Database(_))) => {
                vec![fault.to_string()]
            }
            Err(other) => return Err(other),
        };
        let mut faults: Vec<Fault> = told
            .into_iter()
            .filter(|line| line != "ok")
            .map(|detail| Fault {
                kind: FaultKind::Database,
                place: "数据库文件".to_owned(),
                detail,
            })
            .collect();
        if faults.is_empty() {
            faults = self.bytes_that_are_none().await?;
        }
        Ok(faults)
    }

    async fn bytes_that_are_none(&self) -> Result<Vec<Fault>, StoreError> {
        let mut faults = Vec::new();
        for (table, place, columns) in BYTES {
            for column in columns {
                let sql = format!(
                    "SELECT {place} FROM {table} WHERE typeof({column}) NOT IN ('blob', 'null') LIMIT {ROWS_NAMED_MAX}"
                );
                let rows = self.rows(&sql, vec![]).await?;
                faults.extend(rows.iter().map(|row| Fault {
                    kind: FaultKind::Database,
                    place: words(row, 0),
                    detail: format!("{table} 的 {column} 一栏不是字节，数据库文件被改动或者损坏"),
                }));
            }
        }
        Ok(faults)
    }
}
