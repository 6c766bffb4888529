//! Which time it is: the system's, or a simulated time that the log is marked with (DECISIONS 9).

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use jiff::{Timestamp, civil::Date};
use law::calendar::BEIJING;

/// The office's clock.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The system's clock.
    System,
    /// A clock that stands until it is moved, microseconds UTC.
    Simulated(Arc<AtomicI64>),
}

impl Clock {
    /// A simulated clock at nine in the morning of that day, Beijing time.
    pub fn simulated(day: Date) -> Self {
        Self::Simulated(Arc::new(AtomicI64::new(morning(day))))
    }

    /// Now, microseconds UTC.
    pub fn now_us(&self) -> i64 {
        match self {
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX)),
            Self::Simulated(us) => us.load(Ordering::SeqCst),
        }
    }

    /// Moves a simulated clock forward to nine in the morning of that day; the system's does not move.
    pub fn advance_to(&self, day: Date) {
        if let Self::Simulated(us) = self {
            us.fetch_max(morning(day), Ordering::SeqCst);
        }
    }

    /// Whether the time is simulated.
    pub fn is_simulated(&self) -> bool {
        matches!(self, Self::Simulated(_))
    }
}

/// The Beijing date of an instant in microseconds UTC.
pub fn beijing_date(us: i64) -> Date {
    let instant = Timestamp::from_microsecond(us).unwrap_or(Timestamp::UNIX_EPOCH);
    BEIJING.to_datetime(instant).date()
}

fn morning(day: Date) -> i64 {
    BEIJING
        .to_timestamp(day.at(9, 0, 0, 0))
        .map_or(0, |t| t.as_microsecond())
}
