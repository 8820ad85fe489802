//! The small drawings of episodes. Lists, years, shows and related episodes show the same ones again and again, so that
//! each is drawn once for a site, when the first page asks for it.

use std::sync::OnceLock;

use crate::graph::{Archive, Entry};
use crate::render::drawing;
use crate::render::view::{BarPath, CoverView};

/// A small cover shows no more than these.
const SMALL_COVER_BARS: usize = 48;

/// Ribbons and covers by episode.
#[derive(Debug, Default)]
pub struct Drawings {
    ribbons: Vec<OnceLock<Vec<BarPath>>>,
    covers: Vec<OnceLock<CoverView>>,
}

impl Drawings {
    /// For an archive; nothing is drawn yet.
    pub fn of(archive: &Archive) -> Self {
        let n = archive.episodes.len();
        Self { ribbons: (0..n).map(|_| OnceLock::new()).collect(), covers: (0..n).map(|_| OnceLock::new()).collect() }
    }

    /// The ribbon of an episode in small.
    pub(super) fn ribbon(&self, archive: &Archive, idx: usize) -> Vec<BarPath> {
        let entry = &archive.episodes[idx];
        self.ribbons[idx].get_or_init(|| drawing::small_ribbon(&entry.episode.bars(), &entry.inks)).clone()
    }

    /// The cover of an episode in small, without a picture.
    pub(super) fn cover(&self, archive: &Archive, idx: usize) -> CoverView {
        self.covers[idx].get_or_init(|| cover(archive, &archive.episodes[idx], SMALL_COVER_BARS)).clone()
    }
}

/// A cover of at most so many bars, without a picture.
pub(super) fn cover(archive: &Archive, entry: &Entry, max_bars: usize) -> CoverView {
    let seed = &archive.shows[entry.show].title;
    match entry.episode.bars().as_slice() {
        [] => drawing::leaves(&entry.episode.title),
        bars => drawing::cover(seed, bars, &entry.inks, max_bars),
    }
}
