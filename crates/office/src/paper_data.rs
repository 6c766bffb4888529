//! What is printed: from state and event to the data contract of the papers.

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
    state::State,
};
use law::{
    calendar::Calendar,
    money::Fen,
    pack::{FieldType, Pack, Step},
};
use papers::contract as c;

use crate::{Recorded, paper_fields};

pub(crate) use words::{
    bureau, date_text, limits, numbered, option_title, party_data, penalty_text, proposal_data,
};
use words::{evidence_kind, questions};

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

    /// The proposal for the party; an order before any proposal rests on the problems it names.
    fn proposal(&self, party: Option<&Party>) -> c::Proposal {
        let mut data = party
            .and_then(|p| self.disposition(&p.id))
            .map(proposal_data)
            .unwrap_or_default();
        if let Some(problems) = self
            .event
            .fields
            .get("problems")
            .and_then(FieldValue::as_text)
        {
            problems.clone_into(&mut data.facts);
            data.correction = format!("对以上问题予以改正：{problems}");
        }
        data
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
                pages: String::new(),
            },
            bureau: bureau(self.body),
            case: self.case(),
            party: party.map(party_data).unwrap_or_default(),
            parties: self
                .state
                .parties
                .iter()
                .map(|p| party_data(&p.party))
                .collect(),
            proposal: self.proposal(party),
            limits: limits(
                self.pack,
                self.config,
                self.event.occurred_on,
                self.correction_until(),
            ),
            fields,
            field,
            people: self.persons(),
            opinions: self.opinions(),
            evidence: self.evidence(),
            points: self.points(party),
            votes: self.votes(),
            items: self.items(&plan.template),
            service: self.service(party),
            origin_note: if self.simulated {
                "演示或者模拟时钟生成，非正式文书".to_owned()
            } else {
                String::new()
            },
            verify: c::Verify {
                paper_id: paper_id.to_owned(),
                url: String::new(),
            },
        }
    }

    fn party(&self, plan: &PaperPlan) -> Option<&Party> {
        let id = plan.party.as_deref().or(self.event.party.as_deref());
        let track = id
            .and_then(|id| self.state.party(id))
            .or_else(|| self.state.parties.first());
        track.map(|p| &p.party)
    }

    pub(crate) fn disposition(&self, party: &str) -> Option<&Disposition> {
        self.state
            .proposed(party)
            .or_else(|| self.state.party(party).and_then(|p| p.decided.as_ref()))
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

    fn correction_until(&self) -> String {
        match self.event.fields.get("correct_until") {
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
            .evidence
            .iter()
            .filter(|item| !item.excluded)
            .enumerate()
            .map(|(i, item)| c::Evidence {
                no: (i + 1).to_string(),
                kind: evidence_kind(self.pack, &item.kind),
                name: item.name.clone(),
                source: item.origin.clone(),
                proves: item.proves.clone(),
                page: String::new(),
            })
            .collect()
    }

    fn points(&self, party: Option<&Party>) -> Vec<c::Point> {
        let point = |title: &str, result: &str, detail: &str| c::Point {
            title: title.to_owned(),
            result: result.to_owned(),
            detail: detail.to_owned(),
        };
        for value in self.event.fields.values() {
            if let FieldValue::TenItems(items) = value {
                return REVIEW_ITEMS
                    .iter()
                    .zip(items)
                    .map(|(title, item)| {
                        point(
                            title,
                            if item.ok { "无问题" } else { "存在问题" },
                            &item.remark,
                        )
                    })
                    .collect();
            }
        }
        if self.event.fields.contains_key("interviewee") {
            return questions(
                self.event
                    .fields
                    .get("record")
                    .and_then(FieldValue::as_text)
                    .unwrap_or_default(),
            );
        }
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
                let title = raised
                    .get(i)
                    .map_or("当事人未提出陈述、申辩意见", String::as_str);
                point(title, "", answers.get(i).map_or("", String::as_str))
            })
            .collect()
    }

    fn items(&self, template: &str) -> Vec<c::Item> {
        if matches!(template, "dossier_cover" | "dossier_index") {
            return self.dossier();
        }
        let things = self.event.fields.values().find_map(|v| match v {
            FieldValue::Items(items) => Some(items),
            _ => None,
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
                note: thing.note.clone(),
                ..c::Item::default()
            })
            .collect()
    }

    /// Papers in the order of the dossier, with their first page.
    fn dossier(&self) -> Vec<c::Item> {
        let mut papers: Vec<_> = self.state.papers.iter().map(|(_, paper)| paper).collect();
        papers.sort_by_key(|paper| (paper.order, paper.on));
        let mut page = 1;
        papers
            .into_iter()
            .enumerate()
            .map(|(i, paper)| {
                let first = page;
                page += paper.pages.max(1);
                c::Item {
                    no: (i + 1).to_string(),
                    name: paper.title.clone(),
                    number: paper.number.clone().unwrap_or_default(),
                    on: date_text(paper.on),
                    page: first.to_string(),
                    ..c::Item::default()
                }
            })
            .collect()
    }

    fn service(&self, party: Option<&Party>) -> c::Service {
        let text = |id: &str| {
            self.event
                .fields
                .get(id)
                .and_then(FieldValue::as_text)
                .unwrap_or_default()
                .to_owned()
        };
        let method = self
            .step()
            .and_then(|s| s.form.iter().find(|f| f.id == "method"));
        let paper = party.and_then(|party| self.served_paper(&party.id));
        c::Service {
            paper: paper.map(|p| p.title.clone()).unwrap_or_default(),
            number: paper.and_then(|p| p.number.clone()).unwrap_or_default(),
            method: method
                .map(|f| option_title(&f.kind, &text("method")))
                .unwrap_or_default(),
            place: text("place"),
            at: date_text(self.event.occurred_on),
            recipient: text("recipient"),
            note: text("witness"),
        }
    }

    /// The paper of a party that this step serves: the last one issued that has to be served.
    fn served_paper(&self, party: &str) -> Option<&Issued> {
        let served = [
            "penalty_decision",
            "no_penalty_decision",
            "penalty_notice",
            "penalty_hearing_notice",
            "hearing_notice",
            "urging_letter",
        ];
        let own = |paper: &&Issued| {
            paper.party.as_deref() == Some(party) && served.contains(&paper.template.as_str())
        };
        let earlier = self.state.papers.iter().rev().map(|(_, paper)| paper);
        // What this very step issued is what it serves.
        self.event.papers.iter().rev().chain(earlier).find(own)
    }
}
