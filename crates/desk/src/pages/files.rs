//! Downloads: papers that were issued, and files that were uploaded.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use casework::{
    field::{FieldValue, FileRef},
    person::Person,
};
use office::CaseFile;

use super::previews;
use crate::{app::App, error::PageError, posted::Sent, session::SignedIn, show};

/// Media types that a browser may show itself; anything else is saved.
const SHOWN: [&str; 5] = [
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
];
/// Media type of copies for editing.
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// What a browser shows of a file is no page of the desk: its viewer may bring styles, and nothing else.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'";

/// A paper of a case.
pub async fn paper(
    State(app): State<App>,
    signed: SignedIn,
    Path((case, paper)): Path<(String, String)>,
) -> Result<Response, PageError> {
    paper_of(&app, &signed.person, &case, &paper).await
}

/// A copy of a paper for editing, which is not the paper.
pub async fn editing_copy(
    State(app): State<App>,
    signed: SignedIn,
    Path((case, paper)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let room = previews::room_for_copy(&app, &signed)?;
    let office = app.office.clone();
    let copied =
        room.during(async move { office.editing_copy(&signed.person, &case, &paper).await });
    let (title, bytes) = copied.await??;
    Ok(copy_answer(&title, bytes))
}

/// A copy for editing as an answer.
pub fn copy_answer(title: &str, bytes: Vec<u8>) -> Response {
    let mut response = answer(DOCX, &format!("{title}（编辑用稿）.docx"), bytes);
    // It is saved in any case; named by its type, it is opened by the right program.
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(DOCX));
    response
}

/// A paper of a case that the person may read.
pub async fn paper_of(
    app: &App,
    person: &Person,
    case: &str,
    paper: &str,
) -> Result<Response, PageError> {
    let file = app.office.case(person, case).await?;
    let (_, issued) = file
        .state
        .papers
        .iter()
        .find(|(_, p)| p.paper_id == paper)
        .ok_or(PageError::NotFound)?;
    let name = format!(
        "{}{}.pdf",
        issued.title,
        issued.number.as_deref().unwrap_or_default()
    );
    let bytes = stored(app, &file.id, &issued.digest).await?;
    Ok(answer(&issued.media_type, &name, bytes))
}

/// A file that an event of the case names.
pub async fn evidence(
    State(app): State<App>,
    signed: SignedIn,
    Path((case, digest)): Path<(String, String)>,
) -> Result<Response, PageError> {
    evidence_of(&app, &signed.person, &case, &digest).await
}

/// A file that an event of a case names, which the person may read.
pub async fn evidence_of(
    app: &App,
    person: &Person,
    case: &str,
    digest: &str,
) -> Result<Response, PageError> {
    let file = app.office.case(person, case).await?;
    let named = named(&file, digest).ok_or(PageError::NotFound)?;
    let bytes = stored(app, &file.id, digest).await?;
    Ok(answer(&named.media_type, &named.name, bytes))
}

async fn stored(app: &App, stream: &str, digest: &str) -> Result<Vec<u8>, PageError> {
    let (store, stream, digest) = (
        app.office.store().clone(),
        stream.to_owned(),
        digest.to_owned(),
    );
    let read = tokio::task::spawn_blocking(move || store.objects().get(&stream, &digest));
    Ok(read
        .await
        .map_err(|fault| PageError::Internal(fault.to_string()))??)
}

/// Keeps an uploaded file of a case that the person may read; the event that names it comes later.
pub async fn keep(
    app: &App,
    signed: &SignedIn,
    case: &str,
    sent: Sent,
) -> Result<FileRef, PageError> {
    let file = app.office.case(&signed.person, case).await?;
    let (store, stream) = (app.office.store().clone(), file.id.clone());
    let size_bytes = sent.bytes.size_bytes();
    let stored =
        tokio::task::spawn_blocking(move || store.objects().put_upload(&stream, sent.bytes));
    let digest = stored
        .await
        .map_err(|fault| PageError::Internal(fault.to_string()))??;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '+' | '.');
    let media_type: String = sent
        .media
        .chars()
        .take_while(|c| plain(*c))
        .take(100)
        .collect();
    // Browsers of old sent whole paths.
    let name = sent
        .name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control());
    Ok(FileRef {
        name: name.take(200).collect(),
        digest,
        size_bytes,
        media_type,
    })
}

/// The file with that digest, if any event or waiting request of the case names it.
fn named<'a>(file: &'a CaseFile, digest: &str) -> Option<&'a FileRef> {
    let recorded = file.events.iter().flat_map(|e| e.acted.fields.values());
    let requested = file.state.requests.iter().flat_map(|r| r.fields.values());
    recorded.chain(requested).find_map(|value| match value {
        FieldValue::Upload(file) if file.digest == digest => Some(file),
        _ => None,
    })
}

fn answer(media: &str, name: &str, bytes: Vec<u8>) -> Response {
    let shown = SHOWN.contains(&media);
    let media = if shown {
        media
    } else {
        "application/octet-stream"
    };
    let how = if shown { "inline" } else { "attachment" };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let disposition = format!("{how}; filename*=UTF-8''{}", show::encode(name));
    if let (Ok(media), Ok(disposition)) = (
        HeaderValue::from_str(media),
        HeaderValue::from_str(&disposition),
    ) {
        headers.insert(header::CONTENT_TYPE, media);
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    response
}
