//! A published tree against its manifest: what in it is not ours, and taking it apart.

use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rayon::prelude::*;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;
use walkdir::WalkDir;

use crate::diagnostic::io::shown;
use crate::output::{MANIFEST, Manifest};

const ENOUGH: usize = 100;

/// Files, links and folders that the manifest does not account for, as they can be printed; at most a hundred.
pub(super) fn foreign(folder: &Path, manifest: &Manifest) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut walk = WalkDir::new(folder).min_depth(1).into_iter();
    while let Some(entry) = walk.next() {
        let entry = entry?;
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let is_folder = entry.file_type().is_dir();
        let ours = path.to_str().is_some_and(|path| match is_folder {
            true => manifest.reaches(path),
            false => entry.file_type().is_file() && (path == MANIFEST || manifest.lists(path)),
        });
        if !ours {
            found.push(format!("{}{}", shown(path), if is_folder { "/" } else { "" }));
            if is_folder {
                walk.skip_current_dir();
            }
        }
        if found.len() == ENOUGH {
            break;
        }
    }
    found.sort();
    Ok(found)
}

/// Deletes the regular files that the manifest lists, then the folders left empty, then the manifest and the tree's
/// own folder if nothing else is left. Returns whether all is gone.
///
/// Goes down by open folders without following links, so that nothing outside of the tree can be reached.
pub(super) fn remove(folder: &Path, manifest: &Manifest) -> io::Result<bool> {
    let top = match rustix::fs::open(folder, folder_flags(), Mode::empty()) {
        Ok(top) => top,
        Err(Errno::NOENT) => return Ok(true),
        Err(Errno::NOTDIR | Errno::LOOP) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    remove_below(top.as_fd(), "", manifest)?;
    let left = entries(top.as_fd())?;
    if left.iter().any(|entry| entry.name != MANIFEST) {
        return Ok(false);
    }
    if !left.is_empty() {
        rustix::fs::unlinkat(&top, MANIFEST, AtFlags::empty())?;
    }
    fs::remove_dir(folder)?;
    Ok(true)
}

fn folder_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
}

struct Entry {
    name: String,
    kind: FileType,
}

/// The entries of a folder; names that are not UTF-8 are none of ours and stand here lossily.
fn entries(folder: BorrowedFd<'_>) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let kind = match entry.file_type() {
            FileType::Unknown => {
                let stat = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
                FileType::from_raw_mode(stat.st_mode)
            }
            kind => kind,
        };
        found.push(Entry { name: name.to_string_lossy().into_owned(), kind });
    }
    Ok(found)
}

fn remove_below(folder: BorrowedFd<'_>, prefix: &str, manifest: &Manifest) -> io::Result<()> {
    entries(folder)?.par_iter().try_for_each(|entry| remove_entry(folder, prefix, entry, manifest))
}

fn remove_entry(folder: BorrowedFd<'_>, prefix: &str, entry: &Entry, manifest: &Manifest) -> io::Result<()> {
    let path = format!("{prefix}{}", entry.name);
    let name = entry.name.as_str();
    let removed = match entry.kind {
        FileType::RegularFile if manifest.lists(&path) => rustix::fs::unlinkat(folder, name, AtFlags::empty()),
        FileType::Directory if manifest.reaches(&path) => {
            let inner: OwnedFd = rustix::fs::openat(folder, name, folder_flags(), Mode::empty())?;
            remove_below(inner.as_fd(), &format!("{path}/"), manifest)?;
            rustix::fs::unlinkat(folder, name, AtFlags::REMOVEDIR)
        }
        _ => Ok(()),
    };
    match removed {
        Ok(()) | Err(Errno::NOENT | Errno::NOTEMPTY | Errno::EXIST) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
