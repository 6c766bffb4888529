//! Keys, notes and checkpoints: against the published vectors, and against every kind of damage.

use ledger::checkpoint::{ExtensionFault, verify_extension};
use ledger::note::{Note, NoteFault};
use ledger::{
    Checkpoint, CheckpointFault, Hash, KeyFault, ProofFault, SignedCheckpoint, SigningKey, Suite,
    VerifyingKey,
};

use crate::log::key;

// From the documentation and tests of golang.org/x/mod/sumdb/note.
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_SECRET: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const ENOCH_LINE: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";
const PETER_NOTE: &str = include_str!("../../fixtures/note-peter-neumann.txt");

#[test]
fn the_reference_note_is_made_and_read_alike() {
    let (text, _) = PETER_NOTE.split_at(PETER_NOTE.find("\n\n").unwrap() + 1);
    let secret = SigningKey::parse(PETER_SECRET).unwrap();
    assert_eq!(secret.verifying_key().to_string(), PETER);
    assert_eq!(secret.to_secret_text(), PETER_SECRET);
    let note = Note::sign(text.to_owned(), &secret).unwrap();
    assert_eq!(note.encode(), PETER_NOTE);
    assert_eq!(Note::parse(PETER_NOTE.as_bytes()).as_ref(), Ok(&note));
    assert_eq!(note.verify(&VerifyingKey::parse(PETER).unwrap()), Ok(()));
}

#[test]
fn a_note_signed_by_two_is_accepted_by_the_key_of_either() {
    let both = Note::parse(format!("{PETER_NOTE}{ENOCH_LINE}").as_bytes()).unwrap();
    for key in [PETER, ENOCH] {
        assert_eq!(both.verify(&VerifyingKey::parse(key).unwrap()), Ok(()));
    }
    let peter_only = Note::parse(PETER_NOTE.as_bytes()).unwrap();
    let enoch = VerifyingKey::parse(ENOCH).unwrap();
    assert_eq!(
        peter_only.verify(&enoch),
        Err(NoteFault::NotSigned("EnochRoot".into()))
    );
}

#[test]
fn one_bad_signature_of_a_known_key_spoils_the_note() {
    let good = Note::parse(PETER_NOTE.as_bytes()).unwrap();
    let forged = Note::parse(PETER_NOTE.replace("cryptography", "optimism").as_bytes()).unwrap();
    let peter = VerifyingKey::parse(PETER).unwrap();
    let bad = Err(NoteFault::BadSignature("PeterNeumann".into()));
    assert_eq!(forged.verify(&peter), bad);
    let line = PETER_NOTE.lines().last().unwrap();
    let damaged = line.replace("ZJkuBS9UG", "ZJkuBS9UH");
    assert_ne!(line, damaged);
    let mixed = Note::parse(format!("{PETER_NOTE}{damaged}\n").as_bytes()).unwrap();
    assert_eq!(mixed.verify(&peter), bad);
    assert_eq!(mixed.signatures().len(), good.signatures().len() + 1);
}

#[test]
fn malformed_notes_are_refused() {
    let text = "a text\n";
    let line = PETER_NOTE.lines().last().unwrap();
    fn check(note: impl AsRef<[u8]>) {
        let fault = Note::parse(note.as_ref());
        assert!(
            matches!(fault, Err(NoteFault::Malformed(_))),
            "{:?}",
            String::from_utf8_lossy(note.as_ref())
        );
    }
    assert!(Note::parse(format!("{text}\n{line}\n").as_bytes()).is_ok());
    assert!(
        Note::parse(format!("{text}\n{text}\n{line}\n").as_bytes()).is_ok(),
        "a text may hold empty lines"
    );
    check("");
    check(text);
    check(format!("{text}\n"));
    check(format!("{text}\n{line}"));
    check(format!("{text}{line}\n"));
    check(format!("\u{1}{text}\n{line}\n"));
    check(format!("a\ttext\n\n{line}\n"));
    check(format!("{text}\n{line}\r\n"));
    check([b"\xff", format!("{text}\n{line}\n").as_bytes()].concat());
    check(format!("{text}\n{line}\nunexpected\n"));
    check(format!("{text}\n{}\n", line.replace("— ", "- ")));
    check(format!(
        "{text}\n{}\n",
        line.replace("PeterNeumann", "Peter+Neumann")
    ));
    check(format!(
        "{text}\n{}\n",
        line.replace("PeterNeumann", "Peter\u{3000}Neumann")
    ));
    check(format!("{text}\n{}\n", line.replace("PeterNeumann", "")));
    check(format!("{text}\n— PeterNeumann x08gow==\n"));
    check(format!("{text}\n— PeterNeumann x08goy\n"));
    check(format!("{text}\n{}", format!("{line}\n").repeat(101)));
    check(format!("{}{text}\n{line}\n", "x".repeat(256 * 1024)));
}

#[test]
fn a_key_text_with_any_change_is_refused() {
    for suite in Suite::ALL {
        let secret = key(suite, "zhiheng.example/log");
        let public_text = secret.verifying_key().to_string();
        assert_eq!(
            VerifyingKey::parse(&public_text).as_ref(),
            Ok(secret.verifying_key())
        );
        assert_eq!(
            SigningKey::parse(&secret.to_secret_text())
                .unwrap()
                .verifying_key(),
            secret.verifying_key()
        );
        for at in 0..public_text.len() {
            let mut bytes = public_text.clone().into_bytes();
            bytes[at] += 1;
            let other = String::from_utf8(bytes).unwrap();
            assert!(VerifyingKey::parse(&other).is_err(), "{other}");
            assert!(VerifyingKey::parse(&public_text[..at]).is_err());
            assert!(VerifyingKey::parse(&public_text[at + 1..]).is_err());
        }
        let secret_text = secret.to_secret_text();
        for at in 0..secret_text.len() {
            assert!(SigningKey::parse(&secret_text[..at]).is_err());
            assert!(SigningKey::parse(&secret_text[at + 1..]).is_err());
        }
    }
    // Wrong length and unknown algorithm, each with the right identifier; from the Go tests.
    let long = "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==";
    assert!(VerifyingKey::parse(long).is_err());
    let unknown = "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert_eq!(VerifyingKey::parse(unknown), Err(KeyFault::Algorithm));
}

#[test]
fn bytes_that_are_no_key_are_refused() {
    let secret = |suite, hex: &str| {
        let bytes: [u8; 32] = hex::decode(hex).unwrap().try_into().unwrap();
        SigningKey::from_secret(suite, "log", &bytes).map(|key| key.verifying_key().clone())
    };
    let order = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
    let order_less_1 = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54122";
    let order_less_2 = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54121";
    assert_eq!(secret(Suite::Gm, &"00".repeat(32)), Err(KeyFault::Value));
    assert_eq!(secret(Suite::Gm, order), Err(KeyFault::Value));
    assert_eq!(secret(Suite::Gm, order_less_1), Err(KeyFault::Value));
    assert!(secret(Suite::Gm, order_less_2).is_ok());
    let public =
        |suite, bytes: &[u8]| VerifyingKey::from_bytes(suite, "log", bytes).map(|key| key.id());
    assert_eq!(
        public(Suite::Gm, &[4; 65]),
        Err(KeyFault::Value),
        "not on the curve"
    );
    assert_eq!(
        public(Suite::Gm, &[0]),
        Err(KeyFault::Value),
        "the point at infinity"
    );
    assert_eq!(
        public(Suite::C2sp, &[0; 32]),
        Err(KeyFault::Value),
        "a point of small order"
    );
    assert_eq!(public(Suite::C2sp, &[1; 31]), Err(KeyFault::Value));
    for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb", &"x".repeat(256)] {
        let fault = SigningKey::from_secret(Suite::C2sp, name, &[1; 32]).map(|_| ());
        assert_eq!(fault, Err(KeyFault::Name), "{name:?}");
    }
}

#[test]
fn sm2_accepts_the_signature_of_the_standard() {
    // GM/T 0003.5-2012, appendix A.
    let public = hex::decode(concat!(
        "04",
        "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020",
        "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
    ));
    let signature = hex::decode(concat!(
        "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3",
        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    ))
    .unwrap();
    let secret =
        hex::decode("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8").unwrap();
    let key = VerifyingKey::from_bytes(Suite::Gm, "log", &public.unwrap()).unwrap();
    assert!(key.verifies(b"message digest", &signature));
    assert!(!key.verifies(b"message digesT", &signature));
    assert!(!key.verifies(b"message digest", &signature[..63]));
    assert!(!key.verifies(b"message digest", &[0; 64]));
    let signer = SigningKey::from_secret(Suite::Gm, "log", &secret.try_into().unwrap()).unwrap();
    assert_eq!(signer.verifying_key(), &key);
}

#[test]
fn a_secret_key_does_not_show_itself() {
    for suite in Suite::ALL {
        let shown = format!("{:?}", key(suite, "log"));
        assert!(
            shown.starts_with("SigningKey(log+") && shown.len() < 32,
            "{shown}"
        );
    }
}

#[test]
fn a_checkpoint_survives_its_text_and_is_bound_to_its_origin() {
    for suite in Suite::ALL {
        let key_a = key(suite, "a.example/log");
        let signed = Checkpoint::new("a.example/log", 7, Hash([9; 32]))
            .unwrap()
            .sign(&key_a)
            .unwrap();
        let read = SignedCheckpoint::parse(signed.encode().as_bytes()).unwrap();
        assert_eq!(read, signed);
        assert_eq!(read.verify(key_a.verifying_key()), Ok(signed.unverified()));
        let key_b = key(suite, "b.example/log");
        let other = Checkpoint::new("a.example/log", 7, Hash([9; 32]))
            .unwrap()
            .sign(&key_b);
        assert!(matches!(other, Err(CheckpointFault::Origin { .. })));
        assert!(matches!(
            read.verify(key_b.verifying_key()),
            Err(CheckpointFault::Note(NoteFault::NotSigned(_)))
        ));
        // A key that signs the text of another log is a co-signer there, never its log.
        let cosigned = Note::sign(signed.unverified().text(), &key_b)
            .unwrap()
            .encode();
        let cosigned = SignedCheckpoint::parse(cosigned.as_bytes()).unwrap();
        assert!(matches!(
            cosigned.verify(key_b.verifying_key()),
            Err(CheckpointFault::Origin { .. })
        ));
    }
}

#[test]
fn co_signatures_are_kept_and_not_in_the_way() {
    let log_key = key(Suite::C2sp, "a.example/log");
    let signed = Checkpoint::new("a.example/log", 7, Hash([9; 32]))
        .unwrap()
        .sign(&log_key)
        .unwrap();
    let witnessed = format!("{}{}", signed.encode(), ENOCH_LINE);
    let read = SignedCheckpoint::parse(witnessed.as_bytes()).unwrap();
    assert_eq!(
        read.verify(log_key.verifying_key()),
        Ok(signed.unverified())
    );
    assert_eq!(read.encode(), witnessed);
    assert_eq!(read.note().signatures()[1].name, "EnochRoot");
}

#[test]
fn extension_lines_are_kept_and_signed_but_never_empty() {
    let log_key = key(Suite::C2sp, "log");
    let root = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";
    let read = |text: String| {
        let note = Note::sign(text, &log_key).unwrap().encode();
        SignedCheckpoint::parse(note.as_bytes())
    };
    let extended = read(format!("log\n7\n{root}\nopaque 1\nopaque 2\n")).unwrap();
    let checkpoint = extended.verify(log_key.verifying_key()).unwrap();
    assert_eq!(checkpoint.extensions(), ["opaque 1", "opaque 2"]);
    assert_eq!(checkpoint.text(), extended.note().text());
    for bad in [
        format!("log\n7\n{root}\n\n"),
        format!("log\n7\n{root}\nopaque\n\nopaque\n"),
        format!("\n7\n{root}\n"),
        format!("log\n07\n{root}\n"),
        format!("log\n-7\n{root}\n"),
        format!("log\n\n{root}\n"),
        "log\n7\n".to_owned(),
        "log\n7\nCQkJ\n".to_owned(),
        format!("log\n7\n{root}=\n"),
        format!("log\n9223372036854775808\n{root}\n"),
    ] {
        assert!(
            matches!(read(bad.clone()), Err(CheckpointFault::Malformed(_))),
            "{bad:?}"
        );
    }
}

#[test]
fn an_empty_log_has_one_root() {
    for suite in Suite::ALL {
        let key = key(suite, "log");
        assert!(
            Checkpoint::new("log", 0, suite.empty_root())
                .unwrap()
                .sign(&key)
                .is_ok()
        );
        let other = Checkpoint::new("log", 0, Hash([9; 32])).unwrap().sign(&key);
        assert_eq!(other, Err(CheckpointFault::EmptyRoot));
    }
}

#[test]
fn a_later_checkpoint_must_extend_the_earlier_of_the_same_log() {
    use crate::log::{Log, entries};
    let suite = Suite::Gm;
    let mut log = Log::new(suite);
    log.append(entries(suite, 0..300));
    let earlier = log.checkpoint(&key(suite, "log")).unverified().clone();
    log.append(entries(suite, 300..1000));
    let later = log.checkpoint(&key(suite, "log")).unverified().clone();
    let proof = ledger::Prover::new(suite, 1000, &log.tiles)
        .consistency(300)
        .unwrap();
    assert_eq!(verify_extension(suite, &earlier, &later, &proof), Ok(()));
    let shrunk = Err(ExtensionFault::Proof(ProofFault::Shrunk {
        old: 1000,
        new: 300,
    }));
    assert_eq!(verify_extension(suite, &later, &earlier, &proof), shrunk);
    let mut fork = Log::new(suite);
    fork.append(entries(suite, 1..301));
    let forked = fork.checkpoint(&key(suite, "log")).unverified().clone();
    let old_root = Err(ExtensionFault::Proof(ProofFault::OldRoot));
    assert_eq!(verify_extension(suite, &forked, &later, &proof), old_root);
    let other = fork.checkpoint(&key(suite, "log-2")).unverified().clone();
    assert!(matches!(
        verify_extension(suite, &other, &later, &proof),
        Err(ExtensionFault::Origin { .. })
    ));
}
