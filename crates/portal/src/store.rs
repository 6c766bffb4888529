//! The portal's own database: published items, the log's latest checkpoint and its public key.

use jiff::civil::Date;
use ledger::{SignedCheckpoint, VerifyingKey, verify_bundle};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, QueryResult,
    Statement, TryGetable, Value,
};

use crate::error::PortalError;
use crate::item::{Listing, PublishedItem};

/// Version of the tables.
const SCHEMA_VERSION: i64 = 1;
/// Keys of what was set aside begin so.
const ASIDE: &str = "aside:";
/// Lines that one page of the list may have.
const PAGE_LINES_MAX: u32 = 100;

const ITEM: &str = "id, body_name, decision_number, party_name, party_kind, cause, facts, basis, outcome, \
    decided_on, published_on, until_on, document_digest, document, bundle, withdrawn_on, withdraw_reason";
const LISTING: &str = "id, body_name, decision_number, party_name, cause, outcome, decided_on, published_on, withdrawn_on";

/// What the list is asked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Words, all of which must occur in number, party, cause, outcome or organ.
    pub text: String,
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

/// Something that could not be shown and was set aside, so that what comes after it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Identifier of the item, or of the case where the item's is not known.
    pub id: String,
    /// Index in the log at which it is looked at again.
    pub place: u64,
    /// Why, without personal data.
    pub why: String,
}

impl SetAside {
    /// Its key: one item, or one case, may have things set aside at several places.
    fn key(&self) -> String {
        format!("{ASIDE}{}:{}", self.place, self.id)
    }
}

/// The published items. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PortalStore {
    conn: DatabaseConnection,
    backend: DbBackend,
}

impl PortalStore {
    /// Opens the database at `sqlite:PATH` or `postgres://…`, and makes the tables where there are none.
    ///
    /// # Errors
    /// An address of no known kind, a database that does not answer, tables of a newer program.
    pub async fn open(url: &str) -> Result<Self, PortalError> {
        let (backend, connections) = match url.split_once(':') {
            // One connection: whoever writes, writes in line, and readers see a whole publication.
            Some(("sqlite", _)) => (DbBackend::Sqlite, 1),
            Some(("postgres" | "postgresql", _)) => (DbBackend::Postgres, 4),
            _ => return Err(PortalError::Url),
        };
        let mut options = ConnectOptions::new(url);
        options.max_connections(connections).sqlx_logging(false);
        options.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
        });
        let store = Self {
            conn: Database::connect(options).await?,
            backend,
        };
        store.migrate().await?;
        Ok(store)
    }

    async fn migrate(&self) -> Result<(), PortalError> {
        let bytes = if self.backend == DbBackend::Sqlite {
            "BLOB"
        } else {
            "BYTEA"
        };
        self.conn
            .execute_unprepared(&include_str!("schema.sql").replace("{bytes}", bytes))
            .await?;
        let sql = "INSERT INTO portal_meta (key, value) VALUES ('schema', ?) ON CONFLICT (key) DO NOTHING";
        self.run(sql, vec![SCHEMA_VERSION.to_string().into()])
            .await?;
        let found = self.meta("schema").await?.unwrap_or_default();
        match found.parse::<i64>() {
            Ok(SCHEMA_VERSION) => Ok(()),
            Ok(found) => Err(PortalError::NewerSchema {
                found,
                wanted: SCHEMA_VERSION,
            }),
            Err(_) => Err(PortalError::Damaged(format!("schema = {found}"))),
        }
    }

    /// Keeps the log's latest checkpoint and public key, both in their text forms.
    ///
    /// # Errors
    /// A key that is none, a checkpoint that does not hold under it.
    pub async fn set_log(&self, checkpoint: &str, key: &str) -> Result<(), PortalError> {
        let verifying = VerifyingKey::parse(key.trim())?;
        SignedCheckpoint::parse(checkpoint.as_bytes())?.verify(&verifying)?;
        self.set_meta("key", key.trim()).await?;
        self.set_meta("checkpoint", checkpoint).await
    }

    async fn set_meta(&self, key: &str, value: &str) -> Result<(), PortalError> {
        let sql = "INSERT INTO portal_meta (key, value) VALUES (?, ?) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.run(sql, vec![key.into(), value.into()]).await?;
        Ok(())
    }

    /// The log's latest checkpoint, as signed.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn checkpoint(&self) -> Result<Option<String>, PortalError> {
        self.meta("checkpoint").await
    }

    /// The log's public key in its text form.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn key(&self) -> Result<Option<String>, PortalError> {
        self.meta("key").await
    }

    /// Publishes an item whose proof holds for its document; the same item again changes nothing.
    ///
    /// Tells whether it is new. An item that was withdrawn stays withdrawn.
    ///
    /// # Errors
    /// A proof that does not hold, or another content under an id that is published.
    pub async fn put(&self, item: &PublishedItem) -> Result<bool, PortalError> {
        item.check()?;
        let key = VerifyingKey::parse(&self.key().await?.ok_or(PortalError::NoKey)?)?;
        let report = verify_bundle(&item.bundle, &item.document, &key)?;
        if report.document.to_string() != item.document_digest {
            return Err(PortalError::Invalid {
                member: "文书摘要",
                why: "与证明中的不一致",
            });
        }
        if self.insert(item).await? {
            return Ok(true);
        }
        let kept = self
            .row(&item.id)
            .await?
            .ok_or_else(|| PortalError::NotFound(item.id.clone()))?;
        if kept.is_withdrawn() || kept.same_publication(item) {
            return Ok(false);
        }
        Err(PortalError::Changed(item.id.clone()))
    }

    async fn insert(&self, item: &PublishedItem) -> Result<bool, PortalError> {
        let sql = format!(
            "INSERT INTO published_item ({ITEM}, haystack) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) \
             ON CONFLICT (id) DO NOTHING"
        );
        let values: Vec<Value> = vec![
            item.id.as_str().into(),
            item.body_name.as_str().into(),
            item.decision_number.as_str().into(),
            item.party_name.as_str().into(),
            item.party_kind.as_str().into(),
            item.cause.as_str().into(),
            item.facts.as_str().into(),
            item.basis.as_str().into(),
            item.outcome.as_str().into(),
            item.decided_on.to_string().into(),
            item.published_on.to_string().into(),
            item.until.map(|on| on.to_string()).into(),
            item.document_digest.as_str().into(),
            item.document.clone().into(),
            item.bundle.clone().into(),
            item.withdrawn_on.map(|on| on.to_string()).into(),
            item.withdraw_reason.clone().into(),
            haystack(item).into(),
        ];
        Ok(self.run(&sql, values).await? == 1)
    }

    /// Withdraws an item: what it said is removed, that and why it was withdrawn stays to be read.
    ///
    /// Tells whether it was published until now; withdrawn before, it stays as it was. An item that was never shown
    /// is recorded as withdrawn, so that it is not shown later; nobody sees it.
    ///
    /// # Errors
    /// No reason is given.
    pub async fn withdraw(&self, id: &str, on: Date, reason: &str) -> Result<bool, PortalError> {
        if reason.trim().is_empty() {
            return Err(PortalError::Invalid {
                member: "撤回理由",
                why: "为空；撤回须公开说明理由",
            });
        }
        let sql = "UPDATE published_item SET withdrawn_on = ?, withdraw_reason = ?, party_name = '', party_kind = '', \
                   cause = '', facts = '', basis = '', outcome = '', document = ?, bundle = ?, haystack = '' \
                   WHERE id = ? AND withdrawn_on IS NULL";
        let nothing = Vec::<u8>::new();
        let values = vec![
            on.to_string().into(),
            reason.into(),
            nothing.clone().into(),
            nothing.into(),
            id.into(),
        ];
        if self.run(sql, values).await? == 1 {
            return Ok(true);
        }
        if self.row(id).await?.is_none() {
            self.insert(&PublishedItem::never_shown(id, on, reason))
                .await?;
        }
        Ok(false)
    }

    /// Keeps that an item could not be shown: its place in the log and why, without personal data.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn set_aside(&self, aside: &SetAside) -> Result<(), PortalError> {
        let value = format!("{}\n{}", aside.place, aside.why);
        self.set_meta(&aside.key(), &value).await
    }

    /// What could not be shown, by its place in the log.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn aside(&self) -> Result<Vec<SetAside>, PortalError> {
        let sql = "SELECT key, value FROM portal_meta WHERE key LIKE ?";
        let rows = self.rows(sql, vec![format!("{ASIDE}%").into()]).await?;
        let mut found = rows.iter().map(aside).collect::<Result<Vec<_>, _>>()?;
        found.sort_by_key(|aside| aside.place);
        Ok(found)
    }

    /// Forgets what was set aside, because there is nothing left to show there.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn forget_aside(&self, aside: &SetAside) -> Result<(), PortalError> {
        // Keys were without the place once.
        let sql = "DELETE FROM portal_meta WHERE key IN (?, ?)";
        let without = format!("{ASIDE}{}", aside.id);
        self.run(sql, vec![aside.key().into(), without.into()])
            .await?;
        Ok(())
    }

    /// A page of the list: what is published on that day, newest first, withdrawn items among it.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn list(&self, query: &Query, today: Date) -> Result<Page, PortalError> {
        let mut sql = format!(
            "SELECT {LISTING} FROM published_item \
             WHERE decision_number <> '' AND (until_on IS NULL OR until_on >= ?)"
        );
        let mut values: Vec<Value> = vec![today.to_string().into()];
        for word in query.text.split_whitespace().take(8) {
            sql.push_str(" AND haystack LIKE ? ESCAPE '\\'");
            values.push(like(word).into());
        }
        if let Some((on, id)) = &query.after {
            sql.push_str(" AND (published_on, id) < (?, ?)");
            values.extend([on.to_string().into(), id.as_str().into()]);
        }
        let limit = query.limit.clamp(1, PAGE_LINES_MAX);
        sql.push_str(&format!(
            " ORDER BY published_on DESC, id DESC LIMIT {}",
            limit + 1
        ));
        let rows = self.rows(&sql, values).await?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
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

    /// One item that was shown once, whatever has become of it.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn get(&self, id: &str) -> Result<Option<PublishedItem>, PortalError> {
        let found = self.row(id).await?;
        Ok(found.filter(|item| !item.was_never_shown()))
    }

    async fn row(&self, id: &str) -> Result<Option<PublishedItem>, PortalError> {
        let sql = format!("SELECT {ITEM} FROM published_item WHERE id = ?");
        self.rows(&sql, vec![id.into()])
            .await?
            .first()
            .map(item)
            .transpose()
    }

    /// Closes the connections.
    pub async fn close(&self) {
        // A pool that cannot be closed in good order is dropped all the same.
        let _ = self.conn.clone().close().await;
    }

    async fn meta(&self, key: &str) -> Result<Option<String>, PortalError> {
        let rows = self
            .rows(
                "SELECT value FROM portal_meta WHERE key = ?",
                vec![key.into()],
            )
            .await?;
        rows.first().map(|row| get(row, 0)).transpose()
    }

    fn statement(&self, sql: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.backend, numbered(self.backend, sql), values)
    }

    async fn run(&self, sql: &str, values: Vec<Value>) -> Result<u64, PortalError> {
        Ok(self
            .conn
            .execute_raw(self.statement(sql, values))
            .await?
            .rows_affected())
    }

    async fn rows(&self, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, PortalError> {
        Ok(self.conn.query_all_raw(self.statement(sql, values)).await?)
    }
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

fn haystack(item: &PublishedItem) -> String {
    [
        &item.decision_number,
        &item.party_name,
        &item.cause,
        &item.outcome,
        &item.body_name,
    ]
    .map(|text| text.to_lowercase())
    .join("\n")
}

/// A pattern that finds the word anywhere, with the pattern's own signs taken literally.
fn like(word: &str) -> String {
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

fn get<T: TryGetable>(row: &QueryResult, at: usize) -> Result<T, PortalError> {
    Ok(row.try_get_by_index(at)?)
}

fn day(row: &QueryResult, at: usize) -> Result<Date, PortalError> {
    optional_day(row, at)?.ok_or_else(|| PortalError::Damaged(format!("第{at}列没有日期")))
}

fn optional_day(row: &QueryResult, at: usize) -> Result<Option<Date>, PortalError> {
    get::<Option<String>>(row, at)?
        .map(|text| {
            text.parse()
                .map_err(|_| PortalError::Damaged(format!("日期“{text}”")))
        })
        .transpose()
}

fn aside(row: &QueryResult) -> Result<SetAside, PortalError> {
    let (key, value): (String, String) = (get(row, 0)?, get(row, 1)?);
    let damaged = || PortalError::Damaged(format!("{key} = {value}"));
    let (place, why) = value.split_once('\n').ok_or_else(damaged)?;
    let id = key.strip_prefix(ASIDE).unwrap_or(&key);
    Ok(SetAside {
        id: id
            .strip_prefix(&format!("{place}:"))
            .unwrap_or(id)
            .to_owned(),
        place: place.parse().map_err(|_| damaged())?,
        why: why.to_owned(),
    })
}

fn item(row: &QueryResult) -> Result<PublishedItem, PortalError> {
    Ok(PublishedItem {
        id: get(row, 0)?,
        body_name: get(row, 1)?,
        decision_number: get(row, 2)?,
        party_name: get(row, 3)?,
        party_kind: get(row, 4)?,
        cause: get(row, 5)?,
        facts: get(row, 6)?,
        basis: get(row, 7)?,
        outcome: get(row, 8)?,
        decided_on: day(row, 9)?,
        published_on: day(row, 10)?,
        until: optional_day(row, 11)?,
        document_digest: get(row, 12)?,
        document: get(row, 13)?,
        bundle: get(row, 14)?,
        withdrawn_on: optional_day(row, 15)?,
        withdraw_reason: get(row, 16)?,
    })
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
