use jiff::civil::date;
use proptest::prelude::*;

use super::*;

#[test]
fn each_year_has_the_working_days_that_the_notices_leave() {
    let calendar = Calendar::builtin();
    let expected = [
        (2017, 249),
        (2018, 250),
        (2019, 250),
        (2020, 249),
        (2021, 250),
        (2022, 249),
        (2023, 249),
        (2024, 251),
        (2025, 248),
        (2026, 248),
    ];
    for (year, count) in expected {
        let found = calendar.workdays_between(date(year - 1, 12, 31), date(year, 12, 31));
        assert_eq!(found.count, count, "{year}");
        assert_eq!(found.provisional, year == 2026, "{year}");
    }
    assert!(calendar.announced_years().eq(2017..=2026));
}

#[test]
fn days_are_working_or_off_as_announced_and_provisional_when_not() {
    let calendar = Calendar::builtin();
    let check = |day: Date, expect: (bool, bool)| {
        assert_eq!(calendar.is_workday(day), expect, "{day}");
    };
    check(date(2026, 2, 14), (true, false)); // Saturday made a working day
    check(date(2026, 2, 16), (false, false)); // Monday off
    check(date(2026, 3, 2), (true, false));
    check(date(2026, 3, 7), (false, false));
    check(date(2020, 1, 31), (false, false)); // prolonged by the second notice of 2020
    check(date(2018, 12, 29), (true, false)); // from the notice for 2019
    check(date(2018, 12, 31), (false, false));
    check(date(2022, 12, 31), (false, false));
    check(date(2026, 12, 28), (true, false));
    check(date(2026, 12, 29), (true, true)); // the notice for 2027 may still move it
    check(date(2027, 10, 1), (true, true)); // a Friday: not announced, so Monday to Friday
    check(date(2016, 5, 3), (true, true));
    assert_eq!(calendar.holiday_name(date(2026, 2, 14)), Some("春节"));
    assert_eq!(calendar.holiday_name(date(2026, 3, 2)), None);
}

#[test]
fn workdays_are_counted_after_the_first_day_and_backwards_as_negative() {
    let calendar = Calendar::builtin();
    let count = |from, to| calendar.workdays_between(from, to).count;
    assert_eq!(count(date(2026, 2, 13), date(2026, 2, 13)), 0);
    assert_eq!(count(date(2026, 2, 13), date(2026, 2, 24)), 2);
    assert_eq!(count(date(2026, 2, 24), date(2026, 2, 13)), -2);
    assert_eq!(count(date(2026, 2, 15), date(2026, 2, 23)), 0);
}

const NEXT_YEAR_JSON: &str = r#"{"$schema":"x","year":2027,"papers":["x"],"days":[
  {"name":"元旦","date":"2026-12-31","isOffDay":true},
  {"name":"元旦","date":"2027-01-01","isOffDay":true},
  {"name":"元旦","date":"2027-01-10","isOffDay":false}]}"#;

#[test]
fn an_import_settles_its_year_and_the_december_before_it() {
    let before = Calendar::builtin();
    let after = Calendar::import(NEXT_YEAR_JSON).unwrap();
    assert_eq!(before.is_workday(date(2026, 12, 31)), (true, true));
    assert_eq!(after.is_workday(date(2026, 12, 31)), (false, false));
    assert_eq!(after.is_workday(date(2027, 1, 10)), (true, false));
    assert_eq!(after.is_workday(date(2027, 12, 31)), (true, true));
    assert_eq!(after.is_workday(date(2026, 10, 1)), (false, false));
    assert_ne!(before.version(), after.version());
    assert_eq!(
        after.version(),
        Calendar::import(NEXT_YEAR_JSON).unwrap().version()
    );
}

#[test]
fn an_import_replaces_the_whole_notice_of_its_year() {
    let csv = "\u{feff}date,name,type,paper_year\r\n# 更正\r\n2026-01-01,元旦,休,2026\r\n";
    let calendar = Calendar::import(csv).unwrap();
    assert_eq!(calendar.is_workday(date(2026, 2, 16)), (true, false));
    assert_eq!(calendar.is_workday(date(2025, 10, 1)), (false, false));
    let list = format!("[{NEXT_YEAR_JSON},{{\"year\":2028,\"days\":[]}}]");
    assert!(Calendar::parse(&list).unwrap().announced_years().eq([2027]));
}

#[test]
fn a_bad_import_is_refused_with_its_place() {
    let check = |text: &str, expect: &str| {
        let error = Calendar::import(text).unwrap_err().to_string();
        assert!(error.contains(expect), "{text:?}: {error}");
    };
    let head = "date,name,type,paper_year\n";
    check("", "没有任何放假");
    check(" \n", "没有任何放假");
    check(head, "没有任何放假");
    check(r#"{"year":2027,"days":[]}"#, "没有任何放假");
    check("2027-01-01,元旦,休,2027\n", "第1行应为表头");
    check(&format!("{head}2027-01-01,元旦,休\n"), "第2行应为四项");
    check(
        &format!("{head}\n2027-02-30,春节,休,2027\n"),
        "第3行应为存在的日期",
    );
    check(
        &format!("{head}2027-1-1,元旦,休,2027\n"),
        "第2行应为存在的日期",
    );
    check(
        &format!("{head}2027-01-01,元旦,放,2027\n"),
        "“休”或“班”，实为“放”",
    );
    check(
        &format!("{head}2027-01-01,元旦,休,次年\n"),
        "通知年份，如 2026",
    );
    check(&format!("{head}2027-01-01,元旦,休,2028\n"), "上一年12月");
    check(
        &format!("{head}2027-01-01,元旦,休,2027\n2027-01-01,元旦,班,2027\n"),
        "第3行应为同一通知中只出现一次",
    );
    check("{\"year\":2027,\n\"days\":[{\"name\":\"元旦\"}]}", "第2行");
    check(
        r#"{"year":2027,"days":[{"name":"元旦","date":"2027-13-01","isOffDay":true}]}"#,
        "2027年通知的第1个日期",
    );
    check("[", "JSON");
}

proptest! {
    #[test]
    fn counts_add_up_along_the_way(a in 0i32..4000, b in 0i32..400, c in 0i32..400) {
        let calendar = Calendar::builtin();
        let start = date(2016, 6, 1).saturating_add(jiff::Span::new().days(a));
        let middle = start.saturating_add(jiff::Span::new().days(b));
        let end = middle.saturating_add(jiff::Span::new().days(c));
        let count = |x, y| calendar.workdays_between(x, y).count;
        prop_assert_eq!(count(start, middle) + count(middle, end), count(start, end));
        prop_assert_eq!(count(end, start), -count(start, end));
    }

    #[test]
    fn any_text_is_imported_or_refused_without_panic(text in "\\PC{0,80}") {
        let _ = Calendar::import(&text);
        let _ = Calendar::import(&format!("date,name,type,paper_year\n{text}"));
        let _ = Calendar::import(&format!("{{{text}"));
    }
}
