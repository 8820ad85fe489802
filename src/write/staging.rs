//! The new site while it is being made.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Seek};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::CWD;
use rustix::io::Errno;

use crate::diagnostic::io::{escaped, machine, reason, shown};
use crate::diagnostic::{Diagnostic, Diagnostics, Fault};
use crate::hash::ContentHash;
use crate::output::{MANIFEST, Manifest, ManifestEntry};
use crate::path::Route;

use super::Published;
use super::calls::Calls;
use super::in_place::Journal;
use super::lock::Lock;
use super::place::{Home, Live, Present, Target};
use super::stamps::{self, Known, Stamp, Stamps};
use super::tree::{self, Step};
use super::two_trees::{self, Publication, UNFINISHED};

const UNTOUCHED: &str = "nothing was published: the output folder is as it was";

/// A new version of a site on its way: what changed is written aside, the rest is kept.
///
/// It holds the lock of the output folder. Its methods can be called from any number of threads.
#[derive(Debug)]
pub struct Staging {
    calls: Calls,
    target: Target,
    home: Home,
    home_folder: OwnedFd,
    present: Present,
    /// What is published and has the bytes that its manifest says.
    live: Manifest,
    live_stamps: Vec<Stamp>,
    /// The folder of new files: flat, or the whole tree where nothing is published yet.
    new: OwnedFd,
    made: Mutex<Made>,
    n_new: AtomicUsize,
    /// Whether the folder of new files holds what the next build needs.
    is_begun: bool,
    warnings: Diagnostics,
    _lock: Lock,
}

#[derive(Debug, Default)]
struct Made {
    /// Hashes of the names of all files: a large site has a hundred thousand.
    names: HashSet<ContentHash>,
    folders: HashSet<String>,
    files: Vec<MadeFile>,
}

#[derive(Debug)]
struct MadeFile {
    entry: ManifestEntry,
    /// Its name in the folder of new files, from where it moves to its place; `None` where it is there already.
    new: Option<String>,
    stamp: Stamp,
}

impl Staging {
    /// Locks the output folder, completes or clears away what builds that died have left, and looks at what is
    /// published.
    ///
    /// # Errors
    /// Another build is running, the output folder is no longer safe, or the machine fails.
    pub fn begin(target: Target) -> Result<Self, Diagnostic> {
        Self::begin_with(target, Calls::default())
    }

    pub(super) fn begin_with(mut target: Target, calls: Calls) -> Result<Self, Diagnostic> {
        let parent = target.parent.clone();
        let cannot = |error: io::Error| machine("cannot-write", "write to", &parent, &error).help(UNTOUCHED);
        fs::create_dir_all(&target.parent).map_err(cannot)?;
        let home = Home::of(&target);
        let lock = Lock::take(&target, &home)?;
        let warnings = recover(&calls, &target, &home)?;
        let mut present = target.found()?;
        let home_folder = tree::open_folder(CWD, &home.path).map_err(|error| cannot(error.into()))?;
        let (live, live_stamps) = match &mut present {
            Present::Nothing | Present::Empty => Default::default(),
            Present::Ours(live) => live.trusted(),
        };
        let new = new_folder(&calls, &home, &home_folder).map_err(cannot)?;
        let made = Mutex::default();
        let is_begun = false;
        Ok(Self {
            calls,
            target,
            home,
            home_folder,
            present,
            live,
            live_stamps,
            new,
            made,
            n_new: AtomicUsize::new(0),
            is_begun,
            warnings,
            _lock: lock,
        })
    }

    /// What is published now, but for files that someone changed since.
    pub fn live(&self) -> &Manifest {
        &self.live
    }

    /// Leaves the file of a route as it is published, with its key.
    ///
    /// `false` where it is not published, was changed by others, or is another route's: then it must be written.
    pub fn keep(&self, route: &Route) -> bool {
        let name = route.file();
        let Some((entry, stamp)) = self.published(&name) else { return false };
        let (entry, stamp) = (entry.clone(), *stamp);
        let claimed = self.claim(route, &name).is_ok();
        if claimed {
            locked(&self.made).files.push(MadeFile { entry, new: None, stamp });
        }
        claimed
    }

    /// Writes the file of a route; where it is published with these bytes, it stays.
    ///
    /// # Errors
    /// The file exists already (another route has it), its name is reserved, or the machine fails.
    pub fn write(&self, route: &Route, bytes: &[u8], key: Option<ContentHash>) -> Result<(), Diagnostic> {
        let name = route.file();
        self.claim(route, &name)?;
        let entry = ManifestEntry { file: name, hash: ContentHash::of(bytes), size: bytes.len() as u64, key };
        if let Some((_, stamp)) = self.published(&entry.file).filter(|(live, _)| live.hash == entry.hash) {
            self.record(MadeFile { entry, new: None, stamp: *stamp });
            return Ok(());
        }
        let (mut file, new) = self.create(&entry.file)?;
        self.calls.write(&mut file, bytes).map_err(|error| self.cannot_write(&entry.file, &error))?;
        self.record(MadeFile { entry, new, stamp: Stamp::default() });
        Ok(())
    }

    /// Copies an opened file to the file of a route, in bounded memory; shares its blocks where the disk can.
    ///
    /// A source that the system sees as it did when it was published is not read again.
    ///
    /// # Errors
    /// As for [`Staging::write`]; and where `source` is not a regular file or cannot be read.
    pub fn copy(&self, route: &Route, mut source: File, key: Option<ContentHash>) -> Result<(), Diagnostic> {
        let name = route.file();
        self.claim(route, &name)?;
        let metadata = source.metadata().ok().filter(fs::Metadata::is_file);
        let Some(len) = metadata.map(|metadata| metadata.len()) else {
            let message = format!("what `{}` is copied from is not a regular file", escaped(route.as_str()));
            return Err(Diagnostic::error("cannot-read", message).fault(Fault::Machine));
        };
        let source_stamp = stamps::source_stamp(&source);
        if let Some((live, stamp)) = self.published(&name).filter(|(live, _)| live.size == len) {
            let is_same = source_stamp != 0 && stamp.source == source_stamp || {
                let hashed = tree::hash_through(&mut source, |_| Ok(()));
                hashed.map_err(|step| self.cannot_copy(route, &name, step))?.0 == live.hash
            };
            if is_same {
                let entry = ManifestEntry { key, ..live.clone() };
                self.record(MadeFile { entry, new: None, stamp: stamp.copied_from(source_stamp) });
                return Ok(());
            }
        }
        let (mut file, new) = self.create(&name)?;
        let copied = match self.calls.share(&file, &source) {
            Ok(()) => tree::hash_through(&mut file, |_| Ok(())),
            Err(_) => source
                .rewind()
                .map_err(Step::Read)
                .and_then(|()| tree::hash_through(&mut source, |bytes| self.calls.write(&mut file, bytes))),
        };
        let (hash, size) = copied.map_err(|step| self.cannot_copy(route, &name, step))?;
        // A source that changed while it was read is not what was copied.
        let source_stamp = if stamps::source_stamp(&source) == source_stamp { source_stamp } else { 0 };
        let entry = ManifestEntry { file: name, hash, size, key };
        self.record(MadeFile { entry, new, stamp: Stamp::default().copied_from(source_stamp) });
        Ok(())
    }

    /// Publishes what was written and kept. Where that is what is published already, nothing is touched.
    ///
    /// # Errors
    /// The machine fails before the new site is in its place: the old one is untouched, or, where folders cannot be
    /// exchanged, completed by the next build. What fails later is a warning.
    pub fn publish(mut self) -> Result<Published, Diagnostic> {
        let Made { mut files, .. } = std::mem::take(&mut *locked(&self.made));
        files.sort_unstable_by(|one, other| one.entry.file.cmp(&other.entry.file));
        let present = std::mem::replace(&mut self.present, Present::Nothing);
        let is_new = |file: &mut MadeFile| file.new.take().map(|new| (new, file.entry.file.clone()));
        let moves: Vec<(String, String)> = files.iter_mut().filter_map(is_new).collect();
        let stamps: Vec<Stamp> = files.iter().map(|file| file.stamp).collect();
        let manifest = Manifest { files: files.into_iter().map(|file| file.entry).collect() };
        let mut published = match present {
            Present::Ours(live) => {
                let mut published = Published::between(&live.manifest, manifest.files.len(), &moves);
                if moves.is_empty() && live.manifest == manifest {
                    self.stay(&live, stamps);
                } else {
                    published.warnings = self.update(&live, &moves, &manifest, stamps)?;
                }
                published
            }
            Present::Nothing | Present::Empty if self.home.is_output.is_none() => {
                self.place(&manifest, stamps)?;
                Published { added: manifest.files.len(), ..Published::default() }
            }
            Present::Nothing | Present::Empty => {
                self.in_place(&Manifest::default(), &moves, &manifest, stamps)?;
                Published { added: manifest.files.len(), ..Published::default() }
            }
        };
        published.warnings.append(std::mem::take(&mut self.warnings));
        Ok(published)
    }

    /// Nothing changed; but how the system sees the files may not have been known.
    fn stay(&self, live: &Live, stamps: Vec<Stamp>) {
        if !live.is_noted || live.stamps.files != stamps {
            let previous = live.previous.clone();
            let stamps = Stamps { files: stamps, ..live.stamps.clone() };
            // Stamps only save work: without them the next build hashes what is there.
            _ = Known { live: Some(stamps), previous }.write(&self.calls, &self.home, &self.home_folder);
        }
    }

    fn update(
        &mut self,
        live: &Live,
        moves: &[(String, String)],
        manifest: &Manifest,
        stamps: Vec<Stamp>,
    ) -> Result<Diagnostics, Diagnostic> {
        let mut publication = Publication {
            calls: &self.calls,
            target: &self.target,
            home: &self.home,
            home_folder: &self.home_folder,
            live,
            from: &self.new,
            moves,
            manifest,
            stamps,
            kept: Vec::new(),
        };
        let untouched = |(file, error): two_trees::Failure| self.cannot_write(&file, &error);
        let can_exchange = self.home.is_output.is_none() && publication.can_exchange().map_err(untouched)?;
        let exchanged = if can_exchange { publication.publish().map_err(untouched)? } else { None };
        let Some(stamps) = exchanged else {
            let stamps = std::mem::take(&mut publication.stamps);
            self.in_place(&live.manifest, moves, manifest, stamps)?;
            return Ok(Diagnostics::new());
        };
        let mut warnings = Diagnostics::new();
        warnings.extend(self.calls.sync(&self.home_folder).err().map(|error| self.not_synced(&error.into())));
        let place = self.home.place("previous");
        let is_same = live.stamps.hold(&live.folder, &live.manifest);
        match if is_same { Ok(None) } else { publication.sweep(&live.manifest) } {
            Ok(kept) => publication.kept.extend(kept),
            Err(error) => warnings.push(two_trees::not_cleared(&place, &error)),
        }
        warnings.extend(publication.kept.iter().map(|kept| two_trees::kept(&self.target, kept)));
        let previous = is_same.then(|| Stamps { files: self.seen_in(&live.manifest), ..live.stamps.clone() });
        // Stamps only save work: without them the next build hashes what is there.
        _ = Known { live: Some(stamps), previous }.write(&self.calls, &self.home, &self.home_folder);
        Ok(warnings)
    }

    /// Puts a whole new tree where nothing, or an empty folder, is.
    fn place(&mut self, manifest: &Manifest, stamps: Vec<Stamp>) -> Result<(), Diagnostic> {
        let stamps = self.finish(manifest, stamps).map_err(|error| self.cannot_write(MANIFEST, &error))?;
        let new = self.home.name("new");
        // A folder is put in the place of an empty one alone.
        let renamed = self.calls.rename(&self.home_folder, &new, &self.home_folder, &self.target.name);
        renamed.map_err(|error| self.cannot_replace(error))?;
        let synced = self.calls.sync(&self.home_folder);
        self.warnings.extend(synced.err().map(|error| self.not_synced(&error.into())));
        let previous = Known::read(&self.home).and_then(|known| known.previous);
        _ = Known { live: Some(stamps), previous }.write(&self.calls, &self.home, &self.home_folder);
        Ok(())
    }

    /// Completes the tree and waits until the disk has all of it.
    fn finish(&self, manifest: &Manifest, stamps: Vec<Stamp>) -> io::Result<Stamps> {
        let mut file = self.calls.create(&self.new, MANIFEST)?;
        let hash = self.calls.write_manifest(&mut file, manifest)?;
        two_trees::keep_permissions(&self.target.output, &self.home.place("new"));
        self.calls.sync_all(self.new.as_fd())?;
        self.calls.unlink(&self.new, UNFINISHED)?;
        self.calls.sync(&self.new)?;
        Ok(Stamps::new(&self.new, manifest, hash, with_seen(&self.new, manifest, stamps)))
    }

    fn in_place(
        &mut self,
        old: &Manifest,
        moves: &[(String, String)],
        manifest: &Manifest,
        stamps: Vec<Stamp>,
    ) -> Result<(), Diagnostic> {
        let output = tree::open_folder(CWD, &self.target.output);
        let output = output.map_err(|error| self.cannot_write("", &error.into()))?;
        let journal = Journal { moves: moves.to_vec(), manifest: manifest.clone() };
        journal.write(&self.calls, &self.new).map_err(|error| self.cannot_write("", &error))?;
        self.is_begun = true;
        let completed = journal.complete(&self.calls, &self.new, &output, old, false);
        completed.map_err(|(file, error)| {
            let help = "a part of the new site is published; the next build completes it";
            machine("cannot-write", "write", &self.target.output.join(file), &error).help(help)
        })?;
        self.is_begun = false;
        self.warnings.push(in_place_note(&self.target, &self.home));
        let hash = ContentHash::of(&manifest.to_json());
        let stamps = Stamps::new(&output, manifest, hash, with_seen(&output, manifest, stamps));
        _ = Known { live: Some(stamps), previous: None }.write(&self.calls, &self.home, &self.home_folder);
        Ok(())
    }

    /// The stamps of all files that are published; default ones of those that are not known.
    fn seen_in(&self, manifest: &Manifest) -> Vec<Stamp> {
        let stamp =
            |entry: &ManifestEntry| self.published(&entry.file).map_or_else(Stamp::default, |(_, stamp)| *stamp);
        manifest.files.iter().map(stamp).collect()
    }

    fn published(&self, file: &str) -> Option<(&ManifestEntry, &Stamp)> {
        let idx = self.live.files.binary_search_by(|entry| entry.file.as_str().cmp(file)).ok()?;
        Some((self.live.files.get(idx)?, self.live_stamps.get(idx)?))
    }

    /// Takes a file's name, and those of its folders, for a route.
    fn claim(&self, route: &Route, name: &str) -> Result<(), Diagnostic> {
        if name.starts_with(tree::OWN) {
            let message = format!("the address `{}` is Podleaf's own", escaped(route.as_str()));
            return Err(Diagnostic::error("reserved-route", message));
        }
        let Made { names, folders, .. } = &mut *locked(&self.made);
        let mut above = name;
        let mut missing = Vec::new();
        while let Some((folder, _)) = above.rsplit_once('/').filter(|(folder, _)| !folders.contains(*folder)) {
            if names.contains(&ContentHash::of(folder.as_bytes())) {
                return Err(two_routes(route, name));
            }
            missing.push(folder.to_owned());
            above = folder;
        }
        if folders.contains(name) || !names.insert(ContentHash::of(name.as_bytes())) {
            return Err(two_routes(route, name));
        }
        folders.extend(missing);
        Ok(())
    }

    fn is_whole_tree(&self) -> bool {
        self.home.is_output.is_none() && !matches!(self.present, Present::Ours(_))
    }

    /// A new file, and what it is called until it moves to its place.
    fn create(&self, name: &str) -> Result<(File, Option<String>), Diagnostic> {
        let created = if self.is_whole_tree() {
            let parent = tree::split(name).0;
            let created = match self.calls.create(&self.new, name) {
                Err(Errno::NOENT) => {
                    tree::make_folder(&self.calls, &self.new, parent).and_then(|()| self.calls.create(&self.new, name))
                }
                created => created,
            };
            created.map(|file| (file, None))
        } else {
            let number = self.n_new.fetch_add(1, Ordering::Relaxed).to_string();
            self.calls.create(&self.new, number.as_str()).map(|file| (file, Some(number)))
        };
        created.map_err(|error| self.cannot_write(name, &error.into()))
    }

    fn record(&self, file: MadeFile) {
        locked(&self.made).files.push(file);
    }

    fn cannot_copy(&self, route: &Route, name: &str, step: Step) -> Diagnostic {
        match step {
            Step::Read(error) => {
                let from = escaped(route.as_str());
                let message = format!("cannot read what `{from}` is copied from: {}", reason(&error));
                Diagnostic::error("cannot-read", message).fault(Fault::Machine)
            }
            Step::Write(error) => self.cannot_write(name, &error),
        }
    }

    fn cannot_replace(&self, error: Errno) -> Diagnostic {
        let output = &self.target.output;
        if matches!(error, Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) {
            let message = format!("`{}` appeared during the build", shown(output));
            return Diagnostic::error("unsafe-output", message)
                .fault(Fault::Safety)
                .help("look at it, and build again");
        }
        machine("cannot-publish", "replace", output, &error.into()).help(UNTOUCHED)
    }

    fn cannot_write(&self, name: &str, error: &io::Error) -> Diagnostic {
        machine("cannot-write", "write", &self.target.output.join(name), error).help(UNTOUCHED)
    }

    fn not_synced(&self, error: &io::Error) -> Diagnostic {
        machine("not-synced", "sync", &self.target.parent, error)
            .into_warning()
            .help("the new site is published, but a power cut may bring the old one back")
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.is_begun {
            _ = two_trees::remove_new(&self.calls, &self.home.place("new"));
        }
    }
}

/// Adds how the system sees the files of a tree that were not seen yet.
fn with_seen(tree: &OwnedFd, manifest: &Manifest, mut stamps: Vec<Stamp>) -> Vec<Stamp> {
    let unseen: Vec<usize> = (0..stamps.len()).filter(|idx| stamps[*idx].inode == 0).collect();
    let files: Vec<&str> = unseen.iter().map(|idx| manifest.files[*idx].file.as_str()).collect();
    for (idx, seen) in unseen.iter().zip(stamps::stamped(tree, &files)) {
        stamps[*idx] = seen.copied_from(stamps[*idx].source);
    }
    stamps
}

/// Makes the folder of new files, with the marker that says it is ours.
fn new_folder(calls: &Calls, home: &Home, home_folder: &OwnedFd) -> io::Result<OwnedFd> {
    let name = home.name("new");
    calls.make_folder(home_folder, &name)?;
    let folder = tree::open_folder(home_folder, &name)?;
    calls.create(&folder, UNFINISHED)?;
    Ok(folder)
}

/// Completes what a build that died has begun, and clears away what it left. Only for who holds the lock.
///
/// What cannot be cleared is no reason not to build: it is a warning, unless its name is needed.
fn recover(calls: &Calls, target: &Target, home: &Home) -> Result<Diagnostics, Diagnostic> {
    let mut warnings = Diagnostics::new();
    for left in Home::all(target) {
        let place = left.place("new");
        if let Some(journal) = Journal::read(&place) {
            complete(calls, target, &place, &journal)?;
        }
        if let Err(error) = two_trees::remove_new(calls, &place) {
            warnings.push(two_trees::not_cleared(&place, &error));
        }
    }
    let place = home.place("new");
    if fs::symlink_metadata(&place).is_ok() {
        let kept = two_trees::set_aside(calls, target, &place);
        let kept = kept.map_err(|error| machine("cannot-write", "write to", &place, &error).help(UNTOUCHED))?;
        warnings.push(two_trees::kept(target, &kept));
    }
    Ok(warnings)
}

fn complete(calls: &Calls, target: &Target, place: &Path, journal: &Journal) -> Result<(), Diagnostic> {
    let cannot = |(file, error): two_trees::Failure| {
        let help = "a build that died has published a part of its site; the next build completes it";
        machine("cannot-write", "write", &target.output.join(file), &error).help(help)
    };
    let folder = |path: &Path| tree::open_folder(CWD, path).map_err(|error| cannot((String::new(), error.into())));
    let old = match target.present()? {
        Present::Ours(live) => live.manifest,
        Present::Nothing | Present::Empty => Manifest::default(),
    };
    journal.complete(calls, &folder(place)?, &folder(&target.output)?, &old, true).map_err(cannot)
}

fn in_place_note(target: &Target, home: &Home) -> Diagnostic {
    let why = home.is_output.unwrap_or("this file system cannot exchange folders");
    let message = format!("`{}` was changed in place, since {why}", shown(&target.output));
    Diagnostic::note("in-place", message)
        .help("each file was whole at every moment, but for a moment some were old and some new")
}

fn two_routes(route: &Route, name: &str) -> Diagnostic {
    let message = format!("the address `{}` needs the file `{}`, which another has", route, escaped(name));
    Diagnostic::error("same-file", message).help("give one of them another name or `slug`")
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
