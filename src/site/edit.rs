//! A site after an edit: what a new reading would make of it, at the price of what was edited.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::records::{Record, record};
use super::{Request, Site, Source};
use crate::diagnostic::Diagnostics;
use crate::graph::pages::PageSpec;
use crate::graph::{Entry, Show};
use crate::memo;
use crate::parse::episode::Inherited;
use crate::path::SitePath;
use crate::render::drawings::Drawings;
use crate::site::load::{engine, is_template};
use crate::site::texts::Texts;
use crate::source::World;

/// With more files a new reading, which is made in parallel, is as fast.
const MAX_EDITED: usize = 64;

/// What came of edits.
#[derive(Debug)]
pub enum Edited {
    /// No file says anything else than before.
    Same(Site),
    /// Some page is another one, or a file that is published as it is.
    Other(Site),
}

impl Site {
    /// The site after a change of these files, which is just the one that [`Site::open`] would give; nothing was found
    /// that is an error. `None` where that takes looking at everything: where files came or went, where an edit
    /// touches links between episodes, and where there is an error before or after.
    ///
    /// All parts that did not change are shared.
    pub fn edited(&self, world: &dyn World, request: &Request, changed: &[SitePath]) -> Option<Edited> {
        if !self.frame.is_sound || self.frame.request != *request || changed.len() > MAX_EDITED {
            return None;
        }
        let (mut episodes, mut has_templates, mut has_copies) = (BTreeSet::new(), false, false);
        for path in changed {
            if path.below("templates").is_some_and(is_template) {
                has_templates = true;
            } else {
                let is_there = world.files().binary_search_by(|entry| entry.path.cmp(path)).is_ok();
                let (episode, is_copied) = self.edited_file(path).filter(|_| is_there)?;
                has_copies |= is_copied;
                episodes.extend(episode);
            }
        }
        let mut site = Self {
            frame: Arc::clone(&self.frame),
            engine: Arc::clone(&self.engine),
            archive: self.archive.clone(),
            keys: OnceLock::new(),
            drawings: Drawings::default(),
            texts: Texts::default(),
            heads: self.heads.clone(),
            changed_shards: BTreeSet::new(),
            n_parsed: 0,
        };
        for idx in episodes {
            site.read_again(world, request, idx)?;
        }
        if has_templates {
            let mut found = Diagnostics::new();
            site.engine = Arc::new(engine(world, &mut found).ok().filter(|_| found.is_empty())?);
        }
        let is_same = site.n_parsed == 0 && site.engine.hash == self.engine.hash && !has_copies;
        Some(if is_same { Edited::Same(site) } else { Edited::Other(site) })
    }

    /// The episode that a file is read for, if any, and whether it is published as it is. `None` where the file is more
    /// than that.
    fn edited_file(&self, path: &SitePath) -> Option<(Option<usize>, bool)> {
        if let Some(Source::Page(PageSpec::Episode(idx))) =
            self.archive.by_source.get(path).and_then(|route| self.frame.routes.get(route))
        {
            return Some((Some(*idx), false));
        }
        // The picture of a show may have other sizes, and faults.
        let is_artwork = |show: &Show| show.settings.artwork.as_ref().is_some_and(|file| file.path == *path);
        if self.archive.shows.iter().any(is_artwork) {
            return None;
        }
        let has = |entry: &Arc<Entry>| entry.episode.media.iter().any(|file| file.path == *path);
        let episode = self.archive.episodes.iter().position(has);
        self.copies().any(|(_, copy)| copy == path).then_some((episode, true))
    }

    fn read_again(&mut self, world: &dyn World, request: &Request, idx: usize) -> Option<()> {
        let (frame, entry, head) = (&self.frame, &self.archive.episodes[idx], &self.heads[idx]);
        let inherited =
            Inherited { language: self.archive.shows[entry.show].settings.language.as_ref(), ..self.inherited() };
        let (files, known) = (Arc::clone(&head.files), Arc::clone(&head.known));
        let hash = known.proof.inherited;
        let Record::Read(read) = record(world, files, Some(known), hash, &inherited) else { return None };
        let mut head = read.head;
        if head.known.diagnostics.has_errors() {
            return None;
        }
        let own = read.before.filter(|(guid, _)| *guid == entry.guid).map(|(_, turns)| turns);
        let before = || own.or_else(|| frame.before.get(&entry.guid).cloned());
        let episode = (&*head.files, Arc::clone(&head.known.episode));
        let archive = self.archive.with_episode(idx, episode, &frame.config, before)?;
        if head.publish(request.published(&archive.episodes[idx], &head)) || read.is_new {
            self.changed_shards.insert(memo::shard_of(&head.known.episode.source));
        }
        self.n_parsed += usize::from(read.is_parsed);
        self.archive = archive;
        self.heads[idx] = head;
        Some(())
    }
}
