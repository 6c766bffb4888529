//! The same command in two processes at once, ids that the program would choose itself, and a clock that went back.

use std::sync::{Arc, atomic::AtomicI64};

use office::rebuild_rows;

use super::*;

impl Bureau {
    /// A second process on the same database, whose clock stands that many microseconds off.
    pub async fn beside(&self, off_us: i64) -> Office {
        let now = self.office.clock().now_us() + off_us;
        let clock = Clock::Simulated(Arc::new(AtomicI64::new(now)));
        let fonts = testkit::fonts().unwrap();
        open(self.folder.path(), fonts, clock, builtin_pack_files())
            .await
            .unwrap()
    }

    /// A case that waits for the leader to approve its filing.
    pub async fn almost_filed(&self) -> String {
        let (case, head) = (self.asked_to_file().await, self.who("head").await);
        let endorsed = command("c3", "A05", approve("c2"), Fields::new(), &[], 2);
        let done = self.office.act(&head, Via::Api, &case, endorsed).await;
        done.unwrap();
        case
    }
}

pub fn last_approval(id: &str) -> Command {
    command(id, "A05", approve("c2"), Fields::new(), &[], 3)
}

#[tokio::test]
async fn two_processes_that_take_one_command_at_once_give_out_the_same_paper() {
    let Some(bureau) = bureau().await else { return };
    let case = bureau.almost_filed().await;
    let boss = bureau.who("boss").await;
    // Another second makes other bytes of the same paper.
    let other = bureau.beside(1_000_000).await;
    let (one, two) = tokio::join!(
        bureau
            .office
            .act(&boss, Via::Api, &case, last_approval("c4")),
        other.act(&boss, Via::Api, &case, last_approval("c4")),
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one.replayed, two.replayed, "one wrote and one was answered");
    assert_eq!(one.papers, two.papers);
    let digests: Vec<&str> = one.papers.iter().map(|p| p.digest.as_str()).collect();
    assert_eq!(digests.len(), 1);
    for office in [&bureau.office, &other] {
        let file = office.case(&boss, &case).await.unwrap();
        let kept = file.state.papers.iter().map(|(_, p)| p.digest.as_str());
        assert_eq!(kept.collect::<Vec<_>>(), digests);
        let logged = office
            .store()
            .load(&store::Scope::system(), &case, 3)
            .await
            .unwrap();
        let body = String::from_utf8(logged[0].body.clone().unwrap()).unwrap();
        assert!(
            body.contains(digests[0]),
            "the log names what was given out"
        );
        assert_eq!(file.entry(), Some(logged[0].entry));
    }
    assert_eq!(bureau.office.unused_claims().await.unwrap(), []);
}

#[tokio::test]
async fn no_command_takes_an_id_that_the_program_chooses_itself() {
    let Some(bureau) = bureau().await else { return };
    let (mut a, office) = (bureau.who("a").await, &bureau.office);
    let opening = |id: &str| command(id, "A01", Act::Take, lead(), &[], 0);
    let (case, _) = office.open_case(&a, Via::Api, opening("c1")).await.unwrap();
    let id = format!("expiry-{case}-2");
    let (other, _) = office.open_case(&a, Via::Api, opening(&id)).await.unwrap();
    let id = format!("register-{}-{}", a.id, a.version);
    office.open_case(&a, Via::Api, opening(&id)).await.unwrap();

    a.active = false;
    office.register_person(&a, None, Via::Import).await.unwrap();
    assert!(!bureau.who("a").await.active);
    office.clock().advance_to(date(2026, 6, 1));
    assert_eq!(office.expire_due().await.unwrap(), 3);
    let b = bureau.who("b").await;
    for case in [&case, &other] {
        let file = office.case(&b, case).await.unwrap();
        assert_eq!(file.state.version, 2);
    }
}

#[tokio::test]
async fn a_command_without_an_id_or_with_an_endless_one_is_refused() {
    let Some(bureau) = bureau().await else { return };
    let a = bureau.who("a").await;
    for id in [String::new(), "x".repeat(121)] {
        let opening = command(&id, "A01", Act::Take, lead(), &[], 0);
        let refused = bureau.office.open_case(&a, Via::Api, opening).await;
        assert!(matches!(refused, Err(OfficeError::Invalid(_))), "{id}");
    }
}

#[tokio::test]
async fn views_are_the_same_after_a_rebuild_though_the_clock_went_back() {
    let Some(bureau) = bureau().await else { return };
    let a = bureau.who("a").await;
    let opening = command("c1", "A01", Act::Take, lead(), &[], 0);
    let (case, _) = bureau
        .office
        .open_case(&a, Via::Api, opening)
        .await
        .unwrap();
    let behind = bureau.beside(-3_600_000_000).await;
    let asked = command("c2", "A05", Act::Take, filing(), &["b"], 1);
    behind.act(&a, Via::Api, &case, asked).await.unwrap();
    let (packs, calendar) = (behind.packs().await.unwrap(), behind.calendar());
    let rebuilt = behind
        .store()
        .rebuild(
            |kind, events| rebuild_rows(kind, events, &packs, &calendar).map_err(|e| e.to_string()),
            |_, _| {},
        )
        .await
        .unwrap();
    assert!(rebuilt.was_equal(), "{rebuilt:?}");
}
