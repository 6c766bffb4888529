//! Sessions: begun at sign-in, found by the digest of the cookie's token, ended by idleness, age or sign-out.
//!
//! Their times are the machine's, also where the office's clock is simulated: a session is no legal matter.

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use casework::person::Person;
use office::Clock;
use store::SessionRow;

use crate::{app::App, client::Client, error::PageError, token::Token};

/// Name of the cookie.
pub const COOKIE: &str = "zhiheng_session";
/// A session's end is moved on at most so often, to spare the database a write a click.
pub const RENEW_AFTER_US: i64 = 5 * 60 * 1_000_000;

/// The machine's time, microseconds since 1970 UTC.
pub fn now_us() -> i64 {
    Clock::System.now_us()
}

/// Somebody signed in.
#[derive(Clone)]
pub struct SignedIn {
    /// Who.
    pub person: Person,
    /// The session's token.
    pub token: Token,
}

/// A duration in microseconds.
pub fn us(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl App {
    /// Begins a session of somebody whose password was found to fit that stored hash; the token goes into the
    /// browser's cookie. None where the password was set anew meanwhile.
    pub async fn begin_session(
        &self,
        person: &Person,
        hash: &str,
    ) -> Result<Option<Token>, PageError> {
        let (token, now) = (Token::new(), now_us());
        let row = SessionRow {
            id_hash: token.digest(),
            person_id: person.id.clone(),
            created_at: now,
            expires_at: now.saturating_add(us(self.config.idle_max.min(self.config.session_max))),
            data: String::new(),
        };
        let begun = self.office.store().begin_session(&row, hash).await?;
        Ok(begun.then_some(token))
    }

    /// Whose session the cookie's token is of, if it has not ended; moves its end on.
    pub async fn signed_in(&self, headers: &HeaderMap) -> Result<Option<SignedIn>, PageError> {
        let Some(token) = cookie(headers).and_then(Token::from_cookie) else {
            return Ok(None);
        };
        let (store, now) = (self.office.store(), now_us());
        let Some(row) = store.session(&token.digest(), now).await? else {
            return Ok(None);
        };
        let roster = self.office.roster().await?;
        let Some(person) = roster.people.get(&row.person_id).filter(|p| p.active) else {
            return Ok(None);
        };
        let last = row.created_at.saturating_add(us(self.config.session_max));
        let expires_at = last.min(now.saturating_add(us(self.config.idle_max)));
        if expires_at > row.expires_at.saturating_add(RENEW_AFTER_US) {
            store.renew_session(&row.id_hash, expires_at).await?;
        }
        Ok(Some(SignedIn {
            person: person.clone(),
            token,
        }))
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let signed = app.signed_in(&parts.headers).await?;
        signed.ok_or_else(|| {
            // A form cannot be sent again after sign-in, so one goes back to where it was shown.
            let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
            PageError::SignIn(path.to_owned())
        })
    }
}

impl OptionalFromRequestParts<App> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, PageError> {
        app.signed_in(&parts.headers).await
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

/// The header that hands a token to the browser, or takes it away.
pub fn set_cookie(token: Option<&Token>, client: Client) -> Option<HeaderValue> {
    let secure = if client.secure_cookies {
        "; Secure"
    } else {
        ""
    };
    let (value, age) = match token {
        Some(token) => (token.secret(), ""),
        None => ("", "; Max-Age=0"),
    };
    HeaderValue::from_str(&format!(
        "{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"
    ))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=b; zhiheng_session_old=x"),
        );
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("zhiheng_session=abc; c=d"),
        );
        assert_eq!(cookie(&headers), Some("abc"));
        assert_eq!(cookie(&HeaderMap::new()), None);
    }

    #[test]
    fn a_cookie_goes_unencrypted_to_this_machine_alone() {
        let client = |secure_cookies: bool| Client {
            address: [10, 0, 0, 1].into(),
            local: !secure_cookies,
            secure_cookies,
        };
        let token = Token::new();
        let header = |secure| {
            set_cookie(Some(&token), client(secure))
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        };
        assert!(header(true).ends_with("HttpOnly; SameSite=Lax; Secure"));
        assert!(header(false).ends_with("HttpOnly; SameSite=Lax"));
    }
}
