//! Forms with files, fed with bytes from outside: what is read keeps to its limits, and nothing of it stays on the disk.
//!
//! By itself, since it needs much more of the product than the other targets.

use std::{
    fs,
    sync::{Mutex, OnceLock, PoisonError},
};

use axum::http::HeaderValue;
use desk::{FILE_BYTES_MAX, FILES_MAX, FORM_BYTES_MAX, read_body_with_files};
use ledger::Suite;
use store::Objects;

/// A form with files: its media type up to the first line break, then its body.
pub fn multipart(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (media, body) = bytes.split_at(end.unwrap_or(bytes.len()));
    let Ok(media) = HeaderValue::from_bytes(media) else {
        return;
    };
    // One at a time: what lies in the folder is counted.
    let place = place().lock().unwrap_or_else(PoisonError::into_inner);
    let (runtime, folder) = (&place.0, place.1.path());
    let Ok(objects) = Objects::local(folder, Suite::Gm) else {
        return;
    };
    let body = body.get(1..).unwrap_or_default().to_vec();
    let length = body.len() as u64;
    if let Ok((inputs, files)) = runtime.block_on(read_body_with_files(media, body, &objects)) {
        // What is no character becomes one of three bytes.
        let typed: usize = inputs.iter().map(|(_, value)| value.len()).sum();
        assert!(typed <= 3 * FORM_BYTES_MAX);
        assert!(files.len() <= FILES_MAX);
        assert!(files.iter().all(|(_, size)| *size <= FILE_BYTES_MAX as u64));
        assert!(files.iter().map(|(_, size)| size).sum::<u64>() <= length);
        assert!(
            files
                .iter()
                .all(|(name, size)| !name.is_empty() && *size > 0)
        );
    }
    let left = fs::read_dir(folder.join(".incoming")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "what was received lies there still");
}

type Place = (tokio::runtime::Runtime, tempfile::TempDir);

/// A runtime and a folder for all that one process is fed with.
fn place() -> &'static Mutex<Place> {
    static PLACE: OnceLock<Mutex<Place>> = OnceLock::new();
    PLACE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        match (runtime, tempfile::tempdir()) {
            (Ok(runtime), Ok(folder)) => Mutex::new((runtime, folder)),
            other => panic!("no runtime or no folder: {other:?}"),
        }
    })
}
