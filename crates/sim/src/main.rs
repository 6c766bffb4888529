//! `sim --seed N --cases N`: runs one seed after another, and stops at the first in which something does not hold.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context, Result, bail};
use sim::{Figures, Lab, Plan, run};

const USAGE: &str = "sim [--seed N] [--cases N] [--steps N] [--trace]   N seeds from --seed on, each of --steps deeds; --trace prints all that was done";

struct Asked {
    seed: u64,
    cases: u64,
    steps: usize,
    trace: bool,
}

fn main() -> ExitCode {
    let asked = match asked(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(fault) => {
            eprintln!("{fault:#}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match all(&asked) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault:#}");
            ExitCode::FAILURE
        }
    }
}

fn asked(mut args: impl Iterator<Item = String>) -> Result<Asked> {
    let mut asked = Asked {
        seed: 1,
        cases: 60,
        steps: 150,
        trace: false,
    };
    while let Some(name) = args.next() {
        if name == "--trace" {
            asked.trace = true;
            continue;
        }
        let value = args
            .next()
            .with_context(|| format!("{name} has no value"))?;
        let read = || format!("{name} {value} is no number");
        match name.as_str() {
            "--seed" => asked.seed = value.parse().with_context(read)?,
            "--cases" => asked.cases = value.parse().with_context(read)?,
            "--steps" => asked.steps = value.parse().with_context(read)?,
            _ => bail!("{name} is not known"),
        }
    }
    Ok(asked)
}

fn all(asked: &Asked) -> Result<()> {
    let fonts =
        std::env::var_os("ZHIHENG_FONTS").map_or_else(|| PathBuf::from("web/fonts"), PathBuf::from);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(seeds(asked, &fonts))
}

/// Papers of every so-manieth seed are laid out as in earnest.
const LAID_OUT_EVERY: u64 = 20;

async fn seeds(asked: &Asked, fonts: &Path) -> Result<()> {
    let lab = Lab::new(fonts).await?.with_ways(usize::MAX).await?;
    let (mut all, begun) = (Figures::default(), Instant::now());
    for seed in asked.seed..asked.seed.saturating_add(asked.cases) {
        let plan = Plan {
            laid_out: seed % LAID_OUT_EVERY == 0,
            ..Plan::of(seed, asked.steps)
        };
        let started = Instant::now();
        // A failure says which seed and step, and all that was done.
        let figures = run(&lab, &plan).await?;
        if asked.trace {
            figures.trace.iter().for_each(|line| println!("{line}"));
        }
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "seed {seed}: {}; {seconds:.1} s; {}",
            told(&figures),
            &figures.digest[..16]
        );
        all.add(&figures);
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("all: {}; {seconds:.0} s", told(&all));
    println!("steps of the pack: {:?}", all.steps);
    println!("types of events: {:?}", all.types);
    Ok(())
}

fn told(figures: &Figures) -> String {
    format!(
        "{} done, {} refused, {} cut off, {} failures, {} crashes; {} events, {} decisions, {} published, {} withdrawn, {} steps",
        figures.done,
        figures.refused,
        figures.cut,
        figures.failures,
        figures.crashes,
        figures.events,
        figures.decisions,
        figures.published,
        figures.withdrawn,
        figures.steps.len()
    )
}
