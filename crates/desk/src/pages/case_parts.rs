//! The parts of a case's page: limits, parties, papers, requests, evidence, the timeline.

use casework::{
    effect::EvidenceItem,
    event::Part,
    state::{LimitRun, PartyState},
    views::limit_title,
};
use jiff::civil::Date;
use law::{
    calendar::Calendar,
    money::Fen,
    pack::{Fact, LimitStatus},
    term::days_left,
};
use office::{CaseFile, Pressing, Recorded, WaitingRequest};

use crate::{
    form::carry::outcome,
    show::{self, Names, Shown},
};

/// A time limit.
pub struct LimitLine {
    pub title: String,
    pub party: String,
    pub started_on: String,
    pub length: String,
    pub due_on: String,
    pub left: String,
    pub state: &'static str,
    pub status: &'static str,
    pub basis: String,
}

/// Limits that run, the most pressing first, and those that are over.
pub fn limits(
    file: &CaseFile,
    names: &Names<'_>,
    calendar: &Calendar,
    today: Date,
) -> (Vec<LimitLine>, Vec<LimitLine>) {
    let (mut open, past): (Vec<&LimitRun>, Vec<&LimitRun>) = file
        .state
        .limits
        .iter()
        .partition(|run| matches!(run.status, LimitStatus::Running | LimitStatus::Paused));
    open.sort_by_key(|run| run.due(calendar).map_or(Date::MAX, |due| due.on));
    let line = |run: &&LimitRun| limit(run, names, calendar, today);
    (
        open.iter().map(line).collect(),
        past.iter().map(line).collect(),
    )
}

fn limit(run: &LimitRun, names: &Names<'_>, calendar: &Calendar, today: Date) -> LimitLine {
    let declared = names.pack.limits.iter().find(|l| l.code == run.code);
    let due = run.due(calendar).ok();
    let running = run.status == LimitStatus::Running;
    let left = due.filter(|_| running).map(|due| {
        let left = days_left(today, due.on, calendar);
        (
            left.workdays,
            due.on < today,
            left.provisional || due.provisional,
        )
    });
    LimitLine {
        title: declared.map_or(run.code.clone(), |l| limit_title(&l.title, run)),
        party: run
            .party
            .as_deref()
            .map(|id| names.party(id))
            .unwrap_or_default(),
        started_on: run.on.to_string(),
        length: show::length(&run.span),
        due_on: due.map(|due| due.on.to_string()).unwrap_or_default(),
        left: left
            .map(|(days, over, provisional)| show::left(days, over, provisional))
            .unwrap_or_default(),
        state: match left {
            Some((_, true, _)) => "overdue",
            Some((0..=3, ..)) => "soon",
            _ => "",
        },
        status: show::limit_status(run.status),
        basis: declared.map(|l| l.basis.text.clone()).unwrap_or_default(),
    }
}

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
}

/// The parties of the case.
pub fn parties(file: &CaseFile) -> Vec<PartyLine> {
    file.state
        .parties
        .iter()
        .map(|track| party(file, track))
        .collect()
}

fn party(file: &CaseFile, track: &PartyState) -> PartyLine {
    let fact = |id: &str| {
        let declared = file.pack.facts.iter().find(|f| f.id == id);
        declared
            .map(|declared| value_title(declared, track))
            .unwrap_or_default()
    };
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
        money: fact("money"),
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
    }
}

fn value_title(fact: &Fact, track: &PartyState) -> String {
    let now = track.facts.get(&fact.id);
    let value = fact
        .values
        .iter()
        .find(|(id, _)| now == Some(id))
        .or_else(|| fact.values.first());
    value.map(|(_, title)| title.clone()).unwrap_or_default()
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

/// The papers in the order of the dossier.
pub fn papers(file: &CaseFile, names: &Names<'_>) -> Vec<PaperLine> {
    let mut papers: Vec<_> = file.state.papers.iter().collect();
    papers.sort_by_key(|(version, paper)| (paper.order, *version));
    papers
        .into_iter()
        .map(|(_, paper)| PaperLine {
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
        })
        .collect()
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

/// The evidence in the order in which it came.
pub fn evidence(file: &CaseFile) -> Vec<EvidenceLine> {
    let line = |(no, item): (u32, &EvidenceItem)| EvidenceLine {
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
    };
    file.state.numbered_evidence().map(line).collect()
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
