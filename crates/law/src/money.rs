//! Money in whole fen: shown, written in Chinese capitals for papers, and read back from either.

mod capitals;
mod scan;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub(crate) use scan::{Scanned, scan};

/// An amount in fen (1/100 元).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Fen(pub i64);

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MoneyFault {
    /// Nothing is there.
    #[error("金额为空，请填写如 35元、4.48万元 或 伍万元整")]
    Empty,
    /// The text does not start with an amount.
    #[error("“{0}”不是金额，应写如 35元、10,000.00元、4.48万元 或 伍万元整")]
    NotAnAmount(String),
    /// An amount is there, but something follows it.
    #[error("金额后面多出“{0}”，请删去，或改为如 10,000.00元、伍万元整")]
    Trailing(String),
    /// A number without 元.
    #[error("“{0}”缺少单位“元”，请写明如 35元、4.48万元")]
    NoUnit(String),
    /// Less than a fen.
    #[error("“{0}”不足一分的部分无法入账，金额最小到分")]
    BelowFen(String),
    /// More than can be held.
    #[error("“{0}”超出可记录的最大金额（92,233,720,368,547,758.07元）")]
    TooLarge(String),
    /// A numeral that is not well formed.
    #[error("“{0}”不是规范的数字写法，应如 壹万壹仟、一百零五 或 10,000")]
    Numeral(String),
}

impl Fen {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// So many whole yuan; `None` when that is more than can be held.
    #[must_use]
    pub const fn from_yuan(yuan: i64) -> Option<Self> {
        match yuan.checked_mul(100) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// The sum; `None` on overflow.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// The difference; `None` on overflow.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(fen) => Some(Self(fen)),
            None => None,
        }
    }

    /// The amount as papers write it: 伍万元整, 壹佰零伍元叁角贰分.
    #[must_use]
    pub fn to_capitals(self) -> String {
        capitals::write(self)
    }
}

/// `1,234.56元`.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fen = self.0.unsigned_abs();
        let digits = (fen / 100).to_string();
        let mut yuan = String::with_capacity(digits.len() * 4 / 3);
        for (at, digit) in digits.char_indices() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                yuan.push(',');
            }
            yuan.push(digit);
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{yuan}.{:02}元", fen % 100)
    }
}

/// Reads `35元`, `4.48万元`, `10,000.00元`, `¥500`, `人民币壹万壹仟元整`; never negative.
impl FromStr for Fen {
    type Err = MoneyFault;

    fn from_str(text: &str) -> Result<Self, MoneyFault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(MoneyFault::Empty);
        }
        let chars: Vec<char> = text.chars().collect();
        let Some(Scanned {
            value,
            len,
            has_unit,
        }) = scan(&chars)
        else {
            return Err(MoneyFault::NotAnAmount(text.to_owned()));
        };
        let value = value?;
        if let Some(rest) = chars.get(len..).filter(|rest| !rest.is_empty()) {
            return Err(MoneyFault::Trailing(rest.iter().collect()));
        }
        if !has_unit {
            return Err(MoneyFault::NoUnit(text.to_owned()));
        }
        Ok(value)
    }
}
