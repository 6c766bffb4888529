//! Refusals: why something cannot be done, under which article, and what would help.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One reason of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// What is wrong, in words an officer uses.
    pub why: String,
    /// Article, where the law decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// What to do next: a step id of the pack, or words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The form field that it speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Reason {
    /// A reason without article.
    pub fn new(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            basis: None,
            next: None,
            field: None,
        }
    }

    /// Adds the article.
    pub fn basis(mut self, basis: impl Into<String>) -> Self {
        self.basis = Some(basis.into());
        self
    }

    /// Adds what to do next.
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// Names the form field.
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

/// What kind of refusal it is; the API's problem types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The step, party or request does not exist.
    Unknown,
    /// The case is not where the step may be taken, or a condition fails.
    NotNow,
    /// The person may not do it.
    NotYou,
    /// A field is missing or wrong.
    BadInput,
    /// A date is impossible.
    BadDate,
    /// The person has not seen the latest version of the case.
    Stale,
    /// Pack and program do not agree: what was proved of the pack does not cover what would happen.
    PackFault,
}

/// A command that was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Refusal {
    /// Kind.
    pub kind: RefusalKind,
    /// Step that was asked for.
    pub step: String,
    /// Reasons, at least one.
    pub reasons: Vec<Reason>,
}

impl Refusal {
    /// A refusal with one reason.
    pub fn one(kind: RefusalKind, step: impl Into<String>, reason: Reason) -> Self {
        Self {
            kind,
            step: step.into(),
            reasons: vec![reason],
        }
    }

    /// All reasons as one sentence, with articles.
    pub fn sentence(&self) -> String {
        let parts: Vec<String> = self
            .reasons
            .iter()
            .map(|r| match &r.basis {
                Some(basis) => format!("{}（{basis}）", r.why),
                None => r.why.clone(),
            })
            .collect();
        parts.join("；")
    }
}
