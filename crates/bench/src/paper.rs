//! Section `paper`: every built-in paper rendered warm, beside a page of running text alone.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Result;
use papers::{PaperData, Papers, builtin_templates};
use serde_json::Value;

use crate::measure::Waits;
use crate::report::{Figure, Section, millis, times};
use crate::workload::now_us;

/// Rounds over all papers that are counted, after one that warms up.
const ROUNDS: usize = 5;
/// Milliseconds that a warm page may take.
const PAGE_MS_MAX: f64 = 10.0;
/// The floor: the facts of the case as running text, without any of the papers' layout.
const PLAIN: (&str, &str) = (
    "plain",
    "#import \"lib.typ\": *\n#let title = \"文稿\"\n#let needs = ()\n#set page(paper: \"a4\")\n\
     #set text(font: fangsong)\n#d.paper.title\n\n#d.proposal.facts",
);

/// Time for pages, and the time of each paper.
#[derive(Default)]
struct Rendered {
    seconds: f64,
    pages: usize,
    each: Waits,
    slowest: (f64, String),
}

impl Rendered {
    fn page_seconds(&self) -> f64 {
        self.seconds / self.pages.max(1) as f64
    }
}

/// Measures the section.
pub fn section() -> Result<Section> {
    let mut section = Section::new(
        "paper: warm rendering",
        format!(
            "Every built-in paper from the sample data to PDF/A-2b, {ROUNDS} rounds after one that warms up, each with \
             changed facts so that it is a new paper; milliseconds a page over all pages. p99 is of whole papers."
        ),
    );
    let Some(fonts) = testkit::fonts() else {
        section.add(Figure::skipped(
            "page",
            "no fonts in ZHIHENG_FONTS or web/fonts",
        ));
        return Ok(section);
    };
    eprintln!("paper: all built-in papers");
    let mut templates = builtin_templates();
    templates.insert(PLAIN.0.to_owned(), PLAIN.1.to_owned());
    let loading = Instant::now();
    let papers = Papers::new(&fonts, templates)?;
    let loading = loading.elapsed().as_secs_f64();
    let sample = serde_json::to_value(PaperData::sample())?;
    let (real, plain): (Vec<&str>, Vec<&str>) = papers.names().partition(|name| *name != PLAIN.0);
    render(&papers, &sample, &real, 0)?;
    render(&papers, &sample, &plain, 0)?;
    let (mut measured, mut floor) = (Rendered::default(), Rendered::default());
    for round in 1..=ROUNDS {
        measured.extend(render(&papers, &sample, &real, round)?);
        floor.extend(render(&papers, &sample, &plain, round)?);
    }
    let page = measured.page_seconds();
    section.add(
        Figure::new(format!("page, of {} papers", real.len()), millis(page))
            .p99(format!(
                "{} a paper",
                millis(measured.each.seconds_at(0.99))
            ))
            .beside(format!("plain page: {}", millis(floor.page_seconds())))
            .ratio(times(page / floor.page_seconds()))
            .wanted(format!("≤ {PAGE_MS_MAX:.0} ms"), page * 1e3 <= PAGE_MS_MAX),
    );
    let (seconds, name) = &measured.slowest;
    section.add(Figure::new(
        format!("slowest page ({name})"),
        millis(*seconds),
    ));
    section.add(Figure::new(
        "loading fonts and templates, once",
        millis(loading),
    ));
    Ok(section)
}

impl Rendered {
    fn extend(&mut self, other: Self) {
        self.seconds += other.seconds;
        self.pages += other.pages;
        self.each.extend(other.each);
        if other.slowest.0 > self.slowest.0 {
            self.slowest = other.slowest;
        }
    }
}

fn render(papers: &Papers, sample: &Value, names: &[&str], round: usize) -> Result<Rendered> {
    let mut done = Rendered::default();
    let data: BTreeMap<&str, Value> = names
        .iter()
        .map(|name| Ok((*name, changed(sample, papers.title(name)?, round))))
        .collect::<Result<_>>()?;
    for (name, data) in data {
        let start = Instant::now();
        let paper = papers.render(name, &data, now_us())?;
        let took = start.elapsed();
        let page = took.as_secs_f64() / paper.pages.max(1) as f64;
        done.extend(Rendered {
            seconds: took.as_secs_f64(),
            pages: paper.pages,
            each: [took].into_iter().collect(),
            slowest: (page, name.to_owned()),
        });
    }
    Ok(done)
}

/// The sample with another title and changed facts, as no two cases are the same.
fn changed(sample: &Value, title: &str, round: usize) -> Value {
    let mut data = sample.clone();
    let facts = data["proposal"]["facts"].as_str().unwrap_or_default();
    let facts = format!("第{round}次。{facts}");
    data["proposal"]["facts"] = facts.into();
    data["paper"]["title"] = title.into();
    data
}
