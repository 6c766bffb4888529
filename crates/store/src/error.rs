//! Why the store did not open, read or write; each says what, why and what next.

use std::io::ErrorKind;

use sea_orm::DbErr;

use crate::sql::{Fault, SqlError, fault};

/// Why the store could not open, read, or do a job.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address is neither `sqlite:…` nor `postgres://…`.
    #[error("不认识的数据库地址（应以 sqlite: 或 postgres:// 开头）；请检查 ZHIHENG_DATABASE_URL")]
    Url,
    /// There is no database, or it has no tables of ours.
    #[error(
        "数据库是空的，没有本系统的数据；新建的机关请运行 zhiheng setup，换数据库的请用备份恢复（zhiheng restore）"
    )]
    NoSchema,
    /// The schema is older than this program's.
    #[error("数据库结构为第 {found} 版，本程序需要第 {wanted} 版；请备份后运行 zhiheng migrate")]
    OlderSchema {
        /// Version found.
        found: i64,
        /// Version that this program works on.
        wanted: i64,
    },
    /// The schema is newer than this program.
    #[error(
        "数据库结构为第 {found} 版，本程序只认识到第 {wanted} 版；请换用新版程序，不要用旧版程序打开（zhiheng migrate 只能升级，不能降级）"
    )]
    NewerSchema {
        /// Version found.
        found: i64,
        /// Version that this program works on.
        wanted: i64,
    },
    /// The schema could not be brought up to date; the database is as it was.
    #[error(
        "数据库结构没有升级：{0}。数据库没有改动，原来版本的程序可以继续使用；请排除原因后重新运行 zhiheng migrate"
    )]
    NotMigrated(String),
    /// The database is set so that an acknowledged write could be lost.
    #[error(
        "数据库设置“{setting}”为“{found}”，断电时会丢失已确认的记录，拒绝启动；请改为“{wanted}”后重试"
    )]
    Unsafe {
        /// Name of the setting.
        setting: &'static str,
        /// Its value.
        found: String,
        /// The value that is needed.
        wanted: &'static str,
    },
    /// The log was made with another suite or key than the one configured.
    #[error("日志{what}与配置不一致：库中为“{found}”，配置为“{wanted}”；请改用建库时的配置")]
    OtherLog {
        /// What differs.
        what: &'static str,
        /// As recorded.
        found: String,
        /// As configured.
        wanted: String,
    },
    /// The key that signs checkpoints cannot be read or made.
    #[error("日志签名密钥不可用：{0}；请检查密钥文件及其权限")]
    Key(String),
    /// The record asked for does not exist, or the reader may not see it.
    #[error("没有找到{what}“{id}”，或不在可查看的范围内")]
    NotFound {
        /// What was sought.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// The event is not in the log yet.
    #[error("第 {version} 号记录尚未进入日志（通常在一秒内），请稍后再取证明")]
    NotLogged {
        /// Version of the event.
        version: u64,
    },
    /// A stored record is damaged.
    #[error("库中记录损坏：{0}；请运行 zhiheng verify 查明范围，并从备份恢复")]
    Damaged(String),
    /// Another process took over the job.
    #[error("任务“{0}”已由另一进程接管，本进程停止该任务")]
    LeaseLost(&'static str),
    /// The log grew while its tiles were looked over.
    #[error("检查日志分块期间又有新记录写入，分块没有改动；请重新运行 zhiheng rebuild")]
    Grown,
    /// The disk is full.
    #[error("磁盘空间不足，未能写入；请清理磁盘后重试")]
    DiskFull,
    /// The disk takes nothing, though there may be room: it became read-only, or is failing.
    #[error(
        "磁盘写不进去（可能变成了只读，或者出了故障），未能写入；请联系管理员检查磁盘，恢复后重试"
    )]
    Unwritable,
    /// The database cannot be reached.
    #[error("数据库暂时连不上；请确认数据库已启动，稍后重试")]
    Away,
    /// Others hold what the statement needs, for longer than it waits.
    #[error("数据库正忙，没有等到；请稍后重试")]
    Busy,
    /// A file could not be read or written.
    #[error("文件“{path}”读写失败：{source}")]
    File {
        /// Which file or folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gives no thread.
    #[error("系统无法启动写入线程：{0}；请检查内存和进程数限制")]
    Thread(std::io::Error),
    /// The database that something is to be put into has tables already.
    #[error("目标数据库不是空的，没有改动；请另建空的数据库后重试")]
    Occupied,
    /// A server works on the database that is to be moved.
    #[error(
        "还有服务在使用原数据库（任务“{0}”），没有搬移；请先停止所有使用这个数据库的 zhiheng serve，停止后等 10 秒再试"
    )]
    Served(String),
    /// A backup that is not whole, or not of this program.
    #[error("备份不可用：{0}")]
    Backup(String),
    /// The database said something unforeseen.
    #[error("数据库出错：{0}")]
    Database(SqlError),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        SqlError::from(error).into()
    }
}

impl From<SqlError> for StoreError {
    fn from(error: SqlError) -> Self {
        match fault(&error) {
            Fault::DiskFull => Self::DiskFull,
            Fault::Unwritable => Self::Unwritable,
            Fault::Away => Self::Away,
            Fault::Busy => Self::Busy,
            _ => Self::Database(error),
        }
    }
}

impl StoreError {
    /// An error about a file, with its path.
    pub(crate) fn file(path: &std::path::Path, source: std::io::Error) -> Self {
        if is_full(source.kind()) {
            return Self::DiskFull;
        }
        if source.kind() == ErrorKind::ReadOnlyFilesystem {
            return Self::Unwritable;
        }
        Self::File {
            path: path.display().to_string(),
            source,
        }
    }

    pub(crate) fn damaged(what: impl ToString) -> Self {
        Self::Damaged(what.to_string())
    }
}

/// Whether there is no room, on the disk or in what this user may have of it.
fn is_full(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    )
}

/// Why an append was not committed, or is not known to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Somebody else wrote to the stream first; decide anew on the current version.
    #[error(
        "本案刚被他人更新（现为第 {current_version} 号记录），您的操作未保存；请刷新后核对最新内容再办理"
    )]
    Conflict {
        /// Version of the stream now; 0 if it does not exist.
        current_version: u64,
    },
    /// The stream stands at the expected version with another entry than the caller read.
    #[error("第 {version} 号记录与读取时不一致，拒绝续写；请运行 zhiheng verify 查明原因")]
    OtherChain {
        /// The version in question.
        version: u64,
    },
    /// The command id was used for another command.
    #[error("操作编号“{id}”已用于另一操作，本次未保存；请刷新页面后重新提交")]
    CommandReused {
        /// The id.
        id: String,
    },
    /// The append is malformed; nothing was written.
    #[error("内容不能保存：{0}")]
    Invalid(String),
    /// The disk is full; nothing was written.
    #[error("磁盘空间不足，本次操作未保存；请联系管理员清理磁盘，然后重新提交")]
    DiskFull,
    /// The disk takes nothing, though there may be room; `unsure` when that came while the commit was under way.
    #[error("磁盘写不进去（可能变成了只读，或者出了故障），{}；请联系管理员检查磁盘，恢复后用原页面重新提交，系统会识别重复", if *.unsure {
        "尚不能确定本次操作是否已保存"
    } else {
        "本次操作未保存"
    })]
    Unwritable {
        /// Whether it may have been saved after all.
        unsure: bool,
    },
    /// The database is away, or others hold what is needed; `unsure` when the loss came while the commit was under way.
    #[error("{}", if *.unsure {
        "数据库连接中断，尚不能确定本次操作是否已保存；请稍后用原页面重新提交，系统会识别重复"
    } else {
        "数据库暂时连不上或者正忙，本次操作未保存；请稍后重新提交"
    })]
    Unavailable {
        /// Whether it may have been saved after all.
        unsure: bool,
    },
    /// The store was closed.
    #[error("系统正在停止，本次操作未保存；请稍后重新提交")]
    Closed,
    /// The database refused for an unforeseen reason; nothing was written.
    #[error("数据库拒绝写入，本次操作未保存：{0}")]
    Database(String),
}
