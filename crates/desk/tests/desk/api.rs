//! The JSON API: the same commands, problems instead of pages.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Page},
    bureau::{self, Bureau, PASSWORD},
};

async fn call(browser: &mut Browser, method: Method, path: &str, body: &Value) -> (Page, Value) {
    let media = if body.is_null() {
        ""
    } else {
        "application/json"
    };
    let bytes = if body.is_null() {
        Vec::new()
    } else {
        body.to_string().into_bytes()
    };
    let page = browser
        .send(method, &format!("/api/v1{path}"), media, bytes)
        .await;
    let value = serde_json::from_slice(&page.body).unwrap_or(Value::Null);
    (page, value)
}

async fn signed_in(bureau: &Bureau, login: &str) -> Browser {
    let mut program = Browser::new(bureau);
    let (page, who) = call(
        &mut program,
        Method::POST,
        "/session",
        &json!({"login": login, "password": PASSWORD}),
    )
    .await;
    assert_eq!(page.status, StatusCode::OK, "{who}");
    program
}

fn lead(id: &str) -> Value {
    json!({
        "id": id, "step": "A01", "act": "take", "occurred_on": "2026-03-02", "seen_version": 0,
        "fields": {
            "source": {"text": "report"}, "case_name": {"text": "某厂案"}, "cause": {"text": "未建立制度"},
            "clue": {"text": "举报。"}, "discovered_on": {"date": "2026-03-02"},
            "parties": {"parties": [{"id": "p1", "kind": "organization", "name": "某厂", "address": "某路一号"}]}
        }
    })
}

/// Programs of several people on one case.
struct Programs<'a> {
    bureau: &'a Bureau,
    case: String,
    sent: u32,
}

impl Programs<'_> {
    /// Reads the case and sends a command on it, as that person.
    async fn send(&mut self, login: &str, mut command: Value) -> Value {
        let mut program = signed_in(self.bureau, login).await;
        let path = format!("/cases/{}", self.case);
        let (_, case) = call(&mut program, Method::GET, &path, &Value::Null).await;
        self.sent += 1;
        command["id"] = json!(format!("api-case-{}", self.sent));
        command["occurred_on"] = json!(self.bureau.office.now().1);
        command["seen_version"] = case["version"].clone();
        let path = format!("{path}/commands");
        let (page, done) = call(&mut program, Method::POST, &path, &command).await;
        assert_eq!(page.status, StatusCode::OK, "{login}: {command}: {done}");
        done
    }

    /// Takes a step, with all approvals.
    async fn take(&mut self, login: &str, mut command: Value, approvers: &[&str]) -> Value {
        command["act"] = json!("take");
        let mut done = self.send(login, command.clone()).await;
        let request = format!("api-case-{}", self.sent);
        for approver in approvers {
            let act = json!({"approve": {"request": request, "opinion": "同意。"}});
            let approval =
                json!({"step": command["step"], "party": command.get("party"), "act": act});
            done = self.send(approver, approval).await;
        }
        done
    }
}

fn reviewed() -> Value {
    let items = vec![json!({"ok": true, "remark": ""}); 10];
    json!({"items": {"ten_items": items}, "opinion": {"text": "同意。"}})
}

#[tokio::test]
async fn programs_take_a_case_from_lead_to_decision() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut program = signed_in(&bureau, "chen").await;
    let (page, first) = call(&mut program, Method::POST, "/cases", &lead("api-1")).await;
    assert_eq!(page.status, StatusCode::CREATED, "{first}");
    let (page, again) = call(&mut program, Method::POST, "/cases", &lead("api-1")).await;
    assert_eq!(
        (page.status, &again["case"], &again["replayed"]),
        (StatusCode::OK, &first["case"], &json!(true))
    );

    let mut all = Programs {
        bureau: &bureau,
        case: first["case"].as_str().unwrap().to_owned(),
        sent: 0,
    };
    let yes = json!({"yes_no": true});
    let filing = json!({"step": "A05", "with": ["person-lin"], "fields": {
        "summary": {"text": "未建立制度。"}, "suspected": yes, "punishable": yes, "own_jurisdiction": yes,
        "violation_ended_on": {"date": "2026-03-02"}, "five_years": {"yes_no": false},
    }});
    all.take("chen", filing, &["zhou", "liu"]).await;
    let evidence = json!({"step": "A09.collect", "with": ["person-lin"], "card_shown": true, "fields": {
        "kind": {"text": "documentary"}, "name": {"text": "照片"}, "origin": {"text": "现场"}, "proves": {"text": "未建立"},
    }});
    all.take("chen", evidence, &[]).await;
    let proposal = json!([{
        "party": "p1", "proven": true, "facts": "未建立制度。", "characterization": "未建立制度",
        "violated": ["《安全生产法》第四十一条第一款"], "basis": ["《安全生产法》第一百零一条第四项"],
        "penalties": [{"kind": "fine", "amount_fen": 1_000_000}], "correction": "建立制度。",
        "range": {"min_fen": 0, "max_fen": 10_000_000},
    }]);
    let report = json!({"step": "A19", "fields": {
        "authority": {"text": "yes"}, "limitation": {"text": "open"}, "already_fined": {"text": "no"},
        "evidence": {"text": "sufficient"}, "gains": {"text": "none"}, "report": {"text": "事实清楚。"},
        "proposal": {"proposal": proposal},
    }});
    all.take("chen", report, &["lin"]).await;
    let signed = json!({"step": "A20.sign", "fields": {"opinion": {"text": "拟同意。"}}});
    all.take("he", signed, &["zhou"]).await;
    let accepted =
        json!({"step": "A21.accept", "fields": {"complete": yes, "materials": {"text": "全部"}}});
    all.take("gao", accepted, &[]).await;
    let passed = json!({"step": "A21.pass", "fields": reviewed()});
    all.take("gao", passed, &[]).await;

    let notice = json!({"step": "A24.issue", "party": "p1"});
    let done = all.take("chen", notice, &["liu"]).await;
    assert_eq!(done["papers"][0]["template"], "penalty_notice", "{done}");
    let served = json!({"step": "A24.deliver", "party": "p1", "with": ["person-lin"], "fields": {
        "method": {"text": "direct"}, "recipient": {"text": "厂长"}, "place": {"text": "某路一号"},
    }});
    all.take("chen", served, &[]).await;
    bureau.clock.advance_to(jiff::civil::date(2026, 3, 10));
    let kept = json!({"step": "A29.keep", "party": "p1", "fields": {"answers": {"points": ["期满未提出意见。"]}}});
    all.take("chen", kept, &["zhou"]).await;
    let submitted = json!({"step": "A30.submit", "fields": {"note": {"text": "无变化。"}}});
    all.take("chen", submitted, &[]).await;
    let passed = json!({"step": "A30.pass", "fields": reviewed()});
    all.take("gao", passed, &[]).await;
    let examined = json!({"step": "A31.approve", "fields": {"opinion": {"text": "同意。"}}});
    all.take("liu", examined, &[]).await;
    let order = json!({"correct_until": {"date": "2026-12-31"}});
    let decision = json!({"step": "A33", "party": "p1", "fields": order});
    let done = all.take("liu", decision, &[]).await;
    assert_eq!(done["papers"][0]["template"], "penalty_decision", "{done}");

    let path = format!("/cases/{}", all.case);
    let (_, case) = call(&mut program, Method::GET, &path, &Value::Null).await;
    assert_eq!(case["stage"], "S8", "{case}");
    let paper = done["papers"][0]["paper_id"].as_str().unwrap();
    let (page, _) = call(
        &mut program,
        Method::GET,
        &format!("{path}/papers/{paper}"),
        &Value::Null,
    )
    .await;
    assert!(page.body.starts_with(b"%PDF-"), "{:?}", page.status);
}

#[tokio::test]
async fn a_refusal_is_a_problem_with_reasons_and_articles() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut program = signed_in(&bureau, "gao").await;
    let (page, problem) = call(&mut program, Method::POST, "/cases", &lead("api-3")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.headers[header::CONTENT_TYPE],
        "application/problem+json"
    );
    assert_eq!(
        (&problem["type"], &problem["refusal"]),
        (&json!("urn:zhiheng:problem:refused"), &json!("not_you"))
    );
    assert!(
        problem["reasons"][0]["why"]
            .as_str()
            .unwrap()
            .contains("高远"),
        "{problem}"
    );
}

#[tokio::test]
async fn what_is_no_json_of_this_site_changes_nothing() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut program = signed_in(&bureau, "chen").await;
    let body = lead("api-4").to_string().into_bytes();
    let text = program
        .send(Method::POST, "/api/v1/cases", "text/plain", body.clone())
        .await;
    assert_eq!(text.status, StatusCode::FORBIDDEN);
    let mut foreign = program.clone();
    foreign
        .extra
        .push(("origin", "https://elsewhere.example".into()));
    let sent = foreign
        .send(
            Method::POST,
            "/api/v1/cases",
            "application/json",
            body.clone(),
        )
        .await;
    assert_eq!(sent.status, StatusCode::FORBIDDEN);
    let cut = program
        .send(
            Method::POST,
            "/api/v1/cases",
            "application/json",
            body[..40].to_vec(),
        )
        .await;
    assert_eq!(cut.status, StatusCode::BAD_REQUEST);
    let unknown = json!({"id": "x", "step": "A01", "act": "take", "occurred_on": "2026-03-02", "seen_version": 0, "more": 1});
    let (page, _) = call(&mut program, Method::POST, "/cases", &unknown).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    let mut nobody = Browser::new(&bureau);
    for path in ["/todo", "/cases", "/cases/case-x"] {
        let (page, problem) = call(&mut nobody, Method::GET, path, &Value::Null).await;
        assert_eq!(
            (page.status, &problem["status"]),
            (StatusCode::UNAUTHORIZED, &json!(401)),
            "{path}"
        );
    }
    let (page, problem) = call(&mut program, Method::GET, "/nowhere", &Value::Null).await;
    assert_eq!(
        (page.status, &problem["type"]),
        (
            StatusCode::NOT_FOUND,
            &json!("urn:zhiheng:problem:not-found")
        )
    );
    let (_, list) = call(&mut program, Method::GET, "/cases", &Value::Null).await;
    assert_eq!(list["cases"], json!([]));
}
