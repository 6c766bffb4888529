//! Short runs, and that the checkers find what does not hold.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

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
use sim::{Figures, Plan, check, run, run_keeping};

fn plan(seed: u64, steps: usize) -> Option<Plan> {
    Some(Plan {
        seed,
        steps,
        cases: 2,
        fonts: testkit::fonts()?,
    })
}

async fn holds(seeds: std::ops::Range<u64>, steps: usize) {
    let mut all = Figures::default();
    for seed in seeds {
        let Some(plan) = plan(seed, steps) else {
            return;
        };
        let figures = run(&plan)
            .await
            .unwrap_or_else(|failure| panic!("{failure}"));
        all.done += figures.done;
        all.refused += figures.refused;
        all.crashes += figures.crashes;
    }
    // A run in which nothing happens would show nothing.
    assert!(
        all.done > 25 && all.refused > 5 && all.crashes > 0,
        "{all:?}"
    );
}

#[tokio::test]
async fn short_runs_hold() {
    holds(100..105, 20).await;
}

#[tokio::test]
async fn other_short_runs_hold() {
    holds(200..205, 20).await;
}

#[tokio::test]
async fn the_same_seed_replays_exactly() {
    let Some(plan) = plan(7, 30) else { return };
    let (first, second) = (run(&plan).await.unwrap(), run(&plan).await.unwrap());
    assert_eq!(first, second);
    let other = Plan { seed: 8, ..plan };
    assert_ne!(run(&other).await.unwrap().digest, first.digest);
}

#[tokio::test]
async fn a_row_changed_by_hand_and_an_answer_that_was_never_kept_are_found() {
    let Some(plan) = plan(3, 25) else { return };
    let (_, mut world, mut sent) = run_keeping(&plan).await.unwrap();
    assert_eq!(
        check::all(&world, &sent).await.unwrap(),
        Vec::<String>::new()
    );

    let mut lost = sent[0].clone();
    lost.id = "c-lost".to_owned();
    lost.outcome = check::Outcome::Done(1, Vec::new());
    sent.push(lost);
    let found = check::all(&world, &sent).await.unwrap();
    assert_eq!(found, ["c-lost: was acknowledged and is lost"]);
    sent.pop();

    change(&world, "UPDATE limit_row SET due_on = '1999-01-01'");
    let found = check::all(&world, &sent).await.unwrap().join("\n");
    assert!(found.contains("rebuild:"), "{found}");

    change(
        &world,
        "UPDATE event SET recorded_at = recorded_at + 1 WHERE version = 1",
    );
    let found = check::all(&world, &sent).await.unwrap().join("\n");
    assert!(found.contains("verify:"), "{found}");
    world.crash().await.unwrap();
    let found = check::all(&world, &sent).await.unwrap().join("\n");
    assert!(found.contains("verify:"), "{found}");
}

fn change(world: &sim::World, sql: &str) {
    let changed = rusqlite::Connection::open(world.database()).unwrap();
    assert!(changed.execute(sql, []).unwrap() > 0);
}

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
