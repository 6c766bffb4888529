//! The portal over real databases: what is published can be found, read and checked; what is withdrawn is gone.

#![cfg(test)]

#[path = "portal/pages.rs"]
mod pages;

use std::path::PathBuf;
use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use jiff::civil::{Date, date};
use portal::{
    CardsQuery, Choices, OfficerCard, PortalConfig, PortalError, PortalStore, ProcedureText,
    PublishedItem, Query, SetAside, router,
};
use sea_orm::{ConnectionTrait as _, Database};
use tower::ServiceExt as _;

const TODAY: Date = date(2026, 3, 20);

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../ledger/fixtures/gm")
        .join(name);
    std::fs::read(path).unwrap()
}

fn text(name: &str) -> String {
    String::from_utf8(fixture(name)).unwrap()
}

/// An item about the ledger's own fixture document, whose proof holds.
fn item(id: &str) -> PublishedItem {
    let bundle = fixture("bundle.json");
    let document_digest = ledger::Bundle::parse(&bundle)
        .unwrap()
        .document()
        .to_string();
    PublishedItem {
        id: id.into(),
        body_name: "青禾县应急管理局".into(),
        decision_number: "（青）应急罚〔2026〕3号".into(),
        party_name: "青禾县某某化工厂".into(),
        party_kind: "单位".into(),
        cause: "未建立事故隐患排查治理制度".into(),
        facts: "该厂<未>建立制度。".into(),
        basis: "《安全生产法》第一百零一条".into(),
        outcome: "罚款人民币贰万元整".into(),
        decided_on: date(2026, 3, 2),
        published_on: date(2026, 3, 6),
        until: None,
        document_digest,
        document: fixture("document.txt"),
        bundle,
        withdrawn_on: None,
        withdraw_reason: None,
    }
}

async fn sqlite() -> (tempfile::TempDir, PortalStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = PortalStore::open(&format!(
        "sqlite:{}",
        dir.path().join("portal.db").display()
    ))
    .await
    .unwrap();
    store
        .set_log(&text("checkpoint"), &text("verifier.key"))
        .await
        .unwrap();
    (dir, store)
}

fn site(store: &PortalStore, base: &str) -> Router {
    let config = PortalConfig {
        base: base.into(),
        body_name: "青禾县应急管理局".into(),
        today: Arc::new(|| TODAY),
        simulated: false,
    };
    router(store.clone(), config)
}

async fn get(site: &Router, path: &str) -> (StatusCode, axum::http::HeaderMap, String) {
    let answer = site
        .clone()
        .oneshot(Request::get(path).body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (
        status,
        headers,
        String::from_utf8_lossy(&bytes).into_owned(),
    )
}

async fn listed(store: &PortalStore, words: &str, today: Date) -> Vec<String> {
    let query = Query {
        text: words.into(),
        limit: 100,
        ..Query::default()
    };
    store
        .list(&query, today)
        .await
        .unwrap()
        .lines
        .into_iter()
        .map(|line| line.id)
        .collect()
}

/// What narrows the list, one after the other.
async fn filters(store: &PortalStore) {
    let other = PublishedItem {
        body_name: "白水县应急管理局".into(),
        party_name: "李某".into(),
        party_kind: "个人".into(),
        outcome: "警告".into(),
        decided_on: date(2025, 12, 30),
        published_on: date(2026, 1, 5),
        ..item("d3")
    };
    store.put(&other).await.unwrap();
    let check = |query: Query, expect: &'static [&'static str]| async move {
        let query = Query {
            limit: 100,
            ..query
        };
        let page = store.list(&query, TODAY).await.unwrap();
        let ids: Vec<&str> = page.lines.iter().map(|line| line.id.as_str()).collect();
        assert_eq!(ids, expect, "{query:?}");
    };
    let kind = |kind: &str| Query {
        party_kind: kind.into(),
        ..Query::default()
    };
    check(kind("个人"), &["d3"]).await;
    check(kind("单位"), &["d2", "d1"]).await;
    let penalty = |kind: &str| Query {
        penalty_kind: kind.into(),
        ..Query::default()
    };
    check(penalty("warning"), &["d3"]).await;
    check(penalty("fine"), &["d2", "d1"]).await;
    check(penalty("licence"), &[]).await;
    let year = |year| Query {
        year: Some(year),
        ..Query::default()
    };
    check(year(2025), &["d3"]).await;
    check(year(2026), &["d2", "d1"]).await;
    let organ = Query {
        body_name: "白水县应急管理局".into(),
        ..Query::default()
    };
    check(organ, &["d3"]).await;
    let several = Query {
        text: "化工".into(),
        year: Some(2026),
        penalty_kind: "fine".into(),
        ..Query::default()
    };
    check(several, &["d1"]).await;
    let choices = store.choices().await.unwrap();
    let mut bodies = choices.bodies.clone();
    bodies.sort();
    let expect = Choices {
        years: vec![2026, 2025],
        bodies: vec!["白水县应急管理局".into(), "青禾县应急管理局".into()],
    };
    assert_eq!(choices.years, expect.years);
    assert_eq!(bodies, expect.bodies);
    store.withdraw("d3", TODAY, "有误").await.unwrap();
}

fn card(number: &str, name: &str) -> OfficerCard {
    OfficerCard {
        number: number.into(),
        name: name.into(),
        body_name: "青禾县应急管理局".into(),
        unit: "工贸监管股".into(),
        post: "执法人员".into(),
        kind: "应急管理".into(),
        area: "青禾县".into(),
        valid_from: date(2024, 1, 1),
        valid_to: date(2026, 12, 31),
        serving: true,
    }
}

/// One card of every standing.
fn cards() -> [OfficerCard; 4] {
    [
        card("QH-0001", "陈立"),
        OfficerCard {
            valid_to: date(2026, 3, 19),
            ..card("QH-0002", "董期")
        },
        OfficerCard {
            serving: false,
            ..card("QH-0003", "李离")
        },
        OfficerCard {
            valid_from: date(2026, 4, 1),
            ..card("QH-0004", "新来")
        },
    ]
}

fn procedure() -> ProcedureText {
    ProcedureText {
        id: "penalty-general".into(),
        title: "行政处罚普通程序".into(),
        version: "1".into(),
        in_force_from: date(2021, 7, 15),
        chart: "<svg xmlns=\"http://www.w3.org/2000/svg\"><text>立案</text></svg>".into(),
        guide: "# 指南\n\n## 一、办理流程\n\n- **立案**\n\n| 期限 | 长短 |\n|---|---|\n| 办案 | 90 日 |\n".into(),
    }
}

/// Lists are replaced as a whole, and as a whole or not at all.
async fn lists(store: &PortalStore) {
    let names = |text: &'static str| async move {
        let query = CardsQuery {
            text: text.into(),
            page: 1,
        };
        let page = store.cards(&query, TODAY).await.unwrap();
        page.cards.into_iter().map(|c| c.name).collect::<Vec<_>>()
    };
    assert!(store.set_cards(&cards(), TODAY).await.unwrap());
    assert!(!store.set_cards(&cards(), TODAY).await.unwrap());
    assert_eq!(names("").await, ["陈立"], "only what is in force today");
    assert_eq!(names("工贸 qh-0001").await, ["陈立"]);
    assert_eq!(names("董期").await, Vec::<String>::new());
    let found = store.card("ｑｈ－0002 ").await.unwrap().unwrap();
    assert_eq!(found.name, "董期");
    let nameless = [card("QH-0009", "周正"), card("QH-0010", " ")];
    assert!(store.set_cards(&nameless, TODAY).await.is_err());
    assert_eq!(names("").await, ["陈立"], "the old list stays");
    store
        .set_cards(&[card("QH-0009", "周正")], TODAY)
        .await
        .unwrap();
    assert_eq!(names("").await, ["周正"]);
    assert_eq!(store.card("QH-0001").await.unwrap(), None);

    assert!(store.set_procedures(&[procedure()]).await.unwrap());
    assert!(!store.set_procedures(&[procedure()]).await.unwrap());
    assert_eq!(store.procedures().await.unwrap(), [procedure()]);
}

async fn conforms(store: &PortalStore) {
    assert!(store.put(&item("d1")).await.unwrap());
    assert!(
        !store.put(&item("d1")).await.unwrap(),
        "the same again changes nothing"
    );
    assert_eq!(
        store.get("d1").await.unwrap().unwrap(),
        item("d1"),
        "read as written"
    );
    let other = PublishedItem {
        outcome: "罚款人民币叁万元整".into(),
        ..item("d1")
    };
    assert!(
        matches!(store.put(&other).await, Err(PortalError::Changed(_))),
        "what is published stays"
    );

    let person = PublishedItem {
        party_name: "张某".into(),
        until: Some(date(2026, 6, 6)),
        published_on: TODAY,
        ..item("d2")
    };
    store.put(&person).await.unwrap();
    assert_eq!(
        listed(store, "", TODAY).await,
        ["d2", "d1"],
        "newest publication first"
    );
    assert_eq!(
        listed(store, "", date(2026, 6, 7)).await,
        ["d1"],
        "past its last day it is gone"
    );
    assert_eq!(
        listed(store, "化工 2026", TODAY).await,
        ["d1"],
        "every word must occur"
    );
    assert_eq!(
        listed(store, "化工%", TODAY).await,
        Vec::<String>::new(),
        "signs are taken literally"
    );

    filters(store).await;
    lists(store).await;
    assert!(
        store
            .withdraw("d1", TODAY, "处罚决定被依法撤销。")
            .await
            .unwrap()
    );
    assert_eq!(
        listed(store, "应急罚〔2026〕3号", TODAY).await,
        ["d2", "d1", "d3"],
        "that it was withdrawn is found by its number"
    );
    assert_eq!(listed(store, "化工", TODAY).await, Vec::<String>::new());
    assert!(
        !store
            .withdraw("d1", date(2026, 3, 21), "再次")
            .await
            .unwrap(),
        "the first withdrawal stands"
    );
    let gone = store.get("d1").await.unwrap().unwrap();
    assert_eq!(gone.withdrawn_on, Some(TODAY));
    assert!(
        gone.facts.is_empty()
            && gone.party_name.is_empty()
            && gone.document.is_empty()
            && gone.bundle.is_empty()
    );
    assert!(
        !store.put(&item("d1")).await.unwrap(),
        "a job that comes late does not bring it back"
    );
    assert!(store.get("d1").await.unwrap().unwrap().is_withdrawn());
    assert!(!store.withdraw("late", TODAY, "理由").await.unwrap());
    assert!(
        !store.put(&item("late")).await.unwrap(),
        "withdrawn before it was shown, it is never shown"
    );
    assert_eq!(store.get("late").await.unwrap(), None);
    assert!(!listed(store, "", TODAY).await.contains(&"late".to_owned()));
    let aside = |id: &str, place| SetAside {
        id: id.into(),
        place,
        why: "文书缺失\n无法公示".into(),
    };
    for one in [aside("d8", 7), aside("d9", 3), aside("d8", 5)] {
        store.set_aside(&one).await.unwrap();
    }
    assert_eq!(
        store.aside().await.unwrap(),
        [aside("d9", 3), aside("d8", 5), aside("d8", 7)],
        "a later one hides no earlier one"
    );
    store.forget_aside(&aside("d8", 5)).await.unwrap();
    assert_eq!(
        store.aside().await.unwrap(),
        [aside("d9", 3), aside("d8", 7)]
    );
    assert!(
        store.withdraw("d2", TODAY, " ").await.is_err(),
        "a withdrawal without a reason is refused"
    );
}

#[tokio::test]
async fn items_are_published_found_and_withdrawn_on_sqlite() {
    let (_dir, store) = sqlite().await;
    conforms(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn items_are_published_found_and_withdrawn_on_postgres() {
    let Some(postgres) = testkit::Postgres::start() else {
        return;
    };
    let store = PortalStore::open(postgres.url()).await.unwrap();
    store
        .set_log(&text("checkpoint"), &text("verifier.key"))
        .await
        .unwrap();
    conforms(&store).await;
    store.close().await;
}

#[tokio::test]
async fn nothing_is_published_whose_proof_does_not_hold() {
    let (_dir, store) = sqlite().await;
    let forged = PublishedItem {
        document: b"%PDF-1.7 forged".to_vec(),
        ..item("d1")
    };
    assert!(matches!(
        store.put(&forged).await,
        Err(PortalError::Bundle(_))
    ));
    let digest = PublishedItem {
        document_digest: "0".repeat(64),
        ..item("d1")
    };
    assert!(matches!(
        store.put(&digest).await,
        Err(PortalError::Invalid { .. })
    ));
    for id in ["", "../x", "a/b", ".x", "编号"] {
        let odd = PublishedItem {
            id: id.into(),
            ..item("d1")
        };
        assert!(
            matches!(store.put(&odd).await, Err(PortalError::Invalid { .. })),
            "{id:?}"
        );
    }
    assert!(
        store
            .set_log("not a checkpoint", &text("verifier.key"))
            .await
            .is_err()
    );
    assert!(listed(&store, "", TODAY).await.is_empty());
}

#[tokio::test]
async fn without_a_key_nothing_is_published() {
    let dir = tempfile::tempdir().unwrap();
    let store = PortalStore::open(&format!("sqlite:{}", dir.path().join("p.db").display()))
        .await
        .unwrap();
    assert!(matches!(
        store.put(&item("d1")).await,
        Err(PortalError::NoKey)
    ));
    assert!(matches!(
        PortalStore::open("mysql://x").await,
        Err(PortalError::Url)
    ));
}

#[tokio::test]
async fn the_page_of_a_decision_shows_it_and_what_is_downloaded_verifies() {
    let (_dir, store) = sqlite().await;
    store.put(&item("d1")).await.unwrap();
    let site = site(&store, "/public");
    let (status, headers, html) = get(&site, "/public").await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("/public/decisions/d1"), "{html}");
    assert!(
        headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
            .starts_with("default-src 'none'")
    );

    let (status, _, html) = get(&site, "/public/decisions/d1").await;
    assert_eq!(status, StatusCode::OK);
    for words in [
        "（青）应急罚〔2026〕3号",
        "罚款人民币贰万元整",
        "怎样核对没有被改动",
        "该厂&#60;未&#62;建立制度。",
    ] {
        assert!(html.contains(words), "{words} is missing: {html}");
    }
    assert!(!html.contains("<script") && !html.contains("style="));

    let (_, headers, document) = get(&site, "/public/decisions/d1/document").await;
    assert!(
        headers[header::CONTENT_DISPOSITION]
            .to_str()
            .unwrap()
            .contains("filename*=UTF-8''%EF%BC%88")
    );
    let (_, _, bundle) = get(&site, "/public/decisions/d1/proof").await;
    let (_, _, key) = get(&site, "/public/key").await;
    let key = ledger::VerifyingKey::parse(key.trim()).unwrap();
    ledger::verify_bundle(bundle.as_bytes(), document.as_bytes(), &key).unwrap();
    let (_, _, checkpoint) = get(&site, "/public/checkpoint").await;
    ledger::SignedCheckpoint::parse(checkpoint.as_bytes())
        .unwrap()
        .verify(&key)
        .unwrap();
}

#[tokio::test]
async fn a_withdrawn_decision_shows_only_that_and_why() {
    let (_dir, store) = sqlite().await;
    store.put(&item("d1")).await.unwrap();
    store
        .withdraw("d1", TODAY, "处罚决定被依法撤销。")
        .await
        .unwrap();
    let site = site(&store, "");
    for path in ["/", "/decisions/d1"] {
        let (status, _, html) = get(&site, path).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            html.contains("撤回") && !html.contains("化工厂") && !html.contains("贰万元"),
            "{html}"
        );
    }
    assert!(
        get(&site, "/decisions/d1")
            .await
            .2
            .contains("处罚决定被依法撤销。")
    );
    for path in [
        "/decisions/d1/document",
        "/decisions/d1/proof",
        "/decisions/none",
        "/nowhere",
    ] {
        let (status, _, html) = get(&site, path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(html.contains("没有找到"), "{path}");
    }
}

#[tokio::test]
async fn a_decision_past_its_last_day_is_not_shown() {
    let (_dir, store) = sqlite().await;
    store
        .put(&PublishedItem {
            until: Some(date(2026, 3, 19)),
            ..item("d1")
        })
        .await
        .unwrap();
    let site = site(&store, "");
    let (_, _, html) = get(&site, "/decisions/d1").await;
    assert!(
        html.contains("公示期已满") && !html.contains("化工厂"),
        "{html}"
    );
    assert_eq!(
        get(&site, "/decisions/d1/document").await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_list_goes_on_page_by_page_and_shows_each_once() {
    let (_dir, store) = sqlite().await;
    for n in 0..45_u32 {
        let on = date(2026, 3, 1)
            .checked_add(jiff::Span::new().days(i64::from(n / 3)))
            .unwrap();
        store
            .put(&PublishedItem {
                published_on: on,
                ..item(&format!("d{n:02}"))
            })
            .await
            .unwrap();
    }
    let site = site(&store, "");
    let (mut path, mut seen) = ("/?q=%E5%8C%96%E5%B7%A5".to_owned(), Vec::new());
    loop {
        let (_, _, html) = get(&site, &path).await;
        seen.extend(
            html.split("/decisions/")
                .skip(1)
                .map(|rest| rest[..3].to_owned()),
        );
        let Some(next) = html
            .split("href=\"")
            .find(|part| part.contains("rel=\"next\""))
        else {
            break;
        };
        path = next.split('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!(seen.len(), 45);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 45);
    let (status, _, html) = get(&site, "/?q=%E6%B2%A1%E6%9C%89").await;
    assert!(status.is_success() && html.contains("没有找到符合“没有”的公示"));
}

#[tokio::test]
async fn what_narrows_the_list_stays_in_the_address_from_page_to_page() {
    let (_dir, store) = sqlite().await;
    for n in 0..25_u32 {
        store.put(&item(&format!("d{n:02}"))).await.unwrap();
    }
    let site = site(&store, "/public");
    let (_, _, html) = get(
        &site,
        "/public?kind=%E5%8D%95%E4%BD%8D&outcome=fine&year=2026",
    )
    .await;
    let next = html
        .split("href=\"")
        .find(|part| part.contains("rel=\"next\""))
        .and_then(|part| part.split('"').next())
        .unwrap()
        .replace("&#38;", "&");
    for part in [
        "kind=%E5%8D%95%E4%BD%8D",
        "outcome=fine",
        "year=2026",
        "after=",
    ] {
        assert!(next.contains(part), "{part}: {next}");
    }
    for chosen in [
        "<option value=\"单位\" selected>",
        "<option value=\"fine\" selected>",
        "<option value=\"2026\" selected>",
    ] {
        assert!(html.contains(chosen), "{chosen}: {html}");
    }
    let (_, _, html) = get(&site, &next).await;
    assert_eq!(html.matches("<h2><a href=\"/public/decisions/").count(), 5);
    assert!(html.contains("回到第一页"));
    // What is no choice, is twice there or cannot be read narrows nothing and breaks nothing.
    for odd in [
        "?kind=x&year=y&outcome=z",
        "?q=a&q=b",
        "?after=%FF&year=99999",
    ] {
        let (status, _, html) = get(&site, &format!("/public{odd}")).await;
        assert_eq!(status, StatusCode::OK, "{odd}");
        assert!(html.contains("青禾县某某化工厂"), "{odd}: {html}");
    }
}

#[tokio::test]
async fn anyone_can_check_a_card_and_is_told_plainly() {
    let (_dir, store) = sqlite().await;
    store.set_cards(&cards(), TODAY).await.unwrap();
    let site = site(&store, "");
    let check = |number: &'static str,
                 says: &'static [&'static str],
                 not: &'static [&'static str]| {
        let site = site.clone();
        async move {
            let (status, _, html) = get(&site, &format!("/officers/check?number={number}")).await;
            assert_eq!(status, StatusCode::OK, "{number}");
            for words in says {
                assert!(html.contains(words), "{number} lacks {words}: {html}");
            }
            for words in not {
                assert!(!html.contains(words), "{number} has {words}: {html}");
            }
        }
    };
    check(
        "qh-0001",
        &[
            "verdict-word\">有效",
            "陈立",
            "2026-12-31",
            "第五十五条第一款",
        ],
        &[],
    )
    .await;
    check(
        "QH-0002",
        &["verdict-word\">已失效", "2026-03-19"],
        &["董期"],
    )
    .await;
    check(
        "QH-0003",
        &["verdict-word\">已失效", "不在执法岗位"],
        &["李离"],
    )
    .await;
    check("QH-0004", &["verdict-word\">还没有生效"], &["新来"]).await;
    check("QH-9999", &["verdict-word\">没有查到"], &[]).await;
    check(
        "%3Cscript%3E",
        &["verdict-word\">没有查到"],
        &["<script", "<SCRIPT"],
    )
    .await;
    check("", &["请填写证件上的编号"], &["verdict-word"]).await;

    let (_, _, html) = get(&site, "/officers").await;
    for words in [
        "陈立",
        "工贸监管股",
        "QH-0001",
        "应急管理",
        "2026-03-20 更新",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert!(!html.contains("董期") && !html.contains("李离"), "{html}");
}

#[tokio::test]
async fn procedures_are_shown_with_chart_and_guide() {
    let (_dir, store) = sqlite().await;
    store.set_procedures(&[procedure()]).await.unwrap();
    let site = site(&store, "/public");
    let (_, _, html) = get(&site, "/public/procedures").await;
    assert!(
        html.contains("/public/procedures/penalty-general"),
        "{html}"
    );
    let (_, _, html) = get(&site, "/public/procedures/penalty-general").await;
    for words in [
        "行政处罚普通程序",
        "chart.svg",
        "<strong>立案</strong>",
        "<td>90 日</td>",
        "alt=\"",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
    let (status, headers, svg) = get(&site, "/public/procedures/penalty-general/chart.svg").await;
    assert!(status.is_success() && svg.starts_with("<svg"));
    assert_eq!(
        headers[header::CONTENT_TYPE],
        "image/svg+xml; charset=utf-8"
    );
    let (status, _, _) = get(&site, "/public/procedures/none").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (_, _, html) = get(&site, "/public/verify").await;
    assert!(
        html.contains("zhiheng verify") && html.contains("SM3"),
        "{html}"
    );
}

#[tokio::test]
async fn tables_of_an_older_program_are_brought_up_to_date_and_newer_ones_refused() {
    let (dir, store) = sqlite().await;
    for id in ["d1", "d2"] {
        store.put(&item(id)).await.unwrap();
    }
    store.withdraw("d2", TODAY, "有误").await.unwrap();
    store.withdraw("never", TODAY, "有误").await.unwrap();
    store.close().await;
    let url = format!("sqlite:{}", dir.path().join("portal.db").display());
    let raw = Database::connect(&url).await.unwrap();
    for sql in [
        "DROP TABLE published_line",
        "DROP TABLE officer_card",
        "DROP TABLE procedure_text",
        "UPDATE portal_meta SET value = '1' WHERE key = 'schema'",
    ] {
        raw.execute_unprepared(sql).await.unwrap();
    }
    let store = PortalStore::open(&url).await.unwrap();
    assert_eq!(listed(&store, "", TODAY).await, ["d2", "d1"]);
    assert_eq!(listed(&store, "化工", TODAY).await, ["d1"]);
    store.close().await;
    let sql = "UPDATE portal_meta SET value = '3' WHERE key = 'schema'";
    raw.execute_unprepared(sql).await.unwrap();
    assert!(matches!(
        PortalStore::open(&url).await,
        Err(PortalError::NewerSchema {
            found: 3,
            wanted: 2
        })
    ));
}

#[tokio::test]
async fn what_is_shown_is_held_against_what_the_log_says() {
    let (dir, store) = sqlite().await;
    let key = ledger::VerifyingKey::parse(text("verifier.key").trim()).unwrap();
    for id in ["d1", "d2"] {
        store.put(&item(id)).await.unwrap();
    }
    let why = "处罚决定被依法撤销。";
    store.withdraw("d2", TODAY, why).await.unwrap();
    store.withdraw("d3", TODAY, why).await.unwrap();
    let mut expected = portal::Expected::from([
        ("d1".to_owned(), vec![Some(item("d1"))]),
        // The job may have handed on the publication alone, or the withdrawal too.
        (
            "d2".to_owned(),
            vec![Some(item("d2")), Some(item("d2").withdrawn(TODAY, why))],
        ),
        (
            "d3".to_owned(),
            vec![Some(PublishedItem::never_shown("d3", TODAY, why))],
        ),
        ("d4".to_owned(), vec![Some(item("d4")), None]),
    ]);
    assert_eq!(store.verify(&expected, &key).await.unwrap(), []);
    let path = dir.path().join("portal.db");
    let conn = rusqlite::Connection::open(&path).unwrap();
    for (change, undo, word) in [
        (
            "UPDATE published_item SET party_name = '某某' WHERE id = 'd1'",
            "UPDATE published_item SET party_name = '青禾县某某化工厂' WHERE id = 'd1'",
            "party_name",
        ),
        (
            "UPDATE published_item SET haystack = 'x' || haystack WHERE id = 'd1'",
            "UPDATE published_item SET haystack = substr(haystack, 2) WHERE id = 'd1'",
            "查找",
        ),
        (
            "UPDATE published_item SET withdraw_reason = '无' WHERE id = 'd2'",
            "UPDATE published_item SET withdraw_reason = '处罚决定被依法撤销。' WHERE id = 'd2'",
            "withdraw_reason",
        ),
        (
            "UPDATE published_item SET bundle = x'7b7d' WHERE id = 'd2'",
            "UPDATE published_item SET bundle = x'' WHERE id = 'd2'",
            "证明没有删除",
        ),
        (
            "UPDATE published_item SET withdrawn_on = NULL, withdraw_reason = NULL WHERE id = 'd2'",
            "UPDATE published_item SET withdrawn_on = '2026-03-20', withdraw_reason = '处罚决定被依法撤销。' WHERE id = 'd2'",
            "withdrawn_on",
        ),
    ] {
        conn.execute(change, []).unwrap();
        let faults = store.verify(&expected, &key).await.unwrap();
        assert!(
            faults.iter().any(|fault| fault.detail.contains(word)),
            "{change}: {faults:?}"
        );
        conn.execute(undo, []).unwrap();
        assert_eq!(store.verify(&expected, &key).await.unwrap(), [], "{undo}");
    }
    // What is published after the page was read and before the log was, is missing from neither.
    let read_before = store.shown(&key).await.unwrap();
    store.put(&item("d4")).await.unwrap();
    store.withdraw("d1", TODAY, why).await.unwrap();
    let states = expected.get_mut("d1").unwrap();
    states.push(Some(item("d1").withdrawn(TODAY, why)));
    assert_eq!(read_before.against(&expected), []);
    assert_eq!(read_before.missing(&expected), 1);
    assert_eq!(store.verify(&expected, &key).await.unwrap(), []);
    // Documents are held against their digests alone.
    for state in expected.values_mut().flatten().flatten() {
        state.document.clear();
    }
    assert_eq!(store.verify(&expected, &key).await.unwrap(), []);
    let swapped = "UPDATE published_item SET document = x'25504446' WHERE id = 'd4'";
    conn.execute(swapped, []).unwrap();
    let faults = store.verify(&expected, &key).await.unwrap();
    assert!(
        faults.iter().any(|f| f.detail.starts_with("document ")),
        "{faults:?}"
    );
    expected.remove("d4");
    conn.execute("DELETE FROM published_item WHERE id = 'd4'", [])
        .unwrap();
    conn.execute("DELETE FROM published_line WHERE id = 'd4'", [])
        .unwrap();
    // What is missing, and what nobody published.
    expected.insert("d5".to_owned(), vec![Some(item("d5"))]);
    expected.remove("d1");
    let faults = store.verify(&expected, &key).await.unwrap();
    let ids: Vec<&str> = faults.iter().map(|fault| fault.id.as_str()).collect();
    assert_eq!(ids, ["d1", "d5"], "{faults:?}");
}
