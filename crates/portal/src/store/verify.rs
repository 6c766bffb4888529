//! The public database against what the log says is public: every item, column by column.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Bundle, SignedCheckpoint, VerifyingKey};
use sea_orm::QueryResult;

use super::{ITEM, PortalStore, haystack, item};
use crate::error::PortalError;
use crate::item::PublishedItem;
use crate::kinds;

/// By its identifier, the states in which each item may be; none where it need not be there yet.
///
/// The proof of an item is checked for itself, so that of a state is not looked at.
pub type Expected = BTreeMap<String, Vec<Option<PublishedItem>>>;

/// Columns of a line beside its identifier and the year.
const LINE: &str = "body_name, decision_number, party_name, party_kind, cause, outcome, kinds, decided_on, \
    published_on, until_on, withdrawn_on, haystack";

/// An item, or what stands beside the items, that is not as the log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFault {
    /// The item; empty for what stands beside them.
    pub id: String,
    /// What is wrong.
    pub detail: String,
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
        let mut faults = self.verify_log(key).await?;
        let sql = format!("SELECT {ITEM}, haystack FROM published_item ORDER BY id");
        let mut seen = BTreeSet::new();
        let mut lines = self.lines().await?;
        for row in self.db.rows(&sql, vec![]).await? {
            let id = words(&row, 0);
            let mut details = match (item(&row), expected.get(&id)) {
                (_, None) => vec!["日志中没有这一公示，不该公开".to_owned()],
                (Err(fault), _) => vec![fault.to_string()],
                (Ok(found), Some(states)) => differing(&found, states, &words(&row, 17), key),
            };
            let line = lines.remove(&id);
            if let Ok(item) = item(&row)
                && !is_line(&item, line.as_deref())
            {
                details.push("列表中的一行与所示内容不符，或者没有".to_owned());
            }
            faults.extend(details.into_iter().map(|detail| ItemFault {
                id: id.clone(),
                detail,
            }));
            seen.insert(id);
        }
        faults.extend(lines.into_keys().map(|id| ItemFault {
            id,
            detail: "列表中有一行，没有这一公示".to_owned(),
        }));
        let missing = expected
            .iter()
            .filter(|(id, states)| !seen.contains(*id) && !states.contains(&None));
        faults.extend(missing.map(|(id, _)| ItemFault {
            id: id.clone(),
            detail: "日志中已经公示，公示数据库中没有".to_owned(),
        }));
        Ok(faults)
    }

    /// The lines of the list by their identifiers, each with its other columns.
    async fn lines(&self) -> Result<BTreeMap<String, Vec<Option<String>>>, PortalError> {
        let sql = format!("SELECT id, {LINE}, CAST(decided_year AS TEXT) FROM published_line");
        let rows = self.db.rows(&sql, vec![]).await?;
        let columns = LINE.split(',').count() + 1;
        let line = |row: &QueryResult| {
            let rest = (1..=columns).map(|at| maybe_words(row, at)).collect();
            (words(row, 0), rest)
        };
        Ok(rows.iter().map(line).collect())
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

/// What of an item is in none of its states, and of its proof does not hold.
fn differing(
    found: &PublishedItem,
    states: &[Option<PublishedItem>],
    kept_haystack: &str,
    key: &VerifyingKey,
) -> Vec<String> {
    let mut details = Vec::new();
    let known = states.iter().flatten();
    let fits = |state: &&PublishedItem| found.same_publication(state);
    if !known.clone().any(|state| fits(&state))
        && let Some(last) = known.last()
    {
        details.push(format!(
            "{} 与日志所载不符",
            columns(found, last).join("、")
        ));
    }
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

/// Columns in which two differ, as the database calls them.
fn columns(found: &PublishedItem, expected: &PublishedItem) -> Vec<&'static str> {
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
        ("document", found.document == expected.document),
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
