//! The desk and the public page in a real browser: what somebody does there, and how it looks.
//!
//! With `ZHIHENG_SHOTS=folder` the pages that are looked at are kept there as pictures, wide and narrow.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};
use testkit::{Browser, fantoccini::Locator};

use super::Server;

const PASSWORD: &str = "demo-zhiheng";
const ENTER: &str = "\u{e007}";

/// Puts values into the controls of the page's form; answers with the name of one that is not there.
const FILL: &str = r#"
const form = document.querySelector('main form[method=post]');
if (!form) return 'no form: ' + document.querySelector('main').innerText.slice(0, 300);
for (const [name, value] of Object.entries(arguments[0])) {
  const found = [...form.elements].filter(e => e.name === name);
  if (found.length === 0) return 'no control ' + name + ' among ' + [...form.elements].map(e => e.name).join(' ');
  for (const e of found) {
    if (e.type === 'radio' || e.type === 'checkbox') { if (e.value === value) e.checked = true; }
    else e.value = value;
  }
}
return '';
"#;

/// What the controls of that name hold; a choice's value is the one that is chosen.
const HELD: &str = r#"
const found = [...document.querySelectorAll('main form [name]')].filter(e => e.name === arguments[0]);
const on = found.filter(e => !['radio', 'checkbox'].includes(e.type) || e.checked);
return on.length ? on[0].value : null;
"#;

/// What lies over the middle of each button and link of the page when it is scrolled into sight, and what is cut off.
const COVERED: &str = r#"
const over = [];
for (const e of document.querySelectorAll('main a, main button:not(.first), header a, header button')) {
  if (e.closest('details:not([open])') && e.closest('summary') === null) continue;
  e.scrollIntoView({block: 'center', behavior: 'instant'});
  const r = e.getClientRects()[0];
  if (!r || r.width === 0) continue;
  const at = document.elementFromPoint(r.left + Math.min(r.width, 20) / 2, r.top + r.height / 2);
  if (at && at !== e && !e.contains(at)) over.push(e.innerText + ' under ' + at.outerHTML.slice(0, 120));
}
window.scrollTo(0, 0);
const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
if (wide > 0) over.push('the page is ' + wide + ' px wider than its window');
if (!document.title.trim() || document.title.startsWith('－')) over.push('no title');
return over.join('\n');
"#;

/// Somebody before a browser.
pub struct Desk<'a> {
    pub browser: &'a Browser,
    server: &'a Server,
    shots: Option<PathBuf>,
}

impl<'a> Desk<'a> {
    pub fn new(browser: &'a Browser, server: &'a Server) -> Self {
        Self {
            browser,
            server,
            shots: std::env::var_os("ZHIHENG_SHOTS").map(PathBuf::from),
        }
    }

    pub async fn go(&self, path: &str) {
        let url = format!("http://{}{path}", self.server.address);
        self.browser.goto(&url).await.unwrap();
    }

    /// The words of the page.
    pub async fn text(&self) -> String {
        let main = self.browser.find(Locator::Css("main")).await.unwrap();
        main.text().await.unwrap()
    }

    /// The words of the page with those that are folded away.
    pub async fn whole_text(&self) -> String {
        let main = self.browser.find(Locator::Css("main")).await.unwrap();
        main.prop("textContent").await.unwrap().unwrap_or_default()
    }

    /// Checks that the page has all of these words.
    #[track_caller]
    pub fn shows(&self, words: &[&str]) -> impl Future<Output = String> {
        let at = std::panic::Location::caller();
        async move {
            let text = self.text().await;
            for words in words {
                assert!(text.contains(words), "{at}: {words:?} is not in\n{text}");
            }
            text
        }
    }

    /// Presses a button by the keyboard, as everything on the desk can be, and waits for the page that follows.
    pub async fn press(&self, css: &str) -> bool {
        let Ok(button) = self.browser.find(Locator::Css(css)).await else {
            return false;
        };
        // The driver does not wait for the page that a key brings: the old one is marked, and gone when the mark is.
        let mark = "document.documentElement.dataset.old = '1'";
        self.browser.execute(mark, Vec::new()).await.unwrap();
        button.send_keys(ENTER).await.unwrap();
        let there =
            "return document.readyState === 'complete' && !document.documentElement.dataset.old";
        for _ in 0..200 {
            if self.browser.execute(there, Vec::new()).await.ok() == Some(json!(true)) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{css} was pressed and no page came: {}", self.text().await);
    }

    /// Follows the first link to an address with that part.
    pub async fn follow(&self, part: &str) {
        assert!(
            self.press(&format!("main a[href*='{part}']")).await,
            "no link to {part}: {}",
            self.text().await
        );
    }

    pub async fn type_into(&self, id: &str, text: &str) {
        let input = self.browser.find(Locator::Id(id)).await.unwrap();
        input.clear().await.unwrap();
        input.send_keys(text).await.unwrap();
    }

    pub async fn sign_in(&self, login: &str) {
        self.browser.delete_all_cookies().await.unwrap();
        self.go("/login").await;
        self.type_into("login", login).await;
        self.type_into("password", PASSWORD).await;
        assert!(self.press("form[action='/login'] button").await);
        let text = self.text().await;
        assert!(text.starts_with("待办"), "{login} is signed in: {text}");
    }

    /// Looks at the page as on a desk and as on a telephone: nothing covered, nothing wider than the window.
    pub async fn look(&self, name: &str) {
        for width in [1280, 360] {
            self.browser.set_window_size(width, 900).await.unwrap();
            let faults = self.browser.execute(COVERED, Vec::new()).await.unwrap();
            assert_eq!(faults, json!(""), "{name} at {width} px");
            if let Some(folder) = &self.shots {
                std::fs::create_dir_all(folder).unwrap();
                self.browser
                    .set_window_size(width, self.whole_height().await)
                    .await
                    .unwrap();
                let file = folder.join(format!("{name}-{width}.png"));
                self.browser.save_screenshot(&file).await.unwrap();
            }
        }
        self.browser.set_window_size(1280, 900).await.unwrap();
    }

    /// Height of a window that shows the whole page.
    async fn whole_height(&self) -> u32 {
        let height = "return document.documentElement.scrollHeight + window.outerHeight - window.innerHeight";
        let height = self.browser.execute(height, Vec::new()).await.unwrap();
        u32::try_from(height.as_u64().unwrap()).unwrap()
    }

    pub async fn fill(&self, step: &str, values: Value) {
        let fault = self.browser.execute(FILL, vec![values]).await.unwrap();
        assert_eq!(fault, json!(""), "{step}");
    }

    /// What a control of the page's forms holds.
    pub async fn held(&self, name: &str) -> Option<String> {
        let held = self.browser.execute(HELD, vec![json!(name)]).await.unwrap();
        held.as_str().map(str::to_owned)
    }

    /// Checks that controls still hold what was typed.
    pub async fn holds(&self, typed: &[(&str, &str)]) {
        for (name, value) in typed {
            assert_eq!(self.held(name).await.as_deref(), Some(*value), "{name}");
        }
    }

    /// Chooses a file.
    pub async fn attach(&self, id: &str, file: &Path) {
        let input = self.browser.find(Locator::Id(id)).await.unwrap();
        let file = file.canonicalize().unwrap();
        input.send_keys(&file.to_string_lossy()).await.unwrap();
    }

    /// Sends the form, through its confirmation where it has one; the page must be the case's afterwards.
    pub async fn send(&self, step: &str) {
        assert!(self.press(".buttons button[value=submit]").await, "{step}");
        if self.has("button[value=confirm]").await {
            if step.starts_with("A33") {
                self.look("confirm").await;
            }
            assert!(self.press("button[value=confirm]").await, "{step}");
        }
        let path = self.path().await;
        let taken = path.starts_with("/cases/case-") && !path.contains("/act/");
        assert!(taken, "{step} was not taken: {}", self.text().await);
    }

    pub async fn has(&self, css: &str) -> bool {
        self.browser.find(Locator::Css(css)).await.is_ok()
    }

    pub async fn path(&self) -> String {
        self.browser.current_url().await.unwrap().path().to_owned()
    }

    /// Takes a step of a case, as the person signed in.
    pub async fn step(&self, case: &str, step: &str, values: Value) {
        self.go(&format!("/cases/{case}/act/{step}")).await;
        self.fill(step, values).await;
        self.send(step).await;
    }

    /// Goes to the request of a case that waits for the person signed in.
    pub async fn waiting(&self, case: &str) {
        self.go(&format!("/cases/{case}")).await;
        assert!(
            self.press(".waiting.mine a").await,
            "nothing waits: {}",
            self.text().await
        );
    }

    /// Signs in and approves what waits for that person in a case.
    pub async fn approve(&self, case: &str, login: &str) {
        self.sign_in(login).await;
        self.waiting(case).await;
        self.type_into("opinion", "同意。").await;
        assert!(self.press(".buttons button[value=approve]").await);
        self.shows(&["已记录"]).await;
    }

    /// Goes to the case of a party that has one; the case.
    pub async fn case_of(&self, party: &str) -> String {
        self.go(&format!("/cases?q={party}")).await;
        self.follow("/cases/case-").await;
        let path = self.path().await;
        path.trim_start_matches("/cases/").to_owned()
    }

    /// Downloads what a link of the page leads to, by the browser's own download.
    pub async fn download(&self, css: &str) -> PathBuf {
        let folder = self.browser.downloads();
        let before = listed(&folder);
        let link = self.browser.find(Locator::Css(css)).await.unwrap();
        link.click().await.unwrap();
        for _ in 0..100 {
            let whole =
                |p: &&PathBuf| !before.contains(p) && p.extension() != Some("crdownload".as_ref());
            if let Some(file) = listed(&folder).iter().find(whole) {
                return file.clone();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{css} was not downloaded; there is {:?}", listed(&folder));
    }

    /// Waits until the page at that address has the words.
    pub async fn wait_for(&self, path: &str, words: &str) {
        for _ in 0..100 {
            self.go(path).await;
            if self.text().await.contains(words) {
                return;
            }
            // The jobs look once a second.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("{path} never says {words}: {}", self.text().await);
    }

    /// Checks that the browser has reported no error of a script, no stopped content, no failed load.
    pub async fn ends_without_errors(&self) {
        let console = self.browser.take_console().await.unwrap();
        // A refused form is answered with a status that the browser tells of as well.
        let odd = |line: &&String| !line.contains("status of 4");
        let odd: Vec<_> = console.iter().filter(odd).collect();
        assert!(odd.is_empty(), "{odd:#?}");
    }
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| {
            !path
                .file_name()
                .is_some_and(|n| n.to_string_lossy().starts_with('.'))
        })
        .collect()
}

/// The ten items of a review without a fault, and an opinion.
pub fn ten_items() -> Value {
    let mut values = json!({"f.opinion": "同意拟处理意见。"});
    for n in 0..10 {
        values[format!("f.items.{n}.ok")] = json!("yes");
    }
    values
}

/// A direct service with a second officer.
pub fn served(with: &str) -> Value {
    json!({"f.method": "direct", "f.recipient": "张厂长", "f.place": "青山县工业路1号", "_with": with})
}

/// Today in Beijing, as the served desk counts it.
pub fn today() -> String {
    let beijing = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8));
    jiff::Timestamp::now().to_zoned(beijing).date().to_string()
}
