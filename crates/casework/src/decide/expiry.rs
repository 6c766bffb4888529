//! Limits that have run out, and what the pack says becomes of it.

use jiff::civil::Date;
use law::pack::{LimitStatus, OnExpiry};

use super::run::{Runner, empty_fields};
use crate::{
    command::Context,
    effect::Effect,
    event::{CaseActed, Phase},
    state::State,
};

/// Effects of all limits that have expired by that day, in the order of their due dates.
pub fn due_effects(state: &State, day: Date, ctx: &Context<'_>) -> Vec<Effect> {
    let mut now = state.clone();
    let mut effects = Vec::new();
    // An expiry may start another limit that has itself run out by now, so look again until nothing is left.
    for _ in 0..64 {
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
            break;
        };
        let mut step = vec![Effect::Limit {
            limit: code.clone(),
            party: party.clone(),
            status: LimitStatus::Expired,
            on: due,
        }];
        now.apply(&step[0], due);
        if let Some(limit) = ctx.pack.limits.iter().find(|l| l.code == code)
            && let OnExpiry::Effects(inner) = &limit.on_expiry
        {
            let mut runner =
                Runner::new(now.clone(), ctx, due, party.as_deref(), empty_fields(), &[]);
            runner.run_all(inner);
            step.extend(runner.effects);
            now = runner.state;
        }
        effects.extend(step);
    }
    effects
}

/// An event that records expiries on their own, for the daily job; `None` if nothing has expired.
pub fn expire(state: &State, ctx: &Context<'_>) -> Option<CaseActed> {
    let on = state.last_on.map_or(ctx.today, |last| last.max(ctx.today));
    let effects = due_effects(state, on, ctx);
    (!effects.is_empty()).then(|| CaseActed {
        step: "expiry".to_owned(),
        title: "期限届满".to_owned(),
        phase: Phase::Expired,
        party: None,
        request: None,
        occurred_on: on,
        late_reason: None,
        people: Vec::new(),
        fields: empty_fields().clone(),
        opinion: None,
        effects,
        papers: Vec::new(),
        basis: "《行政处罚法》第八十五条".to_owned(),
        calendar: ctx.calendar.version().to_owned(),
    })
}
