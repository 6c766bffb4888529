//! The publication job as the program runs it: from the log to the portal, and again for what was set aside.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use office::{Clock, Office, PublicChange};
use portal::{PortalError, PortalStore, PublishedItem, SetAside};
use store::Sequencer;

use crate::{cli::Place, install::portal_url, public_lists::PublicLists};

/// Pause between two looks at the log.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);
/// Pause between two looks at what was set aside, and before the next where one did not come through.
const RETRY_EVERY: Duration = Duration::from_secs(3_600);
const RETRY_SOON: Duration = Duration::from_secs(60);

/// Name of the lease under which publications are recorded; the portals of several servers are filled one after another.
const JOB: &str = "publication";

/// Publishes what the log says until it is ended; at the start and once an hour also what was set aside.
pub async fn publish_forever(office: Office, portal: PortalStore) {
    let (mut retry_at, mut lists) = (Instant::now(), PublicLists::default());
    loop {
        if let Err(error) = lists.hand_over(&office, &portal).await {
            tracing::error!(%error, "public lists");
        }
        if Instant::now() >= retry_at {
            let pause = match retry_aside(&office, &portal).await {
                Ok(()) => RETRY_EVERY,
                Err(error) => {
                    tracing::error!(%error, "publication");
                    RETRY_SOON
                }
            };
            retry_at = Instant::now() + pause;
        }
        match publish_once(&office, &portal).await {
            // There may be more: a restored log is gone through from its start.
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "publication"),
        }
        tokio::time::sleep(FOLLOW_EVERY).await;
    }
}

/// Gives the portal what the log says is public; true if there was anything to do.
///
/// The portal keeps its own place in the log, so that one which is new, or was lost, is shown everything; what is
/// recorded for it has ids that follow from the decision, and is recorded once whoever meets it first.
async fn publish_once(office: &Office, portal: &PortalStore) -> anyhow::Result<bool> {
    let checkpoint = office.store().latest_checkpoint().await?;
    let signed = checkpoint.as_ref().map_or(0, |c| c.unverified().size());
    let log = office.store().verifying_key().to_string();
    let mut from = portal.place(&log).await?;
    if from > signed {
        // A database that was restored without its portal: what is shown came from a log that is not this one.
        from = 0;
    }
    if from == signed {
        return Ok(false);
    }
    let done = by_one(office, publish_from(office, portal, &log, from)).await?;
    // Another server is at it: a moment later it is this one's turn.
    Ok(done.transpose()?.is_some_and(|reached| reached > from))
}

async fn by_one<T>(office: &Office, job: impl Future<Output = T>) -> anyhow::Result<Option<T>> {
    let clock = || Clock::System.now_us();
    Ok(office.store().alone(JOB, clock, job).await?)
}

/// What cannot be shown is set aside with its reason, and what comes after it goes on; gives the place reached.
async fn publish_from(
    office: &Office,
    portal: &PortalStore,
    log: &str,
    from: u64,
) -> anyhow::Result<u64> {
    let (changes, reached) = office.follow_publications_from(from).await?;
    hand_over_log(office, portal).await?;
    for (place, change) in changes {
        if let Some(aside) = show(portal, place, change).await? {
            tracing::error!(id = aside.id, why = aside.why, "a publication is set aside");
            portal.set_aside(&aside).await?;
        }
    }
    portal.set_place(log, reached).await?;
    Ok(reached)
}

/// The key and the newest checkpoint: without the key a new portal can check no proof.
async fn hand_over_log(office: &Office, portal: &PortalStore) -> anyhow::Result<()> {
    if let Some(checkpoint) = office.store().latest_checkpoint().await? {
        let key = office.store().verifying_key().to_string();
        portal.set_log(&checkpoint.encode(), &key).await?;
    }
    Ok(())
}

/// Shows or withdraws one thing; gives what is to be set aside, because it cannot be shown and that will not change
/// by itself.
async fn show(
    portal: &PortalStore,
    place: u64,
    change: PublicChange,
) -> anyhow::Result<Option<SetAside>> {
    let (id, shown) = match change {
        PublicChange::Published {
            copy,
            document,
            bundle,
        } => {
            let item = item(*copy, document, bundle);
            (item.id.clone(), portal.put(&item).await)
        }
        PublicChange::Withdrawn { id, on, reason } => {
            let shown = portal.withdraw(&id, on, &reason).await;
            (id, shown)
        }
        PublicChange::SetAside { id, why } => return Ok(Some(SetAside { id, place, why })),
    };
    match shown {
        Ok(_) => Ok(None),
        Err(away @ (PortalError::Database(_) | PortalError::NoKey)) => Err(away.into()),
        Err(fault) => Ok(Some(SetAside {
            id,
            place,
            why: fault.to_string(),
        })),
    }
}

/// Looks again at the places where something was set aside, and at those alone: what was missing may be there by now.
async fn retry_aside(office: &Office, portal: &PortalStore) -> anyhow::Result<()> {
    let aside = portal.aside().await?;
    let mut places: Vec<u64> = aside.iter().map(|one| one.place).collect();
    places.dedup();
    if places.is_empty() {
        return Ok(());
    }
    let retry = async {
        let mut outcome = Ok(());
        for place in places {
            let here: Vec<_> = aside.iter().filter(|one| one.place == place).collect();
            // One that waits for something holds up no other: nothing rests on what was set aside.
            outcome = outcome.and(retry_place(office, portal, place, &here).await);
        }
        outcome
    };
    let retried = by_one(office, retry).await?;
    retried.context("另一台服务器正在办理公示，稍后再试")?
}

async fn retry_place(
    office: &Office,
    portal: &PortalStore,
    place: u64,
    aside: &[&SetAside],
) -> anyhow::Result<()> {
    let mut still = Vec::new();
    for change in office.retry_publication(place).await? {
        still.extend(show(portal, place, change).await?);
    }
    for one in &still {
        portal.set_aside(one).await?;
    }
    // Forgotten last: a crash in between leaves too much rather than too little.
    for one in aside {
        if still.iter().all(|s| s.id != one.id) {
            portal.forget_aside(one).await?;
        }
    }
    Ok(())
}

/// An item as the portal takes it.
pub fn item(copy: office::PublicCopy, document: Vec<u8>, bundle: Vec<u8>) -> PublishedItem {
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

/// Sequences and publishes until nothing is left; for demo and replay, which do not serve.
pub async fn publish_all(
    place: &Place,
    office: &Office,
    sequencer: &mut Sequencer,
) -> anyhow::Result<()> {
    let portal = PortalStore::open(&portal_url(place)).await?;
    PublicLists::default().hand_over(office, &portal).await?;
    loop {
        sequencer.run_once(office.now().0).await?;
        if !publish_once(office, &portal).await? {
            break;
        }
    }
    portal.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use casework::{
        event::CASE_ACTED,
        record::{Draft, StreamKind, Via},
        rows::StreamRows,
    };
    use law::calendar::Calendar;
    use office::{OfficeConfig, builtin_pack_files};
    use store::{Append, CommandKey, Store, StoreConfig};

    use super::*;

    /// An office and a portal in a folder; nothing where the fonts are not installed.
    async fn opened(folder: &std::path::Path) -> Option<(Office, PortalStore)> {
        let fonts = testkit::fonts()?;
        let url = |name: &str| format!("sqlite:{}", folder.join(name).display());
        let config = StoreConfig::new(url("a.sqlite"), folder, "test.example/log");
        let clock = Clock::simulated(jiff::civil::date(2026, 3, 2));
        Store::migrate(&config, clock.now_us()).await.unwrap();
        let office = Office::open(OfficeConfig {
            store: Store::open(&config).await.unwrap(),
            fonts,
            templates: folder.join("templates"),
            clock,
            calendar: Calendar::builtin(),
            pack: builtin_pack_files(),
            settings: Vec::new(),
            region: "全国".to_owned(),
            body_id: "body-a".to_owned(),
            demo: false,
        });
        let portal = PortalStore::open(&url("portal.sqlite")).await.unwrap();
        Some((office.await.unwrap(), portal))
    }

    /// Two events of one case that no program can read, and one that says nothing of publication.
    async fn write(office: &Office) {
        let store = office.store();
        let (mut version, mut prev_entry) = (0, None);
        for body in ["{}", "{}"] {
            let append = Append {
                stream: "case-1".to_owned(),
                kind: StreamKind::Case,
                body_id: "body-a".to_owned(),
                expected_version: version,
                prev_entry,
                now_us: office.now().0,
                events: vec![Draft::plain(CASE_ACTED, body.into(), None, Via::Job)],
                rows: StreamRows::default(),
                command: CommandKey {
                    id: format!("c{version}"),
                    actor: String::new(),
                    digest: store.suite().hash(&[body.as_bytes()]),
                },
            };
            let done = store.commit(append).await.unwrap();
            (version, prev_entry) = (done.last_version, Some(done.entry));
        }
        let mut sequencer = Sequencer::new(store.clone());
        sequencer.run_once(office.now().0).await.unwrap();
    }

    #[tokio::test]
    async fn a_portal_that_lost_its_database_is_shown_everything_again() {
        let folder = tempfile::tempdir().unwrap();
        let Some((office, portal)) = opened(folder.path()).await else {
            return;
        };
        write(&office).await;
        assert!(publish_once(&office, &portal).await.unwrap());
        let known = portal.aside().await.unwrap();
        assert!(
            !publish_once(&office, &portal).await.unwrap(),
            "it knows all"
        );

        let url = format!("sqlite:{}", folder.path().join("new.sqlite").display());
        let empty = PortalStore::open(&url).await.unwrap();
        assert!(publish_once(&office, &empty).await.unwrap());
        assert_eq!(empty.aside().await.unwrap(), known);
        assert!(!publish_once(&office, &empty).await.unwrap());

        // One that is further than the log, as after a restore of the cases alone, begins anew too.
        let log = office.store().verifying_key().to_string();
        portal.set_place(&log, 99).await.unwrap();
        assert!(publish_once(&office, &portal).await.unwrap());
        assert_eq!(portal.aside().await.unwrap(), known);
        assert_eq!(portal.place("another log").await.unwrap(), 0);
    }

    #[tokio::test]
    async fn what_is_set_aside_is_kept_place_by_place_and_looked_at_without_going_back() {
        let folder = tempfile::tempdir().unwrap();
        let Some((office, portal)) = opened(folder.path()).await else {
            return;
        };
        write(&office).await;
        assert!(publish_once(&office, &portal).await.unwrap());
        let aside = portal.aside().await.unwrap();
        assert_eq!(aside.len(), 2, "{aside:?}");
        assert!(aside.iter().all(|one| one.id == "case-1"));

        let log = office.store().verifying_key().to_string();
        let reached = || portal.place(&log);
        let before = reached().await.unwrap();
        retry_aside(&office, &portal).await.unwrap();
        assert_eq!(portal.aside().await.unwrap(), aside, "still hopeless");
        assert_eq!(reached().await.unwrap(), before);

        // What lies at a place by now may have nothing to show, as after a restore.
        let gone = SetAside {
            place: 0,
            ..aside[0].clone()
        };
        portal.set_aside(&gone).await.unwrap();
        retry_aside(&office, &portal).await.unwrap();
        assert_eq!(portal.aside().await.unwrap(), aside);
    }
}
