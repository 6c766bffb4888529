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

use crate::{Office, error::OfficeError};

/// How far the clock may be behind the newest signed checkpoint, microseconds: clocks of two machines differ a little.
const BEHIND_MAX_US: i64 = 60_000_000;

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

impl Office {
    /// What is wrong with the machine's clock, where it is more than a minute behind what the log was signed at
    /// (DECISIONS 9); a simulated clock is not held to it.
    pub fn clock_fault(&self) -> Option<String> {
        let (now, signed) = (self.now().0, self.store().signed_at());
        if self.clock().is_simulated() || signed.saturating_sub(now) <= BEHIND_MAX_US {
            return None;
        }
        let (now, signed) = (beijing_minute(now), beijing_minute(signed));
        Some(format!(
            "服务器时钟不对，暂停办理：现在显示{now}，而日志在{signed}已经签署。照此办理，日期和期限会记错。             已有记录没有影响；请联系管理员校准时钟，校准后自动恢复，届时重新提交"
        ))
    }

    /// Refuses to record anything while the clock is wrong.
    pub(crate) fn require_clock(&self) -> Result<(), OfficeError> {
        self.clock_fault()
            .map_or(Ok(()), |fault| Err(OfficeError::Unavailable(fault)))
    }
}

/// Date and minute of an instant, Beijing time.
fn beijing_minute(us: i64) -> String {
    let instant = Timestamp::from_microsecond(us).unwrap_or(Timestamp::UNIX_EPOCH);
    let at = BEIJING.to_datetime(instant);
    format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
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
