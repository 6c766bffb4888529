//! Many faults at once, and text meant to harm.

use super::*;

#[test]
fn several_faults_are_told_at_once_in_order() {
    let bad = TOY
        .replacen("title=\"开始\"", "", 1)
        .replacen("duty=\"approve\"", "", 1)
        .replacen("class=\"none\" ", "", 1);
    let errors = read(&bad).expect_err("refused");
    assert_eq!(
        errors.iter().map(|e| e.line).collect::<Vec<_>>()[..3],
        [6, 23, 24]
    );
}

#[test]
fn hostile_text_is_refused_without_harm() {
    let cases: [(String, &str); 12] = [
        ("a {".repeat(100_000), "嵌套超过"),
        ("}".repeat(100_000), "多出一个右大括号"),
        ("/*".repeat(100_000), "块注释"),
        ("/-a ".repeat(100_000), "不支持“/-”"),
        ("a \"".to_owned(), "没有在本行内闭合"),
        ("a \"\"\"\nb\n\"\"\"".to_owned(), "多行字符串"),
        ("a #\"x\"#".to_owned(), "原始字符串"),
        ("a\"b\"".to_owned(), "引号前面"),
        ("a { b".to_owned(), "没有对应的右大括号"),
        (" ".repeat(2 << 20), "超过上限"),
        ("a \\\nb".to_owned(), "续行符"),
        ("a = = 3 ( \u{0} )".to_owned(), "不是有效的 KDL 语法"),
    ];
    for (text, words) in cases {
        let errors = read(&text).expect_err("refused");
        assert!(
            errors[0].message.contains(words),
            "expected {words:?}, got {errors:?}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(pieces in proptest::collection::vec(proptest::sample::select(SOUP.to_vec()), 0..60)) {
        let _ = read(&pieces.concat());
    }

    #[test]
    fn no_cut_of_a_right_pack_makes_the_reader_panic(at in 0..TOY.len()) {
        let cut = (0..=at).rev().find(|at| TOY.is_char_boundary(*at)).unwrap_or(0);
        // A cut between two declarations may leave a right pack; what counts is that the reader answers.
        let answer = read(&TOY[..cut]);
        proptest::prop_assert!(answer.is_ok() || answer.is_err_and(|faults| !faults.is_empty()));
    }
}

/// Pieces of which text is made that is nearly a pack.
const SOUP: [&str; 24] = [
    "pack ",
    "step ",
    "fact ",
    "action ",
    "set ",
    "when ",
    "{",
    "}",
    "\n",
    ";",
    " ",
    "\"a\"",
    "\"",
    "=",
    "title=\"t\"",
    "#true",
    "(",
    ")",
    "\\",
    "//",
    "/*",
    "1.5",
    "中文",
    "\u{0}",
];
