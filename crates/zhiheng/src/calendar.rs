//! `zhiheng calendar`: dates counted for scripts, and holiday notices imported for the bureau.

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use law::calendar::Calendar;
use office::{CALENDAR_FOLLOWER, Clock, Office};

use crate::{
    admin,
    cli::{CalendarArgs, CalendarCommand, Place},
    install::Installation,
    tools,
};

/// `zhiheng calendar …`
pub async fn calendar(place: &Place, args: CalendarArgs) -> anyhow::Result<ExitCode> {
    match args.command {
        CalendarCommand::Add { .. } => tools::calendar_add(),
        CalendarCommand::Import { file, check } => import(place, &file, check).await,
    }
}

async fn import(place: &Place, file: &Path, check: bool) -> anyhow::Result<ExitCode> {
    let bytes = std::fs::read(file).with_context(|| format!("读不了 {}", file.display()))?;
    let text = String::from_utf8(bytes).ok().with_context(|| {
        format!(
            "{} 不是 UTF-8 编码，请另存为 UTF-8 后重新导入",
            file.display()
        )
    })?;
    let notices = Calendar::parse(&text)?;
    let years = years(&notices);
    if check {
        println!("放假通知没有问题：{years}。（只核对，没有导入）");
        return Ok(ExitCode::SUCCESS);
    }
    let installation = Installation::require(place)?;
    let office = installation.open(place, Clock::System).await?;
    match office.import_calendar(&text).await? {
        None => println!("{years}的放假安排与现有的相同，没有改动。"),
        Some(calendar) => {
            println!("已导入{years}的放假安排，日历版本 {}。", calendar.version());
            println!("运行中的服务几秒内采用并重算各案期限；没有运行的，启动时重算。");
        }
    }
    office.store().close().await;
    Ok(ExitCode::SUCCESS)
}

fn years(calendar: &Calendar) -> String {
    let years: Vec<String> = calendar
        .announced_years()
        .map(|year| format!("{year}年"))
        .collect();
    years.join("、")
}

/// Takes up what was imported, and makes the views again where their due dates are of an earlier calendar.
pub struct Follower {
    /// Version of the calendar's stream with which this process counts, as far as the views were made again since.
    made: u64,
}

impl Follower {
    /// For a process that counts with the calendar that its office was opened with.
    pub fn new(office: &Office) -> Self {
        Self {
            made: office.calendar_version(),
        }
    }

    /// Whether there was anything to do.
    ///
    /// Each server on a database does it once it counts anew itself: until then it may have written dates of the
    /// earlier calendar over those that another has made.
    pub async fn follow(&mut self, office: &Office) -> anyhow::Result<bool> {
        let version = office.refresh_calendar().await?;
        let recorded = office.store().cursor(CALENDAR_FOLLOWER).await?;
        if recorded == version && self.made == version {
            return Ok(false);
        }
        admin::rebuild_views(office, |_, _| {}).await?;
        office
            .store()
            .set_cursor(CALENDAR_FOLLOWER, version)
            .await?;
        self.made = version;
        Ok(true)
    }
}
