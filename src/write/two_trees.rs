//! Publishing by an exchange of two trees, the live and the previous one.
//!
//! The previous tree is brought up to date with the live one and what is new: what did not change is one file with two
//! names, what did is a new file. While it is being changed it holds a marker; what a death leaves is made anew.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::CWD;
use rustix::io::Errno;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::io::{machine, shown};
use crate::output::{MANIFEST, Manifest};

use super::calls::Calls;
use super::place::{Home, Live, Target, manifest_of};
use super::stamps::{Stamp, Stamps, stamped};
use super::tree::{self, Change};

/// What a folder holds that is not what it is to be yet: its manifest under another name.
pub(super) const UNFINISHED: &str = ".podleaf-unfinished";

const KEPT_NAMES: u32 = 1000;

/// Up to so many new files and changed folders are synced one by one, and the whole file system for more.
const FEW: usize = 48;

/// What a publication has at hand.
pub(super) struct Publication<'p> {
    pub(super) calls: &'p Calls,
    pub(super) target: &'p Target,
    pub(super) home: &'p Home,
    pub(super) home_folder: &'p OwnedFd,
    pub(super) live: &'p Live,
    /// The folder of the new files.
    pub(super) from: &'p OwnedFd,
    pub(super) moves: &'p [(String, String)],
    pub(super) manifest: &'p Manifest,
    /// The stamps of the files that stay, those of `moves` being default ones.
    pub(super) stamps: Vec<Stamp>,
    /// Where files of others are that were found in the previous tree.
    pub(super) kept: Vec<PathBuf>,
}

/// A failure with the file that it is about.
pub(super) type Failure = (String, io::Error);

impl<'p> Publication<'p> {
    /// Whether two names can be exchanged here.
    pub(super) fn can_exchange(&self) -> Result<bool, Failure> {
        const PROBE: &str = "exchange-probe";
        let probe = || -> rustix::io::Result<bool> {
            self.calls.create(self.from, PROBE)?;
            let exchanged = self.calls.exchange(self.from, UNFINISHED, PROBE);
            self.calls.unlink(self.from, PROBE)?;
            match exchanged {
                Ok(()) => Ok(true),
                Err(error) if is_impossible(error) => Ok(false),
                Err(error) => Err(error),
            }
        };
        probe().map_err(|error| (String::new(), error.into()))
    }

    /// Brings the previous tree up to date and puts it in the place of the live one. Returns the stamps of the new one;
    /// `None` where just these folders cannot be exchanged: then the new files are where they were.
    ///
    /// # Errors
    /// Nothing was published.
    pub(super) fn publish(&mut self) -> Result<Option<Stamps>, Failure> {
        let previous = self.home.name("previous");
        let stamps = self.bring_up().inspect_err(|_| {
            // What cannot be deleted now is made anew by the next build.
            _ = remove_unfinished(self.calls, &self.home.place("previous"));
        })?;
        match self.calls.exchange(self.home_folder, &previous, &self.target.name) {
            Ok(()) => Ok(Some(stamps)),
            Err(error) if is_impossible(error) => self.take_back().map(|()| None),
            Err(error) => Err((String::new(), error.into())),
        }
    }

    /// Moves the new files from the previous tree to where they were; what is left of it serves nobody.
    fn take_back(&self) -> Result<(), Failure> {
        let place = self.home.place("previous");
        let taken = || -> io::Result<()> {
            let tree = tree::open_folder(CWD, &place)?;
            self.calls.create(&tree, UNFINISHED)?;
            for (name, file) in self.moves {
                let (folder, file_name) = tree::split(file);
                self.calls.rename(tree::inner(&tree, folder)?, file_name, self.from, name.as_str())?;
            }
            remove_unfinished(self.calls, &place)
        };
        taken().map_err(|error| (String::new(), error))
    }

    fn bring_up(&mut self) -> Result<Stamps, Failure> {
        let cannot = |error: io::Error| (String::new(), error);
        let place = self.home.place("previous");
        let (old, stamps) = self.known(&place).map_err(cannot)?;
        let tree = tree::open_folder(CWD, &place).map_err(|error| cannot(error.into()))?;
        let mut marker = self.calls.create(&tree, UNFINISHED).map_err(|error| cannot(error.into()))?;
        let links = self.to_link(&tree, &old, stamps.as_ref());
        let (new, moves) = (self.manifest, self.moves);
        let linked = Some(&self.live.folder);
        let change = Change { old: &old, new, moves, from: self.from, links: &links, linked, is_again: false };
        tree::change(self.calls, &tree, &change)?;
        let written = self.calls.write_manifest(&mut marker, new);
        let renamed = written.and_then(|hash| {
            self.calls.rename(&tree, UNFINISHED, &tree, MANIFEST)?;
            Ok(hash)
        });
        let hash = renamed.map_err(|error| (MANIFEST.to_owned(), error))?;
        keep_permissions(&self.target.output, &place);
        let touched = self.touched(&old, &links);
        self.sync(&tree, &touched).map_err(cannot)?;
        let stamped = self.stamped(&tree, &links);
        Ok(match stamps {
            Some(stamps) => Stamps::after(&tree, new, hash, (&old, &stamps), &touched, stamped),
            None => Stamps::new(&tree, new, hash, stamped),
        })
    }

    /// Sees to it that there is a previous tree, and returns what it holds; with its stamps, if it is as they say.
    fn known(&mut self, place: &Path) -> io::Result<(Cow<'p, Manifest>, Option<Stamps>)> {
        if fs::symlink_metadata(place.join(UNFINISHED)).is_ok_and(|found| found.is_file()) {
            remove_unfinished(self.calls, place)?;
        }
        let live = self.live;
        let manifest = live.previous_manifest(place);
        let is_empty = fs::read_dir(place).is_ok_and(|mut entries| entries.next().is_none());
        let nothing = fs::symlink_metadata(place).is_err_and(|error| error.kind() == ErrorKind::NotFound);
        if let Some((manifest, hash)) = manifest {
            let tree = tree::open_folder(CWD, place)?;
            let stamps = self.live.previous.as_ref().filter(|stamps| stamps.manifest == hash);
            let stamps = stamps.filter(|stamps| stamps.hold(&tree, &manifest));
            if stamps.is_none() {
                let kept = self.sweep(&manifest)?;
                self.kept.extend(kept);
            }
            return Ok((manifest, stamps.cloned()));
        }
        if !nothing && !is_empty {
            let kept = set_aside(self.calls, self.target, place)?;
            self.kept.push(kept);
        }
        if !is_empty {
            self.calls.make_folder(CWD, place)?;
        }
        Ok((Cow::Owned(Manifest::default()), None))
    }

    /// The files that stay and are not one with those of the live tree yet.
    ///
    /// While the folders of the previous tree hold what they held, its files are those that were noted.
    fn to_link(&self, tree: &OwnedFd, old: &Manifest, stamps: Option<&Stamps>) -> Vec<&'p str> {
        let mut moved = self.moves.iter().map(|(_, file)| file.as_str()).collect::<Vec<_>>();
        moved.sort_unstable();
        let files = self.manifest.files.iter().zip(&self.stamps);
        let stay = files.filter(|(entry, _)| moved.binary_search(&entry.file.as_str()).is_err());
        let stay: Vec<(&str, u64)> = stay.map(|(entry, stamp)| (entry.file.as_str(), stamp.inode)).collect();
        let there: Vec<u64> = match stamps.filter(|stamps| stamps.files.len() == old.files.len()) {
            Some(stamps) => {
                let mut noted = old.files.iter().map(|entry| entry.file.as_str()).zip(&stamps.files).peekable();
                let noted = |file: &str| {
                    while noted.next_if(|(next, _)| *next < file).is_some() {}
                    noted.peek().filter(|(next, _)| *next == file).map_or(0, |(_, stamp)| stamp.inode)
                };
                stay.iter().map(|(file, _)| *file).map(noted).collect()
            }
            None => {
                let files: Vec<&str> = stay.iter().map(|(file, _)| *file).collect();
                stamped(tree, &files).into_iter().map(|stamp| stamp.inode).collect()
            }
        };
        let is_other = |((_, inode), there): &(&(&str, u64), u64)| inode != there || *there == 0;
        stay.iter().zip(there).filter(is_other).map(|((file, _), _)| *file).collect()
    }

    /// The folders in which something came, went or was replaced, and those above them.
    fn touched<'t>(&'t self, old: &'t Manifest, links: &[&'t str]) -> BTreeSet<&'t str> {
        let mut files = tree::gone(old, self.manifest);
        files.extend(self.moves.iter().map(|(_, file)| file.as_str()).chain(links.iter().copied()));
        let mut folders = tree::folders_of(&files);
        folders.insert("");
        folders
    }

    /// Waits until the disk has what is new. All of it is new files and the folders that hold them.
    fn sync(&self, tree: &OwnedFd, touched: &BTreeSet<&str>) -> io::Result<()> {
        if self.moves.len() + touched.len() > FEW {
            return Ok(self.calls.sync_all(tree.as_fd())?);
        }
        for file in self.moves.iter().map(|(_, file)| file.as_str()).chain([MANIFEST]) {
            self.calls.sync(tree::open(tree, file)?)?;
        }
        for folder in touched {
            match tree::inner(tree, folder) {
                Ok(folder) => self.calls.sync(folder)?,
                // It went with what was in it, or is a file now; the folder above it is synced.
                Err(Errno::NOENT | Errno::NOTDIR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// How the system sees the files. One that was linked or moved is seen anew; if it was changed meanwhile, it is
    /// none that we know.
    fn stamped(&self, tree: &OwnedFd, links: &[&str]) -> Vec<Stamp> {
        let mut stamps = self.stamps.clone();
        let touched = Vec::from_iter(links.iter().copied().chain(self.moves.iter().map(|(_, file)| file.as_str())));
        for (file, seen) in touched.iter().zip(stamped(tree, &touched)) {
            let found = self.manifest.files.binary_search_by(|entry| entry.file.as_str().cmp(file)).ok();
            let Some(stamp) = found.and_then(|idx| stamps.get_mut(idx)) else { continue };
            let is_known = stamp.inode == 0 || stamp.is_linked_as(&seen);
            *stamp = if is_known { seen.copied_from(stamp.source) } else { Stamp::default() };
        }
        stamps
    }

    /// Moves what is in the previous tree and not ours to a place that can be seen. Returns it, if it needed one.
    pub(super) fn sweep(&self, manifest: &Manifest) -> io::Result<Option<PathBuf>> {
        let place = self.home.place("previous");
        let tree = tree::open_folder(CWD, &place)?;
        let mut kept = None;
        loop {
            let foreign = tree::foreign(&place, &[manifest])?;
            if foreign.is_empty() {
                return Ok(kept);
            }
            let kept = match &kept {
                Some(kept) => kept,
                None => kept.insert(kept_folder(self.calls, self.target)?),
            };
            let kept_folder = tree::open_folder(CWD, kept)?;
            for found in foreign {
                let folder = found.path.parent().unwrap_or(Path::new(""));
                let folder = folder.to_str().ok_or_else(|| io::Error::from(ErrorKind::InvalidFilename))?;
                let name = found.path.file_name().unwrap_or_default();
                tree::make_folder(self.calls, &kept_folder, folder)?;
                self.calls.rename_new(tree::inner(&tree, folder)?, name, tree::inner(&kept_folder, folder)?, name)?;
            }
        }
    }
}

/// Whether an error says that names cannot be exchanged, and not that it failed.
fn is_impossible(error: Errno) -> bool {
    matches!(error, Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::XDEV | Errno::BUSY)
}

/// Gives a new folder the permissions of the old one, so that a web server's way in stays open.
pub(super) fn keep_permissions(old: &Path, new: &Path) {
    let old = fs::symlink_metadata(old).ok().filter(|metadata| metadata.is_dir());
    let old = old.map(|metadata| metadata.permissions()).filter(|permissions| !permissions.readonly());
    // Who may not set them gets a folder like any other new one.
    _ = old.map(|permissions| fs::set_permissions(new, permissions));
}

/// A new folder beside the output folder that can be seen.
fn kept_folder(calls: &Calls, target: &Target) -> io::Result<PathBuf> {
    let made = |place: &PathBuf| calls.make_folder(CWD, place).is_ok();
    kept_names(target).find(made).ok_or_else(|| ErrorKind::AlreadyExists.into())
}

fn kept_names(target: &Target) -> impl Iterator<Item = PathBuf> {
    let name = target.name.to_string_lossy();
    (1..=KEPT_NAMES).map(move |n| target.parent.join(format!("{name}-kept-{n}")))
}

/// Gives what is not ours and has one of our names another.
pub(super) fn set_aside(calls: &Calls, target: &Target, place: &Path) -> io::Result<PathBuf> {
    let renamed = |kept: &PathBuf| calls.rename_new(CWD, place, CWD, kept.as_path()).is_ok();
    kept_names(target).find(renamed).ok_or_else(|| ErrorKind::AlreadyExists.into())
}

/// That files of others were found where Podleaf writes.
pub(super) fn kept(target: &Target, place: &Path) -> Diagnostic {
    let message = format!(
        "files that Podleaf did not make appeared in `{}` during the build: they are in `{}` now",
        shown(&target.output),
        shown(place)
    );
    Diagnostic::warning("kept-files", message).help("move them to `static/` to publish them with the site")
}

/// That something of ours could not be cleared away.
pub(super) fn not_cleared(place: &Path, error: &io::Error) -> Diagnostic {
    machine("cannot-remove", "clear away", place, error).into_warning()
}

/// Removes a folder that holds the marker, and that last: killed at any moment, what is left still says whose it is.
///
/// A folder without the marker is touched only if it is empty.
pub(super) fn remove_unfinished(calls: &Calls, folder: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(folder.join(UNFINISHED)).is_ok_and(|found| found.is_file()) {
        return Ok(calls.remove_folder(CWD, folder)?);
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() == UNFINISHED {
            continue;
        }
        remove_all(calls, &entry.path(), entry.file_type()?.is_dir())?;
    }
    calls.unlink(CWD, folder.join(UNFINISHED))?;
    Ok(calls.remove_folder(CWD, folder)?)
}

/// Removes what a build that died was about to publish, whole or not.
pub(super) fn remove_new(calls: &Calls, folder: &Path) -> io::Result<()> {
    let is_folder = fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir());
    if let Some((manifest, _)) = is_folder.then(|| manifest_of(folder).ok()).flatten().flatten() {
        let is_marked = fs::symlink_metadata(folder.join(UNFINISHED)).is_ok();
        if !is_marked && tree::foreign(folder, &[&manifest])?.is_empty() {
            calls.create(CWD, folder.join(UNFINISHED))?;
        }
    }
    remove_unfinished(calls, folder)
}

fn remove_all(calls: &Calls, path: &Path, is_folder: bool) -> io::Result<()> {
    if !is_folder {
        return Ok(calls.unlink(CWD, path)?);
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        remove_all(calls, &entry.path(), entry.file_type()?.is_dir())?;
    }
    Ok(calls.remove_folder(CWD, path)?)
}
