//! The service guide (服务指南) of a pack as Markdown: stages in order, what is done in each, by whom, on what
//! conditions, with which papers, limits and articles, and what a party can do.

use std::fmt::Write;

use crate::pack::{
    Action, Basis, Cond, Crew, Effect, Length, Limit, Mover, OnExpiry, Pack, StageId, Step,
};
use crate::term::Direction;

/// The service guide of a pack.
pub fn markdown(pack: &Pack) -> String {
    let mut out = String::new();
    let until = pack
        .in_force_to
        .map(|to| format!("，{to} 止"))
        .unwrap_or_default();
    // Writing to a string cannot fail, so the results are let go throughout.
    let _ = writeln!(out, "# {}服务指南\n", pack.title);
    let _ = writeln!(
        out,
        "{} 版，自 {} 起施行{until}，适用地区：{}。\n",
        pack.version, pack.in_force_from, pack.region
    );
    let _ = writeln!(out, "## 一、办理流程\n");
    let mut number = 0;
    for at in 0..pack.stages.len() {
        let actions: Vec<&Action> = pack
            .actions
            .iter()
            .filter(|a| first_stage(pack, a) == Some(at))
            .collect();
        if !actions.is_empty() {
            number += 1;
            stage(&mut out, pack, at, number, &actions);
        }
    }
    party(&mut out, pack);
    limits(&mut out, pack);
    papers(&mut out, pack);
    people(&mut out, pack);
    out
}

/// The earliest stage in which an action can be taken.
fn first_stage(pack: &Pack, action: &Action) -> Option<StageId> {
    action
        .steps
        .iter()
        .filter_map(|at| pack.steps.get(*at))
        .flat_map(|s| s.from.iter().copied())
        .min()
}

fn stage(out: &mut String, pack: &Pack, at: StageId, number: usize, actions: &[&Action]) {
    let _ = writeln!(out, "### （{number}）{}\n", pack.stages[at].title);
    for action in actions {
        let _ = writeln!(out, "#### {} {}\n", action.id, action.title);
        let _ = writeln!(out, "依据：{}\n", bases(&action.basis));
        for step in action.steps.iter().filter_map(|at| pack.steps.get(*at)) {
            describe(out, pack, step);
        }
        out.push('\n');
    }
}

fn describe(out: &mut String, pack: &Pack, step: &Step) {
    let _ = writeln!(
        out,
        "- **{}**（{}）",
        step.title,
        stage_titles(pack, &step.from)
    );
    let mut who: Vec<String> = step.by.iter().map(|crew| crew_title(pack, crew)).collect();
    who.extend(
        step.chain
            .iter()
            .map(|crew| format!("{}审批", crew_title(pack, crew))),
    );
    let _ = writeln!(out, "  - 由谁办：{}", who.join("，"));
    let mut conditions = Vec::new();
    conditions_of(&step.needs, &mut conditions);
    if !conditions.is_empty() {
        let _ = writeln!(out, "  - 不予办理的情形：{}", conditions.join("；"));
    }
    if step.card_shown {
        let _ = writeln!(out, "  - 执法人员应当出示执法证件");
    }
    let papers: Vec<&str> = step
        .papers
        .iter()
        .filter_map(|p| pack.papers.get(&p.template))
        .map(|p| p.title.as_str())
        .collect();
    if !papers.is_empty() {
        let _ = writeln!(out, "  - 文书：{}", papers.join("、"));
    }
    let next: Vec<&str> = step
        .to
        .iter()
        .filter_map(|(to, _)| pack.stages.get(*to))
        .map(|s| s.title.as_str())
        .collect();
    if !next.is_empty() {
        let _ = writeln!(out, "  - 之后进入：{}", next.join("，或者 "));
    }
    let limits = started(pack, step);
    if !limits.is_empty() {
        let _ = writeln!(out, "  - 起算期限：{}", limits.join("、"));
    }
}

/// What the party itself can do, remedies among it.
fn party(out: &mut String, pack: &Pack) {
    let steps: Vec<&Step> = pack
        .steps
        .iter()
        .filter(|s| s.mover == Mover::Party)
        .collect();
    if steps.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n## 二、当事人的权利和救济\n");
    for step in steps {
        let _ = writeln!(
            out,
            "- {}：{}。{}",
            step.title,
            stage_titles(pack, &step.from),
            bases(&step.basis)
        );
    }
}

fn limits(out: &mut String, pack: &Pack) {
    if pack.limits.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n## 三、期限\n\n| 期限 | 长短 | 届满后 | 依据 |\n|---|---|---|---|"
    );
    for limit in &pack.limits {
        let expiry = match limit.on_expiry {
            OnExpiry::Record if limit.mover == Mover::Party => "逾期的，依照所列依据承担法律后果",
            OnExpiry::Record => "记为超期，不影响继续办理",
            OnExpiry::Effects(_) => "自动发生程序规定的效果",
            OnExpiry::Forbid => "禁止相应的办理动作，或者方可办理",
        };
        let _ = writeln!(
            out,
            "| {} {} | {} | {expiry} | {} |",
            cell(&limit.code),
            cell(&limit.title),
            length(pack, limit),
            cell(&limit.basis.text)
        );
    }
}

fn length(pack: &Pack, limit: &Limit) -> String {
    let unit = limit.unit.label();
    let before = if limit.direction == Direction::Back {
        "届前 "
    } else {
        ""
    };
    match &limit.length {
        Length::Fixed(count) => format!("{before}{count} {unit}"),
        Length::Field(_) => "由文书载明".to_owned(),
        Length::Config(key) => match pack
            .config
            .iter()
            .find(|c| c.id == *key)
            .and_then(|c| c.default)
        {
            Some(count) => format!("{before}{count} {unit}（本机关可设）"),
            None => "由本机关加载的规定确定".to_owned(),
        },
    }
}

fn papers(out: &mut String, pack: &Pack) {
    if pack.papers.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n## 四、文书（按卷内顺序）\n");
    let mut papers: Vec<_> = pack.papers.values().collect();
    papers.sort_by_key(|paper| paper.order);
    for (at, paper) in papers.iter().enumerate() {
        let upload = if paper.rendered {
            ""
        } else {
            "（上传签署件）"
        };
        let _ = writeln!(out, "{}. {}{upload}", at + 1, paper.title);
    }
}

fn people(out: &mut String, pack: &Pack) {
    let _ = writeln!(out, "\n## 五、人员和职责分离\n");
    for role in &pack.roles {
        let mut notes = Vec::new();
        if role.card {
            notes.push("须持有效执法证件");
        }
        if role.assigned {
            notes.push("按案指定");
        }
        if role.unit {
            notes.push("须属承办科室");
        }
        if role.qualified {
            notes.push("初次从事的须有法律职业资格");
        }
        let notes = if notes.is_empty() {
            String::new()
        } else {
            format!("：{}", notes.join("，"))
        };
        let _ = writeln!(out, "- {}{notes}", role.title);
    }
    for separation in &pack.separations {
        let (a, b) = separation.duties;
        let _ = writeln!(
            out,
            "- 同一案件中“{}”和“{}”不得为同一人（{}）",
            a.title(),
            b.title(),
            separation.basis.text
        );
    }
}

fn role_title<'a>(pack: &'a Pack, id: &'a str) -> &'a str {
    pack.roles
        .iter()
        .find(|role| role.id == id)
        .map_or(id, |role| role.title.as_str())
}

fn crew_title(pack: &Pack, crew: &Crew) -> String {
    let count = if crew.min > 1 {
        format!("{}名以上", crew.min)
    } else {
        String::new()
    };
    let or = crew
        .or
        .as_deref()
        .map(|or| format!("（无人时{}）", role_title(pack, or)))
        .unwrap_or_default();
    format!("{count}{}{or}", role_title(pack, &crew.role))
}

fn stage_titles(pack: &Pack, stages: &[StageId]) -> String {
    let titles: Vec<&str> = stages
        .iter()
        .filter_map(|at| pack.stages.get(*at))
        .map(|s| s.title.as_str())
        .collect();
    titles.join("、")
}

fn bases(bases: &[Basis]) -> String {
    let texts: Vec<String> = bases
        .iter()
        .map(|b| format!("{}〔{}〕", b.text, b.level.title()))
        .collect();
    texts.join("；")
}

/// What a step refuses, in the words that its literals carry.
fn conditions_of(cond: &Cond, found: &mut Vec<String>) {
    cond.literals(&mut |lit| {
        if let Some(why) = lit.why.as_ref().filter(|why| !found.contains(why)) {
            found.push(why.clone());
        }
    });
}

/// Titles of the limits that a step may start, or let go on.
fn started(pack: &Pack, step: &Step) -> Vec<String> {
    let mut titles = Vec::new();
    pack.walk(&step.effects, &mut |effect| {
        if let Effect::Start(limit) | Effect::Continue(limit) = effect
            && let Some(limit) = pack.limits.get(*limit)
            && !titles.contains(&limit.title)
        {
            titles.push(limit.title.clone());
        }
    });
    titles
}

/// Text that cannot break a table row.
fn cell(text: &str) -> String {
    text.replace('|', "｜").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::toy;

    #[test]
    fn the_guide_says_who_does_what_on_which_article_and_in_what_time() {
        let guide = markdown(&toy());
        for words in [
            "# 玩具服务指南",
            "### （1）开始",
            "#### A1 办理",
            "依据：某法第三条〔法〕",
            "由谁办：2名以上执法人员，负责人审批",
            "不予办理的情形：未查明",
            "起算期限：期限",
            "之后进入：结束",
            "文书：通知书",
            "| L 期限 | 5 日（本机关可设） | 记为超期，不影响继续办理 | 某法第一条 |",
            "1. 通知书",
            "- 同一案件中“办”和“定”不得为同一人（某规定）",
        ] {
            assert!(guide.contains(words), "{words:?} is missing in {guide}");
        }
    }

    #[test]
    fn every_action_and_step_is_told_once() {
        let pack = toy();
        let guide = markdown(&pack);
        assert_eq!(guide.matches("#### ").count(), pack.actions.len());
        assert_eq!(guide.matches("- **").count(), pack.steps.len());
    }
}
