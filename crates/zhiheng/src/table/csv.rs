//! CSV as spreadsheets write it (RFC 4180), cut into the named parts of the table.

use std::collections::BTreeMap;

use super::Fault;

/// Names of the parts, in their order.
pub const PARTS: [&str; 4] = ["机关", "科室", "设置", "人员"];

/// Columns that a table may lack.
const OPTIONAL: [&str; 3] = ["说明", "执法类别", "执法区域"];

/// One line of a part: its cells by column name.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Line in the file, from 1.
    pub line: usize,
    cells: BTreeMap<String, String>,
}

impl Row {
    /// What a column holds, trimmed; empty where it is blank.
    pub fn get(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// A fault of one of its columns.
    pub fn fault(&self, column: &str, why: impl Into<String>) -> Fault {
        Fault {
            line: self.line,
            what: column.to_owned(),
            why: why.into(),
        }
    }
}

/// The columns of a part.
pub fn columns(part: &str) -> &'static [&'static str] {
    match part {
        "机关" => &["项目", "内容", "说明"],
        "科室" => &["代码", "名称"],
        "设置" => &["设置项", "数值", "依据", "生效日", "失效日"],
        _ => &[
            "用户名",
            "姓名",
            "科室",
            "职务",
            "执法证号",
            "证件起始日",
            "证件截止日",
            "法律职业资格",
            "在岗",
            "执法类别",
            "执法区域",
        ],
    }
}

/// The rows of each part that stands in the text.
pub fn parts(text: &str, faults: &mut Vec<Fault>) -> BTreeMap<&'static str, Vec<Row>> {
    let mut found: BTreeMap<&'static str, Vec<Row>> = BTreeMap::new();
    let mut part: Option<&'static str> = None;
    let mut head: Option<Vec<String>> = None;
    for (line, cells) in records(text.trim_start_matches('\u{feff}'), faults) {
        let first = cells.first().map_or("", String::as_str);
        if first.starts_with('#') || cells.iter().all(String::is_empty) {
            continue;
        }
        let fault = |what: &str, why: String| Fault {
            line,
            what: what.to_owned(),
            why,
        };
        if let Some(name) = first.strip_prefix('[').and_then(|f| f.strip_suffix(']')) {
            part = PARTS.into_iter().find(|known| *known == name);
            head = None;
            match part {
                None => faults.push(fault(
                    first,
                    format!("没有这一部分，应为[{}]之一", PARTS.join("]、[")),
                )),
                Some(name) if found.insert(name, Vec::new()).is_some() => {
                    faults.push(fault(first, "这一部分已经出现过，请合并到一处".to_owned()));
                }
                Some(_) => {}
            }
            continue;
        }
        let Some(name) = part else {
            if found.is_empty() && head.is_none() {
                head = Some(Vec::new());
                let why = "前面应有一行写明是哪一部分，如 [机关]。请用 zhiheng setup --template 输出的样表填写";
                faults.push(fault(first, why.to_owned()));
            }
            continue;
        };
        match &head {
            None => {
                check_head(name, &cells, line, faults);
                head = Some(cells);
            }
            Some(names) => {
                let named = names.iter().cloned().zip(cells.iter().cloned());
                let row = Row {
                    line,
                    cells: named.collect(),
                };
                if cells.iter().skip(names.len()).any(|cell| !cell.is_empty()) {
                    faults
                        .push(row.fault("", format!("比表头多出内容，每行应为{}列", names.len())));
                }
                found.entry(name).or_default().push(row);
            }
        }
    }
    for name in PARTS {
        if !found.contains_key(name) && name != "设置" {
            faults.push(Fault {
                line: 0,
                what: format!("[{name}]"),
                why: "缺少这一部分。请用 zhiheng setup --template 输出的样表填写".to_owned(),
            });
        }
    }
    found
}

fn check_head(part: &str, cells: &[String], line: usize, faults: &mut Vec<Fault>) {
    let wanted = columns(part);
    let given: Vec<&str> = cells
        .iter()
        .map(String::as_str)
        .filter(|c| !c.is_empty())
        .collect();
    for missing in wanted
        .iter()
        .filter(|c| !OPTIONAL.contains(c) && !given.contains(*c))
    {
        faults.push(Fault {
            line,
            what: (*missing).to_owned(),
            why: format!("[{part}]下面的表头缺少这一列，应为：{}", wanted.join("，")),
        });
    }
    for odd in given.iter().filter(|c| !wanted.contains(*c)) {
        faults.push(Fault {
            line,
            what: (*odd).to_owned(),
            why: format!("[{part}]没有这一列，应为：{}", wanted.join("，")),
        });
    }
}

/// The records of a text with the line each begins in.
fn records(text: &str, faults: &mut Vec<Fault>) -> Vec<(usize, Vec<String>)> {
    let mut all = Vec::new();
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let (mut line, mut begun) = (1, 1);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            ',' if !quoted => cells.push(tidy(&std::mem::take(&mut cell))),
            '\n' => {
                line += 1;
                if quoted {
                    cell.push('\n');
                    continue;
                }
                cells.push(tidy(&std::mem::take(&mut cell)));
                all.push((begun, std::mem::take(&mut cells)));
                begun = line;
            }
            _ => cell.push(c),
        }
    }
    if quoted {
        faults.push(Fault {
            line: begun,
            what: String::new(),
            why: "双引号没有配对，从这一行起读不下去。请补上或者去掉多余的双引号".to_owned(),
        });
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(tidy(&cell));
        all.push((begun, cells));
    }
    all
}

/// A cell without the space around it, and without the apostrophe that keeps a spreadsheet from counting with it.
fn tidy(cell: &str) -> String {
    let cell = cell.trim();
    cell.strip_prefix('\'').unwrap_or(cell).trim().to_owned()
}

/// A cell as it is written.
pub fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
