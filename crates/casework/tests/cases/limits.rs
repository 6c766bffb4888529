//! Limits that stop and go on: the days used stay used.

use casework::{
    config::Config,
    effect::{Effect, Span},
    field::FieldValue,
    state::State,
    views,
};
use jiff::civil::{Date, date};
use law::{
    calendar::Calendar,
    pack::LimitStatus,
    term::{Direction, Roll, Unit},
};

use super::gone;
use crate::support::{Bureau, With};

/// What happens to a limit, day by day, and the last day that it has then.
#[track_caller]
fn check(count: u32, unit: Unit, moves: &[(LimitStatus, Date)], due: Date) {
    let mut state = State::default();
    let start = Effect::Start {
        limit: "L".into(),
        party: None,
        on: date(2026, 3, 2),
        span: Span::Term(count, unit, Direction::Forward),
        roll: Roll::Stay,
    };
    state.apply(&start, date(2026, 3, 2));
    for (status, on) in moves {
        let effect = Effect::Limit {
            limit: "L".into(),
            party: None,
            status: *status,
            on: *on,
        };
        state.apply(&effect, *on);
    }
    let run = state.limit("L", None).unwrap();
    assert_eq!(run.due(&Calendar::builtin()).unwrap().on, due);
    assert_eq!(run.status, LimitStatus::Running);
    assert_eq!(run.ended_on, None);
}

#[test]
fn what_goes_on_has_the_days_left_that_it_had() {
    use LimitStatus::{Ended, Paused, Running};
    let on = |month, day| date(2026, month, day);
    // Ten days used by 12 March; eighty are left after 1 April, which does not count.
    check(
        90,
        Unit::Day,
        &[(Ended, on(3, 12)), (Running, on(4, 1))],
        on(6, 20),
    );
    // Stopped and going on the same day: nothing is lost.
    check(
        90,
        Unit::Day,
        &[(Ended, on(3, 12)), (Running, on(3, 12))],
        on(5, 31),
    );
    // Twice.
    let twice = [
        (Ended, on(3, 12)),
        (Running, on(4, 1)),
        (Ended, on(4, 11)),
        (Running, on(5, 1)),
    ];
    check(90, Unit::Day, &twice, on(7, 10));
    // Paused, stopped in the pause: the days of the pause are not used either.
    let paused = [(Paused, on(3, 12)), (Ended, on(3, 20)), (Running, on(4, 1))];
    check(90, Unit::Day, &paused, on(6, 21));
    // Two working days used by Wednesday 4 March, three left after Friday 13 March.
    check(
        5,
        Unit::WorkingDay,
        &[(Ended, on(3, 4)), (Running, on(3, 13))],
        on(3, 18),
    );
    // Ten days of six months used; the rest after 1 April.
    check(
        6,
        Unit::Month,
        &[(Ended, on(3, 12)), (Running, on(4, 1))],
        on(9, 22),
    );
    // All days were used before the stop: the last day stays where it was.
    check(
        5,
        Unit::Day,
        &[(Ended, on(3, 12)), (Running, on(4, 1))],
        on(3, 7),
    );
}

#[test]
fn a_case_that_comes_back_late_is_late_from_the_day_that_it_was() {
    let mut bureau = gone(Bureau::new(date(2026, 3, 2)), "A14.self");
    bureau.take("A17.suspect", None, With::default()).unwrap();
    bureau.today = date(2026, 6, 10);
    bureau.take("A17.transfer", None, With::default()).unwrap();
    bureau.today = date(2026, 9, 1);
    bureau.take("A18.refused", None, With::default()).unwrap();
    bureau
        .take("A18.closed_further", None, With::default())
        .unwrap();
    let run = bureau.state.limit("CF-60", None).unwrap();
    assert_eq!(
        (run.status, run.ended_on),
        (LimitStatus::Expired, Some(date(2026, 5, 31)))
    );
    let rows = views::rows(&bureau.state, &bureau.pack, &bureau.calendar, 0);
    let row = rows.limits.iter().find(|l| l.code == "CF-60").unwrap();
    assert_eq!(
        (row.status.as_str(), row.due_on),
        ("expired", Some(date(2026, 5, 31)))
    );
    // Lateness bars nothing.
    bureau.take("A19", None, With::default()).unwrap();
}

#[test]
fn filing_of_grave_decisions_runs_only_where_the_bureau_has_set_it() {
    let mut bureau = gone(Bureau::new(date(2026, 3, 2)), "A31.approve");
    bureau.config = Config::load(&bureau.pack, [("major_filing_days", 5, None)]).unwrap();
    bureau.take("A33", Some("p1"), With::default()).unwrap();
    let run = bureau.state.limit("N-BA", Some("p1")).unwrap();
    let due = run.due(&bureau.calendar).unwrap().on;
    assert_eq!(run.status, LimitStatus::Running);
    assert_eq!(due, bureau.workdays(5));
    bureau
        .take("A47.file", Some("p1"), With::default())
        .unwrap();
    let status = bureau.state.limit_status("N-BA", Some("p1"));
    assert_eq!(status, LimitStatus::Ended);
}

#[test]
fn the_time_of_others_makes_the_bureau_neither_late_nor_pressed() {
    let pack = crate::support::pack();
    let mut state = State::default();
    let mut press = |limit: &str, on: Date, status: LimitStatus| {
        let start = Effect::Start {
            limit: limit.into(),
            party: None,
            on,
            span: Span::Term(3, Unit::WorkingDay, Direction::Forward),
            roll: Roll::Stay,
        };
        state.apply(&start, on);
        let becomes = Effect::Limit {
            limit: limit.into(),
            party: None,
            status,
            on: date(2026, 4, 1),
        };
        state.apply(&becomes, date(2026, 4, 1));
        let pressing = views::pressing(&state, &pack, None, &Calendar::builtin());
        pressing.map(|(_, run)| run.code.clone())
    };
    // What the party may do, and the court must, in their time.
    assert_eq!(press("FY-20", date(2026, 3, 2), LimitStatus::Expired), None);
    assert_eq!(press("SS-46", date(2026, 3, 3), LimitStatus::Running), None);
    assert_eq!(press("QZ-57", date(2026, 3, 4), LimitStatus::Expired), None);
    // The bureau's own limit, though it ends last.
    let own = press("CF-48", date(2026, 3, 9), LimitStatus::Expired);
    assert_eq!(own.as_deref(), Some("CF-48"));
}

#[test]
fn what_is_said_to_have_happened_does_not_lie_ahead() {
    let mut bureau = gone(Bureau::new(date(2026, 3, 2)), "A35.deliver");
    let tomorrow = bureau.today.tomorrow().unwrap();
    let applied = |on: Date| With {
        fields: [("applied_on".to_owned(), FieldValue::Date(on))].into(),
        ..With::default()
    };
    let refused = bureau.take("A45.reconsideration", Some("p1"), applied(tomorrow));
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("不能预先记录尚未发生的事"), "{refused}");
    let today = bureau.today;
    bureau
        .take("A45.reconsideration", Some("p1"), applied(today))
        .unwrap();
}

#[test]
fn a_year_of_another_calendar_is_refused_with_the_day_that_is_meant() {
    let mut bureau = gone(Bureau::new(date(2026, 3, 2)), "A35.deliver");
    let applied = With {
        fields: [("applied_on".to_owned(), FieldValue::Date(date(115, 3, 2)))].into(),
        ..With::default()
    };
    let refused = bureau.take("A45.reconsideration", Some("p1"), applied);
    let refused = refused.unwrap_err().to_string();
    let told = "年份115不对，请按公历填写四位年份；民国115年是公历2026年，应填 2026-03-02";
    assert!(refused.contains(told), "{refused}");
}
