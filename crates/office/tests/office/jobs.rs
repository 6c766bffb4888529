//! What the program does by itself: limits that run out, and views made again.

use casework::{
    event::CASE_ACTED,
    record::{Draft, StreamKind},
    rows::{LimitRow, StreamRows},
};
use office::rebuild_rows;
use store::{Append, CommandKey, Scope};

use super::*;

/// A case that nobody can read, with a limit that has run out; its id comes before every other's.
async fn unreadable(office: &Office) {
    let limit = LimitRow {
        key: "N-LA##0".to_owned(),
        code: "N-LA".to_owned(),
        title: "立案期限".to_owned(),
        party: None,
        started_on: DAY,
        status: "running".to_owned(),
        due_on: Some(DAY),
        provisional: false,
        ended_on: None,
        basis: String::new(),
    };
    let append = Append {
        stream: "case-0".to_owned(),
        kind: StreamKind::Case,
        body_id: "body-a".to_owned(),
        expected_version: 0,
        prev_entry: None,
        now_us: office.now().0,
        events: vec![Draft::plain(CASE_ACTED, b"{}".to_vec(), None, Via::Job)],
        rows: StreamRows {
            limits: vec![limit],
            ..StreamRows::default()
        },
        command: CommandKey {
            id: "unreadable".to_owned(),
            actor: String::new(),
            digest: office.store().suite().hash(&[b"unreadable"]),
        },
    };
    office.store().commit(append).await.unwrap();
}

#[tokio::test]
async fn a_case_that_cannot_be_read_holds_up_the_expiry_of_no_other() {
    let Some(bureau) = bureau().await else { return };
    let (a, office) = (bureau.who("a").await, &bureau.office);
    unreadable(office).await;
    let case = bureau.opened().await;
    office.clock().advance_to(date(2026, 6, 1));
    assert_eq!(office.expire_due().await.unwrap(), 1);
    let file = office.case(&a, &case).await.unwrap();
    assert_eq!(file.events[1].acted.phase, Phase::Expired);
    assert_eq!(office.expire_due().await.unwrap(), 0);
}

#[tokio::test]
async fn a_rebuild_of_what_cannot_be_read_fails_and_leaves_the_lists_as_they_are() {
    let Some(bureau) = bureau().await else { return };
    let office = &bureau.office;
    let case = bureau.opened().await;
    let (packs, calendar) = (office.packs().await.unwrap(), office.calendar());
    let scope = Scope::system();
    let stored = office.store().load(&scope, &case, 0).await.unwrap();
    let rows = |events: &[store::Stored]| rebuild_rows(StreamKind::Case, events, &packs, &calendar);
    assert!(rows(&stored).unwrap().case.is_some());

    let mut newer = stored.clone();
    newer[0].header.event_type = "case.acted@9".to_owned();
    assert!(rows(&newer).is_err());
    let mut broken = stored.clone();
    broken[0].body = Some(b"{}".to_vec());
    assert!(rows(&broken).is_err());
    let no_packs = BTreeMap::new().into_iter().collect();
    assert!(rebuild_rows(StreamKind::Case, &stored, &no_packs, &calendar).is_err());
    let mut destroyed = stored;
    destroyed[0].body = None;
    assert_eq!(rows(&destroyed).unwrap(), StreamRows::default());
    let person = office.store().load(&scope, "a", 0).await.unwrap();
    let as_body = rebuild_rows(StreamKind::Body, &person, &packs, &calendar);
    assert!(as_body.is_err());

    unreadable(office).await;
    let fault = office
        .store()
        .rebuild(
            |kind, events| rebuild_rows(kind, events, &packs, &calendar).map_err(|e| e.to_string()),
            |_, _| {},
        )
        .await
        .unwrap_err();
    assert!(fault.to_string().contains("“case-0”不能重建"), "{fault}");
    let row = office.store().case(&scope, &case).await.unwrap();
    assert_eq!(row.unwrap().row.name, "甲机械有限公司案");
}
