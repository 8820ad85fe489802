//! Pictures that are made: cards and covers.

use tera::Context;

use super::{Site, Stale};
use crate::card::{self, font};
use crate::config::Config;
use crate::diagnostic::io::cannot_read;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::Archive;
use crate::graph::outputs::{CardOf, PictureOf, card_of};
use crate::graph::pages::PageSpec;
use crate::media::artwork::resized;
use crate::path::Route;
use crate::render::build::card::texts;
use crate::render::engine::Stretches;
use crate::source::World;

impl Site {
    pub(super) fn card(&self, route: &Route, of: CardOf) -> Result<Vec<u8>, Stale> {
        let page = match of {
            CardOf::Site => PageSpec::Home(0),
            CardOf::Show(idx) => PageSpec::Show(idx, 0),
            CardOf::Episode(idx) => PageSpec::Episode(idx),
        };
        debug_assert_eq!(card_of(&self.archive, page), of);
        let language = self.page_language(page);
        let mut context = Context::new();
        context.insert("card", &self.maker(route, &language).card(of));
        self.picture("card.svg", &context, card::CARD)
    }

    /// The drawn cover of a show.
    pub(super) fn cover(&self, route: &Route, show: usize) -> Result<Vec<u8>, Stale> {
        let language = self.page_language(PageSpec::Show(show, 0));
        let mut context = Context::new();
        context.insert("cover", &self.maker(route, &language).show_cover(show));
        self.picture("cover.svg", &context, card::COVER)
    }

    /// A picture in a smaller width; as it is where it cannot be decoded.
    pub(super) fn smaller(&self, world: &dyn World, of: PictureOf, width: u32) -> Result<Vec<u8>, Stale> {
        let (_, file) = of.file(&self.archive).ok_or(Stale::NoRoute)?;
        let changed = |fault| Stale::Changed(Box::new(cannot_read(&file.path, fault)));
        let smaller = resized(world.open(&file.path).map_err(changed)?, width);
        smaller.or_else(|_| world.read(&file.path).map_err(changed))
    }

    fn picture(&self, template: &str, context: &Context, size: (u32, u32)) -> Result<Vec<u8>, Stale> {
        let fault = |fault| Stale::Fault(Box::new(fault));
        let svg = self.engine.render(template, context, &Stretches::default()).map_err(fault)?;
        let svg = String::from_utf8_lossy(&svg);
        card::png(svg.trim(), size).map_err(|why| fault(self.engine.no_picture(template, &why)))
    }
}

/// What cards cannot show.
pub(super) fn lacking(archive: &Archive, config: &Config, diagnostics: &mut Diagnostics) {
    if !config.cards || config.base_url.is_none() {
        return;
    }
    for (idx, entry) in archive.episodes.iter().enumerate() {
        let mut lacking: String =
            texts(archive, idx).flat_map(|text| font::lacking(text).chars().collect::<Vec<_>>()).collect();
        if lacking.is_empty() {
            continue;
        }
        if lacking.chars().count() > 8 {
            lacking = lacking.chars().take(8).chain(['…']).collect();
        }
        let message = format!("the card of this episode cannot show `{lacking}`");
        let help = "its font has simplified Chinese and Latin letters: others are a box, and a text of them is left out; \
                    a picture of your own is used if it is the file `card.png` in the folder of the episode";
        diagnostics.push(Diagnostic::note("card-letters", message).in_file(&entry.episode.source).help(help));
    }
}
