//! One build at a time for each output folder.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::OFlags;

use crate::diagnostic::io::{machine, shown};
use crate::diagnostic::{Diagnostic, Fault};

use super::place::{Home, Target};

const ATTEMPTS: usize = 20;

/// How often it is tried again while another build has the lock, and after how long: ten seconds in all. A build that has
/// written everything still waits for the disk, which may be busy.
const WAITS: usize = 200;
const WAIT: Duration = Duration::from_millis(50);

/// The lock of an output folder: a file beside it, locked by the kernel, which frees it when its process dies.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Waits a moment for a build that is about to end.
    ///
    /// # Errors
    /// The other build goes on, or the machine fails.
    pub(super) fn take(target: &Target, home: &Home) -> Result<Self, Diagnostic> {
        let path = home.place("lock");
        let cannot = |error: io::Error| machine("cannot-write", "lock", &path, &error);
        let (mut attempts, mut waits) = (0, 0);
        while attempts < ATTEMPTS {
            let file = open(&path).map_err(cannot)?;
            match file.try_lock() {
                // The build that had the lock may have deleted the file between `open` and `try_lock`.
                Ok(()) if is_at(&file, &path) => {
                    write_pid(&file).map_err(cannot)?;
                    return Ok(Self { path, _file: file });
                }
                Ok(()) => attempts += 1,
                Err(TryLockError::WouldBlock) if waits == WAITS => return Err(another_build(target, file)),
                Err(TryLockError::WouldBlock) => {
                    waits += 1;
                    std::thread::sleep(WAIT);
                }
                Err(TryLockError::Error(error)) => return Err(cannot(error)),
            }
        }
        Err(another_build(target, open(&path).map_err(cannot)?))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        _ = fs::remove_file(&self.path);
    }
}

fn open(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    OpenOptions::new().read(true).write(true).create(true).truncate(false).custom_flags(flags).open(path)
}

fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(opened), Ok(named)) => (opened.dev(), opened.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

fn write_pid(mut file: &File) -> io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}

fn another_build(target: &Target, file: File) -> Diagnostic {
    let mut text = String::new();
    _ = file.take(20).read_to_string(&mut text);
    let process = text.trim().parse::<u32>().map_or_else(|_| String::new(), |pid| format!(" (pid {pid})"));
    let message = format!("another build runs{process}: it publishes to `{}`", shown(&target.output));
    Diagnostic::error("another-build", message).fault(Fault::Machine).help("wait until it has ended, or stop it")
}
