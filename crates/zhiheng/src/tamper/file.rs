//! Bits of the database's file changed: found, or every row reads as before.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::{Seek, SeekFrom, Write},
};

use rusqlite::Connection;

use super::{Chance, Ground, all, tables::*};

/// Bits that are changed.
const FLIPS: usize = 2_000;
/// Changed rows that one run of `verify` has to name.
const BATCH: usize = 25;

/// Every row that `verify` answers for, without the columns that it does not; none where one cannot be read.
fn stock(conn: &Connection) -> Option<BTreeMap<(usize, String), Row>> {
    let mut all = BTreeMap::new();
    let main = TABLES
        .iter()
        .enumerate()
        .filter(|(_, table)| table.database == "zhiheng.sqlite");
    for (at, table) in main {
        for mut row in try_rows(conn, table.name).ok()? {
            for column in table.open {
                let at = row.columns.iter().position(|name| name == column)?;
                row.values[at] = rusqlite::types::Value::Null;
            }
            all.insert((at, format!("{:?}", row.key(table))), row);
        }
    }
    Some(all)
}

/// What SQLite and the program say of a file with one bit changed.
enum Outcome {
    /// SQLite's own check, or the refusal to read it.
    Found,
    /// Every row reads as before.
    Same,
    /// Rows read otherwise; `verify` has to name them.
    Rows(Vec<(usize, Row)>),
}

fn outcome(ground: &Ground, before: &BTreeMap<(usize, String), Row>) -> Outcome {
    let conn = ground.open("zhiheng.sqlite");
    let sound = conn.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    if sound.ok().as_deref() != Some("ok") {
        return Outcome::Found;
    }
    let Some(now) = stock(&conn) else {
        return Outcome::Found;
    };
    let mut other = Vec::new();
    for (key, row) in before {
        if now.get(key) != Some(row) {
            other.push((key.0, row.clone()));
        }
    }
    for (key, row) in &now {
        if !before.contains_key(key) {
            other.push((key.0, row.clone()));
        }
    }
    if other.is_empty() {
        Outcome::Same
    } else {
        Outcome::Rows(other)
    }
}

/// Writes one byte of the file.
fn write(ground: &Ground, at: usize, byte: u8) {
    let path = ground.path("zhiheng.sqlite");
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at as u64)).unwrap();
    file.write_all(&[byte]).unwrap();
}

/// A changed bit, and the rows that read otherwise by it.
struct Flip {
    at: usize,
    bit: usize,
    rows: Vec<(usize, Row)>,
}

/// All flips of a batch at once: each must be named. Where the program refuses the file, or cannot read a part of it
/// because of one of them, which hides what it would say of the others: each by itself.
async fn check_batch(ground: &Ground, bytes: &[u8], batch: &[Flip]) {
    for one in batch {
        write(ground, one.at, bytes[one.at] ^ 1 << one.bit);
    }
    let faults = ground.faults().await;
    let unread = |fault: &String| fault.starts_with("不能打开") || fault.contains("数据库出错");
    let unread = faults.iter().any(unread);
    if unread && batch.len() > 1 {
        for one in batch {
            std::fs::write(ground.path("zhiheng.sqlite"), bytes).unwrap();
            Box::pin(check_batch(ground, bytes, std::slice::from_ref(one))).await;
        }
        return;
    }
    for one in batch {
        let known = |(table, row): &(usize, Row)| known_by(&TABLES[*table], row);
        let words: Vec<String> = one.rows.iter().flat_map(known).collect();
        assert!(
            is_named(&faults, &words) || unread,
            "byte {}, bit {}: {words:?} not in {faults:#?}",
            one.at,
            one.bit
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_bit_of_the_file_is_found_or_every_row_reads_as_before() {
    let Some(ground) = Ground::made().await else {
        return;
    };
    let conn = ground.open("zhiheng.sqlite");
    conn.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
        .unwrap();
    let before = stock(&conn).unwrap();
    drop(conn);
    let whole = ground.kept("whole");
    let bytes = std::fs::read(whole.join("zhiheng.sqlite")).unwrap();
    let mut chance = Chance::seeded();
    let (mut found, mut same, mut named) = (0, 0, 0);
    let mut batch = Vec::new();
    let flips = if all() { 10 * FLIPS } else { FLIPS };
    for count in 1..=flips {
        let (at, bit) = (chance.below(bytes.len()), chance.below(8));
        write(&ground, at, bytes[at] ^ 1 << bit);
        match outcome(&ground, &before) {
            Outcome::Found => found += 1,
            Outcome::Same => same += 1,
            Outcome::Rows(rows) => batch.push(Flip { at, bit, rows }),
        }
        write(&ground, at, bytes[at]);
        if batch.len() == BATCH || count == flips {
            named += batch.len();
            check_batch(&ground, &bytes, &batch).await;
            batch.clear();
            ground.put_back(&whole);
        }
    }
    println!("{flips} flips: {found} found by SQLite, {named} by verify, {same} changed no row");
    assert!(found > 0 && named > 0 && found + named + same == flips);
}

/// One bit of a row makes text of bytes, and every byte stays.
#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_called_text_are_found_and_their_row_named() {
    let Some(ground) = Ground::made().await else {
        return;
    };
    let whole = ground.kept("whole");
    for (name, column) in [
        ("event", "header"),
        ("event_body", "salt"),
        ("event_body", "body"),
        ("leaf", "entry"),
        ("stream", "entry"),
        ("tile", "data"),
        ("checkpoint", "root"),
    ] {
        let table = TABLES.iter().find(|table| table.name == name).unwrap();
        let conn = ground.open(table.database);
        let first = rows(&conn, name).remove(0);
        let sql = format!("UPDATE {name} SET {column} = CAST({column} AS TEXT)");
        assert!(conn.execute(&sql, []).unwrap() > 0);
        drop(conn);
        let faults = ground.faults().await;
        let words = known_by(table, &first);
        assert!(
            is_named(&faults, &words),
            "{name}.{column}: {words:?} not in {faults:#?}"
        );
        ground.put_back(&whole);
    }
}
