//! The log: one order, tiles, checkpoints, proofs.

use ledger::tree::verify_consistency;
use store::{Sequencer, Store, StoreError, Suite};

use crate::on_both;
use crate::place::Place;
use crate::support::{NOW, Tip, config, step};

on_both!(
    every_event_gets_its_place_and_a_proof,
    a_later_checkpoint_extends_an_earlier,
    a_crash_between_any_two_steps_is_made_good,
    one_process_sequences_at_a_time,
    followers_read_the_log_in_order,
    the_c2sp_suite_works_as_well,
);

/// Commits `count` events on each of `streams` streams, going on from where they are.
pub async fn write(store: &Store, streams: usize, count: u64) {
    for n in 0..streams {
        let stream = format!("case-{n}");
        let head = store.head(&store::Scope::system(), &stream).await.unwrap();
        let mut tip = head.map_or(Tip::new(&stream), |h| Tip {
            stream,
            version: h.version,
            entry: Some(h.entry),
        });
        for _ in 0..count {
            let command = format!("{}-{}", tip.stream, tip.version + 1);
            tip = Tip::after(&store.commit(step(&tip, &command)).await.unwrap());
        }
    }
}

async fn every_event_gets_its_place_and_a_proof(place: &Place) {
    let store = place.store().await;
    write(&store, 3, 4).await;
    assert_eq!(store.unsequenced().await.unwrap(), 13);
    assert!(matches!(
        store.prove("case-0", 1).await,
        Err(StoreError::NotLogged { version: 1 })
    ));
    let done = Sequencer::new(store.clone()).run_once(NOW).await.unwrap();
    assert_eq!((done.moved, done.size, done.signed), (13, 13, true));
    assert_eq!(store.unsequenced().await.unwrap(), 0);
    for stream in ["case-0", "case-1", "case-2"] {
        for event in store
            .load(&store::Scope::system(), stream, 0)
            .await
            .unwrap()
        {
            let proof = store.prove(stream, event.header.version).await.unwrap();
            let checkpoint = proof.verify(&event.entry, store.verifying_key()).unwrap();
            assert_eq!(checkpoint.size(), 13);
        }
    }
    let wrong = store.prove("case-0", 1).await.unwrap();
    assert!(
        wrong
            .verify(&ledger::Hash([0; 32]), store.verifying_key())
            .is_err()
    );
}

async fn a_later_checkpoint_extends_an_earlier(place: &Place) {
    let store = place.store().await;
    let mut sequencer = Sequencer::new(store.clone());
    let mut kept = Vec::new();
    // Past a tile's width, so that full and partial tiles both are used.
    for count in [1, 30, 61] {
        write(&store, 3, count).await;
        assert!(sequencer.run_once(NOW).await.unwrap().signed);
        kept.push(store.latest_checkpoint().await.unwrap().unwrap());
    }
    assert!(
        !sequencer.run_once(NOW).await.unwrap().signed,
        "nothing new, nothing signed"
    );
    let last = kept.last().unwrap().unverified().clone();
    assert_eq!(last.size(), 277);
    for earlier in &kept {
        let old = earlier.verify(store.verifying_key()).unwrap();
        let proof = store
            .prove_consistency(old.size(), last.size())
            .await
            .unwrap();
        verify_consistency(
            store.suite(),
            (old.size(), &old.root()),
            (last.size(), &last.root()),
            &proof,
        )
        .unwrap();
    }
    assert!(store.prove_consistency(300, 277).await.is_err());
}

async fn a_crash_between_any_two_steps_is_made_good(place: &Place) {
    let store = place.store().await;
    write(&store, 2, 5).await;
    Sequencer::new(store.clone()).run_once(NOW).await.unwrap();
    let signed = store.latest_checkpoint().await.unwrap().unwrap();
    // What a crash before the last step, and before the last two, leaves behind.
    for undone in [
        "",
        "DELETE FROM tile; DELETE FROM cursor WHERE name = 'tiles';",
    ] {
        place
            .by_hand(&format!("DELETE FROM checkpoint; {undone}"))
            .await;
        let mut after_restart = Sequencer::new(store.clone());
        let done = after_restart.run_once(NOW + 60_000_000).await.unwrap();
        assert_eq!((done.moved, done.size, done.signed), (0, 11, true));
        after_restart.release().await.unwrap();
        let again = store.latest_checkpoint().await.unwrap().unwrap();
        assert_eq!(again.unverified(), signed.unverified());
    }
    assert!(store.verify(&[signed], |_, _| {}).await.unwrap().is_sound());
}

async fn one_process_sequences_at_a_time(place: &Place) {
    let store = place.store().await;
    let (mut first, mut second) = (Sequencer::new(store.clone()), Sequencer::new(store.clone()));
    write(&store, 1, 1).await;
    assert_eq!(first.run_once(NOW).await.unwrap().moved, 2);
    write(&store, 1, 1).await;
    assert!(second.run_once(NOW + 1).await.unwrap().elsewhere);
    // The first was away for so long that its lease ran out.
    assert_eq!(second.run_once(NOW + 60_000_000).await.unwrap().moved, 1);
    write(&store, 1, 1).await;
    assert!(matches!(
        first.run_once(NOW + 60_000_001).await,
        Err(StoreError::LeaseLost(_))
    ));
    assert!(first.run_once(NOW + 60_000_002).await.unwrap().elsewhere);
    second.release().await.unwrap();
    assert_eq!(first.run_once(NOW + 60_000_003).await.unwrap().moved, 1);
    assert!(store.verify(&[], |_, _| {}).await.unwrap().is_sound());
}

async fn followers_read_the_log_in_order(place: &Place) {
    let store = place.store().await;
    write(&store, 3, 3).await;
    Sequencer::new(store.clone()).run_once(NOW).await.unwrap();
    let mut seen = Vec::new();
    loop {
        let from = store.cursor("search").await.unwrap();
        let page = store.log_after(from, 4).await.unwrap();
        let Some(last) = page.last() else { break };
        store.set_cursor("search", last.idx + 1).await.unwrap();
        seen.extend(
            page.into_iter()
                .map(|logged| (logged.idx, logged.event.header.recorded_at)),
        );
    }
    assert_eq!(
        seen.iter().map(|(idx, _)| *idx).collect::<Vec<_>>(),
        (0..10).collect::<Vec<_>>()
    );
    assert!(seen.is_sorted_by_key(|(_, at)| *at));
}

async fn the_c2sp_suite_works_as_well(place: &Place) {
    let mut config = config(place.url(), &place.path("c2sp"));
    config.suite = Suite::C2sp;
    Store::migrate(&config, NOW).await.unwrap();
    let store = Store::open(&config).await.unwrap();
    write(&store, 1, 3).await;
    Sequencer::new(store.clone()).run_once(NOW).await.unwrap();
    let event = store
        .load(&store::Scope::system(), "case-0", 2)
        .await
        .unwrap()
        .remove(0);
    let proof = store.prove("case-0", 3).await.unwrap();
    assert!(proof.encode().starts_with("c2sp.org/tlog-proof@v1\n"));
    proof.verify(&event.entry, store.verifying_key()).unwrap();
    store.close().await;
    config.suite = Suite::Gm;
    assert!(matches!(
        Store::open(&config).await,
        Err(StoreError::OtherLog { .. })
    ));
}
