//! `/api`: the document of the API as a page.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::Value;

use crate::{
    api,
    app::{App, Frame, page},
    error::PageError,
    problem,
    session::SignedIn,
};

#[derive(Template)]
#[template(path = "interface.html")]
struct InterfacePage {
    frame: Frame,
    /// Paragraphs that stand above.
    about: Vec<String>,
    groups: Vec<Group>,
    /// An error as an example.
    problem: String,
}

/// Operations of one kind.
struct Group {
    title: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    title: String,
    about: String,
    scope: &'static str,
    inputs: Vec<Input>,
    /// The example of what is sent, where something is.
    sent: Option<String>,
    answers: Vec<Answer>,
}

/// A parameter, or a member of the body.
struct Input {
    name: String,
    place: &'static str,
    required: bool,
    about: String,
}

struct Answer {
    status: String,
    about: String,
    example: Option<String>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn place(parameter: &Value) -> &'static str {
    match parameter["in"].as_str() {
        Some("path") => "地址",
        Some("query") => "查询参数",
        Some("header") => "请求头",
        _ => "",
    }
}

/// Parameters, and members of the body.
fn inputs(document: &Value, operation: &Value) -> Vec<Input> {
    let parameters = list(&operation["parameters"]).iter().map(|p| Input {
        name: text(&p["name"]),
        place: place(p),
        required: p["required"] == true,
        about: text(&p["description"]),
    });
    let body = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
    let pointer = body.as_str().unwrap_or("#/none").trim_start_matches('#');
    let schema = document.pointer(pointer).unwrap_or(&Value::Null);
    let members = schema["properties"].as_object().into_iter().flatten();
    let members = members.map(|(name, member)| Input {
        name: name.clone(),
        place: "请求内容",
        required: list(&schema["required"]).iter().any(|r| r == name),
        about: text(&member["description"]),
    });
    parameters.chain(members).collect()
}

/// Which token an operation wants.
fn scope(operation: &Value) -> &'static str {
    let scopes = list(&operation["security"])
        .iter()
        .flat_map(|door| list(&door["token"]));
    match scopes.filter_map(Value::as_str).next() {
        Some("act") => "令牌须可以办理",
        Some(_) => "令牌可以查询即可",
        None => "不用令牌",
    }
}

fn answers(operation: &Value) -> Vec<Answer> {
    let answers = operation["responses"].as_object().into_iter().flatten();
    answers
        .map(|(status, answer)| Answer {
            status: status.clone(),
            about: text(&answer["description"]),
            example: answer["content"]["application/json"]
                .get("example")
                .map(pretty),
        })
        .collect()
}

fn groups(document: &Value) -> Vec<Group> {
    let mut groups: Vec<Group> = list(&document["tags"])
        .iter()
        .map(|tag| Group {
            title: text(&tag["name"]),
            operations: Vec::new(),
        })
        .collect();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Some(group) = groups.iter_mut().find(|g| operation["tags"][0] == *g.title) else {
                continue;
            };
            let sent = &operation["requestBody"]["content"]["application/json"];
            group.operations.push(Operation {
                id: text(&operation["operationId"]),
                method: method.to_uppercase(),
                path: path.clone(),
                title: text(&operation["summary"]),
                about: text(&operation["description"]),
                scope: scope(operation),
                inputs: inputs(document, operation),
                sent: sent.get("example").map(pretty),
                answers: answers(operation),
            });
        }
    }
    groups
}

/// The page.
pub async fn show(State(app): State<App>, signed: SignedIn) -> Result<Response, PageError> {
    let frame = app.frame(&signed, "help").await?;
    let document: Value = serde_json::from_str(api::document())
        .map_err(|fault| PageError::Internal(fault.to_string()))?;
    let about = text(&document["info"]["description"]);
    let refused = "/paths/~1api~1v1~1cases/post/responses/422/content";
    let refused = document.pointer(refused).unwrap_or(&Value::Null);
    let interface = InterfacePage {
        frame,
        about: about.split("\n\n").map(str::to_owned).collect(),
        groups: groups(&document),
        problem: pretty(&refused[problem::MEDIA]["example"]),
    };
    page(StatusCode::OK, &interface)
}
