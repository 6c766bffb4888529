//! What a ruling struck down is not decided again in other words, and what a ruling changed is what is decided.

use casework::{
    Refusal,
    field::{FieldValue, Fields},
    proposal::PenaltyKind,
};

use super::gone;
use crate::support::{Bureau, With};

fn fields<const N: usize>(pairs: [(&str, FieldValue); N]) -> With {
    let pairs = pairs.into_iter().map(|(id, value)| (id.to_owned(), value));
    With {
        fields: Fields::from_iter(pairs),
        ..With::default()
    }
}

fn text(words: &str) -> FieldValue {
    FieldValue::Text(words.to_owned())
}

/// A ruling on substance orders a new decision; it is proposed with those facts and stands before the decision.
fn proposed_anew(facts: &str) -> Bureau {
    let mut bureau = gone(Bureau::new("2026-03-02".parse().unwrap()), "A35.deliver");
    let p1 = Some("p1");
    bureau
        .take("A45.reconsideration", p1, With::default())
        .unwrap();
    let ruling = fields([("remedy", text("redo")), ("ground", text("substance"))]);
    bureau.take("A45.result", p1, ruling).unwrap();
    bureau.take("A46.remake", p1, With::default()).unwrap();
    let mut list = bureau.dispositions();
    list[0].facts = facts.to_owned();
    let report = fields([("proposal", FieldValue::Proposal(list))]);
    bureau.take("A19", None, report).unwrap();
    // From the signature after the report on.
    crate::straight(&mut bureau, "A31.approve", &mut 4);
    bureau
}

fn revocations(bureau: &Bureau) -> usize {
    let papers = bureau.state.papers.iter();
    let of = papers.filter(|(_, paper)| paper.template == "revocation_decision");
    of.count()
}

#[test]
fn a_decision_that_is_revoked_already_is_not_revoked_once_more_when_it_is_made_anew() {
    let day = "2026-03-02".parse().unwrap();
    let mut bureau = gone(Bureau::new(day), "A35.deliver");
    let p1 = Some("p1");
    bureau.take("A46.revoke", p1, With::default()).unwrap();
    assert_eq!(revocations(&bureau), 1);
    bureau.take("A46.redo", p1, With::default()).unwrap();
    assert_eq!(revocations(&bureau), 1);
    let mut bureau = gone(Bureau::new(day), "A35.deliver");
    bureau.take("A46.redo", p1, With::default()).unwrap();
    assert_eq!(revocations(&bureau), 1);
}

fn decide(bureau: &mut Bureau, differs: &str) -> Result<(), Refusal> {
    let filled = fields([("differs", text(differs))]);
    bureau.take("A33", Some("p1"), filled)
}

#[test]
fn other_words_for_the_same_facts_do_not_free_the_same_decision() {
    let mut bureau = proposed_anew("该公司没有建立台账");
    let refusal = decide(&mut bureau, " ").unwrap_err();
    assert!(refusal.sentence().contains("第七十一条"), "{refusal}");
    assert_eq!(refusal.reasons[0].field.as_deref(), Some("differs"));
    decide(&mut bureau, "新查明该公司三个车间均未建立台账。").unwrap();
}

#[test]
fn blanks_and_punctuation_make_no_other_facts() {
    let mut bureau = proposed_anew(" 未建立，台账。");
    let refusal = decide(&mut bureau, "有所不同").unwrap_err();
    assert!(refusal.sentence().contains("第七十一条"), "{refusal}");
}

#[test]
fn a_change_by_a_ruling_is_what_is_decided_from_then_on() {
    let mut bureau = Bureau::new("2026-03-02".parse().unwrap());
    bureau.others = vec![PenaltyKind::Warning];
    let mut bureau = gone(bureau, "A35.deliver");
    let p1 = Some("p1");
    bureau.take("A45.litigation", p1, With::default()).unwrap();
    let ruling = fields([("remedy", text("changed"))]);
    bureau.take("A45.result", p1, ruling).unwrap();
    bureau.fines.insert("p1".into(), 1_200);
    bureau.others.clear();
    bureau.take("A46.change", p1, With::default()).unwrap();
    let track = bureau.state.party("p1").unwrap();
    let decided = track.decided.as_ref().unwrap();
    assert_eq!(decided.fine_fen(), 120_000);
    assert!(decided.penalties.iter().all(|p| p.kind.is_money()));
    assert_eq!(track.facts["other"], "none");
    assert_eq!(track.facts["decision"], "changed");
    assert_eq!(bureau.state.unpaid_fen("p1"), 120_000);
}

#[test]
fn confiscated_gains_stay_owed_when_a_ruling_lowers_the_fine() {
    let mut bureau = Bureau::new("2026-03-02".parse().unwrap());
    bureau.gains.insert("p1".into(), 4_000);
    let mut bureau = gone(bureau, "A35.deliver");
    let p1 = Some("p1");
    bureau.take("A45.litigation", p1, With::default()).unwrap();
    let ruling = fields([("remedy", text("changed"))]);
    bureau.take("A45.result", p1, ruling).unwrap();
    bureau.gains.insert("p1".into(), 3_000);
    bureau.take("A46.change", p1, With::default()).unwrap();
    assert_eq!(bureau.state.unpaid_fen("p1"), 300_000);
    assert_eq!(bureau.state.party("p1").unwrap().facts["fine"], "none");
    let later = fields([(
        "deferred_until",
        FieldValue::Date("2026-06-30".parse().unwrap()),
    )]);
    let refused = bureau.take("A38.grant", p1, later).unwrap_err();
    let said = format!("{refused:?}");
    assert!(said.contains("没收的违法所得不得延期"), "{said}");
}
