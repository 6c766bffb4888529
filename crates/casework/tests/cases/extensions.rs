//! Extensions of limits: approved, with reason and article, once, before the end, where the text is loaded.

use casework::{
    config::Config,
    field::{FieldValue, Fields, ReviewItem},
    views,
};
use jiff::civil::date;
use law::pack::LimitStatus;

use super::gone;
use crate::support::{Bureau, With};

fn because(reason: &str) -> With {
    With {
        fields: Fields::from([("reason".into(), FieldValue::Text(reason.into()))]),
        ..With::default()
    }
}

/// What a step was refused for.
#[track_caller]
fn refused(bureau: &mut Bureau, step: &str) -> String {
    let before = bureau.state.clone();
    let refusal = bureau.take(step, None, because("案情复杂")).unwrap_err();
    assert_eq!(
        bureau.state.limits, before.limits,
        "a refusal changes no limit"
    );
    refusal.sentence()
}

#[test]
fn a_review_is_extended_once_and_says_who_approved_it() {
    let mut bureau = gone(Bureau::new(date(2026, 3, 2)), "A21.accept");
    let due = |bureau: &Bureau| {
        let run = bureau.state.limit("FZ", None).unwrap();
        run.due(&bureau.calendar).unwrap().on
    };
    assert_eq!(due(&bureau), date(2026, 3, 9));
    bureau
        .take("A21.extend", None, because("涉及多个法律关系"))
        .unwrap();
    assert_eq!(due(&bureau), date(2026, 3, 12));
    let run = bureau.state.limit("FZ", None).unwrap().clone();
    let [extension] = run.extensions.as_slice() else {
        panic!("one extension")
    };
    assert_eq!(extension.count, 3);
    assert_eq!(extension.reason, "涉及多个法律关系");
    assert_eq!(extension.approved_by, "郑和平");
    assert_eq!(extension.on, date(2026, 3, 2));
    assert!(extension.basis.contains("118号"), "{}", extension.basis);
    let rows = views::rows(&bureau.state, &bureau.pack, &bureau.calendar, 0);
    let row = rows.limits.iter().find(|l| l.code == "FZ").unwrap();
    assert_eq!(row.title, "法制审核期限（延长3个工作日）");
    assert_eq!(row.due_on, Some(date(2026, 3, 12)));
    let why = refused(&mut bureau, "A21.extend");
    assert!(why.contains("已延长1次") && why.contains("118号"), "{why}");
    // A new round of review has its own extension.
    let item = |i| ReviewItem {
        ok: i != 4,
        remark: if i == 4 {
            "证据不足".into()
        } else {
            String::new()
        },
    };
    let mut with = With::default();
    let items = FieldValue::TenItems((0..10).map(item).collect());
    with.fields.insert("items".into(), items);
    bureau.take("A21.return", None, with).unwrap();
    for step in ["A22.answer", "A21.accept"] {
        bureau.take(step, None, With::default()).unwrap();
    }
    assert_eq!(due(&bureau), date(2026, 3, 9));
    bureau
        .take("A21.extend", None, because("补充了证据"))
        .unwrap();
    assert_eq!(due(&bureau), date(2026, 3, 12));
}

#[test]
fn a_request_binds_nothing_until_it_is_approved() {
    let mut bureau = gone(Bureau::new(date(2026, 3, 2)), "A21.accept");
    let step = bureau.pack.step("A21.extend").unwrap().clone();
    let command = casework::Command {
        id: "x".into(),
        step: step.id.clone(),
        party: None,
        act: casework::Act::Take,
        occurred_on: bureau.today,
        late_reason: None,
        with: Vec::new(),
        card_shown: false,
        fields: because("复杂").fields,
        seen_version: bureau.state.version,
    };
    bureau.send("高远", &command).unwrap();
    assert!(
        bureau
            .state
            .limit("FZ", None)
            .unwrap()
            .extensions
            .is_empty()
    );
    // Granted too late: the limit has run out meanwhile.
    bureau.today = date(2026, 3, 10);
    let approve = casework::Command {
        id: "y".into(),
        act: casework::Act::Approve {
            request: "x".into(),
            opinion: "同意".into(),
        },
        occurred_on: bureau.today,
        fields: Fields::new(),
        ..command
    };
    let refusal = bureau.send("郑和平", &approve).unwrap_err();
    assert!(refusal.sentence().contains("已经届满"), "{refusal}");
}

#[test]
fn the_ninety_days_are_extended_only_under_a_loaded_article() {
    let mut bureau = gone(Bureau::new(date(2026, 3, 2)), "A14.self");
    let why = refused(&mut bureau, "A51");
    assert!(
        why.contains("本机关没有加载") && why.contains("第六十条"),
        "{why}"
    );
    Config::load(&bureau.pack, [("case_extension_days", 30, None)]).unwrap_err();
    let article = "《某部门行政处罚程序规定》第三十六条（虚构）";
    let loaded = [("case_extension_days", 30, Some(article))];
    bureau.config = Config::load(&bureau.pack, loaded).unwrap();
    bureau.today = date(2026, 5, 20);
    bureau.take("A51", None, because("案情复杂")).unwrap();
    let run = bureau.state.limit("CF-60", None).unwrap();
    assert_eq!(run.due(&bureau.calendar).unwrap().on, date(2026, 6, 30));
    assert_eq!(run.extensions[0].basis, article);
    assert_eq!(run.extensions[0].approved_by, "刘国安");
    assert_eq!(run.status, LimitStatus::Running);
}

#[test]
fn what_has_run_out_is_not_extended_but_the_case_goes_on() {
    let mut bureau = gone(Bureau::new(date(2026, 3, 2)), "A14.self");
    let loaded = [("case_extension_days", 30, Some("《某规定》第一条（虚构）"))];
    bureau.config = Config::load(&bureau.pack, loaded).unwrap();
    bureau.today = date(2026, 6, 1);
    let why = refused(&mut bureau, "A51");
    assert!(
        why.contains("已经届满") && why.contains("第六十条"),
        "{why}"
    );
    bureau.take("A19", None, With::default()).unwrap();
}
