//! `/cases`: the cases that the person may see; filters and columns stand in the address, and may be kept under a name.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use jiff::civil::Date;
use office::{CasePage, CaseQuery};
use store::{CaseKey, SavedView};

use super::columns::{COLUMNS, Cell, Column, Line, NAME, chosen};
use crate::{
    app::{App, Frame, page},
    error::PageError,
    form::{controls::Choice, read::date},
    posted::Posted,
    session::{SignedIn, now_us},
    show,
};

const PAGE_ROWS: u32 = 30;
/// Views that one person may keep.
const VIEWS_MAX: u32 = 30;
/// Characters of a view's name.
const NAME_CHARS_MAX: usize = 20;
/// Characters of one filter.
const FILTER_CHARS_MAX: usize = 200;

/// Names and values of an address.
pub type Pairs = Vec<(String, String)>;

/// The filters and columns, as the address has them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Filters {
    q: String,
    body: String,
    stage: String,
    unit: String,
    mine: String,
    ended: String,
    late: String,
    from: String,
    to: String,
    cols: Vec<String>,
    after: String,
}

impl Filters {
    /// What an address says; of what is said twice the first counts, but for columns.
    pub fn of(pairs: &[(String, String)]) -> Self {
        let mut filters = Self::default();
        for (name, value) in pairs {
            let value: String = value.trim().chars().take(FILTER_CHARS_MAX).collect();
            if name == "cols" {
                let names = value.split(',').map(str::to_owned);
                filters.cols.extend(names.filter(|name| !name.is_empty()));
                continue;
            }
            let slot = match name.as_str() {
                "after" => Some(&mut filters.after),
                other => filters.slot(other),
            };
            if let Some(slot) = slot.filter(|slot| slot.is_empty()) {
                *slot = value;
            }
        }
        // As many as there are columns say it all.
        filters.cols.truncate(COLUMNS.len());
        filters
    }

    fn slot(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "q" => &mut self.q,
            "body" => &mut self.body,
            "stage" => &mut self.stage,
            "unit" => &mut self.unit,
            "mine" => &mut self.mine,
            "ended" => &mut self.ended,
            "late" => &mut self.late,
            "from" => &mut self.from,
            "to" => &mut self.to,
            _ => return None,
        })
    }

    fn filters(&self) -> [(&'static str, &str); 9] {
        [
            ("q", self.q.as_str()),
            ("body", &self.body),
            ("stage", &self.stage),
            ("unit", &self.unit),
            ("mine", &self.mine),
            ("ended", &self.ended),
            ("late", &self.late),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    /// What the office is asked for.
    pub fn query(&self) -> CaseQuery {
        let text = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
        let after = self.after.split_once('~');
        CaseQuery {
            text: text(&self.q),
            body: text(&self.body),
            stage: text(&self.stage),
            unit: text(&self.unit),
            mine: self.mine == "1",
            ended: match self.ended.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            late: self.late == "1",
            opened_from: date(&self.from),
            opened_to: date(&self.to),
            // A place that cannot be read begins the list anew.
            after: after.and_then(|(on, stream)| {
                Some(CaseKey {
                    opened_on: on.parse().ok()?,
                    stream: stream.to_owned(),
                })
            }),
            limit: PAGE_ROWS,
        }
    }

    /// The columns to show.
    pub fn columns(&self) -> Vec<&'static Column> {
        chosen(&self.cols)
    }

    fn is_any(&self) -> bool {
        self.filters().iter().any(|(_, value)| !value.is_empty())
    }

    /// What stands behind the question mark; nothing where all cases are shown as usual.
    fn address(&self) -> String {
        let filters = self.filters().into_iter().filter(|(_, v)| !v.is_empty());
        let mut parts: Vec<String> = filters
            .map(|(name, value)| format!("{name}={}", show::encode(value)))
            .collect();
        if !self.cols.is_empty() {
            let ids: Vec<&str> = self.columns().iter().map(|column| column.id).collect();
            parts.push(format!("cols={}", ids.join(",")));
        }
        parts.join("&")
    }

    /// The page with these filters and columns, from its beginning.
    fn path(&self, page: &str) -> String {
        match self.address() {
            address if address.is_empty() => page.to_owned(),
            address => format!("{page}?{address}"),
        }
    }

    /// The page of the list that begins after that case.
    fn path_after(&self, key: &CaseKey) -> String {
        let path = self.path("/cases");
        let mark = if path.contains('?') { '&' } else { '?' };
        let stream = show::encode(&key.stream);
        format!("{path}{mark}after={}~{stream}", key.opened_on)
    }

    /// The list of what was not looked at: cases from that day back.
    fn path_until(&self, day: Date) -> String {
        let until = Self {
            to: day.to_string(),
            ..self.clone()
        };
        until.path("/cases")
    }

    /// The filters and columns that a kept view has, in the way in which they are written now.
    fn kept(query: &str) -> Self {
        let pairs: Pairs = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        Self {
            after: String::new(),
            ..Self::of(&pairs)
        }
    }
}

/// The page, if everything was looked at that may belong on it.
///
/// # Errors
/// [`PageError::BadBody`] where a text stands in too many cases that the other conditions leave out: what would be
/// missing is said by nobody.
pub fn whole(found: CasePage) -> Result<CasePage, PageError> {
    match found.cut {
        None => Ok(found),
        Some(day) => Err(PageError::BadBody(format!(
            "查找的文字在很多案件中都有，登记日期早于 {day} 的还没有查到；请加上阶段、科室、登记日期等条件，缩小范围后再试"
        ))),
    }
}

#[derive(Template)]
#[template(path = "cases.html")]
struct CasesPage {
    frame: Frame,
    filters: Filters,
    filtered: bool,
    bodies: Vec<Choice>,
    stages: Vec<Choice>,
    units: Vec<Choice>,
    columns: Vec<Choice>,
    titles: Vec<&'static str>,
    rows: Vec<Row>,
    next: Option<String>,
    /// The first page, where this is a later one.
    first: Option<String>,
    indexing: Option<u64>,
    /// Down to which day was looked, and where the rest is looked at.
    cut: Option<(Date, String)>,
    /// Addresses of the same cases as a workbook and as CSV, and as a register.
    exports: [String; 3],
    views: Vec<View>,
    view_query: String,
    said: Option<&'static str>,
}

/// A view that the person keeps.
struct View {
    name: String,
    href: String,
    on: bool,
}

/// A case of the list.
struct Row {
    href: String,
    name: String,
    /// Number and cause, which stand below the name.
    hints: Vec<String>,
    ended: bool,
    cells: Vec<(&'static Column, String)>,
}

impl Row {
    fn of(line: &Line, columns: &[&'static Column]) -> Self {
        let (mut hints, mut cells) = (Vec::new(), Vec::new());
        for column in columns {
            let text = match (column.cell)(line) {
                Cell::Text(text) => text.to_owned(),
                Cell::Owned(text) => text,
                Cell::Day(day) => day.map(|day| day.to_string()).unwrap_or_default(),
                Cell::Money(_) => String::new(),
            };
            match column.id {
                NAME => {}
                "number" if text.is_empty() => hints.push("未立案".to_owned()),
                "number" | "cause" => hints.push(text),
                _ => cells.push((*column, text)),
            }
        }
        Self {
            href: format!("/cases/{}", line.stream),
            name: line.row.name.clone(),
            hints,
            ended: line.row.ended,
            cells,
        }
    }
}

/// The page.
pub async fn show(
    State(app): State<App>,
    signed: SignedIn,
    Query(pairs): Query<Pairs>,
) -> Result<Response, PageError> {
    list(&app, &signed, Filters::of(&pairs), None).await
}

async fn list(
    app: &App,
    signed: &SignedIn,
    filters: Filters,
    said: Option<&'static str>,
) -> Result<Response, PageError> {
    let frame = app.frame(signed, "cases").await?;
    let roster = app.office.roster().await?;
    let found = app.office.cases(&signed.person, &filters.query()).await?;
    let columns = filters.columns();
    let lines = found.cases.into_iter().map(|c| Line::of(c, &roster));
    let rows = lines.map(|line| Row::of(&line, &columns)).collect();
    let status = match said {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let view_query = filters.address();
    let page_of = CasesPage {
        frame,
        exports: [
            "/cases/export.xlsx",
            "/cases/export.csv",
            "/cases/register.xlsx",
        ]
        .map(|page| filters.path(page)),
        filtered: filters.is_any(),
        first: (!filters.after.is_empty()).then(|| filters.path("/cases")),
        cut: found.cut.map(|day| (day, filters.path_until(day))),
        bodies: bodies(app, signed, &filters).await?,
        stages: stages(app, &filters)?,
        units: units(app, signed, &filters).await?,
        columns: COLUMNS
            .iter()
            .filter(|column| column.id != NAME)
            .map(|column| Choice {
                value: column.id.to_owned(),
                label: column.title.to_owned(),
                on: columns.iter().any(|c| c.id == column.id),
            })
            .collect(),
        titles: columns
            .iter()
            .filter(|c| !["number", NAME, "cause"].contains(&c.id))
            .map(|c| c.title)
            .collect(),
        indexing: found.indexing,
        rows,
        next: found.next.as_ref().map(|key| filters.path_after(key)),
        views: views(app, signed, &view_query).await?,
        view_query,
        said,
        filters,
    };
    page(status, &page_of)
}

fn choice(value: &str, label: &str, now: &str) -> Choice {
    Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        on: value == now,
    }
}

/// The bodies whose cases the person is shown, where they are several.
async fn bodies(app: &App, signed: &SignedIn, filters: &Filters) -> Result<Vec<Choice>, PageError> {
    let roster = app.office.roster().await?;
    let bodies = app.office.bodies_of(&signed.person).await?;
    if bodies.len() < 2 {
        return Ok(Vec::new());
    }
    let named = bodies.iter().map(|id| {
        let body = roster.bodies.get(id);
        choice(id, body.map_or(id, |b| b.name.as_str()), &filters.body)
    });
    Ok(named.collect())
}

fn stages(app: &App, filters: &Filters) -> Result<Vec<Choice>, PageError> {
    let pack = app.office.pack()?;
    let stages = pack.stages.iter();
    Ok(stages
        .map(|s| choice(&s.id, &s.title, &filters.stage))
        .collect())
}

/// The units of the body that is chosen, else of the person's own.
async fn units(app: &App, signed: &SignedIn, filters: &Filters) -> Result<Vec<Choice>, PageError> {
    let roster = app.office.roster().await?;
    // Of a body in which the person reads nothing, nothing is told either.
    let readable = app.office.bodies_of(&signed.person).await?;
    let chosen = readable.iter().find(|body| **body == filters.body);
    let body = roster.bodies.get(chosen.unwrap_or(&signed.person.body_id));
    let units = body.map(|b| b.units.as_slice()).unwrap_or_default();
    Ok(units
        .iter()
        .map(|(id, name)| choice(id, name, &filters.unit))
        .collect())
}

async fn views(app: &App, signed: &SignedIn, now: &str) -> Result<Vec<View>, PageError> {
    let saved = app.office.store().views_of(&signed.person.id).await?;
    let view = |saved: SavedView| {
        let filters = Filters::kept(&saved.query);
        View {
            on: filters.address() == now,
            href: filters.path("/cases"),
            name: saved.name,
        }
    };
    Ok(saved.into_iter().map(view).collect())
}

/// Keeps or removes a view, and shows the list again.
pub async fn change_views(State(app): State<App>, posted: Posted) -> Result<Response, PageError> {
    let Posted { signed, typed, .. } = posted;
    let (store, person, name) = (app.office.store(), &signed.person.id, typed.text("name"));
    // What is kept is what this program writes of the filters, and leads nowhere else.
    let filters = Filters::kept(typed.text("query"));
    if typed.text("_do") == "drop" {
        store.drop_view(person, name).await?;
        return Ok(Redirect::to(&filters.path("/cases")).into_response());
    }
    let long = name.chars().count() > NAME_CHARS_MAX;
    if name.is_empty() || long || name.chars().any(char::is_control) {
        let said = "没有保存：视图的名称须为 1 至 20 个字。";
        return list(&app, &signed, filters, Some(said)).await;
    }
    let view = SavedView {
        name: name.to_owned(),
        query: filters.address(),
    };
    if !store.save_view(person, &view, now_us(), VIEWS_MAX).await? {
        let said = "没有保存：最多保存 30 个视图，请先删去不用的。";
        return list(&app, &signed, filters, Some(said)).await;
    }
    Ok(Redirect::to(&filters.path("/cases")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_come_back_from_their_own_address_and_nothing_else_does() {
        let pairs: Pairs = form_urlencoded::parse(
            "q=甲 乙&stage=S2&stage=S3&cols=unit&cols=number,x&from=2026-03-02&next=//evil&after=2026-03-02~c".as_bytes(),
        )
        .into_owned()
        .collect();
        let filters = Filters::of(&pairs);
        assert_eq!(
            filters.address(),
            "q=%E7%94%B2%20%E4%B9%99&stage=S2&from=2026-03-02&cols=number,name,unit"
        );
        let query = filters.query();
        assert_eq!(query.text.as_deref(), Some("甲 乙"));
        assert_eq!(query.after.map(|key| key.stream).as_deref(), Some("c"));
        let again: Pairs = form_urlencoded::parse(filters.address().as_bytes())
            .into_owned()
            .collect();
        assert_eq!(Filters::of(&again).address(), filters.address());
        // A view that was kept with a sign at its end is the same view.
        let kept = Filters::kept(&format!("{}&after=2026-03-02~c&", filters.address()));
        assert_eq!(kept.address(), filters.address());
    }

    #[test]
    fn addresses_have_no_sign_at_their_end() {
        let key = CaseKey {
            opened_on: date("2026-03-02").unwrap(),
            stream: "case-1".to_owned(),
        };
        let check = |query: &str, expect: [&str; 3]| {
            let filters = Filters::kept(query);
            let until = filters.path_until(key.opened_on);
            let found = [filters.path("/cases"), filters.path_after(&key), until];
            assert_eq!(found, expect, "{query}");
        };
        check(
            "",
            [
                "/cases",
                "/cases?after=2026-03-02~case-1",
                "/cases?to=2026-03-02",
            ],
        );
        check(
            "late=1&to=2026-04-01&cols=unit",
            [
                "/cases?late=1&to=2026-04-01&cols=name,unit",
                "/cases?late=1&to=2026-04-01&cols=name,unit&after=2026-03-02~case-1",
                "/cases?late=1&to=2026-03-02&cols=name,unit",
            ],
        );
    }
}
