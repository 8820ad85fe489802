//! Incremental equals clean: after any edits, what is kept and made again is what a first build would make.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use podleaf::hash::ContentHash;
use podleaf::memo::{self, Memo};
use podleaf::output::Body;
use podleaf::path::{Route, SitePath};
use podleaf::site::{Request, Site};
use podleaf::source::{FileEntry, ReadFault, Stamp, World};
use rayon::prelude::*;

const SEQUENCES: u64 = 300;
const EDITS: usize = 10;
/// Between two edits, for stamps that are believed at once.
const AN_AGE: i64 = 10_000_000_000;

/// Files in memory, with stamps as a file system gives them.
#[derive(Default)]
struct Files {
    files: BTreeMap<SitePath, (Vec<u8>, Stamp)>,
    list: Vec<FileEntry>,
    clock: i64,
    texts_read: AtomicUsize,
}

impl Files {
    fn put(&mut self, name: &str, text: impl Into<String>) {
        let text = text.into().into_bytes();
        let inode = self.files.len() as u64 + 7;
        let stamp = Stamp { size: text.len() as u64, modified: self.clock, changed: self.clock, inode };
        self.files.insert(SitePath::new(name).unwrap(), (text, stamp));
        self.relist();
    }

    fn remove(&mut self, name: &SitePath) -> Vec<u8> {
        let (bytes, _) = self.files.remove(name).unwrap();
        self.relist();
        bytes
    }

    fn relist(&mut self) {
        let entry =
            |(path, (_, stamp)): (&SitePath, &(Vec<u8>, Stamp))| FileEntry { path: path.clone(), stamp: *stamp };
        self.list = self.files.iter().map(entry).collect();
    }

    fn text(&self, name: &SitePath) -> String {
        String::from_utf8(self.files[name].0.clone()).unwrap()
    }

    fn episodes(&self) -> Vec<SitePath> {
        let is_episode = |path: &&SitePath| path.as_str().starts_with("content/") && path.extension() == "md";
        let is_page = |path: &&SitePath| path.as_str().starts_with("content/pages/");
        self.files.keys().filter(is_episode).filter(|path| !is_page(path)).cloned().collect()
    }
}

impl World for Files {
    fn content_root(&self) -> &str {
        "content"
    }

    fn files(&self) -> &[FileEntry] {
        &self.list
    }

    fn listed_at(&self) -> i64 {
        self.clock + AN_AGE / 2
    }

    fn read(&self, path: &SitePath) -> Result<Vec<u8>, ReadFault> {
        if path.extension() == "md" {
            self.texts_read.fetch_add(1, Ordering::Relaxed);
        }
        let found = self.files.get(path).map(|(bytes, _)| bytes.clone());
        found.ok_or_else(|| ReadFault { reason: "not there".to_owned() })
    }
}

/// What a build leaves for the next one.
#[derive(Default)]
struct Left {
    shards: BTreeMap<usize, Vec<u8>>,
    pages: BTreeMap<Route, (Option<ContentHash>, Vec<u8>)>,
}

/// What a build did.
#[derive(Debug, PartialEq)]
struct Work {
    parsed: usize,
    made: Vec<String>,
    texts_read: usize,
}

/// Builds as the command does: what has the key that it had is kept.
fn build(world: &Files, left: &mut Left) -> Work {
    world.texts_read.store(0, Ordering::Relaxed);
    let memo = Memo::new(left.shards.values().filter_map(|bytes| memo::decode(bytes)).collect::<Vec<_>>());
    let (site, diagnostics) = Site::open(world, &Request::default(), memo);
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let site = site.unwrap();
    left.shards.extend(site.changed_shards().into_iter().map(|shard| (shard, site.shard(shard))));
    let mut made = Vec::new();
    let mut pages = BTreeMap::new();
    for route in site.routes() {
        let key = site.key(world, route);
        let kept = left.pages.remove(route).filter(|(old, _)| key.is_some() && *old == key);
        let page = kept.unwrap_or_else(|| {
            if key.is_some() {
                made.push(route.as_str().to_owned());
            }
            let bytes = match site.render(world, route).unwrap().body {
                Body::Bytes(bytes) => bytes,
                Body::Copy(path) => world.read(&path).unwrap(),
            };
            (key, bytes)
        });
        pages.insert(route.clone(), page);
    }
    left.pages = pages;
    Work { parsed: site.counts().parsed, made, texts_read: world.texts_read.load(Ordering::Relaxed) }
}

/// A small generator: sequences are the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())].clone()
    }
}

const NAMES: [&str; 5] = ["Ann Lark", "Bo Reed", "Cid Moss", "陆小满", "Dan Fell"];
const WORDS: [&str; 8] = ["tide", "piano", "lighthouse", "我们", "umbrella", "ferry", "clock", "[two](two.md)"];

fn episode(dice: &mut Dice) -> String {
    let mut text = format!(
        "---\ntitle: {} {}\ndate: 202{}-0{}-1{}\ntags: [{}]\n---\n",
        dice.pick(&WORDS[..7]),
        dice.roll(1000),
        dice.roll(4),
        1 + dice.roll(9),
        dice.roll(9),
        dice.pick(&["sea", "land"])
    );
    let (host, guest) = (dice.pick(&NAMES), dice.pick(&NAMES));
    for turn in 0..3 + dice.roll(4) {
        if turn == 2 {
            text.push_str(&format!("## {}\n\n", dice.pick(&WORDS[..7])));
        }
        let name = if turn % 2 == 0 { host } else { guest };
        text.push_str(&format!("**{name}:** The {} and the {}.\n\n", dice.pick(&WORDS), dice.pick(&WORDS)));
    }
    text
}

fn first_site(dice: &mut Dice) -> Files {
    let mut files = Files { clock: AN_AGE, ..Files::default() };
    files.put("podleaf.toml", "title = 'T'\nbase_url = 'https://a.example/'\npage_size = 10\n");
    files.put("content/pages/about.md", "+++\nmenu = 1\n+++\nSee [one](../one/a.md).\n");
    for name in ["content/one/a.md", "content/one/two.md", "content/two/c.md", "content/two/d.md"] {
        let text = episode(dice);
        files.put(name, text);
    }
    files
}

/// One edit, and its name.
fn edit(files: &mut Files, dice: &mut Dice) -> &'static str {
    files.clock += AN_AGE;
    let episodes = files.episodes();
    let any = dice.pick(&episodes);
    let new_name = |dice: &mut Dice| format!("content/{}/e{}.md", dice.pick(&["one", "two", "three"]), dice.roll(1000));
    match dice.roll(14) {
        0 | 1 => {
            let (from, to) = (dice.pick(&["tide", "piano", "The", "and"]), dice.pick(&["wave", "organ", "Some", "or"]));
            let text = files.text(&any).replacen(from, to, 1);
            files.put(any.as_str(), text);
            "word"
        }
        2 => {
            let (name, text) = (new_name(dice), episode(dice));
            files.put(&name, text);
            "add"
        }
        3 if episodes.len() > 2 => {
            files.remove(&any);
            "delete"
        }
        4 => {
            let bytes = files.remove(&any);
            let name = new_name(dice);
            files.put(&name, String::from_utf8(bytes).unwrap());
            "rename or move"
        }
        5 => {
            let text = files.text(&any);
            files.put(any.as_str(), text);
            "touch"
        }
        6 => {
            let mark = dice.roll(1000);
            let text = format!("{{% component legend(entries: array) %}}<b>{mark}</b>{{% endcomponent legend %}}");
            files.put("templates/components/legend.html", text);
            "component"
        }
        7 => {
            let text = format!(
                "title = 'T{}'\nbase_url = 'https://a.example/'\npage_size = 1{}\n",
                dice.roll(9),
                dice.roll(3)
            );
            files.put("podleaf.toml", text);
            "config"
        }
        8 => {
            let text =
                format!("[ann]\nname = 'Ann Lark'\nbio = 'Keeper {}'\ncolor = {}\n", dice.roll(99), 1 + dice.roll(8));
            files.put("people.toml", text);
            "people"
        }
        9 => {
            let show = dice.pick(&["one", "two"]);
            files.put(
                &format!("content/{show}/show.toml"),
                format!("title = 'Show {}'\nhosts = ['Bo Reed']\n", dice.roll(99)),
            );
            "show"
        }
        10 => {
            files.put("static/logo.svg", format!("<svg>{}</svg>", dice.roll(99)));
            "static"
        }
        11 => {
            let text = files.text(&any).replacen("---\n", "---\ndraft: true\n", 1);
            let text = if files.text(&any).contains("draft: true\n") {
                files.text(&any).replace("draft: true\n", "")
            } else {
                text
            };
            files.put(any.as_str(), text);
            "draft"
        }
        12 => {
            files.put(
                "content/pages/about.md",
                format!("+++\ntitle = 'About {}'\nmenu = 1\n+++\n[a](../one/a.md)\n", dice.roll(9)),
            );
            "plain page"
        }
        _ => {
            files.put("templates/i18n/en.toml", format!("who_speaks = 'Voices {}'\n", dice.roll(99)));
            "words"
        }
    }
}

#[test]
fn after_any_edits_incremental_equals_clean() {
    (0..SEQUENCES).into_par_iter().for_each(|seed| {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut files = first_site(&mut dice);
        let mut left = Left::default();
        build(&files, &mut left);
        let mut edits = Vec::new();
        for _ in 0..EDITS {
            edits.push(edit(&mut files, &mut dice));
            let work = build(&files, &mut left);
            let mut clean = Left::default();
            let all = build(&files, &mut clean);
            for (route, (_, bytes)) in &clean.pages {
                let kept = &left.pages[route].1;
                assert!(kept == bytes, "seed {seed}, after {edits:?}: {route} is not what a first build makes");
            }
            assert_eq!(left.pages.len(), clean.pages.len(), "seed {seed}, after {edits:?}");
            let n_parsed = match *edits.last().unwrap() {
                "touch" | "component" | "static" | "plain page" | "words" | "delete" => 0,
                "word" | "add" | "rename or move" | "draft" => 1,
                _ => all.parsed,
            };
            assert!(work.parsed <= n_parsed, "seed {seed}, after {edits:?}: {} texts were parsed", work.parsed);
            if edits.last() == Some(&"touch") {
                assert!(work.made.is_empty() && work.texts_read <= 2, "seed {seed}: {work:?}");
            }
        }
    });
}

#[test]
fn one_word_costs_the_pages_that_show_it() {
    let mut files = Files { clock: AN_AGE, ..Files::default() };
    files.put("podleaf.toml", "title = 'T'\nbase_url = 'https://a.example/'\n");
    for n in 0..60 {
        let text =
            format!("---\ndate: 2024-01-{:02}\n---\n**Guest {n}:** Hello tide.\n\n**Other {n}:** Yes.\n", 1 + n % 28);
        files.put(&format!("content/s{}/e{n}.md", n % 3), text);
    }
    let mut left = Left::default();
    let first = build(&files, &mut left);
    assert_eq!((first.parsed, first.made.len()), (60, left.pages.values().filter(|(key, _)| key.is_some()).count()));
    assert_eq!(build(&files, &mut left), Work { parsed: 0, made: Vec::new(), texts_read: 0 });
    files.clock += AN_AGE;
    let name = SitePath::new("content/s0/e30.md").unwrap();
    let text = files.text(&name).replace("tide", "wave");
    files.put(name.as_str(), text);
    let work = build(&files, &mut left);
    // The file for its record, and once more for its page.
    assert_eq!((work.parsed, work.texts_read), (1, 2), "{work:?}");
    // Its page, its two people, its show, its year, and the home page.
    let made: Vec<&str> = work.made.iter().map(String::as_str).collect();
    let expected = ["/", "/archive/2024/", "/people/guest-30/", "/people/other-30/", "/s0/", "/s0/e30/"];
    assert!(made.iter().all(|route| expected.contains(route)), "{made:?}");
    assert!(made.contains(&"/s0/e30/"), "{made:?}");
}
