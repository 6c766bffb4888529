//! Tree, tiles and proofs: against the published vectors, and against the definitions of RFC 6962.

use std::collections::BTreeMap;

use ledger::prover::{self, TileFault};
use ledger::tree::{verify_consistency, verify_inclusion};
use ledger::{Frontier, Hash, ProofFault, Prover, Suite, Tile, TreeWriter};
use proptest::prelude::*;
use serde::Deserialize;

use crate::log::{Log, entries};
use crate::naive;

#[derive(Deserialize)]
struct Vectors {
    leaf_inputs: Vec<String>,
    roots: Vec<Hash>,
    inclusion: Vec<InclusionVector>,
    consistency: Vec<ConsistencyVector>,
}

#[derive(Deserialize)]
struct InclusionVector {
    index: u64,
    size: usize,
    hashes: Vec<Hash>,
}

#[derive(Deserialize)]
struct ConsistencyVector {
    old: usize,
    new: usize,
    hashes: Vec<Hash>,
}

#[test]
fn trees_and_proofs_agree_with_the_certificate_transparency_vectors() {
    let vectors: Vectors =
        serde_json::from_str(include_str!("../../fixtures/rfc6962.json")).unwrap();
    let suite = Suite::C2sp;
    let mut frontier = Frontier::new(suite);
    let mut leaves = Vec::new();
    assert_eq!(frontier.root(), vectors.roots[0]);
    for (input, root) in vectors.leaf_inputs.iter().zip(&vectors.roots[1..]) {
        // The vectors' leaves are of any length, so they are hashed here rather than by `Suite::leaf`.
        let leaf = suite.hash(&[&[0], &hex::decode(input).unwrap()]);
        leaves.push(leaf);
        frontier.push(leaf);
        assert_eq!(frontier.root(), *root);
    }
    assert_eq!(leaves.len(), 8);
    for InclusionVector {
        index,
        size,
        hashes,
    } in vectors.inclusion
    {
        let root = vectors.roots[size];
        assert_eq!(naive::path(suite, index as usize, &leaves[..size]), hashes);
        assert_eq!(
            verify_inclusion(
                suite,
                index,
                size as u64,
                &leaves[index as usize],
                &hashes,
                &root
            ),
            Ok(())
        );
    }
    for ConsistencyVector { old, new, hashes } in vectors.consistency {
        let (old_root, new_root) = (vectors.roots[old], vectors.roots[new]);
        assert_eq!(naive::consistency(suite, old, &leaves[..new]), hashes);
        assert_eq!(
            verify_consistency(
                suite,
                (old as u64, &old_root),
                (new as u64, &new_root),
                &hashes
            ),
            Ok(())
        );
    }
}

#[test]
fn every_proof_of_every_small_tree_is_the_defined_one_and_holds() {
    for suite in Suite::ALL {
        let mut log = Log::new(suite);
        for size in 1..=33_usize {
            log.append(entries(suite, size as u64 - 1..size as u64));
            let root = naive::root(suite, &log.leaves);
            assert_eq!(log.writer.root(), root);
            let mut prover = Prover::new(suite, size as u64, &log.tiles);
            for index in 0..size {
                let proof = prover.inclusion(index as u64).unwrap();
                assert_eq!(proof, naive::path(suite, index, &log.leaves));
                verify_inclusion(
                    suite,
                    index as u64,
                    size as u64,
                    &log.leaves[index],
                    &proof,
                    &root,
                )
                .unwrap();
            }
            for old in 1..=size {
                let proof = prover.consistency(old as u64).unwrap();
                assert_eq!(proof, naive::consistency(suite, old, &log.leaves));
                let old_root = naive::root(suite, &log.leaves[..old]);
                verify_consistency(suite, (old as u64, &old_root), (size as u64, &root), &proof)
                    .unwrap();
            }
        }
    }
}

#[test]
fn a_tree_of_70000_leaves_has_the_tiles_of_the_specification_and_its_proofs_hold() {
    let suite = Suite::C2sp;
    let mut log = Log::new(suite);
    log.append(entries(suite, 0..70_000));
    let paths: Vec<_> = log
        .tiles
        .keys()
        .map(Tile::to_string)
        .filter(|p| !p.contains("entries"))
        .collect();
    assert_eq!(paths.len(), 273 + 1 + 1 + 1 + 1);
    for path in [
        "tile/0/272",
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ] {
        assert!(paths.iter().any(|p| p == path), "{path}");
    }
    assert_eq!(
        log.tiles[&Tile::from_path("tile/0/000").unwrap()].len(),
        8192
    );
    let root = naive::root(suite, &log.leaves);
    let mut prover = Prover::new(suite, 70_000, &log.tiles);
    assert_eq!(prover.root().unwrap(), root);
    for index in [0, 1, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999] {
        let proof = prover.inclusion(index).unwrap();
        verify_inclusion(
            suite,
            index,
            70_000,
            &log.leaves[index as usize],
            &proof,
            &root,
        )
        .unwrap();
        assert_eq!(prover.leaf(index).unwrap(), log.leaves[index as usize]);
    }
    for old in [1, 255, 256, 257, 65_535, 65_536, 65_537, 69_999] {
        let proof = prover.consistency(old).unwrap();
        let old_root = naive::root(suite, &log.leaves[..old as usize]);
        verify_consistency(suite, (old, &old_root), (70_000, &root), &proof).unwrap();
    }
}

#[test]
fn entry_bundles_hold_the_entries_below_the_leaf_tiles() {
    let suite = Suite::Gm;
    let mut log = Log::new(suite);
    log.append(entries(suite, 0..300));
    for (path, range) in [
        ("tile/entries/000", 0..256),
        ("tile/entries/001.p/44", 256..300),
    ] {
        let tile = Tile::from_path(path).unwrap();
        let bundle = tile.entries(&log.tiles[&tile]).unwrap();
        assert_eq!(bundle, entries(suite, range).collect::<Vec<_>>(), "{path}");
    }
}

#[test]
fn a_log_is_taken_up_from_its_tiles_and_from_no_others() {
    let suite = Suite::C2sp;
    let mut log = Log::new(suite);
    log.append(entries(suite, 0..600));
    let root = log.writer.root();
    let open = |tiles: &BTreeMap<Tile, Vec<u8>>| {
        TreeWriter::open(suite, 600, &root, tiles).map(|w| w.root())
    };
    let changed = |path: &str, change: fn(&mut Vec<u8>)| {
        let mut tiles = log.tiles.clone();
        change(tiles.get_mut(&Tile::from_path(path).unwrap()).unwrap());
        tiles
    };
    assert_eq!(open(&log.tiles), Ok(root));
    let other = TreeWriter::open(suite, 600, &Hash([7; 32]), &log.tiles).map(|_| ());
    assert!(matches!(other, Err(TileFault::Root { .. })));
    let flipped = changed("tile/0/002.p/88", |bytes| bytes[40] ^= 1);
    assert!(matches!(open(&flipped), Err(TileFault::Root { .. })));
    let cut = changed("tile/0/002.p/88", |bytes| bytes.truncate(87 * 32));
    assert!(matches!(open(&cut), Err(TileFault::Malformed(_))));
    let ragged = changed("tile/1/000.p/2", |bytes| bytes.push(0));
    assert!(matches!(open(&ragged), Err(TileFault::Malformed(_))));
    let bundle = changed("tile/entries/002.p/88", |bytes| bytes[40] ^= 1);
    assert!(matches!(open(&bundle), Err(TileFault::Disagree(_))));
    let mut missing = log.tiles.clone();
    missing.remove(&Tile::from_path("tile/1/000.p/2").unwrap());
    assert!(matches!(open(&missing), Err(TileFault::Missing(_))));
}

#[test]
fn a_later_state_of_a_partial_tile_serves_a_smaller_tree() {
    /// Keeps of every tile only its widest state, as a store that overwrites would.
    struct Widest(BTreeMap<Tile, Vec<u8>>);
    impl ledger::TileReader for Widest {
        type Error = std::convert::Infallible;
        fn read(&self, tile: &Tile) -> Result<Option<Vec<u8>>, Self::Error> {
            let same = self
                .0
                .iter()
                .rev()
                .find(|(t, _)| (t.kind, t.index) == (tile.kind, tile.index));
            Ok(same.map(|(_, bytes)| bytes.clone()))
        }
    }
    let suite = Suite::Gm;
    let mut log = Log::new(suite);
    log.append(entries(suite, 0..700));
    let widest = Widest(log.tiles);
    for size in [1, 255, 256, 257, 511, 699, 700] {
        let root = naive::root(suite, &log.leaves[..size as usize]);
        assert_eq!(Prover::new(suite, size, &widest).root(), Ok(root));
        let mut writer = TreeWriter::open(suite, size, &root, &widest).unwrap();
        for entry in entries(suite, size..700) {
            writer.push(&entry);
        }
        assert_eq!(writer.root(), log.writer.root());
    }
}

#[test]
fn impossible_questions_are_refused() {
    let log = Log::new(Suite::C2sp);
    let mut prover = Prover::new(Suite::C2sp, 5, &log.tiles);
    let outside = ProofFault::IndexOutside { index: 5, size: 5 };
    assert_eq!(prover.inclusion(5), Err(TileFault::Outside(outside)));
    assert_eq!(prover.leaf(5), Err(TileFault::Outside(outside)));
    assert_eq!(
        prover.consistency(6),
        Err(TileFault::Outside(ProofFault::Shrunk { old: 6, new: 5 }))
    );
    assert!(matches!(prover.inclusion(0), Err(TileFault::Missing(_))));
    assert!(
        Prover::new(Suite::C2sp, u64::MAX, &log.tiles)
            .root()
            .is_err()
    );
}

#[test]
fn consistency_from_the_empty_tree_needs_its_root() {
    let suite = Suite::Gm;
    let (empty, some) = (suite.empty_root(), Hash([1; 32]));
    let check = |old, old_root, new, new_root, proof: &[Hash]| {
        verify_consistency(suite, (old, old_root), (new, new_root), proof)
    };
    assert_eq!(check(0, &empty, 9, &some, &[]), Ok(()));
    assert_eq!(check(0, &empty, 0, &empty, &[]), Ok(()));
    assert_eq!(check(0, &some, 9, &some, &[]), Err(ProofFault::OldRoot));
    assert_eq!(check(0, &empty, 0, &some, &[]), Err(ProofFault::Root));
    assert!(check(0, &empty, 9, &some, &[some]).is_err());
    assert_eq!(check(9, &empty, 9, &some, &[]), Err(ProofFault::Root));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn growth_in_any_steps_gives_the_tree_tiles_and_proofs_of_growth_at_once(
        steps in prop::collection::vec(1_u64..400, 1..6),
        gm in any::<bool>(),
        pick in any::<prop::sample::Index>(),
    ) {
        let suite = if gm { Suite::Gm } else { Suite::C2sp };
        let mut log = Log::new(suite);
        for step in &steps {
            // A restart between any two checkpoints changes nothing.
            let size = log.writer.size();
            let needed: BTreeMap<_, _> = TreeWriter::tiles_to_open(size)
                .into_iter()
                .map(|tile| (tile, log.tiles[&tile].clone()))
                .collect();
            log.writer = TreeWriter::open(suite, size, &log.writer.root(), &needed).unwrap();
            log.append(entries(suite, size..size + step));
        }
        let size: u64 = steps.iter().sum();
        let root = naive::root(suite, &log.leaves);
        prop_assert_eq!(log.writer.root(), root);

        let mut once = Log::new(suite);
        once.append(entries(suite, 0..size));
        for (tile, bytes) in &once.tiles {
            prop_assert_eq!(log.tiles.get(tile), Some(bytes), "{}", tile);
        }

        let index = pick.index(size as usize) as u64;
        let needed = subset(&log.tiles, prover::tiles_for_inclusion(index, size).unwrap());
        let proof = Prover::new(suite, size, &needed).inclusion(index).unwrap();
        prop_assert_eq!(&proof, &naive::path(suite, index as usize, &log.leaves));
        prop_assert_eq!(verify_inclusion(suite, index, size, &log.leaves[index as usize], &proof, &root), Ok(()));

        let old = index + 1;
        let needed = subset(&log.tiles, prover::tiles_for_consistency(old, size).unwrap());
        let proof = Prover::new(suite, size, &needed).consistency(old).unwrap();
        let old_root = naive::root(suite, &log.leaves[..old as usize]);
        prop_assert_eq!(verify_consistency(suite, (old, &old_root), (size, &root), &proof), Ok(()));
    }

    #[test]
    fn a_proof_with_any_change_fails(
        size in 2_u64..300,
        pick in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let suite = Suite::C2sp;
        let mut log = Log::new(suite);
        log.append(entries(suite, 0..size));
        let (index, root) = (pick.index(size as usize) as u64, log.writer.root());
        let leaf = log.leaves[index as usize];
        let proof = Prover::new(suite, size, &log.tiles).inclusion(index).unwrap();
        let holds = |index, leaf, proof: &[Hash]| verify_inclusion(suite, index, size, leaf, proof, &root).is_ok();
        prop_assert!(holds(index, &leaf, &proof));

        let mut flipped = proof.clone();
        flipped[at.index(proof.len())].0[at.index(32)] ^= 1 << bit;
        prop_assert!(!holds(index, &leaf, &flipped));
        prop_assert!(!holds(index, &leaf, &proof[1..]));
        prop_assert!(!holds(index, &leaf, &[&proof[..], &[root]].concat()));
        prop_assert!(!holds((index + 1) % size, &leaf, &proof));
        let mut other = leaf;
        other.0[at.index(32)] ^= 1 << bit;
        prop_assert!(!holds(index, &other, &proof));
        prop_assert!(verify_inclusion(suite, index, 0, &leaf, &proof, &root).is_err());

        let old = index + 1;
        let old_root = naive::root(suite, &log.leaves[..old as usize]);
        let proof = Prover::new(suite, size, &log.tiles).consistency(old).unwrap();
        let extends = |old_root, proof: &[Hash]| verify_consistency(suite, (old, old_root), (size, &root), proof).is_ok();
        prop_assert!(extends(&old_root, &proof));
        prop_assert!(!extends(&other, &proof));
        if !proof.is_empty() {
            let mut flipped = proof.clone();
            flipped[at.index(proof.len())].0[at.index(32)] ^= 1 << bit;
            prop_assert!(!extends(&old_root, &flipped));
            prop_assert!(!extends(&old_root, &proof[1..]));
        }
    }
}

fn subset(
    tiles: &BTreeMap<Tile, Vec<u8>>,
    wanted: impl IntoIterator<Item = Tile>,
) -> BTreeMap<Tile, Vec<u8>> {
    wanted
        .into_iter()
        .map(|tile| (tile, tiles[&tile].clone()))
        .collect()
}
