//! What people really type and paste, from the form to pages, papers, lists and tables: the right result or a clear
//! refusal, and nothing that was typed is lost.

use std::io::Cursor;

use axum::http::StatusCode;
use calamine::{Data, Reader, Xlsx};
use casework::{
    record::{Draft, StreamKind, Via},
    rows::StreamRows,
};
use store::{Append, CaseFilter, CommandKey, Hash, Purpose, Scope};
use tokio::task::JoinSet;

use crate::{
    browser::{Browser, Page},
    bureau::{self, Bureau},
};

/// A lead about a party, as an officer fills it in.
async fn lead(officer: &mut Browser, party: &str, clue: &str) -> Page {
    let form = officer.get("/cases/new").await.form().fill_all(&[
        ("f.source", "inspection"),
        ("f.case_name", &format!("{party}涉嫌未建立制度案")),
        ("f.cause", "未建立安全风险分级管控制度"),
        ("f.clue", clue),
        ("f.discovered_on", "2026-03-02"),
        ("f.parties.0.kind", "organization"),
        ("f.parties.0.name", party),
        ("f.parties.0.address", "青禾县工业路8号"),
    ]);
    officer.submit(form, "submit").await
}

/// The address of a case that was opened.
#[track_caller]
fn opened(page: &Page) -> String {
    page.has(StatusCode::OK, &["已记录：登记线索"]);
    page.path.split('?').next().unwrap().to_owned()
}

/// Asks two approvers to file a case; what came back.
async fn ask_to_file(officer: &mut Browser, case: &str) -> Page {
    let form = officer.get(&format!("{case}/act/A05")).await.form();
    let form = form.fill_all(&[
        ("f.suspected", "yes"),
        ("f.punishable", "yes"),
        ("f.own_jurisdiction", "yes"),
        ("f.violation_ended_on", "2026-03-02"),
        ("_with", "person-lin"),
    ]);
    officer.submit(form, "submit").await
}

/// Files a case.
async fn file(bureau: &Bureau, case: &str) {
    let mut officer = Browser::of(bureau, "chen").await;
    let asked = ask_to_file(&mut officer, case).await;
    asked.has(StatusCode::OK, &["已记录：立案（报批）"]);
    for approver in ["zhou", "liu"] {
        let approved = Browser::of(bureau, approver).await.approve(case).await;
        approved.has(StatusCode::OK, &["已记录"]);
    }
}

/// The cells of a sheet with that name, under its heading.
fn cells(page: &Page, sheet: &str) -> Vec<Vec<Data>> {
    assert_eq!(page.status, StatusCode::OK, "{}", page.html());
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(page.body.clone())).unwrap();
    let sheet = book.worksheet_range(sheet).unwrap();
    sheet.rows().skip(1).map(<[Data]>::to_vec).collect()
}

/// The first paper of a case as a file.
async fn first_paper(person: &mut Browser, case: &str) -> Page {
    let link = person.get(case).await.link("/papers/");
    person.get(&link).await
}

#[tokio::test]
async fn a_party_s_name_of_two_hundred_characters_is_whole_on_page_paper_and_sheet() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let name: String = "青禾县第一安全技术服务有限责任公司"
        .chars()
        .cycle()
        .take(200)
        .collect();
    let case = opened(&lead(&mut officer, &name, "检查发现。").await);
    file(&bureau, &case).await;
    officer.get(&case).await.has(StatusCode::OK, &[&name]);
    officer.get("/cases").await.has(StatusCode::OK, &[&name]);
    let paper = first_paper(&mut officer, &case).await;
    assert!(paper.body.starts_with(b"%PDF-"), "{}", paper.html());
    let row = &cells(&officer.get("/cases/export.xlsx").await, "案件")[0];
    assert_eq!(row[3], Data::String(name.clone()));
    let register = &cells(&officer.get("/cases/register.xlsx").await, "台账")[0];
    assert!(register.contains(&Data::String(name)), "{register:?}");
}

#[tokio::test]
async fn a_text_longer_than_a_field_holds_is_refused_with_its_length_and_stays_in_the_form() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let name = "厂".repeat(501);
    let page = lead(&mut officer, &name, "检查发现。").await;
    page.has(
        StatusCode::UNPROCESSABLE_ENTITY,
        &["填写的内容已保留", "500"],
    );
    assert_eq!(page.form().value("f.parties.0.name"), Some(name.as_str()));
    assert_eq!(page.form().value("f.clue"), Some("检查发现。"));
}

#[tokio::test]
async fn rare_characters_are_kept_found_printed_and_exported() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    // One of the first plane and one beyond it, both of which the papers' fonts have or tell of.
    let case = opened(&lead(&mut officer, "青禾县㐂乐食品厂", "经理姓𠮷。").await);
    officer
        .get("/cases?q=㐂乐")
        .await
        .has(StatusCode::OK, &[&case]);
    officer
        .get(&case)
        .await
        .has(StatusCode::OK, &["经理姓𠮷。"]);
    let csv = officer.get("/cases/export.csv").await.html();
    assert!(csv.contains("青禾县㐂乐食品厂"), "{csv}");
    let row = &cells(&officer.get("/cases/export.xlsx").await, "案件")[0];
    assert_eq!(row[3], Data::String("青禾县㐂乐食品厂".into()));
}

#[tokio::test]
async fn an_emoji_is_kept_on_the_pages_and_a_paper_that_cannot_show_it_names_it() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = opened(&lead(&mut officer, "青禾县笑脸😀小吃店", "检查发现😀。").await);
    officer
        .get(&case)
        .await
        .has(StatusCode::OK, &["青禾县笑脸😀小吃店", "检查发现😀。"]);
    let page = ask_to_file(&mut officer, &case).await;
    page.has(StatusCode::OK, &["已记录：立案（报批）"]);
    Browser::of(&bureau, "zhou").await.approve(&case).await;
    // The paper is made with the last approval. None is made with a blank for a character, and the opinion stays.
    let last = Browser::of(&bureau, "liu").await.approve(&case).await;
    let told = "《立案审批表》中有字体无法显示的字：😀（U+1F600）";
    last.has(StatusCode::BAD_REQUEST, &[told, "写错的请更正"]);
    assert_eq!(last.form().value("opinion"), Some("同意。"));
}

#[tokio::test]
async fn a_table_pasted_from_a_word_processor_keeps_its_rows_and_cells() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let table = "项目\t数量\t备注\r\n灭火器\t3具\t过期\r\n\u{a0}\u{200b}合计\t3具\t";
    let case = opened(&lead(&mut officer, "某化工厂", table).await);
    let page = officer.get(&case).await;
    page.has(StatusCode::OK, &["灭火器\t3具\t过期"]);
    // The next form is given the same, not asked for it again.
    let form = officer.get(&format!("{case}/act/A05")).await.form();
    let carried = form.value("f.summary").unwrap_or_default().to_owned();
    assert!(carried.contains("灭火器\t3具\t过期"), "{carried:?}");
    file(&bureau, &case).await;
    let paper = first_paper(&mut officer, &case).await;
    assert!(paper.body.starts_with(b"%PDF-"), "{}", paper.html());
}

#[tokio::test]
async fn a_date_of_the_minguo_calendar_is_told_with_its_common_year_and_stays() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    // As words, and as the year 115 that a date picker lets through.
    for typed in ["民国115年3月2日", "0115-03-02"] {
        let form = officer.get("/cases/new").await.form().fill_all(&[
            ("f.source", "inspection"),
            ("f.case_name", "某厂案"),
            ("f.cause", "未建立制度"),
            ("f.clue", "检查发现。"),
            ("f.discovered_on", typed),
            ("f.parties.0.kind", "organization"),
            ("f.parties.0.name", "某厂"),
        ]);
        let page = officer.submit(form, "submit").await;
        page.has(
            StatusCode::UNPROCESSABLE_ENTITY,
            &["填写的内容已保留", "公历", "2026-03-02"],
        );
        assert_eq!(page.form().value("f.discovered_on"), Some(typed));
    }
}

#[tokio::test]
async fn a_name_that_looks_like_a_formula_is_text_in_both_tables() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let name = "=cmd|'/c calc'!A1";
    opened(&lead(&mut officer, name, "检查发现。").await);
    let csv = officer.get("/cases/export.csv").await.html();
    assert!(csv.contains(",'=cmd|'/c calc'!A1,"), "{csv}");
    for (path, sheet) in [("export", "案件"), ("register", "台账")] {
        let page = officer.get(&format!("/cases/{path}.xlsx")).await;
        let row = &cells(&page, sheet)[0];
        assert!(row.contains(&Data::String(name.into())), "{row:?}");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(page.body.clone())).unwrap();
        let formulas = book.worksheet_formula(sheet).unwrap();
        assert_eq!(formulas.used_cells().count(), 0, "{path}");
    }
}

/// Cases of one body until there are so many, all with the rows of the one that there is.
async fn fill(bureau: &Bureau, case: &str, from: usize, to: usize) {
    let store = bureau.office.store();
    let scope = Scope::body("body-qinghe", Purpose::System);
    let known = store.cases(&scope, &CaseFilter::default(), None, 1).await;
    let row = known.unwrap().remove(0).row;
    let events = store.load(&scope, case, 0).await.unwrap();
    let body = events[0].body.clone().unwrap();
    let mut writers = JoinSet::new();
    for writer in 0..64 {
        let (store, row, body) = (store.clone(), row.clone(), body.clone());
        writers.spawn(async move {
            for n in (from + writer..to).step_by(64) {
                let mut row = row.clone();
                row.name = format!("第{n}件");
                let draft = Draft::plain("case.acted@1", body.clone(), None, Via::Import);
                let append = Append {
                    stream: format!("case-{n}"),
                    kind: StreamKind::Case,
                    body_id: "body-qinghe".to_owned(),
                    expected_version: 0,
                    prev_entry: None,
                    now_us: 1,
                    events: vec![draft],
                    rows: StreamRows {
                        case: Some(row),
                        ..StreamRows::default()
                    },
                    command: CommandKey {
                        id: format!("fill-{n}"),
                        actor: "person-chen".to_owned(),
                        digest: Hash([7; 32]),
                    },
                };
                store.commit(append).await.unwrap();
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_rows_are_exported_whole_and_more_are_refused_with_what_to_do() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let page = lead(&mut officer, "某厂", "检查发现。").await;
    let case = opened(&page).trim_start_matches("/cases/").to_owned();
    fill(&bureau, &case, 1, 10_000).await;
    let rows = cells(&officer.get("/cases/export.xlsx").await, "案件");
    assert_eq!(rows.len(), 10_000);
    let csv = officer.get("/cases/export.csv").await.html();
    assert_eq!(csv.lines().count(), 10_001);
    for n in [1, 5_000, 9_999] {
        assert!(csv.contains(&format!("第{n}件,")), "{n}");
    }
    fill(&bureau, &case, 10_000, 10_001).await;
    for ending in ["csv", "xlsx"] {
        let page = officer.get(&format!("/cases/export.{ending}")).await;
        page.has(StatusCode::BAD_REQUEST, &["超过 10000 件", "分几次导出"]);
    }
}
