//! The checker on small packs and properties, good and bad, with the shortest path that it must find.

mod always;
mod reachable;
mod sound;
mod statics;

use std::collections::BTreeMap;

use crate::pack::{Pack, read_pack};

use super::{Options, Outcome, Report, TraceLine, check, read_properties};

/// What every toy pack begins with.
const HEAD: &str = r#"
pack "toy" title="玩具" kind="toy" version="1" from="2020-01-01" region="全国"
role "officer" title="执法人员" card=#true
role "reviewer" title="审核员"
role "leader" title="负责人"
role "principal" title="主要负责人" also="leader"
stage "S0" title="开始"
stage "S1" title="中间"
stage "E" title="结束" end=#true
"#;

/// A pack of the common head, some declarations and some steps, each given as id and body.
pub(super) fn pack(declarations: &str, steps: &[(&str, &str)]) -> Pack {
    let mut text = format!(
        "{HEAD}{declarations}\naction \"A\" title=\"行为\" {{\nbasis \"某法第一条\" level=\"law\"\n"
    );
    for (id, body) in steps {
        let by = if body.contains("by \"") {
            ""
        } else {
            "by \"officer\" duty=\"handle\"\n"
        };
        text.push_str(&format!(
            "step \"{id}\" title=\"{id}\" {{\n{by}{body}\n}}\n"
        ));
    }
    text.push('}');
    let files = BTreeMap::from([("toy.kdl".to_owned(), text)]);
    read_pack(&files, "digest")
        .unwrap_or_else(|errors| panic!("the toy pack is wrong: {errors:#?}"))
}

/// The report on a pack.
pub(super) fn report(pack: &Pack, properties: &str) -> Report {
    let properties = read_properties(properties)
        .unwrap_or_else(|errors| panic!("wrong properties: {errors:#?}"));
    check(pack, &properties, Options::default())
}

/// The outcome of the only property.
pub(super) fn outcome(pack: &Pack, properties: &str) -> Outcome {
    let mut results = report(pack, properties).results;
    assert_eq!(results.len(), 1, "one property is expected");
    results.remove(0).outcome
}

/// The steps of a path after its beginning.
pub(super) fn path(outcome: &Outcome) -> Vec<&str> {
    let Outcome::Refuted { trace, .. } = outcome else {
        panic!("must be refuted: {outcome:?}")
    };
    trace
        .iter()
        .skip(1)
        .map(|line: &TraceLine| line.step.as_str())
        .collect()
}

/// Expects a proof, or a refutation by that shortest path.
#[track_caller]
pub(super) fn expect(pack: &Pack, properties: &str, expected: Option<&[&str]>) {
    let outcome = outcome(pack, properties);
    match expected {
        None => assert_eq!(outcome, Outcome::Proved),
        Some(steps) => assert_eq!(path(&outcome), steps, "{outcome:?}"),
    }
}

#[test]
fn general_faults_are_found() {
    let facts = r#"fact "f" title="F" { value "no" "否"; value "yes" "是" }"#;
    let steps = [
        ("go", "from \"S0\"\nto \"E\""),
        (
            "never",
            "from \"S0\"\nneeds { is \"f\" \"yes\" }\nset \"f\" \"no\"",
        ),
    ];
    let found = report(&pack(facts, &steps), "view \"v\" { keep \"f\" }");
    let messages: Vec<&str> = found.faults.iter().map(|f| f.message.as_str()).collect();
    assert!(messages[0].contains("没有办法到达阶段 S1"), "{messages:?}");
    assert!(
        messages[1].contains("步骤 never“never”在任何情况下都办不了"),
        "{messages:?}"
    );
    assert_eq!((messages.len(), found.ok, found.states), (2, false, 2));
}

#[test]
fn a_dead_end_is_found_with_the_way_there() {
    let steps = [
        ("stuck", "from \"S0\"\nto \"S1\""),
        ("end", "from \"S0\"\nto \"E\""),
        ("wish", "from \"S1\"\nmover \"party\"\nto \"E\""),
    ];
    let found = report(&pack("", &steps), "view \"v\" { }");
    assert_eq!(found.faults.len(), 1, "{found:?}");
    assert!(found.faults[0].message.contains("没有出路"), "{found:?}");
    assert_eq!(
        found.faults[0].trace.last().map(|l| l.step.as_str()),
        Some("stuck")
    );
}

#[test]
fn a_view_past_the_cap_names_itself_and_its_biggest_facts() {
    let facts = r#"fact "big" title="大事实" { value "a" "甲"; value "b" "乙"; value "c" "丙" }"#;
    let steps = [
        (
            "next",
            "from \"S0\"\nform { choice \"x\" \"X\" class=\"none\" required=#true { option \"a\" \"A\"; option \"b\" \"B\"; option \"c\" \"C\" } }\nset \"big\" field=\"x\"",
        ),
        ("end", "from \"S0\"\nto \"E\""),
    ];
    let properties = read_properties("view \"wide\" { keep \"big\" }").expect("right");
    let found = check(
        &pack(facts, &steps),
        &properties,
        Options {
            states_max: 2,
            ..Options::default()
        },
    );
    assert!(!found.ok);
    assert!(
        found.faults[0]
            .message
            .contains("视图“wide”的状态超过余下的 2 个"),
        "{:?}",
        found.faults
    );
    assert!(
        found.faults[0].message.contains("大事实"),
        "{:?}",
        found.faults
    );
}

#[test]
fn names_that_the_pack_lacks_are_refused() {
    let toy = pack("", &[("end", "from \"S0\"\nto \"E\"")]);
    for (properties, words) in [
        (
            "view \"v\" { }\nnever \"P1\" view=\"v\" title=\"t\" basis=\"b\" { is \"fog\" \"thick\" }",
            "程序包没有事实“fog”",
        ),
        (
            "view \"v\" { }\nnever \"P1\" view=\"w\" title=\"t\" basis=\"b\" { stage \"E\" }",
            "没有视图“w”",
        ),
        (
            "view \"v\" { }\nnever \"P1\" view=\"v\" title=\"t\" basis=\"b\" { stage \"E9\" }",
            "程序包没有阶段“E9”",
        ),
        (
            "view \"v\" { }\nnever \"P1\" view=\"v\" title=\"t\" basis=\"b\" { is \"@covered\" \"yes\" }",
            "没有保留“@covered”",
        ),
        (
            "t \"P1\" static=\"magic\" title=\"t\" basis=\"b\"",
            "没有静态检查“magic”",
        ),
    ] {
        let Outcome::Refused { why } = outcome(&toy, properties) else {
            panic!("must be refused: {properties}")
        };
        assert!(why.contains(words), "expected {words:?}, got {why:?}");
    }
    let found = report(&toy, "view \"v\" { keep \"fog\" }");
    assert!(
        found.faults[0]
            .message
            .contains("视图“v”：程序包没有事实“fog”"),
        "{found:?}"
    );
}

#[test]
fn property_files_are_held_to_their_form() {
    for (text, words) in [
        ("agg \"P1\"", "没有“agg”这种性质"),
        (
            "ag \"P1\" view=\"v\" title=\"t\" basis=\"b\" { require { stage \"E\" } }",
            "ag 须有触发",
        ),
        (
            "ef \"P1\" view=\"v\" title=\"t\" basis=\"b\" { from { stage \"E\" } }",
            "ef 须有 to",
        ),
        (
            "ef \"P1\" view=\"v\" title=\"t\" basis=\"b\" { to { some \"x\" \"y\" } }",
            "没有“some”这种节点",
        ),
        (
            "never \"P1\" view=\"v\" title=\"t\" basis=\"b\" { any { } }",
            "“any”之下没有条件",
        ),
    ] {
        let errors = read_properties(text).expect_err("refused");
        assert!(
            errors.iter().any(|e| e.message.contains(words)),
            "expected {words:?}, got {errors:?}"
        );
    }
}

#[test]
fn what_is_checked_elsewhere_is_said_so() {
    let toy = pack("", &[("end", "from \"S0\"\nto \"E\"")]);
    let found = outcome(
        &toy,
        "r \"P7\" at=\"装入人员名册时\" title=\"t\" basis=\"b\"",
    );
    assert_eq!(
        found,
        Outcome::Elsewhere {
            at: "装入人员名册时".to_owned()
        }
    );
}

#[test]
fn the_report_names_property_article_view_and_path() {
    let toy = pack("", &[("end", "from \"S0\"\nto \"E\"")]);
    let found = report(
        &toy,
        "view \"v\" { }\nnever \"P9\" view=\"v\" title=\"不得结束\" basis=\"某法第九条\" { stage \"E\" }",
    );
    let text = super::explain(&found);
    for words in [
        "检查不通过",
        "× P9 不得结束（AG，视图 v）",
        "某法第九条",
        "1. end end → E 结束",
        "视图 v：0 项",
    ] {
        assert!(text.contains(words), "{words:?} is missing in {text}");
    }
}

#[test]
fn one_property_can_be_judged_alone_in_the_view_it_needs() {
    let toy = pack("", &[("end", "from \"S0\"\nto \"E\"")]);
    let text = "view \"v\" { }\nview \"w\" { }\nnever \"P1\" view=\"v\" title=\"t\" basis=\"b\" { stage \"E\" }\nnever \"P2\" view=\"w\" title=\"t\" basis=\"b\" { stage \"S1\" }";
    let properties = read_properties(text).expect("right");
    let only = |id: &str| {
        check(
            &toy,
            &properties,
            Options {
                only: Some(id.to_owned()),
                ..Options::default()
            },
        )
    };
    let second = only("P2");
    assert_eq!(
        (second.ok, second.results.len(), second.views.len()),
        (true, 1, 1)
    );
    assert!(!only("P1").ok);
}
