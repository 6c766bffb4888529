//! What is shown beside forms: read as written, and refused where it names what the pack does not have.

use super::*;

const AIDS: &str = r#"
review-item "8" look="有无职权" { fact "found"; role "handler"; paper "letter"; proposal "violated" "basis" }
guide "A1.go" "A2" { means "查明事实"; say "亮证" "我们是执法人员。"; mind "两人办理"; basis "某法第三条" level="law" }
"#;

#[test]
fn aids_are_read_as_written() {
    let pack = read(&format!("{TOY}{AIDS}")).expect("right");
    let aid = &pack.review_aids[0];
    assert_eq!((aid.item, aid.look.as_str()), (8, "有无职权"));
    assert_eq!(pack.facts[aid.facts[0]].id, "found");
    assert_eq!((aid.roles.len(), aid.papers.len()), (1, 1));
    assert_eq!(aid.proposal, ["violated", "basis"]);
    let guidance = &pack.guidance[0];
    let steps: Vec<&str> = guidance
        .steps
        .iter()
        .map(|at| pack.steps[*at].id.as_str())
        .collect();
    assert_eq!(steps, ["A1.go", "A2"]);
    assert_eq!(guidance.say[0].1, "我们是执法人员。");
}

#[test]
fn aids_that_name_what_is_not_there_are_refused() {
    #[track_caller]
    fn check(piece: &str, instead: &str, words: &str) {
        assert!(AIDS.contains(piece), "{piece}");
        let errors = read(&format!("{TOY}{}", AIDS.replacen(piece, instead, 1)));
        let errors = errors.expect_err("the pack must be refused");
        let found = errors.iter().any(|e| e.message.contains(words));
        assert!(found, "{instead}: {errors:#?}");
    }
    check("\"8\"", "\"11\"", "1 至 10");
    check("fact \"found\"", "fact \"lost\"", "没有声明的事实“lost”");
    check("role \"handler\"", "role \"x\"", "没有声明的角色“x”");
    check("paper \"letter\"", "paper \"x\"", "没有声明的文书“x”");
    check("\"violated\"", "\"x\"", "没有“x”这一部分");
    check("role \"handler\"", "evidence \"x\"", "证据种类“x”");
    check("\"A2\"", "\"A9\"", "没有声明的步骤“A9”");
    check(
        "basis \"某法第三条\" level=\"law\"",
        "mind \"乙\"",
        "没有依据",
    );
    check(
        "guide",
        "review-item \"8\" look=\"乙\" {}\nguide",
        "写了两次",
    );
}
