//! A migration tried on a copy of a SQLite database, before the database itself is touched.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::StoreConfig;
use crate::conn::Writer;
use crate::error::StoreError;
use crate::schema;
use crate::store::{Role, Store};

/// Name of the copy in the data folder.
const COPY: &str = "migrate.tmp";

/// Brings a copy up to date and verifies it; the copy is gone afterwards.
///
/// # Errors
/// [`StoreError::NotMigrated`] with the reason; a full disk among it, since the copy needs as much room as the database.
pub(crate) async fn on_copy(
    writer: &Writer,
    config: &StoreConfig,
    now_us: i64,
) -> Result<(), StoreError> {
    let copy = config.data_dir.join(COPY);
    // One that a trial before left behind, cut off in the middle.
    remove(&copy);
    let tried = tried(writer, config, &copy, now_us).await;
    remove(&copy);
    tried.map_err(|error| StoreError::NotMigrated(error.to_string()))
}

async fn tried(
    writer: &Writer,
    config: &StoreConfig,
    copy: &Path,
    now_us: i64,
) -> Result<(), StoreError> {
    let place = copy.display().to_string();
    writer
        .outside(&format!("VACUUM INTO '{}'", place.replace('\'', "''")))
        .await?;
    let mut config = config.clone();
    config.url = format!("sqlite:{place}");
    let maker = Writer::open(&config, Role::Maker, None).await?;
    let migrated = schema::migrate(&maker, now_us).await;
    maker.close().await;
    migrated?;
    let store = Store::open(&config).await?;
    let report = store.verify(&[], |_, _| {}).await;
    store.close().await;
    match report?.faults.first() {
        None => Ok(()),
        Some(fault) => Err(StoreError::damaged(fault)),
    }
}

/// Removes the copy with what SQLite keeps beside it.
fn remove(copy: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let mut path = copy.as_os_str().to_owned();
        path.push(ending);
        // What is not there need not go; what cannot be removed is told by the next trial's copy.
        let _ = fs::remove_file(PathBuf::from(path));
    }
}
