//! What feeds say of shows and episodes beyond what pages show: the values of Podcasting 2.0 (`docs/tags/*.md` of
//! `Podcastindex-org/podcast-namespace`) and of Apple's tags.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::time::{MediaTime, Published};

/// Namespace of podcast guids (`docs/tags/guid.md`).
const GUIDS: Uuid = Uuid::from_u128(0xead4_c236_bf58_58c6_a2c6_a6b2_8d12_8cb6);

/// The `podcast:guid` of a feed at an address: made once, and kept when the address is another one.
///
/// ```
/// let guid = podleaf::model::podcast::feed_guid("https://mp3s.nashownotes.com/pc20rss.xml");
/// assert_eq!(guid.to_string(), "917393e3-1b1e-5cef-ace4-edaa54e1f810");
/// ```
pub fn feed_guid(url: &str) -> Uuid {
    let bare = url.split_once("://").map_or(url, |(_, rest)| rest);
    Uuid::new_v5(&GUIDS, bare.trim_end_matches('/').as_bytes())
}

/// A part of a show or an episode that a machine made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Synthetic {
    Transcript,
    Translation,
    Voice,
}

impl Synthetic {
    /// All of them with their names in settings.
    pub const ALL: [(&'static str, Self); 3] =
        [("transcript", Self::Transcript), ("translation", Self::Translation), ("voice", Self::Voice)];

    /// Its name in settings.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, own)| *own == self).map_or("", |(name, _)| name)
    }
}

/// The order in which a show is heard (`itunes:type`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShowType {
    /// Newest first.
    #[default]
    Episodic,
    /// From the first episode on.
    Serial,
}

/// A licence: the slug of a known one, or a name with the address of its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct License {
    /// The slug in lower case, such as `cc-by-4.0`, or a name.
    pub name: String,
    /// Its text.
    pub url: Option<String>,
}

/// A place that something is about or from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// Its name, as people say it.
    pub name: String,
    /// `subject` or `creator`.
    pub rel: Option<String>,
    /// A `geo:` URI (RFC 5870).
    pub geo: Option<String>,
    /// N, W or R and the number of the thing in OpenStreetMap.
    pub osm: Option<String>,
    /// ISO 3166 code of the country.
    pub country: Option<String>,
}

/// A trailer that is no episode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trailer {
    /// Its title.
    pub title: String,
    /// Its audio.
    pub url: String,
    /// When it came out.
    pub date: Published,
    /// Bytes of the audio.
    pub length: Option<u64>,
    /// Media type of the audio.
    pub media_type: Option<String>,
    /// The season that it is for.
    pub season: Option<u32>,
}

/// Another feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteItem {
    /// Its `podcast:guid`.
    pub guid: String,
    /// Its address.
    pub url: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its medium, where that is no podcast.
    pub medium: Option<String>,
}

/// How often a show comes out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateFrequency {
    /// A rule of RFC 5545, such as `FREQ=WEEKLY`.
    pub rule: Option<String>,
    /// The day on which the rule begins; a rule with COUNT needs it.
    pub from: Option<Published>,
}

/// Where people talk about a show or an episode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocialInteract {
    /// Such as `activitypub`; `disabled` says that nobody shall.
    pub protocol: String,
    /// The post that opens the talk; nothing where it is disabled.
    pub uri: Option<String>,
    /// The account that wrote the post.
    pub account_id: Option<String>,
    /// The address of the account.
    pub account_url: Option<String>,
    /// The smallest comes first.
    pub priority: Option<u32>,
}

/// A room to talk in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat {
    /// The host.
    pub server: String,
    /// `irc`, `xmpp`, `nostr` or `matrix`.
    pub protocol: String,
    /// The account of the show.
    pub account_id: Option<String>,
    /// The room.
    pub space: Option<String>,
}

/// A stretch of the recording to play to people who do not know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Soundbite {
    /// Where it begins.
    pub start: MediaTime,
    /// How long it lasts.
    pub duration: MediaTime,
    /// Its title.
    pub title: Option<String>,
}

/// The recording in another form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlternateEnclosure {
    /// Where it is; the same file in all places.
    pub sources: Vec<String>,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub length: Option<u64>,
    /// Bits in a second.
    pub bitrate: Option<u64>,
    /// Lines of the picture.
    pub height: Option<u32>,
    /// What to call it.
    pub title: Option<String>,
}

/// A text for those who know its purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Txt {
    /// Such as `verify`; empty where there is none.
    pub purpose: String,
    /// The text.
    pub text: String,
}

/// Who shall not list a show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Everybody.
    pub all: bool,
    /// The services of these names (`docs/service-slugs` of the namespace).
    pub services: Vec<String>,
}

/// A category of Apple's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Category {
    /// One of the nineteen.
    pub main: &'static str,
    /// One of those below it.
    pub sub: Option<&'static str>,
}

impl Category {
    /// The category of a name: `Arts`, `Arts / Books` (also with `>` or `:`), or `Books` alone.
    pub fn new(text: &str) -> Option<Self> {
        let same = |one: &str, two: &str| one.eq_ignore_ascii_case(two.trim());
        if let Some((main, _)) = CATEGORIES.iter().find(|(main, _)| same(main, text)) {
            return Some(Self { main, sub: None });
        }
        let (main, sub) = text.split_once(['/', '>', ':']).map_or((None, text), |(main, sub)| (Some(main), sub));
        let of = CATEGORIES.iter().filter(|(own, _)| main.is_none_or(|main| same(own, main)));
        of.flat_map(|(main, subs)| subs.iter().map(move |sub| Self { main, sub: Some(sub) }))
            .find(|category| category.sub.is_some_and(|own| same(own, sub)))
    }

    /// The names of all, the main ones and those below them.
    pub fn names() -> Vec<&'static str> {
        CATEGORIES.iter().flat_map(|(main, subs)| std::iter::once(main).chain(*subs)).copied().collect()
    }
}

/// Apple's list, "Apple Podcasts categories".
const CATEGORIES: [(&str, &[&str]); 19] = [
    ("Arts", &["Books", "Design", "Fashion & Beauty", "Food", "Performing Arts", "Visual Arts"]),
    ("Business", &["Careers", "Entrepreneurship", "Investing", "Management", "Marketing", "Non-Profit"]),
    ("Comedy", &["Comedy Interviews", "Improv", "Stand-Up"]),
    ("Education", &["Courses", "How To", "Language Learning", "Self-Improvement"]),
    ("Fiction", &["Comedy Fiction", "Drama", "Science Fiction"]),
    ("Government", &[]),
    ("History", &[]),
    ("Health & Fitness", &["Alternative Health", "Fitness", "Medicine", "Mental Health", "Nutrition", "Sexuality"]),
    ("Kids & Family", &["Education for Kids", "Parenting", "Pets & Animals", "Stories for Kids"]),
    (
        "Leisure",
        &["Animation & Manga", "Automotive", "Aviation", "Crafts", "Games", "Hobbies", "Home & Garden", "Video Games"],
    ),
    ("Music", &["Music Commentary", "Music History", "Music Interviews"]),
    (
        "News",
        &[
            "Business News",
            "Daily News",
            "Entertainment News",
            "News Commentary",
            "Politics",
            "Sports News",
            "Tech News",
        ],
    ),
    (
        "Religion & Spirituality",
        &["Buddhism", "Christianity", "Hinduism", "Islam", "Judaism", "Religion", "Spirituality"],
    ),
    (
        "Science",
        &[
            "Astronomy",
            "Chemistry",
            "Earth Sciences",
            "Life Sciences",
            "Mathematics",
            "Natural Sciences",
            "Nature",
            "Physics",
            "Social Sciences",
        ],
    ),
    ("Society & Culture", &["Documentary", "Personal Journals", "Philosophy", "Places & Travel", "Relationships"]),
    (
        "Sports",
        &[
            "Baseball",
            "Basketball",
            "Cricket",
            "Fantasy Sports",
            "Football",
            "Golf",
            "Hockey",
            "Rugby",
            "Running",
            "Soccer",
            "Swimming",
            "Tennis",
            "Volleyball",
            "Wilderness",
            "Wrestling",
        ],
    ),
    ("Technology", &[]),
    ("True Crime", &[]),
    ("TV & Film", &["After Shows", "Film History", "Film Interviews", "Film Reviews", "TV Reviews"]),
];

/// What a show can be (`podcast:medium`).
pub const MEDIA: [&str; 9] =
    ["podcast", "music", "video", "film", "audiobook", "newsletter", "blog", "publisher", "course"];

/// Protocols of `podcast:socialInteract`.
pub const SOCIAL_PROTOCOLS: [&str; 8] =
    ["disabled", "activitypub", "twitter", "lightning", "atproto", "hive", "matrix", "nostr"];

/// Protocols of `podcast:chat`.
pub const CHAT_PROTOCOLS: [&str; 4] = ["irc", "xmpp", "nostr", "matrix"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_those_of_the_namespace() {
        let check = |url: &str, guid: &str| assert_eq!(feed_guid(url).to_string(), guid, "{url}");
        check("podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c");
        check("https://podnews.net/rss/", "9b024349-ccf0-5f69-a609-6b82873eab3c");
        check("http://podnews.net/rss//", "9b024349-ccf0-5f69-a609-6b82873eab3c");
        check("https://mp3s.nashownotes.com/pc20rss.xml", "917393e3-1b1e-5cef-ace4-edaa54e1f810");
    }

    #[test]
    fn categories_are_apples() {
        let check = |text: &str, main: &str, sub: Option<&str>| {
            assert_eq!(Category::new(text).map(|own| (own.main, own.sub)), Some((main, sub)), "{text}");
        };
        check("society & culture", "Society & Culture", None);
        check("Documentary", "Society & Culture", Some("Documentary"));
        check("Society & Culture / Documentary", "Society & Culture", Some("Documentary"));
        check("Arts > Books", "Arts", Some("Books"));
        check("Religion & Spirituality: Religion", "Religion & Spirituality", Some("Religion"));
        for text in ["Arts / Documentary", "Society and Culture", "", "/"] {
            assert_eq!(Category::new(text), None, "{text}");
        }
        assert_eq!((CATEGORIES.len(), Category::names().len()), (19, 19 + 91));
    }
}
