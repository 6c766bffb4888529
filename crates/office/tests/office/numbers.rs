//! Numbers: none on two papers, none that the log calls void on any, and none lost unseen.

use casework::record::StreamKind;
use casework::series::{NUMBER_CLAIMED, NUMBER_VOIDED, NumberForm, Series};
use store::{Append, CommandKey, Scope};

use super::{twice::last_approval, *};

/// The numbers of the series of cases that the log calls void, and all that it holds.
async fn of_cases(office: &Office) -> (usize, usize) {
    let stream = "series-body-a-case-2026";
    let events = office
        .store()
        .load(&Scope::system(), stream, 0)
        .await
        .unwrap();
    let count = |kind: &str| {
        events
            .iter()
            .filter(|e| e.header.event_type == kind)
            .count()
    };
    (count(NUMBER_VOIDED), count(NUMBER_CLAIMED))
}

#[tokio::test]
async fn a_form_sent_again_after_its_paper_failed_bears_a_number_that_is_not_void() {
    let Some(bureau) = bureau().await else { return };
    let case = bureau.almost_filed().await;
    let (boss, office) = (bureau.who("boss").await, &bureau.office);
    // Where the papers of the case would lie there is a file, so that none can be stored.
    let folder = bureau.folder.path().join("objects").join(&case);
    std::fs::write(&folder, "in the way").unwrap();
    let failed = office
        .act(&boss, Via::Api, &case, last_approval("c4"))
        .await;
    assert!(
        matches!(failed, Err(OfficeError::Internal(_))),
        "{failed:?}"
    );
    assert_eq!(of_cases(office).await, (1, 1));
    std::fs::remove_file(&folder).unwrap();
    office
        .act(&boss, Via::Api, &case, last_approval("c4"))
        .await
        .unwrap();
    let file = office.case(&boss, &case).await.unwrap();
    let number = file.state.number.as_deref();
    assert_eq!(number, Some("（某）应急立〔2026〕2号"));
    assert_eq!(of_cases(office).await, (1, 2));
    assert_eq!(office.unused_claims().await.unwrap(), []);
}

#[tokio::test]
async fn who_comes_second_gives_the_claimed_number_back() {
    let Some(bureau) = bureau().await else { return };
    let case = bureau.almost_filed().await;
    let boss = bureau.who("boss").await;
    let second = person("boss2", &["leader"]);
    let office = &bureau.office;
    office
        .register_person(&second, None, Via::Import)
        .await
        .unwrap();
    let other = bureau.beside(0).await;
    let second = other.roster().await.unwrap().people["boss2"].clone();
    let (one, two) = tokio::join!(
        office.act(&boss, Via::Api, &case, last_approval("c4")),
        other.act(&second, Via::Api, &case, last_approval("c5")),
    );
    let lost = match (one, two) {
        (Ok(_), Err(lost)) | (Err(lost), Ok(_)) => lost,
        both => panic!("one should have won: {both:?}"),
    };
    assert!(matches!(lost, OfficeError::Conflict { .. }), "{lost:?}");
    let (void, claimed) = of_cases(office).await;
    assert_eq!(void, claimed - 1, "what the loser claimed is void");
    assert_eq!(office.unused_claims().await.unwrap(), []);
}

#[tokio::test]
async fn a_number_that_a_cut_off_write_left_behind_is_listed() {
    let Some(bureau) = bureau().await else { return };
    let office = &bureau.office;
    let form = NumberForm {
        mark: "（某）应急",
        kind: "罚",
        year: 2026,
    };
    let (claimed, draft) = Series::default()
        .claim(&form, "c9/decision", Via::Desk)
        .unwrap();
    let append = Append {
        stream: "series-body-a-penalty-2026".to_owned(),
        kind: StreamKind::Series,
        body_id: "body-a".to_owned(),
        expected_version: 0,
        prev_entry: None,
        now_us: office.now().0,
        events: vec![draft],
        rows: casework::rows::StreamRows::default(),
        command: CommandKey {
            id: "number-c9/decision@0".to_owned(),
            actor: String::new(),
            digest: office.store().suite().hash(&[b"c9"]),
        },
    };
    office.store().commit(append).await.unwrap();
    let unused = office.unused_claims().await.unwrap();
    let numbers: Vec<&str> = unused.iter().map(|c| c.number.as_str()).collect();
    assert_eq!(numbers, [claimed.number.as_str()]);
}
