//! Bundles and proof files: every link of the chain broken once, and named.

use ledger::proof::TlogProofFault;
use ledger::{
    Bundle, BundleFault, CheckpointFault, Hash, ProofFault, SigningKey, Suite, TlogProof,
    VerifyingKey, verify_bundle,
};
use serde_json::Value;

use crate::log::{Event, Log, event, events, key};

/// A public copy of a decision, invented.
pub const DOCUMENT: &str = "行政处罚决定书\n（示例）某县应急罚〔2026〕1 号\n";

/// A log of 300 events of which number 260 publishes the document.
pub fn published(suite: Suite) -> (Log, Event, u64) {
    let mut all = events(suite, 300, 7);
    let digest = suite.hash(&[DOCUMENT.as_bytes()]);
    let decision = all[100].entry;
    let body = format!(
        "{{\"public_digest\":\"{digest}\",\"decision_entry\":\"{decision}\",\"title\":\"示例\"}}"
    );
    all[260] = event(
        suite,
        "publication-1",
        1,
        None,
        "publication.published@1",
        &body,
    );
    let mut log = Log::new(suite);
    log.append(all.iter().map(|event| event.entry));
    (log, all.swap_remove(260), 260)
}

fn bundle(suite: Suite) -> (Bundle, SigningKey) {
    let (log, event, index) = published(suite);
    let key = key(suite, "zhiheng.example/test");
    let proof = log.proof(index, &key);
    (
        Bundle::new(
            &event.header,
            &event.salt,
            &event.body,
            &proof,
            key.verifying_key(),
        )
        .unwrap(),
        key,
    )
}

#[test]
fn a_bundle_proves_the_document_and_names_the_decision() {
    for suite in Suite::ALL {
        let (bundle, key) = bundle(suite);
        let json = bundle.encode().unwrap();
        let report = verify_bundle(&json, DOCUMENT.as_bytes(), key.verifying_key()).unwrap();
        assert_eq!(
            (report.origin.as_str(), report.size, report.index),
            ("zhiheng.example/test", 300, 260)
        );
        assert_eq!(report.document, suite.hash(&[DOCUMENT.as_bytes()]));
        assert_eq!(
            report.decision_entry,
            Some(events(suite, 101, 7)[100].entry)
        );
        assert_eq!(Bundle::parse(&json), Ok(bundle));
    }
}

#[test]
fn each_broken_link_is_named() {
    let (bundle, signer) = bundle(Suite::Gm);
    let key = signer.verifying_key();
    let json: Value = serde_json::from_slice(&bundle.encode().unwrap()).unwrap();
    let verify = |json: &Value| {
        verify_bundle(json.to_string().as_bytes(), DOCUMENT.as_bytes(), key).unwrap_err()
    };
    let changed = |member: &str, from: &str, to: &str| {
        let mut json = json.clone();
        let text = json[member].as_str().unwrap();
        assert!(text.contains(from), "{member} holds {text}");
        json[member] = text.replacen(from, to, 1).into();
        verify(&json)
    };
    let zeroes = Hash([0; 32]).to_string();
    let document = json["document"].as_str().unwrap();

    let other_text = DOCUMENT.replace("1 号", "2 号");
    let fault = verify_bundle(json.to_string().as_bytes(), other_text.as_bytes(), key).unwrap_err();
    assert!(matches!(fault, BundleFault::Document { .. }));
    assert!(fault.to_string().contains("不是公示的原件"), "{fault}");

    assert!(matches!(
        changed("document", document, &zeroes),
        BundleFault::Digest { .. }
    ));
    assert_eq!(changed("body", "示例", "实例"), BundleFault::Commitment);
}

#[test]
fn a_changed_header_salt_proof_or_signature_is_named() {
    let (bundle, signer) = bundle(Suite::C2sp);
    let key = signer.verifying_key();
    let json: Value = serde_json::from_slice(&bundle.encode().unwrap()).unwrap();
    let with = |member: &str, value: String| {
        let mut json = json.clone();
        json[member] = value.into();
        verify_bundle(json.to_string().as_bytes(), DOCUMENT.as_bytes(), key).unwrap_err()
    };
    let text = |member: &str| json[member].as_str().unwrap().to_owned();
    let proof = |fault| BundleFault::Proof(fault);

    assert_eq!(
        with("salt", Hash([1; 32]).to_string()),
        BundleFault::Commitment
    );
    let header = text("header").replace("publication-1", "publication-2");
    assert_eq!(
        with("header", header),
        proof(TlogProofFault::Inclusion(ProofFault::Root))
    );
    let index = text("proof").replace("index 260", "index 261");
    assert_eq!(
        with("proof", index),
        proof(TlogProofFault::Inclusion(ProofFault::Root))
    );
    let index = text("proof").replace("index 260", "index 300");
    let outside = ProofFault::IndexOutside {
        index: 300,
        size: 300,
    };
    assert_eq!(
        with("proof", index),
        proof(TlogProofFault::Inclusion(outside))
    );
    let size = text("proof").replace("\n300\n", "\n301\n");
    assert!(matches!(
        with("proof", size),
        BundleFault::Proof(TlogProofFault::Checkpoint(CheckpointFault::Note(_)))
    ));
    let renamed = text("proof").replace("c2sp.org/tlog-proof@v1", "zhiheng.tlog-proof.gm.v1");
    assert!(matches!(
        with("proof", renamed),
        BundleFault::Proof(TlogProofFault::Suite { .. })
    ));
    assert!(matches!(
        with("suite", "gm".into()),
        BundleFault::Key { .. }
    ));
    assert!(matches!(
        with("key", "zhiheng.example/test+00000000".into()),
        BundleFault::Key { .. }
    ));
    assert_eq!(
        with("format", "zhiheng.bundle.v2".into()),
        BundleFault::Format("zhiheng.bundle.v2".into())
    );
    assert!(matches!(
        with("salt", "ff".into()),
        BundleFault::Malformed(_)
    ));
    assert!(
        matches!(with("comment", "x".into()), BundleFault::Malformed(_)),
        "unknown members are errors"
    );

    let other = SigningKey::from_secret(Suite::C2sp, "zhiheng.example/test", &[7; 32]).unwrap();
    let fault = verify_bundle(
        json.to_string().as_bytes(),
        DOCUMENT.as_bytes(),
        other.verifying_key(),
    );
    assert!(matches!(fault, Err(BundleFault::Key { .. })));
}

#[test]
fn a_bundle_that_would_not_verify_is_not_made() {
    let suite = Suite::Gm;
    let (log, event, index) = published(suite);
    let signer = key(suite, "zhiheng.example/test");
    let make = |event: &Event, proof: &TlogProof, key: &VerifyingKey| {
        Bundle::new(&event.header, &event.salt, &event.body, proof, key)
            .map(|_| ())
            .unwrap_err()
    };
    let proof = log.proof(index, &signer);
    let other = events(suite, 1, 1).remove(0);
    assert_eq!(
        make(&other, &log.proof(0, &signer), signer.verifying_key()),
        BundleFault::NotPublication
    );
    let elsewhere = log.proof(index + 1, &signer);
    assert!(matches!(
        make(&event, &elsewhere, signer.verifying_key()),
        BundleFault::Proof(_)
    ));
    let unsalted = Event {
        salt: [0; 32],
        ..event.clone()
    };
    assert_eq!(
        make(&unsalted, &proof, signer.verifying_key()),
        BundleFault::Commitment
    );
    let foreign = key(suite, "other.example/log");
    assert!(matches!(
        make(&event, &proof, foreign.verifying_key()),
        BundleFault::Proof(_)
    ));
}

#[test]
fn a_proof_file_is_read_as_the_specification_says() {
    let (log, event, index) = published(Suite::C2sp);
    let key = key(Suite::C2sp, "zhiheng.example/test");
    let mut proof = log.proof(index, &key);
    let plain = proof.encode();
    assert_eq!(TlogProof::parse(plain.as_bytes()).as_ref(), Ok(&proof));
    proof.extra = Some(b"opaque".to_vec());
    let extra = proof.encode();
    assert!(
        extra.starts_with("c2sp.org/tlog-proof@v1\nextra b3BhcXVl\nindex 260\n"),
        "{extra}"
    );
    assert_eq!(TlogProof::parse(extra.as_bytes()).as_ref(), Ok(&proof));
    assert!(proof.verify(&event.entry, key.verifying_key()).is_ok());

    let hash_line = plain.lines().nth(2).unwrap();
    for bad in [
        plain.replace("@v1", "@v2"),
        plain.replace("index 260", "index 0260"),
        plain.replace("index 260", "index"),
        plain.replace("index 260\n", ""),
        plain.replace(hash_line, &hash_line[1..]),
        plain.replace(hash_line, ""),
        plain.replace(hash_line, &[hash_line; 65].join("\n")),
        plain.replace("\n\n", "\n"),
        plain.replace('\n', "\r\n"),
        extra.replace("extra b3BhcXVl", "extra b3BhcXV"),
        extra.replace("extra b3BhcXVl", "extra b3BhcXVl\nextra b3BhcXVl"),
        extra.replace("b3BhcXVl", &"AAAA".repeat(22_000)),
    ] {
        assert!(
            TlogProof::parse(bad.as_bytes()).is_err(),
            "{}",
            &bad[..bad.len().min(300)]
        );
    }
}
