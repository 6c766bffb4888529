//! `/cases`: the cases that the person may see; the filters stand in the address.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use casework::rows::CaseRow;
use office::CaseQuery;
use serde::Deserialize;
use store::{CaseKey, Listed};

use crate::{
    app::{App, Frame, page},
    error::PageError,
    form::controls::Choice,
    session::SignedIn,
    show,
};

const PAGE_ROWS: u32 = 30;

/// The filters, as the address has them.
#[derive(Debug, Default, Clone, Deserialize)]
pub struct Filters {
    #[serde(default)]
    q: String,
    #[serde(default)]
    stage: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    mine: String,
    #[serde(default)]
    ended: String,
    #[serde(default)]
    after: String,
}

impl Filters {
    /// What the office is asked for.
    pub fn query(&self) -> CaseQuery {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let after = self.after.split_once('~');
        CaseQuery {
            text: text(&self.q),
            stage: text(&self.stage),
            unit: text(&self.unit),
            mine: self.mine == "1",
            ended: match self.ended.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            // A place that cannot be read begins the list anew.
            after: after.and_then(|(on, stream)| {
                Some(CaseKey {
                    opened_on: on.parse().ok()?,
                    stream: stream.to_owned(),
                })
            }),
            limit: PAGE_ROWS,
        }
    }

    fn is_any(&self) -> bool {
        [&self.q, &self.stage, &self.unit, &self.mine, &self.ended]
            .into_iter()
            .any(|f| !f.is_empty())
    }

    /// An address with the filters, to which more can be added.
    fn path(&self, page: &str) -> String {
        let parts = [
            ("q", self.q.as_str()),
            ("stage", &self.stage),
            ("unit", &self.unit),
            ("mine", &self.mine),
            ("ended", &self.ended),
        ];
        let mut path = format!("{page}?");
        for (name, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
            path.push_str(&format!("{name}={}&", show::encode(value)));
        }
        path
    }

    fn path_after(&self, key: &CaseKey) -> String {
        let after = format!("after={}~{}", key.opened_on, show::encode(&key.stream));
        self.path("/cases") + &after
    }
}

#[derive(Template)]
#[template(path = "cases.html")]
struct CasesPage {
    frame: Frame,
    filters: Filters,
    filtered: bool,
    stages: Vec<Choice>,
    units: Vec<Choice>,
    rows: Vec<Listed<CaseRow>>,
    next: Option<String>,
    continued: bool,
    indexing: Option<u64>,
    /// Addresses of the same cases as a workbook and as CSV.
    exports: [String; 2],
}

/// The page.
pub async fn show(
    State(app): State<App>,
    signed: SignedIn,
    Query(filters): Query<Filters>,
) -> Result<Response, PageError> {
    let frame = app.frame(&signed, "cases").await?;
    let (pack, roster) = (app.office.pack()?, app.office.roster().await?);
    let choice = |value: &str, label: &str, now: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        on: value == now,
    };
    let stages = pack
        .stages
        .iter()
        .map(|s| choice(&s.id, &s.title, &filters.stage))
        .collect();
    let units = roster
        .bodies
        .get(&signed.person.body_id)
        .map(|b| b.units.as_slice())
        .unwrap_or_default();
    let units = units
        .iter()
        .map(|(id, name)| choice(id, name, &filters.unit))
        .collect();
    let found = app.office.cases(&signed.person, &filters.query()).await?;
    let next = found.next.as_ref().map(|key| filters.path_after(key));
    let (filtered, continued) = (filters.is_any(), !filters.after.is_empty());
    let page_of = CasesPage {
        frame,
        exports: ["/cases/export.xlsx", "/cases/export.csv"].map(|page| filters.path(page)),
        filtered,
        stages,
        units,
        indexing: found.indexing,
        rows: found.cases,
        next,
        continued,
        filters,
    };
    page(StatusCode::OK, &page_of)
}
