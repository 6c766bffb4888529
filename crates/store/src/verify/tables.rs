//! What stands beside the log: the queue, heads, commands, views, files.

use std::collections::HashMap;

use casework::record::Header;
use ledger::verify::check_record;
use ledger::{Chain, Hash, Record};
use sea_orm::QueryResult;

use super::columns::Columns;
use super::files::Files;
use super::{Check, FaultKind, Faults, kind_of};
use crate::committer::{digest, version};
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
            let (stream, number): (String, u64) = (get(row, 1)?, version(get(row, 2)?)?);
            let place = format!("记录流“{stream}”第 {number} 号记录（待入日志）");
            let Some(event) = Columns::read(row, 3)? else {
                continue;
            };
            match get::<Option<Vec<u8>>>(row, 0)? {
                None => faults.add(
                    FaultKind::Leaf,
                    place,
                    "既不在日志中，也不在待入日志的队列中",
                ),
                Some(entry) => {
                    let entry = digest(entry)?;
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
        let sql = format!(
            "SELECT {}, e.header FROM stream LEFT JOIN event e ON e.stream_id = stream.stream_id \
             AND e.version = stream.version WHERE stream.stream_id > ? ORDER BY stream.stream_id LIMIT {ROWS_MAX}",
            Head::COLUMNS
        );
        let mut after = String::new();
        loop {
            let rows = self.now.rows(&sql, vec![after.as_str().into()]).await?;
            let Some(end) = rows.last() else { break };
            after = get(end, 0)?;
            for row in &rows {
                let head = Head::read(row)?;
                let found = last.remove(head.stream.as_str());
                check_head(&head, found, get(row, 6)?, faults);
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
             AND c.recorded_at = e.recorded_at WHERE c.id IS NULL ORDER BY e.stream_id, e.version";
        let place = |row: &QueryResult| {
            Ok(format!(
                "记录流“{}”第 {} 号记录",
                get::<String>(row, 0)?,
                get::<i64>(row, 1)?
            ))
        };
        self.find(
            unexplained,
            FaultKind::Command,
            place,
            "没有相符的操作记录",
            faults,
        )
        .await?;
        let empty = "SELECT c.id FROM command c LEFT JOIN event e ON e.stream_id = c.stream_id \
             AND e.version = c.last_version AND e.command = c.id WHERE e.version IS NULL ORDER BY c.id";
        let place = |row: &QueryResult| Ok(format!("操作“{}”", get::<String>(row, 0)?));
        self.find(empty, FaultKind::Command, place, "没有相符的记录", faults)
            .await?;
        let stream = |row: &QueryResult| Ok(format!("记录流“{}”", get::<String>(row, 0)?));
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

    async fn find(
        &self,
        sql: &str,
        kind: FaultKind,
        place: impl Fn(&QueryResult) -> Result<String, StoreError>,
        detail: &str,
        faults: &mut Faults,
    ) -> Result<(), StoreError> {
        for row in self
            .now
            .rows(&format!("{sql} LIMIT {ROWS_MAX}"), vec![])
            .await?
        {
            faults.add(kind, place(&row)?, detail);
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

fn check_head(
    head: &Head,
    found: Option<(u64, Hash)>,
    header: Option<Vec<u8>>,
    faults: &mut Faults,
) {
    let place = format!("记录流“{}”", head.stream);
    match found {
        None => return faults.add(FaultKind::Head, place, "有流首而无记录"),
        Some((last, _)) if last != head.version => {
            return faults.add(
                FaultKind::Head,
                place,
                format!("流首为第 {} 号，最后一条记录为第 {last} 号", head.version),
            );
        }
        Some((_, entry)) if entry != head.entry => {
            return faults.add(FaultKind::Head, place, "流首的摘要与最后一条记录不符");
        }
        Some(_) => {}
    }
    // A header that cannot be read was named with its event.
    let Some(header) = header.and_then(|bytes| Header::decode(&bytes).ok()) else {
        return;
    };
    let columns = [
        ("kind", header.stream_kind == head.kind),
        ("body_id", header.body_id == head.body_id),
        ("recorded_at", header.recorded_at == head.recorded_at),
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
