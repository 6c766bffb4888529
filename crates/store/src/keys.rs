//! The key that signs checkpoints: made once, read at every start, never shown.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ledger::{SigningKey, Suite, VerifyingKey};

use crate::config::KeySource;
use crate::error::StoreError;

/// The key of a log, with or without its secret half.
pub(crate) struct LogKey {
    signing: Option<SigningKey>,
    public: VerifyingKey,
}

impl LogKey {
    /// The public half.
    pub fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// The half that signs, where it is at hand.
    pub fn signing(&self) -> Result<&SigningKey, StoreError> {
        self.signing
            .as_ref()
            .ok_or_else(|| StoreError::Key("只有公钥，只能核验，不能签署".to_owned()))
    }
}

/// Makes the key of a new log where its source is a file that does not exist yet.
pub(crate) fn make(source: &KeySource, suite: Suite, origin: &str) -> Result<(), StoreError> {
    match source {
        KeySource::File(path) if !path.exists() => write(path, &generate(suite, origin)?),
        _ => load(source, suite, origin).map(|_| ()),
    }
}

/// Reads the key, which must be of this log's suite and bear its name.
pub(crate) fn load(source: &KeySource, suite: Suite, origin: &str) -> Result<LogKey, StoreError> {
    let text = match source {
        KeySource::Public(text) => {
            let key = VerifyingKey::parse(text.trim());
            let key = key.map_err(|e| StoreError::Key(e.to_string()))?;
            return fitting(None, key, suite, origin);
        }
        KeySource::Text(text) => text.clone(),
        KeySource::File(path) => fs::read_to_string(path)
            .map_err(|e| StoreError::Key(format!("{}：{e}", path.display())))?,
    };
    let key = SigningKey::parse(text.trim()).map_err(|e| StoreError::Key(e.to_string()))?;
    let public = key.verifying_key().clone();
    fitting(Some(key), public, suite, origin)
}

fn fitting(
    signing: Option<SigningKey>,
    public: VerifyingKey,
    suite: Suite,
    origin: &str,
) -> Result<LogKey, StoreError> {
    let (found, wanted) = (public.suite(), suite);
    if found != wanted {
        return Err(StoreError::OtherLog {
            what: "签名算法",
            found: wanted.to_string(),
            wanted: found.to_string(),
        });
    }
    if public.name() != origin {
        return Err(StoreError::OtherLog {
            what: "名称",
            found: origin.to_owned(),
            wanted: public.name().to_owned(),
        });
    }
    Ok(LogKey { signing, public })
}

/// Draws a key; a few values are none, so it draws again.
pub(crate) fn generate(suite: Suite, origin: &str) -> Result<SigningKey, StoreError> {
    let mut last = String::new();
    for _ in 0..8 {
        match SigningKey::from_secret(suite, origin, &rand::random()) {
            Ok(key) => return Ok(key),
            Err(fault) => last = fault.to_string(),
        }
    }
    Err(StoreError::Key(last))
}

/// Writes a key so that only its owner reads it, and never over another.
pub(crate) fn write(path: &Path, key: &SigningKey) -> Result<(), StoreError> {
    let made = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let mut file = made.map_err(|e| StoreError::file(path, e))?;
    let text = format!("{}\n", key.to_secret_text());
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    written.map_err(|e| StoreError::file(path, e))
}
