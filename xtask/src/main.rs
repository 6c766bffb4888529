//! The project's own commands: `cargo xtask run`, `test`, `ci`, `bench`, `sim` and `fuzz`.
//!
//! It needs Rust, and Node with npm for fonts and styles; what tests need beyond that it installs on Debian, and
//! one program from PyPI where Python is. It builds and starts the product and its tests as programs of their own, and
//! depends on no crate of the product, on no database and on nothing asynchronous, so that it compiles in seconds. It
//! says each step before taking it, and on a failure says what failed, why, and what to do next.

mod ci;
mod documents;
mod fuzz;
mod layers;
mod licences;
mod metadata;
mod needs;
mod process;
mod python;
mod run;
mod sources;
mod test;
mod web;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
cargo xtask run [-- ARGS]   build, make the demo bureau in ./data unless there is one, and serve it;
                            ARGS go to `zhiheng serve`
cargo xtask test [FILTER]   install what tests need, and run all tests or those whose name contains FILTER
cargo xtask ci              everything that must hold before a change lands: format, lints, layers,
                            licences, advisories, machine paths, documents, tests
cargo xtask bench [NAME]    run the benchmarks, or one of them; a Markdown table on standard output
cargo xtask sim [--seed N] [--cases N] [--steps N] [--trace]
                            simulate N seeded runs of the office with crashes, and judge what is stored
cargo xtask fuzz [TARGET] [--seconds N]
                            feed hostile bytes to what is read from outside; installs cargo-fuzz where it is missing";

fn main() -> ExitCode {
    let started = Instant::now();
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args, started) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "\nxtask: failed after {}: {error:#}",
                process::clock(started)
            );
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String], started: Instant) -> Result<()> {
    let root = workspace_root()?;
    let (command, rest) = match args {
        [] => ("help", &[][..]),
        [command, rest @ ..] => (command.as_str(), rest),
    };
    let rest = rest.strip_prefix(&["--".to_owned()][..]).unwrap_or(rest);
    match (command, rest) {
        ("run", serve_args) => run::run(&root, serve_args, started),
        ("test", []) => test::test(&root, None, test::Missing::Skip),
        ("test", [filter]) => test::test(&root, Some(filter), test::Missing::Skip),
        ("ci", []) => ci::ci(&root, started),
        ("bench", bench_args) => run::bench(&root, bench_args),
        ("sim", sim_args) => run::sim(&root, sim_args),
        ("fuzz", fuzz_args) => fuzz::fuzz(&root, fuzz_args),
        ("help" | "-h" | "--help", _) => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!(
            "`{}` is not a command of xtask; these are:\n{USAGE}",
            args.join(" ")
        ),
    }
}

/// The folder of the workspace's `Cargo.toml`: the parent of this crate's, which cargo names when it runs us.
fn workspace_root() -> Result<PathBuf> {
    let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR")
        .context("CARGO_MANIFEST_DIR is not set; start this as `cargo xtask …`")?;
    let mut root = PathBuf::from(manifest_dir);
    root.pop();
    Ok(root)
}
