//! Views of all pages, built from the archive. Nothing here reads a file but the text that it is given.

use crate::config::Config;
use crate::graph::pages::{PageSpec, chunk, list_route, n_older};
use crate::graph::related::Reason;
use crate::graph::{Archive, Entry, Show};
use crate::hash::ContentHash;
use crate::markup;
use crate::model::language::Language;
use crate::model::person::Role;
use crate::model::transcript::{Item, SectionKind};
use crate::parse::episode::{ReadTranscript, merged};
use crate::parse::measure::length;
use crate::parse::transcript::ids::{section_ids, turn_ids};
use crate::path::{Route, SitePath, percent_decoded};
use crate::render::cover;
use crate::render::interface::Interface;
use crate::render::view::episode::*;
use crate::render::view::list::*;
use crate::render::view::*;

/// Everything that views are built from.
#[derive(Debug, Clone, Copy)]
pub struct Maker<'m> {
    /// The archive.
    pub archive: &'m Archive,
    /// Settings.
    pub config: &'m Config,
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

const TOP: usize = 12;
const SMALL_BARS: usize = 100;
const SHORT_TURN: u32 = 60;

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
        let base = self.config.base_url.as_deref()?;
        Some(format!("{}{}", base.trim_end_matches('/'), route.href()))
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
            stylesheet: asset("style.css"),
            early_script: asset("early.js"),
            module_script: asset("js/main.js"),
        }
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
        const HREF: &str = "href=\"";
        if !html.contains(HREF) {
            return html;
        }
        let mut out = String::with_capacity(html.len());
        let mut rest = html.as_str();
        while let Some(at) = rest.find(HREF) {
            let (before, link) = rest.split_at(at + HREF.len());
            out.push_str(before);
            let end = link.find('"').unwrap_or(link.len());
            out.push_str(&self.resolved(&link[..end], folder).unwrap_or_else(|| link[..end].to_owned()));
            rest = &link[end..];
        }
        out.push_str(rest);
        out
    }

    fn resolved(&self, link: &str, folder: &str) -> Option<String> {
        if link.starts_with('#') || link.contains(':') {
            return None;
        }
        let (path, anchor) = link.find('#').map_or((link, ""), |at| link.split_at(at));
        if let Some(below) = path.strip_prefix('/').filter(|below| !below.starts_with('/')) {
            let root = self.root();
            let root = if root.is_empty() { "./" } else { &root };
            return Some(format!("{root}{below}{anchor}"));
        }
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "." => {}
                ".." => _ = parts.pop()?,
                _ => parts.push(part),
            }
        }
        let source = SitePath::new(percent_decoded(&parts.join("/"))?)?;
        let route = self.archive.by_source.get(&source)?;
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
            PageSpec::Episode(_) => "episode",
            PageSpec::Plain(_) => "plain",
            PageSpec::NotFound => "not_found",
        };
        let canonical = self.absolute(self.route).filter(|_| spec != PageSpec::NotFound);
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
            all.into_iter().filter(|property| !property.content.is_empty()).collect()
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
            og: og.unwrap_or_default(),
            crumbs: crumbs.into_iter().collect(),
        }
    }

    /// Colours of an episode's speakers: plain ink for the only host, else one of eight hues by the person's id.
    fn colors(&self, entry: &Entry) -> Vec<(u8, bool)> {
        let role =
            |person: usize| entry.people.iter().find(|(listed, _)| *listed == person).and_then(|(_, role)| *role);
        let hosts: Vec<usize> =
            entry.speakers.iter().flatten().copied().filter(|&person| role(person) == Some(Role::Host)).collect();
        let mut used = [false; 9];
        let color = |(idx, person): (usize, &Option<usize>)| {
            let host = person.is_some_and(|person| role(person) == Some(Role::Host));
            if host && hosts.len() == 1 {
                return (1, true);
            }
            let known = person.map(|person| &self.archive.people.list[person]);
            let chosen = known.and_then(|known| known.entry.as_ref()).and_then(|entry| entry.color);
            let id = known.map_or(entry.episode.speakers[idx].label.as_str(), |known| known.id.as_str());
            let wanted = chosen.unwrap_or_else(|| 1 + ContentHash::of(id.as_bytes()).letters(2).as_bytes()[1] % 8);
            let free = (0..8).map(|step| (wanted - 1 + step) % 8 + 1).find(|&hue| !used[usize::from(hue)]);
            let hue = free.unwrap_or(wanted);
            used[usize::from(hue)] = true;
            (hue + 1, host)
        };
        entry.speakers.iter().enumerate().map(color).collect()
    }

    fn cover(&self, entry: &Entry) -> CoverView {
        let colors = self.colors(entry);
        let ink = |speaker: u16| match colors.get(usize::from(speaker)) {
            Some((_, true)) => 1,
            _ => 2 + (speaker % 2) as u8,
        };
        let bars: Vec<(u8, u32)> = merged(entry.episode.bars.clone(), 120)
            .into_iter()
            .map(|(speaker, length)| (ink(speaker), length))
            .collect();
        let mut view = cover::cover(&self.archive.shows[entry.show].title, &bars);
        view.image = self.picture(entry);
        view
    }

    fn picture(&self, entry: &Entry) -> Option<String> {
        let declared = entry.episode.meta.image.as_ref().map(|image| image.value.as_str());
        if declared.is_some_and(|image| image.contains("://")) {
            return None;
        }
        let is_picture = |name: &str| {
            ["jpg", "jpeg", "png", "webp", "gif", "avif"].iter().any(|ext| name.to_lowercase().ends_with(ext))
        };
        let found = entry
            .episode
            .media
            .iter()
            .find(|path| declared.map_or(is_picture(path.file_name()), |name| path.file_name() == name))?;
        Some(self.href(&entry.route.join(found.file_name())?))
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

    fn who(&self, entry: &Entry) -> String {
        let names: Vec<String> =
            entry.people.iter().take(5).map(|(person, _)| self.archive.people.list[*person].name.clone()).collect();
        self.t.list(&names)
    }

    fn people(&self, entry: &Entry) -> Vec<SpeakerView> {
        let colors = self.colors(entry);
        entry
            .people
            .iter()
            .map(|&(person, role)| {
                self.speaker(
                    person,
                    role,
                    entry.speakers.iter().position(|s| *s == Some(person)).map(|idx| colors[idx]),
                )
            })
            .collect()
    }

    fn speaker(&self, person: usize, role: Option<Role>, color: Option<(u8, bool)>) -> SpeakerView {
        let person = &self.archive.people.list[person];
        let role = match role {
            Some(Role::Host) => Some(self.t.text("host")),
            Some(Role::Guest) => Some(self.t.text("guest")),
            None => None,
        };
        let (speaker, host) = color.unwrap_or((0, false));
        SpeakerView {
            speaker,
            name: person.name.clone(),
            lang: self.title_language(&person.name),
            href: person.route.as_ref().map(|route| self.href(route)),
            role,
            host,
        }
    }

    /// The speakers of an episode in the order of its transcript.
    pub fn speakers(&self, idx: usize) -> Vec<SpeakerView> {
        let entry = &self.archive.episodes[idx];
        let colors = self.colors(entry);
        let view = |(at, person): (usize, &Option<usize>)| match person {
            Some(person) => self.speaker(
                *person,
                entry.people.iter().find(|(listed, _)| listed == person).and_then(|(_, role)| *role),
                Some(colors[at]),
            ),
            None => {
                let name = entry.episode.speakers[at].label.clone();
                SpeakerView {
                    speaker: colors[at].0,
                    lang: self.title_language(&name),
                    name,
                    href: None,
                    role: None,
                    host: colors[at].1,
                }
            }
        };
        entry.speakers.iter().enumerate().map(view).collect()
    }

    fn key_points(&self, entry: &Entry) -> Vec<KeyPointView> {
        entry
            .episode
            .key_points
            .iter()
            .map(|point| KeyPointView { lead_html: point.lead.clone(), text_html: point.text.clone() })
            .collect()
    }

    fn small_bars(&self, entry: &Entry) -> Vec<BarView> {
        let colors = self.colors(entry);
        let bars: Vec<(u8, bool, u32)> = merged(entry.episode.bars.clone(), SMALL_BARS)
            .into_iter()
            .map(|(speaker, length)| self.bar(&colors, speaker, length))
            .collect();
        cover::bars(&bars, &[])
    }

    fn bar(&self, colors: &[(u8, bool)], speaker: u16, length: u32) -> (u8, bool, u32) {
        let (color, host) = colors.get(usize::from(speaker)).copied().unwrap_or((0, false));
        (color, host, length)
    }

    /// An episode page but for its transcript.
    pub fn episode(&self, idx: usize) -> EpisodeView {
        let entry = &self.archive.episodes[idx];
        let (episode, meta) = (&entry.episode, &entry.episode.meta);
        let show = &self.archive.shows[entry.show];
        let season = meta
            .season
            .and_then(|n| Some(self.link(&self.season_title(show, n), &show.route.join(&format!("season-{n}/"))?)));
        let total: f64 = episode.speakers.iter().map(|s| f64::from(s.length)).sum::<f64>().max(1.0);
        let colors = self.colors(entry);
        let speakers = self.speakers(idx);
        let legend = episode.speakers.iter().zip(&speakers).zip(&colors).map(|((outline, view), color)| LegendEntry {
            speaker: color.0,
            name: view.name.clone(),
            percent: percent(f64::from(outline.length) / total),
        });
        let listen = self.listen(entry);
        let original = meta.original.as_ref().map(|original| {
            let is_url = original.contains("://");
            let title = self.t.fill(
                "translation_of",
                &[("name", if is_url { original.split('/').nth(2).unwrap_or(original) } else { original })],
            );
            Link {
                title: if is_url { title } else { self.t.fill("translation_of", &[("name", original)]) },
                href: if is_url { markup::safe_url(original).unwrap_or_default() } else { String::new() },
                ..Link::default()
            }
        });
        let details = [self.number(entry), self.date(entry, false).map(|date| date.text)].into_iter().flatten();
        let who = self.who(entry);
        let separator = self.t.text("item_separator");
        let cited = [
            ("people", who.as_str()),
            ("title", &episode.title),
            ("show", &show.title),
            ("details", &details.collect::<Vec<_>>().join(&separator)),
        ];
        let citation = without_gaps(&self.t.fill("citation", &cited));
        EpisodeView {
            title: episode.title.clone(),
            title_lines: title_lines(&episode.title),
            lang: episode.language.to_string(),
            show: self.show_link(show),
            number: self.number(entry),
            season,
            date: self.date(entry, false),
            reading_time: self.reading_time(entry),
            dek: meta.description.clone(),
            cover: self.cover(entry),
            people: self.people(entry),
            topics: entry.topics.iter().map(|&topic| self.group_link(&self.archive.topics[topic])).collect(),
            series: entry.series.iter().map(|&series| self.group_link(&self.archive.series[series])).collect(),
            key_points: self.key_points(entry),
            toc: self.toc(entry, &listen),
            listen,
            legend: legend.collect(),
            ribbon_basis: self.t.text("by_characters"),
            citation,
            address: self.absolute(&entry.route),
            original,
            related: entry.related.iter().map(|related| self.related(related.episode, related.reason)).collect(),
            previous: entry.previous.map(|other| self.pager("previous", other)),
            next: entry.next.map(|other| self.pager("next", other)),
        }
    }

    fn season_title(&self, show: &Show, season: u32) -> String {
        let named = show.settings.seasons.iter().find(|(n, _)| *n == season).map(|(_, title)| title.clone());
        named.unwrap_or_else(|| self.t.fill("season_number", &[("n", &season.to_string())]))
    }

    fn group_link(&self, group: &crate::graph::Group) -> Link {
        self.text_link(&group.title, &group.route)
    }

    fn related(&self, other: usize, reason: Reason) -> RelatedView {
        let entry = &self.archive.episodes[other];
        let (key, name) = match reason {
            Reason::Series(idx) => ("related_series", &self.archive.series[idx].title),
            Reason::Person(idx) => ("related_person", &self.archive.people.list[idx].name),
            Reason::Topic(idx) => ("related_topic", &self.archive.topics[idx].title),
        };
        RelatedView {
            link: self.episode_link(entry),
            show: self.archive.shows[entry.show].title.clone(),
            reason: self.t.fill(key, &[("name", name)]),
            cover: self.cover(entry),
        }
    }

    fn pager(&self, key: &str, other: usize) -> PagerLink {
        let entry = &self.archive.episodes[other];
        let label = match self.number(entry) {
            Some(number) => self.t.fill(&format!("{key}_number"), &[("number", &number)]),
            None => self.t.text(key),
        };
        PagerLink { label, link: self.episode_link(entry) }
    }

    fn listen(&self, entry: &Entry) -> ListenView {
        let meta = &entry.episode.meta;
        let audio_types = [
            ("mp3", "audio/mpeg"),
            ("m4a", "audio/x-m4a"),
            ("ogg", "audio/ogg"),
            ("opus", "audio/ogg"),
            ("wav", "audio/wav"),
            ("flac", "audio/flac"),
            ("aac", "audio/aac"),
            ("mp4", "video/mp4"),
        ];
        let media_type = |name: &str| {
            audio_types
                .iter()
                .find(|(ext, _)| name.to_lowercase().ends_with(&format!(".{ext}")))
                .map(|(_, kind)| (*kind).to_owned())
        };
        let declared = meta.audio.as_ref().map(|audio| audio.value.as_str());
        let local = entry
            .episode
            .media
            .iter()
            .find(|path| declared.map_or(media_type(path.file_name()).is_some(), |name| path.file_name() == name));
        let local_src = local.and_then(|path| {
            let own = match &self.config.media_base_url {
                Some(base) => {
                    Some(format!("{}/{}", base.trim_end_matches('/'), crate::path::percent_encoded(path.as_str())))
                }
                None => entry.route.join(path.file_name()).map(|route| self.href(&route)),
            };
            Some(AudioView { src: own?, media_type: media_type(path.file_name()).unwrap_or_default() })
        });
        let remote = || {
            declared
                .filter(|url| url.contains("://"))
                .and_then(markup::safe_url)
                .map(|src| AudioView { media_type: media_type(&src).unwrap_or_default(), src })
        };
        let show = &self.archive.shows[entry.show];
        let subscribe =
            if show.settings.subscribe.is_empty() { &self.config.subscribe } else { &show.settings.subscribe };
        let own = meta.listen_url.as_ref().and_then(|url| {
            Some(Link { title: self.t.text("listen"), href: markup::safe_url(url)?, ..Link::default() })
        });
        let links = own.into_iter().chain(subscribe_links(subscribe)).collect();
        let qr_url = meta.listen_url.clone().filter(|url| url.contains("://")).or_else(|| self.absolute(&entry.route));
        ListenView {
            audio: local_src.or_else(remote),
            links,
            qr: qr_url.and_then(|url| qr(&url)),
            duration: meta.duration.map(|time| time.clock()),
        }
    }

    fn toc(&self, entry: &Entry, listen: &ListenView) -> Vec<TocEntry> {
        let block = |href: &str, key: &str| TocEntry {
            href: href.to_owned(),
            number: String::new(),
            title: self.t.text(key),
            length: None,
            time: None,
        };
        let mut toc = Vec::new();
        if !entry.episode.key_points.is_empty() {
            toc.push(block("#key", "key_points"));
        }
        if entry.episode.has_background {
            toc.push(block("#background", "background"));
        }
        let longest = entry.episode.sections.iter().map(|section| section.length).max().unwrap_or(1).max(1);
        let titled = entry.episode.sections.iter().filter_map(|section| Some((section, section.title.as_ref()?)));
        toc.extend(titled.map(|(section, title)| TocEntry {
            href: format!("#{}", section.id),
            number: section.number.map(|n| format!("{n:02}")).unwrap_or_default(),
            title: title.clone(),
            length: Some(format!("{}", u64::from(section.length) * 100 / u64::from(longest))),
            time: None,
        }));
        if listen.audio.is_some() || !listen.links.is_empty() || listen.qr.is_some() || entry.episode.has_listen {
            toc.push(block("#listen", "listen"));
        }
        toc
    }

    /// The transcript part of an episode page.
    pub fn transcript(&self, idx: usize, read: &ReadTranscript) -> TranscriptView {
        let entry = &self.archive.episodes[idx];
        let colors = self.colors(entry);
        let text = &read.file.text;
        let (ids, section_ids) = (turn_ids(text, &read.transcript), section_ids(text, &read.transcript.sections));
        let folder = read.file.path.parent();
        let html = |span: crate::source::Span| self.linked(read.style.html(span.of(text)), folder);
        let mut seen = vec![false; entry.speakers.len()];
        let (mut n_turn, mut at, mut lengths, mut ticks) = (0, 0_u64, Vec::new(), Vec::new());
        let mut sections = Vec::new();
        for (section, id) in read.transcript.sections.iter().zip(section_ids) {
            if let Some(title) = section.title {
                let label = section.number.map_or_else(
                    || title.of(text).chars().next().map(String::from).unwrap_or_default(),
                    |n| format!("{n:02}"),
                );
                ticks.push((label, at));
            }
            let mut items = Vec::with_capacity(section.items.len());
            for item in &section.items {
                let view = |kind, paragraphs| ItemView {
                    kind,
                    id: String::new(),
                    speaker: 0,
                    first: false,
                    short: false,
                    lang: None,
                    time: None,
                    paragraphs,
                };
                items.push(match item {
                    Item::Turn(turn) => {
                        let chars: u32 = turn.paragraphs.iter().map(|p| length(p.span.of(text)).chars).sum();
                        at += u64::from(chars.max(1));
                        lengths.push((turn.speaker.min(u32::from(u16::MAX)) as u16, chars.max(1)));
                        let speaker = turn.speaker as usize;
                        let first = seen.get_mut(speaker).is_some_and(|seen| !std::mem::replace(seen, true));
                        n_turn += 1;
                        ItemView {
                            id: ids[n_turn - 1].clone(),
                            speaker,
                            first,
                            short: chars < SHORT_TURN,
                            ..view("turn", turn.paragraphs.iter().map(|p| html(p.span)).collect())
                        }
                    }
                    Item::Cue(cue) => {
                        let words = std::iter::once(cue.label).chain(cue.text).map(html).collect::<Vec<_>>();
                        view("cue", vec![words.join(" ")])
                    }
                    Item::Text(paragraph) => view("text", vec![html(paragraph.span)]),
                });
            }
            sections.push(SectionView {
                id,
                number: section.number.map(|n| format!("{n:02}")).unwrap_or_default(),
                title_html: section.title.map(html),
                closing: section.kind == SectionKind::Closing,
                time: None,
                items,
            });
        }
        let total = at.max(1) as f64;
        let names = self.speakers(idx);
        let rows = lengths.iter().map(|&(speaker, length)| RowView {
            name: names.get(usize::from(speaker)).map(|view| view.name.clone()).unwrap_or_default(),
            percent: format!("{:.1}%", f64::from(length) / total * 100.0),
        });
        let rows = rows.collect();
        let many = lengths.len() > 300;
        let bars: Vec<(u8, bool, u32)> =
            merged(lengths, 300).into_iter().map(|(speaker, length)| self.bar(&colors, speaker, length)).collect();
        let all =
            |paragraphs: &[crate::model::transcript::Paragraph]| paragraphs.iter().map(|p| html(p.span)).collect();
        TranscriptView {
            listen_html: all(&read.transcript.listen),
            background_html: all(&read.transcript.background),
            bars: cover::bars(&bars, if many { &[] } else { &ids }),
            ticks: ticks
                .into_iter()
                .map(|(label, at)| TickView { label, at: format!("{:.1}", at as f64 / total * 100.0) })
                .collect(),
            rows,
            sections,
            foot_html: all(&read.transcript.foot),
        }
    }

    fn list(&self, episodes: &[usize], base: &Route, page: usize, own_show: bool) -> ListView {
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
            let item = self.list_item(entry, own_show);
            groups.last_mut().into_iter().for_each(|group| group.items.push(item.clone()));
        }
        ListView { groups, pagination: self.pagination(episodes.len(), base, page) }
    }

    fn list_item(&self, entry: &Entry, own_show: bool) -> ListItemView {
        let show = if own_show { self.number(entry).unwrap_or_default() } else { self.show_and_number(entry) };
        let dek = own_show.then(|| entry.episode.description.clone()).filter(|text| !text.is_empty());
        ListItemView {
            link: self.episode_link(entry),
            date: self.date(entry, true),
            show_lang: self.title_language(&show),
            show,
            who: self.who(entry),
            dek,
            bars: self.small_bars(entry),
            size: self.size(entry),
        }
    }

    fn pagination(&self, n: usize, base: &Route, page: usize) -> PaginationView {
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
            cover: self.cover(entry),
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

    fn home_facets(&self) -> Vec<FacetView> {
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

    fn facets<const N: usize>(&self, facets: [(&str, Vec<Link>); N]) -> Vec<FacetView> {
        let filled = facets.into_iter().filter(|(_, links)| !links.is_empty());
        filled.map(|(key, links)| FacetView { title: self.t.text(key), links, all: None }).collect()
    }

    fn figures(&self, episodes: &[usize]) -> Vec<FigureView> {
        let figure = |key: &str, text: String| FigureView { title: self.t.text(key), text, links: Vec::new() };
        let (mut words, mut wide) = (0_u64, 0_u64);
        for &idx in episodes {
            words += u64::from(self.archive.episodes[idx].episode.n_words);
            wide += u64::from(self.archive.episodes[idx].episode.n_han);
        }
        let size = if wide > words { self.t.count("size_han", wide) } else { self.t.count("size_words", words) };
        vec![figure("episodes", episodes.len().to_string()), figure("words", size)]
    }

    fn years_of(&self, episodes: &[usize]) -> Option<String> {
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
                let subscribe =
                    if show.settings.subscribe.is_empty() { &self.config.subscribe } else { &show.settings.subscribe };
                let facets = self.facets([("subscribe", subscribe_links(subscribe).collect()), ("seasons", seasons)]);
                let kicker =
                    [Some(self.t.text("show")), self.years_of(&show.episodes), show.settings.frequency.clone()];
                CollectionView {
                    kicker: kicker.into_iter().flatten().collect(),
                    title: show.title.clone(),
                    lang: self.title_language(&show.title),
                    dek: show.settings.description.clone(),
                    cover: Some(cover::show_cover(&show.title)),
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

    fn plain_collection(
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
        with.sort_by_key(|&(other, n)| (std::cmp::Reverse(n), other));
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
            appearances: shown.iter().map(|appearance| self.appearance(appearance)).collect(),
            pagination: self.pagination(person.appearances.len(), &route, page),
        }
    }

    fn share(&self, episode: usize, speaker: usize) -> Option<f64> {
        let speakers = &self.archive.episodes[episode].episode.speakers;
        let total: f64 = speakers.iter().map(|speaker| f64::from(speaker.length)).sum();
        (total > 0.0).then(|| f64::from(speakers[speaker].length) / total)
    }

    fn appearance(&self, appearance: &crate::graph::people::Appearance) -> AppearanceView {
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
                let href = format!("{}#{}", self.href(&entry.route), outline.first_turn);
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

    /// The list of people.
    pub fn people_view(&self) -> DirectoryView {
        let mut people: Vec<_> = self.archive.people.list.iter().filter(|person| person.route.is_some()).collect();
        let sort = |person: &crate::graph::people::Person| {
            let sort_as =
                person.entry.as_ref().and_then(|entry| entry.sort_as.clone()).unwrap_or_else(|| person.name.clone());
            crate::model::slug::slug(&sort_as, crate::model::slug::Slugs::Pinyin).unwrap_or(sort_as)
        };
        people.sort_by_cached_key(|person| (sort(person), person.route.clone()));
        let mut groups: Vec<FacetView> = Vec::new();
        for person in &people {
            let initial = sort(person)
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

fn subscribe_links(links: &[(String, String)]) -> impl Iterator<Item = Link> {
    links
        .iter()
        .filter_map(|(title, url)| Some(Link { title: title.clone(), href: markup::safe_url(url)?, ..Link::default() }))
}

/// A filled sentence without the marks around what was empty.
fn without_gaps(text: &str) -> String {
    let mut text = text.trim_start_matches([':', '：', ' ']).to_owned();
    for (gap, mend) in [(", .", "."), ("，。", "。"), (",。", "。"), (", ,", ","), ("，，", "，")] {
        text = text.replace(gap, mend);
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

/// A title in two lines, where it has a colon to break at.
fn title_lines(title: &str) -> Vec<String> {
    let at = title.find(['：', ':', '—']).map(|idx| idx + title[idx..].chars().next().map_or(0, char::len_utf8));
    match at
        .filter(|&at| at < title.len() && title[at..].trim().chars().count() >= 3 && title[..at].chars().count() >= 3)
    {
        Some(at) if title.is_char_boundary(at) && !title[..at].ends_with('—') => {
            vec![title[..at].to_owned(), title[at..].trim_start().to_owned()]
        }
        _ => vec![title.to_owned()],
    }
}

fn qr(url: &str) -> Option<QrView> {
    let code = qrcode::QrCode::with_error_correction_level(url.as_bytes(), qrcode::EcLevel::L).ok()?;
    let (size, colors) = (code.width(), code.to_colors());
    let mut d = String::new();
    for (y, row) in colors.chunks(size).enumerate() {
        let mut x = 0;
        while x < size {
            let run = row[x..].iter().take_while(|color| **color == qrcode::Color::Dark).count();
            if run > 0 {
                d.push_str(&format!("M{x} {y}h{run}v1h-{run}z"));
            }
            x += run.max(1);
        }
    }
    Some(QrView { size, d, url: url.to_owned() })
}
