//! Answers to views and points, and the ten items of a review.

use law::pack::Effect as PackEffect;

use super::{Case, Fault, filled};
use crate::{
    field::{FieldValue, REVIEW_ITEMS},
    refusal::Reason,
    state::PartyState,
};

impl Case<'_> {
    pub(super) fn answers_defence(&self, track: &PartyState, field: &str) -> Fault {
        let raised = track.defence.len();
        let answered = filled(self.points(field));
        (answered < raised).then(|| {
            Reason::new(format!(
                "当事人提出{raised}条意见，只复核了{answered}条；须逐条写明采纳与否和理由"
            ))
            .field(field)
        })
    }

    pub(super) fn answers_points(&self, field: &str) -> Fault {
        let open = self
            .state
            .facts
            .get(crate::state::POINTS)
            .is_some_and(|v| v == "open");
        let raised = if open { self.state.points.len() } else { 0 };
        let answered = filled(self.points(field));
        (answered < raised).then(|| {
            Reason::new(format!(
                "法制审核提出{raised}条意见，只答复了{answered}条；须逐条答复后才能再次送审"
            ))
            .field(field)
        })
    }

    pub(super) fn education(&self, field: &str) -> Fault {
        (self.text(field).chars().count() < 4)
            .then(|| Reason::new("不予处罚的，应当对当事人进行教育并记录情况").field(field))
    }

    /// Only what is in the dossier, and still counts, can be excluded from it.
    pub(super) fn exclusion(&self) -> Fault {
        let field = self.step.effects.iter().find_map(|effect| match effect {
            PackEffect::Exclude(field) => Some(field),
            _ => None,
        })?;
        let Some(FieldValue::Int(no)) = self.asked.fields.get(field) else {
            return Some(Reason::new("没有填写被排除的证据的序号").field(field.clone()));
        };
        let mut counting = self.state.counting_evidence();
        let counts = counting.any(|(known, _)| i64::from(known) == *no);
        (!counts).then(|| {
            Reason::new(format!("案卷中没有第{no}项证据，或者该项已经排除"))
                .next("请按案件页面“证据”一栏的序号填写")
                .basis("《行政处罚法》第四十六条第三款")
                .field(field.clone())
        })
    }

    pub(super) fn ten_items(&self) -> Fault {
        let items = self.asked.fields.values().find_map(|v| match v {
            FieldValue::TenItems(items) => Some(items),
            _ => None,
        });
        let Some(items) = items else {
            return Some(Reason::new("没有填写十项审核内容").field("items"));
        };
        if items.len() != REVIEW_ITEMS.len() {
            return Some(
                Reason::new(format!("十项审核内容只填写了{}项", items.len())).field("items"),
            );
        }
        let passes = self
            .step
            .effects
            .iter()
            .any(|e| matches!(e, PackEffect::ReviewPassed));
        let faulty = items.iter().position(|i| !i.ok);
        if passes && let Some(i) = faulty {
            let why = format!(
                "第{}项“{}”存在问题，不能出具同意的意见",
                i + 1,
                REVIEW_ITEMS[i]
            );
            return Some(Reason::new(why).next("A21.return").field("items"));
        }
        let bare = items
            .iter()
            .position(|i| !i.ok && i.remark.trim().is_empty());
        if let Some(i) = bare {
            return Some(Reason::new(format!("第{}项存在问题，须写明", i + 1)).field("items"));
        }
        (!passes && faulty.is_none()).then(|| Reason::new("十项均无问题，不能退回").field("items"))
    }
}
