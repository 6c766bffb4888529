//! `/cases/{case}/review`: the case under legal review, with what bears on each of the ten items beside it.
//!
//! It shows and decides nothing: an opinion is given in the form of its step, which shows the same beside its items.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use casework::{
    effect::Effect,
    field::{REVIEW_ITEMS, ReviewItem},
};
use jiff::civil::Date;
use law::{
    calendar::Calendar,
    pack::{Effect as PackEffect, FieldType, Pack, ReviewAid, Scope, Step},
};
use office::CaseFile;

use super::{
    case::{
        limits::{self, LimitLine},
        rounds::{self, Difference, Round},
    },
    case_parts::{self, Event, EvidenceLine, PaperLine},
};
use crate::{
    app::{App, Frame, page},
    cited::{Cited, Laws},
    error::PageError,
    session::SignedIn,
    show::{self, Names},
    told::act_path,
};

/// The fact that says where a case stands with its review.
const REVIEW: &str = "review";

/// What a part of the proposal is called where it is shown, by its name in packs.
const CALLED: [(&str, &[&str]); 9] = [
    ("penalties", &["处理"]),
    ("finding", &["违法事实", "不予处罚事由"]),
    ("facts", &["查明"]),
    ("characterization", &["定性"]),
    ("violated", &["违反"]),
    ("basis", &["依据"]),
    ("discretion", &["裁量"]),
    ("range", &["法定幅度", "减轻情形"]),
    ("correction", &["责令改正"]),
];

/// A case under review.
pub struct Review {
    /// Where the case stands with its review, in words.
    pub standing: String,
    /// Number of the round.
    pub round: usize,
    /// Limits by which the opinion is due.
    pub clock: Vec<LimitLine>,
    /// The proposal, party by party.
    pub proposal: Vec<(String, Vec<(&'static str, String)>)>,
    /// What changed since the last opinion; none before the first.
    pub since: Option<(Vec<Difference>, Vec<String>)>,
    /// The ten items.
    pub items: Vec<Item>,
    /// The rounds.
    pub rounds: Vec<Round>,
}

/// An item of legal review with what bears on it.
pub struct Item {
    pub no: usize,
    pub title: &'static str,
    pub look: Cited,
    /// What the last opinion said of it.
    pub before: String,
    pub facts: Vec<(String, String)>,
    pub people: Vec<String>,
    pub proposal: Vec<(String, String)>,
    pub papers: Vec<PaperLine>,
    pub evidence: Vec<(String, Vec<EvidenceLine>)>,
    pub evidence_count: usize,
}

impl Item {
    /// Whether the file holds nothing that bears on it.
    pub fn is_bare(&self) -> bool {
        self.papers.is_empty() && self.evidence.is_empty() && self.proposal.is_empty()
    }
}

/// Whether a step gives an opinion on the ten items.
pub fn gives_opinion(step: &Step) -> bool {
    step.form.iter().any(|f| f.kind == FieldType::TenItems)
}

/// What a review is shown by.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub file: &'a CaseFile,
    pub names: &'a Names<'a>,
    pub calendar: &'a Calendar,
    pub laws: &'a Laws,
    pub today: Date,
}

impl Review {
    /// The review of a case as it stands.
    pub fn of(desk: Desk<'_>) -> Self {
        let Desk { file, names, .. } = desk;
        let rounds = rounds::rounds(file, names);
        let (open, _) = limits::limits(file, names, desk.calendar, desk.today);
        let codes = clock(&file.pack);
        let since = rounds.last().filter(|r| r.no > 1 && r.opinion.is_none());
        let since = since.map(|r| (r.changed.clone(), r.added.clone()));
        let last = last_opinion(file);
        let dispositions = file.state.proposal.iter();
        Self {
            standing: show::fact_of(&file.pack, REVIEW, file.state.facts.get(REVIEW)),
            round: match rounds.last() {
                Some(last) => last.no,
                None => 1,
            },
            clock: open
                .into_iter()
                .filter(|l| codes.contains(l.code.as_str()))
                .collect(),
            proposal: dispositions
                .map(|d| (names.party(&d.party), names.parts(d)))
                .collect(),
            since,
            items: (1..)
                .zip(REVIEW_ITEMS)
                .map(|(no, title)| item(desk, no, title, last.get(no - 1)))
                .collect(),
            rounds,
        }
    }
}

/// The limits that an opinion stops.
fn clock(pack: &Pack) -> BTreeSet<&str> {
    let mut codes = BTreeSet::new();
    for step in pack.steps.iter().filter(|step| gives_opinion(step)) {
        pack.walk(&step.effects, &mut |effect| {
            if let PackEffect::Stop(limit) = effect {
                codes.extend(pack.limits.get(*limit).map(|l| l.code.as_str()));
            }
        });
    }
    codes
}

/// The ten items as the last opinion has them.
fn last_opinion(file: &CaseFile) -> Vec<ReviewItem> {
    let effects = file.events.iter().rev().flat_map(|e| &e.acted.effects);
    let mut opinions = effects.filter_map(|effect| match effect {
        Effect::Reviewed { items, .. } => Some(items.clone()),
        _ => None,
    });
    opinions.next().unwrap_or_default()
}

fn item(desk: Desk<'_>, no: usize, title: &'static str, last: Option<&ReviewItem>) -> Item {
    let Desk { file, names, .. } = desk;
    let said = |item: &ReviewItem| match (item.ok, item.remark.as_str()) {
        (true, "") => "无问题".to_owned(),
        (true, remark) => format!("无问题，{remark}"),
        (false, remark) => format!("存在问题，{remark}"),
    };
    let mut item = Item {
        no,
        title,
        look: desk.laws.cite(""),
        before: last.map(said).unwrap_or_default(),
        facts: Vec::new(),
        people: Vec::new(),
        proposal: Vec::new(),
        papers: Vec::new(),
        evidence: Vec::new(),
        evidence_count: 0,
    };
    let Some(aid) = file.pack.review_aids.iter().find(|aid| aid.item == no) else {
        return item;
    };
    let of_item = |wanted: &String| aid.papers.contains(wanted);
    let papers = file.state.papers.iter().map(|(_, paper)| paper);
    item.look = desk.laws.cite(&aid.look);
    item.facts = facts(file, aid);
    item.people = people(desk, aid);
    item.proposal = proposal(file, names, aid);
    item.papers = papers
        .filter(|paper| of_item(&paper.template))
        .map(|paper| case_parts::paper_line(file, paper, names))
        .collect();
    item.evidence = case_parts::evidence_of(file, &|kind| aid.evidence.iter().any(|k| k == kind));
    item.evidence_count = item.evidence.iter().map(|(_, items)| items.len()).sum();
    item
}

/// Present values of the facts that bear on an item, a party's with its name where there are several.
fn facts(file: &CaseFile, aid: &ReviewAid) -> Vec<(String, String)> {
    let (mut found, tracks) = (Vec::new(), &file.state.parties);
    for fact in aid.facts.iter().filter_map(|at| file.pack.facts.get(*at)) {
        if fact.scope == Scope::Case {
            found.push((
                fact.title.clone(),
                show::fact(fact, file.state.facts.get(&fact.id)),
            ));
            continue;
        }
        found.extend(tracks.iter().map(|track| {
            let title = match tracks.len() {
                1 => fact.title.clone(),
                _ => format!("{}（{}）", fact.title, track.party.name),
            };
            (title, show::fact(fact, track.facts.get(&fact.id)))
        }));
    }
    found
}

/// Holders of the roles that bear on an item, each with the card where the role needs one.
fn people(desk: Desk<'_>, aid: &ReviewAid) -> Vec<String> {
    let roles = desk.file.pack.roles.iter();
    let roles = roles.filter(|role| aid.roles.contains(&role.id));
    let held = roles.flat_map(|role| {
        let people = desk.file.state.roles.get(&role.id);
        people.into_iter().flatten().map(move |id| (role, id))
    });
    held.map(|(role, id)| {
        let person = desk.names.people.get(id);
        let card = person.and_then(|p| p.card_on(desk.today));
        let card = match card {
            _ if !role.card => String::new(),
            Some(card) => format!("，执法证件 {}，有效至 {}", card.number, card.valid_to),
            None => "，今天没有有效的执法证件".to_owned(),
        };
        format!("{}：{}{card}", role.title, desk.names.person(id))
    })
    .collect()
}

/// The parts of the proposal that bear on an item, each with its party where there are several.
fn proposal(file: &CaseFile, names: &Names<'_>, aid: &ReviewAid) -> Vec<(String, String)> {
    let of_item = |called: &str| {
        let mut parts = CALLED
            .iter()
            .filter(|(id, _)| aid.proposal.iter().any(|p| p == id));
        parts.any(|(_, titles)| titles.contains(&called))
    };
    let several = file.state.proposal.len() > 1;
    let mut found = Vec::new();
    for disposition in &file.state.proposal {
        let parts = names.parts(disposition).into_iter();
        found.extend(parts.filter(|(called, _)| of_item(called)).map(|part| {
            let title = match several {
                true => format!("{}（{}）", part.0, names.party(&disposition.party)),
                false => part.0.to_owned(),
            };
            (title, part.1)
        }));
    }
    found
}

/// What was said about the review, in its order: sent, accepted, opinions, answers, coordination.
fn exchange(file: &CaseFile, names: &Names<'_>) -> Vec<Event> {
    let of_review = |effect: &Effect| match effect {
        Effect::Reviewed { .. } | Effect::Answered { .. } => true,
        Effect::Set { fact, .. } => fact == REVIEW,
        _ => false,
    };
    let events = file.events.iter();
    events
        .filter(|e| e.acted.effects.iter().any(of_review))
        .map(|e| Event::of(file, e, names))
        .collect()
}

#[derive(Template)]
#[template(path = "review.html")]
struct ReviewPage {
    frame: Frame,
    case_href: String,
    case_name: String,
    case_number: String,
    stage: String,
    review: Review,
    exchange: Vec<Event>,
    /// Steps that give an opinion, or go on with the review otherwise, which the person may take now.
    mine: Vec<(String, String)>,
}

/// The page.
pub async fn show(
    State(app): State<App>,
    signed: SignedIn,
    Path(case): Path<String>,
) -> Result<Response, PageError> {
    let file = app.office.case(&signed.person, &case).await?;
    let (roster, calendar, laws) = (
        app.office.roster().await?,
        app.office.calendar(),
        app.laws(),
    );
    let names = Names {
        people: &roster.people,
        state: &file.state,
        pack: &file.pack,
    };
    let review = Review::of(Desk {
        file: &file,
        names: &names,
        calendar: &calendar,
        laws: &laws,
        today: app.office.now().1,
    });
    let of_review = |step: &Step| {
        let answers = step.requires.iter().any(|r| r.name == "answers-points");
        let sets = step.effects.iter().any(|effect| match effect {
            PackEffect::Set(fact, _) => file.pack.facts[*fact].id == REVIEW,
            _ => false,
        });
        gives_opinion(step) || answers || sets
    };
    let options = app.office.options(&signed.person, &file).await?;
    let mine = options.iter().filter(|o| o.mine).filter_map(|o| {
        let step = file.pack.step(&o.step_id).filter(|step| of_review(step))?;
        let href = act_path(&file.id, &step.id, o.party.as_deref());
        Some((href, step.title.clone()))
    });
    let review_page = ReviewPage {
        frame: app.frame(&signed, "cases").await?,
        case_href: format!("/cases/{}", file.id),
        case_name: file.state.name.clone(),
        case_number: file.state.number.clone().unwrap_or_default(),
        stage: names.stage(&file.state.stage),
        mine: mine.collect(),
        exchange: exchange(&file, &names),
        review,
    };
    page(StatusCode::OK, &review_page)
}

#[cfg(test)]
mod tests {
    use law::pack::PROPOSAL_PARTS;

    use super::*;

    #[test]
    fn every_part_of_a_proposal_that_a_pack_may_name_is_called_something() {
        let called: Vec<&str> = CALLED.iter().map(|(id, _)| *id).collect();
        assert_eq!(called, PROPOSAL_PARTS);
    }
}
