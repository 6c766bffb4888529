//! A store with a thousand cases, and writers who each wait for one answer before they ask again.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use store::{Append, CommitError, Store, StoreConfig, Tuning, spawn_sequencer};

use crate::measure::Waits;
use crate::workload::{Tip, bureau, now_us, transition};

/// Cases that are written to.
pub const CASES: usize = 1_000;
/// How long one round of a measurement writes.
pub const ROUND: Duration = Duration::from_secs(3);
/// Rounds of each measurement, in turn with those of what it is compared to: other load meets both alike.
pub const ROUNDS: usize = 2;
/// Pause between two runs of the sequencer, as in the product.
const SEQUENCE_EVERY: Duration = Duration::from_secs(1);
/// Writers that fill a new store.
const FILLERS: usize = 64;

/// A store to be measured.
pub struct Bed {
    store: Store,
    tips: Vec<Tip>,
}

/// What writers did.
#[derive(Debug, Default)]
pub struct Run {
    /// How long each transition waited until it was durable.
    pub waits: Waits,
    seconds: f64,
}

impl Run {
    /// What another program did at the rate that it says itself.
    pub fn of_rate(waits: Waits, rate: f64) -> Self {
        let seconds = waits.count() as f64 / rate;
        Self { waits, seconds }
    }

    /// Transitions a second.
    pub fn rate(&self) -> f64 {
        if self.seconds > 0.0 {
            self.waits.count() as f64 / self.seconds
        } else {
            0.0
        }
    }

    /// Adds another round.
    pub fn extend(&mut self, other: Self) {
        self.waits.extend(other.waits);
        self.seconds += other.seconds;
    }
}

impl Bed {
    /// A new store whose cases have had one transition each.
    pub async fn new(url: &str, dir: &Path, batch_max: usize) -> Result<Self> {
        let store = made(url, dir, batch_max).await?;
        let cases = (1..=CASES).map(Tip::new).collect();
        let (tips, _) = drive(&store, cases, FILLERS, None, transition).await?;
        Ok(Self { store, tips })
    }

    /// Writes for [`ROUND`] with that many writers while the sequencer runs; then lets the log catch up.
    pub async fn measure(&mut self, writers: usize) -> Result<Run> {
        let failed = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&failed);
        let sequencer = spawn_sequencer(self.store.clone(), SEQUENCE_EVERY, now_us, move |error| {
            eprintln!("sequencer: {error}");
            told.store(true, Ordering::Relaxed);
        });
        let tips = std::mem::take(&mut self.tips);
        let started = Instant::now();
        let (tips, waits) = drive(
            &self.store,
            tips,
            writers,
            Some(started + ROUND),
            transition,
        )
        .await?;
        let seconds = started.elapsed().as_secs_f64();
        self.tips = tips;
        sequencer.stop().await;
        // A rate without the log behind it is not the rate that is asked for.
        ensure!(
            !failed.load(Ordering::Relaxed),
            "the sequencer failed while the writers wrote"
        );
        Ok(Run { waits, seconds })
    }

    /// Closes the store and leaves its database to another program.
    pub async fn close(self) {
        self.store.close().await;
    }

    /// Checks the whole log that was written, then closes the store; gives the number of events.
    pub async fn check(self) -> Result<u64> {
        let report = self.store.verify(&[], |_, _| {}).await?;
        self.store.close().await;
        ensure!(
            report.fault_count == 0,
            "{} faults in {} events",
            report.fault_count,
            report.events
        );
        Ok(report.events)
    }
}

/// A new store with the bureau in it and nothing else.
pub async fn made(url: &str, dir: &Path, batch_max: usize) -> Result<Store> {
    let config = StoreConfig::new(url, dir, "bench.example/log");
    Store::migrate(&config, now_us()).await?;
    let tuning = Tuning {
        batch_max,
        ..Tuning::default()
    };
    let store = Store::open_tuned(&config, &tuning).await?;
    store.commit(bureau()).await?;
    Ok(store)
}

/// Shares the cases among writers; each goes round its own until `end`, or once if there is none.
pub async fn drive(
    store: &Store,
    tips: Vec<Tip>,
    writers: usize,
    end: Option<Instant>,
    next: fn(&Tip) -> Append,
) -> Result<(Vec<Tip>, Waits)> {
    let mut hands: Vec<Vec<Tip>> = vec![Vec::new(); writers];
    for (n, tip) in tips.into_iter().enumerate() {
        hands[n % writers].push(tip);
    }
    let tasks: Vec<_> = hands
        .into_iter()
        .map(|tips| tokio::spawn(write(store.clone(), tips, end, next)))
        .collect();
    let (mut tips, mut waits) = (Vec::new(), Waits::default());
    for task in tasks {
        let (written, waited) = task.await??;
        tips.extend(written);
        waits.extend(waited);
    }
    Ok((tips, waits))
}

async fn write(
    store: Store,
    mut tips: Vec<Tip>,
    end: Option<Instant>,
    next: fn(&Tip) -> Append,
) -> Result<(Vec<Tip>, Waits), CommitError> {
    let mut waits = Waits::default();
    let goes_on = |done: usize, of: usize| end.map_or(done < of, |end| Instant::now() < end);
    let (mut done, of) = (0, tips.len());
    while of > 0 && goes_on(done, of) {
        let tip = &mut tips[done % of];
        done += 1;
        let append = next(tip);
        let asked = Instant::now();
        let committed = store.commit(append).await?;
        waits.push(asked.elapsed());
        tip.advance(&committed);
    }
    Ok((tips, waits))
}
