//! When things fail: a wrong schema, unsafe settings, a full disk, a database that goes away and comes back.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Database, TransactionTrait as _};
use store::{CommitError, Scope, Sequencer, Store, StoreError, Tuning};
use testkit::{Cluster, Durability};

use crate::log::write;
use crate::on_both;
use crate::place::Place;
use crate::support::{BUREAU, NOW, Tip, body, config, step};

on_both!(
    a_database_without_our_tables_is_refused,
    a_newer_or_older_schema_is_refused,
    migrating_twice_changes_nothing,
    migrating_from_the_first_schema_keeps_the_views,
    a_migration_waits_for_who_writes_the_record,
    a_migration_that_fails_leaves_all_as_it_was_and_says_why,
    a_database_that_may_forget_is_refused,
    the_key_of_another_log_is_refused,
    an_abandoned_transaction_does_not_stop_the_next,
);

async fn a_database_without_our_tables_is_refused(place: &Place) {
    assert!(matches!(
        Store::open(&place.config()).await,
        Err(StoreError::NoSchema)
    ));
    // Nor is a second log begun there for a folder that has one elsewhere.
    assert!(matches!(
        Store::upgrade(&place.config(), NOW).await,
        Err(StoreError::NoSchema)
    ));
    let mut elsewhere = place.config();
    elsewhere.url = "mysql://x".into();
    assert!(matches!(
        Store::open(&elsewhere).await,
        Err(StoreError::Url)
    ));
}

async fn a_newer_or_older_schema_is_refused(place: &Place) {
    place.store().await.close().await;
    place
        .by_hand("INSERT INTO schema_version (version, applied_at) VALUES (99, 0)")
        .await;
    let newer = Store::open(&place.config()).await.unwrap_err();
    assert!(
        matches!(newer, StoreError::NewerSchema { found: 99, .. }),
        "{newer}"
    );
    assert!(newer.to_string().contains("zhiheng migrate"));
    let refused = Store::migrate(&place.config(), NOW).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::NewerSchema { .. }),
        "migrate goes forward only: {refused}"
    );
    place.by_hand("DELETE FROM schema_version; INSERT INTO schema_version (version, applied_at) VALUES (0, 0)").await;
    let older = Store::open(&place.config()).await.unwrap_err();
    assert!(
        matches!(older, StoreError::OlderSchema { found: 0, .. }),
        "{older}"
    );
}

async fn migrating_twice_changes_nothing(place: &Place) {
    let first = Store::migrate(&place.config(), NOW).await.unwrap();
    let key = std::fs::read(place.path("log.key")).unwrap();
    let second = Store::migrate(&place.config(), NOW).await.unwrap();
    assert_eq!((first.from, first.to), (0, store::SCHEMA_VERSION));
    assert_eq!(second.from, second.to);
    assert_eq!(std::fs::read(place.path("log.key")).unwrap(), key);
}

async fn migrating_from_the_first_schema_keeps_the_views(place: &Place) {
    let store = place.store().await;
    write(&store, 2, 3).await;
    let waiting = store.case_todo(&Scope::system(), "case-1").await.unwrap();
    store.close().await;
    back_to_first_schema(place).await;
    let done = Store::upgrade(&place.config(), NOW).await.unwrap();
    assert_eq!((done.from, done.to), (1, store::SCHEMA_VERSION));
    let store = Store::open(&place.config()).await.unwrap();
    let after = store.case_todo(&Scope::system(), "case-1").await.unwrap();
    assert_eq!(after, waiting);
    write(&store, 2, 1).await;
}

/// On PostgreSQL; on SQLite nobody writes beside a migration.
async fn a_migration_waits_for_who_writes_the_record(place: &Place) {
    if place.is_sqlite() {
        return;
    }
    let store = place.store().await;
    write(&store, 1, 1).await;
    store.close().await;
    back_to_first_schema(place).await;
    let other = place.raw().await;
    let writing = other.begin().await.unwrap();
    let write = "UPDATE event SET header = header";
    writing.execute_unprepared(write).await.unwrap();
    let config = place.config();
    let migration = tokio::spawn(async move { Store::upgrade(&config, NOW).await });
    let watched = place.raw().await;
    let waiting = async || {
        let sql = "SELECT 1 FROM pg_locks WHERE mode = 'ShareLock' AND NOT granted";
        let row = sea_orm::Statement::from_string(watched.get_database_backend(), sql);
        watched.query_one_raw(row).await.unwrap().is_some()
    };
    while !waiting().await {
        assert!(!migration.is_finished(), "it did not wait");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    writing.commit().await.unwrap();
    migration.await.unwrap().unwrap();
}

/// As the first version of the program left a database.
async fn back_to_first_schema(place: &Place) {
    place
        .by_hand(
            "DROP TABLE saved_view; DROP INDEX case_row_stage; DROP TABLE access_token; DROP INDEX todo_whose; DROP INDEX case_row_unit; DROP INDEX limit_row_running; \
             ALTER TABLE todo DROP COLUMN due_on; ALTER TABLE todo DROP COLUMN request; \
             CREATE INDEX todo_role ON todo (body_id, role); \
             CREATE INDEX limit_row_due ON limit_row (due_on) WHERE status IN ('running','expired'); \
             DELETE FROM schema_version WHERE version > 1",
        )
        .await;
}

async fn a_migration_that_fails_leaves_all_as_it_was_and_says_why(place: &Place) {
    let store = place.store().await;
    write(&store, 2, 3).await;
    store.close().await;
    back_to_first_schema(place).await;
    // Somebody's own table is in the way of the last step, when the others are done.
    place.by_hand("CREATE TABLE access_token (own TEXT)").await;
    let failed = Store::upgrade(&place.config(), NOW).await.unwrap_err();
    assert!(matches!(failed, StoreError::NotMigrated(_)), "{failed}");
    let said = failed.to_string();
    assert!(
        said.contains("access_token") && said.contains("数据库没有改动"),
        "{said}"
    );
    let older = Store::open(&place.config()).await.unwrap_err();
    assert!(
        matches!(older, StoreError::OlderSchema { found: 1, .. }),
        "{older}"
    );
    place
        .by_hand("INSERT INTO access_token (own) VALUES ('kept')")
        .await;
    place.by_hand("DROP TABLE access_token").await;
    Store::upgrade(&place.config(), NOW).await.unwrap();
    let store = Store::open(&place.config()).await.unwrap();
    assert!(store.verify(&[], |_, _| {}).await.unwrap().is_sound());
    let mut left = std::fs::read_dir(place.path("")).unwrap();
    assert!(left.all(|e| {
        !e.unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with("migrate")
    }));
}

async fn a_database_that_may_forget_is_refused(place: &Place) {
    place.store().await.close().await;
    if place.is_sqlite() {
        place.by_hand("PRAGMA journal_mode = DELETE").await;
    } else {
        let name = place
            .url()
            .rsplit('/')
            .find_map(|part| part.split('?').next().filter(|n| n.starts_with("test_")));
        place
            .by_hand(&format!(
                "ALTER DATABASE {} SET synchronous_commit = off",
                name.unwrap()
            ))
            .await;
    }
    let refused = Store::open(&place.config()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unsafe { .. }), "{refused}");
    let mut tolerant = place.config();
    tolerant.allow_volatile = true;
    Store::open(&tolerant).await.unwrap();
}

async fn the_key_of_another_log_is_refused(place: &Place) {
    place.store().await.close().await;
    let other = Place::sqlite();
    let mut of_other = other.config();
    of_other.origin = "other.example/log".into();
    Store::migrate(&of_other, NOW).await.unwrap();
    std::fs::copy(other.path("log.key"), place.path("log.key")).unwrap();
    assert!(matches!(
        Store::open(&place.config()).await,
        Err(StoreError::OtherLog { .. })
    ));
    std::fs::write(place.path("log.key"), "not a key").unwrap();
    assert!(matches!(
        Store::open(&place.config()).await,
        Err(StoreError::Key(_))
    ));
    std::fs::remove_file(place.path("log.key")).unwrap();
    assert!(matches!(
        Store::open(&place.config()).await,
        Err(StoreError::Key(_))
    ));
}

async fn an_abandoned_transaction_does_not_stop_the_next(place: &Place) {
    let store = place.store().await;
    write(&store, 1, 3).await;
    for micros in (0..2_000).step_by(40) {
        // A job that is given up at whatever moment.
        let mut sequencer = store::Sequencer::new(store.clone());
        let _ = tokio::time::timeout(Duration::from_micros(micros), sequencer.run_once(NOW)).await;
        write(&store, 1, 1).await;
    }
    let mut sequencer = store::Sequencer::new(store.clone());
    sequencer.run_once(NOW + 60_000_000).await.unwrap();
    let report = store.verify(&[], |_, _| {}).await.unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!((report.size, report.unsequenced), (54, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_and_loses_nothing() {
    let place = Place::sqlite();
    place.store().await.close().await;
    let tuning = Tuning {
        sqlite_pages_max: Some(220),
        ..Tuning::default()
    };
    let store = Store::open_tuned(&place.config(), &tuning).await.unwrap();
    let write = |n: usize| {
        let store = store.clone();
        tokio::spawn(async move {
            let (mut tip, mut refused) = (Tip::new(format!("case-{n}")), None);
            for k in 0..200 {
                match store.commit(step(&tip, &format!("{n}-{k}"))).await {
                    Ok(done) => tip = Tip::after(&done),
                    Err(error) => {
                        refused = Some(error);
                        break;
                    }
                }
            }
            (tip, refused)
        })
    };
    let tasks: Vec<_> = (0..8).map(write).collect();
    let mut acknowledged = Vec::new();
    for task in tasks {
        let (tip, refused) = task.await.unwrap();
        assert_eq!(refused, Some(CommitError::DiskFull));
        acknowledged.push(tip);
    }
    store.close().await;
    // Room was made; everybody's last version is there, and writing goes on.
    let store = Store::open(&place.config()).await.unwrap();
    for tip in acknowledged {
        let head = store.head(&Scope::system(), &tip.stream).await.unwrap();
        assert_eq!(head.map_or(0, |head| head.version), tip.version);
        store
            .commit(step(&tip, &format!("{}-after", tip.stream)))
            .await
            .unwrap();
    }
    assert!(store.verify(&[], |_, _| {}).await.unwrap().is_sound());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_and_comes_back_loses_nothing() {
    let Some(cluster) = Cluster::start(Durability::Full) else {
        return;
    };
    let (dir, url) = (tempfile::tempdir().unwrap(), cluster.create_database());
    let config = config(&url, dir.path());
    Store::migrate(&config, NOW).await.unwrap();
    let tuning = Tuning {
        away_wait: Duration::from_millis(300),
        ..Tuning::default()
    };
    let store = Store::open_tuned(&config, &tuning).await.unwrap();
    store.commit(body(BUREAU, None)).await.unwrap();
    let write = |n: usize| {
        let store = store.clone();
        tokio::spawn(async move {
            let (mut tip, mut refusals) = (Tip::new(format!("case-{n}")), 0);
            for k in 0..150 {
                // The same command until it is answered, as a person who sends the page again.
                let append = step(&tip, &format!("{n}-{k}"));
                tip = loop {
                    match store.commit(append.clone()).await {
                        Ok(done) => break Tip::after(&done),
                        Err(CommitError::Unavailable { .. }) => refusals += 1,
                        Err(other) => panic!("{other}"),
                    }
                };
            }
            (tip, refusals)
        })
    };
    let tasks: Vec<_> = (0..4).map(write).collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    tokio::task::block_in_place(|| {
        cluster.stop();
        std::thread::sleep(Duration::from_millis(800));
        cluster.restart();
    });
    let mut refusals = 0;
    for task in tasks {
        let (tip, refused) = task.await.unwrap();
        assert_eq!(
            tip.version, 150,
            "each command once, whatever was sent how often"
        );
        refusals += refused;
    }
    assert!(
        refusals > 0,
        "the database was away for longer than is waited"
    );
    let report = store.verify(&[], |_, _| {}).await.unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!(report.events, 601);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_setting_of_postgresql_that_forgets_is_refused_by_name() {
    let Some(cluster) = Cluster::start(Durability::Full) else {
        return;
    };
    let (dir, url) = (tempfile::tempdir().unwrap(), cluster.create_database());
    let config = config(&url, dir.path());
    Store::migrate(&config, NOW).await.unwrap();
    let raw = Database::connect(url.as_str()).await.unwrap();
    let set = async |setting: &str, value: &str| {
        for sql in [
            format!("ALTER SYSTEM SET {setting} = {value}"),
            "SELECT pg_reload_conf()".to_owned(),
        ] {
            raw.execute_unprepared(&sql).await.unwrap();
        }
        // The processes take it up a moment later; whoever connects then has it.
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    let refused = async || match Store::open(&config).await {
        Ok(_) => None,
        Err(StoreError::Unsafe { setting, .. }) => Some(setting),
        Err(other) => panic!("{other}"),
    };
    for (setting, unsafe_value) in [
        ("fsync", "off"),
        ("full_page_writes", "off"),
        ("synchronous_commit", "off"),
    ] {
        set(setting, unsafe_value).await;
        assert_eq!(refused().await, Some(setting));
        set(setting, "DEFAULT").await;
    }
    // What this machine alone has on its disk is enough only where no standby may take over.
    set("synchronous_commit", "local").await;
    assert_eq!(refused().await, None);
    set("synchronous_standby_names", "'other'").await;
    assert_eq!(refused().await, Some("synchronous_commit"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_done_by_one_process_at_a_time() {
    let Some(place) = Place::postgres() else {
        return;
    };
    let (one, other) = (
        place.store().await,
        Store::open(&place.config()).await.unwrap(),
    );
    let second = async || other.alone("job", || NOW, async {}).await.unwrap();
    let done = one.alone("job", || NOW, async { second().await }).await;
    assert_eq!(done.unwrap(), Some(None), "the other waited");
    assert_eq!(second().await, Some(()), "it was given back");
    // A sequencer with nothing to do keeps its lease all the same.
    let (mut first, mut next) = (Sequencer::new(one.clone()), Sequencer::new(other.clone()));
    for seconds in (0..40).step_by(2) {
        let now = NOW + seconds * 1_000_000;
        assert!(!first.run_once(now).await.unwrap().elsewhere);
        assert!(next.run_once(now).await.unwrap().elsewhere, "{seconds}");
    }
    // One that died held it; it is free when it has run out, and not before.
    let dying = one.alone("job", || NOW, std::future::pending::<()>());
    let died = tokio::time::timeout(Duration::from_millis(200), dying).await;
    assert!(died.is_err());
    assert_eq!(second().await, None);
    let later = other.alone("job", || NOW + 10_000_000, async {}).await;
    assert_eq!(later.unwrap(), Some(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sqlite_database_whose_copy_is_not_sound_is_not_migrated() {
    let place = Place::sqlite();
    let store = place.store().await;
    write(&store, 2, 3).await;
    store.close().await;
    back_to_first_schema(&place).await;
    place
        .by_hand("UPDATE event SET actor = 'somebody' WHERE stream_id = 'case-1' AND version = 1")
        .await;
    let failed = Store::upgrade(&place.config(), NOW).await.unwrap_err();
    assert!(failed.to_string().contains("case-1"), "{failed}");
    let older = Store::open(&place.config()).await.unwrap_err();
    assert!(
        matches!(older, StoreError::OlderSchema { found: 1, .. }),
        "{older}"
    );
}
