//! What was proved of a pack rests on the values that it names; the program gives no other.

use casework::{decide::expire, proposal::Excuse, refusal::RefusalKind};
use jiff::{ToSpan, civil::date};

use super::gone;
use crate::support::{Bureau, With, edited};

#[test]
fn a_computed_value_that_the_pack_does_not_name_stops_the_step() {
    let pack = edited(&[(
        "30-review.kdl",
        "step \"A20.sign\"",
        "among=\"statutory,widened,no\"",
        "among=\"statutory,no\"",
    )]);
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
    let pack = edited(&[(
        "00-head.kdl",
        "bundle \"decision_served\"",
        "among=\"none,due\"",
        "among=\"none\"",
    )]);
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
