//! The errors of the desk as the API tells them: `application/problem+json` (RFC 9457).

use std::collections::BTreeMap;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use casework::refusal::{Reason, RefusalKind};
use serde::Serialize;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{
        ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, ResponseBuilder,
        ResponsesBuilder, Type, schema::SchemaType,
    },
};

use crate::error::PageError;

/// Media type of every error.
pub const MEDIA: &str = "application/problem+json";

/// An error that a program is told.
#[derive(Debug)]
pub struct ApiError(pub PageError);

impl<E: Into<PageError>> From<E> for ApiError {
    fn from(fault: E) -> Self {
        Self(fault.into())
    }
}

/// Why a request was not carried out.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:zhiheng:problem:` and the kind.
    #[serde(rename = "type")]
    #[schema(example = "urn:zhiheng:problem:refused")]
    kind: String,
    /// The kind in words.
    title: &'static str,
    /// Status of the answer.
    status: u16,
    /// What is wrong, and what to do next.
    detail: String,
    /// Reasons of a refusal, with articles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Reason>,
    /// Kind of a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    refusal: Option<RefusalKind>,
    /// Version of the case now, where it has moved on meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    current_version: Option<u64>,
    /// What happened meanwhile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changed: Vec<String>,
}

impl Problem {
    fn of(fault: PageError) -> Self {
        let mut problem = Self {
            kind: format!("urn:zhiheng:problem:{}", fault.kind()),
            title: fault.title(),
            status: fault.status().as_u16(),
            detail: fault.to_string(),
            reasons: Vec::new(),
            refusal: None,
            current_version: None,
            changed: Vec::new(),
        };
        match fault {
            PageError::Refused(refusal) => {
                problem.refusal = Some(refusal.kind);
                problem.reasons = refusal.reasons;
            }
            PageError::Stale {
                current_version,
                changed,
            } => {
                problem.current_version = Some(current_version);
                problem.changed = changed;
            }
            _ => {}
        }
        problem
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self(fault) = self;
        fault.log();
        let (status, mut headers) = (fault.status(), fault.headers());
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let mut response = (status, Json(Problem::of(fault))).into_response();
        response.headers_mut().extend(headers);
        response
    }
}

fn problem(status: u16, description: &str) -> (String, RefOr<utoipa::openapi::Response>) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
    let mut response = ResponseBuilder::new()
        .description(description)
        .content(MEDIA, content.build());
    if matches!(status, 429 | 503) {
        let seconds = ObjectBuilder::new().schema_type(SchemaType::new(Type::Integer));
        let again = HeaderBuilder::new()
            .schema(Some(seconds))
            .description(Some("多少秒以后可以再试"));
        response = response.header("Retry-After", again.build());
    }
    (status.to_string(), response.build().into())
}

/// The errors with which a query may be answered.
pub struct ReadProblems;

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let listed = [
            problem(400, "地址或者查询参数不符合格式"),
            problem(401, "没有访问令牌或者登录会话，或者已经失效"),
            problem(403, "令牌的权限不够"),
            problem(404, "没有找到，或者无权查看"),
            problem(429, "失效令牌使用次数过多"),
            problem(500, "系统内部出错"),
            problem(503, "暂时不能办理"),
        ];
        ResponsesBuilder::new()
            .responses_from_iter(listed)
            .build()
            .into()
    }
}

/// The errors with which a command may be answered beside those of a query.
pub struct WriteProblems;

impl IntoResponses for WriteProblems {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let mut all = ReadProblems::responses();
        all.extend([
            problem(409, "本案刚被他人更新；列出其间发生的事项，核对后重新提交"),
            problem(413, "请求内容超过上限"),
            problem(415, "请求内容不是 application/json"),
            problem(
                422,
                "不符合办理条件，逐项列出理由和依据；或者操作编号已用于另一操作",
            ),
        ]);
        all
    }
}
