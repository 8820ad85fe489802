//! The watcher: events say that something may have changed; a scan says what, and a new reading takes the old one's
//! place. Nothing is concluded from the kind of an event.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use notify::event::{CreateKind, ModifyKind, RemoveKind};
use notify::{ErrorKind, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use walkdir::WalkDir;

use super::hub::{Hub, Opened, Reading};
use super::{Change, Options, Shell};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::disk::Disk;
use crate::memo::Memo;
use crate::output::MANIFEST;
use crate::path::{SitePath, percent_decoded};
use crate::site::Site;
use crate::source::World;

/// Changes that go on for longer are shown in between.
const LONGEST_WAIT: Duration = Duration::from_millis(300);
/// While a browser looks on, the disk is looked at this often for what no event tells.
const LOOK: Duration = Duration::from_secs(2);
/// While the site's folder is away.
const AWAY: Duration = Duration::from_millis(500);
/// Where events cannot be had.
const POLL: Duration = Duration::from_millis(500);
/// How many changed files are named to open pages.
const MAX_COPIES: usize = 256;

/// Why to look.
#[derive(Debug, Default)]
pub(super) struct Hint {
    /// Folders that came, went or moved.
    folders: Vec<PathBuf>,
    /// Whether events were lost, so that every folder may be another.
    is_lost: bool,
    /// A generation that is older than the disk: there is to be a newer one even if everything looks the same.
    outdated: Option<u64>,
}

impl Hint {
    pub(super) fn outdated(generation: u64) -> Self {
        Self { outdated: Some(generation), ..Self::default() }
    }

    fn add(&mut self, other: Self) {
        self.folders.extend(other.folders);
        self.is_lost |= other.is_lost;
        self.outdated = self.outdated.max(other.outdated);
    }
}

/// Keeps the hub's reading true to the disk.
pub(super) struct Watcher {
    hub: Arc<Hub>,
    shell: Arc<dyn Shell>,
    options: Options,
    hints: Receiver<Hint>,
    sender: Sender<Hint>,
    events: Option<Events>,
    poll: Option<Duration>,
    /// What the last scan listed.
    last: Option<(Arc<Disk>, Diagnostics)>,
    memo: Option<Memo>,
    is_away: bool,
    scan_time: Duration,
}

impl Watcher {
    pub(super) fn new(
        hub: Arc<Hub>,
        shell: Arc<dyn Shell>,
        options: Options,
        (sender, hints): (Sender<Hint>, Receiver<Hint>),
    ) -> Self {
        let poll = options.poll;
        let mut watcher = Self {
            hub,
            shell,
            options,
            hints,
            sender,
            events: None,
            poll,
            last: None,
            memo: None,
            is_away: false,
            scan_time: Duration::ZERO,
        };
        watcher.watch_anew();
        watcher
    }

    /// The first reading.
    ///
    /// # Errors
    /// There is no folder that could be a site.
    pub(super) fn begin(&mut self, memo: Memo) -> Result<Diagnostics, Diagnostics> {
        let (disk, found) = Disk::open(&self.options.root, &self.options.output)?;
        self.memo = Some(memo);
        Ok(self.read(disk, found, Instant::now()))
    }

    /// Watches until the program ends.
    pub(super) fn run(mut self) {
        loop {
            let pause = match self.poll {
                _ if self.is_away => AWAY,
                Some(interval) => interval,
                None => LOOK.max(self.scan_time * 50),
            };
            let mut hint = match self.hints.recv_timeout(pause) {
                Ok(hint) => hint,
                Err(RecvTimeoutError::Timeout) => {
                    if self.poll.is_some() || self.is_away || self.hub.has_viewers() || self.has_moved() {
                        self.look(&Hint::default());
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let began = Instant::now();
            while began.elapsed() < LONGEST_WAIT {
                match self.hints.recv_timeout(self.options.debounce) {
                    Ok(more) => hint.add(more),
                    Err(_) => break,
                }
            }
            self.look(&hint);
        }
    }

    /// Scans the disk, and reads what changed.
    fn look(&mut self, hint: &Hint) {
        let started = Instant::now();
        let present = self.hub.reading().generation;
        let is_asked = hint.outdated.is_some_and(|generation| generation >= present);
        if hint.is_lost || self.has_moved() {
            self.watch_anew();
        } else if !hint.folders.is_empty() {
            self.watch_folders(&hint.folders);
        }
        match Disk::open(&self.options.root, &self.options.output) {
            Ok((disk, found)) => {
                if std::mem::take(&mut self.is_away) {
                    self.watch_anew();
                    self.look(&Hint::outdated(present));
                    return;
                }
                self.scan_time = started.elapsed();
                if is_asked || !self.is_same(&disk, &found) {
                    _ = self.read(disk, found, started);
                }
            }
            Err(found) => {
                if !std::mem::replace(&mut self.is_away, true) || is_asked {
                    self.events = None;
                    self.last = None;
                    self.swap(None, found, started, Vec::new());
                }
            }
        }
    }

    /// Whether the site's folder is another than the one that is watched.
    fn has_moved(&self) -> bool {
        self.events.as_ref().is_some_and(|events| inode(&events.root) != Some(events.inode))
    }

    /// Whether a scan shows just what the last one did, and everything was at rest then.
    fn is_same(&self, disk: &Disk, found: &Diagnostics) -> bool {
        self.last.as_ref().is_some_and(|(last, last_found)| {
            last.files() == disk.files()
                && last.content_root() == disk.content_root()
                && last_found == found
                && disk.files().iter().all(|file| file.stamp.is_settled(last.listed_at()))
        })
    }

    fn read(&mut self, disk: Disk, mut found: Diagnostics, started: Instant) -> Diagnostics {
        let disk = Arc::new(disk);
        let changed = self.last.as_ref().map_or_else(Vec::new, |(last, _)| difference(last, &disk));
        self.last = Some((Arc::clone(&disk), found.clone()));
        let request = self.shell.request(disk.root(), &self.hub.names.origin());
        let memo = self.memo.take().unwrap_or_default();
        let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| Site::open(&*disk, &request, memo)));
        let (site, more) = opened.unwrap_or_else(|_| {
            let bug = Diagnostic::error("bug", "Podleaf failed while it read the site");
            (None, Diagnostics::from_iter([bug.help("this is a bug in Podleaf: please report it")]))
        });
        found.append(more);
        found.sort();
        let opened = site.map(|site| Arc::new(Opened::new(disk, site)));
        self.swap(opened.clone(), found.clone(), started, changed);
        if let Some(opened) = opened {
            self.shell.remember(&opened.site, opened.disk.root());
            self.memo = Some(opened.site.memo());
        }
        found
    }

    /// Puts a new reading in the place of the present one, which tells the browsers.
    fn swap(&self, opened: Option<Arc<Opened>>, found: Diagnostics, started: Instant, changed: Vec<SitePath>) {
        let old = self.hub.reading();
        let generation = old.generation + 1;
        let errors: Vec<Diagnostic> = found.iter().filter(|one| one.severity == Severity::Error).cloned().collect();
        let site = opened.as_ref().map(|opened| &opened.site);
        let mut changed_copies = old.changed_copies.clone();
        if let Some(site) = site.filter(|_| !changed.is_empty()) {
            let copies = site.copies().filter(|(_, source)| changed.binary_search(source).is_ok());
            changed_copies.extend(copies.map(|(route, _)| (generation, route.clone())));
            let surplus = changed_copies.len().saturating_sub(MAX_COPIES);
            changed_copies.drain(..surplus);
        }
        let is_good = errors.is_empty() && opened.is_some();
        let parsed = site.map_or(0, |site| site.counts().parsed);
        let reading = Reading {
            generation,
            good: if is_good { opened.clone() } else { old.good.clone() },
            errors,
            changed_copies,
            base: site.and_then(Site::base_url).and_then(base_path).unwrap_or_else(|| old.base.clone()),
            root: opened.as_ref().map_or_else(|| old.root.clone(), |opened| opened.disk.root().to_owned()),
            editor: site.map_or_else(|| old.editor.clone(), |site| site.editor().map(str::to_owned)),
            latest: opened,
        };
        let is_first = old.latest.is_none() && old.errors.is_empty();
        let had_errors = !old.errors.is_empty();
        self.hub.readings.send_replace(Arc::new(reading));
        if !is_first {
            let elapsed = started.elapsed();
            self.shell.changed(&Change { files: &changed, parsed, elapsed, found: &found, had_errors });
        }
    }

    /// Begins to watch from nothing; falls back to looking now and then.
    fn watch_anew(&mut self) {
        self.events = None;
        if self.options.poll.is_some() {
            return;
        }
        let begun = Events::begin(&self.options, self.sender.clone());
        self.take_events(begun);
    }

    fn watch_folders(&mut self, changed: &[PathBuf]) {
        if let Some(mut events) = self.events.take() {
            events.forget(changed);
            let begun = events.watch(&self.options).map(|()| events);
            self.take_events(begun);
        }
    }

    fn take_events(&mut self, begun: notify::Result<Events>) {
        match begun {
            Ok(events) => {
                self.poll = None;
                self.events = Some(events);
            }
            Err(error) => {
                // Without a folder there is nothing to watch; the scan says so.
                if self.poll.is_none() && self.options.root.is_dir() {
                    self.shell.note(&no_events(&error));
                }
                self.poll = Some(POLL);
            }
        }
    }
}

/// Why there are no events, and what to do.
fn no_events(error: &notify::Error) -> String {
    let os_code = match &error.kind {
        ErrorKind::Io(error) => error.raw_os_error(),
        _ => None,
    };
    let advice = match (&error.kind, os_code) {
        (ErrorKind::MaxFilesWatch, _) | (_, Some(28)) => {
            "the system watches no more folders (raise it with `sysctl fs.inotify.max_user_watches=524288`)".to_owned()
        }
        (_, Some(23 | 24)) => {
            "the system has no more watchers (raise it with `sysctl fs.inotify.max_user_instances=512`)".to_owned()
        }
        _ => format!("changes are not reported by the system ({})", crate::diagnostic::io::escaped(&error.to_string())),
    };
    format!("{advice}; looking at the files twice a second instead")
}

/// Files that one list has and the other has not, or has otherwise, in order.
fn difference(old: &Disk, new: &Disk) -> Vec<SitePath> {
    let (mut old, mut new) = (old.files().iter().peekable(), new.files().iter().peekable());
    let mut changed = Vec::new();
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return changed,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(old), Some(new)) => old.path.cmp(&new.path),
        };
        let (old, new) = match order {
            std::cmp::Ordering::Less => (old.next(), None),
            std::cmp::Ordering::Greater => (None, new.next()),
            std::cmp::Ordering::Equal => (old.next(), new.next()),
        };
        if old.map(|file| file.stamp) != new.map(|file| file.stamp) {
            changed.extend(new.or(old).map(|file| file.path.clone()));
        }
    }
}

/// The path of a `base_url` as people read it: `/` or `/archive/`.
fn base_path(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let path = rest.find('/').map_or("/", |start| &rest[start..]);
    percent_decoded(&format!("{}/", path.trim_end_matches('/')))
}

/// The system's events on the folders of a site. Each folder is watched by itself, so that none is that need not be.
struct Events {
    watcher: RecommendedWatcher,
    root: PathBuf,
    inode: (u64, u64),
    folders: BTreeSet<PathBuf>,
}

impl Events {
    fn begin(options: &Options, sender: Sender<Hint>) -> notify::Result<Self> {
        let root = fs::canonicalize(&options.root)?;
        let inode = inode(&root).ok_or_else(notify::Error::path_not_found)?;
        let watcher = notify::recommended_watcher(move |event| {
            if let Some(hint) = hint_of(event) {
                // The watcher ends only with the program.
                _ = sender.send(hint);
            }
        })?;
        let mut events = Self { watcher, root, inode, folders: BTreeSet::new() };
        events.watch(options)?;
        Ok(events)
    }

    /// Watches all folders there are. A folder may have come while its parent was not watched: until none is new.
    fn watch(&mut self, options: &Options) -> notify::Result<()> {
        for _ in 0..8 {
            let present = folders(&self.root, &options.output);
            let gone: Vec<PathBuf> = self.folders.difference(&present).cloned().collect();
            gone.iter().for_each(|folder| self.unwatch(folder));
            let new: Vec<PathBuf> = present.difference(&self.folders).cloned().collect();
            if new.is_empty() {
                break;
            }
            for folder in new {
                match self.watcher.watch(&folder, RecursiveMode::NonRecursive) {
                    Ok(()) => _ = self.folders.insert(folder),
                    // Gone again, or not for us to read: the scan will say so.
                    Err(error) if is_about_the_folder(&error) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    fn unwatch(&mut self, folder: &Path) {
        self.folders.remove(folder);
        // The system forgets a folder that is gone by itself.
        _ = self.watcher.unwatch(folder);
    }

    /// Folders under these names may be others than before.
    fn forget(&mut self, changed: &[PathBuf]) {
        let is_doubtful = |folder: &&PathBuf| changed.iter().any(|changed| folder.starts_with(changed));
        let doubtful: Vec<PathBuf> = self.folders.iter().filter(is_doubtful).cloned().collect();
        doubtful.iter().for_each(|folder| self.unwatch(folder));
    }
}

fn is_about_the_folder(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => {
            matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied)
        }
        _ => false,
    }
}

fn inode(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

fn hint_of(event: notify::Result<notify::Event>) -> Option<Hint> {
    let lost = Hint { is_lost: true, ..Hint::default() };
    let Ok(event) = event else { return Some(lost) };
    if event.need_rescan() {
        return Some(lost);
    }
    // Serving a file opens it.
    let is_nothing = matches!(event.kind, EventKind::Access(_))
        || !event.paths.is_empty() && event.paths.iter().all(|path| is_dropping(path));
    if is_nothing {
        return None;
    }
    let is_about_folders = match event.kind {
        EventKind::Create(kind) => kind != CreateKind::File,
        EventKind::Remove(kind) => kind != RemoveKind::File,
        EventKind::Modify(kind) => matches!(kind, ModifyKind::Name(_) | ModifyKind::Any | ModifyKind::Other),
        _ => true,
    };
    Some(Hint { folders: if is_about_folders { event.paths } else { Vec::new() }, ..Hint::default() })
}

/// What editors leave beside the files they write, and what we write ourselves.
fn is_dropping(path: &Path) -> bool {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else { return false };
    name.starts_with('.') && name != ".well-known"
        || name == "4913"
        || name.ends_with('~')
        || name.len() > 1 && name.starts_with('#') && name.ends_with('#')
}

/// All folders in which a site may have files.
fn folders(root: &Path, output: &Path) -> BTreeSet<PathBuf> {
    let output = fs::canonicalize(output).ok();
    let mut found = BTreeSet::from([root.to_owned()]);
    let parts: Vec<PathBuf> = ["content", "templates", "static"]
        .iter()
        .filter_map(|name| fs::canonicalize(root.join(name)).ok())
        .filter(|folder| folder.starts_with(root) && folder.is_dir())
        .collect();
    let has_content = root.join("content").is_dir();
    let starts = if has_content { parts } else { [vec![root.to_owned()], parts].concat() };
    for start in starts {
        let walk = WalkDir::new(&start).into_iter().filter_entry(|entry| {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy());
            entry.depth() == 0
                || entry.file_type().is_dir()
                    && (!name.starts_with('.') || name == ".well-known")
                    && name != "node_modules"
                    && output.as_deref() != Some(path)
                    && !path.join(MANIFEST).exists()
                    && !(name == "target" && path.join("CACHEDIR.TAG").exists())
        });
        found.extend(walk.filter_map(Result::ok).map(walkdir::DirEntry::into_path));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_site_is_that_of_its_address() {
        for (url, path) in [
            ("https://a.b", "/"),
            ("https://a.b/", "/"),
            ("https://a.b/c/d", "/c/d/"),
            ("http://127.0.0.1:4000/%E4%B8%80/", "/一/"),
        ] {
            assert_eq!(base_path(url).as_deref(), Some(path), "{url}");
        }
    }

    #[test]
    fn droppings_are_told_by_their_names() {
        for name in [".a.md.swp", "4913", "a.md~", "#a.md#", ".#a.md", ".podleaf"] {
            assert!(is_dropping(&Path::new("/x").join(name)), "{name}");
        }
        for name in ["a.md", "#a", "4913.md", ".well-known"] {
            assert!(!is_dropping(&Path::new("/x").join(name)), "{name}");
        }
    }
}
