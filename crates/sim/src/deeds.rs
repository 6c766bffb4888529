//! What people and jobs do: likely and unlikely, alone and at once, cut off and again.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::{Result, bail, ensure};
use casework::{Act, Command, State, effect::Effect, field::Fields, person::Person, record::Via};
use jiff::ToSpan;
use law::pack::Step;
use office::{CaseFile, Done, Office, OfficeError};
use store::Scope;

use crate::{
    bureau,
    chance::Chance,
    check::{Outcome, Sent, read_cases},
    fill::Desk,
    run::Figures,
    turnstile::{Ran, Work},
    world::{World, publish, sequence},
};

/// The straight way of a case; who is on it goes on with it more often than not.
const LINE: [&str; 25] = [
    "A05",
    "A09.collect",
    "A14.self",
    "A19",
    "A20.sign",
    "A21.accept",
    "A21.pass",
    "A24.issue",
    "A24.deliver",
    "A26.apply",
    "A27",
    "A27.serve",
    "A28.hold",
    "A29.keep",
    "A30.submit",
    "A30.pass",
    "A31.approve",
    "A32.conclude",
    "A33",
    "A34",
    "A35.deliver",
    "A37.full",
    "A47.publish",
    "A49",
    "A50",
];

/// Somebody's command on a case, as it was sent.
#[derive(Debug, Clone)]
struct Sending {
    actor: Person,
    case: String,
    command: Command,
}

type Answer = Result<Done, OfficeError>;

/// All that is done in a run.
pub struct Deeds {
    /// The world.
    pub world: World,
    /// What was done, a line each.
    pub trace: Vec<String>,
    /// Commands and what came of them.
    pub sent: Vec<Sent>,
    chance: Chance,
    people: Vec<Person>,
    cases: Vec<String>,
    cases_max: usize,
    /// How often in a hundred people do otherwise than usual; some runs go far, others go everywhere.
    noise: u32,
    count: usize,
    /// Steps that were refused since the clock moved, with their cases.
    stuck: BTreeSet<(String, String)>,
    /// Commands that were acknowledged, to be sent again.
    kept: Vec<(Sending, u64)>,
    figures: Figures,
}

impl Deeds {
    /// Nothing done yet.
    pub fn new(world: World, mut chance: Chance, cases_max: usize) -> Self {
        let noise = if chance.percent(60) { 2 } else { 25 };
        Self {
            noise,
            world,
            trace: Vec::new(),
            sent: Vec::new(),
            chance,
            people: bureau::people(),
            cases: Vec::new(),
            cases_max,
            count: 0,
            stuck: BTreeSet::new(),
            kept: Vec::new(),
            figures: Figures::default(),
        }
    }

    /// Does the next thing.
    pub async fn next(&mut self) -> Result<()> {
        let us = self.chance.between(1_000_000, 900_000_000);
        self.world.tick(us);
        if self.cases.is_empty() || self.cases.len() < self.cases_max && self.chance.percent(5) {
            return self.open().await;
        }
        match self.chance.below(100) {
            0..70 => self.likely().await,
            70..74 => self.unlikely().await,
            74..77 => self.again().await,
            77..79 => self.reused().await,
            79..84 => self.at_once().await,
            84..90 => self.clock().await,
            90..92 => self.job("expiry").await,
            92..95 => self.job("sequencer").await,
            95..98 => self.job("publication").await,
            _ => self.crash().await,
        }
    }

    fn command(&mut self, step: &str, party: Option<&str>, act: Act, seen: u64) -> Command {
        self.count += 1;
        Command {
            id: format!("c-{}", self.count),
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
        let done = self
            .send_one(
                Sending {
                    actor,
                    case: case.clone(),
                    command,
                },
                None,
            )
            .await?;
        if done {
            self.cases.push(case);
        }
        Ok(())
    }

    fn of_role(&self, role: &str) -> Vec<Person> {
        let held = |p: &&Person| p.roles.iter().any(|held| held == role);
        self.people.iter().filter(held).cloned().collect()
    }

    fn fill(
        &mut self,
        step: &Step,
        state: &State,
        party: Option<&str>,
        present: &[String],
    ) -> Fields {
        let desk = Desk {
            state,
            party,
            present,
            people: &self.people,
            today: self.world.today(),
            serial: self.count,
            noise: self.noise,
        };
        desk.fill(step, &mut self.chance)
    }

    /// A case as somebody who may read all of them sees it.
    async fn some_case(&mut self) -> Result<Option<Arc<CaseFile>>> {
        let (Some(case), Some(leader)) = (
            self.chance.pick(&self.cases).cloned(),
            self.of_role("principal").first().cloned(),
        ) else {
            return Ok(None);
        };
        Ok(Some(self.world.office.case(&leader, &case).await?))
    }

    /// What somebody who may would do next in a case.
    async fn next_likely(&mut self, file: &CaseFile) -> Result<Option<Sending>> {
        let mut open = Vec::new();
        for person in self.people.clone() {
            let reads = self.world.office.case(&person, &file.id).await.is_ok();
            if !reads && !self.chance.percent(self.noise / 4) {
                continue;
            }
            let options = self.world.office.options(&person, file).await?;
            let mine = options.into_iter().filter(|option| option.mine);
            open.extend(mine.map(|option| (person.clone(), option)));
        }
        let asked = |step: &str, party: &Option<String>| {
            let mut requests = file.state.requests.iter();
            requests.any(|r| r.step == step && r.party == *party)
        };
        open.retain(|(_, option)| !asked(&option.step_id, &option.party));
        if self.chance.percent(80) {
            let stuck = |step: &str| self.stuck.contains(&(file.id.clone(), step.to_owned()));
            open.retain(|(_, option)| !stuck(&option.step_id));
        }
        let on_line = |step: &str| LINE.iter().position(|known| *known == step);
        let bare = file.state.evidence.is_empty() && file.state.stage == "S2";
        let rank = |step: &str| {
            if bare && step == "A09.collect" {
                Some(LINE.len())
            } else {
                on_line(step)
            }
        };
        if self.chance.percent(98 - self.noise) {
            // Who waits for a window to close does not do something else meanwhile.
            let last = open.iter().filter_map(|(_, o)| rank(&o.step_id)).max();
            open.retain(|(_, o)| last.is_some() && rank(&o.step_id) == last);
        }
        let Some((actor, option)) = self.chance.pick(&open).cloned() else {
            return Ok(None);
        };
        self.taking(file, actor, &option.step_id, option.party.as_deref())
            .await
            .map(Some)
    }

    /// Somebody's taking of a step, with company and form.
    async fn taking(
        &mut self,
        file: &CaseFile,
        actor: Person,
        step: &str,
        party: Option<&str>,
    ) -> Result<Sending> {
        let mut command = self.command(step, party, Act::Take, file.state.version);
        if let Some(declared) = file.pack.step(step) {
            command.with = self.company(file, &actor, declared).await?;
            let present: Vec<String> = std::iter::once(actor.id.clone())
                .chain(command.with.iter().cloned())
                .collect();
            command.fields = self.fill(declared, &file.state, party, &present);
        }
        command.card_shown = !self.chance.percent(2);
        Ok(Sending {
            actor,
            case: file.id.clone(),
            command,
        })
    }

    async fn company(
        &mut self,
        file: &CaseFile,
        actor: &Person,
        step: &Step,
    ) -> Result<Vec<String>> {
        let mut company: Vec<String> = Vec::new();
        for (place, crew) in step.by.iter().enumerate() {
            let office = &self.world.office;
            let mut able = office.candidates(actor, file, crew).await?;
            able.retain(|p| p.id != actor.id && !company.contains(&p.id));
            self.chance.shuffle(&mut able);
            let wanted = usize::try_from(crew.min.max(1))?;
            let wanted = match (place, crew.role.as_str()) {
                // All leaders come together.
                (0, "leader") if crew.min > 1 => able.len(),
                (0, _) => wanted - 1,
                _ => wanted,
            };
            company.extend(able.into_iter().take(wanted).map(|p| p.id));
        }
        Ok(company)
    }

    async fn likely(&mut self) -> Result<()> {
        let Some(file) = self.some_case().await? else {
            return Ok(());
        };
        if !file.state.requests.is_empty() && self.chance.percent(95 - self.noise) {
            return self.answer(&file).await;
        }
        let Some(mut sending) = self.next_likely(&file).await? else {
            return self.clock().await;
        };
        if self.chance.percent(3 + self.noise / 8) {
            let days = self.chance.between(1, 12);
            sending.command.occurred_on = self.world.today().saturating_sub(days.days());
            let told = self.chance.percent(70);
            sending.command.late_reason = told.then(|| "当日系统停用，补记。".to_owned());
        }
        if self.chance.percent(2 + self.noise / 8) {
            let back = u64::try_from(self.chance.between(1, 3))?;
            sending.command.seen_version = file.state.version.saturating_sub(back);
        }
        let cut = self.chance.percent(5).then(|| self.chance.below(8));
        self.send_one(sending, cut).await?;
        Ok(())
    }

    /// A request is endorsed, refused or taken back, by somebody who may or not.
    async fn answer(&mut self, file: &CaseFile) -> Result<()> {
        let Some(request) = self.chance.pick(&file.state.requests).cloned() else {
            return Ok(());
        };
        let mut able = Vec::new();
        for person in self.people.clone() {
            let waiting = self.world.office.requests(&person, file).await?;
            if waiting.iter().any(|w| w.mine && w.request.id == request.id) {
                able.push(person);
            }
        }
        // Those who stand in come last: a leader who signs for the unit decides no more in the case.
        let crew = file
            .pack
            .step(&request.step)
            .and_then(|s| s.chain.get(request.approvals.len()));
        let own = |p: &Person| crew.is_some_and(|crew| p.roles.contains(&crew.role));
        if able.iter().any(own) && !self.chance.percent(self.noise) {
            able.retain(own);
        }
        if able.is_empty() || self.chance.percent(self.noise / 4) {
            able = self.people.clone();
        }
        let asked = request.people.first().map(|part| part.person.clone());
        let (id, opinion) = (request.id.clone(), "经审查。".to_owned());
        let act = match self.chance.below(100) {
            0..92 => Act::Approve {
                request: id,
                opinion,
            },
            92..96 => Act::Return {
                request: id,
                opinion,
            },
            _ => {
                able = self.people.clone();
                able.retain(|p| Some(&p.id) == asked.as_ref());
                Act::Withdraw { request: id }
            }
        };
        let Some(actor) = self.chance.pick(&able).cloned() else {
            return Ok(());
        };
        let (step, party) = (request.step.clone(), request.party.clone());
        let seen = file.state.version;
        let command = self.command(&step, party.as_deref(), act, seen);
        let cut = self.chance.percent(5).then(|| self.chance.below(8));
        let case = file.id.clone();
        self.send_one(
            Sending {
                actor,
                case,
                command,
            },
            cut,
        )
        .await?;
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
        let Some((sending, version)) = self.chance.pick(&self.kept).cloned() else {
            return Ok(());
        };
        let answer = self
            .send(vec![sending.clone()], None)
            .await?
            .answers
            .pop()
            .flatten();
        match answer {
            Some(Ok(done)) if done.version == version && done.replayed => {}
            // Whoever may no longer read the case is told nothing of it.
            Some(Err(OfficeError::NotFound)) => {}
            other => bail!("{} was answered again with {other:?}", sending.command.id),
        }
        Ok(())
    }

    /// The id of a command with another body: refused.
    async fn reused(&mut self) -> Result<()> {
        let Some((mut sending, _)) = self.chance.pick(&self.kept).cloned() else {
            return Ok(());
        };
        sending.command.card_shown = !sending.command.card_shown;
        let answer = self
            .send(vec![sending.clone()], None)
            .await?
            .answers
            .pop()
            .flatten();
        ensure!(
            matches!(
                answer,
                Some(Err(OfficeError::Reused(_) | OfficeError::NotFound))
            ),
            "{} with another body was answered with {answer:?}",
            sending.command.id
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
        let cut = self.chance.percent(15).then(|| self.chance.below(10));
        self.send(both, cut).await?;
        Ok(())
    }

    async fn clock(&mut self) -> Result<()> {
        let days = match self.chance.below(10) {
            0..8 => self.chance.between(1, 6),
            8 => self.chance.between(7, 40),
            _ => self.chance.between(36, 200),
        };
        self.world.tick(days * 86_400_000_000);
        self.stuck.clear();
        self.trace
            .push(format!("clock: {days} days on, to {}", self.world.today()));
        if self.chance.percent(50) {
            return self.job("expiry").await;
        }
        Ok(())
    }

    async fn job(&mut self, name: &'static str) -> Result<()> {
        let (office, portal) = (self.world.office.clone(), Arc::clone(&self.world.portal));
        let bar = self.world.turnstile.bar();
        let work: Work<Result<()>> = match name {
            "expiry" => Box::pin(async move { Ok(office.expire_due().await.map(drop)?) }),
            "sequencer" => Box::pin(sequence(office)),
            _ => Box::pin(async move { publish(office, portal, bar).await.map(drop) }),
        };
        let cut = self.chance.percent(15).then(|| self.chance.below(6));
        let ran = self
            .world
            .turnstile
            .run(&mut self.chance, vec![work], cut)
            .await;
        let cut = if ran.cut { ", cut off" } else { "" };
        self.trace.push(format!("job: {name}{cut}"));
        ensure!(ran.panics.is_empty(), "{name} broke down: {:?}", ran.panics);
        for answer in ran.answers.into_iter().flatten() {
            answer?;
        }
        if ran.cut {
            return self.crash().await;
        }
        self.world.keep_checkpoint().await
    }

    async fn crash(&mut self) -> Result<()> {
        self.trace.push("crash".to_owned());
        self.figures.crashes += 1;
        self.world.crash().await
    }

    /// Sends one command with nothing beside it; true if it was carried out.
    async fn send_one(&mut self, sending: Sending, cut: Option<usize>) -> Result<bool> {
        let before = self.version(&sending.case).await?;
        let ran = self.send(vec![sending.clone()], cut).await?;
        match ran.answers.first() {
            Some(Some(Ok(_))) => return Ok(true),
            Some(Some(Err(fault))) => {
                let after = self.version(&sending.case).await?;
                ensure!(
                    before == after,
                    "{} was refused ({fault}), and the case went from {before} to {after}",
                    sending.command.id
                );
                let stale = sending.command.seen_version != before;
                ensure!(
                    stale || !matches!(fault, OfficeError::Conflict { .. }),
                    "{} met a conflict, and nobody else was there",
                    sending.command.id
                );
            }
            _ => {}
        }
        if ran.cut && self.chance.percent(50) {
            // Whoever got no answer asks again, as a page does.
            self.send(vec![sending], None).await?;
        }
        Ok(false)
    }

    async fn version(&self, case: &str) -> Result<u64> {
        let head = self
            .world
            .office
            .store()
            .head(&Scope::system(), case)
            .await?;
        Ok(head.map_or(0, |head| head.version))
    }

    /// Sends commands at once, notes what came of them, and crashes where they were cut off.
    async fn send(&mut self, sendings: Vec<Sending>, cut: Option<usize>) -> Result<Ran<Answer>> {
        let office = self.world.office.clone();
        let works = sendings.iter().map(|one| work(office.clone(), one.clone()));
        let works: Vec<Work<Answer>> = works.collect();
        drop(office);
        let ran = self.world.turnstile.run(&mut self.chance, works, cut).await;
        for (one, answer) in sendings.iter().zip(&ran.answers) {
            let durable = ran.durable.contains(&format!("u/{}", one.command.id));
            self.note(one, answer.as_ref(), durable)?;
        }
        ensure!(
            ran.panics.is_empty(),
            "a command broke down: {:?}",
            ran.panics
        );
        if ran.cut {
            self.crash().await?;
        }
        Ok(ran)
    }

    fn note(&mut self, one: &Sending, answer: Option<&Answer>, durable: bool) -> Result<()> {
        let Sending {
            actor,
            case,
            command,
        } = one;
        let (outcome, told) = match answer {
            Some(Ok(done)) => {
                self.figures.done += 1;
                self.kept.push((one.clone(), done.version));
                let outcome = Outcome::Done(done.version, done.papers.clone());
                (outcome, format!("done, version {}", done.version))
            }
            Some(Err(fault)) => {
                if !fault.lasts() && !matches!(fault, OfficeError::Conflict { .. }) {
                    bail!("{} failed: {fault}", command.id);
                }
                self.figures.refused += 1;
                self.stuck.insert((case.clone(), command.step.clone()));
                (Outcome::Refused, format!("refused: {fault}"))
            }
            None => {
                self.figures.cut += 1;
                (
                    Outcome::Cut(durable),
                    format!("cut off, durable: {durable}"),
                )
            }
        };
        if let (Outcome::Done(..), false) = (&outcome, actor.active) {
            bail!("{} was let through, and {} has left", command.id, actor.id);
        }
        let act = match &command.act {
            Act::Take => "takes",
            Act::Approve { .. } => "approves",
            Act::Return { .. } => "returns",
            Act::Withdraw { .. } => "withdraws",
        };
        let party = command.party.as_deref().unwrap_or("-");
        self.trace.push(format!(
            "{} on {}: {} {act} {} {party} in {case} with {:?}, seen {}: {told}",
            command.id,
            command.occurred_on,
            actor.login,
            command.step,
            command.with,
            command.seen_version
        ));
        self.sent.push(Sent {
            id: command.id.clone(),
            case: case.clone(),
            outcome,
        });
        Ok(())
    }

    /// What it all came to.
    pub async fn figures(&mut self) -> Result<Figures> {
        let mut pieces: Vec<Vec<u8>> = self
            .trace
            .iter()
            .map(|line| line.clone().into_bytes())
            .collect();
        let mut figures = self.figures.clone();
        for case in read_cases(&self.world.office).await? {
            for event in &case.events {
                figures.events += 1;
                let decides = |effect: &&Effect| matches!(effect, Effect::Decided { .. });
                figures.decisions += event.acted.effects.iter().filter(decides).count();
                let header = &event.header;
                let place = format!("{} {} {}", case.id, header.version, header.recorded_at);
                pieces.extend([place.into_bytes(), event.acted.encode()?]);
            }
        }
        let query = portal::Query {
            limit: 100,
            ..portal::Query::default()
        };
        let page = self.world.portal.list(&query, self.world.today()).await?;
        figures.published = page.lines.len();
        let suite = self.world.office.store().suite();
        let parts: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        figures.trace.clone_from(&self.trace);
        figures.digest = hex::encode(suite.hash(&parts).0);
        Ok(figures)
    }
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
