//! What was changed in a case after it was first written: field by field, from what to what, when and by whom.

use std::collections::{BTreeMap, BTreeSet};

use casework::{
    effect::{Effect, Switched},
    event::CaseActed,
    party::Party,
    proposal::Disposition,
};
use law::pack::Pack;
use office::{CaseFile, Recorded};

use super::rounds::differences;
use crate::show::{self, Names};

/// A change of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub what: String,
    pub before: String,
    pub after: String,
    pub on: String,
    pub people: String,
    pub version: u64,
}

/// The changes of a case, a field's after one another.
#[derive(Default)]
pub struct History {
    /// Of the case itself.
    pub of_case: Vec<Change>,
    /// Of each party and of what is proposed for it, by party id.
    pub of_party: BTreeMap<String, Vec<Change>>,
}

/// What stood before the event that is looked at.
#[derive(Default)]
struct Before {
    facts: BTreeMap<(String, Option<String>), String>,
    parties: BTreeMap<String, Party>,
    roles: BTreeMap<String, BTreeSet<String>>,
    proposal: Vec<Disposition>,
    decided: BTreeMap<String, Disposition>,
    number: String,
}

impl History {
    /// What the events changed.
    pub fn of(file: &CaseFile, names: &Names<'_>) -> Self {
        let (mut history, mut before) = (Self::default(), Before::default());
        for recorded in &file.events {
            history.go_on(recorded, &mut before, names);
        }
        for changes in history.of_party.values_mut().chain([&mut history.of_case]) {
            together(changes);
        }
        history
    }

    fn go_on(&mut self, recorded: &Recorded, before: &mut Before, names: &Names<'_>) {
        let acted = &recorded.acted;
        // What an event sets and sets again within itself has changed once.
        let mut changed: Vec<Changed> = Vec::new();
        for effect in &acted.effects {
            for (party, what, old, new) in before.take(effect, names) {
                let known = changed
                    .iter_mut()
                    .find(|known| known.0 == party && known.1 == what);
                match known {
                    Some(known) => known.3 = new,
                    None => changed.push((party, what, old, new)),
                }
            }
        }
        for (party, what, old, new) in changed {
            let Some(old) = old.filter(|old| *old != new) else {
                continue;
            };
            let change = Change {
                what,
                before: old,
                after: new,
                on: acted.occurred_on.to_string(),
                people: people(acted),
                version: recorded.header.version,
            };
            match party {
                Some(party) => self.of_party.entry(party).or_default().push(change),
                None => self.of_case.push(change),
            }
        }
    }
}

fn people(acted: &CaseActed) -> String {
    let names: Vec<&str> = acted.people.iter().map(|p| p.name.as_str()).collect();
    names.join("、")
}

/// Brings the changes of each field together, fields in the order in which they first changed.
fn together(changes: &mut [Change]) {
    let mut order: Vec<String> = Vec::new();
    for change in changes.iter() {
        if !order.contains(&change.what) {
            order.push(change.what.clone());
        }
    }
    changes.sort_by_key(|change| order.iter().position(|what| *what == change.what));
}

/// A change of something: party, what it is, before (none where it was said for the first time) and after.
type Changed = (Option<String>, String, Option<String>, String);

impl Before {
    /// What an effect changes of what stood before.
    fn take(&mut self, effect: &Effect, names: &Names<'_>) -> Vec<Changed> {
        match effect {
            Effect::Set { fact, value, party } => self.set(fact, value, party, names.pack),
            Effect::Number { number } => {
                let old = std::mem::replace(&mut self.number, number.clone());
                let old = Some(old).filter(|old| !old.is_empty());
                vec![(None, "案号".to_owned(), old, number.clone())]
            }
            Effect::Assign { role, people } => self.hold(role, names, |held| {
                held.extend(people.iter().cloned());
            }),
            Effect::Release { role, people } => {
                self.hold(role, names, |held| held.retain(|p| !people.contains(p)))
            }
            Effect::AddParty { party } => {
                self.parties.insert(party.id.clone(), party.clone());
                Vec::new()
            }
            Effect::AmendParty { party } => {
                let old = self.parties.insert(party.id.clone(), party.clone());
                old.map(|old| amended(&old, party)).unwrap_or_default()
            }
            Effect::Propose { dispositions } => {
                let old = std::mem::replace(&mut self.proposal, dispositions.clone());
                if old.is_empty() {
                    return Vec::new();
                }
                let found = differences(&old, dispositions, names);
                let id = |name: &str| {
                    let known = dispositions.iter().map(|d| &d.party);
                    known
                        .into_iter()
                        .find(|id| names.party(id) == name)
                        .cloned()
                };
                found
                    .into_iter()
                    .map(|d| {
                        let what = format!("拟处理意见·{}", d.what);
                        (id(&d.party), what, Some(d.before), d.after)
                    })
                    .collect()
            }
            Effect::Decided { party } => {
                let decided = self.proposal.iter().find(|d| d.party == *party).cloned();
                self.decided.extend(decided.map(|d| (party.clone(), d)));
                Vec::new()
            }
            Effect::Redecided { party, disposition } => {
                let new = (**disposition).clone();
                let Some(old) = self.decided.insert(party.clone(), new.clone()) else {
                    return Vec::new();
                };
                let found = differences(&[old], &[new], names).into_iter();
                found
                    .map(|d| {
                        let what = format!("决定·{}", d.what);
                        (Some(party.clone()), what, Some(d.before), d.after)
                    })
                    .collect()
            }
            Effect::Switched(switched) => {
                self.switch(switched);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn set(
        &mut self,
        fact: &str,
        value: &str,
        party: &Option<String>,
        pack: &Pack,
    ) -> Vec<Changed> {
        let key = (fact.to_owned(), party.clone());
        let old = self.facts.insert(key, value.to_owned());
        // The program's own facts are bookkeeping; a fact that the pack no longer has has no title.
        let declared = pack.facts.iter().find(|f| f.id == fact);
        let Some(declared) = declared.filter(|f| !f.id.starts_with('@')) else {
            return Vec::new();
        };
        let title = |id: &str| {
            let found = declared.values.iter().find(|(value, _)| value == id);
            found.map_or_else(|| id.to_owned(), |(_, title)| title.clone())
        };
        let old = old.as_deref().map(title);
        vec![(party.clone(), declared.title.clone(), old, title(value))]
    }

    fn hold(
        &mut self,
        role: &str,
        names: &Names<'_>,
        change: impl FnOnce(&mut BTreeSet<String>),
    ) -> Vec<Changed> {
        let held = self.roles.entry(role.to_owned()).or_default();
        let said = |held: &BTreeSet<String>| {
            let people: Vec<String> = held.iter().map(|id| names.person(id)).collect();
            people.join("、")
        };
        let before = Some(said(held)).filter(|before| !before.is_empty());
        change(held);
        vec![(None, names.role(role), before, said(held))]
    }

    /// What stood before is called as the newer version of the procedure calls it, which changes nothing.
    fn switch(&mut self, switched: &Switched) {
        let renamed = |pairs: &[(String, String)], name: &str| {
            let found = pairs.iter().find(|(old, _)| old == name);
            found.map_or_else(|| name.to_owned(), |(_, new)| new.clone())
        };
        let facts = std::mem::take(&mut self.facts).into_iter();
        self.facts = facts
            .map(|((fact, party), value)| {
                let mut values = switched.values.iter();
                let new = values.find(|(of, old, _)| (of, old) == (&fact, &value));
                let value = new.map_or(value, |(.., new)| new.clone());
                ((renamed(&switched.facts, &fact), party), value)
            })
            .collect();
        let roles = std::mem::take(&mut self.roles).into_iter();
        self.roles = roles
            .map(|(role, held)| (renamed(&switched.roles, &role), held))
            .collect();
    }
}

fn changed(party: Option<String>, what: &str, before: &str, after: &str) -> Vec<Changed> {
    if before == after {
        return Vec::new();
    }
    vec![(
        party,
        what.to_owned(),
        Some(before.to_owned()),
        after.to_owned(),
    )]
}

fn amended(old: &Party, new: &Party) -> Vec<Changed> {
    let fields = [
        ("名称", old.name.as_str(), new.name.as_str()),
        (
            "类型",
            show::party_kind(old.kind),
            show::party_kind(new.kind),
        ),
        ("证照号码", &old.code, &new.code),
        ("负责人", &old.representative, &new.representative),
        ("地址", &old.address, &new.address),
        ("电话", &old.phone, &new.phone),
    ];
    fields
        .into_iter()
        .flat_map(|(what, before, after)| changed(Some(new.id.clone()), what, before, after))
        .collect()
}
