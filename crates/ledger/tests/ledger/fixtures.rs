//! Golden files of every format that this crate writes: what was once written must be written and read so for ever.
//!
//! `LEDGER_BLESS=1 cargo test -p ledger` writes them anew, which is right for a new format only.

use std::path::PathBuf;

use ledger::{
    Bundle, SignedCheckpoint, SigningKey, Suite, Tile, TlogProof, VerifyingKey, verify_bundle,
};

use crate::bundles::{DOCUMENT, published};
use crate::log::{Event, Log, key};

/// Compares with the golden file, or writes it when asked to.
fn check(suite: Suite, name: &str, written: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(suite.name())
        .join(name);
    if std::env::var_os("LEDGER_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, written).unwrap();
    }
    assert_eq!(
        written,
        std::fs::read_to_string(&path).unwrap(),
        "{}",
        path.display()
    );
}

#[test]
fn every_format_is_written_as_it_was() {
    for suite in Suite::ALL {
        let (log, event, index) = published(suite);
        let key = key(suite, "zhiheng.example/test");
        let Event {
            header, salt, body, ..
        } = &event;
        let proof = log.proof(index, &key);
        let bundle = Bundle::new(header, salt, body, &proof, key.verifying_key()).unwrap();
        check(suite, "verifier.key", &format!("{}\n", key.verifying_key()));
        check(suite, "signer.key", &format!("{}\n", key.to_secret_text()));
        check(suite, "checkpoint", &log.checkpoint(&key).encode());
        check(suite, "publication.tlog-proof", &proof.encode());
        check(
            suite,
            "bundle.json",
            &String::from_utf8(bundle.encode().unwrap()).unwrap(),
        );
        check(suite, "document.txt", DOCUMENT);
        let line = |(tile, bytes): (&Tile, &Vec<u8>)| format!("{} {tile}\n", suite.hash(&[bytes]));
        check(
            suite,
            "tiles.txt",
            &log.tiles.iter().map(line).collect::<String>(),
        );
    }
}

macro_rules! golden {
    ($suite:literal) => {
        (
            include_str!(concat!("../../fixtures/", $suite, "/verifier.key")),
            include_str!(concat!("../../fixtures/", $suite, "/signer.key")),
            include_str!(concat!("../../fixtures/", $suite, "/checkpoint")),
            include_str!(concat!(
                "../../fixtures/",
                $suite,
                "/publication.tlog-proof"
            )),
            include_str!(concat!("../../fixtures/", $suite, "/bundle.json")),
            include_str!(concat!("../../fixtures/", $suite, "/document.txt")),
        )
    };
}

#[test]
fn every_format_is_read_from_the_golden_files_alone() {
    for (verifier, signer, checkpoint, proof, bundle, document) in [golden!("gm"), golden!("c2sp")]
    {
        let key = VerifyingKey::parse(verifier.trim_end()).unwrap();
        assert_eq!(
            SigningKey::parse(signer.trim_end())
                .unwrap()
                .verifying_key(),
            &key
        );
        let signed = SignedCheckpoint::parse(checkpoint.as_bytes()).unwrap();
        assert_eq!(signed.verify(&key).unwrap().size(), 300);
        let report = verify_bundle(bundle.as_bytes(), document.as_bytes(), &key).unwrap();
        assert_eq!(
            (report.index, report.size, report.event_type.as_str()),
            (260, 300, "publication.published@1")
        );
        assert!(report.to_string().starts_with("核验通过"), "{report}");
        let parsed = TlogProof::parse(proof.as_bytes()).unwrap();
        assert_eq!(
            parsed.verify(&report.entry, &key).unwrap(),
            signed.unverified()
        );
    }
}

#[test]
fn a_checkpoint_signed_by_openssl_is_accepted() {
    // The gm checkpoint, signed with the test key by OpenSSL 3.0: pkeyutl -rawin -digest sm3, default identifier.
    let key =
        VerifyingKey::parse(include_str!("../../fixtures/gm/verifier.key").trim_end()).unwrap();
    let signed =
        SignedCheckpoint::parse(include_bytes!("../../fixtures/gm/checkpoint-by-openssl")).unwrap();
    let ours = SignedCheckpoint::parse(include_bytes!("../../fixtures/gm/checkpoint")).unwrap();
    assert_eq!(signed.verify(&key).unwrap(), ours.unverified());
    assert_ne!(
        signed.note().signatures(),
        ours.note().signatures(),
        "it is another signature"
    );
}

#[test]
fn the_golden_log_is_the_size_that_shows_full_and_partial_tiles() {
    let (log, _, _) = published(Suite::Gm);
    let kinds = log.tiles.keys().filter(|tile| tile.is_full()).count();
    assert_eq!((kinds, Log::new(Suite::Gm).tiles.len()), (2, 0));
}
