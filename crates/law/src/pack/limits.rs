//! Time limits: how long, from what, and what their expiry does.

use crate::term::{Direction, Roll, Unit};

use super::cond::Reach;
use super::effects::{Context, EFFECTS};
use super::head::{basis, basis_argument, choice};
use super::names::Names;
use super::node::{Faults, Node, ONE, Prop, Shape, flag, int, need, text};
use super::{Length, Limit, Mover, OnExpiry, Scope};

const LIMIT_PROPS: &[Prop] = &[
    need("title"),
    flag("party"),
    int("count"),
    text("config"),
    text("field"),
    need("unit"),
    text("roll"),
    text("direction"),
    need("on-expiry"),
    text("mover"),
    need("basis"),
    need("level"),
];
const LIMIT: Shape = Shape {
    args: ONE,
    props: LIMIT_PROPS,
    children: &[&["pause-basis"], EFFECTS],
};

/// Reads a limit; its configuration key and effects refer to what is declared by then.
pub(crate) fn limit(node: Node<'_>, names: &Names, faults: &mut Faults) -> Option<Limit> {
    node.fits(&LIMIT, faults).then_some(())?;
    let place = node.place();
    let scope = limit_scope(node);
    let direction = match choice(node, "direction", "forward", &["forward", "back"], faults)? {
        "back" => Direction::Back,
        _ => Direction::Forward,
    };
    let roll = match node.text("roll") {
        None => {
            faults.add(
                &place,
                "缺少属性“roll”，应为 \"next\"（末日遇假日顺延）或者 \"stay\"（不顺延）",
            );
            return None;
        }
        Some(_) if choice(node, "roll", "stay", &["next", "stay"], faults)? == "next" => Roll::Next,
        Some(_) => Roll::Stay,
    };
    let reach = if scope == Scope::Party {
        Reach::Party
    } else {
        Reach::Case
    };
    let effects = Context {
        names,
        form: None,
        reach,
    }
    .read_children(node, faults);
    let on_expiry = match choice(
        node,
        "on-expiry",
        "",
        &["record", "effects", "forbid"],
        faults,
    )? {
        "effects" => OnExpiry::Effects(effects),
        other => {
            if !effects.is_empty() {
                faults.add(
                    &place,
                    format!("on-expiry=\"{other}\" 的期限届满没有效果；要写效果请用 \"effects\""),
                );
            }
            if other == "forbid" {
                OnExpiry::Forbid
            } else {
                OnExpiry::Record
            }
        }
    };
    Some(Limit {
        code: node.arg(0).to_owned(),
        title: node.needed("title"),
        scope,
        length: length(node, names, faults)?,
        unit: unit(node, faults)?,
        direction,
        roll,
        on_expiry,
        mover: mover(node, faults)?,
        basis: basis(node, "basis", faults)?,
        pauses: node
            .children_named("pause-basis")
            .filter_map(|n| basis_argument(n, faults))
            .collect(),
    })
}

/// Whom the limit binds: it is the bureau that is late, unless the limit is somebody else's.
fn mover(node: Node<'_>, faults: &mut Faults) -> Option<Mover> {
    let known = ["bureau", "outside", "party"];
    Some(match choice(node, "mover", "bureau", &known, faults)? {
        "outside" => Mover::Outside,
        "party" => Mover::Party,
        _ => Mover::Bureau,
    })
}

/// Whether a limit runs for the case or for each party.
pub(crate) fn limit_scope(node: Node<'_>) -> Scope {
    if node.flag("party") {
        Scope::Party
    } else {
        Scope::Case
    }
}

fn unit(node: Node<'_>, faults: &mut Faults) -> Option<Unit> {
    Some(
        match choice(
            node,
            "unit",
            "",
            &["workday", "day", "month", "year", "hour"],
            faults,
        )? {
            "workday" => Unit::WorkingDay,
            "month" => Unit::Month,
            "year" => Unit::Year,
            "hour" => Unit::Hour,
            _ => Unit::Day,
        },
    )
}

fn length(node: Node<'_>, names: &Names, faults: &mut Faults) -> Option<Length> {
    let place = node.place();
    match (node.int("count"), node.text("config"), node.text("field")) {
        (Some(count), None, None) => match u32::try_from(count) {
            Ok(count) if count > 0 => Some(Length::Fixed(count)),
            _ => {
                faults.add(&place, format!("count 须为正整数，这里是 {count}"));
                None
            }
        },
        (None, Some(key), None) => names
            .config
            .find(key, &place, faults)
            .map(|_| Length::Config(key.to_owned())),
        (None, None, Some(field)) => Some(Length::Field(field.to_owned())),
        _ => {
            faults.add(
                &place,
                "期限的长短须恰有一个来源：count=天数、config=\"配置项\" 或者 field=\"日期字段\"",
            );
            None
        }
    }
}
