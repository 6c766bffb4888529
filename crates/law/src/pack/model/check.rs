//! Checks on real figures.

use super::Basis;

/// A demand that only real figures can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Require {
    /// Name of the check; one of [`Check::ALL`].
    pub name: String,
    /// Field that it speaks of.
    pub on: Option<String>,
    /// Article.
    pub basis: Basis,
}

/// Whether a check judges what one field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfField {
    /// It judges the whole form, or none.
    None,
    /// It judges a field where one is named.
    Optional,
    /// It has nothing to look at without one.
    Needed,
}

/// A check on real figures that the program knows, with what it looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Name in packs.
    pub name: &'static str,
    /// Whether it judges a field (`on`).
    pub of_field: OfField,
    /// Whether it judges one party, and so stands only in a step of a party.
    pub of_party: bool,
    /// What it demands, in Chinese.
    pub demands: &'static str,
}

impl Check {
    /// Every check.
    pub const ALL: [Check; 38] = [
        Self::of_case(
            "filing-criteria",
            OfField::None,
            "四项立案标准须全部具备，且未过追诉时效",
        ),
        Self::of_case("rights-told", OfField::None, "须先告知权利义务"),
        Self::of_case("materials-complete", OfField::None, "送审材料须齐备"),
        Self::of_party(
            "service-lawful",
            OfField::None,
            "送达方式须合法：电子送达须有确认书，留置须有见证或者影像",
        ),
        Self::of_case("waiver-written", OfField::None, "须当事人书面签署"),
        Self::of_party("answers-defence", OfField::Needed, "须逐条复核当事人的意见"),
        Self::of_case("education", OfField::Needed, "不予处罚的，须记录教育情况"),
        Self::of_party("masked", OfField::Needed, "公开内容不得含个人信息"),
        Self::of_case(
            "closing-kind",
            OfField::Needed,
            "结案种类须与各当事人的结果相符",
        ),
        Self::of_case(
            "on-site-lawful",
            OfField::None,
            "当场收缴须当事人提出并出具专用票据",
        ),
        Self::of_party("not-heavier", OfField::Needed, "变更不得加重"),
        Self::of_case(
            "lead-time",
            OfField::Needed,
            "所填日期与通知送达之间须满足倒推期限",
        ),
        Self::of_party(
            "hearing-notice-time",
            OfField::None,
            "送达（公告的，视为送达）之日与已定的听证日期之间须满足倒推期限",
        ),
        Self::of_case(
            "ending-ground",
            OfField::Needed,
            "终止事由须与登记的存续、追诉时效相符，已告知处罚的须书面告知终止",
        ),
        Self::of_party(
            "as-decided",
            OfField::Needed,
            "原决定经集体讨论的，撤销、重作也须经集体讨论，复议、裁判已撤销的除外",
        ),
        Self::of_party(
            "successor-lawful",
            OfField::Needed,
            "决定送达前，只有组织可以由权利义务承受人承受",
        ),
        Self::of_case(
            "addressee-known",
            OfField::Needed,
            "所填的当事人须为本案当事人",
        ),
        Self::of_case(
            "proposal-complete",
            OfField::None,
            "拟处理意见须逐一当事人写明事实、定性、依据和内容",
        ),
        Self::of_party(
            "within-notice",
            OfField::None,
            "决定内容不得重于或者异于已告知的内容",
        ),
        Self::of_case("as-reviewed", OfField::None, "决定内容须为已通过审核的提案"),
        Self::of_party(
            "not-same-as-revoked",
            OfField::None,
            "责令重作的，不得以同一事实和理由作出基本相同的决定，原决定只因程序撤销的除外",
        ),
        Self::of_case(
            "as-concluded",
            OfField::None,
            "决定内容须与集体讨论结论一致",
        ),
        Self::of_case(
            "fine-in-range",
            OfField::None,
            "罚款须在法定幅度内，低于下限须有减轻情形",
        ),
        Self::of_case("ten-items", OfField::None, "法制审核须逐项填写十项内容"),
        Self::of_case("answers-points", OfField::Needed, "须逐条答复审核意见"),
        Self::of_case("quorum", OfField::Needed, "参加讨论的负责人须达到法定人数"),
        Self::of_case(
            "host-independent",
            OfField::Needed,
            "主持人不得为本案调查人员",
        ),
        Self::of_case("other-person", OfField::Needed, "须由另一人办理"),
        Self::of_party("paid-in-full", OfField::Needed, "应缴款项须已全部缴清"),
        Self::of_party("unpaid-left", OfField::Optional, "须尚有未缴款项"),
        Self::of_party("refund-in-full", OfField::Needed, "退款须足额"),
        Self::of_party(
            "surcharge-within",
            OfField::Needed,
            "加处罚款不得超过未缴罚款按日百分之三计算的数额和罚款的数额",
        ),
        Self::of_party(
            "reduced-for-remedy",
            OfField::Needed,
            "减免加处罚款的，当事人须已采取补救措施",
        ),
        Self::of_party("paper-issued", OfField::Needed, "所送达的文书须已经制作"),
        Self::of_case("discussion-recorded", OfField::None, "须已有集体讨论记录"),
        Self::of_party(
            "executed-in-full",
            OfField::Needed,
            "决定的其他处罚须已全部执行",
        ),
        Self::of_party(
            "executed-in-part",
            OfField::Needed,
            "须为决定中尚未执行的处罚，且另有未执行的",
        ),
        Self::of_party(
            "correction-ordered",
            OfField::Needed,
            "尚未责令改正也未自行改正的，须写明责令改正的内容和期限",
        ),
    ];

    /// The check of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|check| check.name == name)
    }

    const fn of_case(name: &'static str, of_field: OfField, demands: &'static str) -> Self {
        Self {
            name,
            of_field,
            of_party: false,
            demands,
        }
    }

    const fn of_party(name: &'static str, of_field: OfField, demands: &'static str) -> Self {
        Self {
            name,
            of_field,
            of_party: true,
            demands,
        }
    }
}
