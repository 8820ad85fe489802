//! Feeds: what is in one, computed once for all its forms, and their writers.

use std::borrow::Cow;
use std::fmt;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use uuid::Uuid;

use crate::config::Config;
use crate::graph::outputs::{
    ChapterFormat, FeedFormat, Place, Scope, TranscriptFormat, episodes_of, feed_formats, feed_route, has_chapters,
    transcript_formats, transcript_route,
};
use crate::graph::{Archive, Entry, Show, outputs, synthetic};
use crate::media::media_type;
use crate::model::episode::SectionOutline;
use crate::model::language::Language;
use crate::model::person::Role;
use crate::model::podcast::{Category, Synthetic, feed_guid};
use crate::model::time::{MediaTime, Published};
use crate::parse::dates::time_zone;
use crate::path::Route;

mod atom;
pub mod host;
mod html;
mod json_feed;
pub mod lint;
mod read_back;
mod rss;
mod xml;

/// What feeds are made from.
#[derive(Clone, Copy)]
pub struct Source<'s> {
    /// The archive.
    pub archive: &'s Archive,
    /// Settings.
    pub config: &'s Config,
    /// Where the site will be, ending in `/`.
    pub base_url: &'s str,
    /// The site's title.
    pub title: &'s str,
    /// The site's language.
    pub language: &'s Language,
    /// The sentence that says in a language what a machine made.
    pub disclosure: &'s (dyn Fn(&Language, &[Synthetic]) -> String + Sync),
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// A feed in any form. All addresses are absolute.
#[derive(Debug)]
pub struct Feed<'f> {
    /// What it is of.
    pub scope: Scope,
    /// The show, for the feed of one.
    pub show: Option<&'f Show>,
    /// Its title.
    pub title: &'f str,
    /// The page that it is the feed of.
    pub home: String,
    /// What it is about; its title where nothing says it.
    pub description: &'f str,
    /// The language.
    pub language: &'f Language,
    /// The forms that there are, with their addresses.
    pub forms: Vec<(FeedFormat, String)>,
    /// `podcast:guid`.
    pub guid: Uuid,
    /// Who makes it.
    pub author: Cow<'f, str>,
    /// Whom directories ask.
    pub owner: Option<&'f str>,
    /// The address of mail.
    pub email: Option<&'f str>,
    /// Copyright line.
    pub copyright: Option<&'f str>,
    /// Categories, the main one first.
    pub categories: Vec<Category>,
    /// Whether it is for adults.
    pub explicit: bool,
    /// Its picture.
    pub image: Option<String>,
    /// What a machine made of all of it.
    pub synthetic: &'f [Synthetic],
    /// Hosts.
    pub people: Vec<Person<'f>>,
    /// When the newest item came out or was changed, in seconds since 1970.
    pub updated: Option<i64>,
    /// The time zone of its dates.
    pub zone: TimeZone,
    /// Episodes, newest first.
    pub items: Vec<Item<'f>>,
}

/// An episode in a feed.
#[derive(Debug)]
pub struct Item<'f> {
    /// The episode.
    pub entry: &'f Entry,
    /// Its show.
    pub show: &'f Show,
    /// Its page.
    pub url: String,
    /// The recording.
    pub enclosure: Option<Enclosure<'f>>,
    /// Its own picture.
    pub image: Option<String>,
    /// Who is in it, hosts first.
    pub people: Vec<Person<'f>>,
    /// Topics.
    pub topics: Vec<&'f str>,
    /// The title of its season.
    pub season: Option<&'f str>,
    /// The sentence that says what a machine made.
    pub disclosure: Option<String>,
    /// Files of what is said: address and form.
    pub transcripts: Vec<(String, TranscriptFormat)>,
    /// The file of its chapters.
    pub chapters: Option<String>,
}

impl<'f> Feed<'f> {
    /// The items with a recording, which are all that a podcast feed has.
    fn published(&self) -> impl Iterator<Item = &Item<'f>> {
        self.items.iter().filter(|item| item.enclosure.is_some())
    }
}

/// The recording of an episode.
#[derive(Debug, PartialEq, Eq)]
pub struct Enclosure<'f> {
    /// Where it is.
    pub url: String,
    /// Bytes; 0 where nothing says it (RSS advisory board).
    pub length: u64,
    /// Its media type; `audio/mpeg` where nothing says it.
    pub media_type: Cow<'f, str>,
    /// How long it lasts.
    pub duration: Option<MediaTime>,
    /// Whether it is on another host than the site, which cannot look into it.
    pub is_remote: bool,
}

/// Somebody of a show or an episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person<'f> {
    /// The name.
    pub name: &'f str,
    /// The role, by the Podcast Taxonomy.
    pub role: &'static str,
    /// The person's page.
    pub href: Option<String>,
}

/// The bytes of a feed.
///
/// # Errors
/// What is wrong with them: they were read again.
pub fn feed_bytes(source: &Source<'_>, scope: Scope, format: FeedFormat) -> Result<Vec<u8>, String> {
    let feed = feed(source, scope);
    let (bytes, n_items) = match format {
        FeedFormat::Rss => (rss::rss(&feed, source), feed.published().count()),
        FeedFormat::Atom => (atom::atom(&feed, source), feed.items.len()),
        FeedFormat::Json => return Ok(json_feed::json_feed(&feed, source)),
    };
    read_back::fault(&bytes, n_items).map_or(Ok(bytes), Err)
}

/// What is in a feed.
pub fn feed<'f>(source: &Source<'f>, scope: Scope) -> Feed<'f> {
    let Source { archive, config, .. } = *source;
    let show = match scope {
        Scope::Show(idx) => Some(&archive.shows[idx]),
        Scope::Site | Scope::Language(_) => None,
    };
    let settings = show.map(|show| &show.settings);
    let forms = feed_formats(archive, scope);
    let forms: Vec<(FeedFormat, String)> =
        forms.iter().map(|&format| (format, source.url(&feed_route(archive, scope, format)))).collect();
    let own = |of_show: fn(&Show) -> Option<&String>, of_site: &'f Option<String>| {
        show.and_then(of_show).or(of_site.as_ref()).map(String::as_str)
    };
    let title = show.map_or(source.title, |show| show.title.as_str());
    let own_description = if show.is_none_or(|show| show.route == Route::home()) { &config.description } else { &None };
    let items: Vec<Item<'f>> = episodes_of(archive, scope).iter().map(|&idx| source.item(idx)).collect();
    let categories = settings.map(|settings| settings.categories.clone()).filter(|own| !own.is_empty());
    let said = settings.and_then(|settings| settings.explicit).or(config.explicit);
    let hosts = show.map_or_else(Vec::new, |show| source.hosts(show));
    let author = own(|show| show.settings.author.as_ref(), &config.author).map(Cow::Borrowed).unwrap_or_else(|| {
        let names: Vec<&str> = hosts.iter().map(|host| host.name).collect();
        if names.is_empty() { Cow::Borrowed(title) } else { Cow::Owned(names.join(", ")) }
    });
    let of_address = || forms.first().map_or_else(Uuid::nil, |(_, url)| feed_guid(url));
    Feed {
        scope,
        show,
        title,
        home: source.url(show.map_or(&Route::home(), |show| &show.route)),
        description: own(|show| show.settings.description.as_ref(), own_description).unwrap_or(title),
        language: match scope {
            Scope::Site => source.language,
            Scope::Language(idx) => &archive.languages[idx],
            Scope::Show(idx) => &archive.shows[idx].language,
        },
        guid: match (show, scope) {
            (Some(show), _) => show.guid,
            (None, Scope::Site) => config.guid.unwrap_or_else(of_address),
            (None, _) => of_address(),
        },
        author,
        owner: own(|show| show.settings.owner.as_ref(), &config.owner),
        email: own(|show| show.settings.email.as_ref(), &config.email),
        copyright: own(|show| show.settings.copyright.as_ref(), &config.copyright),
        categories: categories.unwrap_or_else(|| config.categories.clone()),
        explicit: said.unwrap_or_else(|| items.iter().any(|item| item.entry.episode.meta.explicit == Some(true))),
        image: match scope {
            Scope::Show(idx) => outputs::artwork_route(archive, idx).map(|route| source.url(&route)),
            Scope::Site | Scope::Language(_) => None,
        },
        synthetic: settings.map_or(&[], |settings| settings.synthetic.as_slice()),
        people: hosts,
        updated: items.iter().filter_map(|item| item.changed()).map(|date| date.timestamp).max(),
        zone: time_zone(&config.timezone).unwrap_or(TimeZone::UTC),
        forms,
        items,
    }
}

impl Feed<'_> {
    /// The address of a form, if there is that form.
    pub fn address(&self, format: FeedFormat) -> Option<&str> {
        self.forms.iter().find(|(own, _)| *own == format).map(|(_, url)| url.as_str())
    }

    /// A moment in the time zone of the site.
    fn moment(&self, timestamp: i64) -> ZonedDateTime {
        let moment = Timestamp::from_second(timestamp).unwrap_or(Timestamp::UNIX_EPOCH);
        ZonedDateTime::new(moment, self.zone.clone())
    }

    /// A moment as RFC 2822 has it: `Sat, 14 Mar 2026 00:00:00 +0000`.
    fn rfc2822(&self, timestamp: i64) -> String {
        jiff::fmt::rfc2822::to_string(&self.moment(timestamp)).unwrap_or_default()
    }

    /// A moment as RFC 3339 has it: `2026-03-14T00:00:00+00:00`.
    fn rfc3339(&self, timestamp: i64) -> String {
        let moment = self.moment(timestamp);
        moment.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

impl Item<'_> {
    /// When it was changed, or came out.
    fn changed(&self) -> Option<Published> {
        let meta = &self.entry.episode.meta;
        meta.updated.max(meta.date)
    }

    /// What a machine made of it.
    pub fn synthetic(&self) -> &[Synthetic] {
        synthetic(self.entry, self.show)
    }

    /// Sections with a title, for lists.
    fn sections(&self) -> impl Iterator<Item = (&SectionOutline, &str)> {
        self.entry.episode.sections.iter().filter_map(|section| Some((section, section.title.as_deref()?)))
    }
}

impl<'f> Source<'f> {
    /// The address of a route.
    fn url(&self, route: &Route) -> String {
        route.absolute(self.base_url)
    }

    fn item(&self, idx: usize) -> Item<'f> {
        let entry: &'f Entry = &self.archive.episodes[idx];
        let (episode, show) = (&entry.episode, &self.archive.shows[entry.show]);
        let made = synthetic(entry, show);
        let transcripts = transcript_formats(episode)
            .iter()
            .filter_map(|&format| transcript_route(entry, format).map(|route| (self.url(&route), format)));
        let chapters = has_chapters(episode).then(|| entry.route.join(ChapterFormat::Json.file_name())).flatten();
        let season = episode.meta.season.and_then(|number| {
            show.settings.seasons.iter().find(|(own, _)| *own == number).map(|(_, title)| title.as_str())
        });
        Item {
            entry,
            show,
            url: self.url(&entry.route),
            enclosure: self.enclosure(entry),
            image: outputs::picture(self.archive, idx).map(|place| self.place(place)),
            people: self.people(entry, show),
            topics: entry.topics.iter().map(|&topic| self.archive.topics[topic].title.as_str()).collect(),
            season,
            disclosure: (!made.is_empty()).then(|| (self.disclosure)(&episode.language, made)),
            transcripts: transcripts.collect(),
            chapters: chapters.map(|route| self.url(&route)),
        }
    }

    fn enclosure(&self, entry: &'f Entry) -> Option<Enclosure<'f>> {
        let (episode, meta) = (&entry.episode, &entry.episode.meta);
        let (place, file) = outputs::recording(entry, self.config)?;
        let url = self.place(place);
        let media_type = meta.audio_type.as_deref().or_else(|| media_type(&url)).unwrap_or(UNKNOWN_TYPE);
        let declared_length = || meta.audio_length.as_ref().map_or(0, |length| length.value);
        Some(Enclosure {
            length: file.map_or_else(declared_length, |file| file.stamp.size),
            media_type: Cow::Borrowed(media_type),
            duration: episode.duration(),
            is_remote: file.is_none(),
            url,
        })
    }

    /// The address of a recording or picture.
    fn place(&self, place: Place) -> String {
        match place {
            Place::Here(route) => self.url(&route),
            Place::Elsewhere(url) => url,
        }
    }

    fn hosts(&self, show: &'f Show) -> Vec<Person<'f>> {
        show.hosts.iter().map(|&host| self.person(host, HOST)).collect()
    }

    /// Who is in an episode. Persons of an item replace those of its channel, so the hosts are said again.
    fn people(&self, entry: &'f Entry, show: &'f Show) -> Vec<Person<'f>> {
        let is_host = |role: &Option<Role>| *role == Some(Role::Host);
        let has_host = entry.people.iter().any(|(_, role)| is_host(role));
        let hosts = if has_host { Vec::new() } else { self.hosts(show) };
        let listed = entry.people.iter().map(|(person, role)| {
            // Without a role it would be `host`.
            self.person(*person, if is_host(role) { HOST } else { "guest" })
        });
        let mut people: Vec<Person<'f>> = hosts;
        for person in listed {
            if !people.iter().any(|known| known.name == person.name) {
                people.push(person);
            }
        }
        people
    }

    fn person(&self, idx: usize, role: &'static str) -> Person<'f> {
        let person = &self.archive.people.list[idx];
        Person { name: &person.name, role, href: person.route.as_ref().map(|route| self.url(route)) }
    }
}

const HOST: &str = "host";
const UNKNOWN_TYPE: &str = "audio/mpeg";
