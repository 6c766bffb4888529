//! The words of each kind of page of a small bureau on a fixed day, kept in `snapshots/`, so that a change of a page
//! shows in review.
//!
//! After a change that is wanted, `INSTA_UPDATE=always cargo xtask test` writes them anew; `git diff` shows what changed.

use crate::{
    browser::{Browser, Page},
    bureau, journey,
};

/// Takes out what differs each time: ids, digests, tokens.
fn redact(text: &str) -> String {
    let of_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let (mut told, mut run) = (String::new(), String::new());
    for c in text.chars().chain(['\n']) {
        if of_id(c) {
            run.push(c);
            continue;
        }
        let is_id = run.len() >= 16 && run.contains(|c: char| c.is_ascii_digit());
        told.push_str(if is_id { "…" } else { &run });
        run.clear();
        told.push(c);
    }
    told.pop();
    told
}

#[track_caller]
fn keep(name: &str, page: &Page) {
    let told = testkit::words(&page.html(), redact);
    // The record of a case is as long as the case; what one event of it shows, the shorter cases show.
    let told = match told.split_once("## 全过程记录") {
        Some((told, record)) if record.lines().count() > 60 => told.to_owned(),
        _ => told,
    };
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, told));
}

#[tokio::test]
async fn pages_around_a_new_lead_are_as_kept() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    keep("sign-in", &Browser::new(&bureau).get("/login").await);
    let mut officer = Browser::of(&bureau, "chen").await;
    keep("todo-empty", &officer.get("/").await);
    keep("cases-empty", &officer.get("/cases").await);
    let lead = officer.get("/cases/new").await;
    keep("lead-form", &lead);
    keep(
        "lead-refused",
        &officer
            .submit(lead.form().fill("f.parties.0.kind", "person"), "submit")
            .await,
    );
    let case = journey::open_case(&mut officer).await;
    keep("todo", &officer.get("/").await);
    keep("cases", &officer.get("/cases").await);
    keep("case-lead", &officer.get(&case).await);
    keep(
        "step-closed",
        &officer.get(&format!("{case}/act/A19")).await,
    );
    keep("people", &officer.get("/people").await);
    keep("laws-none", &officer.get("/laws").await);
    keep("not-found", &officer.get("/cases/none").await);
}

#[tokio::test]
async fn pages_of_review_notice_and_oversight_are_as_kept() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut officer = Browser::of(&bureau, "chen").await;
    let case = journey::open_case(&mut officer).await;
    journey::file_case(&bureau, &case).await;
    journey::propose(&bureau, &case).await;
    let signing = [("f.opinion", "拟同意。"), ("f.grave", "yes")];
    let mut preliminary = Browser::of(&bureau, "he").await;
    preliminary
        .act(&format!("{case}/act/A20.sign"), &signing)
        .await;
    let mut head = Browser::of(&bureau, "zhou").await;
    let request = head.get(&case).await.link("/requests/");
    keep("request", &head.get(&request).await);
    head.approve(&case).await;

    let mut reviewer = Browser::of(&bureau, "gao").await;
    journey::accept(&mut reviewer, &case).await;
    keep(
        "review-desk",
        &reviewer.get(&format!("{case}/review")).await,
    );
    journey::pass(&mut reviewer, &format!("{case}/act/A21.pass")).await;
    let form = officer.get(&format!("{case}/act/A24.issue")).await.form();
    keep("notice-confirm", &officer.submit(form, "submit").await);
    keep("case-notice", &officer.get(&case).await);

    let mut leader = Browser::of(&bureau, "liu").await;
    keep("oversight", &leader.get("/oversight").await);
    keep("discussions-none", &leader.get("/discussions").await);
    keep(
        "discussion",
        &leader.get(&format!("{case}/discussion")).await,
    );
}
