//! The columns of the list of cases, on the page and in its exports.

use casework::rows::CaseRow;
use jiff::civil::Date;
use office::Roster;

/// A case with the names of its body and unit.
pub struct Line {
    pub stream: String,
    pub row: CaseRow,
    pub body: String,
    pub unit: String,
}

impl Line {
    /// A case as it is listed.
    pub fn of(listed: store::Listed<CaseRow>, roster: &Roster) -> Self {
        let body = roster.bodies.get(&listed.body_id);
        let unit = body.map(|b| b.unit_name(&listed.row.unit).to_owned());
        Self {
            body: body.map_or(listed.body_id, |b| b.name.clone()),
            unit: unit.unwrap_or_else(|| listed.row.unit.clone()),
            stream: listed.stream,
            row: listed.row,
        }
    }
}

/// What stands in a cell.
pub enum Cell<'a> {
    Text(&'a str),
    Owned(String),
    Day(Option<Date>),
    /// Money in fen; none is an empty cell.
    Money(Option<i64>),
}

/// A column.
pub struct Column {
    /// Its name in addresses.
    pub id: &'static str,
    pub title: &'static str,
    /// Its width in a sheet, in characters.
    pub width: f64,
    pub cell: fn(&Line) -> Cell<'_>,
    /// Whether it is shown where nobody chose.
    pub usual: bool,
}

/// The column that leads to the case, and cannot be left out.
pub const NAME: &str = "name";

const fn column(
    id: &'static str,
    title: &'static str,
    width: f64,
    usual: bool,
    cell: fn(&Line) -> Cell<'_>,
) -> Column {
    Column {
        id,
        title,
        width,
        cell,
        usual,
    }
}

/// Every column, in the order in which they stand.
pub const COLUMNS: [Column; 12] = [
    column("number", "案号", 26.0, true, |line| {
        Cell::Text(line.row.number.as_deref().unwrap_or_default())
    }),
    column(NAME, "案件名称", 48.0, true, |line| {
        Cell::Text(&line.row.name)
    }),
    column("cause", "案由", 36.0, true, |line| {
        Cell::Text(&line.row.cause)
    }),
    column("parties", "当事人", 32.0, true, |line| {
        Cell::Text(&line.row.parties)
    }),
    column("stage", "阶段", 14.0, true, |line| {
        Cell::Text(&line.row.stage_title)
    }),
    column("body", "承办机关", 28.0, false, |line| {
        Cell::Text(&line.body)
    }),
    column("unit", "承办科室", 20.0, false, |line| {
        Cell::Text(&line.unit)
    }),
    column("status", "办理情况", 10.0, false, |line| {
        Cell::Text(if line.row.ended {
            "已办结"
        } else {
            "在办"
        })
    }),
    column("opened", "登记日期", 12.0, true, |line| {
        Cell::Day(Some(line.row.opened_on))
    }),
    column("filed", "立案日期", 12.0, true, |line| {
        Cell::Day(line.row.filed_on)
    }),
    column("decided", "决定日期", 12.0, true, |line| {
        Cell::Day(line.row.decided_on)
    }),
    column("closed", "结案日期", 12.0, false, |line| {
        Cell::Day(line.row.closed_on)
    }),
];

/// The columns of those names and the name of the case; the usual ones where none is named.
pub fn chosen(names: &[String]) -> Vec<&'static Column> {
    let known = |name: &String| COLUMNS.iter().any(|column| column.id == name);
    let any = names.iter().any(known);
    let wanted = |column: &&Column| match any {
        true => column.id == NAME || names.iter().any(|name| name == column.id),
        false => column.usual,
    };
    COLUMNS.iter().filter(wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_always_stands_and_unknown_columns_never() {
        fn check(names: &[&str], expect: &[&str]) {
            let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
            let ids: Vec<&str> = chosen(&names).iter().map(|c| c.id).collect();
            assert_eq!(ids, expect);
        }
        check(&["unit", "nothing"], &["name", "unit"]);
        check(&["name"], &["name"]);
        let usual: Vec<&str> = COLUMNS.iter().filter(|c| c.usual).map(|c| c.id).collect();
        check(&[], &usual);
        check(&["nothing"], &usual);
    }
}
