//! What cargo says of the workspace and of the packages it is built from.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process::{cargo, output};

/// The answer of `cargo metadata`.
pub struct Metadata {
    json: Value,
}

/// How a package depends on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In what is shipped, build scripts included.
    Normal,
    /// In its tests alone.
    Dev,
}

impl Metadata {
    /// Asks cargo; an error when the manifests cannot be read or the lock file is not up to date.
    pub fn read(root: &Path) -> Result<Self> {
        let text = output(&mut cargo(
            root,
            &["metadata", "--format-version=1", "--locked"],
        ))?;
        Ok(Self {
            json: serde_json::from_str(&text).context("cargo metadata wrote no JSON")?,
        })
    }

    #[cfg(test)]
    pub fn from_json(json: Value) -> Self {
        Self { json }
    }

    /// Where cargo puts what it builds.
    pub fn target_dir(&self) -> PathBuf {
        PathBuf::from(text(&self.json, "target_directory"))
    }

    /// All packages of the build, the workspace's own and others.
    pub fn packages(&self) -> impl Iterator<Item = Package<'_>> {
        array(&self.json, "packages").map(|json| Package { json })
    }

    /// The workspace's own packages.
    pub fn members(&self) -> impl Iterator<Item = Package<'_>> {
        self.packages()
            .filter(|package| package.json["source"].is_null())
    }

    /// The package that `id` names.
    pub fn package(&self, id: &str) -> Option<Package<'_>> {
        self.packages().find(|package| package.id() == id)
    }

    /// The ids of the packages on which the package `id` depends in what is shipped.
    pub fn shipped_dependencies(&self, id: &str) -> Vec<&str> {
        let node = array(&self.json["resolve"], "nodes").find(|node| text(node, "id") == id);
        let edges = node.into_iter().flat_map(|node| array(node, "deps"));
        edges
            .filter(|edge| array(edge, "dep_kinds").any(|kind| text(kind, "kind") != "dev"))
            .map(|edge| text(edge, "pkg"))
            .collect()
    }
}

/// One package of the build.
#[derive(Clone, Copy)]
pub struct Package<'a> {
    json: &'a Value,
}

impl<'a> Package<'a> {
    /// Its name.
    pub fn name(self) -> &'a str {
        text(self.json, "name")
    }

    /// Cargo's own id of it.
    pub fn id(self) -> &'a str {
        text(self.json, "id")
    }

    /// Its version.
    pub fn version(self) -> &'a str {
        text(self.json, "version")
    }

    /// Its licence expression, if it declares one.
    pub fn licence(self) -> Option<&'a str> {
        self.json["license"].as_str()
    }

    /// The packages that its manifest names, with how it depends on them.
    pub fn dependencies(self) -> impl Iterator<Item = (&'a str, Kind)> {
        array(self.json, "dependencies").map(|dependency| {
            let kind = if text(dependency, "kind") == "dev" {
                Kind::Dev
            } else {
                Kind::Normal
            };
            (text(dependency, "name"), kind)
        })
    }
}

fn text<'a>(json: &'a Value, key: &str) -> &'a str {
    json[key].as_str().unwrap_or_default()
}

fn array<'a>(json: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    json[key].as_array().into_iter().flatten()
}
