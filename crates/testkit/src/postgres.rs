//! A PostgreSQL cluster of one's own, in a temporary folder, reached through its Unix socket.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, process};

use rustix::process::{Pid, Signal, kill_process};

use crate::guard::{Guard, Owner};
use crate::need::skipped;

/// Part of the socket's name and nothing more; said everywhere, so that `PGPORT` does not matter.
const PORT: &str = "5432";

/// Whether a cluster flushes to disk what it has acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Nothing is flushed: for tests, whose data nobody misses after a power cut.
    None,
    /// Every commit is flushed, as in production: for measurements.
    Full,
}

/// A database of a test's own, empty, in the one cluster that its process shares.
#[derive(Debug)]
pub struct Postgres {
    url: String,
}

impl Postgres {
    /// A fresh database, whose cluster is started by the first call; `None`, with `skipped: …` said, where PostgreSQL is not installed.
    ///
    /// # Panics
    /// When PostgreSQL is installed and its cluster or the database cannot be made.
    #[must_use]
    pub fn start() -> Option<Self> {
        static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
        let cluster = SHARED
            .get_or_init(|| Cluster::start(Durability::None))
            .as_ref()?;
        Some(Self {
            url: cluster.create_database(),
        })
    }

    /// The address of this database, for libpq and sqlx alike (`postgres://…`).
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// A cluster of a test's own, which it may stop and start again; gone when dropped.
pub struct Cluster {
    dir: PathBuf,
    bin: PathBuf,
    owner: Option<Owner>,
    databases: AtomicU32,
    _guard: Guard,
}

impl Cluster {
    /// A running cluster; `None`, with `skipped: …` said, where PostgreSQL is not installed.
    ///
    /// # Panics
    /// When PostgreSQL is installed and does not start.
    #[must_use]
    pub fn start(durability: Durability) -> Option<Self> {
        let Some(bin) = installed() else {
            skipped(
                "postgres",
                "PostgreSQL is not installed; `cargo xtask test` installs it",
            );
            return None;
        };
        match Self::make(bin, durability) {
            Ok(cluster) => Some(cluster),
            Err(error) => panic!("PostgreSQL is installed and does not start: {error}"),
        }
    }

    fn make(bin: PathBuf, durability: Durability) -> io::Result<Self> {
        let dir = tempfile::Builder::new()
            .prefix("zhiheng-pg-")
            .tempdir()?
            .keep();
        let owner = Owner::needed_for(&dir)?;
        if let Some(owner) = owner {
            owner.take(&dir)?;
        }
        let guard = Guard::new(
            // Immediate: the data is thrown away in the same breath.
            "\"$1\"/pg_ctl -D \"$2\"/data -m immediate -w stop; rm -rf \"$2\"",
            &[bin.as_os_str(), dir.as_os_str()],
            owner,
        )?;
        let cluster = Self {
            dir,
            bin,
            owner,
            databases: AtomicU32::new(0),
            _guard: guard,
        };
        cluster.initialise(durability)?;
        cluster.control(&["start", "-l", "log"])?;
        Ok(cluster)
    }

    fn initialise(&self, durability: Durability) -> io::Result<()> {
        self.run("initdb", |initdb| {
            initdb.args(["-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8"]);
            initdb.args(["--locale=C.UTF-8", "--no-sync", "--no-instructions"]);
        })?;
        let socket_dir = self.dir.display().to_string().replace('\'', "''");
        let mut settings = format!(
            "listen_addresses = ''\nport = {PORT}\nunix_socket_directories = '{socket_dir}'\nmax_connections = 200\n"
        );
        if durability == Durability::None {
            settings.push_str("fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n");
        }
        let config = self.dir.join("data/postgresql.conf");
        OpenOptions::new()
            .append(true)
            .open(config)?
            .write_all(settings.as_bytes())
    }

    /// Makes an empty database and gives its address.
    ///
    /// # Panics
    /// When the cluster is stopped or refuses.
    #[must_use]
    pub fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let made = self.run("createdb", |createdb| {
            createdb
                .arg("-h")
                .arg(&self.dir)
                .args(["-p", PORT, "-U", "postgres", &name]);
        });
        if let Err(error) = made {
            panic!("no database could be made: {error}");
        }
        format!(
            "postgres://postgres@localhost:{PORT}/{name}?host={}",
            percent_encoded(&self.dir)
        )
    }

    /// Stops the cluster as a failing machine would, breaking its connections and keeping its data.
    ///
    /// # Panics
    /// When it is not running.
    pub fn stop(&self) {
        if let Err(error) = self.control(&["stop", "-m", "immediate"]) {
            panic!("the cluster could not be stopped: {error}");
        }
    }

    /// Kills every process of the cluster at once, as the end of its machine would; its data stays.
    ///
    /// # Panics
    /// When it is not running, or a process does not go.
    pub fn kill(&self) {
        if let Err(error) = self.kill_all() {
            panic!("the cluster could not be killed: {error}");
        }
    }

    fn kill_all(&self) -> io::Result<()> {
        let lock = self.dir.join("data/postmaster.pid");
        let first = fs::read_to_string(&lock)?;
        let first = first
            .lines()
            .next()
            .and_then(|line| line.trim().parse().ok());
        let parent: i32 = first.ok_or(io::ErrorKind::InvalidData)?;
        // It starts no more of them while they are looked for.
        if let Some(parent) = Pid::from_raw(parent) {
            kill_process(parent, Signal::STOP)?;
        }
        wait_until(parent, &['T', 'Z', 'X'])?;
        let mut all = children(parent)?;
        // First the parent, which would start others in the place of those that go.
        all.insert(0, parent);
        for pid in &all {
            let Some(pid) = Pid::from_raw(*pid) else {
                continue;
            };
            match kill_process(pid, Signal::KILL) {
                Ok(()) | Err(rustix::io::Errno::SRCH) => {}
                Err(error) => return Err(error.into()),
            }
        }
        for pid in all {
            // A dead one whose end nobody has asked for holds nothing any more.
            wait_until(pid, &['Z', 'X'])?;
        }
        // Where nobody asks for the end of the parent its number still looks taken; elsewhere the next start reads in
        // the file what the last one left in memory, and clears it.
        if state_of(parent).is_some() {
            fs::remove_file(lock)?;
            fs::remove_file(self.dir.join(format!(".s.PGSQL.{PORT}.lock")))?;
        }
        Ok(())
    }

    /// Starts the stopped cluster again, with its data, at the same address.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&self) {
        if let Err(error) = self.control(&["start", "-l", "log"]) {
            panic!("the cluster did not start again: {error}");
        }
    }

    /// The folder of PostgreSQL's programs (`psql`, `pgbench`, `pg_dump`).
    #[must_use]
    pub fn bin_dir(&self) -> &Path {
        &self.bin
    }

    fn control(&self, args: &[&str]) -> io::Result<()> {
        self.run("pg_ctl", |pg_ctl| {
            pg_ctl.args(["-D", "data", "-w", "-s"]).args(args);
        })
    }

    fn run(&self, program: &str, arguments: impl FnOnce(&mut Command)) -> io::Result<()> {
        let mut command = Command::new(self.bin.join(program));
        command
            .current_dir(&self.dir)
            .env_remove("PGDATA")
            .stdin(process::Stdio::null());
        arguments(&mut command);
        if let Some(owner) = self.owner {
            owner.run(&mut command);
        }
        // To files, not pipes: the server keeps what `pg_ctl` was given, and a pipe would never end.
        let said = self.dir.join(format!("{program}.out"));
        let out = fs::File::create(&said)?;
        let status = command.stdout(out.try_clone()?).stderr(out).status()?;
        if status.success() {
            return Ok(());
        }
        let mut text = fs::read_to_string(&said)?;
        text.push_str(&fs::read_to_string(self.dir.join("log")).unwrap_or_default());
        Err(io::Error::other(format!("{program}: {status}: {text}")))
    }
}

/// State and parent of a process; nothing where it is gone.
fn state_of(pid: i32) -> Option<(char, i32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before it may hold spaces and brackets.
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?.chars().next()?;
    Some((state, fields.next()?.parse().ok()?))
}

fn children(parent: i32) -> io::Result<Vec<i32>> {
    let listed = fs::read_dir("/proc")?;
    let pids = listed.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    Ok(pids
        .filter(|pid| state_of(*pid).is_some_and(|(_, of)| of == parent))
        .collect())
}

/// Waits until a process is in one of those states, or gone.
fn wait_until(pid: i32, states: &[char]) -> io::Result<()> {
    for _ in 0..1_000 {
        match state_of(pid) {
            Some((state, _)) if !states.contains(&state) => {
                std::thread::sleep(Duration::from_millis(5));
            }
            _ => return Ok(()),
        }
    }
    Err(io::Error::other(format!("process {pid} does not go")))
}

/// The folder with `initdb`: `ZHIHENG_PG_BIN`, else Debian's newest, else where `PATH` has it.
fn installed() -> Option<PathBuf> {
    let named = env::var_os("ZHIHENG_PG_BIN").map(PathBuf::from);
    let debian = || {
        let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
            .ok()?
            .filter_map(|entry| {
                let dir = entry.ok()?.path();
                let version = dir.file_name()?.to_str()?.parse().ok()?;
                Some((version, dir.join("bin")))
            })
            .filter(|(_, bin)| bin.join("initdb").exists())
            .collect();
        versions.sort();
        versions.pop().map(|(_, bin)| bin)
    };
    let on_path = || {
        let path = env::var_os("PATH")?;
        env::split_paths(&path).find(|dir| dir.join("initdb").exists())
    };
    named
        .or_else(debian)
        .or_else(on_path)
        .filter(|bin| bin.join("initdb").exists())
}

fn percent_encoded(path: &Path) -> String {
    let mut encoded = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                encoded.push(char::from(*byte));
            }
            // Writing to a String cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::percent_encoded;

    #[test]
    fn a_folder_with_odd_characters_still_makes_an_address() {
        let check = |path: &str, expect: &str| {
            assert_eq!(percent_encoded(Path::new(path)), expect);
        };
        check("/tmp/zhiheng-pg-Ab1", "/tmp/zhiheng-pg-Ab1");
        check("/tmp/a b?c&d", "/tmp/a%20b%3Fc%26d");
        check("/tmp/临时", "/tmp/%E4%B8%B4%E6%97%B6");
    }
}
