//! What must stay reachable (EF), proved in a view without trusting what the view has forgotten.
//!
//! A move of a view may hang on a forgotten fact: its condition says `听证 ∈ {放弃, 期满}`, the view does not
//! know. Such a move may be part of a path only if its **obligation** is met: some other view keeps that fact,
//! and there, from *every* reachable state that agrees with the asking state on the stage and on all that both
//! views keep, a state with `听证 ∈ {放弃, 期满}` can be reached by the bureau, an outside organ or the passing of
//! time, without leaving the stage and without writing anything that the asking view keeps or that the move's
//! other obligations speak of. So the real case can first be brought there, and the move is then really open,
//! while nothing that the asking view knows has changed. Obligations of moves on that way are asked in turn, up
//! to [`DEPTH_MAX`]; one that comes back to itself is not met.
//!
//! A path never relies on what other parties have done, with one exception: where the explored party is done and
//! the case waits for *every* party, the others are taken to come as far as this one can be brought.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::pack::{Mover, Pack, Subject};

use super::Outcome;
use super::compile::Compiler;
use super::conj::{Atom, ConjId, NOTHING};
use super::explore::{Edge, Space};
use super::guard::{Guard, State};
use super::resolve::{Goal, Literal, Resolved};
use super::trace;

/// How many obligations may hang on one another.
const DEPTH_MAX: usize = 3;
/// How many unmet obligations a refutation names.
const NAMED_MAX: usize = 3;

/// The edges of a view by where they lead.
struct Reverse {
    starts: Vec<u32>,
    /// State it comes from, and index among all edges.
    edges: Vec<(u32, u32)>,
}

impl Reverse {
    fn new(space: &Space) -> Self {
        let mut starts = vec![0_u32; space.states.len() + 1];
        for edge in &space.edges {
            starts[edge.to as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut edges = vec![(0, 0); space.edges.len()];
        for from in 0..space.states.len() {
            let first = space.edge_starts[from];
            for (offset, edge) in space.edges_of(from).iter().enumerate() {
                let place = &mut next[edge.to as usize];
                edges[*place as usize] = (from as u32, first + offset as u32);
                *place += 1;
            }
        }
        Self { starts, edges }
    }

    fn leading_to(&self, to: u32) -> &[(u32, u32)] {
        &self.edges[self.starts[to as usize] as usize..self.starts[to as usize + 1] as usize]
    }
}

/// What an asking view wants of another: the view, the literals, and what must not be written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Wish {
    asking: usize,
    answering: usize,
    atoms: Vec<Atom>,
    forbidden: Vec<Subject>,
}

/// A wish with what is known of it.
#[derive(Debug)]
struct Answer {
    wish: Rc<Wish>,
    /// What both views keep.
    shared: Rc<[Subject]>,
    /// Projections of states from which it cannot be met; none while that is being worked out.
    refused: Option<FxHashSet<State>>,
    /// Whether it has been asked.
    asked: bool,
}

/// An assumption of a view's edge, with what may not be written to bring it about.
type Question = (usize, ConjId, Rc<[Subject]>);

/// Judges goals over the explored views, remembering what has been asked.
pub(super) struct Reach<'a> {
    pack: &'a Pack,
    resolved: &'a Resolved,
    spaces: &'a [Space],
    reverses: Vec<Option<Rc<Reverse>>>,
    answers: Vec<Answer>,
    /// Places of wishes among the answers.
    places: FxHashMap<Rc<Wish>, usize>,
    /// How a question is divided into wishes; none if no view keeps one of its facts.
    plans: FxHashMap<Question, Option<Rc<[usize]>>>,
}

impl<'a> Reach<'a> {
    /// A judge over explored views.
    pub(super) fn new(pack: &'a Pack, resolved: &'a Resolved, spaces: &'a [Space]) -> Self {
        Self {
            pack,
            resolved,
            spaces,
            reverses: spaces.iter().map(|_| None).collect(),
            answers: Vec::new(),
            places: FxHashMap::default(),
            plans: FxHashMap::default(),
        }
    }

    /// Whether the goal can be reached from every state that it speaks of.
    pub(super) fn judge(&mut self, goal: &Goal) -> Outcome {
        let space = &self.spaces[goal.view];
        let (from, to) = (self.guard(goal.view, &goal.from), self.guard(goal.view, &goal.to));
        let holds: Vec<bool> = space.states.iter().map(|state| !to.can(*state).fail).collect();
        let nothing: Rc<[Subject]> = Rc::new([]);
        let good = self.backward(goal.view, holds, &|reach, state, edge| {
            let mover = space.programs[edge.program as usize].mover;
            goal.by.contains(&mover) && reach.is_met(goal.view, state, edge.conj, &nothing, 0)
        });
        let bad = |at: &usize| !good[*at] && from.can(space.states[*at]).hold;
        let Some(stuck) = (0..space.states.len()).find(bad) else { return Outcome::Proved };
        let why = format!("从这里起目标不可达{}", self.unmet(goal, stuck));
        Outcome::Refuted { why, trace: trace::path(self.pack, space, stuck as u32) }
    }

    fn guard(&self, view: usize, literal: &Literal) -> Guard {
        let space = &self.spaces[view];
        Compiler::new(self.pack, &space.layout, &self.resolved.views[view].triggers).property(literal)
    }

    /// The states from which a marked one can be reached by usable edges.
    fn backward(
        &mut self,
        view: usize,
        mut good: Vec<bool>,
        usable: &dyn Fn(&mut Self, State, &Edge) -> bool,
    ) -> Vec<bool> {
        let space = &self.spaces[view];
        let reverse = Rc::clone(self.reverses[view].get_or_insert_with(|| Rc::new(Reverse::new(space))));
        let mut queue: Vec<u32> = (0..good.len() as u32).filter(|at| good[*at as usize]).collect();
        while let Some(at) = queue.pop() {
            for &(from, edge) in reverse.leading_to(at) {
                if !good[from as usize] && usable(self, space.states[from as usize], &space.edges[edge as usize]) {
                    good[from as usize] = true;
                    queue.push(from);
                }
            }
        }
        good
    }

    /// Whether what a move takes for granted can be brought about in that state of its view.
    fn is_met(&mut self, view: usize, state: State, conj: ConjId, forbidden: &Rc<[Subject]>, depth: usize) -> bool {
        if conj == NOTHING {
            return true;
        }
        let Some(wishes) = self.plan((view, conj, Rc::clone(forbidden))) else { return false };
        wishes.iter().all(|wish| self.is_granted(*wish, state, depth))
    }

    /// Divides an assumption among views that keep its facts, as few as can be.
    fn plan(&mut self, question: Question) -> Option<Rc<[usize]>> {
        if let Some(known) = self.plans.get(&question) {
            return known.clone();
        }
        let plan = self.wishes(&question).map(|wishes| wishes.into_iter().map(|wish| self.place(wish)).collect());
        self.plans.insert(question, plan.clone());
        plan
    }

    fn wishes(&self, (view, conj, forbidden): &Question) -> Option<Vec<Wish>> {
        let mut left: Vec<Atom> = self.spaces[*view].conjs.atoms(*conj).to_vec();
        let all: Vec<Subject> = left.iter().map(|(subject, _)| *subject).collect();
        let mut wishes = Vec::new();
        while !left.is_empty() {
            let kept = |at: &usize| left.iter().filter(|(s, _)| self.resolved.views[*at].keeps(*s)).count();
            let best = |at: &usize| (kept(at), self.shared(*view, *at).len());
            let answering = (0..self.spaces.len()).max_by_key(best).filter(|at| kept(at) > 0)?;
            let other = &self.resolved.views[answering];
            let (atoms, rest): (Vec<Atom>, Vec<Atom>) = left.iter().partition(|(subject, _)| other.keeps(*subject));
            let mut barred: Vec<Subject> = forbidden.to_vec();
            barred.extend(self.kept(*view));
            barred.extend(all.iter().filter(|s| !atoms.iter().any(|(own, _)| own == *s)));
            barred.sort_unstable();
            barred.dedup();
            wishes.push(Wish { asking: *view, answering, atoms, forbidden: barred });
            left = rest;
        }
        Some(wishes)
    }

    /// The place of a wish among the answers, where it is entered unasked.
    fn place(&mut self, wish: Wish) -> usize {
        if let Some(known) = self.places.get(&wish) {
            return *known;
        }
        let shared = self.shared(wish.asking, wish.answering).into();
        let wish = Rc::new(wish);
        self.places.insert(Rc::clone(&wish), self.answers.len());
        self.answers.push(Answer { wish, shared, refused: None, asked: false });
        self.answers.len() - 1
    }

    fn kept(&self, view: usize) -> Vec<Subject> {
        let view = &self.resolved.views[view];
        let limits = view.limits.iter().copied().map(Subject::Limit);
        view.facts.iter().copied().map(Subject::Fact).chain(limits).collect()
    }

    /// What both views keep.
    fn shared(&self, a: usize, b: usize) -> Vec<Subject> {
        let mut kept = self.kept(a);
        kept.retain(|subject| self.resolved.views[b].keeps(*subject));
        kept
    }

    /// What both views can see of a state of one of them: the stage and all that both keep.
    fn project(&self, view: usize, shared: &[Subject], state: State) -> State {
        let layout = &self.spaces[view].layout;
        let mut seen = State::from(layout.stage.get(state));
        for slot in shared.iter().filter_map(|subject| layout.slot(*subject)) {
            seen = (seen << slot.width) | State::from(slot.get(state));
        }
        seen
    }

    fn is_granted(&mut self, place: usize, state: State, depth: usize) -> bool {
        let (wish, shared) = (Rc::clone(&self.answers[place].wish), Rc::clone(&self.answers[place].shared));
        if !self.answers[place].asked {
            if depth >= DEPTH_MAX {
                return false;
            }
            self.answers[place].asked = true;
            let refused = self.refused(&wish, &shared, depth);
            self.answers[place].refused = Some(refused);
        }
        let seen = self.project(wish.asking, &shared, state);
        self.answers[place].refused.as_ref().is_some_and(|refused| !refused.contains(&seen))
    }

    /// The projections of the answering view's states from which the wish cannot be met.
    fn refused(&mut self, wish: &Wish, shared: &[Subject], depth: usize) -> FxHashSet<State> {
        let space = &self.spaces[wish.answering];
        let meets = |state: &State| {
            wish.atoms.iter().all(|(subject, values)| {
                space.layout.slot(*subject).is_some_and(|slot| values >> slot.get(*state) & 1 == 1)
            })
        };
        let mut good: Vec<bool> = space.states.iter().map(meets).collect();
        if good.contains(&false) {
            let open: Vec<bool> = space
                .programs
                .iter()
                .map(|program| {
                    let untouched = !program.writes.iter().any(|s| wish.forbidden.binary_search(s).is_ok());
                    untouched && program.mover != Mover::Party && !program.is_other()
                })
                .collect();
            let stage = space.layout.stage;
            let forbidden: Rc<[Subject]> = wish.forbidden.as_slice().into();
            good = self.backward(wish.answering, good, &|reach, state, edge| {
                open[edge.program as usize]
                    && stage.get(state) == stage.get(space.states[edge.to as usize])
                    && reach.is_met(wish.answering, state, edge.conj, &forbidden, depth + 1)
            });
        }
        let bad = space.states.iter().zip(&good).filter(|(_, good)| !**good);
        bad.map(|(state, _)| self.project(wish.answering, shared, *state)).collect()
    }

    /// Names the moves that would lead on from the stuck state if their obligations were met.
    fn unmet(&mut self, goal: &Goal, stuck: usize) -> String {
        let space = &self.spaces[goal.view];
        let mut seen = FxHashSet::from_iter([stuck as u32]);
        let mut queue = vec![stuck as u32];
        let mut named: Vec<String> = Vec::new();
        let nothing: Rc<[Subject]> = Rc::new([]);
        while let Some(at) = queue.pop() {
            let state = space.states[at as usize];
            for edge in space.edges_of(at as usize) {
                let program = &space.programs[edge.program as usize];
                if !goal.by.contains(&program.mover) {
                    continue;
                }
                if self.is_met(goal.view, state, edge.conj, &nothing, 0) {
                    if seen.insert(edge.to) {
                        queue.push(edge.to);
                    }
                } else if named.len() < NAMED_MAX {
                    let line = trace::line(self.pack, space, at, edge.program, state);
                    let atoms = space.conjs.atoms(edge.conj).iter().map(|(s, v)| trace::atom(self.pack, *s, *v));
                    let words = format!("{} {} 要求{}", line.step, line.title, atoms.collect::<Vec<_>>().join("、"));
                    if !named.contains(&words) {
                        named.push(words);
                    }
                }
            }
        }
        if named.is_empty() {
            return String::new();
        }
        format!("；下列步骤取决于视图没有保留的事实，未能证明一定办得到：{}", named.join("；"))
    }
}
