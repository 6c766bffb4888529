//! The flow chart (执法流程图) of a pack as SVG: stages down the middle, ways between them on the left, what is
//! done in each stage with its articles on the right.
//!
//! The layout is our own and needs nothing but the pack: boxes stand in the order of the pack, and the ways into
//! a stage that are no plain step down share a lane, apart from those into any other.

mod standing;

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::pack::{Action, Pack, StageId, Step};

pub use standing::{Course, Standing, case_svg, steps_between};

const WIDTH: i32 = 1180;
const MARGIN: i32 = 24;
const LANE: i32 = 14;
const BOX_WIDTH: i32 = 150;
const BOX_HEIGHT: i32 = 44;
const LINE: i32 = 19;
const GAP: i32 = 26;
const TITLE: i32 = 64;
/// A step that can be taken in more stages than this is listed once, below the chart.
const STAGES_MAX: usize = 4;

/// The flow chart of a pack.
pub fn svg(pack: &Pack) -> String {
    let lanes = lanes(pack);
    let lane_count = lanes.iter().map(|ways| ways.lane + 1).max().unwrap_or(0);
    let left = MARGIN + LANE * (lane_count + 1);
    let panel = left + BOX_WIDTH + 28;
    let text_width = WIDTH - MARGIN - panel;

    let mut rows = Vec::new();
    let mut top = TITLE;
    for at in 0..pack.stages.len() {
        let mut lines: Vec<String> = Vec::new();
        for action in &pack.actions {
            let here: Vec<&Step> = steps_of(pack, action)
                .filter(|s| !is_common(s) && s.from.contains(&at))
                .collect();
            if !here.is_empty() {
                lines.extend(wrap(
                    &action_line(pack, action, &here, Some(at)),
                    text_width,
                    13,
                ));
            }
        }
        let height = BOX_HEIGHT.max(LINE * lines.len() as i32);
        rows.push(Row { top, height, lines });
        top += height + GAP;
    }
    let mut below: Vec<String> = Vec::new();
    for action in &pack.actions {
        let common: Vec<&Step> = steps_of(pack, action).filter(|s| is_common(s)).collect();
        if !common.is_empty() {
            below.extend(wrap(
                &action_line(pack, action, &common, None),
                WIDTH - 2 * MARGIN - 16,
                13,
            ));
        }
    }
    let height = top + LINE * (below.len() as i32 + 2) + MARGIN;

    let mut out = String::new();
    head(&mut out, pack, height);
    ways(&mut out, pack, &rows, &lanes, left);
    for (at, row) in rows.iter().enumerate() {
        stage(&mut out, pack, at, row, left, panel);
    }
    text(
        &mut out,
        MARGIN,
        top + LINE,
        14,
        "start",
        "多个阶段均可办理的事项",
    );
    for (at, line) in below.iter().enumerate() {
        text(
            &mut out,
            MARGIN + 16,
            top + LINE * (at as i32 + 2),
            13,
            "start",
            line,
        );
    }
    out.push_str("</svg>\n");
    out
}

/// A stage's place.
struct Row {
    top: i32,
    height: i32,
    lines: Vec<String>,
}

impl Row {
    fn middle(&self) -> i32 {
        self.top + BOX_HEIGHT / 2
    }
}

/// The ways that lead to one stage: straight from the stage above, in a lane of their own from elsewhere.
struct Ways {
    to: StageId,
    from: Vec<StageId>,
    lane: i32,
}

/// Whether a step can be taken in so many stages that it is listed below the chart.
fn is_common(step: &Step) -> bool {
    step.from.len() > STAGES_MAX
}

/// The steps of an action.
fn steps_of<'a>(pack: &'a Pack, action: &'a Action) -> impl Iterator<Item = &'a Step> {
    action.steps.iter().filter_map(|at| pack.steps.get(*at))
}

/// Whether there is a way from a stage to the one below it.
fn leads_down(pack: &Pack, from: StageId) -> bool {
    let down =
        |step: &&Step| step.from.contains(&from) && step.to.iter().any(|(to, _)| *to == from + 1);
    pack.steps.iter().any(|step| down(&step))
}

/// The ways into each stage; the shorter their reach, the nearer the lane.
fn lanes(pack: &Pack) -> Vec<Ways> {
    let mut all: Vec<Ways> = Vec::new();
    for to in 0..pack.stages.len() {
        let leading = pack
            .steps
            .iter()
            .filter(|step| step.to.iter().any(|(target, _)| *target == to));
        let from: BTreeSet<StageId> = leading.flat_map(|step| step.from.iter().copied()).collect();
        let from: Vec<StageId> = from
            .into_iter()
            .filter(|from| *from != to && from + 1 != to)
            .collect();
        if !from.is_empty() {
            all.push(Ways { to, from, lane: 0 });
        }
    }
    all.sort_by_key(|ways| span(ways).1 - span(ways).0);
    let mut taken: Vec<Vec<(StageId, StageId)>> = Vec::new();
    for ways in &mut all {
        let (top, bottom) = span(ways);
        let free =
            |lane: &Vec<(StageId, StageId)>| lane.iter().all(|(a, b)| bottom < *a || *b < top);
        let lane = taken.iter().position(free).unwrap_or(taken.len());
        if lane == taken.len() {
            taken.push(Vec::new());
        }
        taken[lane].push((top, bottom));
        ways.lane = lane as i32;
    }
    all
}

/// The stages between which a lane runs.
fn span(ways: &Ways) -> (StageId, StageId) {
    let low = ways.from.iter().copied().min().unwrap_or(ways.to);
    let high = ways.from.iter().copied().max().unwrap_or(ways.to);
    (low.min(ways.to), high.max(ways.to))
}

/// `A21 法制审核 → 告知与听取意见　《行政处罚法》第五十八条`
fn action_line(pack: &Pack, action: &Action, steps: &[&Step], stage: Option<StageId>) -> String {
    let mut to: Vec<&str> = Vec::new();
    for (target, _) in steps
        .iter()
        .flat_map(|step| &step.to)
        .filter(|(target, _)| stage != Some(*target))
    {
        let title = pack.stages.get(*target).map_or("", |s| s.title.as_str());
        if !to.contains(&title) {
            to.push(title);
        }
    }
    let basis: Vec<&str> = action.basis.iter().map(|b| b.text.as_str()).collect();
    let way = if to.is_empty() {
        String::new()
    } else {
        format!(" → {}", to.join("、"))
    };
    format!("{} {}{way}　{}", action.id, action.title, basis.join("；"))
}

/// Breaks a line so that none is wider than the width, at the given letter size.
fn wrap(line: &str, width: i32, size: i32) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for c in line.chars() {
        let wide = if c.is_ascii() { size * 6 / 10 } else { size };
        if used + wide > width {
            lines.push("　　".to_owned());
            used = 2 * size;
        }
        used += wide;
        if let Some(last) = lines.last_mut() {
            last.push(c);
        }
    }
    lines
}

// Writing to a string cannot fail, so the results of `write!` are let go.

fn head(out: &mut String, pack: &Pack, height: i32) {
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         role=\"img\" aria-label=\"{}流程图\" font-family=\"'Noto Sans SC','Source Han Sans SC',sans-serif\">",
        escape(&pack.title)
    );
    out.push_str(
        "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" fill=\"#445\"/></marker></defs>\n",
    );
    let _ = writeln!(
        out,
        "<rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>"
    );
    text(
        out,
        WIDTH / 2,
        32,
        20,
        "middle",
        &format!("{}流程图", pack.title),
    );
    let span = pack
        .in_force_to
        .map_or_else(|| "起施行".to_owned(), |to| format!("至 {to}"));
    let note = format!(
        "{} 版，{} {span}，适用地区：{}",
        pack.version, pack.in_force_from, pack.region
    );
    text(out, WIDTH / 2, 52, 12, "middle", &note);
}

fn ways(out: &mut String, pack: &Pack, rows: &[Row], lanes: &[Ways], left: i32) {
    let mut draw = |path: String| {
        let _ = writeln!(
            out,
            "<path d=\"{path}\" fill=\"none\" stroke=\"#667\" marker-end=\"url(#arrow)\"/>"
        );
    };
    for (at, pair) in rows
        .windows(2)
        .enumerate()
        .filter(|(at, _)| leads_down(pack, *at))
    {
        let x = left + BOX_WIDTH / 2;
        draw(format!(
            "M{x} {} L{x} {}",
            pair[0].top + BOX_HEIGHT,
            rows[at + 1].top
        ));
    }
    for ways in lanes {
        let x = left - LANE * (ways.lane + 1) - 6;
        for (from, to) in ways
            .from
            .iter()
            .filter_map(|from| Some((rows.get(*from)?, rows.get(ways.to)?)))
        {
            // Leaving and arriving at different heights keeps what comes and what goes apart.
            let (start, end) = (from.middle() + 8, to.middle() - 8);
            draw(format!(
                "M{left} {start} L{x} {start} L{x} {end} L{left} {end}"
            ));
        }
    }
}

fn stage(out: &mut String, pack: &Pack, at: StageId, row: &Row, left: i32, panel: i32) {
    let Some(stage) = pack.stages.get(at) else {
        return;
    };
    let (radius, fill) = if stage.end {
        (BOX_HEIGHT / 2, "#eef3ee")
    } else {
        (4, "#eef2f8")
    };
    let _ = writeln!(
        out,
        "<rect x=\"{left}\" y=\"{}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"{radius}\" fill=\"{fill}\" \
         stroke=\"#345\" stroke-width=\"1.2\"/>",
        row.top
    );
    text(
        out,
        left + BOX_WIDTH / 2,
        row.top + 27,
        15,
        "middle",
        &stage.title,
    );
    for (line, content) in row.lines.iter().enumerate() {
        text(
            out,
            panel,
            row.top + LINE * line as i32 + 14,
            13,
            "start",
            content,
        );
    }
    if row.height > BOX_HEIGHT {
        let (x, end) = (panel - 10, row.top + row.height);
        let _ = writeln!(
            out,
            "<path d=\"M{x} {} L{x} {end}\" stroke=\"#ccd\" stroke-width=\"1\"/>",
            row.top
        );
    }
}

fn text(out: &mut String, x: i32, y: i32, size: i32, anchor: &str, content: &str) {
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"#112\">{}</text>",
        escape(content)
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::toy;

    /// The names of the tags still open at the end, and every text.
    fn parse(svg: &str) -> (Vec<String>, Vec<String>) {
        let (mut open, mut texts) = (Vec::new(), Vec::new());
        for piece in svg.split('<').skip(1) {
            let (tag, after) = piece.split_once('>').expect("a tag is closed");
            assert_eq!(
                tag.matches('"').count() % 2,
                0,
                "quotes are balanced in {tag}"
            );
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(name));
            } else if !tag.ends_with('/') {
                open.push(tag.split_whitespace().next().unwrap_or_default().to_owned());
            }
            if !after.trim().is_empty() {
                texts.push(after.trim().to_owned());
            }
        }
        (open, texts)
    }

    #[test]
    fn the_chart_is_well_formed_and_names_stages_actions_and_articles() {
        let svg = svg(&toy());
        let (open, texts) = parse(&svg);
        assert!(open.is_empty(), "{open:?}");
        for words in ["玩具流程图", "开始", "结束", "A2 结束 → 结束　某法第四条"]
        {
            assert!(
                texts.iter().any(|t| t == words),
                "{words:?} is missing in {texts:?}"
            );
        }
        assert_eq!(
            svg.matches("marker-end").count(),
            1,
            "one way leads from the beginning to the end"
        );
    }

    #[test]
    fn what_a_title_says_cannot_break_the_markup() {
        let mut pack = toy();
        pack.title = "<script>&\"".to_owned();
        let svg = svg(&pack);
        assert!(parse(&svg).0.is_empty() && !svg.contains("<script"));
    }

    #[test]
    fn long_lines_are_broken_within_the_width() {
        let lines = wrap(&"长".repeat(100), 260, 13);
        assert!(
            lines.len() > 5 && lines.iter().all(|l| l.chars().count() <= 20),
            "{lines:?}"
        );
    }
}
