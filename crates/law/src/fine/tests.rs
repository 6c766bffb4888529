use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

/// Invented sentences, one for each way of writing met in real decisions; yuan in, fen out.
#[test]
fn the_fine_is_read_from_every_usual_shape() {
    let check = |decision: &str, yuan: i64| {
        let expect = Fen::from_yuan(yuan);
        assert_eq!(
            fine_in_text(&format!("处罚决定：{decision}")),
            expect,
            "{decision}"
        );
    };
    check("罚款人民币35元整", 35);
    check("对你单位处: 罚款人民币10000元整。", 10_000);
    check("罚款人民币壹万壹仟元整。", 11_000);
    check("决定对你单位处人民币叁万元整的罚款。", 30_000);
    check("处5万元罚款", 50_000);
    check("处罚款4.48万元", 44_800);
    check("罚款12,000.00元。", 12_000);
    check("处50000元整（¥50000.00）的罚款。", 50_000);
    check("处以35000元人民币罚款。", 35_000);
    check("罚款（大写）贰仟元整（¥2000.00）。", 2_000);
    check("罚款人民币2000整", 2_000);
    check("并处罚款700，上缴国库。", 700);
    check("警告、罚3000元。", 3_000);
    check("警告；罚款 人民币 600 元。", 600);
    check("处以少缴税款50%的罚款2768元", 2_768);
    check(
        "处以所偷税款17,000元百分之五十的罚款，罚款金额8,500元。",
        8_500,
    );
    check("对偷税的行为处以1倍罚款，即89,000元。", 89_000);
    check("处百分之六十的罚款，计600元。", 600);
    check("处以销售额二倍以下200元罚款", 200);
    check("罚款人民币1440元整（600*（1+7/5）=1440元）。", 1_440);
    check("罚款141298元（违法所得的2倍）。", 141_298);
}

#[test]
fn several_fines_add_up_and_a_total_is_not_added_again() {
    let check = |decision: &str, yuan: i64| {
        let expect = Fen::from_yuan(yuan);
        assert_eq!(
            fine_in_text(&format!("处罚决定：{decision}")),
            expect,
            "{decision}"
        );
    };
    check(
        "（一）未辨识的行为处25000元罚款；（二）未验收的行为处55000元罚款。",
        80_000,
    );
    check(
        "对你单位罚款人民币100000元，对直接负责的主管人员李某处罚款50000元。",
        150_000,
    );
    check(
        "二个违法行为分别处罚款18000元整，共计处人民币罚款36000元整。",
        36_000,
    );
    check("罚款1000元，罚款2000元，合计罚款3000元。", 3_000);
    check("对甲罚款1000元，对乙罚款2000元，共计3000元。", 3_000);
    check("对三人各罚款500元，共计1500元。", 1_500);
    check("每人罚款500元，罚款共计1500元。", 1_500);
    check(
        "处以1倍罚款共计8300元。对未设置账簿的行为处以罚款2000元。",
        10_300,
    );
    check(
        "罚款10000元。处以应补税款55%的罚款计15000元。处以60%罚款共计7000元。",
        32_000,
    );
    check(
        "对甲罚款1万元、罚款2万元，合计罚款3万元；对乙罚款5万元。以上合计罚款8万元。",
        80_000,
    );
    check("增值税罚款200元，企业所得税罚款300元，合计罚款500元。", 500);
    let two = "违法事实：甲。\n处罚决定：罚款300元。\n违法事实；乙。\n处罚决定:罚款400元。";
    assert_eq!(fine_in_text(two), Fen::from_yuan(700));
    let joined =
        "处罚决定：处10000元罚款。|违法事实：丢失发票，处1万元罚款。\n处罚决定：处一万元罚款。";
    assert_eq!(fine_in_text(joined), Fen::from_yuan(20_000));
}

#[test]
fn confiscation_and_other_sums_are_no_fine() {
    let check = |decision: &str, yuan: i64| {
        let expect = Fen::from_yuan(yuan);
        assert_eq!(
            fine_in_text(&format!("处罚决定：{decision}")),
            expect,
            "{decision}"
        );
    };
    check("没收违法所得318元；并处5000元的罚款。", 5_000);
    check(
        "1.没收违法所得36元；2.罚款5000元。以上罚没款共计5036元。",
        5_000,
    );
    check(
        "罚款80000元，没收违法所得6000元，罚没合计人民币86000元。",
        80_000,
    );
    check(
        "没收违法所得357元，并处罚款10000元整，合计人民币￥10357元。",
        10_000,
    );
    check(
        "没收违法所得4033元，并处罚款5967，合计罚没款10000元，上缴财政。",
        5_967,
    );
    check("没收违法所得500元罚款1000元", 1_000);
    check("处30000元罚款，罚没款合计30000元整。", 30_000);
    check("行政拘留十五日并处罚款200元，追缴人民币600元。", 200);
    check("罚款300元。限你于十五日内将罚款300元缴至银行。", 300);
    check("罚款300元。逾期每日按罚款数额的百分之三加处罚款。", 300);
}

#[test]
fn a_text_without_a_fine_gives_none() {
    let check = |text: &str| assert_eq!(fine_in_text(text), None, "{text}");
    check("");
    check("处罚决定：对你单位处警告。");
    check("处罚决定：对你单位处罚款");
    check("处罚决定：没收违法所得400元。");
    check("处罚决定：行政拘留五日，并追缴人民币360元。");
    check("处罚决定：责令支付工资9400元，加付4700元的赔偿金，共支付14100元。");
    check("处罚决定：处一万元以上五万元以下的罚款。");
    check("处罚决定：处以违法所得1倍罚款。");
    check("处罚决定：罚款5000元至10000元。");
    check("处罚决定：不予处罚。");
    check("违法事实：拟处罚款5000元。\n处罚依据：可以处一万元罚款。\n处罚决定：警告。");
    check("处罚内容：没收药品1盒；没收违法所得530.2元。");
    check("处罚决定：罚款99999999999999999999元");
}

#[test]
fn the_law_quoted_and_the_facts_are_not_read() {
    let check =
        |text: &str, yuan: i64| assert_eq!(fine_in_text(text), Fen::from_yuan(yuan), "{text}");
    check(
        "违法事实：货值5000元，曾被罚款2000元。\n处罚依据：可以并处一万元以下的罚款。\n处罚决定：罚款600元",
        600,
    );
    check(
        "处罚决定：属于违法行为。\n处罚依据：《某法》第一条。\n处罚决定：罚款10000元。",
        10_000,
    );
    check(
        "处罚决定：《某条例》第六十八条。\n处罚决定：罚款2000元。",
        2_000,
    );
    check(
        "处罚决定：本机关责令改正，并作出如下处罚决定：1.没收所得25元；2.罚款6000元。",
        6_000,
    );
    check("处罚决定：根据“处二百元罚款”的规定，处罚款150元。", 150);
    check(
        "处罚依据：《某法》第六十条。\n某街道：决定给予某公司罚款人民币5000元整的处罚。",
        5_000,
    );
    check(
        "处罚依据：《某规定》第三十条\n处罚依据：对你单位处罚款20000元。",
        20_000,
    );
    check(
        "你单位违反《某法》，依法可处一万元罚款。现决定处罚款人民币伍仟元整。",
        5_000,
    );
    check("你单位未设警示标志，罚款三千元。", 3_000);
}

proptest! {
    #[test]
    fn a_fine_in_capitals_or_digits_is_read_back(fen in 1i64..1_000_000_000_000) {
        let fine = Fen(fen);
        let capitals = format!("违法事实：略。\n处罚决定：对你单位处罚款人民币{}。", fine.to_capitals());
        let digits = format!("处罚决定：对你单位处{fine}的罚款。");
        prop_assert_eq!(fine_in_text(&capitals), Some(fine));
        prop_assert_eq!(fine_in_text(&digits), Some(fine));
    }

    #[test]
    fn any_text_is_read_without_panic(text in "[处罚决定没收款共合计元万一五千，。：；《》“”0-9.（）]{0,60}") {
        let _ = fine_in_text(&text);
        let _ = fine_in_text(&format!("处罚决定：{text}"));
    }
}

/// Rows of the shared real decisions, read by a person: (row from 1, fen).
const HAND_READ: [(usize, Option<i64>); 78] = [
    (1, Some(3_500)),
    (24, None),
    (34, Some(200_000)),
    (60, Some(144_000)),
    (67, Some(4_000_000)),
    (70, Some(3_000_000)),
    (81, Some(12_000_000)),
    (85, Some(200_000)),
    (88, None),
    (91, Some(3_600_000)),
    (92, Some(2_000_000)),
    (96, Some(5_000_000)),
    (98, Some(3_500_000)),
    (101, Some(500_000)),
    (112, None),
    (122, Some(10_000_000)),
    (129, Some(8_000_000)),
    (135, Some(2_000_000)),
    (136, Some(500_000)),
    (144, Some(1_000_000)),
    (145, Some(600_000)),
    (147, Some(200_000)),
    (149, Some(500_000)),
    (150, Some(500_000)),
    (153, Some(200_000)),
    (155, Some(6_000_000)),
    (159, Some(100_000)),
    (175, None),
    (180, Some(200_000)),
    (192, Some(31_965_930)),
    (193, None),
    (197, Some(2_000_000)),
    (198, Some(11_308_000)),
    (199, Some(132_000_000)),
    (206, None),
    (213, None),
    (220, Some(844_110)),
    (223, Some(1_000_000)),
    (229, Some(8_361_500)),
    (230, Some(596_630)),
    (232, Some(10_000_000)),
    (240, Some(409_500)),
    (241, Some(17_818_714)),
    (242, Some(14_129_828)),
    (258, None),
    (259, Some(7_200_000)),
    (261, Some(3_000_000)),
    (262, Some(15_000_000)),
    (276, Some(100_000)),
    (281, Some(1_478_408)),
    (303, None),
    (332, Some(50_000)),
    (367, Some(200_000)),
    (388, Some(5_000_000)),
    (389, Some(3_500_000)),
    (392, Some(40_624_675)),
    (396, Some(500_000)),
    (405, Some(1_000_000)),
    (407, None),
    (409, Some(21_540_000)),
    (411, Some(30_000_000)),
    (412, Some(188_898_404)),
    (413, Some(3_470_467)),
    (414, Some(2_000_000)),
    (415, Some(1_432_731)),
    (416, Some(698_102)),
    (417, Some(5_534_538)),
    (418, Some(223_900)),
    (419, Some(5_785_202)),
    (420, Some(58_908_956)),
    (421, Some(81_799_477)),
    (422, Some(909_391)),
    (423, Some(19_001_777)),
    (424, Some(3_300_000)),
    (425, Some(18_158_033)),
    (457, Some(200_000)),
    (504, Some(700_000)),
    (510, Some(20_000)),
];

fn shared_cases() -> Option<Vec<String>> {
    let shared = std::env::var_os("ZHIHENG_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(shared.join("data/penalty-cases.jsonl")).ok()?;
    let case = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        row["case"].as_str().unwrap().to_owned()
    };
    Some(text.lines().map(case).collect())
}

#[test]
fn real_decisions_are_read_as_a_person_reads_them() {
    let Some(cases) = shared_cases() else {
        println!("skipped: no shared penalty cases");
        return;
    };
    for (row, expect) in HAND_READ {
        assert_eq!(fine_in_text(&cases[row - 1]), expect.map(Fen), "row {row}");
    }
    let without = cases
        .iter()
        .filter(|case| fine_in_text(case).is_none())
        .count();
    assert_eq!((cases.len(), without), (514, 86));
}
