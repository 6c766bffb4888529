//! What stands beside the log: the queue, heads, commands, views, files.

use std::collections::HashMap;

use casework::record::Header;
use ledger::verify::check_record;
use ledger::{Chain, Hash, Record};
use sea_orm::QueryResult;

use super::columns::Columns;
use super::files::Files;
use super::reading::{count, hash, number, raw, words};
use super::views::key_value;
use super::{Check, FaultKind, Faults, kind_of};
use crate::error::StoreError;
use crate::read::{Head, Rows};
use crate::sql::get;
use crate::views::VIEWS;

/// Rows that one question for faulty ones is answered with.
const ROWS_MAX: u32 = 1_000;

impl Check<'_> {
    /// Events that have no leaf yet, in the order in which they will get one; tells how many.
    pub(super) async fn check_waiting(
        &self,
        chain: &mut Chain,
        files: &mut Files,
        faults: &mut Faults,
    ) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT u.entry, e.stream_id, e.version, {} FROM event e \
             LEFT JOIN unsequenced u ON u.stream_id = e.stream_id AND u.version = e.version \
             LEFT JOIN leaf l ON l.stream_id = e.stream_id AND l.version = e.version \
             LEFT JOIN event_body b ON b.stream_id = e.stream_id AND b.version = e.version \
             WHERE l.idx IS NULL ORDER BY e.recorded_at, e.stream_id, e.version",
            Columns::SELECT
        );
        let rows = self.now.rows(&sql, vec![]).await?;
        for row in &rows {
            let (stream, number) = (words(row, 1), count(row, 2));
            let place = format!("记录流“{stream}”第 {number} 号记录（待入日志）");
            let Some(event) = Columns::read(row, 3) else {
                continue;
            };
            match get::<Option<Vec<u8>>>(row, 0) {
                Ok(None) => faults.add(
                    FaultKind::Leaf,
                    place,
                    "既不在日志中，也不在待入日志的队列中",
                ),
                _ => {
                    let entry = hash(row, 0);
                    let queued = Queued {
                        stream: &stream,
                        version: number,
                        entry,
                        event: &event,
                        place: &place,
                    };
                    self.check_queued(&queued, chain, faults);
                    files.name(&stream, &place, &event);
                }
            }
        }
        files.check(self.store.objects(), faults);
        Ok(rows.len() as u64)
    }

    fn check_queued(&self, queued: &Queued<'_>, chain: &mut Chain, faults: &mut Faults) {
        let Queued {
            stream,
            version,
            entry,
            event,
            place,
        } = *queued;
        let record = Record {
            index: 0,
            entry,
            header: &event.header,
            body: event.body(),
        };
        let checked = check_record(self.store.suite(), &record);
        if let Err(fault) = &checked.verdict {
            faults.add(kind_of(fault), place, fault);
        }
        if let Some(links) = &checked.links {
            if let Err(fault) = chain.follow(links, entry) {
                faults.add(FaultKind::Chain, place, fault);
            }
            event.compare(stream, version, place, faults);
        }
    }

    /// The heads against the last events of their streams.
    pub(super) async fn check_heads(
        &self,
        chain: &Chain,
        faults: &mut Faults,
    ) -> Result<(), StoreError> {
        let mut last: HashMap<&str, (u64, Hash)> = chain
            .heads()
            .map(|(stream, version, entry)| (stream, (version, entry)))
            .collect();
        let mut after = Vec::new();
        loop {
            let (mark, key) = key_value(self.store.inner.dialect, &after);
            let sql = format!(
                "SELECT {}, e.header FROM stream LEFT JOIN event e ON e.stream_id = stream.stream_id \
                 AND e.version = stream.version WHERE stream.stream_id > {mark} \
                 ORDER BY stream.stream_id LIMIT {ROWS_MAX}",
                Head::COLUMNS
            );
            let rows = self.now.rows(&sql, vec![key]).await?;
            let Some(end) = rows.last() else { break };
            after = raw(end, 0);
            for row in &rows {
                let found = last.remove(words(row, 0).as_str());
                check_head(row, found, faults);
            }
        }
        for stream in last.into_keys() {
            faults.add(
                FaultKind::Head,
                format!("记录流“{stream}”"),
                "有记录而无流首",
            );
        }
        Ok(())
    }

    /// Commands against events, views against streams.
    pub(super) async fn check_tables(&self, faults: &mut Faults) -> Result<(), StoreError> {
        let unexplained = "SELECT e.stream_id, e.version FROM event e LEFT JOIN command c ON c.id = e.command \
             AND c.stream_id = e.stream_id AND e.version BETWEEN c.first_version AND c.last_version \
             AND c.recorded_at = e.recorded_at AND (c.actor = '' OR c.actor = COALESCE(e.actor, '')) \
             WHERE c.id IS NULL ORDER BY e.stream_id, e.version";
        let place =
            |row: &QueryResult| format!("记录流“{}”第 {} 号记录", words(row, 0), number(row, 1));
        self.find(
            unexplained,
            FaultKind::Command,
            place,
            "没有相符的操作记录",
            faults,
        )
        .await?;
        let empty = "SELECT c.id FROM command c WHERE c.last_version - c.first_version + 1 <> \
             (SELECT COUNT(*) FROM event e WHERE e.stream_id = c.stream_id AND e.command = c.id \
             AND e.version BETWEEN c.first_version AND c.last_version) ORDER BY c.id";
        let place = |row: &QueryResult| format!("操作“{}”", words(row, 0));
        self.find(empty, FaultKind::Command, place, "没有相符的记录", faults)
            .await?;
        let stream = |row: &QueryResult| format!("记录流“{}”", words(row, 0));
        for view in &VIEWS {
            let other = if view.columns.contains(&"body_id") {
                " OR v.body_id <> s.body_id"
            } else {
                ""
            };
            let orphans = format!(
                "SELECT DISTINCT v.stream_id FROM {} v LEFT JOIN stream s ON s.stream_id = v.stream_id \
                 WHERE s.stream_id IS NULL{other} ORDER BY v.stream_id",
                view.table
            );
            let detail = format!("{} 中有不属于该流的行；请运行 zhiheng rebuild", view.table);
            self.find(&orphans, FaultKind::View, stream, &detail, faults)
                .await?;
        }
        for (kind, table) in [("case", "case_row"), ("person", "person"), ("body", "body")] {
            let missing = format!(
                "SELECT s.stream_id FROM stream s LEFT JOIN {table} v ON v.stream_id = s.stream_id \
                 WHERE s.kind = '{kind}' AND v.stream_id IS NULL ORDER BY s.stream_id"
            );
            let detail = format!("{table} 中缺少该流的行；请运行 zhiheng rebuild");
            self.find(&missing, FaultKind::View, stream, &detail, faults)
                .await?;
        }
        Ok(())
    }

    pub(super) async fn find(
        &self,
        sql: &str,
        kind: FaultKind,
        place: impl Fn(&QueryResult) -> String,
        detail: &str,
        faults: &mut Faults,
    ) -> Result<(), StoreError> {
        for row in self
            .now
            .rows(&format!("{sql} LIMIT {ROWS_MAX}"), vec![])
            .await?
        {
            faults.add(kind, place(&row), detail);
        }
        Ok(())
    }
}

/// An event that waits for its leaf.
struct Queued<'a> {
    stream: &'a str,
    version: u64,
    entry: Hash,
    event: &'a Columns,
    place: &'a str,
}

/// A head, its columns as [`Head::COLUMNS`] with the last event's header behind them, against that event.
fn check_head(row: &QueryResult, found: Option<(u64, Hash)>, faults: &mut Faults) {
    let (stream, version) = (words(row, 0), count(row, 3));
    let place = format!("记录流“{stream}”");
    match found {
        None => return faults.add(FaultKind::Head, place, "有流首而无记录"),
        Some((last, _)) if last != version => {
            return faults.add(
                FaultKind::Head,
                place,
                format!("流首为第 {version} 号，最后一条记录为第 {last} 号"),
            );
        }
        Some((_, entry)) if entry != hash(row, 4) => {
            return faults.add(FaultKind::Head, place, "流首的摘要与最后一条记录不符");
        }
        Some(_) => {}
    }
    // A header that cannot be read was named with its event.
    let header: Vec<u8> = get(row, 6).unwrap_or_default();
    let Ok(header) = Header::decode(&header) else {
        return;
    };
    let columns = [
        ("kind", header.stream_kind.name() == words(row, 1)),
        ("body_id", header.body_id == words(row, 2)),
        ("recorded_at", header.recorded_at == number(row, 5)),
    ];
    for (column, same) in columns {
        if !same {
            faults.add(
                FaultKind::Column,
                &place,
                format!("流首的 {column} 一栏与记录头不符"),
            );
        }
    }
}
