//! The list of cases as a table.

use std::io::Cursor;

use axum::http::{Method, StatusCode, header};
use calamine::{Data, Reader, Xlsx};
use office::Effort;
use store::Sequencer;

use crate::{
    browser::{Browser, Page},
    bureau, journey,
};

/// Checks that no link of the page ends in a sign behind which nothing comes.
#[track_caller]
fn whole_links(page: &Page) {
    for link in page.links() {
        assert!(!link.ends_with(['&', '?', '=']), "{}: {link}", page.path);
    }
}

#[tokio::test]
async fn who_turns_the_pages_keeps_the_search_and_finds_the_way_back() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    journey::open_case(&mut officer).await;
    let plain = officer.get("/cases").await;
    whole_links(&plain);
    plain.lacks(&["aria-label=\"翻页\""]);
    let list = officer.get("/cases?ended=no&cols=unit").await;
    whole_links(&list);
    // Behind the last page.
    let behind = officer
        .get("/cases?ended=no&cols=unit&after=2020-01-01~x")
        .await;
    whole_links(&behind);
    behind.has(
        StatusCode::OK,
        &[
            "后面没有符合条件的案件了",
            "<a href=\"/cases?ended=no&#38;cols=name,unit\">回到第一页</a>",
        ],
    );
}

#[tokio::test]
async fn a_search_that_is_not_finished_says_so_and_is_no_table() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    for _ in 0..2 {
        journey::open_case(&mut officer).await;
    }
    let office = &bureau.office;
    let mut sequencer = Sequencer::new(office.store().clone());
    sequencer.run_once(office.now().0).await.unwrap();
    let effort = Effort {
        named: 1,
        rounds: 1,
    };
    let folder = bureau.dir.path().join("search");
    office.open_index_with(&folder, effort).await.unwrap();
    let index = office.index().unwrap();
    while index.follow(office.store()).await.unwrap() {}

    // Of two open cases one is looked at, and it is not late.
    let asked = "q=%E5%8C%96%E5%B7%A5&late=1";
    let page = officer.get(&format!("/cases?{asked}")).await;
    page.has(
        StatusCode::OK,
        &[
            "没有查完",
            "已经查过的案件中没有符合条件的",
            &format!(
                "href=\"/cases?{}&#38;to=2026-03-02\"",
                asked.replace('&', "&#38;")
            ),
        ],
    );
    for table in ["export.csv", "export.xlsx", "register.xlsx"] {
        let table = officer.get(&format!("/cases/{table}?{asked}")).await;
        table.has(StatusCode::BAD_REQUEST, &["还没有查到", "缩小范围"]);
    }
    let page = officer.get("/cases?q=%E5%8C%96%E5%B7%A5").await;
    page.has(StatusCode::OK, &["某某化工厂"]);
}

#[tokio::test]
async fn the_cases_of_the_list_and_no_others_are_exported() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    journey::open_case(&mut officer).await;
    let list = officer.get("/cases?ended=no").await;
    list.has(
        StatusCode::OK,
        &[
            "href=\"/cases/export.xlsx?ended=no",
            "href=\"/cases/export.csv?ended=no",
        ],
    );
    let csv = officer.get("/cases/export.csv?ended=no").await;
    assert_eq!(csv.status, StatusCode::OK);
    let text = String::from_utf8(csv.body.clone()).unwrap();
    assert!(text.starts_with("\u{feff}案号,案件名称,"), "{text}");
    assert_eq!(text.lines().count(), 2);
    assert!(
        text.contains("青禾县某某化工厂涉嫌未建立风险分级管控制度案"),
        "{text}"
    );
    assert!(
        csv.headers[header::CONTENT_DISPOSITION]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    let ended = officer.get("/cases/export.csv?ended=yes").await;
    assert_eq!(
        String::from_utf8(ended.body.clone())
            .unwrap()
            .lines()
            .count(),
        1
    );

    let book = officer.get("/cases/export.xlsx").await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book.body.clone())).unwrap();
    let sheet = book.worksheet_range("案件").unwrap();
    let (heading, row) = (sheet.rows().next().unwrap(), sheet.rows().nth(1).unwrap());
    assert_eq!(
        (sheet.height(), &heading[0]),
        (2, &Data::String("案号".into()))
    );
    assert_eq!(row[3], Data::String("青禾县某某化工厂".into()));
    assert!(matches!(row[5], Data::DateTime(_)), "{row:?}");

    // The columns that are shown, and no others.
    let list = officer.get("/cases?cols=unit&cols=closed").await;
    list.has(
        StatusCode::OK,
        &[
            "<th scope=\"col\">承办科室",
            "data-label=\"结案日期\"",
            "危险化学品监管股</td>",
        ],
    )
    .lacks(&["<th scope=\"col\">当事人"]);
    let csv = officer.get(&list.link("/cases/export.csv")).await;
    let text = String::from_utf8(csv.body.clone()).unwrap();
    assert!(
        text.starts_with("\u{feff}案件名称,承办科室,结案日期\n"),
        "{text}"
    );

    // Another unit's officer is shown nothing of it, in no form.
    let mut other = Browser::of(&bureau, "wu").await;
    let csv = other.get("/cases/export.csv").await;
    assert_eq!(
        String::from_utf8(csv.body.clone()).unwrap().lines().count(),
        1
    );
    let mut nobody = Browser::new(&bureau);
    let turned_away = nobody.get("/cases/export.csv").await.path;
    assert!(turned_away.starts_with("/login?"), "{turned_away}");
}

#[tokio::test]
async fn one_person_s_many_exports_leave_room_for_others() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let officer = Browser::of(&bureau, "chen").await;
    let mut other = Browser::of(&bureau, "liu").await;
    let asked: Vec<_> = (0..30)
        .map(|_| {
            let mut officer = officer.clone();
            tokio::spawn(async move {
                let path = "/cases/export.xlsx";
                officer.send(Method::GET, path, "", Vec::new()).await
            })
        })
        .collect();
    let others = other.get("/cases/export.xlsx").await;
    others.has(StatusCode::OK, &[]);
    let (mut made, mut later) = (0, 0);
    for task in asked {
        let page = task.await.unwrap();
        match page.status {
            StatusCode::OK => made += 1,
            StatusCode::SERVICE_UNAVAILABLE => {
                assert!(page.headers.contains_key("retry-after"));
                later += 1;
            }
            other => panic!("{other}"),
        }
    }
    assert!(
        made > 0 && later > 0,
        "{made} made, {later} told to come later"
    );
}

#[tokio::test]
async fn the_register_has_a_line_for_each_party_in_one_layout() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    journey::file_case(&bureau, &case).await;
    let book = officer.get("/cases/register.xlsx?ended=no").await;
    assert_eq!(book.status, StatusCode::OK);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book.body.clone())).unwrap();
    let sheet = book.worksheet_range("台账").unwrap();
    let rows: Vec<_> = sheet.rows().collect();
    assert_eq!(rows.len(), 2);
    let of = |title: &str| {
        let at = rows[0]
            .iter()
            .position(|cell| *cell == Data::String(title.into()));
        rows[1][at.unwrap()].to_string()
    };
    assert_eq!(of("序号"), "1");
    assert_eq!(of("当事人"), "青禾县某某化工厂");
    assert_eq!(of("承办人"), "陈立、林芳");
    assert_eq!(of("案件来源"), "检查发现");
    assert_eq!(of("决定"), "未决定");
    assert!(of("案号").contains("〔2026〕"), "{}", of("案号"));
    let none = officer.get("/cases/register.xlsx?from=2027-01-01").await;
    let mut none: Xlsx<_> = Xlsx::new(Cursor::new(none.body.clone())).unwrap();
    assert_eq!(none.worksheet_range("台账").unwrap().height(), 1);
    let mut other = Browser::of(&bureau, "wu").await;
    let book = other.get("/cases/register.xlsx").await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book.body.clone())).unwrap();
    assert_eq!(book.worksheet_range("台账").unwrap().height(), 1);
}
