//! Rows deleted, swapped and put in again, and the whole put back to an earlier day.

use rusqlite::{params_from_iter, types::Value};
use store::{Sequencer, SignedCheckpoint, Store};

use super::{Chance, Ground, tables::*};
use crate::install::Installation;

/// Rows of one table that are taken at a time.
const TAKEN: usize = 20;

/// Some rows of a table, chosen by chance; all where they are few.
fn some(stock: &[Row], chance: &mut Chance) -> Vec<Row> {
    let mut left: Vec<Row> = stock.to_vec();
    let mut taken = Vec::new();
    while taken.len() < TAKEN && !left.is_empty() {
        taken.push(left.swap_remove(chance.below(left.len())));
    }
    taken
}

fn where_key(table: &Table) -> String {
    let keys: Vec<String> = table.key.iter().map(|key| format!("{key} = ?")).collect();
    keys.join(" AND ")
}

#[track_caller]
fn all_named(faults: &[String], table: &Table, rows: &[Row], what: &str) {
    for row in rows {
        let words = known_by(table, row);
        assert!(
            is_named(faults, &words),
            "{what} {} {words:?}: {faults:#?}",
            table.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_swapped_and_inserted_rows_are_found_and_named() {
    let Some(ground) = Ground::made().await else {
        return;
    };
    let whole = ground.kept("whole");
    let mut chance = Chance::seeded();
    for table in &TABLES {
        let stock = rows(&ground.open(table.database), table.name);
        let taken = some(&stock, &mut chance);
        let conn = ground.open(table.database);
        for row in &taken {
            let sql = format!("DELETE FROM {} WHERE {}", table.name, where_key(table));
            assert_eq!(
                conn.execute(&sql, params_from_iter(row.key(table)))
                    .unwrap(),
                1
            );
        }
        drop(conn);
        // A checkpoint that is gone only shows against one that is kept elsewhere; the public page keeps the newest.
        if table.name != "checkpoint" {
            all_named(&ground.faults().await, table, &taken, "deleted from");
        }
        // Put in again with what another row holds beside its key.
        if taken.len() > 1 && table.key.len() < stock[0].columns.len() {
            let conn = ground.open(table.database);
            for (row, other) in taken.iter().zip(taken.iter().cycle().skip(1)) {
                let marks = vec!["?"; row.columns.len()].join(",");
                let sql = format!("INSERT OR REPLACE INTO {} VALUES ({marks})", table.name);
                let values = row.columns.iter().map(|column| {
                    let from = if table.key.contains(&column.as_str()) {
                        row
                    } else {
                        other
                    };
                    from.value(column).clone()
                });
                conn.execute(&sql, params_from_iter(values)).unwrap();
            }
            let now = rows(&conn, table.name);
            drop(conn);
            let other: Vec<Row> = taken.into_iter().filter(|row| !now.contains(row)).collect();
            let faults = ground.faults().await;
            // Leaves that are each as they were, in another order: which of them was moved, nobody can tell.
            if table.name == "leaf" {
                assert!(is_reordered(&faults), "{faults:#?}");
            } else {
                all_named(&faults, table, &other, "swapped in");
            }
        }
        ground.put_back(&whole);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_nothing_are_found() {
    let Some(ground) = Ground::made().await else {
        return;
    };
    let whole = ground.kept("whole");
    let strays = [
        (
            "zhiheng.sqlite",
            "INSERT INTO case_person VALUES ((SELECT stream_id FROM case_row LIMIT 1), 'nobody')",
            "视图",
        ),
        (
            "zhiheng.sqlite",
            "INSERT INTO event_body SELECT stream_id, version + 1000, key_id, salt, body FROM event_body LIMIT 1",
            "记录内容",
        ),
        (
            "zhiheng.sqlite",
            "INSERT INTO tile SELECT level + 5, idx, data FROM tile LIMIT 1",
            "日志分块",
        ),
        (
            "zhiheng.sqlite",
            "UPDATE tile SET data = data || x'00'",
            "日志分块",
        ),
        (
            "zhiheng.sqlite",
            "INSERT INTO unsequenced SELECT stream_id, version, recorded_at, entry FROM event JOIN leaf USING (stream_id, version) LIMIT 1",
            "日志条目",
        ),
        (
            "zhiheng.sqlite",
            "INSERT INTO command SELECT id || 'x', actor, digest, stream_id, first_version, last_version, recorded_at FROM command LIMIT 1",
            "操作记录",
        ),
        (
            "zhiheng.sqlite",
            "UPDATE cursor SET idx = idx + 100000",
            "任务位置",
        ),
        (
            "zhiheng.sqlite",
            "UPDATE cursor SET idx = 0 WHERE name = 'tiles'",
            "任务位置",
        ),
        (
            "zhiheng.sqlite",
            "UPDATE leaf SET idx = 9007199254740993 WHERE idx = (SELECT MAX(idx) FROM leaf)",
            "日志条目",
        ),
        (
            "zhiheng.sqlite",
            "UPDATE leaf SET idx = -5 WHERE idx = 0",
            "日志条目",
        ),
        (
            "zhiheng.sqlite",
            "INSERT INTO stream SELECT 'case-x', kind, body_id, version, entry, recorded_at FROM stream LIMIT 1",
            "流首",
        ),
        (
            "zhiheng.sqlite",
            "INSERT INTO checkpoint SELECT 7, size, root, note, created_at FROM checkpoint LIMIT 1",
            "检查点",
        ),
        (
            "portal.sqlite",
            "INSERT INTO published_item SELECT 'x' || id, body_name, decision_number, party_name, party_kind, cause, facts, basis, outcome, decided_on, published_on, until_on, document_digest, document, bundle, withdrawn_on, withdraw_reason, haystack FROM published_item LIMIT 1",
            "公示",
        ),
        (
            "portal.sqlite",
            "UPDATE published_item SET withdrawn_on = '2026-01-01', withdraw_reason = 'x'",
            "公示",
        ),
        ("portal.sqlite", "DELETE FROM published_item", "公示"),
        (
            "portal.sqlite",
            "UPDATE portal_meta SET value = 'x' || value WHERE key = 'key'",
            "公示",
        ),
    ];
    for (database, sql, kind) in strays {
        let touched = ground.open(database).execute(sql, []).unwrap();
        assert!(touched > 0, "{sql}");
        let faults = ground.faults().await;
        assert!(
            faults.iter().any(|fault| fault.starts_with(kind)),
            "{sql}: {faults:#?}"
        );
        ground.put_back(&whole);
    }
    // A public page that is gone whole is filled again, which is no fault, but not sound either.
    std::fs::remove_file(ground.path("portal.sqlite")).unwrap();
    let found = crate::verifying::check(&ground.place, None, Vec::new()).await;
    let found = found.unwrap();
    assert_eq!(found.faults, Vec::<String>::new());
    assert!(found.unchecked.iter().any(|part| part.contains("重新填写")));
    ground.put_back(&whole);
    // Who hides a decision and puts the job's place back, has it shown again; until then the page counts as not checked.
    let hidden = "DELETE FROM published_item; DELETE FROM published_line; \
        DELETE FROM portal_meta WHERE key = 'place'";
    ground.open("portal.sqlite").execute_batch(hidden).unwrap();
    let found = crate::verifying::check(&ground.place, None, Vec::new()).await;
    let found = found.unwrap();
    assert_eq!(found.faults, Vec::<String>::new());
    assert_eq!(found.unchecked.len(), 1);
    ground.put_back(&whole);
    // A key taken out makes no page a new one.
    let hidden = "DELETE FROM published_item WHERE id = (SELECT MIN(id) FROM published_item); \
        DELETE FROM portal_meta WHERE key = 'key'";
    ground.open("portal.sqlite").execute_batch(hidden).unwrap();
    let faults = ground.faults().await;
    for told in ["公钥缺失", "公示数据库中没有"] {
        let found = faults.iter().any(|fault| fault.contains(told));
        assert!(found, "{told}: {faults:#?}");
    }
    ground.put_back(&whole);
    // Views that are not compared, because somebody says that a calendar was just imported, are not called sound.
    go_on(
        &ground,
        "date,name,type,paper_year\n2031-01-01,元旦,休,2031\n",
    )
    .await;
    let moved = "UPDATE cursor SET idx = idx + 1 WHERE name = 'follower:calendar'";
    let touched = ground.open("zhiheng.sqlite").execute(moved, []).unwrap();
    assert_eq!(touched, 1);
    let found = crate::verifying::check(&ground.place, None, Vec::new()).await;
    let found = found.unwrap();
    assert_eq!((found.streams, found.unchecked.len()), (0, 1));
}

/// Records something more and signs it; gives the checkpoint that an outsider would keep.
async fn go_on(ground: &Ground, notice: &str) -> SignedCheckpoint {
    let installation = Installation::require(&ground.place).unwrap();
    let clock = office::Clock::System;
    let office = installation.open(&ground.place, clock).await.unwrap();
    office.import_calendar(notice).await.unwrap();
    let version = office.refresh_calendar().await.unwrap();
    crate::admin::rebuild_views(&office, |_, _| {})
        .await
        .unwrap();
    office
        .store()
        .set_cursor(office::CALENDAR_FOLLOWER, version)
        .await
        .unwrap();
    let mut sequencer = Sequencer::new(office.store().clone());
    sequencer.run_once(office.now().0).await.unwrap();
    sequencer.release().await.unwrap();
    let kept = office.store().latest_checkpoint().await.unwrap().unwrap();
    office.store().close().await;
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_and_a_split_view_show_against_a_checkpoint_that_is_kept_outside() {
    let Some(ground) = Ground::made().await else {
        return;
    };
    let old = ground.kept("old");
    let one = go_on(
        &ground,
        "date,name,type,paper_year\n2031-01-01,元旦,休,2031\n",
    )
    .await;
    assert_eq!(
        ground.faults_with(vec![one.clone()]).await,
        Vec::<String>::new()
    );
    ground.put_back(&old);
    assert_eq!(
        ground.faults().await,
        Vec::<String>::new(),
        "an old copy is whole in itself"
    );
    let faults = ground.faults_with(vec![one.clone()]).await;
    assert!(
        faults
            .iter()
            .any(|fault| fault.starts_with("检查点") && fault.contains("现只有")),
        "{faults:#?}"
    );
    // The bureau goes on from the old copy: for another reader, another history of the same length.
    let other = go_on(
        &ground,
        "date,name,type,paper_year\n2032-01-01,元旦,休,2032\n",
    )
    .await;
    assert_eq!(one.unverified().size(), other.unverified().size());
    assert_eq!(ground.faults_with(vec![other]).await, Vec::<String>::new());
    let faults = ground.faults_with(vec![one]).await;
    assert!(
        faults
            .iter()
            .any(|fault| fault.starts_with("检查点") && fault.contains("根摘要")),
        "{faults:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_public_key_alone_checks_as_much_and_can_sign_nothing() {
    let Some(ground) = Ground::made().await else {
        return;
    };
    let secret = std::fs::read_to_string(ground.path("log.key")).unwrap();
    let secret = ledger::SigningKey::parse(secret.trim()).unwrap();
    let public = secret.verifying_key().to_string();
    std::fs::remove_file(ground.path("log.key")).unwrap();
    let check = async || {
        crate::verifying::check(&ground.place, Some(public.clone()), Vec::new())
            .await
            .unwrap()
    };
    assert_eq!(check().await.faults, Vec::<String>::new());
    let conn = ground.open("zhiheng.sqlite");
    conn.execute("UPDATE event SET actor = 'x' WHERE actor IS NOT NULL", [])
        .unwrap();
    assert!(check().await.count > 0);
    let mut config = Installation::require(&ground.place)
        .unwrap()
        .store_config(&ground.place)
        .unwrap();
    config.key = store::KeySource::Public(public);
    let store = Store::open(&config).await.unwrap();
    conn.execute("DELETE FROM checkpoint", []).unwrap();
    let refused = Sequencer::new(store.clone()).run_once(1).await.unwrap_err();
    assert!(refused.to_string().contains("只有公钥"), "{refused}");
    let other = ledger::SigningKey::from_secret(store::Suite::Gm, "other.example/log", &[7; 32]);
    config.key = store::KeySource::Public(other.unwrap().verifying_key().to_string());
    assert!(Store::open(&config).await.is_err(), "a key of another log");
    let value: Value = conn
        .query_row("SELECT COUNT(*) FROM checkpoint", [], |row| row.get(0))
        .unwrap();
    assert_eq!(value, Value::Integer(0));
}
