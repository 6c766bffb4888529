//! How a case's state comes from its events, effect by effect.

use jiff::civil::Date;
use law::{pack::LimitStatus, term::Pause};

use super::{ADDRESSEE, AFTER_HEARING, CHANGE, COVERED, LimitRun, POINTS, PartyState, State};
use crate::{
    effect::{Effect, Switched},
    event::CaseActed,
    field::FieldValue,
    masking,
    proposal::Change,
};

impl State {
    /// Folds one event.
    pub fn apply_event(&mut self, event: &CaseActed) {
        self.version += 1;
        self.opened_on.get_or_insert(event.occurred_on);
        let names = |effect: &Effect| matches!(effect, Effect::Named { .. });
        if !event.effects.iter().any(names) {
            self.named.extend(masking::unsaid_names(&event.fields));
        }
        for effect in &event.effects {
            self.apply(effect, event.occurred_on);
            self.correct(effect, event);
        }
        self.papers.extend(
            event
                .papers
                .iter()
                .map(|paper| (self.version, paper.clone())),
        );
        for paper in &event.papers {
            if matches!(
                paper.template.as_str(),
                "penalty_decision" | "no_penalty_decision"
            ) {
                let number = paper.number.clone();
                if let Some(party) = paper.party.as_deref().and_then(|id| self.party_mut(id)) {
                    party.decision_number = number;
                }
            }
        }
        self.last_on = Some(
            self.last_on
                .map_or(event.occurred_on, |last| last.max(event.occurred_on)),
        );
    }

    fn party_mut(&mut self, id: &str) -> Option<&mut PartyState> {
        self.parties.iter_mut().find(|p| p.party.id == id)
    }

    fn limit_mut(&mut self, code: &str, party: Option<&str>) -> Option<&mut LimitRun> {
        let of = |run: &&mut LimitRun| run.code == code && run.party.as_deref() == party;
        self.limits.iter_mut().rev().find(of)
    }

    /// An order to put things right reaches whom its form or its decision names, or else everybody.
    fn correct(&mut self, effect: &Effect, event: &CaseActed) {
        let Effect::Set { fact, value, .. } = effect else {
            return;
        };
        if (fact.as_str(), value.as_str()) != ("correction", "ordered") {
            return;
        }
        let named = event.fields.get(ADDRESSEE).and_then(FieldValue::as_text);
        let named = named.map(str::trim).filter(|name| !name.is_empty());
        for track in &mut self.parties {
            track.told_to_correct |= match (&event.party, named) {
                (Some(id), _) => *id == track.party.id,
                (None, Some(name)) => name == track.party.name.trim(),
                (None, None) => true,
            };
        }
    }

    fn set(&mut self, fact: &str, value: &str, party: Option<&str>) {
        let facts = match party {
            None => Some(&mut self.facts),
            Some(id) => self.party_mut(id).map(|p| &mut p.facts),
        };
        if let Some(facts) = facts {
            facts.insert(fact.to_owned(), value.to_owned());
        }
    }

    /// Folds one effect; `on` is the legal date of its event.
    pub fn apply(&mut self, effect: &Effect, on: Date) {
        match effect {
            Effect::Open {
                name,
                cause,
                source,
                discovered_on,
                unit,
            } => {
                self.name.clone_from(name);
                self.cause.clone_from(cause);
                self.source.clone_from(source);
                self.unit.clone_from(unit);
                self.discovered_on = Some(*discovered_on);
            }
            Effect::Set { fact, value, party } => {
                if fact == "filed" && value == "yes" {
                    self.filed_on = Some(on);
                }
                self.set(fact, value, party.as_deref());
            }
            Effect::Move { stage } => {
                self.stage.clone_from(stage);
                self.closed_on = (stage == "S10" || stage.starts_with('E'))
                    .then_some(on)
                    .or(self.closed_on);
            }
            Effect::Number { number } => self.number = Some(number.clone()),
            Effect::Assign { role, people } => {
                self.roles
                    .entry(role.clone())
                    .or_default()
                    .extend(people.iter().cloned());
            }
            Effect::Release { role, people } => {
                if let Some(holders) = self.roles.get_mut(role) {
                    holders.retain(|p| !people.contains(p));
                }
            }
            Effect::Recuse { people } => self.recuse(people),
            Effect::RecusalAsked { people } => {
                self.recusal_asked = people.iter().cloned().collect();
            }
            Effect::Did { duty, people } => {
                self.duties
                    .entry(*duty)
                    .or_default()
                    .extend(people.iter().cloned());
            }
            Effect::AddParty { party } => self.parties.push(PartyState::new(party)),
            Effect::AmendParty { party } => {
                self.set(CHANGE, "none", Some(&party.id));
                if let Some(track) = self.party_mut(&party.id) {
                    track.amend(party);
                }
            }
            Effect::Evidence { item } => {
                self.evidence.push(item.clone());
                self.dossier_version += 1;
                self.set(COVERED, "no", None);
            }
            Effect::Excluded { no } => {
                if self.counting_evidence().any(|(known, _)| known == *no) {
                    self.excluded.insert(*no);
                }
                self.dossier_version += 1;
                self.set(COVERED, "no", None);
            }
            Effect::Propose { dispositions } => {
                self.proposal.clone_from(dispositions);
                self.proposal_version += 1;
                self.concluded = None;
                self.set(COVERED, "no", None);
            }
            Effect::Compared { party, change } => self.set(CHANGE, change.name(), Some(party)),
            Effect::Reviewed { passed, points, .. } => self.reviewed(*passed, points),
            Effect::Answered { answers } => {
                self.answers.clone_from(answers);
                self.set(POINTS, "answered", None);
            }
            Effect::Named { names } => self.named.extend(names.iter().cloned()),
            Effect::Concluded => self.concluded = Some(self.proposal_version),
            Effect::Requested { request } => self.requests.push(request.clone()),
            Effect::Endorsed {
                request,
                person,
                opinion,
                on,
            } => {
                if let Some(waiting) = self.requests.iter_mut().find(|r| r.id == *request) {
                    waiting
                        .approvals
                        .push((person.clone(), opinion.clone(), *on));
                }
            }
            Effect::Switched(switched) => self.switch(switched),
            Effect::Closed { request } => self.requests.retain(|r| r.id != *request),
            Effect::Start { .. } | Effect::Limit { .. } | Effect::Extended { .. } => {
                self.apply_limit(effect);
            }
            _ => self.apply_track(effect, on),
        }
    }

    /// Everything is called as the newer version calls it; runs, values and people stay.
    fn switch(&mut self, switched: &Switched) {
        let renamed = |names: &[(String, String)], name: &str| {
            let found = names.iter().find(|(old, _)| old == name);
            found.map_or_else(|| name.to_owned(), |(_, new)| new.clone())
        };
        self.stage = renamed(&switched.stages, &self.stage);
        for run in &mut self.limits {
            run.code = renamed(&switched.limits, &run.code);
        }
        let tracks = self.parties.iter_mut().map(|p| &mut p.facts);
        for facts in tracks.chain([&mut self.facts]) {
            let named = std::mem::take(facts).into_iter().map(|(fact, value)| {
                let mut values = switched.values.iter();
                let changed = values.find(|(of, old, _)| (of, old) == (&fact, &value));
                let value = changed.map_or(value, |(.., new)| new.clone());
                (renamed(&switched.facts, &fact), value)
            });
            *facts = named.collect();
        }
        let roles = std::mem::take(&mut self.roles).into_iter();
        for (role, people) in roles {
            let role = renamed(&switched.roles, &role);
            self.roles.entry(role).or_default().extend(people);
        }
    }

    fn recuse(&mut self, people: &[String]) {
        self.recused.extend(people.iter().cloned());
        for holders in self.roles.values_mut() {
            holders.retain(|p| !people.contains(p));
        }
        self.set(COVERED, "no", None);
    }

    fn reviewed(&mut self, passed: bool, points: &[String]) {
        self.points = points.to_vec();
        self.answers.clear();
        if passed {
            self.review_covers = Some((self.proposal_version, self.dossier_version));
            self.set(COVERED, "yes", None);
            self.set(POINTS, "none", None);
            if self.facts.get(AFTER_HEARING).is_some_and(|v| v == "due") {
                self.set(AFTER_HEARING, "yes", None);
            }
        } else {
            self.set(POINTS, "open", None);
        }
    }

    fn apply_limit(&mut self, effect: &Effect) {
        match effect {
            Effect::Start {
                limit,
                party,
                on,
                span,
                roll,
            } => self.limits.push(LimitRun {
                code: limit.clone(),
                party: party.clone(),
                on: *on,
                span: span.clone(),
                roll: *roll,
                pauses: Vec::new(),
                extensions: Vec::new(),
                status: LimitStatus::Running,
                ended_on: None,
            }),
            Effect::Limit {
                limit,
                party,
                status,
                on,
            } => {
                let Some(run) = self.limit_mut(limit, party.as_deref()) else {
                    return;
                };
                match (run.status, status) {
                    (_, LimitStatus::Paused) => run.pauses.push(Pause {
                        from: *on,
                        to: None,
                    }),
                    (LimitStatus::Paused, _) => {
                        if let Some(pause) = run.pauses.last_mut() {
                            pause.to = Some(*on);
                        }
                    }
                    (LimitStatus::Ended, LimitStatus::Running) => run.go_on(*on),
                    _ => {}
                }
                if matches!(status, LimitStatus::Expired | LimitStatus::Ended) {
                    run.ended_on = Some(*on);
                }
                run.status = *status;
            }
            Effect::Extended {
                limit,
                party,
                extension,
            } => {
                if let Some(run) = self.limit_mut(limit, party.as_deref()) {
                    run.extensions.push(extension.clone());
                }
            }
            _ => {}
        }
    }

    /// Effects on the track of one party.
    fn apply_track(&mut self, effect: &Effect, on: Date) {
        let (id, heard) = match effect {
            Effect::Heard { party } => (party, true),
            Effect::Notified { party }
            | Effect::Defended { party, .. }
            | Effect::Decided { party }
            | Effect::Paid { party, .. }
            | Effect::Owes { party, .. }
            | Effect::Redecided { party, .. }
            | Effect::Added { party, .. }
            | Effect::Refunded { party, .. }
            | Effect::Executed { party, .. }
            | Effect::NewRound { party, .. }
            | Effect::Published { party, .. }
            | Effect::Withdrawn { party, .. } => (party, false),
            _ => return,
        };
        if heard {
            self.dossier_version += 1;
            self.set(COVERED, "no", None);
            self.set(AFTER_HEARING, "due", None);
            return;
        }
        if let Effect::NewRound { .. } = effect {
            self.set(COVERED, "no", None);
            self.set(AFTER_HEARING, "none", None);
            self.set(POINTS, "none", None);
            self.set(CHANGE, "none", Some(id));
            self.concluded = None;
        }
        if let Effect::Notified { .. } = effect {
            self.set(CHANGE, Change::Same.name(), Some(id));
        }
        let proposed = self.proposed(id).cloned();
        let together = self.concluded == Some(self.proposal_version);
        let Some(track) = self.party_mut(id) else {
            return;
        };
        match effect {
            Effect::Notified { .. } => track.notify(proposed),
            Effect::Decided { .. } => track.decide(proposed, on, together),
            _ => track.apply(effect),
        }
    }
}

/// Folds a whole stream of case events.
pub fn fold<'a>(events: impl IntoIterator<Item = &'a CaseActed>) -> State {
    let mut state = State::default();
    for event in events {
        state.apply_event(event);
    }
    state
}
