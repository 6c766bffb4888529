//! A shell that outlives the test process by a moment, to clean up after it.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A waiting shell that runs its commands when dropped, or when this process ends in whatever way.
pub(crate) struct Guard {
    shell: Child,
}

impl Guard {
    /// Will run `commands`, which see `args` as `$1`, `$2` …, as `owner` where one is given.
    pub(crate) fn new(commands: &str, args: &[&OsStr], owner: Option<Owner>) -> io::Result<Self> {
        // `cat` ends when the write end of its pipe is closed, which the system does for a killed process too.
        let script = format!("trap '' HUP INT TERM; cat >/dev/null; {commands}");
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", &script, "sh"])
            .args(args)
            .current_dir("/")
            // In a group of its own, so that a runner which kills the test's group leaves the cleaner alive.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(owner) = owner {
            owner.run(&mut shell);
        }
        Ok(Self {
            shell: shell.spawn()?,
        })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // The shell's own exit code says nothing that a finished test could act on.
        let _ = self.shell.wait();
    }
}

/// The unprivileged user that a server runs as when the tests run as root.
#[derive(Clone, Copy)]
pub(crate) struct Owner {
    uid: u32,
    gid: u32,
}

impl Owner {
    /// `nobody` if `dir`, just made by this process, belongs to root; else none is needed.
    pub(crate) fn needed_for(dir: &Path) -> io::Result<Option<Self>> {
        if fs::metadata(dir)?.uid() != 0 {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd")?;
        Self::in_passwd(&users, "nobody").map(Some).ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, "no user `nobody` in /etc/passwd")
        })
    }

    fn in_passwd(users: &str, name: &str) -> Option<Self> {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let is_it = fields.next() == Some(name);
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            is_it.then_some(Self { uid, gid })
        })
    }

    /// Makes `command` run as this user.
    pub(crate) fn run(self, command: &mut Command) {
        command.gid(self.gid).uid(self.uid);
    }

    /// Gives `path` to this user.
    pub(crate) fn take(self, path: &Path) -> io::Result<()> {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
    }
}

#[cfg(test)]
mod tests {
    use super::{Guard, Owner};

    #[test]
    fn a_user_is_found_by_name_with_its_group() {
        let users = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533:n:/:/bin/false\n";
        let nobody = Owner::in_passwd(users, "nobody").unwrap();
        assert_eq!((nobody.uid, nobody.gid), (65534, 65533));
        assert!(Owner::in_passwd(users, "nob").is_none());
    }

    #[test]
    fn the_commands_run_when_the_guard_goes_and_not_before() {
        let dir = tempfile::tempdir().unwrap();
        let mark = dir.path().join("mark");
        let guard = Guard::new(": >\"$1\"", &[mark.as_os_str()], None).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!mark.exists());
        drop(guard);
        assert!(mark.exists());
    }
}
