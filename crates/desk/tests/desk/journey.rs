//! A case taken through the forms as a person would: every page drawn, every form filled in and sent.

use axum::http::StatusCode;
use jiff::civil::date;
use office::PublicChange;
use store::Sequencer;

use crate::{
    browser::{Browser, Page},
    bureau::{self, Bureau},
};

/// A case opened by an officer; its address.
pub async fn open_case(officer: &mut Browser) -> String {
    let page = officer.get("/cases/new").await;
    page.has(
        StatusCode::OK,
        &["登记线索", "案件来源", "《行政处罚法》第五十四条"],
    );
    let form = page.form().fill_all(&[
        ("f.source", "inspection"),
        (
            "f.case_name",
            "青禾县某某化工厂涉嫌未建立风险分级管控制度案",
        ),
        ("f.cause", "未建立安全风险分级管控制度"),
        ("f.clue", "检查发现该厂未建立制度。\n现场拍照固定。"),
        ("f.discovered_on", "2026-03-02"),
        ("f.parties.0.kind", "organization"),
        ("f.parties.0.name", "青禾县某某化工厂"),
        ("f.parties.0.representative", "张厂长"),
        ("f.parties.0.address", "青禾县工业路8号"),
    ]);
    let page = officer.submit(form, "submit").await;
    page.has(
        StatusCode::OK,
        &[
            "已记录：登记线索",
            "线索核查",
            "青禾县工业路8号",
            "决定是否立案",
        ],
    );
    page.path.split('?').next().unwrap().to_owned()
}

/// Files the case: two officers ask, section head and leader approve.
pub async fn file_case(bureau: &Bureau, case: &str) {
    let mut officer = Browser::of(bureau, "chen").await;
    let page = officer.get(&format!("{case}/act/A05")).await;
    assert_eq!(
        page.form().value("f.summary"),
        Some("检查发现该厂未建立制度。\n现场拍照固定。"),
        "not asked twice"
    );
    let form = page.form().fill_all(&[
        ("f.suspected", "yes"),
        ("f.punishable", "yes"),
        ("f.own_jurisdiction", "yes"),
        ("f.violation_ended_on", "2026-03-02"),
        ("_with", "person-lin"),
    ]);
    officer
        .submit(form, "submit")
        .await
        .has(StatusCode::OK, &["已记录：立案（报批）", "等待审批"]);
    for approver in ["zhou", "liu"] {
        let mut approver = Browser::of(bureau, approver).await;
        approver
            .get("/")
            .await
            .has(StatusCode::OK, &["待您审批", "审批：立案"]);
        approver
            .approve(case)
            .await
            .has(StatusCode::OK, &["已记录"]);
    }
    officer.get(case).await.has(
        StatusCode::OK,
        &["调查取证", "立案审批表", "办案期限", "还剩"],
    );
}

/// Investigates and proposes a fine.
pub async fn propose(bureau: &Bureau, case: &str) {
    let mut officer = Browser::of(bureau, "chen").await;
    let form = officer
        .get(&format!("{case}/act/A09.interview"))
        .await
        .form();
    let form = form
        .attach("f.attachment", "笔录 1.pdf", b"%PDF-1.7 scan")
        .fill_all(&[
            ("f.began_at", "2026-03-02T09:30"),
            ("f.place", "青禾县工业路8号"),
            ("f.interviewee", "张厂长"),
            ("f.rights_told", "yes"),
            ("f.record", "问：是否建立制度？答：没有。"),
            ("f.proves", "未建立制度"),
            ("_with", "person-lin"),
            ("_card", "yes"),
        ]);
    let page = officer.submit(form, "submit").await;
    page.has(
        StatusCode::OK,
        &["已记录：询问", "《询问笔录》", "笔录 1.pdf"],
    );
    let file = page.link("/files/");
    let downloaded = officer.get(&file).await;
    assert_eq!(downloaded.body, b"%PDF-1.7 scan");
    let paper = officer.get(&page.link("/papers/")).await;
    assert!(paper.body.starts_with(b"%PDF-") && paper.headers["content-type"] == "application/pdf");

    let page = officer
        .act(
            &format!("{case}/act/A19"),
            &[
                ("f.report", "经现场检查、询问，事实清楚。"),
                ("f.proposal.0.proven", "yes"),
                ("f.proposal.0.facts", "该厂未建立安全风险分级管控制度。"),
                ("f.proposal.0.violated", "《安全生产法》第四十一条第一款"),
                ("f.proposal.0.basis", "《安全生产法》第一百零一条第四项"),
                ("f.proposal.0.p.0.kind", "fine"),
                ("f.proposal.0.p.0.amount", "2万元"),
                ("f.proposal.0.correction", "三十日内建立制度"),
            ],
        )
        .await;
    // A fine without its legal range is not proposed; the form says why and keeps what was typed.
    page.has(
        StatusCode::UNPROCESSABLE_ENTITY,
        &[
            "须写明法定罚款幅度",
            "拟罚款的必须填写，用以核对是否在法定幅度内",
        ],
    );
    assert_eq!(page.form().value("f.proposal.0.p.0.amount"), Some("2万元"));
    let ranged = page.form().fill("f.proposal.0.max", "10万元");
    let done = officer.submit(ranged, "submit").await;
    done.has(
        StatusCode::OK,
        &["已记录：调查终结，提出拟处理意见（报批）"],
    );
    Browser::of(bureau, "lin")
        .await
        .approve(case)
        .await
        .has(StatusCode::OK, &["拟处理"]);
}

/// Signs for the unit.
pub async fn sign(bureau: &Bureau, case: &str) {
    let mut preliminary = Browser::of(bureau, "he").await;
    preliminary
        .act(
            &format!("{case}/act/A20.sign"),
            &[("f.opinion", "拟同意。")],
        )
        .await
        .has(StatusCode::OK, &["已记录"]);
    Browser::of(bureau, "zhou")
        .await
        .approve(case)
        .await
        .has(StatusCode::OK, &["法制审核"]);
}

/// Takes what was sent to the review before the notice.
pub async fn accept(reviewer: &mut Browser, case: &str) {
    let materials = [("f.complete", "yes"), ("f.materials", "全部案卷材料")];
    reviewer
        .act(&format!("{case}/act/A21.accept"), &materials)
        .await
        .has(StatusCode::OK, &["已记录"]);
}

/// Signs for the unit and passes the review before the notice.
pub async fn review(bureau: &Bureau, case: &str) {
    sign(bureau, case).await;
    let mut reviewer = Browser::of(bureau, "gao").await;
    accept(&mut reviewer, case).await;
    pass(&mut reviewer, &format!("{case}/act/A21.pass"))
        .await
        .has(StatusCode::OK, &["告知与听取意见"]);
}

/// Passes a review in the form at that path.
pub async fn pass(reviewer: &mut Browser, path: &str) -> Page {
    let mut form = reviewer.get(path).await.form().fill("f.opinion", "同意。");
    for n in 0..10 {
        form = form.fill(&format!("f.items.{n}.ok"), "yes");
    }
    let confirm = reviewer.submit(form, "submit").await;
    confirm.has(
        StatusCode::OK,
        &[
            "核对：",
            "10. 违法行为是否涉嫌犯罪、需要移送司法机关：无问题",
            "《法制审核意见书》",
        ],
    );
    reviewer.submit(confirm.form(), "confirm").await
}

/// Makes the notice, has it approved, serves it.
pub async fn notify(bureau: &Bureau, case: &str) {
    let mut officer = Browser::of(bureau, "chen").await;
    let form = officer.get(&format!("{case}/act/A24.issue")).await.form();
    let confirm = officer.submit(form, "submit").await;
    confirm.has(
        StatusCode::OK,
        &["核对：制作告知书", "罚款20,000.00元", "青禾县某某化工厂"],
    );
    officer
        .submit(confirm.form(), "confirm")
        .await
        .has(StatusCode::OK, &["已记录"]);
    Browser::of(bureau, "liu")
        .await
        .approve(case)
        .await
        .has(StatusCode::OK, &["《行政处罚告知书》"]);
    officer
        .act(&format!("{case}/act/A24.deliver"), &SERVED)
        .await
        .has(
            StatusCode::OK,
            &["在等期限届满：陈述申辩期（青禾县某某化工厂）", "已告知"],
        );
}

const SERVED: [(&str, &str); 4] = [
    ("f.method", "direct"),
    ("f.recipient", "张厂长"),
    ("f.place", "青禾县工业路8号"),
    ("_with", "person-lin"),
];

/// The party speaks; its views are answered, not before its window has closed.
pub async fn hear(bureau: &Bureau, case: &str) {
    let mut officer = Browser::of(bureau, "chen").await;
    let said = [
        ("f.form", "oral"),
        ("f.speaker", "张厂长"),
        ("f.place", "本局询问室"),
        ("f.points", "已经补建制度。\n请求从轻。"),
        ("_with", "person-lin"),
    ];
    officer
        .act(&format!("{case}/act/A25.raise"), &said)
        .await
        .has(StatusCode::OK, &["《陈述申辩笔录》", "2. 请求从轻。"]);
    let keep = format!("{case}/act/A29.keep");
    // Five working days: the last is 9 March.
    bureau.clock.advance_to(date(2026, 3, 9));
    officer
        .get(&keep)
        .await
        .has(StatusCode::OK, &["现在不能办理", "陈述申辩期未届满"]);
    bureau.clock.advance_to(date(2026, 3, 10));
    let answers = [
        ("f.answers.0", "补建制度属实，已作为裁量情节。"),
        ("f.answers.1", "拟罚款已从轻，不再降低。"),
    ];
    officer
        .act(&keep, &answers)
        .await
        .has(StatusCode::OK, &["已记录"]);
    Browser::of(bureau, "zhou")
        .await
        .approve(case)
        .await
        .has(StatusCode::OK, &["复核意见书"]);
}

/// Review of the dossier as it now stands, the leader's examination, the decision, its service.
async fn decide(bureau: &Bureau, case: &str) {
    let mut officer = Browser::of(bureau, "chen").await;
    officer
        .act(
            &format!("{case}/act/A30.submit"),
            &[("f.note", "申辩意见未采纳。")],
        )
        .await
        .has(StatusCode::OK, &["已记录"]);
    let mut reviewer = Browser::of(bureau, "gao").await;
    pass(&mut reviewer, &format!("{case}/act/A30.pass"))
        .await
        .has(StatusCode::OK, &["审查决定"]);
    let mut leader = Browser::of(bureau, "liu").await;
    leader
        .act(
            &format!("{case}/act/A31.approve"),
            &[("f.opinion", "同意。")],
        )
        .await
        .has(StatusCode::OK, &["已记录"]);
    let form = leader.get(&format!("{case}/act/A33")).await.form();
    let decision = form.fill_all(&[("f.fine", "20000"), ("f.correct_until", "2026-04-10")]);
    let seen = leader.submit(decision, "submit").await;
    seen.has(
        StatusCode::OK,
        &[
            "文书预览",
            "《行政处罚决定书》",
            "（签发时编号）",
            "确认办理",
        ],
    );
    leader
        .submit(seen.form(), "confirm")
        .await
        .has(StatusCode::OK, &["《行政处罚决定书》", "决定送达"])
        .lacks(&["（签发时编号）"]);
    officer
        .act(&format!("{case}/act/A35.deliver"), &SERVED)
        .await
        .has(StatusCode::OK, &["缴", "应缴 20,000.00元"]);
}

/// Looks at what would urge the party half a year later, when it has neither paid nor sued, and sends nothing.
async fn urge(bureau: &Bureau, case: &str) {
    bureau.clock.advance_to(date(2026, 9, 14));
    let mut officer = Browser::of(bureau, "chen").await;
    let form = officer.get(&format!("{case}/act/A41.serve")).await.form();
    let form = form
        .fill_all(&SERVED)
        .fill("f.duty", "缴纳罚款20000元，自收到之日起十日内");
    let seen = officer.submit(form, "preview").await;
    seen.has(
        StatusCode::OK,
        &["《行政强制执行催告书》", "《送达回证》", "确认办理"],
    );
    // The proof of service is of what the same step issues, in the copy as in the preview.
    let receipt = officer.submit(seen.form(), "docx:1").await.docx();
    assert!(receipt.contains("行政强制执行催告书"), "{receipt}");
    assert!(!receipt.contains("行政处罚决定书"), "{receipt}");
}

/// Payment, correction, publication, closing, archive.
async fn carry_out(bureau: &Bureau, case: &str) {
    let mut cashier = Browser::of(bureau, "qian").await;
    let paid = [("f.amount", "20000"), ("f.receipt", "NO.0001")];
    cashier
        .act(&format!("{case}/act/A37.full"), &paid)
        .await
        .has(StatusCode::OK, &["已缴 20,000.00元"]);
    let mut officer = Browser::of(bureau, "chen").await;
    let checked = [
        ("f.correction", "passed"),
        ("f.record", "制度已建立。"),
        ("_with", "person-lin"),
        ("_card", "yes"),
    ];
    officer
        .act(&format!("{case}/act/A14.check"), &checked)
        .await
        .has(StatusCode::OK, &["已记录"]);
    let shown = [
        ("f.secrecy_checked", "yes"),
        ("f.public_facts", "该厂未建立安全风险分级管控制度。"),
    ];
    officer
        .act(&format!("{case}/act/A47.publish"), &shown)
        .await
        .has(StatusCode::OK, &["已记录"]);
    Browser::of(bureau, "fang")
        .await
        .approve(case)
        .await
        .has(StatusCode::OK, &["已记录"]);
    let closing = [
        ("f.kind", "performed"),
        ("f.summary", "罚款已缴清，违法行为已改正。"),
    ];
    officer
        .act(&format!("{case}/act/A49"), &closing)
        .await
        .has(StatusCode::OK, &["已记录"]);
    for approver in ["zhou", "liu"] {
        Browser::of(bureau, approver)
            .await
            .approve(case)
            .await
            .has(StatusCode::OK, &["已记录"]);
    }
    let archive = [("f.location", "一号柜"), ("f.retention", "长期")];
    Browser::of(bureau, "tang")
        .await
        .act(&format!("{case}/act/A50"), &archive)
        .await
        .has(StatusCode::OK, &["已归档"]);
}

#[tokio::test]
async fn a_case_goes_from_lead_to_archive_and_public_copy_through_the_forms() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    file_case(&bureau, &case).await;
    propose(&bureau, &case).await;
    review(&bureau, &case).await;
    notify(&bureau, &case).await;
    hear(&bureau, &case).await;
    decide(&bureau, &case).await;
    urge(&bureau, &case).await;
    carry_out(&bureau, &case).await;

    // What the publication job then hands to the portal.
    let mut sequencer = Sequencer::new(bureau.office.store().clone());
    let mut changes = Vec::new();
    // First the job records the publication, then, once that is in the log, it finds it there with its proof.
    for _ in 0..2 {
        sequencer.run_once(bureau.office.now().0).await.unwrap();
        let (found, reached) = bureau.office.follow_publications().await.unwrap();
        bureau.office.followed(reached).await.unwrap();
        changes.extend(found);
    }
    let [(_, PublicChange::Published { copy, document, .. })] = &changes[..] else {
        panic!("{} changes", changes.len());
    };
    assert_eq!(copy.party_name, "青禾县某某化工厂");
    assert_eq!(copy.facts, "该厂未建立安全风险分级管控制度。");
    assert!(copy.outcome.contains("贰万元整"), "{}", copy.outcome);
    assert!(document.starts_with(b"%PDF-"));
}

#[tokio::test]
async fn lists_help_and_people_show_what_the_office_knows() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    officer
        .get("/")
        .await
        .has(StatusCode::OK, &["核查结论", "立案", &case]);
    officer
        .get("/cases?q=%E5%8C%96%E5%B7%A5")
        .await
        .has(StatusCode::OK, &[&case, "未立案", "线索核查"]);
    officer
        .get("/cases?q=%E6%B2%A1%E6%9C%89")
        .await
        .has(StatusCode::OK, &["没有符合条件的案件"])
        .lacks(&[&case]);
    officer
        .get("/people")
        .await
        .has(StatusCode::OK, &["QH-0001", "2028-12-31", "法律职业资格"]);
    officer.get("/help").await.has(
        StatusCode::OK,
        &["行政处罚普通程序", "集体讨论，形成结论", "申请听证期限"],
    );
    officer.get("/healthz").await.has(StatusCode::OK, &["ok"]);
    officer
        .get("/assets/desk.css")
        .await
        .has(StatusCode::OK, &[".stages"]);
    officer
        .get("/assets/none.css")
        .await
        .has(StatusCode::NOT_FOUND, &["没有找到"]);
    let mut other = Browser::of(&bureau, "wu").await;
    other
        .get(&case)
        .await
        .has(StatusCode::NOT_FOUND, &["没有找到这个页面，或者您无权查看"]);
    other.get("/cases").await.lacks(&[&case]);
}

#[tokio::test]
async fn every_link_of_an_approvers_to_do_page_leads_where_it_says() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    let form = officer.get(&format!("{case}/act/A05")).await.form();
    let form = form.fill_all(&[
        ("f.suspected", "yes"),
        ("f.punishable", "yes"),
        ("f.own_jurisdiction", "yes"),
        ("f.violation_ended_on", "2026-03-02"),
        ("_with", "person-lin"),
    ]);
    officer.submit(form, "submit").await;
    for approver in ["zhou", "liu"] {
        let mut approver = Browser::of(&bureau, approver).await;
        let page = approver.get("/").await;
        let links = page.links();
        let mut requests = 0;
        for link in links.iter().filter(|link| link.starts_with("/cases")) {
            let there = approver.get(link).await;
            assert_eq!(there.status, StatusCode::OK, "{link}");
            requests += usize::from(link.contains("/requests/"));
        }
        assert_eq!(requests, 1, "{links:?}");
        let request = approver.get(&page.link("/requests/")).await;
        let form = request.form().fill("opinion", "同意。");
        let done = approver.submit(form, "approve").await;
        done.has(StatusCode::OK, &["已记录"]);
    }
}
