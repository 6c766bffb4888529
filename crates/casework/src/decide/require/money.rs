//! What is paid, left to pay and changed.

use super::{Case, Fault};
use crate::refusal::Reason;

impl Case<'_> {
    pub(super) fn paid(&self, field: &str, in_full: bool) -> Fault {
        let left = self.state.unpaid_fen(self.asked.party?);
        let amount = self.money(field);
        let left_text = law::money::Fen(left);
        if amount <= 0 {
            return Some(Reason::new("缴款金额须大于零").field(field));
        }
        if amount < left && in_full {
            return Some(
                Reason::new(format!("尚应缴{left_text}，本次金额不足以缴清"))
                    .next("A37.part")
                    .field(field),
            );
        }
        (!in_full && amount >= left).then(|| {
            Reason::new(format!("尚应缴{left_text}，本次金额已足以缴清"))
                .next("A37.full")
                .field(field)
        })
    }

    pub(super) fn unpaid_left(&self, field: Option<&str>) -> Fault {
        match field {
            Some(field) => self.paid(field, false),
            None => self.fine_left(),
        }
    }

    /// Only a fine bears a surcharge, confiscated gains do not (行政处罚法 72(1)(1)).
    pub(super) fn fine_left(&self) -> Fault {
        let id = self.asked.party?;
        let decided = self.state.party(id)?.decided.as_ref()?;
        if decided.fine_fen() == 0 {
            let why = "决定没有罚款；到期不缴没收的违法所得的，不得加处罚款";
            return Some(Reason::new(why).next("A41.serve"));
        }
        (self.state.unpaid_fen(id) <= 0).then(|| Reason::new("没有未缴的罚款"))
    }

    pub(super) fn not_heavier(&self, field: &str) -> Fault {
        let before = self
            .state
            .party(self.asked.party?)?
            .decided
            .as_ref()?
            .money_fen();
        (self.money(field) > before).then(|| Reason::new("变更不得加重当事人的负担").field(field))
    }
}
