//! Flow charts and service guides of the procedures that the organ follows.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};

use super::{Frame, Portal, guide};
use crate::lists::ProcedureText;

#[derive(Template)]
#[template(path = "procedures.html")]
struct ProceduresPage {
    frame: Frame,
    procedures: Vec<ProcedureText>,
}

#[derive(Template)]
#[template(path = "procedure.html")]
struct ProcedurePage {
    frame: Frame,
    procedure: ProcedureText,
    guide: guide::Guide,
}

/// Every procedure.
pub async fn list(State(portal): State<Portal>) -> Response {
    match portal.store.procedures().await {
        Ok(procedures) => portal.page(&ProceduresPage {
            frame: portal.frame("procedures"),
            procedures,
        }),
        Err(fault) => portal.unavailable(&fault),
    }
}

/// One procedure with its chart and guide.
pub async fn show(State(portal): State<Portal>, Path(id): Path<String>) -> Response {
    match portal.store.procedure(&id).await {
        Ok(Some(procedure)) => portal.page(&ProcedurePage {
            frame: portal.frame("procedures"),
            guide: guide::html(&procedure.guide),
            procedure,
        }),
        Ok(None) => portal.not_found(),
        Err(fault) => portal.unavailable(&fault),
    }
}

/// The chart as an image.
pub async fn chart(State(portal): State<Portal>, Path(id): Path<String>) -> Response {
    match portal.store.procedure(&id).await {
        Ok(Some(procedure)) => {
            let media = [(header::CONTENT_TYPE, "image/svg+xml; charset=utf-8")];
            (media, procedure.chart).into_response()
        }
        Ok(None) => portal.not_found(),
        Err(fault) => portal.unavailable(&fault),
    }
}
