//! Where a site may be published, what lies there already, and where Podleaf keeps what it needs to know of it.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, StatxAttributes, StatxFlags};
use rustix::io::Errno;

use crate::diagnostic::io::{escaped, machine, shown};
use crate::diagnostic::{Diagnostic, Fault};
use crate::hash::ContentHash;
use crate::output::{MANIFEST, Manifest};

use super::in_place::Journal;
use super::stamps::{self, Known, Stamp, Stamps};
use super::tree::{self, Foreign};

const SHOWN_FILES: usize = 5;

/// The folders of a site, for [`Target::check`]. Relative paths start at the working directory.
#[derive(Debug, Clone, Copy)]
pub struct Places<'p> {
    /// The site's folder.
    pub root: &'p Path,
    /// The folder below the root that holds episodes, `""` for the root itself.
    pub content_root: &'p str,
    /// The output folder that was asked for; it need not exist.
    pub output: &'p Path,
    /// The user's home folder, where it is known.
    pub home: Option<&'p Path>,
}

/// An output folder that is safe to publish to: missing, empty, or made by Podleaf and holding nothing else.
#[derive(Debug)]
pub struct Target {
    pub(super) output: PathBuf,
    pub(super) parent: PathBuf,
    pub(super) name: OsString,
    found: Option<Present>,
}

/// What lies at a target.
#[derive(Debug)]
pub(super) enum Present {
    Nothing,
    /// An empty folder.
    Empty,
    /// A folder made by Podleaf.
    Ours(Box<Live>),
}

/// A published tree.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) folder: OwnedFd,
    pub(super) manifest: Manifest,
    /// Of its folders as they were when nothing foreign was in them; its files have none where they are not known.
    pub(super) stamps: Stamps,
    /// Whether the stamps are those that were written, and not taken anew.
    pub(super) is_noted: bool,
    /// The stamps of the previous tree.
    pub(super) previous: Option<Stamps>,
    /// The manifest of the previous tree, where it was read already.
    ahead: Option<(Manifest, ContentHash, Seen)>,
    /// What of it has the bytes that its manifest says, where that was looked at already.
    trusted: Option<(Manifest, Vec<Stamp>)>,
    seen: Seen,
}

/// How a manifest was seen when it was read.
#[derive(Debug, PartialEq, Eq)]
struct Seen(Option<Stamp>);

impl Seen {
    fn now(folder: &Path) -> Self {
        Self(stamps::stamp_of(&folder.join(MANIFEST)))
    }

    /// Whether no build has published into the folder since.
    fn is_still_at(&self, folder: &Path) -> bool {
        self.0.is_some() && *self == Self::now(folder)
    }
}

impl Live {
    /// The files that have the bytes that its manifest says, with their stamps.
    pub(super) fn trusted(&mut self) -> (Manifest, Vec<Stamp>) {
        self.trusted.take().unwrap_or_else(|| {
            let verified = stamps::verified(&self.folder, &self.manifest, Some(&self.stamps));
            let files = self.manifest.files.iter().zip(verified);
            let (files, stamps) = files.filter_map(|(entry, stamp)| Some((entry.clone(), stamp?))).unzip();
            (Manifest { files }, stamps)
        })
    }

    /// The manifest of the previous tree and its hash, if there is one.
    pub(super) fn previous_manifest(&self, place: &Path) -> Option<(Cow<'_, Manifest>, ContentHash)> {
        match &self.ahead {
            Some((manifest, hash, seen)) if seen.is_still_at(place) => Some((Cow::Borrowed(manifest), *hash)),
            _ => manifest_of(place).ok().flatten().map(|(manifest, hash)| (Cow::Owned(manifest), hash)),
        }
    }
}

/// Where the lock, the previous tree, new files and stamps are: beside the output folder, or in it where there is no
/// room for them.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) path: PathBuf,
    prefix: OsString,
    /// Why it is the output folder itself, which then cannot be exchanged.
    pub(super) is_output: Option<&'static str>,
}

impl Home {
    /// The home of a target as it is now.
    pub(super) fn of(target: &Target) -> Self {
        let inside = if is_mount(&target.output) {
            Some("it is a mount point")
        } else if !is_writable(&target.parent) && is_writable(&target.output) {
            Some("its parent folder is not writable")
        } else {
            None
        };
        if inside.is_some() { Self::inside(target, inside) } else { Self::beside(target) }
    }

    fn beside(target: &Target) -> Self {
        let mut prefix = OsString::from(".");
        prefix.push(&target.name);
        prefix.push(tree::OWN);
        Self { path: target.parent.clone(), prefix, is_output: None }
    }

    fn inside(target: &Target, why: Option<&'static str>) -> Self {
        Self { path: target.output.clone(), prefix: tree::OWN.into(), is_output: why }
    }

    /// Both homes that a target can have had.
    pub(super) fn all(target: &Target) -> [Self; 2] {
        [Self::beside(target), Self::inside(target, None)]
    }

    /// The name of a part of it.
    pub(super) fn name(&self, part: &str) -> OsString {
        let mut name = self.prefix.clone();
        name.push(part);
        name
    }

    /// The path of a part of it.
    pub(super) fn place(&self, part: &str) -> PathBuf {
        self.path.join(self.name(part))
    }
}

fn is_mount(folder: &Path) -> bool {
    let stat = |path: &Path| rustix::fs::statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS).ok();
    let (Some(own), Some(above)) = (stat(folder), folder.parent().and_then(stat)) else { return false };
    (own.stx_dev_major, own.stx_dev_minor) != (above.stx_dev_major, above.stx_dev_minor)
        || own.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)
}

/// What does not exist yet is made where its folder is writable; that is told when it is tried.
fn is_writable(folder: &Path) -> bool {
    let access = rustix::fs::accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS);
    !matches!(access, Err(Errno::ACCESS | Errno::ROFS | Errno::PERM))
}

impl Target {
    /// Decides whether the output folder is safe to publish to. Touches nothing.
    ///
    /// # Errors
    /// A refusal ([`Fault::Safety`]) that says why and what to do, or a fault of the machine where it cannot be told.
    pub fn check(places: &Places<'_>) -> Result<Self, Diagnostic> {
        Self::at(places)?.looked_at()
    }

    /// Decides whether the output folder may be published to, whatever lies there. Touches nothing.
    ///
    /// # Errors
    /// As for [`Target::check`].
    pub fn at(places: &Places<'_>) -> Result<Self, Diagnostic> {
        let asked: PathBuf = places.output.components().collect();
        if fs::symlink_metadata(&asked).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(refused(&asked, "is a link", "give the folder that it points to"));
        }
        let output = resolved(&asked).map_err(|error| unresolved(&asked, &error))?;
        let (Some(parent), Some(name)) = (output.parent(), output.file_name()) else {
            return Err(refused(
                &output,
                "is the root of the file system",
                "give a folder of its own, such as `public`",
            ));
        };
        refuse_precious(places, &output)?;
        Ok(Self { parent: parent.to_owned(), name: name.to_owned(), output: output.clone(), found: None })
    }

    /// Decides whether what lies there is nothing, or made by Podleaf. Touches nothing.
    ///
    /// # Errors
    /// As for [`Target::check`].
    pub fn looked_at(self) -> Result<Self, Diagnostic> {
        Ok(Self { found: Some(self.present()?), ..self })
    }

    /// The same, and reads what only a build that has something to publish needs.
    ///
    /// # Errors
    /// As for [`Target::check`].
    pub fn read_ahead(mut self) -> Result<Self, Diagnostic> {
        let mut found = self.found()?;
        if let Present::Ours(live) = &mut found {
            live.trusted = Some(live.trusted());
            let place = Home::of(&self).place("previous");
            let seen = Seen::now(&place);
            live.ahead = manifest_of(&place).ok().flatten().map(|(manifest, hash)| (manifest, hash, seen));
        }
        Ok(Self { found: Some(found), ..self })
    }

    /// The real path of the output folder.
    pub fn output(&self) -> &Path {
        &self.output
    }

    /// The hash of the manifest of the site that lies there, if it is wholly as it was published: nothing was added to
    /// it, and the system sees each of its files as it was noted. `None` where that cannot be told without reading it.
    pub fn untouched(&self) -> Option<ContentHash> {
        let Some(Present::Ours(live)) = &self.found else { return None };
        stamps::are_as_noted(&live.folder, &live.manifest, &live.stamps).then_some(live.stamps.manifest)
    }

    /// What lies there: as it was found before, if no build has published since.
    pub(super) fn found(&mut self) -> Result<Present, Diagnostic> {
        match self.found.take() {
            Some(Present::Ours(live)) if live.seen.is_still_at(&self.output) => Ok(Present::Ours(live)),
            _ => self.present(),
        }
    }

    /// What lies there now.
    pub(super) fn present(&self) -> Result<Present, Diagnostic> {
        let metadata = match fs::symlink_metadata(&self.output) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Present::Nothing),
            Err(error) => return Err(machine("cannot-read", "look at", &self.output, &error)),
        };
        if metadata.is_symlink() {
            return Err(refused(&self.output, "is a link", "give the folder that it points to"));
        }
        if !metadata.is_dir() {
            return Err(refused(&self.output, "is a file", "give a folder, such as `public`"));
        }
        self.owned().map_err(|refusal| *refusal)
    }

    /// The folder, if it holds nothing but what its manifest lists, or what the journal of a build that died does.
    fn owned(&self) -> Result<Present, Box<Diagnostic>> {
        let output = &self.output;
        let cannot = |error: io::Error| Box::new(machine("cannot-read", "read the output folder", output, &error));
        if fs::symlink_metadata(output.join(".git")).is_ok() {
            let help = "build into a folder of its own, and copy the site from there";
            return Err(Box::new(refused(output, "is a git repository", help)));
        }
        let folder = tree::open_folder(CWD, output).map_err(|error| cannot(error.into()))?;
        let seen = Seen::now(output);
        let (manifest, hash) = match manifest_of(output) {
            Ok(found) => found.unzip(),
            Err(error) if error.kind() == ErrorKind::NotFound => (None, None),
            Err(error) => return Err(cannot(error)),
        };
        let (has_manifest, manifest) = (manifest.is_some(), manifest.unwrap_or_default());
        let hash = hash.unwrap_or_else(|| ContentHash::of(b""));
        let Known { live: known, previous } = Known::read(&Home::of(self)).unwrap_or_default();
        let known = match known.filter(|stamps| stamps.manifest == hash) {
            Some(stamps) if stamps.hold(&folder, &manifest) => {
                let (is_noted, ahead, trusted) = (true, None, None);
                let live = Live { folder, manifest, stamps, is_noted, previous, ahead, trusted, seen };
                return Ok(Present::Ours(Box::new(live)));
            }
            known => known,
        };
        // They are noted before it is looked for what is foreign: what comes later is seen to be new.
        let stamps = Stamps::new(&folder, &manifest, hash, known.map_or_else(Vec::new, |known| known.files));
        let journal = Home::all(self).iter().find_map(|home| Journal::read(&home.place("new")));
        let manifests: Vec<_> =
            std::iter::once(&manifest).chain(journal.as_ref().map(|found| &found.manifest)).collect();
        let foreign = tree::foreign(output, &manifests).map_err(cannot)?;
        if foreign.is_empty() && (has_manifest || journal.is_some()) {
            let (is_noted, ahead, trusted) = (false, None, None);
            let live = Live { folder, manifest, stamps, is_noted, previous, ahead, trusted, seen };
            return Ok(Present::Ours(Box::new(live)));
        }
        match has_manifest {
            true => Err(Box::new(foreign_files(output, &foreign))),
            false if foreign.is_empty() && fs::symlink_metadata(output.join(MANIFEST)).is_err() => Ok(Present::Empty),
            false => {
                let why = "is not empty and was not made by Podleaf";
                Err(Box::new(refused(output, why, "give a new or an empty folder")))
            }
        }
    }
}

fn refused(output: &Path, why: &str, help: &str) -> Diagnostic {
    let message = format!("the output folder `{}` {why}", shown(output));
    Diagnostic::error("unsafe-output", message).fault(Fault::Safety).help(help)
}

fn unresolved(output: &Path, error: &io::Error) -> Diagnostic {
    match error.kind() {
        ErrorKind::NotADirectory => refused(output, "lies below a file", "give a folder, such as `public`"),
        _ => machine("cannot-read", "look at the output folder", output, error),
    }
}

/// The real path of what may not exist yet: that of its nearest ancestor that does, and the rest as it is written.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut missing = Vec::new();
    let mut ancestor = path.as_path();
    let mut real = loop {
        match (fs::canonicalize(ancestor), ancestor.parent()) {
            (Ok(real), _) => break real,
            (Err(error), Some(parent)) if error.kind() == ErrorKind::NotFound => {
                missing.extend(ancestor.components().next_back());
                ancestor = parent;
            }
            (Err(error), _) => return Err(error),
        }
    };
    for part in missing.into_iter().rev() {
        match part {
            Component::ParentDir => _ = real.pop(),
            part => real.push(part),
        }
    }
    Ok(real)
}

fn refuse_precious(places: &Places<'_>, output: &Path) -> Result<(), Diagnostic> {
    let help = "give a folder of its own, such as `public`";
    let real = |path: &Path| resolved(path).unwrap_or_else(|_| path.to_owned());
    let root = real(places.root);
    if output == root {
        return Err(refused(output, "is the folder of the site's sources", help));
    }
    if root.starts_with(output) {
        return Err(refused(output, "holds the folder of the site's sources", help));
    }
    if output.components().any(|part| part.as_os_str() == ".git") {
        return Err(refused(output, "lies inside of a `.git` folder", help));
    }
    if places.home.filter(|home| home.is_absolute()).is_some_and(|home| real(home).starts_with(output)) {
        return Err(refused(output, "is or holds your home folder", help));
    }
    let sources = [places.content_root, "templates", "static"];
    for source in sources.into_iter().filter(|source| !source.is_empty()) {
        let folder = real(&root.join(source));
        if folder.starts_with(output) || output.starts_with(&folder) {
            return Err(refused(output, &format!("and the source folder `{}` overlap", escaped(source)), help));
        }
    }
    Ok(())
}

/// The manifest in a folder and the hash of its bytes, `None` where it is damaged.
///
/// # Errors
/// There is none, or it cannot be read.
pub(super) fn manifest_of(folder: &Path) -> io::Result<Option<(Manifest, ContentHash)>> {
    let path = folder.join(MANIFEST);
    if !fs::symlink_metadata(&path)?.is_file() {
        return Ok(None);
    }
    let bytes = fs::read(path)?;
    Ok(Manifest::parse(&bytes).map(|manifest| (manifest, ContentHash::of(&bytes))))
}

fn foreign_files(output: &Path, foreign: &[Foreign]) -> Diagnostic {
    let shown_files: Vec<String> = foreign.iter().take(SHOWN_FILES).map(|file| format!("`{}`", file.shown())).collect();
    let more = if foreign.len() > SHOWN_FILES { " and more" } else { "" };
    let message = format!(
        "the output folder `{}` holds files that Podleaf did not make: {}{more}",
        shown(output),
        shown_files.join(", ")
    );
    Diagnostic::error("foreign-files", message)
        .fault(Fault::Safety)
        .help("move them to `static/`, from where they are published with the site, or delete them")
}
