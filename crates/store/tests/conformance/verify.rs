//! The check: whatever is changed by hand is found, and named.

use store::{FaultKind, Sequencer, SignedCheckpoint, Store, VerifyReport};

use crate::log::write;
use crate::on_both;
use crate::place::Place;
use crate::support::{NOW, Tip, draft, step};

on_both!(
    an_untouched_store_is_sound,
    an_edited_header_is_found_and_named,
    an_edited_body_is_found_and_named,
    edited_columns_are_found_and_named,
    deleted_and_swapped_rows_are_found_and_named,
    an_edit_of_an_event_that_waits_is_found,
    what_stands_beside_the_log_is_checked,
    a_log_that_was_cut_back_is_found_by_a_kept_checkpoint,
    a_log_that_was_written_anew_is_found_by_a_kept_checkpoint,
    a_missing_or_changed_file_that_an_event_names_is_found,
    what_is_written_during_the_check_is_left_for_the_next_one,
);

async fn logged(place: &Place) -> Store {
    let store = place.store().await;
    write(&store, 3, 4).await;
    sequence(&store).await;
    store
}

async fn sequence(store: &Store) {
    let mut sequencer = Sequencer::new(store.clone());
    sequencer.run_once(NOW).await.unwrap();
    sequencer.release().await.unwrap();
}

async fn check(store: &Store, earlier: &[SignedCheckpoint]) -> VerifyReport {
    store.verify(earlier, |_, _| {}).await.unwrap()
}

/// The faults after a change by hand, as kind and place; the change is undone by `undo`.
async fn after(place: &Place, store: &Store, change: &str) -> Vec<(FaultKind, String)> {
    place.by_hand(change).await;
    let report = check(store, &[]).await;
    assert_eq!(report.fault_count as usize, report.faults.len());
    report
        .faults
        .into_iter()
        .map(|fault| (fault.kind, fault.place))
        .collect()
}

fn names(faults: &[(FaultKind, String)], kind: FaultKind, place: &str) -> bool {
    faults.iter().any(|(k, p)| *k == kind && p.contains(place))
}

async fn an_untouched_store_is_sound(place: &Place) {
    let store = logged(place).await;
    let checkpoint = store.latest_checkpoint().await.unwrap().unwrap();
    write(&store, 1, 2).await;
    let report = check(&store, &[checkpoint]).await;
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!(
        (report.size, report.unsequenced, report.events),
        (13, 2, 15)
    );
    assert_eq!((report.bodies_checked, report.checkpoints_met), (13, 2));
}

async fn an_edited_header_is_found_and_named(place: &Place) {
    let store = logged(place).await;
    let events = store
        .load(&store::Scope::system(), "case-1", 0)
        .await
        .unwrap();
    let edited = String::from_utf8(events[1].header_bytes.clone())
        .unwrap()
        .replace("\"A20\"", "\"A21\"");
    let literal = if place.is_sqlite() {
        format!("CAST('{edited}' AS BLOB)")
    } else {
        format!("convert_to('{edited}', 'UTF8')")
    };
    let sql =
        format!("UPDATE event SET header = {literal} WHERE stream_id = 'case-1' AND version = 2");
    let faults = after(place, &store, &sql).await;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(
        names(&faults, FaultKind::Header, "“case-1”第 2 号"),
        "{faults:?}"
    );
}

async fn an_edited_body_is_found_and_named(place: &Place) {
    let store = logged(place).await;
    let literal = if place.is_sqlite() {
        "CAST('{}' AS BLOB)"
    } else {
        "convert_to('{}', 'UTF8')"
    };
    let sql = format!(
        "UPDATE event_body SET body = {literal} WHERE stream_id = 'case-2' AND version = 3"
    );
    let faults = after(place, &store, &sql).await;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(
        names(&faults, FaultKind::Body, "“case-2”第 3 号"),
        "{faults:?}"
    );
}

async fn edited_columns_are_found_and_named(place: &Place) {
    let store = logged(place).await;
    for (column, value) in [
        ("event_type", "'case.closed@1'"),
        ("recorded_at", "recorded_at - 1"),
        ("body_id", "'body-shi'"),
        ("actor", "'person-li'"),
        ("command", "'other'"),
    ] {
        let keep = format!(
            "UPDATE event SET {column} = {value} WHERE stream_id = 'case-0' AND version = 4"
        );
        place
            .by_hand(&format!("CREATE TABLE kept AS SELECT * FROM event; {keep}"))
            .await;
        let faults = check(&store, &[]).await.faults;
        let named =
            |f: &store::Fault| f.kind == FaultKind::Column && f.place.contains("“case-0”第 4 号");
        assert!(
            faults.iter().any(|f| named(f) && f.detail.contains(column)),
            "{column}: {faults:?}"
        );
        let back = format!(
            "UPDATE event SET {column} = (SELECT {column} FROM kept k WHERE k.stream_id = \
                            event.stream_id AND k.version = event.version); DROP TABLE kept"
        );
        place.by_hand(&back).await;
        assert!(check(&store, &[]).await.is_sound(), "{column}");
    }
}

async fn deleted_and_swapped_rows_are_found_and_named(place: &Place) {
    let store = logged(place).await;
    let swap = "UPDATE event_body SET version = -1 WHERE stream_id = 'case-0' AND version = 1; \
                UPDATE event_body SET version = 1 WHERE stream_id = 'case-0' AND version = 2; \
                UPDATE event_body SET version = 2 WHERE stream_id = 'case-0' AND version = -1";
    let faults = after(place, &store, swap).await;
    for number in ["第 1 号", "第 2 号"] {
        assert!(
            names(&faults, FaultKind::Body, &format!("“case-0”{number}")),
            "{faults:?}"
        );
    }
    assert_eq!(faults.len(), 2, "{faults:?}");
    place.by_hand(swap).await;
    let emptied = "DELETE FROM event_body WHERE stream_id = 'case-1' AND version = 3";
    let faults = after(place, &store, emptied).await;
    assert!(
        names(&faults, FaultKind::Body, "“case-1”第 3 号"),
        "{faults:?}"
    );
    let gone = "DELETE FROM event WHERE stream_id = 'case-1' AND version = 2";
    let faults = after(place, &store, gone).await;
    assert!(
        names(&faults, FaultKind::Chain, "“case-1”第 2 号"),
        "{faults:?}"
    );
    assert!(
        !names(&faults, FaultKind::Chain, "第 3 号"),
        "its neighbours are not blamed: {faults:?}"
    );
    let leaf = "DELETE FROM leaf WHERE idx = 5";
    let faults = after(place, &store, leaf).await;
    assert!(names(&faults, FaultKind::Leaf, "日志"), "{faults:?}");
    assert!(
        names(&faults, FaultKind::Checkpoint, "检查点 13"),
        "{faults:?}"
    );
}

async fn an_edit_of_an_event_that_waits_is_found(place: &Place) {
    let store = place.store().await;
    write(&store, 1, 2).await;
    let faults = after(
        place,
        &store,
        "DELETE FROM unsequenced WHERE stream_id = 'case-0' AND version = 2",
    )
    .await;
    assert!(
        names(&faults, FaultKind::Leaf, "“case-0”第 2 号"),
        "{faults:?}"
    );
    let zero = if place.is_sqlite() {
        "zeroblob(32)"
    } else {
        "decode(repeat('00', 32), 'hex')"
    };
    let sql =
        format!("UPDATE event_body SET salt = {zero} WHERE stream_id = 'case-0' AND version = 1");
    let faults = after(place, &store, &sql).await;
    assert!(
        names(&faults, FaultKind::Body, "“case-0”第 1 号"),
        "{faults:?}"
    );
}

async fn what_stands_beside_the_log_is_checked(place: &Place) {
    let store = logged(place).await;
    let empty = if place.is_sqlite() {
        "x'00'"
    } else {
        "'\\x00'::bytea"
    };
    for (change, undo, kind, named) in [
        (
            "UPDATE stream SET version = 3 WHERE stream_id = 'case-0'".to_owned(),
            "UPDATE stream SET version = 4 WHERE stream_id = 'case-0'",
            FaultKind::Head,
            "“case-0”",
        ),
        (
            "UPDATE command SET last_version = 9 WHERE id = 'case-0-4'".to_owned(),
            "UPDATE command SET last_version = 4 WHERE id = 'case-0-4'",
            FaultKind::Command,
            "“case-0-4”",
        ),
        (
            "UPDATE stream SET kind = 'series' WHERE stream_id = 'case-1'".to_owned(),
            "UPDATE stream SET kind = 'case' WHERE stream_id = 'case-1'",
            FaultKind::Column,
            "“case-1”",
        ),
        (
            "UPDATE case_row SET body_id = 'body-shi' WHERE stream_id = 'case-2'".to_owned(),
            "UPDATE case_row SET body_id = 'body-xian' WHERE stream_id = 'case-2'",
            FaultKind::View,
            "“case-2”",
        ),
        (
            format!("UPDATE tile SET data = {empty} WHERE level = 0"),
            "DELETE FROM tile; DELETE FROM cursor",
            FaultKind::Tile,
            "tile/0/000",
        ),
    ] {
        let faults = after(place, &store, &change).await;
        assert!(names(&faults, kind, named), "{change}: {faults:?}");
        place.by_hand(undo).await;
    }
    sequence(&store).await;
    let report = check(&store, &[]).await;
    assert!(
        report.is_sound(),
        "all was put right again: {:?}",
        report.faults
    );
}

async fn a_log_that_was_cut_back_is_found_by_a_kept_checkpoint(place: &Place) {
    let store = logged(place).await;
    let kept = store.latest_checkpoint().await.unwrap().unwrap();
    // Somebody with the whole database removes the last event everywhere, checkpoints and all.
    let mut sql = String::from(
        "DELETE FROM checkpoint; DELETE FROM tile; DELETE FROM cursor; DELETE FROM leaf WHERE idx = 12;",
    );
    let (_, last) = (0, "stream_id = 'case-2' AND version = 4");
    for table in ["event", "event_body"] {
        sql.push_str(&format!("DELETE FROM {table} WHERE {last};"));
    }
    sql.push_str("DELETE FROM command WHERE id = 'case-2-4'; UPDATE stream SET version = 3, recorded_at = recorded_at - 1, \
                  entry = (SELECT entry FROM leaf WHERE stream_id = 'case-2' AND version = 3) WHERE stream_id = 'case-2'");
    place.by_hand(&sql).await;
    sequence(&store).await;
    let alone = check(&store, &[]).await;
    assert!(
        alone.is_sound(),
        "in itself it is whole again: {:?}",
        alone.faults
    );
    let report = check(&store, &[kept]).await;
    assert_eq!(report.faults.len(), 1, "{:?}", report.faults);
    assert_eq!(report.faults[0].kind, FaultKind::Checkpoint);
    assert!(
        report.faults[0].detail.contains("现只有 12 条"),
        "{}",
        report.faults[0]
    );
}

async fn a_log_that_was_written_anew_is_found_by_a_kept_checkpoint(place: &Place) {
    let store = logged(place).await;
    let kept = store.latest_checkpoint().await.unwrap().unwrap();
    let swap = "DELETE FROM checkpoint; DELETE FROM tile; DELETE FROM cursor; UPDATE leaf SET idx = -1 WHERE idx = 1; \
                UPDATE leaf SET idx = 1 WHERE idx = 2; UPDATE leaf SET idx = 2 WHERE idx = -1";
    place.by_hand(swap).await;
    sequence(&store).await;
    let report = check(&store, &[kept]).await;
    assert!(
        report
            .faults
            .iter()
            .any(|f| f.kind == FaultKind::Checkpoint && f.place == "检查点 13"),
        "{:?}",
        report.faults
    );
}

async fn a_missing_or_changed_file_that_an_event_names_is_found(place: &Place) {
    let store = place.store().await;
    let named = [
        (
            "case-1",
            "the paper",
            r#"{"papers":[{"title":"立案审批表","digest":"DIGEST","size_bytes":9}]}"#,
        ),
        (
            "case-2",
            "a picture",
            r#"{"fields":{"photo":{"upload":{"name":"现场.jpg","digest":"DIGEST","size_bytes":9}}}}"#,
        ),
        ("case-3", "a public copy", r#"{"public_digest":"DIGEST"}"#),
    ];
    let mut files = Vec::new();
    for (stream, bytes, body) in named {
        let digest = store.objects().put(stream, bytes.as_bytes()).unwrap();
        let mut append = step(&Tip::new(stream), stream);
        append.events = vec![draft(body.replace("DIGEST", &digest))];
        store.commit(append).await.unwrap();
        files.push((
            stream,
            place.path("objects").join(stream).join(digest),
            bytes,
        ));
        if stream == "case-1" {
            sequence(&store).await;
        }
    }
    // One is in the log, the others wait for it.
    let report = check(&store, &[]).await;
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!(report.objects_checked, 3);
    for (stream, file, bytes) in files {
        let faults = async || {
            let faults = check(&store, &[]).await.faults;
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert_eq!(faults[0].kind, FaultKind::Object);
            assert!(faults[0].place.contains(stream), "{faults:?}");
        };
        std::fs::write(&file, b"another").unwrap();
        faults().await;
        std::fs::remove_file(&file).unwrap();
        faults().await;
        std::fs::write(&file, bytes).unwrap();
    }
}

async fn what_is_written_during_the_check_is_left_for_the_next_one(place: &Place) {
    let store = logged(place).await;
    let before = check(&store, &[]).await;
    // More than a page, so that the check is under way when its progress is told.
    write(&store, 2, 600).await;
    sequence(&store).await;
    let (told, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let checked = {
        let store = store.clone();
        tokio::spawn(async move {
            let told = move |_, _| {
                let _ = told.send(());
                std::thread::sleep(std::time::Duration::from_millis(50));
            };
            store.verify(&[], told).await.unwrap()
        })
    };
    begun.recv().await.unwrap();
    write(&store, 3, 2).await;
    sequence(&store).await;
    write(&store, 3, 1).await;
    let report = checked.await.unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!(report.events, before.events + 1_200);
    let next = check(&store, &[]).await;
    assert_eq!((next.events, next.is_sound()), (report.events + 9, true));
}
