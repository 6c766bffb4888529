//! Where cases stand and what is late, counted within the reader's scope; views that a person has named.

use jiff::civil::date;
use store::{CaseFilter, Purpose, SavedView, Scope, Store};

use crate::on_both;
use crate::place::Place;
use crate::support::{BUREAU, NOW, Tip, body, step};

on_both!(
    cases_are_counted_by_unit_and_stage_within_the_scope,
    what_is_late_is_counted_listed_and_found,
    views_are_kept_by_name_for_one_person,
);

fn scope(body: &str) -> Scope {
    Scope::body(body, Purpose::Oversight)
}

/// Two cases of the bureau, one that has ended, and one of a body below it.
async fn filled(place: &Place) -> Store {
    let store = place.store().await;
    store.commit(body("body-shi", None)).await.unwrap();
    store.commit(body("body-zhen", Some(BUREAU))).await.unwrap();
    for case in ["case-1", "case-2"] {
        store.commit(step(&Tip::new(case), case)).await.unwrap();
    }
    let mut ended = step(&Tip::new("case-3"), "c3");
    if let Some(row) = &mut ended.rows.case {
        (row.ended, row.stage) = (true, "S11".into());
    }
    store.commit(ended).await.unwrap();
    let mut below = step(&Tip::new("case-4"), "c4");
    below.body_id = "body-zhen".into();
    store.commit(below).await.unwrap();
    store
}

async fn cases_are_counted_by_unit_and_stage_within_the_scope(place: &Place) {
    let store = filled(place).await;
    let counts = async |reader: &str| {
        let counts = store.stage_counts(&scope(reader)).await.unwrap();
        let mut counts: Vec<_> = counts
            .into_iter()
            .map(|c| (c.body_id, c.stage, c.ended, c.cases))
            .collect();
        counts.sort();
        counts
    };
    let own = [
        (BUREAU.to_owned(), "S1".to_owned(), false, 2),
        (BUREAU.to_owned(), "S11".to_owned(), true, 1),
    ];
    let below = ("body-zhen".to_owned(), "S1".to_owned(), false, 1);
    let mut all = own.to_vec();
    all.push(below.clone());
    all.sort();
    assert_eq!(counts(BUREAU).await, all);
    assert_eq!(counts("body-zhen").await, [below]);
    assert_eq!(counts("body-shi").await, []);
}

async fn what_is_late_is_counted_listed_and_found(place: &Place) {
    let store = filled(place).await;
    // Everything that waits is due on 31 May.
    for (day, expect) in [(date(2026, 5, 31), 0), (date(2026, 6, 1), 3)] {
        let late = store.late_counts(&scope(BUREAU), day).await.unwrap();
        let cases: u64 = late.iter().map(|count| count.cases).sum();
        assert_eq!(cases, expect, "an ended case is not late");
        let filter = CaseFilter {
            late: Some(day),
            ..CaseFilter::default()
        };
        let found = store.cases(&scope(BUREAU), &filter, None, 50).await;
        assert_eq!(found.unwrap().len() as u64, expect);
    }
    let day = date(2026, 6, 1);
    let listed = store.late(&scope("body-zhen"), day, 50).await.unwrap();
    assert!(listed.iter().all(|item| item.todo.stream == "case-4"));
    assert_eq!(listed.len(), 3);
    let none = store.late(&scope("body-shi"), day, 50).await.unwrap();
    assert_eq!(none.len(), 0);

    let of = async |body: Option<&str>, from, to| {
        let filter = CaseFilter {
            body: body.map(str::to_owned),
            opened: (from, to),
            ..CaseFilter::default()
        };
        let found = store.cases(&scope(BUREAU), &filter, None, 50).await;
        found.unwrap().len()
    };
    assert_eq!(of(Some("body-zhen"), None, None).await, 1);
    assert_eq!(of(Some("body-shi"), None, None).await, 0);
    let opened = Some(date(2026, 3, 2));
    assert_eq!(of(None, opened, opened).await, 4);
    assert_eq!(of(None, Some(date(2026, 3, 3)), None).await, 0);
    assert_eq!(of(None, None, Some(date(2026, 3, 1))).await, 0);
}

async fn views_are_kept_by_name_for_one_person(place: &Place) {
    let store = place.store().await;
    let view = |name: &str, query: &str| SavedView {
        name: name.into(),
        query: query.into(),
    };
    let save = async |person: &str, view: &SavedView| {
        let saved = store.save_view(person, view, NOW, 2).await;
        saved.unwrap()
    };
    assert!(save("person-li", &view("乙", "stage=S2&")).await);
    assert!(save("person-li", &view("甲", "late=1&")).await);
    assert!(!save("person-li", &view("丙", "")).await, "two are enough");
    assert!(save("person-li", &view("甲", "ended=no&")).await);
    assert!(save("person-wang", &view("甲", "")).await);
    let mut kept = store.views_of("person-li").await.unwrap();
    kept.sort_by(|a, b| a.query.cmp(&b.query));
    assert_eq!(kept, [view("甲", "ended=no&"), view("乙", "stage=S2&")]);
    store.drop_view("person-li", "甲").await.unwrap();
    let kept = store.views_of("person-li").await.unwrap();
    assert_eq!(kept, [view("乙", "stage=S2&")]);
    assert_eq!(store.views_of("person-wang").await.unwrap().len(), 1);
}
