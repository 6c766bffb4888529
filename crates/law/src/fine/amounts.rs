//! Amounts in a decision that are fines, by the words around them.

use crate::money::{Fen, scan};

const FINE: &str = "罚款";
/// Words that may stand between 罚款 and its amount; those with a comma first, as a comma alone ends the clause.
const BRIDGES: [&str; 29] = [
    "，即",
    "，计",
    "，共计",
    "，合计",
    "，总计",
    "，金额",
    "，数额",
    "，共",
    ",即",
    ",计",
    ",共计",
    ",合计",
    "共计",
    "合计",
    "总计",
    "总共",
    "金额",
    "数额",
    "人民币",
    "大写",
    "即",
    "计",
    "共",
    "为",
    "：",
    ":",
    "（",
    "(",
    "）",
];
/// Words that make a sum of fines.
const TOTALS: [&str; 6] = ["共计", "合计", "总计", "总共", "合并", "共"];
/// Words before 罚款 that make it a mention of a fine imposed (or only proposed) elsewhere.
const MENTIONED: [&str; 15] = [
    "将",
    "缴纳",
    "交纳",
    "缴清",
    "上述",
    "前述",
    "该",
    "原",
    "原处",
    "拟",
    "拟处",
    "拟处以",
    "拟给予",
    "拟作出",
    "拟决定",
];
/// What follows the bounds of a range.
const RANGE_AFTER: [&str; 9] = ["以上", "以下", "以内", "至", "到", "-", "—", "~", "～"];
/// What stands before the upper bound of a range.
const RANGE_BEFORE: [&str; 8] = ["至", "到", "-", "—", "~", "～", "不超过", "最高"];

/// What an amount of fine is to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A fine of its own.
    Item,
    /// 共计罚款3万元: sums up what went before.
    Total,
    /// 罚款共计3万元: a sum of its own parts or of what went before.
    LooseTotal,
    /// 共计3万元, without 罚款, right after fines.
    BareTotal,
}

impl Role {
    /// Whether it replaces smaller fines before it even when it is not their sum; `each` says they were given per head.
    pub(super) fn is_strong(self, each: bool) -> bool {
        self == Self::Total || (each && self != Self::Item)
    }
}

/// An amount of fine in the order of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mention {
    /// How much.
    pub amount: Fen,
    /// As what.
    pub role: Role,
    /// Whether the sentence gave fines per head before it (分别, 各, 每).
    pub each: bool,
}

/// The fines named in a decision, in order.
pub(super) fn mentions(section: &str) -> Vec<Mention> {
    let chars: Vec<char> = section
        .trim()
        .chars()
        // A line ends a clause; other blanks mean nothing.
        .map(|c| if c == '\n' { '；' } else { c })
        .filter(|c| !c.is_whitespace())
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let Some(scanned) = chars.get(at..).and_then(scan) else {
            at += 1;
            continue;
        };
        let place = Place {
            before: chars.get(..at).unwrap_or_default(),
            after: chars.get(at + scanned.len..).unwrap_or_default(),
        };
        if let Ok(amount) = scanned.value
            && let Some(role) = place.role(scanned.has_unit)
        {
            found.push(Mention {
                amount,
                role,
                each: place.each(),
            });
        }
        at += scanned.len.max(1);
    }
    found
}

/// An amount's surroundings.
struct Place<'a> {
    before: &'a [char],
    after: &'a [char],
}

impl Place<'_> {
    fn role(&self, has_unit: bool) -> Option<Role> {
        if starts_with_any(self.after, &RANGE_AFTER) || ends_with_any(self.before, &RANGE_BEFORE) {
            return None;
        }
        self.role_after_word(has_unit)
            .or_else(|| has_unit.then(|| self.role_before_word()).flatten())
            .or_else(|| has_unit.then(|| self.bare_total()).flatten())
    }

    /// 罚款…5000元. A bare number counts (罚款2000整), one with a unit of its own does not (罚款2倍).
    fn role_after_word(&self, has_unit: bool) -> Option<Role> {
        if !has_unit && self.after.first().is_some_and(|c| !ends_clause(*c)) {
            return None;
        }
        let (head, bridged) = strip_bridges(self.before);
        let (lead, word) = match strip_end(head, FINE) {
            Some(lead) => (lead, FINE),
            None => (strip_end(head, "罚").filter(|_| has_unit)?, "罚"),
        };
        if ends_with_any(lead, &MENTIONED) {
            return None;
        }
        let verb = strip_verbs(lead);
        if ends_with_any(verb, &TOTALS) {
            return Some(Role::Total);
        }
        let sums = word == FINE && TOTALS.iter().any(|total| bridged.contains(*total));
        Some(if sums { Role::LooseTotal } else { Role::Item })
    }

    /// 5000元罚款, 5000元（¥5000）的罚款, unless the word belongs to the next amount.
    fn role_before_word(&self) -> Option<Role> {
        let mut rest = self.after;
        if let Some('（' | '(') = rest.first() {
            let close = rest.iter().position(|c| matches!(c, '）' | ')'))?;
            rest = rest.get(close + 1..)?;
        }
        rest = strip_start(rest, "人民币").unwrap_or(rest);
        rest = strip_start(rest, "的").unwrap_or(rest);
        let beyond = strip_start(rest, FINE)?;
        if owns_next_amount(beyond) || ends_with_any(self.before, &MENTIONED) {
            return None;
        }
        let total = ends_with_any(strip_verbs(self.before), &TOTALS);
        Some(if total { Role::Total } else { Role::Item })
    }

    /// 罚款1000元，罚款2000元，共计3000元: at a clause's start, and nothing confiscated could be in it.
    fn bare_total(&self) -> Option<Role> {
        let total = TOTALS
            .iter()
            .find_map(|total| strip_end(strip_end_opt(self.before, "人民币"), total))?;
        let lead = ["以上", "上述", "两项", "各项"]
            .iter()
            .fold(total, |lead, word| strip_end_opt(lead, word));
        let at_start = lead.last().is_some_and(|c| ends_clause(*c));
        let confiscates = self.before.windows(2).any(|pair| pair == ['没', '收']);
        (at_start && !confiscates).then_some(Role::BareTotal)
    }

    fn each(&self) -> bool {
        let sentence = self
            .before
            .rsplit(|c| *c == '。')
            .next()
            .unwrap_or_default();
        sentence.iter().any(|c| matches!(c, '各' | '每'))
            || sentence.windows(2).any(|pair| pair == ['分', '别'])
    }
}

/// Whether the text after 罚款 goes on to its own amount.
fn owns_next_amount(after: &[char]) -> bool {
    let mut rest = after;
    while let Some(next) = BRIDGES.iter().find_map(|bridge| strip_start(rest, bridge)) {
        rest = next;
    }
    scan(rest).is_some_and(|scanned| scanned.has_unit)
}

/// Takes the bridging words off the end; returns them too.
fn strip_bridges(before: &[char]) -> (&[char], String) {
    let mut rest = before;
    while let Some(next) = BRIDGES.iter().find_map(|bridge| strip_end(rest, bridge)) {
        rest = next;
    }
    let bridged = before.get(rest.len()..).unwrap_or_default();
    (rest, bridged.iter().collect())
}

/// Takes 处, 处以, 给予, 人民币 … off the end.
fn strip_verbs(before: &[char]) -> &[char] {
    let mut rest = before;
    while let Some(next) = ["处以", "处", "给予", "予以", "人民币", "以"]
        .iter()
        .find_map(|verb| strip_end(rest, verb))
    {
        rest = next;
    }
    rest
}

fn ends_clause(c: char) -> bool {
    matches!(
        c,
        '，' | ',' | '。' | '；' | ';' | '、' | '（' | '(' | '）' | ')'
    )
}

fn strip_end<'a>(chars: &'a [char], word: &str) -> Option<&'a [char]> {
    let at = chars.len().checked_sub(word.chars().count())?;
    let (rest, end) = chars.split_at_checked(at)?;
    word.chars().eq(end.iter().copied()).then_some(rest)
}

fn strip_end_opt<'a>(chars: &'a [char], word: &str) -> &'a [char] {
    strip_end(chars, word).unwrap_or(chars)
}

fn strip_start<'a>(chars: &'a [char], word: &str) -> Option<&'a [char]> {
    let (start, rest) = chars.split_at_checked(word.chars().count())?;
    word.chars().eq(start.iter().copied()).then_some(rest)
}

fn ends_with_any(chars: &[char], words: &[&str]) -> bool {
    words.iter().any(|word| strip_end(chars, word).is_some())
}

fn starts_with_any(chars: &[char], words: &[&str]) -> bool {
    words.iter().any(|word| strip_start(chars, word).is_some())
}
