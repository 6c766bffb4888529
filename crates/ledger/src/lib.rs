//! The log that anyone can check: leaves, Merkle tree, tiles, signed checkpoints, proofs, verification.
//!
//! An event is a header (ids and digests, public) and a body (salted, may be destroyed). The header commits
//! to the body ([`leaf::commitment`]), its digest is the log's entry ([`leaf::entry`]), and the entries are
//! the leaves of an RFC 6962 tree, kept in tiles ([`writer`], [`tile`]) and signed at a size
//! ([`checkpoint`]). From the tiles come inclusion and consistency proofs ([`prover`]); with the public key
//! alone they are checked ([`tree`], [`proof`], [`bundle`]), as is a whole log against all its checkpoints
//! ([`verify`]). Everything is done in one of two suites, fixed when a log is made: [`Suite::Gm`] (SM3, SM2)
//! or [`Suite::C2sp`] (SHA-256, Ed25519, readable by the tools of that ecosystem).
//!
//! The crate knows no domain: of a header it reads only what chains it, of a public body only the digest of
//! the published document. It refuses to do I/O, to read a clock, to make randomness: keys, salts, tiles
//! come in as arguments. It never trusts what it reads: every parser is bounded and total.

pub mod bundle;
pub mod checkpoint;
mod encoding;
pub mod key;
pub mod leaf;
pub mod note;
pub mod proof;
pub mod prover;
pub mod suite;
pub mod tile;
pub mod tree;
pub mod verify;
pub mod writer;

pub use bundle::{Bundle, BundleFault, BundleReport, verify_bundle};
pub use checkpoint::{Checkpoint, CheckpointFault, SignedCheckpoint};
pub use key::{KeyFault, SigningKey, VerifyingKey};
pub use leaf::Links;
pub use proof::TlogProof;
pub use prover::{Prover, TileReader};
pub use suite::{Hash, Hasher, Suite};
pub use tile::Tile;
pub use tree::{Frontier, ProofFault};
pub use verify::{Chain, LogCheck, LogReport, Record};
pub use writer::TreeWriter;
