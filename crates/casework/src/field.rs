//! Values of form fields, as commands bring them and events keep them.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{party::Party, proposal::Disposition};

/// Filled form fields by identifier.
pub type Fields = BTreeMap<String, FieldValue>;

/// One of the ten items of legal review (MISSION L03).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewItem {
    /// Whether the item is in order.
    pub ok: bool,
    /// Remark; demanded where it is not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remark: String,
}

/// The ten items of legal review, in order.
pub const REVIEW_ITEMS: [&str; 10] = [
    "执法主体是否合法",
    "执法人员是否具备资格",
    "执法程序是否合法",
    "案件事实是否清楚",
    "证据是否合法充分",
    "适用法律、法规、规章是否准确",
    "裁量基准运用是否适当",
    "是否超越执法权限",
    "执法文书是否完备、规范",
    "违法行为是否涉嫌犯罪、需要移送司法机关",
];

/// The view of one member in collective discussion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Vote {
    /// Person id.
    pub person: String,
    /// Whether the member agrees with the proposal.
    pub agrees: bool,
    /// What the member said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub view: String,
}

/// A thing on a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    /// Name.
    pub name: String,
    /// Specification.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub spec: String,
    /// Count with unit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub count: String,
    /// Note.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// An uploaded file, stored before the event names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// Name the file had.
    pub name: String,
    /// Hex digest of its bytes.
    pub digest: String,
    /// Size in bytes.
    pub size_bytes: u64,
    /// Media type.
    pub media_type: String,
}

impl FileRef {
    /// Whether name and media type are such as an upload gives: a name of one line, a type of plain signs.
    pub fn is_well_named(&self) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '+' | '.');
        self.name.chars().count() <= 200
            && !self.name.chars().any(char::is_control)
            && self.media_type.len() <= 100
            && self.media_type.chars().all(plain)
    }
}

/// The value of a form field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldValue {
    /// Text, prose or the id of a choice.
    Text(String),
    /// Yes or no.
    YesNo(bool),
    /// A legal date.
    Date(Date),
    /// A date with a clock time, Beijing.
    #[schema(value_type = String, example = "2026-03-02T09:30:00")]
    DateTime(DateTime),
    /// Money in fen.
    Money(i64),
    /// A whole number.
    Int(i64),
    /// Person ids.
    Persons(Vec<String>),
    /// Points, one a line.
    Points(Vec<String>),
    /// Parties to be filed.
    Parties(Vec<Party>),
    /// A proposal, party by party.
    Proposal(Vec<Disposition>),
    /// The ten items.
    TenItems(Vec<ReviewItem>),
    /// Views of members.
    Votes(Vec<Vote>),
    /// Things.
    Items(Vec<Thing>),
    /// A file.
    Upload(FileRef),
}

impl FieldValue {
    /// The text of a text field.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether nothing was filled in.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Persons(list) | Self::Points(list) => list.iter().all(|s| s.trim().is_empty()),
            Self::Parties(list) => list.is_empty(),
            Self::Proposal(list) => list.is_empty(),
            Self::TenItems(list) => list.is_empty(),
            Self::Votes(list) => list.is_empty(),
            Self::Items(list) => list.is_empty(),
            _ => false,
        }
    }
}
