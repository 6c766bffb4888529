//! Who does what next: what a case waits for, by somebody who may, with company and form.

use std::sync::Arc;

use anyhow::Result;
use casework::{Act, State, event::Phase, field::Fields, person::Person};
use law::pack::Step;
use office::{CaseFile, StepOption};

use super::{Deeds, Sending};
use crate::fill::Desk;

impl Deeds {
    pub(super) fn fill(
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
            serial: self.memory.count,
            noise: self.course.noise,
        };
        desk.fill(step, &mut self.chance)
    }

    /// A case as somebody who may read all of them sees it.
    pub(super) async fn some_case(&mut self) -> Result<Option<Arc<CaseFile>>> {
        let (Some(case), Some(leader)) = (
            self.chance.pick(&self.memory.cases).cloned(),
            self.of_role("principal").first().cloned(),
        ) else {
            return Ok(None);
        };
        Ok(Some(self.world.office.case(&leader, &case).await?))
    }

    /// What somebody who may would do next in a case.
    pub(super) async fn next_likely(&mut self, file: &CaseFile) -> Result<Option<Sending>> {
        let Some(anybody) = self.people.first().cloned() else {
            return Ok(None);
        };
        let mut open = self.world.office.options(&anybody, file).await?;
        if self.chance.percent(80) {
            let stuck = &self.memory.stuck;
            open.retain(|o| !stuck.contains(&(file.id.clone(), o.step_id.clone())));
        }
        self.narrow(file, &mut open);
        let Some(option) = self.chance.pick(&open).cloned() else {
            return Ok(None);
        };
        let Some(actor) = self.actor(file, &option.step_id).await? else {
            let place = (file.id.clone(), option.step_id);
            self.memory.stuck.insert(place);
            return Ok(None);
        };
        self.memory.tried.insert(option.step_id.clone());
        self.taking(file, actor, &option.step_id, option.party.as_deref())
            .await
            .map(Some)
    }

    /// Leaves what leads on, or, for whoever wanders, what nobody has tried yet.
    fn narrow(&mut self, file: &CaseFile, open: &mut Vec<StepOption>) {
        if self.chance.percent(self.course.wander) {
            let new = |o: &StepOption| !self.memory.tried.contains(&o.step_id);
            if open.iter().any(new) && self.chance.percent(80) {
                let tried = &self.memory.tried;
                open.retain(|o| !tried.contains(&o.step_id));
            }
            return;
        }
        let bare = file.state.evidence.is_empty() && file.state.stage == "S2";
        let way = self.course.way;
        let rank = |step: &str| match bare && step == "A09.collect" {
            true => Some(usize::MAX),
            false => way.rank(step),
        };
        let taken = |o: &StepOption| {
            let mut events = file.events.iter().map(|event| &event.acted);
            events.any(|e| e.phase == Phase::Taken && e.step == o.step_id && e.party == o.party)
        };
        // What was done is done again only where nothing else leads on, and mostly it is waited for something that does.
        let new = |o: &StepOption| rank(&o.step_id).is_some() && !taken(o);
        let patience = if self.course.straight { 95 } else { 50 };
        if open.iter().any(new) || self.chance.percent(patience) {
            open.retain(new);
        }
        // Who waits for a window to close does not do something else meanwhile.
        let last = open.iter().filter_map(|o| rank(&o.step_id)).max();
        open.retain(|o| last.is_some() && rank(&o.step_id) == last);
    }

    /// Somebody who may begin a step; now and then somebody who may not.
    async fn actor(&mut self, file: &CaseFile, step: &str) -> Result<Option<Person>> {
        if self.chance.percent(self.course.noise / 8) {
            return Ok(self.chance.pick(&self.people).cloned());
        }
        let (Some(anybody), Some(crew)) = (
            self.people.first(),
            file.pack.step(step).and_then(|step| step.by.first()),
        ) else {
            return Ok(None);
        };
        let able = self.world.office.candidates(anybody, file, crew).await?;
        Ok(self.chance.pick(&able).cloned())
    }

    /// Somebody's taking of a step, with company and form.
    pub(super) async fn taking(
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
        command.card_shown = !self.chance.percent(self.course.noise / 8);
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

    /// A request is endorsed, refused or taken back, by somebody who may or not.
    pub(super) async fn answer(&mut self, file: &CaseFile) -> Result<()> {
        let Some(request) = self.chance.pick(&file.state.requests).cloned() else {
            return Ok(());
        };
        let crew = file
            .pack
            .step(&request.step)
            .and_then(|s| s.chain.get(request.approvals.len()));
        let (Some(crew), Some(anybody)) = (crew, self.people.first()) else {
            return Ok(());
        };
        let mut able = self.world.office.candidates(anybody, file, crew).await?;
        able.retain(|p| !request.bars(&p.id));
        // Those who stand in come last: a leader who signs for the unit decides no more in the case.
        let own = |p: &Person| p.roles.contains(&crew.role);
        if able.iter().any(own) && !self.chance.percent(self.course.noise) {
            able.retain(own);
        }
        if able.is_empty() || self.chance.percent(self.course.noise / 4) {
            able = self.people.clone();
        }
        let asked = request.people.first().map(|part| part.person.clone());
        let (id, opinion) = (request.id.clone(), "经审查。".to_owned());
        let usual = if self.course.straight { 100 } else { 92 };
        let act = match self.chance.below(100) {
            n if n < usual => Act::Approve {
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
        let command = self.command(&step, party.as_deref(), act, file.state.version);
        let case = file.id.clone();
        let trouble = self.trouble();
        let sending = Sending {
            actor,
            case,
            command,
        };
        self.send_one(sending, trouble).await?;
        Ok(())
    }
}
