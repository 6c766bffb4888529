//! The public database against what the log says is public: every item, column by column.

use std::collections::BTreeMap;

use ledger::{Bundle, SignedCheckpoint, VerifyingKey};
use sea_orm::QueryResult;

use super::{ITEM, PortalStore, haystack, item};
use crate::error::PortalError;
use crate::item::PublishedItem;
use crate::kinds;

/// By its identifier, the states in which each item may be; none where it need not be there yet.
///
/// The proof of an item is checked for itself, and its document against the digest, so that those of a state are not
/// looked at and may be left out.
pub type Expected = BTreeMap<String, Vec<Option<PublishedItem>>>;

/// Columns of a line beside its identifier and the year.
const LINE: &str = "body_name, decision_number, party_name, party_kind, cause, outcome, kinds, decided_on, \
    published_on, until_on, withdrawn_on, haystack";
/// Items that are read at a time, each with its document.
const READ_AT_ONCE: usize = 32;

/// An item, or what stands beside the items, that is not as the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFault {
    /// The item; empty for what stands beside them.
    pub id: String,
    /// What is wrong.
    pub detail: String,
}

/// What is shown, as it was read; documents and proofs are checked while they are read, and not kept.
#[derive(Debug, Default)]
pub struct Shown {
    items: BTreeMap<String, Seen>,
    faults: Vec<ItemFault>,
}

/// One item that is shown.
#[derive(Debug, Default)]
struct Seen {
    /// The item without document and proof; none where it cannot be read.
    item: Option<PublishedItem>,
    /// Digest of its document, in the log's suite; empty where there is none.
    document: String,
    /// What is wrong with it in itself.
    details: Vec<String>,
}

impl PortalStore {
    /// Compares what is shown with what should be; `key` is the log's public key.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn verify(
        &self,
        expected: &Expected,
        key: &VerifyingKey,
    ) -> Result<Vec<ItemFault>, PortalError> {
        Ok(self.shown(key).await?.against(expected))
    }

    /// Reads what is shown, and checks what can be checked without the log; `key` is its public key.
    ///
    /// Whoever compares beside a running service reads this first and the log after it, which then has everything.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn shown(&self, key: &VerifyingKey) -> Result<Shown, PortalError> {
        let mut shown = Shown {
            faults: self.verify_log(key).await?,
            ..Shown::default()
        };
        let rows = self
            .db
            .rows("SELECT id FROM published_item", vec![])
            .await?;
        let ids: Vec<String> = rows.iter().map(|row| words(row, 0)).collect();
        for ids in ids.chunks(READ_AT_ONCE) {
            let values = ids.iter().map(|id| id.as_str().into()).collect();
            for row in self.db.rows(&with_lines(ids.len()), values).await? {
                shown.items.insert(words(&row, 0), seen(&row, key));
            }
            for id in ids {
                let unread = || Seen {
                    details: vec!["这一行读不出".to_owned()],
                    ..Seen::default()
                };
                shown.items.entry(id.clone()).or_insert_with(unread);
            }
        }
        let strays = "SELECT id FROM published_line WHERE NOT EXISTS \
            (SELECT 1 FROM published_item WHERE published_item.id = published_line.id)";
        let strays = self.db.rows(strays, vec![]).await?;
        shown.faults.extend(strays.iter().map(|row| ItemFault {
            id: words(row, 0),
            detail: "列表中有一行，没有这一公示".to_owned(),
        }));
        Ok(shown)
    }

    async fn verify_log(&self, key: &VerifyingKey) -> Result<Vec<ItemFault>, PortalError> {
        let mut faults = Vec::new();
        let mut say = |detail: String| {
            faults.push(ItemFault {
                id: String::new(),
                detail,
            });
        };
        let (kept, checkpoint) = (self.key().await?, self.checkpoint().await?);
        if kept.as_ref().is_some_and(|kept| *kept != key.to_string()) {
            say("公开的公钥不是本日志的公钥".to_owned());
        }
        if let Some(text) = checkpoint {
            let signed = SignedCheckpoint::parse(text.as_bytes());
            if let Err(fault) = signed.and_then(|signed| signed.verify(key).cloned()) {
                say(format!("公开的检查点：{fault}"));
            }
        }
        Ok(faults)
    }
}

impl Shown {
    /// Whether nothing is shown at all.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many of those items are not there, whether they need be or not yet.
    pub fn missing(&self, expected: &Expected) -> usize {
        let missing = expected.keys().filter(|id| !self.items.contains_key(*id));
        missing.count()
    }

    /// What is wrong with it, held against what should be shown.
    pub fn against(&self, expected: &Expected) -> Vec<ItemFault> {
        let mut faults = self.faults.clone();
        for (id, seen) in &self.items {
            let strange = match (expected.get(id), &seen.item) {
                (None, _) => Some("日志中没有这一公示，不该公开".to_owned()),
                (Some(states), Some(item)) => differing(item, &seen.document, states),
                (Some(_), None) => None,
            };
            faults.extend(strange.iter().chain(&seen.details).map(|detail| ItemFault {
                id: id.clone(),
                detail: detail.clone(),
            }));
        }
        let missing = expected
            .iter()
            .filter(|(id, states)| !self.items.contains_key(*id) && !states.contains(&None));
        faults.extend(missing.map(|(id, _)| ItemFault {
            id: id.clone(),
            detail: "日志中已经公示，公示数据库中没有".to_owned(),
        }));
        faults
    }
}

/// The statement that reads so many items by their identifiers, each with its line, as they are at one moment.
fn with_lines(count: usize) -> String {
    let of = |table: &str, columns: &str| {
        let columns = columns.split(',').map(|c| format!("{table}.{}", c.trim()));
        columns.collect::<Vec<_>>().join(", ")
    };
    let (item, line) = (of("published_item", ITEM), of("published_line", LINE));
    format!(
        "SELECT {item}, published_item.haystack, published_line.id, {line}, \
         CAST(published_line.decided_year AS TEXT) FROM published_item \
         LEFT JOIN published_line ON published_line.id = published_item.id WHERE published_item.id IN ({})",
        vec!["?"; count].join(",")
    )
}

/// Places of an item's columns, of the search text after them, and of its line, in a row of [`with_lines`].
const HAYSTACK_AT: usize = 17;
const LINE_AT: usize = HAYSTACK_AT + 1;

fn seen(row: &QueryResult, key: &VerifyingKey) -> Seen {
    let mut found = match item(row) {
        Ok(found) => found,
        Err(fault) => {
            return Seen {
                details: vec![fault.to_string()],
                ..Seen::default()
            };
        }
    };
    let mut details = wrong(&found, &words(row, HAYSTACK_AT), key);
    let columns = LINE_AT + 1..=LINE_AT + 1 + LINE.split(',').count();
    let line: Option<Vec<_>> =
        maybe_words(row, LINE_AT).map(|_| columns.map(|at| maybe_words(row, at)).collect());
    if !is_line(&found, line.as_deref()) {
        details.push("列表中的一行与所示内容不符，或者没有".to_owned());
    }
    let document = std::mem::take(&mut found.document);
    found.bundle = Vec::new();
    Seen {
        item: Some(found),
        document: match document.is_empty() {
            true => String::new(),
            false => key.suite().hash(&[&document]).to_string(),
        },
        details,
    }
}

/// What of an item is in none of its states.
fn differing(
    found: &PublishedItem,
    document: &str,
    states: &[Option<PublishedItem>],
) -> Option<String> {
    let known = states.iter().flatten();
    let differs = |state| columns(found, document, state);
    if known.clone().any(|state| differs(state).is_empty()) {
        return None;
    }
    let differ = differs(known.last()?);
    Some(format!("{} 与日志所载不符", differ.join("、")))
}

/// What of an item does not fit the rest of it, and of its proof does not hold.
fn wrong(found: &PublishedItem, kept_haystack: &str, key: &VerifyingKey) -> Vec<String> {
    let mut details = Vec::new();
    let searched = match found.is_withdrawn() && !found.was_never_shown() {
        true => String::new(),
        false => haystack(found),
    };
    if searched != kept_haystack {
        details.push("供查找的文字与所示内容不符".to_owned());
    }
    if found.is_withdrawn() {
        if !found.bundle.is_empty() {
            details.push("已经撤回，证明没有删除".to_owned());
        }
        return details;
    }
    match Bundle::parse(&found.bundle) {
        Err(fault) => details.push(format!("证明：{fault}")),
        Ok(bundle) => {
            if let Err(fault) = bundle.verify(&found.document, key) {
                details.push(format!("证明：{fault}"));
            }
            let encoded = bundle.encode().unwrap_or_default();
            if encoded.trim_ascii_end() != found.bundle.trim_ascii_end() {
                details.push("证明的写法被改动".to_owned());
            }
        }
    }
    details
}

/// Columns in which two differ, as the database calls them; `document` is the digest of the one that is found.
fn columns(found: &PublishedItem, document: &str, expected: &PublishedItem) -> Vec<&'static str> {
    let wanted = match expected.is_withdrawn() {
        true => "",
        false => expected.document_digest.as_str(),
    };
    let pairs = [
        ("body_name", found.body_name == expected.body_name),
        (
            "decision_number",
            found.decision_number == expected.decision_number,
        ),
        ("party_name", found.party_name == expected.party_name),
        ("party_kind", found.party_kind == expected.party_kind),
        ("cause", found.cause == expected.cause),
        ("facts", found.facts == expected.facts),
        ("basis", found.basis == expected.basis),
        ("outcome", found.outcome == expected.outcome),
        ("decided_on", found.decided_on == expected.decided_on),
        ("published_on", found.published_on == expected.published_on),
        ("until_on", found.until == expected.until),
        (
            "document_digest",
            found.document_digest == expected.document_digest,
        ),
        ("document", document == wanted),
        ("withdrawn_on", found.withdrawn_on == expected.withdrawn_on),
        (
            "withdraw_reason",
            found.withdraw_reason == expected.withdraw_reason,
        ),
    ];
    let differ = pairs.into_iter().filter(|(_, same)| !same);
    differ.map(|(column, _)| column).collect()
}

/// Whether a line is that of the item; one that was never shown has none.
fn is_line(item: &PublishedItem, line: Option<&[Option<String>]>) -> bool {
    let Some(line) = line else {
        return item.was_never_shown();
    };
    let of = |searched: String| {
        let text = |text: &str| Some(text.to_owned());
        vec![
            text(&item.body_name),
            text(&item.decision_number),
            text(&item.party_name),
            text(&item.party_kind),
            text(&item.cause),
            text(&item.outcome),
            Some(kinds::of(&item.outcome)),
            Some(item.decided_on.to_string()),
            Some(item.published_on.to_string()),
            item.until.map(|on| on.to_string()),
            item.withdrawn_on.map(|on| on.to_string()),
            Some(searched),
            Some(item.decided_on.year().to_string()),
        ]
    };
    // Of a withdrawn decision only number and organ are still found; lines of older tables were made otherwise.
    let withdrawn = format!("{} {}", item.decision_number, item.body_name);
    line == of(haystack(item))
        || item.is_withdrawn()
            && [withdrawn.to_lowercase(), withdrawn.to_ascii_lowercase()]
                .into_iter()
                .any(|searched| line == of(searched))
}

/// A text that may be absent, or damaged; signs that are none are replaced.
fn maybe_words(row: &QueryResult, at: usize) -> Option<String> {
    match row.try_get_by_index::<Option<String>>(at) {
        Ok(text) => text,
        Err(_) => Some(words(row, at)),
    }
}

/// A text that may be damaged; signs that are none are replaced.
fn words(row: &QueryResult, at: usize) -> String {
    row.try_get_by_index::<String>(at).unwrap_or_else(|_| {
        let bytes: Vec<u8> = row.try_get_by_index(at).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
