//! 执法人员: a lead typed on one device and finished on another; forms that are refused, opened twice, or gone back to.

use serde_json::json;
use testkit::Browser;

use crate::support::{
    Place, Server,
    desk::{Desk, today},
};

const NAME: &str = "青山县半途机械厂涉嫌未建立台账案";
/// What is typed by hand before the first device is closed.
const TYPED: [(&str, &str); 4] = [
    ("f.case_name", NAME),
    ("f.cause", "未建立事故隐患排查治理台账"),
    ("f.parties.0.name", "青山县半途机械厂"),
    ("f.parties.0.address", "青山县工业路3号"),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_finishes_on_another_device_what_was_typed_and_refused_forms_keep_everything() {
    let Some(place) = Place::demo() else { return };
    let Some(first) = Browser::start().await else {
        return;
    };
    let server = place.serve();
    type_and_leave(&first, &server).await;
    drop(first);

    let second = Browser::start().await.unwrap();
    let desk = Desk::new(&second, &server);
    desk.sign_in("chen").await;
    desk.shows(&["草稿", "登记线索"]).await;
    desk.look("officer-todo").await;
    desk.follow("/cases/new?draft=1").await;
    desk.holds(&TYPED).await;
    let case = refused_then_taken(&desk).await;
    two_tabs(&desk, &case).await;
    desk.ends_without_errors().await;
}

/// Types a lead by hand, waits until it is kept, and leaves without pressing anything.
async fn type_and_leave(browser: &Browser, server: &Server) {
    let desk = Desk::new(browser, server);
    desk.sign_in("chen").await;
    desk.go("/cases/new").await;
    for (id, text) in TYPED {
        desk.type_into(id, text).await;
    }
    let saved = "return document.getElementById('saved').textContent";
    for _ in 0..200 {
        let said = browser.execute(saved, Vec::new()).await.unwrap();
        if said.as_str().unwrap_or_default().contains("自动保存") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nothing was kept");
}

/// Sends the lead too early, which loses nothing, and then whole; the case.
async fn refused_then_taken(desk: &Desk<'_>) -> String {
    let kind = json!({"f.parties.0.kind": "organization"});
    desk.fill("A01", kind).await;
    assert!(desk.press(".buttons button[value=submit]").await);
    desk.shows(&["没有办理成功，填写的内容已保留", "“线索内容”没有填写"])
        .await;
    desk.holds(&TYPED).await;
    desk.look("officer-refused").await;
    let rest = json!({
        "f.source": "inspection", "f.clue": "日常检查发现未建立台账。",
        "f.discovered_on": today(),
    });
    desk.fill("A01", rest).await;
    desk.send("A01").await;
    desk.shows(&["已记录：登记线索", NAME]).await;
    desk.path().await.trim_start_matches("/cases/").to_owned()
}

/// One form in two tabs: what the second sends after the first is refused with why, and stays in the form.
async fn two_tabs(desk: &Desk<'_>, case: &str) {
    let form = format!("/cases/{case}/act/A05");
    let filing = |summary: &str| {
        json!({
            "f.summary": summary, "f.suspected": "yes", "f.punishable": "yes", "f.own_jurisdiction": "yes",
            "f.violation_ended_on": today(), "_with": "person-lin",
        })
    };
    let first = desk.browser.window().await.unwrap();
    desk.go(&form).await;
    desk.fill("A05", filing("第一个窗口所写。")).await;
    let second = desk.browser.new_window(true).await.unwrap().handle;
    desk.browser.switch_to_window(second.clone()).await.unwrap();
    desk.go(&form).await;
    desk.fill("A05", filing("第二个窗口所写。")).await;

    desk.browser.switch_to_window(first).await.unwrap();
    desk.send("A05").await;
    desk.shows(&["已记录：立案（报批）"]).await;
    desk.browser.switch_to_window(second).await.unwrap();
    assert!(desk.press(".buttons button[value=submit]").await);
    assert_eq!(desk.path().await, form, "it is not taken");
    desk.holds(&[("f.summary", "第二个窗口所写。")]).await;
    desk.look("officer-two-tabs").await;
    // The record has what the first sent, and the draft what the second did.
    desk.go(&format!("/cases/{case}")).await;
    let whole = desk.whole_text().await;
    assert!(whole.contains("第一个窗口所写。"), "{whole}");
    assert!(!whole.contains("第二个窗口所写。"), "{whole}");
    desk.go(&format!("{form}?draft=1")).await;
    let kept = desk.whole_text().await;
    assert!(kept.contains("第二个窗口所写。"), "{kept}");
}
