use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const EMPTY: &[Pause] = &[];

fn due(term: Term, start: Date, pauses: &[Pause]) -> Result<Due, TermError> {
    term.due(start, pauses, Roll::Next, &Calendar::builtin())
}

fn closed(from: Date, to: Date) -> Pause {
    Pause { from, to: Some(to) }
}

#[test]
fn a_line_gives_the_last_day_of_the_term() {
    let calendar = Calendar::builtin();
    let check = |line: &str, expect: &str| {
        let due = calendar_add_line(line, &calendar).unwrap();
        assert_eq!(due.on.to_string(), expect, "{line}");
        assert!(!due.provisional, "{line}");
    };
    check("2026-02-13\t7\tworkday", "2026-03-02"); // 14, 24–28 (28 is a make-up Saturday), 2 March
    check("2026-02-13\t1\tworkday", "2026-02-14");
    check("2026-02-13\t7\tday", "2026-02-24"); // 20 February is in the holiday
    check("2026-03-02\t5\tworkday", "2026-03-09");
    check("2026-03-02\t90\tday", "2026-06-01"); // 31 May is a Sunday
    check("2026-02-27\t1\tday", "2026-02-28"); // a Saturday on which work is made up
    check("2026-01-30\t1\tmonth", "2026-02-28");
    check("2025-12-31\t6\tmonth", "2026-06-30");
    check("2024-02-29\t1\tyear", "2025-02-28");
    check("2024-02-29\t2\tyear", "2026-02-28");
    check("2026-09-30\t1\tday", "2026-10-08");
    check("2026-03-02\t0\tday", "2026-03-02");
    check("2018-12-28\t1\tworkday", "2018-12-29");
    check("2026-03-02\t5\tworkday\r\n", "2026-03-09");
}

#[test]
fn a_line_past_the_announced_years_is_provisional() {
    let calendar = Calendar::builtin();
    let check = |line: &str, expect: (&str, bool)| {
        let due = calendar_add_line(line, &calendar).unwrap();
        assert_eq!(
            (due.on.to_string().as_str(), due.provisional),
            expect,
            "{line}"
        );
    };
    check("2026-12-25\t1\tworkday", ("2026-12-28", false));
    check("2026-12-28\t1\tworkday", ("2026-12-29", true));
    check("2026-12-25\t10\tworkday", ("2027-01-08", true));
    check("2026-12-01\t2\tmonth", ("2027-02-01", true));
}

#[test]
fn a_bad_line_is_refused_with_the_field_named() {
    let calendar = Calendar::builtin();
    let check = |line: &str, expect: &str| {
        let error = calendar_add_line(line, &calendar).unwrap_err().to_string();
        assert!(error.contains(expect), "{line:?}: {error}");
    };
    check("", "三项");
    check("2026-02-13 7 workday", "三项");
    check("2026-02-13\t7\tworkday\tx", "三项");
    check("2026-02-30\t7\tworkday", "起算日");
    check("2026/02/13\t7\tworkday", "起算日");
    check("2026-02-13\t-7\tworkday", "数量");
    check("2026-02-13\t七\tworkday", "数量");
    check("2026-02-13\t7\tweek", "“week”不认识");
    check("2026-02-13\t7\thour", "时刻");
    check("2026-02-13\t4294967295\tworkday", "超出");
    check("2026-02-13\t4294967295\tday", "超出");
    check("9999-12-31\t1\tday", "超出");
    check("2026-02-13\t4294967295\tmonth", "超出");
    check("2026-02-13\t9000\tyear", "超出");
}

#[test]
fn back_terms_give_the_last_day_for_the_act() {
    let check = |term: Term, event: Date, expect: Date| {
        assert_eq!(
            due(term, event, EMPTY).unwrap().on,
            expect,
            "{term} {event}"
        );
    };
    // 听证 on Tuesday 24 March: seven working days before it is Friday 13 March
    check(
        Term::back(7, Unit::WorkingDay),
        date(2026, 3, 24),
        date(2026, 3, 13),
    );
    check(
        Term::back(3, Unit::WorkingDay),
        date(2026, 2, 24),
        date(2026, 2, 12),
    );
    check(
        Term::back(30, Unit::Day),
        date(2026, 4, 15),
        date(2026, 3, 16),
    );
    // 30 days before 30 May is 30 April; before 31 May it is the holiday 1 May, so 30 April, never 6 May
    check(
        Term::back(30, Unit::Day),
        date(2026, 5, 31),
        date(2026, 4, 30),
    );
    check(
        Term::back(1, Unit::Month),
        date(2026, 3, 31),
        date(2026, 2, 28),
    );
    check(
        Term::back(1, Unit::Year),
        date(2028, 2, 29),
        date(2027, 2, 26),
    );
}

#[test]
fn a_calendar_term_stays_on_a_day_off_when_not_rolled() {
    let calendar = Calendar::builtin();
    let stay = |term: Term, start| term.due(start, EMPTY, Roll::Stay, &calendar).unwrap();
    let sunday = stay(Term::forward(90, Unit::Day), date(2026, 3, 2));
    assert_eq!(sunday.on, date(2026, 5, 31));
    let far = stay(Term::forward(1, Unit::Year), date(2026, 12, 1));
    assert_eq!((far.on, far.provisional), (date(2027, 12, 1), false));
}

#[test]
fn days_in_a_pause_do_not_count() {
    let check = |term: Term, start, pauses: &[Pause], expect: Result<Date, TermError>| {
        assert_eq!(
            due(term, start, pauses).map(|due| due.on),
            expect,
            "{term} {pauses:?}"
        );
    };
    let monday = date(2026, 3, 2);
    let ten = closed(date(2026, 3, 10), date(2026, 3, 19));
    check(
        Term::forward(30, Unit::Day),
        monday,
        &[],
        Ok(date(2026, 4, 1)),
    );
    check(
        Term::forward(30, Unit::Day),
        monday,
        &[ten],
        Ok(date(2026, 4, 13)),
    ); // 11 April is a Saturday
    check(
        Term::forward(7, Unit::WorkingDay),
        monday,
        &[ten],
        Ok(date(2026, 3, 23)),
    );
    check(
        Term::forward(1, Unit::Month),
        monday,
        &[ten],
        Ok(date(2026, 4, 13)),
    ); // 12 April is a Sunday
    // overlapping pauses count once; one that starts after the end changes nothing
    let inner = closed(date(2026, 3, 12), date(2026, 3, 21));
    let later = Pause {
        from: date(2026, 6, 1),
        to: None,
    };
    check(
        Term::forward(7, Unit::WorkingDay),
        monday,
        &[inner, ten, later],
        Ok(date(2026, 3, 24)),
    );
    let open = Pause {
        from: date(2026, 3, 4),
        to: None,
    };
    check(
        Term::forward(7, Unit::WorkingDay),
        monday,
        &[ten, open],
        Err(TermError::Paused { since: open.from }),
    );
    check(
        Term::forward(2, Unit::Day),
        monday,
        &[open],
        Err(TermError::Paused { since: open.from }),
    );
    check(
        Term::forward(1, Unit::Day),
        monday,
        &[open],
        Ok(date(2026, 3, 3)),
    );
    let (from, to) = (date(2026, 3, 4), date(2026, 3, 3));
    check(
        Term::forward(1, Unit::Day),
        monday,
        &[closed(from, to)],
        Err(TermError::PauseReversed { from, to }),
    );
    // a term that would end on Saturday, paused from Sunday on, has not ended
    let weekend = closed(date(2026, 3, 8), date(2026, 3, 10));
    check(
        Term::forward(5, Unit::Day),
        monday,
        &[weekend],
        Ok(date(2026, 3, 11)),
    );
    check(
        Term::back(5, Unit::WorkingDay),
        date(2026, 3, 24),
        &[ten],
        Ok(date(2026, 3, 5)),
    );
}

#[test]
fn hours_run_between_instants() {
    let day = Term::forward(24, Unit::Hour);
    assert_eq!(day.due_instant(1_000), Ok(86_400_001_000));
    assert_eq!(
        Term::back(24, Unit::Hour).due_instant(86_400_001_000),
        Ok(1_000)
    );
    assert_eq!(day.due_instant(i64::MAX), Err(TermError::OutOfRange));
    assert_eq!(
        Term::forward(u32::MAX, Unit::Hour).due_instant(0),
        Err(TermError::OutOfRange)
    );
    assert_eq!(
        Term::forward(1, Unit::Day).due_instant(0),
        Err(TermError::NeedsDate)
    );
    assert_eq!(
        due(day, date(2026, 3, 2), EMPTY),
        Err(TermError::NeedsInstant)
    );
}

#[test]
fn days_left_counts_both_ways() {
    let calendar = Calendar::builtin();
    let check = |today, on, expect: (i64, i64)| {
        let left = days_left(today, on, &calendar);
        assert_eq!((left.days, left.workdays), expect, "{today} {on}");
    };
    check(date(2026, 2, 13), date(2026, 2, 24), (11, 2));
    check(date(2026, 3, 2), date(2026, 3, 2), (0, 0));
    check(date(2026, 3, 9), date(2026, 3, 6), (-3, -1));
}

#[test]
fn units_have_the_names_of_the_command_line() {
    for unit in Unit::ALL {
        assert_eq!(unit.name().parse(), Ok(unit));
        assert_eq!(
            serde_json::to_string(&unit).unwrap(),
            format!("{:?}", unit.name())
        );
    }
    assert!("工作日".parse::<Unit>().is_err());
    assert_eq!(Term::back(7, Unit::WorkingDay).to_string(), "7个工作日前");
}

fn any_date() -> impl Strategy<Value = Date> {
    (0i32..4500).prop_map(|days| date(2016, 1, 1).saturating_add(Span::new().days(days)))
}

fn any_unit() -> impl Strategy<Value = Unit> {
    prop::sample::select(vec![Unit::WorkingDay, Unit::Day, Unit::Month, Unit::Year])
}

fn any_pauses() -> impl Strategy<Value = Vec<Pause>> {
    let one = (any_date(), 0i32..40)
        .prop_map(|(from, days)| closed(from, from.saturating_add(Span::new().days(days))));
    prop::collection::vec(one, 0..5)
}

proptest! {
    #[test]
    fn a_rolled_term_ends_on_a_working_day_outside_every_pause(
        start in any_date(), count in 1u32..60, unit in any_unit(), pauses in any_pauses(), back in any::<bool>(),
    ) {
        let term = if back { Term::back(count, unit) } else { Term::forward(count, unit) };
        let calendar = Calendar::builtin();
        let on = term.due(start, &pauses, Roll::Next, &calendar).unwrap().on;
        prop_assert!(calendar.is_workday(on).0);
        prop_assert!(pauses.iter().all(|pause| on < pause.from || pause.to.is_some_and(|to| to < on)));
        prop_assert_eq!(on < start, back);
        prop_assert_ne!(on, start);
    }

    #[test]
    fn a_longer_term_or_a_later_start_never_ends_earlier(
        start in any_date(), count in 0u32..60, unit in any_unit(), pauses in any_pauses(), shift in 0i32..30,
    ) {
        // Months of unequal length, stretched by pauses, need not keep the order of their starts.
        let pauses = if matches!(unit, Unit::Month | Unit::Year) { Vec::new() } else { pauses };
        let base = due(Term::forward(count, unit), start, &pauses).unwrap().on;
        let longer = due(Term::forward(count + 1, unit), start, &pauses).unwrap().on;
        let later = due(Term::forward(count, unit), start.saturating_add(Span::new().days(shift)), &pauses).unwrap().on;
        prop_assert!(base <= longer);
        prop_assert!(base <= later);
    }

    #[test]
    fn a_pause_inside_a_day_term_moves_its_end_by_the_days_paused(
        start in any_date(), count in 2u32..90, offset in 1i32..90, length in 1i32..40,
    ) {
        let calendar = Calendar::builtin();
        let day = |n: i32| start.saturating_add(Span::new().days(n));
        let pause = closed(day(offset), day(offset + length - 1));
        let term = Term::forward(count, Unit::Day);
        let plain = term.due(start, &[], Roll::Stay, &calendar).unwrap().on;
        let paused = term.due(start, &[pause], Roll::Stay, &calendar).unwrap().on;
        let moved = if pause.from <= plain { i64::from(length) } else { 0 };
        prop_assert_eq!(days_between(plain, paused), moved);
    }

    #[test]
    fn working_days_counted_out_are_counted_back(start in any_date(), count in 0u32..200) {
        let calendar = Calendar::builtin();
        let on = due(Term::forward(count, Unit::WorkingDay), start, EMPTY).unwrap().on;
        prop_assert_eq!(calendar.workdays_between(start, on).count, i64::from(count));
    }

    #[test]
    fn no_term_panics_at_the_ends_of_time(
        day in 1i8..=28, low in any::<bool>(), count in prop::sample::select(vec![0, 1, 40, 4_000, u32::MAX]),
        unit in any_unit(), back in any::<bool>(),
    ) {
        let start = if low { date(-9999, 1, day) } else { date(9999, 12, day) };
        let direction = if back { Direction::Back } else { Direction::Forward };
        let pause = closed(start, start);
        for pauses in [&[][..], &[pause][..]] {
            let result = Term { count, unit, direction }.due(start, pauses, Roll::Next, &Calendar::builtin());
            prop_assert!(result.is_ok() || result == Err(TermError::OutOfRange));
        }
    }

    #[test]
    fn any_line_is_answered_or_refused_without_panic(line in "[0-9\\-\\t a-z]{0,30}") {
        let _ = calendar_add_line(&line, &Calendar::builtin());
    }
}
