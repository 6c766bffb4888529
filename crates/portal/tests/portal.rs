//! The portal over real databases: what is published can be found, read and checked; what is withdrawn is gone.

#![cfg(test)]

use std::path::PathBuf;
use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use jiff::civil::{Date, date};
use portal::{PortalConfig, PortalError, PortalStore, PublishedItem, Query, SetAside, router};
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

    assert!(
        store
            .withdraw("d1", TODAY, "处罚决定被依法撤销。")
            .await
            .unwrap()
    );
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
    assert!(status.is_success() && html.contains("没有找到与“没有”有关的公示"));
}
