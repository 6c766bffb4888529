//! Section `start`: how soon the product answers, and what it holds when nobody asks.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, ensure};

use crate::place;
use crate::report::{Figure, Section, millis, times};
use crate::served::Demo;

/// Starts that are measured; the best counts, since the first reads the program from the disk.
const STARTS: usize = 5;
/// Pause before the memory is read: the first jobs have run by then.
const IDLE: Duration = Duration::from_secs(5);
/// Seconds within which the first answer has to come.
const SECONDS_MAX: f64 = 1.0;
/// Megabytes that the idle process may hold.
const MEMORY_MB_MAX: f64 = 80.0;

/// Measures the section.
pub fn section() -> Result<Section> {
    let program = place::beside_program()?.join("zhiheng");
    let mut section = Section::new(
        "start: the product itself",
        format!(
            "`zhiheng serve` on a fresh demo folder, from the start of the process to its answer on `/version`, best of \
             {STARTS}; resident memory {} s later. {}",
            IDLE.as_secs(),
            age(&program)
        ),
    );
    if let Err(why) = measure(&mut section, &program) {
        section.add(Figure::skipped("all", format!("{why:#}")));
    }
    Ok(section)
}

/// How old the program is, since this one does not build it.
fn age(program: &Path) -> String {
    let built = fs::metadata(program).and_then(|of| of.modified());
    let minutes = built.map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
    match minutes {
        Ok(age) => format!(
            "The program was built {} min before this run.",
            age.as_secs() / 60
        ),
        Err(_) => String::new(),
    }
}

fn measure(section: &mut Section, program: &Path) -> Result<()> {
    let dir = tempfile::tempdir()?;
    eprintln!("start: making a demo bureau");
    let demo = Demo::make(program, dir.path())?;
    eprintln!("start: serving");
    let bare = bare_start(program)?;
    let (mut first, mut memory) = (f64::INFINITY, None);
    for round in 1..=STARTS {
        let (server, seconds) = demo.serve()?;
        first = first.min(seconds);
        if round == STARTS {
            std::thread::sleep(IDLE);
            memory = Some(server.memory()?);
        }
    }
    section.add(
        Figure::new("first answer", millis(first))
            .beside(format!("`zhiheng --version`: {}", millis(bare)))
            .ratio(times(first / bare))
            .wanted(format!("< {SECONDS_MAX:.0} s"), first < SECONDS_MAX),
    );
    let (all, own) = memory.context("the server was not started")?;
    section.add(
        Figure::new("resident memory, idle", format!("{all:.1} MB"))
            .beside(format!("of it its own, not of files: {own:.1} MB"))
            .ratio(format!("{:.0} %", own / all * 100.0))
            .wanted(format!("< {MEMORY_MB_MAX:.0} MB"), all < MEMORY_MB_MAX),
    );
    Ok(())
}

/// Seconds that the process takes to start and do nothing.
fn bare_start(program: &Path) -> Result<f64> {
    let mut least = f64::INFINITY;
    for _ in 0..STARTS {
        let started = Instant::now();
        let status = Command::new(program)
            .arg("--version")
            .stdout(Stdio::null())
            .status()?;
        ensure!(status.success(), "`zhiheng --version` ended with {status}");
        least = least.min(started.elapsed().as_secs_f64());
    }
    Ok(least)
}
