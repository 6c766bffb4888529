//! 机关负责人: a collective discussion, and a decision that is issued once whatever the back button does.

use serde_json::json;

use crate::{scene, support::desk::Desk};

#[tokio::test(flavor = "multi_thread")]
async fn leaders_discuss_a_case_and_its_decision_is_issued_once_whatever_the_back_button_does() {
    let Some((place, server, browser)) = scene().await else {
        return;
    };
    let desk = Desk::new(&browser, &server);
    desk.sign_in("wang").await;
    desk.go("/discussions").await;
    desk.shows(&["集体讨论议题（1）", "青山县金石制品有限公司"])
        .await;
    desk.look("leader-agenda").await;
    desk.follow("/discussion").await;
    let path = desk.path().await;
    let case = path
        .trim_start_matches("/cases/")
        .trim_end_matches("/discussion");
    desk.look("leader-topic").await;
    conclude(&desk, case).await;
    desk.go("/discussions").await;
    desk.shows(&["目前没有等待集体讨论的案件"]).await;
    decide_once(&desk, case).await;

    // The record is signed on paper, and its scan goes into the dossier.
    let scan = place.write("签名的讨论记录.pdf", "%PDF-1.7 signed");
    desk.sign_in("wu").await;
    desk.go(&format!("/cases/{case}/act/A32.signed")).await;
    let signed = json!({"f.signed_by": "person-wang", "f.unsigned": "无"});
    desk.fill("A32.signed", signed).await;
    desk.attach("f.attachment", &scan).await;
    desk.send("A32.signed").await;
    desk.go(&path).await;
    desk.shows(&["签名的讨论记录.pdf", "参加 3 人，同意 3 人"])
        .await;
    desk.look("leader-signed").await;
    desk.ends_without_errors().await;
}

/// Everybody's view, the principal's last.
async fn conclude(desk: &Desk<'_>, case: &str) {
    desk.go(&format!("/cases/{case}/act/A32.conclude")).await;
    let mut views = json!({"f.place": "三楼会议室", "f.record": "经讨论，一致同意。"});
    for n in 0..3 {
        views[format!("f.votes.{n}.vote")] = json!("agree");
        views[format!("f.votes.{n}.view")] = json!("同意拟处理意见。");
    }
    desk.fill("A32.conclude", views).await;
    desk.look("leader-form").await;
    desk.send("A32.conclude").await;
}

/// Issues the decision, goes back twice and sends again what is shown there.
async fn decide_once(desk: &Desk<'_>, case: &str) {
    desk.go(&format!("/cases/{case}/act/A33?party=p1")).await;
    desk.fill("A33", json!({"f.fine": "28000"})).await;
    desk.send("A33").await;
    desk.go(&format!("/cases/{case}")).await;
    let issued = |text: &str| text.matches("《行政处罚决定书").count();
    let before = issued(&desk.whole_text().await);
    assert!(before > 0, "{}", desk.text().await);
    for _ in 0..2 {
        desk.browser.back().await.unwrap();
        // A page that was answered to a form is asked for anew; the browser sends the form again.
        desk.browser.refresh().await.unwrap();
        for button in ["button[value=confirm]", ".buttons button[value=submit]"] {
            if desk.has(button).await {
                desk.press(button).await;
            }
        }
    }
    desk.shows(&["这份表单此前已经提交", "没有重复办理"]).await;
    desk.look("leader-back").await;
    desk.go(&format!("/cases/{case}")).await;
    let after = desk.whole_text().await;
    assert_eq!(issued(&after), before, "issued once: {after}");
}
