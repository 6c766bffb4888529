//! Numbers of papers and cases: claimed in their own stream before the paper is made (DECISIONS 8).

use casework::{
    record::{StreamKind, Via},
    series::{NumberForm, Series, series_word},
};
use store::{Append, CommandKey, CommitError, Scope};

use crate::{Office, error::OfficeError};

/// Tries before a crowded series is given up.
const TRIES: usize = 200;

impl Office {
    /// Claims the next number of a series; the same claim always gets the same number.
    pub(crate) async fn claim(
        &self,
        body_id: &str,
        series: &str,
        year: i16,
        claim: &str,
        via: Via,
    ) -> Result<String, OfficeError> {
        let stream = format!("series-{body_id}-{series}-{year}");
        let roster = self.roster().await?;
        let mark = roster
            .bodies
            .get(body_id)
            .map(|b| b.mark.as_str())
            .unwrap_or_default();
        let form = NumberForm {
            mark,
            kind: series_word(series),
            year,
        };
        for _ in 0..TRIES {
            let events = self.store().load(&Scope::system(), &stream, 0).await?;
            let mut state = Series::default();
            for event in &events {
                state.apply(
                    &event.header.event_type,
                    event.body.as_deref().unwrap_or_default(),
                )?;
            }
            if let Some(number) = state.claimed(claim) {
                return Ok(number.to_owned());
            }
            let (claimed, draft) = state.claim(&form, claim, self.door(via))?;
            let digest = self.store().suite().hash(&[&draft.body]);
            let append = Append {
                stream: stream.clone(),
                kind: StreamKind::Series,
                body_id: body_id.to_owned(),
                expected_version: state.version,
                prev_entry: events.last().map(|e| e.entry),
                now_us: self.now().0,
                events: vec![draft],
                rows: state.rows(),
                command: CommandKey {
                    id: format!("{claim}@{}", state.version),
                    actor: String::new(),
                    digest,
                },
            };
            match self.store().commit(append).await {
                Ok(_) => return Ok(claimed.number),
                Err(CommitError::Conflict { .. }) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(OfficeError::Unavailable(
            "文号领取繁忙，请稍后重试".to_owned(),
        ))
    }

    /// Voids the numbers that a command claimed and no paper came to use.
    pub(crate) async fn void(
        &self,
        body_id: &str,
        series: &str,
        year: i16,
        claim: &str,
        reason: &str,
        via: Via,
    ) {
        let stream = format!("series-{body_id}-{series}-{year}");
        let voided = async {
            let events = self.store().load(&Scope::system(), &stream, 0).await?;
            let draft = Series::void(claim, reason, self.door(via))?;
            let digest = self.store().suite().hash(&[&draft.body]);
            let append = Append {
                stream: stream.clone(),
                kind: StreamKind::Series,
                body_id: body_id.to_owned(),
                expected_version: events.len() as u64,
                prev_entry: events.last().map(|e| e.entry),
                now_us: self.now().0,
                events: vec![draft],
                rows: Series::default().rows(),
                command: CommandKey {
                    id: format!("void-{claim}"),
                    actor: String::new(),
                    digest,
                },
            };
            self.store().commit(append).await.map_err(OfficeError::from)
        };
        if let Err(fault) = voided.await {
            // The claim stays unused and visible in its series; doctor lists such claims.
            tracing::warn!(%fault, series, "an unused number could not be voided");
        }
    }
}
