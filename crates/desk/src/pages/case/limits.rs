//! Time limits as the page of a case shows them: how much has passed, what held them up and why, who made them longer.

use casework::{
    event::CaseActed,
    state::{LimitRun, State},
    views::limit_title,
};
use jiff::civil::Date;
use law::{
    calendar::Calendar,
    pack::{FieldType, LimitStatus, OnExpiry},
    term::days_left,
};
use office::{CaseFile, Recorded};

use super::bar::{Bar, whole_days};
use crate::show::{self, Names};

/// A time limit.
pub struct LimitLine {
    pub code: String,
    pub title: String,
    pub party: String,
    pub started_on: String,
    pub length: String,
    pub due_on: String,
    pub left: String,
    pub state: &'static str,
    pub status: &'static str,
    /// Whether something comes about by itself when it runs out, so that the case may be waiting for that.
    pub awaited: bool,
    pub basis: String,
    pub bar: Option<Bar>,
    pub pauses: Vec<PauseLine>,
    pub extensions: Vec<ExtensionLine>,
}

/// Days that do not count.
pub struct PauseLine {
    pub days: String,
    pub begun: Option<Cause>,
    pub ended: Option<Cause>,
    pub basis: String,
}

/// Days that were added.
pub struct ExtensionLine {
    pub on: String,
    pub added: String,
    pub approved_by: String,
    pub reason: String,
    pub basis: String,
}

/// The event by which something came about.
#[derive(Clone)]
pub struct Cause {
    pub version: u64,
    pub title: String,
    pub on: String,
    pub people: String,
    pub why: Vec<String>,
}

impl Cause {
    fn of(recorded: &Recorded, names: &Names<'_>) -> Self {
        let acted = &recorded.acted;
        let people: Vec<&str> = acted.people.iter().map(|p| p.name.as_str()).collect();
        Self {
            version: recorded.header.version,
            title: acted.title.clone(),
            on: acted.occurred_on.to_string(),
            people: people.join("、"),
            why: said(acted, names),
        }
    }
}

/// What was written in an event's free fields.
fn said(acted: &CaseActed, names: &Names<'_>) -> Vec<String> {
    let step = names.pack.step(&acted.step);
    let form = step.map(|s| s.form.as_slice()).unwrap_or_default();
    let free = form
        .iter()
        .filter(|f| matches!(f.kind, FieldType::Prose | FieldType::Points));
    let titles: Vec<&str> = free.map(|f| f.title.as_str()).collect();
    let shown = names.fields(step, &acted.fields).into_iter();
    shown
        .filter(|field| titles.contains(&field.title.as_str()))
        .map(|field| format!("{}：{}", field.title, field.lines.join("　")))
        .collect()
}

/// What became of a run of a limit, by the events that did it.
#[derive(Default)]
struct RunStory {
    pauses: Vec<(Option<Cause>, Option<Cause>)>,
    stopped: Option<Cause>,
}

/// The stories of all runs, in the order of the state's: the events are folded once more, and what each of them did to
/// the limits is seen by comparing.
fn stories(file: &CaseFile, names: &Names<'_>) -> Vec<RunStory> {
    let mut state = State::default();
    let mut stories: Vec<RunStory> = Vec::new();
    for recorded in &file.events {
        let before: Vec<(usize, LimitStatus)> = state
            .limits
            .iter()
            .map(|run| (run.pauses.len(), run.status))
            .collect();
        state.apply_event(&recorded.acted);
        stories.resize_with(state.limits.len(), RunStory::default);
        for (at, (run, story)) in state.limits.iter().zip(&mut stories).enumerate() {
            let (pauses, status) = before.get(at).copied().unwrap_or((0, LimitStatus::Running));
            let cause = || Some(Cause::of(recorded, names));
            for pause in run.pauses.iter().skip(pauses) {
                // One that is over as soon as it is seen made up for a stop.
                let made_up = pause.to.is_some() && story.stopped.is_some();
                story.pauses.push(if made_up {
                    (story.stopped.take(), cause())
                } else {
                    (cause(), pause.to.and_then(|_| cause()))
                });
            }
            if status == LimitStatus::Paused
                && run.status != LimitStatus::Paused
                && let Some(last) = story.pauses.last_mut()
            {
                last.1 = cause();
            }
            if run.status == LimitStatus::Ended && status != LimitStatus::Ended {
                story.stopped = cause();
            }
        }
    }
    stories
}

/// Limits that run, the most pressing first, and those that are over.
pub fn limits(
    file: &CaseFile,
    names: &Names<'_>,
    calendar: &Calendar,
    today: Date,
) -> (Vec<LimitLine>, Vec<LimitLine>) {
    let stories = stories(file, names);
    let (mut open, past): (Vec<_>, Vec<_>) = file
        .state
        .limits
        .iter()
        .zip(&stories)
        .partition(|(run, _)| matches!(run.status, LimitStatus::Running | LimitStatus::Paused));
    open.sort_by_key(|(run, _)| run.due(calendar).map_or(Date::MAX, |due| due.on));
    let line = |(run, story): &(&LimitRun, &RunStory)| limit(run, story, names, calendar, today);
    (
        open.iter().map(line).collect(),
        past.iter().map(line).collect(),
    )
}

fn limit(
    run: &LimitRun,
    story: &RunStory,
    names: &Names<'_>,
    calendar: &Calendar,
    today: Date,
) -> LimitLine {
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
    let pause_basis: Vec<&str> = declared
        .iter()
        .flat_map(|l| &l.pauses)
        .map(|basis| basis.text.as_str())
        .collect();
    LimitLine {
        code: run.code.clone(),
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
        state: show::urgency(
            left.map(|(days, ..)| days),
            left.is_some_and(|(_, over, _)| over),
        ),
        status: show::limit_status(run.status),
        awaited: running && declared.is_some_and(|l| matches!(l.on_expiry, OnExpiry::Effects(_))),
        basis: declared.map(|l| l.basis.text.clone()).unwrap_or_default(),
        bar: Bar::of(run, calendar, today),
        pauses: pauses(run, story, &pause_basis.join("；")),
        extensions: extensions(run, names),
    }
}

fn pauses(run: &LimitRun, story: &RunStory, basis: &str) -> Vec<PauseLine> {
    let told = story.pauses.iter().cloned().map(Some);
    let told = told.chain(std::iter::repeat(None));
    run.pauses
        .iter()
        .zip(told)
        .map(|(pause, told)| {
            let (begun, ended) = told.unwrap_or_default();
            PauseLine {
                days: match pause.to {
                    Some(to) => format!(
                        "{} 至 {to}（{} 日）",
                        pause.from,
                        whole_days(pause.from, to) + 1
                    ),
                    None => format!("{} 起，尚未恢复", pause.from),
                },
                begun,
                ended,
                basis: basis.to_owned(),
            }
        })
        .collect()
}

fn extensions(run: &LimitRun, names: &Names<'_>) -> Vec<ExtensionLine> {
    let unit = match run.span {
        casework::effect::Span::Term(_, unit, _) => unit.label(),
        casework::effect::Span::Until(_) => "",
    };
    run.extensions
        .iter()
        .map(|extension| ExtensionLine {
            on: extension.on.to_string(),
            added: format!("{}{unit}", extension.count),
            approved_by: names.person(&extension.approved_by),
            reason: extension.reason.clone(),
            basis: extension.basis.clone(),
        })
        .collect()
}
