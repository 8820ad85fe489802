//! Structured data of a page, for search engines and other readers: JSON-LD in the words of schema.org.
//!
//! Addresses are absolute, dates and durations ISO 8601. What is not known is left out.
//! The words and where they may stand are checked against schema.org's own list by `tests/machines`.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::model::time::MediaTime;

/// The things that a page is about.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@graph")]
    graph: Vec<Thing<'a>>,
}

/// One of them.
#[derive(Debug, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "the names are those of schema.org")]
pub enum Thing<'a> {
    WebSite(WebSite<'a>),
    WebPage(WebPage<'a>),
    CollectionPage(CollectionPage<'a>),
    PodcastSeries(PodcastSeries<'a>),
    PodcastSeason(PodcastSeason<'a>),
    PodcastEpisode(Box<PodcastEpisode<'a>>),
    Person(Person<'a>),
    BreadcrumbList(BreadcrumbList<'a>),
}

/// The site, on its home page.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of schema.org")]
pub struct WebSite<'a> {
    pub name: &'a str,
    pub url: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: &'a str,
    pub in_language: &'a str,
}

/// A plain page.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of schema.org")]
pub struct WebPage<'a> {
    pub name: &'a str,
    pub url: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: &'a str,
    pub in_language: &'a str,
}

/// A page that lists.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct CollectionPage<'a> {
    /// The title of the list.
    pub name: &'a str,
    /// This page of it.
    pub url: String,
    /// Its language.
    pub in_language: &'a str,
    /// What this page shows of it.
    pub main_entity: ItemList<'a>,
}

/// The entries of a page that lists, in order.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of schema.org")]
pub struct ItemList<'a> {
    pub item_list_element: Vec<ListItem<'a>>,
}

/// An entry of a list.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct ListItem<'a> {
    /// From 1.
    pub position: usize,
    /// The words.
    pub name: &'a str,
    /// The page that the entry leads to.
    pub url: String,
}

/// A show.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct PodcastSeries<'a> {
    /// Its page, as a name for it.
    #[serde(rename = "@id")]
    pub id: String,
    /// Its title.
    pub name: &'a str,
    /// On its own page: that page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// On its own page: its feed, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_feed: Option<String>,
    /// On its own page: its picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// On its own page: a sentence about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'a str>,
    /// On its own page: its language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_language: Option<&'a str>,
    /// On its own page: its hosts. A name that is only said to be the author's may be a person's or a company's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub author: Vec<Person<'a>>,
}

/// A season.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of schema.org")]
pub struct PodcastSeason<'a> {
    #[serde(rename = "@id")]
    pub id: String,
    pub name: String,
    /// On its own page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub season_number: u32,
    /// On its own page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_of_episodes: Option<usize>,
    /// On its own page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of_series: Option<PodcastSeries<'a>>,
}

/// An episode.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct PodcastEpisode<'a> {
    /// Its page, as a name for it.
    #[serde(rename = "@id")]
    pub id: String,
    /// Its title.
    pub name: &'a str,
    /// Its page.
    pub url: String,
    /// Its guid in feeds.
    pub identifier: &'a str,
    /// A sentence about it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: &'a str,
    /// Language of the text.
    pub in_language: &'a str,
    /// The day it came out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_published: Option<String>,
    /// The day its text was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_modified: Option<String>,
    /// Length of the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episode_number: Option<u32>,
    /// Its show.
    pub part_of_series: PodcastSeries<'a>,
    /// Its season.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of_season: Option<PodcastSeason<'a>>,
    /// Its picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its topics.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<&'a str>,
    /// Who speaks in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actor: Vec<Person<'a>>,
    /// Who is named and does not speak.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contributor: Vec<Person<'a>>,
    /// The recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub associated_media: Option<AudioObject<'a>>,
    /// Its sections.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub has_part: Vec<Part<'a>>,
    /// What it is a translation of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translation_of_work: Option<CreativeWork<'a>>,
}

/// A recording.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct AudioObject<'a> {
    /// The file.
    pub content_url: String,
    /// Its media type.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub encoding_format: String,
    /// Its length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// The address of the transcript as plain text. schema.org wants a text here, and an address is one
    /// (`URL` is a kind of `Text`); the words themselves would double the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// Captions with times.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caption: Vec<MediaObject<'a>>,
}

/// A file.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of schema.org")]
pub struct MediaObject<'a> {
    pub content_url: String,
    pub encoding_format: &'static str,
    pub in_language: &'a str,
}

/// A section.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Part<'a> {
    /// One that has a time on the recording.
    Clip(Clip<'a>),
    /// One that has none.
    WebPageElement(WebPageElement<'a>),
}

/// A stretch of a recording.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of schema.org")]
pub struct Clip<'a> {
    pub name: &'a str,
    pub url: String,
    #[serde(serialize_with = "seconds")]
    pub start_offset: MediaTime,
    #[serde(serialize_with = "some_seconds", skip_serializing_if = "Option::is_none")]
    pub end_offset: Option<MediaTime>,
}

/// A stretch of a page.
#[derive(Debug, Serialize)]
#[serde(tag = "@type")]
#[expect(missing_docs, reason = "the names are those of schema.org")]
pub struct WebPageElement<'a> {
    pub name: &'a str,
    pub url: String,
}

/// A work that is known by its name or its address alone.
#[derive(Debug, Serialize)]
#[serde(tag = "@type")]
#[expect(missing_docs, reason = "the names are those of schema.org")]
pub struct CreativeWork<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Somebody.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
pub struct Person<'a> {
    /// The person's page, as a name for them.
    #[serde(rename = "@id", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name.
    pub name: &'a str,
    /// On the person's own page: that page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where else the person is on the web.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub same_as: Vec<String>,
    /// On the person's own page: names in other languages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alternate_name: Vec<&'a str>,
    /// On the person's own page: in a few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'a str>,
}

/// The way from the home page down to this page.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of schema.org")]
pub struct BreadcrumbList<'a> {
    pub item_list_element: Vec<Crumb<'a>>,
}

/// A step of that way.
#[derive(Debug, Serialize)]
#[serde(tag = "@type", rename = "ListItem")]
pub struct Crumb<'a> {
    /// From 1.
    pub position: usize,
    /// The words.
    pub name: Cow<'a, str>,
    /// The page.
    pub item: String,
}

impl<'a> Document<'a> {
    /// The document of these things.
    pub fn new(graph: Vec<Thing<'a>>) -> Self {
        Self { context: "https://schema.org", graph }
    }

    /// JSON that is only ever data inside of an HTML `script`.
    pub fn script(&self) -> String {
        let mut json = Vec::with_capacity(4 << 10);
        // The shape has no map with other keys than strings, and a vector takes all that is written.
        let written = serde_json::to_writer(&mut json, self).ok();
        written.and_then(|()| String::from_utf8(json).ok()).map(for_script).unwrap_or_default()
    }
}

/// JSON with escapes for what could end a `script` (`<`, `>`, `&`) or a line of JavaScript (U+2028, U+2029).
/// They stand in strings alone, so that an escape says the same.
fn for_script(json: String) -> String {
    let mut out = String::new();
    let mut rest = json.as_str();
    while let Some(at) = memchr::memchr3(b'<', b'>', b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'<' => "\\u003c",
            b'>' => "\\u003e",
            _ => "\\u0026",
        });
        rest = &rest[at + 1..];
    }
    if out.is_empty() {
        out = json;
    } else {
        out.push_str(rest);
    }
    for (separator, escape) in [("\u{2028}", "\\u2028"), ("\u{2029}", "\\u2029")] {
        if memchr::memmem::find(out.as_bytes(), separator.as_bytes()).is_some() {
            out = out.replace(separator, escape);
        }
    }
    out
}

/// Seconds: a whole number where it is one.
fn seconds<S: Serializer>(time: &MediaTime, serializer: S) -> Result<S::Ok, S::Error> {
    match time.0 % 1000 {
        0 => serializer.serialize_u64(time.0 / 1000),
        _ => serializer.serialize_f64(time.seconds()),
    }
}

fn some_seconds<S: Serializer>(time: &Option<MediaTime>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => seconds(time, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_script() {
        let name = "</script><!--<script>&amp; \"\\ \u{2028}\u{2029}\u{1}\u{202e} 慢车";
        let page = WebPageElement { name, url: "https://example.org/?a=1&b=2".to_owned() };
        let text = for_script(serde_json::to_string(&page).unwrap());
        assert!(!text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["name"], name);
        assert_eq!(read["url"], "https://example.org/?a=1&b=2");
    }

    #[test]
    fn offsets_are_seconds() {
        let clip = |start, end| Clip {
            name: "",
            url: String::new(),
            start_offset: MediaTime(start),
            end_offset: Some(MediaTime(end)),
        };
        let read = serde_json::to_value(clip(62_000, 75_250)).unwrap();
        assert_eq!((&read["startOffset"], &read["endOffset"]), (&serde_json::json!(62), &serde_json::json!(75.25)));
    }
}
