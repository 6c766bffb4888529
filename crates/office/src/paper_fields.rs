//! The named places of templates, filled from what the case knows (see `papers::FIELD_IDS`).

mod by_template;

pub(crate) use by_template::changed_by;

use std::collections::BTreeMap;

use casework::{
    field::FieldValue,
    party::Party,
    proposal::{Disposition, Excuse, PenaltyKind},
    state::{PartyState, State},
};
use law::money::Fen;

use crate::paper_data::{Maker, date_text, limit_text, numbered};

/// Template place ← form fields that may fill it, first match wins.
const FROM_FORM: [(&str, &[&str]); 18] = [
    ("content", &["record", "problems", "public_facts", "duty"]),
    ("started_at", &["inspected_at", "began_at"]),
    (
        "conclusion",
        &["report", "opinion", "answers", "record", "points"],
    ),
    ("suggestion", &["report", "opinion", "summary"]),
    ("result", &["correction", "disposal", "record"]),
    ("measure", &["disposal"]),
    ("report", &["record"]),
    ("investigation_process", &["report"]),
    ("case_brief", &["summary", "report"]),
    ("filing_reason", &["summary"]),
    ("interviewee_code", &["interviewee_id"]),
    ("closing_kind", &["kind"]),
    ("execution", &["summary"]),
    ("hearing_place", &["place"]),
    ("defence_way", &["form"]),
    ("obligation", &["duty"]),
    ("refusal", &["witness"]),
    ("electronic_address", &["address"]),
];

/// The step whose form says when, where and how a hearing is held.
const HEARING_NOTICE: &str = "A27";

/// Adds the places that a form does not fill by their own name.
pub(crate) fn add_aliases(
    maker: &Maker<'_>,
    template: &str,
    party: Option<&Party>,
    field: &mut BTreeMap<String, String>,
) {
    for (place, sources) in FROM_FORM {
        if field.get(place).is_none_or(String::is_empty)
            && let Some(text) = sources.iter().find_map(|s| field.get(*s)).cloned()
        {
            field.insert(place.to_owned(), text);
        }
    }
    let mut put = |place: &str, text: String| {
        if !text.is_empty() && field.get(place).is_none_or(String::is_empty) {
            field.insert(place.to_owned(), text);
        }
    };
    if maker.event.party.is_none() && maker.state.parties.len() > 1 {
        of_each_party(maker, &mut put);
    }
    if let Some(track) = party.and_then(|p| maker.state.party(&p.id)) {
        of_party(maker, track, &mut put);
    }
    by_template::of_template(maker, template, party, &mut put);
    of_case(maker.state, &mut put);
    for (template, number, on) in [
        (
            "preservation_notice",
            "preservation_number",
            "preservation_on",
        ),
        ("correction_order", "correction_number", "correction_on"),
    ] {
        last_paper(maker, template, number, on, &mut put);
    }
}

/// What every paper may say of the case.
fn of_case(state: &State, put: &mut impl FnMut(&str, String)) {
    let fact = |id: &str| state.facts.get(id).map(String::as_str).unwrap_or_default();
    let is_reviewed = !matches!(fact("review_due"), "" | "no" | "unset");
    put("review_due", yes_no(is_reviewed));
    put("discussion_due", yes_no(fact("discuss_due") == "yes"));
    put(
        "correction_state",
        correction_words(fact("correction")).to_owned(),
    );
    put("crime_suspicion", crime_words(fact("crime")).to_owned());
    if fact("review") == "passed" {
        put("review_summary", "法制审核意见：同意".to_owned());
    }
    put(
        "closed_on",
        state.closed_on.map(date_text).unwrap_or_default(),
    );
    put("paper_count", state.papers.len().to_string());
    let first = state.proposal.first();
    put(
        "case_brief",
        first.map(|d| d.facts.clone()).unwrap_or_default(),
    );
}

/// How the decision came about, where leaders concluded on it together (行政处罚法 57(2)).
fn discussion(state: &State) -> String {
    let concluded = state.facts.get("deliberation");
    if concluded.is_some_and(|v| v == "concluded") {
        "负责人集体讨论决定".to_owned()
    } else {
        String::new()
    }
}

/// When what is no money is to be performed; a warning and a criticism take effect with their service.
pub(crate) fn performance(decided: Option<&Disposition>) -> String {
    let others = decided.into_iter().flat_map(|d| &d.penalties);
    let lines: Vec<String> = others
        .filter(|p| !p.kind.is_money())
        .map(|p| match p.kind {
            PenaltyKind::Warning | PenaltyKind::Criticism => {
                format!("{}：自本决定书送达之日起生效。", p.kind.title())
            }
            kind => format!("{}：自本决定书送达之日起履行。", kind.title()),
        })
        .collect();
    numbered(&lines)
}

/// What a decision says of how it came about, of the notice and of what the party answered.
pub(crate) fn told(state: &State, track: &PartyState) -> Vec<(&'static str, String)> {
    let id = track.party.id.as_str();
    let fact = |name: &str| {
        track
            .facts
            .get(name)
            .map(String::as_str)
            .unwrap_or_default()
    };
    let since = state.limit("N-SB", Some(id)).map(|run| date_text(run.on));
    let is_notice =
        |template: &str| matches!(template, "penalty_hearing_notice" | "penalty_notice");
    let mut papers = state.papers.iter().rev().map(|(_, paper)| paper);
    let notice = papers.find(|p| is_notice(&p.template) && p.party.as_deref() == Some(id));
    let number = notice.and_then(|p| p.number.clone()).unwrap_or_default();
    let title = notice.map(|p| p.title.clone()).unwrap_or_default();
    let notice_words = match (&since, track.notified.is_some()) {
        (Some(on), true) if !title.is_empty() => {
            let number = if number.is_empty() {
                number.clone()
            } else {
                format!("（{number}）")
            };
            format!("{on}，本机关向当事人送达《{title}》{number}，告知")
        }
        (_, true) => "已依法告知".to_owned(),
        _ => String::new(),
    };
    vec![
        ("notice_on", since.unwrap_or_default()),
        ("notice_number", number),
        ("notice_title", title),
        (
            "defence_summary",
            defence_words(&notice_words, fact("defence"), fact("hearing")),
        ),
        ("discussion", discussion(state)),
    ]
}

/// What a paper of the whole case says of every party, each by name.
fn of_each_party(maker: &Maker<'_>, put: &mut impl FnMut(&str, String)) {
    let each = |of: &dyn Fn(&PartyState) -> String| {
        let lines = maker.state.parties.iter().filter_map(|track| {
            let text = of(track);
            (!text.is_empty()).then(|| format!("{}：{text}", track.party.name.trim()))
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let summary = |track: &PartyState| {
        let told = told(maker.state, track).into_iter();
        told.filter(|(place, _)| *place == "defence_summary")
            .map(|(_, text)| text)
            .collect()
    };
    put("defence_summary", each(&summary));
    let due =
        |track: &PartyState| yes_no(track.facts.get("hearing_due").is_some_and(|v| v == "yes"));
    put("hearing_due", each(&due));
    put(
        "no_penalty_reason",
        each(&|track| no_penalty_words(maker, &track.party.id)),
    );
}

fn of_party(maker: &Maker<'_>, track: &PartyState, put: &mut impl FnMut(&str, String)) {
    let id = &track.party.id;
    let fact = |name: &str| {
        track
            .facts
            .get(name)
            .map(String::as_str)
            .unwrap_or_default()
    };
    put(
        "decision_number",
        track.decision_number.clone().unwrap_or_default(),
    );
    put(
        "decision_on",
        track.decided_on.map(date_text).unwrap_or_default(),
    );
    put("hearing_due", yes_no(fact("hearing_due") == "yes"));
    for (place, text) in told(maker.state, track) {
        put(place, text);
    }
    put(
        "compared_with_notice",
        change_words(fact("@change")).to_owned(),
    );
    put("no_penalty_reason", no_penalty_words(maker, id));
    if matches!(fact("money"), "overdue" | "deferred" | "agreement") {
        of_debt(maker, track, put);
    }
    put("guardian_duty", guardian_words(maker, track).to_owned());
    put("performance", performance(maker.disposition(id)));
    put("perform_days_text", limit_text(maker.pack, "QZ-54"));
    // Reconsideration runs from the service of the decision (行政复议法 20).
    put("served_on", limit_start(maker, "FY-20", Some(id)));
    put("defence_reply", defence_reply(maker, id));
    of_hearing(maker, id, put);
}

/// What is still owed, fine and confiscated gains apart, and the sum with what is added (行政强制法 35(3)).
///
/// Payments are not booked to one or the other: where both were decided and a part is paid, only the sum is sure.
fn of_debt(maker: &Maker<'_>, track: &PartyState, put: &mut impl FnMut(&str, String)) {
    let unpaid = track.principal_fen().saturating_sub(track.paid_fen);
    let decided = track.decided.as_ref();
    let (fine, gains) = decided.map_or((0, 0), |d| (d.fine_fen(), d.gains_fen()));
    let (fine, gains) = match (fine > 0, gains > 0) {
        (true, false) => (unpaid, 0),
        (false, true) => (0, unpaid),
        _ if fine.saturating_add(gains) == unpaid => (fine, gains),
        _ => (0, 0),
    };
    let added = match maker.event.fields.get("added_fine_due") {
        Some(FieldValue::Money(fen)) => *fen,
        _ => track.added_fen,
    };
    let total = unpaid.saturating_add(added);
    for (place, fen) in [
        ("fine_due", fine),
        ("gains_due", gains),
        ("added_fine_due", added),
        ("total_due", total),
    ] {
        if fen > 0 {
            put(
                place,
                format!("人民币{}（{}）", Fen(fen).to_capitals(), Fen(fen)),
            );
        }
    }
}

/// Day and hour, place and openness, as the notice of the hearing says them (行政处罚法 64(2)(3)).
fn of_hearing(maker: &Maker<'_>, party: &str, put: &mut impl FnMut(&str, String)) {
    let notice = if maker.event.step == HEARING_NOTICE {
        Some(maker.event)
    } else {
        maker.earlier(HEARING_NOTICE, party)
    };
    let Some(notice) = notice else { return };
    let value = |id: &str| notice.fields.get(id);
    let words = |id: &str| {
        let step = maker.pack.steps.iter().find(|s| s.id == HEARING_NOTICE);
        let field = step.and_then(|s| s.form.iter().find(|f| f.id == id));
        match (field, value(id)) {
            (Some(field), Some(value)) => maker.value_text(&field.kind, value),
            _ => String::new(),
        }
    };
    if let Some(FieldValue::Date(on)) = value("hearing_on") {
        let at = format!("{}{}", date_text(*on), words("hearing_time"));
        put("hearing_at", at);
    }
    put("hearing_place", words("place"));
    put("hearing_open", words("hearing_open"));
    if let Some(applied) = maker.earlier("A26.apply", party) {
        put("hearing_applied_on", date_text(applied.occurred_on));
    }
}

/// Why what the party raised was adopted or not, point by point, as the last answer has it (行政处罚法 45).
fn defence_reply(maker: &Maker<'_>, party: &str) -> String {
    let raised = maker
        .state
        .party(party)
        .map_or(0, |track| track.defence.len());
    let answered = ["A29.keep", "A29.adopt"]
        .iter()
        .filter_map(|step| maker.earlier(step, party))
        .max_by_key(|event| event.occurred_on);
    match answered.and_then(|event| event.fields.get("answers")) {
        Some(FieldValue::Points(answers)) if raised > 0 => {
            format!("复核意见和理由：{}", numbered(answers))
        }
        _ => String::new(),
    }
}

/// `notice` is how the party was told, up to the word 告知.
fn defence_words(notice: &str, defence: &str, hearing: &str) -> String {
    let told = if notice.is_empty() {
        String::new()
    } else {
        format!("{notice}拟作出的行政处罚内容及事实、理由、依据和当事人享有的权利。")
    };
    let defence = match defence {
        "waived" => "当事人书面明确放弃陈述、申辩。",
        "raised" | "rejected" => "当事人提出陈述、申辩，经复核，不予采纳。",
        "adopted" => "当事人提出陈述、申辩，经复核，予以采纳。",
        _ if !notice.is_empty() => "当事人在规定期限内未提出陈述、申辩。",
        _ => "",
    };
    let hearing = match hearing {
        "held" => "本机关依法举行了听证。",
        "waived" => "当事人书面放弃听证。",
        "expired" | "refused" => "当事人在规定期限内未要求听证。",
        "abandoned" => "当事人无正当理由未出席听证，视为放弃听证权利。",
        "withdrawn" => "当事人撤回听证申请。",
        _ => "",
    };
    format!("{told}{defence}{hearing}")
}

fn change_words(change: &str) -> &'static str {
    match change {
        "same" => "同",
        "lighter" => "轻",
        "heavier" => "重",
        "different" => "异",
        _ => "",
    }
}

fn correction_words(correction: &str) -> &'static str {
    match correction {
        "self_done" => "当事人已自行改正",
        "ordered" => "已责令改正",
        "passed" => "经复查已改正",
        "overdue" => "逾期未改正",
        "referred" => "逾期未改正，已另行处理",
        _ => "",
    }
}

fn no_penalty_words(maker: &Maker<'_>, party: &str) -> String {
    let Some(d) = maker.disposition(party) else {
        return String::new();
    };
    if !d.proven {
        return "违法事实不能成立，依据《中华人民共和国行政处罚法》第五十七条第一款第三项，不予行政处罚。".to_owned();
    }
    let article = match d.excuse {
        Some(Excuse::Minor | Excuse::First) => "第三十三条第一款",
        Some(Excuse::NoFault) => "第三十三条第二款",
        Some(Excuse::AgeMind) => match of_age_or_mind(maker, party) {
            Some(Unable::Age) => "第三十条",
            Some(Unable::Mind) => "第三十一条",
            None => "第三十条、第三十一条",
        },
        None => return String::new(),
    };
    let words = Excuse::ALL
        .iter()
        .find(|(e, ..)| Some(*e) == d.excuse)
        .map_or("", |(.., words)| *words);
    format!("{words}，依据《中华人民共和国行政处罚法》{article}，不予行政处罚。")
}

/// Why a natural person bears no penalty: under fourteen (30), or unable to understand or control (31).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unable {
    Age,
    Mind,
}

/// Which of the two it is, as the articles of the proposal say.
fn of_age_or_mind(maker: &Maker<'_>, party: &str) -> Option<Unable> {
    let d = maker.disposition(party)?;
    if !maker.state.party(party)?.party.kind.is_natural() || d.excuse != Some(Excuse::AgeMind) {
        return None;
    }
    let cites = |article: &str| {
        let mut basis = d.basis.iter();
        basis.any(|b| b.contains("行政处罚法") && b.contains(article))
    };
    match (cites("第三十条"), cites("第三十一条")) {
        (true, false) => Some(Unable::Age),
        (false, true) => Some(Unable::Mind),
        _ => None,
    }
}

/// The guardian's duty, where there is a guardian: never for an organisation (行政处罚法 30, 31).
fn guardian_words(maker: &Maker<'_>, track: &PartyState) -> &'static str {
    match of_age_or_mind(maker, &track.party.id) {
        Some(Unable::Age) => "责令监护人加以管教。",
        Some(Unable::Mind) => "责令其监护人严加看管和治疗。",
        None => "",
    }
}

fn crime_words(crime: &str) -> &'static str {
    match crime {
        "suspected" => "疑似涉嫌犯罪",
        "not_approved" => "曾报告涉嫌犯罪，经审查不批准移送",
        "transferred" => "涉嫌犯罪，已移送公安机关",
        "police_filed" => "涉嫌犯罪，公安机关已立案",
        "police_refused" => "曾移送公安机关，公安机关不予立案",
        "judicial_end" => "曾移送司法处理，司法程序已终结，须依法作行政处理",
        _ => "未发现涉嫌犯罪",
    }
}

fn yes_no(yes: bool) -> String {
    if yes { "是" } else { "否" }.to_owned()
}

fn limit_start(maker: &Maker<'_>, code: &str, party: Option<&str>) -> String {
    maker
        .state
        .limit(code, party)
        .map(|run| date_text(run.on))
        .unwrap_or_default()
}

fn last_paper(
    maker: &Maker<'_>,
    template: &str,
    number: &str,
    on: &str,
    put: &mut impl FnMut(&str, String),
) {
    if let Some((_, paper)) = maker
        .state
        .papers
        .iter()
        .rev()
        .find(|(_, p)| p.template == template)
    {
        put(number, paper.number.clone().unwrap_or_default());
        put(on, date_text(paper.on));
    }
}
