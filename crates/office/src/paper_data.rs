//! What is printed: from state and event to the data contract of the papers.

mod dossier;
mod people;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use casework::{
    config::Config,
    decide::PaperPlan,
    event::{CaseActed, Issued, Phase},
    field::{FieldValue, REVIEW_ITEMS},
    party::Party,
    person::{Body, Person},
    proposal::Disposition,
    state::{PartyState, State},
};
use law::{
    calendar::Calendar,
    money::Fen,
    pack::{FieldType, Pack, Step},
};
use papers::contract as c;

use crate::{Recorded, paper_fields};

pub use words::evidence_kind;
use words::{adoption, questions};
pub(crate) use words::{
    bureau, date_text, limit_text, limits, numbered, option_title, party_data, penalty_text,
    proposal_data,
};

/// What every paper made by a demo or a simulated clock says of itself.
pub(crate) const DEMO_NOTE: &str = "演示或者模拟时钟生成，非正式文书";

/// The step that orders the party to put things right.
pub(crate) const ORDER: &str = "A14.order";
/// The step that preserves evidence.
pub(crate) const HOLD: &str = "A11.hold";
/// The step that sends a decision by post or through another body, and the one that records its receipt.
const SENT: &str = "A35.send";
const ARRIVED: &str = "A35.arrived";
/// Steps whose paper speaks to one party, or to each of them, without being taken for one.
const ADDRESSING: [&str; 7] = [
    HOLD,
    "A11.settle",
    ORDER,
    "A14.check",
    "A10.result",
    "A06.grant",
    "A06.refuse",
];

/// Papers that have to be served.
const SERVED: [&str; 7] = [
    "change_notice",
    "penalty_decision",
    "no_penalty_decision",
    "penalty_notice",
    "penalty_hearing_notice",
    "hearing_notice",
    "urging_letter",
];

/// All that a paper is made of.
pub(crate) struct Maker<'a> {
    pub pack: &'a Pack,
    /// State before the event, which still has the request that was granted.
    pub before: &'a State,
    /// State after the event.
    pub state: &'a State,
    /// Events before this one.
    pub earlier: &'a [Recorded],
    pub event: &'a CaseActed,
    pub body: Option<&'a Body>,
    pub people: &'a BTreeMap<String, Person>,
    pub calendar: &'a Calendar,
    pub config: &'a Config,
    pub simulated: bool,
}

impl Maker<'_> {
    /// The last earlier event that took a step for a party.
    pub(crate) fn earlier(&self, step: &str, party: &str) -> Option<&CaseActed> {
        let of = |e: &&Recorded| {
            e.acted.step == step
                && e.acted.phase == Phase::Taken
                && e.acted.party.as_deref() == Some(party)
        };
        self.earlier.iter().rev().find(of).map(|e| &e.acted)
    }

    /// The last event that took a step, this one included.
    pub(crate) fn last_taken(&self, step: &str) -> Option<&CaseActed> {
        let of = |e: &&CaseActed| e.step == step && e.phase == Phase::Taken;
        let earlier = self.earlier.iter().rev().map(|e| &e.acted);
        std::iter::once(self.event).chain(earlier).find(of)
    }

    /// The proposal for the party; an order to correct rests on its own problems and articles, never on those of
    /// the penalty (行政处罚法 28).
    fn proposal(&self, party: Option<&Party>) -> c::Proposal {
        if self.event.step == ORDER {
            return self.order();
        }
        let shown = party.and_then(|p| self.disposition(&p.id));
        shown.map(proposal_data).unwrap_or_default()
    }

    fn order(&self) -> c::Proposal {
        let fields = &self.event.fields;
        let problems = fields.get("problems").and_then(FieldValue::as_text);
        let problems = problems.unwrap_or_default();
        let points = |id: &str| match fields.get(id) {
            Some(FieldValue::Points(points)) => points.clone(),
            _ => Vec::new(),
        };
        c::Proposal {
            facts: problems.to_owned(),
            violated: points("violated"),
            basis: points("basis"),
            correction: format!("对以上问题予以改正：{problems}"),
            ..c::Proposal::default()
        }
    }

    /// The parties whose track has not ended: of the others nothing is proposed any more.
    fn open(&self) -> impl Iterator<Item = &PartyState> {
        let ended = |p: &&PartyState| p.facts.get("decision").is_some_and(|v| v == "ended");
        self.state.parties.iter().filter(move |p| !ended(p))
    }

    /// What is proposed for each party (行政处罚法 47, 57, 58).
    fn proposals(&self) -> Vec<c::PartyProposal> {
        let of = |party: &Party| c::PartyProposal {
            party: party_data(party),
            proposal: self.proposal(Some(party)),
        };
        self.open().map(|p| of(&p.party)).collect()
    }

    /// The data of one paper.
    pub fn data(&self, plan: &PaperPlan, paper_id: &str, number: Option<&str>) -> c::PaperData {
        let party = self.party(plan);
        let fields = self.fields();
        let mut field: BTreeMap<String, String> = fields
            .iter()
            .map(|f| (f.id.clone(), f.value.clone()))
            .collect();
        paper_fields::add_aliases(self, &plan.template, party, &mut field);
        c::PaperData {
            paper: c::Paper {
                id: paper_id.to_owned(),
                title: plan.title.clone(),
                number: number.unwrap_or_default().to_owned(),
                on: date_text(self.event.occurred_on),
                pages: if plan.template == "dossier_cover" {
                    self.dossier_pages()
                } else {
                    String::new()
                },
            },
            bureau: bureau(self.body),
            case: self.case(),
            party: self.addressee(party),
            parties: self
                .state
                .parties
                .iter()
                .map(|p| party_data(&p.party))
                .collect(),
            proposal: self.proposal(party),
            proposals: self.proposals(),
            limits: limits(
                self.pack,
                self.config,
                self.event.occurred_on,
                self.correction_until(&plan.template),
            ),
            fields,
            field,
            people: self.persons(),
            opinions: self.opinions(),
            evidence: self.evidence(),
            points: self.points(&plan.template, party),
            votes: self.votes(),
            items: self.items(&plan.template),
            service: self.service(party),
            origin_note: if self.simulated { DEMO_NOTE } else { "" }.to_owned(),
            verify: c::Verify {
                paper_id: paper_id.to_owned(),
                url: String::new(),
            },
        }
    }

    fn party(&self, plan: &PaperPlan) -> Option<&Party> {
        let id = plan.party.as_deref().or(self.event.party.as_deref());
        let open = self.open().count();
        let track = id
            .and_then(|id| self.state.party(id))
            .or_else(|| self.chosen())
            .or_else(|| {
                let first = self.open().next().or(self.state.parties.first());
                first.filter(|_| open <= 1 || !self.addresses())
            });
        track.map(|p| &p.party)
    }

    /// Whether the paper speaks to a party that nobody but the form names.
    fn addresses(&self) -> bool {
        ADDRESSING.contains(&self.event.step.as_str())
    }

    /// The party that the form names, or that the earlier order or preservation was addressed to.
    fn chosen(&self) -> Option<&PartyState> {
        let before = match self.event.step.as_str() {
            "A11.settle" => self.last_taken(HOLD)?,
            "A14.check" => self.last_taken(ORDER)?,
            step if ADDRESSING.contains(&step) => self.event,
            _ => return None,
        };
        let name = before.fields.get("addressee")?.as_text()?.trim();
        let named = |p: &&PartyState| p.party.name.trim() == name;
        self.state.parties.iter().find(named)
    }

    /// Whom the paper addresses: the party, or all of them where several are meant and none is chosen.
    fn addressee(&self, party: Option<&Party>) -> c::Party {
        if let Some(party) = party {
            return party_data(party);
        }
        let all = self.state.parties.iter().map(|p| p.party.name.trim());
        c::Party {
            name: all.collect::<Vec<_>>().join("、"),
            ..c::Party::default()
        }
    }

    /// What is decided for the party, also where a ruling changed it; what is proposed only while nothing is decided.
    ///
    /// A new round takes the decision away, so that its papers say what is proposed in it.
    pub(crate) fn disposition(&self, party: &str) -> Option<&Disposition> {
        let track = self.state.party(party);
        let decided = track.and_then(|p| p.decided.as_ref());
        decided.or_else(|| self.state.proposed(party))
    }

    fn case(&self) -> c::Case {
        let state = self.state;
        let stage = self.pack.stages.iter().find(|s| s.id == state.stage);
        let source = self
            .pack
            .steps
            .iter()
            .flat_map(|s| &s.form)
            .find(|f| f.id == "source");
        c::Case {
            number: state.number.clone().unwrap_or_default(),
            name: state.name.clone(),
            cause: state.cause.clone(),
            source: source.map_or_else(
                || state.source.clone(),
                |f| option_title(&f.kind, &state.source),
            ),
            discovered_on: state.discovered_on.map(date_text).unwrap_or_default(),
            filed_on: state.filed_on.map(date_text).unwrap_or_default(),
            stage: stage.map(|s| s.title.clone()).unwrap_or_default(),
        }
    }

    /// The day set by the order to correct, for the order itself, for a decision that orders it, and for what looks
    /// back at it.
    fn correction_until(&self, template: &str) -> String {
        let order = match template {
            "correction_order" | "correction_review" => self.last_taken(ORDER),
            "penalty_decision" => Some(self.event),
            _ => None,
        };
        match order.and_then(|o| o.fields.get("correct_until")) {
            Some(FieldValue::Date(date)) => date_text(*date),
            _ => String::new(),
        }
    }

    pub(crate) fn step(&self) -> Option<&Step> {
        self.pack.steps.iter().find(|s| s.id == self.event.step)
    }

    fn fields(&self) -> Vec<c::FormField> {
        let Some(step) = self.step() else {
            return Vec::new();
        };
        step.form
            .iter()
            .filter_map(|field| {
                let value = self.event.fields.get(&field.id)?;
                let text = self.value_text(&field.kind, value);
                (!text.is_empty()).then(|| c::FormField {
                    id: field.id.clone(),
                    title: field.title.clone(),
                    value: text,
                })
            })
            .collect()
    }

    pub(crate) fn value_text(&self, kind: &FieldType, value: &FieldValue) -> String {
        match value {
            FieldValue::Text(text) => option_title(kind, text),
            FieldValue::YesNo(yes) => if *yes { "是" } else { "否" }.to_owned(),
            FieldValue::Date(date) => date_text(*date),
            FieldValue::DateTime(at) => {
                format!(
                    "{}{}时{:02}分",
                    date_text(at.date()),
                    at.hour(),
                    at.minute()
                )
            }
            FieldValue::Money(fen) => format!("人民币{}（{}）", Fen(*fen).to_capitals(), Fen(*fen)),
            FieldValue::Int(n) => n.to_string(),
            FieldValue::Persons(ids) => ids
                .iter()
                .map(|id| self.name(id))
                .collect::<Vec<_>>()
                .join("、"),
            FieldValue::Points(points) => numbered(points),
            FieldValue::Upload(file) => file.name.clone(),
            FieldValue::Parties(_)
            | FieldValue::Proposal(_)
            | FieldValue::TenItems(_)
            | FieldValue::Votes(_)
            | FieldValue::Items(_) => String::new(),
        }
    }

    fn evidence(&self) -> Vec<c::Evidence> {
        self.state
            .counting_evidence()
            .map(|(no, item)| c::Evidence {
                no: no.to_string(),
                kind: evidence_kind(self.pack, &item.kind),
                name: item.name.clone(),
                source: item.origin.clone(),
                proves: item.proves.clone(),
                page: String::new(),
            })
            .collect()
    }

    fn points(&self, template: &str, party: Option<&Party>) -> Vec<c::Point> {
        match template {
            "legal_review_opinion" => self.reviewed_items(),
            "interview_record" => {
                let record = self.event.fields.get("record");
                questions(record.and_then(FieldValue::as_text).unwrap_or_default())
            }
            "defence_record" | "defence_review" | "hearing_report" => self.defence(party),
            _ => Vec::new(),
        }
    }

    fn reviewed_items(&self) -> Vec<c::Point> {
        let items = self.event.fields.values().find_map(|value| match value {
            FieldValue::TenItems(items) => Some(items),
            _ => None,
        });
        REVIEW_ITEMS
            .iter()
            .zip(items.into_iter().flatten())
            .map(|(title, item)| c::Point {
                title: (*title).to_owned(),
                result: if item.ok { "无问题" } else { "存在问题" }.to_owned(),
                detail: item.remark.clone(),
            })
            .collect()
    }

    /// What the party raised, with the answers where this step gives them (行政处罚法 45).
    fn defence(&self, party: Option<&Party>) -> Vec<c::Point> {
        let list = |id: &str| match self.event.fields.get(id) {
            Some(FieldValue::Points(points)) => points.as_slice(),
            _ => &[],
        };
        let raised: &[String] = match party.and_then(|p| self.state.party(&p.id)) {
            Some(track) if !track.defence.is_empty() => &track.defence,
            _ => list("points"),
        };
        let answers = list("answers");
        let count = raised.len().max(answers.len());
        (0..count)
            .map(|i| {
                let answer = answers.get(i).map_or("", String::as_str);
                let result = match raised.get(i) {
                    Some(_) if !answer.is_empty() => adoption(&self.event.step, answer),
                    _ => "",
                };
                let title = raised.get(i);
                c::Point {
                    title: title
                        .map_or("当事人未提出陈述、申辩意见", String::as_str)
                        .to_owned(),
                    result: result.to_owned(),
                    detail: answer.to_owned(),
                }
            })
            .collect()
    }

    fn items(&self, template: &str) -> Vec<c::Item> {
        if matches!(template, "dossier_cover" | "dossier_index") {
            return self.dossier();
        }
        if template == "supplement_index" {
            return self.supplement();
        }
        // What was preserved is disposed of thing by thing, in the same list.
        let (from, disposal) = if template == "preservation_disposal" {
            let words = self.fields().into_iter().find(|f| f.id == "disposal");
            (self.last_taken(HOLD), words.map(|f| f.value))
        } else {
            (Some(self.event), None)
        };
        let things = from.and_then(|event| {
            event.fields.values().find_map(|v| match v {
                FieldValue::Items(items) => Some(items),
                _ => None,
            })
        });
        things
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(i, thing)| c::Item {
                no: (i + 1).to_string(),
                name: thing.name.clone(),
                spec: thing.spec.clone(),
                count: thing.count.clone(),
                note: disposal.clone().unwrap_or_else(|| thing.note.clone()),
                ..c::Item::default()
            })
            .collect()
    }

    fn service(&self, party: Option<&Party>) -> c::Service {
        let sent = party
            .filter(|_| self.event.step == ARRIVED)
            .and_then(|p| self.earlier(SENT, &p.id));
        // What came back by post says who signed; how it was sent stands in the step before.
        let of = |event: &CaseActed, id: &str| {
            let step = self.pack.steps.iter().find(|s| s.id == event.step);
            let field = step.and_then(|s| s.form.iter().find(|f| f.id == id));
            match (field, event.fields.get(id)) {
                (Some(field), Some(value)) => self.value_text(&field.kind, value),
                _ => String::new(),
            }
        };
        let either = |id: &str| match of(self.event, id) {
            text if text.is_empty() => sent.map(|e| of(e, id)).unwrap_or_default(),
            text => text,
        };
        let tracking = sent.map(|e| of(e, "tracking")).unwrap_or_default();
        let paper = party.and_then(|party| self.served_paper(&party.id));
        c::Service {
            paper: paper.map(|p| p.title.clone()).unwrap_or_default(),
            number: paper.and_then(|p| p.number.clone()).unwrap_or_default(),
            method: either("method"),
            place: either("place"),
            at: date_text(self.event.occurred_on),
            recipient: of(self.event, "recipient"),
            note: if tracking.is_empty() {
                of(self.event, "witness")
            } else {
                format!("邮件号或者受托机关：{tracking}")
            },
        }
    }

    /// The paper of a party that this step serves: of the kind that the step names, or else the last one issued that
    /// has to be served.
    fn served_paper(&self, party: &str) -> Option<&Issued> {
        let named = self.event.fields.get("paper").and_then(FieldValue::as_text);
        let own = |paper: &&Issued| match named {
            Some(template) => {
                paper.template == template && paper.party.as_deref().is_none_or(|p| p == party)
            }
            None => {
                paper.party.as_deref() == Some(party) && SERVED.contains(&paper.template.as_str())
            }
        };
        let earlier = self.state.papers.iter().rev().map(|(_, paper)| paper);
        // What this very step issued is what it serves.
        self.event.papers.iter().rev().chain(earlier).find(own)
    }
}
