//! Cutting a text into its parts, to keep only what decides.

/// Headings under which a decision stands.
const DECISION_HEADS: [&str; 9] = [
    "处罚决定",
    "处罚内容",
    "处罚结果",
    "处理决定",
    "处理结果",
    "决定内容",
    "决定如下",
    "如下处罚",
    "如下行政处罚",
];
/// Headings of the other parts, which end a decision, each with the marks that may follow it: some clerks type a
/// semicolon after 违法事实, or open the basis with the law's name at once.
const OTHER_HEADS: [(&str, &str); 7] = [
    ("违法事实", ":：；"),
    ("案件事实", ":：；"),
    ("处罚依据", ":：《"),
    ("法律依据", ":：《"),
    ("触发条件", ":："),
    ("处罚种类", ":："),
    ("救济途径", ":："),
];

/// The bodies under decision headings, quoted law taken out; empty when the text has no such heading.
pub(super) fn decisions(text: &str) -> Vec<String> {
    let mut bodies = Vec::new();
    let mut open: Option<usize> = None;
    for head in heads(text) {
        if let Some(start) = open.take() {
            bodies.push(unquoted(text.get(start..head.start).unwrap_or_default()));
        }
        if head.decides {
            open = Some(head.end);
        }
    }
    if let Some(start) = open {
        bodies.push(unquoted(text.get(start..).unwrap_or_default()));
    }
    bodies
}

/// Where the decision of a text without headings may be, best guess first: from 决定 on in its last part, then that
/// part, then all of it from 决定 on, then all of it.
pub(super) fn unlabelled(text: &str) -> Vec<String> {
    let last_part = heads(text)
        .last()
        .and_then(|head| text.get(head.end..))
        .unwrap_or(text);
    let last_line = last_part.trim().lines().last().unwrap_or_default();
    let mut guesses = Vec::new();
    for part in [last_line, last_part, text] {
        let part = unquoted(part);
        if let Some(from) = part.find("决定") {
            guesses.push(part.get(from..).unwrap_or_default().to_owned());
        }
        guesses.push(part);
    }
    guesses
}

struct Head {
    start: usize,
    end: usize,
    decides: bool,
}

/// Every heading, in order.
fn heads(text: &str) -> Vec<Head> {
    let mut found: Vec<Head> = Vec::new();
    let deciding = DECISION_HEADS.iter().map(|label| (*label, ":：", true));
    let others = OTHER_HEADS
        .iter()
        .map(|(label, marks)| (*label, *marks, false));
    for (label, marks, decides) in deciding.chain(others) {
        for (start, _) in text.match_indices(label) {
            let after = start + label.len();
            let rest = text.get(after..).unwrap_or_default();
            let trimmed = rest.trim_start_matches([' ', '\t', '\u{3000}']);
            let Some(mark) = trimmed.chars().next().filter(|c| marks.contains(*c)) else {
                continue;
            };
            found.push(Head {
                start,
                // An opening 《 belongs to the body: its title is taken out whole.
                end: after
                    + (rest.len() - trimmed.len())
                    + if mark == '《' { 0 } else { mark.len_utf8() },
                decides,
            });
        }
    }
    found.sort_by_key(|head| head.start);
    found
}

/// The text without 《titles》 and without “quotations”; an unclosed mark is left as it is.
fn unquoted(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['《', '“']) {
        let (before, quoted) = rest.split_at(at);
        kept.push_str(before);
        let close = if quoted.starts_with('《') {
            '》'
        } else {
            '”'
        };
        match quoted.find(close) {
            Some(end) => rest = quoted.get(end + close.len_utf8()..).unwrap_or_default(),
            None => {
                rest = quoted;
                break;
            }
        }
    }
    kept.push_str(rest);
    kept
}
