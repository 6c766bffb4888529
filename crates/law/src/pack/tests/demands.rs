//! What a line or a step must have.

use super::*;

#[test]
fn evidence_says_of_what_kind_it_is_with_the_fields_that_tell_more() {
    for (kind, words) in [
        (" kind=\"rumour\"", "没有“rumour”这一项；可用：chosen"),
        (" kind=\"chosen\"", "表单里没有字段“name”"),
        (" kind=\"interview\"", "表单里没有字段“interviewee”"),
        (" kind=\"sample\"", "须在表单里有 items 字段"),
    ] {
        check("start \"L\"", &format!("evidence{kind}"), 26, words);
    }
    for kind in ["expert", "record"] {
        let evidence = format!("start \"L\"\n        evidence kind=\"{kind}\"");
        assert!(read(&TOY.replacen("start \"L\"", &evidence, 1)).is_ok());
    }
}

#[test]
fn evidence_of_no_kind_is_what_the_form_has_the_fields_for() {
    for (field, expect) in [
        ("text \"place\" \"地点\" class=\"none\"", Evidence::Record),
        (
            "text \"interviewee\" \"被询问人\" class=\"name\"",
            Evidence::Interview,
        ),
        ("items \"items\" \"样品\" class=\"none\"", Evidence::Sample),
        (
            "prose \"result\" \"鉴定意见\" class=\"prose\"",
            Evidence::Expert,
        ),
        (
            "text \"name\" \"名称\" class=\"none\"; text \"kind\" \"种类\" class=\"none\"",
            Evidence::Chosen,
        ),
    ] {
        let step = TOY.replacen(
            "        set \"told\" \"served\"",
            &format!("        form {{ {field} }}\n        evidence"),
            1,
        );
        let pack = read(&step).expect("a form with that field");
        let step = pack.step("A1.tell").expect("declared");
        assert_eq!(step.effects, [Effect::Evidence(expect)]);
    }
}

#[test]
fn a_check_stands_only_where_it_has_something_to_look_at() {
    for step in ["A1.go", "A1.tell"] {
        let piece = format!("step \"{step}\"");
        let of_party = step == "A1.tell";
        for demanded in Check::ALL {
            let name = demanded.name;
            let ask = |on: &str| {
                let (before, after) = TOY.split_once(&piece).expect("a step of the toy pack");
                let needle = "by \"officer\"";
                let with = format!("require \"{name}\" basis=\"x\"{on}\n        {needle}");
                read(&format!(
                    "{before}{piece}{}",
                    after.replacen(needle, &with, 1)
                ))
            };
            let said = |on: &str, words: &str| {
                let errors = ask(on).err().unwrap_or_default();
                errors.iter().any(|e| e.message.contains(words))
            };
            assert_eq!(
                said("", "须写 scope \"party\""),
                demanded.of_party && !of_party,
                "{name} in {step}"
            );
            let needs_field = demanded.of_field == OfField::Needed;
            assert_eq!(said("", "须写 on=\"字段\""), needs_field, "{name}");
            let takes_none = demanded.of_field == OfField::None;
            assert_eq!(said(" on=\"result\"", "不要写 on"), takes_none, "{name}");
        }
    }
}

#[test]
fn what_the_law_demands_of_a_line_is_demanded() {
    check(
        "    basis \"某法第四条\" level=\"law\"\n",
        "",
        38,
        "没有依据",
    );
    check(
        "basis \"某法第四条\" level=\"law\"\n    step {",
        "basis \"某法第四条\" level=\"custom\"\n    step {\n burden",
        39,
        "加重当事人负担",
    );
    check("class=\"none\" ", "", 24, "缺少属性“class”");
    check(
        "class=\"none\"",
        "class=\"secret\"",
        24,
        "没有“secret”这一隐私类别",
    );
    check(
        "max=9 basis=\"某法第一条\"",
        "max=9 burden=#true basis=\"本机关设置\"",
        15,
        "加重当事人负担的配置",
    );
    check("max=9", "max=3", 15, "min ≤ default ≤ max");
    check(
        "        by \"leader\" duty=\"decide\"\n",
        "",
        39,
        "没有写由谁办理",
    );
    check(
        "        from \"S0\"\n        to",
        "        to",
        39,
        "没有写在哪些阶段可以办",
    );
    check("roll=\"stay\" ", "", 12, "缺少属性“roll”");
}

#[test]
fn a_party_is_amended_in_a_step_of_its_own() {
    check(
        "start \"L\"",
        "start \"L\"\n        amend-party field=\"result\"",
        27,
        "须放在 each 之下",
    );
}
