//! Section `sim`: a long seeded simulation of office, store and log on simulated disks, and what it went through.

use std::time::Instant;

use anyhow::Result;
use sim::{Figures, Lab, Plan, run};
use tokio::runtime::Builder;

use crate::report::{Figure, Section, grouped, per_second};

/// Seeds, from 1 on.
const SEEDS: u64 = 400;
/// Deeds of each seed.
const STEPS: usize = 120;
/// Seeds whose papers are laid out as in earnest: every so-manieth.
const LAID_OUT_EVERY: u64 = 20;

/// Measures the section.
pub fn section() -> Result<Section> {
    let mut section = Section::new(
        "sim: the seeded simulation",
        format!(
            "{SEEDS} seeds of {STEPS} deeds, each from some place of a case's way, one thread; every {LAID_OUT_EVERY}th with \
             papers laid out. A fault ends the section: `cargo xtask sim --seed N --cases 1 --steps {STEPS} --trace` \
             replays it."
        ),
    );
    let Some(fonts) = testkit::fonts() else {
        let why = "no fonts in ZHIHENG_FONTS or web/fonts";
        section.add(Figure::skipped("deeds", why));
        return Ok(section);
    };
    eprintln!("sim: {SEEDS} seeds");
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let lab = runtime.block_on(async { Lab::new(&fonts).await?.with_ways(usize::MAX).await })?;
    let (mut all, begun) = (Figures::default(), Instant::now());
    for seed in 1..=SEEDS {
        let plan = Plan {
            laid_out: seed % LAID_OUT_EVERY == 0,
            ..Plan::of(seed, STEPS)
        };
        all.add(&runtime.block_on(run(&lab, &plan))?);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let deeds = SEEDS as f64 * STEPS as f64;
    section.add(Figure::new("deeds", per_second(deeds / seconds)));
    let counted = [
        ("commands carried out", all.done),
        ("commands refused", all.refused),
        ("commands without an answer", all.cut),
        ("writes, syncs and papers that failed", all.failures),
        ("crashes and power cuts", all.crashes),
        ("decisions", all.decisions),
        ("publications shown", all.published),
        ("steps of the pack that took effect", all.steps.len()),
    ];
    for (what, count) in counted {
        section.add(Figure::new(what, grouped(count as f64)));
    }
    section.add(Figure::new("faults found", "0").wanted("0", true));
    Ok(section)
}
