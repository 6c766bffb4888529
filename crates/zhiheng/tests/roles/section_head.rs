//! 承办科室负责人: a request is returned with reasons, comes again, and is approved.

use serde_json::json;

use crate::{
    scene,
    support::desk::{Desk, today},
};

const WHY: &str = "请补充说明违法行为的终了日期的依据。";

#[tokio::test(flavor = "multi_thread")]
async fn a_section_head_returns_a_request_with_reasons_and_approves_it_when_it_comes_again() {
    let Some((_place, server, browser)) = scene().await else {
        return;
    };
    let desk = Desk::new(&browser, &server);
    desk.sign_in("wu").await;
    let case = desk.case_of("青山县平安木业有限公司").await;
    let today: jiff::civil::Date = today().parse().unwrap();
    // The lead came in thirty days ago, and the violation had ended before.
    let found = (today - jiff::Span::new().days(40)).to_string();
    let filing = json!({
        "f.suspected": "yes", "f.punishable": "yes", "f.own_jurisdiction": "yes",
        "f.violation_ended_on": found, "_with": "person-xu",
    });
    desk.step(&case, "A05", filing.clone()).await;

    desk.sign_in("ma").await;
    desk.shows(&["待您审批", "立案"]).await;
    desk.look("section-head-todo").await;
    desk.waiting(&case).await;
    // Nothing is returned without a word, and nothing is lost by trying.
    assert!(desk.press(".buttons button[value=return]").await);
    desk.shows(&["没有办理成功，填写的内容已保留"]).await;
    desk.look("section-head-no-reason").await;
    desk.type_into("opinion", WHY).await;
    assert!(desk.press(".buttons button[value=return]").await);
    desk.shows(&["已记录"]).await;

    desk.sign_in("wu").await;
    desk.go(&format!("/cases/{case}")).await;
    desk.shows(&["已退回：立案", "马强", WHY]).await;
    desk.look("section-head-returned").await;
    desk.step(&case, "A05", filing).await;
    let again = desk.text().await;
    assert!(!again.contains("已退回"), "it was asked for again: {again}");
    desk.approve(&case, "ma").await;
    desk.approve(&case, "liu").await;
    desk.shows(&["调查取证", "办案期限"]).await;
    desk.ends_without_errors().await;
}
