//! A case that comes over to a newer version of its procedure: done steps stand, later ones follow the new.

use casework::{Act, Command, State, event::Phase, field::Fields, switch::is_due, views};
use jiff::civil::date;
use law::pack::{LimitStatus, Pack, switch_plan};

use super::gone;
use crate::support::{Bureau, With, rewritten};

/// What the older version called otherwise.
const OLD_NAMES: [(&str, &str); 8] = [
    ("version=\"2026.1\"", "version=\"2025.1\""),
    ("\"S4\"", "\"S4-old\""),
    ("\"FZ\"", "\"FZ-old\""),
    ("\"gains\"", "\"profit\""),
    ("\"in_review\"", "\"reviewing\""),
    ("in_review,coordination", "reviewing,coordination"),
    ("\"A21.extend\"", "\"A21.longer\""),
    // The first value, which nobody records, was another one.
    (
        "fact \"confirmed\" title=\"电子送达确认书\" party=#true { value \"no\" \"未签\"; value \"yes\" \"已签\" }",
        "fact \"confirmed\" title=\"电子送达确认书\" party=#true { value \"yes\" \"已签\"; value \"no\" \"未签\" }",
    ),
];

fn old() -> Pack {
    rewritten(&OLD_NAMES, "")
}

fn new() -> Pack {
    let head = [(
        "version=\"2026.1\" from=\"2021-07-15\"",
        "version=\"2026.1\" from=\"2026-03-10\"",
    )];
    let switch = "switch from=\"2025.1\" basis=\"某程序规定第九条（虚构）\" level=\"rule\" {
        stage \"S4-old\" \"S4\"
        limit \"FZ-old\" \"FZ\"
        fact \"profit\" \"gains\"
        value \"review\" \"reviewing\" \"in_review\"
    }\n";
    rewritten(&head, switch)
}

#[test]
fn a_case_under_review_comes_over_and_goes_on_to_its_end() {
    let (old, new) = (old(), new());
    let plan = switch_plan(&old, &new).unwrap().unwrap();
    assert!(!is_due(&old, &new, date(2026, 3, 9)));
    assert!(is_due(&old, &new, date(2026, 3, 10)));
    assert!(!is_due(&new, &new, date(2026, 3, 10)));

    let mut bureau = gone(Bureau::with_pack(old, date(2026, 3, 5)), "A21.accept");
    assert_eq!(bureau.state.stage, "S4-old");
    bureau.today = date(2026, 3, 10);
    let before = bureau.state.clone();
    bureau.switch(new, &plan);
    let state = &bureau.state;
    assert_eq!(state.stage, "S4");
    assert_eq!(state.facts["review"], "in_review");
    assert_eq!(state.facts["gains"], "none");
    assert!(!state.facts.contains_key("profit"));
    // What was never recorded is written down where the new version begins with another value.
    let track = |state: &State| state.party("p1").unwrap().facts.get("confirmed").cloned();
    assert_eq!(
        (track(&before), track(state)),
        (None, Some("yes".to_owned()))
    );
    let run = state.limit("FZ", None).unwrap();
    let earlier = before.limit("FZ-old", None).unwrap();
    assert_eq!((run.status, run.on), (LimitStatus::Running, earlier.on));
    assert_eq!(state.limit("CF-60", None), before.limit("CF-60", None));
    assert_eq!(state.roles["handler"], before.roles["handler"]);
    let event = bureau.events.last().unwrap();
    assert_eq!(
        (event.phase, event.step.as_str()),
        (Phase::Switched, "switch")
    );
    assert!(event.title.contains("2026.1"), "{}", event.title);
    assert_eq!(event.basis, "某程序规定第九条（虚构）");
    let rows = views::rows(&bureau.state, &bureau.pack, &bureau.calendar, 0);
    assert!(rows.todo.iter().any(|row| row.step == "A21.pass"));
    let mut from = 6;
    crate::straight(&mut bureau, "A49", &mut from);
    assert_eq!(bureau.state.stage, "S10");
}

#[test]
fn a_request_that_the_new_version_asks_otherwise_is_asked_anew() {
    let (old, new) = (old(), new());
    let plan = switch_plan(&old, &new).unwrap().unwrap();
    let mut bureau = gone(Bureau::with_pack(old, date(2026, 3, 9)), "A21.accept");
    let asked = |step: &str, id: &str, bureau: &Bureau| Command {
        id: id.into(),
        step: step.into(),
        party: None,
        act: Act::Take,
        occurred_on: bureau.today,
        late_reason: None,
        with: Vec::new(),
        card_shown: false,
        fields: Fields::from([(
            "reason".into(),
            casework::field::FieldValue::Text("案情复杂".into()),
        )]),
        seen_version: bureau.state.version,
    };
    let longer = asked("A21.longer", "one", &bureau);
    bureau.send("高远", &longer).unwrap();
    let suspect = asked("A16", "two", &bureau);
    let mut end = suspect;
    end.fields.insert(
        "ground".into(),
        casework::field::FieldValue::Text("wrong_filing".into()),
    );
    bureau.send("陈立", &end).unwrap();
    bureau.today = date(2026, 3, 10);
    bureau.switch(new, &plan);
    let waiting: Vec<&str> = bureau
        .state
        .requests
        .iter()
        .map(|r| r.id.as_str())
        .collect();
    assert_eq!(
        waiting,
        ["two"],
        "the same step waits on, the renamed one is asked anew"
    );
    bureau.take("A21.extend", None, With::default()).unwrap();
}
