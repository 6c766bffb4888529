//! What a new form already holds, so that nothing is asked twice, and what it suggests.

use casework::{
    field::{FieldValue, Fields},
    proposal::{Disposition, PenaltyKind},
    state::State,
};
use law::pack::{Effect, Field, FieldType, PrivacyClass, Step};
use office::Recorded;

use super::{input, write};
use crate::typed::Typed;

/// Text that one step takes over from another: step, field, and the field it comes from. A help to the officer, who
/// can change it; the law says nothing of it, so it does not stand in the pack.
const TAKEN_OVER: [(&str, &str, &str); 1] = [("A05", "summary", "clue")];
/// Values that a list of suggestions has at most.
const SUGGESTIONS_MAX: usize = 12;

/// The case as a form sees it.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// State.
    pub state: &'a State,
    /// Party of the step.
    pub party: Option<&'a str>,
    /// Everything recorded so far.
    pub events: &'a [Recorded],
}

/// What a new form of a step holds.
pub fn carry(step: &Step, known: &Known<'_>) -> Typed {
    let mut fields = Fields::new();
    let mut typed = Typed::default();
    for field in &step.form {
        if let Some(default) = &field.default {
            typed.push(input(&field.id), default);
        } else if let Some(value) = value(step, field, known) {
            fields.insert(field.id.clone(), value);
        }
    }
    typed.fill_from(&write::write(&fields));
    typed
}

fn value(step: &Step, field: &Field, known: &Known<'_>) -> Option<FieldValue> {
    let party = known.party.and_then(|id| known.state.party(id));
    match &field.kind {
        FieldType::Proposal if redecides(step) => {
            Some(FieldValue::Proposal(vec![party?.decided.clone()?]))
        }
        FieldType::Proposal => Some(FieldValue::Proposal(proposal(known.state))),
        FieldType::Money if demands(step, "paid-in-full") => {
            let unpaid = known.state.unpaid_fen(known.party?);
            (unpaid > 0).then_some(FieldValue::Money(unpaid))
        }
        FieldType::Money if demands(step, "refund-in-full") => {
            let refund = party?.refund_fen();
            (refund > 0).then_some(FieldValue::Money(refund))
        }
        FieldType::Money if step.effects.iter().any(|e| matches!(e, Effect::Decide)) => {
            let fine = known.state.proposed(known.party?)?.fine_fen();
            (fine > 0).then_some(FieldValue::Money(fine))
        }
        // What names a natural person is for a person to write anew (行政处罚法 50).
        FieldType::Prose if demands_on(step, "masked", &field.id) => {
            let party = party.filter(|p| !p.party.kind.is_natural())?;
            Some(FieldValue::Text(party.decided.as_ref()?.facts.clone()))
        }
        FieldType::Text | FieldType::Prose => {
            let (.., from) = TAKEN_OVER
                .iter()
                .find(|(s, f, _)| *s == step.id && *f == field.id)?;
            known
                .events
                .iter()
                .rev()
                .find_map(|event| event.acted.fields.get(*from))
                .cloned()
        }
        _ => None,
    }
}

/// Whether the step puts another content in the place of what was decided for its party.
fn redecides(step: &Step) -> bool {
    let mut effects = step.effects.iter();
    effects.any(|effect| matches!(effect, Effect::Redecide(_)))
}

fn demands(step: &Step, require: &str) -> bool {
    step.requires.iter().any(|r| r.name == require)
}

fn demands_on(step: &Step, require: &str, field: &str) -> bool {
    step.requires
        .iter()
        .any(|r| r.name == require && r.on.as_deref() == Some(field))
}

/// The proposal in force, with an empty one for a party that it says nothing of.
fn proposal(state: &State) -> Vec<Disposition> {
    let empty = |party: &str| Disposition {
        party: party.to_owned(),
        proven: true,
        facts: String::new(),
        characterization: state.cause.clone(),
        violated: Vec::new(),
        basis: Vec::new(),
        discretion: String::new(),
        excuse: None,
        penalties: Vec::new(),
        range: None,
        correction: String::new(),
    };
    let ids = state.parties.iter().map(|p| p.party.id.as_str());
    ids.map(|id| state.proposed(id).cloned().unwrap_or_else(|| empty(id)))
        .collect()
}

/// Earlier values that an officer may choose for a line of text, newest first.
pub fn suggestions(field: &Field, known: &Known<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |text: &str| {
        let text = text.trim();
        if !text.is_empty() && found.len() < SUGGESTIONS_MAX && !found.iter().any(|f| f == text) {
            found.push(text.to_owned());
        }
    };
    let parties = known
        .state
        .parties
        .iter()
        .filter(|p| known.party.is_none_or(|id| id == p.party.id));
    for party in parties.map(|p| &p.party) {
        match field.class {
            PrivacyClass::Name => [&party.representative, &party.name]
                .into_iter()
                .for_each(|t| add(t)),
            PrivacyClass::Address => add(&party.address),
            PrivacyClass::Phone => add(&party.phone),
            _ => {}
        }
    }
    if matches!(
        field.class,
        PrivacyClass::Name | PrivacyClass::Address | PrivacyClass::Account | PrivacyClass::Phone
    ) {
        for event in known.events.iter().rev() {
            add(event
                .acted
                .fields
                .get(&field.id)
                .and_then(FieldValue::as_text)
                .unwrap_or_default());
        }
    }
    found
}

/// What a disposition comes to in one line.
pub fn outcome(disposition: &Disposition) -> String {
    if disposition.penalties.is_empty() {
        return "不予行政处罚".to_owned();
    }
    let parts = disposition.penalties.iter().map(|p| {
        let amount = p
            .amount_fen
            .map(|fen| law::money::Fen(fen).to_string())
            .unwrap_or_default();
        let days = p
            .period_days
            .map(|days| format!("{days}日"))
            .unwrap_or_default();
        let text = if p.text.is_empty() {
            String::new()
        } else {
            format!("（{}）", p.text)
        };
        let title = if p.kind == PenaltyKind::Other && !p.text.is_empty() {
            ""
        } else {
            p.kind.title()
        };
        format!("{title}{amount}{days}{text}")
    });
    parts.collect::<Vec<_>>().join("，并处")
}
