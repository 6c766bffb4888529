//! The job that gives events their one order: queue → leaf → tiles → signed checkpoint.
//!
//! Each of its steps is a transaction that begins where the last one ended, so a crash between any two is made
//! good by the next run of the same code. A lease lets one process at a time do it; every transaction first
//! updates the lease's row under its fencing number, so a process that lost it unawares writes nothing.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ledger::{Checkpoint, Hash, Tile, TreeWriter};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::committer::{digest, version};
use crate::conn::{Cell, Txn, apart};
use crate::error::StoreError;
use crate::gate::WritePoint;
use crate::lease::Lease;
use crate::log;
use crate::log::{cursor_at, tiles_at};
use crate::sql::{SqlError, get};
use crate::store::{CLOCK_STREAM, Store};

const JOB: &str = "sequencer";
/// Events that one transaction moves: few enough that writers hardly wait for it.
const MOVED_MAX: i64 = 1_000;
/// Name of the cursor that tells how many leaves are in tiles.
pub(crate) const TILES: &str = "tiles";

/// What one run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sequenced {
    /// Events that were given an index.
    pub moved: u64,
    /// Size of the log now.
    pub size: u64,
    /// Whether a checkpoint was signed.
    pub signed: bool,
    /// Whether another process holds the lease, so that nothing was done.
    pub elsewhere: bool,
}

/// Entries that were given their places in the log one after another.
#[derive(Default)]
struct Leaves {
    /// Index of the first.
    first: u64,
    entries: Vec<Hash>,
}

/// The sequencing job of one process.
pub struct Sequencer {
    store: Store,
    lease: Lease,
    /// The tree's right edge as it is in the tiles; read anew after any error.
    tree: Option<TreeWriter>,
    /// Whether the time of the last signature is to be looked up anew, since a word on the clock may have come in.
    stale: bool,
}

impl Sequencer {
    /// The job over a store; it holds no lease yet.
    pub fn new(store: Store) -> Self {
        Self {
            lease: Lease::new(store.clone(), JOB),
            store,
            tree: None,
            stale: true,
        }
    }

    /// Moves everything that waits into the log, writes its tiles and signs a checkpoint if it grew.
    ///
    /// `now_us` dates the lease and the stored checkpoint; it is the wall clock, not a simulated one.
    pub async fn run_once(&mut self, now_us: i64) -> Result<Sequenced, StoreError> {
        let done = self.run(now_us).await;
        done.map_err(|error| {
            self.tree = None;
            self.stale = true;
            self.lease.forget();
            self.store.trouble_slot().of(error)
        })
    }

    async fn run(&mut self, now_us: i64) -> Result<Sequenced, StoreError> {
        if !self.lease.take(now_us).await? {
            // What the other has written by the time that the lease comes back is not in this tree.
            self.tree = None;
            self.store.refresh_signed_at().await?;
            return Ok(Sequenced {
                elsewhere: true,
                ..Sequenced::default()
            });
        }
        if self.stale {
            self.store.refresh_signed_at().await?;
            self.stale = false;
        }
        let mut done = Sequenced::default();
        loop {
            self.hold(WritePoint::Before).await?;
            let moved = self.move_queue(now_us).await?;
            done.moved += moved.entries.len() as u64;
            self.hold(WritePoint::Before).await?;
            done.size = self.grow(&moved, now_us).await?;
            if moved.entries.is_empty() {
                break;
            }
        }
        self.hold(WritePoint::Before).await?;
        done.signed = self.sign(now_us).await?;
        self.hold(WritePoint::After).await?;
        Ok(done)
    }

    async fn hold(&self, at: WritePoint) -> Result<(), StoreError> {
        match self.store.fails(Some("sequencer"), at).await {
            true => Err(StoreError::Away),
            false => Ok(()),
        }
    }

    /// Gives the lease back, so that another process need not wait for it to run out.
    pub async fn release(&mut self) -> Result<(), StoreError> {
        self.lease.release().await
    }

    /// Moves some of the queue into `leaf`, ordered by time of recording, stream and version.
    async fn move_queue(&mut self, now_us: i64) -> Result<Leaves, StoreError> {
        let mut txn = self.lease.begin(now_us).await?;
        let cut = "SELECT recorded_at FROM unsequenced ORDER BY recorded_at LIMIT 1 OFFSET ?";
        let cut = txn.one(cut, &[MOVED_MAX.into()]).await?;
        let cut: i64 = cut.map(|row| get(&row, 0)).transpose()?.unwrap_or(i64::MAX);
        // One statement: what commits between a reading and a deleting one would be deleted unread. The cut is by
        // time alone, and a stream's times never fall, so an event never overtakes the one before it.
        let take = "DELETE FROM unsequenced WHERE recorded_at <= ? RETURNING recorded_at, stream_id, version, entry";
        let rows = txn.all(take, &[cut.into()]).await?;
        let mut taken = Vec::with_capacity(rows.len());
        for row in &rows {
            let key: (i64, String, i64) = (get(row, 0)?, get(row, 1)?, get(row, 2)?);
            taken.push((key, get::<Vec<u8>>(row, 3)?));
        }
        if taken.is_empty() {
            txn.rollback().await?;
            return Ok(Leaves::default());
        }
        taken.sort_unstable();
        let size = log::size_in(&mut txn).await?;
        let mut cells: Vec<Cell<'_>> = Vec::with_capacity(taken.len() * 4);
        for (idx, ((_, stream, version), entry)) in (size..).zip(&taken) {
            cells.extend([
                idx.into(),
                stream.as_str().into(),
                (*version).into(),
                entry.as_slice().into(),
            ]);
        }
        let insert =
            |rows: &str| format!("INSERT INTO leaf (idx, stream_id, version, entry) {rows}");
        txn.run_rows("leaf", 4, cells, insert).await?;
        txn.commit().await?;
        self.stale |= taken
            .iter()
            .any(|((_, stream, _), _)| stream == CLOCK_STREAM);
        let entries = taken.into_iter().map(|(_, entry)| digest(entry));
        Ok(Leaves {
            first: size,
            entries: entries.collect::<Result<_, _>>()?,
        })
    }

    /// Writes the tiles of leaves that are in none yet, of which those just moved need no reading; tells the log's size.
    async fn grow(&mut self, moved: &Leaves, now_us: i64) -> Result<u64, StoreError> {
        let mut tree = match self.tree.take() {
            Some(tree) => tree,
            None => open_tree(&self.store).await?,
        };
        // Hashed before the transaction begins, since every writer waits for its end.
        let mut grown = tree.size() == moved.first && !moved.entries.is_empty();
        if grown {
            for entry in &moved.entries {
                tree.push(entry);
            }
        }
        loop {
            let mut txn = self.lease.begin(now_us).await?;
            let sql = "SELECT idx, entry FROM leaf WHERE idx >= ? ORDER BY idx LIMIT ?";
            let rows = txn
                .all(sql, &[tree.size().into(), (4 * MOVED_MAX).into()])
                .await?;
            if rows.is_empty() && !grown {
                txn.rollback().await?;
                break;
            }
            grown = false;
            for row in &rows {
                let (idx, entry) = (version(get(row, 0)?)?, digest(get(row, 1)?)?);
                if tree.push(&entry) != idx {
                    return Err(StoreError::damaged(format!(
                        "日志缺少第 {} 条",
                        tree.size() - 1
                    )));
                }
            }
            put_tiles(&mut txn, &tree.take_tiles()).await?;
            let note = "INSERT INTO cursor (name, idx) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET idx = excluded.idx";
            txn.run(note, &[TILES.into(), tree.size().into()]).await?;
            txn.commit().await?;
        }
        let size = tree.size();
        self.tree = Some(tree);
        Ok(size)
    }

    /// Signs the present size, unless that was done or there is nothing to sign.
    async fn sign(&mut self, now_us: i64) -> Result<bool, StoreError> {
        let Some(tree) = &self.tree else {
            return Ok(false);
        };
        let (size, root) = (tree.size(), tree.root());
        let inner = &self.store.inner;
        let mut txn = self.lease.begin(now_us).await?;
        let known = "SELECT root FROM checkpoint WHERE origin_no = ? AND size = ?";
        let known = txn
            .one(known, &[inner.origin.number.into(), size.into()])
            .await?;
        if let Some(row) = &known
            && digest(get(row, 0)?)? != root
        {
            return Err(StoreError::damaged(format!(
                "大小 {size} 的检查点已签署，根摘要与现有日志不同"
            )));
        }
        if known.is_some() || size == 0 {
            txn.rollback().await?;
            return Ok(false);
        }
        let key = inner.key.signing()?;
        let signed = Checkpoint::new(&inner.origin.name, size, root).and_then(|c| c.sign(key));
        let note = signed.map_err(|e| StoreError::Key(e.to_string()))?.encode();
        let sql = "INSERT INTO checkpoint (origin_no, size, root, note, created_at) VALUES (?, ?, ?, ?, ?)";
        let cells: [Cell<'_>; 5] = [
            inner.origin.number.into(),
            size.into(),
            root.0.as_slice().into(),
            note.as_str().into(),
            now_us.into(),
        ];
        txn.run(sql, &cells).await?;
        txn.commit().await?;
        inner.signed_at.fetch_max(now_us, Ordering::Relaxed);
        Ok(true)
    }
}

/// Takes up the tree where the tiles end; the root is that of the checkpoint of this size, where there is one.
async fn open_tree(store: &Store) -> Result<TreeWriter, StoreError> {
    let suite = store.suite();
    let size = cursor_at(store, TILES).await?;
    if size == 0 {
        return Ok(TreeWriter::new(suite));
    }
    let tiles: BTreeMap<Tile, Vec<u8>> = tiles_at(store, TreeWriter::tiles_to_open(size)).await?;
    let root = match store.checkpoint_at(size).await? {
        Some(checkpoint) => checkpoint.unverified().root(),
        // A crash came between tiles and checkpoint: nothing signed speaks for these tiles.
        None => ledger::Prover::new(suite, size, &tiles)
            .root()
            .map_err(StoreError::damaged)?,
    };
    TreeWriter::open(suite, size, &root, &tiles).map_err(StoreError::damaged)
}

/// Writes tiles, over narrower ones of the same place.
pub(crate) async fn put_tiles(
    txn: &mut Txn<'_>,
    tiles: &[(Tile, Vec<u8>)],
) -> Result<(), SqlError> {
    // A tile that filled is given out once as full; partial ones are the last of their kind.
    let mut cells: Vec<Cell<'_>> = Vec::with_capacity(tiles.len() * 3);
    for (tile, data) in tiles {
        cells.extend([
            log::tile_level(tile).into(),
            tile.index.into(),
            data.as_slice().into(),
        ]);
    }
    let sql = |rows: &str| {
        format!(
            "INSERT INTO tile (level, idx, data) {rows} ON CONFLICT (level, idx) DO UPDATE SET data = excluded.data"
        )
    };
    txn.run_rows("tile", 3, cells, sql).await
}

/// A sequencer that runs by itself; it ends when stopped or dropped.
pub struct SequencerHandle {
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl SequencerHandle {
    /// Runs once more for what still waits, and ends.
    pub async fn stop(mut self) {
        // The task listens until it ends, and it ends only by this word.
        let _ = self.stop.send(true);
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }
}

impl Drop for SequencerHandle {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// Runs a sequencer once every `pause` (a second, in production); `clock` gives the wall clock in microseconds.
///
/// An error is told to `on_error` and the next run tries again.
pub fn spawn_sequencer(
    store: Store,
    pause: Duration,
    clock: impl Fn() -> i64 + Send + 'static,
    on_error: impl Fn(&StoreError) + Send + 'static,
) -> SequencerHandle {
    let (stop, mut stopped) = watch::channel(false);
    let task = tokio::spawn(async move {
        let mut sequencer = Sequencer::new(store.clone());
        loop {
            let last = *stopped.borrow();
            let now_us = clock();
            store.probe().await;
            let run = apart(async move {
                let done = sequencer.run_once(now_us).await;
                (sequencer, done)
            });
            match run.await {
                Ok((back, done)) => {
                    sequencer = back;
                    if let Err(error) = done {
                        on_error(&error);
                    }
                }
                // The run broke off in the middle. The next begins where the database stands.
                Err(error) => {
                    on_error(&error.into());
                    sequencer = Sequencer::new(store.clone());
                }
            }
            if last {
                if let Err(error) = sequencer.release().await {
                    on_error(&error);
                }
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                changed = stopped.changed() => if changed.is_err() { return },
            }
        }
    });
    SequencerHandle {
        stop,
        task: Some(task),
    }
}
