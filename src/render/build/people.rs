//! Pages of people and topics, and plain pages.

use crate::graph::pages::{SEARCH, chunk, has_search};
use crate::graph::people::{Appearance, Person};
use crate::markup;
use crate::model::language::Language;
use crate::model::slug::{Slugs, slug};
use crate::model::transcript::TurnId;
use crate::path::{Route, percent_encoded};
use crate::render::build::{Maker, percent};
use crate::render::view::Link;
use crate::render::view::list::*;

impl Maker<'_> {
    /// A person's page.
    pub fn person(&self, idx: usize, page: usize) -> PersonView {
        let person = &self.archive.people.list[idx];
        let entry = person.entry.as_ref();
        let episodes: Vec<usize> = person.appearances.iter().map(|appearance| appearance.episode).collect();
        let shares: Vec<f64> = person
            .appearances
            .iter()
            .filter_map(|appearance| self.share(appearance.episode, appearance.speaker?))
            .collect();
        let mut figures = vec![FigureView {
            title: self.t.text("appearances"),
            text: self.t.count("n_episodes", episodes.len() as u64),
            links: Vec::new(),
        }];
        if !shares.is_empty() {
            figures.push(FigureView {
                title: self.t.text("usual_share"),
                text: percent(shares.iter().sum::<f64>() / shares.len() as f64),
                links: Vec::new(),
            });
        }
        let mut with: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
        for &episode in &episodes {
            self.archive.episodes[episode]
                .people
                .iter()
                .filter(|(other, _)| *other != idx)
                .for_each(|(other, _)| *with.entry(*other).or_insert(0) += 1);
        }
        let mut with: Vec<(usize, usize)> = with.into_iter().collect();
        with.sort_by_key(|&(other, n)| (std::cmp::Reverse(n), &self.archive.people.list[other].name));
        let with: Vec<Link> = with
            .into_iter()
            .filter_map(|(other, _)| {
                let other = &self.archive.people.list[other];
                Some(self.text_link(&other.name, other.route.as_ref()?))
            })
            .take(6)
            .collect();
        if !with.is_empty() {
            figures.push(FigureView { title: self.t.text("together"), text: String::new(), links: with });
        }
        let shown = &person.appearances[chunk(person.appearances.len(), self.config.page_size, page)];
        let links = entry
            .into_iter()
            .flat_map(|entry| &entry.links)
            .filter_map(|(title, url)| {
                Some(Link { title: title.clone(), href: markup::safe_url(url)?, ..Link::default() })
            })
            .collect();
        let route = person.route.clone().unwrap_or_else(Route::home);
        let names = entry.into_iter().flat_map(|entry| &entry.names).filter(|(_, name)| *name != person.name);
        PersonView {
            kicker: [Some(self.t.text("person")), self.years_of(&episodes)].into_iter().flatten().collect(),
            name: person.name.clone(),
            lang: self.title_language(&person.name),
            other_names: names
                .map(|(lang, name)| Link {
                    title: name.clone(),
                    lang: Language::new(lang).map(|lang| lang.to_string()),
                    ..Link::default()
                })
                .collect(),
            dek: entry.and_then(|entry| entry.bio.clone()),
            figures,
            links,
            said: self.said(person),
            appearances: shown.iter().map(|appearance| self.appearance(appearance)).collect(),
            pagination: self.pagination(person.appearances.len(), &route, page),
        }
    }

    /// To the search for all that somebody said.
    fn said(&self, person: &Person) -> Option<Link> {
        let length = |appearance: &Appearance| {
            let speaker = appearance.speaker?;
            Some(self.archive.episodes[appearance.episode].episode.speakers[speaker].length)
        };
        let speaks = person.appearances.iter().filter_map(length).any(|length| length > 0);
        let target = Route::new(SEARCH).filter(|_| speaks && has_search(self.archive, self.config))?;
        let title = self.t.fill("everything_said", &[("name", &person.name)]);
        let href = format!("{}?person={}", self.href(&target), percent_encoded(&person.id));
        Some(Link { title, href, ..Link::default() })
    }

    pub(super) fn appearance(&self, appearance: &Appearance) -> AppearanceView {
        let entry = &self.archive.episodes[appearance.episode];
        let share = appearance.speaker.and_then(|speaker| self.share(appearance.episode, speaker));
        let quote = appearance
            .speaker
            .map(|speaker| &entry.episode.speakers[speaker])
            .filter(|outline| !outline.first_words.is_empty())
            .map(|outline| {
                let section = entry
                    .episode
                    .sections
                    .get(outline.first_section as usize)
                    .and_then(|section| section.title.clone());
                let turn = entry.episode.turn_ids.get(outline.first_turn as usize).map_or("", TurnId::as_str);
                let href = format!("{}#{turn}", self.href(&entry.route));
                let title = section.unwrap_or_else(|| self.t.text("transcript"));
                QuoteView {
                    text: outline.first_words.clone(),
                    lang: self.lang_of(&entry.episode.language),
                    link: Link { lang: self.title_language(&title), title, href, ..Link::default() },
                }
            });
        let share_text = share
            .map_or_else(|| self.t.text("named_only"), |share| self.t.fill("share_text", &[("n", &percent(share))]));
        AppearanceView {
            link: self.episode_link(entry),
            show: self.show_and_number(entry),
            date: self.date(entry, false),
            share: share.map(|share| format!("{:.0}%", (share * 100.0).max(1.0))),
            share_text,
            quote,
        }
    }

    /// Everybody with a page, in the order of their names.
    pub(super) fn people_by_name(&self) -> Vec<&Person> {
        let mut people: Vec<_> = self.archive.people.list.iter().filter(|person| person.route.is_some()).collect();
        people.sort_by_cached_key(|person| (sorted_as(person), person.route.clone()));
        people
    }

    /// The list of people.
    pub fn people_view(&self) -> DirectoryView {
        let people = self.people_by_name();
        let mut groups: Vec<FacetView> = Vec::new();
        for person in &people {
            let initial = sorted_as(person)
                .chars()
                .next()
                .filter(char::is_ascii_alphabetic)
                .map_or_else(|| self.t.text("other_initials"), |c| c.to_ascii_uppercase().to_string());
            if groups.last().is_none_or(|group| group.title != initial) {
                groups.push(FacetView { title: initial, links: Vec::new(), all: None });
            }
            let route = person.route.clone().unwrap_or_else(Route::home);
            let link =
                Link { count: Some(person.appearances.len().to_string()), ..self.text_link(&person.name, &route) };
            groups.last_mut().into_iter().for_each(|group| group.links.push(link.clone()));
        }
        DirectoryView { title: self.t.text("people"), summary: self.t.count("n_people", people.len() as u64), groups }
    }

    /// The list of topics.
    pub fn topics_view(&self) -> DirectoryView {
        let links: Vec<Link> = self
            .archive
            .topics
            .iter()
            .map(|topic| Link { count: Some(topic.episodes.len().to_string()), ..self.group_link(topic) })
            .collect();
        DirectoryView {
            title: self.t.text("topics"),
            summary: self.t.count("n_topics", links.len() as u64),
            groups: vec![FacetView { title: String::new(), links, all: None }],
        }
    }

    /// A plain page from its text.
    pub fn plain(&self, title: &str, body: &str, folder: &str) -> PlainView {
        PlainView { title: title.to_owned(), body_html: self.linked(markup::document_html(body), folder) }
    }
}

/// What a person is sorted by: Latin letters where the name has any, or can be spelled in them.
fn sorted_as(person: &Person) -> String {
    let sort_as = person.entry.as_ref().and_then(|entry| entry.sort_as.as_ref()).unwrap_or(&person.name);
    slug(sort_as, Slugs::Pinyin).unwrap_or_else(|| sort_as.clone())
}
