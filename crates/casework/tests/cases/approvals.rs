//! Approvals in a chain: each level another person.

use casework::{Act, Command, event::Phase, field::Fields};
use jiff::civil::date;

use crate::support::{Bureau, With};

/// The last request's next approval, by somebody.
fn approve(bureau: &mut Bureau, who: &str) -> Result<(), String> {
    let request = bureau.state.requests.last().unwrap().clone();
    let command = Command {
        id: format!("approval-{who}-{}", bureau.state.version),
        step: request.step,
        party: request.party,
        act: Act::Approve {
            request: request.id,
            opinion: "同意".into(),
        },
        occurred_on: bureau.today,
        late_reason: None,
        with: Vec::new(),
        card_shown: true,
        fields: Fields::new(),
        seen_version: bureau.state.version,
    };
    bureau.send(who, &command).map_err(|r| r.sentence())
}

#[test]
fn who_signed_for_the_section_head_does_not_approve_too() {
    let mut bureau = Bureau::new(date(2026, 3, 2));
    bureau.lead(&["甲机械有限公司".to_owned()]);
    // Nobody heads the section: a leader signs in the head's place.
    bureau.roster.get_mut("周正").unwrap().active = false;
    let stopped = bureau.take("A05", None, With::default()).unwrap_err();
    assert!(
        stopped.sentence().contains("不在岗"),
        "{}",
        stopped.sentence()
    );
    approve(&mut bureau, "刘国安").unwrap();
    assert_eq!(bureau.events.last().unwrap().phase, Phase::Endorsed);
    let again = approve(&mut bureau, "刘国安").unwrap_err();
    assert!(
        again.contains("已经审批过") && again.contains("第五十七条"),
        "{again}"
    );
    assert_eq!(bureau.state.requests.len(), 1);
    approve(&mut bureau, "赵建设").unwrap();
    assert_eq!(bureau.state.stage, "S2");
}
