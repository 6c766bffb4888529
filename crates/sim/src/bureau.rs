//! The bureau that is simulated: people of every role in two units, one whose card has lapsed, one who left.

use casework::{
    Setting,
    person::{Body, Card, Person},
};
use jiff::civil::{Date, date};

/// The day on which every run begins.
pub const BEGINS: Date = date(2026, 3, 2);

/// Stream of the bureau.
pub const BODY: &str = "body-sim";

type Line = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const PEOPLE: [Line; 21] = [
    ("chen", "陈立", "wh", &["officer"]),
    ("lin", "林芳", "wh", &["officer"]),
    ("he", "何平", "wh", &["officer", "preliminary_reviewer"]),
    ("zhou", "周正", "wh", &["officer", "section_head"]),
    ("wu", "吴江", "gm", &["officer"]),
    ("xu", "徐敏", "gm", &["officer"]),
    ("sun", "孙洁", "gm", &["officer", "preliminary_reviewer"]),
    ("ma", "马强", "gm", &["officer", "section_head"]),
    ("gao", "高远", "fz", &["legal_reviewer"]),
    ("luo", "罗静", "fz", &["legal_reviewer"]),
    ("zheng", "郑和平", "fz", &["legal_head"]),
    ("fang", "方文", "bg", &["publisher"]),
    ("tang", "唐雨", "bg", &["archivist", "intake"]),
    ("qian", "钱会", "bg", &["cashier"]),
    ("liu", "刘国安", "ld", &["leader"]),
    ("zhao", "赵建设", "ld", &["leader"]),
    ("tian", "田新民", "ld", &["leader"]),
    ("guo", "郭卫东", "ld", &["leader"]),
    ("wang", "王守法", "ld", &["principal"]),
    ("dong", LAPSED, "wh", &["officer"]),
    ("shi", LEFT, "gm", &["officer", "legal_reviewer", "leader"]),
];
/// Whose enforcement card has lapsed.
const LAPSED: &str = "董期";
/// Who has left, with roles that would bring 办, 审 and 定 together.
const LEFT: &str = "石去";

/// The bureau (invented).
pub fn body() -> Body {
    Body {
        id: BODY.to_owned(),
        name: "青山县应急管理局".to_owned(),
        mark: "（青）应急".to_owned(),
        address: "青山县人民路1号".to_owned(),
        government: "青山县人民政府".to_owned(),
        court: "青山县人民法院".to_owned(),
        bank: "青山县农村商业银行营业部".to_owned(),
        bank_account: "0000000000000000".to_owned(),
        phone: "0000-1234567".to_owned(),
        postcode: "000000".to_owned(),
        units: ["wh", "gm", "fz", "bg", "ld"]
            .map(|id| (id.to_owned(), format!("{id}股")))
            .to_vec(),
        ..Body::default()
    }
}

/// The officials (invented).
pub fn people() -> Vec<Person> {
    let one = |(login, name, unit, roles): &Line| Person {
        id: format!("person-{login}"),
        version: 0,
        login: (*login).to_owned(),
        name: (*name).to_owned(),
        body_id: BODY.to_owned(),
        unit: (*unit).to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        cards: vec![Card {
            number: format!("QS-{login}"),
            valid_from: date(2020, 1, 1),
            valid_to: date(if *name == LAPSED { 2025 } else { 2035 }, 12, 31),
            kind: String::new(),
            area: String::new(),
        }],
        qualified: *unit == "fz",
        active: *name != LEFT,
    };
    PEOPLE.iter().map(one).collect()
}

/// Values that the shipped procedure wants of a bureau.
pub fn settings() -> Vec<Setting> {
    let article = Some("模拟用：青山县行政处罚听证规定第三条（虚构）");
    vec![
        Setting::new("hearing_fine_person", 1_000_000, article),
        Setting::new("hearing_fine_organization", 5_000_000, article),
    ]
}
