//! Sending commands: what goes wrong on the way, and what whoever sent them may take from the answer.

use anyhow::{Result, bail, ensure};
use casework::{Act, record::Via};
use office::{Office, OfficeError};
use store::Scope;

use super::{Answer, Deeds, Sending};
use crate::{
    check::{Outcome, Sent},
    disk,
    files::Refusal,
    turnstile::{Ran, Trouble, Work},
};

/// What goes wrong while something is sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mishap {
    /// At a write, as the gate has it.
    Write(usize, Trouble),
    /// At a sync of the database's disk.
    Disk(usize, disk::Trouble),
    /// At a paper.
    Paper(Refusal),
}

impl Deeds {
    /// What goes wrong with one command alone; mostly nothing.
    pub(super) fn trouble(&mut self) -> Option<Mishap> {
        if self.course.straight {
            return None;
        }
        match self.chance.below(100) {
            0..12 => self.trouble_of_writes(),
            12..20 => {
                let kinds = [
                    disk::Trouble::PowerBefore,
                    disk::Trouble::PowerAfter,
                    disk::Trouble::Fails,
                ];
                let at = self.chance.below(4);
                self.chance.pick(&kinds).map(|kind| Mishap::Disk(at, *kind))
            }
            20..24 => self.chance.pick(&Refusal::ALL).copied().map(Mishap::Paper),
            _ => None,
        }
    }

    /// What goes wrong at a write.
    pub(super) fn trouble_of_writes(&mut self) -> Option<Mishap> {
        let kinds = [Trouble::Cut, Trouble::Fail, Trouble::Fail, Trouble::Leave];
        let at = self.chance.below(8);
        self.chance
            .pick(&kinds)
            .map(|kind| Mishap::Write(at, *kind))
    }

    /// Sends one command with nothing beside it and nothing going wrong; gives the answer.
    pub(super) async fn send_alone(&mut self, sending: Sending) -> Result<Option<Answer>> {
        Ok(self
            .send(vec![sending], None)
            .await?
            .answers
            .pop()
            .flatten())
    }

    /// Sends one command with nothing beside it, and mostly once more where no answer came.
    pub(super) async fn send_one(
        &mut self,
        sending: Sending,
        mishap: Option<Mishap>,
    ) -> Result<()> {
        let before = self.version(&sending.case).await?;
        let mut ran = self.send(vec![sending.clone()], mishap).await?;
        let unknown = match self.memory.sent.last().map(|sent| &sent.outcome) {
            Some(Outcome::Open(known)) => Some(*known),
            _ => None,
        };
        if let Some(known) = unknown {
            if self.chance.percent(60) {
                return self.retry(sending, known).await;
            }
            return Ok(());
        }
        if let Some(Some(Err(fault))) = ran.answers.pop() {
            let (after, id) = (self.version(&sending.case).await?, &sending.command.id);
            ensure!(
                before == after,
                "{id} was refused ({fault}), and the case went from {before} to {after}"
            );
            let stale = sending.command.seen_version != before;
            ensure!(
                stale || !matches!(fault, OfficeError::Conflict { .. }),
                "{id} met a conflict, and nobody else was there"
            );
        }
        Ok(())
    }

    /// Whoever got no answer asks again, as a page does: what was saved is not done a second time.
    async fn retry(&mut self, sending: Sending, saved: Option<bool>) -> Result<()> {
        let id = sending.command.id.clone();
        self.memory.figures.retries += 1;
        let answer = self.send_alone(sending).await?;
        if saved == Some(true) {
            let first = match &answer {
                Some(Ok(done)) => done.replayed,
                // Whoever may no longer read the case is told nothing of it.
                Some(Err(OfficeError::NotFound)) => true,
                _ => false,
            };
            ensure!(
                first,
                "{id} was saved, and a retry was answered with {answer:?}"
            );
        }
        Ok(())
    }

    pub(super) async fn version(&self, case: &str) -> Result<u64> {
        let scope = Scope::system();
        let head = self.world.office.store().head(&scope, case).await?;
        Ok(head.map_or(0, |head| head.version))
    }

    /// Sends commands at once, notes what came of them, and crashes where they were cut off.
    pub(super) async fn send(
        &mut self,
        sendings: Vec<Sending>,
        mishap: Option<Mishap>,
    ) -> Result<Ran<Answer>> {
        self.rest().await?;
        let office = self.world.office.clone();
        let works = sendings.iter().map(|one| work(office.clone(), one.clone()));
        let works: Vec<Work<Answer>> = works.collect();
        drop(office);
        let trouble = match mishap {
            Some(Mishap::Write(at, trouble)) => Some((at, trouble)),
            Some(Mishap::Disk(at, trouble)) => {
                self.world.disk.trouble(at, trouble);
                None
            }
            Some(Mishap::Paper(refusal)) => {
                self.world.files.refuse(refusal);
                None
            }
            None => None,
        };
        let ran = self
            .world
            .turnstile
            .run(&mut self.chance, works, trouble)
            .await;
        let refused = self.world.files.calm() && matches!(mishap, Some(Mishap::Paper(_)));
        let met = self.world.disk.calm() && matches!(mishap, Some(Mishap::Disk(..)));
        let shaky = ran.failed.is_some() || refused || met;
        self.memory.figures.failures += usize::from(shaky);
        for (one, answer) in sendings.iter().zip(&ran.answers) {
            let durable = ran.durable.contains(&format!("u/{}", one.command.id));
            let saved = (!met || durable).then_some(durable);
            self.judge_answer(one, answer.as_ref(), saved, shaky)?;
        }
        ensure!(
            ran.panics.is_empty(),
            "a command broke down: {:?}",
            ran.panics
        );
        if ran.cut || self.world.disk.is_out() {
            self.crash(None).await?;
        }
        Ok(ran)
    }

    /// Notes what came of a command; `saved` is whether it was, where that is known, `shaky` whether failures are due.
    fn judge_answer(
        &mut self,
        one: &Sending,
        answer: Option<&Answer>,
        saved: Option<bool>,
        shaky: bool,
    ) -> Result<()> {
        let Sending { actor, command, .. } = one;
        let figures = &mut self.memory.figures;
        let (outcome, told) = match answer {
            Some(Ok(done)) => {
                figures.done += 1;
                self.memory.kept.push((one.clone(), done.version));
                let outcome = Outcome::Done(done.version, done.papers.clone());
                (outcome, format!("done, version {}", done.version))
            }
            Some(Err(fault)) if fault.lasts() || matches!(fault, OfficeError::Conflict { .. }) => {
                figures.refused += 1;
                let place = (one.case.clone(), command.step.clone());
                self.memory.stuck.insert(place);
                (Outcome::Refused, format!("refused: {fault}"))
            }
            Some(Err(fault)) if shaky => {
                figures.cut += 1;
                // Each run has a folder of its own, which is no part of what happened.
                let folder = self.world.objects().display().to_string();
                let fault = fault.to_string().replace(&folder, "objects");
                let told = format!("failed, saved: {saved:?}: {fault}");
                (Outcome::Open(saved), told)
            }
            Some(Err(fault)) => bail!("{} failed: {fault}", command.id),
            None => {
                figures.cut += 1;
                (Outcome::Open(saved), format!("no answer, saved: {saved:?}"))
            }
        };
        if let (Outcome::Done(..), false) = (&outcome, actor.active) {
            bail!("{} was let through, and {} has left", command.id, actor.id);
        }
        self.note(line(one, &told));
        self.memory.sent.push(Sent {
            id: command.id.clone(),
            case: one.case.clone(),
            outcome,
        });
        Ok(())
    }
}

fn line(one: &Sending, told: &str) -> String {
    let Sending {
        actor,
        case,
        command,
    } = one;
    let act = match &command.act {
        Act::Take => "takes",
        Act::Approve { .. } => "approves",
        Act::Return { .. } => "returns",
        Act::Withdraw { .. } => "withdraws",
    };
    let party = command.party.as_deref().unwrap_or("-");
    format!(
        "{} on {}: {} {act} {} {party} in {case} with {:?}, seen {}: {told}",
        command.id,
        command.occurred_on,
        actor.login,
        command.step,
        command.with,
        command.seen_version
    )
}

fn work(office: Office, one: Sending) -> Work<Answer> {
    Box::pin(async move {
        let Sending {
            actor,
            case,
            command,
        } = one;
        if command.step == "A01" && command.act == Act::Take && command.seen_version == 0 {
            let (_, done) = office.open_case(&actor, Via::Desk, command).await?;
            return Ok(done);
        }
        office.act(&actor, Via::Desk, &case, command).await
    })
}
