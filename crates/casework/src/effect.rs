//! Effects: what an event says has become so. The fold knows these and nothing of packs.

use std::collections::BTreeSet;

use jiff::civil::Date;
use law::{
    pack::{Duty, LimitStatus},
    term::{Direction, Roll, Unit},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    field::{FileRef, ReviewItem},
    party::Party,
    proposal::{Change, Disposition, PenaltyKind},
    state::Request,
};

/// How long a running limit is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// A count of a unit, forward or back.
    Term(u32, Unit, Direction),
    /// Until a stated day.
    Until(Date),
}

/// An extension of a limit: how much, why, under which article, and who approved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// How much is added, in the limit's unit.
    pub count: u32,
    /// Reason.
    pub reason: String,
    /// Article or source that allows it.
    pub basis: String,
    /// Person who approved it.
    pub approved_by: String,
    /// Day of the approval.
    pub on: Date,
}

/// One thing in the dossier (案卷).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceItem {
    /// Kind, such as `询问笔录`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub origin: String,
    /// What it proves.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub proves: String,
    /// File, if one was uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileRef>,
}

/// A published item, as the event names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishedItem {
    /// Facts as published.
    pub facts: String,
    /// Last day of publication, where one is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// Names that changed with the version of the procedure: old and new.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Switched {
    /// Version text of the older pack.
    pub from: String,
    /// Version text of the newer pack.
    pub to: String,
    /// Stages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<(String, String)>,
    /// Limits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<(String, String)>,
    /// Values of facts: fact by its old name, old value, new value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<(String, String, String)>,
    /// Facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<(String, String)>,
    /// Assigned roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<(String, String)>,
}

/// What became so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// The case exists, with its head data.
    Open {
        /// Case name.
        name: String,
        /// Cause.
        cause: String,
        /// Source.
        source: String,
        /// Day of discovery.
        discovered_on: Date,
        /// Handling unit.
        unit: String,
    },
    /// A fact has a value; `party` for a fact of one party.
    Set {
        /// Fact.
        fact: String,
        /// Value.
        value: String,
        /// Party.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<String>,
    },
    /// The case stands in a stage.
    Move {
        /// Stage.
        stage: String,
    },
    /// A number was claimed for the case.
    Number {
        /// Number as printed.
        number: String,
    },
    /// Persons hold an assigned role.
    Assign {
        /// Role.
        role: String,
        /// Persons.
        people: Vec<String>,
    },
    /// Persons no longer hold an assigned role.
    Release {
        /// Role.
        role: String,
        /// Persons.
        people: Vec<String>,
    },
    /// Persons are barred from the case (回避).
    Recuse {
        /// Persons.
        people: Vec<String>,
    },
    /// The recusal of these persons is asked for, and of nobody else any more (行政处罚法 43).
    RecusalAsked {
        /// Persons.
        people: Vec<String>,
    },
    /// Persons did something of a duty.
    Did {
        /// Duty.
        duty: Duty,
        /// Persons.
        people: Vec<String>,
    },
    /// A party is in the case.
    AddParty {
        /// The party.
        party: Party,
    },
    /// A party's data were put right, or another took over its rights and duties; its place in the case stays.
    AmendParty {
        /// The party as it is now, with the id that it had.
        party: Party,
    },
    /// The dossier moved on.
    Evidence {
        /// What was added.
        item: EvidenceItem,
    },
    /// An item of the dossier is excluded: the dossier moved on.
    Excluded {
        /// Number of the item, counted from 1 in the order in which they came.
        no: u32,
    },
    /// A new proposal is in force.
    Propose {
        /// Party by party.
        dispositions: Vec<Disposition>,
    },
    /// How a party's proposal compares with what the party was told.
    Compared {
        /// Party.
        party: String,
        /// Result.
        change: Change,
    },
    /// A reviewer's opinion.
    Reviewed {
        /// Whether it passes proposal and dossier as they stand.
        passed: bool,
        /// The ten items.
        items: Vec<ReviewItem>,
        /// Points raised.
        points: Vec<String>,
    },
    /// A form named persons who are no officials; none of them may appear in a public copy.
    Named {
        /// Their names, each once.
        names: BTreeSet<String>,
    },
    /// Every point raised is answered.
    Answered {
        /// One answer a point.
        answers: Vec<String>,
    },
    /// A party is told of the proposal in force.
    Notified {
        /// Party.
        party: String,
    },
    /// Views of a party were put on record.
    Defended {
        /// Party.
        party: String,
        /// Points.
        points: Vec<String>,
    },
    /// A hearing of a party was held.
    Heard {
        /// Party.
        party: String,
    },
    /// Leaders concluded on the proposal in force.
    Concluded,
    /// A decision was made for a party, with the content of the proposal in force.
    Decided {
        /// Party.
        party: String,
    },
    /// Money came in.
    Paid {
        /// Party.
        party: String,
        /// Amount in fen.
        amount_fen: i64,
    },
    /// What was decided for a party was changed by a ruling.
    Redecided {
        /// Party.
        party: String,
        /// What is decided now.
        disposition: Box<Disposition>,
    },
    /// The surcharge (加处罚款) that a party owes in all was fixed.
    Added {
        /// Party.
        party: String,
        /// Amount in fen, in place of any fixed before.
        amount_fen: i64,
    },
    /// Money was paid back.
    Refunded {
        /// Party.
        party: String,
        /// Amount in fen.
        amount_fen: i64,
    },
    /// A penalty other than money was carried out.
    Executed {
        /// Party.
        party: String,
        /// Kind.
        kind: PenaltyKind,
    },
    /// What a party owes was changed by a ruling; said by records that do not say what is decided now.
    Owes {
        /// Party.
        party: String,
        /// Amount in fen.
        amount_fen: i64,
    },
    /// A limit runs.
    Start {
        /// Code.
        limit: String,
        /// Party.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<String>,
        /// Starting day (not counted), or for a backward limit the event's day.
        on: Date,
        /// Length.
        span: Span,
        /// Whether a last day on a holiday moves on.
        roll: Roll,
    },
    /// A limit that ran was extended.
    Extended {
        /// Code.
        limit: String,
        /// Party.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<String>,
        /// The extension.
        extension: Extension,
    },
    /// A limit has another status from a day on.
    Limit {
        /// Code.
        limit: String,
        /// Party.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<String>,
        /// New status.
        status: LimitStatus,
        /// Day.
        on: Date,
    },
    /// A new round begins for a party: nothing old counts.
    NewRound {
        /// Party.
        party: String,
        /// Whether the same may be decided again: no ruling ordered the new round, or the ruling rests on
        /// procedure alone (行政诉讼法 71, 行政复议法 64(2)).
        procedural: bool,
    },
    /// The decision of a party is made public.
    Published {
        /// Party.
        party: String,
        /// What is shown.
        item: PublishedItem,
    },
    /// The decision of a party is withdrawn from the public page.
    Withdrawn {
        /// Party.
        party: String,
        /// Reason, shown to the public.
        reason: String,
    },
    /// A step waits for approvals.
    Requested {
        /// The request.
        request: Request,
    },
    /// A request has one approval more.
    Endorsed {
        /// Request.
        request: String,
        /// Who approved.
        person: String,
        /// What they said.
        opinion: String,
        /// Day.
        on: Date,
    },
    /// The case follows another version of its procedure; what was called otherwise has its new name.
    Switched(Switched),
    /// A request is done with.
    Closed {
        /// Request.
        request: String,
    },
}
