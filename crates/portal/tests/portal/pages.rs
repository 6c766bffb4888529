//! The words of each kind of public page on a fixed day, kept in `snapshots/`, so that a change of a page shows in
//! review.

use axum::http::StatusCode;
use jiff::civil::date;
use portal::PublishedItem;

use super::{cards, get, item, procedure, site, sqlite};

/// Takes out digests and what names a key, which are as long as nothing that a reader reads.
fn redact(text: &str) -> String {
    let long = |word: &str| word.len() >= 32 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words = text.split(' ');
    let words = words.map(|word| if long(word) { "…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn keep(name: &str, (status, _, html): (StatusCode, axum::http::HeaderMap, String)) {
    assert_eq!(status, StatusCode::OK, "{name}: {html}");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, testkit::words(&html, redact)));
}

#[tokio::test]
async fn public_pages_are_as_kept() {
    let (_dir, store) = sqlite().await;
    let site = site(&store, "");
    keep("list-empty", get(&site, "/").await);
    store.put(&item("d1")).await.unwrap();
    let person = PublishedItem {
        party_name: "李某".into(),
        party_kind: "个人".into(),
        decided_on: date(2025, 12, 30),
        published_on: date(2026, 1, 5),
        withdrawn_on: Some(date(2026, 3, 10)),
        withdraw_reason: Some("决定已被依法撤销。".into()),
        ..item("d2")
    };
    store.put(&person).await.unwrap();
    store.set_cards(&cards(), date(2026, 3, 20)).await.unwrap();
    store.set_procedures(&[procedure()]).await.unwrap();
    keep("list", get(&site, "/").await);
    keep("list-nothing", get(&site, "/?q=%E6%97%A0").await);
    keep("decision", get(&site, "/decisions/d1").await);
    keep("decision-withdrawn", get(&site, "/decisions/d2").await);
    keep("officers", get(&site, "/officers").await);
    keep(
        "card-good",
        get(&site, "/officers/check?number=QH-0001").await,
    );
    keep(
        "card-unknown",
        get(&site, "/officers/check?number=X-1").await,
    );
    keep("procedures", get(&site, "/procedures").await);
    keep("verify", get(&site, "/verify").await);
}
