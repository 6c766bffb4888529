//! What the database itself says of its file.

use super::{Fault, FaultKind, words};
use crate::error::StoreError;
use crate::read::Rows;
use crate::sql::Dialect;
use crate::store::Store;

impl Store {
    /// Asks SQLite whether its file is whole: pages, rows, and indexes against their tables.
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
        Ok(told
            .into_iter()
            .filter(|line| line != "ok")
            .map(|detail| Fault {
                kind: FaultKind::Database,
                place: "数据库文件".to_owned(),
                detail,
            })
            .collect())
    }
}
