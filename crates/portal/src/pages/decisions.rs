//! The published decisions: searched and filtered by the address, one page each, with document and proof.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::Deserialize;

use super::{
    Asked, Frame, KEY_NAME, KeyWords, Portal, SEARCH_WAIT_MAX, address, asked, download, searched,
};
use crate::error::PortalError;
use crate::item::{Listing, PublishedItem};
use crate::kinds::PENALTY_KINDS;
use crate::store::{Choices, Page, Query, WORDS_MAX};

/// Lines on one page of the list.
const PAGE_LINES: u32 = 20;
/// What a party may be.
const PARTY_KINDS: [&str; 3] = ["单位", "个体工商户", "个人"];

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    asked: ListQuery,
    choosing: Choosing,
    /// What the list is narrowed down to, in words.
    narrowed: Vec<String>,
    /// How many words count, where more were asked for.
    words_max: Option<usize>,
    lines: Vec<Listing>,
    first: Option<String>,
    more: Option<String>,
}

/// The choices of the form over the list: value, label, and whether it is chosen.
struct Choosing {
    kinds: Vec<(String, String, bool)>,
    outcomes: Vec<(String, String, bool)>,
    years: Vec<(String, String, bool)>,
    bodies: Vec<(String, String, bool)>,
}

#[derive(Template)]
#[template(path = "decision.html")]
struct DecisionPage {
    frame: Frame,
    item: PublishedItem,
    past: bool,
    verifiable: Option<Verifiable>,
}

/// What the page says about checking the document.
struct Verifiable {
    key: KeyWords,
    key_name: &'static str,
    document_name: String,
    proof_name: String,
}

/// What the list is asked for, as it stands in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    kind: String,
    outcome: String,
    year: String,
    organ: String,
    after: String,
}

impl ListQuery {
    /// The place after which the page begins; one that cannot be read begins the list anew.
    fn place(&self) -> Option<(jiff::civil::Date, String)> {
        let (on, id) = self.after.split_once('~')?;
        Some((on.parse().ok()?, id.to_owned()))
    }

    fn query(&self) -> Query {
        Query {
            text: self.q.clone(),
            party_kind: self.kind.clone(),
            penalty_kind: self.outcome.clone(),
            year: self.year.parse().ok(),
            body_name: self.organ.clone(),
            after: self.place(),
            limit: PAGE_LINES,
        }
    }

    /// What is no choice is not asked for.
    fn known(mut self) -> Self {
        self.q = searched(&self.q);
        if !PARTY_KINDS.contains(&self.kind.as_str()) {
            self.kind.clear();
        }
        if PENALTY_KINDS.iter().all(|(id, _)| *id != self.outcome) {
            self.outcome.clear();
        }
        if self.year.parse::<i16>().is_err() {
            self.year.clear();
        }
        self.organ = searched(&self.organ);
        self
    }

    /// The address of the same list from another place on.
    fn from(&self, home: &str, after: &str) -> String {
        let parts = [
            ("q", self.q.as_str()),
            ("kind", &self.kind),
            ("outcome", &self.outcome),
            ("year", &self.year),
            ("organ", &self.organ),
            ("after", after),
        ];
        address(home, &parts)
    }

    fn narrowed(&self) -> Vec<String> {
        let mut words = Vec::new();
        if !self.q.is_empty() {
            words.push(format!("“{}”", self.q));
        }
        words.extend(Some(self.kind.clone()).filter(|kind| !kind.is_empty()));
        let outcome = PENALTY_KINDS.iter().find(|(id, _)| *id == self.outcome);
        words.extend(outcome.map(|(_, title)| (*title).to_owned()));
        if !self.year.is_empty() {
            words.push(format!("{}年", self.year));
        }
        words.extend(Some(self.organ.clone()).filter(|organ| !organ.is_empty()));
        words
    }
}

impl Choosing {
    fn of(asked: &ListQuery, choices: Choices) -> Self {
        let plain = |value: String, chosen: &str| {
            let on = value == chosen;
            (value.clone(), value, on)
        };
        let kinds = PARTY_KINDS.iter();
        let outcomes = PENALTY_KINDS.iter();
        Self {
            kinds: kinds.map(|k| plain((*k).to_owned(), &asked.kind)).collect(),
            outcomes: outcomes
                .map(|(id, title)| ((*id).to_owned(), (*title).to_owned(), *id == asked.outcome))
                .collect(),
            years: choices
                .years
                .into_iter()
                .map(|year| plain(year.to_string(), &asked.year))
                .collect(),
            bodies: choices
                .bodies
                .into_iter()
                .map(|name| plain(name, &asked.organ))
                .collect(),
        }
    }
}

/// The list.
pub async fn list(State(portal): State<Portal>, query: Asked<ListQuery>) -> Response {
    let asked = asked(query).known();
    let page = match portal.listed(&asked).await {
        Some(Ok(page)) => page,
        Some(Err(fault)) => return portal.unavailable(&fault),
        None => return portal.crowded(),
    };
    let choices = match portal.store.choices().await {
        Ok(choices) => choices,
        Err(fault) => return portal.unavailable(&fault),
    };
    let frame = portal.frame("decisions");
    let last = page.lines.last().filter(|_| page.more);
    let more = last.map(|line| {
        let place = format!("{}~{}", line.published_on, line.id);
        asked.from(&frame.home, &place)
    });
    let first = asked.place().map(|_| asked.from(&frame.home, ""));
    portal.page(&ListPage {
        narrowed: asked.narrowed(),
        words_max: (asked.q.split_whitespace().count() > WORDS_MAX).then_some(WORDS_MAX),
        choosing: Choosing::of(&asked, choices),
        asked,
        lines: page.lines,
        first,
        more,
        frame,
    })
}

/// One decision.
pub async fn show(State(portal): State<Portal>, Path(id): Path<String>) -> Response {
    let item = match portal.store.get(&id).await {
        Ok(Some(item)) => item,
        Ok(None) => return portal.not_found(),
        Err(fault) => return portal.unavailable(&fault),
    };
    let past = item.is_past(portal.today());
    let verifiable = if past || item.is_withdrawn() {
        None
    } else {
        portal.verifiable(&item).await
    };
    portal.page(&DecisionPage {
        frame: portal.frame("decisions"),
        item,
        past,
        verifiable,
    })
}

impl Portal {
    /// A page of the list; none where too many others search by words.
    async fn listed(&self, asked: &ListQuery) -> Option<Result<Page, PortalError>> {
        let (store, query, today) = (self.store.clone(), asked.query(), self.today());
        if asked.q.is_empty() {
            return Some(store.list(&query, today).await);
        }
        let turn = Arc::clone(&self.searching).acquire_owned();
        let turn = tokio::time::timeout(SEARCH_WAIT_MAX, turn);
        let turn = turn.await.ok()?.ok()?;
        // The database goes on looking when the client goes away, and until then it is nobody else's turn.
        let searched = tokio::spawn(async move {
            let searched = store.list(&query, today).await;
            drop(turn);
            searched
        });
        let lost = |fault: tokio::task::JoinError| PortalError::Damaged(fault.to_string());
        Some(searched.await.map_err(lost).flatten())
    }

    /// Names of the files and the key, for the words on checking.
    async fn verifiable(&self, item: &PublishedItem) -> Option<Verifiable> {
        let key = self.key_words().await.ok().flatten()?;
        Some(Verifiable {
            key,
            document_name: document_name(item),
            key_name: KEY_NAME,
            proof_name: proof_name(item),
        })
    }

    /// A decision that is open to be read, or the answer that it is not.
    async fn open(&self, id: &str) -> Result<PublishedItem, Response> {
        match self.store.get(id).await {
            Ok(Some(item)) if !item.is_withdrawn() && !item.is_past(self.today()) => Ok(item),
            Ok(_) => Err(self.not_found()),
            Err(fault) => Err(self.unavailable(&fault)),
        }
    }
}

fn document_name(item: &PublishedItem) -> String {
    let ending = if is_pdf(item) { "pdf" } else { "bin" };
    format!("{}.{ending}", item.decision_number)
}

fn proof_name(item: &PublishedItem) -> String {
    format!("{}-证明.json", item.decision_number)
}

fn is_pdf(item: &PublishedItem) -> bool {
    item.document.starts_with(b"%PDF-")
}

/// The public copy itself.
pub async fn document(State(portal): State<Portal>, Path(id): Path<String>) -> Response {
    match portal.open(&id).await {
        Ok(item) => {
            let media = if is_pdf(&item) {
                "application/pdf"
            } else {
                "application/octet-stream"
            };
            download(media, &document_name(&item), item.document)
        }
        Err(answer) => answer,
    }
}

/// The proof of a decision.
pub async fn proof(State(portal): State<Portal>, Path(id): Path<String>) -> Response {
    match portal.open(&id).await {
        Ok(item) => download("application/json", &proof_name(&item), item.bundle),
        Err(answer) => answer,
    }
}

#[cfg(test)]
mod tests {
    use axum::{extract::Query as UrlQuery, http::StatusCode};
    use jiff::civil::date;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::{PortalConfig, PortalStore};

    #[tokio::test]
    async fn a_search_without_room_is_told_to_come_later_and_a_list_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("p.db").display());
        let portal = Portal {
            store: PortalStore::open(&url).await.unwrap(),
            searching: Arc::new(Semaphore::new(1)),
            config: Arc::new(PortalConfig {
                base: "/public".to_owned(),
                body_name: "某局".to_owned(),
                today: Arc::new(|| date(2026, 3, 2)),
                simulated: false,
            }),
        };
        let asked = async |q: &str| {
            let query = ListQuery {
                q: q.to_owned(),
                ..ListQuery::default()
            };
            list(State(portal.clone()), Ok(UrlQuery(query))).await
        };
        assert_eq!(asked("化工").await.status(), StatusCode::OK);
        // Nobody gets a turn any more.
        portal.searching.close();
        let later = asked("化工").await;
        assert_eq!(later.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(later.headers().contains_key("retry-after"));
        assert_eq!(asked("").await.status(), StatusCode::OK);
    }
}
