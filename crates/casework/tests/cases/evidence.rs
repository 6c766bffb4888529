//! What is excluded from the dossier counts for nothing.

use casework::field::{FieldValue, Fields};

use super::gone;
use crate::support::{Bureau, With};

fn exclude(no: i64) -> With {
    With {
        fields: Fields::from([("no".into(), FieldValue::Int(no))]),
        ..With::default()
    }
}

#[test]
fn an_excluded_item_stays_in_the_dossier_and_counts_no_more() {
    let mut bureau = gone(Bureau::new("2026-03-02".parse().unwrap()), "A30.pass");
    assert_eq!(bureau.state.evidence.len(), 1);
    let covered = bureau.state.review_covers;
    bureau.take("A09.exclude", None, exclude(1)).unwrap();
    assert_eq!(bureau.state.evidence.len(), 1, "nothing is added");
    assert!(bureau.state.excluded.contains(&1));
    assert_eq!(bureau.state.facts["@covered"], "no");
    assert_eq!(bureau.state.facts["evidence"], "insufficient");
    let now = (bureau.state.proposal_version, bureau.state.dossier_version);
    assert_ne!(covered, Some(now), "the review does not cover the dossier");
}

#[test]
fn only_an_item_of_the_dossier_is_excluded_and_once() {
    let mut bureau = gone(Bureau::new("2026-03-02".parse().unwrap()), "A09.collect");
    for no in [0, -1, 2, i64::MAX] {
        let refusal = bureau.take("A09.exclude", None, exclude(no)).unwrap_err();
        assert!(refusal.sentence().contains("第四十六条第三款"), "{refusal}");
    }
    bureau.take("A09.exclude", None, exclude(1)).unwrap();
    assert!(bureau.take("A09.exclude", None, exclude(1)).is_err());
}
