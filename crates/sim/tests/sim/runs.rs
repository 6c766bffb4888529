//! Runs that hold, that do much, that replay; those on disks that lie, which do not hold; and what runs have found.

use std::{collections::BTreeSet, ops::Range, thread};

use sim::{Chance, Figures, Lab, Plan, disk::Keep, files::Refusal, run, run_keeping};
use store::Sequencer;
use testkit::{Cluster, Durability};

use crate::lab;

/// Seeds of the tests.
const SEEDS: Range<u64> = 1_000..1_240;
/// Deeds of each.
const STEPS: usize = 16;
/// Seeds on PostgreSQL.
const POSTGRES_SEEDS: u64 = 5;
/// Steps of the shipped pack.
const PACK_STEPS: usize = 153;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Runs every second seed from a first on.
fn every_second(lab: &Lab, first: u64) -> Figures {
    let (runtime, mut all) = (runtime(), Figures::default());
    for seed in (first..SEEDS.end).step_by(2) {
        let figures = runtime.block_on(run(lab, &Plan::of(seed, STEPS)));
        all.add(&figures.unwrap_or_else(|failure| panic!("{failure}")));
    }
    all
}

#[test]
fn some_hundred_seeds_hold_and_come_everywhere() {
    let Some(lab) = runtime().block_on(lab(usize::MAX)) else {
        return;
    };
    let (mut all, other) = thread::scope(|scope| {
        let other = scope.spawn(|| every_second(&lab, SEEDS.start + 1));
        (every_second(&lab, SEEDS.start), other.join().unwrap())
    });
    all.add(&other);
    println!("{all:#?}");
    // A simulation in which little happens would show little.
    assert!(all.steps.len() * 100 >= PACK_STEPS * 76, "{:?}", all.steps);
    for step in [
        "A33",
        "A35.deliver",
        "A35.announce",
        "A37.full",
        "A38.grant",
        "A41.serve",
        "A42.overruled",
        "A45.litigation",
        "A46.change",
        "A47.publish",
        "A50",
    ] {
        assert!(all.steps.contains(step), "{step}");
    }
    let types: BTreeSet<&str> = all.types.iter().map(String::as_str).collect();
    for wanted in [
        "case.acted@1",
        "publication.published@1",
        "publication.withdrawn@1",
        "calendar.imported@1",
    ] {
        assert!(types.contains(wanted), "{wanted}: {types:?}");
    }
    assert!(all.published > 0 && all.withdrawn > 0, "{all:?}");
    let least = all.done.min(all.refused * 2);
    assert!(least > 300, "{} done, {} refused", all.done, all.refused);
    assert!(all.crashes > 100 && all.failures > 50 && all.retries > 20);
}

#[tokio::test]
async fn the_same_seed_replays_exactly_with_papers_laid_out() {
    let Some(lab) = lab(1).await else { return };
    let plan = Plan {
        laid_out: true,
        ..Plan::of(7, 25)
    };
    let (first, second) = (
        run(&lab, &plan).await.unwrap(),
        run(&lab, &plan).await.unwrap(),
    );
    assert_eq!(first.trace, second.trace);
    assert_eq!(first, second);
    let other = Plan { seed: 8, ..plan };
    assert_ne!(run(&lab, &other).await.unwrap().digest, first.digest);
}

/// Long lives from the first day, with crashes of the process and failures at every write point.
#[tokio::test]
async fn on_postgresql_the_same_holds() {
    let (Some(lab), Some(cluster)) = (lab(0).await, Cluster::start(Durability::Full)) else {
        return;
    };
    let mut all = Figures::default();
    for seed in 0..POSTGRES_SEEDS {
        let plan = Plan {
            postgres: Some(cluster.create_database()),
            ..Plan::of(seed, 60)
        };
        all.add(&run(&lab, &plan).await.unwrap_or_else(|f| panic!("{f}")));
    }
    println!("{all:#?}");
    assert!(all.done > 60 && all.refused > 20 && all.crashes > 5);
    assert!(all.failures > 10 && all.retries > 5);
}

/// The control: on disks that only say that they synced, acknowledged commands are lost, and the checkers see it.
#[tokio::test]
async fn on_disks_that_do_not_sync_the_checkers_find_what_is_lost() {
    let Some(lab) = lab(1).await else { return };
    let mut found: Vec<String> = Vec::new();
    let lost = |found: &[String]| found.iter().any(|why| why.contains("is lost"));
    for seed in 0..80 {
        let plan = Plan {
            honest: false,
            ..Plan::of(seed, 20)
        };
        let failed = run(&lab, &plan).await.err();
        found.extend(failed.map(|failure| failure.why.join("; ")));
        if found.len() >= 4 && lost(&found) {
            return;
        }
    }
    panic!("{found:#?}");
}

/// A bureau on its first day.
fn first_day() -> Plan {
    Plan {
        place: Some(0),
        ..Plan::of(1, 0)
    }
}

#[tokio::test]
async fn a_file_that_was_put_again_after_a_failure_outlives_the_power() {
    let Some(lab) = lab(0).await else { return };
    for seed in 0..8 {
        let (_, mut world, _) = run_keeping(&lab, &first_day()).await.unwrap();
        let store = world.office.store().clone();
        let put = |stream: &str| store.objects().put(stream, b"evidence");
        // The folder's name fails in a stream of its own, the file's in one that is there.
        store.objects().put("case-known", b"other").unwrap();
        for stream in ["case-new", "case-known"] {
            for refusal in Refusal::ALL {
                world.files.refuse(refusal);
                let answer = put(stream);
                // What is there already is not written again.
                let there = world.files.calm();
                assert_eq!(answer.is_err(), there, "{refusal:?}");
            }
            put(stream).unwrap();
        }
        let mut chance = Chance::of(seed);
        world.crash(Keep::Nothing, &mut chance).await.unwrap();
        let objects = world.office.store().objects().list().unwrap();
        assert_eq!(objects.len(), 3, "{objects:?}");
        world.close().await;
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_holds_up_the_log_for_minutes_and_not_for_a_day() {
    let Some(lab) = lab(0).await else { return };
    let (_, world, _) = run_keeping(&lab, &first_day()).await.unwrap();
    let (store, now) = (world.office.store(), world.office.now().0);
    let mut gone = Sequencer::new(store.clone());
    assert!(!gone.run_once(now).await.unwrap().elsewhere);
    let mut next = Sequencer::new(store.clone());
    for (later, elsewhere) in [
        (1_000_000, true),
        // Servers' clocks stand apart.
        (-60_000_000, true),
        (-86_400_000_000, false),
    ] {
        let run = next.run_once(now + later).await.unwrap();
        assert_eq!(run.elsewhere, elsewhere, "{later}");
    }
    // Whoever lost it without knowing writes nothing.
    assert!(gone.run_once(now + 2_000_000).await.is_err());
    world.close().await;
}
