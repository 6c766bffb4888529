//! Properties that can be read off the pack's text.

use crate::pack::{
    Cond, Duty, Effect, FieldType, Level, OnExpiry, Pack, Role, Scope, Source, Step, Subject,
};

use super::Outcome;
use super::lookup::matches;
use super::resolve::{Demand, Must, StaticCheck, Which};

/// Names of the checks.
pub(super) const NAMES: [&str; 10] = [
    "steps",
    "ten-items",
    "limits-complete",
    "pauses",
    "basis-levels",
    "separations",
    "one-party-tracks",
    "crew",
    "paper-fields",
    "dates",
];

/// Judges a static property; what breaks it is listed.
pub(super) fn judge(pack: &Pack, check: &StaticCheck) -> Outcome {
    let faults = match check.name.as_str() {
        "steps" => check
            .demands
            .iter()
            .flat_map(|demand| steps(pack, demand))
            .collect(),
        "ten-items" => ten_items(pack),
        "limits-complete" => limits_complete(pack),
        "pauses" => pauses(pack),
        "basis-levels" => basis_levels(pack),
        "separations" => separations(pack, &check.pairs, &check.free),
        "one-party-tracks" => one_party_tracks(pack),
        "crew" => crew(pack),
        "paper-fields" => paper_fields(pack),
        "dates" => dates(pack),
        other => vec![format!("没有静态检查“{other}”")],
    };
    if faults.is_empty() {
        Outcome::Proved
    } else {
        Outcome::Refuted {
            why: faults.join("；"),
            trace: Vec::new(),
        }
    }
}

fn does(pack: &Pack, step: &Step, test: impl Fn(&Effect) -> bool) -> bool {
    let mut found = false;
    pack.walk(&step.effects, &mut |effect| found |= test(effect));
    found
}

fn named(step: &Step) -> String {
    format!("{}“{}”", step.id, step.title)
}

/// Each step that the demand means has all that it must have; a demand that means none is idle, and wrong.
fn steps(pack: &Pack, demand: &Demand) -> Vec<String> {
    let meant: Vec<&Step> = pack
        .steps
        .iter()
        .filter(|step| is_meant(pack, step, &demand.which))
        .collect();
    if meant.is_empty() {
        return vec![format!("没有步骤符合“{}”，这一项要求落空", demand.words)];
    }
    let mut faults = Vec::new();
    for step in meant {
        let lacking = demand
            .musts
            .iter()
            .filter_map(|must| lacks(pack, step, must));
        faults.extend(lacking.map(|what| format!("步骤 {} {what}", named(step))));
    }
    faults
}

fn is_meant(pack: &Pack, step: &Step, which: &Which) -> bool {
    let has = |name: &str| does(pack, step, |effect| effect.name() == name);
    let sets = |fact: usize, value: Option<u8>| {
        does(
            pack,
            step,
            |effect| matches!(effect, Effect::Set(f, source) if *f == fact && may_be(source, value)),
        )
    };
    which
        .step
        .as_deref()
        .is_none_or(|pattern| matches(pattern, &step.id))
        && which.effect.as_deref().is_none_or(has)
        && which.set.is_none_or(|(fact, value)| sets(fact, value))
        && which.mover.is_none_or(|mover| step.mover == mover)
        && !which.unless_set.is_some_and(|fact| sets(fact, None))
        && !which.unless_effect.as_deref().is_some_and(has)
}

/// What a step lacks of what it must have, in words.
fn lacks(pack: &Pack, step: &Step, must: &Must) -> Option<String> {
    let asks = |name: &str| step.requires.iter().any(|r| r.name == name);
    let title = |fact: usize| pack.facts.get(fact).map_or("", |f| f.title.as_str());
    let (holds, what) = match must {
        Must::Role(roles, or) => {
            let waived = or.as_deref().is_some_and(asks);
            (
                waived || has_role(pack, step, roles),
                format!("不经 {}", roles.join("、")),
            )
        }
        Must::Require(name) => (asks(name), format!("没有核验 {name}")),
        Must::Two => (has_two(pack, step), "不要求两名持证人员".to_owned()),
        Must::Paper(template) => (
            step.papers.iter().any(|p| p.template == *template),
            format!("不出文书 {template}"),
        ),
        Must::Burden => (step.burden, "没有标明加重当事人负担".to_owned()),
        Must::CardShown => (step.card_shown, "不要求出示证件".to_owned()),
        Must::Ignores(fact) => (
            !asks_for(&step.needs, *fact),
            format!("取决于“{}”", title(*fact)),
        ),
        Must::Untouched(facts) => {
            let touched = facts.iter().find(|fact| writes(pack, step, **fact));
            let what = touched.map_or_else(String::new, |fact| format!("改动“{}”", title(*fact)));
            (touched.is_none(), what)
        }
    };
    (!holds).then_some(what)
}

/// Whether a place in the step can be filled only by one of those roles.
fn has_role(pack: &Pack, step: &Step, roles: &[String]) -> bool {
    let holds = |id: &str| {
        let also = role(pack, id).map_or(&[][..], |r| r.also.as_slice());
        roles
            .iter()
            .any(|wanted| wanted == id || also.contains(wanted))
    };
    step.by
        .iter()
        .chain(&step.chain)
        .any(|crew| holds(&crew.role) && crew.or.as_deref().is_none_or(holds))
}

/// Whether the step needs at least two persons who carry a card.
fn has_two(pack: &Pack, step: &Step) -> bool {
    let carries = |id: &str| {
        let found = role(pack, id);
        let base = found
            .and_then(|r| r.from.as_deref())
            .and_then(|from| role(pack, from));
        found.is_some_and(|r| r.card) || base.is_some_and(|r| r.card)
    };
    step.by
        .iter()
        .any(|c| c.min >= 2 && carries(&c.role) && c.or.as_deref().is_none_or(carries))
}

fn role<'a>(pack: &'a Pack, id: &str) -> Option<&'a Role> {
    pack.roles.iter().find(|r| r.id == id)
}

fn asks_for(cond: &Cond, fact: usize) -> bool {
    let mut found = false;
    cond.literals(&mut |lit| found |= lit.subject == Subject::Fact(fact));
    found
}

fn writes(pack: &Pack, step: &Step, fact: usize) -> bool {
    does(pack, step, |effect| match effect {
        Effect::Set(f, _) => *f == fact,
        Effect::Lapse(facts) => facts.contains(&fact),
        _ => false,
    })
}

fn may_be(source: &Source, value: Option<u8>) -> bool {
    let Some(value) = value else { return true };
    match source {
        Source::Value(v) => *v == value,
        Source::Field(_, values) | Source::Compute(_, values) => values.contains(&value),
    }
}

/// Every legal review states the ten items.
fn ten_items(pack: &Pack) -> Vec<String> {
    let reviews = |step: &&Step| {
        does(pack, step, |e| {
            matches!(e, Effect::ReviewPassed | Effect::ReviewReturned)
        })
    };
    let lacks = |step: &&Step| {
        let asked = step.requires.iter().any(|r| r.name == "ten-items");
        let filled = step
            .form
            .iter()
            .any(|f| f.kind == FieldType::TenItems && f.required);
        !(asked && filled)
    };
    let mut found: Vec<String> = pack
        .steps
        .iter()
        .filter(reviews)
        .filter(lacks)
        .map(|s| format!("步骤 {} 不填十项", named(s)))
        .collect();
    if !pack.steps.iter().any(|step| reviews(&step)) {
        found.push("没有法制审核的步骤".to_owned());
    }
    found
}

/// Every limit has a start and an end, and every pause a way on.
fn limits_complete(pack: &Pack) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, limit) in pack.limits.iter().enumerate() {
        let (mut start, mut stop, mut pause, mut resume) = (false, false, false, false);
        let expiries = pack.limits.iter().filter_map(|l| match &l.on_expiry {
            OnExpiry::Effects(effects) => Some(effects),
            OnExpiry::Record | OnExpiry::Forbid => None,
        });
        for effects in pack.steps.iter().map(|s| &s.effects).chain(expiries) {
            pack.walk(effects, &mut |effect| match effect {
                Effect::Start(l) => start |= *l == at,
                Effect::Stop(l) => stop |= *l == at,
                Effect::Pause(l) => pause |= *l == at,
                Effect::Resume(l) => resume |= *l == at,
                Effect::Measure { limit, .. } => {
                    start |= *limit == at;
                    stop |= *limit == at;
                }
                _ => {}
            });
        }
        let ends = stop || limit.on_expiry != OnExpiry::Record;
        for (holds, what) in [
            (start, "没有起点"),
            (ends, "没有终点"),
            (!pause || resume, "停而不续"),
        ] {
            if !holds {
                faults.push(format!("期限 {}“{}”{what}", limit.code, limit.title));
            }
        }
    }
    faults
}

/// Every pause has its article, and a limit set by law is paused by nothing less than a rule.
fn pauses(pack: &Pack) -> Vec<String> {
    let mut faults = Vec::new();
    for limit in &pack.limits {
        let low = |level: Level| limit.basis.level == Level::Law && level > Level::Rule;
        if let Some(basis) = limit.pauses.iter().find(|basis| low(basis.level)) {
            let what = format!(
                "期限 {}“{}”由法律规定，其暂停依据“{}”低于规章",
                limit.code, limit.title, basis.text
            );
            faults.push(what);
        }
    }
    for step in &pack.steps {
        pack.walk(&step.effects, &mut |effect| {
            if let Effect::Pause(limit) = effect
                && pack.limits.get(*limit).is_some_and(|l| l.pauses.is_empty())
            {
                faults.push(format!("步骤 {} 暂停没有暂停依据的期限", named(step)));
            }
        });
    }
    faults
}

/// Every action and step names its articles, and what burdens a party rests on law or rule.
fn basis_levels(pack: &Pack) -> Vec<String> {
    let mut faults = Vec::new();
    for step in &pack.steps {
        if step.basis.is_empty() {
            faults.push(format!("步骤 {} 没有依据", named(step)));
        }
        if step.burden && !step.basis.iter().any(|b| b.level <= Level::Rule) {
            faults.push(format!("步骤 {} 加重负担而没有法、规依据", named(step)));
        }
    }
    for key in pack
        .config
        .iter()
        .filter(|key| key.burden && key.basis.level > Level::Rule)
    {
        faults.push(format!("配置“{}”加重负担而没有法、规依据", key.title));
    }
    faults
}

/// The pairs are kept apart, reviews are done as reviews and decisions as decisions.
fn separations(pack: &Pack, pairs: &[(Duty, Duty)], free: &[(Duty, Duty)]) -> Vec<String> {
    let mut faults = Vec::new();
    let apart = |a: Duty, b: Duty| {
        pack.separations
            .iter()
            .any(|s| s.duties == (a, b) || s.duties == (b, a))
    };
    for (a, b) in pairs.iter().filter(|(a, b)| !apart(*a, *b)) {
        faults.push(format!("没有把“{}”和“{}”分开", a.title(), b.title()));
    }
    for (a, b) in free.iter().filter(|(a, b)| apart(*a, *b)) {
        faults.push(format!(
            "“{}”和“{}”不必分开，却分开了",
            a.title(),
            b.title()
        ));
    }
    for step in &pack.steps {
        let mut all = step.by.iter().chain(&step.chain);
        if does(pack, step, |e| *e == Effect::ReviewPassed)
            && !all.clone().all(|c| c.duty == Duty::Review)
        {
            faults.push(format!(
                "步骤 {} 使审核通过，却不全由“审”的人办理",
                named(step)
            ));
        }
        let decides = does(pack, step, |e| {
            matches!(e, Effect::Decide | Effect::Conclude)
        });
        if decides && !all.all(|c| c.duty == Duty::Decide) {
            faults.push(format!(
                "步骤 {} 作出决定，却不全由“定”的人办理",
                named(step)
            ));
        }
    }
    faults
}

/// A step of one party changes no other party's track, except through a new proposal or round.
fn one_party_tracks(pack: &Pack) -> Vec<String> {
    let crosses = |step: &&Step| {
        step.scope == Scope::Party
            && does(pack, step, |e| matches!(e, Effect::Each(_)))
            && !does(pack, step, |e| {
                matches!(e, Effect::Propose | Effect::NewRound)
            })
    };
    pack.steps
        .iter()
        .filter(crosses)
        .map(|s| format!("步骤 {} 改动其他当事人", named(s)))
        .collect()
}

/// What is done toward persons or gathers evidence is done by two who carry a card.
fn crew(pack: &Pack) -> Vec<String> {
    let investigates = |step: &&Step| {
        let mut effects = step.effects.iter();
        step.card_shown || effects.any(|e| matches!(e, Effect::Evidence(_)))
    };
    let found: Vec<&Step> = pack.steps.iter().filter(investigates).collect();
    if found.is_empty() {
        return vec!["没有调查、检查的步骤".to_owned()];
    }
    let short = found.into_iter().filter(|step| !has_two(pack, step));
    short
        .map(|step| format!("步骤 {} 不要求两名持证人员", named(step)))
        .collect()
}

/// Every decision issues a numbered paper.
fn paper_fields(pack: &Pack) -> Vec<String> {
    let decides = |step: &&Step| does(pack, step, |e| *e == Effect::Decide);
    let numbered = |step: &&Step| step.papers.iter().any(|p| p.series.is_some());
    pack.steps
        .iter()
        .filter(decides)
        .filter(|step| !numbered(step))
        .map(|s| format!("步骤 {} 作出决定而不出编号的文书", named(s)))
        .collect()
}

/// The pack has one span of days in force.
fn dates(pack: &Pack) -> Vec<String> {
    let wrong = pack.in_force_to.is_some_and(|to| to < pack.in_force_from);
    wrong
        .then(|| "失效日早于生效日".to_owned())
        .into_iter()
        .collect()
}
