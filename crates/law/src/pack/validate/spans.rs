//! Limits that go on after a stop, and limits that are extended.

use super::super::node::Faults;
use super::super::{Effect, Length, Level, Limit, OnExpiry, Pack, Place, Step};
use crate::term::Direction;

/// Reports what keeps a limit from going on or from being extended where the pack says so.
pub(super) fn check(pack: &Pack, at: usize, limit: &Limit, place: &Place, faults: &mut Faults) {
    if matches!(limit.length, Length::Field(_)) || limit.direction == Direction::Back {
        has_no_days(pack, at, limit, place, faults);
    }
    measured(pack, at, limit, place, faults);
    for step in &pack.steps {
        extension(pack, at, limit, step, faults);
    }
}

/// A stated last day, or a day counted back from, has no days of its own that could be left or added.
fn has_no_days(pack: &Pack, at: usize, limit: &Limit, place: &Place, faults: &mut Faults) {
    let mut found = None;
    let expiries = pack.limits.iter().filter_map(|l| match &l.on_expiry {
        OnExpiry::Effects(effects) => Some(effects),
        _ => None,
    });
    for effects in pack.steps.iter().map(|s| &s.effects).chain(expiries) {
        pack.walk(effects, &mut |effect| match effect {
            Effect::Continue(l) if *l == at => found = Some("继续计算（continue）"),
            Effect::Extend { limit: l, .. } if *l == at => found = Some("延长（extend）"),
            Effect::Measure { limit: l, .. } if *l == at => found = Some("事后核定（measure）"),
            _ => {}
        });
    }
    if let Some(what) = found {
        let message = format!(
            "期限“{}”的末日由表单写明或者倒推，不能{what}；须重新起算（start）",
            limit.code
        );
        faults.add(place, message);
    }
}

/// What is put on record afterwards wakes nothing: its expiry may bar, or be recorded, but has no effects of its own.
fn measured(pack: &Pack, at: usize, limit: &Limit, place: &Place, faults: &mut Faults) {
    let mut found = false;
    for step in &pack.steps {
        pack.walk(&step.effects, &mut |effect| {
            found |= matches!(effect, Effect::Measure { limit, .. } if *limit == at);
        });
    }
    if found && matches!(limit.on_expiry, OnExpiry::Effects(_)) {
        let message = format!(
            "期限“{}”由步骤事后核定（measure），届满不能另有效果；on-expiry 须为 \"record\" 或者 \"forbid\"",
            limit.code
        );
        faults.add(place, message);
    }
}

/// An extension is approved, stands alone in its step, and for a limit set by law rests on an article that is loaded first.
fn extension(pack: &Pack, at: usize, limit: &Limit, step: &Step, faults: &mut Faults) {
    let extends = |effect: &Effect| matches!(effect, Effect::Extend { limit, .. } if *limit == at);
    let mut all = 0;
    pack.walk(&step.effects, &mut |effect| {
        all += usize::from(extends(effect))
    });
    if all == 0 {
        return;
    }
    let mut fault = |why: String| {
        let message = format!("步骤“{}”延长期限“{}”{why}", step.id, limit.code);
        faults.add(&step.place, message);
    };
    if all != 1 || !step.effects.iter().any(extends) {
        fault("，extend 须直接写在步骤之下，且只写一次".to_owned());
    }
    if step.chain.is_empty() {
        fault("，须写明由谁批准（chain）".to_owned());
    }
    let configs = step.effects.iter().filter_map(|effect| match effect {
        Effect::Extend { limit, config, .. } if *limit == at => Some(config),
        _ => None,
    });
    let by_law = limit.basis.level == Level::Law;
    for key in configs.filter_map(|id| pack.config.iter().find(|key| key.id == *id)) {
        if by_law && (!key.burden || key.default.is_some()) {
            fault(format!(
                "：法定期限的延长须有法律、法规或者规章的条文，配置项“{}”须写 burden=#true，不得有 default",
                key.id
            ));
        }
    }
}
