//! Limits that have run out, and what the pack says becomes of it.

use jiff::civil::Date;
use law::pack::{LimitStatus, OnExpiry};

use super::run::{Runner, empty_fields};
use crate::{
    command::Context,
    effect::Effect,
    event::{CaseActed, Phase},
    refusal::{Reason, Refusal, RefusalKind},
    state::State,
};

/// Most expiries in one go for each limit that the case has had: the end of one starts another at most a few times
/// in a row, and only a pack whose limits start one another without end has more.
const EXPIRIES_PER_LIMIT_MAX: usize = 16;

/// Effects of all limits that have expired by that day, in the order of their due dates; for showing what stands.
///
/// Where pack and program do not agree, it stops short; whoever acts is told so.
pub fn due_effects(state: &State, day: Date, ctx: &Context<'_>) -> Vec<Effect> {
    let mut effects = Vec::new();
    // What came before the disagreement still shows.
    let _ = gather(state, day, ctx, &mut effects);
    effects
}

/// The same for acting: all of it or a refusal.
pub(super) fn due(state: &State, day: Date, ctx: &Context<'_>) -> Result<Vec<Effect>, Refusal> {
    let mut effects = Vec::new();
    gather(state, day, ctx, &mut effects)?;
    Ok(effects)
}

fn gather(
    state: &State,
    day: Date,
    ctx: &Context<'_>,
    effects: &mut Vec<Effect>,
) -> Result<(), Refusal> {
    let mut now = state.clone();
    // An expiry may start another limit that has itself run out by now, so look again until nothing is left.
    let most = state.limits.len().saturating_mul(EXPIRIES_PER_LIMIT_MAX);
    for _ in 0..=most {
        let next = now
            .limits
            .iter()
            .filter(|run| run.expired_on(day, ctx.calendar))
            .filter_map(|run| {
                Some((
                    run.due(ctx.calendar).ok()?.on,
                    run.code.clone(),
                    run.party.clone(),
                ))
            })
            .min();
        let Some((due, code, party)) = next else {
            return Ok(());
        };
        let expired = Effect::Limit {
            limit: code.clone(),
            party: party.clone(),
            status: LimitStatus::Expired,
            on: due,
        };
        now.apply(&expired, due);
        let mut step = vec![expired];
        if let Some(limit) = ctx.pack.limits.iter().find(|l| l.code == code)
            && let OnExpiry::Effects(inner) = &limit.on_expiry
        {
            let mut runner =
                Runner::new(now.clone(), ctx, due, party.as_deref(), empty_fields(), &[]);
            runner.run_all(inner);
            let (after, done) = runner.finish("expiry")?;
            step.extend(done);
            now = after;
        }
        effects.extend(step);
    }
    Err(Refusal::one(
        RefusalKind::PackFault,
        "expiry",
        Reason::new(format!(
            "一次有{most}个以上的期限届满，多半是期限届满后又重新起算已届满的期限，不能办理"
        ))
        .basis("《行政处罚法》第八十五条")
        .next("请管理员核对程序方案中期限届满的效果"),
    ))
}

/// An event that records expiries on their own, for the daily job; `None` if nothing has expired.
///
/// # Errors
/// What pack and program do not agree on.
pub fn expire(state: &State, ctx: &Context<'_>) -> Result<Option<CaseActed>, Refusal> {
    let on = state.last_on.map_or(ctx.today, |last| last.max(ctx.today));
    let effects = due(state, on, ctx)?;
    Ok((!effects.is_empty()).then(|| CaseActed {
        title: "期限届满".to_owned(),
        effects,
        basis: "《行政处罚法》第八十五条".to_owned(),
        calendar: ctx.calendar.version().to_owned(),
        ..CaseActed::bare("expiry", Phase::Expired, on)
    }))
}
