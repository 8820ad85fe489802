//! Publications that fail or die at each of their calls: the site is the old or the new one, and the next build needs
//! no help.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::io::Errno;
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::diagnostic::Diagnostic;
use crate::output::{MANIFEST, Manifest};
use crate::path::Route;

use super::calls::Calls;
use super::calls::plan::{Exchanges, Kind, Plan};
use super::{Places, Published, Staging, Target};

type Pages = BTreeMap<String, String>;

/// Versions of a site whose files come, change, go, and become folders and the reverse.
fn version(n: usize) -> Pages {
    let mut pages = BTreeMap::from([("same/a.txt", "same"), ("same/b/c.txt", "same too")].map(owned));
    let text = format!("version {n} {}", "x".repeat(40_000));
    pages.extend([("index.html", text.as_str()), ("a/deep/x.txt", &format!("{n}"))].map(owned));
    match n % 3 {
        0 => pages.extend([("flip", "file"), ("flop/x/y.txt", "y"), ("gone/1.txt", "1")].map(owned)),
        1 => pages.extend([("flip/x/y.txt", "y"), ("flop", "file"), ("new/2.txt", "2")].map(owned)),
        _ => pages.extend([("flip", "other file"), ("flop/x", "x")].map(owned)),
    }
    pages
}

fn owned((file, text): (&str, &str)) -> (String, String) {
    (file.to_owned(), text.to_owned())
}

struct Site(TempDir);

impl Site {
    /// In memory where that is possible: nothing here depends on the disk.
    fn new() -> Self {
        Self(tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap())
    }

    fn output(&self) -> std::path::PathBuf {
        self.0.path().join("public")
    }

    fn publish(&self, pages: &Pages, plan: Option<Arc<Plan>>) -> Result<Published, Diagnostic> {
        let (root, output) = (self.0.path().join("site"), self.output());
        let places = Places { root: &root, content_root: "", output: &output, home: None };
        let staging = Staging::begin_with(Target::check(&places)?, Calls { plan })?;
        for (file, text) in pages {
            let route = Route::new(format!("/{file}")).unwrap();
            if !(text.starts_with("same") && staging.keep(&route)) {
                staging.write(&route, text.as_bytes(), None)?;
            }
        }
        staging.publish()
    }

    fn pages(&self) -> Pages {
        files(&self.output())
    }

    fn beside(&self) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn files(folder: &Path) -> Pages {
    let entries = WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    let file = |entry: walkdir::DirEntry| {
        let name = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(entry.path()).unwrap())
    };
    entries.map(file).filter(|(name, _)| !name.starts_with(super::tree::OWN)).collect()
}

fn plan(kind: Kind, at: usize, exchanges: Exchanges) -> Arc<Plan> {
    Arc::new(Plan { kind, at, exchanges, calls: AtomicUsize::new(0), n_exchanges: AtomicUsize::new(0) })
}

/// Publishes versions 1 to `n`, then `n + 1` with a fault at each call in turn.
fn check_every_call(n: usize, kind: Kind, exchanges: Exchanges) {
    for at in 0.. {
        let site = Site::new();
        let whole = |exchanges| plan(Kind::Fail(Errno::IO), usize::MAX, exchanges);
        (1..=n).for_each(|n| _ = site.publish(&version(n), Some(whole(exchanges))).unwrap());
        let (old, new) = (if n == 0 { Pages::new() } else { version(n) }, version(n + 1));
        let faulty = plan(kind, at, exchanges);
        let result = site.publish(&new, Some(Arc::clone(&faulty)));
        let found = if site.output().exists() { site.pages() } else { Pages::new() };
        let context = format!("after {n} versions, {kind:?} at {at}, exchanges: {exchanges:?}: {result:?}");
        if exchanges == Exchanges::All || n == 0 {
            assert!(found == old || found == new, "{context}: {:?}", found.keys());
            assert!(result.is_ok() == (found == new) || kind == Kind::Die, "{context}");
        } else {
            let is_whole =
                |(file, text): (&String, &String)| [&old, &new].iter().any(|site| site.get(file) == Some(text));
            assert!(found.iter().all(is_whole), "{context}: {:?}", found.keys());
            let stays =
                old.iter().filter(|(file, _)| new.contains_key(*file)).all(|(file, _)| found.contains_key(file));
            assert!(stays, "{context}: {:?}", found.keys());
        }
        let next = site.publish(&new, Some(whole(exchanges))).unwrap_or_else(|error| panic!("{context}: {error:#?}"));
        assert!(next.warnings.iter().all(|warning| warning.code == "in-place"), "{context}: {next:#?}");
        check_whole(&site, &new, &context);
        for n in [n + 2, n + 3, n + 3] {
            site.publish(&version(n), Some(whole(exchanges))).unwrap();
            check_whole(&site, &version(n), &context);
        }
        if faulty.calls.load(Ordering::SeqCst) <= at {
            assert!(at > 30, "the fault came: {at}");
            return;
        }
    }
}

#[track_caller]
fn check_whole(site: &Site, pages: &Pages, context: &str) {
    assert!(&site.pages() == pages, "{context}: {:?}", site.pages().keys());
    let manifest = Manifest::parse(&fs::read(site.output().join(MANIFEST)).unwrap()).unwrap();
    assert!(manifest.files.iter().map(|entry| &entry.file).eq(pages.keys()), "{context}");
    let usual = [".public.podleaf-previous", ".public.podleaf-stamps", "public"];
    assert!(site.beside().iter().all(|name| usual.contains(&name.as_str())), "{context}: {:?}", site.beside());
}

#[test]
fn f78_a_build_that_dies_at_any_call_leaves_a_whole_site() {
    (0..=2).for_each(|n| check_every_call(n, Kind::Die, Exchanges::All));
}

#[test]
fn f78_a_build_in_place_that_dies_at_any_call_is_completed_by_the_next() {
    for exchanges in [Exchanges::Files, Exchanges::None] {
        (1..=2).for_each(|n| check_every_call(n, Kind::Die, exchanges));
    }
}

#[test]
fn d67_a_call_that_fails_leaves_a_whole_site() {
    for errno in [Errno::IO, Errno::NOSPC] {
        (0..=2).for_each(|n| check_every_call(n, Kind::Fail(errno), Exchanges::All));
    }
}

#[test]
fn d67_a_call_that_fails_in_place_leaves_whole_files() {
    for exchanges in [Exchanges::Files, Exchanges::None] {
        (1..=2).for_each(|n| check_every_call(n, Kind::Fail(Errno::NOSPC), exchanges));
    }
}

#[test]
fn d67_a_journal_that_dies_again_and_again_is_completed() {
    let site = Site::new();
    site.publish(&version(1), Some(plan(Kind::Die, usize::MAX, Exchanges::None))).unwrap();
    for at in 0..200 {
        _ = site.publish(&version(2), Some(plan(Kind::Die, at, Exchanges::None)));
    }
    site.publish(&version(2), None).unwrap();
    check_whole(&site, &version(2), "after many deaths");
}
