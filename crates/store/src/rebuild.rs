//! Views made again from events, into shadow tables, stream by stream, then put in place in one transaction; tiles made
//! again from the log's leaves.

use std::collections::BTreeMap;

use casework::record::StreamKind;
use casework::rows::StreamRows;
use ledger::{Hash, Tile, TreeWriter};

use crate::committer::{digest, version};
use crate::conn::{Cell, Txn};
use crate::error::StoreError;
use crate::log;
use crate::read::{Head, Moment, Rows, Scope, Stored};
use crate::schema;
use crate::sequencer::{TILES, put_tiles};
use crate::sql::get;
use crate::store::Store;
use crate::views::{Place, VIEWS, all_cells};
use crate::write_views::RENEW_BODY_TREE;

/// Streams that are read and written at a time.
const STREAMS_PER_STEP: u32 = 200;
/// Leaves that are read at a time.
const LEAVES_PER_STEP: u64 = 4_000;

/// What a rebuild did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rebuilt {
    /// Streams projected.
    pub streams: u64,
    /// Live rows that were not as they should be, and are gone.
    pub rows_removed: u64,
    /// Rows that were missing or other, and are there now.
    pub rows_added: u64,
}

impl Rebuilt {
    /// Whether the live views were equal to the rebuilt ones.
    pub fn was_equal(&self) -> bool {
        self.rows_removed == 0 && self.rows_added == 0
    }
}

impl Store {
    /// Makes all views again with `project`, which gives the rows of a stream from its events; writers may go on.
    ///
    /// `on_progress` is told streams done and streams in all. The live views change in one transaction at the end.
    pub async fn rebuild(
        &self,
        project: impl Fn(StreamKind, &[Stored]) -> Result<StreamRows, String>,
        mut on_progress: impl FnMut(u64, u64),
    ) -> Result<Rebuilt, StoreError> {
        let mut txn = self.inner.writer.begin().await?;
        drop_shadows(&mut txn).await?;
        make_shadows(&mut txn).await?;
        txn.commit().await?;
        let total = self.count("stream").await?;
        let (mut after, mut done) = (String::new(), 0);
        loop {
            let heads = self
                .heads(&Scope::system(), None, &after, STREAMS_PER_STEP)
                .await?;
            let Some(last) = heads.last() else { break };
            after.clone_from(&last.stream);
            let projected = self.project_all(&heads, &project).await?;
            let mut txn = self.inner.writer.begin().await?;
            write_shadows(&mut txn, &projected).await?;
            txn.commit().await?;
            done += heads.len() as u64;
            on_progress(done, total.max(done));
        }
        let rebuilt = self.put_in_place(&project).await?;
        self.inner.cache.clear();
        Ok(Rebuilt {
            streams: done,
            ..rebuilt
        })
    }

    async fn project_all(
        &self,
        heads: &[Head],
        project: &impl Fn(StreamKind, &[Stored]) -> Result<StreamRows, String>,
    ) -> Result<Vec<Projected>, StoreError> {
        let mut projected = Vec::with_capacity(heads.len());
        for head in heads {
            let events = self.load(&Scope::system(), &head.stream, 0).await?;
            let version = events.last().map_or(0, |event| event.header.version);
            let rows = project(head.kind, &events).map_err(|why| {
                StoreError::Damaged(format!("记录流“{}”不能重建：{why}", head.stream))
            })?;
            projected.push(Projected {
                stream: head.stream.clone(),
                body_id: head.body_id.clone(),
                version,
                rows,
            });
        }
        Ok(projected)
    }

    /// Catches up with streams that were written meanwhile, then makes the live views equal to the shadows.
    async fn put_in_place(
        &self,
        project: &impl Fn(StreamKind, &[Stored]) -> Result<StreamRows, String>,
    ) -> Result<Rebuilt, StoreError> {
        let mut txn = self.inner.writer.begin().await?;
        if txn.dialect() == crate::sql::Dialect::Postgres {
            // Other processes' committers wait here as this process's does for the writer.
            txn.raw("LOCK TABLE stream IN SHARE MODE").await?;
        }
        let behind = "SELECT stream.stream_id FROM stream LEFT JOIN shadow_stream h ON h.stream_id = stream.stream_id \
                      WHERE h.version IS NULL OR h.version <> stream.version ORDER BY stream.stream_id";
        for row in txn.all(behind, &[]).await? {
            let stream: String = get(&row, 0)?;
            // The readers see what is committed, and nothing is being committed now.
            let head = self.head(&Scope::system(), &stream).await?;
            let projected = self.project_all(head.as_slice(), project).await?;
            for view in &VIEWS {
                let sql = format!("DELETE FROM shadow_{} WHERE stream_id = ?", view.table);
                txn.run(&sql, &[stream.as_str().into()]).await?;
            }
            txn.run(
                "DELETE FROM shadow_stream WHERE stream_id = ?",
                &[stream.as_str().into()],
            )
            .await?;
            write_shadows(&mut txn, &projected).await?;
        }
        let mut rebuilt = Rebuilt::default();
        for view in &VIEWS {
            let (table, columns) = (view.table, view.columns.join(","));
            let key = view.columns[..view.key].join(",");
            rebuilt.rows_removed += txn
                .run(
                    &format!(
                        "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM \
                         (SELECT {columns} FROM {table} EXCEPT SELECT {columns} FROM shadow_{table}) AS other)"
                    ),
                    &[],
                )
                .await?;
            let missing = format!(
                "SELECT {columns} FROM shadow_{table} EXCEPT SELECT {columns} FROM {table}"
            );
            rebuilt.rows_added += txn
                .run(&format!("INSERT INTO {table} ({columns}) {missing}"), &[])
                .await?;
        }
        txn.raw(RENEW_BODY_TREE).await?;
        drop_shadows(&mut txn).await?;
        txn.commit().await?;
        Ok(rebuilt)
    }

    /// Makes the log's damaged tiles again from its leaves; tells how many were damaged.
    ///
    /// Refuses and leaves every tile as it is where the leaves do not give the root of a signed checkpoint: then they
    /// were changed themselves, and the tiles may be what shows it.
    pub async fn rebuild_tiles(
        &self,
        mut on_progress: impl FnMut(u64, u64),
    ) -> Result<u64, StoreError> {
        let at = self.moment().await?;
        let size = log::cursor_at(&at, TILES).await?;
        let mut roots = self.signed_roots(&at).await?;
        let mut tree = TreeWriter::new(self.suite());
        let mut damaged: BTreeMap<(i64, u64), (Tile, Vec<u8>)> = BTreeMap::new();
        while tree.size() < size {
            for entry in entries(&at, tree.size(), size).await? {
                tree.push(&entry);
                if roots
                    .remove(&tree.size())
                    .is_some_and(|root| root != tree.root())
                {
                    return Err(StoreError::Damaged(format!(
                        "日志各条与大小为 {} 的已签署检查点不符，日志分块没有改动",
                        tree.size()
                    )));
                }
            }
            let made = tree.take_tiles();
            let stored = log::tiles_at(&at, made.iter().map(|(tile, _)| *tile)).await?;
            for (tile, bytes) in made {
                let place = (log::tile_level(&tile), tile.index);
                // What is stored may be a later, wider state of the same tile; so may what is put in its place.
                let sound = stored
                    .get(&tile)
                    .is_some_and(|data| data.starts_with(&bytes));
                if !sound || damaged.contains_key(&place) {
                    damaged.insert(place, (tile, bytes));
                }
            }
            on_progress(tree.size(), size);
        }
        drop(at);
        let damaged: Vec<_> = damaged.into_values().collect();
        if !damaged.is_empty() {
            self.put_damaged(&damaged, size).await?;
        }
        Ok(damaged.len() as u64)
    }

    /// The roots that checkpoints of this log were signed over, by size.
    async fn signed_roots(&self, at: &Moment) -> Result<BTreeMap<u64, Hash>, StoreError> {
        let sql = "SELECT size, root FROM checkpoint WHERE origin_no = ?";
        let rows = at.rows(sql, vec![self.origin().number.into()]).await?;
        rows.iter()
            .map(|row| Ok((version(get(row, 0)?)?, digest(get(row, 1)?)?)))
            .collect()
    }

    async fn put_damaged(&self, tiles: &[(Tile, Vec<u8>)], size: u64) -> Result<(), StoreError> {
        let mut txn = self.inner.writer.begin().await?;
        // Whoever sequences holds the old tiles' edge in memory; without the lease it must read anew.
        txn.raw("UPDATE lease SET fencing = fencing + 1, until_at = 0 WHERE name = 'sequencer'")
            .await?;
        let row = txn
            .one("SELECT idx FROM cursor WHERE name = ?", &[TILES.into()])
            .await?;
        let now = row.map_or(Ok(0), |row| version(get(&row, 0)?))?;
        if now != size {
            txn.rollback().await?;
            return Err(StoreError::Grown);
        }
        put_tiles(&mut txn, tiles).await?;
        Ok(txn.commit().await?)
    }
}

/// Leaves from an index on, a page of them, which must be there up to `size`.
async fn entries(at: &Moment, from: u64, size: u64) -> Result<Vec<Hash>, StoreError> {
    let sql = "SELECT idx, entry FROM leaf WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?";
    let values = vec![
        log::number(from),
        log::number(size),
        log::number(LEAVES_PER_STEP),
    ];
    let rows = at.rows(sql, values).await?;
    let mut entries = Vec::with_capacity(rows.len());
    for (row, wanted) in rows.iter().zip(from..) {
        if version(get(row, 0)?)? != wanted {
            return Err(StoreError::damaged(format!("日志缺少第 {wanted} 条")));
        }
        entries.push(digest(get(row, 1)?)?);
    }
    if entries.is_empty() {
        return Err(StoreError::damaged(format!("日志缺少第 {from} 条")));
    }
    Ok(entries)
}

/// One stream's rows as the projection made them.
struct Projected {
    stream: String,
    body_id: String,
    version: u64,
    rows: StreamRows,
}

async fn make_shadows(txn: &mut Txn<'_>) -> Result<(), StoreError> {
    let dialect = txn.dialect();
    for view in &VIEWS {
        let sql = schema::create_table_as(dialect, view.table, &format!("shadow_{}", view.table));
        let sql =
            sql.ok_or_else(|| StoreError::damaged(format!("没有视图 {} 的结构", view.table)))?;
        txn.raw(&sql).await?;
    }
    txn.raw(
        "CREATE TABLE shadow_stream (stream_id TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)",
    )
    .await?;
    Ok(())
}

async fn drop_shadows(txn: &mut Txn<'_>) -> Result<(), StoreError> {
    for view in &VIEWS {
        txn.raw(&format!("DROP TABLE IF EXISTS shadow_{}", view.table))
            .await?;
    }
    txn.raw("DROP TABLE IF EXISTS shadow_stream").await?;
    Ok(())
}

async fn write_shadows(txn: &mut Txn<'_>, projected: &[Projected]) -> Result<(), StoreError> {
    for (at, view) in VIEWS.iter().enumerate() {
        let mut cells = Vec::new();
        for p in projected {
            let place = Place {
                stream: &p.stream,
                body_id: &p.body_id,
            };
            all_cells(&p.rows, at, &place, &mut cells);
        }
        let shadow = format!("shadow_{}", view.table);
        txn.run_rows(view.names.shadow, view.columns.len(), cells, |rows| {
            view.upsert(&shadow, rows)
        })
        .await?;
    }
    let cells: Vec<Cell<'_>> = projected
        .iter()
        .flat_map(|p| [p.stream.as_str().into(), p.version.into()])
        .collect();
    let sql = |rows: &str| format!("INSERT INTO shadow_stream (stream_id, version) {rows}");
    txn.run_rows("shadow_stream", 2, cells, sql).await?;
    Ok(())
}
