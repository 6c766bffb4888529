use jiff::civil::date;
use proptest::prelude::*;

use super::*;

#[test]
fn right_codes_are_told_by_kind() {
    let check = |code: &str, kind: CodeKind| assert_eq!(check_code(code), Ok(kind), "{code}");
    check("91110000101623741K", CodeKind::Credit);
    check("911101066976941872", CodeKind::Credit); // digits only
    check("11230500001755309F", CodeKind::Credit); // 11 would be Beijing in a citizen's number
    check("91230500MA1B3N1N2M", CodeKind::Credit);
    check("12330000470051726F", CodeKind::Credit);
    check("9135010026017703XW", CodeKind::Credit);
    check("11010519491231002X", CodeKind::Citizen);
    check("440524188001010014", CodeKind::Citizen);
    check("330106", CodeKind::Division);
    check("330000", CodeKind::Division);
    check("101623741", CodeKind::Organisation);
    check("ＭＡ１Ｂ３Ｎ１Ｎ２", CodeKind::Organisation);
    check(" 91110000101623741k\r\n", CodeKind::Credit);
    check("１１０１０５１９４９１２３１００２ｘ", CodeKind::Citizen);
}

#[test]
fn a_wrong_code_is_told_with_the_place_and_what_should_be_there() {
    let check = |code: &str, expect: &str| {
        let fault = id_check_line(code).unwrap_err();
        assert!(fault.contains(expect), "{code}: {fault}");
    };
    check("", "代码为空");
    check("91350211M0000XUF46", "第18位校验码应为R，实为6");
    check("91500106MA2CE71F65", "第18位校验码应为6，实为5");
    check("110105194912310021", "公民身份号码第18位校验码应为X，实为1");
    check(
        "11010519490229002X",
        "第7至14位“19490229”不是存在的出生日期",
    );
    check("11010517001231002X", "出生日期");
    check(
        "99010519491231002X",
        "统一社会信用代码第3至4位“01”不是省级行政区划代码",
    );
    check("990105194912310021", "统一社会信用代码第3至4位");
    check("110105491231002", "15位号码已停用");
    check(
        "11010519491231002Y",
        "公民身份号码第18位“Y”不允许使用，应为数字或X",
    );
    check(
        "11010519491231O02X",
        "公民身份号码第15位“O”不允许使用，应为数字",
    );
    check(
        "9111000010162374IK",
        "第17位“I”不允许使用（代码不用字母I、O、S、V、Z），请核对是否为“1”",
    );
    check("9111O000101623741K", "第5位“O”");
    check("911A0000101623741K", "第4位“A”不允许使用");
    check("0111000010162374XX", "第1位登记管理部门代码“0”不存在");
    check("9A110000101623741K", "第2位机构类别代码“A”不存在");
    check("91990000101623741K", "第3至4位“99”不是省级行政区划代码");
    check("91110000 01623741K", "第9位“ ”不允许使用");
    check("911100001016237", "15位号码");
    check("91110000101623741", "共17位");
    check("91110000101623741KK", "共19位");
    check("101623742", "组织机构代码第9位校验码应为1，实为2");
    check("990000", "行政区划代码第1至2位“99”");
    check("330001", "第5至6位也应为00");
    check("33010a", "行政区划代码第6位“A”不允许使用，应为数字");
    check("张三李四王五", "第1位“张”");
}

#[test]
fn the_inner_digit_is_checked_when_the_outer_one_fits() {
    let first = "91110000101623742";
    let code = format!("{first}{}", credit_check_char(first).unwrap());
    let expect = CodeFault::InnerCheck {
        expected: '1',
        found: '2',
    };
    assert_eq!(check_code(&code), Err(expect));
}

#[test]
fn a_birth_date_after_today_is_refused() {
    let code = make_citizen("330106", date(2026, 3, 2), 12).unwrap();
    assert_eq!(check_citizen(&code, Some(date(2026, 3, 2))), Ok(()));
    let found = date(2026, 3, 2);
    assert_eq!(
        check_citizen(&code, Some(date(2026, 3, 1))),
        Err(CodeFault::BornInFuture { found })
    );
    assert_eq!(check_citizen(&code, None), Ok(()));
}

#[test]
fn parts_that_do_not_fit_make_no_code() {
    assert!(make_citizen("990000", date(1990, 1, 1), 1).is_err());
    assert!(make_citizen("330106", date(1990, 1, 1), 0).is_err());
    assert!(make_citizen("330106", date(1990, 1, 1), 1000).is_err());
    assert!(make_credit("91", "330106", "MA2O").is_err());
    assert!(make_credit("01", "330106", "MA2B3N1N").is_err());
    assert!(make_credit("91", "3301", "MA2B3N1NXX").is_err());
}

/// Swaps one character for another allowed there.
fn altered(code: &str, at: usize, to: char) -> String {
    code.chars()
        .enumerate()
        .map(|(i, c)| if i == at { to } else { c })
        .collect()
}

proptest! {
    #[test]
    fn a_made_citizen_number_is_right_and_any_one_digit_changed_is_not(
        days in 0i32..40_000, serial in 1u16..1000, at in 0usize..17, to in 0u32..10,
    ) {
        let birth = date(1900, 1, 1).saturating_add(jiff::Span::new().days(days));
        let code = make_citizen("330106", birth, serial).unwrap();
        prop_assert_eq!(check_citizen(&code, None), Ok(()));
        let to = char::from_digit(to, 10).unwrap();
        let changed = altered(&code, at, to);
        prop_assert_eq!(check_citizen(&changed, None).is_ok(), changed == code);
    }

    #[test]
    fn a_made_credit_code_is_right_and_any_one_character_changed_is_not(
        body in "[0-9A-HJ-NPQRTUWXY]{8}", at in 0usize..18, to in "[0-9A-HJ-NPQRTUWXY]",
    ) {
        let code = make_credit("91", "330106", &body).unwrap();
        prop_assert_eq!(check_code(&code), Ok(CodeKind::Credit));
        let changed = altered(&code, at, to.chars().next().unwrap());
        prop_assert_eq!(check_credit(&changed).is_ok(), changed == code);
    }

    #[test]
    fn any_text_is_judged_without_panic(text in "\\PC{0,20}", mixed in "[0-9XA张Ａ１ ]{17,18}") {
        let _ = check_code(&text);
        let _ = check_code(&mixed);
        let _ = check_credit(&mixed);
        let _ = check_citizen(&mixed, None);
    }
}
