//! Chapters of an episode: its titled sections, where it is known when they begin.

use crate::model::episode::Episode;
use crate::model::time::MediaTime;

/// A titled section with the time at which it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter<'e> {
    /// Where it begins on the media.
    pub start: MediaTime,
    /// Its title, plain text; never empty.
    pub title: &'e str,
    /// The id of the section in its page: `s-…`.
    pub section: &'e str,
}

/// The chapters of an episode, each later than the one before it.
///
/// A section that has no time, or one that is not later, is in the chapter before it. Where half of the titled sections
/// have no time there are no chapters: they would not say what is heard.
pub fn chapters(episode: &Episode) -> Vec<Chapter<'_>> {
    let titled = episode.sections.iter().filter_map(|section| Some((section, section.title.as_deref()?)));
    let titled = titled.filter(|(_, title)| !title.trim().is_empty());
    let (mut chapters, mut n_titled): (Vec<Chapter<'_>>, usize) = (Vec::new(), 0);
    for (section, title) in titled {
        n_titled += 1;
        let is_later = |start: &MediaTime| chapters.last().is_none_or(|last| last.start < *start);
        if let Some(start) = section.time.filter(is_later) {
            chapters.push(Chapter { start, title, section: &section.id });
        }
    }
    if chapters.len() * 2 > n_titled { chapters } else { Vec::new() }
}
