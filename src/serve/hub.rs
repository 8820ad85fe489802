//! What the server answers from: the present reading of the site, and the pages that were last seen whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::watch;

use super::Shell;
use super::address::Names;
use super::index::{Index, file_name};
use super::notices::Hint;
use crate::diagnostic::Diagnostic;
use crate::disk::Disk;
use crate::hash::{ContentHash, Hasher};
use crate::output::Body;
use crate::path::{Route, percent_decoded};
use crate::runs::RunStore;
use crate::site::{Site, Stale};

/// A site, with the files that it was opened from.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) disk: Arc<Disk>,
    pub(super) site: Site,
    scripts: OnceLock<ContentHash>,
    index: Mutex<Option<Arc<Index>>>,
}

impl Opened {
    pub(super) fn new(disk: Arc<Disk>, site: Site) -> Self {
        Self { disk, site, scripts: OnceLock::new(), index: Mutex::default() }
    }

    /// The search index, made when it is first asked for.
    pub(super) fn index(&self, kept: &dyn RunStore) -> Result<Arc<Index>, Stale> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = &*index {
            return Ok(Arc::clone(index));
        }
        let made = Arc::new(Index::open(&self.site, &self.disk, kept)?);
        *index = Some(Arc::clone(&made));
        Ok(made)
    }

    fn has(&self, route: &Route) -> bool {
        self.site.has(route) || self.site.has_search() && file_name(route).is_some()
    }

    /// The hash of the theme's assets but for style sheets, which can be exchanged in an open page.
    pub(super) fn scripts(&self) -> ContentHash {
        *self.scripts.get_or_init(|| {
            let folder = self.site.assets_folder();
            let mut hasher = Hasher::new();
            for route in self.site.routes() {
                let Some(name) = route.as_str().strip_prefix(folder).filter(|name| !name.ends_with(".css")) else {
                    continue;
                };
                if let Ok(Body::Bytes(bytes)) = self.site.render(&*self.disk, route) {
                    hasher.part(name.as_bytes()).part(&bytes);
                }
            }
            hasher.finish()
        })
    }
}

/// What one scan of the disk came to. Never changed: the next one takes its place.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Grows with each reading, also from one run of the program to the next.
    pub(super) generation: u64,
    /// The last site without errors.
    pub(super) good: Option<Arc<Opened>>,
    /// The site of the last scan, also with errors.
    pub(super) latest: Option<Arc<Opened>>,
    /// Errors of the last scan.
    pub(super) errors: Vec<Diagnostic>,
    /// Files that are published as they are and have changed, with the generation of the change.
    pub(super) changed_copies: Vec<(u64, Route)>,
    /// The path that the site is below, as people read it: `/` or `/archive/`.
    pub(super) base: String,
    /// The folder of the site, and the address that opens a file of it in an editor.
    pub(super) root: PathBuf,
    /// See [`Site::editor`].
    pub(super) editor: Option<String>,
}

/// What there is at a path.
#[derive(Debug)]
pub(super) enum Found {
    /// A route of a site.
    Route(Arc<Opened>, Route),
    /// Nothing; the site's page for that.
    Missing(Arc<Opened>, Route),
    /// The same with a slash, or the place that the site begins at.
    Elsewhere(String),
    /// There is no site yet.
    NoSite,
}

impl Reading {
    /// The sites to look in, the best one first.
    pub(super) fn sites(&self) -> impl Iterator<Item = &Arc<Opened>> {
        let latest =
            self.latest.as_ref().filter(|latest| !self.good.as_ref().is_some_and(|good| Arc::ptr_eq(good, latest)));
        self.good.iter().chain(latest)
    }

    /// Looks up the path of a request, as it was sent. Whatever is no route of the site is not there: no path ever
    /// reaches the disk.
    pub(super) fn find(&self, path: &str) -> Found {
        let base_encoded = crate::path::percent_encoded(&self.base);
        let text = percent_decoded(path);
        if let Some(rest) = text.as_deref().and_then(|text| text.strip_prefix(self.base.as_str())) {
            let rest = format!("/{rest}");
            let page = rest.strip_suffix("/index.html").map(|folder| format!("{folder}/"));
            let routes = [Some(rest.clone()), page].into_iter().flatten();
            for route in routes.filter_map(Route::new) {
                if let Some(opened) = self.sites().find(|opened| opened.has(&route)) {
                    return Found::Route(Arc::clone(opened), route);
                }
            }
            let folder = Some(format!("{rest}/")).filter(|_| !rest.ends_with('/')).and_then(Route::new);
            if let Some(folder) = folder.filter(|folder| self.sites().any(|opened| opened.site.has(folder))) {
                return Found::Elsewhere(format!("{base_encoded}{}", &folder.href()[1..]));
            }
        } else if text.as_deref().is_some_and(|text| text == "/" || Some(text) == self.base.strip_suffix('/')) {
            return Found::Elsewhere(base_encoded);
        }
        let missing = Route::new("/404.html").and_then(|route| Some((self.sites().next()?, route)));
        missing.map_or(Found::NoSite, |(opened, route)| Found::Missing(Arc::clone(opened), route))
    }
}

/// What requests and the watcher share.
pub(super) struct Hub {
    pub(super) names: Names,
    pub(super) readings: watch::Sender<Arc<Reading>>,
    hints: Sender<Hint>,
    shell: Arc<dyn Shell>,
    viewers: AtomicUsize,
    kept: Mutex<Kept>,
}

impl Hub {
    pub(super) fn new(names: Names, hints: Sender<Hint>, shell: Arc<dyn Shell>, reading: Reading) -> Self {
        let (readings, _) = watch::channel(Arc::new(reading));
        Self { names, readings, hints, shell, viewers: AtomicUsize::new(0), kept: Mutex::default() }
    }

    pub(super) fn reading(&self) -> Arc<Reading> {
        Arc::clone(&self.readings.borrow())
    }

    /// Asks for a newer reading than this one, because of a file.
    pub(super) fn ask_to_read(&self, generation: u64, file: Option<&Path>) {
        // The watcher ends only with the program.
        _ = self.hints.send(Hint::outdated(generation, file));
    }

    /// Where the words for search are remembered.
    pub(super) fn kept_runs(&self, root: &Path) -> Box<dyn RunStore> {
        self.shell.kept(root)
    }

    /// Tells the writer something.
    pub(super) fn note(&self, text: &str) {
        self.shell.note(text);
    }

    /// Whether a browser shows a page.
    pub(super) fn has_viewers(&self) -> bool {
        self.viewers.load(Ordering::Relaxed) > 0
    }

    /// Counts a browser for as long as the guard lives.
    pub(super) fn viewer(self: &Arc<Self>) -> Viewer {
        self.viewers.fetch_add(1, Ordering::Relaxed);
        Viewer(Arc::clone(self))
    }

    pub(super) fn kept(&self, route: &Route) -> Option<Html> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).pages.get(route).map(|(_, html)| html.clone())
    }

    pub(super) fn keep(&self, route: &Route, html: &Html) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(route, html);
    }
}

/// A browser that shows a page.
pub(super) struct Viewer(Arc<Hub>);

impl Drop for Viewer {
    fn drop(&mut self) {
        self.0.viewers.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A page as a build would write it, with the hash of it.
#[derive(Debug, Clone)]
pub(super) struct Html {
    pub(super) bytes: Arc<Vec<u8>>,
    pub(super) key: ContentHash,
}

/// Pages that were shown lately: while their sources are broken they are shown again.
#[derive(Debug, Default)]
struct Kept {
    pages: BTreeMap<Route, (u64, Html)>,
    size: usize,
    clock: u64,
}

const MAX_KEPT: usize = 3 << 20;

impl Kept {
    fn put(&mut self, route: &Route, html: &Html) {
        self.clock += 1;
        self.size += html.bytes.len();
        if let Some((_, old)) = self.pages.insert(route.clone(), (self.clock, html.clone())) {
            self.size -= old.bytes.len();
        }
        while self.size > MAX_KEPT {
            let oldest = self.pages.iter().min_by_key(|(_, (clock, _))| *clock).map(|(route, _)| route.clone());
            let Some((_, html)) = oldest.and_then(|route| self.pages.remove(&route)) else { return };
            self.size -= html.bytes.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_pages_are_bounded() {
        let mut kept = Kept::default();
        let html = Html { bytes: Arc::new(vec![0; MAX_KEPT / 4]), key: ContentHash::of(b"") };
        for idx in 0..20 {
            kept.put(&Route::new(format!("/{}/", idx % 7)).unwrap(), &html);
            assert!(kept.size <= MAX_KEPT && kept.size == kept.pages.len() * html.bytes.len());
        }
        assert!(kept.pages.contains_key(&Route::new("/5/").unwrap()), "the newest stays");
    }
}
