//! Roles, duties, and duties kept apart.

use super::Basis;

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
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
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
