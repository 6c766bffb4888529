//! What must be kept: the log as it was signed, rows as events make them, answers as they were given.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::Result;
use casework::{
    effect::Effect,
    event::{CaseActed, Issued},
    record::{Header, StreamKind},
};
use office::{Office, rebuild_rows};
use store::{Head, Scope};

use crate::world::World;

/// Streams that are read at a time.
const STREAMS: u32 = 200;

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was acknowledged, with this version and these papers.
    Done(u64, Vec<Issued>),
    /// It was refused.
    Refused,
    /// It was cut off, after it was durable or before.
    Cut(bool),
}

/// A command that was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Id of the command.
    pub id: String,
    /// The case.
    pub case: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// One event as it is stored.
pub struct Event {
    /// Header.
    pub header: Header,
    /// Body.
    pub acted: CaseActed,
}

/// One case as it is stored.
pub struct Case {
    /// The stream.
    pub id: String,
    /// Its events.
    pub events: Vec<Event>,
}

impl Case {
    /// The effects of all events.
    pub fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.events.iter().flat_map(|event| &event.acted.effects)
    }
}

/// Every case, from the store and past the office's cache.
pub async fn read_cases(office: &Office) -> Result<Vec<Case>> {
    let (store, scope) = (office.store(), Scope::system());
    let (mut cases, mut after) = (Vec::new(), String::new());
    loop {
        let kind = Some(StreamKind::Case);
        let heads: Vec<Head> = store.heads(&scope, kind, &after, STREAMS).await?;
        let Some(last) = heads.last() else {
            return Ok(cases);
        };
        after.clone_from(&last.stream);
        for head in &heads {
            let mut events = Vec::new();
            for stored in store.load(&scope, &head.stream, 0).await? {
                let body = stored.body.unwrap_or_default();
                let acted = CaseActed::decode(&stored.header.event_type, &body)?;
                let header = stored.header;
                events.push(Event { header, acted });
            }
            cases.push(Case {
                id: head.stream.clone(),
                events,
            });
        }
    }
}

/// Whether the log verifies, extends every checkpoint that was seen, and the rows are those that events make.
pub async fn sound(world: &World) -> Result<Vec<String>> {
    let (office, store) = (&world.office, world.office.store());
    let mut found = Vec::new();
    let report = store.verify(&world.checkpoints, |_, _| {}).await?;
    found.extend(report.faults.iter().map(|fault| format!("verify: {fault}")));
    if report.unsequenced > 0 {
        found.push(format!(
            "verify: {} events never came into the log",
            report.unsequenced
        ));
    }
    if report.checkpoints_met < world.checkpoints.len() as u64 {
        found.push("verify: a checkpoint that was signed is not met".to_owned());
    }
    let (packs, calendar) = (office.packs().await?, Arc::clone(&office.calendar()));
    let project = |kind, events: &[_]| {
        rebuild_rows(kind, events, &packs, &calendar).map_err(|fault| fault.to_string())
    };
    let rebuilt = store.rebuild(project, |_, _| {}).await?;
    if !rebuilt.was_equal() {
        found.push(format!(
            "rebuild: {} rows were there that should not be, {} were missing",
            rebuilt.rows_removed, rebuilt.rows_added
        ));
    }
    Ok(found)
}

/// Whether what was acknowledged is there with its answer, and what was refused or never written left nothing.
pub async fn answers(world: &World, cases: &[Case], sent: &[Sent]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let by_id: BTreeMap<&str, &Case> = cases.iter().map(|c| (c.id.as_str(), c)).collect();
    let done = |outcome: &Outcome| matches!(outcome, Outcome::Done(..) | Outcome::Cut(true));
    let carried_out: BTreeSet<&str> = sent
        .iter()
        .filter(|one| done(&one.outcome))
        .map(|one| one.id.as_str())
        .collect();
    let mut versions: BTreeSet<(String, u64)> = BTreeSet::new();
    for one in sent {
        let id = &one.id;
        // Senders' ids are kept under `u/`.
        let record = world
            .office
            .store()
            .find_command(&format!("u/{id}"))
            .await?;
        match (&one.outcome, record) {
            (Outcome::Done(version, papers), Some(record)) => {
                let event = by_id.get(one.case.as_str()).and_then(|case| {
                    let mut events = case.events.iter();
                    events.find(|event| event.header.version == *version)
                });
                let same = event.is_some_and(|event| event.acted.papers == *papers);
                if record.stream != one.case || record.last_version != *version || !same {
                    found.push(format!(
                        "{id}: was answered with version {version}, and other is kept"
                    ));
                }
                versions.insert((record.stream, record.last_version));
            }
            (Outcome::Cut(true), Some(record)) => {
                versions.insert((record.stream, record.last_version));
            }
            (Outcome::Done(..), None) => found.push(format!("{id}: was acknowledged and is lost")),
            (Outcome::Cut(true), None) => found.push(format!("{id}: was durable and is lost")),
            (_, Some(_)) if !carried_out.contains(id.as_str()) => {
                found.push(format!("{id}: was not carried out and left a record"));
            }
            _ => {}
        }
    }
    found.extend(nobodys(cases, &versions));
    Ok(found)
}

/// Events that somebody is said to have made, and no command that was sent did.
fn nobodys<'a>(
    cases: &'a [Case],
    versions: &'a BTreeSet<(String, u64)>,
) -> impl Iterator<Item = String> + 'a {
    cases.iter().flat_map(move |case| {
        let stray = case.events.iter().filter(move |event| {
            let place = (case.id.clone(), event.header.version);
            event.header.actor.is_some() && !versions.contains(&place)
        });
        stray.map(|event| format!("{}: nobody sent event {}", case.id, event.header.version))
    })
}

/// Numbers that two cases bear.
pub fn numbers(cases: &[Case]) -> Vec<String> {
    let mut borne: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for case in cases {
        let papers = case.events.iter().flat_map(|event| &event.acted.papers);
        let of_papers = papers.filter_map(|paper| paper.number.as_deref());
        let of_case = case.effects().filter_map(|effect| match effect {
            Effect::Number { number } => Some(number.as_str()),
            _ => None,
        });
        for number in of_papers.chain(of_case) {
            borne.entry(number).or_default().insert(&case.id);
        }
    }
    let twice = borne.into_iter().filter(|(_, cases)| cases.len() > 1);
    twice
        .map(|(number, cases)| format!("{number} is borne by {cases:?}"))
        .collect()
}
