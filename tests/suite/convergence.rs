//! After every pause in any sequence of edits, what is served is what a build of the files would write.
//!
//! With `PODLEAF_LONG` set the edits are spread over a minute, as `tests/run` does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::command::podleaf;
use crate::preview::{PATIENCE, Server, next};
use crate::search::Index;
use crate::tree::{folder, put};

/// Each kind of edit comes once in a round; after a round there is a pause.
const N_ROUNDS: usize = 20;

type Edit = fn(&mut Writer);

const EDITS: [Edit; 18] = [
    Writer::saves_in_place,
    Writer::saves_in_two_parts,
    Writer::saves_by_renaming,
    Writer::saves_like_vim,
    Writer::saves_like_vscode,
    Writer::saves_like_sed,
    Writer::deletes,
    Writer::deletes_and_writes_again,
    Writer::renames,
    Writer::moves_a_folder,
    Writer::makes_nested_folders,
    Writer::removes_a_folder,
    Writer::checks_out,
    Writer::touches,
    Writer::edits_a_template,
    Writer::edits_static_files,
    Writer::edits_the_settings,
    Writer::edits_people,
];

/// Somebody who edits a site, always in the same way.
struct Writer {
    root: TempDir,
    seed: u64,
    n_named: usize,
}

impl Writer {
    fn new(seed: u64) -> Self {
        let mut writer = Self { root: folder(), seed, n_named: 0 };
        put(writer.root.path(), "podleaf.toml", "title = 'Night Shift'\ncards = false\n");
        put(writer.root.path(), "people.toml", "");
        put(writer.root.path(), "content/ferry/show.toml", "title = 'The Ferry'\n");
        for n in 0..24 {
            let text = writer.text();
            put(writer.root.path(), &format!("content/{}/{n:03}-first.md", ["ferry", "pier"][n % 2]), &text);
        }
        writer
    }

    fn below(&mut self, n: usize) -> usize {
        next(&mut self.seed) as usize % n
    }

    /// A name that nothing had before: in one place of each kind a name is NFD, Chinese, or has a space.
    fn name(&mut self) -> String {
        self.n_named += 1;
        let word = ["bells", "e\u{301}cluse", "打错的电话", "two words"][self.n_named % 4];
        format!("{:03}-{word}", self.n_named + 100)
    }

    /// An episode of a dozen turns.
    fn text(&mut self) -> String {
        let mut text = String::new();
        if self.below(2) == 0 {
            let (day, number) = (1 + self.below(28), self.below(900));
            let topic = ["ropes", "tides", "gulls"][self.below(3)];
            text.push_str(&format!("+++\ntitle = 'Number {number}'\ndate = 2024-03-{day:02}\ntags = ['{topic}']\n"));
            text.push_str(if self.below(8) == 0 { "draft = true\n+++\n" } else { "+++\n" });
        }
        for _ in 0..12 {
            text.push_str(&self.turn());
        }
        text
    }

    fn turn(&mut self) -> String {
        let name = ["Ann Lee", "Bo Dahl", "Cy Orr", "Di Sand"][self.below(4)];
        let words = ["tide", "rope", "moon", "harbour", "gull", "lamp"];
        let said: Vec<&str> = (0..4 + self.below(9)).map(|_| words[self.below(6)]).collect();
        format!("**{name}:** {} {}.\n\n", said.join(" "), self.below(100_000))
    }

    /// A text that was edited: here a word, there a title, a turn more or less, or another text altogether.
    fn edited(&mut self, text: &str) -> String {
        let mut turns: Vec<String> = text.split_inclusive("\n\n").map(str::to_owned).collect();
        let at = self.below(turns.len());
        match self.below(8) {
            0 => return self.text(),
            1 => turns.insert(at.max(1), self.turn()),
            2 if turns.len() > 6 => _ = turns.remove(at.max(1)),
            3 => turns[0] = turns[0].replace("Number ", "Number 1"),
            4 => turns[at] = turns[at].replace("Ann Lee", "Ed Wood"),
            _ => turns[at] = turns[at].replace("tide", "ebb").replace("rope", "line").replace("moon", "sun"),
        }
        turns.concat()
    }

    fn files(&self, folder: &str, extension: &str) -> Vec<PathBuf> {
        let all = WalkDir::new(self.root.path().join(folder)).sort_by_file_name().into_iter().filter_map(Result::ok);
        all.map(walkdir::DirEntry::into_path).filter(|path| path.extension().is_some_and(|e| e == extension)).collect()
    }

    fn episode(&mut self) -> PathBuf {
        let all = self.files("content", "md");
        all[self.below(all.len())].clone()
    }

    /// An episode and what it is to say.
    fn save(&mut self) -> (PathBuf, String) {
        let path = self.episode();
        let old = fs::read_to_string(&path).unwrap();
        let text = self.edited(&old);
        (path, text)
    }

    fn saves_in_place(&mut self) {
        let (path, text) = self.save();
        fs::write(path, text).unwrap();
    }

    fn saves_in_two_parts(&mut self) {
        let (path, text) = self.save();
        let middle = text.floor_char_boundary(text.len() / 2);
        fs::write(&path, &text[..middle]).unwrap();
        std::thread::sleep(Duration::from_millis(30));
        fs::write(&path, &text).unwrap();
    }

    fn saves_by_renaming(&mut self) {
        let (path, text) = self.save();
        let other = path.with_file_name(".saving");
        fs::write(&other, text).unwrap();
        fs::rename(other, path).unwrap();
    }

    fn saves_like_vim(&mut self) {
        let (path, text) = self.save();
        let probe = path.with_file_name("4913");
        fs::write(&probe, "").unwrap();
        fs::remove_file(probe).unwrap();
        let backup = PathBuf::from(format!("{}~", path.display()));
        fs::rename(&path, &backup).unwrap();
        fs::write(path, text).unwrap();
        fs::remove_file(backup).unwrap();
    }

    fn saves_like_vscode(&mut self) {
        let (path, text) = self.save();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(0).unwrap();
        std::io::Write::write_all(&mut &file, text.as_bytes()).unwrap();
    }

    fn saves_like_sed(&mut self) {
        let (path, text) = self.save();
        let other = path.with_file_name("sedAb12Cd");
        fs::write(&other, text).unwrap();
        fs::rename(other, path).unwrap();
    }

    fn deletes(&mut self) {
        let path = self.episode();
        fs::remove_file(&path).unwrap();
        let (name, text) = (self.name(), self.text());
        fs::write(path.with_file_name(format!("{name}.md")), text).unwrap();
    }

    fn deletes_and_writes_again(&mut self) {
        let (path, text) = self.save();
        fs::remove_file(&path).unwrap();
        std::thread::sleep(Duration::from_millis(30));
        fs::write(path, text).unwrap();
    }

    fn renames(&mut self) {
        let (path, name) = (self.episode(), self.name());
        if path.file_stem().is_some_and(|stem| stem != "index") {
            fs::rename(&path, path.with_file_name(format!("{name}.md"))).unwrap();
        }
    }

    fn moves_a_folder(&mut self) {
        let entries = fs::read_dir(self.root.path().join("content")).unwrap();
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        let folder = folders[self.below(folders.len())].clone();
        self.n_named += 1;
        fs::rename(&folder, folder.with_file_name(format!("quay-{}", self.n_named))).unwrap();
    }

    fn makes_nested_folders(&mut self) {
        let (name, text) = (self.name(), self.text());
        self.n_named += 1;
        put(self.root.path(), &format!("content/dock-{}/{name}/index.md", self.n_named % 3), &text);
    }

    fn removes_a_folder(&mut self) {
        let entries = fs::read_dir(self.root.path().join("content")).unwrap();
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        if folders.len() > 3 {
            fs::remove_dir_all(&folders[0]).unwrap();
            let (name, text) = (self.name(), self.text());
            put(&folders[1], &format!("{name}.md"), &text);
        }
    }

    /// Git unlinks and writes each file that differs.
    fn checks_out(&mut self) {
        for path in self.files("content", "md") {
            if self.below(2) == 0 {
                let text = self.edited(&fs::read_to_string(&path).unwrap());
                fs::remove_file(&path).unwrap();
                fs::write(&path, text).unwrap();
            }
        }
    }

    fn touches(&mut self) {
        let path = self.episode();
        fs::File::open(path).unwrap().set_modified(std::time::SystemTime::now()).unwrap();
    }

    fn edits_a_template(&mut self) {
        let (name, number) = (["not_found.html", "directory.html"][self.below(2)], self.below(1000));
        let path = self.root.path().join("templates").join(name);
        if path.exists() && self.below(3) == 0 {
            fs::remove_file(path).unwrap();
        } else {
            put(self.root.path(), &format!("templates/{name}"), &format!("<p>Template {number}.</p></body>"));
        }
    }

    fn edits_static_files(&mut self) {
        let (kind, number) = (self.below(3), self.below(1000));
        let name = ["static/note.txt", "static/css/own.css", "static/far/off/picture.svg"][kind];
        let path = self.root.path().join(name);
        if path.exists() && self.below(3) == 0 {
            fs::remove_file(path).unwrap();
        } else {
            put(self.root.path(), name, &format!("/* {number} */\n"));
        }
    }

    fn edits_the_settings(&mut self) {
        let (number, size) = (self.below(1000), 10 + self.below(10));
        put(
            self.root.path(),
            "podleaf.toml",
            &format!("title = 'Night {number}'\npage_size = {size}\ncards = false\n"),
        );
    }

    fn edits_people(&mut self) {
        let name = ["Ann", "A. Lee", "Ann of the Ferry"][self.below(3)];
        put(self.root.path(), "people.toml", &format!("[ann]\nname = '{name}'\naliases = ['Ann Lee']\n"));
    }
}

/// What a build of the site as it is now writes for this address; in a copy, or where the site is.
fn build(root: &Path, server: &Server, in_place: bool) -> BTreeMap<String, Vec<u8>> {
    let copy = folder();
    if !in_place {
        for entry in WalkDir::new(root).min_depth(1).into_iter().filter_map(Result::ok) {
            let to = copy.path().join(entry.path().strip_prefix(root).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir_all(to).unwrap();
            } else {
                // What is remembered is replaced now and then.
                _ = fs::copy(entry.path(), to);
            }
        }
    }
    let (out, from) = (folder(), if in_place { root } else { copy.path() });
    let out = out.path().join("out");
    let built = podleaf(from, &["build", "-q", "-o", out.to_str().unwrap(), "--base-url", &server.address()]);
    assert_eq!(built.code, 0, "{}", built.said);
    let files = WalkDir::new(&out).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
    let file = |entry: walkdir::DirEntry| {
        let name = entry.path().strip_prefix(&out).unwrap().to_str().unwrap().to_owned();
        (name, fs::read(entry.path()).unwrap())
    };
    files.map(file).filter(|(name, _)| name != podleaf::output::MANIFEST).collect()
}

const INDEX: &str = "search/index/";

/// The first file that is served otherwise than it is built, and how.
fn difference(server: &Server, built: &BTreeMap<String, Vec<u8>>, ever: &BTreeSet<String>) -> Option<String> {
    let path = |file: &str| {
        let route = file.strip_suffix("index.html").filter(|folder| folder.is_empty() || folder.ends_with('/'));
        format!("{}{}", server.base, podleaf::path::percent_encoded(route.unwrap_or(file)))
    };
    // A preview cuts its index elsewhere: the words in it are compared.
    let is_index = |file: &str| file.starts_with(INDEX);
    for (file, bytes) in built.iter().filter(|(file, _)| !is_index(file)) {
        let answer = server.get(&path(file));
        if answer.status != 200 {
            return Some(format!("{file}: {}", answer.status));
        }
        let served = answer.as_built();
        if served != *bytes {
            let at = served.iter().zip(bytes).take_while(|(one, two)| one == two).count();
            let part = |all: &[u8]| {
                let end = all.len().min(at + 200);
                String::from_utf8_lossy(&all[at.saturating_sub(200).min(end)..end]).into_owned()
            };
            return Some(format!("{file}: served\n{}\nbuilt\n{}", part(&served), part(bytes)));
        }
    }
    let gone = ever.iter().filter(|file| !built.contains_key(*file) && !is_index(file));
    let there = gone.map(|file| (file, server.get(&path(file)).status)).find(|(_, status)| *status != 404);
    if let Some((file, status)) = there {
        return Some(format!("{file} is gone, and answers {status}"));
    }
    let served = Index::read(|name| server.get(&path(&format!("{INDEX}{name}"))).body);
    let published = Index::packed(|name| built[&format!("{INDEX}{name}")].clone());
    (served.by_route() != published.by_route()).then(|| "the index has other words".to_owned())
}

/// Edits a site in all ways, again and again; `round` makes a round's edits.
fn converges(seed: u64, arguments: &[&str], mut round: impl FnMut(&Server, &mut dyn FnMut())) {
    let mut writer = Writer::new(seed);
    let root = writer.root.path().to_owned();
    let mut server = Server::start(&root, arguments);
    let pause = if std::env::var_os("PODLEAF_LONG").is_some() { 60_000 / (N_ROUNDS * EDITS.len()) } else { 0 };
    let mut ever = BTreeSet::new();
    for number in 0..N_ROUNDS {
        round(&server, &mut || {
            let mut left = EDITS.to_vec();
            while !left.is_empty() {
                let edit = left.remove(writer.below(left.len()));
                edit(&mut writer);
                std::thread::sleep(Duration::from_millis((writer.below(40) + pause) as u64));
            }
        });
        let started = Instant::now();
        loop {
            std::thread::sleep(Duration::from_millis(150));
            let built = build(&root, &server, number % 4 == 2);
            let Some(found) = difference(&server, &built, &ever) else {
                assert!(built.len() > 30, "{}", built.len());
                ever.extend(built.into_keys());
                break;
            };
            assert!(started.elapsed() < PATIENCE, "round {number}: {found}\n{}", server.said());
        }
    }
    server.check_alive();
}

#[test]
fn g85_to_g99_the_preview_follows_any_edits() {
    converges(1, &[], |_, edits| edits());
}

#[test]
fn g102_the_preview_follows_edits_whose_events_are_lost() {
    let limit = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let limit: usize = limit.trim().parse().unwrap();
    let mut is_odd = false;
    converges(2, &[], |server, edits| {
        is_odd = !is_odd;
        if !is_odd {
            return edits();
        }
        // While the server stands still, its queue of events fills up: what comes then is lost. Each write of one file
        // after another is two events.
        server.signal(Signal::STOP);
        let root = &server.root;
        for n in 0..limit / 2 + 100 {
            fs::write(root.join(format!("storm-{}.md", n % 2)), "x").unwrap();
        }
        for n in 0..2 {
            fs::remove_file(root.join(format!("storm-{n}.md"))).unwrap();
        }
        edits();
        server.signal(Signal::CONT);
    });
}

#[test]
fn g102_the_preview_follows_any_edits_without_events() {
    converges(3, &["--poll=20"], |_, edits| edits());
}
