//! Conditions of the pack over real facts.

use law::pack::{Cond, LimitStatus, Lit, Pack, Quantifier, Scope, Subject, ValueId};

use crate::{refusal::Reason, state::State};

/// Value of a fact, for the case or one party; the initial one where nothing was recorded.
pub fn value_of(state: &State, pack: &Pack, fact: usize, party: Option<&str>) -> ValueId {
    let fact = &pack.facts[fact];
    let recorded = match fact.scope {
        Scope::Case => state.facts.get(&fact.id),
        Scope::Party => party
            .and_then(|id| state.party(id))
            .and_then(|p| p.facts.get(&fact.id)),
    };
    recorded.and_then(|value| fact.value(value)).unwrap_or(0)
}

/// Status of a limit as a value id.
pub fn limit_value(state: &State, pack: &Pack, limit: usize, party: Option<&str>) -> ValueId {
    let limit = &pack.limits[limit];
    let party = if limit.scope == Scope::Party {
        party
    } else {
        None
    };
    state.limit_status(&limit.code, party).id()
}

fn lit_holds(lit: &Lit, state: &State, party: Option<&str>, pack: &Pack) -> bool {
    let holds = |party: Option<&str>| {
        let value = match lit.subject {
            Subject::Fact(fact) => value_of(state, pack, fact, party),
            Subject::Limit(limit) => limit_value(state, pack, limit, party),
        };
        lit.values >> value & 1 == 1
    };
    match lit.over {
        Quantifier::This => holds(party),
        Quantifier::Every => state.parties.iter().all(|p| holds(Some(&p.party.id))),
        Quantifier::Some => state.parties.iter().any(|p| holds(Some(&p.party.id))),
    }
}

/// Whether a condition holds.
pub(crate) fn holds(cond: &Cond, state: &State, party: Option<&str>, pack: &Pack) -> bool {
    match cond {
        Cond::All(inner) => inner.iter().all(|c| holds(c, state, party, pack)),
        Cond::Any(inner) => inner.iter().any(|c| holds(c, state, party, pack)),
        Cond::Lit(lit) => lit_holds(lit, state, party, pack),
    }
}

/// What keeps a condition from holding, in words; empty if it holds.
pub fn failing(cond: &Cond, state: &State, party: Option<&str>, pack: &Pack) -> Vec<Reason> {
    match cond {
        Cond::All(inner) => inner
            .iter()
            .flat_map(|c| failing(c, state, party, pack))
            .collect(),
        Cond::Any(inner) => {
            if holds(cond, state, party, pack) {
                return Vec::new();
            }
            let all: Vec<Reason> = inner
                .iter()
                .flat_map(|c| failing(c, state, party, pack))
                .collect();
            // Of several ways out, the ones that a person wrote words for say best what is wrong.
            let worded: Vec<Reason> = all.iter().filter(|r| r.basis.is_some()).cloned().collect();
            if worded.is_empty() {
                all.into_iter().take(1).collect()
            } else {
                worded
            }
        }
        Cond::Lit(lit) => {
            if lit_holds(lit, state, party, pack) {
                Vec::new()
            } else {
                vec![reason(lit, state, party, pack)]
            }
        }
    }
}

fn reason(lit: &Lit, state: &State, party: Option<&str>, pack: &Pack) -> Reason {
    let why = lit
        .why
        .clone()
        .unwrap_or_else(|| describe(lit, state, party, pack));
    Reason {
        why,
        basis: lit.basis.clone(),
        next: lit.next.clone(),
        field: None,
    }
}

fn describe(lit: &Lit, state: &State, party: Option<&str>, pack: &Pack) -> String {
    match lit.subject {
        Subject::Fact(id) => {
            let fact = &pack.facts[id];
            let now = fact
                .values
                .get(usize::from(value_of(state, pack, id, party)))
                .map_or("", |(_, title)| title);
            let wanted: Vec<&str> = fact
                .values
                .iter()
                .enumerate()
                .filter(|(i, _)| lit.values >> i & 1 == 1)
                .map(|(_, (_, title))| title.as_str())
                .collect();
            format!(
                "“{}”现为“{now}”，须为“{}”",
                fact.title,
                wanted.join("”或者“")
            )
        }
        Subject::Limit(id) => {
            let limit = &pack.limits[id];
            let now = limit_value(state, pack, id, party);
            let status = LimitStatus::ALL
                .iter()
                .find(|(s, _)| s.id() == now)
                .map_or("", |(s, _)| limit_title(*s));
            format!("期限“{}”现为“{status}”", limit.title)
        }
    }
}

fn limit_title(status: LimitStatus) -> &'static str {
    match status {
        LimitStatus::Idle => "未起算",
        LimitStatus::Running => "计算中",
        LimitStatus::Paused => "暂停",
        LimitStatus::Expired => "届满",
        LimitStatus::Ended => "已终止",
    }
}
