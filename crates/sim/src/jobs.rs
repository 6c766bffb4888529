//! The jobs of a server: sequencing, publication, and taking up an imported calendar.

use std::sync::Arc;

use anyhow::{Result, ensure};
use office::{CALENDAR_FOLLOWER, Office, PUBLICATION_FOLLOWER, PublicChange, rebuild_rows};
use portal::{PortalError, PortalStore, PublishedItem, SetAside};
use store::{Gate, Rebuilt, Sequencer, Verdict, WritePoint};

use crate::turnstile::Bar;

/// One run of the sequencer, by a process that holds its lease for this run alone.
pub async fn sequence(office: Office) -> Result<()> {
    let mut sequencer = Sequencer::new(office.store().clone());
    let run = sequencer.run_once(office.now().0).await;
    sequencer.release().await?;
    run?;
    Ok(())
}

/// One run of the publication job; true if there was anything to do.
pub async fn publish(office: Office, portal: Arc<PortalStore>, bar: Arc<Bar>) -> Result<bool> {
    let before = office.store().cursor(PUBLICATION_FOLLOWER).await?;
    let (changes, reached) = office.follow_publications().await?;
    if let Some(checkpoint) = office.store().latest_checkpoint().await? {
        let key = office.store().verifying_key().to_string();
        portal.set_log(&checkpoint.encode(), &key).await?;
    }
    for (place, change) in changes {
        // A crash may come between any two things that the portal learns, and before and after each.
        at_portal(&bar, WritePoint::Before).await?;
        if let Some((id, why)) = show(&portal, change).await? {
            portal.set_aside(&SetAside { id, place, why }).await?;
        }
        at_portal(&bar, WritePoint::After).await?;
    }
    office.followed(reached).await?;
    Ok(reached > before)
}

async fn at_portal(bar: &Bar, at: WritePoint) -> Result<()> {
    let verdict = bar.pass("portal", at).await;
    ensure!(verdict == Verdict::Go, "the portal does not answer");
    Ok(())
}

/// Shows or withdraws one thing; gives what cannot be shown, and why.
async fn show(portal: &PortalStore, change: PublicChange) -> Result<Option<(String, String)>> {
    let (id, shown) = match change {
        PublicChange::Published {
            copy,
            document,
            bundle,
        } => (
            copy.id.clone(),
            portal.put(&item(*copy, document, bundle)).await,
        ),
        PublicChange::Withdrawn { id, on, reason } => {
            let shown = portal.withdraw(&id, on, &reason).await;
            (id, shown)
        }
        PublicChange::SetAside { id, why } => return Ok(Some((id, why))),
    };
    match shown {
        Ok(_) => Ok(None),
        Err(away @ (PortalError::Database(_) | PortalError::NoKey)) => Err(away.into()),
        Err(fault) => Ok(Some((id, fault.to_string()))),
    }
}

fn item(copy: office::PublicCopy, document: Vec<u8>, bundle: Vec<u8>) -> PublishedItem {
    PublishedItem {
        id: copy.id,
        body_name: copy.body_name,
        decision_number: copy.decision_number,
        party_name: copy.party_name,
        party_kind: copy.party_kind,
        cause: copy.cause,
        facts: copy.facts,
        basis: copy.basis,
        outcome: copy.outcome,
        decided_on: copy.decided_on,
        published_on: copy.published_on,
        until: copy.until,
        document_digest: copy.public_digest,
        document,
        bundle,
        withdrawn_on: None,
        withdraw_reason: None,
    }
}

/// Makes all view rows again from the events.
pub async fn rebuild(office: &Office) -> Result<Rebuilt> {
    let (packs, calendar) = (office.packs().await?, office.calendar());
    let project = |kind, events: &[_]| {
        rebuild_rows(kind, events, &packs, &calendar).map_err(|fault| fault.to_string())
    };
    Ok(office.store().rebuild(project, |_, _| {}).await?)
}

/// Takes up what was imported, and makes the views again where their due dates are of an earlier calendar.
pub async fn follow_calendar(office: Office) -> Result<()> {
    let version = office.refresh_calendar().await?;
    if office.store().cursor(CALENDAR_FOLLOWER).await? != version {
        rebuild(&office).await?;
        office
            .store()
            .set_cursor(CALENDAR_FOLLOWER, version)
            .await?;
    }
    Ok(())
}
