//! A form while it is being filled in: it keeps itself, and says what stands there already.

use axum::http::StatusCode;

use crate::{browser::Browser, bureau, journey::open_case};

#[tokio::test]
async fn a_form_keeps_itself_as_a_draft_while_it_is_filled_in() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let page = officer.get("/cases/new").await;
    page.has(
        StatusCode::OK,
        &["hx-post=\"/cases/new\"", "id=\"f.discovered_on-note\""],
    );
    let form = page.form().fill_all(&[
        ("f.case_name", "某厂案"),
        ("f.discovered_on", "2026-02-28"),
        ("f.parties.0.kind", "organization"),
        ("f.parties.0.name", "某厂"),
        ("f.parties.0.code", "91130800MA07X1234"),
        ("f.parties.0.address", "青禾县工业路8号"),
    ]);
    let kept = officer.submit(form, "autosave").await;
    assert_eq!(kept.headers.get("x-draft").unwrap(), "kept");
    kept.has(
        StatusCode::OK,
        &[
            "自动保存",
            "id=\"f.discovered_on-note\" hx-swap-oob=\"true\"",
            "星期六，工作日",
            "统一社会信用代码",
        ],
    );
    // What is still empty is not held against it.
    kept.lacks(&["线索内容", "<html"]);
    // It is there on another machine.
    let mut elsewhere = Browser::of(&bureau, "chen").await;
    let page = elsewhere.get("/").await;
    let draft = elsewhere.get(&page.link("draft=1")).await;
    assert_eq!(draft.form().value("f.case_name"), Some("某厂案"));
}

#[tokio::test]
async fn a_form_says_which_limits_it_would_start() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let form = officer.get("/cases/new").await.form().fill_all(&[
        ("f.source", "inspection"),
        ("f.case_name", "某厂案"),
        ("f.cause", "未建立安全风险分级管控制度"),
        ("f.clue", "检查发现"),
        ("f.discovered_on", "2026-03-02"),
        ("f.parties.0.kind", "organization"),
        ("f.parties.0.name", "某厂"),
        ("f.parties.0.address", "青禾县工业路8号"),
    ]);
    let kept = officer.submit(form, "autosave").await;
    kept.has(
        StatusCode::OK,
        &["将计算期限：决定是否立案：15日，至 2026-03-17"],
    );
}

#[tokio::test]
async fn what_is_kept_too_late_is_no_draft_of_a_step_that_was_taken() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    let form = officer
        .get(&format!("{case}/act/A02.assess"))
        .await
        .form()
        .fill_all(&super::refusals::ASSESSED);
    officer
        .submit(form.clone(), "submit")
        .await
        .has(StatusCode::OK, &["已记录：核查结论"]);
    let late = officer.submit(form, "autosave").await;
    assert_eq!(late.status, StatusCode::NO_CONTENT);
    officer.get("/").await.lacks(&["draft=1"]);
}

#[tokio::test]
async fn what_earlier_cases_know_of_a_party_is_filled_in_for_whoever_may_read_them() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    open_case(&mut officer).await;
    let begun = [
        ("f.parties.0.name", "青禾县某某化工厂"),
        ("f.parties.0.representative", "李厂长"),
    ];
    let form = officer.get("/cases/new").await.form().fill_all(&begun);
    let page = officer.submit(form, "known:f.parties.0").await;
    page.has(
        StatusCode::OK,
        &["已从以往案件带入：类型、地址", "负责人与现在填写的不同"],
    );
    let form = page.form();
    assert_eq!(form.value("f.parties.0.address"), Some("青禾县工业路8号"));
    assert_eq!(form.value("f.parties.0.kind"), Some("organization"));
    assert_eq!(form.value("f.parties.0.representative"), Some("李厂长"));
    // Somebody of another unit may not read that case, and learns nothing of its party.
    let mut other = Browser::of(&bureau, "wu").await;
    let form = other.get("/cases/new").await.form().fill_all(&begun);
    let page = other.submit(form, "known:f.parties.0").await;
    page.has(StatusCode::OK, &["没有这个当事人"]);
    assert_eq!(page.form().value("f.parties.0.address"), Some(""));
    // A button that the form does not have is none.
    let form = officer.get("/cases/new").await.form();
    let page = officer.submit(form, "known:f.case_name.0").await;
    page.has(StatusCode::NOT_FOUND, &[]);
}

#[tokio::test]
async fn a_page_that_does_not_know_a_draft_does_not_write_over_it() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut first = Browser::of(&bureau, "chen").await;
    let mut second = Browser::of(&bureau, "chen").await;
    let long = [("f.clue", "写了很久的一段话")];
    let form = first.get("/cases/new").await.form().fill_all(&long);
    let other = second.get("/cases/new").await.form();
    first
        .submit(form.clone(), "autosave")
        .await
        .has(StatusCode::OK, &["自动保存"]);
    second
        .submit(other.fill("f.clue", "乙"), "autosave")
        .await
        .has(StatusCode::OK, &["没有自动保存", "另一台电脑"]);
    // Neither does the page itself once it builds on a draft that is gone.
    first
        .submit(form, "autosave")
        .await
        .has(StatusCode::OK, &["没有自动保存"]);
    let draft = second.get("/cases/new?draft=1").await.form();
    assert_eq!(
        draft.value("f.clue").map(str::trim),
        Some("写了很久的一段话")
    );
    let more = draft.fill("f.clue", "又添了一句");
    second
        .submit(more, "autosave")
        .await
        .has(StatusCode::OK, &["草稿已于"]);
}

#[tokio::test]
async fn the_draft_of_a_step_that_is_closed_can_be_read_and_removed() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    // A page of a step that was open when it was drawn, and is not any more.
    let mut form = officer.get(&format!("{case}/act/A02.assess")).await.form();
    form.action = format!("{case}/act/A09.collect");
    let form = form.fill("f.name", "写了很久的一段话");
    officer
        .submit(form.clone(), "autosave")
        .await
        .has(StatusCode::OK, &["这一步骤现在不能办理"]);
    // Kept on demand, it is no less readable for that, and does not stay for ever.
    officer.submit(form.clone(), "draft").await;
    let page = officer.get(&format!("{}?draft=1", form.action)).await;
    page.has(
        StatusCode::OK,
        &["现在不能办理", "写了很久的一段话", "删除草稿"],
    );
    officer.submit(page.form(), "discard").await;
    officer.get("/").await.lacks(&["draft=1"]);
}
