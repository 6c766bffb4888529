//! What a step does.

use super::{Cond, FactId, LimitId, ValueId};
use crate::pack::Compute;

/// Where the new value of a fact comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A constant.
    Value(ValueId),
    /// The choice made in a form field; the option ids are value ids.
    Field(String, Vec<ValueId>),
    /// Computed from real figures by the program.
    Compute(Compute, Vec<ValueId>),
}

/// A day that a step knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayOf {
    /// The date in a field of the form; the day of the step where it is left empty.
    Field(String),
    /// The legal date of the step.
    Today,
    /// The day on which the case was discovered (被发现).
    Discovered,
}

/// How the kind and the name of what a step puts into the dossier are known (行政处罚法 46).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The form says both: `kind` and `name`.
    Chosen,
    /// What the person in `interviewee` said: a party's statement, or a witness's testimony.
    Interview,
    /// The things listed in the form, taken as samples.
    Sample,
    /// An expert's opinion.
    Expert,
    /// A record that the bureau made, called as the step's paper.
    Record,
}

impl Evidence {
    /// Names in packs.
    pub const ALL: [(Evidence, &'static str); 5] = [
        (Evidence::Chosen, "chosen"),
        (Evidence::Interview, "interview"),
        (Evidence::Sample, "sample"),
        (Evidence::Expert, "expert"),
        (Evidence::Record, "record"),
    ];
}

/// What a step does; the program knows these and no others (DECISIONS 7).
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Sets a fact.
    Set(FactId, Source),
    /// Lets facts lapse, where there is something to lapse.
    Lapse(Vec<FactId>),
    /// Applies a row of the lapse matrix.
    Raise(usize),
    /// Does the inner effects if the condition holds at that moment.
    When(Cond, Vec<Effect>),
    /// Does the inner effects for every party.
    Each(Vec<Effect>),
    /// Does the inner effects as of the day in a field of the form: of a limit that began or rested before it was
    /// put on record.
    Dated(String, Vec<Effect>),
    /// Starts a limit.
    Start(LimitId),
    /// Stops a limit.
    Stop(LimitId),
    /// Pauses a limit.
    Pause(LimitId),
    /// Resumes a limit.
    Resume(LimitId),
    /// Lets a stopped limit go on: the days used before count, those in between do not. One never started starts.
    Continue(LimitId),
    /// Puts on record a limit whose beginning and end both lie behind: it was kept, or had run out.
    Measure {
        /// The limit.
        limit: LimitId,
        /// Day from which it ran.
        from: DayOf,
        /// Day on which it stopped.
        to: DayOf,
    },
    /// Extends a limit that still runs, with the approval of the step's chain.
    Extend {
        /// The limit.
        limit: LimitId,
        /// Configuration key of how much is added, in the limit's unit; not loaded: no extension.
        config: String,
        /// How often one run may be extended.
        times: u32,
    },
    /// Assigns the persons of a field, or the crew, to an assigned role.
    Assign(String, Option<String>),
    /// Bars the person named in the field from the case.
    Recuse(String),
    /// Keeps whom the field names as those whose recusal is asked for: none of them decides on it.
    AskRecusal(String),
    /// Replaces an assigned person: (role, field with who leaves, field with who comes).
    Replace(String, String, String),
    /// Files the parties of a field in the case.
    Parties(String),
    /// Puts the one party of a field in this party's place: its data put right, or whoever took over its rights and
    /// duties.
    AmendParty(String),
    /// Puts evidence in the dossier, which moves on.
    Evidence(Evidence),
    /// Takes out of the dossier the item whose number a field gives, which moves the dossier on.
    Exclude(String),
    /// Makes the proposal of the form the one in force.
    Propose,
    /// Records the passing review of proposal and dossier as they stand.
    ReviewPassed,
    /// Records points raised, which must be answered.
    ReviewReturned,
    /// Records what a party was told.
    Notify,
    /// Records a hearing held.
    Hear,
    /// Records the content concluded in collective discussion.
    Conclude,
    /// Records the decision for a party, with the content of the proposal in force.
    Decide,
    /// Puts the content of the field in the place of what was decided for a party, as a ruling changed it.
    Redecide(String),
    /// Records money received.
    Pay,
    /// Fixes the surcharge that a party owes in all, where the field is filled in.
    Surcharge(String),
    /// Records money paid back.
    Refund,
    /// Records that the kind of penalty chosen in the field was carried out.
    Execute(String),
    /// Opens a new round: nothing old counts.
    NewRound,
    /// Publishes the decision of each party.
    Publish,
    /// Withdraws what was published.
    Withdraw,
    /// Claims a case number from the series.
    Number(String),
}
