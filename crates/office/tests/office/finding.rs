//! Cases are found by what people wrote in them.

use office::CaseQuery;

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
