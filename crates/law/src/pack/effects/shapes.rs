//! How effects are written in packs: their names and the shapes of their nodes.

use crate::pack::Effect;
use crate::pack::cond::COND;
use crate::pack::node::{NONE, ONE, SOME, Shape, int, need, text};

/// Names of the nodes that are effects.
pub(crate) const EFFECTS: &[&str] = &[
    "set",
    "lapse",
    "raise",
    "do",
    "when",
    "each",
    "start",
    "stop",
    "pause",
    "resume",
    "continue",
    "extend",
    "measure",
    "assign",
    "recuse",
    "ask-recusal",
    "replace",
    "parties",
    "amend-party",
    "evidence",
    "exclude",
    "propose",
    "review-passed",
    "review-returned",
    "notify",
    "hear",
    "conclude",
    "decide",
    "redecide",
    "pay",
    "surcharge",
    "refund",
    "execute",
    "new-round",
    "publish",
    "withdraw",
    "number",
];

/// Effects without arguments.
pub(crate) const PLAIN: [(&str, Effect); 12] = [
    ("propose", Effect::Propose),
    ("review-passed", Effect::ReviewPassed),
    ("review-returned", Effect::ReviewReturned),
    ("notify", Effect::Notify),
    ("hear", Effect::Hear),
    ("conclude", Effect::Conclude),
    ("decide", Effect::Decide),
    ("pay", Effect::Pay),
    ("refund", Effect::Refund),
    ("new-round", Effect::NewRound),
    ("publish", Effect::Publish),
    ("withdraw", Effect::Withdraw),
];

/// Effects that happen to one party.
pub(super) const OF_A_PARTY: [&str; 12] = [
    "amend-party",
    "notify",
    "hear",
    "decide",
    "redecide",
    "pay",
    "surcharge",
    "refund",
    "execute",
    "new-round",
    "publish",
    "withdraw",
];

pub(super) const SET: Shape = Shape {
    args: 1..=2,
    props: &[text("field"), text("compute"), text("among")],
    children: &[],
};
pub(super) const NAMES: Shape = Shape {
    args: SOME,
    props: &[],
    children: &[],
};
pub(super) const NAME: Shape = Shape {
    args: ONE,
    props: &[],
    children: &[],
};
pub(super) const DATED: Shape = Shape {
    args: ONE,
    props: &[text("on")],
    children: &[],
};
pub(super) const WHEN: Shape = Shape {
    args: NONE,
    props: &[],
    children: &[&["cond"], EFFECTS],
};
pub(super) const COND_NODE: Shape = Shape {
    args: NONE,
    props: &[],
    children: &[COND],
};
pub(super) const EACH: Shape = Shape {
    args: NONE,
    props: &[],
    children: &[EFFECTS],
};
pub(super) const ASSIGN: Shape = Shape {
    args: ONE,
    props: &[text("field")],
    children: &[],
};
pub(super) const REPLACE: Shape = Shape {
    args: ONE,
    props: &[need("out"), need("in")],
    children: &[],
};
pub(super) const FIELD: Shape = Shape {
    args: NONE,
    props: &[need("field")],
    children: &[],
};
pub(super) const EVIDENCE: Shape = Shape {
    args: NONE,
    props: &[text("kind")],
    children: &[],
};
pub(super) const EXTEND: Shape = Shape {
    args: ONE,
    props: &[need("config"), int("times")],
    children: &[],
};
pub(super) const MEASURE: Shape = Shape {
    args: ONE,
    props: &[need("from"), need("to")],
    children: &[],
};
pub(super) const BARE: Shape = Shape {
    args: NONE,
    props: &[],
    children: &[],
};

impl Effect {
    /// The name of the effect in packs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Set(..) => "set",
            Self::Lapse(_) => "lapse",
            Self::Raise(_) => "raise",
            Self::When(..) => "when",
            Self::Each(_) => "each",
            Self::Dated(..) => "dated",
            Self::Start(_) => "start",
            Self::Stop(_) => "stop",
            Self::Pause(_) => "pause",
            Self::Resume(_) => "resume",
            Self::Continue(_) => "continue",
            Self::Extend { .. } => "extend",
            Self::Measure { .. } => "measure",
            Self::Assign(..) => "assign",
            Self::Recuse(_) => "recuse",
            Self::AskRecusal(_) => "ask-recusal",
            Self::Replace(..) => "replace",
            Self::Parties(_) => "parties",
            Self::AmendParty(_) => "amend-party",
            Self::Evidence(_) => "evidence",
            Self::Exclude(_) => "exclude",
            Self::Propose => "propose",
            Self::ReviewPassed => "review-passed",
            Self::ReviewReturned => "review-returned",
            Self::Notify => "notify",
            Self::Hear => "hear",
            Self::Conclude => "conclude",
            Self::Decide => "decide",
            Self::Redecide(_) => "redecide",
            Self::Pay => "pay",
            Self::Surcharge(_) => "surcharge",
            Self::Refund => "refund",
            Self::Execute(_) => "execute",
            Self::NewRound => "new-round",
            Self::Publish => "publish",
            Self::Withdraw => "withdraw",
            Self::Number(_) => "number",
        }
    }
}
