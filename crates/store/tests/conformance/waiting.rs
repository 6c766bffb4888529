//! What waits: told to whom it may be told, counted, and found in the cases of a person.

use store::{CaseReach, Purpose, Scope, TodoFilter};

use crate::log::write;
use crate::on_both;
use crate::place::Place;
use crate::support::{BUREAU, Tip, step};

on_both!(
    what_waits_for_anybody_of_a_role_is_told_only_to_those_shown_the_case,
    what_waits_is_counted_and_found_in_the_cases_of_a_person,
);

fn scope(body: &str) -> Scope {
    Scope::body(body, Purpose::Casework)
}

async fn what_waits_for_anybody_of_a_role_is_told_only_to_those_shown_the_case(place: &Place) {
    let store = place.store().await;
    let mut append = step(&Tip::new("case-1"), "c1");
    append.rows.todo[1].unit = None;
    store.commit(append).await.unwrap();
    let found = async |reach: CaseReach| {
        let filter = TodoFilter {
            person: None,
            roles: vec!["handler".into()],
            unit: None,
            reach: Some(reach),
        };
        let items = store.todo(&scope(BUREAU), &filter, 50).await.unwrap();
        let count = store.todo_count(&scope(BUREAU), &filter, 50).await;
        assert_eq!(count.unwrap() as usize, items.len());
        items.len()
    };
    let of_unit = |unit: &str| CaseReach {
        unit: Some((BUREAU.into(), unit.into())),
        ..CaseReach::default()
    };
    let of_person = |person: &str| CaseReach {
        person: Some(person.into()),
        ..CaseReach::default()
    };
    assert_eq!(found(of_unit("unit-weihua")).await, 1);
    assert_eq!(found(of_unit("unit-gongmao")).await, 0);
    let namesake = CaseReach {
        unit: Some(("body-other".into(), "unit-weihua".into())),
        ..CaseReach::default()
    };
    assert_eq!(found(namesake).await, 0, "another body's unit of that id");
    assert_eq!(found(of_person("person-li")).await, 1);
    assert_eq!(found(of_person("person-nobody")).await, 0);
    let decided = CaseReach {
        decided: true,
        ..CaseReach::default()
    };
    assert_eq!(found(decided).await, 0, "nothing is decided yet");
}

async fn what_waits_is_counted_and_found_in_the_cases_of_a_person(place: &Place) {
    let store = place.store().await;
    write(&store, 2, 1).await;
    let xian = scope(BUREAU);
    let handlers = TodoFilter {
        person: None,
        roles: vec!["handler".into()],
        unit: Some((BUREAU.into(), "unit-weihua".into())),
        reach: None,
    };
    let all = store.todo(&xian, &handlers, 50).await.unwrap().len();
    assert_eq!(all, 6, "three in each case");
    let some = store.todo(&xian, &handlers, 1).await.unwrap();
    let steps = [some[0].todo.row.step.clone()];
    let of_step = store.todo_of(&xian, &handlers, &steps, 50).await.unwrap();
    assert!(of_step.iter().all(|item| item.todo.row.step == steps[0]));
    assert!(!of_step.is_empty() && of_step.len() <= all);
    let none = ["A99".to_owned()];
    let none = store.todo_of(&xian, &handlers, &none, 50).await.unwrap();
    assert_eq!(none.len(), 0);
    for (most, expect) in [(50, 6), (4, 4)] {
        let counted = store.todo_count(&xian, &handlers, most).await.unwrap();
        assert_eq!(counted, expect);
    }
    let elsewhere = store.todo_count(&scope("body-shi"), &handlers, 50).await;
    assert_eq!(elsewhere.unwrap(), 0);

    let awaited = async |scope: &Scope, person: &str, most: u32| {
        let found = store.awaited(scope, person, most, 50).await.unwrap();
        found.map(|items| items.len())
    };
    assert_eq!(awaited(&xian, "person-li", 2).await, Some(6));
    assert_eq!(
        awaited(&xian, "person-li", 1).await,
        None,
        "one case too many"
    );
    assert_eq!(awaited(&xian, "person-nobody", 2).await, Some(0));
    assert_eq!(awaited(&scope("body-shi"), "person-li", 2).await, Some(0));
}
