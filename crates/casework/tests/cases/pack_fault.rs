//! What was proved of a pack rests on the values that it names; the program gives no other.

use casework::{decide::expire, proposal::Excuse, refusal::RefusalKind};
use jiff::{ToSpan, civil::date};
use law::pack::{Check, Compute, Effect, OfField, Pack, Scope, Source};

use super::gone;
use crate::support::{Bureau, With, edited, pack};

/// The shipped pack, in which a computation may no longer give that value. No such pack can be read: the reader asks
/// for every answer, and this is what stands behind it.
fn without(asked: Compute, fact: &str, value: &str) -> Pack {
    let mut pack = pack();
    let declared = pack.facts.iter().find(|f| f.id == fact).unwrap();
    let gone = declared.value(value).unwrap();
    let mut found = 0;
    let steps = pack.steps.iter_mut().map(|step| &mut step.effects);
    for effects in steps.chain(pack.lapses.iter_mut().map(|row| &mut row.effects)) {
        found += shorten(effects, asked, gone);
    }
    assert!(found > 0, "{fact} is computed nowhere");
    pack
}

fn shorten(effects: &mut [Effect], asked: Compute, gone: u8) -> usize {
    let shortened = effects.iter_mut().map(|effect| match effect {
        Effect::Set(_, Source::Compute(compute, among)) if *compute == asked => {
            among.retain(|value| *value != gone);
            1
        }
        Effect::When(_, inner) | Effect::Each(inner) => shorten(inner, asked, gone),
        _ => 0,
    });
    shortened.sum()
}

/// The shipped pack whose first step asks for a check besides, that the reader would not let it ask for.
fn with_check(name: &str, on: Option<&str>) -> Pack {
    let mut pack = pack();
    let mut check = pack.steps.iter().flat_map(|s| &s.requires);
    let mut check = check.find(|r| r.name == name).unwrap().clone();
    check.on = on.map(str::to_owned);
    let first = pack.steps.iter_mut().find(|s| s.id == "A02.assess");
    first.unwrap().requires.push(check);
    pack
}

#[track_caller]
fn assert_stops(name: &str, on: Option<&str>, why: &str) {
    let mut bureau = Bureau::with_pack(with_check(name, on), date(2026, 3, 2));
    bureau.lead(&["甲机械有限公司".to_owned()]);
    let refusal = bureau
        .take("A02.assess", None, With::default())
        .unwrap_err();
    assert!(refusal.sentence().contains(why), "{name}: {refusal}");
}

#[test]
fn a_check_that_has_nothing_to_look_at_lets_nothing_through() {
    assert_stops("ten-items", None, "没有填写十项审核内容");
    for check in Check::ALL {
        let name = check.name;
        if check.of_party {
            let why = format!("“{name}”核验的是一名当事人，这一步没有当事人");
            assert_stops(name, None, &why);
            assert_stops(name, Some("amount"), &why);
        } else if check.of_field == OfField::Needed {
            assert_stops(name, None, &format!("没有写明“{name}”核验哪个字段"));
        }
    }
}

#[test]
fn every_check_that_packs_may_ask_for_is_one_that_the_program_makes() {
    for check in Check::ALL {
        let mut pack = with_check(check.name, Some("amount"));
        let first = pack.steps.iter_mut().find(|s| s.id == "A02.assess");
        first.unwrap().scope = Scope::Party;
        let mut bureau = Bureau::with_pack(pack, date(2026, 3, 2));
        bureau.lead(&["甲机械有限公司".to_owned()]);
        let taken = bureau.take("A02.assess", Some("p1"), With::default());
        let unknown = taken.is_err_and(|r| r.sentence().contains("本程序不认识"));
        assert!(!unknown, "{}", check.name);
    }
}

#[test]
fn a_computed_value_that_the_pack_does_not_name_stops_the_step() {
    let pack = without(Compute::ReviewDue, "review_due", "widened");
    let mut bureau = gone(Bureau::with_pack(pack, date(2026, 3, 2)), "A19");
    let before = bureau.state.facts.clone();
    let refusal = bureau.take("A20.sign", None, With::default()).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::PackFault);
    assert!(
        refusal.sentence().contains("应当法制审核") && refusal.sentence().contains("review-due"),
        "{refusal}"
    );
    assert_eq!(
        (bureau.state.stage.as_str(), &bureau.state.facts),
        ("S3", &before)
    );
}

#[test]
fn a_computed_value_that_an_expiry_may_not_give_stops_the_job_and_whoever_acts() {
    let pack = without(Compute::Money, "money", "due");
    let mut bureau = gone(Bureau::with_pack(pack, date(2026, 3, 2)), "A33");
    for id in ["A35.unreachable", "A35.announce"] {
        bureau.take(id, Some("p1"), With::default()).unwrap();
    }
    bureau.today = bureau.today.checked_add(40.days()).unwrap();
    let actor = &bureau.roster["陈立"];
    let refusal = expire(&bureau.state, &bureau.context(actor)).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::PackFault);
    let refusal = bureau.take("A36", Some("p1"), With::default()).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::PackFault);
}

#[test]
fn a_field_left_as_the_form_shows_it_gives_that_value() {
    let pack = edited(&[(
        "30-review.kdl",
        "choice \"already_fined\"",
        "required=#true default=\"no\"",
        "default=\"yes\"",
    )]);
    let mut bureau = gone(Bureau::with_pack(pack, date(2026, 3, 2)), "A14.self");
    bureau.excuses.insert("p1".into(), Some(Excuse::Minor));
    let with = With {
        left_out: vec!["already_fined"],
        ..With::default()
    };
    bureau.take("A19", None, with).unwrap();
    assert_eq!(bureau.state.facts["already_fined"], "yes");
}
