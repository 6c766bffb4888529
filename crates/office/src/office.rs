//! The office itself: what it holds, and how it is opened.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock, RwLock},
};

use casework::{Config, Setting, record::Via};
use jiff::civil::Date;
use law::{calendar::Calendar, pack::Pack};
use papers::{ApartCommand, Papers};
use store::Store;

use crate::{
    calendars::InForce,
    cases::CaseCache,
    clock::{Clock, beijing_date},
    directory::Directory,
    error::OfficeError,
    finding::{CaseIndex, Effort},
    laws::Loaded,
    packs::{PackFiles, Packs, all_packs},
};

/// What an office is opened with.
pub struct OfficeConfig {
    /// The store.
    pub store: Store,
    /// Folder with the fonts that papers are set in.
    pub fonts: PathBuf,
    /// Folder with the bureau's own templates, which take the place of the built-in ones; it need not be there.
    pub templates: PathBuf,
    /// The clock.
    pub clock: Clock,
    /// The working-day calendar to begin with; what the log has of imported notices is put over it.
    pub calendar: Calendar,
    /// Files of the procedure pack for new cases.
    pub pack: PackFiles,
    /// Configuration values with their articles, days in force and regions.
    pub settings: Vec<Setting>,
    /// Division code (区划代码) of the bureau, or `全国` where its values name no region.
    pub region: String,
    /// The body that the installation is of.
    pub body_id: String,
    /// Whether the installation is a demo; papers and pages say so.
    pub demo: bool,
}

struct Inner {
    store: Store,
    papers: Arc<Papers>,
    clock: Clock,
    calendar: RwLock<InForce>,
    laws: RwLock<Loaded>,
    config: Config,
    packs: Packs,
    directory: Directory,
    cases: CaseCache,
    body_id: String,
    demo: bool,
    index: OnceLock<CaseIndex>,
}

/// The application service; cheap to clone.
#[derive(Clone)]
pub struct Office {
    inner: Arc<Inner>,
}

impl Office {
    /// Opens an office on a store: reads fonts and the pack, and keeps the pack in the log.
    ///
    /// # Errors
    /// A font, the pack or a configuration value that cannot be used, or the store.
    pub async fn open(config: OfficeConfig) -> Result<Self, OfficeError> {
        Self::open_apart(config, None).await
    }

    /// The same, with what typesets the papers of the bureau's own templates apart from this program.
    ///
    /// # Errors
    /// As [`Office::open`]; and a template with which a paper takes too long or too much memory.
    pub async fn open_apart(
        config: OfficeConfig,
        apart: Option<ApartCommand>,
    ) -> Result<Self, OfficeError> {
        let papers = Papers::with_own_apart(
            &config.fonts,
            papers::builtin_templates(),
            &config.templates,
            apart,
        )
        .map_err(|fault| OfficeError::Invalid(fault.to_string()))?;
        Self::open_with(config, Arc::new(papers)).await
    }

    /// Opens an office as [`Office::open`] does, with papers that are loaded already instead of the folders named.
    ///
    /// # Errors
    /// The pack or a configuration value that cannot be used, or the store.
    pub async fn open_with(config: OfficeConfig, papers: Arc<Papers>) -> Result<Self, OfficeError> {
        let packs = Packs::of(&config.region);
        let now = config.clock.now_us();
        let pack = packs
            .load(&config.store, &config.pack, &config.body_id, now)
            .await?;
        let values = Config::load_dated(&pack, &config.region, config.settings)
            .map_err(|e| OfficeError::Invalid(e.to_string()))?;
        let office = Self {
            inner: Arc::new(Inner {
                store: config.store,
                papers,
                clock: config.clock,
                calendar: RwLock::new(InForce::new(config.calendar)),
                laws: RwLock::default(),
                config: values,
                packs,
                directory: Directory::default(),
                cases: CaseCache::default(),
                body_id: config.body_id,
                demo: config.demo,
                index: OnceLock::new(),
            }),
        };
        office.refresh_calendar().await?;
        office.refresh_laws().await?;
        Ok(office)
    }

    /// Now in microseconds UTC, and today in Beijing.
    pub fn now(&self) -> (i64, Date) {
        let now = self.inner.clock.now_us();
        (now, beijing_date(now))
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Whether time is simulated or the data are a demo's; pages and papers say so.
    pub fn simulated(&self) -> bool {
        self.inner.demo || self.inner.clock.is_simulated()
    }

    /// The store, for sessions, drafts and the jobs.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Opens the index by which cases are found, in a folder of its own; whoever opens it follows the log with it.
    ///
    /// # Errors
    /// See [`CaseIndex::open`]; without an index only number, name, parties and cause are searched.
    pub async fn open_index(&self, folder: &Path) -> Result<(), OfficeError> {
        self.open_index_with(folder, Effort::default()).await
    }

    /// The same, with what one question may cost.
    ///
    /// # Errors
    /// As [`Office::open_index`].
    pub async fn open_index_with(&self, folder: &Path, effort: Effort) -> Result<(), OfficeError> {
        let index = CaseIndex::open(folder, self.store()).await?.with(effort);
        // One that was opened before stays.
        let _ = self.inner.index.set(index);
        Ok(())
    }

    /// The index by which cases are found, where it is open.
    pub fn index(&self) -> Option<&CaseIndex> {
        self.inner.index.get()
    }

    /// The body that the installation is of.
    pub fn body_id(&self) -> &str {
        &self.inner.body_id
    }

    /// The pack for cases that begin today.
    ///
    /// # Errors
    /// That none is in force.
    pub fn pack(&self) -> Result<Arc<Pack>, OfficeError> {
        self.pack_on(self.now().1)
    }

    /// The version of the procedure that applies on a day.
    pub(crate) fn pack_on(&self, day: Date) -> Result<Arc<Pack>, OfficeError> {
        self.inner.packs.on(day)
    }

    /// Every pack that the log holds, by digest.
    pub async fn packs(&self) -> Result<HashMap<String, Arc<Pack>>, OfficeError> {
        all_packs(&self.inner.store).await
    }

    /// The pack with that digest.
    pub(crate) async fn pack_of(&self, name: &str, digest: &str) -> Result<Arc<Pack>, OfficeError> {
        self.inner.packs.get(&self.inner.store, name, digest).await
    }

    /// The calendar in force.
    pub fn calendar(&self) -> Arc<Calendar> {
        self.inner.calendar.read().map_or_else(
            |_| Arc::new(Calendar::builtin()),
            |c| Arc::clone(&c.calendar),
        )
    }

    pub(crate) fn calendar_in_force(&self) -> &RwLock<InForce> {
        &self.inner.calendar
    }

    pub(crate) fn laws_loaded(&self) -> &RwLock<Loaded> {
        &self.inner.laws
    }

    /// The configuration of the body.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    pub(crate) fn papers(&self) -> &Papers {
        &self.inner.papers
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.inner.directory
    }

    pub(crate) fn cache(&self) -> &CaseCache {
        &self.inner.cases
    }

    /// The door that simulated work comes through, whatever it was asked by.
    pub(crate) fn door(&self, via: Via) -> Via {
        if self.inner.clock.is_simulated() {
            Via::Simulated
        } else {
            via
        }
    }
}
