//! From the rows of one stream to what is written: only what differs from what is there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use casework::rows::StreamRows;

use crate::conn::Cell;
use crate::views::{Place, Row, VIEW_COUNT, VIEWS, people};

/// What an append changes in the views: which rows to put, and which keys to delete, by view.
#[derive(Debug, Default)]
pub(crate) struct Delta {
    puts: [Vec<Put>; VIEW_COUNT],
    /// Keys within the stream; an empty one where a stream has one row.
    deletes: [Vec<String>; VIEW_COUNT],
    /// Whether every row of the stream is deleted first, because what is there is not known.
    pub wipe: bool,
}

/// One row of a view as it will be.
#[derive(Debug)]
pub(crate) struct Put {
    /// Its cells, in column order.
    pub cells: Vec<Cell<'static>>,
    /// The columns in which it differs from the row that is there, one bit each; none where there is no such row.
    pub differing: Option<u64>,
}

impl Delta {
    /// The change from `previous` to `next`; without a known `previous` all rows are written anew.
    pub(crate) fn between(
        place: &Place<'_>,
        previous: Option<&StreamRows>,
        next: &StreamRows,
    ) -> Self {
        let mut delta = Self {
            wipe: previous.is_none(),
            ..Self::default()
        };
        let empty = StreamRows::default();
        let old = previous.unwrap_or(&empty);
        delta.list(place, old.case.as_slice(), next.case.as_slice());
        delta.list(place, people(old), people(next));
        delta.list(place, &old.todo, &next.todo);
        delta.list(place, &old.limits, &next.limits);
        delta.list(place, &old.papers, &next.papers);
        delta.list(place, old.person.as_slice(), next.person.as_slice());
        delta.list(place, old.body.as_slice(), next.body.as_slice());
        delta
    }

    fn list<'a, R: Row>(&mut self, place: &Place<'a>, old: &'a [R], new: &'a [R]) {
        for (at, row) in new.iter().enumerate() {
            // Rows mostly keep their place, so look there before looking everywhere.
            let same = |o: &&R| o.key() == row.key();
            let was = old.get(at).filter(same);
            let was = was.or_else(|| old.iter().find(same));
            if was != Some(row) {
                let put = Put::new(place, was, row);
                // Rows may differ in something that has no column.
                if put.differing != Some(0) {
                    self.puts[R::VIEW].push(put);
                }
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

    /// Whether any text of the rows to put holds U+0000.
    pub(crate) fn has_nul(&self) -> bool {
        let mut cells = self.puts.iter().flatten().flat_map(|put| &put.cells);
        cells.any(|cell| matches!(cell, Cell::Text(text) if text.as_bytes().contains(&0)))
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

    /// The rows to put into a view.
    pub(crate) fn puts(&self, view: usize) -> &[Put] {
        &self.puts[view]
    }
}

impl Put {
    fn new<'a, R: Row>(place: &Place<'a>, old: Option<&'a R>, new: &'a R) -> Self {
        let cells = |row: &'a R| {
            let mut cells = Vec::with_capacity(VIEWS[R::VIEW].columns.len());
            row.cells(place, &mut cells);
            cells
        };
        let new: Vec<Cell<'a>> = cells(new);
        let differing = old.map(|old| {
            let old = cells(old);
            let pairs = old.iter().zip(&new).enumerate();
            pairs
                .filter(|(_, (old, new))| old != new)
                .fold(0, |bits, (at, _)| bits | 1 << at)
        });
        Self {
            cells: new.into_iter().map(Cell::into_owned).collect(),
            differing,
        }
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
    use crate::views::all_cells;

    const PLACE: Place<'static> = Place {
        stream: "s",
        body_id: "b",
    };

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
        let delta = Delta::between(&PLACE, Some(&old), &new);
        assert_eq!(delta.deletes[2], ["a"]);
        assert!(!delta.wipe);
        let puts = delta.puts(2).iter();
        let puts: Vec<_> = puts.map(|put| (&put.cells[1], put.differing)).collect();
        assert_eq!(
            puts,
            [(&"c".into(), Some(1 << 4)), (&"d".into(), None)],
            "the title is the fifth column"
        );
    }

    #[test]
    fn equal_rows_write_nothing() {
        let same = rows(vec![todo("a", "甲")]);
        let delta = Delta::between(&PLACE, Some(&same), &same.clone());
        assert!((0..VIEWS.len()).all(|view| !delta.touches(view)));
    }

    #[test]
    fn unknown_previous_rows_are_wiped() {
        let delta = Delta::between(&PLACE, None, &rows(vec![todo("a", "甲")]));
        assert!(delta.wipe);
        let puts: Vec<Option<u64>> = delta.puts(2).iter().map(|put| put.differing).collect();
        assert_eq!(puts, [None]);
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
        let delta = Delta::between(&PLACE, None, &new);
        for (at, view) in VIEWS.iter().enumerate().take(3) {
            let mut cells = Vec::new();
            all_cells(&new, at, &PLACE, &mut cells);
            assert_eq!(cells.len(), view.columns.len(), "{}", view.table);
            assert_eq!(delta.puts(at)[0].cells, cells);
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
