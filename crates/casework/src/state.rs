//! State of a case: the fold of its effects.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use law::{
    calendar::Calendar,
    pack::{Duty, LimitStatus},
    term::{Direction, Due, Pause, Roll, Term, TermError, Unit},
};
use serde::{Deserialize, Serialize};

use crate::{
    effect::{Effect, EvidenceItem, Extension, PublishedItem, Span, Switched},
    event::{CaseActed, Issued, Part},
    field::{FieldValue, Fields},
    masking,
    party::Party,
    proposal::{Change, Disposition, PenaltyKind},
};

/// A step that waits for approvals. It binds nothing: conditions are checked again when it is granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

/// A limit that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitRun {
    /// Code.
    pub code: String,
    /// Party.
    pub party: Option<String>,
    /// Starting day, not counted; a backward limit's event day.
    pub on: Date,
    /// Length.
    pub span: Span,
    /// Roll.
    pub roll: Roll,
    /// Pauses.
    pub pauses: Vec<Pause>,
    /// Extensions, in the order of their approval.
    pub extensions: Vec<Extension>,
    /// Status.
    pub status: LimitStatus,
    /// Day it ended or expired.
    pub ended_on: Option<Date>,
}

impl LimitRun {
    /// Last day of the limit under that calendar.
    ///
    /// # Errors
    /// While it is paused, or beyond the range of dates.
    pub fn due(&self, calendar: &Calendar) -> Result<Due, TermError> {
        match self.span {
            Span::Until(on) => Ok(Due {
                on,
                provisional: false,
            }),
            // A backward limit has passed when its event's day has come.
            Span::Term(_, _, Direction::Back) => Ok(Due {
                on: self.on,
                provisional: false,
            }),
            Span::Term(count, unit, Direction::Forward) => {
                let added = self.extensions.iter().map(|e| e.count);
                let count = added.fold(count, u32::saturating_add);
                Term::forward(count, unit).due(self.on, &self.pauses, self.roll, calendar)
            }
        }
    }

    /// Goes on after it was stopped: the day of the stop counts, the day on which it goes on does not,
    /// as the day on which a limit starts does not.
    fn go_on(&mut self, on: Date) {
        let first = self.ended_on.take().and_then(|day| day.tomorrow().ok());
        if let Some(from) = first.filter(|from| *from <= on) {
            self.pauses.push(Pause { from, to: Some(on) });
        }
    }

    /// How many days of the limit had counted by the end of that day: pauses and what lies after its end do not.
    pub fn counted_days(&self, day: Date) -> u32 {
        let length = match self.span {
            Span::Term(count, Unit::Day, Direction::Forward) => count,
            _ => u32::MAX,
        };
        let last = self.ended_on.map_or(day, |ended| ended.min(day));
        let held = |on: Date| {
            let mut pauses = self.pauses.iter();
            pauses.any(|p| p.from <= on && p.to.is_none_or(|to| on <= to))
        };
        let mut counted = 0;
        let mut on = self.on;
        while counted < length {
            match on.tomorrow() {
                Ok(next) if next <= last => on = next,
                _ => break,
            }
            counted += u32::from(!held(on));
        }
        counted
    }

    /// Whether the limit has run out on that day.
    pub fn expired_on(&self, day: Date, calendar: &Calendar) -> bool {
        if self.status != LimitStatus::Running {
            return false;
        }
        let backward = matches!(self.span, Span::Term(_, _, Direction::Back));
        self.due(calendar).is_ok_and(|due| {
            if backward {
                due.on <= day
            } else {
                due.on < day
            }
        })
    }
}

/// A party with its track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartyState {
    /// The party.
    pub party: Party,
    /// Facts; absent ones have their initial value.
    pub facts: BTreeMap<String, String>,
    /// What the party was told in this round.
    pub notified: Option<Disposition>,
    /// Points of defence, in this round.
    pub defence: Vec<String>,
    /// The decision in force or last made.
    pub decided: Option<Disposition>,
    /// Decisions that a ruling struck down on their substance: none of them may be made again (行政诉讼法 71).
    pub struck_down: Vec<Disposition>,
    /// Money owed in fen, where a ruling changed it.
    pub owes_fen: Option<i64>,
    /// Money paid in fen, less what was paid back.
    pub paid_fen: i64,
    /// Surcharge (加处罚款) fixed, in fen.
    pub added_fen: i64,
    /// Penalties other than money that were carried out.
    pub executed: BTreeSet<PenaltyKind>,
    /// Number of the decision.
    pub decision_number: Option<String>,
    /// Day of the decision.
    pub decided_on: Option<Date>,
    /// Whether the decision was made on the conclusion of a collective discussion.
    pub decided_together: bool,
    /// What is published.
    pub published: Option<PublishedItem>,
    /// Whether an order to put things right was given to the party (行政处罚法 28(1)).
    pub told_to_correct: bool,
}

impl PartyState {
    /// Whether that value of a fact was recorded for the party; the initial value of a fact never set was not.
    pub fn is(&self, fact: &str, value: &str) -> bool {
        self.facts.get(fact).is_some_and(|v| v == value)
    }

    /// Whether the case has ended for this party alone (单独终止): nothing more is proposed, decided or waited for.
    pub fn track_ended(&self) -> bool {
        self.is("decision", "ended")
    }

    /// Whether the party has died, or was dissolved without successor, whether or not the case ended for it already.
    pub fn is_gone(&self) -> bool {
        self.is("existence", "ended")
    }

    /// The party is put right, or another takes its place; what another was told binds the bureau no more.
    fn amend(&mut self, party: &Party) {
        let old = std::mem::replace(&mut self.party, party.clone());
        let renamed = old.name.trim() != party.name.trim();
        let recoded = !old.code.is_empty() && !party.code.is_empty() && old.code != party.code;
        if renamed || recoded {
            self.notified = None;
            self.defence.clear();
        }
    }

    /// Money owed for the decision itself, in fen, without surcharge.
    pub fn principal_fen(&self) -> i64 {
        self.owes_fen
            .unwrap_or_else(|| self.decided.as_ref().map_or(0, Disposition::money_fen))
    }

    /// Money owed in all, in fen, with the surcharge fixed.
    pub fn owed_fen(&self) -> i64 {
        self.principal_fen().saturating_add(self.added_fen)
    }

    /// The part of the fine itself that is not paid, in fen. Payments are not booked to fine or gains, so in the
    /// party's favour what was paid is counted for the fine first.
    pub fn unpaid_fine_fen(&self) -> i64 {
        let fine = self.decided.as_ref().map_or(0, Disposition::fine_fen);
        let fine = fine.min(self.principal_fen());
        fine.saturating_sub(self.paid_fen).max(0)
    }

    /// Money to be paid back, in fen: all of it once the decision is gone, else what was paid too much.
    pub fn refund_fen(&self) -> i64 {
        let gone = self.is("decision", "revoked") || self.is("decision", "void");
        let owed = if gone { 0 } else { self.owed_fen() };
        self.paid_fen.saturating_sub(owed).max(0)
    }

    /// Penalties other than money that were carried out and that a ruling has taken out of the decision, so that what
    /// was taken is to be given back (行政强制法 41).
    pub fn to_restore(&self) -> impl Iterator<Item = PenaltyKind> {
        let decided = |kind: &PenaltyKind| {
            let mut penalties = self.decided.iter().flat_map(|d| &d.penalties);
            penalties.any(|p| p.kind == *kind)
        };
        self.executed
            .iter()
            .copied()
            .filter(move |kind| !decided(kind))
    }

    /// Penalties other than money that were decided and not carried out yet.
    pub fn unexecuted(&self) -> impl Iterator<Item = PenaltyKind> {
        let decided = self.decided.iter().flat_map(|d| &d.penalties);
        decided
            .map(|p| p.kind)
            .filter(|kind| !kind.is_money() && !self.executed.contains(kind))
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
    /// Folds one event.
    pub fn apply_event(&mut self, event: &CaseActed) {
        self.version += 1;
        self.opened_on.get_or_insert(event.occurred_on);
        let names = |effect: &Effect| matches!(effect, Effect::Named { .. });
        if !event.effects.iter().any(names) {
            self.named.extend(masking::unsaid_names(&event.fields));
        }
        for effect in &event.effects {
            self.apply(effect, event.occurred_on);
            self.correct(effect, event);
        }
        self.papers.extend(
            event
                .papers
                .iter()
                .map(|paper| (self.version, paper.clone())),
        );
        for paper in &event.papers {
            if matches!(
                paper.template.as_str(),
                "penalty_decision" | "no_penalty_decision"
            ) {
                let number = paper.number.clone();
                if let Some(party) = paper.party.as_deref().and_then(|id| self.party_mut(id)) {
                    party.decision_number = number;
                }
            }
        }
        self.last_on = Some(
            self.last_on
                .map_or(event.occurred_on, |last| last.max(event.occurred_on)),
        );
    }

    /// The party with that id.
    pub fn party(&self, id: &str) -> Option<&PartyState> {
        self.parties.iter().find(|p| p.party.id == id)
    }

    fn party_mut(&mut self, id: &str) -> Option<&mut PartyState> {
        self.parties.iter_mut().find(|p| p.party.id == id)
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

    fn limit_mut(&mut self, code: &str, party: Option<&str>) -> Option<&mut LimitRun> {
        let of = |run: &&mut LimitRun| run.code == code && run.party.as_deref() == party;
        self.limits.iter_mut().rev().find(of)
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

    /// An order to put things right reaches whom its form or its decision names, or else everybody.
    fn correct(&mut self, effect: &Effect, event: &CaseActed) {
        let Effect::Set { fact, value, .. } = effect else {
            return;
        };
        if (fact.as_str(), value.as_str()) != ("correction", "ordered") {
            return;
        }
        let named = event.fields.get(ADDRESSEE).and_then(FieldValue::as_text);
        let named = named.map(str::trim).filter(|name| !name.is_empty());
        for track in &mut self.parties {
            track.told_to_correct |= match (&event.party, named) {
                (Some(id), _) => *id == track.party.id,
                (None, Some(name)) => name == track.party.name.trim(),
                (None, None) => true,
            };
        }
    }

    fn set(&mut self, fact: &str, value: &str, party: Option<&str>) {
        let facts = match party {
            None => Some(&mut self.facts),
            Some(id) => self.party_mut(id).map(|p| &mut p.facts),
        };
        if let Some(facts) = facts {
            facts.insert(fact.to_owned(), value.to_owned());
        }
    }

    /// Folds one effect; `on` is the legal date of its event.
    pub fn apply(&mut self, effect: &Effect, on: Date) {
        match effect {
            Effect::Open {
                name,
                cause,
                source,
                discovered_on,
                unit,
            } => {
                self.name.clone_from(name);
                self.cause.clone_from(cause);
                self.source.clone_from(source);
                self.unit.clone_from(unit);
                self.discovered_on = Some(*discovered_on);
            }
            Effect::Set { fact, value, party } => {
                if fact == "filed" && value == "yes" {
                    self.filed_on = Some(on);
                }
                self.set(fact, value, party.as_deref());
            }
            Effect::Move { stage } => {
                self.stage.clone_from(stage);
                self.closed_on = (stage == "S10" || stage.starts_with('E'))
                    .then_some(on)
                    .or(self.closed_on);
            }
            Effect::Number { number } => self.number = Some(number.clone()),
            Effect::Assign { role, people } => {
                self.roles
                    .entry(role.clone())
                    .or_default()
                    .extend(people.iter().cloned());
            }
            Effect::Release { role, people } => {
                if let Some(holders) = self.roles.get_mut(role) {
                    holders.retain(|p| !people.contains(p));
                }
            }
            Effect::Recuse { people } => self.recuse(people),
            Effect::Did { duty, people } => {
                self.duties
                    .entry(*duty)
                    .or_default()
                    .extend(people.iter().cloned());
            }
            Effect::AddParty { party } => self.add_party(party),
            Effect::AmendParty { party } => {
                self.set(CHANGE, "none", Some(&party.id));
                if let Some(track) = self.party_mut(&party.id) {
                    track.amend(party);
                }
            }
            Effect::Evidence { item } => {
                self.evidence.push(item.clone());
                self.dossier_version += 1;
                self.set(COVERED, "no", None);
            }
            Effect::Excluded { no } => {
                if self.counting_evidence().any(|(known, _)| known == *no) {
                    self.excluded.insert(*no);
                }
                self.dossier_version += 1;
                self.set(COVERED, "no", None);
            }
            Effect::Propose { dispositions } => {
                self.proposal.clone_from(dispositions);
                self.proposal_version += 1;
                self.concluded = None;
                self.set(COVERED, "no", None);
            }
            Effect::Compared { party, change } => self.set(CHANGE, change.name(), Some(party)),
            Effect::Reviewed { passed, points, .. } => self.reviewed(*passed, points),
            Effect::Answered { answers } => {
                self.answers.clone_from(answers);
                self.set(POINTS, "answered", None);
            }
            Effect::Named { names } => self.named.extend(names.iter().cloned()),
            Effect::Concluded => self.concluded = Some(self.proposal_version),
            Effect::Requested { request } => self.requests.push(request.clone()),
            Effect::Endorsed {
                request,
                person,
                opinion,
                on,
            } => {
                if let Some(waiting) = self.requests.iter_mut().find(|r| r.id == *request) {
                    waiting
                        .approvals
                        .push((person.clone(), opinion.clone(), *on));
                }
            }
            Effect::Switched(switched) => self.switch(switched),
            Effect::Closed { request } => self.requests.retain(|r| r.id != *request),
            Effect::Start { .. } | Effect::Limit { .. } | Effect::Extended { .. } => {
                self.apply_limit(effect);
            }
            _ => self.apply_track(effect, on),
        }
    }

    /// Everything is called as the newer version calls it; runs, values and people stay.
    fn switch(&mut self, switched: &Switched) {
        let renamed = |names: &[(String, String)], name: &str| {
            let found = names.iter().find(|(old, _)| old == name);
            found.map_or_else(|| name.to_owned(), |(_, new)| new.clone())
        };
        self.stage = renamed(&switched.stages, &self.stage);
        for run in &mut self.limits {
            run.code = renamed(&switched.limits, &run.code);
        }
        let tracks = self.parties.iter_mut().map(|p| &mut p.facts);
        for facts in tracks.chain([&mut self.facts]) {
            let named = std::mem::take(facts).into_iter().map(|(fact, value)| {
                let mut values = switched.values.iter();
                let changed = values.find(|(of, old, _)| (of, old) == (&fact, &value));
                let value = changed.map_or(value, |(.., new)| new.clone());
                (renamed(&switched.facts, &fact), value)
            });
            *facts = named.collect();
        }
        let roles = std::mem::take(&mut self.roles).into_iter();
        for (role, people) in roles {
            let role = renamed(&switched.roles, &role);
            self.roles.entry(role).or_default().extend(people);
        }
    }

    fn recuse(&mut self, people: &[String]) {
        self.recused.extend(people.iter().cloned());
        for holders in self.roles.values_mut() {
            holders.retain(|p| !people.contains(p));
        }
        self.set(COVERED, "no", None);
    }

    fn add_party(&mut self, party: &Party) {
        self.parties.push(PartyState {
            party: party.clone(),
            facts: BTreeMap::new(),
            notified: None,
            defence: Vec::new(),
            decided: None,
            struck_down: Vec::new(),
            owes_fen: None,
            paid_fen: 0,
            added_fen: 0,
            executed: BTreeSet::new(),
            decision_number: None,
            decided_on: None,
            decided_together: false,
            published: None,
            told_to_correct: false,
        });
    }

    fn reviewed(&mut self, passed: bool, points: &[String]) {
        self.points = points.to_vec();
        self.answers.clear();
        if passed {
            self.review_covers = Some((self.proposal_version, self.dossier_version));
            self.set(COVERED, "yes", None);
            self.set(POINTS, "none", None);
            if self.facts.get(AFTER_HEARING).is_some_and(|v| v == "due") {
                self.set(AFTER_HEARING, "yes", None);
            }
        } else {
            self.set(POINTS, "open", None);
        }
    }

    fn apply_limit(&mut self, effect: &Effect) {
        match effect {
            Effect::Start {
                limit,
                party,
                on,
                span,
                roll,
            } => self.limits.push(LimitRun {
                code: limit.clone(),
                party: party.clone(),
                on: *on,
                span: span.clone(),
                roll: *roll,
                pauses: Vec::new(),
                extensions: Vec::new(),
                status: LimitStatus::Running,
                ended_on: None,
            }),
            Effect::Limit {
                limit,
                party,
                status,
                on,
            } => {
                let Some(run) = self.limit_mut(limit, party.as_deref()) else {
                    return;
                };
                match (run.status, status) {
                    (_, LimitStatus::Paused) => run.pauses.push(Pause {
                        from: *on,
                        to: None,
                    }),
                    (LimitStatus::Paused, _) => {
                        if let Some(pause) = run.pauses.last_mut() {
                            pause.to = Some(*on);
                        }
                    }
                    (LimitStatus::Ended, LimitStatus::Running) => run.go_on(*on),
                    _ => {}
                }
                if matches!(status, LimitStatus::Expired | LimitStatus::Ended) {
                    run.ended_on = Some(*on);
                }
                run.status = *status;
            }
            Effect::Extended {
                limit,
                party,
                extension,
            } => {
                if let Some(run) = self.limit_mut(limit, party.as_deref()) {
                    run.extensions.push(extension.clone());
                }
            }
            _ => {}
        }
    }

    /// Effects on the track of one party.
    fn apply_track(&mut self, effect: &Effect, on: Date) {
        let (id, heard) = match effect {
            Effect::Heard { party } => (party, true),
            Effect::Notified { party }
            | Effect::Defended { party, .. }
            | Effect::Decided { party }
            | Effect::Paid { party, .. }
            | Effect::Owes { party, .. }
            | Effect::Redecided { party, .. }
            | Effect::Added { party, .. }
            | Effect::Refunded { party, .. }
            | Effect::Executed { party, .. }
            | Effect::NewRound { party, .. }
            | Effect::Published { party, .. }
            | Effect::Withdrawn { party, .. } => (party, false),
            _ => return,
        };
        if heard {
            self.dossier_version += 1;
            self.set(COVERED, "no", None);
            self.set(AFTER_HEARING, "due", None);
            return;
        }
        if let Effect::NewRound { .. } = effect {
            self.set(COVERED, "no", None);
            self.set(AFTER_HEARING, "none", None);
            self.set(POINTS, "none", None);
            self.set(CHANGE, "none", Some(id));
            self.concluded = None;
        }
        if let Effect::Notified { .. } = effect {
            self.set(CHANGE, Change::Same.name(), Some(id));
        }
        let proposed = self.proposed(id).cloned();
        let together = self.concluded == Some(self.proposal_version);
        let Some(track) = self.party_mut(id) else {
            return;
        };
        match effect {
            Effect::Notified { .. } => {
                track.notified = proposed;
                track.defence.clear();
            }
            Effect::Defended { points, .. } => track.defence.extend(points.iter().cloned()),
            Effect::Decided { .. } => {
                track.decided = proposed;
                track.decided_on = Some(on);
                track.decided_together = together;
                track.owes_fen = None;
                track.paid_fen = 0;
                track.added_fen = 0;
                track.executed.clear();
            }
            Effect::Redecided { disposition, .. } => {
                track.decided = Some((**disposition).clone());
                track.owes_fen = None;
                // The surcharge was one on the fine that is gone; the new term of payment runs from the change.
                track.added_fen = 0;
            }
            Effect::Paid { amount_fen, .. } => {
                track.paid_fen = track.paid_fen.saturating_add(*amount_fen)
            }
            Effect::Added { amount_fen, .. } => track.added_fen = *amount_fen,
            Effect::Refunded { amount_fen, .. } => {
                track.paid_fen = track.paid_fen.saturating_sub(*amount_fen).max(0);
                let restored: Vec<PenaltyKind> = track.to_restore().collect();
                track.executed.retain(|kind| !restored.contains(kind));
            }
            Effect::Executed { kind, .. } => {
                track.executed.insert(*kind);
            }
            Effect::Owes { amount_fen, .. } => track.owes_fen = Some(*amount_fen),
            Effect::NewRound { procedural, .. } => {
                let old = track.decided.take().filter(|_| !procedural);
                track.struck_down.extend(old);
                track.notified = None;
                track.defence.clear();
                track.decision_number = None;
                track.decided_on = None;
            }
            Effect::Published { item, .. } => track.published = Some(item.clone()),
            Effect::Withdrawn { .. } => track.published = None,
            _ => {}
        }
    }
}

/// Folds a whole stream of case events.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a CaseActed>) -> State {
    let mut state = State::default();
    for event in events {
        state.apply_event(event);
    }
    state
}
