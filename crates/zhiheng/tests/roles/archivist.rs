//! 档案人员: a closed case is filed, and what comes later goes into a supplement.

use serde_json::json;

use crate::{scene, support::desk::Desk};

#[tokio::test(flavor = "multi_thread")]
async fn an_archivist_files_a_closed_case_and_what_came_after_it() {
    let Some((_place, server, browser)) = scene().await else {
        return;
    };
    let desk = Desk::new(&browser, &server);
    desk.sign_in("wu").await;
    let case = desk.case_of("柳青河").await;
    let closing = json!({"f.kind": "performed", "f.summary": "罚款已缴清，报请结案。"});
    desk.step(&case, "A49", closing).await;
    desk.approve(&case, "ma").await;
    desk.approve(&case, "liu").await;

    desk.sign_in("tang").await;
    desk.shows(&["归档"]).await;
    desk.look("archivist-todo").await;
    desk.go(&format!("/cases/{case}/act/A50")).await;
    desk.look("archivist-form").await;
    let archive = json!({"f.location": "档案室一号柜", "f.retention": "长期"});
    desk.fill("A50", archive).await;
    desk.send("A50").await;
    desk.shows(&["已记录：归档", "《案卷首页》", "《卷内目录》"])
        .await;
    desk.look("archivist-filed").await;
    desk.go(&format!("/cases/{case}/act/A50.supplement")).await;
    desk.look("archivist-supplement").await;
    desk.ends_without_errors().await;
}
