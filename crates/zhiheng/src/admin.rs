//! Commands for whoever looks after the machine: migrate, doctor, backup, restore, rebuild, verify.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use casework::record::StreamKind;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use law::rules::NATIONWIDE;
use ledger::SignedCheckpoint;
use office::{Clock, Office, rebuild_rows};
use portal::PortalStore;
use store::{Rebuilt, RestoreOptions, Store};

use crate::{
    cli::Place,
    install::{Installation, TEMPLATES, occupy, portal_url},
    staffing,
};

/// The settings file of an installation, in its folder and in a backup.
const SETTINGS: &str = "zhiheng.json";

pub(crate) fn bar(what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} 尚需 {eta}");
    ProgressBar::new(0)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(what)
}

pub(crate) fn show(bar: &ProgressBar) -> impl FnMut(u64, u64) + '_ {
    |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    }
}

/// `zhiheng migrate`
pub async fn migrate(place: &Place) -> anyhow::Result<ExitCode> {
    let installation = Installation::require(place)?;
    let _occupied = occupy(place)?;
    let migrated =
        Store::upgrade(&installation.store_config(place)?, Clock::System.now_us()).await?;
    if migrated.from == migrated.to {
        println!("数据库结构已是第{}版，无需升级。", migrated.to);
    } else {
        println!(
            "数据库结构已由第{}版升级到第{}版。",
            migrated.from, migrated.to
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// What `doctor` found, told line by line.
struct Findings {
    good: bool,
}

impl Findings {
    fn say(&mut self, ok: bool, text: &str) {
        self.good &= ok;
        println!("{} {text}", if ok { "正常" } else { "注意" });
    }
}

/// `zhiheng doctor`
pub async fn doctor(place: &Place) -> anyhow::Result<ExitCode> {
    let installation = Installation::require(place)?;
    let office = installation.open(place, Clock::System).await?;
    let mut found = Findings { good: true };
    office.store().ping().await?;
    found.say(true, "数据库可用，写入设置安全");
    check_files(&mut found, &place.data)?;
    check_log(&mut found, &office).await?;
    check_publications(&mut found, place).await?;
    check_people(&mut found, &office).await?;
    check_claims(&mut found, &office).await?;
    office.store().close().await;
    Ok(if found.good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn check_files(found: &mut Findings, data: &Path) -> anyhow::Result<()> {
    let loose = others_may_read(data)?;
    let Some(first) = loose.first() else {
        found.say(true, "数据文件夹只有本系统用户能够读写");
        return Ok(());
    };
    let text = format!(
        "数据文件夹中有 {} 处其他系统用户也能读取（如 {}）；请运行 chmod -R go= {}",
        loose.len(),
        first.display(),
        data.display()
    );
    found.say(false, &text);
    Ok(())
}

async fn check_log(found: &mut Findings, office: &Office) -> anyhow::Result<()> {
    let waiting = office.store().unsequenced().await?;
    let size = office.store().log_size().await?;
    found.say(true, &format!("日志 {size} 条，待入日志 {waiting} 条"));
    Ok(())
}

async fn check_publications(found: &mut Findings, place: &Place) -> anyhow::Result<()> {
    let portal = PortalStore::open(&portal_url(place)).await?;
    for aside in portal.aside().await? {
        let (id, why) = (aside.id, aside.why);
        let text = format!(
            "公示“{id}”没有公开：{why}；请排除原因，程序每小时再办理一次，重新启动 zhiheng serve 的立即办理"
        );
        found.say(false, &text);
    }
    portal.close().await;
    Ok(())
}

/// Cards in force, settings that are missing, and steps that somebody's absence leaves without people.
async fn check_people(found: &mut Findings, office: &Office) -> anyhow::Result<()> {
    let (roster, today) = (office.roster().await?, office.now().1);
    let people = roster.people.values();
    let officers = people.filter(|p| p.active && p.roles.iter().any(|r| r == "officer"));
    for person in officers.filter(|p| p.card_on(today).is_none()) {
        found.say(false, &format!("{}没有有效的行政执法证件", person.name));
    }
    for line in staffing::missing_settings(&*office.pack()?, office.config(), today) {
        found.say(false, &line);
    }
    let lines = staffing::of_office(office).await?;
    if lines.is_empty() {
        found.say(true, "人员足够：任何一人不在岗，各步骤仍有人办理");
        return Ok(());
    }
    for line in &lines {
        found.say(false, line);
    }
    println!("{}", staffing::ADVICE);
    Ok(())
}

async fn check_claims(found: &mut Findings, office: &Office) -> anyhow::Result<()> {
    for claim in office.unused_claims().await? {
        let text = format!(
            "文号“{}”已领取，没有文书或者案件使用，也没有作废；正在办理的请稍后再查，否则请在文号登记簿上注明",
            claim.number
        );
        found.say(false, &text);
    }
    Ok(())
}

/// The data folder and what lies directly in it, as far as other users of the machine may read or change it.
///
/// What lies deeper is kept by the folder above it.
fn others_may_read(data: &Path) -> io::Result<Vec<PathBuf>> {
    let inside = fs::read_dir(data)?.map(|entry| entry.map(|entry| entry.path()));
    let mut loose = Vec::new();
    for path in std::iter::once(Ok(data.to_owned())).chain(inside) {
        let path = path?;
        if fs::metadata(&path)?.permissions().mode() & 0o077 != 0 {
            loose.push(path);
        }
    }
    Ok(loose)
}

/// `zhiheng backup`
pub async fn backup(place: &Place, to: &Path) -> anyhow::Result<ExitCode> {
    let installation = Installation::require(place)?;
    let store = Store::open(&installation.store_config(place)?).await?;
    let settings = fs::read(place.data.join(SETTINGS))?;
    let templates = own_templates(place)?;
    let mut beside = vec![(SETTINGS, settings.as_slice())];
    beside.extend(templates.iter().map(|(name, text)| (&**name, &**text)));
    let manifest = store
        .backup_with(to, &beside, Clock::System.now_us())
        .await?;
    store.close().await;
    println!(
        "已备份到 {}（{} 个文件）。",
        to.display(),
        manifest.files.len()
    );
    println!(
        "日志签名密钥（{}/log.key）不在备份中，请另行妥善保管。",
        place.data.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// The bureau's own templates by their place in the backup; none where there is no folder of them.
fn own_templates(place: &Place) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let folder = place.data.join(TEMPLATES);
    let mut templates = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|n| n.to_str());
            if let Some(name) = name.filter(|n| n.ends_with(".typ")) {
                templates.push((format!("{TEMPLATES}/{name}"), fs::read(&path)?));
            }
        }
    }
    Ok(templates)
}

/// Puts back the bureau's own templates that the manifest of a verified backup names.
fn put_templates_back(
    place: &Place,
    from: &Path,
    manifest: &store::Manifest,
) -> anyhow::Result<()> {
    for file in &manifest.files {
        let name = file
            .path
            .strip_prefix(TEMPLATES)
            .and_then(|n| n.strip_prefix('/'));
        // Only a plain name: nothing is written outside the folder, whatever a manifest says.
        if let Some(name) = name.filter(|n| Path::new(n).file_name() == Some(n.as_ref())) {
            fs::create_dir_all(place.data.join(TEMPLATES))?;
            fs::copy(from.join(&file.path), place.data.join(TEMPLATES).join(name))?;
        }
    }
    Ok(())
}

/// `zhiheng restore`
pub async fn restore(
    place: &Place,
    from: &Path,
    checkpoint: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        Installation::read(place)?.is_none(),
        "{} 中已有安装，请恢复到空文件夹",
        place.data.display()
    );
    fs::create_dir_all(&place.data)?;
    let settings = fs::read(from.join(SETTINGS))
        .with_context(|| format!("{} 不是完整的备份", from.display()))?;
    fs::write(place.data.join(SETTINGS), settings)?;
    let outcome = restore_into(place, from, checkpoint).await;
    if outcome.is_err() {
        // A folder half restored must not be taken for an installation.
        fs::remove_file(place.data.join(SETTINGS))?;
    }
    outcome
}

async fn restore_into(
    place: &Place,
    from: &Path,
    checkpoint: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    let installation = Installation::require(place)?;
    let published = checkpoint.map(read_checkpoint).transpose()?;
    let options = RestoreOptions {
        published,
        new_origin: false,
    };
    let restored = Store::restore(
        from,
        &installation.store_config(place)?,
        &options,
        Clock::System.now_us(),
    )
    .await?;
    put_templates_back(place, from, &restored.manifest)?;
    println!(
        "已恢复并核验：记录 {} 条，文件 {} 个。",
        restored.report.events, restored.report.objects_checked
    );
    say_settings(&installation, restored.manifest.names(SETTINGS));
    if restored.renamed {
        println!(
            "备份落后于已公布的检查点，日志改用新名“{}”，首条记录写明旧日志。",
            restored.origin
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// `zhiheng move`
pub async fn move_to(place: &Place, to: &str) -> anyhow::Result<ExitCode> {
    let installation = Installation::require(place)?;
    let _occupied = occupy(place)?;
    let store = Store::open(&installation.store_config(place)?).await?;
    let mut target = installation.store_config(place)?;
    to.clone_into(&mut target.url);
    let bar = bar("搬移并核对");
    let moved = store
        .move_to(&target, Clock::System.now_us(), show(&bar))
        .await;
    bar.finish_and_clear();
    store.close().await;
    let moved = moved?;
    println!(
        "已搬移 {} 行并逐行核对；记录 {} 条，文件 {} 个，核验通过。",
        moved.rows, moved.report.events, moved.report.objects_checked
    );
    println!("全部记录的摘要 {}，两库相同。", moved.digest);
    println!(
        "原数据库没有改动。下一步：在服务的设置中把 ZHIHENG_DATABASE_URL 改为新地址后启动，并把原数据库移走封存；\
         两处都继续办理的，日志会分岔。"
    );
    Ok(ExitCode::SUCCESS)
}

/// What cases will be judged by from now on, for whoever restores to compare with what the bureau had.
fn say_settings(installation: &Installation, checked: bool) {
    println!("恢复的安装设置（{SETTINGS}），请与本机关原来的设置核对：");
    if !checked {
        println!("注意 这份备份是旧版程序做的，清单中没有安装设置的摘要，无法核验是否改动过");
    }
    println!(
        "  机关标识 {}，日志名称 {}，密码套件 {}",
        installation.body_id, installation.origin, installation.suite
    );
    if let Some(region) = &installation.region {
        println!("  区划代码 {region}");
    }
    for setting in &installation.settings {
        let basis = setting.article.as_deref().unwrap_or("未写依据");
        let day = |day: Option<Date>, none: &str| day.map_or(none.to_owned(), |d| d.to_string());
        println!(
            "  {} = {}（{basis}；{}至{}；{}）",
            setting.key,
            setting.value,
            day(setting.from, "一直"),
            day(setting.to, "未定"),
            setting.region.as_deref().unwrap_or(NATIONWIDE)
        );
    }
}

pub(crate) fn read_checkpoint(path: &Path) -> anyhow::Result<SignedCheckpoint> {
    let text = fs::read_to_string(path).with_context(|| format!("读不了 {}", path.display()))?;
    SignedCheckpoint::parse(text.as_bytes())
        .with_context(|| format!("{} 不是检查点", path.display()))
}

/// `zhiheng rebuild`
pub async fn rebuild(place: &Place) -> anyhow::Result<ExitCode> {
    let installation = Installation::require(place)?;
    let office = installation.open(place, Clock::System).await?;
    let bar = bar("重建视图");
    let rebuilt = rebuild_views(&office, show(&bar)).await?;
    bar.finish_and_clear();
    let equal = if rebuilt.was_equal() {
        "与原视图完全一致"
    } else {
        "与原视图不一致，已改正"
    };
    println!("视图已重建，{equal}。");
    let bar = self::bar("检查日志分块");
    let tiles = office.store().rebuild_tiles(show(&bar)).await?;
    bar.finish_and_clear();
    match tiles {
        0 => println!("日志分块与日志各条一致，没有改动。"),
        count => println!("日志分块有 {count} 块缺失或者不符，已由日志各条重建。"),
    }
    office.store().close().await;
    Ok(ExitCode::SUCCESS)
}

/// Makes all views again from the events, with the calendar in force.
pub async fn rebuild_views(
    office: &Office,
    on_progress: impl FnMut(u64, u64),
) -> anyhow::Result<Rebuilt> {
    let (packs, calendar) = (office.packs().await?, office.calendar());
    let project = |kind: StreamKind, events: &[store::Stored]| {
        rebuild_rows(kind, events, &packs, &calendar).map_err(|fault| fault.to_string())
    };
    let store = office.store();
    let job = store.rebuild(project, on_progress);
    let rebuilt = store
        .alone("rebuild", || Clock::System.now_us(), job)
        .await?;
    Ok(rebuilt.context("另一进程正在重建视图，没有重复进行；请稍后再试")??)
}
