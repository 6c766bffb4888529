//! Section `store`: transitions on SQLite, in memory and on a disk, beside the same program with batches of one.

use std::path::Path;

use anyhow::Result;
use tempfile::TempDir;

use crate::bed::{Bed, CASES, ROUND, ROUNDS, Run};
use crate::place;
use crate::report::{Figure, Section, millis, per_second, times};

/// What group commit takes in one transaction at most, as in the product.
pub const BATCH_MAX: usize = 256;

/// A target: at least so many a second, or so many times the rate with batches of one.
#[derive(Clone, Copy)]
enum Wanted {
    PerSecond(f64),
    Times(f64),
    Nothing,
}

/// Measures the section.
pub async fn section() -> Result<Section> {
    let mut section = Section::new(
        "store: transitions on SQLite",
        format!(
            "Durable transitions (one event of 1.2 kB, the case row and a limit changed, a to-do row gone and \
             one come: about what a replay of recorded cases changes at an event) over {CASES} cases with the sequencer running, {ROUNDS} rounds of {} s each in turn with the same \
             program at `batch_max = 1`. Suite gm. Every log was checked whole afterwards.",
            ROUND.as_secs()
        ),
    );
    let memory = [
        (8, Wanted::PerSecond(8_000.0)),
        (64, Wanted::PerSecond(15_000.0)),
    ];
    match place::in_memory() {
        Ok(dir) => measure(&mut section, "tmpfs", &dir, &memory).await?,
        Err(error) => section.add(Figure::skipped("tmpfs", error)),
    }
    let disk = [(8, Wanted::Times(4.0)), (64, Wanted::Nothing)];
    match place::on_disk() {
        Ok(dir) => {
            measure(&mut section, "disk", &dir, &disk).await?;
            section.add(flushes(dir.path())?);
        }
        Err(error) => section.add(Figure::skipped("disk", error)),
    }
    Ok(section)
}

async fn measure(
    section: &mut Section,
    name: &str,
    dir: &TempDir,
    of: &[(usize, Wanted)],
) -> Result<()> {
    let (together, single) = (dir.path().join("together"), dir.path().join("single"));
    let mut together = bed(&together, BATCH_MAX).await?;
    let mut single = bed(&single, 1).await?;
    for &(writers, wanted) in of {
        let (mut run, mut peer) = (Run::default(), Run::default());
        for _ in 0..ROUNDS {
            eprintln!("store: {writers} writers on {name}");
            run.extend(together.measure(writers).await?);
            peer.extend(single.measure(writers).await?);
        }
        section.add(figure(name, writers, wanted, &run, &peer));
    }
    together.check().await?;
    single.check().await?;
    Ok(())
}

async fn bed(dir: &Path, batch_max: usize) -> Result<Bed> {
    std::fs::create_dir(dir)?;
    Bed::new(&place::sqlite(dir), dir, batch_max).await
}

fn figure(name: &str, writers: usize, wanted: Wanted, run: &Run, peer: &Run) -> Figure {
    let (rate, ratio) = (run.rate(), run.rate() / peer.rate());
    let peer = format!(
        "batches of one: {}, p99 {}",
        per_second(peer.rate()),
        millis(peer.waits.seconds_at(0.99))
    );
    let figure = Figure::new(format!("{name}, {writers} writers"), per_second(rate))
        .p99(millis(run.waits.seconds_at(0.99)))
        .beside(peer)
        .ratio(times(ratio));
    match wanted {
        Wanted::PerSecond(least) => {
            figure.wanted(format!("≥ {}", per_second(least)), rate >= least)
        }
        Wanted::Times(least) => figure.wanted(format!("≥ {}", times(least)), ratio >= least),
        Wanted::Nothing => figure,
    }
}

/// How often this disk flushes: the floor under one commit a transition.
fn flushes(dir: &Path) -> Result<Figure> {
    let waits = place::flushes(dir)?;
    Ok(Figure::new(
        "disk, bare flushes of 4 KiB, one after another",
        per_second(place::flush_rate(&waits)),
    )
    .p99(millis(waits.seconds_at(0.99))))
}
