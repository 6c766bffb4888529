//! A limit that was started.

use jiff::civil::Date;
use law::{
    calendar::Calendar,
    pack::LimitStatus,
    term::{Direction, Due, Pause, Roll, Term, TermError, Unit},
};

use crate::effect::{Extension, Span};

/// A limit that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitRun {
    /// Code.
    pub code: String,
    /// Party.
    pub party: Option<String>,
    /// Starting day, not counted; a backward limit's event day.
    pub on: Date,
    /// Length.
    pub span: Span,
    /// Roll.
    pub roll: Roll,
    /// Pauses.
    pub pauses: Vec<Pause>,
    /// Extensions, in the order of their approval.
    pub extensions: Vec<Extension>,
    /// Status.
    pub status: LimitStatus,
    /// Day it ended or expired.
    pub ended_on: Option<Date>,
}

impl LimitRun {
    /// Last day of the limit under that calendar.
    ///
    /// # Errors
    /// While it is paused, or beyond the range of dates.
    pub fn due(&self, calendar: &Calendar) -> Result<Due, TermError> {
        match self.span {
            Span::Until(on) => Ok(Due {
                on,
                provisional: false,
            }),
            // A backward limit has passed when its event's day has come.
            Span::Term(_, _, Direction::Back) => Ok(Due {
                on: self.on,
                provisional: false,
            }),
            Span::Term(count, unit, Direction::Forward) => {
                let added = self.extensions.iter().map(|e| e.count);
                let count = added.fold(count, u32::saturating_add);
                Term::forward(count, unit).due(self.on, &self.pauses, self.roll, calendar)
            }
        }
    }

    /// Goes on after it was stopped: the day of the stop counts, the day on which it goes on does not,
    /// as the day on which a limit starts does not.
    pub(super) fn go_on(&mut self, on: Date) {
        let first = self.ended_on.take().and_then(|day| day.tomorrow().ok());
        if let Some(from) = first.filter(|from| *from <= on) {
            self.pauses.push(Pause { from, to: Some(on) });
        }
    }

    /// How many days of the limit had counted by the end of that day: pauses and what lies after its end do not.
    pub fn counted_days(&self, day: Date) -> u32 {
        let length = match self.span {
            Span::Term(count, Unit::Day, Direction::Forward) => count,
            _ => u32::MAX,
        };
        let last = self.ended_on.map_or(day, |ended| ended.min(day));
        let held = |on: Date| {
            let mut pauses = self.pauses.iter();
            pauses.any(|p| p.from <= on && p.to.is_none_or(|to| on <= to))
        };
        let mut counted = 0;
        let mut on = self.on;
        while counted < length {
            match on.tomorrow() {
                Ok(next) if next <= last => on = next,
                _ => break,
            }
            counted += u32::from(!held(on));
        }
        counted
    }

    /// Whether the limit has run out on that day.
    pub fn expired_on(&self, day: Date, calendar: &Calendar) -> bool {
        if self.status != LimitStatus::Running {
            return false;
        }
        let backward = matches!(self.span, Span::Term(_, _, Direction::Back));
        self.due(calendar).is_ok_and(|due| {
            if backward {
                due.on <= day
            } else {
                due.on < day
            }
        })
    }
}
