//! What a proposal must say before anybody relies on it.

use casework::{
    Refusal,
    field::{FieldValue, Fields},
    proposal::{Disposition, FineRange, Penalty, PenaltyKind},
};

use super::gone;
use crate::support::{Bureau, With};

fn penalty(kind: PenaltyKind, amount_fen: Option<i64>) -> Penalty {
    Penalty {
        kind,
        amount_fen,
        period_days: None,
        text: String::new(),
    }
}

/// What becomes of the report when its only disposition is changed.
fn proposed(change: impl Fn(&mut Disposition)) -> (Bureau, Result<(), Refusal>) {
    proposed_with(change, &[])
}

fn proposed_with(
    change: impl Fn(&mut Disposition),
    others: &[(&str, &str)],
) -> (Bureau, Result<(), Refusal>) {
    let mut bureau = gone(Bureau::new("2026-03-02".parse().unwrap()), "A14.self");
    let mut list = bureau.dispositions();
    list.iter_mut().for_each(change);
    let mut fields = Fields::from([("proposal".into(), FieldValue::Proposal(list))]);
    for (id, value) in others {
        fields.insert((*id).into(), FieldValue::Text((*value).into()));
    }
    let with = With {
        fields,
        ..With::default()
    };
    let taken = bureau.take("A19", None, with);
    (bureau, taken)
}

#[track_caller]
fn refused(words: &str, change: impl Fn(&mut Disposition)) {
    let (_, taken) = proposed(change);
    let sentence = taken.unwrap_err().sentence();
    assert!(sentence.contains(words), "{sentence}");
}

fn range(min_fen: i64, max_fen: i64) -> Option<FineRange> {
    Some(FineRange {
        min_fen,
        max_fen,
        reduction: String::new(),
    })
}

#[test]
fn a_fine_is_not_proposed_without_its_legal_range() {
    refused("法定罚款幅度", |d| d.range = None);
    refused("上限须大于零", |d| d.range = range(0, 0));
    refused("下限高于上限", |d| d.range = range(500_000, 400_000));
    refused("超过法定最高", |d| d.range = range(0, 100_000));
    refused("第三十二条", |d| d.range = range(400_000, 500_000));
}

#[test]
fn a_penalty_without_a_fine_needs_no_range() {
    let (_, taken) = proposed(|d| {
        d.penalties = vec![penalty(PenaltyKind::Warning, None)];
        d.range = None;
    });
    taken.unwrap();
}

#[test]
fn illegal_gains_are_confiscated_by_their_amount() {
    for amount in [None, Some(0)] {
        refused("没收违法所得没有写明数额", |d| {
            d.penalties
                .push(penalty(PenaltyKind::ConfiscateGains, amount));
        });
    }
}

#[test]
fn no_amount_is_negative_or_absurd_and_none_stands_where_none_belongs() {
    refused("允许范围", |d| {
        d.penalties = vec![
            penalty(PenaltyKind::ConfiscateGains, Some(900_000_000)),
            penalty(PenaltyKind::ConfiscateGoods, Some(-900_000_000)),
        ];
    });
    refused("允许范围", |d| {
        d.penalties
            .push(penalty(PenaltyKind::ConfiscateGains, Some(-300_000)));
    });
    refused("允许范围", |d| d.range = range(-1, 500_000));
    refused("允许范围", |d| d.range = range(0, i64::MAX));
    refused("不写金额", |d| {
        d.penalties.push(penalty(PenaltyKind::Warning, Some(100)));
    });
}

#[test]
fn goods_that_nobody_valued_give_a_right_to_a_hearing() {
    let told = |amount: Option<i64>| {
        let (bureau, taken) = proposed(|d| {
            d.penalties = vec![penalty(PenaltyKind::ConfiscateGoods, amount)];
        });
        taken.unwrap();
        bureau.state.party("p1").unwrap().facts["hearing_due"].clone()
    };
    assert_eq!(told(None), "yes");
    assert_eq!(told(Some(100)), "no");
    assert_eq!(told(Some(900_000_000)), "yes");
}

#[test]
fn nothing_is_imposed_on_insufficient_evidence() {
    let (_, taken) = proposed_with(|_| (), &[("evidence", "insufficient")]);
    let sentence = taken.unwrap_err().sentence();
    assert!(sentence.contains("证据不足"), "{sentence}");
}

#[test]
fn a_proposal_of_no_penalty_names_its_article() {
    refused("不予处罚所依据的条款", |d| {
        d.proven = false;
        d.penalties.clear();
        d.basis.clear();
    });
}
