//! The archive: records linked to shows, people, topics, years and each other, and the routes of all pages.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use uuid::Uuid;

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::files::EpisodeFiles;
use crate::graph::people::{Appearance, Ink, People};
use crate::graph::related::{Reason, Related, related};
use crate::hash::ContentHash;
use crate::lock::{self, Lock};
use crate::model::episode::Episode;
use crate::model::language::Language;
use crate::model::person::Role;
use crate::model::podcast::{Synthetic, feed_guid};
use crate::model::show::ShowSettings;
use crate::model::slug::{self, Slugs};
use crate::model::transcript::TurnId;
use crate::parse::words::Words;
use crate::path::{Route, SitePath, percent_decoded};

pub mod chapters;
mod edit;
pub mod files;
mod labels;
pub mod outputs;
pub mod pages;
pub mod people;
pub mod related;

pub use labels::label_notes;

/// A show with its episodes.
#[derive(Debug)]
pub struct Show {
    /// What `show.toml` says.
    pub settings: ShowSettings,
    /// Its folder below the content root, `""` for a site with one show.
    pub folder: String,
    /// Its title.
    pub title: String,
    /// Its language.
    pub language: Language,
    /// Its page; the home page for a site with one show at its root.
    pub route: Route,
    /// Its guid, for feeds.
    pub guid: Uuid,
    /// Its hosts.
    pub hosts: Vec<usize>,
    /// Whether any of its episodes has a recording.
    pub has_audio: bool,
    /// Its episodes, newest first.
    pub episodes: Vec<usize>,
    /// Its seasons by number, each newest first.
    pub seasons: BTreeMap<u32, Vec<usize>>,
}

/// An episode with its place in the archive.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The record, with the turn ids of its page.
    pub episode: Arc<Episode>,
    /// Index of its show.
    pub show: usize,
    /// Its page.
    pub route: Route,
    /// Earlier routes that lead to it, by the lock.
    pub earlier: Vec<Route>,
    /// The ids that the words of its turns have, where the record holds other ones, which are kept.
    pub default_ids: Option<Vec<TurnId>>,
    /// Its guid, for feeds.
    pub guid: String,
    /// What the lock that was read says of it.
    pub past: lock::Past,
    /// The person of each speaker; `None` for a label that is only a part, such as `Q`.
    pub speakers: Vec<Option<usize>>,
    /// The colour of each speaker.
    pub inks: Vec<Ink>,
    /// Everybody in it: hosts, guests, then others who speak.
    pub people: Vec<(usize, Option<Role>)>,
    /// Topics by index.
    pub topics: Vec<usize>,
    /// Series by index.
    pub series: Vec<usize>,
    /// The episode before it in its show.
    pub previous: Option<usize>,
    /// The episode after it in its show.
    pub next: Option<usize>,
    /// Related episodes.
    pub related: Vec<Related>,
}

impl Entry {
    /// The turns with their ids, as the next build wants to know them.
    pub fn turns(&self) -> Option<Vec<lock::Turn>> {
        let ids = &self.episode.turn_ids;
        lock::turns(self.default_ids.as_ref().unwrap_or(ids), ids, &self.episode)
    }
}

/// What a machine made of an episode: what it says itself, else what its show says.
pub fn synthetic<'e>(entry: &'e Entry, show: &'e Show) -> &'e [Synthetic] {
    entry.episode.meta.synthetic.as_deref().unwrap_or(&show.settings.synthetic)
}

/// A topic or a series.
#[derive(Debug)]
pub struct Group {
    /// As first written.
    pub title: String,
    /// Its page.
    pub route: Route,
    /// Its episodes, newest first.
    pub episodes: Vec<usize>,
}

/// A plain page.
#[derive(Debug, Clone)]
pub struct PlainPage {
    /// Its file.
    pub source: SitePath,
    /// Its hash.
    pub hash: ContentHash,
    /// Its title.
    pub title: String,
    /// Its page.
    pub route: Route,
    /// Its place in the menu.
    pub menu: Option<i64>,
    /// Its language.
    pub language: Language,
    /// Sentence for search engines.
    pub description: String,
    /// Routes that lead to it.
    pub aliases: Vec<String>,
}

/// The linked archive. Its parts are shared with the archives that are made of it by [`Archive::with_episode`].
#[derive(Debug, Clone)]
pub struct Archive {
    /// Shows in the order of their folders.
    pub shows: Arc<Vec<Show>>,
    /// Episodes, newest first; those without a date last, in natural order of their names.
    pub episodes: Vec<Arc<Entry>>,
    /// People.
    pub people: Arc<People>,
    /// Topics by title.
    pub topics: Arc<Vec<Group>>,
    /// Series by title.
    pub series: Arc<Vec<Group>>,
    /// Years with their episodes, newest first.
    pub years: Arc<BTreeMap<i16, Vec<usize>>>,
    /// Plain pages.
    pub plain: Arc<Vec<PlainPage>>,
    /// Pages by the source files that they are made from, so that links between sources lead to pages.
    pub by_source: Arc<BTreeMap<SitePath, Route>>,
    /// The languages of the episodes, where there is more than one, in the order of their tags.
    pub languages: Arc<Vec<Language>>,
    /// What is promised of all shows, as it is to be written; as of the last linking of everything.
    pub locks: Arc<Vec<Lock>>,
}

impl Archive {
    /// The page that is made from a source file, by a link to the file from a folder of the sources.
    pub fn linked_page(&self, link: &str, folder: &str) -> Option<&Route> {
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        for part in link.split('/') {
            match part {
                "." => {}
                ".." => _ = parts.pop()?,
                _ => parts.push(part),
            }
        }
        self.by_source.get(&SitePath::new(percent_decoded(&parts.join("/"))?)?)
    }
}

/// All that is linked.
#[derive(Debug)]
pub struct Parts<'p> {
    /// Settings by folder.
    pub shows: BTreeMap<String, ShowSettings>,
    /// Records with their files.
    pub episodes: Vec<(Arc<EpisodeFiles>, Arc<Episode>)>,
    /// People of `people.toml`.
    pub people: People,
    /// Plain pages; their routes are checked here.
    pub plain: Vec<PlainPage>,
    /// Language of the interface.
    pub language: Language,
    /// The site's title, which is that of a show at the root as well.
    pub title: String,
    /// What was promised of the episodes before.
    pub lock: lock::Input<'p>,
}

/// Links records to an archive and reports what cannot be linked.
pub fn link(parts: Parts<'_>, config: &Config, words: &Words) -> (Archive, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut people = parts.people;
    let locks = (parts.lock.locks.as_slice(), |folder: &str| parts.lock.folder(folder));
    let mut shows = shows(parts.shows, config, (&parts.title, &parts.language), &mut people, locks);
    let (mut episodes, locks) = entries(parts.episodes, parts.lock, &shows, config, &mut diagnostics);
    report_same_guids(&episodes, &mut diagnostics);
    episodes.sort_unstable_by(newest_first);
    for (idx, entry) in episodes.iter().enumerate() {
        shows[entry.show].episodes.push(idx);
        shows[entry.show].has_audio |= outputs::has_audio(&entry.episode);
        if let Some(season) = entry.episode.meta.season {
            shows[entry.show].seasons.entry(season).or_default().push(idx);
        }
    }
    shows.retain(|show| !show.episodes.is_empty());
    renumber(&shows, &mut episodes);
    for show in &shows {
        for pair in show.episodes.windows(2) {
            episodes[pair[0]].previous = Some(pair[1]);
            episodes[pair[1]].next = Some(pair[0]);
        }
    }
    link_people(&shows, &mut episodes, &mut people, words);
    let topics = groups(&mut episodes, "topics", |e| &e.episode.meta.tags, |e| &mut e.topics);
    let series = groups(&mut episodes, "series", |e| &e.episode.meta.series, |e| &mut e.series);
    let mut years: BTreeMap<i16, Vec<usize>> = BTreeMap::new();
    for (idx, entry) in episodes.iter().enumerate() {
        if let Some(date) = entry.episode.meta.date {
            years.entry(date.day.year).or_default().push(idx);
        }
    }
    link_related(&shows, &mut episodes);
    diagnostics.append(labels::notes(&episodes, &people, words, |_| true));
    let by_episode = episodes
        .iter()
        .flat_map(|entry| entry.episode.read.iter().map(|(path, _)| (path.clone(), entry.route.clone())));
    let by_source =
        by_episode.chain(parts.plain.iter().map(|page| (page.source.clone(), page.route.clone()))).collect();
    let languages: BTreeSet<&Language> = episodes.iter().map(|entry| &entry.episode.language).collect();
    let languages = if languages.len() > 1 { languages.into_iter().cloned().collect() } else { Vec::new() };
    let archive = Archive {
        shows: Arc::new(shows),
        episodes: episodes.into_iter().map(Arc::new).collect(),
        people: Arc::new(people),
        topics: Arc::new(topics),
        series: Arc::new(series),
        years: Arc::new(years),
        plain: Arc::new(parts.plain),
        by_source: Arc::new(by_source),
        languages: Arc::new(languages),
        locks: Arc::new(locks),
    };
    (archive, diagnostics)
}

fn shows(
    settings: BTreeMap<String, ShowSettings>,
    config: &Config,
    (site_title, language): (&str, &Language),
    people: &mut People,
    (locks, lock_folder): (&[Lock], impl Fn(&str) -> String),
) -> Vec<Show> {
    let show = |(folder, settings): (String, ShowSettings)| {
        let name = settings.slug.clone().or_else(|| address(&folder, None, config.slugs)).unwrap_or_default();
        let route = if folder.is_empty() { Some(Route::home()) } else { Route::new(format!("/{name}/")) };
        let title = settings.title.clone().or_else(|| folder.is_empty().then(|| site_title.to_owned()));
        let from_folder =
            || slug::title_from_stem(&folder).filter(|title| !title.is_empty()).unwrap_or_else(|| folder.clone());
        let hosts = settings.hosts.iter().map(|credit| {
            let idx = people.resolve(&credit.name.value);
            people.list[idx].credited = true;
            idx
        });
        let hosts = hosts.collect();
        let route = route.unwrap_or_else(Route::home);
        let kept = || locks.iter().find(|lock| lock.path.parent() == lock_folder(&folder)).and_then(|lock| lock.show);
        let guid = settings.guid.or_else(kept).unwrap_or_else(|| {
            let feed = route.join("feed.xml").unwrap_or_else(Route::home);
            feed_guid(&feed.absolute(config.base_url.as_deref().unwrap_or_default()))
        });
        Show {
            title: title.unwrap_or_else(from_folder),
            language: settings.language.clone().unwrap_or_else(|| language.clone()),
            route,
            folder,
            guid,
            hosts,
            has_audio: false,
            episodes: Vec::new(),
            seasons: BTreeMap::new(),
            settings,
        }
    };
    settings.into_iter().map(show).collect()
}

/// Episodes with what the locks keep of them, and the locks as they are to be written.
fn entries(
    records: Vec<(Arc<EpisodeFiles>, Arc<Episode>)>,
    input: lock::Input<'_>,
    shows: &[Show],
    config: &Config,
    diagnostics: &mut Diagnostics,
) -> (Vec<Entry>, Vec<Lock>) {
    let by_folder: BTreeMap<&str, usize> =
        shows.iter().enumerate().map(|(idx, show)| (show.folder.as_str(), idx)).collect();
    let presents = records.par_iter().filter_map(|(files, episode)| {
        let show = *by_folder.get(files.show.as_str())?;
        let declared = episode.meta.slug.as_ref().map(|slug| slug.value.clone());
        Some(lock::Present {
            folder: input.folder(&files.show),
            show_route: &shows[show].route,
            show_guid: shows[show].guid,
            name: declared.or_else(|| address(&files.stem, Some(episode), config.slugs))?,
            episode,
            is_published: !input.unpublished.contains(&episode.source),
        })
    });
    let presents: Vec<lock::Present<'_>> = presents.collect();
    let is_sure = |show: &&Show| config.base_url.is_some() || show.settings.guid.is_some();
    let guids = shows.iter().filter(is_sure).map(|show| (input.folder(&show.folder), show.guid)).collect();
    let outcome = lock::update(input, &presents, &guids);
    diagnostics.append(outcome.diagnostics);
    for (present, _) in presents.iter().zip(&outcome.identities).filter(|(_, identity)| identity.is_none()) {
        let error = Diagnostic::error("bad-slug", format!("`{}` cannot be a part of an address", present.name));
        diagnostics.push(error.in_file(&present.episode.source).help("give a `slug` of letters, digits and `-`"));
    }
    let sources = presents.iter().map(|present| present.episode.source.clone());
    let mut identities: BTreeMap<SitePath, lock::Identity> =
        sources.zip(outcome.identities).filter_map(|(source, identity)| Some((source, identity?))).collect();
    let entry = |(files, mut episode): (Arc<EpisodeFiles>, Arc<Episode>)| {
        let show = *by_folder.get(files.show.as_str())?;
        let identity = identities.remove(&episode.source)?;
        let default_ids = with_ids(&mut episode, identity.turn_ids);
        Some(Entry {
            episode,
            show,
            route: identity.route,
            earlier: identity.earlier,
            default_ids,
            guid: identity.guid,
            past: identity.past,
            speakers: Vec::new(),
            inks: Vec::new(),
            people: Vec::new(),
            topics: Vec::new(),
            series: Vec::new(),
            previous: None,
            next: None,
            related: Vec::new(),
        })
    };
    let mut entries = Vec::with_capacity(records.len());
    entries.extend(records.into_iter().filter_map(entry));
    (entries, outcome.locks)
}

/// Gives the turns of a record their kept ids; returns those of the words, where they are others.
fn with_ids(episode: &mut Arc<Episode>, ids: Option<Vec<TurnId>>) -> Option<Vec<TurnId>> {
    ids.map(|ids| std::mem::replace(&mut Arc::make_mut(episode).turn_ids, ids))
}

/// A guid is an episode's identity in feeds: two of one would be one episode to every player.
fn report_same_guids(episodes: &[Entry], diagnostics: &mut Diagnostics) {
    let mut first: BTreeMap<&str, &SitePath> = BTreeMap::new();
    for entry in episodes {
        let source = &entry.episode.source;
        if let Some(other) = first.insert(&entry.guid, source) {
            let message = format!("`{}` is the guid of `{other}` and of `{source}`", entry.guid);
            let error = Diagnostic::error("same-guid", message).in_file(source);
            diagnostics.push(error.help("leave out `guid` in the copy, or give it one of its own"));
        }
    }
}

/// The last part of an address: the ASCII words of the name, else of a declared title, else six letters of a hash.
fn address(stem: &str, episode: Option<&Episode>, slugs: Slugs) -> Option<String> {
    let bare = slug::date_from_stem(stem).map_or(stem, |(_, rest)| rest.trim_start_matches(['-', '_', ' ', '.']));
    let bare = if bare.is_empty() { stem } else { bare };
    let is_plain = slug::has_words(bare) || bare.len() <= 8;
    let declared = episode.and_then(|episode| episode.meta.title.as_deref());
    let from_name = if is_plain { slug::slug(bare, slugs) } else { None };
    from_name
        .or_else(|| declared.and_then(|title| slug::slug(title, slugs)))
        .or_else(|| Some(ContentHash::of(stem.as_bytes()).letters(6)))
}

/// By date, newest first; then undated ones in natural order of their names; the route settles what is left.
fn newest_first(a: &Entry, b: &Entry) -> Ordering {
    match (a.episode.meta.date, b.episode.meta.date) {
        (Some(one), Some(two)) => two.cmp(&one).then_with(|| a.route.cmp(&b.route)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => {
            natural(a.episode.source.as_str(), b.episode.source.as_str()).then_with(|| a.route.cmp(&b.route))
        }
    }
}

/// Compares names as people do: `9` before `10`.
pub fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (n, m) = (digits(a), digits(b));
        if n > 0 && m > 0 {
            let (one, two) = (a[..n].trim_start_matches('0'), b[..m].trim_start_matches('0'));
            let order = one.len().cmp(&two.len()).then_with(|| one.cmp(two));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (&a[n..], &b[m..]);
            continue;
        }
        let (Some(x), Some(y)) = (a.chars().next(), b.chars().next()) else { return a.len().cmp(&b.len()) };
        if x != y {
            return x.cmp(&y);
        }
        (a, b) = (&a[x.len_utf8()..], &b[y.len_utf8()..]);
    }
}

fn renumber(shows: &[Show], episodes: &mut [Entry]) {
    for (idx, show) in shows.iter().enumerate() {
        show.episodes.iter().for_each(|&episode| episodes[episode].show = idx);
    }
}

fn link_people(shows: &[Show], episodes: &mut [Entry], people: &mut People, words: &Words) {
    for (idx, entry) in episodes.iter_mut().enumerate() {
        let show = &shows[entry.show];
        let mut listed: Vec<(usize, Option<Role>)> = Vec::new();
        for credit in &entry.episode.meta.people {
            let person = people.resolve(&credit.name.value);
            people.list[person].credited = true;
            let role = credit.role.or_else(|| show.hosts.contains(&person).then_some(Role::Host));
            listed.push((person, role.or_else(|| people.list[person].entry.as_ref().and_then(|entry| entry.role))));
        }
        let declared_host = listed.iter().find(|(_, role)| *role == Some(Role::Host)).map(|(person, _)| *person);
        let host = declared_host.or(if show.hosts.len() == 1 { Some(show.hosts[0]) } else { None });
        let person_of = |label: &str, people: &mut People| {
            if words.is_host(label) { host } else { (!words.is_speaker(label)).then(|| people.resolve(label)) }
        };
        entry.speakers = entry.episode.speakers.iter().map(|speaker| person_of(&speaker.label, people)).collect();
        let roles_known = listed.iter().any(|(_, role)| *role == Some(Role::Host)) || !show.hosts.is_empty();
        for person in entry.speakers.iter().flatten() {
            if !listed.iter().any(|(listed, _)| listed == person) {
                let own = people.list[*person].entry.as_ref().and_then(|entry| entry.role);
                let role = if show.hosts.contains(person) {
                    Some(Role::Host)
                } else if roles_known {
                    Some(Role::Guest)
                } else {
                    own
                };
                listed.push((*person, role));
            }
        }
        listed.sort_by_key(|(_, role)| *role != Some(Role::Host));
        let mut seen = BTreeSet::new();
        listed.retain(|(person, _)| seen.insert(*person));
        for &(person, role) in &listed {
            let speaker = entry.speakers.iter().position(|speaker| *speaker == Some(person));
            people.list[person].appearances.push(Appearance { episode: idx, speaker, role });
        }
        entry.people = listed;
        entry.inks = inks(entry, people);
    }
    give_pages(episodes, people);
}

/// Plain ink for the only host, else one of eight hues by the person's id; clashes are resolved in order.
fn inks(entry: &Entry, people: &People) -> Vec<Ink> {
    let role = |person: usize| entry.people.iter().find(|(listed, _)| *listed == person).and_then(|(_, role)| *role);
    let is_host = |person: &Option<usize>| person.is_some_and(|person| role(person) == Some(Role::Host));
    let n_hosts = entry.speakers.iter().filter(|person| is_host(person)).count();
    let mut used = [false; 9];
    let ink = |(idx, person): (usize, &Option<usize>)| {
        let is_host = is_host(person);
        if is_host && n_hosts == 1 {
            return Ink { hue: 1, is_host };
        }
        let known = person.map(|person| &people.list[person]);
        let chosen = known.and_then(|known| known.entry.as_ref()).and_then(|entry| entry.color);
        let id = known.map_or(entry.episode.speakers[idx].label.as_str(), |known| known.id.as_str());
        let wanted = chosen.unwrap_or_else(|| 1 + ContentHash::of(id.as_bytes()).bytes()[0] % 8);
        let free = (0..8).map(|step| (wanted - 1 + step) % 8 + 1).find(|&hue| !used[usize::from(hue)]);
        let hue = free.unwrap_or(wanted);
        used[usize::from(hue)] = true;
        Ink { hue: hue + 1, is_host }
    };
    entry.speakers.iter().enumerate().map(ink).collect()
}

/// A person has a page if named in `people.toml` or front matter, or heard in two episodes, or with 2 % of one.
fn give_pages(episodes: &[Entry], people: &mut People) {
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    for person in &mut people.list {
        let share = |appearance: &Appearance| {
            let speakers = &episodes[appearance.episode].episode.speakers;
            appearance.speaker.is_some_and(|speaker| edit::has_share(speakers).nth(speaker) == Some(true))
        };
        let has_page = person.credited || person.appearances.len() >= 2 || person.appearances.iter().any(share);
        if person.appearances.is_empty() || !has_page {
            continue;
        }
        let n_same = used.entry(person.id.clone()).or_insert(0);
        *n_same += 1;
        if *n_same > 1 {
            person.id = format!("{}-{}", person.id, ContentHash::of(person.name.as_bytes()).letters(6));
        }
        person.route = Route::new(format!("/people/{}/", person.id));
    }
}

fn groups(
    episodes: &mut [Entry],
    folder: &str,
    names: impl Fn(&Entry) -> &Vec<crate::source::Spanned<String>>,
    indexes: impl Fn(&mut Entry) -> &mut Vec<usize>,
) -> Vec<Group> {
    let mut by_key: BTreeMap<String, (String, Vec<usize>)> = BTreeMap::new();
    for (idx, entry) in episodes.iter().enumerate() {
        for name in names(entry) {
            let key = name.value.trim().to_lowercase();
            let group = by_key.entry(key).or_insert_with(|| (name.value.trim().to_owned(), Vec::new()));
            if group.1.last() != Some(&idx) {
                group.1.push(idx);
            }
        }
    }
    let mut groups = Vec::new();
    let mut used = BTreeSet::new();
    for (key, (title, found)) in by_key {
        let hash = || ContentHash::of(key.as_bytes()).letters(6);
        let name = slug::ascii_slug(&title).unwrap_or_else(hash);
        // `C` comes before `C++`: the plainest name has the plainest address.
        let name = if used.insert(name.clone()) { name } else { format!("{name}-{}", hash()) };
        let Some(route) = Route::new(format!("/{folder}/{name}/")) else { continue };
        found.iter().for_each(|&episode| indexes(&mut episodes[episode]).push(groups.len()));
        groups.push(Group { title, route, episodes: found });
    }
    groups
}

fn link_related(shows: &[Show], episodes: &mut [Entry]) {
    let ties: Vec<Vec<Reason>> = episodes
        .iter()
        .map(|entry| {
            let hosts = &shows[entry.show].hosts;
            let guests =
                entry.people.iter().filter(|(person, role)| *role != Some(Role::Host) && !hosts.contains(person));
            let series = entry.series.iter().map(|&series| Reason::Series(series));
            let topics = entry.topics.iter().map(|&topic| Reason::Topic(topic));
            series.chain(guests.map(|&(person, _)| Reason::Person(person))).chain(topics).collect()
        })
        .collect();
    let terms: Vec<&[u32]> = episodes.iter().map(|entry| entry.episode.telling_terms.as_slice()).collect();
    let found = related(&ties, &terms);
    for (entry, related) in episodes.iter_mut().zip(found) {
        entry.related = related;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_order_naturally() {
        assert_eq!(natural("ep9", "ep10"), Ordering::Less);
        assert_eq!(natural("ep09b", "ep9a"), Ordering::Greater);
        assert_eq!(natural("a", "a"), Ordering::Equal);
    }
}
