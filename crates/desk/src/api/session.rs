//! Sessions of programs that sign in as a browser does.

use axum::{
    Json,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::{UtoipaMethodRouter, UtoipaMethodRouterExt as _};

use crate::{
    api::taking::{Body, OwnSite},
    app::App,
    client::Client,
    error::PageError,
    pages::login,
    posted::OPEN_BYTES_MAX,
    problem::{ApiError, ReadProblems, WriteProblems},
    session::{SignedIn, set_cookie},
};

/// Whoever is not signed in yet sends no more than a name and a password.
pub fn limited(routes: UtoipaMethodRouter<App>) -> UtoipaMethodRouter<App> {
    routes.layer(DefaultBodyLimit::max(OPEN_BYTES_MAX))
}

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Sign-in name.
    login: String,
    /// Password.
    password: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub struct Who {
    /// Id of the person.
    id: String,
    /// Name.
    name: String,
    /// Unit.
    unit: String,
    /// Roles.
    roles: Vec<String>,
}

/// Begins a session.
#[utoipa::path(
    post, path = "/session", operation_id = "signIn", tag = "登录",
    summary = "登录",
    description = "用本人的用户名和密码开始会话，会话标识在 Cookie 中返回。长期运行的程序请改用访问令牌。",
    request_body = SignIn, security(()),
    responses(
        (status = 200, description = "已登录", body = Who, headers(("Set-Cookie" = String, description = "会话标识"))),
        WriteProblems
    )
)]
pub async fn enter(
    State(app): State<App>,
    client: Client,
    Body(asked): Body<SignIn>,
) -> Result<Response, ApiError> {
    let (token, person) = login::sign_in(&app, client, &asked.login, &asked.password).await?;
    let cookie = set_cookie(Some(&token), client).map(|cookie| [(header::SET_COOKIE, cookie)]);
    let who = Who {
        id: person.id,
        name: person.name,
        unit: person.unit,
        roles: person.roles,
    };
    Ok((cookie, Json(who)).into_response())
}

/// Ends the session.
#[utoipa::path(
    delete, path = "/session", operation_id = "signOut", tag = "登录",
    summary = "退出登录",
    description = "结束 Cookie 所属的会话。访问令牌不受影响，须在“访问令牌”页面撤销。",
    security(("session" = [])),
    responses((status = 204, description = "已退出"), ReadProblems)
)]
pub async fn leave(
    State(app): State<App>,
    client: Client,
    _: OwnSite,
    signed: Result<SignedIn, PageError>,
) -> Result<Response, ApiError> {
    let token = signed?.token;
    app.office.store().end_session(&token.digest()).await?;
    let cookie = set_cookie(None, client).map(|cookie| [(header::SET_COOKIE, cookie)]);
    Ok((cookie, StatusCode::NO_CONTENT).into_response())
}
