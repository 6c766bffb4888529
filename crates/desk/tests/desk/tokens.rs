//! Access tokens: made and revoked by the person alone, good for what they say, and dead when they should be.

use axum::http::{Method, StatusCode, header};
use desk::password;
use serde_json::{Value, json};

use crate::{
    api::{call, lead},
    browser::{Browser, Page},
    bureau::{self, Bureau, PASSWORD},
};

async fn ask(browser: &mut Browser, scope: &str, password: &str) -> Page {
    let form = browser.get("/tokens").await.form();
    let form = form.fill_all(&[("name", "统计报表程序"), ("scope", scope), ("days", "30")]);
    browser.submit(form.fill("password", password), "").await
}

/// Makes a token on the page, and gives it as it is shown.
async fn make(browser: &mut Browser, scope: &str) -> String {
    let page = ask(browser, scope, PASSWORD).await;
    page.has(StatusCode::CREATED, &["令牌已建立", "统计报表程序"]);
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    let html = page.html();
    let (_, rest) = html.split_once("<code class=\"token\">").unwrap();
    rest.split('<').next().unwrap().to_owned()
}

/// A program that shows that token and has no cookie.
fn program(bureau: &Bureau, token: &str) -> Browser {
    let mut program = Browser::new(bureau);
    program.extra = vec![("authorization", format!("Bearer {token}"))];
    program
}

async fn status(program: &mut Browser) -> StatusCode {
    let (page, _) = call(program, Method::GET, "/todo", &Value::Null).await;
    page.status
}

#[tokio::test]
async fn a_token_reads_or_acts_as_its_person_and_is_shown_once() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut chen = Browser::of(&bureau, "chen").await;
    let (reads, acts) = (make(&mut chen, "read").await, make(&mut chen, "act").await);
    let page = chen.get("/tokens").await;
    page.has(StatusCode::OK, &["统计报表程序", "查询和办理", "未使用"]);
    page.lacks(&[&reads, &acts]);

    let mut reader = program(&bureau, &reads);
    assert_eq!(status(&mut reader).await, StatusCode::OK);
    let (page, problem) = call(&mut reader, Method::POST, "/cases", &lead("t-1")).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(
        problem["detail"].to_string().contains("只能查询"),
        "{problem}"
    );
    let mut actor = program(&bureau, &acts);
    let (page, done) = call(&mut actor, Method::POST, "/cases", &lead("t-1")).await;
    assert_eq!(page.status, StatusCode::CREATED, "{done}");
    assert_eq!(page.headers.get(header::SET_COOKIE), None);
    // It signs nobody in on the pages, and what its person may not do, it may not.
    reader.get("/cases").await.has(StatusCode::OK, &["用户名"]);
    let gao = make(&mut Browser::of(&bureau, "gao").await, "act").await;
    let (page, _) = call(
        &mut program(&bureau, &gao),
        Method::POST,
        "/cases",
        &lead("t-2"),
    )
    .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wu = make(&mut Browser::of(&bureau, "wu").await, "read").await;
    let path = format!("/cases/{}", done["case"].as_str().unwrap());
    let wu_sees = call(&mut program(&bureau, &wu), Method::GET, &path, &Value::Null)
        .await
        .0;
    let wu_may = Browser::of(&bureau, "wu").await.get(&path).await;
    assert_eq!(
        wu_sees.status, wu_may.status,
        "as much as its person on the page"
    );
    chen.get("/tokens").await.lacks(&["未使用"]);

    let stored = rusqlite::Connection::open(bureau.dir.path().join("store.db")).unwrap();
    let digests: Vec<Vec<u8>> = stored
        .prepare("SELECT secret_hash FROM access_token")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(digests.len(), 4);
    assert!(digests.iter().all(|digest| digest.len() == 32));
    assert!(
        !digests
            .iter()
            .any(|d| acts.contains(&String::from_utf8_lossy(d).into_owned()))
    );
}

#[tokio::test]
async fn a_token_is_made_and_revoked_with_the_password_alone() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut chen = Browser::of(&bureau, "chen").await;
    ask(&mut chen, "read", "wrong-password")
        .await
        .has(StatusCode::FORBIDDEN, &["用户名或者密码不正确"])
        .lacks(&["令牌已建立"]);
    ask(&mut chen, "all", PASSWORD)
        .await
        .has(StatusCode::BAD_REQUEST, &["请选择令牌的权限"]);
    let form = chen.get("/tokens").await.form();
    let form = form.fill_all(&[
        ("name", "甲"),
        ("scope", "read"),
        ("days", "30"),
        ("password", PASSWORD),
    ]);
    let endless = form.clone().fill("days", "36500");
    let page = chen.submit(endless, "").await;
    page.has(StatusCode::BAD_REQUEST, &["请选择有效期"]);
    chen.submit(form.clone(), "")
        .await
        .has(StatusCode::CREATED, &[]);
    let page = chen.submit(form, "").await;
    page.has(StatusCode::BAD_REQUEST, &["这个令牌已经建立"]);

    let token = make(&mut chen, "read").await;
    let page = chen.get("/tokens").await;
    let html = page.html();
    let id = html.split("action=\"/tokens/").nth(1).unwrap();
    let id = id.split('/').next().unwrap().to_owned();
    let mut form = page.form();
    form.action = format!("/tokens/{id}/revoke");
    let wrong = form.clone().fill("password", "wrong-password");
    chen.submit(wrong, "")
        .await
        .has(StatusCode::FORBIDDEN, &["密码不正确"]);
    let mut program = program(&bureau, &token);
    assert_eq!(status(&mut program).await, StatusCode::OK);
    // Another person's browser cannot revoke it.
    let mut lin = Browser::of(&bureau, "lin").await;
    let mut foreign = lin.get("/tokens").await.form().fill("password", PASSWORD);
    foreign.action.clone_from(&form.action);
    lin.submit(foreign, "")
        .await
        .has(StatusCode::BAD_REQUEST, &["已经撤销"]);
    assert_eq!(status(&mut program).await, StatusCode::OK);
    chen.submit(form.fill("password", PASSWORD), "")
        .await
        .has(StatusCode::OK, &["访问令牌"]);
    assert_eq!(status(&mut program).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_dies_with_the_password_and_with_the_person() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut chen = Browser::of(&bureau, "chen").await;
    let mut one = program(&bureau, &make(&mut chen, "read").await);
    assert_eq!(status(&mut one).await, StatusCode::OK);
    let hash = password::hash(PASSWORD).unwrap();
    let store = bureau.office.store();
    let reset = store.set_credential("person-chen", &hash, "login:chen", 1);
    reset.await.unwrap();
    assert_eq!(status(&mut one).await, StatusCode::UNAUTHORIZED);

    let mut chen = Browser::of(&bureau, "chen").await;
    let mut other = program(&bureau, &make(&mut chen, "read").await);
    assert_eq!(status(&mut other).await, StatusCode::OK);
    let roster = bureau.office.roster().await.unwrap();
    let mut person = roster.people["person-chen"].clone();
    person.active = false;
    let gone = bureau
        .office
        .register_person(&person, None, casework::record::Via::Import);
    gone.await.unwrap();
    assert_eq!(status(&mut other).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn tokens_that_are_none_are_stopped_and_good_ones_go_on() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let token = make(&mut Browser::of(&bureau, "chen").await, "read").await;
    for bad in [
        "",
        "Bearer",
        "Basic Y2hlbjpw",
        "Bearer zhiheng_x",
        &format!("Basic {token}"),
    ] {
        let mut program = Browser::of(&bureau, "lin").await;
        program.extra = vec![("authorization", bad.to_owned())];
        let (page, problem) = call(&mut program, Method::GET, "/todo", &Value::Null).await;
        assert_eq!(
            page.status,
            StatusCode::UNAUTHORIZED,
            "{bad}: a cookie beside it helps nothing"
        );
        assert_eq!(page.headers[header::WWW_AUTHENTICATE], "Bearer");
        assert_eq!(problem["type"], json!("urn:zhiheng:problem:token"));
    }
    let mut none = program(&bureau, &format!("zhiheng_{}", "0".repeat(64)));
    let mut seen = Vec::new();
    for _ in 0..70 {
        seen.push(status(&mut none).await);
    }
    assert_eq!(seen[0], StatusCode::UNAUTHORIZED);
    assert_eq!(seen[69], StatusCode::TOO_MANY_REQUESTS);
    let (page, _) = call(&mut none, Method::GET, "/todo", &Value::Null).await;
    assert!(page.headers.contains_key(header::RETRY_AFTER));
    assert_eq!(status(&mut program(&bureau, &token)).await, StatusCode::OK);
    // Nor is anybody kept from signing in.
    Browser::of(&bureau, "lin").await;
}

#[tokio::test]
async fn the_page_of_the_interface_shows_every_operation_without_scripts() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut chen = Browser::of(&bureau, "chen").await;
    chen.get("/help").await.link("/api");
    let page = chen.get("/api").await;
    page.has(
        StatusCode::OK,
        &[
            "/api/openapi.json",
            "POST /api/v1/cases/{case}/commands",
            "Idempotency-Key",
            "令牌须可以办理",
            "所看到的案件版本；登记案件写 0",
            "application/problem+json",
            "青禾县某机械厂",
        ],
    );
    page.lacks(&["<script", "style="]);
    let document = chen.get("/api/openapi.json").await;
    let document: Value = serde_json::from_slice(&document.body).unwrap();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let title = format!("<h3>{}</h3>", operation["summary"].as_str().unwrap());
            page.has(
                StatusCode::OK,
                &[&title, operation["description"].as_str().unwrap()],
            );
        }
    }
}
