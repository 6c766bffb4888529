//! Papers are seen before they are issued, by whoever may issue them, and looking leaves nothing behind.

use axum::http::StatusCode;

use crate::{
    browser::{Browser, Form},
    bureau, journey,
};

/// What a look must not change: the case, the log and the numbers.
async fn traces(bureau: &bureau::Bureau, case: &str) -> (u64, u64, usize, usize) {
    let id = case.trim_start_matches("/cases/");
    let store = bureau.office.store();
    let heads = store
        .heads(&store::Scope::system(), None, "", 1_000)
        .await
        .unwrap();
    let version = heads.iter().find(|head| head.stream == id).unwrap().version;
    let objects = walk(bureau.dir.path());
    let claims = bureau.office.unused_claims().await.unwrap().len();
    (
        version,
        heads.iter().map(|h| h.version).sum(),
        objects,
        claims,
    )
}

/// Files below the folder that are objects, not the database's own.
fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries
        .map(|entry| match entry.path() {
            path if path.is_dir() => walk(&path),
            path => usize::from(!path.to_string_lossy().contains("store.db")),
        })
        .sum()
}

fn interview(form: Form) -> Form {
    form.fill_all(&[
        ("f.began_at", "2026-03-02T09:30"),
        ("f.place", "青禾县工业路8号"),
        ("f.interviewee", "张厂长"),
        ("f.rights_told", "yes"),
        ("f.record", "问：是否建立制度？答：没有。"),
        ("f.proves", "未建立制度"),
        ("_with", "person-lin"),
        ("_card", "yes"),
    ])
}

#[tokio::test]
async fn a_record_is_looked_at_before_it_is_made_and_looking_leaves_no_trace() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    journey::file_case(&bureau, &case).await;
    let before = traces(&bureau, &case).await;

    let path = format!("{case}/act/A09.interview");
    let form = interview(officer.get(&path).await.form());
    let seen = officer.submit(form, "preview").await;
    seen.has(
        StatusCode::OK,
        &[
            "文书预览",
            "《询问笔录》",
            "<svg",
            "role=\"img\"",
            "是否建立制度",
            "确认办理",
        ],
    );
    let copy = officer.submit(seen.form(), "docx:0").await;
    assert_eq!(copy.status, StatusCode::OK);
    assert!(copy.body.starts_with(b"PK"), "{}", copy.html());
    let media = copy.headers["content-type"].to_str().unwrap();
    assert!(media.ends_with("wordprocessingml.document"), "{media}");
    assert_eq!(traces(&bureau, &case).await, before);

    // The page that shows the paper takes the step as well, with the very same words.
    let done = officer.submit(seen.form(), "confirm").await;
    done.has(
        StatusCode::OK,
        &["已记录：询问", "《询问笔录》", "编辑用稿"],
    );

    // Of what was issued there is a copy as well, for whoever may read the paper.
    let link = done.link("/copy.docx");
    let copy = officer.get(&link).await;
    let said = copy.docx();
    // It is made anew, and says so on every page.
    assert!(
        said.contains("按现在的模板和人员、机关信息重新生成"),
        "{said}"
    );
    assert!(!said.contains("模板在签发以后已经改动"), "{said}");
    let disposition = copy.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    // Many at once are not made: one after another, while others have room.
    let asked: Vec<_> = (0..12)
        .map(|_| {
            let (mut officer, link) = (officer.clone(), link.clone());
            tokio::spawn(async move { officer.get(&link).await.status })
        })
        .collect();
    let mut answers = Vec::new();
    for task in asked {
        answers.push(task.await.unwrap());
    }
    assert!(answers.contains(&StatusCode::OK), "{answers:?}");
    assert!(
        answers.contains(&StatusCode::SERVICE_UNAVAILABLE),
        "{answers:?}"
    );
    let mut stranger = Browser::of(&bureau, "wu").await;
    let refused = stranger.get(&link).await;
    assert_ne!(refused.status, StatusCode::OK);
    assert!(!refused.body.starts_with(b"PK"));
    let none = officer.get(&format!("{case}/papers/0000/copy.docx")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_approves_last_sees_the_paper_with_the_opinion_that_was_typed() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    let form = officer.get(&format!("{case}/act/A05")).await.form();
    let asked = form.fill_all(&[
        ("f.suspected", "yes"),
        ("f.punishable", "yes"),
        ("f.own_jurisdiction", "yes"),
        ("f.violation_ended_on", "2026-03-02"),
        ("_with", "person-lin"),
    ]);
    officer
        .submit(asked, "submit")
        .await
        .has(StatusCode::OK, &["等待审批"]);
    let request = officer.get(&case).await.link("/requests/");
    // Whoever is not the last to approve issues nothing, and whoever asked approves nothing.
    officer.get(&request).await.lacks(&["预览文书"]);
    let mut head = Browser::of(&bureau, "zhou").await;
    head.get(&request).await.lacks(&["预览文书"]);
    head.approve(&case).await.has(StatusCode::OK, &["已记录"]);

    let mut leader = Browser::of(&bureau, "liu").await;
    let page = leader.get(&request).await;
    page.has(StatusCode::OK, &["预览文书"])
        .lacks(&["class=\"sheet\""]);
    let before = traces(&bureau, &case).await;
    let form = page.form().fill("opinion", "情况属实，同意立案。");
    let seen = leader.submit(form, "preview").await;
    seen.has(
        StatusCode::OK,
        &["《立案审批表》", "<svg", "情况属实，同意立案。"],
    );
    assert_eq!(traces(&bureau, &case).await, before);

    // Somebody else who sends the same form is shown nothing of the paper.
    let mut other = Browser::of(&bureau, "zhou").await;
    let stolen = other.get(&request).await;
    let forged = Form {
        action: request.clone(),
        ..seen.form()
    };
    let csrf = stolen.html();
    let csrf = csrf.split("name=\"_csrf\" value=\"").nth(1).unwrap();
    let csrf = csrf.split('"').next().unwrap().to_owned();
    let answer = other.submit(forged.fill("_csrf", &csrf), "preview").await;
    answer.lacks(&["文书预览", "class=\"sheet\""]);

    // Where no copy can be made, what was typed is still there.
    let wrong_day = seen.form().fill("_on", "2026-13-02");
    let bad_sign = seen.form().fill("opinion", "情况属实，同意立案。\u{1}");
    for form in [wrong_day, bad_sign] {
        let back = leader.submit(form, "docx:0").await;
        assert!(back.status.is_client_error(), "{}", back.status);
        back.has(back.status, &["填写的内容已保留"]);
        let opinion = back.form();
        let opinion = opinion.value("opinion").unwrap();
        assert!(opinion.starts_with("情况属实，同意立案。"), "{opinion}");
    }
    assert_eq!(traces(&bureau, &case).await, before);

    let done = leader.submit(seen.form(), "approve").await;
    done.has(StatusCode::OK, &["已记录"]).lacks(&["文书预览"]);
}

#[tokio::test]
async fn a_file_that_takes_another_s_place_is_the_one_that_is_shown_and_recorded() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    let form = officer.get(&format!("{case}/act/A02.inspect")).await.form();
    let form = form
        .fill_all(&[
            ("f.inspected_at", "2026-03-02T09:30"),
            ("f.place", "青禾县工业路8号"),
            ("f.record", "未见制度。"),
            ("f.proves", "未建立制度"),
            ("_with", "person-lin"),
            ("_card", "yes"),
        ])
        .attach("f.attachment", "误传.pdf", b"%PDF-1.7 wrong");
    let page = officer.submit(form, "edit").await;
    page.has(StatusCode::OK, &["已上传：误传.pdf"]);
    let other = page.form().fill("f.attachment.drop", "yes").attach(
        "f.attachment",
        "照片.pdf",
        b"%PDF-1.7 right",
    );
    let seen = officer.submit(other, "preview").await;
    seen.has(StatusCode::OK, &["确认办理", "照片.pdf"])
        .lacks(&["误传.pdf"]);
    let done = officer.submit(seen.form(), "confirm").await;
    done.has(StatusCode::OK, &["已记录：现场检查", "照片.pdf"]);
    let file = officer.get(&done.link("/files/")).await;
    assert_eq!(file.body, b"%PDF-1.7 right");
}

#[tokio::test]
async fn a_paper_that_cannot_be_made_is_told_of_before_the_step() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    journey::file_case(&bureau, &case).await;
    let path = format!("{case}/act/A09.interview");
    // A character of the plane for private use, which no font draws.
    let form =
        interview(officer.get(&path).await.form()).fill("f.record", "问：姓名？答：\u{F0000}。");
    officer
        .submit(form, "preview")
        .await
        .has(StatusCode::OK, &["这份文书现在不能制作", "U+F0000"]);
}
