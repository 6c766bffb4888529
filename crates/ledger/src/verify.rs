//! Check of a whole log: every event recomputed, every checkpoint met, every stream's chain closed.
//!
//! [`LogCheck`] takes events in the log's order and holds O(log n) state; what does not depend on the order is
//! spread over threads by [`LogCheck::push_all`]. A fault does not end the check: where the log still has the
//! entry that it signed, tree and chain go on with it, so an edited row is blamed and its neighbours are not.

use std::collections::HashMap;
use std::num::NonZero;
use std::thread;

use crate::checkpoint::Checkpoint;
use crate::leaf::{self, Links, Salt, UnreadableHeader};
use crate::suite::{Hash, Suite};
use crate::tree::Frontier;

/// Faults that a report names one by one; more are counted.
pub const FAULTS_NAMED_MAX: usize = 100;

/// One event as the log holds it.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// Index of its leaf.
    pub index: u64,
    /// The entry that the log put into its leaf.
    pub entry: Hash,
    /// Stored bytes of its header.
    pub header: &'a [u8],
    /// Salt and stored bytes of its body; none where both were destroyed.
    pub body: Option<(&'a Salt, &'a [u8])>,
}

/// Why one event is not as it was logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// The header is not the one that was logged.
    #[error("记录头被改动：现值摘要 {found}，入日志时为 {logged}")]
    Header {
        /// Entry that the log holds.
        logged: Hash,
        /// Entry of the header at hand.
        found: Hash,
    },
    /// The header cannot be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableHeader),
    /// The body or its salt is not the one that the header commits to.
    #[error("记录内容被改动：内容或盐值与记录头的承诺值不符")]
    Body,
    /// The event does not follow the preceding one of its stream.
    #[error(transparent)]
    Chain(#[from] ChainFault),
    /// A check of the caller's own, such as a column that repeats the header.
    #[error("{0}")]
    Other(String),
}

/// One event, looked at alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked<'a> {
    /// What its header links to, also where it was edited; none where it cannot be read.
    pub links: Option<Links<'a>>,
    /// Whether it is as it was logged.
    pub verdict: Result<(), RecordFault>,
}

/// Recomputes one event: header to entry, salt and body to commitment.
pub fn check_record<'a>(suite: Suite, record: &Record<'a>) -> Checked<'a> {
    let found = leaf::entry(suite, record.header);
    let links = Links::read(record.header);
    let verdict = match (&links, record.body) {
        _ if found != record.entry => Err(RecordFault::Header {
            logged: record.entry,
            found,
        }),
        (Err(unreadable), _) => Err(unreadable.clone().into()),
        (Ok(links), Some((salt, body)))
            if leaf::commitment(suite, salt, body) != links.commitment =>
        {
            Err(RecordFault::Body)
        }
        _ => Ok(()),
    };
    Checked {
        links: links.ok(),
        verdict,
    }
}

/// Why an event does not follow the preceding one of its stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// A version is missing, doubled or out of order.
    #[error("记录流“{stream}”应接第 {expected} 号记录，实为第 {found} 号")]
    Version {
        /// The stream.
        stream: String,
        /// Version that should follow.
        expected: u64,
        /// Version found.
        found: u64,
    },
    /// The digest of the preceding event is another.
    #[error("记录流“{stream}”第 {version} 号记录所载上一条摘要与上一条记录不符")]
    Prev {
        /// The stream.
        stream: String,
        /// Version of the event.
        version: u64,
    },
}

/// Follows all streams of a log; holds the last version and entry of each (some 150 bytes a stream).
#[derive(Debug, Clone, Default)]
pub struct Chain {
    heads: HashMap<String, (u64, Hash)>,
}

impl Chain {
    /// Takes the next event of a log, and tells whether it follows its stream's last one.
    ///
    /// It becomes the head of its stream either way, so that one gap is one fault.
    pub fn follow(&mut self, links: &Links<'_>, entry: Hash) -> Result<(), ChainFault> {
        let here = (links.version, entry);
        let last = match self.heads.get_mut(&*links.stream) {
            Some(head) => Some(std::mem::replace(head, here)),
            None => self.heads.insert(links.stream.clone().into_owned(), here),
        };
        let expected = last.map_or(1, |(version, _)| version.saturating_add(1));
        if links.version != expected {
            return Err(ChainFault::Version {
                stream: links.stream.to_string(),
                expected,
                found: links.version,
            });
        }
        if links.prev != last.map(|(_, entry)| entry) {
            return Err(ChainFault::Prev {
                stream: links.stream.to_string(),
                version: links.version,
            });
        }
        Ok(())
    }

    /// Last version and entry of every stream seen, to be compared with the heads that are kept.
    pub fn heads(&self) -> impl Iterator<Item = (&str, u64, Hash)> {
        self.heads
            .iter()
            .map(|(stream, (version, entry))| (&**stream, *version, *entry))
    }
}

/// A fault of a log, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogFault {
    /// One event is not as it was logged.
    #[error("日志第 {index} 条：{fault}；请与备份比对，保留现场并报告")]
    Record {
        /// Index of the leaf.
        index: u64,
        /// What is wrong with it.
        fault: RecordFault,
    },
    /// The leaves do not follow one another.
    #[error("日志应接第 {expected} 条，实为第 {found} 条；有记录缺失或重复，请与备份比对")]
    Index {
        /// Index that should follow.
        expected: u64,
        /// Index found.
        found: u64,
    },
    /// The tree is not the one that was signed.
    #[error(
        "日志前 {size} 条的根摘要为 {found}，已签署的检查点为 {signed}；签署后有记录被改动、增删或调换"
    )]
    Checkpoint {
        /// Size of the checkpoint.
        size: u64,
        /// Root that was signed.
        signed: Hash,
        /// Root of the log at hand.
        found: Hash,
    },
    /// The log is shorter than a checkpoint of it.
    #[error(
        "检查点签署时日志有 {signed} 条，现只有 {found} 条；日志末尾有记录缺失，请以新日志名称由备份恢复"
    )]
    Truncated {
        /// Size that was signed.
        signed: u64,
        /// Size of the log at hand.
        found: u64,
    },
}

/// What the check of a whole log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogReport {
    /// Number of leaves.
    pub size: u64,
    /// Root of all leaves.
    pub root: Hash,
    /// Events whose body was there and checked.
    pub bodies_checked: u64,
    /// Events whose body was destroyed.
    pub bodies_destroyed: u64,
    /// Checkpoints that the log agrees with.
    pub checkpoints_met: u64,
    /// Leaves after the last checkpoint, which nothing signed yet.
    pub unsigned: u64,
    /// The first faults, at most [`FAULTS_NAMED_MAX`].
    pub faults: Vec<LogFault>,
    /// All faults.
    pub fault_count: u64,
}

impl LogReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.fault_count == 0
    }
}

/// The running check of a whole log.
#[derive(Debug)]
pub struct LogCheck {
    frontier: Frontier,
    /// Checkpoints still ahead, the nearest last.
    ahead: Vec<Checkpoint>,
    signed: u64,
    report: LogReport,
}

impl LogCheck {
    /// Begins at the first leaf; the checkpoints are those whose signature was verified, in any order.
    pub fn new(suite: Suite, mut checkpoints: Vec<Checkpoint>) -> Self {
        checkpoints.sort_by_key(|checkpoint| std::cmp::Reverse(checkpoint.size()));
        let frontier = Frontier::new(suite);
        let report = LogReport {
            size: 0,
            root: frontier.root(),
            bodies_checked: 0,
            bodies_destroyed: 0,
            checkpoints_met: 0,
            unsigned: 0,
            faults: Vec::new(),
            fault_count: 0,
        };
        let mut check = Self {
            frontier,
            ahead: checkpoints,
            signed: 0,
            report,
        };
        check.meet_checkpoints();
        check
    }

    /// Takes the next event; `also` sees what the header links to, and may check more (a [`Chain`], columns).
    pub fn push<'a>(
        &mut self,
        record: &Record<'a>,
        also: impl FnOnce(&Links<'a>) -> Result<(), RecordFault>,
    ) {
        let checked = check_record(self.frontier.suite(), record);
        let leaf = self.frontier.suite().leaf(&record.entry);
        self.take(record, checked, leaf, also);
    }

    /// Takes the next events at once, their hashing shared by so many threads; some thousand are a good batch.
    ///
    /// `also` is called in the log's order, as by [`LogCheck::push`], with the place in `records`.
    pub fn push_all<'a>(
        &mut self,
        records: &[Record<'a>],
        threads: NonZero<usize>,
        mut also: impl FnMut(usize, &Links<'a>) -> Result<(), RecordFault>,
    ) {
        let suite = self.frontier.suite();
        let work = |share: &[Record<'a>]| -> Vec<_> {
            share
                .iter()
                .map(|record| (check_record(suite, record), suite.leaf(&record.entry)))
                .collect()
        };
        let shares = records.chunks(records.len().div_ceil(threads.get()).max(1));
        let mut done: Vec<Option<Vec<_>>> = Vec::new();
        thread::scope(|scope| {
            let running: Vec<_> = shares
                .clone()
                .skip(1)
                .map(|share| scope.spawn(move || work(share)))
                .collect();
            done.extend(shares.clone().take(1).map(|share| Some(work(share))));
            done.extend(running.into_iter().map(|share| share.join().ok()));
        });
        // A share whose thread died is done again here, so that nothing is passed over.
        let results = done
            .into_iter()
            .zip(shares)
            .flat_map(|(done, share)| done.unwrap_or_else(|| work(share)));
        for (place, (record, (checked, leaf))) in records.iter().zip(results).enumerate() {
            self.take(record, checked, leaf, |links| also(place, links));
        }
    }

    fn take<'a>(
        &mut self,
        record: &Record<'a>,
        Checked { links, verdict }: Checked<'a>,
        leaf: Hash,
        also: impl FnOnce(&Links<'a>) -> Result<(), RecordFault>,
    ) {
        // An edited event still takes its place in its chain; of two faults the event's own is told.
        let also = links.as_ref().map_or(Ok(()), also);
        let (index, expected) = (record.index, self.frontier.size());
        if index != expected {
            self.fault(LogFault::Index {
                expected,
                found: index,
            });
        }
        match verdict.and(also) {
            Err(fault) => self.fault(LogFault::Record { index, fault }),
            Ok(()) if record.body.is_some() => self.report.bodies_checked += 1,
            Ok(()) => self.report.bodies_destroyed += 1,
        }
        self.frontier.push(leaf);
        self.meet_checkpoints();
    }

    /// Number of leaves taken so far.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Ends the check; checkpoints beyond the last leaf are faults.
    pub fn finish(mut self) -> LogReport {
        let found = self.size();
        while let Some(checkpoint) = self.ahead.pop() {
            self.fault(LogFault::Truncated {
                signed: checkpoint.size(),
                found,
            });
        }
        LogReport {
            size: found,
            root: self.frontier.root(),
            unsigned: found - self.signed,
            ..self.report
        }
    }

    fn meet_checkpoints(&mut self) {
        let size = self.size();
        while let Some(checkpoint) = self.ahead.pop_if(|checkpoint| checkpoint.size() == size) {
            let (signed, found) = (checkpoint.root(), self.frontier.root());
            self.signed = size;
            if signed == found {
                self.report.checkpoints_met += 1;
            } else {
                self.fault(LogFault::Checkpoint {
                    size,
                    signed,
                    found,
                });
            }
        }
    }

    fn fault(&mut self, fault: LogFault) {
        self.report.fault_count += 1;
        if self.report.faults.len() < FAULTS_NAMED_MAX {
            self.report.faults.push(fault);
        }
    }
}
