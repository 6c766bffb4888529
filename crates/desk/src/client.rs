//! Where a request comes from: the address that is counted, whether it is this machine, whether it is encrypted.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

use crate::{app::App, error::PageError};

/// Headers that a proxy adds: with any of them a request is not of this machine, whoever sent it on.
const FORWARDING: [&str; 6] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];
const NO_ADDRESS: &str = "本系统以 --behind-proxy 启动，但反向代理没有用 X-Forwarded-For 写明访问者的地址，不能受理；\
    请管理员按 README 的示例配置反向代理，使它对每个请求都写明";
const NOT_ENCRYPTED: &str = "本系统以 --behind-proxy 启动，只受理经 https 访问的请求，反向代理须用 X-Forwarded-Proto 写明；\
    请改用 https:// 开头的地址，仍不能访问的，请管理员按 README 的示例配置反向代理";

/// The other end of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub address: IpAddr,
    /// Whether it is on this machine, with nothing in between.
    pub local: bool,
    /// Whether cookies must be kept to encrypted connections: always but on this machine itself.
    pub secure_cookies: bool,
}

impl Client {
    /// Reads the peer's address and, where a proxy is declared, what that proxy says.
    fn of(peer: Option<IpAddr>, headers: &HeaderMap, behind_proxy: bool) -> Self {
        let forwarded = FORWARDING.iter().any(|name| headers.contains_key(*name));
        let peer_local = peer.is_some_and(|ip| ip.to_canonical().is_loopback());
        let local = peer_local && !forwarded && !behind_proxy;
        let hop = if behind_proxy {
            last_hop(headers)
        } else {
            None
        };
        let address = hop.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Self {
            address,
            local,
            secure_cookies: !local,
        }
    }
}

impl FromRequestParts<App> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(peer)| peer.ip());
        Ok(Self::of(peer, &parts.headers, app.config.behind_proxy))
    }
}

/// The address that our own proxy wrote: the last; what stands before it, anybody could have written.
fn last_hop(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// Refuses what did not come through the proxy as it should.
///
/// Without the address everybody would be counted as one client, and without encryption nobody could sign in.
///
/// # Errors
/// [`PageError::Proxy`] where the proxy names no address, or says that the connection is not encrypted.
pub fn require_proxy(headers: &HeaderMap) -> Result<(), PageError> {
    if last_hop(headers).is_none() {
        return Err(PageError::Proxy(NO_ADDRESS));
    }
    let scheme = headers.get("x-forwarded-proto");
    let encrypted = scheme.is_some_and(|scheme| {
        scheme
            .as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"https")
    });
    if encrypted {
        Ok(())
    } else {
        Err(PageError::Proxy(NOT_ENCRYPTED))
    }
}

/// Whether a browser says that another site made it send the request.
///
/// Browsers say so since 2023; the `Origin` speaks for older ones. Programs that are no browsers say nothing.
pub fn from_another_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin
            .split_once("://")
            .is_none_or(|(_, rest)| rest != host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn only_this_machine_without_a_proxy_is_local() {
        let check = |peer: &str,
                     proxy: bool,
                     pairs: &[(&'static str, &'static str)],
                     address: &str,
                     local: bool| {
            let client = Client::of(Some(peer.parse().unwrap()), &headers(pairs), proxy);
            assert_eq!(
                (client.address.to_string().as_str(), client.local),
                (address, local),
                "{peer} {pairs:?}"
            );
            assert_eq!(client.secure_cookies, !local);
        };
        check("127.0.0.1", false, &[], "127.0.0.1", true);
        check("::1", false, &[], "::1", true);
        check("::ffff:127.0.0.1", false, &[], "::ffff:127.0.0.1", true);
        check("10.0.0.7", false, &[], "10.0.0.7", false);
        check(
            "127.0.0.1",
            false,
            &[("x-forwarded-for", "203.0.113.9")],
            "127.0.0.1",
            false,
        );
        check(
            "127.0.0.1",
            true,
            &[("x-forwarded-for", "1.1.1.1, 203.0.113.9")],
            "203.0.113.9",
            false,
        );
        check("127.0.0.1", true, &[], "127.0.0.1", false);
        for name in FORWARDING {
            check("127.0.0.1", false, &[(name, "x")], "127.0.0.1", false);
        }
    }

    #[test]
    fn a_proxy_names_the_address_and_encryption() {
        let check = |pairs: &[(&'static str, &'static str)], words: Option<&str>| {
            let said = require_proxy(&headers(pairs)).err().map(|f| f.to_string());
            match (&said, words) {
                (Some(said), Some(words)) => assert!(said.contains(words), "{said}"),
                (said, words) => assert_eq!(said.as_deref(), words, "{pairs:?}"),
            }
        };
        let (to, https) = (
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-proto", "https"),
        );
        check(&[to, https], None);
        check(&[https], Some("X-Forwarded-For"));
        check(
            &[("x-forwarded-for", "unknown"), https],
            Some("X-Forwarded-For"),
        );
        check(&[to], Some("X-Forwarded-Proto"));
        check(&[to, ("x-forwarded-proto", "http")], Some("https://"));
    }

    #[test]
    fn a_request_that_another_site_made_is_seen_as_one() {
        let check = |pairs: &[(&'static str, &'static str)], expect| {
            assert_eq!(from_another_site(&headers(pairs)), expect, "{pairs:?}");
        };
        check(&[], false);
        check(&[("sec-fetch-site", "same-origin")], false);
        check(&[("sec-fetch-site", "none")], false);
        check(&[("sec-fetch-site", "cross-site")], true);
        check(&[("sec-fetch-site", "same-site")], true);
        check(
            &[
                ("origin", "http://127.0.0.1:8080"),
                ("host", "127.0.0.1:8080"),
            ],
            false,
        );
        check(
            &[
                ("origin", "https://elsewhere.example"),
                ("host", "127.0.0.1:8080"),
            ],
            true,
        );
        check(&[("origin", "null"), ("host", "127.0.0.1:8080")], true);
    }
}
