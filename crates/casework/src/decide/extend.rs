//! Extensions of limits: only while the limit runs, only as often as the pack allows, only where the text is loaded.

use jiff::civil::Date;
use law::pack::{Effect as PackEffect, Limit, LimitStatus, Scope, Step};

use crate::{command::Context, refusal::Reason, state::State};

/// How much an extension adds, in the limit's unit; none where the bureau has not loaded it.
pub(super) fn count(ctx: &Context<'_>, key: &str, on: Date) -> Option<u32> {
    let value = ctx.config.get(ctx.pack, key, on)?;
    u32::try_from(value).ok().filter(|count| *count > 0)
}

/// What the extension rests on: the article that the bureau loaded, else the pack's.
pub(super) fn basis(ctx: &Context<'_>, key: &str, on: Date) -> String {
    let declared = ctx.pack.config.iter().find(|k| k.id == key);
    let of_pack = declared.map_or("", |k| k.basis.text.as_str());
    ctx.config.article(key, on).unwrap_or(of_pack).to_owned()
}

/// Why the limits that a step extends cannot be extended now.
pub(super) fn faults(
    state: &State,
    step: &Step,
    party: Option<&str>,
    on: Date,
    ctx: &Context<'_>,
) -> Vec<Reason> {
    let extensions = step.effects.iter().filter_map(|effect| match effect {
        PackEffect::Extend {
            limit,
            config,
            times,
        } => Some((&ctx.pack.limits[*limit], config, *times)),
        _ => None,
    });
    extensions
        .filter_map(|(limit, key, times)| match count(ctx, key, on) {
            Some(_) => not_now(state, limit, times, party),
            None => not_loaded(limit, key, ctx),
        })
        .collect()
}

fn not_loaded(limit: &Limit, key: &str, ctx: &Context<'_>) -> Option<Reason> {
    let declared = ctx.pack.config.iter().find(|k| k.id == key)?;
    let why = format!(
        "“{}”须有明文规定才能延长，本机关没有加载这样的规定",
        limit.title
    );
    let next = format!(
        "在期限内办结；确有规定的，请管理员加载“{}”及其条文",
        declared.title
    );
    let reason = Reason::new(why).basis(declared.basis.text.clone());
    Some(reason.next(next))
}

fn not_now(state: &State, limit: &Limit, times: u32, party: Option<&str>) -> Option<Reason> {
    let party = party.filter(|_| limit.scope == Scope::Party);
    let title = &limit.title;
    let run = state.limit(&limit.code, party);
    let why = match run.map(|run| (run.status, run.extensions.len())) {
        Some((LimitStatus::Running | LimitStatus::Paused, before)) => {
            let most = usize::try_from(times).unwrap_or(usize::MAX);
            (before >= most).then(|| format!("“{title}”已延长{before}次，不得再次延长"))?
        }
        Some((LimitStatus::Expired, _)) => {
            format!("“{title}”已经届满，只能在届满之前批准延长；超期应当说明原因")
        }
        _ => format!("“{title}”没有在计算，无须延长"),
    };
    Some(Reason::new(why).basis(limit.basis.text.clone()))
}
