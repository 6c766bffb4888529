//! What can go wrong between a command and its answer.

use casework::{Refusal, record::RecordError};
use store::{CommitError, StoreError};

/// An answer other than success.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// The law or the procedure refuses it.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// Somebody else was quicker.
    #[error("本案刚被他人更新，您的操作未保存。其间发生：{}", .changed.join("；"))]
    Conflict {
        /// Version of the case now.
        current_version: u64,
        /// Titles of the steps taken meanwhile.
        changed: Vec<String>,
    },
    /// There is no such thing, or the person may not know of it.
    #[error("没有找到，或者您无权查看")]
    NotFound,
    /// The person may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// It cannot be kept.
    #[error("{0}")]
    Invalid(String),
    /// The database or the disk is not there; nothing typed is lost.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of the program or of its data.
    #[error("{0}")]
    Internal(String),
}

impl From<StoreError> for OfficeError {
    fn from(fault: StoreError) -> Self {
        match &fault {
            StoreError::Away | StoreError::DiskFull => Self::Unavailable(fault.to_string()),
            _ => Self::Internal(fault.to_string()),
        }
    }
}

impl From<RecordError> for OfficeError {
    fn from(fault: RecordError) -> Self {
        match fault {
            RecordError::NulCharacter => Self::Invalid(fault.to_string()),
            _ => Self::Internal(fault.to_string()),
        }
    }
}

impl From<papers::PaperError> for OfficeError {
    fn from(fault: papers::PaperError) -> Self {
        Self::Invalid(format!("文书未能生成：{fault}"))
    }
}

impl From<CommitError> for OfficeError {
    fn from(fault: CommitError) -> Self {
        match fault {
            CommitError::Conflict { current_version } => Self::Conflict {
                current_version,
                changed: Vec::new(),
            },
            CommitError::DiskFull | CommitError::Unavailable { .. } | CommitError::Closed => {
                Self::Unavailable(fault.to_string())
            }
            CommitError::Invalid(_) | CommitError::CommandReused { .. } => {
                Self::Invalid(fault.to_string())
            }
            CommitError::OtherChain { .. } | CommitError::Database(_) => {
                Self::Internal(fault.to_string())
            }
        }
    }
}
