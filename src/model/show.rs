//! Shows: what `show.toml` says of one.

use serde::{Deserialize, Serialize};

use crate::model::language::Language;
use crate::model::media::MediaFile;
use crate::model::person::Credit;
use crate::path::SitePath;

/// What a show's folder, its `show.toml` and the site's config say of it. All but the folder may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShowSettings {
    /// The show's title.
    pub title: Option<String>,
    /// What it is about, in a sentence or two.
    pub description: Option<String>,
    /// Language of its pages and, where nothing else is said, of its episodes.
    pub language: Option<Language>,
    /// Who leads it.
    pub hosts: Vec<Credit>,
    /// Where to subscribe: title and URL, in the order to show.
    pub subscribe: Vec<(String, String)>,
    /// A square picture beside `show.toml`.
    pub image: Option<SitePath>,
    /// That picture as it was found; of its stamp only the size is kept.
    pub artwork: Option<MediaFile>,
    /// The feed's guid, a UUID, where the show has one already.
    pub guid: Option<String>,
    /// The last part of its address, where the folder's name is not it.
    pub slug: Option<String>,
    /// Titles of seasons by their number.
    pub seasons: Vec<(u32, String)>,
    /// Who makes it, as feeds name them (`itunes:author`).
    pub author: Option<String>,
    /// Whom directories ask about it (`itunes:owner`).
    pub owner: Option<String>,
    /// The owner's address of mail.
    pub email: Option<String>,
    /// Categories of directories (`itunes:category`), the main one first.
    pub categories: Vec<String>,
    /// Whether it is for adults (`itunes:explicit`), where that is said.
    pub explicit: Option<bool>,
    /// Copyright or licence line.
    pub copyright: Option<String>,
    /// Further lines of how often it comes out, as people say it.
    pub frequency: Option<String>,
}
