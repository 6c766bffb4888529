//! Papers of the execution: after a ruling changed the decision, at the cap, and where gains are confiscated too.

use super::second::{decided, given, on, owing, ruling, says};
use super::wording::{acted, printed};
use super::*;

/// What was proposed and what a ruling left of it: 8,000 and 3,000.
fn changed() -> Sample {
    let mut sample = owing("overdue");
    let track = &mut sample.state.parties[0];
    let proposed = track.decided.clone().unwrap();
    track.decided.as_mut().unwrap().penalties[0].amount_fen = Some(300_000);
    for (fact, value) in [("decision", "changed"), ("remedy", "settled")] {
        track.facts.insert(fact.to_owned(), value.to_owned());
    }
    sample.state.proposal = vec![proposed];
    sample
}

/// The ruling and the step that carried it out.
fn carried_out() -> Vec<CaseActed> {
    vec![ruling(), acted("A46.change", Some("p1"), Fields::new())]
}

/// Fine and confiscated gains of the first party.
fn with_gains(money: &str) -> Sample {
    let mut sample = owing(money);
    let decided = sample.state.parties[0].decided.as_mut().unwrap();
    let mut gains = decided.penalties[0].clone();
    gains.kind = PenaltyKind::ConfiscateGains;
    gains.amount_fen = Some(1_200_000);
    decided.penalties.push(gains);
    sample
}

#[test]
fn what_a_ruling_changed_is_what_later_papers_say() {
    let shown = given([
        ("secrecy_checked", FieldValue::YesNo(true)),
        ("public_facts", text("未建立台账")),
    ]);
    let later = given([
        ("hardship", text("停产三个月")),
        ("deferred_until", on(6, 30)),
    ]);
    for (step, fields, template) in [
        ("A47.publish", shown, "publication_approval"),
        ("A38.grant", later, "deferral_approval"),
    ] {
        let data = changed().after(
            carried_out(),
            &acted(step, Some("p1"), fields.clone()),
            template,
        );
        assert_eq!(data.proposal.fine_figures, "3,000.00", "{template}");
        let wanted = ["3,000.00", "某复决〔2026〕5号"];
        let event = (step, Some("p1"), fields);
        says(
            &changed(),
            carried_out(),
            event,
            template,
            (&wanted, &["8,000.00"]),
        );
    }
    // Nothing is decided in a new round: its papers say what is proposed.
    let mut anew = changed();
    anew.state.parties[0].decided = None;
    let event = acted("A24.issue", Some("p1"), Fields::new());
    let data = anew.after(carried_out(), &event, "penalty_notice");
    assert_eq!(data.proposal.fine_figures, "8,000.00");
}

#[test]
fn a_decision_made_anew_after_a_change_was_changed_by_nobody() {
    let mut earlier = carried_out();
    earlier.push(acted("A46.redo", Some("p1"), Fields::new()));
    let event = acted("A42.apply", Some("p1"), Fields::new());
    let data = decided().after(earlier, &event, "court_application");
    assert!(!data.field.contains_key("changed_by"), "{:?}", data.field);
}

#[test]
fn a_change_says_what_is_due_from_its_receipt_and_that_the_surcharge_is_gone() {
    let mut sample = with_gains("due");
    let mut before = sample.state.clone();
    before.parties[0].added_fen = 24_000;
    let fields = given([("content", text("变更为罚款八千元"))]);
    let event = acted("A46.change", Some("p1"), fields);
    let said = |sample: &Sample| {
        let data = sample.between(&before, vec![ruling()], &event, "change_notice");
        printed("change_notice", &data)
    };
    let Some(words) = said(&sample) else { return };
    for wanted in [
        "已经某复决〔2026〕5号变更",
        "加处罚款人民币贰佰肆拾元整（240.00元）随原处罚的变更不再执行",
        "合计人民币贰万元整",
        "请自收到本通知书之日起15日内",
        "每日按罚款数额的百分之三",
    ] {
        assert!(words.contains(wanted), "{wanted}: {words}");
    }
    // Only the gains are left: they are to be paid as well, and bear no surcharge.
    let only = sample.state.parties[0].decided.as_mut().unwrap();
    only.penalties.remove(0);
    let words = said(&sample).unwrap();
    assert!(words.contains("合计人民币壹万贰仟元整"), "{words}");
    assert!(words.contains("请自收到本通知书之日起15日内"), "{words}");
    assert!(!words.contains("百分之三"), "{words}");
    let facts = &mut sample.state.parties[0].facts;
    facts.insert("money".to_owned(), "paid".to_owned());
    let words = said(&sample).unwrap();
    assert!(words.contains("已经缴清"), "{words}");
    assert!(!words.contains("以前到"), "{words}");
}

#[test]
fn a_surcharge_that_has_reached_the_fine_goes_on_no_more() {
    let fields = |fen| {
        let added = ("added", FieldValue::Money(fen));
        given([added, ("computation", text("34日"))])
    };
    let template = "surcharge_decision";
    let goes_on = "加处罚款继续依法计算";
    let plan = ("A39.decide", Some("p1"), fields(24_000));
    says(
        &owing("overdue"),
        Vec::new(),
        plan,
        template,
        (&[goes_on], &[]),
    );
    let plan = ("A39.decide", Some("p1"), fields(800_000));
    says(
        &owing("overdue"),
        Vec::new(),
        plan,
        template,
        (&[], &[goes_on]),
    );
    let mut capped = owing("overdue");
    let facts = &mut capped.state.parties[0].facts;
    facts.insert("surcharge".to_owned(), "capped".to_owned());
    let plan = ("A39.decide", Some("p1"), fields(24_000));
    says(&capped, Vec::new(), plan, template, (&[], &[goes_on]));
}

#[test]
fn only_the_fine_is_deferred_and_a_refusal_after_the_term_says_so() {
    let fields = || given([("hardship", text("停产")), ("deferred_until", on(9, 30))]);
    let words = [
        "尚应缴纳：罚款人民币捌仟元整",
        "没收的违法所得不在其内",
        "每日按罚款数额的百分之三",
    ];
    let unwanted = ["贰万元", "未缴纳的罚款每日"];
    let plan = ("A38.grant", Some("p1"), fields());
    says(
        &with_gains("deferred"),
        Vec::new(),
        plan,
        "deferral_approval",
        (&words, &unwanted),
    );
    let mut parts = fields();
    let each = ["8月31日前缴纳四千元", "9月30日前缴纳四千元"].map(str::to_owned);
    parts.insert("instalments".to_owned(), FieldValue::Points(each.to_vec()));
    let plan = ("A38.grant", Some("p1"), parts);
    let words = [
        "合计人民币捌仟元整",
        "分期缴纳的日期和数额",
        "9月30日前缴纳四千元",
    ];
    says(
        &owing("deferred"),
        Vec::new(),
        plan,
        "deferral_approval",
        (&words, &["没收"]),
    );
    let refused = || {
        let fields = given([("reason", text("账户余额充足"))]);
        ("A38.refuse", Some("p1"), fields)
    };
    let (late, early) = ("缴款期限已经届满", "按照行政处罚决定书确定的期限和方式");
    says(
        &owing("overdue"),
        Vec::new(),
        refused(),
        "deferral_refusal",
        (&[late, "百分之三"], &[early]),
    );
    says(
        &owing("due"),
        Vec::new(),
        refused(),
        "deferral_refusal",
        (&[early, "百分之三"], &[late]),
    );
}
