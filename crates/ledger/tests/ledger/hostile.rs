//! Whatever bytes come in, a parser answers, and what it accepts it writes back unchanged.

use ledger::note::Note;
use ledger::tree::{root_from_inclusion, verify_consistency};
use ledger::{
    Bundle, Hash, Links, SignedCheckpoint, SigningKey, Suite, Tile, TlogProof, VerifyingKey,
};
use proptest::prelude::*;

const CHECKPOINT: &str = include_str!("../../fixtures/gm/checkpoint");
const PROOF: &str = include_str!("../../fixtures/c2sp/publication.tlog-proof");
const BUNDLE: &str = include_str!("../../fixtures/gm/bundle.json");
const KEY: &str = include_str!("../../fixtures/gm/verifier.key");
const SECRET: &str = include_str!("../../fixtures/c2sp/signer.key");

/// Gives the bytes to every parser; what is accepted must be a fixed point of reading and writing.
fn feed(bytes: &[u8]) {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.encode().as_bytes(), bytes);
    }
    if let Ok(checkpoint) = SignedCheckpoint::parse(bytes) {
        assert_eq!(checkpoint.encode().as_bytes(), bytes);
        assert_eq!(checkpoint.unverified().text(), checkpoint.note().text());
    }
    if let Ok(proof) = TlogProof::parse(bytes) {
        assert_eq!(proof.encode().as_bytes(), bytes);
    }
    if let Ok(bundle) = Bundle::parse(bytes) {
        assert_eq!(Bundle::parse(&bundle.encode().unwrap()), Ok(bundle));
    }
    if let Ok(links) = Links::read(bytes) {
        assert_ne!(
            links.stream.len(),
            bytes.len(),
            "a header holds more than its stream"
        );
    }
    let text = String::from_utf8_lossy(bytes);
    if let Ok(key) = VerifyingKey::parse(&text) {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(key) = SigningKey::parse(&text) {
        assert_eq!(key.to_secret_text(), text);
    }
    if let Some(tile) = Tile::from_path(&text) {
        assert_eq!(tile.to_string(), text);
        assert!(
            tile.entries(bytes)
                .is_none_or(|entries| entries.len() == usize::from(tile.width))
        );
    }
}

/// One of the golden texts with a few bytes replaced, removed or doubled.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let texts = prop::sample::select(vec![
        CHECKPOINT,
        PROOF,
        BUNDLE,
        KEY.trim_ascii_end(),
        SECRET.trim_ascii_end(),
    ]);
    let change = (
        any::<prop::sample::Index>(),
        0_u8..4,
        prop_oneof![any::<u8>(), prop::sample::select(&b"\n+ =\"{}0"[..])],
    );
    (texts, prop::collection::vec(change, 1..4)).prop_map(|(text, changes)| {
        let mut bytes = text.as_bytes().to_vec();
        for (at, how, byte) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 if bytes.len() > 1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, byte),
                _ => bytes.truncate(at.max(1)),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        feed(&bytes);
    }

    #[test]
    fn arbitrary_lines_never_panic(text in "(\\PC{0,50}\n){0,6}(— \\PC{0,20} [A-Za-z0-9+/=]{0,90}\n){0,3}") {
        feed(text.as_bytes());
    }

    #[test]
    fn damaged_files_never_panic(bytes in damaged()) {
        feed(&bytes);
    }

    #[test]
    fn arbitrary_proofs_never_panic(
        index in any::<u64>(),
        size in prop_oneof![any::<u64>(), 0_u64..9, Just(u64::MAX)],
        old in prop_oneof![any::<u64>(), 0_u64..9],
        hashes in prop::collection::vec(any::<[u8; 32]>().prop_map(Hash), 0..66),
    ) {
        let any = Hash([3; 32]);
        let _ = root_from_inclusion(Suite::C2sp, index, size, &any, &hashes);
        prop_assert!(verify_consistency(Suite::C2sp, (old, &any), (size, &Hash([4; 32])), &hashes).is_err());
    }
}

#[test]
fn the_undamaged_files_are_accepted() {
    for text in [CHECKPOINT, PROOF, BUNDLE] {
        feed(text.as_bytes());
    }
    assert!(SignedCheckpoint::parse(CHECKPOINT.as_bytes()).is_ok());
    assert!(TlogProof::parse(PROOF.as_bytes()).is_ok());
    assert!(Bundle::parse(BUNDLE.as_bytes()).is_ok());
}
