//! The real pack passes every property, and each property refuses a pack that breaks it.
//!
//! A row of [`broken::rows`] is a small, plausible slip in the real pack: a guard forgotten, a lapse left out, an
//! approval given to the wrong role. The row says which property must refuse it. Properties of one kind under one
//! number are judged together, in the views that they need; where the path matters, the unbroken pack is first
//! shown to pass in the same views.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod broken;
mod support;

use law::check::{self, How, Options, Outcome, PropertyResult};
use law::pack::overlaps;

use broken::{Edit, Row, rows};
use support::{edited, files, properties_of, read};

/// Explored with room to spare under the million that the checker allows.
const STATES_MAX: usize = 1_000_000;

#[test]
fn the_real_pack_has_every_property() {
    let pack = read(&files()).unwrap();
    let properties = check::builtin_properties("penalty").unwrap().unwrap();
    let report = check::check(
        &pack,
        &properties,
        Options {
            states_max: STATES_MAX,
            ..Options::default()
        },
    );
    assert!(report.ok, "{}", check::explain(&report));
    assert!(report.states <= STATES_MAX);
    let numbers: Vec<String> = (1..=62).map(|n| format!("P{n:02}")).collect();
    let missing: Vec<&String> = numbers
        .iter()
        .filter(|n| !report.results.iter().any(|r| r.id == **n))
        .collect();
    assert!(missing.is_empty(), "没有写进性质文件：{missing:?}");
}

#[test]
fn each_slip_is_refused_by_its_property() {
    let faults: Vec<String> = rows()
        .filter_map(|row| fault(row).map(|why| format!("{row}：{why}")))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_proved_property_has_a_slip_that_it_refuses() {
    let pack = read(&files()).unwrap();
    let properties = properties_of(|kind, _| kind == "t" || kind == "r");
    let report = check::check(&pack, &properties, Options::default());
    let proved = report
        .results
        .iter()
        .filter(|r| r.how == How::Static)
        .map(|r| r.id.clone());
    let explored = support::numbers(|kind| matches!(kind, "ag" | "never" | "ef"));
    let bare: Vec<String> = proved
        .chain(explored)
        .filter(|id| !rows().any(|r| r.id == *id))
        .filter(|id| !broken::READ_ONLY.contains(&id.as_str()))
        .collect();
    assert!(bare.is_empty(), "没有坏例：{bare:?}");
}

/// Why the row does not show what it should, if so.
fn fault(row: &Row) -> Option<String> {
    let properties = properties_of(|kind, id| kind == row.kind && id == row.id);
    let properties = if row.all_views {
        properties
    } else {
        support::own_views(row.kind, row.id)
    };
    let options = Options {
        states_max: STATES_MAX,
        ..Options::default()
    };
    if row.kind == "ef" && row.all_views {
        let whole = check::check(&read(&files()).ok()?, &properties, options.clone());
        if let Some(bad) = whole.results.iter().find(|r| r.outcome != Outcome::Proved) {
            return Some(format!("原程序包也不成立：{}", bad.title));
        }
    }
    let pack = match read(&edited(row.edits)) {
        Ok(pack) => pack,
        Err(errors) => return Some(format!("读不了：{}", errors.join("；"))),
    };
    let report = check::check(&pack, &properties, options);
    let refuted = |r: &&PropertyResult| matches!(r.outcome, Outcome::Refuted { .. });
    let Some(result) = report.results.iter().find(refuted) else {
        return Some(format!(
            "没有发现：{}",
            report
                .results
                .iter()
                .map(|r| format!("{:?}", r.outcome))
                .collect::<String>()
        ));
    };
    match &result.outcome {
        Outcome::Refuted { trace, why } if result.how != How::Static && trace.is_empty() => {
            Some(format!("没有路径：{why}"))
        }
        _ => None,
    }
}

#[test]
fn a_wrong_key_is_named_with_its_file_and_line() {
    let edits = [Edit::in_file(
        "10-opening.kdl",
        "action \"A05\"",
        "stop \"N-LA\"",
        "stopp \"N-LA\"",
    )];
    let text = &edited(&edits)["10-opening.kdl"];
    let line = text.lines().position(|l| l.contains("stopp")).unwrap() + 1;
    let errors = read(&edited(&edits)).unwrap_err();
    assert!(
        errors.iter().any(|e| e.contains("10-opening.kdl")
            && e.contains(&line.to_string())
            && e.contains("stopp")),
        "{errors:?}"
    );
}

#[test]
fn an_unknown_paper_is_refused() {
    let edits = [Edit::in_file(
        "10-opening.kdl",
        "action \"A05\"",
        "paper \"case_filing_approval\"",
        "paper \"case_filing\"",
    )];
    let errors = read(&edited(&edits)).unwrap_err();
    assert!(
        errors.iter().any(|e| e.contains("case_filing")),
        "{errors:?}"
    );
}

#[test]
fn a_pause_without_an_article_is_refused() {
    let edits = [Edit::in_file(
        "20-investigation.kdl",
        "step \"A15.suspend\"",
        "start \"N-ZZ\"",
        "start \"N-ZZ\"; pause \"CF-60\"",
    )];
    let errors = read(&edited(&edits)).unwrap_err();
    assert!(errors.iter().any(|e| e.contains("CF-60")), "{errors:?}");
}

#[test]
fn one_party_does_not_write_another_partys_track() {
    let edits = [Edit::in_file(
        "60-execution.kdl",
        "step \"A46.change\"",
        "set \"urging\" \"none\"",
        "each { set \"urging\" \"none\" }",
    )];
    let errors = read(&edited(&edits)).unwrap_err();
    assert!(
        errors.iter().any(|e| e.contains("A46.change")),
        "{errors:?}"
    );
}

#[test]
fn a_cycle_without_exit_is_found() {
    let edits = [Edit::in_file(
        "30-review.kdl",
        "step \"A20.sign\"",
        "to \"S4\" { not \"review_due\" \"no\"; not \"review_place\" \"before_decision\" }",
        "to \"S2\"",
    )];
    let pack = read(&edited(&edits)).unwrap();
    let report = check::check(&pack, &support::own_views("ag", "P02"), Options::default());
    let found = |words: &str| report.faults.iter().any(|f| f.message.contains(words));
    assert!(
        !report.ok
            && ["S4", "S5", "S6", "S7"]
                .iter()
                .all(|stage| found(&format!("没有办法到达阶段 {stage}"))),
        "{}",
        check::explain(&report)
    );
}

#[test]
fn two_packs_in_force_on_one_day_overlap() {
    let first = read(&files()).unwrap();
    let later = [Edit::in_file(
        "00-head.kdl",
        "pack ",
        "from=\"2021-07-15\"",
        "from=\"2026-02-01\"",
    )];
    let second = read(&edited(&later)).unwrap();
    assert_eq!(overlaps(&[first.clone(), second.clone()]).len(), 1);
    let closed = [Edit::in_file(
        "00-head.kdl",
        "pack ",
        "from=\"2021-07-15\"",
        "from=\"2021-07-15\" to=\"2026-01-31\"",
    )];
    let first = read(&edited(&closed)).unwrap();
    assert!(overlaps(&[first, second]).is_empty());
}
