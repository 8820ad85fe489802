//! Atom (RFC 4287). It holds all episodes, also those without a recording.

use uuid::Uuid;

use super::xml::Xml;
use super::{Feed, Item, Source, html};
use crate::graph::outputs::FeedFormat;

pub(super) fn atom(feed: &Feed<'_>, source: &Source<'_>) -> Vec<u8> {
    let mut xml = Xml::new();
    xml.open("feed", &[("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", feed.language.as_str())]);
    xml.text("title", feed.title);
    if feed.description != feed.title {
        xml.text("subtitle", feed.description);
    }
    xml.text("id", &format!("urn:uuid:{}", feed.guid));
    xml.empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", &feed.home)]);
    for (format, url) in &feed.forms {
        let rel = if *format == FeedFormat::Atom { "self" } else { "alternate" };
        xml.empty("link", &[("rel", rel), ("type", format.media_type()), ("href", url)]);
    }
    xml.text("updated", &feed.rfc3339(feed.updated.unwrap_or_default()));
    author(&feed.author, Some(&feed.home), &mut xml);
    xml.maybe("rights", feed.copyright);
    xml.maybe("logo", feed.image.as_deref());
    feed.categories.iter().for_each(|own| xml.empty("category", &[("term", own.sub.unwrap_or(own.main))]));
    feed.items.iter().for_each(|item| entry(feed, item, source, &mut xml));
    xml.close("feed");
    xml.finish()
}

fn entry(feed: &Feed<'_>, item: &Item<'_>, source: &Source<'_>, xml: &mut Xml) {
    let (episode, meta) = (&item.entry.episode, &item.entry.episode.meta);
    xml.open("entry", &[("xml:lang", episode.language.as_str())]);
    xml.text("title", &episode.title);
    xml.text("id", &id(&item.entry.guid, feed.guid));
    xml.empty("link", &[("rel", "alternate"), ("type", "text/html"), ("href", &item.url)]);
    if let Some(enclosure) = &item.enclosure {
        let length = enclosure.length.to_string();
        let attributes = [("rel", "enclosure"), ("type", &*enclosure.media_type), ("href", &enclosure.url)];
        // An unknown length is left out here; only RSS wants a number.
        let length = (enclosure.length > 0).then_some(("length", length.as_str()));
        xml.empty("link", &attributes.into_iter().chain(length).collect::<Vec<_>>());
    }
    if let Some(date) = meta.date {
        xml.text("published", &feed.rfc3339(date.timestamp));
    }
    // Every entry needs a date: one that has none is as old as time.
    xml.text("updated", &feed.rfc3339(item.changed().map_or(0, |date| date.timestamp)));
    item.people.iter().for_each(|person| author(person.name, person.href.as_deref(), xml));
    item.topics.iter().for_each(|topic| xml.empty("category", &[("term", topic)]));
    xml.text("summary", &episode.description);
    xml.element("content", &[("type", "html")], &html::content(item, source));
    xml.close("entry");
}

fn author(name: &str, uri: Option<&str>, xml: &mut Xml) {
    xml.open("author", &[]);
    xml.text("name", name);
    xml.maybe("uri", uri);
    xml.close("author");
}

/// An id is an IRI: a guid that is none stands as a UUID that is made of it.
fn id(guid: &str, feed: Uuid) -> String {
    if let Ok(uuid) = Uuid::parse_str(guid) {
        return format!("urn:uuid:{uuid}");
    }
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    };
    let has_odd = guid.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c));
    match guid.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) && !rest.is_empty() && !has_odd => guid.to_owned(),
        _ => format!("urn:uuid:{}", Uuid::new_v5(&feed, guid.as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_addresses() {
        let check = |guid: &str, expected: &str| assert_eq!(id(guid, Uuid::NAMESPACE_URL), expected);
        check("917393e3-1b1e-5cef-ace4-edaa54e1f810", "urn:uuid:917393e3-1b1e-5cef-ace4-edaa54e1f810");
        check("https://example.org/?p=12", "https://example.org/?p=12");
        assert!(id("12", Uuid::NAMESPACE_URL).starts_with("urn:uuid:"));
        assert!(id("a b: c", Uuid::NAMESPACE_URL).starts_with("urn:uuid:"));
    }
}
