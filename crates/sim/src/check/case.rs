//! What must hold in one case, read from the effects of its events.

use std::collections::{BTreeMap, BTreeSet};

use casework::{
    effect::Effect,
    event::{CaseActed, Phase},
    proposal::Disposition,
    state::fold,
};
use jiff::civil::Date;
use law::{
    calendar::Calendar,
    pack::{Duty, LimitStatus},
};

/// Persons who had two of 办, 审 and 定 (行政处罚法 58; 国办发〔2018〕118号), by what events say of who took part.
pub fn handled_apart(events: &[CaseActed]) -> Vec<String> {
    let mut had: BTreeMap<&str, BTreeSet<Duty>> = BTreeMap::new();
    for event in events {
        for effect in &event.effects {
            if let Effect::Did { duty, people } = effect {
                people.iter().for_each(|person| {
                    had.entry(person).or_default().insert(*duty);
                });
            }
        }
        if event.phase == Phase::Taken {
            for part in &event.people {
                had.entry(&part.person).or_default().insert(part.duty);
            }
        }
    }
    let apart = [Duty::Handle, Duty::Review, Duty::Decide];
    had.into_iter()
        .filter_map(|(person, duties)| {
            let both: Vec<_> = apart.iter().filter(|duty| duties.contains(duty)).collect();
            (both.len() > 1).then(|| format!("{person} had {both:?}"))
        })
        .collect()
}

/// How far review has come, by effects alone.
#[derive(Default)]
struct Review<'a> {
    proposals: u32,
    dossier: u32,
    covers: Option<(u32, u32)>,
    /// A hearing was held that no review followed (行政处罚法 58(1)(2)).
    after_hearing: bool,
    facts: BTreeMap<&'a str, &'a str>,
    proposal: &'a [Disposition],
}

impl<'a> Review<'a> {
    fn is(&self, fact: &str, value: &str) -> bool {
        self.facts.get(fact).is_some_and(|found| *found == value)
    }

    fn note(&mut self, effect: &'a Effect) {
        match effect {
            Effect::Propose { dispositions } => {
                self.proposals += 1;
                self.proposal = dispositions;
            }
            Effect::Evidence { .. } | Effect::Excluded { .. } => self.dossier += 1,
            Effect::Reviewed { passed, .. } => {
                self.covers = passed.then_some((self.proposals, self.dossier));
                self.after_hearing &= !passed;
            }
            Effect::Heard { .. } => self.after_hearing = true,
            Effect::Set {
                fact,
                value,
                party: None,
            } => {
                self.facts.insert(fact, value);
            }
            _ => {}
        }
    }

    /// What is wrong with a decision made now.
    fn fault(&self, party: &str) -> Option<String> {
        let of_party = self.proposal.iter().find(|d| d.party == party);
        let punishes = of_party.is_none_or(Disposition::penalizes);
        let due = !self.is("review_due", "no");
        if due && !self.is("review", "passed") {
            return Some(format!("{party} was decided on without a passed review"));
        }
        if due && self.covers != Some((self.proposals, self.dossier)) {
            let (covers, now) = (self.covers, (self.proposals, self.dossier));
            return Some(format!(
                "{party} was decided on, the review covers {covers:?} and the case is at {now:?}"
            ));
        }
        (punishes && self.after_hearing)
            .then(|| format!("{party} was decided on with no review after the hearing"))
    }
}

/// Decisions that no review covers where one is due (行政处罚法 58).
pub fn reviews_cover(events: &[CaseActed]) -> Vec<String> {
    let (mut review, mut found) = (Review::default(), Vec::new());
    for effect in events.iter().flat_map(|event| &event.effects) {
        if let Effect::Decided { party } = effect {
            found.extend(review.fault(party));
        }
        review.note(effect);
    }
    found
}

/// Limits that run without a last day, or stand running though it has passed and the expiry job has run.
pub fn limits_have_ends(events: &[CaseActed], calendar: &Calendar, today: Date) -> Vec<String> {
    let state = fold(events);
    let running = state
        .limits
        .iter()
        .filter(|run| run.status == LimitStatus::Running);
    running
        .filter_map(|run| {
            let (code, party) = (&run.code, run.party.as_deref().unwrap_or("the case"));
            match run.due(calendar) {
                Err(fault) => Some(format!(
                    "{code} of {party} runs without a last day: {fault}"
                )),
                Ok(due) if due.on < today => Some(format!(
                    "{code} of {party} runs in {} though its last day was {}",
                    state.stage, due.on
                )),
                Ok(_) => None,
            }
        })
        .collect()
}
