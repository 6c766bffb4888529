//! The index: documents in, their ids out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::directory::MmapDirectory;
use tantivy::query::{BooleanQuery, PhraseQuery, Query as Search, TermQuery, TermSetQuery};
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{
    DocId, IndexReader, IndexWriter, ReloadPolicy, Score, SegmentOrdinal, SegmentReader, Term,
};

use crate::error::SearchError;
use crate::grams::{pairs, signs};

/// Form of the index; one of another form is made anew.
const FORM: &str = "zhiheng.search.v1";
/// Memory of the one writer, bytes: the least that the library takes.
const WRITER_BYTES: usize = 15_000_000;
/// Signs of one question that are looked for; nobody types more, and each costs a look.
const SIGNS_MAX: usize = 100;

/// What is found under its texts and labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc {
    /// Names it; a later one of that id takes its place.
    pub id: String,
    /// The day by which what is found is ordered, days since 1970.
    pub day: i64,
    /// Labels that a query can ask for.
    pub labels: Vec<String>,
    /// What it is found by.
    pub texts: Vec<String>,
}

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Query<'a> {
    /// Parts of text, separated by blanks; each must stand somewhere in the document.
    pub text: &'a str,
    /// Of each group the document must have at least one label.
    pub within: &'a [Vec<String>],
    /// Where an earlier question ended; none for the beginning.
    pub after: Option<&'a Hit>,
    /// How many are wanted.
    pub count: usize,
}

/// A document that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its id.
    pub id: String,
    /// Its day.
    pub day: i64,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Documents, the latest day first, those of one day by descending id.
    pub hits: Vec<Hit>,
    /// Whether there are more behind them.
    pub more: bool,
}

/// An index in a folder of its own.
///
/// Many may find while one takes up what is new.
pub struct Index {
    log: String,
    fields: Fields,
    index: tantivy::Index,
    reader: IndexReader,
    reached: AtomicU64,
    /// Held by whoever writes: the library takes one writer at a time.
    writing: Mutex<()>,
}

#[derive(Debug, Clone, Copy)]
struct Fields {
    id: Field,
    day: Field,
    label: Field,
    pair: Field,
    sign: Field,
}

impl Fields {
    fn new() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let indexed = |option| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_fieldnorms(false)
                .set_index_option(option);
            TextOptions::default().set_indexing_options(indexing)
        };
        let fields = Self {
            id: schema.add_text_field("id", STRING | FAST),
            day: schema.add_i64_field("day", FAST),
            label: schema.add_text_field("label", indexed(IndexRecordOption::Basic)),
            pair: schema.add_text_field("pair", indexed(IndexRecordOption::WithFreqsAndPositions)),
            sign: schema.add_text_field("sign", indexed(IndexRecordOption::Basic)),
        };
        (schema.build(), fields)
    }
}

impl Index {
    /// Opens the index in that folder if it is of that log, which has so many records, or begins a new one there.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn open(folder: &Path, log: &str, records: u64) -> Result<Self, SearchError> {
        fs::create_dir_all(folder)?;
        match Self::open_there(folder, log) {
            // One that has come further than the log is of another one.
            Ok(index) if index.reached() <= records => return Ok(index),
            _ => {}
        }
        fs::remove_dir_all(folder)?;
        fs::create_dir_all(folder)?;
        Self::open_there(folder, log)
    }

    fn open_there(folder: &Path, log: &str) -> Result<Self, SearchError> {
        let (schema, fields) = Fields::new();
        let directory = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from)?;
        let index = tantivy::Index::open_or_create(directory, schema)?;
        let metas = index.load_metas()?;
        let reached = match metas.payload {
            None if metas.segments.is_empty() => 0,
            payload => payload
                .as_deref()
                .and_then(|payload| reached_in(payload, log))
                .ok_or(tantivy::TantivyError::InvalidArgument(
                    "另一日志的索引".to_owned(),
                ))?,
        };
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(Self {
            log: log.to_owned(),
            fields,
            index,
            reader,
            reached: AtomicU64::new(reached),
            writing: Mutex::new(()),
        })
    }

    /// How far in the log it has come: the first place that it has not taken up.
    pub fn reached(&self) -> u64 {
        self.reached.load(Ordering::Acquire)
    }

    /// Takes up documents, each in place of an earlier one of its id, and notes how far the log has been followed;
    /// it is found at once. It holds its thread while the disk works.
    ///
    /// # Errors
    /// The index cannot be written; what was there before stays.
    pub fn put(&self, docs: &[Doc], reached: u64) -> Result<(), SearchError> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut writer: IndexWriter = self.index.writer_with_num_threads(1, WRITER_BYTES)?;
        for doc in docs {
            writer.delete_term(Term::from_field_text(self.fields.id, &doc.id));
            writer.add_document(self.fields.document(doc))?;
        }
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&format!("{FORM} {} {reached}", self.log));
        commit.commit()?;
        writer.wait_merging_threads()?;
        self.reader.reload()?;
        self.reached.store(reached, Ordering::Release);
        Ok(())
    }

    /// Finds documents, the latest day first, those of one day by descending id.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn find(&self, query: &Query<'_>) -> Result<Found, SearchError> {
        let Some(search) = self.search(query) else {
            return Ok(Found::default());
        };
        let days = Days {
            until: query.after.map_or(i64::MAX, |hit| hit.day),
        };
        let searcher = self.reader.searcher();
        let mut places = searcher.search(search.as_ref(), &days)?;
        places.sort_unstable_by(|a, b| b.cmp(a));
        let mut columns = Vec::new();
        for segment in searcher.segment_readers() {
            columns.push(segment.fast_fields().str("id")?);
        }
        let mut hits = Vec::new();
        // Ids are read for the days that are wanted, not for all that was found.
        for day in places.chunk_by(|a, b| a.0 == b.0) {
            if hits.len() > query.count {
                break;
            }
            let found = day.iter().filter_map(|place| hit(&columns, *place));
            let mut found: Vec<Hit> = found.filter(|hit| is_behind(hit, query.after)).collect();
            found.sort_unstable_by(|a, b| b.id.cmp(&a.id));
            hits.append(&mut found);
        }
        let more = hits.len() > query.count;
        hits.truncate(query.count);
        Ok(Found { hits, more })
    }

    /// The query for the index; none where nothing is asked for.
    fn search(&self, query: &Query<'_>) -> Option<Box<dyn Search>> {
        let mut all: Vec<Box<dyn Search>> = Vec::new();
        for part in query.text.split_whitespace() {
            let mut signs = signs(part);
            signs.truncate(SIGNS_MAX);
            all.extend(self.fields.part(&signs));
        }
        if all.is_empty() {
            return None;
        }
        for labels in query.within {
            let terms = labels
                .iter()
                .map(|label| Term::from_field_text(self.fields.label, label));
            all.push(Box::new(TermSetQuery::new(terms)));
        }
        Some(Box::new(BooleanQuery::intersection(all)))
    }
}

impl Fields {
    /// What finds one part of text: its pairs of signs one behind the other.
    fn part(&self, signs: &[char]) -> Option<Box<dyn Search>> {
        let term = |text: &str| Term::from_field_text(self.pair, text);
        let pairs: Vec<String> = pairs(signs).collect();
        match (signs, pairs.as_slice()) {
            ([], _) => None,
            ([one], _) => {
                let term = Term::from_field_text(self.sign, &one.to_string());
                Some(Box::new(TermQuery::new(term, IndexRecordOption::Basic)))
            }
            (_, [pair]) => Some(Box::new(TermQuery::new(
                term(pair),
                IndexRecordOption::Basic,
            ))),
            (_, pairs) => Some(Box::new(PhraseQuery::new(
                pairs.iter().map(|p| term(p)).collect(),
            ))),
        }
    }

    fn document(&self, doc: &Doc) -> tantivy::TantivyDocument {
        let mut out = tantivy::TantivyDocument::new();
        out.add_text(self.id, &doc.id);
        out.add_i64(self.day, doc.day);
        for label in &doc.labels {
            out.add_text(self.label, label);
        }
        let mut alone = BTreeSet::new();
        for text in &doc.texts {
            let signs = signs(text);
            let tokens = pairs(&signs)
                .enumerate()
                .map(|(position, text)| token(position, text));
            let tokens: Vec<Token> = tokens.collect();
            if !tokens.is_empty() {
                out.add_pre_tokenized_text(
                    self.pair,
                    PreTokenizedString {
                        text: String::new(),
                        tokens,
                    },
                );
            }
            alone.extend(signs);
        }
        let tokens = alone
            .iter()
            .map(|sign| token(0, sign.to_string()))
            .collect();
        out.add_pre_tokenized_text(
            self.sign,
            PreTokenizedString {
                text: String::new(),
                tokens,
            },
        );
        out
    }
}

fn token(position: usize, text: String) -> Token {
    Token {
        position,
        text,
        ..Token::default()
    }
}

/// How far a commit of that log had come.
fn reached_in(payload: &str, log: &str) -> Option<u64> {
    let rest = payload.strip_prefix(FORM)?.strip_prefix(' ')?;
    rest.strip_prefix(log)?.strip_prefix(' ')?.parse().ok()
}

/// A place in the index with its day.
type Place = (i64, SegmentOrdinal, DocId);

fn hit(columns: &[Option<StrColumn>], (day, segment, doc): Place) -> Option<Hit> {
    let column = columns.get(segment as usize)?.as_ref()?;
    let mut id = String::new();
    let found = column
        .ord_to_str(column.term_ords(doc).next()?, &mut id)
        .ok()?;
    found.then_some(Hit { id, day })
}

/// Whether a document comes behind the place where an earlier question ended.
fn is_behind(hit: &Hit, after: Option<&Hit>) -> bool {
    after.is_none_or(|after| (hit.day, &hit.id) < (after.day, &after.id))
}

/// Gathers every document up to a day.
struct Days {
    until: i64,
}

struct DaysOf {
    until: i64,
    segment: SegmentOrdinal,
    days: Column<i64>,
    places: Vec<Place>,
}

impl Collector for Days {
    type Fruit = Vec<Place>;
    type Child = DaysOf;

    fn for_segment(
        &self,
        segment: SegmentOrdinal,
        reader: &SegmentReader,
    ) -> tantivy::Result<DaysOf> {
        let days = reader.fast_fields().i64("day")?;
        Ok(DaysOf {
            until: self.until,
            segment,
            days,
            places: Vec::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, parts: Vec<Vec<Place>>) -> tantivy::Result<Vec<Place>> {
        Ok(parts.into_iter().flatten().collect())
    }
}

impl SegmentCollector for DaysOf {
    type Fruit = Vec<Place>;

    fn collect(&mut self, doc: DocId, _: Score) {
        if let Some(day) = self.days.first(doc).filter(|day| *day <= self.until) {
            self.places.push((day, self.segment, doc));
        }
    }

    fn harvest(self) -> Vec<Place> {
        self.places
    }
}

#[cfg(test)]
mod tests;
