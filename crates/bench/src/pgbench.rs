//! pgbench, PostgreSQL's own load generator, running `transition.sql`.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use testkit::Cluster;

use crate::bed::{CASES, ROUND, Run};
use crate::measure::Waits;
use crate::workload;

const SCRIPT: &str = include_str!("transition.sql");
/// Length of the header's stand-in: as long as those of the store's transitions.
const HEADER_BYTES: usize = 600;

/// pgbench on a database that the store has made and filled.
pub struct Peer {
    program: PathBuf,
    url: String,
    dir: PathBuf,
}

impl Peer {
    /// pgbench of that cluster, with `dir` for its script and its records; an error where it is not installed.
    pub fn new(cluster: &Cluster, url: String, dir: &Path) -> Result<Self> {
        let program = cluster.bin_dir().join("pgbench");
        ensure!(program.is_file(), "{} is not there", program.display());
        fs::write(dir.join("transition.sql"), SCRIPT)?;
        Ok(Self {
            program,
            url,
            dir: dir.to_owned(),
        })
    }

    /// Runs as many clients as there are writers for one round.
    pub fn run(&self, clients: usize) -> Result<Run> {
        let records = self.dir.join(format!("clients-{clients}"));
        // Of an earlier round there must be nothing left to be counted twice.
        fs::remove_dir_all(&records).or_else(ignore_missing)?;
        fs::create_dir(&records)?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut command = Command::new(&self.program);
        command.current_dir(&records);
        command.args(["--no-vacuum", "--protocol=prepared", "--log"]);
        command.arg(format!("--client={clients}"));
        command.arg(format!("--jobs={}", threads.min(clients)));
        command.arg(format!("--time={}", ROUND.as_secs()));
        command.arg(format!("--define=clients={clients}"));
        command.arg(format!("--define=cases={CASES}"));
        for (name, bytes) in [
            ("header", vec![b'h'; HEADER_BYTES]),
            ("body", workload::body(7)),
            ("salt", vec![7; 32]),
            ("entry", vec![8; 32]),
        ] {
            command.arg(format!("--define={name}={}", bytea(&bytes)));
        }
        command.arg("--file=../transition.sql").arg(&self.url);
        let output = command.output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.success(),
            "pgbench: {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        let rate = rate(&said).with_context(|| format!("pgbench said no rate: {said}"))?;
        let waits = waits(&records)?;
        ensure!(waits.count() > 0, "pgbench recorded no transaction");
        Ok(Run::of_rate(waits, rate))
    }
}

fn ignore_missing(error: std::io::Error) -> std::io::Result<()> {
    match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    }
}

/// Bytes as PostgreSQL reads them from text.
fn bytea(bytes: &[u8]) -> String {
    let mut out = String::from("\\x");
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// The number in `tps = 1234.5 (without initial connection time)`.
fn rate(said: &str) -> Option<f64> {
    let rest = said.lines().find_map(|line| line.strip_prefix("tps = "))?;
    rest.split(' ').next()?.parse().ok()
}

/// The latencies in the files that `--log` writes, one a thread.
fn waits(records: &Path) -> Result<Waits> {
    let mut waits = Waits::default();
    for file in fs::read_dir(records)? {
        let text = fs::read_to_string(file?.path())?;
        for line in text.lines() {
            waits.push(latency(line).with_context(|| format!("pgbench recorded {line:?}"))?);
        }
    }
    Ok(waits)
}

/// The third field of a record, in microseconds: client, number, latency, …
fn latency(line: &str) -> Option<Duration> {
    let micros = line.split(' ').nth(2)?.parse().ok()?;
    Some(Duration::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use super::{bytea, latency, rate};
    use std::time::Duration;

    #[test]
    fn what_pgbench_says_and_records_is_read() {
        let said = "latency average = 4.1 ms\ntps = 1946.531 (without initial connection time)\n";
        assert_eq!(rate(said), Some(1946.531));
        assert_eq!(rate("tps"), None);
        let record = "0 199 2241 0 1175850568 995598";
        assert_eq!(latency(record), Some(Duration::from_micros(2241)));
        assert_eq!(latency("0 199 skipped 0 1 2"), None);
    }

    #[test]
    fn bytes_are_written_in_hexadecimal() {
        assert_eq!(bytea(&[0, 0x0f, 0xff]), "\\x000fff");
    }
}
