//! 统一社会信用代码 (GB 32100) and the 组织机构代码 (GB 11714) inside it.

use super::{CodeFault, CodeKind, check_region, expect_chars, expect_length, normalise};

/// The 31 characters of GB 32100; the place is the value.
const CREDIT_CHARS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const CREDIT_WEIGHTS: [usize; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Checks 18 characters of GB 32100, with the inner organisation code.
///
/// # Errors
/// [`CodeFault`] saying what is wrong and where.
pub fn check_credit(code: &str) -> Result<(), CodeFault> {
    const KIND: CodeKind = CodeKind::Credit;
    let code = normalise(code);
    expect_length(&code, KIND, 18)?;
    expect_chars(&code, KIND, 1, |c| CREDIT_CHARS.contains(c))?;
    // All characters are ASCII from here on, so every slice below exists.
    let part = |range: std::ops::Range<usize>| code.get(range).unwrap_or_default();
    expect_chars(part(2..8), KIND, 3, |c| c.is_ascii_digit())?;
    check_holder(&code)?;
    check_region(part(2..8), KIND, 3)?;
    check_last(&code, KIND, 18, credit_check_char(part(0..17)))?;
    let inner = part(8..17);
    match (organisation_check_char(part(8..16)), inner.chars().last()) {
        (Some(expected), Some(found)) if expected != found => {
            Err(CodeFault::InnerCheck { expected, found })
        }
        _ => Ok(()),
    }
}

/// Checks 9 characters of GB 11714, written without a hyphen.
///
/// # Errors
/// [`CodeFault`] saying what is wrong and where.
pub fn check_organisation(code: &str) -> Result<(), CodeFault> {
    const KIND: CodeKind = CodeKind::Organisation;
    let code = normalise(code);
    expect_length(&code, KIND, 9)?;
    expect_chars(&code, KIND, 1, |c| c.is_ascii_alphanumeric())?;
    check_last(
        &code,
        KIND,
        9,
        organisation_check_char(code.get(..8).unwrap_or_default()),
    )
}

/// The 18th character for the first 17; `None` when these are not 17 characters of GB 32100.
#[must_use]
pub fn credit_check_char(first_17: &str) -> Option<char> {
    if first_17.chars().count() != CREDIT_WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (c, weight) in first_17.chars().zip(CREDIT_WEIGHTS) {
        sum += CREDIT_CHARS.find(c)? * weight;
    }
    // The outer remainder turns 31 into 0.
    CREDIT_CHARS.chars().nth((31 - sum % 31) % 31)
}

/// The 9th character for the first 8; `None` when these are not 8 digits or capital letters.
#[must_use]
pub fn organisation_check_char(first_8: &str) -> Option<char> {
    if first_8.chars().count() != ORGANISATION_WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (c, weight) in first_8.chars().zip(ORGANISATION_WEIGHTS) {
        let value = c.to_digit(36).filter(|_| !c.is_ascii_lowercase())?;
        sum += value * weight;
    }
    match 11 - sum % 11 {
        10 => Some('X'),
        11 => Some('0'),
        digit => char::from_digit(digit, 10),
    }
}

/// A valid code from its meaning: department and category (`91`), registering region, eight characters of the holder.
///
/// # Errors
/// [`CodeFault`] when a part does not fit.
pub fn make_credit(holder: &str, region: &str, body: &str) -> Result<String, CodeFault> {
    let inner = organisation_check_char(body).unwrap_or('0');
    let first_17 = format!("{holder}{region}{body}{inner}");
    let last = credit_check_char(&first_17).unwrap_or('0');
    let code = format!("{first_17}{last}");
    check_credit(&code)?;
    Ok(code)
}

fn check_holder(code: &str) -> Result<(), CodeFault> {
    let mut chars = code.chars();
    match chars.next() {
        Some(found) if !matches!(found, '1'..='9' | 'A' | 'N' | 'Y') => {
            return Err(CodeFault::Department { found });
        }
        _ => {}
    }
    match chars.next() {
        Some(found) if !matches!(found, '1'..='9') => Err(CodeFault::Category { found }),
        _ => Ok(()),
    }
}

fn check_last(
    code: &str,
    kind: CodeKind,
    position: usize,
    expected: Option<char>,
) -> Result<(), CodeFault> {
    match (expected, code.chars().last()) {
        (Some(expected), Some(found)) if expected != found => Err(CodeFault::Check {
            kind,
            position,
            expected,
            found,
        }),
        _ => Ok(()),
    }
}
