//! What the system says of the folders of a site. Nothing is concluded from the kind of an event but where to look.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use notify::event::{CreateKind, ModifyKind, RemoveKind};
use notify::{ErrorKind, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use walkdir::WalkDir;

use super::Options;
use crate::output::MANIFEST;

/// Why to look.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hint {
    /// Folders in which files may have changed.
    pub(super) dirty: BTreeSet<PathBuf>,
    /// What may be a folder that came, went or moved.
    pub(super) moved: BTreeSet<PathBuf>,
    /// Whether events were lost, so that every folder may be another.
    pub(super) is_lost: bool,
    /// A generation that is older than the disk: there is to be a newer one even if everything looks the same.
    pub(super) outdated: Option<u64>,
}

impl Hint {
    /// A reading that does not fit a file any more.
    pub(super) fn outdated(generation: u64, file: Option<&Path>) -> Self {
        let dirty = file.and_then(Path::parent).map(Path::to_owned).into_iter().collect();
        Self { dirty, outdated: Some(generation), ..Self::default() }
    }

    fn lost() -> Self {
        Self { is_lost: true, ..Self::default() }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.dirty.extend(other.dirty);
        self.moved.extend(other.moved);
        self.is_lost |= other.is_lost;
        self.outdated = self.outdated.max(other.outdated);
    }
}

/// Why there are no events, and what to do.
pub(super) fn no_events(error: &notify::Error) -> String {
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

/// The system's events on the folders of a site. Each folder is watched by itself, so that none is that need not be.
pub(super) struct Events {
    watcher: RecommendedWatcher,
    root: PathBuf,
    inode: (u64, u64),
    folders: BTreeSet<PathBuf>,
}

impl Events {
    pub(super) fn begin(options: &Options, sender: Sender<Hint>) -> notify::Result<Self> {
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
    pub(super) fn watch(&mut self, options: &Options) -> notify::Result<()> {
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

    /// Whether the site's folder is another than the one that is watched.
    pub(super) fn has_moved(&self) -> bool {
        inode(&self.root) != Some(self.inode)
    }

    /// Whether any of these is or was a folder. Most are files that editors move into place.
    pub(super) fn are_folders(&self, changed: &BTreeSet<PathBuf>) -> bool {
        changed.iter().any(|path| self.folders.contains(path) || path.is_dir())
    }

    /// Folders under these names may be others than before.
    pub(super) fn forget(&mut self, changed: &BTreeSet<PathBuf>) {
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

/// What an event says; nothing for what is no business of the site's.
fn hint_of(event: notify::Result<notify::Event>) -> Option<Hint> {
    let Ok(event) = event else { return Some(Hint::lost()) };
    if event.need_rescan() {
        return Some(Hint::lost());
    }
    // Serving a file opens it.
    let is_nothing = matches!(event.kind, EventKind::Access(_))
        || !event.paths.is_empty() && event.paths.iter().all(|path| is_dropping(path));
    if is_nothing {
        return None;
    }
    let may_be_folders = match event.kind {
        EventKind::Create(kind) => kind != CreateKind::File,
        EventKind::Remove(kind) => kind != RemoveKind::File,
        EventKind::Modify(kind) => matches!(kind, ModifyKind::Name(_) | ModifyKind::Any | ModifyKind::Other),
        _ => true,
    };
    if event.paths.is_empty() {
        return Some(Hint::lost());
    }
    let dirty = event.paths.iter().filter_map(|path| path.parent()).map(Path::to_owned).collect();
    let moved = if may_be_folders { event.paths.into_iter().collect() } else { BTreeSet::new() };
    Some(Hint { dirty, moved, ..Hint::default() })
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
    use notify::event::{DataChange, Flag, RenameMode};

    use super::*;

    fn hint(kind: EventKind, paths: &[&str]) -> Option<Hint> {
        let event = notify::Event::new(kind);
        hint_of(Ok(paths.iter().fold(event, |event, path| event.add_path(path.into()))))
    }

    #[test]
    fn lost_events_make_all_folders_doubtful() {
        let overflow = notify::Event::new(EventKind::Other).set_flag(Flag::Rescan);
        for event in [Ok(overflow), Err(notify::Error::generic("x")), Ok(notify::Event::new(EventKind::Other))] {
            assert_eq!(hint_of(event), Some(Hint::lost()));
        }
    }

    #[test]
    fn an_event_says_where_to_look() {
        let (written, moved) =
            (EventKind::Modify(ModifyKind::Data(DataChange::Any)), EventKind::Modify(ModifyKind::Name(RenameMode::To)));
        let found = hint(written, &["/s/content/a.md"]).unwrap();
        assert_eq!((found.dirty.len(), found.dirty.contains(Path::new("/s/content")), found.moved.len()), (1, true, 0));
        assert!(hint(moved, &["/s/content/a"]).unwrap().moved.contains(Path::new("/s/content/a")));
        assert_eq!(hint(EventKind::Access(notify::event::AccessKind::Read), &["/s/content/a.md"]), None);
        assert_eq!(hint(written, &["/s/content/.a.md.swp", "/s/content/4913"]), None);
    }

    #[test]
    fn a_limit_is_named_with_its_setting() {
        for error in
            [notify::Error::new(ErrorKind::MaxFilesWatch), notify::Error::io(std::io::Error::from_raw_os_error(28))]
        {
            assert!(no_events(&error).contains("`sysctl fs.inotify.max_user_watches=524288`"), "{error}");
        }
        let many = notify::Error::io(std::io::Error::from_raw_os_error(24));
        assert!(no_events(&many).contains("sysctl fs.inotify.max_user_instances"));
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
