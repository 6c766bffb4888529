//! Every link of the desk and the public page followed as every role, in a real browser, and every kind of page judged
//! by axe.
//!
//! A page whose address differs only by the case, paper or person in it is made by the same code; of each such shape a few are
//! read for each person, and one is judged by axe, wide and narrow.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use support::{Place, Server};
use testkit::{Browser, fantoccini::Locator};

const WALK: &str = include_str!("walk.js");
const PASSWORD: &str = "demo-zhiheng";

/// Pages of one shape that are read for one person.
const SHAPE_MAX: u32 = 3;

/// Asks axe about the page that is shown: which rules are broken, and by what.
const JUDGE: &str = r#"
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ['violations'] }).then(
  result => done(result.violations.map(v => v.id + ': ' + v.help + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | '))),
  error => done([String(error)]),
);
"#;

/// One of each role of the demo bureau, and one who is not signed in.
const PEOPLE: [&str; 12] = [
    "", "chen", "he", "zhou", "gao", "liu", "wang", "fang", "tang", "qian", "jian", "dong",
];

struct Walk<'a> {
    browser: &'a Browser,
    server: &'a Server,
    axe: String,
    /// Shapes of addresses met so far.
    met: BTreeSet<String>,
    /// Addresses of the pages that axe has judged.
    judged: BTreeSet<String>,
    faults: BTreeSet<String>,
}

impl Walk<'_> {
    async fn go(&self, path: &str) {
        let url = format!("http://{}{path}", self.server.address);
        self.browser.goto(&url).await.unwrap();
    }

    async fn sign_in(&self, login: &str) {
        self.browser.delete_all_cookies().await.unwrap();
        self.go("/login").await;
        if login.is_empty() {
            return;
        }
        for (id, text) in [("login", login), ("password", PASSWORD)] {
            let input = self.browser.find(Locator::Id(id)).await.unwrap();
            input.send_keys(text).await.unwrap();
        }
        let button = Locator::Css("form[action='/login'] button");
        let button = self.browser.find(button).await.unwrap();
        button.click().await.unwrap();
        self.browser
            .wait()
            .for_element(Locator::Css("form[action='/logout']"))
            .await
            .unwrap();
    }

    /// Follows all links as that person; gives one address of each shape that was met.
    async fn follow(&mut self, login: &str) -> BTreeMap<String, String> {
        let begin = match login {
            "" => json!(["/login", "/public/", "/password"]),
            _ => json!(["/", "/public/"]),
        };
        let met = self
            .browser
            .execute_async(WALK, vec![begin, json!(SHAPE_MAX)])
            .await
            .unwrap();
        for fault in met["faults"].as_array().unwrap() {
            let fault = fault.as_str().unwrap();
            self.faults.insert(format!("as {login:?}: {fault}"));
        }
        let shapes = met["shapes"].as_object().unwrap();
        let pages = met["pages"].as_u64().unwrap();
        eprintln!("{login:>5}: {pages} pages of {} shapes", shapes.len());
        assert!(pages > 2, "{login} met next to nothing: {met}");
        let first = |(shape, all): (&String, &Value)| {
            let address = all[0].as_str().unwrap_or_default();
            (shape.clone(), address.to_owned())
        };
        shapes.iter().map(first).collect()
    }

    /// Has axe judge one page, wide and narrow.
    async fn judge(&mut self, address: &str) {
        self.go(address).await;
        // A file that was downloaded leaves the page before it where it was.
        let page = "return document.contentType === 'text/html' && location.pathname + location.search === arguments[0]";
        let page = self.browser.execute(page, vec![json!(address)]).await;
        if page.unwrap() != json!(true) {
            return;
        }
        self.judged.insert(address.to_owned());
        // What is folded is judged too.
        let open = "document.querySelectorAll('details').forEach(d => { d.open = true; })";
        self.browser.execute(open, Vec::new()).await.unwrap();
        self.browser.execute(&self.axe, Vec::new()).await.unwrap();
        for width in [1280, 360] {
            self.browser.set_window_size(width, 900).await.unwrap();
            let broken = self.browser.execute_async(JUDGE, Vec::new()).await.unwrap();
            for rule in broken.as_array().unwrap() {
                let rule = rule.as_str().unwrap_or_default();
                self.faults
                    .insert(format!("axe, {address} at {width} px: {rule}"));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_finds_every_link_alive_and_every_page_passes_axe() {
    let Some(place) = Place::demo() else { return };
    let axe =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/node_modules/axe-core/axe.min.js");
    let Ok(axe) = std::fs::read_to_string(axe) else {
        testkit::skipped(
            "fonts",
            "axe-core is not installed; `cargo xtask test` installs it",
        );
        return;
    };
    let Some(browser) = Browser::start().await else {
        return;
    };
    let server = place.serve();
    let timeouts = testkit::fantoccini::wd::TimeoutConfiguration::new(
        Some(Duration::from_secs(300)),
        Some(Duration::from_secs(60)),
        None,
    );
    browser.update_timeouts(timeouts).await.unwrap();
    let mut walk = Walk {
        browser: &browser,
        server: &server,
        axe,
        met: BTreeSet::new(),
        judged: BTreeSet::new(),
        faults: BTreeSet::new(),
    };
    for login in PEOPLE {
        walk.sign_in(login).await;
        for (shape, address) in walk.follow(login).await {
            if walk.met.insert(shape) {
                walk.judge(&address).await;
            }
        }
    }
    eprintln!("{} kinds of pages were judged", walk.judged.len());
    assert!(walk.judged.len() > 40, "{:?}", walk.judged);
    let faults: Vec<String> = walk.faults.into_iter().collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
