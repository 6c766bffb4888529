//! What must stay reachable (EF), proved in a view without trusting what the view has forgotten.
//!
//! A move of a view may hang on a forgotten fact: its condition says `听证 ∈ {放弃, 期满}`, the view does not
//! know. Such a move may be part of a path only if its **obligation** is met: some other view keeps that fact,
//! and there, from *every* reachable state that agrees with the asking state on the stage and on all that both
//! views keep, a state with `听证 ∈ {放弃, 期满}` can be reached by those whom the goal leaves to move, without
//! leaving the stage and without writing anything that the asking view keeps. [`super::obligation`] says why that
//! proves it.
//!
//! Where the forgotten facts decide only *where* a move leads, the path may take it if it leads to good states
//! alone, whatever they are.
//!
//! A path never relies on what other parties have done, with one exception: where the explored party is done and
//! the case waits for *every* party, the others are taken to come as far as this one can be brought.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::pack::Pack;

use super::Outcome;
use super::asked::{Asked, TermsId};
use super::compile::{Compiler, Parties};
use super::conj::{ChoiceId, ConjId};
use super::explore::{Edge, Kind, Space};
use super::guard::Guard;
use super::program::Program;
use super::resolve::{Goal, Literal, Resolved};
use super::trace;

/// How many unmet obligations a refutation names.
const NAMED_MAX: usize = 5;

/// The edges of a view by where they lead.
struct Reverse {
    starts: Vec<u32>,
    edges: Vec<Back>,
}

/// An edge seen from where it leads.
#[derive(Debug, Clone, Copy, Default)]
struct Back {
    /// State it comes from.
    from: u32,
    /// Its index among all edges.
    edge: u32,
    /// Its program, by which most are told apart without looking at the edge.
    program: u16,
}

impl Reverse {
    fn new(space: &Space) -> Self {
        let mut starts = vec![0_u32; space.states.len() + 1];
        for edge in space.edges.iter().filter(|e| e.kind != Kind::Open) {
            starts[edge.to as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut edges = vec![Back::default(); starts.last().map_or(0, |end| *end as usize)];
        for from in 0..space.states.len() {
            let first = space.edge_starts[from];
            for (offset, edge) in space.edges_of(from).iter().enumerate() {
                if edge.kind == Kind::Open {
                    continue;
                }
                let place = &mut next[edge.to as usize];
                edges[*place as usize] = Back {
                    from: from as u32,
                    edge: first + offset as u32,
                    program: edge.program,
                };
                *place += 1;
            }
        }
        Self { starts, edges }
    }

    fn leading_to(&self, to: u32) -> &[Back] {
        &self.edges[self.starts[to as usize] as usize..self.starts[to as usize + 1] as usize]
    }
}

/// What a path may do.
pub(super) struct Path<'a> {
    /// The view through which it leads.
    pub(super) view: usize,
    /// Which programs it may take.
    pub(super) moves: &'a [bool],
    /// Whether it must keep to the stage.
    pub(super) stays: bool,
    /// On what terms what its moves take for granted is brought about.
    pub(super) terms: TermsId,
    /// How many obligations it hangs on.
    pub(super) depth: usize,
}

/// Judges goals over the explored views, remembering what has been asked.
pub(super) struct Reach<'a> {
    pack: &'a Pack,
    pub(super) resolved: &'a Resolved,
    pub(super) spaces: &'a [Space],
    parties: Parties,
    reverses: Vec<Option<Rc<Reverse>>>,
    pub(super) asked: Asked,
}

impl<'a> Reach<'a> {
    /// A judge over explored views.
    pub(super) fn new(
        pack: &'a Pack,
        resolved: &'a Resolved,
        spaces: &'a [Space],
        parties: Parties,
    ) -> Self {
        Self {
            pack,
            resolved,
            spaces,
            parties,
            reverses: spaces.iter().map(|_| None).collect(),
            asked: Asked::default(),
        }
    }

    /// Whether the goal can be reached from every state that it speaks of.
    pub(super) fn judge(&mut self, goal: &Goal) -> Outcome {
        let space = &self.spaces[goal.view];
        let (from, to) = (
            self.guard(goal.view, &goal.from),
            self.guard(goal.view, &goal.to),
        );
        let holds: Vec<bool> = space
            .states
            .iter()
            .map(|state| !to.can(*state).fail)
            .collect();
        let by = |program: &Program| goal.by.contains(&program.mover);
        let moves: Vec<bool> = space.programs.iter().map(by).collect();
        let path = Path {
            view: goal.view,
            moves: &moves,
            stays: false,
            terms: self.asked.only_by(&goal.by),
            depth: 0,
        };
        let good = self.backward(&path, holds);
        let bad = |at: &usize| !good[*at] && from.can(space.states[*at]).hold;
        let Some(stuck) = (0..space.states.len()).find(bad) else {
            return Outcome::Proved;
        };
        let alone = match self.parties {
            Parties::Any => "",
            Parties::One => "只有一名当事人时，",
        };
        let why = format!(
            "{alone}从这里起目标不可达{}",
            self.unmet(goal, stuck, &good)
        );
        Outcome::Refuted {
            why,
            trace: trace::path(self.pack, space, stuck as u32),
        }
    }

    fn guard(&self, view: usize, literal: &Literal) -> Guard {
        let space = &self.spaces[view];
        Compiler::new(
            self.pack,
            &space.layout,
            &self.resolved.views[view].triggers,
        )
        .property(literal)
    }

    /// The states from which a marked one can be reached on such a path.
    pub(super) fn backward(&mut self, path: &Path<'_>, mut good: Vec<bool>) -> Vec<bool> {
        let view = path.view;
        let space = &self.spaces[view];
        let reverse =
            Rc::clone(self.reverses[view].get_or_insert_with(|| Rc::new(Reverse::new(space))));
        let marked = good.iter().filter(|good| **good).count();
        let mut queue: Vec<u32> = (0..good.len() as u32).collect();
        if marked < good.len() / 2 {
            queue.retain(|at| good[*at as usize]);
        } else {
            // Most are marked: it is quicker to see which of the others have a move to one.
            queue.retain(|at| !good[*at as usize] && self.moves_on(path, *at, &good));
            queue.iter().for_each(|at| good[*at as usize] = true);
        }
        // States with a move to a good state that alone is not sure to be open.
        let mut doubtful: Vec<u32> = Vec::new();
        while !queue.is_empty() {
            while let Some(at) = queue.pop() {
                for back in reverse.leading_to(at) {
                    let from = back.from;
                    if !path.moves[back.program as usize] || good[from as usize] {
                        continue;
                    }
                    let edge = &space.edges[back.edge as usize];
                    if self.takes(path, from, edge, &good) {
                        good[from as usize] = true;
                        queue.push(from);
                    } else if edge.kind == Kind::Sure && doubtful.last() != Some(&from) {
                        doubtful.push(from);
                    }
                }
            }
            doubtful.sort_unstable();
            doubtful.dedup();
            for at in std::mem::take(&mut doubtful) {
                if !good[at as usize] && self.one_leads(path, at, &good) {
                    good[at as usize] = true;
                    queue.push(at);
                }
            }
        }
        good
    }

    /// Whether a state has a move to a good state.
    fn moves_on(&mut self, path: &Path<'_>, from: u32, good: &[bool]) -> bool {
        let space = &self.spaces[path.view];
        let edges = space.edges_of(from as usize).iter();
        let mut leading = edges.filter(|edge| {
            edge.kind != Kind::Open && path.moves[edge.program as usize] && good[edge.to as usize]
        });
        leading.any(|edge| self.leads(path, from, edge) || self.cannot_miss(path, from, edge, good))
            || self.one_leads(path, from, good)
    }

    /// Whether at least one of the moves that lead to good states is sure to be open, whichever it is.
    fn one_leads(&mut self, path: &Path<'_>, from: u32, good: &[bool]) -> bool {
        let space = &self.spaces[path.view];
        let leading = space.edges_of(from as usize).iter().filter(|e| {
            e.kind == Kind::Sure
                && good[e.to as usize]
                && path.moves[e.program as usize]
                && self.lands(path, from, e)
        });
        let conjs = leading.flat_map(|e| space.conjs.alternatives(e.asks));
        let mut conjs: Vec<ConjId> = conjs.copied().collect();
        conjs.sort_unstable();
        conjs.dedup();
        self.one_is_open(path, from, &conjs)
    }

    /// Whether one of several assumptions, in order and each once, can be brought about, whichever it is.
    fn one_is_open(&mut self, path: &Path<'_>, from: u32, conjs: &[ConjId]) -> bool {
        conjs.len() > 1 && self.one_is_met(path, from, conjs)
    }

    /// Whether a path may take the move of an edge that leads to a good state.
    fn takes(&mut self, path: &Path<'_>, from: u32, edge: &Edge, good: &[bool]) -> bool {
        self.leads(path, from, edge)
            || self.is_fated(path, from, edge, good)
            || self.cannot_miss(path, from, edge, good)
    }

    /// Whether a path may take the edge's move, because it leads to good states whatever the figures are.
    fn is_fated(&mut self, path: &Path<'_>, from: u32, edge: &Edge, good: &[bool]) -> bool {
        let Kind::Fate(_) = edge.kind else {
            return false;
        };
        let space = &self.spaces[path.view];
        let edges = space.edges_of(from as usize).iter();
        let mut fates = edges.filter(|e| (e.program, e.kind) == (edge.program, edge.kind));
        fates.all(|e| good[e.to as usize] && self.lands(path, from, e))
            && self.is_open(path, from, edge.asks)
    }

    /// Whether a path may take that edge.
    fn leads(&mut self, path: &Path<'_>, from: u32, edge: &Edge) -> bool {
        edge.kind == Kind::Sure
            && self.lands(path, from, edge)
            && self.is_open(path, from, edge.asks)
    }

    /// Whether a path may take the edge's move, because all its edges lead to good states.
    fn cannot_miss(&mut self, path: &Path<'_>, from: u32, edge: &Edge, good: &[bool]) -> bool {
        let space = &self.spaces[path.view];
        let all = space.edges_of(from as usize);
        let first = all.partition_point(|e| e.program < edge.program);
        let last = all.partition_point(|e| e.program <= edge.program);
        // What opens the move stands behind where it leads.
        let (ways, gates) =
            all[first..last].split_at(all[first..last].partition_point(|e| e.kind != Kind::Open));
        let certain = !gates.is_empty()
            && ways
                .iter()
                .all(|e| good[e.to as usize] && self.lands(path, from, e));
        certain
            && gates.iter().any(|e| {
                self.is_open(path, from, e.asks)
                    || self.one_is_open(path, from, space.conjs.alternatives(e.asks))
            })
    }

    /// Whether the edge keeps to the stage, if the path must.
    fn lands(&self, path: &Path<'_>, from: u32, edge: &Edge) -> bool {
        let space = &self.spaces[path.view];
        let stage = |at: u32| space.layout.stage.get(space.states[at as usize]);
        !path.stays || stage(from) == stage(edge.to)
    }

    /// Whether one of the alternatives can be brought about.
    fn is_open(&mut self, path: &Path<'_>, from: u32, asks: ChoiceId) -> bool {
        let space = &self.spaces[path.view];
        let alternatives = space.conjs.alternatives(asks).iter();
        alternatives
            .copied()
            .any(|conj| self.is_met(path.view, from, conj, path.terms, path.depth))
    }

    /// Names the moves that would lead on from the stuck state if their obligations were met.
    fn unmet(&mut self, goal: &Goal, stuck: usize, good: &[bool]) -> String {
        let space = &self.spaces[goal.view];
        let mut seen = FxHashSet::from_iter([stuck as u32]);
        let mut queue = vec![stuck as u32];
        let mut named: Vec<String> = Vec::new();
        let all = vec![true; space.programs.len()];
        let path = Path {
            view: goal.view,
            moves: &all,
            stays: false,
            terms: self.asked.only_by(&goal.by),
            depth: 0,
        };
        let mut next = 0;
        while let Some(at) = queue.get(next).copied().filter(|_| named.len() < NAMED_MAX) {
            next += 1;
            let state = space.states[at as usize];
            for edge in space.edges_of(at as usize) {
                if !goal
                    .by
                    .contains(&space.programs[edge.program as usize].mover)
                {
                    continue;
                }
                if !good[edge.to as usize] && seen.insert(edge.to) {
                    queue.push(edge.to);
                }
                let leads = edge.kind == Kind::Open || good[edge.to as usize];
                if !leads || edge.kind == Kind::Possible {
                    continue;
                }
                if self.is_open(&path, at, edge.asks) {
                    continue;
                }
                let Some(conj) = space.conjs.alternatives(edge.asks).first().copied() else {
                    continue;
                };
                let refusing = self.unmet_in(&path, at, conj).join("、");
                let line = trace::line(self.pack, space, at, edge.program, state);
                let atoms = space.conjs.atoms(conj).iter();
                let atoms: Vec<String> =
                    atoms.map(|(s, v)| trace::atom(self.pack, *s, *v)).collect();
                let words = format!(
                    "{} {} 要求{}（视图 {refusing} 不能保证）",
                    line.step,
                    line.title,
                    atoms.join("、")
                );
                if !refusing.is_empty() && !named.contains(&words) {
                    named.push(words);
                }
            }
        }
        if named.is_empty() {
            return String::new();
        }
        format!(
            "；下列步骤取决于视图没有保留的事实，未能证明一定办得到：{}",
            named.join("；")
        )
    }
}
