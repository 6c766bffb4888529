//! What is refused keeps what was typed and says why, under which article, and what next.

use axum::http::{Method, StatusCode};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{
    browser::Browser,
    bureau,
    journey::{file_case, open_case},
};

/// What A02.assess asks.
pub const ASSESSED: [(&str, &str); 4] = [
    ("f.criteria", "met"),
    ("f.jurisdiction", "yes"),
    ("f.limitation", "open"),
    ("f.reason", "符合。"),
];

#[tokio::test]
async fn a_form_with_faults_comes_back_with_all_of_them_and_all_that_was_typed() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let form = officer.get("/cases/new").await.form().fill_all(&[
        ("f.case_name", "某<b>案"),
        ("f.discovered_on", "2026-13-02"),
        ("f.parties.0.kind", "organization"),
        ("f.parties.0.name", "某厂"),
        ("f.parties.0.code", "91130800MA07X1234"),
    ]);
    let page = officer.submit(form, "submit").await;
    page.has(
        StatusCode::UNPROCESSABLE_ENTITY,
        &["填写的内容已保留", "不是有效的日期", "某&#60;b&#62;案"],
    );
    assert_eq!(
        page.form().value("f.parties.0.code"),
        Some("91130800MA07X1234")
    );
    let fixed = page.form().fill("f.discovered_on", "2026-03-02");
    let page = officer.submit(fixed, "submit").await;
    page.has(
        StatusCode::UNPROCESSABLE_ENTITY,
        &[
            "“案件来源”没有填写",
            "“线索内容”没有填写",
            "href=\"#f-source\"",
        ],
    );
    // It is offered again from the draft, also in another browser.
    let mut elsewhere = Browser::of(&bureau, "chen").await;
    let page = elsewhere.get("/").await;
    let draft = elsewhere.get(&page.link("draft=1")).await;
    assert_eq!(draft.form().value("f.case_name"), Some("某<b>案"));
    elsewhere
        .get("/cases/new")
        .await
        .has(StatusCode::OK, &["保存过草稿", "继续填写草稿"]);
}

#[tokio::test]
async fn rows_are_added_without_losing_what_was_typed() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let form = officer
        .get("/cases/new")
        .await
        .form()
        .fill("f.parties.0.name", "甲厂");
    let page = officer.submit(form, "more:f.parties").await;
    page.has(StatusCode::OK, &["当事人 2"]);
    assert_eq!(page.form().value("f.parties.0.name"), Some("甲厂"));
    let page = officer
        .submit(
            page.form().fill("f.parties.1.name", "乙厂"),
            "more:f.parties",
        )
        .await;
    page.has(StatusCode::OK, &["当事人 3"]);
    assert_eq!(page.form().value("f.parties.1.name"), Some("乙厂"));
}

#[tokio::test]
async fn a_step_out_of_turn_or_of_others_shows_why_and_by_whom() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    officer.get(&format!("{case}/act/A19")).await.has(
        StatusCode::OK,
        &["现在不能办理", "线索核查", "《行政处罚法》第四十条"],
    );
    let mut reviewer = Browser::of(&bureau, "gao").await;
    reviewer.get(&format!("{case}/act/A05")).await.has(
        StatusCode::OK,
        &[
            "现在不能办理",
            "高远在本案中不是执法人员",
            "请由执法人员登录办理",
        ],
    );
    officer
        .get(&format!("{case}/act/A99"))
        .await
        .has(StatusCode::NOT_FOUND, &["没有找到"]);
    officer
        .get("/cases/case-none")
        .await
        .has(StatusCode::NOT_FOUND, &["没有找到"]);
}

#[tokio::test]
async fn one_officer_alone_or_a_date_to_come_is_refused_at_its_field() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    let filled = [
        ("f.suspected", "yes"),
        ("f.punishable", "yes"),
        ("f.own_jurisdiction", "yes"),
        ("f.violation_ended_on", "2026-03-02"),
    ];
    let page = officer.act(&format!("{case}/act/A05"), &filled).await;
    page.has(
        StatusCode::UNPROCESSABLE_ENTITY,
        &[
            "不少于2名执法人员",
            "《行政处罚法》第四十二条第一款",
            "href=\"#f-with\"",
        ],
    );
    let future = page
        .form()
        .fill("_with", "person-lin")
        .fill("_on", "2026-03-09");
    let page = officer.submit(future, "submit").await;
    page.has(
        StatusCode::UNPROCESSABLE_ENTITY,
        &["晚于今天", "href=\"#f-occurred_on\""],
    );
    let late = page.form().fill("_on", "2026-03-01");
    officer
        .submit(late, "submit")
        .await
        .has(StatusCode::UNPROCESSABLE_ENTITY, &["f-occurred_on"]);
}

#[tokio::test]
async fn the_same_form_sent_twice_acts_once() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    let path = format!("{case}/act/A02.assess");
    let form = officer.get(&path).await.form().fill_all(&ASSESSED);
    for _ in 0..2 {
        officer
            .submit(form.clone(), "submit")
            .await
            .has(StatusCode::OK, &["已记录：核查结论", "全过程记录（2）"]);
    }
    let changed = form.fill("f.reason", "另一理由。");
    officer.submit(changed, "submit").await.has(
        StatusCode::UNPROCESSABLE_ENTITY,
        &["已用于另一操作", "另一理由。"],
    );
}

#[tokio::test]
async fn a_page_gone_stale_says_what_happened_and_goes_through_when_sent_again() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    file_case(&bureau, &case).await;
    crate::journey::propose(&bureau, &case).await;
    let mut preliminary = Browser::of(&bureau, "he").await;
    preliminary
        .act(
            &format!("{case}/act/A20.sign"),
            &[("f.opinion", "拟同意。")],
        )
        .await;
    Browser::of(&bureau, "zhou").await.approve(&case).await;
    let mut reviewer = Browser::of(&bureau, "gao").await;
    reviewer
        .act(
            &format!("{case}/act/A21.accept"),
            &[("f.complete", "yes"), ("f.materials", "全部")],
        )
        .await;
    let mut form = reviewer
        .get(&format!("{case}/act/A21.pass"))
        .await
        .form()
        .fill("f.opinion", "同意。");
    for n in 0..10 {
        form = form.fill(&format!("f.items.{n}.ok"), "yes");
    }
    // Meanwhile another person records a recusal request.
    let request = [("f.who", "person-chen"), ("f.reason", "申请回避。")];
    preliminary
        .act(&format!("{case}/act/A06.request"), &request)
        .await
        .has(StatusCode::OK, &["已记录"]);
    let page = reviewer.submit(form, "submit").await;
    page.has(
        StatusCode::CONFLICT,
        &["本案刚被他人更新", "登记回避申请", "同意。"],
    );
    let confirm = reviewer.submit(page.form(), "submit").await;
    confirm.has(StatusCode::OK, &["确认办理"]);
    reviewer
        .submit(confirm.form(), "confirm")
        .await
        .has(StatusCode::OK, &["已记录：审核意见：同意"]);
}

#[tokio::test]
async fn bodies_too_large_or_cut_off_are_told_apart() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let form = officer.get("/cases/new").await.form();
    let huge = form.clone().fill("f.clue", &"长".repeat(2_000_000));
    officer.submit(huge, "submit").await.has(
        StatusCode::PAYLOAD_TOO_LARGE,
        &["表单内容超过 2 MB", "作为附件上传"],
    );
    let cut = b"--x\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\nabc".to_vec();
    let page = officer
        .send(
            Method::POST,
            "/cases/new",
            "multipart/form-data; boundary=x",
            cut,
        )
        .await;
    page.has(StatusCode::BAD_REQUEST, &["没有传完"]);
    officer.get("/").await.has(StatusCode::OK, &["待办"]);
}

#[tokio::test]
async fn a_forged_reference_to_a_file_is_dropped() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    let path = format!("{case}/act/A03.transfer");
    let forged = r#"{"name":"x.pdf","digest":"00","size_bytes":1,"media_type":"application/pdf"}"#;
    officer
        .act(
            &format!("{case}/act/A02.assess"),
            &[
                ("f.criteria", "unmet"),
                ("f.jurisdiction", "no"),
                ("f.limitation", "open"),
                ("f.reason", "无管辖。"),
            ],
        )
        .await;
    let form = officer
        .get(&path)
        .await
        .form()
        .fill("f.attachment.kept", forged)
        .fill("f.attachment.seal", &"0".repeat(64));
    officer
        .submit(form, "submit")
        .await
        .has(StatusCode::UNPROCESSABLE_ENTITY, &["“移送机关”没有填写"])
        .lacks(&["x.pdf"]);
    let form = officer
        .get(&path)
        .await
        .form()
        .attach("f.attachment", "移送书.pdf", b"%PDF-1");
    let page = officer.submit(form, "submit").await;
    page.has(StatusCode::UNPROCESSABLE_ENTITY, &["已上传：移送书.pdf"]);
    let sent = page
        .form()
        .fill_all(&[("f.organ", "某局"), ("f.reason", "无管辖权。")]);
    officer
        .submit(sent, "submit")
        .await
        .has(StatusCode::OK, &["已记录"]);
}

#[tokio::test]
async fn what_an_approver_wrote_stays_when_it_could_not_be_kept() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    let asked = officer.get(&format!("{case}/act/A05")).await.form();
    let used = officer.submit(asked.fill("_with", "person-lin"), "submit");
    let used = used.await.form().value("_id").map(str::to_owned).unwrap();
    let pairs = [
        ("_id", used.as_str()),
        ("f.suspected", "yes"),
        ("f.punishable", "yes"),
        ("f.own_jurisdiction", "yes"),
        ("f.violation_ended_on", "2026-03-02"),
        ("_with", "person-lin"),
    ];
    officer
        .act(&format!("{case}/act/A05"), &pairs)
        .await
        .has(StatusCode::OK, &["等待审批"]);
    let mut approver = Browser::of(&bureau, "zhou").await;
    let path = approver.get(&case).await.link("/requests/");
    let form = approver.get(&path).await.form();
    let form = form.fill_all(&[("opinion", "写了很久的意见。"), ("_id", &used)]);
    let page = approver.submit(form, "approve").await;
    page.has(
        StatusCode::UNPROCESSABLE_ENTITY,
        &["没有办理成功，填写的内容已保留", "已用于另一操作"],
    );
    assert_eq!(page.form().value("opinion"), Some("写了很久的意见。"));
    let again = page.form().fill("_id", "");
    approver
        .submit(again, "approve")
        .await
        .has(StatusCode::OK, &["已记录"]);
}

/// Changes the database past the store.
fn by_hand(bureau: &bureau::Bureau, sql: &str) {
    let database = rusqlite::Connection::open(bureau.dir.path().join("store.db")).unwrap();
    database.execute_batch(sql).unwrap();
}

#[tokio::test]
async fn a_step_that_was_taken_is_said_to_be_also_when_its_draft_stays() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    let path = format!("{case}/act/A02.assess");
    let form = officer.get(&path).await.form().fill_all(&ASSESSED);
    officer.submit(form.clone(), "draft").await;
    by_hand(
        &bureau,
        "CREATE TRIGGER kept BEFORE DELETE ON draft BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    let page = officer.submit(form, "submit").await;
    page.has(StatusCode::OK, &["已记录：核查结论"])
        .lacks(&["没有保存"]);
}

#[tokio::test]
async fn a_form_is_shown_again_with_all_in_it_when_not_even_a_draft_can_be_kept() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    by_hand(
        &bureau,
        "CREATE TRIGGER full BEFORE INSERT ON draft BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    let form = officer.get("/cases/new").await.form();
    let page = officer
        .submit(form.fill("f.clue", "很长的线索。"), "submit")
        .await;
    page.has(StatusCode::UNPROCESSABLE_ENTITY, &["“案件来源”没有填写"]);
    assert_eq!(page.form().value("f.clue"), Some("很长的线索。"));
}

/// Files below a folder of the objects.
fn left_in(bureau: &bureau::Bureau, folder: &str) -> usize {
    let folder = bureau.dir.path().join("objects").join(folder);
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_file_goes_to_the_disk_as_it_comes_and_nothing_is_left_of_one_too_large() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    let path = format!("{case}/act/A02.assess");
    let assessed = [
        ("f.criteria", "unmet"),
        ("f.jurisdiction", "no"),
        ("f.limitation", "open"),
        ("f.reason", "无管辖。"),
    ];
    officer.act(&path, &assessed).await;
    let path = format!("{case}/act/A03.transfer");
    let form = officer.get(&path).await.form();
    let large = vec![b'a'; (50 << 20) + 1];
    let sent = form.clone().attach("f.attachment", "大.pdf", &large);
    officer
        .submit(sent, "draft")
        .await
        .has(StatusCode::PAYLOAD_TOO_LARGE, &["超过 50 MB"]);
    let left = || (left_in(&bureau, ".incoming"), left_in(&bureau, ".pending"));
    assert_eq!(left(), (0, 0));
    let most = &large[1..];
    let sent = form.attach("f.attachment", "移送书.pdf", most);
    let sent = sent.fill_all(&[("f.organ", "某局"), ("f.reason", "无管辖权。")]);
    officer
        .submit(sent, "submit")
        .await
        .has(StatusCode::OK, &["已记录"]);
    assert_eq!(left(), (0, 1));
    let digest = bureau.office.store().suite().hash(&[most]).to_string();
    let page = officer.get(&format!("{case}/files/{digest}")).await;
    page.has(StatusCode::OK, &[]);
    assert_eq!(page.body, most);

    // What the record names outlives every sweep.
    let day = std::time::Duration::from_secs(86_400);
    let later = std::time::SystemTime::now() + 30 * day;
    let swept = bureau.office.store().sweep_uploads(day, later).await;
    assert_eq!(swept.unwrap().gone, 0);
    let page = officer.get(&format!("{case}/files/{digest}")).await;
    assert_eq!(page.body.len(), most.len());
}

#[tokio::test]
async fn slow_uploads_of_one_person_take_nobody_elses_room() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let sender = Browser::of(&bureau, "chen").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let site = bureau.site.clone();
    let site = site.into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, site).await });
    // Of each form only the head ever comes.
    let head = format!(
        "POST /cases/new HTTP/1.1\r\nHost: {address}\r\nCookie: {}\r\nContent-Length: 1000\r\n\
         Content-Type: multipart/form-data; boundary=x\r\n\r\n",
        sender.cookie.unwrap()
    );
    let mut slow = Vec::new();
    for _ in 0..16 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(tokio::spawn(async move {
            let mut told = [0; 12];
            stream.read_exact(&mut told).await.unwrap();
            String::from_utf8_lossy(&told).into_owned()
        }));
    }
    let begun = std::time::Instant::now();
    let turned_away = || slow.iter().filter(|task| task.is_finished()).count();
    while turned_away() < 13 && begun.elapsed() < std::time::Duration::from_secs(20) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(turned_away(), 13, "three of one person wait");
    let mut other = Browser::of(&bureau, "lin").await;
    let mut form = other.get("/cases/new").await.form();
    form.multipart = true;
    let answer = other.submit(form, "draft").await;
    assert_ne!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    for task in slow.into_iter().filter(|task| task.is_finished()) {
        assert_eq!(task.await.unwrap(), "HTTP/1.1 503");
    }
}
