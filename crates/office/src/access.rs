//! Who may read what: one table in code (DECISIONS 10). Acts are ruled by the pack alone.

use casework::{person::Person, state::State};
use store::{CaseReach, Purpose, Scope};

/// How far a role sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Cases with a decision, besides those in which the person has a part.
    Decided,
    /// Cases of the person's unit, besides those in which the person has a part.
    Unit,
    /// Every case of the body.
    Body,
}

/// The table: a role and how far it sees.
pub const READING: [(&str, Reach); 12] = [
    ("officer", Reach::Unit),
    ("intake", Reach::Unit),
    ("preliminary_reviewer", Reach::Unit),
    ("section_head", Reach::Unit),
    ("legal_reviewer", Reach::Body),
    ("legal_head", Reach::Body),
    ("leader", Reach::Body),
    ("principal", Reach::Body),
    ("publisher", Reach::Decided),
    ("cashier", Reach::Decided),
    ("archivist", Reach::Decided),
    ("overseer", Reach::Body),
];

/// What a person is shown of the cases in scope; none for every case.
pub fn shown(person: &Person) -> Option<CaseReach> {
    let mut shown = CaseReach {
        person: Some(person.id.clone()),
        ..CaseReach::default()
    };
    let held = |(role, _): &&(&str, Reach)| person.roles.iter().any(|held| held == role);
    for (_, reach) in READING.iter().filter(held) {
        match reach {
            Reach::Body => return None,
            Reach::Unit => shown.unit = Some(person.unit.clone()),
            Reach::Decided => shown.decided = true,
        }
    }
    Some(shown)
}

/// The scope of a person's reading in the store.
pub fn scope(person: &Person) -> Scope {
    let purpose = if person.roles.iter().any(|r| r == "overseer") {
        Purpose::Oversight
    } else {
        Purpose::Casework
    };
    Scope::body(person.body_id.clone(), purpose).with_assignments_of(person.id.clone())
}

/// Whether a person may read a case: the same cases that a list shows, and those in which the person asked for something.
pub fn may_read(person: &Person, state: &State) -> bool {
    let Some(shown) = shown(person) else {
        return true;
    };
    let people = state.duties.values().chain(state.roles.values());
    let mut asked = state.requests.iter().flat_map(|r| &r.people);
    shown.unit.as_ref() == Some(&state.unit)
        || shown.decided && state.parties.iter().any(|p| p.decided_on.is_some())
        || people.flatten().any(|id| *id == person.id)
        || asked.any(|p| p.person == person.id)
}
