//! What a procedure pack says, resolved: names are indices, conditions are over finite domains.

mod aids;
mod basis;
mod check;
mod cond;
mod effect;
mod facts;
mod field;
mod limit;
mod people;
mod step;

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::switch::Switch;
use crate::rules::{Over, Version};

pub use aids::*;
pub use basis::*;
pub use check::*;
pub use cond::*;
pub use effect::*;
pub use facts::*;
pub use field::*;
pub use limit::*;
pub use people::*;
pub use step::*;

/// Index of a fact in [`Pack::facts`].
pub type FactId = usize;
/// Index of a value in [`Fact::values`].
pub type ValueId = u8;
/// Index of a stage in [`Pack::stages`].
pub type StageId = usize;
/// Index of a limit in [`Pack::limits`].
pub type LimitId = usize;
/// Index of a step in [`Pack::steps`].
pub type StepId = usize;
/// A set of values of one fact, as bits.
pub type ValueSet = u32;

/// A whole procedure pack: the law of one procedure as data.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Name, such as `penalty-general`.
    pub name: String,
    /// Title in Chinese.
    pub title: String,
    /// Kind of act, such as `penalty`; it names the properties that must be proved.
    pub kind: String,
    /// Version text of the pack.
    pub version: String,
    /// First day in force.
    pub in_force_from: Date,
    /// Last day in force, if it has one.
    pub in_force_to: Option<Date>,
    /// Region code or `全国`.
    pub region: String,
    /// Versions that this one goes before where both apply.
    pub over: Vec<Over>,
    /// How open cases come over from older versions.
    pub switches: Vec<Switch>,
    /// Where the head stands.
    pub place: Place,
    /// Digest of the pack's files, given by the caller.
    pub digest: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Pairs of duties that no one person may hold in one case.
    pub separations: Vec<Separation>,
    /// Stages.
    pub stages: Vec<Stage>,
    /// Facts with finite domains; the program's own come first.
    pub facts: Vec<Fact>,
    /// Time limits.
    pub limits: Vec<Limit>,
    /// Configuration keys.
    pub config: Vec<ConfigKey>,
    /// Rows of the lapse matrix.
    pub lapses: Vec<LapseRow>,
    /// Actions, in the order of the pack.
    pub actions: Vec<Action>,
    /// Steps of all actions.
    pub steps: Vec<Step>,
    /// Steps that a case waits for when they can be taken, rather than merely allows.
    pub todo: Vec<StepId>,
    /// Titles of the papers that the pack issues, by template name.
    pub papers: BTreeMap<String, PaperKind>,
    /// What bears on the items of legal review, by number.
    pub review_aids: Vec<ReviewAid>,
    /// Guidance on steps.
    pub guidance: Vec<Guidance>,
}

impl Pack {
    /// Visits effects one after another, with those inside conditions, `each` and rows of the lapse matrix.
    pub fn walk<'a>(&'a self, effects: &'a [Effect], visit: &mut dyn FnMut(&'a Effect)) {
        for effect in effects {
            visit(effect);
            match effect {
                Effect::When(_, inner) | Effect::Each(inner) | Effect::Dated(_, inner) => {
                    self.walk(inner, visit);
                }
                Effect::Raise(row) => {
                    if let Some(row) = self.lapses.get(*row) {
                        self.walk(&row.effects, visit);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether holding the one role is holding the other: the same, or one that it includes (`also`).
    pub fn includes(&self, held: &str, role: &str) -> bool {
        let also = || self.roles.iter().find(|r| r.id == held).map(|r| &r.also);
        held == role || also().is_some_and(|also| also.iter().any(|id| id == role))
    }

    /// The pack as one version of its procedure among others.
    pub fn as_version(&self) -> Version<'_> {
        Version {
            name: &self.version,
            from: self.in_force_from,
            to: self.in_force_to,
            region: &self.region,
            over: &self.over,
            place: &self.place,
        }
    }

    /// The step with that identifier.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }
}

/// A place in a pack file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
}
