//! Collective discussion: the agenda, who may take part, each one's view, and the signed record.

use axum::http::StatusCode;

use crate::{browser::Browser, bureau, journey};

#[tokio::test]
async fn a_case_that_must_be_discussed_stands_on_the_agenda_until_it_is_concluded() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let mut leader = Browser::of(&bureau, "liu").await;
    let agenda = "/discussions";
    leader
        .get(agenda)
        .await
        .has(StatusCode::OK, &["目前没有等待集体讨论的案件"]);
    let case = journey::open_case(&mut officer).await;
    journey::file_case(&bureau, &case).await;
    journey::propose(&bureau, &case).await;
    let signing = [("f.opinion", "拟同意。"), ("f.grave", "yes")];
    let mut preliminary = Browser::of(&bureau, "he").await;
    preliminary
        .act(&format!("{case}/act/A20.sign"), &signing)
        .await
        .has(StatusCode::OK, &["已记录"]);
    Browser::of(&bureau, "zhou").await.approve(&case).await;
    let mut reviewer = Browser::of(&bureau, "gao").await;
    journey::accept(&mut reviewer, &case).await;
    journey::pass(&mut reviewer, &format!("{case}/act/A21.pass")).await;
    journey::notify(&bureau, &case).await;
    journey::hear(&bureau, &case).await;
    let submitted = [("f.note", "申辩意见未采纳。")];
    officer
        .act(&format!("{case}/act/A30.submit"), &submitted)
        .await;
    journey::pass(&mut reviewer, &format!("{case}/act/A30.pass")).await;

    let listed = leader.get(agenda).await;
    let here = format!("{case}/discussion");
    listed
        .has(
            StatusCode::OK,
            &[
                "集体讨论议题（1）",
                &here,
                "罚款20,000.00元",
                "通过",
                "陈立、林芳",
            ],
        )
        .lacks(&["style=", "<script"]);
    // Whoever may not read the case does not learn of it from the agenda.
    let mut other = Browser::of(&bureau, "wu").await;
    other.get(agenda).await.lacks(&[&here, "化工厂"]);
    other
        .get(&here)
        .await
        .has(StatusCode::NOT_FOUND, &["无权查看"]);

    let page = leader.get(&here).await;
    page.has(
        StatusCode::OK,
        &[
            "应当集体讨论：是",
            "刘国安（局领导）",
            "赵建设（局领导）",
            "王守法（局领导）",
            "化工厂的陈述申辩",
            "请求从轻。",
            "还没有讨论",
        ],
    );
    let mut form = leader
        .get(&page.link("/act/A32.conclude"))
        .await
        .form()
        .fill("f.place", "三楼会议室")
        .fill("f.record", "经讨论，一致同意。");
    for n in 0..3 {
        form = form
            .fill(&format!("f.votes.{n}.vote"), "agree")
            .fill(&format!("f.votes.{n}.view"), &format!("第{n}位同意"));
    }
    let confirm = leader.submit(form, "submit").await;
    leader
        .submit(confirm.form(), "confirm")
        .await
        .has(StatusCode::OK, &["已记录：集体讨论，形成结论"]);
    leader.get(agenda).await.lacks(&[&here]);
    leader.get(&here).await.has(
        StatusCode::OK,
        &[
            "参加 3 人，同意 3 人",
            "第2位同意",
            "三楼会议室",
            "《案件集体讨论记录》",
            "签名的讨论记录还没有归入",
        ],
    );

    // The record is signed on paper; the handler puts the scan into the dossier.
    let to_sign = officer.get(&here).await.link("/act/A32.signed");
    let scan = officer.get(&to_sign).await.form();
    let scan = scan
        .attach("f.attachment", "讨论记录.pdf", b"%PDF-1.7 signed")
        .fill("f.signed_by", "person-liu")
        .fill("f.unsigned", "无");
    officer
        .submit(scan, "submit")
        .await
        .has(StatusCode::OK, &["已记录：归入签名的集体讨论记录"]);
    let held = leader.get(&here).await;
    held.lacks(&["/act/A46"]);
    held.has(StatusCode::OK, &["签名人员", "刘国安", "讨论记录.pdf"]);
    let file = leader.get(&held.link("/files/")).await;
    assert_eq!(file.body, b"%PDF-1.7 signed");
}
