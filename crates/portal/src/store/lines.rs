//! The list of what is published: searched, filtered, page by page, without touching a document.

use jiff::civil::Date;
use sea_orm::{QueryResult, Value};

use super::{PortalStore, haystack, item};
use crate::db::{SCHEMA_VERSION, day, get, like, optional_day};
use crate::error::PortalError;
use crate::item::{Listing, PublishedItem};
use crate::kinds;

/// Lines that one page of the list may have.
const PAGE_LINES_MAX: u32 = 100;
/// Words of a search that count.
pub(crate) const WORDS_MAX: usize = 4;
/// Organs that a choice lists.
const BODIES_MAX: usize = 100;
/// Items that the lines are made of at a time.
const MADE_AT_ONCE: u32 = 100;

const NEWEST_FIRST: &str = " ORDER BY published_on DESC, id DESC";
const LISTING: &str = "id, body_name, decision_number, party_name, cause, outcome, decided_on, published_on, withdrawn_on";

/// What the list is asked for; an empty member leaves everything in.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Words, all of which must occur in number, party, cause, outcome or organ.
    pub text: String,
    /// What the party is, in Chinese: 单位, 个体工商户 or 个人.
    pub party_kind: String,
    /// Kind of penalty, one of [`crate::PENALTY_KINDS`] by its identifier.
    pub penalty_kind: String,
    /// Year of the decision.
    pub year: Option<i16>,
    /// Name of the organ.
    pub body_name: String,
    /// The last line of the page before: its day of publication and id.
    pub after: Option<(Date, String)>,
    /// Lines wanted, at most 100.
    pub limit: u32,
}

/// A page of the list, newest publication first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The lines.
    pub lines: Vec<Listing>,
    /// Whether there are more.
    pub more: bool,
}

/// What there is to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// Years of decision, newest first.
    pub years: Vec<i16>,
    /// Organs.
    pub bodies: Vec<String>,
}

impl PortalStore {
    /// A page of the list: what is published on that day, newest first, withdrawn items among it.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list(&self, query: &Query, today: Date) -> Result<Page, PortalError> {
        let (sql, values) = select(query, today);
        let rows = self.db.rows(&sql, values).await?;
        let wanted = usize::try_from(limit(query)).unwrap_or(usize::MAX);
        let lines = rows
            .iter()
            .take(wanted)
            .map(listing)
            .collect::<Result<_, _>>()?;
        Ok(Page {
            lines,
            more: rows.len() > wanted,
        })
    }

    /// The years and organs that occur, each found in its index by the one before.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn choices(&self) -> Result<Choices, PortalError> {
        let mut choices = Choices::default();
        let newest = "SELECT MAX(decided_year) FROM published_line";
        let before = "SELECT MAX(decided_year) FROM published_line WHERE decided_year < ?";
        let mut rows = self.db.rows(newest, Vec::new()).await?;
        while let Some(year) = first::<i64>(&rows)? {
            choices.years.extend(i16::try_from(year));
            rows = self.db.rows(before, vec![year.into()]).await?;
        }
        let least = "SELECT MIN(body_name) FROM published_line";
        let next = "SELECT MIN(body_name) FROM published_line WHERE body_name > ?";
        let mut rows = self.db.rows(least, Vec::new()).await?;
        while let Some(name) = first::<String>(&rows)? {
            rows = self.db.rows(next, vec![name.as_str().into()]).await?;
            choices.bodies.push(name);
            if choices.bodies.len() == BODIES_MAX {
                break;
            }
        }
        Ok(choices)
    }

    /// Makes the lines of items that were published before there were lines.
    pub(super) async fn make_lines(&self) -> Result<(), PortalError> {
        let sql = format!(
            "SELECT {} FROM published_item WHERE id > ? ORDER BY id LIMIT {MADE_AT_ONCE}",
            super::ITEM
        );
        let mut after = String::new();
        loop {
            let rows = self.db.rows(&sql, vec![after.as_str().into()]).await?;
            let items: Vec<PublishedItem> = rows.iter().map(item).collect::<Result<_, _>>()?;
            let Some(last) = items.last() else { break };
            after.clone_from(&last.id);
            let writing = self.db.begin().await?;
            for item in items.iter().filter(|item| !item.was_never_shown()) {
                let (sql, values) = insert(item);
                writing.run(&sql, values).await?;
            }
            writing.commit().await?;
        }
        let version = SCHEMA_VERSION.to_string();
        self.db.set_meta("schema", &version).await
    }
}

fn limit(query: &Query) -> u32 {
    query.limit.clamp(1, PAGE_LINES_MAX)
}

fn select(query: &Query, today: Date) -> (String, Vec<Value>) {
    let searched = !query.text.trim().is_empty();
    // Words are looked for in a narrow index of their own, and only the lines of the page are read whole.
    let wanted = if searched { "id" } else { LISTING };
    let mut sql =
        format!("SELECT {wanted} FROM published_line WHERE (until_on IS NULL OR until_on >= ?)");
    let mut values: Vec<Value> = vec![today.to_string().into()];
    let mut with = |condition: &str, value: Value| {
        sql.push_str(" AND ");
        sql.push_str(condition);
        values.push(value);
    };
    if let Some(year) = query.year {
        with("decided_year = ?", i64::from(year).into());
    }
    if !query.body_name.is_empty() {
        with("body_name = ?", query.body_name.as_str().into());
    }
    if !query.party_kind.is_empty() {
        with("party_kind = ?", query.party_kind.as_str().into());
    }
    if !query.penalty_kind.is_empty() {
        let kind = format!(",{},", query.penalty_kind);
        with("kinds LIKE ? ESCAPE '\\'", like(&kind).into());
    }
    for word in query.text.split_whitespace().take(WORDS_MAX) {
        with("haystack LIKE ? ESCAPE '\\'", like(word).into());
    }
    if let Some((on, id)) = &query.after {
        sql.push_str(" AND (published_on, id) < (?, ?)");
        values.extend([on.to_string().into(), id.as_str().into()]);
    }
    sql.push_str(&format!("{NEWEST_FIRST} LIMIT {}", limit(query) + 1));
    if searched {
        sql = format!("SELECT {LISTING} FROM published_line WHERE id IN ({sql}){NEWEST_FIRST}");
    }
    (sql, values)
}

/// The statement that adds an item's line.
pub(super) fn insert(item: &PublishedItem) -> (String, Vec<Value>) {
    let sql = "INSERT INTO published_line (id, body_name, decision_number, party_name, party_kind, cause, outcome, \
               kinds, decided_year, decided_on, published_on, until_on, withdrawn_on, haystack) \
               VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO NOTHING";
    let values = vec![
        item.id.as_str().into(),
        item.body_name.as_str().into(),
        item.decision_number.as_str().into(),
        item.party_name.as_str().into(),
        item.party_kind.as_str().into(),
        item.cause.as_str().into(),
        item.outcome.as_str().into(),
        kinds::of(&item.outcome).into(),
        i64::from(item.decided_on.year()).into(),
        item.decided_on.to_string().into(),
        item.published_on.to_string().into(),
        item.until.map(|on| on.to_string()).into(),
        item.withdrawn_on.map(|on| on.to_string()).into(),
        haystack(item).into(),
    ];
    (sql.to_owned(), values)
}

/// The statement that leaves of a line only which decision of whom was withdrawn, by which it can still be found.
pub(super) fn withdraw(id: &str, on: Date) -> (&'static str, Vec<Value>) {
    let sql = "UPDATE published_line SET withdrawn_on = ?, party_name = '', party_kind = '', cause = '', outcome = '', \
               kinds = '', haystack = LOWER(decision_number || ' ' || body_name) WHERE id = ?";
    (sql, vec![on.to_string().into(), id.into()])
}

fn first<T: sea_orm::TryGetable>(rows: &[QueryResult]) -> Result<Option<T>, PortalError> {
    match rows.first() {
        Some(row) => get(row, 0),
        None => Ok(None),
    }
}

fn listing(row: &QueryResult) -> Result<Listing, PortalError> {
    Ok(Listing {
        id: get(row, 0)?,
        body_name: get(row, 1)?,
        decision_number: get(row, 2)?,
        party_name: get(row, 3)?,
        cause: get(row, 4)?,
        outcome: get(row, 5)?,
        decided_on: day(row, 6)?,
        published_on: day(row, 7)?,
        withdrawn_on: optional_day(row, 8)?,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// How SQLite goes about a query.
    async fn plan(store: &PortalStore, query: &Query) -> String {
        let (sql, values) = select(query, date(2026, 3, 2));
        let rows = store
            .db
            .rows(&format!("EXPLAIN QUERY PLAN {sql}"), values)
            .await
            .unwrap();
        let steps = rows.iter().map(|row| get::<String>(row, 3).unwrap());
        steps.collect::<Vec<_>>().join("\n")
    }

    #[tokio::test]
    async fn a_page_is_read_in_the_order_of_an_index_and_sorted_by_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("p.db").display());
        let store = PortalStore::open(&url).await.unwrap();
        let check = |query: Query, index: &'static str| {
            let store = store.clone();
            async move {
                let plan = plan(&store, &query).await;
                assert!(plan.contains(index), "{query:?}: {plan}");
                // The few lines of a page that was searched for are sorted, the whole list never.
                let sorted = plan.contains("TEMP B-TREE");
                assert!(!sorted || !query.text.is_empty(), "{query:?}: {plan}");
            }
        };
        check(Query::default(), "USING INDEX published_line_order").await;
        let second = Query {
            after: Some((date(2026, 3, 1), "d1".to_owned())),
            ..Query::default()
        };
        check(
            second,
            "SEARCH published_line USING INDEX published_line_order",
        )
        .await;
        let year = Query {
            year: Some(2026),
            ..Query::default()
        };
        check(
            year,
            "SEARCH published_line USING INDEX published_line_year",
        )
        .await;
        let words = Query {
            text: "化工".to_owned(),
            penalty_kind: "fine".to_owned(),
            ..Query::default()
        };
        check(words, "USING COVERING INDEX published_line_search").await;
        let body = Query {
            body_name: "青禾县应急管理局".to_owned(),
            ..Query::default()
        };
        check(
            body,
            "SEARCH published_line USING INDEX published_line_body",
        )
        .await;
    }
}
