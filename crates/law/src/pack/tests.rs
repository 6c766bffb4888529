//! The reader on small packs: what it takes, and what it refuses with which words and where.

use std::collections::BTreeMap;

use super::*;

/// A pack that is right, on which the bad ones are variations.
const TOY: &str = r#"pack "toy" title="玩具" kind="toy" version="1" from="2020-01-01" region="全国"
role "officer" title="执法人员" card=#true
role "handler" title="承办人" assigned=#true from="officer"
role "leader" title="负责人"
separate "handle" "decide" basis="某规定" level="policy"
stage "S0" title="开始"
stage "E" title="结束" end=#true
fact "found" title="事实" { value "no" "否"; value "yes" "是" }
fact "told" title="告知" party=#true lapse-from="served" lapse-to="lapsed" {
    value "none" "无"; value "served" "已送达"; value "lapsed" "失效"
}
limit "L" title="期限" config="days" unit="day" roll="stay" on-expiry="record" basis="某法第一条" level="law" {
    pause-basis "某法第二条" level="law"
}
config "days" title="天数" default=5 min=1 max=9 basis="某法第一条" level="law"
lapse "row" row=1 title="失效" { lapse "told" }
paper "letter" title="通知书" order=1
action "A1" title="办理" {
    basis "某法第三条" level="law"
    step "A1.go" title="查明" {
        from "S0"
        by "officer" duty="handle" min=2
        chain "leader" duty="approve"
        form { choice "result" "结果" class="none" required=#true { option "yes" "是"; option "no" "否" } }
        set "found" field="result"
        start "L"
        each { when { cond { is "told" "served" }; raise "row" } }
    }
    step "A1.tell" title="告知" {
        scope "party"
        from "S0"
        by "officer" duty="handle"
        needs { is "found" "yes" why="未查明" next="A1.go"; any { not "told" "served"; is "found" "yes" } }
        set "told" "served"
    }
}
action "A2" title="结束" {
    basis "某法第四条" level="law"
    step {
        from "S0"
        to "E" { every "told" "served" }
        by "leader" duty="decide"
        stop "L"
        paper "letter" series="字" { is "found" "yes" }
    }
}
"#;

/// The toy pack, for the tests of what is made from packs.
pub(crate) fn toy() -> Pack {
    read(TOY).expect("the toy pack is right")
}

fn read(text: &str) -> Result<Pack, Vec<PackError>> {
    read_pack(
        &BTreeMap::from([("toy.kdl".to_owned(), text.to_owned())]),
        "digest",
    )
}

/// Replaces one piece of the right pack and expects one fault at that line with those words.
#[track_caller]
fn check(piece: &str, instead: &str, line: usize, words: &str) {
    assert!(TOY.contains(piece), "the toy pack has no {piece:?}");
    let errors = read(&TOY.replacen(piece, instead, 1)).expect_err("the pack must be refused");
    let found = errors
        .iter()
        .any(|e| e.line == line && e.message.contains(words));
    assert!(
        found,
        "expected line {line} with {words:?}, got {errors:#?}"
    );
}

#[test]
fn a_right_pack_is_read_whole() {
    let pack = read(TOY).expect("the toy pack is right");
    assert_eq!(
        (pack.name.as_str(), pack.digest.as_str(), pack.steps.len()),
        ("toy", "digest", 3)
    );
    assert_eq!(
        pack.facts
            .iter()
            .take(4)
            .map(|f| f.id.as_str())
            .collect::<Vec<_>>(),
        ["@covered", "@after_hearing", "@change", "@points"]
    );
    let step = pack.step("A1.tell").expect("declared");
    assert_eq!((step.scope, step.place.line), (Scope::Party, 29));
    let Cond::All(needs) = &step.needs else {
        panic!("needs are a conjunction")
    };
    assert_eq!(needs.len(), 2);
    let Cond::Any(either) = &needs[1] else {
        panic!("the second need is an alternative")
    };
    let Cond::Lit(not_served) = &either[0] else {
        panic!("a literal")
    };
    assert_eq!(not_served.values, 0b101, "`not` is the complement");
    let last = pack
        .step("A2")
        .expect("a step without arguments takes the action's id");
    assert_eq!((last.title.as_str(), last.papers.len()), ("结束", 1));
    assert_eq!(pack.limits[0].length, Length::Config("days".to_owned()));
    assert_eq!(pack.facts[5].lapse, Some((0b010, 2)));
}

#[test]
fn unknown_names_are_refused_with_the_known_ones() {
    check(
        "from \"S0\"",
        "from \"S9\"",
        21,
        "没有声明的阶段“S9”；可用：S0、E",
    );
    check(
        "is \"found\" \"yes\" why",
        "is \"fond\" \"yes\" why",
        33,
        "没有声明的事实“fond”；可用：@covered",
    );
    check(
        "is \"found\" \"yes\" why",
        "is \"found\" \"maybe\" why",
        33,
        "没有值“maybe”；可用：no、yes",
    );
    check(
        "by \"officer\"",
        "by \"nobody\"",
        22,
        "没有声明的角色“nobody”",
    );
    check(
        "start \"L\"",
        "start \"M\"",
        26,
        "没有声明的期限“M”；可用：L",
    );
    check(
        "raise \"row\"",
        "raise \"column\"",
        27,
        "没有声明的失效行或者效果组“column”",
    );
    check(
        "paper \"letter\" series",
        "paper \"book\" series",
        44,
        "没有声明的文书“book”；可用：letter",
    );
    check(
        "field=\"result\"",
        "field=\"other\"",
        25,
        "表单里没有字段“other”；可用：result",
    );
    check(
        "option \"yes\"",
        "option \"perhaps\"",
        25,
        "没有值“perhaps”",
    );
    check("next=\"A1.go\"", "next=\"A9\"", 33, "没有声明的步骤“A9”");
    check(
        "config=\"days\"",
        "config=\"weeks\"",
        12,
        "没有声明的配置项“weeks”",
    );
    check(
        "; is \"found\" \"yes\" }",
        "; limit \"L\" \"walking\" }",
        33,
        "没有“walking”这种期限状态；可用：idle",
    );
}

#[test]
fn unknown_nodes_and_properties_are_refused_with_the_allowed_ones() {
    check(
        "stage \"S0\"",
        "stages \"S0\"",
        6,
        "没有“stages”这种声明；可用：pack、role",
    );
    check(
        "chain \"leader\"",
        "chains \"leader\"",
        23,
        "没有“chains”这种节点；可用：scope、from",
    );
    check(
        "title=\"开始\"",
        "name=\"开始\"",
        6,
        "没有属性“name”；可用：title、end",
    );
    check(
        "title=\"开始\"",
        "title=\"开始\" title=\"又\"",
        6,
        "写了两次",
    );
    check("min=2", "min=\"2\"", 22, "属性“min”须为整数");
    check("title=\"开始\"", "", 6, "缺少属性“title”");
    check(
        "stage \"S0\" ",
        "stage \"S0\" \"S1\" ",
        6,
        "要 1 个参数，这里有 2 个",
    );
    check(
        "set \"found\" field",
        "set \"found\" \"yes\" field",
        25,
        "恰有一个来源",
    );
    check(
        "duty=\"approve\"",
        "duty=\"watch\"",
        23,
        "没有“watch”这项职责；可用：handle",
    );
    check(
        "unit=\"day\"",
        "unit=\"week\"",
        12,
        "unit 没有“week”这一项；可用：workday",
    );
    check(
        "by \"leader\" duty=\"decide\"",
        "by \"leader\" duty=\"decide\"\n require \"magic\" basis=\"x\"",
        43,
        "没有“magic”这项核验；可用：",
    );
    check(
        "by \"leader\" duty=\"decide\"",
        "by \"leader\" duty=\"decide\"\n require \"quorum\" basis=\"x\"",
        43,
        "“quorum”须写 on=\"字段\"",
    );
}

#[test]
fn evidence_says_of_what_kind_it_is_with_the_fields_that_tell_more() {
    for (kind, words) in [
        ("", "kind"),
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
fn limits_must_start_stop_and_mean_what_they_say() {
    check("        start \"L\"\n", "", 12, "没有任何步骤起算");
    check("        stop \"L\"\n", "", 12, "没有任何步骤停止");
    check(
        "on-expiry=\"record\"",
        "on-expiry=\"forbid\"",
        12,
        "没有步骤的 needs 提到它",
    );
    check("config=\"days\"", "count=0", 12, "count 须为正整数");
    check(
        "config=\"days\"",
        "count=3 config=\"days\"",
        12,
        "恰有一个来源",
    );
    check(
        "config=\"days\"",
        "field=\"until\"",
        20,
        "须有日期字段“until”",
    );
    check(
        "unit=\"day\"",
        "unit=\"day\" direction=\"back\"",
        20,
        "须写 require \"lead-time\"",
    );
    check(
        "level=\"law\" {\n    pause-basis",
        "level=\"law\" {\n    stop \"L\"\n    pause-basis",
        12,
        "届满没有效果",
    );
}

#[test]
fn the_day_from_which_a_limit_counts_stands_in_a_date_that_is_filled_in() {
    check("start \"L\"", "start \"L\" on=\"result\"", 26, "类型不对");
    check(
        "start \"L\"",
        "start \"L\" on=\"since\"",
        26,
        "没有字段“since”",
    );
    check(
        "option \"no\" \"否\" } }\n        set \"found\" field=\"result\"\n        start \"L\"",
        "option \"no\" \"否\" }; date \"since\" \"自\" class=\"none\" }\n        set \"found\" field=\"result\"\n        start \"L\" on=\"since\"",
        26,
        "须写 required=#true",
    );
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

#[test]
fn a_limit_that_only_records_bars_nothing() {
    check(
        "any { not \"told\" \"served\"; is \"found\" \"yes\" }",
        "limit \"L\" \"running\"",
        29,
        "届满只作记录",
    );
}

#[test]
fn names_are_declared_once() {
    check(
        "stage \"E\"",
        "stage \"S0\"",
        7,
        "阶段“S0”重复，前一处在 toy.kdl 第6行",
    );
    check("step \"A1.tell\"", "step \"A1.go\"", 29, "步骤“A1.go”重复");
    check("value \"yes\"", "value \"no\"", 8, "值“no”重复");
    check("option \"no\"", "option \"yes\"", 24, "选项“yes”重复");
}

#[test]
fn facts_of_a_party_need_a_party() {
    check(
        "every \"told\"",
        "is \"told\"",
        41,
        "全案的步骤里不知道指谁",
    );
    check(
        "every \"told\" \"served\"",
        "every \"found\" \"yes\"",
        41,
        "不分当事人",
    );
    check(
        "        stop \"L\"\n",
        "        stop \"L\"\n        set \"told\" \"none\"\n",
        44,
        "须放在 each 之下",
    );
    check(
        "        stop \"L\"\n",
        "        stop \"L\"\n        raise \"row\"\n",
        39,
        "“row”涉及各个当事人",
    );
    check(
        "        set \"told\" \"served\"\n",
        "        each { set \"told\" \"served\" }\n",
        29,
        "不得用 each 改动其他当事人",
    );
    check(
        "set \"told\"",
        "set \"@change\" \"same\"\n set \"told\"",
        34,
        "由程序维护",
    );
}

#[test]
fn a_computation_is_one_that_the_program_knows_with_all_its_answers() {
    let line = 1 + TOY
        .lines()
        .position(|l| l.contains("set \"found\" field=\"result\""))
        .expect("the toy pack sets it");
    let instead = |compute: &str, among: &str| {
        format!("set \"found\" compute=\"{compute}\" among=\"{among}\"")
    };
    let right = TOY.replacen(
        "set \"found\" field=\"result\"",
        &instead("hearing-due", "no,yes"),
        1,
    );
    read(&right).expect("a computation that the program knows");
    for (compute, among, words) in [
        (
            "hearing-dew",
            "no,yes",
            "程序没有“hearing-dew”这种算法；可用：finding",
        ),
        (
            "hearing-due",
            "no",
            "“hearing-due”的结果是 no、yes，among 须写全",
        ),
        ("hearing-due", "no,yes,yes", "也不得多写"),
    ] {
        let edited = instead(compute, among);
        check("set \"found\" field=\"result\"", &edited, line, words);
    }
}

#[test]
fn a_pause_needs_a_basis() {
    let paused = TOY.replacen("stop \"L\"", "pause \"L\"; stop \"L\"", 1);
    read(&paused).expect("the limit has an article for pauses");
    let errors = read(&paused.replacen("    pause-basis \"某法第二条\" level=\"law\"\n", "", 1))
        .expect_err("refused");
    assert!(errors[0].message.contains("没有 pause-basis"), "{errors:?}");
}

#[test]
fn only_a_limit_with_days_of_its_own_can_continue() {
    let on = TOY.replacen("start \"L\"", "start \"L\"; continue \"L\"", 1);
    read(&on).expect("five days can go on");
    let form = "form { date \"until\" \"至\" class=\"none\" required=#true; choice";
    let stated = on
        .replacen("config=\"days\"", "field=\"until\"", 1)
        .replacen("form { choice", form, 1);
    let errors = read(&stated).expect_err("refused");
    assert!(errors[0].message.contains("不能继续计算"), "{errors:?}");
}

#[test]
fn a_measured_limit_has_days_of_its_own_and_no_effects() {
    let with = |limit: &str, measure: &str| {
        TOY.replacen("config=\"days\"", limit, 1).replacen(
            "start \"L\"\n",
            &format!("measure \"L\" {measure}\n"),
            1,
        )
    };
    let days = "from=\"@discovered\" to=\"@today\"";
    read(&with("count=2", days)).expect("right");
    let refused = |text: String, words: &str| {
        let errors = read(&text).expect_err("refused");
        assert!(
            errors[0].message.contains(words),
            "{words:?}, got {errors:#?}"
        );
    };
    refused(with("count=2", "from=\"result\" to=\"@today\""), "类型不对");
    refused(
        with("count=2", "from=\"@yesterday\" to=\"@today\""),
        "没有字段“@yesterday”",
    );
    refused(with("count=2", "from=\"@today\""), "缺少属性“to”");
    refused(with("count=2 direction=\"back\"", days), "不能事后核定");
    let acts = with("count=2", days).replacen("on-expiry=\"record\"", "on-expiry=\"effects\"", 1);
    refused(acts, "不能另有效果");
}

#[test]
fn an_extension_is_approved_reasoned_and_loaded_where_the_law_sets_the_limit() {
    const STEP: &str = "    step \"A1.longer\" title=\"延长\" {
        from \"S0\"
        by \"officer\" duty=\"handle\"
        chain \"leader\" duty=\"approve\"
        form { prose \"reason\" \"理由\" class=\"none\" required=#true }
        extend \"L\" config=\"more\"
    }
    step \"A1.tell\"";
    const KEY: &str =
        "config \"more\" title=\"延长\" burden=#true min=1 basis=\"某法第五条\" level=\"law\"";
    let right = TOY.replacen("    step \"A1.tell\"", STEP, 1).replacen(
        "\nlapse",
        &format!("\n{KEY}\nlapse"),
        1,
    );
    let pack = read(&right).expect("right");
    let step = pack.step("A1.longer").expect("declared");
    assert_eq!(
        step.effects,
        [Effect::Extend {
            limit: 0,
            config: "more".to_owned(),
            times: 1
        }]
    );
    let refused = |piece: &str, instead: &str, words: &str| {
        assert!(right.contains(piece), "no {piece:?}");
        let errors = read(&right.replacen(piece, instead, 1)).expect_err("refused");
        assert!(
            errors.iter().any(|e| e.message.contains(words)),
            "expected {words:?}, got {errors:#?}"
        );
    };
    let chain = "duty=\"handle\"\n        chain \"leader\" duty=\"approve\"\n        form { prose";
    refused(chain, "duty=\"handle\"\n        form { prose", "由谁批准");
    refused("prose \"reason\"", "prose \"why\"", "没有字段“reason”");
    refused(
        "class=\"none\" required=#true }\n        extend",
        "class=\"none\" }\n        extend",
        "须为必填",
    );
    refused("burden=#true min=1", "min=1", "须写 burden=#true");
    refused(
        "burden=#true min=1",
        "burden=#true min=1 default=2",
        "不得有 default",
    );
    refused(
        "config=\"more\"",
        "config=\"most\"",
        "没有声明的配置项“most”",
    );
    refused("config=\"more\"", "config=\"more\" times=0", "times 须为");
    let when = "when { cond { is \"found\" \"yes\" }; extend \"L\" config=\"more\" }";
    refused("extend \"L\" config=\"more\"", when, "直接写在步骤之下");
    refused("config=\"days\"", "count=3 direction=\"back\"", "不能延长");
}

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

#[test]
fn several_faults_are_told_at_once_in_order() {
    let bad = TOY
        .replacen("title=\"开始\"", "", 1)
        .replacen("duty=\"approve\"", "", 1)
        .replacen("class=\"none\" ", "", 1);
    let errors = read(&bad).expect_err("refused");
    assert_eq!(
        errors.iter().map(|e| e.line).collect::<Vec<_>>()[..3],
        [6, 23, 24]
    );
}

#[test]
fn a_pack_has_one_head_and_proper_stages() {
    check(
        "pack \"toy\"",
        "pack \"toy\" title=\"x\" kind=\"x\" version=\"x\" from=\"2020-01-01\" region=\"全国\"\npack \"toy\"",
        2,
        "pack 只能写一次",
    );
    check("region=\"全国\"", "region=\"12345\"", 1, "6 位区划代码");
    check(
        "from=\"2020-01-01\"",
        "from=\"2020-13-01\"",
        1,
        "from 须为日期",
    );
    check(
        "from=\"2020-01-01\"",
        "from=\"2020-01-01\" to=\"2019-01-01\"",
        1,
        "早于生效日",
    );
    check(" end=#true", "", 6, "没有结束阶段");
    let errors = read("stage \"S\" title=\"s\"").expect_err("refused");
    assert!(errors[0].message.contains("缺少 pack"), "{errors:?}");
}

#[test]
fn hostile_text_is_refused_without_harm() {
    let cases: [(String, &str); 12] = [
        ("a {".repeat(100_000), "嵌套超过"),
        ("}".repeat(100_000), "多出一个右大括号"),
        ("/*".repeat(100_000), "块注释"),
        ("/-a ".repeat(100_000), "不支持“/-”"),
        ("a \"".to_owned(), "没有在本行内闭合"),
        ("a \"\"\"\nb\n\"\"\"".to_owned(), "多行字符串"),
        ("a #\"x\"#".to_owned(), "原始字符串"),
        ("a\"b\"".to_owned(), "引号前面"),
        ("a { b".to_owned(), "没有对应的右大括号"),
        (" ".repeat(2 << 20), "超过上限"),
        ("a \\\nb".to_owned(), "续行符"),
        ("a = = 3 ( \u{0} )".to_owned(), "不是有效的 KDL 语法"),
    ];
    for (text, words) in cases {
        let errors = read(&text).expect_err("refused");
        assert!(
            errors[0].message.contains(words),
            "expected {words:?}, got {errors:?}"
        );
    }
}

/// The toy pack with another head.
fn version(head: &str, children: &str) -> Pack {
    let head = format!("version=\"{head} region=\"全国\"{children}");
    let text = TOY.replacen(
        "version=\"1\" from=\"2020-01-01\" region=\"全国\"",
        &head,
        1,
    );
    read(&text).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

#[test]
fn packs_in_force_at_once_are_found_with_both_places() {
    let open = version("1\" from=\"2020-01-01\"", "");
    let closed = version("1\" from=\"2020-01-01\" to=\"2021-12-31\"", "");
    let next = version("2\" from=\"2022-01-01\"", "");
    assert_eq!(overlaps(&[closed.clone(), next.clone()]), []);
    let found = overlaps(&[open.clone(), next]);
    assert_eq!((found.len(), found[0].first, found[0].second), (1, 0, 1));
    for words in [
        "1（全国，toy.kdl 第1行）",
        "2（全国，toy.kdl 第1行）",
        "2022-01-01 同时有效",
    ] {
        assert!(found[0].message.contains(words), "{}", found[0].message);
    }
    // A province's pack applies where the nationwide one does.
    let mut local = closed;
    local.region = "110000".to_owned();
    assert_eq!(overlaps(&[open, local]).len(), 1);
}

#[test]
fn a_declared_precedence_picks_from_its_first_day_on() {
    let old = version("1\" from=\"2020-01-01\"", "");
    let over = " { over \"1\" region=\"全国\" by=\"newer\" basis=\"《立法法》第一百零三条\" level=\"law\" }";
    let new = version("2\" from=\"2022-01-01\"", over);
    let packs = [new, old];
    assert_eq!(overlaps(&packs), []);
    let on = |day: &str| {
        let day = day.parse().expect("a date");
        let found = pack_on(&packs, "toy", day, "110105").expect("settled");
        found.map(|pack| pack.version.as_str())
    };
    assert_eq!(on("2019-12-31"), None);
    assert_eq!(on("2021-12-31"), Some("1"));
    assert_eq!(on("2022-01-01"), Some("2"));
    let bare = version("2\" from=\"2022-01-01\"", "");
    let day = "2022-01-01".parse().expect("a date");
    let message = pack_on(&[packs[1].clone(), bare], "toy", day, "110105").expect_err("unsettled");
    assert!(message.contains("又没有写明哪一个优先"), "{message}");
}

#[test]
fn a_declaration_of_precedence_says_what_and_why() {
    let head = |over: &str| {
        let with = format!("region=\"全国\" {{ {over} }}");
        read(&TOY.replacen("region=\"全国\"", &with, 1))
    };
    let refused = |over: &str, words: &str| {
        let errors = head(over).expect_err("refused");
        assert!(
            errors[0].message.contains(words),
            "{words:?}, got {errors:#?}"
        );
    };
    let basis = "basis=\"某法第一条\" level=\"law\"";
    head(&format!(
        "over \"0\" region=\"全国\" by=\"special\" {basis}"
    ))
    .expect("right");
    refused(
        &format!("over \"0\" region=\"全国\" by=\"older\" {basis}"),
        "by 没有“older”这一项；可用：superior、special、newer",
    );
    refused(
        &format!("over \"0\" by=\"newer\" {basis}"),
        "缺少属性“region”",
    );
    refused(
        "over \"0\" region=\"全国\" by=\"newer\" level=\"law\"",
        "缺少属性“basis”",
    );
    refused(
        &format!("over \"0\" region=\"某省\" by=\"newer\" {basis}"),
        "6 位区划代码",
    );
}

/// A second version of the toy pack that says how cases of the first come over, with some pieces replaced.
fn second(switch: &str, pieces: &[(&str, &str)]) -> Result<Pack, Vec<PackError>> {
    let mut text = TOY.replacen(
        "version=\"1\" from=\"2020-01-01\"",
        "version=\"2\" from=\"2022-01-01\"",
        1,
    );
    for (piece, instead) in pieces {
        assert!(text.contains(piece), "no {piece:?}");
        text = text.replace(piece, instead);
    }
    read(&format!("{text}{switch}"))
}

const SWITCH: &str = "switch from=\"1\" basis=\"某规定第九条\" level=\"rule\"";

#[test]
fn what_both_versions_call_the_same_stays_what_it_is() {
    let new = second(&format!("{SWITCH}\n"), &[]).expect("right");
    let plan = switch_plan(&toy(), &new).expect("everything has a place");
    let plan = plan.expect("cases come over");
    assert_eq!(plan.stages["S0"], "S0");
    assert_eq!(plan.limits["L"], "L");
    assert_eq!(plan.facts["told"], "told");
    assert_eq!(
        plan.values[&("told".to_owned(), "served".to_owned())],
        "served"
    );
    assert_eq!(plan.roles.keys().collect::<Vec<_>>(), ["handler"]);
    assert_eq!(plan.basis, "某规定第九条");
    assert!(plan.first_values(&toy(), &new, Scope::Party).is_empty());
    let keeping = second(&format!("{SWITCH} keep=#true\n"), &[]).expect("right");
    assert_eq!(
        switch_plan(&toy(), &keeping),
        Ok(None),
        "a transitional clause"
    );
}

#[test]
fn what_has_no_counterpart_is_refused_until_it_is_named() {
    let pieces = [
        ("\"S0\"", "\"S1\""),
        ("\"L\"", "\"M\""),
        ("\"found\"", "\"seen\""),
        ("\"lapsed\"", "\"gone\""),
        ("\"handler\"", "\"clerk\""),
    ];
    let faults = |switch: &str| {
        let new = second(switch, &pieces).unwrap_or_else(|faults| panic!("{faults:#?}"));
        switch_plan(&toy(), &new).expect_err("refused")
    };
    let bare = faults(&format!("{SWITCH}\n"));
    let line = TOY.lines().count() + 1;
    for words in [
        "阶段“S0”",
        "期限“L”",
        "事实“found”",
        "值“lapsed”",
        "角色“handler”",
    ] {
        let found = bare
            .iter()
            .any(|e| e.message.contains(words) && e.line == line);
        assert!(found, "{words:?} in {bare:#?}");
    }
    let none = faults("");
    assert!(
        none[0].message.contains("没有写明 1 版的在办案件怎样换版"),
        "{none:?}"
    );
    assert_eq!(none[0].line, 1);
    let named = "stage \"S0\" \"S1\"; limit \"L\" \"M\"; fact \"found\" \"seen\"; value \"told\" \"lapsed\" \"gone\"; role \"handler\" \"clerk\"";
    let new = second(&format!("{SWITCH} {{ {named} }}\n"), &pieces).expect("right");
    let plan = switch_plan(&toy(), &new)
        .expect("named")
        .expect("comes over");
    assert_eq!(
        (plan.stages["S0"].as_str(), plan.limits["L"].as_str()),
        ("S1", "M")
    );
    assert_eq!(plan.values[&("found".to_owned(), "yes".to_owned())], "yes");
    let stray = faults(&format!(
        "{SWITCH} {{ {named}; stage \"S7\" \"S1\"; value \"x\" \"y\" \"z\" }}\n"
    ));
    for words in ["没有阶段“S7”", "没有事实“x”"] {
        assert!(
            stray.iter().any(|e| e.message.contains(words)),
            "{stray:#?}"
        );
    }
}

#[test]
fn a_counterpart_must_be_of_the_same_sort() {
    let faults = |switch: &str, pieces: &[(&str, &str)]| {
        let new = second(switch, pieces).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let faults = switch_plan(&toy(), &new).expect_err("refused");
        faults.iter().map(|e| e.message.clone()).collect::<String>()
    };
    let ended = format!("{SWITCH} {{ stage \"S0\" \"E\" }}\n");
    assert!(faults(&ended, &[]).contains("不得使已经结束的案件重新开始"));
    let extra = "fact \"more\" title=\"多\" party=#true { value \"no\" \"否\"; value \"yes\" \"是\" }\nfact \"told\"";
    let scope = format!("{SWITCH} {{ fact \"found\" \"more\" }}\n");
    assert!(faults(&scope, &[("fact \"told\"", extra)]).contains("须同属全案或者各当事人"));
    let both = format!(
        "{SWITCH} {{ fact \"told\" \"found\"; value \"told\" \"none\" \"no\"; value \"told\" \"served\" \"yes\"; value \"told\" \"lapsed\" \"no\" }}\n"
    );
    assert!(faults(&both, &[]).contains("不能合并"));
}

#[test]
fn a_switch_names_what_the_new_version_has_and_only_once() {
    let refused = |switch: &str, words: &str| {
        let errors = second(switch, &[]).expect_err("refused");
        assert!(
            errors.iter().any(|e| e.message.contains(words)),
            "{words:?}, got {errors:#?}"
        );
    };
    refused(
        &format!("{SWITCH} {{ stage \"S0\" \"S9\" }}\n"),
        "没有声明的阶段“S9”",
    );
    refused(
        &format!("{SWITCH} {{ limit \"L\" \"L\"; limit \"L\" \"L\" }}\n"),
        "写了两次",
    );
    refused(&format!("{SWITCH}\n{SWITCH}\n"), "前一处在 toy.kdl");
    refused(&SWITCH.replace("from=\"1\"", "from=\"2\""), "不能是本版");
    refused("switch from=\"1\"\n", "缺少属性“basis”");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(pieces in proptest::collection::vec(proptest::sample::select(SOUP.to_vec()), 0..60)) {
        let _ = read(&pieces.concat());
    }

    #[test]
    fn no_cut_of_a_right_pack_makes_the_reader_panic(at in 0..TOY.len()) {
        let cut = (0..=at).rev().find(|at| TOY.is_char_boundary(*at)).unwrap_or(0);
        // A cut between two declarations may leave a right pack; what counts is that the reader answers.
        let answer = read(&TOY[..cut]);
        proptest::prop_assert!(answer.is_ok() || answer.is_err_and(|faults| !faults.is_empty()));
    }
}

/// Pieces of which text is made that is nearly a pack.
const SOUP: [&str; 24] = [
    "pack ",
    "step ",
    "fact ",
    "action ",
    "set ",
    "when ",
    "{",
    "}",
    "\n",
    ";",
    " ",
    "\"a\"",
    "\"",
    "=",
    "title=\"t\"",
    "#true",
    "(",
    ")",
    "\\",
    "//",
    "/*",
    "1.5",
    "中文",
    "\u{0}",
];
