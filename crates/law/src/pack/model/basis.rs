//! Citations and how firm they are.

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
