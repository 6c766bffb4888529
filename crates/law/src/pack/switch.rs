//! From one version of a pack to the next (程序从新): what each stage, limit, fact and role becomes.
//!
//! Names that both versions have mean the same unless the new version says otherwise. What has no counterpart is
//! refused when the new version is loaded, so that no open case can be left without a place.

use std::collections::BTreeMap;

use super::head::basis;
use super::names::{Names, Table};
use super::node::{Faults, NONE, Node, Shape, THREE, TWO, flag, need};
use super::{Basis, Fact, Limit, Pack, PackError, Place, Scope};

const SWITCH: Shape = Shape {
    args: NONE,
    props: &[need("from"), need("basis"), need("level"), flag("keep")],
    children: &[&["stage", "limit", "fact", "value", "role"]],
};
const PAIR: Shape = Shape {
    args: TWO,
    props: &[],
    children: &[],
};
const VALUE: Shape = Shape {
    args: THREE,
    props: &[],
    children: &[],
};

/// How open cases come over from an older version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// Version text of the older pack.
    pub from: String,
    /// Article under which steps after the new version's first day follow it, or a transitional clause.
    pub basis: Basis,
    /// Whether open cases stay with the older version (过渡条款).
    pub keep: bool,
    /// Stages that are called otherwise now: old, new.
    pub stages: Vec<(String, String)>,
    /// Limits likewise.
    pub limits: Vec<(String, String)>,
    /// Facts likewise.
    pub facts: Vec<(String, String)>,
    /// Values likewise: fact by its old name, old value, new value.
    pub values: Vec<(String, String, String)>,
    /// Assigned roles likewise.
    pub roles: Vec<(String, String)>,
    /// Where it stands.
    pub place: Place,
}

/// What everything of an older version is in the new one; each name of the old has its entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SwitchPlan {
    /// Stages.
    pub stages: BTreeMap<String, String>,
    /// Limits.
    pub limits: BTreeMap<String, String>,
    /// Facts.
    pub facts: BTreeMap<String, String>,
    /// Values, by fact and value of the old version.
    pub values: BTreeMap<(String, String), String>,
    /// Assigned roles.
    pub roles: BTreeMap<String, String>,
    /// Article.
    pub basis: String,
}

/// Reads a switch; its new names are checked, the old ones when both versions are at hand.
pub(crate) fn read(node: Node<'_>, names: &Names, faults: &mut Faults) -> Option<Switch> {
    node.fits(&SWITCH, faults).then_some(())?;
    let mut pairs = |kind: &str, table: &Table| -> Vec<(String, String)> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for child in node.children_named(kind) {
            if !child.fits(&PAIR, faults) {
                continue;
            }
            table.find(child.arg(1), &child.place(), faults);
            if pairs.iter().any(|(old, _)| old == child.arg(0)) {
                faults.add(&child.place(), format!("“{}”的对应写了两次", child.arg(0)));
            }
            pairs.push((child.arg(0).to_owned(), child.arg(1).to_owned()));
        }
        pairs
    };
    let (stages, limits) = (pairs("stage", &names.stages), pairs("limit", &names.limits));
    let (facts, roles) = (
        pairs("fact", &names.fact_names),
        pairs("role", &names.roles),
    );
    let values = node.children_named("value").filter_map(|child| {
        let words = || {
            (
                child.arg(0).to_owned(),
                child.arg(1).to_owned(),
                child.arg(2).to_owned(),
            )
        };
        child.fits(&VALUE, faults).then(words)
    });
    Some(Switch {
        from: node.needed("from"),
        values: values.collect(),
        basis: basis(node, "basis", faults)?,
        keep: node.flag("keep"),
        place: node.place(),
        stages,
        limits,
        facts,
        roles,
    })
}

/// What open cases of an older version become in the new one; none where they stay with the old.
///
/// # Errors
/// Everything of the old version that has no counterpart in the new one, with the place where it should stand.
pub fn switch_plan(old: &Pack, new: &Pack) -> Result<Option<SwitchPlan>, Vec<PackError>> {
    let mut faults = Faults::default();
    let Some(switch) = new.switches.iter().find(|s| s.from == old.version) else {
        let message = format!(
            "程序方案“{}”的 {} 版没有写明 {} 版的在办案件怎样换版；须写 switch from=\"{}\"，有过渡条款的写 keep=#true",
            new.name, new.version, old.version, old.version
        );
        faults.add(&new.place, message);
        return Err(faults.into_sorted());
    };
    if switch.keep {
        return Ok(None);
    }
    let mut planner = Planner {
        switch,
        faults: &mut faults,
    };
    let plan = SwitchPlan {
        stages: planner.stages(old, new),
        limits: planner.limits(old, new),
        roles: planner.roles(old, new),
        facts: planner.facts(old, new),
        values: planner.values(old, new),
        basis: switch.basis.text.clone(),
    };
    if faults.is_empty() {
        Ok(Some(plan))
    } else {
        Err(faults.into_sorted())
    }
}

struct Planner<'a> {
    switch: &'a Switch,
    faults: &'a mut Faults,
}

impl Planner<'_> {
    fn fault(&mut self, message: String) {
        self.faults.add(&self.switch.place, message);
    }

    /// The new name of each old one: declared, else the same if the new version has it.
    fn named<'n>(
        &mut self,
        what: &str,
        old: impl Iterator<Item = (&'n str, &'n str)>,
        declared: &[(String, String)],
        has: impl Fn(&str) -> bool,
    ) -> BTreeMap<String, String> {
        let mut known: Vec<&str> = Vec::new();
        let mut map = BTreeMap::new();
        for (id, title) in old {
            known.push(id);
            let said = declared.iter().find(|(from, _)| from == id);
            let new = said.map_or(id, |(_, to)| to);
            if has(new) {
                map.insert(id.to_owned(), new.to_owned());
            } else {
                let from = &self.switch.from;
                self.fault(format!(
                    "{from} 版的{what}“{id}”（{title}）在新版中没有对应，须在 switch 之下写明"
                ));
            }
        }
        for (id, _) in declared
            .iter()
            .filter(|(id, _)| !known.contains(&id.as_str()))
        {
            let from = &self.switch.from;
            self.fault(format!("{from} 版没有{what}“{id}”"));
        }
        map
    }

    fn stages(&mut self, old: &Pack, new: &Pack) -> BTreeMap<String, String> {
        let ids = old.stages.iter().map(|s| (s.id.as_str(), s.title.as_str()));
        let declared = &self.switch.stages;
        let map = self.named("阶段", ids, declared, |id| {
            new.stages.iter().any(|s| s.id == id)
        });
        for stage in &old.stages {
            let target = map.get(&stage.id);
            let target = target.and_then(|id| new.stages.iter().find(|s| s.id == *id));
            if target.is_some_and(|t| t.end != stage.end) {
                self.fault(format!(
                    "阶段“{}”的对应不得使已经结束的案件重新开始，也不得使在办的案件结束",
                    stage.id
                ));
            }
        }
        map
    }

    /// Two of the old that become one would no longer be told apart.
    fn keeps_apart(&mut self, what: &str, map: &BTreeMap<String, String>) {
        let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
        for (old, new) in map {
            if let Some(other) = seen.insert(new, old) {
                self.fault(format!("{what}“{other}”和“{old}”都对应“{new}”，不能合并"));
            }
        }
    }

    fn limits(&mut self, old: &Pack, new: &Pack) -> BTreeMap<String, String> {
        let ids = old
            .limits
            .iter()
            .map(|l| (l.code.as_str(), l.title.as_str()));
        let find = |code: &str| new.limits.iter().find(|l| l.code == code);
        let map = self.named("期限", ids, &self.switch.limits, |code| {
            find(code).is_some()
        });
        self.keeps_apart("期限", &map);
        for limit in &old.limits {
            let alike = |new: &Limit| (new.scope, new.direction) == (limit.scope, limit.direction);
            if map
                .get(&limit.code)
                .and_then(|code| find(code))
                .is_some_and(|new| !alike(new))
            {
                self.fault(format!(
                    "期限“{}”和它的对应须同属全案或者各当事人，方向也须相同",
                    limit.code
                ));
            }
        }
        map
    }

    fn roles(&mut self, old: &Pack, new: &Pack) -> BTreeMap<String, String> {
        let assigned = old.roles.iter().filter(|r| r.assigned);
        let ids = assigned.map(|r| (r.id.as_str(), r.title.as_str()));
        let has = |id: &str| new.roles.iter().any(|r| r.id == id && r.assigned);
        self.named("按案指定的角色", ids, &self.switch.roles, has)
    }

    fn facts(&mut self, old: &Pack, new: &Pack) -> BTreeMap<String, String> {
        let ids = own(old).map(|f| (f.id.as_str(), f.title.as_str()));
        let find = |id: &str| own(new).find(|f| f.id == id);
        let map = self.named("事实", ids, &self.switch.facts, |id| find(id).is_some());
        self.keeps_apart("事实", &map);
        for fact in own(old) {
            let target = map.get(&fact.id).and_then(|id| find(id));
            if target.is_some_and(|new| new.scope != fact.scope) {
                self.fault(format!("事实“{}”和它的对应须同属全案或者各当事人", fact.id));
            }
        }
        map
    }

    fn values(&mut self, old: &Pack, new: &Pack) -> BTreeMap<(String, String), String> {
        let mut map = BTreeMap::new();
        for fact in own(old) {
            let said = self.switch.facts.iter().find(|(from, _)| *from == fact.id);
            let id = said.map_or(fact.id.as_str(), |(_, to)| to);
            let Some(target) = own(new).find(|f| f.id == id) else {
                continue;
            };
            let of_fact = self.switch.values.iter().filter(|(f, ..)| *f == fact.id);
            let declared: Vec<(String, String)> = of_fact
                .map(|(_, from, to)| (from.clone(), to.clone()))
                .collect();
            let values = fact
                .values
                .iter()
                .map(|(v, title)| (v.as_str(), title.as_str()));
            let what = format!("事实“{}”的值", fact.id);
            let named = self.named(&what, values, &declared, |v| target.value(v).is_some());
            map.extend(
                named
                    .into_iter()
                    .map(|(from, to)| ((fact.id.clone(), from), to)),
            );
        }
        let strays = self.switch.values.iter().map(|(fact, ..)| fact);
        let strays = strays.filter(|id| !own(old).any(|f| f.id == **id));
        for id in strays.cloned().collect::<Vec<_>>() {
            let from = &self.switch.from;
            self.fault(format!("{from} 版没有事实“{id}”"));
        }
        map
    }
}

/// The facts that the pack declares; the program's own are the same in every version.
fn own(pack: &Pack) -> impl Iterator<Item = &Fact> {
    pack.facts.iter().filter(|f| !f.id.starts_with('@'))
}

impl SwitchPlan {
    /// Facts of the old version whose first value, which need not have been recorded, is not the first one now.
    pub fn first_values(&self, old: &Pack, new: &Pack, scope: Scope) -> Vec<String> {
        let differs = |fact: &&Fact| {
            let (first, _) = fact.values.first()?;
            let id = self.facts.get(&fact.id)?;
            let value = self.values.get(&(fact.id.clone(), first.clone()))?;
            let target = own(new).find(|f| f.id == *id)?;
            Some(target.values.first().is_none_or(|(now, _)| now != value))
        };
        own(old)
            .filter(|fact| fact.scope == scope && differs(fact) == Some(true))
            .map(|fact| fact.id.clone())
            .collect()
    }
}
