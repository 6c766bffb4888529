//! The property files: which properties a kind of procedure must have, and in which views they are proved.
//!
//! ```kdl
//! view "review" { keep "review" "@covered" "decision"; keep-limit "N-SB" }
//! ag "P17" view="review" title="…" basis="…" {
//!     on-set "decision" "penalty"      // or on-change, on-enter, on-effect, on-start, on-stop, on-step "A09*"
//!     require { is "review" "passed" } // before the step
//!     ensure { not "review" "lapsed" } // after it
//!     only "by" duty="review"          // all who do it have that duty; or only-step "A21.pass"
//! }
//! never "P35" view="review" title="…" basis="…" { stage "S8"; is "review" "none" }
//! ef "P59" view="review" title="…" basis="…" { from { stage "S4" }; to { stage "S7" }; by "bureau" "outside" "expiry" }
//! t "P06" static="steps" title="…" basis="…" { demand effect="decide" role="leader" }
//! r "P39" at="where it is checked" title="…" basis="…"
//! ```
//!
//! Conditions are those of packs (`is not limit any all`) with `stage` besides; a fact of a party means the explored
//! party's, and `every` is taken so too, since what holds for one holds for each.

use crate::pack::PackError;
use crate::pack::node::{
    Faults, NAME_AND_VALUES, NONE, Node, ONE, SOME, Shape, Source, TWO, flag, list, need, text,
};

/// Properties as read from a file, before they are held against a pack.
#[derive(Debug, Clone)]
pub struct Properties {
    source: Source,
}

const TOP: &[&str] = &["view", "ag", "never", "ef", "t", "r"];
/// Names of the nodes of a condition in a property file.
const COND: &[&str] = &[
    "is",
    "not",
    "every",
    "limit",
    "every-limit",
    "stage",
    "any",
    "all",
    "cond",
];
const TRIGGERS: &[&str] = &[
    "on-set",
    "on-change",
    "on-enter",
    "on-effect",
    "on-start",
    "on-stop",
    "on-step",
];
const DEMANDS: &[&str] = &["require", "ensure", "only", "only-step"];

const VIEW: Shape = Shape {
    args: ONE,
    props: &[],
    children: &[&["keep", "keep-limit"]],
};
const NAMES: Shape = Shape {
    args: SOME,
    props: &[],
    children: &[],
};
const ALWAYS: Shape = Shape {
    args: ONE,
    props: &[need("view"), need("title"), need("basis")],
    children: &[TRIGGERS, DEMANDS],
};
const NEVER: Shape = Shape {
    args: ONE,
    props: &[need("view"), need("title"), need("basis")],
    children: &[COND],
};
const REACHABLE: Shape = Shape {
    args: ONE,
    props: &[need("view"), need("title"), need("basis")],
    children: &[&["from", "to", "by"]],
};
const STATIC: Shape = Shape {
    args: ONE,
    props: &[need("static"), need("title"), need("basis")],
    children: &[&["demand", "pair", "free"]],
};
const ELSEWHERE: Shape = Shape {
    args: ONE,
    props: &[need("at"), need("title"), need("basis")],
    children: &[],
};
const GROUP: Shape = Shape {
    args: NONE,
    props: &[],
    children: &[COND],
};
const LITERAL: Shape = Shape {
    args: NAME_AND_VALUES,
    props: &[],
    children: &[],
};
const ONLY: Shape = Shape {
    args: ONE,
    props: &[need("duty")],
    children: &[],
};
const DEMAND: Shape = Shape {
    args: NONE,
    props: &[
        text("effect"),
        text("set"),
        text("value"),
        text("step"),
        text("mover"),
        text("unless-set"),
        text("unless-effect"),
        text("role"),
        text("require"),
        text("or-require"),
        text("ignores"),
        text("untouched"),
        text("paper"),
        flag("two"),
        flag("burden"),
        flag("card-shown"),
    ],
    children: &[],
};
const PAIR: Shape = Shape {
    args: TWO,
    props: &[],
    children: &[],
};

/// Reads a property file; every fault of its form is returned, names are looked up in [`super::check`].
pub fn read_properties(text: &str) -> Result<Properties, Vec<PackError>> {
    let source = Source::read("properties", text)?;
    let mut faults = Faults::default();
    for node in source.nodes() {
        check_top(node, &mut faults);
    }
    if faults.is_empty() {
        Ok(Properties { source })
    } else {
        Err(faults.into_sorted())
    }
}

/// The properties that every pack of that kind must have, if the program knows the kind.
pub fn builtin_properties(kind: &str) -> Option<Result<Properties, Vec<PackError>>> {
    (kind == "penalty").then(|| read_properties(include_str!("../../properties/penalty.kdl")))
}

impl Properties {
    /// The nodes of the file.
    pub(super) fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        self.source.nodes()
    }
}

fn check_top(node: Node<'_>, faults: &mut Faults) {
    let shape = match node.name() {
        "view" => &VIEW,
        "ag" => &ALWAYS,
        "never" => &NEVER,
        "ef" => &REACHABLE,
        "t" => &STATIC,
        "r" => &ELSEWHERE,
        other => {
            faults.add(
                &node.place(),
                format!("没有“{other}”这种性质；{}", list(TOP.iter().copied())),
            );
            return;
        }
    };
    node.fits(shape, faults);
    for child in node.children() {
        check_child(child, faults);
    }
    let has = |names: &[&str]| node.children().any(|child| names.contains(&child.name()));
    if node.name() == "ag" && !(has(TRIGGERS) && has(DEMANDS)) {
        let message = format!(
            "ag 须有触发（{}）和要求（{}）",
            TRIGGERS.join("、"),
            DEMANDS.join("、")
        );
        faults.add(&node.place(), message);
    }
    if node.name() == "ef" && !has(&["to"]) {
        faults.add(&node.place(), "ef 须有 to { 条件 }");
    }
    if node.name() == "never" && !node.has_children() {
        faults.add(&node.place(), "never 之下没有条件");
    }
}

fn check_child(node: Node<'_>, faults: &mut Faults) {
    let shape = match node.name() {
        "require" | "ensure" | "from" | "to" | "any" | "all" | "cond" => &GROUP,
        "is" | "not" | "every" | "limit" | "every-limit" | "on-set" | "on-change" => &LITERAL,
        "only" => &ONLY,
        "demand" => &DEMAND,
        "pair" | "free" => &PAIR,
        _ => &NAMES,
    };
    node.fits(shape, faults);
    for child in node.children() {
        check_child(child, faults);
    }
    if shape.args == NONE && node.name() != "demand" && !node.has_children() {
        faults.add(&node.place(), format!("“{}”之下没有条件", node.name()));
    }
}
