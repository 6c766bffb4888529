//! What the documents claim: each names the tests that show it, and those tests are there.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Documents whose claims name tests as `path::test` between backticks.
const CLAIMING: [&str; 2] = ["docs/trust.md", "docs/operating.md"];
/// Where whoever runs the program begins to read, and finds the others.
const FIRST_READ: [&str; 2] = ["README.md", "README.zh.md"];

/// What is wrong with the documents, as `file: what`; empty when nothing is.
pub fn violations(root: &Path) -> Result<Vec<String>> {
    let read = |file: &str| {
        fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))
    };
    let mut found = Vec::new();
    for document in CLAIMING {
        let named = tests_named(&read(document)?);
        if named.is_empty() {
            found.push(format!("{document}: names no test"));
        }
        for (file, test) in named {
            let there = fs::read_to_string(root.join(&file)).is_ok_and(|text| has(&text, &test));
            if !there {
                found.push(format!("{document}: there is no test {file}::{test}"));
            }
        }
    }
    for first in FIRST_READ {
        let text = read(first)?;
        let missing = CLAIMING.iter().filter(|document| !text.contains(*document));
        found.extend(missing.map(|document| format!("{first}: does not point to {document}")));
    }
    Ok(found)
}

/// The tests that a document names, each as its file and its name.
fn tests_named(document: &str) -> Vec<(String, String)> {
    // Between two backticks is every second part of a line; blocks of code have none.
    let spans = document
        .lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    spans
        .filter_map(|span| span.split_once("::"))
        .filter(|(file, _)| file.contains('/'))
        .map(|(file, test)| (file.to_owned(), test.to_owned()))
        .collect()
}

/// Whether a source has a test of that name: a function under a `test` attribute, or one that `on_both!` makes a test.
fn has(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let declared = |line: &&str| {
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.strip_prefix("fn ")
            .and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| rest.starts_with('('))
    };
    let Some(at) = lines.iter().position(declared) else {
        return false;
    };
    let marked = lines[..at]
        .iter()
        .rev()
        .take_while(|line| line.starts_with("#["))
        .any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"));
    marked || is_listed(&lines, name)
}

/// Whether a list of `on_both!` has the name.
fn is_listed(lines: &[&str], name: &str) -> bool {
    let list = lines.iter().skip_while(|line| **line != "on_both!(");
    list.take_while(|line| **line != ");")
        .any(|line| line.strip_suffix(',') == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_that_a_document_names_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let found = violations(root.unwrap_or(Path::new("."))).map_err(|e| e.to_string());
        assert_eq!(found, Ok(Vec::new()));
    }

    #[test]
    fn names_of_tests_are_told_from_other_code() {
        let text = "It is (`a/b.rs::it_is`,\n`a/c.rs::so`), see `Store::open`, `a/b.rs` and ::x.";
        let named = tests_named(text);
        let named: Vec<(&str, &str)> = named.iter().map(|(f, t)| (&**f, &**t)).collect();
        assert_eq!(named, [("a/b.rs", "it_is"), ("a/c.rs", "so")]);
    }

    #[test]
    fn a_function_is_a_test_where_something_makes_it_one() {
        let source = "on_both!(\n    first,\n);\nasync fn first(place: &Place) {}\n\
            #[tokio::test(flavor = \"multi_thread\")]\n    async fn second() {}\n#[test]\n#[cfg(unix)]\nfn third() {}\n\
            fn fourth() {}\nfn fifth_of_all() {}\nuse x::{\n    fourth,\n};\n";
        let tests = ["first", "second", "third"];
        assert!(tests.iter().all(|name| has(source, name)));
        let none = ["fourth", "fifth", "fifth_of_all", "sixth"];
        assert!(none.iter().all(|name| !has(source, name)));
    }
}
