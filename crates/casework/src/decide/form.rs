//! Form fields: present, of the declared type, and within bounds.

use jiff::civil::Date;
use law::pack::{Field, FieldType, Step};

use crate::{
    command::Context,
    field::{FieldValue, Fields},
    proposal::Disposition,
    refusal::{Reason, Refusal, RefusalKind},
    state::State,
};

const TEXT_CHARS_MAX: usize = 500;
const PROSE_CHARS_MAX: usize = 50_000;
const LIST_LEN_MAX: usize = 500;
/// Nothing that a case is about happened before; an earlier year is one of another calendar, or a slip.
const YEAR_MIN: i16 = 1900;
/// Years between the common calendar and the one of 民国, whose first year was 1912.
const MINGUO_YEARS: i16 = 1911;
/// 一万亿元: above it an amount is a slip of the finger.
const AMOUNT_FEN_MAX: i64 = 100_000_000_000_000;

/// Checks the fields of a step; all faults are reported together.
pub(super) fn check(
    state: &State,
    step: &Step,
    fields: &Fields,
    ctx: &Context<'_>,
) -> Result<(), Refusal> {
    let mut reasons = Vec::new();
    for id in fields.keys() {
        if !step.form.iter().any(|f| f.id == *id) {
            reasons.push(Reason::new(format!("该步骤没有“{id}”这一栏")).field(id.clone()));
        }
    }
    for field in &step.form {
        let fault = match fields.get(&field.id).filter(|v| !v.is_blank()) {
            None if field.required => Some(Reason::new(format!("“{}”没有填写", field.title))),
            None => None,
            Some(value) => fault(state, field, value, ctx)
                .map(Reason::new)
                .or_else(|| ahead(field, value, ctx)),
        };
        reasons.extend(fault.map(|reason| reason.field(field.id.clone())));
    }
    if reasons.is_empty() {
        Ok(())
    } else {
        Err(Refusal {
            kind: RefusalKind::BadInput,
            step: step.id.clone(),
            reasons,
        })
    }
}

fn fault(state: &State, field: &Field, value: &FieldValue, ctx: &Context<'_>) -> Option<String> {
    let title = &field.title;
    match (&field.kind, value) {
        (FieldType::Text, FieldValue::Text(text)) => too_long(title, text, TEXT_CHARS_MAX),
        (FieldType::Prose, FieldValue::Text(text)) => too_long(title, text, PROSE_CHARS_MAX),
        (FieldType::Choice(options), FieldValue::Text(id)) => {
            (!options.iter().any(|(o, _)| o == id))
                .then(|| format!("“{title}”的选项无效，请从列出的选项中选择"))
        }
        (FieldType::Money, FieldValue::Money(fen)) => {
            (!is_amount(*fen)).then(|| format!("“{title}”的金额超出允许范围（0元至1万亿元）"))
        }
        (FieldType::Persons, FieldValue::Persons(ids)) => ids
            .iter()
            .find(|id| !ctx.roster.contains_key(*id))
            .map(|id| format!("“{title}”中没有编号为“{id}”的人员")),
        (FieldType::Parties, FieldValue::Parties(parties)) => {
            parties.iter().find_map(|p| p.fault(ctx.today)).or_else(|| {
                (1..parties.len())
                    .any(|i| parties[..i].iter().any(|p| p.id == parties[i].id))
                    .then(|| format!("“{title}”中有编号重复的当事人"))
            })
        }
        (FieldType::Proposal, FieldValue::Proposal(list)) => list
            .iter()
            .find(|d| state.party(&d.party).is_none())
            .map(|d| format!("“{title}”中的“{}”不是本案当事人", d.party))
            .or_else(|| list.iter().find_map(|d| amounts_fault(title, d))),
        (FieldType::Points, FieldValue::Points(list)) => {
            too_many(title, list.len()).or_else(|| {
                list.iter()
                    .find_map(|p| too_long(title, p, PROSE_CHARS_MAX))
            })
        }
        (FieldType::Votes, FieldValue::Votes(votes)) => votes
            .iter()
            .find(|v| !ctx.roster.contains_key(&v.person))
            .map(|_| format!("“{title}”中有不存在的人员")),
        (FieldType::Items, FieldValue::Items(list)) => too_many(title, list.len()),
        (FieldType::Date, FieldValue::Date(on)) => too_early(title, *on),
        (FieldType::DateTime, FieldValue::DateTime(at)) => too_early(title, at.date()),
        (FieldType::YesNo, FieldValue::YesNo(_))
        | (FieldType::Int, FieldValue::Int(_))
        | (FieldType::TenItems, FieldValue::TenItems(_))
        | (FieldType::Upload, FieldValue::Upload(_)) => None,
        _ => Some(format!("“{title}”的格式不对，请按该栏的要求填写")),
    }
}

/// Why a day is of no year that a case has anything to do with.
pub(super) fn too_early(title: &str, on: Date) -> Option<String> {
    let year = on.year();
    if year >= YEAR_MIN {
        return None;
    }
    let meant = on.with().year(year.saturating_add(MINGUO_YEARS)).build();
    let meant = meant.map_or(String::new(), |meant| {
        format!("；民国{year}年是公历{}年，应填 {meant}", meant.year())
    });
    Some(format!(
        "“{title}”的年份{year}不对，请按公历填写四位年份{meant}"
    ))
}

/// What is said to have happened has not happened yet.
fn ahead(field: &Field, value: &FieldValue, ctx: &Context<'_>) -> Option<Reason> {
    let on = match value {
        FieldValue::Date(on) if !field.ahead => *on,
        FieldValue::DateTime(at) => at.date(),
        _ => return None,
    };
    let (title, today) = (&field.title, ctx.today);
    let why = || format!("“{title}”{on}晚于今天{today}，不能预先记录尚未发生的事，请核对");
    (on > today).then(|| Reason::new(why()).basis("《行政处罚法》第四十七条（全过程记录）"))
}

fn is_amount(fen: i64) -> bool {
    (0..=AMOUNT_FEN_MAX).contains(&fen)
}

/// Amounts of a disposition that nobody could pay, or that belong to no money or goods.
fn amounts_fault(title: &str, d: &Disposition) -> Option<String> {
    let ends = d.range.iter().flat_map(|r| [r.min_fen, r.max_fen]);
    let amounts = d.penalties.iter().filter_map(|p| p.amount_fen);
    if ends.chain(amounts).any(|fen| !is_amount(fen)) {
        return Some(format!("“{title}”中有金额超出允许范围（0元至1万亿元）"));
    }
    let stray = d
        .penalties
        .iter()
        .find(|p| p.amount_fen.is_some() && !p.kind.has_amount())?;
    Some(format!(
        "“{title}”中“{}”不写金额，请删去",
        stray.kind.title()
    ))
}

fn too_long(title: &str, text: &str, max: usize) -> Option<String> {
    let count = text.chars().count();
    (count > max)
        .then(|| format!("“{title}”有{count}个字，最多{max}个字；较长的材料请作为附件上传"))
}

fn too_many(title: &str, count: usize) -> Option<String> {
    (count > LIST_LEN_MAX).then(|| format!("“{title}”有{count}项，最多{LIST_LEN_MAX}项"))
}
