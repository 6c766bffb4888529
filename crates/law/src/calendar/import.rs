//! Reading holiday notices: our csv and the holiday-cn JSON, with errors an administrator can act on.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use thiserror::Error;

use super::Arrangement;

type Papers = BTreeMap<i16, BTreeMap<Date, Arrangement>>;

/// Why a calendar text was refused; nothing of it is taken over.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// There is no day in it.
    #[error(
        "日历没有导入：文本里没有任何放假或调休日。放假通知公布后，请导入含有日期的 CSV 或 JSON。"
    )]
    Empty,
    /// A csv line is not as it should be.
    #[error("日历没有导入：第{line}行应为{expected}，实为“{found}”。请改正该行后重新导入。")]
    Line {
        /// Line number from 1.
        line: usize,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A JSON day is not as it should be.
    #[error(
        "日历没有导入：{year}年通知的第{item}个日期应为{expected}，实为“{found}”。请改正后重新导入。"
    )]
    Item {
        /// Notice year.
        year: i16,
        /// Place in `days`, from 1.
        item: usize,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The JSON could not be read.
    #[error(
        "日历没有导入：第{line}行第{column}列起不是规定的 JSON，应为 {{\"year\":年份,\"days\":[{{\"name\":…,\"date\":\"年-月-日\",\"isOffDay\":true|false}}]}}（{detail}）。"
    )]
    Json {
        /// Line number from 1.
        line: usize,
        /// Column from 1.
        column: usize,
        /// The parser's own words.
        detail: String,
    },
}

const HEADER: &str = "date,name,type,paper_year";

#[derive(Deserialize)]
struct JsonPaper {
    year: i16,
    days: Vec<JsonDay>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonDay {
    name: String,
    date: String,
    is_off_day: bool,
}

/// Reads either format; the first character tells which.
pub(super) fn papers(text: &str) -> Result<Papers, CalendarError> {
    let text = text.trim_start_matches('\u{feff}');
    let papers = match text.trim_start().chars().next() {
        None => return Err(CalendarError::Empty),
        Some('{' | '[') => from_json(text)?,
        Some(_) => from_csv(text)?,
    };
    if papers.is_empty() {
        return Err(CalendarError::Empty);
    }
    Ok(papers)
}

fn from_csv(text: &str) -> Result<Papers, CalendarError> {
    let mut papers = Papers::new();
    let mut seen_header = false;
    for (index, raw) in text.lines().enumerate() {
        let row = raw.trim();
        if row.is_empty() || row.starts_with('#') {
            continue;
        }
        let wrong = |expected: &str, found: &str| CalendarError::Line {
            line: index + 1,
            expected: expected.to_owned(),
            found: found.to_owned(),
        };
        if !seen_header {
            if row != HEADER {
                return Err(wrong(&format!("表头 {HEADER}"), row));
            }
            seen_header = true;
            continue;
        }
        let fields: Vec<&str> = row.split(',').map(str::trim).collect();
        let [date, name, kind, year] = fields[..] else {
            return Err(wrong("四项：日期,名称,休或班,通知年份", row));
        };
        let year = year
            .parse::<i16>()
            .map_err(|_| wrong("四位的通知年份，如 2026", year))?;
        let off = match kind {
            "休" => true,
            "班" => false,
            _ => return Err(wrong("“休”或“班”", kind)),
        };
        add(&mut papers, year, date, name, off)
            .map_err(|expected| wrong(&expected, &format!("{date}，{year}年通知")))?;
    }
    Ok(papers)
}

fn from_json(text: &str) -> Result<Papers, CalendarError> {
    let parsed = if text.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<JsonPaper>>(text)
    } else {
        serde_json::from_str::<JsonPaper>(text).map(|paper| vec![paper])
    };
    let read = parsed.map_err(|error| CalendarError::Json {
        line: error.line(),
        column: error.column(),
        detail: error.to_string(),
    })?;
    let mut papers = Papers::new();
    for paper in read {
        // A file with no day yet (published ahead of the notice) announces nothing.
        for (index, day) in paper.days.iter().enumerate() {
            add(
                &mut papers,
                paper.year,
                &day.date,
                &day.name,
                day.is_off_day,
            )
            .map_err(|expected| CalendarError::Item {
                year: paper.year,
                item: index + 1,
                expected,
                found: day.date.clone(),
            })?;
        }
    }
    Ok(papers)
}

/// Adds one day to its notice; the error says what was expected.
fn add(papers: &mut Papers, year: i16, date: &str, name: &str, off: bool) -> Result<(), String> {
    let date: Date = plain_date(date).ok_or("存在的日期，形如 2026-10-01")?;
    let in_december_before = date.month() == 12 && i32::from(date.year()) + 1 == i32::from(year);
    if date.year() != year && !in_december_before {
        return Err(format!("通知年份（{year}）或其上一年12月里的日期"));
    }
    if name.is_empty() {
        return Err("有节日名称的日期".to_owned());
    }
    let arrangement = Arrangement {
        name: name.to_owned(),
        off,
    };
    match papers.entry(year).or_default().insert(date, arrangement) {
        None => Ok(()),
        Some(_) => Err("同一通知中只出现一次的日期".to_owned()),
    }
}

/// `2026-10-01` and nothing else: jiff alone would also take times and other spellings.
pub(crate) fn plain_date(text: &str) -> Option<Date> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if shape { text.parse().ok() } else { None }
}
