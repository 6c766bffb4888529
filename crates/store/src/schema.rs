//! Versions of the schema, and what a database must promise before it is used.

use crate::conn::{Column, Txn, Writer};
use crate::error::StoreError;
use crate::sql::{Dialect, get};

/// Every step from an empty database to this program's; only ever added to.
const MIGRATIONS: [&str; 5] = [
    include_str!("schema/v1.sql"),
    include_str!("schema/v2.sql"),
    include_str!("schema/v3.sql"),
    include_str!("schema/v4.sql"),
    include_str!("schema/v5.sql"),
];

/// Where the versions that were applied are kept.
const VERSIONS: &str =
    "CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)";

/// The schema version that this program works on.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// The version found in a database; none if it has no tables of ours.
pub(crate) async fn version(txn: &mut Txn<'_>) -> Result<Option<i64>, StoreError> {
    let listed = match txn.dialect() {
        Dialect::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
        }
        Dialect::Postgres => {
            "SELECT table_name::text FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_name = 'schema_version'"
        }
    };
    if txn.one(listed, &[]).await?.is_none() {
        return Ok(None);
    }
    let row = txn
        .one("SELECT MAX(version) FROM schema_version", &[])
        .await?;
    Ok(row
        .map(|row| get::<Option<i64>>(&row, 0))
        .transpose()?
        .flatten())
}

/// Refuses a schema that is not exactly this program's.
pub(crate) async fn require_current(txn: &mut Txn<'_>) -> Result<(), StoreError> {
    match version(txn).await? {
        None => Err(StoreError::NoSchema),
        Some(found) if found < SCHEMA_VERSION => Err(StoreError::OlderSchema {
            found,
            wanted: SCHEMA_VERSION,
        }),
        Some(found) if found > SCHEMA_VERSION => Err(StoreError::NewerSchema {
            found,
            wanted: SCHEMA_VERSION,
        }),
        Some(_) => Ok(()),
    }
}

/// Brings the schema to this program's version, forward only, in one transaction; tells from where to where.
pub(crate) async fn migrate(writer: &Writer, now_us: i64) -> Result<(i64, i64), StoreError> {
    migrate_to(writer, SCHEMA_VERSION, now_us).await
}

/// As [`migrate`], to an earlier version: what was kept in its shape is put in before the schema goes on.
pub(crate) async fn migrate_to(
    writer: &Writer,
    wanted: i64,
    now_us: i64,
) -> Result<(i64, i64), StoreError> {
    let mut txn = writer.begin().await?;
    let moved = migrate_in(&mut txn, wanted, now_us).await;
    match moved {
        Ok(moved) => {
            txn.commit().await?;
            Ok(moved)
        }
        Err(error) => {
            // The connection may be gone, which has the same effect.
            let _ = txn.rollback().await;
            Err(error)
        }
    }
}

/// As [`migrate_to`], in a transaction of the caller's.
pub(crate) async fn migrate_in(
    txn: &mut Txn<'_>,
    wanted: i64,
    now_us: i64,
) -> Result<(i64, i64), StoreError> {
    let dialect = txn.dialect();
    let found = version(txn).await?.unwrap_or(0);
    if found > SCHEMA_VERSION {
        return Err(StoreError::NewerSchema {
            found,
            wanted: SCHEMA_VERSION,
        });
    }
    if found >= wanted {
        return Ok((found, found));
    }
    let before = match found {
        0 => {
            txn.raw(VERSIONS).await?;
            None
        }
        _ => {
            if dialect == Dialect::Postgres {
                // What others commit meanwhile would look as if the migration had changed it.
                txn.raw("LOCK TABLE event, event_body, leaf, checkpoint IN SHARE MODE")
                    .await?;
            }
            Some(kept(txn).await?)
        }
    };
    for (version, sql) in (1..=wanted)
        .zip(MIGRATIONS)
        .skip(usize::try_from(found).unwrap_or(0))
    {
        txn.raw(&for_dialect(dialect, sql)).await?;
        let note = "INSERT INTO schema_version (version, applied_at) VALUES (?, ?)";
        txn.run(note, &[version.into(), now_us.into()]).await?;
    }
    if let Some(before) = before
        && kept(txn).await? != before
    {
        return Err(StoreError::damaged("升级后的记录与升级前不同"));
    }
    Ok((found, wanted))
}

/// Rows that are read at a time.
const KEPT_ROWS: i64 = 1_000;

/// What no migration may change: a digest over the bytes of every event, its body, its leaf and every checkpoint.
async fn kept(txn: &mut Txn<'_>) -> Result<ledger::Hash, StoreError> {
    let mut hasher = ledger::Suite::C2sp.hasher();
    for (key, bytes) in [
        ("event", "header"),
        ("event_body", "salt"),
        ("event_body", "body"),
    ] {
        let (mut stream, mut version) = (String::new(), 0_i64);
        loop {
            let sql = format!(
                "SELECT stream_id, version, {bytes} FROM {key} WHERE (stream_id, version) > (?, ?) \
                 ORDER BY stream_id, version LIMIT {KEPT_ROWS}"
            );
            let rows = txn
                .all(&sql, &[stream.as_str().into(), version.into()])
                .await?;
            let Some(last) = rows.last() else { break };
            let next = (get(last, 0)?, get(last, 1)?);
            for row in &rows {
                hasher.update(get::<String>(row, 0)?.as_bytes());
                hasher.update(&get::<i64>(row, 1)?.to_be_bytes());
                hasher.update(&get::<Vec<u8>>(row, 2)?);
            }
            (stream, version) = next;
        }
    }
    let mut at = -1_i64;
    loop {
        let sql = "SELECT idx, entry FROM leaf WHERE idx > ? ORDER BY idx LIMIT ?";
        let rows = txn.all(sql, &[at.into(), KEPT_ROWS.into()]).await?;
        let Some(last) = rows.last() else { break };
        at = get(last, 0)?;
        for row in &rows {
            hasher.update(&get::<Vec<u8>>(row, 1)?);
        }
    }
    let sql = "SELECT note FROM checkpoint ORDER BY origin_no, size";
    for row in txn.all(sql, &[]).await? {
        hasher.update(get::<String>(&row, 0)?.as_bytes());
    }
    Ok(hasher.finish())
}

/// Schema text as that database wants it.
pub(crate) fn for_dialect(dialect: Dialect, sql: &str) -> String {
    let (bytes, clustered) = match dialect {
        Dialect::Sqlite => ("BLOB", "WITHOUT ROWID"),
        Dialect::Postgres => ("BYTEA", ""),
    };
    let sql = match (dialect, sql.split_once(SQLITE_ONLY)) {
        (Dialect::Postgres, Some((for_both, _))) => for_both,
        _ => sql,
    };
    sql.replace("{bytes}", bytes)
        .replace("{clustered}", clustered)
}

/// Line in the text of a version, below which it concerns only how SQLite lays its tables out.
const SQLITE_ONLY: &str = "-- SQLite only:\n";

/// The `CREATE TABLE` text of one table of the current schema, under another name; the latest that makes it holds.
pub(crate) fn create_table_as(dialect: Dialect, table: &str, name: &str) -> Option<String> {
    let head = format!("CREATE TABLE {table} (");
    MIGRATIONS.iter().rev().find_map(|sql| {
        let (_, rest) = sql.split_once(&head)?;
        let (columns, _) = rest.split_once(';')?;
        Some(for_dialect(
            dialect,
            &format!("CREATE TABLE {name} ({columns}"),
        ))
    })
}

/// Names of the tables that this program has made, each once.
pub(crate) fn tables() -> Vec<String> {
    let lines = MIGRATIONS.iter().flat_map(|sql| sql.lines());
    let made = lines
        .chain([VERSIONS])
        .filter_map(|line| line.strip_prefix("CREATE TABLE ")?.split(' ').next());
    let each: std::collections::BTreeSet<&str> = made.collect();
    each.into_iter().map(str::to_owned).collect()
}

/// Refuses settings under which an acknowledged write could be lost.
pub(crate) async fn require_durable(txn: &mut Txn<'_>) -> Result<(), StoreError> {
    match txn.dialect() {
        Dialect::Sqlite => {
            let journal: String = setting(txn, "PRAGMA journal_mode").await?;
            wanted("journal_mode", &["wal"], journal.to_lowercase(), "wal")?;
            let synchronous: i64 = setting(txn, "PRAGMA synchronous").await?;
            wanted("synchronous", &SYNCHRONOUS, synchronous.to_string(), "FULL")
        }
        Dialect::Postgres => {
            let fsync = setting(txn, "SHOW fsync").await?;
            wanted("fsync", &["on"], fsync, "on")?;
            let pages = setting(txn, "SHOW full_page_writes").await?;
            wanted("full_page_writes", &["on"], pages, "on")?;
            let standbys: String = setting(txn, "SHOW synchronous_standby_names").await?;
            let commit = setting(txn, "SHOW synchronous_commit").await?;
            wanted("synchronous_commit", commits(&standbys), commit, "on")
        }
    }
}

/// FULL and EXTRA, as SQLite numbers them; NORMAL forgets the last commits in a power cut.
const SYNCHRONOUS: [&str; 2] = ["2", "3"];

/// Values of `synchronous_commit` that keep what was acknowledged, also when a standby that is waited for takes over.
fn commits(standbys: &str) -> &'static [&'static str] {
    if standbys.trim().is_empty() {
        &["on", "remote_apply", "remote_write", "local"]
    } else {
        &["on", "remote_apply"]
    }
}

fn wanted(
    setting: &'static str,
    safe: &[&str],
    found: String,
    wanted: &'static str,
) -> Result<(), StoreError> {
    if safe.contains(&found.as_str()) {
        return Ok(());
    }
    Err(StoreError::Unsafe {
        setting,
        found,
        wanted,
    })
}

async fn setting<T: Column>(txn: &mut Txn<'_>, sql: &str) -> Result<T, StoreError> {
    let row = txn.one(sql, &[]).await?;
    let row = row.ok_or_else(|| StoreError::damaged(format!("数据库不回答 {sql}")))?;
    Ok(get(&row, 0)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::VIEWS;

    #[test]
    fn only_what_outlives_a_power_cut_is_taken() {
        let check = |safe: &[&str], values: &[&str]| {
            for value in [
                "0",
                "1",
                "2",
                "3",
                "on",
                "off",
                "local",
                "remote_write",
                "remote_apply",
            ] {
                let taken = wanted("x", safe, value.to_owned(), "y").is_ok();
                assert_eq!(taken, values.contains(&value), "{value} of {safe:?}");
            }
        };
        check(&SYNCHRONOUS, &["2", "3"]);
        check(
            commits(""),
            &["on", "local", "remote_write", "remote_apply"],
        );
        check(commits("ANY 1 (a, b)"), &["on", "remote_apply"]);
    }

    #[test]
    fn the_schema_text_differs_between_the_databases_in_two_words_only() {
        let (lite, pg) = (
            for_dialect(Dialect::Sqlite, MIGRATIONS[0]),
            for_dialect(Dialect::Postgres, MIGRATIONS[0]),
        );
        assert!(lite.replace("BLOB", "BYTEA").replace("WITHOUT ROWID", "") == pg);
        assert!(!pg.contains('{'));
    }

    #[test]
    fn the_layout_of_a_table_is_changed_on_sqlite_alone() {
        assert!(for_dialect(Dialect::Sqlite, MIGRATIONS[4]).contains("CREATE TABLE event ("));
        assert!(!for_dialect(Dialect::Postgres, MIGRATIONS[4]).contains("TABLE"));
        let both = "CREATE TABLE a (b TEXT);\n";
        assert_eq!(for_dialect(Dialect::Postgres, both), both);
    }

    #[test]
    fn every_view_column_is_in_the_schema_in_the_same_order() {
        for view in &VIEWS {
            let sql = create_table_as(Dialect::Sqlite, view.table, "x").unwrap();
            let columns: Vec<&str> = sql
                .lines()
                .skip(1)
                .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
                .filter(|word| *word != "PRIMARY")
                .collect();
            assert_eq!(columns, view.columns, "{}", view.table);
        }
    }
}
