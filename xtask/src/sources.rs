//! What no compiler sees: paths of one machine in shipped text, and clocks, chance or I/O in the pure crates.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::process::{command, output};

/// Beginnings of paths that exist on one person's machine, in two halves so that this list is not found itself.
const MACHINE_PATHS: [(&str, &str); 7] = [
    ("/home", "/"),
    ("/Users", "/"),
    ("/root", "/"),
    ("/work", "/"),
    ("/farm", "/"),
    ("/tmp/t", "-"),
    ("C:\\Us", "ers\\"),
];

/// The crates to which time, chance and the outside world come in as arguments.
const PURE: [&str; 3] = [
    "crates/law/src/",
    "crates/casework/src/",
    "crates/ledger/src/",
];

/// What a pure crate does not name.
const IMPURE: [&str; 11] = [
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "thread_rng",
    "rand::",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "tokio::",
];

/// What is wrong with the text files of the project, as `file:line: what`; empty when nothing is.
pub fn violations(root: &Path) -> Result<Vec<String>> {
    // What is tracked, and what would be if it were added now.
    let listing = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let files = output(command("git", root).args(listing))?;
    let mut found = Vec::new();
    for file in files.split_terminator('\0') {
        // Pictures and deleted files are no text.
        let Ok(text) = fs::read_to_string(root.join(file)) else {
            continue;
        };
        let machine = text.lines().enumerate().filter_map(|(index, line)| {
            let path = machine_path(line)?;
            Some(format!(
                "{file}:{}: a path of one machine ({path}…)",
                index + 1
            ))
        });
        found.extend(machine);
        if PURE.iter().any(|folder| file.starts_with(folder)) && file.ends_with(".rs") {
            let impure = impurities(file, &text).into_iter();
            found.extend(
                impure.map(|(line, what)| format!("{file}:{line}: {what} in a pure crate")),
            );
        }
    }
    Ok(found)
}

fn machine_path(line: &str) -> Option<String> {
    MACHINE_PATHS
        .iter()
        .map(|(head, tail)| format!("{head}{tail}"))
        .find(|path| {
            line.match_indices(path.as_str()).any(|(at, _)| {
                // `crates/home/…` and `https://host/home/…` are other things.
                let before = line[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || "._-/}".contains(c))
            })
        })
}

/// Lines of a pure crate, tests and comments apart, that name what it must not.
fn impurities(file: &str, text: &str) -> Vec<(usize, &'static str)> {
    if file.ends_with("/tests.rs") || file.contains("/tests/") {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let line = line.trim();
        if line == "#[cfg(test)]" {
            // A module of tests is the last thing in a file; anything else under this mark is one line.
            match lines.next() {
                Some((_, next)) if next.starts_with("mod ") && next.ends_with('{') => break,
                _ => continue,
            }
        }
        if !line.starts_with("//") {
            let named = IMPURE.into_iter().find(|what| line.contains(what));
            found.extend(named.map(|what| (index + 1, what)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{impurities, machine_path};

    #[test]
    fn paths_of_a_machine_are_told_from_paths_of_the_project() {
        let check = |line: &str, expect| assert_eq!(machine_path(line).is_some(), expect, "{line}");
        let home = ["/ho", "me/li/zhiheng"].concat();
        check(&home, true);
        check(&format!("see `{home}`"), true);
        check(&format!("url = \"file://{home}\""), false);
        check(&format!("path=\"{home}\""), true);
        check(&format!("crates{home}"), false);
        check(&format!("https://example.cn{home}"), false);
        check("/opt/zhiheng/data", false);
        check(&["C:\\Us", "ers\\li"].concat(), true);
    }

    #[test]
    fn a_clock_in_a_pure_crate_is_found_outside_its_tests() {
        let check = |text, expect: &[(usize, &str)]| {
            assert_eq!(impurities("crates/law/src/day.rs", text), expect, "{text}");
        };
        check("let now = SystemTime::now();", &[(1, "SystemTime")]);
        check("// never SystemTime", &[]);
        check("#[cfg(test)]\nmod tests {\nuse std::fs;\n}", &[]);
        check("#[cfg(test)]\nmod tests;\nuse std::fs;", &[(3, "std::fs")]);
        assert_eq!(
            impurities("crates/law/src/day/tests.rs", "use std::fs;"),
            []
        );
    }
}
