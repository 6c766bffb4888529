//! What people and jobs do: likely and unlikely, alone and at once, cut off and again.

mod choose;
mod clock;
mod figures;
mod send;

use std::collections::BTreeSet;

use anyhow::{Result, bail, ensure};
use casework::{Act, Command, State, field::Fields, person::Person};
use jiff::ToSpan;
use office::{Done, OfficeError};

use crate::{
    bureau,
    chance::Chance,
    check::Sent,
    disk::Keep,
    run::{Course, Figures},
    world::World,
};

/// Somebody's command on a case, as it was sent.
#[derive(Debug, Clone)]
struct Sending {
    actor: Person,
    case: String,
    command: Command,
}

type Answer = Result<Done, OfficeError>;

/// What is remembered of a world from outside.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// What was done, a line each.
    pub trace: Vec<String>,
    /// Commands and what came of them.
    pub sent: Vec<Sent>,
    cases: Vec<String>,
    count: usize,
    /// Steps that were refused since the clock moved, with their cases.
    stuck: BTreeSet<(String, String)>,
    /// Steps that were asked for.
    tried: BTreeSet<String>,
    /// Commands that were acknowledged, to be sent again.
    kept: Vec<(Sending, u64)>,
    figures: Figures,
}

/// All that is done in a run.
pub struct Deeds {
    /// The world.
    pub world: World,
    /// What is remembered of it.
    pub memory: Memory,
    chance: Chance,
    people: Vec<Person>,
    course: Course,
}

impl Deeds {
    /// Goes on in a world from where others left it.
    pub fn new(world: World, memory: Memory, chance: Chance, course: Course) -> Self {
        Self {
            world,
            memory,
            chance,
            people: bureau::people(),
            course,
        }
    }

    /// How many commands were carried out.
    pub fn done(&self) -> usize {
        self.memory.figures.done
    }

    /// Does the next thing.
    pub async fn next(&mut self) -> Result<()> {
        self.rest().await?;
        let us = self.chance.between(1_000_000, 900_000_000);
        self.world.tick(us);
        let cases = self.memory.cases.len();
        if cases == 0 || cases < self.course.cases && self.chance.percent(5) {
            return self.open().await;
        }
        if self.course.straight {
            return match self.chance.below(12) {
                0 => self.job("sequencer").await,
                1 => self.job("publication").await,
                _ => self.likely().await,
            };
        }
        match self.chance.below(100) {
            0..64 => self.likely().await,
            64..69 => self.unlikely().await,
            69..72 => self.again().await,
            72..74 => self.reused().await,
            74..79 => self.at_once().await,
            79..85 => self.clock().await,
            85..87 => self.job("expiry").await,
            87..90 => self.job("sequencer").await,
            90..94 => self.job("publication").await,
            94 => self.job("calendar").await,
            95 => self.import().await,
            96 => self.checkpoint(),
            _ => self.crash(None).await,
        }
    }

    fn note(&mut self, line: String) {
        self.memory.trace.push(line);
    }

    fn command(&mut self, step: &str, party: Option<&str>, act: Act, seen: u64) -> Command {
        self.memory.count += 1;
        Command {
            id: format!("c-{}", self.memory.count),
            step: step.to_owned(),
            party: party.map(str::to_owned),
            act,
            occurred_on: self.world.today(),
            late_reason: None,
            with: Vec::new(),
            card_shown: true,
            fields: Fields::new(),
            seen_version: seen,
        }
    }

    async fn open(&mut self) -> Result<()> {
        let officers: Vec<Person> = self.of_role("officer");
        let Some(actor) = self.chance.pick(&officers).cloned() else {
            return Ok(());
        };
        let mut command = self.command("A01", None, Act::Take, 0);
        let pack = self.world.office.pack()?;
        if let Some(step) = pack.step("A01") {
            command.fields = self.fill(step, &State::default(), None, &[]);
        }
        let office = &self.world.office;
        let digest = office.store().suite().hash(&[command.id.as_bytes()]);
        let case = format!("case-{}", &hex::encode(digest.0)[..20]);
        let sending = Sending {
            actor,
            case: case.clone(),
            command,
        };
        let trouble = self.trouble();
        self.send_one(sending, trouble).await?;
        if self.version(&case).await? > 0 {
            self.memory.cases.push(case);
        }
        Ok(())
    }

    fn of_role(&self, role: &str) -> Vec<Person> {
        let held = |p: &&Person| p.roles.iter().any(|held| held == role);
        self.people.iter().filter(held).cloned().collect()
    }

    async fn likely(&mut self) -> Result<()> {
        let Some(file) = self.some_case().await? else {
            return Ok(());
        };
        let noise = self.course.noise;
        if !file.state.requests.is_empty() && self.chance.percent(95 - noise) {
            return self.answer(&file).await;
        }
        let Some(mut sending) = self.next_likely(&file).await? else {
            return self.clock().await;
        };
        if self.chance.percent(noise / 4) {
            let days = self.chance.between(1, 12);
            sending.command.occurred_on = self.world.today().saturating_sub(days.days());
            let told = self.chance.percent(70);
            sending.command.late_reason = told.then(|| "当日系统停用，补记。".to_owned());
        }
        if self.chance.percent(noise / 4) {
            let back = u64::try_from(self.chance.between(1, 3))?;
            sending.command.seen_version = file.state.version.saturating_sub(back);
        }
        let trouble = self.trouble();
        self.send_one(sending, trouble).await?;
        Ok(())
    }

    /// Anybody takes any step.
    async fn unlikely(&mut self) -> Result<()> {
        let Some(file) = self.some_case().await? else {
            return Ok(());
        };
        let steps: Vec<String> = file.pack.steps.iter().map(|s| s.id.clone()).collect();
        let (Some(actor), Some(step)) = (
            self.chance.pick(&self.people).cloned(),
            self.chance.pick(&steps).cloned(),
        ) else {
            return Ok(());
        };
        let parties = file.state.party_ids();
        let party = self
            .chance
            .percent(60)
            .then(|| self.chance.pick(&parties).cloned());
        let party = party.flatten();
        let sending = self.taking(&file, actor, &step, party.as_deref()).await?;
        self.send_one(sending, None).await?;
        Ok(())
    }

    /// The same command once more: the first answer is the only one.
    async fn again(&mut self) -> Result<()> {
        let Some((sending, version)) = self.chance.pick(&self.memory.kept).cloned() else {
            return Ok(());
        };
        let id = sending.command.id.clone();
        match self.send_alone(sending).await? {
            Some(Ok(done)) if done.version == version && done.replayed => Ok(()),
            // Whoever may no longer read the case is told nothing of it.
            Some(Err(OfficeError::NotFound)) => Ok(()),
            other => bail!("{id} was answered again with {other:?}"),
        }
    }

    /// The id of a command with another body: refused.
    async fn reused(&mut self) -> Result<()> {
        let Some((mut sending, _)) = self.chance.pick(&self.memory.kept).cloned() else {
            return Ok(());
        };
        sending.command.card_shown = !sending.command.card_shown;
        let id = sending.command.id.clone();
        let answer = self.send_alone(sending).await?;
        ensure!(
            matches!(
                answer,
                Some(Err(OfficeError::Reused(_) | OfficeError::NotFound))
            ),
            "{id} with another body was answered with {answer:?}"
        );
        Ok(())
    }

    /// Two commands at once on one case, or the same twice.
    async fn at_once(&mut self) -> Result<()> {
        let Some(file) = self.some_case().await? else {
            return Ok(());
        };
        let Some(first) = self.next_likely(&file).await? else {
            return Ok(());
        };
        let second = match self.chance.percent(40) {
            true => Some(first.clone()),
            false => self.next_likely(&file).await?,
        };
        let both: Vec<Sending> = std::iter::once(first).chain(second).collect();
        let trouble = self.trouble_of_writes();
        self.send(both, trouble).await?;
        Ok(())
    }

    /// Brings the power back, where it has gone.
    pub async fn rest(&mut self) -> Result<()> {
        match self.world.disk.is_out() {
            true => self.crash(None).await,
            false => Ok(()),
        }
    }

    /// The process is gone, alone or with the power.
    async fn crash(&mut self, keep: Option<Keep>) -> Result<()> {
        let keep = match keep {
            Some(keep) => keep,
            None => self.chance.pick(&Keep::ALL).copied().unwrap_or(Keep::All),
        };
        self.note(format!("crash, what was not synced: {keep:?}"));
        self.memory.figures.crashes += 1;
        self.world.crash(keep, &mut self.chance).await
    }
}
