//! Styles, scripts and icon: the desk's own, in the program, and those of packages, from the folder that the set-up
//! fills. Every page works without the scripts.

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};

use crate::{app::App, error::PageError};

const DESK: &str = include_str!("../assets/desk.css");
const ICON: &str = include_str!("../assets/icon.svg");
const SCRIPT: &str = include_str!("../assets/desk.js");
const JS: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// `/assets/{name}`: these files, and no other.
pub async fn serve(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response, PageError> {
    let (media, bytes) = match name.as_str() {
        "desk.css" => (CSS, DESK.as_bytes().to_vec()),
        "icon.svg" => ("image/svg+xml", ICON.as_bytes().to_vec()),
        "desk.js" => (JS, SCRIPT.as_bytes().to_vec()),
        "tabler.min.css" => (CSS, packaged(&app, "tabler.min.css").await?),
        "htmx.min.js" => (JS, packaged(&app, "htmx.min.js").await?),
        _ => return Err(PageError::NotFound),
    };
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    Ok((headers, bytes).into_response())
}

/// A file of a package.
async fn packaged(app: &App, name: &str) -> Result<Vec<u8>, PageError> {
    let path = app.config.assets.join(name);
    tokio::fs::read(&path).await.map_err(|fault| {
        tracing::warn!(%fault, path = %path.display(), "a file of the pages is missing; run cargo xtask run");
        PageError::NotFound
    })
}
