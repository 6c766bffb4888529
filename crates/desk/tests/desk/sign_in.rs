//! Sign-in, sessions, and what is refused to whoever is not signed in.

use axum::http::{Method, StatusCode, header};
use desk::{DeskConfig, password};

use crate::{
    browser::{Browser, FORM},
    bureau::{self, PASSWORD},
};

#[tokio::test]
async fn one_signs_in_works_and_signs_out() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut browser = Browser::new(&bureau);
    let page = browser.get("/cases?q=a&mine=1").await;
    page.has(StatusCode::OK, &["登录", "用户名"]);
    assert_eq!(
        page.form().value("next"),
        Some("/cases?q=a&mine=1"),
        "one goes on to where one wanted"
    );
    let form = page.form().fill("login", "chen").fill("password", PASSWORD);
    let page = browser.submit(form, "").await;
    page.has(
        StatusCode::OK,
        &["陈立", "危险化学品监管股", "没有符合条件的案件"],
    );
    assert!(page.headers[header::CACHE_CONTROL] == "no-store");
    let policy = page.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    page.lacks(&["<script", "style=\"", "onclick"]);

    let token = browser.cookie.clone();
    let html = page.html();
    let csrf = html
        .split("name=\"_csrf\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let body = format!("_csrf={csrf}").into_bytes();
    browser.send(Method::POST, "/logout", FORM, body).await;
    browser.cookie = token;
    browser
        .get("/")
        .await
        .has(StatusCode::OK, &["登录"])
        .lacks(&["陈立"]);
}

#[tokio::test]
async fn a_wrong_password_says_no_more_than_that_and_too_many_are_stopped() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut browser = Browser::new(&bureau);
    for n in 0..8 {
        let login = if n % 2 == 0 { "chen" } else { "nobody" };
        let form = browser
            .get("/login")
            .await
            .form()
            .fill("login", login)
            .fill("password", "wrong-password");
        browser
            .submit(form, "")
            .await
            .has(StatusCode::FORBIDDEN, &["用户名或者密码不正确"]);
    }
    for _ in 0..4 {
        let form = browser
            .get("/login")
            .await
            .form()
            .fill("login", "chen")
            .fill("password", "wrong-password");
        browser.submit(form, "").await;
    }
    let form = browser
        .get("/login")
        .await
        .form()
        .fill("login", "chen")
        .fill("password", PASSWORD);
    browser.submit(form, "").await.has(
        StatusCode::TOO_MANY_REQUESTS,
        &["登录失败次数过多", "分钟后再试"],
    );
    let mut other = Browser::new(&bureau);
    let form = other
        .get("/login")
        .await
        .form()
        .fill("login", "lin")
        .fill("password", PASSWORD);
    other.submit(form, "").await.has(StatusCode::OK, &["林芳"]);
}

#[tokio::test]
async fn demo_passwords_work_in_a_demo_on_the_same_machine_alone() {
    let tried = |demo: bool, peer: [u8; 4], status: StatusCode, words: &'static str| async move {
        let Some(bureau) = bureau::open_with(|config| DeskConfig { demo, ..config }).await else {
            return;
        };
        let hash = password::hash_demo("demo").unwrap();
        bureau
            .office
            .store()
            .set_credential("person-chen", &hash, "login:chen", 1)
            .await
            .unwrap();
        let mut browser = Browser::new(&bureau);
        browser.peer = (peer, 50_000).into();
        let form = browser
            .get("/login")
            .await
            .form()
            .fill("login", "chen")
            .fill("password", "demo");
        browser.submit(form, "").await.has(status, &[words]);
    };
    tried(true, [127, 0, 0, 1], StatusCode::OK, "待办").await;
    tried(
        true,
        [10, 0, 0, 9],
        StatusCode::FORBIDDEN,
        "演示密码只能在演示系统本机",
    )
    .await;
    tried(
        false,
        [127, 0, 0, 1],
        StatusCode::FORBIDDEN,
        "演示密码只能在演示系统本机",
    )
    .await;
}

#[tokio::test]
async fn a_cookie_for_another_machine_is_secure_and_never_readable_by_scripts() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    for (peer, secure) in [([127, 0, 0, 1], false), ([10, 0, 0, 9], true)] {
        let mut browser = Browser::new(&bureau);
        browser.peer = (peer, 50_000).into();
        let body = format!("login=chen&password={PASSWORD}").into_bytes();
        let page = browser.send(Method::POST, "/login", FORM, body).await;
        let cookie = page.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        assert_eq!(cookie.contains("Secure"), secure, "{cookie}");
    }
}

#[tokio::test]
async fn a_session_ends_when_it_was_idle_too_long() {
    let short = |config| DeskConfig {
        idle_max: std::time::Duration::from_millis(1),
        ..config
    };
    let Some(bureau) = bureau::open_with(short).await else {
        return;
    };
    let mut browser = Browser::new(&bureau);
    let body = format!("login=chen&password={PASSWORD}").into_bytes();
    browser.send(Method::POST, "/login", FORM, body).await;
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    browser
        .get("/")
        .await
        .has(StatusCode::OK, &["登录"])
        .lacks(&["陈立"]);
}

#[tokio::test]
async fn a_form_of_another_site_or_another_session_is_refused() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut browser = Browser::of(&bureau, "chen").await;
    let form = browser.get("/cases/new").await.form();
    let refused = ["这个表单不是由您当前登录的页面提交的"];
    let mut stranger = browser.clone();
    stranger.extra.push(("sec-fetch-site", "cross-site".into()));
    stranger
        .submit(form.clone(), "draft")
        .await
        .has(StatusCode::FORBIDDEN, &refused);
    let mut old = browser.clone();
    old.extra
        .push(("origin", "https://elsewhere.example".into()));
    old.submit(form.clone(), "draft")
        .await
        .has(StatusCode::FORBIDDEN, &refused);
    let stolen = Browser::of(&bureau, "lin")
        .await
        .get("/cases/new")
        .await
        .form();
    browser
        .submit(stolen, "draft")
        .await
        .has(StatusCode::FORBIDDEN, &refused);
    browser
        .submit(form.fill("_csrf", ""), "draft")
        .await
        .has(StatusCode::FORBIDDEN, &refused);
}

#[tokio::test]
async fn a_first_password_must_be_replaced_by_ones_own_before_anything_else() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let store = bureau.office.store();
    let given = password::hash_first("k7mf-2hqp-9xwd").unwrap();
    store
        .set_credential("person-chen", &given, "login:chen", 0)
        .await
        .unwrap();
    let mut browser = Browser::new(&bureau);
    let form = browser.get("/login").await.form();
    let form = form
        .fill("login", "chen")
        .fill("password", "k7mf-2hqp-9xwd");
    let page = browser.submit(form, "").await;
    page.has(StatusCode::OK, &["设置自己的密码", "这是第一次登录"]);
    assert_eq!(browser.cookie, None, "nobody is signed in yet");

    let form = page
        .form()
        .fill("password", "k7mf-2hqp-9xwd")
        .fill_all(&[("new", "short"), ("again", "short")]);
    let page = browser.submit(form, "").await;
    page.has(StatusCode::BAD_REQUEST, &["密码至少10个字符"]);
    let form = page.form().fill("password", "k7mf-2hqp-9xwd");
    let other = form
        .clone()
        .fill_all(&[("new", PASSWORD), ("again", "别的密码别的密码别的密码")]);
    browser
        .submit(other, "")
        .await
        .has(StatusCode::BAD_REQUEST, &["两次输入的新密码不同"]);
    let same = [("new", "k7mf-2hqp-9xwd"), ("again", "k7mf-2hqp-9xwd")];
    browser
        .submit(form.clone().fill_all(&same), "")
        .await
        .has(StatusCode::BAD_REQUEST, &["与现在的密码相同"]);
    let wrong = form.clone().fill("password", "k7mf-2hqp-9xwe");
    browser
        .submit(
            wrong.fill_all(&[("new", PASSWORD), ("again", PASSWORD)]),
            "",
        )
        .await
        .has(StatusCode::FORBIDDEN, &["用户名或者密码不正确"]);

    let form = form.fill_all(&[("new", PASSWORD), ("again", PASSWORD)]);
    browser
        .submit(form, "")
        .await
        .has(StatusCode::OK, &["待办", "陈立"]);
    Browser::of(&bureau, "chen").await;
}

#[tokio::test]
async fn a_new_password_ends_what_was_signed_in_with_the_old() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let mut elsewhere = Browser::of(&bureau, "chen").await;
    elsewhere.get("/").await.has(StatusCode::OK, &["待办"]);
    let mut browser = Browser::of(&bureau, "chen").await;
    let form = browser.get("/password").await.form();
    assert_eq!(form.value("login"), Some("chen"));
    let new = "另一个很长的密码也行";
    let form = form.fill_all(&[("password", PASSWORD), ("new", new), ("again", new)]);
    browser
        .submit(form, "")
        .await
        .has(StatusCode::OK, &["待办"]);
    elsewhere
        .get("/")
        .await
        .has(StatusCode::OK, &["登录", "用户名"]);
}

#[tokio::test]
async fn who_is_not_signed_in_sends_a_short_form_and_no_file() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    for path in ["/login", "/password"] {
        let mut browser = Browser::new(&bureau);
        let body = format!("login=chen&password={}", "a".repeat(17 << 10)).into_bytes();
        let page = browser.send(Method::POST, path, FORM, body).await;
        page.has(StatusCode::PAYLOAD_TOO_LARGE, &["填写的内容太长"]);
        let multipart =
            "--x\r\nContent-Disposition: form-data; name=\"login\"\r\n\r\nchen\r\n--x--\r\n";
        let media = "multipart/form-data; boundary=x";
        let page = browser
            .send(Method::POST, path, media, multipart.into())
            .await;
        page.has(StatusCode::BAD_REQUEST, &["不是本系统的表单"]);
    }
    let mut program = Browser::new(&bureau);
    let body = format!(
        r#"{{"login":"chen","password":"{}"}}"#,
        "a".repeat(17 << 10)
    )
    .into_bytes();
    let page = program
        .send(Method::POST, "/api/v1/session", "application/json", body)
        .await;
    page.has(StatusCode::PAYLOAD_TOO_LARGE, &["16 KB"]);
}
