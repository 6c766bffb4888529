//! Who may take which step, as a table for whoever answers for the security of the system.

use std::fmt::Write as _;

use crate::pack::{Crew, Pack, Step};

/// The pack's rules on persons as Markdown: roles, duties kept apart, and every step by role.
pub fn markdown(pack: &Pack) -> String {
    let mut out = format!(
        "# 谁可以办理什么：{}（{}）\n\n\
         由程序方案生成（`zhiheng procedure matrix {}`）。步骤只在所列阶段、条件具备时可以办理；下列条件对每一格都适用：\n\n\
         - 在岗，是办理本案的机关的人员（按案指定的除外），没有被决定回避；\n\
         - 角色要求证件、资格的，当日须有有效的行政执法证件，初次从事法制审核的须有法律职业资格；要求本科室的，须在承办科室；\n\
         - 在本案中没有担任过与该步骤的职责互斥的职责；\n\
         - 提出报批的人、已经审批过的人不得再审批同一事项。\n\n",
        pack.title, pack.version, pack.name
    );
    roles(pack, &mut out);
    separations(pack, &mut out);
    steps(pack, &mut out);
    out
}

/// Writing to a text does not fail.
fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
    out.push('\n');
}

fn roles(pack: &Pack, out: &mut String) {
    out.push_str("## 角色\n\n| 标识 | 角色 | 取得 | 证件 | 资格 | 本科室 | 兼有 |\n|---|---|---|---|---|---|---|\n");
    for role in &pack.roles {
        let given = match (role.assigned, &role.from) {
            (true, Some(from)) => format!("按案指定，须是 {from}"),
            (true, None) => "按案指定".to_owned(),
            (false, _) => "任职".to_owned(),
        };
        let yes = |needed: bool| if needed { "须有" } else { "" };
        line(
            out,
            format_args!(
                "| {} | {} | {given} | {} | {} | {} | {} |",
                role.id,
                role.title,
                yes(role.card),
                yes(role.qualified),
                if role.unit { "须在" } else { "" },
                role.also.join("、")
            ),
        );
    }
    out.push('\n');
}

fn separations(pack: &Pack, out: &mut String) {
    out.push_str("## 互斥的职责\n\n| 职责 | 与 | 依据 |\n|---|---|---|\n");
    for pair in &pack.separations {
        let (a, b) = pair.duties;
        let basis = &pair.basis.text;
        line(
            out,
            format_args!("| {} | {} | {basis} |", a.title(), b.title()),
        );
    }
    out.push('\n');
}

fn steps(pack: &Pack, out: &mut String) {
    out.push_str(
        "## 步骤\n\n“办”是提出或者办理的人，“替”是在没有“办”的人时替代的人，“共”只能共同办理，“批1”“批2”是逐级审批，\
         数字后的“替”是该级的替代人；括号内是最少人数和职责。\n\n",
    );
    let ids: Vec<&str> = pack.roles.iter().map(|role| role.id.as_str()).collect();
    line(
        out,
        format_args!("| 步骤 | 名称 | 阶段 | {} |", ids.join(" | ")),
    );
    line(
        out,
        format_args!("|---|---|---|{}", "---|".repeat(ids.len())),
    );
    for step in &pack.steps {
        let stages: Vec<&str> = step
            .from
            .iter()
            .map(|at| pack.stages[*at].id.as_str())
            .collect();
        let cells: Vec<String> = ids.iter().map(|role| cell(pack, step, role)).collect();
        line(
            out,
            format_args!(
                "| {} | {} | {} | {} |",
                step.id,
                step.title,
                stages.join(" "),
                cells.join(" | ")
            ),
        );
    }
}

/// What a holder of the role may do in a step.
fn cell(pack: &Pack, step: &Step, role: &str) -> String {
    let mut marks = Vec::new();
    for (at, crew) in step.by.iter().enumerate() {
        let (own, other) = if at == 0 {
            ("办", "替")
        } else {
            ("共", "共替")
        };
        if let Some(stands_in) = place(pack, crew, role) {
            let mark = if stands_in { other } else { own };
            let least = match crew.min {
                0 | 1 => String::new(),
                many => format!("{many}人，"),
            };
            marks.push(format!("{mark}（{least}{}）", crew.duty.title()));
        }
    }
    for (at, crew) in step.chain.iter().enumerate() {
        if let Some(stands_in) = place(pack, crew, role) {
            let mark = if stands_in { "替" } else { "" };
            marks.push(format!("批{}{mark}（{}）", at + 1, crew.duty.title()));
        }
    }
    marks.join("、")
}

/// Whether a role fills a place, and if so, whether only by standing in.
fn place(pack: &Pack, crew: &Crew, role: &str) -> Option<bool> {
    // A role given case by case includes nothing else, and nothing else includes it.
    let assigned = |id: &str| pack.roles.iter().any(|r| r.id == id && r.assigned);
    let fills = |wanted: &str| match assigned(wanted) {
        true => wanted == role,
        false => pack.includes(role, wanted),
    };
    if fills(&crew.role) {
        return Some(false);
    }
    crew.or.as_deref().filter(|or| fills(or)).map(|_| true)
}
