//! The papers of a step, shown in the page before it is taken.

use std::time::Duration;

use axum::response::Response;
use casework::{command::Command, record::Via};
use office::PaperPreview;

use super::files;
use crate::{
    app::App,
    error::PageError,
    places::{Full, Room},
    session::SignedIn,
};

/// A page waits no longer than this for its previews.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// Bytes of page images in one page of the desk.
const IMAGE_BYTES_MAX: usize = 6 << 20;

const CROWDED: &str = "现在预览的人太多，这次没有显示预览；可以稍后再试，也可以直接办理";
const OWN: &str =
    "您的上一份预览或者编辑用稿还在生成，这次没有显示预览；可以稍后再试，也可以直接办理";
const COPY_CROWDED: &str = "现在生成文书的人太多，编辑用稿没有生成；请稍后再试";
const COPY_OWN: &str = "您的上一份预览或者编辑用稿还在生成，请稍后再试";
const TOO_LONG: &str = "文书排版时间过长，没有显示预览；请联系系统管理员检查文书模板";
const NOT_MADE: &str = "预览没有做成；请返回上一页重试";

/// A paper as the page shows it.
pub struct PaperView {
    /// Its title, and whom it addresses.
    pub title: String,
    /// Why it cannot be made as things are.
    pub fault: Option<String>,
    /// Page images, SVG of the program's own making.
    pub pages: Vec<String>,
    /// Pages that are not shown as images.
    pub left_out: usize,
    /// Its words.
    pub text: String,
}

impl PaperView {
    fn of(preview: PaperPreview, room: &mut usize) -> Self {
        let title = match preview.party {
            Some(party) => format!("《{}》（{party}）", preview.title),
            None => format!("《{}》", preview.title),
        };
        let (shown, fault) = match preview.shown {
            Ok(shown) => (Some(shown), None),
            Err(fault) => (None, Some(fault)),
        };
        let (total, text, pages) = shown
            .map(|s| (s.pages_total, s.text, s.pages))
            .unwrap_or_default();
        let mut fitting = Vec::new();
        for page in pages {
            let Some(rest) = room.checked_sub(page.len()) else {
                break;
            };
            *room = rest;
            fitting.push(page);
        }
        Self {
            title,
            fault,
            left_out: total.saturating_sub(fitting.len()),
            pages: fitting,
            text,
        }
    }
}

/// The papers that the command would issue, and a sentence where they cannot be shown; the step can be taken all the
/// same.
pub async fn previews(
    app: &App,
    signed: &SignedIn,
    case: &str,
    command: &Command,
) -> (Vec<PaperView>, Option<&'static str>) {
    let room = match app.previewing.take(&signed.person.id) {
        Ok(room) => room,
        Err(Full::Person) => return (Vec::new(), Some(OWN)),
        Err(Full::All) => return (Vec::new(), Some(CROWDED)),
    };
    let (office, person) = (app.office.clone(), signed.person.clone());
    let (case, command) = (case.to_owned(), command.clone());
    let made = room.during(async move {
        let made = office.preview(&person, Via::Desk, &case, &command);
        made.await
    });
    match tokio::time::timeout(WAIT_MAX, made).await {
        Ok(Ok(Ok(previews))) => {
            let mut room = IMAGE_BYTES_MAX;
            let of = |preview| PaperView::of(preview, &mut room);
            (previews.into_iter().map(of).collect(), None)
        }
        Ok(Ok(Err(fault))) => {
            tracing::warn!(kind = fault.kind(), "papers could not be previewed");
            (Vec::new(), Some(NOT_MADE))
        }
        Ok(Err(fault)) => {
            tracing::error!(%fault, "a preview broke off");
            (Vec::new(), Some(NOT_MADE))
        }
        Err(_) => (Vec::new(), Some(TOO_LONG)),
    }
}

/// Room to make a copy for editing.
///
/// # Errors
/// [`PageError::Unavailable`] while this person's last paper, or too many of others, are being made.
pub fn room_for_copy(app: &App, signed: &SignedIn) -> Result<Room, PageError> {
    app.previewing.take(&signed.person.id).map_err(|full| {
        let why = match full {
            Full::Person => COPY_OWN,
            Full::All => COPY_CROWDED,
        };
        PageError::Unavailable(why.to_owned())
    })
}

/// A copy for editing of one of the papers that the command would issue.
///
/// # Errors
/// As for the step itself; and a paper that cannot be made.
pub async fn draft_copy(
    app: &App,
    signed: &SignedIn,
    case: &str,
    command: &Command,
    which: usize,
) -> Result<Response, PageError> {
    let room = room_for_copy(app, signed)?;
    let (office, person) = (app.office.clone(), signed.person.clone());
    let (case, command) = (case.to_owned(), command.clone());
    let copied = room.during(async move {
        let copied = office.draft_copy(&person, Via::Desk, &case, &command, which);
        copied.await
    });
    let (title, bytes) = copied.await??;
    Ok(files::copy_answer(&title, bytes))
}
