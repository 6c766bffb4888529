//! Commands that need no installation: procedures, calendar, codes.

use std::{
    collections::BTreeMap,
    io::{BufRead, Write},
    path::Path,
    process::ExitCode,
    time::Instant,
};

use anyhow::Context;
use law::{
    calendar::Calendar,
    chart, check, guide,
    ident::id_check_line,
    matrix,
    pack::{Pack, PackError, overlaps, read_pack},
    term::calendar_add_line,
};

use office::access;

use crate::cli::{IdArgs, ProcedureArgs, ProcedureCommand};

/// `zhiheng procedure …`
pub fn procedure(args: ProcedureArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        ProcedureCommand::Check { paths, explain } => {
            let mut good = true;
            let mut packs = Vec::new();
            for path in &paths {
                match read_folder(path)? {
                    Ok(pack) => {
                        good &= check_one(&pack, explain)?;
                        packs.push(pack);
                    }
                    Err(faults) => {
                        good = false;
                        faults
                            .iter()
                            .for_each(|fault| println!("{}：{fault}", path.display()));
                    }
                }
            }
            for overlap in overlaps(&packs) {
                good = false;
                println!("{}", overlap.message);
            }
            Ok(if good {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        ProcedureCommand::Chart { name } => {
            println!("{}", chart::svg(&builtin(&name)?));
            Ok(ExitCode::SUCCESS)
        }
        ProcedureCommand::Guide { name } => {
            println!("{}", guide::markdown(&builtin(&name)?));
            Ok(ExitCode::SUCCESS)
        }
        ProcedureCommand::Matrix { name } => {
            print!(
                "{}{}",
                matrix::markdown(&builtin(&name)?),
                access::markdown()
            );
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn builtin(name: &str) -> anyhow::Result<Pack> {
    anyhow::ensure!(
        name == "penalty-general",
        "没有名为“{name}”的程序方案；现有：penalty-general"
    );
    read_pack(&office::builtin_pack_files(), "")
        .map_err(|faults| anyhow::anyhow!("{}", join(&faults)))
}

fn join(faults: &[PackError]) -> String {
    faults
        .iter()
        .map(PackError::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

fn read_folder(path: &Path) -> anyhow::Result<Result<Pack, Vec<PackError>>> {
    let mut files = BTreeMap::new();
    let folder =
        std::fs::read_dir(path).with_context(|| format!("读不了文件夹 {}", path.display()))?;
    for entry in folder {
        let file = entry?.path();
        if file.extension().is_some_and(|e| e == "kdl") {
            let name = file
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("读不了 {}", file.display()))?;
            files.insert(name, text);
        }
    }
    anyhow::ensure!(!files.is_empty(), "{} 中没有 .kdl 文件", path.display());
    Ok(read_pack(&files, ""))
}

fn check_one(pack: &Pack, explain: bool) -> anyhow::Result<bool> {
    let properties = check::builtin_properties(&pack.kind)
        .with_context(|| format!("没有“{}”类程序的性质", pack.kind))?
        .map_err(|faults| anyhow::anyhow!("{}", join(&faults)))?;
    let start = Instant::now();
    let report = check::check(pack, &properties, check::Options::default());
    if explain || !report.ok {
        print!("{}", check::explain(&report));
    }
    let verdict = if report.ok { "通过" } else { "不通过" };
    println!(
        "{}（{}）：{verdict}；{} 个步骤，{} 个状态，用时 {:.2} 秒",
        pack.title,
        pack.version,
        pack.steps.len(),
        report.states,
        start.elapsed().as_secs_f64()
    );
    Ok(report.ok)
}

/// `zhiheng calendar add --batch`
pub fn calendar_add() -> anyhow::Result<ExitCode> {
    let calendar = Calendar::builtin();
    each_line(|line, out| match calendar_add_line(line, &calendar) {
        Ok(due) => {
            writeln!(out, "{}", due.on)?;
            if due.provisional {
                eprintln!(
                    "{line}: 暂定 provisional（{}年放假安排尚未公布）",
                    due.on.year()
                );
            }
            Ok(true)
        }
        Err(fault) => {
            writeln!(out, "{fault}")?;
            Ok(false)
        }
    })
}

/// `zhiheng id check --batch`
pub fn id(_args: IdArgs) -> anyhow::Result<ExitCode> {
    each_line(|line, out| {
        match id_check_line(line) {
            Ok(()) => writeln!(out, "ok")?,
            Err(fault) => writeln!(out, "{fault}")?,
        }
        Ok(true)
    })
}

/// One line out for each line in; exit 1 if any line could not be read.
fn each_line(
    mut answer: impl FnMut(&str, &mut dyn Write) -> std::io::Result<bool>,
) -> anyhow::Result<ExitCode> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut good = true;
    for line in std::io::stdin().lock().lines() {
        good &= answer(&line?, &mut out)?;
    }
    out.flush()?;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
