//! Conditions: `is`, `not`, `every`, `some`, `limit`, `every-limit`, `any`, `all`.

use super::names::Names;
use super::node::{Faults, NAME_AND_VALUES, NONE, Node, Shape, list, text};
use super::{Cond, LimitStatus, Lit, Place, Quantifier, Scope, Subject, ValueSet};

/// Names of the nodes of a condition.
pub(crate) const COND: &[&str] = &[
    "is",
    "not",
    "every",
    "some",
    "limit",
    "every-limit",
    "any",
    "all",
];

const LITERAL: Shape = Shape {
    args: NAME_AND_VALUES,
    props: &[text("why"), text("basis"), text("next")],
    children: &[],
};
const GROUP: Shape = Shape {
    args: NONE,
    props: &[],
    children: &[COND],
};

/// Whether facts of a party may stand unquantified, and of which party they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A step of the case: facts of a party only under `every` and `some`.
    Case,
    /// A step or limit of a party, or inside `each`.
    Party,
    /// A row of the lapse matrix or a bundle: judged where it is used.
    Row,
}

/// Reads the children of a node as a conjunction.
pub(crate) fn read_all(node: Node<'_>, reach: Reach, names: &Names, faults: &mut Faults) -> Cond {
    Cond::All(
        node.children()
            .filter_map(|child| read(child, reach, names, faults))
            .collect(),
    )
}

/// Reads one node of a condition; a child that is none has been reported by its parent's shape.
pub(crate) fn read(
    node: Node<'_>,
    reach: Reach,
    names: &Names,
    faults: &mut Faults,
) -> Option<Cond> {
    match node.name() {
        kind @ ("any" | "all") => {
            node.fits(&GROUP, faults);
            if !node.has_children() {
                faults.add(&node.place(), format!("“{kind}”之下没有条件"));
            }
            let Cond::All(inner) = read_all(node, reach, names, faults) else {
                return None;
            };
            Some(if kind == "any" {
                Cond::Any(inner)
            } else {
                Cond::All(inner)
            })
        }
        "is" | "not" | "every" | "some" => fact_literal(node, reach, names, faults).map(Cond::Lit),
        "limit" | "every-limit" => limit_literal(node, reach, names, faults).map(Cond::Lit),
        _ => None,
    }
}

fn fact_literal(node: Node<'_>, reach: Reach, names: &Names, faults: &mut Faults) -> Option<Lit> {
    if !node.fits(&LITERAL, faults) {
        return None;
    }
    let place = node.place();
    let id = node.arg(0);
    let fact = names.fact_names.find(id, &place, faults)?;
    let mut values = names.values(fact, node, 1, faults);
    let over = match node.name() {
        "every" => Quantifier::Every,
        "some" => Quantifier::Some,
        _ => Quantifier::This,
    };
    check_reach(names.is_party(fact), over, reach, id, &place, faults);
    let count = names.facts.get(fact).map_or(0, |f| f.values.len());
    let all: ValueSet = if count >= 32 {
        ValueSet::MAX
    } else {
        (1 << count) - 1
    };
    if values == all {
        faults.add(
            &place,
            format!("“{id}”的全部取值都列上了，这个条件说明不了什么；请删去或者少列"),
        );
    }
    if node.name() == "not" {
        values = all & !values;
    }
    Some(literal(
        node,
        Subject::Fact(fact),
        values,
        over,
        names,
        faults,
    ))
}

fn limit_literal(node: Node<'_>, reach: Reach, names: &Names, faults: &mut Faults) -> Option<Lit> {
    if !node.fits(&LITERAL, faults) {
        return None;
    }
    let place = node.place();
    let code = node.arg(0);
    let limit = names.limits.find(code, &place, faults)?;
    let values = status_set(node, faults);
    let over = if node.name() == "every-limit" {
        Quantifier::Every
    } else {
        Quantifier::This
    };
    let party = names.limit_scopes.get(limit) == Some(&Scope::Party);
    check_reach(party, over, reach, code, &place, faults);
    Some(literal(
        node,
        Subject::Limit(limit),
        values,
        over,
        names,
        faults,
    ))
}

/// The statuses that stand as a node's arguments after the first.
pub(crate) fn status_set(node: Node<'_>, faults: &mut Faults) -> ValueSet {
    let mut set = 0;
    for name in node.args().skip(1) {
        match LimitStatus::ALL.iter().find(|(_, n)| *n == name) {
            Some((status, _)) => set |= 1 << status.id(),
            None => {
                let known = list(LimitStatus::ALL.iter().map(|(_, n)| *n));
                faults.add(&node.place(), format!("没有“{name}”这种期限状态；{known}"));
            }
        }
    }
    set
}

fn literal(
    node: Node<'_>,
    subject: Subject,
    values: ValueSet,
    over: Quantifier,
    names: &Names,
    faults: &mut Faults,
) -> Lit {
    let next = node.text("next");
    if let Some(step) = next {
        names.steps.find(step, &node.place(), faults);
    }
    let owned = |s: &str| s.to_owned();
    let (why, basis) = (node.text("why").map(owned), node.text("basis").map(owned));
    Lit {
        subject,
        values,
        over,
        why,
        basis,
        next: next.map(owned),
    }
}

fn check_reach(
    party: bool,
    over: Quantifier,
    reach: Reach,
    id: &str,
    place: &Place,
    faults: &mut Faults,
) {
    match (party, over) {
        (false, Quantifier::Every | Quantifier::Some) => {
            faults.add(place, format!("“{id}”属于全案，不分当事人；every、some 只用于当事人的事实和期限，请用 is 或者 limit"));
        }
        (true, Quantifier::This) if reach == Reach::Case => {
            let help = "请用 every（每个当事人）、some（至少一个），或者放在 each 之下";
            faults.add(
                place,
                format!("“{id}”属于各个当事人，全案的步骤里不知道指谁；{help}"),
            );
        }
        _ => {}
    }
}
