//! The views' tables, and the cells of each row type in column order.

use casework::rows::{BodyRow, CaseRow, LimitRow, PaperRow, PersonRow, StreamRows, TodoRow};
use jiff::civil::Date;

use crate::conn::Cell;

/// One table of the views: the first `key` columns identify a row, and the first of all is the stream.
pub(crate) struct View {
    pub table: &'static str,
    pub columns: &'static [&'static str],
    pub key: usize,
    pub names: Names,
}

/// Names of a view's statements in the writer's store of texts.
pub(crate) struct Names {
    pub wipe: &'static str,
    pub delete: &'static str,
    pub upsert: &'static str,
    pub update: &'static str,
    pub shadow: &'static str,
}

macro_rules! names {
    ($table:literal) => {
        Names {
            wipe: concat!("wipe ", $table),
            delete: concat!("delete ", $table),
            upsert: concat!("upsert ", $table),
            update: concat!("update ", $table),
            shadow: concat!("shadow ", $table),
        }
    };
}

/// How many views there are.
pub(crate) const VIEW_COUNT: usize = 7;

/// Every view that is written with the events; the order is that of [`Delta`]'s lists.
pub(crate) static VIEWS: [View; VIEW_COUNT] = [
    View {
        table: "case_row",
        columns: &[
            "stream_id",
            "body_id",
            "unit",
            "number",
            "name",
            "cause",
            "stage",
            "stage_title",
            "parties",
            "opened_on",
            "filed_on",
            "decided_on",
            "closed_on",
            "ended",
            "people",
            "haystack",
        ],
        key: 1,
        names: names!("case_row"),
    },
    View {
        table: "case_person",
        columns: &["stream_id", "person_id"],
        key: 2,
        names: names!("case_person"),
    },
    View {
        table: "todo",
        columns: &[
            "stream_id",
            "key",
            "body_id",
            "step",
            "title",
            "party",
            "party_name",
            "role",
            "unit",
            "person",
            "since_at",
            "limit_code",
            "basis",
            "pending",
            "due_on",
            "request",
        ],
        key: 2,
        names: names!("todo"),
    },
    View {
        table: "limit_row",
        columns: &[
            "stream_id",
            "key",
            "body_id",
            "code",
            "title",
            "party",
            "started_on",
            "status",
            "due_on",
            "provisional",
            "ended_on",
            "basis",
        ],
        key: 2,
        names: names!("limit_row"),
    },
    View {
        table: "paper",
        columns: &[
            "stream_id",
            "paper_id",
            "body_id",
            "template",
            "title",
            "number",
            "party",
            "issued_on",
            "digest",
            "size_bytes",
            "event_version",
            "media_type",
        ],
        key: 2,
        names: names!("paper"),
    },
    View {
        table: "person",
        columns: &[
            "stream_id",
            "body_id",
            "login",
            "name",
            "unit",
            "roles",
            "active",
            "card_number",
            "card_until",
        ],
        key: 1,
        names: names!("person"),
    },
    View {
        table: "body",
        columns: &["stream_id", "body_id", "parent", "name"],
        key: 1,
        names: names!("body"),
    },
];

/// Index of the `body` table in [`VIEWS`]: a change there renews `body_tree`.
pub(crate) const BODY: usize = 6;

impl View {
    /// Insert or replace by key; `rows` is the text of where the rows come from.
    pub(crate) fn upsert(&self, table: &str, rows: &str) -> String {
        let columns = self.columns.join(",");
        let key = self.columns[..self.key].join(",");
        let rest = &self.columns[self.key..];
        if rest.is_empty() {
            return format!(
                "INSERT INTO {table} ({columns}) {rows} ON CONFLICT ({key}) DO NOTHING"
            );
        }
        let set: Vec<String> = rest
            .iter()
            .map(|column| format!("{column}=excluded.{column}"))
            .collect();
        let set = set.join(",");
        format!("INSERT INTO {table} ({columns}) {rows} ON CONFLICT ({key}) DO UPDATE SET {set}")
    }
}

/// The persons of a case, who have rows of their own to be found by.
pub(crate) fn people(rows: &StreamRows) -> &[String] {
    rows.case.as_ref().map_or(&[], |case| &case.people)
}

/// The cells of all rows of one view.
pub(crate) fn all_cells<'a>(
    rows: &'a StreamRows,
    view: usize,
    place: &Place<'a>,
    out: &mut Vec<Cell<'a>>,
) {
    match view {
        0 => cells_of(rows.case.as_slice(), place, out),
        1 => cells_of(people(rows), place, out),
        2 => cells_of(&rows.todo, place, out),
        3 => cells_of(&rows.limits, place, out),
        4 => cells_of(&rows.papers, place, out),
        5 => cells_of(rows.person.as_slice(), place, out),
        _ => cells_of(rows.body.as_slice(), place, out),
    }
}

fn cells_of<'a, R: Row>(rows: &'a [R], place: &Place<'a>, out: &mut Vec<Cell<'a>>) {
    rows.iter().for_each(|row| row.cells(place, out));
}

/// Where the rows belong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub stream: &'a str,
    pub body_id: &'a str,
}

/// A row type of one view: its key within the stream, and its cells in column order.
pub(crate) trait Row: PartialEq {
    const VIEW: usize;
    /// The key within the stream; none where a stream has one row.
    fn key(&self) -> Option<&str>;
    fn cells<'a>(&'a self, place: &Place<'a>, out: &mut Vec<Cell<'a>>);
}

/// As [`str::to_lowercase`], which looks up each character that is not ASCII.
fn lowercase(text: &str) -> String {
    // Han characters and the punctuation that goes with them have no case.
    let caseless =
        |c: char| matches!(c, '\0'..='\x7f' | '\u{2e80}'..='\u{9fff}' | '\u{ff01}'..='\u{ff20}');
    match text.chars().all(caseless) {
        true => text.to_ascii_lowercase(),
        false => text.to_lowercase(),
    }
}

fn day<'a>(date: Option<Date>) -> Cell<'a> {
    date.map_or(Cell::Null, |date| date.to_string().into())
}

fn json<'a>(list: &[String]) -> Cell<'a> {
    serde_json::Value::from(list.to_vec()).to_string().into()
}

impl Row for CaseRow {
    const VIEW: usize = 0;

    fn key(&self) -> Option<&str> {
        None
    }

    fn cells<'a>(&'a self, place: &Place<'a>, out: &mut Vec<Cell<'a>>) {
        let haystack = [
            self.number.as_deref().unwrap_or_default(),
            &self.name,
            &self.parties,
            &self.cause,
        ]
        .join("\n");
        out.extend([
            place.stream.into(),
            place.body_id.into(),
            self.unit.as_str().into(),
            (&self.number).into(),
            self.name.as_str().into(),
            self.cause.as_str().into(),
            self.stage.as_str().into(),
            self.stage_title.as_str().into(),
            self.parties.as_str().into(),
            day(Some(self.opened_on)),
            day(self.filed_on),
            day(self.decided_on),
            day(self.closed_on),
            self.ended.into(),
            json(&self.people),
            lowercase(&haystack).into(),
        ]);
    }
}

impl Row for String {
    const VIEW: usize = 1;

    fn key(&self) -> Option<&str> {
        Some(self)
    }

    fn cells<'a>(&'a self, place: &Place<'a>, out: &mut Vec<Cell<'a>>) {
        out.extend([place.stream.into(), self.as_str().into()]);
    }
}

impl Row for TodoRow {
    const VIEW: usize = 2;

    fn key(&self) -> Option<&str> {
        Some(&self.key)
    }

    fn cells<'a>(&'a self, place: &Place<'a>, out: &mut Vec<Cell<'a>>) {
        out.extend([
            place.stream.into(),
            self.key.as_str().into(),
            place.body_id.into(),
            self.step.as_str().into(),
            self.title.as_str().into(),
            (&self.party).into(),
            (&self.party_name).into(),
            self.role.as_str().into(),
            (&self.unit).into(),
            (&self.person).into(),
            self.since_at.into(),
            (&self.limit).into(),
            self.basis.as_str().into(),
            self.pending.into(),
            day(self.due_on),
            (&self.request).into(),
        ]);
    }
}

impl Row for LimitRow {
    const VIEW: usize = 3;

    fn key(&self) -> Option<&str> {
        Some(&self.key)
    }

    fn cells<'a>(&'a self, place: &Place<'a>, out: &mut Vec<Cell<'a>>) {
        out.extend([
            place.stream.into(),
            self.key.as_str().into(),
            place.body_id.into(),
            self.code.as_str().into(),
            self.title.as_str().into(),
            (&self.party).into(),
            day(Some(self.started_on)),
            self.status.as_str().into(),
            day(self.due_on),
            self.provisional.into(),
            day(self.ended_on),
            self.basis.as_str().into(),
        ]);
    }
}

impl Row for PaperRow {
    const VIEW: usize = 4;

    fn key(&self) -> Option<&str> {
        Some(&self.paper_id)
    }

    fn cells<'a>(&'a self, place: &Place<'a>, out: &mut Vec<Cell<'a>>) {
        out.extend([
            place.stream.into(),
            self.paper_id.as_str().into(),
            place.body_id.into(),
            self.template.as_str().into(),
            self.title.as_str().into(),
            (&self.number).into(),
            (&self.party).into(),
            day(Some(self.issued_on)),
            self.digest.as_str().into(),
            self.size_bytes.into(),
            self.event_version.into(),
            self.media_type.as_str().into(),
        ]);
    }
}

impl Row for PersonRow {
    const VIEW: usize = 5;

    fn key(&self) -> Option<&str> {
        None
    }

    fn cells<'a>(&'a self, place: &Place<'a>, out: &mut Vec<Cell<'a>>) {
        out.extend([
            place.stream.into(),
            place.body_id.into(),
            self.login.as_str().into(),
            self.name.as_str().into(),
            self.unit.as_str().into(),
            json(&self.roles),
            self.active.into(),
            self.card
                .as_ref()
                .map_or(Cell::Null, |(number, _)| number.as_str().into()),
            day(self.card.as_ref().map(|(_, until)| *until)),
        ]);
    }
}

impl Row for BodyRow {
    const VIEW: usize = BODY;

    fn key(&self) -> Option<&str> {
        None
    }

    fn cells<'a>(&'a self, place: &Place<'a>, out: &mut Vec<Cell<'a>>) {
        out.extend([
            place.stream.into(),
            place.body_id.into(),
            (&self.parent).into(),
            self.name.as_str().into(),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use super::lowercase;

    #[test]
    fn letters_of_every_script_are_put_in_lower_case() {
        for text in [
            "（县）应急罚〔2026〕12号",
            "ABC公司、王某",
            "ＡＢ公司",
            "ΟΔΟΣ 公司",
            "Ёлка",
        ] {
            assert_eq!(lowercase(text), text.to_lowercase());
        }
        assert_eq!(lowercase("ABC公司（ＡＢ）"), "abc公司（ａｂ）");
    }
}
