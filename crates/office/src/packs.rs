//! Procedure packs: those built in, and every version that a case was ever filed under.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError, RwLock, Weak},
};

use casework::{
    event::CaseActed,
    person::{BODY_REGISTERED, PERSON_REGISTERED, read_body, read_person},
    record::{Draft, RecordError, StreamKind, Via},
    rows::StreamRows,
    state::State,
    views,
};
use jiff::civil::Date;
use law::{
    calendar::Calendar,
    pack::{Pack, PackError, overlaps, read_pack, switch_plan},
    rules,
};
use ledger::Suite;
use store::{Scope, Store, Stored};

use crate::{error::OfficeError, write::Place};

/// Stored type of the event that keeps a pack's bytes for ever.
const PACK_LOADED: &str = "pack.loaded@1";

/// Streams of packs that are read at a time.
const STREAMS: u32 = 100;

/// The files of a pack by name.
pub type PackFiles = BTreeMap<String, String>;

/// The files of the pack `penalty-general` that this program was built with.
pub fn builtin_pack_files() -> PackFiles {
    macro_rules! files {
        ($($name:literal),* $(,)?) => {
            [$(($name, include_str!(concat!("../../../procedures/penalty-general/", $name)))),*]
        };
    }
    files![
        "00-head.kdl",
        "10-opening.kdl",
        "20-investigation.kdl",
        "30-review.kdl",
        "40-hearing.kdl",
        "50-decision.kdl",
        "60-execution.kdl",
        "70-ending.kdl",
        "80-aids.kdl",
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.to_owned()))
    .collect()
}

/// Every pack at hand: by digest, and the versions of the procedure that new cases can be filed under.
#[derive(Debug, Default)]
pub(crate) struct Packs {
    by_digest: RwLock<HashMap<String, Arc<Pack>>>,
    versions: RwLock<Vec<Arc<Pack>>>,
    region: String,
}

fn stored_bytes(files: &PackFiles) -> Result<Vec<u8>, OfficeError> {
    serde_json::to_vec(files).map_err(|e| OfficeError::Internal(e.to_string()))
}

/// Packs in use in this process by digest: what follows from the same bytes is read once.
static IN_USE: Mutex<BTreeMap<String, Weak<Pack>>> = Mutex::new(BTreeMap::new());

fn read(files: &PackFiles, digest: &str) -> Result<Arc<Pack>, OfficeError> {
    let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pack) = in_use.get(digest).and_then(Weak::upgrade) {
        return Ok(pack);
    }
    let pack = read_pack(files, digest)
        .map(Arc::new)
        .map_err(|faults| OfficeError::Invalid(format!("程序方案有误：{}", told(&faults))))?;
    in_use.retain(|_, known| known.strong_count() > 0);
    in_use.insert(digest.to_owned(), Arc::downgrade(&pack));
    Ok(pack)
}

impl Packs {
    /// Packs for a bureau in that region (区划代码).
    pub fn of(region: &str) -> Self {
        Self {
            region: region.to_owned(),
            ..Self::default()
        }
    }

    /// Adds a version of the procedure, and keeps its bytes in the log.
    ///
    /// Refused where nothing settles which version applies on some day, or where an open case of an older version
    /// would be left without a place.
    pub async fn load(
        &self,
        store: &Store,
        files: &PackFiles,
        body_id: &str,
        now_us: i64,
    ) -> Result<Arc<Pack>, OfficeError> {
        let bytes = stored_bytes(files)?;
        let digest = hex::encode(store.suite().hash(&[&bytes]).0);
        let pack = read(files, &digest)?;
        let mut versions = versions_of(store, &pack.name).await?;
        // Of one version's texts the last one counts; cases filed under an earlier text stay with it.
        versions.retain(|earlier| earlier.version != pack.version);
        fits(&versions, &pack)?;
        versions.push(Arc::clone(&pack));
        keep(store, &pack, bytes, body_id, now_us).await?;
        if let Ok(mut packs) = self.by_digest.write() {
            let known = versions.iter().map(|p| (p.digest.clone(), Arc::clone(p)));
            packs.extend(known);
        }
        if let Ok(mut kept) = self.versions.write() {
            *kept = versions;
        }
        Ok(pack)
    }

    /// The version of the procedure that applies on a day.
    pub fn on(&self, day: Date) -> Result<Arc<Pack>, OfficeError> {
        let versions = self.versions.read().map(|v| v.clone()).unwrap_or_default();
        let dated: Vec<_> = versions.iter().map(|p| p.as_version()).collect();
        let found = rules::pick(&dated, day, &self.region)
            .map_err(|conflict| OfficeError::Invalid(conflict.message("程序方案", &dated)))?;
        found.map(|at| Arc::clone(&versions[at])).ok_or_else(|| {
            OfficeError::Invalid(format!(
                "{day}没有生效的程序方案，请核对日期，或者加载当时有效的方案"
            ))
        })
    }

    /// The pack with that digest, from memory or from the log.
    pub async fn get(
        &self,
        store: &Store,
        name: &str,
        digest: &str,
    ) -> Result<Arc<Pack>, OfficeError> {
        if let Some(pack) = self
            .by_digest
            .read()
            .ok()
            .and_then(|packs| packs.get(digest).cloned())
        {
            return Ok(pack);
        }
        for event in store.load(&Scope::system(), &stream_of(name), 0).await? {
            let Some(body) = event.body else { continue };
            if hex::encode(store.suite().hash(&[&body]).0) == digest {
                let files: PackFiles = serde_json::from_slice(&body)
                    .map_err(|e| OfficeError::Damaged(e.to_string()))?;
                let pack = read(&files, digest)?;
                if let Ok(mut packs) = self.by_digest.write() {
                    packs.insert(digest.to_owned(), Arc::clone(&pack));
                }
                return Ok(pack);
            }
        }
        Err(not_kept(digest))
    }
}

fn stream_of(name: &str) -> String {
    format!("pack-{name}")
}

/// The versions of a procedure that the log holds, each with its last text, in the order of the log.
async fn versions_of(store: &Store, name: &str) -> Result<Vec<Arc<Pack>>, OfficeError> {
    let mut versions: Vec<Arc<Pack>> = Vec::new();
    for event in store.load(&Scope::system(), &stream_of(name), 0).await? {
        let Some(body) = event.body else { continue };
        let files: PackFiles =
            serde_json::from_slice(&body).map_err(|e| OfficeError::Internal(e.to_string()))?;
        let pack = read(&files, &digest_of(store.suite(), &body))?;
        versions.retain(|earlier| earlier.version != pack.version);
        versions.push(pack);
    }
    Ok(versions)
}

/// Whether a version can stand beside the others: one applies on each day, and open cases find their place.
fn fits(others: &[Arc<Pack>], pack: &Arc<Pack>) -> Result<(), OfficeError> {
    let all: Vec<Pack> = others
        .iter()
        .chain([pack])
        .map(|p| Pack::clone(p))
        .collect();
    if let Some(overlap) = overlaps(&all).first() {
        return Err(OfficeError::Invalid(overlap.message.clone()));
    }
    for old in others
        .iter()
        .filter(|old| old.in_force_from < pack.in_force_from)
    {
        if let Err(faults) = switch_plan(old, pack) {
            return Err(OfficeError::Invalid(format!(
                "程序方案不能换版：{}",
                told(&faults)
            )));
        }
    }
    Ok(())
}

fn told(faults: &[PackError]) -> String {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    lines.join("；")
}

async fn keep(
    store: &Store,
    pack: &Pack,
    bytes: Vec<u8>,
    body_id: &str,
    now_us: i64,
) -> Result<(), OfficeError> {
    let stream = stream_of(&pack.name);
    let events = store.load(&Scope::system(), &stream, 0).await?;
    if events.last().and_then(|e| e.body.as_deref()) == Some(bytes.as_slice()) {
        return Ok(());
    }
    let version = events.len() as u64;
    let draft = Draft {
        pack: Some((pack.name.clone(), pack.digest.clone())),
        ..Draft::plain(PACK_LOADED, bytes, None, Via::Job)
    };
    let place = Place {
        stream: &stream,
        kind: StreamKind::Pack,
        body_id,
        version,
        entry: events.last().map(|e| e.entry),
    };
    let id = format!("{stream}-{version}");
    let append = place.append_to(store, now_us, id, draft, StreamRows::default());
    store.commit(append).await?;
    Ok(())
}

/// The rows of any stream from its events alone; what `zhiheng rebuild` projects with.
///
/// `packs` holds every pack by digest. A stream whose bodies are destroyed has no rows.
///
/// # Errors
/// An event that this program cannot read, or a case whose pack is not in the log.
pub fn rebuild_rows(
    kind: StreamKind,
    events: &[Stored],
    packs: &HashMap<String, Arc<Pack>>,
    calendar: &Calendar,
) -> Result<StreamRows, OfficeError> {
    let bodies: Option<Vec<(u64, &[u8])>> = events
        .iter()
        .map(|e| Some((e.header.version, e.body.as_deref()?)))
        .collect();
    let Some(bodies) = bodies else {
        return Ok(StreamRows::default());
    };
    Ok(match kind {
        StreamKind::Case => case_rows(events, packs, calendar)?,
        StreamKind::Person => {
            all_of(events, PERSON_REGISTERED)?;
            read_person(&bodies)?.map(|p| p.rows()).unwrap_or_default()
        }
        StreamKind::Body => {
            all_of(events, BODY_REGISTERED)?;
            read_body(&bodies)?.map(|b| b.rows()).unwrap_or_default()
        }
        _ => StreamRows::default(),
    })
}

fn all_of(events: &[Stored], known: &str) -> Result<(), OfficeError> {
    let mut types = events.iter().map(|e| &e.header.event_type);
    match types.find(|found| *found != known) {
        Some(other) => Err(RecordError::UnknownType(other.clone()).into()),
        None => Ok(()),
    }
}

fn case_rows(
    events: &[Stored],
    packs: &HashMap<String, Arc<Pack>>,
    calendar: &Calendar,
) -> Result<StreamRows, OfficeError> {
    let mut state = State::default();
    for event in events {
        let body = event.body.as_deref().unwrap_or_default();
        state.apply_event(&CaseActed::decode(&event.header.event_type, body)?);
    }
    let Some(header) = events.last().map(|e| &e.header) else {
        return Ok(StreamRows::default());
    };
    let digest = header.pack.as_deref().unwrap_or_default();
    let pack = packs.get(digest).ok_or_else(|| not_kept(digest))?;
    Ok(views::rows(&state, pack, calendar, header.recorded_at))
}

/// Every pack that the log holds, by digest.
pub(crate) async fn all_packs(store: &Store) -> Result<HashMap<String, Arc<Pack>>, OfficeError> {
    packs_that(store, Err).await
}

/// The same without those that are damaged; a case that follows one is then left without.
pub(crate) async fn readable_packs(
    store: &Store,
) -> Result<HashMap<String, Arc<Pack>>, OfficeError> {
    packs_that(store, |_| Ok(())).await
}

async fn packs_that(
    store: &Store,
    damaged: impl Fn(OfficeError) -> Result<(), OfficeError>,
) -> Result<HashMap<String, Arc<Pack>>, OfficeError> {
    let (mut packs, scope) = (HashMap::new(), Scope::system());
    let mut after = String::new();
    loop {
        let kind = Some(StreamKind::Pack);
        let heads = store.heads(&scope, kind, &after, STREAMS).await?;
        let Some(last) = heads.last() else {
            return Ok(packs);
        };
        after.clone_from(&last.stream);
        for head in &heads {
            for event in store.load(&scope, &head.stream, 0).await? {
                let Some(body) = event.body else { continue };
                let digest = digest_of(store.suite(), &body);
                let files = serde_json::from_slice::<PackFiles>(&body)
                    .map_err(|e| OfficeError::Internal(e.to_string()));
                match files.and_then(|files| read(&files, &digest)) {
                    Ok(pack) => drop(packs.insert(digest, pack)),
                    Err(fault) => damaged(fault)?,
                }
            }
        }
    }
}

fn not_kept(digest: &str) -> OfficeError {
    OfficeError::Damaged(format!("案件适用的程序方案（{digest}）不在记录中"))
}

fn digest_of(suite: Suite, bytes: &[u8]) -> String {
    hex::encode(suite.hash(&[bytes]).0)
}
