//! The small drawings of episodes. Lists, years, shows and related episodes show the same ones again and again, so that
//! a build draws each once, when the first page asks for it. A preview makes few pages of a site: it keeps none.

use std::sync::OnceLock;

use crate::graph::{Archive, Entry};
use crate::render::drawing;
use crate::render::view::{BarPath, CoverView};

/// A small cover shows no more than these.
const SMALL_COVER_BARS: usize = 48;

/// Ribbons and covers by episode; none are kept by default.
#[derive(Debug, Default)]
pub struct Drawings {
    ribbons: Vec<OnceLock<Vec<BarPath>>>,
    covers: Vec<OnceLock<CoverView>>,
}

impl Drawings {
    /// Keeps those of an archive; nothing is drawn yet.
    pub fn of(archive: &Archive) -> Self {
        let n = archive.episodes.len();
        Self { ribbons: (0..n).map(|_| OnceLock::new()).collect(), covers: (0..n).map(|_| OnceLock::new()).collect() }
    }

    /// The ribbon of an episode in small.
    pub(super) fn ribbon(&self, archive: &Archive, idx: usize) -> Vec<BarPath> {
        let entry = &archive.episodes[idx];
        kept(&self.ribbons, idx, || drawing::small_ribbon(&entry.episode.bars(), &entry.inks))
    }

    /// The cover of an episode in small, without a picture.
    pub(super) fn cover(&self, archive: &Archive, idx: usize) -> CoverView {
        kept(&self.covers, idx, || cover(archive, &archive.episodes[idx], SMALL_COVER_BARS))
    }
}

fn kept<T: Clone>(drawn: &[OnceLock<T>], idx: usize, draw: impl FnOnce() -> T) -> T {
    match drawn.get(idx) {
        Some(one) => one.get_or_init(draw).clone(),
        None => draw(),
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
