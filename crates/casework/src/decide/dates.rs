//! Legal dates of a command (properties P62; DECISIONS 9).

use law::pack::Step;

use crate::{
    command::{Command, Context},
    refusal::{Reason, Refusal, RefusalKind},
    state::State,
};

/// Refuses dates in the future and dates before what the step builds on; late entries need a reason.
pub(super) fn check(
    state: &State,
    command: &Command,
    step: &Step,
    ctx: &Context<'_>,
) -> Result<(), Refusal> {
    let refuse = |reason: Reason| {
        let reason = reason
            .basis("《行政处罚法》第四十七条（全过程记录）")
            .field("occurred_on");
        Err(Refusal::one(RefusalKind::BadDate, &step.id, reason))
    };
    let on = command.occurred_on;
    if let Some(why) = super::form::too_early("发生日期", on) {
        return refuse(Reason::new(why));
    }
    if on > ctx.today {
        return refuse(Reason::new(format!(
            "所填日期{on}晚于今天{}，不能预先记录尚未发生的事",
            ctx.today
        )));
    }
    if let Some(last) = state.last_on.filter(|last| on < *last) {
        return refuse(Reason::new(format!(
            "所填日期{on}早于本案已记录的最近日期{last}，记录须按发生的先后"
        )));
    }
    let late = on < ctx.today;
    if late
        && command
            .late_reason
            .as_deref()
            .is_none_or(|reason| reason.trim().is_empty())
    {
        return refuse(
            Reason::new(format!("所填日期{on}早于今天，属于补记，请写明补记的理由"))
                .next("在“补记理由”栏填写后重新提交"),
        );
    }
    Ok(())
}
