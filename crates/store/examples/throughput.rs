//! Transitions a second with waiting writers and the sequencer running, and the check of what they wrote.
//!
//! `cargo run --release -p store --example throughput -- [sqlite:PATH | postgres://…] [WRITERS,…] [SECONDS] [BATCH_MAX]`
//!
//! Without an address it takes a SQLite database on tmpfs.

#[path = "../tests/support/mod.rs"]
mod support;

use std::error::Error;
use std::time::{Duration, Instant};

use store::{CommitError, Store, Tuning, spawn_sequencer};
use support::{Tip, body, made, step};

const CASES: usize = 1_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let dir = tempfile::tempdir_in("/dev/shm")?;
    let on_tmpfs = || format!("sqlite:{}/t.db", dir.path().display());
    let url = args
        .next()
        .filter(|url| !url.is_empty())
        .unwrap_or_else(on_tmpfs);
    let rounds = args.next().unwrap_or_else(|| "8,64,1".into());
    let seconds = args.next().map_or(Ok(5), |text| text.parse())?;
    let batch_max = args.next().map_or(Ok(256), |text| text.parse())?;
    let store = made(
        &url,
        dir.path(),
        &Tuning {
            batch_max,
            ..Tuning::default()
        },
    )
    .await?;
    store.commit(body(support::BUREAU, None)).await?;
    let clock = || jiff::Timestamp::now().as_microsecond();
    let sequencer = spawn_sequencer(store.clone(), Duration::from_secs(1), clock, |error| {
        eprintln!("{error}")
    });
    let mut tips: Vec<Tip> = (0..CASES)
        .map(|n| Tip::new(format!("case-{n:05}")))
        .collect();
    for writers in rounds.split(',') {
        tips = run(&store, tips, writers.parse()?, Duration::from_secs(seconds)).await?;
    }
    let waiting = Instant::now();
    sequencer.stop().await;
    println!("the rest of the log: {:?}", waiting.elapsed());
    let checking = Instant::now();
    let report = store.verify(&[], |_, _| {}).await?;
    let rate = report.events as f64 / checking.elapsed().as_secs_f64();
    println!(
        "check of {} events, {} faults: {rate:.0}/s",
        report.events, report.fault_count
    );
    store.close().await;
    Ok(())
}

async fn run(
    store: &Store,
    tips: Vec<Tip>,
    writers: usize,
    length: Duration,
) -> Result<Vec<Tip>, Box<dyn Error>> {
    let mut hands: Vec<Vec<Tip>> = vec![Vec::new(); writers];
    for (n, tip) in tips.into_iter().enumerate() {
        hands[n % writers].push(tip);
    }
    let (started, cpu) = (Instant::now(), cpu_ms());
    let end = started + length;
    let tasks: Vec<_> = hands
        .into_iter()
        .map(|tips| tokio::spawn(write(store.clone(), tips, end)))
        .collect();
    let (mut tips, mut waits) = (Vec::new(), Vec::new());
    for task in tasks {
        let (t, w) = task.await??;
        tips.extend(t);
        waits.extend(w);
    }
    waits.sort_unstable();
    let rate = waits.len() as f64 / started.elapsed().as_secs_f64();
    let at = |part: f64| waits[((waits.len() - 1) as f64 * part) as usize].as_micros();
    // On a shared machine the time on the processor tells more than the time on the wall.
    let cost = (cpu_ms() - cpu) as f64 * 1000.0 / waits.len() as f64;
    println!(
        "{writers:3} writers: {rate:6.0}/s  p50 {:6} µs  p99 {:6} µs  max {:6} µs  processor {cost:4.0} µs each",
        at(0.5),
        at(0.99),
        at(1.0),
    );
    Ok(tips)
}

async fn write(
    store: Store,
    mut tips: Vec<Tip>,
    end: Instant,
) -> Result<(Vec<Tip>, Vec<Duration>), CommitError> {
    let mut waits = Vec::new();
    let mut n = 0;
    while Instant::now() < end {
        let at = n % tips.len();
        n += 1;
        let command = format!("cmd-{}-{}", tips[at].stream, tips[at].version + 1);
        let append = step(&tips[at], &command);
        let asked = Instant::now();
        let done = store.commit(append).await?;
        waits.push(asked.elapsed());
        tips[at] = Tip::after(&done);
    }
    Ok((tips, waits))
}

/// Milliseconds that this process has had on the processors, as the kernel counts them (in hundredths).
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(") ")
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let ticks = |at: usize| {
        fields
            .get(at)
            .and_then(|text| text.parse::<u64>().ok())
            .unwrap_or(0)
    };
    (ticks(11) + ticks(12)) * 10
}
