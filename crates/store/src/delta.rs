//! From the rows of one stream to what is written: only what differs from what is there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use casework::rows::StreamRows;

use crate::conn::Cell;
use crate::views::{Place, Row, VIEWS, people};

/// What an append changes in the views: which of its rows to put, and which keys to delete, by view.
#[derive(Debug, Default)]
pub(crate) struct Delta {
    /// Positions in the new rows' lists, each with that of the same row in the old ones, if it is there.
    puts: [Vec<(usize, Option<usize>)>; VIEWS.len()],
    /// Keys within the stream; an empty one where a stream has one row.
    deletes: [Vec<String>; VIEWS.len()],
    /// Whether every row of the stream is deleted first, because what is there is not known.
    pub wipe: bool,
}

impl Delta {
    /// The change from `previous` to `next`; without a known `previous` all rows are written anew.
    pub(crate) fn between(previous: Option<&StreamRows>, next: &StreamRows) -> Self {
        let mut delta = Self {
            wipe: previous.is_none(),
            ..Self::default()
        };
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
            let same = |o: &R| o.key() == row.key();
            let was = match old.get(at) {
                Some(o) if same(o) => Some(at),
                _ => old.iter().position(same),
            };
            if was.map(|was| &old[was]) != Some(row) {
                self.puts[R::VIEW].push((at, was));
            }
        }
        let gone = old
            .iter()
            .filter(|row| !new.iter().any(|n| n.key() == row.key()));
        self.deletes[R::VIEW].extend(gone.map(|row| row.key().unwrap_or_default().to_owned()));
    }

    /// Whether anything of that view changes.
    pub(crate) fn touches(&self, view: usize) -> bool {
        self.wipe || !self.puts[view].is_empty() || !self.deletes[view].is_empty()
    }

    /// Adds the keys to delete from a view.
    pub(crate) fn delete_cells<'a>(
        &'a self,
        stream: &'a str,
        view: usize,
        out: &mut Vec<Cell<'a>>,
    ) {
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
        for (at, _) in &self.puts[view] {
            row_cells(rows, view, *at, place, out);
        }
    }

    /// The rows to put into a view one by one, each with the cells that it has there now, if it is there.
    pub(crate) fn changes<'a>(
        &self,
        place: &Place<'a>,
        old: Option<&'a StreamRows>,
        new: &'a StreamRows,
        view: usize,
    ) -> Vec<Change<'a>> {
        let cells = |rows, at| {
            let mut cells = Vec::with_capacity(VIEWS[view].columns.len());
            row_cells(rows, view, at, place, &mut cells);
            cells
        };
        let change = |(at, was): &(usize, Option<usize>)| Change {
            old: old.zip(*was).map(|(old, was)| cells(old, was)),
            new: cells(new, *at),
        };
        self.puts[view].iter().map(change).collect()
    }
}

/// One row of a view as it will be, and as it is, if it is there.
pub(crate) struct Change<'a> {
    pub old: Option<Vec<Cell<'a>>>,
    pub new: Vec<Cell<'a>>,
}

impl Change<'_> {
    /// The columns that differ, one bit each; none where there is no row yet.
    pub(crate) fn differing(&self) -> Option<u64> {
        let pairs = self.old.as_ref()?.iter().zip(&self.new).enumerate();
        Some(
            pairs
                .filter(|(_, (old, new))| old != new)
                .fold(0, |bits, (at, _)| bits | 1 << at),
        )
    }
}

/// Adds the cells of one row; the order of the views is that of [`VIEWS`].
fn row_cells<'a>(
    rows: &'a StreamRows,
    view: usize,
    at: usize,
    place: &Place<'a>,
    out: &mut Vec<Cell<'a>>,
) {
    match view {
        0 => cells_at(rows.case.as_slice(), at, place, out),
        1 => cells_at(people(rows), at, place, out),
        2 => cells_at(&rows.todo, at, place, out),
        3 => cells_at(&rows.limits, at, place, out),
        4 => cells_at(&rows.papers, at, place, out),
        5 => cells_at(rows.person.as_slice(), at, place, out),
        _ => cells_at(rows.body.as_slice(), at, place, out),
    }
}

fn cells_at<'a, R: Row>(rows: &'a [R], at: usize, place: &Place<'a>, out: &mut Vec<Cell<'a>>) {
    if let Some(row) = rows.get(at) {
        row.cells(place, out);
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
        let held = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (at, rows) = held.young.get(stream).or_else(|| held.old.get(stream))?;
        (*at == version).then(|| Arc::clone(rows))
    }

    /// Remembers the rows of a stream at a version.
    pub(crate) fn put(&self, stream: &str, version: u64, rows: Arc<StreamRows>) {
        let mut held = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if held.young.len() >= CACHED_STREAMS_MAX / 2 {
            held.old = std::mem::take(&mut held.young);
        }
        held.old.remove(stream);
        held.young.insert(stream.to_owned(), (version, rows));
    }

    /// Forgets everything, as a rebuild must.
    pub(crate) fn clear(&self) {
        let mut held = self
            .generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *held = Generations::default();
    }
}

#[cfg(test)]
mod tests {
    use casework::rows::{CaseRow, TodoRow};

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
            due_on: None,
            request: None,
        }
    }

    fn rows(todo: Vec<TodoRow>) -> StreamRows {
        StreamRows {
            todo,
            ..StreamRows::default()
        }
    }

    #[test]
    fn only_changed_rows_are_written_and_only_vanished_ones_deleted() {
        let old = rows(vec![todo("a", "甲"), todo("b", "乙"), todo("c", "丙")]);
        let new = rows(vec![todo("b", "乙"), todo("c", "改"), todo("d", "丁")]);
        let delta = Delta::between(Some(&old), &new);
        assert_eq!(delta.puts[2], [(1, Some(2)), (2, None)]);
        assert_eq!(delta.deletes[2], ["a"]);
        assert!(!delta.wipe);
        let place = Place {
            stream: "s",
            body_id: "b",
        };
        let changes = delta.changes(&place, Some(&old), &new, 2);
        let differing: Vec<Option<u64>> = changes.iter().map(Change::differing).collect();
        assert_eq!(
            differing,
            [Some(1 << 4), None],
            "the title is the fifth column"
        );
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
        assert_eq!(delta.puts[2], [(0, None)]);
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
        let new = StreamRows {
            case: Some(case),
            ..rows(vec![todo("a", "甲")])
        };
        let delta = Delta::between(None, &new);
        for (at, view) in VIEWS.iter().enumerate().take(3) {
            let mut cells = Vec::new();
            delta.put_cells(
                &Place {
                    stream: "s",
                    body_id: "b",
                },
                &new,
                at,
                &mut cells,
            );
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
