//! The lines of a pack on persons, read from its files without the pack's own reader: what a test expects.

#![allow(dead_code, reason = "no test program uses all of it")]

use std::collections::{BTreeMap, BTreeSet};

use kdl::{KdlDocument, KdlNode};

/// A role line.
#[derive(Debug, Default)]
pub struct RoleLine {
    pub assigned: bool,
    pub card: bool,
    pub unit: bool,
    pub qualified: bool,
    pub also: Vec<String>,
}

/// A `by` or a `chain` line.
#[derive(Debug)]
pub struct PlaceLine {
    pub role: String,
    pub or: Option<String>,
    pub duty: String,
}

/// A step.
#[derive(Debug)]
pub struct StepLine {
    pub id: String,
    pub from: Vec<String>,
    pub by: Vec<PlaceLine>,
    pub chain: Vec<PlaceLine>,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Lines {
    pub roles: BTreeMap<String, RoleLine>,
    pub apart: Vec<(String, String)>,
    pub steps: Vec<StepLine>,
}

/// What matters of a person in one case.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// Roles held by office.
    pub offices: BTreeSet<String>,
    /// Roles given in this case.
    pub given: BTreeSet<String>,
    /// Duties had in this case, by their names in packs.
    pub duties: BTreeSet<String>,
    pub own_body: bool,
    pub own_unit: bool,
    pub card: bool,
    pub qualified: bool,
    pub active: bool,
    pub recused: bool,
}

fn argument(node: &KdlNode, at: usize) -> Option<String> {
    let mut plain = node.entries().iter().filter(|e| e.name().is_none());
    plain.nth(at)?.value().as_string().map(str::to_owned)
}

fn text(node: &KdlNode, name: &str) -> Option<String> {
    node.get(name)?.as_string().map(str::to_owned)
}

fn yes(node: &KdlNode, name: &str) -> bool {
    node.get(name)
        .and_then(|value| value.as_bool())
        .unwrap_or(false)
}

fn below<'a>(node: &'a KdlNode, name: &'a str) -> impl Iterator<Item = &'a KdlNode> {
    let nodes = node.children().map(KdlDocument::nodes).unwrap_or_default();
    nodes
        .iter()
        .filter(move |child| child.name().value() == name)
}

fn places(node: &KdlNode, name: &str) -> Vec<PlaceLine> {
    let place = |line: &KdlNode| PlaceLine {
        role: argument(line, 0).unwrap(),
        or: text(line, "or"),
        duty: text(line, "duty").unwrap(),
    };
    below(node, name).map(place).collect()
}

impl Lines {
    /// Reads the files of a pack.
    pub fn read<'a>(files: impl Iterator<Item = &'a str>) -> Self {
        let mut lines = Self::default();
        for file in files {
            let document: KdlDocument = file.parse().unwrap();
            for node in document.nodes() {
                match node.name().value() {
                    "role" => {
                        let also = text(node, "also").unwrap_or_default();
                        let role = RoleLine {
                            assigned: yes(node, "assigned"),
                            card: yes(node, "card"),
                            unit: yes(node, "unit"),
                            qualified: yes(node, "qualified"),
                            also: also.split(',').map(|id| id.trim().to_owned()).collect(),
                        };
                        lines.roles.insert(argument(node, 0).unwrap(), role);
                    }
                    "separate" => {
                        let pair = (argument(node, 0).unwrap(), argument(node, 1).unwrap());
                        lines.apart.push(pair);
                    }
                    "action" => lines.action(node),
                    _ => {}
                }
            }
        }
        lines
    }

    fn action(&mut self, action: &KdlNode) {
        for step in below(action, "step") {
            let from = below(step, "from").flat_map(|line| {
                let plain = line.entries().iter().filter(|e| e.name().is_none());
                plain.map(|e| e.value().as_string().unwrap().to_owned())
            });
            self.steps.push(StepLine {
                id: argument(step, 0).or_else(|| argument(action, 0)).unwrap(),
                from: from.collect(),
                by: places(step, "by"),
                chain: places(step, "chain"),
            });
        }
    }

    /// Whether somebody fills a place; `unit_known` says whether the case has a handling unit yet.
    pub fn fills(&self, who: &Subject, place: &PlaceLine, unit_known: bool) -> bool {
        let options = std::iter::once(&place.role).chain(&place.or);
        let barred = self.apart.iter().any(|(one, other)| {
            (*one == place.duty && who.duties.contains(other))
                || (*other == place.duty && who.duties.contains(one))
        });
        who.active
            && !who.recused
            && !barred
            && options
                .into_iter()
                .any(|role| self.has(who, role, unit_known))
    }

    fn has(&self, who: &Subject, role: &str, unit_known: bool) -> bool {
        let line = &self.roles[role];
        let held = if line.assigned {
            who.given.contains(role)
        } else {
            let mut offices = who.offices.iter();
            let counts =
                |held: &String| held == role || self.roles[held].also.iter().any(|id| id == role);
            offices.any(counts) && who.own_body && (!line.unit || !unit_known || who.own_unit)
        };
        held && (!line.card || who.card) && (!line.qualified || who.qualified)
    }
}
