//! 听证主持人: the hearing of the demo's case is recorded and reported.

use serde_json::json;

use crate::{scene, support::desk::Desk};

#[tokio::test(flavor = "multi_thread")]
async fn a_hearing_host_records_and_reports_the_hearing() {
    let Some((_place, server, browser)) = scene().await else {
        return;
    };
    let desk = Desk::new(&browser, &server);
    desk.sign_in("zheng").await;
    desk.shows(&["举行听证，制作笔录和报告"]).await;
    desk.look("hearing-todo").await;
    let case = desk.case_of("青山县远大涂料有限公司").await;
    desk.go(&format!("/cases/{case}/act/A28.hold?party=p1"))
        .await;
    let record = json!({
        "f.record": "双方陈述、举证、质证，当事人作最后陈述。", "f.report": "建议维持拟处理意见。",
        "f.representatives": "田某某", "_with": "person-luo",
    });
    desk.fill("A28.hold", record).await;
    desk.look("hearing-form").await;
    assert!(desk.press(".buttons button[value=preview]").await);
    desk.shows(&["文书预览", "《听证笔录》"]).await;
    desk.look("hearing-preview").await;
    assert!(desk.press("button[value=confirm]").await);
    desk.shows(&["已记录：举行听证", "《听证笔录》", "《听证报告书》"])
        .await;
    desk.look("hearing-held").await;
    desk.ends_without_errors().await;
}
