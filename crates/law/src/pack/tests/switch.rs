//! Coming over from an older version.

use super::*;

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
