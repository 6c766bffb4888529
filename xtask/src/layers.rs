//! Which crate may depend on which; the drawing is in ARCHITECTURE.md.

use std::collections::BTreeSet;

use crate::metadata::{Kind, Metadata};

/// Each crate of the workspace and those that it may depend on, in what is shipped and in its tests.
const LAYERS: [(&str, &[&str]); 15] = [
    ("law", &[]),
    ("ledger", &[]),
    ("casework", &["law"]),
    ("papers", &["law"]),
    ("store", &["casework", "law", "ledger"]),
    // The public's door: no handle to the case store, so a slip in a page cannot leak a case.
    ("portal", &["ledger"]),
    // A cache that knows nothing of cases.
    ("search", &[]),
    (
        "office",
        &["casework", "law", "ledger", "papers", "search", "store"],
    ),
    (
        "desk",
        &["casework", "law", "ledger", "office", "papers", "store"],
    ),
    (
        "zhiheng",
        &[
            "casework", "desk", "law", "ledger", "office", "papers", "portal", "store",
        ],
    ),
    (
        "bench",
        &[
            "casework", "desk", "drill", "law", "ledger", "office", "papers", "portal", "search",
            "sim", "store", "testkit", "zhiheng",
        ],
    ),
    (
        "sim",
        &[
            "casework", "law", "ledger", "office", "papers", "portal", "store",
        ],
    ),
    // From outside: it knows the program by its command line and its API alone.
    (DRILL, &[TESTKIT]),
    (TESTKIT, &[]),
    ("xtask", &[]),
];

/// Any crate's tests may use these; nothing that is shipped may.
const TESTKIT: &str = "testkit";
const DRILL: &str = "drill";

/// Crates that do no input or output, or that must compile in seconds, and so build on none of [`HEAVY`].
const LIGHT: [&str; 4] = ["law", "casework", "ledger", "xtask"];

/// What asynchronous, database and network code is built on, directly or not.
const HEAVY: [&str; 7] = [
    "tokio",
    "mio",
    "async-std",
    "sqlx",
    "sea-orm",
    "hyper",
    "axum",
];

/// What breaks the layers, a sentence each; empty when nothing does.
pub fn violations(metadata: &Metadata) -> Vec<String> {
    let members: BTreeSet<&str> = metadata.members().map(|member| member.name()).collect();
    let mut found = Vec::new();
    for member in metadata.members() {
        let name = member.name();
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| *layer == name) else {
            found.push(format!(
                "{name} is in no layer; give it a line in xtask/src/layers.rs"
            ));
            continue;
        };
        for (other, kind) in member
            .dependencies()
            .filter(|(other, _)| members.contains(other))
        {
            let test_help = matches!(other, TESTKIT | DRILL) && kind == Kind::Dev;
            if !allowed.contains(&other) && !test_help {
                found.push(format!("{name} must not depend on {other}"));
            }
        }
        if LIGHT.contains(&name) {
            let heavy = heavy_below(metadata, member.id());
            found.extend(
                heavy
                    .into_iter()
                    .map(|heavy| format!("{name} must not build on {heavy}")),
            );
        }
    }
    found
}

/// Those of [`HEAVY`] on which the package `id` depends, through whatever others.
fn heavy_below<'a>(metadata: &'a Metadata, id: &'a str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::from([id]);
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        let further = metadata.shipped_dependencies(id);
        open.extend(further.into_iter().filter(|id| seen.insert(id)));
    }
    let names = seen
        .into_iter()
        .filter_map(|id| metadata.package(id))
        .map(|package| package.name());
    names.filter(|name| HEAVY.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::violations;
    use crate::metadata::Metadata;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Value {
        let dependencies: Vec<Value> = dependencies
            .iter()
            .map(|(name, kind)| json!({"name": name, "kind": kind}))
            .collect();
        json!({"name": name, "id": name, "source": null, "dependencies": dependencies})
    }

    fn check(packages: &[Value], nodes: &[Value], expect: &[&str]) {
        let json = json!({"packages": packages, "resolve": {"nodes": nodes}});
        assert_eq!(violations(&Metadata::from_json(json)), expect);
    }

    #[test]
    fn an_edge_that_no_layer_allows_is_named() {
        let law = || package("law", &[]);
        check(
            &[
                law(),
                package("casework", &[("law", None), ("serde", None)]),
            ],
            &[],
            &[],
        );
        check(
            &[law(), package("ledger", &[("law", None)])],
            &[],
            &["ledger must not depend on law"],
        );
        check(
            &[law(), package("ledger", &[("law", Some("dev"))])],
            &[],
            &["ledger must not depend on law"],
        );
        check(
            &[law(), package("ledger", &[("law", Some("build"))])],
            &[],
            &["ledger must not depend on law"],
        );
        check(
            &[package("store", &[]), package("portal", &[("store", None)])],
            &[],
            &["portal must not depend on store"],
        );
    }

    #[test]
    fn the_test_kit_is_for_tests_alone() {
        let testkit = || package("testkit", &[]);
        check(
            &[testkit(), package("store", &[("testkit", Some("dev"))])],
            &[],
            &[],
        );
        check(
            &[testkit(), package("store", &[("testkit", None)])],
            &[],
            &["store must not depend on testkit"],
        );
        check(
            &[testkit(), package("bench", &[("testkit", None)])],
            &[],
            &[],
        );
    }

    #[test]
    fn a_crate_without_a_layer_is_named() {
        check(
            &[package("misc", &[])],
            &[],
            &["misc is in no layer; give it a line in xtask/src/layers.rs"],
        );
    }

    #[test]
    fn a_pure_crate_reaches_no_runtime_even_through_another() {
        let outside = |name| json!({"name": name, "id": name, "source": "registry"});
        let packages = [package("law", &[]), outside("helper"), outside("tokio")];
        let edge = |to, kind: Option<&str>| json!({"pkg": to, "dep_kinds": [{"kind": kind}]});
        let through = |kind| {
            [
                json!({"id": "law", "deps": [edge("helper", kind)]}),
                json!({"id": "helper", "deps": [edge("tokio", None)]}),
            ]
        };
        check(&packages, &through(None), &["law must not build on tokio"]);
        check(&packages, &through(Some("dev")), &[]);
    }
}
