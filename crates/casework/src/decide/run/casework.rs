//! What a step does beside facts and limits: people, parties, evidence, proposals, decisions, money.

use law::pack::Effect as PackEffect;

use super::{
    super::{compute, evidence},
    Runner, disposition_of,
};
use crate::{
    effect::{Effect, PublishedItem},
    field::FieldValue,
    party::Party,
    proposal::{Disposition, PenaltyKind},
};

impl Runner<'_> {
    /// Effects that speak of casework rather than of facts.
    pub(super) fn domain(&mut self, effect: &PackEffect) {
        match effect {
            PackEffect::Assign(role, field) => {
                let people = match field {
                    Some(field) => self.persons(field),
                    None => self.people.iter().map(|p| p.person.clone()).collect(),
                };
                self.emit(Effect::Assign {
                    role: role.clone(),
                    people,
                });
            }
            PackEffect::Recuse(field) => {
                let people = self.persons(field);
                self.emit(Effect::Recuse { people });
            }
            PackEffect::AskRecusal(field) => {
                let people = self.persons(field);
                self.emit(Effect::RecusalAsked { people });
            }
            PackEffect::Replace(role, out, coming) => {
                let (out, coming) = (self.persons(out), self.persons(coming));
                self.emit(Effect::Release {
                    role: role.clone(),
                    people: out,
                });
                self.emit(Effect::Assign {
                    role: role.clone(),
                    people: coming,
                });
            }
            PackEffect::Parties(field) => self.open(field),
            PackEffect::Evidence(of) => {
                let item = evidence::item(&self.state, *of, self.record, self.fields);
                self.emit(Effect::Evidence { item });
            }
            PackEffect::Exclude(field) => {
                if let Some(no) = self.int(field).and_then(|no| u32::try_from(no).ok()) {
                    self.emit(Effect::Excluded { no });
                }
            }
            PackEffect::Propose => self.propose(),
            PackEffect::ReviewPassed => self.review(true),
            PackEffect::ReviewReturned => self.review(false),
            PackEffect::Conclude => self.emit(Effect::Concluded),
            _ => self.party_effect(effect),
        }
    }

    /// Whether the party's decision may be made again as it was: only a ruling that orders a new one bars it,
    /// and the ruling's own ground counts, not what the bureau calls it.
    fn same_again(&self, party: &str) -> bool {
        let track = self.state.party(party);
        track.is_none_or(|p| !p.is("remedy", "redo") || p.is("ruling", "procedure"))
    }

    fn party_effect(&mut self, effect: &PackEffect) {
        let Some(party) = self.party.clone() else {
            return;
        };
        let recorded = match effect {
            PackEffect::Notify => Effect::Notified { party },
            PackEffect::Hear => Effect::Heard { party },
            PackEffect::Decide => Effect::Decided { party },
            PackEffect::Pay => Effect::Paid {
                party,
                amount_fen: self.amount("amount"),
            },
            PackEffect::Refund => Effect::Refunded {
                party,
                amount_fen: self.amount("amount"),
            },
            PackEffect::Surcharge(field) => match self.fields.get(field) {
                Some(FieldValue::Money(fen)) => Effect::Added {
                    party,
                    amount_fen: *fen,
                },
                _ => return,
            },
            PackEffect::Execute(field) => match PenaltyKind::named(&self.text(field)) {
                Some(kind) => Effect::Executed { party, kind },
                None => return,
            },
            PackEffect::Redecide(field) => match disposition_of(self.fields, field, &party) {
                Some(changed) => Effect::Redecided {
                    party,
                    disposition: Box::new(changed.clone()),
                },
                None => return,
            },
            PackEffect::NewRound => Effect::NewRound {
                procedural: self.same_again(&party),
                party,
            },
            PackEffect::Publish => {
                let item = PublishedItem {
                    facts: self.text("public_facts"),
                    until: self.date("public_until"),
                };
                Effect::Published { party, item }
            }
            PackEffect::AmendParty(field) => {
                let Some(FieldValue::Parties(parties)) = self.fields.get(field) else {
                    return;
                };
                let Some(amended) = parties.first().cloned() else {
                    return;
                };
                // Papers and proposals of the case go on naming the party by its place in it.
                Effect::AmendParty {
                    party: Party {
                        id: party,
                        ..amended
                    },
                }
            }
            PackEffect::Withdraw => Effect::Withdrawn {
                party,
                reason: self.text("reason"),
            },
            _ => return,
        };
        self.emit(recorded);
    }

    fn open(&mut self, field: &str) {
        if self.state.version == 0 {
            let unit = self
                .people
                .first()
                .and_then(|p| self.ctx.roster.get(&p.person))
                .map(|p| p.unit.clone());
            self.emit(Effect::Open {
                name: self.text("case_name"),
                cause: self.text("cause"),
                source: self.text("source"),
                discovered_on: self.date("discovered_on").unwrap_or(self.on),
                unit: unit.unwrap_or_default(),
            });
            let stage = self
                .ctx
                .pack
                .stages
                .first()
                .map(|s| s.id.clone())
                .unwrap_or_default();
            self.emit(Effect::Move { stage });
        }
        if let Some(FieldValue::Parties(parties)) = self.fields.get(field) {
            for party in parties.clone() {
                self.emit(Effect::AddParty { party });
            }
        }
    }

    fn propose(&mut self) {
        let dispositions: Option<Vec<Disposition>> = self.fields.values().find_map(|v| match v {
            FieldValue::Proposal(list) => Some(list.clone()),
            _ => None,
        });
        self.emit(Effect::Propose {
            dispositions: dispositions.unwrap_or_default(),
        });
        for party in self.state.party_ids() {
            let change = compute::change(&self.state, &party);
            self.emit(Effect::Compared { party, change });
        }
    }

    fn review(&mut self, passed: bool) {
        let items = self.fields.values().find_map(|v| match v {
            FieldValue::TenItems(items) => Some(items.clone()),
            _ => None,
        });
        let points = if passed {
            Vec::new()
        } else {
            self.points("points")
        };
        self.emit(Effect::Reviewed {
            passed,
            items: items.unwrap_or_default(),
            points,
        });
    }
}
