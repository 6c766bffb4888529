//! 法制审核员: an opinion with points, each of them answered, and then one that passes.

use serde_json::json;

use crate::{
    scene,
    support::desk::{Desk, ten_items},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_returns_points_that_are_each_answered_and_then_passes() {
    let Some((_place, server, browser)) = scene().await else {
        return;
    };
    let desk = Desk::new(&browser, &server);
    desk.sign_in("gao").await;
    let case = desk.case_of("青山县长青油漆店").await;
    let accepted = json!({"f.complete": "yes", "f.materials": "全部案卷材料"});
    desk.step(&case, "A21.accept", accepted.clone()).await;
    desk.go(&format!("/cases/{case}/review")).await;
    desk.shows(&["第 1 轮", "十项审核内容", "审核期限"]).await;
    desk.look("reviewer-desk").await;
    return_with_points(&desk, &case).await;
    answer(&desk, &case).await;

    desk.sign_in("gao").await;
    desk.step(&case, "A21.accept", accepted).await;
    desk.go(&format!("/cases/{case}/review")).await;
    desk.shows(&["第 2 轮", "答复：已补写到第四十一条第一款。"])
        .await;
    desk.look("reviewer-second-round").await;
    desk.step(&case, "A21.pass", ten_items()).await;
    desk.shows(&["告知与听取意见"]).await;
    desk.ends_without_errors().await;
}

/// Finds fault with two items; the opinion is drafted from them.
async fn return_with_points(desk: &Desk<'_>, case: &str) {
    desk.go(&format!("/cases/{case}/act/A21.pass")).await;
    let mut items = ten_items();
    // Nothing is written by hand, so that the desk drafts.
    items["f.opinion"] = json!("");
    for (n, remark) in [(5, "没有写到款"), (6, "罚款偏高")] {
        items[format!("f.items.{n}.ok")] = json!("no");
        items[format!("f.items.{n}.remark")] = json!(remark);
    }
    desk.fill("A21.pass", items).await;
    desk.look("reviewer-form").await;
    assert!(desk.press("button[formaction*='A21.return']").await);
    desk.shows(&["审核意见：存在问题", "已按各项结论起草"])
        .await;
    let drafted = desk.held("f.points").await.unwrap_or_default();
    assert!(drafted.contains("罚款偏高"), "{drafted}");
    desk.look("reviewer-points").await;
    desk.send("A21.return").await;
}

/// The officer answers point by point, not only one of them; the section head signs.
async fn answer(desk: &Desk<'_>, case: &str) {
    desk.sign_in("chen").await;
    desk.go(&format!("/cases/{case}/act/A22.answer")).await;
    let first = "已补写到第四十一条第一款。";
    desk.fill("A22.answer", json!({"f.answers.0": first})).await;
    assert!(desk.press(".buttons button[value=submit]").await);
    desk.shows(&["没有办理成功，填写的内容已保留"]).await;
    desk.holds(&[("f.answers.0", first)]).await;
    desk.look("reviewer-half-answered").await;
    let second = json!({"f.answers.1": "罚款在裁量基准的幅度内，维持。"});
    desk.fill("A22.answer", second).await;
    desk.send("A22.answer").await;
    desk.approve(case, "zhou").await;
}
