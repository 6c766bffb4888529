//! `cargo xtask test`: gets what tests need, and runs them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::process::{cargo, run, step, succeeds};
use crate::{needs, python, web};

/// What is done about tests whose needs cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// They say that they are skipped.
    Skip,
    /// Nothing is run.
    Fail,
}

/// Installs what tests need and runs them, or those whose name contains `filter`; the runner's summary comes last.
pub fn test(root: &Path, filter: Option<&str>, missing: Missing) -> Result<()> {
    let prepared = web::prepare(root)
        .and_then(|()| python::prepare(root))
        .and_then(|()| needs::install())
        .and_then(|absent| needs::refuse(&absent));
    match (prepared, missing) {
        (Ok(()), _) => {}
        (Err(error), Missing::Fail) => return Err(error),
        (Err(error), Missing::Skip) => step(&format!("some tests will be skipped: {error:#}")),
    }
    // Examples first, so that the runner's summary is what the output ends with; the tests run even if one is broken.
    step("running the examples in the documentation");
    let examples =
        run(in_test_environment(root, &["test", "--workspace", "--locked", "--doc"]).args(filter));
    step("running the tests");
    let tests = if succeeds(&mut cargo(root, &["nextest", "--version"])) {
        let nextest = [
            "nextest",
            "run",
            "--workspace",
            "--locked",
            "--config-file",
            "xtask/nextest.toml",
        ];
        run(in_test_environment(root, &nextest).args(filter))
    } else {
        let plain = [
            "test",
            "--workspace",
            "--locked",
            "--tests",
            "--no-fail-fast",
        ];
        run_summed(in_test_environment(root, &plain).args(filter))
    };
    tests.and(examples)
}

fn in_test_environment(root: &Path, args: &[&str]) -> Command {
    let mut cargo = cargo(root, args);
    cargo.envs(needs::environment(root));
    cargo
}

/// Runs cargo's own test runner, which sums up each program by itself, and prints the sum of them all.
fn run_summed(command: &mut Command) -> Result<()> {
    let mut runner = command
        .stdout(Stdio::piped())
        .spawn()
        .context("could not start cargo test")?;
    let mut sum = Sum::default();
    if let Some(output) = runner.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            sum.add(&line);
        }
    }
    let status = runner.wait()?;
    println!(
        "Summary: {} tests run: {} passed, {} failed, {} ignored",
        sum.passed + sum.failed,
        sum.passed,
        sum.failed,
        sum.ignored
    );
    ensure!(status.success(), "cargo test ended with {status}");
    Ok(())
}

/// What the lines `test result: …` of several programs come to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    passed: u32,
    failed: u32,
    ignored: u32,
}

impl Sum {
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else {
            return;
        };
        let (_, counts) = result.split_once(". ").unwrap_or_default();
        for count in counts.split("; ") {
            let Some((number, what)) = count.split_once(' ') else {
                continue;
            };
            let number: u32 = number.parse().unwrap_or(0);
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sum;

    #[test]
    fn the_results_of_several_programs_are_summed() {
        let mut sum = Sum::default();
        let said = [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test a ... FAILED",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 9 filtered out; finished in 1.00s",
        ];
        said.into_iter().for_each(|line| sum.add(line));
        assert_eq!(
            sum,
            Sum {
                passed: 7,
                failed: 2,
                ignored: 1
            }
        );
    }
}
