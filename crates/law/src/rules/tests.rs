//! Which version applies, and where nothing says so.

use super::*;
use crate::pack::Level;

fn place(line: usize) -> Place {
    Place {
        file: "rules".to_owned(),
        line,
    }
}

fn over(other: &str, region: &str, by: Precedence) -> Over {
    Over {
        other: other.to_owned(),
        region: region.to_owned(),
        by,
        basis: Basis {
            text: "《立法法》第一百零三条".to_owned(),
            level: Level::Law,
        },
    }
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

/// Name, first day, last day, region, declarations.
type Rule<'a> = (&'a str, &'a str, &'a str, &'a str, Vec<Over>);

/// What applies on a day at a place, by name; `!` where nothing settles it.
fn applying(rules: &[Rule<'_>], on: &str, region: &str) -> String {
    with(rules, |versions| match pick(versions, day(on), region) {
        Ok(Some(at)) => versions[at].name.to_owned(),
        Ok(None) => String::new(),
        Err(_) => "!".to_owned(),
    })
}

fn with<T>(rules: &[Rule<'_>], see: impl FnOnce(&[Version<'_>]) -> T) -> T {
    let places: Vec<Place> = (1..=rules.len()).map(place).collect();
    let versions: Vec<Version<'_>> = rules
        .iter()
        .zip(&places)
        .map(|((name, from, to, region, over), place)| Version {
            name,
            from: day(from),
            to: (!to.is_empty()).then(|| day(to)),
            region,
            over,
            place,
        })
        .collect();
    see(&versions)
}

#[test]
fn a_region_covers_what_lies_in_it() {
    for (region, at, yes) in [
        ("全国", "130827", true),
        ("130000", "130827", true),
        ("130800", "130827", true),
        ("130827", "130827", true),
        ("130827", "130800", false),
        ("130800", "130900", false),
        ("140000", "130827", false),
        ("130000", "全国", false),
        ("全国", "全国", true),
    ] {
        assert_eq!(covers(region, at), yes, "{region} {at}");
    }
}

#[test]
fn before_and_after_a_date_the_right_version_applies() {
    let rules = [
        ("旧", "2020-01-01", "2025-06-30", "全国", vec![]),
        ("新", "2025-07-01", "", "全国", vec![]),
    ];
    for (on, what) in [
        ("2019-12-31", ""),
        ("2020-01-01", "旧"),
        ("2025-06-30", "旧"),
        ("2025-07-01", "新"),
    ] {
        assert_eq!(applying(&rules, on, "130827"), what, "{on}");
    }
    assert_eq!(with(&rules, conflicts), []);
}

#[test]
fn overlapping_dates_without_precedence_are_refused_with_both_places() {
    let rules = [
        ("旧", "2020-01-01", "", "全国", vec![]),
        ("新", "2025-07-01", "2026-12-31", "130000", vec![]),
    ];
    let message = with(&rules, |versions| {
        let found = conflicts(versions);
        assert_eq!(found.len(), 1);
        found[0].message("听证标准", versions)
    });
    for words in [
        "听证标准的 旧（全国，rules 第1行）",
        "新（130000，rules 第2行）",
        "2025-07-01",
        "《立法法》",
    ] {
        assert!(message.contains(words), "{message}");
    }
    // Outside the province and outside the dates nothing is in doubt.
    assert_eq!(applying(&rules, "2025-07-01", "110105"), "旧");
    assert_eq!(applying(&rules, "2027-01-01", "130827"), "旧");
    assert_eq!(applying(&rules, "2026-12-31", "130827"), "!");
}

#[test]
fn a_declared_precedence_settles_it_also_through_a_third() {
    let newer = |other: &str| vec![over(other, "全国", Precedence::Newer)];
    let mut rules = [
        ("一", "2020-01-01", "", "全国", vec![]),
        ("二", "2022-01-01", "", "全国", newer("一")),
        ("三", "2024-01-01", "", "全国", newer("二")),
    ];
    assert_eq!(with(&rules, conflicts), []);
    for (on, what) in [
        ("2021-01-01", "一"),
        ("2023-01-01", "二"),
        ("2025-01-01", "三"),
    ] {
        assert_eq!(applying(&rules, on, "130827"), what);
    }
    // Once the one in between is gone, nothing leads from the third to the first.
    rules[1].2 = "2023-12-31";
    assert_eq!(applying(&rules, "2024-01-01", "130827"), "!");
    assert_eq!(with(&rules, conflicts).len(), 1);
}

#[test]
fn each_before_the_other_settles_nothing() {
    let special = |other: &str| vec![over(other, "全国", Precedence::Special)];
    let two = [
        ("甲", "2020-01-01", "", "全国", special("乙")),
        ("乙", "2020-01-01", "", "全国", special("甲")),
    ];
    assert_eq!(applying(&two, "2021-01-01", "130827"), "!");
    let circle = [
        ("甲", "2020-01-01", "", "全国", special("乙")),
        ("乙", "2020-01-01", "", "全国", special("丙")),
        ("丙", "2020-01-01", "", "全国", special("甲")),
    ];
    assert_eq!(applying(&circle, "2021-01-01", "130827"), "!");
    assert!(!with(&circle, conflicts).is_empty());
}

#[test]
fn a_ground_that_cannot_be_is_named() {
    let rules = |by, region, from| {
        [
            ("甲", "2020-01-01", "", "130000", vec![]),
            ("乙", from, "", region, vec![over("甲", "130000", by)]),
        ]
    };
    for (by, region, from, words) in [
        (Precedence::Newer, "130000", "2020-01-01", "并不更晚"),
        (Precedence::Special, "全国", "2021-01-01", "地域更广"),
        (Precedence::Superior, "130800", "2021-01-01", "地域更窄"),
    ] {
        let faults = with(&rules(by, region, from), false_grounds);
        assert!(faults[0].1.contains(words), "{faults:?}");
    }
    for (by, region, from) in [
        (Precedence::Newer, "130000", "2020-01-02"),
        (Precedence::Special, "130800", "2019-01-01"),
        (Precedence::Superior, "全国", "2019-01-01"),
    ] {
        assert_eq!(with(&rules(by, region, from), false_grounds), []);
    }
}
