//! Compiles the steps and limits of a pack for one view.

use crate::pack::{
    Cond, Effect, LimitStatus, Lit, Mover, OnExpiry, Pack, Quantifier, Scope, Source, Step,
    Subject, ValueSet,
};

use super::guard::{Cell, Guard, Over, SCRATCH_WIDTH, Slot, State, Test};
use super::layout::Layout;
use super::program::{Mask, Move, Op, Program, SAME, Target, Tick};
use super::resolve::Literal;
use super::triggers::Triggers;
use super::writes::{domain, expiry_writes, is_party, written};

/// Whose facts an unquantified party fact means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// The explored party, or every party alike.
    Own,
    /// Another party.
    Other,
}

/// For cases with how many parties a view is explored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parties {
    /// One or more: of the others anything may be so, and they may do anything.
    Any,
    /// One alone: what every party and what some party does is what this one does.
    One,
}

/// The facts that the program itself maintains.
#[derive(Debug, Clone, Copy)]
struct Maintained {
    covered: usize,
    after_hearing: usize,
    change: usize,
    points: usize,
}

/// Compiles the moves of a view.
pub(super) struct Compiler<'a> {
    pack: &'a Pack,
    layout: &'a Layout,
    triggers: &'a Triggers,
    own: Maintained,
    /// Forgotten subjects with a scratch slot in the step at hand.
    scratch: Vec<(Subject, Slot)>,
    /// Subjects that the step at hand writes.
    written: Vec<Subject>,
    /// What the step's own conditions make sure of for every party.
    pinned: Vec<(Subject, ValueSet)>,
    /// Whether a fact may be written that the view keeps or a property watches.
    relevant: bool,
    /// How many parties there are.
    parties: Parties,
    /// Whether parties that the step at hand files join a case that has gone on without them.
    joining: bool,
}

impl<'a> Compiler<'a> {
    /// A compiler for a view with that layout.
    pub(super) fn new(pack: &'a Pack, layout: &'a Layout, triggers: &'a Triggers) -> Self {
        let own = |id: &str| {
            pack.facts
                .iter()
                .position(|f| f.id == id)
                .unwrap_or(usize::MAX)
        };
        Self {
            pack,
            layout,
            triggers,
            own: Maintained {
                covered: own("@covered"),
                after_hearing: own("@after_hearing"),
                change: own("@change"),
                points: own("@points"),
            },
            scratch: Vec::new(),
            written: Vec::new(),
            pinned: Vec::new(),
            relevant: false,
            parties: Parties::Any,
            joining: false,
        }
    }

    /// The same for cases with so many parties.
    pub(super) fn with(self, parties: Parties) -> Self {
        Self { parties, ..self }
    }

    /// Every move of the view.
    pub(super) fn programs(mut self) -> Vec<Program> {
        let mut programs = Vec::new();
        for (at, step) in self.pack.steps.iter().enumerate() {
            programs.push(self.step(at, step, Who::Own));
            if step.scope == Scope::Party && self.parties == Parties::Any {
                programs.push(self.step(at, step, Who::Other));
            }
        }
        for (at, limit) in self.pack.limits.iter().enumerate() {
            programs.push(self.expiry(at, Who::Own));
            let acts = matches!(limit.on_expiry, OnExpiry::Effects(_));
            if limit.scope == Scope::Party && acts && self.parties == Parties::Any {
                programs.push(self.expiry(at, Who::Other));
            }
        }
        // What another track does is told apart only where this track can notice.
        programs.retain(|program| program.relevant || !program.is_other());
        let bits = self.layout.bits();
        programs.iter_mut().for_each(|program| program.tidy(bits));
        programs
    }

    fn step(&mut self, at: usize, step: &Step, who: Who) -> Program {
        self.prepare(step, who);
        self.joining = who == Who::Own && step.from.iter().any(|stage| *stage != 0);
        let other = who == Who::Other;
        // The needs are looked at before anything is written.
        let to_write = std::mem::take(&mut self.written);
        let gate = self.guard(&step.needs, who);
        self.written = to_write;
        let mut ops = Vec::new();
        if step.requires.iter().any(|r| r.name == "answers-points") {
            self.set_named(self.own.points, 2, &mut ops);
        }
        self.effects(&step.effects, who, &mut ops);
        for (stage, cond) in &step.to {
            let guard = self.guard(cond, who);
            let mut joins = false;
            cond.literals(&mut |lit| joins |= lit.over == Quantifier::Every);
            let mask = self.triggers.on_enter(*stage);
            self.relevant = true;
            ops.push(Op::To {
                guard,
                stage: *stage as u32,
                joins,
                mask,
            });
        }
        let fires = self.triggers.on_step(at, other);
        Program {
            id: if other {
                Move::OtherStep(at)
            } else {
                Move::Step(at)
            },
            stages: step.from.iter().fold(0, |set, stage| set | 1 << stage),
            gate,
            relevant: self.relevant || fires != 0,
            ops,
            fires,
            forbidden: self.triggers.forbidden(Some(at)),
            mover: step.mover,
            writes: written(self.pack, step, false),
            moves: !step.to.is_empty(),
            figures: false,
            live: Vec::new(),
        }
    }

    fn expiry(&mut self, at: usize, who: Who) -> Program {
        self.scratch.clear();
        self.written.clear();
        self.pinned.clear();
        self.relevant = false;
        let cell = self.cell(Subject::Limit(at));
        let running = Test {
            cell,
            subject: Some(Subject::Limit(at)),
            set: 1 << LimitStatus::Running.id(),
            domain: (1 << LimitStatus::ALL.len()) - 1,
            over: if who == Who::Other {
                Over::Other
            } else {
                Over::Own
            },
        };
        let mut ops = Vec::new();
        if who == Who::Own {
            self.relevant |= matches!(cell, Cell::Kept(_));
            ops.push(Op::Set(
                Target {
                    cell,
                    watches: Vec::new(),
                },
                u32::from(LimitStatus::Expired.id()),
            ));
        }
        if let OnExpiry::Effects(effects) = &self.pack.limits[at].on_expiry {
            self.effects(effects, who, &mut ops);
        }
        Program {
            id: if who == Who::Other {
                Move::OtherExpiry(at)
            } else {
                Move::Expiry(at)
            },
            stages: u64::MAX,
            gate: Guard::Test(running),
            ops,
            fires: 0,
            forbidden: self.triggers.forbidden(None),
            relevant: self.relevant,
            mover: Mover::Expiry,
            writes: expiry_writes(self.pack, at),
            moves: false,
            figures: false,
            live: Vec::new(),
        }
    }

    /// Finds what the step writes and what it makes sure of, and gives scratch slots to what it both writes and
    /// asks for later.
    fn prepare(&mut self, step: &Step, who: Who) {
        self.relevant = false;
        self.written = written(self.pack, step, who == Who::Other);
        self.pinned.clear();
        if let Cond::All(inner) = &step.needs {
            for cond in inner {
                let Cond::Lit(lit) = cond else { continue };
                if lit.over == Quantifier::Every && !self.written.contains(&lit.subject) {
                    self.pinned.push((lit.subject, lit.values));
                }
            }
        }
        let mut asked = Vec::new();
        let mut ask = |cond: &Cond| cond.literals(&mut |lit| asked.push(lit.subject));
        self.pack.walk(&step.effects, &mut |effect| {
            if let Effect::When(cond, _) = effect {
                ask(cond);
            }
        });
        step.to.iter().for_each(|(_, cond)| ask(cond));
        self.scratch.clear();
        let mut shift = self.layout.width;
        for subject in self
            .written
            .iter()
            .filter(|s| asked.contains(s) && self.layout.slot(**s).is_none())
        {
            if shift + SCRATCH_WIDTH < State::BITS {
                self.scratch.push((
                    *subject,
                    Slot {
                        shift,
                        width: SCRATCH_WIDTH,
                    },
                ));
                shift += SCRATCH_WIDTH;
            }
        }
    }

    fn cell(&self, subject: Subject) -> Cell {
        if let Some(slot) = self.layout.slot(subject) {
            return Cell::Kept(slot);
        }
        match self.scratch.iter().find(|(s, _)| *s == subject) {
            Some((_, slot)) => Cell::Scratch(*slot),
            None => Cell::Lost {
                written: self.written.contains(&subject),
            },
        }
    }

    fn is_party(&self, subject: Subject) -> bool {
        is_party(self.pack, subject)
    }

    fn guard(&self, cond: &Cond, who: Who) -> Guard {
        match cond {
            Cond::All(inner) => Guard::All(inner.iter().map(|c| self.guard(c, who)).collect()),
            Cond::Any(inner) => Guard::Any(inner.iter().map(|c| self.guard(c, who)).collect()),
            Cond::Lit(lit) => Guard::Test(self.test(lit, who)),
        }
    }

    fn test(&self, lit: &Lit, who: Who) -> Test {
        let over = match lit.over {
            Quantifier::This if who == Who::Other && self.is_party(lit.subject) => Over::Other,
            Quantifier::This => Over::Own,
            Quantifier::Some | Quantifier::Every if self.parties == Parties::One => Over::Own,
            Quantifier::Some => Over::Some,
            Quantifier::Every => {
                let sure = |(subject, set): &(Subject, ValueSet)| {
                    *subject == lit.subject && set & !lit.values == 0
                };
                Over::Every {
                    pinned: self.pinned.iter().any(sure),
                }
            }
        };
        Test {
            cell: self.cell(lit.subject),
            subject: Some(lit.subject),
            set: u64::from(lit.values),
            domain: domain(self.pack, lit.subject),
            over,
        }
    }

    fn target(&mut self, fact: usize) -> Target {
        let cell = self.cell(Subject::Fact(fact));
        let watches = self.triggers.watches(fact);
        self.relevant |= matches!(cell, Cell::Kept(_)) || !watches.is_empty();
        Target { cell, watches }
    }

    fn set_named(&mut self, fact: usize, value: u32, ops: &mut Vec<Op>) {
        let target = self.target(fact);
        push(ops, Op::Set(target, value));
    }

    fn fire(&mut self, mask: Mask, ops: &mut Vec<Op>) {
        if mask != 0 {
            self.relevant = true;
            ops.push(Op::Fire(mask));
        }
    }

    fn effects(&mut self, effects: &[Effect], who: Who, ops: &mut Vec<Op>) {
        for effect in effects {
            let mask = self.triggers.on_effect(effect, who == Who::Other);
            self.fire(mask, ops);
            self.effect(effect, who, ops);
        }
    }

    fn effect(&mut self, effect: &Effect, who: Who, ops: &mut Vec<Op>) {
        let elsewhere = |subject: Subject| who == Who::Other && is_party(self.pack, subject);
        match effect {
            Effect::Set(fact, _) if elsewhere(Subject::Fact(*fact)) => {}
            Effect::Set(fact, source) => {
                let target = self.target(*fact);
                let op = match source {
                    Source::Value(value) => Op::Set(target, u32::from(*value)),
                    Source::Compute(compute, values) if compute.is_figure() => {
                        Op::Figure(target, values.iter().map(|v| u32::from(*v)).collect())
                    }
                    Source::Field(_, values) | Source::Compute(_, values) => {
                        Op::Choose(target, values.iter().map(|v| u32::from(*v)).collect())
                    }
                };
                push(ops, op);
            }
            Effect::Lapse(facts) => {
                for fact in facts.iter().filter(|f| !elsewhere(Subject::Fact(**f))) {
                    if let Some((from, to)) = self.pack.facts[*fact].lapse {
                        let target = self.target(*fact);
                        push(ops, Op::Lapse(target, u64::from(from), u32::from(to)));
                    }
                }
            }
            Effect::Raise(row) => {
                let pack = self.pack;
                self.effects(&pack.lapses[*row].effects, who, ops);
            }
            Effect::When(cond, inner) => {
                let guard = self.guard(cond, who);
                let at = ops.len();
                ops.push(Op::Unless(guard.clone(), at + 1));
                self.effects(inner, who, ops);
                if ops.len() == at + 1 {
                    ops.pop();
                } else {
                    ops[at] = Op::Unless(guard, ops.len());
                }
            }
            Effect::Each(inner) => {
                // The parties before this one, this one, and those after it; all act on the case's facts too.
                self.maybe(ops, |compiler, ops| {
                    compiler.effects(inner, Who::Other, ops)
                });
                self.effects(inner, Who::Own, ops);
                self.maybe(ops, |compiler, ops| {
                    compiler.effects(inner, Who::Other, ops)
                });
            }
            // From which day on is a matter of figures.
            Effect::Dated(_, inner) => self.effects(inner, who, ops),
            Effect::Parties(_) if self.joining => self.maybe(ops, Self::join),
            Effect::Start(limit) => self.tick(*limit, Tick::Start, who, ops),
            Effect::Stop(limit) => self.tick(*limit, Tick::Stop, who, ops),
            Effect::Pause(limit) => self.tick(*limit, Tick::Pause, who, ops),
            Effect::Resume(limit) => self.tick(*limit, Tick::Resume, who, ops),
            Effect::Continue(limit) => self.tick(*limit, Tick::Continue, who, ops),
            Effect::Measure { limit, .. } => self.measure(*limit, who, ops),
            other => self.program_facts(other, who, ops),
        }
    }

    /// The explored party has only now come into the case: nothing of its own has happened yet.
    fn join(&mut self, ops: &mut Vec<Op>) {
        let facts = (0..self.pack.facts.len()).map(Subject::Fact);
        let limits = (0..self.pack.limits.len()).map(Subject::Limit);
        let pack = self.pack;
        for subject in facts.chain(limits).filter(|s| is_party(pack, *s)) {
            if let cell @ Cell::Kept(_) = self.cell(subject) {
                self.relevant = true;
                let watches = Vec::new();
                push(ops, Op::Set(Target { cell, watches }, 0));
            }
        }
    }

    fn tick(&mut self, limit: usize, tick: Tick, who: Who, ops: &mut Vec<Op>) {
        let subject = Subject::Limit(limit);
        if who == Who::Other && self.is_party(subject) {
            return;
        }
        let cell = self.cell(subject);
        self.relevant |= matches!(cell, Cell::Kept(_));
        push(ops, Op::Tick(cell, tick));
    }

    /// A limit put on record afterwards: it was kept, or had run out.
    fn measure(&mut self, limit: usize, who: Who, ops: &mut Vec<Op>) {
        let subject = Subject::Limit(limit);
        if who == Who::Other && self.is_party(subject) {
            return;
        }
        let cell = self.cell(subject);
        self.relevant |= matches!(cell, Cell::Kept(_));
        let watches = Vec::new();
        let ways = [LimitStatus::Expired, LimitStatus::Ended].map(|s| u32::from(s.id()));
        push(ops, Op::Choose(Target { cell, watches }, ways.to_vec()));
    }

    /// What an effect does to the facts that the program maintains.
    fn program_facts(&mut self, effect: &Effect, who: Who, ops: &mut Vec<Op>) {
        let own = self.own;
        match effect {
            Effect::Evidence(_) | Effect::Exclude(_) | Effect::Recuse(_) => {
                self.set_named(own.covered, 0, ops);
            }
            Effect::ReviewPassed => {
                self.set_named(own.covered, 1, ops);
                self.set_named(own.points, 0, ops);
                let target = self.target(own.after_hearing);
                push(ops, Op::Lapse(target, 0b010, 2));
            }
            Effect::ReviewReturned => self.set_named(own.points, 1, ops),
            Effect::Hear => {
                self.set_named(own.covered, 0, ops);
                self.set_named(own.after_hearing, 1, ops);
            }
            Effect::Notify if who == Who::Own => self.set_named(own.change, SAME, ops),
            Effect::AmendParty(_) if who == Who::Own => self.set_named(own.change, 0, ops),
            // A proposal is about every party, whichever party's step makes it.
            Effect::Propose => {
                self.set_named(own.covered, 0, ops);
                let target = self.target(own.change);
                push(ops, Op::Compare(target));
            }
            Effect::NewRound => {
                self.set_named(own.covered, 0, ops);
                self.set_named(own.after_hearing, 0, ops);
                self.set_named(own.points, 0, ops);
                if who == Who::Own {
                    self.set_named(own.change, 0, ops);
                }
            }
            _ => {}
        }
    }

    /// What may happen for other parties, or not.
    fn maybe(&mut self, ops: &mut Vec<Op>, body: impl FnOnce(&mut Self, &mut Vec<Op>)) {
        if self.parties == Parties::One {
            return;
        }
        let at = ops.len();
        ops.push(Op::Maybe(at + 1));
        body(self, ops);
        if ops.len() == at + 1 {
            ops.pop();
        } else {
            ops[at] = Op::Maybe(ops.len());
        }
    }

    /// A condition of a property, all of whose subjects the view keeps.
    pub(super) fn property(&self, literal: &Literal) -> Guard {
        match literal {
            Literal::All(inner) => Guard::All(inner.iter().map(|l| self.property(l)).collect()),
            Literal::Any(inner) => Guard::Any(inner.iter().map(|l| self.property(l)).collect()),
            Literal::Stages(set) => Guard::Test(Test {
                cell: Cell::Kept(self.layout.stage),
                subject: None,
                set: *set,
                domain: u64::MAX,
                over: Over::Own,
            }),
            Literal::Values(subject, set) => Guard::Test(Test {
                cell: self.cell(*subject),
                subject: Some(*subject),
                set: u64::from(*set),
                domain: domain(self.pack, *subject),
                over: Over::Own,
            }),
        }
    }
}

/// Adds an instruction, unless what it writes is neither kept nor watched.
fn push(ops: &mut Vec<Op>, op: Op) {
    let idle = match &op {
        Op::Set(target, _)
        | Op::Choose(target, _)
        | Op::Figure(target, _)
        | Op::Lapse(target, ..)
        | Op::Compare(target) => {
            matches!(target.cell, Cell::Lost { .. }) && target.watches.is_empty()
        }
        Op::Tick(cell, _) => matches!(cell, Cell::Lost { .. }),
        _ => false,
    };
    if !idle {
        ops.push(op);
    }
}
