//! The officers' list, and what a card is worth.

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::civil::Date;
use serde::Deserialize;

use super::{Asked, Frame, Portal, address, asked, searched};
use crate::lists::{CardStanding, OfficerCard, plain_number};
use crate::store::{CardsPage, CardsQuery};

#[derive(Template)]
#[template(path = "officers.html")]
struct OfficersPage {
    frame: Frame,
    text: String,
    found: CardsPage,
    before: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "card.html")]
struct CardPage {
    frame: Frame,
    /// The number as it was read; empty where none was typed.
    number: String,
    today: Date,
    found: Found,
}

/// What is said of a card.
enum Found {
    Nothing,
    Unknown,
    Valid(Box<OfficerCard>),
    NotYet(Date),
    Lapsed(Date),
    Left,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    page: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CheckQuery {
    number: String,
}

/// The list, with the form that checks a card.
pub async fn list(State(portal): State<Portal>, query: Asked<ListQuery>) -> Response {
    let asked = asked(query);
    let (text, page) = (searched(&asked.q), asked.page.parse().unwrap_or(1).max(1));
    let query = CardsQuery {
        text: text.clone(),
        page,
    };
    let found = match portal.store.cards(&query, portal.today()).await {
        Ok(found) => found,
        Err(fault) => return portal.unavailable(&fault),
    };
    let frame = portal.frame("officers");
    let at = |page: u32| {
        let path = format!("{}/officers", frame.base);
        address(&path, &[("q", &text), ("page", &page.to_string())])
    };
    portal.page(&OfficersPage {
        before: (page > 1).then(|| at(page - 1)),
        after: found.more.then(|| at(page.saturating_add(1))),
        frame,
        text,
        found,
    })
}

/// What a card is worth today.
pub async fn check(State(portal): State<Portal>, query: Asked<CheckQuery>) -> Response {
    let number = plain_number(&searched(&asked(query).number));
    let today = portal.today();
    let found = match number.is_empty() {
        true => Ok(None),
        false => portal.store.card(&number).await,
    };
    let found = match found {
        Ok(Some(card)) => match card.standing(today) {
            CardStanding::Valid => Found::Valid(Box::new(card)),
            CardStanding::NotYet => Found::NotYet(card.valid_from),
            CardStanding::Lapsed => Found::Lapsed(card.valid_to),
            CardStanding::Left => Found::Left,
        },
        Ok(None) if number.is_empty() => Found::Nothing,
        Ok(None) => Found::Unknown,
        Err(fault) => return portal.unavailable(&fault),
    };
    portal.page(&CardPage {
        frame: portal.frame("officers"),
        number,
        today,
        found,
    })
}
