//! A small disk of one's own, that can be filled or made read-only.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::guard::Guard;
use crate::need::skipped;

/// A mounted disk; unmounted and gone when dropped, or when the test process ends in whatever way.
pub struct Disk {
    /// Where it is mounted.
    folder: PathBuf,
    _guard: Guard,
}

impl Disk {
    /// One of so many MiB in memory; `None`, with `skipped: …` said, where nothing may be mounted.
    #[must_use]
    pub fn small(mib: u32) -> Option<Self> {
        let size = format!("size={mib}m");
        or_skipped(Self::unmounted().and_then(|disk| {
            disk.mount(&["-t", "tmpfs", "-o", &size, "tmpfs"])?;
            Ok(disk)
        }))
    }

    fn unmounted() -> io::Result<Self> {
        let outer = tempfile::Builder::new()
            .prefix("zhiheng-disk-")
            .tempdir()?
            .keep();
        let folder = outer.join("disk");
        let clean = "umount -l \"$1\"; rm -rf \"$2\"";
        let guard = Guard::new(clean, &[folder.as_os_str(), outer.as_os_str()], None)?;
        fs::create_dir(&folder)?;
        Ok(Self {
            folder,
            _guard: guard,
        })
    }

    fn mount(&self, args: &[&str]) -> io::Result<()> {
        let mut all: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
        all.push(self.folder.as_os_str());
        run("mount", &all)
    }

    /// The folder that it is mounted on.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }

    /// Writes a file of its own until there is no room for another byte.
    ///
    /// # Errors
    /// Anything but a full disk that ends that.
    pub fn fill(&self) -> io::Result<()> {
        let mut file = File::options()
            .append(true)
            .create(true)
            .open(self.filler())?;
        for size in [1 << 20, 4_096, 1] {
            let bytes = vec![b'x'; size];
            let full = loop {
                if let Err(error) = file.write_all(&bytes) {
                    break error;
                }
            };
            if full.kind() != io::ErrorKind::StorageFull {
                return Err(full);
            }
        }
        Ok(())
    }

    /// Removes what [`Disk::fill`] wrote.
    ///
    /// # Errors
    /// That nothing was filled.
    pub fn make_room(&self) -> io::Result<()> {
        fs::remove_file(self.filler())
    }

    /// Makes it read-only, or writable again; nothing on it may be open for writing.
    ///
    /// # Errors
    /// What the system says.
    pub fn set_read_only(&self, read_only: bool) -> io::Result<()> {
        let how = if read_only {
            "remount,ro"
        } else {
            "remount,rw"
        };
        let args = [OsStr::new("-o"), OsStr::new(how), self.folder.as_os_str()];
        run("mount", &args)
    }
}

fn or_skipped(made: io::Result<Disk>) -> Option<Disk> {
    match made {
        Ok(disk) => Some(disk),
        Err(why) => {
            skipped("mount", &why.to_string());
            None
        }
    }
}

fn run(program: &str, args: &[&OsStr]) -> io::Result<()> {
    let ran = Command::new(program).args(args).output()?;
    if ran.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    Err(io::Error::other(format!("{program}: {}", said.trim())))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::ErrorKind;

    use super::Disk;

    #[test]
    fn it_is_filled_emptied_and_made_read_only() {
        let Some(disk) = Disk::small(2) else { return };
        let folder = disk.folder().to_owned();
        let write = || fs::write(folder.join("a"), "text").map_err(|e| e.kind());
        disk.fill().unwrap();
        assert_eq!(write(), Err(ErrorKind::StorageFull));
        disk.make_room().unwrap();
        assert_eq!(write(), Ok(()));
        disk.set_read_only(true).unwrap();
        assert_eq!(write(), Err(ErrorKind::ReadOnlyFilesystem));
        disk.set_read_only(false).unwrap();
        assert_eq!(write(), Ok(()));
        drop(disk);
        assert!(!folder.exists());
    }
}
