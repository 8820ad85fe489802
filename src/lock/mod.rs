//! The lock of a show: what it has published and must not change. Guids, addresses, and the ids of turns whose words
//! were changed since (design: "identity is an input").
//!
//! `show.lock` lies beside the show's sources and is committed with them. It is text of sorted lines, one for each
//! published episode and one for each turn whose id is not that of its words:
//!
//! ```text
//! GUID show
//! GUID episode PATH TEXT LIKE ROUTE EARLIER…
//! GUID turn PRESENT KEPT
//! ```
//!
//! The guid of the show is that of its feed, made of the address that it had at first. `PATH` is relative to the show's folder, `TEXT` is the hash of what is said, `LIKE` a sketch by which nearly the
//! same text is known again, `EARLIER` the routes that lead to `ROUTE`. `PRESENT` is the id that the words of a turn
//! have now, `KEPT` the one that was published. White space, `%` and the signs that open comments and conflicts are
//! percent-encoded.
//!
//! [`update`] is a pure function, and applying its result again changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::hash::ContentHash;
use crate::model::transcript::TurnId;
use crate::path::{Route, SitePath};

pub mod align;
mod before;
mod parse;
mod sketch;
mod turns;
mod update;

pub use before::{decode_turns, encode_turns};
pub use parse::parse_lock;
pub use sketch::Sketch;
pub use turns::turns;
pub use update::{Identity, Input, Outcome, Past, Present, update};

/// The file's name.
pub const FILE_NAME: &str = "show.lock";

const HEAD: &str = "\
# What this show has published, by guid: addresses and turn ids that must not change. Kept by `podleaf build`.
# Commit it with the episodes. After a conflict keep the lines of both sides; build again, and it is in order.
";

/// The lock of one show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// Its file, which need not be there yet.
    pub path: SitePath,
    /// The guid of the show's feed, once it has an address.
    pub show: Option<Uuid>,
    /// Published episodes by guid, also those whose file is gone.
    pub episodes: BTreeMap<String, Locked>,
    /// The file's text and the hash of its bytes, where there is one.
    pub read: Option<(String, ContentHash)>,
    /// Whether lines could not be read: then the file must not be written.
    pub has_errors: bool,
}

/// What is promised of one episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locked {
    /// Its file, relative to the show's folder.
    pub path: String,
    /// The hash of what is said in it.
    pub text: ContentHash,
    /// By what nearly the same text is known again; nothing for a text of few turns.
    pub like: Option<Sketch>,
    /// Its present route.
    pub route: Route,
    /// Routes that lead there.
    pub earlier: BTreeSet<Route>,
    /// The id that is kept for a turn, by the id that its words have now; only where these differ.
    pub turns: BTreeMap<TurnId, TurnId>,
}

impl Lock {
    /// A lock that holds nothing.
    pub fn new(path: SitePath) -> Self {
        Self { path, show: None, episodes: BTreeMap::new(), read: None, has_errors: false }
    }

    /// Whether it says other things than its file.
    pub fn is_changed(&self) -> bool {
        match &self.read {
            Some((text, _)) => *text != self.to_string(),
            None => !self.episodes.is_empty(),
        }
    }

    /// The lines that are not in its file, with `+`, and those of the file that are gone, with `-`.
    pub fn difference(&self) -> Vec<String> {
        let new = self.to_string();
        let old = self.read.as_ref().map_or("", |(text, _)| text);
        let lines = |text: &str| text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
        let (old, new): (BTreeSet<String>, BTreeSet<String>) = (lines(old), lines(&new));
        let gone = old.difference(&new).map(|line| format!("- {line}"));
        gone.chain(new.difference(&old).map(|line| format!("+ {line}"))).collect()
    }
}

/// The text of the file.
impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        let mut lines = Vec::with_capacity(self.episodes.len());
        lines.extend(self.show.map(|guid| format!("{guid} show\n")));
        for (guid, locked) in &self.episodes {
            lines.push(locked.line(guid));
            let turns = locked.turns.iter();
            lines.extend(turns.map(|(present, kept)| format!("{} turn {present} {kept}\n", encoded(guid))));
        }
        lines.sort_unstable();
        lines.iter().try_for_each(|line| f.write_str(line))
    }
}

impl Locked {
    /// The line of an episode. Every build makes all of them, to see whether one is new, so nothing is formatted here.
    fn line(&self, guid: &str) -> String {
        let mut line = String::with_capacity(256);
        push_encoded(guid, &mut line);
        line.push_str(" episode ");
        push_encoded(&self.path, &mut line);
        line.push(' ');
        self.text.push_hex(&mut line);
        line.push(' ');
        match &self.like {
            Some(like) => like.push_hex(&mut line),
            None => line.push('-'),
        }
        for route in std::iter::once(&self.route).chain(&self.earlier) {
            line.push(' ');
            push_encoded(route.as_str(), &mut line);
        }
        line.push('\n');
        line
    }
}

/// A turn as it was published, or as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The id that its words have.
    pub default: TurnId,
    /// The id that its page has.
    pub id: TurnId,
    /// Index of the speaker, in order of first appearance.
    pub speaker: u32,
    /// What is said, in bytes.
    pub length: u32,
}

/// What the ids of turns were at the last build: the turns of each episode in order, as last published, by its guid.
pub type Before = BTreeMap<String, Vec<Turn>>;

/// Text as one word of a line. Letters of all scripts stay, so that people can read it.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_encoded(text, &mut out);
    out
}

fn push_encoded(text: &str, out: &mut String) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b':');
    if text.bytes().all(is_plain) {
        out.push_str(text);
        return;
    }
    for c in text.chars() {
        let hides =
            matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if c.is_whitespace() || c.is_control() || hides || matches!(c, '%' | '#' | '<' | '=' | '>' | '|') {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        } else {
            out.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::SourceFile;

    fn file(text: &str) -> SourceFile {
        let path = SitePath::new("ferry/show.lock").unwrap();
        SourceFile { path, text: text.to_owned(), hash: ContentHash::of(text.as_bytes()) }
    }

    fn found(text: &str) -> (Lock, Vec<String>) {
        let (lock, diagnostics) = parse_lock(&file(text));
        let place = |d: &crate::diagnostic::Diagnostic| {
            let place = d.place.as_ref().unwrap();
            assert!(!d.help.is_empty());
            format!("{} {}:{}", d.code, place.line, place.column)
        };
        (lock, diagnostics.iter().map(place).collect())
    }

    const HASH: &str = "00112233445566778899aabbccddeeff";

    fn line(guid: &str, path: &str, routes: &str) -> String {
        format!("{guid} episode {path} {HASH} - {routes}\n")
    }

    #[test]
    fn faults_have_their_places_and_the_rest_is_kept() {
        let good = line("g", "a.md", "/a/");
        for (text, expected) in [
            ("what\n".to_owned(), "bad-lock-line 2:1"),
            (line("h", "..", "/b/"), "bad-lock-line 2:11"),
            (line("h", "b.md", "b"), "bad-lock-line 2:51"),
            (line("h", "b.md", "/b/ /c//"), "bad-lock-line 2:55"),
            (format!("h episode b.md {HASH}\n"), "bad-lock-line 2:1"),
            ("h episode b.md 00 - /b/\n".to_owned(), "bad-lock-line 2:16"),
            (format!("h episode b.md {HASH} 00 /b/\n"), "bad-lock-line 2:49"),
            ("g turn abcdef ABCDEF\n".to_owned(), "bad-lock-line 2:15"),
            ("g turn abcdef\n".to_owned(), "bad-lock-line 2:1"),
            ("<<<<<<< HEAD\n=======\n>>>>>>> other\n".to_owned(), "lock-conflict 2:1"),
        ] {
            let (lock, codes) = found(&format!("{good}{text}g turn abcdef fedcba\n"));
            assert_eq!(codes, [expected], "{text}");
            assert!(lock.has_errors, "{text}");
            assert_eq!(lock.episodes["g"].turns.len(), 1, "{text}");
        }
        let (lock, codes) = found(&format!("{good}h turn abcdef fedcba\n{}", line("g", "b.md", "/b/ /c/")));
        assert_eq!(codes, ["lock-line-twice 3:1", "lock-turn-alone 2:1"]);
        let routes: Vec<&str> = lock.episodes["g"].earlier.iter().map(Route::as_str).collect();
        assert_eq!((lock.has_errors, routes), (false, vec!["/b/", "/c/"]));
    }

    #[test]
    fn a_conflict_keeps_the_episodes_of_both_sides() {
        let (one, two) = (line("g", "a.md", "/a/"), line("h", "b.md", "/b/"));
        let (lock, codes) = found(&format!("# x\n<<<<<<< HEAD\n{one}||||||| base\n=======\n{two}>>>>>>> other\n"));
        assert_eq!(codes, ["lock-conflict 2:1"]);
        assert_eq!(lock.episodes.len(), 2);
    }

    #[test]
    fn lines_are_readable_and_sorted() {
        let (mut lock, _) = found("");
        for (guid, path, route) in [("b 1", "02-打错的电话.md", "/f/02/"), ("a", "a %2f#<b>.md", "/f/ü x/")] {
            let locked = Locked {
                path: path.to_owned(),
                text: ContentHash::from_hex(HASH).unwrap(),
                like: None,
                route: Route::new(route).unwrap(),
                earlier: BTreeSet::new(),
                turns: BTreeMap::from([(TurnId::new("abcdef").unwrap(), TurnId::new("fedcba").unwrap())]),
            };
            lock.episodes.insert(guid.to_owned(), locked);
        }
        let text = lock.to_string();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            lines,
            [
                &format!("a episode a%20%252f%23%3Cb%3E.md {HASH} - /f/ü%20x/"),
                "a turn abcdef fedcba",
                &format!("b%201 episode 02-打错的电话.md {HASH} - /f/02/"),
                "b%201 turn abcdef fedcba",
            ]
        );
        assert_eq!(lock.difference().len(), 4);
        assert_eq!(parse_lock(&file(&text)).0.episodes, lock.episodes);
    }

    prop_compose! {
        fn locked()(
            path in "[^\\x00/]{1,12}",
            text in any::<u64>(),
            ids in prop::collection::vec("[a-z][a-z0-9]{5,7}", 0..8),
            routes in prop::collection::vec("/[^\\x00-\\x1f\\x7f-\\u{9f}\\\\/]{1,9}/", 1..4),
        ) -> Option<Locked> {
            let ids: Vec<TurnId> = ids.iter().filter_map(|id| TurnId::new(id)).collect();
            let routes: Vec<Route> = routes.into_iter().filter_map(Route::new).collect();
            Some(Locked {
                path: SitePath::new(path)?.as_str().to_owned(),
                text: ContentHash::of(&text.to_le_bytes()),
                like: Sketch::of(&ids),
                route: routes.first()?.clone(),
                earlier: routes.into_iter().skip(1).collect(),
                turns: ids.iter().copied().zip(ids.iter().rev().copied()).collect(),
            })
        }
    }

    proptest! {
        #[test]
        fn the_text_says_what_the_lock_says(all in prop::collection::btree_map("\\PC{1,12}", locked(), 0..4)) {
            let episodes = all.into_iter().filter_map(|(guid, locked)| Some((guid, locked?))).collect();
            let lock = Lock { episodes, ..Lock::new(SitePath::new("ferry/show.lock").unwrap()) };
            let (read, diagnostics) = parse_lock(&file(&lock.to_string()));
            prop_assert!(diagnostics.is_empty(), "{diagnostics:?}");
            prop_assert_eq!(&read.episodes, &lock.episodes);
            prop_assert!(!read.is_changed());
        }

        #[test]
        fn any_text_is_read(text in "\\PC{0,60}", lines in prop::collection::vec("[a-z%0-9 /.\\-]{0,40}", 0..5)) {
            let (lock, _) = parse_lock(&file(&format!("{text}\n{}", lines.join("\n"))));
            prop_assert!(lock.episodes.len() <= 6);
        }
    }

    #[test]
    fn a_sketch_knows_nearly_the_same_turns_again() {
        let id = |n: u32| TurnId::new(&ContentHash::of(&n.to_le_bytes()).letters(6)).unwrap();
        let sketch = |numbers: std::ops::Range<u32>| Sketch::of(&numbers.map(id).collect::<Vec<_>>()).unwrap();
        assert!(sketch(0..300).likeness(&sketch(6..300)).is_some());
        assert!(sketch(0..300).likeness(&sketch(0..340)).is_some());
        for n in 1..50 {
            assert!(sketch(0..300).likeness(&sketch(n * 300..n * 300 + 300)).is_none());
        }
        let mut hex = String::new();
        sketch(0..9).push_hex(&mut hex);
        assert_eq!(Sketch::from_hex(&hex), Some(sketch(0..9)));
        assert!(Sketch::of(&[id(1), id(2), id(3)]).is_none() && Sketch::from_hex("00").is_none());
    }
}
