//! Actions, steps, who takes them, and the papers that they issue.

use super::{Basis, Cond, Duty, Effect, Field, Place, Require, Scope, StageId, StepId};

/// An action, as the law names it; it consists of steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Id, such as `A05`.
    pub id: String,
    /// Title in Chinese.
    pub title: String,
    /// Articles.
    pub basis: Vec<Basis>,
    /// Its steps.
    pub steps: Vec<StepId>,
}

/// Who moves the world by a step, for the checker's fairness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mover {
    /// The bureau itself.
    Bureau,
    /// An organ outside, which answers in the end.
    Outside,
    /// The party, which need never act.
    Party,
    /// The passing of time.
    Expiry,
}

/// Persons who take part in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crew {
    /// Role.
    pub role: String,
    /// Duty that the part means.
    pub duty: Duty,
    /// Fewest persons.
    pub min: u32,
    /// Role that may stand in where nobody fills the first (fallback).
    pub or: Option<String>,
}

/// One thing that can be done in a case: the unit of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Id, such as `A21.pass`.
    pub id: String,
    /// Title in Chinese.
    pub title: String,
    /// Action it belongs to.
    pub action: String,
    /// Case or one party.
    pub scope: Scope,
    /// Stages in which it can be taken.
    pub from: Vec<StageId>,
    /// Where the case goes: the first alternative whose condition holds afterwards.
    pub to: Vec<(StageId, Cond)>,
    /// Who moves.
    pub mover: Mover,
    /// The actor's part and those who act with them.
    pub by: Vec<Crew>,
    /// Approvals in order; the step takes effect with the last.
    pub chain: Vec<Crew>,
    /// Conditions.
    pub needs: Cond,
    /// Demands on real dates, amounts, persons: checked when the step is taken.
    pub requires: Vec<Require>,
    /// Form fields.
    pub form: Vec<Field>,
    /// Effects in order.
    pub effects: Vec<Effect>,
    /// Papers that the step issues.
    pub papers: Vec<PaperRef>,
    /// Articles.
    pub basis: Vec<Basis>,
    /// Whether it burdens a party.
    pub burden: bool,
    /// Whether the officers must have shown their cards on that occasion (行政处罚法 55).
    pub card_shown: bool,
    /// Where in the pack it stands.
    pub place: Place,
}

/// A paper a step issues.
#[derive(Debug, Clone, PartialEq)]
pub struct PaperRef {
    /// Template name.
    pub template: String,
    /// Series that numbers it, if any.
    pub series: Option<String>,
    /// Whether the condition looks at what was before the step, not at what the step has done.
    pub before: bool,
    /// Condition on facts, so that one step may issue this or that.
    pub when: Cond,
}

/// A kind of paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperKind {
    /// Title in Chinese.
    pub title: String,
    /// Whether the program has a template; otherwise a signed paper is uploaded.
    pub rendered: bool,
    /// Order in the file of the case (卷内顺序).
    pub order: u32,
    /// Whether it is kept in the inner volume (副卷), which parties do not see.
    pub inner: bool,
}
