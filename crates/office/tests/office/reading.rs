//! Whom the list of cases shows which: every role of the table, and roles together.

use casework::{
    record::{Draft, StreamKind},
    rows::{CaseRow, StreamRows},
};
use office::CaseQuery;
use store::{Append, CommandKey};

use super::*;

/// A line in the list: id, unit, whether decided, and who has a part.
const CASES: [(&str, &str, bool, &[&str]); 6] = [
    ("case-gm", "gm", false, &[]),
    ("case-gm-decided", "gm", true, &[]),
    // Of a body below, whose unit happens to have the same id.
    (LOW, "gm", false, &[]),
    ("case-wh", "wh", false, &[]),
    ("case-wh-decided", "wh", true, &[]),
    ("case-wh-mine", "wh", false, &["me"]),
];

const LOW: &str = "case-low-gm";

async fn listed(office: &Office) {
    let low = Body {
        id: "body-low".to_owned(),
        parent: Some("body-a".to_owned()),
        name: "某乡应急管理站".to_owned(),
        mark: "（某乡）应急".to_owned(),
        ..Body::default()
    };
    office.register_body(&low, None, Via::Import).await.unwrap();
    for (id, unit, decided, people) in CASES {
        let row = CaseRow {
            unit: unit.to_owned(),
            number: None,
            name: id.to_owned(),
            cause: "未建立台账".to_owned(),
            stage: "S2".to_owned(),
            stage_title: "调查取证".to_owned(),
            parties: "甲厂".to_owned(),
            opened_on: DAY,
            filed_on: Some(DAY),
            decided_on: decided.then_some(DAY),
            closed_on: None,
            ended: false,
            people: people.iter().map(|p| (*p).to_owned()).collect(),
        };
        let append = Append {
            stream: id.to_owned(),
            kind: StreamKind::Case,
            body_id: if id == LOW { "body-low" } else { "body-a" }.to_owned(),
            expected_version: 0,
            prev_entry: None,
            now_us: office.now().0,
            events: vec![Draft::plain("case.acted@1", b"{}".to_vec(), None, Via::Job)],
            rows: StreamRows {
                case: Some(row),
                ..StreamRows::default()
            },
            command: CommandKey {
                id: id.to_owned(),
                actor: String::new(),
                digest: office.store().suite().hash(&[id.as_bytes()]),
            },
        };
        office.store().commit(append).await.unwrap();
    }
}

#[tokio::test]
async fn each_role_is_shown_the_cases_of_the_table_and_pages_are_full() {
    let Some(bureau) = bureau().await else { return };
    listed(&bureau.office).await;
    shown_by_the_table(&bureau, None).await;
}

#[tokio::test]
async fn a_search_shows_each_role_the_same_cases() {
    let Some(bureau) = bureau().await else { return };
    listed(&bureau.office).await;
    // Before the index is there the lists are looked through; then it is asked.
    shown_by_the_table(&bureau, Some("台账")).await;
    bureau.indexed().await;
    shown_by_the_table(&bureau, Some("台账")).await;
}

async fn shown_by_the_table(bureau: &Bureau, text: Option<&str>) {
    let any = CaseQuery {
        text: text.map(str::to_owned),
        ..CaseQuery::default()
    };
    let shown = async |roles: &[&str], query: CaseQuery| {
        let me = person("me", roles);
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let query = CaseQuery {
                after,
                limit: 2,
                ..query.clone()
            };
            let page = bureau.office.cases(&me, &query).await.unwrap();
            found.extend(page.cases.iter().map(|c| c.stream.clone()));
            after = page.next;
            if after.is_none() {
                break;
            }
            assert_eq!(page.cases.len(), 2, "a page before the last is full");
        }
        found.sort();
        found
    };
    let all: Vec<&str> = CASES.iter().map(|c| c.0).collect();
    let unit = ["case-gm", "case-gm-decided", "case-wh-mine"];
    let decided = ["case-gm-decided", "case-wh-decided", "case-wh-mine"];
    let both = [
        "case-gm",
        "case-gm-decided",
        "case-wh-decided",
        "case-wh-mine",
    ];
    let table: [(&[&str], &[&str]); 10] = [
        (&[], &["case-wh-mine"]),
        (&["officer"], &unit),
        (&["section_head"], &unit),
        (&["publisher"], &decided),
        (&["cashier"], &decided),
        (&["officer", "publisher"], &both),
        (&["legal_reviewer"], &all),
        (&["leader"], &all),
        (&["overseer"], &all),
        (&["officer", "leader"], &all),
    ];
    for (roles, expect) in table {
        let found = shown(roles, any.clone()).await;
        assert_eq!(found, expect, "{roles:?}");
        let mine = CaseQuery {
            mine: true,
            ..any.clone()
        };
        assert_eq!(shown(roles, mine).await, ["case-wh-mine"], "{roles:?}");
    }
    let of = |unit: &str| CaseQuery {
        unit: Some(unit.to_owned()),
        ..any.clone()
    };
    // What is asked for and what is shown are both to hold.
    assert_eq!(shown(&["officer"], of("wh")).await, ["case-wh-mine"]);
    let gm = ["case-gm", "case-gm-decided"];
    assert_eq!(shown(&["officer"], of("gm")).await, gm);
    let with_low = ["case-gm", "case-gm-decided", LOW];
    assert_eq!(shown(&["leader"], of("gm")).await, with_low);
    let wh = ["case-wh-decided", "case-wh-mine"];
    assert_eq!(shown(&["cashier"], of("wh")).await, wh);
}

#[tokio::test]
async fn who_signed_for_the_section_head_is_not_offered_the_next_approval() {
    let Some(bureau) = bureau().await else { return };
    let office = &bureau.office;
    let register = async |person: &Person| office.register_person(person, None, Via::Import).await;
    register(&person("deputy", &["leader"])).await.unwrap();
    // Nobody heads the section: a leader signs in the head's place.
    let gone = Person {
        version: 1,
        active: false,
        ..person("head", &["section_head"])
    };
    register(&gone).await.unwrap();
    let case = bureau.asked_to_file().await;
    let boss = bureau.who("boss").await;
    let sign = command("c3", "A05", approve("c2"), Fields::new(), &[], 2);
    office.act(&boss, Via::Api, &case, sign).await.unwrap();
    for (who, mine, asked) in [
        ("a", false, true),
        ("b", false, true),
        ("boss", false, false),
        ("deputy", true, false),
    ] {
        let person = bureau.who(who).await;
        let file = office.case(&person, &case).await.unwrap();
        let waiting = office.requests(&person, &file).await.unwrap();
        assert_eq!(waiting.len(), 1);
        assert_eq!(
            (waiting[0].mine, waiting[0].asked_by_me),
            (mine, asked),
            "{who}"
        );
    }
}
