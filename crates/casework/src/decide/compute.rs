//! Facts that the pack has computed from real figures.

use jiff::civil::Date;
use law::pack::{Compute, Duty};

use super::cond::value_of;
use crate::{
    command::Context,
    field::{FieldValue, Fields},
    party::PartyKind,
    proposal::{Change, Disposition, Excuse, compare},
    state::State,
};

/// What a computation may look at.
pub(super) struct Input<'a> {
    pub state: &'a State,
    pub party: Option<&'a str>,
    pub fields: &'a Fields,
    /// The day for which it is computed.
    pub on: Date,
    pub ctx: &'a Context<'a>,
}

impl Input<'_> {
    fn config(&self, key: &str) -> Option<i64> {
        self.ctx.config.get(self.ctx.pack, key, self.on)
    }
}

/// The answer of a computation, one of those that [`Compute::ALL`] declares for it.
pub(super) fn compute(asked: Compute, input: &Input<'_>) -> &'static str {
    let proposed = || input.party.and_then(|id| input.state.proposed(id));
    let track = || input.party.and_then(|id| input.state.party(id));
    match asked {
        Compute::Finding => {
            if proposed().is_some_and(|d| d.proven) {
                "proven"
            } else {
                "unproven"
            }
        }
        Compute::Excuse => proposed()
            .and_then(|d| d.excuse)
            .and_then(|e| Excuse::ALL.iter().find(|(excuse, ..)| *excuse == e))
            .map_or("none", |(_, name, _)| *name),
        Compute::Plan => {
            if proposed().is_some_and(Disposition::penalizes) {
                "penalty"
            } else {
                "no_penalty"
            }
        }
        Compute::Money => due_or_none(input.party.is_some_and(|id| input.state.unpaid_fen(id) > 0)),
        Compute::Fine => due_or_none(track().is_some_and(|p| p.unpaid_fine_fen() > 0)),
        Compute::MoneyLeft => match track() {
            Some(p) if p.owed_fen() > p.paid_fen => "due",
            Some(p) if p.paid_fen > 0 => "paid",
            _ => "none",
        },
        Compute::Refund => {
            due_or_none(track().is_some_and(|p| p.refund_fen() > 0 || p.to_restore().count() > 0))
        }
        Compute::Other => due_or_none(track().is_some_and(|p| p.unexecuted().count() > 0)),
        Compute::OtherLeft => match track() {
            Some(p) if p.unexecuted().count() > 0 => "due",
            Some(p) if !p.executed.is_empty() => "done",
            _ => "none",
        },
        Compute::HearingDue => yes_no(hearing_due(input)),
        Compute::ReviewDue => review_due(input),
        Compute::ReviewPlace => match input.config("review_place") {
            Some(1) => "before_notice",
            Some(2) => "before_decision",
            _ => "both",
        },
        Compute::DiscussDue => yes_no(discuss_due(input)),
    }
}

fn due_or_none(due: bool) -> &'static str {
    if due { "due" } else { "none" }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// 行政处罚法 63: by kind, or by amount as the standard says that the bureau has loaded for its field and region.
///
/// Where none is loaded, every amount counts as large: a right told without need harms nobody, one left untold
/// undoes the decision (法 44, 62).
fn hearing_due(input: &Input<'_>) -> bool {
    let Some(id) = input.party else { return false };
    let (Some(track), Some(proposed)) = (input.state.party(id), input.state.proposed(id)) else {
        return false;
    };
    let natural = track.party.kind != PartyKind::Organization;
    let key = if natural {
        "hearing_fine_person"
    } else {
        "hearing_fine_organization"
    };
    let line = input.config(key);
    let over = |fen: i64| fen > 0 && line.is_none_or(|line| fen >= line);
    let confiscated = || proposed.penalties.iter().filter(|p| p.kind.confiscates());
    // What nobody has valued may be of large value.
    let unvalued = confiscated().any(|p| p.amount_fen.is_none_or(|fen| fen <= 0));
    let value = confiscated()
        .filter_map(|p| p.amount_fen)
        .fold(0, i64::saturating_add);
    proposed.penalties.iter().any(|p| p.kind.hearing_by_kind())
        || over(proposed.fine_fen())
        || unvalued
        || over(value)
}

fn checked(fields: &Fields, id: &str) -> bool {
    matches!(fields.get(id), Some(FieldValue::YesNo(true)))
}

/// 行政处罚法 58(1): statutory on public interest, complexity, after a hearing or by another statute; widened to all by configuration.
fn review_due(input: &Input<'_>) -> &'static str {
    let held = input
        .state
        .parties
        .iter()
        .any(|p| p.facts.get("hearing").is_some_and(|v| v == "held"));
    let ticked = ["public_interest", "complex", "review_other"];
    let statutory = held || ticked.iter().any(|field| checked(input.fields, field));
    let penalizes = input.state.proposal.iter().any(Disposition::penalizes);
    if statutory && penalizes {
        "statutory"
    } else if penalizes && input.config("review_scope_all") != Some(0) {
        "widened"
    } else {
        "no"
    }
}

/// 行政处罚法 57(2), with the default list: kinds that give a hearing, 减轻, grave or complex cases, and a
/// dispute with the reviewers that coordination has not settled.
fn discuss_due(input: &Input<'_>) -> bool {
    let hearing = input.state.parties.iter().any(|p| {
        let id = Some(p.party.id.as_str());
        input
            .ctx
            .pack
            .facts
            .iter()
            .position(|f| f.id == "hearing_due")
            .is_some_and(|f| {
                input.ctx.pack.facts[f].value("yes")
                    == Some(value_of(input.state, input.ctx.pack, f, id))
            })
    });
    let reduced = input.state.proposal.iter().any(|d| {
        d.range
            .as_ref()
            .is_some_and(|r| !r.reduction.trim().is_empty())
    });
    let disputed = input
        .state
        .facts
        .get("disputed")
        .is_some_and(|v| v == "yes");
    hearing
        || reduced
        || disputed
        || checked(input.fields, "grave")
        || checked(input.fields, "complex")
}

/// How the proposal in force compares with what the party was told in this round.
pub(super) fn change(state: &State, party: &str) -> Change {
    let told = state.party(party).and_then(|p| p.notified.as_ref());
    match (told, state.proposed(party)) {
        (Some(told), Some(new)) => compare(told, new),
        (Some(_), None) => Change::Different,
        (None, _) => Change::First,
    }
}

/// Whether a person did something of a duty in the case.
pub(super) fn did(state: &State, duty: Duty, person: &str) -> bool {
    state
        .duties
        .get(&duty)
        .is_some_and(|people| people.contains(person))
}
