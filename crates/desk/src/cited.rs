//! Words with the citations in them as links to the articles, where the bureau has loaded the texts.

use std::{fmt, sync::Arc};

use askama::filters::HtmlSafe;
use jiff::civil::Date;
use law::texts::{Library, Link};

use crate::show;

/// The loaded texts as of a day.
#[derive(Debug, Clone)]
pub struct Laws {
    library: Arc<Library>,
    day: Date,
}

impl Laws {
    /// Texts, read as of that day.
    pub fn on(library: Arc<Library>, day: Date) -> Self {
        Self { library, day }
    }

    /// Words with links to what they cite.
    pub fn cite(&self, text: &str) -> Cited {
        cited(&self.library, text, self.day)
    }

    /// The same as of the day of an event, as pages write days.
    pub fn cite_on(&self, text: &str, day: &str) -> Cited {
        cited(&self.library, text, day.parse().unwrap_or(self.day))
    }
}

/// Words, and where they lead to; shown as HTML of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited(Vec<(String, Option<String>)>);

fn cited(library: &Library, text: &str, day: Date) -> Cited {
    let (mut parts, mut at) = (Vec::new(), 0);
    for link in library.links(text, day) {
        if at < link.span.start {
            parts.push((text[at..link.span.start].to_owned(), None));
        }
        at = link.span.end;
        parts.push((text[link.span.clone()].to_owned(), Some(href(&link, day))));
    }
    if at < text.len() {
        parts.push((text[at..].to_owned(), None));
    }
    Cited(parts)
}

/// The page of the place that is cited, in the version of the day.
fn href(link: &Link, day: Date) -> String {
    let mut href = format!("/laws/{}?on={day}", show::encode(&link.law));
    if let Some(place) = link.place {
        href.push_str(&format!("&article={}", place.article.key()));
        for (name, number) in [("paragraph", place.paragraph), ("item", place.item)] {
            if let Some(number) = number {
                href.push_str(&format!("&{name}={number}"));
            }
        }
        if let Some(to) = link.to {
            href.push_str(&format!("&to={}", to.article.key()));
        }
        href.push_str("#cited");
    }
    href
}

impl Cited {
    /// The same for a form: its links open a page of their own, so that what is filled in stays where it is.
    pub fn apart(&self) -> Apart<'_> {
        Apart(self)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, (opens, says): (&str, &str)) -> fmt::Result {
        for (words, href) in &self.0 {
            match href {
                Some(href) => {
                    write!(f, "<a href=\"")?;
                    escaped(f, href)?;
                    write!(f, "\"{opens}>")?;
                    escaped(f, words)?;
                    write!(f, "{says}</a>")?;
                }
                None => escaped(f, words)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Cited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, ("", ""))
    }
}

/// What it writes is escaped already.
impl HtmlSafe for Cited {}

/// Words whose links open a page of their own, and say so to whoever hears them.
#[derive(Debug, Clone, Copy)]
pub struct Apart<'a>(&'a Cited);

impl fmt::Display for Apart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const OPENS: &str = " target=\"_blank\" rel=\"noopener\"";
        const SAYS: &str = "<span class=\"visually-hidden\">（在新页面打开）</span>";
        self.0.write(f, (OPENS, SAYS))
    }
}

/// What it writes is escaped already.
impl HtmlSafe for Apart<'_> {}

fn escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let Ok(shown) = askama::filters::escape(text, askama::filters::Html);
    write!(f, "{shown}")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use law::texts::{Version, read};

    use super::*;

    fn laws() -> Laws {
        let text = "# 中华人民共和国某法\n\n第一条 甲。\n\n第一条之一 乙。\n\n第二条 丙。\n";
        let mut library = Library::default();
        library.add(Version {
            from: date(2021, 7, 15),
            digest: "d".to_owned(),
            text: Arc::new(read(text, None).unwrap()),
        });
        Laws::on(Arc::new(library), date(2026, 3, 2))
    }

    #[test]
    fn what_is_loaded_is_linked_and_all_else_stays_words() {
        let check = |text: &str, expect: &str| {
            assert_eq!(laws().cite(text).to_string(), expect, "{text}");
        };
        let law = "/laws/%E6%9F%90%E6%B3%95?on=2026-03-02";
        check("", "");
        check("《另法》第一条 <b>", "《另法》第一条 &#60;b&#62;");
        check("《某法》第九条", "《某法》第九条");
        check(
            "依据《某法》第一条之一第二款、第二条；《另法》",
            &format!(
                "依据<a href=\"{law}&#38;article=1-1&#38;paragraph=2#cited\">《某法》第一条之一第二款</a>、\
                 <a href=\"{law}&#38;article=2#cited\">第二条</a>；《另法》"
            ),
        );
        check(
            "《某法》第一条至第二条",
            &format!("<a href=\"{law}&#38;article=1&#38;to=2#cited\">《某法》第一条至第二条</a>"),
        );
        check("《某法》", &format!("<a href=\"{law}\">《某法》</a>"));
        assert_eq!(
            laws().cite("<《某法》").apart().to_string(),
            format!(
                "&#60;<a href=\"{law}\" target=\"_blank\" rel=\"noopener\">《某法》\
                 <span class=\"visually-hidden\">（在新页面打开）</span></a>"
            )
        );
        let before = laws().cite_on("《某法》第一条", "2021-07-14").to_string();
        assert_eq!(before, "《某法》第一条", "not yet in force");
    }
}
