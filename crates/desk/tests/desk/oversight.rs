//! Where cases stand, for whoever is shown all of them; and views of the list that a person keeps.

use axum::http::StatusCode;
use casework::{person::Body, record::Via};
use jiff::civil::date;

use crate::{
    browser::{Browser, Form},
    bureau, journey,
};

#[tokio::test]
async fn an_overseer_sees_where_cases_stand_and_what_is_late() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let below = Body {
        id: "body-zhen".into(),
        parent: Some("body-qinghe".into()),
        name: "青禾镇应急管理站".into(),
        units: vec![("zf".into(), "镇执法办".into())],
        ..Body::default()
    };
    let apart = Body {
        id: "body-bei".into(),
        name: "北山县应急管理局".into(),
        units: vec![("kc".into(), "北山勘查股".into())],
        ..Body::default()
    };
    let office = &bureau.office;
    for body in [&below, &apart] {
        let registered = office.register_body(body, None, Via::Import);
        registered.await.unwrap();
    }
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    journey::file_case(&bureau, &case).await;
    let mut leader = Browser::of(&bureau, "liu").await;
    let page = leader.get("/oversight").await;
    page.has(
        StatusCode::OK,
        &[
            "在办 <strong>1</strong>",
            "超期 <strong>0</strong>",
            "危险化学品监管股",
            "青禾镇应急管理站",
            "含下级：在办 1",
            "调查取证",
            "没有超期的事项",
        ],
    )
    .lacks(&["style=", "<script"]);
    // From a unit to its cases.
    let there = leader.get(&page.link("unit=wh&ended=no")).await;
    there.has(StatusCode::OK, &[&case]);
    // A body without cases is called by its name, and one out of scope is not asked for.
    leader.get("/oversight?body=body-zhen").await.has(
        StatusCode::OK,
        &["案件所在阶段：青禾镇应急管理站", "还没有案件"],
    );
    leader
        .get("/oversight?body=body-other")
        .await
        .has(StatusCode::OK, &["案件所在阶段：全部", "调查取证"]);
    let elsewhere = leader.get("/cases?body=body-zhen&ended=no").await;
    elsewhere.has(StatusCode::OK, &["没有符合条件的案件", "镇执法办"]);
    // Of a body in which one reads nothing not even the units are told.
    let unread = leader.get("/cases?body=body-bei").await;
    unread.has(StatusCode::OK, &["危险化学品监管股"]);
    unread.lacks(&["北山勘查股"]);

    bureau.clock.advance_to(date(2026, 6, 10));
    let late = leader.get("/oversight?body=body-qinghe&unit=wh").await;
    late.has(
        StatusCode::OK,
        &[
            "超期 <strong>1</strong>",
            "案件所在阶段：青禾县应急管理局危险化学品监管股",
            "办案期限",
            "已超期",
        ],
    );
    let html = late.html();
    let (_, list) = html.split_once("id=\"late\"").unwrap();
    // It waits for both handlers, and stands once.
    assert_eq!(list.matches("提出拟处理意见</td>").count(), 1, "{list}");
    leader
        .get(&late.link("late=1"))
        .await
        .has(StatusCode::OK, &[&case]);
    // Whoever is shown only a part is told nothing of the whole.
    officer
        .get("/oversight")
        .await
        .has(StatusCode::NOT_FOUND, &["没有找到"]);
    officer.get("/").await.lacks(&["/oversight"]);
}

/// The form of a page with that button.
fn form_of(browser: &crate::browser::Page, name: &str, query: &str) -> Form {
    let csrf = browser.form().value("_csrf").unwrap().to_owned();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Form {
        action: "/cases/views".into(),
        multipart: false,
        pairs: vec![
            pair("_csrf", &csrf),
            pair("name", name),
            pair("query", query),
        ],
        file: None,
    }
}

#[tokio::test]
async fn a_view_of_the_list_is_kept_for_one_person_and_leads_back_to_it() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let list = officer.get("/cases?ended=no&late=1&cols=unit").await;
    let form = list.form();
    assert_eq!(form.value("query"), Some("ended=no&late=1&cols=name,unit"));
    let kept = officer.submit(form.fill("name", "超期的"), "save").await;
    kept.has(
        StatusCode::OK,
        &["我的视图", ">超期的</a>", "aria-current=\"true\""],
    );
    let link = officer.get("/cases").await.link("late=1");
    let back = officer.get(&link).await;
    back.has(StatusCode::OK, &["name=\"late\" value=\"1\" checked"]);

    // A name that is none is refused, and what is kept leads nowhere else.
    let bad = form_of(&back, "", "ended=no");
    officer
        .submit(bad, "save")
        .await
        .has(StatusCode::UNPROCESSABLE_ENTITY, &["没有保存"]);
    let evil = form_of(&back, "坏的", "next=//evil.example/&stage=\"><b>");
    let page = officer.submit(evil, "save").await;
    page.has(StatusCode::OK, &[">坏的</a>"])
        .lacks(&["evil.example", "<b>"]);

    // Nobody else sees it.
    let mut other = Browser::of(&bureau, "lin").await;
    other.get("/cases").await.lacks(&["超期的</a>"]);
    let drop = form_of(&page, "超期的", "");
    officer.submit(drop, "drop").await.lacks(&[">超期的</a>"]);
}
