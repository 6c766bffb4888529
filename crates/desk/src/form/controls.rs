//! A form as a page draws it: fields, their inputs, and what was wrong with them.

use std::collections::BTreeMap;

use casework::{field::FileRef, person::Person};
use jiff::civil::Date;
use law::pack::{Effect, Field, FieldType, Pack, Step};

use super::{
    carry::{Known, suggestions},
    input,
};
use crate::{token::Token, told::Told, typed::Typed};

/// A choice of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Value.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// Whether it is chosen.
    pub on: bool,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// One line.
    Line {
        /// `type` of the input.
        kind: &'static str,
        /// `inputmode`, empty for the usual.
        mode: &'static str,
        /// Value.
        value: String,
        /// Unit written behind it.
        unit: &'static str,
        /// Suggestions.
        list: Vec<String>,
    },
    /// Several lines.
    Area {
        /// Value.
        value: String,
        /// Height in lines.
        rows: u8,
    },
    /// One of a long list.
    Select(Vec<Choice>),
    /// One of a short list.
    Radios(Vec<Choice>),
    /// Any of a list.
    Boxes(Vec<Choice>),
    /// A file.
    File(Option<Kept>),
}

/// A file that was uploaded before the form was sent back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its reference, as a hidden input holds it.
    pub json: String,
    /// The desk's own mark on it.
    pub seal: String,
    /// Name.
    pub name: String,
    /// Size in words.
    pub size: String,
}

/// An input with its label, inside a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Name of the input.
    pub name: String,
    /// Label.
    pub label: String,
    /// Hint.
    pub hint: &'static str,
    /// The input.
    pub input: Input,
    /// Whether it takes the whole width.
    pub wide: bool,
}

/// Inputs that belong together, such as one party's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// What they are about.
    pub legend: String,
    /// Hidden inputs.
    pub hidden: Vec<(String, String)>,
    /// Inputs.
    pub cells: Vec<Cell>,
    /// Rows inside the group, such as a party's penalties.
    pub rows: Option<Rows>,
    /// Name that its inputs begin with, where what earlier cases know can be filled in.
    pub known: Option<String>,
    /// Number of the item of legal review that they are about.
    pub review_item: Option<usize>,
}

/// Rows that can become more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// Name that their inputs begin with.
    pub name: String,
    /// What one of them is called.
    pub what: &'static str,
    /// The rows.
    pub groups: Vec<Group>,
    /// Whether one may ask for another.
    pub more: bool,
}

/// What a field is drawn with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// One input.
    One(Input),
    /// Rows of inputs.
    Rows(Rows),
}

/// A field of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldView {
    /// Identifier, with which the errors at the top are linked.
    pub id: String,
    /// Name of its input.
    pub name: String,
    /// Title.
    pub title: String,
    /// Help.
    pub help: String,
    /// Whether it must be filled.
    pub required: bool,
    /// What is wrong with it.
    pub faults: Vec<Told>,
    /// Inputs.
    pub control: Control,
}

impl FieldView {
    /// Id of the words that say what is wrong with the field.
    pub fn told_id(&self) -> String {
        format!("{}-told", self.name)
    }

    /// Id of the place for notes that come while it is filled in.
    pub fn note_id(&self) -> String {
        note_id(&self.name)
    }

    /// Whether the title labels one input, rather than a group of them.
    pub fn labels_one(&self) -> bool {
        matches!(
            self.control,
            Control::One(
                Input::Line { .. } | Input::Area { .. } | Input::Select(_) | Input::File(_)
            )
        )
    }
}

/// All that the drawing of a form looks at.
#[derive(Debug, Clone, Copy)]
pub struct Drawing<'a> {
    /// Pack.
    pub pack: &'a Pack,
    /// Step.
    pub step: &'a Step,
    /// The case.
    pub known: Known<'a>,
    /// What was typed.
    pub typed: &'a Typed,
    /// Who fills it in.
    pub actor: &'a Person,
    /// Officials by id.
    pub people: &'a BTreeMap<String, Person>,
    /// Names of units by id.
    pub units: &'a [(String, String)],
    /// Who could take part in the step, the actor aside.
    pub companions: &'a [Person],
    /// Today.
    pub today: Date,
    /// The session, which seals references to files.
    pub token: &'a Token,
}

impl Drawing<'_> {
    /// The fields of the form, each with the faults that name it.
    pub fn fields(&self, faults: &BTreeMap<String, Vec<Told>>) -> Vec<FieldView> {
        let field = |field: &Field| FieldView {
            id: field.id.clone(),
            name: input(&field.id),
            title: field.title.clone(),
            help: self.help(field),
            required: field.required,
            faults: faults.get(&field.id).cloned().unwrap_or_default(),
            control: self.control(field),
        };
        self.step.form.iter().map(field).collect()
    }

    fn help(&self, field: &Field) -> String {
        match &field.kind {
            _ if !field.help.is_empty() => field.help.clone(),
            FieldType::Money => "以元计，可以写 5000、4.48万元 或者 贰万元整".to_owned(),
            FieldType::Points if self.due_points(field).is_empty() => "一行一条".to_owned(),
            FieldType::Upload => {
                "PDF、图片、音频、视频等，不超过 50 MB；选定后随表单一并上传".to_owned()
            }
            _ => String::new(),
        }
    }

    fn control(&self, field: &Field) -> Control {
        let name = input(&field.id);
        let typed = self.typed;
        let value = typed.get(&name).unwrap_or_default().to_owned();
        let line = |kind, mode, unit| Input::Line {
            kind,
            mode,
            value: value.clone(),
            unit,
            list: Vec::new(),
        };
        Control::One(match &field.kind {
            FieldType::Text => Input::Line {
                kind: "text",
                mode: "",
                value,
                unit: "",
                list: suggestions(field, &self.known),
            },
            FieldType::Prose => Input::Area { value, rows: 6 },
            FieldType::Choice(options) => Input::Radios(choices(options, typed, &name)),
            FieldType::YesNo => Input::Radios(yes_no(typed, &name, ("是", "否"))),
            FieldType::Date => line("date", "", ""),
            FieldType::DateTime => line("datetime-local", "", ""),
            FieldType::Money => line("text", "decimal", "元"),
            FieldType::Int => line("text", "numeric", ""),
            FieldType::Persons => Input::Boxes(self.persons(field, &name)),
            FieldType::Upload => Input::File(self.kept(&name)),
            FieldType::Points => match self.due_points(field) {
                points if points.is_empty() => Input::Area {
                    value: self.joined(&name, value),
                    rows: 5,
                },
                points => return Control::Rows(self.answers(&name, &points)),
            },
            FieldType::Parties => return Control::Rows(self.parties(name)),
            FieldType::Proposal => return Control::Rows(self.proposal(name)),
            FieldType::TenItems => return Control::Rows(self.ten_items(&name)),
            FieldType::Votes => return Control::Rows(self.votes(&name)),
            FieldType::Items => return Control::Rows(self.items(name)),
        })
    }

    /// Points kept one each are shown one a line.
    fn joined(&self, name: &str, value: String) -> String {
        let rows = self.typed.rows(&format!("{name}."));
        if rows.is_empty() {
            return value;
        }
        rows.iter()
            .map(|row| self.typed.text(&format!("{name}.{row}")))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The points that a field of answers has to answer, where the program knows them.
    fn due_points(&self, field: &Field) -> Vec<String> {
        let asks = |name: &str| {
            self.step
                .requires
                .iter()
                .any(|r| r.name == name && r.on.as_deref().unwrap_or("answers") == field.id)
        };
        let state = self.known.state;
        if asks("answers-points")
            && state
                .facts
                .get(casework::state::POINTS)
                .is_some_and(|v| v == "open")
        {
            return state.points.clone();
        }
        if asks("answers-defence") {
            let party = self.known.party.and_then(|id| state.party(id));
            return party.map(|p| p.defence.clone()).unwrap_or_default();
        }
        Vec::new()
    }

    /// Officials whom a field may name: those fit for the role that it fills, else everybody who serves.
    fn persons(&self, field: &Field, name: &str) -> Vec<Choice> {
        let state = self.known.state;
        let role = self.step.effects.iter().find_map(|effect| match effect {
            Effect::Assign(role, Some(of)) if *of == field.id => Some((role, false)),
            Effect::Replace(role, out, _) if *out == field.id => Some((role, true)),
            Effect::Replace(role, _, coming) if *coming == field.id => Some((role, false)),
            _ => None,
        });
        let declared = role.and_then(|(id, _)| self.pack.roles.iter().find(|r| r.id == *id));
        let fits = |person: &Person| match (role, declared) {
            (Some((role, true)), _) => state.assigned(role).any(|id| *id == person.id),
            (Some(_), Some(role)) => {
                !state.recused.contains(&person.id)
                    && (!role.card || person.card_on(self.today).is_some())
                    && role
                        .from
                        .as_ref()
                        .is_none_or(|from| holds(self.pack, person, from))
            }
            _ => true,
        };
        let serving = self
            .people
            .values()
            .filter(|p| p.active && p.body_id == self.actor.body_id);
        serving
            .filter(|p| fits(p))
            .map(|p| self.person(p, name))
            .collect()
    }

    fn person(&self, person: &Person, name: &str) -> Choice {
        Choice {
            value: person.id.clone(),
            label: self.called(person),
            on: self.typed.ticked(name, &person.id),
        }
    }

    /// Name and unit of an official.
    pub fn called(&self, person: &Person) -> String {
        match self.units.iter().find(|(id, _)| *id == person.unit) {
            Some((_, unit)) => format!("{}（{unit}）", person.name),
            None => person.name.clone(),
        }
    }

    fn kept(&self, name: &str) -> Option<Kept> {
        let json = self.typed.text(&format!("{name}.kept"));
        let file: FileRef = serde_json::from_str(json).ok()?;
        Some(Kept {
            json: json.to_owned(),
            seal: self.token.seal(json),
            name: file.name,
            size: crate::show::size(file.size_bytes),
        })
    }
}

/// Id of the place for notes on a field, from the name of its input.
pub fn note_id(name: &str) -> String {
    format!("{name}-note")
}

/// Name of the hidden input that says how many rows were shown.
pub fn rows_name(name: &str) -> String {
    format!("_rows.{name}")
}

fn holds(pack: &Pack, person: &Person, role: &str) -> bool {
    person.roles.iter().any(|held| pack.includes(held, role))
}

pub(super) fn choices(options: &[(String, String)], typed: &Typed, name: &str) -> Vec<Choice> {
    let choice = |(value, label): &(String, String)| Choice {
        value: value.clone(),
        label: label.clone(),
        on: typed.ticked(name, value),
    };
    options.iter().map(choice).collect()
}

fn yes_no(typed: &Typed, name: &str, words: (&str, &str)) -> Vec<Choice> {
    choices(
        &[
            ("yes".to_owned(), words.0.to_owned()),
            ("no".to_owned(), words.1.to_owned()),
        ],
        typed,
        name,
    )
}
