//! Incremental equals clean: after any edits, what is kept and made again is what a first build would make of the same
//! sources and locks, and it costs what changed.

use std::collections::BTreeMap;

use podleaf::diagnostic::Diagnostics;
use podleaf::hash::ContentHash;
use podleaf::model::time::Day;
use podleaf::path::{Route, SitePath};
use podleaf::site::{Request, Site};
use podleaf::source::{Stamp, World};
use rayon::prelude::*;

use crate::edits::Author;
use crate::world::{Files, Remembered};

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
#[derive(Default)]
struct Edited {
    n_parsed: usize,
    /// Pages that may be made and come out as they were.
    n_in_vain: usize,
    /// Whether it is built once more.
    builds_again: bool,
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
        let mut edited = Edited::default();
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
            edited.n_in_vain = edited.n_in_vain.saturating_add(edit.n_in_vain);
            edited.builds_again = author.now_and_then(8);
            if check_edit(&mut files, &mut left, &edited, &context) {
                n_published += 1;
                good.clone_from(files.contents());
                edited = Edited::default();
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
    let n_in_vain = work.made.iter().filter(|(route, is_other)| route.ends_with('/') && !is_other).count();
    assert!(n_in_vain <= edited.n_in_vain, "{context}: {n_in_vain} pages were made in vain: {work:?}");
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

const FILE: &str = "content/s0/e30.md";

/// What an edit of one of sixty episodes costs: texts that are parsed, texts that are read, and pages that are made;
/// of the pages those that show it wherever it stands, and `more`.
#[track_caller]
fn check_cost(edit: impl Fn(&mut Files), n_parsed: usize, n_read: usize, more: &[&str]) {
    let mut files = Files::default();
    files.put("podleaf.toml", "title = 'T'\nbase_url = 'https://a.example/'\ncards = false\n");
    files.put("people.toml", "[guest-30]\nname = 'Guest 30'\n");
    (0..3).for_each(|show| files.put(&format!("content/s{show}/show.toml"), format!("title = 'S{show}'\n")));
    for n in 0..60 {
        // Each show has a recording, and so its feeds.
        let audio = format!("audio: https://media.example/e{n}.mp3\naudio_length: 9\nduration: 60\n");
        let audio = if n < 3 { audio } else { String::new() };
        let head = format!("---\ntitle: E{n}\ndate: 202{}-01-{:02}\n{audio}---\n", n / 20, 1 + n % 20);
        let text = format!("{head}**Guest {n}:** Hello tide.\n\n**Other {n}:** Yes.\n");
        files.put(&format!("content/s{}/e{n}.md", n % 3), text);
    }
    files.wait();
    let mut left = Left::default();
    let first = build(&mut files, &mut left);
    let n_keys = left.pages.values().filter(|(key, _)| key.is_some()).count();
    assert_eq!((first.parsed, first.made.len()), (60, n_keys));
    let again = build(&mut files, &mut left);
    assert_eq!((again.parsed, again.texts_read, again.routes()), (0, 0, Vec::new()));
    files.wait();
    edit(&mut files);
    files.wait();
    let work = build(&mut files, &mut left);
    assert!(work.parsed <= n_parsed && work.texts_read <= n_read, "{} parsed, {} read", work.parsed, work.texts_read);
    let lists = ["/", "/archive/2021/", "/s0/", "/people/guest-30/", "/people/other-30/", "/s0/e30/"];
    // The files beside a page are those of what it shows.
    let page = |route: &str| route[..=route.rfind('/').unwrap()].to_owned();
    let is_known = |route: &str| lists.contains(&route) || more.contains(&route);
    let others: Vec<&str> = work.routes().into_iter().filter(|route| !is_known(route)).collect();
    assert!(others.iter().all(|route| *route != page(route) && is_known(&page(route))), "{others:?}");
}

#[test]
fn an_edit_costs_the_pages_that_show_it() {
    let replace = |files: &mut Files, from: &str, to: &str| files.put(FILE, files.text(FILE).replace(from, to));
    // The file for its record, and once more for its page.
    check_cost(|files| replace(files, "tide", "wave"), 1, 2, &[]);
    // Its neighbours show its title.
    check_cost(|files| replace(files, "title: E30", "title: New"), 1, 4, &["/s0/e27/", "/s0/e33/"]);
    check_cost(|files| files.rename(FILE, "content/s0/x.md"), 1, 2, &[]);
    let moved = ["/s0/e27/", "/s0/e33/", "/s1/", "/s1/e28/", "/s1/e30/", "/s1/e31/", "/search/"];
    check_cost(|files| files.rename(FILE, "content/s1/x.md"), 1, 6, &moved);
    // What is to be said of the recording depends on the text.
    check_cost(|files| files.put("content/s0/e30.mp3", "sound"), 1, 2, &["/s0/e30/e30.mp3"]);
    // The file for the list of pages, for its page, and for the page as Markdown.
    check_cost(|files| files.put("content/pages/more.md", "More.\n"), 0, 3, &["/more/"]);
    check_cost(|files| files.put("static/a.svg", "<svg/>"), 0, 0, &["/a.svg"]);
    check_cost(|files| files.put("content/s0/show.toml", "title = 'S0'\n"), 0, 0, &[]);
    check_cost(
        |files| files.put("people.toml", "[guest-30]\nname = 'Guest 30'\nbio = 'Keeps the light.'\n"),
        0,
        1,
        &["/people/", "/search/"],
    );
    check_cost(
        |files| {
            let lock = files.text("content/s0/show.lock").replace("/s0/e30/", "/s0/x30/");
            files.put("content/s0/show.lock", lock);
        },
        0,
        3,
        &["/s0/x30/", "/s0/e27/", "/s0/e33/"],
    );
    // All other episodes have another place in the archive then, which is nothing to their pages.
    let others = ["/s0/e27/", "/s0/e33/", "/s0/new/", "/people/", "/search/"];
    check_cost(|files| replace(files, "date:", "draft: true\ndate:"), 1, 4, &others);
    check_cost(|files| _ = files.remove(FILE), 0, 4, &others);
    check_cost(|files| files.put("content/s0/new.md", files.text(FILE)), 1, 6, &others);
}
