//! The document of the API, OpenAPI 3.1: collected from the operations, put into Chinese, with examples.
//!
//! It is the same in every installation and names nobody in one, so it is given to whoever asks, like the program's
//! source.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use law::term::{Direction, Unit};
use serde_json::{Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::{
    api::examples,
    problem::{MEDIA, Problem},
    session::COOKIE,
};

/// What is said of schemas, their members and parameters, a line each: path, tab, words.
const WORDS: &str = include_str!("words.tsv");
/// A clock time of Beijing, as fields of that kind hold it.
const LOCAL_TIME: &str = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$";

/// What stands above the operations.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "执衡接口",
        version = "1.0.0",
        description = "行政处罚案件的查询和办理。能看什么、能办什么，与本人在网页上相同：程序用的是某一位执法人员自己的访问令牌，由本人在“访问令牌”页面建立。\n\n出错时一律返回 application/problem+json（RFC 9457），写明原因、依据和下一步；429 和 503 在 Retry-After 中写明多少秒以后再试。列表分页返回，next 是下一页的地址。日期是北京时间的日期，recorded_at 等时刻是 1970 年以来的微秒数，金额以分为单位。",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/", description = "本系统")),
    tags(
        (name = "待办和案件", description = "查询待办、案件和办理记录"),
        (name = "办理", description = "登记案件，办理步骤"),
        (name = "文书", description = "文书和证据附件"),
        (name = "登录", description = "不用访问令牌时，用用户名和密码登录")
    ),
    components(schemas(Problem, Unit, Direction)),
    modifiers(&Doors)
)]
pub struct Document;

/// The two ways in.
struct Doors;

impl Modify for Doors {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "访问令牌，在“访问令牌”页面建立，只显示一次。read：查询；act：查询和办理。",
            ))
            .build();
        let session = ApiKeyValue::with_description(COOKIE, "登录后的会话");
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(token));
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    }
}

/// The document as JSON text.
pub fn text(document: &utoipa::openapi::OpenApi) -> String {
    let mut value = serde_json::to_value(document).unwrap_or_default();
    correct(&mut value);
    describe(&mut value);
    give_examples(&mut value);
    value.to_string()
}

/// The answer with the document.
pub fn serve() -> Response {
    let media = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, media)], super::document()).into_response()
}

static SAID: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    WORDS
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect()
});

/// Puts Chinese words in place of what the source says of each schema, member and parameter.
fn describe(document: &mut Value) {
    each_place(document, &mut |place, path| {
        let Some(place) = place.as_object_mut() else {
            return;
        };
        match SAID.get(path) {
            Some(words) => place.insert("description".to_owned(), json!(words)),
            None => place.remove("description"),
        };
    });
}

/// Puts right what the derivation cannot say: the form of a clock time, and a variant of several values.
fn correct(document: &mut Value) {
    for kind in choices(document, "FieldValue") {
        if let Some(time) = kind.pointer_mut("/properties/date_time") {
            time["pattern"] = json!(LOCAL_TIME);
        }
    }
    for span in choices(document, "Span") {
        if let Some(term) = span.pointer_mut("/properties/term") {
            *term = json!({
                "type": "array", "items": false, "minItems": 3,
                "prefixItems": [
                    {"type": "integer", "minimum": 0},
                    {"$ref": "#/components/schemas/Unit"},
                    {"$ref": "#/components/schemas/Direction"},
                ],
            });
        }
    }
}

/// The choices of a schema.
fn choices<'a>(document: &'a mut Value, schema: &str) -> impl Iterator<Item = &'a mut Value> {
    let choices = document.pointer_mut(&format!("/components/schemas/{schema}/oneOf"));
    choices.and_then(Value::as_array_mut).into_iter().flatten()
}

/// Visits everything that words are said of, by its path: schemas, their members and choices, and parameters.
fn each_place(document: &mut Value, visit: &mut impl FnMut(&mut Value, &str)) {
    let schemas = document.pointer_mut("/components/schemas");
    for (name, schema) in schemas.and_then(Value::as_object_mut).into_iter().flatten() {
        // A page of a list is `Page_` and what is listed.
        let name = name.split('_').next().unwrap_or(name);
        each_member(schema, name, visit);
        visit(schema, name);
    }
    for operation in operations(document) {
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let name = format!("?{}", parameter["name"].as_str().unwrap_or_default());
            visit(parameter, &name);
        }
    }
}

/// Visits the members and choices of a schema.
fn each_member(schema: &mut Value, path: &str, visit: &mut impl FnMut(&mut Value, &str)) {
    for key in ["allOf", "oneOf", "anyOf"] {
        let choices = schema.get_mut(key).and_then(Value::as_array_mut);
        for choice in choices.into_iter().flatten() {
            let Some(name) = only_name(choice) else {
                each_member(choice, path, visit);
                // What is merged or referred to has its own words.
                visit(choice, "");
                continue;
            };
            let path = format!("{path}.{name}");
            if let Some(content) = choice
                .get_mut("properties")
                .and_then(|all| all.get_mut(&name))
            {
                each_member(content, &path, visit);
                visit(content, &path);
            }
            visit(choice, &path);
        }
    }
    let members = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, member) in members.into_iter().flatten() {
        let path = format!("{path}.{name}");
        each_member(member, &path, visit);
        visit(member, &path);
    }
}

/// The name of a choice that is one value, or an object of one member; a schema that is referred to has its own.
fn only_name(choice: &Value) -> Option<String> {
    let only = |list: &Value| match list.as_array().map(Vec::as_slice) {
        Some([Value::String(name)]) => Some(name.clone()),
        _ => None,
    };
    let one_member = choice["properties"]
        .as_object()
        .is_some_and(|all| all.len() == 1);
    let member = || only(&choice["required"]).filter(|_| one_member);
    only(&choice["enum"]).or_else(member)
}

/// Every operation of the document.
fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(|paths| paths.values_mut());
    let items = items.filter_map(Value::as_object_mut);
    items.flat_map(|operations| operations.values_mut())
}

fn give_examples(document: &mut Value) {
    for operation in operations(document) {
        let id = operation["operationId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let body = operation.pointer_mut("/requestBody/content/application~1json");
        if let (Some(body), Some(example)) = (body, examples::request(&id)) {
            body["example"] = example;
        }
        let answers = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut);
        for (status, answer) in answers.into_iter().flatten() {
            let content = answer.get_mut("content").and_then(Value::as_object_mut);
            for (media, content) in content.into_iter().flatten() {
                if media == "application/json" {
                    content["example"] = examples::answer(&id, status == "200");
                } else if media == MEDIA {
                    content["example"] = examples::problem(status);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn document() -> Value {
        let (_, document) = crate::api::operations().split_for_parts();
        serde_json::from_str(&text(&document)).unwrap()
    }

    /// Validator of a schema of the document.
    fn validator(document: &Value, schema: &Value) -> jsonschema::Validator {
        let mut root = json!({"$ref": "#/schema", "schema": schema});
        root["components"] = document["components"].clone();
        jsonschema::validator_for(&root).unwrap()
    }

    #[test]
    fn it_is_of_openapi_3_1_and_every_reference_leads_somewhere() {
        let document = document();
        assert_eq!(document["openapi"], "3.1.0");
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            validator(&document, schema);
            assert!(schema.is_object(), "{name}");
        }
    }

    #[test]
    fn every_operation_has_examples_that_are_as_it_says() {
        let mut document = document();
        let copy = document.clone();
        let (mut requests, mut answers) = (0, 0);
        let check = |content: &Value, what: &str| {
            let fits = validator(&copy, &content["schema"]);
            let faults: Vec<String> = fits
                .iter_errors(&content["example"])
                .map(|fault| format!("{fault} at {}", fault.instance_path()))
                .collect();
            assert!(
                content.get("example").is_some() && faults.is_empty(),
                "{what}: {faults:?}"
            );
        };
        for operation in operations(&mut document) {
            let id = operation["operationId"].to_string();
            if let Some(body) = operation.get("requestBody") {
                check(&body["content"]["application/json"], &id);
                requests += 1;
            }
            for (status, answer) in operation["responses"].as_object().unwrap() {
                for (media, content) in answer["content"].as_object().into_iter().flatten() {
                    if media.contains("json") {
                        check(content, &format!("{id} {status}"));
                        answers += 1;
                    }
                }
            }
        }
        assert!(requests >= 3 && answers > 30);
    }

    #[test]
    fn everything_in_it_is_said_in_chinese() {
        let (_, source) = crate::api::operations().split_for_parts();
        let mut source = serde_json::to_value(&source).unwrap();
        let (mut missing, mut places) = (Vec::new(), BTreeSet::new());
        each_place(&mut source, &mut |place, path| {
            places.insert(path.to_owned());
            let described = place.get("description").is_some() || path.starts_with('?');
            let described = described && !path.is_empty();
            if described && !SAID.contains_key(path) {
                missing.push(path.to_owned());
            }
        });
        assert!(missing.is_empty(), "no words for\n{}", missing.join("\n"));
        let nowhere: Vec<_> = SAID
            .keys()
            .filter(|path| !places.contains(**path))
            .collect();
        assert!(
            nowhere.is_empty(),
            "words for what is not there: {nowhere:?}"
        );
    }
}
