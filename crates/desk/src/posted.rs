//! A form as it was sent: read whole, within limits, and only from a page of the same session.

use axum::{
    body::Bytes,
    extract::{
        DefaultBodyLimit, FromRequest, FromRequestParts, Multipart, Request,
        multipart::MultipartError,
    },
    http::{HeaderMap, StatusCode, header},
};

use crate::{
    app::App,
    client::from_another_site,
    error::PageError,
    session::SignedIn,
    typed::{INPUTS_MAX, Typed},
};

/// Bytes of a form without files.
pub const FORM_BYTES_MAX: usize = 2 << 20;
/// Bytes of one file.
pub const FILE_BYTES_MAX: usize = 50 << 20;

const FORM_TOO_LARGE: &str =
    "表单内容超过 2 MB，没有保存；较长的材料请作为附件上传，返回上一页可以找回已填内容";
const FILE_TOO_LARGE: &str =
    "上传的文件超过 50 MB，没有保存；请压缩或者分成几份上传，返回上一页可以找回已填内容";
const CUT_OFF: &str = "提交的内容没有传完（网络可能中断），没有保存；请返回上一页重新提交";
const OTHER_PAGE: &str = "这个表单不是由您当前登录的页面提交的，没有保存；请重新打开页面后再提交";

/// A file that came with a form.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Name of its input.
    pub input: String,
    /// Its own name.
    pub name: String,
    /// Media type as the browser has it.
    pub media: String,
    /// Bytes.
    pub bytes: Vec<u8>,
}

/// A form that somebody signed in has sent.
pub struct Posted {
    /// Who sent it.
    pub signed: SignedIn,
    /// What was typed.
    pub typed: Typed,
    /// Files.
    pub files: Vec<Sent>,
}

impl FromRequest<App> for Posted {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &App) -> Result<Self, PageError> {
        let (mut parts, body) = request.into_parts();
        let signed =
            <SignedIn as FromRequestParts<App>>::from_request_parts(&mut parts, app).await?;
        let (typed, files) = read(Request::from_parts(parts, body)).await?;
        if !signed.token.accepts_form(typed.text("_csrf")) {
            return Err(PageError::Forbidden(OTHER_PAGE.to_owned()));
        }
        Ok(Self {
            signed,
            typed,
            files,
        })
    }
}

/// A form that needs no session, such as the sign-in; another site may not send it.
pub struct OpenForm(pub Typed);

impl FromRequest<App> for OpenForm {
    type Rejection = PageError;

    async fn from_request(request: Request, _: &App) -> Result<Self, PageError> {
        read(request).await.map(|(typed, _)| Self(typed))
    }
}

async fn read(mut request: Request) -> Result<(Typed, Vec<Sent>), PageError> {
    if from_another_site(request.headers()) {
        return Err(PageError::Forbidden(OTHER_PAGE.to_owned()));
    }
    if !is_multipart(request.headers()) {
        DefaultBodyLimit::max(FORM_BYTES_MAX).apply(&mut request);
        let body =
            Bytes::from_request(request, &())
                .await
                .map_err(|fault| match fault.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLarge(FORM_TOO_LARGE),
                    _ => PageError::BadBody(CUT_OFF.to_owned()),
                })?;
        return Ok((Typed::parse(&body), Vec::new()));
    }
    DefaultBodyLimit::max(FILE_BYTES_MAX + FORM_BYTES_MAX).apply(&mut request);
    let multipart = Multipart::from_request(request, &()).await;
    read_multipart(multipart.map_err(|_| PageError::BadBody(CUT_OFF.to_owned()))?).await
}

fn is_multipart(headers: &HeaderMap) -> bool {
    let media = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    media
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("multipart/form-data")
}

async fn read_multipart(mut multipart: Multipart) -> Result<(Typed, Vec<Sent>), PageError> {
    let (mut typed, mut files, mut text_bytes) = (Typed::default(), Vec::new(), 0_usize);
    while let Some(field) = multipart.next_field().await.map_err(multipart_fault)? {
        let input = field.name().unwrap_or_default().to_owned();
        let Some(name) = field.file_name().map(str::to_owned) else {
            let text = field.bytes().await.map_err(multipart_fault)?;
            text_bytes += text.len();
            if text_bytes > FORM_BYTES_MAX || typed.pairs().len() >= INPUTS_MAX {
                return Err(PageError::TooLarge(FORM_TOO_LARGE));
            }
            typed.push(input, String::from_utf8_lossy(&text));
            continue;
        };
        let media = field
            .content_type()
            .unwrap_or("application/octet-stream")
            .to_owned();
        let bytes = field.bytes().await.map_err(multipart_fault)?;
        // A file input in which nothing was chosen is sent with an empty name.
        if !name.is_empty() && !bytes.is_empty() {
            if bytes.len() > FILE_BYTES_MAX {
                return Err(PageError::TooLarge(FILE_TOO_LARGE));
            }
            files.push(Sent {
                input,
                name,
                media,
                bytes: bytes.into(),
            });
        }
    }
    Ok((typed, files))
}

fn multipart_fault(fault: MultipartError) -> PageError {
    match fault.status() {
        StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLarge(FILE_TOO_LARGE),
        _ => PageError::BadBody(CUT_OFF.to_owned()),
    }
}
