//! Whether the licence of every package that we build with is one that `deny.toml` allows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::metadata::Metadata;

/// What `deny.toml` allows: licences, and single packages with one more.
pub struct Policy {
    allow: BTreeSet<String>,
    exceptions: Vec<(String, BTreeSet<String>)>,
}

impl Policy {
    /// Reads `deny.toml`, so that `cargo deny` and this check go by one list.
    pub fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join("deny.toml")).context("deny.toml")?;
        Self::parse(&text).context("deny.toml")
    }

    fn parse(text: &str) -> Result<Self> {
        let table: toml::Table = text.parse()?;
        let licences = table.get("licenses").context("no [licenses]")?;
        let allow = strings(licences.get("allow")).context("no licenses.allow")?;
        let mut exceptions = Vec::new();
        for exception in licences
            .get("exceptions")
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten()
        {
            let name = exception.get("crate").and_then(toml::Value::as_str);
            let name = name.context("an exception without crate")?.to_owned();
            exceptions.push((
                name,
                strings(exception.get("allow")).context("an exception without allow")?,
            ));
        }
        Ok(Self { allow, exceptions })
    }

    fn allows(&self, package: &str, licence: &str) -> bool {
        let excepted = self.exceptions.iter().filter(|(name, _)| name == package);
        self.allow.contains(licence) || excepted.into_iter().any(|(_, more)| more.contains(licence))
    }
}

fn strings(value: Option<&toml::Value>) -> Option<BTreeSet<String>> {
    let values = value?.as_array()?;
    values
        .iter()
        .map(|value| value.as_str().map(str::to_owned))
        .collect()
}

/// The packages whose licence is not allowed, a sentence each; empty when all are.
pub fn violations(metadata: &Metadata, policy: &Policy) -> Vec<String> {
    let judged = metadata.packages().filter_map(|package| {
        let (name, version) = (package.name(), package.version());
        let Some(licence) = package.licence() else {
            return Some(format!("{name} {version} declares no licence"));
        };
        let satisfied = satisfied(licence, &|one| policy.allows(name, one));
        let why = match satisfied {
            Some(true) => return None,
            Some(false) => "which deny.toml does not allow",
            None => "which is no licence expression",
        };
        Some(format!("{name} {version} is under `{licence}`, {why}"))
    });
    judged.collect()
}

/// Whether the SPDX `expression` can be met by allowed licences alone; `None` if it cannot be read.
fn satisfied(expression: &str, allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    // `MIT/Apache-2.0` is how old manifests say OR.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (met, rest) = any(&words, allowed)?;
    rest.is_empty().then_some(met)
}

type Parsed<'w, 's> = Option<(bool, &'w [&'s str])>;

fn any<'w, 's>(words: &'w [&'s str], allowed: &dyn Fn(&str) -> bool) -> Parsed<'w, 's> {
    let (mut met, mut rest) = all(words, allowed)?;
    while let ["OR", further @ ..] = rest {
        let (next, after) = all(further, allowed)?;
        (met, rest) = (met | next, after);
    }
    Some((met, rest))
}

fn all<'w, 's>(words: &'w [&'s str], allowed: &dyn Fn(&str) -> bool) -> Parsed<'w, 's> {
    let (mut met, mut rest) = one(words, allowed)?;
    while let ["AND", further @ ..] = rest {
        let (next, after) = one(further, allowed)?;
        (met, rest) = (met & next, after);
    }
    Some((met, rest))
}

fn one<'w, 's>(words: &'w [&'s str], allowed: &dyn Fn(&str) -> bool) -> Parsed<'w, 's> {
    match words {
        ["(", inside @ ..] => {
            let (met, rest) = any(inside, allowed)?;
            let rest = rest.strip_prefix(&[")"])?;
            Some((met, rest))
        }
        // An exception only adds permissions, so the licence alone decides unless the pair is listed.
        [licence, "WITH", exception, rest @ ..] => Some((
            allowed(licence) || allowed(&format!("{licence} WITH {exception}")),
            rest,
        )),
        ["AND" | "OR" | "WITH" | ")", ..] | [] => None,
        [licence, rest @ ..] => Some((allowed(licence), rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Policy, satisfied};

    #[test]
    fn an_expression_is_met_by_allowed_licences_alone() {
        let allowed = |licence: &str| ["MIT", "Apache-2.0"].contains(&licence);
        let check = |expression, expect| {
            assert_eq!(satisfied(expression, &allowed), expect, "{expression}");
        };
        check("MIT", Some(true));
        check("GPL-3.0", Some(false));
        check("MIT OR GPL-3.0", Some(true));
        check("GPL-3.0/MIT", Some(true));
        check("MIT AND GPL-3.0", Some(false));
        check("(MIT OR GPL-3.0) AND Apache-2.0", Some(true));
        check("GPL-3.0 OR MIT AND Apache-2.0", Some(true));
        check("GPL-3.0 AND MIT OR Apache-2.0", Some(true));
        check("Apache-2.0 WITH LLVM-exception", Some(true));
        check("MIT OR", None);
        check("(MIT", None);
        check("MIT Apache-2.0", None);
        check("", None);
    }

    #[test]
    fn an_exception_holds_for_its_crate_alone() {
        let policy = Policy::parse(
            "[licenses]\nallow = [\"MIT\"]\nexceptions = [{ crate = \"one\", allow = [\"MPL-2.0\"] }]",
        )
        .unwrap();
        assert!(policy.allows("one", "MPL-2.0"));
        assert!(!policy.allows("other", "MPL-2.0"));
        assert!(policy.allows("other", "MIT"));
        assert!(Policy::parse("[licenses]\n").is_err());
    }
}
