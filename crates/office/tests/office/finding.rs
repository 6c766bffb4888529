//! Cases are found by what people wrote in them.

use casework::Command;
use office::{CaseQuery, Effort};

use super::*;

async fn found(bureau: &Bureau, who: &Person, text: &str) -> Vec<String> {
    let query = CaseQuery {
        text: Some(text.to_owned()),
        limit: 10,
        ..CaseQuery::default()
    };
    let page = bureau.office.cases(who, &query).await.unwrap();
    assert_eq!(page.indexing, None);
    page.cases.into_iter().map(|case| case.stream).collect()
}

#[tokio::test]
async fn a_case_is_found_by_any_part_of_what_was_written_in_it() {
    let Some(bureau) = bureau().await else { return };
    let case = bureau.opened().await;
    bureau.indexed().await;
    let a = bureau.who("a").await;
    for text in [
        "机械",
        "械有限",
        "某路一号",
        "检查 台账",
        "甲机械有限公司案",
    ] {
        assert_eq!(found(&bureau, &a, text).await, [case.as_str()], "{text}");
    }
    for text in ["乙机械", "检查 无台账", "officer", "A01"] {
        assert_eq!(
            found(&bureau, &a, text).await,
            Vec::<String>::new(),
            "{text}"
        );
    }
    let stranger = Person {
        unit: "wh".to_owned(),
        ..person("c", &["officer"])
    };
    assert_eq!(
        found(&bureau, &stranger, "机械").await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn what_is_written_later_is_found_once_the_index_has_followed_the_log() {
    let Some(bureau) = bureau().await else { return };
    let case = bureau.opened().await;
    bureau.indexed().await;
    let a = bureau.who("a").await;
    let fields = BTreeMap::from([("summary".to_owned(), text("台账缺失三个月"))]);
    let filing = command(
        "c2",
        "A05",
        Act::Take,
        [filing(), fields].into_iter().flatten().collect(),
        &["b"],
        1,
    );
    bureau
        .office
        .act(&a, Via::Api, &case, filing)
        .await
        .unwrap();
    assert_eq!(found(&bureau, &a, "缺失三个月").await, Vec::<String>::new());
    bureau.indexed().await;
    assert_eq!(found(&bureau, &a, "缺失三个月").await, [case.as_str()]);
}

#[tokio::test]
async fn until_the_index_is_made_the_lists_are_looked_through_and_that_is_said() {
    let Some(bureau) = bureau().await else { return };
    let case = bureau.opened().await;
    bureau
        .office
        .open_index(&bureau.folder.path().join("search"))
        .await
        .unwrap();
    let query = CaseQuery {
        text: Some("机械".to_owned()),
        limit: 10,
        ..CaseQuery::default()
    };
    let a = bureau.who("a").await;
    let page = bureau.office.cases(&a, &query).await.unwrap();
    assert_eq!((page.cases.len(), page.indexing), (1, Some(0)));
    assert_eq!(page.cases[0].stream, case);
}

/// The first page of cases in which 机械 stands and that meet the query besides: their names, and how far was looked.
async fn narrowed(bureau: &Bureau, query: CaseQuery) -> (Vec<String>, Option<Date>) {
    let query = CaseQuery {
        text: Some("机械".to_owned()),
        limit: 10,
        ..query
    };
    let a = bureau.who("a").await;
    let page = bureau.office.cases(&a, &query).await.unwrap();
    assert_eq!((page.indexing, page.next), (None, None));
    let names = page.cases.into_iter().map(|case| case.row.name);
    (names.collect(), page.cut)
}

#[tokio::test]
async fn what_other_conditions_leave_out_hides_no_case_and_a_page_that_is_not_full_says_so() {
    let Some(bureau) = bureau().await else { return };
    let (office, a) = (&bureau.office, bureau.who("a").await);
    let early = date(2026, 6, 1);
    // One old case, in which something is late by then, and six of one later day.
    for n in 0..7 {
        let day = if n == 0 { DAY } else { early };
        office.clock().advance_to(day);
        let mut fields = lead();
        fields.insert("case_name".to_owned(), text(&format!("机械{n}案")));
        fields.insert("discovered_on".to_owned(), FieldValue::Date(day));
        let opening = Command {
            occurred_on: day,
            ..command(&format!("open-{n}"), "A01", Act::Take, fields, &[], 0)
        };
        office.open_case(&a, Via::Api, opening).await.unwrap();
    }
    // Four cases are looked at for one page, and the old one is the seventh.
    let effort = Effort {
        named: 2,
        rounds: 2,
    };
    let folder = bureau.folder.path().join("search");
    office.open_index_with(&folder, effort).await.unwrap();
    bureau.indexed().await;

    let until = CaseQuery {
        opened_to: Some(DAY),
        ..CaseQuery::default()
    };
    assert_eq!(
        narrowed(&bureau, until).await,
        (vec!["机械0案".to_owned()], None)
    );
    // What is older than the first day asked for need not be looked at.
    let none = CaseQuery {
        opened_from: early.tomorrow().ok(),
        ..CaseQuery::default()
    };
    assert_eq!(narrowed(&bureau, none).await, (Vec::new(), None));
    // Only the old one is late: it is told how far was looked, and the rest is found from there on.
    let late = CaseQuery {
        late: true,
        ..CaseQuery::default()
    };
    let (found, cut) = narrowed(&bureau, late.clone()).await;
    assert_eq!((found, cut), (Vec::new(), Some(early)));
    let on = CaseQuery {
        opened_to: early.yesterday().ok(),
        ..late
    };
    assert_eq!(
        narrowed(&bureau, on).await,
        (vec!["机械0案".to_owned()], None)
    );
}
