//! What is proposed, and what is decided against what was proposed, told, reviewed and concluded.

use law::money::Fen;

use super::{super::run::proposal_of, Case, Fault, filled};
use crate::{
    field::FieldValue,
    proposal::{Change, Disposition, Excuse, PenaltyKind, Remade, compare, remade},
    refusal::Reason,
    state::PartyState,
};

impl Case<'_> {
    pub(super) fn dispositions(&self) -> Vec<Disposition> {
        proposal_of(self.step, self.asked.fields).unwrap_or_else(|| self.state.proposal.clone())
    }

    pub(super) fn party_name(&self, id: &str) -> String {
        self.state
            .party(id)
            .map_or_else(|| id.to_owned(), |p| p.party.name.clone())
    }

    pub(super) fn proposal_complete(&self) -> Fault {
        // Of a party whose track has ended nothing is proposed any more.
        let ended = |id: &str| self.state.party(id).is_some_and(PartyState::track_ended);
        let mut list = self.dispositions();
        list.retain(|d| !ended(&d.party));
        let tracks = self.state.parties.iter();
        for track in tracks.filter(|p| !p.track_ended()) {
            let count = list.iter().filter(|d| d.party == track.party.id).count();
            if count != 1 {
                let why = format!(
                    "当事人“{}”须有且只有一份拟处理意见，现有{count}份",
                    track.party.name
                );
                return Some(Reason::new(why).field("proposal"));
            }
        }
        list.iter().find_map(|d| {
            let fault = self.disposition_fault(d)?;
            Some(
                Reason::new(format!("当事人“{}”：{fault}", self.party_name(&d.party)))
                    .field("proposal"),
            )
        })
    }

    fn disposition_fault(&self, d: &Disposition) -> Option<String> {
        if d.facts.trim().is_empty() {
            return Some("没有写明查明的事实".to_owned());
        }
        if !d.penalizes() {
            return no_penalty_fault(d);
        }
        if self.text("evidence") == "insufficient" {
            return Some("证据不足的，不得拟处罚（第四十条、第四十六条）".to_owned());
        }
        if !d.proven {
            return Some("违法事实不能成立的，不得拟处罚（第五十七条第一款第三项）".to_owned());
        }
        if matches!(d.excuse, Some(e) if e != Excuse::First) {
            return Some(
                "依法应当不予处罚的，不得拟处罚（第三十条、第三十一条、第三十三条）".to_owned(),
            );
        }
        if d.characterization.trim().is_empty() || filled(&d.violated) == 0 || filled(&d.basis) == 0
        {
            return Some("没有写明定性、违反的条款或者处罚依据".to_owned());
        }
        if d.correction.trim().is_empty() && !self.is_corrected(&d.party) {
            let why = "拟处罚的，须写明责令改正的内容；已经责令改正或者已自行改正的，先登记（第二十八条第一款）";
            return Some(why.to_owned());
        }
        self.penalties_fault(d)
    }

    fn penalties_fault(&self, d: &Disposition) -> Option<String> {
        let lacking = d
            .penalties
            .iter()
            .filter_map(|p| p.kind.needs_power())
            .find(|(key, _)| self.ctx.config.get(self.ctx.pack, key, self.on) != Some(1));
        if let Some((_, why)) = lacking {
            return Some(format!(
                "{why}，本机关不得决定，应当移送或者报请（第十七条、第十八条、第三十八条）"
            ));
        }
        let unstated = |kind: PenaltyKind| {
            let mut found = d.penalties.iter().filter(|p| p.kind == kind);
            found.any(|p| p.amount_fen.is_none_or(|fen| fen <= 0))
        };
        if unstated(PenaltyKind::ConfiscateGains) {
            return Some("没收违法所得没有写明数额（第二十八条第二款）".to_owned());
        }
        if unstated(PenaltyKind::Fine) {
            return Some("罚款没有写明金额".to_owned());
        }
        let yes = |fact: &str| {
            self.text(fact) == "yes"
                || self
                    .state
                    .facts
                    .get(fact)
                    .is_some_and(|v| v == "yes" && self.text(fact).is_empty())
        };
        if d.penalties.iter().any(|p| p.kind == PenaltyKind::Fine) {
            if yes("already_fined") {
                return Some("同一违法行为已被罚款，不得再次罚款（第二十九条）".to_owned());
            }
            if yes("fine_barred") {
                return Some("人民法院已判处罚金，不得再处罚款（第三十五条第二款）".to_owned());
            }
        }
        let doubled = (1..d.penalties.len()).any(|i| {
            d.penalties[..i]
                .iter()
                .any(|p| p.kind == d.penalties[i].kind)
        });
        doubled.then(|| "同一种类的处罚写了两次，请合并（第二十九条）".to_owned())
    }

    /// P39: within the legal range, and below the minimum only with a ground of 32.
    pub(super) fn fine_in_range(&self) -> Fault {
        let proposing = proposal_of(self.step, self.asked.fields).is_some();
        self.dispositions()
            .iter()
            .filter(|d| match self.asked.party {
                Some(id) if !proposing => id == d.party,
                _ => self.is_open(&d.party),
            })
            .find_map(|d| {
                let (why, basis) = range_fault(d)?;
                let name = self.party_name(&d.party);
                let reason = Reason::new(format!("当事人“{name}”：{why}")).field("proposal");
                Some(match basis {
                    Some(basis) => reason.basis(basis),
                    None => reason,
                })
            })
    }

    /// Whether a party still waits for its decision and can have one.
    fn is_open(&self, party: &str) -> bool {
        let is_decided =
            |p: &PartyState| p.facts.contains_key("decision") && !p.is("decision", "none");
        let track = self.state.party(party);
        track.is_none_or(|p| !is_decided(p) && !p.is_gone())
    }

    /// P27, P28, and what the decision form says against the proposal.
    pub(super) fn within_notice(&self, track: &PartyState) -> Fault {
        let Some(proposed) = self.state.proposed(&track.party.id) else {
            return Some(
                Reason::new("没有针对该当事人的拟处理意见，不得作出处罚决定").next("A31.return"),
            );
        };
        let Some(told) = track.notified.as_ref() else {
            return Some(Reason::new("没有告知过该当事人，不得作出处罚决定").next("A24.issue"));
        };
        let mut decided = proposed.clone();
        if let Some(FieldValue::Money(fen)) = self.asked.fields.get("fine")
            && let Some(fine) = decided
                .penalties
                .iter_mut()
                .find(|p| p.kind == PenaltyKind::Fine)
        {
            fine.amount_fen = Some(*fen);
        }
        match compare(told, &decided) {
            Change::Heavier | Change::Different => Some(
                Reason::new("拟作出的决定重于或者异于已告知的内容；不得因申辩加重，有新的事实或者依据的，须重新提出、重新审核、重新告知")
                    .next("A31.return")
                    .field("fine"),
            ),
            _ => (decided != *proposed).then(|| {
                Reason::new("所填罚款与审核通过的提案不一致；确需调整的，应当重新提出拟处理意见").next("A31.return").field("fine")
            }),
        }
    }

    pub(super) fn as_reviewed(&self) -> Fault {
        if self
            .state
            .facts
            .get("review_due")
            .is_some_and(|v| v == "no")
        {
            return None;
        }
        let now = (self.state.proposal_version, self.state.dossier_version);
        (self.state.review_covers != Some(now))
            .then(|| Reason::new("审核通过之后提案或者案卷又有变动，须重新审核").next("A31.return"))
    }

    /// P55: what a ruling struck down on its substance is not decided again as it was, in whatever words.
    pub(super) fn not_same_as_revoked(&self, track: &PartyState) -> Fault {
        let Some(new) = self.state.proposed(&track.party.id) else {
            return Some(
                Reason::new("没有针对该当事人的拟处理意见，无从与原决定比较").next("A31.return"),
            );
        };
        let struck = track.struck_down.iter();
        match struck.map(|old| remade(old, new)).max()? {
            Remade::Differs => None,
            Remade::Reworded if !self.text("differs").is_empty() => None,
            Remade::Reworded => {
                let why = "结果和依据与被撤销的决定相同，只改了事实的写法；须写明主要事实、证据或者理由与原决定有何不同";
                Some(Reason::new(why).field("differs"))
            }
            Remade::Same => {
                let why = "原决定被撤销并责令重新作出，理由不只是程序；不得以同一的事实和理由作出与原决定基本相同的决定";
                Some(Reason::new(why).next("A31.return"))
            }
        }
    }

    /// P40: a penalty goes with an order to put things right, which says what and by when, unless one was given or
    /// was not needed any more (行政处罚法 28(1)).
    pub(super) fn correction_ordered(&self, track: &PartyState, field: &str) -> Fault {
        if self.is_corrected(&track.party.id) {
            return None;
        }
        let proposed = self.state.proposed(&track.party.id);
        if proposed.is_none_or(|d| d.correction.trim().is_empty()) {
            let why = "提案没有写明责令改正的内容，也没有责令改正或者已自行改正的记录";
            return Some(Reason::new(why).next("A14.self"));
        }
        match self.asked.fields.get(field) {
            Some(FieldValue::Date(until)) if *until >= self.on => None,
            Some(FieldValue::Date(until)) => {
                let why = format!("改正期限{until}早于决定日期，请核对");
                Some(Reason::new(why).field(field))
            }
            _ => Some(
                Reason::new("责令改正须写明改正期限；已经改正的，先登记已自行改正")
                    .next("A14.self")
                    .field(field),
            ),
        }
    }

    /// Whether the violation was put right, or an order to do so was given to that party: one party's order is not
    /// another's (行政处罚法 28(1)).
    fn is_corrected(&self, party: &str) -> bool {
        let correction = self.state.facts.get("correction");
        correction.is_some_and(|v| v == "self_done")
            || self.state.party(party).is_some_and(|p| p.told_to_correct)
    }

    pub(super) fn as_concluded(&self) -> Fault {
        if self
            .state
            .facts
            .get("discuss_due")
            .is_none_or(|v| v != "yes")
        {
            return None;
        }
        (self.state.concluded != Some(self.state.proposal_version))
            .then(|| Reason::new("集体讨论的结论不是针对现在的提案").next("A32.conclude"))
    }
}

/// Why the fine does not stand in its legal range, and the article where it is another than the step's.
fn range_fault(d: &Disposition) -> Option<(String, Option<&'static str>)> {
    let fine = d.penalties.iter().find(|p| p.kind == PenaltyKind::Fine)?;
    let fine = fine.amount_fen.unwrap_or_default();
    let Some(range) = &d.range else {
        let why =
            "拟处罚款的，须写明法定罚款幅度的下限和上限（没有下限的填0；按倍数计算的填算出的金额）";
        return Some((why.to_owned(), None));
    };
    if range.max_fen <= 0 {
        return Some(("法定罚款上限须大于零，请核对".to_owned(), None));
    }
    if range.min_fen > range.max_fen {
        return Some(("法定幅度的下限高于上限，请核对".to_owned(), None));
    }
    let [fine_text, min, max] = [fine, range.min_fen, range.max_fen].map(Fen);
    if fine > range.max_fen {
        return Some((format!("拟罚款{fine_text}，超过法定最高{max}"), None));
    }
    (fine < range.min_fen && range.reduction.trim().is_empty()).then(|| {
        let why = format!("拟罚款{fine_text}，低于法定最低{min}，须写明减轻处罚的情形");
        (why, Some("《行政处罚法》第三十二条"))
    })
}

/// What a proposal of no penalty lacks; the decision has to name its article (行政处罚法 57(1)(2)(3)).
fn no_penalty_fault(d: &Disposition) -> Option<String> {
    if d.proven && d.excuse.is_none() {
        let why =
            "事实成立而拟不予处罚的，须选明不予处罚的情形（第三十条、第三十一条、第三十三条）";
        return Some(why.to_owned());
    }
    (filled(&d.basis) == 0).then(|| {
        "拟不予处罚的，须写明不予处罚所依据的条款（事实不成立的，为第五十七条第一款第三项）"
            .to_owned()
    })
}
