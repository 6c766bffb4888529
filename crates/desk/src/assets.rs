//! Styles and icon: the desk's own, in the program, and Tabler's, from the folder that the set-up fills.

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};

use crate::{app::App, error::PageError};

const DESK: &str = include_str!("../assets/desk.css");
const ICON: &str = include_str!("../assets/icon.svg");
const CSS: &str = "text/css; charset=utf-8";

/// `/assets/{name}`: three files, and no other.
pub async fn serve(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    let (media, bytes) = match name.as_str() {
        "desk.css" => (CSS, DESK.as_bytes().to_vec()),
        "icon.svg" => ("image/svg+xml", ICON.as_bytes().to_vec()),
        "tabler.min.css" => {
            let path = app.config.assets.join("tabler.min.css");
            let read = tokio::fs::read(&path).await.map_err(|fault| {
                tracing::warn!(%fault, path = %path.display(), "the pages are without Tabler's styles; run cargo xtask run");
                PageError::NotFound
            })?;
            (CSS, read)
        }
        _ => return Err(PageError::NotFound),
    };
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    Ok((headers, bytes).into_response())
}
