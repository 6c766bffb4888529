//! Commands and the context in which they are judged.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::{calendar::Calendar, pack::Pack};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{config::Config, field::Fields, person::Person, record::Via};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// Take a step, or ask for it where it needs approvals.
    Take,
    /// Approve a request.
    Approve {
        /// The request.
        request: String,
        /// What the approver says.
        opinion: String,
    },
    /// Send a request back.
    Return {
        /// The request.
        request: String,
        /// Why.
        opinion: String,
    },
    /// Take one's own request back.
    Withdraw {
        /// The request.
        request: String,
    },
}

/// A command on one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Id chosen by the sender; the same id never acts twice.
    pub id: String,
    /// Step of the pack.
    pub step: String,
    /// Party, for a step of one party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// What is asked.
    pub act: Act,
    /// Legal date.
    pub occurred_on: Date,
    /// Why it is entered late, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_reason: Option<String>,
    /// Persons who act together with the actor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// Whether cards were shown on this occasion (行政处罚法 55).
    #[serde(default)]
    pub card_shown: bool,
    /// Form fields.
    #[serde(default)]
    pub fields: Fields,
    /// Version of the case that the actor saw.
    pub seen_version: u64,
}

/// All that a decision may look at besides the state and the command.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The case's pack.
    pub pack: &'a Pack,
    /// Working-day calendar.
    pub calendar: &'a Calendar,
    /// Configuration of the body.
    pub config: &'a Config,
    /// Now, microseconds UTC.
    pub now_us: i64,
    /// Today in Beijing.
    pub today: Date,
    /// The body (机关) whose case it is: nobody of another one takes part, unless the case has given them a part.
    pub body_id: &'a str,
    /// Who acts.
    pub actor: &'a Person,
    /// Every official who may take part, by id.
    pub roster: &'a BTreeMap<String, Person>,
    /// The door.
    pub via: Via,
}
