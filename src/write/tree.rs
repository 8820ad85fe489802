//! A tree of published files: what in it is not ours, reaching into it without following links, and changing it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rayon::prelude::*;
use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use walkdir::WalkDir;

use crate::diagnostic::io::shown;
use crate::hash::{ContentHash, StreamHasher};
use crate::output::{MANIFEST, Manifest};

use super::calls::Calls;

/// What the names of files in an output folder begin with that are Podleaf's own and are not published.
pub(super) const OWN: &str = ".podleaf-";

const ENOUGH: usize = 100;
const CHUNK: usize = 256 << 10;

/// Something in a tree that the manifest does not account for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Foreign {
    pub(super) path: std::path::PathBuf,
    pub(super) is_folder: bool,
}

impl Foreign {
    /// As it can be printed; a folder ends in `/`.
    pub(super) fn shown(&self) -> String {
        format!("{}{}", shown(&self.path), if self.is_folder { "/" } else { "" })
    }
}

/// Files, links and folders that no manifest accounts for, at most a hundred. What is [`OWN`] is ours.
pub(super) fn foreign(folder: &Path, manifests: &[&Manifest]) -> io::Result<Vec<Foreign>> {
    let mut found = Vec::new();
    let mut walk = WalkDir::new(folder).min_depth(1).into_iter();
    while let Some(entry) = walk.next() {
        let entry = entry?;
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let is_folder = entry.file_type().is_dir();
        let text = path.to_str();
        let is_own = entry.depth() == 1 && text.is_some_and(|name| is_own(name, is_folder));
        if is_own && is_folder {
            walk.skip_current_dir();
        }
        let listed = |manifest: &&Manifest| {
            text.is_some_and(|text| match is_folder {
                true => manifest.reaches(text),
                false => entry.file_type().is_file() && manifest.lists(text),
            })
        };
        if !is_own && !manifests.iter().any(listed) {
            found.push(Foreign { path: path.to_owned(), is_folder });
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

fn is_own(name: &str, is_folder: bool) -> bool {
    let rest = name.strip_prefix(OWN).unwrap_or_default();
    if is_folder { matches!(rest, "new" | "previous") } else { name == MANIFEST || is_own_file(rest) }
}

fn is_own_file(rest: &str) -> bool {
    matches!(rest, "lock" | "stamps")
}

/// Opens a folder without following a link in its place.
pub(super) fn open_folder(at: impl AsFd, name: impl rustix::path::Arg) -> rustix::io::Result<OwnedFd> {
    rustix::fs::openat(at, name, folder_flags(), Mode::empty())
}

/// Opens a file of a tree for reading; no part of the way to it may be a link.
pub(super) fn open(tree: &OwnedFd, file: &str) -> rustix::io::Result<File> {
    let (folder, name) = split(file);
    let folder = inner(tree, folder)?;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    rustix::fs::openat(folder, name, flags, Mode::empty()).map(File::from)
}

/// Opens a folder of a tree; no part of the way to it may be a link.
pub(super) fn inner(tree: &OwnedFd, folder: &str) -> rustix::io::Result<OwnedFd> {
    if folder.is_empty() {
        return open_folder(tree, ".");
    }
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    match rustix::fs::openat2(tree, folder, folder_flags(), Mode::empty(), resolve) {
        Err(Errno::NOSYS | Errno::PERM) => {
            let mut parts = folder.split('/');
            let first = open_folder(tree, parts.next().unwrap_or("."))?;
            parts.try_fold(first, open_folder)
        }
        result => result,
    }
}

/// A file's folder and its name in it.
pub(super) fn split(file: &str) -> (&str, &str) {
    file.rsplit_once('/').unwrap_or(("", file))
}

fn folder_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
}

/// Makes a folder of a tree and those above it, as far as they are missing.
pub(super) fn make_folder(calls: &Calls, tree: &OwnedFd, folder: &str) -> rustix::io::Result<()> {
    if folder.is_empty() {
        return Ok(());
    }
    match calls.make_folder(tree, folder) {
        Err(Errno::NOENT) => {
            make_folder(calls, tree, split(folder).0)?;
            make_folder(calls, tree, folder)
        }
        Err(Errno::EXIST) => Ok(()),
        result => result,
    }
}

/// Why a read or a write of a copy failed.
pub(super) enum Step {
    Read(io::Error),
    Write(io::Error),
}

/// Hashes what is left of a file, and passes it on.
pub(super) fn hash_through(
    source: &mut File,
    mut sink: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<(ContentHash, u64), Step> {
    let mut hasher = StreamHasher::new();
    let len = source.metadata().map_or(CHUNK as u64, |metadata| metadata.len() + 1);
    let mut chunk = vec![0; CHUNK.min(usize::try_from(len).unwrap_or(CHUNK))];
    let mut size = 0;
    loop {
        match source.read(&mut chunk) {
            Ok(0) => return Ok((hasher.finish(), size)),
            Ok(len) => {
                hasher.update(&chunk[..len]);
                sink(&chunk[..len]).map_err(Step::Write)?;
                size += len as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Step::Read(error)),
        }
    }
}

/// How a tree becomes another: where each of its files comes from.
pub(super) struct Change<'c> {
    /// What lies in the tree, and may be deleted.
    pub(super) old: &'c Manifest,
    /// What is to lie there.
    pub(super) new: &'c Manifest,
    /// Files of the folder `from` by their name in it, and where they go.
    pub(super) moves: &'c [(String, String)],
    pub(super) from: &'c OwnedFd,
    /// Files to be linked from another tree.
    pub(super) links: &'c [&'c str],
    pub(super) linked: Option<&'c OwnedFd>,
    /// Whether this was begun before: what is no longer in `from` is in its place then.
    pub(super) is_again: bool,
}

/// Brings a tree up to date, but for its manifest. Each of its files is whole at every moment, and what is no longer
/// wanted goes last; done again after a death at any moment, it ends in the same tree.
pub(super) fn change(calls: &Calls, tree: &OwnedFd, change: &Change<'_>) -> Result<(), (String, io::Error)> {
    let gone = gone(change.old, change.new);
    let emptied = folders_of(&gone);
    let (in_the_way, gone): (Vec<_>, Vec<_>) = gone.into_iter().partition(|file| is_in_the_way(file, change.new));
    remove(calls, tree, &in_the_way)?;
    let mut below_files = emptied.iter().rev().filter(|folder| is_below_a_file(folder, change.new));
    below_files.try_for_each(|folder| remove_folder(calls, tree, folder))?;
    let wanted = change.moves.iter().map(|(_, file)| file.as_str()).chain(change.links.iter().copied());
    let folders: BTreeSet<&str> = wanted.map(|file| split(file).0).collect();
    let folders = Vec::from_iter(folders);
    folders.par_iter().try_for_each(|folder| make_folder(calls, tree, folder).map_err(at(folder)))?;
    change.links.par_iter().try_for_each(|file| link(calls, change.linked, tree, file).map_err(at(file)))?;
    change.moves.par_iter().try_for_each(|(name, file)| {
        let (folder, new_name) = split(file);
        let moved = inner(tree, folder).and_then(|folder| calls.rename(change.from, name, folder, new_name));
        match moved {
            Err(Errno::NOENT) if change.is_again => Ok(()),
            moved => moved.map_err(at(file)),
        }
    })?;
    remove(calls, tree, &gone)?;
    let mut emptied = emptied.iter().rev().filter(|folder| !change.new.reaches(folder));
    emptied.try_for_each(|folder| remove_folder(calls, tree, folder))
}

/// The files of one manifest that another does not list.
pub(super) fn gone<'m>(old: &'m Manifest, new: &'m Manifest) -> Vec<&'m str> {
    let mut rest = new.files.iter().map(|entry| entry.file.as_str()).peekable();
    let is_gone = move |file: &&str| {
        while rest.next_if(|next| next < file).is_some() {}
        rest.peek() != Some(file)
    };
    old.files.iter().map(|entry| entry.file.as_str()).filter(is_gone).collect()
}

/// The folders that files lie in, in any depth; without the tree itself, parents first.
pub(super) fn folders_of<'f>(files: &[&'f str]) -> BTreeSet<&'f str> {
    files.iter().flat_map(|file| file.match_indices('/').map(|(end, _)| &file[..end])).collect()
}

fn at<E: Into<io::Error>>(file: &str) -> impl FnOnce(E) -> (String, io::Error) + '_ {
    move |error| (file.to_owned(), error.into())
}

/// Whether a file lies where a folder is to be, or below what is to be a file.
fn is_in_the_way(file: &str, new: &Manifest) -> bool {
    new.reaches(file) || is_below_a_file(split(file).0, new)
}

/// Whether a folder, or one that it lies in, is to be a file.
fn is_below_a_file(folder: &str, new: &Manifest) -> bool {
    let folders = std::iter::successors(Some(folder), |folder| Some(split(folder).0));
    folders.take_while(|folder| !folder.is_empty()).any(|folder| new.lists(folder))
}

fn remove(calls: &Calls, tree: &OwnedFd, files: &[&str]) -> Result<(), (String, io::Error)> {
    files.par_iter().try_for_each(|file| {
        let (folder, name) = split(file);
        match inner(tree, folder) {
            Ok(folder) => calls.unlink(folder, name).map_err(at(file)),
            // What is not there, or is something else now, is not ours to delete.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(()),
            Err(error) => Err(at(file)(error)),
        }
    })
}

fn remove_folder(calls: &Calls, tree: &OwnedFd, folder: &str) -> Result<(), (String, io::Error)> {
    let (parent, name) = split(folder);
    match inner(tree, parent) {
        Ok(parent) => calls.remove_folder(parent, name).map_err(at(folder)),
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(()),
        Err(error) => Err(at(folder)(error)),
    }
}

/// Links a file of one tree into another; where the disk has no links, or no more, it is copied.
fn link(calls: &Calls, from: Option<&OwnedFd>, to: &OwnedFd, file: &str) -> io::Result<()> {
    let from = from.ok_or(Errno::BADF)?;
    let (folder, name) = split(file);
    let (source, target) = (inner(from, folder)?, inner(to, folder)?);
    let mut linked = calls.link(&source, name, &target, name);
    if linked == Err(Errno::EXIST) {
        calls.unlink(&target, name)?;
        linked = calls.link(&source, name, &target, name);
    }
    match linked {
        Err(Errno::PERM | Errno::NOTSUP | Errno::MLINK | Errno::XDEV | Errno::NOSYS) => {
            let mut source = open(from, file)?;
            let mut copy = calls.create(&target, name)?;
            if calls.share(&copy, &source).is_ok() {
                return Ok(());
            }
            match hash_through(&mut source, |bytes| calls.write(&mut copy, bytes)) {
                Ok(_) => Ok(()),
                Err(Step::Read(error) | Step::Write(error)) => Err(error),
            }
        }
        linked => Ok(linked?),
    }
}
