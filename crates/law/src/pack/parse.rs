//! Reads the files of a pack in two passes: first what is declared, then what refers to it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::rules::{self, Version};

use super::names::{Names, program_facts};
use super::node::{Faults, Node, Source, list};
use super::{Pack, PackError, Place, aids, head, limits, steps, switch, validate};

/// Reads a pack from its files by name; `digest` identifies their bytes. Every fault found is returned.
pub fn read_pack(files: &BTreeMap<String, String>, digest: &str) -> Result<Pack, Vec<PackError>> {
    let mut faults = Faults::default();
    let mut sources = Vec::new();
    let mut broken = Vec::new();
    for (name, text) in files {
        match Source::read(name, text) {
            Ok(source) => sources.push(source),
            Err(errors) => broken.extend(errors),
        }
    }
    if !broken.is_empty() {
        // Names declared in a broken file would be reported as unknown everywhere else.
        return Err(broken);
    }
    let mut reader = Reader::new(digest);
    let nodes: Vec<Node<'_>> = sources.iter().flat_map(Source::nodes).collect();
    reader.declare(&nodes, &mut faults);
    reader.resolve(&nodes, &mut faults);
    if faults.is_empty() {
        validate::validate(&reader.pack, &reader.names, &mut faults);
    }
    if faults.is_empty() {
        Ok(reader.pack)
    } else {
        Err(faults.into_sorted())
    }
}

/// Two packs of one name between which nothing decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// Index of the first pack.
    pub first: usize,
    /// Index of the second pack.
    pub second: usize,
    /// What is wrong, in Chinese.
    pub message: String,
}

/// The pairs of packs of one name that apply on one day at one place, where no declared precedence settles which
/// (立法法 99–103); and declarations of precedence whose ground cannot be.
pub fn overlaps(packs: &[Pack]) -> Vec<Overlap> {
    let mut found = Vec::new();
    let mut names: Vec<&str> = packs.iter().map(|p| p.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let (places, versions) = versions_of(packs, name);
        let what = format!("程序方案“{name}”");
        for conflict in rules::conflicts(&versions) {
            found.push(Overlap {
                first: places[conflict.first],
                second: places[conflict.second],
                message: conflict.message(&what, &versions),
            });
        }
        for (at, message) in rules::false_grounds(&versions) {
            found.push(Overlap {
                first: places[at],
                second: places[at],
                message: format!("{what}：{message}"),
            });
        }
    }
    found
}

/// The pack of that name which applies on a day at a place; none where none is in force.
///
/// # Errors
/// Two that both apply, with both places, where no declared precedence settles which.
pub fn pack_on<'a>(
    packs: &'a [Pack],
    name: &str,
    day: Date,
    region: &str,
) -> Result<Option<&'a Pack>, String> {
    let (places, versions) = versions_of(packs, name);
    let found = rules::pick(&versions, day, region)
        .map_err(|conflict| conflict.message(&format!("程序方案“{name}”"), &versions))?;
    Ok(found.map(|at| &packs[places[at]]))
}

fn versions_of<'a>(packs: &'a [Pack], name: &str) -> (Vec<usize>, Vec<Version<'a>>) {
    let of_name = packs.iter().enumerate().filter(|(_, p)| p.name == name);
    of_name.map(|(at, p)| (at, p.as_version())).unzip()
}

struct Reader {
    pack: Pack,
    names: Names,
}

impl Reader {
    fn new(digest: &str) -> Self {
        let facts = program_facts();
        let pack = Pack {
            name: String::new(),
            title: String::new(),
            kind: String::new(),
            version: String::new(),
            in_force_from: Date::ZERO,
            in_force_to: None,
            region: String::new(),
            over: Vec::new(),
            switches: Vec::new(),
            place: Place::default(),
            digest: digest.to_owned(),
            roles: Vec::new(),
            separations: Vec::new(),
            stages: Vec::new(),
            facts: Vec::new(),
            limits: Vec::new(),
            config: Vec::new(),
            lapses: Vec::new(),
            actions: Vec::new(),
            steps: Vec::new(),
            todo: Vec::new(),
            papers: BTreeMap::new(),
            review_aids: Vec::new(),
            guidance: Vec::new(),
        };
        Self {
            pack,
            names: Names::new(facts),
        }
    }

    /// First pass: names, and all that refers to nothing.
    fn declare(&mut self, nodes: &[Node<'_>], faults: &mut Faults) {
        let mut heads: Vec<Place> = Vec::new();
        for node in nodes.iter().copied() {
            match node.name() {
                "pack" => {
                    heads.push(node.place());
                    head::pack(node, &mut self.pack, faults);
                }
                "separate" => self.pack.separations.extend(head::separation(node, faults)),
                "todo" | "switch" | "review-item" | "guide" => {}
                name if head::TOP.contains(&name) => self.declare_named(node, faults),
                other => {
                    let known = list(head::TOP.iter().copied());
                    faults.add(&node.place(), format!("没有“{other}”这种声明；{known}"));
                }
            }
        }
        match heads.as_slice() {
            [] => {
                let file = nodes.first().map_or_else(String::new, |n| n.place().file);
                faults.add(
                    &Place { file, line: 1 },
                    "缺少 pack \"名称\" title=… kind=… version=… from=… region=…",
                );
            }
            [_, others @ ..] => others
                .iter()
                .for_each(|place| faults.add(place, "pack 只能写一次")),
        }
        self.pack.facts.clone_from(&self.names.facts);
    }

    fn declare_named(&mut self, node: Node<'_>, faults: &mut Faults) {
        let kind = node.name();
        let names = &mut self.names;
        let table = match kind {
            "role" => &mut names.roles,
            "stage" => &mut names.stages,
            "fact" => &mut names.fact_names,
            "limit" => &mut names.limits,
            "config" => &mut names.config,
            "paper" => &mut names.papers,
            "action" => &mut names.actions,
            _ => &mut names.lapses,
        };
        if !table.declare(node.arg(0), node.place(), faults) {
            return;
        }
        match kind {
            "role" => self.pack.roles.push(head::role(node, faults)),
            "stage" => self.pack.stages.push(head::stage(node, faults)),
            "fact" => names.facts.push(head::fact(node, faults)),
            "limit" => {
                names.limit_scopes.push(limits::limit_scope(node));
                names
                    .pausable
                    .push(node.children_named("pause-basis").next().is_some());
            }
            "config" => self.pack.config.extend(head::config(node, faults)),
            "paper" => self.pack.papers.extend(head::paper(node, faults)),
            "action" => {
                for step in node.children_named("step") {
                    names
                        .steps
                        .declare(steps::step_id(node, step), step.place(), faults);
                }
            }
            _ => {}
        }
    }

    fn switch(&mut self, node: Node<'_>, faults: &mut Faults) {
        let Some(read) = switch::read(node, &self.names, faults) else {
            return;
        };
        let earlier = self.pack.switches.iter().find(|s| s.from == read.from);
        if let Some(earlier) = earlier {
            let Place { file, line } = &earlier.place;
            let message = format!("{} 版的换版写了两次，前一处在 {file} 第{line}行", read.from);
            faults.add(&node.place(), message);
        } else if read.from == self.pack.version {
            faults.add(&node.place(), "switch 的 from 是较早的版本，不能是本版");
        } else {
            self.pack.switches.push(read);
        }
    }

    /// Second pass: all that refers to names.
    fn resolve(&mut self, nodes: &[Node<'_>], faults: &mut Faults) {
        for node in nodes.iter().copied() {
            match node.name() {
                "limit" => self
                    .pack
                    .limits
                    .extend(limits::limit(node, &self.names, faults)),
                "lapse" | "bundle" => {
                    self.pack
                        .lapses
                        .push(head::lapse_row(node, &self.names, faults))
                }
                "switch" => self.switch(node, faults),
                "review-item" => aids::review_item(node, &mut self.pack, &self.names, faults),
                "guide" => self
                    .pack
                    .guidance
                    .extend(aids::guide(node, &self.names, faults)),
                "todo" => {
                    node.fits(&head::TODO, faults);
                    let ids = node.args();
                    let steps =
                        ids.filter_map(|id| self.names.steps.find(id, &node.place(), faults));
                    self.pack.todo.extend(steps);
                }
                "action" => {
                    let (mut action, read) = steps::action(node, &self.names, faults);
                    let first = self.pack.steps.len();
                    self.pack.steps.extend(read);
                    action.steps = (first..self.pack.steps.len()).collect();
                    self.pack.actions.push(action);
                }
                _ => {}
            }
        }
    }
}
