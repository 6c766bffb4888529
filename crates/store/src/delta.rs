//! From the rows of one stream to the values that are written: only what differs from what is there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

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
    pub shadow: &'static str,
}

macro_rules! names {
    ($table:literal) => {
        Names { wipe: concat!("wipe ", $table), delete: concat!("delete ", $table), upsert: concat!("upsert ", $table), shadow: concat!("shadow ", $table) }
    };
}

/// Every view that is written with the events; the order is that of [`Delta`]'s lists.
pub(crate) const VIEWS: [View; 7] = [
    View {
        table: "case_row",
        columns: &[
            "stream_id", "body_id", "unit", "number", "name", "cause", "stage", "stage_title", "parties", "opened_on",
            "filed_on", "decided_on", "closed_on", "ended", "people", "haystack",
        ],
        key: 1, names: names!("case_row"),
    },
    View { table: "case_person", columns: &["stream_id", "person_id"], key: 2, names: names!("case_person") },
    View {
        table: "todo",
        columns: &[
            "stream_id", "key", "body_id", "step", "title", "party", "party_name", "role", "unit", "person",
            "since_at", "limit_code", "basis", "pending",
        ],
        key: 2, names: names!("todo"),
    },
    View {
        table: "limit_row",
        columns: &[
            "stream_id", "key", "body_id", "code", "title", "party", "started_on", "status", "due_on", "provisional",
            "ended_on", "basis",
        ],
        key: 2, names: names!("limit_row"),
    },
    View {
        table: "paper",
        columns: &[
            "stream_id", "paper_id", "body_id", "template", "title", "number", "party", "issued_on", "digest",
            "size_bytes", "event_version", "media_type",
        ],
        key: 2, names: names!("paper"),
    },
    View {
        table: "person",
        columns: &[
            "stream_id", "body_id", "login", "name", "unit", "roles", "active", "card_number", "card_until",
        ],
        key: 1, names: names!("person"),
    },
    View { table: "body", columns: &["stream_id", "body_id", "parent", "name"], key: 1, names: names!("body") },
];

/// Index of the `body` table in [`VIEWS`]: a change there renews `body_tree`.
pub(crate) const BODY: usize = 6;

impl View {
    /// Insert or replace by key; `tuples` is the text of the rows.
    pub(crate) fn upsert(&self, table: &str, tuples: &str) -> String {
        let columns = self.columns.join(",");
        let key = self.columns[..self.key].join(",");
        let rest = &self.columns[self.key..];
        if rest.is_empty() {
            return format!("INSERT INTO {table} ({columns}) VALUES {tuples} ON CONFLICT ({key}) DO NOTHING");
        }
        let set: Vec<String> = rest.iter().map(|column| format!("{column}=excluded.{column}")).collect();
        let set = set.join(",");
        format!("INSERT INTO {table} ({columns}) VALUES {tuples} ON CONFLICT ({key}) DO UPDATE SET {set}")
    }

    /// Delete by key; `tuples` is the text of the keys.
    pub(crate) fn delete(&self, tuples: &str) -> String {
        let key = self.columns[..self.key].join(",");
        format!("DELETE FROM {} WHERE ({key}) IN (VALUES {tuples})", self.table)
    }
}

/// What an append changes in the views: which of its rows to put, and which keys to delete, by view.
#[derive(Debug, Default)]
pub(crate) struct Delta {
    /// Positions in the new rows' lists.
    puts: [Vec<usize>; VIEWS.len()],
    /// Keys within the stream; an empty one where a stream has one row.
    deletes: [Vec<String>; VIEWS.len()],
    /// Whether every row of the stream is deleted first, because what is there is not known.
    pub wipe: bool,
}

impl Delta {
    /// The change from `previous` to `next`; without a known `previous` all rows are written anew.
    pub(crate) fn between(previous: Option<&StreamRows>, next: &StreamRows) -> Self {
        let mut delta = Self { wipe: previous.is_none(), ..Self::default() };
        let empty = StreamRows::default();
        let old = previous.unwrap_or(&empty);
        delta.list(old.case.as_slice(), next.case.as_slice());
        delta.list(people(old), people(next));
        delta.list(&old.todo, &next.todo);
        delta.list(&old.limits, &next.limits);
        delta.list(&old.papers, &next.papers);
        delta.list(old.person.as_slice(), next.person.as_slice());
        delta.list(old.body.as_slice(), next.body.as_slice());
        delta
    }

    fn list<R: Row>(&mut self, old: &[R], new: &[R]) {
        for (at, row) in new.iter().enumerate() {
            // Rows mostly keep their place, so look there before looking everywhere.
            let here = old.get(at).filter(|o| o.key() == row.key());
            if here.or_else(|| old.iter().find(|o| o.key() == row.key())) != Some(row) {
                self.puts[R::VIEW].push(at);
            }
        }
        let gone = old.iter().filter(|row| !new.iter().any(|n| n.key() == row.key()));
        self.deletes[R::VIEW].extend(gone.map(|row| row.key().unwrap_or_default().to_owned()));
    }

    /// Whether anything of that view changes.
    pub(crate) fn touches(&self, view: usize) -> bool {
        self.wipe || !self.puts[view].is_empty() || !self.deletes[view].is_empty()
    }

    /// Adds the keys to delete from a view.
    pub(crate) fn delete_cells<'a>(&'a self, stream: &'a str, view: usize, out: &mut Vec<Cell<'a>>) {
        for key in &self.deletes[view] {
            out.push(stream.into());
            if VIEWS[view].key > 1 {
                out.push(key.as_str().into());
            }
        }
    }

    /// Adds the rows to put into a view.
    pub(crate) fn put_cells<'a>(
        &self,
        place: &Place<'a>,
        rows: &'a StreamRows,
        view: usize,
        out: &mut Vec<Cell<'a>>,
    ) {
        let at = &self.puts[view];
        match view {
            0 => put(rows.case.as_slice(), at, place, out),
            1 => put(people(rows), at, place, out),
            2 => put(&rows.todo, at, place, out),
            3 => put(&rows.limits, at, place, out),
            4 => put(&rows.papers, at, place, out),
            5 => put(rows.person.as_slice(), at, place, out),
            _ => put(rows.body.as_slice(), at, place, out),
        }
    }
}

fn put<'a, R: Row>(rows: &'a [R], positions: &[usize], place: &Place<'a>, out: &mut Vec<Cell<'a>>) {
    for row in positions.iter().filter_map(|at| rows.get(*at)) {
        row.cells(place, out);
    }
}

fn people(rows: &StreamRows) -> &[String] {
    rows.case.as_ref().map_or(&[], |case| &case.people)
}

/// Where the rows belong.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub stream: &'a str,
    pub body_id: &'a str,
}

/// A row type of one view: its key within the stream, and its cells in column order.
trait Row: PartialEq {
    const VIEW: usize;
    /// The key within the stream; none where a stream has one row.
    fn key(&self) -> Option<&str>;
    fn cells<'a>(&'a self, place: &Place<'a>, out: &mut Vec<Cell<'a>>);
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
        let haystack = [self.number.as_deref().unwrap_or_default(), &self.name, &self.parties, &self.cause].join("\n");
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
            haystack.to_lowercase().into(),
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
            self.card.as_ref().map_or(Cell::Null, |(number, _)| number.as_str().into()),
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
        out.extend([place.stream.into(), place.body_id.into(), (&self.parent).into(), self.name.as_str().into()]);
    }
}

/// Streams whose written rows are remembered, so that the next append writes only what changed.
const CACHED_STREAMS_MAX: usize = 4_096;

/// Rows as this process wrote them, by stream and version; in two generations, of which the older is dropped.
///
/// An append compares its stream's head with its expected version inside the transaction, so a remembered
/// row set of that version is what the database holds.
#[derive(Debug, Default)]
pub(crate) struct RowCache {
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<String, (u64, Arc<StreamRows>)>,
    old: HashMap<String, (u64, Arc<StreamRows>)>,
}

impl RowCache {
    /// The rows of a stream at exactly that version.
    pub(crate) fn get(&self, stream: &str, version: u64) -> Option<Arc<StreamRows>> {
        let held = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, rows) = held.young.get(stream).or_else(|| held.old.get(stream))?;
        (*at == version).then(|| Arc::clone(rows))
    }

    /// Remembers the rows of a stream at a version.
    pub(crate) fn put(&self, stream: &str, version: u64, rows: Arc<StreamRows>) {
        let mut held = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if held.young.len() >= CACHED_STREAMS_MAX / 2 {
            held.old = std::mem::take(&mut held.young);
        }
        held.old.remove(stream);
        held.young.insert(stream.to_owned(), (version, rows));
    }

    /// Forgets everything, as a rebuild must.
    pub(crate) fn clear(&self) {
        let mut held = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Generations::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn todo(key: &str, title: &str) -> TodoRow {
        TodoRow {
            key: key.into(),
            step: "A05".into(),
            title: title.into(),
            party: None,
            party_name: None,
            role: "handler".into(),
            unit: None,
            person: None,
            since_at: 1,
            limit: None,
            basis: "行政处罚法 54".into(),
            pending: false,
        }
    }

    fn rows(todo: Vec<TodoRow>) -> StreamRows {
        StreamRows { todo, ..StreamRows::default() }
    }

    #[test]
    fn only_changed_rows_are_written_and_only_vanished_ones_deleted() {
        let old = rows(vec![todo("a", "甲"), todo("b", "乙"), todo("c", "丙")]);
        let new = rows(vec![todo("b", "乙"), todo("c", "改"), todo("d", "丁")]);
        let delta = Delta::between(Some(&old), &new);
        assert_eq!(delta.puts[2], [1, 2]);
        assert_eq!(delta.deletes[2], ["a"]);
        assert!(!delta.wipe);
    }

    #[test]
    fn equal_rows_write_nothing() {
        let same = rows(vec![todo("a", "甲")]);
        let delta = Delta::between(Some(&same), &same.clone());
        assert!((0..VIEWS.len()).all(|view| !delta.touches(view)));
    }

    #[test]
    fn unknown_previous_rows_are_wiped() {
        let delta = Delta::between(None, &rows(vec![todo("a", "甲")]));
        assert!(delta.wipe);
        assert_eq!(delta.puts[2], [0]);
    }

    #[test]
    fn a_row_has_a_cell_for_each_column() {
        let opened_on = jiff::civil::date(2026, 3, 2);
        let case = CaseRow {
            unit: "u".into(),
            number: None,
            name: "某厂案".into(),
            cause: "案由".into(),
            stage: "S1".into(),
            stage_title: "立案".into(),
            parties: "某厂".into(),
            opened_on,
            filed_on: None,
            decided_on: None,
            closed_on: None,
            ended: false,
            people: vec!["p".into()],
        };
        let new = StreamRows { case: Some(case), ..rows(vec![todo("a", "甲")]) };
        let delta = Delta::between(None, &new);
        for (at, view) in VIEWS.iter().enumerate().take(3) {
            let mut cells = Vec::new();
            delta.put_cells(&Place { stream: "s", body_id: "b" }, &new, at, &mut cells);
            assert_eq!(cells.len(), view.columns.len(), "{}", view.table);
        }
    }

    #[test]
    fn the_cache_answers_for_the_exact_version_only_and_stays_bounded() {
        let cache = RowCache::default();
        let some = Arc::new(StreamRows::default());
        cache.put("s", 3, Arc::clone(&some));
        assert!(cache.get("s", 3).is_some());
        assert!(cache.get("s", 2).is_none());
        for n in 0..3 * CACHED_STREAMS_MAX {
            cache.put(&n.to_string(), 1, Arc::clone(&some));
        }
        let held = cache.generations.lock().unwrap();
        assert!(held.young.len() + held.old.len() <= CACHED_STREAMS_MAX);
    }
}
