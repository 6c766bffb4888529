//! One event's columns against its header.

use casework::record::Header;
use sea_orm::QueryResult;

use super::reading::{maybe_words, number, words};
use super::{FaultKind, Faults};
use crate::sql::get;

/// An event's row and its body's, as stored.
pub(super) struct Columns {
    event_type: String,
    recorded_at: i64,
    body_id: String,
    actor: Option<String>,
    command: String,
    pub header: Vec<u8>,
    pub body: Option<([u8; 32], Vec<u8>)>,
}

impl Columns {
    /// The select list, with `event` as `e` and `event_body` as `b`.
    pub const SELECT: &str =
        "e.event_type, e.recorded_at, e.body_id, e.actor, e.command, e.header, b.salt, b.body";

    /// Reads the columns from position `at` on; none where an outer join found no event.
    pub fn read(row: &QueryResult, at: usize) -> Option<Self> {
        let event_type = maybe_words(row, at)?;
        let salt: Option<Vec<u8>> = get(row, at + 6).unwrap_or_default();
        let body: Option<Vec<u8>> = get(row, at + 7).unwrap_or_default();
        // A salt of another length is no salt that was ever written; zeros make the commitment fail and name it.
        let body = salt
            .zip(body)
            .map(|(salt, body)| (salt.try_into().unwrap_or([0; 32]), body));
        Some(Self {
            event_type,
            recorded_at: number(row, at + 1),
            body_id: words(row, at + 2),
            actor: maybe_words(row, at + 3),
            command: words(row, at + 4),
            header: get(row, at + 5).unwrap_or_default(),
            body,
        })
    }

    /// Salt and body as the ledger takes them.
    pub fn body(&self) -> Option<(&[u8; 32], &[u8])> {
        self.body
            .as_ref()
            .map(|(salt, body)| (salt, body.as_slice()))
    }

    /// Compares every column that repeats the header.
    pub fn compare(&self, stream: &str, version: u64, place: &str, faults: &mut Faults) {
        // Nothing that this program does destroys a body: one that is gone was taken away.
        if self.body.is_none() {
            faults.add(
                FaultKind::Body,
                place,
                "内容缺失：被删除，本程序没有删除记录内容的操作",
            );
        }
        let header = match Header::decode(&self.header) {
            Ok(header) => header,
            Err(fault) => return faults.add(FaultKind::Header, place, fault),
        };
        let columns = [
            ("stream_id", header.stream == stream),
            ("version", header.version == version),
            ("event_type", header.event_type == self.event_type),
            ("recorded_at", header.recorded_at == self.recorded_at),
            ("body_id", header.body_id == self.body_id),
            ("actor", header.actor == self.actor),
            ("command", header.command == self.command),
        ];
        for (column, same) in columns {
            if !same {
                faults.add(
                    FaultKind::Column,
                    place,
                    format!("{column} 一栏与记录头不符"),
                );
            }
        }
    }
}
