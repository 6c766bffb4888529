//! The form of a step: its fields with type, title and privacy class.

use super::node::{Faults, NONE, Node, Shape, TWO, flag, list, text};
use super::{Field, FieldType, Place, PrivacyClass};

/// Names of field types as nodes.
const FIELD_NODES: &[&str] = &[
    "text",
    "prose",
    "choice",
    "yesno",
    "date",
    "datetime",
    "money",
    "int",
    "persons",
    "parties",
    "proposal",
    "points",
    "ten-items",
    "votes",
    "items",
    "upload",
];

const FORM: Shape = Shape {
    args: NONE,
    props: &[],
    children: &[FIELD_NODES],
};
const FIELD: Shape = Shape {
    args: TWO,
    props: &[
        text("class"),
        flag("required"),
        text("help"),
        text("default"),
        flag("ahead"),
    ],
    children: &[],
};
const CHOICE: Shape = Shape {
    children: &[&["option"]],
    ..FIELD
};
const OPTION: Shape = Shape {
    args: TWO,
    props: &[],
    children: &[],
};

/// Reads the fields of a `form` node.
pub(crate) fn read(node: Node<'_>, faults: &mut Faults) -> Vec<Field> {
    node.fits(&FORM, faults);
    let mut fields: Vec<Field> = Vec::new();
    for child in node.children() {
        let Some(field) = field(child, faults) else {
            continue;
        };
        if fields.iter().any(|earlier| earlier.id == field.id) {
            faults.add(&child.place(), format!("字段“{}”重复", field.id));
        }
        fields.push(field);
    }
    fields
}

fn field(node: Node<'_>, faults: &mut Faults) -> Option<Field> {
    let kind = field_type(node, faults)?;
    let place = node.place();
    let field = Field {
        id: node.arg(0).to_owned(),
        title: node.arg(1).to_owned(),
        required: node.flag("required"),
        class: class(node, &place, faults)?,
        help: node.needed("help"),
        default: node.text("default").map(str::to_owned),
        ahead: node.flag("ahead"),
        kind,
    };
    if field.ahead && field.kind != FieldType::Date {
        faults.add(&place, "ahead 只用于日期（date），表示可以填今后的日期");
    }
    let options: Vec<&str> = match &field.kind {
        FieldType::Choice(options) => options.iter().map(|(id, _)| id.as_str()).collect(),
        FieldType::YesNo => vec!["yes", "no"],
        _ => return Some(field),
    };
    if let Some(default) = field.default.as_deref().filter(|d| !options.contains(d)) {
        faults.add(
            &place,
            format!(
                "default 没有“{default}”这个选项；{}",
                list(options.into_iter())
            ),
        );
    }
    Some(field)
}

fn class(node: Node<'_>, place: &Place, faults: &mut Faults) -> Option<PrivacyClass> {
    let known = || list(PrivacyClass::ALL.iter().map(|(_, name)| *name));
    let Some(given) = node.text("class") else {
        faults.add(
            place,
            format!(
                "字段“{}”缺少属性“class”（隐私类别）；{}",
                node.arg(0),
                known()
            ),
        );
        return None;
    };
    let found = PrivacyClass::ALL
        .iter()
        .find(|(_, name)| *name == given)
        .map(|(class, _)| *class);
    if found.is_none() {
        faults.add(place, format!("没有“{given}”这一隐私类别；{}", known()));
    }
    found
}

fn field_type(node: Node<'_>, faults: &mut Faults) -> Option<FieldType> {
    let choice = node.name() == "choice";
    node.fits(if choice { &CHOICE } else { &FIELD }, faults)
        .then_some(())?;
    Some(match node.name() {
        "text" => FieldType::Text,
        "prose" => FieldType::Prose,
        "choice" => FieldType::Choice(options(node, faults)),
        "yesno" => FieldType::YesNo,
        "date" => FieldType::Date,
        "datetime" => FieldType::DateTime,
        "money" => FieldType::Money,
        "int" => FieldType::Int,
        "persons" => FieldType::Persons,
        "parties" => FieldType::Parties,
        "proposal" => FieldType::Proposal,
        "points" => FieldType::Points,
        "ten-items" => FieldType::TenItems,
        "votes" => FieldType::Votes,
        "items" => FieldType::Items,
        "upload" => FieldType::Upload,
        _ => return None,
    })
}

fn options(node: Node<'_>, faults: &mut Faults) -> Vec<(String, String)> {
    let mut options: Vec<(String, String)> = Vec::new();
    for option in node.children_named("option") {
        option.fits(&OPTION, faults);
        if options.iter().any(|(id, _)| id == option.arg(0)) {
            faults.add(&option.place(), format!("选项“{}”重复", option.arg(0)));
        }
        options.push((option.arg(0).to_owned(), option.arg(1).to_owned()));
    }
    if options.is_empty() {
        faults.add(
            &node.place(),
            format!(
                "字段“{}”没有选项，须有 option \"标识\" \"名称\"",
                node.arg(0)
            ),
        );
    }
    options
}
