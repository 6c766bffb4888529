//! A small log for tests, made the way the sequencer makes one.

use std::collections::BTreeMap;

use ledger::leaf::{self, Salt};
use ledger::{
    Checkpoint, Hash, Prover, SignedCheckpoint, SigningKey, Suite, Tile, TlogProof, TreeWriter,
};

/// The secret key of all test logs; not the key of anything else.
pub fn key(suite: Suite, name: &str) -> SigningKey {
    SigningKey::from_secret(suite, name, &[0x42; 32]).unwrap()
}

/// One event with everything that hangs on it.
#[derive(Debug, Clone)]
pub struct Event {
    pub header: Vec<u8>,
    pub salt: Salt,
    pub body: Vec<u8>,
    pub entry: Hash,
}

/// Events of `streams` streams in turn, each properly chained.
pub fn events(suite: Suite, count: usize, streams: usize) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::with_capacity(count);
    for n in 0..count {
        let body = format!("{{\"n\":{n},\"note\":\"第 {n} 项\"}}");
        let prev = n.checked_sub(streams).map(|at| events[at].entry);
        events.push(event(
            suite,
            &format!("case-{}", n % streams),
            n / streams + 1,
            prev,
            "case.acted@1",
            &body,
        ));
    }
    events
}

/// One event of a stream, salted with a salt of its own.
pub fn event(
    suite: Suite,
    stream: &str,
    version: usize,
    prev: Option<Hash>,
    event_type: &str,
    body: &str,
) -> Event {
    let salt: Salt = suite
        .hash(&[b"test salt", stream.as_bytes(), &version.to_be_bytes()])
        .into();
    let commitment = leaf::commitment(suite, &salt, body.as_bytes());
    let prev = prev
        .map(|prev| format!("\"prev\":\"{prev}\","))
        .unwrap_or_default();
    let header = format!(
        "{{\"v\":1,\"stream\":\"{stream}\",\"version\":{version},{prev}\"type\":\"{event_type}\",\
         \"recorded_at\":1770000000000000,\"commitment\":\"{commitment}\"}}"
    )
    .into_bytes();
    let entry = leaf::entry(suite, &header);
    Event {
        header,
        salt,
        body: body.as_bytes().to_vec(),
        entry,
    }
}

/// A log with its tiles as a store keeps them: by coordinates, every state of a partial tile.
#[derive(Debug)]
pub struct Log {
    pub suite: Suite,
    pub writer: TreeWriter,
    pub tiles: BTreeMap<Tile, Vec<u8>>,
    pub leaves: Vec<Hash>,
}

impl Log {
    pub fn new(suite: Suite) -> Self {
        Self {
            suite,
            writer: TreeWriter::new(suite),
            tiles: BTreeMap::new(),
            leaves: Vec::new(),
        }
    }

    /// Appends entries and stores the tiles.
    pub fn append(&mut self, entries: impl IntoIterator<Item = Hash>) {
        for entry in entries {
            assert_eq!(self.writer.push(&entry), self.leaves.len() as u64);
            self.leaves.push(self.suite.leaf(&entry));
        }
        self.tiles.extend(self.writer.take_tiles());
    }

    pub fn checkpoint(&self, key: &SigningKey) -> SignedCheckpoint {
        Checkpoint::new(key.name(), self.writer.size(), self.writer.root())
            .unwrap()
            .sign(key)
            .unwrap()
    }

    pub fn proof(&self, index: u64, key: &SigningKey) -> TlogProof {
        let hashes = Prover::new(self.suite, self.writer.size(), &self.tiles)
            .inclusion(index)
            .unwrap();
        TlogProof {
            suite: self.suite,
            extra: None,
            index,
            hashes,
            checkpoint: self.checkpoint(key),
        }
    }
}

/// Entries that differ from one another.
pub fn entries(suite: Suite, range: std::ops::Range<u64>) -> impl Iterator<Item = Hash> {
    range.map(move |n| suite.hash(&[b"test entry", &n.to_be_bytes()]))
}
