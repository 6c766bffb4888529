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
    /// The command's id was used for another command.
    #[error("{0}")]
    Reused(String),
    /// The database or the disk is not there; nothing typed is lost.
    #[error("{0}")]
    Unavailable(String),
    /// What is stored is missing or damaged, or this program cannot read it: it stays so until somebody mends it.
    #[error("{0}")]
    Damaged(String),
    /// A fault of the program or of the machine, which may pass.
    #[error("{0}")]
    Internal(String),
}

impl OfficeError {
    /// What sort of fault it is, for the program's log: its sentence may hold names and is for the person who asked.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Conflict { .. } => "conflict",
            Self::NotFound => "not found",
            Self::Forbidden(_) => "forbidden",
            Self::Invalid(_) => "invalid",
            Self::Reused(_) => "reused",
            Self::Unavailable(_) => "unavailable",
            Self::Damaged(_) => "damaged",
            Self::Internal(_) => "internal",
        }
    }

    /// Whether it is known to stay as it is, so that another try without a change would find the same.
    pub fn lasts(&self) -> bool {
        match self {
            Self::Refused(_)
            | Self::NotFound
            | Self::Forbidden(_)
            | Self::Invalid(_)
            | Self::Reused(_)
            | Self::Damaged(_) => true,
            Self::Conflict { .. } | Self::Unavailable(_) | Self::Internal(_) => false,
        }
    }
}

impl From<StoreError> for OfficeError {
    fn from(fault: StoreError) -> Self {
        match &fault {
            StoreError::Away
            | StoreError::Busy
            | StoreError::DiskFull
            | StoreError::Unwritable
            | StoreError::NotLogged { .. } => Self::Unavailable(fault.to_string()),
            StoreError::NotFound { .. } | StoreError::Damaged(_) => {
                Self::Damaged(fault.to_string())
            }
            _ => Self::Internal(fault.to_string()),
        }
    }
}

impl From<RecordError> for OfficeError {
    fn from(fault: RecordError) -> Self {
        match fault {
            RecordError::NulCharacter => Self::Invalid(fault.to_string()),
            _ => Self::Damaged(fault.to_string()),
        }
    }
}

impl From<papers::PaperError> for OfficeError {
    fn from(fault: papers::PaperError) -> Self {
        let told = format!("文书未能生成：{fault}");
        match fault {
            // The others that wait will be done in a moment; every other fault is the template's or the paper's own.
            papers::PaperError::Crowded { .. } => Self::Unavailable(told),
            _ => Self::Invalid(told),
        }
    }
}

impl From<CommitError> for OfficeError {
    fn from(fault: CommitError) -> Self {
        match fault {
            CommitError::Conflict { current_version } => Self::Conflict {
                current_version,
                changed: Vec::new(),
            },
            CommitError::DiskFull
            | CommitError::Unwritable { .. }
            | CommitError::Unavailable { .. }
            | CommitError::Closed => Self::Unavailable(fault.to_string()),
            CommitError::Invalid(_) => Self::Invalid(fault.to_string()),
            CommitError::CommandReused { .. } => Self::Reused(fault.to_string()),
            CommitError::OtherChain { .. } | CommitError::Database(_) => {
                Self::Internal(fault.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_told_from_what_lasts() {
        let file = || StoreError::File {
            path: "x".to_owned(),
            source: std::io::Error::other("too many open files"),
        };
        let passing: [OfficeError; 6] = [
            StoreError::Away.into(),
            StoreError::Busy.into(),
            StoreError::NotLogged { version: 1 }.into(),
            file().into(),
            CommitError::Unavailable { unsure: false }.into(),
            CommitError::Database("unforeseen".to_owned()).into(),
        ];
        for fault in passing {
            assert!(!fault.lasts(), "{fault}");
        }
        let template = || "urging_letter".to_owned();
        let crowded = papers::PaperError::Crowded {
            template: template(),
        };
        assert!(!OfficeError::from(crowded).lasts());
        let looping = papers::PaperError::TooLong {
            template: template(),
            seconds: 10,
        };
        assert!(OfficeError::from(looping).lasts());
        let missing = StoreError::NotFound {
            what: "文件",
            id: "x".to_owned(),
        };
        let lasting: [OfficeError; 4] = [
            missing.into(),
            StoreError::Damaged("x".to_owned()).into(),
            RecordError::UnknownType("case.acted@9".to_owned()).into(),
            CommitError::Invalid("x".to_owned()).into(),
        ];
        for fault in lasting {
            assert!(fault.lasts(), "{fault}");
        }
    }
}
