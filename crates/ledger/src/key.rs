//! Keys of both suites, with their names and text forms (c2sp.org/signed-note).
//!
//! A text form is `name+id+base64(type ‖ key)`, a signer's is the same after `PRIVATE+KEY+`. Ed25519 has the
//! type byte 0x01. SM2 has none assigned: it uses 0xff followed by [`SM2_ALGORITHM`], and its key id is made
//! with SM3, so that a `gm` log needs no foreign algorithm.

use std::fmt;

use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::elliptic_curve::sec1::ToSec1Point as _;

use crate::encoding::{base64, from_base64};
use crate::suite::Suite;

/// Algorithm string behind the type byte 0xff: SM2 with SM3 (GB/T 32918.2) over the note text, signature r ‖ s.
pub const SM2_ALGORITHM: &[u8] = b"zhiheng.sm2-sm3.v1\n";
/// Distinguishing identifier of every SM2 key here: the default of GM/T 0009, so that other tools agree.
pub const SM2_DISTID: &str = "1234567812345678";
/// Bytes of a secret key and of a signature in both suites.
const SECRET_LEN: usize = 32;
const SIGNATURE_LEN: usize = 64;
/// Bytes of a key name.
const NAME_BYTES_MAX: usize = 255;
const PRIVATE_PREFIX: &str = "PRIVATE+KEY+";

/// Short identifier of a key in a signature line; it tells keys apart and proves nothing.
pub type KeyId = [u8; 4];

/// Why bytes or a text are not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// A name that the note format does not take.
    #[error("密钥名称应为 1 至 255 字节，不含空白、加号和控制字符；请改名")]
    Name,
    /// Not in the text form of a key.
    #[error("密钥文本应为“名称+8 位编号+base64”；请核对是否复制完整")]
    Form,
    /// The identifier is not the one of name and key.
    #[error("密钥文本的编号与名称、密钥不符；请核对是否复制完整")]
    Id,
    /// A key of an algorithm that is of neither suite.
    #[error("密钥的算法不是本程序支持的 SM2 或 Ed25519")]
    Algorithm,
    /// Bytes that are no key of the algorithm.
    #[error("密钥数值无效；请重新生成密钥")]
    Value,
}

/// The public key of a log, with its name.
#[derive(Clone)]
pub struct VerifyingKey {
    name: String,
    id: KeyId,
    inner: Public,
}

#[derive(Clone)]
enum Public {
    Gm(Box<sm2::dsa::VerifyingKey>),
    C2sp(ed25519_dalek::VerifyingKey),
}

impl VerifyingKey {
    /// A public key from its bytes: SM2 as a SEC1 point (compressed or not), Ed25519 as RFC 8032 encodes it.
    pub fn from_bytes(suite: Suite, name: &str, key: &[u8]) -> Result<Self, KeyFault> {
        let inner = match suite {
            Suite::Gm => sm2::dsa::VerifyingKey::from_sec1_bytes(SM2_DISTID, key)
                .map(|key| Public::Gm(Box::new(key)))
                .map_err(|_| KeyFault::Value)?,
            Suite::C2sp => {
                let bytes = key.try_into().map_err(|_| KeyFault::Value)?;
                let key =
                    ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyFault::Value)?;
                if key.is_weak() {
                    return Err(KeyFault::Value);
                }
                Public::C2sp(key)
            }
        };
        Self::new(name, inner)
    }

    /// Reads the text form; the identifier in it must be the right one.
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        let (name, id, typed) = parse_text(text)?;
        let (suite, key) = match typed.split_first() {
            Some((0x01, key)) => (Suite::C2sp, key),
            Some((0xff, rest)) => (
                Suite::Gm,
                rest.strip_prefix(SM2_ALGORITHM)
                    .ok_or(KeyFault::Algorithm)?,
            ),
            _ => return Err(KeyFault::Algorithm),
        };
        let key = Self::from_bytes(suite, name, key)?;
        // The key's own encoding counts, so a compressed point does not make a second identifier.
        if key.id != id || key.typed() != typed {
            Err(KeyFault::Id)
        } else {
            Ok(key)
        }
    }

    fn new(name: &str, inner: Public) -> Result<Self, KeyFault> {
        if !valid_name(name) {
            return Err(KeyFault::Name);
        }
        let mut key = Self {
            name: name.to_owned(),
            id: [0; 4],
            inner,
        };
        let hash = key.suite().hash(&[name.as_bytes(), b"\n", &key.typed()]);
        key.id.copy_from_slice(&hash.0[..4]);
        Ok(key)
    }

    /// The suite that the key belongs to.
    pub fn suite(&self) -> Suite {
        match self.inner {
            Public::Gm(_) => Suite::Gm,
            Public::C2sp(_) => Suite::C2sp,
        }
    }

    /// The name of the key, which is the origin of the log that it signs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The short identifier.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// `name+id`, by which people and bundles refer to the key.
    pub fn label(&self) -> String {
        format!("{}+{}", self.name, hex::encode(self.id))
    }

    /// The bytes of the key: SM2 as an uncompressed point (65), Ed25519 as 32.
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.inner {
            Public::Gm(key) => key.to_sec1_point(false).as_bytes().to_vec(),
            Public::C2sp(key) => key.to_bytes().to_vec(),
        }
    }

    fn typed(&self) -> Vec<u8> {
        let mut typed = typed_prefix(self.suite());
        typed.extend(self.to_bytes());
        typed
    }

    /// Whether the signature over the message is this key's.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.inner {
            Public::Gm(key) => sm2::dsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Public::C2sp(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
        }
    }
}

impl fmt::Display for VerifyingKey {
    /// Writes the text form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.label(), base64(&self.typed()))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({self})")
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.typed() == other.typed()
    }
}

impl Eq for VerifyingKey {}

/// The secret key of a log, with its name; it never shows itself but through [`SigningKey::to_secret_text`].
#[derive(Clone)]
pub struct SigningKey {
    public: VerifyingKey,
    inner: Secret,
}

#[derive(Clone)]
enum Secret {
    Gm(Box<sm2::dsa::SigningKey>),
    C2sp(Box<ed25519_dalek::SigningKey>),
}

impl SigningKey {
    /// A secret key from 32 random bytes that the caller drew; for SM2 some values are no key, then draw anew.
    pub fn from_secret(
        suite: Suite,
        name: &str,
        secret: &[u8; SECRET_LEN],
    ) -> Result<Self, KeyFault> {
        let (public, inner) = match suite {
            Suite::Gm => {
                let key = sm2::dsa::SigningKey::from_slice(SM2_DISTID, secret)
                    .map_err(|_| KeyFault::Value)?;
                // SM2 divides by d + 1, so d = n - 1 is a scalar but no key.
                if bool::from((**key.as_nonzero_scalar() + sm2::Scalar::ONE).is_zero()) {
                    return Err(KeyFault::Value);
                }
                (
                    Public::Gm(Box::new(key.verifying_key().clone())),
                    Secret::Gm(Box::new(key)),
                )
            }
            Suite::C2sp => {
                let key = ed25519_dalek::SigningKey::from_bytes(secret);
                (
                    Public::C2sp(key.verifying_key()),
                    Secret::C2sp(Box::new(key)),
                )
            }
        };
        Ok(Self {
            public: VerifyingKey::new(name, public)?,
            inner,
        })
    }

    /// Reads the secret text form; the identifier in it must be the right one.
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        let (name, id, typed) =
            parse_text(text.strip_prefix(PRIVATE_PREFIX).ok_or(KeyFault::Form)?)?;
        for suite in Suite::ALL {
            if let Some(secret) = typed.strip_prefix(&*typed_prefix(suite)) {
                let secret = secret.try_into().map_err(|_| KeyFault::Value)?;
                let key = Self::from_secret(suite, name, secret)?;
                return if key.id() == id {
                    Ok(key)
                } else {
                    Err(KeyFault::Id)
                };
            }
        }
        Err(KeyFault::Algorithm)
    }

    /// The secret text form, to be kept where only the log's job can read it.
    pub fn to_secret_text(&self) -> String {
        let mut typed = typed_prefix(self.public.suite());
        match &self.inner {
            Secret::Gm(key) => typed.extend_from_slice(&key.to_bytes()),
            Secret::C2sp(key) => typed.extend_from_slice(key.as_bytes()),
        }
        format!("{PRIVATE_PREFIX}{}+{}", self.public.label(), base64(&typed))
    }

    /// The public key.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    /// The name of the key.
    pub fn name(&self) -> &str {
        self.public.name()
    }

    /// The short identifier.
    pub fn id(&self) -> KeyId {
        self.public.id()
    }

    /// Signs a message, the same bytes for the same message (RFC 8032; SM2 with RFC 6979 over SM3).
    ///
    /// None has a probability below 2^-200 and asks for another message, never for another try.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<[u8; SIGNATURE_LEN]> {
        match &self.inner {
            Secret::Gm(key) => key
                .try_sign(message)
                .ok()
                .map(|signature| signature.to_bytes().into()),
            Secret::C2sp(key) => Some(key.sign(message).to_bytes()),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public.label())
    }
}

/// Whether a name can be a key's: no Unicode space, no plus, no control character, 1 to 255 bytes.
pub(crate) fn valid_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && !name
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

fn typed_prefix(suite: Suite) -> Vec<u8> {
    match suite {
        Suite::C2sp => vec![0x01],
        Suite::Gm => [&[0xff], SM2_ALGORITHM].concat(),
    }
}

fn parse_text(text: &str) -> Result<(&str, KeyId, Vec<u8>), KeyFault> {
    let (name, rest) = text.split_once('+').ok_or(KeyFault::Form)?;
    let (id_text, typed) = rest.split_once('+').ok_or(KeyFault::Form)?;
    let mut id = [0; 4];
    hex::decode_to_slice(id_text, &mut id).map_err(|_| KeyFault::Form)?;
    if hex::encode(id) != id_text {
        return Err(KeyFault::Form);
    }
    Ok((name, id, from_base64(typed).ok_or(KeyFault::Form)?))
}
