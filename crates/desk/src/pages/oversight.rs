//! `/oversight`: where the cases of a body, its units and the bodies below it stand, and what is late.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use office::{Overview, Roster};
use serde::Deserialize;

use super::todo::{self, Row};
use crate::{
    app::{App, Frame, page},
    error::PageError,
    session::SignedIn,
    show,
};

/// Which body and unit are looked at; empty for all.
#[derive(Debug, Default, Clone, Deserialize)]
pub struct Of {
    #[serde(default)]
    body: String,
    #[serde(default)]
    unit: String,
}

#[derive(Template)]
#[template(path = "oversight.html")]
struct OversightPage {
    frame: Frame,
    total: Count,
    places: Vec<Place>,
    /// What the stages below are of.
    of: String,
    /// Whether they are of one body or unit.
    narrowed: bool,
    stages: Vec<Stage>,
    stages_most: u64,
    late: Vec<Row>,
}

/// How many cases.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    open: u64,
    late: u64,
    ended: u64,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.open += other.open;
        self.late += other.late;
        self.ended += other.ended;
    }
}

/// A body or a unit of it.
struct Place {
    name: String,
    /// How deep it stands in the tree, from 0.
    depth: usize,
    is_body: bool,
    on: bool,
    href: String,
    open_href: String,
    late_href: String,
    own: Count,
    /// With the bodies below, where there are any.
    whole: Option<Count>,
}

/// A stage with its cases.
struct Stage {
    title: String,
    cases: u64,
    ended: bool,
    href: String,
}

/// The page.
pub async fn show(
    State(app): State<App>,
    signed: SignedIn,
    Query(of): Query<Of>,
) -> Result<Response, PageError> {
    let overview = app.office.overview(&signed.person).await?;
    let roster = app.office.roster().await?;
    let tree = Tree::of(&overview, &roster);
    let of = tree.within(of);
    let (stages, named) = (stages(&app, &overview, &of)?, tree.called(&of));
    let late = overview.late_steps.iter().cloned();
    let oversight = OversightPage {
        frame: app.frame(&signed, "oversight").await?,
        total: tree.total(),
        places: tree.places(&of),
        narrowed: named.is_some(),
        of: named.unwrap_or_else(|| "全部".to_owned()),
        stages_most: stages.iter().map(|s| s.cases).max().unwrap_or(1).max(1),
        stages,
        late: late.map(todo::row).collect(),
    };
    page(StatusCode::OK, &oversight)
}

/// The cases of the stages, in the order of the procedure.
fn stages(app: &App, overview: &Overview, of: &Of) -> Result<Vec<Stage>, PageError> {
    let pack = app.office.pack()?;
    let mut counts: BTreeMap<(usize, &str), (u64, bool)> = BTreeMap::new();
    let wanted = overview.stages.iter().filter(|c| {
        (of.body.is_empty() || c.body_id == of.body) && (of.unit.is_empty() || c.unit == of.unit)
    });
    for count in wanted {
        let at = pack.stages.iter().position(|s| s.id == count.stage);
        let key = (at.unwrap_or(usize::MAX), count.stage.as_str());
        let known = counts.entry(key).or_insert((0, count.ended));
        known.0 += count.cases;
    }
    let stages = counts.into_iter().map(|((at, id), (cases, ended))| Stage {
        title: pack
            .stages
            .get(at)
            .map_or(id, |s| s.title.as_str())
            .to_owned(),
        cases,
        ended,
        href: cases_of(&of.body, &of.unit, &format!("stage={}", show::encode(id))),
    });
    Ok(stages.collect())
}

/// The list of the cases of a body and unit with one more filter.
fn cases_of(body: &str, unit: &str, more: &str) -> String {
    let mut href = "/cases?".to_owned();
    for (name, value) in [("body", body), ("unit", unit)] {
        if !value.is_empty() {
            href.push_str(&format!("{name}={}&", show::encode(value)));
        }
    }
    href + more
}

/// The bodies with their units and the bodies below them.
struct Tree<'a> {
    roster: &'a Roster,
    /// Bodies in scope.
    bodies: &'a [String],
    /// Bodies in scope whose superior is not, in the order of their names.
    roots: Vec<&'a str>,
    below: BTreeMap<&'a str, Vec<&'a str>>,
    counts: BTreeMap<(&'a str, &'a str), Count>,
}

impl<'a> Tree<'a> {
    fn of(overview: &'a Overview, roster: &'a Roster) -> Self {
        let mut counts: BTreeMap<(&str, &str), Count> = BTreeMap::new();
        for count in &overview.stages {
            let known = counts.entry((&count.body_id, &count.unit)).or_default();
            match count.ended {
                true => known.ended += count.cases,
                false => known.open += count.cases,
            }
        }
        for late in &overview.late {
            counts.entry((&late.body_id, &late.unit)).or_default().late += late.cases;
        }
        let (mut roots, mut below): (Vec<&str>, BTreeMap<&str, Vec<&str>>) = Default::default();
        for body in &overview.bodies {
            let parent = roster.bodies.get(body).and_then(|b| b.parent.as_ref());
            match parent.filter(|parent| overview.bodies.contains(parent)) {
                Some(parent) => below.entry(parent).or_default().push(body),
                None => roots.push(body),
            }
        }
        Self {
            roster,
            bodies: &overview.bodies,
            roots,
            below,
            counts,
        }
    }

    fn name(&self, body: &'a str) -> &'a str {
        self.roster
            .bodies
            .get(body)
            .map_or(body, |b| b.name.as_str())
    }

    fn unit_name(&self, body: &str, unit: &'a str) -> &'a str {
        let body = self.roster.bodies.get(body);
        let name = body.map(|b| b.unit_name(unit));
        name.filter(|name| !name.is_empty()).unwrap_or(unit)
    }

    fn units(&self, body: &'a str) -> impl Iterator<Item = (&'a str, Count)> {
        let all = self.counts.iter();
        all.filter(move |((of, _), _)| *of == body)
            .map(|((_, unit), count)| (*unit, *count))
    }

    fn own(&self, body: &'a str) -> Count {
        let mut sum = Count::default();
        self.units(body).for_each(|(_, count)| sum.add(count));
        sum
    }

    fn whole(&self, body: &'a str) -> Count {
        let mut sum = self.own(body);
        for child in self.below.get(body).into_iter().flatten() {
            sum.add(self.whole(child));
        }
        sum
    }

    fn total(&self) -> Count {
        let mut sum = Count::default();
        self.roots.iter().for_each(|root| sum.add(self.whole(root)));
        sum
    }

    /// What was asked for, if it is in scope; else all of it.
    fn within(&self, of: Of) -> Of {
        let known = self.bodies.contains(&of.body);
        if known { of } else { Of::default() }
    }

    /// What the chosen body and unit are called; none where all are looked at.
    fn called(&self, of: &Of) -> Option<String> {
        let body = self.bodies.iter().find(|body| **body == of.body)?;
        let counted = self.units(body).find(|(unit, _)| *unit == of.unit);
        let unit = counted.map_or("", |(unit, _)| self.unit_name(body, unit));
        Some(format!("{}{unit}", self.name(body)))
    }

    fn places(&self, of: &Of) -> Vec<Place> {
        let mut places = Vec::new();
        for root in &self.roots {
            self.put(root, 0, of, &mut places);
        }
        places
    }

    fn put(&self, body: &'a str, depth: usize, of: &Of, places: &mut Vec<Place>) {
        let below = self.below.get(body);
        places.push(Place {
            whole: below.map(|_| self.whole(body)),
            is_body: true,
            on: of.body == body && of.unit.is_empty(),
            ..place(self.name(body), depth, body, "", self.own(body))
        });
        for (unit, count) in self.units(body) {
            places.push(Place {
                on: of.body == body && of.unit == unit,
                ..place(self.unit_name(body, unit), depth + 1, body, unit, count)
            });
        }
        for child in below.into_iter().flatten() {
            self.put(child, depth + 1, of, places);
        }
    }
}

fn place(name: &str, depth: usize, body: &str, unit: &str, own: Count) -> Place {
    let (body_, unit_) = (show::encode(body), show::encode(unit));
    Place {
        name: name.to_owned(),
        // Deeper ones stand no further to the right: the page is narrow.
        depth: depth.min(4),
        is_body: false,
        on: false,
        href: format!("/oversight?body={body_}&unit={unit_}#stages"),
        open_href: cases_of(body, unit, "ended=no"),
        late_href: cases_of(body, unit, "ended=no&late=1"),
        own,
        whole: None,
    }
}
