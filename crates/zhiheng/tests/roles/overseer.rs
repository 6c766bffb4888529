//! 执法监督人员: from the figures of all to a case that is late, and the register of cases; nothing to act on.

use testkit::fantoccini::Locator;

use crate::{scene, support::desk::Desk};

#[tokio::test(flavor = "multi_thread")]
async fn an_overseer_comes_from_the_figures_to_the_late_case_and_takes_the_register() {
    let Some((_place, server, browser)) = scene().await else {
        return;
    };
    let desk = Desk::new(&browser, &server);
    desk.sign_in("jian").await;
    desk.look("overseer-todo").await;
    desk.go("/oversight").await;
    desk.shows(&["案件监督", "工贸监管股", "超期最久的事项"])
        .await;
    desk.look("overseer-all").await;
    desk.follow("/oversight?body=body-qingshan-yj&unit=gm")
        .await;
    desk.shows(&["案件所在阶段：青山县应急管理局工贸监管股"])
        .await;
    desk.go("/oversight").await;
    desk.follow("unit=gm&ended=no&late=1").await;
    let late = desk.shows(&["青山县宏达建材有限公司"]).await;
    assert!(!late.contains("青山县金石制品有限公司"), "{late}");
    desk.look("overseer-late").await;
    let register = desk.download("a[href*='register.xlsx']").await;
    assert!(std::fs::read(register).unwrap().starts_with(b"PK"));
    let late = "青山县宏达建材有限公司涉嫌未建立风险分级管控制度案";
    let late = browser.find(Locator::LinkText(late)).await.unwrap();
    late.click().await.unwrap();
    desk.shows(&["青山县宏达建材有限公司", "已超期"]).await;
    assert!(!desk.has("a[href*='/act/']").await, "nothing to act on");
    desk.look("overseer-case").await;
    desk.ends_without_errors().await;
}
