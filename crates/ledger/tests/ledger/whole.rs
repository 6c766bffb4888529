//! The check of a whole log: what was tampered with is found and named, and nothing else is.

use std::num::NonZero;

use ledger::verify::{ChainFault, LogFault, RecordFault};
use ledger::{Chain, Checkpoint, LogCheck, LogReport, Record, Suite, leaf};
use proptest::prelude::*;

use crate::log::{Event, Log, events, key};

/// Threads that share a batch.
const THREADS: NonZero<usize> = NonZero::new(3).unwrap();

/// A log of events with checkpoints at these sizes, and what a database would hold of it.
struct Stored {
    suite: Suite,
    checkpoints: Vec<Checkpoint>,
    rows: Vec<Row>,
}

struct Row {
    index: u64,
    event: Event,
    destroyed: bool,
}

impl Stored {
    fn new(suite: Suite, count: usize, signed_at: &[usize]) -> Self {
        let events = events(suite, count, 3);
        let mut log = Log::new(suite);
        let mut checkpoints = Vec::new();
        for size in 0..=count {
            if signed_at.contains(&size) {
                checkpoints.push(log.checkpoint(&key(suite, "log")).unverified().clone());
            }
            log.append(events.get(size).map(|event| event.entry));
        }
        let row = |(index, event)| Row {
            index: index as u64,
            event,
            destroyed: false,
        };
        Self {
            suite,
            checkpoints,
            rows: events.into_iter().enumerate().map(row).collect(),
        }
    }

    /// Checks event by event and in batches over threads, which must find the same.
    fn check(&self) -> LogReport {
        let records: Vec<_> = self
            .rows
            .iter()
            .map(
                |Row {
                     index,
                     event,
                     destroyed,
                 }| Record {
                    index: *index,
                    entry: event.entry,
                    header: &event.header,
                    body: (!destroyed).then_some((&event.salt, event.body.as_slice())),
                },
            )
            .collect();
        let mut one_by_one = LogCheck::new(self.suite, self.checkpoints.clone());
        let mut chain = Chain::default();
        for record in &records {
            one_by_one.push(record, |links| Ok(chain.follow(links, record.entry)?));
        }
        let mut shared = LogCheck::new(self.suite, self.checkpoints.clone());
        let mut chain = Chain::default();
        for batch in records.chunks(7) {
            shared.push_all(batch, THREADS, |place, links| {
                Ok(chain.follow(links, batch[place].entry)?)
            });
        }
        let report = one_by_one.finish();
        assert_eq!(report, shared.finish());
        report
    }

    /// Puts a header in its place as one who also mends the leaf would.
    fn reseal(&mut self, at: usize, change: impl FnOnce(String) -> String) {
        let event = &mut self.rows[at].event;
        event.header = change(String::from_utf8(event.header.clone()).unwrap()).into_bytes();
        event.entry = leaf::entry(self.suite, &event.header);
    }
}

#[test]
fn a_whole_log_is_sound_with_and_without_destroyed_bodies() {
    for suite in Suite::ALL {
        let mut stored = Stored::new(suite, 30, &[0, 10, 25]);
        stored.rows[4].destroyed = true;
        let report = stored.check();
        assert!(report.is_sound(), "{:?}", report.faults);
        assert_eq!(
            (report.size, report.checkpoints_met, report.unsigned),
            (30, 3, 5)
        );
        assert_eq!((report.bodies_checked, report.bodies_destroyed), (29, 1));
        assert!(Stored::new(suite, 0, &[0]).check().is_sound());
    }
}

#[test]
fn an_edited_body_is_named_and_nothing_else() {
    let mut stored = Stored::new(Suite::Gm, 30, &[10, 30]);
    stored.rows[7].event.body = b"{\"n\":8}".to_vec();
    let report = stored.check();
    assert_eq!(
        report.faults,
        [LogFault::Record {
            index: 7,
            fault: RecordFault::Body
        }]
    );
    assert_eq!(report.checkpoints_met, 2, "the tree is as it was signed");
    assert!(
        report.faults[0]
            .to_string()
            .contains("第 7 条：记录内容被改动"),
        "{}",
        report.faults[0]
    );
}

#[test]
fn an_edited_header_is_named_and_the_tree_stays() {
    let mut stored = Stored::new(Suite::C2sp, 30, &[10, 30]);
    let header = &mut stored.rows[20].event.header;
    *header = String::from_utf8(header.clone())
        .unwrap()
        .replace("17700", "17701")
        .into_bytes();
    let report = stored.check();
    let fault = &report.faults[0];
    assert!(
        matches!(
            fault,
            LogFault::Record {
                index: 20,
                fault: RecordFault::Header { .. }
            }
        ),
        "{fault}"
    );
    assert_eq!((report.fault_count, report.checkpoints_met), (1, 2));
}

#[test]
fn an_event_edited_together_with_its_leaf_breaks_its_chain_and_every_later_checkpoint() {
    let mut stored = Stored::new(Suite::Gm, 30, &[10, 20, 30]);
    stored.reseal(15, |header| header.replace("17700", "17701"));
    let report = stored.check();
    assert_eq!(report.checkpoints_met, 1);
    let sizes = report.faults.iter().filter_map(|fault| match fault {
        LogFault::Checkpoint { size, .. } => Some(*size),
        _ => None,
    });
    assert_eq!(sizes.collect::<Vec<_>>(), [20, 30]);
    let prev = RecordFault::Chain(ChainFault::Prev {
        stream: "case-0".into(),
        version: 7,
    });
    assert!(report.faults.contains(&LogFault::Record {
        index: 18,
        fault: prev
    }));
}

#[test]
fn a_missing_a_swapped_and_a_cut_row_are_found() {
    let mut missing = Stored::new(Suite::Gm, 30, &[30]);
    missing.rows.remove(5);
    let report = missing.check();
    assert!(report.faults.contains(&LogFault::Index {
        expected: 5,
        found: 6
    }));
    assert!(report.faults.contains(&LogFault::Truncated {
        signed: 30,
        found: 29
    }));

    let mut swapped = Stored::new(Suite::Gm, 30, &[30]);
    swapped.rows.swap(5, 6);
    swapped.rows[5].index = 5;
    swapped.rows[6].index = 6;
    let report = swapped.check();
    assert!(
        matches!(report.faults[..], [LogFault::Checkpoint { size: 30, .. }]),
        "two streams, two chains"
    );

    let mut cut = Stored::new(Suite::Gm, 30, &[10, 30]);
    cut.rows.truncate(20);
    assert_eq!(
        cut.check().faults,
        [LogFault::Truncated {
            signed: 30,
            found: 20
        }]
    );
}

#[test]
fn a_version_out_of_order_is_one_fault() {
    let mut stored = Stored::new(Suite::C2sp, 12, &[]);
    stored.reseal(6, |header| header.replace("\"version\":3", "\"version\":4"));
    let report = stored.check();
    let version = ChainFault::Version {
        stream: "case-0".into(),
        expected: 3,
        found: 4,
    };
    assert_eq!(
        report.faults[0],
        LogFault::Record {
            index: 6,
            fault: version.into()
        }
    );
}

#[test]
fn the_callers_own_fault_is_reported_with_its_place() {
    let stored = Stored::new(Suite::C2sp, 2, &[]);
    let mut check = LogCheck::new(Suite::C2sp, Vec::new());
    for Row { index, event, .. } in &stored.rows {
        let record = Record {
            index: *index,
            entry: event.entry,
            header: &event.header,
            body: None,
        };
        check.push(&record, |links| match links.version {
            1 if &*links.stream == "case-1" => {
                Err(RecordFault::Other("记录时间列与记录头不符".into()))
            }
            _ => Ok(()),
        });
    }
    let report = check.finish();
    assert_eq!(report.fault_count, 1);
    assert!(
        report.faults[0]
            .to_string()
            .contains("第 1 条：记录时间列与记录头不符"),
        "{}",
        report.faults[0]
    );
}

#[test]
fn a_report_names_a_hundred_faults_and_counts_all() {
    let mut stored = Stored::new(Suite::C2sp, 250, &[]);
    stored
        .rows
        .iter_mut()
        .for_each(|row| row.event.body.push(b' '));
    let report = stored.check();
    assert_eq!(
        (
            report.faults.len(),
            report.fault_count,
            report.bodies_checked
        ),
        (100, 250, 0)
    );
}

#[test]
fn the_heads_of_all_streams_are_told() {
    let stored = Stored::new(Suite::Gm, 7, &[]);
    let mut chain = Chain::default();
    for Row { event, .. } in &stored.rows {
        chain
            .follow(&ledger::Links::read(&event.header).unwrap(), event.entry)
            .unwrap();
    }
    let mut heads: Vec<_> = chain
        .heads()
        .map(|(stream, version, entry)| (stream.to_owned(), version, entry))
        .collect();
    heads.sort();
    let entry = |at: usize| stored.rows[at].event.entry;
    let expect = [
        ("case-0", 3, entry(6)),
        ("case-1", 2, entry(4)),
        ("case-2", 2, entry(5)),
    ];
    assert_eq!(
        heads,
        expect.map(|(stream, version, entry)| (stream.to_owned(), version, entry))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_changed_bit_of_any_row_is_found(
        row in 0_usize..12,
        part in 0_u8..3,
        at in any::<prop::sample::Index>(),
        bit in 0_u8..8,
        gm in any::<bool>(),
    ) {
        let mut stored = Stored::new(if gm { Suite::Gm } else { Suite::C2sp }, 12, &[12]);
        let Event { header, salt, body, .. } = &mut stored.rows[row].event;
        let bytes: &mut [u8] = match part {
            0 => header,
            1 => salt,
            _ => body,
        };
        bytes[at.index(bytes.len())] ^= 1 << bit;
        let report = stored.check();
        prop_assert!(
            matches!(report.faults[0], LogFault::Record { index, .. } if index == row as u64),
            "{:?}", report.faults
        );
    }
}
