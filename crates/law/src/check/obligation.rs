//! Obligations: what the moves of one view take for granted is held against the other views.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::pack::{Mover, Subject};

use super::conj::{Atom, ConjId, NOTHING};
use super::guard::State;
use super::reach::{Path, Reach};

/// How many obligations may hang on one another.
const DEPTH_MAX: usize = 3;

/// What an asking view wants of another, and what must not be written to bring it about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Wish {
    asking: usize,
    answering: usize,
    /// One of these conjunctions is wanted.
    choices: Vec<Vec<Atom>>,
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

/// Several assumptions of a view, one of which is to be met; see [`Question`].
type Alternatives = (usize, Vec<ConjId>, Rc<[Subject]>);

/// One attempt at alternatives: wishes that must all be granted.
type Attempt = Rc<[usize]>;

/// All that has been asked, with what is known of it.
#[derive(Debug, Default)]
pub(super) struct Asked {
    answers: Vec<Answer>,
    /// Places of wishes among the answers.
    places: FxHashMap<Rc<Wish>, usize>,
    /// How a question is divided into wishes; none if no view keeps one of its facts.
    plans: FxHashMap<Question, Option<Rc<[usize]>>>,
    /// How alternatives can be tried.
    attempts: FxHashMap<Alternatives, Rc<[Attempt]>>,
}

impl Reach<'_> {
    /// Whether what a move takes for granted can be brought about in that state of its view.
    pub(super) fn is_met(
        &mut self,
        view: usize,
        state: State,
        conj: ConjId,
        forbidden: &Rc<[Subject]>,
        depth: usize,
    ) -> bool {
        if conj == NOTHING {
            return true;
        }
        let Some(wishes) = self.plan((view, conj, Rc::clone(forbidden))) else {
            return false;
        };
        wishes
            .iter()
            .all(|wish| self.is_granted(*wish, state, depth))
    }

    /// In which views an assumption cannot be brought about from that state.
    pub(super) fn unmet_in(&mut self, path: &Path<'_>, state: State, conj: ConjId) -> Vec<&str> {
        let plan = self.plan((path.view, conj, Rc::clone(path.forbidden)));
        let wishes = plan.unwrap_or_default();
        let mut refusing = Vec::new();
        for wish in wishes.iter().copied() {
            if !self.is_granted(wish, state, path.depth) {
                refusing.push(self.asked.answers[wish].wish.answering);
            }
        }
        let views = &self.resolved.views;
        refusing
            .into_iter()
            .map(|at| views[at].name.as_str())
            .collect()
    }

    /// Divides an assumption among views that keep its facts, as few as can be.
    fn plan(&mut self, question: Question) -> Option<Rc<[usize]>> {
        if let Some(known) = self.asked.plans.get(&question) {
            return known.clone();
        }
        let plan = self
            .wishes(&question)
            .map(|wishes| wishes.into_iter().map(|wish| self.place(wish)).collect());
        self.asked.plans.insert(question, plan.clone());
        plan
    }

    fn wishes(&self, (view, conj, forbidden): &Question) -> Option<Vec<Wish>> {
        self.divide(*view, self.spaces[*view].conjs.atoms(*conj), forbidden)
    }

    /// Divides literals among views that keep their subjects.
    fn divide(&self, view: usize, atoms: &[Atom], forbidden: &[Subject]) -> Option<Vec<Wish>> {
        let mut left: Vec<Atom> = atoms.to_vec();
        let mut wishes = Vec::new();
        while !left.is_empty() {
            let kept = |at: &usize| {
                left.iter()
                    .filter(|(s, _)| self.resolved.views[*at].keeps(*s))
                    .count()
            };
            let best = |at: &usize| (kept(at), self.shared(view, *at).len());
            let answering = (0..self.spaces.len())
                .max_by_key(best)
                .filter(|at| kept(at) > 0)?;
            let other = &self.resolved.views[answering];
            let (own, rest): (Vec<Atom>, Vec<Atom>) =
                left.iter().partition(|(subject, _)| other.keeps(*subject));
            let elsewhere = atoms.iter().filter(|a| !own.contains(a)).map(|(s, _)| *s);
            wishes.push(Wish {
                asking: view,
                answering,
                forbidden: self.barred(view, forbidden, elsewhere),
                choices: vec![own],
            });
            left = rest;
        }
        Some(wishes)
    }

    /// What must not be written: what was forbidden, what the asking view keeps, and what other wishes speak of.
    fn barred(
        &self,
        view: usize,
        forbidden: &[Subject],
        more: impl Iterator<Item = Subject>,
    ) -> Vec<Subject> {
        let mut barred: Vec<Subject> = forbidden.to_vec();
        barred.extend(self.kept(view));
        barred.extend(more);
        barred.sort_unstable();
        barred.dedup();
        barred
    }

    /// Whether one of several assumptions can be brought about in that state, whatever of the forgotten facts is
    /// so: some view shows from each of its states a way to one or the other.
    pub(super) fn one_is_met(&mut self, path: &Path<'_>, state: State, conjs: Vec<ConjId>) -> bool {
        let key = (path.view, conjs, Rc::clone(path.forbidden));
        let attempts = match self.asked.attempts.get(&key) {
            Some(known) => Rc::clone(known),
            None => {
                let attempts: Rc<[Attempt]> = (0..self.spaces.len())
                    .flat_map(|at| self.attempts(&key, at))
                    .collect();
                self.asked.attempts.insert(key, Rc::clone(&attempts));
                attempts
            }
        };
        attempts.iter().any(|attempt| {
            attempt
                .iter()
                .all(|wish| self.is_granted(*wish, state, path.depth))
        })
    }

    /// Ways to bring one of several assumptions about by means of that view, as far as it can tell them apart.
    fn attempts(
        &mut self,
        (view, conjs, forbidden): &Alternatives,
        answering: usize,
    ) -> Vec<Attempt> {
        let other = &self.resolved.views[answering];
        // What the view cannot tell must be the same for all that it chooses among.
        let mut groups: Vec<(Vec<Atom>, Vec<Vec<Atom>>)> = Vec::new();
        for conj in conjs {
            let atoms = self.spaces[*view].conjs.atoms(*conj);
            let (own, rest): (Vec<Atom>, Vec<Atom>) =
                atoms.iter().partition(|(subject, _)| other.keeps(*subject));
            if own.is_empty() {
                continue;
            }
            match groups.iter_mut().find(|(known, _)| *known == rest) {
                Some((_, choices)) => choices.push(own),
                None => groups.push((rest, vec![own])),
            }
        }
        groups.retain(|(_, choices)| choices.len() > 1);
        let attempt = |(rest, choices): (Vec<Atom>, Vec<Vec<Atom>>)| {
            let spoken = choices.iter().flatten().map(|(s, _)| *s);
            let around = self.barred(*view, forbidden, spoken);
            let mut wishes = self.divide(*view, &rest, &around)?;
            wishes.push(Wish {
                asking: *view,
                answering,
                forbidden: self.barred(*view, forbidden, rest.iter().map(|(s, _)| *s)),
                choices,
            });
            Some(wishes)
        };
        let attempts: Vec<Vec<Wish>> = groups.into_iter().filter_map(attempt).collect();
        let mut place =
            |wishes: Vec<Wish>| wishes.into_iter().map(|wish| self.place(wish)).collect();
        attempts.into_iter().map(&mut place).collect()
    }

    /// The place of a wish among the answers, where it is entered unasked.
    fn place(&mut self, wish: Wish) -> usize {
        if let Some(known) = self.asked.places.get(&wish) {
            return *known;
        }
        let shared = self.shared(wish.asking, wish.answering).into();
        let wish = Rc::new(wish);
        self.asked
            .places
            .insert(Rc::clone(&wish), self.asked.answers.len());
        self.asked.answers.push(Answer {
            wish,
            shared,
            refused: None,
            asked: false,
        });
        self.asked.answers.len() - 1
    }

    fn kept(&self, view: usize) -> Vec<Subject> {
        let view = &self.resolved.views[view];
        let limits = view.limits.iter().copied().map(Subject::Limit);
        view.facts
            .iter()
            .copied()
            .map(Subject::Fact)
            .chain(limits)
            .collect()
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
        let (wish, shared) = (
            Rc::clone(&self.asked.answers[place].wish),
            Rc::clone(&self.asked.answers[place].shared),
        );
        if !self.asked.answers[place].asked {
            if depth >= DEPTH_MAX {
                return false;
            }
            self.asked.answers[place].asked = true;
            let refused = self.refused(&wish, &shared, depth);
            self.asked.answers[place].refused = Some(refused);
        }
        let seen = self.project(wish.asking, &shared, state);
        self.asked.answers[place]
            .refused
            .as_ref()
            .is_some_and(|refused| !refused.contains(&seen))
    }

    /// The projections of the answering view's states from which the wish cannot be met.
    fn refused(&mut self, wish: &Wish, shared: &[Subject], depth: usize) -> FxHashSet<State> {
        let space = &self.spaces[wish.answering];
        let is = |state: State, (subject, values): &Atom| {
            let slot = space.layout.slot(*subject);
            slot.is_some_and(|slot| values >> slot.get(state) & 1 == 1)
        };
        let meets = |state: &State| {
            let choices = wish.choices.iter();
            choices
                .map(Vec::as_slice)
                .any(|atoms| atoms.iter().all(|atom| is(*state, atom)))
        };
        let mut good: Vec<bool> = space.states.iter().map(meets).collect();
        if good.contains(&false) {
            let open: Vec<bool> = space
                .programs
                .iter()
                .map(|program| {
                    let untouched = !program
                        .writes
                        .iter()
                        .any(|s| wish.forbidden.binary_search(s).is_ok());
                    untouched && program.mover != Mover::Party && !program.is_other()
                })
                .collect();
            let path = Path {
                view: wish.answering,
                moves: &|program| open[program as usize],
                stays: true,
                forbidden: &wish.forbidden.as_slice().into(),
                depth: depth + 1,
            };
            good = self.backward(&path, good);
        }
        let bad = space.states.iter().zip(&good).filter(|(_, good)| !**good);
        bad.map(|(state, _)| self.project(wish.answering, shared, *state))
            .collect()
    }
}
