//! What wakes the properties of a view.

use crate::pack::Effect;

use super::program::{Mask, Watch};

/// What wakes the properties of a view.
#[derive(Debug, Clone, Default)]
pub(super) struct Triggers {
    /// Fact and who watches it.
    pub(super) watches: Vec<(usize, Watch)>,
    /// Stage and who watches it.
    pub(super) enters: Vec<(usize, Mask)>,
    /// Step index, mask.
    pub(super) steps: Vec<(usize, Mask)>,
    /// Effect name, mask.
    pub(super) effects: Vec<(String, Mask)>,
    /// Limit, whether started rather than stopped, whether it is the case's, mask.
    pub(super) limits: Vec<(usize, bool, bool, Mask)>,
    /// Properties that speak of nothing that belongs to one party.
    pub(super) case_only: Mask,
    /// Properties and the steps that alone may wake them.
    pub(super) only: Vec<(Mask, Vec<usize>)>,
}

impl Triggers {
    /// Who watches a fact's values.
    pub(super) fn watches(&self, fact: usize) -> Vec<Watch> {
        self.watches
            .iter()
            .filter(|(f, _)| *f == fact)
            .map(|(_, watch)| *watch)
            .collect()
    }

    /// Who watches for the case entering a stage.
    pub(super) fn on_enter(&self, stage: usize) -> Mask {
        self.enters
            .iter()
            .filter(|(s, _)| *s == stage)
            .fold(0, |all, (_, mask)| all | mask)
    }

    /// Who watches for a step; of another party's, only what speaks of the case alone.
    pub(super) fn on_step(&self, step: usize, other: bool) -> Mask {
        let mask = self
            .steps
            .iter()
            .filter(|(s, _)| *s == step)
            .fold(0, |all, (_, mask)| all | mask);
        if other { mask & self.case_only } else { mask }
    }

    /// Who watches for an effect; of another party's, only what speaks of the case alone.
    pub(super) fn on_effect(&self, effect: &Effect, other: bool) -> Mask {
        let limit = match effect {
            Effect::Start(limit) | Effect::Continue(limit) => Some((*limit, Some(true))),
            Effect::Stop(limit) => Some((*limit, Some(false))),
            // What is put on record afterwards began and ended in one.
            Effect::Measure { limit, .. } => Some((*limit, None)),
            _ => None,
        };
        let seen = |mask: Mask, of_case: bool| {
            if other && !of_case {
                mask & self.case_only
            } else {
                mask
            }
        };
        let named = self
            .effects
            .iter()
            .filter(|(name, _)| name == effect.name())
            .map(|(_, m)| seen(*m, false));
        let timed = self.limits.iter().filter(|(at, start, ..)| {
            limit.is_some_and(|(l, begins)| l == *at && begins.is_none_or(|b| b == *start))
        });
        named
            .chain(timed.map(|(_, _, of_case, m)| seen(*m, *of_case)))
            .fold(0, |all, mask| all | mask)
    }

    /// Properties that are broken when that step, or an expiry, wakes them.
    pub(super) fn forbidden(&self, step: Option<usize>) -> Mask {
        let barred = |(_, steps): &&(Mask, Vec<usize>)| step.is_none_or(|at| !steps.contains(&at));
        self.only
            .iter()
            .filter(barred)
            .fold(0, |all, (mask, _)| all | mask)
    }
}
