//! The public pages: decisions, how to check one, procedures, officers; the log's checkpoint and key.

mod decisions;
mod guide;
mod officers;
mod procedures;

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::{
    Router,
    extract::{Query as UrlQuery, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use jiff::civil::Date;
use tokio::sync::Semaphore;

use crate::error::PortalError;
use crate::store::PortalStore;

const STYLE: &str = include_str!("../../assets/portal.css");
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'";
const ICON: &str = include_str!("../../assets/icon.svg");
/// Name under which the log's public key is saved.
const KEY_NAME: &str = "核验公钥.txt";
/// Characters of a search that are looked at.
const SEARCH_CHARS_MAX: usize = 100;
/// Searches by words at one time.
const SEARCHING_MAX: usize = 2;
/// A search waits no longer than this for its turn.
const SEARCH_WAIT_MAX: Duration = Duration::from_secs(3);

/// How the pages are served.
#[derive(Clone)]
pub struct PortalConfig {
    /// Path under which they stand, such as `/public`; empty for a server of their own.
    pub base: String,
    /// Name over every page, such as that of the bureau.
    pub body_name: String,
    /// Today in Beijing; a function, because the demo's clock is simulated.
    pub today: Arc<dyn Fn() -> Date + Send + Sync>,
    /// Whether that clock is simulated, which every page then says.
    pub simulated: bool,
}

impl std::fmt::Debug for PortalConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PortalConfig")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Portal {
    store: PortalStore,
    /// Room for searches by words, which no index answers.
    searching: Arc<Semaphore>,
    config: Arc<PortalConfig>,
}

/// What every page shows around its own part.
struct Frame {
    base: String,
    home: String,
    body_name: String,
    simulated: bool,
    /// Which entry of the navigation the page belongs to.
    nav: &'static str,
}

/// How to check that a public copy is the one that was published.
#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage {
    frame: Frame,
    key: Option<KeyWords>,
}

/// What the pages say of the key.
struct KeyWords {
    suite: &'static str,
    label: String,
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage {
    frame: Frame,
    title: &'static str,
    text: &'static str,
}

/// The public pages over a store; every path begins with the configured base.
pub fn router(store: PortalStore, config: PortalConfig) -> Router {
    let base = config.base.trim_end_matches('/').to_owned();
    let portal = Portal {
        store,
        searching: Arc::new(Semaphore::new(SEARCHING_MAX)),
        config: Arc::new(PortalConfig {
            base: base.clone(),
            ..config
        }),
    };
    let at = |path: &str| format!("{base}{path}");
    let mut router = Router::new()
        .route(&at("/"), get(decisions::list))
        .route(&at("/decisions/{id}"), get(decisions::show))
        .route(&at("/decisions/{id}/document"), get(decisions::document))
        .route(&at("/decisions/{id}/proof"), get(decisions::proof))
        .route(&at("/verify"), get(verify))
        .route(&at("/procedures"), get(procedures::list))
        .route(&at("/procedures/{id}"), get(procedures::show))
        .route(&at("/procedures/{id}/chart.svg"), get(procedures::chart))
        .route(&at("/officers"), get(officers::list))
        .route(&at("/officers/check"), get(officers::check))
        .route(&at("/checkpoint"), get(checkpoint))
        .route(&at("/key"), get(key))
        .route(&at("/portal.css"), get(style))
        .route(&at("/icon.svg"), get(icon));
    if base.is_empty() {
        router = router.fallback(nowhere);
    } else {
        router = router
            .route(&base, get(decisions::list))
            .route(&at("/{*rest}"), get(nowhere));
    }
    router
        .layer(middleware::map_response(add_headers))
        .with_state(portal)
}

/// Headers that every answer carries.
async fn add_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-cache"));
    response
}

impl Portal {
    fn frame(&self, nav: &'static str) -> Frame {
        let base = self.config.base.clone();
        let home = if base.is_empty() {
            "/".to_owned()
        } else {
            base.clone()
        };
        Frame {
            base,
            home,
            body_name: self.config.body_name.clone(),
            simulated: self.config.simulated,
            nav,
        }
    }

    fn today(&self) -> Date {
        (self.config.today)()
    }

    fn page(&self, page: &impl Template) -> Response {
        match page.render() {
            Ok(html) => Html(html).into_response(),
            Err(fault) => {
                tracing::error!(%fault, "a public page could not be rendered");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    fn not_found(&self) -> Response {
        let text = "请核对网址，或者从下面的列表查找。已过公示期限的决定不再显示。";
        let page = FaultPage {
            frame: self.frame(""),
            title: "没有找到这个页面",
            text,
        };
        (StatusCode::NOT_FOUND, self.page(&page)).into_response()
    }

    fn unavailable(&self, fault: &PortalError) -> Response {
        tracing::error!(%fault, "the portal's database");
        self.later("公示数据库暂时不可用，请过几分钟再试。", "60")
    }

    fn crowded(&self) -> Response {
        let text = "现在查询的人太多，请过几秒钟再试；也可以不填字词，只用下面的条件查找。";
        self.later(text, "5")
    }

    fn later(&self, text: &'static str, seconds: &'static str) -> Response {
        let page = FaultPage {
            frame: self.frame(""),
            title: "暂时无法查询",
            text,
        };
        let retry = [(header::RETRY_AFTER, seconds)];
        (StatusCode::SERVICE_UNAVAILABLE, retry, self.page(&page)).into_response()
    }
}

/// What an address asks for; what cannot be read asks for nothing.
type Asked<T> = Result<UrlQuery<T>, QueryRejection>;

fn asked<T: Default>(query: Asked<T>) -> T {
    query.map(|UrlQuery(asked)| asked).unwrap_or_default()
}

/// The part of a search that is looked at.
fn searched(text: &str) -> String {
    text.trim().chars().take(SEARCH_CHARS_MAX).collect()
}

/// An address with those of its parts that say something.
fn address(path: &str, parts: &[(&str, &str)]) -> String {
    let said = parts.iter().filter(|(_, value)| !value.is_empty());
    let said: Vec<String> = said
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    match said.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", said.join("&")),
    }
}

async fn verify(State(portal): State<Portal>) -> Response {
    match portal.key_words().await {
        Ok(key) => portal.page(&VerifyPage {
            frame: portal.frame("verify"),
            key,
        }),
        Err(fault) => portal.unavailable(&fault),
    }
}

async fn checkpoint(State(portal): State<Portal>) -> Response {
    portal.text("检查点.txt", portal.store.checkpoint().await)
}

async fn key(State(portal): State<Portal>) -> Response {
    let key = portal.store.key().await;
    portal.text(KEY_NAME, key.map(|key| key.map(|key| key + "\n")))
}

impl Portal {
    /// What is said of the key, where there is one.
    async fn key_words(&self) -> Result<Option<KeyWords>, PortalError> {
        let Some(key) = self.store.key().await? else {
            return Ok(None);
        };
        let key = ledger::VerifyingKey::parse(&key)?;
        let suite = match key.suite() {
            ledger::Suite::Gm => "SM3 摘要、SM2 签名（国密）",
            ledger::Suite::C2sp => "SHA-256 摘要、Ed25519 签名",
        };
        Ok(Some(KeyWords {
            suite,
            label: key.label(),
        }))
    }

    fn text(&self, name: &str, text: Result<Option<String>, PortalError>) -> Response {
        match text {
            Ok(Some(text)) => download("text/plain; charset=utf-8", name, text.into_bytes()),
            Ok(None) => self.not_found(),
            Err(fault) => self.unavailable(&fault),
        }
    }
}

async fn style() -> impl IntoResponse {
    (
        [
            (header::CONTENT_TYPE, "text/css; charset=utf-8"),
            (header::CACHE_CONTROL, "max-age=3600"),
        ],
        STYLE,
    )
}

async fn icon() -> impl IntoResponse {
    (
        [
            (header::CONTENT_TYPE, "image/svg+xml"),
            (header::CACHE_CONTROL, "max-age=3600"),
        ],
        ICON,
    )
}

async fn nowhere(State(portal): State<Portal>, _: Uri) -> Response {
    portal.not_found()
}

/// A file to be saved under a Chinese name (RFC 6266, RFC 8187).
fn download(media: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    let disposition = format!("attachment; filename*=UTF-8''{}", encode(name));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    (headers, bytes).into_response()
}

/// Percent-encoding of everything that is not unreserved (RFC 3986).
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
