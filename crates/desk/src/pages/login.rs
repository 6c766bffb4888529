//! `/login`: sign-in and sign-out; `/password`: a password of one's own.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use casework::person::Person;
use serde::Deserialize;

use crate::{
    app::{App, Frame, page},
    client::Client,
    error::PageError,
    password::{self, Verdict},
    posted::{OpenForm, Posted},
    session::{SignedIn, now_us, set_cookie},
    token::Token,
    typed::Typed,
};

/// Failures that a name may have within the window, and those of an address: many officials share one.
const FAILURES_NAME_MAX: u64 = 8;
const FAILURES_ADDRESS_MAX: u64 = 60;
const WINDOW_US: i64 = 15 * 60 * 1_000_000;
const LOGIN_CHARS_MAX: usize = 64;

/// What a program is told that signs in with a password that was given out.
const FIRST: &str = "这是初始密码，须先在网页上登录并改成自己的密码";

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    frame: Frame,
    login: String,
    first: bool,
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    frame: Frame,
    login: String,
    next: String,
    fault: Option<String>,
    demo: bool,
}

/// Where to go after sign-in.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    next: String,
}

/// A path of this site; anything else leads to the to-do list.
fn inside(next: &str) -> &str {
    let plain = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '\n', '\r', '\t']);
    if plain && !next.starts_with("/log") {
        next
    } else {
        "/"
    }
}

/// The sign-in form.
pub async fn show(
    State(app): State<App>,
    signed: Option<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    if signed.is_some() {
        return Ok(Redirect::to(inside(&wanted.next)).into_response());
    }
    form(
        &app,
        StatusCode::OK,
        String::new(),
        inside(&wanted.next),
        None,
    )
    .await
}

async fn form(
    app: &App,
    status: StatusCode,
    login: String,
    next: &str,
    fault: Option<String>,
) -> Result<Response, PageError> {
    let frame = app.open_frame().await;
    page(
        status,
        &LoginPage {
            frame,
            login,
            next: next.to_owned(),
            fault,
            demo: app.config.demo,
        },
    )
}

/// Signs in.
pub async fn enter(
    State(app): State<App>,
    client: Client,
    OpenForm(typed): OpenForm,
) -> Result<Response, PageError> {
    let (login, next) = (
        typed.text("login").to_owned(),
        inside(typed.text("next")).to_owned(),
    );
    let password = typed.get("password").unwrap_or_default();
    match identify(&app, client, &login, password).await {
        Ok((Verdict::First, _)) => password_form(&app, StatusCode::OK, login, true, None).await,
        Ok((_, person)) => begin(&app, client, &person, &next).await,
        Err(fault @ (PageError::Forbidden(_) | PageError::TooMany(_))) => {
            form(&app, fault.status(), login, &next, Some(fault.to_string())).await
        }
        Err(fault) => Err(fault),
    }
}

async fn begin(
    app: &App,
    client: Client,
    person: &Person,
    next: &str,
) -> Result<Response, PageError> {
    let token = app.begin_session(person).await?;
    let cookie = set_cookie(Some(&token), client).map(|cookie| [(header::SET_COOKIE, cookie)]);
    Ok((cookie, Redirect::to(next)).into_response())
}

/// Checks name and password, within the throttle, and begins a session.
///
/// # Errors
/// [`PageError::Forbidden`] with words that do not tell whether the name exists; [`PageError::TooMany`].
pub async fn sign_in(
    app: &App,
    client: Client,
    login: &str,
    password: &str,
) -> Result<(Token, Person), PageError> {
    match identify(app, client, login, password).await? {
        (Verdict::First, _) => Err(PageError::Forbidden(FIRST.to_owned())),
        (_, person) => Ok((app.begin_session(&person).await?, person)),
    }
}

/// Who that is, by name and password, within the throttle; never [`Verdict::Wrong`].
async fn identify(
    app: &App,
    client: Client,
    login: &str,
    password: &str,
) -> Result<(Verdict, Person), PageError> {
    let login: String = login.chars().take(LOGIN_CHARS_MAX).collect();
    let keys = [
        (format!("login:{login}"), FAILURES_NAME_MAX),
        (format!("address:{}", client.address), FAILURES_ADDRESS_MAX),
    ];
    let (store, now) = (app.office.store(), now_us());
    for (key, max) in &keys {
        if let Some(counted) = store
            .throttle(key, now)
            .await?
            .filter(|counted| counted.failures >= *max)
        {
            let minutes = (counted.until_at - now) / 60_000_000 + 1;
            let why =
                format!("登录失败次数过多，请在{minutes}分钟后再试；忘记密码的，请联系管理员重设");
            return Err(PageError::TooMany(why));
        }
    }
    let person = app.office.person_by_login(&login).await?;
    let verdict = check(app, person.as_ref(), password).await?;
    match (verdict, person) {
        (verdict @ (Verdict::Right | Verdict::First), Some(person)) => {
            store.throttle_clear(&keys[0].0).await?;
            Ok((verdict, person))
        }
        (Verdict::Demo, Some(person)) if app.config.demo && client.local => {
            Ok((Verdict::Demo, person))
        }
        (Verdict::Demo, Some(_)) => {
            let why = "演示密码只能在演示系统本机（127.0.0.1）使用；请由管理员设置正式密码后登录";
            Err(PageError::Forbidden(why.to_owned()))
        }
        _ => {
            for (key, _) in &keys {
                store.throttle_hit(key, now, WINDOW_US).await?;
            }
            Err(PageError::Forbidden(
                "用户名或者密码不正确，请核对后重新输入".to_owned(),
            ))
        }
    }
}

async fn check(app: &App, person: Option<&Person>, password: &str) -> Result<Verdict, PageError> {
    let stored = match person {
        Some(person) => app.office.store().credential(&person.id).await?,
        None => None,
    };
    let password = password.to_owned();
    hashing(app, move || password::verify(&password, stored.as_deref())).await
}

/// Does a piece of hashing, of which only so much goes on at a time.
async fn hashing<T: Send + 'static>(
    app: &App,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, PageError> {
    let internal = |fault: &dyn std::fmt::Display| PageError::Internal(fault.to_string());
    let permit = app
        .hashing
        .clone()
        .acquire_owned()
        .await
        .map_err(|fault| internal(&fault))?;
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(permit);
        done
    });
    done.await.map_err(|fault| internal(&fault))
}

/// The form in which one sets a password of one's own.
pub async fn show_password(
    State(app): State<App>,
    signed: Option<SignedIn>,
) -> Result<Response, PageError> {
    let login = signed.map(|signed| signed.person.login).unwrap_or_default();
    password_form(&app, StatusCode::OK, login, false, None).await
}

async fn password_form(
    app: &App,
    status: StatusCode,
    login: String,
    first: bool,
    fault: Option<String>,
) -> Result<Response, PageError> {
    let frame = app.open_frame().await;
    page(
        status,
        &PasswordPage {
            frame,
            login,
            first,
            fault,
        },
    )
}

/// Sets a password of one's own, in place of the one that is given with it; every other session of the person ends.
pub async fn set_password(
    State(app): State<App>,
    client: Client,
    OpenForm(typed): OpenForm,
) -> Result<Response, PageError> {
    let login = typed.text("login").to_owned();
    match replace_password(&app, client, &login, &typed).await {
        Ok(person) => begin(&app, client, &person, "/").await,
        Err(fault @ (PageError::Forbidden(_) | PageError::TooMany(_) | PageError::BadBody(_))) => {
            let first = typed.has("first");
            password_form(&app, fault.status(), login, first, Some(fault.to_string())).await
        }
        Err(fault) => Err(fault),
    }
}

async fn replace_password(
    app: &App,
    client: Client,
    login: &str,
    typed: &Typed,
) -> Result<Person, PageError> {
    let raw = |name: &str| typed.get(name).unwrap_or_default().to_owned();
    let (old, new) = (raw("password"), raw("new"));
    let (verdict, person) = identify(app, client, login, &old).await?;
    let refuse = |why: &str| Err(PageError::BadBody(why.to_owned()));
    if verdict == Verdict::Demo {
        return refuse("演示人员的密码是公开的，不能修改");
    }
    if new != raw("again") {
        return refuse("两次输入的新密码不同，请重新输入");
    }
    if new == old {
        return refuse("新密码与现在的密码相同，请换一个");
    }
    let hash = hashing(app, move || password::hash(&new))
        .await?
        .map_err(|fault| PageError::BadBody(fault.to_string()))?;
    let store = app.office.store();
    store.set_credential(&person.id, &hash, now_us()).await?;
    store.end_sessions_of(&person.id).await?;
    Ok(person)
}

/// Signs out.
pub async fn leave(
    State(app): State<App>,
    client: Client,
    posted: Posted,
) -> Result<Response, PageError> {
    app.office
        .store()
        .end_session(&posted.signed.token.digest())
        .await?;
    let cookie = set_cookie(None, client).map(|cookie| [(header::SET_COOKIE, cookie)]);
    Ok((cookie, Redirect::to("/login")).into_response())
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn sign_in_leads_nowhere_outside() {
        fn check(next: &str, expect: &str) {
            assert_eq!(inside(next), expect, "{next}");
        }
        check("/cases/c1/act/A05?party=p1", "/cases/c1/act/A05?party=p1");
        check("", "/");
        check("//evil.example", "/");
        check("/\\evil.example", "/");
        check("https://evil.example", "/");
        check("/logout", "/");
    }
}
