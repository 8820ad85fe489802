//! Who is who: labels, names and aliases of the whole archive resolved to people.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::hash::ContentHash;
use crate::model::person::{PersonEntry, Role};
use crate::model::slug::ascii_slug;
use crate::path::Route;

/// Somebody in the archive.
#[derive(Debug, Clone)]
pub struct Person {
    /// The last part of the address.
    pub id: String,
    /// The name that pages show.
    pub name: String,
    /// The entry of `people.toml`.
    pub entry: Option<PersonEntry>,
    /// Whether front matter or `show.toml` names the person.
    pub credited: bool,
    /// The person's page, if there is one.
    pub route: Option<Route>,
    /// Where the person is, in the order of the archive (newest first).
    pub appearances: Vec<Appearance>,
}

impl Person {
    /// Whether `people.toml` has exactly this name for the person.
    pub fn is_called(&self, name: &str) -> bool {
        self.entry.as_ref().is_some_and(|entry| {
            let names = entry.names.iter().map(|(_, name)| name).chain(&entry.aliases);
            names.chain([&entry.name, &entry.id.value]).any(|own| own == name)
        })
    }
}

/// A person in one episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appearance {
    /// Index of the episode.
    pub episode: usize,
    /// Index into the episode's speakers, for somebody who speaks.
    pub speaker: Option<usize>,
    /// The part, where it is known.
    pub role: Option<Role>,
}

/// The colour of a speaker in an episode.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ink {
    /// 1 is plain ink, 2 to 9 the eight hues; 0 for somebody who does not speak.
    pub hue: u8,
    /// Whether the speaker is a host.
    pub is_host: bool,
}

/// All people, found by any of their names.
#[derive(Debug, Default)]
pub struct People {
    /// Everybody, entries of `people.toml` first.
    pub list: Vec<Person>,
    by_key: BTreeMap<String, usize>,
    /// Spellings that were looked up before: folding a name costs more than finding it.
    by_spelling: BTreeMap<String, usize>,
}

impl People {
    /// The people of `people.toml`.
    pub fn new(entries: Vec<PersonEntry>) -> Self {
        let mut people = Self::default();
        for entry in entries {
            let idx = people.list.len();
            let names = entry.names.iter().map(|(_, name)| name).chain(&entry.aliases);
            let keys: Vec<String> = names.chain([&entry.name, &entry.id.value]).map(|name| key(name)).collect();
            for key in keys {
                people.by_key.entry(key).or_insert(idx);
            }
            let (id, name) = (entry.id.value.clone(), entry.name.clone());
            people.list.push(Person {
                id,
                name,
                entry: Some(entry),
                credited: true,
                route: None,
                appearances: Vec::new(),
            });
        }
        people
    }

    /// The person of a name, who is added where nobody has it.
    pub fn resolve(&mut self, name: &str) -> usize {
        if let Some(&idx) = self.by_spelling.get(name) {
            return idx;
        }
        let idx = self.resolve_spelling(name);
        self.by_spelling.insert(name.to_owned(), idx);
        idx
    }

    fn resolve_spelling(&mut self, name: &str) -> usize {
        let key = key(name);
        if let Some(&idx) = self.by_key.get(&key) {
            return idx;
        }
        let idx = self.list.len();
        let id = ascii_slug(name).unwrap_or_else(|| ContentHash::of(name.as_bytes()).letters(6));
        let name = name.to_owned();
        self.list.push(Person { id, name, entry: None, credited: false, route: None, appearances: Vec::new() });
        self.by_key.insert(key, idx);
        idx
    }
}

/// What makes two spellings one name: the address it would have, else its folded letters.
fn key(name: &str) -> String {
    ascii_slug(name).unwrap_or_else(|| {
        name.nfkc().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace() && *c != '·').collect()
    })
}
