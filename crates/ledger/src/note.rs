//! Signed notes (c2sp.org/signed-note): a text, and lines that sign it.

use crate::encoding::{base64, from_base64};
use crate::key::{KeyId, SigningKey, VerifyingKey, valid_name};

/// Bytes of a note; enough for sixteen post-quantum signatures, as the specification asks.
pub const NOTE_BYTES_MAX: usize = 256 * 1024;
/// Signature lines of a note.
pub const SIGNATURES_MAX: usize = 100;

/// One signature line, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    /// Name of the key.
    pub name: String,
    /// Short identifier of the key.
    pub key_id: KeyId,
    /// The signature, in the form of its algorithm.
    pub bytes: Vec<u8>,
}

/// A note that was parsed or made; its text is worth nothing before [`Note::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// Why a note is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// Not a signed note.
    #[error("不是有效的签名文本（{0}）；请重新下载")]
    Malformed(&'static str),
    /// No signature line is of the key.
    #[error("没有公钥“{0}”的签名；请核对所用公钥是否属于该机关")]
    NotSigned(String),
    /// A line names the key, and its signature is not the key's.
    #[error("公钥“{0}”的签名不成立；内容在签名后被改动，或公钥不符")]
    BadSignature(String),
    /// The key could not sign.
    #[error("签名失败；请检查签名密钥")]
    CannotSign,
}

impl Note {
    /// Signs a text, which must end in a newline and hold no other control character.
    pub fn sign(text: String, key: &SigningKey) -> Result<Self, NoteFault> {
        check_text(&text)?;
        let bytes = key.sign(text.as_bytes()).ok_or(NoteFault::CannotSign)?;
        let name = key.name().to_owned();
        Ok(Self {
            text,
            signatures: vec![NoteSignature {
                name,
                key_id: key.id(),
                bytes: bytes.to_vec(),
            }],
        })
    }

    /// Reads a note without checking any signature.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteFault> {
        use NoteFault::Malformed;
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(Malformed("超过 256 KiB"));
        }
        let note = std::str::from_utf8(bytes).map_err(|_| Malformed("不是 UTF-8 文本"))?;
        let split = note.rfind("\n\n").ok_or(Malformed("缺少签名前的空行"))?;
        let (text, lines) = (&note[..=split], &note[split + 2..]);
        check_text(text)?;
        let lines = lines.strip_suffix('\n').ok_or(Malformed("签名行不完整"))?;
        if lines.split('\n').nth(SIGNATURES_MAX).is_some() {
            return Err(Malformed("签名超过 100 个"));
        }
        let signatures = lines.split('\n').map(parse_line).collect::<Option<_>>();
        Ok(Self {
            text: text.to_owned(),
            signatures: signatures.ok_or(Malformed("签名行格式不符"))?,
        })
    }

    /// Checks that the key signed the text; lines of other keys are passed over, as the specification demands.
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), NoteFault> {
        let mut own = self
            .signatures
            .iter()
            .filter(|s| s.name == key.name() && s.key_id == key.id())
            .peekable();
        if own.peek().is_none() {
            return Err(NoteFault::NotSigned(key.name().to_owned()));
        }
        if own.all(|signature| key.verifies(self.text.as_bytes(), &signature.bytes)) {
            Ok(())
        } else {
            Err(NoteFault::BadSignature(key.name().to_owned()))
        }
    }

    /// The text, with its final newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines in their order, checked or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// The note as it is published.
    pub fn encode(&self) -> String {
        let mut note = format!("{}\n", self.text);
        for NoteSignature {
            name,
            key_id,
            bytes,
        } in &self.signatures
        {
            let signature = base64(&[key_id.as_slice(), bytes].concat());
            note.push_str(&format!("— {name} {signature}\n"));
        }
        note
    }
}

fn check_text(text: &str) -> Result<(), NoteFault> {
    if !text.ends_with('\n') {
        return Err(NoteFault::Malformed("正文不以换行结束"));
    }
    if text.bytes().any(|b| b < 0x20 && b != b'\n') {
        return Err(NoteFault::Malformed("含有控制字符"));
    }
    Ok(())
}

fn parse_line(line: &str) -> Option<NoteSignature> {
    let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
    let signature = from_base64(signature)?;
    let (key_id, bytes) = signature.split_first_chunk::<4>()?;
    let acceptable = valid_name(name) && !bytes.is_empty();
    acceptable.then(|| NoteSignature {
        name: name.to_owned(),
        key_id: *key_id,
        bytes: bytes.to_vec(),
    })
}
