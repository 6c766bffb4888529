//! The program as a process: run to its end, or serving until it is killed.

use std::{
    fs::OpenOptions,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::client::request;

/// How long a server may take until it answers.
const START_MAX: Duration = Duration::from_secs(60);

/// The built program and the fonts that it sets papers in.
#[derive(Debug, Clone)]
pub struct Program {
    /// The binary.
    pub binary: PathBuf,
    /// Folder of fonts.
    pub fonts: PathBuf,
}

/// One installation: its data folder, on the database that is named or on SQLite.
#[derive(Debug, Clone)]
pub struct Place {
    program: Program,
    data: PathBuf,
    database: Option<String>,
    objects: Option<PathBuf>,
    handles: Option<u32>,
    zone: Option<&'static str>,
}

impl Place {
    /// The installation in that data folder.
    pub fn new(program: &Program, data: PathBuf, database: Option<String>) -> Self {
        Self {
            program: program.clone(),
            data,
            database,
            objects: None,
            handles: None,
            zone: None,
        }
    }

    /// The same under a limit on the file handles of the process.
    #[must_use]
    pub fn with_handles(mut self, handles: u32) -> Self {
        self.handles = Some(handles);
        self
    }

    /// The same on a machine of that time zone.
    #[must_use]
    pub fn with_zone(mut self, zone: &'static str) -> Self {
        self.zone = Some(zone);
        self
    }

    /// The same with papers and files in a folder that it shares with another.
    #[must_use]
    pub fn with_objects(mut self, folder: PathBuf) -> Self {
        self.objects = Some(folder);
        self
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = match self.handles {
            None => Command::new(&self.program.binary),
            Some(handles) => {
                // Limits are inherited; hard ones, or the program would raise them again.
                let mut shell = Command::new("/bin/sh");
                let script = format!("ulimit -n {handles} && exec \"$0\" \"$@\"");
                shell.arg("-c").arg(script).arg(&self.program.binary);
                shell
            }
        };
        command.env_remove("ZHIHENG_DATABASE_URL").args(args);
        if let Some(zone) = self.zone {
            command.env("TZ", zone);
        }
        command.arg("--data").arg(&self.data);
        command.arg("--fonts").arg(&self.program.fonts);
        if let Some(objects) = &self.objects {
            command.arg("--objects").arg(objects);
        }
        command.stdin(Stdio::null());
        if let Some(url) = &self.database {
            command.env("ZHIHENG_DATABASE_URL", url);
        }
        command
    }

    /// Runs the program to its end; gives what it said.
    ///
    /// # Errors
    /// That it could not be started or ended badly, with all that it said.
    pub fn run(&self, args: &[&str]) -> Result<String> {
        let output = self.command(args).output().context("not started")?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(
            output.status.success(),
            "`zhiheng {}` ended with {}: {said}{}",
            args.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(said)
    }

    /// Serves the installation on a free port of this machine; gives the server once it says that it is well.
    ///
    /// # Errors
    /// That it did not come up, with what it said.
    pub fn serve(&self) -> Result<Server> {
        // Given back at once: for a moment another process could take it, and the start would fail loudly.
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let said = self.data.with_extension("said");
        let out = OpenOptions::new().create(true).append(true).open(&said)?;
        let mut command = self.command(&["serve", "--listen", &address.to_string()]);
        command.stdout(out.try_clone()?).stderr(out);
        let mut server = Server {
            child: command.spawn()?,
            address: address.to_string(),
        };
        let begun = Instant::now();
        while !server.is_well() {
            let said = || std::fs::read_to_string(&said).unwrap_or_default();
            if let Some(status) = server.child.try_wait()? {
                bail!("`zhiheng serve` ended with {status}: {}", said());
            }
            ensure!(
                begun.elapsed() < START_MAX,
                "`zhiheng serve` does not answer: {}",
                said()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }
}

/// A running server, killed with its handle.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Host and port.
    pub address: String,
}

impl Server {
    /// Whether `/healthz` says that all is well.
    pub fn is_well(&self) -> bool {
        request(&self.address, "GET", "/healthz", &[], "").is_ok_and(|answer| answer.status == 200)
    }

    /// Ends it in the middle of whatever it does, as `kill -9`.
    ///
    /// # Errors
    /// That it had ended by itself before, which it should not have.
    pub fn kill(mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the server had ended by itself: {status}");
        }
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
