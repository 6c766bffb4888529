//! Codes of people, organisations and places: 统一社会信用代码, 公民身份号码, 组织机构代码, 行政区划代码.
//!
//! A code is judged by its form and its check characters alone; whether it was ever issued is not known here. Full-width
//! and lower-case writing is taken as meant ([`normalise`]); what else is wrong is said with its position.

mod citizen;
mod credit;
mod fault;
#[cfg(test)]
mod tests;

use jiff::civil::Date;

pub use citizen::{check_citizen, citizen_check_char, make_citizen};
pub use credit::{
    check_credit, check_organisation, credit_check_char, make_credit, organisation_check_char,
};
pub use fault::CodeFault;

/// What a code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeKind {
    /// 统一社会信用代码 (GB 32100), 18 characters.
    Credit,
    /// 公民身份号码 (GB 11643), 18 characters.
    Citizen,
    /// 组织机构代码 (GB 11714), 9 characters.
    Organisation,
    /// 县级以上行政区划代码 (GB/T 2260), 6 digits.
    Division,
}

impl CodeKind {
    /// The name on screens.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Credit => "统一社会信用代码",
            Self::Citizen => "公民身份号码",
            Self::Organisation => "组织机构代码",
            Self::Division => "行政区划代码",
        }
    }
}

/// 省级代码 of GB/T 2260, with 81–83 as on residence permits for Hong Kong, Macao and Taiwan residents.
const PROVINCES: [&str; 35] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
    "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    "81", "82", "83",
];

/// The code as meant: no space around it, full-width characters made half-width, letters in upper case.
#[must_use]
pub fn normalise(code: &str) -> String {
    code.trim()
        .chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => {
                char::from_u32(u32::from(c) - 0xff01 + u32::from('!')).unwrap_or(c)
            }
            _ => c,
        })
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// Checks a code of any kind; the kind follows from its length and its characters.
///
/// # Errors
/// [`CodeFault`] saying what is wrong and where.
pub fn check_code(code: &str) -> Result<CodeKind, CodeFault> {
    let code = normalise(code);
    match code.chars().count() {
        0 => Err(CodeFault::Empty),
        6 => check_division(&code).map(|()| CodeKind::Division),
        9 => check_organisation(&code).map(|()| CodeKind::Organisation),
        15 if code.chars().all(|c| c.is_ascii_digit()) => Err(CodeFault::FifteenDigits),
        18 => check_eighteen(&code),
        length => Err(CodeFault::NoSuchLength { length }),
    }
}

/// One line of `zhiheng id check --batch`: nothing when the code is right, else the fault in words.
///
/// # Errors
/// The words of [`CodeFault`].
pub fn id_check_line(line: &str) -> Result<(), String> {
    check_code(line)
        .map(drop)
        .map_err(|fault| fault.to_string())
}

/// Checks 6 digits of GB/T 2260: a province that exists, and no county without a city.
///
/// Retired codes stay valid in old papers, so no list of counties is asked.
///
/// # Errors
/// [`CodeFault`] saying what is wrong and where.
pub fn check_division(code: &str) -> Result<(), CodeFault> {
    let code = normalise(code);
    expect_length(&code, CodeKind::Division, 6)?;
    expect_chars(&code, CodeKind::Division, 1, |c| c.is_ascii_digit())?;
    check_region(&code, CodeKind::Division, 1)?;
    if code.get(2..4) == Some("00") && code.get(4..6) != Some("00") {
        return Err(CodeFault::CountyWithoutCity);
    }
    Ok(())
}

/// All digits can be either kind: whichever is right wins, else the one whose shape it has is complained of.
fn check_eighteen(code: &str) -> Result<CodeKind, CodeFault> {
    let as_credit = || check_credit(code).map(|()| CodeKind::Credit);
    let as_citizen = || check_citizen(code, None).map(|()| CodeKind::Citizen);
    let numeric = code.chars().take(17).all(|c| c.is_ascii_digit())
        && code.ends_with(|c: char| c.is_ascii_digit() || c == 'X');
    if !numeric {
        return if looks_like_citizen(code) {
            as_citizen()
        } else {
            as_credit()
        };
    }
    match as_citizen() {
        Err(fault) if looks_like_citizen(code) => as_credit().map_err(|_| fault),
        Err(_) => as_credit(),
        kind => kind,
    }
}

/// A province first and either a plausible century of birth or no registering region where a credit code has one.
fn looks_like_citizen(code: &str) -> bool {
    let is_province = |at| {
        code.get(at..at + 2)
            .is_some_and(|two| PROVINCES.contains(&two))
    };
    let century = code.get(6..8).unwrap_or_default();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    is_province(0)
        && code.get(8..14).is_some_and(digits)
        && (["18", "19", "20"].contains(&century) || !is_province(2))
}

fn expect_length(code: &str, kind: CodeKind, expected: usize) -> Result<(), CodeFault> {
    let length = code.chars().count();
    if length == expected {
        Ok(())
    } else {
        Err(CodeFault::Length {
            kind,
            expected,
            length,
        })
    }
}

/// `first` is the position, from 1, of the first character of `part` in the whole code.
fn expect_chars(
    part: &str,
    kind: CodeKind,
    first: usize,
    allowed: impl Fn(char) -> bool,
) -> Result<(), CodeFault> {
    match part.chars().enumerate().find(|(_, c)| !allowed(*c)) {
        None => Ok(()),
        Some((at, found)) => Err(CodeFault::Character {
            kind,
            position: first + at,
            found,
        }),
    }
}

/// `first` is the position of the six digits' first in the whole code.
fn check_region(region: &str, kind: CodeKind, first: usize) -> Result<(), CodeFault> {
    let province = region.get(..2).unwrap_or_default();
    // 国家级登记机关 register under 100000.
    let national = kind == CodeKind::Credit && region == "100000";
    if national || PROVINCES.contains(&province) {
        Ok(())
    } else {
        Err(CodeFault::Province {
            kind,
            position: first,
            found: province.to_owned(),
        })
    }
}

/// A date as eight digits, when there is such a day.
fn compact_date(digits: &str) -> Option<Date> {
    let year = digits.get(..4)?.parse().ok()?;
    let month = digits.get(4..6)?.parse().ok()?;
    let day = digits.get(6..8)?.parse().ok()?;
    Date::new(year, month, day).ok()
}
