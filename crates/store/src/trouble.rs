//! A disk that takes no more, as far as it has been met: told until both database and files take something again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::error::{CommitError, StoreError};
use crate::store::Store;

const NONE: u8 = 0;
const FULL: u8 = 1;
const UNWRITABLE: u8 = 2;

/// Shared by all that writes; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trouble(Arc<AtomicU8>);

impl Trouble {
    /// Takes note of why a file, or a row that is no event, was not written.
    pub(crate) fn of(&self, error: StoreError) -> StoreError {
        match &error {
            StoreError::DiskFull => self.set(FULL),
            StoreError::Unwritable => self.set(UNWRITABLE),
            _ => {}
        }
        error
    }

    /// Takes note of why an append was not committed.
    pub(crate) fn of_commit(&self, error: &CommitError) {
        match error {
            CommitError::DiskFull => self.set(FULL),
            CommitError::Unwritable { .. } => self.set(UNWRITABLE),
            _ => {}
        }
    }

    fn set(&self, what: u8) {
        self.0.store(what, Ordering::Relaxed);
    }

    fn told(&self) -> Option<&'static str> {
        match self.0.load(Ordering::Relaxed) {
            FULL => Some(
                "磁盘空间不足，暂停办理：已经办理的没有影响，可以照常查看；没有保存的，恢复后重新提交。请联系管理员清理磁盘，清理后自动恢复",
            ),
            UNWRITABLE => Some(
                "磁盘写不进去（可能变成了只读，或者出了故障），暂停办理：已经办理的没有影响；没有保存的，恢复后重新提交。请联系管理员检查磁盘，恢复后自动继续",
            ),
            _ => None,
        }
    }
}

impl Store {
    pub(crate) fn trouble_slot(&self) -> &Trouble {
        self.objects().trouble()
    }

    /// A disk that takes nothing, since a write failed there and none is known to go through: what it means, and what
    /// next. A database that is away [`Store::ping`] tells.
    pub fn trouble(&self) -> Option<&'static str> {
        self.trouble_slot().told()
    }

    /// Tries, after a trouble, whether database and folder of files take something again.
    pub(crate) async fn probe(&self) {
        if self.trouble().is_none() {
            return;
        }
        let row = "UPDATE meta SET value = value WHERE key = 'suite'";
        let row = self.inner.writer.run(row, &[]).await;
        let objects = self.objects().clone();
        let file = tokio::task::spawn_blocking(move || objects.probe()).await;
        if row.is_ok() && matches!(file, Ok(Ok(()))) {
            self.trouble_slot().set(NONE);
        }
    }
}
