//! Time limits: a count, a unit and a direction, with pauses, counted on Beijing dates.
//!
//! 民事诉讼法 85: the day (hour) a term starts on does not count; a term whose last day is a holiday ends on the first day
//! after it. 行政处罚法 85: two, three, five and seven days are working days.

mod line;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use crate::calendar::Calendar;

pub use line::{LineError, calendar_add_line};

const HOUR_US: i64 = 3_600_000_000;

/// What a time limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum Unit {
    /// 工作日.
    #[serde(rename = "workday")]
    WorkingDay,
    /// 日, every day of the calendar.
    #[serde(rename = "day")]
    Day,
    /// 个月, to the corresponding day.
    #[serde(rename = "month")]
    Month,
    /// 年, to the corresponding day.
    #[serde(rename = "year")]
    Year,
    /// 小时, on instants.
    #[serde(rename = "hour")]
    Hour,
}

impl Unit {
    /// Every unit, in the order of their names in messages.
    pub const ALL: [Self; 5] = [
        Self::WorkingDay,
        Self::Day,
        Self::Month,
        Self::Year,
        Self::Hour,
    ];

    /// The name in packs, events and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WorkingDay => "workday",
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
            Self::Hour => "hour",
        }
    }

    /// The word after a number on screens and papers.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::WorkingDay => "个工作日",
            Self::Day => "日",
            Self::Month => "个月",
            Self::Year => "年",
            Self::Hour => "小时",
        }
    }
}

/// A unit's name that is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "期限单位“{0}”不认识，应为 workday（工作日）、day（日）、month（月）、year（年）或 hour（小时）"
)]
pub struct UnknownUnit(pub String);

impl FromStr for Unit {
    type Err = UnknownUnit;

    fn from_str(text: &str) -> Result<Self, UnknownUnit> {
        Self::ALL
            .into_iter()
            .find(|unit| unit.name() == text)
            .ok_or_else(|| UnknownUnit(text.to_owned()))
    }
}

/// Whether a term runs on from its start or back from an event (听证七日前).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the start into the future.
    Forward,
    /// From the event into the past: the result is the last day on which the act is in time.
    Back,
}

/// What happens when a calendar term ends on a day off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    /// It moves on to the next working day (民诉法 85); counted back, to the working day before, never nearer to the event.
    Next,
    /// It stays where it is.
    Stay,
}

/// A time limit as the law states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Term {
    /// How many units.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
    /// Which way.
    pub direction: Direction,
}

/// 停表: days from `from` up to and including `to` that do not count; without `to` it is still running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pause {
    /// First day that does not count.
    pub from: Date,
    /// Last day that does not count.
    pub to: Option<Date>,
}

/// The last day of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Due {
    /// The last day on which the act is in time.
    pub on: Date,
    /// True when a holiday notice still to come may move it.
    pub provisional: bool,
}

/// The time left on some day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DaysLeft {
    /// Calendar days until the due day; negative when it has passed.
    pub days: i64,
    /// Working days after today up to the due day; negative when it has passed.
    pub workdays: i64,
    /// True when a holiday notice still to come may change `workdays`.
    pub provisional: bool,
}

/// Why a term has no last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TermError {
    /// A pause without an end is running before the term is over.
    #[error("期限自{since}起停止计算，尚未恢复，届满日待恢复后才能算出")]
    Paused {
        /// First day of the running pause.
        since: Date,
    },
    /// A pause ends before it starts.
    #[error("停止计算的终日{to}早于始日{from}，请核对起止日期")]
    PauseReversed {
        /// First day as given.
        from: Date,
        /// Last day as given.
        to: Date,
    },
    /// The last day lies beyond what a date can hold (years -9999 to 9999).
    #[error("期限超出可计算的日期范围，请核对起算日和期限长度")]
    OutOfRange,
    /// A term in hours was asked for a date.
    #[error("以小时计的期限从时刻起算，请给出起算的时刻而不是日期")]
    NeedsInstant,
    /// A term in days or longer was asked for an instant.
    #[error("以日、月、年计的期限从日期起算，请给出起算的日期而不是时刻")]
    NeedsDate,
}

impl Term {
    /// A term that runs forward.
    #[must_use]
    pub const fn forward(count: u32, unit: Unit) -> Self {
        Self {
            count,
            unit,
            direction: Direction::Forward,
        }
    }

    /// A term that counts back from an event.
    #[must_use]
    pub const fn back(count: u32, unit: Unit) -> Self {
        Self {
            count,
            unit,
            direction: Direction::Back,
        }
    }

    /// The last day of the term from `start`, which itself does not count; days in `pauses` do not count either.
    ///
    /// # Errors
    /// [`TermError::Paused`] while an open pause holds it, and the other cases of [`TermError`] on input that makes no sense.
    pub fn due(
        &self,
        start: Date,
        pauses: &[Pause],
        roll: Roll,
        calendar: &Calendar,
    ) -> Result<Due, TermError> {
        let pauses = merged(pauses)?;
        let mut walk = Walk {
            on: start,
            direction: self.direction,
            pauses: &pauses,
            calendar,
            provisional: false,
        };
        match self.unit {
            Unit::Hour => return Err(TermError::NeedsInstant),
            Unit::WorkingDay => walk.workdays(self.count)?,
            Unit::Day => walk.days(i64::from(self.count))?,
            Unit::Month | Unit::Year => {
                let nominal = self.corresponding_day(start)?;
                walk.days(days_between(start, nominal).abs())?;
            }
        }
        if self.unit != Unit::WorkingDay && roll == Roll::Next {
            walk.roll_on()?;
        }
        Ok(Due {
            on: walk.on,
            provisional: walk.provisional,
        })
    }

    /// The instant (microseconds UTC) at which a term in hours ends, whole hours after (or before) `start_at_us`.
    ///
    /// # Errors
    /// [`TermError::NeedsDate`] for any other unit, [`TermError::OutOfRange`] beyond `i64`.
    pub fn due_instant(&self, start_at_us: i64) -> Result<i64, TermError> {
        if self.unit != Unit::Hour {
            return Err(TermError::NeedsDate);
        }
        let length_us = i64::from(self.count)
            .checked_mul(HOUR_US)
            .ok_or(TermError::OutOfRange)?;
        match self.direction {
            Direction::Forward => start_at_us.checked_add(length_us),
            Direction::Back => start_at_us.checked_sub(length_us),
        }
        .ok_or(TermError::OutOfRange)
    }

    /// 到期月的对应日；没有对应日的，为月末日.
    fn corresponding_day(&self, start: Date) -> Result<Date, TermError> {
        let count = i64::from(self.count);
        let length = match self.unit {
            Unit::Year => Span::new().try_years(count),
            _ => Span::new().try_months(count),
        }
        .map_err(|_| TermError::OutOfRange)?;
        match self.direction {
            Direction::Forward => start.checked_add(length),
            Direction::Back => start.checked_sub(length),
        }
        .map_err(|_| TermError::OutOfRange)
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = match self.direction {
            Direction::Forward => "",
            Direction::Back => "前",
        };
        write!(f, "{}{}{suffix}", self.count, self.unit.label())
    }
}

/// What is left of a term on `today`.
#[must_use]
pub fn days_left(today: Date, due: Date, calendar: &Calendar) -> DaysLeft {
    let workdays = calendar.workdays_between(today, due);
    DaysLeft {
        days: days_between(today, due),
        workdays: workdays.count,
        provisional: workdays.provisional,
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// Pauses in order, none overlapping, an open one last.
fn merged(pauses: &[Pause]) -> Result<Vec<Pause>, TermError> {
    let mut sorted = pauses.to_vec();
    sorted.sort_by_key(|pause| pause.from);
    let mut result: Vec<Pause> = Vec::with_capacity(sorted.len());
    for pause in sorted {
        if let Some(to) = pause.to.filter(|to| *to < pause.from) {
            return Err(TermError::PauseReversed {
                from: pause.from,
                to,
            });
        }
        match result.last_mut() {
            Some(last) if last.to.is_none_or(|end| pause.from <= end) => {
                last.to = last.to.zip(pause.to).map(|(a, b)| a.max(b));
            }
            _ => result.push(pause),
        }
    }
    Ok(result)
}

/// A day moving along the calendar, over pauses.
struct Walk<'a> {
    on: Date,
    direction: Direction,
    pauses: &'a [Pause],
    calendar: &'a Calendar,
    provisional: bool,
}

impl Walk<'_> {
    /// To the next day that is in no pause.
    fn step(&mut self) -> Result<(), TermError> {
        loop {
            self.on = match self.direction {
                Direction::Forward => self.on.tomorrow(),
                Direction::Back => self.on.yesterday(),
            }
            .map_err(|_| TermError::OutOfRange)?;
            let Some(pause) = self.pause() else {
                return Ok(());
            };
            self.on = match (self.direction, pause.to) {
                (Direction::Back, _) => pause.from,
                (Direction::Forward, Some(to)) => to,
                (Direction::Forward, None) => {
                    return Err(TermError::Paused { since: pause.from });
                }
            };
        }
    }

    /// The pause that holds the present day.
    fn pause(&self) -> Option<Pause> {
        let started = self.pauses.partition_point(|pause| pause.from <= self.on);
        let last = started.checked_sub(1).and_then(|at| self.pauses.get(at))?;
        last.to.is_none_or(|to| self.on <= to).then_some(*last)
    }

    fn days(&mut self, count: i64) -> Result<(), TermError> {
        if self.pauses.is_empty() {
            let length = Span::new()
                .try_days(count)
                .map_err(|_| TermError::OutOfRange)?;
            self.on = match self.direction {
                Direction::Forward => self.on.checked_add(length),
                Direction::Back => self.on.checked_sub(length),
            }
            .map_err(|_| TermError::OutOfRange)?;
            return Ok(());
        }
        self.ensure_room(count)?;
        (0..count).try_for_each(|_| self.step())
    }

    /// Refuses at once a count that no walk can finish, instead of after millions of days.
    fn ensure_room(&self, count: i64) -> Result<(), TermError> {
        let room = match self.direction {
            Direction::Forward => days_between(self.on, Date::MAX),
            Direction::Back => days_between(Date::MIN, self.on),
        };
        if count > room {
            return Err(TermError::OutOfRange);
        }
        Ok(())
    }

    fn workdays(&mut self, count: u32) -> Result<(), TermError> {
        self.ensure_room(i64::from(count))?;
        let mut left = count;
        while left > 0 {
            self.step()?;
            left -= u32::from(self.look());
        }
        Ok(())
    }

    fn roll_on(&mut self) -> Result<(), TermError> {
        while !self.look() {
            self.step()?;
        }
        Ok(())
    }

    /// Whether the present day is a working day; remembers when that is not settled.
    fn look(&mut self) -> bool {
        let (working, provisional) = self.calendar.is_workday(self.on);
        self.provisional |= provisional;
        working
    }
}
