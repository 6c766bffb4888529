//! Carrying a step out: the pack's effects become recorded effects, in order, each seeing those before it.

mod casework;
mod facts;
mod limits;

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::pack::{Duty, Effect as PackEffect, Field, FieldType, LimitStatus, Mover, Pack, Step};

use super::{Asked, Outcome, PaperPlan, cond, event};
use crate::{
    command::{Command, Context},
    effect::Effect,
    event::{Part, Phase},
    field::{FieldValue, Fields},
    proposal::Disposition,
    refusal::{Reason, Refusal, RefusalKind},
    state::State,
};

/// No fields at all, for effects that no form started.
pub(super) fn empty_fields() -> &'static Fields {
    static EMPTY: Fields = BTreeMap::new();
    &EMPTY
}

/// Who did what, for the separation of duties.
pub(super) fn duties(people: &[Part]) -> Vec<Effect> {
    let mut by_duty: BTreeMap<Duty, Vec<String>> = BTreeMap::new();
    for part in people.iter().filter(|p| p.duty != Duty::Other) {
        by_duty
            .entry(part.duty)
            .or_default()
            .push(part.person.clone());
    }
    by_duty
        .into_iter()
        .map(|(duty, people)| Effect::Did { duty, people })
        .collect()
}

/// Carries a step out: all gates have been passed.
pub(super) fn carry_out(
    state: &State,
    step: &Step,
    asked: &Asked<'_>,
    people: Vec<Part>,
    command: &Command,
    before: Vec<Effect>,
    ctx: &Context<'_>,
) -> Result<Outcome, Refusal> {
    let on = command.occurred_on;
    let mut runner = Runner::new(
        state.clone(),
        ctx,
        on,
        asked.party,
        asked.fields,
        asked.people,
    );
    for effect in duties(&people) {
        runner.emit(effect);
    }
    runner.form = &step.form;
    runner.record = record_title(step, ctx.pack);
    if !step.chain.is_empty() {
        runner.approver = people.last().map(|part| part.person.clone());
    }
    runner.forms(step);
    runner.back_limit_on = step
        .requires
        .iter()
        .find(|r| r.name == "lead-time")
        .and_then(|r| r.on.as_deref())
        .and_then(|field| runner.date(field));
    runner.run_all(&step.effects);
    runner.move_on(step);
    let papers = runner.papers(step, state);
    let number = step.effects.iter().find_map(|e| match e {
        PackEffect::Number(series) => Some(series.clone()),
        _ => None,
    });
    let mut effects = before;
    // Duties of approvers already stand in front, recorded by the approval itself.
    effects.extend(runner.finish(&step.id)?.1);
    let event = event(step, command, Phase::Taken, people, effects, ctx);
    Ok(Outcome {
        event,
        papers,
        number,
    })
}

/// The pack's effects being done on a running state.
pub(super) struct Runner<'a> {
    pub state: State,
    pub effects: Vec<Effect>,
    ctx: &'a Context<'a>,
    on: Date,
    party: Option<String>,
    fields: &'a Fields,
    people: &'a [Part],
    form: &'a [Field],
    /// What a record that the step makes is called.
    record: &'a str,
    /// Who gave the last approval.
    approver: Option<String>,
    back_limit_on: Option<Date>,
    /// The first thing that pack and program do not agree on; nothing of the step counts then.
    fault: Option<Reason>,
}

impl<'a> Runner<'a> {
    pub fn new(
        state: State,
        ctx: &'a Context<'a>,
        on: Date,
        party: Option<&str>,
        fields: &'a Fields,
        people: &'a [Part],
    ) -> Self {
        let party = party.map(str::to_owned);
        Self {
            state,
            effects: Vec::new(),
            ctx,
            on,
            party,
            fields,
            people,
            form: &[],
            record: "",
            approver: None,
            back_limit_on: None,
            fault: None,
        }
    }

    /// The state after what was done, and the effects that were recorded.
    ///
    /// # Errors
    /// What pack and program do not agree on.
    pub fn finish(self, step: &str) -> Result<(State, Vec<Effect>), Refusal> {
        match self.fault {
            Some(reason) => Err(Refusal::one(RefusalKind::PackFault, step, reason)),
            None => Ok((self.state, self.effects)),
        }
    }

    fn emit(&mut self, effect: Effect) {
        self.state.apply(&effect, self.on);
        self.effects.push(effect);
    }

    fn text(&self, field: &str) -> String {
        self.fields
            .get(field)
            .and_then(FieldValue::as_text)
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    fn date(&self, field: &str) -> Option<Date> {
        match self.fields.get(field) {
            Some(FieldValue::Date(date)) => Some(*date),
            _ => None,
        }
    }

    fn persons(&self, field: &str) -> Vec<String> {
        match self.fields.get(field) {
            Some(FieldValue::Persons(ids)) => ids.clone(),
            _ => Vec::new(),
        }
    }

    fn points(&self, field: &str) -> Vec<String> {
        match self.fields.get(field) {
            Some(FieldValue::Points(points)) => points.clone(),
            _ => Vec::new(),
        }
    }

    fn int(&self, field: &str) -> Option<i64> {
        match self.fields.get(field) {
            Some(FieldValue::Int(no)) => Some(*no),
            _ => None,
        }
    }

    fn amount(&self, field: &str) -> i64 {
        match self.fields.get(field) {
            Some(FieldValue::Money(fen)) => *fen,
            _ => 0,
        }
    }

    /// What the form itself puts on record, whatever the pack does with it.
    fn forms(&mut self, step: &Step) {
        for require in step.requires.iter().filter(|r| r.name == "answers-points") {
            let answers = self.points(require.on.as_deref().unwrap_or("answers"));
            self.emit(Effect::Answered { answers });
        }
        let points = self.points("points");
        if let (Mover::Party, Some(party), false) =
            (step.mover, self.party.clone(), points.is_empty())
        {
            self.emit(Effect::Defended { party, points });
        }
    }

    pub fn run_all(&mut self, effects: &[PackEffect]) {
        for effect in effects {
            self.run(effect);
        }
    }

    fn run(&mut self, effect: &PackEffect) {
        match effect {
            PackEffect::Set(fact, source) => self.set(*fact, source),
            PackEffect::Lapse(facts) => facts.iter().for_each(|fact| self.lapse(*fact)),
            PackEffect::Raise(row) => {
                let pack = self.ctx.pack;
                self.run_all(&pack.lapses[*row].effects);
            }
            PackEffect::When(condition, inner) => {
                if cond::holds(condition, &self.state, self.party.as_deref(), self.ctx.pack) {
                    self.run_all(inner);
                }
            }
            PackEffect::Each(inner) => {
                let outer = self.party.take();
                for id in self.state.party_ids() {
                    self.party = Some(id);
                    self.run_all(inner);
                }
                self.party = outer;
            }
            PackEffect::Dated(field, inner) => self.as_of(field, inner),
            PackEffect::Start(limit) => self.start(*limit),
            PackEffect::Stop(limit) => self.status(*limit, LimitStatus::Ended, |now| {
                matches!(
                    now,
                    LimitStatus::Running | LimitStatus::Paused | LimitStatus::Expired
                )
            }),
            PackEffect::Pause(limit) => self.status(*limit, LimitStatus::Paused, |now| {
                now == LimitStatus::Running
            }),
            PackEffect::Resume(limit) => self.status(*limit, LimitStatus::Running, |now| {
                now == LimitStatus::Paused
            }),
            PackEffect::Continue(limit) => self.go_on(*limit),
            PackEffect::Extend { limit, config, .. } => self.extend(*limit, config),
            PackEffect::Measure { limit, from, to } => self.measure(*limit, from, to),
            _ => self.domain(effect),
        }
    }

    /// Limits that began or rested on a day before it was put on record.
    fn as_of(&mut self, field: &str, inner: &[PackEffect]) {
        let today = self.on;
        self.on = self.date(field).unwrap_or(today);
        self.run_all(inner);
        self.on = today;
    }

    fn move_on(&mut self, step: &Step) {
        let target = step
            .to
            .iter()
            .find(|(_, when)| cond::holds(when, &self.state, self.party.as_deref(), self.ctx.pack));
        if let Some((stage, _)) = target {
            let stage = self.ctx.pack.stages[*stage].id.clone();
            if stage != self.state.stage {
                self.emit(Effect::Move { stage });
            }
        }
    }

    /// The papers to issue; `before` is the state in which the step was taken.
    fn papers(&self, step: &Step, before: &State) -> Vec<PaperPlan> {
        step.papers
            .iter()
            .filter(|paper| {
                let state = if paper.before { before } else { &self.state };
                cond::holds(&paper.when, state, self.party.as_deref(), self.ctx.pack)
            })
            .filter_map(|paper| {
                let kind = self
                    .ctx
                    .pack
                    .papers
                    .get(&paper.template)
                    .filter(|kind| kind.rendered)?;
                Some(PaperPlan {
                    template: paper.template.clone(),
                    title: kind.title.clone(),
                    series: paper.series.clone(),
                    party: self.party.clone(),
                    order: kind.order,
                })
            })
            .collect()
    }
}

/// The title of the paper that a step issues, or its own where it issues none.
fn record_title<'p>(step: &'p Step, pack: &'p Pack) -> &'p str {
    let paper = step.papers.first();
    let kind = paper.and_then(|paper| pack.papers.get(&paper.template));
    kind.map_or(&step.title, |kind| &kind.title)
}

/// What a field that holds dispositions says of a party.
pub(super) fn disposition_of<'f>(
    fields: &'f Fields,
    field: &str,
    party: &str,
) -> Option<&'f Disposition> {
    match fields.get(field) {
        Some(FieldValue::Proposal(list)) => list.iter().find(|d| d.party == party),
        _ => None,
    }
}

/// Whether a field of a step holds a proposal.
pub(super) fn proposal_of(step: &Step, fields: &Fields) -> Option<Vec<Disposition>> {
    let field = step.form.iter().find(|f| f.kind == FieldType::Proposal)?;
    match fields.get(&field.id) {
        Some(FieldValue::Proposal(list)) => Some(list.clone()),
        _ => None,
    }
}
