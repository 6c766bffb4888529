//! `/login`: sign-in and sign-out; `/password`: a password of one's own.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use casework::person::Person;
use serde::Deserialize;
use store::Store;

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

/// Failures that a name may have within the window, and those of an address, as many officials may share one: above
/// that, its names with a failure are refused, and all others wait, one behind the other.
const FAILURES_NAME_MAX: u64 = 8;
const FAILURES_ADDRESS_MAX: u64 = 60;
const WINDOW_US: i64 = 15 * 60 * 1_000_000;
const ADDRESS_WAIT: Duration = Duration::from_secs(2);
/// Tries of an address over its limit that may wait; whoever comes then is told to come again.
const ADDRESS_WAITING_MAX: usize = 3;
const LOGIN_CHARS_MAX: usize = 64;

const CROWDED: &str = "现在登录的人太多，没有核对密码，也不计入失败次数；请稍候再试";

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
    let entered = match identify(&app, client, &login, password).await {
        Ok(known) if known.verdict == Verdict::First => {
            return password_form(&app, StatusCode::OK, login, true, None).await;
        }
        Ok(known) => begin(&app, client, &known, &next).await,
        Err(fault) => Err(fault),
    };
    match entered {
        Err(
            fault @ (PageError::Forbidden(_)
            | PageError::TooMany { .. }
            | PageError::Unavailable(_)),
        ) => {
            let mut page =
                form(&app, fault.status(), login, &next, Some(fault.to_string())).await?;
            fault.mark(&mut page);
            Ok(page)
        }
        entered => entered,
    }
}

async fn begin(
    app: &App,
    client: Client,
    known: &Known,
    next: &str,
) -> Result<Response, PageError> {
    let token = known.begin_session(app).await?;
    let cookie = set_cookie(Some(&token), client).map(|cookie| [(header::SET_COOKIE, cookie)]);
    Ok((cookie, Redirect::to(next)).into_response())
}

/// Checks name and password, within the throttle, and begins a session.
///
/// # Errors
/// [`PageError::Forbidden`] with words that do not tell whether the name exists; [`PageError::TooMany`];
/// [`PageError::Unavailable`] while more passwords wait to be checked than can be.
pub async fn sign_in(
    app: &App,
    client: Client,
    login: &str,
    password: &str,
) -> Result<(Token, Person), PageError> {
    let known = identify(app, client, login, password).await?;
    if known.verdict == Verdict::First {
        return Err(PageError::Forbidden(FIRST.to_owned()));
    }
    Ok((known.begin_session(app).await?, known.person))
}

/// The counters that a try to sign in is counted under.
struct Counters {
    /// Of the name.
    login: String,
    /// Of the address.
    address: String,
}

impl Counters {
    fn of(login: &str, client: Client) -> Self {
        Self {
            login: password::throttle_key(login),
            address: format!("address:{}", client.address),
        }
    }

    /// Counts a try before its password is looked at, so that of many at once no more go through than one after the
    /// other; refuses it over the limit.
    ///
    /// A name without a failure of its own is not shut out because of its address, where a whole bureau may sit
    /// behind one: it waits for its turn, and so do those who try many names.
    async fn count(&self, app: &App, client: Client) -> Result<(), PageError> {
        let (store, now) = (app.office.store(), now_us());
        let address = store.throttle_hit(&self.address, now, WINDOW_US).await?;
        let over = address.failures > FAILURES_ADDRESS_MAX;
        if over {
            // Before the name is counted: those turned away leave no row behind.
            let name = store.throttle(&self.login, now).await?;
            if name.is_some_and(|name| name.failures > 0) {
                return Err(too_many(address.until_at));
            }
            self.wait_for_turn(app, client).await?;
        }
        let name = store.throttle_hit(&self.login, now_us(), WINDOW_US).await?;
        if name.failures > FAILURES_NAME_MAX {
            return Err(too_many(name.until_at));
        }
        if over && name.failures > 1 {
            return Err(too_many(address.until_at));
        }
        Ok(())
    }

    /// Waits behind the other tries of an address over its limit, so that they come to no more than one at a time.
    async fn wait_for_turn(&self, app: &App, client: Client) -> Result<(), PageError> {
        let Some(place) = app.waiting.take(client.address, ADDRESS_WAITING_MAX) else {
            app.office.store().throttle_undo(&self.address).await?;
            return Err(PageError::Unavailable(CROWDED.to_owned()));
        };
        let turn = place.turn().await;
        tokio::time::sleep(ADDRESS_WAIT).await;
        drop(turn);
        Ok(())
    }

    /// Takes the try back that was no failure.
    async fn undo(&self, store: &Store) -> Result<(), PageError> {
        store.throttle_undo(&self.login).await?;
        Ok(store.throttle_undo(&self.address).await?)
    }

    /// Forgets the name's failures: it was the person.
    async fn clear(&self, store: &Store) -> Result<(), PageError> {
        store.throttle_clear(&self.login).await?;
        Ok(store.throttle_undo(&self.address).await?)
    }
}

/// Minutes, begun ones counted, and seconds until an instant in microseconds since 1970 UTC.
pub fn left(until_us: i64) -> (i64, u64) {
    let left_us = until_us.saturating_sub(now_us()).max(0);
    let seconds = left_us / 1_000_000 + 1;
    (left_us / 60_000_000 + 1, seconds.unsigned_abs())
}

fn too_many(until_us: i64) -> PageError {
    let (minutes, again_s) = left(until_us);
    PageError::TooMany {
        why: format!("登录失败次数过多，请在{minutes}分钟后再试；忘记密码的，请联系管理员重设"),
        again_s,
    }
}

/// Somebody whose password was looked at and found to fit.
struct Known {
    /// Never [`Verdict::Wrong`].
    verdict: Verdict,
    person: Person,
    /// The stored hash that it fits.
    hash: String,
}

impl Known {
    /// Begins a session, unless the password was set anew since it was looked at.
    async fn begin_session(&self, app: &App) -> Result<Token, PageError> {
        let token = app.begin_session(&self.person, &self.hash).await?;
        token.ok_or_else(wrong)
    }
}

fn wrong() -> PageError {
    PageError::Forbidden("用户名或者密码不正确，请核对后重新输入".to_owned())
}

/// Who that is, by name and password, within the throttle.
async fn identify(
    app: &App,
    client: Client,
    login: &str,
    password: &str,
) -> Result<Known, PageError> {
    let login: String = login.chars().take(LOGIN_CHARS_MAX).collect();
    let (store, counters) = (app.office.store(), Counters::of(&login, client));
    counters.count(app, client).await?;
    let person = app.office.person_by_login(&login).await?;
    let (verdict, hash) = match check(app, person.as_ref(), password).await {
        Ok(found) => found,
        Err(fault) => {
            // Nobody looked at the password.
            counters.undo(store).await?;
            return Err(fault);
        }
    };
    let (Some(person), Some(hash)) = (person, hash) else {
        return Err(wrong());
    };
    match verdict {
        Verdict::Wrong => return Err(wrong()),
        Verdict::Demo if !(app.config.demo && client.local) => {
            counters.undo(store).await?;
            let why = "演示密码只能在演示系统本机（127.0.0.1）使用；请由管理员设置正式密码后登录";
            return Err(PageError::Forbidden(why.to_owned()));
        }
        Verdict::Right | Verdict::First | Verdict::Demo => counters.clear(store).await?,
    }
    Ok(Known {
        verdict,
        person,
        hash,
    })
}

/// Asks somebody signed in for the password again, within the throttle of sign-in; gives the stored hash that it fits.
///
/// # Errors
/// As [`sign_in`].
pub async fn confirm(
    app: &App,
    client: Client,
    person: &Person,
    password: &str,
) -> Result<String, PageError> {
    let known = identify(app, client, &person.login, password).await?;
    if known.verdict == Verdict::First || known.person.id != person.id {
        return Err(wrong());
    }
    Ok(known.hash)
}

/// What a password was found to be, and the stored hash that it was held against.
async fn check(
    app: &App,
    person: Option<&Person>,
    password: &str,
) -> Result<(Verdict, Option<String>), PageError> {
    let stored = match person {
        Some(person) => app.office.store().credential(&person.id).await?,
        None => None,
    };
    let password = password.to_owned();
    hashing(app, move || {
        (password::verify(&password, stored.as_deref()), stored)
    })
    .await
}

/// Does a piece of hashing, of which only so much goes on at a time, and only so much waits.
async fn hashing<T: Send + 'static>(
    app: &App,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, PageError> {
    let internal = |fault: &dyn std::fmt::Display| PageError::Internal(fault.to_string());
    let place = app.hashing_queue.clone().try_acquire_owned();
    let place = place.map_err(|_| PageError::Unavailable(CROWDED.to_owned()))?;
    let permit = app
        .hashing
        .clone()
        .acquire_owned()
        .await
        .map_err(|fault| internal(&fault))?;
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop((permit, place));
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
        Ok(known) => begin(&app, client, &known, "/").await,
        Err(
            fault @ (PageError::Forbidden(_)
            | PageError::TooMany { .. }
            | PageError::BadBody(_)
            | PageError::Unavailable(_)),
        ) => {
            let (first, why) = (typed.has("first"), Some(fault.to_string()));
            let mut page = password_form(&app, fault.status(), login, first, why).await?;
            fault.mark(&mut page);
            Ok(page)
        }
        Err(fault) => Err(fault),
    }
}

async fn replace_password(
    app: &App,
    client: Client,
    login: &str,
    typed: &Typed,
) -> Result<Known, PageError> {
    let raw = |name: &str| typed.get(name).unwrap_or_default().to_owned();
    let (old, new) = (raw("password"), raw("new"));
    let known = identify(app, client, login, &old).await?;
    let refuse = |why: &str| Err(PageError::BadBody(why.to_owned()));
    if known.verdict == Verdict::Demo {
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
    let (person, key) = (&known.person, password::throttle_key(&known.person.login));
    let store = app.office.store();
    let replaced = store
        .replace_credential(&person.id, &known.hash, &hash, &key, now_us())
        .await?;
    if !replaced {
        return Err(wrong());
    }
    Ok(Known { hash, ..known })
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
