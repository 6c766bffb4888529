//! Views made again from events equal the live ones.

use casework::record::StreamKind;
use casework::rows::{BodyRow, StreamRows};
use store::{Fault, FaultKind, Scope, Sequencer, Store, StoreError, Stored};

use crate::log::write;
use crate::on_both;
use crate::place::Place;
use crate::support::{BUREAU, NOW, rows};

on_both!(
    rebuilt_views_equal_the_live_ones,
    damaged_views_are_put_right,
    writers_may_go_on_during_a_rebuild,
    damaged_tiles_are_made_again_from_the_leaves,
    tiles_stay_where_the_leaves_were_changed,
);

/// The rows that the fixtures write, from the events alone.
fn project(kind: StreamKind, events: &[Stored]) -> Result<StreamRows, String> {
    let last = events.last().ok_or("no events")?;
    Ok(match kind {
        StreamKind::Case => rows(&last.header.stream, last.header.version),
        _ => StreamRows {
            body: Some(BodyRow {
                parent: None,
                name: format!("{BUREAU}应急管理局"),
            }),
            ..StreamRows::default()
        },
    })
}

async fn rebuilt_views_equal_the_live_ones(place: &Place) {
    let store = place.store().await;
    write(&store, 12, 3).await;
    let mut told = Vec::new();
    let rebuilt = store
        .rebuild(project, |done, total| told.push((done, total)))
        .await
        .unwrap();
    assert!(rebuilt.was_equal(), "{rebuilt:?}");
    assert_eq!(rebuilt.streams, 13);
    assert_eq!(told.last(), Some(&(13, 13)));
}

async fn damaged_views_are_put_right(place: &Place) {
    let store = place.store().await;
    write(&store, 4, 3).await;
    place
        .by_hand(
            "UPDATE case_row SET stage = 'nowhere' WHERE stream_id = 'case-1'; \
             DELETE FROM todo WHERE stream_id = 'case-2'; DELETE FROM body_tree; \
             INSERT INTO case_person (stream_id, person_id) VALUES ('case-3', 'person-wang')",
        )
        .await;
    let rebuilt = store.rebuild(project, |_, _| {}).await.unwrap();
    assert_eq!((rebuilt.rows_removed, rebuilt.rows_added), (2, 4));
    assert_eq!(
        store
            .case(&Scope::system(), "case-1")
            .await
            .unwrap()
            .unwrap()
            .row
            .stage,
        "S3"
    );
    assert_eq!(
        store
            .case_todo(&Scope::system(), "case-2")
            .await
            .unwrap()
            .len(),
        3
    );
    assert_eq!(
        store
            .roster(&Scope::body(BUREAU, store::Purpose::Casework))
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(store.rebuild(project, |_, _| {}).await.unwrap().was_equal());
}

async fn writers_may_go_on_during_a_rebuild(place: &Place) {
    let store = place.store().await;
    write(&store, 6, 2).await;
    let (rebuilt, ()) = tokio::join!(store.rebuild(project, |_, _| {}), write(&store, 6, 5));
    rebuilt.unwrap();
    after_which_all_is_equal(&store).await;
}

async fn after_which_all_is_equal(store: &Store) {
    write(store, 6, 1).await;
    assert!(store.rebuild(project, |_, _| {}).await.unwrap().was_equal());
    assert!(store.verify(&[], |_, _| {}).await.unwrap().is_sound());
}

/// A log of more than a tile, in several steps, so that partial tiles were widened.
async fn tiled(place: &Place) -> Store {
    let store = place.store().await;
    let mut sequencer = Sequencer::new(store.clone());
    for count in [1, 60, 60] {
        write(&store, 3, count).await;
        sequencer.run_once(NOW).await.unwrap();
    }
    sequencer.release().await.unwrap();
    store
}

async fn faults(store: &Store) -> Vec<Fault> {
    store.verify(&[], |_, _| {}).await.unwrap().faults
}

async fn damaged_tiles_are_made_again_from_the_leaves(place: &Place) {
    let store = tiled(place).await;
    assert_eq!(store.rebuild_tiles(|_, _| {}).await.unwrap(), 0);
    let empty = if place.is_sqlite() {
        "x''"
    } else {
        "''::bytea"
    };
    place
        .by_hand(&format!(
            "UPDATE tile SET data = {empty} WHERE level = 0 AND idx = 1; \
             DELETE FROM tile WHERE level = -1 AND idx = 0"
        ))
        .await;
    let found = faults(&store).await;
    assert!(found.iter().all(|f| f.kind == FaultKind::Tile) && found.len() >= 2);
    assert_eq!(store.rebuild_tiles(|_, _| {}).await.unwrap(), 2);
    assert_eq!(faults(&store).await, []);
    // The log goes on from them.
    write(&store, 3, 2).await;
    let done = Sequencer::new(store.clone()).run_once(NOW).await.unwrap();
    assert!(done.signed);
    store.prove("case-0", 120).await.unwrap();
    assert_eq!(faults(&store).await, []);
}

async fn tiles_stay_where_the_leaves_were_changed(place: &Place) {
    let store = tiled(place).await;
    place
        .by_hand("UPDATE leaf SET entry = (SELECT entry FROM leaf WHERE idx = 6) WHERE idx = 5")
        .await;
    let before = faults(&store).await;
    assert!(before.iter().any(|f| f.kind == FaultKind::Tile));
    let refused = store.rebuild_tiles(|_, _| {}).await.unwrap_err();
    assert!(matches!(refused, StoreError::Damaged(_)), "{refused}");
    assert_eq!(faults(&store).await, before);
}
