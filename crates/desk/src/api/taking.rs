//! What a request brings, read within limits; what cannot be read is told as a problem.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::de::DeserializeOwned;

use crate::{app::App, client::from_another_site, error::PageError, problem::ApiError};

const FOREIGN: &str = "请求不得来自其他网站的页面";
const NOT_JSON: &str = "请求内容须以 application/json 发送";
const TOO_LARGE: &str = "请求内容超过上限（登录 16 KB，其他 2 MB）；请把文件先在案件页面上传";
const CUT_OFF: &str = "请求内容没有传完，没有保存；请重新提交";
const BAD_PATH: &str = "地址不符合格式，请核对编号";
const NUL: &str = "查询参数中有不能使用的控制字符";

/// A JSON body that only a program or a page of this site can have sent.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        own_site(request.headers())?;
        if !is_json(request.headers()) {
            return Err(PageError::Media(NOT_JSON).into());
        }
        let bytes =
            Bytes::from_request(request, &())
                .await
                .map_err(|fault| match fault.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLarge(TOO_LARGE),
                    _ => PageError::BadBody(CUT_OFF.to_owned()),
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

fn own_site(headers: &HeaderMap) -> Result<(), ApiError> {
    if from_another_site(headers) {
        return Err(PageError::Forbidden(FOREIGN.to_owned()).into());
    }
    Ok(())
}

/// The other site's browser may not end a session either.
pub struct OwnSite;

impl FromRequestParts<App> for OwnSite {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        own_site(&parts.headers).map(|()| Self)
    }
}

/// Parts of the path.
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for At<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        // No database takes the sign.
        let read = Path::<T>::from_request_parts(parts, app).await.ok();
        let read = read.filter(|_| !parts.uri.path().contains("%00"));
        read.map(|Path(at)| Self(at))
            .ok_or_else(|| PageError::BadBody(BAD_PATH.to_owned()).into())
    }
}

/// Parameters of the query; one that is not known is refused, since the sender meant something by it.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        if query.contains("%00") {
            return Err(PageError::BadBody(NUL.to_owned()).into());
        }
        Query::try_from_uri(&parts.uri)
            .map(|Query(asked)| Self(asked))
            .map_err(|fault| {
                PageError::BadBody(format!("查询参数不符合格式：{}", fault.body_text())).into()
            })
    }
}
