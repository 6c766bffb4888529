//! What the page of a case tells: where it stands, who must act, what runs out, what changed.

use axum::http::StatusCode;

use crate::{browser::Browser, bureau, journey};

/// A part of a page, from one sign up to another.
#[track_caller]
fn part<'a>(html: &'a str, from: &str, to: &str) -> &'a str {
    let at = html
        .find(from)
        .unwrap_or_else(|| panic!("{from:?} is not in {html}"));
    let rest = &html[at..];
    let end = rest[from.len()..].find(to);
    &rest[..end.map_or(rest.len(), |end| from.len() + end)]
}

#[tokio::test]
async fn the_case_stands_on_its_own_flow_chart_with_what_was_done_in_each_stage() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    journey::file_case(&bureau, &case).await;

    let page = officer.get(&case).await;
    page.has(StatusCode::OK, &["办理进程"])
        .lacks(&["style=", "<script"]);
    let html = page.html();
    let chart = part(&html, "<svg", "</svg>");
    assert!(chart.contains("案件现在“调查取证”阶段"), "{chart}");
    let box_of = |class: &str, title: &str| {
        let boxes: Vec<&str> = chart.split("<g class=\"").skip(1).collect();
        boxes
            .iter()
            .any(|b| b.starts_with(&format!("{class}\"")) && b.contains(&format!(">{title}<")))
    };
    for (class, title) in [
        ("done", "线索核查"),
        ("now", "调查取证"),
        ("next", "拟处理"),
        ("next", "中止调查"),
        ("ahead", "法制审核"),
        ("ahead", "已归档"),
    ] {
        assert!(box_of(class, title), "{title} is not {class} in {chart}");
    }
    assert!(
        chart.contains("class=\"taken\"") && chart.contains("class=\"next\""),
        "{chart}"
    );

    // The same in words, with the steps done in each stage.
    let list = part(&html, "<ol class=\"course-list\">", "</ol>");
    let lead = part(list, "线索核查", "</li>\n<li");
    assert!(
        lead.contains("2026-03-02 至 2026-03-02") && lead.contains("登记线索</a>"),
        "{lead}"
    );
    let now = part(list, "<h3>调查取证", "<h3>");
    assert!(now.contains("2026-03-02 起"), "{now}");
    let next = part(list, "<h3>拟处理", "<h3>");
    assert!(
        next.contains("经由：调查终结，提出拟处理意见（现在可以办理）"),
        "{next}"
    );
    assert!(html.contains("尚未到达：法制审核、"));
}

#[tokio::test]
async fn whoever_cannot_act_reads_who_can_and_by_when() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    let form = officer.get(&format!("{case}/act/A05")).await.form();
    let filing = form.fill_all(&[
        ("f.suspected", "yes"),
        ("f.punishable", "yes"),
        ("f.own_jurisdiction", "yes"),
        ("f.violation_ended_on", "2026-03-02"),
        ("_with", "person-lin"),
    ]);
    // A request names who may approve it, and not the one of them who does not serve in this unit.
    let asked = officer.submit(filing, "submit").await;
    asked.has(
        StatusCode::OK,
        &[
            "由承办科室负责人办理：周正</p>",
            "决定是否立案：还剩 11 个工作日，截止 2026-03-17（《行政处罚法》第五十四条第二款",
        ],
    );
    for approver in ["zhou", "liu"] {
        Browser::of(&bureau, approver).await.approve(&case).await;
    }
    journey::propose(&bureau, &case).await;
    let waiting = officer.get(&case).await;
    waiting.has(
        StatusCode::OK,
        &[
            "等其他人办理",
            "由初审员办理：何平</p>",
            "办案期限：还剩",
            "（《行政处罚法》第六十条）",
        ],
    );
    // The handlers are named where they are the ones to act; nobody else of the unit is.
    journey::review(&bureau, &case).await;
    let mut preliminary = Browser::of(&bureau, "he").await;
    preliminary.get(&case).await.has(
        StatusCode::OK,
        &["制作告知书", "由承办人办理：陈立、林芳</p>"],
    );
}
