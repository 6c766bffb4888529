//! The reader on small packs: what it takes, and what it refuses with which words and where.

mod aids;
mod demands;
mod hostile;
mod limits;
mod names;
mod rows;
mod switch;
mod versions;

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
