//! Citations as packs and papers write them: 《行政处罚法》第四十八条第一款、第五十条；国办发〔2018〕118号.

use std::ops::Range;

use super::{
    ArticleNumber,
    number::{leading_numeral, ordinal},
};

/// Which text is cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// By title, short or full.
    Title(String),
    /// By the number of the document.
    Number(String),
}

/// Article, paragraph and item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// 条.
    pub article: ArticleNumber,
    /// 款.
    pub paragraph: Option<u16>,
    /// 项.
    pub item: Option<u16>,
}

/// One citation in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// Where it stands, in bytes.
    pub span: Range<usize>,
    /// What it cites.
    pub law: Named,
    /// The place in it, none for the whole.
    pub place: Option<Place>,
    /// Last place of 第…条至第…条.
    pub to: Option<Place>,
}

/// Every citation in a text, in order; they do not overlap.
pub fn citations(text: &str) -> Vec<Citation> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(next) = text[at..].find(['《', '〔']) {
        let open = at + next;
        at = if text[open..].starts_with('《') {
            titled(text, open, &mut found)
        } else {
            numbered(text, at, open, &mut found)
        };
    }
    found
}

/// A title and the places behind it; gives where to look on.
fn titled(text: &str, open: usize, found: &mut Vec<Citation>) -> usize {
    let from = open + '《'.len_utf8();
    let Some(len) = text[from..].find('》') else {
        return text.len();
    };
    let law = Named::Title(text[from..from + len].to_owned());
    let closed = from + len + '》'.len_utf8();
    let push = |found: &mut Vec<Citation>, span, place, to| {
        let law = law.clone();
        found.push(Citation {
            span,
            law,
            place,
            to,
        });
    };
    let Some((first, end)) = place_at(text, closed, None) else {
        push(found, open..closed, None, None);
        return closed;
    };
    let (mut start, mut place, mut end) = (open, first, end);
    loop {
        let to = after(text, end, &["至", "到"]).and_then(|at| place_at(text, at, Some(place)));
        let last = to.map_or(place, |(to, _)| to);
        end = to.map_or(end, |(_, end)| end);
        push(found, start..end, Some(place), to.map(|(to, _)| to));
        let joints = ["、", "和", "，", "及", "或者", "；"];
        let next =
            after(text, end, &joints).and_then(|at| Some((at, place_at(text, at, Some(last))?)));
        let Some((at, (following, its_end))) = next else {
            return end;
        };
        (start, place, end) = (at, following, its_end);
    }
}

fn after(text: &str, at: usize, words: &[&str]) -> Option<usize> {
    let rest = &text[at..];
    let met = words.iter().find(|word| rest.starts_with(**word))?;
    Some(at + met.len())
}

/// A place and its end; 第二款 or 第三项 alone goes on with the place before.
fn place_at(text: &str, at: usize, before: Option<Place>) -> Option<(Place, usize)> {
    let rest = &text[at..];
    let of_article = ArticleNumber::read(rest).map(|(article, rest)| {
        let place = Place {
            article,
            paragraph: None,
            item: None,
        };
        (place, rest)
    });
    let (mut place, rest) = match (of_article, before) {
        (Some(found), _) => found,
        (None, Some(before)) => (
            Place {
                item: None,
                ..before
            },
            rest,
        ),
        (None, None) => return None,
    };
    let mut tail = rest;
    if let Some((paragraph, rest)) = ordinal(tail, "款") {
        place.paragraph = Some(paragraph);
        tail = rest;
    }
    let item = bracketed(tail, "项").or_else(|| ordinal(tail, "项"));
    if let Some((item, rest)) = item {
        place.item = Some(item);
        tail = rest;
    }
    let end = text.len() - tail.len();
    (end > at).then_some((place, end))
}

/// 第（三）项.
fn bracketed<'t>(text: &'t str, unit: &str) -> Option<(u16, &'t str)> {
    let rest = text.strip_prefix('第')?.strip_prefix(['（', '('])?;
    let (number, rest) = leading_numeral(rest)?;
    Some((number, rest.strip_prefix(['）', ')'])?.strip_prefix(unit)?))
}

/// A number of a document around `〔`; gives where to look on.
fn numbered(text: &str, floor: usize, open: usize, found: &mut Vec<Citation>) -> usize {
    let from = open + '〔'.len_utf8();
    let end = number_end(&text[from..]).map(|len| from + len);
    let Some(end) = end else { return from };
    let stops = |c: char| !('\u{4e00}'..='\u{9fff}').contains(&c);
    let head = &text[floor..open];
    let begin = head.rfind(stops).map_or(floor, |at| {
        floor + at + head[at..].chars().next().map_or(0, char::len_utf8)
    });
    let issuer = &text[begin..open];
    let words = ["根据", "依据", "按照", "依照", "按", "依", "和", "及"];
    let begin = words
        .iter()
        .find(|word| issuer.starts_with(**word))
        .map_or(begin, |word| begin + word.len());
    if begin < open {
        found.push(Citation {
            span: begin..end,
            law: Named::Number(text[begin..end].to_owned()),
            place: None,
            to: None,
        });
    }
    end
}

/// Length of `2018〕118号`.
fn number_end(text: &str) -> Option<usize> {
    let (year, rest) = text.split_once('〕')?;
    let (number, rest) = rest.split_once('号')?;
    let digits = |t: &str| !t.is_empty() && t.chars().all(|c| c.is_ascii_digit());
    (digits(year) && digits(number)).then(|| text.len() - rest.len())
}
