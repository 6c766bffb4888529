//! Properties that are read off the pack's text.

use super::{Outcome, outcome, pack};

const END: (&str, &str) = ("end", "from \"S0\"\nto \"E\"");

/// Expects a proof, or a refutation with those words.
#[track_caller]
fn check(
    declarations: &str,
    steps: &[(&str, &str)],
    name: &str,
    children: &str,
    words: Option<&str>,
) {
    let property = format!("t \"P\" static=\"{name}\" title=\"t\" basis=\"b\" {{ {children} }}");
    match (outcome(&pack(declarations, steps), &property), words) {
        (found, None) => assert_eq!(found, Outcome::Proved),
        (Outcome::Refuted { why, .. }, Some(words)) => {
            assert!(why.contains(words), "expected {words:?}, got {why:?}")
        }
        (found, Some(_)) => panic!("must be refuted: {found:?}"),
    }
}

#[test]
fn decisions_need_a_leader() {
    let demand = "demand effect=\"decide\" role=\"leader\"";
    let by = |who: &str| format!("scope \"party\"\nfrom \"S0\"\nto \"E\"\n{who}\ndecide");
    check(
        "",
        &[("d", &by("by \"leader\" duty=\"decide\""))],
        "steps",
        demand,
        None,
    );
    check(
        "",
        &[("d", &by("by \"principal\" duty=\"decide\""))],
        "steps",
        demand,
        None,
    );
    check(
        "",
        &[(
            "d",
            &by("by \"officer\" duty=\"handle\"\nchain \"leader\" duty=\"approve\""),
        )],
        "steps",
        demand,
        None,
    );
    check(
        "",
        &[("d", &by("by \"officer\" duty=\"handle\""))],
        "steps",
        demand,
        Some("步骤 d“d” 不经 leader"),
    );
    check(
        "",
        &[("d", &by("by \"leader\" duty=\"decide\" or=\"officer\""))],
        "steps",
        demand,
        Some("不经 leader"),
    );
    check("", &[END], "steps", demand, Some("这一项要求落空"));
}

#[test]
fn a_demand_can_speak_of_a_value_or_a_step() {
    let fact = r#"fact "held" title="保存" { value "no" "否"; value "yes" "是" }"#;
    let hold = ("hold", "from \"S0\"\nto \"E\"\nset \"held\" \"yes\"");
    check(
        fact,
        &[hold],
        "steps",
        "demand set=\"held\" value=\"yes\" role=\"leader\"",
        Some("步骤 hold"),
    );
    check(
        fact,
        &[hold],
        "steps",
        "demand set=\"held\" value=\"no\" role=\"leader\"",
        Some("落空"),
    );
    check(
        fact,
        &[hold],
        "steps",
        "demand step=\"ho*\" role=\"officer\"",
        None,
    );
}

#[test]
fn reviews_state_ten_items() {
    let full = "from \"S0\"\nto \"E\"\nform { ten-items \"items\" \"十项\" class=\"opinion\" required=#true }\nrequire \"ten-items\" basis=\"b\"\nreview-passed";
    check("", &[("r", full)], "ten-items", "", None);
    check(
        "",
        &[("r", "from \"S0\"\nto \"E\"\nreview-returned")],
        "ten-items",
        "",
        Some("步骤 r“r” 不填十项"),
    );
    check("", &[END], "ten-items", "", Some("没有法制审核的步骤"));
}

#[test]
fn paused_limits_go_on() {
    let limit = r#"limit "L" title="期限" count=5 unit="day" roll="stay" on-expiry="record" basis="某法第二条" level="law" { pause-basis "某法第三条" level="law" }"#;
    let steps = [
        ("s", "from \"S0\"\nstart \"L\""),
        ("p", "from \"S0\"\npause \"L\""),
        ("e", "from \"S0\"\nto \"E\"\nstop \"L\""),
    ];
    check(
        limit,
        &steps,
        "limits-complete",
        "",
        Some("期限 L“期限”停而不续"),
    );
    let resumed = [
        steps[0],
        steps[1],
        steps[2],
        ("r", "from \"S0\"\nresume \"L\""),
    ];
    check(limit, &resumed, "limits-complete", "", None);
}

#[test]
fn duties_are_kept_apart() {
    let separate = r#"separate "handle" "review" basis="某法第五条" level="law""#;
    check(
        separate,
        &[END],
        "separations",
        "pair \"review\" \"handle\"",
        None,
    );
    check(
        separate,
        &[END],
        "separations",
        "pair \"review\" \"decide\"",
        Some("没有把“审”和“定”分开"),
    );
    let bent = (
        "r",
        "from \"S0\"\nto \"E\"\nby \"officer\" duty=\"handle\"\nreview-passed",
    );
    check(
        separate,
        &[bent],
        "separations",
        "",
        Some("却不全由“审”的人办理"),
    );
    let rash = (
        "d",
        "scope \"party\"\nfrom \"S0\"\nto \"E\"\nby \"officer\" duty=\"handle\"\ndecide",
    );
    check(
        separate,
        &[rash],
        "separations",
        "",
        Some("却不全由“定”的人办理"),
    );
}

#[test]
fn investigators_come_in_twos_with_cards() {
    let step = |by: &str| format!("from \"S0\"\nto \"E\"\nby \"{by} duty=\"handle\"\ncard-shown");
    check("", &[("i", &step("officer\" min=2"))], "crew", "", None);
    check(
        "",
        &[("i", &step("officer\""))],
        "crew",
        "",
        Some("步骤 i“i” 不要求两名持证人员"),
    );
    check(
        "",
        &[("i", &step("leader\" min=2"))],
        "crew",
        "",
        Some("不要求两名持证人员"),
    );
    check("", &[END], "crew", "", Some("没有调查"));
}

#[test]
fn decisions_issue_numbered_papers() {
    let paper = "paper \"letter\" title=\"决定书\" order=1";
    let with = |rest: &str| format!("scope \"party\"\nfrom \"S0\"\nto \"E\"\ndecide\n{rest}");
    check(
        paper,
        &[("d", &with("paper \"letter\" series=\"罚\""))],
        "paper-fields",
        "",
        None,
    );
    check(
        paper,
        &[("d", &with("paper \"letter\""))],
        "paper-fields",
        "",
        Some("不出编号的文书"),
    );
}

#[test]
fn the_rest_hold_of_what_the_reader_lets_through() {
    for name in ["basis-levels", "one-party-tracks", "dates"] {
        check("", &[END], name, "", None);
    }
}

#[test]
fn demands_speak_of_checks_papers_marks_and_what_is_left_alone() {
    let facts = r#"fact "held" title="保存" { value "no" "否"; value "yes" "是" }
fact "stayed" title="停止执行" { value "no" "否"; value "yes" "是" }
paper "letter" title="通知书" order=1"#;
    let full = "from \"S0\"\nto \"E\"\nby \"officer\" duty=\"handle\" min=2\ncard-shown\nburden\n\
        require \"ten-items\" basis=\"b\"\nset \"held\" \"yes\"\npaper \"letter\"";
    let bare = "from \"S0\"\nto \"E\"\nneeds { is \"stayed\" \"no\" }\nset \"held\" \"yes\"\nset \"stayed\" \"yes\"";
    for (must, words) in [
        ("two=#true", "不要求两名持证人员"),
        ("card-shown=#true", "不要求出示证件"),
        ("burden=#true", "没有标明加重当事人负担"),
        ("require=\"ten-items\"", "没有核验 ten-items"),
        ("paper=\"letter\"", "不出文书 letter"),
        ("ignores=\"stayed\"", "取决于“停止执行”"),
        ("untouched=\"stayed\"", "改动“停止执行”"),
        ("role=\"leader\" or-require=\"ten-items\"", "不经 leader"),
    ] {
        let demand = format!("demand set=\"held\" value=\"yes\" {must}");
        check(facts, &[("s", full)], "steps", &demand, None);
        check(facts, &[("s", bare)], "steps", &demand, Some(words));
    }
}

#[test]
fn demands_can_leave_steps_out() {
    let facts = r#"fact "held" title="保存" { value "no" "否"; value "yes" "是" }"#;
    let outside = (
        "s",
        "from \"S0\"\nto \"E\"\nmover \"outside\"\nset \"held\" \"yes\"",
    );
    let demand = |filter: &str| format!("demand step=\"s\" {filter} two=#true");
    check(
        facts,
        &[outside],
        "steps",
        &demand(""),
        Some("不要求两名持证人员"),
    );
    for filter in [
        "mover=\"bureau\"",
        "unless-set=\"held\"",
        "unless-effect=\"set\"",
        "effect=\"recuse\"",
    ] {
        check(facts, &[outside], "steps", &demand(filter), Some("落空"));
    }
}

#[test]
fn duties_that_may_go_together_are_not_kept_apart() {
    let separate = r#"separate "handle" "approve" basis="某法第五条" level="law""#;
    check(
        separate,
        &[END],
        "separations",
        "free \"approve\" \"handle\"",
        Some("不必分开，却分开了"),
    );
    check(
        "",
        &[END],
        "separations",
        "free \"approve\" \"handle\"",
        None,
    );
}

#[test]
fn a_limit_of_law_is_paused_by_law_or_rule() {
    let steps = [
        ("s", "from \"S0\"\nstart \"L\""),
        ("e", "from \"S0\"\nto \"E\"\nstop \"L\""),
    ];
    let limit = |level: &str| {
        format!(
            "limit \"L\" title=\"期限\" count=5 unit=\"day\" roll=\"stay\" on-expiry=\"record\" basis=\"某法第二条\" level=\"law\" {{ pause-basis \"某制度\" level=\"{level}\" }}"
        )
    };
    check(&limit("rule"), &steps, "pauses", "", None);
    check(&limit("custom"), &steps, "pauses", "", Some("低于规章"));
}
