//! Goals that must stay reachable, and the obligations that views put on one another.

use super::{Outcome, expect, outcome, pack, path};

const FACTS: &str = r#"
fact "a" title="甲" { value "no" "否"; value "yes" "是" }
fact "b" title="乙" { value "no" "否"; value "yes" "是" }
"#;

fn ef(views: &str, body: &str) -> String {
    format!("{views}\nef \"P59\" view=\"v\" title=\"总能结束\" basis=\"b\" {{ {body} }}")
}

#[test]
fn an_end_is_reachable_unless_only_the_party_can_bring_it() {
    let goal = ef("view \"v\" { }", "to { stage \"E\" }");
    let open = [
        ("go", "from \"S0\"\nto \"S1\""),
        ("end", "from \"S1\"\nto \"E\""),
    ];
    expect(&pack("", &open), &goal, None);
    let silent = [open[0], ("end", "from \"S1\"\nmover \"party\"\nto \"E\"")];
    expect(&pack("", &silent), &goal, Some(&[]));
    expect(
        &pack("", &silent),
        &ef(
            "view \"v\" { }",
            "to { stage \"E\" }; by \"bureau\" \"party\"",
        ),
        None,
    );
    let outside = [open[0], ("end", "from \"S1\"\nmover \"outside\"\nto \"E\"")];
    expect(&pack("", &outside), &goal, None);
    expect(
        &pack("", &outside),
        &ef("view \"v\" { }", "to { stage \"E\" }; by \"bureau\""),
        Some(&[]),
    );
}

#[test]
fn a_circle_without_an_exit_is_found() {
    let steps = [
        ("end", "from \"S0\"\nto \"E\""),
        ("in", "from \"S0\"\nto \"S1\"\nset \"a\" \"yes\""),
        ("on", "from \"S1\"\nset \"b\" \"yes\""),
        ("back", "from \"S1\"\nset \"b\" \"no\""),
    ];
    expect(
        &pack(FACTS, &steps),
        &ef("view \"v\" { keep \"b\" }", "to { stage \"E\" }"),
        Some(&["in"]),
    );
}

#[test]
fn a_goal_speaks_only_of_the_states_it_names() {
    let steps = [
        ("end", "from \"S0\"\nto \"E\""),
        ("mark", "from \"S0\"\nset \"a\" \"yes\""),
        ("trap", "from \"S0\"\nto \"S1\"\nneeds { is \"a\" \"no\" }"),
        ("idle", "from \"S1\"\nset \"b\" \"yes\""),
    ];
    let view = "view \"v\" { keep \"a\" \"b\" }";
    expect(
        &pack(FACTS, &steps),
        &ef(view, "to { stage \"E\" }"),
        Some(&["trap"]),
    );
    expect(
        &pack(FACTS, &steps),
        &ef(view, "from { is \"a\" \"yes\" }; to { stage \"E\" }"),
        None,
    );
}

#[test]
fn time_may_bring_the_case_on() {
    let limit = r#"limit "L" title="期限" count=5 unit="day" roll="stay" on-expiry="effects" basis="某法第二条" level="law" { set "a" "yes" }"#;
    let steps = [
        ("start", "from \"S0\"\nto \"S1\"\nstart \"L\""),
        (
            "end",
            "from \"S1\"\nto \"E\"\nneeds { is \"a\" \"yes\" }\nstop \"L\"",
        ),
    ];
    let toy = pack(&format!("{FACTS}{limit}"), &steps);
    let view = "view \"v\" { keep \"a\"; keep-limit \"L\" }";
    expect(&toy, &ef(view, "to { stage \"E\" }"), None);
    expect(
        &toy,
        &ef(view, "to { stage \"E\" }; by \"bureau\""),
        Some(&[]),
    );
}

/// A pack whose end asks for `b`, which a view that keeps only `a` forgets.
fn hanging(b_step: &str) -> crate::pack::Pack {
    pack(
        FACTS,
        &[
            ("a", "from \"S0\"\nset \"a\" \"yes\""),
            ("b", b_step),
            (
                "end",
                "from \"S0\"\nto \"E\"\nneeds { is \"a\" \"yes\"; is \"b\" \"yes\" }",
            ),
            (
                "mid",
                "from \"S0\"\nto \"S1\"\nset \"a\" \"no\"; set \"b\" \"no\"",
            ),
            ("out", "from \"S1\"\nto \"E\""),
        ],
    )
}

#[test]
fn a_forgotten_condition_must_be_provably_possible() {
    let views = "view \"v\" { keep \"a\" }\nview \"w\" { keep \"b\" }";
    let goal = |views: &str| {
        ef(
            views,
            "from { is \"a\" \"yes\"; stage \"S0\" }; to { stage \"E\" }; by \"bureau\" \"expiry\"",
        )
    };
    // `mid` is always open; it is barred by the goal's movers below.
    let without_mid = |b_step: &str| {
        let steps = [
            ("a", "from \"S0\"\nset \"a\" \"yes\""),
            ("b", b_step),
            (
                "end",
                "from \"S0\"\nto \"E\"\nneeds { is \"a\" \"yes\"; is \"b\" \"yes\" }",
            ),
            ("mid", "from \"S0\"\nmover \"party\"\nto \"S1\""),
            ("out", "from \"S1\"\nmover \"party\"\nto \"E\""),
        ];
        pack(FACTS, &steps)
    };
    expect(
        &without_mid("from \"S0\"\nset \"b\" \"yes\""),
        &goal(views),
        None,
    );
    expect(
        &without_mid("from \"S0\"\nmover \"party\"\nset \"b\" \"yes\""),
        &goal(views),
        Some(&["a"]),
    );
    expect(
        &without_mid("from \"S0\"\nset \"b\" \"yes\"\nset \"a\" \"no\""),
        &goal(views),
        Some(&["a"]),
    );
    expect(
        &without_mid("from \"S0\"\nset \"b\" \"yes\""),
        &goal("view \"v\" { keep \"a\" }"),
        Some(&["a"]),
    );
    expect(
        &hanging("from \"S0\"\nset \"b\" \"yes\""),
        &goal(views),
        None,
    );
}

#[test]
fn a_refutation_names_the_obligations_that_failed() {
    let steps = [
        ("a", "from \"S0\"\nset \"a\" \"yes\""),
        ("b", "from \"S0\"\nmover \"party\"\nset \"b\" \"yes\""),
        ("end", "from \"S0\"\nto \"E\"\nneeds { is \"b\" \"yes\" }"),
        ("mid", "from \"S0\"\nmover \"party\"\nto \"S1\""),
        ("out", "from \"S1\"\nto \"E\""),
    ];
    let found = outcome(
        &pack(FACTS, &steps),
        &ef(
            "view \"v\" { keep \"a\" }\nview \"w\" { keep \"b\" }",
            "to { stage \"E\" }",
        ),
    );
    let Outcome::Refuted { why, .. } = &found else {
        panic!("must be refuted")
    };
    assert!(why.contains("end end 要求“乙”为是"), "{why}");
    assert_eq!(path(&found), Vec::<&str>::new());
}

#[test]
fn obligations_hang_on_one_another_but_not_in_a_circle() {
    let three =
        format!("{FACTS}fact \"c\" title=\"丙\" {{ value \"no\" \"否\"; value \"yes\" \"是\" }}");
    let views = "view \"v\" { keep \"a\" }\nview \"w\" { keep \"b\" }\nview \"x\" { keep \"c\" }";
    let goal = ef(views, "from { stage \"S0\" }; to { stage \"E\" }");
    let steps = |c_step: &'static str| {
        [
            ("a", "from \"S0\"\nset \"a\" \"yes\""),
            (
                "b",
                "from \"S0\"\nneeds { is \"c\" \"yes\" }\nset \"b\" \"yes\"",
            ),
            ("c", c_step),
            ("end", "from \"S0\"\nto \"E\"\nneeds { is \"b\" \"yes\" }"),
            ("mid", "from \"S0\"\nmover \"party\"\nto \"S1\""),
            ("out", "from \"S1\"\nto \"E\""),
        ]
    };
    expect(
        &pack(&three, &steps("from \"S0\"\nset \"c\" \"yes\"")),
        &goal,
        None,
    );
    let circle = "from \"S0\"\nneeds { is \"b\" \"yes\" }\nset \"c\" \"yes\"";
    expect(&pack(&three, &steps(circle)), &goal, Some(&[]));
}

#[test]
fn other_parties_bring_the_case_on_only_where_it_waits_for_all() {
    let facts = r#"fact "done" title="办结" party=#true { value "no" "否"; value "yes" "是" }"#;
    let goal = ef("view \"v\" { keep \"done\" }", "to { stage \"E\" }");
    let once = "scope \"party\"\nfrom \"S0\"\nneeds { is \"done\" \"no\" }\nset \"done\" \"yes\"\n";
    let join = format!("{once}to \"E\" {{ every \"done\" \"yes\" }}");
    let mid = ("mid", "from \"S1\"\nto \"E\"");
    let go = ("go", "from \"S0\"\nmover \"party\"\nto \"S1\"");
    expect(&pack(facts, &[("done", &join), mid, go]), &goal, None);
    // Here another party's step would end the case whatever becomes of this one, once this one has had its turn.
    let stray =
        "scope \"party\"\nfrom \"S0\"\nneeds { is \"done\" \"yes\" }\nmover \"party\"\nto \"E\"";
    let turn = ("turn", "scope \"party\"\nfrom \"S0\"\nset \"done\" \"yes\"");
    expect(
        &pack(facts, &[turn, ("stray", stray), mid, go]),
        &goal,
        Some(&[]),
    );
}

#[test]
fn a_move_asks_nothing_of_forgotten_facts_on_which_nothing_hangs() {
    let facts =
        format!("{FACTS}\nfact \"c\" title=\"C\" {{ value \"no\" \"否\"; value \"yes\" \"是\" }}");
    // What `b` is decides what `c` becomes; whether that decides anything that the view keeps is told by `last`.
    let end = |last: &str| {
        let when = "when { cond { is \"b\" \"yes\" }; set \"c\" \"yes\" }\nwhen { cond { is \"c\" \"yes\" }";
        let body =
            format!("from \"S0\"\nto \"S1\" {{ is \"a\" \"yes\" }}\nto \"E\"\n{when}; {last} }}");
        let steps = [
            ("end", body.as_str()),
            ("out", "from \"S1\"\nmover \"party\"\nto \"E\""),
        ];
        pack(&facts, &steps)
    };
    let goal = ef(
        "view \"v\" { keep \"a\" }",
        "from { is \"a\" \"no\"; stage \"S0\" }; to { stage \"E\" }; by \"bureau\" \"expiry\"",
    );
    expect(&end("set \"b\" \"no\""), &goal, None);
    expect(&end("set \"a\" \"yes\""), &goal, Some(&[]));
}
