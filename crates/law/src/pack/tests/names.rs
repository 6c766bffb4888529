//! Names and values that a pack may use.

use super::*;

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
