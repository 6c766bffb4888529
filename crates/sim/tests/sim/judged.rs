//! The checkers that read one case, on histories made by hand.

use casework::{
    effect::Effect,
    event::{CaseActed, Part, Phase},
};
use jiff::civil::date;
use law::{
    calendar::Calendar,
    pack::Duty,
    term::{Direction, Roll, Unit},
};
use sim::check;

fn taken(effects: Vec<Effect>) -> CaseActed {
    CaseActed {
        effects,
        ..CaseActed::bare("X", Phase::Taken, date(2026, 3, 2))
    }
}

fn set(fact: &str, value: &str) -> Effect {
    Effect::Set {
        fact: fact.to_owned(),
        value: value.to_owned(),
        party: None,
    }
}

#[test]
fn one_person_who_handles_and_decides_is_found() {
    let did = |duty| Effect::Did {
        duty,
        people: vec!["person-a".to_owned()],
    };
    let handled = taken(vec![did(Duty::Handle)]);
    let other = taken(vec![did(Duty::Approve)]);
    assert!(check::handled_apart(&[handled.clone(), other]).is_empty());
    let found = check::handled_apart(&[handled.clone(), taken(vec![did(Duty::Decide)])]);
    assert_eq!(found.len(), 1);
    let mut signed = taken(Vec::new());
    signed.people.push(Part {
        person: "person-a".to_owned(),
        name: "甲".to_owned(),
        role: "legal_reviewer".to_owned(),
        duty: Duty::Review,
        card: None,
    });
    assert_eq!(check::handled_apart(&[handled, signed]).len(), 1);
}

#[test]
fn a_decision_that_no_review_covers_is_found() {
    let review = |passed| Effect::Reviewed {
        passed,
        items: Vec::new(),
        points: Vec::new(),
    };
    let decided = || Effect::Decided {
        party: "p1".to_owned(),
    };
    let proposed = || Effect::Propose {
        dispositions: Vec::new(),
    };
    let passed = || {
        [
            set("review_due", "statutory"),
            proposed(),
            review(true),
            set("review", "passed"),
        ]
    };
    let count = |effects: Vec<Effect>| check::reviews_cover(&[taken(effects)]).len();
    assert_eq!(count([passed().to_vec(), vec![decided()]].concat()), 0);
    // Proposed anew, excluded, heard since; or never reviewed, or not due at all.
    assert_eq!(
        count([passed().to_vec(), vec![proposed(), decided()]].concat()),
        1
    );
    assert_eq!(
        count(
            [
                passed().to_vec(),
                vec![Effect::Excluded { no: 1 }, decided()]
            ]
            .concat()
        ),
        1
    );
    let heard = Effect::Heard {
        party: "p1".to_owned(),
    };
    assert_eq!(
        count([passed().to_vec(), vec![heard, decided()]].concat()),
        1
    );
    assert_eq!(
        count(vec![set("review_due", "widened"), proposed(), decided()]),
        1
    );
    assert_eq!(count(vec![proposed(), decided()]), 1);
    assert_eq!(
        count(vec![set("review_due", "no"), proposed(), decided()]),
        0
    );
}

#[test]
fn a_limit_that_stands_running_after_its_last_day_is_found() {
    let started = taken(vec![Effect::Start {
        limit: "CF-60".to_owned(),
        party: None,
        on: date(2026, 3, 2),
        span: casework::effect::Span::Term(90, Unit::Day, Direction::Forward),
        roll: Roll::Stay,
    }]);
    let calendar = Calendar::builtin();
    let on = |day| check::limits_have_ends(std::slice::from_ref(&started), &calendar, day).len();
    assert_eq!((on(date(2026, 5, 31)), on(date(2026, 6, 1))), (0, 1));
}
