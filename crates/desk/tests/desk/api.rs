//! The JSON API: the same commands, problems instead of pages.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Page},
    bureau::{self, Bureau, PASSWORD},
};

async fn call(browser: &mut Browser, method: Method, path: &str, body: &Value) -> (Page, Value) {
    let media = if body.is_null() {
        ""
    } else {
        "application/json"
    };
    let bytes = if body.is_null() {
        Vec::new()
    } else {
        body.to_string().into_bytes()
    };
    let page = browser
        .send(method, &format!("/api/v1{path}"), media, bytes)
        .await;
    let value = serde_json::from_slice(&page.body).unwrap_or(Value::Null);
    (page, value)
}

async fn signed_in(bureau: &Bureau, login: &str) -> Browser {
    let mut program = Browser::new(bureau);
    let (page, who) = call(
        &mut program,
        Method::POST,
        "/session",
        &json!({"login": login, "password": PASSWORD}),
    )
    .await;
    assert_eq!(page.status, StatusCode::OK, "{who}");
    program
}

fn lead(id: &str) -> Value {
    json!({
        "id": id, "step": "A01", "act": "take", "occurred_on": "2026-03-02", "seen_version": 0,
        "fields": {
            "source": {"text": "report"}, "case_name": {"text": "某厂案"}, "cause": {"text": "未建立制度"},
            "clue": {"text": "举报。"}, "discovered_on": {"date": "2026-03-02"},
            "parties": {"parties": [{"id": "p1", "kind": "organization", "name": "某厂", "address": "某路一号"}]}
        }
    })
}

#[tokio::test]
async fn a_program_signs_in_and_opens_a_case() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut program = signed_in(&bureau, "chen").await;
    let (page, first) = call(&mut program, Method::POST, "/cases", &lead("api-1")).await;
    assert_eq!(page.status, StatusCode::CREATED, "{first}");
}

#[tokio::test]
async fn a_refusal_is_a_problem_with_reasons_and_articles() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut program = signed_in(&bureau, "gao").await;
    let (page, problem) = call(&mut program, Method::POST, "/cases", &lead("api-3")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.headers[header::CONTENT_TYPE],
        "application/problem+json"
    );
    assert_eq!(
        (&problem["type"], &problem["refusal"]),
        (&json!("urn:zhiheng:problem:refused"), &json!("not_you"))
    );
    assert!(
        problem["reasons"][0]["why"]
            .as_str()
            .unwrap()
            .contains("高远"),
        "{problem}"
    );
}

#[tokio::test]
async fn what_is_no_json_of_this_site_changes_nothing() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut program = signed_in(&bureau, "chen").await;
    let body = lead("api-4").to_string().into_bytes();
    let text = program
        .send(Method::POST, "/api/v1/cases", "text/plain", body.clone())
        .await;
    assert_eq!(text.status, StatusCode::FORBIDDEN);
    let mut foreign = program.clone();
    foreign
        .extra
        .push(("origin", "https://elsewhere.example".into()));
    let sent = foreign
        .send(
            Method::POST,
            "/api/v1/cases",
            "application/json",
            body.clone(),
        )
        .await;
    assert_eq!(sent.status, StatusCode::FORBIDDEN);
    let cut = program
        .send(
            Method::POST,
            "/api/v1/cases",
            "application/json",
            body[..40].to_vec(),
        )
        .await;
    assert_eq!(cut.status, StatusCode::BAD_REQUEST);
    let unknown = json!({"id": "x", "step": "A01", "act": "take", "occurred_on": "2026-03-02", "seen_version": 0, "more": 1});
    let (page, _) = call(&mut program, Method::POST, "/cases", &unknown).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    let mut nobody = Browser::new(&bureau);
    for path in ["/todo", "/cases", "/cases/case-x"] {
        let (page, problem) = call(&mut nobody, Method::GET, path, &Value::Null).await;
        assert_eq!(
            (page.status, &problem["status"]),
            (StatusCode::UNAUTHORIZED, &json!(401)),
            "{path}"
        );
    }
    let (page, problem) = call(&mut program, Method::GET, "/nowhere", &Value::Null).await;
    assert_eq!(
        (page.status, &problem["type"]),
        (
            StatusCode::NOT_FOUND,
            &json!("urn:zhiheng:problem:not-found")
        )
    );
    let (_, list) = call(&mut program, Method::GET, "/cases", &Value::Null).await;
    assert_eq!(list["cases"], json!([]));
}
