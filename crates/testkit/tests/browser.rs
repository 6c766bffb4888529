//! Shows that the browser is real: it runs a page's script, sees Chinese, takes a picture, and leaves nothing behind.

use std::path::Path;
use std::time::{Duration, Instant};

use testkit::Browser;
use testkit::fantoccini::Locator;

const PAGE: &str = "data:text/html;charset=utf-8,<h1 id=t>before</h1>\
    <script>document.getElementById('t').textContent = '执衡 ' + (6 * 7)</script>";

#[tokio::test]
async fn a_page_is_shown_with_its_script_run_and_a_picture_taken() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    browser.goto(PAGE).await.unwrap();
    let heading = browser.find(Locator::Id("t")).await.unwrap();
    assert_eq!(heading.text().await.unwrap(), "执衡 42");
    let dir = tempfile::tempdir().unwrap();
    let picture = dir.path().join("page.png");
    browser.save_screenshot(&picture).await.unwrap();
    assert!(std::fs::read(picture).unwrap().starts_with(b"\x89PNG"));
}

#[tokio::test]
async fn what_a_content_policy_stops_is_in_the_console() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    browser.goto(PAGE).await.unwrap();
    assert_eq!(browser.take_console().await.unwrap(), Vec::<String>::new());
    let policy = "<meta http-equiv=Content-Security-Policy content=\"script-src 'self'\">";
    let page = PAGE.replace("<h1", &format!("{policy}<h1"));
    browser.goto(&page).await.unwrap();
    let heading = browser.find(Locator::Id("t")).await.unwrap();
    assert_eq!(heading.text().await.unwrap(), "before");
    let console = browser.take_console().await.unwrap();
    assert!(
        console
            .iter()
            .any(|line| line.contains("Content Security Policy")),
        "{console:?}"
    );
}

#[tokio::test]
async fn a_dropped_browser_leaves_no_folder_and_no_process() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    browser.goto(PAGE).await.unwrap();
    let folder = browser.downloads().parent().unwrap().to_owned();
    assert!(!processes_naming(&folder).is_empty());
    drop(browser);
    assert!(!folder.exists());
    // A process that was killed takes a moment to end; one that was not never does.
    let patience = Instant::now() + Duration::from_secs(10);
    while Instant::now() < patience && !processes_naming(&folder).is_empty() {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(processes_naming(&folder), Vec::<String>::new());
}

/// The command lines of running processes that name `folder`, as Chromium's own do.
fn processes_naming(folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .filter(|line| line.contains(&*folder))
        .collect()
}
