//! How papers word dates, amounts, options, parties and penalties.

use casework::{
    config::Config,
    party::{Party, PartyKind},
    person::Body,
    proposal::{Disposition, Penalty},
};
use jiff::civil::Date;
use law::{
    money::Fen,
    pack::{Effect, Evidence, FieldType, Pack},
};
use papers::contract as c;

/// A date as papers print it.
pub(crate) fn date_text(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// Questions and answers of an interview: lines that begin with 问 and 答; other text is one statement.
pub(super) fn questions(record: &str) -> Vec<c::Point> {
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

/// The length of a limit as the party is told it.
pub(crate) fn limit_text(pack: &Pack, code: &str) -> String {
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

/// The Chinese title of a kind of evidence (行政处罚法 46).
pub fn evidence_kind(pack: &Pack, kind: &str) -> String {
    let mut collecting = pack.steps.iter().filter(|step| {
        let chosen = Effect::Evidence(Evidence::Chosen);
        step.effects.contains(&chosen)
    });
    let field = collecting.find_map(|s| s.form.iter().find(|f| f.id == "kind"));
    field.map_or_else(|| kind.to_owned(), |f| option_title(&f.kind, kind))
}

/// Whether a point of defence was adopted, as its answer says; where it does not, as the step decided.
pub(super) fn adoption(step: &str, answer: &str) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|w| answer.contains(w));
    if says(&["部分采纳", "部分成立"]) {
        "部分采纳"
    } else if says(&["不予采纳", "不采纳", "未采纳", "不成立", "不能成立"]) {
        "不予采纳"
    } else if says(&["采纳", "成立"]) || step == "A29.adopt" {
        "采纳"
    } else {
        "不予采纳"
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
    let (fine_capital, fine_figures) = capital_and_figures(d.fine_fen());
    let (gains_capital, gains_figures) = capital_and_figures(d.gains_fen());
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
        fine_capital,
        fine_figures,
        correction: d.correction.clone(),
        illegal_gains: gains.map(penalty_text).unwrap_or_default(),
        gains_capital,
        gains_figures,
    }
}

/// An amount in capitals and in figures; both empty where there is none.
fn capital_and_figures(fen: i64) -> (String, String) {
    if fen > 0 {
        (Fen(fen).to_capitals(), figures(fen))
    } else {
        Default::default()
    }
}

pub(super) fn figures(fen: i64) -> String {
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
