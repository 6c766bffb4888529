//! Texts of laws as a bureau loads them: articles, paragraphs (款), items (项), versions by day, citations resolved.
//!
//! The product ships no text. A text is read strictly: an article, paragraph or item that is missing or cannot be
//! told apart would show an officer the wrong words, so it is refused with its line.

mod cite;
mod library;
mod number;
mod read;

use std::fmt;

use jiff::civil::Date;

pub use cite::{Citation, Named, Place, citations};
pub use library::{Library, Link, Version};
pub use number::{ArticleNumber, chinese, numeral};
pub use read::read;

/// The text of one version of a law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LawText {
    /// Full title, as 中华人民共和国行政处罚法.
    pub title: String,
    /// Number of the document (文号) that the file gives last, as 国务院令第736号.
    pub number: Option<String>,
    /// Lines between title and text, in the order of the file: when it was passed, published, revised.
    pub history: Vec<String>,
    /// Day of the last of them: the version, where the file says one.
    pub made_on: Option<Date>,
    /// First day in force of this version, where the file leaves no doubt about it.
    pub in_force_from: Option<Date>,
    /// Articles in order.
    pub articles: Vec<Article>,
}

/// One article (条).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Its number.
    pub number: ArticleNumber,
    /// Part, chapter and section that it stands in, from the outermost.
    pub headings: Vec<String>,
    /// Paragraphs, the first is 第一款.
    pub paragraphs: Vec<Paragraph>,
}

/// One paragraph (款).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// Words before the items, or all.
    pub text: String,
    /// Items (项), the first is 第一项.
    pub items: Vec<Item>,
}

/// One item (项), with its mark as 「（一）」.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Words.
    pub text: String,
    /// Points below it (目).
    pub points: Vec<String>,
}

/// Why a file cannot be read as a law, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct TextFault {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong there, and what would be right.
    pub what: String,
}

impl fmt::Display for TextFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "第{}行：{}", self.line, self.what)
    }
}

impl LawText {
    /// Title without 中华人民共和国: what packs and papers cite it by, and its key.
    pub fn short_title(&self) -> &str {
        short_title(&self.title)
    }

    /// The article with that number.
    pub fn article(&self, number: ArticleNumber) -> Option<&Article> {
        let found = self.articles.binary_search_by_key(&number, |a| a.number);
        found.ok().and_then(|at| self.articles.get(at))
    }
}

/// A title without 中华人民共和国.
pub fn short_title(title: &str) -> &str {
    title.strip_prefix("中华人民共和国").unwrap_or(title)
}

#[cfg(test)]
mod tests;
