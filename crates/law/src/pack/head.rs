//! The declarations of a pack: head, roles, separations, stages, facts, limits, configuration, lapse rows, papers.

use jiff::civil::Date;

use crate::rules::{NATIONWIDE, Over, Precedence};

use super::cond::Reach;
use super::effects::{Context, EFFECTS};
use super::names::Names;
use super::node::{Faults, Node, ONE, SOME, Shape, TWO, flag, int, list, need, need_int, text};
use super::{
    Basis, ConfigKey, Duty, Fact, LapseRow, Level, Pack, PaperKind, Place, Role, Scope, Separation,
    Stage, ValueSet,
};

/// Names of the nodes at the top of a file.
pub(crate) const TOP: &[&str] = &[
    "pack",
    "role",
    "separate",
    "stage",
    "fact",
    "limit",
    "config",
    "lapse",
    "bundle",
    "todo",
    "paper",
    "action",
    "switch",
    "review-item",
    "guide",
];

const PACK: Shape = Shape {
    args: ONE,
    props: &[
        need("title"),
        need("kind"),
        need("version"),
        need("from"),
        text("to"),
        need("region"),
    ],
    children: &[&["over"]],
};
const OVER: Shape = Shape {
    args: ONE,
    props: &[need("region"), need("by"), need("basis"), need("level")],
    children: &[],
};
const ROLE: Shape = Shape {
    args: ONE,
    props: &[
        need("title"),
        flag("assigned"),
        text("from"),
        flag("card"),
        flag("unit"),
        flag("qualified"),
        text("also"),
    ],
    children: &[],
};
const SEPARATE: Shape = Shape {
    args: TWO,
    props: &[need("basis"), need("level")],
    children: &[],
};
const STAGE: Shape = Shape {
    args: ONE,
    props: &[need("title"), flag("end")],
    children: &[],
};
const FACT: Shape = Shape {
    args: ONE,
    props: &[
        need("title"),
        flag("party"),
        text("lapse-from"),
        text("lapse-to"),
    ],
    children: &[&["value"]],
};
const VALUE: Shape = Shape {
    args: TWO,
    props: &[],
    children: &[],
};
const PAUSE: Shape = Shape {
    args: ONE,
    props: &[need("level")],
    children: &[],
};
const CONFIG: Shape = Shape {
    args: ONE,
    props: &[
        need("title"),
        int("default"),
        int("min"),
        int("max"),
        flag("burden"),
        need("basis"),
        need("level"),
    ],
    children: &[],
};
const LAPSE: Shape = Shape {
    args: ONE,
    props: &[need_int("row"), need("title")],
    children: &[EFFECTS],
};
const BUNDLE: Shape = Shape {
    args: ONE,
    props: &[need("title")],
    children: &[EFFECTS],
};
const PAPER: Shape = Shape {
    args: ONE,
    props: &[
        need("title"),
        need_int("order"),
        flag("rendered"),
        flag("inner"),
    ],
    children: &[],
};

/// Steps that the to-do list puts first.
pub(crate) const TODO: Shape = Shape {
    args: SOME,
    props: &[],
    children: &[],
};

/// Reads the head; there must be exactly one.
pub(crate) fn pack(node: Node<'_>, pack: &mut Pack, faults: &mut Faults) {
    node.fits(&PACK, faults);
    pack.name = node.arg(0).to_owned();
    pack.title = node.needed("title");
    pack.kind = node.needed("kind");
    pack.version = node.needed("version");
    pack.region = node.needed("region");
    if let Some(from) = date(node, "from", faults) {
        pack.in_force_from = from;
    }
    pack.in_force_to = date(node, "to", faults);
    if pack.in_force_to.is_some_and(|to| to < pack.in_force_from) {
        faults.add(&node.place(), "失效日 to 早于生效日 from");
    }
    region(node, faults);
    pack.place = node.place();
    pack.over = node
        .children_named("over")
        .filter_map(|child| over(child, faults))
        .collect();
}

fn region(node: Node<'_>, faults: &mut Faults) {
    let Some(given) = node.text("region") else {
        return;
    };
    let digits = given.len() == 6 && given.bytes().all(|b| b.is_ascii_digit());
    if given != NATIONWIDE && !digits {
        faults.add(
            &node.place(),
            format!("region 须为“全国”或者 6 位区划代码，这里是“{given}”"),
        );
    }
}

/// Reads a declaration that this version goes before another.
fn over(node: Node<'_>, faults: &mut Faults) -> Option<Over> {
    node.fits(&OVER, faults).then_some(())?;
    region(node, faults);
    let names = Precedence::ALL.map(|(_, name, _)| name);
    let by = choice(node, "by", "", &names, faults)?;
    Some(Over {
        other: node.arg(0).to_owned(),
        region: node.needed("region"),
        by: Precedence::from_name(by)?,
        basis: basis(node, "basis", faults)?,
    })
}

fn date(node: Node<'_>, key: &str, faults: &mut Faults) -> Option<Date> {
    let given = node.text(key)?;
    let parsed = given.parse();
    if parsed.is_err() {
        faults.add(
            &node.place(),
            format!("{key} 须为日期，如 2021-07-15，这里是“{given}”"),
        );
    }
    parsed.ok()
}

/// Reads a role; the roles that it names are checked once all are declared.
pub(crate) fn role(node: Node<'_>, faults: &mut Faults) -> Role {
    node.fits(&ROLE, faults);
    Role {
        id: node.arg(0).to_owned(),
        title: node.needed("title"),
        assigned: node.flag("assigned"),
        from: node.text("from").map(str::to_owned),
        card: node.flag("card"),
        unit: node.flag("unit"),
        qualified: node.flag("qualified"),
        also: node.items("also").into_iter().map(str::to_owned).collect(),
    }
}

/// Reads a separation of two duties.
pub(crate) fn separation(node: Node<'_>, faults: &mut Faults) -> Option<Separation> {
    node.fits(&SEPARATE, faults).then_some(())?;
    let first = duty(node.arg(0), &node.place(), faults)?;
    let second = duty(node.arg(1), &node.place(), faults)?;
    if first == second {
        faults.add(&node.place(), "separate 的两项职责相同，须为两项不同的职责");
    }
    Some(Separation {
        duties: (first, second),
        basis: basis(node, "basis", faults)?,
    })
}

/// The duty of that name.
pub(crate) fn duty(name: &str, place: &Place, faults: &mut Faults) -> Option<Duty> {
    let found = Duty::ALL
        .iter()
        .find(|(_, n, _)| *n == name)
        .map(|(duty, ..)| *duty);
    if found.is_none() {
        faults.add(
            place,
            format!(
                "没有“{name}”这项职责；{}",
                list(Duty::ALL.iter().map(|(_, n, _)| *n))
            ),
        );
    }
    found
}

/// The citation in the property of that name, with the node's `level`.
pub(crate) fn basis(node: Node<'_>, key: &str, faults: &mut Faults) -> Option<Basis> {
    let text = node.text(key)?.to_owned();
    Some(Basis {
        text,
        level: level(node, faults)?,
    })
}

/// The citation in the first argument, with the node's `level`.
pub(crate) fn basis_argument(node: Node<'_>, faults: &mut Faults) -> Option<Basis> {
    node.fits(&PAUSE, faults).then_some(())?;
    Some(Basis {
        text: node.arg(0).to_owned(),
        level: level(node, faults)?,
    })
}

fn level(node: Node<'_>, faults: &mut Faults) -> Option<Level> {
    let name = node.text("level")?;
    let found = Level::ALL
        .iter()
        .find(|(_, n, _)| *n == name)
        .map(|(level, ..)| *level);
    if found.is_none() {
        let known = list(Level::ALL.iter().map(|(_, n, _)| *n));
        faults.add(&node.place(), format!("没有“{name}”这一级依据；{known}"));
    }
    found
}

/// Reads a stage.
pub(crate) fn stage(node: Node<'_>, faults: &mut Faults) -> Stage {
    node.fits(&STAGE, faults);
    Stage {
        id: node.arg(0).to_owned(),
        title: node.needed("title"),
        end: node.flag("end"),
    }
}

/// Reads a fact with its values.
pub(crate) fn fact(node: Node<'_>, faults: &mut Faults) -> Fact {
    node.fits(&FACT, faults);
    let place = node.place();
    let id = node.arg(0).to_owned();
    if id.starts_with('@') {
        faults.add(&place, "以“@”开头的事实归程序所有，请换一个名称");
    }
    let mut values: Vec<(String, String)> = Vec::new();
    for value in node.children_named("value") {
        value.fits(&VALUE, faults);
        if values.iter().any(|(earlier, _)| earlier == value.arg(0)) {
            faults.add(&value.place(), format!("值“{}”重复", value.arg(0)));
        }
        values.push((value.arg(0).to_owned(), value.arg(1).to_owned()));
    }
    if !(2..=32).contains(&values.len()) {
        faults.add(
            &place,
            format!("事实“{id}”有 {} 个值，须有 2 至 32 个", values.len()),
        );
        values.truncate(32);
    }
    let scope = if node.flag("party") {
        Scope::Party
    } else {
        Scope::Case
    };
    let mut fact = Fact {
        id,
        title: node.needed("title"),
        scope,
        values,
        lapse: None,
    };
    fact.lapse = lapse_of(node, &fact, faults);
    fact
}

fn lapse_of(node: Node<'_>, fact: &Fact, faults: &mut Faults) -> Option<(ValueSet, u8)> {
    let place = node.place();
    let (Some(_), Some(to)) = (node.text("lapse-from"), node.text("lapse-to")) else {
        if node.text("lapse-from").is_some() != node.text("lapse-to").is_some() {
            faults.add(&place, "lapse-from 和 lapse-to 须同时写");
        }
        return None;
    };
    let mut value = |id: &str| {
        let found = fact.value(id);
        if found.is_none() {
            let known = list(fact.values.iter().map(|(v, _)| v.as_str()));
            faults.add(&place, format!("事实“{}”没有值“{id}”；{known}", fact.id));
        }
        found
    };
    let from = node
        .items("lapse-from")
        .into_iter()
        .filter_map(&mut value)
        .fold(0, |set, v| set | (1 << v));
    let to = value(to)?;
    if from & (1 << to) != 0 {
        faults.add(&place, "lapse-to 不得也在 lapse-from 之中");
    }
    Some((from, to))
}

/// The text property, which must be one of some words.
pub(crate) fn choice<'a>(
    node: Node<'a>,
    key: &str,
    default: &'static str,
    allowed: &[&'static str],
    faults: &mut Faults,
) -> Option<&'static str> {
    let Some(given) = node.text(key) else {
        return Some(default);
    };
    let found = allowed.iter().find(|word| **word == given).copied();
    if found.is_none() {
        faults.add(
            &node.place(),
            format!(
                "{key} 没有“{given}”这一项；{}",
                list(allowed.iter().copied())
            ),
        );
    }
    found
}

/// Reads a configuration key; one that burdens a party needs an article of law or rule.
pub(crate) fn config(node: Node<'_>, faults: &mut Faults) -> Option<ConfigKey> {
    node.fits(&CONFIG, faults).then_some(())?;
    let place = node.place();
    let key = ConfigKey {
        id: node.arg(0).to_owned(),
        title: node.needed("title"),
        default: node.int("default"),
        min: node.int("min"),
        max: node.int("max"),
        burden: node.flag("burden"),
        basis: basis(node, "basis", faults)?,
    };
    let below = |low: Option<i64>, high: Option<i64>| matches!((low, high), (Some(low), Some(high)) if high < low);
    if below(key.min, key.max) || below(key.min, key.default) || below(key.default, key.max) {
        faults.add(&place, "须满足 min ≤ default ≤ max");
    }
    if key.burden && !(key.basis.level <= Level::Rule && key.basis.text.contains('条')) {
        faults.add(
            &place,
            "加重当事人负担的配置（burden）须有 level 为 law 或者 rule 的依据，并写明条文",
        );
    }
    Some(key)
}

/// Reads a row of the lapse matrix, or a bundle, which is a row with number 0.
pub(crate) fn lapse_row(node: Node<'_>, names: &Names, faults: &mut Faults) -> LapseRow {
    let bundle = node.name() == "bundle";
    node.fits(if bundle { &BUNDLE } else { &LAPSE }, faults);
    let effects = Context {
        names,
        form: None,
        reach: Reach::Row,
    }
    .read_children(node, faults);
    if effects.is_empty() {
        faults.add(&node.place(), format!("“{}”之下没有效果", node.arg(0)));
    }
    let row = u32::try_from(node.int("row").unwrap_or(0)).unwrap_or(0);
    if !bundle && row == 0 {
        faults.add(
            &node.place(),
            "row 须为正整数（失效矩阵的行号）；不属于矩阵的效果组请用 bundle",
        );
    }
    LapseRow {
        id: node.arg(0).to_owned(),
        row,
        title: node.needed("title"),
        effects,
    }
}

/// Reads a kind of paper.
pub(crate) fn paper(node: Node<'_>, faults: &mut Faults) -> Option<(String, PaperKind)> {
    node.fits(&PAPER, faults).then_some(())?;
    let order = u32::try_from(node.int("order").unwrap_or(-1));
    if order.is_err() {
        faults.add(&node.place(), "order 须为不小于 0 的整数（卷内顺序）");
    }
    let rendered = node.flag_or("rendered", true);
    Some((
        node.arg(0).to_owned(),
        PaperKind {
            title: node.needed("title"),
            rendered,
            order: order.ok()?,
            inner: node.flag_or("inner", false),
        },
    ))
}
