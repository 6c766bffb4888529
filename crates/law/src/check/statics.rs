//! Properties that can be read off the pack's text.

use crate::pack::{Duty, Effect, FieldType, Level, OnExpiry, Pack, Scope, Source, Step};

use super::Outcome;
use super::resolve::{RoleDemand, StaticCheck, effect_name, matches};

/// Names of the checks.
pub(super) const NAMES: [&str; 9] = [
    "role-of",
    "ten-items",
    "limits-complete",
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
        "role-of" => check.demands.iter().flat_map(|demand| role_of(pack, demand)).collect(),
        "ten-items" => ten_items(pack),
        "limits-complete" => limits_complete(pack),
        "basis-levels" => basis_levels(pack),
        "separations" => separations(pack, &check.pairs),
        "one-party-tracks" => one_party_tracks(pack),
        "crew" => crew(pack),
        "paper-fields" => paper_fields(pack),
        "dates" => dates(pack),
        other => vec![format!("没有静态检查“{other}”")],
    };
    if faults.is_empty() { Outcome::Proved } else { Outcome::Refuted { why: faults.join("；"), trace: Vec::new() } }
}

fn does(pack: &Pack, step: &Step, test: impl Fn(&Effect) -> bool) -> bool {
    let mut found = false;
    pack.walk(&step.effects, &mut |effect| found |= test(effect));
    found
}

fn named(step: &Step) -> String {
    format!("{}“{}”", step.id, step.title)
}

/// Each step that the demand means has one of the roles among those who do or approve it.
fn role_of(pack: &Pack, demand: &RoleDemand) -> Vec<String> {
    let steps: Vec<&Step> = pack.steps.iter().filter(|step| is_meant(pack, step, demand)).collect();
    if steps.is_empty() {
        return vec![format!("没有步骤符合“{}”，这一项要求落空", demand.words)];
    }
    let holds = |role: &str| {
        let also = pack.roles.iter().find(|r| r.id == role).map_or(&[][..], |r| r.also.as_slice());
        demand.roles.iter().any(|wanted| wanted == role || also.contains(wanted))
    };
    let fills = |step: &Step| {
        step.by.iter().chain(&step.chain).any(|crew| holds(&crew.role) && crew.or.as_deref().is_none_or(holds))
    };
    let missing = |step: &&&Step| !fills(step);
    steps.iter().filter(missing).map(|s| format!("步骤 {} 不经 {}", named(s), demand.roles.join("、"))).collect()
}

fn is_meant(pack: &Pack, step: &Step, demand: &RoleDemand) -> bool {
    let by_name = demand.step.as_deref().is_none_or(|pattern| matches(pattern, &step.id));
    let by_effect = demand.effect.as_deref().is_none_or(|name| does(pack, step, |e| effect_name(e) == name));
    let by_set = demand.set.is_none_or(|(fact, value)| {
        does(pack, step, |effect| matches!(effect, Effect::Set(f, source) if *f == fact && may_be(source, value)))
    });
    by_name && by_effect && by_set
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
    let reviews = |step: &&Step| does(pack, step, |e| matches!(e, Effect::ReviewPassed | Effect::ReviewReturned));
    let lacks = |step: &&Step| {
        let asked = step.requires.iter().any(|r| r.name == "ten-items");
        let filled = step.form.iter().any(|f| f.kind == FieldType::TenItems && f.required);
        !(asked && filled)
    };
    let mut found: Vec<String> =
        pack.steps.iter().filter(reviews).filter(lacks).map(|s| format!("步骤 {} 不填十项", named(s))).collect();
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
                _ => {}
            });
        }
        let ends = stop || limit.on_expiry != OnExpiry::Record;
        for (holds, what) in [(start, "没有起点"), (ends, "没有终点"), (!pause || resume, "停而不续")] {
            if !holds {
                faults.push(format!("期限 {}“{}”{what}", limit.code, limit.title));
            }
        }
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
    for key in pack.config.iter().filter(|key| key.burden && key.basis.level > Level::Rule) {
        faults.push(format!("配置“{}”加重负担而没有法、规依据", key.title));
    }
    faults
}

/// The pairs are kept apart, reviews are done as reviews and decisions as decisions.
fn separations(pack: &Pack, pairs: &[(Duty, Duty)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (a, b) in pairs {
        let apart = |(x, y): (Duty, Duty)| (x, y) == (*a, *b) || (y, x) == (*a, *b);
        if !pack.separations.iter().any(|s| apart(s.duties)) {
            faults.push(format!("没有把“{}”和“{}”分开", a.title(), b.title()));
        }
    }
    for step in &pack.steps {
        let mut all = step.by.iter().chain(&step.chain);
        if does(pack, step, |e| *e == Effect::ReviewPassed) && !all.clone().all(|c| c.duty == Duty::Review) {
            faults.push(format!("步骤 {} 使审核通过，却不全由“审”的人办理", named(step)));
        }
        let decides = does(pack, step, |e| matches!(e, Effect::Decide | Effect::Conclude));
        if decides && !all.all(|c| c.duty == Duty::Decide) {
            faults.push(format!("步骤 {} 作出决定，却不全由“定”的人办理", named(step)));
        }
    }
    faults
}

/// A step of one party changes no other party's track, except through a new proposal or round.
fn one_party_tracks(pack: &Pack) -> Vec<String> {
    let crosses = |step: &&Step| {
        step.scope == Scope::Party
            && does(pack, step, |e| matches!(e, Effect::Each(_)))
            && !does(pack, step, |e| matches!(e, Effect::Propose | Effect::NewRound))
    };
    pack.steps.iter().filter(crosses).map(|s| format!("步骤 {} 改动其他当事人", named(s))).collect()
}

/// What is done toward persons or gathers evidence is done by two who carry a card.
fn crew(pack: &Pack) -> Vec<String> {
    let carries = |role: &str| {
        let found = pack.roles.iter().find(|r| r.id == role);
        let base = found.and_then(|r| r.from.as_deref()).and_then(|from| pack.roles.iter().find(|r| r.id == from));
        found.is_some_and(|r| r.card) || base.is_some_and(|r| r.card)
    };
    let investigates = |step: &&Step| step.card_shown || step.effects.contains(&Effect::Evidence);
    let short = |step: &&Step| {
        let two = |c: &&crate::pack::Crew| c.min >= 2 && carries(&c.role) && c.or.as_deref().is_none_or(carries);
        !step.by.iter().any(|c| two(&c))
    };
    let found: Vec<&Step> = pack.steps.iter().filter(investigates).collect();
    if found.is_empty() {
        return vec!["没有调查、检查的步骤".to_owned()];
    }
    found.into_iter().filter(|s| short(&s)).map(|s| format!("步骤 {} 不要求两名持证人员", named(s))).collect()
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
    wrong.then(|| "失效日早于生效日".to_owned()).into_iter().collect()
}
