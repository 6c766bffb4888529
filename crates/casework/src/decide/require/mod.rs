//! Demands on real dates, amounts and persons, which the checker can only leave open.

mod ending;
mod filing;
mod money;
mod outward;
mod people;
mod proposal;
mod review;

use jiff::civil::Date;
use law::pack::{Require, Step};

use super::{Asked, dated, extend, measure};
use crate::{
    command::{Command, Context},
    field::FieldValue,
    refusal::{Reason, Refusal, RefusalKind},
    state::State,
};

/// What a demand is judged on.
struct Case<'a> {
    state: &'a State,
    step: &'a Step,
    asked: &'a Asked<'a>,
    on: Date,
    ctx: &'a Context<'a>,
}

type Fault = Option<Reason>;

/// Checks every demand of a step; all faults are reported together.
pub(super) fn check(
    state: &State,
    step: &Step,
    asked: &Asked<'_>,
    command: &Command,
    ctx: &Context<'_>,
) -> Result<(), Refusal> {
    let case = Case {
        state,
        step,
        asked,
        on: command.occurred_on,
        ctx,
    };
    let mut reasons: Vec<Reason> = step
        .requires
        .iter()
        .filter_map(|require| {
            let reason = case.demand(require)?;
            Some(if reason.basis.is_some() {
                reason
            } else {
                reason.basis(require.basis.text.clone())
            })
        })
        .collect();
    reasons.extend(case.outward());
    reasons.extend(case.exclusion());
    reasons.extend(case.appointments());
    reasons.extend(case.parties());
    reasons.extend(dated::faults(state, step, asked, command.occurred_on, ctx));
    reasons.extend(extend::faults(
        state,
        step,
        asked.party,
        command.occurred_on,
        ctx,
    ));
    reasons.extend(measure::faults(
        state,
        step,
        asked.fields,
        command.occurred_on,
        ctx,
    ));
    if reasons.is_empty() {
        return Ok(());
    }
    Err(Refusal {
        kind: RefusalKind::NotNow,
        step: step.id.clone(),
        reasons,
    })
}

impl Case<'_> {
    fn demand(&self, require: &Require) -> Fault {
        let name = require.name.as_str();
        let named = require.on.as_deref();
        // The reader asks for it; a check that has nothing to look at lets nothing through.
        if named.is_none() && Require::OF_A_FIELD.contains(&name) {
            let why = format!("程序方案没有写明“{name}”核验哪个字段，不能放行");
            return Some(Reason::new(why).next("请由管理员核对程序方案"));
        }
        let field = named.unwrap_or_default();
        match name {
            "filing-criteria" => self.filing_criteria(),
            "rights-told" => self.must("rights_told", "询问前须告知被询问人的权利义务"),
            "materials-complete" => self.must("complete", "送审材料不齐备的，应当退补，不能受理"),
            "waiver-written" => self.must("written", "须由当事人书面签署；口头表示不产生效力"),
            "on-site-lawful" => self.must(
                "asked",
                "当场收缴限于边远、水上、交通不便地区并由当事人提出",
            ),
            "service-lawful" => self.service(),
            "answers-defence" => self.answers_defence(field),
            "answers-points" => self.answers_points(field),
            "education" => self.education(field),
            "masked" => self.masked(field),
            "closing-kind" => self.closing_kind(field),
            "lead-time" => self.lead_time(field),
            "hearing-notice-time" => self.hearing_notice_time(),
            "ending-ground" => self.ending_ground(field),
            "as-decided" => self.as_decided(field),
            "proposal-complete" => self.proposal_complete(),
            "fine-in-range" => self.fine_in_range(),
            "within-notice" => self.within_notice(),
            "as-reviewed" => self.as_reviewed(),
            "not-same-as-revoked" => self.not_same_as_revoked(),
            "as-concluded" => self.as_concluded(),
            "ten-items" => self.ten_items(),
            "quorum" => self.quorum(field),
            "host-independent" => self.host_independent(field),
            "other-person" => self.other_person(field),
            "paid-in-full" => self.paid(field, true),
            "unpaid-left" => self.unpaid_left(named),
            "not-heavier" => self.not_heavier(field),
            "refund-in-full" => self.refund_in_full(field),
            "surcharge-within" => self.surcharge_within(field),
            "executed-in-full" => self.executed_in_full(field),
            "executed-in-part" => self.executed_in_part(field),
            "correction-ordered" => self.correction_ordered(field),
            unknown => Some(Reason::new(format!(
                "程序要求的检查“{unknown}”本程序不认识，不能放行"
            ))),
        }
    }

    fn text(&self, field: &str) -> &str {
        self.asked
            .fields
            .get(field)
            .and_then(FieldValue::as_text)
            .unwrap_or_default()
            .trim()
    }

    fn points(&self, field: &str) -> &[String] {
        match self.asked.fields.get(field) {
            Some(FieldValue::Points(points)) => points,
            _ => &[],
        }
    }

    fn money(&self, field: &str) -> i64 {
        match self.asked.fields.get(field) {
            Some(FieldValue::Money(fen)) => *fen,
            _ => 0,
        }
    }

    fn must(&self, field: &str, why: &str) -> Fault {
        let yes = matches!(self.asked.fields.get(field), Some(FieldValue::YesNo(true)));
        (!yes).then(|| Reason::new(why).field(field))
    }
}

/// A term whose end is not known bars what depends on it.
fn uncounted(fault: &law::term::TermError) -> Reason {
    Reason::new(format!("期限无法计算：{fault}"))
}

fn filled(points: &[String]) -> usize {
    points.iter().filter(|p| !p.trim().is_empty()).count()
}
