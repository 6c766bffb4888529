//! How a move goes, worked out once for all states that agree on what it looks at.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::conj::{ChoiceId, ConjId, Conjs};
use super::guard::State;
use super::program::{Mask, Run, WHOLE};

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
    /// Where it leads by a choice, as the figures have it: each of these with what is written.
    pub(super) fates: Vec<Fates>,
    /// Whether one of its ways writes nothing and wakes nothing.
    pub(super) stays: bool,
    /// What makes it open, if all its ways together say more than each alone.
    pub(super) gates: Option<ChoiceId>,
}

/// Where a choice leads, which depends on figures that nobody chooses.
#[derive(Debug, Clone)]
pub(super) struct Fates {
    /// What is written, and which bits.
    pub(super) ends: Vec<(State, State)>,
    /// What a path that relies on the choice takes for granted.
    pub(super) asks: ChoiceId,
}

impl Fates {
    /// Gathers runs that figures part by what is chosen and taken for granted. Where all figures lead to one end, a
    /// path may rely on it as ever; on no other single one, and on all together if none of them is missing.
    pub(super) fn part(runs: &mut [Run], conjs: &mut Conjs) -> Vec<Self> {
        let mut groups: FxHashMap<(u64, ConjId), Vec<usize>> = FxHashMap::default();
        for (at, run) in runs
            .iter()
            .enumerate()
            .filter(|(_, r)| !r.moot && r.fate != 0)
        {
            groups.entry((run.pick, run.conj)).or_default().push(at);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_unstable();
        let mut fates = Vec::new();
        for ((_, conj), members) in groups {
            let mut shares: Vec<(u64, u32)> = members
                .iter()
                .map(|at| (runs[*at].fate, runs[*at].share))
                .collect();
            let mut ends: Vec<(State, State)> = members
                .iter()
                .map(|at| (runs[*at].state, runs[*at].written))
                .collect();
            shares.sort_unstable();
            shares.dedup();
            ends.sort_unstable();
            ends.dedup();
            let whole = shares.iter().map(|(_, share)| share).sum::<u32>() == WHOLE;
            if whole && ends.len() == 1 {
                continue;
            }
            members.iter().for_each(|at| runs[*at].moot = true);
            if whole {
                let asks = conjs.choice(vec![conj]);
                fates.push(Self { ends, asks });
            }
        }
        fates
    }
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
