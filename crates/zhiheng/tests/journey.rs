//! One penalty from lead to archive and public page, by the demo people in turn, in a real browser on the real program.
//!
//! With `ZHIHENG_SHOTS=folder` the pages met on the way are kept there as pictures, wide and narrow.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{ops::Deref, time::Duration};

use serde_json::{Value, json};
use support::{
    Place,
    desk::{Desk, served, ten_items, today},
};
use testkit::{Browser, fantoccini::Locator};

const PARTY: &str = "青山县浏览器机械厂";

struct Walk<'a> {
    desk: Desk<'a>,
    case: String,
}

impl<'a> Deref for Walk<'a> {
    type Target = Desk<'a>;

    fn deref(&self) -> &Desk<'a> {
        &self.desk
    }
}

impl Walk<'_> {
    /// Takes a step of the case, as the person signed in.
    async fn step(&self, step: &str, values: Value) {
        self.desk.step(&self.case, step, values).await;
    }

    /// Takes a step that concerns the one party.
    async fn step_of_party(&self, step: &str, values: Value) {
        self.step(&format!("{step}?party=p1"), values).await;
    }

    /// Approves what waits for that person in the case.
    async fn approve(&self, login: &str) {
        self.desk.approve(&self.case, login).await;
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
        self.step_of_party("A24.deliver", served("person-lin"))
            .await;
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
        self.step_of_party("A35.deliver", served("person-lin"))
            .await;
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
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_goes_from_lead_to_archive_and_anyone_can_check_its_decision() {
    let Some(place) = Place::demo() else { return };
    let Some(browser) = Browser::start().await else {
        return;
    };
    let server = place.serve();
    let mut walk = Walk {
        desk: Desk::new(&browser, &server),
        case: String::new(),
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
