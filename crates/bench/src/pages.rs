//! Section `pages`: whole pages, as the running program answers them over HTTP among 10,000 cases and among 100,000.
//!
//! `ZHIHENG_BENCH_CASES` takes another number of cases, to try the section out; its figures then say nothing of the targets.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use casework::record::{Draft, StreamKind, Via};
use casework::rows::StreamRows;
use jiff::ToSpan;
use jiff::civil::date;
use store::{Append, CaseFilter, CommandKey, Hash, Purpose, Scope, Store, StoreConfig};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::measure::Waits;
use crate::place;
use crate::report::{Figure, Section, grouped, millis, times};
use crate::served::{Demo, Server};
use crate::workload::{case_row, now_us, todo};

/// Numbers of cases, rising, each with what a page may take among them at most, in milliseconds; one that searches
/// all that was ever written may take [`SEARCH_MS_MAX`] where that is more.
const SIZES: [(usize, f64); 2] = [(10_000, 300.0), (100_000, 10.0)];
/// The variable that takes another number.
const CASES: &str = "ZHIHENG_BENCH_CASES";
/// One case in so many is open, as in a bureau that has kept its cases for years.
const OPEN_ONE_IN: usize = 10;
const WRITERS: usize = 64;
/// Askings of each page, after [`WARMING`] that do not count.
const RUNS: usize = 200;
const WARMING: usize = 10;
/// Milliseconds that a search of all that was ever written may take.
const SEARCH_MS_MAX: f64 = 20.0;
/// How long the search index may take to be made.
const INDEXING: Duration = Duration::from_secs(900);

/// The demo bureau, and who asks: an officer, and one who is shown all cases.
const BODY: &str = "body-qingshan-yj";
const PERSON: &str = "person-chen";
const LOGIN: &str = "login=chen&password=demo-zhiheng&next=/";
const OVERSEER: &str = "login=jian&password=demo-zhiheng&next=/";
/// Units of the demo whose officers handle cases.
const UNITS: [&str; 3] = ["wh", "gm", "fm"];

/// Measures the section.
pub fn section() -> Result<Section> {
    let mut section = Section::new(
        "pages: the desk and the public page over HTTP",
        format!(
            "`zhiheng serve` on a demo bureau on a disk with so many cases more, one in {OPEN_ONE_IN} open; each page asked {RUNS} times on \
             new connections, one after another. 'measured' is the median from connecting to the last byte, the target is of the p99. Beside \
             it `/version`, which does nothing."
        ),
    );
    if let Err(why) = measure(&mut section) {
        section.add(Figure::skipped("all", format!("{why:#}")));
    }
    Ok(section)
}

fn measure(section: &mut Section) -> Result<()> {
    let program = place::beside_program()?.join("zhiheng");
    let dir = place::on_disk()?;
    eprintln!("pages: making a demo bureau");
    let demo = Demo::make(&program, dir.path())?;
    let asked = std::env::var(CASES).ok();
    let asked = asked.map(|number| number.parse::<usize>());
    let sizes = match asked.transpose().context(CASES)? {
        Some(cases) => vec![(cases, SIZES[0].1)],
        None => SIZES.to_vec(),
    };
    let mut there = 0;
    for (cases, most) in sizes {
        eprintln!("pages: filling it to {} cases", grouped(cases as f64));
        let demo_case = Runtime::new()?.block_on(fill(demo.data(), there, cases))?;
        there = cases;
        measure_at(section, &demo, &demo_case, cases, most)?;
    }
    Ok(())
}

/// Asks for every page among so many cases.
fn measure_at(
    section: &mut Section,
    demo: &Demo<'_>,
    demo_case: &str,
    cases: usize,
    most: f64,
) -> Result<()> {
    let (server, _) = demo.serve()?;
    let cookie = sign_in(&server, LOGIN)?;
    let overseer = sign_in(&server, OVERSEER)?;
    eprintln!("pages: waiting for the search index");
    wait_for_index(&server, &cookie)?;
    eprintln!("pages: asking");
    let floor = waits(&server, "/version", &cookie)?.seconds_at(0.5);
    for (what, path) in pages(&server, demo_case)? {
        let cookie = match path.starts_with("/oversight") {
            true => &overseer,
            false => &cookie,
        };
        let waits = waits(&server, &path, cookie).context(what)?;
        let most = match what.starts_with("search") {
            true => SEARCH_MS_MAX.max(most),
            false => most,
        };
        let (median, p99) = (waits.seconds_at(0.5), waits.seconds_at(0.99));
        section.add(
            Figure::new(
                format!("{what}, {} cases", grouped(cases as f64)),
                millis(median),
            )
            .p99(millis(p99))
            .beside(format!("/version: {}", millis(floor)))
            .ratio(times(median / floor))
            .wanted(format!("≤ {most:.0} ms"), p99 * 1e3 <= most),
        );
    }
    Ok(())
}

fn sign_in(server: &Server, login: &str) -> Result<String> {
    let entered = server.ask("POST /login", "", login)?;
    let cookie = entered.cookie().context("nobody was signed in")?;
    Ok(cookie.to_owned())
}

/// What is asked, by name.
fn pages(server: &Server, case: &str) -> Result<Vec<(&'static str, String)>> {
    let public = server.ask("GET /public/", "", "")?;
    let decision = public.body.split("href=\"").find_map(|rest| {
        let href = rest.split('"').next()?;
        href.starts_with("/public/decisions/")
            .then(|| href.to_owned())
    });
    Ok(vec![
        ("to-do", "/".to_owned()),
        ("cases, newest", "/cases".to_owned()),
        ("cases, own", "/cases?mine=1".to_owned()),
        (
            "search of a word in every case",
            "/cases?q=%E5%8D%B1%E9%99%A9%E7%89%A9%E5%93%81".to_owned(),
        ),
        (
            "search of one number",
            "/cases?q=%E3%80%942026%E3%80%95case-4711%E5%8F%B7".to_owned(),
        ),
        (
            "cases, late ones of a unit",
            "/cases?unit=wh&ended=no&late=1".to_owned(),
        ),
        ("oversight", "/oversight".to_owned()),
        ("discussions", "/discussions".to_owned()),
        ("a case", format!("/cases/{case}")),
        ("a case under review", format!("/cases/{case}/review")),
        ("a form", "/cases/new".to_owned()),
        ("people", "/people".to_owned()),
        ("help", "/help".to_owned()),
        ("public list", "/public/".to_owned()),
        (
            "public guide",
            "/public/procedures/penalty-general".to_owned(),
        ),
        ("public officers", "/public/officers".to_owned()),
        ("public decision", decision.context("nothing is published")?),
    ])
}

fn waits(server: &Server, path: &str, cookie: &str) -> Result<Waits> {
    let what = format!("GET {path}");
    let mut waits = Waits::default();
    for n in 0..WARMING + RUNS {
        let asked = Instant::now();
        let answer = server.ask(&what, cookie, "")?;
        let waited = asked.elapsed();
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        if n >= WARMING {
            waits.push(waited);
        }
    }
    Ok(waits)
}

fn wait_for_index(server: &Server, cookie: &str) -> Result<()> {
    let end = Instant::now() + INDEXING;
    while server
        .ask("GET /cases?q=%E5%8E%82", cookie, "")?
        .body
        .contains("检索索引正在建立")
    {
        ensure!(Instant::now() < end, "the index is not made");
        std::thread::sleep(Duration::from_secs(1));
    }
    Ok(())
}

/// Puts cases into the demo until there are so many, each with the first event of one of its own; gives that one's stream.
async fn fill(data: &Path, there: usize, cases: usize) -> Result<String> {
    let url = format!("sqlite:{}", data.join("zhiheng.sqlite").display());
    let store = Store::open(&StoreConfig::new(url, data, "unused")).await?;
    let scope = Scope::body(BODY, Purpose::System);
    let known = store.cases(&scope, &CaseFilter::default(), None, 1).await?;
    let case = known
        .into_iter()
        .next()
        .context("the demo has no case")?
        .stream;
    let events = store.load(&scope, &case, 0).await?;
    let first = events.into_iter().next().context("the case has no event")?;
    let body = first.body.context("the event has no body")?;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (store, body) = (store.clone(), body.clone());
        writers.spawn(async move {
            for n in (there + writer + 1..=cases).step_by(WRITERS) {
                store.commit(filed(n, body.clone())).await?;
            }
            Ok::<_, store::CommitError>(())
        });
    }
    while let Some(done) = writers.join_next().await {
        done??;
    }
    store.close().await;
    Ok(case)
}

fn filed(n: usize, body: Vec<u8>) -> Append {
    let stream = format!("case-{n}");
    let open = n.is_multiple_of(OPEN_ONE_IN);
    let opened_on = date(2016, 1, 4).saturating_add(i64::try_from(n / 28).unwrap_or(0).days());
    let mut case = case_row(&stream, n as u64);
    case.opened_on = opened_on;
    case.filed_on = Some(opened_on);
    case.ended = !open;
    case.closed_on = (!open).then_some(opened_on);
    UNITS[n % UNITS.len()].clone_into(&mut case.unit);
    case.people = vec![
        if n.is_multiple_of(7) {
            PERSON
        } else {
            "person-lin"
        }
        .to_owned(),
    ];
    let mut waiting = todo(n as u64);
    waiting.unit = Some(case.unit.clone());
    waiting.person = case.people.first().cloned();
    let rows = StreamRows {
        case: Some(case),
        todo: if open { vec![waiting] } else { Vec::new() },
        ..StreamRows::default()
    };
    let draft = Draft::plain(
        "case.acted@1",
        body,
        Some(PERSON.to_owned()),
        Via::Simulated,
    );
    Append {
        kind: StreamKind::Case,
        body_id: BODY.to_owned(),
        expected_version: 0,
        prev_entry: None,
        now_us: now_us(),
        events: vec![draft],
        rows,
        command: CommandKey {
            id: format!("fill-{stream}"),
            actor: PERSON.to_owned(),
            digest: Hash([7; 32]),
        },
        stream,
    }
}
