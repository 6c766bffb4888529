//! A party of a case with its track.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::{
    effect::{Effect, PublishedItem},
    party::Party,
    proposal::{Disposition, PenaltyKind},
};

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
    /// A party about which nothing was done yet.
    pub(super) fn new(party: &Party) -> Self {
        Self {
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
        }
    }

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
    pub(super) fn amend(&mut self, party: &Party) {
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

    /// The party was told what is proposed; what it says against it is gathered from now on.
    pub(super) fn notify(&mut self, proposed: Option<Disposition>) {
        self.notified = proposed;
        self.defence.clear();
    }

    /// What is proposed is decided; nothing of it is paid or carried out yet.
    pub(super) fn decide(&mut self, proposed: Option<Disposition>, on: Date, together: bool) {
        self.decided = proposed;
        self.decided_on = Some(on);
        self.decided_together = together;
        self.owes_fen = None;
        self.paid_fen = 0;
        self.added_fen = 0;
        self.executed.clear();
    }

    /// Folds one effect on this track that needs nothing of the case.
    pub(super) fn apply(&mut self, effect: &Effect) {
        match effect {
            Effect::Defended { points, .. } => self.defence.extend(points.iter().cloned()),
            Effect::Redecided { disposition, .. } => {
                self.decided = Some((**disposition).clone());
                self.owes_fen = None;
                // The surcharge was one on the fine that is gone; the new term of payment runs from the change.
                self.added_fen = 0;
            }
            Effect::Paid { amount_fen, .. } => {
                self.paid_fen = self.paid_fen.saturating_add(*amount_fen)
            }
            Effect::Added { amount_fen, .. } => self.added_fen = *amount_fen,
            Effect::Refunded { amount_fen, .. } => {
                self.paid_fen = self.paid_fen.saturating_sub(*amount_fen).max(0);
                let restored: Vec<PenaltyKind> = self.to_restore().collect();
                self.executed.retain(|kind| !restored.contains(kind));
            }
            Effect::Executed { kind, .. } => {
                self.executed.insert(*kind);
            }
            Effect::Owes { amount_fen, .. } => self.owes_fen = Some(*amount_fen),
            Effect::NewRound { procedural, .. } => {
                let old = self.decided.take().filter(|_| !procedural);
                self.struck_down.extend(old);
                self.notified = None;
                self.defence.clear();
                self.decision_number = None;
                self.decided_on = None;
            }
            Effect::Published { item, .. } => self.published = Some(item.clone()),
            Effect::Withdrawn { .. } => self.published = None,
            _ => {}
        }
    }
}
