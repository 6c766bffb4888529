//! 公民身份号码 (GB 11643).

use jiff::civil::Date;

use super::{
    CodeFault, CodeKind, check_region, compact_date, expect_chars, expect_length, normalise,
};

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// By the remainder of the weighted sum.
const CHECK_CHARS: &str = "10X98765432";
/// Before it nobody alive at the census of 1953 was born; a year that early is a slip of the pen.
const BIRTH_YEAR_MIN: i16 = 1840;

/// Checks 18 characters of GB 11643; with `today`, also that the birth date is not after it.
///
/// # Errors
/// [`CodeFault`] saying what is wrong and where.
pub fn check_citizen(code: &str, today: Option<Date>) -> Result<(), CodeFault> {
    const KIND: CodeKind = CodeKind::Citizen;
    let code = normalise(code);
    if code.len() == 15 && code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(CodeFault::FifteenDigits);
    }
    expect_length(&code, KIND, 18)?;
    let (body, last): (String, String) = (
        code.chars().take(17).collect(),
        code.chars().skip(17).collect(),
    );
    expect_chars(&body, KIND, 1, |c| c.is_ascii_digit())?;
    expect_chars(&last, KIND, 18, |c| c.is_ascii_digit() || c == 'X')?;
    let part = |range: std::ops::Range<usize>| body.get(range).unwrap_or_default();
    check_region(part(0..6), KIND, 1)?;
    let birth = compact_date(part(6..14))
        .filter(|date| date.year() >= BIRTH_YEAR_MIN)
        .ok_or_else(|| CodeFault::BirthDate {
            found: part(6..14).to_owned(),
        })?;
    if today.is_some_and(|today| birth > today) {
        return Err(CodeFault::BornInFuture { found: birth });
    }
    if part(14..17) == "000" {
        return Err(CodeFault::Serial);
    }
    match (citizen_check_char(&body), last.chars().next()) {
        (Some(expected), Some(found)) if expected != found => Err(CodeFault::Check {
            kind: KIND,
            position: 18,
            expected,
            found,
        }),
        _ => Ok(()),
    }
}

/// The 18th character for the first 17; `None` when these are not 17 digits.
#[must_use]
pub fn citizen_check_char(first_17: &str) -> Option<char> {
    if first_17.chars().count() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (c, weight) in first_17.chars().zip(WEIGHTS) {
        sum += c.to_digit(10)? * weight;
    }
    CHECK_CHARS.chars().nth(usize::try_from(sum % 11).ok()?)
}

/// A valid number from its meaning: region, birth date, 顺序码 1–999 (odd for a man, even for a woman).
///
/// # Errors
/// [`CodeFault`] when a part does not fit.
pub fn make_citizen(region: &str, birth: Date, serial: u16) -> Result<String, CodeFault> {
    let first_17 = format!("{region}{}{serial:03}", birth.strftime("%Y%m%d"));
    let last = citizen_check_char(&first_17).unwrap_or('0');
    let code = format!("{first_17}{last}");
    check_citizen(&code, None)?;
    Ok(code)
}
