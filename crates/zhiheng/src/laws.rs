//! `zhiheng law`: texts of laws loaded for the bureau, so that pages show the articles that they cite.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, bail};
use jiff::civil::Date;
use law::texts::Version;
use office::{Clock, LawFile, LawImport, Office};

use crate::{
    cli::{LawArgs, LawCommand, Place},
    install::Installation,
};

/// `zhiheng law …`
pub async fn laws(place: &Place, args: LawArgs) -> anyhow::Result<ExitCode> {
    if let LawCommand::Import { files, from, check } = &args.command {
        if files.len() > 1 && from.is_some() {
            bail!("--from 是一个文件的施行日期，请逐个文件导入");
        }
        // All are read before the first is loaded: whoever loads a folder gets all of it or is told what to mend.
        let read: Vec<LawFile> = files
            .iter()
            .map(|file| read(file, *from).map_err(|fault| format!("{}：{fault:#}", file.display())))
            .collect::<Vec<_>>()
            .into_iter()
            .fold(Ok(Vec::new()), gathered)
            .map_err(|faults: Vec<String>| {
                anyhow::anyhow!("没有导入任何文件。\n{}", faults.join("\n"))
            })?;
        if *check {
            for file in &read {
                println!("{}（没有导入）", told(file));
            }
            return Ok(ExitCode::SUCCESS);
        }
        return with_office(place, async |office| import(office, &read).await).await;
    }
    match args.command {
        LawCommand::Remove { law, from } => {
            with_office(place, async |office| remove(office, &law, from).await).await
        }
        _ => {
            with_office(place, async |office| {
                list(office);
                Ok(())
            })
            .await
        }
    }
}

/// All files, or all faults.
fn gathered(
    so_far: Result<Vec<LawFile>, Vec<String>>,
    next: Result<LawFile, String>,
) -> Result<Vec<LawFile>, Vec<String>> {
    match (so_far, next) {
        (Ok(mut files), Ok(file)) => {
            files.push(file);
            Ok(files)
        }
        (Err(faults), Ok(_)) => Err(faults),
        (Ok(_), Err(fault)) => Err(vec![fault]),
        (Err(mut faults), Err(fault)) => {
            faults.push(fault);
            Err(faults)
        }
    }
}

async fn with_office(
    place: &Place,
    act: impl AsyncFnOnce(&Office) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    let installation = Installation::require(place)?;
    let office = installation.open(place, Clock::System).await?;
    let done = act(&office).await;
    office.store().close().await;
    done.map(|()| ExitCode::SUCCESS)
}

fn read(path: &Path, from: Option<Date>) -> anyhow::Result<LawFile> {
    let bytes = std::fs::read(path).context("读不了文件")?;
    let text = String::from_utf8(bytes).ok();
    let text = text.context("不是 UTF-8 编码，请另存为 UTF-8 后重新导入")?;
    Ok(LawFile::read(text, named_day(path), from)?)
}

/// The day in a name as 行政处罚法(2021-01-22).md.
fn named_day(path: &Path) -> Option<Date> {
    let name = path.file_stem()?.to_str()?;
    let (_, day) = name.rsplit_once(['(', '（'])?;
    day.trim_end_matches([')', '）']).parse().ok()
}

fn told(file: &LawFile) -> String {
    let law = file.law();
    let (title, articles) = (&law.title, law.articles.len());
    format!("《{title}》共 {articles} 条，自 {} 起施行", file.from())
}

async fn import(office: &Office, files: &[LawFile]) -> anyhow::Result<()> {
    let mut changed = false;
    for file in files {
        let done = match office.import_law(file).await? {
            LawImport::Added => "已导入",
            LawImport::Replaced => "已导入，代替原来导入的文本",
            LawImport::Unchanged => "已经导入过，没有改动",
        };
        changed = changed || done != "已经导入过，没有改动";
        println!("{}：{done}。", told(file));
    }
    if changed {
        println!("运行中的服务几秒内采用。");
    }
    Ok(())
}

fn line(version: &Version) -> String {
    let text = &version.text;
    let number = text.number.as_deref().unwrap_or_default();
    let short: String = version.digest.chars().take(12).collect();
    format!(
        "{}\t{}\t自 {} 起施行\t{} 条\t{short}",
        text.title,
        number,
        version.from,
        text.articles.len()
    )
}

fn list(office: &Office) {
    let laws = office.laws();
    for version in laws.versions() {
        println!("{}", line(version));
    }
    if laws.versions().next().is_none() {
        println!("还没有导入条文。用 zhiheng law import 文件… 导入，页面即显示所引条文。");
    }
}

async fn remove(office: &Office, law: &str, from: Option<Date>) -> anyhow::Result<()> {
    let laws = office.laws();
    let bare = law.trim_start_matches('《').trim_end_matches('》');
    let found: Vec<&Version> = laws
        .of(bare)
        .filter(|v| from.is_none_or(|day| v.from == day))
        .collect();
    let [version] = found.as_slice() else {
        if found.is_empty() {
            bail!("没有导入《{bare}》的这一版本；用 zhiheng law list 查看已导入的条文");
        }
        let days: Vec<String> = found.iter().map(|v| v.from.to_string()).collect();
        bail!(
            "《{bare}》有 {} 个版本，请用 --from 写明施行日期：{}",
            days.len(),
            days.join("、")
        );
    };
    office.remove_law(&version.digest).await?;
    println!(
        "已停用《{}》自 {} 起施行的条文，记录中仍然保留。",
        version.text.title, version.from
    );
    Ok(())
}
