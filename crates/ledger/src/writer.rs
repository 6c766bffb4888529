//! Growth of the tree: entries in, tiles and root out.

use crate::prover::{Prover, TileFault, TileReader, read_tile, tiles_for_root};
use crate::suite::{Hash, Suite};
use crate::tile::{TILE_HEIGHT, TILE_WIDTH, Tile, TileKind, bundle_entry};
use crate::tree::Frontier;

/// The rightmost tile of one kind while it fills.
#[derive(Debug, Clone, Default)]
struct Edge {
    index: u64,
    width: u16,
    bytes: Vec<u8>,
    /// Whether it changed since the tiles were last taken.
    fresh: bool,
}

/// Appends entries to a log in memory and gives out the tiles that this makes or widens.
///
/// Its state is the right edge alone: some 8 KiB a level, whatever the size of the log.
#[derive(Debug, Clone)]
pub struct TreeWriter {
    frontier: Frontier,
    entries: Edge,
    /// Edge of the hash tiles, by tile level.
    levels: Vec<Edge>,
    /// Tiles that became full since they were last taken.
    full: Vec<(Tile, Vec<u8>)>,
}

impl TreeWriter {
    /// The writer of a log without entries.
    pub fn new(suite: Suite) -> Self {
        Self {
            frontier: Frontier::new(suite),
            entries: Edge::default(),
            levels: Vec::new(),
            full: Vec::new(),
        }
    }

    /// Takes up a log of `size` entries with the root that was last signed; other tiles are refused.
    pub fn open<R: TileReader>(
        suite: Suite,
        size: u64,
        root: &Hash,
        reader: &R,
    ) -> Result<Self, TileFault<R::Error>> {
        let frontier = Prover::new(suite, size, reader).frontier()?;
        let found = frontier.root();
        if found != *root {
            return Err(TileFault::Root {
                expected: *root,
                found,
            });
        }
        let mut writer = Self {
            frontier,
            ..Self::new(suite)
        };
        for tile in edge_tiles(size) {
            let edge = writer.edge(tile.kind);
            edge.index = tile.index;
            if tile.is_full() {
                // Nothing is open at this level: the next hash begins the next tile.
                edge.index += 1;
                continue;
            }
            edge.bytes = read_tile(reader, &tile)?;
            if edge.bytes.len() < tile.byte_len() {
                return Err(TileFault::Malformed(tile));
            }
            edge.bytes.truncate(tile.byte_len());
            edge.width = tile.width;
        }
        writer.check_bundle(size)?;
        Ok(writer)
    }

    /// Tiles that [`TreeWriter::open`] reads, for a caller that must fetch them beforehand.
    pub fn tiles_to_open(size: u64) -> Vec<Tile> {
        let mut tiles = tiles_for_root(size);
        tiles.extend(edge_tiles(size).into_iter().filter(|tile| !tile.is_full()));
        tiles.into_iter().collect()
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Root of the tree as it is now.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Appends one entry and tells its index.
    pub fn push(&mut self, entry: &Hash) -> u64 {
        let Self {
            frontier,
            entries,
            levels,
            full,
        } = self;
        let index = frontier.size();
        bundle_entry(&mut entries.bytes, entry);
        entries.grow(TileKind::Entries, full);
        let leaf = frontier.suite().leaf(entry);
        frontier.push_with(leaf, |level, _, hash| {
            if level % TILE_HEIGHT != 0 {
                return;
            }
            let level = level / TILE_HEIGHT;
            if levels.len() <= usize::from(level) {
                levels.push(Edge::default());
            }
            let edge = &mut levels[usize::from(level)];
            edge.bytes.extend_from_slice(&hash.0);
            edge.grow(TileKind::Level(level), full);
        });
        index
    }

    /// The tiles made or widened since they were last taken: full ones, and the partial ones of this size.
    ///
    /// Store them all before the checkpoint of this size is signed.
    pub fn take_tiles(&mut self) -> Vec<(Tile, Vec<u8>)> {
        let mut tiles = std::mem::take(&mut self.full);
        let levels = (0..).map(TileKind::Level).zip(&mut self.levels);
        for (kind, edge) in levels.chain([(TileKind::Entries, &mut self.entries)]) {
            if std::mem::take(&mut edge.fresh) && edge.width > 0 {
                tiles.push((
                    Tile {
                        kind,
                        index: edge.index,
                        width: edge.width,
                    },
                    edge.bytes.clone(),
                ));
            }
        }
        tiles
    }

    fn edge(&mut self, kind: TileKind) -> &mut Edge {
        match kind {
            TileKind::Entries => &mut self.entries,
            TileKind::Level(level) => {
                let level = usize::from(level);
                if self.levels.len() <= level {
                    self.levels.resize_with(level + 1, Edge::default);
                }
                &mut self.levels[level]
            }
        }
    }

    /// The partial bundle is read beside the tree, so it is checked against the leaves.
    fn check_bundle<E>(&mut self, size: u64) -> Result<(), TileFault<E>> {
        let Some(tile) = Tile::in_tree(TileKind::Entries, size / 256, size) else {
            return Ok(());
        };
        let entries = tile
            .entries(&self.entries.bytes)
            .ok_or(TileFault::Malformed(tile))?;
        let suite = self.frontier.suite();
        let leaves = entries.iter().flat_map(|entry| suite.leaf(entry).0);
        if leaves.eq(self.edge(TileKind::Level(0)).bytes.iter().copied()) {
            Ok(())
        } else {
            Err(TileFault::Disagree(tile))
        }
    }
}

impl Edge {
    /// Counts the item just added; a full tile goes out and the next one begins.
    fn grow(&mut self, kind: TileKind, full: &mut Vec<(Tile, Vec<u8>)>) {
        self.width += 1;
        self.fresh = true;
        if self.width == TILE_WIDTH {
            let bytes = std::mem::take(&mut self.bytes);
            full.push((
                Tile {
                    kind,
                    index: self.index,
                    width: self.width,
                },
                bytes,
            ));
            self.index += 1;
            self.width = 0;
        }
    }
}

/// The last tile of each kind in a tree of that size.
fn edge_tiles(size: u64) -> Vec<Tile> {
    let last = |kind, hashes: u64| Tile::in_tree(kind, hashes.checked_sub(1)? / 256, size);
    let levels =
        (0..8).map_while(|level| last(TileKind::Level(level), size >> (level * TILE_HEIGHT)));
    levels.chain(last(TileKind::Entries, size)).collect()
}
