//! The public pages: list, one decision, its document and proof, the log's checkpoint and key.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query as UrlQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use jiff::civil::Date;
use serde::Deserialize;

use crate::error::PortalError;
use crate::item::{Listing, PublishedItem};
use crate::store::{PortalStore, Query};

const STYLE: &str = include_str!("../assets/portal.css");
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'";
const ICON: &str = include_str!("../assets/icon.svg");
/// Name under which the log's public key is saved.
const KEY_NAME: &str = "核验公钥.txt";
/// Lines on one page of the list.
const PAGE_LINES: u32 = 20;
/// Characters of a search that are looked at.
const SEARCH_CHARS_MAX: usize = 100;

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
    config: Arc<PortalConfig>,
}

/// What every page shows around its own part.
struct Frame {
    base: String,
    home: String,
    body_name: String,
    simulated: bool,
}

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    text: String,
    lines: Vec<Listing>,
    more: Option<String>,
    continued: bool,
}

#[derive(Template)]
#[template(path = "decision.html")]
struct DecisionPage {
    frame: Frame,
    item: PublishedItem,
    past: bool,
    verifiable: Option<Verifiable>,
}

/// What the page says about checking the document.
struct Verifiable {
    suite: &'static str,
    key_label: String,
    key_name: &'static str,
    document_name: String,
    proof_name: String,
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
        config: Arc::new(PortalConfig {
            base: base.clone(),
            ..config
        }),
    };
    let at = |path: &str| format!("{base}{path}");
    let mut router = Router::new()
        .route(&at("/"), get(list))
        .route(&at("/decisions/{id}"), get(decision))
        .route(&at("/decisions/{id}/document"), get(document))
        .route(&at("/decisions/{id}/proof"), get(proof))
        .route(&at("/checkpoint"), get(checkpoint))
        .route(&at("/key"), get(key))
        .route(&at("/portal.css"), get(style))
        .route(&at("/icon.svg"), get(icon));
    if base.is_empty() {
        router = router.fallback(nowhere);
    } else {
        router = router
            .route(&base, get(list))
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
    fn frame(&self) -> Frame {
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
        let text = "请核对网址，或者从公示列表查找。已过公示期限的决定不再显示。";
        let page = FaultPage {
            frame: self.frame(),
            title: "没有找到这个页面",
            text,
        };
        (StatusCode::NOT_FOUND, self.page(&page)).into_response()
    }

    fn unavailable(&self, fault: &PortalError) -> Response {
        tracing::error!(%fault, "the portal's database");
        let page = FaultPage {
            frame: self.frame(),
            title: "暂时无法查询",
            text: "公示数据库暂时不可用，请过几分钟再试。",
        };
        let retry = [(header::RETRY_AFTER, "60")];
        (StatusCode::SERVICE_UNAVAILABLE, retry, self.page(&page)).into_response()
    }

    /// A decision that is open to be read, or the answer that it is not.
    async fn open(&self, id: &str) -> Result<PublishedItem, Response> {
        match self.store.get(id).await {
            Ok(Some(item)) if !item.is_withdrawn() && !item.is_past(self.today()) => Ok(item),
            Ok(_) => Err(self.not_found()),
            Err(fault) => Err(self.unavailable(&fault)),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
struct ListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

async fn list(State(portal): State<Portal>, UrlQuery(asked): UrlQuery<ListQuery>) -> Response {
    let text: String = asked.q.trim().chars().take(SEARCH_CHARS_MAX).collect();
    // A place that cannot be read begins the list anew.
    let after = asked
        .after
        .split_once('~')
        .and_then(|(on, id)| Some((on.parse().ok()?, id.to_owned())));
    let continued = after.is_some();
    let query = Query {
        text: text.clone(),
        after,
        limit: PAGE_LINES,
    };
    let page = match portal.store.list(&query, portal.today()).await {
        Ok(page) => page,
        Err(fault) => return portal.unavailable(&fault),
    };
    let last = page.lines.last().filter(|_| page.more);
    let more = last.map(|line| {
        format!(
            "?q={}&after={}~{}",
            encode(&text),
            line.published_on,
            line.id
        )
    });
    portal.page(&ListPage {
        frame: portal.frame(),
        text,
        lines: page.lines,
        more,
        continued,
    })
}

async fn decision(State(portal): State<Portal>, Path(id): Path<String>) -> Response {
    let item = match portal.store.get(&id).await {
        Ok(Some(item)) => item,
        Ok(None) => return portal.not_found(),
        Err(fault) => return portal.unavailable(&fault),
    };
    let past = item.is_past(portal.today());
    let verifiable = if past || item.is_withdrawn() {
        None
    } else {
        portal.verifiable(&item).await
    };
    portal.page(&DecisionPage {
        frame: portal.frame(),
        item,
        past,
        verifiable,
    })
}

impl Portal {
    /// Names of the files and the key, for the words on checking.
    async fn verifiable(&self, item: &PublishedItem) -> Option<Verifiable> {
        let key = self.store.key().await.ok().flatten()?;
        let key = ledger::VerifyingKey::parse(&key).ok()?;
        let suite = match key.suite() {
            ledger::Suite::Gm => "SM3 摘要、SM2 签名（国密）",
            ledger::Suite::C2sp => "SHA-256 摘要、Ed25519 签名",
        };
        Some(Verifiable {
            suite,
            key_label: key.label(),
            document_name: document_name(item),
            key_name: KEY_NAME,
            proof_name: proof_name(item),
        })
    }
}

fn document_name(item: &PublishedItem) -> String {
    let ending = if is_pdf(item) { "pdf" } else { "bin" };
    format!("{}.{ending}", item.decision_number)
}

fn proof_name(item: &PublishedItem) -> String {
    format!("{}-证明.json", item.decision_number)
}

fn is_pdf(item: &PublishedItem) -> bool {
    item.document.starts_with(b"%PDF-")
}

async fn document(State(portal): State<Portal>, Path(id): Path<String>) -> Response {
    match portal.open(&id).await {
        Ok(item) => {
            let media = if is_pdf(&item) {
                "application/pdf"
            } else {
                "application/octet-stream"
            };
            download(media, &document_name(&item), item.document)
        }
        Err(answer) => answer,
    }
}

async fn proof(State(portal): State<Portal>, Path(id): Path<String>) -> Response {
    match portal.open(&id).await {
        Ok(item) => download("application/json", &proof_name(&item), item.bundle),
        Err(answer) => answer,
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
