//! A case comes over to a newer version of its procedure: done steps stand, later ones follow the new (R21).

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::{
    calendar::Calendar,
    pack::{Pack, Scope, Step, SwitchPlan},
};

use crate::{
    effect::{Effect, Switched},
    event::{CaseActed, Phase},
    state::State,
};

/// The step that names a switch in the event and in the header.
pub const SWITCH: &str = "switch";

/// Whether a case under the older pack follows the newer one on that day; never back to one that began earlier.
pub fn is_due(old: &Pack, new: &Pack, day: Date) -> bool {
    let later = old.in_force_from < new.in_force_from;
    old.name == new.name && old.version != new.version && later && new.in_force_from <= day
}

/// The event by which a case comes over. Requests whose form or approvals are others now are closed: what was asked
/// was not yet done, and is asked anew under the new version.
pub fn switch(
    state: &State,
    plan: &SwitchPlan,
    old: &Pack,
    new: &Pack,
    on: Date,
    calendar: &Calendar,
) -> CaseActed {
    let on = state.last_on.map_or(on, |last| last.max(on));
    let mut effects = first_values(state, plan, old, new);
    effects.push(Effect::Switched(changed(plan, old, new)));
    let gone = state.requests.iter().filter(|request| {
        let step = |pack: &Pack| pack.step(&request.step).cloned();
        !asks_the_same(step(old), step(new))
    });
    effects.extend(gone.map(|request| Effect::Closed {
        request: request.id.clone(),
    }));
    CaseActed {
        title: format!("自 {} 起适用程序方案 {} 版", new.in_force_from, new.version),
        effects,
        basis: plan.basis.clone(),
        calendar: calendar.version().to_owned(),
        ..CaseActed::bare(SWITCH, Phase::Switched, on)
    }
}

fn asks_the_same(old: Option<Step>, new: Option<Step>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => {
            (old.form, old.by, old.chain, old.scope) == (new.form, new.by, new.chain, new.scope)
        }
        _ => false,
    }
}

/// What was never recorded meant the first value of the old version, and is written down where the new begins with another.
fn first_values(state: &State, plan: &SwitchPlan, old: &Pack, new: &Pack) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut write = |fact: &str, scope: Scope, party: Option<&str>| {
        let declared = old.facts.iter().find(|f| f.id == fact && f.scope == scope);
        if let Some((value, _)) = declared.and_then(|f| f.values.first()) {
            effects.push(Effect::Set {
                fact: fact.to_owned(),
                value: value.clone(),
                party: party.map(str::to_owned),
            });
        }
    };
    for fact in plan.first_values(old, new, Scope::Case) {
        if !state.facts.contains_key(&fact) {
            write(&fact, Scope::Case, None);
        }
    }
    for fact in plan.first_values(old, new, Scope::Party) {
        for track in state
            .parties
            .iter()
            .filter(|p| !p.facts.contains_key(&fact))
        {
            write(&fact, Scope::Party, Some(&track.party.id));
        }
    }
    effects
}

/// The names that are others now.
fn changed(plan: &SwitchPlan, old: &Pack, new: &Pack) -> Switched {
    let others = |map: &BTreeMap<String, String>| {
        let pairs = map.iter().filter(|(old, new)| old != new);
        pairs.map(|(old, new)| (old.clone(), new.clone())).collect()
    };
    let values = plan.values.iter().filter(|((_, old), new)| old != *new);
    Switched {
        from: old.version.clone(),
        to: new.version.clone(),
        stages: others(&plan.stages),
        limits: others(&plan.limits),
        facts: others(&plan.facts),
        roles: others(&plan.roles),
        values: values
            .map(|((fact, old), new)| (fact.clone(), old.clone(), new.clone()))
            .collect(),
    }
}
