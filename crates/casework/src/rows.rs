//! Rows of the views that are written with the events of one stream, in the same transaction.
//!
//! Each row is a function of one stream's state alone, and all rows of a stream are replaced together, so
//! a rebuild equals the live views by construction (`DECISIONS.md` 6).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A case in lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseRow {
    /// Handling unit.
    pub unit: String,
    /// Case number, once filed.
    pub number: Option<String>,
    /// Case name shown in lists.
    pub name: String,
    /// Cause of action (案由).
    pub cause: String,
    /// Stage id.
    pub stage: String,
    /// Stage title in Chinese.
    pub stage_title: String,
    /// Names of the parties, joined by `、`.
    pub parties: String,
    /// Day of the lead.
    pub opened_on: Date,
    /// Day of filing (立案).
    pub filed_on: Option<Date>,
    /// Day of the first decision in force.
    pub decided_on: Option<Date>,
    /// Day the case was closed or ended.
    pub closed_on: Option<Date>,
    /// Whether the stage is one of rest.
    pub ended: bool,
    /// Persons with a duty in the case (ids), to find one's own.
    pub people: Vec<String>,
}

/// A step that waits for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TodoRow {
    /// Unique within the stream: step, party, request and person, each possibly empty.
    pub key: String,
    /// Step id of the pack.
    pub step: String,
    /// What is to be done.
    pub title: String,
    /// Party it concerns.
    pub party: Option<String>,
    /// Name of that party.
    pub party_name: Option<String>,
    /// Role that has to act.
    pub role: String,
    /// Unit that has to act, where the role is of a unit.
    pub unit: Option<String>,
    /// The person, where one is assigned.
    pub person: Option<String>,
    /// When the case last moved, microseconds UTC: the step may have been open before.
    pub since_at: i64,
    /// Code of the time limit that presses most.
    pub limit: Option<String>,
    /// When that limit is due, at the calendar with which the row was made; a newer calendar makes it again.
    pub due_on: Option<Date>,
    /// Article for the step.
    pub basis: String,
    /// Whether it is a request that waits for an answer (approval), rather than a step that may be begun.
    pub pending: bool,
    /// The request that waits for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

/// A time limit of a case; due dates are computed from it with the calendar in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitRow {
    /// Unique within the stream: code, party and count.
    pub key: String,
    /// Code such as `CF-60`.
    pub code: String,
    /// Title in Chinese.
    pub title: String,
    /// Party, for a limit of one party.
    pub party: Option<String>,
    /// Day that starts it (not counted).
    pub started_on: Date,
    /// `running`, `paused`, `expired` or `ended`.
    pub status: String,
    /// Due date at the calendar with which the row was made, a newer one making it again; absent while paused.
    pub due_on: Option<Date>,
    /// Whether the due date rests on a year whose holidays are not announced.
    pub provisional: bool,
    /// Day it ended.
    pub ended_on: Option<Date>,
    /// Article.
    pub basis: String,
}

/// A paper issued or uploaded in a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperRow {
    /// Id printed on the paper.
    pub paper_id: String,
    /// Template name.
    pub template: String,
    /// Title in Chinese.
    pub title: String,
    /// Document number, where the paper has one.
    pub number: Option<String>,
    /// Party it is addressed to.
    pub party: Option<String>,
    /// Legal date on the paper.
    pub issued_on: Date,
    /// Hex digest of the stored bytes.
    pub digest: String,
    /// Size of the stored bytes.
    pub size_bytes: u64,
    /// Version of the event that names the paper.
    pub event_version: u64,
    /// Media type of the stored bytes.
    pub media_type: String,
}

/// An official as lists and sign-in need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    /// Sign-in name.
    pub login: String,
    /// Name.
    pub name: String,
    /// Unit id.
    pub unit: String,
    /// Role ids.
    pub roles: Vec<String>,
    /// Whether the person still serves.
    pub active: bool,
    /// Card number in force, if any, with its last day.
    pub card: Option<(String, Date)>,
}

/// A body with its place in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyRow {
    /// Superior body.
    pub parent: Option<String>,
    /// Full name.
    pub name: String,
}

/// All rows of one stream; they replace what the stream had.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StreamRows {
    /// For a case stream.
    pub case: Option<CaseRow>,
    /// Steps that wait.
    pub todo: Vec<TodoRow>,
    /// Time limits.
    pub limits: Vec<LimitRow>,
    /// Papers.
    pub papers: Vec<PaperRow>,
    /// For a person stream.
    pub person: Option<PersonRow>,
    /// For a body stream.
    pub body: Option<BodyRow>,
}
