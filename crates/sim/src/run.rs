//! One run: some deeds, then everything is judged.

use std::{collections::BTreeSet, fmt};

use anyhow::Context;

use crate::{
    bureau::BEGINS,
    chance::Chance,
    check::{self, Sent},
    deeds::{Deeds, Memory},
    lab::Lab,
    ways::{WAYS, Way},
    world::{Making, World},
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
    /// Where it begins, 0 being a bureau's first day; where the seed says, unless given.
    pub place: Option<usize>,
    /// Whether papers are laid out, which takes most of a run's time.
    pub laid_out: bool,
    /// Whether disks keep what they say they have synced; a control without that must fail.
    pub honest: bool,
    /// An empty PostgreSQL database, on which a run begins on the first day; without one it is on SQLite.
    pub postgres: Option<String>,
}

impl Plan {
    /// A run of so many deeds, from where the seed says, on honest disks and without layout.
    pub fn of(seed: u64, steps: usize) -> Self {
        Self {
            seed,
            steps,
            cases: 2,
            place: None,
            laid_out: false,
            honest: true,
            postgres: None,
        }
    }
}

/// How people go about things in a run.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    /// Nothing goes wrong and all lead on: the way of a case that others begin on.
    pub straight: bool,
    /// What is usual.
    pub way: Way,
    /// How often in a hundred people do otherwise than usual; some runs go far, others go everywhere.
    pub noise: u32,
    /// How often in a hundred somebody takes any step that is open, rather than one that leads on.
    pub wander: u32,
    /// How many cases there are at most.
    pub cases: usize,
}

impl Course {
    /// A way of one case, with nothing going wrong.
    pub(crate) fn straight(way: Way) -> Self {
        Self {
            straight: true,
            noise: way.strays,
            wander: way.strays,
            cases: 1,
            way,
        }
    }

    fn drawn(chance: &mut Chance, cases: usize) -> Self {
        Self {
            straight: false,
            way: chance.pick(&WAYS).copied().unwrap_or(WAYS[0]),
            noise: chance.pick(&[2, 8, 25]).copied().unwrap_or_default(),
            wander: chance.pick(&[10, 50, 90, 98]).copied().unwrap_or_default(),
            cases,
        }
    }
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// Commands that were carried out.
    pub done: usize,
    /// Commands that were refused.
    pub refused: usize,
    /// Commands that were cut off, or told to have failed.
    pub cut: usize,
    /// Commands without an answer that were sent again.
    pub retries: usize,
    /// Writes, syncs and papers that were made to fail.
    pub failures: usize,
    /// Crashes and power cuts.
    pub crashes: usize,
    /// Events of cases.
    pub events: usize,
    /// Decisions.
    pub decisions: usize,
    /// Publications that the portal shows or has withdrawn.
    pub published: usize,
    /// Withdrawals that cases asked for.
    pub withdrawn: usize,
    /// Steps of the pack that took effect.
    pub steps: BTreeSet<String>,
    /// Types of the events in the log.
    pub types: BTreeSet<String>,
    /// Hex digest over answers and events, the same whenever the seed is run.
    pub digest: String,
    /// What was done.
    pub trace: Vec<String>,
}

impl Figures {
    /// Adds what another run came to; digest and trace stay.
    pub fn add(&mut self, other: &Self) {
        self.done += other.done;
        self.refused += other.refused;
        self.cut += other.cut;
        self.retries += other.retries;
        self.failures += other.failures;
        self.crashes += other.crashes;
        self.events += other.events;
        self.decisions += other.decisions;
        self.published += other.published;
        self.withdrawn += other.withdrawn;
        self.steps.extend(other.steps.iter().cloned());
        self.types.extend(other.types.iter().cloned());
    }
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
pub async fn run(lab: &Lab, plan: &Plan) -> Result<Figures, Box<Failure>> {
    let (figures, world, _) = run_keeping(lab, plan).await?;
    world.close().await;
    Ok(figures)
}

/// Runs a plan, and gives the world as it was left and all commands that were sent beside the figures.
///
/// # Errors
/// As [`run`].
pub async fn run_keeping(
    lab: &Lab,
    plan: &Plan,
) -> Result<(Figures, World, Vec<Sent>), Box<Failure>> {
    let fail = |step, why: Vec<String>, trace: &[String]| {
        Box::new(Failure {
            seed: plan.seed,
            step,
            why,
            trace: trace.to_vec(),
        })
    };
    let begun = begin(lab, plan).await;
    let mut deeds = begun.map_err(|fault| fail(0, vec![format!("{fault:#}")], &[]))?;
    for step in 0..plan.steps {
        let done = deeds.next().await;
        if let Err(fault) = done {
            return Err(fail(step, vec![format!("{fault:#}")], &deeds.memory.trace));
        }
    }
    match judge(&mut deeds).await {
        Ok((figures, why)) if why.is_empty() => Ok((figures, deeds.world, deeds.memory.sent)),
        Ok((_, why)) => Err(fail(plan.steps, why, &deeds.memory.trace)),
        Err(fault) => Err(fail(
            plan.steps,
            vec![format!("{fault:#}")],
            &deeds.memory.trace,
        )),
    }
}

async fn begin(lab: &Lab, plan: &Plan) -> anyhow::Result<Deeds> {
    let mut chance = Chance::of(plan.seed);
    let place = chance.below(lab.places());
    let making = Making {
        postgres: plan.postgres.clone(),
        ..lab.making(plan.laid_out, plan.honest)
    };
    let (world, memory) = if making.postgres.is_some() {
        (World::new(&making, BEGINS).await?, Memory::default())
    } else {
        let place = plan.place.unwrap_or(place);
        let base = lab.base(place).context("the lab has no such place")?;
        let (world, mut memory) = base.world(&making).await?;
        memory.trace.push(format!("from place {place}"));
        (world, memory)
    };
    let course = Course::drawn(&mut chance, plan.cases);
    Ok(Deeds::new(world, memory, chance, course))
}

/// Lets the world settle, then asks the checkers; gives the figures and what does not hold.
async fn judge(deeds: &mut Deeds) -> anyhow::Result<(Figures, Vec<String>)> {
    deeds.rest().await?;
    deeds.world.settle().await?;
    // What runs out is looked at on the day on which it is judged.
    deeds.world.office.expire_due().await?;
    deeds.world.bring_out().await?;
    let why = check::all(&deeds.world, &deeds.memory.sent).await?;
    let figures = deeds.figures().await?;
    Ok((figures, why))
}
