//! Values changed where they are stored, a byte at a time.

use rusqlite::{Connection, params_from_iter, types::Value};

use super::{Chance, Ground, ROWS_MAX, all, tables::*};

/// Bytes of one value that are changed in turn, where not all are.
const ROUNDS: usize = 1;

/// The bytes of a value, and how a changed one is written.
fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Null => None,
        Value::Integer(number) => Some(number.to_be_bytes().to_vec()),
        Value::Real(number) => Some(number.to_be_bytes().to_vec()),
        Value::Text(text) => Some(text.clone().into_bytes()),
        Value::Blob(bytes) => Some(bytes.clone()),
    }
}

/// The assignment that writes a value with these bytes, and its parameter.
fn written(value: &Value, bytes: Vec<u8>) -> (&'static str, Value) {
    match value {
        Value::Integer(_) => {
            let number = i64::from_be_bytes(bytes.try_into().unwrap());
            ("?", Value::Integer(number))
        }
        // Bytes that are no text are kept as a text all the same.
        Value::Text(_) => ("CAST(? AS TEXT)", Value::Blob(bytes)),
        _ => ("?", Value::Blob(bytes)),
    }
}

/// Changes one column of a row; gives the new value, or nothing where the key of another row is in the way.
fn change(
    conn: &Connection,
    table: &Table,
    row: &Row,
    column: &str,
    at: usize,
    bit: usize,
) -> Option<Value> {
    let value = row.value(column);
    let (mark, new) = match bytes_of(value) {
        None => ("?", Value::Text("x".to_owned())),
        Some(mut bytes) if bytes.is_empty() => {
            bytes.push(b'x');
            written(value, bytes)
        }
        Some(mut bytes) => {
            let at = at % bytes.len();
            bytes[at] ^= 1 << (bit % 8);
            written(value, bytes)
        }
    };
    let keys: Vec<String> = table.key.iter().map(|key| format!("{key} = ?")).collect();
    let sql = format!(
        "UPDATE {} SET {column} = {mark} WHERE {}",
        table.name,
        keys.join(" AND ")
    );
    let values = std::iter::once(new.clone()).chain(row.key(table));
    match conn.execute(&sql, params_from_iter(values)) {
        Ok(changed) => {
            assert_eq!(changed, 1, "{sql}");
            Some(new)
        }
        Err(rusqlite::Error::SqliteFailure(error, _))
            if error.code == rusqlite::ErrorCode::ConstraintViolation =>
        {
            None
        }
        Err(other) => panic!("{sql}: {other}"),
    }
}

/// Rounds that a column gets: every byte of its longest value, or some.
fn rounds(stock: &[Row], column: &str) -> usize {
    let lengths = stock.iter().map(|row| bytes_of(row.value(column)));
    let longest = lengths
        .flatten()
        .map(|bytes| bytes.len())
        .max()
        .unwrap_or(1);
    if all() { longest } else { longest.min(ROUNDS) }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_changed_value_is_found_and_its_row_named() {
    let Some(ground) = Ground::made().await else {
        return;
    };
    let whole = ground.kept("whole");
    let mut chance = Chance::seeded();
    let mut changes = 0_usize;
    for table in &TABLES {
        let stock = rows(&ground.open(table.database), table.name);
        assert!(!stock.is_empty(), "{} has no rows", table.name);
        let columns = stock[0].columns.clone();
        for column in columns
            .iter()
            .filter(|column| !table.open.contains(&column.as_str()))
        {
            for round in 0..rounds(&stock, column) {
                for some in stock.chunks(ROWS_MAX) {
                    let byte = if all() { round } else { chance.below(1 << 20) };
                    let conn = ground.open(table.database);
                    let mut changed = Vec::new();
                    for row in some {
                        let bit = chance.below(8);
                        // A key that is taken: another bit of the same byte.
                        let tried = |more| change(&conn, table, row, column, byte, bit + more);
                        if let Some(new) = (0..8).find_map(tried) {
                            let mut words = known_by(table, row);
                            words.extend(known_by(table, &row.with(column, new)));
                            changed.push(words);
                        }
                    }
                    drop(conn);
                    let faults = ground.faults().await;
                    // Leaves in another order: which of them was moved, nobody can tell.
                    let moved = table.name == "leaf" && column == "idx" && is_reordered(&faults);
                    for words in changed.iter().filter(|_| !moved) {
                        assert!(
                            is_named(&faults, words),
                            "{}.{column} byte {byte} of {words:?}: {faults:#?}",
                            table.name
                        );
                    }
                    changes += changed.len();
                    ground.put_back(&whole);
                }
            }
        }
    }
    println!("{changes} values were changed, and every one was found");
    assert!(changes > 2_000, "{changes}");
}

#[tokio::test]
async fn what_is_not_answered_for_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let config = store::StoreConfig::new(url("a.sqlite"), folder.path(), "test.example/log");
    store::Store::migrate(&config, 0).await.unwrap();
    let portal = portal::PortalStore::open(&url("b.sqlite")).await.unwrap();
    portal.close().await;
    let mut found = Vec::new();
    for database in ["a.sqlite", "b.sqlite"] {
        let conn = Connection::open(folder.path().join(database)).unwrap();
        let sql = "SELECT name FROM sqlite_master WHERE type = 'table'";
        let mut statement = conn.prepare(sql).unwrap();
        let names = statement.query_map([], |row| row.get::<_, String>(0));
        found.extend(names.unwrap().map(Result::unwrap));
    }
    // The queue is empty once everything is in the log; the store's own tests change it.
    found.retain(|name| name != "unsequenced");
    let mut known: Vec<String> = TABLES.iter().map(|table| table.name.to_owned()).collect();
    known.extend(OPEN_TABLES.map(str::to_owned));
    found.sort();
    known.sort();
    assert_eq!(
        found, known,
        "a new table is either checked or named as open"
    );
}
