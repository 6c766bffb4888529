//! The bundle: one file by which anyone checks a published document offline, with the log's public key.
//!
//! It holds the publication event (header, salt, body: all public), and the proof that the log contains it.
//! The chain runs document → `public_digest` in the body → `commitment` in the header → entry → leaf → root →
//! signature. A bundle proves that the bureau published these bytes; whether they still stand, only the
//! portal can tell.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::key::VerifyingKey;
use crate::leaf::{self, Links, Salt, UnreadableHeader};
use crate::proof::{PROOF_BYTES_MAX, TlogProof, TlogProofFault};
use crate::suite::{Hash, Suite};

/// Value of the member `format`.
pub const BUNDLE_FORMAT: &str = "zhiheng.bundle.v1";
/// Bytes of a bundle; events are limited to 4 MiB, and JSON may double a text.
pub const BUNDLE_BYTES_MAX: usize = 16 << 20;

/// The bundle as it is stored and published, version 1; members in declared order, unknown ones are errors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Always [`BUNDLE_FORMAT`].
    format: String,
    /// Suite of the log.
    suite: Suite,
    /// `name+id` of the key that signed the checkpoint.
    key: String,
    /// Digest of the published document, in the suite's hash.
    document: Hash,
    /// The stored bytes of the publication event's header.
    header: String,
    /// The salt of its body.
    salt: Hash,
    /// The stored bytes of its body.
    body: String,
    /// The proof file of its entry, see [`TlogProof`].
    proof: String,
}

/// What the ledger reads of a publication event's body.
#[derive(Deserialize)]
struct Publication {
    /// Digest of the public copy.
    public_digest: Hash,
    /// Entry of the decision's own event, whose body stays in the bureau.
    #[serde(default)]
    decision_entry: Option<Hash>,
}

/// Why a document with its bundle is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleFault {
    /// Not a bundle.
    #[error("核验文件不符合格式（{0}）；请从公示页面重新下载核验文件")]
    Malformed(String),
    /// A bundle of a format that this program does not know.
    #[error("核验文件的格式“{0}”不是本程序认识的格式；请用新版程序核验")]
    Format(String),
    /// The bundle names another key.
    #[error("核验文件由公钥“{bundle}”签署，所用公钥为“{key}”；请从该机关取得相应公钥")]
    Key {
        /// Key that the bundle names.
        bundle: String,
        /// Key that it was checked with.
        key: String,
    },
    /// The log does not contain the event, or its signature does not hold.
    #[error("日志证明不成立：{0}")]
    Proof(#[from] TlogProofFault),
    /// The header cannot be read.
    #[error("公示事件无法读取：{0}；请从公示页面重新下载核验文件")]
    Header(#[from] UnreadableHeader),
    /// The header commits to another body or salt.
    #[error("公示事件的内容与其承诺值不符，内容或盐值被改动；请从公示页面重新下载核验文件")]
    Commitment,
    /// The body names no document.
    #[error("该事件不是公示事件，内容中没有公示文书的摘要；请核对核验文件是否属于该文书")]
    NotPublication,
    /// The bundle's own digest is not the one in the event.
    #[error(
        "核验文件所列文书摘要 {listed} 与公示事件所载 {published} 不一致；请从公示页面重新下载核验文件"
    )]
    Digest {
        /// Digest in the bundle.
        listed: Hash,
        /// Digest in the event.
        published: Hash,
    },
    /// The document is not the published one.
    #[error(
        "文书与公示的不一致：文书摘要为 {found}，公示的为 {published}；该文书不是公示的原件，请以公示页面的为准"
    )]
    Document {
        /// Digest in the event.
        published: Hash,
        /// Digest of the document at hand.
        found: Hash,
    },
}

/// What a checked bundle proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleReport {
    /// Name of the log.
    pub origin: String,
    /// Size of the log when the checkpoint was signed.
    pub size: u64,
    /// Index of the event in the log.
    pub index: u64,
    /// Stream of the event.
    pub stream: String,
    /// Name and version of the event's type.
    pub event_type: String,
    /// Entry of the event.
    pub entry: Hash,
    /// Digest of the document.
    pub document: Hash,
    /// Entry of the decision that the event publishes, if it names one.
    pub decision_entry: Option<Hash>,
    /// Header of the event, for display.
    pub header: String,
    /// Body of the event, for display.
    pub body: String,
}

impl fmt::Display for BundleReport {
    /// Says in a few lines what was proved.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "核验通过：文书与“{}”公示的原件一致", self.origin)?;
        writeln!(f, "文书摘要  {}", self.document)?;
        writeln!(
            f,
            "公示事件  {}，日志第 {} 条（序号自 0 起），签署时日志共 {} 条",
            self.entry, self.index, self.size
        )?;
        match &self.decision_entry {
            Some(entry) => writeln!(f, "决定事件  {entry}"),
            None => Ok(()),
        }
    }
}

impl Bundle {
    /// Makes the bundle of a publication event, and refuses one that would not verify.
    pub fn new(
        header: &[u8],
        salt: &Salt,
        body: &[u8],
        proof: &TlogProof,
        key: &VerifyingKey,
    ) -> Result<Self, BundleFault> {
        let text = |bytes: &[u8]| {
            String::from_utf8(bytes.to_vec())
                .map_err(|_| BundleFault::Malformed("事件不是 UTF-8 文本".into()))
        };
        let mut bundle = Self {
            format: BUNDLE_FORMAT.to_owned(),
            suite: key.suite(),
            key: key.label(),
            document: Hash([0; 32]),
            header: text(header)?,
            salt: Hash(*salt),
            body: text(body)?,
            proof: proof.encode(),
        };
        bundle.document = bundle.publication()?.public_digest;
        bundle.verify_event(key)?;
        Ok(bundle)
    }

    /// Reads a bundle without checking it; other formats and unknown members are errors.
    pub fn parse(json: &[u8]) -> Result<Self, BundleFault> {
        if json.len() > BUNDLE_BYTES_MAX {
            return Err(BundleFault::Malformed("超过 16 MiB".into()));
        }
        #[derive(Deserialize)]
        struct Format {
            format: String,
        }
        let malformed = |e: serde_json::Error| BundleFault::Malformed(e.to_string());
        // The format is read first, so that a newer bundle is called newer rather than malformed.
        let Format { format } = serde_json::from_slice(json).map_err(malformed)?;
        if format != BUNDLE_FORMAT {
            return Err(BundleFault::Format(format.chars().take(64).collect()));
        }
        let bundle: Self = serde_json::from_slice(json).map_err(malformed)?;
        if bundle.proof.len() > PROOF_BYTES_MAX {
            return Err(BundleFault::Malformed("证明过长".into()));
        }
        Ok(bundle)
    }

    /// The bytes to publish: JSON, one member a line.
    pub fn encode(&self) -> Result<Vec<u8>, BundleFault> {
        let mut json =
            serde_json::to_vec_pretty(self).map_err(|e| BundleFault::Malformed(e.to_string()))?;
        json.push(b'\n');
        Ok(json)
    }

    /// The proof file within.
    pub fn proof(&self) -> &str {
        &self.proof
    }

    /// `name+id` of the key that the bundle asks for.
    pub fn key_label(&self) -> &str {
        &self.key
    }

    /// Digest of the document that it is about.
    pub fn document(&self) -> Hash {
        self.document
    }

    /// Checks the bundle and that the document is the published one.
    pub fn verify(&self, document: &[u8], key: &VerifyingKey) -> Result<BundleReport, BundleFault> {
        let report = self.verify_event(key)?;
        let found = self.suite.hash(&[document]);
        if found != report.document {
            return Err(BundleFault::Document {
                published: report.document,
                found,
            });
        }
        Ok(report)
    }

    /// Checks everything but the document's bytes.
    fn verify_event(&self, key: &VerifyingKey) -> Result<BundleReport, BundleFault> {
        if self.key != key.label() || self.suite != key.suite() {
            return Err(BundleFault::Key {
                bundle: self.key.clone(),
                key: key.label(),
            });
        }
        let header = self.header.as_bytes();
        let entry = leaf::entry(self.suite, header);
        let proof = TlogProof::parse(self.proof.as_bytes())?;
        let checkpoint = proof.verify(&entry, key)?;
        let links = Links::read(header)?;
        if leaf::commitment(self.suite, &self.salt.0, self.body.as_bytes()) != links.commitment {
            return Err(BundleFault::Commitment);
        }
        let Publication {
            public_digest,
            decision_entry,
        } = self.publication()?;
        if public_digest != self.document {
            return Err(BundleFault::Digest {
                listed: self.document,
                published: public_digest,
            });
        }
        Ok(BundleReport {
            origin: checkpoint.origin().to_owned(),
            size: checkpoint.size(),
            index: proof.index,
            stream: links.stream.clone().into_owned(),
            event_type: links.event_type.clone().into_owned(),
            entry,
            document: public_digest,
            decision_entry,
            header: self.header.clone(),
            body: self.body.clone(),
        })
    }

    fn publication(&self) -> Result<Publication, BundleFault> {
        serde_json::from_str(&self.body).map_err(|_| BundleFault::NotPublication)
    }
}

/// Checks a document with its bundle and the log's public key; needs nothing else.
pub fn verify_bundle(
    bundle_json: &[u8],
    document: &[u8],
    key: &VerifyingKey,
) -> Result<BundleReport, BundleFault> {
    Bundle::parse(bundle_json)?.verify(document, key)
}
