//! The stored event of a case: who did which step, with what, and what became so.

use jiff::civil::Date;
use law::pack::Duty;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    effect::Effect,
    field::Fields,
    record::{RecordError, encode},
};

/// Stored type of every event of a case.
pub const CASE_ACTED: &str = "case.acted@1";

/// What the event was for the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The step took effect.
    Taken,
    /// The step was asked for and waits for approvals.
    Requested,
    /// One of the approvals was given; others are missing.
    Endorsed,
    /// An approver sent it back.
    Returned,
    /// Whoever asked took it back.
    Withdrawn,
    /// Only time passed: limits expired.
    Expired,
    /// The case follows another version of its procedure from here on.
    Switched,
}

/// A person's part in a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Person id.
    pub person: String,
    /// Name at that time.
    pub name: String,
    /// Role in which the person acted.
    pub role: String,
    /// Duty that the part means.
    pub duty: Duty,
    /// Card held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
}

/// A paper that the event issues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Issued {
    /// Id printed on it.
    pub paper_id: String,
    /// Template.
    pub template: String,
    /// Title.
    pub title: String,
    /// Number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Party addressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// Legal date.
    pub on: Date,
    /// Hex digest of the stored bytes.
    pub digest: String,
    /// Hex digest of the template that it was made with, and of the modules that templates share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_digest: Option<String>,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Media type.
    pub media_type: String,
    /// Place in the order of the dossier.
    pub order: u32,
    /// Pages.
    pub pages: u32,
}

/// Body of a case event, format 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseActed {
    /// Step id of the pack.
    pub step: String,
    /// Title of the step at that time.
    pub title: String,
    /// Phase.
    pub phase: Phase,
    /// Party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// Request answered or made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Legal date.
    pub occurred_on: Date,
    /// Why it is entered late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_reason: Option<String>,
    /// Who took part.
    pub people: Vec<Part>,
    /// What was filled in.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, crate::field::FieldValue>)]
    pub fields: Fields,
    /// An approver's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinion: Option<String>,
    /// What became so.
    pub effects: Vec<Effect>,
    /// Papers issued.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub papers: Vec<Issued>,
    /// Articles of the step.
    pub basis: String,
    /// Version of the calendar that due dates were judged by.
    pub calendar: String,
}

impl CaseActed {
    /// The event of a step on a day, with nothing said beside.
    pub fn bare(step: impl Into<String>, phase: Phase, occurred_on: Date) -> Self {
        Self {
            step: step.into(),
            title: String::new(),
            phase,
            party: None,
            request: None,
            occurred_on,
            late_reason: None,
            people: Vec::new(),
            fields: Fields::new(),
            opinion: None,
            effects: Vec::new(),
            papers: Vec::new(),
            basis: String::new(),
            calendar: String::new(),
        }
    }

    /// Stored bytes.
    pub fn encode(&self) -> Result<Vec<u8>, RecordError> {
        encode(self)
    }

    /// Reads stored bytes of the given type.
    pub fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, RecordError> {
        if event_type != CASE_ACTED {
            return Err(RecordError::UnknownType(event_type.to_owned()));
        }
        serde_json::from_slice(bytes).map_err(|e| RecordError::Malformed(e.to_string()))
    }
}
