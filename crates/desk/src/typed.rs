//! What a person typed into a form: names and values of its inputs, kept as they came.
//!
//! It is what a page is drawn from, what a draft keeps, and what survives a refusal; reading it into the
//! fields of a command is another matter ([`crate::form::read`]).

use serde::{Deserialize, Serialize};

/// Inputs that one form may have; the largest honest ones have some hundreds.
pub const INPUTS_MAX: usize = 10_000;

/// Names and values of inputs, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Typed {
    pairs: Vec<(String, String)>,
}

impl Typed {
    /// Reads a body of type `application/x-www-form-urlencoded`.
    pub fn parse(body: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(body).take(INPUTS_MAX);
        Self {
            pairs: pairs
                .map(|(name, value)| (name.into_owned(), lines(&value)))
                .collect(),
        }
    }

    /// The first value of an input, trimmed; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).map_or("", str::trim)
    }

    /// The first value of an input as it was typed.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every value of an input, such as the ticked boxes of a list.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the box of that value is ticked.
    pub fn ticked(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|v| v == value)
    }

    /// Whether there is an input with that name.
    pub fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(n, _)| n == name)
    }

    /// Whether anything but blanks stands in an input of that name or of those below it (`name.…`).
    pub fn is_filled(&self, name: &str) -> bool {
        let is_of = |other: &str| {
            let rest = other.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.pairs
            .iter()
            .any(|(other, value)| is_of(other) && !value.trim().is_empty())
    }

    /// Adds a value.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.pairs.push((name.into(), lines(&value.into())));
    }

    /// Puts one value in place of whatever the input had.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.push(name, value);
    }

    /// Takes an input away.
    pub fn remove(&mut self, name: &str) {
        self.pairs.retain(|(n, _)| n != name);
    }

    /// Every input whose name begins so, without the others.
    pub fn only(&self, prefix: &str) -> Self {
        Self {
            pairs: self
                .pairs
                .iter()
                .filter(|(n, _)| n.starts_with(prefix))
                .cloned()
                .collect(),
        }
    }

    /// Adds the inputs of another that this one does not have.
    pub fn fill_from(&mut self, other: &Self) {
        let new: Vec<_> = other
            .pairs
            .iter()
            .filter(|(name, _)| !self.has(name))
            .cloned()
            .collect();
        self.pairs.extend(new);
    }

    /// The numbers of the rows under a prefix such as `f.parties.`, ascending, each once.
    pub fn rows(&self, prefix: &str) -> Vec<usize> {
        let mut rows: Vec<usize> = self
            .pairs
            .iter()
            .filter_map(|(name, _)| name.strip_prefix(prefix)?.split('.').next()?.parse().ok())
            .filter(|row| *row < INPUTS_MAX)
            .collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// All names and values.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }
}

/// Browsers send line ends as CR LF; they are kept as LF.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_in_order_with_chinese_and_line_ends() {
        let typed =
            Typed::parse("f.a=%E6%9F%90%E5%8E%82&f.b=1%0D%0A2&f.c=x&f.c=y&bad=%ff".as_bytes());
        assert_eq!(typed.text("f.a"), "某厂");
        assert_eq!(typed.get("f.b"), Some("1\n2"));
        assert_eq!(typed.all("f.c").collect::<Vec<_>>(), ["x", "y"]);
        assert!(typed.ticked("f.c", "y") && !typed.ticked("f.c", "z"));
        assert_eq!(
            typed.text("bad"),
            "\u{fffd}",
            "bytes that are no text do not stop a form"
        );
    }

    #[test]
    fn rows_are_found_by_their_numbers_whatever_their_order() {
        let typed =
            Typed::parse(b"f.p.2.name=b&f.p.0.name=a&f.p.2.code=c&f.p.x.name=d&f.q.9.name=e");
        assert_eq!(typed.rows("f.p."), [0, 2]);
    }

    #[test]
    fn what_was_typed_goes_before_what_was_filled_in() {
        let mut typed = Typed::parse(b"f.a=");
        typed.fill_from(&Typed::parse(b"f.a=1&f.b=2"));
        assert_eq!((typed.text("f.a"), typed.text("f.b")), ("", "2"));
    }
}
