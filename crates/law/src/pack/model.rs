//! What a procedure pack says, resolved: names are indices, conditions are over finite domains.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Compute;
use super::switch::Switch;
use crate::rules::{Over, Version};
use crate::term::{Direction, Roll, Unit};

/// Index of a fact in [`Pack::facts`].
pub type FactId = usize;
/// Index of a value in [`Fact::values`].
pub type ValueId = u8;
/// Index of a stage in [`Pack::stages`].
pub type StageId = usize;
/// Index of a limit in [`Pack::limits`].
pub type LimitId = usize;
/// Index of a step in [`Pack::steps`].
pub type StepId = usize;
/// A set of values of one fact, as bits.
pub type ValueSet = u32;

/// A whole procedure pack: the law of one procedure as data.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Name, such as `penalty-general`.
    pub name: String,
    /// Title in Chinese.
    pub title: String,
    /// Kind of act, such as `penalty`; it names the properties that must be proved.
    pub kind: String,
    /// Version text of the pack.
    pub version: String,
    /// First day in force.
    pub in_force_from: Date,
    /// Last day in force, if it has one.
    pub in_force_to: Option<Date>,
    /// Region code or `全国`.
    pub region: String,
    /// Versions that this one goes before where both apply.
    pub over: Vec<Over>,
    /// How open cases come over from older versions.
    pub switches: Vec<Switch>,
    /// Where the head stands.
    pub place: Place,
    /// Digest of the pack's files, given by the caller.
    pub digest: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Pairs of duties that no one person may hold in one case.
    pub separations: Vec<Separation>,
    /// Stages.
    pub stages: Vec<Stage>,
    /// Facts with finite domains; the program's own come first.
    pub facts: Vec<Fact>,
    /// Time limits.
    pub limits: Vec<Limit>,
    /// Configuration keys.
    pub config: Vec<ConfigKey>,
    /// Rows of the lapse matrix.
    pub lapses: Vec<LapseRow>,
    /// Actions, in the order of the pack.
    pub actions: Vec<Action>,
    /// Steps of all actions.
    pub steps: Vec<Step>,
    /// Steps that a case waits for when they can be taken, rather than merely allows.
    pub todo: Vec<StepId>,
    /// Titles of the papers that the pack issues, by template name.
    pub papers: BTreeMap<String, PaperKind>,
}

impl Pack {
    /// Visits effects one after another, with those inside conditions, `each` and rows of the lapse matrix.
    pub fn walk<'a>(&'a self, effects: &'a [Effect], visit: &mut dyn FnMut(&'a Effect)) {
        for effect in effects {
            visit(effect);
            match effect {
                Effect::When(_, inner) | Effect::Each(inner) | Effect::Dated(_, inner) => {
                    self.walk(inner, visit);
                }
                Effect::Raise(row) => {
                    if let Some(row) = self.lapses.get(*row) {
                        self.walk(&row.effects, visit);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether holding the one role is holding the other: the same, or one that it includes (`also`).
    pub fn includes(&self, held: &str, role: &str) -> bool {
        let also = || self.roles.iter().find(|r| r.id == held).map(|r| &r.also);
        held == role || also().is_some_and(|also| also.iter().any(|id| id == role))
    }

    /// The pack as one version of its procedure among others.
    pub fn as_version(&self) -> Version<'_> {
        Version {
            name: &self.version,
            from: self.in_force_from,
            to: self.in_force_to,
            region: &self.region,
            over: &self.over,
            place: &self.place,
        }
    }

    /// The step with that identifier.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }
}

/// A capacity in which a person acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Identifier.
    pub id: String,
    /// Title in Chinese.
    pub title: String,
    /// Assigned case by case (承办人), rather than held by office.
    pub assigned: bool,
    /// The standing role a person must hold to be assigned.
    pub from: Option<String>,
    /// Whether an enforcement card in force that day is needed (行政处罚法 42).
    pub card: bool,
    /// Whether the person must belong to the case's handling unit.
    pub unit: bool,
    /// Whether a legal qualification is needed of first-timers (行政处罚法 58(2)).
    pub qualified: bool,
    /// Other roles that include this one, such as 主要负责人 for 机关负责人.
    pub also: Vec<String>,
}

/// What somebody does in a case, for the separation of 办, 审, 听, 定.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// 办: handling and investigating, preliminary review and signing for the unit.
    Handle,
    /// 审: legal review.
    Review,
    /// 听: hosting or recording a hearing.
    Hear,
    /// 定: deciding, alone or in collective discussion.
    Decide,
    /// 批: approvals inside the handling, which bar from nothing.
    Approve,
    /// 公: review before publication.
    Publish,
    /// Anything else.
    Other,
}

impl Duty {
    /// Every duty with its name in packs and its Chinese title.
    pub const ALL: [(Duty, &'static str, &'static str); 7] = [
        (Duty::Handle, "handle", "办"),
        (Duty::Review, "review", "审"),
        (Duty::Hear, "hear", "听"),
        (Duty::Decide, "decide", "定"),
        (Duty::Approve, "approve", "批"),
        (Duty::Publish, "publish", "公示审核"),
        (Duty::Other, "other", "其他"),
    ];

    /// The Chinese title.
    pub fn title(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(duty, ..)| *duty == self)
            .map_or("", |(.., title)| title)
    }
}

/// Two duties kept apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Separation {
    /// The duties.
    pub duties: (Duty, Duty),
    /// Article or source.
    pub basis: Basis,
}

/// A place where a case stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Identifier.
    pub id: String,
    /// Title in Chinese.
    pub title: String,
    /// A stage of rest: an end, or the archive.
    pub end: bool,
}

/// Whether something belongs to the whole case or to each party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The case.
    Case,
    /// Each party.
    Party,
}

/// A fact of a case with a finite domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Identifier; the program's own begin with `@`.
    pub id: String,
    /// Title in Chinese.
    pub title: String,
    /// Case or party.
    pub scope: Scope,
    /// Values: identifier and Chinese title. The first is the initial one.
    pub values: Vec<(String, String)>,
    /// Values that lapse, and the value they lapse to.
    pub lapse: Option<(ValueSet, ValueId)>,
}

impl Fact {
    /// The value with that identifier.
    pub fn value(&self, id: &str) -> Option<ValueId> {
        self.values
            .iter()
            .position(|(v, _)| v == id)
            .and_then(|i| u8::try_from(i).ok())
    }
}

/// What happens when a time limit runs out.
#[derive(Debug, Clone, PartialEq)]
pub enum OnExpiry {
    /// Lateness is recorded; nothing is barred (记超期).
    Record,
    /// Facts change by themselves (自动效果).
    Effects(Vec<Effect>),
    /// The acts whose `needs` name the limit are barred (禁止动作).
    Forbid,
}

/// How long a limit is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Length {
    /// A fixed count of the limit's unit.
    Fixed(u32),
    /// The count is a configuration value.
    Config(String),
    /// The last day stands in a form field of the step that starts it.
    Field(String),
}

/// A time limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Code, such as `CF-60`.
    pub code: String,
    /// Title in Chinese.
    pub title: String,
    /// Case or party.
    pub scope: Scope,
    /// Length.
    pub length: Length,
    /// Unit.
    pub unit: Unit,
    /// Forward, or back from an event.
    pub direction: Direction,
    /// What a last day on a holiday does.
    pub roll: Roll,
    /// What expiry does.
    pub on_expiry: OnExpiry,
    /// Article.
    pub basis: Basis,
    /// Articles under which it may be paused; empty: never.
    pub pauses: Vec<Basis>,
}

/// A configuration value with its bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigKey {
    /// Identifier.
    pub id: String,
    /// Title in Chinese.
    pub title: String,
    /// Default; absent where a bureau must load a text first.
    pub default: Option<i64>,
    /// Smallest value allowed.
    pub min: Option<i64>,
    /// Largest value allowed.
    pub max: Option<i64>,
    /// Whether the value burdens a party: it is then refused without an article (行政处罚法 4, 16).
    pub burden: bool,
    /// Source.
    pub basis: Basis,
}

/// How firm a legal basis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 法律, 行政法规, 司法解释.
    Law,
    /// 部门规章, 地方性法规, 政府规章.
    Rule,
    /// A policy document.
    Policy,
    /// Custom, or the organ's own rules.
    Custom,
}

impl Level {
    /// Name in packs.
    pub const ALL: [(Level, &'static str, &'static str); 4] = [
        (Level::Law, "law", "法"),
        (Level::Rule, "rule", "规"),
        (Level::Policy, "policy", "文"),
        (Level::Custom, "custom", "惯例"),
    ];

    /// Short Chinese label.
    pub fn title(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(level, ..)| *level == self)
            .map_or("", |(.., title)| title)
    }
}

/// A citation with its level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// As printed, such as `《行政处罚法》第五十八条`.
    pub text: String,
    /// Level.
    pub level: Level,
}

/// A row of the lapse matrix (what undoes a review, a notice, a hearing, a discussion).
#[derive(Debug, Clone, PartialEq)]
pub struct LapseRow {
    /// Identifier.
    pub id: String,
    /// Row number in the matrix.
    pub row: u32,
    /// Title in Chinese.
    pub title: String,
    /// What it does.
    pub effects: Vec<Effect>,
}

/// An action, as the law names it; it consists of steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Id, such as `A05`.
    pub id: String,
    /// Title in Chinese.
    pub title: String,
    /// Articles.
    pub basis: Vec<Basis>,
    /// Its steps.
    pub steps: Vec<StepId>,
}

/// Who moves the world by a step, for the checker's fairness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mover {
    /// The bureau itself.
    Bureau,
    /// An organ outside, which answers in the end.
    Outside,
    /// The party, which need never act.
    Party,
    /// The passing of time.
    Expiry,
}

/// Persons who take part in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crew {
    /// Role.
    pub role: String,
    /// Duty that the part means.
    pub duty: Duty,
    /// Fewest persons.
    pub min: u32,
    /// Role that may stand in where nobody fills the first (fallback).
    pub or: Option<String>,
}

/// One thing that can be done in a case: the unit of a command.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Id, such as `A21.pass`.
    pub id: String,
    /// Title in Chinese.
    pub title: String,
    /// Action it belongs to.
    pub action: String,
    /// Case or one party.
    pub scope: Scope,
    /// Stages in which it can be taken.
    pub from: Vec<StageId>,
    /// Where the case goes: the first alternative whose condition holds afterwards.
    pub to: Vec<(StageId, Cond)>,
    /// Who moves.
    pub mover: Mover,
    /// The actor's part and those who act with them.
    pub by: Vec<Crew>,
    /// Approvals in order; the step takes effect with the last.
    pub chain: Vec<Crew>,
    /// Conditions.
    pub needs: Cond,
    /// Demands on real dates, amounts, persons: checked when the step is taken.
    pub requires: Vec<Require>,
    /// Form fields.
    pub form: Vec<Field>,
    /// Effects in order.
    pub effects: Vec<Effect>,
    /// Papers that the step issues.
    pub papers: Vec<PaperRef>,
    /// Articles.
    pub basis: Vec<Basis>,
    /// Whether it burdens a party.
    pub burden: bool,
    /// Whether the officers must have shown their cards on that occasion (行政处罚法 55).
    pub card_shown: bool,
    /// Where in the pack it stands.
    pub place: Place,
}

/// A place in a pack file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// File.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
}

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
    pub const ALL: [Check; 33] = [
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
            "原决定经集体讨论的，撤销、重作也须经集体讨论",
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

/// A paper a step issues.
#[derive(Debug, Clone, PartialEq)]
pub struct PaperRef {
    /// Template name.
    pub template: String,
    /// Series that numbers it, if any.
    pub series: Option<String>,
    /// Condition on facts, so that one step may issue this or that.
    pub when: Cond,
}

/// A kind of paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperKind {
    /// Title in Chinese.
    pub title: String,
    /// Whether the program has a template; otherwise a signed paper is uploaded.
    pub rendered: bool,
    /// Order in the file of the case (卷内顺序).
    pub order: u32,
}

/// Privacy class of a field (DECISIONS 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrivacyClass {
    /// Not personal.
    None,
    /// A natural person's name.
    Name,
    /// An organisation's name.
    OrgName,
    /// Identity number.
    IdNo,
    /// Organisation code.
    OrgCode,
    /// Telephone.
    Phone,
    /// Address.
    Address,
    /// Account.
    Account,
    /// An official's opinion: never leaves.
    Opinion,
    /// Free text: only past detectors and a person.
    Prose,
}

impl PrivacyClass {
    /// Names in packs.
    pub const ALL: [(PrivacyClass, &'static str); 10] = [
        (PrivacyClass::None, "none"),
        (PrivacyClass::Name, "name"),
        (PrivacyClass::OrgName, "org_name"),
        (PrivacyClass::IdNo, "id_no"),
        (PrivacyClass::OrgCode, "org_code"),
        (PrivacyClass::Phone, "phone"),
        (PrivacyClass::Address, "address"),
        (PrivacyClass::Account, "account"),
        (PrivacyClass::Opinion, "opinion"),
        (PrivacyClass::Prose, "prose"),
    ];
}

/// Type of a form field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// One line of text.
    Text,
    /// Free text.
    Prose,
    /// One of some options: identifier and title.
    Choice(Vec<(String, String)>),
    /// Yes or no.
    YesNo,
    /// A legal date.
    Date,
    /// A date with a clock time.
    DateTime,
    /// Money in fen.
    Money,
    /// A whole number.
    Int,
    /// Officials, as a list.
    Persons,
    /// The parties of the case, as a list.
    Parties,
    /// The proposal, party by party.
    Proposal,
    /// A list of points, one a line.
    Points,
    /// The ten items of legal review.
    TenItems,
    /// The views of members, one each.
    Votes,
    /// Things on a list.
    Items,
    /// An uploaded file.
    Upload,
}

impl FieldType {
    /// What a user would call such a field, in Chinese.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Text => "单行文字",
            Self::Prose => "多行文字",
            Self::Choice(_) => "选项",
            Self::YesNo => "是否",
            Self::Date => "日期",
            Self::DateTime => "日期和时间",
            Self::Money => "金额",
            Self::Int => "整数",
            Self::Persons => "人员",
            Self::Parties => "当事人",
            Self::Proposal => "拟处理意见",
            Self::Points => "逐条意见",
            Self::TenItems => "审核十项",
            Self::Votes => "讨论意见",
            Self::Items => "清单",
            Self::Upload => "上传文件",
        }
    }
}

/// A form field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Identifier.
    pub id: String,
    /// Title in Chinese.
    pub title: String,
    /// Type.
    pub kind: FieldType,
    /// Whether it must be filled.
    pub required: bool,
    /// Privacy class.
    pub class: PrivacyClass,
    /// Help text.
    pub help: String,
    /// Value that a new form shows.
    pub default: Option<String>,
}

/// A condition over facts and limits.
#[derive(Debug, Clone, PartialEq)]
pub enum Cond {
    /// All hold; empty is true.
    All(Vec<Cond>),
    /// At least one holds.
    Any(Vec<Cond>),
    /// A literal with what to say when it fails.
    Lit(Lit),
}

impl Cond {
    /// The condition that always holds.
    pub fn always() -> Self {
        Self::All(Vec::new())
    }

    /// Visits every literal.
    pub fn literals<'a>(&'a self, visit: &mut dyn FnMut(&'a Lit)) {
        match self {
            Self::All(inner) | Self::Any(inner) => inner.iter().for_each(|c| c.literals(visit)),
            Self::Lit(lit) => visit(lit),
        }
    }
}

/// Over whom a literal about a party fact speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// The case, or the party of the step.
    This,
    /// Every party.
    Every,
    /// At least one party.
    Some,
}

/// `fact ∈ values`.
#[derive(Debug, Clone, PartialEq)]
pub struct Lit {
    /// Fact or limit status.
    pub subject: Subject,
    /// Allowed values.
    pub values: ValueSet,
    /// Over whom.
    pub over: Quantifier,
    /// What to tell the user when it fails.
    pub why: Option<String>,
    /// Article of that.
    pub basis: Option<String>,
    /// Step that would help.
    pub next: Option<String>,
}

/// What a literal speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A fact.
    Fact(FactId),
    /// The status of a limit, as a value of [`LimitStatus`].
    Limit(LimitId),
}

/// Status of a limit.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum LimitStatus {
    /// 未起.
    Idle,
    /// 走.
    Running,
    /// 停.
    Paused,
    /// 届满.
    Expired,
    /// 止.
    Ended,
}

impl LimitStatus {
    /// Names in packs, in the order of the value ids.
    pub const ALL: [(LimitStatus, &'static str); 5] = [
        (LimitStatus::Idle, "idle"),
        (LimitStatus::Running, "running"),
        (LimitStatus::Paused, "paused"),
        (LimitStatus::Expired, "expired"),
        (LimitStatus::Ended, "ended"),
    ];

    /// The value id in a [`ValueSet`].
    pub fn id(self) -> ValueId {
        match self {
            Self::Idle => 0,
            Self::Running => 1,
            Self::Paused => 2,
            Self::Expired => 3,
            Self::Ended => 4,
        }
    }
}

/// Where the new value of a fact comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A constant.
    Value(ValueId),
    /// The choice made in a form field; the option ids are value ids.
    Field(String, Vec<ValueId>),
    /// Computed from real figures by the program.
    Compute(Compute, Vec<ValueId>),
}

/// A day that a step knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayOf {
    /// The date in a field of the form; the day of the step where it is left empty.
    Field(String),
    /// The legal date of the step.
    Today,
    /// The day on which the case was discovered (被发现).
    Discovered,
}

/// How the kind and the name of what a step puts into the dossier are known (行政处罚法 46).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// The form says both: `kind` and `name`.
    Chosen,
    /// What the person in `interviewee` said: a party's statement, or a witness's testimony.
    Interview,
    /// The things listed in the form, taken as samples.
    Sample,
    /// An expert's opinion.
    Expert,
    /// A record that the bureau made, called as the step's paper.
    Record,
}

impl Evidence {
    /// Names in packs.
    pub const ALL: [(Evidence, &'static str); 5] = [
        (Evidence::Chosen, "chosen"),
        (Evidence::Interview, "interview"),
        (Evidence::Sample, "sample"),
        (Evidence::Expert, "expert"),
        (Evidence::Record, "record"),
    ];
}

/// What a step does; the program knows these and no others (DECISIONS 7).
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Sets a fact.
    Set(FactId, Source),
    /// Lets facts lapse, where there is something to lapse.
    Lapse(Vec<FactId>),
    /// Applies a row of the lapse matrix.
    Raise(usize),
    /// Does the inner effects if the condition holds at that moment.
    When(Cond, Vec<Effect>),
    /// Does the inner effects for every party.
    Each(Vec<Effect>),
    /// Does the inner effects as of the day in a field of the form: of a limit that began or rested before it was
    /// put on record.
    Dated(String, Vec<Effect>),
    /// Starts a limit.
    Start(LimitId),
    /// Stops a limit.
    Stop(LimitId),
    /// Pauses a limit.
    Pause(LimitId),
    /// Resumes a limit.
    Resume(LimitId),
    /// Lets a stopped limit go on: the days used before count, those in between do not. One never started starts.
    Continue(LimitId),
    /// Puts on record a limit whose beginning and end both lie behind: it was kept, or had run out.
    Measure {
        /// The limit.
        limit: LimitId,
        /// Day from which it ran.
        from: DayOf,
        /// Day on which it stopped.
        to: DayOf,
    },
    /// Extends a limit that still runs, with the approval of the step's chain.
    Extend {
        /// The limit.
        limit: LimitId,
        /// Configuration key of how much is added, in the limit's unit; not loaded: no extension.
        config: String,
        /// How often one run may be extended.
        times: u32,
    },
    /// Assigns the persons of a field, or the crew, to an assigned role.
    Assign(String, Option<String>),
    /// Bars the person named in the field from the case.
    Recuse(String),
    /// Replaces an assigned person: (role, field with who leaves, field with who comes).
    Replace(String, String, String),
    /// Files the parties of a field in the case.
    Parties(String),
    /// Puts the one party of a field in this party's place: its data put right, or whoever took over its rights and
    /// duties.
    AmendParty(String),
    /// Puts evidence in the dossier, which moves on.
    Evidence(Evidence),
    /// Takes out of the dossier the item whose number a field gives, which moves the dossier on.
    Exclude(String),
    /// Makes the proposal of the form the one in force.
    Propose,
    /// Records the passing review of proposal and dossier as they stand.
    ReviewPassed,
    /// Records points raised, which must be answered.
    ReviewReturned,
    /// Records what a party was told.
    Notify,
    /// Records a hearing held.
    Hear,
    /// Records the content concluded in collective discussion.
    Conclude,
    /// Records the decision for a party, with the content of the proposal in force.
    Decide,
    /// Puts the content of the field in the place of what was decided for a party, as a ruling changed it.
    Redecide(String),
    /// Records money received.
    Pay,
    /// Fixes the surcharge that a party owes in all, where the field is filled in.
    Surcharge(String),
    /// Records money paid back.
    Refund,
    /// Records that the kind of penalty chosen in the field was carried out.
    Execute(String),
    /// Opens a new round: nothing old counts.
    NewRound,
    /// Publishes the decision of each party.
    Publish,
    /// Withdraws what was published.
    Withdraw,
    /// Claims a case number from the series.
    Number(String),
}
