//! What is proposed, told and decided for a party, and how two of them compare (行政处罚法 44, 45, 62).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Kinds of penalty (行政处罚法 9).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PenaltyKind {
    /// 警告.
    Warning,
    /// 通报批评.
    Criticism,
    /// 罚款.
    Fine,
    /// 没收违法所得.
    ConfiscateGains,
    /// 没收非法财物.
    ConfiscateGoods,
    /// 暂扣许可证件.
    SuspendLicence,
    /// 降低资质等级.
    LowerQualification,
    /// 吊销许可证件.
    RevokeLicence,
    /// 限制开展生产经营活动.
    RestrictBusiness,
    /// 责令停产停业.
    StopBusiness,
    /// 责令关闭.
    Close,
    /// 限制从业.
    RestrictOccupation,
    /// 行政拘留.
    Detention,
    /// 法律、行政法规规定的其他行政处罚.
    Other,
}

impl PenaltyKind {
    /// Every kind with its name in forms and its Chinese title.
    pub const ALL: [(PenaltyKind, &'static str, &'static str); 14] = [
        (PenaltyKind::Warning, "warning", "警告"),
        (PenaltyKind::Criticism, "criticism", "通报批评"),
        (PenaltyKind::Fine, "fine", "罚款"),
        (
            PenaltyKind::ConfiscateGains,
            "confiscate_gains",
            "没收违法所得",
        ),
        (
            PenaltyKind::ConfiscateGoods,
            "confiscate_goods",
            "没收非法财物",
        ),
        (
            PenaltyKind::SuspendLicence,
            "suspend_licence",
            "暂扣许可证件",
        ),
        (
            PenaltyKind::LowerQualification,
            "lower_qualification",
            "降低资质等级",
        ),
        (PenaltyKind::RevokeLicence, "revoke_licence", "吊销许可证件"),
        (
            PenaltyKind::RestrictBusiness,
            "restrict_business",
            "限制开展生产经营活动",
        ),
        (PenaltyKind::StopBusiness, "stop_business", "责令停产停业"),
        (PenaltyKind::Close, "close", "责令关闭"),
        (
            PenaltyKind::RestrictOccupation,
            "restrict_occupation",
            "限制从业",
        ),
        (PenaltyKind::Detention, "detention", "行政拘留"),
        (PenaltyKind::Other, "other", "其他行政处罚"),
    ];

    /// The kind of that name in forms.
    pub fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, id, _)| *id == name);
        found.map(|(kind, ..)| *kind)
    }

    /// The Chinese title.
    pub fn title(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(kind, ..)| *kind == self)
            .map_or("", |(.., title)| title)
    }

    /// Whether the kind by itself gives a right to a hearing (行政处罚法 63(1)(3)–(5)).
    pub fn hearing_by_kind(self) -> bool {
        matches!(
            self,
            Self::LowerQualification
                | Self::RevokeLicence
                | Self::StopBusiness
                | Self::Close
                | Self::RestrictOccupation
        )
    }

    /// Whether money is to be paid.
    pub fn is_money(self) -> bool {
        matches!(self, Self::Fine | Self::ConfiscateGains)
    }

    /// Whether something is taken for the State (行政处罚法 9(2)).
    pub fn confiscates(self) -> bool {
        matches!(self, Self::ConfiscateGains | Self::ConfiscateGoods)
    }

    /// Whether the kind is stated with an amount: money, or the value of goods.
    pub fn has_amount(self) -> bool {
        self.is_money() || self == Self::ConfiscateGoods
    }

    /// Kinds that not every organ decides: the configuration key of the power, and who has it otherwise
    /// (行政处罚法 17, 18; 安全生产法 115).
    pub fn needs_power(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Detention => Some((
                "power_detention",
                "行政拘留由公安机关和法律规定的其他机关决定",
            )),
            Self::Close => Some(("power_close", "责令关闭一般由县级以上人民政府决定")),
            _ => None,
        }
    }
}

/// One penalty of a disposition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Penalty {
    /// Kind.
    pub kind: PenaltyKind,
    /// Amount in fen, for fines and confiscated gains; for confiscated goods their value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<i64>,
    /// Length in days, for kinds that last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_days: Option<u32>,
    /// Wording, such as the licence or the goods.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// Why a party is not punished (行政处罚法 30, 31, 33).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Excuse {
    /// 违法行为轻微并及时改正，没有造成危害后果 (33(1)).
    Minor,
    /// 初次违法且危害后果轻微并及时改正 (33(1)), which may be let off.
    First,
    /// 没有主观过错 (33(2)).
    NoFault,
    /// 未满十四周岁, 不能辨认或者控制 (30, 31).
    AgeMind,
}

impl Excuse {
    /// Every excuse with its name in packs and its Chinese wording.
    pub const ALL: [(Excuse, &'static str, &'static str); 4] = [
        (
            Excuse::Minor,
            "minor",
            "违法行为轻微并及时改正，没有造成危害后果",
        ),
        (Excuse::First, "first", "初次违法且危害后果轻微并及时改正"),
        (
            Excuse::NoFault,
            "no_fault",
            "当事人有证据足以证明没有主观过错",
        ),
        (
            Excuse::AgeMind,
            "age_mind",
            "不满十四周岁，或者不能辨认、控制自己行为",
        ),
    ];
}

/// The legal range of a fine, in fen, and the ground for going below it (行政处罚法 5, 32).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FineRange {
    /// Legal minimum in fen.
    pub min_fen: i64,
    /// Legal maximum in fen.
    pub max_fen: i64,
    /// Ground of 减轻 under 32, where the fine is below the minimum.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reduction: String,
}

/// What is proposed for one party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Disposition {
    /// The party.
    pub party: String,
    /// Whether the facts of the violation are proven.
    pub proven: bool,
    /// Facts found.
    pub facts: String,
    /// 定性: what the violation is.
    pub characterization: String,
    /// Provisions violated.
    pub violated: Vec<String>,
    /// Provisions on which the penalty rests.
    pub basis: Vec<String>,
    /// Reasons of discretion.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub discretion: String,
    /// An excuse, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excuse: Option<Excuse>,
    /// Penalties; empty where none is proposed.
    pub penalties: Vec<Penalty>,
    /// Legal range of the fine; a fine is not proposed without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<FineRange>,
    /// What must be put right.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub correction: String,
}

/// How a new content relates to what the party was told (拟决定与告知).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Nothing was told yet.
    First,
    /// 同.
    Same,
    /// 轻: fewer of the kinds told, or lower amounts or periods.
    Lighter,
    /// 重: a kind added, an amount or period up.
    Heavier,
    /// 异: anything else.
    Different,
}

impl Change {
    /// The value of the program's fact `@change`.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Same => "same",
            Self::Lighter => "lighter",
            Self::Heavier => "heavier",
            Self::Different => "different",
        }
    }
}

impl Disposition {
    /// Sum of fines in fen.
    pub fn fine_fen(&self) -> i64 {
        self.sum(|kind| kind == PenaltyKind::Fine)
    }

    /// Illegal gains confiscated, in fen.
    pub fn gains_fen(&self) -> i64 {
        self.sum(|kind| kind == PenaltyKind::ConfiscateGains)
    }

    /// Sum of all money to be paid, in fen.
    pub fn money_fen(&self) -> i64 {
        self.sum(PenaltyKind::is_money)
    }

    fn sum(&self, of: impl Fn(PenaltyKind) -> bool) -> i64 {
        self.penalties
            .iter()
            .filter(|p| of(p.kind))
            .filter_map(|p| p.amount_fen)
            .fold(0, i64::saturating_add)
    }

    /// Whether a penalty is proposed at all.
    pub fn penalizes(&self) -> bool {
        !self.penalties.is_empty()
    }

    fn same_ground(&self, other: &Self) -> bool {
        self.proven == other.proven
            && self.facts.trim() == other.facts.trim()
            && self.characterization.trim() == other.characterization.trim()
            && self.violated == other.violated
            && self.basis == other.basis
    }
}

/// Compares what would be decided with what the party was told.
///
/// Kinds are not put on one scale: a swapped kind is [`Change::Different`].
pub fn compare(told: &Disposition, new: &Disposition) -> Change {
    if !told.same_ground(new) {
        return Change::Different;
    }
    let mut change = Change::Same;
    let mut note = |next: Change| {
        change = match (change, next) {
            (Change::Heavier, _) | (_, Change::Heavier) => Change::Heavier,
            (Change::Different, _) | (_, Change::Different) => Change::Different,
            (Change::Lighter, _) | (_, Change::Lighter) => Change::Lighter,
            _ => Change::Same,
        };
    };
    let dropped = told
        .penalties
        .iter()
        .filter(|t| !new.penalties.iter().any(|n| n.kind == t.kind))
        .count();
    let added = new
        .penalties
        .iter()
        .filter(|n| !told.penalties.iter().any(|t| t.kind == n.kind))
        .count();
    match (dropped, added) {
        (0, 0) => {}
        (_, 0) => note(Change::Lighter),
        (0, _) => note(Change::Heavier),
        _ => note(Change::Different),
    }
    for penalty in &new.penalties {
        if let Some(before) = told.penalties.iter().find(|t| t.kind == penalty.kind) {
            note(compare_penalty(before, penalty));
        }
    }
    change
}

/// How close a new decision comes to one that a ruling struck down (行政诉讼法 71, 行政复议法 64(2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remade {
    /// Another result, or the same on other articles.
    Differs,
    /// The same result on the same articles, with the facts in other words.
    Reworded,
    /// The same result on the same articles and facts.
    Same,
}

/// Compares a new decision with the one that it replaces: articles and penalties as sets, facts without blanks and
/// punctuation.
pub fn remade(old: &Disposition, new: &Disposition) -> Remade {
    let plain = |text: &str| {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
    };
    let articles = |list: &[String]| -> BTreeSet<String> {
        let named = list.iter().map(|article| plain(article));
        named.filter(|article| !article.is_empty()).collect()
    };
    let penalties = |d: &Disposition| -> BTreeSet<(PenaltyKind, i64, u32)> {
        let result = |p: &Penalty| {
            let (fen, days) = (p.amount_fen, p.period_days);
            (p.kind, fen.unwrap_or_default(), days.unwrap_or_default())
        };
        d.penalties.iter().map(result).collect()
    };
    let same_result = (old.proven, old.excuse) == (new.proven, new.excuse)
        && penalties(old) == penalties(new)
        && articles(&old.violated) == articles(&new.violated)
        && articles(&old.basis) == articles(&new.basis);
    if !same_result {
        Remade::Differs
    } else if plain(&old.facts) == plain(&new.facts) {
        Remade::Same
    } else {
        Remade::Reworded
    }
}

/// Whether a change that a ruling made adds to a party's burden (行政诉讼法 77(2), 行政复议法 63(2)). Facts and
/// articles may be put right; a kind may give way to another if no more money is to be paid.
pub fn burdens_more(old: &Disposition, new: &Disposition) -> bool {
    let on_old_ground = Disposition {
        penalties: new.penalties.clone(),
        ..old.clone()
    };
    compare(old, &on_old_ground) == Change::Heavier || new.money_fen() > old.money_fen()
}

fn compare_penalty(told: &Penalty, new: &Penalty) -> Change {
    if told.text.trim() != new.text.trim() {
        return Change::Different;
    }
    let amount = new
        .amount_fen
        .unwrap_or(0)
        .cmp(&told.amount_fen.unwrap_or(0));
    let period = new
        .period_days
        .unwrap_or(0)
        .cmp(&told.period_days.unwrap_or(0));
    match (amount, period) {
        (std::cmp::Ordering::Greater, _) | (_, std::cmp::Ordering::Greater) => Change::Heavier,
        (std::cmp::Ordering::Less, _) | (_, std::cmp::Ordering::Less) => Change::Lighter,
        _ => Change::Same,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fined(yuan: i64) -> Disposition {
        Disposition {
            party: "p1".into(),
            proven: true,
            facts: "未建立台账".into(),
            characterization: "未建立隐患排查治理制度".into(),
            violated: vec!["《安全生产法》第四十一条第二款".into()],
            basis: vec!["《安全生产法》第一百零一条".into()],
            discretion: String::new(),
            excuse: None,
            penalties: vec![Penalty {
                kind: PenaltyKind::Fine,
                amount_fen: Some(yuan * 100),
                period_days: None,
                text: String::new(),
            }],
            range: None,
            correction: String::new(),
        }
    }

    #[test]
    fn amounts_decide_between_same_lighter_and_heavier() {
        assert_eq!(compare(&fined(5000), &fined(5000)), Change::Same);
        assert_eq!(compare(&fined(5000), &fined(4999)), Change::Lighter);
        assert_eq!(compare(&fined(5000), &fined(5001)), Change::Heavier);
    }

    #[test]
    fn an_added_kind_is_heavier_a_dropped_one_lighter_and_a_swapped_one_different() {
        let warning = Penalty {
            kind: PenaltyKind::Warning,
            amount_fen: None,
            period_days: None,
            text: String::new(),
        };
        let mut both = fined(5000);
        both.penalties.push(warning.clone());
        let mut swapped = fined(5000);
        swapped.penalties = vec![warning];
        assert_eq!(compare(&fined(5000), &both), Change::Heavier);
        assert_eq!(compare(&both, &fined(5000)), Change::Lighter);
        assert_eq!(compare(&fined(5000), &swapped), Change::Different);
    }

    #[test]
    fn other_facts_or_articles_are_different_even_at_a_lower_amount() {
        let mut other = fined(100);
        other.basis = vec!["《安全生产法》第九十七条".into()];
        assert_eq!(compare(&fined(5000), &other), Change::Different);
        let mut facts = fined(5000);
        facts.facts = "另有一项".into();
        assert_eq!(compare(&fined(5000), &facts), Change::Different);
    }
}
