//! Finding one amount at the start of a run of characters.

use super::{Fen, MoneyFault, capitals};

/// An amount found at the start of a text.
#[derive(Debug)]
pub(crate) struct Scanned {
    /// The amount, or what is wrong with it.
    pub value: Result<Fen, MoneyFault>,
    /// Characters it takes.
    pub len: usize,
    /// Whether 元, 角, 分 or a currency sign makes it money for certain.
    pub has_unit: bool,
}

/// Longest run of digits looked at: more could not be an amount in `i64` fen.
const DIGITS_MAX: usize = 24;

/// An amount at the start of `chars`, with its currency sign and its 整; `None` when none starts there.
pub(crate) fn scan(chars: &[char]) -> Option<Scanned> {
    let mut reader = Reader { chars, at: 0 };
    let signed = reader.currency();
    let start = reader.at;
    let number = reader.number()?;
    let after_number = reader.at;
    reader.spaces();
    let unit = reader.unit();
    let mut value = match number {
        Number::Exact { mantissa, scale } => in_fen(mantissa, scale, unit.unwrap_or(YUAN)),
        Number::Malformed => Err(Flaw::Numeral),
    };
    match unit {
        Some(unit) => value = value.and_then(|main| reader.small_change(main, unit)),
        None => reader.at = after_number,
    }
    reader.take_any(&["整", "正"]);
    let text = || -> String { chars.iter().take(reader.at).skip(start).collect() };
    Some(Scanned {
        value: value.map(Fen).map_err(|flaw| match flaw {
            Flaw::Numeral => MoneyFault::Numeral(text()),
            Flaw::BelowFen => MoneyFault::BelowFen(text()),
            Flaw::TooLarge => MoneyFault::TooLarge(text()),
        }),
        len: reader.at,
        has_unit: signed || unit.is_some(),
    })
}

/// 元 in fen.
const YUAN: i128 = 100;

enum Flaw {
    Numeral,
    BelowFen,
    TooLarge,
}

#[derive(Clone, Copy)]
enum Number {
    /// `mantissa / 10^scale`.
    Exact { mantissa: i128, scale: u32 },
    /// Numeral characters that make no number.
    Malformed,
}

fn in_fen(mantissa: i128, scale: u32, unit_fen: i128) -> Result<i64, Flaw> {
    let divisor = 10_i128.checked_pow(scale).ok_or(Flaw::TooLarge)?;
    let fen = mantissa.checked_mul(unit_fen).ok_or(Flaw::TooLarge)?;
    if fen % divisor != 0 {
        return Err(Flaw::BelowFen);
    }
    i64::try_from(fen / divisor).map_err(|_| Flaw::TooLarge)
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn rest(&self) -> &[char] {
        self.chars.get(self.at..).unwrap_or_default()
    }

    fn spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn take_any(&mut self, words: &[&str]) -> bool {
        for word in words {
            let len = word.chars().count();
            let found = self.rest().get(..len);
            if found.is_some_and(|found| word.chars().eq(found.iter().copied())) {
                self.at += len;
                return true;
            }
        }
        false
    }

    /// 人民币, ¥ or both; true when a sign makes the unit clear without 元.
    fn currency(&mut self) -> bool {
        let mut signed = false;
        loop {
            self.spaces();
            if self.take_any(&["¥", "￥"]) {
                signed = true;
            } else if !self.take_any(&["人民币"]) {
                return signed;
            }
        }
    }

    fn number(&mut self) -> Option<Number> {
        match self.peek()? {
            c if ascii_digit(c).is_some() => Some(self.arabic()),
            c if capitals::is_numeral(c) => Some(self.chinese()),
            _ => None,
        }
    }

    fn chinese(&mut self) -> Number {
        let start = self.at;
        while self.peek().is_some_and(capitals::is_numeral) {
            self.at += 1;
        }
        let run = self.chars.get(start..self.at).unwrap_or_default();
        match capitals::read_integer(run) {
            Some(value) => Number::Exact {
                mantissa: i128::from(value),
                scale: 0,
            },
            None => Number::Malformed,
        }
    }

    /// `10,000.00`, `4.48万`, `3万5千`: parts of falling multiples.
    fn arabic(&mut self) -> Number {
        let (mut mantissa, mut scale) = (0_i128, 0_u32);
        let mut below = i128::MAX;
        loop {
            let Some((part, part_scale)) = self.decimal() else {
                return Number::Malformed;
            };
            let multiple = self.multiple();
            // A fraction is only for the last part, and parts must fall: 3万5千, not 3千5万.
            if multiple >= below || scale > 0 {
                return Number::Malformed;
            }
            let Some(sum) = part.checked_mul(multiple).and_then(|part| {
                let aligned = mantissa.checked_mul(10_i128.checked_pow(part_scale)?)?;
                aligned.checked_add(part)
            }) else {
                return Number::Malformed;
            };
            (mantissa, scale, below) = (sum, part_scale, multiple);
            if multiple == 1 || self.peek().and_then(ascii_digit).is_none() {
                return Number::Exact { mantissa, scale };
            }
        }
    }

    /// Digits with separators of thousands and a fraction, as (mantissa, decimals).
    fn decimal(&mut self) -> Option<(i128, u32)> {
        let mut digits = self.digits();
        if (1..=3).contains(&digits.len()) {
            while let Some(group) = self.thousands_group() {
                digits.extend(group);
            }
        }
        let mut scale = 0;
        let dotted = matches!(self.peek(), Some('.' | '．'));
        if dotted && self.digit_at(self.at + 1).is_some() {
            self.at += 1;
            let fraction = self.digits();
            scale = u32::try_from(fraction.len()).ok()?;
            digits.extend(fraction);
        }
        if digits.is_empty() || digits.len() > DIGITS_MAX {
            return None;
        }
        let mantissa = digits
            .iter()
            .fold(0_i128, |sum, digit| sum * 10 + i128::from(*digit));
        Some((mantissa, scale))
    }

    fn digit_at(&self, at: usize) -> Option<u8> {
        self.chars.get(at).copied().and_then(ascii_digit)
    }

    fn digits(&mut self) -> Vec<u8> {
        let mut digits = Vec::new();
        while let Some(digit) = self.digit_at(self.at) {
            digits.push(digit);
            self.at += 1;
        }
        digits
    }

    /// A comma and exactly three digits: any other comma ends a clause.
    fn thousands_group(&mut self) -> Option<[u8; 3]> {
        if !matches!(self.peek()?, ',' | '，') || self.digit_at(self.at + 4).is_some() {
            return None;
        }
        let group = [
            self.digit_at(self.at + 1)?,
            self.digit_at(self.at + 2)?,
            self.digit_at(self.at + 3)?,
        ];
        self.at += 4;
        Some(group)
    }

    /// 十 to 亿 after Arabic digits (万亿 is the product), 1 when there is none.
    fn multiple(&mut self) -> i128 {
        let mut product = 1;
        let before = self.at;
        self.spaces();
        while let Some(factor) = self.peek().and_then(multiple) {
            product *= factor;
            self.at += 1;
            if product > 1_000_000_000_000 {
                break;
            }
        }
        if product == 1 {
            self.at = before;
        }
        product
    }

    /// 元, 角 or 分, in fen.
    fn unit(&mut self) -> Option<i128> {
        if self.take_any(&["元", "圆", "圓"]) {
            Some(YUAN)
        } else if self.take_any(&["角"]) {
            Some(10)
        } else if self.take_any(&["分"]) {
            Some(1)
        } else {
            None
        }
    }

    /// The 角 and 分 that follow a greater unit, added to what is there.
    fn small_change(&mut self, main: i64, unit: i128) -> Result<i64, Flaw> {
        let mut total = main;
        for (name, fen) in [("角", 10), ("分", 1)] {
            let before = self.at;
            if i128::from(fen) < unit
                && let Some(digit) = self.bridged_digit()
                && self.take_any(&[name])
            {
                total = total.checked_add(digit * fen).ok_or(Flaw::TooLarge)?;
            } else {
                self.at = before;
            }
        }
        Ok(total)
    }

    /// One digit, in either script, with a 零 that may stand before it.
    fn bridged_digit(&mut self) -> Option<i64> {
        let value = |c: char| ascii_digit(c).map(u64::from).or_else(|| capitals::digit(c));
        let first = value(self.peek()?)?;
        self.at += 1;
        let digit = match self.peek().and_then(value) {
            Some(second) if first == 0 => {
                self.at += 1;
                second
            }
            Some(_) => return None,
            None => first,
        };
        i64::try_from(digit).ok()
    }
}

fn ascii_digit(c: char) -> Option<u8> {
    let half = match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0'))?,
        _ => c,
    };
    half.to_digit(10).and_then(|digit| u8::try_from(digit).ok())
}

fn multiple(c: char) -> Option<i128> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1_000,
        '万' | '萬' => 10_000,
        '亿' | '億' => 100_000_000,
        _ => return None,
    })
}
