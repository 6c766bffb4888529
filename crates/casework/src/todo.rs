//! What may and what should be done next in a case.

use law::pack::{Mover, Pack, Scope, Step, StepId};

use crate::{decide::obstacles, state::State};

/// A step that can be taken now, for the case or one party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Step.
    pub step: StepId,
    /// Party.
    pub party: Option<String>,
    /// Whether the case waits for it, rather than merely allowing it.
    pub due: bool,
}

/// Every step whose stage and conditions hold, whoever may take it.
pub fn open_steps(state: &State, pack: &Pack) -> Vec<Open> {
    let mut open = Vec::new();
    let stage = pack.stages.iter().position(|s| s.id == state.stage);
    for (id, step) in pack.steps.iter().enumerate() {
        if !stage.is_some_and(|s| step.from.contains(&s)) {
            continue;
        }
        let parties: Vec<Option<&str>> = match step.scope {
            Scope::Case => vec![None],
            Scope::Party => state
                .parties
                .iter()
                .map(|p| Some(p.party.id.as_str()))
                .collect(),
        };
        for party in parties {
            let waiting = state
                .requests
                .iter()
                .any(|r| r.step == step.id && r.party.as_deref() == party);
            if !waiting && obstacles(state, step, party, pack).is_empty() {
                open.push(Open {
                    step: id,
                    party: party.map(str::to_owned),
                    due: is_due(pack, id, step),
                });
            }
        }
    }
    open
}

fn is_due(pack: &Pack, id: StepId, step: &Step) -> bool {
    step.mover == Mover::Bureau && pack.todo.contains(&id)
}
