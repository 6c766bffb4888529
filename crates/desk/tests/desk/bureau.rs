//! A bureau to try the desk with: an office on a temporary SQLite store under a simulated clock.

use axum::Router;
use casework::{
    person::{Body, Card, Person},
    record::Via,
};
use desk::{DeskConfig, password, router};
use jiff::civil::{Date, date};
use law::calendar::Calendar;
use office::{Clock, Office, OfficeConfig, builtin_pack_files};
use store::{KeySource, Store, StoreConfig};

/// Day on which every test begins, a Monday.
pub const TODAY: Date = date(2026, 3, 2);
/// Password of everybody but the demo person.
pub const PASSWORD: &str = "青山绿水之间有人家呀";

const BODY: &str = "body-qinghe";
type Line = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    bool,
    bool,
);

/// Id, name, unit, roles, whether with a card, whether legally qualified.
const PEOPLE: [Line; 12] = [
    ("chen", "陈立", "wh", &["officer"], true, false),
    ("lin", "林芳", "wh", &["officer"], true, false),
    (
        "he",
        "何平",
        "wh",
        &["officer", "preliminary_reviewer"],
        true,
        false,
    ),
    (
        "zhou",
        "周正",
        "wh",
        &["officer", "section_head"],
        true,
        false,
    ),
    ("gao", "高远", "fz", &["legal_reviewer"], false, true),
    ("liu", "刘国安", "ld", &["leader"], false, false),
    ("zhao", "赵建设", "ld", &["leader"], false, false),
    ("wang", "王守法", "ld", &["principal"], false, false),
    ("fang", "方文", "bg", &["publisher"], false, false),
    ("qian", "钱会", "bg", &["cashier"], false, false),
    ("tang", "唐雨", "bg", &["archivist"], false, false),
    ("wu", "吴江", "gm", &["officer"], true, false),
];

/// The bureau, and the folder that it lives in.
pub struct Bureau {
    pub site: Router,
    pub office: Office,
    pub clock: Clock,
    pub dir: tempfile::TempDir,
}

/// Opens the bureau; nothing where the fonts are not installed.
pub async fn open() -> Option<Bureau> {
    open_with(|config| config).await
}

/// Opens the bureau with a desk of other configuration.
pub async fn open_with(change: impl FnOnce(DeskConfig) -> DeskConfig) -> Option<Bureau> {
    let fonts = testkit::fonts()?;
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::simulated(TODAY);
    let url = format!("sqlite:{}", dir.path().join("store.db").display());
    let mut config = StoreConfig::new(url, dir.path(), "qinghe.example/log");
    config.key = KeySource::File(dir.path().join("log.key"));
    Store::migrate(&config, clock.now_us()).await.unwrap();
    let office = Office::open(OfficeConfig {
        store: Store::open(&config).await.unwrap(),
        fonts,
        templates: dir.path().join("templates"),
        clock: clock.clone(),
        calendar: Calendar::builtin(),
        pack: builtin_pack_files(),
        settings: vec![casework::Setting::new(
            "hearing_fine_organization",
            5_000_000,
            Some("《某省听证规定》第三条（虚构）"),
        )],
        region: "全国".to_owned(),
        body_id: BODY.to_owned(),
        demo: false,
    })
    .await
    .unwrap();
    register(&office).await;
    let assets = dir.path().join("dist");
    let site = router(
        office.clone(),
        change(DeskConfig {
            assets,
            ..DeskConfig::default()
        }),
    );
    Some(Bureau {
        site,
        office,
        clock,
        dir,
    })
}

async fn register(office: &Office) {
    let units = [
        ("wh", "危险化学品监管股"),
        ("gm", "工贸监管股"),
        ("fz", "法制宣教股"),
        ("bg", "办公室"),
        ("ld", "局领导"),
    ];
    let body = Body {
        id: BODY.into(),
        name: "青禾县应急管理局".into(),
        mark: "（青禾）应急".into(),
        government: "青禾县人民政府".into(),
        court: "青禾县人民法院".into(),
        bank: "青禾县农村商业银行".into(),
        bank_account: "0000000000000000".into(),
        units: units.map(|(id, name)| (id.into(), name.into())).into(),
        ..Body::default()
    };
    office
        .register_body(&body, None, Via::Import)
        .await
        .unwrap();
    let hash = password::hash(PASSWORD).unwrap();
    for (n, (login, name, unit, roles, card, qualified)) in PEOPLE.into_iter().enumerate() {
        let number = format!("QH-{:04}", n + 1);
        let card = card.then(|| Card {
            number,
            valid_from: date(2024, 1, 1),
            valid_to: date(2028, 12, 31),
            kind: String::new(),
            area: String::new(),
        });
        let person = Person {
            id: format!("person-{login}"),
            version: 0,
            login: login.into(),
            name: name.into(),
            body_id: BODY.into(),
            unit: unit.into(),
            roles: roles.iter().map(|r| (*r).into()).collect(),
            cards: card.into_iter().collect(),
            qualified,
            active: true,
        };
        office
            .register_person(&person, None, Via::Import)
            .await
            .unwrap();
        office
            .store()
            .set_credential(&person.id, &hash, &password::throttle_key(login), 0)
            .await
            .unwrap();
    }
}
