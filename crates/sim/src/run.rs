//! One run: some deeds, then everything is judged.

use std::{fmt, path::PathBuf};

use jiff::civil::{Date, date};

use crate::{
    chance::Chance,
    check::{self, Sent},
    deeds::Deeds,
    world::World,
};

/// What is run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// How many deeds are done.
    pub steps: usize,
    /// How many cases there are at most.
    pub cases: usize,
    /// Folder with the fonts that papers are set in.
    pub fonts: PathBuf,
}

/// The day on which every run begins.
const BEGINS: Date = date(2026, 3, 2);

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// Commands that were carried out.
    pub done: usize,
    /// Commands that were refused.
    pub refused: usize,
    /// Commands that were cut off.
    pub cut: usize,
    /// Crashes.
    pub crashes: usize,
    /// Events of cases.
    pub events: usize,
    /// Decisions.
    pub decisions: usize,
    /// Publications that the portal shows or has withdrawn.
    pub published: usize,
    /// Hex digest over answers and events, the same whenever the seed is run.
    pub digest: String,
    /// What was done.
    pub trace: Vec<String>,
}

/// A run in which something did not hold.
#[derive(Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// How many deeds were done by then.
    pub step: usize,
    /// What did not hold.
    pub why: Vec<String>,
    /// What was done.
    pub trace: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {} failed after step {}:", self.seed, self.step)?;
        self.why.iter().try_for_each(|why| writeln!(f, "  {why}"))?;
        writeln!(f, "what was done:")?;
        let mut lines = self.trace.iter().enumerate();
        lines.try_for_each(|(n, line)| writeln!(f, "{n:>5}  {line}"))
    }
}

impl std::error::Error for Failure {}

/// Runs a plan.
///
/// # Errors
/// What did not hold, with all that was done.
pub async fn run(plan: &Plan) -> Result<Figures, Box<Failure>> {
    run_keeping(plan).await.map(|(figures, ..)| figures)
}

/// Runs a plan, and gives the world as it was left and all commands that were sent beside the figures.
///
/// # Errors
/// As [`run`].
pub async fn run_keeping(plan: &Plan) -> Result<(Figures, World, Vec<Sent>), Box<Failure>> {
    let fail = |step, why: Vec<String>, trace: &[String]| {
        Box::new(Failure {
            seed: plan.seed,
            step,
            why,
            trace: trace.to_vec(),
        })
    };
    let world = World::new(&plan.fonts, BEGINS)
        .await
        .map_err(|fault| fail(0, vec![format!("{fault:#}")], &[]))?;
    let mut deeds = Deeds::new(world, Chance::of(plan.seed), plan.cases);
    for step in 0..plan.steps {
        let done = deeds.next().await;
        if let Err(fault) = done {
            return Err(fail(step, vec![format!("{fault:#}")], &deeds.trace));
        }
    }
    match judge(&mut deeds).await {
        Ok((figures, why)) if why.is_empty() => Ok((figures, deeds.world, deeds.sent)),
        Ok((_, why)) => Err(fail(plan.steps, why, &deeds.trace)),
        Err(fault) => Err(fail(plan.steps, vec![format!("{fault:#}")], &deeds.trace)),
    }
}

/// Lets the world settle, then asks the checkers; gives the figures and what does not hold.
async fn judge(deeds: &mut Deeds) -> anyhow::Result<(Figures, Vec<String>)> {
    deeds.world.office.expire_due().await?;
    deeds.world.settle().await?;
    let why = check::all(&deeds.world, &deeds.sent).await?;
    let figures = deeds.figures().await?;
    Ok((figures, why))
}
