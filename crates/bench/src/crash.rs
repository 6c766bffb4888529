//! Section `crash`: rounds of load that end in a kill, on both databases.

use anyhow::{Context, Result};
use drill::{Base, Plan, Program, Tally, rounds};

use crate::{
    place,
    report::{Figure, Section, grouped},
};

/// Rounds on each of the two databases.
const ROUNDS: u32 = 500;
/// Rounds after which a new bureau is made.
const OF_BUREAU: u32 = 20;

/// Goes through the rounds.
pub fn section() -> Result<Section> {
    let seed = std::env::var("ZHIHENG_SEED").ok();
    let seed = seed
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(20_260_302);
    let mut section = Section::new(
        "crash: servers and databases killed under load",
        format!(
            "`zhiheng serve` under four clients of its JSON API, killed with SIGKILL after 0.2 to 1.5 s, on PostgreSQL server and \
             database in turn; afterwards `verify`, a start, every open command sent again, every acknowledged one sent again and \
             compared, each case's events counted, `rebuild`. Seed {seed} (`ZHIHENG_SEED`)."
        ),
    );
    let program = Program {
        binary: place::beside_program()?.join("zhiheng"),
        fonts: testkit::fonts().context("no fonts in ZHIHENG_FONTS or web/fonts")?,
    };
    let plan = Plan {
        seed,
        rounds: ROUNDS,
        of_bureau: OF_BUREAU,
        clients: 4,
        load_ms: 200..1_500,
    };
    let tell = |line: &str| eprintln!("crash: {line}");
    add(
        &mut section,
        "SQLite",
        &rounds(&program, &Base::Sqlite, &plan, tell)?,
    );
    match Base::postgres() {
        Some(base) => add(
            &mut section,
            "PostgreSQL",
            &rounds(&program, &base, &plan, tell)?,
        ),
        None => section.add(Figure::skipped("PostgreSQL", "not installed")),
    }
    Ok(section)
}

fn add(section: &mut Section, on: &str, tally: &Tally) {
    let count = |number: u64| grouped(number as f64);
    let (servers, databases) = (tally.servers_killed, tally.databases_killed);
    section.add(
        Figure::new(format!("{on}: rounds"), count(tally.rounds.into()))
            .beside(format!("{servers} servers, {databases} databases killed")),
    );
    section.add(
        Figure::new(
            format!("{on}: commands acknowledged"),
            count(tally.acknowledged),
        )
        .beside(format!("{} numbers given out", count(tally.numbers))),
    );
    section.add(Figure::new(
        format!("{on}: unsure, sent again until acknowledged"),
        count(tally.unsure),
    ));
    let faults = tally.faults.len() as u64;
    section.add(
        Figure::new(
            format!("{on}: lost, doubled, half or not sound"),
            count(faults),
        )
        .beside(tally.faults.join("; "))
        .wanted("0", faults == 0),
    );
}
