//! `/cases/export.csv` and `/cases/export.xlsx`: the cases that the list shows, with its columns, as a table to work on.
//!
//! Whoever opens it has a spreadsheet in hand, and a name is no formula: a sheet's texts are written as texts, and in
//! CSV what a spreadsheet would take for a formula is marked as text.

use std::borrow::Cow;

use axum::{
    extract::{Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use office::{CaseQuery, Office};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::{
    cases::{Filters, Pairs, whole},
    columns::{Cell, Column, Line},
};
use crate::{
    app::App,
    error::PageError,
    places::{Full, Room},
    session::SignedIn,
    show,
};

/// Cases that one table holds: more than a person looks through, and a few seconds' work.
const ROWS_MAX: usize = 10_000;
/// Cases asked for in one go.
const PAGE_ROWS: u32 = 100;

/// What a cell of a workbook holds, UTF-16 units (Excel's own limit).
const CELL_UNITS_MAX: usize = 32_767;

/// Media type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The table as CSV: UTF-8 with its mark, which spreadsheets ask for.
pub async fn csv(
    State(app): State<App>,
    signed: SignedIn,
    Query(pairs): Query<Pairs>,
) -> Result<Response, PageError> {
    let room = room(&app, &signed)?;
    let filters = Filters::of(&pairs);
    let lines = lines(&app.office, &signed, filters.query()).await?;
    let columns = filters.columns();
    let bytes = apart(room, move || {
        as_csv(&columns, &lines).map_err(|e| e.to_string())
    })
    .await?;
    Ok(download(
        &app,
        bytes,
        "text/csv; charset=utf-8",
        "案件清单",
        "csv",
    ))
}

/// The table as a workbook.
pub async fn xlsx(
    State(app): State<App>,
    signed: SignedIn,
    Query(pairs): Query<Pairs>,
) -> Result<Response, PageError> {
    let room = room(&app, &signed)?;
    let filters = Filters::of(&pairs);
    let lines = lines(&app.office, &signed, filters.query()).await?;
    let columns = filters.columns();
    let bytes = apart(room, move || {
        let sheet = Sheet {
            name: "案件",
            titles: columns.iter().map(|c| (c.title, c.width)).collect(),
            lines: lines
                .iter()
                .map(|line| columns.iter().map(|c| (c.cell)(line)).collect())
                .collect(),
        };
        sheet.as_xlsx().map_err(|e| e.to_string())
    })
    .await?;
    Ok(download(&app, bytes, XLSX, "案件清单", "xlsx"))
}

/// Room to make a table, held while it is made.
///
/// # Errors
/// [`PageError::Unavailable`] while this person's last one, or too many of others, are being made.
pub fn room(app: &App, signed: &SignedIn) -> Result<Room, PageError> {
    app.exports.take(&signed.person.id).map_err(|full| {
        let why = match full {
            Full::Person => "您的上一份表格还在生成，请稍候再导出",
            Full::All => "现在导出的人太多，请稍候再导出",
        };
        PageError::Unavailable(why.to_owned())
    })
}

/// Every case of the list, from its first page on.
async fn lines(
    office: &Office,
    signed: &SignedIn,
    query: CaseQuery,
) -> Result<Vec<Line>, PageError> {
    let roster = office.roster().await?;
    let mut query = CaseQuery {
        after: None,
        limit: PAGE_ROWS,
        ..query
    };
    let mut lines = Vec::new();
    loop {
        let page = whole(office.cases(&signed.person, &query).await?)?;
        lines.extend(page.cases.into_iter().map(|case| Line::of(case, &roster)));
        if lines.len() > ROWS_MAX {
            return Err(PageError::BadBody(format!(
                "符合条件的案件超过 {ROWS_MAX} 件，一次导出不了；请加上阶段、科室、办理情况等条件，分几次导出"
            )));
        }
        query.after = page.next;
        if query.after.is_none() {
            return Ok(lines);
        }
    }
}

/// Makes a file on a thread for such work, and gives the room back when it is made.
pub async fn apart(
    room: Room,
    make: impl FnOnce() -> Result<Vec<u8>, String> + Send + 'static,
) -> Result<Vec<u8>, PageError> {
    let made = room.during(tokio::task::spawn_blocking(make)).await?;
    made.map_err(|e| PageError::Internal(e.to_string()))?
        .map_err(PageError::Internal)
}

fn as_csv(columns: &[&'static Column], lines: &[Line]) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    out.write_record(columns.iter().map(|column| column.title))?;
    for line in lines {
        out.write_record(columns.iter().map(|column| match (column.cell)(line) {
            Cell::Text(text) => harmless(text),
            Cell::Owned(text) => harmless(&text),
            Cell::Day(day) => day.map(|day| day.to_string()).unwrap_or_default(),
            Cell::Money(fen) => fen.map(yuan).map(|y| y.to_string()).unwrap_or_default(),
        }))?;
    }
    out.into_inner()
        .map_err(|e| csv::Error::from(e.into_error()))
}

/// Fen as the yuan that a sheet reckons with.
fn yuan(fen: i64) -> f64 {
    fen as f64 / 100.0
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// A table that becomes a sheet.
pub struct Sheet<'a> {
    pub name: &'static str,
    /// Titles, and widths in characters.
    pub titles: Vec<(&'static str, f64)>,
    pub lines: Vec<Vec<Cell<'a>>>,
}

impl Sheet<'_> {
    /// The sheet in a workbook of its own.
    pub fn as_xlsx(&self) -> Result<Vec<u8>, XlsxError> {
        let (heading, day_format, money) = (
            Format::new().set_bold(),
            Format::new().set_num_format("yyyy-mm-dd"),
            Format::new().set_num_format("#,##0.00"),
        );
        let mut book = Workbook::new();
        let sheet = book.add_worksheet().set_name(self.name)?;
        for (column, (title, width)) in (0..).zip(&self.titles) {
            sheet.set_column_width(column, *width)?;
            sheet.write_string_with_format(0, column, *title, &heading)?;
        }
        for (at, line) in (1..).zip(&self.lines) {
            for (column, cell) in (0..).zip(line) {
                match cell {
                    Cell::Text(text) => sheet.write_string(at, column, fitting(text))?,
                    Cell::Owned(text) => sheet.write_string(at, column, fitting(text))?,
                    Cell::Day(Some(day)) => {
                        sheet.write_datetime_with_format(at, column, *day, &day_format)?
                    }
                    Cell::Money(Some(fen)) => {
                        sheet.write_number_with_format(at, column, yuan(*fen), &money)?
                    }
                    Cell::Day(None) | Cell::Money(None) => continue,
                };
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        let last = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        let last_column = u16::try_from(self.titles.len().saturating_sub(1)).unwrap_or(u16::MAX);
        sheet.autofilter(0, 0, last, last_column)?;
        book.save_to_buffer()
    }
}

/// The text, cut where a cell holds no more of it and marked there.
fn fitting(text: &str) -> Cow<'_, str> {
    const CUT: &str = "……（过长，余略）";
    if text.encode_utf16().count() <= CELL_UNITS_MAX {
        return text.into();
    }
    let mut units = CUT.encode_utf16().count();
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= CELL_UNITS_MAX
    };
    let mut kept: String = text.chars().take_while(fits).collect();
    kept.push_str(CUT);
    kept.into()
}

/// A file to be saved, named by what it is and today.
pub fn download(
    app: &App,
    bytes: Vec<u8>,
    media: &'static str,
    what: &str,
    ending: &str,
) -> Response {
    let name = format!("{what}{}.{ending}", app.office.now().1);
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    let disposition = format!("attachment; filename*=UTF-8''{}", show::encode(&name));
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

#[cfg(test)]
mod tests {
    use casework::rows::CaseRow;
    use jiff::civil::date;

    use super::*;
    use crate::pages::columns::COLUMNS;

    fn line(name: &str) -> Line {
        let row = CaseRow {
            unit: "gm".into(),
            number: None,
            name: name.into(),
            cause: "甲,乙\n丙".into(),
            stage: "S2".into(),
            stage_title: "调查取证".into(),
            parties: "某厂".into(),
            opened_on: date(2026, 3, 2),
            filed_on: None,
            decided_on: None,
            closed_on: None,
            ended: false,
            people: Vec::new(),
        };
        Line {
            stream: "case-1".into(),
            row,
            body: "某局".into(),
            unit: "工贸股".into(),
        }
    }

    #[test]
    fn a_text_that_no_cell_holds_is_cut_and_says_so() {
        for sign in ["字", "𠮷"] {
            let long = fitting(&sign.repeat(40_000)).into_owned();
            let units = long.encode_utf16().count();
            assert!((CELL_UNITS_MAX - 1..=CELL_UNITS_MAX).contains(&units));
            assert!(long.ends_with("余略）"), "{sign}");
        }
        assert_eq!(fitting("甲"), "甲");
        let sheet = Sheet {
            name: "案件",
            titles: vec![("案件名称", 40.0)],
            lines: vec![vec![Cell::Owned("字".repeat(40_000))]],
        };
        assert!(sheet.as_xlsx().is_ok());
    }

    #[test]
    fn a_name_is_no_formula() {
        fn check(name: &str, expect: &str) {
            let columns: Vec<&Column> = COLUMNS.iter().collect();
            let made = as_csv(&columns, &[line(name)]).unwrap();
            let made = String::from_utf8(made).unwrap();
            let rows = csv::Reader::from_reader(made.trim_start_matches('\u{feff}').as_bytes())
                .into_records()
                .collect::<Result<Vec<_>, _>>()
                .unwrap();
            assert_eq!((rows.len(), &rows[0][1]), (1, expect));
            assert_eq!(
                (&rows[0][2], &rows[0][8], &rows[0][9]),
                ("甲,乙\n丙", "2026-03-02", "")
            );
        }
        check("=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1");
        check("＝1", "'＝1");
        check("@某厂", "'@某厂");
        check("某厂=甲", "某厂=甲");
    }
}
