//! The parts [机关], [科室] and [设置].

use std::collections::BTreeMap;

use casework::{Config, Setting, person::Body};
use jiff::civil::Date;
use law::{
    money::Fen,
    pack::{ConfigKey, Pack},
    rules::NATIONWIDE,
};

use super::{Fault, csv::Row, people::day};

/// An item of [机关]: its name, whether it must be filled in, and what to write.
pub const ITEMS: [(&str, bool, &str); 12] = [
    (
        "机关标识",
        true,
        "小写英文字母、数字和连字符，如 qingshan-yj；定下后不能改",
    ),
    ("机关名称", true, "全称，印在文书上"),
    ("机关代字", true, "文号中年份前面的字，如（青）应急"),
    ("地址", true, "印在文书上"),
    ("电话", true, "印在文书上"),
    ("邮政编码", false, ""),
    (
        "复议机关",
        true,
        "本级人民政府全称（《行政复议法》第二十四条），印在决定书上",
    ),
    ("诉讼法院", true, "提起行政诉讼的人民法院全称，印在决定书上"),
    (
        "收款银行",
        true,
        "代收罚款的银行（《行政处罚法》第六十七条），印在决定书上",
    ),
    (
        "收款账号",
        true,
        "前面加一个英文单引号，免得表格软件改成科学记数",
    ),
    (
        "日志名称",
        true,
        "英文，如 yjj.qingshan.gov.cn/log；随公示证明公开，定下后不能改",
    ),
    (
        "密码套件",
        true,
        "国密（SM2、SM3）或者国际（Ed25519、SHA-256）；定下后不能改",
    ),
];

/// What [机关] and [科室] say.
pub struct Bureau {
    pub body: Body,
    pub log: String,
    pub suite: String,
}

type Parts = BTreeMap<&'static str, Vec<Row>>;

/// Reads bureau and units; what is at fault is left blank.
pub fn read(parts: &Parts, faults: &mut Vec<Fault>) -> Bureau {
    let rows = parts.get("机关").map_or(&[][..], Vec::as_slice);
    let mut items: BTreeMap<&str, &Row> = BTreeMap::new();
    for row in rows {
        let item = row.get("项目");
        if !ITEMS.iter().any(|(known, ..)| *known == item) {
            let known: Vec<&str> = ITEMS.iter().map(|(known, ..)| *known).collect();
            faults.push(row.fault(item, format!("没有这个项目，应为：{}", known.join("、"))));
        } else if items.insert(item, row).is_some() {
            faults.push(row.fault(item, "这个项目写了两遍，请只留一行"));
        }
    }
    let mut text = |item: &str| -> String {
        let row = items.get(item);
        let value = row.map_or("", |row| row.get("内容"));
        let hint = ITEMS.iter().find(|(known, ..)| *known == item);
        if let (true, Some((_, true, hint))) = (value.is_empty() && !rows.is_empty(), hint) {
            faults.push(Fault {
                line: row.map_or(0, |row| row.line),
                what: item.to_owned(),
                why: format!("没有填写。应填：{hint}"),
            });
        }
        value.to_owned()
    };
    let slug = text("机关标识");
    let mut body = Body {
        id: format!("body-{slug}"),
        parent: None,
        name: text("机关名称"),
        mark: text("机关代字"),
        address: text("地址"),
        phone: text("电话"),
        postcode: text("邮政编码"),
        government: text("复议机关"),
        court: text("诉讼法院"),
        bank: text("收款银行"),
        bank_account: text("收款账号"),
        units: Vec::new(),
    };
    let (log, suite) = (text("日志名称"), text("密码套件"));
    let mut judge = |item: &str, good: bool, why: &str| {
        if let Some(row) = items
            .get(item)
            .filter(|row| !good && !row.get("内容").is_empty())
        {
            faults.push(row.fault(item, format!("“{}”{why}", row.get("内容"))));
        }
    };
    judge(
        "机关标识",
        is_code(&slug),
        "不能用，只能是小写英文字母、数字和连字符，如 qingshan-yj",
    );
    let graphic = log.bytes().all(|b| b.is_ascii_graphic() && b != b'+');
    judge(
        "日志名称",
        graphic,
        "不能用，只能是英文字母、数字和 . - / 等符号，不含空格和加号",
    );
    let account = body
        .bank_account
        .bytes()
        .all(|b| b.is_ascii_digit() || b == b' ' || b == b'-');
    judge(
        "收款账号",
        account,
        "不是账号（可能被表格软件改成了科学记数）。请把单元格设为文本，重新填写",
    );
    let named = match suite.as_str() {
        "国密" => Some("gm"),
        "国际" => Some("c2sp"),
        _ => None,
    };
    judge("密码套件", named.is_some(), "不认识，应为国密或者国际");
    body.units = units(parts, faults);
    Bureau {
        body,
        log,
        suite: named.unwrap_or_default().to_owned(),
    }
}

fn is_code(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(fits)
}

fn units(parts: &Parts, faults: &mut Vec<Fault>) -> Vec<(String, String)> {
    let mut units: Vec<(String, String)> = Vec::new();
    for row in parts.get("科室").into_iter().flatten() {
        let (code, name) = (row.get("代码"), row.get("名称"));
        if !is_code(code) {
            faults.push(row.fault(
                "代码",
                format!("“{code}”不能用，只能是小写英文字母、数字和连字符，如 wh"),
            ));
        }
        if name.is_empty() {
            faults.push(row.fault("名称", "没有填写科室名称"));
        }
        if units
            .iter()
            .any(|(known, called)| known == code || called == name)
        {
            faults.push(row.fault("代码", format!("“{code}”或者“{name}”与前面的科室重复")));
        } else {
            units.push((code.to_owned(), name.to_owned()));
        }
    }
    if units.is_empty() && parts.contains_key("科室") {
        faults.push(Fault {
            line: 0,
            what: "[科室]".to_owned(),
            why: "没有一个科室，请至少填写一行".to_owned(),
        });
    }
    units
}

/// A setting's name in the table: money is written in yuan there.
pub fn setting_name(key: &ConfigKey) -> String {
    key.title.replace("（分）", "（元）")
}

/// Whether a setting is an amount of money.
pub fn is_money(key: &ConfigKey) -> bool {
    key.title.ends_with("（分）")
}

/// Whether a table can say all of a setting; region and precedence stand in the settings file alone.
pub fn has_columns_for(setting: &Setting) -> bool {
    setting.region.is_none() && setting.over.is_empty()
}

/// The settings that are filled in; the others keep the pack's own value.
pub fn settings(parts: &Parts, pack: &Pack, faults: &mut Vec<Fault>) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    for row in parts.get("设置").into_iter().flatten() {
        let (name, value) = (row.get("设置项"), row.get("数值"));
        let Some(key) = pack.config.iter().find(|key| setting_name(key) == name) else {
            faults.push(row.fault(name, "没有这个设置项，请照样表抄写"));
            continue;
        };
        if value.is_empty() {
            continue;
        }
        let Some(number) = number(key, value) else {
            faults.push(row.fault(name, format!("“{value}”不是数值，请填阿拉伯数字")));
            continue;
        };
        let article = Some(row.get("依据")).filter(|a| !a.is_empty());
        let setting = Setting {
            from: day_if_any(row, "生效日", faults),
            to: day_if_any(row, "失效日", faults),
            ..Setting::new(key.id.clone(), number, article)
        };
        // With those before it, so that two that hold at once are told at the second.
        let so_far = settings.iter().chain([&setting]).cloned();
        match Config::load_dated(pack, NATIONWIDE, so_far) {
            Ok(_) => settings.push(setting),
            Err(fault) => faults.push(row.fault(name, fault.to_string())),
        }
    }
    settings
}

fn day_if_any(row: &Row, column: &str, faults: &mut Vec<Fault>) -> Option<Date> {
    if row.get(column).is_empty() {
        return None;
    }
    day(row, column, faults)
}

fn number(key: &ConfigKey, text: &str) -> Option<i64> {
    if !is_money(key) {
        return text.parse().ok();
    }
    let bare = text.ends_with(|c: char| c.is_ascii_digit());
    let with_unit = if bare {
        format!("{text}元")
    } else {
        text.to_owned()
    };
    with_unit.parse::<Fen>().ok().map(|fen| fen.0)
}
