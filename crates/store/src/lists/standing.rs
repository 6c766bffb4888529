//! Where cases stand, counted by unit and stage, and what is late: what an overseer looks at.

use jiff::civil::Date;
use sea_orm::Value;

use super::{PAGE_ROWS_MAX, TodoItem, waiting::PRESSING};
use crate::committer::version;
use crate::error::StoreError;
use crate::read::{Rows, Scope};
use crate::sql::get;
use crate::store::Store;

/// How many cases of a unit stand in a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageCount {
    /// The body.
    pub body_id: String,
    /// Handling unit.
    pub unit: String,
    /// Stage id.
    pub stage: String,
    /// Whether the stage is one of rest.
    pub ended: bool,
    /// Cases.
    pub cases: u64,
}

/// How many open cases of a unit are late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateCount {
    /// The body.
    pub body_id: String,
    /// Handling unit.
    pub unit: String,
    /// Cases.
    pub cases: u64,
}

/// What is late in a case: something waits whose last day has passed.
pub(super) const LATE: &str =
    "EXISTS (SELECT 1 FROM todo t WHERE t.stream_id = case_row.stream_id AND t.due_on < ?)";

impl Store {
    /// The cases of the bodies in scope, by unit and stage.
    pub async fn stage_counts(&self, scope: &Scope) -> Result<Vec<StageCount>, StoreError> {
        let mut parts = self.parts_of_scope(scope, "case_row").await?.into_iter();
        let own = parts.next().unwrap_or_default();
        let sql = format!(
            "SELECT body_id, unit, stage, ended, COUNT(*) FROM case_row{} GROUP BY body_id, unit, stage, ended",
            own.sql
        );
        let rows = self.rows(&sql, own.values).await?;
        rows.iter()
            .map(|row| {
                Ok(StageCount {
                    body_id: get(row, 0)?,
                    unit: get(row, 1)?,
                    stage: get(row, 2)?,
                    ended: get(row, 3)?,
                    cases: version(get(row, 4)?)?,
                })
            })
            .collect()
    }

    /// The open cases of the bodies in scope in which something waits whose last day was before that day, by unit.
    pub async fn late_counts(
        &self,
        scope: &Scope,
        today: Date,
    ) -> Result<Vec<LateCount>, StoreError> {
        let mut parts = self.parts_of_scope(scope, "todo").await?.into_iter();
        let mut own = parts.next().unwrap_or_default();
        own.and("todo.due_on < ?", [Value::from(today.to_string())]);
        let sql = format!(
            "SELECT case_row.body_id, case_row.unit, COUNT(*) FROM \
             (SELECT DISTINCT todo.stream_id FROM todo{}) AS late \
             JOIN case_row ON case_row.stream_id = late.stream_id AND case_row.ended = FALSE \
             GROUP BY case_row.body_id, case_row.unit",
            own.sql
        );
        let rows = self.rows(&sql, own.values).await?;
        rows.iter()
            .map(|row| {
                Ok(LateCount {
                    body_id: get(row, 0)?,
                    unit: get(row, 1)?,
                    cases: version(get(row, 2)?)?,
                })
            })
            .collect()
    }

    /// What waits in the cases in scope and should have been done before that day, the longest late first.
    pub async fn late(
        &self,
        scope: &Scope,
        today: Date,
        count: u32,
    ) -> Result<Vec<TodoItem>, StoreError> {
        let mut condition = self.in_scope(scope, "todo").await?;
        condition.and("todo.due_on < ?", [Value::from(today.to_string())]);
        let first = format!(
            "(SELECT * FROM todo{} {PRESSING} LIMIT {}) AS todo",
            condition.sql,
            count.min(PAGE_ROWS_MAX)
        );
        self.todo_items(&first, condition.values, PRESSING).await
    }
}
