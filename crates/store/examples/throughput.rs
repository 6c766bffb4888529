//! Transitions a second with 1, 8 and 64 waiting writers and the sequencer running.
//!
//! `cargo run --release -p store --example throughput -- [sqlite:PATH | postgres://…] [SECONDS] [BATCH_MAX]`

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use store::{Store, Tuning, spawn_sequencer};
use support::{Tip, body, made_with, step};

const CASES: usize = 1_000;

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let dir = tempfile::tempdir_in("/dev/shm").expect("a folder on tmpfs");
    let url = args.next().unwrap_or_else(|| format!("sqlite:{}/t.db", dir.path().display()));
    let seconds: u64 = args.next().map_or(5, |text| text.parse().expect("seconds"));
    let batch_max: usize = args.next().map_or(256, |text| text.parse().expect("a number"));
    let store = made_with(&url, dir.path(), &Tuning { batch_max, ..Tuning::default() }).await;
    store.commit(body(support::BUREAU, None)).await.expect("the body");
    let clock = || jiff::Timestamp::now().as_microsecond();
    let sequencer = spawn_sequencer(store.clone(), Duration::from_secs(1), clock, |error| eprintln!("{error}"));
    let mut tips: Vec<Tip> = (0..CASES).map(|n| Tip::new(format!("case-{n:05}"))).collect();
    let rounds = std::env::var("ROUNDS").unwrap_or_else(|_| "64 8 64 1".into());
    for writers in rounds.split(" ").map(|n| n.parse().expect("writers")) {
        tips = run(&store, tips, writers, Duration::from_secs(seconds)).await;
    }
    let left = Instant::now();
    sequencer.stop().await;
    let checked = Instant::now();
    let report = store.verify(&[], |_, _| {}).await.expect("verify");
    assert!(report.is_sound(), "{:?}", report.faults);
    println!("sequenced the rest in {:?}", checked - left);
    let rate = report.events as f64 / checked.elapsed().as_secs_f64();
    println!("verified {} events: {rate:.0}/s", report.events);
    store.close().await;
}

async fn run(store: &Store, tips: Vec<Tip>, writers: usize, length: Duration) -> Vec<Tip> {
    let (started, cpu) = (Instant::now(), cpu_ms());
    let end = started + length;
    let mut hands: Vec<Vec<Tip>> = vec![Vec::new(); writers];
    for (n, tip) in tips.into_iter().enumerate() {
        hands[n % writers].push(tip);
    }
    let tasks: Vec<_> = hands.into_iter().map(|tips| tokio::spawn(write(store.clone(), tips, end))).collect();
    let (mut tips, mut waits) = (Vec::new(), Vec::new());
    for task in tasks {
        let (t, w) = task.await.expect("writer");
        tips.extend(t);
        waits.extend(w);
    }
    waits.sort_unstable();
    let rate = waits.len() as f64 / started.elapsed().as_secs_f64();
    let at = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize].as_micros();
    // On a shared machine the time on the processor tells more than the time on the wall.
    let cost = (cpu_ms() - cpu) as f64 * 1000.0 / waits.len() as f64;
    println!(
        "{writers:3} writers: {rate:8.0}/s  p50 {:6} µs  p99 {:6} µs  max {:6} µs  processor {cost:5.0} µs each",
        at(0.5),
        at(0.99),
        at(1.0),
    );
    tips
}

async fn write(store: Store, mut tips: Vec<Tip>, end: Instant) -> (Vec<Tip>, Vec<Duration>) {
    let mut waits = Vec::new();
    let mut n = 0;
    while Instant::now() < end {
        let at = n % tips.len();
        n += 1;
        let command = format!("cmd-{}-{}", tips[at].stream, tips[at].version + 1);
        let append = step(&tips[at], &command);
        let asked = Instant::now();
        let done = store.commit(append).await.expect("commit");
        waits.push(asked.elapsed());
        tips[at] = Tip::after(&done);
    }
    (tips, waits)
}

/// Milliseconds that this process has had on the processors, as the kernel counts them (in hundredths).
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    (ticks(11) + ticks(12)) * 10
}
