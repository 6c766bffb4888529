//! What steps and expiries may write, and to whom facts and limits belong.

use crate::pack::{Effect, Fact, LimitStatus, OnExpiry, Pack, Scope, Step, Subject};

/// Whether a fact or limit belongs to each party.
pub(super) fn is_party(pack: &Pack, subject: Subject) -> bool {
    let scope = match subject {
        Subject::Fact(fact) => pack.facts.get(fact).map(|f: &Fact| f.scope),
        Subject::Limit(limit) => pack.limits.get(limit).map(|l| l.scope),
    };
    scope == Some(Scope::Party)
}

/// All values of a fact or limit, as bits.
pub(super) fn domain(pack: &Pack, subject: Subject) -> u64 {
    let count = match subject {
        Subject::Fact(fact) => pack.facts.get(fact).map_or(0, |f| f.values.len()),
        Subject::Limit(_) => LimitStatus::ALL.len(),
    };
    (1 << count) - 1
}

/// Every fact and limit that a step may write; `other`: only those that another party's step writes for all.
pub(super) fn written(pack: &Pack, step: &Step, other: bool) -> Vec<Subject> {
    let mut subjects = effect_writes(pack, &step.effects);
    if step.requires.iter().any(|r| r.name == "answers-points") {
        subjects.extend(
            pack.facts
                .iter()
                .position(|f| f.id == "@points")
                .map(Subject::Fact),
        );
    }
    let mut reaches_all = false;
    pack.walk(&step.effects, &mut |effect| {
        reaches_all |= matches!(effect, Effect::Each(_))
    });
    let kept = |subject: Subject| {
        !other || reaches_all || !is_party(pack, subject) || is_change(pack, subject)
    };
    subjects.retain(|subject| kept(*subject));
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}

fn is_change(pack: &Pack, subject: Subject) -> bool {
    matches!(subject, Subject::Fact(fact) if pack.facts.get(fact).is_some_and(|f| f.id == "@change"))
}

/// Every fact and limit that an expiry may write.
pub(super) fn expiry_writes(pack: &Pack, limit: usize) -> Vec<Subject> {
    let mut subjects = vec![Subject::Limit(limit)];
    if let OnExpiry::Effects(effects) = &pack.limits[limit].on_expiry {
        subjects.extend(effect_writes(pack, effects));
    }
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}

/// Every fact and limit that effects may write.
fn effect_writes(pack: &Pack, effects: &[Effect]) -> Vec<Subject> {
    let named = |id: &str| {
        pack.facts
            .iter()
            .position(|f| f.id == id)
            .map(Subject::Fact)
    };
    let mut subjects = Vec::new();
    pack.walk(effects, &mut |effect| match effect {
        Effect::Set(fact, _) => subjects.push(Subject::Fact(*fact)),
        Effect::Lapse(facts) => subjects.extend(facts.iter().copied().map(Subject::Fact)),
        Effect::Start(l)
        | Effect::Stop(l)
        | Effect::Pause(l)
        | Effect::Resume(l)
        | Effect::Continue(l)
        | Effect::Measure { limit: l, .. } => subjects.push(Subject::Limit(*l)),
        Effect::Evidence(_) | Effect::Exclude(_) | Effect::Recuse(_) => {
            subjects.extend(named("@covered"));
        }
        Effect::ReviewPassed => {
            subjects.extend(
                ["@covered", "@after_hearing", "@points"]
                    .into_iter()
                    .filter_map(named),
            );
        }
        Effect::Hear => {
            subjects.extend(["@covered", "@after_hearing"].into_iter().filter_map(named))
        }
        Effect::ReviewReturned => subjects.extend(named("@points")),
        Effect::Notify | Effect::AmendParty(_) => subjects.extend(named("@change")),
        Effect::Propose => subjects.extend(["@covered", "@change"].into_iter().filter_map(named)),
        Effect::NewRound => {
            let all = ["@covered", "@after_hearing", "@change", "@points"];
            subjects.extend(all.into_iter().filter_map(named));
        }
        _ => {}
    });
    subjects
}
