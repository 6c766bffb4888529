//! Nothing private goes out with a public copy or with the reason why it was withdrawn (行政处罚法 48, 50).

use casework::{
    Refusal,
    effect::Effect,
    field::{FieldValue, Fields},
    masking::Private,
    state::fold,
};
use jiff::civil::date;

use super::gone;
use crate::support::{Bureau, With, edited};

/// A case that was decided and served, in which 张三 was interviewed.
fn decided() -> Bureau {
    let mut bureau = Bureau::new(date(2026, 3, 2));
    bureau.lead(&["甲机械有限公司".to_owned()]);
    let mut from = 0;
    crate::straight(&mut bureau, "A05", &mut from);
    let interviewee = FieldValue::Text("张三（操作工）".to_owned());
    let with = With {
        fields: Fields::from([("interviewee".to_owned(), interviewee)]),
        ..With::default()
    };
    bureau.take("A09.interview", None, with).unwrap();
    crate::straight(&mut bureau, "A35.deliver", &mut from);
    bureau
}

fn told(bureau: &mut Bureau, step: &str, field: &str, words: &str) -> Result<(), Refusal> {
    let fields = Fields::from([(field.to_owned(), FieldValue::Text(words.to_owned()))]);
    let with = With {
        fields,
        ..With::default()
    };
    bureau.take(step, Some("p1"), with)
}

fn refused(outcome: Result<(), Refusal>, words: &str) {
    let refusal = outcome.unwrap_err().to_string();
    assert!(refusal.contains(words), "{refusal}");
    assert!(refusal.contains("第五十条"), "{refusal}");
}

#[test]
fn what_was_decided_is_looked_through_before_it_is_published() {
    let mut bureau = decided();
    let track = bureau.state.parties[0].decided.as_mut().unwrap();
    track
        .basis
        .push("当事人委托张小明（１３８ ００１３ ８０００）说明".to_owned());
    let outcome = told(&mut bureau, "A47.publish", "public_facts", "未建立台账");
    refused(outcome, "“处罚依据”写有证件号码、电话或者账号样式的数字");
}

#[test]
fn nobody_whom_a_form_named_and_no_representative_is_published() {
    let mut bureau = decided();
    bureau.state.parties[0].party.representative = "陈大年 ".to_owned();
    assert!(
        bureau.state.named.contains("张三"),
        "{:?}",
        bureau.state.named
    );
    for words in ["陈大年承认未建立台账", "询问张三得知"] {
        let outcome = told(&mut bureau, "A47.publish", "public_facts", words);
        refused(outcome, "“公开的违法事实”写有自然人的姓名");
    }
    bureau.state.cause = "陈 大年未建立台账".to_owned();
    let outcome = told(&mut bureau, "A47.publish", "public_facts", "未建立台账");
    refused(outcome, "“案由”写有自然人的姓名");
}

#[test]
fn an_organisation_is_published_by_name_and_withdrawn_without_anybodys_name() {
    let mut bureau = decided();
    told(
        &mut bureau,
        "A47.publish",
        "public_facts",
        "甲机械有限公司未建立台账",
    )
    .unwrap();
    let outcome = told(
        &mut bureau,
        "A48.stop",
        "reason",
        "张三申请复议，决定被撤销",
    );
    refused(outcome, "公开说明的理由写有自然人的姓名");
    told(&mut bureau, "A48.stop", "reason", "决定被依法撤销").unwrap();
}

#[test]
fn a_field_of_names_that_only_the_pack_knows_is_kept_from_the_public_page() {
    let pack = edited(&[(
        "20-investigation.kdl",
        "text \"interviewee\"",
        "class=\"name\" required=#true",
        "class=\"name\" required=#true\n            text \"complainant\" \"投诉举报人\" class=\"name\"",
    )]);
    let mut bureau = gone(Bureau::with_pack(pack, date(2026, 3, 2)), "A05");
    let mut with = With::default();
    let complainant = FieldValue::Text("郑小满（电话举报）".to_owned());
    with.fields.insert("complainant".to_owned(), complainant);
    bureau.take("A09.interview", None, with).unwrap();
    let found = Private::of(&bureau.state).found("经郑小满举报查实");
    assert_eq!(found, Some("自然人的姓名"), "{:?}", bureau.state.named);
}

#[test]
fn an_older_event_that_does_not_say_whom_its_form_named_is_read_by_its_fields() {
    let mut events = decided().events;
    let said = |effect: &Effect| matches!(effect, Effect::Named { .. });
    assert!(events.iter().any(|e| e.effects.iter().any(said)));
    for event in &mut events {
        event.effects.retain(|effect| !said(effect));
    }
    let state = fold(&events);
    assert!(state.named.contains("张三"), "{:?}", state.named);
}
