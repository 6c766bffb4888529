//! schemathesis, which tries the API out: a Python program, in a folder of its own, by pinned versions.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{command, on_path, run, step, succeeds};

/// Folder of the list, and of the environment beside it.
const FOLDER: &str = "xtask/schemathesis";
const LIST: &str = "requirements.txt";
/// What the environment was made from.
const STAMP: &str = "venv/.made-from";

/// Where the program is, once it is installed.
pub fn schemathesis(root: &Path) -> Option<PathBuf> {
    Some(root.join(FOLDER).join("venv/bin/schemathesis")).filter(|file| file.is_file())
}

/// Installs the listed packages unless they are there; where Python with `venv` is not there, says so.
pub fn prepare(root: &Path) -> Result<()> {
    let folder = root.join(FOLDER);
    let list = fs::read(folder.join(LIST)).context("the list of Python packages")?;
    if fs::read(folder.join(STAMP)).is_ok_and(|made_from| made_from == list) {
        step("schemathesis is up to date");
        return Ok(());
    }
    let has_venv = |python: &PathBuf| {
        succeeds(command(python, &folder).args(["-c", "import ensurepip, venv"]))
    };
    let Some(python) = on_path("python3").filter(has_venv) else {
        step(
            "the API is not tried out by schemathesis: there is no python3 with venv (Debian: apt-get install python3-venv)",
        );
        return Ok(());
    };
    step("installing schemathesis, which tries the API out");
    run(command(python, &folder).args(["-m", "venv", "--clear", "venv"]))?;
    let pip = folder.join("venv/bin/pip");
    let args = [
        "install",
        "--quiet",
        "--no-deps",
        "--disable-pip-version-check",
        "-r",
        LIST,
    ];
    run(command(pip, &folder).args(args))
        .context("the Python packages could not be fetched; check `pip config list` and the network, then run this again")?;
    fs::write(folder.join(STAMP), list).context("the Python packages")
}
