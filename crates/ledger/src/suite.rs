//! The two suites, and the hash that everything is made of.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use sm3::Sm3;

/// Which hash and which signature a log uses; fixed when the log is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suite {
    /// SM3 (GB/T 32905) and SM2 (GB/T 32918).
    Gm,
    /// SHA-256 and Ed25519, as the C2SP specifications fix them.
    C2sp,
}

impl Suite {
    /// Both suites.
    pub const ALL: [Self; 2] = [Self::Gm, Self::C2sp];

    /// The name used in configuration and in stored formats.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gm => "gm",
            Self::C2sp => "c2sp",
        }
    }

    /// Hash of the parts, one after the other.
    pub fn hash(self, parts: &[&[u8]]) -> Hash {
        match self {
            Self::Gm => digest::<Sm3>(parts),
            Self::C2sp => digest::<Sha256>(parts),
        }
    }

    /// Begins a hash of bytes that come bit by bit.
    pub fn hasher(self) -> Hasher {
        match self {
            Self::Gm => Hasher(Running::Gm(Sm3::new())),
            Self::C2sp => Hasher(Running::C2sp(Sha256::new())),
        }
    }

    /// Leaf of the tree, RFC 6962 2.1: `H(0x00 ‖ entry)`.
    pub fn leaf(self, entry: &Hash) -> Hash {
        let mut bytes = [0; 33];
        bytes[1..].copy_from_slice(&entry.0);
        self.hash(&[&bytes])
    }

    /// Inner node of the tree, RFC 6962 2.1: `H(0x01 ‖ left ‖ right)`.
    pub fn node(self, left: &Hash, right: &Hash) -> Hash {
        let mut bytes = [1; 65];
        bytes[1..33].copy_from_slice(&left.0);
        bytes[33..].copy_from_slice(&right.0);
        self.hash(&[&bytes])
    }

    /// Root of the tree without leaves: the hash of nothing.
    pub fn empty_root(self) -> Hash {
        self.hash(&[])
    }
}

impl FromStr for Suite {
    type Err = UnknownSuite;

    fn from_str(name: &str) -> Result<Self, UnknownSuite> {
        Self::ALL
            .into_iter()
            .find(|suite| suite.name() == name)
            .ok_or_else(|| UnknownSuite(name.to_owned()))
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no suite's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("没有名为“{0}”的密码套件；请用 gm（国密）或 c2sp")]
pub struct UnknownSuite(pub String);

fn digest<D: Digest>(parts: &[&[u8]]) -> Hash
where
    [u8; 32]: From<sha2::digest::Output<D>>,
{
    let mut hasher = D::new();
    for part in parts {
        hasher.update(part);
    }
    Hash(hasher.finalize().into())
}

/// A hash of bytes that come bit by bit.
#[derive(Debug, Clone)]
pub struct Hasher(Running);

#[derive(Debug, Clone)]
enum Running {
    Gm(Sm3),
    C2sp(Sha256),
}

impl Hasher {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Running::Gm(hasher) => hasher.update(bytes),
            Running::C2sp(hasher) => hasher.update(bytes),
        }
    }

    /// The hash of all of them: that which [`Suite::hash`] gives for the whole.
    pub fn finish(self) -> Hash {
        match self.0 {
            Running::Gm(hasher) => Hash(hasher.finalize().into()),
            Running::C2sp(hasher) => Hash(hasher.finalize().into()),
        }
    }
}

/// A 32-byte digest; written as 64 lowercase hex digits, in notes and proofs as base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// Bytes of a digest.
    pub const LEN: usize = 32;

    /// Reads 64 lowercase hex digits; any other spelling is none.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits: &[u8; 2 * Self::LEN] = text.as_bytes().try_into().ok()?;
        let mut bytes = [0; Self::LEN];
        // Two of these stand in every header, so a whole log's check feels it: no branch on a digit's value.
        let mut seen = 0;
        for (byte, [high, low]) in bytes.iter_mut().zip(digits.as_chunks().0) {
            let (high, low) = (HEX[usize::from(*high)], HEX[usize::from(*low)]);
            seen |= high | low;
            *byte = high << 4 | low;
        }
        (seen < 16).then_some(Self(bytes))
    }
}

/// Values of the lowercase hex digits, 255 for every other byte.
const HEX: [u8; 256] = {
    let mut values = [u8::MAX; 256];
    let mut value = 0;
    while value < 16 {
        values[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    values
};

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(2 * Self::LEN);
        for byte in self.0 {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl From<Hash> for [u8; 32] {
    fn from(hash: Hash) -> Self {
        hash.0
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Hex;

        impl Visitor<'_> for Hex {
            type Value = Hash;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("64 位小写十六进制摘要")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Hash, E> {
                Hash::from_hex(text).ok_or_else(|| E::custom("摘要应为 64 位小写十六进制"))
            }
        }

        // A string in every format that this crate writes, so no owned copy is made.
        deserializer.deserialize_str(Hex).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_agree_with_the_published_vectors() {
        fn check(suite: Suite, message: &[u8], expect: &str) {
            assert_eq!(suite.hash(&[message]).to_string(), expect);
            let (head, tail) = message.split_at(message.len() / 2);
            assert_eq!(suite.hash(&[head, tail]).to_string(), expect, "in parts");
            let mut hasher = suite.hasher();
            message.chunks(2).for_each(|part| hasher.update(part));
            assert_eq!(hasher.finish().to_string(), expect, "bit by bit");
        }
        // GB/T 32905-2016, appendix A.
        check(
            Suite::Gm,
            b"abc",
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
        );
        check(
            Suite::Gm,
            &b"abcd".repeat(16),
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
        );
        // FIPS 180-4 examples.
        check(
            Suite::C2sp,
            b"abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        );
        check(
            Suite::C2sp,
            b"",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        );
    }

    #[test]
    fn a_hash_has_one_hex_spelling() {
        let hex = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
        assert_eq!(
            Hash::from_hex(hex).map(|h| h.to_string()).as_deref(),
            Some(hex)
        );
        for other in [
            "",
            &hex[2..],
            &hex.to_uppercase(),
            &format!("{hex}00"),
            &hex.replace('6', "摘"),
        ] {
            assert_eq!(Hash::from_hex(other), None, "{other}");
        }
    }

    #[test]
    fn a_suite_is_known_by_its_name() {
        for suite in Suite::ALL {
            assert_eq!(suite.name().parse(), Ok(suite));
            assert_eq!(
                serde_json::to_string(&suite).unwrap(),
                format!("\"{suite}\"")
            );
        }
        assert_eq!("md5".parse::<Suite>(), Err(UnknownSuite("md5".into())));
    }
}
