//! The real disk: which files a site has, and their bytes.
//!
//! The list is made once, by [`Disk::open`]; nothing outside of it is ever opened. Folders are never entered through
//! links, and only regular files are opened, so that neither a loop nor a pipe can hold a build up.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::buffer::spare_capacity;
use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use walkdir::{DirEntry, WalkDir};

use crate::diagnostic::io::{escaped, machine, reason, shown};
use crate::diagnostic::{Diagnostic, Diagnostics, Fault};
use crate::model::slug::folded;
use crate::output::MANIFEST;
use crate::path::SitePath;
use crate::source::{FileEntry, ReadFault, ReadSeek, Stamp, World};

/// The longest file that is read as a whole, in bytes. Media are longer: they are opened and streamed.
pub const MAX_READ: u64 = 256 << 20;

const CONTENT: &str = "content";
const THEME: [&str; 2] = ["templates", "static"];
const ROOT_FILES: [&str; 3] = ["podleaf.toml", "people.toml", "glossary.toml"];

/// The files of a site on disk, as they were when it was opened.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    handle: Arc<OwnedFd>,
    content_root: &'static str,
    files: Vec<FileEntry>,
    listed_at: i64,
}

impl Disk {
    /// Lists the files of the site in the folder `root`, leaving out the folder `output`.
    ///
    /// What cannot be used is left out of the list and reported, as an error where the site would miss it.
    ///
    /// # Errors
    /// There is no such folder, or it cannot be a site at all.
    pub fn open(root: &Path, output: &Path) -> Result<(Self, Diagnostics), Diagnostics> {
        Self::open_root(root, output).map_err(|diagnostic| Diagnostics::from_iter([diagnostic]))
    }

    fn open_root(root: &Path, output: &Path) -> Result<(Self, Diagnostics), Diagnostic> {
        let (real, handle) = root_folder(root)?;
        let content_root = content_root(&real)?;
        let listed_at = now();
        let scan = Scan::new(&real, fs::canonicalize(output).ok());
        let (files, diagnostics) = scan.site(content_root);
        Ok((Self { root: real, handle: Arc::new(handle), content_root, files, listed_at }, diagnostics))
    }

    /// The list after a change in some folders of it: only these are looked at, without the folders in them. `None`
    /// where that does not do, such as for a folder that is no part of the list, and where there is something to report.
    ///
    /// Folders that came or went are not seen: for them everything has to be listed.
    pub fn again(&self, changed: &BTreeSet<PathBuf>) -> Option<Self> {
        let listed_at = now();
        let mut scan = Scan::new(&self.root, None);
        let folders: BTreeMap<&str, Area> = changed
            .iter()
            .map(|folder| {
                let relative = folder.strip_prefix(&self.root).ok()?.to_str()?;
                Some((relative, self.area(relative)?))
            })
            .collect::<Option<_>>()?;
        let is_listed_again = |file: &&FileEntry| folders.contains_key(file.path.parent());
        for (&folder, &area) in &folders {
            scan.files_of(folder, area)?;
        }
        if scan.files.iter().any(|file| self.files.binary_search_by(|entry| entry.path.cmp(&file.path)).is_err()) {
            // A new name may be one with another on other systems.
            return None;
        }
        let others = self.files.iter().filter(|file| !is_listed_again(file)).cloned();
        let mut files: Vec<FileEntry> = others.chain(scan.files).collect();
        files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        let (root, handle) = (self.root.clone(), Arc::clone(&self.handle));
        scan.diagnostics.is_empty().then_some(Self { root, handle, content_root: self.content_root, files, listed_at })
    }

    /// What a folder of the list holds.
    fn area(&self, folder: &str) -> Option<Area> {
        let first = folder.split('/').next().unwrap_or_default();
        if THEME.contains(&first) {
            return Some(Area::Theme);
        }
        (self.content_root.is_empty() || first == self.content_root).then_some(Area::Content)
    }

    /// The real path of the site's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a file lies on disk.
    pub fn real_path(&self, path: &SitePath) -> PathBuf {
        self.root.join(path.as_str())
    }

    /// Opens a file of the list for reading, such as media to be published.
    ///
    /// # Errors
    /// The file is not in the list, gone, not readable, no longer a regular file, or no longer inside the site.
    pub fn open_file(&self, path: &SitePath) -> Result<File, ReadFault> {
        let (file, _) = self.open_listed(path)?;
        Ok(File::from(file))
    }

    fn open_listed(&self, path: &SitePath) -> Result<(OwnedFd, u64), ReadFault> {
        if self.files.binary_search_by(|entry| entry.path.cmp(path)).is_err() {
            return Err(read_fault("it is not a file of the site"));
        }
        let file = self.open_below(path).map_err(|error| read_fault(&reason(&error)))?;
        let stat = rustix::fs::fstat(&file).map_err(|error| read_fault(&reason(&error.into())))?;
        if !rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file() {
            return Err(read_fault("it is no longer a regular file"));
        }
        Ok((file, u64::try_from(stat.st_size).unwrap_or(0)))
    }

    /// The kernel keeps the way to the file below the root; where it cannot (an absolute link, an old kernel),
    /// the real path is checked before and after.
    fn open_below(&self, path: &SitePath) -> io::Result<OwnedFd> {
        let beneath = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        match rustix::fs::openat2(&*self.handle, path.as_str(), read_flags(), Mode::empty(), beneath) {
            Ok(file) => Ok(file),
            Err(Errno::XDEV | Errno::NOSYS | Errno::AGAIN | Errno::PERM) => self.open_checked(path),
            Err(error) => Err(error.into()),
        }
    }

    fn open_checked(&self, path: &SitePath) -> io::Result<OwnedFd> {
        let outside = || io::Error::new(ErrorKind::PermissionDenied, "it lies outside of the site");
        let real = fs::canonicalize(self.real_path(path))?;
        if !real.starts_with(&self.root) {
            return Err(outside());
        }
        let file = rustix::fs::open(&real, read_flags() | OFlags::NOFOLLOW, Mode::empty())?;
        let opened = fs::read_link(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file)));
        if opened.is_ok_and(|opened| !opened.starts_with(&self.root)) {
            return Err(outside());
        }
        Ok(file)
    }
}

impl World for Disk {
    fn content_root(&self) -> &str {
        self.content_root
    }

    fn files(&self) -> &[FileEntry] {
        &self.files
    }

    fn listed_at(&self) -> i64 {
        self.listed_at
    }

    fn read(&self, path: &SitePath) -> Result<Vec<u8>, ReadFault> {
        let (file, size) = self.open_listed(path)?;
        if size > MAX_READ {
            return Err(read_fault("it is longer than 256 MiB"));
        }
        read_all(&file, size as usize).map_err(|error| read_fault(&reason(&error)))
    }

    fn open(&self, path: &SitePath) -> Result<Box<dyn ReadSeek>, ReadFault> {
        Ok(Box::new(self.open_file(path)?))
    }
}

/// Nanoseconds since 1970; 0 where the clock is before that.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0)
}

/// The stamp of a file, from what the file system says of it.
pub fn stamp(metadata: &fs::Metadata) -> Stamp {
    let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    Stamp {
        size: metadata.len(),
        modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        inode: metadata.ino(),
    }
}

fn read_fault(reason: &str) -> ReadFault {
    ReadFault { reason: reason.to_owned() }
}

/// Without blocking on a pipe that took the file's place.
fn read_flags() -> OFlags {
    OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC
}

/// Reads to the end; one call where the file still has the `size` it had. A short read is the end of a regular file.
fn read_all(file: &OwnedFd, size: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(size + 1);
    loop {
        match rustix::io::read(file, spare_capacity(&mut bytes)) {
            Ok(0) => return Ok(bytes),
            Ok(_) if bytes.len() == size => return Ok(bytes),
            Ok(_) if bytes.len() as u64 > MAX_READ => return Err(io::Error::other("it grows while it is read")),
            Ok(_) => bytes.reserve(4096),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn root_folder(root: &Path) -> Result<(PathBuf, OwnedFd), Diagnostic> {
    let name = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    let fault = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => Diagnostic::error("no-folder", format!("there is no folder `{}`", shown(name)))
            .help("give the folder that holds your transcripts"),
        ErrorKind::NotADirectory => Diagnostic::error("no-folder", format!("`{}` is not a folder", shown(name)))
            .help("give the folder that the file lies in"),
        _ => machine("cannot-read", "open the folder", name, &error),
    };
    let real = fs::canonicalize(name).map_err(fault)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let handle = rustix::fs::open(&real, flags, Mode::empty()).map_err(|error| fault(error.into()))?;
    if fs::symlink_metadata(real.join(MANIFEST)).is_ok() {
        let message = format!("`{}` is a site that Podleaf made, not the source of one", shown(name));
        return Err(Diagnostic::error("output-folder", message).help("give the folder that it was made from"));
    }
    Ok((real, handle))
}

fn content_root(root: &Path) -> Result<&'static str, Diagnostic> {
    let folder = root.join(CONTENT);
    if !fs::metadata(&folder).is_ok_and(|metadata| metadata.is_dir()) {
        return Ok("");
    }
    match linked_folder(root, &folder) {
        Ok(()) => Ok(CONTENT),
        Err(why) => Err(Diagnostic::error("link-skipped", format!("`content` {why}"))
            .fault(Fault::Safety)
            .help("a site reads nothing outside of its folder: move the texts into `content`")),
    }
}

/// A folder of the layout may be a link to another folder of the site, but not to one that it lies in itself.
fn linked_folder(root: &Path, folder: &Path) -> Result<(), &'static str> {
    let real = fs::canonicalize(folder).map_err(|_| "is a link that points to nothing")?;
    if !real.starts_with(root) {
        return Err("is a link to a folder outside of the site");
    }
    if folder.starts_with(&real) && folder != real {
        return Err("is a link to a folder that it lies in");
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Area {
    Content,
    Theme,
}

struct Scan<'r> {
    root: &'r Path,
    output: Option<PathBuf>,
    files: Vec<FileEntry>,
    /// Names that may clash, by folder and folded name.
    names: BTreeMap<String, Vec<String>>,
    diagnostics: Diagnostics,
}

impl<'r> Scan<'r> {
    fn new(root: &'r Path, output: Option<PathBuf>) -> Self {
        Self { root, output, files: Vec::new(), names: BTreeMap::new(), diagnostics: Diagnostics::new() }
    }

    fn site(mut self, content_root: &str) -> (Vec<FileEntry>, Diagnostics) {
        self.folder(content_root, Area::Content);
        for folder in THEME {
            self.theme_folder(folder);
        }
        if !content_root.is_empty() {
            ROOT_FILES.into_iter().for_each(|name| self.root_file(name));
        }
        self.report_same_names();
        self.files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        self.diagnostics.sort();
        (self.files, self.diagnostics)
    }

    fn theme_folder(&mut self, folder: &str) {
        let path = self.root.join(folder);
        if !fs::metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
            return;
        }
        match linked_folder(self.root, &path) {
            Ok(()) => self.folder(folder, Area::Theme),
            Err(why) => self.warn("link-skipped", format!("`{folder}` {why}; it is skipped")),
        }
    }

    fn root_file(&mut self, name: &str) {
        let path = self.root.join(name);
        match fs::symlink_metadata(&path) {
            Ok(metadata) => self.file(name, &path, metadata.file_type(), || Ok(stamp(&metadata))),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => self.diagnostics.push(machine("cannot-read", "read", Path::new(name), &error)),
        }
    }

    fn folder(&mut self, folder: &str, area: Area) {
        let mut walk = WalkDir::new(self.root.join(folder)).min_depth(1).into_iter();
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) => {
                    let is_folder = entry.file_type().is_dir();
                    if !self.visit(&entry, area) && is_folder {
                        walk.skip_current_dir();
                    }
                }
                Err(error) => self.cannot_list(error),
            }
        }
    }

    /// Lists the files of one folder. `None` where it is not one of the site's folders any more.
    fn files_of(&mut self, folder: &str, area: Area) -> Option<()> {
        let real = self.root.join(folder);
        if !fs::symlink_metadata(&real).is_ok_and(|metadata| metadata.is_dir())
            || fs::symlink_metadata(real.join(MANIFEST)).is_ok()
        {
            return None;
        }
        for entry in WalkDir::new(&real).min_depth(1).max_depth(1) {
            let entry = entry.ok()?;
            let relative = entry.path().strip_prefix(self.root).ok()?;
            if entry.file_type().is_dir() || skips_file(entry.file_name(), relative, area) {
                continue;
            }
            let path = self.usable_name(relative)?;
            self.file(path, entry.path(), entry.file_type(), || Ok(stamp(&entry.metadata()?)));
        }
        Some(())
    }

    /// Takes the entry over into the list; `false` for what is skipped.
    fn visit(&mut self, entry: &DirEntry, area: Area) -> bool {
        let Ok(relative) = entry.path().strip_prefix(self.root) else { return false };
        let is_folder = entry.file_type().is_dir();
        if (is_folder && self.skips_folder(entry, relative, area))
            || (!is_folder && skips_file(entry.file_name(), relative, area))
        {
            return false;
        }
        let Some(path) = self.usable_name(relative) else { return false };
        self.note_name(path);
        if !is_folder {
            self.file(path, entry.path(), entry.file_type(), || Ok(stamp(&entry.metadata()?)));
        }
        true
    }

    fn skips_folder(&self, entry: &DirEntry, relative: &Path, area: Area) -> bool {
        let name = entry.file_name();
        let holds = |file: &str| fs::symlink_metadata(entry.path().join(file)).is_ok();
        is_hidden(name) && relative != Path::new("static/.well-known")
            || name == "node_modules"
            || name == "target" && holds("CACHEDIR.TAG")
            || area == Area::Content && THEME.iter().any(|folder| relative == Path::new(folder))
            || self.output.as_deref() == Some(entry.path())
            || holds(MANIFEST)
    }

    fn usable_name<'p>(&mut self, relative: &'p Path) -> Option<&'p str> {
        let why = match relative.to_str() {
            None => "is not UTF-8",
            Some(path) if path.chars().any(char::is_control) => "has a control character",
            Some(path) if path.contains('\\') => "has a backslash, which parts folders on Windows and in addresses",
            Some(path) => return Some(path),
        };
        let message = format!("the name `{}` {why}", shown(relative));
        self.diagnostics.push(Diagnostic::error("bad-name", message).help("rename the file or folder"));
        None
    }

    fn note_name(&mut self, path: &str) {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        if let Some(why) = reserved_on_windows(name) {
            let message = format!("the name `{}` {why}: the file cannot be copied to Windows", escaped(path));
            self.warn("reserved-name", message);
        }
        self.names.entry(format!("{parent}/{}", folded(name))).or_default().push(path.to_owned());
    }

    fn file(&mut self, path: &str, real: &Path, kind: fs::FileType, stamp_of: impl Fn() -> io::Result<Stamp>) {
        if kind.is_symlink() {
            match link_target(self.root, real) {
                Ok(stamp) => self.list(path, stamp),
                Err(why) => self.warn("link-skipped", format!("the link `{}` {why}; it is skipped", escaped(path))),
            }
        } else if kind.is_file() {
            match stamp_of() {
                Ok(stamp) => self.list(path, stamp),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => self.diagnostics.push(machine("cannot-read", "read", Path::new(path), &error)),
            }
        } else if !kind.is_dir() {
            let message = format!("`{}` is a pipe, a socket or a device; it is skipped", escaped(path));
            self.warn("not-a-file", message);
        }
    }

    fn list(&mut self, path: &str, stamp: Stamp) {
        self.files.extend(SitePath::new(path).map(|path| FileEntry { path, stamp }));
    }

    fn warn(&mut self, code: &'static str, message: String) {
        self.diagnostics.push(Diagnostic::warning(code, message));
    }

    fn cannot_list(&mut self, error: walkdir::Error) {
        let path = error.path().unwrap_or(self.root);
        let path = path.strip_prefix(self.root).ok().filter(|path| !path.as_os_str().is_empty()).unwrap_or(path);
        let path = path.to_owned();
        let error = error.into_io_error().unwrap_or_else(|| io::Error::other("the folders form a loop"));
        if error.kind() != ErrorKind::NotFound {
            self.diagnostics.push(machine("cannot-read", "read the folder", &path, &error));
        }
    }

    fn report_same_names(&mut self) {
        for names in self.names.values_mut().filter(|names| names.len() > 1) {
            names.sort();
            let list: Vec<String> = names.iter().map(|name| format!("`{}`", escaped(name))).collect();
            let message = format!("{} are one name on other systems", list.join(" and "));
            let help = "they differ only in case or in how accents are encoded: rename one of them";
            self.diagnostics.push(Diagnostic::error("same-name", message).help(help));
        }
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn skips_file(name: &OsStr, relative: &Path, area: Area) -> bool {
    let name = name.to_string_lossy();
    let dropping = name == "4913"
        || name.ends_with('~')
        || name.len() > 1 && name.starts_with('#') && name.ends_with('#')
        || name == "Thumbs.db";
    name.starts_with('.')
        || dropping
        || area == Area::Content && (is_about_the_repository(&name) || THEME.iter().any(|f| relative == Path::new(f)))
}

/// `README.zh.md` and `LICENSE-MIT`, also in lower case where it is the whole name, but not `licensed-to-sing.md`.
fn is_about_the_repository(name: &str) -> bool {
    const NAMES: [&str; 3] = ["README", "LICENSE", "CONTRIBUTING"];
    let stem = name.split('.').next().unwrap_or_default();
    NAMES.iter().any(|known| name.starts_with(known) || stem.eq_ignore_ascii_case(known))
}

/// The stamp of the regular file that a link points to, or why it is none of ours.
fn link_target(root: &Path, link: &Path) -> Result<Stamp, String> {
    let real = fs::canonicalize(link).map_err(|error| match error.kind() {
        ErrorKind::NotFound => "points to nothing".to_owned(),
        _ if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => "points to itself".to_owned(),
        _ => format!("cannot be followed ({})", reason(&error)),
    })?;
    if !real.starts_with(root) {
        return Err("points outside of the site".to_owned());
    }
    let metadata = fs::symlink_metadata(&real).map_err(|error| format!("cannot be followed ({})", reason(&error)))?;
    match metadata.file_type() {
        kind if kind.is_file() => Ok(stamp(&metadata)),
        kind if kind.is_dir() => Err("points to a folder".to_owned()),
        _ => Err("points to a pipe, a socket or a device".to_owned()),
    }
}

/// Follows "Naming files, paths, and namespaces" in Microsoft's documentation of Win32.
fn reserved_on_windows(name: &str) -> Option<&'static str> {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    if name.ends_with(['.', ' ']) {
        return Some("ends in a dot or a space");
    }
    let base = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = |port: &str| base.strip_prefix(port).is_some_and(|n| matches!(n.as_bytes(), [b'1'..=b'9']));
    let reserved = DEVICES.contains(&base.as_str()) || numbered("com") || numbered("lpt");
    reserved.then_some("is a device on Windows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_reserved_on_windows() {
        for name in ["CON", "aux.", "nul.txt", "com1.md", "LPT9", "a ", "b."] {
            assert!(reserved_on_windows(name).is_some(), "{name:?}");
        }
        for name in ["console.md", "com0", "com10", "auxiliary", ".x"] {
            assert!(reserved_on_windows(name).is_none(), "{name:?}");
        }
    }

    #[test]
    fn a_repository_s_own_files_are_no_episodes() {
        for name in ["README", "README.zh.md", "readme.md", "LICENSE-MIT", "CONTRIBUTING.md"] {
            assert!(is_about_the_repository(name), "{name}");
        }
        for name in ["licensed-to-sing.md", "read.md", "contributing-editors.txt"] {
            assert!(!is_about_the_repository(name), "{name}");
        }
    }

    #[test]
    fn names_fold_over_case_and_accents() {
        assert_eq!(folded("Épisode.MD"), folded("e\u{301}pisode.md"));
        assert_ne!(folded("a"), folded("b"));
    }
}
