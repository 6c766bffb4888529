//! Section `checker`: the proof of the shipped pack, beside the memory of as many states alone.

use std::time::Instant;

use anyhow::{Context, Result};
use law::check::{self, Options};
use law::pack::{PackError, read_pack};
use rustc_hash::FxHashSet;

use crate::measure::best;
use crate::report::{Figure, Section, grouped, times};

/// Runs, of which the best counts.
const RUNS: usize = 3;
/// Seconds that the whole check may take.
const SECONDS_MAX: f64 = 5.0;

/// Measures the section.
pub fn section() -> Result<Section> {
    eprintln!("checker: the pack penalty-general");
    let files = office::builtin_pack_files();
    let reading = Instant::now();
    let pack = read_pack(&files, "unhashed").map_err(|errors| listed(&errors))?;
    let reading = reading.elapsed().as_secs_f64();
    let properties = check::builtin_properties(&pack.kind)
        .with_context(|| format!("no properties for packs of the kind {}", pack.kind))?
        .map_err(|errors| listed(&errors))?;
    let report = check::check(&pack, &properties, Options::default());
    let seconds = best(RUNS, || {
        check::check(&pack, &properties, Options::default())
    });
    let moves: usize = report.views.iter().map(|view| view.moves).sum();
    let floor = best(RUNS, || remember(report.states, moves));
    let verdict = if report.ok { "accepted" } else { "refused" };
    let mut section = Section::new(
        "checker: the shipped pack",
        format!(
            "`law::check` on penalty-general: {} steps, {} facts, {} limits, {} properties; {} states \
             and {} moves over {} views. Best of {RUNS} runs. Beside it a hash set that takes as many states and looks \
             up as many moves, and does nothing else.",
            pack.steps.len(),
            pack.facts.len(),
            pack.limits.len(),
            report.results.len(),
            grouped(report.states as f64),
            grouped(moves as f64),
            report.views.len(),
        ),
    );
    section.add(
        Figure::new(
            "whole check",
            format!(
                "{seconds:.2} s ({} states/s)",
                grouped(report.states as f64 / seconds)
            ),
        )
        .beside(format!("hash set alone: {floor:.3} s"))
        .ratio(times(seconds / floor))
        .wanted(format!("≤ {SECONDS_MAX:.0} s"), seconds <= SECONDS_MAX),
    );
    section.add(Figure::new(
        "reading the pack, once and cold",
        format!("{:.1} ms", reading * 1e3),
    ));
    // A pack that is refused is measured too, but the table says what it is of.
    section.add(Figure::new("the pack is", verdict).wanted("accepted", report.ok));
    Ok(section)
}

/// Puts as many states into a set, and looks up as many moves; gives how many were known.
fn remember(states: usize, moves: usize) -> usize {
    // An odd factor makes of successive numbers distinct ones that are spread over all bits.
    let state = |n: usize| (n as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let mut seen = FxHashSet::default();
    for n in 0..states {
        seen.insert(state(n));
    }
    let reached = |n: &usize| seen.contains(&state(n * 7 % states.max(1)));
    (0..moves).filter(reached).count()
}

fn listed(errors: &[PackError]) -> anyhow::Error {
    let lines: Vec<String> = errors.iter().map(PackError::to_string).collect();
    anyhow::Error::msg(lines.join("\n"))
}
