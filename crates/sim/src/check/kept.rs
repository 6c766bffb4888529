//! What must be kept: the log as it was signed, rows as events make them, answers as they were given.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::Result;
use casework::{
    effect::Effect,
    event::{CaseActed, Issued},
    person::Person,
    record::{Header, StreamKind},
};
use office::Office;
use store::{Head, Scope};

use crate::{jobs::rebuild, world::World};

/// Streams that are read at a time.
const STREAMS: u32 = 200;

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was acknowledged, with this version and these papers.
    Done(u64, Vec<Issued>),
    /// It was refused.
    Refused,
    /// No answer came, or that it failed; whether it was saved, where that is known.
    Open(Option<bool>),
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
    let rebuilt = rebuild(office).await?;
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
    let may_be =
        |outcome: &Outcome| !matches!(outcome, Outcome::Refused | Outcome::Open(Some(false)));
    let carried_out: BTreeSet<&str> = sent
        .iter()
        .filter(|one| may_be(&one.outcome))
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
            (Outcome::Open(Some(true) | None), Some(record)) => {
                versions.insert((record.stream, record.last_version));
            }
            (Outcome::Done(..), None) => found.push(format!("{id}: was acknowledged and is lost")),
            (Outcome::Open(Some(true)), None) => {
                found.push(format!("{id}: was durable and is lost"))
            }
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

/// Numbers that two events bear.
pub fn numbers(cases: &[Case]) -> Vec<String> {
    let mut borne: BTreeMap<&str, BTreeSet<(&str, u64)>> = BTreeMap::new();
    for (case, event) in events(cases) {
        let of_papers = event
            .acted
            .papers
            .iter()
            .filter_map(|p| p.number.as_deref());
        let of_case = event
            .acted
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Number { number } => Some(number.as_str()),
                _ => None,
            });
        for number in of_papers.chain(of_case) {
            let place = (case, event.header.version);
            borne.entry(number).or_default().insert(place);
        }
    }
    let twice = borne.into_iter().filter(|(_, places)| places.len() > 1);
    twice
        .map(|(number, places)| format!("{number} is borne by {places:?}"))
        .collect()
}

fn events(cases: &[Case]) -> impl Iterator<Item = (&str, &Event)> {
    cases
        .iter()
        .flat_map(|case| case.events.iter().map(|event| (case.id.as_str(), event)))
}

/// Papers that an event names, and that do not lie in the folder as it names them.
pub fn papers(objects: &Path, cases: &[Case]) -> Vec<String> {
    let mut found = Vec::new();
    for (case, event) in events(cases) {
        for paper in &event.acted.papers {
            let path = objects.join(case).join(&paper.digest);
            let size = std::fs::metadata(&path).map(|known| known.len()).ok();
            if size != Some(paper.size_bytes) {
                let (template, bytes) = (&paper.template, paper.size_bytes);
                found.push(format!(
                    "{case}: {template} has {size:?} bytes on the disk, and {bytes} in its event"
                ));
            }
        }
    }
    found
}

/// Events that say to be earlier than the one before in their case.
pub fn order(cases: &[Case]) -> Vec<String> {
    let of_case = |case: &Case| {
        let pairs = case.events.windows(2);
        let back = pairs.filter(|pair| pair[1].header.recorded_at < pair[0].header.recorded_at);
        back.map(|pair| {
            format!(
                "{}: event {} goes back in time",
                case.id, pair[1].header.version
            )
        })
        .collect::<Vec<_>>()
    };
    cases.iter().flat_map(of_case).collect()
}

/// Events of people who have left, or who acted as officers under a card that had lapsed (行政处罚法 55).
pub fn entitled(people: &[Person], cases: &[Case]) -> Vec<String> {
    let mut found = Vec::new();
    for (case, event) in events(cases) {
        let by_id = |id: &str| people.iter().find(|person| person.id == id);
        let (version, on) = (event.header.version, event.acted.occurred_on);
        let actor = event.header.actor.as_deref().and_then(by_id);
        let others = event.acted.people.iter().filter_map(|p| by_id(&p.person));
        for person in actor.into_iter().chain(others) {
            let officer = person.roles.iter().any(|role| role == "officer");
            if !person.active || officer && person.card_on(on).is_none() {
                found.push(format!("{case}: {} acted in event {version}", person.id));
            }
        }
    }
    found
}
