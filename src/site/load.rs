//! What a site is made from besides its episodes: settings, shows, locks, plain pages, templates, words, assets.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::assets::{Assets, assets};
use crate::config::Config;
use crate::diagnostic::io::cannot_read;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::PlainPage;
use crate::graph::files::{ContentFiles, EpisodeFiles};
use crate::lock::{Lock, parse_lock};
use crate::media::artwork::faults;
use crate::model::episode::Episode;
use crate::model::language::Language;
use crate::model::media::{Facts, MediaFile, MediaKind};
use crate::model::show::ShowSettings;
use crate::model::slug::{self, Slugs};
use crate::parse::decode::{decode, decode_settings};
use crate::parse::front_matter::parse_front_matter;
use crate::parse::language::detect;
use crate::parse::show::parse_show;
use crate::path::{Route, SitePath};
use crate::render::engine::Engine;
use crate::render::interface::Interface;
use crate::site::records::media_file;
use crate::source::{SourceFile, Stamp, World};
use crate::theme;

pub(super) fn read_bytes(world: &dyn World, path: &SitePath) -> Result<Vec<u8>, Diagnostic> {
    world.read(path).map_err(|fault| cannot_read(path, fault))
}

pub(super) fn settings(
    world: &dyn World,
    name: &str,
    content_root: &str,
    diagnostics: &mut Diagnostics,
) -> Option<SourceFile> {
    let in_content = if content_root.is_empty() { None } else { SitePath::new(format!("{content_root}/{name}")) };
    let path = [SitePath::new(name), in_content]
        .into_iter()
        .flatten()
        .find(|path| world.files().iter().any(|entry| entry.path == *path))?;
    load(world, &path, diagnostics)
}

pub(super) fn load(world: &dyn World, path: &SitePath, diagnostics: &mut Diagnostics) -> Option<SourceFile> {
    match read_bytes(world, path) {
        Ok(bytes) => {
            let (file, found) = decode_settings(path, bytes);
            diagnostics.append(found);
            file
        }
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
            None
        }
    }
}

pub(super) fn shows(
    world: &dyn World,
    content: &ContentFiles,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, ShowSettings> {
    let mut shows = BTreeMap::new();
    for (folder, files) in &content.shows {
        let file =
            files.iter().find(|path| path.file_name() == "show.toml").and_then(|path| load(world, path, diagnostics));
        let settings = file.map(|file| {
            let (settings, found) = parse_show(&file);
            diagnostics.append(found);
            let artwork = settings.image.as_ref().and_then(|path| artwork(world, path, &file.path, diagnostics));
            ShowSettings { artwork, ..settings }
        });
        shows.insert(folder.clone(), settings.unwrap_or_default());
    }
    shows
}

/// The picture of a show, and what directories will say of it.
fn artwork(
    world: &dyn World,
    path: &SitePath,
    named_in: &SitePath,
    diagnostics: &mut Diagnostics,
) -> Option<MediaFile> {
    let warning = |message: String| Diagnostic::warning("artwork", message);
    let help = "directories take a square JPEG or PNG of 1400 to 3000 pixels that is not transparent";
    let is_there = world.files().binary_search_by(|entry| entry.path.cmp(path)).is_ok();
    let Some(file) = media_file(world, path).filter(|file| file.kind == MediaKind::Picture && is_there) else {
        let message =
            format!("`{path}`, the `image` of the show, is {}", if is_there { "no picture" } else { "not there" });
        diagnostics.push(warning(message).in_file(named_in).help(help));
        return None;
    };
    if let Facts::Broken(reason) = &file.facts {
        diagnostics.push(warning(format!("the picture of the show cannot be used: {reason}")).in_file(path).help(help));
        return None;
    }
    for fault in faults(&file) {
        diagnostics.push(warning(format!("the picture of the show {fault}")).in_file(path).help(help));
    }
    let stamp = Stamp { size: file.stamp.size, ..Stamp::default() };
    Some(MediaFile { stamp, ..file })
}

/// The locks of all folders. One that is no text at all holds nothing, and is not to be written.
pub(super) fn locks(world: &dyn World, paths: &[SitePath], diagnostics: &mut Diagnostics) -> Vec<Lock> {
    let mut locks = Vec::with_capacity(paths.len());
    for path in paths {
        let Some(file) = load(world, path, diagnostics) else {
            locks.push(Lock { has_errors: true, ..Lock::new(path.clone()) });
            continue;
        };
        let (lock, found) = parse_lock(&file);
        diagnostics.append(found);
        locks.push(lock);
    }
    locks
}

/// The files that episodes are named for, of those that a test holds for.
pub(super) fn sources<'r>(
    records: &'r [(Arc<EpisodeFiles>, Arc<Episode>)],
    holds: impl Fn(&Episode) -> bool + 'r,
) -> impl Iterator<Item = SitePath> + 'r {
    records.iter().filter(move |(_, episode)| holds(episode)).map(|(_, episode)| episode.source.clone())
}

pub(super) fn prevailing(records: &[(Arc<EpisodeFiles>, Arc<Episode>)]) -> Language {
    let mut counts: BTreeMap<&Language, usize> = BTreeMap::new();
    records.iter().for_each(|(_, episode)| *counts.entry(&episode.language).or_insert(0) += 1);
    counts.into_iter().max_by_key(|&(_, n)| n).map_or_else(Language::english, |(language, _)| language.clone())
}

/// The title of the show of a site with one show.
pub(super) fn only_title(shows: &BTreeMap<String, ShowSettings>) -> Option<String> {
    let mut all = shows.values();
    all.next().filter(|_| all.next().is_none())?.title.clone()
}

pub(super) fn folder_title(name: &str) -> String {
    slug::title_from_stem(name)
        .or_else(|| Some(name.to_owned()).filter(|name| !name.is_empty()))
        .unwrap_or_else(|| "Podleaf".to_owned())
}

pub(super) fn plain_pages(
    world: &dyn World,
    paths: &[SitePath],
    config: &Config,
    language: &Language,
    diagnostics: &mut Diagnostics,
) -> Vec<PlainPage> {
    let mut pages = Vec::new();
    for path in paths {
        let bytes = match read_bytes(world, path) {
            Ok(bytes) => bytes,
            Err(diagnostic) => {
                diagnostics.push(diagnostic);
                continue;
            }
        };
        let (file, found) = decode(path, bytes);
        diagnostics.append(found);
        let Some(file) = file else { continue };
        let (meta, body, found) = parse_front_matter(&file, &config.timezone);
        diagnostics.append(found);
        if meta.draft {
            continue;
        }
        let name = meta.slug.map(|slug| slug.value).or_else(|| slug::slug(path.stem(), config.slugs));
        let name = name.or_else(|| slug::slug(path.stem(), Slugs::Unicode));
        let Some(route) = name.and_then(|name| Route::new(format!("/{name}/"))) else { continue };
        let heading =
            file.text[body..].lines().find_map(|line| line.strip_prefix("# ")).map(|title| title.trim().to_owned());
        let title = meta
            .title
            .or(heading)
            .or_else(|| slug::title_from_stem(path.stem()))
            .unwrap_or_else(|| path.stem().to_owned());
        let language = meta
            .language
            .unwrap_or_else(|| if file.text.len() > body { detect(&file.text[body..]) } else { language.clone() });
        let description = meta.description.unwrap_or_default();
        pages.push(PlainPage {
            source: path.clone(),
            hash: file.hash,
            title,
            route,
            menu: meta.menu,
            language,
            description,
            aliases: meta.aliases.into_iter().map(|alias| alias.value).collect(),
        });
    }
    pages
}

pub(super) fn interfaces(world: &dyn World, diagnostics: &mut Diagnostics) -> BTreeMap<String, Interface> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    let language =
        |name: &str| name.strip_prefix("i18n/").and_then(|name| name.strip_suffix(".toml")).map(str::to_owned);
    for file in theme::templates() {
        texts.extend(language(file.name).map(|language| (language, String::from_utf8_lossy(file.bytes).into_owned())));
    }
    let english = texts.get("en").cloned().unwrap_or_default();
    let fallback = Interface::parse(&english, None).expect("the embedded words are tested");
    let mut interfaces = BTreeMap::new();
    for (name, text) in texts {
        let own = Interface::parse(&text, Some(&fallback)).expect("the embedded words are tested");
        interfaces.insert(name, own);
    }
    for entry in world.files() {
        let Some(name) = entry.path.below("templates").and_then(language) else { continue };
        let Some(file) = load(world, &entry.path, diagnostics) else { continue };
        let base = interfaces.get(&name).unwrap_or(&fallback).clone();
        match Interface::parse(&file.text, Some(&base)) {
            Ok(own) => _ = interfaces.insert(name, own),
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                let error = Diagnostic::error("syntax", error.message().to_owned());
                diagnostics.push(error.at(&file, crate::source::Span::new(span.start, span.end), ""));
            }
        }
    }
    interfaces
}

/// Whether a file below `templates/` is a template, by its name.
pub(super) fn is_template(name: &str) -> bool {
    name.ends_with(".html") || name.ends_with(".svg")
}

pub(super) fn engine(world: &dyn World, diagnostics: &mut Diagnostics) -> Result<Engine, Diagnostics> {
    let builtin = theme::templates().into_iter().filter(|file| is_template(file.name));
    let builtin =
        builtin.map(|file| (file.name.to_owned(), String::from_utf8_lossy(file.bytes).into_owned())).collect();
    let mut own = BTreeMap::new();
    for entry in world.files() {
        let Some(name) = entry.path.below("templates").filter(|name| is_template(name)) else { continue };
        own.extend(load(world, &entry.path, diagnostics).map(|file| (name.to_owned(), file)));
    }
    Engine::new(&builtin, own)
}

pub(super) fn theme_assets(world: &dyn World, diagnostics: &mut Diagnostics) -> Assets {
    let mut files: BTreeMap<String, Vec<u8>> =
        theme::static_files().iter().map(|file| (file.name.to_owned(), file.bytes.to_vec())).collect();
    for entry in world.files() {
        let own = entry
            .path
            .below("static")
            .filter(|name| files.contains_key(*name) || (name.starts_with("css/") && name.ends_with(".css")));
        if let Some(name) = own {
            match read_bytes(world, &entry.path) {
                Ok(bytes) => _ = files.insert(name.to_owned(), bytes),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
    }
    assets(files)
}
