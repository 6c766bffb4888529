//! Section `postgres`: transitions on a PostgreSQL of its own, beside pgbench with the same statements.

use anyhow::Result;
use testkit::{Cluster, Durability};

use crate::bed::{Bed, CASES, ROUND, ROUNDS, Run};
use crate::pgbench::Peer;
use crate::report::{Figure, Section, millis, per_second, times};
use crate::transitions::BATCH_MAX;

/// Writers, and the least ratio of the store's rate to pgbench's.
const WANTED: [(usize, f64); 2] = [(8, 0.8), (64, 1.5)];

/// Measures the section.
pub async fn section() -> Result<Section> {
    let mut section = Section::new(
        "postgres: transitions on PostgreSQL",
        format!(
            "The same transitions over {CASES} cases with the sequencer running, on a cluster of its own that flushes \
             every commit, {ROUNDS} rounds of {} s each in turn with pgbench: as many clients, prepared statements, the \
             same statements for one transition a transaction on another database of that cluster, without a sequencer.",
            ROUND.as_secs()
        ),
    );
    let Some(cluster) = Cluster::start(Durability::Full) else {
        section.add(Figure::skipped("all", "PostgreSQL is not installed"));
        return Ok(section);
    };
    let (ours, theirs) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let mut bed = Bed::new(&cluster.create_database(), ours.path(), BATCH_MAX).await?;
    let url = cluster.create_database();
    // pgbench works on cases that the store made, so that both begin with the same rows.
    let filled = Bed::new(&url, theirs.path(), BATCH_MAX).await?;
    filled.close().await;
    let peer = Peer::new(&cluster, url, theirs.path());
    for (writers, least) in WANTED {
        measure(&mut section, &mut bed, &peer, writers, least).await?;
    }
    bed.check().await?;
    Ok(section)
}

async fn measure(
    section: &mut Section,
    bed: &mut Bed,
    peer: &Result<Peer>,
    writers: usize,
    least: f64,
) -> Result<()> {
    let (mut run, mut beside) = (Run::default(), Run::default());
    for _ in 0..ROUNDS {
        eprintln!("postgres: {writers} writers");
        run.extend(bed.measure(writers).await?);
        if let Ok(peer) = peer {
            beside.extend(peer.run(writers)?);
        }
    }
    let figure = Figure::new(format!("{writers} writers"), per_second(run.rate()))
        .p99(millis(run.waits.seconds_at(0.99)));
    section.add(match peer {
        Ok(_) => {
            let ratio = run.rate() / beside.rate();
            let rate = per_second(beside.rate());
            let p99 = millis(beside.waits.seconds_at(0.99));
            figure
                .beside(format!("pgbench: {rate}, p99 {p99}"))
                .ratio(times(ratio))
                .wanted(format!("≥ {}", times(least)), ratio >= least)
        }
        Err(why) => figure.beside(format!("skipped: {why:#}")),
    });
    Ok(())
}
