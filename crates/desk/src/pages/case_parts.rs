//! The parts of a case's page: parties, papers, requests, evidence, the timeline.

use casework::{
    effect::EvidenceItem,
    event::{Issued, Part},
    state::PartyState,
};
use jiff::civil::Date;
use law::money::Fen;
use office::{CaseFile, Pressing, Recorded, WaitingRequest};

use super::case::{Change, History, Story};
use crate::{
    form::carry::outcome,
    show::{self, Names, Shown},
};

/// A party with where its track stands.
pub struct PartyLine {
    pub id: String,
    pub name: String,
    pub kind: &'static str,
    pub code: String,
    pub representative: String,
    pub address: String,
    pub phone: String,
    pub told: String,
    pub defence: Vec<String>,
    pub decision: String,
    pub decided_on: String,
    pub number: String,
    pub delivery: String,
    pub money: String,
    pub owed: String,
    pub paid: String,
    pub publication: String,
    pub history: Vec<Change>,
}

/// The parties of the case, each with what was changed of it.
pub fn parties(file: &CaseFile, history: &mut History) -> Vec<PartyLine> {
    let tracks = file.state.parties.iter();
    tracks
        .map(|track| {
            let changes = history.of_party.remove(&track.party.id);
            party(file, track, changes.unwrap_or_default())
        })
        .collect()
}

fn party(file: &CaseFile, track: &PartyState, history: Vec<Change>) -> PartyLine {
    let fact = |id: &str| show::fact_of(&file.pack, id, track.facts.get(id));
    let decided = track
        .decided
        .as_ref()
        .filter(|_| track.decided_on.is_some());
    let owed = decided.map_or(0, |_| track.owed_fen());
    let p = &track.party;
    PartyLine {
        id: p.id.clone(),
        name: p.name.clone(),
        kind: show::party_kind(p.kind),
        code: p.code.clone(),
        representative: p.representative.clone(),
        address: p.address.clone(),
        phone: p.phone.clone(),
        told: track.notified.as_ref().map(outcome).unwrap_or_default(),
        defence: track.defence.clone(),
        decision: decided
            .map(|d| format!("{}：{}", fact("decision"), outcome(d)))
            .unwrap_or_default(),
        decided_on: track
            .decided_on
            .map(|on| on.to_string())
            .unwrap_or_default(),
        number: track.decision_number.clone().unwrap_or_default(),
        delivery: fact("delivery"),
        // Before its service a decision has no term of payment yet, though something is owed.
        money: match track.facts.get("money").map(String::as_str) {
            None | Some("none") => String::new(),
            Some(_) => fact("money"),
        },
        owed: if owed > 0 {
            Fen(owed).to_string()
        } else {
            String::new()
        },
        paid: if track.paid_fen > 0 {
            Fen(track.paid_fen).to_string()
        } else {
            String::new()
        },
        publication: fact("publication"),
        history,
    }
}

/// A paper.
pub struct PaperLine {
    pub href: String,
    pub title: String,
    pub number: String,
    pub party: String,
    pub on: String,
    pub size: String,
    pub pages: u32,
}

/// The papers by the stage in which they were issued, each stage's in the order of the dossier.
pub fn papers(file: &CaseFile, story: &Story, names: &Names<'_>) -> Vec<(String, Vec<PaperLine>)> {
    let stages = &file.pack.stages;
    let stage = |version: &u64| {
        let id = story.stage_of.get(version);
        stages.iter().position(|stage| Some(&stage.id) == id)
    };
    let mut papers: Vec<_> = file.state.papers.iter().collect();
    papers.sort_by_key(|(version, paper)| (stage(version), paper.order, *version));
    let mut groups: Vec<(String, Vec<PaperLine>)> = Vec::new();
    for (version, paper) in papers {
        let title = stage(version).map_or("其他", |at| stages[at].title.as_str());
        let line = paper_line(file, paper, names);
        match groups.last_mut().filter(|(of, _)| of == title) {
            Some((_, lines)) => lines.push(line),
            None => groups.push((title.to_owned(), vec![line])),
        }
    }
    groups
}

/// A paper as lists show it.
pub fn paper_line(file: &CaseFile, paper: &Issued, names: &Names<'_>) -> PaperLine {
    PaperLine {
        href: format!("/cases/{}/papers/{}", file.id, paper.paper_id),
        title: paper.title.clone(),
        number: paper.number.clone().unwrap_or_default(),
        party: paper
            .party
            .as_deref()
            .map(|id| names.party(id))
            .unwrap_or_default(),
        on: paper.on.to_string(),
        size: show::size(paper.size_bytes),
        pages: paper.pages,
    }
}

/// A piece of evidence.
pub struct EvidenceLine {
    pub no: u32,
    pub excluded: bool,
    pub name: String,
    pub origin: String,
    pub proves: String,
    pub file: Option<(String, String)>,
}

/// The evidence by its kind (行政处罚法 46), kinds in the order in which they came, with the numbers of the dossier.
pub fn evidence(file: &CaseFile) -> Vec<(String, Vec<EvidenceLine>)> {
    evidence_of(file, &|_| true)
}

/// The evidence of some kinds, by kind.
pub fn evidence_of(
    file: &CaseFile,
    wanted: &dyn Fn(&str) -> bool,
) -> Vec<(String, Vec<EvidenceLine>)> {
    let mut groups: Vec<(String, Vec<EvidenceLine>)> = Vec::new();
    let numbered = file.state.numbered_evidence();
    for (no, item) in numbered.filter(|(_, item)| wanted(&item.kind)) {
        let kind = office::evidence_kind(&file.pack, &item.kind);
        let line = evidence_line(file, no, item);
        match groups.iter_mut().find(|(of, _)| *of == kind) {
            Some((_, lines)) => lines.push(line),
            None => groups.push((kind, vec![line])),
        }
    }
    groups
}

fn evidence_line(file: &CaseFile, no: u32, item: &EvidenceItem) -> EvidenceLine {
    EvidenceLine {
        no,
        excluded: file.state.excluded.contains(&no),
        name: item.name.clone(),
        origin: item.origin.clone(),
        proves: item.proves.clone(),
        file: item.file.as_ref().map(|f| {
            (
                format!("/cases/{}/files/{}", file.id, f.digest),
                f.name.clone(),
            )
        }),
    }
}

/// Names that a line of those who could act gives at most.
const NAMES_MAX: usize = 8;

/// Who has to act.
pub struct Who {
    pub role: String,
    pub people: String,
}

impl Who {
    /// A role with those of its holders who could act.
    pub fn of(role: &str, at_least: u32, people: &[String]) -> Self {
        let role = match at_least {
            0 | 1 => role.to_owned(),
            _ => format!("{role}（不少于 {at_least} 名）"),
        };
        let people = match people.len() {
            0..=NAMES_MAX => people.join("、"),
            all => format!("{}等 {all} 人", people[..NAMES_MAX].join("、")),
        };
        Self { role, people }
    }
}

/// The limit that presses on what waits.
pub struct PressingLine {
    pub title: String,
    pub due_on: String,
    pub left: String,
    pub state: &'static str,
    pub basis: String,
}

impl PressingLine {
    /// A limit as the page shows it.
    pub fn of(pressing: &Pressing) -> Self {
        let left = pressing.workdays_left;
        Self {
            title: pressing.title.clone(),
            due_on: pressing.due_on.to_string(),
            left: show::left(left, pressing.overdue, pressing.provisional),
            state: show::urgency(Some(left), pressing.overdue),
            basis: pressing.basis.clone(),
        }
    }
}

/// A request that waits.
pub struct RequestLine {
    pub href: String,
    pub title: String,
    pub party: String,
    pub asked_by: String,
    pub asked_on: String,
    pub role: String,
    pub who: Who,
    pub limit: Option<PressingLine>,
    pub approvals: Vec<String>,
    pub mine: bool,
    pub asked_by_me: bool,
}

impl RequestLine {
    /// A request as the page shows it.
    pub fn of(file: &CaseFile, waiting: &WaitingRequest, names: &Names<'_>) -> Self {
        let request = &waiting.request;
        let asked: Vec<&str> = request.people.iter().map(|p| p.name.as_str()).collect();
        let approval = |(person, opinion, on): &(String, String, Date)| {
            format!(
                "{}（{on}）：{}",
                names.person(person),
                if opinion.is_empty() {
                    "同意"
                } else {
                    opinion
                }
            )
        };
        Self {
            href: format!("/cases/{}/requests/{}", file.id, request.id),
            title: waiting.title.clone(),
            party: request
                .party
                .as_deref()
                .map(|id| names.party(id))
                .unwrap_or_default(),
            asked_by: asked.join("、"),
            asked_on: request.on.to_string(),
            role: waiting.role_title.clone(),
            who: Who::of(&waiting.role_title, 1, &waiting.who),
            limit: waiting.pressing.as_ref().map(PressingLine::of),
            approvals: request.approvals.iter().map(approval).collect(),
            mine: waiting.mine,
            asked_by_me: waiting.asked_by_me,
        }
    }
}

/// One thing that happened.
pub struct Event {
    pub version: u64,
    pub at: String,
    pub occurred_on: String,
    pub late_reason: String,
    pub phase: &'static str,
    pub title: String,
    pub party: String,
    pub people: Vec<String>,
    pub basis: String,
    pub opinion: String,
    pub fields: Vec<Shown>,
    pub files: String,
    pub effects: Vec<String>,
    pub papers: Vec<(String, String)>,
    pub entry: String,
}

impl Event {
    /// An event as the timeline shows it.
    pub fn of(file: &CaseFile, recorded: &Recorded, names: &Names<'_>) -> Self {
        let acted = &recorded.acted;
        let part = |part: &Part| {
            let card = part
                .card
                .as_deref()
                .map(|card| format!("，证件 {card}"))
                .unwrap_or_default();
            format!("{}（{}{card}）", part.name, names.role(&part.role))
        };
        let paper = |p: &casework::event::Issued| {
            let number = p.number.as_deref().unwrap_or_default();
            (
                format!("/cases/{}/papers/{}", file.id, p.paper_id),
                format!("{}{number}", p.title),
            )
        };
        Self {
            version: recorded.header.version,
            at: show::moment(recorded.header.recorded_at),
            occurred_on: acted.occurred_on.to_string(),
            late_reason: acted.late_reason.clone().unwrap_or_default(),
            phase: show::phase(acted.phase),
            title: acted.title.clone(),
            party: acted
                .party
                .as_deref()
                .map(|id| names.party(id))
                .unwrap_or_default(),
            people: acted.people.iter().map(part).collect(),
            basis: acted.basis.clone(),
            opinion: acted.opinion.clone().unwrap_or_default(),
            fields: names.fields(file.pack.step(&acted.step), &acted.fields),
            files: format!("/cases/{}/files", file.id),
            effects: acted
                .effects
                .iter()
                .filter_map(|e| names.effect(e))
                .collect(),
            papers: acted.papers.iter().map(paper).collect(),
            entry: recorded.entry.to_string(),
        }
    }
}
