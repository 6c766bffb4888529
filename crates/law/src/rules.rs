//! Rules with dates, a region and a declared precedence: which version of a rule applies on a day at a place.
//!
//! Where two versions apply and neither is declared to go before the other (上位, 特别, 新; 立法法 99–103), that is an
//! error with both places, never the order of files (R22, P61).

use jiff::civil::Date;

use crate::pack::{Basis, Place};

/// The region of a rule that applies everywhere.
pub const NATIONWIDE: &str = "全国";

/// Why one version of a rule goes before another.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Precedence {
    /// 上位法优于下位法.
    Superior,
    /// 特别规定优于一般规定.
    Special,
    /// 新的规定优于旧的规定.
    Newer,
}

impl Precedence {
    /// Every ground with its name in files and its Chinese title.
    pub const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Superior, "superior", "上位"),
        (Self::Special, "special", "特别"),
        (Self::Newer, "newer", "新"),
    ];

    /// The ground with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known, _)| *known == name);
        found.map(|(ground, ..)| *ground)
    }

    /// The Chinese title.
    pub fn title(self) -> &'static str {
        let found = Self::ALL.iter().find(|(ground, ..)| *ground == self);
        found.map_or("", |(.., title)| title)
    }
}

/// A declaration that a version goes before another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    /// Name of the other version; for packs its version text.
    pub other: String,
    /// Region of the other version.
    pub region: String,
    /// Ground.
    pub by: Precedence,
    /// Article.
    pub basis: Basis,
}

/// One version of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version<'a> {
    /// Name by which declarations mean it.
    pub name: &'a str,
    /// First day in force.
    pub from: Date,
    /// Last day in force, if it has one.
    pub to: Option<Date>,
    /// Division code (区划代码) or [`NATIONWIDE`].
    pub region: &'a str,
    /// What it goes before.
    pub over: &'a [Over],
    /// Where it is written.
    pub place: &'a Place,
}

impl Version<'_> {
    /// Whether it applies on a day at a place.
    pub fn applies(&self, day: Date, region: &str) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to) && covers(self.region, region)
    }

    fn is_over(&self, other: &Version<'_>) -> bool {
        let means = |o: &Over| o.other == other.name && o.region == other.region;
        self.over.iter().any(means)
    }
}

/// Two versions that both apply, of which none goes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Index of the first version.
    pub first: usize,
    /// Index of the second version.
    pub second: usize,
    /// A day on which both apply.
    pub day: Date,
}

impl Conflict {
    /// What is wrong, with both places; `what` names the rule.
    pub fn message(&self, what: &str, versions: &[Version<'_>]) -> String {
        let told = |at: usize| {
            versions.get(at).map_or_else(String::new, |v| {
                let Place { file, line } = v.place;
                format!("{}（{}，{file} 第{line}行）", v.name, v.region)
            })
        };
        format!(
            "{what}的 {} 和 {} 在 {} 同时有效，又没有写明哪一个优先；须给前一个写明失效日 to，或者用 over 写明上位（superior）、特别（special）或者新（newer）及其依据（《立法法》第九十九条至第一百零三条）",
            told(self.first),
            told(self.second),
            self.day
        )
    }
}

/// Whether a rule of one region applies at a place: a province's in its cities, a city's in its counties.
pub fn covers(region: &str, place: &str) -> bool {
    if region == NATIONWIDE || region == place {
        return true;
    }
    let own = match region {
        code if code.len() != 6 || place.len() != 6 => return false,
        code if code.ends_with("0000") => code.get(..2),
        code if code.ends_with("00") => code.get(..4),
        _ => None,
    };
    own.is_some_and(|prefix| place.starts_with(prefix))
}

/// The version that applies on a day at a place; none where none is in force.
///
/// # Errors
/// Two versions of which no declaration says which goes first.
pub fn pick(versions: &[Version<'_>], day: Date, region: &str) -> Result<Option<usize>, Conflict> {
    let applying: Vec<usize> = (0..versions.len())
        .filter(|at| versions[*at].applies(day, region))
        .collect();
    let before = |a: usize, b: usize| goes_before(versions, &applying, a, b);
    let first = |at: &usize| {
        let mut others = applying.iter().filter(|other| *other != at);
        others.all(|other| before(*at, *other) && !before(*other, *at))
    };
    if let Some(found) = applying.iter().find(|at| first(at)) {
        return Ok(Some(*found));
    }
    let unsettled = applying.iter().enumerate().find_map(|(i, a)| {
        let others = applying.iter().skip(i + 1);
        let mut open = others.filter(|b| before(*a, **b) == before(**b, *a));
        open.next().map(|b| (*a, *b))
    });
    match unsettled.or_else(|| Some((*applying.first()?, *applying.get(1)?))) {
        Some((first, second)) => Err(Conflict { first, second, day }),
        None => Ok(None),
    }
}

/// Whether declarations lead from one version to another, through others that apply.
fn goes_before(versions: &[Version<'_>], applying: &[usize], from: usize, to: usize) -> bool {
    let mut seen = vec![from];
    let mut at = 0;
    while let Some(current) = seen.get(at).copied() {
        at += 1;
        for next in applying.iter().copied() {
            if versions[current].is_over(&versions[next]) && !seen.contains(&next) {
                if next == to {
                    return true;
                }
                seen.push(next);
            }
        }
    }
    false
}

/// Every pair of versions that some day at some place leaves open; what applies changes on no other days.
pub fn conflicts(versions: &[Version<'_>]) -> Vec<Conflict> {
    let ends = versions.iter().filter_map(|v| v.to?.tomorrow().ok());
    let mut days: Vec<Date> = versions.iter().map(|v| v.from).chain(ends).collect();
    days.sort_unstable();
    days.dedup();
    let mut found: Vec<Conflict> = Vec::new();
    for day in days {
        for place in versions.iter().map(|v| v.region) {
            if let Err(conflict) = pick(versions, day, place)
                && !found
                    .iter()
                    .any(|c| (c.first, c.second) == (conflict.first, conflict.second))
            {
                found.push(conflict);
            }
        }
    }
    found
}

/// Declarations whose ground cannot be: newer than what is newer, special to more places, superior to fewer.
pub fn false_grounds(versions: &[Version<'_>]) -> Vec<(usize, String)> {
    let mut faults = Vec::new();
    for (at, version) in versions.iter().enumerate() {
        for over in version.over {
            let means = |v: &&Version<'_>| v.name == over.other && v.region == over.region;
            for other in versions.iter().filter(means) {
                let narrower = |a: &str, b: &str| a != b && covers(b, a);
                let wrong = match over.by {
                    Precedence::Newer => version.from <= other.from,
                    Precedence::Special => narrower(other.region, version.region),
                    Precedence::Superior => narrower(version.region, other.region),
                };
                if wrong {
                    let why = format!(
                        "{}（{}）不能以“{}”优先于 {}（{}）：{}",
                        version.name,
                        version.region,
                        over.by.title(),
                        other.name,
                        other.region,
                        match over.by {
                            Precedence::Newer => "它生效并不更晚",
                            Precedence::Special => "它适用的地域更广",
                            Precedence::Superior => "它适用的地域更窄",
                        }
                    );
                    faults.push((at, why));
                }
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests;
