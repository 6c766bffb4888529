//! Which path is answered by which page, and the headers that every answer carries.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, Uri, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use office::Office;

use crate::{
    api,
    app::{App, DeskConfig},
    assets,
    client::require_proxy,
    error::PageError,
    pages::{
        act, case, cases, discussion, export, files, help, interface, laws, login, oversight,
        people, register, request, review, todo, tokens,
    },
    posted::FORM_BYTES_MAX,
    problem::ApiError,
};

const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'";

/// The desk's pages and API. Serve it with the peers' addresses (`into_make_service_with_connect_info`), without
/// which nobody counts as local.
pub fn router(office: Office, config: DeskConfig) -> Router {
    let app = App::new(office, config);
    let pages = Router::new()
        .route("/", get(todo::show))
        .route("/login", get(login::show).post(login::enter))
        .route("/logout", post(login::leave))
        .route(
            "/password",
            get(login::show_password).post(login::set_password),
        )
        .route("/cases", get(cases::show))
        .route("/cases/export.csv", get(export::csv))
        .route("/cases/export.xlsx", get(export::xlsx))
        .route("/cases/register.xlsx", get(register::xlsx))
        .route("/cases/views", post(cases::change_views))
        .route("/oversight", get(oversight::show))
        .route("/cases/new", get(act::show_new).post(act::send_new))
        .route("/cases/{case}", get(case::show))
        .route("/discussions", get(discussion::agenda))
        .route("/cases/{case}/discussion", get(discussion::show))
        .route("/cases/{case}/review", get(review::show))
        .route("/cases/{case}/act/{step}", get(act::show).post(act::send))
        .route(
            "/cases/{case}/requests/{request}",
            get(request::show).post(request::send),
        )
        .route("/cases/{case}/papers/{paper}", get(files::paper))
        .route(
            "/cases/{case}/papers/{paper}/copy.docx",
            get(files::editing_copy),
        )
        .route("/cases/{case}/files/{digest}", get(files::evidence))
        .route("/people", get(people::show))
        .route("/help", get(help::show))
        .route("/laws", get(laws::list))
        .route("/laws/{law}", get(laws::show))
        .route("/healthz", get(help::health))
        .route("/assets/{name}", get(assets::serve));
    pages
        .route("/api", get(interface::show))
        .route("/tokens", get(tokens::show).post(tokens::add))
        .route("/tokens/{token}/revoke", post(tokens::revoke))
        .merge(api::routes())
        .fallback(nowhere)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(app.clone(), through_proxy))
        .layer(middleware::from_fn(add_headers))
        .with_state(app)
}

async fn nowhere(uri: Uri) -> Response {
    if for_program(uri.path()) {
        return ApiError(PageError::NotFound).into_response();
    }
    PageError::NotFound.into_response()
}

fn for_program(path: &str) -> bool {
    path.starts_with("/api/")
}

/// Behind a proxy, lets in only what came through it; whoever looks after the machine may still ask for its health.
async fn through_proxy(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if app.config.behind_proxy && path != "/healthz" {
        let for_program = for_program(path);
        match require_proxy(request.headers()) {
            Err(fault) if for_program => return ApiError(fault).into_response(),
            Err(fault) => return fault.into_response(),
            Ok(()) => {}
        }
    }
    next.run(request).await
}

async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        // A download brings a policy of its own.
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
