//! What the page of a case tells: where it stands, who must act, what runs out, what changed.

use axum::http::StatusCode;
use jiff::civil::date;

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
        lead.contains("<p class=\"hint\">2026-03-02</p>") && lead.contains("登记线索</a>"),
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

/// A case whose review was held up, made longer, found fault with the fine, and passed the lower one.
async fn reviewed_twice(bureau: &bureau::Bureau) -> String {
    let mut officer = Browser::of(bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    journey::file_case(bureau, &case).await;
    journey::propose(bureau, &case).await;
    journey::sign(bureau, &case).await;
    let mut reviewer = Browser::of(bureau, "gao").await;
    journey::accept(&mut reviewer, &case).await;
    bureau.clock.advance_to(date(2026, 3, 4));
    let missing = [("f.points", "补充责令改正的依据")];
    reviewer
        .act(&format!("{case}/act/A21.supplement"), &missing)
        .await
        .has(StatusCode::OK, &["已记录"]);
    bureau.clock.advance_to(date(2026, 3, 6));
    let materials = [("f.materials", "已补充责令改正指令书")];
    officer
        .act(&format!("{case}/act/A21.supplemented"), &materials)
        .await
        .has(StatusCode::OK, &["已记录"]);
    let longer = [("f.reason", "涉及多部规章")];
    reviewer
        .act(&format!("{case}/act/A21.extend"), &longer)
        .await
        .has(StatusCode::OK, &["已记录"]);
    Browser::of(bureau, "liu").await.approve(&case).await;

    let mut form = reviewer.get(&format!("{case}/act/A21.return")).await.form();
    for n in 0..10 {
        form = form.fill(
            &format!("f.items.{n}.ok"),
            if n == 6 { "no" } else { "yes" },
        );
    }
    let form = form
        .fill("f.items.6.remark", "罚款偏高")
        .fill("f.points", "罚款与裁量基准不符");
    let returned = reviewer.submit(form, "submit").await;
    returned.has(StatusCode::OK, &["已记录：审核意见：存在问题"]);
    let revised = [
        ("f.answers.0", "采纳，罚款降为一万元"),
        ("f.proposal.0.p.0.amount", "1万元"),
    ];
    officer
        .act(&format!("{case}/act/A22.revise"), &revised)
        .await
        .has(StatusCode::OK, &["已记录"]);
    Browser::of(bureau, "zhou").await.approve(&case).await;
    journey::review(bureau, &case).await;
    case
}

#[tokio::test]
async fn a_limit_is_a_bar_with_its_pauses_and_extensions_and_why() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let case = reviewed_twice(&bureau).await;
    let page = Browser::of(&bureau, "chen").await.get(&case).await;
    let html = page.html();
    let limits = part(&html, "id=\"limits\"", "</section>");
    let running = part(limits, "<strong>办案期限</strong>", "</li>");
    for words in [
        "aria-label=\"2026-03-02 至 2026-05-31，已计 4 日\"",
        "<rect class=\"whole\" x=\"0\" y=\"0\" width=\"1000\"",
        "<rect class=\"passed\" x=\"0\" y=\"0\" width=\"44\"",
    ] {
        assert!(running.contains(words), "{words} is not in {running}");
    }
    let review = part(
        limits,
        "<strong>法制审核期限（延长3个工作日）</strong>",
        "</li>",
    );
    for words in [
        "停止计算：2026-03-04 至 2026-03-06（3 日）",
        "退补送审材料</a>（高远，2026-03-04）",
        "需补充的材料：1. 补充责令改正的依据",
        "补齐送审材料</a>（陈立，2026-03-06）",
        "补充的材料：已补充责令改正指令书",
        "依据：退补材料期间不计入（本机关制度）",
        "延长 3个工作日：刘国安于 2026-03-06 批准",
        "理由：涉及多部规章",
        "<rect class=\"held\"",
        "<rect class=\"added\"",
    ] {
        assert!(review.contains(words), "{words} is not in {review}");
    }
}

#[tokio::test]
async fn rounds_of_review_stand_side_by_side_and_fields_have_their_history() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let case = reviewed_twice(&bureau).await;
    let page = Browser::of(&bureau, "chen").await.get(&case).await;
    let html = page.html();
    let rounds = part(&html, "id=\"rounds\"", "</section>");
    let first = part(rounds, "<h3>第 1 轮", "</article>");
    for words in [
        "存在问题",
        "裁量基准运用是否适当：罚款偏高",
        "<li>罚款与裁量基准不符",
        "答复：采纳，罚款降为一万元",
        "罚款20,000.00元",
    ] {
        assert!(first.contains(words), "{words} is not in {first}");
    }
    let second = part(rounds, "<h3>第 2 轮", "</article>");
    let changed = part(second, "与上一轮相比", "</dl>");
    for words in ["<del>罚款20,000.00元", "<ins>罚款10,000.00元"] {
        assert!(changed.contains(words), "{words} is not in {changed}");
    }
    assert!(
        !changed.contains("查明"),
        "what stayed is not said: {changed}"
    );

    // The proposal's history stands with its party, the case's with the record of everything.
    let party = part(&html, "id=\"party-p1\"", "</details>");
    let fine = part(party, "拟处理意见·处理", "</tr>");
    for words in [
        "罚款20,000.00元",
        "罚款10,000.00元",
        "2026-03-06",
        "陈立、周正",
    ] {
        assert!(fine.contains(words), "{words} is not in {fine}");
    }
    let case_changes = part(&html, "案件各项内容的变更", "</details>");
    let stage = part(
        case_changes,
        "<td data-label=\"项目\">法制审核</td>",
        "</tr>",
    );
    assert!(
        stage.contains("在审") && stage.contains("存在问题"),
        "{stage}"
    );

    // Evidence by kind, papers by stage.
    page.has(StatusCode::OK, &["证据（1）", "当事人的陈述（1）"]);
    let papers = part(&html, "id=\"papers\"", "</section>");
    let stages: Vec<&str> = papers.split("<h3>").skip(1).collect();
    let of = |stage: &str, paper: &str| {
        let group = stages.iter().find(|s| s.starts_with(stage));
        group.is_some_and(|group| group.contains(paper))
    };
    assert!(of("线索核查", "立案审批表"), "{papers}");
    assert!(of("调查取证", "询问笔录"), "{papers}");
    assert!(of("法制审核", "法制审核意见书"), "{papers}");
}

#[tokio::test]
async fn the_page_prints_with_everything_open_and_without_navigation() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    journey::file_case(&bureau, &case).await;
    let on_screen = officer.get(&case).await;
    on_screen.has(StatusCode::OK, &["<nav", "<details>"]);
    let print = officer.get(&on_screen.link("?print=1")).await;
    print.has(
        StatusCode::OK,
        &["2026-03-02", "由陈立打印", "全过程记录", "立案审批表"],
    );
    print.lacks(&["<nav", "<form", "<details>", "您还可以办理"]);
    let html = print.html();
    for folded in html.split("<details").skip(1) {
        let tag = folded.split('>').next().unwrap_or_default();
        assert!(tag.ends_with(" open"), "<details{tag}> is not open");
    }
    // Nobody prints what is not theirs to read.
    let mut other = Browser::of(&bureau, "wu").await;
    let refused = other.get(&format!("{case}?print=1")).await;
    refused.has(StatusCode::NOT_FOUND, &["无权查看"]);
}
