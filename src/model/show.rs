//! Shows: what `show.toml` says of one.

use serde::Serialize;
use uuid::Uuid;

use crate::model::language::Language;
use crate::model::media::MediaFile;
use crate::model::person::Credit;
use crate::model::podcast::{
    Block, Category, Chat, License, Location, RemoteItem, ShowType, SocialInteract, Synthetic, Trailer, Txt,
    UpdateFrequency,
};
use crate::path::SitePath;

/// What a show's folder, its `show.toml` and the site's config say of it. All but the folder may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
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
    pub guid: Option<Uuid>,
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
    pub categories: Vec<Category>,
    /// Whether it is for adults (`itunes:explicit`), where that is said.
    pub explicit: Option<bool>,
    /// Copyright or licence line.
    pub copyright: Option<String>,
    /// Further lines of how often it comes out, as people say it.
    pub frequency: Option<String>,
    /// How often it comes out, as machines say it.
    pub update_frequency: Option<UpdateFrequency>,
    /// Whether no further episode will come (`itunes:complete`).
    pub complete: bool,
    /// The order in which it is heard.
    pub show_type: ShowType,
    /// What it is, where that is no podcast; one of [`MEDIA`](crate::model::podcast::MEDIA).
    pub medium: Option<String>,
    /// Whether other hosts shall not import its feed (`podcast:locked`), where that is said.
    pub locked: Option<bool>,
    /// Who shall not list it.
    pub block: Block,
    /// Where its feed has moved to.
    pub new_feed_url: Option<String>,
    /// What a machine made of its episodes, where they say nothing themselves.
    pub synthetic: Vec<Synthetic>,
    /// Where to give money: title and URL.
    pub funding: Vec<(String, String)>,
    /// Its licence.
    pub license: Option<License>,
    /// Places that it is about or from.
    pub location: Vec<Location>,
    /// Trailers that are no episodes.
    pub trailer: Vec<Trailer>,
    /// Texts for those who know their purpose.
    pub txt: Vec<Txt>,
    /// Shows that it recommends.
    pub podroll: Vec<RemoteItem>,
    /// The feed of its publisher.
    pub publisher: Option<RemoteItem>,
    /// Where people talk about it.
    pub social_interact: Vec<SocialInteract>,
    /// The room where its listeners talk.
    pub chat: Option<Chat>,
}
