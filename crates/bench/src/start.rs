//! Section `start`: how soon the product answers, and what it holds when nobody asks.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail, ensure};

use crate::place;
use crate::report::{Figure, Section, millis, times};

/// Starts that are measured; the best counts, since the first reads the program from the disk.
const STARTS: usize = 5;
/// Pause before the memory is read: the first jobs have run by then.
const IDLE: Duration = Duration::from_secs(5);
/// Seconds within which the first answer has to come.
const SECONDS_MAX: f64 = 1.0;
/// Megabytes that the idle process may hold.
const MEMORY_MB_MAX: f64 = 80.0;
/// How long an answer is waited for at all.
const GIVE_UP: Duration = Duration::from_secs(30);

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
    ensure!(
        program.is_file(),
        "{} is not there; build it with `cargo build --release -p zhiheng`",
        program.display()
    );
    let fonts = testkit::fonts().context("no fonts in ZHIHENG_FONTS or web/fonts")?;
    let dir = tempfile::tempdir()?;
    let demo = Demo {
        program,
        data: dir.path().join("data"),
        fonts,
    };
    eprintln!("start: making a demo bureau");
    demo.make()?;
    eprintln!("start: serving");
    let bare = demo.bare_start()?;
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

struct Demo<'a> {
    program: &'a Path,
    data: PathBuf,
    fonts: PathBuf,
}

impl Demo<'_> {
    fn command(&self) -> Command {
        let mut command = Command::new(self.program);
        // The demo is in its own folder, whatever database the caller works on.
        command.env_remove("ZHIHENG_DATABASE_URL");
        command.arg("--data").arg(&self.data);
        command.arg("--fonts").arg(&self.fonts);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    fn make(&self) -> Result<()> {
        let status = self.command().arg("demo").status()?;
        ensure!(status.success(), "`zhiheng demo` ended with {status}");
        Ok(())
    }

    /// Seconds that the process takes to start and do nothing.
    fn bare_start(&self) -> Result<f64> {
        let mut least = f64::INFINITY;
        for _ in 0..STARTS {
            let started = Instant::now();
            let status = Command::new(self.program)
                .arg("--version")
                .stdout(Stdio::null())
                .status()?;
            ensure!(status.success(), "`zhiheng --version` ended with {status}");
            least = least.min(started.elapsed().as_secs_f64());
        }
        Ok(least)
    }

    /// A server that has answered, and the seconds until it did.
    fn serve(&self) -> Result<(Server, f64)> {
        // Given back at once: for a moment another process could take it, and the start would fail loudly.
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let started = Instant::now();
        let mut command = self.command();
        command.args(["serve", "--listen", &address.to_string()]);
        let mut server = Server(command.spawn()?);
        while !answers(address) {
            if let Some(status) = server.0.try_wait()? {
                bail!("`zhiheng serve` ended with {status}");
            }
            ensure!(
                started.elapsed() < GIVE_UP,
                "`zhiheng serve` does not answer on {address}"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok((server, started.elapsed().as_secs_f64()))
    }
}

/// Whether the server answers a request as it should.
fn answers(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(GIVE_UP))?;
        let request =
            format!("GET /version HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// A running server, ended when dropped.
struct Server(Child);

impl Server {
    /// Megabytes resident in all, and those of them that are of no file.
    fn memory(&self) -> Result<(f64, f64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let megabytes = |name| {
            let kilobytes = field(&status, name).with_context(|| format!("no {name} in status"))?;
            Ok::<_, anyhow::Error>(kilobytes * 1024.0 / 1e6)
        };
        Ok((megabytes("VmRSS")?, megabytes("RssAnon")?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, which comes to the same.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The number of a line `Name:   123 kB`.
fn field(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| {
        let (found, rest) = line.split_once(':')?;
        (found == name).then_some(rest)
    })?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn a_line_of_the_kernel_is_found_by_its_whole_name() {
        let status = "Name:\tzhiheng\nVmRSSx:\t   1 kB\nVmRSS:\t   51234 kB\nRssAnon:\t 30000 kB\n";
        let check = |name, expect| assert_eq!(field(status, name), expect, "{name}");
        check("VmRSS", Some(51_234.0));
        check("RssAnon", Some(30_000.0));
        check("Rss", None);
        check("Name", None);
    }
}
