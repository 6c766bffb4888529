//! Inputs that the fuzzer keeps or has found, replayed: nothing that is read from outside panics.

#[path = "../../../fuzz/multipart.rs"]
mod multipart;
#[path = "../../../fuzz/targets.rs"]
mod targets;

use std::path::Path;

use targets::{TARGETS, Target};

/// Every target, with the one that needs a folder.
fn all() -> impl Iterator<Item = Target> {
    TARGETS
        .into_iter()
        .chain([("multipart", multipart::multipart as fn(&[u8]))])
}

#[test]
fn what_the_fuzzer_keeps_and_has_found_is_read_without_harm() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let (mut read, mut bytes) = (0, 0);
    for (name, target) in all() {
        let folder = std::fs::read_dir(corpus.join(name));
        for entry in folder.unwrap_or_else(|_| panic!("no corpus of {name}")) {
            let input = std::fs::read(entry.unwrap().path()).unwrap();
            target(&input);
            // Cut off and doubled, as connections do it.
            target(&input[..input.len() / 2]);
            target(&[input.as_slice(), &input].concat());
            (read, bytes) = (read + 1, bytes + input.len());
        }
    }
    assert!(read >= 3 * all().count(), "{read} inputs");
    assert!(bytes < 200 << 10, "a corpus stays small: {bytes} bytes");
}

#[test]
fn deep_and_long_inputs_are_refused_and_exhaust_nothing() {
    let deep = |open: &str| open.repeat(20_000).into_bytes();
    let long = |text: &str| text.repeat(200_000).into_bytes();
    for (_, target) in all() {
        for input in [
            deep("["),
            deep("{\"a\":"),
            deep("{\"fields\":["),
            deep("a {"),
            deep("/* "),
            deep("（"),
            deep("> "),
            deep("- "),
            long("一"),
            long("1"),
            long("1,"),
            long("\n"),
            long("第一条 "),
        ] {
            target(&input);
        }
    }
}
