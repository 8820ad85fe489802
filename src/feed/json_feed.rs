//! JSON Feed 1.1 (<https://www.jsonfeed.org/version/1.1/>). It holds all episodes, also those without a recording.

use serde::Serialize;

use super::rss::whole_seconds;
use super::{Feed, Item, Person, Source, html};
use crate::graph::outputs::FeedFormat;

#[derive(Serialize)]
struct JsonFeed<'f> {
    version: &'static str,
    title: &'f str,
    home_page_url: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed_url: Option<&'f str>,
    description: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<&'f str>,
    authors: Vec<Author<'f>>,
    language: &'f str,
    items: Vec<JsonItem<'f>>,
}

#[derive(Serialize)]
struct JsonItem<'f> {
    id: &'f str,
    url: &'f str,
    title: &'f str,
    content_html: String,
    summary: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_modified: Option<String>,
    authors: Vec<Author<'f>>,
    tags: &'f [&'f str],
    language: &'f str,
    attachments: Vec<Attachment<'f>>,
}

#[derive(Serialize)]
struct Author<'f> {
    name: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'f str>,
}

#[derive(Serialize)]
struct Attachment<'f> {
    url: &'f str,
    mime_type: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_in_seconds: Option<u64>,
}

pub(super) fn json_feed(feed: &Feed<'_>, source: &Source<'_>) -> Vec<u8> {
    let json = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: feed.title,
        home_page_url: &feed.home,
        feed_url: feed.address(FeedFormat::Json),
        description: feed.description,
        icon: feed.image.as_deref(),
        authors: vec![Author { name: &feed.author, url: Some(&feed.home) }],
        language: feed.language.as_str(),
        items: feed.items.iter().map(|item| json_item(feed, item, source)).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&json).expect("plain structs are JSON");
    bytes.push(b'\n');
    bytes
}

fn json_item<'f>(feed: &Feed<'_>, item: &'f Item<'_>, source: &Source<'_>) -> JsonItem<'f> {
    let (episode, meta) = (&item.entry.episode, &item.entry.episode.meta);
    let attachment = item.enclosure.iter().map(|enclosure| Attachment {
        url: &enclosure.url,
        mime_type: &enclosure.media_type,
        size_in_bytes: Some(enclosure.length).filter(|length| *length > 0),
        duration_in_seconds: enclosure.duration.map(whole_seconds),
    });
    JsonItem {
        id: &item.entry.guid,
        url: &item.url,
        title: &episode.title,
        content_html: html::content(item, source),
        summary: &episode.description,
        image: item.image.as_deref(),
        date_published: meta.date.map(|date| feed.rfc3339(date.timestamp)),
        date_modified: meta.updated.map(|date| feed.rfc3339(date.timestamp)),
        authors: item.people.iter().map(author).collect(),
        tags: &item.topics,
        language: episode.language.as_str(),
        attachments: attachment.collect(),
    }
}

fn author<'f>(person: &'f Person<'_>) -> Author<'f> {
    Author { name: person.name, url: person.href.as_deref() }
}
