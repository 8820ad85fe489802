//! Another text for one episode, where that changes nothing of how the archive is linked.

use std::sync::Arc;

use super::{Archive, Entry, address, outputs, with_ids};
use crate::config::Config;
use crate::graph::files::EpisodeFiles;
use crate::lock;
use crate::model::episode::{Episode, SpeakerOutline};
use crate::source::Spanned;

impl Archive {
    /// The archive with another record for an episode: just what [`link`](super::link) would make of it. `None` where
    /// that takes looking at everything.
    ///
    /// All parts but the one entry are shared. `before` gives the episode's turns as they were last published.
    pub fn with_episode(
        &self,
        idx: usize,
        (files, mut episode): (&EpisodeFiles, Arc<Episode>),
        config: &Config,
        before: impl FnOnce() -> Option<Vec<lock::Turn>>,
    ) -> Option<Self> {
        let entry = &self.episodes[idx];
        if !is_linked_alike(&entry.episode, &episode) || !has_address_of(&entry.episode, &episode, files, config) {
            return None;
        }
        let (past, ids) = entry.past.with_text(&episode, before)?;
        let default_ids = with_ids(&mut episode, ids);
        let mut edited = self.clone();
        edited.episodes[idx] = Arc::new(Entry { episode, default_ids, past, ..Entry::clone(entry) });
        Some(edited)
    }
}

/// Whether two records of one episode are the same in all that linking looks at, but for what the lock looks at.
fn is_linked_alike(old: &Episode, new: &Episode) -> bool {
    let (a, b) = (&old.meta, &new.meta);
    let paths = |episode: &Episode| episode.read.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    let people = |episode: &Episode| {
        episode.meta.people.iter().map(|credit| (credit.name.value.clone(), credit.role)).collect::<Vec<_>>()
    };
    // Which sizes of a picture there are depends on its own.
    let media = |episode: &Episode| {
        episode.media.iter().map(|file| (file.path.clone(), file.picture().copied())).collect::<Vec<_>>()
    };
    let value = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.value.clone());
    (&old.source, &old.transcript, &old.language) == (&new.source, &new.transcript, &new.language)
        && media(old) == media(new)
        && (a.date, a.draft, a.season) == (b.date, b.draft, b.season)
        && outputs::has_times(old) == outputs::has_times(new)
        && outputs::has_chapters(old) == outputs::has_chapters(new)
        // Two recordings at one address are an error.
        && (value(&a.slug), value(&a.guid), value(&a.audio)) == (value(&b.slug), value(&b.guid), value(&b.audio))
        && [(&a.tags, &b.tags), (&a.series, &b.series), (&a.aliases, &b.aliases)].into_iter().all(same_values)
        && paths(old) == paths(new)
        && people(old) == people(new)
        && old.speakers.iter().map(|speaker| &speaker.label).eq(new.speakers.iter().map(|speaker| &speaker.label))
        && old.telling_terms == new.telling_terms
        && has_share(&old.speakers).eq(has_share(&new.speakers))
}

fn same_values((old, new): (&Vec<Spanned<String>>, &Vec<Spanned<String>>)) -> bool {
    old.iter().map(|one| &one.value).eq(new.iter().map(|one| &one.value))
}

/// Whether a new episode would have the same address.
fn has_address_of(old: &Episode, new: &Episode, files: &EpisodeFiles, config: &Config) -> bool {
    old.meta.title == new.meta.title
        || address(&files.stem, Some(old), config.slugs) == address(&files.stem, Some(new), config.slugs)
}

/// Of each speaker of an episode, whether they say enough in it for a page of their own.
pub(super) fn has_share(speakers: &[SpeakerOutline]) -> impl Iterator<Item = bool> {
    let total: u64 = speakers.iter().map(|speaker| u64::from(speaker.length)).sum();
    speakers.iter().map(move |speaker| u64::from(speaker.length) * 50 >= total.max(1))
}
