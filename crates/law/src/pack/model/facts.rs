//! Stages, facts, and the rows of the lapse matrix.

use super::{Effect, ValueId, ValueSet};

/// A place where a case stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Identifier.
    pub id: String,
    /// Title in Chinese.
    pub title: String,
    /// A stage of rest: an end, or the archive.
    pub end: bool,
}

/// Whether something belongs to the whole case or to each party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The case.
    Case,
    /// Each party.
    Party,
}

/// A fact of a case with a finite domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Identifier; the program's own begin with `@`.
    pub id: String,
    /// Title in Chinese.
    pub title: String,
    /// Case or party.
    pub scope: Scope,
    /// Values: identifier and Chinese title. The first is the initial one.
    pub values: Vec<(String, String)>,
    /// Values that lapse, and the value they lapse to.
    pub lapse: Option<(ValueSet, ValueId)>,
}

impl Fact {
    /// The value with that identifier.
    pub fn value(&self, id: &str) -> Option<ValueId> {
        self.values
            .iter()
            .position(|(v, _)| v == id)
            .and_then(|i| u8::try_from(i).ok())
    }
}

/// A row of the lapse matrix (what undoes a review, a notice, a hearing, a discussion).
#[derive(Debug, Clone, PartialEq)]
pub struct LapseRow {
    /// Identifier.
    pub id: String,
    /// Row number in the matrix.
    pub row: u32,
    /// Title in Chinese.
    pub title: String,
    /// What it does.
    pub effects: Vec<Effect>,
}
