//! Actions and their steps.

use super::cond::{self, COND, Reach};
use super::effects::{Context, EFFECTS};
use super::head;
use super::names::Names;
use super::node::{Faults, NONE, Node, ONE, SOME, Shape, flag, int, list, need, text};
use super::{
    Action, Basis, Check, Cond, Crew, Effect, Field, FieldType, Level, Mover, OfField, PaperRef,
    Place, Require, Scope, StageId, Step,
};

const STEP_PARTS: &[&str] = &[
    "scope",
    "from",
    "to",
    "mover",
    "by",
    "chain",
    "card-shown",
    "burden",
    "basis",
    "needs",
    "require",
    "form",
    "paper",
];
const ACTION: Shape = Shape {
    args: ONE,
    props: &[need("title")],
    children: &[&["basis", "step"]],
};
const STEP: Shape = Shape {
    args: 0..=1,
    props: &[text("title")],
    children: &[STEP_PARTS, EFFECTS],
};
const WORD: Shape = Shape {
    args: ONE,
    props: &[],
    children: &[],
};
const STAGES: Shape = Shape {
    args: SOME,
    props: &[],
    children: &[],
};
const TO: Shape = Shape {
    args: ONE,
    props: &[],
    children: &[COND],
};
const CREW: Shape = Shape {
    args: ONE,
    props: &[need("duty"), int("min"), text("or")],
    children: &[],
};
const BARE: Shape = Shape {
    args: NONE,
    props: &[],
    children: &[],
};
const NEEDS: Shape = Shape {
    args: NONE,
    props: &[],
    children: &[COND],
};
const REQUIRE: Shape = Shape {
    args: ONE,
    props: &[need("basis"), text("level"), text("on")],
    children: &[],
};
const PAPER: Shape = Shape {
    args: ONE,
    props: &[text("series"), flag("before")],
    children: &[COND],
};

/// The id of a step: its argument, or the action's where it has none.
pub(crate) fn step_id<'a>(action: Node<'a>, step: Node<'a>) -> &'a str {
    step.args().next().unwrap_or_else(|| action.arg(0))
}

/// Reads an action and its steps; the ids of the steps are given by the caller later.
pub(crate) fn action(node: Node<'_>, names: &Names, faults: &mut Faults) -> (Action, Vec<Step>) {
    node.fits(&ACTION, faults);
    let basis: Vec<Basis> = node
        .children_named("basis")
        .filter_map(|n| head::basis_argument(n, faults))
        .collect();
    let action = Action {
        id: node.arg(0).to_owned(),
        title: node.needed("title"),
        basis,
        steps: Vec::new(),
    };
    let nodes: Vec<_> = node.children_named("step").collect();
    if nodes.is_empty() {
        faults.add(
            &node.place(),
            format!("行为“{}”没有步骤（step）", action.id),
        );
    }
    if let Some(nameless) = nodes
        .iter()
        .find(|n| nodes.len() > 1 && n.args().next().is_none())
    {
        faults.add(
            &nameless.place(),
            "一个行为有几个步骤时，每个步骤都要有自己的标识",
        );
    }
    let steps = nodes
        .into_iter()
        .map(|step_node| step(node, step_node, &action, names, faults))
        .collect();
    (action, steps)
}

fn step(
    parent: Node<'_>,
    node: Node<'_>,
    action: &Action,
    names: &Names,
    faults: &mut Faults,
) -> Step {
    node.fits(&STEP, faults);
    let place = node.place();
    let id = step_id(parent, node).to_owned();
    let scope = scope(node, faults);
    let reach = if scope == Scope::Party {
        Reach::Party
    } else {
        Reach::Case
    };
    let form = single(node, "form", faults).map_or_else(Vec::new, |n| super::form::read(n, faults));
    let effects = Context {
        names,
        form: Some(&form),
        reach,
    }
    .read_children(node, faults);
    let mut basis = action.basis.clone();
    basis.extend(
        node.children_named("basis")
            .filter_map(|n| head::basis_argument(n, faults)),
    );
    let step = Step {
        title: node.text("title").unwrap_or(&action.title).to_owned(),
        action: action.id.clone(),
        scope,
        from: from(node, names, faults),
        to: node
            .children_named("to")
            .filter_map(|n| to(n, reach, names, faults))
            .collect(),
        mover: mover(node, faults),
        by: crews(node, "by", names, faults),
        chain: crews(node, "chain", names, faults),
        needs: needs(node, reach, names, faults),
        requires: requires(node, &form, reach, &basis, faults),
        papers: node
            .children_named("paper")
            .filter_map(|n| paper(n, reach, names, faults))
            .collect(),
        burden: bare(node, "burden", faults),
        card_shown: bare(node, "card-shown", faults),
        form,
        effects,
        basis,
        place,
        id,
    };
    check_step(&step, faults);
    step
}

/// What a step must have whatever it does.
fn check_step(step: &Step, faults: &mut Faults) {
    let place = &step.place;
    if step.by.is_empty() {
        faults.add(
            place,
            format!(
                "步骤“{}”没有写由谁办理，须有 by \"角色\" duty=\"职责\"",
                step.id
            ),
        );
    }
    if step.basis.is_empty() {
        faults.add(
            place,
            format!(
                "步骤“{}”没有依据，须在行为或者步骤里写 basis \"条文\" level=\"级别\"",
                step.id
            ),
        );
    } else if step.burden && !step.basis.iter().any(|b| b.level <= Level::Rule) {
        let message = format!(
            "步骤“{}”加重当事人负担（burden），依据须有 law 或者 rule 一级",
            step.id
        );
        faults.add(place, message);
    }
    if step.scope == Scope::Party && has_each(&step.effects) && !opens_anew(&step.effects) {
        let message = format!(
            "步骤“{}”属于一个当事人，不得用 each 改动其他当事人，除非同时 propose 或者 new-round",
            step.id
        );
        faults.add(place, message);
    }
}

fn has_each(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| match effect {
        Effect::Each(_) => true,
        Effect::When(_, inner) => has_each(inner),
        _ => false,
    })
}

fn opens_anew(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| match effect {
        Effect::Propose | Effect::NewRound => true,
        Effect::When(_, inner) | Effect::Each(inner) => opens_anew(inner),
        _ => false,
    })
}

/// The only child of that name, if there is one.
fn single<'a>(node: Node<'a>, name: &str, faults: &mut Faults) -> Option<Node<'a>> {
    let mut found = node.children_named(name);
    let first = found.next();
    if let Some(second) = found.next() {
        faults.add(&second.place(), format!("“{name}”在一个步骤里只能写一次"));
    }
    first
}

/// The word that a single child holds, which must be one of some.
fn word<'a>(node: Node<'a>, name: &str, allowed: &[&str], faults: &mut Faults) -> Option<&'a str> {
    let child = single(node, name, faults)?;
    child.fits(&WORD, faults).then_some(())?;
    let given = child.arg(0);
    if allowed.contains(&given) {
        return Some(given);
    }
    faults.add(
        &child.place(),
        format!(
            "{name} 没有“{given}”这一项；{}",
            list(allowed.iter().copied())
        ),
    );
    None
}

fn scope(node: Node<'_>, faults: &mut Faults) -> Scope {
    match word(node, "scope", &["case", "party"], faults) {
        Some("party") => Scope::Party,
        _ => Scope::Case,
    }
}

fn mover(node: Node<'_>, faults: &mut Faults) -> Mover {
    match word(node, "mover", &["bureau", "outside", "party"], faults) {
        Some("outside") => Mover::Outside,
        Some("party") => Mover::Party,
        _ => Mover::Bureau,
    }
}

fn bare(node: Node<'_>, name: &str, faults: &mut Faults) -> bool {
    single(node, name, faults).is_some_and(|child| child.fits(&BARE, faults))
}

fn from(node: Node<'_>, names: &Names, faults: &mut Faults) -> Vec<StageId> {
    let mut stages: Vec<StageId> = Vec::new();
    for child in node.children_named("from") {
        child.fits(&STAGES, faults);
        for id in child.args() {
            let Some(stage) = names.stages.find(id, &child.place(), faults) else {
                continue;
            };
            if stages.contains(&stage) {
                faults.add(&child.place(), format!("阶段“{id}”写了两次"));
            }
            stages.push(stage);
        }
    }
    if node.children_named("from").next().is_none() {
        faults.add(
            &node.place(),
            "步骤没有写在哪些阶段可以办，须有 from \"阶段\"",
        );
    }
    stages
}

fn to(node: Node<'_>, reach: Reach, names: &Names, faults: &mut Faults) -> Option<(StageId, Cond)> {
    node.fits(&TO, faults);
    let stage = names.stages.find(node.arg(0), &node.place(), faults)?;
    Some((stage, cond::read_all(node, reach, names, faults)))
}

fn crews(node: Node<'_>, name: &str, names: &Names, faults: &mut Faults) -> Vec<Crew> {
    node.children_named(name)
        .filter_map(|child| crew(child, names, faults))
        .collect()
}

fn crew(node: Node<'_>, names: &Names, faults: &mut Faults) -> Option<Crew> {
    node.fits(&CREW, faults).then_some(())?;
    let place = node.place();
    names.roles.find(node.arg(0), &place, faults);
    if let Some(or) = node.text("or") {
        names.roles.find(or, &place, faults);
    }
    let min = node.int("min").unwrap_or(1);
    let count = u32::try_from(min).ok().filter(|n| (1..=100).contains(n));
    if count.is_none() {
        faults.add(&place, format!("min 须为 1 至 100 的整数，这里是 {min}"));
    }
    let duty = head::duty(&node.needed("duty"), &place, faults)?;
    Some(Crew {
        role: node.arg(0).to_owned(),
        duty,
        min: count?,
        or: node.text("or").map(str::to_owned),
    })
}

fn needs(node: Node<'_>, reach: Reach, names: &Names, faults: &mut Faults) -> Cond {
    let Some(needs) = single(node, "needs", faults) else {
        return Cond::always();
    };
    needs.fits(&NEEDS, faults);
    cond::read_all(needs, reach, names, faults)
}

fn requires(
    node: Node<'_>,
    form: &[Field],
    reach: Reach,
    of_step: &[Basis],
    faults: &mut Faults,
) -> Vec<Require> {
    // Without a level of its own a demand stands as high as the step that makes it.
    let level = of_step
        .iter()
        .map(|b| b.level)
        .min()
        .unwrap_or(Level::Custom);
    node.children_named("require")
        .filter_map(|child| require(child, form, reach, level, faults))
        .collect()
}

fn require(
    node: Node<'_>,
    form: &[Field],
    reach: Reach,
    level: Level,
    faults: &mut Faults,
) -> Option<Require> {
    node.fits(&REQUIRE, faults).then_some(())?;
    let place = node.place();
    let name = node.arg(0);
    let Some(check) = Check::named(name) else {
        let known = list(Check::ALL.iter().map(|check| check.name));
        faults.add(&place, format!("程序没有“{name}”这项核验；{known}"));
        return None;
    };
    match (node.text("on"), check.of_field) {
        (Some(_), OfField::None) => {
            faults.add(&place, format!("“{name}”不核验某一个字段，不要写 on"));
        }
        (Some(on), _) => check_subject(name, on, form, &place, faults),
        (None, OfField::Needed) => {
            faults.add(&place, format!("“{name}”须写 on=\"字段\"，否则无从核验"));
        }
        (None, _) => {}
    }
    if check.of_party && reach != Reach::Party {
        let message = format!(
            "“{name}”（{}）核验的是一名当事人，步骤须写 scope \"party\"",
            check.demands
        );
        faults.add(&place, message);
    }
    let level = head::basis(node, "basis", faults).map_or(level, |b| b.level);
    Some(Require {
        name: name.to_owned(),
        on: node.text("on").map(str::to_owned),
        basis: Basis {
            text: node.needed("basis"),
            level,
        },
    })
}

/// `on` names a field of the form; `lead-time` needs one that holds a date.
fn check_subject(name: &str, on: &str, form: &[Field], place: &Place, faults: &mut Faults) {
    let field = form.iter().find(|f| f.id == on);
    if field.is_none() {
        let known = list(form.iter().map(|f| f.id.as_str()));
        faults.add(place, format!("on=\"{on}\" 不是表单的字段；字段{known}"));
    }
    let dated = field.is_some_and(|f| matches!(f.kind, FieldType::Date | FieldType::DateTime));
    if name == "lead-time" && !dated {
        faults.add(place, format!("lead-time 的 on 须为日期字段，“{on}”不是"));
    }
}

fn paper(node: Node<'_>, reach: Reach, names: &Names, faults: &mut Faults) -> Option<PaperRef> {
    node.fits(&PAPER, faults);
    names.papers.find(node.arg(0), &node.place(), faults)?;
    Some(PaperRef {
        template: node.arg(0).to_owned(),
        series: node.text("series").map(str::to_owned),
        before: node.flag("before"),
        when: cond::read_all(node, reach, names, faults),
    })
}
