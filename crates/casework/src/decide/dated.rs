//! Limits that began or rested on a day before it was put on record.

use jiff::civil::Date;
use law::pack::{Effect as PackEffect, LimitStatus, Scope, Step};

use super::{Asked, cond};
use crate::{command::Context, field::FieldValue, refusal::Reason, state::State};

/// Refuses a day that has not come, one before the decision that it is about, and an end of a rest before its
/// beginning.
pub(super) fn faults(
    state: &State,
    step: &Step,
    asked: &Asked<'_>,
    on: Date,
    ctx: &Context<'_>,
) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    ctx.pack.walk(&step.effects, &mut |effect| {
        let PackEffect::Dated(field, inner) = effect else {
            return;
        };
        let Some(FieldValue::Date(day)) = asked.fields.get(field) else {
            return;
        };
        let title = step.form.iter().find(|f| f.id == *field);
        let title = title.map_or(field.as_str(), |f| f.title.as_str());
        let decided = asked
            .party
            .and_then(|id| state.party(id))
            .and_then(|p| p.decided_on);
        let why = if *day > on {
            format!("“{title}”{day}晚于办理日期{on}，请核对")
        } else if let Some(decided) = decided.filter(|decided| day < decided) {
            format!("“{title}”{day}早于决定日期{decided}，请核对")
        } else if let Some(rest) = rests_since(state, asked, inner, ctx).filter(|rest| day < rest) {
            format!("“{title}”{day}早于期限停止计算的{rest}，请核对")
        } else {
            return;
        };
        if !reasons.iter().any(|r| r.field.as_ref() == Some(field)) {
            reasons.push(
                Reason::new(why)
                    .basis("《行政处罚法》第七十三条第三款、第八十五条")
                    .field(field.clone()),
            );
        }
    });
    reasons
}

/// Since when the limit rests that is to go on, where a day put on record says so. One that rests from the day on which
/// it began, or went on, was not yet there before: it rests from that day whenever the rest ended.
fn rests_since(
    state: &State,
    asked: &Asked<'_>,
    inner: &[PackEffect],
    ctx: &Context<'_>,
) -> Option<Date> {
    inner.iter().find_map(|effect| {
        let PackEffect::Resume(limit) = effect else {
            return None;
        };
        let paused =
            cond::limit_value(state, ctx.pack, *limit, asked.party) == LimitStatus::Paused.id();
        let declared = &ctx.pack.limits[*limit];
        let party = asked.party.filter(|_| declared.scope == Scope::Party);
        let run = state.limit(&declared.code, party).filter(|_| paused)?;
        let (last, before) = run.pauses.split_last()?;
        let began = before.last().map_or(Some(run.on), |pause| pause.to);
        Some(last.from).filter(|from| Some(*from) != began)
    })
}
