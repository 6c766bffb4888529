//! Checkpoints (c2sp.org/tlog-checkpoint): the signed word of a log about its size and root.

use crate::encoding::{SIZE_MAX, base64, decimal, hash_from_base64};
use crate::key::{SigningKey, VerifyingKey, valid_name};
use crate::note::{Note, NoteFault};
use crate::suite::{Hash, Suite};
use crate::tree::{ProofFault, verify_consistency};

/// What a log says of itself at one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    extensions: Vec<String>,
}

/// Why a checkpoint is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointFault {
    /// The note is malformed or not signed.
    #[error("检查点：{0}")]
    Note(#[from] NoteFault),
    /// The note's text is not a checkpoint's.
    #[error("检查点的正文不符合格式（{0}）；请重新下载")]
    Malformed(&'static str),
    /// The key is of another log.
    #[error("检查点属于日志“{origin}”，公钥属于“{key}”；请取用该日志的公钥")]
    Origin {
        /// Origin of the checkpoint.
        origin: String,
        /// Name of the key.
        key: String,
    },
    /// A log without leaves has one root only.
    #[error("检查点的大小为零，根摘要却不是空日志的；检查点无效")]
    EmptyRoot,
}

impl Checkpoint {
    /// A checkpoint to be signed; the origin must be usable as a key name, the size below 2^63.
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, CheckpointFault> {
        if !valid_name(origin) {
            return Err(CheckpointFault::Malformed(
                "日志名称应为 1 至 255 字节，不含空白和加号",
            ));
        }
        if size > SIZE_MAX {
            return Err(CheckpointFault::Malformed("大小超出范围"));
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions: Vec::new(),
        })
    }

    /// Signs with the log's key, whose name must be the origin. A log signs no size twice with two roots.
    pub fn sign(self, key: &SigningKey) -> Result<SignedCheckpoint, CheckpointFault> {
        self.check_key(key.verifying_key())?;
        let note = Note::sign(self.text(), key)?;
        Ok(SignedCheckpoint {
            checkpoint: self,
            note,
        })
    }

    /// Unique name of the log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree of that size.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// Opaque further lines of a foreign log; ours never has any.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, base64(&self.root.0));
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    fn parse_text(text: &str) -> Result<Self, CheckpointFault> {
        use CheckpointFault::Malformed;
        let mut lines = text
            .strip_suffix('\n')
            .ok_or(Malformed("不以换行结束"))?
            .split('\n');
        let origin = lines
            .next()
            .filter(|line| !line.is_empty())
            .ok_or(Malformed("缺少日志名称"))?;
        let size = lines
            .next()
            .and_then(decimal)
            .ok_or(Malformed("大小不是规范的十进制数"))?;
        let root = lines
            .next()
            .and_then(hash_from_base64)
            .ok_or(Malformed("根摘要不是 32 字节的 base64"))?;
        let extensions: Vec<_> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(Malformed("附加行为空"));
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root,
            extensions,
        })
    }

    fn check_key(&self, key: &VerifyingKey) -> Result<(), CheckpointFault> {
        if self.origin != key.name() {
            return Err(CheckpointFault::Origin {
                origin: self.origin.clone(),
                key: key.name().to_owned(),
            });
        }
        if self.size == 0 && self.root != key.suite().empty_root() {
            return Err(CheckpointFault::EmptyRoot);
        }
        Ok(())
    }
}

/// A checkpoint as it is published, with the log's signature and perhaps those of witnesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Reads a checkpoint without checking any signature.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointFault> {
        let note = Note::parse(bytes)?;
        Ok(Self {
            checkpoint: Checkpoint::parse_text(note.text())?,
            note,
        })
    }

    /// The checkpoint, if the log's key signed it; co-signatures by others are neither needed nor in the way.
    pub fn verify(&self, key: &VerifyingKey) -> Result<&Checkpoint, CheckpointFault> {
        self.note.verify(key)?;
        self.checkpoint.check_key(key)?;
        Ok(&self.checkpoint)
    }

    /// The checkpoint as it claims to be, for display and for choosing a key.
    pub fn unverified(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signed note underneath.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// The bytes to store and to publish.
    pub fn encode(&self) -> String {
        self.note.encode()
    }
}

/// Why one checkpoint does not extend another.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionFault {
    /// They are of two logs.
    #[error("两个检查点分属日志“{old}”与“{new}”，不能比较；重建后的日志从其首条记录查找原日志")]
    Origin {
        /// Origin of the earlier checkpoint.
        old: String,
        /// Origin of the later one.
        new: String,
    },
    /// The later tree does not contain the earlier one.
    #[error(transparent)]
    Proof(#[from] ProofFault),
}

/// Checks that the later of two verified checkpoints of one log only adds to the earlier.
pub fn verify_extension(
    suite: Suite,
    earlier: &Checkpoint,
    later: &Checkpoint,
    proof: &[Hash],
) -> Result<(), ExtensionFault> {
    if earlier.origin != later.origin {
        return Err(ExtensionFault::Origin {
            old: earlier.origin.clone(),
            new: later.origin.clone(),
        });
    }
    verify_consistency(
        suite,
        (earlier.size, &earlier.root),
        (later.size, &later.root),
        proof,
    )?;
    Ok(())
}
