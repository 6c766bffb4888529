//! `/api/v1`: the same commands and lists as JSON, for programs; errors are `application/problem+json`.
//!
//! A session begins as in the browser. What changes something takes `application/json` alone, which no other
//! site can make a browser send without asking first, and nobody here would say yes.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Path, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use casework::{
    command::Command,
    event::{CaseActed, Issued},
    record::Via,
    rows::TodoRow,
    state::Request as Waiting,
};
use office::{CaseFile, Done};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    app::App,
    client::{Client, from_another_site},
    error::{ApiError, PageError},
    pages::{cases::Filters, files, login},
    posted::OPEN_BYTES_MAX,
    session::{ApiUser, set_cookie},
};

const NOT_JSON: &str = "请求须以 application/json 发送，且不得来自其他网站的页面";
const TOO_LARGE: &str = "请求内容超过上限（登录 16 KB，其他 2 MB）；请把文件先在案件页面上传";

/// The routes under `/api/v1`.
pub fn routes() -> Router<App> {
    Router::new()
        .route(
            "/session",
            post(enter)
                .layer(DefaultBodyLimit::max(OPEN_BYTES_MAX))
                .delete(leave),
        )
        .route("/todo", get(todo))
        .route("/cases", get(cases).post(open))
        .route("/cases/{case}", get(case))
        .route("/cases/{case}/options", get(options))
        .route("/cases/{case}/commands", post(command))
        .route("/cases/{case}/papers", get(papers))
        .route("/cases/{case}/papers/{paper}", get(paper))
        .fallback(async || ApiError(PageError::NotFound))
        .method_not_allowed_fallback(async || ApiError(PageError::NotFound))
}

/// A JSON body that only a program or a page of this site can have sent.
struct Body<T>(T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        if !is_json(request.headers()) || from_another_site(request.headers()) {
            return Err(PageError::Forbidden(NOT_JSON.to_owned()).into());
        }
        let bytes =
            Bytes::from_request(request, &())
                .await
                .map_err(|fault| match fault.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLarge(TOO_LARGE),
                    _ => PageError::BadBody("请求内容没有传完，没有保存；请重新提交".to_owned()),
                })?;
        let read = serde_json::from_slice(&bytes);
        read.map(Self)
            .map_err(|fault| PageError::BadBody(format!("请求内容不符合格式：{fault}")).into())
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    media
        .split(';')
        .next()
        .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

/// The other site's browser may not end a session either.
struct OwnSite;

impl axum::extract::FromRequestParts<App> for OwnSite {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &App,
    ) -> Result<Self, ApiError> {
        if from_another_site(&parts.headers) {
            return Err(PageError::Forbidden(NOT_JSON.to_owned()).into());
        }
        Ok(Self)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    login: String,
    password: String,
}

#[derive(Serialize)]
struct Who {
    id: String,
    name: String,
    unit: String,
    roles: Vec<String>,
}

async fn enter(
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

async fn leave(
    State(app): State<App>,
    client: Client,
    _: OwnSite,
    ApiUser(signed): ApiUser,
) -> Result<Response, ApiError> {
    app.office
        .store()
        .end_session(&signed.token.digest())
        .await?;
    let cookie = set_cookie(None, client).map(|cookie| [(header::SET_COOKIE, cookie)]);
    Ok((cookie, StatusCode::NO_CONTENT).into_response())
}

#[derive(Serialize)]
struct TodoEntry {
    case: String,
    case_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    case_number: Option<String>,
    #[serde(flatten)]
    row: TodoRow,
    #[serde(skip_serializing_if = "Option::is_none")]
    workdays_left: Option<i64>,
    overdue: bool,
    provisional: bool,
}

async fn todo(
    State(app): State<App>,
    ApiUser(signed): ApiUser,
) -> Result<Json<Vec<TodoEntry>>, ApiError> {
    let items = app.office.todo(&signed.person).await?;
    let entry = |item: office::TodoItem| TodoEntry {
        case: item.case_id,
        case_name: item.case_name,
        case_number: item.case_number,
        row: item.row,
        workdays_left: item.workdays_left,
        overdue: item.overdue,
        provisional: item.provisional,
    };
    Ok(Json(items.into_iter().map(entry).collect()))
}

#[derive(Serialize)]
struct CaseEntry {
    case: String,
    #[serde(flatten)]
    row: casework::rows::CaseRow,
}

#[derive(Serialize)]
struct CaseList {
    cases: Vec<CaseEntry>,
    /// Value of `after` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

async fn cases(
    State(app): State<App>,
    ApiUser(signed): ApiUser,
    Query(filters): Query<Filters>,
) -> Result<Json<CaseList>, ApiError> {
    let found = app.office.cases(&signed.person, &filters.query()).await?;
    let cases = found
        .cases
        .into_iter()
        .map(|listed| CaseEntry {
            case: listed.stream,
            row: listed.row,
        })
        .collect();
    let next = found
        .next
        .map(|key| format!("{}~{}", key.opened_on, key.stream));
    Ok(Json(CaseList { cases, next }))
}

#[derive(Serialize)]
struct CaseBody<'a> {
    case: &'a str,
    version: u64,
    stage: &'a str,
    name: &'a str,
    number: Option<&'a str>,
    cause: &'a str,
    parties: Vec<&'a casework::party::Party>,
    proposal: &'a [casework::proposal::Disposition],
    requests: &'a [Waiting],
    events: Vec<EventBody<'a>>,
}

#[derive(Serialize)]
struct EventBody<'a> {
    version: u64,
    entry: String,
    recorded_at: i64,
    #[serde(flatten)]
    acted: &'a CaseActed,
}

fn case_body(file: &CaseFile) -> CaseBody<'_> {
    CaseBody {
        case: &file.id,
        version: file.state.version,
        stage: &file.state.stage,
        name: &file.state.name,
        number: file.state.number.as_deref(),
        cause: &file.state.cause,
        parties: file.state.parties.iter().map(|p| &p.party).collect(),
        proposal: &file.state.proposal,
        requests: &file.state.requests,
        events: file
            .events
            .iter()
            .map(|recorded| EventBody {
                version: recorded.header.version,
                entry: recorded.entry.to_string(),
                recorded_at: recorded.header.recorded_at,
                acted: &recorded.acted,
            })
            .collect(),
    }
}

async fn case(
    State(app): State<App>,
    ApiUser(signed): ApiUser,
    Path(case): Path<String>,
) -> Result<Response, ApiError> {
    let file = app.office.case(&signed.person, &case).await?;
    Ok(Json(case_body(&file)).into_response())
}

#[derive(Serialize)]
struct OptionBody {
    step: String,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    party: Option<String>,
    mine: bool,
    due: bool,
    role: String,
    basis: String,
}

async fn options(
    State(app): State<App>,
    ApiUser(signed): ApiUser,
    Path(case): Path<String>,
) -> Result<Json<Vec<OptionBody>>, ApiError> {
    let file = app.office.case(&signed.person, &case).await?;
    let options = app.office.options(&signed.person, &file).await?;
    let body = |o: office::StepOption| OptionBody {
        step: o.step_id,
        title: o.title,
        party: o.party,
        mine: o.mine,
        due: o.due,
        role: o.role_title,
        basis: o.basis,
    };
    Ok(Json(options.into_iter().map(body).collect()))
}

#[derive(Serialize)]
struct DoneBody {
    case: String,
    version: u64,
    papers: Vec<Issued>,
    /// Whether it is the answer to an earlier, same command.
    replayed: bool,
}

impl DoneBody {
    fn of(case: String, done: Done) -> Self {
        Self {
            case,
            version: done.version,
            papers: done.papers,
            replayed: done.replayed,
        }
    }
}

async fn open(
    State(app): State<App>,
    ApiUser(signed): ApiUser,
    Body(command): Body<Command>,
) -> Result<Response, ApiError> {
    let (case, done) = app
        .office
        .open_case(&signed.person, Via::Api, command)
        .await?;
    let status = if done.replayed {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(DoneBody::of(case, done))).into_response())
}

async fn command(
    State(app): State<App>,
    ApiUser(signed): ApiUser,
    Path(case): Path<String>,
    Body(command): Body<Command>,
) -> Result<Json<DoneBody>, ApiError> {
    let done = app
        .office
        .act(&signed.person, Via::Api, &case, command)
        .await?;
    Ok(Json(DoneBody::of(case, done)))
}

async fn papers(
    State(app): State<App>,
    ApiUser(signed): ApiUser,
    Path(case): Path<String>,
) -> Result<Json<Vec<Issued>>, ApiError> {
    let file = app.office.case(&signed.person, &case).await?;
    Ok(Json(
        file.state
            .papers
            .iter()
            .map(|(_, paper)| paper.clone())
            .collect(),
    ))
}

async fn paper(
    app: State<App>,
    ApiUser(signed): ApiUser,
    path: Path<(String, String)>,
) -> Result<Response, ApiError> {
    files::paper(app, signed, path).await.map_err(ApiError)
}
