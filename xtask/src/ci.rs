//! `cargo xtask ci`: everything that must hold before a change lands, the quick checks first.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};

use crate::licences::Policy;
use crate::metadata::Metadata;
use crate::process::{cargo, clock, run, step, succeeds};
use crate::test::{Missing, test};
use crate::{documents, layers, licences, sources};

/// Checks format, layers, licences, advisories, sources, documents, lints, that the program builds alone, and tests.
pub fn ci(root: &Path, started: Instant) -> Result<()> {
    quick_checks(root)?;
    step("lints (clippy, warnings are errors)");
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    run(&mut cargo(root, &clippy))?;
    // What other crates turn on in a library must not be what the program needs of it.
    step("the program alone, as `run` builds it");
    run(&mut cargo(root, &["check", "--locked", "-p", "zhiheng"]))?;
    step(&format!("lints passed, {} after the start", clock(started)));
    test(root, None, Missing::Fail)?;
    step(&format!("ci passed in {}", clock(started)));
    Ok(())
}

/// Those that take seconds are all taken, so that one run names all that is wrong.
fn quick_checks(root: &Path) -> Result<()> {
    let mut found = Vec::new();
    step("format");
    if let Err(error) = run(&mut cargo(root, &["fmt", "--all", "--check", "--", "-l"])) {
        found.push(format!("{error:#}; `cargo fmt --all` mends it"));
    }
    let metadata = Metadata::read(root)?;
    step("layers");
    found.extend(layers::violations(&metadata));
    step("licences");
    found.extend(licences::violations(&metadata, &Policy::read(root)?));
    step("advisories");
    found.extend(advisories(root).err().map(|error| format!("{error:#}")));
    step("paths of one machine, and clocks, chance or I/O in the pure crates");
    found.extend(sources::violations(root)?);
    step("tests that the documents name");
    found.extend(documents::violations(root)?);
    if !found.is_empty() {
        bail!(
            "{} thing(s) to mend:\n  {}",
            found.len(),
            found.join("\n  ")
        );
    }
    Ok(())
}

/// Known vulnerabilities, by the database that `cargo deny` has fetched before; nothing is fetched here.
fn advisories(root: &Path) -> Result<()> {
    if !succeeds(&mut cargo(root, &["deny", "--version"])) {
        step(
            "skipped: advisories: cargo-deny is not installed (`cargo install cargo-deny --locked`)",
        );
        return Ok(());
    }
    if !cargo_home().is_some_and(|home| home.join("advisory-dbs").is_dir()) {
        step("skipped: advisories: no database on this machine (`cargo deny fetch` gets it)");
        return Ok(());
    }
    run(&mut cargo(
        root,
        &["deny", "check", "--disable-fetch", "advisories"],
    ))
}

fn cargo_home() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    named.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))
}
