//! Reads the pack in a folder and prints what the checker finds:
//! `cargo run -p law --example check_pack -- FOLDER [PROPERTIES]`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use law::check;
use law::pack::{PackError, read_pack};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (Some(folder), properties) = (args.first(), args.get(1)) else {
        eprintln!("用法：check_pack 文件夹 [性质文件]");
        return ExitCode::from(2);
    };
    match run(folder, properties.map(String::as_str)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

/// Whether the pack may be used; what keeps it from being looked at is an error.
fn run(folder: &str, properties: Option<&str>) -> Result<bool, String> {
    let files = files(folder).map_err(|error| format!("读不了 {folder}：{error}"))?;
    let pack = read_pack(&files, "unhashed").map_err(|errors| listed(&errors))?;
    let properties = match properties {
        Some(path) => {
            let text =
                std::fs::read_to_string(path).map_err(|error| format!("读不了 {path}：{error}"))?;
            check::read_properties(&text)
        }
        None => check::builtin_properties(&pack.kind)
            .ok_or_else(|| format!("没有“{}”类程序的性质", pack.kind))?,
    };
    let properties = properties.map_err(|errors| listed(&errors))?;
    let start = Instant::now();
    let report = check::check(&pack, &properties, check::Options::default());
    print!("{}", check::explain(&report));
    println!(
        "{} 个步骤，{} 项事实，{} 个期限，用时 {:.2?}",
        pack.steps.len(),
        pack.facts.len(),
        pack.limits.len(),
        start.elapsed()
    );
    Ok(report.ok)
}

fn listed(errors: &[PackError]) -> String {
    errors
        .iter()
        .map(PackError::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The KDL files of a folder by name.
fn files(folder: &str) -> std::io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "kdl") {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.insert(name, std::fs::read_to_string(&path)?);
        }
    }
    Ok(files)
}
