//! A form as a page draws it: fields, their inputs, and what was wrong with them.

use std::collections::BTreeMap;

use casework::{
    field::{FileRef, REVIEW_ITEMS},
    party::PartyKind,
    person::Person,
    proposal::{Excuse, PenaltyKind},
};
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

    fn answers(&self, name: &str, points: &[String]) -> Rows {
        let group = |(n, point): (usize, &String)| {
            let name = format!("{name}.{n}");
            let value = self.typed.get(&name).unwrap_or_default().to_owned();
            let cell = Cell {
                label: "答复".into(),
                hint: "",
                input: Input::Area { value, rows: 3 },
                wide: true,
                name,
            };
            Group {
                legend: format!("{}. {point}", n + 1),
                cells: vec![cell],
                ..Group::default()
            }
        };
        let groups = points.iter().enumerate().map(group).collect();
        Rows {
            name: name.to_owned(),
            what: "",
            groups,
            more: false,
        }
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

    /// How many rows to show: those typed into, as many as were asked for, at least `min`.
    fn row_count(&self, name: &str, min: usize) -> usize {
        let typed = self
            .typed
            .rows(&format!("{name}."))
            .last()
            .map_or(0, |last| last + 1);
        let asked = self.typed.text(&rows_name(name)).parse().unwrap_or(0);
        typed.max(asked).max(min).min(200)
    }

    fn cell(&self, row: &str, part: &str, label: &str) -> Cell {
        let name = format!("{row}.{part}");
        let value = self.typed.get(&name).unwrap_or_default().to_owned();
        let input = Input::Line {
            kind: "text",
            mode: "",
            value,
            unit: "",
            list: Vec::new(),
        };
        Cell {
            name,
            label: label.to_owned(),
            hint: "",
            input,
            wide: false,
        }
    }

    fn money_cell(&self, row: &str, part: &str, label: &str) -> Cell {
        let mut cell = self.cell(row, part, label);
        if let Input::Line { mode, unit, .. } = &mut cell.input {
            (*mode, *unit) = ("decimal", "元");
        }
        cell
    }

    fn area(&self, row: &str, part: &str, label: &str, rows: u8, hint: &'static str) -> Cell {
        let name = format!("{row}.{part}");
        let value = self.typed.get(&name).unwrap_or_default().to_owned();
        Cell {
            name,
            label: label.to_owned(),
            hint,
            input: Input::Area { value, rows },
            wide: true,
        }
    }

    fn select(
        &self,
        row: &str,
        part: &str,
        label: &str,
        empty: &str,
        options: Vec<(&str, &str)>,
    ) -> Cell {
        let name = format!("{row}.{part}");
        let mut list = vec![Choice {
            value: String::new(),
            label: empty.to_owned(),
            on: !self.typed.has(&name),
        }];
        let typed = self.typed.text(&name);
        list.extend(options.into_iter().map(|(value, label)| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            on: typed == value,
        }));
        Cell {
            name,
            label: label.to_owned(),
            hint: "",
            input: Input::Select(list),
            wide: false,
        }
    }

    fn radios(&self, row: &str, part: &str, label: &str, options: &[(&str, &str)]) -> Cell {
        let name = format!("{row}.{part}");
        let options: Vec<(String, String)> = options
            .iter()
            .map(|(v, l)| ((*v).to_owned(), (*l).to_owned()))
            .collect();
        let input = Input::Radios(choices(&options, self.typed, &name));
        Cell {
            name,
            label: label.to_owned(),
            hint: "",
            input,
            wide: true,
        }
    }

    fn parties(&self, name: String) -> Rows {
        let group = |n: usize| {
            let row = format!("{name}.{n}");
            let kinds = PartyKind::ALL
                .iter()
                .map(|(_, id, title)| (*id, *title))
                .collect();
            let mut code = self.cell(&row, "code", "统一社会信用代码或者居民身份证号码");
            code.hint = "不清楚的可以先空着";
            let cells = vec![
                self.select(&row, "kind", "类型", "请选择", kinds),
                self.cell(&row, "name", "名称（姓名）"),
                code,
                self.cell(&row, "representative", "法定代表人、负责人或者经营者"),
                self.cell(&row, "address", "地址"),
                self.cell(&row, "phone", "电话"),
            ];
            Group {
                legend: format!("当事人 {}", n + 1),
                cells,
                ..Group::default()
            }
        };
        let groups = (0..self.row_count(&name, 1)).map(group).collect();
        Rows {
            groups,
            name,
            what: "当事人",
            more: true,
        }
    }

    fn items(&self, name: String) -> Rows {
        let group = |n: usize| {
            let row = format!("{name}.{n}");
            let parts = [
                ("name", "名称"),
                ("spec", "规格型号"),
                ("count", "数量（带单位）"),
                ("note", "备注"),
            ];
            let cells = parts
                .map(|(part, label)| self.cell(&row, part, label))
                .into();
            Group {
                legend: format!("物品 {}", n + 1),
                cells,
                ..Group::default()
            }
        };
        let groups = (0..self.row_count(&name, 2)).map(group).collect();
        Rows {
            groups,
            name,
            what: "物品",
            more: true,
        }
    }

    fn ten_items(&self, name: &str) -> Rows {
        let group = |(n, title): (usize, &&str)| {
            let row = format!("{name}.{n}");
            let ok = self.radios(&row, "ok", "结论", &[("yes", "无问题"), ("no", "存在问题")]);
            let mut remark = self.cell(&row, "remark", "说明");
            (remark.hint, remark.wide) = ("存在问题的必须写明", true);
            Group {
                legend: format!("{}. {title}", n + 1),
                cells: vec![ok, remark],
                ..Group::default()
            }
        };
        let groups = REVIEW_ITEMS.iter().enumerate().map(group).collect();
        Rows {
            name: name.to_owned(),
            what: "",
            groups,
            more: false,
        }
    }

    fn votes(&self, name: &str) -> Rows {
        let members = std::iter::once(self.actor).chain(self.companions);
        let group = |(n, person): (usize, &Person)| {
            let row = format!("{name}.{n}");
            // Votes are kept by row; who sits in the row is said by the hidden input.
            let options = [
                ("absent", "未参加"),
                ("agree", "同意"),
                ("disagree", "不同意"),
            ];
            let vote = self.radios(&row, "vote", "意见", &options);
            let view = self.area(&row, "view", "发言", 2, "");
            let hidden = vec![(format!("{row}.person"), person.id.clone())];
            Group {
                legend: self.called(person),
                hidden,
                cells: vec![vote, view],
                rows: None,
            }
        };
        let groups = members.enumerate().map(group).collect();
        Rows {
            name: name.to_owned(),
            what: "",
            groups,
            more: false,
        }
    }

    fn proposal(&self, name: String) -> Rows {
        let rows = self.typed.rows(&format!("{name}."));
        let groups = rows
            .into_iter()
            .map(|n| self.disposition(&format!("{name}.{n}")))
            .collect();
        Rows {
            groups,
            name,
            what: "",
            more: false,
        }
    }

    fn disposition(&self, row: &str) -> Group {
        let party = self.typed.text(&format!("{row}.party"));
        let called = self
            .known
            .state
            .party(party)
            .map_or(party, |p| p.party.name.as_str());
        let excuses = Excuse::ALL
            .iter()
            .map(|(_, id, title)| (*id, *title))
            .collect();
        let mut characterization = self.cell(row, "characterization", "定性（是什么违法行为）");
        characterization.wide = true;
        let mut reduction = self.cell(row, "reduction", "减轻处罚的情形");
        (reduction.hint, reduction.wide) = (
            "拟罚款低于法定下限的必须写明（《行政处罚法》第三十二条）",
            true,
        );
        let cells = vec![
            self.radios(
                row,
                "proven",
                "违法事实",
                &[("yes", "成立"), ("no", "不成立")],
            ),
            self.area(row, "facts", "查明的事实", 4, ""),
            characterization,
            self.area(row, "violated", "违反的条款", 2, "一行一条，写到条、款、项"),
            self.area(
                row,
                "basis",
                "处罚依据的条款",
                2,
                "一行一条，写到条、款、项",
            ),
            self.area(row, "discretion", "裁量理由", 2, ""),
            self.select(row, "excuse", "不予处罚的事由", "无", excuses),
            self.money_cell(row, "min", "法定罚款下限"),
            self.money_cell(row, "max", "法定罚款上限"),
            reduction,
            self.area(row, "correction", "责令改正的内容", 2, ""),
        ];
        let name = format!("{row}.p");
        let groups = (0..self.row_count(&name, 2))
            .map(|n| self.penalty(&name, n))
            .collect();
        let rows = Some(Rows {
            name,
            what: "处罚",
            groups,
            more: true,
        });
        let hidden = vec![(format!("{row}.party"), party.to_owned())];
        Group {
            legend: called.to_owned(),
            hidden,
            cells,
            rows,
        }
    }

    fn penalty(&self, name: &str, n: usize) -> Group {
        let row = format!("{name}.{n}");
        let kinds = PenaltyKind::ALL
            .iter()
            .map(|(_, id, title)| (*id, *title))
            .collect();
        let cells = vec![
            self.select(&row, "kind", "处罚种类", "无", kinds),
            self.money_cell(&row, "amount", "金额"),
            self.cell(&row, "days", "期限（日）"),
            self.cell(&row, "text", "内容（许可证、物品等）"),
        ];
        Group {
            legend: format!("处罚 {}", n + 1),
            cells,
            ..Group::default()
        }
    }
}

/// Name of the hidden input that says how many rows were shown.
pub fn rows_name(name: &str) -> String {
    format!("_rows.{name}")
}

fn holds(pack: &Pack, person: &Person, role: &str) -> bool {
    let includes = |held: &String| {
        pack.roles
            .iter()
            .any(|r| r.id == *held && r.also.iter().any(|a| a == role))
    };
    person
        .roles
        .iter()
        .any(|held| held == role || includes(held))
}

fn choices(options: &[(String, String)], typed: &Typed, name: &str) -> Vec<Choice> {
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
