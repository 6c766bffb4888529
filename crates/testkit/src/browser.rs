//! A headless Chromium with a profile of its own, driven through chromedriver.

use std::fs::File;
use std::ops::Deref;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use url::Url;

use crate::guard::Guard;
use crate::need::skipped;

/// How long chromedriver may take to answer before the test is given up.
const STARTUP_MAX: Duration = Duration::from_secs(30);

/// The file in the driver's folder that has what the driver said.
const LOG: &str = "driver.log";

/// What a browser that needs no display, no account and no network is started with.
const FLAGS: [&str; 11] = [
    "--headless=new",
    // Chromium's sandbox does not work for root; the only pages opened are the test's own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--lang=zh-CN",
    "--window-size=1280,900",
];

/// A running browser; its methods are those of [`Client`], and it is gone when dropped.
pub struct Browser {
    client: Client,
    driver: Driver,
}

impl Browser {
    /// A browser with an empty profile; `None`, with `skipped: …` said, where chromedriver is not installed.
    ///
    /// # Panics
    /// When chromedriver is installed and no session can be had.
    pub async fn start() -> Option<Self> {
        Self::start_with(true).await
    }

    /// The same, which runs no script of any page.
    ///
    /// # Panics
    /// When chromedriver is installed and no session can be had.
    pub async fn without_scripts() -> Option<Self> {
        Self::start_with(false).await
    }

    async fn start_with(scripts: bool) -> Option<Self> {
        let Some(program) = installed() else {
            skipped(
                "browser",
                "chromedriver is not installed; `cargo xtask test` installs it",
            );
            return None;
        };
        match Self::launch(&program, scripts).await {
            Ok(browser) => Some(browser),
            Err(error) => panic!("chromedriver is installed and gives no session: {error}"),
        }
    }

    async fn launch(program: &Path, scripts: bool) -> io::Result<Self> {
        let driver = Driver::start(program)?;
        let port = driver.announced_port().await?;
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(&driver.dir, scripts))
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .map_err(io::Error::other)?;
        Ok(Self { client, driver })
    }

    /// The folder into which the browser saves what a page offers for download.
    #[must_use]
    pub fn downloads(&self) -> PathBuf {
        self.driver.dir.join("downloads")
    }

    /// Writes what the window shows to `path`, as PNG.
    ///
    /// # Errors
    /// When the browser gives no picture or the file cannot be written.
    pub async fn save_screenshot(&self, path: &Path) -> io::Result<()> {
        let png = self.client.screenshot().await.map_err(io::Error::other)?;
        fs::write(path, png)
    }

    /// What the browser has reported since the last call: errors of scripts, what a content policy stopped, failed loads.
    ///
    /// # Errors
    /// When chromedriver does not answer.
    pub async fn take_console(&self) -> io::Result<Vec<String>> {
        let entries = self
            .client
            .issue_cmd(TakeConsole)
            .await
            .map_err(io::Error::other)?;
        let entries = entries.as_array().into_iter().flatten();
        Ok(entries
            .map(|entry| entry["message"].as_str().unwrap_or_default().to_owned())
            .collect())
    }
}

/// chromedriver's own command, beyond the standard, that hands out the console.
#[derive(Debug)]
struct TakeConsole;

impl WebDriverCompatibleCommand for TakeConsole {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({"type": "browser"}).to_string()))
    }
}

impl Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// chromedriver and the browser it has started, which is in its process group.
struct Driver {
    dir: PathBuf,
    process: Child,
    guard: Option<Guard>,
}

impl Driver {
    fn start(program: &Path) -> io::Result<Self> {
        let dir = tempfile::Builder::new()
            .prefix("zhiheng-browser-")
            .tempdir()?
            .keep();
        let log = File::create(dir.join(LOG))?;
        let process = Command::new(program)
            .arg("--port=0")
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let group = process.id().to_string();
        let guard = Guard::new(
            // What is being killed may still write for a moment, so removing is tried again, for five seconds.
            "kill -KILL \"-$1\"; n=0; until rm -rf \"$2\" || [ $((n += 1)) -gt 50 ]; do sleep 0.1; done",
            &[group.as_ref(), dir.as_os_str()],
            None,
        )?;
        Ok(Self {
            dir,
            process,
            guard: Some(guard),
        })
    }

    async fn announced_port(&self) -> io::Result<u16> {
        let started = Instant::now();
        loop {
            let said = fs::read_to_string(self.dir.join(LOG))?;
            if let Some(port) = port_in(&said) {
                return Ok(port);
            }
            if started.elapsed() > STARTUP_MAX {
                return Err(io::Error::other(format!(
                    "chromedriver said no port: {said}"
                )));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // First the guard, which kills the driver; then the driver's own entry in the process table.
        drop(self.guard.take());
        let _ = self.process.wait();
    }
}

fn capabilities(dir: &Path, scripts: bool) -> Map<String, Value> {
    let mut flags: Vec<String> = FLAGS.map(String::from).to_vec();
    flags.push(format!("--user-data-dir={}", dir.join("profile").display()));
    let mut options = json!({
        "args": flags,
        "prefs": {
            "download.default_directory": dir.join("downloads"),
            "download.prompt_for_download": false,
            "intl.accept_languages": "zh-CN",
        },
    });
    if !scripts {
        options["prefs"]["profile.managed_default_content_settings.javascript"] = json!(2);
    }
    if let Ok(binary) = env::var("ZHIHENG_CHROMIUM") {
        options["binary"] = Value::String(binary);
    }
    Map::from_iter([
        ("goog:chromeOptions".to_owned(), options),
        ("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"})),
    ])
}

fn port_in(log: &str) -> Option<u16> {
    let (_, rest) = log.split_once("started successfully on port ")?;
    // Only a whole line: the file may have been read while it was written.
    let (line, _) = rest.split_once('\n')?;
    line.trim_end_matches('.').parse().ok()
}

/// chromedriver: `ZHIHENG_CHROMEDRIVER`, else where `PATH` has it.
fn installed() -> Option<PathBuf> {
    let named = env::var_os("ZHIHENG_CHROMEDRIVER").map(PathBuf::from);
    let on_path = || {
        let path = env::var_os("PATH")?;
        env::split_paths(&path)
            .map(|dir| dir.join("chromedriver"))
            .find(|file| file.exists())
    };
    named.or_else(on_path).filter(|file| file.exists())
}

#[cfg(test)]
mod tests {
    use super::port_in;

    #[test]
    fn the_port_is_read_from_a_whole_line_only() {
        let check = |log, expect| assert_eq!(port_in(log), expect, "{log:?}");
        check(
            "ChromeDriver was started successfully on port 41234.\n",
            Some(41234),
        );
        check("ChromeDriver was started successfully on port 412", None);
        check("Starting ChromeDriver 150\n", None);
    }
}
