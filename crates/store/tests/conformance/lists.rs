//! Lists: what is asked for, in order, and nothing outside the reader's scope.

use casework::record::StreamKind;
use casework::rows::{PaperRow, PersonRow, StreamRows};
use jiff::civil::date;
use store::{
    CaseFilter, CaseKey, CaseReach, Purpose, SavedDraft, Scope, SessionRow, Store, TodoFilter,
};

use crate::log::write;
use crate::on_both;
use crate::place::Place;
use crate::support::{BUREAU, NOW, Tip, body, step};

on_both!(
    a_reader_sees_the_own_body_and_those_below,
    cases_are_filtered_and_paged,
    todo_is_found_by_role_unit_and_person,
    the_job_is_given_what_runs_and_people_what_is_open,
    a_reader_is_shown_the_parts_of_the_list_that_are_the_readers,
    numbers_of_papers_and_cases_are_told,
    a_sign_in_name_is_one_persons_alone,
    sessions_drafts_credentials_and_throttles_are_kept,
);

fn scope(body: &str) -> Scope {
    Scope::body(body, Purpose::Casework)
}

async fn seen(store: &Store, scope: &Scope) -> usize {
    store
        .cases(scope, &CaseFilter::default(), None, 50)
        .await
        .unwrap()
        .len()
}

async fn a_reader_sees_the_own_body_and_those_below(place: &Place) {
    let store = place.store().await;
    store.commit(body("body-shi", None)).await.unwrap();
    store.commit(body("body-zhen", Some(BUREAU))).await.unwrap();
    store
        .commit(body("body-cun", Some("body-zhen")))
        .await
        .unwrap();
    store
        .commit(step(&Tip::new("case-xian"), "c1"))
        .await
        .unwrap();
    let mut below = step(&Tip::new("case-zhen"), "c2");
    below.body_id = "body-zhen".into();
    store.commit(below).await.unwrap();
    for (reader, expect) in [
        (BUREAU, 2),
        ("body-zhen", 1),
        ("body-cun", 0),
        ("body-shi", 0),
        ("nobody", 0),
    ] {
        assert_eq!(seen(&store, &scope(reader)).await, expect, "{reader}");
    }
    let shi = scope("body-shi");
    assert_eq!(store.load(&shi, "case-xian", 0).await.unwrap(), []);
    assert_eq!(store.head(&shi, "case-xian").await.unwrap(), None);
    assert!(store.limits(&shi, "case-xian").await.unwrap().is_empty());
    assert!(store.case_todo(&shi, "case-xian").await.unwrap().is_empty());
    assert_eq!(store.roster(&scope(BUREAU)).await.unwrap().len(), 3);
    // Another body's reviewer comes in by assignment, to those cases alone.
    let assigned = shi.with_assignments_of("person-li");
    assert_eq!(seen(&store, &assigned).await, 2);
    assert_eq!(
        store.load(&assigned, "case-xian", 0).await.unwrap().len(),
        1
    );
    assert_eq!(
        seen(
            &store,
            &scope("body-shi").with_assignments_of("person-wang")
        )
        .await,
        0
    );
}

async fn cases_are_filtered_and_paged(place: &Place) {
    let store = place.store().await;
    write(&store, 7, 1).await;
    let xian = scope(BUREAU);
    let (mut after, mut pages) = (None, Vec::new());
    loop {
        let page = store
            .cases(&xian, &CaseFilter::default(), after.as_ref(), 3)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some(CaseKey {
            opened_on: last.row.opened_on,
            stream: last.stream.clone(),
        });
        pages.push(page.into_iter().map(|case| case.stream).collect::<Vec<_>>());
    }
    assert_eq!(
        pages,
        [
            vec!["case-6", "case-5", "case-4"],
            vec!["case-3", "case-2", "case-1"],
            vec!["case-0"]
        ]
    );
    let filters = [
        (
            CaseFilter {
                text: Some("案 CASE-3".into()),
                ..Default::default()
            },
            1,
        ),
        (
            CaseFilter {
                text: Some("危险物品".into()),
                ..Default::default()
            },
            7,
        ),
        (
            CaseFilter {
                text: Some("%".into()),
                ..Default::default()
            },
            0,
        ),
        (
            CaseFilter {
                stages: vec!["S1".into(), "S2".into()],
                ..Default::default()
            },
            7,
        ),
        (
            CaseFilter {
                stages: vec!["S2".into()],
                ..Default::default()
            },
            0,
        ),
        (
            CaseFilter {
                unit: Some("unit-weihua".into()),
                ended: Some(false),
                ..Default::default()
            },
            7,
        ),
        (
            CaseFilter {
                ended: Some(true),
                ..Default::default()
            },
            0,
        ),
        (
            CaseFilter {
                reach: Some(CaseReach {
                    person: Some("person-wang".into()),
                    ..Default::default()
                }),
                ..Default::default()
            },
            0,
        ),
    ];
    for (filter, expect) in filters {
        let found = store.cases(&xian, &filter, None, 50).await.unwrap();
        assert_eq!(found.len(), expect, "{filter:?}");
    }
}

async fn todo_is_found_by_role_unit_and_person(place: &Place) {
    let store = place.store().await;
    let mut append = step(&Tip::new("case-1"), "c1");
    append.rows.todo[0].person = Some("person-li".into());
    append.rows.todo[1].unit = None;
    store.commit(append).await.unwrap();
    let filter = |person: &str, role: &str, unit: &str| TodoFilter {
        person: Some(person.into()),
        roles: vec![role.into()],
        unit: Some((BUREAU.into(), unit.into())),
        reach: None,
    };
    for (who, expect) in [
        (filter("person-li", "handler", "unit-weihua"), 3),
        (filter("person-zhang", "handler", "unit-weihua"), 2),
        (filter("person-zhang", "handler", "unit-gongmao"), 1),
        (
            TodoFilter {
                unit: Some(("body-other".into(), "unit-weihua".into())),
                ..filter("person-zhang", "handler", "")
            },
            1,
        ),
        (filter("person-zhang", "leader", "unit-weihua"), 0),
        (
            TodoFilter {
                person: Some("person-li".into()),
                ..Default::default()
            },
            1,
        ),
        (TodoFilter::default(), 0),
    ] {
        let items = store.todo(&scope(BUREAU), &who, 50).await.unwrap();
        assert_eq!(items.len(), expect, "{who:?}");
        assert!(
            items
                .iter()
                .all(|item| item.todo.row.due_on == Some(date(2026, 5, 31))
                    && item.case_unit == "unit-weihua")
        );
    }
}

async fn a_sign_in_name_is_one_persons_alone(place: &Place) {
    let store = place.store().await;
    let person = |login: &str| PersonRow {
        login: login.into(),
        name: "张三".into(),
        unit: "unit-weihua".into(),
        roles: vec!["handler".into(), "reviewer".into()],
        active: true,
        card: Some(("晋A0102030405".into(), date(2028, 12, 31))),
    };
    let append = |stream: &str, login: &str| {
        let mut append = step(&Tip::new(stream), &format!("make-{stream}"));
        append.kind = StreamKind::Person;
        append.rows = StreamRows {
            person: Some(person(login)),
            ..StreamRows::default()
        };
        append
    };
    store.commit(append("person-zhang", "zhang")).await.unwrap();
    let found = store.person(&scope(BUREAU), "person-zhang").await;
    let found = found.unwrap().unwrap();
    assert_eq!(
        (found.stream.as_str(), found.row),
        ("person-zhang", person("zhang"))
    );
    let taken = store
        .commit(append("person-zhang-2", "zhang"))
        .await
        .unwrap_err();
    assert!(matches!(taken, store::CommitError::Invalid(_)), "{taken}");
    let roster = store.roster(&scope(BUREAU)).await.unwrap();
    let heads: Vec<_> = roster
        .iter()
        .map(|h| (h.stream.as_str(), h.version))
        .collect();
    assert_eq!(heads, [(BUREAU, 1), ("person-zhang", 1)]);
    assert_eq!(
        store
            .person(&scope("body-shi"), "person-zhang")
            .await
            .unwrap(),
        None
    );
}

async fn sessions_drafts_credentials_and_throttles_are_kept(place: &Place) {
    let store = place.store().await;
    store
        .set_credential("person-li", "argon2-1", "login:li", NOW)
        .await
        .unwrap();
    store
        .set_credential("person-li", "argon2-2", "login:li", NOW)
        .await
        .unwrap();
    assert_eq!(
        store.credential("person-li").await.unwrap().as_deref(),
        Some("argon2-2")
    );
    assert_eq!(store.credential("person-wang").await.unwrap(), None);

    let session = SessionRow {
        id_hash: vec![1, 2, 3],
        person_id: "person-li".into(),
        created_at: NOW,
        expires_at: NOW + 10,
        data: "{}".into(),
    };
    let begun = store.begin_session(&session, "argon2-2").await;
    assert!(begun.unwrap());
    assert_eq!(
        store.session(&[1, 2, 3], NOW).await.unwrap(),
        Some(session.clone())
    );
    assert_eq!(
        store.session(&[1, 2, 3], NOW + 10).await.unwrap(),
        None,
        "it has ended"
    );
    assert_eq!(store.end_sessions_of("person-li").await.unwrap(), 1);
    assert_eq!(store.session(&[1, 2, 3], NOW).await.unwrap(), None);

    let draft = SavedDraft {
        person_id: "person-li".into(),
        stream: "case-1".into(),
        step: "A20".into(),
        party: None,
        json: "{\"opinion\":\"同\"}".into(),
        updated_at: NOW,
    };
    store.save_draft(&draft).await.unwrap();
    let newer = SavedDraft {
        json: "{\"opinion\":\"同意\"}".into(),
        ..draft
    };
    store.save_draft(&newer).await.unwrap();
    assert_eq!(
        store.drafts_of("person-li").await.unwrap(),
        std::slice::from_ref(&newer)
    );
    assert_eq!(
        store
            .draft("person-li", "case-1", "A20", None)
            .await
            .unwrap(),
        Some(newer)
    );
    assert_eq!(
        store
            .draft("person-li", "case-1", "A20", Some("p1"))
            .await
            .unwrap(),
        None
    );
    store
        .drop_draft("person-li", "case-1", "A20", None)
        .await
        .unwrap();
    assert_eq!(store.drafts_of("person-li").await.unwrap(), []);

    for n in 1..=3 {
        let counted = store.throttle_hit("login:li", NOW + n, 100).await.unwrap();
        assert_eq!((counted.failures as i64, counted.until_at), (n, NOW + 101));
    }
    assert_eq!(
        store.throttle("login:li", NOW + 101).await.unwrap(),
        None,
        "the window has ended"
    );
    assert_eq!(
        store
            .throttle_hit("login:li", NOW + 200, 100)
            .await
            .unwrap()
            .failures,
        1
    );
    store.throttle_clear("login:li").await.unwrap();
    assert_eq!(store.throttle("login:li", NOW + 201).await.unwrap(), None);
}

async fn the_job_is_given_what_runs_and_people_what_is_open(place: &Place) {
    let store = place.store().await;
    // Case 0 has nothing but what expired long ago, case 4 has ended, the others run out.
    for n in 0..5 {
        let mut append = step(&Tip::new(format!("case-{n}")), &format!("c{n}"));
        for limit in &mut append.rows.limits {
            limit.due_on = Some(date(2026, 4, n + 1));
            if n == 0 {
                limit.status = "expired".into();
            }
        }
        append.rows.case.as_mut().unwrap().ended = n == 4;
        store.commit(append).await.unwrap();
    }
    let job = async |after: &str, count: u32| {
        store
            .cases_running_out(&Scope::system(), date(2026, 4, 30), after, count)
            .await
            .unwrap()
    };
    assert_eq!(job("", 2).await, ["case-1", "case-2"]);
    assert_eq!(job("case-2", 2).await, ["case-3", "case-4"]);
    assert_eq!(job("case-4", 2).await, [""; 0]);
    let early = store
        .cases_running_out(&Scope::system(), date(2026, 4, 2), "", 9)
        .await;
    assert_eq!(early.unwrap(), ["case-1"]);
}

async fn a_reader_is_shown_the_parts_of_the_list_that_are_the_readers(place: &Place) {
    let store = place.store().await;
    store.commit(body("body-other", None)).await.unwrap();
    // Unit, whether decided, whether the reader has a part, and of another body.
    let cases = [
        ("unit-a", false, false, false),
        ("unit-a", true, true, false),
        ("unit-b", false, false, false),
        ("unit-b", true, false, false),
        ("unit-b", true, true, false),
        ("unit-b", false, true, false),
        ("unit-a", true, false, true),
        ("unit-b", false, true, true),
    ];
    for (n, (unit, decided, mine, other)) in cases.into_iter().enumerate() {
        let mut append = step(&Tip::new(format!("case-{n}")), &format!("c{n}"));
        if other {
            append.body_id = "body-other".into();
        }
        let case = append.rows.case.as_mut().unwrap();
        case.unit = unit.into();
        case.decided_on = decided.then(|| date(2026, 4, 1));
        case.people = vec![if mine { "me" } else { "person-zhang" }.into()];
        store.commit(append).await.unwrap();
    }
    let reader = scope(BUREAU).with_assignments_of("me");
    let reach = |unit: Option<&str>, decided: bool| CaseReach {
        unit: unit.map(|unit| (BUREAU.to_owned(), unit.to_owned())),
        decided,
        person: Some("me".into()),
    };
    for (reach, expect) in [
        (None, &[7, 5, 4, 3, 2, 1, 0][..]),
        (Some(reach(None, false)), &[7, 5, 4, 1]),
        (Some(reach(Some("unit-a"), false)), &[7, 5, 4, 1, 0]),
        (Some(reach(None, true)), &[7, 5, 4, 3, 1]),
        (Some(reach(Some("unit-a"), true)), &[7, 5, 4, 3, 1, 0]),
        (Some(reach(Some("unit-b"), true)), &[7, 5, 4, 3, 2, 1]),
        (Some(CaseReach::default()), &[7]),
        (
            Some(CaseReach {
                unit: Some(("body-other".into(), "unit-a".into())),
                ..reach(None, false)
            }),
            &[7, 5, 4, 1],
        ),
    ] {
        let expect: Vec<String> = expect.iter().map(|n| format!("case-{n}")).collect();
        let filter = CaseFilter {
            reach,
            ..CaseFilter::default()
        };
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = store
                .cases(&reader, &filter, after.as_ref(), 2)
                .await
                .unwrap();
            found.extend(page.iter().map(|case| case.stream.clone()));
            match page.last() {
                Some(last) if page.len() == 2 => {
                    after = Some(CaseKey {
                        opened_on: last.row.opened_on,
                        stream: last.stream.clone(),
                    });
                }
                _ => break,
            }
        }
        assert_eq!(found, expect, "{filter:?}");
    }
}

async fn numbers_of_papers_and_cases_are_told(place: &Place) {
    let store = place.store().await;
    let mut append = step(&Tip::new("case-1"), "c1");
    append.rows.papers = vec![PaperRow {
        paper_id: "P1".into(),
        template: "decision".into(),
        title: "行政处罚决定书".into(),
        number: Some("（县）应急罚〔2026〕7号".into()),
        party: None,
        issued_on: date(2026, 4, 1),
        digest: "00".repeat(32),
        size_bytes: 1,
        event_version: 1,
        media_type: "application/pdf".into(),
    }];
    store.commit(append).await.unwrap();
    let numbers = store.numbers(&scope(BUREAU)).await.unwrap();
    let expect = ["（县）应急罚〔2026〕7号", "（县）应急罚〔2026〕case-1号"];
    assert_eq!(numbers.iter().collect::<Vec<_>>(), expect);
}
