//! `sim --seed N --cases N`: runs one seed after another, and stops at the first in which something does not hold.

use std::{path::PathBuf, process::ExitCode, time::Instant};

use anyhow::{Context, Result, bail};
use sim::{Plan, run};

const USAGE: &str = "sim [--seed N] [--cases N] [--steps N] [--trace]   N seeds from --seed on, each of --steps deeds; --trace prints all of them";

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
        cases: 20,
        steps: 300,
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
    for seed in asked.seed..asked.seed.saturating_add(asked.cases) {
        let plan = Plan {
            seed,
            steps: asked.steps,
            cases: 2,
            fonts: fonts.clone(),
        };
        let started = Instant::now();
        // A failure says which seed and step, and all that was done.
        let figures = runtime.block_on(run(&plan))?;
        if asked.trace {
            figures.trace.iter().for_each(|line| println!("{line}"));
        }
        println!(
            "seed {seed}: {} done, {} refused, {} cut off, {} crashes; {} events, {} decisions, {} published; {:.1} s; {}",
            figures.done,
            figures.refused,
            figures.cut,
            figures.crashes,
            figures.events,
            figures.decisions,
            figures.published,
            started.elapsed().as_secs_f64(),
            &figures.digest[..16]
        );
    }
    Ok(())
}
