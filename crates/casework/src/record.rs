//! What is written down of an event: the frozen header, and the names of stored body types.
//!
//! The bytes made here are kept as they are and hashed as they are kept, so nothing in this module may
//! change for version 1: a new shape is a new version beside it. See `DECISIONS.md` 1 and 2.

use serde::{Deserialize, Serialize};

/// The kinds of stream that the store keeps; each is a chain of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamKind {
    /// One enforcement case, from its lead on.
    Case,
    /// One official, with roles, unit and cards.
    Person,
    /// One body (局) with its units.
    Body,
    /// The working-day calendar of the installation.
    Calendar,
    /// One procedure pack, every loaded version of it.
    Pack,
    /// One series of document numbers.
    Series,
    /// One published item.
    Publication,
    /// The texts of laws that the installation has loaded.
    Law,
    /// What the machine's keeper said of its clock.
    Clock,
}

impl StreamKind {
    /// The name used in headers and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Person => "person",
            Self::Body => "body",
            Self::Calendar => "calendar",
            Self::Pack => "pack",
            Self::Series => "series",
            Self::Publication => "publication",
            Self::Law => "law",
            Self::Clock => "clock",
        }
    }

    /// The kind with that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Case,
            Self::Person,
            Self::Body,
            Self::Calendar,
            Self::Pack,
            Self::Series,
            Self::Publication,
            Self::Law,
            Self::Clock,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }
}

/// The door through which a command came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// A page of the desk.
    Desk,
    /// The JSON API.
    Api,
    /// A job of the program itself.
    Job,
    /// An import of records made elsewhere.
    Import,
    /// The demo or a replay, under a simulated clock.
    Simulated,
}

/// Header of an event, format 1: ids and digests only, never a body's content (`DECISIONS.md` 1).
///
/// Declared order is the stored order; an absent field is left out, never null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Format version of this header; 1.
    pub v: u32,
    /// The stream that the event belongs to.
    pub stream: String,
    /// What that stream is.
    pub stream_kind: StreamKind,
    /// Place in the stream, from 1 without gaps.
    pub version: u64,
    /// Hex digest (`entry`) of the preceding event of the stream; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    /// Name and version of the body's type, such as `case.acted@1`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// When it was recorded: microseconds since 1970 UTC, never below the stream's last.
    pub recorded_at: i64,
    /// The body (机关) that the stream belongs to.
    pub body_id: String,
    /// Who did it; absent for the program's own jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Number of the enforcement card that the actor held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// Version of the actor's person stream in which that card was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card_version: Option<u64>,
    /// For whom the actor entered it (a party, an outside organ), by kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// The door it came through.
    pub via: Via,
    /// Name of the procedure pack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
    /// Digest of the pack's bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
    /// The step of the pack that was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Id of the command that caused it.
    pub command: String,
    /// Entry of the event in another stream that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Hex commitment to salt and body.
    pub commitment: String,
}

impl Header {
    /// The stored bytes of this header: compact UTF-8 JSON in declared order.
    pub fn encode(&self) -> Result<Vec<u8>, RecordError> {
        encode(self)
    }

    /// Reads a stored header; unknown fields and other format versions are errors.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let header: Self =
            serde_json::from_slice(bytes).map_err(|e| RecordError::Malformed(e.to_string()))?;
        if header.v != 1 {
            return Err(RecordError::UnknownVersion(header.v));
        }
        Ok(header)
    }
}

/// Why stored or to-be-stored bytes are not a record of this format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not JSON of the declared shape.
    #[error("记录格式不符：{0}")]
    Malformed(String),
    /// A header version that this program does not know.
    #[error("记录版本 {0} 不是本程序认识的版本；请升级程序后再读取")]
    UnknownVersion(u32),
    /// An event type that this program does not know.
    #[error("事件类型“{0}”不是本程序认识的类型；请升级程序后再读取")]
    UnknownType(String),
    /// The text holds U+0000, which no database keeps faithfully.
    #[error("内容含有空字符（U+0000），不能保存；请删去后重试")]
    NulCharacter,
}

/// Encodes a frozen type as stored bytes; refuses U+0000.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, RecordError> {
    let bytes = serde_json::to_vec(value).map_err(|e| RecordError::Malformed(e.to_string()))?;
    if std::str::from_utf8(&bytes).is_ok_and(has_nul) {
        return Err(RecordError::NulCharacter);
    }
    Ok(bytes)
}

/// A file that an event's body names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedFile {
    /// Hex digest of its bytes.
    pub digest: String,
    /// Size in bytes, where the body says it.
    pub size_bytes: Option<u64>,
    /// Its title or name, where the body says it.
    pub name: Option<String>,
}

/// The files that an event's body names, whatever its type: `digest` beside `size_bytes`, or `public_digest`.
///
/// Every stored format names its files so; what is no JSON names none.
pub fn files_named(body: &[u8]) -> Vec<NamedFile> {
    let mut found = Vec::new();
    // Most bodies name no file, and need not be read for that.
    if body.windows(7).any(|w| w == b"digest\"")
        && let Ok(value) = serde_json::from_slice(body)
    {
        gather_files(&value, &mut found);
    }
    found
}

fn gather_files(value: &serde_json::Value, found: &mut Vec<NamedFile>) {
    use serde_json::Value;
    match value {
        Value::Array(items) => items.iter().for_each(|item| gather_files(item, found)),
        Value::Object(members) => {
            let text = |key: &str| Some(members.get(key)?.as_str()?.to_owned());
            let size_bytes = members.get("size_bytes").and_then(Value::as_u64);
            let own = text("digest").filter(|_| size_bytes.is_some());
            let digest = own.or_else(|| text("public_digest"));
            found.extend(digest.map(|digest| NamedFile {
                digest,
                size_bytes,
                name: text("title").or_else(|| text("name")),
            }));
            members.values().for_each(|item| gather_files(item, found));
        }
        _ => {}
    }
}

/// Whether JSON text holds U+0000, raw or escaped; a written-out backslash before `u0000` is none.
pub fn has_nul(json: &str) -> bool {
    json.contains('\0')
        || json.match_indices("\\u0000").any(|(at, _)| {
            let backslashes = json.as_bytes()[..at]
                .iter()
                .rev()
                .take_while(|b| **b == b'\\')
                .count();
            backslashes % 2 == 0
        })
}

/// An event ready to be written, but for what only the store can know (place, time, digests).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Name and version of the body's type.
    pub event_type: &'static str,
    /// Stored bytes of the body.
    pub body: Vec<u8>,
    /// Who did it.
    pub actor: Option<String>,
    /// The card that the actor held, and the version of the person stream it was read at.
    pub card: Option<(String, u64)>,
    /// For whom it was entered.
    pub on_behalf_of: Option<String>,
    /// The door it came through.
    pub via: Via,
    /// Pack name and digest.
    pub pack: Option<(String, String)>,
    /// The step taken.
    pub action: Option<String>,
    /// Entry of the causing event of another stream.
    pub cause: Option<String>,
}

impl Draft {
    /// A draft without card, pack, action or cause.
    pub fn plain(event_type: &'static str, body: Vec<u8>, actor: Option<String>, via: Via) -> Self {
        Self {
            event_type,
            body,
            actor,
            card: None,
            on_behalf_of: None,
            via,
            pack: None,
            action: None,
            cause: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Issued;
    use crate::field::{FieldValue, FileRef};
    use jiff::civil::date;

    #[test]
    fn papers_uploads_and_public_copies_are_files_that_a_body_names() {
        let upload = FieldValue::Upload(FileRef {
            name: "现场.jpg".into(),
            digest: "a1".into(),
            size_bytes: 3,
            media_type: "image/jpeg".into(),
        });
        let paper = Issued {
            paper_id: "p-1".into(),
            template: "filing".into(),
            title: "立案审批表".into(),
            number: None,
            party: None,
            on: date(2026, 3, 2),
            digest: "b2".into(),
            template_digest: None,
            size_bytes: 9,
            media_type: "application/pdf".into(),
            order: 1,
            pages: 1,
        };
        let body = encode(&serde_json::json!({
            "fields": { "photo": upload, "digest": { "text": "不是文件" } },
            "papers": [paper],
            "public_digest": "c3",
        }));
        let named = |digest: &str, size_bytes, name: Option<&str>| NamedFile {
            digest: digest.into(),
            size_bytes,
            name: name.map(Into::into),
        };
        let mut found = files_named(&body.unwrap());
        found.sort();
        assert_eq!(
            found,
            [
                named("a1", Some(3), Some("现场.jpg")),
                named("b2", Some(9), Some("立案审批表")),
                named("c3", None, None),
            ]
        );
        assert_eq!(files_named(br#"{"digest":"d4"}"#), []);
    }

    #[test]
    fn nul_is_found_escaped_and_raw_but_not_when_merely_quoted() {
        fn check(json: &str, expect: bool) {
            assert_eq!(has_nul(json), expect, "{json:?}");
        }
        check("{\"a\":\"\\u0000\"}", true);
        check("{\"a\":\"x\0\"}", true);
        check("{\"a\":\"\\\\\\u0000\"}", true);
        check("{\"a\":\"\\\\u0000\"}", false);
        check("{\"a\":\"正常\"}", false);
    }

    #[test]
    fn a_backslash_that_was_typed_is_kept_and_a_nul_character_refused() {
        assert_eq!(
            encode(&"路径\\u0000").unwrap(),
            "\"路径\\\\u0000\"".as_bytes()
        );
        assert_eq!(encode(&"空\0"), Err(RecordError::NulCharacter));
    }
}
