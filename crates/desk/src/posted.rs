//! A form as it was sent: read whole, within limits, and only from a page of the same session.

use axum::{
    body::{Body, Bytes},
    extract::{
        DefaultBodyLimit, FromRequest, FromRequestParts, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use store::{Incoming, Objects};

use crate::{
    app::{App, UPLOADS_OF_PERSON_MAX},
    client::from_another_site,
    error::PageError,
    session::SignedIn,
    typed::{INPUTS_MAX, Typed},
};

/// Bytes of a form without files.
pub const FORM_BYTES_MAX: usize = 2 << 20;
/// Bytes of a form that anybody may send: names and passwords.
pub const OPEN_BYTES_MAX: usize = 16 << 10;
/// Files of one form; each is one on the disk while it is received.
pub const FILES_MAX: usize = 50;
/// Bytes of one file.
pub const FILE_BYTES_MAX: usize = 50 << 20;

const FORM_TOO_LARGE: &str =
    "表单内容超过 2 MB，没有保存；较长的材料请作为附件上传，返回上一页可以找回已填内容";
const FILE_TOO_LARGE: &str =
    "上传的文件超过 50 MB，没有保存；请压缩或者分成几份上传，返回上一页可以找回已填内容";
const OPEN_TOO_LARGE: &str = "填写的内容太长，没有受理；请返回上一页重新填写";
const TOO_MANY_FILES: &str =
    "一次提交的附件太多，没有保存；请分几次上传，返回上一页可以找回已填内容";
const NOT_A_FORM: &str = "提交的内容不是本系统的表单，没有受理；请返回上一页重新填写";
const CROWDED: &str = "现在上传文件的人太多，没有保存；请稍候再提交，返回上一页可以找回已填内容";
const OWN_CROWD: &str =
    "您正在上传的文件太多，没有保存；请等前面的传完再提交，返回上一页可以找回已填内容";
const CUT_OFF: &str = "提交的内容没有传完（网络可能中断），没有保存；请返回上一页重新提交";
const OTHER_PAGE: &str = "这个表单不是由您当前登录的页面提交的，没有保存；请重新打开页面后再提交";

/// A file that came with a form.
#[derive(Debug)]
pub struct Sent {
    /// Name of its input.
    pub input: String,
    /// Its own name.
    pub name: String,
    /// Media type as the browser has it.
    pub media: String,
    /// Bytes, on the disk.
    pub bytes: Incoming,
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
        let request = Request::from_parts(parts, body);
        let (typed, files) = read(request, app, &signed.person.id).await?;
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
        own_site(request.headers())?;
        if !is_media(request.headers(), "application/x-www-form-urlencoded") {
            return Err(PageError::BadBody(NOT_A_FORM.to_owned()));
        }
        read_plain(request, OPEN_BYTES_MAX, OPEN_TOO_LARGE)
            .await
            .map(Self)
    }
}

fn own_site(headers: &HeaderMap) -> Result<(), PageError> {
    if from_another_site(headers) {
        return Err(PageError::Forbidden(OTHER_PAGE.to_owned()));
    }
    Ok(())
}

async fn read(request: Request, app: &App, person: &str) -> Result<(Typed, Vec<Sent>), PageError> {
    own_site(request.headers())?;
    if !is_media(request.headers(), "multipart/form-data") {
        let typed = read_plain(request, FORM_BYTES_MAX, FORM_TOO_LARGE).await?;
        return Ok((typed, Vec::new()));
    }
    let _own = app
        .uploads_of
        .take(person.to_owned(), UPLOADS_OF_PERSON_MAX)
        .ok_or_else(|| PageError::Unavailable(OWN_CROWD.to_owned()))?;
    let _place = app
        .uploads
        .try_acquire()
        .map_err(|_| PageError::Unavailable(CROWDED.to_owned()))?;
    read_with_files(request, app.office.store().objects()).await
}

/// Reads a form with files, which go to the disk as they come.
async fn read_with_files(
    mut request: Request,
    objects: &Objects,
) -> Result<(Typed, Vec<Sent>), PageError> {
    DefaultBodyLimit::max(FILE_BYTES_MAX + FORM_BYTES_MAX).apply(&mut request);
    let multipart = Multipart::from_request(request, &())
        .await
        .map_err(|_| PageError::BadBody(CUT_OFF.to_owned()))?;
    read_multipart(multipart, objects).await
}

/// Reads a body as a page reads a form with files, without a connection; gives names and values of the inputs, and
/// name and size in bytes of each file. The files are gone again when it returns.
///
/// # Errors
/// What the sender would be told.
pub async fn read_body_with_files(
    media: HeaderValue,
    body: Vec<u8>,
    objects: &Objects,
) -> Result<(Vec<(String, String)>, Vec<(String, u64)>), String> {
    let mut request = Request::new(Body::from(body));
    request.headers_mut().insert(header::CONTENT_TYPE, media);
    let read = read_with_files(request, objects).await;
    let (typed, files) = read.map_err(|fault| fault.to_string())?;
    let files = files
        .into_iter()
        .map(|file| (file.name, file.bytes.size_bytes()));
    Ok((typed.pairs().to_vec(), files.collect()))
}

/// Reads a form without files, of so many bytes at most.
async fn read_plain(
    mut request: Request,
    bytes_max: usize,
    too_large: &'static str,
) -> Result<Typed, PageError> {
    DefaultBodyLimit::max(bytes_max).apply(&mut request);
    match Bytes::from_request(request, &()).await {
        Ok(body) => Ok(Typed::parse(&body)),
        Err(fault) if fault.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(PageError::TooLarge(too_large))
        }
        Err(_) => Err(PageError::BadBody(CUT_OFF.to_owned())),
    }
}

fn is_media(headers: &HeaderMap, wanted: &str) -> bool {
    let media = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    media
        .split(';')
        .next()
        .is_some_and(|media| media.trim().eq_ignore_ascii_case(wanted))
}

async fn read_multipart(
    mut multipart: Multipart,
    objects: &Objects,
) -> Result<(Typed, Vec<Sent>), PageError> {
    let (mut typed, mut files) = (Typed::default(), Vec::new());
    let (mut text_bytes, mut file_parts) = (0_usize, 0_usize);
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
        file_parts += 1;
        if file_parts > FILES_MAX {
            return Err(PageError::TooLarge(TOO_MANY_FILES));
        }
        let media = field
            .content_type()
            .unwrap_or("application/octet-stream")
            .to_owned();
        let bytes = receive(field, objects).await?;
        // A file input in which nothing was chosen is sent with an empty name.
        if !name.is_empty() && bytes.size_bytes() > 0 {
            files.push(Sent {
                input,
                name,
                media,
                bytes,
            });
        }
    }
    Ok((typed, files))
}

/// Writes a file to the disk as it comes: many at once would not fit into memory.
async fn receive(mut field: Field<'_>, objects: &Objects) -> Result<Incoming, PageError> {
    let mut incoming = objects.receive()?;
    while let Some(part) = field.chunk().await.map_err(multipart_fault)? {
        // A part is what one reading of the connection brought, and goes to the system's cache, not to the disk.
        incoming.write(&part)?;
        if incoming.size_bytes() > FILE_BYTES_MAX as u64 {
            return Err(PageError::TooLarge(FILE_TOO_LARGE));
        }
    }
    Ok(incoming)
}

fn multipart_fault(fault: MultipartError) -> PageError {
    match fault.status() {
        StatusCode::PAYLOAD_TOO_LARGE => PageError::TooLarge(FILE_TOO_LARGE),
        _ => PageError::BadBody(CUT_OFF.to_owned()),
    }
}
