//! RSS 2.0 with Apple's and Podcasting 2.0's tags. Rules: RSS 2.0, Apple "A Podcaster's Guide to RSS", PSP-1, and
//! `docs/tags/*.md` of `Podcastindex-org/podcast-namespace`.

use super::xml::Xml;
use super::{Enclosure, Feed, Item, Person, Source, html};
use crate::graph::Show;
use crate::graph::chapters::{self, Chapter};
use crate::graph::outputs::{ChapterFormat, FeedFormat, TranscriptFormat};
use crate::model::episode::EpisodeType;
use crate::model::language::Language;
use crate::model::podcast::{Block, License, Location, RemoteItem, ShowType, SocialInteract, Txt};
use crate::model::show::ShowSettings;
use crate::model::time::MediaTime;

/// The feed. Episodes without a recording are not in it.
pub(super) fn rss(feed: &Feed<'_>, source: &Source<'_>) -> Vec<u8> {
    let mut xml = Xml::new();
    let namespaces = [
        ("version", "2.0"),
        ("xmlns:itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd"),
        ("xmlns:podcast", "https://podcastindex.org/namespace/1.0"),
        ("xmlns:atom", "http://www.w3.org/2005/Atom"),
        ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
        ("xmlns:psc", "http://podlove.org/simple-chapters"),
    ];
    xml.open("rss", &namespaces);
    xml.open("channel", &[]);
    channel(feed, &mut xml);
    for item in &feed.items {
        if let Some(enclosure) = &item.enclosure {
            write_item(feed, (item, enclosure), source, &mut xml);
        }
    }
    xml.close("channel");
    xml.close("rss");
    xml.finish()
}

fn channel(feed: &Feed<'_>, xml: &mut Xml) {
    xml.text("title", feed.title);
    xml.text("link", &feed.home);
    xml.text("description", &html::description(&[feed.description]));
    xml.text("language", &language(feed.language));
    for (format, url) in &feed.forms {
        let rel = if *format == FeedFormat::Rss { "self" } else { "alternate" };
        xml.empty("atom:link", &[("href", url), ("rel", rel), ("type", format.media_type())]);
    }
    if let Some(updated) = feed.updated {
        xml.text("lastBuildDate", &feed.rfc2822(updated));
    }
    xml.text("generator", "Podleaf");
    xml.maybe("copyright", feed.copyright);
    if let Some(image) = &feed.image {
        xml.open("image", &[]);
        xml.text("url", image);
        xml.text("title", feed.title);
        xml.text("link", &feed.home);
        xml.close("image");
    }
    xml.text("itunes:author", &feed.author);
    images(feed.image.as_deref(), xml);
    for category in &feed.categories {
        match category.sub {
            None => xml.empty("itunes:category", &[("text", category.main)]),
            Some(sub) => {
                xml.open("itunes:category", &[("text", category.main)]);
                xml.empty("itunes:category", &[("text", sub)]);
                xml.close("itunes:category");
            }
        }
    }
    xml.text("itunes:explicit", explicit(feed.explicit));
    if let Some(email) = feed.email {
        xml.open("itunes:owner", &[]);
        xml.text("itunes:name", feed.owner.unwrap_or(&feed.author));
        xml.text("itunes:email", email);
        xml.close("itunes:owner");
    }
    xml.text("podcast:guid", &feed.guid.to_string());
    let medium = feed.show.and_then(|show| show.settings.medium.as_deref());
    xml.text("podcast:medium", medium.unwrap_or("podcast"));
    people(&feed.people, xml);
    if !feed.synthetic.is_empty() {
        xml.element("podcast:txt", &[("purpose", AI_CONTENT)], "true");
    }
    if let Some(show) = feed.show {
        of_show(feed, &show.settings, xml);
    }
}

/// What only `show.toml` says.
fn of_show(feed: &Feed<'_>, settings: &ShowSettings, xml: &mut Xml) {
    xml.text("itunes:type", if settings.show_type == ShowType::Serial { "serial" } else { "episodic" });
    if settings.complete {
        xml.text("itunes:complete", "Yes");
    }
    xml.maybe("itunes:new-feed-url", settings.new_feed_url.as_deref());
    if let Some(locked) = settings.locked {
        let owner: Vec<(&str, &str)> = feed.email.map(|email| ("owner", email)).into_iter().collect();
        xml.element("podcast:locked", &owner, yes(locked));
    }
    block(&settings.block, xml);
    update_frequency(feed, settings, xml);
    funding(&settings.funding, xml);
    license(settings.license.as_ref(), xml);
    locations(&settings.location, xml);
    for trailer in &settings.trailer {
        let (date, length) = (feed.rfc2822(trailer.date.timestamp), trailer.length.map(|n| n.to_string()));
        let season = trailer.season.map(|n| n.to_string());
        let attributes = [
            ("url", Some(trailer.url.as_str())),
            ("pubdate", Some(&date)),
            ("length", length.as_deref()),
            ("type", trailer.media_type.as_deref()),
            ("season", season.as_deref()),
        ];
        xml.element("podcast:trailer", &there(&attributes), &trailer.title);
    }
    txt(&settings.txt, xml);
    if !settings.podroll.is_empty() {
        xml.open("podcast:podroll", &[]);
        settings.podroll.iter().for_each(|other| remote_item(other, other.medium.as_deref(), xml));
        xml.close("podcast:podroll");
    }
    if let Some(publisher) = &settings.publisher {
        xml.open("podcast:publisher", &[]);
        remote_item(publisher, Some("publisher"), xml);
        xml.close("podcast:publisher");
    }
    social_interact(&settings.social_interact, xml);
    if let Some(chat) = &settings.chat {
        let attributes = [
            ("server", Some(chat.server.as_str())),
            ("protocol", Some(&chat.protocol)),
            ("accountId", chat.account_id.as_deref()),
            ("space", chat.space.as_deref()),
        ];
        xml.empty("podcast:chat", &there(&attributes));
    }
}

fn update_frequency(feed: &Feed<'_>, settings: &ShowSettings, xml: &mut Xml) {
    let rule = settings.update_frequency.as_ref();
    if rule.is_none() && settings.frequency.is_none() && !settings.complete {
        return;
    }
    let from = rule.and_then(|rule| rule.from).map(|from| feed.rfc3339(from.timestamp));
    let attributes = [
        ("complete", settings.complete.then_some("true")),
        ("dtstart", from.as_deref()),
        ("rrule", rule.and_then(|rule| rule.rule.as_deref())),
    ];
    xml.element("podcast:updateFrequency", &there(&attributes), settings.frequency.as_deref().unwrap_or_default());
}

fn write_item(feed: &Feed<'_>, (item, enclosure): (&Item<'_>, &Enclosure<'_>), source: &Source<'_>, xml: &mut Xml) {
    let (episode, meta) = (&item.entry.episode, &item.entry.episode.meta);
    xml.open("item", &[]);
    xml.text("title", &episode.title);
    xml.text("itunes:title", &episode.title);
    xml.text("link", &item.url);
    xml.element("guid", &[("isPermaLink", "false")], &item.entry.guid);
    if let Some(date) = meta.date {
        xml.text("pubDate", &feed.rfc2822(date.timestamp));
    }
    let disclosure = item.disclosure.as_deref().unwrap_or_default();
    xml.text("description", &html::description(&[&episode.description, disclosure]));
    xml.text("content:encoded", &html::content(item, source));
    let length = enclosure.length.to_string();
    xml.empty("enclosure", &[("url", &enclosure.url), ("length", &length), ("type", &enclosure.media_type)]);
    if let Some(duration) = enclosure.duration {
        xml.text("itunes:duration", &whole_seconds(duration).to_string());
    }
    numbers(item, xml);
    let kind = match meta.episode_type {
        None | Some(EpisodeType::Full) => "full",
        Some(EpisodeType::Trailer) => "trailer",
        Some(EpisodeType::Bonus) => "bonus",
    };
    xml.text("itunes:episodeType", kind);
    if feed.show.is_none() {
        xml.text("itunes:author", author(item.show));
    }
    xml.text("itunes:explicit", explicit(meta.explicit.unwrap_or(feed.explicit)));
    if meta.block {
        xml.text("itunes:block", "Yes");
    }
    images(item.image.as_deref(), xml);
    people(&item.people, xml);
    for (url, format) in &item.transcripts {
        let is_captions = matches!(format, TranscriptFormat::Vtt | TranscriptFormat::Srt);
        let attributes = [
            ("url", Some(url.as_str())),
            ("type", Some(format.media_type())),
            ("language", Some(episode.language.as_str())),
            ("rel", is_captions.then_some("captions")),
        ];
        xml.empty("podcast:transcript", &there(&attributes));
    }
    chapters(item, xml);
    if !item.synthetic().is_empty() {
        xml.element("podcast:txt", &[("purpose", AI_CONTENT)], "true");
    }
    for bite in &meta.soundbites {
        let (start, duration) = (seconds(bite.start), seconds(bite.duration));
        let title = bite.title.as_deref().unwrap_or_default();
        xml.element("podcast:soundbite", &[("startTime", &start), ("duration", &duration)], title);
    }
    alternate_enclosures(item, xml);
    content_links(item, xml);
    funding(&meta.funding, xml);
    license(meta.license.as_ref(), xml);
    locations(&meta.location, xml);
    social_interact(&meta.social_interact, xml);
    txt(&meta.txt, xml);
    xml.close("item");
}

/// Season and episode, which count from 1.
fn numbers(item: &Item<'_>, xml: &mut Xml) {
    let meta = &item.entry.episode.meta;
    if let Some(season) = meta.season.filter(|season| *season > 0).map(|season| season.to_string()) {
        xml.text("itunes:season", &season);
        let name: Vec<(&str, &str)> = item.season.map(|name| ("name", name)).into_iter().collect();
        xml.element("podcast:season", &name, &season);
    }
    if let Some(number) = meta.episode.filter(|number| *number > 0).map(|number| number.to_string()) {
        xml.text("itunes:episode", &number);
        xml.text("podcast:episode", &number);
    }
}

fn chapters(item: &Item<'_>, xml: &mut Xml) {
    let Some(url) = &item.chapters else { return };
    xml.empty("podcast:chapters", &[("url", url), ("type", ChapterFormat::Json.media_type())]);
    xml.open("psc:chapters", &[("version", "1.2")]);
    for Chapter { start, title, section } in chapters::chapters(&item.entry.episode) {
        let href = format!("{}#{section}", item.url);
        xml.empty("psc:chapter", &[("start", &clock(start)), ("title", title), ("href", &href)]);
    }
    xml.close("psc:chapters");
}

fn alternate_enclosures(item: &Item<'_>, xml: &mut Xml) {
    for other in &item.entry.episode.meta.alternate_enclosures {
        let length = other.length.map(|n| n.to_string());
        let (bitrate, height) = (other.bitrate.map(|n| n.to_string()), other.height.map(|n| n.to_string()));
        let attributes = [
            ("type", Some(other.media_type.as_str())),
            ("length", length.as_deref()),
            ("bitrate", bitrate.as_deref()),
            ("height", height.as_deref()),
            ("title", other.title.as_deref()),
        ];
        xml.open("podcast:alternateEnclosure", &there(&attributes));
        other.sources.iter().for_each(|source| xml.empty("podcast:source", &[("uri", source)]));
        xml.close("podcast:alternateEnclosure");
    }
}

/// The same content elsewhere: what is declared, and where to listen.
fn content_links(item: &Item<'_>, xml: &mut Xml) {
    let meta = &item.entry.episode.meta;
    for (title, url) in &meta.content_links {
        xml.element("podcast:contentLink", &[("href", url)], title);
    }
    if let Some(url) = meta.listen_url.as_ref().filter(|url| url.contains("://")) {
        xml.element("podcast:contentLink", &[("href", url)], &item.entry.episode.title);
    }
}

fn people(people: &[Person<'_>], xml: &mut Xml) {
    for person in people {
        let attributes = [("role", Some(person.role)), ("href", person.href.as_deref())];
        xml.element("podcast:person", &there(&attributes), person.name);
    }
}

fn images(image: Option<&str>, xml: &mut Xml) {
    if let Some(image) = image {
        xml.empty("itunes:image", &[("href", image)]);
        xml.empty("podcast:image", &[("href", image), ("purpose", "artwork")]);
    }
}

fn block(block: &Block, xml: &mut Xml) {
    if block.all {
        xml.text("itunes:block", "Yes");
        xml.text("podcast:block", "yes");
    }
    block.services.iter().for_each(|service| xml.element("podcast:block", &[("id", service)], "yes"));
}

fn funding(funding: &[(String, String)], xml: &mut Xml) {
    funding.iter().for_each(|(title, url)| xml.element("podcast:funding", &[("url", url)], title));
}

fn license(license: Option<&License>, xml: &mut Xml) {
    if let Some(License { name, url }) = license {
        xml.element("podcast:license", &there(&[("url", url.as_deref())]), name);
    }
}

fn locations(locations: &[Location], xml: &mut Xml) {
    for place in locations {
        let attributes = [
            ("rel", place.rel.as_deref()),
            ("geo", place.geo.as_deref()),
            ("osm", place.osm.as_deref()),
            ("country", place.country.as_deref()),
        ];
        xml.element("podcast:location", &there(&attributes), &place.name);
    }
}

fn social_interact(places: &[SocialInteract], xml: &mut Xml) {
    for place in places {
        let priority = place.priority.map(|n| n.to_string());
        let attributes = [
            ("protocol", Some(place.protocol.as_str())),
            ("uri", place.uri.as_deref()),
            ("accountId", place.account_id.as_deref()),
            ("accountUrl", place.account_url.as_deref()),
            ("priority", priority.as_deref()),
        ];
        xml.empty("podcast:socialInteract", &there(&attributes));
    }
}

fn txt(texts: &[Txt], xml: &mut Xml) {
    for Txt { purpose, text } in texts {
        let purpose = Some(purpose.as_str()).filter(|purpose| !purpose.is_empty());
        xml.element("podcast:txt", &there(&[("purpose", purpose)]), text);
    }
}

fn remote_item(item: &RemoteItem, medium: Option<&str>, xml: &mut Xml) {
    let attributes = [
        ("feedGuid", Some(item.guid.as_str())),
        ("feedUrl", item.url.as_deref()),
        ("title", item.title.as_deref()),
        ("medium", medium),
    ];
    xml.empty("podcast:remoteItem", &there(&attributes));
}

/// The attributes that have a value.
fn there<'a>(attributes: &[(&'a str, Option<&'a str>)]) -> Vec<(&'a str, &'a str)> {
    attributes.iter().filter_map(|(name, value)| Some((*name, (*value)?))).collect()
}

fn author(show: &Show) -> &str {
    show.settings.author.as_deref().unwrap_or(&show.title)
}

/// The language as directories know it (ISO 639 with a country): they take no script.
fn language(language: &Language) -> String {
    match language.as_str() {
        "zh-Hans" => "zh-cn".to_owned(),
        "zh-Hant" => "zh-tw".to_owned(),
        tag => {
            let mut parts = tag.split('-');
            let primary = parts.next().unwrap_or_default();
            match parts.find(|part| part.len() == 2) {
                Some(country) => format!("{primary}-{}", country.to_lowercase()),
                None => primary.to_owned(),
            }
        }
    }
}

fn explicit(explicit: bool) -> &'static str {
    if explicit { "true" } else { "false" }
}

fn yes(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// Seconds, rounded; nothing lasts no time.
pub(super) fn whole_seconds(time: MediaTime) -> u64 {
    ((time.0 + 500) / 1000).max(1)
}

/// Seconds with their fraction: `73.5`.
fn seconds(time: MediaTime) -> String {
    match time.0 % 1000 {
        0 => (time.0 / 1000).to_string(),
        _ => format!("{}.{:03}", time.0 / 1000, time.0 % 1000).trim_end_matches('0').to_owned(),
    }
}

/// `HH:MM:SS.mmm`.
fn clock(time: MediaTime) -> String {
    let mut clock = String::new();
    time.push_timestamp('.', &mut clock);
    clock
}

const AI_CONTENT: &str = "ai-content";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_those_of_directories() {
        let check = |tag: &str, expected: &str| assert_eq!(language(&Language::new(tag).unwrap()), expected);
        check("zh", "zh-cn");
        check("zh-TW", "zh-tw");
        check("en-GB", "en-gb");
        check("sr-Latn-RS", "sr-rs");
        check("sr-Latn", "sr");
        check("de", "de");
    }

    #[test]
    fn times_are_written_as_each_tag_has_them() {
        assert_eq!((seconds(MediaTime(73_500)), seconds(MediaTime(60_000))), ("73.5".to_owned(), "60".to_owned()));
        assert_eq!(clock(MediaTime(3_723_045)), "01:02:03.045");
        assert_eq!((whole_seconds(MediaTime(1499)), whole_seconds(MediaTime(3))), (1, 1));
    }
}
