//! `/help`: what each stage means and what can be done in it, out of the pack; `/healthz`.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use casework::decide::basis_text;
use law::pack::Pack;

use crate::{
    app::{App, Frame, page},
    cited::Laws,
    error::PageError,
    session::SignedIn,
};

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    frame: Frame,
    laws: Laws,
    pack_title: String,
    pack_version: String,
    stages: Vec<Stage>,
    limits: Vec<Limit>,
}

struct Stage {
    title: String,
    steps: Vec<Step>,
}

struct Step {
    title: String,
    who: String,
    basis: String,
    due: bool,
}

struct Limit {
    title: String,
    basis: String,
}

fn stages(pack: &Pack) -> Vec<Stage> {
    let role = |id: &str| {
        pack.roles
            .iter()
            .find(|r| r.id == id)
            .map_or(id.to_owned(), |r| r.title.clone())
    };
    let steps_of = |stage: usize| {
        let mut steps: Vec<Step> = pack
            .steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.from.contains(&stage))
            .map(|(id, step)| Step {
                title: step.title.clone(),
                who: step
                    .by
                    .first()
                    .map(|crew| role(&crew.role))
                    .unwrap_or_default(),
                basis: basis_text(step),
                due: pack.todo.contains(&id),
            })
            .collect();
        steps.sort_by_key(|step| !step.due);
        steps
    };
    let stages = pack.stages.iter().enumerate();
    stages
        .map(|(id, stage)| Stage {
            title: stage.title.clone(),
            steps: steps_of(id),
        })
        .collect()
}

/// The page.
pub async fn show(State(app): State<App>, signed: SignedIn) -> Result<Response, PageError> {
    let frame = app.frame(&signed, "help").await?;
    let pack = app.office.pack()?;
    let limits = pack
        .limits
        .iter()
        .map(|l| Limit {
            title: l.title.clone(),
            basis: l.basis.text.clone(),
        })
        .collect();
    let help = HelpPage {
        frame,
        laws: app.laws(),
        pack_title: pack.title.clone(),
        pack_version: pack.version.clone(),
        stages: stages(&pack),
        limits,
    };
    page(StatusCode::OK, &help)
}

/// Whether the program and its database answer.
pub async fn health(State(app): State<App>) -> Result<&'static str, PageError> {
    app.office.store().ping().await?;
    match app.office.trouble() {
        Some(fault) => Err(PageError::Unavailable(fault)),
        None => Ok("ok\n"),
    }
}
