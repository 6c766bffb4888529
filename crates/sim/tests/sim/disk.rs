//! The disk under SQLite: what was synced outlives the power, and what was not need not.

use std::{path::Path, sync::Arc};

use sim::{
    Chance,
    disk::{Disk, Keep, Trouble},
};

const NAME: &str = "x.sqlite";

fn disk(folder: &Path, honest: bool) -> (Arc<Disk>, rusqlite::Connection) {
    let disk = Disk::below(folder, honest).unwrap();
    let conn = rusqlite::Connection::open(folder.join(NAME)).unwrap();
    conn.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (n)")
        .unwrap();
    (disk, conn)
}

/// Rows that are there after so many commits and a power cut in the next.
fn left(honest: bool, keep: Keep, seed: u64) -> Option<i64> {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (disk, conn) = disk(folders[0].path(), honest);
    for n in 0..20 {
        conn.execute("INSERT INTO t VALUES (?)", [n]).unwrap();
    }
    disk.trouble(0, Trouble::PowerBefore);
    assert!(conn.execute("INSERT INTO t VALUES (20)", []).is_err());
    assert!(conn.execute("INSERT INTO t VALUES (21)", []).is_err());
    disk.leave(folders[1].path(), keep, &mut Chance::of(seed))
        .unwrap();
    let _kept = Disk::below(folders[1].path(), true).unwrap();
    let conn = rusqlite::Connection::open(folders[1].path().join(NAME)).unwrap();
    let counted = conn.query_row("SELECT count(*) FROM t", [], |row| row.get(0));
    counted.ok()
}

#[test]
fn what_was_committed_outlives_the_power_whatever_else_is_left() {
    for seed in 0..20 {
        for keep in Keep::ALL {
            let rows = left(true, keep, seed);
            assert!(matches!(rows, Some(20 | 21)), "{seed} {keep:?}: {rows:?}");
        }
        assert_eq!(left(true, Keep::Nothing, seed), Some(20));
        // The process alone is gone: what it wrote is there, synced or not.
        assert_eq!(left(true, Keep::All, seed), Some(21));
    }
}

#[test]
fn a_disk_that_only_says_that_it_synced_loses_commits() {
    assert_eq!(left(false, Keep::All, 1), Some(21));
    assert_eq!(left(false, Keep::Nothing, 1), None, "not even the table");
    let lost = (0..20).filter(|seed| left(false, Keep::Some, *seed) != Some(21));
    assert!(lost.count() > 10);
}

#[test]
fn a_sync_that_fails_is_told_and_the_next_goes_well() {
    let folder = tempfile::tempdir().unwrap();
    let (disk, conn) = disk(folder.path(), true);
    disk.trouble(0, Trouble::Fails);
    assert!(conn.execute("INSERT INTO t VALUES (1)", []).is_err());
    conn.execute("INSERT INTO t VALUES (2)", []).unwrap();
    let rows: i64 = conn
        .query_row("SELECT sum(n) FROM t", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 2);
}
