//! Reading what may be damaged: a column that cannot be read is given as something that no record holds, so that
//! the comparison which follows names the record.

use ledger::Hash;
use sea_orm::QueryResult;

use crate::committer::digest;
use crate::sql::get;

/// A text; signs that are none are replaced.
pub(super) fn words(row: &QueryResult, at: usize) -> String {
    maybe_words(row, at).unwrap_or_default()
}

/// A text that may be absent.
pub(super) fn maybe_words(row: &QueryResult, at: usize) -> Option<String> {
    match get::<Option<String>>(row, at) {
        Ok(text) => text,
        Err(_) => Some(String::from_utf8_lossy(&raw(row, at)).into_owned()),
    }
}

/// The bytes of a text or of bytes; none where it is neither.
pub(super) fn raw(row: &QueryResult, at: usize) -> Vec<u8> {
    match get::<Option<String>>(row, at) {
        Ok(text) => text.unwrap_or_default().into_bytes(),
        Err(_) => get::<Vec<u8>>(row, at).unwrap_or_default(),
    }
}

/// A number; the smallest where it is none.
pub(super) fn number(row: &QueryResult, at: usize) -> i64 {
    get(row, at).unwrap_or(i64::MIN)
}

/// A version or an index; the largest where it is none.
pub(super) fn count(row: &QueryResult, at: usize) -> u64 {
    u64::try_from(number(row, at)).unwrap_or(u64::MAX)
}

/// A digest; zeros where it is none.
pub(super) fn hash(row: &QueryResult, at: usize) -> Hash {
    get(row, at).and_then(digest).unwrap_or(Hash([0; 32]))
}
