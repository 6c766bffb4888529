//! Numbers of articles, and Chinese numerals as laws use them.

use std::fmt;

use serde::{Deserialize, Serialize};

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
const UNITS: [(u16, char); 3] = [(1000, '千'), (100, '百'), (10, '十')];

/// Number of an article: 第十条之一 is 10 and 1, 第十条 is 10 and 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ArticleNumber {
    /// 第…条.
    pub main: u16,
    /// 之…, 0 where there is none.
    pub inserted: u16,
}

impl ArticleNumber {
    /// Whether this number may stand right behind that one (none at the beginning).
    pub fn follows(self, before: Option<Self>) -> bool {
        match before {
            None => (self.main, self.inserted) == (1, 0),
            Some(b) => {
                (self.main == b.main && self.inserted == b.inserted + 1)
                    || (self.main == b.main + 1 && self.inserted == 0)
            }
        }
    }

    /// As it stands in an address: `10` or `10-1`.
    pub fn key(self) -> String {
        match self.inserted {
            0 => self.main.to_string(),
            n => format!("{}-{n}", self.main),
        }
    }

    /// The number with that key.
    pub fn from_key(key: &str) -> Option<Self> {
        let (main, inserted) = match key.split_once('-') {
            Some((main, inserted)) => (main, inserted.parse().ok()?),
            None => (key, 0),
        };
        let main = main.parse().ok()?;
        Some(Self { main, inserted })
    }

    /// Reads 第…条 or 第…条之… at the beginning; with what comes behind.
    pub fn read(text: &str) -> Option<(Self, &str)> {
        let (main, rest) = ordinal(text, "条")?;
        let inserted = rest.strip_prefix('之').and_then(leading_numeral);
        let (inserted, rest) = inserted.unwrap_or((0, rest));
        Some((Self { main, inserted }, rest))
    }
}

impl fmt::Display for ArticleNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "第{}条", chinese(self.main))?;
        match self.inserted {
            0 => Ok(()),
            n => write!(f, "之{}", chinese(n)),
        }
    }
}

/// Reads 第…`unit` at the beginning; with what comes behind.
pub(super) fn ordinal<'t>(text: &'t str, unit: &str) -> Option<(u16, &'t str)> {
    let (number, rest) = leading_numeral(text.strip_prefix('第')?)?;
    Some((number, rest.strip_prefix(unit)?))
}

/// Reads a numeral at the beginning, in Chinese or digits; with what comes behind.
pub(super) fn leading_numeral(text: &str) -> Option<(u16, &str)> {
    let is_part = |c: char| {
        c.is_ascii_digit() || c == '〇' || DIGITS.contains(&c) || UNITS.iter().any(|u| u.1 == c)
    };
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let (head, rest) = text.split_at(end);
    Some((numeral(head)?, rest))
}

/// The number that a numeral from 1 to 9999 says: 一百零一, 十, 二十三, or digits.
pub fn numeral(text: &str) -> Option<u16> {
    if !text.is_empty() && text.len() <= 4 && text.chars().all(|c| c.is_ascii_digit()) {
        return text.parse().ok().filter(|n| *n > 0);
    }
    let text = text.replace('〇', "零");
    let read = read_numeral(&text)?;
    // Only what is written as it should be: 一十一百 is a slip, not a number.
    let usual = chinese(read);
    let full = usual.starts_with('十') && text == format!("一{usual}");
    (text == usual || full).then_some(read)
}

fn read_numeral(text: &str) -> Option<u16> {
    let (mut sum, mut digit) = (0_u16, None);
    for c in text.chars() {
        if let Some(value) = DIGITS.iter().position(|d| *d == c) {
            digit = Some(u16::try_from(value).ok()?);
        } else {
            let unit = UNITS.iter().find(|u| u.1 == c)?.0;
            sum = sum.checked_add(digit.take().unwrap_or(1).checked_mul(unit)?)?;
        }
    }
    let read = sum.checked_add(digit.unwrap_or(0))?;
    (1..=9999).contains(&read).then_some(read)
}

/// A number from 1 to 9999 as laws write it; digits beyond.
pub fn chinese(number: u16) -> String {
    if !(1..=9999).contains(&number) {
        return number.to_string();
    }
    let (mut out, mut rest, mut gap) = (String::new(), number, false);
    for (unit, name) in UNITS {
        let digit = rest / unit;
        rest %= unit;
        if digit == 0 {
            gap = gap || !out.is_empty();
            continue;
        }
        if gap {
            out.push('零');
            gap = false;
        }
        // 十一, but 一百一十.
        if !(unit == 10 && digit == 1 && out.is_empty()) {
            out.push(DIGITS[usize::from(digit)]);
        }
        out.push(name);
    }
    if rest > 0 {
        if gap {
            out.push('零');
        }
        out.push(DIGITS[usize::from(rest)]);
    }
    out
}
