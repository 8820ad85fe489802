//! `llms.txt`: what is in the archive, for language models (llmstxt.org).

use crate::export::Addresses;
use crate::export::markdown::{escaped, link};
use crate::graph::outputs::markdown_route;
use crate::graph::pages::PageSpec;
use crate::graph::{Archive, Entry};
use crate::path::Route;

/// Episodes that are listed one by one; of more there are lists by show, year and topic.
const MAX_EPISODES: usize = 1000;
/// Topics and people that are listed.
const MAX_LISTED: usize = 500;

/// What the list is of, besides the archive.
#[derive(Debug, Clone, Copy)]
pub struct Site<'s> {
    /// The site's title.
    pub title: &'s str,
    /// What it is.
    pub description: Option<&'s str>,
    /// Where it is.
    pub addresses: Addresses<'s>,
}

/// The list: a heading, what the archive is, and links to the Markdown of its pages.
pub fn llms(archive: &Archive, site: &Site<'_>) -> String {
    let list = List { archive, site };
    let mut out = format!("# {}\n", escaped(site.title));
    if let Some(description) = site.description {
        out.extend(["\n> ", &escaped(description), "\n"]);
    }
    let n_episodes = archive.episodes.len();
    out.push_str(&format!(
        "\nTranscripts of {} podcast episodes. Each page has a twin in Markdown, `index.md` beside it, with all that is said.\n",
        n_episodes
    ));
    list.section(
        &mut out,
        "Shows",
        archive.shows.iter().filter_map(|show| {
            let note = show.settings.description.clone().unwrap_or_default();
            list.item(&show.title, &show.route, &[&n_of(show.episodes.len()), &note])
        }),
    );
    let is_short = n_episodes <= MAX_EPISODES;
    if is_short {
        list.section(&mut out, "Episodes", archive.episodes.iter().filter_map(|entry| list.episode(entry)));
    } else {
        list.section(
            &mut out,
            "Episodes by year",
            archive.years.iter().rev().filter_map(|(year, episodes)| {
                list.item(&year.to_string(), &Route::new(format!("/archive/{year}/"))?, &[&n_of(episodes.len())])
            }),
        );
        list.section(&mut out, "Episodes by topic", list.topics());
    }
    let data = [
        (
            "archive.jsonl",
            "/archive.jsonl",
            "a line of JSON for each episode: people, dates, topics, addresses of all files",
        ),
        ("archive.schema.json", "/archive.schema.json", "the JSON Schema of such a line"),
    ];
    list.section(
        &mut out,
        "Data",
        data.into_iter().filter_map(|(title, route, note)| Some(list.line(title, &Route::new(route)?, &[note]))),
    );
    let topics = if is_short { list.topics().collect() } else { Vec::new() };
    let mut people: Vec<_> = archive.people.list.iter().filter(|person| person.route.is_some()).collect();
    people.sort_by_key(|person| (std::cmp::Reverse(person.appearances.len()), &person.route));
    let people = people
        .into_iter()
        .take(MAX_LISTED)
        .filter_map(|person| list.item(&person.name, person.route.as_ref()?, &[&n_of(person.appearances.len())]));
    let plain = archive.plain.iter().filter_map(|page| list.item(&page.title, &page.route, &[&page.description]));
    list.section(&mut out, "Optional", plain.chain(topics).chain(people));
    out
}

fn n_of(n: usize) -> String {
    format!("{n} episode{}", if n == 1 { "" } else { "s" })
}

struct List<'l> {
    archive: &'l Archive,
    site: &'l Site<'l>,
}

impl List<'_> {
    fn section(&self, out: &mut String, title: &str, items: impl Iterator<Item = String>) {
        let mut items = items.peekable();
        if items.peek().is_some() {
            out.extend(["\n## ", title, "\n\n"]);
            items.for_each(|item| out.push_str(&item));
        }
    }

    /// A link to the Markdown of a page.
    fn item(&self, title: &str, page: &Route, notes: &[&str]) -> Option<String> {
        Some(self.line(title, &markdown_route(page, PageSpec::Home(0))?, notes))
    }

    fn line(&self, title: &str, route: &Route, notes: &[&str]) -> String {
        let notes: Vec<String> = notes.iter().map(|note| escaped(note)).filter(|note| !note.is_empty()).collect();
        let note = if notes.is_empty() { String::new() } else { format!(": {}", notes.join(". ")) };
        format!("- {}{note}\n", link(title, &self.site.addresses.of(route)))
    }

    fn episode(&self, entry: &Entry) -> Option<String> {
        let (episode, show) = (&entry.episode, &self.archive.shows[entry.show].title);
        let date = episode.meta.date.map(|date| date.day.to_string());
        let show = episode.meta.episode.map_or_else(|| show.clone(), |number| format!("{show} {number}"));
        let notes = [Some(show.as_str()), date.as_deref(), Some(&episode.description)];
        self.item(&episode.title, &entry.route, &notes.into_iter().flatten().collect::<Vec<_>>())
    }

    fn topics(&self) -> impl Iterator<Item = String> {
        let topics = self.archive.topics.iter().take(MAX_LISTED);
        topics.filter_map(|topic| self.item(&topic.title, &topic.route, &[&n_of(topic.episodes.len())]))
    }
}
