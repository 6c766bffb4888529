//! What helps an official at work and has no effect: where to look for an item of legal review, and guidance on a step.

use super::{Basis, FactId, StepId};

/// How many items a legal review has.
pub const REVIEW_ITEM_COUNT: usize = 10;

/// Parts of a proposal that an item of legal review may look at.
pub const PROPOSAL_PARTS: [&str; 9] = [
    "penalties",
    "finding",
    "facts",
    "characterization",
    "violated",
    "basis",
    "discretion",
    "range",
    "correction",
];

/// What bears on one item of legal review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewAid {
    /// Number of the item, from 1.
    pub item: usize,
    /// What to look for, in one or two sentences.
    pub look: String,
    /// Facts whose present values bear on it.
    pub facts: Vec<FactId>,
    /// Assigned roles whose holders bear on it.
    pub roles: Vec<String>,
    /// Papers that bear on it, by template name.
    pub papers: Vec<String>,
    /// Kinds of evidence that bear on it.
    pub evidence: Vec<String>,
    /// Parts of the proposal that bear on it, of [`PROPOSAL_PARTS`].
    pub proposal: Vec<String>,
}

/// Guidance on a step: what it means, the wording to use on site, and what to look out for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guidance {
    /// Steps beside whose forms it is shown.
    pub steps: Vec<StepId>,
    /// What the step means.
    pub means: Vec<String>,
    /// Occasion and words.
    pub say: Vec<(String, String)>,
    /// What to look out for.
    pub mind: Vec<String>,
    /// Articles.
    pub basis: Vec<Basis>,
}
