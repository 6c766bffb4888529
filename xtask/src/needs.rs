//! What tests need beyond Rust and Node, and how it is had.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::process::{command, on_path, output, run, step, succeeds};
use crate::{python, web};

/// How often a package download is tried before it is given up.
const APT_TRIES: u32 = 3;

/// The oldest PostgreSQL that the program runs on.
const POSTGRES_MIN: u32 = 15;

/// One thing that tests use.
struct Need {
    /// Its name in `ZHIHENG_REQUIRE`.
    name: &'static str,
    /// The Debian packages that bring it.
    packages: &'static [&'static str],
    is_there: fn() -> bool,
}

const NEEDS: [Need; 4] = [
    Need {
        name: "postgres",
        packages: &["postgresql-15"],
        is_there: || postgres_bin().is_some(),
    },
    Need {
        name: "browser",
        packages: &["chromium", "chromium-driver"],
        is_there: || on_path("chromedriver").is_some(),
    },
    Need {
        // Without one, the browser's pictures of Chinese pages are boxes.
        name: "screen-fonts",
        packages: &["fontconfig", "fonts-noto-cjk"],
        is_there: has_chinese_screen_font,
    },
    Need {
        name: "poppler",
        packages: &["poppler-utils"],
        is_there: || on_path("pdftotext").is_some(),
    },
];

/// Installs what is missing where that can be done, and gives the Debian packages that are still missing.
pub fn install() -> Result<Vec<&'static str>> {
    let wanted = missing();
    if wanted.is_empty() {
        step("all that tests need is installed");
        return Ok(wanted);
    }
    let Some(privilege) = apt_privilege() else {
        return Ok(wanted);
    };
    step(&format!("installing what tests need: {}", wanted.join(" ")));
    for attempt in 1..=APT_TRIES {
        let done = run(apt(privilege).args(["update", "-qq"]))
            .and_then(|()| run(apt(privilege).args(INSTALL).args(&wanted)));
        match done {
            Ok(()) => break,
            Err(error) => step(&format!("try {attempt} of {APT_TRIES}: {error:#}")),
        }
    }
    Ok(missing())
}

const INSTALL: [&str; 4] = ["install", "-y", "-qq", "--no-install-recommends"];

/// The words that install `packages`, for a person to type.
pub fn advice(packages: &[&str]) -> String {
    format!(
        "on Debian, as root: apt-get {} {}",
        INSTALL.join(" "),
        packages.join(" ")
    )
}

fn missing() -> Vec<&'static str> {
    let absent = NEEDS.iter().filter(|need| !(need.is_there)());
    absent.flat_map(|need| need.packages).copied().collect()
}

/// How apt-get may be run: directly, through sudo without a password, or not at all.
#[derive(Clone, Copy)]
enum Privilege {
    Root,
    Sudo,
}

fn apt_privilege() -> Option<Privilege> {
    on_path("apt-get")?;
    let user = output(Command::new("id").arg("-u")).ok()?;
    if user.trim() == "0" {
        return Some(Privilege::Root);
    }
    succeeds(Command::new("sudo").args(["-n", "true"])).then_some(Privilege::Sudo)
}

fn apt(privilege: Privilege) -> Command {
    match privilege {
        Privilege::Root => {
            let mut apt = Command::new("apt-get");
            apt.env("DEBIAN_FRONTEND", "noninteractive");
            apt
        }
        Privilege::Sudo => {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            sudo
        }
    }
}

/// The variables that tell tests and benchmarks where things are, and what must not be skipped.
pub fn environment(root: &Path) -> Vec<(&'static str, OsString)> {
    let mut variables = Vec::new();
    let mut required: Vec<&str> = NEEDS
        .iter()
        .filter(|need| (need.is_there)())
        .map(|need| need.name)
        .collect();
    let fonts = web::fonts_dir(root);
    if fs::read_dir(&fonts).is_ok_and(|mut files| files.next().is_some()) {
        required.push("fonts");
        variables.push(("ZHIHENG_FONTS", fonts.into_os_string()));
    }
    let schemathesis = python::schemathesis(root);
    if schemathesis.is_some() {
        required.push("schemathesis");
    }
    let found = [
        ("ZHIHENG_SCHEMATHESIS", schemathesis),
        ("ZHIHENG_CHROMEDRIVER", on_path("chromedriver")),
        ("ZHIHENG_PG_BIN", postgres_bin()),
        // The browser's journeys keep pictures of the pages that they meet.
        ("ZHIHENG_SHOTS", Some(pictures(root))),
        (
            "ZHIHENG_SHARED",
            root.parent()
                .map(|above| above.join("shared"))
                .filter(|dir| dir.is_dir()),
        ),
    ];
    for (name, path) in found {
        // What the caller has set stands.
        if let (None, Some(path)) = (std::env::var_os(name), path) {
            variables.push((name, path.into_os_string()));
        }
    }
    variables.push(("ZHIHENG_REQUIRE", required.join(",").into()));
    variables
}

/// Where pictures of pages are kept.
fn pictures(root: &Path) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target
        .unwrap_or_else(|| root.join("target"))
        .join("pictures")
}

/// The folder of PostgreSQL's programs: as set by the caller, else Debian's newest that is new enough.
fn postgres_bin() -> Option<PathBuf> {
    let has_initdb = |bin: &PathBuf| bin.join("initdb").is_file();
    if let Some(named) = std::env::var_os("ZHIHENG_PG_BIN") {
        return Some(PathBuf::from(named)).filter(has_initdb);
    }
    let versions = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        });
    let usable = versions.filter(|(version, bin)| *version >= POSTGRES_MIN && has_initdb(bin));
    usable.max().map(|(_, bin)| bin)
}

fn has_chinese_screen_font() -> bool {
    on_path("fc-list").is_some_and(|fc_list| {
        let fonts = output(command(fc_list, Path::new("/")).args([":lang=zh-cn", "family"]));
        fonts.is_ok_and(|fonts| !fonts.trim().is_empty())
    })
}

/// An error that names the packages that are missing and how they are had, unless none is.
pub fn refuse(missing: &[&str]) -> Result<()> {
    ensure!(
        missing.is_empty(),
        "tests need what is not installed; {}",
        advice(missing)
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{advice, refuse};

    #[test]
    fn what_is_missing_is_named_with_the_way_to_get_it() {
        assert!(refuse(&[]).is_ok());
        let error = format!(
            "{:#}",
            refuse(&["chromium", "chromium-driver"]).unwrap_err()
        );
        assert!(
            error.contains(&advice(&["chromium", "chromium-driver"])),
            "{error}"
        );
    }
}
