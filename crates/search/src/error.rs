//! What can go wrong.

use std::io;

/// Why the index did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The index itself failed: a full disk, a damaged file.
    #[error("检索索引出错：{0}")]
    Index(#[from] tantivy::TantivyError),
    /// Its folder cannot be made or emptied.
    #[error("检索索引的文件夹无法读写：{0}")]
    Folder(#[from] io::Error),
}
