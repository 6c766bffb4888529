//! The document of the API, and whether what is really answered is as it says.

use std::sync::{Arc, Mutex};

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Page},
    bureau,
};

/// The document, which is the same whoever asks.
async fn document(browser: &Browser) -> Arc<Value> {
    static KEPT: Mutex<Option<Arc<Value>>> = Mutex::new(None);
    if let Some(kept) = KEPT.lock().unwrap().clone() {
        return kept;
    }
    let mut anybody = browser.clone();
    anybody.cookie = None;
    let page = anybody
        .send(Method::GET, "/api/openapi.json", "", Vec::new())
        .await;
    assert_eq!(page.status, StatusCode::OK);
    let document: Arc<Value> = Arc::new(serde_json::from_slice(&page.body).unwrap());
    *KEPT.lock().unwrap() = Some(document.clone());
    document
}

/// The operation of a path, if the document has it.
fn operation<'a>(document: &'a Value, method: &Method, path: &str) -> Option<&'a Value> {
    let path = format!("/api/v1{}", path.split('?').next().unwrap());
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template
                .zip(path)
                .all(|(t, p)| t.starts_with('{') || t == p)
    };
    let paths = document["paths"].as_object().unwrap();
    let (_, item) = paths.iter().find(|(template, _)| fits(template))?;
    item.get(method.as_str().to_lowercase())
}

/// Checks that an answer is one of those that the document tells of its operation, with a body of that schema.
pub async fn check(browser: &Browser, method: Method, path: &str, page: &Page, body: &Value) {
    let document = document(browser).await;
    let Some(operation) = operation(&document, &method, path) else {
        assert!(
            matches!(page.status.as_u16(), 404 | 405),
            "{method} {path} is not told of"
        );
        return;
    };
    let told = &operation["responses"][page.status.as_str()];
    assert!(
        told.is_object(),
        "{method} {path}: {} is not told of",
        page.status
    );
    let Some(content) = told["content"].as_object() else {
        assert!(page.body.is_empty(), "{method} {path}");
        return;
    };
    let media = page.headers[header::CONTENT_TYPE].to_str().unwrap();
    let content = content
        .get(media)
        .unwrap_or_else(|| panic!("{method} {path}: {media}"));
    if !media.contains("json") {
        return;
    }
    let root = json!({
        "$ref": "#/schema", "schema": content["schema"], "components": document["components"],
    });
    let fits = jsonschema::validator_for(&root).unwrap();
    let faults: Vec<String> = fits
        .iter_errors(body)
        .map(|fault| format!("{fault} at {}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{method} {path}: {faults:?}\n{body:#}");
}

#[tokio::test]
async fn it_is_given_to_anybody_and_names_nobody() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let text = document(&Browser::new(&bureau)).await.to_string();
    for word in ["青禾县应急管理局", "127.0.0.1"] {
        assert!(!text.contains(word), "{word}");
    }
}
