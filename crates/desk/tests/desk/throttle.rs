//! Whoever tries passwords is stopped, and nobody else with them.

use axum::http::{Method, StatusCode};
use desk::{DeskConfig, password};

use crate::{
    browser::{Browser, FORM},
    bureau::{self, PASSWORD},
};

/// What a browser sends to sign in, and what comes back at once.
async fn try_to_sign_in(browser: &Browser, login: &str, password: &str) -> StatusCode {
    let body = format!("login={login}&password={password}").into_bytes();
    let mut browser = browser.clone();
    let page = browser.send(Method::POST, "/login", FORM, body).await;
    page.status
}

/// A browser at another machine, as the proxy tells it.
fn behind_proxy(bureau: &bureau::Bureau, address: &str) -> Browser {
    let mut browser = Browser::new(bureau);
    browser.extra = vec![
        ("x-forwarded-for", address.to_owned()),
        ("x-forwarded-proto", "https".to_owned()),
    ];
    browser
}

#[tokio::test]
async fn an_address_with_many_failures_locks_nobody_else_out() {
    let with_proxy = |config| DeskConfig {
        behind_proxy: true,
        ..config
    };
    for same_address in [false, true] {
        let Some(bureau) = bureau::open_with(with_proxy).await else {
            return;
        };
        let bad = behind_proxy(&bureau, "203.0.113.9");
        for n in 0..70 {
            let status = try_to_sign_in(&bad, &format!("name-{}", n % 35), "wrong").await;
            if n < 60 {
                assert_eq!(status, StatusCode::FORBIDDEN, "{n}");
            }
        }
        let again = try_to_sign_in(&bad, "name-1", "wrong").await;
        assert_eq!(again, StatusCode::TOO_MANY_REQUESTS);
        let address = if same_address {
            "203.0.113.9"
        } else {
            "203.0.113.10"
        };
        let official = behind_proxy(&bureau, address);
        let begun = std::time::Instant::now();
        let status = try_to_sign_in(&official, "chen", PASSWORD).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        let waited = begun.elapsed() >= std::time::Duration::from_secs(2);
        assert_eq!(waited, same_address, "only who shares the address waits");
    }
}

#[tokio::test]
async fn without_the_headers_of_the_proxy_nothing_is_served() {
    let with_proxy = |config| DeskConfig {
        behind_proxy: true,
        demo: true,
        ..config
    };
    let Some(bureau) = bureau::open_with(with_proxy).await else {
        return;
    };
    let mut bare = Browser::new(&bureau);
    let page = bare.get("/login").await;
    page.has(
        StatusCode::BAD_REQUEST,
        &["访问方式不符合要求", "X-Forwarded-For", "README"],
    );
    let page = bare.get("/api/v1/todo").await;
    page.has(StatusCode::BAD_REQUEST, &["urn:zhiheng:problem:proxy"]);
    bare.get("/healthz").await.has(StatusCode::OK, &[]);
    bare.extra = vec![("x-forwarded-for", "203.0.113.9".to_owned())];
    let page = bare.get("/login").await;
    page.has(StatusCode::BAD_REQUEST, &["https://"]);
    // Through the proxy nobody is on this machine, not even with its address.
    let hash = password::hash_demo("demo").unwrap();
    let store = bureau.office.store();
    store
        .set_credential("person-chen", &hash, "login:chen", 1)
        .await
        .unwrap();
    let near = behind_proxy(&bureau, "127.0.0.1");
    let status = try_to_sign_in(&near, "chen", "demo").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn many_tries_at_once_are_counted_as_many() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let tries: Vec<_> = (0..40)
        .map(|_| {
            let browser = Browser::new(&bureau);
            tokio::spawn(async move { try_to_sign_in(&browser, "chen", "wrong-password").await })
        })
        .collect();
    let mut looked_at = 0;
    for task in tries {
        match task.await.unwrap() {
            StatusCode::FORBIDDEN => looked_at += 1,
            status => assert_eq!(status, StatusCode::TOO_MANY_REQUESTS),
        }
    }
    assert_eq!(looked_at, 8);
}

#[tokio::test]
async fn only_so_many_wait_for_their_password_to_be_checked() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let tries: Vec<_> = (0..250_u8)
        .map(|n| {
            let mut browser = Browser::new(&bureau);
            // No more of an address than it may try without waiting.
            browser.peer = ([10, 0, 0, n / 50], 50_000).into();
            let login = format!("name-{n}");
            tokio::spawn(async move { try_to_sign_in(&browser, &login, "wrong-password").await })
        })
        .collect();
    let mut turned_away = 0;
    for task in tries {
        match task.await.unwrap() {
            StatusCode::SERVICE_UNAVAILABLE => turned_away += 1,
            status => assert_eq!(status, StatusCode::FORBIDDEN),
        }
    }
    assert!(turned_away > 0);
    let mut counted = 0;
    for n in 0..5 {
        let key = format!("address:10.0.0.{n}");
        let tries = bureau.office.store().throttle(&key, 0).await.unwrap();
        counted += tries.map_or(0, |tries| tries.failures);
    }
    assert_eq!(
        counted,
        250 - turned_away,
        "who was turned away is not counted"
    );
}

#[tokio::test]
async fn invented_names_of_an_address_over_its_limit_wait_in_one_line() {
    let Some(bureau) = bureau::open().await else {
        return;
    };
    let store = bureau.office.store();
    let now = office::Clock::System.now_us();
    for _ in 0..60 {
        let hit = store.throttle_hit("address:10.0.0.9", now, 900_000_000);
        hit.await.unwrap();
    }
    let begun = std::time::Instant::now();
    let tries: Vec<_> = (0..20)
        .map(|n| {
            let mut browser = Browser::new(&bureau);
            browser.peer = ([10, 0, 0, 9], 50_000).into();
            tokio::spawn(async move {
                let body = format!("login=name-{n}&password=wrong").into_bytes();
                let page = browser.send(Method::POST, "/login", FORM, body).await;
                (n, page.status, page.headers.contains_key("retry-after"))
            })
        })
        .collect();
    let mut looked_at = 0;
    for task in tries {
        let (n, status, later) = task.await.unwrap();
        let counted = store.throttle(&format!("login:name-{n}"), now).await;
        if status == StatusCode::FORBIDDEN {
            looked_at += 1;
            assert!(counted.unwrap().is_some());
        } else {
            assert_eq!((status, later), (StatusCode::SERVICE_UNAVAILABLE, true));
            assert_eq!(counted.unwrap(), None, "a name turned away leaves no row");
        }
    }
    assert_eq!(looked_at, 3);
    // One behind the other, not side by side.
    assert!(begun.elapsed() >= std::time::Duration::from_secs(6));
    // Who sits elsewhere is not held up.
    let status = try_to_sign_in(&Browser::new(&bureau), "chen", PASSWORD).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
}
