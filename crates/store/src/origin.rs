//! The names of a log: a restore behind a published checkpoint begins a log of a new name.
//!
//! The first leaf of the new log is a record that names the old one, its size and root as restored, and the
//! published checkpoint that it fell behind; the old log's leaves follow in their order.

use ledger::{Hash, Suite, leaf};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;

/// The type of the record, as event types are named.
const TYPE: &str = "log.origin@1";

/// The first leaf of a log that continues another; frozen, as every stored format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OriginRecord {
    v: u32,
    /// `origin-N`, N being the how-manieth name this is.
    pub stream: String,
    version: u64,
    #[serde(rename = "type")]
    record_type: String,
    /// When the new log was begun, microseconds since 1970 UTC.
    pub recorded_at: i64,
    /// Name of the old log.
    pub old_origin: String,
    /// Leaves of the old log that were restored.
    pub old_size: u64,
    /// Root over those.
    pub old_root: Hash,
    /// Size of the published checkpoint that was not reached.
    pub published_size: u64,
    /// Root of that checkpoint.
    pub published_root: Hash,
    /// Commitment to an empty body with a salt of zeros: the record has no body.
    commitment: Hash,
}

impl OriginRecord {
    /// The record of the `number`th name.
    pub(crate) fn new(
        suite: Suite,
        number: i64,
        recorded_at: i64,
        old: (&str, u64, Hash),
        published: (u64, Hash),
    ) -> Self {
        Self {
            v: 1,
            stream: origin_stream(number),
            version: 1,
            record_type: TYPE.to_owned(),
            recorded_at,
            old_origin: old.0.to_owned(),
            old_size: old.1,
            old_root: old.2,
            published_size: published.0,
            published_root: published.1,
            commitment: leaf::commitment(suite, &[0; 32], b""),
        }
    }

    /// The stored bytes.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, StoreError> {
        casework::record::encode(self).map_err(StoreError::damaged)
    }

    /// Reads stored bytes; unknown fields and versions are errors.
    pub fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let record: Self = serde_json::from_slice(bytes).map_err(StoreError::damaged)?;
        if record.v != 1 || record.record_type != TYPE {
            return Err(StoreError::damaged(
                "日志更名记录的格式不是本程序认识的格式",
            ));
        }
        Ok(record)
    }
}

/// The stream id under which the record has its leaf.
pub(crate) fn origin_stream(number: i64) -> String {
    format!("origin-{number}")
}

/// The name that follows a name: `…/log` becomes `…/log-2`, then `…/log-3`.
pub(crate) fn next_name(first: &str, number: i64) -> String {
    format!("{first}-{number}")
}
