//! Benchmarks of the product: `cargo xtask bench [NAME…]`, Markdown tables on standard output.
//!
//! Each section is a module and measures one thing that was promised, beside a floor or a peer that is measured in
//! the same run: bare flushes, the hash alone, pgbench, a page of plain text. A figure of a shared machine means
//! little without it. What cannot be measured here is printed as `skipped` with the reason, never left out and
//! never made up; progress goes to standard error.
//!
//! It measures the program as it ships and uses no door that the product has not, save `Tuning` for batches of one.
//! It judges nothing: a missed target is a `no` in the table, and only a section that fails makes the exit code 1.

mod bed;
mod checker;
mod crash;
mod desk;
mod log;
mod measure;
mod pages;
mod paper;
mod pgbench;
mod place;
mod postgres;
mod report;
mod served;
mod simulation;
mod start;
mod transitions;
mod workload;

use std::process::ExitCode;

use anyhow::Result;
use tokio::runtime::Runtime;

use report::Section;

/// As the program that is measured has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What measures one section.
type Measure = fn() -> Result<Section>;

/// A section that takes most of an hour runs only when it is named.
const LONG: &str = "crash";

/// Every section by the name that the command line knows it by, in the order in which they run.
const SECTIONS: [(&str, Measure); 10] = [
    ("store", || Runtime::new()?.block_on(transitions::section())),
    ("postgres", || Runtime::new()?.block_on(postgres::section())),
    ("log", log::section),
    ("paper", paper::section),
    ("checker", checker::section),
    ("desk", || Runtime::new()?.block_on(desk::section())),
    ("pages", pages::section),
    ("start", start::section),
    ("sim", simulation::section),
    (LONG, crash::section),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let known = |name: &String| SECTIONS.iter().any(|(section, _)| section == name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        let names: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
        eprintln!("no benchmark `{unknown}`; there are: {}", names.join(", "));
        return ExitCode::from(2);
    }
    if cfg!(debug_assertions) {
        eprintln!("this is a debug build: its figures are worth nothing; use `cargo xtask bench`");
    }
    let mut code = ExitCode::SUCCESS;
    for (name, section) in SECTIONS {
        let asked_for = wanted.iter().any(|wanted| wanted == name);
        if !asked_for && (!wanted.is_empty() || name == LONG) {
            continue;
        }
        match section() {
            Ok(section) => println!("{section}"),
            Err(error) => {
                println!("### {name}\n\nfailed: {error:#}\n");
                eprintln!("{name}: {error:#}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}
