//! The built program in a folder of its own, run and served as an administrator would.

#![allow(dead_code, reason = "no test program uses all of it")]

pub mod desk;

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

/// What a run of the program said.
pub struct Said {
    pub ok: bool,
    pub out: String,
    pub err: String,
}

impl Said {
    /// Standard output; the test fails here where the program failed.
    #[track_caller]
    pub fn done(self) -> String {
        assert!(self.ok, "{}\n{}", self.out, self.err);
        self.out
    }

    /// Standard error; the test fails here where the program did not.
    #[track_caller]
    pub fn failed(self) -> String {
        assert!(!self.ok, "it should have failed:\n{}", self.out);
        self.err
    }
}

/// An installation in a temporary folder, on the database that `database` names or on SQLite.
pub struct Place {
    folder: Arc<tempfile::TempDir>,
    fonts: PathBuf,
    database: Option<String>,
    variables: Vec<(&'static str, &'static str)>,
}

impl Place {
    /// Sets a variable for the program.
    pub fn set(&mut self, name: &'static str, value: &'static str) {
        self.variables.push((name, value));
    }

    /// An empty folder; nothing where the fonts are not installed.
    pub fn new() -> Option<Self> {
        Self::on(None)
    }

    /// A folder with the demo bureau, which is made once for all tests of a build and a day.
    pub fn demo() -> Option<Self> {
        let place = Self::new()?;
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo");
        std::fs::create_dir_all(&kept).unwrap();
        let lock = std::fs::File::create(kept.join("lock")).unwrap();
        lock.lock().unwrap();
        let program = std::fs::metadata(env!("CARGO_BIN_EXE_zhiheng")).unwrap();
        let built = program.modified().unwrap();
        let built = built.duration_since(std::time::UNIX_EPOCH).unwrap();
        let made = kept.join(format!("{}-{}", desk::today(), built.as_nanos()));
        if !made.is_dir() {
            for old in std::fs::read_dir(&kept).unwrap().flatten() {
                if old.path().is_dir() {
                    std::fs::remove_dir_all(old.path()).unwrap();
                }
            }
            place.run(&["demo"]).done();
            // Under its name only when it is whole.
            let half = kept.join("half");
            copy(&place.data(), &half);
            std::fs::rename(&half, &made).unwrap();
            return Some(place);
        }
        copy(&made, &place.data());
        Some(place)
    }

    /// The same on a database.
    pub fn on(database: Option<String>) -> Option<Self> {
        Some(Self {
            folder: Arc::new(tempfile::tempdir().unwrap()),
            fonts: testkit::fonts()?,
            database,
            variables: Vec::new(),
        })
    }

    /// The same folder on another database, or on the SQLite in it.
    pub fn with_database(&self, database: Option<String>) -> Self {
        Self {
            folder: Arc::clone(&self.folder),
            fonts: self.fonts.clone(),
            database,
            variables: self.variables.clone(),
        }
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file beside the data folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beside the data folder.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.file(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhiheng"));
        command.env_remove("ZHIHENG_DATABASE_URL").args(args);
        command.envs(self.variables.iter().copied());
        command.arg("--data").arg(self.data());
        command.arg("--fonts").arg(&self.fonts);
        if let Some(url) = &self.database {
            command.env("ZHIHENG_DATABASE_URL", url);
        }
        command
    }

    /// Runs the program to its end.
    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Said {
        self.run_with(args, "")
    }

    /// Runs it with something on standard input.
    pub fn run_with<S: AsRef<OsStr>>(&self, args: &[S], input: &str) -> Said {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that reads nothing may have closed its input already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Said {
            ok: output.status.success(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Serves the installation on a free port of this machine.
    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// Serves it so with more arguments.
    pub fn serve_with(&self, more: &[&str]) -> Server {
        let listen = free_address();
        let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
        let mut child = self
            .command(&["serve", "--listen", &listen])
            .arg("--assets")
            .arg(assets)
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let Some(Ok(first)) = lines.next() else {
            panic!("the server ended: {:?}", child.wait_with_output().unwrap());
        };
        assert!(first.contains("已启动"), "{first}");
        let (heard, said) = channel();
        let warnings = BufReader::new(child.stderr.take().unwrap()).lines();
        // Both are read to their ends, so that the server never waits for us.
        for lines in [Lines::Out(lines), Lines::Err(warnings)] {
            let heard = heard.clone();
            std::thread::spawn(move || lines.tell(&heard));
        }
        Server {
            child,
            address: listen,
            said,
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    let permissions = std::fs::metadata(from).unwrap().permissions();
    std::fs::set_permissions(to, permissions).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

enum Lines {
    Out(std::io::Lines<BufReader<ChildStdout>>),
    Err(std::io::Lines<BufReader<ChildStderr>>),
}

impl Lines {
    fn tell(self, heard: &Sender<String>) {
        let tell = |line: String| {
            // When the test has ended nobody listens.
            let _ = heard.send(line);
        };
        match self {
            Self::Out(lines) => lines.map_while(Result::ok).for_each(tell),
            Self::Err(lines) => lines.map_while(Result::ok).for_each(tell),
        }
    }
}

/// A running server, ended with its handle.
pub struct Server {
    child: Child,
    /// Host and port.
    pub address: String,
    said: Receiver<String>,
}

impl Server {
    /// Waits until the server says something with these words.
    #[track_caller]
    pub fn wait_for(&self, words: &str) {
        let mut before = Vec::new();
        loop {
            match self.said.recv_timeout(Duration::from_secs(60)) {
                Ok(line) if line.contains(words) => return,
                Ok(line) => before.push(line),
                Err(_) => panic!("the server never said “{words}”, but {before:#?}"),
            }
        }
    }
}

impl Server {
    /// Ends the server, and gives all that it said and nobody has waited for.
    pub fn end_and_hear(mut self) -> String {
        // It may have ended by itself; then nothing is left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.said.iter().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
