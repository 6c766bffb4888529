//! 财务人员: part of a fine is paid, then the rest, and nothing counts as paid while something is owed.

use serde_json::json;

use crate::{scene, support::desk::Desk};

#[tokio::test(flavor = "multi_thread")]
async fn a_cashier_records_a_part_and_then_the_rest_of_a_fine() {
    let Some((_place, server, browser)) = scene().await else {
        return;
    };
    let desk = Desk::new(&browser, &server);
    desk.sign_in("qian").await;
    // What a party pays is waited for, not owed by the cashier: nothing presses, and the page says where to look.
    desk.shows(&["目前没有等您办理的事项", "全部案件"]).await;
    desk.look("cashier-todo").await;
    let case = desk.case_of("青山县利民加油站").await;
    desk.look("cashier-case").await;
    let part = json!({"f.amount": "3000", "f.receipt": "NO.2026101"});
    desk.step(&case, "A37.part?party=p1", part).await;
    desk.shows(&["已记录：登记部分缴款"]).await;
    // The rest is 5,000: less does not clear the fine, and stays in the form.
    desk.go(&format!("/cases/{case}/act/A37.full?party=p1"))
        .await;
    let wrong = json!({"f.amount": "4000", "f.receipt": "NO.2026102"});
    desk.fill("A37.full", wrong).await;
    assert!(desk.press(".buttons button[value=submit]").await);
    desk.shows(&["没有办理成功，填写的内容已保留"]).await;
    desk.holds(&[("f.amount", "4000"), ("f.receipt", "NO.2026102")])
        .await;
    desk.look("cashier-refused").await;
    desk.fill("A37.full", json!({"f.amount": "5000"})).await;
    desk.send("A37.full").await;
    desk.shows(&["已记录：登记缴清"]).await;
    desk.ends_without_errors().await;
}
