//! What feeds are made from, and what is wrong with them.

use super::{Frame, Site};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::feed::lint::{Finding, lint, same_recordings, settings_file};
use crate::feed::{Source, feed};
use crate::graph::Archive;
use crate::graph::outputs::{FeedFormat, Scope, feed_formats};
use crate::model::language::Language;
use crate::model::podcast::Synthetic;
use crate::parse::decode::decode;
use crate::site::load::read_bytes;
use crate::source::World;

impl Site {
    /// Hands on what feeds are made from; `None` without `base_url`.
    pub(super) fn with_feeds<T>(&self, take: impl FnOnce(&Source<'_>) -> T) -> Option<T> {
        self.frame.with_feeds(&self.archive, take)
    }
}

impl Frame {
    fn with_feeds<T>(&self, archive: &Archive, take: impl FnOnce(&Source<'_>) -> T) -> Option<T> {
        let disclosure = |language: &Language, made: &[Synthetic]| self.interface(language).disclosure(made);
        Some(take(&Source {
            archive,
            config: &self.config,
            base_url: self.config.base_url.as_deref()?,
            title: &self.title,
            language: &self.language,
            disclosure: &disclosure,
        }))
    }

    /// What is wrong with the feeds of shows.
    pub(super) fn lint(&self, archive: &Archive, world: &dyn World) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let scopes = (0..archive.shows.len()).map(Scope::Show);
        for scope in scopes.filter(|&scope| feed_formats(archive, scope).contains(&FeedFormat::Rss)) {
            self.with_feeds(archive, |source| {
                let feed = feed(source, scope);
                diagnostics.extend(same_recordings(feed.items.iter()));
                let folder = feed.show.map_or("", |show| &show.folder);
                let Some(settings) = settings_file(world.content_root(), folder) else { return };
                let findings = lint(&feed, &settings, self.request.today);
                diagnostics.extend(findings.into_iter().map(|finding| placed(finding, world, archive)));
            });
        }
        diagnostics
    }
}

/// A finding at its place, which is in one of the files of its episode.
fn placed(finding: Finding, world: &dyn World, archive: &Archive) -> Diagnostic {
    let Finding { diagnostic, at } = finding;
    let Some((span, text)) = at else { return diagnostic };
    let is_of = |read: &[(_, _)]| read.iter().any(|(path, _)| diagnostic.path.as_ref() == Some(path));
    let files = archive.episodes.iter().map(|entry| &entry.episode.read).find(|read| is_of(read));
    for (path, _) in files.into_iter().flatten() {
        let file = read_bytes(world, path).ok().and_then(|bytes| decode(path, bytes).0);
        if let Some(file) = file.filter(|file| span.of(&file.text).contains(&text)) {
            return diagnostic.at(&file, span, "");
        }
    }
    diagnostic
}
