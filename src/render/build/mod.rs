//! Views of all pages, built from the archive. Nothing here reads a file but the text that it is given.

pub mod card;
mod episode;
mod list;
mod people;
mod structured;

use crate::config::Config;
use crate::graph::outputs::{
    FeedFormat, PictureOf, Scope, card_of, card_route, feed_formats, feed_route, markdown_route, site_feed,
};
use crate::graph::pages::{PageSpec, SEARCH, has_search};
use crate::graph::{Archive, Entry, Show};
use crate::markup;
use crate::model::language::Language;
use crate::path::Route;
use crate::render::drawings::Drawings;
use crate::render::interface::Interface;
use crate::render::view::list::SearchView;
use crate::render::view::*;

/// Everything that views are built from.
#[derive(Debug, Clone, Copy)]
pub struct Maker<'m> {
    /// The archive.
    pub archive: &'m Archive,
    /// Settings.
    pub config: &'m Config,
    /// Drawings that many pages show.
    pub drawings: &'m Drawings,
    /// Words of the page's language.
    pub t: &'m Interface,
    /// Language of the page.
    pub language: &'m Language,
    /// The page.
    pub route: &'m Route,
    /// Folder of the theme's assets.
    pub assets: &'m str,
    /// The site's title.
    pub title: &'m str,
}

/// What the scripts of search say.
const SEARCH_WORDS: [&str; 19] = [
    "all",
    "shows",
    "people",
    "years",
    "languages",
    "n_places",
    "n_episodes",
    "found",
    "found_at_most",
    "found_some",
    "found_none",
    "found_place",
    "further_places",
    "show_more",
    "all_found",
    "keys_choose",
    "keys_open",
    "keys_close",
    "search_failed",
];

impl Maker<'_> {
    fn href(&self, target: &Route) -> String {
        self.route.link_to(target)
    }

    fn lang_of(&self, language: &Language) -> Option<String> {
        (language != self.language).then(|| language.to_string())
    }

    fn link(&self, title: &str, target: &Route) -> Link {
        Link { title: title.to_owned(), href: self.href(target), ..Link::default() }
    }

    fn text_link(&self, title: &str, target: &Route) -> Link {
        let other = self.title_language(title);
        Link { lang: other, ..self.link(title, target) }
    }

    /// The language of a name or title by its script, where that is not the page's.
    fn title_language(&self, text: &str) -> Option<String> {
        let wide = text.chars().any(markup::is_han);
        match (wide, self.language.is_unspaced()) {
            (true, false) => Some("zh-Hans".to_owned()),
            (false, true) if text.chars().filter(char::is_ascii_alphabetic).count() > 2 => Some("en".to_owned()),
            _ => None,
        }
    }

    fn absolute(&self, route: &Route) -> Option<String> {
        Some(route.absolute(self.config.base_url.as_deref()?))
    }

    /// The frame of the page.
    pub fn site(&self, spec: PageSpec) -> SiteView {
        let archive = self.archive;
        let mut menu = Vec::new();
        if archive.shows.iter().any(|show| show.route != Route::home()) {
            for show in archive.shows.iter().filter(|show| show.route != Route::home()).take(4) {
                let current = self.route.as_str().starts_with(show.route.as_str());
                menu.push(Link { current, ..self.text_link(&show.title, &show.route) });
            }
        }
        let mut part = |key: &str, route: &str, there: bool| {
            if let Some(target) = Route::new(route).filter(|_| there) {
                menu.push(Link {
                    current: self.route.as_str().starts_with(route),
                    ..self.link(&self.t.text(key), &target)
                });
            }
        };
        part("people", "/people/", archive.people.list.iter().any(|person| person.route.is_some()));
        part("topics", "/topics/", !archive.topics.is_empty());
        let mut plain: Vec<_> = archive.plain.iter().enumerate().filter(|(_, page)| page.menu.is_some()).collect();
        plain.sort_by_key(|(_, page)| (page.menu, page.route.clone()));
        for (idx, page) in plain {
            menu.push(Link { current: spec == PageSpec::Plain(idx), ..self.text_link(&page.title, &page.route) });
        }
        for (title, url) in &self.config.menu {
            let rooted = Some(url.strip_prefix('/').unwrap_or(url)).filter(|path| !path.contains([':', '?', '#']));
            let target = rooted.and_then(|path| Route::new(format!("/{path}")));
            let href = target.map(|target| self.href(&target)).or_else(|| markup::safe_url(url));
            menu.push(Link { title: title.clone(), href: href.unwrap_or_default(), ..Link::default() });
        }
        let root = self.root();
        let asset = |name: &str| format!("{root}{}{name}", &self.assets[1..]);
        let home = Link {
            current: spec == PageSpec::Home(0),
            href: self.home(),
            ..self.text_link(self.title, &Route::home())
        };
        SiteView {
            title: self.title.to_owned(),
            home,
            menu: menu.into_iter().map(|link| self.rooted(link)).collect(),
            foot_html: self.config.foot.as_deref().map(|foot| self.linked(markup::document_html(foot), "")),
            head_html: self.config.head.clone(),
            search: self.search(spec),
            stylesheet: asset("style.css"),
            early_script: asset("early.js"),
            module_script: asset("js/main.js"),
        }
    }

    /// The way to the page that searches, with the words that its scripts use.
    fn search(&self, spec: PageSpec) -> Option<SearchLink> {
        let target = Route::new(SEARCH).filter(|_| has_search(self.archive, self.config))?;
        let Link { href, .. } = self.rooted(self.link("", &target));
        Some(SearchLink { href, current: spec == PageSpec::Search, words: self.t.json(&SEARCH_WORDS) })
    }

    /// The page that searches.
    pub fn search_view(&self) -> SearchView {
        SearchView { title: self.t.text("search"), facets: self.home_facets() }
    }

    fn home(&self) -> String {
        if self.route.as_str() == "/404.html" { self.root() } else { self.href(&Route::home()) }
    }

    /// The way to the root; the 404 page is served at any address, so that it uses root paths.
    fn root(&self) -> String {
        if self.route.as_str() != "/404.html" {
            return self.route.to_root();
        }
        let base = self.config.base_url.as_deref().and_then(|url| url.split_once("://")).map_or("", |(_, rest)| rest);
        base.find('/').map_or("/", |idx| &base[idx..]).to_owned()
    }

    fn rooted(&self, link: Link) -> Link {
        if self.route.as_str() != "/404.html" || link.href.contains(':') {
            return link;
        }
        Link { href: format!("{}{}", self.root(), link.href.trim_start_matches("./")), ..link }
    }

    /// HTML of ours with its links made to lead somewhere: those to a source file go to its page, those from the
    /// root become relative. `folder` is that of the source.
    pub fn linked(&self, html: String, folder: &str) -> String {
        if !html.contains("href=\"") {
            return html;
        }
        markup::map_links(&html, |link| self.resolved(link, folder))
    }

    /// Where a link of a source leads, if that is to another address than it says.
    pub fn resolved(&self, link: &str, folder: &str) -> Option<String> {
        if link.starts_with('#') || link.contains(':') {
            return None;
        }
        let (path, anchor) = link.find('#').map_or((link, ""), |at| link.split_at(at));
        if let Some(below) = path.strip_prefix('/').filter(|below| !below.starts_with('/')) {
            let root = self.root();
            let root = if root.is_empty() { "./" } else { &root };
            return Some(format!("{root}{below}{anchor}"));
        }
        let route = self.archive.linked_page(path, folder)?;
        Some(format!("{}{anchor}", self.href(route)))
    }

    /// The head of the page.
    pub fn head(&self, spec: PageSpec, title: &str, description: &str) -> HeadView {
        let kind = match spec {
            PageSpec::Home(_) => "home",
            PageSpec::Show(..) => "show",
            PageSpec::Season(..) => "season",
            PageSpec::Year(..) => "year",
            PageSpec::Topic(..) => "topic",
            PageSpec::Series(..) => "series",
            PageSpec::Person(..) => "person",
            PageSpec::People => "people",
            PageSpec::Topics => "topics",
            PageSpec::Search => "search",
            PageSpec::Episode(_) => "episode",
            PageSpec::Plain(_) => "plain",
            PageSpec::NotFound => "not_found",
        };
        let canonical = self.absolute(self.route).filter(|_| spec != PageSpec::NotFound);
        let has_card = self.config.cards && canonical.is_some();
        let card = has_card.then(|| self.absolute(&card_route(self.archive, card_of(self.archive, spec)))).flatten();
        let og = canonical.as_ref().map(|url| {
            let og_type = if kind == "episode" { "article" } else { "website" };
            let property = |name, content: &str| Property { name, content: content.to_owned() };
            let all = [
                property("og:title", title),
                property("og:type", og_type),
                property("og:url", url),
                property("og:description", description),
                property("og:site_name", self.title),
            ];
            let picture = card.iter().flat_map(|card| {
                let (width, height) = crate::card::CARD;
                [
                    property("og:image", card),
                    property("og:image:type", "image/png"),
                    property("og:image:width", &width.to_string()),
                    property("og:image:height", &height.to_string()),
                    property("og:image:alt", title),
                ]
            });
            all.into_iter().chain(picture).filter(|property| !property.content.is_empty()).collect()
        });
        let full = if title == self.title || title.is_empty() {
            self.title.to_owned()
        } else {
            format!("{title} · {}", self.title)
        };
        let show = match spec {
            PageSpec::Season(show, ..) => Some(&self.archive.shows[show]),
            PageSpec::Episode(idx) => Some(&self.archive.shows[self.archive.episodes[idx].show]),
            _ => None,
        };
        let crumbs = show.map(|show| self.text_link(&show.title, &show.route));
        HeadView {
            kind,
            title: full,
            description: description.to_owned(),
            lang: self.language.to_string(),
            dir: if self.language.is_right_to_left() { "rtl" } else { "ltr" },
            root: self.root(),
            canonical,
            markdown: markdown_route(self.route, spec).map(|twin| self.href(&twin)),
            og: og.unwrap_or_default(),
            feeds: self.feeds(spec),
            structured: self.structured(spec, title, description),
            twitter_card: card.map(|_| "summary_large_image"),
            crumbs: crumbs.into_iter().collect(),
        }
    }

    /// A cover with the picture that is given, if one is.
    fn with_picture(&self, cover: CoverView, of: PictureOf) -> CoverView {
        let (Some((_, file)), Some(route)) = (of.file(self.archive), of.route(self.archive)) else { return cover };
        let image = self.href(&route);
        let sizes = of.sizes(self.archive).into_iter().map(|(width, route)| format!("{} {width}w", self.href(&route)));
        let mut srcset: Vec<String> = sizes.collect();
        if let Some(picture) = file.picture().filter(|_| !srcset.is_empty()) {
            srcset.push(format!("{image} {}w", picture.width));
        }
        CoverView { image: Some(image), srcset: Some(srcset.join(", ")).filter(|set| !set.is_empty()), ..cover }
    }

    /// The feeds of the page's show, then those of the site.
    fn feeds(&self, spec: PageSpec) -> Vec<FeedLink> {
        let show = match spec {
            PageSpec::Show(idx, _) | PageSpec::Season(idx, ..) => Some(idx),
            PageSpec::Episode(idx) => Some(self.archive.episodes[idx].show),
            _ => None,
        };
        let site = site_feed(self.archive);
        let scopes = show.map(Scope::Show).filter(|own| *own != site).into_iter().chain([site]);
        scopes.flat_map(|scope| self.feeds_of(scope)).collect()
    }

    fn feeds_of(&self, scope: Scope) -> Vec<FeedLink> {
        let title = match scope {
            Scope::Show(idx) => &self.archive.shows[idx].title,
            Scope::Site | Scope::Language(_) => self.title,
        };
        let link = |format| {
            let href = self.absolute(&feed_route(self.archive, scope, format))?;
            Some(FeedLink { title: title.to_owned(), href, media_type: format.media_type() })
        };
        if self.config.base_url.is_none() {
            return Vec::new();
        }
        feed_formats(self.archive, scope).into_iter().filter_map(link).collect()
    }

    /// Where to subscribe to a show: as it says, as the site says, else its own feed.
    fn subscribe(&self, show: usize) -> Vec<Link> {
        let own = &self.archive.shows[show].settings.subscribe;
        let declared = if own.is_empty() { &self.config.subscribe } else { own };
        if declared.is_empty() {
            let feed = self.feeds_of(Scope::Show(show)).into_iter().next();
            let name = |kind: &str| if kind == FeedFormat::Rss.media_type() { "RSS" } else { "Atom" };
            let link =
                feed.map(|feed| Link { title: name(feed.media_type).to_owned(), href: feed.href, ..Link::default() });
            return link.into_iter().collect();
        }
        subscribe_links(declared).collect()
    }

    fn reading_time(&self, entry: &Entry) -> String {
        let minutes = f64::from(entry.episode.n_words) / 200.0 + f64::from(entry.episode.n_han) / 400.0;
        self.t.fill("reading_time", &[("n", &(minutes.round().max(1.0) as u64).to_string())])
    }

    fn size(&self, entry: &Entry) -> String {
        let episode = &entry.episode;
        if episode.n_han > episode.n_words {
            self.t.count("size_han", u64::from(episode.n_han))
        } else {
            self.t.count("size_words", u64::from(episode.n_words))
        }
    }

    fn number(&self, entry: &Entry) -> Option<String> {
        entry.episode.meta.episode.map(|n| self.t.fill("episode_number", &[("n", &n.to_string())]))
    }

    fn date(&self, entry: &Entry, short: bool) -> Option<DateView> {
        let day = entry.episode.meta.date?.day;
        Some(DateView {
            iso: day.to_string(),
            text: if short { self.t.date_short(day) } else { self.t.date_long(day) },
        })
    }

    fn episode_link(&self, entry: &Entry) -> Link {
        Link { lang: self.lang_of(&entry.episode.language), ..self.link(&entry.episode.title, &entry.route) }
    }

    fn show_link(&self, show: &Show) -> Link {
        Link {
            lang: self.lang_of(&show.language).filter(|_| self.title_language(&show.title).is_some()),
            ..self.link(&show.title, &show.route)
        }
    }

    fn show_and_number(&self, entry: &Entry) -> String {
        let show = &self.archive.shows[entry.show].title;
        entry.episode.meta.episode.map_or_else(|| show.clone(), |n| format!("{show} {n}"))
    }

    /// Names in a row, parted as the episode's language parts them, in which they are marked up.
    fn who(&self, entry: &Entry) -> String {
        let names: Vec<String> =
            entry.people.iter().take(5).map(|(person, _)| self.archive.people.list[*person].name.clone()).collect();
        match &entry.episode.language {
            language if language == self.language => self.t.list(&names),
            language => names.join(if language.is_unspaced() { "、" } else { ", " }),
        }
    }

    fn season_title(&self, show: &Show, season: u32) -> String {
        let named = show.settings.seasons.iter().find(|(n, _)| *n == season).map(|(_, title)| title.clone());
        named.unwrap_or_else(|| self.t.fill("season_number", &[("n", &season.to_string())]))
    }

    fn group_link(&self, group: &crate::graph::Group) -> Link {
        self.text_link(&group.title, &group.route)
    }

    fn share(&self, episode: usize, speaker: usize) -> Option<f64> {
        let speakers = &self.archive.episodes[episode].episode.speakers;
        let total: f64 = speakers.iter().map(|speaker| f64::from(speaker.length)).sum();
        (total > 0.0).then(|| f64::from(speakers[speaker].length) / total)
    }
}

fn subscribe_links(links: &[(String, String)]) -> impl Iterator<Item = Link> {
    links
        .iter()
        .filter_map(|(title, url)| Some(Link { title: title.clone(), href: markup::safe_url(url)?, ..Link::default() }))
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}
