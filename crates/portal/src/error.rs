//! Why the portal does not take or give something; each says what, why and what next.

use ledger::{BundleFault, CheckpointFault, KeyFault};
use sea_orm::DbErr;

/// What can go wrong in the portal's store.
#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    /// The address is neither `sqlite:…` nor `postgres://…`.
    #[error("不认识的公示数据库地址（应以 sqlite: 或 postgres:// 开头）；请检查配置")]
    Url,
    /// The tables are of a newer program.
    #[error("公示数据库结构为第 {found} 版，本程序只认识到第 {wanted} 版；请换用新版程序")]
    NewerSchema {
        /// Version found.
        found: i64,
        /// Version that this program works on.
        wanted: i64,
    },
    /// There is no public key yet, so nothing can be checked.
    #[error("公示数据库中还没有日志公钥，不能核对证明；请先写入检查点和公钥")]
    NoKey,
    /// The key or the checkpoint is not one.
    #[error("日志公钥不可用：{0}")]
    Key(#[from] KeyFault),
    /// The checkpoint does not hold under the key.
    #[error("检查点未通过核对，没有写入：{0}")]
    Checkpoint(#[from] CheckpointFault),
    /// The proof does not hold for the document, so it is not published.
    #[error("证明未通过核对，没有公示：{0}")]
    Bundle(#[from] BundleFault),
    /// An item with that id and another content is published already.
    #[error("编号“{0}”已公示，内容与这次不同；已公示的内容不得改写，请先撤回，再以新编号公示")]
    Changed(String),
    /// A member of the item that cannot be.
    #[error("公示内容的“{member}”{why}")]
    Invalid {
        /// The member, in Chinese.
        member: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is no such item.
    #[error("没有编号为“{0}”的公示")]
    NotFound(String),
    /// The database does not answer, or said something unforeseen.
    #[error("公示数据库暂时不可用：{0}；请稍后重试")]
    Database(#[from] DbErr),
    /// A stored row is not of the declared shape.
    #[error("公示数据库中的记录损坏：{0}；请从案件库重新公示")]
    Damaged(String),
}
