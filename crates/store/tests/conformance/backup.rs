//! Backup and restore: what comes back is what was there, or the restore says it is not.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use ledger::SignedCheckpoint;
use store::{OriginRecord, RestoreOptions, Scope, Sequencer, Store, StoreConfig, StoreError};

use crate::log::write;
use crate::on_both;
use crate::place::Place;
use crate::support::NOW;

on_both!(
    a_restored_store_is_the_same_and_goes_on,
    a_store_moves_to_the_other_database,
    a_move_takes_everything_along_and_refuses_what_is_not_empty,
    a_database_that_was_not_found_empty_is_left_alone,
    nobody_writes_while_a_store_is_moved,
    a_damaged_backup_is_refused,
    only_an_empty_target_is_restored_to,
    behind_a_published_checkpoint_the_log_gets_a_new_name,
    a_published_checkpoint_of_another_history_is_refused,
    a_backup_rewritten_behind_a_published_checkpoint_is_refused,
    a_backup_of_an_older_schema_is_restored_and_brought_forward,
    a_request_that_waited_in_an_older_backup_is_found_again,
    files_of_the_caller_are_in_the_backup_and_checked,
);

async fn filled(place: &Place) -> Store {
    let store = place.store().await;
    write(&store, 3, 3).await;
    store.objects().put("case-0", b"evidence").unwrap();
    store
        .set_credential("person-li", "argon2", "login:li", NOW)
        .await
        .unwrap();
    sequence(&store).await;
    // Some wait for the log, as they do in any backup.
    write(&store, 1, 2).await;
    store
}

async fn sequence(store: &Store) -> SignedCheckpoint {
    let mut sequencer = Sequencer::new(store.clone());
    sequencer.run_once(NOW).await.unwrap();
    sequencer.release().await.unwrap();
    store.latest_checkpoint().await.unwrap().unwrap()
}

/// A configuration for another place, with the key brought there, as the manual says.
fn target(from: &Place, to: &Place) -> StoreConfig {
    fs::copy(from.path("log.key"), to.path("log.key")).unwrap();
    to.config()
}

async fn a_restored_store_is_the_same_and_goes_on(place: &Place) {
    moved(place, &place.another()).await;
}

async fn a_store_moves_to_the_other_database(place: &Place) {
    let other = if place.is_sqlite() {
        Place::postgres()
    } else {
        Some(Place::sqlite())
    };
    if let Some(other) = other {
        moved(place, &other).await;
    }
}

async fn moved(from: &Place, to: &Place) {
    let store = filled(from).await;
    let manifest = store.backup(&from.path("backup"), NOW).await.unwrap();
    assert_eq!(manifest.checkpoint_size, 10);
    let config = target(from, to);
    let restored = Store::restore(
        &from.path("backup"),
        &config,
        &RestoreOptions::default(),
        NOW,
    )
    .await
    .unwrap();
    assert!(!restored.renamed);
    assert_eq!((restored.report.events, restored.report.size), (12, 12));
    let copy = Store::open(&config).await.unwrap();
    let scope = Scope::system();
    for stream in ["case-0", "case-1", "case-2"] {
        assert_eq!(
            copy.load(&scope, stream, 0).await.unwrap(),
            store.load(&scope, stream, 0).await.unwrap()
        );
        assert_eq!(
            copy.case(&scope, stream).await.unwrap(),
            store.case(&scope, stream).await.unwrap()
        );
        assert_eq!(
            copy.limits(&scope, stream).await.unwrap(),
            store.limits(&scope, stream).await.unwrap()
        );
    }
    assert_eq!(
        copy.objects().list().unwrap(),
        store.objects().list().unwrap()
    );
    assert_eq!(
        copy.credential("person-li").await.unwrap().as_deref(),
        Some("argon2")
    );
    write(&copy, 3, 1).await;
    sequence(&copy).await;
    let report = copy
        .verify(
            &[store.latest_checkpoint().await.unwrap().unwrap()],
            |_, _| {},
        )
        .await
        .unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
}

async fn a_damaged_backup_is_refused(place: &Place) {
    let store = filled(place).await;
    store.backup(&place.path("backup"), NOW).await.unwrap();
    let target_place = place.another();
    let config = target(place, &target_place);
    let options = RestoreOptions::default();
    for (file, kind) in [
        ("db/event.0.jsonl", "edited"),
        ("db/leaf.0.jsonl", "missing"),
        ("manifest.json", "cut"),
    ] {
        let path = place.path("backup").join(file);
        let good = fs::read(&path).unwrap();
        match kind {
            "edited" => fs::write(
                &path,
                String::from_utf8(good.clone())
                    .unwrap()
                    .replacen("case-0", "case-9", 1),
            )
            .unwrap(),
            "missing" => fs::remove_file(&path).unwrap(),
            _ => fs::write(&path, &good[..good.len() / 2]).unwrap(),
        }
        let refused = Store::restore(&place.path("backup"), &config, &options, NOW)
            .await
            .unwrap_err();
        assert!(
            matches!(refused, StoreError::Backup(_) | StoreError::File { .. }),
            "{file}: {refused}"
        );
        assert!(
            matches!(Store::open(&config).await, Err(StoreError::NoSchema)),
            "nothing was made: {file}"
        );
        fs::write(&path, good).unwrap();
    }
    // Whole again, it restores.
    Store::restore(&place.path("backup"), &config, &options, NOW)
        .await
        .unwrap();
}

async fn only_an_empty_target_is_restored_to(place: &Place) {
    let store = filled(place).await;
    store.backup(&place.path("backup"), NOW).await.unwrap();
    let again = store.backup(&place.path("backup"), NOW).await.unwrap_err();
    assert!(matches!(again, StoreError::Backup(_)), "{again}");
    store.close().await;
    let refused = Store::restore(
        &place.path("backup"),
        &place.config(),
        &RestoreOptions::default(),
        NOW,
    )
    .await;
    assert!(matches!(refused, Err(StoreError::Backup(_))));
    let store = Store::open(&place.config()).await.unwrap();
    assert!(
        store.verify(&[], |_, _| {}).await.unwrap().is_sound(),
        "what was there is untouched"
    );
}

async fn behind_a_published_checkpoint_the_log_gets_a_new_name(place: &Place) {
    let store = filled(place).await;
    store.backup(&place.path("backup"), NOW).await.unwrap();
    // Published after the backup was made, and then the machine burnt.
    let published = sequence(&store).await;
    let old_key = store.verifying_key().clone();
    let to = place.another();
    let config = target(place, &to);
    let options = RestoreOptions {
        published: Some(published.clone()),
        ..RestoreOptions::default()
    };
    let restored = Store::restore(&place.path("backup"), &config, &options, NOW)
        .await
        .unwrap();
    assert!(restored.renamed);
    assert_eq!(restored.origin, "test.example/log-2");
    let copy = Store::open(&config).await.unwrap();
    assert_ne!(*copy.verifying_key(), old_key);
    let record = OriginRecord::decode(copy.origin().record.as_deref().unwrap()).unwrap();
    assert_eq!(
        (record.old_origin.as_str(), record.old_size),
        ("test.example/log", 10)
    );
    assert_eq!(record.published_size, published.unverified().size());
    write(&copy, 3, 1).await;
    sequence(&copy).await;
    let event = copy
        .load(&Scope::system(), "case-0", 0)
        .await
        .unwrap()
        .remove(0);
    let proof = copy.prove("case-0", 1).await.unwrap();
    let checkpoint = proof.verify(&event.entry, copy.verifying_key()).unwrap();
    assert_eq!(checkpoint.origin(), "test.example/log-2");
    let report = copy.verify(&[], |_, _| {}).await.unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    // The old log within the new one is held to what the new one's first leaf says of it.
    to.by_hand("UPDATE leaf SET idx = -1 WHERE idx = 3; UPDATE leaf SET idx = 3 WHERE idx = 4; UPDATE leaf SET idx = 4 WHERE idx = -1").await;
    let faults = copy.verify(&[], |_, _| {}).await.unwrap().faults;
    assert!(
        faults
            .iter()
            .any(|fault| fault.place.contains("原日志“test.example/log”")),
        "{faults:?}"
    );
}

async fn a_published_checkpoint_of_another_history_is_refused(place: &Place) {
    let store = filled(place).await;
    store.backup(&place.path("backup"), NOW).await.unwrap();
    let root = ledger::Hash([5; 32]);
    let text = fs::read_to_string(place.path("log.key")).unwrap();
    let key = ledger::SigningKey::parse(text.trim()).unwrap();
    let forged = ledger::Checkpoint::new("test.example/log", 7, root)
        .unwrap()
        .sign(&key)
        .unwrap();
    let to = place.another();
    let config = target(place, &to);
    let options = RestoreOptions {
        published: Some(forged),
        ..RestoreOptions::default()
    };
    let refused = Store::restore(&place.path("backup"), &config, &options, NOW)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("检查点 7"), "{refused}");
}

/// Behind a published checkpoint the log goes on under another name: nothing old may be signed anew with it unseen.
async fn a_backup_rewritten_behind_a_published_checkpoint_is_refused(place: &Place) {
    let store = filled(place).await;
    let backup = place.path("backup");
    store.backup(&backup, NOW).await.unwrap();
    let published = sequence(&store).await;
    let rows = backup.join("db/leaf.0.jsonl");
    let before = fs::read_to_string(&rows).unwrap();
    let mut lines: Vec<String> = before.lines().map(str::to_owned).collect();
    // Leaves of different streams change places, so that no chain is broken.
    let (of_3, of_4) = (lines[3].split_off(2), lines[4].split_off(2));
    assert_eq!((lines[3].as_str(), lines[4].as_str()), ("[3", "[4"));
    lines[3].push_str(&of_4);
    lines[4].push_str(&of_3);
    let after: String = lines.iter().map(|line| format!("{line}\n")).collect();
    rewrite(&backup, "db/leaf.0.jsonl", &after);
    for with_key in [true, false] {
        let to = place.another();
        let config = if with_key {
            target(place, &to)
        } else {
            to.config()
        };
        let options = RestoreOptions {
            published: Some(published.clone()),
            ..RestoreOptions::default()
        };
        let refused = Store::restore(&backup, &config, &options, NOW).await;
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.contains("与它自己签署的检查点 10 不符"),
            "{refused}"
        );
    }
    // Words that the key never signed are no checkpoint, whichever they are.
    let to = place.another();
    let stranger = ledger::SigningKey::from_secret(ledger::Suite::Gm, "test.example/log", &[7; 32]);
    let ahead = ledger::Checkpoint::new("test.example/log", 99, ledger::Hash([5; 32])).unwrap();
    let options = RestoreOptions {
        published: Some(ahead.sign(&stranger.unwrap()).unwrap()),
        ..RestoreOptions::default()
    };
    let refused = Store::restore(&backup, &target(place, &to), &options, NOW).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("不是本日志签署的"), "{refused}");
}

/// Puts another text in place of a file of a backup, and its digest into the manifest.
fn rewrite(backup: &Path, file: &str, after: &str) {
    let before = fs::read_to_string(backup.join(file)).unwrap();
    fs::write(backup.join(file), after).unwrap();
    let digest = |text: &str| ledger::Suite::Gm.hash(&[text.as_bytes()]).to_string();
    let manifest = backup.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let changed = text.replace(&digest(&before), &digest(after));
    assert_ne!(changed, text);
    fs::write(manifest, changed).unwrap();
}

/// The fixture is a backup that the program of schema version 1 made of three cases.
async fn a_backup_of_an_older_schema_is_restored_and_brought_forward(place: &Place) {
    // Its key is not kept, so the log goes on under another name.
    let options = RestoreOptions {
        new_origin: true,
        ..RestoreOptions::default()
    };
    let restored = Store::restore(&fixture(), &place.config(), &options, NOW)
        .await
        .unwrap();
    assert_eq!(restored.manifest.schema, 1);
    // The twelve of the backup, and the record of the new name.
    assert_eq!(restored.report.events, 13);
    let store = Store::open(&place.config()).await.unwrap();
    let waiting = store.case_todo(&Scope::system(), "case-1").await.unwrap();
    assert_eq!(waiting.len(), 3);
    assert!(
        waiting
            .iter()
            .all(|item| item.todo.row.due_on == Some(date(2026, 5, 31)))
    );
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/backup-v1")
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Of version 1 the key of what waits is all that names the request.
async fn a_request_that_waited_in_an_older_backup_is_found_again(place: &Place) {
    let backup = place.path("old");
    copy_folder(&fixture(), &backup);
    let rows = backup.join("db/todo.0.jsonl");
    let before = fs::read_to_string(&rows).unwrap();
    let line = |key: &str, party: &str, person: &str, pending: bool| {
        format!(
            "[\"case-0\",\"{key}\",\"body-xian\",\"A05\",\"立案\",{party},null,\"leader\",null,{person},\
             1772409600000000,null,\"行政处罚法 第五十四条\",{pending}]\n"
        )
    };
    let mut after: String = before
        .lines()
        .filter(|line| !line.starts_with("[\"case-0\""))
        .map(|line| format!("{line}\n"))
        .collect();
    after += &line("A05##c#2#", "null", "null", true);
    after += &line(
        "A05#当事人#c3#person-li",
        "\"当事人\"",
        "\"person-li\"",
        true,
    );
    after += &line("A05###", "null", "null", false);
    rewrite(&backup, "db/todo.0.jsonl", &after);

    let options = RestoreOptions {
        new_origin: true,
        ..RestoreOptions::default()
    };
    Store::restore(&backup, &place.config(), &options, NOW)
        .await
        .unwrap();
    let store = Store::open(&place.config()).await.unwrap();
    let waiting = store.case_todo(&Scope::system(), "case-0").await.unwrap();
    let requests: Vec<_> = waiting
        .iter()
        .map(|item| item.todo.row.request.as_deref())
        .collect();
    assert_eq!(requests, [None, Some("c#2"), Some("c3")]);
}

async fn files_of_the_caller_are_in_the_backup_and_checked(place: &Place) {
    let store = filled(place).await;
    let folder = place.path("backup");
    let beside = [("settings.json", &b"{}"[..])];
    let manifest = store.backup_with(&folder, &beside, NOW).await.unwrap();
    assert!(manifest.names("settings.json") && !manifest.names("other.json"));
    let to = place.another();
    let config = target(place, &to);
    fs::write(folder.join("settings.json"), "{ }").unwrap();
    let options = RestoreOptions::default();
    let refused = Store::restore(&folder, &config, &options, NOW)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("settings.json"), "{refused}");
    fs::write(folder.join("settings.json"), "{}").unwrap();
    let restored = Store::restore(&folder, &config, &options, NOW)
        .await
        .unwrap();
    assert_eq!(restored.manifest, manifest);
}

async fn a_move_takes_everything_along_and_refuses_what_is_not_empty(place: &Place) {
    let other = if place.is_sqlite() {
        Place::postgres()
    } else {
        Some(Place::sqlite())
    };
    let Some(other) = other else { return };
    let store = filled(place).await;
    let token = store::AccessToken {
        id: "t1".into(),
        person_id: "person-li".into(),
        name: "统计".into(),
        may_act: true,
        created_at: NOW,
        expires_at: NOW + 1,
        used_at: None,
    };
    assert!(
        store
            .add_access_token(&token, &[9; 32], "argon2")
            .await
            .unwrap()
    );
    let before = store.verify(&[], |_, _| {}).await.unwrap();
    let mut to = place.config();
    to.url = other.url().to_owned();

    if place.is_sqlite() {
        // What the start of a server would refuse is refused before anything is put there.
        other
            .by_hand(&forgetful("SET synchronous_commit = off"))
            .await;
        let refused = store.move_to(&to, NOW, |_, _| {}).await.unwrap_err();
        assert!(matches!(refused, StoreError::Unsafe { .. }), "{refused}");
        other.by_hand(&forgetful("RESET synchronous_commit")).await;
    }
    let mut told = Vec::new();
    let moved = store.move_to(&to, NOW, |done, all| told.push((done, all)));
    let moved = moved.await.unwrap();
    assert_eq!(moved.report.root, before.root);
    assert_eq!(told.last(), Some(&(2 * moved.rows, 2 * moved.rows)));
    let there = Store::open(&to).await.unwrap();
    assert_eq!(
        there.latest_checkpoint().await.unwrap(),
        store.latest_checkpoint().await.unwrap()
    );
    assert_eq!(
        there.access_token(&[9; 32], NOW).await.unwrap(),
        Some(token)
    );
    write(&there, 1, 1).await;
    assert!(there.verify(&[], |_, _| {}).await.unwrap().is_sound());
    // What it came from is as it was, and goes on taking commands: the manual says to lock it away.
    assert_eq!(store.verify(&[], |_, _| {}).await.unwrap(), before);

    let again = store.move_to(&to, NOW, |_, _| {}).await.unwrap_err();
    assert!(matches!(again, StoreError::Occupied), "{again}");
    assert!(there.verify(&[], |_, _| {}).await.unwrap().is_sound());
    there.close().await;

    // A store that is not sound is not moved, and the target stays empty.
    place
        .by_hand("UPDATE event SET actor = 'somebody' WHERE version = 1 AND stream_id = 'case-1'")
        .await;
    let third = other.another();
    to.url = third.url().to_owned();
    let refused = store.move_to(&to, NOW, |_, _| {}).await.unwrap_err();
    assert!(refused.to_string().contains("没有搬移"), "{refused}");
    assert!(matches!(Store::open(&to).await, Err(StoreError::NoSchema)));
}

/// A setting of the database at hand, for whoever connects from now on.
fn forgetful(setting: &str) -> String {
    format!("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {setting}', current_database()); END $$")
}

/// Another bureau's database, named by mistake, at a moment when it does not answer what is in it.
async fn a_database_that_was_not_found_empty_is_left_alone(place: &Place) {
    // On PostgreSQL alone can that answer be taken away from outside.
    let (true, Some(other)) = (place.is_sqlite(), Place::postgres()) else {
        return;
    };
    let (store, theirs) = (filled(place).await, filled(&other).await);
    let before = theirs.verify(&[], |_, _| {}).await.unwrap();
    let mut to = place.config();
    to.url = other.url().to_owned();
    let rename =
        |from: &str, to: &str| format!("ALTER VIEW information_schema.{from} RENAME TO {to}");
    other.by_hand(&rename("tables", "hidden")).await;
    let refused = store.move_to(&to, NOW, |_, _| {}).await.unwrap_err();
    assert!(matches!(refused, StoreError::Database(_)), "{refused}");
    other.by_hand(&rename("hidden", "tables")).await;
    assert_eq!(theirs.verify(&[], |_, _| {}).await.unwrap(), before);
    assert_eq!(before.faults, []);
}

/// What others do on PostgreSQL while a store is moved; a SQLite file has one writer in any case.
async fn nobody_writes_while_a_store_is_moved(place: &Place) {
    if place.is_sqlite() {
        return;
    }
    let store = filled(place).await;
    let mut to = place.config();
    let target = Place::sqlite();
    to.url = target.url().to_owned();

    let mut sequencer = Sequencer::new(store.clone());
    sequencer.run_once(NOW).await.unwrap();
    let served = store.move_to(&to, NOW + 1, |_, _| {}).await.unwrap_err();
    assert!(matches!(served, StoreError::Served(_)), "{served}");
    sequencer.release().await.unwrap();

    // Who is kept out no longer, may have written: nothing counts, and the next try finds an empty database.
    let url = place.url().to_owned();
    let mut ended = None;
    let cut = store.move_to(&to, NOW + 1, |_, _| {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE mode = 'ShareLock' AND granted \
                   AND relation = 'stream'::regclass";
        ended.get_or_insert_with(|| apart(&url, end));
    });
    assert!(cut.await.is_err());
    assert_eq!(ended, Some(true));

    let mut revoked = None;
    let moved = store.move_to(&to, NOW + 1, |_, _| {
        let revoke = "SET lock_timeout = 100; DELETE FROM access_token";
        revoked.get_or_insert_with(|| apart(&url, revoke));
    });
    moved.await.unwrap();
    assert_eq!(revoked, Some(false), "it would be in force again");
    assert!(apart(&url, "DELETE FROM access_token"));
}

/// Whether somebody else's statement goes through.
fn apart(url: &str, sql: &'static str) -> bool {
    use sea_orm::ConnectionTrait as _;
    let url = url.to_owned();
    let done = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(async {
            let other = sea_orm::Database::connect(url).await.unwrap();
            let done = other.execute_unprepared(sql).await.is_ok();
            other.close().await.unwrap();
            done
        })
    });
    done.join().unwrap()
}
