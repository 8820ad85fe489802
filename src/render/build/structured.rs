//! The structured data of each kind of page.

use std::borrow::Cow;

use crate::graph::outputs::{self, FeedFormat, Place, Scope, TranscriptFormat};
use crate::graph::pages::{PageSpec, chunk};
use crate::graph::{Entry, Show};
use crate::markup;
use crate::model::episode::SectionOutline;
use crate::model::time::MediaTime;
use crate::path::Route;
use crate::render::build::Maker;
use crate::render::structured::*;

/// Episodes of which a page shows some: their indexes, the first page of the list, and which page of it this is.
type Listed<'a> = (Cow<'a, [usize]>, Route, usize);

impl Maker<'_> {
    /// The structured data of the page, ready for a `script`. `None` without `base_url`, and for the 404 page.
    pub(super) fn structured(&self, spec: PageSpec, title: &str, description: &str) -> Option<String> {
        let url = self.absolute(self.route)?;
        let (name, in_language) = (title, self.language.as_str());
        let mut graph = Vec::new();
        match spec {
            PageSpec::NotFound => return None,
            PageSpec::Home(0) => graph.push(Thing::WebSite(WebSite { name, url, description, in_language })),
            PageSpec::Show(idx, 0) => graph.push(Thing::PodcastSeries(self.own_series(idx)?)),
            PageSpec::Season(idx, season, 0) => {
                let show = &self.archive.shows[idx];
                let number_of_episodes = show.seasons.get(&season).map(Vec::len);
                let part_of_series = self.series(show);
                let season = self.season(show, season)?;
                let season = PodcastSeason { url: Some(url), number_of_episodes, part_of_series, ..season };
                graph.push(Thing::PodcastSeason(season));
            }
            PageSpec::Episode(idx) => graph.push(Thing::PodcastEpisode(Box::new(self.podcast_episode(idx)?))),
            PageSpec::Person(idx, 0) => graph.push(Thing::Person(self.own_person(idx))),
            PageSpec::Plain(_) => graph.push(Thing::WebPage(WebPage { name, url, description, in_language })),
            PageSpec::Home(_)
            | PageSpec::Show(..)
            | PageSpec::Season(..)
            | PageSpec::Person(..)
            | PageSpec::Year(..)
            | PageSpec::Topic(..)
            | PageSpec::Series(..)
            | PageSpec::People
            | PageSpec::Topics
            | PageSpec::Search => {}
        }
        // A site with one show has its page at the root.
        let at_root = self.archive.shows.iter().position(|show| show.route == Route::home());
        if let (PageSpec::Home(0), Some(idx)) = (spec, at_root) {
            graph.push(Thing::PodcastSeries(self.own_series(idx)?));
        }
        graph.extend(self.collection_page(spec, title).map(Thing::CollectionPage));
        graph.extend(self.breadcrumbs(spec, title).map(Thing::BreadcrumbList));
        Some(Document::new(graph).script())
    }

    fn series<'a>(&self, show: &'a Show) -> Option<PodcastSeries<'a>> {
        Some(PodcastSeries {
            id: self.absolute(&show.route)?,
            name: &show.title,
            url: None,
            web_feed: None,
            image: None,
            description: None,
            in_language: None,
            author: Vec::new(),
        })
    }

    fn own_series(&self, idx: usize) -> Option<PodcastSeries<'_>> {
        let show = &self.archive.shows[idx];
        let has_feed = outputs::feed_formats(self.archive, Scope::Show(idx)).contains(&FeedFormat::Rss);
        let feed = has_feed.then(|| outputs::feed_route(self.archive, Scope::Show(idx), FeedFormat::Rss));
        Some(PodcastSeries {
            web_feed: feed.and_then(|feed| self.absolute(&feed)),
            image: outputs::artwork_route(self.archive, idx).and_then(|image| self.absolute(&image)),
            url: self.absolute(&show.route),
            description: show.settings.description.as_deref(),
            in_language: Some(show.language.as_str()),
            author: show.hosts.iter().map(|&host| self.person_of(host)).collect(),
            ..self.series(show)?
        })
    }

    fn season<'a>(&self, show: &'a Show, season: u32) -> Option<PodcastSeason<'a>> {
        Some(PodcastSeason {
            id: self.absolute(&show.route.join(&format!("season-{season}/"))?)?,
            name: self.season_title(show, season),
            url: None,
            season_number: season,
            number_of_episodes: None,
            part_of_series: None,
        })
    }

    fn podcast_episode(&self, idx: usize) -> Option<PodcastEpisode<'_>> {
        let entry = &self.archive.episodes[idx];
        let (episode, meta) = (&entry.episode, &entry.episode.meta);
        let show = &self.archive.shows[entry.show];
        let url = self.absolute(&entry.route)?;
        let speaks = |person: usize| entry.speakers.contains(&Some(person));
        let (actors, others): (Vec<_>, Vec<_>) = entry.people.iter().partition(|(person, _)| speaks(*person));
        let people =
            |credits: Vec<&(usize, _)>| credits.into_iter().map(|(person, _)| self.person_of(*person)).collect();
        let image = outputs::picture(self.archive, idx).and_then(|place| match place {
            Place::Here(route) => self.absolute(&route),
            Place::Elsewhere(url) => Some(url),
        });
        Some(PodcastEpisode {
            name: &episode.title,
            identifier: &entry.guid,
            description: &episode.description,
            in_language: episode.language.as_str(),
            date_published: meta.date.map(|date| date.day.to_string()),
            date_modified: meta.updated.map(|date| date.day.to_string()),
            duration: episode.duration().map(MediaTime::iso),
            episode_number: meta.episode,
            part_of_series: self.series(show)?,
            part_of_season: meta.season.and_then(|season| self.season(show, season)),
            image,
            keywords: entry.topics.iter().map(|&topic| self.archive.topics[topic].title.as_str()).collect(),
            actor: people(actors),
            contributor: people(others),
            associated_media: self.audio_object(entry, &url),
            has_part: parts(entry, &url),
            translation_of_work: meta.original.as_deref().and_then(original),
            id: url.clone(),
            url,
        })
    }

    fn audio_object<'a>(&self, entry: &'a Entry, page: &str) -> Option<AudioObject<'a>> {
        let audio = self.audio(entry)?;
        let captions = [TranscriptFormat::Vtt, TranscriptFormat::Srt].into_iter();
        let captions = captions.filter(|_| outputs::has_times(&entry.episode));
        let caption = |format| {
            let content_url = self.absolute(&outputs::transcript_route(entry, format)?)?;
            let (encoding_format, in_language) = (format.media_type(), entry.episode.language.as_str());
            Some(MediaObject { content_url, encoding_format, in_language })
        };
        Some(AudioObject {
            content_url: self.beside(page, &audio.src),
            encoding_format: entry.episode.meta.audio_type.clone().unwrap_or(audio.media_type),
            duration: entry.episode.duration().map(MediaTime::iso),
            transcript: self.absolute(&outputs::transcript_route(entry, TranscriptFormat::Text)?),
            caption: captions.filter_map(caption).collect(),
        })
    }

    /// The address of a file beside a page, from a link of that page; one that is an address already stays.
    fn beside(&self, page: &str, href: &str) -> String {
        if href.contains("://") { href.to_owned() } else { format!("{page}{}", href.trim_start_matches("./")) }
    }

    fn person_of(&self, idx: usize) -> Person<'_> {
        let person = &self.archive.people.list[idx];
        let links = person.entry.iter().flat_map(|entry| &entry.links).filter_map(|(_, url)| markup::safe_url(url));
        Person {
            id: person.route.as_ref().and_then(|route| self.absolute(route)),
            name: &person.name,
            url: None,
            same_as: links.filter(|url| url.contains("://")).collect(),
            alternate_name: Vec::new(),
            description: None,
        }
    }

    fn own_person(&self, idx: usize) -> Person<'_> {
        let person = &self.archive.people.list[idx];
        let names = person.entry.iter().flat_map(|entry| &entry.names).map(|(_, name)| name);
        Person {
            url: self.absolute(self.route),
            alternate_name: names.filter(|name| **name != person.name).map(String::as_str).collect(),
            description: person.entry.as_ref().and_then(|entry| entry.bio.as_deref()),
            ..self.person_of(idx)
        }
    }

    /// The episodes that the pages of a list show, for a page of one.
    fn listed(&self, spec: PageSpec) -> Option<Listed<'_>> {
        let archive = self.archive;
        Some(match spec {
            PageSpec::Home(page) => ((0..archive.episodes.len()).collect(), Route::home(), page),
            PageSpec::Show(idx, page) => {
                (Cow::Borrowed(&archive.shows[idx].episodes), archive.shows[idx].route.clone(), page)
            }
            PageSpec::Season(idx, season, page) => {
                let show = &archive.shows[idx];
                (Cow::Borrowed(&show.seasons[&season]), show.route.join(&format!("season-{season}/"))?, page)
            }
            PageSpec::Year(year, page) => {
                (Cow::Borrowed(&archive.years[&year]), Route::new(format!("/archive/{year}/"))?, page)
            }
            PageSpec::Topic(idx, page) => {
                (Cow::Borrowed(&archive.topics[idx].episodes), archive.topics[idx].route.clone(), page)
            }
            PageSpec::Series(idx, page) => {
                (Cow::Borrowed(&archive.series[idx].episodes), archive.series[idx].route.clone(), page)
            }
            PageSpec::Person(idx, page) => {
                let person = &archive.people.list[idx];
                let episodes = person.appearances.iter().map(|appearance| appearance.episode).collect();
                (episodes, person.route.clone()?, page)
            }
            PageSpec::People
            | PageSpec::Topics
            | PageSpec::Episode(_)
            | PageSpec::Plain(_)
            | PageSpec::Search
            | PageSpec::NotFound => {
                return None;
            }
        })
    }

    /// What a page lists, in its order.
    fn collection_page<'a>(&'a self, spec: PageSpec, title: &'a str) -> Option<CollectionPage<'a>> {
        let entries: Vec<(&'a str, &Route)> = match spec {
            PageSpec::People => {
                let people = self.people_by_name().into_iter();
                people.filter_map(|person| Some((person.name.as_str(), person.route.as_ref()?))).collect()
            }
            PageSpec::Topics => self.archive.topics.iter().map(|topic| (topic.title.as_str(), &topic.route)).collect(),
            // What a person's page lists is what it tells of them.
            PageSpec::Person(..) => return None,
            _ => {
                let (episodes, _, page) = self.listed(spec)?;
                let shown = &episodes[chunk(episodes.len(), self.config.page_size, page)];
                let shown = shown.iter().map(|&idx| &self.archive.episodes[idx]);
                shown.map(|entry| (entry.episode.title.as_str(), &entry.route)).collect()
            }
        };
        let item = |(idx, (name, route)): (usize, (&'a str, &Route))| {
            Some(ListItem { position: idx + 1, name, url: self.absolute(route)? })
        };
        Some(CollectionPage {
            name: title,
            url: self.absolute(self.route)?,
            in_language: self.language.as_str(),
            main_entity: ItemList { item_list_element: entries.into_iter().enumerate().filter_map(item).collect() },
        })
    }

    /// The way down to the page. `None` for the home page, which is its beginning.
    fn breadcrumbs<'a>(&'a self, spec: PageSpec, title: &'a str) -> Option<BreadcrumbList<'a>> {
        let mut way = vec![(Cow::Borrowed(self.title), Cow::Owned(Route::home()))];
        let show = match spec {
            PageSpec::Season(show, ..) => Some(&self.archive.shows[show]),
            PageSpec::Episode(idx) => Some(&self.archive.shows[self.archive.episodes[idx].show]),
            PageSpec::Home(0) | PageSpec::NotFound => return None,
            PageSpec::Person(..) => {
                way.push((Cow::Owned(self.t.text("people")), Cow::Owned(Route::new("/people/")?)));
                None
            }
            PageSpec::Topic(..) => {
                way.push((Cow::Owned(self.t.text("topics")), Cow::Owned(Route::new("/topics/")?)));
                None
            }
            PageSpec::Home(_)
            | PageSpec::Show(..)
            | PageSpec::Year(..)
            | PageSpec::Series(..)
            | PageSpec::People
            | PageSpec::Topics
            | PageSpec::Search
            | PageSpec::Plain(_) => None,
        };
        let above = show.filter(|show| show.route != Route::home());
        way.extend(above.map(|show| (Cow::Borrowed(show.title.as_str()), Cow::Borrowed(&show.route))));
        if let PageSpec::Episode(idx) = spec {
            let season = show.zip(self.archive.episodes[idx].episode.meta.season);
            way.extend(season.and_then(|(show, season)| {
                let route = show.route.join(&format!("season-{season}/"))?;
                Some((Cow::Owned(self.season_title(show, season)), Cow::Owned(route)))
            }));
        }
        match if is_further(spec) { self.listed(spec) } else { None } {
            Some((episodes, base, page)) => {
                let label = self.pagination(episodes.len(), &base, page).label.unwrap_or_default();
                if base != Route::home() {
                    way.push((Cow::Borrowed(title), Cow::Owned(base)));
                }
                way.push((Cow::Owned(label), Cow::Borrowed(self.route)));
            }
            None => way.push((Cow::Borrowed(title), Cow::Borrowed(self.route))),
        }
        let crumb = |(idx, (name, route)): (usize, (Cow<'a, str>, Cow<'_, Route>))| {
            Some(Crumb { position: idx + 1, name, item: self.absolute(&route)? })
        };
        Some(BreadcrumbList { item_list_element: way.into_iter().enumerate().filter_map(crumb).collect() })
    }
}

/// Whether a page is one of older episodes.
fn is_further(spec: PageSpec) -> bool {
    match spec {
        PageSpec::Home(page)
        | PageSpec::Show(_, page)
        | PageSpec::Season(_, _, page)
        | PageSpec::Year(_, page)
        | PageSpec::Topic(_, page)
        | PageSpec::Series(_, page)
        | PageSpec::Person(_, page) => page > 0,
        PageSpec::People
        | PageSpec::Topics
        | PageSpec::Episode(_)
        | PageSpec::Plain(_)
        | PageSpec::Search
        | PageSpec::NotFound => false,
    }
}

/// The sections of an episode that have a title.
fn parts<'a>(entry: &'a Entry, page: &str) -> Vec<Part<'a>> {
    let sections = &entry.episode.sections;
    let part = |(idx, section): (usize, &'a SectionOutline)| {
        let (name, url) = (section.title.as_deref()?, format!("{page}#{}", section.id));
        let Some(start) = section.time else { return Some(Part::WebPageElement(WebPageElement { name, url })) };
        let end = match sections.get(idx + 1) {
            Some(next) => next.time,
            None => entry.episode.duration(),
        };
        let end_offset = end.filter(|end| *end > start);
        Some(Part::Clip(Clip { name, url, start_offset: start, end_offset }))
    };
    sections.iter().enumerate().filter_map(part).collect()
}

/// What an episode is a translation of: an address or a name.
fn original(text: &str) -> Option<CreativeWork<'_>> {
    if text.contains("://") {
        return Some(CreativeWork { name: None, url: Some(markup::safe_url(text)?) });
    }
    Some(CreativeWork { name: Some(text), url: None })
}
