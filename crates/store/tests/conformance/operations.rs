//! Sign-in and uploads: what is counted, what ends, what is swept, and what never is.

use std::time::{Duration, SystemTime};

use store::{Append, SavedDraft, SessionRow, Store, StoreError};

use crate::on_both;
use crate::place::Place;
use crate::support::{NOW, Tip, draft, step};

on_both!(
    of_tries_at_once_each_has_its_number,
    a_new_password_ends_sessions_and_forgets_failures,
    what_was_typed_as_a_name_is_not_kept,
    what_has_ended_is_purged,
    what_an_event_or_a_draft_names_is_never_swept,
    an_upload_that_cannot_be_judged_holds_up_no_other,
);

async fn of_tries_at_once_each_has_its_number(place: &Place) {
    let store = place.store().await;
    let tries = (0..20).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.throttle_hit("login:li", NOW, 100).await.unwrap() })
    });
    let mut numbers = Vec::new();
    for task in tries.collect::<Vec<_>>() {
        numbers.push(task.await.unwrap().failures);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    store.throttle_undo("login:li").await.unwrap();
    let counted = store.throttle("login:li", NOW).await.unwrap().unwrap();
    assert_eq!(counted.failures, 19);
}

fn session(id: u8, person: &str) -> SessionRow {
    SessionRow {
        id_hash: vec![id],
        person_id: person.into(),
        created_at: NOW,
        expires_at: NOW + 1_000,
        data: String::new(),
    }
}

async fn a_new_password_ends_sessions_and_forgets_failures(place: &Place) {
    let store = place.store().await;
    for (id, person) in [(1, "person-li"), (2, "person-li"), (3, "person-wang")] {
        store.put_session(&session(id, person)).await.unwrap();
    }
    for key in ["login:li", "login:wang"] {
        store.throttle_hit(key, NOW, 100).await.unwrap();
    }
    store
        .set_credential("person-li", "argon2", "login:li", NOW)
        .await
        .unwrap();
    assert_eq!(store.session(&[1], NOW).await.unwrap(), None);
    assert_eq!(store.session(&[2], NOW).await.unwrap(), None);
    assert_eq!(store.throttle("login:li", NOW).await.unwrap(), None);
    assert!(store.session(&[3], NOW).await.unwrap().is_some());
    assert!(store.throttle("login:wang", NOW).await.unwrap().is_some());
}

async fn what_was_typed_as_a_name_is_not_kept(place: &Place) {
    let store = place.store().await;
    let typed = "login:my-own-password";
    store.throttle_hit(typed, NOW, 100).await.unwrap();
    place
        .by_hand("INSERT INTO meta (key, value) SELECT 'seen', key FROM throttle")
        .await;
    let raw = place.raw().await;
    let row = sea_orm::ConnectionTrait::query_one_raw(
        &raw,
        sea_orm::Statement::from_string(
            sea_orm::ConnectionTrait::get_database_backend(&raw),
            "SELECT value FROM meta WHERE key = 'seen'",
        ),
    )
    .await
    .unwrap()
    .unwrap();
    let kept: String = row.try_get_by_index(0).unwrap();
    raw.close().await.unwrap();
    assert!(kept.len() == 64 && !kept.contains("password"), "{kept}");
    assert!(store.throttle(typed, NOW).await.unwrap().is_some());
}

async fn what_has_ended_is_purged(place: &Place) {
    let store = place.store().await;
    store.put_session(&session(1, "person-li")).await.unwrap();
    store.throttle_hit("login:li", NOW, 100).await.unwrap();
    assert_eq!(store.purge_expired(NOW).await.unwrap(), 0);
    assert_eq!(store.purge_expired(NOW + 100).await.unwrap(), 1);
    assert_eq!(store.purge_expired(NOW + 1_000).await.unwrap(), 1);
}

const DAY: Duration = Duration::from_secs(86_400);

fn upload(store: &Store, bytes: &[u8]) -> String {
    let mut incoming = store.objects().receive().unwrap();
    incoming.write(bytes).unwrap();
    store.objects().put_upload("case-1", incoming).unwrap()
}

fn draft_with(digest: &str) -> SavedDraft {
    SavedDraft {
        person_id: "person-li".into(),
        stream: "case-1".into(),
        step: "A20".into(),
        party: None,
        json: format!(r#"[["f.file.kept","{{\"digest\":\"{digest}\"}}"]]"#),
        updated_at: NOW,
    }
}

async fn what_an_event_or_a_draft_names_is_never_swept(place: &Place) {
    let store = place.store().await;
    let (named, drafted, loose) = (
        upload(&store, b"named"),
        upload(&store, b"drafted"),
        upload(&store, b"loose"),
    );
    let paper = store.objects().put("case-1", b"paper").unwrap();
    let mut tip = Tip::new("case-1");
    tip = Tip::after(&store.commit(step(&tip, "one")).await.unwrap());
    let fields = format!(r#"{{"fields":{{"file":{{"digest":"{named}"}}}}}}"#);
    let event = Append {
        events: vec![draft(fields)],
        ..step(&tip, "two")
    };
    store.commit(event).await.unwrap();
    store.save_draft(&draft_with(&drafted)).await.unwrap();

    let now = SystemTime::now();
    let there = |digest: &String| store.objects().get("case-1", digest).is_ok();
    assert_eq!(store.sweep_uploads(DAY, now).await.unwrap().gone, 0);
    assert!(there(&loose), "young uploads stay");
    assert_eq!(
        store.sweep_uploads(DAY, now + 2 * DAY).await.unwrap().gone,
        1
    );
    assert!(there(&named) && there(&drafted) && there(&paper) && !there(&loose));

    // Once the draft is gone its file goes too, a day after it was last seen there.
    let drop = store.drop_draft("person-li", "case-1", "A20", None);
    drop.await.unwrap();
    assert_eq!(store.sweep_uploads(DAY, now).await.unwrap().gone, 0);
    assert!(there(&drafted));
    assert_eq!(
        store.sweep_uploads(DAY, now + 9 * DAY).await.unwrap().gone,
        1
    );
    assert!(there(&named) && there(&paper) && !there(&drafted));
    assert!(matches!(
        store.objects().get("case-1", &drafted),
        Err(StoreError::NotFound { .. })
    ));
}

async fn an_upload_that_cannot_be_judged_holds_up_no_other(place: &Place) {
    let store = place.store().await;
    let loose = upload(&store, b"loose");
    let mut incoming = store.objects().receive().unwrap();
    incoming.write(b"of a damaged case").unwrap();
    let doubtful = store.objects().put_upload("case-0", incoming).unwrap();
    let tip = Tip::new("case-0");
    store.commit(step(&tip, "one")).await.unwrap();
    let header = if place.is_sqlite() {
        "x'7b'"
    } else {
        "'\\x7b'"
    };
    place
        .by_hand(&format!(
            "UPDATE event SET header = {header} WHERE stream_id = 'case-0'"
        ))
        .await;
    let later = SystemTime::now() + 2 * DAY;
    let swept = store.sweep_uploads(DAY, later).await.unwrap();
    assert_eq!(swept.gone, 1);
    assert!(store.objects().get("case-1", &loose).is_err());
    let [(upload, StoreError::Damaged(_))] = &swept.faults[..] else {
        panic!("{:?}", swept.faults);
    };
    assert_eq!(upload.digest, doubtful);
    assert!(store.objects().get("case-0", &doubtful).is_ok());
}
