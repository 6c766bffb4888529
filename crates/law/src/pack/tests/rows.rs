//! The lapse matrix, and what grows too large.

use super::*;

#[test]
fn rows_of_the_matrix_do_not_run_in_circles() {
    check(
        "{ lapse \"told\" }",
        "{ lapse \"told\"; do \"row\" }",
        16,
        "又回到自身",
    );
    check(
        "{ lapse \"told\" }",
        "{ do \"b\" }\nbundle \"b\" title=\"乙\" { do \"row\" }",
        16,
        "又回到自身",
    );
}

#[test]
fn rows_that_grow_without_bound_are_refused() {
    let mut rows = String::from("bundle \"b0\" title=\"零\" { set \"found\" \"yes\" }\n");
    for at in 1..12 {
        let twice = format!("do \"b{0}\"; ", at - 1).repeat(10);
        rows.push_str(&format!("bundle \"b{at}\" title=\"层\" {{ {twice} }}\n"));
    }
    let errors = read(&format!("{TOY}{rows}")).expect_err("refused");
    assert!(errors[0].message.contains("展开后过长"), "{errors:?}");
}

#[test]
fn more_stages_than_the_checker_can_hold_are_refused() {
    let stages: String = (0..70)
        .map(|at| format!("stage \"T{at}\" title=\"阶段\"\n"))
        .collect();
    let errors = read(&format!("{TOY}{stages}")).expect_err("refused");
    assert!(errors[0].message.contains("最多 64 个"), "{errors:?}");
}
