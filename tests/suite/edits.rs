//! What people do to a site: edits at random, the same for the same seed.

use image::ImageFormat;
use podleaf::path::SitePath;

use crate::pictures::picture;
use crate::world::Files;

/// What was edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Touch,
    Word,
    Turns,
    Speaker,
    FrontMatter,
    Draft,
    Add,
    Delete,
    Return,
    Rename,
    Move,
    Swap,
    Notes,
    Media,
    Template,
    Component,
    Words,
    Config,
    People,
    Show,
    Static,
    Page,
    Lock,
}

const KINDS: [Kind; 29] = [
    Kind::Touch,
    Kind::Word,
    Kind::Word,
    Kind::Turns,
    Kind::Turns,
    Kind::Speaker,
    Kind::FrontMatter,
    Kind::Draft,
    Kind::Add,
    Kind::Add,
    Kind::Delete,
    Kind::Return,
    Kind::Rename,
    Kind::Rename,
    Kind::Move,
    Kind::Move,
    Kind::Swap,
    Kind::Notes,
    Kind::Media,
    Kind::Template,
    Kind::Component,
    Kind::Words,
    Kind::Config,
    Kind::People,
    Kind::Show,
    Kind::Static,
    Kind::Page,
    Kind::Lock,
    Kind::Lock,
];

/// An edit, and what it may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Edit {
    pub(crate) kind: Kind,
    /// Texts that are parsed.
    pub(crate) n_parsed: usize,
    /// Pages that are made and come out as they were.
    pub(crate) n_in_vain: usize,
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
const WORDS: [&str; 9] = ["tide", "piano", "lighthouse", "我们", "umbrella", "ferry", "clock", "gull", "[two](two.md)"];
const SHOWS: [&str; 3] = ["one", "two", "three"];

/// Who edits a site.
pub(crate) struct Author {
    dice: Dice,
    /// Few sites have drawn pictures: to make them takes a debug build longer than all the rest.
    has_cards: bool,
    /// Texts that were deleted, with their names.
    trash: Vec<(String, Vec<u8>)>,
    /// Locks as they once were, with their names.
    old_locks: Vec<(String, String)>,
}

impl Author {
    pub(crate) fn new(seed: u64) -> Self {
        let dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        Self { dice, has_cards: seed.is_multiple_of(32), trash: Vec::new(), old_locks: Vec::new() }
    }

    /// Whether the author does something now, one time out of `sides`.
    pub(crate) fn now_and_then(&mut self, sides: usize) -> bool {
        self.dice.roll(sides) == 0
    }

    /// A small site.
    pub(crate) fn first_site(&mut self) -> Files {
        let mut files = Files::default();
        files.put("podleaf.toml", self.config("T", 10));
        files.put("content/pages/about.md", "+++\nmenu = 1\n+++\nSee [one](../one/a.md).\n");
        for name in ["content/one/a.md", "content/one/two.md", "content/two/c.md", "content/two/d.md"] {
            files.put(name, self.episode());
        }
        // A show without a picture has a cover that is drawn, which takes as long as cards.
        for show in ["one", "two"].into_iter().filter(|_| !self.has_cards) {
            files.put(&format!("content/{show}/show.toml"), self.show(0));
            files.put(&format!("content/{show}/front.png"), picture(1, 1, ImageFormat::Png));
        }
        files
    }

    fn config(&self, title: &str, page_size: usize) -> String {
        let cards = self.has_cards;
        format!("title = '{title}'\nbase_url = 'https://a.example/'\npage_size = {page_size}\ncards = {cards}\n")
    }

    fn show(&self, number: usize) -> String {
        let image = if self.has_cards { "" } else { "image = 'front.png'\n" };
        format!("title = 'Show {number}'\nhosts = ['Bo Reed']\n{image}")
    }

    fn episode(&mut self) -> String {
        let dice = &mut self.dice;
        let mut text = format!(
            "---\ntitle: {} {}\ndate: 202{}-0{}-1{}\ntags: [{}]\n---\n",
            dice.pick(&WORDS[..8]),
            dice.roll(1000),
            dice.roll(4),
            1 + dice.roll(9),
            dice.roll(9),
            dice.pick(&["sea", "land"])
        );
        let names = [dice.pick(&NAMES), dice.pick(&NAMES)];
        for turn in 0..3 + self.dice.roll(5) {
            if turn == 2 {
                text.push_str(&format!("## {}\n\n", self.dice.pick(&WORDS[..8])));
            }
            text.push_str(&self.turn(names[turn % 2]));
        }
        text
    }

    fn turn(&mut self, name: &str) -> String {
        let dice = &mut self.dice;
        format!("**{name}:** The {} and the {} {}.\n\n", dice.pick(&WORDS), dice.pick(&WORDS), dice.roll(50))
    }

    fn new_name(&mut self, show: &str) -> String {
        format!("content/{show}/e{}.md", self.dice.roll(1000))
    }

    /// Does one thing to a site.
    pub(crate) fn edit(&mut self, files: &mut Files) -> Edit {
        let locks = locks(files);
        self.old_locks.extend(locks.iter().map(|name| (name.clone(), files.text(name))));
        let episodes = episodes(files);
        let any = self.dice.pick(&episodes);
        let text = files.text(&any);
        let show = any.split('/').nth(1).unwrap_or_default().to_owned();
        let kind = self.dice.pick(&KINDS);
        match kind {
            Kind::Touch => files.put(&any, text),
            Kind::Word => {
                let from = self.dice.pick(&["tide", "piano", "gull", "The", "and"]);
                let to = self.dice.pick(&["wave", "organ", "bird", "Some", "or"]);
                files.put(&any, text.replacen(from, to, 1));
            }
            Kind::Turns => files.put(&any, self.other_turns(&text)),
            Kind::Speaker => {
                let (from, to) = (self.dice.pick(&NAMES), self.dice.pick(&NAMES));
                files.put(&any, text.replace(&format!("**{from}:**"), &format!("**{to}:**")));
            }
            Kind::FrontMatter => files.put(&any, self.other_front_matter(&text)),
            Kind::Draft if text.contains("draft: true\n") => files.put(&any, text.replace("draft: true\n", "")),
            Kind::Draft => files.put(&any, text.replacen("---\n", "---\ndraft: true\n", 1)),
            Kind::Add => {
                let show = self.dice.pick(&SHOWS);
                let name = self.new_name(show);
                files.put(&name, self.episode());
            }
            Kind::Delete if episodes.len() > 2 => self.trash.push((any.clone(), files.remove(&any))),
            Kind::Delete => {}
            Kind::Return => {
                if let Some((name, body)) = self.trash.pop() {
                    files.put(&name, body);
                }
            }
            Kind::Rename => files.rename(&any, &self.new_name(&show)),
            Kind::Move => {
                let show = self.dice.pick(&SHOWS);
                files.rename(&any, &self.new_name(show));
            }
            Kind::Swap => {
                let other = self.dice.pick(&episodes);
                let body = files.text(&other);
                files.put(&any, body);
                files.put(&other, text);
            }
            Kind::Notes => {
                let name = any.replace(".md", ".summary.md");
                let words = format!("+++\ndescription = 'Number {}'\n+++\n", self.dice.roll(99));
                if files.has(&name) { _ = files.remove(&name) } else { files.put(&name, words) }
            }
            Kind::Media => files.put(&any.replace(".md", ".mp3"), format!("sound {}", self.dice.roll(99))),
            Kind::Template => self.template(files),
            Kind::Component => {
                let mark = self.dice.roll(1000);
                let text = format!("{{% component legend(entries: array) %}}<b>{mark}</b>{{% endcomponent legend %}}");
                files.put("templates/components/legend.html", text);
            }
            Kind::Words => files.put("templates/i18n/en.toml", format!("who_speaks = 'V{}'\n", self.dice.roll(99))),
            Kind::Config => {
                let (title, size) = (self.dice.roll(9), 10 + self.dice.roll(3));
                files.put("podleaf.toml", self.config(&format!("T{title}"), size));
            }
            Kind::People | Kind::Show => return self.settings(kind, files),
            Kind::Static if files.has("static/logo.svg") && self.now_and_then(3) => _ = files.remove("static/logo.svg"),
            Kind::Static => files.put("static/logo.svg", format!("<svg>{}</svg>", self.dice.roll(99))),
            Kind::Page => {
                let text = format!("+++\ntitle = 'About {}'\nmenu = 1\n+++\n[a](../one/a.md)\n", self.dice.roll(9));
                files.put("content/pages/about.md", text);
            }
            Kind::Lock => self.lock(files, &locks),
        }
        Edit { kind, n_parsed: n_parsed(kind), n_in_vain: n_in_vain(kind) }
    }

    /// An episode with a turn more, one fewer, or with two in other places.
    fn other_turns(&mut self, text: &str) -> String {
        let mut parts: Vec<String> = text.split_inclusive("\n\n").map(str::to_owned).collect();
        let at = 1 + self.dice.roll(parts.len().max(2) - 1);
        match self.dice.roll(3) {
            0 => {
                let name = self.dice.pick(&NAMES);
                parts.insert(at.min(parts.len()), self.turn(name));
            }
            1 if parts.len() > 4 => _ = parts.remove(at.min(parts.len() - 1)),
            _ => {
                let other = 1 + self.dice.roll(parts.len().max(2) - 1);
                let last = parts.len() - 1;
                parts.swap(at.min(last), other.min(last));
            }
        }
        parts.concat()
    }

    fn other_front_matter(&mut self, text: &str) -> String {
        let line = match self.dice.roll(5) {
            0 => format!("date: 202{}-01-01\n", self.dice.roll(4)),
            1 => "date: 2031-01-01\n".to_owned(),
            2 => format!("slug: s{}\n", self.dice.roll(20)),
            3 => format!("aliases: [/old/{}]\n", self.dice.roll(50)),
            _ => format!("title: Title {}\n", self.dice.roll(50)),
        };
        let key = &line[..=line.find(':').unwrap_or_default()];
        let rest: String = text.split_inclusive('\n').filter(|other| !other.starts_with(key)).collect();
        rest.replacen("---\n", &format!("---\n{line}"), 1)
    }

    /// A template of the theme with a mark, or none.
    fn template(&mut self, files: &mut Files) {
        let name = self.dice.pick(&["base.html", "not_found.html", "episode.html"]);
        let path = format!("templates/{name}");
        if files.has(&path) {
            files.remove(&path);
            return;
        }
        let theme = podleaf::theme::templates();
        let built_in = theme.iter().find(|file| file.name == name).unwrap();
        let text = std::str::from_utf8(built_in.bytes).unwrap();
        let mark = format!("<p class=\"m{}\">", self.dice.roll(99));
        files.put(&path, text.replacen("<p>", &mark, 1).replacen("<main", "<main data-mark", 1));
    }

    /// People and shows: names that were not known before make all texts be parsed again.
    fn settings(&mut self, kind: Kind, files: &mut Files) -> Edit {
        let number = self.dice.roll(99);
        let (name, text) = if kind == Kind::People {
            let color = 1 + self.dice.roll(8);
            ("people.toml".to_owned(), format!("[ann]\nname = 'Ann Lark'\nbio = 'B {number}'\ncolor = {color}\n"))
        } else {
            let show = self.dice.pick(&["one", "two"]);
            (format!("content/{show}/show.toml"), self.show(number))
        };
        let n_parsed = if files.has(&name) { 0 } else { usize::MAX };
        files.put(&name, text);
        Edit { kind, n_parsed, n_in_vain: n_in_vain(kind) }
    }

    /// What people and version control do to locks.
    fn lock(&mut self, files: &mut Files, locks: &[String]) {
        if locks.is_empty() {
            return;
        }
        let name = self.dice.pick(locks);
        let text = files.text(&name);
        let lines: Vec<&str> = text.split_inclusive('\n').filter(|line| !line.starts_with('#')).collect();
        if lines.is_empty() {
            return;
        }
        let line = self.dice.pick(&lines);
        let guid = line.split(' ').next().unwrap_or_default();
        match self.dice.roll(7) {
            0 => _ = files.remove(&name),
            1 => files.put(&name, text.replace(line, "")),
            2 | 3 => {
                let (name, text) = self.dice.pick(&self.old_locks);
                files.put(&name, text);
            }
            4 => {
                let other = self.dice.pick(locks);
                files.put(&other, format!("{}{line}", files.text(&other)));
            }
            5 => {
                let id = |n: usize| podleaf::hash::ContentHash::of(&n.to_le_bytes()).letters(6);
                let kept = format!("{guid} turn {} {}\n", id(self.dice.roll(9)), id(self.dice.roll(9)));
                files.put(&name, format!("{text}{kept}"));
            }
            _ => files.put(&name, text.replace("/e", &format!("/r{}", self.dice.roll(9)))),
        }
    }
}

fn n_parsed(kind: Kind) -> usize {
    match kind {
        Kind::Touch
        | Kind::Delete
        | Kind::Template
        | Kind::Component
        | Kind::Words
        | Kind::Config
        | Kind::Static
        | Kind::Page
        | Kind::Lock => 0,
        Kind::Word
        | Kind::Turns
        | Kind::Speaker
        | Kind::FrontMatter
        | Kind::Draft
        | Kind::Add
        | Kind::Return
        | Kind::Rename
        | Kind::Move
        | Kind::Notes
        | Kind::Media => 1,
        Kind::Swap => 2,
        Kind::People | Kind::Show => usize::MAX,
    }
}

/// Of a site of some twenty pages.
fn n_in_vain(kind: Kind) -> usize {
    match kind {
        Kind::Touch | Kind::Page | Kind::Static => 0,
        Kind::Return | Kind::Lock | Kind::Delete | Kind::Add => 10,
        Kind::Word
        | Kind::Turns
        | Kind::Speaker
        | Kind::FrontMatter
        | Kind::Draft
        | Kind::Rename
        | Kind::Move
        | Kind::Notes
        | Kind::Media => 14,
        Kind::Swap => 20,
        // In every page.
        Kind::Template | Kind::Component | Kind::Words | Kind::Config | Kind::People | Kind::Show => usize::MAX,
    }
}

/// The main texts of all episodes.
pub(crate) fn episodes(files: &Files) -> Vec<String> {
    let is_episode =
        |name: &&str| name.ends_with(".md") && !name.ends_with(".summary.md") && !name.starts_with("content/pages/");
    names(files).filter(is_episode).map(str::to_owned).collect()
}

fn locks(files: &Files) -> Vec<String> {
    names(files).filter(|name| name.ends_with("/show.lock")).map(str::to_owned).collect()
}

fn names(files: &Files) -> impl Iterator<Item = &str> {
    files.contents().keys().map(SitePath::as_str)
}
