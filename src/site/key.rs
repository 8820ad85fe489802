//! Keys of pages: the hash of all that a page is made from, without making it. Same key, same bytes.
//!
//! What a page shows of another episode, person or show enters by that one's own hash; what it shows of many (sums,
//! counts, who comes often) enters by the result. So an edit changes the keys of the pages that show what was edited.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use serde::Serialize;

use crate::graph::outputs::{CardOf, FileSpec, Scope, episodes_of, feed_formats, has_chapters, has_times, site_feed};
use crate::graph::pages::{PageSpec, chunk, n_older};
use crate::graph::related::Reason;
use crate::graph::{Archive, Entry, Group};
use crate::hash::{ContentHash, Hasher};
use crate::memo::FINGERPRINT;
use crate::model::media::MediaFile;
use crate::model::transcript::TurnId;
use crate::path::Route;

/// Hashes of the parts that pages are made from.
#[derive(Debug)]
pub(super) struct Keys {
    /// Program, settings, templates, words, menu: in every page.
    frame: ContentHash,
    /// Program, titles, templates of pictures, words: in every picture.
    pictures: ContentHash,
    people: Vec<ContentHash>,
    shows: Vec<ContentHash>,
    episodes: Vec<ContentHash>,
    /// What lists for machines show of each: all but its words.
    listed: Vec<ContentHash>,
    /// What person pages add of each: who is in it, and how long all speak.
    casts: Vec<Cast>,
    /// What other episodes' pages show of each: as a neighbour, and as a related one.
    faces: Vec<(ContentHash, ContentHash)>,
    /// Where each source file leads, for pages that link to source files.
    sources: ContentHash,
    page_size: usize,
    /// Which feeds of each show there are: its pages name them.
    feeds: Vec<ContentHash>,
    /// What feeds show of each episode; made where there are feeds.
    in_feeds: OnceLock<Vec<ContentHash>>,
}

/// Who is in an episode, and how long all of them speak in characters.
#[derive(Debug)]
struct Cast {
    people: ContentHash,
    total: u64,
}

/// What [`Keys`] are made from.
pub(super) struct Parts<'p> {
    pub(super) archive: &'p Archive,
    /// Program-wide inputs: settings, title, language, templates, words, assets.
    pub(super) frame: ContentHash,
    /// What all pictures are made from: titles, templates, words.
    pub(super) pictures: ContentHash,
    /// The hash of each episode's record, in the order of the archive.
    pub(super) records: &'p [ContentHash],
    pub(super) page_size: usize,
}

impl Keys {
    pub(super) fn new(parts: &Parts<'_>) -> Self {
        let archive = parts.archive;
        let people: Vec<ContentHash> =
            archive.people.list.iter().map(|p| hash(&(&p.id, &p.name, &p.entry, &p.route))).collect();
        let shows = archive.shows.iter().map(|show| {
            let hosts: Vec<_> = show.hosts.iter().map(|&host| people[host]).collect();
            hash(&(&show.settings, &show.folder, &show.title, &show.language, &show.route, show.guid.as_bytes(), hosts))
        });
        let shows: Vec<ContentHash> = shows.collect();
        let frame = frame(archive, parts.frame);
        let episodes = archive.episodes.par_iter().zip(parts.records);
        let episodes = episodes.map(|(entry, record)| episode(archive, entry, *record, &people, &shows)).collect();
        let listed = archive.episodes.par_iter().map(|entry| listed(archive, entry, &people, &shows)).collect();
        let casts = archive.episodes.par_iter().map(|entry| cast(entry, &people)).collect();
        let faces = archive.episodes.par_iter().map(|entry| faces(entry, &shows)).collect();
        let sources = hash(&archive.by_source.iter().collect::<Vec<_>>());
        let pictures = Hasher::new().part(FINGERPRINT.as_bytes()).hash(parts.pictures).finish();
        Self {
            frame,
            pictures,
            people,
            shows,
            episodes,
            listed,
            casts,
            faces,
            sources,
            page_size: parts.page_size,
            feeds: (0..archive.shows.len()).map(|idx| feeds(archive, Scope::Show(idx))).collect(),
            in_feeds: OnceLock::new(),
        }
    }

    /// The key of a page.
    pub(super) fn page(&self, archive: &Archive, route: &Route, spec: PageSpec) -> ContentHash {
        let mut key = Hasher::new();
        // Not with its index in the archive, which changes when an episode is added.
        key.hash(self.frame).part(route.as_str().as_bytes());
        match spec {
            PageSpec::Home(page) => {
                self.list(&mut key, &(0..archive.episodes.len()).collect::<Vec<_>>(), page);
                key.json(&archive.episodes.len());
                if page == 0 {
                    self.ways_in(&mut key, archive);
                }
            }
            PageSpec::Show(idx, page) => {
                key.hash(self.feeds[idx]);
                let show = &archive.shows[idx];
                key.hash(self.shows[idx]);
                key.json(&show.seasons.iter().map(|(n, episodes)| (n, episodes.len())).collect::<Vec<_>>());
                self.collection(&mut key, archive, &show.episodes, page);
            }
            PageSpec::Season(idx, season, page) => {
                key.hash(self.feeds[idx]);
                key.hash(self.shows[idx]);
                self.collection(&mut key, archive, &archive.shows[idx].seasons[&season], page);
            }
            PageSpec::Year(year, page) => self.collection(&mut key, archive, &archive.years[&year], page),
            PageSpec::Topic(idx, page) => self.group(&mut key, archive, &archive.topics[idx], page),
            PageSpec::Series(idx, page) => self.group(&mut key, archive, &archive.series[idx], page),
            PageSpec::Person(idx, page) => self.person(&mut key, archive, idx, page),
            PageSpec::People => self.people_with_pages(&mut key, archive),
            PageSpec::Topics => {
                archive.topics.iter().for_each(|t| _ = key.json(&(&t.title, &t.route, t.episodes.len())));
            }
            PageSpec::Episode(idx) => self.episode(&mut key, archive, idx),
            PageSpec::Plain(idx) => {
                let page = &archive.plain[idx];
                key.hash(page.hash).hash(self.sources).json(&(&page.title, &page.description, &page.language));
            }
            PageSpec::Search => self.ways_in(&mut key, archive),
            PageSpec::NotFound => {}
        }
        key.finish()
    }

    /// The key of a file for apps and machines.
    pub(super) fn file(&self, archive: &Archive, route: &Route, spec: FileSpec) -> ContentHash {
        if let FileSpec::Card(of) = spec {
            return self.card(archive, of);
        }
        if let FileSpec::Cover(idx) = spec {
            return Hasher::new().hash(self.pictures).json(&archive.shows[idx].title).finish();
        }
        let mut key = Hasher::new();
        // The name of the file says what kind it is.
        key.hash(self.frame).part(route.as_str().as_bytes());
        match spec {
            FileSpec::Transcript(idx, _) | FileSpec::Chapters(idx, _) => {
                key.hash(self.episodes[idx]);
            }
            FileSpec::Markdown(page) => _ = key.hash(self.page(archive, route, page)),
            FileSpec::Llms | FileSpec::ArchiveLines => {
                self.shows.iter().chain(&self.people).chain(&self.listed).for_each(|part| _ = key.hash(*part));
                archive.plain.iter().for_each(|page| _ = key.json(&(&page.title, &page.route, &page.description)));
            }
            FileSpec::Feed(scope, _) => {
                self.shows.iter().for_each(|show| _ = key.hash(*show));
                let in_feed = self.in_feeds.get_or_init(|| in_feeds(archive, &self.people));
                episodes_of(archive, scope).iter().for_each(|&episode| _ = key.hash(in_feed[episode]));
                if archive.episodes.iter().any(|entry| entry.episode.links_to_files) {
                    key.hash(self.sources);
                }
            }
            // These are made each time, or have keys of their own.
            FileSpec::Redirects
            | FileSpec::Card(_)
            | FileSpec::Cover(_)
            | FileSpec::Picture(..)
            | FileSpec::ArchiveSchema
            | FileSpec::Headers => {}
        }
        key.finish()
    }

    /// The key of a card: what is seen on it, so that other edits make no card again.
    fn card(&self, archive: &Archive, of: CardOf) -> ContentHash {
        let mut key = Hasher::new();
        key.hash(self.pictures);
        match of {
            CardOf::Site => key.json(&archive.episodes.len()),
            CardOf::Show(idx) => key.hash(self.shows[idx]).json(&archive.shows[idx].episodes.len()),
            CardOf::Episode(idx) => {
                let date = archive.episodes[idx].episode.meta.date.map(|date| date.day);
                key.hash(self.faces[idx].1).hash(self.casts[idx].people).json(&date)
            }
        };
        key.finish()
    }

    fn ways_in(&self, key: &mut Hasher, archive: &Archive) {
        key.json(&home_facets(archive));
        archive.years.iter().for_each(|(year, episodes)| _ = key.json(&(year, episodes.len())));
        self.people_with_pages(key, archive);
    }

    fn people_with_pages(&self, key: &mut Hasher, archive: &Archive) {
        let with_page = archive.people.list.iter().zip(&self.people).filter(|(person, _)| person.route.is_some());
        with_page.for_each(|(person, hash)| _ = key.hash(*hash).json(&person.appearances.len()));
    }

    fn episode(&self, key: &mut Hasher, archive: &Archive, idx: usize) {
        let entry = &archive.episodes[idx];
        key.hash(self.episodes[idx]).hash(self.feeds[entry.show]);
        for other in [entry.previous, entry.next] {
            key.json(&other.is_some());
            other.into_iter().for_each(|other| _ = key.hash(self.faces[other].0));
        }
        for related in &entry.related {
            key.hash(self.faces[related.episode].1);
            match related.reason {
                Reason::Series(idx) => key.json(&("series", &archive.series[idx].title)),
                Reason::Topic(idx) => key.json(&("topic", &archive.topics[idx].title)),
                Reason::Person(idx) => key.json(&("person", &archive.people.list[idx].name)),
                Reason::Terms => key.json(&"terms"),
            };
        }
        if entry.episode.links_to_files {
            key.hash(self.sources);
        }
    }

    fn list(&self, key: &mut Hasher, episodes: &[usize], page: usize) {
        key.json(&(episodes.len(), n_older(episodes.len(), self.page_size)));
        let shown = &episodes[chunk(episodes.len(), self.page_size, page)];
        shown.iter().for_each(|&episode| _ = key.hash(self.episodes[episode]));
    }

    /// A list with the sums of all its episodes.
    fn collection(&self, key: &mut Hasher, archive: &Archive, episodes: &[usize], page: usize) {
        self.list(key, episodes, page);
        let (mut words, mut wide) = (0_u64, 0_u64);
        for &episode in episodes {
            let episode = &archive.episodes[episode].episode;
            words += u64::from(episode.n_words);
            wide += u64::from(episode.n_han);
        }
        let years = episodes.iter().filter_map(|&episode| archive.episodes[episode].episode.meta.date);
        let mut years = years.map(|date| date.day.year);
        let newest = years.next();
        key.json(&(words, wide, newest, years.next_back()));
    }

    fn group(&self, key: &mut Hasher, archive: &Archive, group: &Group, page: usize) {
        key.json(&(&group.title, &group.route));
        self.collection(key, archive, &group.episodes, page);
    }

    fn person(&self, key: &mut Hasher, archive: &Archive, idx: usize, page: usize) {
        let person = &archive.people.list[idx];
        key.hash(self.people[idx]);
        let episodes: Vec<usize> = person.appearances.iter().map(|appearance| appearance.episode).collect();
        self.collection(key, archive, &episodes, page);
        for appearance in &person.appearances {
            let speakers = &archive.episodes[appearance.episode].episode.speakers;
            let own = appearance.speaker.map_or(0, |speaker| speakers[speaker].length);
            let cast = &self.casts[appearance.episode];
            key.number(cast.total).number(u64::from(own)).hash(cast.people);
        }
    }
}

fn hash(value: &impl Serialize) -> ContentHash {
    Hasher::new().json(value).finish()
}

/// The part of every page that comes from the archive: what can be in the menu.
fn frame(archive: &Archive, outer: ContentHash) -> ContentHash {
    let mut key = Hasher::new();
    key.part(FINGERPRINT.as_bytes()).hash(outer);
    archive.shows.iter().for_each(|show| _ = key.json(&(&show.title, &show.route, &show.language)));
    key.json(&archive.people.list.iter().any(|person| person.route.is_some()));
    key.json(&(archive.episodes.is_empty(), archive.topics.is_empty())).hash(feeds(archive, site_feed(archive)));
    let in_menu = archive.plain.iter().filter(|page| page.menu.is_some());
    in_menu.for_each(|page| _ = key.json(&(&page.title, &page.route, page.menu)));
    key.finish()
}

/// Which feeds there are, by their formats.
fn feeds(archive: &Archive, scope: Scope) -> ContentHash {
    hash(&format!("{:?}", feed_formats(archive, scope)))
}

/// An episode as other pages see it, and all of its own page but its neighbours.
fn episode(
    archive: &Archive,
    entry: &Entry,
    record: ContentHash,
    people: &[ContentHash],
    shows: &[ContentHash],
) -> ContentHash {
    let mut key = Hasher::new();
    key.hash(record).hash(shows[entry.show]).part(entry.route.as_str().as_bytes()).part(entry.guid.as_bytes());
    entry.episode.media.iter().for_each(|file| _ = key.json(&file.seen()));
    for (speaker, ink) in entry.speakers.iter().zip(&entry.inks) {
        speaker.iter().for_each(|&person| _ = key.hash(people[person]));
        key.number(u64::from(ink.hue)).number(u64::from(ink.is_host) + 2 * u64::from(speaker.is_some()));
    }
    for &(person, role) in &entry.people {
        key.hash(people[person]).json(&role);
    }
    groups(&mut key, archive, entry);
    key.part(&TurnId::in_a_row(&entry.episode.turn_ids)).finish()
}

/// An episode as lists for machines show it.
fn listed(archive: &Archive, entry: &Entry, people: &[ContentHash], shows: &[ContentHash]) -> ContentHash {
    let (episode, meta) = (&entry.episode, &entry.episode.meta);
    let mut key = Hasher::new();
    key.hash(shows[entry.show]).part(entry.route.as_str().as_bytes()).part(entry.guid.as_bytes());
    key.json(&(&episode.title, &episode.description, &episode.language));
    key.json(&(meta.date, meta.season, meta.episode, meta.episode_type, episode.duration()));
    key.json(&(episode.n_turns(), episode.n_words, episode.n_han, has_times(episode), has_chapters(episode)));
    for (person, role) in &entry.people {
        key.hash(people[*person]).json(&(role, entry.speakers.contains(&Some(*person))));
    }
    groups(&mut key, archive, entry);
    key.finish()
}

/// The topics and series of an episode.
fn groups(key: &mut Hasher, archive: &Archive, entry: &Entry) {
    let groups = entry.topics.iter().map(|&idx| &archive.topics[idx]);
    let groups = groups.chain(entry.series.iter().map(|&idx| &archive.series[idx]));
    groups.for_each(|group| _ = key.json(&(&group.title, &group.route)));
    key.json(&(entry.topics.len(), entry.series.len()));
}

/// Of each episode what feeds show of it: another word in its transcript is nothing to them.
fn in_feeds(archive: &Archive, people: &[ContentHash]) -> Vec<ContentHash> {
    let in_feed = |entry: &Arc<Entry>| {
        let (episode, mut key) = (&entry.episode, Hasher::new());
        key.part(entry.route.as_str().as_bytes()).part(entry.guid.as_bytes());
        key.json(&(&episode.title, &episode.meta, &episode.description, &episode.language, &episode.key_points));
        let media: Vec<_> = episode.media.iter().map(MediaFile::seen).collect();
        let sections = episode.sections.iter().map(|section| (&section.id, &section.title, section.time));
        key.json(&(media, sections.collect::<Vec<_>>(), episode.has_times));
        entry.people.iter().for_each(|(person, role)| _ = key.hash(people[*person]).json(role));
        key.json(&entry.topics.iter().map(|&topic| &archive.topics[topic].title).collect::<Vec<_>>()).finish()
    };
    archive.episodes.par_iter().map(in_feed).collect()
}

fn cast(entry: &Entry, people: &[ContentHash]) -> Cast {
    let mut key = Hasher::new();
    entry.people.iter().for_each(|(person, _)| _ = key.hash(people[*person]));
    let total = entry.episode.speakers.iter().map(|speaker| u64::from(speaker.length)).sum();
    Cast { people: key.finish(), total }
}

/// An episode as its neighbours show it (title and number), and as related ones do (show and cover as well).
fn faces(entry: &Entry, shows: &[ContentHash]) -> (ContentHash, ContentHash) {
    let (episode, meta) = (&entry.episode, &entry.episode.meta);
    let neighbour = hash(&(&episode.title, &episode.language, meta.episode, &entry.route));
    let mut related = Hasher::new();
    let media: Vec<_> = episode.media.iter().map(MediaFile::seen).collect();
    related.hash(neighbour).hash(shows[entry.show]).json(&(media, &meta.image));
    entry.inks.iter().for_each(|ink| _ = related.number(u64::from(ink.hue) * 2 + u64::from(ink.is_host)));
    related.part(episode.bars.bytes());
    (neighbour, related.finish())
}

/// What the home page leads to, but for people and years: titles, addresses and counts.
fn home_facets(archive: &Archive) -> Vec<(&str, &Route, usize)> {
    let shows = archive.shows.iter().map(|show| (show.title.as_str(), &show.route, show.episodes.len()));
    let groups = archive.topics.iter().chain(archive.series.iter());
    let groups = groups.map(|group| (group.title.as_str(), &group.route, group.episodes.len()));
    shows.chain(groups).collect()
}
