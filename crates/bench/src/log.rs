//! Section `log`: the check of a whole log beside its hash alone over the same bytes.

use std::hint::black_box;
use std::num::NonZero;

use anyhow::{Result, ensure};
use ledger::{Chain, Hash, LogCheck, Record, Suite, TreeWriter, leaf};

use crate::measure::best;
use crate::report::{Figure, Section, grouped, per_second};

/// Events of the measured log.
const EVENTS: usize = 50_000;
/// Streams that they belong to.
const STREAMS: usize = 2_500;
/// Events that the check is given at a time, as the store gives them.
const BATCH: usize = 2_048;
/// Runs of each measurement, of which the best counts.
const RUNS: usize = 8;
/// The least share of the hash's own speed that suite `gm` is to reach.
const GM_SHARE_MIN: f64 = 0.5;
/// Events a second that suite `c2sp` is to reach at least.
const C2SP_RATE_MIN: f64 = 250_000.0;

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

/// Measures the section.
pub fn section() -> Result<Section> {
    let mut section = Section::new(
        "log: check of a whole log",
        format!(
            "{} events of {} streams, with bodies, chains and tree, best of {RUNS} runs; beside it the suite's hash over \
             the very same bytes as one message on one thread. The target of gm is judged on one thread.",
            grouped(EVENTS as f64),
            grouped(STREAMS as f64)
        ),
    );
    let cores = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    for suite in Suite::ALL {
        eprintln!("log: suite {suite}");
        measure(&mut section, suite, cores)?;
    }
    Ok(section)
}

fn measure(section: &mut Section, suite: Suite, cores: NonZero<usize>) -> Result<()> {
    let events = events(suite);
    let records: Vec<_> = (0..)
        .zip(&events)
        .map(|(index, event)| event.record(index))
        .collect();
    let whole: Vec<u8> = events
        .iter()
        .flat_map(|event| [event.header.as_slice(), &event.salt, &event.body].concat())
        .collect();
    ensure!(
        is_sound(suite, &records, cores),
        "the log that was made for the measurement has faults"
    );
    let bytes = whole.len() as f64;
    let own = bytes / best(RUNS, || suite.hash(&[black_box(&whole)]));
    let mut threads = vec![NonZero::<usize>::MIN];
    threads.extend((cores > NonZero::<usize>::MIN).then_some(cores));
    for threads in threads {
        let seconds = best(RUNS, || is_sound(suite, &records, threads));
        let (rate, share) = (EVENTS as f64 / seconds, bytes / seconds / own);
        let figure = Figure::new(
            format!("{suite}, threads: {threads}"),
            format!(
                "{} events ({:.0} MB/s)",
                per_second(rate),
                bytes / seconds / 1e6
            ),
        )
        .beside(format!("hash alone: {:.0} MB/s", own / 1e6))
        .ratio(format!("{:.0} %", share * 100.0));
        section.add(match suite {
            Suite::Gm if threads.get() == 1 => figure.wanted(
                format!("≥ {:.0} %", GM_SHARE_MIN * 100.0),
                share >= GM_SHARE_MIN,
            ),
            Suite::Gm => figure,
            Suite::C2sp => figure.wanted(
                format!("≥ {}", per_second(C2SP_RATE_MIN)),
                rate >= C2SP_RATE_MIN,
            ),
        });
    }
    let appends = best(RUNS, || append(suite, &events));
    section.add(Figure::new(
        format!("{suite}, appends to the tree"),
        per_second(EVENTS as f64 / appends),
    ));
    Ok(())
}

fn is_sound(suite: Suite, records: &[Record<'_>], threads: NonZero<usize>) -> bool {
    let mut check = LogCheck::new(suite, Vec::new());
    let mut chain = Chain::default();
    for batch in records.chunks(BATCH) {
        check.push_all(batch, threads, |place, links| {
            Ok(chain.follow(links, batch[place].entry)?)
        });
    }
    check.finish().is_sound()
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
    let pack = suite.hash(&[b"pack"]);
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
             \"pack\":\"{pack}\",\"action\":\"A05\",\"command\":\"0198c5a0-7c1e-7000-9000-{n:012x}\",\"commitment\":\"{}\"}}",
            n % STREAMS,
            n / STREAMS + 1,
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
