//! The part [人员].

use std::collections::BTreeMap;

use casework::person::{Body, Card, Person};
use jiff::civil::Date;
use law::pack::Pack;

use super::{Fault, csv::Row, offices};

/// Reads the people; each with the one card that its line names.
pub fn read(
    parts: &BTreeMap<&'static str, Vec<Row>>,
    body: &Body,
    pack: &Pack,
    faults: &mut Vec<Fault>,
) -> Vec<(usize, Person)> {
    let mut people: Vec<(usize, Person)> = Vec::new();
    for row in parts.get("人员").into_iter().flatten() {
        let person = Person {
            id: format!("person-{}", row.get("用户名")),
            version: 0,
            login: login(row, faults),
            name: name(row, faults),
            body_id: body.id.clone(),
            unit: unit(row, body, faults),
            roles: roles(row, pack, faults),
            cards: card(row, faults).into_iter().collect(),
            qualified: yes_no(row, "法律职业资格", false, faults),
            active: yes_no(row, "在岗", true, faults),
        };
        check_against(row, &person, &people, faults);
        people.push((row.line, person));
    }
    if people.is_empty() && parts.contains_key("人员") {
        faults.push(Fault {
            line: 0,
            what: "[人员]".to_owned(),
            why: "没有一名人员，请至少填写一行".to_owned(),
        });
    }
    people
}

fn check_against(row: &Row, person: &Person, before: &[(usize, Person)], faults: &mut Vec<Fault>) {
    if let Some((line, _)) = before.iter().find(|(_, p)| p.login == person.login) {
        let why = format!("“{}”与第{line}行重复，每人的用户名须不同", person.login);
        faults.push(row.fault("用户名", why));
    }
    let Some(card) = person.cards.first() else {
        return;
    };
    let held = |p: &Person| p.cards.iter().any(|c| c.number == card.number);
    if let Some((line, other)) = before.iter().find(|(_, p)| held(p)) {
        let why = format!(
            "“{}”与第{line}行{}的证号相同，请核对证件",
            card.number, other.name
        );
        faults.push(row.fault("执法证号", why));
    }
}

fn login(row: &Row, faults: &mut Vec<Fault>) -> String {
    let login = row.get("用户名");
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    let good = (2..=32).contains(&login.len())
        && login.starts_with(|c: char| c.is_ascii_lowercase())
        && login.bytes().all(fits);
    if !good {
        let why = format!(
            "“{login}”不能用，应为 2 至 32 位小写英文字母、数字，以字母开头，如姓名拼音 zhangsan"
        );
        faults.push(row.fault("用户名", why));
    }
    login.to_owned()
}

fn name(row: &Row, faults: &mut Vec<Fault>) -> String {
    let name = row.get("姓名");
    if name.is_empty() {
        faults.push(row.fault("姓名", "没有填写姓名"));
    }
    name.to_owned()
}

fn unit(row: &Row, body: &Body, faults: &mut Vec<Fault>) -> String {
    let name = row.get("科室");
    if let Some((code, _)) = body.units.iter().find(|(_, called)| called == name) {
        return code.clone();
    }
    let known: Vec<&str> = body
        .units
        .iter()
        .map(|(_, called)| called.as_str())
        .collect();
    let why = format!("“{name}”不在[科室]中，应为：{}", known.join("、"));
    faults.push(row.fault("科室", why));
    String::new()
}

fn roles(row: &Row, pack: &Pack, faults: &mut Vec<Fault>) -> Vec<String> {
    let mut roles: Vec<String> = Vec::new();
    let titles = row.get("职务").split(['、', '；', ';', '，', '/', ' ']);
    for title in titles.map(str::trim).filter(|t| !t.is_empty()) {
        match offices(pack).find(|role| role.title == title) {
            Some(role) if roles.contains(&role.id) => {}
            Some(role) => roles.push(role.id.clone()),
            None => {
                let known: Vec<&str> = offices(pack).map(|role| role.title.as_str()).collect();
                let why = format!(
                    "没有“{title}”这一职务，应为：{}（几项的用顿号隔开）",
                    known.join("、")
                );
                faults.push(row.fault("职务", why));
            }
        }
    }
    if row.get("职务").is_empty() {
        faults.push(row.fault("职务", "没有填写职务，至少填一项"));
    }
    // In the pack's order, so that the same roles written otherwise are no change.
    offices(pack)
        .map(|role| role.id.clone())
        .filter(|id| roles.contains(id))
        .collect()
}

fn card(row: &Row, faults: &mut Vec<Fault>) -> Option<Card> {
    let number = row.get("执法证号");
    let (from, to) = (row.get("证件起始日"), row.get("证件截止日"));
    if number.is_empty() {
        if !from.is_empty() || !to.is_empty() {
            faults.push(row.fault("执法证号", "填了证件日期，没有填证号；没有证件的三项都空着"));
        }
        return None;
    }
    let valid_from = day(row, "证件起始日", faults)?;
    let valid_to = day(row, "证件截止日", faults)?;
    if valid_to < valid_from {
        faults.push(row.fault(
            "证件截止日",
            format!("{valid_to}早于起始日{valid_from}，请核对证件"),
        ));
    }
    Some(Card {
        number: number.to_owned(),
        valid_from,
        valid_to,
        kind: row.get("执法类别").to_owned(),
        area: row.get("执法区域").to_owned(),
    })
}

/// A day as people and spreadsheets write it: 2026-03-02, 2026/3/2, 2026.3.2, 2026年3月2日.
pub fn day(row: &Row, column: &str, faults: &mut Vec<Fault>) -> Option<Date> {
    let text = row.get(column);
    let numbers: Vec<&str> = text
        .trim_end_matches('日')
        .split(['-', '/', '.', '年', '月'])
        .collect();
    let read = match numbers[..] {
        [year, month, day] if year.len() == 4 => year
            .parse()
            .ok()
            .zip(month.parse().ok())
            .zip(day.parse().ok())
            .and_then(|((y, m), d)| Date::new(y, m, d).ok()),
        _ => None,
    };
    if read.is_none() {
        let why = if text.is_empty() {
            "有证号的必须填写日期，如 2026-12-31".to_owned()
        } else {
            format!("“{text}”不是日期，应为年-月-日，如 2026-12-31")
        };
        faults.push(row.fault(column, why));
    }
    read
}

fn yes_no(row: &Row, column: &str, blank: bool, faults: &mut Vec<Fault>) -> bool {
    match row.get(column) {
        "" => blank,
        "是" | "有" => true,
        "否" | "无" => false,
        other => {
            faults.push(row.fault(column, format!("“{other}”应为是或者否")));
            blank
        }
    }
}
