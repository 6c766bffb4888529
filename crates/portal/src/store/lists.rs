//! The lists that the organ publishes of itself, each replaced as a whole.

use jiff::civil::Date;
use sea_orm::{QueryResult, Value};

use super::PortalStore;
use crate::db::{day, get, like};
use crate::error::PortalError;
use crate::lists::{OfficerCard, ProcedureText, plain_number};

const CARD: &str = "number, name, body_name, unit, post, kind, area, valid_from, valid_to, serving";
const PROCEDURE: &str = "id, title, version, in_force_from, chart, guide";
/// Cards on one page.
const PAGE_LINES: u32 = 50;
/// Pages that can be asked for.
const PAGES_MAX: u32 = 10_000;
/// Under which word the day of the last change is kept.
const CARDS_ON: &str = "officer_cards_on";

/// What the officers' list is asked for.
#[derive(Debug, Clone, Default)]
pub struct CardsQuery {
    /// Words, all of which must occur in name, organ, unit, post or number.
    pub text: String,
    /// Page, from 1.
    pub page: u32,
}

/// A page of the officers' list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CardsPage {
    /// Cards in force.
    pub cards: Vec<OfficerCard>,
    /// Whether there are more.
    pub more: bool,
    /// Day on which the list was brought up to date, where there is one.
    pub updated_on: Option<Date>,
}

impl PortalStore {
    /// Puts these cards in the place of all that are there; tells whether that changed anything.
    ///
    /// # Errors
    /// A card without number or name, or a database that does not answer; the old list then stays.
    pub async fn set_cards(&self, cards: &[OfficerCard], today: Date) -> Result<bool, PortalError> {
        let mut cards: Vec<OfficerCard> = cards.to_vec();
        for card in &mut cards {
            card.check()?;
            card.number = plain_number(&card.number);
        }
        cards.sort_by(|a, b| a.number.cmp(&b.number));
        let sql = format!("SELECT {CARD} FROM officer_card");
        let rows = self.db.rows(&sql, Vec::new()).await?;
        let mut kept: Vec<OfficerCard> = rows.iter().map(card).collect::<Result<_, _>>()?;
        // Databases sort text each in its own way.
        kept.sort_by(|a, b| a.number.cmp(&b.number));
        if kept == cards && self.db.meta(CARDS_ON).await?.is_some() {
            return Ok(false);
        }
        let writing = self.db.begin().await?;
        writing.run("DELETE FROM officer_card", Vec::new()).await?;
        for card in &cards {
            let sql = format!(
                "INSERT INTO officer_card ({CARD}, haystack) VALUES (?,?,?,?,?,?,?,?,?,?,?)"
            );
            writing.run(&sql, values(card)).await?;
        }
        writing.set_meta(CARDS_ON, &today.to_string()).await?;
        writing.commit().await?;
        Ok(true)
    }

    /// A page of the cards that are in force on that day and whose officers serve, by organ, unit and name.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn cards(&self, query: &CardsQuery, today: Date) -> Result<CardsPage, PortalError> {
        let mut sql = format!(
            "SELECT {CARD} FROM officer_card WHERE serving = 1 AND valid_from <= ? AND valid_to >= ?"
        );
        let on = today.to_string();
        let mut values: Vec<Value> = vec![on.as_str().into(), on.as_str().into()];
        for word in query.text.split_whitespace().take(8) {
            sql.push_str(" AND haystack LIKE ? ESCAPE '\\'");
            values.push(like(word).into());
        }
        let before = (query.page.clamp(1, PAGES_MAX) - 1) * PAGE_LINES;
        sql.push_str(&format!(
            " ORDER BY body_name, unit, name, number LIMIT {} OFFSET {before}",
            PAGE_LINES + 1
        ));
        let rows = self.db.rows(&sql, values).await?;
        let wanted = usize::try_from(PAGE_LINES).unwrap_or(usize::MAX);
        let updated_on = self.db.meta(CARDS_ON).await?;
        Ok(CardsPage {
            cards: rows
                .iter()
                .take(wanted)
                .map(card)
                .collect::<Result<_, _>>()?,
            more: rows.len() > wanted,
            updated_on: updated_on.and_then(|on| on.parse().ok()),
        })
    }

    /// The card with that number, however it is typed.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn card(&self, number: &str) -> Result<Option<OfficerCard>, PortalError> {
        let sql = format!("SELECT {CARD} FROM officer_card WHERE number = ?");
        let rows = self
            .db
            .rows(&sql, vec![plain_number(number).into()])
            .await?;
        rows.first().map(card).transpose()
    }

    /// Puts these procedures in the place of all that are there; tells whether that changed anything.
    ///
    /// # Errors
    /// The database does not answer; the old ones then stay.
    pub async fn set_procedures(&self, procedures: &[ProcedureText]) -> Result<bool, PortalError> {
        let kept = self.procedures().await?;
        if kept.len() == procedures.len() && procedures.iter().all(|one| kept.contains(one)) {
            return Ok(false);
        }
        let writing = self.db.begin().await?;
        writing
            .run("DELETE FROM procedure_text", Vec::new())
            .await?;
        for one in procedures {
            let sql = format!("INSERT INTO procedure_text ({PROCEDURE}) VALUES (?,?,?,?,?,?)");
            let values = vec![
                one.id.as_str().into(),
                one.title.as_str().into(),
                one.version.as_str().into(),
                one.in_force_from.to_string().into(),
                one.chart.as_str().into(),
                one.guide.as_str().into(),
            ];
            writing.run(&sql, values).await?;
        }
        writing.commit().await?;
        Ok(true)
    }

    /// The procedures that the organ follows.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn procedures(&self) -> Result<Vec<ProcedureText>, PortalError> {
        let sql = format!("SELECT {PROCEDURE} FROM procedure_text ORDER BY title, id");
        let rows = self.db.rows(&sql, Vec::new()).await?;
        rows.iter().map(procedure).collect()
    }

    /// One procedure.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn procedure(&self, id: &str) -> Result<Option<ProcedureText>, PortalError> {
        let sql = format!("SELECT {PROCEDURE} FROM procedure_text WHERE id = ?");
        let rows = self.db.rows(&sql, vec![id.into()]).await?;
        rows.first().map(procedure).transpose()
    }
}

fn values(card: &OfficerCard) -> Vec<Value> {
    let haystack = [
        &card.number,
        &card.name,
        &card.body_name,
        &card.unit,
        &card.post,
        &card.kind,
        &card.area,
    ]
    .map(|text| text.to_lowercase())
    .join("\n");
    vec![
        card.number.as_str().into(),
        card.name.as_str().into(),
        card.body_name.as_str().into(),
        card.unit.as_str().into(),
        card.post.as_str().into(),
        card.kind.as_str().into(),
        card.area.as_str().into(),
        card.valid_from.to_string().into(),
        card.valid_to.to_string().into(),
        i64::from(card.serving).into(),
        haystack.into(),
    ]
}

fn card(row: &QueryResult) -> Result<OfficerCard, PortalError> {
    Ok(OfficerCard {
        number: get(row, 0)?,
        name: get(row, 1)?,
        body_name: get(row, 2)?,
        unit: get(row, 3)?,
        post: get(row, 4)?,
        kind: get(row, 5)?,
        area: get(row, 6)?,
        valid_from: day(row, 7)?,
        valid_to: day(row, 8)?,
        serving: get::<i64>(row, 9)? == 1,
    })
}

fn procedure(row: &QueryResult) -> Result<ProcedureText, PortalError> {
    Ok(ProcedureText {
        id: get(row, 0)?,
        title: get(row, 1)?,
        version: get(row, 2)?,
        in_force_from: day(row, 3)?,
        chart: get(row, 4)?,
        guide: get(row, 5)?,
    })
}
