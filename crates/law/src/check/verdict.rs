//! What an explored view says of properties about every step or state, and of the pack itself.

use crate::pack::{Pack, Subject};

use super::explore::Space;
use super::program::Move;
use super::resolve::{AlwaysAt, View};
use super::{Fault, Outcome, trace};

/// Why a view is refused that has more states than are left.
pub(super) fn too_large(pack: &Pack, view: &View, space: &Space, left: usize) -> String {
    let facts = view
        .facts
        .iter()
        .map(|f| (Subject::Fact(*f), pack.facts[*f].title.as_str()));
    let limits = view
        .limits
        .iter()
        .map(|l| (Subject::Limit(*l), pack.limits[*l].title.as_str()));
    let mut sizes: Vec<(usize, &str)> = facts
        .chain(limits)
        .filter_map(|(subject, title)| {
            let slot = space.layout.slot(subject)?;
            let mut seen: Vec<u32> = space.states.iter().map(|state| slot.get(*state)).collect();
            seen.sort_unstable();
            seen.dedup();
            Some((seen.len(), title))
        })
        .collect();
    sizes.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let biggest: Vec<String> = sizes
        .iter()
        .take(5)
        .map(|(n, title)| format!("{title}（{n} 个值）"))
        .collect();
    format!(
        "视图“{}”的状态超过余下的 {left} 个；取值最多的是：{}。请少保留一些，或者分成几个视图",
        view.name,
        biggest.join("、")
    )
}

/// What became of a property about every step or state.
pub(super) fn judge(pack: &Pack, spaces: &[Space], (view, bit): AlwaysAt) -> Outcome {
    let Some(space) = spaces.get(view) else {
        return Outcome::Refused {
            why: "视图没有探查".to_owned(),
        };
    };
    let Some(violation) = space.violations.get(bit).copied().flatten() else {
        return Outcome::Proved;
    };
    let mut trace = trace::path(pack, space, violation.before);
    if let Some((program, after)) = violation.step {
        trace.push(trace::line(pack, space, violation.before, program, after));
    }
    Outcome::Refuted {
        why: violation.why.to_owned(),
        trace,
    }
}

/// Stages never reached, steps never possible, and states where nothing goes on.
pub(super) fn general_faults(pack: &Pack, spaces: &[Space], alone: &[Space]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut add = |message: String| {
        faults.push(Fault {
            message,
            trace: Vec::new(),
        })
    };
    // A view allows more than the pack does, so what one view never sees never happens.
    let reached = spaces
        .iter()
        .fold(u64::MAX, |all, space| all & space.stages);
    for (at, stage) in pack.stages.iter().enumerate() {
        if reached >> at & 1 == 0 {
            add(format!("没有办法到达阶段 {}“{}”", stage.id, stage.title));
        }
    }
    for (at, step) in pack.steps.iter().enumerate() {
        let own = Move::Step(at);
        let dead = spaces.iter().any(|space| {
            space
                .programs
                .iter()
                .zip(&space.enabled)
                .any(|(program, enabled)| program.id == own && !enabled)
        });
        if dead {
            add(format!(
                "步骤 {}“{}”在任何情况下都办不了（{} 第{}行）",
                step.id, step.title, step.place.file, step.place.line
            ));
        }
    }
    for space in spaces.iter().chain(alone) {
        if let Some(at) = space.dead_end {
            let message = "案件会停在没有出路的地方：不靠当事人，没有任何步骤可办".to_owned();
            faults.push(Fault {
                message,
                trace: trace::path(pack, space, at),
            });
        }
    }
    faults
}
