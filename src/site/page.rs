//! One page of a site, from its records and the text that they name.

use tera::Context;

use super::{Site, Stale, text};
use crate::graph::pages::PageSpec;
use crate::model::language::Language;
use crate::path::Route;
use crate::render::build::Maker;
use crate::render::engine::Stretches;
use crate::render::redirect;
use crate::render::view::list::ListView;
use crate::source::World;

impl Site {
    pub(super) fn page(&self, world: &dyn World, route: &Route, spec: PageSpec) -> Result<Vec<u8>, Stale> {
        let language = self.page_language(spec);
        let maker = self.maker(route, &language);
        let t = maker.t;
        let mut context = Context::new();
        context.insert_value("t", t.value.clone());
        let mut stretches = Stretches::default();
        context.insert("site", &maker.site(spec));
        let (template, title, description) = match spec {
            PageSpec::Home(page) => {
                let mut view = maker.home_view(page);
                keep_drawings(&mut view.list, &mut stretches);
                context.insert("home", &view);
                ("home.html", view.title, self.frame.config.description.clone().unwrap_or_default())
            }
            PageSpec::Show(..)
            | PageSpec::Season(..)
            | PageSpec::Year(..)
            | PageSpec::Topic(..)
            | PageSpec::Series(..) => {
                let mut view = maker.collection(spec).ok_or(Stale::NoRoute)?;
                keep_drawings(&mut view.list, &mut stretches);
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
                let mut episode = maker.episode(idx, &speakers);
                episode.listen.qr.iter_mut().for_each(|code| stretches.keep(&mut code.d));
                let covers = episode.related.iter_mut().flat_map(|related| &mut related.cover.paths);
                covers.for_each(|path| stretches.keep(&mut path.d));
                context.insert("episode", &episode);
                context.insert("speakers", &speakers);
                context.insert("sources", &entry.episode.read);
                let mut drawn = maker.drawn(idx, &speakers);
                drawn.ribbon.iter_mut().for_each(|ribbon| stretches.keep(&mut ribbon.bars_svg));
                drawn.cover.paths.iter_mut().for_each(|path| stretches.keep(&mut path.d));
                context.insert("drawn", &drawn);
                let text = self.recorded(world, idx)?;
                let mut view = maker.transcript(idx, &speakers, &text.main);
                let has_chapters = text.main.transcript.has_chapters();
                for notes in &text.notes {
                    let folder = notes.file.path.parent();
                    let html =
                        |span: crate::source::Span| maker.linked(notes.style.html(span.of(&notes.file.text)), folder);
                    view.background_html.extend(notes.background(has_chapters).map(|paragraph| html(paragraph.span)));
                }
                view.sections.iter_mut().for_each(|section| stretches.keep(&mut section.items_html));
                context.insert("transcript", &view);
                let mut page = maker.head(spec, &entry.episode.title, &entry.episode.description);
                page.structured.iter_mut().for_each(|json| stretches.keep(json));
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
            PageSpec::Search => {
                let view = maker.search_view();
                context.insert("search", &view);
                ("search.html", view.title, String::new())
            }
            PageSpec::NotFound => ("not_found.html", t.text("not_found_title"), String::new()),
        };
        let mut page = maker.head(spec, &title, &description);
        page.structured.iter_mut().for_each(|json| stretches.keep(json));
        context.insert("page", &page);
        self.html(template, &context, &stretches)
    }

    /// What the views of a page are built from.
    pub(super) fn maker<'m>(&'m self, route: &'m Route, language: &'m Language) -> Maker<'m> {
        Maker {
            archive: &self.archive,
            drawings: &self.drawings,
            config: &self.frame.config,
            t: self.interface(language),
            language,
            route,
            assets: &self.frame.assets.folder,
            title: &self.frame.title,
        }
    }

    fn html(&self, template: &str, context: &Context, stretches: &Stretches) -> Result<Vec<u8>, Stale> {
        self.engine.render(template, context, stretches).map_err(|fault| Stale::Fault(Box::new(fault)))
    }

    pub(super) fn redirect(&self, route: &Route, spec: PageSpec) -> Result<Vec<u8>, Stale> {
        let (title, target) = match spec {
            PageSpec::Episode(idx) => (&self.archive.episodes[idx].episode.title, &self.archive.episodes[idx].route),
            PageSpec::Plain(idx) => (&self.archive.plain[idx].title, &self.archive.plain[idx].route),
            _ => return Err(Stale::NoRoute),
        };
        let language = self.page_language(spec);
        let t = self.interface(&language);
        let frame =
            redirect::Frame { assets: &self.frame.assets.folder, base_url: self.frame.config.base_url.as_deref() };
        let view = redirect::view((title, &language), (route, target), &frame);
        let mut context = Context::new();
        context.insert_value("t", t.value.clone());
        context.insert("redirect", &view);
        self.html("redirect.html", &context, &Stretches::default())
    }
}

/// Keeps the ribbons of a list out of the template's way.
fn keep_drawings(list: &mut ListView, stretches: &mut Stretches) {
    let items = list.groups.iter_mut().flat_map(|group| &mut group.items);
    items.flat_map(|item| &mut item.bars).for_each(|bars| stretches.keep(&mut bars.d));
}

/// A page's own first heading is its title, which the template shows.
pub(super) fn without_title(body: &str) -> &str {
    let trimmed = body.trim_start();
    match trimmed.split_once('\n') {
        Some((first, rest)) if first.starts_with("# ") => rest,
        _ => body,
    }
}
