//! `/laws`: the texts that the bureau has loaded, found by article.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use jiff::civil::Date;
use law::texts::{Article, ArticleNumber, Library, Paragraph, Version, chinese, short_title};
use serde::Deserialize;

use crate::{
    app::{App, Frame, page},
    error::PageError,
    session::SignedIn,
    show,
};

/// Articles that one page shows of a range.
const ARTICLES_MAX: usize = 30;

#[derive(Template)]
#[template(path = "laws.html")]
struct LawsPage {
    frame: Frame,
    laws: Vec<VersionLine>,
}

#[derive(Template)]
#[template(path = "law.html")]
struct LawPage {
    frame: Frame,
    title: String,
    number: String,
    version: String,
    history: Vec<String>,
    versions: Vec<VersionLine>,
    /// The articles shown; none on the page of the whole law.
    articles: Vec<ArticleView>,
    missing: Option<String>,
    before: Option<(String, String)>,
    after: Option<(String, String)>,
    whole: String,
    contents: Vec<Chapter>,
}

/// A version in a list.
struct VersionLine {
    title: String,
    href: String,
    days: String,
    articles: usize,
    shown: bool,
}

/// Articles under one heading, as links.
struct Chapter {
    heading: String,
    articles: Vec<(String, String)>,
}

struct ArticleView {
    number: String,
    headings: String,
    paragraphs: Vec<ParagraphView>,
    cited: bool,
}

struct ParagraphView {
    text: String,
    cited: bool,
    items: Vec<ItemView>,
}

struct ItemView {
    text: String,
    points: Vec<String>,
    cited: bool,
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub struct Sought {
    #[serde(default)]
    on: String,
    #[serde(default)]
    article: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    paragraph: String,
    #[serde(default)]
    item: String,
}

/// All texts.
pub async fn list(State(app): State<App>, signed: SignedIn) -> Result<Response, PageError> {
    let (frame, today) = (app.frame(&signed, "help").await?, app.office.now().1);
    let library = app.office.laws();
    let laws = library
        .versions()
        .map(|version| VersionLine::of(&library, version, today))
        .collect();
    page(StatusCode::OK, &LawsPage { frame, laws })
}

/// One text, or articles of it.
pub async fn show(
    State(app): State<App>,
    signed: SignedIn,
    Path(law): Path<String>,
    Query(sought): Query<Sought>,
) -> Result<Response, PageError> {
    let (library, today) = (app.office.laws(), app.office.now().1);
    let day = sought.on.parse().unwrap_or(today);
    let version = library.on(&law, day).ok_or(PageError::NotFound)?;
    let frame = app.frame(&signed, "help").await?;
    let shown = law_page(frame, &library, version, day, &sought).ok_or(PageError::NotFound)?;
    page(StatusCode::OK, &shown)
}

fn law_page(
    frame: Frame,
    library: &Library,
    version: &Version,
    day: Date,
    sought: &Sought,
) -> Option<LawPage> {
    let text = &version.text;
    let all = &text.articles;
    let href = |article: &Article| article_href(&text.title, article.number, day);
    let neighbour = |at: Option<usize>| {
        let article = all.get(at?)?;
        Some((href(article), article.number.to_string()))
    };
    let (mut articles, mut missing, mut before, mut after) = (Vec::new(), None, None, None);
    if !sought.article.is_empty() {
        let place = |key: &str| {
            let number = ArticleNumber::from_key(key)?;
            all.iter().position(|a| a.number == number)
        };
        let first = place(&sought.article)?;
        let last = place(&sought.to)
            .filter(|last| *last > first)
            .unwrap_or(first);
        let last = last.min(first + ARTICLES_MAX - 1);
        let mark = Mark::of(sought);
        articles = all[first..=last]
            .iter()
            .map(|a| ArticleView::of(a, &mark))
            .collect();
        missing = all.get(first).and_then(|a| mark.missing(a));
        (before, after) = (neighbour(first.checked_sub(1)), neighbour(Some(last + 1)));
    }
    Some(LawPage {
        frame,
        title: text.title.clone(),
        number: text.number.clone().unwrap_or_default(),
        version: days(library, version),
        history: text.history.clone(),
        versions: library
            .of(&text.title)
            .map(|v| VersionLine::of(library, v, day))
            .collect(),
        articles,
        missing,
        before,
        after,
        whole: law_href(&text.title, day),
        contents: contents(all, &href),
    })
}

fn law_href(title: &str, day: Date) -> String {
    format!("/laws/{}?on={day}", show::encode(short_title(title)))
}

fn article_href(title: &str, number: ArticleNumber, day: Date) -> String {
    format!("{}&article={}", law_href(title, day), number.key())
}

/// When a version is in force.
fn days(library: &Library, version: &Version) -> String {
    let next = library
        .of(&version.text.title)
        .find(|v| v.from > version.from);
    let until = next.and_then(|v| v.from.yesterday().ok());
    match until {
        Some(until) => format!("{} 至 {until} 施行", version.from),
        None => format!("自 {} 起施行", version.from),
    }
}

impl VersionLine {
    fn of(library: &Library, version: &Version, day: Date) -> Self {
        let title = &version.text.title;
        let shown = library
            .on(title, day)
            .is_some_and(|v| v.digest == version.digest);
        Self {
            title: title.clone(),
            href: law_href(
                title,
                version.from.max(if shown { day } else { version.from }),
            ),
            days: days(library, version),
            articles: version.text.articles.len(),
            shown,
        }
    }
}

fn contents(all: &[Article], href: &dyn Fn(&Article) -> String) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> = Vec::new();
    for article in all {
        let heading = article.headings.join("　");
        if chapters.last().is_none_or(|c| c.heading != heading) {
            chapters.push(Chapter {
                heading,
                articles: Vec::new(),
            });
        }
        if let Some(chapter) = chapters.last_mut() {
            let link = (href(article), article.number.to_string());
            chapter.articles.push(link);
        }
    }
    chapters
}

/// Paragraph and item that a citation names.
struct Mark {
    article: Option<ArticleNumber>,
    paragraph: Option<usize>,
    item: Option<usize>,
}

impl Mark {
    fn of(sought: &Sought) -> Self {
        let number = |text: &str| text.parse().ok().filter(|n: &usize| *n > 0);
        Self {
            article: ArticleNumber::from_key(&sought.article).filter(|_| sought.to.is_empty()),
            paragraph: number(&sought.paragraph),
            item: number(&sought.item),
        }
    }

    /// The paragraph meant, from 0: an item alone is of the first paragraph that has items.
    fn paragraph_in(&self, paragraphs: &[Paragraph]) -> Option<usize> {
        match (self.paragraph, self.item) {
            (Some(number), _) => Some(number - 1),
            (None, Some(_)) => paragraphs.iter().position(|p| !p.items.is_empty()),
            (None, None) => None,
        }
    }

    /// What the citation names and this version does not have.
    fn missing(&self, article: &Article) -> Option<String> {
        let all = &article.paragraphs;
        let meant = self.paragraph_in(all).and_then(|at| all.get(at));
        let word = |n: usize| chinese(u16::try_from(n).unwrap_or(u16::MAX));
        match (self.paragraph, self.item, meant) {
            (Some(number), _, None) => Some(format!("第{}款", word(number))),
            (_, Some(item), meant) if meant.is_none_or(|p| p.items.len() < item) => {
                Some(format!("第{}项", word(item)))
            }
            _ => None,
        }
    }
}

impl ArticleView {
    fn of(article: &Article, mark: &Mark) -> Self {
        let all = &article.paragraphs;
        let meant = (mark.article == Some(article.number))
            .then(|| mark.paragraph_in(all))
            .flatten()
            .filter(|at| *at < all.len());
        let item = |at: usize| mark.item.filter(|_| meant == Some(at)).map(|n| n - 1);
        let paragraphs = all.iter().enumerate().map(|(at, p)| {
            let item = item(at).filter(|i| *i < p.items.len());
            ParagraphView {
                text: p.text.clone(),
                cited: meant == Some(at) && item.is_none(),
                items: p
                    .items
                    .iter()
                    .enumerate()
                    .map(|(i, found)| ItemView {
                        text: found.text.clone(),
                        points: found.points.clone(),
                        cited: item == Some(i),
                    })
                    .collect(),
            }
        });
        Self {
            number: article.number.to_string(),
            headings: article.headings.join("　"),
            paragraphs: paragraphs.collect(),
            // One place of a page is what the address leads to.
            cited: meant.is_none(),
        }
    }
}
