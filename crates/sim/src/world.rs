//! The data folder with office, portal and jobs on it, and its crashes.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicI64, atomic::Ordering},
};

use anyhow::{Context, Result};
use casework::record::Via;
use jiff::civil::Date;
use law::{calendar::Calendar, rules::NATIONWIDE};
use office::{Clock, Office, OfficeConfig, PUBLICATION_FOLLOWER, PublicChange, builtin_pack_files};
use portal::{PortalError, PortalStore, PublishedItem, SetAside};
use store::{Gate, Sequencer, SignedCheckpoint, Store, StoreConfig, Tuning, WritePoint};

use crate::{
    bureau,
    turnstile::{Bar, Turnstile},
};

/// A bureau on a disk.
pub struct World {
    folder: tempfile::TempDir,
    fonts: PathBuf,
    now_us: Arc<AtomicI64>,
    clock: Clock,
    image: u32,
    /// What calls the writes.
    pub turnstile: Turnstile,
    /// The office.
    pub office: Office,
    /// The portal's own store.
    pub portal: Arc<PortalStore>,
    /// Checkpoints as they were signed, earliest first.
    pub checkpoints: Vec<SignedCheckpoint>,
}

impl World {
    /// A new bureau in a folder of its own, with its people.
    pub async fn new(fonts: &Path, today: Date) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let clock = Clock::simulated(today);
        let now_us = match &clock {
            Clock::Simulated(us) => Arc::clone(us),
            Clock::System => anyhow::bail!("the clock is not simulated"),
        };
        let turnstile = Turnstile::new();
        let config = store_config(folder.path(), 0);
        Store::migrate(&config, clock.now_us()).await?;
        let office = open(folder.path(), 0, fonts, &clock, &turnstile).await?;
        office
            .register_body(&bureau::body(), None, Via::Import)
            .await?;
        for person in bureau::people() {
            office.register_person(&person, None, Via::Import).await?;
        }
        let portal = Arc::new(PortalStore::open(&portal_url(folder.path())).await?);
        Ok(Self {
            folder,
            fonts: fonts.to_owned(),
            now_us,
            clock,
            image: 0,
            turnstile,
            office,
            portal,
            checkpoints: Vec::new(),
        })
    }

    /// Moves the clock on, in microseconds.
    pub fn tick(&self, us: i64) {
        self.now_us.fetch_add(us, Ordering::SeqCst);
    }

    /// Today in Beijing.
    pub fn today(&self) -> Date {
        self.office.now().1
    }

    /// The database file in use.
    pub fn database(&self) -> PathBuf {
        database(self.folder.path(), self.image)
    }

    /// The portal's database file.
    pub fn portal_database(&self) -> PathBuf {
        self.folder.path().join("portal.sqlite")
    }

    /// The process is gone; another opens what the disk held at that moment.
    pub async fn crash(&mut self) -> Result<()> {
        let (old, new) = (
            self.database(),
            database(self.folder.path(), self.image + 1),
        );
        // What a killed process leaves: the database and its log of writes, as they lie there, never closed.
        for end in ["", "-wal"] {
            let from = with_end(&old, end);
            if from.exists() {
                std::fs::copy(&from, with_end(&new, end)).context("taking the crash's image")?;
            }
        }
        self.image += 1;
        let dead = self.office.store().clone();
        self.portal.close().await;
        self.turnstile = Turnstile::new();
        let folder = self.folder.path();
        self.office = open(
            folder,
            self.image,
            &self.fonts,
            &self.clock,
            &self.turnstile,
        )
        .await?;
        self.portal = Arc::new(PortalStore::open(&portal_url(folder)).await?);
        // The image is taken: this only gives the dead one's threads and files back.
        dead.close().await;
        Ok(())
    }

    /// Keeps the newest checkpoint, as somebody outside would.
    pub async fn keep_checkpoint(&mut self) -> Result<()> {
        if let Some(newest) = self.office.store().latest_checkpoint().await? {
            let known = self.checkpoints.last().map(SignedCheckpoint::encode);
            if known != Some(newest.encode()) {
                self.checkpoints.push(newest);
            }
        }
        Ok(())
    }

    /// Sequences and publishes until nothing is left.
    pub async fn settle(&mut self) -> Result<()> {
        // A lease of a process that is gone has run out by then.
        self.tick(120_000_000);
        loop {
            sequence(self.office.clone()).await?;
            self.keep_checkpoint().await?;
            let job = publish(
                self.office.clone(),
                Arc::clone(&self.portal),
                self.turnstile.bar(),
            );
            if !job.await? {
                return Ok(());
            }
        }
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn database(folder: &Path, image: u32) -> PathBuf {
    folder.join(format!("sim-{image}.sqlite"))
}

fn portal_url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("portal.sqlite").display())
}

fn store_config(folder: &Path, image: u32) -> StoreConfig {
    let url = format!("sqlite:{}", database(folder, image).display());
    StoreConfig::new(url, folder, "sim.example/simulated/log")
}

async fn open(
    folder: &Path,
    image: u32,
    fonts: &Path,
    clock: &Clock,
    turnstile: &Turnstile,
) -> Result<Office> {
    let tuning = Tuning {
        gate: Some(turnstile.bar()),
        ..Tuning::default()
    };
    let store = Store::open_tuned(&store_config(folder, image), &tuning).await?;
    let config = OfficeConfig {
        store,
        fonts: fonts.to_owned(),
        templates: folder.join("templates"),
        clock: clock.clone(),
        calendar: Calendar::builtin(),
        pack: builtin_pack_files(),
        settings: bureau::settings(),
        region: NATIONWIDE.to_owned(),
        body_id: bureau::BODY.to_owned(),
        demo: true,
    };
    Ok(Office::open(config).await?)
}

/// One run of the sequencer, by a process that holds its lease for this run alone.
pub async fn sequence(office: Office) -> Result<()> {
    let mut sequencer = Sequencer::new(office.store().clone());
    sequencer.run_once(office.now().0).await?;
    sequencer.release().await?;
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
        // A crash may come between any two things that the portal learns.
        bar.pass("portal", WritePoint::Before).await;
        if let Some((id, why)) = show(&portal, change).await? {
            portal.set_aside(&SetAside { id, place, why }).await?;
        }
    }
    bar.pass("portal", WritePoint::Before).await;
    office.followed(reached).await?;
    Ok(reached > before)
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
