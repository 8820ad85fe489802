//! Routes of a site: its pages, the files that are published as they are, redirects, and the lists of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Frame, Source};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::pages::PageSpec;
use crate::graph::{Archive, outputs};
use crate::model::media::MediaFile;
use crate::model::slug;
use crate::path::Route;
use crate::render::redirect;
use crate::source::World;
use crate::theme;

impl Frame {
    /// The same with the routes of all pages, files and redirects.
    pub(super) fn with_routes(
        mut self,
        archive: &Archive,
        world: &dyn World,
        pages: BTreeMap<Route, PageSpec>,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let files = outputs::files(archive, &pages, &self.config);
        self.routes = pages.into_iter().map(|(route, spec)| (route, Source::Page(spec))).collect();
        self.assets.files.keys().for_each(|route| _ = self.routes.insert(route.clone(), Source::Asset));
        let mut copies = Vec::new();
        for entry in &archive.episodes {
            let own = |file: &MediaFile| Some((entry.route.join(file.path.file_name())?, file.path.clone()));
            // Where media have an address of their own, pages and feeds name it.
            let elsewhere = entry.episode.recording().filter(|_| self.config.media_base_url.is_some());
            let here = entry.episode.media.iter().filter(|file| elsewhere.is_none_or(|other| other.path != file.path));
            copies.extend(here.filter_map(own));
        }
        for show in archive.shows.iter() {
            let own = |file: &MediaFile| Some((show.route.join(file.path.file_name())?, file.path.clone()));
            copies.extend(show.settings.artwork.as_ref().and_then(own));
        }
        let theme: BTreeSet<&str> = theme::static_files().iter().map(|file| file.name).collect();
        for file in world.files() {
            let own = file.path.below("static").filter(|name| !theme.contains(name) && !name.starts_with("css/"));
            copies.extend(own.and_then(|name| Some((Route::new(format!("/{name}"))?, file.path.clone()))));
        }
        let mut taken = Taken::default();
        self.routes.keys().for_each(|route| _ = taken.claim(route));
        for (route, path) in copies {
            match taken.claim(&route) {
                None => _ = self.routes.insert(route, Source::Copy(path)),
                Some(other) => {
                    let message = format!("`{path}` would be at the address of {}", self.maker_of(archive, &other));
                    diagnostics.push(Diagnostic::error("same-address", message).in_file(&path).help("rename the file"));
                }
            }
        }
        let mut made = Vec::with_capacity(files.len());
        for (route, spec) in files {
            match taken.claim(&route) {
                None => made.push((route, Source::File(spec))),
                // A file of the site's own stands above the one that would be made.
                Some(other) if other == route => {}
                Some(other) => {
                    let message =
                        format!("the file `{route}` would be at the address of {}", self.maker_of(archive, &other));
                    let error = Diagnostic::error("same-address", message);
                    diagnostics.push(error.help("give the episode another `slug`"));
                }
            }
        }
        self.routes.append(&mut made.into_iter().collect());
        for (route, spec) in redirects(archive) {
            match taken.claim(&route) {
                None => _ = self.routes.insert(route, Source::Redirect(spec)),
                Some(other) => diagnostics.push(self.taken(archive, &route, spec, &other)),
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
        self
    }

    /// An earlier route that leads elsewhere now.
    fn taken(&self, archive: &Archive, route: &Route, spec: PageSpec, other: &Route) -> Diagnostic {
        let source = match spec {
            PageSpec::Episode(idx) => Some(&archive.episodes[idx].episode.source),
            PageSpec::Plain(idx) => Some(&archive.plain[idx].source),
            _ => None,
        };
        let name = source.map_or_else(String::new, |source| format!(" of `{source}`"));
        let message =
            format!("`{route}`, an earlier address{name}, is the address of {}", self.maker_of(archive, other));
        let error = Diagnostic::error("same-address", message);
        let error = source.into_iter().fold(error, Diagnostic::in_file);
        error.help("give the other one another `slug`; or delete the route from `aliases` or from show.lock")
    }

    /// What a route is made from, for messages.
    fn maker_of(&self, archive: &Archive, route: &Route) -> String {
        let source = match self.routes.get(route) {
            Some(Source::Page(PageSpec::Episode(idx)) | Source::Redirect(PageSpec::Episode(idx))) => {
                Some(&archive.episodes[*idx].episode.source)
            }
            Some(Source::Page(PageSpec::Plain(idx)) | Source::Redirect(PageSpec::Plain(idx))) => {
                Some(&archive.plain[*idx].source)
            }
            Some(Source::Copy(path)) => Some(path),
            _ => None,
        };
        source.map_or_else(|| format!("the page `{route}` of the site"), |path| format!("`{path}`"))
    }

    fn listed(&self) -> Vec<&Route> {
        let pages = self
            .routes
            .iter()
            .filter(|(_, source)| matches!(source, Source::Page(spec) if !matches!(spec, PageSpec::Search | PageSpec::NotFound)));
        pages.map(|(route, _)| route).collect()
    }

    fn absolute(&self, route: &str) -> String {
        format!("{}{route}", self.config.base_url.as_deref().unwrap_or_default().trim_end_matches('/'))
    }

    pub(super) fn sitemap(&self, part: usize) -> String {
        let listed = self.listed();
        let routes = listed.iter().skip(part * SITEMAP_LIMIT).take(SITEMAP_LIMIT);
        let urls = routes.map(|route| self.absolute(&route.href()));
        xml_list("urlset", "url", urls)
    }

    pub(super) fn sitemap_index(&self) -> String {
        let n_parts = self.listed().len().div_ceil(SITEMAP_LIMIT);
        xml_list("sitemapindex", "sitemap", (1..=n_parts).map(|part| self.absolute(&format!("/sitemap-{part}.xml"))))
    }

    pub(super) fn robots(&self) -> String {
        format!("User-agent: *\nAllow: /\n\nSitemap: {}\n", self.absolute("/sitemap.xml"))
    }
}

/// Earlier routes and aliases with the pages that they lead to.
fn redirects(archive: &Archive) -> Vec<(Route, PageSpec)> {
    let mut redirects = Vec::new();
    for (idx, entry) in archive.episodes.iter().enumerate() {
        let aliases = entry.episode.meta.aliases.iter().filter_map(|alias| redirect::route(&alias.value));
        let all: BTreeSet<Route> = entry.earlier.iter().cloned().chain(aliases).collect();
        let others = all.into_iter().filter(|route| *route != entry.route);
        redirects.extend(others.map(|route| (route, PageSpec::Episode(idx))));
    }
    for (idx, page) in archive.plain.iter().enumerate() {
        let all: BTreeSet<Route> = page.aliases.iter().filter_map(|alias| redirect::route(alias)).collect();
        let others = all.into_iter().filter(|route| *route != page.route);
        redirects.extend(others.map(|route| (route, PageSpec::Plain(idx))));
    }
    redirects
}

/// The files and folders that routes need, by names as file systems see them that do not part upper and lower case.
#[derive(Default)]
#[expect(
    clippy::disallowed_types,
    reason = "nothing is read from them in their order, and there are ten for an episode"
)]
struct Taken {
    files: std::collections::HashMap<String, Route>,
    /// Each folder with a route that needs it.
    folders: std::collections::HashMap<String, Route>,
}

impl Taken {
    /// Takes the file and the folders of a route. Where another has this file, needs it as a folder, or has a file where
    /// this one needs a folder, nothing is taken, and it is that one.
    fn claim(&mut self, route: &Route) -> Option<Route> {
        let file = slug::folded(&route.file());
        // Where there is a folder, there is none above it that is a file.
        let new: Vec<&str> = parents(&file).take_while(|folder| !self.folders.contains_key(*folder)).collect();
        let other = self.files.get(&file).or_else(|| self.folders.get(&file));
        let other = other.or_else(|| new.iter().find_map(|folder| self.files.get(*folder))).cloned();
        if other.is_none() {
            new.into_iter().for_each(|folder| _ = self.folders.insert(folder.to_owned(), route.clone()));
            self.files.insert(file, route.clone());
        }
        other
    }
}

/// The folders that a file is in, the nearest first.
fn parents(file: &str) -> impl Iterator<Item = &str> {
    file.rmatch_indices('/').map(|(end, _)| &file[..end])
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
