//! Demands on real dates, amounts and persons, which the checker can only leave open.

mod ending;
mod filing;
mod money;
mod outward;
mod people;
mod proposal;
mod review;

use jiff::civil::Date;
use law::pack::{Check, OfField, Require, Step};

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
    /// A check gets what it looks at, or lets nothing through.
    fn demand(&self, require: &Require) -> Fault {
        let name = require.name.as_str();
        let track = self.asked.party.and_then(|id| self.state.party(id));
        let named = require.on.as_deref();
        match (name, track, named) {
            ("filing-criteria", ..) => self.filing_criteria(),
            ("rights-told", ..) => self.must("rights_told", "询问前须告知被询问人的权利义务"),
            ("materials-complete", ..) => {
                self.must("complete", "送审材料不齐备的，应当退补，不能受理")
            }
            ("waiver-written", ..) => {
                self.must("written", "须由当事人书面签署；口头表示不产生效力")
            }
            ("on-site-lawful", ..) => self.must(
                "asked",
                "当场收缴限于边远、水上、交通不便地区并由当事人提出",
            ),
            ("service-lawful", Some(track), _) => self.service(track),
            ("answers-defence", Some(track), Some(field)) => self.answers_defence(track, field),
            ("answers-points", _, Some(field)) => self.answers_points(field),
            ("education", _, Some(field)) => self.education(field),
            ("masked", Some(track), Some(field)) => self.masked(track, field),
            ("closing-kind", _, Some(field)) => self.closing_kind(field),
            ("lead-time", _, Some(field)) => self.lead_time(field),
            ("hearing-notice-time", Some(_), _) => self.hearing_notice_time(),
            ("ending-ground", _, Some(field)) => self.ending_ground(field),
            ("as-decided", Some(track), Some(field)) => self.as_decided(track, field),
            ("successor-lawful", Some(track), Some(field)) => self.successor_lawful(track, field),
            ("addressee-known", _, Some(field)) => self.addressee_known(field),
            ("proposal-complete", ..) => self.proposal_complete(),
            ("fine-in-range", ..) => self.fine_in_range(),
            ("within-notice", Some(track), _) => self.within_notice(track),
            ("as-reviewed", ..) => self.as_reviewed(),
            ("not-same-as-revoked", Some(track), _) => self.not_same_as_revoked(track),
            ("as-concluded", ..) => self.as_concluded(),
            ("ten-items", ..) => self.ten_items(),
            ("quorum", _, Some(field)) => self.quorum(field),
            ("host-independent", _, Some(field)) => self.host_independent(field),
            ("other-person", _, Some(field)) => self.other_person(field),
            ("paper-issued", Some(track), Some(field)) => self.paper_issued(track, field),
            ("discussion-recorded", ..) => self.discussion_recorded(),
            ("reduced-for-remedy", Some(track), Some(field)) => {
                self.reduced_for_remedy(track, field)
            }
            ("paid-in-full", Some(track), Some(field)) => self.paid(track, field, true),
            ("unpaid-left", Some(track), field) => self.unpaid_left(track, field),
            ("not-heavier", Some(track), Some(field)) => self.not_heavier(track, field),
            ("refund-in-full", Some(track), Some(field)) => self.refund_in_full(track, field),
            ("surcharge-within", Some(track), Some(field)) => self.surcharge_within(track, field),
            ("executed-in-full", Some(track), Some(field)) => self.executed_in_full(track, field),
            ("executed-in-part", Some(track), Some(field)) => self.executed_in_part(track, field),
            ("correction-ordered", Some(track), Some(field)) => {
                self.correction_ordered(track, field)
            }
            _ => Some(unjudged(name, track.is_some(), named.is_some())),
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

/// Why a check that found nothing to look at lets nothing through; the reader asks for all of it before.
fn unjudged(name: &str, has_party: bool, has_field: bool) -> Reason {
    let why = match Check::named(name) {
        Some(check) if check.of_party && !has_party => {
            format!("“{name}”核验的是一名当事人，这一步没有当事人，不能放行")
        }
        Some(check) if check.of_field == OfField::Needed && !has_field => {
            format!("程序方案没有写明“{name}”核验哪个字段，不能放行")
        }
        _ => format!("程序要求的检查“{name}”本程序不认识，不能放行"),
    };
    Reason::new(why).next("请由管理员核对程序方案")
}

/// A term whose end is not known bars what depends on it.
fn uncounted(fault: &law::term::TermError) -> Reason {
    Reason::new(format!("期限无法计算：{fault}"))
}

fn filled(points: &[String]) -> usize {
    points.iter().filter(|p| !p.trim().is_empty()).count()
}
