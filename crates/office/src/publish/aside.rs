//! What cannot be shown: set aside where that will not change by itself, and looked at again later.

use casework::record::StreamKind;
use store::{Scope, Stored};

use super::{PublicChange, WITHDRAWN};
use crate::{Office, error::OfficeError};

/// Sets something aside that will not be better by itself; what may pass is waited for instead.
pub(super) fn set_aside(id: &str, fault: OfficeError) -> Result<Vec<PublicChange>, OfficeError> {
    if !fault.lasts() {
        return Err(fault);
    }
    Ok(vec![PublicChange::SetAside {
        id: id.to_owned(),
        why: fault.to_string(),
    }])
}

impl Office {
    /// Looks once more at the one place in the log at which something was set aside; gives what the portal has to
    /// learn, and again what cannot be shown.
    ///
    /// What a later event withdrew is not shown any more. Where the job stands in the log stays as it is.
    ///
    /// # Errors
    /// What may pass, as [`Office::follow_publications`].
    pub async fn retry_publication(&self, place: u64) -> Result<Vec<PublicChange>, OfficeError> {
        let found = self.store().log_after(place, 1).await?;
        let Some(logged) = found.into_iter().find(|logged| logged.idx == place) else {
            return Ok(Vec::new());
        };
        let event = &logged.event;
        match event.header.stream_kind {
            StreamKind::Case => self.publish_what(event, true).await,
            StreamKind::Publication if self.was_withdrawn(event).await? => Ok(Vec::new()),
            StreamKind::Publication => self.public_change(event).await,
            _ => Ok(Vec::new()),
        }
    }

    /// Whether a publication was withdrawn after that event of it.
    async fn was_withdrawn(&self, event: &Stored) -> Result<bool, OfficeError> {
        let (stream, version) = (&event.header.stream, event.header.version);
        let later = self.store().load(&Scope::system(), stream, version).await?;
        Ok(later.iter().any(|e| e.header.event_type == WITHDRAWN))
    }
}
