//! Packs that a less careful checker would pass: each has a state from which no end can be reached.

use super::{expect, outcome, pack};
use crate::check::Outcome;

/// Expects that the goal is not taken for proved, wherever the path leads.
#[track_caller]
fn refuted(pack: &crate::pack::Pack, properties: &str) {
    let found = outcome(pack, properties);
    assert!(matches!(found, Outcome::Refuted { .. }), "{found:?}");
}

/// Steps that make every stage reachable, by the party alone.
const MID: [(&str, &str); 2] = [
    ("mid", "from \"S0\"\nmover \"party\"\nto \"S1\""),
    ("out", "from \"S1\"\nto \"E\""),
];

#[test]
fn an_obligation_leaves_the_moves_to_those_whom_the_goal_names() {
    let facts = r#"fact "b" title="乙" { value "no" "否"; value "yes" "是" }"#;
    let steps = [
        (
            "answer",
            "from \"S0\"\nmover \"outside\"\nset \"b\" \"yes\"",
        ),
        ("end", "from \"S0\"\nto \"E\"\nneeds { is \"b\" \"yes\" }"),
        MID[0],
        MID[1],
    ];
    let toy = pack(facts, &steps);
    let goal = |by: &str| {
        format!(
            "view \"v\" {{ }}\nview \"w\" {{ keep \"b\" }}\n\
             ef \"P59\" view=\"v\" title=\"t\" basis=\"b\" {{ to {{ stage \"E\" }}; by {by} }}"
        )
    };
    expect(&toy, &goal("\"bureau\" \"outside\""), None);
    refuted(&toy, &goal("\"bureau\""));
}

#[test]
fn what_is_brought_about_last_does_not_undo_what_came_before() {
    // Whatever is done to the one, the other turns to what does not fit it.
    let facts = r#"
fact "b" title="乙" { value "0" "零"; value "1" "一"; value "2" "二"; value "3" "三" }
fact "c" title="丙" { value "1" "一"; value "2" "二" }
"#;
    let fits = "from \"S0\"\nto \"E\"\nneeds { any { all { is \"b\" \"1\"; is \"c\" \"1\" }; \
                all { is \"b\" \"2\"; is \"c\" \"2\" }; all { is \"b\" \"3\"; is \"c\" \"2\" } } }";
    let goal = "view \"v\" { }\nview \"w\" { keep \"b\" }\nview \"x\" { keep \"c\" }\n\
                ef \"P59\" view=\"v\" title=\"t\" basis=\"b\" { from { stage \"S0\" }; to { stage \"E\" } }";
    let steps = [
        ("one", "from \"S0\"\nset \"b\" \"1\"\nset \"c\" \"2\""),
        ("two", "from \"S0\"\nset \"b\" \"2\"\nset \"c\" \"1\""),
        ("three", "from \"S0\"\nset \"b\" \"3\"\nset \"c\" \"1\""),
        ("end", fits),
        MID[0],
        MID[1],
    ];
    refuted(&pack(facts, &steps), goal);
}

#[test]
fn a_single_party_does_not_wait_for_others() {
    // Once the limit has made this party done, no step of its own is left, and there may be no other party.
    let facts = r#"
fact "done" title="办结" party=#true { value "no" "否"; value "yes" "是" }
limit "L" title="期限" party=#true count=5 unit="day" roll="stay" on-expiry="effects" basis="某法第二条" level="law" { set "done" "yes" }
"#;
    let fin = |needs: &str| {
        format!(
            "scope \"party\"\nfrom \"S0\"\n{needs}set \"done\" \"yes\"\nstop \"L\"\n\
             to \"E\" {{ every \"done\" \"yes\" }}"
        )
    };
    let toy = |needs: &str| {
        let fin = fin(needs);
        let tell = "scope \"party\"\nfrom \"S0\"\nneeds { is \"done\" \"no\" }\nstart \"L\"";
        pack(facts, &[("tell", tell), ("fin", &fin), MID[0], MID[1]])
    };
    let goal = "view \"v\" { keep \"done\"; keep-limit \"L\" }\n\
                ef \"P59\" view=\"v\" title=\"t\" basis=\"b\" { from { stage \"S0\" }; to { stage \"E\" } }";
    expect(&toy(""), goal, None);
    refuted(&toy("needs { is \"done\" \"no\" }\n"), goal);
}

#[test]
fn a_way_that_hangs_on_others_is_not_forgotten_for_one_that_assumes_something_else() {
    // Both ways of the first condition lead to the same state, but only the one that another party opens goes on.
    let facts = r#"
fact "x" title="外" { value "1" "一"; value "2" "二" }
fact "f" title="旗" { value "no" "否"; value "yes" "是" }
fact "bad" title="坏" { value "no" "否"; value "yes" "是" }
fact "done" title="办结" party=#true { value "no" "否"; value "yes" "是" }
"#;
    let judge = "from \"S0\"\n\
        when { cond { any { is \"x\" \"1\"; all { some \"done\" \"yes\"; is \"x\" \"2\" } } }; set \"f\" \"yes\" }\n\
        when { cond { is \"x\" \"2\"; is \"f\" \"yes\" }; set \"bad\" \"yes\" }\n\
        set \"f\" \"no\"";
    let steps = [
        ("turn", "from \"S0\"\nset \"x\" \"2\""),
        ("do", "scope \"party\"\nfrom \"S0\"\nset \"done\" \"yes\""),
        ("judge", judge),
        ("end", "from \"S0\"\nto \"E\""),
        MID[0],
        MID[1],
    ];
    let never = "view \"v\" { keep \"f\" \"bad\" \"done\" }\n\
                 never \"P1\" view=\"v\" title=\"t\" basis=\"b\" { is \"bad\" \"yes\"; is \"done\" \"no\" }";
    expect(&pack(facts, &steps), never, Some(&["judge"]));
}

#[test]
fn nobody_chooses_what_the_figures_are() {
    // Asked again and again, the figures may give the same answer for ever.
    let facts = r#"fact "due" title="应当" { value "no" "否"; value "yes" "是" }"#;
    let figure = "from \"S0\"\nto \"S1\"\nset \"due\" compute=\"hearing-due\" among=\"yes,no\"";
    let again = "from \"S1\"\nto \"S0\"";
    let end = "from \"S1\"\nneeds { is \"due\" \"no\" }\nto \"E\"";
    let goal = "view \"v\" { keep \"due\" }\n\
                ef \"P59\" view=\"v\" title=\"t\" basis=\"b\" { to { stage \"E\" } }";
    let steps = [("figure", figure), ("again", again), ("end", end)];
    refuted(&pack(facts, &steps), goal);
    let either = (
        "either",
        "from \"S1\"\nneeds { is \"due\" \"yes\" }\nto \"E\"",
    );
    expect(
        &pack(facts, &[steps[0], steps[1], steps[2], either]),
        goal,
        None,
    );
}
