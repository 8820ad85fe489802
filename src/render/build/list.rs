//! Pages that list episodes: home, show, season, year, topic, series.

use crate::graph::outputs::PictureOf;
use crate::graph::pages::{PageSpec, chunk, list_route, n_older};
use crate::path::Route;
use crate::render::build::Maker;
use crate::render::drawing;
use crate::render::view::list::*;
use crate::render::view::{Link, PaginationView};

const TOP: usize = 12;

impl Maker<'_> {
    pub(super) fn list(&self, episodes: &[usize], base: &Route, page: usize, own_show: bool) -> ListView {
        let size = self.config.page_size;
        let shown = &episodes[chunk(episodes.len(), size, page)];
        let mut groups: Vec<GroupView> = Vec::new();
        for &idx in shown {
            let entry = &self.archive.episodes[idx];
            let year = entry.episode.meta.date.map(|date| date.day.year);
            let (id, title) = year.map_or_else(
                || ("undated".to_owned(), self.t.text("undated")),
                |year| (format!("y{year}"), year.to_string()),
            );
            if groups.last().is_none_or(|group| group.id != id) {
                let href = year
                    .and_then(|year| Route::new(format!("/archive/{year}/")))
                    .filter(|route| route != base)
                    .map(|route| self.href(&route));
                groups.push(GroupView { id, title, href, items: Vec::new() });
            }
            if let Some(group) = groups.last_mut() {
                group.items.push(self.list_item(idx, own_show));
            }
        }
        ListView { groups, pagination: self.pagination(episodes.len(), base, page) }
    }

    fn list_item(&self, idx: usize, own_show: bool) -> ListItemView {
        let entry = &self.archive.episodes[idx];
        let show = if own_show { self.number(entry).unwrap_or_default() } else { self.show_and_number(entry) };
        let dek = own_show.then(|| entry.episode.description.clone()).filter(|text| !text.is_empty());
        ListItemView {
            link: self.episode_link(entry),
            date: self.date(entry, true),
            show_lang: self.title_language(&show),
            show,
            who: self.who(entry),
            dek,
            bars: self.drawings.ribbon(self.archive, idx),
            size: self.size(entry),
        }
    }

    pub(super) fn pagination(&self, n: usize, base: &Route, page: usize) -> PaginationView {
        let older = n_older(n, self.config.page_size);
        if older == 0 {
            return PaginationView::default();
        }
        let link = |key: &str, page: usize| Some(self.link(&self.t.text(key), &list_route(base, page)));
        let position = if page == 0 { 1 } else { older - page + 2 };
        PaginationView {
            older: match page {
                0 => link("older", older),
                1 => None,
                _ => link("older", page - 1),
            },
            newer: match page {
                0 => None,
                _ if page == older => link("newer", 0),
                _ => link("newer", page + 1),
            },
            label: Some(self.t.fill("page_of", &[("n", &position.to_string()), ("total", &(older + 1).to_string())])),
        }
    }

    /// The home page.
    pub fn home_view(&self, page: usize) -> HomeView {
        let archive = self.archive;
        let all: Vec<usize> = (0..archive.episodes.len()).collect();
        let hero = archive.episodes.first().filter(|_| page == 0).map(|entry| HeroView {
            link: self.episode_link(entry),
            lang: entry.episode.language.to_string(),
            show: self.show_link(&archive.shows[entry.show]),
            number: self.number(entry),
            date: self.date(entry, false),
            reading_time: self.reading_time(entry),
            dek: Some(entry.episode.description.clone()).filter(|text| !text.is_empty()),
            cover: self.cover(0),
            people: self.people(entry),
            key_points: self.key_points(entry),
        });
        let mut list = self.list(&all, &Route::home(), page, archive.shows.len() == 1);
        if hero.is_some()
            && let Some(group) = list.groups.first_mut()
        {
            group.items.remove(0);
            list.groups.retain(|group| !group.items.is_empty());
        }
        let summary = self.t.count("n_episodes", archive.episodes.len() as u64);
        HomeView {
            title: self.title.to_owned(),
            dek: self.config.description.clone(),
            hero,
            summary,
            facets: if page == 0 { self.home_facets() } else { Vec::new() },
            list,
        }
    }

    pub(super) fn home_facets(&self) -> Vec<FacetView> {
        let archive = self.archive;
        let count = |n: usize| Some(n.to_string());
        let shows = archive.shows.iter().filter(|show| show.route != Route::home());
        let shows = shows.map(|show| Link { count: count(show.episodes.len()), ..self.show_link(show) }).collect();
        let mut topics: Vec<_> = archive.topics.iter().collect();
        topics.sort_by_key(|topic| (std::cmp::Reverse(topic.episodes.len()), topic.route.clone()));
        let topics = topics
            .into_iter()
            .take(TOP)
            .map(|topic| Link { count: count(topic.episodes.len()), ..self.group_link(topic) })
            .collect();
        let mut people: Vec<_> = archive.people.list.iter().filter(|person| person.route.is_some()).collect();
        people.sort_by_key(|person| (std::cmp::Reverse(person.appearances.len()), person.route.clone()));
        let people = people
            .into_iter()
            .take(TOP)
            .filter_map(|person| {
                Some(Link {
                    count: count(person.appearances.len()),
                    ..self.text_link(&person.name, person.route.as_ref()?)
                })
            })
            .collect();
        let series = archive
            .series
            .iter()
            .take(TOP)
            .map(|series| Link { count: count(series.episodes.len()), ..self.group_link(series) })
            .collect();
        let years = archive
            .years
            .iter()
            .rev()
            .filter_map(|(year, episodes)| {
                Some(Link {
                    count: count(episodes.len()),
                    ..self.link(&year.to_string(), &Route::new(format!("/archive/{year}/"))?)
                })
            })
            .collect();
        self.facets([
            ("shows", shows),
            ("topics", topics),
            ("frequent_people", people),
            ("series", series),
            ("years", years),
        ])
    }

    pub(super) fn facets<const N: usize>(&self, facets: [(&str, Vec<Link>); N]) -> Vec<FacetView> {
        let filled = facets.into_iter().filter(|(_, links)| !links.is_empty());
        filled.map(|(key, links)| FacetView { title: self.t.text(key), links, all: None }).collect()
    }

    pub(super) fn figures(&self, episodes: &[usize]) -> Vec<FigureView> {
        let figure = |key: &str, text: String| FigureView { title: self.t.text(key), text, links: Vec::new() };
        let (mut words, mut wide) = (0_u64, 0_u64);
        for &idx in episodes {
            words += u64::from(self.archive.episodes[idx].episode.n_words);
            wide += u64::from(self.archive.episodes[idx].episode.n_han);
        }
        let size = if wide > words { self.t.count("size_han", wide) } else { self.t.count("size_words", words) };
        vec![figure("episodes", episodes.len().to_string()), figure("words", size)]
    }

    pub(super) fn years_of(&self, episodes: &[usize]) -> Option<String> {
        let mut years =
            episodes.iter().filter_map(|&idx| self.archive.episodes[idx].episode.meta.date).map(|date| date.day.year);
        let newest = years.next()?;
        let oldest = years.next_back().unwrap_or(newest);
        Some(if newest == oldest {
            newest.to_string()
        } else {
            self.t.fill("year_range", &[("from", &oldest.to_string()), ("to", &newest.to_string())])
        })
    }

    /// The page of a show, season, year, topic or series. `None` for other pages.
    pub fn collection(&self, spec: PageSpec) -> Option<CollectionView> {
        let archive = self.archive;
        let view = match spec {
            PageSpec::Show(idx, page) => {
                let show = &archive.shows[idx];
                let mut figures = self.figures(&show.episodes);
                let hosts: Vec<Link> = show
                    .hosts
                    .iter()
                    .map(|&host| &archive.people.list[host])
                    .map(|person| match &person.route {
                        Some(route) => self.text_link(&person.name, route),
                        None => Link { title: person.name.clone(), ..Link::default() },
                    })
                    .filter(|link| !link.href.is_empty())
                    .collect();
                if !hosts.is_empty() {
                    figures.push(FigureView { title: self.t.text("hosts"), text: String::new(), links: hosts });
                }
                let seasons = show
                    .seasons
                    .iter()
                    .rev()
                    .filter_map(|(&n, episodes)| {
                        Some(Link {
                            count: Some(episodes.len().to_string()),
                            ..self.text_link(&self.season_title(show, n), &show.route.join(&format!("season-{n}/"))?)
                        })
                    })
                    .collect();
                let facets = self.facets([("subscribe", self.subscribe(idx)), ("seasons", seasons)]);
                let kicker =
                    [Some(self.t.text("show")), self.years_of(&show.episodes), show.settings.frequency.clone()];
                CollectionView {
                    kicker: kicker.into_iter().flatten().collect(),
                    title: show.title.clone(),
                    lang: self.title_language(&show.title),
                    dek: show.settings.description.clone(),
                    cover: Some(self.with_picture(drawing::leaves(&show.title), PictureOf::Show(idx))),
                    figures,
                    facets,
                    list: self.list(&show.episodes, &show.route, page, true),
                }
            }
            PageSpec::Season(idx, season, page) => {
                let show = &archive.shows[idx];
                let episodes = &show.seasons[&season];
                let title = self.season_title(show, season);
                let route = show.route.join(&format!("season-{season}/"))?;
                self.plain_collection("season", &title, episodes, &route, page)
            }
            PageSpec::Year(year, page) => self.plain_collection(
                "year",
                &year.to_string(),
                &archive.years[&year],
                &Route::new(format!("/archive/{year}/"))?,
                page,
            ),
            PageSpec::Topic(idx, page) => self.plain_collection(
                "topic",
                &archive.topics[idx].title,
                &archive.topics[idx].episodes,
                &archive.topics[idx].route,
                page,
            ),
            PageSpec::Series(idx, page) => self.plain_collection(
                "series",
                &archive.series[idx].title,
                &archive.series[idx].episodes,
                &archive.series[idx].route,
                page,
            ),
            _ => return None,
        };
        Some(view)
    }

    pub(super) fn plain_collection(
        &self,
        kind: &str,
        title: &str,
        episodes: &[usize],
        base: &Route,
        page: usize,
    ) -> CollectionView {
        let kicker = [Some(self.t.text(kind)), self.years_of(episodes).filter(|years| years != title)];
        CollectionView {
            kicker: kicker.into_iter().flatten().collect(),
            title: title.to_owned(),
            lang: self.title_language(title),
            dek: None,
            cover: None,
            figures: self.figures(episodes),
            facets: Vec::new(),
            list: self.list(episodes, base, page, false),
        }
    }
}
