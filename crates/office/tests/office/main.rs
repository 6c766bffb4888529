//! The write path on a real store: the same command twice, two at once, a stale page, papers and proof.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod finding;
mod jobs;
mod numbers;
mod reading;
mod twice;
mod uploads;

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
    path::{Path, PathBuf},
};

use casework::{
    Act, Command,
    event::Phase,
    field::{FieldValue, Fields},
    party::{Party, PartyKind},
    person::{Body, Card, Person},
    record::Via,
    refusal::RefusalKind,
};
use jiff::civil::{Date, date};
use law::calendar::Calendar;
use office::{Clock, Office, OfficeConfig, OfficeError, PackFiles, builtin_pack_files};
use store::{Store, StoreConfig};

const DAY: Date = date(2026, 3, 2);

struct Bureau {
    office: Office,
    // Kept for the time of the test.
    folder: tempfile::TempDir,
}

fn person(id: &str, roles: &[&str]) -> Person {
    Person {
        id: id.to_owned(),
        version: 0,
        login: id.to_owned(),
        name: format!("{id}某"),
        body_id: "body-a".to_owned(),
        unit: "gm".to_owned(),
        roles: roles.iter().map(|r| (*r).to_owned()).collect(),
        cards: vec![Card {
            number: format!("card-{id}"),
            valid_from: date(2024, 1, 1),
            valid_to: date(2030, 1, 1),
            kind: String::new(),
            area: String::new(),
        }],
        qualified: true,
        active: true,
    }
}

impl Bureau {
    /// The same installation, started again with another pack.
    async fn restarted(&self, pack: PackFiles) -> Result<Office, OfficeError> {
        let fonts = testkit::fonts().unwrap();
        let clock = self.office.clock().clone();
        open(self.folder.path(), fonts, clock, pack).await
    }
}

fn database(folder: &Path) -> StoreConfig {
    let url = format!("sqlite:{}", folder.join("a.sqlite").display());
    StoreConfig::new(url, folder, "test.example/log")
}

async fn open(
    folder: &Path,
    fonts: PathBuf,
    clock: Clock,
    pack: PackFiles,
) -> Result<Office, OfficeError> {
    Office::open(OfficeConfig {
        store: Store::open(&database(folder)).await.unwrap(),
        fonts,
        templates: folder.join("templates"),
        clock,
        calendar: Calendar::builtin(),
        pack,
        settings: Vec::new(),
        region: "全国".to_owned(),
        body_id: "body-a".to_owned(),
        demo: false,
    })
    .await
}

async fn bureau() -> Option<Bureau> {
    let fonts = testkit::fonts()?;
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::simulated(DAY);
    Store::migrate(&database(folder.path()), clock.now_us())
        .await
        .unwrap();
    let office = open(folder.path(), fonts, clock, builtin_pack_files())
        .await
        .unwrap();
    let body = Body {
        id: "body-a".to_owned(),
        name: "某县应急管理局".to_owned(),
        mark: "（某）应急".to_owned(),
        government: "某县人民政府".to_owned(),
        court: "某县人民法院".to_owned(),
        ..Body::default()
    };
    office
        .register_body(&body, None, Via::Import)
        .await
        .unwrap();
    for (id, roles) in [
        ("a", ["officer"]),
        ("b", ["officer"]),
        ("head", ["section_head"]),
        ("boss", ["leader"]),
    ] {
        office
            .register_person(&person(id, &roles), None, Via::Import)
            .await
            .unwrap();
    }
    Some(Bureau { office, folder })
}

impl Bureau {
    /// Puts what is committed into the log, and into the index by which cases are found.
    async fn indexed(&self) {
        let store = self.office.store();
        let mut sequencer = store::Sequencer::new(store.clone());
        sequencer.run_once(self.office.now().0).await.unwrap();
        sequencer.release().await.unwrap();
        self.office
            .open_index(&self.folder.path().join("search"))
            .await
            .unwrap();
        let index = self.office.index().unwrap();
        while index.follow(store).await.unwrap() {}
    }

    async fn who(&self, id: &str) -> Person {
        self.office.roster().await.unwrap().people[id].clone()
    }

    /// A case that officer `a` has opened by the command `c1`.
    async fn opened(&self) -> String {
        let opening = command("c1", "A01", Act::Take, lead(), &[], 0);
        let a = self.who("a").await;
        self.office
            .open_case(&a, Via::Api, opening)
            .await
            .unwrap()
            .0
    }

    /// The same, which `a` and `b` have asked by the command `c2` to file.
    async fn asked_to_file(&self) -> String {
        let (case, a) = (self.opened().await, self.who("a").await);
        let filing = command("c2", "A05", Act::Take, filing(), &["b"], 1);
        self.office.act(&a, Via::Api, &case, filing).await.unwrap();
        case
    }
}

fn command(
    id: &str,
    step: &str,
    act: Act,
    fields: Fields,
    with: &[&str],
    seen_version: u64,
) -> Command {
    Command {
        id: id.to_owned(),
        step: step.to_owned(),
        party: None,
        act,
        occurred_on: DAY,
        late_reason: None,
        with: with.iter().map(|w| (*w).to_owned()).collect(),
        card_shown: true,
        fields,
        seen_version,
    }
}

fn text(words: &str) -> FieldValue {
    FieldValue::Text(words.to_owned())
}

fn lead() -> Fields {
    let party = Party {
        id: "p1".to_owned(),
        kind: PartyKind::Organization,
        name: "甲机械有限公司".to_owned(),
        code: String::new(),
        representative: String::new(),
        address: "某路一号".to_owned(),
        phone: String::new(),
    };
    BTreeMap::from([
        ("source".to_owned(), text("inspection")),
        ("case_name".to_owned(), text("甲机械有限公司案")),
        ("cause".to_owned(), text("未建立台账")),
        ("clue".to_owned(), text("检查发现")),
        ("discovered_on".to_owned(), FieldValue::Date(DAY)),
        ("parties".to_owned(), FieldValue::Parties(vec![party])),
    ])
}

fn filing() -> Fields {
    BTreeMap::from([
        ("summary".to_owned(), text("未建立台账")),
        ("suspected".to_owned(), FieldValue::YesNo(true)),
        ("punishable".to_owned(), FieldValue::YesNo(true)),
        ("own_jurisdiction".to_owned(), FieldValue::YesNo(true)),
        ("violation_ended_on".to_owned(), FieldValue::Date(DAY)),
    ])
}

fn approve(request: &str) -> Act {
    Act::Approve {
        request: request.to_owned(),
        opinion: "同意".to_owned(),
    }
}

#[tokio::test]
async fn a_case_is_opened_filed_by_three_people_and_its_paper_is_numbered() {
    let Some(bureau) = bureau().await else { return };
    let office = &bureau.office;
    let case = bureau.asked_to_file().await;
    let head = bureau.who("head").await;
    office
        .act(
            &head,
            Via::Api,
            &case,
            command("c3", "A05", approve("c2"), Fields::new(), &[], 2),
        )
        .await
        .unwrap();
    let boss = bureau.who("boss").await;
    let done = office
        .act(
            &boss,
            Via::Api,
            &case,
            command("c4", "A05", approve("c2"), Fields::new(), &[], 3),
        )
        .await
        .unwrap();
    assert_eq!(done.papers.len(), 1);
    let file = office.case(&boss, &case).await.unwrap();
    assert_eq!(
        file.state.number.as_deref(),
        Some("（某）应急立〔2026〕1号")
    );
    assert_eq!(file.state.stage, "S2");
    let pdf = office
        .store()
        .objects()
        .get(&case, &done.papers[0].digest)
        .unwrap();
    assert!(pdf.starts_with(b"%PDF"));
}

#[tokio::test]
async fn an_order_to_correct_is_issued_before_the_case_is_filed() {
    let Some(bureau) = bureau().await else { return };
    let (a, office) = (bureau.who("a").await, &bureau.office);
    let case = bureau.opened().await;
    let line = |words: &str| FieldValue::Points(vec![words.to_owned()]);
    let order = BTreeMap::from([
        ("problems".to_owned(), text("未设置警示标志")),
        ("violated".to_owned(), line("《安全生产法》第三十五条")),
        ("basis".to_owned(), line("《行政处罚法》第二十八条第一款")),
        (
            "correct_until".to_owned(),
            FieldValue::Date(date(2026, 3, 20)),
        ),
    ]);
    let done = office
        .act(
            &a,
            Via::Api,
            &case,
            command("c2", "A14.order", Act::Take, order, &["b"], 1),
        )
        .await
        .unwrap();
    let [paper] = &done.papers[..] else {
        panic!("{:?}", done.papers);
    };
    assert_eq!(paper.template, "correction_order");
}

#[tokio::test]
async fn the_event_of_a_paper_names_the_digest_of_the_template_in_use() {
    let Some(bureau) = bureau().await else { return };
    let case = bureau.opened().await;
    let folder = bureau.folder.path().join("templates");
    std::fs::create_dir(&folder).unwrap();
    let builtin = papers::builtin_templates();
    let own = builtin["site_inspection_record"].replace("现场检查记录", "现场检查笔录");
    std::fs::write(folder.join("site_inspection_record.typ"), own).unwrap();
    let office = bureau.restarted(builtin_pack_files()).await.unwrap();
    let a = bureau.who("a").await;
    let at = FieldValue::DateTime(DAY.at(9, 0, 0, 0));
    let fields = BTreeMap::from([
        ("inspected_at".to_owned(), at),
        ("place".to_owned(), text("一车间")),
        ("record".to_owned(), text("未见台账")),
        ("proves".to_owned(), text("违法事实")),
    ]);
    let command = command("c2", "A02.inspect", Act::Take, fields, &["b"], 1);
    let command = Command {
        card_shown: true,
        ..command
    };
    let done = office.act(&a, Via::Api, &case, command).await.unwrap();
    let [paper] = &done.papers[..] else {
        panic!("{:?}", done.papers);
    };
    let digest = |papers: papers::Papers| {
        let sources = papers.sources("site_inspection_record").unwrap();
        let bytes = serde_json::to_vec(&sources).unwrap();
        Some(hex::encode(office.store().suite().hash(&[&bytes]).0))
    };
    let fonts = testkit::fonts().unwrap();
    let used = papers::Papers::with_own(&fonts, builtin.clone(), &folder).unwrap();
    assert_eq!(paper.template_digest, digest(used));
    let replaced = papers::Papers::new(&fonts, builtin).unwrap();
    assert_ne!(paper.template_digest, digest(replaced));

    // A copy for editing is made with the template of the day, and says where that is another one.
    let note = async |office: &Office| {
        let copied = office.editing_copy(&a, &case, &paper.paper_id).await;
        let mut copy = zip::ZipArchive::new(Cursor::new(copied.unwrap().1)).unwrap();
        let mut headers: Vec<String> = copy.file_names().map(str::to_owned).collect();
        headers.retain(|name| name.starts_with("word/header"));
        let mut note = String::new();
        let mut header = copy.by_name(&headers[0]).unwrap();
        header.read_to_string(&mut note).unwrap();
        note
    };
    const CHANGED: &str = "模板在签发以后已经改动";
    let same = note(&office).await;
    assert!(
        same.contains("按现在的模板") && !same.contains(CHANGED),
        "{same}"
    );
    std::fs::rename(&folder, bureau.folder.path().join("aside")).unwrap();
    let other = bureau.restarted(builtin_pack_files()).await.unwrap();
    let other = note(&other).await;
    assert!(other.contains(CHANGED), "{other}");
    std::fs::rename(bureau.folder.path().join("aside"), &folder).unwrap();

    std::fs::write(folder.join("lib.typ"), "#let d = (").unwrap();
    let fault = bureau.restarted(builtin_pack_files()).await.err().unwrap();
    let told = fault.to_string();
    assert!(
        told.contains("lib.typ") && told.contains("第 1 行"),
        "{told}"
    );
}

#[tokio::test]
async fn what_waits_for_a_head_that_the_unit_does_not_have_is_shown_to_who_stands_in() {
    let Some(bureau) = bureau().await else { return };
    let office = &bureau.office;
    bureau.asked_to_file().await;
    let asked = async |id: &str| {
        let items = office.todo(&bureau.who(id).await).await.unwrap();
        items.iter().filter(|i| i.row.pending).count()
    };
    assert_eq!((asked("head").await, asked("boss").await), (1, 0));
    let mut gone = bureau.who("head").await;
    gone.active = false;
    office
        .register_person(&gone, None, Via::Import)
        .await
        .unwrap();
    assert_eq!(asked("boss").await, 1);
    assert_eq!(asked("b").await, 0);
}

#[tokio::test]
async fn the_same_command_twice_gets_the_first_answer_and_another_under_its_id_is_refused() {
    let Some(bureau) = bureau().await else { return };
    let (a, office) = (bureau.who("a").await, &bureau.office);
    let first = command("c1", "A01", Act::Take, lead(), &[], 0);
    let (case, _) = office.open_case(&a, Via::Api, first.clone()).await.unwrap();
    let (again, done) = office.open_case(&a, Via::Api, first.clone()).await.unwrap();
    assert_eq!(
        (again, done.replayed, done.version),
        (case.clone(), true, 1)
    );
    let assessed = [
        ("criteria", "met"),
        ("jurisdiction", "yes"),
        ("limitation", "open"),
    ];
    let mut fields: Fields = assessed
        .map(|(id, value)| (id.to_owned(), text(value)))
        .into();
    fields.insert("reason".to_owned(), text("经核查，符合立案标准。"));
    let next = command("c2", "A02.assess", Act::Take, fields, &[], 1);
    let done = office.act(&a, Via::Api, &case, next).await.unwrap();
    assert_eq!(done.version, 2);
    // Who asks again has not seen what came after.
    let (_, done) = office.open_case(&a, Via::Api, first.clone()).await.unwrap();
    assert_eq!(done.version, 1);
    let mut other = first;
    other.fields.insert("cause".to_owned(), text("别的案由"));
    assert!(matches!(
        office.open_case(&a, Via::Api, other).await,
        Err(OfficeError::Reused(_))
    ));
}

#[tokio::test]
async fn of_two_who_act_on_a_request_at_once_one_wins_and_the_other_is_told_what_changed() {
    let Some(bureau) = bureau().await else { return };
    let (a, head, office) = (
        bureau.who("a").await,
        bureau.who("head").await,
        &bureau.office,
    );
    let case = bureau.asked_to_file().await;
    let send_back = Act::Return {
        request: "c2".to_owned(),
        opinion: "请补充管辖依据".to_owned(),
    };
    let one = office.act(
        &head,
        Via::Api,
        &case,
        command("c3", "A05", send_back, Fields::new(), &[], 2),
    );
    let withdraw = Act::Withdraw {
        request: "c2".to_owned(),
    };
    let two = office.act(
        &a,
        Via::Api,
        &case,
        command("c4", "A05", withdraw, Fields::new(), &[], 2),
    );
    let (one, two) = tokio::join!(one, two);
    // Which of the two is first is open; that only one is, and that the other learns what changed, is not.
    let lost = match (one, two) {
        (Ok(_), Err(lost)) | (Err(lost), Ok(_)) => lost,
        both => panic!("one should have won and one lost: {both:?}"),
    };
    let OfficeError::Conflict {
        current_version,
        changed,
    } = lost
    else {
        panic!("the loser is not told of the conflict: {lost:?}")
    };
    assert_eq!((current_version, changed.len()), (3, 1), "{changed:?}");
    let file = office.case(&a, &case).await.unwrap();
    assert!(file.state.requests.is_empty());
    assert_eq!(file.events.len() as u64, file.state.version);
}

#[tokio::test]
async fn a_refusal_names_its_article_and_writes_nothing() {
    let Some(bureau) = bureau().await else { return };
    let (a, office) = (bureau.who("a").await, &bureau.office);
    let case = bureau.opened().await;
    let alone = office
        .act(
            &a,
            Via::Api,
            &case,
            command("c2", "A05", Act::Take, filing(), &[], 1),
        )
        .await;
    let Err(OfficeError::Refused(refusal)) = alone else {
        panic!("one officer alone filed a case: {alone:?}")
    };
    assert_eq!(refusal.kind, RefusalKind::NotYou);
    assert!(refusal.sentence().contains("第四十二条"), "{refusal}");
    assert_eq!(office.case(&a, &case).await.unwrap().state.version, 1);
}

#[tokio::test]
async fn a_person_of_another_unit_cannot_tell_a_case_from_none() {
    let Some(bureau) = bureau().await else { return };
    let office = &bureau.office;
    let case = bureau.opened().await;
    let mut stranger = person("stranger", &["officer"]);
    stranger.unit = "wh".to_owned();
    assert!(matches!(
        office.case(&stranger, &case).await,
        Err(OfficeError::NotFound)
    ));
    assert!(matches!(
        office.case(&stranger, "case-none").await,
        Err(OfficeError::NotFound)
    ));
}

const OVER: &str = "{ over \"2026.1\" region=\"全国\" by=\"newer\" basis=\"《立法法》第一百零三条\" level=\"law\" }";
const SWITCH: &str = "switch from=\"2026.1\" basis=\"某程序规定第九条（虚构）\" level=\"rule\" { stage \"S2\" \"S2n\"; limit \"N-LA\" \"N-LB\" }\n";

/// The next version of the pack, in force from 10 March 2026, which calls a stage and a limit otherwise.
fn next_version(over: &str, switch: &str) -> PackFiles {
    let mut files = builtin_pack_files();
    for text in files.values_mut() {
        *text = text
            .replace("\"S2\"", "\"S2n\"")
            .replace("\"N-LA\"", "\"N-LB\"");
    }
    let head = files.get_mut("00-head.kdl").unwrap();
    let old = "version=\"2026.1\" from=\"2021-07-15\" region=\"全国\"";
    assert!(head.contains(old));
    let new = format!("version=\"2026.2\" from=\"2026-03-10\" region=\"全国\" {over}");
    *head = head.replace(old, &new);
    head.push_str(switch);
    files
}

#[tokio::test]
async fn an_open_case_follows_a_new_version_from_its_first_day_on() {
    let Some(bureau) = bureau().await else { return };
    let (a, office) = (bureau.who("a").await, &bureau.office);
    let case = bureau.opened().await;
    let old = office.pack().unwrap();

    let office = bureau.restarted(next_version(OVER, SWITCH)).await.unwrap();
    assert_eq!(office.pack().unwrap().version, "2026.1", "not in force yet");
    office.clock().advance_to(date(2026, 3, 10));
    assert_eq!(office.pack().unwrap().version, "2026.2");
    assert_eq!(office.case(&a, &case).await.unwrap().pack.version, "2026.1");
    let on = |mut command: Command| {
        command.occurred_on = date(2026, 3, 10);
        command
    };
    let mut ahead = on(command("c2", "A05", Act::Take, filing(), &["b"], 1));
    let asked = ahead.clone();
    ahead.id = "c0".to_owned();
    ahead.occurred_on = date(2026, 3, 11);
    office.act(&a, Via::Api, &case, ahead).await.unwrap_err();
    office.act(&a, Via::Api, &case, asked).await.unwrap();
    let file = office.case(&a, &case).await.unwrap();
    assert_eq!(file.pack.version, "2026.2");
    let phases: Vec<Phase> = file.events.iter().map(|e| e.acted.phase).collect();
    assert_eq!(phases, [Phase::Taken, Phase::Switched, Phase::Requested]);
    let packs: Vec<&str> = file
        .events
        .iter()
        .filter_map(|e| e.header.pack.as_deref())
        .collect();
    let new = office.pack().unwrap();
    assert_eq!(packs, [&old.digest, &new.digest, &new.digest]);
    assert_eq!(file.events[1].acted.occurred_on, date(2026, 3, 10));
    assert!(file.state.limit("N-LA", None).is_none());
    assert!(file.state.limit("N-LB", None).is_some());

    for (id, who, seen) in [("c3", "head", 3), ("c4", "boss", 4)] {
        let who = office.roster().await.unwrap().people[who].clone();
        let approval = on(command(id, "A05", approve("c2"), Fields::new(), &[], seen));
        office.act(&who, Via::Api, &case, approval).await.unwrap();
    }
    let row = office
        .store()
        .case(&store::Scope::system(), &case)
        .await
        .unwrap();
    assert_eq!(row.unwrap().row.stage, "S2n");
}

#[tokio::test]
async fn a_version_that_leaves_open_cases_or_days_unsettled_is_not_loaded() {
    let Some(bureau) = bureau().await else { return };
    let loaded = bureau.office.packs().await.unwrap().len();
    let unmapped = SWITCH.replace("stage \"S2\" \"S2n\"; ", "");
    for (over, switch, words) in [
        ("", SWITCH, "又没有写明哪一个优先"),
        (OVER, "", "没有写明 2026.1 版的在办案件怎样换版"),
        (OVER, unmapped.as_str(), "阶段“S2”"),
    ] {
        let refused = bureau.restarted(next_version(over, switch)).await;
        let Err(OfficeError::Invalid(why)) = refused else {
            panic!("loaded without {words}")
        };
        assert!(why.contains(words) && why.contains("00-head.kdl"), "{why}");
    }
    assert_eq!(
        bureau.office.packs().await.unwrap().len(),
        loaded,
        "nothing refused is kept"
    );
}
