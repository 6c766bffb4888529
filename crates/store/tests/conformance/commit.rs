//! Committing: what is acknowledged is there, once, in order.

use casework::record::Header;
use store::{CaseFilter, CaseReach, CommitError, Hash, Scope};

use crate::on_both;
use crate::place::Place;
use crate::support::{Tip, rows, step};

on_both!(
    what_was_committed_is_loaded_as_a_chain,
    of_two_at_once_on_one_stream_one_wins,
    the_same_command_gets_the_first_answer_again,
    the_same_command_sent_twice_at_once_is_done_once,
    a_command_id_is_not_reused_for_another_command,
    many_writers_lose_nothing,
    several_events_of_one_command_are_one_transaction,
    views_follow_every_commit_and_a_restart,
    a_row_that_was_taken_out_by_hand_is_put_back_when_it_changes,
    a_stream_s_times_never_fall,
    the_null_character_is_refused,
    malformed_appends_are_refused,
);

async fn what_was_committed_is_loaded_as_a_chain(place: &Place) {
    let store = place.store().await;
    let mut tip = Tip::new("case-1");
    for n in 1..=3 {
        tip = Tip::after(&store.commit(step(&tip, &format!("c{n}"))).await.unwrap());
    }
    let scope = Scope::system();
    let events = store.load(&scope, "case-1", 0).await.unwrap();
    assert_eq!(events.len(), 3);
    for pair in events.windows(2) {
        assert_eq!(
            pair[1].header.prev.as_deref(),
            Some(pair[0].entry.to_string().as_str())
        );
    }
    let last = events.last().unwrap();
    assert_eq!(Header::decode(&last.header_bytes).unwrap(), last.header);
    assert!(last.body.as_ref().unwrap().starts_with(b"{\"step\":\"A3\""));
    assert_eq!(last.salt.as_ref().unwrap().len(), 32);
    assert_eq!(store.load(&scope, "case-1", 2).await.unwrap(), events[2..]);
    let head = store.head(&scope, "case-1").await.unwrap().unwrap();
    assert_eq!((head.version, head.entry), (3, last.entry));
    assert_eq!(store.head(&scope, "case-2").await.unwrap(), None);
}

async fn of_two_at_once_on_one_stream_one_wins(place: &Place) {
    let store = place.store().await;
    let tip = Tip::after(&store.commit(step(&Tip::new("case-1"), "c1")).await.unwrap());
    let (a, b) = tokio::join!(store.commit(step(&tip, "a")), store.commit(step(&tip, "b")));
    let (won, lost) = if a.is_ok() { (a, b) } else { (b, a) };
    assert_eq!(won.unwrap().last_version, 2);
    assert_eq!(
        lost.unwrap_err(),
        CommitError::Conflict { current_version: 2 }
    );
    // And the one who comes later, with what he read before.
    assert_eq!(
        store.commit(step(&tip, "late")).await.unwrap_err(),
        CommitError::Conflict { current_version: 2 }
    );
    let new = store
        .commit(step(&Tip::new("case-1"), "new"))
        .await
        .unwrap_err();
    assert_eq!(new, CommitError::Conflict { current_version: 2 });
}

async fn the_same_command_gets_the_first_answer_again(place: &Place) {
    let store = place.store().await;
    let append = step(&Tip::new("case-1"), "c1");
    let first = store.commit(append.clone()).await.unwrap();
    assert!(!first.replayed);
    // Sent again as it was, and sent again as decided on the state that it made itself.
    for again in [append, step(&Tip::after(&first), "c1")] {
        let answer = store.commit(again).await.unwrap();
        assert!(answer.replayed);
        assert_eq!(
            (answer.last_version, answer.entry),
            (first.last_version, first.entry)
        );
    }
    assert_eq!(
        store
            .load(&Scope::system(), "case-1", 0)
            .await
            .unwrap()
            .len(),
        1
    );
    let record = store.find_command("c1").await.unwrap().unwrap();
    assert_eq!(
        (
            record.stream.as_str(),
            record.first_version,
            record.last_version
        ),
        ("case-1", 1, 1)
    );
}

async fn the_same_command_sent_twice_at_once_is_done_once(place: &Place) {
    let store = place.store().await;
    let append = step(&Tip::new("case-1"), "double");
    let (a, b) = tokio::join!(store.commit(append.clone()), store.commit(append));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert!(
        a.replayed != b.replayed,
        "one did it, one was told: {a:?} {b:?}"
    );
    assert_eq!(a.entry, b.entry);
}

async fn a_command_id_is_not_reused_for_another_command(place: &Place) {
    let store = place.store().await;
    store.commit(step(&Tip::new("case-1"), "c1")).await.unwrap();
    let mut other = step(&Tip::new("case-2"), "c1");
    other.command.digest = Hash([8; 32]);
    assert_eq!(
        store.commit(other).await.unwrap_err(),
        CommitError::CommandReused { id: "c1".into() }
    );
    let mut by_another = step(&Tip::new("case-3"), "c1");
    by_another.command.actor = "person-li".into();
    assert_eq!(
        store.commit(by_another).await.unwrap_err(),
        CommitError::CommandReused { id: "c1".into() }
    );
    for stream in ["case-2", "case-3"] {
        assert!(
            store
                .load(&Scope::system(), stream, 0)
                .await
                .unwrap()
                .is_empty(),
            "{stream}"
        );
    }
}

async fn many_writers_lose_nothing(place: &Place) {
    const WRITERS: usize = 20;
    const STEPS: u64 = 15;
    let store = place.store().await;
    let write = |n: usize| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tip = Tip::new(format!("case-{n}"));
            for k in 0..STEPS {
                tip = Tip::after(&store.commit(step(&tip, &format!("{n}-{k}"))).await.unwrap());
            }
        })
    };
    let tasks: Vec<_> = (0..WRITERS).map(write).collect();
    for task in tasks {
        task.await.unwrap();
    }
    let report = store.verify(&[], |_, _| {}).await.unwrap();
    assert!(report.is_sound(), "{:?}", report.faults);
    assert_eq!(report.events, WRITERS as u64 * STEPS + 1);
}

async fn several_events_of_one_command_are_one_transaction(place: &Place) {
    let store = place.store().await;
    let mut append = step(&Tip::new("case-1"), "c1");
    append.events.push(append.events[0].clone());
    append.events.push(append.events[0].clone());
    let done = store.commit(append).await.unwrap();
    assert_eq!((done.first_version, done.last_version), (1, 3));
    let events = store.load(&Scope::system(), "case-1", 0).await.unwrap();
    assert_eq!(
        events.iter().map(|e| e.header.version).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_ne!(
        events[0].salt, events[1].salt,
        "equal bodies do not commit equally"
    );
    assert!(store.verify(&[], |_, _| {}).await.unwrap().is_sound());
}

async fn views_follow_every_commit_and_a_restart(place: &Place) {
    let mut store = place.store().await;
    let mut tip = Tip::new("case-1");
    for n in 1..=6 {
        tip = Tip::after(&store.commit(step(&tip, &format!("c{n}"))).await.unwrap());
        if n == 3 {
            // The new process does not know what rows are there, and must not leave any behind.
            store.close().await;
            store = store::Store::open(&place.config()).await.unwrap();
        }
        let (scope, expect) = (Scope::system(), rows("case-1", n));
        let case = store.case(&scope, "case-1").await.unwrap().unwrap();
        assert_eq!(Some(case.row), expect.case, "after {n}");
        let todo = store.case_todo(&scope, "case-1").await.unwrap();
        let mut expect_todo = expect.todo;
        expect_todo.sort_by(|a, b| a.key.cmp(&b.key));
        assert_eq!(
            todo.into_iter()
                .map(|item| item.todo.row)
                .collect::<Vec<_>>(),
            expect_todo,
            "after {n}"
        );
        assert_eq!(
            store.limits(&scope, "case-1").await.unwrap(),
            expect.limits,
            "after {n}"
        );
    }
    let mine = CaseFilter {
        reach: Some(CaseReach {
            person: Some("person-li".into()),
            ..CaseReach::default()
        }),
        ..CaseFilter::default()
    };
    assert_eq!(
        store
            .cases(&Scope::system(), &mine, None, 10)
            .await
            .unwrap()
            .len(),
        1
    );
}

async fn a_row_that_was_taken_out_by_hand_is_put_back_when_it_changes(place: &Place) {
    let store = place.store().await;
    let first = store.commit(step(&Tip::new("case-1"), "c1")).await.unwrap();
    place
        .by_hand("DELETE FROM case_row WHERE stream_id = 'case-1'")
        .await;
    store.commit(step(&Tip::after(&first), "c2")).await.unwrap();
    let case = store.case(&Scope::system(), "case-1").await.unwrap();
    assert_eq!(case.map(|case| case.row), rows("case-1", 2).case);
}

async fn a_stream_s_times_never_fall(place: &Place) {
    let store = place.store().await;
    let first = store.commit(step(&Tip::new("case-1"), "c1")).await.unwrap();
    let mut late = step(&Tip::after(&first), "c2");
    late.now_us = first.recorded_at - 60_000_000;
    let second = store.commit(late).await.unwrap();
    assert_eq!(second.recorded_at, first.recorded_at);
    let events = store.load(&Scope::system(), "case-1", 1).await.unwrap();
    assert_eq!(events[0].header.recorded_at, first.recorded_at);
    assert!(store.verify(&[], |_, _| {}).await.unwrap().is_sound());
}

async fn the_null_character_is_refused(place: &Place) {
    let store = place.store().await;
    let mut in_body = step(&Tip::new("case-1"), "c1");
    in_body.events[0].body = b"{\"name\":\"a\\u0000b\"}".to_vec();
    let mut in_row = step(&Tip::new("case-1"), "c2");
    in_row.rows.todo[0].title = "空\0字符".into();
    let mut in_id = step(&Tip::new("case-1"), "c3");
    in_id.command.id = "c\0".into();
    for append in [in_body, in_row, in_id] {
        let refused = store.commit(append).await.unwrap_err();
        assert!(
            matches!(&refused, CommitError::Invalid(why) if why.contains("空字符")),
            "{refused}"
        );
    }
    assert!(
        store
            .load(&Scope::system(), "case-1", 0)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn malformed_appends_are_refused(place: &Place) {
    let store = place.store().await;
    let tip = Tip::after(&store.commit(step(&Tip::new("case-1"), "c1")).await.unwrap());
    let mut none = step(&tip, "none");
    none.events.clear();
    let mut other_body = step(&tip, "other-body");
    other_body.body_id = "body-shi".into();
    let mut doubled = step(&tip, "doubled");
    doubled.rows.todo.push(doubled.rows.todo[0].clone());
    let mut no_prev = step(&tip, "no-prev");
    no_prev.prev_entry = None;
    let mut large = step(&tip, "large");
    large.events[0].body = vec![b' '; 5 << 20];
    for append in [none, other_body, doubled, no_prev, large] {
        let id = append.command.id.clone();
        let refused = store.commit(append).await.unwrap_err();
        assert!(
            matches!(refused, CommitError::Invalid(_)),
            "{id}: {refused}"
        );
    }
    let mut forked = step(&tip, "forked");
    forked.prev_entry = Some(Hash([9; 32]));
    assert_eq!(
        store.commit(forked).await.unwrap_err(),
        CommitError::OtherChain { version: 1 }
    );
}
