//! How the states of a view are laid out in bits.

use crate::pack::{LimitStatus, Pack, Subject};

use super::guard::{Slot, State};
use super::resolve::View;

/// How the states of a view are laid out.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The stage.
    pub(super) stage: Slot,
    /// Kept facts, by index.
    pub(super) facts: Vec<Option<Slot>>,
    /// Kept limits, by index.
    pub(super) limits: Vec<Option<Slot>>,
    /// Bits used.
    pub(super) width: u32,
}

fn width(values: usize) -> u32 {
    usize::BITS - values.saturating_sub(1).leading_zeros()
}

impl Layout {
    /// Lays out a view; a view that does not fit in a state is refused with its width.
    pub(super) fn new(pack: &Pack, view: &View) -> Result<Self, u32> {
        let mut next = 0;
        let mut slot = |values: usize| {
            let slot = Slot {
                shift: next,
                width: width(values).max(1),
            };
            next += slot.width;
            slot
        };
        let stage = slot(pack.stages.len());
        let facts = (0..pack.facts.len()).map(|f| {
            view.facts
                .contains(&f)
                .then(|| slot(pack.facts[f].values.len()))
        });
        let facts = facts.collect();
        let limits = (0..pack.limits.len()).map(|l| {
            view.limits
                .contains(&l)
                .then(|| slot(LimitStatus::ALL.len()))
        });
        let limits = limits.collect();
        if next < State::BITS {
            Ok(Self {
                stage,
                facts,
                limits,
                width: next,
            })
        } else {
            Err(next)
        }
    }

    /// The slot of a kept fact or limit.
    pub(super) fn slot(&self, subject: Subject) -> Option<Slot> {
        match subject {
            Subject::Fact(fact) => self.facts.get(fact).copied().flatten(),
            Subject::Limit(limit) => self.limits.get(limit).copied().flatten(),
        }
    }

    /// The bits that belong to the view.
    pub(super) fn bits(&self) -> State {
        (1 << self.width) - 1
    }
}
