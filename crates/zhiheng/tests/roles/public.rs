//! Anybody, in a browser that runs no scripts: finds a decision, reads it, takes its proof, checks an officer's card.

use testkit::Browser;

use crate::support::{Place, desk::Desk};

#[tokio::test(flavor = "multi_thread")]
async fn anybody_searches_filters_reads_and_checks_without_scripts() {
    let Some(place) = Place::demo() else { return };
    let Some(browser) = Browser::without_scripts().await else {
        return;
    };
    let server = place.serve();
    let desk = Desk::new(&browser, &server);
    desk.go("/public/").await;
    desk.shows(&["行政处罚决定公示", "青山县红星化工厂"]).await;
    desk.look("public-all").await;
    desk.type_into("q", "东岭").await;
    assert!(desk.press("form.search button").await);
    let found = desk.shows(&["青山县东岭机械有限公司"]).await;
    assert!(!found.contains("青山县红星化工厂"), "{found}");
    desk.look("public-found").await;
    desk.go("/public/?kind=个人").await;
    let people = desk.shows(&["柳某"]).await;
    assert!(!people.contains("柳青河"), "{people}");
    desk.go("/public/?q=没有这一家").await;
    desk.shows(&["没有找到", "查看全部公示"]).await;
    desk.look("public-nothing").await;

    desk.go("/public/?q=红星").await;
    desk.follow("/public/decisions/").await;
    desk.shows(&["决定书文号", "30,000", "怎样核对没有被改动"])
        .await;
    let document = desk.download("main a[href$='/document']").await;
    let proof = desk.download("main a[href$='/proof']").await;
    let key = desk.download("main a[href$='/key']").await;
    let args = [
        "verify".as_ref(),
        "--bundle".as_ref(),
        proof.as_os_str(),
        "--key".as_ref(),
        key.as_os_str(),
        document.as_os_str(),
    ];
    assert!(place.run(&args).done().contains("核验通过"));

    desk.go("/public/officers").await;
    desk.type_into("number", " qs-yj- 0001").await;
    assert!(desk.press("form.search button").await);
    desk.shows(&["有效", "陈立"]).await;
    desk.look("public-card-good").await;
    desk.type_into("number", "QS-YJ-9999").await;
    assert!(desk.press("form.search button").await);
    desk.shows(&["没有查到"]).await;
    desk.look("public-card-unknown").await;
    desk.ends_without_errors().await;
}
