use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::grams::signs;

fn doc(id: &str, day: i64, texts: &[&str]) -> Doc {
    Doc {
        id: id.into(),
        day,
        labels: vec![format!("unit:{}", day % 2)],
        texts: texts.iter().map(|text| (*text).to_owned()).collect(),
    }
}

fn made(docs: &[Doc]) -> (TempDir, Index) {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path(), "a.example/log", 9).unwrap();
    index.put(docs, 7).unwrap();
    (folder, index)
}

fn ids(index: &Index, text: &str) -> Vec<String> {
    let query = Query {
        text,
        count: 10,
        ..Query::default()
    };
    let found = index.find(&query).unwrap();
    found.hits.into_iter().map(|hit| hit.id).collect()
}

#[test]
fn any_part_of_a_text_finds_it_whatever_its_words_are() {
    let (_folder, index) = made(&[
        doc(
            "a",
            1,
            &[
                "青山县宏达化工厂",
                "（县）应急罚〔2026〕12号",
                "91330100MA2Xㄅ",
            ],
        ),
        doc("b", 2, &["达宏贸易行", "𠮷野家"]),
    ]);
    for (text, expect) in [
        ("宏达", &["a"][..]),
        ("达宏", &["b"]),
        ("县宏达化", &["a"]),
        ("化工 罚〔2026〕12", &["a"]),
        ("应急罚202612号", &["a"]),
        ("ＭＡ２x", &["a"]),
        ("𠮷野", &["b"]),
        ("达", &["b", "a"]),
        ("宏达 贸易", &[]),
        ("厂县", &[]),
        ("  ", &[]),
        ("，。", &[]),
    ] {
        assert_eq!(ids(&index, text), expect, "{text}");
    }
}

#[test]
fn the_end_of_one_text_and_the_beginning_of_the_next_are_not_neighbours() {
    let (_folder, index) = made(&[doc("a", 1, &["甲厂", "乙厂"])]);
    assert_eq!(ids(&index, "厂乙"), Vec::<String>::new());
    assert_eq!(ids(&index, "乙厂"), ["a"]);
}

#[test]
fn a_later_document_takes_the_place_of_an_earlier_one() {
    let (_folder, index) = made(&[doc("a", 1, &["旧名称"])]);
    index.put(&[doc("a", 1, &["新名称"])], 9).unwrap();
    assert_eq!(ids(&index, "旧名"), Vec::<String>::new());
    assert_eq!(ids(&index, "名称"), ["a"]);
    assert_eq!(index.reached(), 9);
}

#[test]
fn an_index_opened_again_goes_on_where_it_was_and_one_of_another_log_begins_anew() {
    let (folder, index) = made(&[doc("a", 1, &["宏达"])]);
    drop(index);
    let again = Index::open(folder.path(), "a.example/log", 9).unwrap();
    assert_eq!((again.reached(), ids(&again, "宏达").len()), (7, 1));
    drop(again);
    let other = Index::open(folder.path(), "b.example/log", 9).unwrap();
    assert_eq!((other.reached(), ids(&other, "宏达").len()), (0, 0));
}

#[test]
fn an_index_that_has_come_further_than_the_log_begins_anew() {
    let (folder, index) = made(&[doc("a", 1, &["宏达"])]);
    drop(index);
    let again = Index::open(folder.path(), "a.example/log", 6).unwrap();
    assert_eq!((again.reached(), ids(&again, "宏达").len()), (0, 0));
}

#[test]
fn a_damaged_index_begins_anew() {
    let (folder, index) = made(&[doc("a", 1, &["宏达"])]);
    drop(index);
    fs::write(folder.path().join("meta.json"), "{").unwrap();
    let again = Index::open(folder.path(), "a.example/log", 9).unwrap();
    assert_eq!(again.reached(), 0);
}

#[test]
fn what_is_found_comes_by_day_and_id_page_by_page() {
    let docs: Vec<Doc> = (0..9)
        .map(|n| doc(&format!("d{n}"), n / 4, &["宏达"]))
        .collect();
    // Two segments, so that order does not come from where a document lies.
    let (_folder, index) = made(&docs[3..]);
    index.put(&docs[..3], 8).unwrap();
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let query = Query {
            text: "宏达",
            count: 3,
            after: after.as_ref(),
            ..Query::default()
        };
        let found = index.find(&query).unwrap();
        let page: Vec<String> = found.hits.iter().map(|hit| hit.id.clone()).collect();
        pages.push(page.join(" "));
        after = found.hits.last().cloned();
        if !found.more {
            break;
        }
    }
    assert_eq!(pages, ["d8 d7 d6", "d5 d4 d3", "d2 d1 d0"]);
}

#[test]
fn of_each_group_of_labels_one_must_be_there() {
    let (_folder, index) = made(&[doc("a", 1, &["宏达"]), doc("b", 2, &["宏达"])]);
    let find = |within: &[Vec<String>]| {
        let query = Query {
            text: "宏达",
            within,
            count: 9,
            ..Query::default()
        };
        index.find(&query).unwrap().hits.len()
    };
    assert_eq!(find(&[vec!["unit:1".into(), "unit:0".into()]]), 2);
    assert_eq!(find(&[vec!["unit:1".into()]]), 1);
    assert_eq!(find(&[vec!["unit:1".into()], vec!["unit:0".into()]]), 0);
    assert_eq!(find(&[vec![]]), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn it_finds_what_reading_every_text_would(
        texts in prop::collection::vec("[甲乙丙1-2，a-bＡ ]{0,9}", 1..6),
        asked in "[甲乙丙1-2，a-bＡ]{1,4}",
    ) {
        let docs: Vec<Doc> = texts.iter().enumerate().map(|(n, text)| doc(&n.to_string(), n as i64, &[text])).collect();
        let (_folder, index) = made(&docs);
        let wanted: String = signs(&asked).into_iter().collect();
        let read = |doc: &&Doc| {
            let all: String = signs(&doc.texts[0]).into_iter().collect();
            !wanted.is_empty() && all.contains(&wanted)
        };
        let expect: Vec<String> = docs.iter().rev().filter(read).map(|doc| doc.id.clone()).collect();
        prop_assert_eq!(ids(&index, &asked), expect);
    }
}
