//! People: who is in the archive, and in which part.

use serde::{Deserialize, Serialize};

use crate::source::Spanned;

/// An entry of `people.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonEntry {
    /// The key of the entry: the last part of the person's address, `[a-z0-9-]+`.
    pub id: Spanned<String>,
    /// The name that pages show.
    pub name: String,
    /// The name in other languages: language tag and name, in file order.
    pub names: Vec<(String, String)>,
    /// Other spellings that transcripts use.
    pub aliases: Vec<String>,
    /// What the person is, in a few words.
    pub bio: Option<String>,
    /// The usual role, where it is always the same.
    pub role: Option<Role>,
    /// Links: title and URL (`http`, `https` or `mailto`).
    pub links: Vec<(String, String)>,
    /// One of the eight speaker colours, 1 to 8.
    pub color: Option<u8>,
    /// What the name sorts by, where its script does not say.
    pub sort_as: Option<String>,
}

/// What a person does in an episode. The words are those of the Podcast Taxonomy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Leads the episode.
    Host,
    /// Is asked.
    Guest,
}

/// A person as front matter or `show.toml` names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The name, alias or id as written.
    pub name: Spanned<String>,
    /// The part they have.
    pub role: Option<Role>,
}
