//! Every step of the pack has a form that can be drawn, for whoever asks, in a case at any stage.

use axum::http::StatusCode;

use crate::{browser::Browser, bureau, journey::open_case};

#[tokio::test]
async fn every_step_of_the_pack_answers_with_a_page() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = open_case(&mut officer).await;
    let pack = bureau.office.pack().unwrap();
    assert!(pack.steps.len() > 80);
    for step in pack.steps.iter().filter(|step| step.action != "A01") {
        let page = officer.get(&format!("{case}/act/{}", step.id)).await;
        page.has(StatusCode::OK, &[&step.title])
            .lacks(&["<script>", "onclick", "{{", "{%"]);
        for script in page.html().split("<script ").skip(1) {
            assert!(script.starts_with("src=\"/assets/"), "{script}");
        }
    }
}
