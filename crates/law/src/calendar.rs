//! Working-day calendar: the State Council's yearly holiday notices, and Monday to Friday where there is none yet.
//!
//! A notice belongs to the year it is made for (`paper_year`), not to the year of each date: the notice for 2019 made
//! 29 December 2018 a working day. So the last days of a year stay provisional until the next year's notice is known.

mod import;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use jiff::tz::Offset;

pub use import::CalendarError;
pub(crate) use import::plain_date;

/// The notices compiled in, so that a fresh install can count without any import.
const BUILTIN: &str = include_str!("../data/holidays_cn.csv");

/// First day of December that a next year's notice has been seen to change (29 December 2018).
const DECEMBER_OPEN_FROM: i8 = 29;

/// Beijing time: UTC+8, without summer time since 1992. Legal dates and the hours on pages and papers are in it.
pub const BEIJING: Offset = Offset::constant(8);

/// What a notice says of one date (放假安排).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Arrangement {
    name: String,
    off: bool,
}

/// Holidays and make-up days by notice year, answering whether a Beijing date is a working day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    papers: BTreeMap<i16, BTreeMap<Date, Arrangement>>,
    version: String,
}

/// A number of working days, and whether a day not yet announced was among those looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workdays {
    /// Working days; negative when counted backwards.
    pub count: i64,
    /// True when a later notice could change the count.
    pub provisional: bool,
}

impl Calendar {
    /// The calendar compiled in (2017–2026).
    #[must_use]
    pub fn builtin() -> Self {
        // The data are ours and tested; were they ever unreadable, an empty calendar calls every day provisional.
        Self::parse(BUILTIN).unwrap_or_else(|_| Self::empty())
    }

    /// A calendar without any notice: every day is provisional, Monday to Friday are working days.
    #[must_use]
    pub fn empty() -> Self {
        Self::from_papers(BTreeMap::new())
    }

    /// Reads only the notices in `text`: our csv, or holiday-cn JSON (`{year, days:[{name,date,isOffDay}]}` or a list of such).
    ///
    /// # Errors
    /// [`CalendarError`] naming the line or item and what was expected there.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        import::papers(text).map(Self::from_papers)
    }

    /// The built-in calendar with the notices of `text` put over it, each replacing its whole notice year.
    ///
    /// # Errors
    /// As [`Calendar::parse`].
    pub fn import(text: &str) -> Result<Self, CalendarError> {
        Ok(Self::builtin().merged(Self::parse(text)?))
    }

    /// This calendar with the notices of `newer` in place of its own of the same years.
    #[must_use]
    pub fn merged(self, newer: Self) -> Self {
        let mut papers = self.papers;
        papers.extend(newer.papers);
        Self::from_papers(papers)
    }

    /// Whether the date is a working day, and whether that is provisional because no notice settles it yet.
    #[must_use]
    pub fn is_workday(&self, date: Date) -> (bool, bool) {
        let working = match self.arrangement(date) {
            Some(arrangement) => !arrangement.off,
            None => !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday),
        };
        (working, !self.is_settled(date))
    }

    /// The holiday that a notice ties the date to (a make-up day carries the holiday it makes up for).
    #[must_use]
    pub fn holiday_name(&self, date: Date) -> Option<&str> {
        self.arrangement(date)
            .map(|arrangement| arrangement.name.as_str())
    }

    /// The years whose notice is known, in order.
    pub fn announced_years(&self) -> impl Iterator<Item = i16> + '_ {
        self.papers.keys().copied()
    }

    /// A name of this calendar's content, the same for the same data: years and a digest.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Working days after `from` up to and including `to`; negative, from `to`'s side, when `to` comes first.
    #[must_use]
    pub fn workdays_between(&self, from: Date, to: Date) -> Workdays {
        let (low, high, sign) = if from <= to {
            (from, to, 1)
        } else {
            (to, from, -1)
        };
        let mut result = Workdays {
            count: 0,
            provisional: false,
        };
        let mut day = low;
        while day < high {
            let Ok(next) = day.tomorrow() else { break };
            day = next;
            let (working, provisional) = self.is_workday(day);
            result.count += sign * i64::from(working);
            result.provisional |= provisional;
        }
        result
    }

    fn is_settled(&self, date: Date) -> bool {
        let next_year_settled = || {
            date.year()
                .checked_add(1)
                .is_some_and(|next| self.papers.contains_key(&next))
        };
        self.papers.contains_key(&date.year())
            && (date.month() < 12 || date.day() < DECEMBER_OPEN_FROM || next_year_settled())
    }

    /// The next year's notice comes later and so wins over the year's own.
    fn arrangement(&self, date: Date) -> Option<&Arrangement> {
        let of_paper = |year: i16| self.papers.get(&year).and_then(|days| days.get(&date));
        date.year()
            .checked_add(1)
            .and_then(of_paper)
            .or_else(|| of_paper(date.year()))
    }

    fn from_papers(papers: BTreeMap<i16, BTreeMap<Date, Arrangement>>) -> Self {
        let version = version(&papers);
        Self { papers, version }
    }
}

impl Default for Calendar {
    fn default() -> Self {
        Self::builtin()
    }
}

/// FNV-1a over the canonical lines: short, fixed for ever, and enough to tell two calendars apart.
fn version(papers: &BTreeMap<i16, BTreeMap<Date, Arrangement>>) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for (year, days) in papers {
        for (date, arrangement) in days {
            let kind = if arrangement.off { '休' } else { '班' };
            for byte in format!("{date},{},{kind},{year}\n", arrangement.name).bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    match (papers.keys().next(), papers.keys().next_back()) {
        (Some(first), Some(last)) => format!("{first}-{last}.{hash:016x}"),
        _ => format!("none.{hash:016x}"),
    }
}
