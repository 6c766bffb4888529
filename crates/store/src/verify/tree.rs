//! Stored tiles against the leaves, and a former log within the present one.

use ledger::{Frontier, Hash, TreeWriter};

use super::{FaultKind, Faults};
use crate::error::StoreError;
use crate::log::{cursor_at, tiles_at};
use crate::origin::OriginRecord;
use crate::read::Moment;
use crate::sequencer::TILES;
use crate::store::Store;

/// Builds the tree again from the leaves, as far as tiles were written.
pub(super) struct TreeCheck {
    writer: TreeWriter,
    tiled: u64,
    former: Option<(OriginRecord, Frontier)>,
}

impl TreeCheck {
    pub async fn new(store: &Store, now: &Moment) -> Result<Self, StoreError> {
        let former = match &store.origin().record {
            None => None,
            Some(bytes) => Some((OriginRecord::decode(bytes)?, Frontier::new(store.suite()))),
        };
        Ok(Self {
            writer: TreeWriter::new(store.suite()),
            tiled: cursor_at(now, TILES).await?,
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
    pub fn finish(self, faults: &mut Faults) {
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
    }
}
