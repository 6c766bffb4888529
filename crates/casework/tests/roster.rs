//! P07: whether a bureau's people are enough, with anyone away.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use casework::{
    Config,
    person::{Card, Person},
    roster::{Gap, gaps, handling_units},
};
use jiff::civil::{Date, date};
use law::pack::{Pack, read_pack};

const TODAY: Date = date(2026, 3, 2);

fn pack() -> Pack {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../procedures/penalty-general"
    );
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "kdl") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
    read_pack(&files, "test").unwrap()
}

/// Name, unit, roles; officers hold a card, reviewers a qualification.
type Line = (&'static str, &'static str, &'static [&'static str]);

/// A bureau that can lose anyone.
const FULL: [Line; 16] = [
    ("陈立", "gm", &["officer"]),
    ("林芳", "gm", &["officer"]),
    ("许可", "gm", &["officer"]),
    ("何平", "gm", &["officer", "preliminary_reviewer"]),
    ("周正", "gm", &["officer", "section_head"]),
    ("高远", "fz", &["legal_reviewer"]),
    ("罗静", "fz", &["legal_reviewer"]),
    ("方文", "bg", &["publisher"]),
    ("方武", "bg", &["publisher"]),
    ("唐雨", "bg", &["archivist"]),
    ("唐风", "bg", &["archivist", "cashier"]),
    ("钱会", "bg", &["cashier"]),
    ("刘国安", "ld", &["leader"]),
    ("赵建设", "ld", &["leader"]),
    ("孙局", "ld", &["leader"]),
    ("王守法", "ld", &["principal"]),
];

fn people(lines: &[Line]) -> BTreeMap<String, Person> {
    let person = |(name, unit, roles): &Line| {
        let card = Card {
            number: format!("证{name}"),
            valid_from: date(2020, 1, 1),
            valid_to: date(2030, 12, 31),
            kind: String::new(),
            area: String::new(),
        };
        let person = Person {
            id: (*name).to_owned(),
            version: 1,
            login: (*name).to_owned(),
            name: (*name).to_owned(),
            body_id: "body".to_owned(),
            unit: (*unit).to_owned(),
            roles: roles.iter().map(|r| (*r).to_owned()).collect(),
            cards: if roles.contains(&"officer") {
                vec![card]
            } else {
                Vec::new()
            },
            qualified: roles.iter().any(|r| r.starts_with("legal")),
            active: true,
        };
        (person.id.clone(), person)
    };
    lines.iter().map(person).collect()
}

fn without(names: &[&str]) -> Vec<Line> {
    FULL.into_iter()
        .filter(|(name, ..)| !names.contains(name))
        .collect()
}

fn found(people: &BTreeMap<String, Person>) -> Vec<Gap> {
    let found = gaps(&pack(), people, "gm", TODAY, &Config::default());
    assert!(found.iter().all(|gap| gap.exact));
    found
}

/// Away, and whether a step of that action is then without people.
fn lacks(found: &[Gap], away: Option<&str>, step: &str) -> bool {
    found
        .iter()
        .any(|gap| gap.away.as_deref() == away && gap.steps.iter().any(|u| u.step == step))
}

#[test]
fn a_bureau_with_a_stand_in_for_everyone_has_no_gap() {
    assert_eq!(found(&people(&FULL)), Vec::new());
    assert_eq!(handling_units(&pack(), &people(&FULL)), ["gm"]);
}

#[test]
fn with_one_reviewer_the_review_stops_when_that_one_is_away() {
    let found = found(&people(&without(&["罗静"])));
    assert!(lacks(&found, Some("高远"), "A21.pass"), "{found:#?}");
    assert!(lacks(&found, Some("高远"), "A30.pass"));
    assert!(!lacks(&found, None, "A21.pass"));
    assert!(!lacks(&found, Some("刘国安"), "A21.pass"));
    let gap = found.iter().find(|g| g.away.as_deref() == Some("高远"));
    let review = gap.unwrap().steps.iter().find(|u| u.step == "A21.pass");
    assert_eq!(review.unwrap().roles, ["法制审核员"]);
    assert_eq!(review.unwrap().action, "法制审核（告知前）");
}

#[test]
fn one_officer_alone_can_do_nothing_that_needs_two() {
    let found = found(&people(&without(&["林芳", "许可", "何平", "周正"])));
    assert!(lacks(&found, None, "A05"), "{found:#?}");
    assert!(lacks(&found, None, "A24.deliver"));
    assert!(!lacks(&found, None, "A21.pass"));
}

#[test]
fn an_expired_card_or_no_qualification_counts_as_nobody() {
    let mut people = people(&without(&["许可", "何平", "周正"]));
    people.get_mut("林芳").unwrap().cards[0].valid_to = date(2026, 3, 1);
    assert!(lacks(&found(&people), None, "A05"));
    for name in ["高远", "罗静"] {
        people.get_mut(name).unwrap().qualified = false;
    }
    assert!(lacks(&found(&people), None, "A21.pass"));
}

#[test]
fn who_handles_cannot_be_counted_again_for_review_or_decision() {
    // Each step alone has its people: only over the whole case is there one too few.
    let both: Vec<Line> = vec![
        (
            "甲",
            "gm",
            &["officer", "section_head", "preliminary_reviewer"],
        ),
        ("乙", "gm", &["officer", "legal_reviewer"]),
        ("丙", "ld", &["leader"]),
    ];
    let found = found(&people(&both));
    assert!(lacks(&found, None, "A21.pass") || lacks(&found, None, "A24.deliver"));
    assert!(!lacks(&found, None, "A04"), "{found:#?}");
}

#[test]
fn a_leader_signs_for_a_missing_head_but_then_another_decides() {
    let one_leader: Vec<Line> = without(&["周正", "赵建设", "孙局", "王守法"]);
    let found = found(&people(&one_leader));
    // 审签 is handling: the only leader may sign or decide, not both.
    assert!(
        lacks(&found, None, "A20.sign") || lacks(&found, None, "A33"),
        "{found:#?}"
    );
    let two = self::found(&people(&without(&["周正", "孙局", "王守法"])));
    assert!(
        !lacks(&two, None, "A20.sign") && !lacks(&two, None, "A33"),
        "{two:#?}"
    );
    assert!(
        lacks(&two, None, "A32.conclude"),
        "a discussion needs three"
    );
    assert!(lacks(&two, Some("刘国安"), "A33") || lacks(&two, Some("刘国安"), "A20.sign"));
}
