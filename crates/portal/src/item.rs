//! What is published of a decision.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::PortalError;

/// A decision as the public sees it; names of natural persons are masked before they come here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedItem {
    /// Identifier in addresses: letters, digits, `-`, `_` and `.`, at most 100.
    pub id: String,
    /// The organ that decided.
    pub body_name: String,
    /// Number of the decision.
    pub decision_number: String,
    /// The party, masked where it is a natural person (行政处罚法 50).
    pub party_name: String,
    /// What the party is, in Chinese: 单位, 个体工商户 or 个人.
    pub party_kind: String,
    /// Cause (案由).
    pub cause: String,
    /// Facts as published.
    pub facts: String,
    /// Articles on which the decision rests.
    pub basis: String,
    /// What was decided.
    pub outcome: String,
    /// Day of the decision.
    pub decided_on: Date,
    /// Day of publication.
    pub published_on: Date,
    /// Last day of publication, where one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Hex digest of the document, in the log's suite.
    pub document_digest: String,
    /// The public copy itself; empty once withdrawn.
    #[serde(skip)]
    pub document: Vec<u8>,
    /// The proof (`ledger` bundle, JSON); empty once withdrawn.
    #[serde(skip)]
    pub bundle: Vec<u8>,
    /// Day of withdrawal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_on: Option<Date>,
    /// Why it was withdrawn, as told to the public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdraw_reason: Option<String>,
}

impl PublishedItem {
    /// Refuses what no page or address could show.
    ///
    /// # Errors
    /// [`PortalError::Invalid`] with the member and what is wrong with it.
    pub fn check(&self) -> Result<(), PortalError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.id.is_empty()
            || self.id.len() > 100
            || self.id.starts_with('.')
            || !self.id.chars().all(plain)
        {
            return Err(PortalError::Invalid {
                member: "编号",
                why: "只能由字母、数字、-、_、. 组成，且不超过100个字符",
            });
        }
        let needed = [
            ("机关名称", &self.body_name),
            ("决定书文号", &self.decision_number),
            ("当事人", &self.party_name),
            ("违法事实", &self.facts),
            ("处罚结果", &self.outcome),
        ];
        match needed.into_iter().find(|(_, text)| text.trim().is_empty()) {
            Some((member, _)) => Err(PortalError::Invalid {
                member,
                why: "为空",
            }),
            None => Ok(()),
        }
    }

    /// The record that an item was withdrawn before it could be shown.
    pub fn never_shown(id: &str, on: Date, reason: &str) -> Self {
        Self {
            id: id.to_owned(),
            body_name: String::new(),
            decision_number: String::new(),
            party_name: String::new(),
            party_kind: String::new(),
            cause: String::new(),
            facts: String::new(),
            basis: String::new(),
            outcome: String::new(),
            decided_on: on,
            published_on: on,
            until: None,
            document_digest: String::new(),
            document: Vec::new(),
            bundle: Vec::new(),
            withdrawn_on: Some(on),
            withdraw_reason: Some(reason.to_owned()),
        }
    }

    /// The item as it is kept once it was withdrawn: what it said is gone.
    pub fn withdrawn(&self, on: Date, reason: &str) -> Self {
        Self {
            party_name: String::new(),
            party_kind: String::new(),
            cause: String::new(),
            facts: String::new(),
            basis: String::new(),
            outcome: String::new(),
            document: Vec::new(),
            bundle: Vec::new(),
            withdrawn_on: Some(on),
            withdraw_reason: Some(reason.to_owned()),
            ..self.clone()
        }
    }

    /// Whether it is only such a record: every item that was shown has a number, also once it is withdrawn.
    pub(crate) fn was_never_shown(&self) -> bool {
        self.is_withdrawn() && self.decision_number.is_empty()
    }

    /// Whether the item has been withdrawn.
    pub fn is_withdrawn(&self) -> bool {
        self.withdrawn_on.is_some()
    }

    /// Whether its time of publication is over on that day.
    pub fn is_past(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    /// Whether two are the same publication; the proof may be of a later size of the log.
    pub(crate) fn same_publication(&self, other: &Self) -> bool {
        let mut twin = other.clone();
        twin.bundle.clone_from(&self.bundle);
        *self == twin
    }
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Identifier.
    pub id: String,
    /// The organ.
    pub body_name: String,
    /// Number of the decision.
    pub decision_number: String,
    /// The party, masked; empty once withdrawn.
    pub party_name: String,
    /// Cause.
    pub cause: String,
    /// What was decided.
    pub outcome: String,
    /// Day of the decision.
    pub decided_on: Date,
    /// Day of publication.
    pub published_on: Date,
    /// Day of withdrawal.
    pub withdrawn_on: Option<Date>,
}
