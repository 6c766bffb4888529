//! What comes by itself: time, jobs, holiday notices, the copying back of what was written.

use std::sync::Arc;

use anyhow::{Result, ensure};
use office::{Office, OfficeError};

use super::Deeds;
use crate::{
    disk,
    jobs::{follow_calendar, publish, sequence},
    turnstile::{Trouble, Work},
};

const DAY_US: i64 = 86_400_000_000;

/// A holiday notice of a year to come, in the form that a bureau imports.
fn notice(year: i16, days: i64) -> String {
    let off = (1..=days).map(|day| format!("{year}-10-{day:02},国庆节,休,{year}\n"));
    format!("date,name,type,paper_year\n{}", off.collect::<String>())
}

impl Deeds {
    pub(super) async fn clock(&mut self) -> Result<()> {
        if !self.course.straight && self.chance.percent(8) {
            // Somebody sets the machine's clock right, or wrong.
            let hours = self.chance.between(1, 30);
            self.world.tick(-hours * DAY_US / 24);
            self.note(format!("clock: {hours} hours back"));
            return Ok(());
        }
        let longest = self.pause_days().await?;
        let days = match self.chance.below(10) {
            _ if self.course.straight => self.chance.between(1, longest),
            0..8 => self.chance.between(1, 6),
            8 => self.chance.between(7, 40),
            _ => self.chance.between(36, 200),
        };
        self.world.tick(days * DAY_US);
        self.memory.stuck.clear();
        let today = self.world.today();
        self.note(format!("clock: {days} days on, to {today}"));
        if self.course.straight || self.chance.percent(50) {
            return self.job("expiry").await;
        }
        Ok(())
    }

    /// Days that are waited at a time at most.
    async fn pause_days(&mut self) -> Result<i64> {
        let (before, after) = self.course.way.pause_days;
        if before == after {
            return Ok(before);
        }
        let file = self.some_case().await?;
        let served = file.is_some_and(|file| {
            let mut parties = file.state.parties.iter();
            parties.any(|party| party.is("delivery", "effective"))
        });
        Ok(if served { after } else { before })
    }

    /// A holiday notice comes.
    pub(super) async fn import(&mut self) -> Result<()> {
        let text = notice(self.world.today().year() + 1, self.chance.between(3, 9));
        let taken = self.world.office.import_calendar(&text).await?;
        self.note(format!("calendar imported, new: {}", taken.is_some()));
        Ok(())
    }

    /// Somebody has the database copy back what was written, as a backup does; the power may go meanwhile.
    pub(super) fn checkpoint(&mut self) -> Result<()> {
        let Some(file) = self.world.database() else {
            return Ok(());
        };
        if self.chance.percent(50) {
            let at = self.chance.below(3);
            self.world.disk.trouble(at, disk::Trouble::PowerBefore);
        }
        let conn = rusqlite::Connection::open(file)?;
        // It fails with the power, or while others read.
        let done = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        self.note(format!("database copied back: {}", done.is_ok()));
        self.world.disk.calm();
        Ok(())
    }

    pub(super) async fn job(&mut self, name: &'static str) -> Result<()> {
        self.rest().await?;
        let work = self.work_of(name, self.world.office.clone());
        let kinds = [Trouble::Cut, Trouble::Fail, Trouble::Leave];
        let trouble = (!self.course.straight && self.chance.percent(25))
            .then(|| self.chance.below(6))
            .zip(self.chance.pick(&kinds).copied());
        let ran = self
            .world
            .turnstile
            .run(&mut self.chance, vec![work], trouble)
            .await;
        let failed = ran.failed.as_deref().unwrap_or("nothing");
        self.note(format!("job: {name}, cut: {}, failed: {failed}", ran.cut));
        ensure!(ran.panics.is_empty(), "{name} broke down: {:?}", ran.panics);
        self.memory.figures.failures += usize::from(ran.failed.is_some());
        for answer in ran.answers.into_iter().flatten() {
            // What was made to fail may be told; a job that tries again by itself need not.
            if ran.failed.is_none() {
                answer?;
            }
        }
        if ran.cut {
            return self.crash(None).await;
        }
        self.world.keep_checkpoint().await
    }

    fn work_of(&self, name: &str, office: Office) -> Work<Result<()>> {
        let portal = Arc::clone(&self.world.portal);
        let bar = self.world.turnstile.bar();
        match name {
            "expiry" => Box::pin(async move { Ok(expire(&office).await?) }),
            "sequencer" => Box::pin(sequence(office)),
            "calendar" => Box::pin(follow_calendar(office)),
            _ => Box::pin(async move { publish(office, portal, bar).await.map(drop) }),
        }
    }
}

async fn expire(office: &Office) -> Result<(), OfficeError> {
    office.expire_due().await.map(drop)
}
