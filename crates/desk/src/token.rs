//! Tokens: of sessions, of forms, of uploads, of commands. All but a session's follow from it.

use sha2::{Digest, Sha256};

/// In front of a program's token.
const BEARER: &str = "zhiheng_";

/// The secret that a signed-in browser, or a program, holds: 256 random bits. Only its digest is stored.
#[derive(Clone)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    /// A new one.
    pub fn new() -> Self {
        Self(hex::encode(rand::random::<[u8; 32]>()))
    }

    /// The token that a cookie brought; none where it cannot be one.
    pub fn from_cookie(text: &str) -> Option<Self> {
        let digits = text.len() == 64
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        digits.then(|| Self(text.to_owned()))
    }

    /// What the cookie holds.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// As a program shows it: known at sight for what it is, wherever it is found.
    pub fn bearer(&self) -> String {
        format!("{BEARER}{}", self.0)
    }

    /// The token that a program showed; none where it cannot be one.
    pub fn from_bearer(text: &str) -> Option<Self> {
        Self::from_cookie(text.strip_prefix(BEARER)?)
    }

    /// What the database holds of a program's token.
    pub fn access_digest(&self) -> Vec<u8> {
        digest(&["zhiheng.access.v1", &self.0]).to_vec()
    }

    /// What the database holds.
    pub fn digest(&self) -> Vec<u8> {
        digest(&["zhiheng.session.v1", &self.0]).to_vec()
    }

    /// The proof that a form was made for this session.
    pub fn form_token(&self) -> String {
        hex::encode(digest(&["zhiheng.form.v1", &self.0]))
    }

    /// Whether a form's proof is the one of this session.
    pub fn accepts_form(&self, proof: &str) -> bool {
        same(&self.form_token(), proof)
    }

    /// The proof that the desk itself wrote a hidden value into a form of this session.
    pub fn seal(&self, value: &str) -> String {
        hex::encode(digest(&["zhiheng.seal.v1", &self.0, value]))
    }

    /// Whether a hidden value is as the desk wrote it.
    pub fn sealed(&self, value: &str, seal: &str) -> bool {
        same(&self.seal(value), seal)
    }
}

impl Default for Token {
    fn default() -> Self {
        Self::new()
    }
}

/// A new id for a command: the same form sent twice acts once.
pub fn command_id() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(b"\n");
    }
    hasher.finalize().into()
}

/// Compares without telling by the time how far two texts agree.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len()
        && a.bytes()
            .zip(b.bytes())
            .fold(0, |seen, (x, y)| seen | (x ^ y))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proofs_of_one_session_are_no_good_in_another() {
        let (one, two) = (Token::new(), Token::new());
        assert!(one.accepts_form(&one.form_token()));
        assert!(!one.accepts_form(&two.form_token()) && !one.accepts_form(""));
        assert!(one.sealed("v", &one.seal("v")));
        assert!(!one.sealed("w", &one.seal("v")) && !two.sealed("v", &one.seal("v")));
        assert_ne!(one.digest(), two.digest());
        assert_ne!(
            one.digest(),
            one.access_digest(),
            "no session by a token of a program"
        );
    }

    #[test]
    fn a_program_s_token_is_known_by_its_beginning() {
        let token = Token::new();
        let shown = Token::from_bearer(&token.bearer()).unwrap();
        assert_eq!(shown.access_digest(), token.access_digest());
        assert!(Token::from_bearer(token.secret()).is_none());
    }

    #[test]
    fn only_what_can_be_a_token_is_taken_from_a_cookie() {
        let token = Token::new();
        assert!(Token::from_cookie(token.secret()).is_some());
        for text in ["", "abc", &"g".repeat(64), &"A".repeat(64), &"a".repeat(65)] {
            assert!(Token::from_cookie(text).is_none(), "{text}");
        }
    }
}
