//! Time limits: starts, pauses, extensions, what is measured.

use super::*;

#[test]
fn limits_must_start_stop_and_mean_what_they_say() {
    check("        start \"L\"\n", "", 12, "没有任何步骤起算");
    check("        stop \"L\"\n", "", 12, "没有任何步骤停止");
    check(
        "on-expiry=\"record\"",
        "on-expiry=\"forbid\"",
        12,
        "没有步骤的 needs 提到它",
    );
    check("config=\"days\"", "count=0", 12, "count 须为正整数");
    check(
        "config=\"days\"",
        "count=3 config=\"days\"",
        12,
        "恰有一个来源",
    );
    check(
        "config=\"days\"",
        "field=\"until\"",
        20,
        "须有日期字段“until”",
    );
    check(
        "unit=\"day\"",
        "unit=\"day\" direction=\"back\"",
        20,
        "须写 require \"lead-time\"",
    );
    check(
        "level=\"law\" {\n    pause-basis",
        "level=\"law\" {\n    stop \"L\"\n    pause-basis",
        12,
        "届满没有效果",
    );
}

#[test]
fn the_day_from_which_a_limit_counts_stands_in_a_date_that_is_filled_in() {
    check("start \"L\"", "start \"L\" on=\"result\"", 26, "类型不对");
    check(
        "start \"L\"",
        "start \"L\" on=\"since\"",
        26,
        "没有字段“since”",
    );
    check(
        "option \"no\" \"否\" } }\n        set \"found\" field=\"result\"\n        start \"L\"",
        "option \"no\" \"否\" }; date \"since\" \"自\" class=\"none\" }\n        set \"found\" field=\"result\"\n        start \"L\" on=\"since\"",
        26,
        "须写 required=#true",
    );
}

#[test]
fn a_limit_that_only_records_bars_nothing() {
    check(
        "any { not \"told\" \"served\"; is \"found\" \"yes\" }",
        "limit \"L\" \"running\"",
        29,
        "届满只作记录",
    );
}

#[test]
fn a_pause_needs_a_basis() {
    let paused = TOY.replacen("stop \"L\"", "pause \"L\"; stop \"L\"", 1);
    read(&paused).expect("the limit has an article for pauses");
    let errors = read(&paused.replacen("    pause-basis \"某法第二条\" level=\"law\"\n", "", 1))
        .expect_err("refused");
    assert!(errors[0].message.contains("没有 pause-basis"), "{errors:?}");
}

#[test]
fn only_a_limit_with_days_of_its_own_can_continue() {
    let on = TOY.replacen("start \"L\"", "start \"L\"; continue \"L\"", 1);
    read(&on).expect("five days can go on");
    let form = "form { date \"until\" \"至\" class=\"none\" required=#true; choice";
    let stated = on
        .replacen("config=\"days\"", "field=\"until\"", 1)
        .replacen("form { choice", form, 1);
    let errors = read(&stated).expect_err("refused");
    assert!(errors[0].message.contains("不能继续计算"), "{errors:?}");
}

#[test]
fn a_measured_limit_has_days_of_its_own_and_no_effects() {
    let with = |limit: &str, measure: &str| {
        TOY.replacen("config=\"days\"", limit, 1).replacen(
            "start \"L\"\n",
            &format!("measure \"L\" {measure}\n"),
            1,
        )
    };
    let days = "from=\"@discovered\" to=\"@today\"";
    read(&with("count=2", days)).expect("right");
    let refused = |text: String, words: &str| {
        let errors = read(&text).expect_err("refused");
        assert!(
            errors[0].message.contains(words),
            "{words:?}, got {errors:#?}"
        );
    };
    refused(with("count=2", "from=\"result\" to=\"@today\""), "类型不对");
    refused(
        with("count=2", "from=\"@yesterday\" to=\"@today\""),
        "没有字段“@yesterday”",
    );
    refused(with("count=2", "from=\"@today\""), "缺少属性“to”");
    refused(with("count=2 direction=\"back\"", days), "不能事后核定");
    let acts = with("count=2", days).replacen("on-expiry=\"record\"", "on-expiry=\"effects\"", 1);
    refused(acts, "不能另有效果");
}

#[test]
fn an_extension_is_approved_reasoned_and_loaded_where_the_law_sets_the_limit() {
    const STEP: &str = "    step \"A1.longer\" title=\"延长\" {
        from \"S0\"
        by \"officer\" duty=\"handle\"
        chain \"leader\" duty=\"approve\"
        form { prose \"reason\" \"理由\" class=\"none\" required=#true }
        extend \"L\" config=\"more\"
    }
    step \"A1.tell\"";
    const KEY: &str =
        "config \"more\" title=\"延长\" burden=#true min=1 basis=\"某法第五条\" level=\"law\"";
    let right = TOY.replacen("    step \"A1.tell\"", STEP, 1).replacen(
        "\nlapse",
        &format!("\n{KEY}\nlapse"),
        1,
    );
    let pack = read(&right).expect("right");
    let step = pack.step("A1.longer").expect("declared");
    assert_eq!(
        step.effects,
        [Effect::Extend {
            limit: 0,
            config: "more".to_owned(),
            times: 1
        }]
    );
    let refused = |piece: &str, instead: &str, words: &str| {
        assert!(right.contains(piece), "no {piece:?}");
        let errors = read(&right.replacen(piece, instead, 1)).expect_err("refused");
        assert!(
            errors.iter().any(|e| e.message.contains(words)),
            "expected {words:?}, got {errors:#?}"
        );
    };
    let chain = "duty=\"handle\"\n        chain \"leader\" duty=\"approve\"\n        form { prose";
    refused(chain, "duty=\"handle\"\n        form { prose", "由谁批准");
    refused("prose \"reason\"", "prose \"why\"", "没有字段“reason”");
    refused(
        "class=\"none\" required=#true }\n        extend",
        "class=\"none\" }\n        extend",
        "须为必填",
    );
    refused("burden=#true min=1", "min=1", "须写 burden=#true");
    refused(
        "burden=#true min=1",
        "burden=#true min=1 default=2",
        "不得有 default",
    );
    refused(
        "config=\"more\"",
        "config=\"most\"",
        "没有声明的配置项“most”",
    );
    refused("config=\"more\"", "config=\"more\" times=0", "times 须为");
    let when = "when { cond { is \"found\" \"yes\" }; extend \"L\" config=\"more\" }";
    refused("extend \"L\" config=\"more\"", when, "直接写在步骤之下");
    refused("config=\"days\"", "count=3 direction=\"back\"", "不能延长");
}
