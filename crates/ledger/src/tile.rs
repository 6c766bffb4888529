//! Tiles: the tree cut into files that never change, in the layout of C2SP tlog-tiles.
//!
//! A tile holds up to 256 hashes of one level of the tree, eight levels apart; an entry bundle holds the 256
//! entries under a tile of level 0. The last of each kind is partial until it is full. The `gm` suite keeps
//! the layout, not the name: tlog-tiles fixes SHA-256.

use std::fmt;

use crate::encoding::{SIZE_MAX, decimal};
use crate::suite::Hash;

/// Hashes (or entries) in a full tile.
pub const TILE_WIDTH: u16 = 256;
/// Levels of the tree between the hashes of a tile and those of the tile above.
pub const TILE_HEIGHT: u8 = 8;
/// Bytes of one entry in a bundle: its length as two bytes, and the entry.
const BUNDLED_BYTES: usize = 2 + Hash::LEN;
/// Highest level that a tree of at most 2^63 leaves has a tile on.
const LEVEL_MAX: u8 = 7;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// The 32-byte entries themselves, with their lengths.
    Entries,
    /// Hashes of the tree's level `8 * n`.
    Level(u8),
}

/// The coordinates of one tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// What it holds.
    pub kind: TileKind,
    /// Place among the tiles of its kind, from 0.
    pub index: u64,
    /// Hashes or entries in it, 1 to 256; a tile of fewer than 256 is partial.
    pub width: u16,
}

impl Tile {
    /// The tile of that kind and index in a tree of `size` leaves; none where the tree does not reach.
    pub fn in_tree(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let level = match kind {
            TileKind::Entries => 0,
            TileKind::Level(level) => level,
        };
        let hashes = size
            .checked_shr(u32::from(level) * u32::from(TILE_HEIGHT))
            .unwrap_or(0);
        let left = hashes.checked_sub(index.checked_mul(u64::from(TILE_WIDTH))?)?;
        let width = u16::try_from(left).map_or(TILE_WIDTH, |left| left.min(TILE_WIDTH));
        (width > 0).then_some(Self { kind, index, width })
    }

    /// Whether it will grow no more.
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// Bytes that this tile has.
    pub fn byte_len(&self) -> usize {
        usize::from(self.width) * self.item_bytes()
    }

    fn item_bytes(&self) -> usize {
        match self.kind {
            TileKind::Entries => BUNDLED_BYTES,
            TileKind::Level(_) => Hash::LEN,
        }
    }

    /// Reads `tile/0/x001/234` or `tile/entries/x001/234.p/7`; any other spelling is none.
    pub fn from_path(path: &str) -> Option<Self> {
        let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let kind = match kind {
            "entries" => TileKind::Entries,
            level => TileKind::Level(
                u8::try_from(decimal(level)?)
                    .ok()
                    .filter(|l| *l <= LEVEL_MAX)?,
            ),
        };
        let (number, width) = match rest.split_once(".p/") {
            None => (rest, TILE_WIDTH),
            Some((number, width)) => {
                let width = u16::try_from(decimal(width)?).ok()?;
                (number, Some(width).filter(|w| (1..TILE_WIDTH).contains(w))?)
            }
        };
        Some(Self {
            kind,
            index: index_from_path(number)?,
            width,
        })
    }

    /// The first `width` hashes of a tile of hashes; `bytes` may be those of a later, wider state of the tile.
    pub(crate) fn hashes<'a>(&self, bytes: &'a [u8]) -> Option<&'a [[u8; Hash::LEN]]> {
        let (hashes, rest) = bytes.as_chunks::<{ Hash::LEN }>();
        (rest.is_empty() && hashes.len() <= usize::from(TILE_WIDTH))
            .then(|| hashes.get(..usize::from(self.width)))?
    }

    /// The first `width` entries of an entry bundle; `bytes` may be those of a later, wider state of it.
    pub fn entries(&self, bytes: &[u8]) -> Option<Vec<Hash>> {
        let (entries, rest) = bytes.as_chunks::<BUNDLED_BYTES>();
        if self.kind != TileKind::Entries
            || !rest.is_empty()
            || entries.len() > usize::from(TILE_WIDTH)
        {
            return None;
        }
        entries
            .get(..usize::from(self.width))?
            .iter()
            .map(unbundle)
            .collect()
    }
}

impl fmt::Display for Tile {
    /// Writes the path below the log's prefix.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Entries => f.write_str("tile/entries/")?,
            TileKind::Level(level) => write!(f, "tile/{level}/")?,
        }
        let mut divisor = 1;
        while self.index / divisor >= 1000 {
            divisor *= 1000;
        }
        while divisor > 1 {
            write!(f, "x{:03}/", self.index / divisor % 1000)?;
            divisor /= 1000;
        }
        write!(f, "{:03}", self.index % 1000)?;
        if self.is_full() {
            Ok(())
        } else {
            write!(f, ".p/{}", self.width)
        }
    }
}

fn index_from_path(path: &str) -> Option<u64> {
    let mut index = 0_u64;
    let mut parts = path.split('/').peekable();
    let mut first = true;
    while let Some(part) = parts.next() {
        let digits = match parts.peek() {
            Some(_) => part.strip_prefix('x')?,
            None => part,
        };
        // A leading x000 would be a second spelling of the same index.
        let spelled = digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit());
        if !spelled || (first && parts.peek().is_some() && digits == "000") {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
        first = false;
    }
    (index <= SIZE_MAX).then_some(index)
}

fn unbundle(item: &[u8; BUNDLED_BYTES]) -> Option<Hash> {
    let (length, entry) = item.split_first_chunk::<2>()?;
    (usize::from(u16::from_be_bytes(*length)) == Hash::LEN)
        .then(|| entry.try_into().ok().map(Hash))?
}

/// Appends one entry to the bytes of a bundle.
pub(crate) fn bundle_entry(bytes: &mut Vec<u8>, entry: &Hash) {
    bytes.extend_from_slice(&(Hash::LEN as u16).to_be_bytes());
    bytes.extend_from_slice(&entry.0);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tile(kind: TileKind, index: u64, width: u16) -> Tile {
        Tile { kind, index, width }
    }

    #[test]
    fn paths_are_those_of_the_specification() {
        fn check(tile: Tile, path: &str) {
            assert_eq!(tile.to_string(), path);
            assert_eq!(Tile::from_path(path), Some(tile));
        }
        check(
            tile(TileKind::Level(0), 1_234_067, 256),
            "tile/0/x001/x234/067",
        );
        check(tile(TileKind::Level(0), 273, 112), "tile/0/273.p/112");
        check(tile(TileKind::Level(2), 0, 1), "tile/2/000.p/1");
        check(tile(TileKind::Entries, 1000, 256), "tile/entries/x001/000");
        check(tile(TileKind::Entries, 999, 255), "tile/entries/999.p/255");
    }

    #[test]
    fn other_spellings_of_a_path_are_refused() {
        for path in [
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "/tile/0/000",
            "tile/00/000",
            "tile/8/000",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/x000/001",
            "tile/0/001/002",
            "tile/0/x001",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p",
            "tile/0/+01",
            "tile/x/000",
            "tile/0/../000",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(Tile::from_path(path), None, "{path}");
        }
    }

    #[test]
    fn a_tree_of_70000_has_the_tiles_that_the_specification_says() {
        fn check(level: u8, index: u64, expect: Option<u16>) {
            let found = Tile::in_tree(TileKind::Level(level), index, 70_000);
            assert_eq!(
                found.map(|t| t.width),
                expect,
                "level {level}, index {index}"
            );
        }
        check(0, 272, Some(256));
        check(0, 273, Some(112));
        check(0, 274, None);
        check(1, 0, Some(256));
        check(1, 1, Some(17));
        check(2, 0, Some(1));
        check(3, 0, None);
        check(63, 0, None);
        check(0, u64::MAX, None);
    }

    #[test]
    fn a_bundle_is_read_up_to_its_width_and_refused_when_malformed() {
        let entries: Vec<Hash> = (0..3).map(|n| Hash([n; 32])).collect();
        let mut bytes = Vec::new();
        entries
            .iter()
            .for_each(|entry| bundle_entry(&mut bytes, entry));
        let bundle = |width| tile(TileKind::Entries, 0, width);
        assert_eq!(bundle(3).entries(&bytes).as_deref(), Some(&entries[..]));
        assert_eq!(bundle(2).entries(&bytes).as_deref(), Some(&entries[..2]));
        assert_eq!(bundle(4).entries(&bytes), None, "too short");
        assert_eq!(bundle(2).entries(&bytes[..70]), None, "cut");
        bytes[1] = 31;
        assert_eq!(bundle(3).entries(&bytes), None, "another length");
    }

    proptest! {
        #[test]
        fn every_tile_survives_its_path(level in 0..=LEVEL_MAX, index in 0..=SIZE_MAX, width in 1..=TILE_WIDTH) {
            for kind in [TileKind::Level(level), TileKind::Entries] {
                let tile = tile(kind, index, width);
                prop_assert_eq!(Tile::from_path(&tile.to_string()), Some(tile));
            }
        }

        #[test]
        fn any_text_is_a_path_of_one_spelling_or_none(path in "(tile/)?[0-9a-z./+]{0,24}|\\PC{0,40}") {
            if let Some(tile) = Tile::from_path(&path) {
                prop_assert_eq!(tile.to_string(), path);
            }
        }
    }
}
