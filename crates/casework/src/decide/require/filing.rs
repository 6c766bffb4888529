//! What is filed and closed, and the days that must lie between.

use jiff::civil::Date;
use law::{
    pack::LimitId,
    term::{Roll, Term, Unit},
};

use super::{Case, Fault, uncounted};
use crate::{field::FieldValue, refusal::Reason};

impl Case<'_> {
    pub(super) fn filing_criteria(&self) -> Fault {
        for (field, why) in [
            ("suspected", "没有违法嫌疑的，不符合立案标准"),
            ("punishable", "依法不应当给予行政处罚的，不符合立案标准"),
            ("own_jurisdiction", "不属于本机关管辖的，不得立案"),
        ] {
            if let Some(reason) = self.must(field, why) {
                return Some(reason.next("A04"));
            }
        }
        let Some(FieldValue::Date(ended)) = self.asked.fields.get("violation_ended_on") else {
            return Some(Reason::new("未填写违法行为终了日期").field("violation_ended_on"));
        };
        let found = self.state.discovered_on.unwrap_or(self.on);
        if *ended > found {
            let why = format!("违法行为终了日期{ended}晚于发现日期{found}，请核对");
            return Some(Reason::new(why).field("violation_ended_on"));
        }
        let five = matches!(
            self.asked.fields.get("five_years"),
            Some(FieldValue::YesNo(true))
        );
        let years = if five { 5 } else { 2 };
        let due = match Term::forward(years, Unit::Year).due(
            *ended,
            &[],
            Roll::Stay,
            self.ctx.calendar,
        ) {
            Ok(due) => due,
            Err(fault) => return Some(uncounted(&fault).field("violation_ended_on")),
        };
        (found > due.on).then(|| {
            Reason::new(format!(
                "违法行为{ended}终了，至发现之日{found}已超过{years}年，不再给予行政处罚"
            ))
            .basis("《行政处罚法》第三十六条")
            .next("A04")
            .field("violation_ended_on")
        })
    }

    pub(super) fn closing_kind(&self, field: &str) -> Fault {
        let kind = self.text(field);
        let is = |fact: &str, values: &[&str]| {
            let mut tracks = self.state.parties.iter();
            tracks.any(|p| values.iter().any(|value| p.is(fact, value)))
        };
        let fits = match kind {
            "no_penalty" => self
                .state
                .parties
                .iter()
                .filter(|p| !p.track_ended())
                .all(|p| p.is("decision", "no_penalty")),
            "performed" => {
                is("decision", &["penalty", "changed", "unlawful"])
                    && !is("money", &["ended"])
                    && !is("other", &["ended"])
            }
            "court_done" => is("court", &["done"]),
            "court_ended" => is("court", &["ended"]),
            "court_denied" => is("court", &["denied", "refused"]),
            "revoked" => is("decision", &["revoked", "void"]),
            "execution_ended" | "lapsed" => is("money", &["ended"]) || is("other", &["ended"]),
            _ => true,
        };
        (!fits).then(|| Reason::new("结案种类与当事人的执行结果不符，请核对").field(field))
    }

    pub(super) fn limit(&self, code: &str) -> Option<LimitId> {
        self.ctx.pack.limits.iter().position(|l| l.code == code)
    }

    /// CF-64b: the notice of the hearing is served seven working days before it.
    pub(super) fn lead_time(&self, field: &str) -> Fault {
        let Some(FieldValue::Date(event)) = self.asked.fields.get(field) else {
            return Some(Reason::new("未填写日期").field(field));
        };
        let late = self.told_late(*event, self.on)?;
        Some(late.next("请把听证日期改到更晚").field(field))
    }

    /// Whether a hearing on that day is too near for a notice that is served on the other.
    pub(super) fn told_late(&self, event: Date, served: Date) -> Fault {
        let limit = self.limit("CF-64b").map(|id| &self.ctx.pack.limits[id]);
        let Some((&law::pack::Length::Fixed(count), unit)) = limit.map(|l| (&l.length, l.unit))
        else {
            return Some(Reason::new("程序方案没有写明听证通知的提前期，不能放行"));
        };
        let last = match Term::back(count, unit).due(event, &[], Roll::Stay, self.ctx.calendar) {
            Ok(last) => last,
            Err(fault) => return Some(uncounted(&fault)),
        };
        (served > last.on).then(|| {
            Reason::new(format!(
                "听证定于{event}，通知书须在{}以前（{count}个工作日前）送达，{served}送达已来不及",
                last.on
            ))
        })
    }
}
