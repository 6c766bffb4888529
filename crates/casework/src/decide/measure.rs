//! Limits that are put on record when beginning and end both lie behind, such as 追诉时效.

use jiff::civil::Date;
use law::pack::{DayOf, Effect as PackEffect, Step};

use crate::{
    command::Context,
    field::{FieldValue, Fields},
    refusal::Reason,
    state::State,
};

/// The day that is meant; a field left empty means the day of the step.
pub(super) fn day(day: &DayOf, state: &State, fields: &Fields, on: Date) -> Date {
    match day {
        DayOf::Today => on,
        DayOf::Discovered => state.discovered_on.unwrap_or(on),
        DayOf::Field(field) => match fields.get(field) {
            Some(FieldValue::Date(date)) => *date,
            Some(FieldValue::DateTime(at)) => at.date(),
            _ => on,
        },
    }
}

/// Refuses an end before the beginning, and a day that has not come.
pub(super) fn faults(
    state: &State,
    step: &Step,
    fields: &Fields,
    on: Date,
    ctx: &Context<'_>,
) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    ctx.pack.walk(&step.effects, &mut |effect| {
        let PackEffect::Measure { limit, from, to } = effect else {
            return;
        };
        let limit = &ctx.pack.limits[*limit];
        let [first, last] = [from, to].map(|d| day(d, state, fields, on));
        let why = if first > last {
            format!("“{}”自{first}起算，晚于终止的{last}，请核对", limit.title)
        } else if last > on {
            format!("“{}”止于{last}，这一天还没有到，请核对", limit.title)
        } else {
            return;
        };
        let reason = Reason::new(why).basis(limit.basis.text.clone());
        let reason = match (from, to) {
            (DayOf::Field(field), _) | (_, DayOf::Field(field)) => reason.field(field.clone()),
            _ => reason,
        };
        // Two limits measured on the same days are one fault.
        if !reasons.iter().any(|r| r.field == reason.field) {
            reasons.push(reason);
        }
    });
    reasons
}
