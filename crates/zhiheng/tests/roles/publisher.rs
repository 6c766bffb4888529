//! 公示审核人: a decision is published without private facts, and stopped with reasons that anybody can read.

use serde_json::json;

use crate::{scene, support::desk::Desk};

const PARTY: &str = "青山县利民加油站";
const WHY: &str = "公示的违法事实表述有误，停止公示。";

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_publishes_a_decision_and_stops_it_with_reasons() {
    let Some((_place, server, browser)) = scene().await else {
        return;
    };
    let desk = Desk::new(&browser, &server);
    desk.sign_in("chen").await;
    let case = desk.case_of(PARTY).await;
    desk.go(&format!("/cases/{case}/act/A47.publish?party=p1"))
        .await;
    // What must not go out is found, and what was typed stays.
    let private = "当事人未建立制度，联系电话13812345678。";
    let shown = json!({"f.secrecy_checked": "yes", "f.public_facts": private});
    desk.fill("A47.publish", shown).await;
    assert!(desk.press(".buttons button[value=submit]").await);
    desk.shows(&["没有办理成功，填写的内容已保留"]).await;
    desk.holds(&[("f.public_facts", private)]).await;
    desk.look("publisher-private").await;
    let masked = json!({"f.public_facts": "当事人未建立安全风险分级管控制度。"});
    desk.fill("A47.publish", masked).await;
    desk.send("A47.publish").await;

    desk.sign_in("fang").await;
    desk.shows(&["采集并审核发布", "待您审批"]).await;
    desk.look("publisher-todo").await;
    desk.waiting(&case).await;
    desk.look("publisher-request").await;
    desk.type_into("opinion", "同意发布。").await;
    assert!(desk.press(".buttons button[value=approve]").await);
    desk.wait_for("/public/", PARTY).await;
    desk.follow("/public/decisions/").await;

    desk.sign_in("fang").await;
    desk.step(&case, "A48.stop?party=p1", json!({"f.reason": WHY}))
        .await;
    desk.wait_for("/public/", "已撤回").await;
    desk.follow("/public/decisions/").await;
    desk.shows(&["公示已撤回", WHY]).await;
    desk.look("publisher-withdrawn").await;
    desk.ends_without_errors().await;
}
