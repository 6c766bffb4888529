//! `cargo xtask fuzz`: the fuzzer on what is read from outside, with the nightly compiler.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::process::{command, run, step, succeeds};

/// How long a target runs unless told.
const SECONDS: u64 = 60;
/// Longest input tried, in bytes.
const INPUT_BYTES_MAX: usize = 16 << 10;

/// Runs one target or every target, each for some time; what it finds lies in `fuzz/artifacts`.
pub fn fuzz(root: &Path, args: &[String]) -> Result<()> {
    let (wanted, seconds) = read(args)?;
    let known = targets(root)?;
    let chosen: Vec<&String> = match &wanted {
        None => known.iter().collect(),
        Some(name) => known.iter().filter(|known| *known == name).collect(),
    };
    if chosen.is_empty() {
        bail!("there is no such target; these are: {}", known.join(", "));
    }
    install(root)?;
    for target in chosen {
        step(&format!("fuzzing `{target}` for {seconds} s"));
        // New inputs go beside the kept corpus, which stays small and is chosen by hand.
        let found = format!("fuzz/work/{target}");
        fs::create_dir_all(root.join(&found))?;
        let corpus = format!("fuzz/corpus/{target}");
        let time = format!("-max_total_time={seconds}");
        let length = format!("-max_len={INPUT_BYTES_MAX}");
        let fuzzer = [
            "+nightly", "fuzz", "run", target, &found, &corpus, "--", &time, &length,
        ];
        run(command("cargo", root).args(fuzzer)).context(
            "an input was found that fails: it lies in fuzz/artifacts; mend what fails, and put the input into \
             fuzz/corpus, where the tests replay it",
        )?;
    }
    Ok(())
}

fn read(args: &[String]) -> Result<(Option<String>, u64)> {
    let (mut target, mut seconds) = (None, SECONDS);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--seconds" => {
                let number = args.next().context("--seconds wants a number")?;
                seconds = number.parse().context("--seconds wants a number")?;
            }
            name if target.is_none() && !name.starts_with('-') => target = Some(name.to_owned()),
            other => {
                bail!("`{other}` is not an argument of `cargo xtask fuzz [TARGET] [--seconds N]`")
            }
        }
    }
    Ok((target, seconds))
}

fn targets(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
        let path = entry?.path();
        names.extend(
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned()),
        );
    }
    names.sort();
    Ok(names)
}

/// The fuzzer's own command, from the registry where it is missing.
fn install(root: &Path) -> Result<()> {
    if !succeeds(command("cargo", root).args(["+nightly", "--version"])) {
        bail!(
            "the nightly compiler is missing; run `rustup toolchain install nightly` and try again"
        );
    }
    if succeeds(command("cargo", root).args(["fuzz", "--version"])) {
        return Ok(());
    }
    step("installing cargo-fuzz");
    run(command("cargo", root).args(["install", "cargo-fuzz", "--locked"]))
}
