//! Every byte of what is signed or hashed, and of files, changed in turn.

use store::{SignedCheckpoint, Suite};

use super::{Chance, Ground, all, tables::*};

/// A value longer than this is changed at chosen places only: each change hashes it whole.
const WHOLE_BYTES_MAX: usize = 2_000;
/// Places that are chosen then.
const PLACES: usize = 64;

/// The places of a value that are changed.
fn places(length: usize, chance: &mut Chance) -> Vec<usize> {
    if all() || length <= WHOLE_BYTES_MAX {
        (0..length).collect()
    } else {
        (0..PLACES).map(|_| chance.below(length)).collect()
    }
}

fn blob(row: &Row, column: &str) -> Vec<u8> {
    match row.value(column) {
        rusqlite::types::Value::Blob(bytes) => bytes.clone(),
        other => panic!("{column}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_changed_byte_of_header_salt_body_and_checkpoint_is_found() {
    let Some(ground) = Ground::made().await else {
        return;
    };
    let mut chance = Chance::seeded();
    let conn = ground.open("zhiheng.sqlite");
    let (events, bodies) = (rows(&conn, "event"), rows(&conn, "event_body"));
    let mut changes = 0_usize;
    for (event, body) in events.iter().zip(&bodies) {
        let header = blob(event, "header");
        let (salt, text) = (blob(body, "salt"), blob(body, "body"));
        let entry = ledger::leaf::entry(Suite::Gm, &header);
        let parts = [header, salt, text];
        for part in 0..parts.len() {
            for at in places(parts[part].len(), &mut chance) {
                let mut changed = parts.clone();
                changed[part][at] ^= 1 << chance.below(8);
                let [header, salt, body] = &changed;
                let salt = salt.as_slice().try_into().unwrap();
                let record = ledger::Record {
                    index: 0,
                    entry,
                    header,
                    body: Some((salt, body)),
                };
                let checked = ledger::verify::check_record(Suite::Gm, &record);
                assert!(checked.verdict.is_err(), "part {part}, byte {at}");
                changes += 1;
            }
        }
    }
    let key = std::fs::read_to_string(ground.path("log.key")).unwrap();
    let key = ledger::SigningKey::parse(key.trim()).unwrap();
    for row in rows(&conn, "checkpoint") {
        let note = row.text("note").into_bytes();
        for at in 0..note.len() {
            let mut changed = note.clone();
            changed[at] ^= 1 << chance.below(8);
            let read = SignedCheckpoint::parse(&changed);
            let held = read.and_then(|signed| signed.verify(key.verifying_key()).cloned());
            assert!(
                held.is_err(),
                "byte {at} of {}",
                String::from_utf8_lossy(&note)
            );
            changes += 1;
        }
    }
    println!("{changes} bytes were changed, and every one was found");
    assert!(changes > 50_000, "{changes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_of_any_paper_is_found_and_its_event_named() {
    let Some(ground) = Ground::made().await else {
        return;
    };
    let mut chance = Chance::seeded();
    let objects = ground.path("objects");
    let mut files = Vec::new();
    for stream in std::fs::read_dir(&objects).unwrap() {
        let stream = stream.unwrap();
        for file in std::fs::read_dir(stream.path()).unwrap() {
            let name = stream.file_name().to_string_lossy().into_owned();
            files.push((name, file.unwrap().path()));
        }
    }
    assert!(files.len() > 10, "{}", files.len());
    let rounds = if all() { 2_000 } else { 4 };
    for round in 0..rounds {
        let whole: Vec<Vec<u8>> = files
            .iter()
            .map(|(_, path)| std::fs::read(path).unwrap())
            .collect();
        for ((_, path), bytes) in files.iter().zip(&whole) {
            let mut changed = bytes.clone();
            let at = match round {
                0 => 0,
                1 => changed.len() - 1,
                _ => chance.below(changed.len()),
            };
            changed[at] ^= 1 << chance.below(8);
            std::fs::write(path, changed).unwrap();
        }
        let faults = ground.faults().await;
        for ((stream, path), bytes) in files.iter().zip(&whole) {
            let words = format!("文件 记录流“{stream}”");
            assert!(
                is_named(&faults, &[words]),
                "{}: {faults:#?}",
                path.display()
            );
            std::fs::write(path, bytes).unwrap();
        }
    }
    assert_eq!(ground.faults().await, Vec::<String>::new());
}
