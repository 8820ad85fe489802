//! A site: an immutable snapshot of an archive, and one route of it on request. Connects the stages, decides nothing.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use tera::Context;

use crate::assets::Assets;
use crate::config::{Config, parse_config};
use crate::diagnostic::{Diagnostic, Diagnostics, Fault};
use crate::graph::files::content_files;
use crate::graph::pages::{PageSpec, pages};
use crate::graph::people::People;
use crate::graph::{Archive, Parts, link};
use crate::hash::{ContentHash, Hasher};
use crate::lock::{self, Lock};
use crate::memo::{self, Known, KnownRef, Memo, Published};
use crate::model::episode::Episode;
use crate::model::language::Language;
use crate::model::slug::{self};
use crate::model::time::Day;
use crate::model::transcript::{LineRole, TurnId};
use crate::output::{Body, Rendered};
use crate::parse::decode::decode;
use crate::parse::episode::{Inherited, ReadTranscript, read_transcript, recorded_transcript};
use crate::parse::people::parse_people;
use crate::parse::words::Words;
use crate::path::{Route, SitePath};
use crate::render::build::Maker;
use crate::render::engine::{Engine, Stretches};
use crate::render::interface::Interface;
use crate::render::redirect;
use crate::site::key::Keys;
use crate::site::load::{
    engine, folder_title, interfaces, locks, only_title, plain_pages, prevailing, read_bytes, settings, shows, sources,
    theme_assets,
};
use crate::site::records::{Head, Read, Record, records, stamp, turns_before};
use crate::source::{SourceFile, World};
use crate::theme;

mod key;
mod load;
mod records;

/// What a build is asked for, besides the files.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Where the site will be, in place of the config's `base_url`.
    pub base_url: Option<String>,
    /// Where a preview is, such as `http://127.0.0.1:4000`: in place of scheme and host of the config's `base_url`.
    pub origin: Option<String>,
    /// Whether drafts are shown.
    pub drafts: bool,
    /// Whether episodes of the future are shown.
    pub future: bool,
    /// Today, in UTC; `None` shows episodes of any day.
    pub today: Option<Day>,
    /// Words for a site without a title: the name of its folder.
    pub folder_name: String,
}

/// Why a route was not rendered.
#[derive(Debug)]
pub enum Stale {
    /// There is no such route.
    NoRoute,
    /// A source changed since the site was opened: open it again.
    Changed(Box<Diagnostic>),
    /// A template is at fault.
    Fault(Box<Diagnostic>),
}

/// Where a route's body comes from.
#[derive(Debug)]
enum Source {
    Page(PageSpec),
    Asset,
    Copy(SitePath),
    /// Leads to this page.
    Redirect(PageSpec),
    Sitemap(usize),
    SitemapIndex,
    Robots,
}

/// An opened site.
#[derive(Debug)]
pub struct Site {
    config: Config,
    title: String,
    language: Language,
    words: Words,
    names: BTreeSet<String>,
    archive: Archive,
    engine: Engine,
    interfaces: BTreeMap<String, Interface>,
    assets: Assets,
    routes: BTreeMap<Route, Source>,
    keys: Keys,
    /// What to remember of each episode, by its source.
    heads: BTreeMap<SitePath, Head>,
    /// Episodes that are not to be seen.
    hidden: Vec<Episode>,
    /// Shards of the memo that have changed.
    changed_shards: BTreeSet<usize>,
    n_parsed: usize,
}

/// How much was read, for the summary line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Episodes of the site.
    pub episodes: usize,
    /// Turns in them.
    pub turns: u64,
    /// People with a page.
    pub people: usize,
    /// Shows.
    pub shows: usize,
    /// Episodes that were parsed, and not taken from the memo.
    pub parsed: usize,
}

impl Site {
    /// Reads all files of a world and links them. Findings come with the site; `None` where there can be none.
    ///
    /// The memo saves reading files that have not changed; an empty one gives the same site.
    pub fn open(world: &dyn World, request: &Request, mut memo: Memo) -> (Option<Self>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let root = world.content_root().to_owned();
        let config = settings(world, "podleaf.toml", &root, &mut diagnostics).map_or_else(Config::default, |file| {
            let (config, found) = parse_config(&file);
            diagnostics.append(found);
            config
        });
        let config = Config { base_url: request.base_url(config.base_url.as_deref()), ..config };
        let people = settings(world, "people.toml", &root, &mut diagnostics).map(|file| {
            let (people, found) = parse_people(&file);
            diagnostics.append(found);
            people
        });
        let people = people.unwrap_or_default();
        let words = Words::new(&config.words);
        let (content, found) = content_files(&root, world.files().iter().map(|entry| &entry.path));
        diagnostics.append(found);
        let shows = shows(world, &content, &mut diagnostics);
        let mut names: BTreeSet<String> = BTreeSet::new();
        for person in &people {
            names.extend([person.name.clone(), person.id.value.clone()]);
            names.extend(person.names.iter().map(|(_, name)| name).chain(&person.aliases).cloned());
        }
        names.extend(shows.values().flat_map(|show| &show.hosts).map(|credit| credit.name.value.clone()));
        let records = records(world, content.episodes, &mut memo, &config, &words, &names, &shows);
        let mut changed_shards: BTreeSet<usize> = memo.left().collect();
        let mut before: lock::Before = memo.rest().filter_map(|known| turns_before(&known)).collect();
        let (mut heads, mut n_parsed, mut hidden) = (BTreeMap::new(), 0, Vec::new());
        let mut shown = Vec::with_capacity(records.len());
        for record in records {
            diagnostics.extend(record.diagnostics().iter().cloned());
            let Record::Read(read) = record else { continue };
            let Read { files, episode, head, is_new, is_parsed, before: old } = *read;
            if is_new {
                changed_shards.insert(memo::shard_of(&episode.source));
            }
            n_parsed += usize::from(is_parsed);
            before.extend(old);
            heads.insert(episode.source.clone(), head);
            if request.shows(&episode) { shown.push((files, episode)) } else { hidden.push(episode) }
        }
        let records = shown;
        let lock = lock::Input {
            content_root: root.clone(),
            locks: locks(world, &content.locks, &mut diagnostics),
            before: &before,
            hidden: hidden.iter().map(|episode| episode.source.clone()).collect(),
            unpublished: sources(&records, |episode| !request.is_published(episode)).collect(),
        };
        let language = config.language.clone().unwrap_or_else(|| prevailing(&records));
        let title = config.title.clone().or_else(|| only_title(&shows));
        let title = title.unwrap_or_else(|| folder_title(&request.folder_name));
        let plain = plain_pages(world, &content.pages, &config, &language, &mut diagnostics);
        let (people, language, title) = (People::new(people), language, title);
        let parts =
            Parts { shows, episodes: records, people, plain, language: language.clone(), title: title.clone(), lock };
        let (archive, found) = link(parts, &config, &words);
        diagnostics.append(found);
        if archive.episodes.is_empty() {
            let note = Diagnostic::warning("no-episodes", "no episode was found");
            diagnostics
                .push(note.help("put transcripts (`.txt` or `.md`) into the folder, or into a folder for each show"));
        }
        if config.base_url.is_none() {
            let note =
                Diagnostic::note("no-base-url", "without `base_url` there are no canonical links and no sitemap");
            diagnostics.push(note.help("set `base_url = \"https://…/\"` in podleaf.toml, or give --base-url"));
        }
        let (page_routes, found) = pages(&archive, config.page_size);
        diagnostics.append(found);
        let interfaces = interfaces(world, &mut diagnostics);
        let engine = match engine(world, &mut diagnostics) {
            Ok(engine) => engine,
            Err(found) => {
                diagnostics.append(found);
                return (None, diagnostics);
            }
        };
        let assets = theme_assets(world, &mut diagnostics);
        let mut frame = Hasher::new();
        frame.json(&config).json(&(&title, &language, &assets.folder)).hash(engine.hash);
        interfaces.iter().for_each(|(name, words)| _ = frame.part(name.as_bytes()).hash(words.hash));
        let records: Vec<ContentHash> =
            archive.episodes.iter().map(|entry| heads[&entry.episode.source].record).collect();
        let parts =
            key::Parts { archive: &archive, frame: frame.finish(), records: &records, page_size: config.page_size };
        let keys = Keys::new(&parts);
        for entry in &archive.episodes {
            let kept = entry.default_ids.as_ref().map(|_| entry.episode.turn_ids.clone());
            let published = Some(Published { guid: entry.guid.clone(), kept: kept.unwrap_or_default() });
            let head = heads.get_mut(&entry.episode.source);
            if let Some(head) = head.filter(|head| head.published != published) {
                head.published = published;
                changed_shards.insert(memo::shard_of(&entry.episode.source));
            }
        }
        let mut site = Self {
            config,
            title,
            language,
            words,
            names,
            archive,
            engine,
            interfaces,
            assets,
            routes: BTreeMap::new(),
            keys,
            heads,
            hidden,
            changed_shards,
            n_parsed,
        };
        site.add_routes(world, page_routes, &mut diagnostics);
        (Some(site), diagnostics)
    }

    /// All routes in order.
    pub fn routes(&self) -> Vec<&Route> {
        self.routes.keys().collect()
    }

    /// Whether there is such a route.
    pub fn has(&self, route: &Route) -> bool {
        self.routes.contains_key(route)
    }

    /// Where the site will be.
    pub fn base_url(&self) -> Option<&str> {
        self.config.base_url.as_deref()
    }

    /// The address that opens the writer's editor, with `{path}` and `{line}` in it.
    pub fn editor(&self) -> Option<&str> {
        self.config.editor.as_deref()
    }

    /// The folder of the theme's assets, which is named for what is in it.
    pub fn assets_folder(&self) -> &str {
        &self.assets.folder
    }

    /// The routes of files that are published as they are, with their sources.
    pub fn copies(&self) -> impl Iterator<Item = (&Route, &SitePath)> {
        self.routes.iter().filter_map(|(route, source)| match source {
            Source::Copy(path) => Some((route, path)),
            _ => None,
        })
    }

    /// All that is known of the episodes, to open the site again without reading what has not changed.
    pub fn memo(&self) -> Memo {
        let all: Vec<(&Episode, Option<&Vec<TurnId>>)> = self.records().collect();
        let known = |(episode, default_ids): (&Episode, Option<&Vec<TurnId>>)| {
            let Head { proof, diagnostics, published, .. } = &self.heads[&episode.source];
            Known {
                proof: proof.clone(),
                diagnostics: diagnostics.clone(),
                published: published.clone(),
                episode: as_recorded(episode, default_ids).into_owned(),
            }
        };
        Memo::new([all.into_par_iter().map(known).collect()])
    }

    /// All episodes, each with the ids that its words have, where its turns have other ones.
    fn records(&self) -> impl Iterator<Item = (&Episode, Option<&Vec<TurnId>>)> {
        let shown = self.archive.episodes.iter().map(|entry| (&entry.episode, entry.default_ids.as_ref()));
        shown.chain(self.hidden.iter().map(|episode| (episode, None)))
    }

    /// How much was read.
    pub fn counts(&self) -> Counts {
        Counts {
            episodes: self.archive.episodes.len(),
            turns: self.archive.episodes.iter().map(|entry| entry.episode.n_turns() as u64).sum(),
            people: self.archive.people.list.iter().filter(|person| person.route.is_some()).count(),
            shows: self.archive.shows.len(),
            parsed: self.n_parsed,
        }
    }

    /// The shards of the memo that have changed since the one that the site was opened with.
    pub fn changed_shards(&self) -> Vec<usize> {
        self.changed_shards.iter().copied().collect()
    }

    /// A shard of the memo.
    pub fn shard(&self, number: usize) -> Vec<u8> {
        let of_shard = self.records().filter(|(episode, _)| memo::shard_of(&episode.source) == number);
        let known = of_shard.map(|(episode, default_ids)| {
            let Head { proof, diagnostics, published, .. } = &self.heads[&episode.source];
            KnownRef { proof, diagnostics, published, episode: as_recorded(episode, default_ids) }
        });
        memo::encode(&known.collect::<Vec<_>>())
    }

    /// The key of what is at a route: same key, same bytes. `None` where only the bytes tell.
    pub fn key(&self, world: &dyn World, route: &Route) -> Option<ContentHash> {
        match self.routes.get(route)? {
            Source::Page(spec) => Some(self.keys.page(&self.archive, route, *spec)),
            Source::Copy(path) => {
                let stamp = stamp(world, path);
                let numbers = [stamp.size, stamp.inode, stamp.modified.cast_unsigned(), stamp.changed.cast_unsigned()];
                let mut key = Hasher::new();
                key.part(path.as_str().as_bytes());
                numbers.into_iter().for_each(|number| _ = key.number(number));
                stamp.is_settled(world.listed_at()).then(|| key.finish())
            }
            Source::Asset | Source::Redirect(_) | Source::Sitemap(_) | Source::SitemapIndex | Source::Robots => None,
        }
    }

    /// Renders one route. A page's text is read now, and only for the hash that its record names.
    ///
    /// # Errors
    /// See [`Stale`].
    pub fn render(&self, world: &dyn World, route: &Route) -> Result<Rendered, Stale> {
        let body = match self.routes.get(route).ok_or(Stale::NoRoute)? {
            Source::Page(spec) => self.page(world, route, *spec)?,
            Source::Copy(path) => return Ok(Rendered { key: self.key(world, route), body: Body::Copy(path.clone()) }),
            Source::Asset => self.assets.files.get(route).cloned().unwrap_or_default(),
            Source::Redirect(spec) => self.redirect(route, *spec)?,
            Source::Sitemap(part) => self.sitemap(*part).into_bytes(),
            Source::SitemapIndex => self.sitemap_index().into_bytes(),
            Source::Robots => self.robots().into_bytes(),
        };
        Ok(Rendered { key: self.key(world, route), body: Body::Bytes(body) })
    }

    fn add_routes(&mut self, world: &dyn World, pages: BTreeMap<Route, PageSpec>, diagnostics: &mut Diagnostics) {
        self.routes = pages.into_iter().map(|(route, spec)| (route, Source::Page(spec))).collect();
        self.assets.files.keys().for_each(|route| _ = self.routes.insert(route.clone(), Source::Asset));
        let mut copies = Vec::new();
        for entry in &self.archive.episodes {
            let own = |path: &SitePath| Some((entry.route.join(path.file_name())?, path.clone()));
            copies.extend(entry.episode.media.iter().filter_map(own));
        }
        let theme: BTreeSet<&str> = theme::static_files().iter().map(|file| file.name).collect();
        for file in world.files() {
            let own = file.path.below("static").filter(|name| !theme.contains(name) && !name.starts_with("css/"));
            copies.extend(own.and_then(|name| Some((Route::new(format!("/{name}"))?, file.path.clone()))));
        }
        let mut taken: BTreeMap<String, Route> =
            self.routes.keys().map(|route| (slug::folded(&route.file()), route.clone())).collect();
        for (route, path) in copies {
            let file = slug::folded(&route.file());
            if let Some(other) = clash(&taken, &file) {
                let message = format!("`{path}` would be at the address of {}", self.maker_of(other));
                diagnostics.push(Diagnostic::error("same-address", message).in_file(&path).help("rename the file"));
            } else {
                taken.insert(file, route.clone());
                self.routes.insert(route, Source::Copy(path));
            }
        }
        for (route, spec) in self.redirects() {
            let file = slug::folded(&route.file());
            if let Some(other) = clash(&taken, &file) {
                diagnostics.push(self.taken(&route, spec, other));
            } else {
                taken.insert(file, route.clone());
                self.routes.insert(route, Source::Redirect(spec));
            }
        }
        if self.config.base_url.is_some() {
            let n_parts = self.listed().len().div_ceil(SITEMAP_LIMIT);
            let mut entries = vec![("/robots.txt".to_owned(), Source::Robots)];
            if n_parts <= 1 {
                entries.push(("/sitemap.xml".to_owned(), Source::Sitemap(0)));
            } else {
                entries.push(("/sitemap.xml".to_owned(), Source::SitemapIndex));
                entries.extend((0..n_parts).map(|part| (format!("/sitemap-{}.xml", part + 1), Source::Sitemap(part))));
            }
            for (route, source) in entries {
                if let Some(route) = Route::new(route) {
                    self.routes.entry(route).or_insert(source);
                }
            }
        }
    }

    /// The locks that say other things than their files: what is to be written, where they can be.
    pub fn locks(&self) -> Vec<&Lock> {
        self.archive.locks.par_iter().filter(|lock| !lock.has_errors && lock.is_changed()).collect()
    }

    /// Earlier routes and aliases with the pages that they lead to.
    fn redirects(&self) -> Vec<(Route, PageSpec)> {
        let mut redirects = Vec::new();
        for (idx, entry) in self.archive.episodes.iter().enumerate() {
            let aliases = entry.episode.meta.aliases.iter().filter_map(|alias| redirect::route(&alias.value));
            let all: BTreeSet<Route> = entry.earlier.iter().cloned().chain(aliases).collect();
            let others = all.into_iter().filter(|route| *route != entry.route);
            redirects.extend(others.map(|route| (route, PageSpec::Episode(idx))));
        }
        for (idx, page) in self.archive.plain.iter().enumerate() {
            let all: BTreeSet<Route> = page.aliases.iter().filter_map(|alias| redirect::route(alias)).collect();
            let others = all.into_iter().filter(|route| *route != page.route);
            redirects.extend(others.map(|route| (route, PageSpec::Plain(idx))));
        }
        redirects
    }

    /// An earlier route that leads elsewhere now.
    fn taken(&self, route: &Route, spec: PageSpec, other: &Route) -> Diagnostic {
        let source = match spec {
            PageSpec::Episode(idx) => Some(&self.archive.episodes[idx].episode.source),
            PageSpec::Plain(idx) => Some(&self.archive.plain[idx].source),
            _ => None,
        };
        let name = source.map_or_else(String::new, |source| format!(" of `{source}`"));
        let message = format!("`{route}`, an earlier address{name}, is the address of {}", self.maker_of(other));
        let error = Diagnostic::error("same-address", message);
        let error = source.into_iter().fold(error, Diagnostic::in_file);
        error.help("give the other one another `slug`; or delete the route from `aliases` or from show.lock")
    }

    fn redirect(&self, route: &Route, spec: PageSpec) -> Result<Vec<u8>, Stale> {
        let (title, target) = match spec {
            PageSpec::Episode(idx) => (&self.archive.episodes[idx].episode.title, &self.archive.episodes[idx].route),
            PageSpec::Plain(idx) => (&self.archive.plain[idx].title, &self.archive.plain[idx].route),
            _ => return Err(Stale::NoRoute),
        };
        let language = self.page_language(spec);
        let t = self.interface(&language);
        let frame = redirect::Frame { assets: &self.assets.folder, base_url: self.config.base_url.as_deref() };
        let view = redirect::view((title, &language), (route, target), &frame);
        let mut context = Context::new();
        context.insert_value("t", t.value.clone());
        context.insert("redirect", &view);
        self.html("redirect.html", &context, &Stretches::default())
    }

    /// What a route is made from, for messages.
    fn maker_of(&self, route: &Route) -> String {
        let source = match self.routes.get(route) {
            Some(Source::Page(PageSpec::Episode(idx)) | Source::Redirect(PageSpec::Episode(idx))) => {
                Some(&self.archive.episodes[*idx].episode.source)
            }
            Some(Source::Page(PageSpec::Plain(idx)) | Source::Redirect(PageSpec::Plain(idx))) => {
                Some(&self.archive.plain[*idx].source)
            }
            Some(Source::Copy(path)) => Some(path),
            _ => None,
        };
        source.map_or_else(|| format!("the page `{route}` of the site"), |path| format!("`{path}`"))
    }

    fn page(&self, world: &dyn World, route: &Route, spec: PageSpec) -> Result<Vec<u8>, Stale> {
        let language = self.page_language(spec);
        let t = self.interface(&language);
        let maker = Maker {
            archive: &self.archive,
            config: &self.config,
            t,
            language: &language,
            route,
            assets: &self.assets.folder,
            title: &self.title,
        };
        let mut context = Context::new();
        context.insert_value("t", t.value.clone());
        let mut stretches = Stretches::default();
        context.insert("site", &maker.site(spec));
        let (template, title, description) = match spec {
            PageSpec::Home(page) => {
                let view = maker.home_view(page);
                context.insert("home", &view);
                ("home.html", view.title, self.config.description.clone().unwrap_or_default())
            }
            PageSpec::Show(..)
            | PageSpec::Season(..)
            | PageSpec::Year(..)
            | PageSpec::Topic(..)
            | PageSpec::Series(..) => {
                let view = maker.collection(spec).ok_or(Stale::NoRoute)?;
                context.insert("collection", &view);
                ("collection.html", view.title, view.dek.unwrap_or_default())
            }
            PageSpec::Person(idx, page) => {
                let view = maker.person(idx, page);
                context.insert("person", &view);
                ("person.html", view.name, view.dek.unwrap_or_default())
            }
            PageSpec::People | PageSpec::Topics => {
                let view = if spec == PageSpec::People { maker.people_view() } else { maker.topics_view() };
                context.insert("directory", &view);
                ("directory.html", view.title, String::new())
            }
            PageSpec::Episode(idx) => {
                let entry = &self.archive.episodes[idx];
                let speakers = maker.speakers(idx);
                context.insert("episode", &maker.episode(idx, &speakers));
                context.insert("speakers", &speakers);
                context.insert("sources", &entry.episode.read);
                let mut drawn = maker.drawn(idx, &speakers);
                drawn.ribbon.iter_mut().for_each(|ribbon| stretches.keep(&mut ribbon.bars_svg));
                context.insert("drawn", &drawn);
                let mut transcripts = self.recorded(world, &entry.episode)?.into_iter();
                let main = transcripts.next().ok_or(Stale::NoRoute)?;
                let mut view = maker.transcript(idx, &speakers, &main);
                for notes in transcripts {
                    let folder = notes.file.path.parent();
                    let html =
                        |span: crate::source::Span| maker.linked(notes.style.html(span.of(&notes.file.text)), folder);
                    view.background_html
                        .extend(notes.transcript.background.iter().map(|paragraph| html(paragraph.span)));
                }
                view.sections.iter_mut().for_each(|section| stretches.keep(&mut section.items_html));
                context.insert("transcript", &view);
                let page = maker.head(spec, &entry.episode.title, &entry.episode.description);
                context.insert("page", &page);
                return self.html("episode.html", &context, &stretches);
            }
            PageSpec::Plain(idx) => {
                let plain = &self.archive.plain[idx];
                let file = text(world, &plain.source, plain.hash)?;
                let body = crate::parse::front_matter::front_matter_end(&file);
                let body = without_title(&file.text[body..]);
                context.insert("plain", &maker.plain(&plain.title, body, plain.source.parent()));
                ("plain.html", plain.title.clone(), plain.description.clone())
            }
            PageSpec::NotFound => ("not_found.html", t.text("not_found_title"), String::new()),
        };
        context.insert("page", &maker.head(spec, &title, &description));
        self.html(template, &context, &stretches)
    }

    fn html(&self, template: &str, context: &Context, stretches: &Stretches) -> Result<Vec<u8>, Stale> {
        self.engine.render(template, context, stretches).map_err(|fault| Stale::Fault(Box::new(fault)))
    }

    /// The transcript of an episode and the notes beside it, with the roles of their lines.
    fn read(&self, world: &dyn World, episode: &Episode) -> Result<Vec<ReadTranscript>, Stale> {
        let inherited = self.inherited();
        let people: Vec<String> = episode.meta.people.iter().map(|credit| credit.name.value.clone()).collect();
        let read = |(idx, (path, hash)): (usize, &(SitePath, ContentHash))| {
            let people: &[String] = if idx == 0 { &people } else { &[] };
            Ok(read_transcript(text(world, path, *hash)?, people, idx == 0, &inherited))
        };
        episode.read.iter().enumerate().map(read).collect()
    }

    /// The same for a page, from what the record keeps of the main file.
    fn recorded(&self, world: &dyn World, episode: &Episode) -> Result<Vec<ReadTranscript>, Stale> {
        let inherited = self.inherited();
        let read = |(idx, (path, hash)): (usize, &(SitePath, ContentHash))| {
            let file = text(world, path, *hash)?;
            if idx > 0 {
                return Ok(read_transcript(file, &[], false, &inherited));
            }
            recorded_transcript(file, episode).ok_or(Stale::NoRoute)
        };
        episode.read.iter().enumerate().map(read).collect()
    }

    fn inherited(&self) -> Inherited<'_> {
        Inherited {
            words: &self.words,
            names: &self.names,
            language: None,
            timezone: &self.config.timezone,
            mend_punctuation: self.config.mend_punctuation,
        }
    }

    fn page_language(&self, spec: PageSpec) -> Language {
        match spec {
            PageSpec::Show(idx, _) | PageSpec::Season(idx, ..) => self.archive.shows[idx].language.clone(),
            PageSpec::Episode(idx) => self.archive.episodes[idx].episode.language.clone(),
            PageSpec::Plain(idx) => self.archive.plain[idx].language.clone(),
            _ => self.language.clone(),
        }
    }

    fn interface(&self, language: &Language) -> &Interface {
        let exact = self.interfaces.get(language.as_str()).or_else(|| self.interfaces.get(language.primary()));
        exact.or_else(|| self.interfaces.get(self.language.as_str())).unwrap_or(&self.interfaces["en"])
    }

    fn listed(&self) -> Vec<&Route> {
        let pages = self
            .routes
            .iter()
            .filter(|(_, source)| matches!(source, Source::Page(spec) if *spec != PageSpec::NotFound));
        pages.map(|(route, _)| route).collect()
    }

    fn absolute(&self, route: &str) -> String {
        format!("{}{route}", self.config.base_url.as_deref().unwrap_or_default().trim_end_matches('/'))
    }

    fn sitemap(&self, part: usize) -> String {
        let listed = self.listed();
        let routes = listed.iter().skip(part * SITEMAP_LIMIT).take(SITEMAP_LIMIT);
        let urls = routes.map(|route| self.absolute(&route.href()));
        xml_list("urlset", "url", urls)
    }

    fn sitemap_index(&self) -> String {
        let n_parts = self.listed().len().div_ceil(SITEMAP_LIMIT);
        xml_list("sitemapindex", "sitemap", (1..=n_parts).map(|part| self.absolute(&format!("/sitemap-{part}.xml"))))
    }

    fn robots(&self) -> String {
        format!("User-agent: *\nAllow: /\n\nSitemap: {}\n", self.absolute("/sitemap.xml"))
    }

    /// Every line of a source with its role and the reason, as `podleaf check --explain` prints it.
    pub fn explain(&self, world: &dyn World, path: &SitePath) -> Option<String> {
        let entry =
            self.archive.episodes.iter().find(|entry| entry.episode.read.iter().any(|(read, _)| read == path))?;
        let at = entry.episode.read.iter().position(|(read, _)| read == path)?;
        let read = self.read(world, &entry.episode).ok()?.into_iter().nth(at)?;
        let mut out = format!(
            "{path}: turns: {}, speakers: {}, sections: {}, key points: {}, address: {}\n",
            read.transcript.turns().count(),
            read.transcript.speakers.len(),
            read.transcript.sections.iter().filter(|s| s.title.is_some()).count(),
            read.transcript.key_points.len(),
            entry.route
        );
        let lines = &read.transcript.lines;
        for (idx, line) in lines.iter().enumerate() {
            let end = lines.get(idx + 1).map_or(read.file.text.len(), |next| next.start as usize);
            let text = read.file.text[line.start as usize..end].trim_end();
            let shown: String = text.chars().take(48).collect();
            if line.role != LineRole::Blank {
                out.push_str(&format!(
                    "{:>5}  {:<28} {shown}\n       {:<28} because: {}\n",
                    idx + 1,
                    line.role.name(),
                    "",
                    line.role.reason()
                ));
            }
        }
        if entry.related.is_empty() {
            out.push_str("related: no other episode shares a guest, a topic or a series; the block is left out\n");
        }
        Some(out)
    }
}

/// The route that has this file, needs it as a folder, or has a file where this one needs a folder.
fn clash<'t>(taken: &'t BTreeMap<String, Route>, file: &str) -> Option<&'t Route> {
    let folder = format!("{file}/");
    let below = taken.range(folder.clone()..).next().filter(|(other, _)| other.starts_with(&folder));
    let above = file.match_indices('/').find_map(|(at, _)| taken.get(&file[..at]));
    taken.get(file).or(below.map(|(_, route)| route)).or(above)
}

const SITEMAP_LIMIT: usize = 50_000;

fn xml_list(outer: &str, inner: &str, urls: impl Iterator<Item = String>) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{outer} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
    );
    for url in urls {
        out.push_str(&format!("<{inner}><loc>"));
        crate::markup::escape_html(&url, &mut out);
        out.push_str(&format!("</loc></{inner}>\n"));
    }
    out.push_str(&format!("</{outer}>\n"));
    out
}

impl Request {
    /// Where the site is, given what its config says.
    fn base_url(&self, configured: Option<&str>) -> Option<String> {
        let preview = self.origin.as_ref().map(|origin| {
            let rest = configured.and_then(|url| url.split_once("://")).map_or("", |(_, rest)| rest);
            format!("{origin}{}", rest.find('/').map_or("/", |start| &rest[start..]))
        });
        self.base_url.clone().or(preview).or(configured.map(str::to_owned))
    }

    /// Whether an episode is to be seen: no draft, and not before its day.
    fn shows(&self, episode: &Episode) -> bool {
        (self.drafts || !episode.meta.draft) && (self.future || !self.is_future(episode))
    }

    /// Whether an episode is out, so that its identity is a promise.
    fn is_published(&self, episode: &Episode) -> bool {
        !episode.meta.draft && !self.is_future(episode)
    }

    fn is_future(&self, episode: &Episode) -> bool {
        match (episode.meta.date, self.today) {
            (Some(date), Some(today)) => date.day > today,
            _ => false,
        }
    }
}

fn text(world: &dyn World, path: &SitePath, hash: ContentHash) -> Result<SourceFile, Stale> {
    let changed = |diagnostic: Diagnostic| Stale::Changed(Box::new(diagnostic));
    let bytes = read_bytes(world, path).map_err(changed)?;
    let (file, _) = decode(path, bytes);
    let moved = || {
        changed(
            Diagnostic::error("changed", "the file changed while the site was being built")
                .in_file(path)
                .fault(Fault::Machine)
                .help("build again"),
        )
    };
    file.filter(|file| file.hash == hash).ok_or_else(moved)
}

/// A record has the ids of its words; those that are kept come from the lock.
fn as_recorded<'e>(episode: &'e Episode, default_ids: Option<&Vec<TurnId>>) -> Cow<'e, Episode> {
    match default_ids {
        Some(ids) => Cow::Owned(Episode { turn_ids: ids.clone(), ..episode.clone() }),
        None => Cow::Borrowed(episode),
    }
}

/// A page's own first heading is its title, which the template shows.
fn without_title(body: &str) -> &str {
    let trimmed = body.trim_start();
    match trimmed.split_once('\n') {
        Some((first, rest)) if first.starts_with("# ") => rest,
        _ => body,
    }
}
