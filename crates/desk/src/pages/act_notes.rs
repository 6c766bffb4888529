//! What a form is told while it is being filled in: that it is kept, what is wrong with what stands there already,
//! and what an amount or a date comes to.
//!
//! It binds nothing. The judge is the one who judges the form when it is sent; what is still empty is not held
//! against it here.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use casework::{
    decide::{Decided, decide},
    effect::Effect,
    field::FieldValue,
    refusal::Reason,
    state::LimitRun,
};
use jiff::civil::{Date, Weekday};
use law::{calendar::Calendar, money::Fen, pack::FieldType};

use super::{
    act_desk::{BASE, Desk},
    act_page::Screen,
};
use crate::{
    error::PageError,
    form::{controls::note_id, input, read::read},
    show,
    told::Told,
    typed::Typed,
};

/// Tells the page's script that what came back is about the draft.
const KEPT: (HeaderName, &str) = (HeaderName::from_static("x-draft"), "kept");

/// What is said below one field.
struct Note {
    /// Id of the place.
    id: String,
    hint: String,
    faults: Vec<Told>,
}

#[derive(Template)]
#[template(path = "act_notes.html")]
struct Notes {
    saved_at: String,
    /// On which draft the page builds from now on.
    base: i64,
    /// Whether the form takes files, which are not sent before it is.
    uploads: bool,
    /// Limits that would run, if the form were sent as it stands.
    limits: Vec<String>,
    notes: Vec<Note>,
}

/// Keeps the form as a draft and says what can be said of it so far.
///
/// A draft that the page does not know, from another device or an earlier visit, is not written over.
pub async fn keep(desk: &Desk, typed: &mut Typed) -> Result<Response, PageError> {
    // What was under way while the step was taken would come back as a draft of what is done.
    let (office, person) = (&desk.app.office, &desk.signed.person);
    if office.is_taken(person, typed.text("_id")).await? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    if desk.blocked().is_some() {
        return told(UNKEPT_CLOSED);
    }
    let known: i64 = typed.text(BASE).parse().unwrap_or_default();
    if let Some((_, saved_at)) = desk.draft().await?.filter(|(_, at)| *at != known) {
        return told(&format!(
            "没有自动保存：{}已有另一页面或者另一台电脑保存的草稿。要接着那份填写，请重新打开本页并选择“继续填写草稿”；要以本页为准，请点“存草稿”。",
            show::moment(saved_at)
        ));
    }
    let saved_at = desk.save_draft(typed).await?;
    let (limits, faults) = judged(desk, typed);
    let hints = hints(desk, typed);
    let mut screen = Screen::new(desk);
    screen.refused(&faults);
    let note = |id: &str| Note {
        id: note_id(&name_of(id)),
        hint: hints.get(id).cloned().unwrap_or_default(),
        faults: screen.faults.get(id).cloned().unwrap_or_default(),
    };
    let own = desk.step.form.iter().map(|field| field.id.as_str());
    answer(&Notes {
        saved_at: show::moment(saved_at),
        base: saved_at,
        uploads: desk.step.form.iter().any(|f| f.kind == FieldType::Upload),
        limits,
        notes: own.chain(DAYS).map(note).collect(),
    })
}

const UNKEPT_CLOSED: &str = "没有自动保存：这一步骤现在不能办理，请返回案件查看。";

/// Why nothing was kept.
#[derive(Template)]
#[template(source = "{{ why }}", ext = "html")]
struct Unkept<'a> {
    why: &'a str,
}

fn told(why: &str) -> Result<Response, PageError> {
    answer(&Unkept { why })
}

fn answer(page: &impl Template) -> Result<Response, PageError> {
    let html = page
        .render()
        .map_err(|fault| PageError::Internal(fault.to_string()))?;
    Ok(([KEPT], axum::response::Html(html)).into_response())
}

/// The fields of the day, which stand on every form.
const DAYS: [&str; 2] = ["occurred_on", "late_reason"];

/// Name of a field's input, those of the day among them.
fn name_of(field: &str) -> String {
    match field {
        "occurred_on" => "_on".to_owned(),
        "late_reason" => "_late".to_owned(),
        own => input(own),
    }
}

/// The limits that the form would start, or what is wrong with the fields that are filled in.
fn judged(desk: &Desk, typed: &Typed) -> (Vec<String>, Vec<Reason>) {
    let command = desk.command(typed, crate::token::command_id());
    let mut faults = desk.typed_faults(typed);
    let mut limits = Vec::new();
    match decide(&desk.file.state, &command, &desk.context()) {
        Ok(decided) => limits = started(desk, &decided),
        Err(refusal) => faults.extend(refusal.reasons),
    }
    let filled = |reason: &Reason| {
        let name = reason.field.as_deref().map(name_of);
        name.is_some_and(|name| typed.is_filled(&name))
    };
    faults.retain(filled);
    (limits, faults)
}

/// The limits that a decided form starts, each with its last day.
fn started(desk: &Desk, decided: &Decided) -> Vec<String> {
    let starts = decided
        .event
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Start { limit, party, .. } => decided.after.limit(limit, party.as_deref()),
            _ => None,
        });
    starts.filter_map(|run| runs_until(desk, run)).collect()
}

fn runs_until(desk: &Desk, run: &LimitRun) -> Option<String> {
    let declared = desk.file.pack.limits.iter().find(|l| l.code == run.code)?;
    let due = run.due(&desk.calendar).ok()?;
    let provisional = if due.provisional {
        "（该年放假安排尚未公布，暂计）"
    } else {
        ""
    };
    Some(format!(
        "{}：{}，至 {}{provisional}",
        declared.title,
        show::length(&run.span),
        due.on
    ))
}

/// What amounts and days come to.
fn hints<'a>(desk: &'a Desk, typed: &Typed) -> BTreeMap<&'a str, String> {
    let reading = read(&desk.step, &desk.file.state, typed);
    let hint = |field: &'a law::pack::Field| {
        let hint = match reading.fields.get(&field.id)? {
            FieldValue::Money(fen) => format!("人民币{}", Fen(*fen).to_capitals()),
            FieldValue::Date(on) => day(*on, &desk.calendar),
            FieldValue::DateTime(at) => day(at.date(), &desk.calendar),
            _ => return None,
        };
        Some((field.id.as_str(), hint))
    };
    let mut hints: BTreeMap<&str, String> = desk.step.form.iter().filter_map(hint).collect();
    let occurred = crate::form::read::date(typed.text("_on"));
    hints.extend(occurred.map(|on| ("occurred_on", day(on, &desk.calendar))));
    hints
}

/// What kind of day it is: weekday, and whether one works.
fn day(on: Date, calendar: &Calendar) -> String {
    let weekday = match on.weekday() {
        Weekday::Monday => "星期一",
        Weekday::Tuesday => "星期二",
        Weekday::Wednesday => "星期三",
        Weekday::Thursday => "星期四",
        Weekday::Friday => "星期五",
        Weekday::Saturday => "星期六",
        Weekday::Sunday => "星期日",
    };
    let (works, provisional) = calendar.is_workday(on);
    let kind = match (calendar.holiday_name(on), works) {
        (Some(name), false) => format!("{name}放假"),
        (_, true) => "工作日".to_owned(),
        (None, false) => "休息日".to_owned(),
    };
    let provisional = if provisional {
        "（暂按周末推算）"
    } else {
        ""
    };
    format!("{weekday}，{kind}{provisional}")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_is_called_by_its_weekday_and_whether_one_works() {
        fn check(on: Date, expect: &str) {
            assert_eq!(day(on, &Calendar::builtin()), expect, "{on}");
        }
        check(date(2026, 3, 2), "星期一，工作日");
        check(date(2026, 3, 7), "星期六，休息日");
        // A Saturday on which one works in place of a holiday.
        check(date(2026, 2, 28), "星期六，工作日");
    }
}
