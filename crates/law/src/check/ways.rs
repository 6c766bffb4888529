//! How a move goes, worked out once for all states that agree on what it looks at.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::conj::{ChoiceId, ConjId, Conjs};
use super::guard::State;
use super::program::{Mask, Run};

/// How a program goes in states that agree on the bits that it looks at.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) reads: State,
    pub(super) ways: FxHashMap<State, Rc<Ways>>,
}

/// How a program goes in such states.
#[derive(Debug, Clone)]
pub(super) struct Ways {
    /// Whether it can be taken.
    pub(super) open: bool,
    /// Whether a path may rely on one of its ways.
    pub(super) joins: bool,
    pub(super) ends: Vec<End>,
    /// Whether one of its ways writes nothing and wakes nothing.
    pub(super) stays: bool,
    /// What makes it open, if all its ways together say more than each alone.
    pub(super) gates: Option<ChoiceId>,
}

/// Where a program leads.
#[derive(Debug, Clone)]
pub(super) struct End {
    /// What is written.
    pub(super) state: State,
    /// The bits that are written.
    pub(super) written: State,
    /// What it wakes, in each of its ways.
    pub(super) fired: Vec<Mask>,
    /// What a path that relies on it takes for granted; none if no path may.
    pub(super) asks: Option<ChoiceId>,
}

impl End {
    /// Gathers runs by where they end; those that change nothing and wake nothing are left out.
    pub(super) fn gather(runs: &[Run], conjs: &mut Conjs) -> Vec<Self> {
        let matters = |run: &&Run| run.written != 0 || run.fired != 0;
        let runs: Vec<&Run> = runs.iter().filter(matters).collect();
        // Runs come sorted by what they write.
        let groups = runs.chunk_by(|a, b| (a.state, a.written) == (b.state, b.written));
        groups.map(|group| Self::of(group, conjs)).collect()
    }

    /// The end of runs that end alike.
    pub(super) fn of(runs: &[&Run], conjs: &mut Conjs) -> Self {
        let mut fired: Vec<Mask> = runs
            .iter()
            .map(|run| run.fired)
            .filter(|mask| *mask != 0)
            .collect();
        fired.sort_unstable();
        fired.dedup();
        let mut asks: Vec<ConjId> = runs
            .iter()
            .filter(|run| !run.moot)
            .map(|run| run.conj)
            .collect();
        asks.sort_unstable();
        asks.dedup();
        Self {
            state: runs.first().map_or(0, |run| run.state),
            written: runs.first().map_or(0, |run| run.written),
            fired,
            asks: (!asks.is_empty()).then(|| conjs.weakest(asks)),
        }
    }
}
