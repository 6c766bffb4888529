//! From a backup to a store: checked before, loaded, checked after.

use std::path::Path;

use ledger::{Checkpoint, SignedCheckpoint, leaf};

use super::rows::{Field, TABLES, Table};
use super::{Manifest, PAGE_ROWS, read_checked, read_file};
use crate::config::{KeySource, StoreConfig};
use crate::conn::{Cell, Writer};
use crate::error::StoreError;
use crate::keys;
use crate::origin::{OriginRecord, next_name, origin_stream};
use crate::schema;
use crate::sequencer::{Sequencer, TILES};
use crate::store::{Role, Store};
use crate::verify::VerifyReport;

/// How to restore.
#[derive(Debug, Clone, Default)]
pub struct RestoreOptions {
    /// The newest checkpoint that was published, where one is at hand: from the portal, or kept by somebody.
    pub published: Option<SignedCheckpoint>,
    /// Begin a log of a new name and key even if nothing published is ahead, as when the key was lost.
    pub new_origin: bool,
}

/// What a restore brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What the backup said of itself.
    pub manifest: Manifest,
    /// Name of the log now.
    pub origin: String,
    /// Whether that is a new name.
    pub renamed: bool,
    /// The check of the restored store, which found nothing wrong.
    pub report: VerifyReport,
}

impl Store {
    /// Restores a backup to an empty database and data folder, and says it is done only when all was verified.
    ///
    /// Behind a published checkpoint the log gets a new name and key; the key it had must be at its place else.
    pub async fn restore(
        folder: &Path,
        config: &StoreConfig,
        options: &RestoreOptions,
        now_us: i64,
    ) -> Result<Restored, StoreError> {
        let manifest = read_checked(folder)?;
        if manifest.schema > schema::SCHEMA_VERSION || manifest.suite != config.suite.name() {
            return Err(StoreError::Backup(format!(
                "备份的结构为第 {} 版、算法为 {}，本程序只认第 {} 版以前的结构、配置的算法为 {}；请用做备份的那一版程序恢复，再升级",
                manifest.schema,
                manifest.suite,
                schema::SCHEMA_VERSION,
                config.suite,
            )));
        }
        std::fs::create_dir_all(&config.data_dir)
            .map_err(|e| StoreError::file(&config.data_dir, e))?;
        let writer = Writer::open(config, Role::Maker, None).await?;
        let loaded = load(&writer, folder, &manifest, config, options, now_us).await;
        writer.close().await;
        let renamed = loaded?;
        let store = Store::open(config).await?;
        restore_objects(&store, folder, &manifest)?;
        let report = finish(&store, folder, &manifest, options, renamed, now_us).await;
        store.close().await;
        let report = report?;
        if let Some(fault) = report.faults.first() {
            let more = report.fault_count - 1;
            return Err(StoreError::Backup(format!(
                "恢复后的核验发现：{fault}（另有 {more} 处）；请改用另一份备份"
            )));
        }
        Ok(Restored {
            manifest,
            origin: store.origin().name.clone(),
            renamed,
            report,
        })
    }
}

async fn load(
    writer: &Writer,
    folder: &Path,
    manifest: &Manifest,
    config: &StoreConfig,
    options: &RestoreOptions,
    now_us: i64,
) -> Result<bool, StoreError> {
    let mut txn = writer.begin().await?;
    let found = schema::version(&mut txn).await?;
    txn.rollback().await?;
    if found.is_some() {
        return Err(StoreError::Backup(
            "目标数据库不是空的；请恢复到新的数据库".into(),
        ));
    }
    schema::migrate_to(writer, manifest.schema, now_us).await?;
    for table in &TABLES {
        for file in manifest
            .files
            .iter()
            .filter(|file| is_of(table, &file.path))
        {
            let text = String::from_utf8(read_file(folder, &file.path)?)
                .map_err(|_| StoreError::Backup(format!("{} 不是文本", file.path)))?;
            load_rows(writer, table, manifest.schema, &text).await?;
        }
    }
    schema::migrate(writer, now_us).await?;
    let mut txn = writer.begin().await?;
    txn.run(
        "INSERT INTO meta (key, value) VALUES ('suite', ?)",
        &[config.suite.name().into()],
    )
    .await?;
    txn.commit().await?;
    let size = log_size(writer).await?;
    let ahead = options
        .published
        .as_ref()
        .map(|c| c.unverified())
        .filter(|c| c.size() > size);
    if ahead.is_some() || options.new_origin {
        check_old_log(writer, folder, manifest, (config, options)).await?;
        begin_new_origin(writer, config, manifest, ahead, now_us).await?;
        return Ok(true);
    }
    keys::load(&config.key, config.suite, &manifest.origin)?;
    Ok(false)
}

/// Holds the log of the backup to what was signed of it, before it goes on under another name and key.
///
/// Where its key is lost only the checkpoint's own words are left to compare with.
async fn check_old_log(
    writer: &Writer,
    folder: &Path,
    manifest: &Manifest,
    (config, options): (&StoreConfig, &RestoreOptions),
) -> Result<(), StoreError> {
    let own = own_checkpoint(folder, manifest)?;
    if let Ok(key) = keys::load(&config.key, config.suite, &manifest.origin) {
        for signed in own.iter().chain(&options.published) {
            signed.verify(key.public()).map_err(|fault| {
                let size = signed.unverified().size();
                StoreError::Backup(format!("检查点 {size} 不是本日志签署的：{fault}"))
            })?;
        }
    }
    let Some(own) = own.as_ref().map(SignedCheckpoint::unverified) else {
        return Ok(());
    };
    let mut txn = writer.begin().await?;
    let (size, root) = restored_tree(&mut txn, config.suite, own.size()).await?;
    txn.rollback().await?;
    if (own.origin(), own.size(), own.root()) == (manifest.origin.as_str(), size, root) {
        return Ok(());
    }
    Err(StoreError::Backup(format!(
        "备份中的日志与它自己签署的检查点 {} 不符，记录被改动过；请改用另一份备份",
        own.size()
    )))
}

/// The newest checkpoint that the backup holds, where the log had one.
fn own_checkpoint(
    folder: &Path,
    manifest: &Manifest,
) -> Result<Option<SignedCheckpoint>, StoreError> {
    let mut files = manifest.files.iter();
    if !files.any(|file| file.path == super::CHECKPOINT) {
        return Ok(None);
    }
    let note = read_file(folder, super::CHECKPOINT)?;
    let signed = SignedCheckpoint::parse(&note).map_err(|e| StoreError::Backup(e.to_string()))?;
    Ok(Some(signed))
}

fn is_of(table: &Table, path: &str) -> bool {
    path.strip_prefix("db/")
        .and_then(|name| name.split('.').next())
        == Some(table.name)
}

async fn load_rows(
    writer: &Writer,
    table: &Table,
    schema: i64,
    text: &str,
) -> Result<(), StoreError> {
    let columns = table.columns_in(schema);
    let lines: Vec<&str> = text.lines().collect();
    for page in lines.chunks(PAGE_ROWS as usize) {
        let mut fields: Vec<Field> = Vec::with_capacity(page.len() * columns.len());
        for line in page {
            fields.extend(table.read_line(columns, line)?);
        }
        let mut txn = writer.begin().await?;
        let cells = fields.iter().map(Cell::from).collect();
        txn.run_rows(table.name, columns.len(), cells, |rows| {
            table.insert(columns, rows)
        })
        .await?;
        txn.commit().await?;
    }
    Ok(())
}

async fn log_size(writer: &Writer) -> Result<u64, StoreError> {
    let mut txn = writer.begin().await?;
    let size = crate::log::size_in(&mut txn).await?;
    txn.rollback().await?;
    Ok(size)
}

fn restore_objects(store: &Store, folder: &Path, manifest: &Manifest) -> Result<(), StoreError> {
    for file in &manifest.files {
        let Some((stream, digest)) = file
            .path
            .strip_prefix("objects/")
            .and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        let put = store
            .objects()
            .put(stream, &read_file(folder, &file.path)?)?;
        if put != digest {
            return Err(StoreError::Backup(format!(
                "{} 的内容与其名称不符",
                file.path
            )));
        }
    }
    Ok(())
}

/// Sequences what waited, and checks everything, the published checkpoints of this name among it.
async fn finish(
    store: &Store,
    folder: &Path,
    manifest: &Manifest,
    options: &RestoreOptions,
    renamed: bool,
    now_us: i64,
) -> Result<VerifyReport, StoreError> {
    let mut earlier = Vec::new();
    if !renamed {
        earlier.extend(options.published.clone());
        earlier.extend(own_checkpoint(folder, manifest)?);
    }
    let mut sequencer = Sequencer::new(store.clone());
    sequencer.run_once(now_us).await?;
    sequencer.release().await?;
    store.verify(&earlier, |_, _| {}).await
}

/// Gives the log a new name and key; its first leaf names the old log, whose leaves follow in their order.
async fn begin_new_origin(
    writer: &Writer,
    config: &StoreConfig,
    manifest: &Manifest,
    ahead: Option<&Checkpoint>,
    now_us: i64,
) -> Result<(), StoreError> {
    let mut txn = writer.begin().await?;
    let origins = txn
        .all("SELECT name FROM origin ORDER BY origin_no", &[])
        .await?;
    let first: String = match origins.first() {
        Some(row) => crate::sql::get(row, 0)?,
        None => return Err(StoreError::Backup("备份中没有日志名称".into())),
    };
    let number = origins.len() as i64 + 1;
    let name = next_name(&first, number);
    let (size, root) = restored_tree(&mut txn, config.suite, u64::MAX).await?;
    let published = ahead.map_or((size, root), |c| (c.size(), c.root()));
    let old = (manifest.origin.as_str(), size, root);
    let record = OriginRecord::new(config.suite, number, now_us, old, published).encode()?;
    // By way of the negative numbers, so that no two leaves have one index in between.
    txn.raw("UPDATE leaf SET idx = -idx - 1").await?;
    txn.raw("UPDATE leaf SET idx = -idx").await?;
    let entry = leaf::entry(config.suite, &record);
    let stream = origin_stream(number);
    txn.run(
        "INSERT INTO leaf (idx, stream_id, version, entry) VALUES (0, ?, 1, ?)",
        &[stream.as_str().into(), entry.0.as_slice().into()],
    )
    .await?;
    txn.run(
        "INSERT INTO origin (origin_no, name, record) VALUES (?, ?, ?)",
        &[
            number.into(),
            name.as_str().into(),
            record.as_slice().into(),
        ],
    )
    .await?;
    txn.raw("DELETE FROM tile").await?;
    txn.run("DELETE FROM cursor WHERE name = ?", &[TILES.into()])
        .await?;
    txn.raw("UPDATE cursor SET idx = idx + 1").await?;
    renew_key(config, &name, number)?;
    txn.commit().await?;
    Ok(())
}

/// Size and root of the leaves as restored, of no more than so many of them.
async fn restored_tree(
    txn: &mut crate::conn::Txn<'_>,
    suite: ledger::Suite,
    size_max: u64,
) -> Result<(u64, ledger::Hash), StoreError> {
    let mut tree = ledger::Frontier::new(suite);
    loop {
        let sql = "SELECT entry FROM leaf WHERE idx >= ? ORDER BY idx LIMIT ?";
        let page = size_max
            .saturating_sub(tree.size())
            .min(u64::from(PAGE_ROWS));
        let rows = txn.all(sql, &[tree.size().into(), page.into()]).await?;
        if rows.is_empty() {
            return Ok((tree.size(), tree.root()));
        }
        for row in &rows {
            let entry = crate::committer::digest(crate::sql::get(row, 0)?)?;
            tree.push(suite.leaf(&entry));
        }
    }
}

/// Makes the new name's key; the old one, if it is there, is kept beside it.
fn renew_key(config: &StoreConfig, name: &str, number: i64) -> Result<(), StoreError> {
    let KeySource::File(path) = &config.key else {
        return Err(StoreError::Key(
            "日志更名需要新密钥，请把密钥改为文件形式".into(),
        ));
    };
    if path.exists() {
        let kept = path.with_extension(format!("key.{}", number - 1));
        std::fs::rename(path, &kept).map_err(|e| StoreError::file(path, e))?;
    }
    keys::write(path, &keys::generate(config.suite, name)?)
}
