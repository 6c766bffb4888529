//! Strict text forms shared by the formats: one spelling for every value, so equal values have equal bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::suite::Hash;

/// Largest tree size and one more than the largest index that any format takes; as the Go tools do.
pub(crate) const SIZE_MAX: u64 = i64::MAX as u64;

/// Padded standard base64, as the C2SP formats want it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads padded standard base64; other spellings of the same bytes are refused.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Reads a hash in base64.
pub(crate) fn hash_from_base64(text: &str) -> Option<Hash> {
    // A longer text cannot be a hash; refused before it is decoded.
    (text.len() == 44)
        .then(|| from_base64(text))
        .flatten()?
        .try_into()
        .ok()
        .map(Hash)
}

/// Reads an ASCII decimal without leading zeroes, at most [`SIZE_MAX`].
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical =
        text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    if !canonical {
        return None;
    }
    text.parse().ok().filter(|n| *n <= SIZE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_has_one_spelling() {
        fn check(text: &str, expect: Option<u64>) {
            assert_eq!(decimal(text), expect, "{text:?}");
        }
        check("0", Some(0));
        check("70000", Some(70_000));
        check("9223372036854775807", Some(SIZE_MAX));
        check("9223372036854775808", None);
        check("", None);
        check("00", None);
        check("01", None);
        check("+1", None);
        check("-1", None);
        check("1 ", None);
        check("١", None);
    }

    #[test]
    fn base64_has_one_spelling() {
        assert_eq!(from_base64("AQ=="), Some(vec![1]));
        for other in ["AQ", "AR==", "AQ==\n", " AQ==", "AQ-="] {
            assert_eq!(from_base64(other), None, "{other:?}");
        }
    }
}
