//! Programs: who a request of the API is for, by an access token or by a session.
//!
//! A token is of one person and may do what that person may, or read what that person may read, and no more. It is
//! looked for by its digest; the token itself is in no row, no address and no line that the program writes.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use casework::person::Person;

use crate::{
    app::App,
    client::Client,
    error::PageError,
    pages::login::left,
    problem::ApiError,
    session::{RENEW_AFTER_US, SignedIn, now_us},
    token::Token,
};

/// Tokens that are none, from one address within the window, before it is told to wait.
const FAILURES_MAX: u64 = 60;
const WINDOW_US: i64 = 15 * 60 * 1_000_000;

const NO_TOKEN: &str = "访问令牌不存在、已经到期或者已被撤销；请本人在“访问令牌”页面另建";
const NEITHER: &str = "请在 Authorization 请求头中以“Bearer 令牌”的形式写明访问令牌，或者先登录";
const READS_ONLY: &str = "这个访问令牌只能查询；需要办理的，请本人另建可以办理的令牌";

/// Somebody for whom a program may read.
pub struct Reader {
    /// Who.
    pub person: Person,
}

/// Somebody for whom a program may act.
pub struct Actor {
    /// Who.
    pub person: Person,
}

/// Whose token it is, and whether it may act.
struct Held {
    person: Person,
    may_act: bool,
}

impl FromRequestParts<App> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let held = held(parts, app).await?;
        Ok(Self {
            person: held.person,
        })
    }
}

impl FromRequestParts<App> for Actor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let held = held(parts, app).await?;
        if !held.may_act {
            return Err(PageError::Forbidden(READS_ONLY.to_owned()).into());
        }
        Ok(Self {
            person: held.person,
        })
    }
}

async fn held(parts: &mut Parts, app: &App) -> Result<Held, PageError> {
    if parts.headers.contains_key(header::AUTHORIZATION) {
        let Ok(client) = <Client as FromRequestParts<App>>::from_request_parts(parts, app).await;
        return by_token(app, client, &parts.headers).await;
    }
    let signed = app.signed_in(&parts.headers).await?;
    let SignedIn { person, .. } = signed.ok_or(PageError::Token(NEITHER))?;
    Ok(Held {
        person,
        may_act: true,
    })
}

/// Whose token the request shows.
async fn by_token(app: &App, client: Client, headers: &HeaderMap) -> Result<Held, PageError> {
    let (store, now) = (app.office.store(), now_us());
    let Some(shown) = shown(headers) else {
        return Err(refused(app, client).await?);
    };
    let Some(token) = store.access_token(&shown.access_digest(), now).await? else {
        return Err(refused(app, client).await?);
    };
    let roster = app.office.roster().await?;
    let Some(person) = roster.people.get(&token.person_id).filter(|p| p.active) else {
        return Err(refused(app, client).await?);
    };
    if token
        .used_at
        .is_none_or(|used| now.saturating_sub(used) > RENEW_AFTER_US)
    {
        store.use_access_token(&token.id, now).await?;
    }
    Ok(Held {
        person: person.clone(),
        may_act: token.may_act,
    })
}

fn shown(headers: &HeaderMap) -> Option<Token> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    let bearer = scheme.eq_ignore_ascii_case("bearer");
    Token::from_bearer(token.trim()).filter(|_| bearer)
}

/// Counts a token that is none under its address; above the limit nothing is written any more.
///
/// Good tokens of the address work all the while: a whole bureau may sit behind it, and none can be guessed.
async fn refused(app: &App, client: Client) -> Result<PageError, PageError> {
    let (store, now) = (app.office.store(), now_us());
    let key = format!("token:{}", client.address);
    let before = store.throttle(&key, now).await?;
    let counted = match before {
        Some(before) if before.failures >= FAILURES_MAX => before,
        _ => {
            store.throttle_hit(&key, now, WINDOW_US).await?;
            return Ok(PageError::Token(NO_TOKEN));
        }
    };
    let (minutes, again_s) = left(counted.until_at);
    Ok(PageError::TooMany {
        why: format!("失效的访问令牌用得过多，请在{minutes}分钟后再试；请改用有效的令牌"),
        again_s,
    })
}
