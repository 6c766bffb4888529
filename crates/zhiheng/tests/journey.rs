//! One penalty from lead to archive and public page, by the demo people in turn, in a real browser on the real program.
//!
//! With `ZHIHENG_SHOTS=folder` the pages met on the way are kept there as pictures, wide and narrow.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{path::PathBuf, time::Duration};

use serde_json::{Value, json};
use support::{Place, Server};
use testkit::{Browser, fantoccini::Locator};

const PASSWORD: &str = "demo-zhiheng";
const PARTY: &str = "青山县浏览器机械厂";
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

/// What lies over the middle of each button and link of the page when it is scrolled into sight.
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
return over.join('\n');
"#;

struct Walk<'a> {
    browser: &'a Browser,
    server: &'a Server,
    case: String,
    shots: Option<PathBuf>,
}

impl Walk<'_> {
    async fn go(&self, path: &str) {
        let url = format!("http://{}{path}", self.server.address);
        self.browser.goto(&url).await.unwrap();
    }

    async fn text(&self) -> String {
        let main = self.browser.find(Locator::Css("main")).await.unwrap();
        main.text().await.unwrap()
    }

    /// Presses a button by the keyboard, as everything on the desk can be, and waits for the page that follows.
    async fn press(&self, css: &str) -> bool {
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

    async fn type_into(&self, id: &str, text: &str) {
        let input = self.browser.find(Locator::Id(id)).await.unwrap();
        input.clear().await.unwrap();
        input.send_keys(text).await.unwrap();
    }

    async fn sign_in(&self, login: &str) {
        self.browser.delete_all_cookies().await.unwrap();
        self.go("/login").await;
        self.type_into("login", login).await;
        self.type_into("password", PASSWORD).await;
        assert!(self.press("form[action='/login'] button").await);
        let text = self.text().await;
        assert!(text.starts_with("待办"), "{login} is signed in: {text}");
    }

    /// Looks at the page as on a desk and as on a telephone: nothing covered, nothing wider than the window.
    async fn look(&self, name: &str) {
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

    async fn fill(&self, step: &str, values: Value) {
        let fault = self.browser.execute(FILL, vec![values]).await.unwrap();
        assert_eq!(fault, json!(""), "{step}");
    }

    /// Sends the form, through its confirmation where it has one; the page must be the case's afterwards.
    async fn send(&self, step: &str) {
        assert!(self.press(".buttons button[value=submit]").await, "{step}");
        if self.text().await.starts_with("核对：") || self.has("button[value=confirm]").await {
            if step.starts_with("A33") {
                self.look("confirm").await;
            }
            assert!(self.press("button[value=confirm]").await, "{step}");
        }
        let path = self.path().await;
        let taken = path.starts_with("/cases/case-") && !path.contains("/act/");
        assert!(taken, "{step} was not taken: {}", self.text().await);
    }

    async fn has(&self, css: &str) -> bool {
        self.browser.find(Locator::Css(css)).await.is_ok()
    }

    async fn path(&self) -> String {
        self.browser.current_url().await.unwrap().path().to_owned()
    }

    /// Takes a step of the case, as the person signed in.
    async fn step(&self, step: &str, values: Value) {
        self.go(&format!("/cases/{}/act/{step}", self.case)).await;
        self.fill(step, values).await;
        self.send(step).await;
    }

    /// Takes a step that concerns the one party.
    async fn step_of_party(&self, step: &str, values: Value) {
        self.step(&format!("{step}?party=p1"), values).await;
    }

    /// Approves what waits for that person in the case.
    async fn approve(&self, login: &str) {
        self.sign_in(login).await;
        self.go(&format!("/cases/{}", self.case)).await;
        let link = self.browser.find(Locator::Css(".waiting.mine a")).await;
        let Ok(link) = link else {
            panic!("nothing waits for {login}: {}", self.text().await);
        };
        link.click().await.unwrap();
        self.type_into("opinion", "同意。").await;
        assert!(self.press(".buttons button[value=approve]").await);
        let text = self.text().await;
        assert!(text.contains("已记录"), "{login} approved: {text}");
    }

    async fn file(&mut self) {
        self.sign_in("chen").await;
        self.look("todo").await;
        self.go("/cases/new").await;
        self.keeps_itself().await;
        self.look("lead").await;
        let lead = json!({
            "f.source": "inspection", "f.case_name": format!("{PARTY}涉嫌未建立台账案"),
            "f.cause": "未建立事故隐患排查治理台账", "f.clue": "日常检查发现未建立事故隐患排查治理台账。",
            "f.discovered_on": today(), "f.parties.0.kind": "organization", "f.parties.0.name": PARTY,
            "f.parties.0.address": "青山县工业路1号",
        });
        self.fill("A01", lead).await;
        self.send("A01").await;
        self.case = self.path().await.trim_start_matches("/cases/").to_owned();
        let filing = json!({
            "f.suspected": "yes", "f.punishable": "yes", "f.own_jurisdiction": "yes",
            "f.violation_ended_on": today(), "_with": "person-lin",
        });
        self.step("A05", filing).await;
        self.approve("zhou").await;
        self.approve("liu").await;
    }

    /// What is typed is kept without a button, and is there again when the page was left.
    async fn keeps_itself(&self) {
        self.type_into("f.cause", "未建立事故隐患排查治理台账")
            .await;
        let saved = "return document.getElementById('saved').textContent";
        let mut said = String::new();
        for _ in 0..200 {
            let text = self.browser.execute(saved, Vec::new()).await.unwrap();
            said = text.as_str().unwrap_or_default().to_owned();
            if said.contains("自动保存") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(said.starts_with("草稿已于"), "{said:?}");
        self.go("/cases/new?draft=1").await;
        let cause = "return document.getElementById('f.cause').value";
        let cause = self.browser.execute(cause, Vec::new()).await.unwrap();
        assert_eq!(cause, json!("未建立事故隐患排查治理台账"));
    }

    /// Finds the case by what was written in it; the index follows the log within some seconds.
    async fn find_case(&self) {
        let words = "制度汇编 工业路1号";
        for _ in 0..100 {
            self.go("/cases").await;
            self.type_into("q", words).await;
            assert!(self.press("form[role=search] button").await);
            let link = format!("td a[href='/cases/{}']", self.case);
            if self.has(&link).await {
                self.look("search").await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("nothing is found: {}", self.text().await);
    }

    async fn investigate(&self) {
        self.sign_in("chen").await;
        let evidence = json!({
            "f.kind": "documentary", "f.name": "现场照片和管理制度汇编", "f.origin": "现场采集",
            "f.proves": "未建立台账", "_with": "person-lin", "_card": "yes",
        });
        self.step("A09.collect", evidence).await;
        self.find_case().await;
        let corrected = json!({"f.record": "当事人已建立台账。", "_with": "person-lin"});
        self.step("A14.self", corrected).await;
        self.go(&format!("/cases/{}/act/A19", self.case)).await;
        self.look("proposal").await;
        let proposal = json!({
            "f.report": "经查，当事人未建立事故隐患排查治理台账，有照片和书证证明。",
            "f.proposal.0.proven": "yes", "f.proposal.0.facts": "当事人未建立事故隐患排查治理台账。",
            "f.proposal.0.characterization": "未建立事故隐患排查治理制度",
            "f.proposal.0.violated": "《中华人民共和国安全生产法》第四十一条第二款",
            "f.proposal.0.basis": "《中华人民共和国安全生产法》第一百零一条第五项",
            "f.proposal.0.discretion": "初次违法，及时改正。", "f.proposal.0.correction": "建立台账。",
            "f.proposal.0.min": "0", "f.proposal.0.max": "10万元",
            "f.proposal.0.p.0.kind": "fine", "f.proposal.0.p.0.amount": "8000",
        });
        self.fill("A19", proposal).await;
        self.send("A19").await;
        self.approve("lin").await;
    }

    /// 初审, 审签 and 法制审核 before the notice.
    async fn review(&self) {
        self.sign_in("he").await;
        self.step(
            "A20.sign",
            json!({"f.opinion": "事实清楚，证据充分，拟同意。"}),
        )
        .await;
        self.approve("zhou").await;
        self.sign_in("gao").await;
        let accepted = json!({"f.complete": "yes", "f.materials": "全部案卷材料"});
        self.step("A21.accept", accepted).await;
        self.go(&format!("/cases/{}/act/A21.pass", self.case)).await;
        self.look("review").await;
        self.go(&format!("/cases/{}/review", self.case)).await;
        self.look("review-desk").await;
        self.go(&format!("/cases/{}/act/A21.pass", self.case)).await;
        self.fill("A21.pass", ten_items()).await;
        self.send("A21.pass").await;
    }

    /// Notice, what the party says to it, reconsideration. The window closes by the party's own written waiver.
    async fn notify(&self) {
        self.sign_in("chen").await;
        self.step_of_party("A24.issue", json!({})).await;
        self.approve("liu").await;
        self.sign_in("chen").await;
        self.step_of_party("A24.deliver", served()).await;
        self.look("case").await;
        // Before the window has closed nobody may go on.
        let path = format!("/cases/{}/act/A29.keep?party=p1", self.case);
        self.go(&path).await;
        let text = self.text().await;
        assert!(
            text.contains("陈述申辩期未届满，当事人也未书面放弃"),
            "{text}"
        );
        self.look("refused").await;
        let waived = json!({"f.signer": "张厂长", "f.written": "yes"});
        self.step_of_party("A25.waive", waived).await;
        let answers = json!({"f.answers": "当事人书面放弃陈述、申辩，维持拟处理意见。"});
        self.step_of_party("A29.keep", answers).await;
        self.approve("zhou").await;
    }

    /// Review before the decision, the leader's examination, the decision.
    async fn decide(&self) {
        self.sign_in("chen").await;
        self.step("A30.submit", json!({"f.note": "告知后无新的事实和证据。"}))
            .await;
        self.sign_in("gao").await;
        self.step("A30.pass", ten_items()).await;
        self.sign_in("liu").await;
        self.step("A31.approve", json!({"f.opinion": "同意处罚。"}))
            .await;
        self.step_of_party("A33", json!({"f.fine": "8000"})).await;
        self.look("decided").await;
        for page in ["api", "tokens", "help", "discussions", "oversight", "cases"] {
            self.go(&format!("/{page}")).await;
            self.look(page).await;
        }
        self.go(&format!("/cases/{}/discussion", self.case)).await;
        self.look("discussion").await;
    }

    /// Service, payment, publication, closing, archive.
    async fn carry_out(&self) {
        self.sign_in("chen").await;
        self.step_of_party("A35.deliver", served()).await;
        self.sign_in("qian").await;
        let paid = json!({"f.amount": "8000", "f.receipt": "NO.2026001"});
        self.step_of_party("A37.full", paid).await;
        self.sign_in("chen").await;
        let shown = json!({"f.secrecy_checked": "yes", "f.public_facts": "当事人未建立事故隐患排查治理台账。"});
        self.step_of_party("A47.publish", shown).await;
        self.approve("fang").await;
        self.sign_in("chen").await;
        let closing =
            json!({"f.kind": "performed", "f.summary": "罚款已缴清，违法行为已改正，报请结案。"});
        self.step("A49", closing).await;
        self.approve("zhou").await;
        self.approve("liu").await;
        self.sign_in("tang").await;
        let archive = json!({"f.location": "档案室一号柜", "f.retention": "长期"});
        self.step("A50", archive).await;
        let text = self.text().await;
        assert!(text.contains("归档"), "{text}");
    }

    /// As anyone, without signing in: finds the decision on the public page; its address.
    async fn find_decision(&self) -> String {
        self.browser.delete_all_cookies().await.unwrap();
        let link = Locator::LinkText(PARTY);
        for _ in 0..40 {
            self.go("/public/").await;
            if self.browser.find(link).await.is_ok() {
                break;
            }
            // The publication job looks once a second.
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        self.look("public-list").await;
        let Ok(link) = self.browser.find(link).await else {
            panic!("not published: {}", self.text().await);
        };
        link.click().await.unwrap();
        self.look("public-decision").await;
        let text = self.text().await;
        for part in [PARTY, "8,000", "公示证明"] {
            assert!(text.contains(part), "{part}: {text}");
        }
        self.path().await
    }

    /// As anyone: the procedure with its chart, the officers, a card that is good, one that has lapsed, how to check.
    async fn look_around(&self) {
        let pages = [
            ("public-procedures", "/public/procedures", "普通程序"),
            ("public-procedure", "", "服务指南"),
            ("public-officers", "/public/officers", "QS-YJ-0001"),
            (
                "public-card",
                "/public/officers/check?number=qs-yj-0001",
                "有效",
            ),
            (
                "public-lapsed",
                "/public/officers/check?number=QS-YJ-0019",
                "已失效",
            ),
            ("public-verify", "/public/verify", "核验通过"),
        ];
        for (name, path, words) in pages {
            match path {
                "" => {
                    let link = Locator::Css("ul.decisions a");
                    self.browser
                        .find(link)
                        .await
                        .unwrap()
                        .click()
                        .await
                        .unwrap();
                }
                path => self.go(path).await,
            }
            let text = self.text().await;
            assert!(text.contains(words), "{name}: {text}");
            self.look(name).await;
        }
        // The chart is an image of the site's own, which the page's policy lets in.
        self.go("/public/procedures/penalty-general").await;
        let drawn = "return document.querySelector('.chart img').naturalWidth > 0";
        let drawn = self.browser.execute(drawn, Vec::new()).await.unwrap();
        assert_eq!(drawn, json!(true));
    }

    /// Downloads what a link of the page leads to, by the browser's own download.
    async fn download(&self, css: &str) -> PathBuf {
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
}

fn listed(folder: &std::path::Path) -> Vec<PathBuf> {
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

fn ten_items() -> Value {
    let mut values = json!({"f.opinion": "同意拟处理意见。"});
    for n in 0..10 {
        values[format!("f.items.{n}.ok")] = json!("yes");
    }
    values
}

fn served() -> Value {
    json!({"f.method": "direct", "f.recipient": "张厂长", "f.place": "青山县工业路1号", "_with": "person-lin"})
}

/// Today in Beijing, as the served desk counts it.
fn today() -> String {
    let beijing = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8));
    jiff::Timestamp::now().to_zoned(beijing).date().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_goes_from_lead_to_archive_and_anyone_can_check_its_decision() {
    let Some(place) = Place::new() else { return };
    let Some(browser) = Browser::start().await else {
        return;
    };
    place.run(&["demo"]).done();
    let server = place.serve();
    let mut walk = Walk {
        browser: &browser,
        server: &server,
        case: String::new(),
        shots: std::env::var_os("ZHIHENG_SHOTS").map(PathBuf::from),
    };
    walk.go("/login").await;
    walk.look("sign-in").await;
    walk.go("/password").await;
    walk.look("password").await;
    walk.file().await;
    walk.investigate().await;
    walk.review().await;
    walk.notify().await;
    walk.decide().await;
    walk.carry_out().await;

    walk.look_around().await;
    walk.find_decision().await;
    let document = walk.download("main a[href$='/document']").await;
    let proof = walk.download("main a[href$='/proof']").await;
    let key = walk.download("main a[href$='/key']").await;
    check_offline(&place, &document, &proof, &key);
    let console = browser.take_console().await.unwrap();
    assert!(console.is_empty(), "{console:#?}");

    // And the bureau's own record of it is whole.
    let verified = place.run(&["verify"]).done();
    assert!(verified.contains("核验通过"), "{verified}");
}

/// What a citizen does: checks document and proof with the key, without the server; one changed bit is found.
fn check_offline(
    place: &Place,
    document: &std::path::Path,
    proof: &std::path::Path,
    key: &std::path::Path,
) {
    let verify = |document: &std::path::Path| {
        let args = [
            "verify".as_ref(),
            "--bundle".as_ref(),
            proof.as_os_str(),
            "--key".as_ref(),
            key.as_os_str(),
            document.as_os_str(),
        ];
        place.run(&args)
    };
    assert!(verify(document).done().contains("核验通过"));
    let mut bytes = std::fs::read(document).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let changed = place.file("changed.pdf");
    std::fs::write(&changed, bytes).unwrap();
    assert!(!verify(&changed).ok, "one changed bit is found");
}
