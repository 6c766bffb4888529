//! What obligations ask of views, on what terms, and what is known of the answers.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::pack::{Mover, Subject};

use super::conj::{Atom, ConjId};

/// Identifier of interned [`Terms`].
pub(super) type TermsId = u32;

/// On what terms something is to be brought about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Terms {
    /// Who may move: those of the goal, as bits of [`mover_bit`].
    pub(super) by: u8,
    /// What must not be written.
    pub(super) forbidden: Vec<Subject>,
    /// What has been brought about before, and is not written again.
    pub(super) given: Vec<Atom>,
}

/// What an asking view wants of another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Wish {
    pub(super) asking: usize,
    pub(super) answering: usize,
    /// One of these conjunctions is wanted.
    pub(super) choices: Vec<Vec<Atom>>,
    pub(super) terms: TermsId,
}

/// A wish with what is known of it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) wish: Rc<Wish>,
    /// What its two views can see of one another.
    pub(super) pair: Rc<Pair>,
    /// By class, whether it cannot be met; empty until that has been worked out.
    pub(super) refused: Vec<bool>,
    /// How many obligations it hung on when it was asked; fewer leave more to ask.
    pub(super) asked_at: usize,
}

impl Answer {
    /// Whether the wish is known to be met in that state of the asking view.
    pub(super) fn grants(&self, at: u32) -> bool {
        let refused = self.refused.get(self.pair.asking[at as usize] as usize);
        !self.refused.is_empty() && refused.is_none_or(|refused| !refused)
    }
}

/// The states of two views by what both can see: the stage and all that both keep.
#[derive(Debug)]
pub(super) struct Pair {
    /// The class of each of the answering view's states.
    pub(super) answering: Vec<u32>,
    /// The class of each of the asking view's states; past the last where the answering view has none like it.
    pub(super) asking: Vec<u32>,
    /// How many classes there are.
    pub(super) count: usize,
}

/// An assumption of a view's edge, and on what terms it is to be brought about.
pub(super) type Question = (usize, ConjId, TermsId);

/// Several conjunctions that a view is to bring about, one of them; see [`Question`].
pub(super) type Alternatives = (usize, Vec<Vec<Atom>>, TermsId);

/// A conjunction that a view is to bring about; see [`Question`].
pub(super) type Conjunction = (usize, Vec<Atom>, TermsId);

/// How one of several conjunctions is asked for.
#[derive(Debug)]
pub(super) struct Choice {
    /// Places of wishes, each with what else must be brought about if it is the one.
    pub(super) parts: Vec<(usize, Vec<Atom>)>,
    /// On what terms the parts are asked for.
    pub(super) asked: TermsId,
    /// On what terms the rest is, once one of them holds.
    pub(super) next: TermsId,
}

/// Who asks, and in which state.
pub(super) struct Ask {
    pub(super) view: usize,
    pub(super) at: u32,
    pub(super) depth: usize,
}

/// All that has been asked, with what is known of it.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) answers: Vec<Answer>,
    /// Places of wishes among the answers.
    pub(super) places: FxHashMap<Rc<Wish>, usize>,
    /// How a question is divided into wishes; none if no view keeps one of its facts.
    pub(super) plans: FxHashMap<Question, Option<Rc<[usize]>>>,
    /// How assumptions of edges are asked for, one of which is enough, if some view can tell them apart.
    pub(super) of_edges: FxHashMap<(usize, Vec<ConjId>, TermsId), Option<Rc<Choice>>>,
    /// The same for other alternatives.
    pub(super) questions: FxHashMap<Alternatives, Option<Rc<Choice>>>,
    /// Asking and answering views.
    pub(super) pairs: FxHashMap<(usize, usize), Rc<Pair>>,
    /// How a conjunction is divided into wishes; none if no view keeps one of its facts.
    pub(super) divided: FxHashMap<Conjunction, Option<Rc<[usize]>>>,
    pub(super) terms: Vec<Rc<Terms>>,
    pub(super) terms_ids: FxHashMap<Rc<Terms>, TermsId>,
}

impl Asked {
    /// Terms that forbid nothing and leave the moves to these.
    pub(super) fn only_by(&mut self, movers: &[Mover]) -> TermsId {
        self.intern(Terms {
            by: movers
                .iter()
                .fold(0, |bits, mover| bits | mover_bit(*mover)),
            ..Terms::default()
        })
    }

    pub(super) fn intern(&mut self, terms: Terms) -> TermsId {
        if let Some(known) = self.terms_ids.get(&terms) {
            return *known;
        }
        let (next, terms) = (self.terms.len() as TermsId, Rc::new(terms));
        self.terms.push(Rc::clone(&terms));
        self.terms_ids.insert(terms, next);
        next
    }

    pub(super) fn terms(&self, id: TermsId) -> Rc<Terms> {
        Rc::clone(&self.terms[id as usize])
    }
}

pub(super) fn mover_bit(mover: Mover) -> u8 {
    1 << match mover {
        Mover::Bureau => 0,
        Mover::Outside => 1,
        Mover::Party => 2,
        Mover::Expiry => 3,
    }
}
