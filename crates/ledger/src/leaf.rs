//! What a leaf commits to: body → commitment → header → entry → leaf (`DECISIONS.md` 3).

use std::borrow::Cow;

use serde::Deserialize;

use crate::suite::{Hash, Suite};

/// First bytes of what a commitment hashes.
pub const BODY_PREFIX: &[u8] = b"zhiheng.body.v1\n";
/// First bytes of what an entry hashes.
pub const ENTRY_PREFIX: &[u8] = b"zhiheng.entry.v1\n";

/// Random bytes that hide a body from guessing; destroyed with the body.
pub type Salt = [u8; 32];

/// Commitment to a body: `H("zhiheng.body.v1\n" ‖ salt ‖ body)`.
pub fn commitment(suite: Suite, salt: &Salt, body: &[u8]) -> Hash {
    suite.hash(&[BODY_PREFIX, salt, body])
}

/// Entry of the log, from the stored bytes of a header: `H("zhiheng.entry.v1\n" ‖ header)`.
pub fn entry(suite: Suite, header: &[u8]) -> Hash {
    suite.hash(&[ENTRY_PREFIX, header])
}

/// What the ledger reads of a header: its place in its stream's chain, and the commitment.
///
/// The other fields are the domain's; that reads headers strictly, this looks past what it does not know.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Links<'a> {
    /// The stream that the event belongs to.
    #[serde(borrow)]
    pub stream: Cow<'a, str>,
    /// Place in the stream, from 1 without gaps.
    pub version: u64,
    /// Entry of the preceding event of the stream; none for the first.
    #[serde(default)]
    pub prev: Option<Hash>,
    /// Name and version of the body's type, such as `case.acted@1`.
    #[serde(borrow, rename = "type")]
    pub event_type: Cow<'a, str>,
    /// Commitment to salt and body.
    pub commitment: Hash,
}

impl<'a> Links<'a> {
    /// Reads the links of a stored header; JSON without them is refused with the reason.
    pub fn read(header: &'a [u8]) -> Result<Self, UnreadableHeader> {
        // UTF-8 is checked once for all, which is quicker than string by string.
        let text = std::str::from_utf8(header).map_err(|e| UnreadableHeader(e.to_string()))?;
        serde_json::from_str(text).map_err(|e| UnreadableHeader(e.to_string()))
    }
}

/// Header bytes that are not JSON with the members that chain it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("记录头无法读取（{0}）")]
pub struct UnreadableHeader(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = r#"{"v":1,"stream":"案-1","version":2,"prev":"66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0","type":"case.acted@1","actor":"p1","commitment":"debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"}"#;

    #[test]
    fn links_are_read_past_unknown_members() {
        let links = Links::read(HEADER.as_bytes()).unwrap();
        assert_eq!(
            (&*links.stream, links.version, &*links.event_type),
            ("案-1", 2, "case.acted@1")
        );
        assert!(
            matches!(links.stream, Cow::Borrowed(_)),
            "no allocation for a plain string"
        );
        assert!(links.prev.is_some());
    }

    #[test]
    fn a_header_without_its_links_is_refused() {
        fn check(from: &str, to: &str) {
            let header = HEADER.replace(from, to);
            assert!(Links::read(header.as_bytes()).is_err(), "{header}");
        }
        check("commitment", "commit");
        check("stream", "strom");
        check("\"version\":2", "\"version\":-2");
        check("debe", "DEBE");
        check("66c7", "66");
        check("{\"v\":1", "{\"version\":3,\"v\":1");
        check("}", "");
    }

    #[test]
    fn salt_and_body_and_suite_each_change_the_commitment() {
        let base = commitment(Suite::Gm, &[0; 32], b"{}");
        assert_ne!(base, commitment(Suite::Gm, &[1; 32], b"{}"));
        assert_ne!(base, commitment(Suite::Gm, &[0; 32], b"{ }"));
        assert_ne!(base, commitment(Suite::C2sp, &[0; 32], b"{}"));
        assert_ne!(
            commitment(Suite::Gm, &[0; 32], b""),
            entry(Suite::Gm, &[0; 32])
        );
    }
}
