//! Incremental equals clean: after any edits, what is kept and made again is what a first build would make of the same
//! sources and locks, and it costs what changed.

use std::collections::{BTreeMap, BTreeSet};

use podleaf::diagnostic::Diagnostics;
use podleaf::hash::ContentHash;
use podleaf::model::time::Day;
use podleaf::path::{Route, SitePath};
use podleaf::site::{Request, Site};
use podleaf::source::{Stamp, World};
use rayon::prelude::*;

use crate::edits::Author;
use crate::world::{Contents, Files, Remembered};

const SEQUENCES: u64 = 300;
const EDITS: usize = 10;

/// What a build leaves for the next one.
#[derive(Default)]
struct Left {
    remembered: Remembered,
    pages: Pages,
    /// The files as they were listed, and when.
    stamps: BTreeMap<SitePath, Stamp>,
    listed_at: i64,
}

type Pages = BTreeMap<Route, (Option<ContentHash>, Vec<u8>)>;

/// What a build did.
#[derive(Debug)]
struct Work {
    /// What it found; where there are errors, nothing is published and nothing remembered.
    found: Vec<String>,
    has_errors: bool,
    parsed: usize,
    /// The pages and copies that were made, with whether they have other bytes than before.
    made: Vec<(String, bool)>,
    texts_read: usize,
    locks_written: usize,
}

impl Work {
    fn routes(&self) -> Vec<&str> {
        self.made.iter().map(|(route, _)| route.as_str()).collect()
    }
}

/// Builds as the command does: what has the key that it had is kept.
fn build(files: &mut Files, left: &mut Left) -> Work {
    files.take_texts_read();
    let today = Some(Day { year: 2026, month: 1, day: 1 });
    let request = Request { today, ..Request::default() };
    let (site, found) = Site::open(files, &request, left.remembered.memo());
    let site = site.unwrap();
    let mut work = Work {
        found: sorted(&found),
        has_errors: found.has_errors(),
        parsed: site.counts().parsed,
        made: Vec::new(),
        texts_read: 0,
        locks_written: site.locks().len(),
    };
    if !work.has_errors {
        publish(files, &site, left, &mut work);
    }
    work.texts_read = files.take_texts_read();
    work
}

fn publish(files: &mut Files, site: &Site, left: &mut Left, work: &mut Work) {
    let mut pages = Pages::new();
    for route in site.routes() {
        let key = site.key(files, route);
        let old = left.pages.remove(route);
        let kept = old.as_ref().filter(|(old, _)| key.is_some() && *old == key);
        let bytes = kept.map_or_else(|| files.bytes(site, route), |(_, bytes)| bytes.clone());
        if kept.is_none() && key.is_some() {
            work.made.push((route.as_str().to_owned(), old.is_none_or(|(_, old)| old != bytes)));
        }
        pages.insert(route.clone(), (key, bytes));
    }
    left.pages = pages;
    left.stamps = files.files().iter().map(|entry| (entry.path.clone(), entry.stamp)).collect();
    left.listed_at = files.listed_at();
    files.write_locks(site);
    left.remembered.renew(site);
}

fn sorted(found: &Diagnostics) -> Vec<String> {
    let mut found: Vec<String> = found.iter().map(|diagnostic| format!("{diagnostic:?}")).collect();
    found.sort();
    found
}

/// The most texts that a build may read after an edit: those that may have changed, those of the pages that are made,
/// and the plain pages, which are always read.
fn most_texts_read(files: &Files, left: &Left, n_parsed: usize, made: &[&str]) -> usize {
    let is_text = |path: &SitePath| path.extension() == "md";
    let is_doubtful =
        |path: &SitePath, stamp: &Stamp| left.stamps.get(path) != Some(stamp) || !stamp.is_settled(left.listed_at);
    let texts = files.files().iter().filter(|entry| is_text(&entry.path));
    let (n_doubtful, n_texts) = texts.fold((0, 0), |(doubtful, all), entry| {
        (doubtful + usize::from(is_doubtful(&entry.path, &entry.stamp)), all + 1)
    });
    let n_pages = made.iter().filter(|route| route.matches('/').count() == 3).count();
    let n_plain = 2;
    n_doubtful + 2 * n_parsed.min(n_texts) + 2 * n_pages + n_plain
}

/// What was edited since the last build that published.
struct Edited {
    n_parsed: usize,
    /// The titles, old and new, of the texts that were edited: pages that are made and come out as they were show one
    /// of them. `None` where an edit may concern all pages.
    titles: Option<BTreeSet<String>>,
    /// Whether it is built once more.
    builds_again: bool,
}

/// The titles of all texts that are not the same in both.
fn edited_titles(old: &Contents, new: &Contents) -> BTreeSet<String> {
    let is_other = |path: &&SitePath| path.as_str().starts_with("content/") && old.get(*path) != new.get(*path);
    let text = |path: &SitePath| {
        let stem = path.as_str().split('.').next().unwrap_or_default();
        SitePath::new(format!("{stem}.md")).unwrap()
    };
    let paths: BTreeSet<SitePath> = old.keys().chain(new.keys()).filter(is_other).map(text).collect();
    let bodies = paths.iter().flat_map(|path| [old.get(path), new.get(path)]).flatten();
    let title = |body: &Vec<u8>| {
        let text = String::from_utf8_lossy(body);
        text.lines().find_map(|line| line.strip_prefix("title: ").map(str::to_owned))
    };
    bodies.filter_map(title).collect()
}

#[test]
fn after_any_edits_incremental_equals_clean() {
    (0..SEQUENCES).into_par_iter().for_each(|seed| {
        let mut author = Author::new(seed);
        let mut files = author.first_site();
        files.wait();
        let mut left = Left::default();
        assert!(!build(&mut files, &mut left).has_errors);
        let (mut good, mut edits, mut n_published) = (files.contents().clone(), Vec::new(), 0);
        let mut edited = Edited { n_parsed: 0, titles: Some(BTreeSet::new()), builds_again: false };
        while n_published < EDITS {
            // Now and then so fast that a stamp does not show it.
            if !author.now_and_then(4) {
                files.wait();
            }
            let edit = author.edit(&mut files);
            edits.push(edit.kind);
            if !author.now_and_then(4) {
                files.wait();
            }
            let context = format!("seed {seed}, {edits:?}");
            assert!(edits.len() < 4 * EDITS, "{context}: errors without end");
            edited.n_parsed = edited.n_parsed.saturating_add(edit.n_parsed);
            let titles = edited_titles(&good, files.contents());
            edited.titles = edited.titles.filter(|_| edit.kind.is_of_texts()).map(|_| titles);
            edited.builds_again = author.now_and_then(4);
            if check_edit(&mut files, &mut left, &edited, &context) {
                n_published += 1;
                good.clone_from(files.contents());
                edited = Edited { n_parsed: 0, titles: Some(BTreeSet::new()), builds_again: false };
            } else if author.now_and_then(2) {
                files.restore(&good);
            }
        }
    });
}

/// Builds what edits left and compares it with a clean build; `false` where the site has errors, which both say.
#[track_caller]
fn check_edit(files: &mut Files, left: &mut Left, edited: &Edited, context: &str) -> bool {
    let old = Left { stamps: left.stamps.clone(), listed_at: left.listed_at, ..Left::default() };
    let work = build(files, left);
    let mut clean = Left::default();
    let all = build(files, &mut clean);
    if work.has_errors {
        assert_eq!(work.found, all.found, "{context}");
        return false;
    }
    assert_eq!(all.locks_written, 0, "{context}: a clean build changes no lock");
    check_same(&left.pages, &clean.pages, context);
    assert!(work.parsed <= edited.n_parsed, "{context}: {} texts were parsed", work.parsed);
    let most = most_texts_read(files, &old, edited.n_parsed, &work.routes());
    assert!(work.texts_read <= most, "{context}: {} texts were read, not {most}: {work:?}", work.texts_read);
    if let Some(titles) = &edited.titles {
        for (route, _) in work.made.iter().filter(|(_, is_other)| !is_other) {
            let page = String::from_utf8_lossy(&left.pages[&Route::new(route.as_str()).unwrap()].1);
            let shows = titles.iter().any(|title| page.contains(title));
            assert!(shows, "{context}: {route} was made, and shows nothing of {titles:?}");
        }
    }
    if edited.builds_again {
        let again = build(files, left);
        assert_eq!((again.parsed, again.locks_written, again.routes()), (0, 0, Vec::new()), "{context}: no change");
        assert_eq!(again.found, all.found, "{context}: what is said");
        check_same(&left.pages, &clean.pages, context);
    }
    true
}

#[track_caller]
fn check_same(kept: &Pages, clean: &Pages, context: &str) {
    for (route, (_, bytes)) in clean {
        let page = kept.get(route).unwrap_or_else(|| panic!("{context}: {route} is missing"));
        assert!(page.1 == *bytes, "{context}: {route} is not what a first build makes");
    }
    assert_eq!(kept.len(), clean.len(), "{context}: pages that a first build does not make");
}

#[test]
fn one_word_costs_the_pages_that_show_it() {
    let mut files = Files::default();
    files.put("podleaf.toml", "title = 'T'\nbase_url = 'https://a.example/'\n");
    for n in 0..60 {
        let text =
            format!("---\ndate: 2024-01-{:02}\n---\n**Guest {n}:** Hello tide.\n\n**Other {n}:** Yes.\n", 1 + n % 28);
        files.put(&format!("content/s{}/e{n}.md", n % 3), text);
    }
    files.wait();
    let mut left = Left::default();
    let first = build(&mut files, &mut left);
    assert_eq!((first.parsed, first.made.len()), (60, left.pages.values().filter(|(key, _)| key.is_some()).count()));
    let again = build(&mut files, &mut left);
    assert_eq!((again.parsed, again.texts_read, again.routes()), (0, 0, Vec::new()));
    files.wait();
    let name = "content/s0/e30.md";
    let text = files.text(name).replace("tide", "wave");
    files.put(name, text);
    files.wait();
    let work = build(&mut files, &mut left);
    // The file for its record, and once more for its page.
    assert_eq!((work.parsed, work.texts_read), (1, 2), "{work:?}");
    // Its page, its two people, its show, its year, and the home page.
    let expected = ["/", "/archive/2024/", "/people/guest-30/", "/people/other-30/", "/s0/", "/s0/e30/"];
    assert!(work.routes().iter().all(|route| expected.contains(route)), "{work:?}");
    assert!(work.routes().contains(&"/s0/e30/"), "{work:?}");
}
