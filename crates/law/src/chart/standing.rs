//! The flow chart of a pack as one case stands on it: stages and the ways between them alone, narrow enough for a
//! telephone. What is done in each stage is for the page to say beside it.
//!
//! Colours are the page's: boxes and ways bear the classes `done`, `now`, `next`, `ahead`, `taken` and `way`.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Ways, escape, lanes, leads_down};
use crate::pack::{Pack, StageId, Step};

const EDGE: i32 = 4;
const LANE: i32 = 9;
const BOX_HEIGHT: i32 = 32;
const GAP: i32 = 14;
const TITLE_SIZE: i32 = 14;
const WORD_SIZE: i32 = 12;

/// How a stage stands in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The case has been there and gone on.
    Done,
    /// The case is there.
    Now,
    /// A step leads there from where the case is.
    Next,
    /// The case has not come so far.
    Ahead,
}

impl Standing {
    /// The class of its box.
    pub fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Next => "next",
            Self::Ahead => "ahead",
        }
    }

    /// The word for it on the page.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "已办",
            Self::Now => "现在",
            Self::Next => "可能进入",
            Self::Ahead => "未到",
        }
    }
}

/// The way of a case through the stages of its pack.
#[derive(Debug, Clone, Default)]
pub struct Course {
    /// Where it is.
    pub now: Option<StageId>,
    /// Where it has been.
    pub visited: BTreeSet<StageId>,
    /// The ways that it went, from stage to stage.
    pub taken: BTreeSet<(StageId, StageId)>,
}

impl Course {
    /// How a stage stands.
    pub fn standing(&self, pack: &Pack, stage: StageId) -> Standing {
        if self.now == Some(stage) {
            Standing::Now
        } else if self.visited.contains(&stage) {
            Standing::Done
        } else if self.leads_to(pack, stage) {
            Standing::Next
        } else {
            Standing::Ahead
        }
    }

    /// Whether a step leads there from where the case is.
    fn leads_to(&self, pack: &Pack, stage: StageId) -> bool {
        self.now
            .is_some_and(|now| steps_between(pack, now, stage).next().is_some())
    }

    fn way(&self, from: StageId, to: StageId) -> &'static str {
        if self.now == Some(from) {
            "next"
        } else if self.taken.contains(&(from, to)) {
            "taken"
        } else {
            "way"
        }
    }
}

/// The steps by which a case goes from one stage to another.
pub fn steps_between(pack: &Pack, from: StageId, to: StageId) -> impl Iterator<Item = &Step> {
    pack.steps.iter().filter(move |step| {
        from != to && step.from.contains(&from) && step.to.iter().any(|(target, _)| *target == to)
    })
}

/// The chart of a pack with the course of a case; its measures are those of its view box.
pub fn case_svg(pack: &Pack, course: &Course) -> String {
    let lanes = lanes(pack);
    let lane_count = lanes.iter().map(|ways| ways.lane + 1).max().unwrap_or(0);
    let left = EDGE + LANE * (lane_count + 1);
    let longest = pack.stages.iter().map(|s| s.title.chars().count()).max();
    let letters = i32::try_from(longest.unwrap_or(0)).unwrap_or(0).min(20);
    let width = letters * TITLE_SIZE + 4 * WORD_SIZE + 3 * 10;
    let (whole, height) = (left + width + EDGE, top(pack.stages.len()) - GAP + 2 * EDGE);
    let now = course.now.and_then(|at| pack.stages.get(at));
    let now = now.map_or("", |stage| stage.title.as_str());
    let mut out = String::new();
    // Writing to a string cannot fail, so the results of `write!` are let go.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flow-chart\" viewBox=\"0 0 {whole} {height}\" width=\"{whole}\" \
         height=\"{height}\" role=\"img\" aria-label=\"{}流程图，案件现在“{}”阶段，各阶段的文字说明见下\">",
        escape(&pack.title),
        escape(now),
    );
    let mut paths = paths(pack, course, &lanes, left, width);
    // What the case went and where it can go lies above what is merely there.
    paths.sort_by_key(|(class, _)| ["way", "taken", "next"].iter().position(|c| c == class));
    for (class, path) in paths {
        let _ = write!(out, "<path class=\"{class}\" d=\"{path}\" fill=\"none\"/>");
    }
    for (at, stage) in pack.stages.iter().enumerate() {
        let standing = course.standing(pack, at);
        let (y, round) = (top(at), if stage.end { BOX_HEIGHT / 2 } else { 4 });
        let _ = write!(
            out,
            "<g class=\"{}\"><rect x=\"{left}\" y=\"{y}\" width=\"{width}\" height=\"{BOX_HEIGHT}\" rx=\"{round}\"/>\
             <text x=\"{}\" y=\"{}\" font-size=\"{TITLE_SIZE}\">{}</text>\
             <text class=\"word\" x=\"{}\" y=\"{}\" font-size=\"{WORD_SIZE}\" text-anchor=\"end\">{}</text></g>",
            standing.class(),
            left + 10,
            y + 21,
            escape(&stage.title),
            left + width - 10,
            y + 21,
            standing.word(),
        );
    }
    out.push_str("</svg>");
    out
}

fn top(at: StageId) -> i32 {
    EDGE + i32::try_from(at).unwrap_or(0) * (BOX_HEIGHT + GAP)
}

/// Every way with its class and its path, an arrow at its end.
fn paths(
    pack: &Pack,
    course: &Course,
    lanes: &[Ways],
    left: i32,
    width: i32,
) -> Vec<(&'static str, String)> {
    let mut paths = Vec::new();
    for at in (0..pack.stages.len()).filter(|at| leads_down(pack, *at)) {
        let (x, from, to) = (left + width / 2, top(at) + BOX_HEIGHT, top(at + 1));
        let path = format!(
            "M{x} {from} L{x} {to} M{} {} L{x} {to} L{} {}",
            x - 3,
            to - 5,
            x + 3,
            to - 5
        );
        paths.push((course.way(at, at + 1), path));
    }
    for ways in lanes {
        let x = left - LANE * (ways.lane + 1);
        for from in &ways.from {
            // Leaving and arriving at different heights keeps what comes and what goes apart.
            let (start, end) = (
                top(*from) + BOX_HEIGHT / 2 + 6,
                top(ways.to) + BOX_HEIGHT / 2 - 6,
            );
            let path = format!(
                "M{left} {start} L{x} {start} L{x} {end} L{left} {end} M{} {} L{left} {end} L{} {}",
                left - 5,
                end - 3,
                left - 5,
                end + 3
            );
            paths.push((course.way(*from, ways.to), path));
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::toy;

    fn begun() -> Course {
        Course {
            now: Some(0),
            visited: BTreeSet::from([0]),
            taken: BTreeSet::new(),
        }
    }

    #[test]
    fn stages_are_told_apart_and_the_possible_way_is_marked() {
        let pack = toy();
        let course = begun();
        assert_eq!(course.standing(&pack, 0), Standing::Now);
        assert_eq!(course.standing(&pack, 1), Standing::Next);
        let svg = case_svg(&pack, &course);
        for part in [
            "案件现在“开始”阶段",
            "<g class=\"now\">",
            "<g class=\"next\">",
            "可能进入",
            "<path class=\"next\"",
        ] {
            assert!(svg.contains(part), "{part} is missing in {svg}");
        }
    }

    #[test]
    fn a_case_that_has_come_to_its_end_leaves_its_way_behind() {
        let pack = toy();
        let course = Course {
            now: Some(1),
            visited: BTreeSet::from([0, 1]),
            taken: BTreeSet::from([(0, 1)]),
        };
        let svg = case_svg(&pack, &course);
        assert_eq!(course.standing(&pack, 0), Standing::Done);
        assert!(
            svg.contains("<path class=\"taken\"") && !svg.contains("class=\"next\""),
            "{svg}"
        );
    }

    #[test]
    fn what_a_title_says_cannot_break_the_markup_and_no_style_stands_in_it() {
        let mut pack = toy();
        pack.stages[0].title = "<script>\"".to_owned();
        let svg = case_svg(&pack, &begun());
        assert!(!svg.contains("<script") && !svg.contains("style="), "{svg}");
    }
}
