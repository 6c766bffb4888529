use std::collections::{BTreeMap, BTreeSet};

use casework::{
    event::{CASE_ACTED, Issued, Phase},
    field::{FieldValue, Fields},
    party::{Party, PartyKind},
    person::Body,
    proposal::{Disposition, Penalty, PenaltyKind},
};
use jiff::civil::date;
use law::calendar::Calendar;
use store::{Append, CommandKey, Sequencer, Store, StoreConfig};

use super::*;
use crate::{Clock, OfficeConfig, PackFiles, builtin_pack_files};

const DAY: Date = date(2026, 3, 2);

pub(crate) struct Bureau {
    pub(crate) office: Office,
    sequencer: Sequencer,
    folder: tempfile::TempDir,
}

fn config(folder: &tempfile::TempDir) -> StoreConfig {
    let url = format!("sqlite:{}", folder.path().join("a.sqlite").display());
    StoreConfig::new(url, folder.path(), "test.example/log")
}

/// The office of one bureau on what is in the folder, under that procedure.
async fn office(
    folder: &tempfile::TempDir,
    fonts: std::path::PathBuf,
    clock: Clock,
    pack: PackFiles,
) -> Office {
    let office = Office::open(OfficeConfig {
        store: Store::open(&config(folder)).await.unwrap(),
        fonts,
        templates: folder.path().join("templates"),
        clock,
        calendar: Calendar::builtin(),
        pack,
        settings: Vec::new(),
        region: "全国".to_owned(),
        body_id: "body-a".to_owned(),
        demo: false,
    });
    office.await.unwrap()
}

impl Bureau {
    pub(crate) async fn open() -> Option<Self> {
        let fonts = testkit::fonts()?;
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::simulated(DAY);
        let config = config(&folder);
        Store::migrate(&config, clock.now_us()).await.unwrap();
        let office = office(&folder, fonts, clock, builtin_pack_files()).await;
        let body = Body {
            id: "body-a".to_owned(),
            name: "某县应急管理局".to_owned(),
            government: "某县人民政府".to_owned(),
            court: "某县人民法院".to_owned(),
            ..Body::default()
        };
        office
            .register_body(&body, None, Via::Import)
            .await
            .unwrap();
        let sequencer = Sequencer::new(office.store().clone());
        Some(Self {
            office,
            sequencer,
            folder,
        })
    }

    /// The same installation under another version of its procedure.
    pub(crate) async fn under(&self, pack: PackFiles) -> Office {
        let (fonts, clock) = (testkit::fonts().unwrap(), self.office.clock().clone());
        office(&self.folder, fonts, clock, pack).await
    }

    /// Writes events with these effects, as if they had come in without being decided here.
    pub(crate) async fn write(&self, case: &str, events: Vec<CaseActed>) {
        let store = self.office.store();
        let pack = self.office.pack().unwrap();
        let head = store.head(&Scope::system(), case).await.unwrap();
        let drafts = events.iter().map(|event| Draft {
            event_type: CASE_ACTED,
            body: event.encode().unwrap(),
            actor: None,
            card: None,
            on_behalf_of: None,
            via: self.office.door(Via::Import),
            pack: Some((pack.name.clone(), pack.digest.clone())),
            action: None,
            cause: None,
        });
        let version = head.as_ref().map_or(0, |h| h.version);
        let append = Append {
            stream: case.to_owned(),
            kind: StreamKind::Case,
            body_id: "body-a".to_owned(),
            expected_version: version,
            prev_entry: head.map(|h| h.entry),
            now_us: self.office.now().0,
            events: drafts.collect(),
            rows: StreamRows::default(),
            command: CommandKey {
                id: format!("{case}-{version}"),
                actor: String::new(),
                digest: store.suite().hash(&[case.as_bytes()]),
            },
        };
        store.commit(append).await.unwrap();
    }

    /// What the job gives once everything has come into the log.
    async fn job(&mut self) -> Vec<PublicChange> {
        let mut all = Vec::new();
        for _ in 0..3 {
            let now = self.office.now().0;
            self.sequencer.run_once(now).await.unwrap();
            let (found, reached) = self.office.follow_publications().await.unwrap();
            self.office.followed(reached).await.unwrap();
            all.extend(found.into_iter().map(|(_, change)| change));
        }
        all
    }
}

pub(crate) fn event(effects: Vec<Effect>) -> CaseActed {
    CaseActed {
        party: Some("p1".to_owned()),
        effects,
        ..CaseActed::bare("A33", Phase::Taken, DAY)
    }
}

pub(crate) fn opening() -> CaseActed {
    let party = Party {
        id: "p1".to_owned(),
        kind: PartyKind::Organization,
        name: "甲机械有限公司".to_owned(),
        code: String::new(),
        representative: "田大年".to_owned(),
        address: "某路一号".to_owned(),
        phone: "0314-2051234".to_owned(),
    };
    event(vec![
        Effect::Open {
            name: "甲机械有限公司案".to_owned(),
            cause: "未建立台账".to_owned(),
            source: "inspection".to_owned(),
            discovered_on: DAY,
            unit: "gm".to_owned(),
        },
        Effect::AddParty { party },
    ])
}

fn disposition(basis: &str) -> Disposition {
    Disposition {
        party: "p1".to_owned(),
        proven: true,
        facts: "未建立台账，经询问田大年属实".to_owned(),
        characterization: "未建立台账".to_owned(),
        violated: vec!["《安全生产法》第四十一条".to_owned()],
        basis: vec![basis.to_owned()],
        discretion: String::new(),
        excuse: None,
        penalties: vec![Penalty {
            kind: PenaltyKind::Warning,
            amount_fen: None,
            period_days: None,
            text: String::new(),
        }],
        range: None,
        correction: String::new(),
    }
}

fn decision(basis: &str) -> CaseActed {
    let mut decided = event(vec![
        Effect::Set {
            fact: "deliberation".to_owned(),
            value: "concluded".to_owned(),
            party: None,
        },
        Effect::Propose {
            dispositions: vec![disposition(basis)],
        },
        Effect::Decided {
            party: "p1".to_owned(),
        },
    ]);
    decided.papers.push(Issued {
        paper_id: "D1".to_owned(),
        template: "penalty_decision".to_owned(),
        title: "行政处罚决定书".to_owned(),
        number: Some("（某）应急罚〔2026〕1号".to_owned()),
        party: Some("p1".to_owned()),
        on: DAY,
        digest: String::new(),
        template_digest: None,
        size_bytes: 1,
        media_type: "application/pdf".to_owned(),
        order: 1,
        pages: 1,
    });
    decided
}

fn published(facts: &str) -> CaseActed {
    let item = PublishedItem {
        facts: facts.to_owned(),
        until: None,
    };
    event(vec![Effect::Published {
        party: "p1".to_owned(),
        item,
    }])
}

fn withdrawn(reason: &str) -> CaseActed {
    event(vec![Effect::Withdrawn {
        party: "p1".to_owned(),
        reason: reason.to_owned(),
    }])
}

fn made_anew() -> CaseActed {
    event(vec![Effect::NewRound {
        party: "p1".to_owned(),
        procedural: true,
    }])
}

const BASIS: &str = "《安全生产法》第一百零一条";

#[tokio::test]
async fn the_copy_is_of_the_case_as_it_was_when_it_was_published() {
    let Some(mut bureau) = Bureau::open().await else {
        return;
    };
    let events = vec![
        opening(),
        decision(BASIS),
        published("未建立台账"),
        made_anew(),
        withdrawn("决定被依法撤销"),
    ];
    bureau.write("case-1", events).await;
    let changes = bureau.job().await;
    let [
        PublicChange::Published { copy, document, .. },
        PublicChange::Withdrawn { id, reason, .. },
    ] = &changes[..]
    else {
        panic!("{changes:?}");
    };
    assert_eq!(copy.decision_number, "（某）应急罚〔2026〕1号");
    assert_eq!(
        (copy.outcome.as_str(), copy.basis.as_str()),
        ("警告", BASIS)
    );
    assert!(document.starts_with(b"%PDF"));
    assert_eq!((id, reason.as_str()), (&copy.id, "决定被依法撤销"));
}

#[tokio::test]
async fn what_was_stopped_or_changed_is_shown_anew_under_another_address() {
    let Some(mut bureau) = Bureau::open().await else {
        return;
    };
    let ruling = Fields::from([
        ("remedy".to_owned(), FieldValue::Text("changed".to_owned())),
        (
            "document".to_owned(),
            FieldValue::Text("某复决〔2026〕5号".to_owned()),
        ),
    ]);
    let taken = |step: &str, fields: Fields| CaseActed {
        party: Some("p1".to_owned()),
        fields,
        ..CaseActed::bare(step, Phase::Taken, DAY)
    };
    let events = vec![
        opening(),
        decision(BASIS),
        published("未建立台帐"),
        withdrawn("有错字"),
        published("未建立台账"),
        taken("A45.result", ruling),
        taken("A46.change", Fields::new()),
        withdrawn("决定被依法变更"),
        published("未建立台账"),
    ];
    bureau.write("case-1", events).await;
    // The log has what was written at once in any order of streams: each publication is told by its address.
    let (mut shown, mut gone) = (BTreeMap::new(), BTreeSet::new());
    for change in bureau.job().await {
        match change {
            PublicChange::Published { copy, .. } => assert!(
                shown.insert(copy.id.clone(), copy.outcome).is_none(),
                "each has an address of its own"
            ),
            PublicChange::Withdrawn { id, .. } => assert!(gone.insert(id)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((shown.len(), gone.len()), (3, 2));
    for id in gone {
        let outcome = shown.remove(&id).expect("what is withdrawn was shown");
        assert!(!outcome.contains("变更"), "{outcome}");
    }
    let (id, changed) = shown.pop_first().unwrap();
    assert!(changed.contains("某复决〔2026〕5号变更"), "{changed}");
    let file = bureau.office.load_case("case-1").await.unwrap();
    let address = bureau.office.public_address(&file, "p1");
    assert_eq!(address, Some(public_path(&id)));
}

#[tokio::test]
async fn what_gives_somebody_away_is_set_aside_and_holds_up_nothing() {
    let Some(mut bureau) = Bureau::open().await else {
        return;
    };
    for (n, (basis, facts)) in [
        ("依据来信，电话 １３８ ００１３ ８０００", "未建立台账"),
        (BASIS, "田大年承认未建立台账"),
        (BASIS, "甲机械有限公司未建立台账"),
    ]
    .into_iter()
    .enumerate()
    {
        let events = vec![opening(), decision(basis), published(facts)];
        bureau.write(&format!("case-{n}"), events).await;
    }
    let reason = withdrawn("田大年申请撤回");
    bureau.write("case-2", vec![reason]).await;
    let changes = bureau.job().await;
    let [
        PublicChange::SetAside { why: number, .. },
        PublicChange::SetAside { why: name, .. },
        PublicChange::Published { copy, .. },
        PublicChange::Withdrawn { reason, .. },
    ] = &changes[..]
    else {
        panic!("{changes:?}");
    };
    assert!(number.contains("“处罚依据”写有证件号码、电话"), "{number}");
    assert!(name.contains("“公开的违法事实”写有自然人的姓名"), "{name}");
    assert!(!number.contains("138") && !name.contains("田大年"));
    assert_eq!(copy.party_name, "甲机械有限公司");
    assert_eq!(reason, UNSPOKEN_REASON);
}

#[tokio::test]
async fn a_document_that_is_missing_is_told_and_shown_once_it_is_back() {
    let Some(mut bureau) = Bureau::open().await else {
        return;
    };
    let events = vec![opening(), decision(BASIS), published("未建立台账")];
    bureau.write("case-1", events).await;
    let first = bureau.job().await;
    let [PublicChange::Published { copy, .. }] = &first[..] else {
        panic!("{first:?}");
    };
    let stream = document_folder(&bureau, &copy.id);
    let away = bureau.folder.path().join("away");
    std::fs::rename(&stream, &away).unwrap();
    bureau.office.followed(0).await.unwrap();
    let changes = bureau.job().await;
    assert!(
        matches!(&changes[..], [PublicChange::SetAside { id, .. }] if *id == copy.id),
        "{changes:?}"
    );
    std::fs::rename(&away, &stream).unwrap();
    bureau.office.followed(0).await.unwrap();
    let changes = bureau.job().await;
    assert!(
        matches!(&changes[..], [PublicChange::Published { .. }]),
        "{changes:?}"
    );
}

/// The folder of a publication's document.
fn document_folder(bureau: &Bureau, id: &str) -> std::path::PathBuf {
    let objects = bureau.folder.path().join("objects");
    objects.join(stream_of(id))
}

#[tokio::test]
async fn what_no_checkpoint_covers_yet_waits_for_one() {
    let Some(mut bureau) = Bureau::open().await else {
        return;
    };
    let events = vec![opening(), decision(BASIS), published("未建立台账")];
    bureau.write("case-1", events).await;
    let now = bureau.office.now().0;
    for _ in 0..2 {
        bureau.sequencer.run_once(now).await.unwrap();
        let cursor = bureau.office.store().cursor(PUBLICATION_FOLLOWER).await;
        if cursor.unwrap() == 0 {
            let (_, reached) = bureau.office.follow_publications().await.unwrap();
            bureau.office.followed(reached).await.unwrap();
        }
    }
    // As between the leaf of the publication and the checkpoint over it.
    let database = rusqlite::Connection::open(bureau.folder.path().join("a.sqlite")).unwrap();
    let undo = "DELETE FROM checkpoint WHERE size = (SELECT MAX(size) FROM checkpoint)";
    assert_eq!(database.execute(undo, []).unwrap(), 1);
    let cursor = bureau.office.store().cursor(PUBLICATION_FOLLOWER).await;
    let (changes, reached) = bureau.office.follow_publications().await.unwrap();
    assert!(changes.is_empty(), "{changes:?}");
    assert_eq!(reached, cursor.unwrap());

    bureau.sequencer = Sequencer::new(bureau.office.store().clone());
    bureau.sequencer.run_once(now + 60_000_000).await.unwrap();
    let (changes, _) = bureau.office.follow_publications().await.unwrap();
    assert!(
        matches!(&changes[..], [(_, PublicChange::Published { .. })]),
        "{changes:?}"
    );
}

#[tokio::test]
async fn what_may_pass_is_waited_for_and_what_comes_before_it_goes_out() {
    let Some(mut bureau) = Bureau::open().await else {
        return;
    };
    for case in ["case-1", "case-2"] {
        let events = vec![opening(), decision(BASIS), published("未建立台账")];
        bureau.write(case, events).await;
    }
    let changes = bureau.job().await;
    let [
        PublicChange::Published { .. },
        PublicChange::Published { copy, .. },
    ] = &changes[..]
    else {
        panic!("{changes:?}");
    };
    // The second document cannot be read for now: a folder stands for a disk that fails, or no file handle left.
    let path = document_folder(&bureau, &copy.id).join(&copy.public_digest);
    let away = bureau.folder.path().join("away");
    std::fs::rename(&path, &away).unwrap();
    std::fs::create_dir(&path).unwrap();
    bureau.office.followed(0).await.unwrap();
    let (changes, reached) = bureau.office.follow_publications().await.unwrap();
    assert!(
        matches!(&changes[..], [(_, PublicChange::Published { .. })]),
        "{changes:?}"
    );
    bureau.office.followed(reached).await.unwrap();
    let fault = bureau.office.follow_publications().await.unwrap_err();
    assert!(!fault.lasts(), "{fault}");

    std::fs::remove_dir(&path).unwrap();
    std::fs::rename(&away, &path).unwrap();
    let (changes, _) = bureau.office.follow_publications().await.unwrap();
    assert!(
        matches!(&changes[..], [(_, PublicChange::Published { .. })]),
        "{changes:?}"
    );
}

#[tokio::test]
async fn a_publication_that_was_overtaken_is_tried_again_unless_it_is_recorded() {
    let Some(bureau) = Bureau::open().await else {
        return;
    };
    bureau
        .write("case-1", vec![opening(), decision(BASIS)])
        .await;
    let (office, scope) = (&bureau.office, Scope::system());
    let causes = office.store().load(&scope, "case-1", 0).await.unwrap();
    let append = async |cause: &Stored| {
        let draft = office.draft(WITHDRAWN, b"{}".to_vec(), cause);
        // The stream was read before anybody wrote to it.
        office
            .append_publication("publication-x", None, "body-a", draft, cause)
            .await
    };
    append(&causes[0]).await.unwrap();
    append(&causes[0]).await.unwrap();
    let overtaken = append(&causes[1]).await;
    assert!(
        matches!(overtaken, Err(OfficeError::Unavailable(_))),
        "{overtaken:?}"
    );
}

/// The places in the log of a case's events.
async fn places(office: &Office, case: &str) -> Vec<u64> {
    let logged = office.store().log_after(0, 100).await.unwrap();
    let of_case = logged.iter().filter(|l| l.event.header.stream == case);
    of_case.map(|l| l.idx).collect()
}

#[tokio::test]
async fn what_was_withdrawn_since_is_not_shown_when_it_is_looked_at_again() {
    let Some(mut bureau) = Bureau::open().await else {
        return;
    };
    let events = vec![opening(), decision(BASIS), published("未建立台账")];
    bureau.write("case-1", events).await;
    let reason = withdrawn("决定被依法撤销");
    bureau.write("case-1", vec![reason]).await;
    let now = bureau.office.now().0;
    bureau.sequencer.run_once(now).await.unwrap();
    let asked = places(&bureau.office, "case-1").await[2];
    let found = bureau.office.retry_publication(asked).await.unwrap();
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(bureau.office.store().unsequenced().await.unwrap(), 0);

    // The same of the publication's own event.
    let changes = bureau.job().await;
    let [PublicChange::Published { copy, .. }, _] = &changes[..] else {
        panic!("{changes:?}");
    };
    let [shown, taken_down] = places(&bureau.office, &stream_of(&copy.id)).await[..] else {
        panic!("two events make a publication and its withdrawal");
    };
    let again = bureau.office.retry_publication(shown).await.unwrap();
    assert!(again.is_empty(), "{again:?}");
    let again = bureau.office.retry_publication(taken_down).await.unwrap();
    assert!(
        matches!(&again[..], [PublicChange::Withdrawn { .. }]),
        "{again:?}"
    );
}

#[test]
fn the_public_document_tells_the_discussion_and_how_to_perform() {
    let decided = casework::state::fold(&[opening(), decision(BASIS)]);
    let pack = law::pack::read_pack(&builtin_pack_files(), "test").unwrap();
    let config = casework::config::Config::load(&pack, []).unwrap();
    let item = PublishedItem {
        facts: "未建立台账".to_owned(),
        until: None,
    };
    let source = Source {
        changed_by: None,
        state: &decided,
        decided: &decided,
        track: &decided.parties[0],
        item: &item,
        body: None,
        pack: &pack,
        config: &config,
        simulated: false,
    };
    let copy = source.copy("x", DAY);
    let data = source.data(&copy);
    assert_eq!(data.field["discussion"], "负责人集体讨论决定");
    assert_eq!(
        data.field["performance"],
        "警告：自本决定书送达之日起生效。"
    );
    assert_eq!(data.party.representative, "");
}
