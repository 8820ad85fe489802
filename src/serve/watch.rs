//! The watcher: events say that something may have changed; a look at the disk says what, and a new reading takes the
//! old one's place.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use super::hub::{Hub, Opened, Reading};
use super::notices::{Events, Hint, no_events};
use super::{Change, Options, Shell};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::disk::Disk;
use crate::hash::ContentHash;
use crate::lock;
use crate::memo::Memo;
use crate::path::{SitePath, percent_decoded};
use crate::site::{Edited, Request, Site};
use crate::source::{FileEntry, World};

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
/// Larger files are known by their stamp alone.
const MAX_HASHED: u64 = 4 << 20;
/// So many files are read twice at the start, where they are young.
const MAX_YOUNG: usize = 256;

/// Keeps the hub's reading true to the disk.
pub(super) struct Watcher {
    hub: Arc<Hub>,
    shell: Arc<dyn Shell>,
    options: Options,
    hints: Receiver<Hint>,
    sender: Sender<Hint>,
    events: Option<Events>,
    poll: Option<Duration>,
    /// What the last look listed.
    last: Option<(Arc<Disk>, Diagnostics)>,
    /// Hashes of files that were written just before the last look: their stamps do not tell whether they were written
    /// again just after it.
    young: BTreeMap<SitePath, ContentHash>,
    /// The last site, from which the next one takes what is the same.
    site: Option<Arc<Opened>>,
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
            young: BTreeMap::new(),
            site: None,
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
        let started = Instant::now();
        let (disk, found) = Disk::open(&self.options.root, &self.options.output)?;
        self.scan_time = started.elapsed();
        // Of a site that was unpacked just now, all are looked at again after the first change.
        let young = disk.files().iter().filter(|file| !file.stamp.is_settled(disk.listed_at())).take(MAX_YOUNG);
        let young: Vec<Suspect> = young.map(|file| Suspect { path: file.path.clone(), has_same_stamp: true }).collect();
        self.young = hashes(&disk, &young);
        self.last = Some((Arc::new(disk), found.clone()));
        let (opened, all) = self.open(found, |disk, request| Site::open(disk, request, memo));
        self.swap(opened, all.clone(), started, Vec::new());
        Ok(all)
    }

    /// Watches until the program ends.
    pub(super) fn run(mut self) {
        self.remember();
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

    /// Lists the files, and reads what changed.
    fn look(&mut self, hint: &Hint) {
        let started = Instant::now();
        let present = self.hub.reading().generation;
        let is_asked = hint.outdated.is_some_and(|generation| generation >= present);
        let are_folders = self.events.as_ref().is_none_or(|events| events.are_folders(&hint.moved));
        let is_lost = hint.is_lost || self.has_moved();
        if is_lost {
            self.watch_anew();
        } else if are_folders {
            self.watch_folders(hint);
        }
        let again = if is_lost || are_folders { None } else { self.again(hint) };
        let listed = again.map(|disk| (disk, Diagnostics::new()));
        match listed.map_or_else(|| Disk::open(&self.options.root, &self.options.output), Ok) {
            Ok((disk, found)) => {
                if std::mem::take(&mut self.is_away) {
                    self.watch_anew();
                    self.look(&Hint::outdated(present, None));
                    return;
                }
                self.scan_time = started.elapsed();
                self.take(disk, found, started, is_asked);
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

    /// The list with what is new in the folders of a hint, where that is all and nothing is to be reported.
    fn again(&self, hint: &Hint) -> Option<Disk> {
        let (last, found) = self.last.as_ref()?;
        (self.poll.is_none() && !hint.dirty.is_empty() && found.is_empty()).then(|| last.again(&hint.dirty))?
    }

    /// Makes a new reading of a list, where it shows something else than the last one did.
    fn take(&mut self, disk: Disk, found: Diagnostics, started: Instant, is_asked: bool) {
        let suspects = self.last.as_ref().map(|(last, _)| difference(last, &disk)).unwrap_or_default();
        let hashes = hashes(&disk, &suspects);
        let is_changed =
            |suspect: &Suspect| !suspect.has_same_stamp || self.young.get(&suspect.path) != hashes.get(&suspect.path);
        let changed: Vec<SitePath> =
            suspects.iter().filter(|suspect| is_changed(suspect)).map(|one| one.path.clone()).collect();
        let is_same = self.last.as_ref().is_some_and(|(last, last_found)| {
            changed.is_empty() && last.content_root() == disk.content_root() && *last_found == found
        });
        let is_young = |path: &SitePath| {
            let idx = disk.files().binary_search_by(|entry| entry.path.cmp(path));
            idx.is_ok_and(|idx| !disk.files()[idx].stamp.is_settled(disk.listed_at()))
        };
        self.young = hashes.into_iter().filter(|(path, _)| is_young(path)).collect();
        self.last = Some((Arc::new(disk), found.clone()));
        if is_same && !is_asked {
            return;
        }
        let site = self.site.clone();
        let may_edit = found.is_empty() && self.hub.reading().errors.is_empty() && !changed.is_empty();
        let mut is_touched = false;
        // A build wrote a lock: what it remembers of turns stands above what this preview began with.
        let is_built = changed.iter().any(|path| path.file_name() == lock::FILE_NAME);
        let memo = is_built.then(|| self.shell.memo(&self.options.root));
        let (opened, all) = self.open(found, |disk, request| {
            let edited = site.as_ref().filter(|_| may_edit).and_then(|old| old.site.edited(disk, request, &changed));
            match edited {
                Some(Edited::Same(site)) => {
                    is_touched = true;
                    (Some(site), Diagnostics::new())
                }
                Some(Edited::Other(site)) => (Some(site), Diagnostics::new()),
                None => {
                    let memo = memo.or_else(|| site.map(|old| old.site.memo()));
                    Site::open(disk, request, memo.unwrap_or_default())
                }
            }
        });
        // What was only touched is known by its new stamp, and no browser needs to hear of it.
        if !is_touched || is_asked {
            self.swap(opened, all, started, changed);
            self.remember();
        }
    }

    /// Opens the site of the last list. A panic of ours is a finding.
    fn open(
        &mut self,
        mut found: Diagnostics,
        open: impl FnOnce(&Disk, &Request) -> (Option<Site>, Diagnostics),
    ) -> (Option<Arc<Opened>>, Diagnostics) {
        let Some(disk) = self.last.as_ref().map(|(disk, _)| Arc::clone(disk)) else { return (None, found) };
        let request = self.shell.request(disk.root(), &self.hub.names.origin());
        let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| open(&disk, &request)));
        let (site, more) = opened.unwrap_or_else(|_| {
            let bug = Diagnostic::error("bug", "Podleaf failed while it read the site");
            (None, Diagnostics::from_iter([bug.help("this is a bug in Podleaf: please report it")]))
        });
        found.append(more);
        found.sort();
        let opened = site.map(|site| Arc::new(Opened::new(disk, site)));
        if opened.is_some() {
            self.site.clone_from(&opened);
        }
        (opened, found)
    }

    fn remember(&self) {
        if let Some(opened) = &self.hub.reading().latest {
            self.shell.remember(&opened.site, opened.disk.root());
        }
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
        let parsed = site.map_or(0, Site::n_parsed);
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

    /// Whether the site's folder is another than the one that is watched.
    fn has_moved(&self) -> bool {
        self.events.as_ref().is_some_and(Events::has_moved)
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

    fn watch_folders(&mut self, hint: &Hint) {
        if let Some(mut events) = self.events.take() {
            events.forget(&hint.moved);
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

/// A file that may have changed.
struct Suspect {
    path: SitePath,
    /// Whether only its age speaks against it: a file that was written just before a look may have been written again
    /// just after it.
    has_same_stamp: bool,
}

/// Files that one list has and the other has not, or that may be others, in order.
fn difference(old: &Disk, new: &Disk) -> Vec<Suspect> {
    let settled = |file: &FileEntry| file.stamp.is_settled(old.listed_at());
    let (mut before, mut after) = (old.files().iter().peekable(), new.files().iter().peekable());
    let mut suspects = Vec::new();
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return suspects,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(old), Some(new)) => old.path.cmp(&new.path),
        };
        let (old, new) = match order {
            std::cmp::Ordering::Less => (before.next(), None),
            std::cmp::Ordering::Greater => (None, after.next()),
            std::cmp::Ordering::Equal => (before.next(), after.next()),
        };
        let has_same_stamp = old.map(|file| file.stamp) == new.map(|file| file.stamp);
        if let Some(file) = new.or(old).filter(|file| !has_same_stamp || !settled(file)) {
            suspects.push(Suspect { path: file.path.clone(), has_same_stamp });
        }
    }
}

/// The hashes of files as they are now; none for large ones and for those that are gone.
fn hashes(disk: &Disk, files: &[Suspect]) -> BTreeMap<SitePath, ContentHash> {
    let size = |path: &SitePath| {
        let idx = disk.files().binary_search_by(|entry| entry.path.cmp(path)).ok()?;
        Some(disk.files()[idx].stamp.size)
    };
    let small = files.iter().filter(|file| size(&file.path).is_some_and(|size| size <= MAX_HASHED));
    small.filter_map(|file| Some((file.path.clone(), ContentHash::of(&disk.read(&file.path).ok()?)))).collect()
}

/// The path of a `base_url` as people read it: `/` or `/archive/`.
fn base_path(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let path = rest.find('/').map_or("/", |start| &rest[start..]);
    percent_decoded(&format!("{}/", path.trim_end_matches('/')))
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
}
