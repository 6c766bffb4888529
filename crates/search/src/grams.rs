//! From text to the pairs of signs under which it is found.

/// The signs of a text that count: letters and digits, in one case and width.
pub(crate) fn signs(text: &str) -> Vec<char> {
    text.chars()
        .map(narrow)
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A full-width letter, digit or mark as the plain one.
fn narrow(c: char) -> char {
    const FIRST: u32 = 0xFF01;
    const LAST: u32 = 0xFF5E;
    match u32::from(c) {
        code @ FIRST..=LAST => char::from_u32(code - FIRST + u32::from('!')).unwrap_or(c),
        _ => c,
    }
}

/// The pairs of neighbouring signs, in their order.
pub(crate) fn pairs(signs: &[char]) -> impl Iterator<Item = String> {
    signs.windows(2).map(|pair| pair.iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        assert_eq!(pairs(&signs(text)).collect::<Vec<_>>(), expect, "{text}");
    }

    #[test]
    fn case_width_and_punctuation_do_not_count() {
        check("宏达厂", &["宏达", "达厂"]);
        check("Ａ１", &["a1"]);
        check("罚〔2026〕1号", &["罚2", "20", "02", "26", "61", "1号"]);
        check("甲 乙", &["甲乙"]);
    }

    #[test]
    fn rare_characters_count_as_one_sign() {
        check("㐂𠮷〇", &["㐂𠮷", "𠮷〇"]);
    }

    #[test]
    fn what_has_no_pair_gives_none() {
        check("", &[]);
        check("王", &[]);
        check("——《》", &[]);
    }
}
