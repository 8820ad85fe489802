//! The locks on disk: written after a build, or only talked about.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::diagnostic::io::reason;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disk::Disk;
use crate::hash::ContentHash;
use crate::lock::Lock;
use crate::site::Site;

/// Lines of a lock that a message shows.
const SHOWN_LINES: usize = 6;

/// Whether a build writes the locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Locking {
    Writes,
    /// On a server that builds for everybody, where what is written would be lost.
    Warns,
    /// `--locked`.
    Refuses,
}

impl Locking {
    pub(super) fn new(locked: bool) -> Self {
        let in_ci = std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
        match (locked, in_ci) {
            (true, _) => Self::Refuses,
            (false, true) => Self::Warns,
            (false, false) => Self::Writes,
        }
    }

    /// What has to be said of locks that change, before anything is published.
    pub(super) fn behind(self, locks: &[&Lock]) -> Diagnostics {
        let behind = locks.iter().map(|lock| behind(lock));
        match self {
            Self::Writes => Diagnostics::new(),
            Self::Warns => behind.map(Diagnostic::into_warning).collect(),
            Self::Refuses => behind.collect(),
        }
    }

    /// Writes the locks that change, of a site that is published; returns a line that says so.
    pub(super) fn write(self, locks: &[&Lock], disk: &Disk, diagnostics: &mut Diagnostics) -> Option<String> {
        if self != Self::Writes {
            return None;
        }
        let mut written = Vec::new();
        for lock in locks {
            match replace(lock, &disk.real_path(&lock.path)) {
                Ok(()) => written.push(format!("`{}`", lock.path)),
                Err(why) => {
                    let warning =
                        Diagnostic::warning("lock-not-written", format!("cannot write `{}`: {why}", lock.path));
                    diagnostics.push(warning.in_file(&lock.path).help(
                        "guids, addresses and turn ids of this build are kept only when it can be written; build again then",
                    ));
                }
            }
        }
        match written.as_slice() {
            [] => None,
            [one] => Some(format!("{one} is new: commit it")),
            [one, two] => Some(format!("{one} and {two} are new: commit them")),
            [one, ..] => Some(format!("{one} and {} other locks are new: commit them", written.len() - 1)),
        }
    }
}

/// What `podleaf check` says: locks that the next build changes. A show without a lock was never built, and has
/// nothing to lose.
pub(super) fn behind_check(site: &Site) -> Diagnostics {
    let locks = site.locks().into_iter().filter(|lock| lock.read.is_some());
    locks.map(|lock| behind(lock).into_warning()).collect()
}

fn behind(lock: &Lock) -> Diagnostic {
    let lines = lock.difference();
    let message = format!("`{}` does not have what this build would publish", lock.path);
    let mut error = Diagnostic::error("lock-behind", message).in_file(&lock.path);
    for line in lines.iter().take(SHOWN_LINES) {
        error = error.help(line);
    }
    if lines.len() > SHOWN_LINES {
        error = error.help(format!("… and {} more lines", lines.len() - SHOWN_LINES));
    }
    error.help("run `podleaf build` where you write, and commit the file")
}

/// Replaces the file in one step, if it still is what was read.
fn replace(lock: &Lock, path: &Path) -> Result<(), String> {
    let words = |error: io::Error| reason(&error);
    // What was not read, such as a pipe, is not opened here either.
    let now = match fs::symlink_metadata(path) {
        Ok(_) if lock.read.is_none() => return Err("something that is no file of the site has its name".to_owned()),
        Ok(_) => Some(ContentHash::of(&fs::read(path).map_err(words)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(words(error)),
    };
    if now != lock.read.as_ref().map(|(_, hash)| *hash) {
        return Err("it changed during the build; build again".to_owned());
    }
    let beside = path.with_file_name(".show.lock.new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(words(error)),
        _ => {}
    }
    let write = || {
        let mut file = File::create_new(&beside)?;
        file.write_all(lock.to_string().as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|error| {
        _ = fs::remove_file(&beside);
        words(error)
    })
}
