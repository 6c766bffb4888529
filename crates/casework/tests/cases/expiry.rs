//! Many limits that run out in one go.

use casework::decide::expire;
use jiff::civil::date;
use law::pack::LimitStatus;

use crate::support::{Bureau, With, rewritten};

#[test]
fn every_limit_that_has_run_out_is_recorded_however_many_there_are() {
    let mut bureau = Bureau::new(date(2026, 3, 2));
    let names: Vec<String> = (0..40).map(|n| format!("第{n}机械有限公司")).collect();
    bureau.lead(&names);
    crate::straight(&mut bureau, "A24.deliver", &mut 0);
    for number in 1..=40 {
        let party = format!("p{number}");
        bureau
            .take("A35.unreachable", Some(&party), With::default())
            .unwrap();
    }
    crate::straight(&mut bureau, "A35.deliver", &mut 9);
    bureau.today = date(2027, 3, 2);
    let actor = bureau.roster["陈立"].clone();
    let event = expire(&bureau.state, &bureau.context(&actor))
        .unwrap()
        .unwrap();
    bureau.state.apply_event(&event);
    let late = bureau.state.limits.iter().filter(|run| {
        run.status == LimitStatus::Running && run.expired_on(bureau.today, &bureau.calendar)
    });
    assert_eq!(late.count(), 0);
    let expired = bureau.state.limits.iter();
    let expired = expired.filter(|run| run.status == LimitStatus::Expired);
    assert!(expired.count() > 64 * 2);
}

#[test]
fn limits_that_start_one_another_without_end_are_said_to() {
    // Each day of filing ends where it begins: the reader cannot see it, the program must not run for ever.
    let endless = rewritten(
        &[(
            "limit \"SS-46\" title=\"起诉期限\" party=#true count=6 unit=\"month\" roll=\"next\" on-expiry=\"effects\" mover=\"party\" basis=\"《行政诉讼法》第四十六条\" level=\"law\" {\n    do \"court_window\"",
            "limit \"SS-46\" title=\"起诉期限\" party=#true count=1 unit=\"day\" roll=\"stay\" on-expiry=\"effects\" basis=\"《行政诉讼法》第四十六条\" level=\"law\" {\n    start \"SS-46\"",
        )],
        "",
    );
    let mut bureau = super::gone(Bureau::with_pack(endless, date(2026, 3, 2)), "A35.deliver");
    bureau.today = date(2066, 3, 2);
    let actor = bureau.roster["陈立"].clone();
    let refusal = expire(&bureau.state, &bureau.context(&actor)).unwrap_err();
    assert!(
        refusal.sentence().contains("期限届满"),
        "{}",
        refusal.sentence()
    );
}
