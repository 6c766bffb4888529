//! The demo bureau: an invented county emergency-management bureau and the people who work there.

use casework::person::{Body, Card, Person};
use jiff::{
    ToSpan,
    civil::{Date, date},
};

use casework::Setting;

use crate::install::Installation;

/// Stream of the demo bureau.
pub const BODY: &str = "body-qingshan-yj";
/// Password of every demo person; it works on the same machine only.
pub const PASSWORD: &str = "demo-zhiheng";

/// The demo bureau (invented).
pub fn body() -> Body {
    let units = [
        ("wh", "危险化学品监管股"),
        ("gm", "工贸监管股"),
        ("fm", "非煤矿山监管股"),
        ("fz", "法制宣教股"),
        ("bg", "办公室"),
        ("ld", "局领导"),
    ];
    Body {
        id: BODY.to_owned(),
        parent: None,
        name: "青山县应急管理局".to_owned(),
        mark: "（青）应急".to_owned(),
        address: "青山县人民路1号".to_owned(),
        phone: "0000-1234567".to_owned(),
        postcode: "000000".to_owned(),
        government: "青山县人民政府".to_owned(),
        court: "青山县人民法院".to_owned(),
        bank: "青山县农村商业银行营业部".to_owned(),
        bank_account: "0000000000000000".to_owned(),
        units: units
            .into_iter()
            .map(|(id, name)| (id.to_owned(), name.to_owned()))
            .collect(),
    }
}

type Line = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    bool,
    bool,
);

/// Login, name, unit, roles, and whether the person holds an enforcement card and a legal qualification.
const PEOPLE: [Line; 18] = [
    ("chen", "陈立", "wh", &["officer"], true, false),
    ("lin", "林芳", "wh", &["officer"], true, false),
    (
        "he",
        "何平",
        "wh",
        &["officer", "preliminary_reviewer"],
        true,
        false,
    ),
    (
        "zhou",
        "周正",
        "wh",
        &["officer", "section_head"],
        true,
        false,
    ),
    ("wu", "吴江", "gm", &["officer"], true, false),
    ("xu", "徐敏", "gm", &["officer"], true, false),
    (
        "sun",
        "孙洁",
        "gm",
        &["officer", "preliminary_reviewer"],
        true,
        false,
    ),
    (
        "ma",
        "马强",
        "gm",
        &["officer", "section_head"],
        true,
        false,
    ),
    ("gao", "高远", "fz", &["legal_reviewer"], false, true),
    ("luo", "罗静", "fz", &["legal_reviewer"], false, true),
    ("zheng", "郑和平", "fz", &["legal_head"], false, true),
    ("fang", "方文", "bg", &["publisher"], false, false),
    ("tang", "唐雨", "bg", &["archivist", "intake"], false, false),
    ("qian", "钱会", "bg", &["cashier"], false, false),
    ("liu", "刘国安", "ld", &["leader"], false, false),
    ("zhao", "赵建设", "ld", &["leader"], false, false),
    ("wang", "王守法", "ld", &["principal"], false, false),
    ("jian", "简督", "fz", &["overseer"], false, false),
];

/// Days before its today on which the demo's oldest case begins, with room.
pub const DEMO_DAYS: i32 = 130;

/// The officials of the demo bureau (invented) as of a day; their cards are good for the demo and two years more, and
/// one more officer's expired before it began.
pub fn people(today: Date) -> Vec<Person> {
    let begun = today.saturating_sub(DEMO_DAYS.days()).year();
    let (from, to) = (date(begun - 1, 1, 1), date(today.year() + 2, 12, 31));
    let mut people: Vec<Person> = PEOPLE
        .iter()
        .enumerate()
        .map(|(i, (login, name, unit, roles, card, qualified))| {
            let cards = card.then(|| a_card(i, from, to)).into_iter().collect();
            person(login, name, unit, roles, cards, *qualified)
        })
        .collect();
    let (from, to) = (date(begun - 5, 1, 1), date(begun - 1, 12, 31));
    let expired = a_card(PEOPLE.len(), from, to);
    people.push(person(
        "dong",
        "董期",
        "wh",
        &["officer"],
        vec![expired],
        false,
    ));
    people
}

fn a_card(i: usize, valid_from: Date, valid_to: Date) -> Card {
    Card {
        number: format!("QS-YJ-{:04}", i + 1),
        valid_from,
        valid_to,
        kind: "应急管理".to_owned(),
        area: "青山县".to_owned(),
    }
}

fn person(
    login: &str,
    name: &str,
    unit: &str,
    roles: &[&str],
    cards: Vec<Card>,
    qualified: bool,
) -> Person {
    Person {
        id: format!("person-{login}"),
        version: 0,
        login: login.to_owned(),
        name: name.to_owned(),
        body_id: BODY.to_owned(),
        unit: unit.to_owned(),
        roles: roles.iter().map(|r| (*r).to_owned()).collect(),
        cards,
        qualified,
        active: true,
    }
}

/// The demo's installation: burdens carry the (invented) article that they rest on.
pub fn installation() -> Installation {
    Installation {
        format: 1,
        body_id: BODY.to_owned(),
        origin: "qingshan-demo.example/simulated/log".to_owned(),
        suite: "gm".to_owned(),
        demo: true,
        behind_proxy: false,
        region: None,
        settings: vec![
            setting(
                "hearing_fine_person",
                1_000_000,
                "演示用：青山县行政处罚听证规定第三条（虚构）",
            ),
            setting(
                "hearing_fine_organization",
                5_000_000,
                "演示用：青山县行政处罚听证规定第三条（虚构）",
            ),
        ],
    }
}

/// A configuration value with its article.
pub fn setting(key: &str, value: i64, article: &str) -> Setting {
    Setting::new(key, value, Some(article))
}
