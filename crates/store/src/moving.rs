//! A store moved to another database: its rows copied while nobody writes, then compared, then checked as a whole.
//!
//! Unlike a backup that is restored it takes along who is signed in, and programs' access tokens; papers and files stay
//! where they are. What it was moved from is not changed.

use ledger::{Hash, Hasher, Suite};

use crate::backup::rows::{MOVED_TOO, TABLES, Table};
use crate::committer::version;
use crate::config::StoreConfig;
use crate::conn::{Cell, Txn, Writer};
use crate::error::StoreError;
use crate::lease;
use crate::read::{Moment, Rows as _};
use crate::schema;
use crate::sql::{Dialect, get};
use crate::store::{BUSY_WAIT, Role, Store};
use crate::verify::VerifyReport;

/// Rows that are read and written at a time.
const PAGE_ROWS: u32 = 1_000;

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Rows of all tables.
    pub rows: u64,
    /// Digest over every row of the events, the same in both databases.
    pub digest: Hash,
    /// The check of the store in its new place, which found nothing wrong.
    pub report: VerifyReport,
}

impl Store {
    /// Copies everything to the database of `target`, which must be empty, and says it is done only when both were
    /// compared row by row and the new one was verified. Whoever wants to write meanwhile waits, and is refused.
    ///
    /// `on_progress` is told rows done and rows in all, each row twice: copied, and compared.
    ///
    /// # Errors
    /// A store that is not sound or that a server works on, a target that is not empty, or either database. A target that
    /// was found empty is then empty again; any other is not touched.
    pub async fn move_to(
        &self,
        target: &StoreConfig,
        now_us: i64,
        mut on_progress: impl FnMut(u64, u64),
    ) -> Result<Moved, StoreError> {
        let report = self.verify(&[], |_, _| {}).await?;
        refuse_faults(&report, "搬移前的核验发现")?;
        let mut held = self.inner.writer.begin().await?;
        let moved = match keep_out(&mut held, now_us).await {
            Ok(()) => {
                self.moved(&mut held, target, now_us, &mut on_progress)
                    .await
            }
            Err(error) => Err(error),
        };
        // Nothing was written in it; a connection that is gone by now was not while it mattered.
        drop(held.rollback().await);
        moved
    }

    /// Copies and compares, while what the caller holds keeps everybody from writing.
    async fn moved(
        &self,
        held: &mut Txn<'_>,
        target: &StoreConfig,
        now_us: i64,
        on_progress: &mut impl FnMut(u64, u64),
    ) -> Result<Moved, StoreError> {
        let from = self.moment().await?;
        let total = 2 * count(&from).await?;
        let mut done = 0;
        let mut tell = |rows: u64| {
            done += rows;
            on_progress(done, total.max(done));
        };
        let writer = Writer::open(target, Role::Maker, None).await?;
        let filled = fill(self, &from, &writer, (target, now_us), &mut tell).await;
        let done = match filled {
            Ok(()) => {
                let compared = self.compare_moved(&from, target, &mut tell).await;
                let done = and_still(held, compared).await;
                if done.is_err() {
                    // Should this fail too, the next try says that the database is not empty.
                    drop(clear(&writer).await);
                }
                done
            }
            Err(error) => Err(error),
        };
        writer.close().await;
        let (digest, report) = done?;
        Ok(Moved {
            rows: total / 2,
            digest,
            report,
        })
    }

    /// Compares what is in the new place with what it was copied from, and verifies it.
    async fn compare_moved(
        &self,
        from: &Moment,
        target: &StoreConfig,
        tell: &mut impl FnMut(u64),
    ) -> Result<(Hash, VerifyReport), StoreError> {
        let there = Store::open(target).await?;
        let compared = async {
            let to = there.moment().await?;
            let mut events = Sum::default();
            for table in all_tables() {
                let (old, new) = (
                    sum(self, from, table, |_| {}),
                    sum(self, &to, table, &mut *tell),
                );
                let (old, new) = (old.await?, new.await?);
                if old != new {
                    return Err(StoreError::Backup(format!(
                        "搬移后 {} 与原库不同",
                        table.name
                    )));
                }
                if matches!(table.name, "event" | "event_body") {
                    events.join(&new);
                }
            }
            drop(to);
            let (old, new) = (
                self.latest_checkpoint().await?,
                there.latest_checkpoint().await?,
            );
            if old.as_ref().map(|c| c.encode()) != new.as_ref().map(|c| c.encode()) {
                return Err(StoreError::Backup("搬移后的检查点与原库不同".into()));
            }
            let report = there.verify(old.as_slice(), |_, _| {}).await?;
            refuse_faults(&report, "搬移后的核验发现")?;
            Ok((events.digest(self.suite()), report))
        };
        let compared = compared.await;
        there.close().await;
        compared
    }
}

fn refuse_faults(report: &VerifyReport, when: &str) -> Result<(), StoreError> {
    let Some(fault) = report.faults.first() else {
        return Ok(());
    };
    let more = report.fault_count - 1;
    Err(StoreError::Backup(format!(
        "{when}：{fault}（另有 {more} 处），没有搬移"
    )))
}

fn all_tables() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().chain(&MOVED_TOO)
}

async fn count(from: &Moment) -> Result<u64, StoreError> {
    let mut total = 0;
    for table in all_tables() {
        let sql = format!("SELECT COUNT(*) FROM {}", table.name);
        let rows = from.rows(&sql, vec![]).await?;
        let count: Option<i64> = rows.first().map(|row| get(row, 0)).transpose()?;
        total += version(count.unwrap_or(0))?;
    }
    Ok(total)
}

/// Keeps every other process from writing anything at all, until the transaction ends.
///
/// # Errors
/// [`StoreError::Served`] where a server works on the database, or [`StoreError::Busy`] where somebody else holds it.
async fn keep_out(held: &mut Txn<'_>, now_us: i64) -> Result<(), StoreError> {
    // A SQLite file is the writing transaction's alone.
    if held.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    refuse_served(held, now_us).await?;
    // Who vacuums a table gives way to a lock that is waited for, and would not to one that is only tried.
    let wait = BUSY_WAIT.as_millis();
    held.raw(&format!(
        "SET LOCAL lock_timeout = {wait}; SET LOCAL idle_in_transaction_session_timeout = 0; \
         LOCK TABLE {} IN SHARE MODE",
        schema::tables().join(", ")
    ))
    .await?;
    // One that began meanwhile has its lease by now, or waits for it until this is over.
    refuse_served(held, now_us).await
}

async fn refuse_served(held: &mut Txn<'_>, now_us: i64) -> Result<(), StoreError> {
    match lease::held_job(held, now_us).await? {
        Some(job) => Err(StoreError::Served(job)),
        None => Ok(()),
    }
}

/// What was done, if what is held was held until now: a connection that was lost meanwhile let others write.
async fn and_still<T>(held: &mut Txn<'_>, done: Result<T, StoreError>) -> Result<T, StoreError> {
    let done = done?;
    held.one("SELECT 1", &[]).await?;
    Ok(done)
}

/// Makes the schema in an empty database and fills it, in one transaction: what fails leaves the database as it was.
async fn fill(
    store: &Store,
    from: &Moment,
    writer: &Writer,
    (target, now_us): (&StoreConfig, i64),
    tell: &mut impl FnMut(u64),
) -> Result<(), StoreError> {
    let mut txn = writer.begin().await?;
    let filled = async {
        if !is_empty(&mut txn).await? {
            return Err(StoreError::Occupied);
        }
        if !target.allow_volatile {
            schema::require_durable(&mut txn).await?;
        }
        schema::migrate_in(&mut txn, schema::SCHEMA_VERSION, now_us).await?;
        copy(store, from, &mut txn, tell).await
    };
    match filled.await {
        Ok(()) => Ok(txn.commit().await?),
        Err(error) => {
            // The connection may be gone, which has the same effect.
            drop(txn.rollback().await);
            Err(error)
        }
    }
}

/// Writes all rows into a database that has the schema.
async fn copy(
    store: &Store,
    from: &Moment,
    txn: &mut Txn<'_>,
    tell: &mut impl FnMut(u64),
) -> Result<(), StoreError> {
    let suite = "INSERT INTO meta (key, value) VALUES ('suite', ?)";
    txn.run(suite, &[store.suite().name().into()]).await?;
    for table in all_tables() {
        let mut after = None;
        loop {
            let (sql, values) = table.page(after.as_ref(), PAGE_ROWS);
            let page = from.rows(&sql, values).await?;
            let Some(last) = page.last() else { break };
            after = Some(table.key(last)?);
            let mut fields = Vec::with_capacity(page.len() * table.columns.len());
            for row in &page {
                fields.extend(table.fields(row)?);
            }
            let cells = fields.iter().map(Cell::from).collect();
            txn.run_rows(table.name, table.columns.len(), cells, |rows| {
                table.insert(table.columns, rows)
            })
            .await?;
            tell(page.len() as u64);
        }
    }
    Ok(())
}

/// Whether a database has no table at all.
async fn is_empty(txn: &mut Txn<'_>) -> Result<bool, StoreError> {
    let listed = match txn.dialect() {
        Dialect::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'",
        Dialect::Postgres => {
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()"
        }
    };
    let row = txn.one(listed, &[]).await?;
    let tables: Option<i64> = row.map(|row| get(&row, 0)).transpose()?;
    Ok(tables == Some(0))
}

/// Takes out of a database what [`fill`] has put into it, so that the next try finds it empty.
async fn clear(writer: &Writer) -> Result<(), StoreError> {
    let mut txn = writer.begin().await?;
    if txn.dialect() == Dialect::Postgres {
        txn.raw("LOCK TABLE lease IN ACCESS EXCLUSIVE MODE").await?;
    }
    // A move takes no lease along: a server was started there meanwhile, and what it wrote is nowhere else.
    if txn.one("SELECT name FROM lease", &[]).await?.is_some() {
        return Ok(txn.rollback().await?);
    }
    for table in schema::tables() {
        txn.raw(&format!("DROP TABLE IF EXISTS {table}")).await?;
    }
    Ok(txn.commit().await?)
}

/// What the rows of a table come to, in whatever order they are read: databases sort text in ways of their own.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    lanes: [u64; 4],
}

impl Sum {
    fn add(&mut self, row: &Hash) {
        self.rows += 1;
        for (lane, part) in self.lanes.iter_mut().zip(row.0.as_chunks::<8>().0) {
            *lane = lane.wrapping_add(u64::from_be_bytes(*part));
        }
    }

    fn join(&mut self, other: &Self) {
        self.rows += other.rows;
        for (lane, part) in self.lanes.iter_mut().zip(other.lanes) {
            *lane = lane.wrapping_add(part);
        }
    }

    fn digest(&self, suite: Suite) -> Hash {
        let mut hasher: Hasher = suite.hasher();
        hasher.update(&self.rows.to_be_bytes());
        for lane in self.lanes {
            hasher.update(&lane.to_be_bytes());
        }
        hasher.finish()
    }
}

async fn sum(
    store: &Store,
    at: &Moment,
    table: &Table,
    mut tell: impl FnMut(u64),
) -> Result<Sum, StoreError> {
    let (mut sum, mut after, mut line) = (Sum::default(), None, Vec::new());
    loop {
        let (sql, values) = table.page(after.as_ref(), PAGE_ROWS);
        let page = at.rows(&sql, values).await?;
        let Some(last) = page.last() else {
            return Ok(sum);
        };
        after = Some(table.key(last)?);
        for row in &page {
            line.clear();
            table.write_line(row, &mut line)?;
            sum.add(&store.suite().hash(&[&line]));
        }
        tell(page.len() as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_filled_in_vain_is_cleared_unless_a_server_works_there() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("a.sqlite").display());
        let config = StoreConfig::new(url, dir.path(), "test.example/log");
        Store::migrate(&config, 1).await.unwrap();
        let writer = Writer::open(&config, Role::Writer, None).await.unwrap();
        let empty = async || {
            let mut txn = writer.begin().await.unwrap();
            let empty = is_empty(&mut txn).await.unwrap();
            txn.rollback().await.unwrap();
            empty
        };
        let mut txn = writer.begin().await.unwrap();
        txn.raw(
            "INSERT INTO lease (name, holder, fencing, until_at) VALUES ('sequencer', 'x', 1, 0)",
        )
        .await
        .unwrap();
        txn.commit().await.unwrap();
        clear(&writer).await.unwrap();
        assert!(!empty().await);

        let mut txn = writer.begin().await.unwrap();
        txn.raw("DELETE FROM lease").await.unwrap();
        txn.commit().await.unwrap();
        clear(&writer).await.unwrap();
        assert!(empty().await);
    }
}
