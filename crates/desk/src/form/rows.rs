//! The rows of a form: parties, things, the ten items, votes, the proposal with its penalties, answers.

use casework::{
    field::REVIEW_ITEMS,
    party::PartyKind,
    person::Person,
    proposal::{Excuse, PenaltyKind},
};

use super::controls::{Cell, Choice, Drawing, Group, Input, Rows, choices, rows_name};

/// Rows that one list may have.
const ROWS_MAX: usize = 200;

impl Drawing<'_> {
    pub(super) fn answers(&self, name: &str, points: &[String]) -> Rows {
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

    /// How many rows to show: those typed into, as many as were asked for, at least `min`.
    fn row_count(&self, name: &str, min: usize) -> usize {
        let typed = self
            .typed
            .rows(&format!("{name}."))
            .last()
            .map_or(0, |last| last + 1);
        let asked = self.typed.text(&rows_name(name)).parse().unwrap_or(0);
        typed.max(asked).max(min).min(ROWS_MAX)
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

    pub(super) fn parties(&self, name: String) -> Rows {
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
                known: Some(row),
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

    pub(super) fn items(&self, name: String) -> Rows {
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

    pub(super) fn ten_items(&self, name: &str) -> Rows {
        let group = |(n, title): (usize, &&str)| {
            let row = format!("{name}.{n}");
            let ok = self.radios(&row, "ok", "结论", &[("yes", "无问题"), ("no", "存在问题")]);
            let mut remark = self.cell(&row, "remark", "说明");
            (remark.hint, remark.wide) = ("存在问题的必须写明", true);
            Group {
                legend: format!("{}. {title}", n + 1),
                cells: vec![ok, remark],
                review_item: Some(n + 1),
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

    pub(super) fn votes(&self, name: &str) -> Rows {
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
                ..Group::default()
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

    pub(super) fn proposal(&self, name: String) -> Rows {
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
        let mut min = self.money_cell(row, "min", "法定罚款下限");
        min.hint = "没有下限的填0或者不填";
        let mut max = self.money_cell(row, "max", "法定罚款上限");
        max.hint = "拟罚款的必须填写，用以核对是否在法定幅度内（《行政处罚法》第五条、第三十二条）；按倍数计算的填算出的金额";
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
                "处罚（不予处罚）依据的条款",
                2,
                "一行一条，写到条、款、项",
            ),
            self.area(row, "discretion", "裁量理由", 2, ""),
            self.select(row, "excuse", "不予处罚的事由", "无", excuses),
            min,
            max,
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
            ..Group::default()
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
