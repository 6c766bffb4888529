//! The review desk: what bears on each item beside it, the opinion drafted from the items, answers, coordination.

use axum::http::StatusCode;

use crate::{
    browser::{Browser, Page},
    bureau::{self, Bureau},
    journey,
};

/// A case that the reviewer has accepted.
async fn accepted(bureau: &Bureau) -> String {
    let mut officer = Browser::of(bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    journey::file_case(bureau, &case).await;
    journey::propose(bureau, &case).await;
    journey::sign(bureau, &case).await;
    let mut reviewer = Browser::of(bureau, "gao").await;
    journey::accept(&mut reviewer, &case).await;
    case
}

/// The part of a page about one item.
fn item<'a>(html: &'a str, title: &str) -> &'a str {
    let at = html.find(&format!(". {title}")).expect(title);
    let rest = &html[at..];
    let end = rest.find("class=\"beside\"").expect("beside");
    let end = end + rest[end..].find("</div>").expect("its end");
    &rest[..end]
}

/// The reviewer's form of an outcome with two faults, as the button leaves it.
async fn with_faults(reviewer: &mut Browser, case: &str, button: &str) -> Page {
    let page = reviewer.get(&format!("{case}/act/A21.pass")).await;
    let mut form = page.form();
    for n in 0..10 {
        let ok = if n == 5 || n == 6 { "no" } else { "yes" };
        form = form.fill(&format!("f.items.{n}.ok"), ok);
    }
    let mut form = form
        .fill("f.items.5.remark", "没有写到项")
        .fill("f.items.6.remark", "罚款偏高");
    if button == "carry" {
        form.action = page.link_to("formaction=\"", "A21.return");
    }
    reviewer.submit(form, button).await
}

#[tokio::test]
async fn each_item_stands_beside_the_evidence_papers_and_facts_that_bear_on_it() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let case = accepted(&bureau).await;
    let mut reviewer = Browser::of(&bureau, "gao").await;
    let desk = reviewer.get(&format!("{case}/review")).await;
    desk.has(
        StatusCode::OK,
        &[
            "第 1 轮，在审",
            "法制审核期限",
            "罚款20,000.00元",
            "受理送审材料",
        ],
    )
    .lacks(&["style=", "<script"]);
    let form = reviewer.get(&format!("{case}/act/A21.pass")).await;
    // What bears on an item opens beside the form that is being filled in, not over it.
    let html = form.html();
    let (_, filled_in) = html.split_once("<form method=\"post\" action").unwrap();
    let (filled_in, _) = filled_in.split_once("class=\"buttons\"").unwrap();
    let links: Vec<&str> = filled_in.split("<a ").skip(1).collect();
    assert!(links.len() > 3, "{filled_in}");
    for link in links {
        let (tag, words) = link.split_once('>').unwrap();
        assert!(tag.contains("target=\"_blank\" rel=\"noopener\""), "{tag}");
        let words = words.split("</a>").next().unwrap();
        assert!(words.contains("（在新页面打开）"), "{words}");
    }
    form.has(StatusCode::OK, &["办理指引", "送审的拟处理意见"]);
    for html in [desk.html(), form.html()] {
        let look = |title: &str, there: &[&str], elsewhere: &[&str]| {
            let part = item(&html, title);
            for words in there {
                assert!(part.contains(words), "{words} is not in {part}");
            }
            for words in elsewhere {
                assert!(!part.contains(words), "{words} is in {part}");
            }
        };
        look(
            "执法人员是否具备资格",
            &[
                "承办人：陈立，执法证件 QH-0001，有效至 2028-12-31",
                "《询问笔录》",
            ],
            &["立案审批表"],
        );
        look(
            "证据是否合法充分",
            &["证据（1）", "/files/", "证明：未建立制度"],
            &["案件调查报告"],
        );
        look(
            "适用法律、法规、规章是否准确",
            &["《安全生产法》第四十一条第一款", "追诉时效：<strong>未过"],
            &["罚款20,000.00元"],
        );
        look(
            "裁量基准运用是否适当",
            &["罚款20,000.00元", "法定幅度"],
            &["查明"],
        );
        look(
            "违法行为是否涉嫌犯罪、需要移送司法机关",
            &["涉嫌犯罪：<strong>无"],
            &["《立案审批表》"],
        );
    }
    // Whoever may not read the case reads no review of it.
    let mut other = Browser::of(&bureau, "wu").await;
    other
        .get(&format!("{case}/review"))
        .await
        .has(StatusCode::NOT_FOUND, &["无权查看"]);
    // Before anything is proposed the desk says what is missing.
    let mut officer = Browser::of(&bureau, "chen").await;
    let early = journey::open_case(&mut officer).await;
    officer
        .get(&format!("{early}/review"))
        .await
        .has(StatusCode::OK, &["还没有提出拟处理意见", "还没有送审"]);
}

#[tokio::test]
async fn the_opinion_is_drafted_from_the_items_and_each_point_is_answered() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let case = accepted(&bureau).await;
    let mut reviewer = Browser::of(&bureau, "gao").await;
    let drafted = with_faults(&mut reviewer, &case, "opinion").await;
    drafted.has(StatusCode::OK, &["有 2 项存在问题，不能出具同意的意见"]);
    let carried = with_faults(&mut reviewer, &case, "carry").await;
    carried.has(StatusCode::OK, &["审核意见：存在问题", "已按各项结论起草"]);
    let form = carried.form();
    assert_eq!(
        form.value("f.points"),
        Some(
            "第6项“适用法律、法规、规章是否准确”：没有写到项\n第7项“裁量基准运用是否适当”：罚款偏高"
        )
    );
    // What was carried over is kept as the draft of the outcome chosen.
    let kept = reviewer
        .get(&format!("{case}/act/A21.return?draft=1"))
        .await;
    assert_eq!(kept.form().value("f.items.6.remark"), Some("罚款偏高"));
    let returned = reviewer.submit(form, "submit").await;
    returned.has(StatusCode::OK, &["已记录：审核意见：存在问题"]);

    let mut officer = Browser::of(&bureau, "chen").await;
    let answer = officer.get(&format!("{case}/act/A22.revise")).await;
    answer.has(
        StatusCode::OK,
        &["1. 第6项“适用法律", "2. 第7项“裁量基准", "查看法制审核情况"],
    );
    let half = answer.form().fill("f.answers.0", "已写到项");
    officer
        .submit(half, "submit")
        .await
        .has(StatusCode::UNPROCESSABLE_ENTITY, &["填写的内容已保留"]);
    let whole = answer
        .form()
        .fill("f.answers.0", "已写到项")
        .fill("f.answers.1", "采纳")
        .fill("f.proposal.0.p.0.amount", "1万元");
    officer
        .submit(whole, "submit")
        .await
        .has(StatusCode::OK, &["已记录"]);
    Browser::of(&bureau, "zhou").await.approve(&case).await;
    journey::sign(&bureau, &case).await;
    journey::accept(&mut reviewer, &case).await;
    reviewer.get(&format!("{case}/review")).await.has(
        StatusCode::OK,
        &[
            "第 2 轮，在审",
            "上一次意见以后的变化",
            "<del>罚款20,000.00元",
            "<ins>罚款10,000.00元",
            "上一次意见：</strong>存在问题，罚款偏高",
            "答复：采纳",
        ],
    );
}

#[tokio::test]
async fn coordination_stands_with_its_record() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let case = accepted(&bureau).await;
    let mut reviewer = Browser::of(&bureau, "gao").await;
    let carried = with_faults(&mut reviewer, &case, "carry").await;
    reviewer.submit(carried.form(), "submit").await;
    let objection = [("f.objection", "罚款符合裁量基准")];
    Browser::of(&bureau, "zhou")
        .await
        .act(&format!("{case}/act/A23.open"), &objection)
        .await
        .has(StatusCode::OK, &["已记录：提请协调"]);
    let mut leader = Browser::of(&bureau, "liu").await;
    let record = [
        ("f.record", "双方到会，同意维持罚款数额"),
        ("f.answers.0", "补写到项"),
        ("f.answers.1", "不采纳"),
    ];
    leader
        .get(&format!("{case}/review"))
        .await
        .has(StatusCode::OK, &["协调中", "协调结论"]);
    leader
        .act(&format!("{case}/act/A23.close"), &record)
        .await
        .has(StatusCode::OK, &["已记录：协调结论"]);
    leader.get(&format!("{case}/review")).await.has(
        StatusCode::OK,
        &[
            "罚款符合裁量基准",
            "双方到会，同意维持罚款数额",
            "答复：不采纳",
        ],
    );
}

#[tokio::test]
async fn an_opinion_that_was_written_goes_along_to_another_outcome_or_waits_where_it_was() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let case = accepted(&bureau).await;
    let mut reviewer = Browser::of(&bureau, "gao").await;
    // What the desk drafted is drafted anew; nobody has written it.
    let drafted = with_faults(&mut reviewer, &case, "carry").await;
    let mut form = drafted.form();
    form.action = drafted.link_to("formaction=\"", "A21.crime");
    let crime = reviewer.submit(form, "carry").await;
    crime
        .has(
            StatusCode::OK,
            &["审核发现涉嫌犯罪", "已按各项结论起草", "罚款偏高"],
        )
        .lacks(&["由您修改过", "您写的意见"]);
    // What somebody has written goes along to the field of another name.
    let mut form = crime.form().fill("f.points", "另行写明的一点");
    form.action = crime.link_to("formaction=\"", "A21.pass");
    let pass = reviewer.submit(form, "carry").await;
    pass.has(StatusCode::OK, &["审核意见：同意", "您写的意见已带到这里"]);
    assert_eq!(pass.form().value("f.opinion"), Some("另行写明的一点"));
    let gone = reviewer.get(&format!("{case}/act/A21.crime")).await;
    gone.lacks(&["保存过草稿"]);

    // Only opinions go along, and only to opinions.
    let mut forged = pass.form();
    forged.action = format!("{case}/act/A21.extend?from=A21.pass");
    let page = reviewer.submit(forged.clone(), "carry").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    forged.action = format!("{case}/act/A21.return?from=A21.extend");
    let page = reviewer.submit(forged, "carry").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);

    // The review ends meanwhile on another page: what stands here is kept.
    let late = pass.form().fill("f.opinion", "还没有提交的意见");
    let mut elsewhere = Browser::of(&bureau, "gao").await;
    let sent = with_faults(&mut elsewhere, &case, "carry").await;
    elsewhere
        .submit(sent.form(), "submit")
        .await
        .has(StatusCode::OK, &["已记录"]);
    let mut late = late;
    late.action = pass.link_to("formaction=\"", "A21.crime");
    let closed = reviewer.submit(late, "carry").await;
    closed.has(
        StatusCode::OK,
        &["现在不能办理", "已存为“审核意见：同意”的草稿"],
    );
    let drafts = reviewer.get("/").await;
    let draft = reviewer.get(&drafts.link("A21.pass?draft=1")).await;
    draft.has(StatusCode::OK, &["您此前填写的草稿", "还没有提交的意见"]);
}
