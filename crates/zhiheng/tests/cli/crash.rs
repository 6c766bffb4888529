//! The real server, and the real database, killed under load.

use drill::{Base, Plan, Program, rounds};

/// The program that was built with these tests; nothing where the fonts are not installed.
pub fn program() -> Option<Program> {
    Some(Program {
        binary: env!("CARGO_BIN_EXE_zhiheng").into(),
        fonts: testkit::fonts()?,
    })
}

/// Fifteen rounds each; the benchmark `crash` goes through a thousand.
const PLAN: Plan = Plan {
    seed: 20_260_302,
    rounds: 15,
    of_bureau: 15,
    clients: 4,
    load_ms: 150..1_000,
};

#[track_caller]
fn nothing_is_lost(base: &Base) {
    let Some(program) = program() else { return };
    let tally = rounds(&program, base, &PLAN, |line| eprintln!("{line}")).unwrap();
    assert_eq!(tally.faults, Vec::<String>::new());
    assert_eq!(tally.rounds, PLAN.rounds);
    // Rounds in which nobody got anything done would show nothing.
    let least = u64::from(tally.rounds);
    assert!(tally.acknowledged > least && tally.numbers > 0, "{tally}");
    assert!(tally.unsure > 0, "{tally}");
}

#[test]
fn a_server_killed_at_any_moment_loses_nothing_that_it_acknowledged() {
    nothing_is_lost(&Base::Sqlite);
}

#[test]
fn a_server_or_its_postgresql_killed_at_any_moment_loses_nothing_that_was_acknowledged() {
    if let Some(base) = Base::postgres() {
        nothing_is_lost(&base);
    }
}
