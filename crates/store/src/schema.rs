//! Versions of the schema, and what a database must promise before it is used.

use crate::conn::{Column, Txn, Writer};
use crate::error::StoreError;
use crate::sql::{Dialect, get};

/// Every step from an empty database to this program's; only ever added to.
const MIGRATIONS: [&str; 4] = [
    include_str!("schema/v1.sql"),
    include_str!("schema/v2.sql"),
    include_str!("schema/v3.sql"),
    include_str!("schema/v4.sql"),
];

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
    let dialect = txn.dialect();
    let found = version(&mut txn).await?.unwrap_or(0);
    if found > SCHEMA_VERSION {
        return Err(StoreError::NewerSchema {
            found,
            wanted: SCHEMA_VERSION,
        });
    }
    if found == 0 {
        let table = "CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)";
        txn.raw(table).await?;
    }
    for (version, sql) in (1..=wanted)
        .zip(MIGRATIONS)
        .skip(usize::try_from(found).unwrap_or(0))
    {
        txn.raw(&for_dialect(dialect, sql)).await?;
        let note = "INSERT INTO schema_version (version, applied_at) VALUES (?, ?)";
        txn.run(note, &[version.into(), now_us.into()]).await?;
    }
    txn.commit().await?;
    Ok((found, wanted.max(found)))
}

/// Schema text as that database wants it.
pub(crate) fn for_dialect(dialect: Dialect, sql: &str) -> String {
    let (bytes, clustered) = match dialect {
        Dialect::Sqlite => ("BLOB", "WITHOUT ROWID"),
        Dialect::Postgres => ("BYTEA", ""),
    };
    sql.replace("{bytes}", bytes)
        .replace("{clustered}", clustered)
}

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

/// Names of the tables of the current schema.
#[cfg(test)]
pub(crate) fn tables() -> Vec<String> {
    let created = MIGRATIONS.iter().flat_map(|sql| sql.lines());
    created
        .filter_map(|line| {
            Some(
                line.strip_prefix("CREATE TABLE ")?
                    .split(' ')
                    .next()?
                    .to_owned(),
            )
        })
        .collect()
}

/// Refuses settings under which an acknowledged write could be lost.
pub(crate) async fn require_durable(txn: &mut Txn<'_>) -> Result<(), StoreError> {
    match txn.dialect() {
        Dialect::Sqlite => {
            let mode: String = setting(txn, "PRAGMA journal_mode").await?;
            if !mode.eq_ignore_ascii_case("wal") {
                return Err(StoreError::Unsafe {
                    setting: "journal_mode",
                    found: mode,
                    wanted: "wal",
                });
            }
            let synchronous: i64 = setting(txn, "PRAGMA synchronous").await?;
            if synchronous < 2 {
                let found = synchronous.to_string();
                return Err(StoreError::Unsafe {
                    setting: "synchronous",
                    found,
                    wanted: "FULL",
                });
            }
        }
        Dialect::Postgres => {
            for (name, show) in [
                ("fsync", "SHOW fsync"),
                ("full_page_writes", "SHOW full_page_writes"),
                ("synchronous_commit", "SHOW synchronous_commit"),
            ] {
                let found: String = setting(txn, show).await?;
                if found == "off" {
                    return Err(StoreError::Unsafe {
                        setting: name,
                        found,
                        wanted: "on",
                    });
                }
            }
        }
    }
    Ok(())
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
    fn the_schema_text_differs_between_the_databases_in_two_words_only() {
        let (lite, pg) = (
            for_dialect(Dialect::Sqlite, MIGRATIONS[0]),
            for_dialect(Dialect::Postgres, MIGRATIONS[0]),
        );
        assert!(lite.replace("BLOB", "BYTEA").replace("WITHOUT ROWID", "") == pg);
        assert!(!pg.contains('{'));
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
