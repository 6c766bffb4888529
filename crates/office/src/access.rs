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

impl Reach {
    /// What is seen, in words.
    fn title(self) -> &'static str {
        match self {
            Self::Decided => "本人参与的案件，以及已经作出决定的案件",
            Self::Unit => "本人参与的案件，以及本人所在科室承办的案件",
            Self::Body => "本机关及其下级机关的所有案件",
        }
    }
}

/// The reading table as Markdown, for whoever answers for the security of the system.
pub fn markdown() -> String {
    let mut out = String::from(
        "\n## 谁可以查看什么\n\n有几个角色的，看得最多的一个起作用；没有角色的只看本人参与的案件。上级机关的人员看得到下级机关的案件，不在其中办理。\n\n| 角色 | 看到的案件 |\n|---|---|\n",
    );
    for (role, reach) in READING {
        out.push_str(&format!("| {role} | {} |\n", reach.title()));
    }
    out
}

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
            Reach::Unit => shown.unit = Some((person.body_id.clone(), person.unit.clone())),
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

/// Whether a person may read a case of that body: the same cases that a list shows, and those in which the person asked
/// for something.
pub fn may_read(person: &Person, body_id: &str, state: &State) -> bool {
    let Some(shown) = shown(person) else {
        return true;
    };
    let people = state.duties.values().chain(state.roles.values());
    let mut asked = state.requests.iter().flat_map(|r| &r.people);
    let of_unit = |(body, unit): &(String, String)| body == body_id && *unit == state.unit;
    shown.unit.as_ref().is_some_and(of_unit)
        || shown.decided && state.parties.iter().any(|p| p.decided_on.is_some())
        || people.flatten().any(|id| *id == person.id)
        || asked.any(|p| p.person == person.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ones_own_unit_is_that_of_ones_own_body() {
        let officer = Person {
            id: "me".to_owned(),
            version: 0,
            login: "me".to_owned(),
            name: "某".to_owned(),
            body_id: "body-a".to_owned(),
            unit: "gm".to_owned(),
            roles: vec!["officer".to_owned()],
            cards: Vec::new(),
            qualified: false,
            active: true,
        };
        let state = State {
            unit: "gm".to_owned(),
            ..State::default()
        };
        assert!(may_read(&officer, "body-a", &state));
        assert!(!may_read(&officer, "body-low", &state));
    }
}
