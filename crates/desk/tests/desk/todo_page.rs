//! What waits for somebody, and what somebody waits for.

use axum::http::StatusCode;
use jiff::civil::date;

use crate::{browser::Browser, bureau, journey};

const COUNT: &str = "<span class=\"count\">";

#[tokio::test]
async fn what_i_wait_for_is_listed_with_whom_and_how_long_and_counts_are_true_at_once() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    officer
        .get("/")
        .await
        .has(
            StatusCode::OK,
            &["我在等的（0）", "没有在等其他人办理的事项"],
        )
        .lacks(&[COUNT]);
    let case = journey::open_case(&mut officer).await;
    // What the new case waits for is an officer's of the unit, and the navigation says so on every page.
    for path in ["/", "/cases", "/help", case.as_str()] {
        let page = officer.get(path).await;
        page.has(StatusCode::OK, &[&format!("{COUNT}2</span>")]);
    }
    officer.get("/").await.has(StatusCode::OK, &["待办（2）"]);
    let form = officer.get(&format!("{case}/act/A05")).await.form();
    let filing = form.fill_all(&[
        ("f.suspected", "yes"),
        ("f.punishable", "yes"),
        ("f.own_jurisdiction", "yes"),
        ("f.violation_ended_on", "2026-03-02"),
        ("_with", "person-lin"),
    ]);
    officer.submit(filing, "submit").await;

    let mine = officer.get("/").await;
    mine.has(
        StatusCode::OK,
        &[
            "我在等的（1）",
            "审批：立案",
            "承办科室负责人：周正",
            "还剩 11 个工作日",
            "决定是否立案（《行政处罚法》第五十四条第二款",
        ],
    );
    mine.has(StatusCode::OK, &[&format!("{COUNT}1</span>"), "待办（1）"]);
    // Whoever has to approve does not wait, and whoever has no part in the case reads nothing of it.
    let mut head = Browser::of(&bureau, "zhou").await;
    let his = head.get("/").await;
    let both = format!("{COUNT}2</span>");
    his.has(StatusCode::OK, &[&both, "待您审批", "我在等的（0）"]);
    let mut other = Browser::of(&bureau, "wu").await;
    other
        .get("/")
        .await
        .has(StatusCode::OK, &["我在等的（0）"])
        .lacks(&[COUNT, &case]);

    // What is late comes with its lateness, to the one who waits as well.
    bureau.clock.advance_to(date(2026, 3, 20));
    officer
        .get("/")
        .await
        .has(StatusCode::OK, &["其中 1 项已经超期", "已超期 3 个工作日"]);
    let approved = head.approve(&case).await;
    let one = format!("{COUNT}1</span>");
    approved.has(StatusCode::OK, &["已记录", &one]);
    head.get("/")
        .await
        .has(StatusCode::OK, &["我在等的（1）", "机关负责人：刘国安、"]);
}
