//! What is paid, left to pay and changed.

use law::money::Fen;

use super::{super::run::disposition_of, Case, Fault};
use crate::{
    field::FieldValue,
    proposal::{Disposition, PenaltyKind, burdens_more},
    refusal::Reason,
    state::PartyState,
};

impl Case<'_> {
    pub(super) fn paid(&self, track: &PartyState, field: &str, in_full: bool) -> Fault {
        let left = self.state.unpaid_fen(&track.party.id);
        let amount = self.money(field);
        let left_text = Fen(left);
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

    pub(super) fn unpaid_left(&self, track: &PartyState, field: Option<&str>) -> Fault {
        match field {
            Some(field) => self.paid(track, field, false),
            None => fine_left(track),
        }
    }

    /// Days that count for the surcharge, and what it may come to by today: three in a hundred of the unpaid fine for
    /// each of them, and never more than the fine (行政处罚法 72(1)(1), 73(3)).
    fn surcharge_by_now(&self, track: &PartyState) -> (u32, i64) {
        let fine = track.decided.as_ref().map_or(0, Disposition::fine_fen);
        let run = self.state.limit("CF-72", Some(&track.party.id));
        let days = run.map_or(0, |run| run.counted_days(self.on));
        let daily = i128::from(track.unpaid_fine_fen()) * 3 * i128::from(days) / 100;
        (days, i64::try_from(daily).unwrap_or(i64::MAX).min(fine))
    }

    /// Less than the surcharge that has run is agreed on only with a party that took measures to remedy
    /// (行政强制法 42(1)).
    pub(super) fn reduced_for_remedy(&self, track: &PartyState, field: &str) -> Fault {
        let (_, run) = self.surcharge_by_now(track);
        let owed = run.max(track.added_fen);
        (self.money(field) < owed && self.text("remedial").is_empty()).then(|| {
            let owed = Fen(owed);
            Reason::new(format!(
                "至今应加处罚款{owed}；减免的，须写明当事人采取的补救措施，没有采取的不得减免"
            ))
            .field("remedial")
        })
    }

    /// A surcharge is no more than it may come to by today.
    pub(super) fn surcharge_within(&self, track: &PartyState, field: &str) -> Fault {
        let amount = self.money(field);
        if amount == 0 {
            return None;
        }
        let unpaid = track.unpaid_fine_fen();
        let (days, most) = self.surcharge_by_now(track);
        (amount > most).then(|| {
            let [amount, most, unpaid] = [amount, most, unpaid].map(Fen);
            Reason::new(format!(
                "加处罚款{amount}过高：未缴罚款{unpaid}，应计算的日数{days}日（复议、诉讼期间不计），每日百分之三，且不超过罚款数额，至多{most}"
            ))
            .field(field)
        })
    }

    /// A ruling changes a decision in the party's favour only, unless others who are concerned asked for the opposite
    /// (行政诉讼法 77(2), 行政复议法 63(2)).
    pub(super) fn not_heavier(&self, track: &PartyState, field: &str) -> Fault {
        let Some(before) = &track.decided else {
            return Some(Reason::new("没有对该当事人的决定，无从变更").next("A33"));
        };
        let Some(changed) = disposition_of(self.asked.fields, field, &track.party.id) else {
            let why = "没有写明该当事人变更后的处罚内容";
            return Some(Reason::new(why).field(field));
        };
        let opposed = matches!(
            self.asked.fields.get("opposed"),
            Some(FieldValue::YesNo(true))
        );
        (!opposed && burdens_more(before, changed)).then(|| {
            Reason::new("变更不得加重当事人的负担；因第三人、同为原告的利害关系人的相反请求而加重的，勾选该项后办理")
                .field(field)
        })
    }

    pub(super) fn refund_in_full(&self, track: &PartyState, field: &str) -> Fault {
        let due = track.refund_fen();
        (self.money(field) < due).then(|| {
            let due = Fen(due);
            Reason::new(format!("应退{due}，退款金额不足")).field(field)
        })
    }

    /// The other penalties of the decision that were not carried out, and the one that the field names among them.
    fn to_execute(&self, track: &PartyState, field: &str) -> Result<Vec<PenaltyKind>, Reason> {
        let left: Vec<PenaltyKind> = track.unexecuted().collect();
        let kind = PenaltyKind::named(self.text(field));
        if kind.is_some_and(|kind| left.contains(&kind)) {
            return Ok(left.into_iter().filter(|k| Some(*k) != kind).collect());
        }
        let title = kind.map_or("", PenaltyKind::title);
        let why = format!(
            "“{title}”不是决定中尚未执行的处罚；尚未执行的有：{}",
            titles(&left)
        );
        Err(Reason::new(why).field(field))
    }

    pub(super) fn executed_in_full(&self, track: &PartyState, field: &str) -> Fault {
        match self.to_execute(track, field) {
            Ok(rest) if rest.is_empty() => None,
            Ok(rest) => {
                let why = format!("尚有未执行的处罚：{}，请先逐项登记", titles(&rest));
                Some(Reason::new(why).next("A40.part").field(field))
            }
            Err(reason) => Some(reason),
        }
    }

    pub(super) fn executed_in_part(&self, track: &PartyState, field: &str) -> Fault {
        match self.to_execute(track, field) {
            Ok(rest) if rest.is_empty() => {
                let why = "这是最后一项未执行的处罚，应登记执行完毕";
                Some(Reason::new(why).next("A40").field(field))
            }
            Ok(_) => None,
            Err(reason) => Some(reason),
        }
    }
}

/// Only a fine bears a surcharge, confiscated gains do not (行政处罚法 72(1)(1)).
fn fine_left(track: &PartyState) -> Fault {
    let fine = track.decided.as_ref().map_or(0, Disposition::fine_fen);
    if fine == 0 {
        let why = "决定没有罚款；到期不缴没收的违法所得的，不得加处罚款";
        return Some(Reason::new(why).next("A41.serve"));
    }
    (track.unpaid_fine_fen() == 0).then(|| Reason::new("没有未缴的罚款"))
}

fn titles(kinds: &[PenaltyKind]) -> String {
    let titles: Vec<&str> = kinds.iter().map(|kind| kind.title()).collect();
    titles.join("、")
}
