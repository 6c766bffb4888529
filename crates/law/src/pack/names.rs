//! The names that a pack declares, gathered before anything refers to them.

use rustc_hash::FxHashMap;

use super::node::{Faults, Node, list};
use super::{Fact, Place, Scope, ValueId, ValueSet};

/// Names of one sort in the order of their declaration.
#[derive(Debug, Default)]
pub(crate) struct Table {
    title: &'static str,
    names: Vec<String>,
    places: Vec<Place>,
    index: FxHashMap<String, usize>,
}

impl Table {
    /// An empty table of what is called `title` in messages.
    pub(crate) fn new(title: &'static str) -> Self {
        Self {
            title,
            ..Self::default()
        }
    }

    /// Declares a name; a second declaration is a fault, and false.
    pub(crate) fn declare(&mut self, name: &str, place: Place, faults: &mut Faults) -> bool {
        if let Some(first) = self.index.get(name).and_then(|at| self.places.get(*at)) {
            let message = format!(
                "{}“{name}”重复，前一处在 {} 第{}行",
                self.title, first.file, first.line
            );
            faults.add(&place, message);
            return false;
        }
        self.index.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        self.places.push(place);
        true
    }

    /// The index of a name; an unknown one is a fault that lists the known ones.
    pub(crate) fn find(&self, name: &str, place: &Place, faults: &mut Faults) -> Option<usize> {
        let found = self.get(name);
        if found.is_none() {
            let known = list(self.names.iter().map(String::as_str));
            faults.add(place, format!("没有声明的{}“{name}”；{known}", self.title));
        }
        found
    }

    /// The index of a name, if declared.
    pub(crate) fn get(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// Where the name with that index was declared.
    pub(crate) fn place(&self, at: usize) -> Place {
        self.places.get(at).cloned().unwrap_or_default()
    }
}

/// Every name of a pack.
#[derive(Debug)]
pub(crate) struct Names {
    /// Roles.
    pub(crate) roles: Table,
    /// Stages.
    pub(crate) stages: Table,
    /// Facts; `facts` has their values.
    pub(crate) fact_names: Table,
    /// Facts with their values and scope.
    pub(crate) facts: Vec<Fact>,
    /// Limits; `limit_scopes` has their scope.
    pub(crate) limits: Table,
    /// Scope of each limit.
    pub(crate) limit_scopes: Vec<Scope>,
    /// Limits that may be paused.
    pub(crate) pausable: Vec<bool>,
    /// Configuration keys.
    pub(crate) config: Table,
    /// Rows of the lapse matrix, and bundles.
    pub(crate) lapses: Table,
    /// Papers.
    pub(crate) papers: Table,
    /// Actions.
    pub(crate) actions: Table,
    /// Steps.
    pub(crate) steps: Table,
}

impl Names {
    /// The names of an empty pack, with the program's own facts.
    pub(crate) fn new(facts: Vec<Fact>) -> Self {
        let mut fact_names = Table::new("事实");
        let mut none = Faults::default();
        for fact in &facts {
            fact_names.declare(&fact.id, Place::default(), &mut none);
        }
        Self {
            roles: Table::new("角色"),
            stages: Table::new("阶段"),
            fact_names,
            facts,
            limits: Table::new("期限"),
            limit_scopes: Vec::new(),
            pausable: Vec::new(),
            config: Table::new("配置项"),
            lapses: Table::new("失效行或者效果组"),
            papers: Table::new("文书"),
            actions: Table::new("行为"),
            steps: Table::new("步骤"),
        }
    }

    /// The value of a fact; an unknown one is a fault that lists the known ones.
    pub(crate) fn value(
        &self,
        fact: usize,
        value: &str,
        place: &Place,
        faults: &mut Faults,
    ) -> Option<ValueId> {
        let fact = self.facts.get(fact)?;
        let found = fact.value(value);
        if found.is_none() {
            let known = list(fact.values.iter().map(|(id, _)| id.as_str()));
            faults.add(place, format!("事实“{}”没有值“{value}”；{known}", fact.id));
        }
        found
    }

    /// The set of the values that stand as a node's arguments from `skip` on.
    pub(crate) fn values(
        &self,
        fact: usize,
        node: Node<'_>,
        skip: usize,
        faults: &mut Faults,
    ) -> ValueSet {
        let place = node.place();
        let ids = node
            .args()
            .skip(skip)
            .filter_map(|value| self.value(fact, value, &place, faults));
        ids.fold(0, |set, id| set | (1 << id))
    }

    /// Whether that fact belongs to each party.
    pub(crate) fn is_party(&self, fact: usize) -> bool {
        self.facts
            .get(fact)
            .is_some_and(|f| f.scope == Scope::Party)
    }
}

/// The program's own facts, which stand first in every pack.
pub(crate) fn program_facts() -> Vec<Fact> {
    let fact = |id: &str, title: &str, scope, values: &[(&str, &str)]| Fact {
        id: id.to_owned(),
        title: title.to_owned(),
        scope,
        values: values
            .iter()
            .map(|(v, t)| ((*v).to_owned(), (*t).to_owned()))
            .collect(),
        lapse: None,
    };
    vec![
        fact(
            "@covered",
            "审核覆盖现提案和案卷",
            Scope::Case,
            &[("no", "否"), ("yes", "是")],
        ),
        fact(
            "@after_hearing",
            "听证后审核",
            Scope::Case,
            &[("none", "不涉及"), ("due", "应审"), ("yes", "已审")],
        ),
        fact(
            "@change",
            "拟决定与告知相比",
            Scope::Party,
            &[
                ("none", "无提案"),
                ("first", "尚未告知"),
                ("same", "相同"),
                ("lighter", "较轻"),
                ("heavier", "较重"),
                ("different", "不同"),
            ],
        ),
        fact(
            "@points",
            "审核意见答复",
            Scope::Case,
            &[
                ("none", "无"),
                ("open", "待答复"),
                ("answered", "已逐条答复"),
            ],
        ),
    ]
}
