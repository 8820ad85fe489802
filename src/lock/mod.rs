//! The lock of a show: what it has published and must not change. Guids, addresses, and the ids of turns whose words
//! were changed since (design: "identity is an input").
//!
//! `show.lock` lies beside the show's sources and is committed with them. It is text of sorted lines, one for each
//! published episode and one for each turn whose id is not that of its words:
//!
//! ```text
//! GUID episode PATH TEXT LIKE ROUTE EARLIER…
//! GUID turn PRESENT KEPT
//! ```
//!
//! `PATH` is relative to the show's folder, `TEXT` is the hash of what is said, `LIKE` a sketch by which nearly the
//! same text is known again, `EARLIER` the routes that lead to `ROUTE`. `PRESENT` is the id that the words of a turn
//! have now, `KEPT` the one that was published. White space, `%` and the signs that open comments and conflicts are
//! percent-encoded.
//!
//! [`update`] is a pure function, and applying its result again changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::hash::ContentHash;
use crate::model::transcript::TurnId;
use crate::path::{Route, SitePath};

pub mod align;
mod parse;
mod sketch;
mod turns;
mod update;

pub use parse::parse_lock;
pub use sketch::Sketch;
pub use turns::turns;
pub use update::{Identity, Input, Outcome, Present, update};

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
    /// By what nearly the same text is known again; nothing for a text without turns.
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
        Self { path, episodes: BTreeMap::new(), read: None, has_errors: false }
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
        let mut lines = Vec::new();
        for (guid, locked) in &self.episodes {
            let guid = encoded(guid);
            let like = locked.like.map_or_else(|| "-".to_owned(), |like| like.to_string());
            let (path, route) = (encoded(&locked.path), encoded(locked.route.as_str()));
            let mut line = format!("{guid} episode {path} {} {like} {route}", locked.text);
            for route in &locked.earlier {
                line.push(' ');
                line.push_str(&encoded(route.as_str()));
            }
            lines.push(line);
            lines.extend(locked.turns.iter().map(|(present, kept)| format!("{guid} turn {present} {kept}")));
        }
        lines.sort_unstable();
        lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A turn as it was published, or as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// What the ids of turns were at the last build.
pub trait Before: Sync + fmt::Debug {
    /// The turns of the episode with this guid, in order, as last published; `None` where that is not known.
    fn turns(&self, guid: &str) -> Option<Vec<Turn>>;
}

/// Knows nothing of an earlier build.
#[derive(Debug, Clone, Copy)]
pub struct Forgotten;

impl Before for Forgotten {
    fn turns(&self, _guid: &str) -> Option<Vec<Turn>> {
        None
    }
}

impl Before for BTreeMap<String, Vec<Turn>> {
    fn turns(&self, guid: &str) -> Option<Vec<Turn>> {
        self.get(guid).cloned()
    }
}

/// Text as one word of a line. Letters of all scripts stay, so that people can read it.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
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
    out
}
