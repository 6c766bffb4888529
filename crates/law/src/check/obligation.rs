//! Obligations: what the moves of one view take for granted is held against the other views.
//!
//! An assumption about several views is brought about view by view, in the order of the property file: what a
//! former view has brought about must not be written again, and what a later one needs of it may be relied on.
//!
//! # Why a proof holds
//!
//! A view sees of a real state `s` the stage and what it keeps, `v(s)`; as a view allows more than the pack, `v(s)`
//! is explored for every real `s` that can be reached. *Claim:* if state `x` of view `v` is marked for a goal, then
//! from every such `s` with `v(s) = x` a real path of the goal's movers leads to a state that `v` sees as marked from
//! the start. By induction on the order of marking: a state is marked only for moves to states marked before it, so
//! that no path goes in a circle and nothing is left to fairness.
//!
//! - *A move that asks nothing* is open in `s` and leads there, whatever `v` has forgotten.
//! - *A move that asks a conjunction* `c`: each of its wishes is met from **every** state of the answering view `w`
//!   that agrees with `x` on the stage and on all that both keep, `w(s)` among them. By the claim for `w` a real path
//!   makes it so. That path keeps the stage and writes nothing that `v` keeps, so `v` still sees `x`; nor does a later
//!   wish write what an earlier one was about. In the end `c` holds, `v` sees `x`, and the move is open.
//! - *Some move, whichever is open*: of conjunctions `k ∧ r`, of which one view knows the `k`, either `k` is made so
//!   first, and then the one `r` that goes with all these `k`, without writing what the `k` are about; or first one of
//!   the `r`, then its `k` without writing what any `r` is about, and last what all `r` share, without writing either.
//! - *A move that cannot miss*: all its ways, those that hang on forgotten facts too, lead to marked states.
//!
//! An obligation on the way of another inherits all that must not be written and adds what its own asking view keeps.
//! It hangs on fewer than [`DEPTH_MAX`] others; one that comes back to itself while it is worked out is refused, and
//! only what was worked out to its end is granted, so obligations too rest on one another in no circle.
//!
//! Only the goal's own movers move, in obligations as on the path: no party's act where the goal leaves it out, no
//! outside organ where it is the bureau's alone. Inside an obligation no other party moves.
//!
//! **Parties.** For a case of one party all this is exact: such cases are explored by themselves ([`Parties::One`]),
//! where *every* and *some* mean that party. For several, a path takes *every party's …* to hold once it holds for
//! the explored one: that the others can be brought as far, by what leaves this one where it is, is **not** proved.
//! It holds where a party's facts are written by its own steps and the case's steps write those of all alike.
//!
//! **What the model leaves out**, so that a goal may be proved and yet be out of reach: which of two running limits
//! expires first; checks on real figures (`require`), which are taken to be met; persons, of whom there are taken to
//! be enough; and the bureau's configuration, of which a path may take any (`review-due`, `review-place` and
//! `discuss-due` hang on it). What figures alone decide ([`Compute::is_figure`](crate::pack::Compute::is_figure)) no
//! path may choose: such a move is taken only if it leads to marked states however they turn out.
//!
//! [`Parties::One`]: super::compile::Parties::One

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::pack::{Subject, ValueSet};

use super::asked::{Alternatives, Answer, Ask, Choice, Pair, Question, TermsId, Wish, mover_bit};
use super::conj::{Atom, ConjId, NOTHING};
use super::guard::{Slot, State};
use super::program::Program;
use super::reach::{Path, Reach};

/// How many obligations may hang on one another.
const DEPTH_MAX: usize = 3;
/// How many views may be asked in turn which of several assumptions is so.
const CHOICES_MAX: usize = 2;

impl Reach<'_> {
    /// Whether what a move takes for granted can be brought about in that state of its view.
    pub(super) fn is_met(
        &mut self,
        view: usize,
        at: u32,
        conj: ConjId,
        terms: TermsId,
        depth: usize,
    ) -> bool {
        if conj == NOTHING {
            return true;
        }
        let Some(wishes) = self.plan((view, conj, terms)) else {
            return false;
        };
        wishes.iter().all(|wish| self.is_granted(*wish, at, depth))
    }

    /// In which views an assumption cannot be brought about from that state.
    pub(super) fn unmet_in(&mut self, path: &Path<'_>, at: u32, conj: ConjId) -> Vec<&str> {
        let plan = self.plan((path.view, conj, path.terms));
        let wishes = plan.unwrap_or_default();
        let mut refusing = Vec::new();
        for wish in wishes.iter().copied() {
            if !self.is_granted(wish, at, path.depth) {
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

    fn wishes(&mut self, (view, conj, terms): &Question) -> Option<Vec<Wish>> {
        self.divide(*view, self.spaces[*view].conjs.atoms(*conj), *terms)
    }

    /// Divides literals among views that keep their subjects, as few as can be; what is given needs no view.
    fn divide(&mut self, view: usize, atoms: &[Atom], terms: TermsId) -> Option<Vec<Wish>> {
        let known = self.asked.terms(terms);
        let given = |(subject, values): &&Atom| {
            (known.given.iter()).any(|(s, v)| s == subject && v & !values == 0)
        };
        let mut left: Vec<Atom> = atoms.iter().filter(|atom| !given(atom)).copied().collect();
        let mut parts: Vec<(usize, Vec<Atom>)> = Vec::new();
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
            parts.push((answering, own));
            left = rest;
        }
        parts.sort_unstable_by_key(|(answering, _)| *answering);
        let mut terms = self.extended(terms, view, &[]);
        let mut wishes = Vec::new();
        for (answering, own) in parts {
            let next = self.extended(terms, view, &own);
            wishes.push(Wish {
                asking: view,
                answering,
                choices: vec![own],
                terms: std::mem::replace(&mut terms, next),
            });
        }
        Some(wishes)
    }

    /// Terms under which besides what the view keeps and what these literals speak of is not written.
    fn extended(&mut self, terms: TermsId, view: usize, given: &[Atom]) -> TermsId {
        let mut terms = (*self.asked.terms(terms)).clone();
        terms.forbidden.extend(self.kept(view));
        terms
            .forbidden
            .extend(given.iter().map(|(subject, _)| *subject));
        terms.forbidden.sort_unstable();
        terms.forbidden.dedup();
        terms.given.extend(given);
        terms.given.sort_unstable();
        terms.given.dedup();
        self.asked.intern(terms)
    }

    /// Terms under which these subjects are not written either.
    fn sparing(&mut self, terms: TermsId, subjects: impl Iterator<Item = Subject>) -> TermsId {
        let mut terms = (*self.asked.terms(terms)).clone();
        terms.forbidden.extend(subjects);
        terms.forbidden.sort_unstable();
        terms.forbidden.dedup();
        self.asked.intern(terms)
    }

    /// Whether one of several assumptions can be brought about in that state, whichever it is.
    pub(super) fn one_is_met(&mut self, path: &Path<'_>, at: u32, conjs: &[ConjId]) -> bool {
        let ask = Ask {
            view: path.view,
            at,
            depth: path.depth,
        };
        let key = (path.view, conjs.to_vec(), path.terms);
        let question = match self.asked.of_edges.get(&key) {
            Some(known) => known.clone(),
            None => {
                let atoms = |conj| self.spaces[path.view].conjs.atoms(conj).to_vec();
                let conjs = conjs.iter().map(|conj| atoms(*conj)).collect();
                let question = self.question(&(path.view, conjs, path.terms)).map(Rc::new);
                self.asked.of_edges.insert(key, question.clone());
                question
            }
        };
        question.is_some_and(|question| self.one_by(&ask, &question, CHOICES_MAX))
    }

    /// Whether one of several conjunctions can be brought about: a view shows from each of its states a way to one
    /// or the other of what it knows, and of what it does not know the same holds in turn.
    fn one_of(&mut self, ask: &Ask, conjs: Vec<Vec<Atom>>, terms: TermsId, left: usize) -> bool {
        if left == 0 || conjs.len() < 2 {
            return false;
        }
        let key = (ask.view, conjs, terms);
        let question = match self.asked.questions.get(&key) {
            Some(known) => known.clone(),
            None => {
                let question = self.question(&key).map(Rc::new);
                self.asked.questions.insert(key, question.clone());
                question
            }
        };
        question.is_some_and(|question| self.one_by(ask, &question, left))
    }

    fn one_by(&mut self, ask: &Ask, question: &Choice, left: usize) -> bool {
        let mut known: Vec<(usize, &Vec<Atom>)> = Vec::new();
        for (place, rest) in &question.parts {
            if self.is_granted(*place, ask.at, ask.depth) {
                if self.all_of(ask, rest, question.next) {
                    return true;
                }
                known.push((*place, rest));
            }
        }
        self.one_of_rests(ask, question, &known, left)
    }

    /// Whether one of the rests can be brought about, then what the view knows of it without touching any rest, and
    /// last what all rests have in common without touching either.
    fn one_of_rests(
        &mut self,
        ask: &Ask,
        question: &Choice,
        known: &[(usize, &Vec<Atom>)],
        left: usize,
    ) -> bool {
        let [(_, first), others @ ..] = known else {
            return false;
        };
        if others.is_empty() || left < 2 {
            return false;
        }
        let in_all = |atom: &&Atom| others.iter().all(|(_, rest)| rest.contains(atom));
        let mut common: Vec<Atom> = first.iter().filter(in_all).copied().collect();
        // What cannot be left to the end is brought about with what the rests differ in.
        let (subjects, last) = loop {
            let differing = known.iter().flat_map(|(_, rest)| rest.iter());
            let differing = differing.filter(|atom| !common.contains(atom));
            let subjects: Vec<Subject> = differing.map(|(subject, _)| *subject).collect();
            let last = self.sparing(question.next, subjects.iter().copied());
            let before = common.len();
            common.retain(|atom| self.all_of(ask, &[*atom], last));
            if common.len() == before {
                break (subjects, last);
            }
        };
        if !self.all_of(ask, &common, last) {
            return false;
        }
        let differing = |rest: &[Atom]| -> Vec<Atom> {
            let differs = |atom: &&Atom| !common.contains(atom);
            rest.iter().filter(differs).copied().collect()
        };
        let rests = known.iter().map(|(place, rest)| (*place, differing(rest)));
        let rests: Vec<(usize, Vec<Atom>)> = rests.collect();
        let mut choices = Vec::new();
        for (place, rest) in rests {
            let mut wish = (*self.asked.answers[place].wish).clone();
            wish.terms = self.sparing(wish.terms, subjects.iter().copied());
            let place = self.place(wish);
            if self.is_granted(place, ask.at, ask.depth) {
                choices.push(rest);
            }
        }
        self.one_of(ask, choices, question.asked, left - 1)
    }

    /// How one of several conjunctions is asked for.
    fn question(&mut self, (view, conjs, terms): &Alternatives) -> Option<Choice> {
        // The view that leaves the fewest questions open is asked; asking all would take too long.
        let subjects = conjs.iter().flatten().map(|(s, _)| *s);
        let kept = |at: usize| {
            subjects
                .clone()
                .filter(|s| self.resolved.views[at].keeps(*s))
                .count()
        };
        let views = (0..self.spaces.len()).filter(|at| kept(*at) > 0);
        let answering = views.min_by_key(|at| (self.by_rest(*at, conjs).len(), kept(*at), *at))?;
        let groups = self.by_rest(answering, conjs);
        if groups.len() == conjs.len() {
            return None;
        }
        let known = subjects.filter(|s| self.resolved.views[answering].keeps(*s));
        let asked = self.extended(*terms, *view, &[]);
        let next = self.sparing(asked, known);
        let mut part = |(rest, choices)| {
            let wish = Wish {
                asking: *view,
                answering,
                choices,
                terms: asked,
            };
            (self.place(wish), rest)
        };
        Some(Choice {
            parts: groups.into_iter().map(&mut part).collect(),
            asked,
            next,
        })
    }

    /// Whether a conjunction can be brought about.
    fn all_of(&mut self, ask: &Ask, atoms: &[Atom], terms: TermsId) -> bool {
        let key = (ask.view, atoms.to_vec(), terms);
        let places = match self.asked.divided.get(&key) {
            Some(known) => known.clone(),
            None => {
                let wishes = self.divide(ask.view, atoms, terms);
                let places: Option<Rc<[usize]>> =
                    wishes.map(|wishes| wishes.into_iter().map(|w| self.place(w)).collect());
                self.asked.divided.insert(key, places.clone());
                places
            }
        };
        places.is_some_and(|places| {
            let mut places = places.iter();
            places.all(|place| self.is_granted(*place, ask.at, ask.depth))
        })
    }

    /// What a view can tell of several conjunctions, by what it cannot tell.
    fn by_rest(&self, answering: usize, conjs: &[Vec<Atom>]) -> Vec<(Vec<Atom>, Vec<Vec<Atom>>)> {
        let view = &self.resolved.views[answering];
        let mut groups: Vec<(Vec<Atom>, Vec<Vec<Atom>>)> = Vec::new();
        for atoms in conjs {
            let (own, rest): (Vec<Atom>, Vec<Atom>) =
                atoms.iter().partition(|(subject, _)| view.keeps(*subject));
            match groups.iter_mut().find(|(known, _)| *known == rest) {
                Some((_, choices)) => choices.push(own),
                None => groups.push((rest, vec![own])),
            }
        }
        groups
    }

    /// The place of a wish among the answers, where it is entered unasked.
    fn place(&mut self, wish: Wish) -> usize {
        if let Some(known) = self.asked.places.get(&wish) {
            return *known;
        }
        let pair = self.pair(&wish);
        let wish = Rc::new(wish);
        self.asked
            .places
            .insert(Rc::clone(&wish), self.asked.answers.len());
        self.asked.answers.push(Answer {
            wish,
            pair,
            refused: Vec::new(),
            asked_at: usize::MAX,
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

    /// Where what both views keep stands in the answering and in the asking view's states, the stage first.
    fn places(&self, wish: &Wish) -> Vec<(Slot, Slot)> {
        let (theirs, ours) = (
            &self.spaces[wish.answering].layout,
            &self.spaces[wish.asking].layout,
        );
        let shared = self.shared(wish.asking, wish.answering);
        let slots = |subject: &Subject| Some((theirs.slot(*subject)?, ours.slot(*subject)?));
        let mut places = vec![(theirs.stage, ours.stage)];
        places.extend(shared.iter().filter_map(slots));
        places
    }

    /// The states of an asking and an answering view by what both can see.
    fn pair(&mut self, wish: &Wish) -> Rc<Pair> {
        let key = (wish.asking, wish.answering);
        if let Some(known) = self.asked.pairs.get(&key) {
            return Rc::clone(known);
        }
        let places = self.places(wish);
        let mut classes: FxHashMap<State, u32> = FxHashMap::default();
        let mut answering = Vec::new();
        for state in &self.spaces[wish.answering].states {
            let seen = places
                .iter()
                .fold(0, |seen, (theirs, ours)| ours.put(seen, theirs.get(*state)));
            let next = classes.len() as u32;
            answering.push(*classes.entry(seen).or_insert(next));
        }
        let mask = places.iter().fold(0, |bits, (_, ours)| bits | ours.bits());
        let asking = self.spaces[wish.asking].states.iter();
        let asking = asking.map(|state| classes.get(&(state & mask)).copied().unwrap_or(u32::MAX));
        let pair = Rc::new(Pair {
            answering,
            asking: asking.collect(),
            count: classes.len(),
        });
        self.asked.pairs.insert(key, Rc::clone(&pair));
        pair
    }

    fn is_granted(&mut self, place: usize, at: u32, depth: usize) -> bool {
        let answer = &self.asked.answers[place];
        if answer.grants(at) {
            return true;
        }
        // What was refused deeper down, where less could be asked, is asked again.
        if depth >= DEPTH_MAX.min(answer.asked_at) {
            return false;
        }
        let wish = Rc::clone(&answer.wish);
        self.asked.answers[place].asked_at = depth;
        let refused = self.refused(&wish, depth);
        let answer = &mut self.asked.answers[place];
        answer.refused = refused;
        answer.grants(at)
    }

    /// By class of the answering view's states, whether from one of them the wish cannot be met.
    fn refused(&mut self, wish: &Wish, depth: usize) -> Vec<bool> {
        let space = &self.spaces[wish.answering];
        let found = |(subject, values): &Atom| Some((space.layout.slot(*subject)?, *values));
        // A view that does not keep what is wanted cannot show it.
        let choices = wish.choices.iter();
        let choices =
            choices.filter_map(|atoms| atoms.iter().map(found).collect::<Option<Vec<_>>>());
        let choices: Vec<Vec<_>> = choices.collect();
        let meets = |state: &State| {
            let is = |(slot, values): &(Slot, ValueSet)| values >> slot.get(*state) & 1 == 1;
            choices.iter().any(|atoms| atoms.iter().all(is))
        };
        let mut good: Vec<bool> = space.states.iter().map(meets).collect();
        if good.contains(&false) {
            let terms = self.asked.terms(wish.terms);
            let may = |program: &Program| {
                let mut writes = program.writes.iter();
                !writes.any(|s| terms.forbidden.binary_search(s).is_ok())
                    && terms.by & mover_bit(program.mover) != 0
                    && !program.is_other()
            };
            let open: Vec<bool> = space.programs.iter().map(may).collect();
            let path = Path {
                view: wish.answering,
                moves: &open,
                stays: true,
                terms: wish.terms,
                depth: depth + 1,
            };
            good = self.backward(&path, good);
        }
        let pair = self.pair(wish);
        let mut refused = vec![false; pair.count];
        for (class, good) in pair.answering.iter().zip(&good) {
            refused[*class as usize] |= !good;
        }
        refused
    }
}
