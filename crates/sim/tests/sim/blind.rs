//! That no checker is blind: each is shown a world in which what it looks for has been broken by hand.

use std::{fs, path::Path};

use sim::{
    Lab, Plan, World,
    check::{self, Case, Outcome, Sent},
    people, run_keeping,
};

use crate::lab;

/// The place where the first straight way ends: decided, carried out, published, archived.
fn late(lab: &Lab) -> Plan {
    Plan {
        place: Some(lab.places() - 1),
        ..Plan::of(1, 0)
    }
}

async fn world(lab: &Lab) -> (World, Vec<Sent>) {
    let (figures, world, sent) = run_keeping(lab, &late(lab)).await.unwrap();
    assert!(figures.published > 0, "{figures:?}");
    assert_eq!(all(&world, &sent).await, "");
    (world, sent)
}

async fn all(world: &World, sent: &[Sent]) -> String {
    check::all(world, sent).await.unwrap().join("\n")
}

fn change(database: &Path, sql: &str) {
    let changed = rusqlite::Connection::open(database).unwrap();
    assert!(changed.execute(sql, []).unwrap() > 0, "{sql}");
}

#[tokio::test]
async fn a_row_a_header_and_an_answer_that_are_not_as_they_were_are_found() {
    let Some(lab) = lab(1).await else { return };
    let (world, mut sent) = world(&lab).await;
    let mut lost = sent[0].clone();
    lost.id = "c-lost".to_owned();
    lost.outcome = Outcome::Done(1, Vec::new());
    sent.push(lost);
    assert_eq!(
        all(&world, &sent).await,
        "c-lost: was acknowledged and is lost"
    );
    sent.pop();

    let done = sent
        .iter()
        .position(|s| matches!(s.outcome, Outcome::Done(..)));
    let first = sent[done.unwrap()].clone();
    sent[done.unwrap()].outcome = Outcome::Done(77, Vec::new());
    let found = all(&world, &sent).await;
    assert!(found.contains("was answered with version 77"), "{found}");
    sent[done.unwrap()].outcome = Outcome::Open(Some(false));
    let found = all(&world, &sent).await;
    assert!(
        found.contains("was not carried out and left a record"),
        "{found}"
    );
    sent[done.unwrap()] = first;
    let forgotten = sent.split_off(sent.len() - 1);
    let found = all(&world, &sent).await;
    assert!(found.contains("nobody sent event"), "{found}");
    sent.extend(forgotten);

    change(
        &world.database().unwrap(),
        "UPDATE paper SET title = 'other'",
    );
    let found = all(&world, &sent).await;
    assert!(found.contains("rebuild:"), "{found}");
    assert_eq!(all(&world, &sent).await, "", "made good");
    change(
        &world.database().unwrap(),
        "UPDATE event SET recorded_at = recorded_at + 1 WHERE version = 1",
    );
    let found = all(&world, &sent).await;
    assert!(found.contains("verify:"), "{found}");
}

#[tokio::test]
async fn another_log_under_the_same_name_is_found_by_a_checkpoint_kept_outside() {
    let Some(lab) = lab(1).await else { return };
    let plan = |seed| Plan {
        place: Some(0),
        ..Plan::of(seed, 12)
    };
    let (_, mut one, sent) = run_keeping(&lab, &plan(1)).await.unwrap();
    let (_, other, _) = run_keeping(&lab, &plan(2)).await.unwrap();
    one.checkpoints
        .push(other.checkpoints.last().unwrap().clone());
    let found = all(&one, &sent).await;
    assert!(found.contains("verify:"), "{found}");
}

#[tokio::test]
async fn papers_that_are_gone_or_cut_short_are_found() {
    let Some(lab) = lab(1).await else { return };
    let (world, sent) = world(&lab).await;
    let cases = check::read_cases(&world.office).await.unwrap();
    let case = &cases[0];
    let mut papers = case.events.iter().flat_map(|event| &event.acted.papers);
    let (first, second) = (papers.next().unwrap(), papers.next().unwrap());
    let folder = world.objects().join(&case.id);
    fs::remove_file(folder.join(&first.digest)).unwrap();
    fs::write(folder.join(&second.digest), b"short").unwrap();
    assert_eq!(check::papers(&world.objects(), &cases).len(), 2);
    let found = all(&world, &sent).await;
    assert!(found.contains("bytes on the disk"), "{found}");
}

#[tokio::test]
async fn what_the_portal_should_not_show_or_should_is_found() {
    let Some(lab) = lab(1).await else { return };
    let (world, sent) = world(&lab).await;
    let portal = world.portal_database();
    change(
        &portal,
        "UPDATE published_item SET decision_number = 'nobody-made-it'",
    );
    let found = all(&world, &sent).await;
    assert!(found.contains("nobody published nobody-made-it"), "{found}");
    change(&portal, "DELETE FROM published_item");
    let found = all(&world, &sent).await;
    assert!(found.contains("1 were published, 0 are there"), "{found}");
}

#[tokio::test]
async fn a_name_that_nobody_published_is_found_in_the_bytes_of_the_portal() {
    let Some(lab) = lab(1).await else { return };
    let plan = Plan {
        place: Some(2),
        ..Plan::of(1, 0)
    };
    let (_, world, sent) = run_keeping(&lab, &plan).await.unwrap();
    assert_eq!(all(&world, &sent).await, "");
    let cases = check::read_cases(&world.office).await.unwrap();
    let named = cases[0].effects().find_map(|effect| match effect {
        casework::effect::Effect::AddParty { party } => Some(party.name.clone()),
        _ => None,
    });
    let sql = format!("UPDATE portal_meta SET value = '{}'", named.unwrap());
    change(&world.portal_database(), &sql);
    let found = all(&world, &sent).await;
    assert!(found.contains("portal: holds the name"), "{found}");
}

#[tokio::test]
async fn a_number_borne_twice_a_step_back_in_time_and_a_stranger_are_found() {
    let Some(lab) = lab(1).await else { return };
    let (world, _) = world(&lab).await;
    let read = || async { check::read_cases(&world.office).await.unwrap() };
    let mut cases: Vec<Case> = read().await;
    assert!(check::numbers(&cases).is_empty());
    cases.extend(read().await);
    cases[1].id = "case-other".to_owned();
    assert!(!check::numbers(&cases).is_empty());

    let mut cases = read().await;
    assert!(check::order(&cases).is_empty());
    cases[0].events[1].header.recorded_at = 1;
    assert_eq!(check::order(&cases).len(), 1);

    let mut cases = read().await;
    let people = people();
    assert!(check::entitled(&people, &cases).is_empty());
    // One has left, the other's card has lapsed.
    for stranger in ["person-shi", "person-dong"] {
        cases[0].events[0].header.actor = Some(stranger.to_owned());
        assert_eq!(check::entitled(&people, &cases).len(), 1, "{stranger}");
    }
}
