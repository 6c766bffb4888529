//! What is wrong with a pack or a property file, and where.

/// A fault in a file of the pack language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file} 第{line}行：{message}")]
pub struct PackError {
    /// File name as given to the reader.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong and what was expected, in Chinese.
    pub message: String,
}
