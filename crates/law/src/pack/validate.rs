//! What must hold between the parts of a pack once every name is known.

mod spans;

use crate::term::Direction;

use super::names::Names;
use super::node::Faults;
use super::{
    Cond, Effect, FieldType, Length, Limit, LimitStatus, OnExpiry, Pack, Place, Quantifier, Scope,
    Step, Subject, ValueSet,
};

/// Most stages: the checker keeps sets of them in one word.
const STAGES_MAX: usize = 64;
/// Most facts, limits and steps, each.
const ITEMS_MAX: usize = 4096;
/// Most effects of one row or step with all that it raises.
const EFFECTS_MAX: usize = 2000;
/// How many rows may raise one another in a chain.
const ROWS_DEEP_MAX: usize = 16;

/// Reports every inconsistency between the parts of a resolved pack.
pub(crate) fn validate(pack: &Pack, names: &Names, faults: &mut Faults) {
    stages(pack, names, faults);
    sizes(pack, names, faults);
    if !rows_end(pack, names, faults) {
        // Every later check walks into rows and would not come back from a circle.
        return;
    }
    rows_reach(pack, names, faults);
    roles(pack, names, faults);
    super::aids::validate(pack, faults);
    for (at, limit) in pack.limits.iter().enumerate() {
        let place = names.limits.place(at);
        limit_is_used(pack, at, limit, &place, faults);
        limit_matches_needs(pack, at, limit, &place, faults);
        limit_starts_from_form(pack, at, limit, &place, faults);
        spans::check(pack, at, limit, &place, faults);
    }
}

fn stages(pack: &Pack, names: &Names, faults: &mut Faults) {
    let place = names.stages.place(0);
    if pack.stages.first().is_none_or(|s| s.end) {
        faults.add(
            &place,
            "第一个阶段是案件开始的地方，须有阶段，且第一个不得是 end",
        );
    }
    if !pack.stages.iter().any(|s| s.end) {
        faults.add(&place, "没有结束阶段，至少须有一个 stage … end=#true");
    }
}

fn roles(pack: &Pack, names: &Names, faults: &mut Faults) {
    for (at, role) in pack.roles.iter().enumerate() {
        let place = names.roles.place(at);
        for other in role.also.iter().chain(&role.from) {
            names.roles.find(other, &place, faults);
        }
        if role.from.is_some() && !role.assigned {
            faults.add(
                &place,
                format!("角色“{}”写了 from 而没有 assigned=#true", role.id),
            );
        }
    }
    for step in &pack.steps {
        pack.walk(&step.effects, &mut |effect| {
            if let Effect::Assign(role, _) | Effect::Replace(role, ..) = effect
                && !pack.roles.iter().any(|r| r.id == *role && r.assigned)
            {
                faults.add(
                    &step.place,
                    format!(
                        "角色“{role}”不是按案指定的（assigned=#true），不能 assign 或者 replace"
                    ),
                );
            }
        });
    }
}

/// How large a pack may be, so that the checker's tables hold it.
fn sizes(pack: &Pack, names: &Names, faults: &mut Faults) {
    let counts = [
        ("阶段", pack.stages.len(), STAGES_MAX, names.stages.place(0)),
        (
            "事实",
            pack.facts.len(),
            ITEMS_MAX,
            names.fact_names.place(0),
        ),
        ("期限", pack.limits.len(), ITEMS_MAX, names.limits.place(0)),
        ("步骤", pack.steps.len(), ITEMS_MAX, names.steps.place(0)),
    ];
    for (what, count, most, place) in counts {
        if count > most {
            faults.add(&place, format!("{what}有 {count} 个，最多 {most} 个"));
        }
    }
}

/// Whether every row of the matrix comes to an end, and soon enough to be written out in full.
fn rows_end(pack: &Pack, names: &Names, faults: &mut Faults) -> bool {
    let mut rows = Rows {
        pack,
        sizes: vec![None; pack.lapses.len()],
        open: Vec::new(),
    };
    for at in 0..pack.lapses.len() {
        if rows.size(at).is_none() {
            let id = &pack.lapses[at].id;
            let message = format!("“{id}”经 raise 或者 do 又回到自身，或者展开后过长，须改短");
            faults.add(&names.lapses.place(at), message);
            return false;
        }
    }
    for step in &pack.steps {
        if rows
            .effects(&step.effects)
            .is_none_or(|size| size > EFFECTS_MAX)
        {
            faults.add(
                &step.place,
                format!("步骤“{}”的效果展开后超过 {EFFECTS_MAX} 项", step.id),
            );
            return false;
        }
    }
    true
}

/// Counts the effects of rows with those of the rows that they raise.
struct Rows<'a> {
    pack: &'a Pack,
    sizes: Vec<Option<usize>>,
    /// Rows being counted, from the first to the innermost.
    open: Vec<usize>,
}

impl Rows<'_> {
    /// How many effects a row has in full; none if it raises itself or grows too large.
    fn size(&mut self, at: usize) -> Option<usize> {
        if let Some(known) = self.sizes.get(at).copied().flatten() {
            return Some(known);
        }
        if self.open.contains(&at) || self.open.len() >= ROWS_DEEP_MAX {
            return None;
        }
        self.open.push(at);
        let pack = self.pack;
        let size = pack
            .lapses
            .get(at)
            .and_then(|row| self.effects(&row.effects))
            .filter(|n| *n <= EFFECTS_MAX);
        self.open.pop();
        self.sizes[at] = size;
        size
    }

    fn effects(&mut self, effects: &[Effect]) -> Option<usize> {
        effects.iter().try_fold(0_usize, |sum, effect| {
            let inner = match effect {
                Effect::Raise(row) => self.size(*row)?,
                Effect::When(_, inner) | Effect::Each(inner) | Effect::Dated(_, inner) => {
                    self.effects(inner)?
                }
                _ => 0,
            };
            Some(sum.saturating_add(1).saturating_add(inner))
        })
    }
}

fn raised_by(effects: &[Effect]) -> Vec<usize> {
    let mut rows = Vec::new();
    for effect in effects {
        match effect {
            Effect::Raise(row) => rows.push(*row),
            Effect::When(_, inner) | Effect::Each(inner) | Effect::Dated(_, inner) => {
                rows.extend(raised_by(inner));
            }
            _ => {}
        }
    }
    rows
}

/// What a row of the matrix touches beyond the case.
#[derive(Debug, Clone, Copy, Default)]
struct Touch {
    /// Facts or limits of one party, outside of `each`.
    party: bool,
    /// Every party, through `each`.
    each: bool,
}

fn touches(pack: &Pack, effects: &[Effect]) -> Touch {
    let mut touch = Touch::default();
    let party_fact = |fact: usize| {
        pack.facts
            .get(fact)
            .is_some_and(|f| f.scope == Scope::Party)
    };
    let party_limit = |limit: usize| {
        pack.limits
            .get(limit)
            .is_some_and(|l| l.scope == Scope::Party)
    };
    for effect in effects {
        let inner = match effect {
            Effect::Set(fact, _) => Touch {
                party: party_fact(*fact),
                each: false,
            },
            Effect::Lapse(facts) => Touch {
                party: facts.iter().any(|f| party_fact(*f)),
                each: false,
            },
            Effect::Start(l)
            | Effect::Stop(l)
            | Effect::Pause(l)
            | Effect::Resume(l)
            | Effect::Continue(l)
            | Effect::Extend { limit: l, .. }
            | Effect::Measure { limit: l, .. } => Touch {
                party: party_limit(*l),
                each: false,
            },
            Effect::Raise(row) => pack
                .lapses
                .get(*row)
                .map_or_else(Touch::default, |r| touches(pack, &r.effects)),
            Effect::Dated(_, inner) => touches(pack, inner),
            Effect::Each(_) => Touch {
                party: false,
                each: true,
            },
            Effect::Notify
            | Effect::Hear
            | Effect::Decide
            | Effect::Redecide(_)
            | Effect::Pay
            | Effect::Surcharge(_)
            | Effect::Refund
            | Effect::Execute(_)
            | Effect::NewRound
            | Effect::Publish
            | Effect::Withdraw => Touch {
                party: true,
                each: false,
            },
            Effect::When(cond, inner) => {
                let mut touch = touches(pack, inner);
                touch.party |= speaks_of_one_party(pack, cond);
                touch
            }
            _ => Touch::default(),
        };
        touch.party |= inner.party;
        touch.each |= inner.each;
    }
    touch
}

fn speaks_of_one_party(pack: &Pack, cond: &Cond) -> bool {
    let mut found = false;
    cond.literals(&mut |lit| {
        let scope = match lit.subject {
            Subject::Fact(fact) => pack.facts.get(fact).map(|f| f.scope),
            Subject::Limit(limit) => pack.limits.get(limit).map(|l| l.scope),
        };
        found |= lit.over == Quantifier::This && scope == Some(Scope::Party);
    });
    found
}

/// Rows that touch one party are raised only where it is clear which.
fn rows_reach(pack: &Pack, names: &Names, faults: &mut Faults) {
    for step in &pack.steps {
        match step.scope {
            Scope::Case => raises_outside_each(pack, &step.effects, &step.place, faults),
            Scope::Party => raises_each(pack, step, faults),
        }
    }
    for (at, limit) in pack.limits.iter().enumerate() {
        if let (OnExpiry::Effects(effects), Scope::Case) = (&limit.on_expiry, limit.scope) {
            raises_outside_each(pack, effects, &names.limits.place(at), faults);
        }
    }
}

fn raises_outside_each(pack: &Pack, effects: &[Effect], place: &Place, faults: &mut Faults) {
    for effect in effects {
        match effect {
            Effect::Raise(row) => {
                let Some(row) = pack.lapses.get(*row) else {
                    continue;
                };
                if touches(pack, &row.effects).party {
                    let message = format!(
                        "“{}”涉及各个当事人的事实或者期限，全案的步骤须放在 each 之下",
                        row.id
                    );
                    faults.add(place, message);
                }
            }
            Effect::When(_, inner) | Effect::Dated(_, inner) => {
                raises_outside_each(pack, inner, place, faults);
            }
            _ => {}
        }
    }
}

fn raises_each(pack: &Pack, step: &Step, faults: &mut Faults) {
    let mut anew = false;
    pack.walk(&step.effects, &mut |effect| {
        anew |= matches!(effect, Effect::Propose | Effect::NewRound)
    });
    for row in raised_by(&step.effects) {
        if let Some(row) = pack.lapses.get(row)
            && touches(pack, &row.effects).each
            && !anew
        {
            let message = format!(
                "“{}”改动每个当事人，一个当事人的步骤不得用，除非同时 propose 或者 new-round",
                row.id
            );
            faults.add(&step.place, message);
        }
    }
}

/// A limit is started somewhere, and it ends: stopped, or by what its expiry does.
fn limit_is_used(pack: &Pack, at: usize, limit: &Limit, place: &Place, faults: &mut Faults) {
    let (mut started, mut stopped) = (false, false);
    let expiries = pack.limits.iter().filter_map(|l| match &l.on_expiry {
        OnExpiry::Effects(effects) => Some(effects),
        _ => None,
    });
    for effects in pack.steps.iter().map(|s| &s.effects).chain(expiries) {
        pack.walk(effects, &mut |effect| match effect {
            Effect::Start(l) => started |= *l == at,
            Effect::Stop(l) => stopped |= *l == at,
            Effect::Measure { limit, .. } => {
                started |= *limit == at;
                stopped |= *limit == at;
            }
            _ => {}
        });
    }
    if !started {
        faults.add(
            place,
            format!("期限“{}”没有任何步骤起算（start）", limit.code),
        );
    }
    if !stopped && limit.on_expiry == OnExpiry::Record {
        faults.add(
            place,
            format!(
                "期限“{}”没有任何步骤停止（stop），届满也只是记录，会一直开着",
                limit.code
            ),
        );
    }
}

/// A limit that forbids is asked about; where one only records, nothing depends on whether it has expired.
fn limit_matches_needs(pack: &Pack, at: usize, limit: &Limit, place: &Place, faults: &mut Faults) {
    let telling = |values: ValueSet| {
        let allows = |status: LimitStatus| values >> status.id() & 1 == 1;
        matches!(limit.on_expiry, OnExpiry::Forbid)
            || allows(LimitStatus::Running) != allows(LimitStatus::Expired)
    };
    let naming = pack
        .steps
        .iter()
        .find(|step| names_limit(&step.needs, at, &telling));
    match (&limit.on_expiry, naming) {
        (OnExpiry::Forbid, None) => {
            let message = format!(
                "期限“{}”届满禁止动作（forbid），却没有步骤的 needs 提到它",
                limit.code
            );
            faults.add(place, message);
        }
        (OnExpiry::Record, Some(step)) => {
            let message = format!(
                "期限“{}”届满只作记录（record），步骤“{}”的 needs 却取决于它；请改为 effects 或者 forbid",
                limit.code, step.id
            );
            faults.add(&step.place, message);
        }
        _ => {}
    }
}

fn names_limit(cond: &Cond, at: usize, telling: &dyn Fn(ValueSet) -> bool) -> bool {
    let mut found = false;
    cond.literals(&mut |lit| found |= lit.subject == Subject::Limit(at) && telling(lit.values));
    found
}

/// A limit whose last day is written in a form, or that counts back from a day, is started where that day stands.
fn limit_starts_from_form(
    pack: &Pack,
    at: usize,
    limit: &Limit,
    place: &Place,
    faults: &mut Faults,
) {
    let starts = |effects: &[Effect]| {
        let mut found = false;
        pack.walk(effects, &mut |effect| found |= *effect == Effect::Start(at));
        found
    };
    let needs_form = matches!(limit.length, Length::Field(_)) || limit.direction == Direction::Back;
    for other in pack.limits.iter().filter(|_| needs_form) {
        if let OnExpiry::Effects(effects) = &other.on_expiry
            && starts(effects)
        {
            let message = format!(
                "期限“{}”的日期要在表单里填，不能由“{}”届满起算",
                limit.code, other.code
            );
            faults.add(place, message);
        }
    }
    for step in pack
        .steps
        .iter()
        .filter(|step| needs_form && starts(&step.effects))
    {
        if let Length::Field(field) = &limit.length {
            let dated = |f: &super::Field| {
                f.id == *field && matches!(f.kind, FieldType::Date | FieldType::DateTime)
            };
            if !step.form.iter().any(dated) {
                let message = format!(
                    "步骤“{}”起算期限“{}”，表单里须有日期字段“{field}”",
                    step.id, limit.code
                );
                faults.add(&step.place, message);
            }
        }
        if limit.direction == Direction::Back
            && !step.requires.iter().any(|r| r.name == "lead-time")
        {
            let message = format!(
                "步骤“{}”起算倒推期限“{}”，须写 require \"lead-time\" on=\"日期字段\"",
                step.id, limit.code
            );
            faults.add(&step.place, message);
        }
    }
}
