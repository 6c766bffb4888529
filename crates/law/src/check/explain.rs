//! The report in words: which property is proved how, in which view, under which article.

use std::fmt::Write;

use super::{Outcome, PropertyResult, Report, TraceLine};

/// The report as text for a terminal, one property a line and paths indented below.
pub fn explain(report: &Report) -> String {
    let mut text = String::new();
    let proved = report
        .results
        .iter()
        .filter(|r| r.outcome == Outcome::Proved)
        .count();
    let bad = report.results.iter().filter(|r| is_bad(&r.outcome)).count();
    let verdict = if report.ok { "通过" } else { "不通过" };
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "检查{verdict}：{} 项性质，已证明 {proved} 项，不成立或者无法判断 {bad} 项；{} 个视图共 {} 个状态，其中只有一名当事人的 {} 个",
        report.results.len(),
        report.views.len(),
        report.states,
        report.states_alone
    );
    for view in &report.views {
        let _ = writeln!(
            text,
            "  视图 {}：{} 项事实和期限，{} 个状态，{} 次移动",
            view.name, view.kept, view.states, view.moves
        );
    }
    for fault in &report.faults {
        let _ = writeln!(text, "× {}", fault.message);
        lines(&mut text, &fault.trace);
    }
    for result in &report.results {
        property(&mut text, result);
    }
    text
}

fn is_bad(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refuted { .. } | Outcome::Refused { .. })
}

fn property(text: &mut String, result: &PropertyResult) {
    let view = result
        .view
        .as_ref()
        .map(|view| format!("，视图 {view}"))
        .unwrap_or_default();
    let head = format!(
        "{} {}（{}{view}）",
        result.id,
        result.title,
        result.how.code()
    );
    let _ = match &result.outcome {
        Outcome::Proved => writeln!(text, "√ {head} 已证明。{}", result.basis),
        Outcome::Elsewhere { at } => writeln!(text, "○ {head} {at}。{}", result.basis),
        Outcome::Refused { why } => writeln!(text, "× {head} 无法判断：{why}。{}", result.basis),
        Outcome::Refuted { why, .. } => writeln!(text, "× {head} 不成立：{why}。{}", result.basis),
    };
    if let Outcome::Refuted { trace, .. } = &result.outcome {
        lines(text, trace);
    }
}

fn lines(text: &mut String, trace: &[TraceLine]) {
    for (at, line) in trace.iter().enumerate() {
        let changes: Vec<String> = line
            .changes
            .iter()
            .map(|(fact, value)| format!("{fact}={value}"))
            .collect();
        let step = if line.step.is_empty() {
            line.title.clone()
        } else {
            format!("{} {}", line.step, line.title)
        };
        let _ = writeln!(
            text,
            "    {at}. {step} → {}  {}",
            line.stage,
            changes.join("，")
        );
    }
}
