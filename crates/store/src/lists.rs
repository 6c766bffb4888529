//! Lists for the desk: cases, to-do, time limits, papers, officials and bodies.

mod rows;
mod standing;
mod waiting;

use std::collections::BTreeSet;

use casework::rows::{CaseRow, LimitRow, PaperRow, PersonRow, TodoRow};
use jiff::civil::Date;
use sea_orm::Value;

use crate::error::StoreError;
use crate::read::{Condition, Head, Rows, Scope};
use crate::sql::get;
use crate::store::Store;
pub use standing::{LateCount, StageCount};

use rows::{
    CASE, LIMIT, PAPER, PERSON, TODO, case_row, limit_row, listed, paper_row, person_row, todo_row,
};

/// Rows that one page of a list may have.
const PAGE_ROWS_MAX: u32 = 500;

/// A view row with the stream and body that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<R> {
    /// The stream.
    pub stream: String,
    /// The body.
    pub body_id: String,
    /// The row.
    pub row: R,
}

/// Which cases a list shows; an empty filter shows all in scope.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// Stage ids, any of them; empty for every stage.
    pub stages: Vec<String>,
    /// The body, of those in scope.
    pub body: Option<String>,
    /// Handling unit.
    pub unit: Option<String>,
    /// Only open cases in which something waits that should have been done before that day.
    pub late: Option<Date>,
    /// First and last day of the lead; none where that end is open.
    pub opened: (Option<Date>, Option<Date>),
    /// Part of number, name, parties or cause, whatever the case of its letters.
    pub text: Option<String>,
    /// Whether the case has ended; none for both.
    pub ended: Option<bool>,
    /// Only these cases; none for all.
    pub streams: Option<Vec<String>>,
    /// What the reader is shown of the bodies in scope; none for every case.
    pub reach: Option<CaseReach>,
}

/// The cases that a reader is shown: those of which any of these holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseReach {
    /// Cases of this unit: its body, and its id there, which other bodies may have too.
    pub unit: Option<(String, String)>,
    /// Cases with a decision.
    pub decided: bool,
    /// Cases in which this person has a duty.
    pub person: Option<String>,
}

/// Place of a case in lists, newest first; the next page begins after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseKey {
    /// Day of the lead.
    pub opened_on: Date,
    /// The stream.
    pub stream: String,
}

/// For whom the to-do list is: steps assigned to the person, and steps of the roles that nobody is assigned to.
#[derive(Debug, Clone, Default)]
pub struct TodoFilter {
    /// The person.
    pub person: Option<String>,
    /// The person's roles.
    pub roles: Vec<String>,
    /// The person's unit, by its body and its id there; steps of other units are left out.
    pub unit: Option<(String, String)>,
    /// What the person is shown of the cases in scope; none for every case. A step that waits for anybody with a role,
    /// whatever the unit, is left out where its case is not shown.
    pub reach: Option<CaseReach>,
}

/// A step that waits, with its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TodoItem {
    /// The step.
    pub todo: Listed<TodoRow>,
    /// Name of the case.
    pub case_name: String,
    /// Case number, once filed.
    pub case_number: Option<String>,
    /// Handling unit of the case.
    pub case_unit: String,
    /// Stage title of the case.
    pub stage_title: String,
}

impl Store {
    /// Cases, newest lead first; `after` is the last of the page before.
    pub async fn cases(
        &self,
        scope: &Scope,
        filter: &CaseFilter,
        after: Option<&CaseKey>,
        count: u32,
    ) -> Result<Vec<Listed<CaseRow>>, StoreError> {
        const ORDER: &str = "ORDER BY opened_on DESC, stream_id DESC";
        const WITHIN: &str = "ORDER BY case_row.opened_on DESC, case_row.stream_id DESC";
        let count = count.min(PAGE_ROWS_MAX);
        let (mut pages, mut values) = (Vec::new(), Vec::new());
        for (from, mut part) in self.parts_of_reach(scope, filter).await? {
            part.and_case(filter);
            if let Some(key) = after {
                let day = Value::from(key.opened_on.to_string());
                part.and(
                    "(case_row.opened_on, case_row.stream_id) < (?, ?)",
                    [day, key.stream.as_str().into()],
                );
            }
            pages.push(format!(
                "SELECT * FROM (SELECT {CASE} FROM {from}{} {WITHIN} LIMIT {count}) AS part",
                part.sql
            ));
            values.extend(part.values);
        }
        let sql = format!("{} {ORDER} LIMIT {count}", pages.join(" UNION ALL "));
        self.rows(&sql, values)
            .await?
            .iter()
            .map(|row| listed(row, case_row))
            .collect()
    }

    /// Tables and conditions of which at most one holds of a case, and one of every case that the filter's reader is shown.
    ///
    /// Each alone comes in the order of an index; those of one person are few, and begin with the person.
    async fn parts_of_reach(
        &self,
        scope: &Scope,
        filter: &CaseFilter,
    ) -> Result<Vec<(&'static str, Condition)>, StoreError> {
        let mut parts = self.parts_of_scope(scope, "case_row").await?.into_iter();
        let (Some(own), elsewhere) = (parts.next(), parts) else {
            return Ok(Vec::new());
        };
        let mut all = match &filter.reach {
            None => vec![("case_row", own)],
            Some(reach) => reach.parts(&own),
        };
        // A case of another body is in scope for the reader's duty there, which opens it.
        all.extend(elsewhere.map(|part| ("case_row", part)));
        Ok(all)
    }

    /// One case.
    pub async fn case(
        &self,
        scope: &Scope,
        stream: &str,
    ) -> Result<Option<Listed<CaseRow>>, StoreError> {
        let mut condition = self.in_scope(scope, "case_row").await?;
        condition.and("case_row.stream_id = ?", [stream.into()]);
        let sql = format!("SELECT {CASE} FROM case_row{}", condition.sql);
        self.rows(&sql, condition.values)
            .await?
            .first()
            .map(|row| listed(row, case_row))
            .transpose()
    }

    /// Every step of one case that waits, for whomever.
    pub async fn case_todo(
        &self,
        scope: &Scope,
        stream: &str,
    ) -> Result<Vec<TodoItem>, StoreError> {
        let mut condition = self.in_scope(scope, "todo").await?;
        condition.and("todo.stream_id = ?", [stream.into()]);
        let todo = format!("(SELECT * FROM todo{}) AS todo", condition.sql);
        self.todo_items(&todo, condition.values, "ORDER BY todo.key")
            .await
    }

    /// The rows of a table named `todo` with their cases.
    async fn todo_items(
        &self,
        todo: &str,
        values: Vec<Value>,
        order: &str,
    ) -> Result<Vec<TodoItem>, StoreError> {
        let sql = format!(
            "SELECT {TODO}, case_row.name, case_row.number, case_row.unit, case_row.stage_title \
             FROM {todo} JOIN case_row ON case_row.stream_id = todo.stream_id {order}"
        );
        let rows = self.rows(&sql, values).await?;
        rows.iter()
            .map(|row| {
                Ok(TodoItem {
                    todo: listed(row, todo_row)?,
                    case_name: get(row, 16)?,
                    case_number: get(row, 17)?,
                    case_unit: get(row, 18)?,
                    stage_title: get(row, 19)?,
                })
            })
            .collect()
    }

    /// Cases with a limit that runs and is due on or before a day, by id after `after`; what the daily job looks at.
    pub async fn cases_running_out(
        &self,
        scope: &Scope,
        until: Date,
        after: &str,
        count: u32,
    ) -> Result<Vec<String>, StoreError> {
        let mut condition = self.in_scope(scope, "limit_row").await?;
        // Written out, not bound, so that the index over running limits is used.
        condition.and("limit_row.status = 'running'", []);
        condition.and("limit_row.due_on <= ?", [until.to_string().into()]);
        // Joined to nothing, so that SQLite begins with that index and not with every limit in the order of cases.
        let sql = format!(
            "SELECT DISTINCT stream FROM (SELECT limit_row.stream_id || '' AS stream FROM limit_row{}) AS due \
             WHERE stream > ? ORDER BY stream LIMIT {}",
            condition.sql,
            count.min(PAGE_ROWS_MAX),
        );
        condition.values.push(after.into());
        let rows = self.rows(&sql, condition.values).await?;
        Ok(rows
            .iter()
            .map(|row| get(row, 0))
            .collect::<Result<_, _>>()?)
    }

    /// Every number that a paper or a case in scope bears.
    pub async fn numbers(&self, scope: &Scope) -> Result<BTreeSet<String>, StoreError> {
        let (mut sql, mut values) = (Vec::new(), Vec::new());
        for table in ["paper", "case_row"] {
            let mut condition = self.in_scope(scope, table).await?;
            condition.and(&format!("{table}.number IS NOT NULL"), []);
            sql.push(format!(
                "SELECT {table}.number FROM {table}{}",
                condition.sql
            ));
            values.extend(condition.values);
        }
        let rows = self.rows(&sql.join(" UNION "), values).await?;
        Ok(rows
            .iter()
            .map(|row| get(row, 0))
            .collect::<Result<_, _>>()?)
    }

    /// The time limits of one case.
    pub async fn limits(&self, scope: &Scope, stream: &str) -> Result<Vec<LimitRow>, StoreError> {
        let mut condition = self.in_scope(scope, "limit_row").await?;
        condition.and("limit_row.stream_id = ?", [stream.into()]);
        let sql = format!(
            "SELECT {LIMIT} FROM limit_row{} ORDER BY started_on, key",
            condition.sql
        );
        let rows = self.rows(&sql, condition.values).await?;
        Ok(rows.iter().map(limit_row).collect::<Result<_, _>>()?)
    }

    /// The papers of one stream, in the order in which they were issued.
    pub async fn papers(&self, scope: &Scope, stream: &str) -> Result<Vec<PaperRow>, StoreError> {
        let mut condition = self.in_scope(scope, "paper").await?;
        condition.and("paper.stream_id = ?", [stream.into()]);
        let sql = format!(
            "SELECT {PAPER} FROM paper{} ORDER BY event_version, paper_id",
            condition.sql
        );
        let rows = self.rows(&sql, condition.values).await?;
        Ok(rows.iter().map(paper_row).collect::<Result<_, _>>()?)
    }

    /// One paper of a stream.
    pub async fn paper(
        &self,
        scope: &Scope,
        stream: &str,
        paper_id: &str,
    ) -> Result<Option<PaperRow>, StoreError> {
        let papers = self.papers(scope, stream).await?;
        Ok(papers.into_iter().find(|paper| paper.paper_id == paper_id))
    }

    /// Heads of the streams of the officials and bodies in scope, by id.
    pub async fn roster(&self, scope: &Scope) -> Result<Vec<Head>, StoreError> {
        let mut condition = self.in_scope(scope, "stream").await?;
        condition.and(
            "stream.stream_id IN (SELECT stream_id FROM person UNION ALL SELECT stream_id FROM body)",
            [],
        );
        let sql = format!(
            "SELECT {} FROM stream{} ORDER BY stream_id",
            Head::COLUMNS,
            condition.sql
        );
        let rows = self.rows(&sql, condition.values).await?;
        rows.iter().map(Head::read).collect()
    }

    /// The person of that stream.
    pub async fn person(
        &self,
        scope: &Scope,
        stream: &str,
    ) -> Result<Option<Listed<PersonRow>>, StoreError> {
        let mut condition = self.in_scope(scope, "person").await?;
        condition.and("person.stream_id = ?", [stream.into()]);
        let sql = format!("SELECT {PERSON} FROM person{}", condition.sql);
        self.rows(&sql, condition.values)
            .await?
            .first()
            .map(|row| listed(row, person_row))
            .transpose()
    }
}

impl CaseReach {
    /// The parts of `own` that are shown, each without those before it.
    fn parts(&self, own: &Condition) -> Vec<(&'static str, Condition)> {
        let (mut parts, mut rest) = (Vec::new(), own.clone());
        if let Some((body, unit)) = &self.unit {
            let values: [Value; 2] = [body.as_str().into(), unit.as_str().into()];
            let mut part = rest.clone();
            let within = "case_row.body_id = ? AND case_row.unit = ?";
            part.and(within, values.clone());
            parts.push(("case_row", part));
            let elsewhere = "case_row.body_id <> ? OR case_row.unit <> ?";
            rest.and(elsewhere, values);
        }
        if self.decided {
            let mut part = rest.clone();
            part.and("case_row.decided_on IS NOT NULL", []);
            parts.push(("case_row", part));
            rest.and("case_row.decided_on IS NULL", []);
        }
        if let Some(person) = &self.person {
            rest.and(
                "case_person.person_id = ? AND case_row.stream_id = case_person.stream_id",
                [person.as_str().into()],
            );
            // `CROSS JOIN` so that SQLite begins with the person and not with the body's cases one by one.
            parts.push(("case_person CROSS JOIN case_row", rest));
        }
        parts
    }
}

impl Condition {
    fn and_case(&mut self, filter: &CaseFilter) {
        // Written out, not bound, so that the index over open cases is used.
        match filter.ended {
            Some(false) => self.and("case_row.ended = FALSE", []),
            Some(true) => self.and("case_row.ended = TRUE", []),
            None => {}
        }
        if let Some(streams) = &filter.streams {
            self.and_in("case_row.stream_id", streams);
        }
        if !filter.stages.is_empty() {
            self.and_in("case_row.stage", &filter.stages);
        }
        if let Some(body) = &filter.body {
            self.and("case_row.body_id = ?", [body.as_str().into()]);
        }
        if let Some(day) = filter.late {
            self.and("case_row.ended = FALSE", []);
            self.and(standing::LATE, [day.to_string().into()]);
        }
        if let Some(from) = filter.opened.0 {
            self.and("case_row.opened_on >= ?", [from.to_string().into()]);
        }
        if let Some(to) = filter.opened.1 {
            self.and("case_row.opened_on <= ?", [to.to_string().into()]);
        }
        if let Some(unit) = &filter.unit {
            self.and("case_row.unit = ?", [unit.as_str().into()]);
        }
        if let Some(text) = filter
            .text
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
        {
            self.and("case_row.haystack LIKE ? ESCAPE '\\'", [like(text).into()]);
        }
    }
}

/// A pattern that finds the text anywhere, with the pattern's own signs taken literally.
fn like(text: &str) -> String {
    let mut out = String::from("%");
    for c in text.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('%');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searched_text_is_taken_literally() {
        fn check(text: &str, expect: &str) {
            assert_eq!(like(text), expect);
        }
        check("某厂", "%某厂%");
        check("50%_A", "%50\\%\\_a%");
        check("a\\b", "%a\\\\b%");
    }
}
