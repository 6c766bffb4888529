//! Proofs from tiles: which tiles a proof needs, and the proof itself.
//!
//! Every hash of an RFC 6962 proof is the root of a range of leaves; a range is a row of perfect subtrees, and
//! a perfect subtree is a hash in a tile or is made of at most 128 of them. A caller that reads tiles
//! asynchronously asks for the list first ([`tiles_for_inclusion`] and its like), fetches, and hands in a map.

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::convert::Infallible;

use crate::suite::{Hash, Suite};
use crate::tile::{TILE_HEIGHT, Tile, TileKind};
use crate::tree::{Frontier, ProofFault};

/// Gives the bytes of a tile. A later, wider state of a partial tile serves as well.
pub trait TileReader {
    /// Why a tile could not be had.
    type Error;

    /// The bytes of the tile, or none where the log has no such tile.
    fn read(&self, tile: &Tile) -> Result<Option<Vec<u8>>, Self::Error>;
}

impl TileReader for BTreeMap<Tile, Vec<u8>> {
    type Error = Infallible;

    fn read(&self, tile: &Tile) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.get(tile).cloned())
    }
}

/// Why tiles give no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileFault<E> {
    /// The reader failed.
    #[error("读取日志分块 {tile} 失败：{source}")]
    Read {
        /// The tile asked for.
        tile: Tile,
        /// What the reader said.
        source: E,
    },
    /// The log has no such tile.
    #[error("日志分块 {0} 不存在；请由事件记录重建日志分块后再试")]
    Missing(Tile),
    /// The tile's bytes are too short, cut or malformed.
    #[error("日志分块 {0} 的长度或格式不符；请由事件记录重建日志分块后再试")]
    Malformed(Tile),
    /// What was asked for lies outside the tree.
    #[error(transparent)]
    Outside(#[from] ProofFault),
    /// The tiles give another root than the one that was signed.
    #[error(
        "日志分块算得的根摘要 {found} 与已签署的 {expected} 不一致；请停止追加，由事件记录重建并核验日志"
    )]
    Root {
        /// The root that was signed.
        expected: Hash,
        /// The root that the tiles give.
        found: Hash,
    },
    /// An entry bundle does not agree with the tile of leaf hashes above it.
    #[error("日志条目分块 {0} 与叶摘要分块不一致；请由事件记录重建日志分块后再试")]
    Disagree(Tile),
}

/// A range of leaves, begin included, end not.
type Range = (u64, u64);

/// A node of the tree: level, and index within the level.
type Node = (u8, u64);

/// Tiles from which the root of a tree of `size` leaves is computed.
pub fn tiles_for_root(size: u64) -> BTreeSet<Tile> {
    tiles_of(&[(0, size)], size)
}

/// Tiles from which the proof of the leaf at `index` in a tree of `size` leaves is made.
pub fn tiles_for_inclusion(index: u64, size: u64) -> Result<BTreeSet<Tile>, ProofFault> {
    Ok(tiles_of(&inclusion_ranges(index, size)?, size))
}

/// Tiles from which the proof that the tree of `old_size` begins the tree of `size` is made.
pub fn tiles_for_consistency(old_size: u64, size: u64) -> Result<BTreeSet<Tile>, ProofFault> {
    Ok(tiles_of(&consistency_ranges(old_size, size)?, size))
}

/// Makes the proofs for one tree, reading each tile once.
#[derive(Debug)]
pub struct Prover<'r, R> {
    suite: Suite,
    size: u64,
    reader: &'r R,
    read: BTreeMap<Tile, Vec<u8>>,
}

impl<'r, R: TileReader> Prover<'r, R> {
    /// A prover for the tree of `size` leaves; its proofs are as good as the tiles, so check them before use.
    pub fn new(suite: Suite, size: u64, reader: &'r R) -> Self {
        Self {
            suite,
            size,
            reader,
            read: BTreeMap::new(),
        }
    }

    /// Root of the tree.
    pub fn root(&mut self) -> Result<Hash, TileFault<R::Error>> {
        Ok(self.frontier()?.root())
    }

    /// Leaf hash at the index.
    pub fn leaf(&mut self, index: u64) -> Result<Hash, TileFault<R::Error>> {
        if index >= self.size {
            return Err(ProofFault::IndexOutside {
                index,
                size: self.size,
            }
            .into());
        }
        self.node((0, index))
    }

    /// Inclusion proof of the leaf at the index, siblings from the leaf upwards (RFC 6962 2.1.1).
    pub fn inclusion(&mut self, index: u64) -> Result<Vec<Hash>, TileFault<R::Error>> {
        inclusion_ranges(index, self.size)?
            .into_iter()
            .map(|range| self.range_root(range))
            .collect()
    }

    /// Proof that the tree of `old_size` begins this one (RFC 6962 2.1.2).
    pub fn consistency(&mut self, old_size: u64) -> Result<Vec<Hash>, TileFault<R::Error>> {
        consistency_ranges(old_size, self.size)?
            .into_iter()
            .map(|range| self.range_root(range))
            .collect()
    }

    /// The tree's right edge, from which it can grow.
    pub fn frontier(&mut self) -> Result<Frontier, TileFault<R::Error>> {
        let peaks = subtrees((0, self.size))
            .map(|node| self.node(node))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Frontier::from_peaks(self.suite, self.size, &peaks))
    }

    fn range_root(&mut self, range: Range) -> Result<Hash, TileFault<R::Error>> {
        let nodes = subtrees(range)
            .map(|node| self.node(node))
            .collect::<Result<Vec<_>, _>>()?;
        let root = nodes
            .into_iter()
            .rev()
            .reduce(|right, left| self.suite.node(&left, &right));
        Ok(root.unwrap_or_else(|| self.suite.empty_root()))
    }

    /// Hash of a perfect subtree, from the hashes of the tile under it.
    fn node(&mut self, (level, index): Node) -> Result<Hash, TileFault<R::Error>> {
        let outside = ProofFault::IndexOutside {
            index,
            size: self.size,
        };
        let tile = tile_of((level, index), self.size).ok_or(outside)?;
        let below = level % TILE_HEIGHT;
        let count = 1_usize << below;
        let start = ((index << below) % 256) as usize;
        let suite = self.suite;
        let hashes = self
            .hashes(tile)?
            .get(start..start + count)
            .ok_or(TileFault::Malformed(tile))?;
        let mut row = [Hash([0; 32]); 128];
        row.iter_mut()
            .zip(hashes)
            .for_each(|(slot, bytes)| slot.0 = *bytes);
        for halved in (0..below).rev().map(|level| 1 << level) {
            for at in 0..halved {
                row[at] = suite.node(&row[2 * at], &row[2 * at + 1]);
            }
        }
        Ok(row[0])
    }

    fn hashes(&mut self, tile: Tile) -> Result<&[[u8; 32]], TileFault<R::Error>> {
        let bytes = match self.read.entry(tile) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(read_tile(self.reader, &tile)?),
        };
        tile.hashes(bytes).ok_or(TileFault::Malformed(tile))
    }
}

/// Bytes of a tile that must exist.
pub(crate) fn read_tile<R: TileReader>(
    reader: &R,
    tile: &Tile,
) -> Result<Vec<u8>, TileFault<R::Error>> {
    match reader.read(tile) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(TileFault::Missing(*tile)),
        Err(source) => Err(TileFault::Read {
            tile: *tile,
            source,
        }),
    }
}

fn tiles_of(ranges: &[Range], size: u64) -> BTreeSet<Tile> {
    ranges
        .iter()
        .flat_map(|range| subtrees(*range))
        .filter_map(|node| tile_of(node, size))
        .collect()
}

/// The tile that holds a node, or the nodes up to seven levels below it that it is made of.
fn tile_of((level, index): Node, size: u64) -> Option<Tile> {
    let first = index << (level % TILE_HEIGHT);
    Tile::in_tree(TileKind::Level(level / TILE_HEIGHT), first / 256, size)
}

/// The perfect subtrees of a range, left to right, each as large as its place allows.
fn subtrees((begin, end): Range) -> impl Iterator<Item = Node> {
    let mut at = begin;
    std::iter::from_fn(move || {
        let left = (at < end).then(|| end - at)?;
        let level = left
            .ilog2()
            .min(if at == 0 { 63 } else { at.trailing_zeros() });
        let node = (level as u8, at >> level);
        at += 1 << level;
        Some(node)
    })
}

/// Ranges of the siblings of a leaf's path, from the leaf upwards.
fn inclusion_ranges(index: u64, size: u64) -> Result<Vec<Range>, ProofFault> {
    if index >= size {
        return Err(ProofFault::IndexOutside { index, size });
    }
    let (mut begin, mut end) = (0, size);
    let mut siblings = Vec::with_capacity(crate::tree::PROOF_HASHES_MAX);
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            siblings.push((middle, end));
            end = middle;
        } else {
            siblings.push((begin, middle));
            begin = middle;
        }
    }
    siblings.reverse();
    Ok(siblings)
}

/// Ranges of RFC 6962's `SUBPROOF(m, D[n], true)`.
fn consistency_ranges(old_size: u64, size: u64) -> Result<Vec<Range>, ProofFault> {
    if old_size > size {
        return Err(ProofFault::Shrunk {
            old: old_size,
            new: size,
        });
    }
    let mut ranges = Vec::with_capacity(crate::tree::PROOF_HASHES_MAX);
    if old_size == 0 {
        return Ok(ranges);
    }
    let (mut begin, mut end) = (0, size);
    while end != old_size {
        let middle = begin + split(end - begin);
        if old_size <= middle {
            ranges.push((middle, end));
            end = middle;
        } else {
            ranges.push((begin, middle));
            begin = middle;
        }
    }
    // From the left edge the old root itself is the seed, and the verifier has it.
    if begin > 0 {
        ranges.push((begin, end));
    }
    ranges.reverse();
    Ok(ranges)
}

/// Largest power of two below `n`, for `n` of at least 2.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}
