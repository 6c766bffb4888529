//! State of a case: the fold of its effects.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use law::pack::{Duty, LimitStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    effect::EvidenceItem,
    event::{Issued, Part},
    field::Fields,
    proposal::Disposition,
};

mod fold;
mod limit;
mod party;

pub use fold::fold;
pub use limit::LimitRun;
pub use party::PartyState;

/// A step that waits for approvals. It binds nothing: conditions are checked again when it is granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WaitingRequest)]
pub struct Request {
    /// Id: the command's that asked.
    pub id: String,
    /// Step.
    pub step: String,
    /// Party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// Who asked.
    pub people: Vec<Part>,
    /// What was filled in.
    #[schema(value_type = std::collections::BTreeMap<String, crate::field::FieldValue>)]
    pub fields: Fields,
    /// Whether cards were shown.
    pub card_shown: bool,
    /// Legal date asked for.
    pub on: Date,
    /// Approvals given: person, opinion, day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<(String, String, Date)>,
}

impl Request {
    /// Whether that person may not approve it: whoever asked for it, or gave one of its approvals already.
    pub fn bars(&self, person: &str) -> bool {
        self.is_asked_by(person) || self.approvals.iter().any(|(id, ..)| id == person)
    }

    /// Whether that person is among those who asked for it.
    pub fn is_asked_by(&self, person: &str) -> bool {
        self.people.iter().any(|part| part.person == person)
    }
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// Number of events folded.
    pub version: u64,
    /// Stage id; empty before the first event.
    pub stage: String,
    /// Case name.
    pub name: String,
    /// Cause.
    pub cause: String,
    /// Source.
    pub source: String,
    /// Handling unit.
    pub unit: String,
    /// Case number.
    pub number: Option<String>,
    /// Day of discovery.
    pub discovered_on: Option<Date>,
    /// Legal date of the first event.
    pub opened_on: Option<Date>,
    /// Day of filing.
    pub filed_on: Option<Date>,
    /// Legal date of the last event.
    pub last_on: Option<Date>,
    /// Day on which a stage of rest or 结案 was reached.
    pub closed_on: Option<Date>,
    /// Facts of the case; absent ones have their initial value.
    pub facts: BTreeMap<String, String>,
    /// Parties in order.
    pub parties: Vec<PartyState>,
    /// Limits, running and past.
    pub limits: Vec<LimitRun>,
    /// Assigned roles.
    pub roles: BTreeMap<String, BTreeSet<String>>,
    /// Who did what.
    pub duties: BTreeMap<Duty, BTreeSet<String>>,
    /// Persons barred.
    pub recused: BTreeSet<String>,
    /// Persons whose recusal was asked for last.
    pub recusal_asked: BTreeSet<String>,
    /// Proposal in force.
    pub proposal: Vec<Disposition>,
    /// How many proposals there were.
    pub proposal_version: u32,
    /// How often the dossier moved on.
    pub dossier_version: u32,
    /// Proposal and dossier version that the passing review covers.
    pub review_covers: Option<(u32, u32)>,
    /// Proposal version that the leaders concluded on.
    pub concluded: Option<u32>,
    /// Points of the last review, unanswered or answered.
    pub points: Vec<String>,
    /// Answers to them.
    pub answers: Vec<String>,
    /// Dossier.
    pub evidence: Vec<EvidenceItem>,
    /// Numbers of the items excluded as unlawful or untrue, so that nothing rests on them (行政处罚法 46(3)).
    pub excluded: BTreeSet<u32>,
    /// Papers.
    pub papers: Vec<(u64, Issued)>,
    /// Requests that wait.
    pub requests: Vec<Request>,
    /// Persons outside the bureau whom forms named; none of them may appear in a public copy.
    pub named: BTreeSet<String>,
}

/// The program's own fact: whether the review covers proposal and dossier as they stand.
pub const COVERED: &str = "@covered";
/// The program's own fact: whether a review after the hearing is due.
pub const AFTER_HEARING: &str = "@after_hearing";
/// The program's own fact of a party: how the proposal compares with what was told.
pub const CHANGE: &str = "@change";
/// The field of a form that names the one party whom the paper of a case's step addresses.
pub const ADDRESSEE: &str = "addressee";
/// The program's own fact: whether points of review are open.
pub const POINTS: &str = "@points";

impl State {
    /// The party with that id.
    pub fn party(&self, id: &str) -> Option<&PartyState> {
        self.parties.iter().find(|p| p.party.id == id)
    }

    /// Ids of the parties, in order.
    pub fn party_ids(&self) -> Vec<String> {
        let ids = self.parties.iter().map(|p| p.party.id.clone());
        ids.collect()
    }

    /// The disposition that the proposal in force has for a party.
    pub fn proposed(&self, party: &str) -> Option<&Disposition> {
        self.proposal.iter().find(|d| d.party == party)
    }

    /// The latest run of a limit.
    pub fn limit(&self, code: &str, party: Option<&str>) -> Option<&LimitRun> {
        self.limits
            .iter()
            .rev()
            .find(|run| run.code == code && run.party.as_deref() == party)
    }

    /// Status of a limit.
    pub fn limit_status(&self, code: &str, party: Option<&str>) -> LimitStatus {
        self.limit(code, party)
            .map_or(LimitStatus::Idle, |run| run.status)
    }

    /// Money that a party has still to pay, in fen, with the surcharge fixed; negative where too much was paid.
    pub fn unpaid_fen(&self, party: &str) -> i64 {
        self.party(party)
            .map_or(0, |p| p.owed_fen().saturating_sub(p.paid_fen))
    }

    /// The items of the dossier with their numbers, from 1 in the order in which they came. An excluded item keeps
    /// its number, so that pages and papers give every item the same one.
    pub fn numbered_evidence(&self) -> impl Iterator<Item = (u32, &EvidenceItem)> {
        (1..).zip(&self.evidence)
    }

    /// The items that still count, with their numbers.
    pub fn counting_evidence(&self) -> impl Iterator<Item = (u32, &EvidenceItem)> {
        self.numbered_evidence()
            .filter(|(no, _)| !self.excluded.contains(no))
    }

    /// Persons who hold an assigned role.
    pub fn assigned(&self, role: &str) -> impl Iterator<Item = &String> {
        self.roles.get(role).into_iter().flatten()
    }
}
