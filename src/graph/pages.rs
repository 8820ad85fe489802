//! Routes: which page is where, and what happens when two want one place.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::Archive;
use crate::model::slug;
use crate::path::{Route, SitePath};

/// One page to make. The number of a list's page is 0 for its newest page; older pages count from the oldest, 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it; numbers are indexes into the archive, then the list's page")]
pub enum PageSpec {
    Home(usize),
    Show(usize, usize),
    Season(usize, u32, usize),
    Year(i16, usize),
    Topic(usize, usize),
    Series(usize, usize),
    Person(usize, usize),
    People,
    Topics,
    Search,
    Episode(usize),
    Plain(usize),
    NotFound,
}

const RESERVED: [&str; 14] = [
    "people", "topics", "series", "archive", "glossary", "search", "page", "assets", "zh", "en", "zh-hans", "zh-hant",
    "ja", "index",
];

/// Where the archive is searched.
pub const SEARCH: &str = "/search/";

/// Whether the archive can be searched.
pub fn has_search(archive: &Archive, config: &Config) -> bool {
    config.search && !archive.episodes.is_empty()
}

/// How many older pages a list of `n` has.
pub fn n_older(n: usize, size: usize) -> usize {
    (n / size).saturating_sub(1)
}

/// The items of a page of a list that is in newest-first order.
///
/// Older pages are cut from the oldest item on, so that a new item changes the newest page alone.
pub fn chunk(n: usize, size: usize, page: usize) -> Range<usize> {
    let older = n_older(n, size);
    if page == 0 { 0..n - older * size } else { n - page * size..n - (page - 1) * size }
}

/// The route of a page of a list.
pub fn list_route(base: &Route, page: usize) -> Route {
    if page == 0 { base.clone() } else { base.join(&format!("page/{page}/")).unwrap_or_else(|| base.clone()) }
}

/// All pages by route. A collision is an error that names both files, never a silent suffix.
pub fn pages(archive: &Archive, config: &Config) -> (BTreeMap<Route, PageSpec>, Diagnostics) {
    let mut table = Table::default();
    let lists = |n: usize| 0..=n_older(n, config.page_size);
    let home = Route::home();
    lists(archive.episodes.len()).for_each(|page| table.add(list_route(&home, page), PageSpec::Home(page), None));
    for (idx, show) in archive.shows.iter().enumerate() {
        let source = show.episodes.first().map(|&episode| &archive.episodes[episode].episode.source);
        if show.route != home {
            lists(show.episodes.len())
                .for_each(|page| table.add(list_route(&show.route, page), PageSpec::Show(idx, page), source));
        }
        for (&season, episodes) in &show.seasons {
            let Some(route) = show.route.join(&format!("season-{season}/")) else { continue };
            lists(episodes.len())
                .for_each(|page| table.add(list_route(&route, page), PageSpec::Season(idx, season, page), source));
        }
    }
    for (idx, entry) in archive.episodes.iter().enumerate() {
        table.add(entry.route.clone(), PageSpec::Episode(idx), Some(&entry.episode.source));
    }
    for (idx, page) in archive.plain.iter().enumerate() {
        table.add(page.route.clone(), PageSpec::Plain(idx), Some(&page.source));
    }
    let fixed = [
        ("/people/", PageSpec::People),
        ("/topics/", PageSpec::Topics),
        (SEARCH, PageSpec::Search),
        ("/404.html", PageSpec::NotFound),
    ];
    let present = fixed.into_iter().filter(|(_, spec)| match spec {
        PageSpec::People => archive.people.list.iter().any(|person| person.route.is_some()),
        PageSpec::Topics => !archive.topics.is_empty(),
        PageSpec::Search => has_search(archive, config),
        _ => true,
    });
    present.for_each(|(route, spec)| Route::new(route).into_iter().for_each(|route| table.add(route, spec, None)));
    for (idx, person) in archive.people.list.iter().enumerate() {
        if let Some(route) = &person.route {
            lists(person.appearances.len())
                .for_each(|page| table.add(list_route(route, page), PageSpec::Person(idx, page), None));
        }
    }
    for (idx, topic) in archive.topics.iter().enumerate() {
        lists(topic.episodes.len())
            .for_each(|page| table.add(list_route(&topic.route, page), PageSpec::Topic(idx, page), None));
    }
    for (idx, series) in archive.series.iter().enumerate() {
        lists(series.episodes.len())
            .for_each(|page| table.add(list_route(&series.route, page), PageSpec::Series(idx, page), None));
    }
    for (&year, episodes) in archive.years.iter() {
        let Some(route) = Route::new(format!("/archive/{year}/")) else { continue };
        lists(episodes.len()).for_each(|page| table.add(list_route(&route, page), PageSpec::Year(year, page), None));
    }
    (table.pages.into_iter().collect(), table.diagnostics)
}

#[derive(Default)]
#[expect(clippy::disallowed_types, reason = "nothing is read from it in its order")]
struct Table<'a> {
    pages: Vec<(Route, PageSpec)>,
    folded: std::collections::HashMap<String, Option<&'a SitePath>>,
    diagnostics: Diagnostics,
}

impl<'a> Table<'a> {
    fn add(&mut self, route: Route, spec: PageSpec, source: Option<&'a SitePath>) {
        let first = route.as_str().trim_matches('/').split('/').next().unwrap_or_default();
        if let Some(source) = source.filter(|_| RESERVED.contains(&first.to_lowercase().as_str())) {
            let error =
                Diagnostic::error("reserved-address", format!("the address `{route}` is kept for the site itself"));
            self.diagnostics.push(error.in_file(source).help("give another `slug`, or rename the file or folder"));
            return;
        }
        let folded = slug::folded(route.as_str());
        if let Some(other) = self.folded.get(&folded) {
            let other = other.map_or("a page of the site".to_owned(), |path| format!("`{path}`"));
            let error = Diagnostic::error("same-address", format!("`{route}` is the address of {other} as well"));
            let error =
                error.help("give one of them another `slug`: addresses are promises, so none is chosen for you");
            self.diagnostics.push(match source {
                Some(source) => error.in_file(source),
                None => error,
            });
            return;
        }
        self.folded.insert(folded, source);
        self.pages.push((route, spec));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_pages_do_not_move_when_an_episode_is_added() {
        for n in 0..400 {
            let mut seen = Vec::new();
            for page in 0..=n_older(n, 50) {
                seen.extend(chunk(n, 50, page));
            }
            seen.sort_unstable();
            assert_eq!(seen, (0..n).collect::<Vec<_>>());
            if n_older(n, 50) >= 1 {
                let oldest_first = |n: usize| chunk(n, 50, 1).map(|idx| n - 1 - idx).rev().collect::<Vec<_>>();
                assert_eq!(oldest_first(n), (0..50).collect::<Vec<_>>());
            }
        }
    }
}
