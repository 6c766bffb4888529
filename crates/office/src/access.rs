//! Who may read what: one table in code (DECISIONS 10). Acts are ruled by the pack alone.

use casework::{person::Person, rows::CaseRow, state::State};
use store::{Purpose, Scope};

/// How far a role sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Cases in which the person has a part.
    Own,
    /// Cases with a decision, besides their own.
    Decided,
    /// Cases of the person's unit, besides their own.
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

/// How far a person sees: the furthest of the person's roles.
pub fn reach(person: &Person) -> Reach {
    READING
        .iter()
        .filter(|(role, _)| person.roles.iter().any(|held| held == role))
        .map(|(_, reach)| *reach)
        .max()
        .unwrap_or(Reach::Own)
}

/// Whether all that a person's roles open, beside their own cases, is the person's unit.
pub fn only_unit(person: &Person) -> bool {
    let held = READING
        .iter()
        .filter(|(role, _)| person.roles.iter().any(|held| held == role));
    reach(person) == Reach::Unit && held.clone().all(|(_, reach)| *reach == Reach::Unit)
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

/// Whether any role of a person reaches a case of that unit, decided or not.
fn reaches(person: &Person, unit: &str, decided: bool) -> bool {
    READING
        .iter()
        .filter(|(role, _)| person.roles.iter().any(|held| held == role))
        .any(|(_, reach)| match reach {
            Reach::Body => true,
            Reach::Unit => person.unit == unit,
            Reach::Decided => decided,
            Reach::Own => false,
        })
}

/// Whether a person may read a case.
pub fn may_read(person: &Person, state: &State) -> bool {
    let own = state
        .duties
        .values()
        .chain(state.roles.values())
        .any(|people| people.contains(&person.id))
        || state
            .requests
            .iter()
            .any(|r| r.people.iter().any(|p| p.person == person.id));
    own || reaches(
        person,
        &state.unit,
        state.parties.iter().any(|p| p.decided_on.is_some()),
    )
}

/// Whether a person may see a case's line in a list.
pub fn may_list(person: &Person, row: &CaseRow) -> bool {
    row.people.contains(&person.id) || reaches(person, &row.unit, row.decided_on.is_some())
}
