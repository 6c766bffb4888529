//! Configuration values: dates, region, article, precedence.

use casework::config::{Before, Config, ConfigFault, Setting};
use jiff::civil::{Date, date};
use law::rules::Precedence;

use super::gone;
use crate::support::{Bureau, pack};

const KEY: &str = "hearing_fine_person";

fn setting(value: i64, article: &str, from: &str, to: &str, region: &str) -> Setting {
    let day = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
    Setting {
        from: day(from),
        to: day(to),
        region: (!region.is_empty()).then(|| region.to_owned()),
        ..Setting::new(KEY, value, Some(article))
    }
}

fn before(article: &str, by: Precedence) -> Vec<Before> {
    vec![Before {
        article: article.into(),
        region: None,
        by,
        basis: "《立法法》第一百零三条".into(),
    }]
}

fn load(settings: &[Setting]) -> Result<Config, ConfigFault> {
    Config::load_dated(&pack(), "130827", settings.to_vec())
}

fn value(settings: &[Setting], on: Date) -> Option<i64> {
    load(settings).unwrap().get(&pack(), KEY, on)
}

#[test]
fn before_and_after_its_day_the_right_value_holds() {
    let settings = [
        setting(100, "旧规定第三条", "2022-01-01", "2026-01-31", ""),
        setting(200, "新规定第五条", "2026-02-01", "", ""),
    ];
    assert_eq!(value(&settings, date(2021, 12, 31)), None);
    assert_eq!(value(&settings, date(2026, 1, 31)), Some(100));
    assert_eq!(value(&settings, date(2026, 2, 1)), Some(200));
    let config = load(&settings).unwrap();
    assert_eq!(config.article(KEY, date(2026, 2, 1)), Some("新规定第五条"));
}

#[test]
fn overlapping_values_are_refused_with_both_places_unless_one_goes_first() {
    let mut settings = [
        setting(100, "省规定第三条", "", "", ""),
        setting(200, "县规定第五条", "2026-02-01", "", "130827"),
    ];
    let fault = load(&settings).unwrap_err().to_string();
    for words in [
        "听证标准",
        "省规定第三条",
        "第1行",
        "县规定第五条",
        "第2行",
        "2026-02-01",
    ] {
        assert!(fault.contains(words), "{fault}");
    }
    settings[1].over = before("省规定第三条", Precedence::Special);
    assert_eq!(value(&settings, date(2026, 1, 31)), Some(100));
    assert_eq!(value(&settings, date(2026, 2, 1)), Some(200));
    settings[1].over.clear();
    settings[0].over = vec![Before {
        region: Some("130827".into()),
        ..before("县规定第五条", Precedence::Superior).remove(0)
    }];
    assert_eq!(value(&settings, date(2026, 2, 1)), Some(100));
    // Another county's rule is none here, and the same value twice is one.
    settings[1].region = Some("110105".into());
    assert_eq!(value(&settings, date(2026, 2, 1)), Some(100));
    let twice = [settings[0].clone(), settings[0].clone()];
    assert_eq!(value(&twice, date(2026, 2, 1)), Some(100));
}

#[test]
fn a_value_that_cannot_hold_is_refused() {
    let refused = |settings: &[Setting], words: &str| {
        let fault = load(settings).unwrap_err().to_string();
        assert!(fault.contains(words), "{words}: {fault}");
    };
    refused(
        &[setting(1, "某条", "2026-02-01", "2026-01-31", "")],
        "失效日早于生效日",
    );
    refused(&[setting(1, "某条", "", "", "承德")], "6 位区划代码");
    refused(&[setting(1, " ", "", "", "")], "第十六条");
    refused(&[setting(0, "某条", "", "", "")], "超出允许范围");
    refused(&[Setting::new("none", 1, None)], "没有配置项");
    let local = [setting(1, "某条", "", "", "130827")];
    let fault = Config::load_dated(&pack(), "全国", local).unwrap_err();
    assert!(fault.to_string().contains("没有写明区划代码"), "{fault}");
    let mut false_ground = [
        setting(100, "甲", "2026-01-01", "", ""),
        setting(200, "乙", "2025-01-01", "", ""),
    ];
    false_ground[1].over = before("甲", Precedence::Newer);
    refused(&false_ground, "并不更晚");
}

#[test]
fn a_step_is_judged_by_the_value_of_its_day() {
    let hearing = |today: Date| {
        let mut bureau = Bureau::new(today);
        let mut settings = vec![
            setting(500_000, "旧规定第三条", "", "2026-02-28", ""),
            setting(200_000, "新规定第五条", "2026-03-01", "", ""),
        ];
        for other in &mut settings {
            other.key = "hearing_fine_organization".into();
        }
        bureau.config = Config::load_dated(&bureau.pack, "130827", settings).unwrap();
        let bureau = gone(bureau, "A19");
        bureau.state.party("p1").unwrap().facts["hearing_due"].clone()
    };
    // A fine of 3,000 yuan: below the old line of 5,000, above the new one of 2,000.
    assert_eq!(hearing(date(2026, 2, 27)), "no");
    assert_eq!(hearing(date(2026, 3, 2)), "yes");
}

#[test]
fn without_a_standard_every_fine_counts_as_large_enough_for_a_hearing() {
    let due = |config: Option<Config>| {
        let mut bureau = Bureau::new(date(2026, 3, 2));
        if let Some(config) = config {
            bureau.config = config;
        }
        let bureau = gone(bureau, "A20.sign");
        bureau.state.parties[0].facts["hearing_due"].clone()
    };
    assert_eq!(due(None), "no", "a small fine under a loaded standard");
    assert_eq!(due(Some(Config::default())), "yes");
}
