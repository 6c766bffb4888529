//! `/people`: officials with their cards; those that have run out are marked.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use jiff::civil::Date;

use crate::{
    app::{App, Frame, page},
    error::PageError,
    session::SignedIn,
};

/// A card that runs out within so many days is pointed out.
const SOON_DAYS: i64 = 30;

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    frame: Frame,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    login: String,
    unit: String,
    roles: String,
    card: String,
    valid_to: String,
    mark: &'static str,
    qualified: bool,
}

fn mark(valid_to: Option<Date>, needed: bool, today: Date) -> &'static str {
    match valid_to {
        None if needed => "无证件",
        Some(to) if to < today => "已过期",
        Some(to) if to.duration_since(today).as_hours() / 24 <= SOON_DAYS => "即将到期",
        _ => "",
    }
}

/// The page.
pub async fn show(State(app): State<App>, signed: SignedIn) -> Result<Response, PageError> {
    let frame = app.frame(&signed, "people").await?;
    let (roster, pack, (_, today)) = (
        app.office.roster().await?,
        app.office.pack()?,
        app.office.now(),
    );
    let body = roster.bodies.get(&signed.person.body_id);
    let role = |id: &String| pack.roles.iter().find(|r| r.id == *id);
    let serving = roster
        .people
        .values()
        .filter(|p| p.active && p.body_id == signed.person.body_id);
    let mut rows: Vec<Row> = serving
        .map(|person| {
            let card = person
                .card_on(today)
                .or_else(|| person.cards.iter().max_by_key(|c| c.valid_to));
            let titles: Vec<&str> = person
                .roles
                .iter()
                .filter_map(|id| Some(role(id)?.title.as_str()))
                .collect();
            let needed = person
                .roles
                .iter()
                .any(|id| role(id).is_some_and(|r| r.card));
            Row {
                name: person.name.clone(),
                login: person.login.clone(),
                unit: body
                    .map(|b| b.unit_name(&person.unit).to_owned())
                    .unwrap_or_default(),
                roles: titles.join("、"),
                card: card.map(|c| c.number.clone()).unwrap_or_default(),
                valid_to: card.map(|c| c.valid_to.to_string()).unwrap_or_default(),
                mark: mark(card.map(|c| c.valid_to), needed, today),
                qualified: person.qualified,
            }
        })
        .collect();
    rows.sort_by(|a, b| (&a.unit, &a.name).cmp(&(&b.unit, &b.name)));
    page(StatusCode::OK, &PeoplePage { frame, rows })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn cards_that_have_run_out_or_soon_will_are_marked() {
        let today = date(2026, 3, 2);
        assert_eq!(mark(Some(date(2026, 3, 1)), true, today), "已过期");
        assert_eq!(mark(Some(date(2026, 3, 2)), true, today), "即将到期");
        assert_eq!(mark(Some(date(2027, 3, 2)), true, today), "");
        assert_eq!(mark(None, true, today), "无证件");
        assert_eq!(mark(None, false, today), "");
    }
}
