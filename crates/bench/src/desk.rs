//! Section `desk`: what a page of the desk asks the store for, among 100,000 cases.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use casework::rows::StreamRows;
use jiff::ToSpan;
use jiff::civil::date;
use office::{CaseIndex, OfficeError};
use store::{Append, CaseFilter, CaseReach, Purpose, Scope, Store, StoreError, TodoFilter};

use crate::bed::{drive, made};
use crate::measure::Waits;
use crate::place;
use crate::report::{Figure, Section, grouped, millis, times};
use crate::transitions::BATCH_MAX;
use crate::workload::{BUREAU, Tip, append, case_row, limit, stream, todo, transition};

const CASES: usize = 100_000;
/// One case in so many is open, as in a bureau that has kept its cases for years.
const OPEN_ONE_IN: usize = 10;
/// No divisor of [`OPEN_ONE_IN`], so that every unit has open cases.
const UNITS: usize = 13;
const OFFICERS: usize = 200;
/// Cases with a history, for the page of one case, and how many events each has.
const LONG_CASES: usize = 200;
const LONG_EVENTS: usize = 30;
const WRITERS: usize = 64;
/// Runs of each query, each for another officer or case, after [`WARMING`] that do not count.
const RUNS: usize = 300;
const WARMING: usize = 20;
/// Rows that the desk asks for: its to-do page, and a page of cases with one more to know whether another follows.
const TODO_ROWS: u32 = 300;
const CASE_ROWS: u32 = 31;
/// And for what somebody waits for: rows, and the cases of the person that are looked at.
const AWAITED_ROWS: u32 = 500;
const AWAITED_CASES: u32 = 2_000;
/// Milliseconds that a page may take at the server, and one that searches all that was ever written.
const PAGE_MS_MAX: f64 = 10.0;
const SEARCH_MS_MAX: f64 = 20.0;

/// Measures the section.
pub async fn section() -> Result<Section> {
    let mut section = Section::new(
        "desk: queries of its pages",
        format!(
            "SQLite on a disk, suite gm, {} cases of {UNITS} units, one in {OPEN_ONE_IN} open with three steps that wait, \
             {OFFICERS} officers. {RUNS} runs of each query, or what {} s allow, for different officers or cases, one after another; 'measured' \
             is the median, the target is of the p99. Beside it the median of a bare `SELECT 1` on the same connections. \
             Queries alone, without the rendering of the page.",
            grouped(CASES as f64),
            QUERY_TIME.as_secs(),
        ),
    );
    let dir = match place::on_disk() {
        Ok(dir) => dir,
        Err(error) => {
            section.add(Figure::skipped("all", error));
            return Ok(section);
        }
    };
    eprintln!("desk: filing {} cases", grouped(CASES as f64));
    let store = made(&place::sqlite(dir.path()), dir.path(), BATCH_MAX).await?;
    fill(&store).await?;
    eprintln!("desk: asking");
    measure(&mut section, &store, dir.path()).await?;
    store.close().await;
    Ok(section)
}

async fn measure(section: &mut Section, store: &Store, folder: &Path) -> Result<()> {
    let floor = waits(async |_| store.ping().await).await?.seconds_at(0.5);
    let mut add = |what: &str, waits: Waits| {
        let most = if what.starts_with("search") {
            SEARCH_MS_MAX
        } else {
            PAGE_MS_MAX
        };
        let (median, p99) = (waits.seconds_at(0.5), waits.seconds_at(0.99));
        let figure = Figure::new(what, millis(median))
            .p99(millis(p99))
            .beside(format!("SELECT 1: {}", millis(floor)))
            .ratio(times(median / floor))
            .wanted(format!("≤ {most:.0} ms"), p99 * 1e3 <= most);
        section.add(figure);
    };
    let queue = async |n: usize| {
        let items = store.todo(&scope(n), &duties(n), TODO_ROWS).await?;
        found(items.len())
    };
    add(
        "to-do of an officer",
        waits(queue).await.context("to-do of an officer")?,
    );
    let counted = async |n: usize| {
        let most = TODO_ROWS + 1;
        let count = store.todo_count(&scope(n), &duties(n), most).await?;
        found(count as usize)
    };
    add(
        "to-do of an officer, counted",
        waits(counted)
            .await
            .context("to-do of an officer, counted")?,
    );
    let awaited = async |n: usize| {
        let (scope, officer) = (scope(n), officer(n));
        let items = store.awaited(&scope, &officer, AWAITED_CASES, AWAITED_ROWS);
        found(items.await?.map_or(0, |items| items.len()))
    };
    add(
        "what waits in the cases of an officer",
        waits(awaited)
            .await
            .context("what waits in the cases of an officer")?,
    );
    let newest = async |n: usize| {
        let filter = CaseFilter {
            reach: Some(shown(n)),
            ..CaseFilter::default()
        };
        list(store, n, &filter).await
    };
    add(
        "case list, newest that an officer is shown",
        waits(newest)
            .await
            .context("case list, newest that an officer is shown")?,
    );
    let of_unit = async |n: usize| {
        let filter = CaseFilter {
            unit: Some(unit(n)),
            ended: Some(false),
            reach: Some(shown(n)),
            ..CaseFilter::default()
        };
        list(store, n, &filter).await
    };
    add(
        "case list, open ones of a unit",
        waits(of_unit)
            .await
            .context("case list, open ones of a unit")?,
    );
    let mine = async |n: usize| {
        let filter = CaseFilter {
            reach: Some(CaseReach {
                unit: None,
                ..shown(n)
            }),
            ..CaseFilter::default()
        };
        list(store, n, &filter).await
    };
    add(
        "case list, an officer's own",
        waits(mine).await.context("case list, an officer's own")?,
    );
    let index = CaseIndex::open(&folder.join("search"), store)
        .await
        .map_err(away)?;
    eprintln!("desk: indexing");
    while index.follow(store).await.map_err(away)? {}
    let search = async |n: usize, text: &str| {
        let (scope, filter) = (scope(n), CaseFilter::default());
        let rows = index.find(store, &scope, (text, &filter), None, CASE_ROWS);
        found(rows.await.map_err(away)?.cases.len())
    };
    let number = async |n: usize| {
        let number = format!("〔2026〕case-{}号", n * 331 % CASES + 1);
        search(n, &number).await
    };
    add(
        "search of one number",
        waits(number).await.context("search of one number")?,
    );
    let word = async |n: usize| search(n, ["化工", "危险物品", "储存 某化工厂", "厂"][n % 4]).await;
    add(
        "search of words that stand in every case",
        waits(word)
            .await
            .context("search of words that stand in every case")?,
    );
    let case = async |n: usize| one_case(store, n).await;
    let what = format!("one case of {} events, with all its lists", LONG_EVENTS + 1);
    let waited = waits(case).await.context(what.clone())?;
    add(&what, waited);
    Ok(())
}

/// What an empty answer would say of speed is nothing, so it is an error.
fn found(rows: usize) -> Result<(), StoreError> {
    if rows > 0 {
        return Ok(());
    }
    Err(StoreError::NotFound {
        what: "测量所需的行",
        id: BUREAU.into(),
    })
}

fn away(error: OfficeError) -> StoreError {
    StoreError::NotFound {
        what: "检索索引",
        id: error.to_string(),
    }
}

async fn list(store: &Store, n: usize, filter: &CaseFilter) -> Result<(), StoreError> {
    found(store.cases(&scope(n), filter, None, CASE_ROWS).await?.len())
}

/// The events of a case, from which its state is folded, and the lists beside it.
async fn one_case(store: &Store, n: usize) -> Result<(), StoreError> {
    let (scope, case) = (scope(n), stream(n % LONG_CASES + 1));
    let events = store.load(&scope, &case, 0).await?;
    found(events.len().saturating_sub(LONG_EVENTS))?;
    found(store.case(&scope, &case).await?.iter().count())?;
    found(store.case_todo(&scope, &case).await?.len())?;
    found(store.limits(&scope, &case).await?.len())?;
    store.papers(&scope, &case).await?;
    Ok(())
}

/// How long one query is asked at most: a slow one is a figure too.
const QUERY_TIME: Duration = Duration::from_secs(8);

async fn waits(query: impl AsyncFn(usize) -> Result<(), StoreError>) -> Result<Waits> {
    for n in 0..WARMING {
        query(n).await?;
    }
    let mut waits = Waits::default();
    let end = Instant::now() + QUERY_TIME;
    for n in WARMING..WARMING + RUNS {
        let asked = Instant::now();
        query(n).await?;
        waits.push(asked.elapsed());
        if Instant::now() >= end {
            break;
        }
    }
    Ok(waits)
}

fn officer(n: usize) -> String {
    format!("officer-{}", n % OFFICERS)
}

fn unit(n: usize) -> String {
    format!("unit-{}", n % UNITS)
}

fn scope(n: usize) -> Scope {
    Scope::body(BUREAU, Purpose::Casework).with_assignments_of(officer(n))
}

/// What an officer's list shows: the unit's cases, and those with a part of the officer's.
fn shown(n: usize) -> CaseReach {
    CaseReach {
        unit: Some((BUREAU.to_owned(), unit(n))),
        decided: false,
        person: Some(officer(n)),
    }
}

fn duties(n: usize) -> TodoFilter {
    TodoFilter {
        person: Some(officer(n)),
        roles: vec!["handler".into(), "reviewer".into()],
        unit: Some((BUREAU.to_owned(), unit(n))),
        reach: Some(shown(n)),
    }
}

async fn fill(store: &Store) -> Result<()> {
    let cases = (1..=CASES).map(Tip::new).collect();
    let (tips, _) = drive(store, cases, WRITERS, None, filed).await?;
    let mut long: Vec<Tip> = tips
        .into_iter()
        .filter(|tip| tip.case <= LONG_CASES)
        .collect();
    for _ in 0..LONG_EVENTS {
        (long, _) = drive(store, long, WRITERS, None, transition).await?;
    }
    Ok(())
}

/// The first event of a case, with the rows of one that is under way or has ended.
fn filed(tip: &Tip) -> Append {
    let n = tip.case;
    let open = n.is_multiple_of(OPEN_ONE_IN);
    let opened_on = date(2016, 1, 4).saturating_add(i64::try_from(n / 28).unwrap_or(0).days());
    let mut case = case_row(&tip.stream(), n as u64);
    case.opened_on = opened_on;
    case.filed_on = Some(opened_on);
    case.ended = !open;
    case.closed_on = (!open).then_some(opened_on);
    case.unit = unit(n);
    // Not in step with the units or with what is open.
    case.people = vec![officer(n / 10), officer(n / 10 + 7)];
    let limits = (0..3).map(|k| {
        let mut row = limit(k, 2);
        row.started_on = opened_on;
        row.due_on = Some(opened_on.saturating_add((30 * (k as i64 + 1)).days()));
        if !open {
            row.status = "ended".into();
            row.ended_on = Some(opened_on);
        }
        row
    });
    let rows = StreamRows {
        limits: limits.collect(),
        todo: if open { waiting(n) } else { Vec::new() },
        case: Some(case),
        ..StreamRows::default()
    };
    append(tip, rows)
}

/// Three steps that wait: for one officer, for a role of the unit, for a role of the whole bureau.
fn waiting(n: usize) -> Vec<casework::rows::TodoRow> {
    let mut rows: Vec<_> = (0..3).map(todo).collect();
    rows[0].unit = Some(unit(n));
    rows[0].person = Some(officer(n / 10));
    rows[1].unit = Some(unit(n));
    rows[2].unit = None;
    rows[2].role = "leader".into();
    rows
}
