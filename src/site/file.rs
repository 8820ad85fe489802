//! One file for apps and machines, from the records and, where it holds a text, from the text that they name.

use super::{Site, Stale};
use crate::export::text::{EpisodeText, episode_text};
use crate::feed::{feed_bytes, host};
use crate::graph::outputs::{FileSpec, TranscriptFormat};
use crate::path::Route;
use crate::source::World;

impl Site {
    pub(super) fn file(&self, world: &dyn World, _route: &Route, spec: FileSpec) -> Result<Vec<u8>, Stale> {
        match spec {
            FileSpec::Transcript(idx, TranscriptFormat::Turns) => self.with_text(world, idx, |text| text.to_json()),
            FileSpec::Transcript(..) | FileSpec::Chapters(..) | FileSpec::Markdown(_) => Err(Stale::NoRoute),
            FileSpec::Llms | FileSpec::ArchiveLines | FileSpec::ArchiveSchema => Err(Stale::NoRoute),
            FileSpec::Feed(scope, format) => {
                self.with_feeds(|source| feed_bytes(source, scope, format)).ok_or(Stale::NoRoute)
            }
            FileSpec::Headers => Ok(host::headers(&self.frame.assets.folder).into_bytes()),
            FileSpec::Redirects => Ok(host::redirects(self.redirects()).into_bytes()),
            FileSpec::Card(_) => Err(Stale::NoRoute),
        }
    }

    /// Reads an episode's text and hands it on.
    fn with_text<T>(
        &self,
        world: &dyn World,
        idx: usize,
        take: impl FnOnce(&EpisodeText<'_>) -> T,
    ) -> Result<T, Stale> {
        let read = self.recorded(world, &self.archive.episodes[idx].episode)?;
        Ok(take(&episode_text(&self.archive, idx, &read)))
    }
}
