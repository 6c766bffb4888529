//! Time limits and configuration values.

use super::{Basis, Effect, Mover, Scope, ValueId};
use crate::term::{Direction, Roll, Unit};

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
    /// Who has to act within it, or may: nobody else is late when it has run out.
    pub mover: Mover,
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

/// Status of a limit.
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
