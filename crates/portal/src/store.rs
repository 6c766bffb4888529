//! The portal's own database: published items, the log's latest checkpoint and its public key.

mod lines;
mod lists;
mod verify;

use jiff::civil::Date;
use ledger::{SignedCheckpoint, VerifyingKey, verify_bundle};
use sea_orm::{QueryResult, Value};

use crate::db::{Db, SCHEMA_VERSION, day, get, optional_day};
use crate::error::PortalError;
use crate::item::PublishedItem;

pub(crate) use lines::WORDS_MAX;
pub use lines::{Choices, Page, Query};
pub use lists::{CardsPage, CardsQuery};
pub use verify::{Expected, ItemFault, Shown};

/// Key of the place in the log up to which everything is here.
const PLACE: &str = "place";
/// Keys of what was set aside begin so.
const ASIDE: &str = "aside:";

const ITEM: &str = "id, body_name, decision_number, party_name, party_kind, cause, facts, basis, outcome, \
    decided_on, published_on, until_on, document_digest, document, bundle, withdrawn_on, withdraw_reason";

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
    db: Db,
}

impl PortalStore {
    /// Opens the database at `sqlite:PATH` or `postgres://…`, makes the tables where there are none, and brings older
    /// ones up to date.
    ///
    /// # Errors
    /// An address of no known kind, a database that does not answer, tables of a newer program.
    pub async fn open(url: &str) -> Result<Self, PortalError> {
        let store = Self {
            db: Db::open(url).await?,
        };
        if store.db.schema().await? < SCHEMA_VERSION {
            store.make_lines().await?;
        }
        Ok(store)
    }

    /// Keeps the log's latest checkpoint and public key, both in their text forms.
    ///
    /// # Errors
    /// A key that is none, a checkpoint that does not hold under it.
    pub async fn set_log(&self, checkpoint: &str, key: &str) -> Result<(), PortalError> {
        let verifying = VerifyingKey::parse(key.trim())?;
        SignedCheckpoint::parse(checkpoint.as_bytes())?.verify(&verifying)?;
        self.db.set_meta("key", key.trim()).await?;
        self.db.set_meta("checkpoint", checkpoint).await
    }

    /// The log's latest checkpoint, as signed.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn checkpoint(&self) -> Result<Option<String>, PortalError> {
        self.db.meta("checkpoint").await
    }

    /// The log's public key in its text form.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn key(&self) -> Result<Option<String>, PortalError> {
        self.db.meta("key").await
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
        let writing = self.db.begin().await?;
        let new = writing.run(&sql, values).await? == 1;
        if new && !item.was_never_shown() {
            let (sql, values) = lines::insert(item);
            writing.run(&sql, values).await?;
        }
        writing.commit().await?;
        Ok(new)
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
        let writing = self.db.begin().await?;
        if writing.run(sql, values).await? == 1 {
            let (sql, values) = lines::withdraw(id, on);
            writing.run(sql, values).await?;
            writing.commit().await?;
            return Ok(true);
        }
        writing.commit().await?;
        if self.row(id).await?.is_none() {
            self.insert(&PublishedItem::never_shown(id, on, reason))
                .await?;
        }
        Ok(false)
    }

    /// The place in a log up to which this portal has everything; 0 where it followed another log, or none.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn place(&self, log: &str) -> Result<u64, PortalError> {
        let Some(kept) = self.db.meta(PLACE).await? else {
            return Ok(0);
        };
        let damaged = || PortalError::Damaged(format!("{PLACE} = {kept}"));
        let (of, place) = kept.rsplit_once('\n').ok_or_else(damaged)?;
        if of != log {
            return Ok(0);
        }
        place.parse().map_err(|_| damaged())
    }

    /// Keeps that place; `log` tells the log from every other, and is one line.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn set_place(&self, log: &str, place: u64) -> Result<(), PortalError> {
        self.db.set_meta(PLACE, &format!("{log}\n{place}")).await
    }

    /// Keeps that an item could not be shown: its place in the log and why, without personal data.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn set_aside(&self, aside: &SetAside) -> Result<(), PortalError> {
        let value = format!("{}\n{}", aside.place, aside.why);
        self.db.set_meta(&aside.key(), &value).await
    }

    /// What could not be shown, by its place in the log.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn aside(&self) -> Result<Vec<SetAside>, PortalError> {
        let sql = "SELECT key, value FROM portal_meta WHERE key LIKE ?";
        let rows = self.db.rows(sql, vec![format!("{ASIDE}%").into()]).await?;
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
        self.db
            .run(sql, vec![aside.key().into(), without.into()])
            .await?;
        Ok(())
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
        self.db
            .rows(&sql, vec![id.into()])
            .await?
            .first()
            .map(item)
            .transpose()
    }

    /// Closes the connections.
    pub async fn close(&self) {
        self.db.close().await;
    }
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
