//! A proof as one text file (c2sp.org/tlog-proof): index, inclusion proof, checkpoint.

use crate::checkpoint::{Checkpoint, CheckpointFault, SignedCheckpoint};
use crate::encoding::{base64, decimal, from_base64, hash_from_base64};
use crate::key::VerifyingKey;
use crate::note::NOTE_BYTES_MAX;
use crate::suite::{Hash, Suite};
use crate::tree::{PROOF_HASHES_MAX, ProofFault, verify_inclusion};

/// Bytes of the opaque extra data.
pub const EXTRA_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a whole proof file.
pub const PROOF_BYTES_MAX: usize = NOTE_BYTES_MAX + 2 * EXTRA_BYTES_MAX;

/// First line of a proof file: the C2SP format, or the same layout with SM3 under its own name.
pub fn format_name(suite: Suite) -> &'static str {
    match suite {
        Suite::C2sp => "c2sp.org/tlog-proof@v1",
        Suite::Gm => "zhiheng.tlog-proof.gm.v1",
    }
}

/// An inclusion proof with the checkpoint that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Suite that the first line names.
    pub suite: Suite,
    /// Opaque data that nothing authenticates; ours has none.
    pub extra: Option<Vec<u8>>,
    /// Index of the entry in the log.
    pub index: u64,
    /// Siblings from the leaf upwards, at most [`PROOF_HASHES_MAX`].
    pub hashes: Vec<Hash>,
    /// The checkpoint that the path leads to.
    pub checkpoint: SignedCheckpoint,
}

/// Why a proof file is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofFault {
    /// Not a proof file.
    #[error("证明文件不符合格式（{0}）；请重新下载")]
    Malformed(&'static str),
    /// Proof and key are of different suites.
    #[error("证明采用 {proof} 密码套件，公钥采用 {key}；请取用该日志的公钥")]
    Suite {
        /// Suite of the proof.
        proof: Suite,
        /// Suite of the key.
        key: Suite,
    },
    /// The checkpoint is malformed or not signed by the key.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointFault),
    /// The path does not lead to the checkpoint's root.
    #[error(transparent)]
    Inclusion(#[from] ProofFault),
}

impl TlogProof {
    /// Reads a proof file without checking it.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofFault> {
        use TlogProofFault::Malformed;
        if bytes.len() > PROOF_BYTES_MAX {
            return Err(Malformed("文件过大"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed("不是 UTF-8 文本"))?;
        let (head, checkpoint) = text
            .split_once("\n\n")
            .ok_or(Malformed("缺少检查点前的空行"))?;
        let mut lines = head.split('\n').peekable();
        let suite = lines
            .next()
            .and_then(|line| {
                Suite::ALL
                    .into_iter()
                    .find(|suite| format_name(*suite) == line)
            })
            .ok_or(Malformed("首行不是已知的格式名称"))?;
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            None => None,
            Some(line) => {
                let extra = line
                    .strip_prefix("extra ")
                    .and_then(from_base64)
                    .ok_or(Malformed("extra 行"))?;
                Some(extra)
                    .filter(|extra| extra.len() <= EXTRA_BYTES_MAX)
                    .ok_or(Malformed("extra 过长"))?
                    .into()
            }
        };
        let index = lines
            .next()
            .and_then(|line| decimal(line.strip_prefix("index ")?));
        let index = index.ok_or(Malformed("index 行"))?;
        if lines.clone().nth(PROOF_HASHES_MAX).is_some() {
            return Err(Malformed("摘要超过 64 个"));
        }
        let hashes = lines
            .map(hash_from_base64)
            .collect::<Option<_>>()
            .ok_or(Malformed("摘要行"))?;
        let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes())?;
        Ok(Self {
            suite,
            extra,
            index,
            hashes,
            checkpoint,
        })
    }

    /// Checks that the entry is in the log of that key, and gives the checkpoint that says so.
    pub fn verify(&self, entry: &Hash, key: &VerifyingKey) -> Result<&Checkpoint, TlogProofFault> {
        if self.suite != key.suite() {
            return Err(TlogProofFault::Suite {
                proof: self.suite,
                key: key.suite(),
            });
        }
        let checkpoint = self.checkpoint.verify(key)?;
        let (size, root) = (checkpoint.size(), checkpoint.root());
        verify_inclusion(
            self.suite,
            self.index,
            size,
            &self.suite.leaf(entry),
            &self.hashes,
            &root,
        )?;
        Ok(checkpoint)
    }

    /// The file, by custom with the extension `.tlog-proof`.
    pub fn encode(&self) -> String {
        let mut text = format!("{}\n", format_name(self.suite));
        if let Some(extra) = &self.extra {
            text.push_str(&format!("extra {}\n", base64(extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in &self.hashes {
            text.push_str(&base64(&hash.0));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint.encode());
        text
    }
}
