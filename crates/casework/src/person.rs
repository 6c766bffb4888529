//! Officials: roles, unit, cards, legal qualification; and the bodies they serve.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    record::{Draft, RecordError, Via, encode},
    rows::{BodyRow, PersonRow, StreamRows},
};

/// An enforcement card (行政执法证件).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Number.
    pub number: String,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity.
    pub valid_to: Date,
    /// Kind of enforcement (执法类别) that it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Area of enforcement (执法区域).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub area: String,
}

impl Card {
    /// Whether the card is in force on that day.
    pub fn in_force(&self, on: Date) -> bool {
        self.valid_from <= on && on <= self.valid_to
    }
}

/// An official, as the fold of the person's stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Identifier (the stream).
    pub id: String,
    /// Version of the stream this was read at; 0 before it is stored.
    #[serde(default)]
    pub version: u64,
    /// Sign-in name.
    pub login: String,
    /// Name.
    pub name: String,
    /// The body served.
    pub body_id: String,
    /// Unit.
    pub unit: String,
    /// Roles held by office.
    pub roles: Vec<String>,
    /// Cards, old ones included.
    pub cards: Vec<Card>,
    /// Whether the person holds 法律职业资格 or reviewed before 58(2) came into force.
    pub qualified: bool,
    /// Whether the person still serves.
    pub active: bool,
}

impl Person {
    /// The card in force on that day, if there is one (行政处罚法 42).
    pub fn card_on(&self, on: Date) -> Option<&Card> {
        self.cards.iter().find(|card| card.in_force(on))
    }

    /// The rows of the person's stream.
    pub fn rows(&self) -> StreamRows {
        let card = self.cards.iter().max_by_key(|card| card.valid_to);
        StreamRows {
            person: Some(PersonRow {
                login: self.login.clone(),
                name: self.name.clone(),
                unit: self.unit.clone(),
                roles: self.roles.clone(),
                active: self.active,
                card: card.map(|c| (c.number.clone(), c.valid_to)),
            }),
            ..StreamRows::default()
        }
    }
}

/// Stored type of the event that registers or amends a person.
pub const PERSON_REGISTERED: &str = "person.registered@1";
/// Stored type of the event that registers or amends a body.
pub const BODY_REGISTERED: &str = "body.registered@1";

/// A body (机关) with what papers print of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Identifier (the stream).
    pub id: String,
    /// Superior body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Full name.
    pub name: String,
    /// Word before 〔year〕 in numbers (机关代字).
    pub mark: String,
    /// Address.
    pub address: String,
    /// Telephone.
    pub phone: String,
    /// Postcode.
    pub postcode: String,
    /// The government to which one appeals (本级人民政府; 行政复议法 24).
    pub government: String,
    /// The court of first instance.
    pub court: String,
    /// Bank that takes fines.
    pub bank: String,
    /// Account for fines.
    pub bank_account: String,
    /// Units: id and name.
    pub units: Vec<(String, String)>,
}

impl Body {
    /// The rows of the body's stream.
    pub fn rows(&self) -> StreamRows {
        StreamRows {
            body: Some(BodyRow {
                parent: self.parent.clone(),
                name: self.name.clone(),
            }),
            ..StreamRows::default()
        }
    }

    /// Name of a unit.
    pub fn unit_name(&self, id: &str) -> &str {
        self.units
            .iter()
            .find(|(unit, _)| unit == id)
            .map_or("", |(_, name)| name)
    }
}

/// The event that registers or amends a person; the body of the event is the whole new state.
pub fn register_person(
    person: &Person,
    actor: Option<String>,
    via: Via,
) -> Result<Draft, RecordError> {
    let mut stored = person.clone();
    stored.version = 0;
    Ok(Draft::plain(
        PERSON_REGISTERED,
        encode(&stored)?,
        actor,
        via,
    ))
}

/// The event that registers or amends a body.
pub fn register_body(body: &Body, actor: Option<String>, via: Via) -> Result<Draft, RecordError> {
    Ok(Draft::plain(BODY_REGISTERED, encode(body)?, actor, via))
}

/// Reads a person's stream: the last event is the state.
pub fn read_person(bodies: &[(u64, &[u8])]) -> Result<Option<Person>, RecordError> {
    let Some((version, body)) = bodies.last() else {
        return Ok(None);
    };
    let mut person: Person =
        serde_json::from_slice(body).map_err(|e| RecordError::Malformed(e.to_string()))?;
    person.version = *version;
    Ok(Some(person))
}

/// Reads a body's stream: the last event is the state.
pub fn read_body(bodies: &[(u64, &[u8])]) -> Result<Option<Body>, RecordError> {
    let Some((_, body)) = bodies.last() else {
        return Ok(None);
    };
    serde_json::from_slice(body)
        .map(Some)
        .map_err(|e| RecordError::Malformed(e.to_string()))
}
