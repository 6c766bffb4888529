//! The working-day calendar: what the program was built with, and every holiday notice that the bureau has imported.
//!
//! An import is an event that keeps the notices as they were given, so that a due date of any day can be
//! explained later. The notices of a year replace those of the same year before.

use std::sync::Arc;

use casework::record::StreamKind;
use law::calendar::Calendar;
use serde::{Deserialize, Serialize};
use store::{Scope, Store, Stored};

use crate::{Office, error::OfficeError};

/// Stored type of the event that keeps imported notices.
const CALENDAR_IMPORTED: &str = "calendar.imported@1";
/// Name of the place up to which the views were made again with imported notices.
pub const CALENDAR_FOLLOWER: &str = "calendar";

/// Body of the event.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Imported {
    /// The notices, in either format that `law` reads.
    text: String,
}

/// The calendar in force, and the version of the stream that it was made from.
#[derive(Debug)]
pub(crate) struct InForce {
    pub version: u64,
    pub base: Calendar,
    pub calendar: Arc<Calendar>,
}

impl InForce {
    pub fn new(base: Calendar) -> Self {
        Self {
            version: 0,
            calendar: Arc::new(base.clone()),
            base,
        }
    }
}

fn read(event: &Stored) -> Result<Option<Calendar>, OfficeError> {
    let Some(body) = event.body.as_deref() else {
        return Ok(None);
    };
    if event.header.event_type != CALENDAR_IMPORTED {
        let unknown = &event.header.event_type;
        return Err(OfficeError::Internal(format!(
            "日历记录中有不认识的类型“{unknown}”，请使用新版程序"
        )));
    }
    let imported: Imported =
        serde_json::from_slice(body).map_err(|e| OfficeError::Internal(e.to_string()))?;
    Calendar::parse(&imported.text)
        .map(Some)
        .map_err(|e| OfficeError::Internal(e.to_string()))
}

fn stream_of(body_id: &str) -> String {
    format!("calendar-{body_id}")
}

/// The calendar with all that a body has imported, and the version of its stream.
pub(crate) async fn imported(
    store: &Store,
    body_id: &str,
    base: Calendar,
) -> Result<(Calendar, u64), OfficeError> {
    let events = store.load(&Scope::system(), &stream_of(body_id), 0).await?;
    let mut notices = Vec::new();
    for event in &events {
        notices.extend(read(event)?);
    }
    let version = events.last().map_or(0, |e| e.header.version);
    Ok((notices.into_iter().fold(base, Calendar::merged), version))
}

impl Office {
    fn calendar_stream(&self) -> String {
        stream_of(self.body_id())
    }

    /// Version of the calendar's stream that the calendar in force was made from; 0 if nothing was imported.
    pub fn calendar_version(&self) -> u64 {
        self.calendar_in_force().read().map_or(0, |c| c.version)
    }

    /// Takes up what has been imported since the last look; gives the version of the calendar's stream.
    pub async fn refresh_calendar(&self) -> Result<u64, OfficeError> {
        let (scope, stream) = (Scope::system(), self.calendar_stream());
        let version = match self.store().head(&scope, &stream).await? {
            Some(head) => head.version,
            None => return Ok(0),
        };
        if self.calendar_version() == version {
            return Ok(version);
        }
        let base = self
            .calendar_in_force()
            .read()
            .map_or_else(|_| Calendar::builtin(), |c| c.base.clone());
        let (whole, version) = imported(self.store(), self.body_id(), base).await?;
        if let Ok(mut in_force) = self.calendar_in_force().write() {
            in_force.calendar = Arc::new(whole);
            in_force.version = version;
        }
        Ok(version)
    }

    /// Imports holiday notices (csv or holiday-cn JSON); the calendar then in force, or nothing if it stays the same.
    ///
    /// # Errors
    /// Notices that cannot be read, with line and what was expected; or the store.
    pub async fn import_calendar(&self, text: &str) -> Result<Option<Arc<Calendar>>, OfficeError> {
        let notices = Calendar::parse(text).map_err(|e| OfficeError::Invalid(e.to_string()))?;
        self.refresh_calendar().await?;
        let before = self.calendar();
        if (*before).clone().merged(notices).version() == before.version() {
            return Ok(None);
        }
        let imported = Imported {
            text: text.trim_start_matches('\u{feff}').to_owned(),
        };
        let stream = self.calendar_stream();
        let place = (stream.as_str(), StreamKind::Calendar);
        self.append_imported(place, CALENDAR_IMPORTED, &imported)
            .await?;
        self.refresh_calendar().await?;
        Ok(Some(self.calendar()))
    }
}
