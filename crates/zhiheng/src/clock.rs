//! `zhiheng clock`: the machine's clock, where it holds up what is to be done.

use std::process::ExitCode;

use anyhow::{Context, ensure};
use jiff::civil::DateTime;
use law::calendar::BEIJING;
use office::{Clock, Office};
use store::Sequencer;

use crate::{
    cli::{ClockArgs, ClockCommand, Place},
    install::Installation,
};

/// How far the time that the keeper reads elsewhere may be from the machine's, minutes.
const APART_MAX_MINUTES: i64 = 5;

/// `zhiheng clock …`
pub async fn clock(place: &Place, args: ClockArgs) -> anyhow::Result<ExitCode> {
    let ClockCommand::Accept { now, reason } = args.command;
    let installation = Installation::require(place)?;
    let office = installation.open(place, Clock::System).await?;
    let done = accept(&office, &now, &reason).await;
    office.store().close().await;
    done
}

/// Whoever accepts a clock has looked at another one: a clock that was set to any past day would date wrongly.
async fn accept(office: &Office, now: &str, reason: &str) -> anyhow::Result<ExitCode> {
    let read: DateTime = now.trim().parse().ok().with_context(|| {
        format!("“{now}”不是时间；请照其他可靠的时钟填写北京时间，如 2026-03-02T09:30")
    })?;
    let read = BEIJING.to_timestamp(read)?.as_microsecond();
    let here = office.now().0;
    ensure!(
        (read - here).abs() <= APART_MAX_MINUTES * 60_000_000,
        "本机时钟与所填的时间相差 {APART_MAX_MINUTES} 分钟以上，没有改动；请先校准本机时钟，再照其他可靠的时钟填写"
    );
    let accepted = office.accept_clock(reason).await?;
    // A server that runs does so itself; without one this is the checkpoint from which on acts are held to the time.
    let mut sequencer = Sequencer::new(office.store().clone());
    sequencer.run_once(office.now().0).await?;
    sequencer.release().await?;
    println!("已记入日志：{}", accepted.told());
    println!("运行中的服务几秒内恢复办理。走快期间记错日期的案件，逐件登记更正。");
    Ok(ExitCode::SUCCESS)
}
