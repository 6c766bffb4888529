//! What waits: for a person, how much of it there is, and for others in a person's cases.

use sea_orm::Value;

use super::{PAGE_ROWS_MAX, TodoFilter, TodoItem};
use crate::error::StoreError;
use crate::read::{Condition, Rows, Scope};
use crate::sql::{get, marks};
use crate::store::Store;

/// Most pressing first, then by when the case last moved.
pub(super) const PRESSING: &str =
    "ORDER BY todo.due_on NULLS LAST, todo.since_at, todo.stream_id, todo.key";

impl Store {
    /// What waits for a person: most pressing first, then by when the case last moved.
    pub async fn todo(
        &self,
        scope: &Scope,
        filter: &TodoFilter,
        count: u32,
    ) -> Result<Vec<TodoItem>, StoreError> {
        self.todo_of(scope, filter, &[], count).await
    }

    /// What of some steps waits for a person, in the same order; of every step where none is named.
    pub async fn todo_of(
        &self,
        scope: &Scope,
        filter: &TodoFilter,
        steps: &[String],
        count: u32,
    ) -> Result<Vec<TodoItem>, StoreError> {
        let mut condition = self.in_scope(scope, "todo").await?;
        condition.and_shown(filter);
        if !steps.is_empty() {
            condition.and_in("todo.step", steps);
        }
        let (todo, mut values) = waiting_for(filter);
        values.extend(condition.values);
        let rows = count.min(PAGE_ROWS_MAX);
        // Cut before the cases are looked up.
        let first = format!(
            "(SELECT * FROM {todo}{} {PRESSING} LIMIT {rows}) AS todo",
            condition.sql
        );
        self.todo_items(&first, values, PRESSING).await
    }

    /// How many steps wait for a person, counted no further than `most`.
    pub async fn todo_count(
        &self,
        scope: &Scope,
        filter: &TodoFilter,
        most: u32,
    ) -> Result<u32, StoreError> {
        let mut condition = self.in_scope(scope, "todo").await?;
        condition.and_shown(filter);
        let (todo, mut values) = waiting_for(filter);
        values.extend(condition.values);
        let first = format!("SELECT 1 AS one FROM {todo}{} LIMIT {most}", condition.sql);
        self.counted(&first, values).await
    }

    /// What waits in the cases in which a person has a part, for whomever, most pressing first; none where these are more
    /// than `cases_max`, each of which would be looked at.
    pub async fn awaited(
        &self,
        scope: &Scope,
        person: &str,
        cases_max: u32,
        count: u32,
    ) -> Result<Option<Vec<TodoItem>>, StoreError> {
        let of_person = format!(
            "SELECT 1 AS one FROM case_person WHERE person_id = ? LIMIT {}",
            cases_max.saturating_add(1)
        );
        if self.counted(&of_person, vec![person.into()]).await? > cases_max {
            return Ok(None);
        }
        let mut condition = self.in_scope(scope, "todo").await?;
        condition.and(
            "case_person.person_id = ? AND todo.stream_id = case_person.stream_id",
            [person.into()],
        );
        // `CROSS JOIN` so that SQLite begins with the person and not with everything that waits.
        let first = format!(
            "(SELECT todo.* FROM case_person CROSS JOIN todo{} {PRESSING} LIMIT {}) AS todo",
            condition.sql,
            count.min(PAGE_ROWS_MAX)
        );
        let items = self.todo_items(&first, condition.values, PRESSING).await?;
        Ok(Some(items))
    }

    async fn counted(&self, sql: &str, values: Vec<Value>) -> Result<u32, StoreError> {
        let sql = format!("SELECT COUNT(*) FROM ({sql}) AS part");
        let rows = self.rows(&sql, values).await?;
        let count: i64 = rows.first().map_or(Ok(0), |row| get(row, 0))?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

impl Condition {
    /// What waits for a unit or a person is shown to these; of the rest what the filter's reach shows.
    fn and_shown(&mut self, filter: &TodoFilter) {
        let Some(reach) = &filter.reach else { return };
        let mut values = Vec::new();
        let mut shown = vec!["todo.person IS NOT NULL", "todo.unit IS NOT NULL"];
        if let Some((body, unit)) = &reach.unit {
            shown.push(
                "EXISTS (SELECT 1 FROM case_row c WHERE c.stream_id = todo.stream_id AND c.body_id = ? AND c.unit = ?)",
            );
            values.extend([Value::from(body.as_str()), unit.as_str().into()]);
        }
        if reach.decided {
            shown.push(
                "EXISTS (SELECT 1 FROM case_row c WHERE c.stream_id = todo.stream_id AND c.decided_on IS NOT NULL)",
            );
        }
        if let Some(person) = &reach.person {
            shown.push(
                "EXISTS (SELECT 1 FROM case_person p WHERE p.stream_id = todo.stream_id AND p.person_id = ?)",
            );
            values.push(Value::from(person.as_str()));
        }
        self.and(&shown.join(" OR "), values);
    }
}

/// The steps that wait for a person, as the table `todo` of a statement, with the values that it holds.
///
/// Each way to be meant is a stretch of the index by person, role and unit.
fn waiting_for(filter: &TodoFilter) -> (String, Vec<Value>) {
    let mut sql = String::from("(SELECT * FROM todo WHERE person = ?");
    let mut values = vec![Value::String(filter.person.clone())];
    let roles = filter.roles.iter().map(|role| Value::from(role.as_str()));
    let of_roles = format!(
        " UNION ALL SELECT * FROM todo WHERE person IS NULL AND role IN ({})",
        marks(filter.roles.len())
    );
    if !filter.roles.is_empty() {
        sql.push_str(&format!("{of_roles} AND unit IS NULL"));
        values.extend(roles.clone());
    }
    if let (false, Some((body, unit))) = (filter.roles.is_empty(), &filter.unit) {
        sql.push_str(&format!("{of_roles} AND unit = ? AND body_id = ?"));
        values.extend(roles.chain([unit.as_str().into(), body.as_str().into()]));
    }
    sql.push_str(") AS todo");
    (sql, values)
}
