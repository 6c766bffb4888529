//! The table as it is printed: empty, to be filled in, or with what an installation holds.

use casework::{
    Setting,
    person::{Body, Person},
};
use jiff::civil::Date;
use law::{
    money::Fen,
    pack::{ConfigKey, Pack},
};

use super::{
    bureau::{ITEMS, has_columns_for, is_money, setting_name},
    csv::{columns, quoted},
    offices,
};
use crate::install::Installation;

/// What makes spreadsheets read the file as UTF-8.
const MARK: char = '\u{feff}';

/// An empty table with what to write where.
pub fn template(pack: &Pack) -> String {
    let units = vec![
        ("ld".to_owned(), "局领导".to_owned()),
        ("fz".to_owned(), "法制股".to_owned()),
        ("wh".to_owned(), "危险化学品监管股".to_owned()),
    ];
    let body = Body {
        units,
        ..Body::default()
    };
    let mut text = whole(pack, &body, "", "国密", &[]);
    text.push_str("# zhangsan,张三,危险化学品监管股,执法人员、初审员,（举例）0001,2025-01-01,2029-12-31,否,是,应急管理,某县\n");
    text
}

/// The table of an installation, to be amended and given to `zhiheng people update`.
pub fn export(pack: &Pack, installation: &Installation, body: &Body, people: &[&Person]) -> String {
    let suite = if installation.suite == "gm" {
        "国密"
    } else {
        "国际"
    };
    let mut text = whole(
        pack,
        body,
        &installation.origin,
        suite,
        &installation.settings,
    );
    for person in people {
        let titles: Vec<&str> = offices(pack)
            .filter(|role| person.roles.contains(&role.id))
            .map(|role| role.title.as_str())
            .collect();
        let card = person.cards.iter().max_by_key(|card| card.valid_to);
        let yes_no = |yes: bool| if yes { "是" } else { "否" }.to_owned();
        let cells = [
            person.login.clone(),
            person.name.clone(),
            body.unit_name(&person.unit).to_owned(),
            titles.join("、"),
            card.map(|c| c.number.clone()).unwrap_or_default(),
            card.map(|c| c.valid_from.to_string()).unwrap_or_default(),
            card.map(|c| c.valid_to.to_string()).unwrap_or_default(),
            yes_no(person.qualified),
            yes_no(person.active),
            card.map(|c| c.kind.clone()).unwrap_or_default(),
            card.map(|c| c.area.clone()).unwrap_or_default(),
        ];
        row(&mut text, &cells);
    }
    text
}

fn row<S: AsRef<str>>(text: &mut String, cells: &[S]) {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell.as_ref())).collect();
    text.push_str(&cells.join(","));
    text.push('\n');
}

/// Everything down to the column names of [人员].
fn whole(pack: &Pack, body: &Body, log: &str, suite: &str, settings: &[Setting]) -> String {
    let mut text = String::from(MARK);
    text.push_str("# 用表格软件打开填写，以“CSV UTF-8”格式保存。以 # 开头的行不读。\n");
    text.push_str("[机关]\n");
    row(&mut text, columns("机关"));
    for (item, required, hint) in ITEMS {
        let value = match item {
            "机关标识" => body.id.trim_start_matches("body-"),
            "机关名称" => &body.name,
            "机关代字" => &body.mark,
            "地址" => &body.address,
            "电话" => &body.phone,
            "邮政编码" => &body.postcode,
            "复议机关" => &body.government,
            "诉讼法院" => &body.court,
            "收款银行" => &body.bank,
            "收款账号" => &body.bank_account,
            "日志名称" => log,
            _ => suite,
        };
        // The apostrophe keeps a spreadsheet from counting with the account.
        let value = match item {
            "收款账号" if !value.is_empty() => format!("'{value}"),
            _ => value.to_owned(),
        };
        let hint = if required {
            hint.to_owned()
        } else {
            "可不填".to_owned()
        };
        row(&mut text, &[item.to_owned(), value, hint]);
    }
    text.push_str("[科室]\n");
    row(&mut text, columns("科室"));
    for (code, name) in &body.units {
        row(&mut text, &[code, name]);
    }
    text.push_str("[设置]\n# 不填的按程序方案的默认值；会加重当事人负担的必须写明所依据的条款。数值有变动的另写一行，各写生效日、失效日（如 2026-02-01），不填即一直有效。\n");
    row(&mut text, columns("设置"));
    for key in &pack.config {
        let of_key = |s: &&Setting| s.key == key.id && has_columns_for(s);
        let mut loaded = settings.iter().filter(of_key).peekable();
        if loaded.peek().is_none() {
            row(&mut text, &[setting_name(key).as_str(), "", "", "", ""]);
        }
        for setting in loaded {
            row(&mut text, &setting_cells(key, setting));
        }
    }
    let titles: Vec<&str> = offices(pack).map(|role| role.title.as_str()).collect();
    text.push_str("[人员]\n");
    text.push_str(&format!(
        "# 职务可填：{}；几项的用顿号隔开。没有证件的，证件三项空着。离岗的写“否”，不要删行。有证件的人员列入公示网站的执法人员名单，执法类别、执法区域照证件填写。\n",
        titles.join("、")
    ));
    row(&mut text, columns("人员"));
    text
}

fn setting_cells(key: &ConfigKey, setting: &Setting) -> [String; 5] {
    let value = if is_money(key) {
        Fen(setting.value).to_string().replace(',', "")
    } else {
        setting.value.to_string()
    };
    let day = |day: Option<Date>| day.map(|d| d.to_string()).unwrap_or_default();
    [
        setting_name(key),
        value,
        setting.article.clone().unwrap_or_default(),
        day(setting.from),
        day(setting.to),
    ]
}
