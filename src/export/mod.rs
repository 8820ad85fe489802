//! Files for apps and machines: transcripts and chapters in the forms that players read, pages as Markdown, and lists
//! of what is in the archive.

use crate::graph::{Archive, Entry};
use crate::markup::one_spaced;
use crate::path::Route;

pub mod archive;
pub mod chapters;
pub mod llms;
pub mod markdown;
pub mod text;
pub mod transcript;

/// Addresses of a site: absolute where it is known where the site will be, else relative to its root.
#[derive(Debug, Clone, Copy)]
pub struct Addresses<'a> {
    /// `http(s)://host/path/`.
    pub base_url: Option<&'a str>,
}

impl Addresses<'_> {
    /// The address of a route.
    pub fn of(self, route: &Route) -> String {
        self.absolute(route).unwrap_or_else(|| route.href()[1..].to_owned())
    }

    /// The address of a route, for what may not be relative.
    pub fn absolute(self, route: &Route) -> Option<String> {
        Some(route.absolute(self.base_url?))
    }
}

/// The names of an episode's speakers as its page has them, each on one line.
fn speaker_names(archive: &Archive, entry: &Entry) -> Vec<String> {
    let speakers = entry.speakers.iter().zip(&entry.episode.speakers);
    let name = speakers.map(|(person, outline)| person.map_or(&outline.label, |idx| &archive.people.list[idx].name));
    name.map(|name| one_line(name)).collect()
}

/// A name or title on one line: white space of all kinds is one space, control characters are left out.
fn one_line(text: &str) -> String {
    let clean: String = text.chars().filter(|c| c.is_whitespace() || !c.is_control()).collect();
    one_spaced(&clean)
}

/// What parts a name from what it says.
fn colon(entry: &Entry) -> &'static str {
    if entry.episode.language.is_unspaced() { "：" } else { ": " }
}
