//! What is printed: from state and event to the data contract of the papers.

use std::collections::BTreeMap;

use casework::{
    config::Config,
    decide::PaperPlan,
    event::{CaseActed, Issued, Part, Phase},
    field::{FieldValue, REVIEW_ITEMS},
    party::{Party, PartyKind},
    person::{Body, Person},
    proposal::{Disposition, Penalty},
    state::{Request, State},
};
use jiff::civil::Date;
use law::{
    calendar::Calendar,
    money::Fen,
    pack::{Duty, FieldType, Pack, Step},
};
use papers::contract as c;

use crate::{Recorded, paper_fields};

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

/// A date as papers print it.
pub(crate) fn date_text(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
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

    fn name(&self, id: &str) -> String {
        self.people
            .get(id)
            .map_or_else(|| id.to_owned(), |p| p.name.clone())
    }

    fn persons(&self) -> Vec<c::Person> {
        let on = date_text(self.event.occurred_on);
        let mut people: Vec<c::Person> = self
            .event
            .people
            .iter()
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
        people
    }

    fn role_title(&self, id: &str) -> String {
        self.pack
            .roles
            .iter()
            .find(|r| r.id == id)
            .map_or_else(|| id.to_owned(), |r| r.title.clone())
    }

    fn request(&self) -> Option<&Request> {
        let id = self.event.request.as_deref()?;
        self.before.requests.iter().find(|r| r.id == id)
    }

    fn opinions(&self) -> Vec<c::Opinion> {
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

    fn opinion(
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

    fn evidence(&self) -> Vec<c::Evidence> {
        self.state
            .evidence
            .iter()
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

    fn votes(&self) -> Vec<c::Vote> {
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

/// Questions and answers of an interview: lines that begin with 问 and 答; other text is one statement.
fn questions(record: &str) -> Vec<c::Point> {
    let mut points: Vec<c::Point> = Vec::new();
    for line in record.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let said = |mark: char| {
            line.strip_prefix(mark)
                .map(|rest| rest.trim_start_matches(['：', ':']).trim())
        };
        match (said('问'), said('答'), points.last_mut()) {
            (Some(question), ..) => points.push(c::Point {
                title: question.to_owned(),
                ..c::Point::default()
            }),
            (_, Some(answer), Some(point)) if point.result.is_empty() => {
                answer.clone_into(&mut point.result)
            }
            (_, _, Some(point)) => {
                point.result.push('\n');
                point.result.push_str(line);
            }
            _ => points.push(c::Point {
                title: "请陈述与本案有关的情况".to_owned(),
                result: line.to_owned(),
                ..c::Point::default()
            }),
        }
    }
    points
}

/// What papers print of the bureau.
pub(crate) fn bureau(body: Option<&Body>) -> c::Bureau {
    let Some(body) = body else {
        return c::Bureau::default();
    };
    c::Bureau {
        name: body.name.clone(),
        short: body.name.clone(),
        address: body.address.clone(),
        phone: body.phone.clone(),
        postcode: body.postcode.clone(),
        government: body.government.clone(),
        court: body.court.clone(),
        bank: body.bank.clone(),
        bank_account: body.bank_account.clone(),
    }
}

/// The day counts that papers tell the party, from pack and configuration.
pub(crate) fn limits(
    pack: &Pack,
    config: &Config,
    on: Date,
    correction_until: String,
) -> c::Limits {
    let defence = config.get(pack, "defence_days", on).unwrap_or_default();
    c::Limits {
        defence_days_text: format!("{defence}个工作日"),
        hearing_days_text: limit_text(pack, "CF-64a"),
        payment_days_text: limit_text(pack, "CF-67"),
        correction_until,
    }
}

fn limit_text(pack: &Pack, code: &str) -> String {
    let limit = pack.limits.iter().find(|l| l.code == code);
    match limit.map(|l| (&l.length, l.unit)) {
        Some((law::pack::Length::Fixed(count), unit)) => format!("{count}{}", unit.label()),
        _ => String::new(),
    }
}

/// The Chinese title of an option, or the text itself.
pub(crate) fn option_title(kind: &FieldType, id: &str) -> String {
    match kind {
        FieldType::Choice(options) => options
            .iter()
            .find(|(o, _)| o == id)
            .map_or_else(|| id.to_owned(), |(_, title)| title.clone()),
        _ => id.to_owned(),
    }
}

fn evidence_kind(pack: &Pack, kind: &str) -> String {
    let field = pack
        .steps
        .iter()
        .find(|s| s.id == "A09.collect")
        .and_then(|s| s.form.iter().find(|f| f.id == "kind"));
    let title = field.map_or_else(|| kind.to_owned(), |f| option_title(&f.kind, kind));
    if title.is_empty() {
        "勘验笔录、现场笔录".to_owned()
    } else {
        title
    }
}

pub(crate) fn numbered(points: &[String]) -> String {
    match points {
        [only] => only.clone(),
        _ => points
            .iter()
            .enumerate()
            .map(|(i, p)| format!("{}．{p}", i + 1))
            .collect::<Vec<_>>()
            .join("\n"),
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

pub(crate) fn party_data(party: &Party) -> c::Party {
    let (kind, code_label) = match party.kind {
        PartyKind::Person => ("person", "居民身份证号码"),
        PartyKind::IndividualBusiness => ("individual_business", "统一社会信用代码"),
        PartyKind::Organization => ("organization", "统一社会信用代码"),
    };
    c::Party {
        kind: kind.to_owned(),
        name: party.name.clone(),
        code_label: code_label.to_owned(),
        code: party.code.clone(),
        representative: party.representative.clone(),
        address: party.address.clone(),
        phone: party.phone.clone(),
    }
}

pub(crate) fn proposal_data(d: &Disposition) -> c::Proposal {
    let fine = d.fine_fen();
    let gains = d
        .penalties
        .iter()
        .find(|p| p.kind == casework::proposal::PenaltyKind::ConfiscateGains);
    c::Proposal {
        facts: d.facts.clone(),
        characterization: d.characterization.clone(),
        violated: d.violated.clone(),
        basis: d.basis.clone(),
        discretion: d.discretion.clone(),
        kinds: d
            .penalties
            .iter()
            .map(|p| c::Kind {
                name: p.kind.title().to_owned(),
                text: penalty_text(p),
            })
            .collect(),
        fine_capital: if fine > 0 {
            Fen(fine).to_capitals()
        } else {
            String::new()
        },
        fine_figures: if fine > 0 {
            figures(fine)
        } else {
            String::new()
        },
        correction: d.correction.clone(),
        illegal_gains: gains.map(penalty_text).unwrap_or_default(),
    }
}

fn figures(fen: i64) -> String {
    Fen(fen).to_string().trim_end_matches('元').to_owned()
}

/// The wording of one penalty, amounts in capitals and figures.
pub(crate) fn penalty_text(penalty: &Penalty) -> String {
    let mut text = penalty.kind.title().to_owned();
    if !penalty.text.is_empty() {
        text.push_str(&penalty.text);
    }
    if let Some(fen) = penalty.amount_fen {
        text.push_str(&format!(
            "人民币{}（￥{}）",
            Fen(fen).to_capitals(),
            figures(fen)
        ));
    }
    if let Some(days) = penalty.period_days {
        text.push_str(&format!("，期限{days}日"));
    }
    text
}
