//! Paths through a view in the words of the pack.

use crate::pack::{LimitStatus, Pack, Subject, ValueSet};

use super::TraceLine;
use super::explore::Space;
use super::guard::State;
use super::program::Move;

/// The shortest path to a state, beginning with the start.
pub(super) fn path(pack: &Pack, space: &Space, to: u32) -> Vec<TraceLine> {
    let mut steps = Vec::new();
    let mut at = to;
    while at != 0 {
        let Some(&(from, program)) = space.parents.get(at as usize) else {
            break;
        };
        steps.push(line(pack, space, from, program, space.states[at as usize]));
        at = from;
    }
    steps.push(TraceLine {
        step: String::new(),
        title: "开始".to_owned(),
        stage: stage(pack, space, 0),
        changes: Vec::new(),
    });
    steps.reverse();
    steps
}

/// One move from a state.
pub(super) fn line(pack: &Pack, space: &Space, from: u32, program: u16, after: State) -> TraceLine {
    let before = space.states.get(from as usize).copied().unwrap_or_default();
    let (step, title) = match space.programs[program as usize].id {
        Move::Step(at) => (pack.steps[at].id.clone(), pack.steps[at].title.clone()),
        Move::OtherStep(at) => (
            pack.steps[at].id.clone(),
            format!("{}（其他当事人）", pack.steps[at].title),
        ),
        Move::Expiry(at) => (
            pack.limits[at].code.clone(),
            format!("{}届满", pack.limits[at].title),
        ),
        Move::OtherExpiry(at) => (
            pack.limits[at].code.clone(),
            format!("{}届满（其他当事人）", pack.limits[at].title),
        ),
    };
    TraceLine {
        step,
        title,
        stage: stage(pack, space, after),
        changes: changes(pack, space, before, after),
    }
}

fn stage(pack: &Pack, space: &Space, state: State) -> String {
    let at = space.layout.stage.get(state) as usize;
    pack.stages
        .get(at)
        .map(|s| format!("{} {}", s.id, s.title))
        .unwrap_or_default()
}

/// The kept facts and limits whose values differ, with the new value.
fn changes(pack: &Pack, space: &Space, before: State, after: State) -> Vec<(String, String)> {
    let facts = (0..pack.facts.len()).map(Subject::Fact);
    let limits = (0..pack.limits.len()).map(Subject::Limit);
    let mut changes = Vec::new();
    for subject in facts.chain(limits) {
        let Some(slot) = space.layout.slot(subject) else {
            continue;
        };
        if slot.get(before) != slot.get(after) {
            changes.push((
                title(pack, subject).to_owned(),
                value(pack, subject, slot.get(after)),
            ));
        }
    }
    changes
}

/// The title of a fact, or the code of a limit.
fn title(pack: &Pack, subject: Subject) -> &str {
    match subject {
        Subject::Fact(fact) => pack.facts.get(fact).map_or("", |f| &f.title),
        Subject::Limit(limit) => pack.limits.get(limit).map_or("", |l| &l.code),
    }
}

/// The title of a value.
fn value(pack: &Pack, subject: Subject, value: u32) -> String {
    let at = value as usize;
    match subject {
        Subject::Fact(fact) => pack
            .facts
            .get(fact)
            .and_then(|f| f.values.get(at))
            .map(|(_, title)| title.clone())
            .unwrap_or_default(),
        Subject::Limit(_) => LimitStatus::ALL
            .get(at)
            .map_or("", |(status, _)| status_title(*status))
            .to_owned(),
    }
}

fn status_title(status: LimitStatus) -> &'static str {
    match status {
        LimitStatus::Idle => "未起",
        LimitStatus::Running => "在计",
        LimitStatus::Paused => "暂停",
        LimitStatus::Expired => "届满",
        LimitStatus::Ended => "终止",
    }
}

/// `听证 ∈ {放弃、期满}` in words.
pub(super) fn atom(pack: &Pack, subject: Subject, values: ValueSet) -> String {
    let names: Vec<String> = (0..32)
        .filter(|v| values >> v & 1 == 1)
        .map(|v| value(pack, subject, v))
        .collect();
    format!("“{}”为{}", title(pack, subject), names.join("或"))
}
