//! The list of cases as a table.

use std::io::Cursor;

use axum::http::{Method, StatusCode, header};
use calamine::{Data, Reader, Xlsx};

use crate::{browser::Browser, bureau, journey};

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
    assert!(matches!(row[7], Data::DateTime(_)), "{row:?}");

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
