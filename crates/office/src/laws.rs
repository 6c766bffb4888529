//! The texts of laws that the bureau has loaded, each version an event that keeps the file as it was given.
//!
//! They are kept parsed in memory; a running server takes up what was loaded or removed since.

use std::sync::Arc;

use casework::record::StreamKind;
use jiff::civil::Date;
use law::texts::{LawText, Library, Version, read};
use serde::{Deserialize, Serialize};
use store::{Scope, Stored};

use crate::{Office, error::OfficeError};

/// Stored type of the event that keeps a text.
const LAW_IMPORTED: &str = "law.imported@1";
/// Stored type of the event that takes a text out of use.
const LAW_REMOVED: &str = "law.removed@1";

/// Body of the event that keeps a text.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Imported {
    /// The file.
    text: String,
    /// First day in force.
    from: Date,
}

/// Body of the event that takes a text out of use.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Removed {
    /// Digest of the file.
    digest: String,
}

/// What is loaded, and the version of the stream that it was made from.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    version: u64,
    library: Arc<Library>,
}

/// A file of a law that was read, ready to be loaded.
#[derive(Debug)]
pub struct LawFile {
    text: String,
    from: Date,
    law: LawText,
}

impl LawFile {
    /// Reads a file; `named` is the day that its name gives for the version, `from` what the administrator says.
    ///
    /// # Errors
    /// The line that cannot be read, or that the first day in force is not known or cannot be right.
    pub fn read(
        text: String,
        named: Option<Date>,
        from: Option<Date>,
    ) -> Result<Self, OfficeError> {
        let law = read(&text, named).map_err(|fault| OfficeError::Invalid(fault.to_string()))?;
        let from = first_day(&law, from).map_err(OfficeError::Invalid)?;
        Ok(Self { text, from, law })
    }

    /// What was read.
    pub fn law(&self) -> &LawText {
        &self.law
    }

    /// First day in force.
    pub fn from(&self) -> Date {
        self.from
    }
}

fn first_day(law: &LawText, told: Option<Date>) -> Result<Date, String> {
    let title = &law.title;
    let Some(from) = told.or(law.in_force_from) else {
        return Err(format!(
            "《{title}》没有写明这一版本自何日起施行（修正后的条文仍写原来的施行日期），请用 --from 写明施行日期"
        ));
    };
    let earliest = law.in_force_from.max(law.made_on);
    match earliest.filter(|day| from < *day) {
        Some(day) => Err(format!(
            "施行日期 {from} 早于《{title}》文件写明的 {day}，请核对"
        )),
        None => Ok(from),
    }
}

/// What became of a file that was to be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LawImport {
    /// It is new.
    Added,
    /// It takes the place of another text of the same law from the same day, or moves to another day.
    Replaced,
    /// It was there already.
    Unchanged,
}

impl Office {
    fn law_stream(&self) -> String {
        format!("law-{}", self.body_id())
    }

    fn law_digest(&self, text: &str) -> String {
        hex::encode(self.store().suite().hash(&[text.as_bytes()]).0)
    }

    /// The texts that are loaded.
    pub fn laws(&self) -> Arc<Library> {
        let held = self.laws_loaded().read();
        held.map_or_else(|_| Arc::default(), |l| Arc::clone(&l.library))
    }

    /// Takes up what was loaded or removed since the last look; whether there was anything.
    ///
    /// # Errors
    /// The store, or an event of a newer program.
    pub async fn refresh_laws(&self) -> Result<bool, OfficeError> {
        let (scope, stream) = (Scope::system(), self.law_stream());
        let Some(head) = self.store().head(&scope, &stream).await? else {
            return Ok(false);
        };
        let (known, before) = match self.laws_loaded().read() {
            Ok(held) => (held.version, Arc::clone(&held.library)),
            Err(_) => (0, Arc::default()),
        };
        if known == head.version {
            return Ok(false);
        }
        let events = self.store().load(&scope, &stream, known).await?;
        let mut library = Library::clone(&before);
        for event in &events {
            self.take_up(event, &mut library)?;
        }
        let version = events.last().map_or(known, |e| e.header.version);
        if let Ok(mut held) = self.laws_loaded().write()
            && held.version < version
        {
            *held = Loaded {
                version,
                library: Arc::new(library),
            };
        }
        Ok(true)
    }

    fn take_up(&self, event: &Stored, library: &mut Library) -> Result<(), OfficeError> {
        let Some(body) = event.body.as_deref() else {
            return Ok(());
        };
        let damaged = |e: serde_json::Error| OfficeError::Internal(e.to_string());
        match event.header.event_type.as_str() {
            LAW_IMPORTED => {
                let kept: Imported = serde_json::from_slice(body).map_err(damaged)?;
                let digest = self.law_digest(&kept.text);
                match read(&kept.text, None) {
                    Ok(text) => library.add(Version {
                        from: kept.from,
                        digest,
                        text: Arc::new(text),
                    }),
                    // Help that a later program reads more strictly must not keep the office from opening.
                    Err(fault) => tracing::error!(%fault, digest, "the text of a law is left out"),
                }
            }
            LAW_REMOVED => {
                let removed: Removed = serde_json::from_slice(body).map_err(damaged)?;
                library.remove(&removed.digest);
            }
            unknown => {
                return Err(OfficeError::Internal(format!(
                    "法律条文记录中有不认识的类型“{unknown}”，请使用新版程序"
                )));
            }
        }
        Ok(())
    }

    /// Loads the text of a law, on record.
    ///
    /// # Errors
    /// The store.
    pub async fn import_law(&self, file: &LawFile) -> Result<LawImport, OfficeError> {
        self.refresh_laws().await?;
        let (laws, digest) = (self.laws(), self.law_digest(&file.text));
        let of_law: Vec<&Version> = laws.of(&file.law.title).collect();
        if of_law
            .iter()
            .any(|v| v.digest == digest && v.from == file.from)
        {
            return Ok(LawImport::Unchanged);
        }
        let replaced = of_law
            .iter()
            .any(|v| v.digest == digest || v.from == file.from);
        let kept = Imported {
            text: file.text.clone(),
            from: file.from,
        };
        self.write_law(LAW_IMPORTED, &kept).await?;
        Ok(if replaced {
            LawImport::Replaced
        } else {
            LawImport::Added
        })
    }

    /// Takes a text out of use; the record keeps it.
    ///
    /// # Errors
    /// That no such text is loaded, or the store.
    pub async fn remove_law(&self, digest: &str) -> Result<(), OfficeError> {
        self.refresh_laws().await?;
        if !self.laws().versions().any(|v| v.digest == digest) {
            return Err(OfficeError::Invalid("没有导入这一版本的条文".to_owned()));
        }
        let removed = Removed {
            digest: digest.to_owned(),
        };
        self.write_law(LAW_REMOVED, &removed).await
    }

    async fn write_law(
        &self,
        event_type: &'static str,
        body: &impl Serialize,
    ) -> Result<(), OfficeError> {
        let stream = self.law_stream();
        let place = (stream.as_str(), StreamKind::Law);
        self.append_imported(place, event_type, body).await?;
        self.refresh_laws().await?;
        Ok(())
    }
}
