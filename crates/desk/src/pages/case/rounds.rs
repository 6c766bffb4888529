//! The rounds of legal review side by side: what was raised, what was answered, and what changed from one to the next.

use casework::{
    effect::Effect,
    field::{REVIEW_ITEMS, ReviewItem},
    proposal::Disposition,
    state::State,
};
use office::CaseFile;

use crate::show::Names;

/// A round of review; the last may still wait for its opinion.
pub struct Round {
    pub no: usize,
    /// The opinion; none while it is not given.
    pub opinion: Option<Opinion>,
    /// What differs from the round before.
    pub changed: Vec<Difference>,
    /// Evidence that came since the round before.
    pub added: Vec<String>,
    /// The proposal that was looked at.
    pub proposal: Vec<String>,
}

/// What the reviewer said, and what was answered.
pub struct Opinion {
    pub version: u64,
    pub on: String,
    pub by: String,
    pub passed: bool,
    /// The items that are not in order.
    pub faults: Vec<String>,
    /// Points raised, each with its answer.
    pub points: Vec<(String, String)>,
}

/// A part of the proposal before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub party: String,
    pub what: &'static str,
    pub before: String,
    pub after: String,
}

/// What a round looked at.
struct Seen {
    proposal: Vec<Disposition>,
    evidence: usize,
}

/// The rounds of a case.
pub fn rounds(file: &CaseFile, names: &Names<'_>) -> Vec<Round> {
    let mut state = State::default();
    let mut given: Vec<(Opinion, Seen)> = Vec::new();
    for recorded in &file.events {
        state.apply_event(&recorded.acted);
        for effect in &recorded.acted.effects {
            match effect {
                Effect::Reviewed {
                    passed,
                    items,
                    points,
                } => {
                    let people: Vec<&str> = recorded
                        .acted
                        .people
                        .iter()
                        .map(|p| p.name.as_str())
                        .collect();
                    let opinion = Opinion {
                        version: recorded.header.version,
                        on: recorded.acted.occurred_on.to_string(),
                        by: people.join("、"),
                        passed: *passed,
                        faults: faults(items),
                        points: points.iter().map(|p| (p.clone(), String::new())).collect(),
                    };
                    given.push((opinion, seen(&state)));
                }
                Effect::Answered { answers } => {
                    if let Some((last, _)) = given.last_mut() {
                        answer(last, answers);
                    }
                }
                _ => {}
            }
        }
    }
    side_by_side(given, &state, names)
}

fn seen(state: &State) -> Seen {
    Seen {
        proposal: state.proposal.clone(),
        evidence: state.evidence.len(),
    }
}

fn faults(items: &[ReviewItem]) -> Vec<String> {
    let named = items.iter().zip(&REVIEW_ITEMS);
    named
        .filter(|(item, _)| !item.ok)
        .map(|(item, title)| format!("{title}：{}", item.remark))
        .collect()
}

/// Answers come one a point; what is answered beyond the points stands by itself.
fn answer(opinion: &mut Opinion, answers: &[String]) {
    for (at, answer) in answers.iter().enumerate() {
        match opinion.points.get_mut(at) {
            Some((_, said)) => said.clone_from(answer),
            None => opinion.points.push((String::new(), answer.clone())),
        }
    }
}

fn side_by_side(given: Vec<(Opinion, Seen)>, state: &State, names: &Names<'_>) -> Vec<Round> {
    let mut before: Option<Seen> = None;
    let mut rounds: Vec<Round> = Vec::new();
    let mut settled = true;
    let mut lay = |opinion: Option<Opinion>, seen: Seen| {
        let round = Round {
            no: rounds.len() + 1,
            opinion,
            changed: before
                .as_ref()
                .map(|b| differences(&b.proposal, &seen.proposal, names))
                .unwrap_or_default(),
            added: before
                .as_ref()
                .map(|b| {
                    let new = state.evidence.iter().take(seen.evidence).skip(b.evidence);
                    new.map(|item| item.name.clone()).collect()
                })
                .unwrap_or_default(),
            proposal: seen
                .proposal
                .iter()
                .flat_map(|d| names.disposition(d))
                .collect(),
        };
        before = Some(seen);
        rounds.push(round);
    };
    let any = !given.is_empty();
    for (opinion, seen) in given {
        settled = opinion.passed;
        lay(Some(opinion), seen);
    }
    // After an opinion that found faults another round is to come; one that lapsed may be under way again.
    let under_way = state.facts.get("review").is_some_and(|v| v == "in_review");
    if any && (!settled || under_way) {
        lay(None, seen(state));
    }
    rounds
}

/// What two proposals say differently, party by party.
pub fn differences(
    before: &[Disposition],
    after: &[Disposition],
    names: &Names<'_>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    for new in after {
        let old = before.iter().find(|d| d.party == new.party);
        let old = old.map(|d| names.parts(d)).unwrap_or_default();
        let new_parts = names.parts(new);
        let whats = old.iter().chain(&new_parts).map(|(what, _)| *what);
        let mut known: Vec<&str> = Vec::new();
        for what in whats {
            if known.contains(&what) {
                continue;
            }
            known.push(what);
            let text = |parts: &[(&'static str, String)]| {
                let found = parts.iter().find(|(w, _)| *w == what);
                found.map(|(_, text)| text.clone()).unwrap_or_default()
            };
            let (before, after) = (text(&old), text(&new_parts));
            if before != after {
                found.push(Difference {
                    party: names.party(&new.party),
                    what,
                    before,
                    after,
                });
            }
        }
    }
    found
}
