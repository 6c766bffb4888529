//! The JSON API: the same commands, problems instead of pages, answers as the document says.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Page},
    bureau::{self, Bureau, PASSWORD},
    document,
};

pub async fn call(
    browser: &mut Browser,
    method: Method,
    path: &str,
    body: &Value,
) -> (Page, Value) {
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
        .send(method.clone(), &format!("/api/v1{path}"), media, bytes)
        .await;
    let value = serde_json::from_slice(&page.body).unwrap_or(Value::Null);
    document::check(browser, method, path, &page, &value).await;
    (page, value)
}

pub async fn signed_in(bureau: &Bureau, login: &str) -> Browser {
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

pub fn lead(id: &str) -> Value {
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
    // Each event is looked at as the document says, and so is each of its effects.
    let events = walk(&mut program, &format!("{path}/events")).await;
    assert_eq!(events.len() as u64, case["version"].as_u64().unwrap());
    let effects = json!(events).to_string();
    for effect in [
        "\"start\"",
        "\"term\"",
        "\"propose\"",
        "\"decided\"",
        "\"reviewed\"",
    ] {
        assert!(effects.contains(effect), "{effect}");
    }
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
    assert_eq!(text.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
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
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn a_key_in_the_header_is_the_command_s_id_and_another_body_under_it_is_refused() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut program = signed_in(&bureau, "chen").await;
    let mut keyed = program.clone();
    keyed.extra.push(("idempotency-key", "key-1".into()));
    let mut body = lead("");
    body.as_object_mut().unwrap().remove("id");
    let (page, problem) = call(&mut program, Method::POST, "/cases", &body).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(problem.to_string().contains("Idempotency-Key"), "{problem}");

    let (page, first) = call(&mut keyed, Method::POST, "/cases", &body).await;
    assert_eq!(page.status, StatusCode::CREATED, "{first}");
    // The same key comes bare, quoted as a structured field, or as the id of the body.
    let mut quoted = program.clone();
    quoted.extra.push(("idempotency-key", "\"key-1\"".into()));
    for (sender, body) in [
        (&mut keyed, &body),
        (&mut quoted, &body),
        (&mut program, &lead("key-1")),
    ] {
        let (page, again) = call(sender, Method::POST, "/cases", body).await;
        assert_eq!(
            (page.status, &again["case"], &again["replayed"]),
            (StatusCode::OK, &first["case"], &json!(true))
        );
    }

    body["fields"]["cause"]["text"] = json!("别的案由");
    let (page, problem) = call(&mut keyed, Method::POST, "/cases", &body).await;
    assert_eq!(
        (page.status, &problem["type"]),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            &json!("urn:zhiheng:problem:key-reused")
        )
    );
    let path = format!("/cases/{}/commands", first["case"].as_str().unwrap());
    let (page, problem) = call(&mut keyed, Method::POST, &path, &body).await;
    assert_eq!(
        (page.status, &problem["type"]),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            &json!("urn:zhiheng:problem:key-reused")
        ),
        "nor is it good for another path"
    );
    let mut other_step = lead("key-3");
    other_step["step"] = json!("A05");
    let (page, problem) = call(&mut program, Method::POST, "/cases", &other_step).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{problem}");
    let (page, _) = call(&mut keyed, Method::POST, "/cases", &lead("key-2")).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "two keys");
    let (_, list) = call(&mut program, Method::GET, "/cases", &Value::Null).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
}

/// Goes through a list by its `next`, so many at a time, and gives all items.
async fn walk(program: &mut Browser, path: &str) -> Vec<Value> {
    let (mut items, mut at) = (Vec::new(), path.to_owned());
    for _ in 0..20 {
        let (page, list) = call(program, Method::GET, &at, &Value::Null).await;
        assert_eq!(page.status, StatusCode::OK, "{at}: {list}");
        items.extend(list["items"].as_array().unwrap().clone());
        match list["next"].as_str() {
            Some(next) => at = next.strip_prefix("/api/v1").unwrap().to_owned(),
            None => return items,
        }
    }
    panic!("{path} has no end");
}

#[tokio::test]
async fn lists_come_in_pages_that_hold_everything_once() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut program = signed_in(&bureau, "chen").await;
    for n in 0..5 {
        let (page, done) = call(
            &mut program,
            Method::POST,
            "/cases",
            &lead(&format!("l-{n}")),
        )
        .await;
        assert_eq!(page.status, StatusCode::CREATED, "{done}");
    }
    let case = {
        let (_, list) = call(&mut program, Method::GET, "/cases", &Value::Null).await;
        list["items"][0]["case"].as_str().unwrap().to_owned()
    };
    for (path, min) in [
        ("/cases?limit=LIMIT&ended=false".to_owned(), 5),
        ("/cases?q=%E6%9F%90%E5%8E%82&limit=LIMIT".to_owned(), 5),
        ("/todo?limit=LIMIT".to_owned(), 5),
        (format!("/cases/{case}/events?limit=LIMIT"), 1),
        (format!("/cases/{case}/options?limit=LIMIT"), 2),
        (format!("/cases/{case}/papers?limit=LIMIT"), 0),
    ] {
        let whole = walk(&mut program, &path.replace("LIMIT", "100")).await;
        let pieces = walk(&mut program, &path.replace("LIMIT", "2")).await;
        assert_eq!(whole, pieces, "{path}");
        assert!(whole.len() >= min, "{path}: {whole:?}");
    }
}

#[tokio::test]
async fn whatever_cannot_be_answered_is_told_as_a_problem() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut program = signed_in(&bureau, "chen").await;
    let json = "application/json";
    let long = format!("{{\"id\": \"{}\"}}", "a".repeat(3 << 20));
    let (get, post) = (Method::GET, Method::POST);
    for (method, path, media, body, status) in [
        (&get, "/api/v1/cases?limit=0", "", "", 400),
        (&get, "/api/v1/cases?limit=x", "", "", 400),
        (&get, "/api/v1/cases?after=x", "", "", 400),
        (&get, "/api/v1/cases?ende=true", "", "", 400),
        (&get, "/api/v1/cases?mine=1&mine=1", "", "", 400),
        (&get, "/api/v1/cases?q=%00", "", "", 400),
        (&get, "/api/v1/todo?after=MQ", "", "", 400),
        (&get, "/api/v1/cases/%ff", "", "", 400),
        (&get, "/api/v1/cases/%00", "", "", 400),
        (&get, "/api/v1/cases/case-none", "", "", 404),
        (&get, "/api/v1/nowhere", "", "", 404),
        (&get, "/api/v2/cases", "", "", 404),
        (&Method::PUT, "/api/v1/cases", "", "", 405),
        (&post, "/api/openapi.json", "", "", 405),
        (&post, "/api/v1/cases", json, long.as_str(), 413),
        (&post, "/api/v1/cases", "application/xml", "<a/>", 415),
        (&post, "/api/v1/cases", json, "{\"id\":", 400),
        (&post, "/api/v1/cases", json, "[]", 400),
    ] {
        let page = program
            .send(method.clone(), path, media, body.as_bytes().to_vec())
            .await;
        assert_eq!(
            page.status.as_u16(),
            status,
            "{method} {path}: {}",
            page.html()
        );
        assert_eq!(
            page.headers[header::CONTENT_TYPE],
            "application/problem+json",
            "{path}"
        );
        let problem: Value = serde_json::from_slice(&page.body).unwrap();
        assert_eq!(problem["status"], json!(status), "{path}");
        assert!(
            problem["detail"]
                .as_str()
                .unwrap()
                .chars()
                .any(|c| c > '一'),
            "{problem}"
        );
        assert_eq!(
            page.headers.contains_key(header::ALLOW),
            status == 405,
            "{method} {path}"
        );
    }
    for _ in 0..9 {
        let wrong = json!({"login": "lin", "password": "wrong-password"});
        let mut other = Browser::new(&bureau);
        let (page, _) = call(&mut other, Method::POST, "/session", &wrong).await;
        if page.status == StatusCode::TOO_MANY_REQUESTS {
            let again: u32 = page.headers[header::RETRY_AFTER]
                .to_str()
                .unwrap()
                .parse()
                .unwrap();
            assert!((1..=900).contains(&again));
            return;
        }
    }
    panic!("nobody was stopped");
}
