//! Sign-in and uploads: what is counted, what ends, what is swept, and what never is.

use std::time::{Duration, SystemTime};

use store::{AccessToken, Append, SavedDraft, SessionRow, Store, StoreError};

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
    who_signs_in_with_an_old_password_gets_no_session,
    a_password_is_replaced_only_in_place_of_the_one_that_was_given,
    an_access_token_is_found_by_its_digest_until_it_ends,
    an_access_token_ends_with_the_password_that_it_was_made_with,
);

fn access_token(id: &str, person: &str) -> AccessToken {
    AccessToken {
        id: id.into(),
        person_id: person.into(),
        name: "统计程序".into(),
        may_act: id.ends_with("act"),
        created_at: NOW,
        expires_at: NOW + 1_000,
        used_at: None,
    }
}

async fn an_access_token_is_found_by_its_digest_until_it_ends(place: &Place) {
    let store = place.store().await;
    for person in ["person-li", "person-wang"] {
        store.set_credential(person, "hash", "", NOW).await.unwrap();
    }
    let mut token = access_token("t-act", "person-li");
    assert!(store.add_access_token(&token, &[1], "hash").await.unwrap());
    let again = store.add_access_token(&token, &[2], "hash").await.unwrap();
    assert!(!again, "one form makes one token");
    let read = access_token("t-read", "person-li");
    assert!(store.add_access_token(&read, &[3], "hash").await.unwrap());

    let found = store.access_token(&[1], NOW).await.unwrap();
    assert_eq!(found.as_ref(), Some(&token));
    assert_eq!(store.access_token(&[2], NOW).await.unwrap(), None);
    assert_eq!(store.access_token(&[1], NOW + 1_000).await.unwrap(), None);
    store.use_access_token("t-act", NOW + 5).await.unwrap();
    token.used_at = Some(NOW + 5);
    let listed = store.access_tokens_of("person-li").await.unwrap();
    assert_eq!(listed, [token, read]);
    assert!(
        store
            .access_tokens_of("person-wang")
            .await
            .unwrap()
            .is_empty()
    );

    let revoke = async |person, id| store.revoke_access_token(person, id).await.unwrap();
    assert!(!revoke("person-wang", "t-act").await, "another's stays");
    assert!(revoke("person-li", "t-act").await);
    assert_eq!(store.access_token(&[1], NOW).await.unwrap(), None);
    assert_eq!(store.purge_expired(NOW + 1_000).await.unwrap(), 1);
    assert!(
        store
            .access_tokens_of("person-li")
            .await
            .unwrap()
            .is_empty()
    );
}

async fn an_access_token_ends_with_the_password_that_it_was_made_with(place: &Place) {
    let store = place.store().await;
    let set = async |hash| {
        store
            .set_credential("person-li", hash, "", NOW)
            .await
            .unwrap()
    };
    let add = async |id: &str, secret: u8, hash| {
        let token = access_token(id, "person-li");
        store
            .add_access_token(&token, &[secret], hash)
            .await
            .unwrap()
    };
    let lives = async |secret: u8| store.access_token(&[secret], NOW).await.unwrap().is_some();
    assert!(!add("t-0", 0, "old").await, "nobody without a password");
    set("old").await;
    assert!(add("t-1", 1, "old").await && lives(1).await);
    set("new").await;
    assert!(!lives(1).await, "a reset ends it");
    assert!(
        !add("t-2", 2, "old").await,
        "the password was reset meanwhile"
    );
    assert!(add("t-3", 3, "new").await);
    let replaced = store.replace_credential("person-li", "new", "own", "", NOW);
    assert!(replaced.await.unwrap());
    assert!(!lives(3).await, "so does a password of one's own");
    assert!(add("t-4", 4, "own").await);
    assert_eq!(store.end_sessions_of("person-li").await.unwrap(), 1);
    assert!(!lives(4).await, "and so does leaving");
}

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
    for person in ["person-li", "person-wang"] {
        store.set_credential(person, "old", "", NOW).await.unwrap();
    }
    for (id, person) in [(1, "person-li"), (2, "person-li"), (3, "person-wang")] {
        assert!(
            store
                .begin_session(&session(id, person), "old")
                .await
                .unwrap()
        );
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

async fn who_signs_in_with_an_old_password_gets_no_session(place: &Place) {
    let store = place.store().await;
    let begin = async |id, hash| {
        store
            .begin_session(&session(id, "person-li"), hash)
            .await
            .unwrap()
    };
    let reset = async |hash| {
        store
            .set_credential("person-li", hash, "login:li", NOW)
            .await
            .unwrap();
    };
    assert!(!begin(1, "old").await, "nobody without a password");
    reset("old").await;
    assert!(begin(1, "old").await);
    // The password was checked against the old hash, and then reset.
    reset("new").await;
    assert!(!begin(2, "old").await);
    assert_eq!(store.session(&[2], NOW).await.unwrap(), None);
    // A session that was read before it was ended does not come back by being renewed.
    store.renew_session(&[1], NOW + 9_000).await.unwrap();
    assert_eq!(store.session(&[1], NOW).await.unwrap(), None);
    assert!(begin(3, "new").await);
    store.renew_session(&[3], NOW + 9_000).await.unwrap();
    let renewed = store.session(&[3], NOW + 8_000).await.unwrap().unwrap();
    assert_eq!(renewed.expires_at, NOW + 9_000);
    if place.is_sqlite() {
        return;
    }
    // On PostgreSQL a reset that is under way is waited for.
    let raw = place.raw().await;
    let reset = sea_orm::TransactionTrait::begin(&raw).await.unwrap();
    let set = "UPDATE credential SET hash = 'newest' WHERE person_id = 'person-li'";
    sea_orm::ConnectionTrait::execute_unprepared(&reset, set)
        .await
        .unwrap();
    let signing_in = {
        let store = store.clone();
        tokio::spawn(async move { store.begin_session(&session(4, "person-li"), "new").await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!signing_in.is_finished());
    reset.commit().await.unwrap();
    assert!(!signing_in.await.unwrap().unwrap());
    raw.close().await.unwrap();
}

async fn a_password_is_replaced_only_in_place_of_the_one_that_was_given(place: &Place) {
    let store = place.store().await;
    store
        .set_credential("person-li", "reset", "login:li", NOW)
        .await
        .unwrap();
    assert!(
        store
            .begin_session(&session(1, "person-li"), "reset")
            .await
            .unwrap()
    );
    store.throttle_hit("login:li", NOW, 100).await.unwrap();
    let replace = |old, new| store.replace_credential("person-li", old, new, "login:li", NOW);
    assert!(!replace("before", "thief").await.unwrap());
    let kept = store.credential("person-li").await.unwrap();
    assert_eq!(kept.as_deref(), Some("reset"));
    assert!(store.session(&[1], NOW).await.unwrap().is_some());
    assert!(replace("reset", "own").await.unwrap());
    let kept = store.credential("person-li").await.unwrap();
    assert_eq!(kept.as_deref(), Some("own"));
    assert_eq!(store.session(&[1], NOW).await.unwrap(), None);
    assert_eq!(store.throttle("login:li", NOW).await.unwrap(), None);
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
    store
        .set_credential("person-li", "hash", "", NOW)
        .await
        .unwrap();
    assert!(
        store
            .begin_session(&session(1, "person-li"), "hash")
            .await
            .unwrap()
    );
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
