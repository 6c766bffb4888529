//! Chinese numerals: writing amounts in capitals, reading numerals in capitals or plain characters.

use super::Fen;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES: [(&str, u64); 4] = [("仟", 1000), ("佰", 100), ("拾", 10), ("", 1)];
const WAN: u64 = 10_000;
const YI: u64 = 100_000_000;

/// Ends in 整 when there is no fen, as the rules for bills ask after 元 and allow after 角.
pub(super) fn write(amount: Fen) -> String {
    let fen = amount.0.unsigned_abs();
    let (yuan, jiao, fen) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut text = String::new();
    if amount.0 < 0 {
        text.push('负');
    }
    if yuan > 0 || (jiao == 0 && fen == 0) {
        push_integer(&mut text, yuan);
        text.push('元');
    }
    if jiao > 0 {
        push_digit(&mut text, jiao);
        text.push('角');
    } else if yuan > 0 && fen > 0 {
        text.push('零');
    }
    if fen > 0 {
        push_digit(&mut text, fen);
        text.push('分');
    } else {
        text.push('整');
    }
    text
}

fn push_digit(text: &mut String, digit: u64) {
    text.extend(usize::try_from(digit).ok().and_then(|at| DIGITS.get(at)));
}

fn push_integer(text: &mut String, number: u64) {
    for (unit, name) in [(YI, '亿'), (WAN, '万')] {
        if number >= unit {
            push_integer(text, number / unit);
            text.push(name);
            let rest = number % unit;
            if rest > 0 {
                if rest < unit / 10 {
                    text.push('零');
                }
                push_integer(text, rest);
            }
            return;
        }
    }
    push_section(text, number);
}

/// A number below ten thousand, one 零 for each inner gap.
fn push_section(text: &mut String, number: u64) {
    let mut rest = number;
    let mut gap = false;
    for (name, place) in PLACES {
        let digit = rest / place;
        rest %= place;
        if digit > 0 {
            if gap {
                text.push('零');
            }
            push_digit(text, digit);
            text.push_str(name);
        }
        gap = digit == 0 && number >= place && rest > 0;
    }
    if number == 0 {
        text.push('零');
    }
}

/// The value of a digit character, capital or plain.
pub(super) fn digit(c: char) -> Option<u64> {
    Some(match c {
        '零' | '〇' => 0,
        '壹' | '一' => 1,
        '贰' | '貳' | '二' | '两' => 2,
        '叁' | '叄' | '三' => 3,
        '肆' | '四' => 4,
        '伍' | '五' => 5,
        '陆' | '陸' | '六' => 6,
        '柒' | '七' => 7,
        '捌' | '八' => 8,
        '玖' | '九' => 9,
        _ => return None,
    })
}

fn place(c: char) -> Option<u64> {
    Some(match c {
        '拾' | '十' => 10,
        '佰' | '百' => 100,
        '仟' | '千' => 1000,
        _ => return None,
    })
}

/// Whether the character can stand in a Chinese whole number.
pub(super) fn is_numeral(c: char) -> bool {
    digit(c).is_some() || place(c).is_some() || matches!(c, '万' | '萬' | '亿' | '億')
}

/// Reads a whole number such as 壹万壹仟 or 一百零五; `None` when it is not well formed or too large.
pub(super) fn read_integer(chars: &[char]) -> Option<u64> {
    if let [only] = chars
        && digit(*only) == Some(0)
    {
        return Some(0);
    }
    let value = read_positive(chars, false)?;
    (value > 0).then_some(value)
}

/// `inner` is true below a larger unit, where a gap is bridged by 零.
fn read_positive(chars: &[char], inner: bool) -> Option<u64> {
    for (unit, names) in [(YI, ['亿', '億']), (WAN, ['万', '萬'])] {
        if let Some(at) = chars.iter().rposition(|c| names.contains(c)) {
            let (high, low) = (chars.get(..at)?, chars.get(at + 1..)?);
            // 万万 is no number; 万亿 and 亿亿 are.
            if unit == WAN && high.iter().any(|c| names.contains(c)) {
                return None;
            }
            let high = read_positive(high, inner)?;
            let low = if low.is_empty() {
                0
            } else {
                read_positive(low, true)?
            };
            if high == 0 || low >= unit {
                return None;
            }
            return high.checked_mul(unit)?.checked_add(low);
        }
    }
    read_section(chars, inner)
}

/// A number below ten thousand.
fn read_section(chars: &[char], inner: bool) -> Option<u64> {
    let mut rest = chars;
    let mut total = 0;
    let mut below = WAN;
    while let Some((&first, after)) = rest.split_first() {
        let bridged = digit(first) == Some(0);
        if bridged && below == WAN && !inner {
            return None;
        }
        let body = if bridged { after } else { rest };
        let (value, unit, used) = match body {
            [d, p, ..] if digit(*d).is_some() && place(*p).is_some() => (digit(*d)?, place(*p)?, 2),
            // 十五 at the very start: the one is not written.
            [p, ..] if place(*p) == Some(10) && below == WAN => (1, 10, 1),
            [d, ..] => (digit(*d)?, 1, 1),
            [] => return None,
        };
        // 三百五 and 三万五 could mean 350 and 35000: a bare last digit needs 零 or 十 before it.
        let colloquial = unit == 1 && !bridged && (below > 10 && (below < WAN || inner));
        if value == 0 || unit >= below || colloquial {
            return None;
        }
        total += value * unit;
        below = unit;
        rest = body.get(used..)?;
    }
    (below < WAN).then_some(total)
}
