//! Measures the check of a whole log beside the hash alone: `cargo run --release -p ledger --example whole_log`.

use std::hint::black_box;
use std::num::NonZero;
use std::time::Instant;

use ledger::{Chain, Hash, LogCheck, Record, Suite, TreeWriter, leaf};

/// Events of the measured log.
const EVENTS: usize = 50_000;
/// Streams that they belong to.
const STREAMS: usize = 2_500;
/// Bytes by which the hash alone is measured.
const HASHED: usize = 16 << 20;
/// Runs of each measurement.
const RUNS: usize = 12;

struct Event {
    header: Vec<u8>,
    salt: [u8; 32],
    body: Vec<u8>,
    entry: Hash,
}

impl Event {
    fn record(&self, index: u64) -> Record<'_> {
        Record {
            index,
            entry: self.entry,
            header: &self.header,
            body: Some((&self.salt, &self.body)),
        }
    }
}

fn main() {
    println!("| suite | threads | events/s | MB/s | share of the hash's own speed | appends/s |");
    println!("|---|---:|---:|---:|---:|---:|");
    for suite in Suite::ALL {
        let events = events(suite);
        let records: Vec<_> = (0..)
            .zip(&events)
            .map(|(index, event)| event.record(index))
            .collect();
        let bytes: usize = events
            .iter()
            .map(|event| event.header.len() + event.body.len())
            .sum();
        let append = best(|| append(suite, &events));
        let own = HASHED as f64 / best(|| suite.hash(&[black_box(&vec![7_u8; HASHED])]));
        for threads in [
            NonZero::<usize>::MIN,
            NonZero::<usize>::MIN.saturating_add(1),
        ] {
            let seconds = best(|| check(suite, &records, threads));
            println!(
                "| {suite} | {threads} | {:.0} | {:.0} | {:.0} % | {:.0} |",
                EVENTS as f64 / seconds,
                bytes as f64 / seconds / 1e6,
                bytes as f64 / seconds / own * 100.0,
                EVENTS as f64 / append,
            );
        }
    }
}

/// Seconds of the best of several runs, which a busy machine disturbs least.
fn best<T>(run: impl Fn() -> T) -> f64 {
    let seconds = |_| {
        let start = Instant::now();
        black_box(run());
        start.elapsed().as_secs_f64()
    };
    (0..RUNS).map(seconds).fold(f64::INFINITY, f64::min)
}

fn check(suite: Suite, records: &[Record<'_>], threads: NonZero<usize>) {
    let mut check = LogCheck::new(suite, Vec::new());
    let mut chain = Chain::default();
    for batch in records.chunks(2048) {
        check.push_all(batch, threads, |place, links| {
            Ok(chain.follow(links, batch[place].entry)?)
        });
    }
    let report = check.finish();
    assert!(report.is_sound(), "{:?}", report.faults);
}

fn append(suite: Suite, events: &[Event]) {
    let mut writer = TreeWriter::new(suite);
    for event in events {
        writer.push(&event.entry);
    }
    black_box(writer.take_tiles());
}

/// Events of the length that real ones have: a header of some 600 bytes, a body of some 700.
fn events(suite: Suite) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::with_capacity(EVENTS);
    for n in 0..EVENTS {
        let body = format!("{{\"n\":{n},\"text\":\"{}\"}}", "经查，当事人".repeat(38)).into_bytes();
        let salt: [u8; 32] = suite.hash(&[&n.to_be_bytes()]).into();
        let prev = n
            .checked_sub(STREAMS)
            .map(|at| format!("\"prev\":\"{}\",", events[at].entry))
            .unwrap_or_default();
        let header = format!(
            "{{\"v\":1,\"stream\":\"0198c5a0-7c1e-7000-8000-{:012x}\",\"stream_kind\":\"case\",\"version\":{},{prev}\
             \"type\":\"case.acted@1\",\"recorded_at\":1770000000000000,\"body_id\":\"330000-yj\",\"actor\":\"p-07\",\
             \"card\":\"330000123456\",\"card_version\":3,\"via\":\"desk\",\"procedure\":\"penalty-general\",\
             \"pack\":\"{}\",\"action\":\"A05\",\"command\":\"0198c5a0-7c1e-7000-9000-{n:012x}\",\"commitment\":\"{}\"}}",
            n % STREAMS,
            n / STREAMS + 1,
            suite.hash(&[b"pack"]),
            leaf::commitment(suite, &salt, &body),
        )
        .into_bytes();
        let entry = leaf::entry(suite, &header);
        events.push(Event {
            header,
            salt,
            body,
            entry,
        });
    }
    events
}
