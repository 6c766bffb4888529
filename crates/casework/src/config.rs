//! Configuration of a body: values with the days on which they hold, their region and the article they rest on.
//!
//! Two values of one key that hold on the same day at the same place are refused at load, with both places, unless
//! one is declared to go before the other (《立法法》第九十九条至第一百零三条).

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::{
    pack::{Basis, ConfigKey, Level, Pack, Place},
    rules::{self, NATIONWIDE, Over, Precedence, Version},
};
use serde::{Deserialize, Serialize};

/// A value that a bureau loads for a key of the pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Key of the pack.
    pub key: String,
    /// Value.
    pub value: i64,
    /// The article that it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// First day on which it holds; absent: always did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day on which it holds, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// Division code (区划代码) for which it holds; absent: 全国.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Values of the same key before which it goes where both hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over: Vec<Before>,
}

/// Before which other value of the key a value goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// Article of the other value.
    pub article: String,
    /// Region of the other value; absent: 全国.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Ground.
    pub by: Precedence,
    /// Article under which it goes first.
    pub basis: String,
}

impl Setting {
    /// A value that holds always and everywhere.
    pub fn new(key: impl Into<String>, value: i64, article: Option<&str>) -> Self {
        Self {
            key: key.into(),
            value,
            article: article.map(str::to_owned),
            from: None,
            to: None,
            region: None,
            over: Vec::new(),
        }
    }

    fn check(&self, pack: &Pack) -> Result<(), ConfigFault> {
        let key = || self.key.clone();
        let declared = declared(pack, &self.key).ok_or_else(|| ConfigFault::Unknown(key()))?;
        let (min, max) = (
            declared.min.unwrap_or(i64::MIN),
            declared.max.unwrap_or(i64::MAX),
        );
        if self.value < min || self.value > max {
            return Err(ConfigFault::OutOfBounds {
                key: key(),
                value: self.value,
                min,
                max,
            });
        }
        if declared.burden && self.article.as_deref().is_none_or(|a| a.trim().is_empty()) {
            return Err(ConfigFault::NoArticle(key()));
        }
        if self.from.zip(self.to).is_some_and(|(from, to)| to < from) {
            return Err(ConfigFault::Reversed(key()));
        }
        let regions = self.over.iter().map(|o| o.region.as_deref());
        let mut regions = regions.chain([self.region.as_deref()]).flatten();
        match regions.find(|region| !is_region(region)) {
            Some(region) => Err(ConfigFault::BadRegion {
                key: key(),
                region: region.to_owned(),
            }),
            None => Ok(()),
        }
    }
}

fn declared<'a>(pack: &'a Pack, key: &str) -> Option<&'a ConfigKey> {
    pack.config.iter().find(|k| k.id == key)
}

fn is_region(text: &str) -> bool {
    text == NATIONWIDE || (text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()))
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
    /// It ends before it begins.
    #[error("配置项“{0}”的失效日早于生效日，请核对")]
    Reversed(String),
    /// A region that is none.
    #[error("配置项“{key}”的地域“{region}”应为“全国”或者 6 位区划代码")]
    BadRegion {
        /// Key.
        key: String,
        /// Region as given.
        region: String,
    },
    /// A value for a region, where the bureau has not said in which it is.
    #[error("配置项“{0}”写明了地域，而本机关没有写明区划代码；请先在安装设置中写明 region")]
    NoRegion(String),
    /// Two values that both hold, and nothing says which goes first; with both places.
    #[error("{0}")]
    Unsettled(String),
}

/// A value with what the rules ask of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    value: i64,
    article: Option<String>,
    from: Date,
    to: Option<Date>,
    region: String,
    over: Vec<Over>,
    place: Place,
}

impl Held {
    fn of(setting: Setting, line: usize) -> Self {
        let region = |region: Option<String>| region.unwrap_or_else(|| NATIONWIDE.to_owned());
        let over = setting.over.into_iter().map(|before| Over {
            other: before.article,
            region: region(before.region),
            by: before.by,
            basis: Basis {
                text: before.basis,
                level: Level::Law,
            },
        });
        Self {
            value: setting.value,
            over: over.collect(),
            from: setting.from.unwrap_or(Date::MIN),
            to: setting.to,
            region: region(setting.region),
            place: Place {
                file: "settings".to_owned(),
                line,
            },
            article: setting.article,
        }
    }

    fn version(&self) -> Version<'_> {
        Version {
            name: self.article.as_deref().unwrap_or_default(),
            from: self.from,
            to: self.to,
            region: &self.region,
            over: &self.over,
            place: &self.place,
        }
    }
}

/// Configuration values of a body, by key of the pack.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    region: String,
    values: BTreeMap<String, Vec<Held>>,
}

impl Config {
    /// Loads values that hold always and everywhere, each with its article; burdens without one are refused.
    ///
    /// # Errors
    /// As [`Config::load_dated`].
    pub fn load<'a>(
        pack: &Pack,
        values: impl IntoIterator<Item = (&'a str, i64, Option<&'a str>)>,
    ) -> Result<Self, ConfigFault> {
        let settings = values
            .into_iter()
            .map(|(key, value, article)| Setting::new(key, value, article));
        Self::load_dated(pack, NATIONWIDE, settings)
    }

    /// Loads the values of a bureau in that region (区划代码); the same value given twice counts once.
    ///
    /// # Errors
    /// The first value that is refused, or two that both hold where nothing says which goes first.
    pub fn load_dated(
        pack: &Pack,
        region: &str,
        settings: impl IntoIterator<Item = Setting>,
    ) -> Result<Self, ConfigFault> {
        let mut config = Self {
            region: region.to_owned(),
            values: BTreeMap::new(),
        };
        let mut seen: Vec<Setting> = Vec::new();
        for (at, setting) in settings.into_iter().enumerate() {
            setting.check(pack)?;
            if seen.contains(&setting) {
                continue;
            }
            seen.push(setting.clone());
            let key = setting.key.clone();
            let held = Held::of(setting, at + 1);
            // What holds elsewhere is in no doubt here.
            if rules::covers(&held.region, region) {
                config.values.entry(key).or_default().push(held);
            } else if region == NATIONWIDE {
                return Err(ConfigFault::NoRegion(key));
            }
        }
        for (key, held) in &config.values {
            let versions: Vec<Version<'_>> = held.iter().map(Held::version).collect();
            let title = declared(pack, key).map_or("", |k| k.title.as_str());
            let what = format!("配置项“{key}”（{title}）");
            if let Some(conflict) = rules::conflicts(&versions).first() {
                return Err(ConfigFault::Unsettled(conflict.message(&what, &versions)));
            }
            if let Some((_, why)) = rules::false_grounds(&versions).first() {
                return Err(ConfigFault::Unsettled(format!("{what}：{why}")));
            }
        }
        Ok(config)
    }

    fn held(&self, key: &str, on: Date) -> Option<&Held> {
        let held = self.values.get(key)?;
        let versions: Vec<Version<'_>> = held.iter().map(Held::version).collect();
        // Nothing is unsettled: it was asked when the values were loaded.
        let found = rules::pick(&versions, on, &self.region).ok().flatten();
        held.get(found?)
    }

    /// The article that the value loaded for that day rests on.
    pub fn article(&self, key: &str, on: Date) -> Option<&str> {
        self.held(key, on)?.article.as_deref()
    }

    /// The value on a day: loaded, else the pack's default.
    pub fn get(&self, pack: &Pack, key: &str, on: Date) -> Option<i64> {
        let loaded = self.held(key, on).map(|held| held.value);
        loaded.or_else(|| declared(pack, key)?.default)
    }
}
