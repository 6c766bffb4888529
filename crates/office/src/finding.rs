//! Finding cases by text: an index of this machine that follows the log (DECISIONS 4).
//!
//! It says where to look, and the database says what may be seen: every case that it names is read under the reader's
//! scope. What is indexed is what people wrote: every Chinese text of a case's events, and codes and numbers.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use casework::{record::StreamKind, rows::CaseRow};
use jiff::{
    Span,
    civil::{Date, date},
};
use search::{Doc, Found, Hit, Index, Query};
use serde_json::Value;
use store::{CaseFilter, CaseKey, Listed, Scope, Store, Stored};

use crate::error::OfficeError;

/// Records of the log, or cases of a new index, that are taken up in one go.
const PAGE: u32 = 500;
/// Length of codes and numbers that are indexed, characters; shorter ones are the program's words, longer ones digests.
const CODE: std::ops::RangeInclusive<usize> = 6..=32;

/// How far one question to the index goes before it says that it looked no further.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Cases that the index names in one go, for the database to look at.
    pub named: usize,
    /// How often it is asked for one page, in case the database shows nothing of what it names.
    pub rounds: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            named: 300,
            rounds: 20,
        }
    }
}

/// What one question has found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Cases, newest lead first.
    pub cases: Vec<Listed<CaseRow>>,
    /// The day of the lead down to which was looked, where there is more behind it and the page is not full.
    pub cut: Option<Date>,
}

/// The index of cases; while it is being made, whoever searches is told so.
pub struct CaseIndex {
    index: Arc<Index>,
    effort: Effort,
    ready: AtomicBool,
    /// Cases taken up while it is being made.
    taken: AtomicU64,
}

impl CaseIndex {
    /// Opens the index in that folder, or begins a new one if what is there is not of this store's log.
    ///
    /// # Errors
    /// The store, or a folder that cannot be written.
    pub async fn open(folder: &Path, store: &Store) -> Result<Self, OfficeError> {
        let records = store.log_size().await?;
        let (folder, log) = (folder.to_owned(), store.origin().name.clone());
        let index = apart(move || Index::open(&folder, &log, records)).await?;
        Ok(Self {
            index: Arc::new(index),
            effort: Effort::default(),
            ready: AtomicBool::new(false),
            taken: AtomicU64::new(0),
        })
    }

    /// The same index, asked with other effort.
    #[must_use]
    pub fn with(self, effort: Effort) -> Self {
        Self { effort, ..self }
    }

    /// Takes up what the log has come to hold since; tells whether there was anything. Called again at once while there
    /// was, it ends with an index that is complete.
    ///
    /// # Errors
    /// The store, or an index that cannot be written; the next call begins where this one did.
    pub async fn follow(&self, store: &Store) -> Result<bool, OfficeError> {
        if self.index.reached() == 0 {
            self.build(store).await?;
        }
        let page = store.log_after(self.index.reached(), PAGE).await?;
        let Some(last) = page.last() else {
            self.ready.store(true, Ordering::Release);
            return Ok(false);
        };
        let reached = last.idx + 1;
        let headers = page.iter().map(|logged| &logged.event.header);
        let cases = headers.filter(|header| header.stream_kind == StreamKind::Case);
        let cases: BTreeSet<String> = cases.map(|header| header.stream.clone()).collect();
        self.take_up(store, cases.into_iter().collect(), reached)
            .await?;
        Ok(true)
    }

    /// Whether everything that the log held when it was looked at last can be found; else how many cases can.
    pub fn progress(&self) -> Result<(), u64> {
        match self.ready.load(Ordering::Acquire) {
            true => Ok(()),
            false => Err(self.taken.load(Ordering::Relaxed)),
        }
    }

    /// Makes the index from all cases; the log is followed from where it stood before.
    async fn build(&self, store: &Store) -> Result<(), OfficeError> {
        let (records, mut after) = (store.log_size().await?, String::new());
        loop {
            let kind = Some(StreamKind::Case);
            let heads = store.heads(&Scope::system(), kind, &after, PAGE).await?;
            let Some(last) = heads.last() else {
                break;
            };
            after = last.stream.clone();
            let cases: Vec<String> = heads.into_iter().map(|head| head.stream).collect();
            let count = cases.len() as u64;
            self.take_up(store, cases, 0).await?;
            self.taken.fetch_add(count, Ordering::Relaxed);
        }
        self.put(Vec::new(), records).await
    }

    async fn take_up(
        &self,
        store: &Store,
        cases: Vec<String>,
        reached: u64,
    ) -> Result<(), OfficeError> {
        let system = Scope::system();
        let filter = CaseFilter {
            streams: Some(cases),
            ..CaseFilter::default()
        };
        let mut docs = Vec::new();
        for case in store.cases(&system, &filter, None, PAGE).await? {
            let events = store.load(&system, &case.stream, 0).await?;
            docs.push(document(&case, &events));
        }
        self.put(docs, reached).await
    }

    async fn put(&self, docs: Vec<Doc>, reached: u64) -> Result<(), OfficeError> {
        let index = Arc::clone(&self.index);
        apart(move || index.put(&docs, reached)).await
    }

    async fn ask(
        &self,
        text: &str,
        within: &Arc<[Vec<String>]>,
        after: Option<Hit>,
    ) -> Result<Found, OfficeError> {
        let (index, text, within) = (Arc::clone(&self.index), text.to_owned(), Arc::clone(within));
        let count = self.effort.named;
        apart(move || {
            index.find(&Query {
                text: &text,
                within: &within,
                after: after.as_ref(),
                count,
            })
        })
        .await
    }

    /// Cases in whose papers and events every part of the text stands, newest lead first, of those that the filter and
    /// the scope let through.
    ///
    /// # Errors
    /// The store, or an index that cannot be read.
    pub async fn find(
        &self,
        store: &Store,
        scope: &Scope,
        (text, filter): (&str, &CaseFilter),
        after: Option<&CaseKey>,
        count: u32,
    ) -> Result<Finding, OfficeError> {
        let bodies = store.bodies_in(scope).await?;
        let within: Arc<[Vec<String>]> = within(bodies.as_deref(), scope, filter).into();
        let (mut cases, mut cut) = (Vec::new(), None);
        let mut from = begin(after, filter.opened.1);
        for _ in 0..self.effort.rounds {
            let found = self.ask(text, &within, from).await?;
            let Some(last) = found.hits.last().cloned() else {
                cut = None;
                break;
            };
            let named = CaseFilter {
                text: None,
                streams: Some(found.hits.into_iter().map(|hit| hit.id).collect()),
                ..filter.clone()
            };
            let missing = count.saturating_sub(cases.len() as u32);
            cases.extend(store.cases(scope, &named, after, missing).await?);
            let first = filter.opened.0.map(day_number);
            let behind = first.is_some_and(|first| last.day < first);
            if cases.len() >= count as usize || behind || !found.more {
                cut = None;
                break;
            }
            cut = day_of(last.day);
            from = Some(last);
        }
        Ok(Finding { cases, cut })
    }
}

/// Where a question begins: behind the last of the page before, and not before the last day that is asked for.
fn begin(after: Option<&CaseKey>, until: Option<Date>) -> Option<Hit> {
    let after = after.map(|key| Hit {
        id: key.stream.clone(),
        day: day_number(key.opened_on),
    });
    let until = until.map(|day| Hit {
        id: String::new(),
        day: day_number(day) + 1,
    });
    // What is listed first has the later day and the greater id.
    let places = [after, until].into_iter().flatten();
    places.min_by(|a, b| (a.day, &a.id).cmp(&(b.day, &b.id)))
}

/// Runs what reads or writes files on a thread for such work.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, search::SearchError> + Send + 'static,
) -> Result<T, OfficeError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|e| OfficeError::Internal(e.to_string()))?;
    done.map_err(|e| OfficeError::Internal(e.to_string()))
}

/// Labels of which a case must bear one of each group, so that the index names hardly any that may not be seen.
fn within(bodies: Option<&[String]>, scope: &Scope, filter: &CaseFilter) -> Vec<Vec<String>> {
    let mut groups = Vec::new();
    if let Some(bodies) = bodies {
        let assigned = scope.assigned.iter().map(|person| of("person", person));
        let bodies = bodies.iter().map(|body| of("body", body));
        groups.push(bodies.chain(assigned).collect());
    }
    if let Some(reach) = &filter.reach {
        let unit = reach.unit.iter().map(|(_, unit)| of("unit", unit));
        let person = reach.person.iter().map(|person| of("person", person));
        let decided = reach.decided.then(|| DECIDED.to_owned());
        groups.push(unit.chain(person).chain(decided).collect());
    }
    groups.extend(filter.body.iter().map(|body| vec![of("body", body)]));
    groups.extend(filter.unit.iter().map(|unit| vec![of("unit", unit)]));
    if !filter.stages.is_empty() {
        let stages = filter.stages.iter().map(|stage| of("stage", stage));
        groups.push(stages.collect());
    }
    if let Some(ended) = filter.ended {
        groups.push(vec![of("ended", &ended.to_string())]);
    }
    // What is late is open.
    if filter.late.is_some() {
        groups.push(vec![of("ended", &false.to_string())]);
    }
    groups
}

const DECIDED: &str = "decided";

fn of(what: &str, which: &str) -> String {
    format!("{what}:{which}")
}

fn day_number(day: Date) -> i64 {
    let since = day.since(date(1970, 1, 1)).map(|span| span.get_days());
    since.map_or(0, i64::from)
}

/// The day of that number.
fn day_of(number: i64) -> Option<Date> {
    let since = Span::new().try_days(number).ok()?;
    date(1970, 1, 1).checked_add(since).ok()
}

fn document(case: &Listed<CaseRow>, events: &[Stored]) -> Doc {
    let row = &case.row;
    let mut labels = vec![
        of("body", &case.body_id),
        of("unit", &row.unit),
        of("stage", &row.stage),
        of("ended", &row.ended.to_string()),
    ];
    labels.extend(row.people.iter().map(|person| of("person", person)));
    labels.extend(row.decided_on.map(|_| DECIDED.to_owned()));
    let mut texts: BTreeSet<String> = [&row.name, &row.parties, &row.cause]
        .into_iter()
        .chain(&row.number)
        .cloned()
        .collect();
    for event in events {
        // What is no JSON, or was destroyed, holds nothing to be found.
        let body = event.body.as_deref().unwrap_or_default();
        if let Ok(value) = serde_json::from_slice(body) {
            gather(value, &mut texts);
        }
    }
    Doc {
        id: case.stream.clone(),
        day: day_number(row.opened_on),
        labels,
        texts: texts.into_iter().collect(),
    }
}

/// Adds every text that somebody may look for.
fn gather(value: Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if is_sought(&text) => {
            texts.insert(text);
        }
        Value::Array(list) => list.into_iter().for_each(|value| gather(value, texts)),
        Value::Object(map) => map.into_values().for_each(|value| gather(value, texts)),
        _ => {}
    }
}

/// Chinese text, or a code: people and steps have identifiers of their own, which nobody looks for.
fn is_sought(text: &str) -> bool {
    const CJK: char = '\u{2E80}';
    let is_code = || {
        CODE.contains(&text.len())
            && text.chars().all(|c| c.is_ascii_alphanumeric())
            && text.chars().any(|c| c.is_ascii_digit())
    };
    text.chars().any(|c| c >= CJK) || is_code()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_found_and_what_the_program_wrote_is_not() {
        fn check(text: &str, expect: bool) {
            assert_eq!(is_sought(text), expect, "{text}");
        }
        check("青山县", true);
        check("𠮷", true);
        check("91330100MA2XXXXX4L", true);
        check("13800000000", true);
        check("A20", false);
        check("person-zhang", false);
        check("2026-03-02", false);
        check(&"0a".repeat(32), false);
    }

    #[test]
    fn days_are_counted_from_1970() {
        for (day, number) in [
            (date(1969, 12, 31), -1),
            (date(1970, 1, 2), 1),
            (date(2026, 3, 2), 20_514),
        ] {
            assert_eq!((day_number(day), day_of(number)), (number, Some(day)));
        }
    }

    #[test]
    fn a_question_begins_at_the_page_or_at_the_last_day_whichever_comes_later_in_the_list() {
        let key = |day| CaseKey {
            opened_on: day,
            stream: "c".to_owned(),
        };
        let check = |after: Option<Date>, until, expect: Option<(&str, i64)>| {
            let from = begin(after.map(key).as_ref(), until);
            let from = from.as_ref().map(|hit| (hit.id.as_str(), hit.day));
            assert_eq!(from, expect, "{after:?} {until:?}");
        };
        let (early, late) = (date(1970, 1, 2), date(1970, 1, 9));
        check(None, None, None);
        check(Some(early), None, Some(("c", 1)));
        check(None, Some(early), Some(("", 2)));
        check(Some(late), Some(early), Some(("", 2)));
        check(Some(early), Some(late), Some(("c", 1)));
        // Of the last day itself all that stands behind the page before.
        check(Some(early), Some(early), Some(("c", 1)));
    }

    #[test]
    fn what_is_late_is_sought_among_open_cases() {
        let filter = CaseFilter {
            late: Some(date(2026, 3, 2)),
            ..CaseFilter::default()
        };
        let groups = within(None, &Scope::system(), &filter);
        assert_eq!(groups, [["ended:false"]]);
    }
}
