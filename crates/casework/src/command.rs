//! Commands and the context in which they are judged.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::{calendar::Calendar, pack::Pack};
use serde::{Deserialize, Serialize};

use crate::{field::Fields, person::Person, record::Via};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Take a step, or ask for it where it needs approvals.
    Take,
    /// Approve a request.
    Approve {
        /// The request.
        request: String,
        /// What the approver says.
        opinion: String,
    },
    /// Send a request back.
    Return {
        /// The request.
        request: String,
        /// Why.
        opinion: String,
    },
    /// Take one's own request back.
    Withdraw {
        /// The request.
        request: String,
    },
}

/// A command on one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Id chosen by the sender; the same id never acts twice.
    pub id: String,
    /// Step of the pack.
    pub step: String,
    /// Party, for a step of one party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// What is asked.
    pub act: Act,
    /// Legal date.
    pub occurred_on: Date,
    /// Why it is entered late, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_reason: Option<String>,
    /// Persons who act together with the actor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// Whether cards were shown on this occasion (行政处罚法 55).
    #[serde(default)]
    pub card_shown: bool,
    /// Form fields.
    #[serde(default)]
    pub fields: Fields,
    /// Version of the case that the actor saw.
    pub seen_version: u64,
}

/// Configuration values of a body, by key of the pack.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    values: BTreeMap<String, (i64, Option<String>)>,
}

/// Why a configuration value is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigFault {
    /// No such key.
    #[error("没有配置项“{0}”；可用 `zhiheng procedure check` 查看方案的全部配置项")]
    Unknown(String),
    /// Out of bounds.
    #[error("配置项“{key}”的值 {value} 超出允许范围（{min} 至 {max}）")]
    OutOfBounds {
        /// Key.
        key: String,
        /// Value.
        value: i64,
        /// Least.
        min: i64,
        /// Most.
        max: i64,
    },
    /// A burden without an article (行政处罚法 4, 16).
    #[error(
        "配置项“{0}”会加重当事人负担，必须注明所依据的法律、法规或者规章条款（《行政处罚法》第四条、第十六条）"
    )]
    NoArticle(String),
}

impl Config {
    /// Loads values, each with the article it rests on; burdens without one are refused.
    pub fn load<'a>(
        pack: &Pack,
        values: impl IntoIterator<Item = (&'a str, i64, Option<&'a str>)>,
    ) -> Result<Self, ConfigFault> {
        let mut config = Self::default();
        for (key, value, article) in values {
            let declared = pack
                .config
                .iter()
                .find(|k| k.id == key)
                .ok_or_else(|| ConfigFault::Unknown(key.to_owned()))?;
            let (min, max) = (
                declared.min.unwrap_or(i64::MIN),
                declared.max.unwrap_or(i64::MAX),
            );
            if value < min || value > max {
                return Err(ConfigFault::OutOfBounds {
                    key: key.to_owned(),
                    value,
                    min,
                    max,
                });
            }
            if declared.burden && article.is_none_or(|a| a.trim().is_empty()) {
                return Err(ConfigFault::NoArticle(key.to_owned()));
            }
            let article = article.map(str::to_owned);
            config.values.insert(key.to_owned(), (value, article));
        }
        Ok(config)
    }

    /// The article that a loaded value rests on.
    pub fn article(&self, key: &str) -> Option<&str> {
        self.values.get(key)?.1.as_deref()
    }

    /// The value in force: loaded, else the pack's default.
    pub fn get(&self, pack: &Pack, key: &str) -> Option<i64> {
        let loaded = self.values.get(key).map(|(value, _)| *value);
        loaded.or_else(|| {
            pack.config
                .iter()
                .find(|k| k.id == key)
                .and_then(|k| k.default)
        })
    }
}

/// All that a decision may look at besides the state and the command.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The case's pack.
    pub pack: &'a Pack,
    /// Working-day calendar.
    pub calendar: &'a Calendar,
    /// Configuration of the body.
    pub config: &'a Config,
    /// Now, microseconds UTC.
    pub now_us: i64,
    /// Today in Beijing.
    pub today: Date,
    /// Who acts.
    pub actor: &'a Person,
    /// Every official who may take part, by id.
    pub roster: &'a BTreeMap<String, Person>,
    /// The door.
    pub via: Via,
}
