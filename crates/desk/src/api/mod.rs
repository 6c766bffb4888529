//! `/api/v1`: the same commands and lists as JSON, for programs; errors are `application/problem+json`.
//!
//! A program comes with an access token, or with a session that begins as in the browser. What changes something
//! takes `application/json` alone, which no other site can make a browser send without asking first, and nobody
//! here would say yes. Every route is declared with its part of the document, `/api/openapi.json`.

mod case;
mod commands;
mod document;
mod examples;
mod lists;
mod paging;
mod session;
mod taking;

use std::sync::LazyLock;

use axum::{Router, routing::get};
use utoipa::OpenApi as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, error::PageError, problem::ApiError};

/// The routes under `/api`.
pub fn routes() -> Router<App> {
    let (router, _) = operations().split_for_parts();
    Router::new()
        .merge(router)
        .route("/api/openapi.json", get(async || document::serve()))
        .method_not_allowed_fallback(async || ApiError(PageError::Method))
}

/// The document of the API as JSON text.
pub fn document() -> &'static str {
    static TEXT: LazyLock<String> =
        LazyLock::new(|| document::text(&operations().split_for_parts().1));
    &TEXT
}

/// Every operation with its part of the document.
fn operations() -> OpenApiRouter<App> {
    let v1 = OpenApiRouter::new()
        .routes(session::limited(routes!(session::enter, session::leave)))
        .routes(routes!(lists::todo))
        .routes(routes!(lists::cases, commands::open))
        .routes(routes!(case::case))
        .routes(routes!(case::events))
        .routes(routes!(case::options))
        .routes(routes!(commands::command))
        .routes(routes!(case::papers))
        .routes(routes!(case::paper))
        .routes(routes!(case::evidence));
    OpenApiRouter::with_openapi(document::Document::openapi()).nest("/api/v1", v1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Path and method of every route, as the router itself tells them when it is asked to show itself.
    fn routed(router: &Router<App>) -> BTreeSet<(String, String)> {
        let told = format!("{router:?}");
        let own = told.split("fallback_router").next().unwrap();
        let (routes, node) = own.split_once("node: ").unwrap();
        let mut found = BTreeSet::new();
        for route in node.split("RouteId(").skip(1) {
            let (id, path) = route.split_once("): \"").unwrap();
            let path = path.split('"').next().unwrap();
            let route = routes.split(&format!("RouteId({id}): ")).nth(1).unwrap();
            let methods = route.split("allow_header: Bytes(b\"").nth(1).unwrap();
            // What is asked for by GET may be asked for by HEAD.
            let methods = methods.split('"').next().unwrap().split(',');
            for method in methods.filter(|method| *method != "HEAD") {
                found.insert((path.to_owned(), method.to_lowercase()));
            }
        }
        found
    }

    #[test]
    fn every_route_is_in_the_document_and_no_other() {
        let (router, document) = operations().split_for_parts();
        let text: serde_json::Value = serde_json::from_str(&document::text(&document)).unwrap();
        let mut documented = BTreeSet::new();
        for (path, item) in text["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                documented.insert((path.clone(), method.clone()));
            }
        }
        assert!(!documented.is_empty());
        assert_eq!(routed(&router), documented);
    }
}
