//! Articles in place: citations lead to the texts that the bureau has loaded, and stay words where it has not.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use jiff::civil::{Date, date};
use office::LawFile;

use crate::{browser::Browser, bureau, bureau::Bureau, journey};

/// 90 articles; the second and later ones of `word` have two paragraphs, the first of them two items.
fn text(word: &str, day: &str) -> String {
    let mut text = format!("# 中华人民共和国行政处罚法\n\n## 第一章 总则\n\n第一条 {word}一。\n\n");
    for at in 2..=90 {
        let number = law::texts::chinese(at);
        text.push_str(&format!(
            "第{number}条 {word}<{at}>，是指：\n\n（一）甲；\n\n（二）乙。\n\n次款{at}。\n\n"
        ));
    }
    text.push_str(&format!("第九十一条 本法自{day}起施行。\n"));
    text
}

async fn load(bureau: &Bureau, text: String) -> Date {
    let file = LawFile::read(text, None, None).unwrap();
    bureau.office.import_law(&file).await.unwrap();
    file.from()
}

#[tokio::test]
async fn without_texts_citations_stay_words_and_the_page_says_how_to_load_them() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    for path in ["/help", case.as_str(), &format!("{case}/act/A05")] {
        officer
            .get(path)
            .await
            .has(StatusCode::OK, &["《行政处罚法》第"])
            .lacks(&["/laws/"]);
    }
    officer
        .get("/help")
        .await
        .has(StatusCode::OK, &["href=\"/laws\""]);
    officer.get("/laws").await.has(
        StatusCode::OK,
        &["还没有导入条文", "zhiheng law import 文件…", "--from 日期"],
    );
    let none = officer.get("/laws/%E6%9F%90%E6%B3%95").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let stranger = Browser::new(&bureau).get("/laws").await;
    assert!(stranger.path.starts_with("/login"), "{}", stranger.path);
}

#[tokio::test]
async fn a_citation_leads_from_case_form_and_help_to_its_article() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    assert_eq!(
        load(&bureau, text("新", "2021年7月15日")).await,
        date(2021, 7, 15)
    );
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    let law = "/laws/%E8%A1%8C%E6%94%BF%E5%A4%84%E7%BD%9A%E6%B3%95?on=2026-03-02";
    let form = format!("{case}/act/A05");
    for path in ["/help", case.as_str(), form.as_str()] {
        let page = officer.get(path).await;
        page.has(
            StatusCode::OK,
            &[&format!("<a href=\"{law}&#38;article=54")],
        )
        .lacks(&["style=", "<script>"]);
    }
    let link = officer.get(&form).await.link("/laws/");
    officer
        .get(&link)
        .await
        .has(StatusCode::OK, &["<h2>第五十四条</h2>"]);

    let cited = officer
        .get(&format!("{law}&article=54&paragraph=1&item=2"))
        .await;
    cited
        .has(
            StatusCode::OK,
            &[
                "自 2021-07-15 起施行",
                "第一章 总则",
                "新&#60;54&#62;，是指：",
                "<p class=\"law-item cited\" id=\"cited\">（二）乙。</p>",
                "上一条：第五十三条",
                "下一条：第五十五条",
            ],
        )
        .lacks(&["style=", "<script>", "请核对"]);
    assert_eq!(cited.html().matches("id=\"cited\"").count(), 1);
    let second = officer.get(&format!("{law}&article=54&paragraph=2")).await;
    second.has(
        StatusCode::OK,
        &["<p class=\"cited\" id=\"cited\">次款54。</p>"],
    );
    let none = officer.get(&format!("{law}&article=54&paragraph=3")).await;
    none.has(
        StatusCode::OK,
        &["没有所引的第三款", "aria-label=\"第五十四条\" id=\"cited\""],
    );
    let range = officer.get(&format!("{law}&article=22&to=25")).await;
    range
        .has(
            StatusCode::OK,
            &[
                "<h2>第二十二条</h2>",
                "<h2>第二十五条</h2>",
                "下一条：第二十六条",
            ],
        )
        .lacks(&["<h2>第二十六条</h2>"]);
    for bad in ["article=99", "article=x", "article=54-1"] {
        let page = officer.get(&format!("{law}&{bad}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{bad}");
    }
}

#[tokio::test]
async fn a_refusal_a_request_and_the_record_lead_to_what_they_cite() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    load(&bureau, text("新", "2021年7月15日")).await;
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    let mut filled = vec![
        ("f.suspected", "yes"),
        ("f.punishable", "yes"),
        ("f.own_jurisdiction", "yes"),
        ("f.violation_ended_on", "2026-03-02"),
    ];
    let path = format!("{case}/act/A05");
    let refused = officer.act(&path, &filled).await;
    let law = "/laws/%E8%A1%8C%E6%94%BF%E5%A4%84%E7%BD%9A%E6%B3%95?on=2026-03-02";
    let cited = format!(
        "<a href=\"{law}&#38;article=42&#38;paragraph=1#cited\" target=\"_blank\" rel=\"noopener\">《行政处罚法》第四十二条第一款<"
    );
    let basis = format!("<span class=\"basis\">（{cited}");
    refused.has(
        StatusCode::UNPROCESSABLE_ENTITY,
        &["不少于2名执法人员", &basis],
    );
    filled.push(("_with", "person-lin"));
    let asked = officer.act(&path, &filled).await;
    asked.has(
        StatusCode::OK,
        &["等待审批", &format!("依据：<a href=\"{law}")],
    );
    let mut head = Browser::of(&bureau, "zhou").await;
    let request = head.get(&case).await.link("/requests/");
    let basis = format!("<p class=\"basis-line\">依据：<a href=\"{law}");
    head.get(&request).await.has(StatusCode::OK, &[&basis]);
}

#[tokio::test]
async fn the_version_of_the_day_is_shown_and_the_other_is_reachable() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    load(&bureau, text("旧", "1996年10月1日")).await;
    load(&bureau, text("新", "2021年7月15日")).await;
    let mut officer = Browser::of(&bureau, "chen").await;
    let law = "/laws/%E8%A1%8C%E6%94%BF%E5%A4%84%E7%BD%9A%E6%B3%95";
    let old = officer.get(&format!("{law}?on=2021-07-14&article=2")).await;
    old.has(
        StatusCode::OK,
        &["1996-10-01 至 2021-07-14 施行", "旧&#60;2&#62;"],
    );
    let new = officer.get(&format!("{law}?on=2021-07-15&article=2")).await;
    new.has(
        StatusCode::OK,
        &["新&#60;2&#62;", "1996-10-01 至 2021-07-14 施行</a>"],
    );
    let before = officer.get(&format!("{law}?on=1996-09-30")).await;
    assert_eq!(before.status, StatusCode::NOT_FOUND);
    let list = officer.get("/laws").await;
    list.has(
        StatusCode::OK,
        &[
            "今日版本",
            "1996-10-01 至 2021-07-14 施行",
            "自 2021-07-15 起施行",
        ],
    );
    let whole = officer.get(law).await;
    whole.has(StatusCode::OK, &["<h2>第一章 总则</h2>", "第九十一条</a>"]);

    // Kept parsed: the page of an article costs no more than any other. The bound leaves room for a busy machine.
    let begun = Instant::now();
    for _ in 0..20 {
        officer.get(&format!("{law}?article=54")).await;
    }
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
}
