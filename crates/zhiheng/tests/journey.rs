//! One case from lead to archive and public page, by its people in turn, in a real browser.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use testkit::{Browser, fantoccini::Locator};

/// Fills every field that must be filled and has no value yet, after what the test itself says.
const FILL: &str = r#"
const over = arguments[0];
const form = document.querySelector('main form[method=post]:not([action="/logout"])');
if (!form) return 'no form: ' + document.querySelector('main').innerText.slice(0, 300);
const seen = {};
for (const el of form.elements) {
  if (!el.name || ['hidden', 'submit', 'file', 'button', 'fieldset'].includes(el.type)) continue;
  const given = Object.prototype.hasOwnProperty.call(over, el.name) ? over[el.name] : undefined;
  if (el.type === 'radio' || el.type === 'checkbox') {
    if (given !== undefined) { el.checked = [].concat(given).includes(el.value); }
    else if (el.type === 'radio' && !form.querySelector(`input[name="${CSS.escape(el.name)}"]:checked`)) { el.checked = true; }
    else if (el.name === '_card') { el.checked = true; }
    continue;
  }
  if (given !== undefined) { el.value = given; continue; }
  if (el.value !== '') continue;
  const field = el.closest('.field');
  if (field && field.innerText.includes('（选填）')) continue;
  if (el.tagName === 'SELECT') { if (el.options.length > 1) el.selectedIndex = 1; continue; }
  if (el.name.includes('.')) continue;
  el.value = el.tagName === 'TEXTAREA' ? '已办理，情况属实。' : '演示内容';
}
return '';
"#;

struct Server {
    child: Child,
    base: String,
    folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> PathBuf {
    std::env::var_os("ZHIHENG_BIN").map_or_else(
        || PathBuf::from(env!("CARGO_BIN_EXE_zhiheng")),
        PathBuf::from,
    )
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// A demo bureau on a free port.
fn serve(fonts: &Path) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let run = |args: &[&str]| {
        let mut command = Command::new(program());
        command
            .args(args)
            .arg("--data")
            .arg(&data)
            .arg("--fonts")
            .arg(fonts);
        command
    };
    assert!(
        run(&["demo"]).status().unwrap().success(),
        "the demo bureau was made"
    );
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let listen = format!("127.0.0.1:{port}");
    let assets = root().join("web/dist");
    let mut command = run(&["serve", "--listen", &listen]);
    let mut child = command
        .arg("--assets")
        .arg(assets)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.contains("已启动"), "{first}");
    // The rest is read so that the server never waits for us.
    std::thread::spawn(move || lines.for_each(drop));
    Server {
        child,
        base: format!("http://{listen}"),
        folder,
    }
}

struct Walk<'a> {
    browser: &'a Browser,
    base: &'a str,
    case: String,
    shots: PathBuf,
}

impl Walk<'_> {
    async fn go(&self, path: &str) {
        self.browser
            .goto(&format!("{}{path}", self.base))
            .await
            .unwrap();
    }

    async fn sign_in(&self, login: &str) {
        self.browser.delete_all_cookies().await.unwrap();
        self.go("/login").await;
        let field = |id: &'static str| Locator::Id(id);
        self.browser
            .find(field("login"))
            .await
            .unwrap()
            .send_keys(login)
            .await
            .unwrap();
        self.browser
            .find(field("password"))
            .await
            .unwrap()
            .send_keys("demo-zhiheng")
            .await
            .unwrap();
        self.browser
            .find(Locator::Css("form[action='/login'] button"))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
        let heading = self
            .browser
            .find(Locator::Css("h1"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(heading.contains("待办"), "{login}: {heading}");
    }

    async fn main_text(&self) -> String {
        self.browser
            .find(Locator::Css("main"))
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    }

    async fn press(&self, css: &str) -> bool {
        match self.browser.find(Locator::Css(css)).await {
            Ok(button) => {
                button.click().await.unwrap();
                true
            }
            Err(_) => false,
        }
    }

    async fn shot(&self, name: &str) {
        self.browser
            .save_screenshot(&self.shots.join(format!("{name}.png")))
            .await
            .unwrap();
    }

    /// Fills in and sends the form of a step, through its confirmation where it has one.
    async fn send(&mut self, step: &str, over: Value) {
        let fault = self.browser.execute(FILL, vec![over]).await.unwrap();
        assert_eq!(fault, json!(""), "{step}");
        assert!(
            self.press(".buttons button[value=submit]").await,
            "{step} has a button"
        );
        self.press(".buttons button[value=confirm]").await;
        let url = self.browser.current_url().await.unwrap().path().to_owned();
        if url.contains("/act/") || url.ends_with("/new") {
            self.shot("refused").await;
            panic!("{step} was not taken: {}", self.main_text().await);
        }
    }

    async fn take(&mut self, login: &str, step: &str, party: bool, over: Value) {
        self.sign_in(login).await;
        let query = if party { "?party=p1" } else { "" };
        self.go(&format!("/cases/{}/act/{step}{query}", self.case))
            .await;
        self.send(step, over).await;
    }

    async fn approve(&mut self, login: &str) {
        self.sign_in(login).await;
        self.go(&format!("/cases/{}", self.case)).await;
        assert!(
            self.press(".waiting.mine a").await,
            "{login} has a request: {}",
            self.main_text().await
        );
        let opinion =
            "const o = document.querySelector('main textarea'); if (o) o.value = '同意。';";
        self.browser.execute(opinion, Vec::new()).await.unwrap();
        assert!(
            self.press("button[value=approve]").await,
            "{}",
            self.main_text().await
        );
        self.press(".buttons button[value=confirm]").await;
    }
}

async fn investigate(walk: &mut Walk<'_>) {
    walk.sign_in("chen").await;
    walk.shot("todo").await;
    walk.go("/cases/new").await;
    let lead = json!({
        "source": "inspection", "case_name": "青山县浏览器机械厂涉嫌未建立台账案", "cause": "未建立隐患排查治理台账",
        "clue": "日常检查发现未建立隐患排查治理台账。", "discovered_on": today(),
        "parties.0.kind": "organization", "parties.0.name": "青山县浏览器机械厂", "parties.0.address": "青山县工业路1号",
    });
    walk.send("A01", lead).await;
    let url = walk.browser.current_url().await.unwrap();
    walk.case = url.path().trim_start_matches("/cases/").to_owned();
    walk.shot("case").await;
    let yes = json!({
        "suspected": "yes", "punishable": "yes", "own_jurisdiction": "yes", "violation_ended_on": today(),
        "_with": "person-lin",
    });
    walk.take("chen", "A05", false, yes).await;
    walk.approve("zhou").await;
    walk.approve("liu").await;
    walk.take("chen", "A09.collect", false, json!({"_with": "person-lin"}))
        .await;
    walk.take("chen", "A14.self", false, json!({"_with": "person-lin"}))
        .await;
}

async fn propose(walk: &mut Walk<'_>) {
    let proposal = json!({
        "authority": "yes", "limitation": "open", "already_fined": "no", "evidence": "sufficient", "gains": "none",
        "report": "经查，当事人未建立隐患排查治理台账，有照片和书证证明。",
        "proposal.0.proven": "yes", "proposal.0.facts": "当事人未建立隐患排查治理台账。",
        "proposal.0.characterization": "未建立隐患排查治理制度",
        "proposal.0.violated": "《中华人民共和国安全生产法》第四十一条第二款",
        "proposal.0.basis": "《中华人民共和国安全生产法》第一百零一条",
        "proposal.0.discretion": "初次违法，及时改正。", "proposal.0.correction": "建立台账。",
        "proposal.0.penalties.0.kind": "fine", "proposal.0.penalties.0.amount": "8000",
    });
    walk.take("chen", "A19", false, proposal).await;
    walk.approve("lin").await;
    walk.take("he", "A20.sign", false, json!({})).await;
    walk.approve("zhou").await;
    walk.take("gao", "A21.accept", false, json!({})).await;
    walk.take("gao", "A21.pass", false, json!({})).await;
    walk.shot("reviewed").await;
}

async fn hear_and_decide(walk: &mut Walk<'_>) {
    walk.take("chen", "A24.issue", true, json!({})).await;
    walk.approve("liu").await;
    walk.take(
        "chen",
        "A24.deliver",
        true,
        json!({"method": "direct", "_with": "person-lin"}),
    )
    .await;
    walk.take("chen", "A25.waive", true, json!({"written": "yes"}))
        .await;
    walk.take("chen", "A29.keep", true, json!({})).await;
    walk.approve("zhou").await;
    walk.take("chen", "A30.submit", false, json!({})).await;
    walk.take("gao", "A30.pass", false, json!({})).await;
    walk.take("liu", "A31.approve", false, json!({})).await;
    walk.take("liu", "A33", true, json!({})).await;
    walk.shot("decided").await;
}

async fn carry_out(walk: &mut Walk<'_>) {
    walk.take(
        "chen",
        "A35.deliver",
        true,
        json!({"method": "direct", "_with": "person-lin"}),
    )
    .await;
    walk.take("qian", "A37.full", true, json!({"amount": "8000"}))
        .await;
    let shown = json!({"secrecy_checked": "yes", "public_facts": "当事人未建立隐患排查治理台账。"});
    walk.take("chen", "A47.publish", true, shown).await;
    walk.approve("fang").await;
    walk.take("chen", "A49", false, json!({"kind": "performed"}))
        .await;
    walk.approve("zhou").await;
    walk.approve("liu").await;
    walk.take("tang", "A50", false, json!({})).await;
    walk.shot("archived").await;
}

fn today() -> String {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8)))
        .date()
        .to_string()
}

async fn see_public_page(walk: &Walk<'_>) -> String {
    walk.browser.delete_all_cookies().await.unwrap();
    for _ in 0..20 {
        walk.go("/public/").await;
        if walk.main_text().await.contains("浏览器机械厂") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    walk.shot("public").await;
    let newest = Locator::Css("main a[href*='/decisions/']");
    let link = walk.browser.find(newest).await.unwrap();
    link.click().await.unwrap();
    walk.shot("decision").await;
    assert!(walk.main_text().await.contains("浏览器机械厂"));
    walk.browser.current_url().await.unwrap().path().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_goes_from_lead_to_archive_and_its_decision_can_be_checked_by_anyone() {
    let Some(fonts) = testkit::fonts() else {
        return;
    };
    let Some(browser) = Browser::start().await else {
        return;
    };
    let server = serve(&fonts);
    let shots = root().join("target/screenshots");
    std::fs::create_dir_all(&shots).unwrap();
    let mut walk = Walk {
        browser: &browser,
        base: &server.base,
        case: String::new(),
        shots,
    };
    investigate(&mut walk).await;
    propose(&mut walk).await;
    hear_and_decide(&mut walk).await;
    carry_out(&mut walk).await;
    let path = see_public_page(&walk).await;
    check_offline(&server, &path);
    check_records(&server, &fonts);
}

/// What a citizen does: fetch document, proof and key, and check them without the server.
fn check_offline(server: &Server, path: &str) {
    let fetch = |path: &str, name: &str| {
        let file = server.folder.path().join(name);
        let status = Command::new("curl")
            .args(["-sf", "-o"])
            .arg(&file)
            .arg(format!("{}{path}", server.base))
            .status();
        assert!(status.unwrap().success(), "{path} can be fetched");
        file
    };
    let document = fetch(&format!("{path}/document"), "decision.pdf");
    let proof = fetch(&format!("{path}/proof"), "proof.json");
    let key = fetch("/public/key", "key.txt");
    let check = |document: &Path| {
        let mut command = Command::new(program());
        command
            .args(["verify", "--bundle"])
            .arg(&proof)
            .arg(document)
            .arg("--key")
            .arg(&key);
        command.output().unwrap().status.success()
    };
    assert!(check(&document), "the downloaded decision is proved");
    let mut bytes = std::fs::read(&document).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let changed = server.folder.path().join("changed.pdf");
    std::fs::write(&changed, bytes).unwrap();
    assert!(!check(&changed), "one changed bit is found");
}

/// What the bureau does: verify the whole store while it is being served.
fn check_records(server: &Server, fonts: &Path) {
    let data = server.folder.path().join("data");
    let verified = Command::new(program())
        .arg("verify")
        .arg("--data")
        .arg(data)
        .arg("--fonts")
        .arg(fonts)
        .output()
        .unwrap();
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stdout)
    );
}
