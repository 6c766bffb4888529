use proptest::prelude::*;

use super::*;

#[test]
fn amounts_are_read_in_every_usual_writing() {
    let check = |text: &str, expect: i64| assert_eq!(text.parse(), Ok(Fen(expect)), "{text}");
    check("35元", 3_500);
    check("35元整", 3_500);
    check("4.48万元", 4_480_000);
    check("10,000.00元", 1_000_000);
    check("142，000.23元", 14_200_023);
    check("1.2亿元", 12_000_000_000);
    check("3万5千元", 3_500_000);
    check("1万5000元", 1_500_000);
    check("2千元", 200_000);
    check("5元5角", 550);
    check("5角", 50);
    check("人民币￥357.5元", 35_750);
    check("¥500", 50_000);
    check(" 人民币 2000 元 ", 200_000);
    check("１２３元", 12_300);
    check("0元", 0);
    check("人民币壹万壹仟元整", 1_100_000);
    check("壹佰陆拾陆元整", 16_600);
    check("壹佰零伍元叁角贰分", 10_532);
    check("壹佰零伍元零贰分", 10_502);
    check("一百零五元", 10_500);
    check("一万五百元", 1_050_000);
    check("十五万元", 15_000_000);
    check("五十元", 5_000);
    check("两千元正", 200_000);
    check("三万亿元", 300_000_000_000_000);
    check("零元整", 0);
    check("92,233,720,368,547,758.07元", i64::MAX);
}

#[test]
fn what_is_no_amount_is_refused_with_the_reason() {
    let check = |text: &str, expect: &str| {
        let fault = text.parse::<Fen>().unwrap_err().to_string();
        assert!(fault.contains(expect), "{text}: {fault}");
    };
    check("", "为空");
    check("罚款35元", "不是金额");
    check("-5元", "不是金额");
    check("元", "不是金额");
    check("35", "缺少单位");
    check("4.48万", "缺少单位");
    check("35元以下", "多出“以下”");
    check("35元5", "多出“5”");
    check("1,00元", "多出");
    check("1.2.3元", "多出");
    check("1.234元", "不足一分");
    check("0.0000001万元", "不足一分");
    check("92,233,720,368,547,758.08元", "超出");
    check("玖佰亿亿元", "超出");
    check("99999999999999999999999999元", "不是规范");
    check("壹仟壹仟元", "不是规范");
    check("三万五元", "不是规范");
    check("三百五元", "不是规范");
    check("二〇二二元", "不是规范");
    check("一万万元", "不是规范");
    check("零伍元", "不是规范");
    check("壹佰零元", "不是规范");
    check("3千5万元", "不是规范");
}

#[test]
fn amounts_are_written_in_capitals_as_on_papers() {
    let check = |fen: i64, expect: &str| assert_eq!(Fen(fen).to_capitals(), expect, "{fen}");
    check(5_000_000, "伍万元整");
    check(10_532, "壹佰零伍元叁角贰分");
    check(0, "零元整");
    check(5, "伍分");
    check(50, "伍角整");
    check(1_005, "壹拾元零伍分");
    check(140_950, "壹仟肆佰零玖元伍角整");
    check(600_714, "陆仟零柒元壹角肆分");
    check(10_000_500, "壹拾万零伍元整");
    check(10_700_053, "壹拾万柒仟元伍角叁分");
    check(10_000_000_000, "壹亿元整");
    check(10_005_000_000, "壹亿零伍万元整");
    check(1_000_100_010_000, "壹佰亿零壹佰万零壹佰元整");
    check(100_000_000_000_000, "壹万亿元整");
    check(-5_000_000, "负伍万元整");
}

#[test]
fn amounts_are_shown_with_thousands_and_two_decimals() {
    let check = |fen: i64, expect: &str| assert_eq!(Fen(fen).to_string(), expect);
    check(123_456, "1,234.56元");
    check(3_500, "35.00元");
    check(5, "0.05元");
    check(100_000_000, "1,000,000.00元");
    check(-123_456, "-1,234.56元");
    check(i64::MIN, "-92,233,720,368,547,758.08元");
}

proptest! {
    #[test]
    fn capitals_and_display_are_read_back(fen in 0i64..=100_000_000_000_000) {
        prop_assert_eq!(Fen(fen).to_capitals().parse(), Ok(Fen(fen)));
        prop_assert_eq!(Fen(fen).to_string().parse(), Ok(Fen(fen)));
    }

    #[test]
    fn round_sums_in_capitals_are_read_back(digit in 1i64..1000, zeros in 0u32..12) {
        let fen = digit * 10_i64.pow(zeros);
        prop_assert_eq!(Fen(fen).to_capitals().parse(), Ok(Fen(fen)));
    }

    #[test]
    fn the_greatest_amounts_are_read_back(back in 0i64..1_000_000_000) {
        let fen = Fen(i64::MAX - back);
        prop_assert_eq!(fen.to_capitals().parse(), Ok(fen));
    }

    #[test]
    fn any_text_is_read_or_refused_without_panic(text in "[0-9.,，零一两十百千万亿壹拾佰仟元角分整¥人民币 ]{0,40}") {
        let _ = text.parse::<Fen>();
    }
}
