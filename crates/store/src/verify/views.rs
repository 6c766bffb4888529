//! The views against rows made anew from the events, column by column, as of one moment; nothing is written.

use std::collections::BTreeMap;

use casework::record::StreamKind;
use casework::rows::StreamRows;
use sea_orm::{QueryResult, Value};

use super::reading::{raw, words};
use super::{Fault, FaultKind, Faults};
use crate::conn::Cell;
use crate::error::StoreError;
use crate::read::{Moment, Rows, Stored};
use crate::sql::{Dialect, get};
use crate::store::Store;
use crate::views::{Place, VIEWS, View, all_cells};

/// Streams that are read at a time.
const STREAMS_PER_STEP: u32 = 200;

/// What the comparison of the views found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewsReport {
    /// Streams whose rows were made anew.
    pub streams: u64,
    /// The first faults, at most 1,000.
    pub faults: Vec<Fault>,
    /// All faults.
    pub fault_count: u64,
}

/// A stretch of streams: above the first id, up to and with the second.
struct Stretch {
    above: Vec<u8>,
    upto: Vec<u8>,
}

/// A stream of a stretch, with what its rows repeat.
struct Told {
    stream: String,
    kind: Option<StreamKind>,
    body_id: String,
    events: Vec<Stored>,
}

impl Store {
    /// Compares every row of every view with what `project` makes of the stream's events.
    ///
    /// Rows of streams that do not exist are [`Store::verify`]'s to find. `on_progress` is told streams done and in all.
    pub async fn verify_views(
        &self,
        project: impl Fn(StreamKind, &[Stored]) -> Result<StreamRows, String>,
        mut on_progress: impl FnMut(u64, u64),
    ) -> Result<ViewsReport, StoreError> {
        let (now, total) = (self.moment().await?, self.count("stream").await?);
        let (mut faults, mut above, mut done) = (Faults::default(), Vec::new(), 0);
        loop {
            let streams = self.streams_above(&now, &above).await?;
            let Some((_, last)) = streams.last() else {
                break;
            };
            let stretch = Stretch {
                upto: last.clone(),
                above,
            };
            let told = self.told(&now, &stretch, streams).await?;
            self.compare(&now, &stretch, &told, &project, &mut faults)
                .await?;
            done += told.len() as u64;
            on_progress(done, total.max(done));
            above = stretch.upto;
        }
        Ok(ViewsReport {
            streams: done,
            faults: faults.named,
            fault_count: faults.count,
        })
    }

    /// The next streams, each with the bytes of its id.
    async fn streams_above(
        &self,
        now: &Moment,
        above: &[u8],
    ) -> Result<Vec<(Told, Vec<u8>)>, StoreError> {
        let (mark, key) = key_value(self.inner.dialect, above);
        let sql = format!(
            "SELECT stream_id, kind, body_id FROM stream WHERE stream_id > {mark} \
             ORDER BY stream_id LIMIT {STREAMS_PER_STEP}"
        );
        let rows = now.rows(&sql, vec![key]).await?;
        let told = |row: &QueryResult| {
            let told = Told {
                stream: words(row, 0),
                kind: StreamKind::from_name(&words(row, 1)),
                body_id: words(row, 2),
                events: Vec::new(),
            };
            (told, raw(row, 0))
        };
        Ok(rows.iter().map(told).collect())
    }

    /// The streams with their events.
    async fn told(
        &self,
        now: &Moment,
        stretch: &Stretch,
        streams: Vec<(Told, Vec<u8>)>,
    ) -> Result<Vec<Told>, StoreError> {
        let sql = "SELECT e.stream_id, e.header, b.salt, b.body FROM event e \
             LEFT JOIN event_body b ON b.stream_id = e.stream_id AND b.version = e.version";
        let rows = self
            .stretch_rows(now, sql, "e.stream_id", "e.stream_id, e.version", stretch)
            .await?;
        let mut events: BTreeMap<String, Vec<Stored>> = BTreeMap::new();
        for row in &rows {
            // An event that cannot be read is named by the check of the log; its stream's rows then differ.
            if let Ok(event) = Stored::read(row, 1, self.suite()) {
                events.entry(words(row, 0)).or_default().push(event);
            }
        }
        let mut told: Vec<Told> = streams.into_iter().map(|(told, _)| told).collect();
        for one in &mut told {
            one.events = events.remove(&one.stream).unwrap_or_default();
        }
        Ok(told)
    }

    async fn stretch_rows(
        &self,
        now: &Moment,
        select: &str,
        column: &str,
        order: &str,
        stretch: &Stretch,
    ) -> Result<Vec<QueryResult>, StoreError> {
        let dialect = self.inner.dialect;
        let (above, above_key) = key_value(dialect, &stretch.above);
        let (upto, upto_key) = key_value(dialect, &stretch.upto);
        let sql =
            format!("{select} WHERE {column} > {above} AND {column} <= {upto} ORDER BY {order}");
        Ok(now.rows(&sql, vec![above_key, upto_key]).await?)
    }

    async fn compare(
        &self,
        now: &Moment,
        stretch: &Stretch,
        told: &[Told],
        project: &impl Fn(StreamKind, &[Stored]) -> Result<StreamRows, String>,
        faults: &mut Faults,
    ) -> Result<(), StoreError> {
        let mut made = Vec::with_capacity(told.len());
        for one in told {
            let rows = match one.kind {
                Some(kind) => project(kind, &one.events),
                None => Err("记录流的种类不认识".to_owned()),
            };
            match rows {
                Ok(rows) => made.push((one, rows)),
                Err(why) => faults.add(
                    FaultKind::View,
                    format!("记录流“{}”", one.stream),
                    format!("不能由记录重算各视图：{why}"),
                ),
            }
        }
        for (at, view) in VIEWS.iter().enumerate() {
            let mut expected = Expected::new();
            for (one, rows) in &made {
                let place = Place {
                    stream: &one.stream,
                    body_id: &one.body_id,
                };
                let mut cells = Vec::new();
                all_cells(rows, at, &place, &mut cells);
                let mut cells = cells.into_iter();
                loop {
                    let row: Vec<Cell<'_>> = cells.by_ref().take(view.columns.len()).collect();
                    if row.is_empty() {
                        break;
                    }
                    expected.insert(row[..view.key].iter().map(key_of).collect(), row);
                }
            }
            let select = format!("SELECT {} FROM {}", view.columns.join(","), view.table);
            let order = view.columns[..view.key].join(",");
            let stored = self
                .stretch_rows(now, &select, "stream_id", &order, stretch)
                .await?;
            let dialect = self.inner.dialect;
            compare_view(view, expected, &stored, dialect, faults);
        }
        Ok(())
    }
}

/// Rows as they should be, by their keys.
type Expected<'a> = BTreeMap<Vec<String>, Vec<Cell<'a>>>;

fn compare_view(
    view: &View,
    mut expected: Expected<'_>,
    stored: &[QueryResult],
    dialect: Dialect,
    faults: &mut Faults,
) {
    let told = |key: &[String]| match key {
        [stream, rest] => (
            format!("记录流“{stream}”"),
            format!("{}“{rest}”", view.table),
        ),
        _ => (
            format!("记录流“{}”", key.first().map_or("", String::as_str)),
            view.table.to_owned(),
        ),
    };
    for row in stored {
        let key: Vec<String> = (0..view.key).map(|at| words(row, at)).collect();
        let (place, what) = told(&key);
        let Some(cells) = expected.remove(&key) else {
            let detail = format!("{what} 一行与记录不符，不该有；请运行 zhiheng rebuild");
            faults.add(FaultKind::View, place, detail);
            continue;
        };
        let differing: Vec<&str> = (view.key..cells.len())
            .filter(|at| !same(row, *at, &cells[*at], dialect))
            .map(|at| view.columns[at])
            .collect();
        if !differing.is_empty() {
            let detail = format!(
                "{what} 的 {} 与记录不符；请运行 zhiheng rebuild",
                differing.join("、")
            );
            faults.add(FaultKind::View, place, detail);
        }
    }
    for key in expected.keys() {
        let (place, what) = told(key);
        let detail = format!("缺少 {what} 一行；请运行 zhiheng rebuild");
        faults.add(FaultKind::View, place, detail);
    }
}

/// Whether a stored column is exactly that value.
fn same(row: &QueryResult, at: usize, cell: &Cell<'_>, dialect: Dialect) -> bool {
    match cell {
        Cell::Null => matches!(get::<Option<String>>(row, at), Ok(None)),
        Cell::NoBytes => matches!(get::<Option<Vec<u8>>>(row, at), Ok(None)),
        Cell::NoInt => matches!(get::<Option<i64>>(row, at), Ok(None)),
        Cell::Text(text) => {
            matches!(get::<Option<String>>(row, at), Ok(Some(found)) if found == **text)
        }
        Cell::Int(number) => {
            matches!(get::<Option<i64>>(row, at), Ok(Some(found)) if found == *number)
        }
        // SQLite keeps a number, and takes any but 0 for true; the program writes 1.
        Cell::Bool(value) if dialect == Dialect::Sqlite => {
            matches!(get::<Option<i64>>(row, at), Ok(Some(found)) if found == i64::from(*value))
        }
        Cell::Bool(value) => {
            matches!(get::<Option<bool>>(row, at), Ok(Some(found)) if found == *value)
        }
        Cell::Bytes(bytes) => {
            matches!(get::<Option<Vec<u8>>>(row, at), Ok(Some(found)) if found == **bytes)
        }
    }
}

fn key_of(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Text(text) => text.clone().into_owned(),
        other => format!("{other:?}"),
    }
}

/// A key to compare with, which in a damaged SQLite file need be no text.
pub(super) fn key_value(dialect: Dialect, key: &[u8]) -> (&'static str, Value) {
    match dialect {
        Dialect::Sqlite => ("CAST(? AS TEXT)", key.to_vec().into()),
        Dialect::Postgres => ("?", String::from_utf8_lossy(key).into_owned().into()),
    }
}
