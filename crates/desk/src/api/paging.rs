//! Lists, page by page: a bounded number of items, and the address of the next page.

use axum::http::Uri;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use form_urlencoded::Serializer;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::PageError;

/// Items of a page where nothing is said, and at most.
pub const LIMIT: u32 = 30;
const LIMIT_MAX: u32 = 100;

const BAD_LIMIT: &str = "每页条数 limit 应为 1 至 100";
const BAD_PLACE: &str = "续页位置 after 不能识别；请使用上一页的 next，或者去掉 after 从头查询";

/// Which page is asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Place after which the page begins, out of the `next` of the page before.
    #[serde(default)]
    #[param(nullable = false)]
    pub after: Option<String>,
    /// Items of a page.
    #[serde(default = "usual")]
    #[param(required = false, minimum = 1, maximum = 100, default = 30)]
    pub limit: u32,
}

/// The usual number of items, for `serde`.
pub const fn usual() -> u32 {
    LIMIT
}

/// A limit within its bounds.
///
/// # Errors
/// [`PageError::BadBody`] for one outside.
pub fn bounded(limit: u32) -> Result<usize, PageError> {
    if (1..=LIMIT_MAX).contains(&limit) {
        Ok(limit as usize)
    } else {
        Err(PageError::BadBody(BAD_LIMIT.to_owned()))
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items, in the order of the list.
    items: Vec<T>,
    /// Address of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<String>,
}

impl<T> Page<T> {
    /// A page, with the place after which the next begins, asked for at that address.
    pub fn new(items: Vec<T>, next: Option<&str>, asked_at: &Uri) -> Self {
        Self {
            items,
            next: next.map(|place| next_address(asked_at, place)),
        }
    }

    /// A page of a list of which all is there: what comes after the number `after`, counted from 1.
    ///
    /// # Errors
    /// [`PageError::BadBody`] for a limit out of bounds or an `after` that is no number.
    pub fn cut(
        all: impl IntoIterator<Item = T>,
        asked: &PageQuery,
        asked_at: &Uri,
    ) -> Result<Self, PageError> {
        let limit = bounded(asked.limit)?;
        let after = asked.after.as_deref().map(str::parse).transpose();
        let after: usize = after.map_err(|_| bad_place())?.unwrap_or(0);
        let mut items: Vec<T> = all.into_iter().skip(after).take(limit + 1).collect();
        let more = items.len() > limit;
        items.truncate(limit);
        let next = more.then(|| (after + limit).to_string());
        Ok(Self::new(items, next.as_deref(), asked_at))
    }
}

/// The refusal of a place that no page has given out.
pub fn bad_place() -> PageError {
    PageError::BadBody(BAD_PLACE.to_owned())
}

/// Words that stand for a place in a list.
pub fn place(parts: &[&str]) -> String {
    URL_SAFE_NO_PAD.encode(parts.join("\n"))
}

/// The parts of a place, if it is one of so many parts.
pub fn parts<const N: usize>(place: &str) -> Option<[String; N]> {
    let bytes = URL_SAFE_NO_PAD.decode(place).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    if text.contains('\0') {
        return None;
    }
    let parts: Vec<String> = text.split('\n').map(str::to_owned).collect();
    parts.try_into().ok()
}

fn next_address(asked_at: &Uri, place: &str) -> String {
    let asked = asked_at.query().unwrap_or_default().as_bytes();
    let others = form_urlencoded::parse(asked).filter(|(name, _)| name != "after");
    let mut query = Serializer::new(String::new());
    query.extend_pairs(others).append_pair("after", place);
    format!("{}?{}", asked_at.path(), query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(after: Option<&str>, limit: u32) -> PageQuery {
        PageQuery {
            after: after.map(str::to_owned),
            limit,
        }
    }

    #[test]
    fn pages_one_after_the_other_hold_everything_once() {
        let at: Uri = "/api/v1/x?limit=2&q=%E6%9F%90".parse().unwrap();
        let first = Page::cut(1..=5, &ask(None, 2), &at).unwrap();
        assert_eq!(first.items, [1, 2]);
        assert_eq!(
            first.next.as_deref(),
            Some("/api/v1/x?limit=2&q=%E6%9F%90&after=2")
        );
        let last = Page::cut(1..=5, &ask(Some("4"), 2), &at).unwrap();
        assert_eq!((last.items, last.next), (vec![5], None));
        let whole = Page::cut(1..=2, &ask(None, 2), &at).unwrap();
        assert_eq!((whole.items.len(), whole.next), (2, None));
    }

    #[test]
    fn limits_and_places_that_are_none_are_refused() {
        let at: Uri = "/x".parse().unwrap();
        for asked in [
            ask(None, 0),
            ask(None, 101),
            ask(Some("x"), 1),
            ask(Some("-1"), 1),
        ] {
            assert!(Page::cut(1..=5, &asked, &at).is_err(), "{asked:?}");
        }
    }

    #[test]
    fn a_place_is_read_as_it_was_written() {
        assert_eq!(
            parts(&place(&["2026-03-02", "case-1"])),
            Some(["2026-03-02".to_owned(), "case-1".to_owned()])
        );
        assert_eq!(parts::<3>(&place(&["a", "b"])), None);
        assert_eq!(parts::<1>("!"), None);
    }
}
