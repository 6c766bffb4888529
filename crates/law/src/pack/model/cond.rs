//! Conditions over facts and limits.

use super::{FactId, LimitId, ValueSet};

/// A condition over facts and limits.
#[derive(Debug, Clone, PartialEq)]
pub enum Cond {
    /// All hold; empty is true.
    All(Vec<Cond>),
    /// At least one holds.
    Any(Vec<Cond>),
    /// A literal with what to say when it fails.
    Lit(Lit),
}

impl Cond {
    /// The condition that always holds.
    pub fn always() -> Self {
        Self::All(Vec::new())
    }

    /// Visits every literal.
    pub fn literals<'a>(&'a self, visit: &mut dyn FnMut(&'a Lit)) {
        match self {
            Self::All(inner) | Self::Any(inner) => inner.iter().for_each(|c| c.literals(visit)),
            Self::Lit(lit) => visit(lit),
        }
    }
}

/// Over whom a literal about a party fact speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// The case, or the party of the step.
    This,
    /// Every party.
    Every,
    /// At least one party.
    Some,
}

/// `fact ∈ values`.
#[derive(Debug, Clone, PartialEq)]
pub struct Lit {
    /// Fact or limit status.
    pub subject: Subject,
    /// Allowed values.
    pub values: ValueSet,
    /// Over whom.
    pub over: Quantifier,
    /// What to tell the user when it fails.
    pub why: Option<String>,
    /// Article of that.
    pub basis: Option<String>,
    /// Step that would help.
    pub next: Option<String>,
}

/// What a literal speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A fact.
    Fact(FactId),
    /// The status of a limit, as a value of [`LimitStatus`].
    Limit(LimitId),
}
