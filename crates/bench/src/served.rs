//! The product itself on a demo of its own, served for a measurement and asked over HTTP.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// How long an answer is waited for at all.
const GIVE_UP: Duration = Duration::from_secs(30);

/// A demo bureau in a folder.
pub struct Demo<'a> {
    program: &'a Path,
    data: PathBuf,
    fonts: PathBuf,
}

impl<'a> Demo<'a> {
    /// Makes the demo in a new folder `data` of `dir`.
    pub fn make(program: &'a Path, dir: &Path) -> Result<Self> {
        ensure!(
            program.is_file(),
            "{} is not there; build it with `cargo build --release -p zhiheng`",
            program.display()
        );
        let demo = Self {
            program,
            data: dir.join("data"),
            fonts: testkit::fonts().context("no fonts in ZHIHENG_FONTS or web/fonts")?,
        };
        let status = demo.command().arg("demo").status()?;
        ensure!(status.success(), "`zhiheng demo` ended with {status}");
        Ok(demo)
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.program);
        // The demo is in its own folder, whatever database the caller works on.
        command.env_remove("ZHIHENG_DATABASE_URL");
        command.arg("--data").arg(&self.data);
        command.arg("--fonts").arg(&self.fonts);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// A server that has answered, and the seconds until it did.
    pub fn serve(&self) -> Result<(Server, f64)> {
        // Given back at once: for a moment another process could take it, and the start would fail loudly.
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let started = Instant::now();
        let mut command = self.command();
        command.args(["serve", "--listen", &address.to_string()]);
        let mut server = Server {
            process: command.spawn()?,
            address,
        };
        while !server.answers() {
            if let Some(status) = server.process.try_wait()? {
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

/// A running server, ended when dropped.
pub struct Server {
    process: Child,
    address: SocketAddr,
}

/// What a server answered.
pub struct Answer {
    /// The first line and the header lines.
    head: String,
    /// The rest, as text.
    pub body: String,
}

impl Answer {
    /// The status.
    pub fn status(&self) -> u16 {
        let status = self.head.split(' ').nth(1);
        status.and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// The first `name=value` of the cookie that is set.
    pub fn cookie(&self) -> Option<&str> {
        let line = self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("set-cookie").then_some(value)
        })?;
        line.split(';').next()
    }
}

impl Server {
    /// Whether the server answers as it should.
    fn answers(&self) -> bool {
        self.ask("GET /version", "", "")
            .is_ok_and(|answer| answer.status() == 200)
    }

    /// Asks, on a connection of its own; `what` is method and address, a body is a form.
    pub fn ask(&self, what: &str, cookie: &str, form: &str) -> Result<Answer> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(GIVE_UP))?;
        let request = format!(
            "{what} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: {cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            self.address,
            form.len()
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        Ok(Answer {
            head: head.to_owned(),
            body: body.to_owned(),
        })
    }

    /// Megabytes resident in all, and those of them that are of no file.
    pub fn memory(&self) -> Result<(f64, f64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
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
        let _ = self.process.kill();
        let _ = self.process.wait();
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
