//! Who may do what, through the API and the forms: nobody gets further by another's id or by members of their own.

use std::{collections::BTreeMap, path::Path};

use axum::http::{Method, StatusCode};
use casework::person::Person;
use serde_json::{Value, json};

use crate::{
    api::{call, lead, signed_in},
    browser::Browser,
    bureau::{self, Bureau, PASSWORD},
    reading::{Lines, Subject},
};

/// The lines of the shipped pack on persons.
fn lines() -> Lines {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../procedures/penalty-general");
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "kdl") {
            files.insert(path.clone(), std::fs::read_to_string(path).unwrap());
        }
    }
    Lines::read(files.values().map(String::as_str))
}

/// Opens a case as 陈立 of unit wh; gives its id.
async fn opened(bureau: &Bureau) -> String {
    let mut program = signed_in(bureau, "chen").await;
    let (page, done) = call(&mut program, Method::POST, "/cases", &lead("rights-1")).await;
    assert_eq!(page.status, StatusCode::CREATED, "{done}");
    done["case"].as_str().unwrap().to_owned()
}

async fn version(bureau: &Bureau, case: &str) -> u64 {
    let scope = store::Scope::system();
    bureau
        .office
        .store()
        .head(&scope, case)
        .await
        .unwrap()
        .unwrap()
        .version
}

/// What the pack's lines make of a person in a case of unit wh in which they have no part.
fn subject(person: &Person) -> Subject {
    Subject {
        offices: person.roles.iter().cloned().collect(),
        own_body: true,
        own_unit: person.unit == "wh",
        card: !person.cards.is_empty(),
        qualified: person.qualified,
        active: true,
        ..Subject::default()
    }
}

/// One case that was just opened, every person of the bureau, every step of the pack.
#[tokio::test]
async fn everybody_is_answered_at_every_step_as_the_pack_says() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let (lines, case) = (lines(), opened(&bureau).await);
    let before = version(&bureau, &case).await;
    let roster = bureau.office.roster().await.unwrap();
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for person in roster.people.values() {
        let mut program = signed_in(&bureau, &person.login).await;
        let mut subject = subject(person);
        // Who opened it was given no duty that bars from anything.
        if person.login == "chen" {
            subject.duties.insert("other".to_owned());
        }
        let path = format!("/api/v1/cases/{case}/commands");
        for step in &lines.steps {
            let command = json!({
                "id": format!("m-{}-{}", person.login, step.id), "step": step.id, "party": Value::Null, "act": "take",
                "occurred_on": "2026-03-02", "seen_version": before, "card_shown": true,
                "fields": {"no_such_field": {"yes_no": true}},
            });
            let bytes = command.to_string().into_bytes();
            let page = program
                .send(Method::POST, &path, "application/json", bytes)
                .await;
            let answer: Value = serde_json::from_slice(&page.body).unwrap();
            let reads = ["officer", "intake", "preliminary_reviewer", "section_head"];
            let reads = subject.own_unit
                && person
                    .roles
                    .iter()
                    .any(|role| reads.contains(&role.as_str()))
                || [
                    "leader",
                    "principal",
                    "legal_reviewer",
                    "legal_head",
                    "overseer",
                ]
                .iter()
                .any(|role| person.roles.iter().any(|held| held == role));
            let told_as = answer["refusal"].as_str().unwrap_or("none").to_owned();
            let here = format!("{} {}: {} {answer}", person.login, step.id, page.status);
            if !reads {
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{here}");
            } else if told_as == "not_you" && !step.by.is_empty() {
                let alone = lines.fills(&subject, &step.by[0], true);
                // With too few persons the refusal is of the same kind; it then speaks of the number.
                assert!(!alone || here.contains("共同办理"), "{here}");
            } else if told_as == "bad_input" {
                assert!(lines.fills(&subject, &step.by[0], true), "{here}");
                assert!(step.from.iter().any(|stage| stage == "S0"), "{here}");
            } else {
                assert!(["not_now", "unknown"].contains(&told_as.as_str()), "{here}");
            }
            *told
                .entry(format!("{} {told_as}", page.status.as_u16()))
                .or_default() += 1;
        }
    }
    assert_eq!(
        version(&bureau, &case).await,
        before,
        "nothing went through"
    );
    for kind in ["404 none", "422 not_you", "422 not_now", "422 bad_input"] {
        assert!(told.get(kind).is_some_and(|count| *count > 5), "{told:?}");
    }
}

#[tokio::test]
async fn another_s_case_draft_request_paper_and_token_are_as_if_they_were_not() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let case = opened(&bureau).await;
    let there = kept_there(&bureau, &case).await;
    let before = version(&bureau, &case).await;
    // The owner's own browser is answered at each of these addresses.
    let mut owner = Browser::of(&bureau, "chen").await;
    for path in &there.paths {
        let page = owner.send(Method::GET, path, "", Vec::new()).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
    }
    // 吴江 is an officer of another unit, 钱会 sees decided cases alone.
    for login in ["wu", "qian"] {
        let mut browser = Browser::of(&bureau, login).await;
        for path in &there.paths {
            let page = browser.send(Method::GET, path, "", Vec::new()).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{login} {path}");
            page.lacks(&["某厂", "核查未完"]);
        }
        // A form of one's own page, sent to another's case.
        let form = browser.get("/tokens").await.form();
        let mut stolen = form.clone().fill("password", PASSWORD);
        stolen.action = format!("/tokens/{}/revoke", there.token);
        browser
            .submit(stolen, "")
            .await
            .has(StatusCode::BAD_REQUEST, &["已经撤销或者到期"]);
        for path in [
            format!("/cases/{case}/act/A02.assess"),
            format!("/cases/{case}/requests/{}", there.request),
        ] {
            let mut form = form.clone();
            form.action = path.clone();
            for button in ["submit", "draft", "approve"] {
                let page = browser.submit(form.clone(), button).await;
                assert_eq!(
                    page.status,
                    StatusCode::NOT_FOUND,
                    "{login} {button} {path}"
                );
            }
        }
        let mut program = signed_in(&bureau, login).await;
        for act in [
            json!("take"),
            json!({"approve": {"request": there.request, "opinion": "同意"}}),
            json!({"withdraw": {"request": there.request}}),
        ] {
            let body = json!({"id": "h-1", "step": "A02.assess", "act": act, "occurred_on": "2026-03-02", "seen_version": before});
            let (page, _) = call(
                &mut program,
                Method::POST,
                &format!("/cases/{case}/commands"),
                &body,
            )
            .await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{login}");
        }
        // The id of another's command tells nothing of it.
        let (page, told) = call(&mut program, Method::POST, "/cases", &lead("rights-1")).await;
        assert!(page.status.is_client_error(), "{told}");
        assert!(!told.to_string().contains(&case), "{told}");
    }
    assert_eq!(version(&bureau, &case).await, before);
    let draft = owner
        .get(&format!("/cases/{case}/act/A02.assess?draft=1"))
        .await;
    draft.has(StatusCode::OK, &["核查未完"]);
    owner
        .get("/tokens")
        .await
        .has(StatusCode::OK, &[&there.token]);
}

/// What stands in a case for its officer alone.
struct There {
    paths: Vec<String>,
    request: String,
    token: String,
}

/// Puts a paper, a file, a request, a draft and a token there, by the owner's own pages.
async fn kept_there(bureau: &Bureau, case: &str) -> There {
    let mut owner = Browser::of(bureau, "chen").await;
    let act = |step: &str| format!("/cases/{case}/act/{step}");
    let form = owner.get(&act("A02.inspect")).await.form();
    let form = form
        .fill_all(&[
            ("f.inspected_at", "2026-03-02T09:30"),
            ("f.place", "某路一号"),
            ("f.record", "未见制度。"),
            ("f.proves", "未建立制度"),
            ("_with", "person-lin"),
            ("_card", "yes"),
        ])
        .attach("f.attachment", "照片.pdf", b"%PDF-1.7 photo");
    let page = owner.submit(form, "submit").await;
    page.has(StatusCode::OK, &["已记录：现场检查"]);
    let (paper, file) = (page.link("/papers/"), page.link("/files/"));
    let asked = [
        ("f.summary", "未建立制度。"),
        ("f.suspected", "yes"),
        ("f.punishable", "yes"),
        ("f.own_jurisdiction", "yes"),
        ("f.violation_ended_on", "2026-03-02"),
        ("_with", "person-lin"),
    ];
    let page = owner.act(&act("A05"), &asked).await;
    page.has(StatusCode::OK, &["等待审批"]);
    let request = owner
        .get(&format!("/cases/{case}"))
        .await
        .link("/requests/");
    let draft = owner.get(&act("A02.assess")).await.form();
    let draft = draft.fill("f.reason", "核查未完");
    owner.submit(draft, "draft").await.has(StatusCode::OK, &[]);
    let token = owner.get("/tokens").await.form().fill_all(&[
        ("name", "统计程序"),
        ("scope", "read"),
        ("days", "30"),
        ("password", PASSWORD),
    ]);
    let made = token.value("id").unwrap().to_owned();
    let page = owner.submit(token, "").await;
    page.has(StatusCode::CREATED, &[]);
    let copy = page_copy(&paper);
    There {
        paths: vec![
            format!("/cases/{case}"),
            format!("/api/v1/cases/{case}"),
            act("A02.assess"),
            format!("{}?draft=1", act("A02.assess")),
            request.clone(),
            paper,
            copy,
            file,
        ],
        request: request.rsplit('/').next().unwrap().to_owned(),
        token: made,
    }
}

/// Where the copy of a paper for editing is.
fn page_copy(paper: &str) -> String {
    format!("{}/copy.docx", paper.trim_end_matches("/copy.docx"))
}

#[tokio::test]
async fn members_that_only_the_program_sets_are_refused_and_change_nothing() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let case = opened(&bureau).await;
    let before = version(&bureau, &case).await;
    let mut program = signed_in(&bureau, "chen").await;
    let plain = json!({
        "id": "mass-1", "step": "A02.assess", "act": "take", "occurred_on": "2026-03-02", "seen_version": before,
        "fields": {"criteria": {"text": "unmet"}, "jurisdiction": {"text": "no"}, "limitation": {"text": "open"}, "reason": {"text": "无管辖。"}},
    });
    let path = format!("/cases/{case}/commands");
    for (member, value) in [
        ("actor", json!("person-wang")),
        ("actor_id", json!("person-wang")),
        ("recorded_at", json!(0)),
        ("via", json!("job")),
        ("body_id", json!("body-other")),
        ("stream", json!("case-other")),
        ("version", json!(99)),
        ("effects", json!([{"stage": {"to": "E5"}}])),
        ("papers", json!([])),
        ("people", json!([{"person": "person-wang"}])),
        ("roles", json!(["leader"])),
        ("pack", json!("other")),
        ("prev", json!("0")),
        ("command", json!("other")),
    ] {
        for inner in [false, true] {
            let mut body = plain.clone();
            if inner {
                body["act"] = json!({"approve": {"request": "x", "opinion": "y"}});
                body["act"]["approve"][member] = value.clone();
            } else {
                body[member] = value.clone();
            }
            let bytes = body.to_string().into_bytes();
            let sent = program
                .send(
                    Method::POST,
                    &format!("/api/v1{path}"),
                    "application/json",
                    bytes,
                )
                .await;
            assert!(
                [StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY].contains(&sent.status),
                "{member}: {}",
                sent.status
            );
        }
        let mut body = plain.clone();
        body["fields"][member] = json!({"text": "x"});
        let (page, told) = call(&mut program, Method::POST, &path, &body).await;
        assert_eq!(
            page.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{member}: {told}"
        );
    }
    assert_eq!(version(&bureau, &case).await, before, "nothing was kept");
    // Through the form such inputs are of no step's, and the event is that of who sent it.
    let mut browser = Browser::of(&bureau, "chen").await;
    let mut form = browser
        .get(&format!("/cases/{case}/act/A02.assess"))
        .await
        .form();
    form.pairs.extend(
        [
            "actor",
            "f.actor",
            "recorded_at",
            "body_id",
            "effects",
            "f.effects",
            "id",
            "version",
        ]
        .map(|name| (name.to_owned(), "person-wang".to_owned())),
    );
    let form = form.fill_all(&[
        ("f.criteria", "unmet"),
        ("f.jurisdiction", "no"),
        ("f.limitation", "open"),
        ("f.reason", "无管辖。"),
    ]);
    let page = browser.submit(form, "submit").await;
    if page.html().contains("确认办理") {
        browser.submit(page.form(), "confirm").await;
    }
    let events = bureau
        .office
        .store()
        .load(&store::Scope::system(), &case, before)
        .await
        .unwrap();
    assert!(!events.is_empty(), "what is of the step was kept");
    for event in &events {
        assert_eq!(event.header.actor.as_deref(), Some("person-chen"));
        assert_eq!(event.header.body_id, "body-qinghe");
        let body = String::from_utf8_lossy(event.body.as_deref().unwrap_or_default()).into_owned();
        assert!(!body.contains("person-wang"), "{body}");
    }
}

#[tokio::test]
async fn a_form_with_very_many_files_is_refused_and_leaves_none() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let case = opened(&bureau).await;
    let mut browser = Browser::of(&bureau, "chen").await;
    let token = browser
        .get(&format!("/cases/{case}/act/A02.assess"))
        .await
        .form();
    let token = token
        .pairs
        .iter()
        .find(|(name, _)| name == "_csrf")
        .unwrap()
        .1
        .clone();
    let mut body =
        format!("--b\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n{token}\r\n");
    for n in 0..2_000 {
        body.push_str(&format!(
            "--b\r\nContent-Disposition: form-data; name=\"f.attachment\"; filename=\"{n}.pdf\"\r\n\r\nx\r\n"
        ));
    }
    body.push_str("--b--\r\n");
    let path = format!("/cases/{case}/act/A02.assess");
    let page = browser
        .send(
            Method::POST,
            &path,
            "multipart/form-data; boundary=b",
            body.into_bytes(),
        )
        .await;
    page.has(StatusCode::PAYLOAD_TOO_LARGE, &["附件太多"]);
    let incoming = bureau.dir.path().join("objects/.incoming");
    assert_eq!(std::fs::read_dir(incoming).map_or(0, Iterator::count), 0);
}
