//! Stored tiles against the leaves, and a former log within the present one.

use std::collections::BTreeMap;

use ledger::{Frontier, Hash, TreeWriter};

use super::reading::{count, number};
use super::{FaultKind, Faults};
use crate::error::StoreError;
use crate::log::{tile_level, tiles_at};
use crate::origin::OriginRecord;
use crate::read::{Moment, Rows};
use crate::sequencer::TILES;
use crate::store::Store;

/// Builds the tree again from the leaves, as far as tiles were written.
pub(super) struct TreeCheck {
    writer: TreeWriter,
    tiled: u64,
    /// Width in bytes of each tile made so far, by level and index.
    widths: BTreeMap<(i64, u64), usize>,
    former: Option<(OriginRecord, Frontier)>,
}

impl TreeCheck {
    pub async fn new(
        store: &Store,
        now: &Moment,
        signed: u64,
        faults: &mut Faults,
    ) -> Result<Self, StoreError> {
        let rows = now
            .rows("SELECT idx FROM cursor WHERE name = ?", vec![TILES.into()])
            .await?;
        let tiled = rows.first().map_or(0, |row| count(row, 0));
        if tiled < signed {
            // Tiles are written before a checkpoint is signed over them.
            let detail = format!("只写到第 {tiled} 条，检查点已签署到第 {signed} 条");
            faults.add(FaultKind::Cursor, "日志分块的位置", detail);
        }
        let former = match &store.origin().record {
            None => None,
            Some(bytes) => Some((OriginRecord::decode(bytes)?, Frontier::new(store.suite()))),
        };
        Ok(Self {
            writer: TreeWriter::new(store.suite()),
            tiled: tiled.max(signed),
            widths: BTreeMap::new(),
            former,
        })
    }

    /// Takes the next leaf.
    pub fn push(&mut self, idx: u64, entry: &Hash, faults: &mut Faults) {
        if self.writer.size() < self.tiled {
            self.writer.push(entry);
        }
        // The first leaf names the former log; those after it are the former log's, in its order.
        if let Some((record, frontier)) = &mut self.former
            && idx > 0
            && frontier.size() < record.old_size
        {
            frontier.push(frontier.suite().leaf(entry));
            if frontier.size() == record.old_size && frontier.root() != record.old_root {
                let place = format!("原日志“{}”", record.old_origin);
                faults.add(
                    FaultKind::Checkpoint,
                    place,
                    "其记录在本日志中的根摘要与更名时所载不符",
                );
            }
        }
    }

    /// Compares the tiles that the leaves taken so far have made.
    pub async fn compare(&mut self, now: &Moment, faults: &mut Faults) -> Result<(), StoreError> {
        let made = self.writer.take_tiles();
        let stored = tiles_at(now, made.iter().map(|(tile, _)| *tile)).await?;
        for (tile, bytes) in &made {
            let place = format!("日志分块 {tile}");
            self.widths
                .insert((tile_level(tile), tile.index), bytes.len());
            match stored.get(tile) {
                None => faults.add(
                    FaultKind::Tile,
                    place,
                    "缺失；请运行 zhiheng rebuild 由记录重建",
                ),
                // What is stored may be a later, wider state of the same tile.
                Some(data) if !data.starts_with(bytes) => {
                    faults.add(
                        FaultKind::Tile,
                        place,
                        "与日志各条不符；请运行 zhiheng rebuild 由记录重建",
                    );
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Ends with what should have been met.
    pub async fn finish(self, now: &Moment, faults: &mut Faults) -> Result<(), StoreError> {
        let rows = now
            .rows(
                "SELECT level, idx, length(data) FROM tile ORDER BY level, idx",
                vec![],
            )
            .await?;
        for row in &rows {
            let (level, index) = (number(row, 0), count(row, 1));
            let width = self.widths.get(&(level, index));
            if width.map(|width| *width as u64) != Some(width_of(row)) {
                let place = format!("日志分块（第 {level} 层第 {index} 块）");
                let detail =
                    "比日志各条多出内容，或者没有这样的分块；请运行 zhiheng rebuild 由记录重建";
                faults.add(FaultKind::Tile, place, detail);
            }
        }
        if self.writer.size() < self.tiled {
            let detail = format!(
                "已写到第 {} 条，日志只有 {} 条",
                self.tiled,
                self.writer.size()
            );
            faults.add(FaultKind::Leaf, "日志", detail);
        }
        if let Some((record, frontier)) = self.former
            && frontier.size() < record.old_size
        {
            let place = format!("原日志“{}”", record.old_origin);
            let detail = format!(
                "更名时有 {} 条，现只有 {} 条",
                record.old_size,
                frontier.size()
            );
            faults.add(FaultKind::Checkpoint, place, detail);
        }
        Ok(())
    }
}

/// The length that a query for tiles tells.
fn width_of(row: &sea_orm::QueryResult) -> u64 {
    match number(row, 2) {
        // PostgreSQL's `length` is a narrower number.
        i64::MIN => {
            crate::sql::get::<i32>(row, 2).map_or(u64::MAX, |width| width.unsigned_abs().into())
        }
        width => u64::try_from(width).unwrap_or(u64::MAX),
    }
}
