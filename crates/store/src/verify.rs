//! The check of a whole store: everything is computed anew from the stored bytes and compared.
//!
//! It goes through the log in its order, so it holds no more than a page and the streams' heads; each fault
//! names the record and says what is wrong with it. It reads the database as it stood at one moment; what is
//! recorded during the check is left for the next one.

mod checkpoints;
mod columns;
mod file;
mod files;
mod reading;
mod strays;
mod tables;
mod tree;
mod views;

use std::num::NonZero;

use ledger::verify::{LogFault, RecordFault};
use ledger::{Chain, Hash, Links, LogCheck, LogReport, Record, SignedCheckpoint};
use sea_orm::QueryResult;
use tokio::task::JoinHandle;

use crate::error::StoreError;
use crate::log;
use crate::origin::origin_stream;
use crate::read::{Moment, Rows};
use crate::store::Store;
use columns::Columns;
use files::Files;
use reading::{count, hash, words};
use tree::TreeCheck;
pub use views::ViewsReport;

/// Faults that a report names one by one; more are counted.
const FAULTS_NAMED_MAX: usize = 1_000;
/// Leaves that are read at a time.
const PAGE: u64 = 1_000;

/// What sort of record is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// An event's header.
    Header,
    /// An event's body or salt.
    Body,
    /// The chain of a stream: an event missing, doubled, or after another than it says.
    Chain,
    /// A column that repeats the header.
    Column,
    /// The head of a stream.
    Head,
    /// The record of a command.
    Command,
    /// A leaf of the log.
    Leaf,
    /// A tile of the log.
    Tile,
    /// A checkpoint, or the log against one.
    Checkpoint,
    /// A row of a view.
    View,
    /// A stored file.
    Object,
    /// The place up to which a job has come.
    Cursor,
    /// The database's own file, or a table that it cannot read.
    Database,
}

impl FaultKind {
    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Header => "记录头",
            Self::Body => "记录内容",
            Self::Chain => "记录次序",
            Self::Column => "重复记录头的栏目",
            Self::Head => "流首",
            Self::Command => "操作记录",
            Self::Leaf => "日志条目",
            Self::Tile => "日志分块",
            Self::Checkpoint => "检查点",
            Self::View => "视图",
            Self::Object => "文件",
            Self::Cursor => "任务位置",
            Self::Database => "数据库",
        }
    }
}

/// One thing that is wrong, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What sort of record it is.
    pub kind: FaultKind,
    /// Which record.
    pub place: String,
    /// What is wrong with it.
    pub detail: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}：{}", self.place, self.detail)
    }
}

/// What the check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// Events checked, in the log or waiting for it.
    pub events: u64,
    /// Events that wait for the log.
    pub unsequenced: u64,
    /// Leaves of the log.
    pub size: u64,
    /// Root over all leaves.
    pub root: Hash,
    /// Events whose body was there and checked.
    pub bodies_checked: u64,
    /// Events whose body was destroyed.
    pub bodies_destroyed: u64,
    /// Checkpoints that the log agrees with, the given ones among them.
    pub checkpoints_met: u64,
    /// Files whose digest was checked.
    pub objects_checked: u64,
    /// The first faults, at most 1,000.
    pub faults: Vec<Fault>,
    /// All faults.
    pub fault_count: u64,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.fault_count == 0
    }
}

/// Faults as they are found.
#[derive(Default)]
pub(crate) struct Faults {
    named: Vec<Fault>,
    count: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, kind: FaultKind, place: impl Into<String>, detail: impl ToString) {
        self.count += 1;
        if self.named.len() < FAULTS_NAMED_MAX {
            self.named.push(Fault {
                kind,
                place: place.into(),
                detail: detail.to_string(),
            });
        }
    }

    /// Takes the end of one part of the check: what the database cannot give is a fault, and the other parts go on;
    /// what may pass ends the check.
    pub(super) fn part<T>(
        &mut self,
        place: &str,
        done: Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match done {
            Ok(done) => Ok(Some(done)),
            Err(fault @ (StoreError::Damaged(_) | StoreError::Database(_))) => {
                self.add(FaultKind::Database, place, fault);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }
}

impl Store {
    /// Checks the whole store, and that it extends each of the earlier checkpoints given.
    ///
    /// `on_progress` is told leaves done and leaves in all.
    pub async fn verify(
        &self,
        earlier: &[SignedCheckpoint],
        on_progress: impl FnMut(u64, u64),
    ) -> Result<VerifyReport, StoreError> {
        let now = self.moment().await?;
        Check { store: self, now }.run(earlier, on_progress).await
    }
}

/// One check of a store, as it stood at one moment.
struct Check<'a> {
    store: &'a Store,
    now: Moment,
}

impl Check<'_> {
    async fn run(
        &self,
        earlier: &[SignedCheckpoint],
        on_progress: impl FnMut(u64, u64),
    ) -> Result<VerifyReport, StoreError> {
        let (mut faults, mut files) = (Faults::default(), Files::default());
        let checkpoints = self.checkpoints(earlier, &mut faults).await;
        let (checkpoints, signed) = faults.part("检查点", checkpoints)?.unwrap_or_default();
        let mut check = LogCheck::new(self.store.suite(), checkpoints);
        let mut chain = Chain::default();
        let parts = (&mut check, &mut chain, &mut files);
        let read = self
            .check_log(parts, signed, &mut faults, on_progress)
            .await;
        faults.part("日志", read)?;
        let waiting = self
            .check_waiting(&mut chain, &mut files, &mut faults)
            .await;
        let waiting = faults.part("待入日志的记录", waiting)?.unwrap_or(0);
        let heads = self.check_heads(&chain, &mut faults).await;
        faults.part("流首", heads)?;
        let tables = self.check_tables(&mut faults).await;
        faults.part("操作记录和视图", tables)?;
        let log = check.finish();
        let strays = self.check_strays(log.size, waiting, &mut faults).await;
        faults.part("各表", strays)?;
        let named = self.name_log_faults(&log, &mut faults).await;
        faults.part("日志", named)?;
        Ok(VerifyReport {
            events: log.size + waiting,
            unsequenced: waiting,
            size: log.size,
            root: log.root,
            bodies_checked: log.bodies_checked,
            bodies_destroyed: log.bodies_destroyed,
            checkpoints_met: log.checkpoints_met,
            objects_checked: files.checked,
            faults: faults.named,
            fault_count: faults.count,
        })
    }

    /// The leaves in their order, each with its event and the files that it names, and the tiles over them.
    ///
    /// `signed` is the size of the newest checkpoint.
    async fn check_log(
        &self,
        (check, chain, files): (&mut LogCheck, &mut Chain, &mut Files),
        signed: u64,
        faults: &mut Faults,
        mut on_progress: impl FnMut(u64, u64),
    ) -> Result<(), StoreError> {
        // Counted, not taken from the last index: a damaged one would have no end.
        let rows = self.now.rows("SELECT COUNT(*) FROM leaf", vec![]).await?;
        let size = rows.first().map_or(0, |row| count(row, 0));
        let mut tree = TreeCheck::new(self.store, &self.now, signed, faults).await?;
        let mut next = 0;
        let mut ahead = self.read_ahead(0, size);
        while next < size {
            let rows = ahead.await.map_err(StoreError::damaged)??;
            // The next page is read while this one is checked.
            ahead = self.read_ahead(next + PAGE, size);
            self.check_page(&rows, check, chain, faults);
            for row in &rows {
                tree.push(row.idx, &row.entry, faults);
                if let Some(event) = &row.event {
                    files.name(&row.stream, &row.place(), event);
                }
            }
            tree.compare(&self.now, faults).await?;
            files.check(self.store.objects(), faults);
            next = (next + PAGE).min(size);
            on_progress(next, size);
        }
        tree.finish(&self.now, faults).await
    }

    fn read_ahead(&self, from: u64, size: u64) -> JoinHandle<Result<Vec<LogRow>, StoreError>> {
        let now = self.now.clone();
        tokio::spawn(async move { log_rows(&now, from, (from + PAGE).min(size)).await })
    }

    /// Checks a page of the log, its hashing on all processors.
    fn check_page(
        &self,
        rows: &[LogRow],
        check: &mut LogCheck,
        chain: &mut Chain,
        faults: &mut Faults,
    ) {
        let records: Vec<Record<'_>> = rows.iter().map(|row| self.record(row)).collect();
        let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        let mut next = 0;
        check.push_all(&records, threads, |at, links| {
            pass_over(chain, &rows[next..at]);
            next = at + 1;
            let row = &rows[at];
            if row.stream != origin_stream(self.store.origin().number)
                && let Err(fault) = chain.follow(links, row.entry)
            {
                faults.add(FaultKind::Chain, row.place(), fault);
            }
            if let Some(event) = &row.event {
                event.compare(&row.stream, row.version, &row.place(), faults);
            }
            Ok(())
        });
        pass_over(chain, &rows[next..]);
    }

    fn record<'a>(&'a self, row: &'a LogRow) -> Record<'a> {
        let (header, body) = match &row.event {
            Some(event) => (event.header.as_slice(), event.body()),
            None if row.idx == 0 => (
                self.store.origin().record.as_deref().unwrap_or_default(),
                None,
            ),
            None => (&[] as &[u8], None),
        };
        Record {
            index: row.idx,
            entry: row.entry,
            header,
            body,
        }
    }

    /// Adds what the log's own check found, under the names of the records.
    async fn name_log_faults(
        &self,
        log: &LogReport,
        faults: &mut Faults,
    ) -> Result<(), StoreError> {
        for fault in &log.faults {
            match fault {
                LogFault::Record { index, fault } => {
                    let rows = log_rows(&self.now, *index, index + 1).await?;
                    let place = rows
                        .first()
                        .map_or_else(|| format!("日志第 {index} 条"), LogRow::place);
                    match rows.first() {
                        Some(LogRow { event: None, .. }) => {
                            faults.add(FaultKind::Chain, place, "记录缺失：日志中有此条，库中没有");
                        }
                        _ => faults.add(kind_of(fault), place, fault),
                    }
                }
                LogFault::Index { .. } => faults.add(FaultKind::Leaf, "日志", fault),
                LogFault::Checkpoint { size, .. } | LogFault::Truncated { signed: size, .. } => {
                    faults.add(FaultKind::Checkpoint, format!("检查点 {size}"), fault);
                }
            }
        }
        // Those that the ledger counted and did not name.
        faults.count += log.fault_count - log.faults.len() as u64;
        Ok(())
    }
}

async fn log_rows(now: &Moment, from: u64, to: u64) -> Result<Vec<LogRow>, StoreError> {
    let sql = format!(
        "SELECT l.idx, l.entry, l.stream_id, l.version, {} FROM leaf l \
         LEFT JOIN event e ON e.stream_id = l.stream_id AND e.version = l.version \
         LEFT JOIN event_body b ON b.stream_id = l.stream_id AND b.version = l.version \
         WHERE l.idx >= ? AND l.idx < ? ORDER BY l.idx",
        Columns::SELECT
    );
    let rows = now
        .rows(&sql, vec![log::number(from), log::number(to)])
        .await?;
    Ok(rows.iter().map(LogRow::read).collect())
}

/// Lets the chain go on behind events that are missing or cannot be read, so that each is one fault.
fn pass_over(chain: &mut Chain, rows: &[LogRow]) {
    for row in rows {
        let links = Links {
            stream: row.stream.as_str().into(),
            version: row.version,
            prev: None,
            event_type: "".into(),
            commitment: Hash([0; 32]),
        };
        // Whether it followed is known already: it did not.
        let _ = chain.follow(&links, row.entry);
    }
}

fn kind_of(fault: &RecordFault) -> FaultKind {
    match fault {
        RecordFault::Body => FaultKind::Body,
        RecordFault::Chain(_) => FaultKind::Chain,
        _ => FaultKind::Header,
    }
}

/// A leaf with its event, if the event is there.
struct LogRow {
    idx: u64,
    entry: Hash,
    stream: String,
    version: u64,
    event: Option<Columns>,
}

impl LogRow {
    fn place(&self) -> String {
        format!(
            "记录流“{}”第 {} 号记录（日志第 {} 条）",
            self.stream, self.version, self.idx
        )
    }

    fn read(row: &QueryResult) -> Self {
        Self {
            idx: count(row, 0),
            entry: hash(row, 1),
            stream: words(row, 2),
            version: count(row, 3),
            event: Columns::read(row, 4),
        }
    }
}
