//! From the rows of one stream to what is written: only what differs from what is there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use casework::rows::StreamRows;

use crate::conn::Cell;
use crate::views::{Place, Row, VIEWS, people};

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
            let here = old.get(at).filter(|o| o.key() == row.key());
            if here.or_else(|| old.iter().find(|o| o.key() == row.key())) != Some(row) {
                self.puts[R::VIEW].push(at);
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
