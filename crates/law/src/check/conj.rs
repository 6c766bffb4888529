//! What a move takes for granted about facts that its view has forgotten: conjunctions of `subject ∈ values`.

use rustc_hash::FxHashMap;

use crate::pack::{Subject, ValueSet};

/// A forgotten fact or limit is among these values.
pub(super) type Atom = (Subject, ValueSet);

/// Identifier of an interned conjunction; [`NOTHING`] takes nothing for granted.
pub(super) type ConjId = u32;

/// Identifier of interned alternatives: conjunctions, one of which is enough.
pub(super) type ChoiceId = u32;

/// The empty conjunction.
pub(super) const NOTHING: ConjId = 0;

/// Interned conjunctions, so that a move carries one number.
#[derive(Debug)]
pub(super) struct Conjs {
    list: Vec<Vec<Atom>>,
    ids: FxHashMap<Vec<Atom>, ConjId>,
    and: FxHashMap<(ConjId, Atom), Option<ConjId>>,
    weakest: FxHashMap<Vec<ConjId>, ChoiceId>,
    choices: Vec<Vec<ConjId>>,
    choice_ids: FxHashMap<Vec<ConjId>, ChoiceId>,
}

impl Conjs {
    /// A store with the empty conjunction.
    pub(super) fn new() -> Self {
        let ids = FxHashMap::from_iter([(Vec::new(), NOTHING)]);
        Self {
            list: vec![Vec::new()],
            ids,
            and: FxHashMap::default(),
            weakest: FxHashMap::default(),
            choices: Vec::new(),
            choice_ids: FxHashMap::default(),
        }
    }

    /// The atoms of a conjunction.
    pub(super) fn atoms(&self, id: ConjId) -> &[Atom] {
        self.list.get(id as usize).map_or(&[], Vec::as_slice)
    }

    /// Interns alternatives without those that take for granted all that another does: they are idle.
    pub(super) fn weakest(&mut self, conjs: Vec<ConjId>) -> ChoiceId {
        if let Some(known) = self.weakest.get(&conjs) {
            return *known;
        }
        let mut kept = conjs.clone();
        kept.retain(|conj| {
            let mut others = conjs.iter().filter(|other| *other != conj);
            !others.any(|other| self.covers(*conj, *other))
        });
        let choice = self.choice(kept);
        self.weakest.insert(conjs, choice);
        choice
    }

    /// Interns alternatives.
    pub(super) fn choice(&mut self, mut conjs: Vec<ConjId>) -> ChoiceId {
        conjs.sort_unstable();
        conjs.dedup();
        if let Some(known) = self.choice_ids.get(&conjs) {
            return *known;
        }
        let next = self.choices.len() as ChoiceId;
        self.choices.push(conjs.clone());
        self.choice_ids.insert(conjs, next);
        next
    }

    /// The conjunctions of alternatives, in order and each once.
    pub(super) fn alternatives(&self, id: ChoiceId) -> &[ConjId] {
        self.choices.get(id as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether the one takes for granted all that the other does.
    fn covers(&self, one: ConjId, other: ConjId) -> bool {
        let given = self.atoms(one);
        let covered =
            |(subject, set): &Atom| given.iter().any(|(s, own)| s == subject && own & !set == 0);
        self.atoms(other).iter().all(covered)
    }

    /// The conjunction with one more atom; none if that cannot be.
    pub(super) fn and(&mut self, id: ConjId, atom: Atom) -> Option<ConjId> {
        if let Some(known) = self.and.get(&(id, atom)) {
            return *known;
        }
        let made = self.make(id, atom);
        self.and.insert((id, atom), made);
        made
    }

    fn make(&mut self, id: ConjId, (subject, values): Atom) -> Option<ConjId> {
        let mut atoms = self.atoms(id).to_vec();
        match atoms.iter_mut().find(|(s, _)| *s == subject) {
            Some((_, set)) => *set &= values,
            None => {
                atoms.push((subject, values));
                atoms.sort_unstable_by_key(|(s, _)| *s);
            }
        }
        if atoms.iter().any(|(_, set)| *set == 0) {
            return None;
        }
        if let Some(known) = self.ids.get(&atoms) {
            return Some(*known);
        }
        let next = ConjId::try_from(self.list.len()).ok()?;
        self.list.push(atoms.clone());
        self.ids.insert(atoms, next);
        Some(next)
    }
}
