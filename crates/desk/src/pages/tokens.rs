//! `/tokens`: the access tokens that a person has given to programs, to make and to revoke.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use store::AccessToken;

use crate::{
    app::{App, Frame, page},
    client::Client,
    error::PageError,
    pages::login,
    posted::Posted,
    session::{SignedIn, now_us},
    show,
    token::{Token, command_id},
    typed::Typed,
};

/// Tokens that a person may have.
const TOKENS_MAX: usize = 20;
const NAME_CHARS_MAX: usize = 40;
const DAY_US: i64 = 24 * 3600 * 1_000_000;
/// For how many days a token may be made.
const DAYS: [i64; 4] = [30, 90, 180, 365];

const NO_NAME: &str = "请填写用途（40 字以内），例如“统计报表程序”";
const NO_SCOPE: &str = "请选择令牌的权限";
const NO_DAYS: &str = "请选择有效期";
const FULL: &str = "访问令牌已有 20 个；请先撤销不用的";
const TWICE: &str = "这个令牌已经建立，令牌只显示一次；没有记下的，请撤销后另建";
const NONE: &str = "这个令牌已经撤销或者到期";

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    frame: Frame,
    rows: Vec<Row>,
    /// The token that was made just now.
    made: Option<String>,
    fault: Option<String>,
    id: String,
    name: String,
    scope: String,
    days: Vec<(i64, bool)>,
}

struct Row {
    id: String,
    name: String,
    scope: &'static str,
    created: String,
    expires: String,
    expired: bool,
    used: String,
}

impl Row {
    fn of(token: AccessToken, now: i64) -> Self {
        let used = token.used_at.map(show::moment);
        Self {
            id: token.id,
            name: token.name,
            scope: if token.may_act {
                "查询和办理"
            } else {
                "查询"
            },
            created: show::moment(token.created_at),
            expires: show::moment(token.expires_at),
            expired: token.expires_at <= now,
            used: used.unwrap_or_else(|| "未使用".to_owned()),
        }
    }
}

/// What the page says beside the list.
#[derive(Default)]
struct Said {
    made: Option<String>,
    fault: Option<String>,
}

async fn list(
    app: &App,
    signed: &SignedIn,
    status: StatusCode,
    typed: &Typed,
    said: Said,
) -> Result<Response, PageError> {
    let frame = app.frame(signed, "help").await?;
    let now = now_us();
    let tokens = app.office.store().access_tokens_of(&signed.person.id);
    let rows = tokens.await?.into_iter().map(|token| Row::of(token, now));
    let chosen: i64 = typed.text("days").parse().unwrap_or(90);
    let tokens_page = TokensPage {
        frame,
        rows: rows.collect(),
        made: said.made,
        fault: said.fault,
        id: command_id(),
        name: typed.text("name").to_owned(),
        scope: typed.text("scope").to_owned(),
        days: DAYS.map(|days| (days, days == chosen)).to_vec(),
    };
    page(status, &tokens_page)
}

/// The page.
pub async fn show(State(app): State<App>, signed: SignedIn) -> Result<Response, PageError> {
    list(
        &app,
        &signed,
        StatusCode::OK,
        &Typed::default(),
        Said::default(),
    )
    .await
}

/// Makes a token; the page that answers is the only place where it is ever shown.
pub async fn add(
    State(app): State<App>,
    client: Client,
    posted: Posted,
) -> Result<Response, PageError> {
    let Posted { signed, typed, .. } = posted;
    match make(&app, client, &signed, &typed).await {
        Ok(made) => {
            let said = Said {
                made: Some(made),
                fault: None,
            };
            list(&app, &signed, StatusCode::CREATED, &Typed::default(), said).await
        }
        Err(fault) => again(&app, &signed, &typed, fault).await,
    }
}

/// The page with what is wrong, where it can be put right there.
async fn again(
    app: &App,
    signed: &SignedIn,
    typed: &Typed,
    fault: PageError,
) -> Result<Response, PageError> {
    if !matches!(
        fault,
        PageError::Forbidden(_)
            | PageError::TooMany { .. }
            | PageError::BadBody(_)
            | PageError::Unavailable(_)
    ) {
        return Err(fault);
    }
    let said = Said {
        made: None,
        fault: Some(fault.to_string()),
    };
    let mut page = list(app, signed, fault.status(), typed, said).await?;
    fault.mark(&mut page);
    Ok(page)
}

async fn make(
    app: &App,
    client: Client,
    signed: &SignedIn,
    typed: &Typed,
) -> Result<String, PageError> {
    let bad = |why: &str| PageError::BadBody(why.to_owned());
    let (name, now) = (typed.text("name"), now_us());
    if name.is_empty()
        || name.chars().count() > NAME_CHARS_MAX
        || name.chars().any(char::is_control)
    {
        return Err(bad(NO_NAME));
    }
    let may_act = match typed.text("scope") {
        "read" => false,
        "act" => true,
        _ => return Err(bad(NO_SCOPE)),
    };
    let days: i64 = typed.text("days").parse().map_err(|_| bad(NO_DAYS))?;
    if !DAYS.contains(&days) {
        return Err(bad(NO_DAYS));
    }
    let (store, id) = (app.office.store(), typed.text("id"));
    let have = store.access_tokens_of(&signed.person.id).await?;
    if have.len() >= TOKENS_MAX {
        return Err(bad(FULL));
    }
    if id.len() != 32 || have.iter().any(|token| token.id == id) {
        return Err(bad(TWICE));
    }
    let hash = confirm(app, client, signed, typed).await?;
    let (secret, token) = (
        Token::new(),
        AccessToken {
            id: id.to_owned(),
            person_id: signed.person.id.clone(),
            name: name.to_owned(),
            may_act,
            created_at: now,
            expires_at: now.saturating_add(days * DAY_US),
            used_at: None,
        },
    );
    let digest = secret.access_digest();
    if !store.add_access_token(&token, &digest, &hash).await? {
        return Err(bad(TWICE));
    }
    tracing::info!(
        person = signed.person.id,
        token = id,
        may_act,
        "an access token was made"
    );
    Ok(secret.bearer())
}

/// The stored hash that the person's password, given again, fits.
async fn confirm(
    app: &App,
    client: Client,
    signed: &SignedIn,
    typed: &Typed,
) -> Result<String, PageError> {
    let password = typed.get("password").unwrap_or_default();
    login::confirm(app, client, &signed.person, password).await
}

/// Revokes a token.
pub async fn revoke(
    State(app): State<App>,
    client: Client,
    Path(id): Path<String>,
    posted: Posted,
) -> Result<Response, PageError> {
    let Posted { signed, typed, .. } = posted;
    let revoked = async {
        confirm(&app, client, &signed, &typed).await?;
        let store = app.office.store();
        if !store.revoke_access_token(&signed.person.id, &id).await? {
            return Err(PageError::BadBody(NONE.to_owned()));
        }
        tracing::info!(
            person = signed.person.id,
            token = id,
            "an access token was revoked"
        );
        Ok(())
    };
    match revoked.await {
        Ok(()) => Ok(Redirect::to("/tokens").into_response()),
        Err(fault) => again(&app, &signed, &Typed::default(), fault).await,
    }
}
