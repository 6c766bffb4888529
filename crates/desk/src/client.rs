//! Where a request comes from: the address that is counted, whether it is this machine, whether it is encrypted.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};

use crate::app::App;

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
        let forwarded =
            headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED);
        let peer_local = peer.is_some_and(|ip| ip.to_canonical().is_loopback());
        let local = peer_local && !forwarded && !behind_proxy;
        // The last hop is the one that our own proxy wrote; what stands before it, anybody could have written.
        let last_hop = || {
            headers
                .get_all("x-forwarded-for")
                .iter()
                .next_back()?
                .to_str()
                .ok()?
                .rsplit(',')
                .next()
        };
        let hop = if behind_proxy {
            last_hop().and_then(|hop| hop.trim().parse().ok())
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
