//! Reading the log: checkpoints, tiles, proofs, bundles, and events in the log's order for those who follow it.

use std::collections::{BTreeMap, BTreeSet};

use ledger::prover::{tiles_for_consistency, tiles_for_inclusion};
use ledger::tile::TileKind;
use ledger::{Bundle, Hash, Prover, SignedCheckpoint, Tile, TlogProof, VerifyingKey};
use sea_orm::{QueryResult, Value};

use crate::committer::{digest, version};
use crate::conn::Txn;
use crate::error::StoreError;
use crate::read::{Rows, Scope, Stored};
use crate::sql::get;
use crate::store::Store;

/// Events that one page of the log has at most.
const PAGE_EVENTS_MAX: u32 = 2_000;

/// An event at its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Index of its leaf.
    pub idx: u64,
    /// The event.
    pub event: Stored,
}

impl Store {
    /// The public key of the log.
    pub fn verifying_key(&self) -> &VerifyingKey {
        self.inner.key.public()
    }

    /// The newest checkpoint of the present origin.
    pub async fn latest_checkpoint(&self) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT note FROM checkpoint WHERE origin_no = ? ORDER BY size DESC LIMIT 1";
        self.checkpoint_row(sql, vec![self.origin().number.into()])
            .await
    }

    /// The checkpoint of that size.
    pub async fn checkpoint_at(&self, size: u64) -> Result<Option<SignedCheckpoint>, StoreError> {
        let sql = "SELECT note FROM checkpoint WHERE origin_no = ? AND size = ?";
        self.checkpoint_row(sql, vec![self.origin().number.into(), number(size)])
            .await
    }

    async fn checkpoint_row(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Option<SignedCheckpoint>, StoreError> {
        let rows = self.rows(sql, values).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let note: String = get(row, 0)?;
        SignedCheckpoint::parse(note.as_bytes())
            .map(Some)
            .map_err(StoreError::damaged)
    }

    /// Number of leaves, signed or not.
    pub async fn log_size(&self) -> Result<u64, StoreError> {
        size_at(self).await
    }

    /// Number of events that wait for their place in the log.
    pub async fn unsequenced(&self) -> Result<u64, StoreError> {
        let rows = self
            .rows("SELECT COUNT(*) FROM unsequenced", vec![])
            .await?;
        Ok(rows.first().map_or(Ok(0), |row| version(get(row, 0)?))?)
    }

    /// Index and entry of an event in the log; an event recorded a moment ago may not be there yet.
    pub async fn leaf(&self, stream: &str, event_version: u64) -> Result<(u64, Hash), StoreError> {
        let sql = "SELECT idx, entry FROM leaf WHERE stream_id = ? AND version = ?";
        let rows = self
            .rows(sql, vec![stream.into(), number(event_version)])
            .await?;
        let row = rows.first().ok_or(StoreError::NotLogged {
            version: event_version,
        })?;
        Ok((version(get(row, 0)?)?, digest(get(row, 1)?)?))
    }

    /// Proves that an event is in the log of the newest checkpoint.
    pub async fn prove(&self, stream: &str, event_version: u64) -> Result<TlogProof, StoreError> {
        let (index, _) = self.leaf(stream, event_version).await?;
        let checkpoint = self.latest_checkpoint().await?;
        let checkpoint = checkpoint
            .filter(|checkpoint| checkpoint.unverified().size() > index)
            .ok_or(StoreError::NotLogged {
                version: event_version,
            })?;
        let size = checkpoint.unverified().size();
        let wanted = tiles_for_inclusion(index, size).map_err(StoreError::damaged)?;
        let tiles = tiles_at(self, wanted).await?;
        let hashes = Prover::new(self.suite(), size, &tiles)
            .inclusion(index)
            .map_err(StoreError::damaged)?;
        Ok(TlogProof {
            suite: self.suite(),
            extra: None,
            index,
            hashes,
            checkpoint,
        })
    }

    /// Proves that the log of `size` only adds to that of `old_size`.
    pub async fn prove_consistency(
        &self,
        old_size: u64,
        size: u64,
    ) -> Result<Vec<Hash>, StoreError> {
        let wrong = |_| StoreError::NotFound {
            what: "检查点",
            id: format!("{old_size}–{size}"),
        };
        let wanted = tiles_for_consistency(old_size, size).map_err(wrong)?;
        let tiles = tiles_at(self, wanted).await?;
        Prover::new(self.suite(), size, &tiles)
            .consistency(old_size)
            .map_err(StoreError::damaged)
    }

    /// The bundle of a publication event: what a citizen needs to check the published copy offline.
    pub async fn bundle(&self, stream: &str, event_version: u64) -> Result<Bundle, StoreError> {
        let missing = || StoreError::NotFound {
            what: "公示事件",
            id: format!("{stream}/{event_version}"),
        };
        let events = self
            .load(&Scope::system(), stream, event_version.saturating_sub(1))
            .await?;
        let event = events
            .into_iter()
            .next()
            .filter(|e| e.header.version == event_version)
            .ok_or_else(missing)?;
        let salt: [u8; 32] = event
            .salt
            .and_then(|salt| salt.try_into().ok())
            .ok_or_else(missing)?;
        let body = event.body.ok_or_else(missing)?;
        let proof = self.prove(stream, event_version).await?;
        let made = Bundle::new(
            &event.header_bytes,
            &salt,
            &body,
            &proof,
            self.verifying_key(),
        );
        made.map_err(StoreError::damaged)
    }

    /// The bytes of one tile as wide as asked, for publishing it; none where the log does not reach.
    pub async fn tile(&self, tile: &Tile) -> Result<Option<Vec<u8>>, StoreError> {
        let tiles = tiles_at(self, [*tile]).await?;
        Ok(tiles
            .into_values()
            .next()
            .filter(|data| data.len() >= tile.byte_len())
            .map(|mut data| {
                data.truncate(tile.byte_len());
                data
            }))
    }

    /// Events from an index on, in the log's order, for search, the portal and other followers.
    pub async fn log_after(&self, from_idx: u64, count: u32) -> Result<Vec<Logged>, StoreError> {
        let sql = format!(
            "SELECT l.idx, e.header, b.salt, b.body FROM leaf l \
             JOIN event e ON e.stream_id = l.stream_id AND e.version = l.version \
             LEFT JOIN event_body b ON b.stream_id = e.stream_id AND b.version = e.version \
             WHERE l.idx >= ? ORDER BY l.idx LIMIT {}",
            count.min(PAGE_EVENTS_MAX)
        );
        let rows = self.rows(&sql, vec![number(from_idx)]).await?;
        let logged = |row: &QueryResult| {
            Ok(Logged {
                idx: version(get(row, 0)?)?,
                event: Stored::read(row, 1, self.suite())?,
            })
        };
        rows.iter().map(logged).collect()
    }

    /// How far a follower has come: the index that it reads next.
    pub async fn cursor(&self, follower: &str) -> Result<u64, StoreError> {
        cursor_at(self, &format!("follower:{follower}")).await
    }

    /// Sets how far a follower has come.
    pub async fn set_cursor(&self, follower: &str, idx: u64) -> Result<(), StoreError> {
        let name = format!("follower:{follower}");
        let sql = "INSERT INTO cursor (name, idx) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET idx = excluded.idx";
        self.inner
            .writer
            .run(sql, &[name.into(), idx.into()])
            .await?;
        Ok(())
    }

    /// The names that this log has had, the present one last, each with the record that is its first leaf.
    pub async fn origins(&self) -> Result<Vec<(String, Option<Vec<u8>>)>, StoreError> {
        let rows = self
            .rows("SELECT name, record FROM origin ORDER BY origin_no", vec![])
            .await?;
        Ok(rows
            .iter()
            .map(|row| Ok((get(row, 0)?, get(row, 1)?)))
            .collect::<Result<_, sea_orm::DbErr>>()?)
    }

    pub(crate) async fn count(&self, table: &str) -> Result<u64, StoreError> {
        let rows = self
            .rows(&format!("SELECT COUNT(*) FROM {table}"), vec![])
            .await?;
        Ok(rows.first().map_or(Ok(0), |row| version(get(row, 0)?))?)
    }
}

/// Number of events in the log.
pub(crate) async fn size_at(db: &impl Rows) -> Result<u64, StoreError> {
    let rows = db.rows("SELECT MAX(idx) FROM leaf", vec![]).await?;
    let last: Option<i64> = rows.first().map(|row| get(row, 0)).transpose()?.flatten();
    Ok(last.map_or(Ok(0), |last| version(last + 1))?)
}

/// The stored tiles among those asked for, each as wide as it is stored.
pub(crate) async fn tiles_at(
    db: &impl Rows,
    tiles: impl IntoIterator<Item = Tile>,
) -> Result<BTreeMap<Tile, Vec<u8>>, StoreError> {
    let wanted: BTreeSet<Tile> = tiles.into_iter().collect();
    let mut found = BTreeMap::new();
    for tile in wanted {
        let sql = "SELECT data FROM tile WHERE level = ? AND idx = ?";
        let key = vec![tile_level(&tile).into(), number(tile.index)];
        if let Some(row) = db.rows(sql, key).await?.first() {
            found.insert(tile, get(row, 0)?);
        }
    }
    Ok(found)
}

/// The index that a reader of the log reads next.
pub(crate) async fn cursor_at(db: &impl Rows, name: &str) -> Result<u64, StoreError> {
    let sql = "SELECT idx FROM cursor WHERE name = ?";
    let rows = db.rows(sql, vec![name.into()]).await?;
    Ok(rows.first().map_or(Ok(0), |row| version(get(row, 0)?))?)
}

/// Number of leaves, within a transaction.
pub(crate) async fn size_in(txn: &mut Txn<'_>) -> Result<u64, StoreError> {
    let row = txn.one("SELECT MAX(idx) FROM leaf", &[]).await?;
    let last: Option<i64> = row.map(|row| get(&row, 0)).transpose()?.flatten();
    Ok(last.map_or(Ok(0), |last| version(last + 1))?)
}

/// The level under which a tile is stored; entry bundles are below level 0.
pub(crate) fn tile_level(tile: &Tile) -> i64 {
    match tile.kind {
        TileKind::Entries => -1,
        TileKind::Level(level) => i64::from(level),
    }
}

/// A number as a bound value; those kept here are below 2^53.
pub(crate) fn number(value: u64) -> Value {
    i64::try_from(value).unwrap_or(i64::MAX).into()
}
