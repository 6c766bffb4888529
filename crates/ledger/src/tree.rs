//! The RFC 6962 tree: growth in O(log n) state, and the check of inclusion and consistency proofs.

use crate::suite::{Hash, Suite};

/// Most hashes that any proof may hold: one for each level of a tree of 2^63 leaves, and one more.
pub const PROOF_HASHES_MAX: usize = 64;

/// The right edge of a growing tree: roots of its perfect subtrees, enough to add leaves and to tell the root.
#[derive(Debug, Clone)]
pub struct Frontier {
    suite: Suite,
    size: u64,
    /// `peaks[level]` is the root of a perfect subtree of 2^level leaves where that bit of `size` is set.
    peaks: Box<[Hash; 64]>,
}

impl Frontier {
    /// The tree without leaves.
    pub fn new(suite: Suite) -> Self {
        Self {
            suite,
            size: 0,
            peaks: Box::new([Hash([0; 32]); 64]),
        }
    }

    /// The frontier of a tree of `size` leaves with these peaks, largest first; their number must fit.
    pub(crate) fn from_peaks(suite: Suite, size: u64, largest_first: &[Hash]) -> Self {
        let mut frontier = Self::new(suite);
        let levels = (0..64).rev().filter(|level| size >> level & 1 == 1);
        debug_assert_eq!(size.count_ones() as usize, largest_first.len());
        for (level, peak) in levels.zip(largest_first) {
            frontier.peaks[level] = *peak;
        }
        frontier.size = size;
        frontier
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The suite that hashes this tree.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// Adds one leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        self.push_with(leaf, |_, _, _| {});
    }

    /// Adds one leaf hash and tells each node that this completes: its level, index in the level, and hash.
    pub fn push_with(&mut self, leaf: Hash, mut on_node: impl FnMut(u8, u64, &Hash)) {
        let merges = self.size.trailing_ones() as u8;
        let mut node = leaf;
        on_node(0, self.size, &node);
        for level in 0..merges {
            node = self.suite.node(&self.peaks[usize::from(level)], &node);
            on_node(level + 1, self.size >> (level + 1), &node);
        }
        self.peaks[usize::from(merges)] = node;
        self.size += 1;
    }

    /// Root of the tree as it is now.
    pub fn root(&self) -> Hash {
        (0..64)
            .filter(|level| self.size >> level & 1 == 1)
            .map(|level| self.peaks[level])
            .reduce(|right, left| self.suite.node(&left, &right))
            .unwrap_or_else(|| self.suite.empty_root())
    }
}

/// Why a Merkle proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// The index lies outside the tree.
    #[error("序号 {index} 不在大小为 {size} 的日志内；请核对证明与检查点是否配套")]
    IndexOutside {
        /// Index asked about.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
    /// The later tree is the smaller one.
    #[error(
        "后一检查点的大小 {new} 小于前一检查点的 {old}，日志被截短；请保留两个检查点并向监督机关反映"
    )]
    Shrunk {
        /// Size of the earlier tree.
        old: u64,
        /// Size of the later tree.
        new: u64,
    },
    /// The number of hashes is not the one that index and sizes demand.
    #[error("证明应含 {expected} 个摘要，实有 {found} 个；请重新下载证明")]
    Length {
        /// Hashes that the tree's shape demands.
        expected: usize,
        /// Hashes found.
        found: usize,
    },
    /// The proof leads to another root than the (later) one.
    #[error("由证明算得的根摘要与检查点不一致；该内容不在此日志中，或者证明被改动")]
    Root,
    /// The proof leads to another root than the earlier one.
    #[error(
        "由证明算得的前一根摘要与前一检查点不一致；日志的已有部分被改动，请保留两个检查点并向监督机关反映"
    )]
    OldRoot,
}

/// Root that an inclusion proof leads to, siblings from the leaf upwards (RFC 6962 2.1.1).
pub fn root_from_inclusion(
    suite: Suite,
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
) -> Result<Hash, ProofFault> {
    if index >= size {
        return Err(ProofFault::IndexOutside { index, size });
    }
    // Below `inner` the path turns as the index's bits say; above, only left siblings are left.
    let inner = bits(index ^ (size - 1));
    let border = (index.checked_shr(inner as u32).unwrap_or(0)).count_ones() as usize;
    exact_length(inner + border, proof.len())?;
    let (inner_part, border_part) = proof.split_at(inner);
    let root = climb(suite, *leaf, inner_part, index);
    Ok(climb_border(suite, root, border_part))
}

/// Checks that the leaf is at the index of the tree with that size and root.
pub fn verify_inclusion(
    suite: Suite,
    index: u64,
    size: u64,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofFault> {
    if root_from_inclusion(suite, index, size, leaf, proof)? == *root {
        Ok(())
    } else {
        Err(ProofFault::Root)
    }
}

/// Checks that the tree of the old size is the beginning of the tree of the new size (RFC 6962 2.1.2).
pub fn verify_consistency(
    suite: Suite,
    (old_size, old_root): (u64, &Hash),
    (new_size, new_root): (u64, &Hash),
    proof: &[Hash],
) -> Result<(), ProofFault> {
    if old_size > new_size {
        return Err(ProofFault::Shrunk {
            old: old_size,
            new: new_size,
        });
    }
    if old_size == 0 {
        exact_length(0, proof.len())?;
        if *old_root != suite.empty_root() {
            return Err(ProofFault::OldRoot);
        }
        return if new_size > 0 || new_root == old_root {
            Ok(())
        } else {
            Err(ProofFault::Root)
        };
    }
    if old_size == new_size {
        exact_length(0, proof.len())?;
        return if old_root == new_root {
            Ok(())
        } else {
            Err(ProofFault::Root)
        };
    }
    // The path starts at the last perfect subtree of the old tree; where that is all of it, its root is known.
    let shift = old_size.trailing_zeros() as usize;
    let inner_all = bits((old_size - 1) ^ (new_size - 1));
    let inner = inner_all - shift;
    let border = ((old_size - 1).checked_shr(inner_all as u32).unwrap_or(0)).count_ones() as usize;
    let given = usize::from(!old_size.is_power_of_two());
    exact_length(given + inner + border, proof.len())?;
    let (seed, rest) = match proof.split_first() {
        Some((first, rest)) if given == 1 => (first, rest),
        _ => (old_root, proof),
    };
    let turns = (old_size - 1) >> shift;
    let (inner_part, border_part) = rest.split_at(inner);

    let lefts = inner_part
        .iter()
        .enumerate()
        .filter(|(level, _)| turns >> level & 1 == 1);
    let old = lefts.fold(*seed, |node, (_, left)| suite.node(left, &node));
    if climb_border(suite, old, border_part) != *old_root {
        return Err(ProofFault::OldRoot);
    }
    let new = climb(suite, *seed, inner_part, turns);
    if climb_border(suite, new, border_part) != *new_root {
        return Err(ProofFault::Root);
    }
    Ok(())
}

/// Climbs through siblings, left or right of the path as the bits of `turns` say.
fn climb(suite: Suite, start: Hash, siblings: &[Hash], turns: u64) -> Hash {
    siblings
        .iter()
        .enumerate()
        .fold(start, |node, (level, sibling)| match turns >> level & 1 {
            0 => suite.node(&node, sibling),
            _ => suite.node(sibling, &node),
        })
}

/// Climbs the right border, where every sibling is on the left.
fn climb_border(suite: Suite, start: Hash, siblings: &[Hash]) -> Hash {
    siblings
        .iter()
        .fold(start, |node, left| suite.node(left, &node))
}

fn exact_length(expected: usize, found: usize) -> Result<(), ProofFault> {
    if expected == found {
        Ok(())
    } else {
        Err(ProofFault::Length { expected, found })
    }
}

/// Number of bits up to the highest set one.
fn bits(n: u64) -> usize {
    (u64::BITS - n.leading_zeros()) as usize
}
