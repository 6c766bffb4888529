//! Styles: the desk's own, in the program, and Tabler's, from the folder that the set-up fills.

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};

use crate::{app::App, error::PageError};

const DESK: &str = include_str!("../assets/desk.css");

/// `/assets/{name}`: two files, and no other.
pub async fn serve(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    let css = match name.as_str() {
        "desk.css" => DESK.as_bytes().to_vec(),
        "tabler.min.css" => {
            let path = app.config.assets.join("tabler.min.css");
            tokio::fs::read(&path).await.map_err(|fault| {
                tracing::warn!(%fault, path = %path.display(), "the pages are without Tabler's styles; run cargo xtask run");
                PageError::NotFound
            })?
        }
        _ => return Err(PageError::NotFound),
    };
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    Ok((headers, css).into_response())
}
