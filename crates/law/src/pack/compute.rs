//! What the program can compute for a pack from real figures, by the names that packs use.

/// A computation that `casework` answers; a pack may name no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compute {
    /// Whether the facts of the violation are found to be proven, as proposed for that party.
    Finding,
    /// The ground for no penalty, as proposed for that party.
    Excuse,
    /// Whether a penalty is proposed for that party.
    Plan,
    /// Whether the decision leaves money to be paid.
    Money,
    /// Whether the decision imposes a fine that is not paid, which alone bears a surcharge (行政处罚法 72(1)(1)).
    Fine,
    /// What is left to be paid after a decision was changed.
    MoneyLeft,
    /// Whether more was paid than is owed, or something was carried out that is not decided any more.
    Refund,
    /// Whether the decision has other penalties to be carried out.
    Other,
    /// What is left to be carried out of the other penalties after a decision was changed.
    OtherLeft,
    /// Whether the party has the right to a hearing.
    HearingDue,
    /// Whether legal review is due, and by which ground.
    ReviewDue,
    /// Where the bureau has set the legal review.
    ReviewPlace,
    /// Whether collective discussion is due.
    DiscussDue,
}

impl Compute {
    /// Every computation with its name in packs and every answer that it can give.
    pub const ALL: [(Compute, &'static str, &'static [&'static str]); 13] = [
        (Compute::Finding, "finding", &["proven", "unproven"]),
        (
            Compute::Excuse,
            "excuse",
            &["none", "minor", "first", "no_fault", "age_mind"],
        ),
        (Compute::Plan, "plan", &["penalty", "no_penalty"]),
        (Compute::Money, "money", &["due", "none"]),
        (Compute::Fine, "fine", &["due", "none"]),
        (Compute::MoneyLeft, "money-left", &["due", "paid", "none"]),
        (Compute::Refund, "refund", &["due", "none"]),
        (Compute::Other, "other", &["due", "none"]),
        (Compute::OtherLeft, "other-left", &["due", "done", "none"]),
        (Compute::HearingDue, "hearing-due", &["yes", "no"]),
        (
            Compute::ReviewDue,
            "review-due",
            &["statutory", "widened", "no"],
        ),
        (
            Compute::ReviewPlace,
            "review-place",
            &["both", "before_notice", "before_decision"],
        ),
        (Compute::DiscussDue, "discuss-due", &["yes", "no"]),
    ];

    /// The computation of that name, with every answer that it can give.
    pub fn named(name: &str) -> Option<(Self, &'static [&'static str])> {
        let found = Self::ALL.iter().find(|(_, known, _)| *known == name);
        found.map(|(compute, _, answers)| (*compute, *answers))
    }

    /// Whether figures and law alone make the answer, so that nobody who acts can have it otherwise. What is not so
    /// is proposed by the officer who fills in the form, or hangs on what the officer ticks besides.
    pub fn is_figure(self) -> bool {
        matches!(
            self,
            Self::Money
                | Self::Fine
                | Self::MoneyLeft
                | Self::Refund
                | Self::Other
                | Self::OtherLeft
                | Self::HearingDue
        )
    }
}
