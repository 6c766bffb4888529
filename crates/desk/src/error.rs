//! Every answer other than the page asked for, in Chinese; the API tells them as [`crate::problem`] says.

use askama::Template;
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use casework::refusal::{Reason, Refusal};
use office::OfficeError;
use store::StoreError;

use crate::{app::Frame, show};

/// Seconds after which an answer of [`PageError::Unavailable`] asks to be tried again.
const RETRY_AFTER_SECONDS: u64 = 10;

/// Why a page is not shown or a form not taken.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Nobody is signed in; the path is where to go on afterwards.
    #[error("尚未登录，或者登录已过期；请登录后继续")]
    SignIn(String),
    /// There is no such page, or the person may not know of it.
    #[error("没有找到这个页面，或者您无权查看；请从待办或者案件列表进入")]
    NotFound,
    /// The person may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// A program did not say who it acts for, or with a token that is none.
    #[error("{0}")]
    Token(&'static str),
    /// Too many tries.
    #[error("{why}")]
    TooMany {
        /// Of what, and when to come again.
        why: String,
        /// Seconds after which it may be tried again.
        again_s: u64,
    },
    /// The path is there, and not with this method.
    #[error("这个地址不接受这种请求方法；接受哪些，写在应答的 Allow 中")]
    Method,
    /// The body is of another media type than is taken.
    #[error("{0}")]
    Media(&'static str),
    /// The command's id was used for another command.
    #[error("{0}")]
    Reused(String),
    /// The case has changed since the page was shown.
    #[error("本案刚被他人更新，您的操作没有保存；请核对变动后重新办理")]
    Stale {
        /// Version of the case now.
        current_version: u64,
        /// What happened meanwhile.
        changed: Vec<String>,
    },
    /// The reverse proxy is not set up as it must be.
    #[error("{0}")]
    Proxy(&'static str),
    /// More than is taken.
    #[error("{0}")]
    TooLarge(&'static str),
    /// The body was cut off or is not a form.
    #[error("{0}")]
    BadBody(String),
    /// The law or the procedure refuses it.
    #[error("{0}")]
    Refused(Refusal),
    /// The database or the disk is away.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of the program or of its data.
    #[error("系统内部出错，本次操作没有保存；请稍后重试，仍不成功的，把时间和操作告知管理员")]
    Internal(String),
}

impl From<OfficeError> for PageError {
    fn from(fault: OfficeError) -> Self {
        match fault {
            OfficeError::Refused(refusal) => Self::Refused(refusal),
            OfficeError::Conflict {
                current_version,
                changed,
            } => Self::Stale {
                current_version,
                changed,
            },
            OfficeError::NotFound => Self::NotFound,
            OfficeError::Forbidden(why) => Self::Forbidden(why),
            OfficeError::Invalid(why) => Self::BadBody(why),
            OfficeError::Reused(why) => Self::Reused(why),
            OfficeError::Unavailable(why) => Self::Unavailable(why),
            OfficeError::Damaged(why) | OfficeError::Internal(why) => Self::Internal(why),
        }
    }
}

impl From<StoreError> for PageError {
    fn from(fault: StoreError) -> Self {
        match fault {
            StoreError::NotFound { .. } => Self::NotFound,
            StoreError::Away | StoreError::Busy | StoreError::DiskFull | StoreError::Unwritable => {
                Self::Unavailable(fault.to_string())
            }
            other => Self::Internal(other.to_string()),
        }
    }
}

impl PageError {
    /// Adds to an answer with this error what its headers have to say.
    pub fn mark(&self, response: &mut Response) {
        response.headers_mut().extend(self.headers());
    }

    /// Headers of the answer: when to come again.
    pub fn headers(&self) -> HeaderMap {
        let again_s = match self {
            Self::Unavailable(_) => Some(RETRY_AFTER_SECONDS),
            Self::TooMany { again_s, .. } => Some(*again_s),
            _ => None,
        };
        let again_s = again_s.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds)));
        again_s.into_iter().collect()
    }

    /// Status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::SignIn(_) | Self::Token(_) => StatusCode::UNAUTHORIZED,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Media(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Stale { .. } => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BadBody(_) | Self::Proxy(_) => StatusCode::BAD_REQUEST,
            Self::Refused(_) | Self::Reused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Name of the kind, as the API's problem type ends.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SignIn(_) => "sign-in",
            Self::Token(_) => "token",
            Self::Method => "method",
            Self::Media(_) => "media-type",
            Self::Reused(_) => "key-reused",
            Self::NotFound => "not-found",
            Self::Forbidden(_) => "forbidden",
            Self::TooMany { .. } => "too-many",
            Self::Stale { .. } => "conflict",
            Self::Proxy(_) => "proxy",
            Self::TooLarge(_) => "too-large",
            Self::BadBody(_) => "bad-request",
            Self::Refused(_) => "refused",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// Title of the page or problem.
    pub fn title(&self) -> &'static str {
        match self {
            Self::SignIn(_) => "请先登录",
            Self::Token(_) => "访问令牌不能使用",
            Self::Method => "请求方法不对",
            Self::Media(_) => "内容类型不对",
            Self::Reused(_) => "操作编号已经用过",
            Self::NotFound => "没有找到",
            Self::Forbidden(_) => "不能这样办理",
            Self::TooMany { .. } => "请稍候再试",
            Self::Stale { .. } => "本案刚被他人更新",
            Self::Proxy(_) => "访问方式不符合要求",
            Self::TooLarge(_) => "提交的内容太大",
            Self::BadBody(_) => "提交的内容不完整",
            Self::Refused(_) => "不符合办理条件",
            Self::Unavailable(_) => "暂时不能办理",
            Self::Internal(_) => "系统出错",
        }
    }

    /// Writes what only the log should know.
    pub fn log(&self) {
        match self {
            Self::Internal(why) => tracing::error!(why, "a request failed"),
            Self::Unavailable(why) => tracing::warn!(why, "a request could not be served"),
            Self::Proxy(why) => tracing::warn!(why, "the reverse proxy"),
            _ => {}
        }
    }

    fn points(&self) -> Vec<String> {
        match self {
            Self::Stale { changed, .. } => changed
                .iter()
                .map(|what| format!("其间发生：{what}"))
                .collect(),
            Self::Refused(refusal) => refusal.reasons.iter().map(sentence).collect(),
            _ => Vec::new(),
        }
    }
}

fn sentence(reason: &Reason) -> String {
    let basis = reason
        .basis
        .as_deref()
        .map(|b| format!("（{b}）"))
        .unwrap_or_default();
    format!("{}{basis}", reason.why)
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage {
    frame: Frame,
    title: &'static str,
    text: String,
    points: Vec<String>,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        self.log();
        if let Self::SignIn(next) = &self {
            return Redirect::to(&format!("/login?next={}", show::encode(next))).into_response();
        }
        let page = FaultPage {
            frame: Frame::default(),
            title: self.title(),
            text: self.to_string(),
            points: self.points(),
        };
        let html = page.render().unwrap_or_else(|_| self.to_string());
        let mut response = (self.status(), axum::response::Html(html)).into_response();
        self.mark(&mut response);
        response
    }
}
