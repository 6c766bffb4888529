//! The data folder with office and portal on it, its crashes and power cuts.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicI64, atomic::Ordering},
    time::Duration,
};

use anyhow::Result;
use casework::record::Via;
use jiff::civil::Date;
use law::{calendar::Calendar, rules::NATIONWIDE};
use office::{Clock, Office, OfficeConfig, builtin_pack_files};
use papers::Papers;
use portal::PortalStore;
use store::{SignedCheckpoint, Store, StoreConfig, Tuning};

use crate::{
    bureau,
    chance::Chance,
    disk::{Disk, Keep},
    files::{Files, copy_all},
    jobs::{follow_calendar, publish, sequence},
    turnstile::Turnstile,
};

/// Name of the case database.
const DATABASE: &str = "case.sqlite";
/// Name of the portal's database.
const PORTAL: &str = "portal.sqlite";

/// How a world is made.
#[derive(Clone)]
pub struct Making {
    /// The papers.
    pub papers: Arc<Papers>,
    /// Whether the disk keeps what it says it has synced; without it a run must lose something, or proves nothing.
    pub honest: bool,
    /// An empty PostgreSQL database for the cases, which no power cut and no simulated disk reaches; SQLite otherwise.
    pub postgres: Option<String>,
}

/// A bureau on a disk.
pub struct World {
    folder: tempfile::TempDir,
    making: Making,
    now_us: Arc<AtomicI64>,
    clock: Clock,
    image: u32,
    /// The disk under the databases.
    pub disk: Arc<Disk>,
    /// What stands between the object store and its disk.
    pub files: Arc<Files>,
    /// What calls the writes.
    pub turnstile: Turnstile,
    /// The office.
    pub office: Office,
    /// The portal's own store.
    pub portal: Arc<PortalStore>,
    /// Checkpoints as they were signed, earliest first.
    pub checkpoints: Vec<SignedCheckpoint>,
}

/// A world at rest, from which others begin.
pub struct Rest {
    folder: tempfile::TempDir,
    image: u32,
    now_us: i64,
    checkpoints: Vec<SignedCheckpoint>,
}

/// What is opened on a folder.
struct Opened {
    disk: Arc<Disk>,
    files: Arc<Files>,
    turnstile: Turnstile,
    office: Office,
    portal: Arc<PortalStore>,
}

impl World {
    /// A new bureau in a folder of its own, with its people.
    pub async fn new(making: &Making, today: Date) -> Result<Self> {
        let folder = scratch()?;
        fs::create_dir(images(folder.path(), 0))?;
        let (clock, now_us) = simulated(today)?;
        Store::migrate(&store_config(folder.path(), 0, making), clock.now_us()).await?;
        let opened = open(folder.path(), 0, making, &clock).await?;
        let office = &opened.office;
        office
            .register_body(&bureau::body(), None, Via::Import)
            .await?;
        for person in bureau::people() {
            office.register_person(&person, None, Via::Import).await?;
        }
        let at = (clock, now_us);
        Ok(Self::of(folder, making.clone(), at, 0, opened, Vec::new()))
    }

    /// A world that goes on from one at rest, in a folder of its own.
    pub async fn from(rest: &Rest, making: &Making) -> Result<Self> {
        let folder = scratch()?;
        copy_all(rest.folder.path(), folder.path())?;
        let (clock, now_us) = simulated(bureau::BEGINS)?;
        now_us.store(rest.now_us, Ordering::SeqCst);
        let opened = open(folder.path(), rest.image, making, &clock).await?;
        let (at, checkpoints) = ((clock, now_us), rest.checkpoints.clone());
        let making = making.clone();
        Ok(Self::of(
            folder,
            making,
            at,
            rest.image,
            opened,
            checkpoints,
        ))
    }

    fn of(
        folder: tempfile::TempDir,
        making: Making,
        (clock, now_us): (Clock, Arc<AtomicI64>),
        image: u32,
        opened: Opened,
        checkpoints: Vec<SignedCheckpoint>,
    ) -> Self {
        Self {
            folder,
            making,
            now_us,
            clock,
            image,
            disk: opened.disk,
            files: opened.files,
            turnstile: opened.turnstile,
            office: opened.office,
            portal: opened.portal,
            checkpoints,
        }
    }

    /// The world as it stands, while nothing is being written; older images of its disk are left out.
    pub fn rest(&self) -> Result<Rest> {
        let folder = scratch()?;
        copy_all(self.folder.path(), folder.path())?;
        for image in 0..self.image {
            fs::remove_dir_all(images(folder.path(), image))?;
        }
        Ok(Rest {
            folder,
            image: self.image,
            now_us: self.clock.now_us(),
            checkpoints: self.checkpoints.clone(),
        })
    }

    /// Moves the clock, in microseconds; backwards where it is negative.
    pub fn tick(&self, us: i64) {
        self.now_us.fetch_add(us, Ordering::SeqCst);
    }

    /// Today in Beijing.
    pub fn today(&self) -> Date {
        self.office.now().1
    }

    /// The file of the cases in use; nothing on PostgreSQL.
    pub fn database(&self) -> Option<PathBuf> {
        let file = || images(self.folder.path(), self.image).join(DATABASE);
        self.making.postgres.is_none().then(file)
    }

    /// The portal's database file.
    pub fn portal_database(&self) -> PathBuf {
        images(self.folder.path(), self.image).join(PORTAL)
    }

    /// The folder of the objects.
    pub fn objects(&self) -> PathBuf {
        self.folder.path().join("objects")
    }

    /// The process is gone, with the power unless all is kept; another opens what the disks hold then.
    pub async fn crash(&mut self, keep: Keep, chance: &mut Chance) -> Result<()> {
        let next = images(self.folder.path(), self.image + 1);
        fs::create_dir(&next)?;
        self.files.gone(keep != Keep::All, chance)?;
        self.disk.leave(&next, keep, chance)?;
        self.image += 1;
        let dead = (self.office.store().clone(), Arc::clone(&self.portal));
        let opened = open(self.folder.path(), self.image, &self.making, &self.clock).await?;
        self.disk = opened.disk;
        self.files = opened.files;
        self.turnstile = opened.turnstile;
        self.office = opened.office;
        self.portal = opened.portal;
        // The image is made: this only gives the dead one's threads and files back.
        dead.0.close().await;
        dead.1.close().await;
        Ok(())
    }

    /// Gives threads and files back.
    pub async fn close(self) {
        self.office.store().close().await;
        self.portal.close().await;
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
        // A lease of a process that is gone counts no more by then, also where the clock was set back since.
        self.tick(20 * 60_000_000);
        self.bring_out().await
    }

    /// The same where nobody died since, at the same instant: no day passes.
    pub async fn bring_out(&mut self) -> Result<()> {
        follow_calendar(self.office.clone()).await?;
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

/// A folder for a run, in memory where the system has such a place.
fn scratch() -> Result<tempfile::TempDir> {
    Ok(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?)
}

fn simulated(today: Date) -> Result<(Clock, Arc<AtomicI64>)> {
    let clock = Clock::simulated(today);
    match &clock {
        Clock::Simulated(us) => Ok((clock.clone(), Arc::clone(us))),
        Clock::System => anyhow::bail!("the clock is not simulated"),
    }
}

fn images(folder: &Path, image: u32) -> PathBuf {
    folder.join(format!("image-{image}"))
}

fn store_config(folder: &Path, image: u32, making: &Making) -> StoreConfig {
    let database = images(folder, image).join(DATABASE);
    let file = || format!("sqlite:{}", database.display());
    let url = making.postgres.clone().unwrap_or_else(file);
    let config = StoreConfig::new(url, folder, "sim.example/simulated/log");
    StoreConfig {
        readers: 1,
        ..config
    }
}

async fn open(folder: &Path, image: u32, making: &Making, clock: &Clock) -> Result<Opened> {
    let (turnstile, files) = (Turnstile::new(), Arc::new(Files::new(making.honest)));
    let tuning = Tuning {
        gate: Some(turnstile.bar()),
        files: Some(Arc::clone(&files) as Arc<dyn store::FileGate>),
        // Nobody brings the power back while it is waited for.
        away_wait: Duration::ZERO,
        ..Tuning::default()
    };
    let disk = Disk::below(&images(folder, image), making.honest)?;
    let store = Store::open_tuned(&store_config(folder, image, making), &tuning).await?;
    let config = OfficeConfig {
        store,
        fonts: folder.to_owned(),
        templates: folder.join("templates"),
        clock: clock.clone(),
        calendar: Calendar::builtin(),
        pack: builtin_pack_files(),
        settings: bureau::settings(),
        region: NATIONWIDE.to_owned(),
        body_id: bureau::BODY.to_owned(),
        demo: true,
    };
    let office = Office::open_with(config, Arc::clone(&making.papers)).await?;
    let portal = images(folder, image).join(PORTAL);
    let portal = PortalStore::open(&format!("sqlite:{}", portal.display())).await?;
    Ok(Opened {
        disk,
        files,
        turnstile,
        office,
        portal: Arc::new(portal),
    })
}
