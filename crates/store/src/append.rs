//! One append: what a caller hands in, and how it is sealed before it reaches the committer.

use std::collections::HashSet;
use std::sync::Arc;

use casework::record::{self, Draft, Header, StreamKind};
use casework::rows::StreamRows;

use crate::conn::Cell;
use crate::delta::{Delta, RowCache};
use crate::error::CommitError;
use crate::views::Place;
use ledger::{Hash, Suite, leaf};

/// Events that one command may write.
const EVENTS_MAX: usize = 64;
/// Size of one event's stored body; larger matter belongs in an object.
const BODY_BYTES_MAX: usize = 4 << 20;
/// Length of an id (stream, command, actor).
const ID_BYTES_MAX: usize = 200;

/// Identity of a command: the same id, actor and digest get the first answer again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandKey {
    /// Id that the caller made, unique in the installation.
    pub id: String,
    /// Who gave the command; empty for the program's own jobs.
    pub actor: String,
    /// Hash of the command's content.
    pub digest: Hash,
}

/// What one command writes to one stream.
#[derive(Debug, Clone)]
pub struct Append {
    /// The stream.
    pub stream: String,
    /// What the stream is; fixed by its first event.
    pub kind: StreamKind,
    /// The body (机关) that the stream belongs to; fixed by its first event.
    pub body_id: String,
    /// Version that the command was decided on; 0 for a new stream.
    pub expected_version: u64,
    /// Entry of that version; none for a new stream.
    pub prev_entry: Option<Hash>,
    /// The caller's clock, microseconds since 1970 UTC; recorded is this or the stream's last, whichever is later.
    pub now_us: i64,
    /// The events, in order; at least one.
    pub events: Vec<Draft>,
    /// All view rows of the stream as they are after these events.
    pub rows: StreamRows,
    /// Identity of the command.
    pub command: CommandKey,
}

/// Answer to a committed append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The stream.
    pub stream: String,
    /// Version of the first event written.
    pub first_version: u64,
    /// Version of the last event written.
    pub last_version: u64,
    /// Entry of the last event written.
    pub entry: Hash,
    /// When it was recorded, microseconds since 1970 UTC.
    pub recorded_at: i64,
    /// Whether this is the answer to an earlier, same command.
    pub replayed: bool,
}

/// One sealed event.
#[derive(Debug)]
pub(crate) struct Sealed {
    header: Header,
    bytes: Vec<u8>,
    entry: Hash,
    salt: [u8; 32],
    body: Vec<u8>,
}

/// An append ready for the committer.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub stream: String,
    pub kind: StreamKind,
    pub body_id: String,
    pub expected_version: u64,
    pub prev_entry: Option<Hash>,
    pub recorded_at: i64,
    pub command: CommandKey,
    pub rows: Arc<StreamRows>,
    pub delta: Delta,
    /// The rows that are there, where this process knows them; held so that their memory goes back to the thread that
    /// asked, not to the committer's.
    _known: Option<Arc<StreamRows>>,
    events: Vec<Sealed>,
}

impl Prepared {
    /// Checks, salts, encodes and hashes an append as if its time held; all outside the writer.
    pub(crate) fn new(append: Append, suite: Suite, cache: &RowCache) -> Result<Self, CommitError> {
        check(&append)?;
        let Append {
            stream,
            kind,
            body_id,
            expected_version,
            prev_entry,
            now_us,
            events,
            rows,
            command,
        } = append;
        let known = match expected_version {
            0 => Some(Arc::default()),
            version => cache.get(&stream, version),
        };
        let place = Place {
            stream: &stream,
            body_id: &body_id,
        };
        let delta = Delta::between(&place, known.as_deref(), &rows);
        if delta.has_nul() {
            return Err(CommitError::Invalid(
                record::RecordError::NulCharacter.to_string(),
            ));
        }
        let mut version = expected_version;
        let events = events
            .into_iter()
            .map(|draft| {
                version += 1;
                let salt: [u8; 32] = rand::random();
                let commitment = leaf::commitment(suite, &salt, &draft.body);
                let (header, body) = header(
                    draft,
                    &stream,
                    kind,
                    version,
                    &body_id,
                    &command.id,
                    &commitment,
                );
                Sealed {
                    header,
                    bytes: Vec::new(),
                    entry: Hash([0; 32]),
                    salt,
                    body,
                }
            })
            .collect();
        let rows = Arc::new(rows);
        let mut prepared = Self {
            stream,
            kind,
            body_id,
            expected_version,
            prev_entry,
            recorded_at: now_us,
            command,
            rows,
            delta,
            _known: known,
            events,
        };
        prepared.seal_at(suite, now_us)?;
        Ok(prepared)
    }

    /// Encodes and chains the headers with that time of recording.
    pub(crate) fn seal_at(&mut self, suite: Suite, recorded_at: i64) -> Result<(), CommitError> {
        self.recorded_at = recorded_at;
        let mut prev = self.prev_entry;
        for event in &mut self.events {
            event.header.recorded_at = recorded_at;
            event.header.prev = prev.map(|entry| entry.to_string());
            event.bytes = event
                .header
                .encode()
                .map_err(|e| CommitError::Invalid(e.to_string()))?;
            event.entry = leaf::entry(suite, &event.bytes);
            prev = Some(event.entry);
        }
        Ok(())
    }

    /// Version of the last event.
    pub(crate) fn last_version(&self) -> u64 {
        self.expected_version + self.events.len() as u64
    }

    /// Entry of the last event.
    pub(crate) fn last_entry(&self) -> Hash {
        self.events
            .last()
            .map_or(Hash([0; 32]), |event| event.entry)
    }

    /// The answer, once it is committed.
    pub(crate) fn committed(&self) -> Committed {
        Committed {
            stream: self.stream.clone(),
            first_version: self.expected_version + 1,
            last_version: self.last_version(),
            entry: self.last_entry(),
            recorded_at: self.recorded_at,
            replayed: false,
        }
    }

    /// Adds the cells of this append to the statements of a batch.
    pub(crate) fn write_into<'a>(&'a self, tables: &mut LogRows<'a>) {
        let stream = self.stream.as_str();
        for event in &self.events {
            let version = event.header.version;
            tables.event.extend([
                stream.into(),
                version.into(),
                event.header.event_type.as_str().into(),
                self.recorded_at.into(),
                self.body_id.as_str().into(),
                (&event.header.actor).into(),
                self.command.id.as_str().into(),
                event.bytes.as_slice().into(),
            ]);
            tables.event_body.extend([
                stream.into(),
                version.into(),
                0_i64.into(),
                event.salt.as_slice().into(),
                event.body.as_slice().into(),
            ]);
            tables.unsequenced.extend([
                stream.into(),
                version.into(),
                self.recorded_at.into(),
                event.entry.0.as_slice().into(),
            ]);
        }
        tables.command.extend([
            self.command.id.as_str().into(),
            self.command.actor.as_str().into(),
            self.command.digest.0.as_slice().into(),
            stream.into(),
            (self.expected_version + 1).into(),
            self.last_version().into(),
            self.recorded_at.into(),
        ]);
        if let Some(last) = self.events.last() {
            tables.stream.extend([
                stream.into(),
                self.kind.name().into(),
                self.body_id.as_str().into(),
                self.last_version().into(),
                last.entry.0.as_slice().into(),
                self.recorded_at.into(),
            ]);
        }
    }
}

/// Cells of a batch for the tables of the log, flat, in column order.
#[derive(Debug, Default)]
pub(crate) struct LogRows<'a> {
    pub event: Vec<Cell<'a>>,
    pub event_body: Vec<Cell<'a>>,
    pub command: Vec<Cell<'a>>,
    pub unsequenced: Vec<Cell<'a>>,
    pub stream: Vec<Cell<'a>>,
}

fn header(
    draft: Draft,
    stream: &str,
    kind: StreamKind,
    version: u64,
    body_id: &str,
    command: &str,
    commitment: &Hash,
) -> (Header, Vec<u8>) {
    let (card, card_version) = draft.card.unzip();
    let (procedure, pack) = draft.pack.unzip();
    let header = Header {
        v: 1,
        stream: stream.to_owned(),
        stream_kind: kind,
        version,
        prev: None,
        event_type: draft.event_type.to_owned(),
        recorded_at: 0,
        body_id: body_id.to_owned(),
        actor: draft.actor,
        card,
        card_version,
        on_behalf_of: draft.on_behalf_of,
        via: draft.via,
        procedure,
        pack,
        action: draft.action,
        command: command.to_owned(),
        cause: draft.cause,
        commitment: commitment.to_string(),
    };
    (header, draft.body)
}

fn check(append: &Append) -> Result<(), CommitError> {
    let invalid = |why: &str| Err(CommitError::Invalid(why.to_owned()));
    for (name, id) in [
        ("记录流", &append.stream),
        ("机关", &append.body_id),
        ("操作", &append.command.id),
    ] {
        if id.is_empty() || id.len() > ID_BYTES_MAX || id.contains('\0') {
            return invalid(&format!("{name}编号为空、过长或含空字符；请用有效编号重试"));
        }
    }
    if append.command.actor.len() > ID_BYTES_MAX || append.command.actor.contains('\0') {
        return invalid("操作人编号过长或含空字符；请用有效编号重试");
    }
    if append.events.is_empty() || append.events.len() > EVENTS_MAX {
        return invalid("一次操作应写入 1 至 64 条记录");
    }
    if (append.expected_version == 0) != append.prev_entry.is_none() {
        return invalid("新的记录流没有上一条记录，续写的必须给出上一条记录的摘要");
    }
    if append.expected_version >= 1 << 53 || !(0..1 << 53).contains(&append.now_us) {
        return invalid("版本号或时间超出可记录的范围；请检查系统时钟");
    }
    for draft in &append.events {
        check_body(&draft.body)?;
    }
    // Roles are kept as JSON, which writes U+0000 in other characters; every other text is looked at as it is put.
    let roles = append.rows.person.iter().flat_map(|person| &person.roles);
    if roles.into_iter().any(|role| role.contains('\0')) {
        return invalid(&record::RecordError::NulCharacter.to_string());
    }
    unique("待办", append.rows.todo.iter().map(|row| row.key.as_str()))?;
    unique(
        "期限",
        append.rows.limits.iter().map(|row| row.key.as_str()),
    )?;
    unique(
        "文书",
        append.rows.papers.iter().map(|row| row.paper_id.as_str()),
    )?;
    unique(
        "办案人员",
        append
            .rows
            .case
            .iter()
            .flat_map(|case| case.people.iter().map(String::as_str)),
    )
}

fn check_body(body: &[u8]) -> Result<(), CommitError> {
    if body.len() > BODY_BYTES_MAX {
        return Err(CommitError::Invalid(
            "单条记录内容超过 4 MiB；请把附件作为文件上传".into(),
        ));
    }
    let text = std::str::from_utf8(body)
        .map_err(|_| CommitError::Invalid("记录内容不是有效的文本编码".into()))?;
    if record::has_nul(text) {
        return Err(CommitError::Invalid(
            record::RecordError::NulCharacter.to_string(),
        ));
    }
    Ok(())
}

fn unique<'a>(what: &str, keys: impl Iterator<Item = &'a str>) -> Result<(), CommitError> {
    let mut seen = HashSet::new();
    for key in keys {
        if !seen.insert(key) {
            return Err(CommitError::Invalid(format!("{what}中有重复的键“{key}”")));
        }
    }
    Ok(())
}
