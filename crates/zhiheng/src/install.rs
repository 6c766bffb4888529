//! An installation: its folder, its settings file, and how store and office are opened on it.

use std::{
    fs::{File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use casework::Setting;
use law::{calendar::Calendar, rules::NATIONWIDE};
use ledger::Suite;
use office::{Clock, Office, OfficeConfig, builtin_pack_files};
use serde::{Deserialize, Serialize};
use store::{Store, StoreConfig};

use crate::cli::Place;

/// What an installation is, in `zhiheng.json` of its folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Installation {
    /// Format of this file; 1.
    pub format: u32,
    /// The body that the installation is of.
    pub body_id: String,
    /// First name of the log.
    pub origin: String,
    /// Suite of the log: `gm` or `c2sp`.
    pub suite: String,
    /// Whether it is a demo, under a simulated past.
    pub demo: bool,
    /// Whether a reverse proxy with TLS stands in front, as `serve --behind-proxy` says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub behind_proxy: bool,
    /// Division code (区划代码) of the body, where its settings name regions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Configuration of the procedure: key, value, article, days in force, region, precedence.
    pub settings: Vec<Setting>,
}

const FILE: &str = "zhiheng.json";

/// Where the bureau's own templates lie in the data folder.
pub const TEMPLATES: &str = "templates";

fn write_whole(folder: &Path, text: &str) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(folder.join(FILE))?;
    File::open(folder)?.sync_all()
}

impl Installation {
    /// Reads the installation of a folder; `None` where there is none yet.
    pub fn read(place: &Place) -> anyhow::Result<Option<Self>> {
        let path = place.data.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("读不了 {}", path.display()))?;
        let read: Self = serde_json::from_str(&text)
            .with_context(|| format!("{} 的内容有误", path.display()))?;
        anyhow::ensure!(
            read.format == 1,
            "{} 的版本本程序不认识，请使用新版程序",
            path.display()
        );
        Ok(Some(read))
    }

    /// Reads it, or says how to make one.
    pub fn require(place: &Place) -> anyhow::Result<Self> {
        Self::read(place)?.with_context(|| {
            format!(
                "{} 中还没有安装；请先运行 zhiheng setup 建立本机关的安装（zhiheng setup --template 输出样表），或者 zhiheng demo 建立演示机关",
                place.data.display()
            )
        })
    }

    /// Writes the settings file, whole and on the disk, or leaves the earlier one.
    pub fn write(&self, place: &Place) -> anyhow::Result<()> {
        std::fs::create_dir_all(&place.data)?;
        let text = serde_json::to_string_pretty(self)?;
        write_whole(&place.data, &text).with_context(|| format!("写不了 {}", place.data.display()))
    }

    /// How to open the store.
    pub fn store_config(&self, place: &Place) -> anyhow::Result<StoreConfig> {
        let url = place
            .database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", place.data.join("zhiheng.sqlite").display()));
        let mut config = StoreConfig::new(url, place.data.clone(), self.origin.clone());
        if let Some(objects) = &place.objects {
            config.objects_dir.clone_from(objects);
        }
        config.suite = match self.suite.as_str() {
            "gm" => Suite::Gm,
            "c2sp" => Suite::C2sp,
            other => anyhow::bail!("不认识的密码套件“{other}”，应为 gm 或者 c2sp"),
        };
        Ok(config)
    }

    /// Opens store and office.
    pub async fn open(&self, place: &Place, clock: Clock) -> anyhow::Result<Office> {
        let store = Store::open(&self.store_config(place)?).await?;
        self.office(store, place, clock).await
    }

    /// Opens the office on a store.
    pub async fn office(
        &self,
        store: Store,
        place: &Place,
        clock: Clock,
    ) -> anyhow::Result<Office> {
        let config = OfficeConfig {
            store,
            fonts: place.fonts.clone(),
            templates: place.data.join(TEMPLATES),
            clock,
            calendar: Calendar::builtin(),
            pack: builtin_pack_files(),
            settings: self.settings.clone(),
            region: self.region.clone().unwrap_or_else(|| NATIONWIDE.to_owned()),
            body_id: self.body_id.clone(),
            demo: self.demo,
        };
        Ok(Office::open_apart(config, paper_worker()).await?)
    }
}

/// How the program starts itself anew to typeset with the bureau's own templates.
fn paper_worker() -> Option<papers::ApartCommand> {
    let program = std::env::current_exe().ok()?;
    Some(papers::ApartCommand {
        program,
        args: vec!["paper-worker".into()],
    })
}

/// Name of the file by which a server says that the folder is its own.
const IN_USE: &str = "serve.lock";

/// Says that this process works on a data folder for as long as it holds what it is given; two servers in one folder
/// would each think that public page and index are theirs, and a server must not work on what is being moved.
pub fn occupy(place: &Place) -> anyhow::Result<File> {
    let path = place.data.join(IN_USE);
    let file = File::create(&path).with_context(|| format!("写不了 {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => anyhow::bail!(
            "{} 正由另一个 zhiheng serve 使用；请先停止它，另一台服务器请用自己的数据文件夹",
            place.data.display()
        ),
        Err(TryLockError::Error(fault)) => {
            Err(fault).with_context(|| format!("不能锁定 {}", path.display()))
        }
    }
}

/// Where the portal keeps what is public: a database file of its own.
pub fn portal_url(place: &Place) -> String {
    let path: PathBuf = place.data.join("portal.sqlite");
    format!("sqlite:{}", path.display())
}
