//! The real pack's files, edits to them, and parts of the property file.

use std::collections::BTreeMap;
use std::path::Path;

use law::check::{Properties, read_properties};
use law::pack::{Pack, read_pack};

use super::broken::Edit;

const PROPERTIES: &str = include_str!("../../properties/penalty.kdl");

/// The files of the real pack by name.
pub fn files() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../procedures/penalty-general");
    let entries = std::fs::read_dir(&folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|e| e == "kdl"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// The real pack's files after some edits, each of which must find its place.
pub fn edited(edits: &[Edit]) -> BTreeMap<String, String> {
    let mut files = files();
    for edit in edits {
        let text = files.get_mut(edit.file).unwrap();
        let from = text
            .find(edit.at)
            .unwrap_or_else(|| panic!("{} 中没有 {}", edit.file, edit.at));
        let place = text[from..]
            .find(edit.find)
            .unwrap_or_else(|| panic!("{} 之后没有 {}", edit.at, edit.find));
        let place = from + place;
        text.replace_range(place..place + edit.find.len(), edit.replace);
    }
    files
}

/// Reads a pack; faults as printed.
pub fn read(files: &BTreeMap<String, String>) -> Result<Pack, Vec<String>> {
    read_pack(files, "test").map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

/// A node of the property file at its top, as written: kind, first argument, text.
fn nodes() -> Vec<(&'static str, String, String)> {
    let mut nodes: Vec<(&str, String, String)> = Vec::new();
    for line in PROPERTIES.lines() {
        let starts = ["view ", "ag ", "never ", "ef ", "t ", "r "]
            .into_iter()
            .find(|kind| line.starts_with(kind));
        if let Some(kind) = starts {
            let id = line.split('"').nth(1).unwrap_or_default().to_owned();
            nodes.push((kind.trim_end(), id, String::new()));
        }
        if let Some((.., text)) = nodes.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    nodes
}

/// Every view, and the properties of which the test holds, given their kind and number.
pub fn properties_of(wanted: impl Fn(&str, &str) -> bool) -> Properties {
    let kept = nodes()
        .into_iter()
        .filter(|(kind, id, _)| *kind == "view" || wanted(kind, id));
    read_properties(&kept.map(|(.., text)| text).collect::<String>()).unwrap()
}

/// The properties of a kind and number, with no view but their own.
pub fn own_views(kind: &str, id: &str) -> Properties {
    let nodes = nodes();
    let wanted: String = nodes
        .iter()
        .filter(|(k, i, _)| *k == kind && i == id)
        .map(|(.., text)| text.as_str())
        .collect();
    let named = |view: &str| wanted.contains(&format!("view=\"{view}\""));
    let views: String = nodes
        .iter()
        .filter(|(k, i, _)| *k == "view" && named(i))
        .map(|(.., text)| text.as_str())
        .collect();
    read_properties(&(views + &wanted)).unwrap()
}

/// The numbers of the properties of some kinds.
pub fn numbers(wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut numbers: Vec<String> = nodes()
        .into_iter()
        .filter(|(kind, ..)| wanted(kind))
        .map(|(_, id, _)| id)
        .collect();
    numbers.sort();
    numbers.dedup();
    numbers
}
