//! Where databases are put: memory, and a folder that is on a disk; and how fast that disk flushes.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::measure::Waits;

/// Linux' file system in memory.
const MEMORY: &str = "/dev/shm";
/// How long flushes are measured.
const FLUSHING: Duration = Duration::from_secs(1);
/// What one flush has to bring to the disk: a page.
const FLUSHED_BYTES: usize = 4096;

/// A folder in memory; an error where the machine has none.
pub fn in_memory() -> Result<TempDir> {
    let kind = file_system(Path::new(MEMORY))?;
    ensure!(kind == "tmpfs", "{MEMORY} is {kind}, not tmpfs");
    tempfile::tempdir_in(MEMORY).with_context(|| format!("no folder can be made in {MEMORY}"))
}

/// A folder on a disk: in `ZHIHENG_BENCH_DISK`, else beside this program; an error where that is in memory.
pub fn on_disk() -> Result<TempDir> {
    let above = match std::env::var_os("ZHIHENG_BENCH_DISK") {
        Some(named) => PathBuf::from(named),
        None => beside_program()?,
    };
    let kind = file_system(&above)?;
    if ["tmpfs", "ramfs"].contains(&kind.as_str()) {
        bail!(
            "{} is in memory; name a folder on a disk in ZHIHENG_BENCH_DISK",
            above.display()
        );
    }
    tempfile::tempdir_in(&above)
        .with_context(|| format!("no folder can be made in {}", above.display()))
}

/// The folder of this program, `target/release`, where the product's program is too.
pub fn beside_program() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let folder = program.parent().context("the program is in no folder")?;
    Ok(folder.to_owned())
}

/// The address of a new SQLite database in a folder.
pub fn sqlite(dir: &Path) -> String {
    format!("sqlite:{}", dir.join("bench.sqlite").display())
}

/// Flushes of one page each, one after another: no program commits more often than that.
pub fn flushes(dir: &Path) -> Result<Waits> {
    let mut file = File::create(dir.join("flushed"))?;
    let page = [7; FLUSHED_BYTES];
    let mut waits = Waits::default();
    let end = Instant::now() + FLUSHING;
    while Instant::now() < end {
        let asked = Instant::now();
        file.write_all(&page)?;
        file.sync_data()?;
        waits.push(asked.elapsed());
    }
    Ok(waits)
}

/// Flushes a second, from [`flushes`].
pub fn flush_rate(waits: &Waits) -> f64 {
    waits.count() as f64 / FLUSHING.as_secs_f64()
}

/// The kind of file system that a folder is on.
fn file_system(folder: &Path) -> Result<String> {
    let folder = fs::canonicalize(folder).with_context(|| folder.display().to_string())?;
    let mounts = fs::read_to_string("/proc/self/mounts").context("/proc/self/mounts")?;
    kind_of(&mounts, &folder)
        .map(str::to_owned)
        .with_context(|| format!("{} is on no known file system", folder.display()))
}

/// The third field of the deepest mount that holds the folder; of equal ones the last covers the others.
fn kind_of<'a>(mounts: &'a str, folder: &Path) -> Option<&'a str> {
    let holding = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (point, kind) = (Path::new(fields.next()?), fields.next()?);
        folder
            .starts_with(point)
            .then(|| (point.components().count(), kind))
    });
    holding
        .max_by_key(|(depth, _)| *depth)
        .map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::kind_of;
    use std::path::Path;

    #[test]
    fn a_folder_is_on_the_deepest_mount_that_holds_it() {
        let mounts = "/dev/vda / ext4 rw 0 0\ntmpfs /dev/shm tmpfs rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/vdb /tmp xfs rw 0 0";
        let check = |folder, expect| assert_eq!(kind_of(mounts, Path::new(folder)), expect);
        check("/srv/build/target", Some("ext4"));
        check("/dev/shm/x", Some("tmpfs"));
        check("/dev/shmx", Some("ext4"));
        check("/tmp/x", Some("xfs"));
    }
}
