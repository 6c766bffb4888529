//! Properties of every step and state.

use super::{expect, outcome, pack, path, report};

const REVIEW: &str = r#"
fact "review" title="审核" lapse-from="passed" lapse-to="lapsed" { value "none" "无"; value "passed" "通过"; value "lapsed" "失效" }
fact "decision" title="决定" party=#true { value "none" "无"; value "penalty" "处罚" }
fact "told" title="告知" party=#true lapse-from="yes" lapse-to="no" { value "no" "否"; value "yes" "是" }
"#;
const PASS: (&str, &str) = (
    "pass",
    "from \"S0\"\nby \"reviewer\" duty=\"review\"\nreview-passed\nset \"review\" \"passed\"",
);
const DECIDE: (&str, &str) = (
    "decide",
    "scope \"party\"\nfrom \"S0\"\nto \"E\"\nneeds { is \"review\" \"passed\" }\ndecide\nset \"decision\" \"penalty\"",
);
const RULE: &str = r#"view "v" { keep "review" "decision" "@covered" }
ag "P17" view="v" title="t" basis="b" { on-set "decision" "penalty"; require { is "review" "passed"; is "@covered" "yes" } }"#;

#[test]
fn a_guarded_decision_is_proved_and_an_unguarded_one_is_not() {
    expect(&pack(REVIEW, &[PASS, DECIDE]), RULE, None);
    let rash = (
        "decide",
        "scope \"party\"\nfrom \"S0\"\nto \"E\"\nset \"decision\" \"penalty\"",
    );
    expect(&pack(REVIEW, &[PASS, rash]), RULE, Some(&["decide"]));
}

#[test]
fn new_evidence_uncovers_the_review() {
    let evidence = ("evidence", "from \"S0\"\nevidence kind=\"record\"");
    expect(
        &pack(REVIEW, &[PASS, evidence, DECIDE]),
        RULE,
        Some(&["pass", "evidence", "decide"]),
    );
    let lapsing = (
        "evidence",
        "from \"S0\"\nevidence kind=\"record\"\nlapse \"review\"",
    );
    expect(&pack(REVIEW, &[PASS, lapsing, DECIDE]), RULE, None);
}

#[test]
fn another_party_s_step_can_undo_what_this_party_relies_on() {
    let hear = (
        "hear",
        "scope \"party\"\nfrom \"S0\"\nneeds { is \"told\" \"yes\" }\nhear",
    );
    let tell = ("tell", "scope \"party\"\nfrom \"S0\"\nset \"told\" \"yes\"");
    // This party was never told, so only another one's hearing can uncover the review.
    let unheard = RULE
        .replace("keep ", "keep \"told\" ")
        .replace("is \"review\" \"passed\";", "is \"told\" \"yes\";");
    let rule = unheard.replace(
        "require { is \"told\" \"yes\";",
        "require { any { is \"told\" \"yes\"; is \"@covered\" \"yes\" };",
    );
    let rule = rule.replace(" is \"@covered\" \"yes\" } }", " } }");
    let outcome = outcome(&pack(REVIEW, &[PASS, tell, hear, DECIDE]), &rule);
    assert_eq!(path(&outcome), ["pass", "hear", "decide"]);
    let super::Outcome::Refuted { trace, .. } = outcome else {
        panic!("refuted")
    };
    assert_eq!(trace[2].title, "hear（其他当事人）");
}

#[test]
fn effects_are_done_in_order_and_conditions_see_them() {
    let facts = r#"fact "a" title="甲" { value "0" "零"; value "1" "一" }
fact "b" title="乙" { value "0" "零"; value "1" "一" }"#;
    let set_first = (
        "s",
        "from \"S0\"\nto \"E\"\nset \"a\" \"1\"\nwhen { cond { is \"a\" \"1\" }; set \"b\" \"1\" }",
    );
    let ask_first = (
        "s",
        "from \"S0\"\nto \"E\"\nwhen { cond { is \"a\" \"1\" }; set \"b\" \"1\" }\nset \"a\" \"1\"",
    );
    let rule = "view \"v\" { keep \"a\" \"b\" }\nnever \"P\" view=\"v\" title=\"t\" basis=\"b\" { is \"b\" \"1\" }";
    expect(&pack(facts, &[set_first]), rule, Some(&["s"]));
    expect(&pack(facts, &[ask_first]), rule, None);
}

#[test]
fn what_a_step_writes_it_knows_even_where_the_view_forgets() {
    let facts = r#"fact "kind" title="种类" { value "none" "无"; value "x" "甲"; value "y" "乙" }
fact "b" title="乙" { value "0" "零"; value "1" "一" }"#;
    let step = "from \"S0\"\nto \"E\" { is \"kind\" \"y\" }\nto \"S1\"\n\
        form { choice \"k\" \"K\" class=\"none\" required=#true { option \"x\" \"X\"; option \"y\" \"Y\" } }\n\
        set \"kind\" field=\"k\"\nwhen { cond { is \"kind\" \"x\" }; set \"b\" \"1\" }";
    let toy = pack(
        facts,
        &[
            ("s", step),
            ("end", "from \"S1\"\nto \"E\"\nset \"b\" \"0\""),
        ],
    );
    let rule = "view \"v\" { keep \"b\" }\nnever \"P\" view=\"v\" title=\"t\" basis=\"b\" { stage \"E\"; is \"b\" \"1\" }";
    expect(&toy, rule, None);
    let rule = "view \"v\" { keep \"b\" }\nnever \"P\" view=\"v\" title=\"t\" basis=\"b\" { stage \"S1\"; is \"b\" \"1\" }";
    expect(&toy, rule, Some(&["s"]));
}

#[test]
fn a_forgotten_fact_may_hold_or_not() {
    let facts = r#"fact "f" title="F" { value "0" "零"; value "1" "一" }"#;
    let steps = [
        ("set", "from \"S0\"\nset \"f\" \"1\""),
        ("go", "from \"S0\"\nto \"E\"\nneeds { is \"f\" \"1\" }"),
    ];
    let never = |keep: &str| {
        format!(
            "view \"v\" {{ {keep} }}\nag \"P\" view=\"v\" title=\"t\" basis=\"b\" {{ on-enter \"E\"; only-step \"no*\" \"set\" }}"
        )
    };
    let steps = [
        steps[0],
        steps[1],
        ("no.end", "from \"S1\"\nto \"E\""),
        ("mid", "from \"S0\"\nto \"S1\""),
    ];
    expect(&pack(facts, &steps), &never(""), Some(&["go"]));
    expect(
        &pack(facts, &steps),
        &never("keep \"f\""),
        Some(&["set", "go"]),
    );
}

#[test]
fn a_case_of_many_parties_may_wait_for_the_others() {
    let facts = r#"fact "done" title="办结" party=#true { value "no" "否"; value "yes" "是" }"#;
    let done = (
        "done",
        "scope \"party\"\nfrom \"S0\"\nto \"E\" { every \"done\" \"yes\" }\nset \"done\" \"yes\"",
    );
    let toy = pack(facts, &[done]);
    let never = |cond: &str| {
        format!(
            "view \"v\" {{ keep \"done\" }}\nnever \"P\" view=\"v\" title=\"t\" basis=\"b\" {{ {cond} }}"
        )
    };
    expect(
        &toy,
        &never("stage \"S0\"; is \"done\" \"yes\""),
        Some(&["done"]),
    );
    expect(&toy, &never("stage \"E\"; is \"done\" \"no\""), None);
    let found = outcome(&toy, &never("stage \"E\""));
    assert_eq!(path(&found).len(), 1);
}

#[test]
fn a_condition_of_the_step_about_every_party_still_holds_after_it() {
    let facts = r#"fact "done" title="办结" party=#true { value "no" "否"; value "yes" "是" }"#;
    let done = ("done", "scope \"party\"\nfrom \"S0\"\nset \"done\" \"yes\"");
    let go = (
        "go",
        "from \"S0\"\nto \"E\" { every \"done\" \"yes\" }\nto \"S1\"\nneeds { every \"done\" \"yes\" }",
    );
    let rule = "view \"v\" { keep \"done\" }\nnever \"P\" view=\"v\" title=\"t\" basis=\"b\" { stage \"S1\" }";
    expect(&pack(facts, &[done, go]), rule, None);
    let loose = (
        "go",
        "from \"S0\"\nto \"E\" { every \"done\" \"yes\" }\nto \"S1\"",
    );
    expect(&pack(facts, &[done, loose]), rule, Some(&["go"]));
}

#[test]
fn limits_run_pause_expire_and_end() {
    let limit = r#"limit "L" title="期限" count=5 unit="day" roll="stay" on-expiry="effects" basis="某法第二条" level="law" {
pause-basis "某法第三条" level="law"
set "late" "yes"
}
fact "late" title="逾期" { value "no" "否"; value "yes" "是" }"#;
    let steps = [
        ("start", "from \"S0\"\nto \"S1\"\nstart \"L\""),
        (
            "pause",
            "from \"S1\"\nneeds { limit \"L\" \"running\" }\npause \"L\"",
        ),
        ("resume", "from \"S1\"\nresume \"L\""),
        ("stop", "from \"S1\"\nto \"E\"\nstop \"L\""),
    ];
    let toy = pack(limit, &steps);
    let never = |cond: &str| {
        format!(
            "view \"v\" {{ keep \"late\"; keep-limit \"L\" }}\nnever \"P\" view=\"v\" title=\"t\" basis=\"b\" {{ {cond} }}"
        )
    };
    expect(&toy, &never("is \"late\" \"yes\""), Some(&["start", "L"]));
    expect(
        &toy,
        &never("limit \"L\" \"paused\"; is \"late\" \"yes\""),
        None,
    );
    expect(
        &toy,
        &never("stage \"E\"; limit \"L\" \"running\" \"paused\" \"expired\""),
        None,
    );
    expect(
        &toy,
        &never("limit \"L\" \"paused\""),
        Some(&["start", "pause"]),
    );
    let started = "view \"v\" { keep-limit \"L\" }\nag \"P\" view=\"v\" title=\"t\" basis=\"b\" { on-start \"L\"; require { stage \"S1\" } }";
    expect(&toy, started, Some(&["start"]));
    let stopped = "view \"v\" { keep-limit \"L\" }\nag \"P\" view=\"v\" title=\"t\" basis=\"b\" { on-stop \"L\"; ensure { limit \"L\" \"ended\" } }";
    expect(&toy, stopped, None);
}

#[test]
fn a_stopped_limit_goes_on_and_one_never_started_starts() {
    let limit = r#"limit "L" title="期限" count=5 unit="day" roll="stay" on-expiry="record" basis="某法第二条" level="law"
fact "back" title="退回" { value "no" "否"; value "yes" "是" }"#;
    let steps = [
        ("start", "from \"S0\"\nstart \"L\""),
        ("stop", "from \"S0\"\nto \"S1\"\nstop \"L\""),
        (
            "back",
            "from \"S1\"\nto \"S0\"\nset \"back\" \"yes\"\ncontinue \"L\"",
        ),
        ("end", "from \"S0\"\nto \"E\""),
    ];
    let toy = pack(limit, &steps);
    let never = |status: &str| {
        format!(
            "view \"v\" {{ keep \"back\"; keep-limit \"L\" }}\nnever \"P\" view=\"v\" title=\"t\" basis=\"b\" {{ stage \"S0\"; is \"back\" \"yes\"; limit \"L\" {status} }}"
        )
    };
    expect(&toy, &never("\"running\""), Some(&["stop", "back"]));
    expect(&toy, &never("\"idle\" \"ended\" \"paused\""), None);
    let started = "view \"v\" { keep-limit \"L\" }\nag \"P\" view=\"v\" title=\"t\" basis=\"b\" { on-start \"L\"; require { stage \"S0\" } }";
    expect(&toy, started, Some(&["stop", "back"]));
}

#[test]
fn a_limit_put_on_record_was_kept_or_had_run_out() {
    let limit = r#"limit "L" title="期限" count=2 unit="year" roll="stay" on-expiry="forbid" basis="某法第二条" level="law""#;
    let steps = [
        (
            "measure",
            "from \"S0\"\nmeasure \"L\" from=\"@discovered\" to=\"@today\"",
        ),
        (
            "end",
            "from \"S0\"\nto \"E\"\nneeds { limit \"L\" \"ended\" }",
        ),
    ];
    let toy = pack(limit, &steps);
    let never = |cond: &str| {
        format!(
            "view \"v\" {{ keep-limit \"L\" }}\nnever \"P\" view=\"v\" title=\"t\" basis=\"b\" {{ {cond} }}"
        )
    };
    for status in ["ended", "expired"] {
        let reached = never(&format!("limit \"L\" \"{status}\""));
        expect(&toy, &reached, Some(&["measure"]));
    }
    expect(&toy, &never("limit \"L\" \"running\" \"paused\""), None);
    expect(
        &toy,
        &never("stage \"E\"; limit \"L\" \"expired\" \"idle\""),
        None,
    );
    for on in ["on-start", "on-stop"] {
        let woken = format!(
            "view \"v\" {{ keep-limit \"L\" }}\nag \"P\" view=\"v\" title=\"t\" basis=\"b\" {{ {on} \"L\"; require {{ stage \"E\" }} }}"
        );
        expect(&toy, &woken, Some(&["measure"]));
    }
}

#[test]
fn a_proposal_after_the_notice_may_be_heavier_and_before_it_is_the_first() {
    let steps = [
        ("propose", "from \"S0\"\npropose"),
        (
            "tell",
            "scope \"party\"\nfrom \"S0\"\nneeds { is \"@change\" \"first\" }\nnotify",
        ),
        ("anew", "from \"S0\"\nto \"S1\"\neach { new-round }"),
        ("end", "from \"S1\"\nto \"E\""),
    ];
    let toy = pack("", &steps);
    let never = |cond: &str| {
        format!(
            "view \"v\" {{ keep \"@change\" }}\nnever \"P\" view=\"v\" title=\"t\" basis=\"b\" {{ {cond} }}"
        )
    };
    expect(&toy, &never("is \"@change\" \"first\""), Some(&["propose"]));
    expect(
        &toy,
        &never("is \"@change\" \"heavier\""),
        Some(&["propose", "tell", "propose"]),
    );
    let untold = pack("", &[steps[0], steps[2], steps[3]]);
    expect(
        &untold,
        &never("is \"@change\" \"same\" \"lighter\" \"heavier\" \"different\""),
        None,
    );
    let again = "view \"v\" { keep \"@change\" }\nag \"P\" view=\"v\" title=\"t\" basis=\"b\" { on-effect \"new-round\"; ensure { is \"@change\" \"none\" } }";
    expect(&toy, again, None);
}

#[test]
fn a_review_after_the_hearing_is_told_from_one_before() {
    let steps = [
        PASS,
        ("hear", "scope \"party\"\nfrom \"S0\"\nhear"),
        (
            "end",
            "from \"S0\"\nto \"E\"\nneeds { is \"review\" \"passed\"; not \"@after_hearing\" \"due\" }",
        ),
        (
            "rash",
            "from \"S0\"\nto \"S1\"\nneeds { is \"review\" \"passed\" }",
        ),
    ];
    let toy = pack(REVIEW, &steps);
    let view = "view \"v\" { keep \"review\" \"@after_hearing\" }\n";
    let enter = |stage: &str| {
        format!(
            "{view}ag \"P\" view=\"v\" title=\"t\" basis=\"b\" {{ on-enter \"{stage}\"; require {{ not \"@after_hearing\" \"due\" }} }}"
        )
    };
    expect(&toy, &enter("E"), None);
    expect(&toy, &enter("S1"), Some(&["pass", "hear", "rash"]));
}

#[test]
fn answers_to_points_are_kept_track_of() {
    let answer = "from \"S0\"\nform { points \"answers\" \"答复\" class=\"none\" required=#true }\nrequire \"answers-points\" on=\"answers\" basis=\"b\"\nset \"review\" \"none\"";
    let steps = [
        (
            "return",
            "from \"S0\"\nby \"reviewer\" duty=\"review\"\nreview-returned",
        ),
        ("answer", answer),
        (
            "again",
            "from \"S0\"\nto \"E\"\nneeds { not \"@points\" \"open\" }",
        ),
    ];
    let rule = "view \"v\" { keep \"@points\" }\nag \"P\" view=\"v\" title=\"t\" basis=\"b\" { on-step \"ag*\"; require { not \"@points\" \"open\" } }";
    expect(&pack(REVIEW, &steps), rule, None);
    let rash = ("again", "from \"S0\"\nto \"E\"");
    expect(
        &pack(REVIEW, &[steps[0], steps[1], rash]),
        rule,
        Some(&["return", "again"]),
    );
}

#[test]
fn only_some_duty_or_step_may_do_it() {
    let only = |how: &str| {
        format!(
            "view \"v\" {{ keep \"review\" }}\nag \"P19\" view=\"v\" title=\"t\" basis=\"b\" {{ on-set \"review\" \"passed\"; {how} }}"
        )
    };
    let end = ("end", "from \"S0\"\nto \"E\"");
    expect(
        &pack(REVIEW, &[PASS, end]),
        &only("only \"by\" duty=\"review\""),
        None,
    );
    let bent = (
        "bend",
        "from \"S0\"\nto \"S1\"\nby \"leader\" duty=\"approve\"\nset \"review\" \"passed\"",
    );
    expect(
        &pack(REVIEW, &[PASS, bent, end]),
        &only("only \"by\" duty=\"review\""),
        Some(&["bend"]),
    );
    expect(
        &pack(REVIEW, &[PASS, bent, end]),
        &only("only-step \"pass\""),
        Some(&["bend"]),
    );
}

#[test]
fn a_change_of_value_is_told_from_setting_it_again() {
    let again = (
        "again",
        "from \"S0\"\nto \"E\"\nneeds { is \"review\" \"passed\" }\nset \"review\" \"passed\"",
    );
    let rule = |on: &str| {
        format!(
            "view \"v\" {{ keep \"review\" }}\nag \"P\" view=\"v\" title=\"t\" basis=\"b\" {{ {on} \"review\" \"passed\"; only-step \"pass\" }}"
        )
    };
    expect(&pack(REVIEW, &[PASS, again]), &rule("on-change"), None);
    expect(
        &pack(REVIEW, &[PASS, again]),
        &rule("on-set"),
        Some(&["pass", "again"]),
    );
}

#[test]
fn rows_of_the_matrix_act_on_each_party() {
    let rows =
        format!("{REVIEW}\nlapse \"heavier\" row=1 title=\"加重\" {{ lapse \"review\" \"told\" }}");
    let steps = [
        PASS,
        ("tell", "scope \"party\"\nfrom \"S0\"\nset \"told\" \"yes\""),
        ("anew", "from \"S0\"\nto \"E\"\neach { raise \"heavier\" }"),
    ];
    let rule = "view \"v\" { keep \"review\" \"told\" }\nag \"P20\" view=\"v\" title=\"t\" basis=\"b\" { on-step \"anew\"; ensure { not \"review\" \"passed\"; is \"told\" \"no\" } }";
    expect(&pack(&rows, &steps), rule, None);
    let lazy = (
        "anew",
        "from \"S0\"\nto \"E\"\neach { when { cond { is \"told\" \"no\" }; raise \"heavier\" } }",
    );
    expect(
        &pack(&rows, &[steps[0], steps[1], lazy]),
        rule,
        Some(&["tell", "anew"]),
    );
}

#[test]
fn a_condition_that_another_party_meets_acts_on_the_case() {
    let steps = [
        PASS,
        ("tell", "scope \"party\"\nfrom \"S0\"\nset \"told\" \"yes\""),
        (
            "sweep",
            "from \"S0\"\nto \"S1\"\neach { when { cond { is \"told\" \"yes\" }; lapse \"review\" } }",
        ),
        ("end", "from \"S1\"\nto \"E\""),
    ];
    let rule = "view \"v\" { keep \"review\" \"told\" }\nnever \"P\" view=\"v\" title=\"t\" basis=\"b\" { is \"review\" \"lapsed\"; is \"told\" \"no\" }";
    expect(&pack(REVIEW, &steps), rule, Some(&["pass", "sweep"]));
}

#[test]
fn the_same_question_gives_the_same_answer() {
    let toy = pack(REVIEW, &[PASS, DECIDE]);
    assert_eq!(report(&toy, RULE), report(&toy, RULE));
}
