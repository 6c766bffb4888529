//! Who stands on a paper: those who acted, those named in the form, and the opinions and votes they gave.

use casework::{event::Part, field::FieldValue, state::Request};
use jiff::civil::Date;
use law::pack::Duty;
use papers::contract as c;

use super::{Maker, words::date_text};

impl Maker<'_> {
    pub(crate) fn name(&self, id: &str) -> String {
        self.people
            .get(id)
            .map_or_else(|| id.to_owned(), |p| p.name.clone())
    }

    pub(super) fn persons(&self) -> Vec<c::Person> {
        let on = date_text(self.event.occurred_on);
        let mut people: Vec<c::Person> = self
            .event
            .people
            .iter()
            // Whoever approves or decides stands among the opinions, and is no investigator.
            .filter(|part| !matches!(part.duty, Duty::Approve | Duty::Decide))
            .map(|part| c::Person {
                duty: duty_word(part, &self.event.step).to_owned(),
                role: self.role_title(&part.role),
                name: part.name.clone(),
                card: part.card.clone().unwrap_or_default(),
                on: on.clone(),
            })
            .collect();
        let named = [
            ("interviewee", "interviewee", "被询问人"),
            ("present", "site_manager", "现场负责人"),
            ("witness", "witness", "见证人"),
            ("recipient", "recipient", "签收人"),
            ("representatives", "party_agent", "当事人及代理人"),
            ("speaker", "party_agent", "陈述申辩人"),
        ];
        for (field, duty, role) in named {
            if let Some(name) = self
                .event
                .fields
                .get(field)
                .and_then(FieldValue::as_text)
                .filter(|t| !t.trim().is_empty())
            {
                let (duty, role) = (duty.to_owned(), role.to_owned());
                people.push(c::Person {
                    duty,
                    role,
                    name: name.to_owned(),
                    card: String::new(),
                    on: on.clone(),
                });
            }
        }
        for (field, duty, role) in [
            ("host", "host", "听证主持人"),
            ("clerk", "recorder", "听证记录员"),
        ] {
            if let Some(FieldValue::Persons(ids)) = self.event.fields.get(field) {
                people.extend(ids.iter().map(|id| self.unsigned(duty, role, id)));
            }
        }
        if !people.iter().any(|p| p.duty == "recorder") {
            // Of two officers the second keeps the record.
            let second = people
                .iter()
                .filter(|p| p.duty == "handler")
                .nth(1)
                .cloned();
            people.extend(second.map(|p| c::Person {
                duty: "recorder".to_owned(),
                role: "记录人".to_owned(),
                ..p
            }));
        }
        if !people.iter().any(|p| p.duty == "handler") {
            let handlers = self.state.assigned("handler");
            people.extend(handlers.map(|id| self.unsigned("handler", "承办人", id)));
        }
        people
    }

    /// A person whom the paper names, and who did not sign it by this step.
    fn unsigned(&self, duty: &str, role: &str, id: &str) -> c::Person {
        let card = self.people.get(id);
        let card = card.and_then(|p| p.card_on(self.event.occurred_on));
        c::Person {
            duty: duty.to_owned(),
            role: role.to_owned(),
            name: self.name(id),
            card: card.map(|c| c.number.clone()).unwrap_or_default(),
            on: String::new(),
        }
    }

    pub(super) fn role_title(&self, id: &str) -> String {
        self.pack
            .roles
            .iter()
            .find(|r| r.id == id)
            .map_or_else(|| id.to_owned(), |r| r.title.clone())
    }

    pub(super) fn request(&self) -> Option<&Request> {
        let id = self.event.request.as_deref()?;
        self.before.requests.iter().find(|r| r.id == id)
    }

    pub(super) fn opinions(&self) -> Vec<c::Opinion> {
        let words = ["opinion", "summary", "reason", "report", "note"];
        let first = words
            .iter()
            .find_map(|id| self.event.fields.get(*id).and_then(FieldValue::as_text))
            .unwrap_or("同意");
        let asked = self.request();
        let asked_on = asked.map_or(self.event.occurred_on, |r| r.on);
        let askers: &[Part] = asked.map_or(&self.event.people, |r| &r.people);
        let mut opinions: Vec<c::Opinion> = askers
            .iter()
            .map(|part| {
                self.opinion(
                    &part.role,
                    &part.name,
                    part.card.as_deref(),
                    first,
                    asked_on,
                )
            })
            .collect();
        let chain = self.step().map(|s| s.chain.as_slice()).unwrap_or_default();
        if let Some(request) = asked {
            for (crew, (person, words, on)) in chain.iter().zip(&request.approvals) {
                opinions.push(self.opinion(&crew.role, &self.name(person), None, words, *on));
            }
            if let (Some(last), Some(words)) = (self.event.people.last(), &self.event.opinion) {
                opinions.push(self.opinion(
                    &last.role,
                    &last.name,
                    None,
                    words,
                    self.event.occurred_on,
                ));
            }
        }
        opinions
    }

    pub(super) fn opinion(
        &self,
        role: &str,
        name: &str,
        card: Option<&str>,
        words: &str,
        on: Date,
    ) -> c::Opinion {
        c::Opinion {
            role: opinion_role(role).map_or_else(|| self.role_title(role), str::to_owned),
            name: name.to_owned(),
            card: card.unwrap_or_default().to_owned(),
            opinion: words.to_owned(),
            on: date_text(on),
        }
    }

    pub(super) fn votes(&self) -> Vec<c::Vote> {
        let Some(FieldValue::Votes(votes)) = self.event.fields.get("votes") else {
            return Vec::new();
        };
        votes
            .iter()
            .map(|vote| {
                let office = self.people.get(&vote.person).and_then(|p| p.roles.first());
                let agrees = if vote.agrees { "同意" } else { "不同意" };
                let view = if vote.view.trim().is_empty() {
                    agrees.to_owned()
                } else {
                    format!("{agrees}。{}", vote.view)
                };
                c::Vote {
                    name: self.name(&vote.person),
                    role: office.map(|r| self.role_title(r)).unwrap_or_default(),
                    view,
                }
            })
            .collect()
    }
}

fn duty_word(part: &Part, step: &str) -> &'static str {
    match (part.duty, part.role.as_str()) {
        (_, "hearing_host") => "host",
        (_, "hearing_clerk") => "recorder",
        (Duty::Review, _) => "reviewer",
        (_, "archivist") => "archivist",
        _ if step.contains("deliver") || step.contains("serve") || step.contains("arrived") => {
            "server"
        }
        _ => "handler",
    }
}

/// The words by which templates pick opinions; see the contract.
fn opinion_role(role: &str) -> Option<&'static str> {
    Some(match role {
        "officer" | "handler" => "承办人",
        "preliminary_reviewer" => "初审员",
        "section_head" => "承办机构负责人",
        "legal_reviewer" => "法制审核员",
        "legal_head" => "法制机构负责人",
        "leader" | "principal" | "acting_principal" => "机关负责人",
        _ => return None,
    })
}
