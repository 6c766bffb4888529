//! From what was typed to the fields of a command. Only the shape is judged here; the rest is `casework`'s.

use casework::{
    field::{FieldValue, Fields, FileRef},
    refusal::Reason,
    state::State,
};
use jiff::civil::{Date, DateTime};
use law::{
    money::Fen,
    pack::{Field, FieldType, Step},
};

use super::{input, parts};
use crate::typed::Typed;

/// What a form says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The fields that were filled in.
    pub fields: Fields,
    /// Inputs that cannot be read, each with its field.
    pub faults: Vec<Reason>,
}

/// Reads the fields of a step; faults are all reported together.
pub fn read(step: &Step, state: &State, typed: &Typed) -> Reading {
    let mut reading = Reading::default();
    for field in &step.form {
        match read_field(field, state, typed) {
            Ok(Some(value)) => {
                reading.fields.insert(field.id.clone(), value);
            }
            Ok(None) => {}
            Err(faults) => {
                reading.faults.extend(
                    faults
                        .into_iter()
                        .map(|why| Reason::new(why).field(field.id.clone())),
                );
            }
        }
    }
    reading
}

/// The value of one field, none where nothing was filled in, or what cannot be read.
fn read_field(
    field: &Field,
    state: &State,
    typed: &Typed,
) -> Result<Option<FieldValue>, Vec<String>> {
    let name = input(&field.id);
    let text = typed.text(&name);
    let one = |value: Result<FieldValue, String>| {
        if text.is_empty() {
            Ok(None)
        } else {
            value.map(Some).map_err(|why| vec![why])
        }
    };
    let title = &field.title;
    match &field.kind {
        FieldType::Text | FieldType::Prose | FieldType::Choice(_) => {
            one(Ok(FieldValue::Text(text.to_owned())))
        }
        FieldType::YesNo => one(yes_no(text)
            .map(FieldValue::YesNo)
            .ok_or_else(|| format!("“{title}”请选择是或者否"))),
        FieldType::Date => one(date(text)
            .map(FieldValue::Date)
            .ok_or_else(|| not_a_date(title, text))),
        FieldType::DateTime => one(date_time(text).map(FieldValue::DateTime).ok_or_else(|| {
            format!("“{title}”的“{text}”不是有效的日期和时间，应如 2026-03-02 09:30")
        })),
        FieldType::Money => one(money(text)
            .map(FieldValue::Money)
            .map_err(|why| format!("“{title}”：{why}"))),
        FieldType::Int => one(text
            .parse()
            .map(FieldValue::Int)
            .map_err(|_| format!("“{title}”的“{text}”不是整数，请只填数字"))),
        FieldType::Persons => Ok(list(typed.all(&name)).map(FieldValue::Persons)),
        FieldType::Points => Ok(points(&name, typed).map(FieldValue::Points)),
        FieldType::Upload => Ok(kept_file(&name, typed).map(FieldValue::Upload)),
        FieldType::Parties => parts::read_parties(&name, state.parties.len(), typed)
            .map(FieldValue::Parties)
            .filled(),
        FieldType::Proposal => parts::read_proposal(&name, state, typed)
            .map(FieldValue::Proposal)
            .filled(),
        FieldType::TenItems => parts::read_ten_items(&name, typed)
            .map(FieldValue::TenItems)
            .filled(),
        FieldType::Votes => Ok(not_blank(Some(FieldValue::Votes(parts::read_votes(
            &name, typed,
        ))))),
        FieldType::Items => parts::read_items(&name, typed)
            .map(FieldValue::Items)
            .filled(),
    }
}

trait Filled {
    fn filled(self) -> Result<Option<FieldValue>, Vec<String>>;
}

impl Filled for Result<FieldValue, Vec<String>> {
    fn filled(self) -> Result<Option<FieldValue>, Vec<String>> {
        self.map(Some).map(not_blank)
    }
}

fn not_blank(value: Option<FieldValue>) -> Option<FieldValue> {
    value.filter(|v| !v.is_blank())
}

fn list<'a>(values: impl Iterator<Item = &'a str>) -> Option<Vec<String>> {
    let mut list: Vec<String> = Vec::new();
    for value in values.map(str::trim).filter(|v| !v.is_empty()) {
        if !list.iter().any(|v| v == value) {
            list.push(value.to_owned());
        }
    }
    (!list.is_empty()).then_some(list)
}

/// Points: one input each where the program knows how many are due, else one a line.
fn points(name: &str, typed: &Typed) -> Option<Vec<String>> {
    let rows = typed.rows(&format!("{name}."));
    let points: Vec<String> = if rows.is_empty() {
        parts::text_lines(typed.text(name))
    } else {
        rows.into_iter()
            .map(|row| typed.text(&format!("{name}.{row}")).to_owned())
            .collect()
    };
    points.iter().any(|p| !p.is_empty()).then_some(points)
}

fn kept_file(name: &str, typed: &Typed) -> Option<FileRef> {
    serde_json::from_str(typed.text(&format!("{name}.kept"))).ok()
}

/// `yes` or `no`.
pub fn yes_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// A date as browsers send it, or as an officer writes it: 2026-03-02, 2026年3月2日, 2026/3/2, 20260302.
pub fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Date::new(
            text[..4].parse().ok()?,
            text[4..6].parse().ok()?,
            text[6..].parse().ok()?,
        )
        .ok();
    }
    let mut parts = text
        .trim_end_matches('日')
        .split(['-', '/', '.', '年', '月']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(
        year.parse().ok()?,
        month.trim().parse().ok()?,
        day.trim().parse().ok()?,
    )
    .ok()
}

/// The day in the common calendar of a date written with a year of 民国, whose first was 1912.
fn minguo(text: &str) -> Option<Date> {
    const NAMES: [&str; 4] = ["民国", "民國", "中华民国", "中華民國"];
    let text = text.trim();
    let rest = NAMES.iter().find_map(|name| text.strip_prefix(name))?;
    let (year, rest) = rest.split_once(['年', '-', '/', '.'])?;
    let year: i16 = match year.trim() {
        "元" => 1,
        year => year.parse().ok()?,
    };
    date(&format!("{}年{rest}", year.checked_add(1911)?))
}

/// What to say of a text that is no date.
pub fn not_a_date(title: &str, text: &str) -> String {
    if let Some(on) = minguo(text) {
        return format!("“{title}”的“{text}”请按公历填写：{on}");
    }
    format!("“{title}”的“{text}”不是有效的日期，应如 2026-03-02")
}

fn date_time(text: &str) -> Option<DateTime> {
    let (day, time) = text.trim().split_once(['T', ' '])?;
    let (hour, minute) = time.trim().split_once(':')?;
    let minute = minute.split(':').next()?;
    let date = date(day)?;
    let time = jiff::civil::Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
    Some(date.to_datetime(time))
}

/// An amount in fen; a bare number is yuan.
pub fn money(text: &str) -> Result<i64, String> {
    let text = text.trim();
    let bare = text.chars().next_back().is_some_and(|c| c.is_ascii_digit());
    let with_unit = if bare {
        format!("{text}元")
    } else {
        text.to_owned()
    };
    let fen: Fen = with_unit
        .parse()
        .map_err(|fault: law::money::MoneyFault| fault.to_string())?;
    Ok(fen.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    #[test]
    fn dates_are_read_as_browsers_and_officers_write_them() {
        fn check(text: &str, expect: Option<Date>) {
            assert_eq!(date(text), expect, "{text}");
        }
        check("2026-03-02", Some(day(2026, 3, 2)));
        check("2026年3月2日", Some(day(2026, 3, 2)));
        check("2026/3/2", Some(day(2026, 3, 2)));
        check("20260302", Some(day(2026, 3, 2)));
        check("2026-02-30", None);
        check("26-3-2", None);
        check("二〇二六年三月二日", None);
        check("2026-03-02-01", None);
        check("", None);
        check("民国115年3月2日", None);
        for text in ["民国115年3月2日", "中華民國115-03-02", "民國115.3.2"] {
            let told = not_a_date("日期", text);
            assert!(told.ends_with("请按公历填写：2026-03-02"), "{told}");
        }
        assert_eq!(minguo("民国元年10月10日"), Some(day(1912, 10, 10)));
    }

    #[test]
    fn moments_need_a_day_and_a_clock_time() {
        assert_eq!(
            date_time("2026-03-02T09:30"),
            Some(day(2026, 3, 2).at(9, 30, 0, 0))
        );
        assert_eq!(
            date_time("2026-03-02 09:30:15"),
            Some(day(2026, 3, 2).at(9, 30, 0, 0))
        );
        for text in ["2026-03-02", "09:30", "2026-03-02T25:00", "2026-03-02T9"] {
            assert_eq!(date_time(text), None, "{text}");
        }
    }

    #[test]
    fn a_bare_amount_is_yuan_and_words_of_amounts_are_understood() {
        fn check(text: &str, expect: Option<i64>) {
            assert_eq!(money(text).ok(), expect, "{text}");
        }
        check("5000", Some(500_000));
        check("5,000.50", Some(500_050));
        check("4.48万元", Some(4_480_000));
        check("贰万元整", Some(2_000_000));
        check("-5", None);
        check("五千块左右", None);
        check("1.005", None);
    }
}
