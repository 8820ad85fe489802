//! A site: an immutable snapshot of an archive, and one route of it on request. Connects the stages, decides nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::assets::Assets;
use crate::config::{Config, parse_config};
use crate::diagnostic::{Diagnostic, Diagnostics, Fault};
use crate::graph::files::content_files;
use crate::graph::outputs::FileSpec;
use crate::graph::pages::{PageSpec, has_search, pages};
use crate::graph::people::People;
use crate::graph::{Archive, Entry, Parts, link};
use crate::hash::{ContentHash, Hasher};
use crate::lock::{self, Lock};
use crate::memo::{self, Known, Memo, Published};
use crate::model::episode::Episode;
use crate::model::language::Language;
use crate::model::time::Day;
use crate::model::transcript::LineRole;
use crate::output::Body;
use crate::parse::chapters::is_chapters;
use crate::parse::decode::decode;
use crate::parse::episode::Inherited;
use crate::parse::people::parse_people;
use crate::parse::read::{ReadTranscript, read_notes, read_timed, read_transcript, recorded_transcript};
use crate::parse::words::Words;
use crate::path::{Route, SitePath};
use crate::render::drawings::Drawings;
use crate::render::engine::Engine;
use crate::render::interface::Interface;
use crate::site::key::Keys;
use crate::site::load::{
    engine, folder_title, interfaces, locks, only_title, plain_pages, prevailing, read_bytes, settings, shows, sources,
    theme_assets,
};
use crate::site::records::{Head, Read, Record, records, stamp, turns_before};
use crate::site::texts::{Text, Texts};
use crate::source::{SourceFile, World};

mod card;
mod edit;
mod feeds;
mod file;
mod key;
mod load;
mod page;
mod records;
mod routes;
pub mod search;
mod source_map;
mod texts;

pub use edit::Edited;
pub use source_map::SourceMap;

/// What a build is asked for, besides the files.
#[derive(Debug, Clone, Default, PartialEq)]
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
    /// A file for apps and machines.
    File(FileSpec),
    Sitemap(usize),
    SitemapIndex,
    Robots,
}

/// An opened site.
#[derive(Debug)]
pub struct Site {
    frame: Arc<Frame>,
    engine: Arc<Engine>,
    archive: Archive,
    keys: OnceLock<Keys>,
    drawings: Drawings,
    texts: Texts,
    /// What is known of each episode, in the order of the archive.
    heads: Vec<Head>,
    /// Shards of the memo that have changed.
    changed_shards: BTreeSet<usize>,
    n_parsed: usize,
}

/// What a site keeps when the text of an episode or a template is edited.
#[derive(Debug)]
struct Frame {
    config: Config,
    title: String,
    language: Language,
    words: Words,
    names: BTreeSet<String>,
    interfaces: BTreeMap<String, Interface>,
    assets: Assets,
    routes: BTreeMap<Route, Source>,
    /// What is known of episodes that are not to be seen.
    hidden: Vec<Head>,
    /// What was published of episodes whose file cannot be read, and in a preview of those that are gone: they may come
    /// back.
    absent: Vec<Arc<Known>>,
    /// The ids of turns at the last build.
    before: lock::Before,
    /// What the site was opened for.
    request: Request,
    /// Whether nothing was found that is an error.
    is_sound: bool,
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

/// The settings of the site in a world, without reading anything else.
pub fn config(world: &dyn World) -> (Config, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let file = settings(world, "podleaf.toml", world.content_root(), &mut diagnostics);
    let config = file.map_or_else(Config::default, |file| {
        let (config, found) = parse_config(&file);
        diagnostics.append(found);
        config
    });
    (config, diagnostics)
}

impl Site {
    /// Reads all files of a world and links them. Findings come with the site; `None` where there can be none.
    ///
    /// The memo saves reading files that have not changed; an empty one gives the same site.
    pub fn open(world: &dyn World, request: &Request, mut memo: Memo) -> (Option<Self>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let root = world.content_root().to_owned();
        let (config, found) = config(world);
        diagnostics.append(found);
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
        let mut before = memo.take_turns();
        let gone: Vec<Arc<Known>> = memo.rest().filter(|known| known.published.is_some()).collect();
        before.extend(gone.iter().filter_map(|known| turns_before(known)));
        let mut absent = if request.is_preview() { gone } else { Vec::new() };
        let (mut heads, mut n_parsed, mut hidden) = (Vec::with_capacity(records.len()), 0, Vec::new());
        for record in records {
            diagnostics.extend(record.diagnostics().iter().cloned());
            let read = match record {
                Record::Read(read) => read,
                Record::Unread(_, known) => {
                    let published = known.filter(|known| known.published.is_some());
                    if let Some((guid, turns)) = published.as_ref().and_then(|known| turns_before(known)) {
                        before.entry(guid).or_insert(turns);
                    }
                    absent.extend(published);
                    continue;
                }
            };
            let Read { head, is_new, is_parsed, before: old } = read;
            if is_new {
                changed_shards.insert(memo::shard_of(&head.known.episode.source));
            }
            n_parsed += usize::from(is_parsed);
            before.extend(old);
            if request.shows(&head.known.episode) { heads.push(head) } else { hidden.push(head) }
        }
        let shown = |head: &Head| (Arc::clone(&head.files), Arc::clone(&head.known.episode));
        let records: Vec<_> = heads.iter().map(shown).collect();
        let lock = lock::Input {
            content_root: root.clone(),
            locks: locks(world, &content.locks, &mut diagnostics),
            before: &before,
            hidden: hidden.iter().map(|head| head.known.episode.source.clone()).collect(),
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
                .push(note.help("put transcripts (`.txt`, `.md`, `.vtt`, `.srt`, `.json`) into the folder, or into a folder for each show"));
        }
        if config.base_url.is_none() {
            let note =
                Diagnostic::note("no-base-url", "without `base_url` there are no canonical links and no sitemap");
            diagnostics.push(note.help("set `base_url = \"https://…/\"` in podleaf.toml, or give --base-url"));
        }
        card::lacking(&archive, &config, &mut diagnostics);
        let theme = || {
            let mut found = Diagnostics::new();
            let parts = (interfaces(world, &mut found), engine(world, &mut found), theme_assets(world, &mut found));
            (parts, found)
        };
        let ((page_routes, found), ((interfaces, engine, assets), of_theme)) =
            rayon::join(|| pages(&archive, &config), theme);
        diagnostics.append(found);
        diagnostics.append(of_theme);
        let engine = match engine {
            Ok(engine) => engine,
            Err(found) => {
                diagnostics.append(found);
                return (None, diagnostics);
            }
        };
        let mut by_source: BTreeMap<SitePath, Head> =
            heads.into_iter().map(|head| (head.known.episode.source.clone(), head)).collect();
        let mut heads = Vec::with_capacity(archive.episodes.len());
        for entry in &archive.episodes {
            let Some(mut head) = by_source.remove(&entry.episode.source) else { continue };
            if head.publish(request.published(entry, &head)) {
                changed_shards.insert(memo::shard_of(&entry.episode.source));
            }
            heads.push(head);
        }
        let frame = Frame {
            config,
            title,
            language,
            words,
            names,
            interfaces,
            assets,
            routes: BTreeMap::new(),
            hidden,
            absent,
            before,
            request: request.clone(),
            is_sound: false,
        };
        let frame = frame.with_routes(&archive, world, page_routes, &mut diagnostics);
        diagnostics.append(frame.lint(&archive, world));
        let frame = Arc::new(Frame { is_sound: !diagnostics.has_errors(), ..frame });
        let (engine, keys) = (Arc::new(engine), OnceLock::new());
        let drawings = if request.is_preview() { Drawings::default() } else { Drawings::of(&archive) };
        (
            Some(Self {
                frame,
                engine,
                archive,
                keys,
                drawings,
                texts: Texts::default(),
                heads,
                changed_shards,
                n_parsed,
            }),
            diagnostics,
        )
    }

    /// All routes in order.
    pub fn routes(&self) -> Vec<&Route> {
        self.frame.routes.keys().collect()
    }

    /// Whether there is such a route.
    pub fn has(&self, route: &Route) -> bool {
        self.frame.routes.contains_key(route)
    }

    /// Whether the archive can be searched.
    pub fn has_search(&self) -> bool {
        has_search(&self.archive, &self.frame.config)
    }

    /// Where the site will be.
    pub fn base_url(&self) -> Option<&str> {
        self.frame.config.base_url.as_deref()
    }

    /// The address that opens the writer's editor, with `{path}` and `{line}` in it.
    pub fn editor(&self) -> Option<&str> {
        self.frame.config.editor.as_deref()
    }

    /// The folder of the theme's assets, which is named for what is in it.
    pub fn assets_folder(&self) -> &str {
        &self.frame.assets.folder
    }

    /// The routes of files that are published as they are, with their sources.
    pub fn copies(&self) -> impl Iterator<Item = (&Route, &SitePath)> {
        self.frame.routes.iter().filter_map(|(route, source)| match source {
            Source::Copy(path) => Some((route, path)),
            _ => None,
        })
    }

    /// Episodes that were parsed for this site, and not taken from the memo or from the site before.
    pub fn n_parsed(&self) -> usize {
        self.n_parsed
    }

    /// All that is known of the episodes, to open the site again without reading what has not changed.
    pub fn memo(&self) -> Memo {
        self.known().map(Arc::clone).collect()
    }

    fn known(&self) -> impl Iterator<Item = &Arc<Known>> {
        let heads = self.heads.iter().chain(&self.frame.hidden);
        // What is there stands above what is not.
        self.frame.absent.iter().chain(heads.map(|head| &head.known))
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

    /// The recordings that are published below `media_base_url` and not with the pages, in the order of their paths;
    /// `None` where the settings have no such address.
    pub fn media_elsewhere(&self) -> Option<Vec<SitePath>> {
        self.frame.config.media_base_url.as_ref()?;
        let recordings = self.archive.episodes.iter().filter_map(|entry| entry.episode.recording());
        let paths: BTreeSet<SitePath> = recordings.map(|file| file.path.clone()).collect();
        Some(paths.into_iter().collect())
    }

    /// The shards of the memo that have changed since the one that the site was opened with.
    pub fn changed_shards(&self) -> Vec<usize> {
        self.changed_shards.iter().copied().collect()
    }

    /// A shard of the memo.
    pub fn shard(&self, number: usize) -> Vec<u8> {
        let of_shard = self.known().filter(|known| memo::shard_of(&known.episode.source) == number);
        memo::encode(&of_shard.map(Arc::as_ref).collect::<Vec<_>>())
    }

    /// The turns of the episodes of a shard, as they are published.
    pub fn turns(&self, number: usize) -> Vec<u8> {
        let of_shard = self.known().filter(|known| memo::shard_of(&known.episode.source) == number);
        lock::encode_turns(&of_shard.filter_map(|known| turns_before(known)).collect())
    }

    /// The key of what is at a route: same key, same bytes. `None` where only the bytes tell.
    pub fn key(&self, world: &dyn World, route: &Route) -> Option<ContentHash> {
        match self.frame.routes.get(route)? {
            Source::Page(spec) => Some(self.keys().page(&self.archive, route, *spec)),
            Source::File(FileSpec::Headers | FileSpec::Redirects) => None,
            Source::File(FileSpec::Picture(of, width)) => {
                let (_, file) = of.file(&self.archive)?;
                let of_program = ContentHash::of(memo::FINGERPRINT.as_bytes());
                Some(
                    Hasher::new()
                        .hash(of_program)
                        .hash(file_key(world, &file.path)?)
                        .number(u64::from(*width))
                        .finish(),
                )
            }
            Source::File(spec) => Some(self.keys().file(&self.archive, route, *spec)),
            Source::Copy(path) => file_key(world, path),
            Source::Asset | Source::Redirect(_) | Source::Sitemap(_) | Source::SitemapIndex | Source::Robots => None,
        }
    }

    /// The hashes that keys are made of. A preview needs none.
    fn keys(&self) -> &Keys {
        self.keys.get_or_init(|| {
            let Frame { config, title, language, assets, interfaces, .. } = &*self.frame;
            let mut frame = Hasher::new();
            frame.json(config).json(&(title, language, &assets.folder)).hash(self.engine.hash);
            let mut pictures = Hasher::new();
            pictures.json(&(title, &config.description)).hash(self.engine.pictures);
            for (name, words) in interfaces {
                frame.part(name.as_bytes()).hash(words.hash);
                pictures.part(name.as_bytes()).hash(words.hash);
            }
            let records: Vec<ContentHash> = self.heads.iter().map(|head| head.record).collect();
            let (archive, page_size) = (&self.archive, config.page_size);
            let (frame, pictures) = (frame.finish(), pictures.finish());
            Keys::new(&key::Parts { archive, frame, pictures, records: &records, page_size })
        })
    }

    /// Renders one route. A page's text is read now, and only for the hash that its record names.
    ///
    /// # Errors
    /// See [`Stale`].
    pub fn render(&self, world: &dyn World, route: &Route) -> Result<Body, Stale> {
        Ok(Body::Bytes(match self.frame.routes.get(route).ok_or(Stale::NoRoute)? {
            Source::Page(spec) => self.page(world, route, *spec)?,
            Source::Copy(path) => return Ok(Body::Copy(path.clone())),
            Source::File(spec) => self.file(world, route, *spec)?,
            Source::Asset => self.frame.assets.files.get(route).cloned().unwrap_or_default(),
            Source::Redirect(spec) => self.redirect(route, *spec)?,
            Source::Sitemap(part) => self.frame.sitemap(*part).into_bytes(),
            Source::SitemapIndex => self.frame.sitemap_index().into_bytes(),
            Source::Robots => self.frame.robots().into_bytes(),
        }))
    }

    /// The locks that say other things than their files: what is to be written, where they can be.
    pub fn locks(&self) -> Vec<&Lock> {
        self.archive.locks.par_iter().filter(|lock| !lock.has_errors && lock.is_changed()).collect()
    }

    /// One of the files of an episode, with the roles of its lines.
    fn read(&self, world: &dyn World, episode: &Episode, path: &SitePath) -> Option<ReadTranscript> {
        let inherited = self.inherited();
        let (_, hash) = episode.inputs().find(|(input, _)| input == path)?;
        let file = text(world, path, *hash).ok()?;
        let is_main = episode.transcript.as_ref() == Some(path);
        if !is_main && is_chapters(&file) {
            return Some(read_notes(file, &inherited));
        }
        let file = match read_timed(file, &episode.meta, &inherited).0 {
            Ok(read) => return Some(read),
            Err(file) => file,
        };
        let people: Vec<String> = episode.meta.people.iter().map(|credit| credit.name.value.clone()).collect();
        Some(read_transcript(file, if is_main { &people } else { &[] }, is_main, &inherited))
    }

    /// The transcript of an episode, from what the record keeps of it, and the notes beside it. There is a transcript.
    fn recorded(&self, world: &dyn World, idx: usize) -> Result<Arc<Text>, Stale> {
        let episode = &self.archive.episodes[idx].episode;
        self.texts.get(idx, || {
            let inherited = self.inherited();
            let (path, hash) = episode.read.first().ok_or(Stale::NoRoute)?;
            let main = recorded_transcript(text(world, path, *hash)?, episode).ok_or(Stale::NoRoute)?;
            let notes = |(path, hash): &(SitePath, ContentHash)| Ok(read_notes(text(world, path, *hash)?, &inherited));
            let notes = episode.read.iter().skip(1).map(notes).collect::<Result<_, Stale>>()?;
            Ok(Text::new(main, notes))
        })
    }

    fn inherited(&self) -> Inherited<'_> {
        Inherited {
            words: &self.frame.words,
            names: &self.frame.names,
            language: None,
            timezone: &self.frame.config.timezone,
            mend_punctuation: self.frame.config.mend_punctuation,
        }
    }

    fn page_language(&self, spec: PageSpec) -> Language {
        match spec {
            PageSpec::Show(idx, _) | PageSpec::Season(idx, ..) => self.archive.shows[idx].language.clone(),
            PageSpec::Episode(idx) => self.archive.episodes[idx].episode.language.clone(),
            PageSpec::Plain(idx) => self.archive.plain[idx].language.clone(),
            _ => self.frame.language.clone(),
        }
    }

    fn interface(&self, language: &Language) -> &Interface {
        self.frame.interface(language)
    }

    /// Earlier routes, with those of the pages that they lead to.
    fn redirects(&self) -> impl Iterator<Item = (&Route, &Route)> {
        self.frame.routes.iter().filter_map(|(route, source)| match source {
            Source::Redirect(PageSpec::Episode(idx)) => Some((route, &self.archive.episodes[*idx].route)),
            Source::Redirect(PageSpec::Plain(idx)) => Some((route, &self.archive.plain[*idx].route)),
            _ => None,
        })
    }

    /// Every line of a source with its role and the reason, as `podleaf check --explain` prints it.
    pub fn explain(&self, world: &dyn World, path: &SitePath) -> Option<String> {
        let has = |episode: &Episode| episode.inputs().any(|(input, _)| input == path);
        let entry = self.archive.episodes.iter().find(|entry| has(&entry.episode))?;
        let read = self.read(world, &entry.episode, path)?;
        let written = &read.source().text;
        let mut out = format!(
            "{path}: turns: {}, speakers: {}, sections: {}, chapters: {}, key points: {}, address: {}\n",
            read.transcript.turns().count(),
            read.transcript.speakers.len(),
            read.transcript.sections.iter().filter(|s| s.title.is_some()).count(),
            read.transcript.chapters.len(),
            read.transcript.key_points.len(),
            entry.route
        );
        let lines = &read.transcript.lines;
        for (idx, line) in lines.iter().enumerate() {
            let end = lines.get(idx + 1).map_or(written.len(), |next| next.start as usize);
            let text = written[line.start as usize..end].trim_end();
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
            out.push_str(
                "related: no other episode shares a guest, a topic, a series or rare terms; the block is left out\n",
            );
        }
        Some(out)
    }
}

impl Frame {
    /// The words of a language, or of the one that is nearest.
    fn interface(&self, language: &Language) -> &Interface {
        let exact = self.interfaces.get(language.as_str()).or_else(|| self.interfaces.get(language.primary()));
        exact.or_else(|| self.interfaces.get(self.language.as_str())).unwrap_or(&self.interfaces["en"])
    }
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

    /// Whether this is a preview, which publishes nothing.
    fn is_preview(&self) -> bool {
        self.origin.is_some()
    }

    /// What is published of an episode from now on. A preview publishes nothing; but what is as the lock has it was
    /// published so.
    fn published(&self, entry: &Entry, head: &Head) -> Option<Published> {
        if self.is_preview() && !entry.past.is_same_text {
            return head.known.published.clone();
        }
        let kept = entry.default_ids.as_ref().map(|_| entry.episode.turn_ids.clone());
        Some(Published { guid: entry.guid.clone(), kept: kept.unwrap_or_default(), turns: None })
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

/// The key of a file's bytes, by its stamp; `None` where the stamp does not tell.
fn file_key(world: &dyn World, path: &SitePath) -> Option<ContentHash> {
    let stamp = stamp(world, path);
    let numbers = [stamp.size, stamp.inode, stamp.modified.cast_unsigned(), stamp.changed.cast_unsigned()];
    let mut key = Hasher::new();
    key.part(path.as_str().as_bytes());
    numbers.into_iter().for_each(|number| _ = key.number(number));
    stamp.is_settled(world.listed_at()).then(|| key.finish())
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
