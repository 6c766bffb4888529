//! Which time it is: the system's, or a simulated time that the log is marked with (DECISIONS 9).

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use casework::record::StreamKind;
use jiff::{Timestamp, civil::Date};
use law::calendar::BEIJING;
use serde::{Deserialize, Serialize};
use store::{CLOCK_STREAM, Scope, Store};

use crate::{Office, error::OfficeError};

/// Stored type of the event by which the machine's keeper accepts a clock that is behind the log.
const CLOCK_ACCEPTED: &str = "clock.accepted@1";

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

/// A clock behind the log that the machine's keeper has found to be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockAccepted {
    /// The latest time at which the log was signed before, microseconds UTC.
    pub signed_us: i64,
    /// The time that is right, as it was when it was accepted, microseconds UTC.
    pub now_us: i64,
    /// Why the log was signed at a later time.
    pub reason: String,
}

impl ClockAccepted {
    /// From when to when, and why, for whoever checks the log.
    pub fn told(&self) -> String {
        format!(
            "时钟曾经走快：日志曾按{}签署，本机管理人在{}确认时钟已经校准，其后以此为准。理由：{}",
            beijing_minute(self.signed_us),
            beijing_minute(self.now_us),
            self.reason
        )
    }
}

/// Every acceptance of a clock that a log holds, earliest first.
///
/// # Errors
/// The store; [`OfficeError::Damaged`] for an event that cannot be read.
pub async fn clocks_accepted(store: &Store) -> Result<Vec<ClockAccepted>, OfficeError> {
    let events = store.load(&Scope::system(), CLOCK_STREAM, 0).await?;
    let read = |event: &store::Stored| {
        let known = event.header.event_type == CLOCK_ACCEPTED;
        let body = event.body.as_deref().filter(|_| known);
        let read = body.and_then(|body| serde_json::from_slice(body).ok());
        read.ok_or_else(|| {
            let version = event.header.version;
            OfficeError::Damaged(format!("时钟的第 {version} 号记录不能识别"))
        })
    };
    events.iter().map(read).collect()
}

impl Office {
    /// Accepts the machine's clock as right though it is behind what the log was signed at: on record, and from the
    /// next checkpoint on acts are held to what is signed after it.
    ///
    /// Times within a stream still never fall.
    ///
    /// # Errors
    /// [`OfficeError::Invalid`] where the clock holds nothing up or the reason is empty; or the store.
    pub async fn accept_clock(&self, reason: &str) -> Result<ClockAccepted, OfficeError> {
        if self.clock_fault().is_none() {
            let why = "时钟没有落后于日志，不影响办理，不需要确认；没有改动";
            return Err(OfficeError::Invalid(why.to_owned()));
        }
        let reason = reason.trim();
        if reason.is_empty() || casework::record::has_nul(reason) {
            let why = "请写明理由：时钟何时、因何走快，何时校准";
            return Err(OfficeError::Invalid(why.to_owned()));
        }
        let accepted = ClockAccepted {
            signed_us: self.store().signed_at(),
            now_us: self.now().0,
            reason: reason.to_owned(),
        };
        let place = (CLOCK_STREAM, StreamKind::Clock);
        self.append_imported(place, CLOCK_ACCEPTED, &accepted)
            .await?;
        Ok(accepted)
    }

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

    /// What keeps everybody from acting just now: the clock, or a disk that takes nothing.
    pub fn trouble(&self) -> Option<String> {
        let store = || self.store().trouble().map(str::to_owned);
        self.clock_fault().or_else(store)
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
