//! Carrying a step out: the pack's effects become recorded effects, in order, each seeing those before it.

mod limits;

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::pack::{
    Compute, Duty, Effect as PackEffect, Field, FieldType, LimitStatus, Mover, Pack, Scope, Source,
    Step,
};

use super::{
    Asked, Outcome, PaperPlan,
    compute::{self, Input},
    cond, event, evidence,
};
use crate::{
    command::{Command, Context},
    effect::{Effect, PublishedItem},
    event::{Part, Phase},
    field::{FieldValue, Fields},
    party::Party,
    proposal::{Disposition, PenaltyKind},
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
    let papers = runner.papers(step);
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
                let ids: Vec<String> = self
                    .state
                    .parties
                    .iter()
                    .map(|p| p.party.id.clone())
                    .collect();
                for id in ids {
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

    fn set(&mut self, fact: usize, source: &Source) {
        let declared = &self.ctx.pack.facts[fact];
        let value = match source {
            Source::Value(value) => Some(*value),
            Source::Field(field, allowed) => self
                .chosen(field)
                .and_then(|id| declared.value(&id))
                .filter(|value| allowed.contains(value)),
            Source::Compute(asked, allowed) => {
                let input = Input {
                    state: &self.state,
                    party: self.party.as_deref(),
                    fields: self.fields,
                    on: self.on,
                    ctx: self.ctx,
                };
                declared
                    .value(compute::compute(*asked, &input))
                    .filter(|value| allowed.contains(value))
            }
        };
        let Some((value, _)) = value.and_then(|v| declared.values.get(usize::from(v))) else {
            // What was proved of the pack rests on the values that it names: any other stops the step.
            let reason = unnamed_value(&declared.title, source);
            self.fault.get_or_insert(reason);
            return;
        };
        let party = (declared.scope == Scope::Party)
            .then(|| self.party.clone())
            .flatten();
        self.emit(Effect::Set {
            fact: declared.id.clone(),
            value: value.clone(),
            party,
        });
    }

    /// What was chosen in a field, or what the form shows there if it was left as it is.
    fn chosen(&self, field: &str) -> Option<String> {
        match self.fields.get(field).filter(|value| !value.is_blank()) {
            Some(FieldValue::YesNo(yes)) => Some(if *yes { "yes" } else { "no" }.to_owned()),
            Some(other) => other.as_text().map(|text| text.trim().to_owned()),
            None => {
                let declared = self.form.iter().find(|f| f.id == field)?;
                declared.default.clone()
            }
        }
    }

    fn lapse(&mut self, fact: usize) {
        let Some((from, to)) = self.ctx.pack.facts[fact].lapse else {
            return;
        };
        let now = cond::value_of(&self.state, self.ctx.pack, fact, self.party.as_deref());
        if from >> now & 1 == 1 {
            self.set(fact, &Source::Value(to));
        }
    }

    /// Effects that speak of casework rather than of facts.
    fn domain(&mut self, effect: &PackEffect) {
        match effect {
            PackEffect::Assign(role, field) => {
                let people = match field {
                    Some(field) => self.persons(field),
                    None => self.people.iter().map(|p| p.person.clone()).collect(),
                };
                self.emit(Effect::Assign {
                    role: role.clone(),
                    people,
                });
            }
            PackEffect::Recuse(field) => {
                let people = self.persons(field);
                self.emit(Effect::Recuse { people });
            }
            PackEffect::Replace(role, out, coming) => {
                let (out, coming) = (self.persons(out), self.persons(coming));
                self.emit(Effect::Release {
                    role: role.clone(),
                    people: out,
                });
                self.emit(Effect::Assign {
                    role: role.clone(),
                    people: coming,
                });
            }
            PackEffect::Parties(field) => self.open(field),
            PackEffect::Evidence(of) => {
                let item = evidence::item(&self.state, *of, self.record, self.fields);
                self.emit(Effect::Evidence { item });
            }
            PackEffect::Exclude(field) => {
                if let Some(no) = self.int(field).and_then(|no| u32::try_from(no).ok()) {
                    self.emit(Effect::Excluded { no });
                }
            }
            PackEffect::Propose => self.propose(),
            PackEffect::ReviewPassed => self.review(true),
            PackEffect::ReviewReturned => self.review(false),
            PackEffect::Conclude => self.emit(Effect::Concluded),
            _ => self.party_effect(effect),
        }
    }

    /// Whether the party's decision may be made again as it was: only a ruling that orders a new one bars it,
    /// and the ruling's own ground counts, not what the bureau calls it.
    fn same_again(&self, party: &str) -> bool {
        let track = self.state.party(party);
        track.is_none_or(|p| !p.is("remedy", "redo") || p.is("ruling", "procedure"))
    }

    fn party_effect(&mut self, effect: &PackEffect) {
        let Some(party) = self.party.clone() else {
            return;
        };
        let recorded = match effect {
            PackEffect::Notify => Effect::Notified { party },
            PackEffect::Hear => Effect::Heard { party },
            PackEffect::Decide => Effect::Decided { party },
            PackEffect::Pay => Effect::Paid {
                party,
                amount_fen: self.amount("amount"),
            },
            PackEffect::Refund => Effect::Refunded {
                party,
                amount_fen: self.amount("amount"),
            },
            PackEffect::Surcharge(field) => match self.fields.get(field) {
                Some(FieldValue::Money(fen)) => Effect::Added {
                    party,
                    amount_fen: *fen,
                },
                _ => return,
            },
            PackEffect::Execute(field) => match PenaltyKind::named(&self.text(field)) {
                Some(kind) => Effect::Executed { party, kind },
                None => return,
            },
            PackEffect::Redecide(field) => match disposition_of(self.fields, field, &party) {
                Some(changed) => Effect::Redecided {
                    party,
                    disposition: Box::new(changed.clone()),
                },
                None => return,
            },
            PackEffect::NewRound => Effect::NewRound {
                procedural: self.same_again(&party),
                party,
            },
            PackEffect::Publish => {
                let item = PublishedItem {
                    facts: self.text("public_facts"),
                    until: self.date("public_until"),
                };
                Effect::Published { party, item }
            }
            PackEffect::AmendParty(field) => {
                let Some(FieldValue::Parties(parties)) = self.fields.get(field) else {
                    return;
                };
                let Some(amended) = parties.first().cloned() else {
                    return;
                };
                // Papers and proposals of the case go on naming the party by its place in it.
                Effect::AmendParty {
                    party: Party {
                        id: party,
                        ..amended
                    },
                }
            }
            PackEffect::Withdraw => Effect::Withdrawn {
                party,
                reason: self.text("reason"),
            },
            _ => return,
        };
        self.emit(recorded);
    }

    fn open(&mut self, field: &str) {
        if self.state.version == 0 {
            let unit = self
                .people
                .first()
                .and_then(|p| self.ctx.roster.get(&p.person))
                .map(|p| p.unit.clone());
            self.emit(Effect::Open {
                name: self.text("case_name"),
                cause: self.text("cause"),
                source: self.text("source"),
                discovered_on: self.date("discovered_on").unwrap_or(self.on),
                unit: unit.unwrap_or_default(),
            });
            let stage = self
                .ctx
                .pack
                .stages
                .first()
                .map(|s| s.id.clone())
                .unwrap_or_default();
            self.emit(Effect::Move { stage });
        }
        if let Some(FieldValue::Parties(parties)) = self.fields.get(field) {
            for party in parties.clone() {
                self.emit(Effect::AddParty { party });
            }
        }
    }

    fn propose(&mut self) {
        let dispositions: Option<Vec<Disposition>> = self.fields.values().find_map(|v| match v {
            FieldValue::Proposal(list) => Some(list.clone()),
            _ => None,
        });
        self.emit(Effect::Propose {
            dispositions: dispositions.unwrap_or_default(),
        });
        let ids: Vec<String> = self
            .state
            .parties
            .iter()
            .map(|p| p.party.id.clone())
            .collect();
        for party in ids {
            let change = compute::change(&self.state, &party);
            self.emit(Effect::Compared { party, change });
        }
    }

    fn review(&mut self, passed: bool) {
        let items = self.fields.values().find_map(|v| match v {
            FieldValue::TenItems(items) => Some(items.clone()),
            _ => None,
        });
        let points = if passed {
            Vec::new()
        } else {
            self.points("points")
        };
        self.emit(Effect::Reviewed {
            passed,
            items: items.unwrap_or_default(),
            points,
        });
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

    fn papers(&self, step: &Step) -> Vec<PaperPlan> {
        step.papers
            .iter()
            .filter(|paper| {
                cond::holds(
                    &paper.when,
                    &self.state,
                    self.party.as_deref(),
                    self.ctx.pack,
                )
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

/// A value that the pack does not name where it is set.
fn unnamed_value(title: &str, source: &Source) -> Reason {
    let why = match source {
        Source::Compute(asked, _) => {
            let all = Compute::ALL.iter();
            let name = all
                .filter(|(known, ..)| known == asked)
                .map(|(_, name, _)| *name);
            let name = name.collect::<String>();
            format!(
                "程序算出的“{title}”不在程序方案写明的取值（compute=\"{name}\" 的 among）之内，不能办理"
            )
        }
        Source::Field(field, _) => {
            format!("“{title}”须取自“{field}”一栏，该栏没有有效的选项，不能办理")
        }
        Source::Value(_) => format!("程序方案给“{title}”的值不存在，不能办理"),
    };
    Reason::new(why)
        .basis("程序方案须与程序一致，否则对方案的验证不成立")
        .next("请管理员核对程序方案，运行 `zhiheng procedure check` 后重新加载")
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
