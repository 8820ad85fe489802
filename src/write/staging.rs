//! The new site while it is being written.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use crate::diagnostic::io::{escaped, machine, reason, shown};
use crate::diagnostic::{Diagnostic, Diagnostics, Fault};
use crate::hash::{ContentHash, StreamHasher};
use crate::output::{MANIFEST, Manifest, ManifestEntry};
use crate::path::Route;

use super::lock::Lock;
use super::place::{Present, Target};
use super::{Published, swap};

/// What a staging folder holds until its manifest is complete: the manifest under another name.
pub(super) const UNFINISHED: &str = ".podleaf-manifest.json.unfinished";

const CHUNK: usize = 256 << 10;

/// A new version of a site on its way: a hidden folder beside the output folder, deleted unless it is published.
///
/// It holds the lock of the output folder. Files can be written from any number of threads.
#[derive(Debug)]
pub struct Staging {
    target: Target,
    present: Present,
    path: PathBuf,
    folder: OwnedFd,
    folders: Mutex<BTreeSet<String>>,
    entries: Mutex<Vec<ManifestEntry>>,
    is_published: bool,
    warnings: Diagnostics,
    _lock: Lock,
}

impl Staging {
    /// Locks the output folder, clears away what builds that died have left, and makes the staging folder.
    ///
    /// # Errors
    /// Another build is running, the output folder is no longer safe, or the machine fails.
    pub fn begin(target: Target) -> Result<Self, Diagnostic> {
        let cannot = |error: io::Error| machine("cannot-write", "write to", &target.parent, &error);
        fs::create_dir_all(&target.parent).map_err(cannot)?;
        let lock = Lock::take(&target)?;
        let warnings = swap::tidy(&target);
        let present = target.present()?;
        let path = new_folder(&target).map_err(cannot)?;
        let opened = open_folder(&path);
        let folder = opened.inspect_err(|_| _ = fs::remove_dir_all(&path)).map_err(cannot)?;
        let (folders, entries) = (Mutex::default(), Mutex::default());
        Ok(Self { target, present, path, folder, folders, entries, is_published: false, warnings, _lock: lock })
    }

    /// Writes the file of a route.
    ///
    /// # Errors
    /// The file exists already (another route has it), its name is reserved, or the machine fails.
    pub fn write(&self, route: &Route, bytes: &[u8]) -> Result<(), Diagnostic> {
        let name = route.file();
        let mut file = self.create(route, &name)?;
        file.write_all(bytes).map_err(|error| self.cannot_write(&name, &error))?;
        self.record(name, ContentHash::of(bytes), bytes.len() as u64);
        Ok(())
    }

    /// Copies an opened file to the file of a route, in bounded memory; shares its blocks where the disk can.
    ///
    /// # Errors
    /// As for [`Staging::write`]; and where `source` is not a regular file or cannot be read.
    pub fn copy(&self, route: &Route, mut source: File) -> Result<(), Diagnostic> {
        let name = route.file();
        if !source.metadata().is_ok_and(|metadata| metadata.is_file()) {
            let message = format!("what `{}` is copied from is not a regular file", escaped(route.as_str()));
            return Err(Diagnostic::error("cannot-read", message).fault(Fault::Machine));
        }
        let mut file = self.create(route, &name)?;
        let copied = match rustix::fs::ioctl_ficlone(&file, &source) {
            Ok(()) => hash_through(&mut file, |_| Ok(())),
            Err(_) => source.rewind().map_err(Step::Read).and_then(|()| {
                let target = &mut file;
                hash_through(&mut source, |bytes| target.write_all(bytes))
            }),
        };
        let (hash, size) = copied.map_err(|step| match step {
            Step::Read(error) => cannot_copy(route, &error),
            Step::Write(error) => self.cannot_write(&name, &error),
        })?;
        self.record(name, hash, size);
        Ok(())
    }

    /// Puts the new site in the place of the old one and takes the old one apart.
    ///
    /// # Errors
    /// The machine fails before the new site is in its place; the old one is untouched. What fails later is a warning.
    pub fn publish(mut self) -> Result<Published, Diagnostic> {
        let manifest = Manifest::new(std::mem::take(&mut *locked(&self.entries)));
        self.finish(&manifest).map_err(|error| self.cannot_write(MANIFEST, &error))?;
        let old_manifest = match &self.present {
            Present::Nothing => &Manifest::default(),
            Present::Ours(manifest) => manifest,
        };
        let mut published = Published::between(old_manifest, &manifest);
        published.warnings.append(std::mem::take(&mut self.warnings));
        let old =
            swap::replace(&self.target, &self.present, &self.path).map_err(|error| self.cannot_replace(&error))?;
        self.is_published = true;
        let synced = sync_folder(&self.target.parent);
        published.warnings.extend(synced.err().map(|error| self.not_synced(&error)));
        let cleared = old.map_or(Ok(()), |old| swap::clear(&self.target, &old, old_manifest));
        published.warnings.extend(cleared.err());
        Ok(published)
    }

    fn create(&self, route: &Route, name: &str) -> Result<File, Diagnostic> {
        if name.starts_with(MANIFEST) {
            let message = format!("the address `{}` is Podleaf's own", escaped(route.as_str()));
            return Err(Diagnostic::error("reserved-route", message));
        }
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let parent = name.rsplit_once('/').map_or("", |(parent, _)| parent);
        let created = self
            .make_folder(parent)
            .and_then(|()| rustix::fs::openat(&self.folder, name, flags, Mode::from_raw_mode(0o666)));
        created.map(File::from).map_err(|error| match error {
            Errno::EXIST | Errno::NOTDIR | Errno::ISDIR => two_routes(route, name),
            error => self.cannot_write(name, &error.into()),
        })
    }

    /// Makes a folder and those above it, once each. No lock is held while the disk works.
    fn make_folder(&self, folder: &str) -> rustix::io::Result<()> {
        if folder.is_empty() || locked(&self.folders).contains(folder) {
            return Ok(());
        }
        if let Some((parent, _)) = folder.rsplit_once('/') {
            self.make_folder(parent)?;
        }
        match rustix::fs::mkdirat(&self.folder, folder, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error),
        }
        locked(&self.folders).insert(folder.to_owned());
        Ok(())
    }

    fn record(&self, file: String, hash: ContentHash, size: u64) {
        locked(&self.entries).push(ManifestEntry { file, hash, size });
    }

    /// Completes the tree and waits until the disk has all of it.
    fn finish(&self, manifest: &Manifest) -> io::Result<()> {
        let unfinished = self.path.join(UNFINISHED);
        fs::write(&unfinished, manifest.to_json())?;
        fs::rename(unfinished, self.path.join(MANIFEST))?;
        self.keep_permissions();
        match rustix::fs::syncfs(self.folder.as_fd()) {
            Err(Errno::NOSYS) => rustix::fs::sync(),
            result => result?,
        }
        Ok(())
    }

    /// Gives the new folder the permissions of the old one, so that a web server's way in stays open.
    fn keep_permissions(&self) {
        let old = fs::symlink_metadata(&self.target.output).ok().filter(|metadata| metadata.is_dir());
        let old = old.map(|metadata| metadata.permissions()).filter(|permissions| !permissions.readonly());
        // Who may not set them gets a folder like any other new one.
        _ = old.map(|permissions| fs::set_permissions(&self.path, permissions));
    }

    fn cannot_replace(&self, error: &io::Error) -> Diagnostic {
        let output = &self.target.output;
        if error.kind() == ErrorKind::AlreadyExists {
            let message = format!("`{}` appeared during the build", shown(output));
            return Diagnostic::error("unsafe-output", message)
                .fault(Fault::Safety)
                .help("look at it, and build again");
        }
        machine("cannot-publish", "replace", output, error)
            .help("nothing was published: the output folder is as it was")
    }

    fn cannot_write(&self, name: &str, error: &io::Error) -> Diagnostic {
        machine("cannot-write", "write", &self.target.output.join(name), error)
            .help("nothing was published: the output folder is as it was")
    }

    fn not_synced(&self, error: &io::Error) -> Diagnostic {
        machine("not-synced", "sync", &self.target.parent, error)
            .into_warning()
            .help("the new site is published, but a power cut may bring the old one back")
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.is_published {
            _ = super::swap::remove_unfinished(&self.path);
        }
    }
}

/// Makes a folder that was not there, with the marker that says it is ours.
fn new_folder(target: &Target) -> io::Result<PathBuf> {
    let mut n = 0_u32;
    loop {
        let path = target.beside(&format!(".podleaf-{}-{n}", std::process::id()));
        match fs::create_dir(&path) {
            Ok(()) => {
                let marked = File::create_new(path.join(UNFINISHED));
                return marked.inspect_err(|_| _ = fs::remove_dir(&path)).map(|_| path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists && n < 1000 => n += 1,
            Err(error) => return Err(error),
        }
    }
}

fn open_folder(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::fsync(open_folder(path)?)?)
}

enum Step {
    Read(io::Error),
    Write(io::Error),
}

fn hash_through(source: &mut File, mut sink: impl FnMut(&[u8]) -> io::Result<()>) -> Result<(ContentHash, u64), Step> {
    let mut hasher = StreamHasher::new();
    let mut chunk = vec![0; CHUNK];
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

fn cannot_copy(route: &Route, error: &io::Error) -> Diagnostic {
    let message = format!("cannot read what `{}` is copied from: {}", escaped(route.as_str()), reason(error));
    Diagnostic::error("cannot-read", message).fault(Fault::Machine)
}

fn two_routes(route: &Route, name: &str) -> Diagnostic {
    let message = format!("the address `{}` needs the file `{}`, which another has", route, escaped(name));
    Diagnostic::error("same-file", message).help("give one of them another name or `slug`")
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
